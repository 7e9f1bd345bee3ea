/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interface of the device /dev/exynos-pfnmap-test, for tests only.
 */

#ifndef _EXYNOS_DRM_PFNMAP_TEST_H_
#define _EXYNOS_DRM_PFNMAP_TEST_H_

#include <linux/ioctl.h>

/* Pages of each kind; the kind times this is the page offset for mmap(). */
#define PFNMAP_TEST_PAGES	16

/**
 * enum pfnmap_test_kind - kind of memory to map
 *
 * @PFNMAP_TEST_SCATTERED: memory, no page next to the page before
 * @PFNMAP_TEST_CONTIGUOUS: memory in one piece
 * @PFNMAP_TEST_TWO_RUNS: memory in two pieces of the same size
 * @PFNMAP_TEST_RETRY: memory, whose faults have to be repeated
 * @PFNMAP_TEST_HOLE: memory without the third page, which is SIGBUS
 * @PFNMAP_TEST_READONLY: memory that may not be written, although the mapping may
 * @PFNMAP_TEST_REGISTERS: memory, but for the third page, which is registers
 * @PFNMAP_TEST_RESERVED: memory, but for the third page, which is reserved
 * @PFNMAP_TEST_WC: memory in one piece, mapped write-combined
 * @PFNMAP_TEST_UNCOUNTED: memory, but for the third page, which has no references
 */
enum pfnmap_test_kind {
	PFNMAP_TEST_SCATTERED,
	PFNMAP_TEST_CONTIGUOUS,
	PFNMAP_TEST_TWO_RUNS,
	PFNMAP_TEST_RETRY,
	PFNMAP_TEST_HOLE,
	PFNMAP_TEST_READONLY,
	PFNMAP_TEST_REGISTERS,
	PFNMAP_TEST_RESERVED,
	PFNMAP_TEST_WC,
	PFNMAP_TEST_UNCOUNTED,
};

/* Remove the memory of the file from all page tables and free it; later faults fail. */
#define PFNMAP_TEST_REVOKE	_IO('x', 0)

#endif
