/*
 * QTest for the Exynos System MMU model
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The master is FIMG2D, which fills or copies single pixels: one bus access
 * for each pixel it reads and each it writes.
 */

#include "qemu/osdep.h"
#include "exynos-fimg2d-qtest.h"

#define LV1             RAM_BASE
#define LV2(n)          (RAM_BASE + 0x8000 + 0x400 * (n))
#define FRAME(n)        (RAM_BASE + 0x10000000 + 0x100000 * (n))

#define SECTION         0x10000000u
#define LARGE           0x20000000u
#define SMALL           0x30000000u
#define SCRATCH         0x70000000u
#define SCRATCH_FRAME   (RAM_BASE + 0x100000)

static QTestState *qts;

/* The master */

static void start_fill(uint32_t address, uint32_t value)
{
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g2d_write(qts, FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
    g2d_write(qts, FIMG2D_DST_BASE_ADDR, address);
    g2d_write(qts, FIMG2D_DST_COLOR_MODE, 1);
    g2d_write(qts, FIMG2D_DST_RIGHT_BOTTOM, 0x00010001);
    g2d_write(qts, FIMG2D_SF_COLOR, value);
    g2d_write(qts, FIMG2D_BITBLT_START, 1);
}

/* Copy a pixel into SCRATCH. */
static void start_read(uint32_t address)
{
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g2d_write(qts, FIMG2D_SRC_SELECT, 0);
    g2d_write(qts, FIMG2D_SRC_BASE_ADDR, address);
    g2d_write(qts, FIMG2D_SRC_COLOR_MODE, 1);
    g2d_write(qts, FIMG2D_SRC_RIGHT_BOTTOM, 0x00010001);
    g2d_write(qts, FIMG2D_DST_SELECT, 2);
    g2d_write(qts, FIMG2D_DST_BASE_ADDR, SCRATCH);
    g2d_write(qts, FIMG2D_DST_COLOR_MODE, 1);
    g2d_write(qts, FIMG2D_DST_RIGHT_BOTTOM, 0x00010001);
    g2d_write(qts, FIMG2D_ROP4, 0xcc);
    g2d_write(qts, FIMG2D_BITBLT_START, 1);
}

static bool fill(uint32_t address, uint32_t value)
{
    start_fill(address, value);
    return g2d_settle(qts);
}

static uint32_t memory(uint32_t address)
{
    return qtest_readl(qts, address);
}

/* Does the master reach this memory at this address, both ways? */
static bool reaches(uint32_t address, uint32_t physical)
{
    static uint32_t value = 0x01234567;

    value += 0x11111111;
    qtest_writel(qts, physical, 0);
    if (!fill(address, value) || memory(physical) != value) {
        return false;
    }
    value += 0x11111111;
    qtest_writel(qts, physical, value);
    start_read(address);
    return g2d_settle(qts) && memory(SCRATCH_FRAME) == value;
}

static bool reads(uint32_t address, uint32_t physical)
{
    static uint32_t value = 0x76543210;

    value += 0x11111111;
    qtest_writel(qts, physical, value);
    start_read(address);
    return g2d_settle(qts) && memory(SCRATCH_FRAME) == value;
}

/* Page tables */

static void set_lv1(uint32_t address, uint32_t entry)
{
    qtest_writel(qts, LV1 + 4 * (address >> 20), entry);
}

static void set_lv2(uint32_t n, uint32_t address, uint32_t entry)
{
    qtest_writel(qts, LV2(n) + 4 * (address >> 12 & 255), entry);
}

static void set_large(uint32_t n, uint32_t address, uint32_t entry)
{
    uint32_t i;

    for (i = 0; i < 16; i++) {
        set_lv2(n, (address & 0xffff0000) + 0x1000 * i, entry);
    }
}

/* Drop what the TLB knows of the page that an address is in. */
static void flush_entry(uint32_t address)
{
    mmu_write(qts, MMU_FLUSH_ENTRY, (address & 0xfffff000) | 1);
}

static void check_invariants(void)
{
    uint32_t status = mmu_read(qts, MMU_INT_STATUS);

    g_assert_cmpint(mmu_irq(qts), ==, status != 0);
    if (mmu_read(qts, MMU_CTRL) == MMU_DISABLE) {
        g_assert_cmphex(status, ==, 0);
    }
}

/* Two tables, SCRATCH, and nothing else; the MMU is on. */
static void set_up(void)
{
    uint32_t offset;

    qtest_writel(qts, PMU_LCD0, 7);
    g2d_test_write(qts, G2D_HANG, 0);
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    mmu_write(qts, MMU_CTRL, MMU_DISABLE);
    qtest_memset(qts, LV1, 0, 0x4000);
    qtest_memset(qts, LV2(0), 0, 0x1000);
    set_lv1(LARGE, LV1_LINK(LV2(0)));
    set_lv1(SMALL, LV1_LINK(LV2(1)));
    set_lv1(SCRATCH, LV1_SECTION(SCRATCH_FRAME));
    mmu_write(qts, MMU_INT_CLEAR, 0xff);
    mmu_write(qts, MMU_PT_BASE, LV1);
    mmu_write(qts, MMU_FLUSH, 1);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    for (offset = MMU_BYPASSED; offset <= MMU_FLUSHES; offset += 4) {
        mmu_test_write(qts, offset, 0);
    }
    mmu_test_write(qts, MMU_UNBLOCKABLE, 0);
    check_invariants();
}

static void expect_fault(uint32_t bit, uint32_t address)
{
    static const uint8_t address_of[8] = {
        MMU_PAGE_FAULT, MMU_AR_FAULT, MMU_AW_FAULT, MMU_DEFAULT_SLAVE,
        MMU_AR_FAULT, MMU_AR_FAULT, MMU_AW_FAULT, MMU_AW_FAULT,
    };

    g_assert_false(g2d_idle(qts));
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, 1u << bit);
    g_assert_cmphex(mmu_read(qts, address_of[bit]), ==, address);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 1);
    check_invariants();
}

/* As the kernel does it */
static void clear_and_unblock(void)
{
    mmu_write(qts, MMU_INT_CLEAR, mmu_read(qts, MMU_INT_STATUS));
    check_invariants();
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 1);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 0);
    check_invariants();
}

/* Registers */

static void test_registers(void)
{
    uint32_t offset;

    set_up();
    g_assert_cmphex(mmu_read(qts, MMU_CTRL), ==, MMU_ENABLE);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 0);
    g_assert_cmphex(mmu_read(qts, MMU_PT_BASE), ==, LV1);
    g_assert_cmphex(mmu_read(qts, MMU_VERSION), ==, 0x80000001);
    mmu_write(qts, MMU_CFG, 0x01400781);
    g_assert_cmphex(mmu_read(qts, MMU_CFG), ==, 0x01400781);
    mmu_write(qts, MMU_CTRL, 1);
    g_assert_cmphex(mmu_read(qts, MMU_CTRL), ==, MMU_ENABLE);
    mmu_write(qts, MMU_CTRL, MMU_BLOCK);
    g_assert_cmphex(mmu_read(qts, MMU_CTRL), ==, MMU_BLOCK);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    mmu_write(qts, MMU_VERSION, 0);
    mmu_write(qts, MMU_STATUS, 1);
    mmu_write(qts, MMU_INT_STATUS, 1);
    g_assert_cmphex(mmu_read(qts, MMU_VERSION), ==, 0x80000001);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 0);
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, 0);
    check_invariants();

    /* Nothing there */
    mmu_write(qts, 0x20, 0xffffffff);
    g_assert_cmphex(mmu_read(qts, 0x20), ==, 0);
    g_assert_cmphex(mmu_read(qts, 0x38), ==, 0);
    mmu_test_write(qts, MMU_LINKS, 0xffffffff);
    g_assert_cmphex(mmu_test_read(qts, MMU_LINKS), ==, 0);
    mmu_test_write(qts, 0x24, 0xffffffff);
    g_assert_cmphex(mmu_test_read(qts, 0x24), ==, 0);

    g_assert_cmphex(mmu_test_read(qts, 0), ==, 0x554d4d53);
    mmu_test_write(qts, 0, 0);
    g_assert_cmphex(mmu_test_read(qts, 0), ==, 0x554d4d53);
    for (offset = MMU_BYPASSED; offset <= MMU_TRANSLATED; offset += 4) {
        g_assert_cmphex(mmu_test_read(qts, offset), ==, 0);
    }
}

/* What a machine that is told to quit at once ends with */
static int exit_status(uint32_t version)
{
    g_autofree char *command = g_strdup_printf(
        "echo quit | %s -machine smdkc210 -m 1G -accel qtest -display none "
        "-monitor stdio -global exynos4210-sysmmu.version=0x%x "
        ">/dev/null 2>&1", getenv("QTEST_QEMU_BINARY"), version);
    int status = system(command);

    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_version(void)
{
    static const uint32_t good[] = { 0x10200000, 0x30600000 };
    static const uint32_t bad[] = { 0, 0x0fffffff, 0x40000000, 0x80000002 };
    QTestState *main_qts = qts;
    uint32_t i;

    for (i = 0; i < ARRAY_SIZE(good); i++) {
        qts = qtest_initf(EXYNOS_MACHINE
                          "-global exynos4210-sysmmu.version=0x%x", good[i]);
        g_assert_cmphex(mmu_read(qts, MMU_VERSION), ==, good[i]);
        qtest_quit(qts);
        g_assert_cmpint(exit_status(good[i]), ==, 0);
    }
    qts = main_qts;

    /* Those have another layout of registers. */
    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        g_assert_cmpint(exit_status(bad[i]), ==, 1);
    }
}

/* Translation */

static void test_section(void)
{
    set_up();
    set_lv1(SECTION, LV1_SECTION(FRAME(3)));
    g_assert_true(reaches(SECTION, FRAME(3)));
    g_assert_true(reaches(SECTION + 0x12344, FRAME(3) + 0x12344));
    g_assert_true(reaches(SECTION + 0xffffc, FRAME(3) + 0xffffc));
    g_assert_false(fill(SECTION + 0x100000, 1));
    expect_fault(0, SECTION + 0x100000);

    set_up();
    set_lv1(0xfff00000, LV1_SECTION(FRAME(4)));
    set_lv1(0, LV1_SECTION(FRAME(5)));
    g_assert_true(reaches(0xfffffffc, FRAME(4) + 0xffffc));
    g_assert_true(reaches(0, FRAME(5)));
}

static void test_large(void)
{
    set_up();
    set_large(0, LARGE + 0x50000, LV2_LARGE(FRAME(0) + 0x70000));
    g_assert_true(reaches(LARGE + 0x50000, FRAME(0) + 0x70000));
    g_assert_true(reaches(LARGE + 0x5f7f0, FRAME(0) + 0x7f7f0));
    g_assert_true(reaches(LARGE + 0x5fffc, FRAME(0) + 0x7fffc));
    g_assert_false(fill(LARGE + 0x60000, 1));
    expect_fault(0, LARGE + 0x60000);
    g_assert_false(fill(LARGE + 0x4fffc, 1));
}

static void test_small(void)
{
    set_up();
    set_lv2(1, SMALL + 0x23000, LV2_SMALL(FRAME(1) + 0x5000));
    set_lv2(1, SMALL + 0x24000, LV2_SMALL(FRAME(0) + 0x1000));
    g_assert_true(reaches(SMALL + 0x23000, FRAME(1) + 0x5000));
    g_assert_true(reaches(SMALL + 0x23ffc, FRAME(1) + 0x5ffc));
    g_assert_true(reaches(SMALL + 0x24000, FRAME(0) + 0x1000));
    /* A pixel that lies on both pages */
    qtest_memset(qts, FRAME(1) + 0x5ff8, 0, 8);
    qtest_memset(qts, FRAME(0) + 0x1000, 0, 8);
    g_assert_true(fill(SMALL + 0x23ffe, 0x44332211));
    g_assert_cmphex(memory(FRAME(1) + 0x5ffc), ==, 0x22110000);
    g_assert_cmphex(memory(FRAME(0) + 0x1000), ==, 0x00004433);
    g_assert_false(fill(SMALL + 0x22ffc, 1));
    expect_fault(0, SMALL + 0x22ffc);
}

/* Both small page encodings, and a table in the upper part of its 4 KiB */
static void test_encodings(void)
{
    set_up();
    set_lv1(SMALL, LV1_LINK(LV2(3)));
    set_lv2(3, SMALL, LV2_SMALL(FRAME(1)) | 1);
    g_assert_true(reaches(SMALL + 8, FRAME(1) + 8));
}

static void test_no_entry(void)
{
    static const uint32_t lv1_faults[] = { 0, 3, FRAME(0) | 3 };
    uint32_t i;

    for (i = 0; i < ARRAY_SIZE(lv1_faults); i++) {
        set_up();
        set_lv1(SECTION, lv1_faults[i]);
        g_assert_false(fill(SECTION + 0x1230, 1));
        expect_fault(0, SECTION + 0x1230);
        start_read(SECTION + 0x4560);
        mmu_write(qts, MMU_INT_CLEAR, 1);
        mmu_write(qts, MMU_CTRL, MMU_ENABLE);
        g_assert_false(g2d_settle(qts));
        expect_fault(0, SECTION + 0x4560);
    }
    set_up();
    set_lv2(1, SMALL, FRAME(0) | 1u << 4);
    g_assert_false(fill(SMALL + 0x10, 1));
    expect_fault(0, SMALL + 0x10);
}

static void test_read_only(void)
{
    static const uint32_t places[] = {
        SECTION + 0x40, LARGE + 0x1040, SMALL + 0x40
    };
    uint32_t i;

    for (i = 0; i < ARRAY_SIZE(places); i++) {
        set_up();
        set_lv1(SECTION, LV1_SECTION_RO(FRAME(0)));
        set_large(0, LARGE, LV2_LARGE_RO(FRAME(0)));
        set_lv2(1, SMALL, LV2_SMALL_RO(FRAME(0)));
        g_assert_true(reads(places[i], FRAME(0) + (places[i] & 0xfffff)));
        qtest_writel(qts, FRAME(0) + (places[i] & 0xfffff), 0x600df00d);
        g_assert_false(fill(places[i], 0xbadbad));
        expect_fault(7, places[i]);
        g_assert_cmphex(memory(FRAME(0) + (places[i] & 0xfffff)), ==,
                        0x600df00d);

        set_lv1(SECTION, LV1_SECTION(FRAME(0)));
        set_large(0, LARGE, LV2_LARGE(FRAME(0)));
        set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
        flush_entry(places[i]);
        clear_and_unblock();
        g_assert_true(g2d_settle(qts));
        g_assert_cmphex(memory(FRAME(0) + (places[i] & 0xfffff)), ==,
                        0xbadbad);
    }
}

/* Entries that give no access at all */
static void test_no_access(void)
{
    set_up();
    set_lv1(SECTION, FRAME(0) | 2);
    set_lv2(1, SMALL, FRAME(0) | 2);
    g_assert_false(fill(SECTION + 0x40, 1));
    expect_fault(7, SECTION + 0x40);
    set_up();
    set_lv1(SECTION, FRAME(0) | 2);
    set_lv2(1, SMALL, FRAME(0) | 2);
    start_read(SMALL + 0x40);
    g_assert_false(g2d_settle(qts));
    expect_fault(5, SMALL + 0x40);
}

/* Tables where there is no memory, or none at all */
static void test_bus_error(void)
{
    static const uint32_t places[] = { 0x90000000, G2D_BASE };
    uint32_t i;

    for (i = 0; i < ARRAY_SIZE(places); i++) {
        set_up();
        set_lv1(SECTION, LV1_LINK(places[i]));
        g_assert_false(fill(SECTION + 0x40, 1));
        expect_fault(3, SECTION + 0x40);
        set_lv1(SECTION, LV1_SECTION(FRAME(0)));
        clear_and_unblock();
        g_assert_true(g2d_settle(qts));

        set_up();
        mmu_write(qts, MMU_PT_BASE, places[i]);
        start_read(SMALL + 0x80);
        g_assert_false(g2d_settle(qts));
        expect_fault(3, SMALL + 0x80);
    }
}

/* The TLB */

static void test_stale_small(void)
{
    set_up();
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    set_lv2(1, SMALL + 0x1000, LV2_SMALL(FRAME(0) + 0x1000));
    g_assert_true(reaches(SMALL, FRAME(0)));
    g_assert_true(reaches(SMALL + 0x1000, FRAME(0) + 0x1000));

    set_lv2(1, SMALL, LV2_SMALL(FRAME(1)));
    set_lv2(1, SMALL + 0x1000, 0);
    g_assert_true(reaches(SMALL + 0x10, FRAME(0) + 0x10));
    g_assert_true(reaches(SMALL + 0x1010, FRAME(0) + 0x1010));

    /* Another page's entry */
    flush_entry(SMALL + 0x2000);
    g_assert_true(reaches(SMALL, FRAME(0)));
    /* Both flushes need their bit. */
    mmu_write(qts, MMU_FLUSH, 0xfffffffe);
    mmu_write(qts, MMU_FLUSH_ENTRY, SMALL);
    g_assert_true(reaches(SMALL, FRAME(0)));

    flush_entry(SMALL);
    g_assert_true(reaches(SMALL, FRAME(1)));
    g_assert_true(reaches(SMALL + 0x1000, FRAME(0) + 0x1000));

    mmu_write(qts, MMU_FLUSH, 1);
    g_assert_true(reaches(SMALL, FRAME(1)));
    g_assert_false(fill(SMALL + 0x1000, 1));
    expect_fault(0, SMALL + 0x1000);
}

static void test_stale_large_and_section(void)
{
    set_up();
    set_large(0, LARGE, LV2_LARGE(FRAME(0)));
    set_lv1(SECTION, LV1_SECTION(FRAME(1)));
    g_assert_true(reaches(LARGE + 0x1000, FRAME(0) + 0x1000));
    g_assert_true(reaches(SECTION + 0x1000, FRAME(1) + 0x1000));
    set_large(0, LARGE, LV2_LARGE(FRAME(2)));
    set_lv1(SECTION, LV1_SECTION(FRAME(3)));
    /* The entry is the whole page's or section's. */
    g_assert_true(reaches(LARGE + 0xe000, FRAME(0) + 0xe000));
    g_assert_true(reaches(SECTION + 0xee000, FRAME(1) + 0xee000));
    flush_entry(LARGE + 0x10000);
    flush_entry(SECTION + 0x100000);
    g_assert_true(reaches(LARGE + 0x1000, FRAME(0) + 0x1000));
    g_assert_true(reaches(SECTION + 0x1000, FRAME(1) + 0x1000));
    flush_entry(LARGE + 0xf000);
    flush_entry(SECTION + 0xff000);
    g_assert_true(reaches(LARGE + 0x1000, FRAME(2) + 0x1000));
    g_assert_true(reaches(SECTION + 0x1000, FRAME(3) + 0x1000));
}

static void test_stale_permission(void)
{
    set_up();
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    g_assert_true(reaches(SMALL, FRAME(0)));
    set_lv2(1, SMALL, LV2_SMALL_RO(FRAME(0)));
    g_assert_true(reaches(SMALL, FRAME(0)));
    flush_entry(SMALL);
    g_assert_false(fill(SMALL, 1));
    expect_fault(7, SMALL);

    /* And the other way round: a stale refusal */
    set_up();
    set_lv2(1, SMALL, LV2_SMALL_RO(FRAME(0)));
    g_assert_true(reads(SMALL, FRAME(0)));
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    g_assert_false(fill(SMALL, 1));
    expect_fault(7, SMALL);
    clear_and_unblock();
    g_assert_false(g2d_settle(qts));
    expect_fault(7, SMALL);
    flush_entry(SMALL);
    clear_and_unblock();
    g_assert_true(g2d_settle(qts));
}

/* Two entries for one address */
static void test_multi_hit(void)
{
    uint32_t i;

    for (i = 0; i < 2; i++) {
        set_up();
        set_lv2(1, SMALL + 0x1000, LV2_SMALL(FRAME(0)));
        g_assert_true(reaches(SMALL + 0x1000, FRAME(0)));
        set_lv1(SMALL, LV1_SECTION(FRAME(1)));
        g_assert_true(reaches(SMALL + 0x2000, FRAME(1) + 0x2000));
        if (i) {
            start_fill(SMALL + 0x1040, 1);
        } else {
            start_read(SMALL + 0x1040);
        }
        g_assert_false(g2d_settle(qts));
        expect_fault(1 + i, SMALL + 0x1040);
        flush_entry(SMALL + 0x1000);
        clear_and_unblock();
        g_assert_true(g2d_settle(qts));
        g_assert_true(reaches(SMALL + 0x1000, FRAME(1) + 0x1000));
    }
}

static void test_tlb_dropped_by_disable(void)
{
    set_up();
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    g_assert_true(reaches(SMALL, FRAME(0)));
    g_assert_cmpuint(mmu_test_read(qts, MMU_TLB_ENTRIES), >, 0);
    set_lv2(1, SMALL, LV2_SMALL(FRAME(1)));
    /* Blocking, and another table, drop nothing. */
    mmu_write(qts, MMU_CTRL, MMU_BLOCK);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    mmu_write(qts, MMU_PT_BASE, LV1);
    g_assert_true(reaches(SMALL, FRAME(0)));
    mmu_write(qts, MMU_CTRL, MMU_DISABLE);
    g_assert_cmpuint(mmu_test_read(qts, MMU_TLB_ENTRIES), ==, 0);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    g_assert_true(reaches(SMALL, FRAME(1)));
}

static void test_counters(void)
{
    uint32_t n;

    set_up();
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    set_lv2(1, SMALL + 0x1000, LV2_SMALL(FRAME(1)));
    g_assert_cmpuint(mmu_test_read(qts, MMU_TLB_ENTRIES), ==, 0);
    for (n = 1; n <= 3; n++) {
        g_assert_true(fill(SMALL + 4 * n, n));
        g_assert_cmpuint(mmu_test_read(qts, MMU_TRANSLATED), ==, n);
        g_assert_cmpuint(mmu_test_read(qts, MMU_MISSES), ==, 1);
        g_assert_cmpuint(mmu_test_read(qts, MMU_TLB_ENTRIES), ==, 1);
    }
    g_assert_true(fill(SMALL + 0x1000, 1));
    g_assert_cmpuint(mmu_test_read(qts, MMU_TRANSLATED), ==, 4);
    g_assert_cmpuint(mmu_test_read(qts, MMU_MISSES), ==, 2);
    g_assert_cmpuint(mmu_test_read(qts, MMU_TLB_ENTRIES), ==, 2);
    g_assert_cmpuint(mmu_test_read(qts, MMU_FLUSHES), ==, 0);
    flush_entry(SMALL);
    g_assert_cmpuint(mmu_test_read(qts, MMU_FLUSHES), ==, 1);
    g_assert_cmpuint(mmu_test_read(qts, MMU_TLB_ENTRIES), ==, 1);
    g_assert_true(fill(SMALL, 1));
    g_assert_cmpuint(mmu_test_read(qts, MMU_MISSES), ==, 3);
    mmu_write(qts, MMU_FLUSH, 1);
    g_assert_cmpuint(mmu_test_read(qts, MMU_FLUSHES), ==, 2);
    g_assert_cmpuint(mmu_test_read(qts, MMU_TLB_ENTRIES), ==, 0);
    g_assert_cmpuint(mmu_test_read(qts, MMU_BYPASSED), ==, 0);
    g_assert_cmpuint(mmu_test_read(qts, MMU_FAULTS), ==, 0);

    for (n = MMU_BYPASSED; n <= MMU_FLUSHES; n += 4) {
        mmu_test_write(qts, n, 0x1234);
        g_assert_cmpuint(mmu_test_read(qts, n), ==, 0);
    }
}

/* Faults */

static void test_fault_and_retry(void)
{
    uint32_t n;

    set_up();
    qtest_writel(qts, FRAME(0) + 0x20, 0x600df00d);
    g_assert_false(fill(SMALL + 0x20, 0x11223344));
    expect_fault(0, SMALL + 0x20);
    g_assert_cmpuint(mmu_test_read(qts, MMU_FAULTS), ==, 1);

    /* Time alone changes nothing, nor does mapping the page. */
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    mmu_write(qts, MMU_FLUSH, 1);
    g_assert_false(g2d_settle(qts));
    expect_fault(0, SMALL + 0x20);
    set_lv2(1, SMALL, 0);

    /* The cause is still there. */
    for (n = 2; n < 5; n++) {
        clear_and_unblock();
        g_assert_false(g2d_settle(qts));
        expect_fault(0, SMALL + 0x20);
        g_assert_cmpuint(mmu_test_read(qts, MMU_FAULTS), ==, n);
    }
    g_assert_cmphex(memory(FRAME(0) + 0x20), ==, 0x600df00d);

    /* Faults are not cached: no flush is needed. */
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    clear_and_unblock();
    g_assert_true(g2d_settle(qts));
    g_assert_cmphex(memory(FRAME(0) + 0x20), ==, 0x11223344);
    g_assert_cmpuint(mmu_test_read(qts, MMU_FAULTS), ==, n - 1);
    check_invariants();
}

static void test_first_fault_stays(void)
{
    set_up();
    g_assert_false(fill(SMALL + 0x20, 1));
    expect_fault(0, SMALL + 0x20);

    /* Blocked: another access raises nothing. */
    start_fill(SECTION + 0x40, 1);
    g_assert_false(g2d_settle(qts));
    expect_fault(0, SMALL + 0x20);
    g_assert_cmpuint(mmu_test_read(qts, MMU_FAULTS), ==, 1);

    /* Unblocked without clearing: it faults, and the first one stays. */
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    g_assert_false(g2d_settle(qts));
    expect_fault(0, SMALL + 0x20);
    g_assert_cmpuint(mmu_test_read(qts, MMU_FAULTS), ==, 1);

    /* A wrong bit clears nothing. */
    mmu_write(qts, MMU_INT_CLEAR, 0xfe);
    expect_fault(0, SMALL + 0x20);

    clear_and_unblock();
    g_assert_false(g2d_settle(qts));
    expect_fault(0, SECTION + 0x40);
    g_assert_cmpuint(mmu_test_read(qts, MMU_FAULTS), ==, 2);

    /* Cleared but blocked: the line falls, nothing moves. */
    set_lv1(SECTION, LV1_SECTION(FRAME(0)));
    mmu_write(qts, MMU_INT_CLEAR, 1);
    check_invariants();
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, 0);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 1);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, 0);

    /* Unblocked first and cleared later: the line stays until then. */
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    g_assert_true(g2d_settle(qts));
    g_assert_false(fill(SMALL, 1));
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    g_assert_true(g2d_settle(qts));
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, MMU_INT_PAGE);
    check_invariants();
    mmu_write(qts, MMU_INT_CLEAR, MMU_INT_PAGE);
    check_invariants();
}

static void test_block(void)
{
    set_up();
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    qtest_writel(qts, FRAME(0), 0);
    mmu_write(qts, MMU_CTRL, MMU_BLOCK);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 1);
    g_assert_false(fill(SMALL, 0x12345678));
    g_assert_cmphex(memory(FRAME(0)), ==, 0);
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, 0);
    g_assert_cmpuint(mmu_test_read(qts, MMU_FAULTS), ==, 0);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 0);
    g_assert_true(g2d_settle(qts));
    g_assert_cmphex(memory(FRAME(0)), ==, 0x12345678);

    /* What would fault does not while it is blocked, but after. */
    mmu_write(qts, MMU_CTRL, MMU_BLOCK);
    g_assert_false(fill(SMALL + 0x1000, 1));
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, 0);
    check_invariants();
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    g_assert_false(g2d_settle(qts));
    expect_fault(0, SMALL + 0x1000);
}

/* Not to be blocked by the CPU; by a fault it is all the same. */
static void test_unblockable(void)
{
    set_up();
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    mmu_test_write(qts, MMU_UNBLOCKABLE, 1);
    g_assert_cmphex(mmu_test_read(qts, MMU_UNBLOCKABLE), ==, 1);
    mmu_write(qts, MMU_CTRL, MMU_BLOCK);
    g_assert_cmphex(mmu_read(qts, MMU_CTRL), ==, MMU_BLOCK);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 0);
    g_assert_true(fill(SMALL, 0x12345678));
    g_assert_cmphex(memory(FRAME(0)), ==, 0x12345678);
    mmu_test_write(qts, MMU_UNBLOCKABLE, 0);
    mmu_write(qts, MMU_CTRL, MMU_BLOCK);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 1);
    mmu_test_write(qts, MMU_UNBLOCKABLE, 1);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 0);
    g_assert_false(fill(SMALL + 0x1000, 1));
    expect_fault(0, SMALL + 0x1000);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 1);
}

static void test_bypass(void)
{
    set_up();
    mmu_write(qts, MMU_CTRL, MMU_DISABLE);
    qtest_writel(qts, FRAME(0), 0);
    g_assert_true(fill(FRAME(0), 0x12345678));
    g_assert_cmphex(memory(FRAME(0)), ==, 0x12345678);
    g_assert_cmpuint(mmu_test_read(qts, MMU_BYPASSED), ==, 1);
    g_assert_cmpuint(mmu_test_read(qts, MMU_TRANSLATED), ==, 0);
    check_invariants();

    /* Disabled while a fault is pending: it is dropped, the access bypasses. */
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    g_assert_false(fill(FRAME(0), 0x87654321));
    expect_fault(0, FRAME(0));
    mmu_write(qts, MMU_CTRL, MMU_DISABLE);
    check_invariants();
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 0);
    g_assert_true(g2d_settle(qts));
    g_assert_cmphex(memory(FRAME(0)), ==, 0x87654321);
    g_assert_cmpuint(mmu_test_read(qts, MMU_BYPASSED), ==, 2);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    check_invariants();
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, 0);
}

/* Which faults from SMALL + 0xe0000 on are kept by a walk for @page? */
static void kept_faults(uint32_t version, uint32_t page, uint32_t first,
                        uint32_t end)
{
    uint32_t i;

    mmu_test_write(qts, MMU_NEGATIVE, version);
    g_assert_cmpuint(mmu_test_read(qts, MMU_NEGATIVE), ==, version);
    for (i = 0; i < 2; i++) {
        uint32_t edge = i ? end : first;

        set_up();
        set_lv1(SMALL + 0x100000, LV1_LINK(LV2(2)));
        set_lv2(1 + (page >> 20), SMALL + page, LV2_SMALL(FRAME(0)));
        g_assert_true(fill(SMALL + page, 1));
        g_assert_cmpuint(mmu_test_read(qts, MMU_TLB_ENTRIES), ==, 1);
        set_lv2(1 + (edge >> 20), SMALL + edge, LV2_SMALL(FRAME(1)));
        set_lv2(1 + ((edge - 0x1000) >> 20), SMALL + edge - 0x1000,
                LV2_SMALL(FRAME(1)));
        /* One of the two sides of the edge is kept, the other one is not. */
        g_assert_true(reaches(SMALL + edge - (i ? 0 : 0x1000), FRAME(1)));
        g_assert_false(fill(SMALL + edge - (i ? 0x1000 : 0), 1));
        expect_fault(0, SMALL + edge - (i ? 0x1000 : 0));
        flush_entry(SMALL + edge - (i ? 0x1000 : 0));
        clear_and_unblock();
        g_assert_true(g2d_settle(qts));
    }
}

static void test_negative_caching(void)
{
    set_number(qts, "sysmmu-g2d", "negative-caching", 1);
    g_assert_cmpuint(mmu_test_read(qts, MMU_NEGATIVE), ==, 1);
    set_up();
    g_assert_false(fill(SMALL + 0x20, 0x11223344));
    expect_fault(0, SMALL + 0x20);
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    clear_and_unblock();
    g_assert_false(g2d_settle(qts));
    expect_fault(0, SMALL + 0x20);
    flush_entry(SMALL);
    clear_and_unblock();
    g_assert_true(g2d_settle(qts));
    g_assert_cmphex(memory(FRAME(0) + 0x20), ==, 0x11223344);
    g_assert_false(fill(SMALL + 0x41000, 1));
    set_lv2(1, SMALL + 0x41000, LV2_SMALL(FRAME(0)));
    mmu_write(qts, MMU_FLUSH, 1);
    clear_and_unblock();
    g_assert_true(g2d_settle(qts));

    kept_faults(1, 0x68000, 0x60000, 0x80000);
    kept_faults(1, 0x98000, 0x80000, 0xa0000);
    kept_faults(2, 0x68000, 0x40000, 0x80000);
    kept_faults(2, 0x98000, 0x80000, 0xc0000);
    kept_faults(3, 0x68000, 0x60000, 0xa0000);
    kept_faults(3, 0xe1000, 0xe0000, 0x120000);

    /* What is not there is not kept, and where memory ends nothing is. */
    set_up();
    set_lv2(1, SMALL + 0xff000, LV2_SMALL(FRAME(0)));
    g_assert_true(fill(SMALL + 0xff000, 1));
    set_lv1(SMALL + 0x100000, LV1_LINK(LV2(2)));
    set_lv2(2, SMALL + 0x100000, LV2_SMALL(FRAME(1)));
    g_assert_true(reaches(SMALL + 0x100000, FRAME(1)));
    set_up();
    set_lv1(0xfff00000, LV1_LINK(LV2(1)));
    set_lv1(0, LV1_LINK(LV2(2)));
    set_lv2(1, 0xfffff000, LV2_SMALL(FRAME(0)));
    g_assert_true(fill(0xfffff000, 1));
    set_lv2(2, 0, LV2_SMALL(FRAME(1)));
    g_assert_true(reaches(0, FRAME(1)));

    mmu_test_write(qts, MMU_NEGATIVE, 4);
    g_assert_cmpuint(mmu_test_read(qts, MMU_NEGATIVE), ==, 3);
    mmu_test_write(qts, MMU_NEGATIVE, 0);
}

/* Of more pages than there are entries, some have to be walked for again. */
static void test_tlb_size(void)
{
    uint32_t i, k, misses[2];

    for (k = 0; k < 2; k++) {
        set_number(qts, "sysmmu-g2d", "tlb-size", k ? 16 : 0);
        g_assert_cmpuint(mmu_test_read(qts, MMU_TLB_SIZE), ==, k ? 16 : 0);
        set_up();
        for (i = 0; i < 64; i++) {
            set_lv2(1, SMALL + 0x1000 * i, LV2_SMALL(FRAME(0) + 0x1000 * i));
        }
        for (i = 0; i < 256; i++) {
            g_assert_true(fill(SMALL + 0x1000 * (i % 64), i));
            g_assert_cmpuint(memory(FRAME(0) + 0x1000 * (i % 64)), ==, i);
        }
        misses[k] = mmu_test_read(qts, MMU_MISSES);
        g_assert_cmpuint(mmu_test_read(qts, MMU_TLB_ENTRIES), ==, k ? 16 : 64);
    }
    g_assert_cmpuint(misses[0], ==, 64);
    g_assert_cmpuint(misses[1], >, 128);

    /* What is kept is as stale as ever, and less room is less at once. */
    mmu_test_write(qts, MMU_TLB_SIZE, 4);
    g_assert_cmpuint(mmu_test_read(qts, MMU_TLB_ENTRIES), ==, 4);
    set_up();
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    g_assert_true(reaches(SMALL, FRAME(0)));
    set_lv2(1, SMALL, LV2_SMALL(FRAME(1)));
    g_assert_true(reaches(SMALL, FRAME(0)));
    mmu_test_write(qts, MMU_TLB_SIZE, 32769);
    g_assert_cmpuint(mmu_test_read(qts, MMU_TLB_SIZE), ==, 4);
    mmu_test_write(qts, MMU_TLB_SIZE, 0);
}

static void test_block_delay(void)
{
    uint32_t i;

    set_number(qts, "sysmmu-g2d", "block-delay", 5);
    set_up();
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    mmu_write(qts, MMU_CTRL, MMU_BLOCK);
    /* Accesses still take place. */
    g_assert_true(reaches(SMALL, FRAME(0)));
    for (i = 1; i < 5; i++) {
        g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 0);
    }
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 1);
    g_assert_false(fill(SMALL, 7));
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    g_assert_true(g2d_settle(qts));
    g_assert_cmpuint(memory(FRAME(0)), ==, 7);

    /* What has been given up does not come later. */
    mmu_write(qts, MMU_CTRL, MMU_BLOCK);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    for (i = 0; i < 10; i++) {
        g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 0);
    }
    /* A fault does not wait. */
    mmu_write(qts, MMU_CTRL, MMU_BLOCK);
    g_assert_false(fill(SMALL + 0x1000, 7));
    expect_fault(0, SMALL + 0x1000);
    mmu_test_write(qts, MMU_BLOCK_DELAY, 0);
    set_up();
}

static void test_eap(void)
{
    static const struct {
        bool knob;
        uint32_t cfg;
        bool checked;
    } cases[] = {
        { false, 0, true }, { false, 4, true },
        { true, 0, false }, { true, 4, true }, { true, 0xfb, false },
    };
    uint32_t i;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        set_flag(qts, "sysmmu-g2d", "eap", cases[i].knob);
        g_assert_cmphex(mmu_test_read(qts, MMU_KNOBS) / MMU_KNOB_EAP, ==,
                        cases[i].knob);
        set_up();
        mmu_write(qts, MMU_CFG, cases[i].cfg);
        set_lv1(SECTION, LV1_SECTION_RO(FRAME(1)));
        set_lv2(1, SMALL, LV2_SMALL_RO(FRAME(0)));
        set_large(0, LARGE, FRAME(2) | 1);
        g_assert_cmpint(fill(SECTION, 1), ==, !cases[i].checked);
        mmu_write(qts, MMU_CTRL, MMU_DISABLE);
        mmu_write(qts, MMU_CTRL, MMU_ENABLE);
        g_assert_cmpint(fill(SMALL, 1), ==, !cases[i].checked);
        mmu_write(qts, MMU_CTRL, MMU_DISABLE);
        mmu_write(qts, MMU_CTRL, MMU_ENABLE);
        g_assert_cmpint(reads(LARGE, FRAME(2)), ==, !cases[i].checked);
        set_up();
    }
    mmu_test_write(qts, MMU_KNOBS, 0);
    mmu_write(qts, MMU_CFG, 0);
}

/*
 * Walk for a page of SMALL, then replace the link of the next MiB by a section.
 * Returns how many links are kept.
 */
static uint32_t links_after_walk(uint32_t cfg, uint32_t page)
{
    set_up();
    mmu_write(qts, MMU_CFG, cfg);
    set_lv2(1, SMALL + page, LV2_SMALL(FRAME(0) + page));
    set_lv1(SMALL + 0x100000, LV1_LINK(LV2(2)));
    g_assert_true(reaches(SMALL + page, FRAME(0) + page));
    g_assert_cmpuint(mmu_test_read(qts, MMU_TLB_ENTRIES), ==, 2);
    set_lv1(SMALL + 0x100000, LV1_SECTION(FRAME(1)));
    return mmu_test_read(qts, MMU_LINKS);
}

static void test_flpd_cache(void)
{
    const uint32_t on = 1u << 20, next = SMALL + 0x100000;

    /* Without the property the bit has no meaning. */
    g_assert_cmpuint(links_after_walk(on, 0xff000), ==, 0);
    g_assert_true(reaches(next, FRAME(1)));

    set_flag(qts, "sysmmu-g2d", "flpd-cache", true);
    g_assert_cmphex(mmu_test_read(qts, MMU_KNOBS), ==, MMU_KNOB_FLPD_CACHE);
    g_assert_cmpuint(links_after_walk(0, 0xff000), ==, 0);
    g_assert_true(reaches(next, FRAME(1)));
    g_assert_cmpuint(links_after_walk(on, 0xdf000), ==, 0);
    g_assert_true(reaches(next, FRAME(1)));

    /* The link leads to a table that has nothing, and later something. */
    g_assert_cmpuint(links_after_walk(on, 0xe0000), ==, 1);
    g_assert_false(fill(next + 0x45678, 0x11223344));
    expect_fault(0, next + 0x45678);
    set_lv2(2, next + 0x45000, LV2_SMALL(FRAME(2)));
    clear_and_unblock();
    g_assert_true(g2d_settle(qts));
    g_assert_cmphex(memory(FRAME(2) + 0x678), ==, 0x11223344);

    /* What drops it, and what does not */
    g_assert_cmpuint(links_after_walk(on, 0xff000), ==, 1);
    flush_entry(next - 0x1000);
    flush_entry(next + 0x100000);
    g_assert_cmpuint(mmu_test_read(qts, MMU_LINKS), ==, 1);
    g_assert_false(fill(next, 1));
    expect_fault(0, next);
    flush_entry(next + 0x7b000);
    g_assert_cmpuint(mmu_test_read(qts, MMU_LINKS), ==, 0);
    clear_and_unblock();
    g_assert_true(g2d_settle(qts));
    g_assert_true(reaches(next, FRAME(1)));

    g_assert_cmpuint(links_after_walk(on, 0xff000), ==, 1);
    mmu_write(qts, MMU_FLUSH, 1);
    g_assert_cmpuint(mmu_test_read(qts, MMU_LINKS), ==, 0);
    g_assert_true(reaches(next, FRAME(1)));

    g_assert_cmpuint(links_after_walk(on, 0xff000), ==, 1);
    mmu_write(qts, MMU_CTRL, MMU_DISABLE);
    g_assert_cmpuint(mmu_test_read(qts, MMU_LINKS), ==, 0);

    /* A section is not kept, and the last MiB has none after it. */
    set_up();
    mmu_write(qts, MMU_CFG, on);
    set_lv1(next, LV1_SECTION(FRAME(1)));
    set_lv2(1, next - 0x1000, LV2_SMALL(FRAME(0)));
    g_assert_true(reaches(next - 0x1000, FRAME(0)));
    set_lv1(0xfff00000, LV1_LINK(LV2(1)));
    set_lv1(0, LV1_LINK(LV2(2)));
    g_assert_true(reaches(0xfffff000, FRAME(0)));
    g_assert_cmpuint(mmu_test_read(qts, MMU_LINKS), ==, 0);
    mmu_test_write(qts, MMU_KNOBS, 0);
    mmu_write(qts, MMU_CFG, 0);
}

/* Power */

static void test_power_domain(void)
{
    uint32_t faults;

    set_up();
    g2d_write(qts, FIMG2D_FG_COLOR, 0x12345678);
    mmu_write(qts, MMU_CFG, 1);
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    g_assert_true(reaches(SMALL, FRAME(0)));
    g_assert_false(fill(SMALL + 0x1000, 1));
    expect_fault(0, SMALL + 0x1000);
    faults = mmu_test_read(qts, MMU_FAULTS);
    g_assert_cmpuint(faults, ==, 1);

    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 4) & 7, ==, 7);
    qtest_writel(qts, PMU_LCD0, 0);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 4) & 7, ==, 0);
    g_assert_false(mmu_irq(qts));
    qtest_writel(qts, PMU_LCD0, 7);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 4) & 7, ==, 7);

    g_assert_cmphex(mmu_read(qts, MMU_CTRL), ==, MMU_DISABLE);
    g_assert_cmphex(mmu_read(qts, MMU_CFG), ==, 0);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 0);
    g_assert_cmphex(mmu_read(qts, MMU_PT_BASE), ==, 0);
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, 0);
    g_assert_cmphex(mmu_read(qts, MMU_PAGE_FAULT), ==, 0);
    g_assert_cmphex(mmu_read(qts, MMU_VERSION), ==, 0x80000001);
    g_assert_cmpuint(mmu_test_read(qts, MMU_TLB_ENTRIES), ==, 0);
    g_assert_cmpuint(mmu_test_read(qts, MMU_FAULTS), ==, faults);
    check_invariants();

    /* The engine's job went with its power. */
    g_assert_true(g2d_idle(qts));
    g_assert_cmphex(g2d_read(qts, FIMG2D_FG_COLOR), ==, 0);
    g_assert_cmphex(g2d_read(qts, FIMG2D_SRC_SELECT), ==, 1);
    g_assert_cmphex(g2d_read(qts, FIMG2D_DST_BASE_ADDR), ==, 0);
    g_assert_true(g2d_settle(qts));
    g_assert_cmpuint(mmu_test_read(qts, MMU_BYPASSED), ==, 0);

    /* Other domains are their own. */
    mmu_write(qts, MMU_CFG, 1);
    qtest_writel(qts, PMU_LCD0 - 0x80, 0);
    qtest_writel(qts, PMU_LCD0 + 0x20, 0);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 - 0x80 + 4) & 7, ==, 0);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 4) & 7, ==, 7);
    g_assert_cmphex(mmu_read(qts, MMU_CFG), ==, 1);
    qtest_writel(qts, PMU_LCD0 - 0x80, 7);
    qtest_writel(qts, PMU_LCD0 + 0x20, 7);
    set_up();
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    g_assert_true(reaches(SMALL, FRAME(0)));
}

static void test_machine_reset(void)
{
    QDict *response;
    uint32_t offset;

    set_up();
    set_lv2(1, SMALL, LV2_SMALL(FRAME(0)));
    mmu_write(qts, MMU_CTRL, MMU_DISABLE);
    g_assert_true(fill(FRAME(0), 1));
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    mmu_write(qts, MMU_FLUSH, 1);
    g_assert_true(fill(SMALL, 1));
    g_assert_false(fill(SMALL + 0x1000, 1));
    expect_fault(0, SMALL + 0x1000);
    for (offset = MMU_BYPASSED; offset <= MMU_TLB_ENTRIES; offset += 4) {
        g_assert_cmpuint(mmu_test_read(qts, offset), !=, 0);
    }
    g2d_test_write(qts, G2D_RATE, 5);
    g2d_test_write(qts, G2D_POWER_STUCK, 1);
    mmu_test_write(qts, MMU_UNBLOCKABLE, 1);
    response = qtest_qmp(qts, "{ 'execute': 'system_reset' }");
    g_assert_true(qdict_haskey(response, "return"));
    qobject_unref(response);
    qtest_qmp_eventwait(qts, "RESET");

    for (offset = MMU_CTRL; offset < MMU_VERSION; offset += 4) {
        g_assert_cmphex(mmu_read(qts, offset), ==, 0);
    }
    for (offset = MMU_BYPASSED; offset <= MMU_LINKS; offset += 4) {
        g_assert_cmphex(mmu_test_read(qts, offset), ==, 0);
    }
    for (offset = G2D_RATE; offset <= G2D_POWER_STUCK; offset += 4) {
        g_assert_cmphex(g2d_test_read(qts, offset), ==, 0);
    }
    g_assert_true(g2d_idle(qts));
    check_invariants();
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    qtest_add_func("sysmmu/registers", test_registers);
    qtest_add_func("sysmmu/version", test_version);
    qtest_add_func("sysmmu/section", test_section);
    qtest_add_func("sysmmu/large", test_large);
    qtest_add_func("sysmmu/small", test_small);
    qtest_add_func("sysmmu/encodings", test_encodings);
    qtest_add_func("sysmmu/no-entry", test_no_entry);
    qtest_add_func("sysmmu/read-only", test_read_only);
    qtest_add_func("sysmmu/no-access", test_no_access);
    qtest_add_func("sysmmu/bus-error", test_bus_error);
    qtest_add_func("sysmmu/multi-hit", test_multi_hit);
    qtest_add_func("sysmmu/stale/small", test_stale_small);
    qtest_add_func("sysmmu/stale/large-and-section",
                   test_stale_large_and_section);
    qtest_add_func("sysmmu/stale/permission", test_stale_permission);
    qtest_add_func("sysmmu/stale/dropped-by-disable",
                   test_tlb_dropped_by_disable);
    qtest_add_func("sysmmu/counters", test_counters);
    qtest_add_func("sysmmu/fault/retry", test_fault_and_retry);
    qtest_add_func("sysmmu/fault/first-stays", test_first_fault_stays);
    qtest_add_func("sysmmu/block", test_block);
    qtest_add_func("sysmmu/unblockable", test_unblockable);
    qtest_add_func("sysmmu/bypass", test_bypass);
    qtest_add_func("sysmmu/negative-caching", test_negative_caching);
    qtest_add_func("sysmmu/flpd-cache", test_flpd_cache);
    qtest_add_func("sysmmu/tlb-size", test_tlb_size);
    qtest_add_func("sysmmu/block-delay", test_block_delay);
    qtest_add_func("sysmmu/eap", test_eap);
    qtest_add_func("sysmmu/power-domain", test_power_domain);
    qtest_add_func("sysmmu/machine-reset", test_machine_reset);

    qts = g2d_start_machine();
    ret = g_test_run();
    qtest_quit(qts);
    return ret;
}
