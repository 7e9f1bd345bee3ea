/*
 * FIMG2D qtests of which bytes a blit accesses: planes, pattern, mask, repeat
 * modes, clipping, directions, scaling and addresses that wrap around
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exynos-fimg2d-test.h"

static void test_bytes_planes(void)
{
    uint32_t i, mode, x, y, width;

    for (i = 0; i < 32; i++) {
        g_autoptr(ListGuard) list = list_new();

        mode = (i & 0xf) | (i & 0x10 ? FIMG2D_TWO_PLANES : 0);
        for (x = 0; x < 3; x++) {
            for (y = 0; y < 2; y++) {
                for (width = 1; width < 4; width++) {
                    uint32_t n = x << 16 | y << 14 | width << 12;

                    /* The last byte of the first plane ends a page. */
                    list_begin(list);
                    set_src(list, mode,
                            SRC_IOVA + n - (x + width) * pixel_bytes(mode),
                            PAGE_BYTES, x, y, width, 3);
                    SET(list, SRC_PLANE2_BASE, SRC_IOVA + PLANE2 + n - 2 * x);
                    set_dst(list, mode, DST_IOVA + n - x * pixel_bytes(mode),
                            0x40000, x, y, width, 3);
                    SET(list, DST_PLANE2_BASE, DST_IOVA + PLANE2 + n);
                    SET(list, ROP4, SRCCOPY);
                    list_go(list);
                }
            }
        }
        check_list(list, DEMAND);
    }
}

static void test_bytes_pattern(void)
{
    uint32_t code, third, rop4, n = 0;

    for (third = 0; third < 4; third++) {
        for (rop4 = 0; rop4 < 2; rop4++) {
            g_autoptr(ListGuard) list = list_new();

            for (code = 0; code < 256; code += 1 + rop4 * 16) {
                list_begin(list);
                set_dst(list, 1, DST_IOVA, 64, 0, 0, 5, 3);
                set_mask(list, 2, MASK_IOVA, 8, 0, 0, 5, 3);
                set_pattern(list, 2, PAT_IOVA + PAGE_BYTES * n++ - 6, 14, 3, 2,
                            code, code + 1);
                SET(list, THIRD_OPERAND, rop4 ? third << 4 | 1 : third);
                SET(list, ROP4, rop4 ? code << 8 | SRCCOPY : code);
                SET(list, BITBLT_COMMAND, rop4);
                list_go(list);
            }
            check_list(list, DEMAND);
        }
    }
}

static void test_bytes_pattern_geometry(void)
{
    uint32_t i;
    g_autoptr(ListGuard) list = list_new();

    for (i = 0; i < 0x80; i++) {
        list_begin(list);
        set_dst(list, 1, DST_IOVA + PAGE_BYTES * i, 64, 2, 1, 6, 4);
        set_pattern(list, 7, PAT_IOVA + PAGE_BYTES * i - 7, 20,
                    i & 1 ? 4 : 7, i & 2 ? 3 : 5,
                    i & 0x20 ? 0xfffe : 2, i & 0x40 ? 0xffff : 1);
        SET(list, ROTATE, i & 4 ? 0x10 : 0);
        SET(list, DST_PAT_DIRECT, (i >> 3 & 3) << 4);
        SET(list, ROP4, 0xf0);
        list_go(list);
    }
    list_begin(list);
    set_dst(list, 1, DST_IOVA, 64, 2, 1, 6, 4);
    set_pattern(list, 7, PAT_IOVA, 20, 0, 4, 0, 0);
    SET(list, ROP4, 0xf0);
    list_go(list);
    SET(list, PAT_SIZE, xy(4, 0));
    list_go(list);
    check_list(list, DEMAND);
}

static void test_bytes_mask(void)
{
    uint32_t mode, i;

    for (mode = 0; mode < 16; mode++) {
        g_autoptr(ListGuard) list = list_new();

        for (i = 0; i < 64; i++) {
            list_begin(list);
            set_src(list, 1, SRC_IOVA, 64, 0, 0, 9, 3);
            set_dst(list, 1, DST_IOVA, 64, 0, 0, 9, 3);
            /* A pixel or so on either side of a page's end */
            set_mask(list, mode, MASK_IOVA + PAGE_BYTES * 2 * i - 2, 24,
                     i & 7, i >> 3 & 1, 9, 3);
            SET(list, MASK_SCALE_CTRL, i >> 4);
            SET(list, MASK_XSCALE, 0xc000);
            SET(list, MASK_YSCALE, 0x14000);
            SET(list, MASK_REPEAT_MODE, 3);
            SET(list, ROP4, SRCCOPY << 8 | SRCCOPY);
            SET(list, BITBLT_COMMAND, 1 + (i & 1));
            list_go(list);
        }
        check_list(list, DEMAND);
    }
}

static void test_bytes_repeat(void)
{
    static const struct {
        uint32_t control, xscale, yscale;
    } scales[] = {
        { 0, 0, 0 }, { 1, 0x8000, 0x18000 }, { 2, 0x8000, 0x18000 },
        { 3, 0x123456, 0xfedcba98 }, { 2, 0, 0 }, { 1, 0xffffffff, 0xffff },
    };
    uint32_t mode, i, n;

    for (mode = 0; mode < 8; mode++) {
        g_autoptr(ListGuard) list = list_new();

        for (i = 0; i < ARRAY_SIZE(scales); i++) {
            for (n = 0; n < 8; n++) {
                uint32_t at = PAGE_BYTES * (8 * i + n);

                list_begin(list);
                set_dst(list, 1, DST_IOVA, 64, 0, 0, 11, 7);
                set_src(list, 2, SRC_IOVA + at - 10, 14, 1, 0,
                        n & 1 ? 5 : 3, n & 2 ? 2 : 1);
                SET(list, SRC_REPEAT_MODE, mode);
                SET(list, SRC_PAD_VALUE, 0x80402010);
                SET(list, SRC_SCALE_CTRL, scales[i].control);
                SET(list, SRC_XSCALE, scales[i].xscale);
                SET(list, SRC_YSCALE, scales[i].yscale);
                set_mask(list, 2, MASK_IOVA + at - 9, 10, 0, 1,
                         n & 1 ? 4 : 3, n & 2 ? 2 : 4);
                SET(list, MASK_REPEAT_MODE, mode);
                SET(list, MASK_PAD_VALUE, 0x01020304);
                SET(list, MASK_SCALE_CTRL, scales[i].control);
                SET(list, MASK_XSCALE, scales[i].yscale);
                SET(list, MASK_YSCALE, scales[i].xscale);
                SET(list, ROP4, SRCCOPY);
                SET(list, BITBLT_COMMAND,
                    n & 4 ? FIMG2D_COMMAND_MASKING : 0);
                list_go(list);
            }
        }
        check_list(list, DEMAND);
    }
}

static void test_bytes_clip(void)
{
    static const uint16_t edges[] = { 0, 4, 5, 7, 9, 10, 11, 0xffff };
    uint32_t left, right;
    g_autoptr(ListGuard) list = list_new();

    for (left = 0; left < ARRAY_SIZE(edges); left++) {
        for (right = 0; right < ARRAY_SIZE(edges); right++) {
            uint32_t n = left * ARRAY_SIZE(edges) + right;

            list_begin(list);
            set_src(list, 1, SRC_IOVA, 1024, 0, 0, 5, 5);
            set_dst(list, 1, DST_IOVA, 1024, 5, 5, 5, 5);
            SET(list, DST_PAT_DIRECT, n & 3);
            SET(list, CW_LT, xy(edges[left], edges[left]));
            SET(list, CW_RB, xy(edges[right], edges[right]));
            SET(list, ROP4, SRCCOPY);
            SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_CLIP |
                (n & 4 ? FIMG2D_COMMAND_SOLID_FILL : 0));
            SET(list, SF_COLOR, n);
            list_go(list);
        }
    }
    check_list(list, DEMAND);
}

/* Rotation, the four directions and the scalers in all combinations */
static void test_bytes_geometry(void)
{
    uint32_t scale, i;

    for (scale = 0; scale < 4; scale++) {
        g_autoptr(ListGuard) list = list_new();

        for (i = 0; i < 128; i++) {
            list_begin(list);
            set_src(list, 1, SRC_IOVA + PAGE_BYTES * i - 2048, 1024, 2, 1,
                    7, 5);
            set_dst(list, 1, DST_IOVA + PAGE_BYTES * i - 12, 128, 3, 2, 5, 7);
            set_mask(list, 2, MASK_IOVA + PAGE_BYTES * i - 20, 9, 0, 0, 7, 6);
            SET(list, ROTATE, (i & 1) | (i & 2) << 7);
            SET(list, SRC_MASK_DIRECT, (i >> 2 & 3) | (i >> 3 & 3) << 4);
            SET(list, DST_PAT_DIRECT, i >> 5 & 3);
            SET(list, SRC_REPEAT_MODE, i % 5);
            SET(list, SRC_PAD_VALUE, 0x11223344);
            SET(list, SRC_SCALE_CTRL, scale);
            SET(list, SRC_XSCALE, 0xe000);
            SET(list, SRC_YSCALE, 0xa000);
            SET(list, MASK_SCALE_CTRL, scale);
            SET(list, MASK_XSCALE, 0x5000);
            SET(list, MASK_YSCALE, 0x1a000);
            SET(list, ROP4, SRCCOPY);
            SET(list, BITBLT_COMMAND, i & 1 ? FIMG2D_COMMAND_MASKING : 0);
            list_go(list);
        }
        check_list(list, DEMAND);
    }
}

/* Strides use all 32 bits, addresses are modulo 2^32, coordinates 16 bits. */
static void test_bytes_wrap(void)
{
    static const uint32_t strides[] = {
        0, 1, 0xfffffff0, 0x80000000, 0x7fffffff, 0xffffffff, 0x10001000,
    };
    uint32_t i, mode;

    for (mode = 0; mode < 16; mode++) {
        g_autoptr(ListGuard) list = list_new();

        for (i = 0; i < ARRAY_SIZE(strides); i++) {
            list_begin(list);
            set_src(list, mode, 0xffffff00, strides[i], 60, 2, 9, 4);
            SET(list, SRC_PLANE2_BASE, 0xffffffc0);
            set_dst(list, mode, 0xfffffff0, strides[i] * 3, 2, 0, 9, 4);
            SET(list, DST_PLANE2_BASE, 0xffffffff);
            SET(list, ROP4, SRCCOPY);
            list_go(list);
        }
        list_begin(list);
        set_src(list, mode, SRC_IOVA, 0x1000, 0xfff0, 0xfffa, 15, 5);
        SET(list, SRC_PLANE2_BASE, SRC_IOVA + PLANE2);
        set_dst(list, mode, DST_IOVA, 0x1000, 0xfff0, 0xfffa, 15, 5);
        SET(list, DST_PLANE2_BASE, DST_IOVA + PLANE2);
        SET(list, ROP4, SRCCOPY);
        list_go(list);
        check_list(list, DEMAND);
    }
}

static void test_bytes_empty(void)
{
    static const uint16_t ends[][2] = {
        { 5, 9 }, { 9, 5 }, { 4, 9 }, { 9, 4 }, { 0, 0 }, { 5, 5 },
    };
    uint32_t i;
    g_autoptr(ListGuard) nothing = list_new();
    g_autoptr(ListGuard) list = list_new();

    for (i = 0; i < ARRAY_SIZE(ends); i++) {
        list_begin(nothing);
        set_src(nothing, 1, SRC_IOVA, 64, 0, 0, 4, 4);
        set_dst(nothing, 1, DST_IOVA, 64, 0, 0, 0, 0);
        SET(nothing, DST_LEFT_TOP, xy(5, 5));
        SET(nothing, DST_RIGHT_BOTTOM, xy(ends[i][0], ends[i][1]));
        SET(nothing, BITBLT_COMMAND, i & 1 ? FIMG2D_COMMAND_SOLID_FILL : 0);
        list_go(nothing);

        list_begin(list);
        set_src(list, 1, SRC_IOVA, 64, 0, 0, 0, 0);
        SET(list, SRC_LEFT_TOP, xy(5, 5));
        SET(list, SRC_RIGHT_BOTTOM, xy(ends[i][0], ends[i][1]));
        SET(list, SRC_SCALE_CTRL, i & 3);
        set_dst(list, 1, DST_IOVA + 1024 * i, 64, 0, 0, 4, 4);
        set_mask(list, 2, MASK_IOVA, 64, 0, 0, 0, 0);
        SET(list, MASK_LEFT_TOP, xy(5, 5));
        SET(list, MASK_RIGHT_BOTTOM, xy(ends[i][0], ends[i][1]));
        SET(list, ROP4, SRCCOPY);
        SET(list, BITBLT_COMMAND, i & 1 ? FIMG2D_COMMAND_MASKING : 0);
        list_go(list);
    }
    check_list(nothing, DEMAND);
    check_list(list, DEMAND);
}

/* As wide, and as high, as coordinates go */
static void test_bytes_large(void)
{
    g_autoptr(ListGuard) list = list_new();

    list_begin(list);
    set_src(list, 12, SRC_IOVA, 0x10000, 0, 0, 0xffff, 1);
    set_dst(list, 11, DST_IOVA, 0x10000, 0, 0, 0xffff, 1);
    SET(list, DST_SELECT, 2);
    SET(list, ROP4, SRCCOPY);
    SET(list, DST_PAT_DIRECT, 1);
    list_go(list);
    set_src(list, 2, SRC_IOVA, 0x1000, 0xfff0, 0, 5, 5);
    SET(list, SRC_SCALE_CTRL, 2);
    SET(list, SRC_XSCALE, 0xfffff123);
    SET(list, SRC_YSCALE, 0x8765);
    list_go(list);
    set_dst(list, 2, DST_IOVA + 0x20000, 0, 0xfffc, 0, 3, 0xffff);
    SET(list, ROTATE, 1);
    list_go(list);
    check_list(list, PREMAPPED);
}

/* Rows are read whole before they are written, and one after the other. */
static void test_bytes_overlap(void)
{
    static const int32_t shifts[] = {
        -260, -256, -252, -4, -1, 0, 1, 4, 60, 252, 256, 260,
    };
    uint32_t i, d;
    g_autoptr(ListGuard) list = list_new();

    for (i = 0; i < ARRAY_SIZE(shifts); i++) {
        for (d = 0; d < 16; d++) {
            list_begin(list);
            set_src(list, 1, SRC_IOVA + PAGE_BYTES * i + shifts[i], 256, 0, 0,
                    40, 6);
            set_dst(list, 1, SRC_IOVA + PAGE_BYTES * i, 256, 0, 0, 40, 6);
            SET(list, SRC_MASK_DIRECT, d & 3);
            SET(list, DST_PAT_DIRECT, d >> 2);
            SET(list, SRC_SCALE_CTRL, d & 1);
            SET(list, SRC_XSCALE, 0x10000);
            SET(list, SRC_YSCALE, 0x10000);
            SET(list, ROP4, 0x66);
            list_go(list);
        }
    }
    check_list(list, DEMAND);
}

void add_bytes_tests(void)
{
    qtest_add_func("fimg2d/bytes/planes", test_bytes_planes);
    qtest_add_func("fimg2d/bytes/pattern", test_bytes_pattern);
    qtest_add_func("fimg2d/bytes/pattern-geometry",
                   test_bytes_pattern_geometry);
    qtest_add_func("fimg2d/bytes/mask", test_bytes_mask);
    qtest_add_func("fimg2d/bytes/repeat", test_bytes_repeat);
    qtest_add_func("fimg2d/bytes/clip", test_bytes_clip);
    qtest_add_func("fimg2d/bytes/geometry", test_bytes_geometry);
    qtest_add_func("fimg2d/bytes/wrap", test_bytes_wrap);
    qtest_add_func("fimg2d/bytes/empty", test_bytes_empty);
    qtest_add_func("fimg2d/bytes/large", test_bytes_large);
    qtest_add_func("fimg2d/bytes/overlap", test_bytes_overlap);
}
