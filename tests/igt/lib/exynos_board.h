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
	ENGINE_LIST_PREFETCH = 0x28,
};

/* Bits of ENGINE_KNOBS. */
#define KNOB_OVERREACH_READ (1 << 0)
#define KNOB_OVERREACH_WRITE (1 << 1)
#define KNOB_RESET_WAITS (1 << 2)
#define KNOB_REPLAY_ONCE (1 << 3)
#define KNOB_REPLAY_UNTIL_DONE (1 << 4)
#define KNOB_GCMD_WITH_ACMD (1 << 5)
#define KNOB_SCALE_3_UNBOUNDED (1 << 6)
#define KNOB_GATED (1 << 7)

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
	MMU_KNOBS = 0x24,
	MMU_NEGATIVE_CACHING = 0x28,
	MMU_TLB_SIZE = 0x2c,
	MMU_BLOCK_DELAY = 0x30,
	MMU_LACKING = 0x34,
};

/* Bits of MMU_KNOBS. */
#define MMU_KNOB_EAP (1 << 0)
#define MMU_KNOB_FLPD_CACHE (1 << 1)
#define MMU_KNOB_GATED (1 << 2)

/**
 * struct exynos_board - access to the test pages
 * @engine: FIMG2D's page, NULL where there is none
 * @mmu: its System MMU's page, NULL where there is none
 * @has_iommu: the engine's DMA is translated, on any board
 * @mmu_knobs: MMU_KNOBS as the board has them
 */
struct exynos_board {
	volatile uint32_t *engine;
	volatile uint32_t *mmu;
	bool has_iommu;
	uint32_t mmu_knobs;
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

/**
 * exynos_board_turn - make the models behave as hardware might
 * @board: with test pages
 * @name: one of the names that tests/qemu/docs/specs has for it
 *
 * Return: false if the models have no such knob.
 */
bool exynos_board_turn(const struct exynos_board *board, const char *name);

/**
 * exynos_board_reset - turn all of these knobs back
 * @board: with test pages
 *
 * But for those that the board itself has turned: what is there when the board is
 * opened stays.
 */
void exynos_board_reset(const struct exynos_board *board);

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
