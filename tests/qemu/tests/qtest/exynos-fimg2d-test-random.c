/*
 * FIMG2D qtests of random lists, and of lists that the comparison must reject
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * FIMG2D_SEED is the first list's seed and FIMG2D_LISTS the number of lists.
 * Each list has a seed of its own, which a failure prints.
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "exynos-fimg2d-test.h"

#define MAX_PAGES       192

typedef struct Shape {
    uint32_t mode, stride, left, top, right, bottom, base, plane2;
} Shape;

static uint32_t below(GRand *rand, uint32_t end)
{
    return g_rand_int(rand) % end;
}

static bool chance(GRand *rand, uint32_t percent)
{
    return below(rand, 100) < percent;
}

static uint32_t random_mode(GRand *rand)
{
    uint32_t mode = chance(rand, 85) ?
        pixel_formats[below(rand, ARRAY_SIZE(pixel_formats))] : below(rand, 16);

    mode |= below(rand, 4) << 4;
    if (chance(rand, 20)) {
        mode |= g_rand_int(rand) & 0x33100;
    }
    return chance(rand, 3) ? mode | (g_rand_int(rand) & 0xfffc0ec0) : mode;
}

static void random_place(GRand *rand, Shape *s, uint32_t area)
{
    uint32_t bytes = pixel_bytes(s->mode);
    uint32_t page, first, last;

    switch (below(rand, 8)) {
    case 0: case 1: case 2:
        s->stride = s->right * bytes + below(rand, 17);
        break;
    case 3: case 4:
        s->stride = below(rand, 8192);
        break;
    case 5:
        s->stride = PAGE_BYTES;
        break;
    case 6:
        s->stride = chance(rand, 30) ? 0 : (s->right * bytes + 7) & -8;
        break;
    default:
        s->stride = g_rand_int(rand);
        break;
    }

    first = s->top * s->stride + s->left * bytes;
    last = (s->bottom - 1) * s->stride + s->right * bytes;
    page = area + PAGE_BYTES * below(rand, 16);
    switch (below(rand, 4)) {
    case 0:
        s->base = g_rand_int(rand) % (16 * PAGE_BYTES) + area;
        break;
    case 1:
        s->base = page - last;
        break;
    default:
        s->base = page - first + below(rand, 4) * bytes;
        break;
    }
    if (!chance(rand, 5)) {
        s->base &= bytes == 4 ? -4 : bytes == 2 ? -2 : -1;
    }
    s->plane2 = s->base + (chance(rand, 90) ? PLANE2 : below(rand, 4096));
}

static Shape random_shape(GRand *rand, uint32_t area, uint32_t width,
                          uint32_t height)
{
    Shape s = { .mode = random_mode(rand) };

    switch (below(rand, 10)) {
    case 0: case 1:
        s.left = below(rand, 300);
        s.top = below(rand, 300);
        break;
    case 2:
        s.left = below(rand, 0x10000 - width);
        s.top = below(rand, 0x10000 - height);
        break;
    default:
        s.left = below(rand, 8);
        s.top = below(rand, 8);
        break;
    }
    s.right = s.left + width;
    s.bottom = s.top + height;
    random_place(rand, &s, area);
    if (chance(rand, 2)) {
        s.right = s.left - below(rand, 3);
    }
    if (chance(rand, 2)) {
        s.bottom = s.top - below(rand, 3);
    }
    return s;
}

static uint32_t random_scale(GRand *rand)
{
    switch (below(rand, 8)) {
    case 0:
        return 0;
    case 1:
        return g_rand_int(rand);
    case 2:
        return 0x10000;
    case 3:
        return below(rand, 0x100000);
    default:
        return 0x4000 + below(rand, 0x20000);
    }
}

static uint32_t random_repeat(GRand *rand)
{
    return chance(rand, 4) ? g_rand_int(rand) : below(rand, 5);
}

/* A register that must be there for a fresh blit, or may be left as it was */
static void maybe(GRand *rand, List *list, bool fresh, uint32_t offset,
                  uint32_t value)
{
    if (fresh || chance(rand, 40)) {
        list_put(list, offset, value);
    }
}

static uint32_t random_command(GRand *rand)
{
    uint32_t command = 0;

    command |= chance(rand, 8) ? FIMG2D_COMMAND_MASK_ROP4 : 0;
    command |= chance(rand, 8) ? FIMG2D_COMMAND_MASKING : 0;
    command |= chance(rand, 30) ? FIMG2D_COMMAND_ROP4_ALPHA : 0;
    command |= chance(rand, 3) ? FIMG2D_COMMAND_DITHER : 0;
    command |= chance(rand, 25) ? FIMG2D_COMMAND_CLIP : 0;
    command |= chance(rand, 3) ? g_rand_int(rand) & 0xff000 : 0;
    command |= chance(rand, 5) ? g_rand_int(rand) & 0xf00000 :
               FIMG2D_COMMAND_BLEND(below(rand, 2));
    command |= chance(rand, 25) ? FIMG2D_COMMAND_PREMUL_SRC : 0;
    command |= chance(rand, 25) ? FIMG2D_COMMAND_PREMUL_PAT : 0;
    command |= chance(rand, 25) ? FIMG2D_COMMAND_PREMUL_DST : 0;
    command |= chance(rand, 20) ? FIMG2D_COMMAND_DEPREMUL_DST : 0;
    command |= chance(rand, 8) ? FIMG2D_COMMAND_SOLID_FILL : 0;
    return command;
}

static uint32_t random_blend(GRand *rand)
{
    uint32_t function = below(rand, 12) | below(rand, 12) << 8;

    function |= below(rand, 3) << 4 | below(rand, 3) << 6;
    function |= below(rand, 3) << 12 | below(rand, 3) << 14;
    function |= g_rand_int(rand) & 0x50000;
    return chance(rand, 4) ? g_rand_int(rand) : function;
}

static uint32_t area_of(GRand *rand, uint32_t layout, uint32_t area)
{
    switch (layout) {
    case 0:
        return 0x50000000;
    case 1:
        return g_rand_int(rand) & -PAGE_BYTES;
    case 2:
        return 0xffff8000;
    default:
        return area;
    }
}

static void random_blit(GRand *rand, List *list, bool fresh)
{
    static const struct {
        uint32_t width, height;
    } extents[] = {
        { 24, 12 }, { 24, 12 }, { 24, 12 }, { 200, 3 }, { 3, 60 }, { 1200, 1 },
    };
    uint32_t layout = below(rand, 12);
    uint32_t extent = below(rand, ARRAY_SIZE(extents));
    uint32_t width = 1 + below(rand, extents[extent].width);
    uint32_t height = 1 + below(rand, extents[extent].height);
    Shape s;

    if (fresh || chance(rand, 70)) {
        s = random_shape(rand, area_of(rand, layout, DST_IOVA), width, height);
        SET(list, DST_COLOR_MODE, s.mode);
        SET(list, DST_BASE_ADDR, s.base);
        SET(list, DST_STRIDE, s.stride);
        SET(list, DST_PLANE2_BASE, s.plane2);
        SET(list, DST_LEFT_TOP, xy(s.left, s.top));
        SET(list, DST_RIGHT_BOTTOM, xy(s.right, s.bottom));
        SET(list, CW_LT, xy(s.left + below(rand, 8) - 3,
                            s.top + below(rand, 8) - 3));
        SET(list, CW_RB, xy(s.left + below(rand, width + 8),
                            s.top + below(rand, height + 8)));
    }
    if (fresh || chance(rand, 50)) {
        s = random_shape(rand, area_of(rand, layout, SRC_IOVA),
                         chance(rand, 50) ? width : 1 + below(rand, 30),
                         chance(rand, 50) ? height : 1 + below(rand, 30));
        SET(list, SRC_COLOR_MODE, s.mode);
        SET(list, SRC_BASE_ADDR, s.base);
        SET(list, SRC_STRIDE, s.stride);
        SET(list, SRC_PLANE2_BASE, s.plane2);
        SET(list, SRC_LEFT_TOP, xy(s.left, s.top));
        SET(list, SRC_RIGHT_BOTTOM, xy(s.right, s.bottom));
    }
    if (fresh || chance(rand, 50)) {
        s = random_shape(rand, area_of(rand, layout, MASK_IOVA),
                         chance(rand, 50) ? width : 1 + below(rand, 30),
                         chance(rand, 50) ? height : 1 + below(rand, 30));
        SET(list, MASK_MODE, chance(rand, 5) ? g_rand_int(rand) :
                             below(rand, 7));
        SET(list, MASK_BASE_ADDR, s.base);
        SET(list, MASK_STRIDE, s.stride);
        SET(list, MASK_LEFT_TOP, xy(s.left, s.top));
        SET(list, MASK_RIGHT_BOTTOM, xy(s.right, s.bottom));
    }
    if (fresh || chance(rand, 50)) {
        s = random_shape(rand, area_of(rand, layout, PAT_IOVA), width, height);
        SET(list, PAT_COLOR_MODE, s.mode);
        SET(list, PAT_BASE_ADDR, s.base);
        SET(list, PAT_STRIDE, s.stride);
        SET(list, PAT_SIZE, xy(below(rand, 20), below(rand, 20)));
        SET(list, PAT_OFFSET, g_rand_int(rand));
    }
    maybe(rand, list, fresh, FIMG2D_BITBLT_COMMAND, random_command(rand));
    maybe(rand, list, fresh, FIMG2D_BLEND_FUNCTION, random_blend(rand));
    maybe(rand, list, fresh, FIMG2D_ROUND_MODE, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_ROTATE, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_SRC_MASK_DIRECT, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_DST_PAT_DIRECT, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_SRC_SELECT,
          chance(rand, 80) ? 0 : below(rand, 4));
    maybe(rand, list, fresh, FIMG2D_DST_SELECT,
          chance(rand, 70) ? 0 : below(rand, 4));
    maybe(rand, list, fresh, FIMG2D_SRC_REPEAT_MODE, random_repeat(rand));
    maybe(rand, list, fresh, FIMG2D_MASK_REPEAT_MODE, random_repeat(rand));
    maybe(rand, list, fresh, FIMG2D_SRC_PAD_VALUE, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_MASK_PAD_VALUE, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_SRC_A8_RGB_EXT, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_DST_A8_RGB_EXT, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_SRC_SCALE_CTRL,
          chance(rand, 50) ? 0 : g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_SRC_XSCALE, random_scale(rand));
    maybe(rand, list, fresh, FIMG2D_SRC_YSCALE, random_scale(rand));
    maybe(rand, list, fresh, FIMG2D_MASK_SCALE_CTRL,
          chance(rand, 50) ? 0 : g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_MASK_XSCALE, random_scale(rand));
    maybe(rand, list, fresh, FIMG2D_MASK_YSCALE, random_scale(rand));
    maybe(rand, list, fresh, FIMG2D_THIRD_OPERAND,
          chance(rand, 10) ? g_rand_int(rand) : below(rand, 3));
    maybe(rand, list, fresh, FIMG2D_ROP4,
          chance(rand, 30) ? SRCCOPY : g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_ALPHA,
          g_rand_int(rand) | (chance(rand, 20) ? 0xff : 0));
    maybe(rand, list, fresh, FIMG2D_FG_COLOR, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_BG_COLOR, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_SF_COLOR, g_rand_int(rand));
    if (chance(rand, 1)) {
        list_put(list, 0x800 + 4 * below(rand, 0x21), g_rand_int(rand));
    }
    list_put(list, FIMG2D_BITBLT_START | (chance(rand, 10) ? 0xabcd000 : 0), 1);
}

/* A chain of one to three lists */
static uint32_t random_chain(GRand *rand, Bus *bus, List *list)
{
    uint32_t parts = 1 + below(rand, 3), end = list->len, first, next = 0;
    uint32_t address = LIST_IOVA;

    while (parts--) {
        first = parts ? below(rand, end + 1) : 0;
        address -= 4 * (2 + 2 * (end - first));
        list_place_part(bus, list, first, end, address, next);
        next = address | (next ? below(rand, 4) : 0);
        end = first;
        address -= chance(rand, 50) ? 0 : 4 * below(rand, 2048);
    }
    return next & ~3u;
}

static uint32_t count_from_environment(const char *name, uint32_t otherwise)
{
    const char *text = getenv(name);

    return text ? g_ascii_strtoull(text, NULL, 0) : otherwise;
}

static void test_random(void)
{
    uint32_t seed = count_from_environment("FIMG2D_SEED", 20121121);
    uint32_t lists = count_from_environment("FIMG2D_LISTS", 2000);
    uint32_t done, blits, pages = 0, demand = 0, dropped = 0;

    for (done = 0; done < lists; seed++) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
        g_autoptr(ListGuard) list = list_new();
        g_autoptr(Bus) bus = bus_new(seed);
        g_autofree char *difference = NULL;
        RunMode mode = chance(rand, 40) ? DEMAND :
                       chance(rand, 30) ? DISTURBED : PREMAPPED;
        uint32_t address, rate;

        if (chance(rand, 80)) {
            SET(list, SOFT_RESET, FIMG2D_SOFT_RESET_SFRCLEAR);
            list_put(list, g_rand_int(rand), g_rand_int(rand));
        }
        for (blits = 1 + below(rand, 3); blits; blits--) {
            random_blit(rand, list, list->len < 3);
        }
        address = random_chain(rand, bus, list);
        rate = chance(rand, 20) ? 1 + below(rand, 1000) : 0;

        g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));
        if (bus->order->len > MAX_PAGES) {
            dropped++;
            continue;
        }
        g2d_test_write(qts, G2D_RATE, rate);
        difference = run_device(bus, address, mode);
        if (difference) {
            print_list(list);
            g_test_message("FIMG2D_SEED=%u FIMG2D_LISTS=1: %s", seed,
                           difference);
            g_test_fail();
            break;
        }
        pages += bus->order->len;
        demand += mode == DEMAND;
        done++;
    }
    g2d_test_write(qts, G2D_RATE, 0);
    g_test_message("%u lists, %u of them demand paged, %u pages; "
                   "%u lists that touch more than %u pages left out",
                   done, demand, pages, dropped, MAX_PAGES);
}

/* What makes a comparison fail: a device whose list is not the reference's */
static void test_planted(void)
{
    static const Pair plants[] = {
        { FIMG2D_DST_BASE_ADDR, 4 }, { FIMG2D_DST_STRIDE, 4 },
        { FIMG2D_DST_RIGHT_BOTTOM, 1 }, { FIMG2D_DST_RIGHT_BOTTOM, 1 << 16 },
        { FIMG2D_DST_COLOR_MODE, 1 << 4 }, { FIMG2D_DST_SELECT, 1 },
        { FIMG2D_SRC_BASE_ADDR, 4 }, { FIMG2D_SRC_STRIDE, 4 },
        { FIMG2D_SRC_RIGHT_BOTTOM, 1 }, { FIMG2D_SRC_COLOR_MODE, 1 },
        { FIMG2D_SRC_REPEAT_MODE, 1 }, { FIMG2D_SRC_SCALE_CTRL, 3 },
        { FIMG2D_SRC_XSCALE, 1 << 12 }, { FIMG2D_SRC_PAD_VALUE, 1 << 31 },
        { FIMG2D_ROTATE, 1 }, { FIMG2D_SRC_MASK_DIRECT, 1 },
        { FIMG2D_DST_PAT_DIRECT, 2 }, { FIMG2D_MASK_BASE_ADDR, PAGE_BYTES },
        { FIMG2D_MASK_MODE, 4 }, { FIMG2D_BLEND_FUNCTION, 1 << 16 },
        { FIMG2D_BLEND_FUNCTION, 1 << 8 }, { FIMG2D_ROUND_MODE, 2 },
        { FIMG2D_ALPHA, 0x80 }, { FIMG2D_CW_LT, 1 }, { FIMG2D_CW_RB, 1 },
        { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_PREMUL_SRC },
        { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASKING },
        { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_DITHER },
        { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_DEPREMUL_DST },
        { FIMG2D_BITBLT_START, 1 },
    };
    uint32_t i, k, address, mode;

    for (i = 0; i < ARRAY_SIZE(plants); i++) {
        for (mode = PREMAPPED; mode <= DEMAND; mode++) {
            g_autoptr(Bus) bus = bus_new(1);
            g_autoptr(ListGuard) list = list_new();
            g_autofree char *difference = NULL;
            Page *page;

            list_begin(list);
            set_src(list, 0, SRC_IOVA, 512, 1, 1, 20, 5);
            SET(list, SRC_REPEAT_MODE, 1);
            SET(list, SRC_PAD_VALUE, 0x80ff8040);
            SET(list, SRC_SCALE_CTRL, 2);
            SET(list, SRC_XSCALE, 0xa000);
            SET(list, SRC_YSCALE, 0xa000);
            set_dst(list, 1, DST_IOVA, 512, 1, 1, 40, 10);
            SET(list, DST_SELECT, 0);
            set_mask(list, 2, MASK_IOVA, 64, 0, 0, 40, 10);
            SET(list, ROTATE, 0);
            SET(list, SRC_MASK_DIRECT, 0);
            SET(list, DST_PAT_DIRECT, 1);
            SET(list, BLEND_FUNCTION, 5 | 6 << 8);
            SET(list, ROUND_MODE, 0);
            SET(list, ALPHA, 0x44);
            SET(list, CW_LT, xy(2, 2));
            SET(list, CW_RB, xy(39, 30));
            SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_BLEND(1) |
                FIMG2D_COMMAND_CLIP | FIMG2D_COMMAND_MASK_ROP4);
            list_go(list);
            address = list_place(bus, list);
            g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

            for (k = list->len; k--; ) {
                if (g_array_index(list, Pair, k).offset == plants[i].offset) {
                    break;
                }
            }
            /* The address of the pair's second word */
            address += 4 + 8 * k + 4;
            page = bus_find(bus, address);
            stl_le_p(page->before + address % PAGE_BYTES,
                     g_array_index(list, Pair, k).value ^ plants[i].value);
            stl_le_p(page->now + address % PAGE_BYTES,
                     g_array_index(list, Pair, k).value ^ plants[i].value);
            difference = run_device(bus, address - (4 + 8 * k + 4), mode);
            /* Dithering is dropped: all that shows of it is the complaint. */
            if (plants[i].offset == FIMG2D_BITBLT_COMMAND &&
                (plants[i].value & (FIMG2D_COMMAND_DITHER |
                                    FIMG2D_COMMAND_MASKING))) {
                g_assert_null(difference);
            } else if (!difference) {
                g_test_message("register 0x%03x ^ 0x%08x went unnoticed",
                               plants[i].offset, plants[i].value);
                g_test_fail();
            }
        }
    }
}

void add_random_tests(void)
{
    qtest_add_func("fimg2d/planted", test_planted);
    qtest_add_func("fimg2d/random", test_random);
}
