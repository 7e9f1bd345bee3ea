/*
 * FIMG2D qtests of what a list cannot do to the host and to the machine: flood
 * the log, hold the CPU with a large row, access registers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exynos-fimg2d-test.h"

static uint32_t count_lines(const char *text, const char *start)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    uint32_t i, n = 0;

    for (i = 0; lines[i]; i++) {
        n += g_str_has_prefix(lines[i], start);
    }
    return n;
}

/* Whatever a job does wrong, and how often, the log says it once. */
static void test_log(void)
{
    g_autofree char *name = g_strdup_printf("%s/exynos-fimg2d-%d.log",
                                            g_get_tmp_dir(), getpid());
    g_autofree char *text = NULL;
    QTestState *main_qts = qts;
    uint32_t job, i;

    qts = qtest_initf(EXYNOS_MACHINE "-d guest_errors,unimp -D %s", name);
    for (job = 0; job < 2; job++) {
        g_autoptr(ListGuard) list = list_new();

        start_raw();
        list_begin(list);
        set_src(list, 1, 0x90000000, 4096, 0, 0, 1024, 16);
        SET(list, ROP4, SRCCOPY);
        SET(list, DST_SELECT, 2);
        for (i = 0; i < 20; i++) {
            list_put(list, 0x740 + 4 * i, i);
            /* Nothing, the IROM, and registers */
            set_dst(list, 1, i < 10 ? 0xa0000000 : i < 15 ? 0 : MMU_BASE, 4096,
                    0, 0, 1024, 16);
            SET(list, SRC_COLOR_MODE, 13);
            list_go(list);
        }
        raw_list(RAM_LIST, list, 0);
        g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST);
        g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
        g_assert_true(g2d_settle(qts));
        assert_status(1, 20, 1);
        g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, 4 * 20);
        g_assert_cmphex(mmu_read(qts, MMU_PT_BASE), ==, 0);
    }
    qtest_quit(qts);
    qts = main_qts;

    g_assert_true(g_file_get_contents(name, &text, NULL, NULL));
    unlink(name);
    g_assert_cmpuint(count_lines(text, "exynos-fimg2d: no register"), ==, 2);
    g_assert_cmpuint(count_lines(text, "exynos-fimg2d: no memory to read"), ==,
                     2);
    g_assert_cmpuint(count_lines(text, "exynos-fimg2d: no memory to write"), ==,
                     2);
    g_assert_cmpuint(count_lines(text, "exynos-fimg2d: unknown source"), ==, 2);
    g_assert_cmpuint(count_lines(text, "exynos-fimg2d: "), ==, 8);
    g_assert_cmpuint(count_lines(text, "Invalid "), ==, 0);
}

/* A row that moves more than a step may goes on in the next one. */
static void test_large_row(void)
{
    static const struct {
        uint32_t columns, steps;
    } cases[] = {
        { 16384, 1 }, { 16385, 2 }, { 65535, 4 },
    };
    uint32_t i, step;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        uint32_t last = RAM_BASE + 0x8000000 + 4 * (cases[i].columns - 1);

        start_raw();
        qtest_writel(qts, last, 0);
        g2d_write(qts, FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
        g2d_write(qts, FIMG2D_DST_BASE_ADDR, RAM_BASE + 0x8000000);
        g2d_write(qts, FIMG2D_DST_COLOR_MODE, 1);
        g2d_write(qts, FIMG2D_DST_RIGHT_BOTTOM, xy(cases[i].columns, 1));
        g2d_write(qts, FIMG2D_SF_COLOR, 0x12345678);
        g2d_write(qts, FIMG2D_BITBLT_START, 1);
        for (step = 0; step < cases[i].steps; step++) {
            g_assert_cmphex(qtest_readl(qts, last), ==, 0);
            g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 0);
            qtest_clock_step(qts, 1000);
        }
        g_assert_cmphex(qtest_readl(qts, last), ==, 0x12345678);
        g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_WRITE), ==,
                         4 * cases[i].columns);
        g_assert_false(g2d_idle(qts));
        qtest_clock_step(qts, 1000);
        g_assert_true(g2d_idle(qts));
    }
}

/* Nobody answers, or what answers is no memory: it reads as zeros. */
static void test_bus_error(void)
{
    static const uint32_t places[] = { 0x90000000, G2D_BASE, MMU_BASE };
    uint32_t i, k;

    for (i = 0; i < ARRAY_SIZE(places); i++) {
        g_autoptr(ListGuard) list = list_new();

        start_raw();
        qtest_memset(qts, RAM_DST, 0x5a, 0x1000);
        list_begin(list);
        set_src(list, 1, places[i], 16, 0, 0, 4, 4);
        set_dst(list, 1, RAM_DST, 16, 0, 0, 4, 4);
        SET(list, ROP4, SRCCOPY);
        SET(list, DST_SELECT, 2);
        list_go(list);
        set_src(list, 1, RAM_DST + 64, 16, 0, 0, 4, 4);
        set_dst(list, 1, places[i], 16, 0, 0, 4, 4);
        list_go(list);
        raw_list(RAM_LIST, list, 0);
        g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST);
        g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
        g_assert_true(g2d_settle(qts));
        for (k = 0; k < 64; k += 4) {
            g_assert_cmphex(qtest_readl(qts, RAM_DST + k), ==, 0);
        }
        g_assert_cmphex(qtest_readl(qts, RAM_DST + 64), ==, 0x5a5a5a5a);
        assert_status(1, 2, 1);
        g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_READ), ==, 128);
        g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 128);
        g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, 2);
        g_assert_cmphex(mmu_read(qts, MMU_CTRL), ==, 0);
        g_assert_cmphex(g2d_read(qts, FIMG2D_INTEN), ==, 0);
    }

    /* A list of zeros is an empty one, and the last. */
    start_raw();
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, 0x90000000);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 0, 1);
    g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, 1);
}

void add_limits_tests(void)
{
    qtest_add_func("fimg2d/log", test_log);
    qtest_add_func("fimg2d/large-row", test_large_row);
    qtest_add_func("fimg2d/bus-error", test_bus_error);
}
