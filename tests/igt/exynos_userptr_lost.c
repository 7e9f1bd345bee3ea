// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_sys.h"

/*
 * Separate binary, run last: it leaves the engine wedged until the next boot.
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
 *
 * SUBTEST: unbind-lost-engine
 * Description: The System MMU of the engine that was wedged before is switched off
 *		neither by a suspend nor by unbinding the driver, and memory that it
 *		may use is not freed.
 */

IGT_TEST_DESCRIPTION("What becomes of user memory when the engine cannot be stopped.");

#define SLACK_MS 4000

static void lost_engine(struct exynos *e)
{
	char line[256];
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

	/*
	 * Free again, the engine goes on with what it was told. Behind an MMU it
	 * reads what is no list.
	 */
	blits = exynos_blits(e);
	mmu_clear(&e->board, MMU_TRANSLATED);
	engine_write(&e->board, ENGINE_HANG, 0);
	usleep(300 * 1000);
	if (e->board.has_iommu)
		igt_assert_f(mmu_read(&e->board, MMU_TRANSLATED), "the engine does not go on\n");
	else
		igt_assert_eq_u32(exynos_blits(e) - blits, 1);
	exynos_check_words(later, LATER, 1);

	/* Userspace is told by an event, of which the log has a line. */
	igt_assert(oracle_log_complaint(&e->log, e->allowed, line, sizeof(line)));
	igt_assert_f(strstr(line, "device wedged, needs recovery"), "the kernel logged: %s\n",
		     line);

	/* Nobody uses it again. */
	to = exynos_mmap(BYTES);
	dst = exynos_image(exynos_userptr(e, to, BYTES, 0), W, H);
	igt_assert_eq(exynos_try_copy(e, &src, &dst), -EIO);
	exynos_check_bytes(to, BYTES, 0);
	munmap(to, BYTES);
	munmap(from, BYTES);
	munmap(later, LATER);
}

#define PAGE	4096

static void start_by_hand(void)
{
	volatile uint32_t *engine = exynos_map_registers(ENGINE_BASE);

	/* Nobody has told it to go on after the list for whose event it was held. */
	engine[ENGINE_DMA_HOLD / 4] = 0;
	engine[ENGINE_DMA_CMD / 4] = DMA_CONTINUE;
	igt_assert(exynos_becomes_idle(engine));
	engine[ENGINE_DMA_BASE / 4] = NOWHERE;
	engine[ENGINE_DMA_CMD / 4] = DMA_START;
	exynos_unmap_registers(engine);
}

/*
 * Not by way of exynos_subtest(), because there is no device any more to open
 * afterwards.
 */
static void unbind_lost_engine(struct exynos *e)
{
	struct g2d_image image;
	struct g2d_list list;
	char line[256];
	unsigned int i;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	g2d_fill(&list, &image, g2d_whole(&image), 1);
	igt_require_f(exynos_try(e, &list) == -EIO, "the engine was not lost\n");
	oracle_log_mark(&e->log);
	mmu_clear(&e->board, MMU_FAULTS);
	mmu_clear(&e->board, MMU_BYPASSED);

	igt_assert_eq(exynos_try_suspend(), -EBUSY);
	exynos_unbind(&exynos_g2d_binding);

	/* As it would by itself if it went on. */
	mmu_clear(&e->board, MMU_TRANSLATED);
	start_by_hand();
	for (i = 0; i < 100 && !mmu_read(&e->board, MMU_TRANSLATED); i++)
		usleep(10000);
	igt_assert_f(!mmu_read(&e->board, MMU_BYPASSED), "the engine is not behind an MMU\n");
	igt_assert_f(mmu_read(&e->board, MMU_TRANSLATED), "the engine does not go on\n");

	/* Discarded by the MMU, of which now only its own driver knows. */
	usleep(200000);
	igt_assert_eq(exynos_try_suspend(), -EBUSY);
	igt_assert_neq(exynos_try_bind(&exynos_g2d_binding), 0);
	igt_assert_eq_u32(mmu_read(&e->board, MMU_FAULTS), 0);
	igt_assert_eq_u32(mmu_read(&e->board, MMU_BYPASSED), 0);

	/*
	 * The buffer goes with its file. Where the engine is the only device with DMA
	 * nothing else was detached, but its mapping is gone from the DMA API's view.
	 */
	drm_close_driver(e->fd);
	e->fd = -1;
	igt_assert_f(!oracle_log_complaint(&e->log,
					   EXYNOS_FAULT_MESSAGES "|is wedged|failed with error -16|"
					   "suspend|returns -16|Failed to attached device|"
					   "objects that were alive at unbind",
					   line, sizeof(line)), "the kernel logged: %s\n", line);
}

igt_main {
	static struct exynos e;

	igt_fixture {
		exynos_init(&e);
		exynos_require_userptr(&e);
	}

	igt_subtest("lost-engine")
		exynos_subtest(&e, lost_engine);

	igt_subtest("unbind-lost-engine")
		unbind_lost_engine(&e);

	igt_fixture
		exynos_fini(&e);
}
