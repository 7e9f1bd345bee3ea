// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_foreign.h"

/*
 * The engine is of no use afterwards, so that this and exynos_userptr_lost need a
 * boot each.
 */

/**
 * TEST: exynos pfnmap lost
 * Description: What becomes of another driver's memory when the engine cannot be
 *		stopped. The engine is of no use afterwards, until the next boot.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Memory management tests
 * Functionality: userptr
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: pfnmap-lost
 * Description: A driver gets its memory back although no reset stops the engine, and
 *		what the engine writes later hits nobody's memory.
 */

IGT_TEST_DESCRIPTION("What becomes of another driver's memory when the engine cannot be stopped.");

#define PAGE		4096
#define SLACK_MS	4000

static void lost(struct exynos *e)
{
	enum { LATER = 24 << 20, COLOUR = 0x5aa5f00f };
	bool iommu = e->board.has_iommu;
	struct g2d_image src, dst;
	struct g2d_list list;
	unsigned int timeout_ms, i;
	uint32_t blits;
	struct foreign test, heap;
	uint8_t *map, *later;
	struct g2d_image cma;
	uint64_t took;

	exynos_require_test_page(e);
	test = foreign_test_at(PFNMAP_TEST_CONTIGUOUS, 0, 2);
	heap = foreign_map(foreign_cma_heap(PAGE), PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	map = test.map;
	timeout_ms = exynos_restore_timeout(e);
	e->allowed = iommu ? "job takes too long|does not stop|device wedged" :
			     "job takes too long|does not stop|device wedged|cannot be stopped";
	src = exynos_image(exynos_userptr(e, map, PAGE, 0), 32, 32);
	dst = exynos_image(exynos_userptr(e, map + PAGE, PAGE, 0), 32, 32);
	cma = exynos_image(exynos_userptr(e, heap.map, PAGE, 0), 32, 32);
	exynos_fill(e, &src, COLOUR);
	blits = exynos_blits(e);

	engine_write(&e->board, ENGINE_HANG, HANG_FOR_GOOD);
	g2d_copy(&list, &src, g2d_whole(&src), &cma, 0, 0);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	g2d_copy(&list, &src, g2d_whole(&src), &dst, 0, 0);
	exynos_start(e, &list);
	took = exynos_now_ms();
	igt_assert_eq(ioctl(test.fd, PFNMAP_TEST_REVOKE), 0);
	/* CMA frees its pages whoever has references. */
	foreign_unmap(&heap);
	took = exynos_now_ms() - took;
	igt_assert_lt_u64(took, timeout_ms + SLACK_MS);
	igt_assert_eq(g2d_wait_event(e->fd, NULL, 10000), 0);
	exynos_assert_nothing_pinned(e);
	if (iommu)
		igt_assert_eq_u64(oracle_mapped(e->fd), 0);

	/* Whoever gets the freed pages next. */
	later = exynos_mmap(LATER);
	exynos_fill_words(later, LATER, 1);

	/* Free again, the engine goes on with what it was told. */
	mmu_clear(&e->board, MMU_TRANSLATED);
	engine_write(&e->board, ENGINE_HANG, 0);
	for (i = 0; i < 100 && iommu && !mmu_read(&e->board, MMU_TRANSLATED); i++)
		usleep(10000);
	usleep(300 * 1000);
	exynos_check_words(later, LATER, 1);
	/* It has gone on, otherwise this showed nothing; its MMU discards what it does. */
	if (iommu)
		igt_assert_f(mmu_read(&e->board, MMU_TRANSLATED), "the engine does not go on\n");
	else
		igt_assert_eq_u32(exynos_blits(e) - blits, 2);

	igt_assert_eq(exynos_try_copy(e, &src, &dst), -EFAULT);
	src = exynos_image(exynos_userptr(e, later, PAGE, 0), 32, 32);
	dst = exynos_image(exynos_userptr(e, later + PAGE, PAGE, 0), 32, 32);
	igt_assert_eq(exynos_try_copy(e, &src, &dst), -EIO);
	exynos_check_words(later, LATER, 1);
	munmap(later, LATER);
	foreign_unmap(&test);
}

igt_main {
	static struct exynos e;

	igt_fixture {
		exynos_init(&e);
		exynos_require_userptr(&e);
	}

	igt_subtest("pfnmap-lost")
		exynos_subtest(&e, lost);

	igt_fixture
		exynos_fini(&e);
}
