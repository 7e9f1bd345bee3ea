// SPDX-License-Identifier: MIT
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_sys.h"
#include "igt_exynos_task.h"

/**
 * TEST: exynos queue
 * Description: Places in the engine's queue are shared, everybody gets one in turn,
 *		and what waits for jobs waits for few.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Command submission
 * Functionality: userptr
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: places-of-user
 * Description: A user can queue four jobs, however many files he has.
 *
 * SUBTEST: places-of-all
 * Description: All users together can queue eight jobs.
 *
 * SUBTEST: turns
 * Description: A user with one task gets his turn beside one with many.
 *
 * SUBTEST: turns-signals
 * Description: A task gets its turn although signals interrupt it all the time.
 *
 * SUBTEST: munmap-waits
 * Description: munmap() waits for no more than eight jobs, however many files
 *		of however many users queue them.
 *
 * SUBTEST: freed-in-time
 * Description: What a job has used is freed although another process is taking
 *		memory away.
 *
 * SUBTEST: beside-invalidations
 * Description: Jobs without user memory do not wait while large mappings of
 *		others are taken down.
 *
 * SUBTEST: engine-time
 * Description: The time that the engine works for a file is in fdinfo.
 */

IGT_TEST_DESCRIPTION("Users share the engine's queue.");

#define PAGE	4096u
#define KIB	1024u

/* The first of the users who are not root. */
#define USER	1000

/* What the documentation says of the queue: jobs of all users, and of one. */
#define JOBS		8
#define USER_JOBS	4

/* A buffer that takes this many milliseconds to fill when the engine is slow. */
static struct g2d_image slow_bo(struct exynos *e, unsigned int ms)
{
	return exynos_image(exynos_bo(e, ALIGN(ms * 1000, PAGE)), 250, ms);
}

/* Places in the queue. */

static void places_of_user(struct exynos *e)
{
	struct drm_exynos_g2d_exec req = { .async = 1 };
	int fds[3] = { e->fd };
	struct exynos_call exec;
	struct g2d_image image;
	struct g2d_list list;
	bool slept;
	int i;

	exynos_require_test_page(e);
	exynos_hold(e);
	for (i = 1; i < 3; i++)
		fds[i] = drm_open_driver_render(DRIVER_EXYNOS);
	for (i = 0; i < USER_JOBS; i++) {
		e->fd = fds[i % 2];
		image = exynos_page(exynos_bo(e, PAGE));
		igt_assert_eq(exynos_queue_fill(e, &image), 0);
	}
	e->fd = fds[2];
	image = exynos_page(exynos_bo(e, PAGE));
	g2d_fill(&list, &image, g2d_whole(&image), 1);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	slept = exynos_call_and_sleep(&exec, e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req);
	exynos_let_go(e);
	igt_assert_eq(exynos_call_result(&exec), 0);
	exynos_drain(e);
	e->fd = fds[0];
	close(fds[1]);
	close(fds[2]);
	igt_assert_f(slept, "with three files a user may queue more than %d jobs\n", USER_JOBS);
}

static void places_of_all(struct exynos *e)
{
	struct drm_exynos_g2d_exec req = { .async = 1 };
	struct exynos_shared *s = exynos_share();
	enum { USERS = JOBS / USER_JOBS };
	struct exynos_call exec;
	struct g2d_image image;
	struct g2d_list list;
	int fds[USERS], i;
	bool slept;

	exynos_require_test_page(e);
	exynos_hold(e);
	for (i = 0; i < USERS; i++)
		fds[i] = drm_open_driver_render(DRIVER_EXYNOS);
	igt_fork(child, USERS) {
		exynos_become(USER + child);
		e->fd = fds[child];
		image = exynos_page(exynos_bo(e, PAGE));
		for (i = 0; i < USER_JOBS; i++)
			igt_assert_eq(exynos_queue_fill(e, &image), 0);
		exynos_step(s);
	}
	exynos_wait_step(s, USERS);
	image = exynos_page(exynos_bo(e, PAGE));
	g2d_fill(&list, &image, g2d_whole(&image), 1);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	slept = exynos_call_and_sleep(&exec, e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req);
	exynos_let_go(e);
	igt_assert_eq(exynos_call_result(&exec), 0);
	igt_waitchildren();
	exynos_drain(e);
	for (i = 0; i < USERS; i++)
		close(fds[i]);
	igt_assert_f(slept, "more than %d jobs are queued\n", JOBS);
}

/* Processes that queue jobs as fast as they can until they are stopped. */
static void attack(struct exynos *e, struct exynos_shared *s, int num, int files_per_user,
		   unsigned int ms, int *fds)
{
	int i;

	for (i = 0; i < num; i++)
		fds[i] = drm_open_driver_render(DRIVER_EXYNOS);
	igt_fork(child, num) {
		struct g2d_image image;

		exynos_become(USER + child / files_per_user);
		for (i = 0; i < num; i++)
			if (i != child)
				close(fds[i]);
		e->fd = fds[child];
		image = slow_bo(e, ms);
		exynos_step(s);
		while (!s->stop) {
			igt_assert_eq(exynos_queue_fill(e, &image), 0);
			s->count[child]++;
		}
	}
	exynos_wait_step(s, num);
	/* Until nobody gets another place. */
	usleep(500000);
}

static void end_attack(struct exynos *e, struct exynos_shared *s, int num, int *fds)
{
	int i;

	s->stop = 1;
	engine_write(&e->board, ENGINE_RATE, 0);
	igt_waitchildren();
	exynos_drain(e);
	for (i = 0; i < num; i++)
		close(fds[i]);
}

static void turns(struct exynos *e)
{
	enum { TASKS = 6, OWN = 10 };
	struct exynos_shared *s = exynos_share();
	struct g2d_image image;
	uint32_t blits;
	int fds[TASKS];
	unsigned int i;

	exynos_be_slow(e);
	attack(e, s, TASKS, TASKS, 10, fds);
	image = exynos_page(exynos_bo(e, PAGE));
	blits = exynos_blits(e);
	for (i = 0; i < OWN; i++)
		exynos_fill(e, &image, i);
	blits = exynos_blits(e) - blits;
	end_attack(e, s, TASKS, fds);
	igt_info("%u jobs ended while %d of another user did\n", blits, OWN);
	igt_assert_lte_u32(blits, OWN * (JOBS + 1));
}

static void munmap_waits(struct exynos *e)
{
	enum { FILES = 40, FILES_PER_USER = 4, USERS = FILES / FILES_PER_USER };
	struct exynos_shared *s = exynos_share();
	uint8_t *ptr = exynos_mmap(PAGE);
	struct g2d_image image = exynos_page_at(e, ptr, PAGE, 0);
	uint32_t start, queued, unmapped;
	struct g2d_list list;
	int fds[FILES];

	exynos_be_slow(e);
	attack(e, s, FILES, FILES_PER_USER, 48, fds);
	g2d_fill(&list, &image, g2d_whole(&image), 1);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	start = exynos_blits(e);
	igt_assert_eq(g2d_exec(e->fd, true), 0);
	queued = exynos_blits(e);
	munmap(ptr, PAGE);
	unmapped = exynos_blits(e);
	end_attack(e, s, FILES, fds);

	igt_info("%u jobs until there was a place, %u until munmap() was done\n", queued - start,
		 unmapped - queued);
	/* Blits are looked at before and after the call, when others may end. */
	igt_assert_lte_u32(unmapped - queued, JOBS + 2);
	igt_assert_lte_u32(queued - start, USERS + JOBS + 2);
}

static volatile unsigned int ticks;

static void on_tick(int sig)
{
	(void)sig;
	ticks++;
}

/* A task that is interrupted all the time keeps its turn, as it is only one of many. */
static void turns_signals(struct exynos *e)
{
	enum { FILES = 12, FILES_PER_USER = 3, USERS = FILES / FILES_PER_USER, OWN = 5, MS = 48 };
	struct sigaction sa = { .sa_handler = on_tick, .sa_flags = SA_RESTART };
	struct exynos_shared *s = exynos_share();
	uint32_t start, queued[OWN], most = 0;
	struct drm_exynos_g2d_exec req = { .async = 1 };
	struct exynos_call exec;
	struct g2d_image image;
	struct g2d_list list;
	int fds[FILES], i;

	exynos_be_slow(e);
	attack(e, s, FILES, FILES_PER_USER, MS, fds);
	image = exynos_page(exynos_bo(e, PAGE));
	g2d_fill(&list, &image, g2d_whole(&image), 1);
	sigaction(SIGALRM, &sa, NULL);
	for (i = 0; i < OWN; i++) {
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
		start = exynos_blits(e);
		exynos_call(&exec, e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req);
		while (!exec.done && exynos_blits(e) - start < 10 * (USERS + JOBS)) {
			if (exec.tid)
				pthread_kill(exec.thread, SIGALRM);
			usleep(10000);
		}
		queued[i] = exynos_blits(e) - start;
		if (queued[i] > most)
			most = queued[i];
		if (exynos_call_result(&exec))
			break;
	}
	end_attack(e, s, FILES, fds);
	igt_info("%u jobs at most until there was a place, with %u signals\n", most, ticks);
	igt_assert_eq(i, OWN);
	igt_assert_lte_u32(most, 2 * (USERS + JOBS));
}

/* Jobs that were freed late, and files and processes that are gone. */

static long free_kib(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	long kib = -1;

	igt_assert(f);
	while (fgets(line, sizeof(line), f) && sscanf(line, "MemFree: %ld", &kib) != 1)
		;
	fclose(f);
	return kib;
}

struct unmapper {
	void *ptr;
	size_t size;
	volatile bool done;
};

static void *unmap_thread(void *arg)
{
	struct unmapper *u = arg;

	munmap(u->ptr, u->size);
	u->done = true;
	return NULL;
}

/*
 * The object whose last reference is a job's is freed while another one of the
 * process is being unmapped, which takes as long as a job behind it. What the job
 * between them has used must not stay for as long.
 */
static void freed_in_time(struct exynos *e)
{
	enum { LARGE_KIB = 32 * 1024 };
	int first = drm_open_driver_render(DRIVER_EXYNOS), fd = e->fd;
	uint8_t *ptr = exynos_mmap(400 * PAGE);
	struct unmapper u = { .ptr = ptr + PAGE, .size = 390 * PAGE };
	struct g2d_image image;
	pthread_t thread;
	bool in_time = false;
	uint32_t large;
	long before;

	exynos_be_slow(e);
	exynos_require_iommu(e);
	exynos_hold(e);

	e->fd = first;
	image = exynos_page_at(e, ptr, PAGE, 0);
	igt_assert_eq(exynos_queue_fill(e, &image), 0);
	close(first);

	e->fd = fd;
	large = exynos_bo(e, LARGE_KIB * KIB);
	image = exynos_page(large);
	igt_assert_eq(exynos_queue_fill(e, &image), 0);
	exynos_close(e, large);

	image = exynos_image(exynos_userptr(e, u.ptr, u.size, 0), 250, 1500);
	igt_assert_eq(exynos_queue_fill(e, &image), 0);
	before = free_kib();
	igt_assert_eq(pthread_create(&thread, NULL, unmap_thread, &u), 0);
	usleep(200000);
	igt_assert(!u.done);
	engine_write(&e->board, ENGINE_HANG, 0);

	while (!u.done && !in_time) {
		usleep(20000);
		in_time = free_kib() - before >= LARGE_KIB / 2 && !u.done;
	}
	engine_write(&e->board, ENGINE_RATE, 0);
	pthread_join(thread, NULL);
	igt_assert_f(in_time, "a buffer was freed only after the munmap() of something else\n");
	munmap(ptr, 400 * PAGE);
}

/*
 * Taking a large mapping down takes long. It takes place once in each round of the
 * other process, so if our jobs had to wait for it there would be as many late ones.
 */
static void beside_invalidations(struct exynos *e)
{
	enum { SIZE = 32 * 1024 * KIB, ROUNDS = 10, LATE = 5 };
	struct exynos_shared *s = exynos_share();
	int fd = drm_open_driver_render(DRIVER_EXYNOS);
	uint64_t took, begin, late[LATE] = { };
	unsigned int jobs = 0, i, j;
	struct g2d_image image;

	exynos_require_iommu(e);
	igt_fork(child, 1) {
		uint8_t *ptr = exynos_mmap(SIZE);
		uint32_t handle;

		exynos_become(USER);
		for (i = 0; i <= ROUNDS; i++) {
			igt_assert_eq(exynos_gem_userptr(fd, ptr, SIZE, EXYNOS_USERPTR_READONLY |
							 EXYNOS_USERPTR_PROBE, &handle), 0);
			exynos_close(&(struct exynos){ .fd = fd }, handle);
			exynos_step(s);
			madvise(ptr, PAGE, MADV_DONTNEED);
		}
	}
	image = exynos_page(exynos_bo(e, PAGE));
	exynos_wait_step(s, 1);
	begin = exynos_now_us();
	while (s->step <= ROUNDS) {
		took = exynos_now_us();
		exynos_fill(e, &image, jobs++);
		took = exynos_now_us() - took;
		for (i = 0; i < LATE && took < late[i]; i++)
			;
		if (i == LATE)
			continue;
		for (j = LATE - 1; j > i; j--)
			late[j] = late[j - 1];
		late[i] = took;
	}
	took = exynos_now_us() - begin;
	igt_waitchildren();
	close(fd);
	igt_info("%u jobs, %llu us each; the longest %llu us, the %u. longest %llu us; a round took %llu us\n",
		 jobs, (unsigned long long)took / jobs, (unsigned long long)late[0], LATE,
		 (unsigned long long)late[LATE - 1], (unsigned long long)took / ROUNDS);
	igt_assert_lt_u64(late[LATE - 1], took / ROUNDS / 8);
}

static void engine_time(struct exynos *e)
{
	struct g2d_image image;
	int64_t before, after;
	uint64_t took;

	exynos_be_slow(e);
	image = slow_bo(e, 200);
	before = oracle_fdinfo(e->fd, "drm-engine-g2d");
	igt_assert_eq_u64(before, 0);
	took = exynos_now_ms();
	exynos_fill(e, &image, 1);
	took = exynos_now_ms() - took;
	after = oracle_fdinfo(e->fd, "drm-engine-g2d");
	igt_info("%lld us of %llu ms\n", (long long)after / 1000, (unsigned long long)took);
	igt_assert_lte_u64(190 * 1000000ull, after);
	igt_assert_lte_u64(after, (took + 1) * 1000000);
}

static const struct exynos_test tests[] = {
	{ "places-of-user", places_of_user },
	{ "places-of-all", places_of_all },
	{ "turns", turns },
	{ "turns-signals", turns_signals },
	{ "munmap-waits", munmap_waits },
	{ "freed-in-time", freed_in_time },
	{ "beside-invalidations", beside_invalidations },
	{ "engine-time", engine_time },
};

igt_main {
	static struct exynos e;

	igt_fixture {
		exynos_init(&e);
		exynos_require_userptr(&e);
	}

	exynos_run_tests(&e, tests, ARRAY_SIZE(tests));

	igt_fixture
		exynos_fini(&e);
}
