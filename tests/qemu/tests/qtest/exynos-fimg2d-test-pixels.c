/*
 * FIMG2D qtests of which values a blit writes: formats, raster operations,
 * blending, premultiplication and scaling
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exynos-fimg2d-test.h"

static void test_pixels_formats(void)
{
    uint32_t s, d, so, dst_order, mode;

    for (s = 0; s < ARRAY_SIZE(pixel_formats); s++) {
        for (so = 0; so < 4; so++) {
            g_autoptr(ListGuard) list = list_new();

            list_begin(list);
            set_src(list, pixel_formats[s] | so << 4, SRC_IOVA, 512, 0, 0,
                    32, 4);
            SET(list, SRC_A8_RGB_EXT, 0x123456);
            SET(list, DST_SELECT, 2);
            SET(list, ROP4, SRCCOPY);
            for (d = 0; d < ARRAY_SIZE(pixel_formats); d++) {
                for (dst_order = 0; dst_order < 4; dst_order++) {
                    mode = pixel_formats[d] | dst_order << 4;
                    set_dst(list, mode, DST_IOVA + 512 * (4 * d + dst_order),
                            128, 0, 0, 32, 4);
                    list_go(list);
                }
            }
            check_list(list, PREMAPPED);
        }
    }
}

/* Every format as a destination that is read, as pattern, and with alpha */
static void test_pixels_destination_formats(void)
{
    uint32_t d, order, bits;

    for (d = 0; d < ARRAY_SIZE(pixel_formats); d++) {
        g_autoptr(ListGuard) list = list_new();

        for (order = 0; order < 4; order++) {
            for (bits = 0; bits < 16; bits++) {
                list_begin(list);
                set_src(list, 1, SRC_IOVA, 128, 0, 0, 32, 2);
                set_dst(list, pixel_formats[d] | order << 4,
                        DST_IOVA + 256 * (16 * order + bits), 128,
                        0, 0, 32, 2);
                SET(list, DST_A8_RGB_EXT, 0xfedcba);
                set_pattern(list, pixel_formats[d] | order << 4, PAT_IOVA, 64,
                            9, 3, bits, order);
                SET(list, ROP4, 0x96);
                SET(list, BLEND_FUNCTION, 0x0402);
                SET(list, ROUND_MODE, order | (order ^ bits) % 4 << 4);
                SET(list, BITBLT_COMMAND,
                    FIMG2D_COMMAND_BLEND(bits & 1) |
                    (bits & 2 ? FIMG2D_COMMAND_PREMUL_DST : 0) |
                    (bits & 4 ? FIMG2D_COMMAND_PREMUL_SRC |
                                FIMG2D_COMMAND_PREMUL_PAT : 0) |
                    (bits & 8 ? FIMG2D_COMMAND_DEPREMUL_DST |
                                FIMG2D_COMMAND_ROP4_ALPHA : 0));
                list_go(list);
            }
        }
        check_list(list, PREMAPPED);
    }
}

static void test_pixels_fill(void)
{
    uint32_t mode;
    g_autoptr(ListGuard) list = list_new();

    list_begin(list);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL |
                              FIMG2D_COMMAND_DEPREMUL_DST |
                              FIMG2D_COMMAND_BLEND(1));
    SET(list, DST_PLANE2_BASE, DST_IOVA + PLANE2);
    for (mode = 0; mode < 16; mode++) {
        SET(list, SF_COLOR, 0x89abcdef);
        set_dst(list, mode | mode << 4, DST_IOVA + PAGE_BYTES * mode, 64, 3, 2,
                7, 3);
        list_go(list);
    }
    check_list(list, PREMAPPED);
}

static void test_pixels_rop(void)
{
    uint32_t code, third, alpha;

    for (third = 0; third < 3; third++) {
        for (alpha = 0; alpha < 2; alpha++) {
            g_autoptr(ListGuard) list = list_new();

            list_begin(list);
            set_src(list, 1, SRC_IOVA, 64, 0, 0, 16, 1);
            set_pattern(list, 0x11, PAT_IOVA, 64, 16, 1, 0, 0);
            SET(list, FG_COLOR, 0x0f33a5c3);
            SET(list, BG_COLOR, 0xf03c5a69);
            SET(list, THIRD_OPERAND, third);
            SET(list, BITBLT_COMMAND, alpha ? FIMG2D_COMMAND_ROP4_ALPHA : 0);
            for (code = 0; code < 256; code++) {
                set_dst(list, 1, DST_IOVA + 64 * code, 64, 0, 0, 16, 1);
                SET(list, ROP4, code);
                list_go(list);
            }
            check_list(list, PREMAPPED);
        }
    }
}

static void begin_blend(List *list, uint32_t round)
{
    list_begin(list);
    set_src(list, 1, SRC_IOVA, 256, 0, 0, 64, 1);
    SET(list, ALPHA, 0x40c0f0a5);
    SET(list, ROUND_MODE, round);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_BLEND(1));
}

/* All pairs of coefficients, inverted or not, in all roundings */
static void test_pixels_blend(void)
{
    uint32_t round, inverted, fs, fd;

    for (round = 0; round < 4; round++) {
        for (inverted = 0; inverted < 4; inverted++) {
            g_autoptr(ListGuard) list = list_new();

            begin_blend(list, round);
            for (fs = 0; fs < 12; fs++) {
                for (fd = 0; fd < 12; fd++) {
                    set_dst(list, 1, DST_IOVA + 256 * (12 * fs + fd), 256,
                            0, 0, 64, 1);
                    SET(list, BLEND_FUNCTION, fs | fd << 8 |
                        (inverted & 1) << 16 | (inverted & 2) << 17);
                    list_go(list);
                }
            }
            check_list(list, PREMAPPED);
        }
    }
}

/* A coefficient's own alphas, for all coefficients */
static void test_pixels_own_alpha(void)
{
    uint32_t round, f, alphas, side, field;

    for (round = 0; round < 4; round++) {
        for (side = 0; side < 2; side++) {
            g_autoptr(ListGuard) list = list_new();

            begin_blend(list, round);
            for (f = 0; f < 12; f++) {
                for (alphas = 0; alphas < 16; alphas++) {
                    if ((alphas & 3) == 3 || alphas >= 12) {
                        continue;
                    }
                    set_dst(list, 1, DST_IOVA + 256 * (16 * f + alphas), 256,
                            0, 0, 64, 1);
                    field = f | alphas << 4;
                    SET(list, BLEND_FUNCTION,
                        side ? field << 8 | 1 : field | 1 << 8);
                    list_go(list);
                }
            }
            check_list(list, PREMAPPED);
        }
    }
}

/* One operand may be a colour; its premultiplication holds all the same. */
static void test_pixels_select(void)
{
    uint32_t src, dst, bits;
    g_autoptr(ListGuard) list = list_new();

    for (src = 0; src < 4; src++) {
        for (dst = 0; dst < 4; dst++) {
            for (bits = 0; bits < 8; bits++) {
                list_begin(list);
                set_src(list, 1, SRC_IOVA, 64, 0, 0, 16, 1);
                SET(list, SRC_SELECT, src);
                set_dst(list, 1, DST_IOVA + 64 * (8 * (4 * src + dst) + bits),
                        64, 0, 0, 16, 1);
                SET(list, DST_SELECT, dst);
                SET(list, FG_COLOR, 0x80ff7f01);
                SET(list, BG_COLOR, 0x40102030);
                SET(list, ROP4, 0x6a);
                SET(list, THIRD_OPERAND, 1 + (bits >> 1 & 1));
                SET(list, BLEND_FUNCTION, bits << 8 | 5);
                SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_BLEND(bits & 1) |
                    (bits & 2 ? FIMG2D_COMMAND_PREMUL_SRC : 0) |
                    (bits & 4 ? FIMG2D_COMMAND_PREMUL_DST : 0) |
                    FIMG2D_COMMAND_PREMUL_PAT);
                list_go(list);
            }
        }
    }
    check_list(list, PREMAPPED);
}

static void test_pixels_scale(void)
{
    static const uint32_t scales[] = {
        0, 1, 0x80, 0x100, 0x5555, 0x8000, 0xffff, 0x10000, 0x10080, 0x18000,
        0x2aaaa, 0x40001,
    };
    uint32_t f, control, i, k;

    for (f = 0; f < ARRAY_SIZE(pixel_formats); f++) {
        g_autoptr(ListGuard) list = list_new();

        list_begin(list);
        SET(list, DST_SELECT, 2);
        SET(list, ROP4, SRCCOPY);
        SET(list, SRC_A8_RGB_EXT, 0x123456);
        for (control = 1; control < 4; control++) {
            for (i = 0; i < ARRAY_SIZE(scales); i++) {
                k = (i * 5 + control) % ARRAY_SIZE(scales);
                set_src(list, pixel_formats[f] | control << 4, SRC_IOVA, 96,
                        1, 1, 16, 8);
                SET(list, SRC_REPEAT_MODE, i % 5);
                SET(list, SRC_PAD_VALUE, 0x9f8e7d6c);
                SET(list, SRC_SCALE_CTRL, control);
                SET(list, SRC_XSCALE, scales[i]);
                SET(list, SRC_YSCALE, scales[k]);
                set_dst(list, 1, DST_IOVA + 1024 * (16 * control + i), 64,
                        0, 0, 16, 12);
                list_go(list);
            }
        }
        check_list(list, PREMAPPED);
    }
}

void add_pixels_tests(void)
{
    qtest_add_func("fimg2d/pixels/formats", test_pixels_formats);
    qtest_add_func("fimg2d/pixels/destination-formats",
                   test_pixels_destination_formats);
    qtest_add_func("fimg2d/pixels/fill", test_pixels_fill);
    qtest_add_func("fimg2d/pixels/rop", test_pixels_rop);
    qtest_add_func("fimg2d/pixels/blend", test_pixels_blend);
    qtest_add_func("fimg2d/pixels/own-alpha", test_pixels_own_alpha);
    qtest_add_func("fimg2d/pixels/select", test_pixels_select);
    qtest_add_func("fimg2d/pixels/scale", test_pixels_scale);
}
