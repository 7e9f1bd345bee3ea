/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a driver cannot do without to let an engine work on user memory, as an ioctl of
 * the benchmark's kernel.
 */
#ifndef _EXYNOS_FLOOR_H
#define _EXYNOS_FLOOR_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * enum exynos_floor_step - what is timed apart
 * @EXYNOS_FLOOR_ALLOC: allocate the array of pages
 * @EXYNOS_FLOOR_PIN: find and pin the pages
 * @EXYNOS_FLOOR_SG: make a scatter table of them
 * @EXYNOS_FLOOR_MAP: map them for the engine
 * @EXYNOS_FLOOR_CLEAN: write the caches back before the engine's work
 * @EXYNOS_FLOOR_INVALIDATE: drop what they hold after it, if the engine writes
 * @EXYNOS_FLOOR_UNMAP: unmap the pages
 * @EXYNOS_FLOOR_UNPIN: unpin the pages and free the tables
 * @EXYNOS_FLOOR_STEPS: how many there are
 */
enum exynos_floor_step {
	EXYNOS_FLOOR_ALLOC,
	EXYNOS_FLOOR_PIN,
	EXYNOS_FLOOR_SG,
	EXYNOS_FLOOR_MAP,
	EXYNOS_FLOOR_CLEAN,
	EXYNOS_FLOOR_INVALIDATE,
	EXYNOS_FLOOR_UNMAP,
	EXYNOS_FLOOR_UNPIN,
	EXYNOS_FLOOR_STEPS,
};

/**
 * struct exynos_floor_run - take all steps on a range once
 * @addr: first byte
 * @size: length in bytes
 * @write: the engine would write the range
 * @stamps: fill @ns in; reading the clock has a cost of its own
 * @ns: returned nanoseconds of each step
 */
struct exynos_floor_run {
	__u64 addr;
	__u64 size;
	__u32 write;
	__u32 stamps;
	__u64 ns[EXYNOS_FLOOR_STEPS];
};

#define EXYNOS_FLOOR_RUN	_IOWR('F', 0x20, struct exynos_floor_run)

#endif /* _EXYNOS_FLOOR_H */
