/*
 * FIMG2D qtests of jobs that stall at a fault of the System MMU
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exynos-fimg2d-test.h"

/* A row of 64 bytes, the second half of which is on the next page */
#define SPLIT_ROW   (DST_IOVA + PAGE_BYTES - 32)

/* Two such rows, to which the source is added */
static void put_addition(List *list)
{
    list_begin(list);
    set_src(list, 1, SRC_IOVA, 64, 0, 0, 16, 2);
    set_dst(list, 1, SPLIT_ROW, 2 * PAGE_BYTES, 0, 0, 16, 2);
    SET(list, BLEND_FUNCTION, 0);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_BLEND(1));
    list_go(list);
}

/*
 * Start a job with the second half of its first row read-only; return that
 * page, and where its entry is.
 */
static Page *start_split(Bus *bus, uint32_t address, uint32_t *where)
{
    static Tables tables;
    Page *page;

    start_raw();
    upload(bus, &tables, PREMAPPED);
    page = bus_find(bus, SPLIT_ROW + 32);
    lv2_entry(&tables, page->iova, where);
    qtest_writel(qts, *where, LV2_SMALL_RO(page->frame));
    mmu_test_write(qts, MMU_FAULTS, 0);
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, address);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    return page;
}

/*
 * A row that adds to its destination has its second half on a page that cannot
 * be written: what is written before the fault must not be added to again.
 */
static void test_fault_in_row(void)
{
    g_autoptr(Bus) bus = bus_new(11);
    g_autoptr(ListGuard) list = list_new();
    g_autofree char *difference = NULL;
    uint32_t address, where, i;
    uint8_t row[32];
    Page *first, *second;

    put_addition(list);
    address = list_place(bus, list);
    for (i = 0; i < 64; i++) {
        bus_put32(bus, SPLIT_ROW + 4 * i, 0x01010101);
        bus_put32(bus, SRC_IOVA + 4 * i, 0x10203040 + i);
    }
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

    first = bus_find(bus, SPLIT_ROW);
    second = start_split(bus, address, &where);

    for (i = 1; i <= 3; i++) {
        g_assert_false(g2d_settle(qts));
        g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, MMU_INT_AW_ACCESS);
        g_assert_cmphex(mmu_read(qts, MMU_AW_FAULT), ==, second->iova);
        g_assert_cmpuint(mmu_test_read(qts, MMU_FAULTS), ==, i);
        g_assert_cmpuint(g2d_test_read(qts, G2D_STALLS), >=, i);
        g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 0);
        qtest_bufread(qts, first->frame + PAGE_BYTES - 32, row, 32);
        g_assert_cmpmem(row, 32, first->now + PAGE_BYTES - 32, 32);
        qtest_bufread(qts, second->frame, row, 32);
        g_assert_cmpmem(row, 32, second->before, 32);
        if (i == 3) {
            qtest_writel(qts, where, LV2_SMALL(second->frame));
        }
        mmu_write(qts, MMU_FLUSH_ENTRY, second->iova | 1);
        mmu_write(qts, MMU_INT_CLEAR, MMU_INT_AW_ACCESS);
        mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    }
    g_assert_true(g2d_settle(qts));
    difference = compare_outcome(bus, PREMAPPED);
    g_assert_cmpstr(difference, ==, NULL);
}

/*
 * The same fault, and the machine moves elsewhere while it is stalled: nothing
 * of the job, the fault or the TLB stays behind.
 */
static void test_migration(void)
{
    g_autoptr(Bus) bus = bus_new(11);
    g_autoptr(ListGuard) list = list_new();
    g_autofree char *difference = NULL;
    g_autofree char *socket = g_strdup_printf("%s/exynos-fimg2d-%d.sock",
                                              g_get_tmp_dir(), getpid());
    g_autofree char *uri = g_strdup_printf("unix:%s", socket);
    QTestState *source = qts, *target;
    uint32_t address, where, i;
    const char *status = "";
    Page *second;

    put_addition(list);
    SET(list, DMA_HOLD_CMD, FIMG2D_HOLD_LIST);
    SET(list, INTEN, 0xf);
    list_go(list);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

    second = start_split(bus, address, &where);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, MMU_INT_AW_ACCESS);
    g2d_test_write(qts, G2D_POWER_STUCK, 1);

    target = qtest_initf(EXYNOS_MACHINE "-incoming %s", uri);
    qtest_qmp_assert_success(source, "{ 'execute': 'migrate', "
                             "'arguments': { 'uri': %s } }", uri);
    for (i = 0; i < 600 && strcmp(status, "completed"); i++) {
        QDict *reply = qtest_qmp(source, "{ 'execute': 'query-migrate' }");

        status = g_intern_string(qdict_get_str(qdict_get_qdict(reply, "return"),
                                               "status"));
        qobject_unref(reply);
        g_usleep(20 * 1000);
    }
    g_assert_cmpstr(status, ==, "completed");
    qtest_qmp_eventwait(target, "RESUME");
    unlink(socket);
    qtest_clock_set(target, qtest_clock_step(source, 1));
    qtest_quit(source);
    qts = target;

    g_assert_cmphex(g2d_test_read(qts, G2D_POWER_STUCK), ==, 1);
    switch_domain(0, 7);
    switch_domain(7, 7);
    g2d_test_write(qts, G2D_POWER_STUCK, 0);

    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 1);
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, MMU_INT_AW_ACCESS);
    g_assert_cmphex(mmu_read(qts, MMU_AW_FAULT), ==, second->iova);
    g_assert_true(mmu_irq(qts));

    /* The refusal is in the TLB, which has moved too. */
    qtest_writel(qts, where, LV2_SMALL(second->frame));
    mmu_write(qts, MMU_INT_CLEAR, MMU_INT_AW_ACCESS);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, MMU_INT_AW_ACCESS);
    mmu_write(qts, MMU_FLUSH_ENTRY, second->iova | 1);
    mmu_write(qts, MMU_INT_CLEAR, MMU_INT_AW_ACCESS);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);

    g_assert_false(g2d_settle(qts));
    assert_status(1, 2, 0);
    assert_pending(FIMG2D_INT_GCMD);
    g_assert_true(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTC_PEND, FIMG2D_INT_GCMD);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_true(g2d_settle(qts));
    difference = compare_outcome(bus, PREMAPPED);
    g_assert_cmpstr(difference, ==, NULL);
}

/* In one row: source, mask, pattern, destination, and then what is written */
static void test_fault_order(void)
{
    static Tables tables;
    static const struct {
        uint32_t status, page;
    } expected[] = {
        { MMU_INT_PAGE, SRC_IOVA }, { MMU_INT_PAGE, MASK_IOVA },
        { MMU_INT_PAGE, PAT_IOVA }, { MMU_INT_PAGE, DST_IOVA },
        { MMU_INT_PAGE, DST_IOVA + PLANE2 }, { MMU_INT_AW_ACCESS, DST_IOVA },
        { MMU_INT_AW_ACCESS, DST_IOVA + PLANE2 },
    };
    g_autoptr(Bus) bus = bus_new(13);
    g_autoptr(ListGuard) list = list_new();
    g_autofree char *difference = NULL;
    uint32_t address, where, status, i;
    Page *page;

    list_begin(list);
    set_src(list, 1, SRC_IOVA, 64, 0, 0, 4, 1);
    set_mask(list, 2, MASK_IOVA, 64, 0, 0, 4, 1);
    set_pattern(list, 1, PAT_IOVA, 64, 4, 1, 0, 0);
    set_dst(list, 10, DST_IOVA, 64, 0, 0, 4, 1);
    SET(list, DST_PLANE2_BASE, DST_IOVA + PLANE2);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_MASKING);
    SET(list, ROP4, 0x96);
    list_go(list);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

    start_raw();
    upload(bus, &tables, DEMAND);
    page = bus_find(bus, address);
    page->mapped = true;
    lv2_entry(&tables, address, &where);
    qtest_writel(qts, where, page_entry(page));
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, address);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    for (i = 0; i < ARRAY_SIZE(expected); i++) {
        g_assert_false(g2d_settle(qts));
        status = mmu_read(qts, MMU_INT_STATUS);
        g_assert_cmphex(status, ==, expected[i].status);
        g_assert_cmphex(mmu_read(qts, status == MMU_INT_PAGE ? MMU_PAGE_FAULT :
                                                               MMU_AW_FAULT),
                        ==, expected[i].page);
        difference = serve_fault(bus, &tables);
        g_assert_cmpstr(difference, ==, NULL);
    }
    g_assert_true(g2d_settle(qts));
    difference = compare_outcome(bus, DEMAND);
    g_assert_cmpstr(difference, ==, NULL);
}

/* A job stopped by a fault is gone after SOFT_RESET, whatever the MMU does. */
static void test_fault_then_reset(void)
{
    static Tables tables;
    g_autoptr(Bus) bus = bus_new(12);
    g_autoptr(ListGuard) list = list_new();
    uint32_t address, where;

    list_begin(list);
    set_src(list, 1, SRC_IOVA, 64, 0, 0, 16, 2);
    set_dst(list, 1, DST_IOVA, 64, 0, 0, 16, 2);
    SET(list, ROP4, SRCCOPY);
    list_go(list);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

    start_raw();
    upload(bus, &tables, PREMAPPED);
    *lv2_entry(&tables, SRC_IOVA, &where) = 0;
    qtest_writel(qts, where, 0);
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, address);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, MMU_INT_PAGE);
    g_assert_cmphex(mmu_read(qts, MMU_PAGE_FAULT) & -PAGE_BYTES, ==, SRC_IOVA);

    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_true(g2d_idle(qts));
    /* The MMU stays as it is until it is told otherwise. */
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, MMU_INT_PAGE);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 1);
    mmu_write(qts, MMU_CTRL, MMU_DISABLE);
    g_assert_true(g2d_settle(qts));
    g_assert_cmphex(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 0);
    assert_registers(0, false);
}

void add_fault_tests(void)
{
    qtest_add_func("fimg2d/fault/in-row", test_fault_in_row);
    qtest_add_func("fimg2d/fault/order", test_fault_order);
    qtest_add_func("fimg2d/fault/then-reset", test_fault_then_reset);
    qtest_add_func("fimg2d/fault/migration", test_migration);
}
