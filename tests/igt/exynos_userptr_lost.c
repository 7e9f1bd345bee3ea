// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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
 *
 * SUBTEST: unbind-lost-engine
 * Description: The System MMU of the engine that was lost before is switched off
 *		neither by a suspend nor by unbinding the driver.
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

#define PAGE		4096
#define ENGINE_BASE	0x12800000
#define ENGINE_FIFO	(0x10 / 4)
#define  FIFO_IDLE	(1 << 0)
#define ENGINE_DMA_BASE	(0x80 / 4)
#define ENGINE_DMA_CMD	(0x84 / 4)
#define  DMA_START	(1 << 0)
#define  DMA_CONTINUE	(1 << 1)
#define ENGINE_DMA_HOLD	(0x90 / 4)
#define DRIVER		"/sys/bus/platform/drivers/exynos-drm-g2d/"
#define DEVICE		"12800000.g2d"

/* Nothing is mapped there, but without a System MMU it is memory. */
#define NOWHERE		0x5fff0000

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int try_suspend(void)
{
	int err;

	igt_require_f(write_file("/sys/power/pm_test", "devices") == 0,
		      "this kernel cannot test suspending\n");
	write_file("/sys/module/suspend/parameters/pm_test_delay", "0");
	err = write_file("/sys/power/state", "freeze");
	write_file("/sys/power/pm_test", "none");
	return err;
}

static void start_by_hand(void)
{
	int mem = open("/dev/mem", O_RDWR | O_SYNC);
	volatile uint32_t *engine;
	unsigned int i;

	igt_assert_fd(mem);
	engine = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, mem, ENGINE_BASE);
	igt_assert(engine != MAP_FAILED);
	close(mem);
	/* Nobody has told it to go on after the list for whose event it was held. */
	engine[ENGINE_DMA_HOLD] = 0;
	engine[ENGINE_DMA_CMD] = DMA_CONTINUE;
	for (i = 0; i < 100 && !(engine[ENGINE_FIFO] & FIFO_IDLE); i++)
		usleep(10000);
	igt_assert(engine[ENGINE_FIFO] & FIFO_IDLE);
	engine[ENGINE_DMA_BASE] = NOWHERE;
	engine[ENGINE_DMA_CMD] = DMA_START;
	munmap((void *)engine, PAGE);
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
	exynos_close(e, image.handle);
	oracle_log_mark(&e->log);
	mmu_clear(&e->board, MMU_FAULTS);
	mmu_clear(&e->board, MMU_BYPASSED);

	igt_assert_eq(try_suspend(), -EBUSY);
	igt_assert_eq(write_file(DRIVER "unbind", DEVICE), 0);

	/* As it would by itself if it went on. */
	start_by_hand();
	for (i = 0; i < 100 && !mmu_read(&e->board, MMU_FAULTS); i++)
		usleep(10000);
	igt_assert_f(!mmu_read(&e->board, MMU_BYPASSED), "the engine is not behind an MMU\n");
	igt_assert_eq_u32(mmu_read(&e->board, MMU_FAULTS), 1);

	/* Held by the MMU, of which now only its own driver knows. */
	usleep(200000);
	igt_assert_eq(try_suspend(), -EBUSY);
	igt_assert_neq(write_file(DRIVER "bind", DEVICE), 0);
	igt_assert_eq_u32(mmu_read(&e->board, MMU_FAULTS), 1);
	igt_assert_eq_u32(mmu_read(&e->board, MMU_BYPASSED), 0);

	igt_assert_f(!oracle_log_complaint(&e->log,
					   "FAULT occurred|was given up|failed with error -16|"
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

	igt_describe("munmap() returns although no reset stops the engine, and what the engine writes later hits nobody else's memory.");
	igt_subtest("lost-engine")
		exynos_subtest(&e, lost_engine);

	igt_describe("The System MMU of the engine that was lost before is switched off neither by a suspend nor by unbinding the driver.");
	igt_subtest("unbind-lost-engine")
		unbind_lost_engine(&e);

	igt_fixture
		exynos_fini(&e);
}
