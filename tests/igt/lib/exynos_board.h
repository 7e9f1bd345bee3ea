/* SPDX-License-Identifier: MIT */
/*
 * The test pages of the virtual board's device models: knobs to slow down or
 * hang the engine, and counters.  Real hardware has none.
 */
#ifndef EXYNOS_BOARD_H
#define EXYNOS_BOARD_H

#include <stdbool.h>
#include <stdint.h>

/* FIMG2D's test page, offsets in bytes. */
enum exynos_engine_reg {
	ENGINE_MAGIC = 0x00,
	ENGINE_RATE = 0x04,
	ENGINE_HANG = 0x08,
	ENGINE_BYTES_READ = 0x0c,
	ENGINE_BYTES_WRITE = 0x10,
	ENGINE_BLITS = 0x14,
	ENGINE_STALLS = 0x18,
	ENGINE_COMPLAINTS = 0x1c,
	ENGINE_POWER_STUCK = 0x20,
	ENGINE_KNOBS = 0x24,
};

/* Bits of ENGINE_KNOBS. */
#define KNOB_OVERREACH_READ (1 << 0)
#define KNOB_OVERREACH_WRITE (1 << 1)

/* Values of ENGINE_HANG. */
#define HANG_UNTIL_RESET 1
#define HANG_FOR_GOOD 2

/* The System MMU's test page. */
enum exynos_mmu_reg {
	MMU_MAGIC = 0x00,
	MMU_BYPASSED = 0x04,
	MMU_FAULTS = 0x08,
	MMU_TRANSLATED = 0x0c,
	MMU_MISSES = 0x10,
	MMU_FLUSHES = 0x14,
	MMU_TLB_ENTRIES = 0x18,
	MMU_UNBLOCKABLE = 0x1c,
	MMU_LINKS = 0x20,
};

/**
 * struct exynos_board - access to the test pages
 * @engine: FIMG2D's page, NULL where there is none
 * @mmu: its System MMU's page, NULL where there is none
 * @has_iommu: the engine's DMA is translated, on any board
 */
struct exynos_board {
	volatile uint32_t *engine;
	volatile uint32_t *mmu;
	bool has_iommu;
};

/**
 * exynos_board_open - find out where we run and map the test pages
 * @board: filled in
 *
 * The pages are touched only where the device tree says that this is the
 * virtual board: the same addresses on a real one may hang the bus.
 *
 * Return: NULL, or why there are no test pages.
 */
const char *exynos_board_open(struct exynos_board *board);

static inline uint32_t engine_read(const struct exynos_board *b, enum exynos_engine_reg r)
{
	return b->engine[r / 4];
}

static inline void engine_write(const struct exynos_board *b, enum exynos_engine_reg r, uint32_t v)
{
	b->engine[r / 4] = v;
}

static inline uint32_t mmu_read(const struct exynos_board *b, enum exynos_mmu_reg r)
{
	return b->mmu ? b->mmu[r / 4] : 0;
}

static inline void mmu_write(const struct exynos_board *b, enum exynos_mmu_reg r, uint32_t v)
{
	if (b->mmu)
		b->mmu[r / 4] = v;
}

static inline void mmu_clear(const struct exynos_board *b, enum exynos_mmu_reg r)
{
	mmu_write(b, r, 0);
}

#endif /* EXYNOS_BOARD_H */
