// SPDX-License-Identifier: MIT
#include <sys/mman.h>

#include "igt_exynos.h"
#include "igt_exynos_crowd.h"
#include "igt_exynos_sys.h"
#include "igt_exynos_task.h"

/**
 * TEST: exynos job submission
 * Description: Command lists, events and jobs of one or more files.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Command submission
 * Functionality: command lists
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: full-pool
 * Description: What the engine reads after the last of all lists harms nobody.
 *
 * SUBTEST: full-list
 * Description: The list after one of the largest size is executed, too.
 *
 * SUBTEST: cmdlist-leak-on-einval
 * Description: A list with too many commands does not cost anybody a list.
 *
 * SUBTEST: cmdlist-leak-on-odd-async
 * Description: A job whose async has only upper bits set is freed.
 *
 * SUBTEST: userptr-size-changes
 * Description: Memory that is passed with changing sizes is unpinned.
 *
 * SUBTEST: userptr-beyond-pool
 * Description: Memory beyond what the driver keeps mapped is unpinned.
 *
 * SUBTEST: userptr-limit
 * Description: Closing a file does not raise the limit of what stays pinned.
 *
 * SUBTEST: userptr-wraps
 * Description: Memory whose end wraps around is refused.
 *
 * SUBTEST: userptr-scattered
 * Description: Without an IOMMU, memory that is not contiguous is refused.
 *
 * SUBTEST: userptr-errors
 * Description: The reason for which memory is refused can be told.
 *
 * SUBTEST: synchronous-jobs
 * Description: Nothing touches a job that was waited for.
 *
 * SUBTEST: threads-on-one-file
 * Description: Threads may queue and run lists on the same file.
 *
 * SUBTEST: event-twice-in-one-exec
 * Description: Each list of a job that asks for an event gets its own.
 *
 * SUBTEST: event-leak
 * Description: Events of lists that are never run are freed.
 *
 * SUBTEST: close-while-running
 * Description: A file can be closed while its job runs.
 *
 * SUBTEST: close-sleeps
 * Description: Closing a file whose job runs does not keep a CPU busy.
 *
 * SUBTEST: close-lets-others-run
 * Description: Jobs behind one that is ended by closing its file are run.
 *
 * SUBTEST: close-after-job
 * Description: Closing a file whose job ends meanwhile leaves the job of another
 *		file alone.
 *
 * SUBTEST: no-power
 * Description: A job whose engine cannot be powered ends with an error.
 *
 * SUBTEST: interrupt-without-job
 * Description: The engine may say that a list is done when no job runs.
 */

IGT_TEST_DESCRIPTION("Command lists, events and jobs of one or more files.");

#define PAGE		4096u
#define G2D_NODES	64
#define G2D_MASK_BASE	0x520

/*
 * Upstream's driver says why it refuses a list, and a kernel with nothing but
 * the fixes goes on doing so.
 */
static const char refusals[] =
	"is out of range|Bad register offset|exceeds limit|size is too big|"
	"no free cmdlist|no inuse cmdlist|user pages from userptr|invalid userptr size";

static const char resets[] = "resetting engine";

static void reopen(struct exynos *e)
{
	drm_close_driver(e->fd);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
}

/* What a list costs. */

/* Queues a list that fills @image, as long as it may be. */
static void queue_full(struct exynos *e, const struct g2d_image *image, uint32_t colour)
{
	enum { WORDS = 254, PRELUDE = 6, START = 2 };
	struct g2d_list list;

	g2d_fill(&list, image, g2d_whole(image), colour);
	while (2 * (list.num_cmd + list.num_buf) + PRELUDE + START < WORDS)
		g2d_reg(&list, G2D_BG_COLOR, 0);
	/* To refuse it is as good as to do it right. */
	if (g2d_queue(e->fd, &list)) {
		list.num_cmd--;
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
	}
}

static void full_pool(struct exynos *e)
{
	uint32_t a = exynos_bo(e, PAGE);
	struct g2d_image image = exynos_image(a, 32, 32);
	uint32_t *map = exynos_bo_map(e, a, PAGE);
	struct g2d_list list;
	unsigned int i;

	e->allowed = refusals;
	for (i = 0; i < G2D_NODES - 1; i++) {
		g2d_fill(&list, &image, g2d_whole(&image), i);
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
	}
	queue_full(e, &image, 0x44444444);
	igt_assert_eq(g2d_exec(e->fd, false), 0);
	exynos_check_colour(map, PAGE, 0x44444444);
}

static void full_list(struct exynos *e)
{
	uint32_t a = exynos_bo(e, PAGE), b = exynos_bo(e, PAGE);
	uint32_t *map_a = exynos_bo_map(e, a, PAGE), *map_b = exynos_bo_map(e, b, PAGE);
	struct g2d_image image_a = exynos_image(a, 32, 32), image_b = exynos_image(b, 32, 32);
	struct g2d_list list;

	e->allowed = refusals;
	memset(map_a, 0, PAGE);
	memset(map_b, 0, PAGE);
	queue_full(e, &image_a, 0x11111111);
	g2d_fill(&list, &image_b, g2d_whole(&image_b), 0x22222222);
	exynos_run(e, &list);
	igt_assert_f(map_b[0], "the list after the full one was not executed\n");
	exynos_check_colour(map_b, PAGE, 0x22222222);
	exynos_check_colour(map_a, PAGE, 0x11111111);
}

static void assert_lists_left(struct exynos *e)
{
	struct g2d_list list;

	g2d_list_init(&list);
	igt_assert_f(g2d_queue(e->fd, &list) == 0, "no list is left\n");
	exynos_assert_works(e);
}

static void cmdlist_leak_on_einval(struct exynos *e)
{
	struct drm_exynos_g2d_set_cmdlist req = { .cmd_nr = 1000 };
	unsigned int i;

	e->allowed = refusals;
	for (i = 0; i < 2 * G2D_NODES; i++)
		igt_assert_eq(igt_ioctl(e->fd, DRM_IOCTL_EXYNOS_G2D_SET_CMDLIST, &req), -1);
	assert_lists_left(e);
}

static void cmdlist_leak_on_odd_async(struct exynos *e)
{
	struct drm_exynos_g2d_exec req = { .async = 1ull << 32 };
	struct g2d_image image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	struct g2d_list list;
	unsigned int i;

	e->allowed = refusals;
	for (i = 0; i < 2 * G2D_NODES; i++) {
		g2d_fill(&list, &image, g2d_whole(&image), i);
		list.event = true;
		igt_assert_f(g2d_queue(e->fd, &list) == 0,
			     "no list is left after %u jobs\n", i);
		do_ioctl(e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req);
		igt_assert_eq(g2d_wait_event(e->fd, NULL, 10000), 0);
		/* The event comes a moment before the list is free. */
		usleep(1000);
	}
	exynos_assert_works(e);
}

/* G2D_BUF_USERPTR */

static void fill_user(struct g2d_list *list, void *ptr, size_t size)
{
	struct g2d_image image = {
		.user = { (uintptr_t)ptr, size },
		.stride = 128,
		.width = 32,
		.height = 8,
		.format = G2D_ARGB8888,
	};

	g2d_fill(list, &image, g2d_whole(&image), 0x01020304);
}

static void userptr_size_changes(struct exynos *e)
{
	uint8_t *ptr = exynos_mmap(16 * PAGE);
	struct g2d_list list;
	unsigned int i;

	exynos_require_iommu(e);
	for (i = 0; i < 16; i++) {
		fill_user(&list, ptr, (1 + i) * PAGE);
		exynos_run(e, &list);
	}
	exynos_check_colour(ptr, 1024, 0x01020304);
	reopen(e);
	exynos_assert_nothing_pinned(e);
	munmap(ptr, 16 * PAGE);
}

static void userptr_beyond_pool(struct exynos *e)
{
	const size_t size = 80 << 20;
	uint8_t *ptr = exynos_mmap(size);
	struct g2d_list list;

	exynos_require_iommu(e);
	fill_user(&list, ptr, size);
	exynos_run(e, &list);
	exynos_check_colour(ptr, 1024, 0x01020304);
	reopen(e);
	exynos_assert_nothing_pinned(e);
	munmap(ptr, size);
}

static void userptr_limit(struct exynos *e)
{
	const size_t size = 48 << 20;
	uint8_t *ptr = exynos_mmap(2 * size);
	struct g2d_list list;
	long pinned;

	exynos_require_iommu(e);
	fill_user(&list, ptr, size);
	exynos_run(e, &list);
	drm_close_driver(drm_open_driver_render(DRIVER_EXYNOS));
	fill_user(&list, ptr + size, size);
	exynos_run(e, &list);
	pinned = (oracle_pinned() - e->pinned) / 256;
	igt_assert_f(pinned <= 64, "%ld MiB stay pinned, the limit is 64\n", pinned);
	reopen(e);
	munmap(ptr, 2 * size);
}

static void userptr_wraps(struct exynos *e)
{
	uint8_t *ptr = exynos_mmap(2 * PAGE);
	struct g2d_list list;

	e->allowed = refusals;
	igt_require(sizeof(long) == 4);
	/* To the same page, but once around. */
	fill_user(&list, ptr + 0x800, 0xfffff900);
	g2d_reg(&list, G2D_DST_RIGHT_BOTTOM, 32 | 256 << 16);
	igt_assert_f(g2d_queue(e->fd, &list), "the list was accepted\n");
	munmap(ptr, 2 * PAGE);
}

static void userptr_scattered(struct exynos *e)
{
	const unsigned int pages = 64;
	uint8_t *ptr = exynos_mmap(pages * PAGE);
	struct g2d_list list;
	unsigned int i;

	e->allowed = refusals;
	exynos_require_no_iommu(e);
	/* Every other page, in turn, so that no two of them follow each other. */
	for (i = 0; i < pages; i += 2)
		ptr[i * PAGE] = 1;
	for (i = 1; i < pages; i += 2)
		ptr[i * PAGE] = 1;
	fill_user(&list, ptr, pages * PAGE);
	igt_assert_f(exynos_try(e, &list), "the list was accepted\n");
	reopen(e);
	munmap(ptr, pages * PAGE);
}

static void userptr_errors(struct exynos *e)
{
	uint8_t *ptr = exynos_mmap(PAGE);
	struct g2d_list list;
	int ret;

	e->allowed = refusals;
	/* A list whose rectangle does not fit is no good test of the memory. */
	g2d_list_init(&list);
	g2d_buf(&list, G2D_MASK_BASE, &(struct g2d_image){ .user = { (uintptr_t)ptr, 0 } });
	ret = exynos_try(e, &list);
	igt_assert_f(ret == -EINVAL, "%d for a size of 0\n", ret);
	munmap(ptr, PAGE);
	fill_user(&list, ptr, PAGE);
	igt_assert_eq(exynos_try(e, &list), -EFAULT);
}

/* Threads, events, ends. */

static volatile bool stop;

static uint8_t *shared;

/* The driver looks memory up again whenever its size differs. */
static void *queue_thread(void *arg)
{
	struct exynos *e = arg;
	unsigned int pages = 0;
	struct g2d_list list;

	while (!stop) {
		pages = pages % 4 + 1;
		fill_user(&list, shared, e->board.has_iommu ? pages * PAGE : PAGE);
		if (g2d_queue(e->fd, &list) == 0)
			g2d_exec(e->fd, pages & 1);
	}
	return NULL;
}

/* The last of many jobs is behind all the others. */
static bool exec_until_done(struct exynos *e)
{
	struct g2d_image image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	struct g2d_list list;
	unsigned int i;

	g2d_fill(&list, &image, g2d_whole(&image), 1);
	for (i = 0; i < 1000; i++) {
		if (g2d_run(e->fd, &list) == 0)
			return true;
		usleep(10000);
	}
	return false;
}

static void threads_on_one_file(struct exynos *e)
{
	pthread_t thread[4];
	unsigned int i;

	e->allowed = refusals;
	stop = false;
	shared = exynos_mmap(4 * PAGE);
	for (i = 0; i < ARRAY_SIZE(thread); i++)
		igt_assert_eq(pthread_create(&thread[i], NULL, queue_thread, e), 0);
	sleep(5);
	stop = true;
	for (i = 0; i < ARRAY_SIZE(thread); i++)
		pthread_join(thread[i], NULL);
	igt_assert(exec_until_done(e));
	exynos_assert_works(e);
	reopen(e);
	exynos_assert_nothing_pinned(e);
	munmap(shared, 4 * PAGE);
}

static void synchronous_jobs(struct exynos *e)
{
	struct g2d_image image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	struct g2d_list list;
	unsigned int i;

	/*
	 * A waiter that preempts whoever wakes it frees the job before the waker goes on,
	 * provided that it waits on the same CPU. Which one that is only the kernel knows.
	 */
	exynos_set_policy(SCHED_FIFO);
	for (i = 0; i < 200; i++) {
		exynos_run_on(0, i % sysconf(_SC_NPROCESSORS_ONLN));
		g2d_fill(&list, &image, g2d_whole(&image), i);
		exynos_run(e, &list);
	}
	exynos_run_anywhere();
	exynos_set_policy(SCHED_OTHER);
}

static void event_twice_in_one_exec(struct exynos *e)
{
	struct g2d_image image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	struct g2d_list list;
	uint64_t user_data;
	unsigned int i, round;

	for (round = 0; round < 3; round++) {
		for (i = 1; i <= 3; i++) {
			g2d_fill(&list, &image, g2d_whole(&image), i);
			list.event = true;
			list.user_data = i;
			igt_assert_eq(g2d_queue(e->fd, &list), 0);
		}
		igt_assert_eq(g2d_exec(e->fd, true), 0);
		for (i = 1; i <= 3; i++) {
			igt_assert_eq(g2d_wait_event(e->fd, &user_data, 5000), 0);
			igt_assert_eq_u64(user_data, i);
		}
		igt_assert_eq(g2d_wait_event(e->fd, NULL, 100), -ETIMEDOUT);
	}
}

static void events_without_exec(unsigned int files)
{
	struct g2d_list list;
	unsigned int i, j;

	for (i = 0; i < files; i++) {
		int fd = drm_open_driver_render(DRIVER_EXYNOS);

		g2d_list_init(&list);
		list.event = true;
		for (j = 0; j < G2D_NODES; j++)
			igt_assert_eq(g2d_queue(fd, &list), 0);
		drm_close_driver(fd);
	}
}

static void event_leak(struct exynos *e)
{
	long before, left;

	(void)e;
	igt_skip_on_f(access("/sys/kernel/debug/kmemleak", F_OK) == 0,
		      "a debug kernel keeps freed memory; kmemleak looks after the run\n");

	/* What is kept for later is there after the first round. */
	events_without_exec(100);
	before = exynos_unreclaimable_kib();
	events_without_exec(500);
	/* 32,000 events of about 100 bytes would be 3 MiB. */
	left = exynos_unreclaimable_kib() - before;
	igt_assert_f(left < 1024, "%ld KiB are left of 32,000 events\n", left);
}

static void close_while_running(struct exynos *e)
{
	uint32_t handle;
	struct g2d_image image;
	struct g2d_list list;
	unsigned int i;

	exynos_require_test_page(e);
	exynos_restore_timeout(e);
	e->allowed = resets;
	for (i = 0; i < 8; i++) {
		handle = exynos_bo(e, PAGE);
		image = exynos_image(handle, 32, 32);
		g2d_fill(&list, &image, g2d_whole(&image), 1);
		exynos_hold(e);
		exynos_start(e, &list);
		/* Let the job get from the queue to the engine. */
		usleep(20000);
		reopen(e);
		exynos_let_go(e);
		exynos_assert_works(e);
	}
}

/* CPU time of this thread. */
static unsigned int busy_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void close_sleeps(struct exynos *e)
{
	unsigned int i, before, busy, least = ~0u;
	struct g2d_image image;
	struct g2d_list list;

	exynos_require_test_page(e);
	/*
	 * The least of some: a busy host makes everything look like work.  The
	 * engine is let go well before the driver would reset it, as that is
	 * another matter.
	 */
	for (i = 0; i < 3 && least >= 15; i++) {
		image = exynos_image(exynos_bo(e, PAGE), 32, 32);
		g2d_fill(&list, &image, g2d_whole(&image), 1);
		exynos_hold(e);
		exynos_start(e, &list);
		usleep(20000);
		exynos_let_go_after(e, 30);
		before = busy_ms();
		drm_close_driver(e->fd);
		busy = busy_ms() - before;
		exynos_let_go(e);
		e->fd = drm_open_driver_render(DRIVER_EXYNOS);
		if (busy < least)
			least = busy;
	}
	igt_assert_f(least < 15, "close() kept a CPU busy for %u ms\n", least);
	exynos_assert_works(e);
}

static void close_lets_others_run(struct exynos *e)
{
	int fd = drm_open_driver_render(DRIVER_EXYNOS);
	struct g2d_image image;
	struct g2d_list list;
	uint32_t handle;

	exynos_require_test_page(e);
	exynos_restore_timeout(e);
	e->allowed = resets;

	igt_assert_eq(exynos_gem_create(fd, PAGE, e->board.has_iommu ? EXYNOS_BO_NONCONTIG :
					EXYNOS_BO_CONTIG, &handle), 0);
	image = exynos_image(handle, 32, 32);
	g2d_fill(&list, &image, g2d_whole(&image), 1);
	exynos_hold(e);
	igt_assert_eq(g2d_queue(fd, &list), 0);
	igt_assert_eq(g2d_exec(fd, true), 0);
	usleep(20000);

	image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	g2d_fill(&list, &image, g2d_whole(&image), 1);
	exynos_start(e, &list);
	drm_close_driver(fd);
	igt_assert_f(g2d_wait_event(e->fd, NULL, 5000) == 0, "the next job was not run\n");
}

static void interrupt_without_job(struct exynos *e)
{
	uint32_t handle = exynos_bo(e, PAGE);
	uint32_t *map = exynos_bo_map(e, handle, PAGE);
	struct g2d_image image = exynos_image(handle, 32, 32);
	volatile uint32_t *engine;
	struct g2d_list list;
	uint32_t address;

	exynos_require_test_page(e);
	igt_install_exit_handler(exynos_power_as_needed);
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	engine = exynos_map_registers(ENGINE_BASE);

	/* A job tells where the engine sees the buffer. */
	g2d_fill(&list, &image, g2d_whole(&image), 1);
	exynos_start(e, &list);
	exynos_finish(e);
	igt_assert(exynos_becomes_idle(engine));
	address = engine[G2D_DST_BASE / 4];

	/* A list that the driver knows nothing of. */
	map[0] = 2;
	map[1] = ENGINE_INTEN;
	map[2] = INTEN_LIST | INTEN_ALL;
	map[3] = ENGINE_DMA_HOLD;
	map[4] = HOLD_LIST;
	map[5] = 0;
	engine[ENGINE_DMA_BASE / 4] = address;
	engine[ENGINE_DMA_CMD / 4] = DMA_START;
	usleep(100000);

	/* Whether the driver lets such a list go on is its own affair. */
	engine[ENGINE_DMA_HOLD / 4] = 0;
	engine[ENGINE_DMA_CMD / 4] = DMA_CONTINUE;
	igt_assert(exynos_becomes_idle(engine));
	exynos_assert_works(e);
	exynos_power_as_needed(0);
	exynos_unmap_registers(engine);
	munmap(map, PAGE);
}

static void *close_thread(void *arg)
{
	int *fd = arg;

	exynos_run_on(0, 0);
	drm_close_driver(*fd);
	return NULL;
}

#define WORK_CPUS	"/sys/devices/virtual/workqueue/cpumask"

static char work_cpus[64];

static void work_as_before(int sig)
{
	(void)sig;
	exynos_write_file(WORK_CPUS, work_cpus);
}

/*
 * The memory of a job that ends is that of the next one, so upstream's driver,
 * which looks every 10 ms, takes the one for the other.
 */
static void close_after_job(struct exynos *e)
{
	struct g2d_image image = exynos_image(exynos_bo(e, PAGE), 32, 32), other;
	struct g2d_list list;
	unsigned int i, j;
	pthread_t thread;
	uint32_t handle;
	int fd, ret;

	exynos_require_test_page(e);
	exynos_require_two_cpus();
	e->allowed = resets;
	igt_require_f(exynos_read_line(WORK_CPUS, work_cpus, sizeof(work_cpus)),
		      "this kernel does not say where its workqueues run\n");
	igt_install_exit_handler(work_as_before);
	/* The same CPU for who frees the one and who allocates the other. */
	igt_assert(!exynos_write_file(WORK_CPUS, "2"));
	exynos_run_on(0, EXYNOS_SLOW_CPU);
	for (i = 0; i < 6; i++) {
		fd = drm_open_driver_render(DRIVER_EXYNOS);
		igt_assert_eq(exynos_gem_create(fd, PAGE, e->board.has_iommu ?
						EXYNOS_BO_NONCONTIG : EXYNOS_BO_CONTIG, &handle), 0);
		other = exynos_image(handle, 32, 32);
		g2d_fill(&list, &other, g2d_whole(&other), 1);
		exynos_hold(e);
		igt_assert_eq(g2d_queue(fd, &list), 0);
		igt_assert_eq(g2d_exec(fd, true), 0);
		g2d_fill(&list, &image, g2d_whole(&image), 1);
		list.event = true;
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
		usleep(20000);

		igt_assert_eq(pthread_create(&thread, NULL, close_thread, &fd), 0);
		usleep(25000);
		engine_write(&e->board, ENGINE_BLITS, 0);
		exynos_let_go(e);
		for (j = 0; j < 100 && !exynos_blits(e); j++)
			usleep(100);
		usleep(500);
		exynos_hold(e);
		igt_assert_eq(g2d_exec(e->fd, true), 0);
		pthread_join(thread, NULL);
		exynos_let_go(e);
		ret = g2d_wait_event(e->fd, NULL, 2000);
		if (ret)
			exynos_keep_files_open();
		igt_assert_f(!ret, "the engine was reset while it worked for another file\n");
	}
	exynos_run_anywhere();
	work_as_before(0);
}

#define PMU_BASE	0x10023000
#define PMU_LCD0_STATUS	(0xc84 / 4)
#define  PMU_POWER	0x7

static void no_power(struct exynos *e)
{
	struct drm_exynos_g2d_exec req = { .async = 0 };
	volatile uint32_t *pmu;
	struct g2d_list list;
	struct exynos_call exec;
	unsigned int i;
	bool ended;

	exynos_require_test_page(e);
	e->allowed = "Power domain .* enable failed|failed to enable G2D device";
	pmu = exynos_map_registers(PMU_BASE);
	/* The engine's driver lets go of the power after two seconds. */
	for (i = 0; i < 100 && (pmu[PMU_LCD0_STATUS] & PMU_POWER); i++)
		usleep(100000);
	igt_assert_f(!(pmu[PMU_LCD0_STATUS] & PMU_POWER), "the engine's power stays on\n");
	exynos_unmap_registers(pmu);

	engine_write(&e->board, ENGINE_POWER_STUCK, 1);
	g2d_list_init(&list);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	exynos_call(&exec, e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req);
	for (i = 0; i < 50 && !exec.done; i++)
		usleep(100000);
	ended = exec.done;
	engine_write(&e->board, ENGINE_POWER_STUCK, 0);
	/* Upstream takes the job for done when there is another one. */
	if (!ended && g2d_queue(e->fd, &list) == 0)
		g2d_exec(e->fd, true);
	igt_assert_f(ended, "EXEC waits for a job that was not started\n");
	pthread_join(exec.thread, NULL);
	igt_assert_neq(exec.ret, 0);
	exynos_assert_works(e);
}

static const struct exynos_test tests[] = {
	{ "full-pool", full_pool },
	{ "full-list", full_list },
	{ "cmdlist-leak-on-einval", cmdlist_leak_on_einval },
	{ "cmdlist-leak-on-odd-async", cmdlist_leak_on_odd_async },
	{ "userptr-size-changes", userptr_size_changes },
	{ "userptr-beyond-pool", userptr_beyond_pool },
	{ "userptr-limit", userptr_limit },
	{ "userptr-wraps", userptr_wraps },
	{ "userptr-scattered", userptr_scattered },
	{ "userptr-errors", userptr_errors },
	{ "synchronous-jobs", synchronous_jobs },
	{ "threads-on-one-file", threads_on_one_file },
	{ "event-twice-in-one-exec", event_twice_in_one_exec },
	{ "event-leak", event_leak },
	{ "close-while-running", close_while_running },
	{ "close-sleeps", close_sleeps },
	{ "close-lets-others-run", close_lets_others_run },
	{ "close-after-job", close_after_job },
	{ "no-power", no_power },
	{ "interrupt-without-job", interrupt_without_job },
};

igt_main {
	static struct exynos e;

	igt_fixture
		exynos_init(&e);

	exynos_run_tests(&e, tests, ARRAY_SIZE(tests));

	igt_fixture
		exynos_fini(&e);
}
