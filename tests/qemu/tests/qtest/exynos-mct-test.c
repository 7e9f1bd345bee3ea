/*
 * QTest for the local timers of the Exynos4210 MCT
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Linux' exynos_mct.c arms a local timer with two cycles a tick and a number of
 * ticks, and arms it again before it has expired whenever something else comes
 * up.
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "libqtest.h"

#define MCT_L0          0x10050300u
#define L_TCNTB         0x00
#define L_ICNTB         0x08
#define  L_ICNTB_UPDATE BIT(31)
#define L_TCON          0x20
#define  L_TCON_TICK    BIT(0)
#define  L_TCON_INT     BIT(1)
#define  L_TCON_AGAIN   BIT(2)
#define L_INT_CSTAT     0x30
#define L_INT_ENB       0x34

/* Ticks of two cycles of the 24 MHz clock, less the one that is added */
#define MILLISECOND     (12000 - 1)

static QTestState *qts;

static void timer_write(uint32_t offset, uint32_t value)
{
    qtest_writel(qts, MCT_L0 + offset, value);
}

static void arm(uint32_t ticks)
{
    timer_write(L_TCON, 0);
    timer_write(L_ICNTB, L_ICNTB_UPDATE | ticks);
    timer_write(L_INT_ENB, 1);
    timer_write(L_TCON, L_TCON_TICK | L_TCON_INT | L_TCON_AGAIN);
}

static bool expired(void)
{
    return qtest_readl(qts, MCT_L0 + L_INT_CSTAT) & 1;
}

/* However often it has been armed before, it takes the time of the last one. */
static void test_rearm(void)
{
    uint32_t times, i;

    timer_write(L_TCNTB, 1);
    for (times = 1; times < 8; times++) {
        for (i = 0; i < times; i++) {
            arm(MILLISECOND);
            qtest_clock_step(qts, 100 * 1000);
            g_assert_false(expired());
        }
        qtest_clock_step(qts, 890 * 1000);
        g_assert_false(expired());
        qtest_clock_step(qts, 20 * 1000);
        g_assert_true(expired());
        timer_write(L_INT_CSTAT, 1);
        g_assert_false(expired());

        /* And again, as long as nobody stops it. */
        qtest_clock_step(qts, 980 * 1000);
        g_assert_false(expired());
        qtest_clock_step(qts, 20 * 1000);
        g_assert_true(expired());
        timer_write(L_INT_CSTAT, 1);
    }
    timer_write(L_TCON, 0);
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    qtest_add_func("mct/rearm", test_rearm);

    qts = qtest_init("-machine smdkc210");
    ret = g_test_run();
    qtest_quit(qts);
    return ret;
}
