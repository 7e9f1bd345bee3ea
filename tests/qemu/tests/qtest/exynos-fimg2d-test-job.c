/*
 * FIMG2D qtests of jobs step by step: chains of lists, holds, interrupts,
 * resets, hangs, power and rate
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exynos-fimg2d-test.h"

/* To where the first row has been written; takes a RATE that is slow. */
static void run_into_blit(void)
{
    int i;

    for (i = 0; i < 10000 && !g2d_test_read(qts, G2D_BYTES_WRITE); i++) {
        qtest_clock_step(qts, 1000);
    }
    g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_WRITE), !=, 0);
}

static void test_hold_list(void)
{
    uint32_t n;

    start_raw();
    put_fills(3);
    g2d_write(qts, FIMG2D_INTEN, FIMG2D_INT_GCMD | FIMG2D_INT_ACMD);
    g2d_write(qts, FIMG2D_DMA_HOLD_CMD, FIMG2D_HOLD_LIST);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    for (n = 0; n < 3; n++) {
        g_assert_false(g2d_settle(qts));
        assert_status(n + 1, n + 1, 0);
        assert_pending(FIMG2D_INT_GCMD);
        g_assert_true(g2d_irq(qts));
        g_assert_cmphex(filled(n), ==, 0x01010101 * (n + 1));
        g_assert_cmphex(filled(n + 1), ==, 0);

        /* Neither an acknowledgement nor the end of the hold continues. */
        g2d_write(qts, FIMG2D_INTC_PEND, FIMG2D_INT_GCMD);
        g_assert_false(g2d_irq(qts));
        g_assert_false(g2d_settle(qts));
        g2d_write(qts, FIMG2D_DMA_HOLD_CMD, 0);
        g_assert_false(g2d_settle(qts));
        assert_status(n + 1, n + 1, 0);
        g2d_write(qts, FIMG2D_DMA_HOLD_CMD, FIMG2D_HOLD_LIST);
        g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    }
    g_assert_true(g2d_settle(qts));
    assert_status(3, 3, 1);
    assert_pending(FIMG2D_INT_ACMD);
    g_assert_true(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTC_PEND, FIMG2D_INT_ACMD);
    g_assert_false(g2d_irq(qts));
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 0);
}

/* As the kernel does it: the list itself asks to be held. */
static void test_hold_from_list(void)
{
    g_autoptr(ListGuard) first = list_new();
    g_autoptr(ListGuard) second = list_new();

    start_raw();
    list_begin(first);
    SET(first, INTEN, FIMG2D_INT_ACMD | FIMG2D_INT_GCMD);
    SET(first, DMA_HOLD_CMD, FIMG2D_HOLD_LIST);
    add_fill(first, 0, 1, 1);
    raw_list(RAM_LIST, first, RAM_LIST + 0x1000);
    list_begin(second);
    SET(second, INTEN, FIMG2D_INT_ACMD);
    add_fill(second, 256, 1, 2);
    raw_list(RAM_LIST + 0x1000, second, 0);

    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    assert_pending(FIMG2D_INT_GCMD);
    g2d_write(qts, FIMG2D_DMA_HOLD_CMD, 0);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_true(g2d_settle(qts));
    assert_pending(FIMG2D_INT_GCMD | FIMG2D_INT_ACMD);
    assert_status(2, 2, 1);
    g_assert_cmphex(g2d_read(qts, FIMG2D_INTEN), ==, FIMG2D_INT_ACMD);
    g_assert_cmphex(filled(1), ==, 2);
}

static void test_hold_bitblt(void)
{
    g_autoptr(ListGuard) list = list_new();

    start_raw();
    add_fill(list, 0, 1, 1);
    add_fill(list, 256, 1, 2);
    SET(list, FG_COLOR, 0x55);
    raw_list(RAM_LIST, list, 0);
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST);
    g2d_write(qts, FIMG2D_INTEN, FIMG2D_INT_SCMD);
    g2d_write(qts, FIMG2D_DMA_HOLD_CMD, FIMG2D_HOLD_BITBLT);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    assert_status(0, 1, 0);
    assert_pending(FIMG2D_INT_SCMD);
    g_assert_true(g2d_irq(qts));
    g_assert_cmphex(filled(1), ==, 0);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_false(g2d_settle(qts));
    assert_status(0, 2, 0);
    g_assert_cmphex(filled(1), ==, 2);
    g_assert_cmphex(g2d_read(qts, FIMG2D_FG_COLOR), ==, 0);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 2, 1);
    g_assert_cmphex(g2d_read(qts, FIMG2D_FG_COLOR), ==, 0x55);
    assert_pending(FIMG2D_INT_SCMD | FIMG2D_INT_ACMD);
}

static void test_hold_user(void)
{
    start_raw();
    put_fills(2);
    g2d_write(qts, FIMG2D_INTEN, FIMG2D_INT_UCMD);
    g2d_write(qts, FIMG2D_DMA_HOLD_CMD, FIMG2D_HOLD_USER);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    assert_status(0, 0, 0);
    assert_pending(FIMG2D_INT_UCMD);
    g_assert_true(g2d_irq(qts));
    g_assert_cmphex(filled(0), ==, 0);

    g2d_write(qts, FIMG2D_INTC_PEND, FIMG2D_INT_UCMD);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_false(g2d_settle(qts));
    assert_status(1, 1, 0);
    assert_pending(FIMG2D_INT_UCMD);

    /* The second list's count has not been read yet. */
    qtest_writel(qts, RAM_LIST + 0x1000, 0);
    qtest_writel(qts, RAM_LIST + 0x1004, 0);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_true(g2d_settle(qts));
    assert_status(2, 1, 1);
    g_assert_cmphex(filled(1), ==, 0);
}

static void test_halt(void)
{
    g_autoptr(ListGuard) list = list_new();

    start_raw();
    add_fill(list, 0, 4, 1);
    add_fill(list, 256, 4, 2);
    raw_list(RAM_LIST, list, 0);
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST);

    /* Outside of a chain it is forgotten. */
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_HALT);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 2, 1);

    /* In the middle of a blit it ends the blit. */
    qtest_memset(qts, RAM_DST, 0, 0x1000);
    g2d_test_write(qts, G2D_BYTES_WRITE, 0);
    g2d_test_write(qts, G2D_RATE, 1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    run_into_blit();
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_HALT);
    g_assert_false(g2d_settle(qts));
    assert_status(0, 1, 0);
    assert_pending(0);
    g_assert_cmphex(qtest_readl(qts, RAM_DST + 48), ==, 1);
    g_assert_cmphex(filled(1), ==, 0);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 2, 1);
    g_assert_cmphex(filled(1), ==, 2);

    /* START, then CONTINUE, then HALT: not one pair is read. */
    g2d_test_write(qts, G2D_RATE, 0);
    g2d_write(qts, FIMG2D_DST_BASE_ADDR, 0x1234);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START | FIMG2D_DMA_CONTINUE |
                                       FIMG2D_DMA_HALT);
    g_assert_false(g2d_settle(qts));
    assert_status(0, 0, 0);
    g_assert_cmphex(g2d_read(qts, FIMG2D_DST_BASE_ADDR), ==, 0x1234);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 2, 1);
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 0);
}

static void test_start_while_running(void)
{
    start_raw();
    put_fills(2);
    g2d_write(qts, FIMG2D_DMA_HOLD_CMD, FIMG2D_HOLD_LIST);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 0);

    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST + 0x1000);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 1);
    g2d_write(qts, FIMG2D_BITBLT_START, 1);
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 2);
    g_assert_false(g2d_settle(qts));
    assert_status(1, 1, 0);
    assert_pending(FIMG2D_INT_GCMD);

    g2d_write(qts, FIMG2D_DMA_HOLD_CMD, 0);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_true(g2d_settle(qts));
    assert_status(2, 2, 1);
    g_assert_cmphex(g2d_test_read(qts, G2D_BLITS), ==, 2);
}

static void test_interrupts(void)
{
    start_raw();
    put_fills(1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_true(g2d_settle(qts));
    assert_pending(FIMG2D_INT_ACMD);
    g_assert_false(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTEN, FIMG2D_INT_SCMD | FIMG2D_INT_GCMD |
                                 FIMG2D_INT_UCMD);
    g_assert_false(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTEN, FIMG2D_INT_ACMD);
    g_assert_true(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTC_PEND, FIMG2D_INT_SCMD | FIMG2D_INT_GCMD |
                                     FIMG2D_INT_UCMD);
    g_assert_true(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTEN, 0);
    g_assert_false(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTEN, FIMG2D_INT_ACMD);
    g_assert_true(g2d_irq(qts));

    /* A blit by the CPU; START then clears ACMD alone. */
    g2d_write(qts, FIMG2D_BITBLT_START, 1);
    g_assert_false(g2d_idle(qts));
    g_assert_true(g2d_settle(qts));
    assert_pending(FIMG2D_INT_SCMD | FIMG2D_INT_ACMD);
    assert_status(1, 2, 1);
    g2d_write(qts, FIMG2D_BITBLT_START, 6);
    g_assert_true(g2d_idle(qts));
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    assert_pending(FIMG2D_INT_SCMD);
    assert_status(0, 0, 0);
    g_assert_false(g2d_irq(qts));
    g_assert_true(g2d_settle(qts));
    g_assert_true(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTC_PEND, FIMG2D_INT_ACMD);
    g_assert_false(g2d_irq(qts));
    assert_pending(FIMG2D_INT_SCMD);

    g2d_write(qts, FIMG2D_INTEN, FIMG2D_INT_SCMD);
    g_assert_true(g2d_irq(qts));
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_false(g2d_irq(qts));
}

static void test_sfrclear(void)
{
    g_autoptr(Bus) bus = bus_new(7);
    g_autoptr(ListGuard) list = list_new();

    /* The pair after it is lost, whatever it is, once. */
    SET(list, FG_COLOR, 0x11111111);
    list_begin(list);
    set_dst(list, 1, DST_IOVA, 16, 0, 0, 4, 1);
    SET(list, SRC_SELECT, 1);
    SET(list, DST_SELECT, 2);
    SET(list, ROP4, SRCCOPY);
    list_go(list);
    SET(list, SOFT_RESET, FIMG2D_SOFT_RESET_SFRCLEAR);
    list_go(list);
    SET(list, SOFT_RESET, FIMG2D_SOFT_RESET_SFRCLEAR);
    SET(list, SOFT_RESET, FIMG2D_SOFT_RESET_SFRCLEAR);
    set_dst(list, 1, DST_IOVA + 256, 16, 0, 0, 4, 1);
    SET(list, FG_COLOR, 0x22222222);
    SET(list, ROP4, SRCCOPY);
    list_go(list);
    check_list(list, DEMAND);

    /* Also when it is the next list's first */
    SET(list, SOFT_RESET, FIMG2D_SOFT_RESET_SFRCLEAR);
    SET(list, FG_COLOR, 0x33333333);
    set_dst(list, 1, DST_IOVA + 512, 16, 0, 0, 4, 1);
    SET(list, ROP4, SRCCOPY);
    list_go(list);
    list_place_part(bus, list, 0, list->len - 8, LIST_IOVA, LIST_IOVA + 0x2000);
    list_place_part(bus, list, list->len - 8, list->len - 8,
                    LIST_IOVA + 0x2000, LIST_IOVA + 0x4000);
    list_place_part(bus, list, list->len - 8, list->len, LIST_IOVA + 0x4000, 0);
    check_at(bus, list, LIST_IOVA, DEMAND);
}

/* Pairs that a list may not use, and offsets that are none */
static void test_ignored_pairs(void)
{
    g_autoptr(ListGuard) list = list_new();

    list_begin(list);
    set_dst(list, 1, DST_IOVA, 16, 0, 0, 4, 1);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
    SET(list, SOFT_RESET, FIMG2D_SOFT_RESET_R);
    SET(list, DMA_SFR_BASE_ADDR, 0x1000);
    SET(list, DMA_COMMAND, FIMG2D_DMA_HALT);
    SET(list, DMA_STATUS, 0xffffffff);
    SET(list, INTC_PEND, 0xffffffff);
    list_put(list, 0x740, 5);
    list_put(list, FIMG2D_SF_COLOR + 0xfffff000, 0x12345678);
    list_put(list, FIMG2D_SF_COLOR + 1, 0x55555555);
    SET(list, BITBLT_START, 6);
    list_go(list);
    check_list(list, DEMAND);
}

/* Words are read in order, a pair only after the one before has acted. */
static void test_self_modifying(void)
{
    uint32_t address = LIST_IOVA + 0x100;
    g_autoptr(Bus) bus = bus_new(3);
    g_autoptr(ListGuard) list = list_new();

    list_begin(list);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
    /* The fill covers the value of the last SF_COLOR below. */
    set_dst(list, 1, address + 4 + 8 * 15 + 4, 4, 0, 0, 1, 1);
    SET(list, SF_COLOR, 0xabcdef01);
    list_go(list);
    SET(list, DST_BASE_ADDR, DST_IOVA);
    SET(list, FG_COLOR, 0);
    SET(list, BG_COLOR, 0);
    SET(list, SF_COLOR, 0);
    list_go(list);
    g_assert_cmphex(g_array_index(list, Pair, 15).offset, ==, FIMG2D_SF_COLOR);
    list_place_part(bus, list, 0, list->len, address, 0);
    check_at(bus, list, address, DEMAND);
    g_assert_cmphex(bus_read(bus, FIMG2D_DST, DST_IOVA), ==, 0x01);
}

/* Addresses of a list are modulo 2^32 too; zero ends a chain only as a link. */
static void test_list_wrap(void)
{
    static const uint32_t starts[] = { 0, 0xfffffffc, 0xfffffff8, 0xffffffc0 };
    uint32_t i, k;

    for (i = 0; i < ARRAY_SIZE(starts); i++) {
        g_autoptr(Bus) bus = bus_new(i);
        g_autoptr(ListGuard) list = list_new();

        list_begin(list);
        SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
        set_dst(list, 1, DST_IOVA, 16, 0, 0, 4, 1);
        SET(list, SF_COLOR, i);
        list_go(list);
        for (k = 0; k < i; k++) {
            list_place_part(bus, list, 0, list->len, LIST_IOVA + 0x800 * k,
                            LIST_IOVA + 0x800 * (k + 1) + k);
        }
        list_place_part(bus, list, 0, list->len, starts[i], LIST_IOVA | i);
        list_place_part(bus, list, 0, list->len, LIST_IOVA + 0x800 * i, i);
        check_at(bus, list, starts[i], DEMAND);
        g_assert_cmpuint(bus->ref.lists, ==, i + 2);
    }
}

/* N is not bounded, the counts are: 8 bits of lists, 16 of blits. */
static void test_counts(void)
{
    g_autoptr(Bus) bus = bus_new(5);
    g_autoptr(ListGuard) list = list_new();
    uint32_t i;

    for (i = 0; i < 0x10005; i++) {
        list_go(list);
    }
    check_list(list, PREMAPPED);

    for (i = 0; i < 300; i++) {
        list_place_part(bus, list, 0, 0, LIST_IOVA + 12 * i,
                        i < 299 ? LIST_IOVA + 12 * (i + 1) : 0);
    }
    check_at(bus, list, LIST_IOVA, PREMAPPED);
}

/* A blit uses the registers as they were when it started. */
static void test_register_copy(void)
{
    g_autoptr(ListGuard) list = list_new();
    uint32_t offset;

    start_raw();
    add_fill(list, 0, 8, 0x77);
    raw_list(RAM_LIST, list, 0);
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST);
    g2d_test_write(qts, G2D_RATE, 1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    run_into_blit();
    for (offset = 0x104; offset < FIMG2D_REGS_END; offset += 4) {
        if (fimg2d_reference_known(offset)) {
            g2d_write(qts, offset, 0xffffffff);
        }
    }
    g_assert_true(g2d_settle(qts));
    for (offset = 0; offset < 8 * 16; offset += 4) {
        g_assert_cmphex(qtest_readl(qts, RAM_DST + offset), ==, 0x77);
    }
    g_assert_cmphex(qtest_readl(qts, RAM_DST + offset), ==, 0);
    g_assert_cmphex(g2d_read(qts, FIMG2D_SF_COLOR), ==, 0xffffffff);
}

static void test_soft_reset(void)
{
    uint32_t bytes;

    start_raw();
    put_fills(2);
    g2d_write(qts, FIMG2D_INTEN, 0xf);
    g2d_test_write(qts, G2D_RATE, 1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    run_into_blit();
    g_assert_false(g2d_idle(qts));
    bytes = g2d_test_read(qts, G2D_BYTES_WRITE);
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_true(g2d_idle(qts));
    assert_registers(0, false);
    g_assert_true(g2d_settle(qts));
    assert_registers(0, false);
    g_assert_cmphex(g2d_test_read(qts, G2D_BYTES_WRITE), ==, bytes);
    g_assert_cmphex(bytes, <, 64);
    g_assert_false(g2d_irq(qts));

    put_fills(2);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_true(g2d_settle(qts));
    assert_status(2, 2, 1);
    g_assert_cmphex(filled(1), ==, 0x02020202);
}

static void test_hang(void)
{
    start_raw();
    put_fills(2);
    g2d_test_write(qts, G2D_HANG, 1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 0);
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_true(g2d_idle(qts));
    g_assert_cmphex(g2d_test_read(qts, G2D_HANG), ==, 0);

    /* In the middle of a job, and a reset that does not help */
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST);
    g2d_test_write(qts, G2D_RATE, 1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    run_into_blit();
    g2d_test_write(qts, G2D_HANG, 2);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 16);
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(g2d_test_read(qts, G2D_HANG), ==, 2);
    g_assert_cmphex(g2d_read(qts, FIMG2D_DMA_SFR_BASE_ADDR), ==, RAM_LIST);
    g2d_test_write(qts, G2D_HANG, 0);
    g_assert_true(g2d_settle(qts));
    assert_status(2, 2, 1);
    g_assert_cmphex(filled(0), ==, 0x01010101);
    g_assert_cmphex(filled(1), ==, 0x02020202);

    /* Only switching it off helps then. */
    g2d_test_write(qts, G2D_HANG, 2);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    qtest_writel(qts, PMU_LCD0, 0);
    qtest_writel(qts, PMU_LCD0, 7);
    g_assert_true(g2d_idle(qts));
    assert_registers(0, false);
}

static void test_power_stuck(void)
{
    start_raw();
    g2d_write(qts, FIMG2D_FG_COLOR, 0x12345678);

    /* On, it stays on, with all that the engine knows... */
    g2d_test_write(qts, G2D_POWER_STUCK, 1);
    g_assert_cmphex(g2d_test_read(qts, G2D_POWER_STUCK), ==, 1);
    switch_domain(0, 7);
    g_assert_cmphex(g2d_read(qts, FIMG2D_FG_COLOR), ==, 0x12345678);

    /* ... until it is let go. */
    g2d_test_write(qts, G2D_POWER_STUCK, 0);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 4) & 7, ==, 0);
    assert_registers(0, false);

    /* Off, it stays off, and only this domain does. */
    g2d_test_write(qts, G2D_POWER_STUCK, 1);
    switch_domain(7, 0);
    qtest_writel(qts, PMU_LCD0 + 0x20, 0);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 0x24) & 7, ==, 0);
    qtest_writel(qts, PMU_LCD0 + 0x20, 7);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 0x24) & 7, ==, 7);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 4) & 7, ==, 0);
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_cmphex(g2d_test_read(qts, G2D_POWER_STUCK), ==, 1);
    g2d_test_write(qts, G2D_POWER_STUCK, 0);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 4) & 7, ==, 7);
}

/* A step follows after the time that the bytes of the one before take. */
static void test_rate(void)
{
    uint32_t row;

    start_raw();
    g2d_write(qts, FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
    g2d_write(qts, FIMG2D_DST_BASE_ADDR, RAM_DST);
    g2d_write(qts, FIMG2D_DST_STRIDE, 16);
    g2d_write(qts, FIMG2D_DST_COLOR_MODE, 1);
    g2d_write(qts, FIMG2D_DST_RIGHT_BOTTOM, xy(4, 4));

    g2d_test_write(qts, G2D_RATE, 2);
    g2d_write(qts, FIMG2D_BITBLT_START, 1);
    qtest_clock_step(qts, 2000);
    for (row = 1; row <= 4; row++) {
        g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 16 * row);
        g_assert_false(g2d_idle(qts));
        qtest_clock_step(qts, 4000);
        g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 16 * row);
        qtest_clock_step(qts, 4000);
    }
    g_assert_true(g2d_idle(qts));

    /* As fast as it can be */
    g2d_test_write(qts, G2D_RATE, 0);
    g2d_write(qts, FIMG2D_BITBLT_START, 1);
    g_assert_false(g2d_idle(qts));
    qtest_clock_step(qts, 6000);
    g_assert_true(g2d_idle(qts));

    /* Three bytes in a nanosecond */
    g2d_test_write(qts, G2D_RATE, 3000);
    g2d_write(qts, FIMG2D_BITBLT_START, 1);
    qtest_clock_step(qts, 2000);
    g_assert_true(g2d_idle(qts));
    g2d_test_write(qts, G2D_RATE, 0);
}

void add_job_tests(void)
{
    qtest_add_func("fimg2d/list/hold-list", test_hold_list);
    qtest_add_func("fimg2d/list/hold-from-list", test_hold_from_list);
    qtest_add_func("fimg2d/list/hold-bitblt", test_hold_bitblt);
    qtest_add_func("fimg2d/list/hold-user", test_hold_user);
    qtest_add_func("fimg2d/list/halt", test_halt);
    qtest_add_func("fimg2d/list/start-while-running",
                   test_start_while_running);
    qtest_add_func("fimg2d/list/interrupts", test_interrupts);
    qtest_add_func("fimg2d/list/sfrclear", test_sfrclear);
    qtest_add_func("fimg2d/list/ignored-pairs", test_ignored_pairs);
    qtest_add_func("fimg2d/list/self-modifying", test_self_modifying);
    qtest_add_func("fimg2d/list/wrap", test_list_wrap);
    qtest_add_func("fimg2d/list/counts", test_counts);
    qtest_add_func("fimg2d/register-copy", test_register_copy);
    qtest_add_func("fimg2d/soft-reset", test_soft_reset);
    qtest_add_func("fimg2d/hang", test_hang);
    qtest_add_func("fimg2d/power-stuck", test_power_stuck);
    qtest_add_func("fimg2d/rate", test_rate);
}
