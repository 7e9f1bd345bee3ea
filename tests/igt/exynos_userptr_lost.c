// SPDX-License-Identifier: MIT
#include <sys/mman.h>

#include "igt.h"
#include "igt_exynos.h"

/*
 * A program of its own whose name sorts last, because there is no engine any
 * more when it has run.
 */

/**
 * TEST: exynos userptr lost
 * Description: What becomes of user memory when the engine cannot be stopped.
 *		The engine is of no use afterwards, until the next boot.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Memory management tests
 * Functionality: userptr
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: lost-engine
 * Description: munmap() returns although no reset stops the engine, and what the
 *		engine writes later hits nobody else's memory.
 */

IGT_TEST_DESCRIPTION("What becomes of user memory when the engine cannot be stopped.");

#define SLACK_MS 4000

static void lost_engine(struct exynos *e)
{
	enum { W = 32, H = 32, BYTES = W * H * 4, LATER = 24 << 20, COLOUR = 0x5aa5f00f };
	struct g2d_image src, dst;
	struct g2d_list list;
	unsigned int timeout_ms;
	uint32_t blits;
	uint8_t *from, *to, *later;
	uint64_t took;

	exynos_require_test_page(e);
	timeout_ms = exynos_restore_timeout(e);
	e->allowed = "job takes too long|does not stop|cannot be stopped";
	from = exynos_mmap(BYTES);
	to = exynos_mmap(BYTES);
	src = exynos_image(exynos_userptr(e, from, BYTES, 0), W, H);
	dst = exynos_image(exynos_userptr(e, to, BYTES, 0), W, H);
	exynos_fill(e, &src, COLOUR);

	engine_write(&e->board, ENGINE_HANG, HANG_FOR_GOOD);
	g2d_copy(&list, &src, g2d_whole(&src), &dst, 0, 0);
	exynos_start(e, &list);
	took = exynos_now_ms();
	igt_assert_eq(munmap(to, BYTES), 0);
	took = exynos_now_ms() - took;
	igt_assert_lt_u64(took, timeout_ms + SLACK_MS);
	igt_assert_eq(g2d_wait_event(e->fd, NULL, 10000), 0);
	exynos_assert_nothing_pinned(e);

	/* Whoever gets the freed pages next. */
	later = exynos_mmap(LATER);
	exynos_fill_words(later, LATER, 1);

	/* Free again, the engine goes on with what it was told. */
	blits = exynos_blits(e);
	engine_write(&e->board, ENGINE_HANG, 0);
	usleep(300 * 1000);
	igt_assert_eq_u32(exynos_blits(e) - blits, 1);
	exynos_check_words(later, LATER, 1);

	/* Nobody uses it again. */
	to = exynos_mmap(BYTES);
	dst = exynos_image(exynos_userptr(e, to, BYTES, 0), W, H);
	igt_assert_eq(exynos_try_copy(e, &src, &dst), -EIO);
	exynos_check_bytes(to, BYTES, 0);
	munmap(to, BYTES);
	munmap(from, BYTES);
	munmap(later, LATER);
}

igt_main {
	static struct exynos e;

	igt_fixture {
		exynos_init(&e);
		exynos_require_userptr(&e);
	}

	igt_describe("munmap() returns although no reset stops the engine, and what the engine writes later hits nobody else's memory.");
	igt_subtest("lost-engine")
		exynos_subtest(&e, lost_engine);

	igt_fixture
		exynos_fini(&e);
}
