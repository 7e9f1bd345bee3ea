/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the qtests of FIMG2D and of its System MMU have in common
 *
 * Register names are those of docs/specs/exynos-sysmmu.rst and of the test
 * pages in docs/specs/exynos-fimg2d.rst.
 */
#ifndef EXYNOS_FIMG2D_QTEST_H
#define EXYNOS_FIMG2D_QTEST_H

#include "libqtest.h"
#include "fimg2d-reference.h"

#define G2D_BASE            0x12800000u
#define G2D_TEST            0x12801000u
#define MMU_BASE            0x12a20000u
#define MMU_TEST            0x12a21000u
#define PMU_LCD0            0x10023c80u
#define CLK_GATE_IP_IMAGE   0x1003c930u
#define RAM_BASE            0x40000000u

#define EXYNOS_MACHINE \
    "-machine smdkc210 -m 1G -global exynos4210.test-pages=on "

/* FIMG2D's test page */
#define G2D_MAGIC           0x00
#define G2D_RATE            0x04
#define G2D_HANG            0x08
#define G2D_BYTES_READ      0x0c
#define G2D_BYTES_WRITE     0x10
#define G2D_BLITS           0x14
#define G2D_STALLS          0x18
#define G2D_COMPLAINTS      0x1c
#define G2D_POWER_STUCK     0x20
#define G2D_KNOBS           0x24
#define G2D_LIST_PREFETCH   0x28

#define KNOB_OVERREACH_READ     (1u << 0)
#define KNOB_OVERREACH_WRITE    (1u << 1)
#define KNOB_RESET_WAITS        (1u << 2)
#define KNOB_REPLAY_ONCE        (1u << 3)
#define KNOB_REPLAY_UNTIL_DONE  (1u << 4)
#define KNOB_GCMD_WITH_ACMD     (1u << 5)
#define KNOB_SCALE_3_UNBOUNDED  (1u << 6)
#define KNOB_GATED              (1u << 7)

/* System MMU */
#define MMU_CTRL            0x00
#define MMU_CFG             0x04
#define MMU_STATUS          0x08
#define MMU_FLUSH           0x0c
#define MMU_FLUSH_ENTRY     0x10
#define MMU_PT_BASE         0x14
#define MMU_INT_STATUS      0x18
#define MMU_INT_CLEAR       0x1c
#define MMU_PAGE_FAULT      0x24
#define MMU_AW_FAULT        0x28
#define MMU_AR_FAULT        0x2c
#define MMU_DEFAULT_SLAVE   0x30
#define MMU_VERSION         0x34

#define MMU_DISABLE         0
#define MMU_ENABLE          5
#define MMU_BLOCK           7

#define MMU_INT_PAGE        (1u << 0)
#define MMU_INT_AW_ACCESS   (1u << 7)

#define MMU_BYPASSED        0x04
#define MMU_FAULTS          0x08
#define MMU_TRANSLATED      0x0c
#define MMU_MISSES          0x10
#define MMU_FLUSHES         0x14
#define MMU_TLB_ENTRIES     0x18
#define MMU_UNBLOCKABLE     0x1c
#define MMU_LINKS           0x20
#define MMU_KNOBS           0x24
#define MMU_NEGATIVE        0x28
#define MMU_TLB_SIZE        0x2c
#define MMU_BLOCK_DELAY     0x30
#define MMU_LACKING         0x34

#define MMU_KNOB_EAP        (1u << 0)
#define MMU_KNOB_FLPD_CACHE (1u << 1)
#define MMU_KNOB_GATED      (1u << 2)

/* Page table entries as exynos-iommu.c makes them for v1 to v3 */
#define LV1_LINK(pa)        ((pa) | 1u)
#define LV1_SECTION(pa)     ((pa) | 1u << 10 | 2u)
#define LV1_SECTION_RO(pa)  ((pa) | 1u << 15 | 1u << 10 | 2u)
#define LV2_SMALL(pa)       ((pa) | 1u << 4 | 2u)
#define LV2_SMALL_RO(pa)    ((pa) | 1u << 9 | 1u << 4 | 2u)
#define LV2_LARGE(pa)       ((pa) | 1u << 4 | 1u)
#define LV2_LARGE_RO(pa)    ((pa) | 1u << 9 | 1u << 4 | 1u)

static inline uint32_t g2d_read(QTestState *qts, uint32_t offset)
{
    return qtest_readl(qts, G2D_BASE + offset);
}

static inline void g2d_write(QTestState *qts, uint32_t offset, uint32_t value)
{
    qtest_writel(qts, G2D_BASE + offset, value);
}

static inline uint32_t g2d_test_read(QTestState *qts, uint32_t offset)
{
    return qtest_readl(qts, G2D_TEST + offset);
}

static inline void g2d_test_write(QTestState *qts, uint32_t offset,
                                  uint32_t value)
{
    qtest_writel(qts, G2D_TEST + offset, value);
}

static inline uint32_t mmu_read(QTestState *qts, uint32_t offset)
{
    return qtest_readl(qts, MMU_BASE + offset);
}

static inline void mmu_write(QTestState *qts, uint32_t offset, uint32_t value)
{
    qtest_writel(qts, MMU_BASE + offset, value);
}

static inline uint32_t mmu_test_read(QTestState *qts, uint32_t offset)
{
    return qtest_readl(qts, MMU_TEST + offset);
}

static inline void mmu_test_write(QTestState *qts, uint32_t offset,
                                  uint32_t value)
{
    qtest_writel(qts, MMU_TEST + offset, value);
}

static inline bool g2d_idle(QTestState *qts)
{
    return g2d_read(qts, FIMG2D_FIFO_STAT) & 1;
}

/* SPI 89 as the external GIC's distributor sees it */
static inline bool g2d_irq(QTestState *qts)
{
    return qtest_readl(qts, 0x1049020c) >> 25 & 1;
}

/* Input 7 of group 4 of the external interrupt combiner */
static inline bool mmu_irq(QTestState *qts)
{
    return qtest_readl(qts, 0x10440018) >> 7 & 1;
}

/* Let the engine work for as long as it likes; true if it came to an end. */
static inline bool g2d_settle(QTestState *qts)
{
    qtest_clock_step(qts, 1000 * 1000 * 1000);
    return g2d_idle(qts);
}

/* Set a property of the engine or of its System MMU, a flag or a number. */
static inline void set_flag(QTestState *qts, const char *device,
                            const char *property, bool value)
{
    g_autofree char *path = g_strdup_printf("/machine/soc/%s", device);

    qtest_qmp_assert_success(qts, "{ 'execute': 'qom-set', 'arguments': { "
                             "'path': %s, 'property': %s, 'value': %i } }",
                             path, property, value);
}

static inline void set_number(QTestState *qts, const char *device,
                              const char *property, int value)
{
    g_autofree char *path = g_strdup_printf("/machine/soc/%s", device);

    qtest_qmp_assert_success(qts, "{ 'execute': 'qom-set', 'arguments': { "
                             "'path': %s, 'property': %s, 'value': %d } }",
                             path, property, value);
}

static inline QTestState *g2d_start_machine(void)
{
    return qtest_init(EXYNOS_MACHINE);
}

#endif
