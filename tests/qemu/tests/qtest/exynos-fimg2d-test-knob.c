/*
 * FIMG2D qtests of the knobs, which choose what the manual leaves open, and of
 * a machine without test pages
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "exynos-fimg2d-test.h"

static void turn_knobs(uint32_t knobs)
{
    g2d_test_write(qts, G2D_KNOBS, knobs);
    g_assert_cmphex(g2d_test_read(qts, G2D_KNOBS), ==, knobs);
}

/*
 * The operand under test ends where its page does, and the next page is not
 * mapped; the others have room in their pages.
 */
static void test_overreach(void)
{
    enum { SRC, MASK, PAT, DST, WRITE, FILL };
    static const struct {
        uint32_t knob, behind;
    } cases[] = {
        [SRC] = { KNOB_OVERREACH_READ, SRC_IOVA + PAGE_BYTES },
        [MASK] = { KNOB_OVERREACH_READ, MASK_IOVA + PAGE_BYTES },
        [PAT] = { KNOB_OVERREACH_READ, PAT_IOVA + PAGE_BYTES },
        [DST] = { KNOB_OVERREACH_READ, DST_IOVA + PAGE_BYTES },
        [WRITE] = { KNOB_OVERREACH_WRITE, DST_IOVA + PAGE_BYTES },
        [FILL] = { KNOB_OVERREACH_WRITE, DST_IOVA + PAGE_BYTES },
    };
    const uint32_t end = PAGE_BYTES - 4 * 64, inside = end - 512;
    uint32_t i;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autoptr(Bus) bus = bus_new(50 + i);
        g_autoptr(ListGuard) list = list_new();
        g_autofree char *expected = fault_text("unexpected", MMU_INT_PAGE,
                                               cases[i].behind);
        g_autofree char *with = NULL, *without = NULL;
        uint32_t address;

        list_begin(list);
        set_src(list, 1, SRC_IOVA + (i == SRC ? end : inside), 64, 0, 0, 16, 4);
        set_mask(list, 2, MASK_IOVA + end + 48, 64, 0, 0, 16, 4);
        set_pattern(list, 1, PAT_IOVA + end, 64, 16, 4, 0, 0);
        set_dst(list, 1, DST_IOVA + (i >= DST ? end : inside), 64, 0, 0, 16, 4);
        SET(list, DST_SELECT, i == DST ? 0 : 2);
        SET(list, ROP4, i == PAT ? 0xf0 : i == DST ? 0x66 : SRCCOPY);
        SET(list, BITBLT_COMMAND, i == MASK ? FIMG2D_COMMAND_MASKING :
                                  i == FILL ? FIMG2D_COMMAND_SOLID_FILL : 0);
        list_go(list);
        address = list_place(bus, list);
        g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

        without = run_device(bus, address, PREMAPPED);
        g_assert_cmpstr(without, ==, NULL);
        turn_knobs(cases[i].knob);
        with = run_device(bus, address, PREMAPPED);
        turn_knobs(0);
        g_assert_cmpstr(with, ==, expected);
    }
}

/* Where there is room, each row has one byte more, and nothing else changes. */
static void test_overreach_inside(void)
{
    g_autoptr(Bus) bus = bus_new(60);
    g_autoptr(ListGuard) list = list_new();
    g_autofree char *read = NULL, *written = NULL;
    uint32_t address, row;

    list_begin(list);
    set_src(list, 2, SRC_IOVA, 64, 3, 0, 16, 8);
    SET(list, SRC_SCALE_CTRL, 2);
    SET(list, SRC_XSCALE, 0x18000);
    SET(list, SRC_YSCALE, 0x8000);
    set_dst(list, 7, DST_IOVA, 64, 1, 0, 9, 8);
    SET(list, ROP4, SRCCOPY);
    SET(list, DST_SELECT, 2);
    list_go(list);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

    set_flag(qts, "g2d", "overreach-read", true);
    g_assert_cmphex(g2d_test_read(qts, G2D_KNOBS), ==, KNOB_OVERREACH_READ);
    read = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(read, ==, NULL);
    set_flag(qts, "g2d", "overreach-read", false);
    set_flag(qts, "g2d", "overreach-write", true);
    g_assert_cmphex(g2d_test_read(qts, G2D_KNOBS), ==, KNOB_OVERREACH_WRITE);
    for (row = 0; row < 8; row++) {
        bus_page(bus, DST_IOVA)->now[64 * row + 30] = 0xee;
    }
    written = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(written, ==, NULL);
    turn_knobs(0);
}

/*
 * A row whose second page is read-only, stalled at its first byte there; then
 * the knobs are turned and the engine is reset.
 */
typedef struct Stuck {
    Page *page;
    uint32_t where;
} Stuck;

static Stuck reset_while_stuck(Bus *bus, uint32_t knobs)
{
    static Tables tables;
    g_autoptr(ListGuard) list = list_new();
    uint32_t address;
    Stuck stuck;

    list_begin(list);
    set_dst(list, 1, DST_IOVA + PAGE_BYTES - 32, 2 * PAGE_BYTES, 0, 0, 16, 2);
    SET(list, SF_COLOR, 0x12345678);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
    list_go(list);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

    start_raw();
    upload(bus, &tables, PREMAPPED);
    stuck.page = bus_find(bus, DST_IOVA + PAGE_BYTES);
    lv2_entry(&tables, stuck.page->iova, &stuck.where);
    qtest_writel(qts, stuck.where, LV2_SMALL_RO(stuck.page->frame));
    mmu_test_write(qts, MMU_FAULTS, 0);
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, address);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(mmu_read(qts, MMU_AW_FAULT), ==, stuck.page->iova);
    g_assert_cmpuint(mmu_test_read(qts, MMU_FAULTS), ==, 1);

    turn_knobs(knobs);
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_cmpint(g2d_settle(qts), ==, !(knobs & KNOB_RESET_WAITS));
    return stuck;
}

/* Let the MMU go on; is there another fault then? */
static bool release_faults(uint32_t address)
{
    uint32_t faults = mmu_test_read(qts, MMU_FAULTS);

    mmu_write(qts, MMU_FLUSH_ENTRY, (address & -PAGE_BYTES) | 1);
    mmu_write(qts, MMU_INT_CLEAR, 0xff);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    g2d_settle(qts);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==,
                    mmu_test_read(qts, MMU_FAULTS) - faults);
    return mmu_test_read(qts, MMU_FAULTS) != faults;
}

/* What the page behind the fault begins with: the held access, or not. */
static void assert_written(const Stuck *stuck, bool written)
{
    uint32_t i, expected;

    for (i = 0; i <= 32; i += 4) {
        expected = written && i < 32 ? 0x12345678 :
                   ldl_le_p(stuck->page->before + i);
        g_assert_cmphex(qtest_readl(qts, stuck->page->frame + i), ==, expected);
    }
}

/* Whatever went before, the engine is good for another job. */
static void assert_usable(void)
{
    turn_knobs(0);
    start_raw();
    put_fills(1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 1, 1);
    g_assert_cmphex(filled(0), ==, 0x01010101);
}

static void test_reset_waits(void)
{
    g_autoptr(Bus) bus = bus_new(70);
    g_autoptr(Bus) other = bus_new(71);
    Stuck stuck = reset_while_stuck(bus, KNOB_RESET_WAITS);

    /* It does not help to ask again, nor to let the access fault again. */
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_false(g2d_settle(qts));
    g_assert_true(release_faults(stuck.page->iova));
    g_assert_false(g2d_settle(qts));
    assert_written(&stuck, false);

    qtest_writel(qts, stuck.where, LV2_SMALL(stuck.page->frame));
    g_assert_false(release_faults(stuck.page->iova));
    g_assert_true(g2d_idle(qts));
    assert_registers(0, false);
    assert_written(&stuck, true);
    assert_usable();

    /* Power that is gone ends everything. */
    mmu_test_write(qts, MMU_BYPASSED, 0);
    stuck = reset_while_stuck(other, KNOB_RESET_WAITS);
    switch_domain(0, 0);
    switch_domain(7, 7);
    g_assert_true(g2d_settle(qts));
    assert_written(&stuck, false);
    g_assert_cmpuint(mmu_test_read(qts, MMU_FAULTS), ==, 1);
    g_assert_cmpuint(mmu_test_read(qts, MMU_BYPASSED), ==, 0);
    assert_usable();
}

static void test_replay_once(void)
{
    g_autoptr(Bus) bus = bus_new(72);
    g_autoptr(Bus) other = bus_new(73);
    Stuck stuck = reset_while_stuck(bus, KNOB_REPLAY_ONCE);

    assert_registers(0, false);
    g_assert_true(release_faults(stuck.page->iova));
    g_assert_cmphex(mmu_read(qts, MMU_AW_FAULT), ==, stuck.page->iova);
    g_assert_false(release_faults(stuck.page->iova));
    assert_written(&stuck, false);
    assert_usable();

    stuck = reset_while_stuck(other, KNOB_REPLAY_ONCE);
    qtest_writel(qts, stuck.where, LV2_SMALL(stuck.page->frame));
    g_assert_false(release_faults(stuck.page->iova));
    assert_written(&stuck, true);
    assert_usable();
}

static void test_replay_until_done(void)
{
    g_autoptr(Bus) bus = bus_new(74);
    g_autoptr(Bus) other = bus_new(75);
    Stuck stuck = reset_while_stuck(bus, KNOB_REPLAY_UNTIL_DONE);
    unsigned i;

    for (i = 0; i < 3; i++) {
        assert_registers(0, false);
        g_assert_true(release_faults(stuck.page->iova));
    }
    qtest_writel(qts, stuck.where, LV2_SMALL(stuck.page->frame));
    g_assert_false(release_faults(stuck.page->iova));
    assert_written(&stuck, true);
    assert_usable();

    /* A job that is started meanwhile waits, and is not harmed. */
    stuck = reset_while_stuck(other, KNOB_REPLAY_UNTIL_DONE);
    put_fills(1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_true(release_faults(stuck.page->iova));
    g_assert_false(g2d_idle(qts));
    turn_knobs(0);
    /* The last replay; the job's own accesses are not mapped. */
    g_assert_true(release_faults(stuck.page->iova));
    g_assert_cmphex(mmu_read(qts, MMU_AW_FAULT), ==, stuck.page->iova);
    mmu_write(qts, MMU_CTRL, MMU_DISABLE);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 1, 1);
    g_assert_cmphex(filled(0), ==, 0x01010101);
    assert_written(&stuck, false);
}

static void test_gcmd_with_acmd(void)
{
    uint32_t n;

    start_raw();
    put_fills(3);
    set_flag(qts, "g2d", "gcmd-with-acmd", true);
    g2d_write(qts, FIMG2D_DMA_HOLD_CMD, FIMG2D_HOLD_LIST);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    for (n = 1; n < 3; n++) {
        g_assert_false(g2d_settle(qts));
        assert_status(n, n, 0);
        assert_pending(FIMG2D_INT_GCMD);
        g2d_write(qts, FIMG2D_INTC_PEND, FIMG2D_INT_GCMD);
        g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    }
    g_assert_true(g2d_settle(qts));
    assert_status(3, 3, 1);
    assert_pending(FIMG2D_INT_GCMD | FIMG2D_INT_ACMD);
    turn_knobs(0);
}

/* Behind the list there is nothing. */
static void test_list_prefetch(void)
{
    g_autoptr(Bus) bus = bus_new(76);
    g_autoptr(ListGuard) list = list_new();
    g_autofree char *expected = fault_text("unexpected", MMU_INT_PAGE,
                                           LIST_IOVA);
    g_autofree char *without = NULL, *with = NULL, *inside = NULL;
    uint32_t address;

    list_begin(list);
    set_dst(list, 1, DST_IOVA, 64, 0, 0, 4, 4);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
    list_go(list);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

    without = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(without, ==, NULL);
    set_number(qts, "g2d", "list-prefetch", 64);
    with = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(with, ==, expected);

    bus_page(bus, LIST_IOVA)->read = true;
    inside = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(inside, ==, NULL);

    /* Where memory ends there is nothing to complain of. */
    g2d_test_write(qts, G2D_LIST_PREFETCH, 4096);
    start_raw();
    qtest_writel(qts, RAM_BASE + 0x3ffffff8, 0);
    qtest_writel(qts, RAM_BASE + 0x3ffffffc, 0);
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_BASE + 0x3ffffff8);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 0, 1);
    g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, 0);
    g2d_test_write(qts, G2D_LIST_PREFETCH, 0);
}

/* The last row is the last of its page. */
static void test_scale_3(void)
{
    g_autoptr(Bus) bus = bus_new(77);
    g_autoptr(ListGuard) list = list_new();
    g_autofree char *expected = fault_text("unexpected", MMU_INT_PAGE,
                                           SRC_IOVA + PAGE_BYTES);
    g_autofree char *without = NULL, *with = NULL, *inside = NULL;
    uint32_t address;

    list_begin(list);
    set_src(list, 1, SRC_IOVA + PAGE_BYTES - 4 * 64, 64, 0, 0, 16, 4);
    set_dst(list, 1, DST_IOVA, 64, 0, 0, 8, 2);
    SET(list, SRC_REPEAT_MODE, 3);
    SET(list, SRC_SCALE_CTRL, 3);
    SET(list, SRC_XSCALE, 0x20000);
    SET(list, SRC_YSCALE, 0x30000);
    SET(list, DST_SELECT, 2);
    SET(list, ROP4, SRCCOPY);
    list_go(list);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));
    g_assert_true(bus->ref.complains);

    without = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(without, ==, NULL);
    turn_knobs(KNOB_SCALE_3_UNBOUNDED);
    with = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(with, ==, expected);

    /* The other modes are what they were. */
    bus_free(g_steal_pointer(&bus));
    bus = bus_new(78);
    g_array_index(list, Pair, list->len - 6).value = 2;
    g_assert_cmphex(g_array_index(list, Pair, list->len - 6).offset, ==,
                    FIMG2D_SRC_SCALE_CTRL);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));
    g_assert_false(bus->ref.complains);
    inside = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(inside, ==, NULL);
    turn_knobs(0);
}

/* Without clock or power nothing answers, and nothing goes on. */
static void test_gated(void)
{
    uint32_t i;

    g_assert_cmphex(qtest_readl(qts, CLK_GATE_IP_IMAGE), ==, 0xffffffff);
    start_raw();
    put_fills(1);
    turn_knobs(0);
    qtest_writel(qts, CLK_GATE_IP_IMAGE, ~1u);
    g2d_write(qts, FIMG2D_FG_COLOR, 0x12345678);
    g_assert_cmphex(g2d_read(qts, FIMG2D_FG_COLOR), ==, 0x12345678);
    g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, 0);

    set_flag(qts, "g2d", "gated", true);
    g_assert_cmphex(g2d_test_read(qts, G2D_KNOBS), ==, KNOB_GATED);
    g_assert_cmphex(g2d_read(qts, FIMG2D_FG_COLOR), ==, 0);
    g2d_write(qts, FIMG2D_FG_COLOR, 1);
    g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, 2);
    qtest_writel(qts, CLK_GATE_IP_IMAGE, 1);
    g_assert_cmphex(qtest_readl(qts, CLK_GATE_IP_IMAGE), ==, 1);
    g_assert_cmphex(g2d_read(qts, FIMG2D_FG_COLOR), ==, 0x12345678);

    /* A job waits for its clock. */
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    qtest_writel(qts, CLK_GATE_IP_IMAGE, 0);
    qtest_clock_step(qts, 1000 * 1000);
    g_assert_cmphex(filled(0), ==, 0);
    qtest_writel(qts, CLK_GATE_IP_IMAGE, 1);
    g_assert_true(g2d_settle(qts));
    g_assert_cmphex(filled(0), ==, 0x01010101);

    qtest_writel(qts, PMU_LCD0, 0);
    g_assert_false(g2d_idle(qts));
    qtest_writel(qts, PMU_LCD0, 7);
    g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, 3);
    g_assert_true(g2d_idle(qts));
    assert_registers(0, false);
    turn_knobs(0);

    /* The System MMU needs the clock of its master as well. */
    mmu_write(qts, MMU_PT_BASE, RAM_BASE);
    mmu_test_write(qts, MMU_LACKING, 0);
    for (i = 0; i < 2; i++) {
        set_flag(qts, "sysmmu-g2d", "gated", i);
        g_assert_cmphex(mmu_test_read(qts, MMU_KNOBS) / MMU_KNOB_GATED, ==, i);
        qtest_writel(qts, CLK_GATE_IP_IMAGE, 8);
        g_assert_cmphex(mmu_read(qts, MMU_PT_BASE), ==, i ? 0 : RAM_BASE);
        qtest_writel(qts, CLK_GATE_IP_IMAGE, 1);
        g_assert_cmphex(mmu_read(qts, MMU_PT_BASE), ==, i ? 0 : RAM_BASE);
        mmu_write(qts, MMU_PT_BASE, i ? 0 : RAM_BASE);
        qtest_writel(qts, CLK_GATE_IP_IMAGE, 9);
        g_assert_cmphex(mmu_read(qts, MMU_PT_BASE), ==, RAM_BASE);
        g_assert_cmpuint(mmu_test_read(qts, MMU_LACKING), ==, 3 * i);
    }
    qtest_writel(qts, PMU_LCD0, 0);
    g_assert_cmphex(mmu_read(qts, MMU_VERSION), ==, 0);
    g_assert_cmpuint(mmu_test_read(qts, MMU_LACKING), ==, 4);
    qtest_writel(qts, PMU_LCD0, 7);
    g_assert_cmphex(mmu_read(qts, MMU_VERSION), ==, 0x80000001);
    mmu_test_write(qts, MMU_KNOBS, 0);
    qtest_writel(qts, CLK_GATE_IP_IMAGE, 0xffffffff);
}

/* The test pages are for those who ask for them. */
static void test_no_test_pages(void)
{
    QTestState *plain = qtest_init("-machine smdkc210 -m 1G");

    g_assert_cmphex(g2d_test_read(plain, G2D_MAGIC), ==, 0);
    g_assert_cmphex(mmu_test_read(plain, 0), ==, 0);
    g_assert_cmphex(mmu_read(plain, MMU_VERSION), ==, 0x80000001);
    g_assert_cmphex(g2d_read(plain, FIMG2D_SRC_SELECT), ==, 1);
    set_flag(plain, "g2d", "gated", true);
    qtest_writel(plain, CLK_GATE_IP_IMAGE, 0);
    g_assert_cmphex(g2d_read(plain, FIMG2D_SRC_SELECT), ==, 0);
    qtest_quit(plain);
}

void add_knob_tests(void)
{
    qtest_add_func("fimg2d/knob/overreach", test_overreach);
    qtest_add_func("fimg2d/knob/overreach-inside", test_overreach_inside);
    qtest_add_func("fimg2d/knob/reset-waits", test_reset_waits);
    qtest_add_func("fimg2d/knob/replay-once", test_replay_once);
    qtest_add_func("fimg2d/knob/replay-until-done", test_replay_until_done);
    qtest_add_func("fimg2d/knob/gcmd-with-acmd", test_gcmd_with_acmd);
    qtest_add_func("fimg2d/knob/list-prefetch", test_list_prefetch);
    qtest_add_func("fimg2d/knob/scale-3", test_scale_3);
    qtest_add_func("fimg2d/knob/gated", test_gated);
    qtest_add_func("fimg2d/no-test-pages", test_no_test_pages);
}
