/*
 * FIMG2D qtests of the registers, of the test page, and of what the model
 * complains about
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exynos-fimg2d-test.h"

/* 32 random bits for every register that keeps them */
static bool keeps_its_value(uint32_t offset)
{
    switch (offset) {
    case FIMG2D_SOFT_RESET:
    case FIMG2D_INTC_PEND:
    case FIMG2D_FIFO_STAT:
    case FIMG2D_CACHECTL:
    case FIMG2D_DMA_COMMAND:
    case FIMG2D_DMA_STATUS:
    case FIMG2D_BITBLT_START:
        return false;
    }
    return fimg2d_reference_known(offset);
}

static uint32_t reset_value(uint32_t offset)
{
    switch (offset) {
    case FIMG2D_FIFO_STAT:
    case FIMG2D_SRC_SELECT:
    case FIMG2D_DST_SELECT:
        return 1;
    case FIMG2D_AXI_MODE:
        return 2 << 24;
    case FIMG2D_BLEND_FUNCTION:
        return 1 << 22;
    case FIMG2D_ROUND_MODE:
        return 0x33;
    default:
        return 0;
    }
}

static uint32_t test_value(uint32_t offset)
{
    uint32_t ignored = offset == FIMG2D_DMA_SFR_BASE_ADDR ? 3 : 0;

    return scramble(offset + 1) & ~ignored;
}

void assert_registers(uint32_t first, bool written)
{
    uint32_t offset, value;

    for (offset = first; offset < 0x1000; offset += 4) {
        value = written && keeps_its_value(offset) ? test_value(offset) :
                reset_value(offset);
        if (g2d_read(qts, offset) != value) {
            g_test_message("register 0x%03x is 0x%08x, not 0x%08x", offset,
                           g2d_read(qts, offset), value);
            g_test_fail();
        }
    }
}

static void write_registers(void)
{
    uint32_t offset;

    for (offset = 0; offset < FIMG2D_REGS_END; offset += 4) {
        if (keeps_its_value(offset)) {
            g2d_write(qts, offset, test_value(offset));
        }
    }
}

static void test_registers(void)
{
    uint32_t complaints;

    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g2d_test_write(qts, G2D_COMPLAINTS, 0);
    assert_registers(0, false);
    write_registers();
    assert_registers(0, true);
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 0);

    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_SFRCLEAR);
    /* In a list this would be lost. */
    g2d_write(qts, FIMG2D_FG_COLOR, 0x12345678);
    g_assert_cmphex(g2d_read(qts, FIMG2D_FG_COLOR), ==, 0x12345678);
    g2d_write(qts, FIMG2D_FG_COLOR, 0);
    assert_registers(0x100, false);
    g_assert_cmphex(g2d_read(qts, FIMG2D_INTEN), ==, test_value(FIMG2D_INTEN));
    g_assert_cmphex(g2d_read(qts, FIMG2D_DMA_HOLD_CMD), ==,
                    test_value(FIMG2D_DMA_HOLD_CMD));

    write_registers();
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    assert_registers(0, false);

    complaints = g2d_test_read(qts, G2D_COMPLAINTS);
    g2d_write(qts, 0x008, 1);
    g2d_write(qts, 0x740, 1);
    g2d_write(qts, FIMG2D_FIFO_STAT, 0);
    g2d_write(qts, FIMG2D_DMA_STATUS, 1);
    g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, complaints + 4);
    assert_registers(0, false);
}

static void test_test_page(void)
{
    g_assert_cmphex(g2d_test_read(qts, G2D_MAGIC), ==, 0x46324447);
    g2d_test_write(qts, G2D_COMPLAINTS, 0);
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 0);
    g2d_test_write(qts, G2D_MAGIC, 0);
    g2d_test_write(qts, G2D_HANG, 3);
    g2d_test_write(qts, G2D_POWER_STUCK, 2);
    g2d_test_write(qts, 0x2c, 1);
    g2d_test_write(qts, G2D_KNOBS, 1u << 31);
    g2d_test_write(qts, G2D_LIST_PREFETCH, 4097);
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 6);
    g_assert_cmphex(g2d_test_read(qts, G2D_MAGIC), ==, 0x46324447);
    g_assert_cmphex(g2d_test_read(qts, G2D_HANG), ==, 0);
    g_assert_cmphex(g2d_test_read(qts, G2D_POWER_STUCK), ==, 0);
    g_assert_cmphex(g2d_test_read(qts, G2D_LIST_PREFETCH), ==, 0);
    g_assert_cmphex(g2d_test_read(qts, 0x2c), ==, 0);
    g_assert_cmphex(g2d_test_read(qts, G2D_KNOBS), ==, 0);

    g2d_test_write(qts, G2D_RATE, 77);
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_cmphex(g2d_test_read(qts, G2D_RATE), ==, 77);
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 6);
    g2d_test_write(qts, G2D_RATE, 0);
}

static void plain_copy(List *list)
{
    list_begin(list);
    set_src(list, 1, SRC_IOVA, 64, 0, 0, 4, 1);
    set_dst(list, 1, DST_IOVA, 64, 0, 0, 4, 1);
    SET(list, DST_SELECT, 2);
    set_mask(list, 2, MASK_IOVA, 64, 0, 0, 4, 1);
    set_pattern(list, 1, PAT_IOVA, 64, 4, 1, 0, 0);
    SET(list, ROP4, SRCCOPY);
}

/* What is wrong with a blit is counted once. */
static void test_complaints(void)
{
    static const struct {
        uint32_t lines;
        Pair pairs[3];
    } cases[] = {
        { 0, { { FIMG2D_FG_COLOR, 1 } } },
        { 1, { { FIMG2D_SRC_COLOR_MODE, 8 } } },
        { 1, { { FIMG2D_SRC_COLOR_MODE, 13 } } },
        { 1, { { FIMG2D_DST_COLOR_MODE, 9 } } },
        { 1, { { FIMG2D_DST_COLOR_MODE, 15 } } },
        { 2, { { FIMG2D_DST_COLOR_MODE, 10 }, { FIMG2D_SRC_COLOR_MODE, 14 } } },
        { 1, { { FIMG2D_SRC_SELECT, 3 } } },
        { 1, { { FIMG2D_DST_SELECT, 3 } } },
        { 1, { { FIMG2D_THIRD_OPERAND, 3 }, { FIMG2D_ROP4, 0xf0 } } },
        { 0, { { FIMG2D_THIRD_OPERAND, 3 } } },
        { 1, { { FIMG2D_SRC_RIGHT_BOTTOM, 0 } } },
        { 1, { { FIMG2D_SRC_REPEAT_MODE, 5 } } },
        { 0, { { FIMG2D_SRC_SCALE_CTRL, 2 } } },
        { 1, { { FIMG2D_SRC_SCALE_CTRL, 3 } } },
        { 2, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASKING },
               { FIMG2D_MASK_SCALE_CTRL, 3 } } },
        { 1, { { FIMG2D_SRC_BASE_ADDR, SRC_IOVA + 2 } } },
        { 1, { { FIMG2D_DST_BASE_ADDR, DST_IOVA + 1 } } },
        { 0, { { FIMG2D_SRC_BASE_ADDR, SRC_IOVA + 2 },
               { FIMG2D_SRC_SELECT, 1 } } },
        { 0, { { FIMG2D_PAT_BASE_ADDR, PAT_IOVA + 1 } } },
        { 1, { { FIMG2D_PAT_BASE_ADDR, PAT_IOVA + 1 },
               { FIMG2D_ROP4, 0xf0 } } },
        { 1, { { FIMG2D_PAT_COLOR_MODE, 8 }, { FIMG2D_ROP4, 0xf0 } } },
        { 0, { { FIMG2D_SRC_BASE_ADDR, SRC_IOVA + 1 },
               { FIMG2D_SRC_COLOR_MODE, 7 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASKING } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASK_ROP4 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASKING },
               { FIMG2D_MASK_MODE, 7 }, { FIMG2D_MASK_REPEAT_MODE, 3 } } },
        { 2, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASKING },
               { FIMG2D_MASK_MODE, 8 } } },
        { 2, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASKING },
               { FIMG2D_MASK_REPEAT_MODE, 4 } } },
        { 2, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASKING },
               { FIMG2D_MASK_RIGHT_BOTTOM, 0 } } },
        { 0, { { FIMG2D_MASK_MODE, 8 }, { FIMG2D_MASK_REPEAT_MODE, 6 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_DITHER } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 12 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 15 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 16 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 19 } } },
        { 2, { { FIMG2D_BITBLT_COMMAND, 1 << 16 | FIMG2D_COMMAND_DITHER } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 2 << 20 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 3 << 20 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 8 << 20 } } },
        { 0, { { FIMG2D_BLEND_FUNCTION, 0xfffffffc } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 1 << 20 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 1 << 21 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 1 << 22 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 12 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 13 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 15 << 8 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 3 << 4 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 3 << 14 } } },
        { 1, { { 0x880, 1 } } },
        { 0, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL | 0xfffffff },
               { FIMG2D_SRC_COLOR_MODE, 15 }, { 0x800, 1 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL },
               { FIMG2D_DST_COLOR_MODE, 8 } } },
        { 1, { { 0x740, 0 } } },
    };
    uint32_t i, k;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autoptr(ListGuard) list = list_new();

        plain_copy(list);
        SET(list, CW_RB, xy(64, 64));
        for (k = 0; k < 3 && cases[i].pairs[k].offset; k++) {
            list_put(list, cases[i].pairs[k].offset, cases[i].pairs[k].value);
        }
        list_go(list);
        check_list(list, PREMAPPED);
        if (g2d_test_read(qts, G2D_COMPLAINTS) != cases[i].lines) {
            g_test_message("0x%03x=0x%08x: %u lines, not %u",
                           cases[i].pairs[0].offset, cases[i].pairs[0].value,
                           g2d_test_read(qts, G2D_COMPLAINTS), cases[i].lines);
            g_test_fail();
        }
    }
}

void add_registers_tests(void)
{
    qtest_add_func("fimg2d/registers", test_registers);
    qtest_add_func("fimg2d/test-page", test_test_page);
    qtest_add_func("fimg2d/complaints", test_complaints);
}
