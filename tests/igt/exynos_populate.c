// SPDX-License-Identifier: MIT
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_sys.h"
#include "igt_exynos_task.h"

/**
 * TEST: exynos populate
 * Description: Bringing the pages of a userptr object in takes as long as userspace
 *		likes, and may collide with signals and with changes of the page
 *		tables.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Memory management tests
 * Functionality: userptr
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: fault-pins
 * Description: No page is pinned while another one of the object does not come.
 *
 * SUBTEST: fault-space
 * Description: Jobs that wait for a page keep no IOVA space from other users.
 *
 * SUBTEST: fault-places
 * Description: Jobs that wait for a page keep no place in the queue from
 *		others.
 *
 * SUBTEST: fault-power
 * Description: A job that waits for a page keeps no power.
 *
 * SUBTEST: fault-suspend
 * Description: The system can be suspended while a job waits for a page.
 *
 * SUBTEST: fault-unbind
 * Description: The device can be unbound while a job waits for a page.
 *
 * SUBTEST: fault-unbind-unrelated
 * Description: Another DRM device can be unbound while a job waits for a page.
 *
 * SUBTEST: fault-killed
 * Description: A process can be killed while its job waits for a page.
 *
 * SUBTEST: signals
 * Description: EXEC of a large object ends although signals come all the time.
 *
 * SUBTEST: mprotect-loop
 * Description: Jobs are run although another thread protects parts of their
 *		object all the time.
 *
 * SUBTEST: fork-loop
 * Description: Jobs are run although another thread forks all the time.
 *
 * SUBTEST: dontneed-loop
 * Description: A job whose pages are taken away all the time is run or refused,
 *		within seconds.
 */

IGT_TEST_DESCRIPTION("Bringing in the pages of a userptr object.");

#define PAGE	4096u
#define MIB	(1024u * 1024)

/* The first of the users who are not root. */
#define USER	1000

/* How long something may take that takes no time. */
#define AT_ONCE_MS	20000

/* A job that uses a page that does not come: one only, contiguous without an IOMMU, too. */
struct stuck_job {
	struct exynos_stuck memory;
	struct g2d_image image;
	struct exynos_call exec;
	struct drm_exynos_g2d_exec req;
};

static void stuck_start(struct exynos *e, struct stuck_job *j)
{
	struct g2d_list list;

	memset(j, 0, sizeof(*j));
	exynos_stuck_new(&j->memory, PAGE);
	j->image = exynos_page_at(e, j->memory.ptr, PAGE, 0);
	g2d_fill(&list, &j->image, g2d_whole(&j->image), 0x12345678);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	igt_assert_f(exynos_call_and_sleep(&j->exec, e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &j->req),
		     "EXEC does not wait for the page: %d\n", j->exec.ret);
}

static int stuck_end(struct stuck_job *j)
{
	int ret;

	exynos_stuck_answer(&j->memory);
	ret = exynos_call_result(&j->exec);
	if (!ret)
		exynos_check_colour(j->memory.ptr, PAGE, 0x12345678);
	exynos_stuck_free(&j->memory);
	return ret;
}

/* What is held meanwhile. */

static void fault_pins(struct exynos *e)
{
	enum { TASKS = 4, SIZE = 8 * MIB };
	struct exynos_stuck memory[TASKS];
	struct exynos_call probe[TASKS];
	struct drm_exynos_gem_userptr req[TASKS];
	long pinned, before = oracle_pinned();
	unsigned int i;

	exynos_require_iommu(e);
	for (i = 0; i < TASKS; i++) {
		exynos_stuck_new(&memory[i], SIZE);
		req[i] = (struct drm_exynos_gem_userptr){
			.userptr = (uintptr_t)memory[i].ptr,
			.size = SIZE,
			.flags = EXYNOS_USERPTR_PROBE,
		};
		igt_assert(exynos_call_and_sleep(&probe[i], e->fd,
						 DRM_IOCTL_EXYNOS_GEM_USERPTR, &req[i]));
	}
	pinned = oracle_pinned() - before;
	for (i = 0; i < TASKS; i++) {
		exynos_stuck_answer(&memory[i]);
		igt_assert_eq(exynos_call_result(&probe[i]), 0);
		exynos_stuck_free(&memory[i]);
	}
	igt_assert_f(pinned <= 0, "%ld pages are pinned while one does not come\n", pinned);
}

static void fault_space(struct exynos *e)
{
	enum { USERS = 2, SIZE = 2 * MIB - 4 * PAGE };
	struct exynos_shared *s = exynos_share();
	int fds[USERS], ret, i;
	uint32_t handle;

	exynos_require_iommu(e);
	exynos_set_limits(8, 4);
	for (i = 0; i < USERS; i++)
		fds[i] = drm_open_driver_render(DRIVER_EXYNOS);
	igt_fork(child, USERS) {
		uint8_t *ptr = exynos_mmap(2 * SIZE);
		struct g2d_image a, b, last;
		struct drm_exynos_g2d_exec req = { };
		struct exynos_stuck memory;
		struct exynos_call exec;
		struct g2d_list list;

		/* Who may not create one can be given one. */
		exynos_stuck_new(&memory, PAGE);
		exynos_become(USER + child);
		e->fd = fds[child];
		a = exynos_page_at(e, ptr, SIZE, 0);
		b = exynos_page_at(e, ptr + SIZE, SIZE, 0);
		last = exynos_page_at(e, memory.ptr, PAGE, 0);
		g2d_copy(&list, &a, g2d_whole(&a), &b, 0, 0);
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
		g2d_copy(&list, &last, g2d_whole(&last), &b, 0, 0);
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
		igt_assert(exynos_call_and_sleep(&exec, e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req));
		exynos_step(s);
		exynos_wait_step(s, USERS + 1);
		exynos_stuck_answer(&memory);
		igt_assert_eq(exynos_call_result(&exec), 0);
	}
	exynos_wait_step(s, USERS);
	/* More than what is left for certain. */
	ret = exynos_gem_userptr(e->fd, exynos_mmap(MIB), MIB,
				 EXYNOS_USERPTR_READONLY | EXYNOS_USERPTR_PROBE, &handle);
	exynos_step(s);
	igt_waitchildren();
	for (i = 0; i < USERS; i++)
		close(fds[i]);
	igt_assert_f(!ret, "jobs that wait for a page leave no space to others: %d\n", ret);
}

static void fault_places(struct exynos *e)
{
	enum { TASKS = 8 };
	struct g2d_image image = exynos_page_at(e, exynos_mmap(PAGE), PAGE, 0);
	struct stuck_job jobs[TASKS];
	int fd = e->fd, fds[TASKS], i;

	for (i = 0; i < TASKS; i++) {
		fds[i] = e->fd = drm_open_driver_render(DRIVER_EXYNOS);
		stuck_start(e, &jobs[i]);
	}
	/* Of the same user. */
	e->fd = fd;
	exynos_fill(e, &image, 1);
	for (i = 0; i < TASKS; i++) {
		igt_assert_eq(stuck_end(&jobs[i]), 0);
		close(fds[i]);
	}
}

static void fault_power(struct exynos *e)
{
	struct stuck_job job;
	bool off;

	exynos_require_test_page(e);
	stuck_start(e, &job);
	off = exynos_file_becomes(ENGINE_DEVICE PM_STATUS, "suspended");
	igt_assert_eq(stuck_end(&job), 0);
	igt_assert_f(off, "the engine has power while a job waits for a page\n");
}

static void fault_suspend(struct exynos *e)
{
	struct stuck_job job;
	bool asleep;
	int ret;

	exynos_require_test_page(e);
	stuck_start(e, &job);
	exynos_write_file("/sys/power/pm_freeze_timeout", "5000");
	ret = exynos_try_suspend();
	exynos_write_file("/sys/power/pm_freeze_timeout", "20000");
	asleep = exynos_call_sleeps(&job.exec);
	igt_assert_eq(stuck_end(&job), 0);
	igt_assert_f(!ret, "a job that waits for a page keeps the system awake: %d\n", ret);
	igt_assert_f(asleep, "EXEC ended with the suspend\n");
}

/* Whether this is done at once; if not it is waited for after the fault was answered. */

struct unbinder {
	const struct exynos_binding *binding;
	int ret;
	volatile bool done;
};

static void *unbind_thread(void *arg)
{
	struct unbinder *u = arg;

	u->ret = exynos_try_unbind(u->binding);
	u->done = true;
	return NULL;
}

static int unbind_while_stuck(struct stuck_job *job, const struct exynos_binding *binding)
{
	struct unbinder u = { .binding = binding };
	uint64_t end = exynos_now_ms() + AT_ONCE_MS;
	pthread_t thread;
	bool done;
	int ret;

	igt_assert_eq(pthread_create(&thread, NULL, unbind_thread, &u), 0);
	while (!u.done && exynos_now_ms() < end)
		usleep(10000);
	done = u.done;
	ret = stuck_end(job);
	pthread_join(thread, NULL);
	igt_assert_eq(u.ret, 0);
	igt_assert_f(done, "unbinding waits for a program's page\n");
	return ret;
}

static void fault_unbind(struct exynos *e)
{
	struct stuck_job job;
	int ret;

	exynos_require_bindings();
	e->allowed = EXYNOS_GREETINGS "|objects that were alive at unbind";
	stuck_start(e, &job);
	ret = unbind_while_stuck(&job, &exynos_drm_binding);
	drm_close_driver(e->fd);
	exynos_bind_all();
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
	igt_assert_eq(ret, -ENODEV);
}

#define UNRELATED	"f000000.unrelated"
#define OVERRIDE	"/sys/bus/platform/devices/" UNRELATED "/driver_override"

static const struct exynos_binding unrelated = { "simple-framebuffer", UNRELATED };

static void unbind_unrelated(int sig)
{
	(void)sig;
	if (exynos_is_bound(&unrelated))
		exynos_try_unbind(&unrelated);
	exynos_write_file(OVERRIDE, "\n");
}

static void fault_unbind_unrelated(struct exynos *e)
{
	struct stuck_job job;

	igt_require_f(!exynos_write_file(OVERRIDE, unrelated.driver),
		      "there is no other device that could be a DRM device\n");
	igt_install_exit_handler(unbind_unrelated);
	e->allowed = "simple-framebuffer|simpledrm";
	exynos_bind(&unrelated);
	stuck_start(e, &job);
	igt_assert_eq(unbind_while_stuck(&job, &unrelated), 0);
}

static void fault_killed(struct exynos *e)
{
	struct exynos_shared *s = exynos_share();
	int fd = drm_open_driver_render(DRIVER_EXYNOS), status;
	struct g2d_image image;
	pid_t pid;

	pid = fork();
	igt_assert_lte(0, pid);
	if (!pid) {
		struct stuck_job job;

		e->fd = fd;
		stuck_start(e, &job);
		exynos_step(s);
		pause();
		_exit(0);
	}
	exynos_wait_step(s, 1);
	kill(pid, SIGKILL);
	igt_assert_eq(waitpid(pid, &status, 0), pid);
	igt_assert(WIFSIGNALED(status));
	close(fd);
	image = exynos_page_at(e, exynos_mmap(PAGE), PAGE, 0);
	exynos_fill(e, &image, 1);
}

/* Signals. */

static volatile uint64_t ticks_end;
static volatile unsigned int ticks;

static void set_timer(unsigned int ms)
{
	struct itimerval t = { { 0, ms * 1000 }, { 0, ms * 1000 } };

	setitimer(ITIMER_REAL, &t, NULL);
}

static void on_tick(int sig)
{
	(void)sig;
	ticks++;
	/* What has not ended by now never does, as long as the timer runs. */
	if (exynos_now_ms() > ticks_end)
		set_timer(0);
}

static void timer_exec(struct exynos *e, unsigned int mib, unsigned int ms)
{
	struct sigaction sa = { .sa_handler = on_tick, .sa_flags = SA_RESTART };
	uint8_t *ptr = exynos_mmap(mib * MIB);
	struct g2d_image image;
	uint64_t took;

	memset(ptr, 1, mib * MIB);
	image = exynos_page_at(e, ptr, mib * MIB, 0);
	ticks = 0;
	took = exynos_now_ms();
	ticks_end = took + 60000;
	sigaction(SIGALRM, &sa, NULL);
	set_timer(ms);
	exynos_fill(e, &image, 0x12345678);
	set_timer(0);
	took = exynos_now_ms() - took;
	igt_info("%u MiB, a signal each %u ms: %llu ms, %u signals\n", mib, ms,
		 (unsigned long long)took, ticks);
	igt_assert_f(exynos_now_ms() <= ticks_end,
		     "EXEC of %u MiB did not end before the signals did\n", mib);
	exynos_check_colour(ptr, PAGE, 0x12345678);
	munmap(ptr, mib * MIB);
	exynos_close(e, image.handle);
}

static void signals(struct exynos *e)
{
	exynos_require_iommu(e);
	timer_exec(e, 4, 4);
	timer_exec(e, 8, 4);
	timer_exec(e, 8, 10);
	timer_exec(e, 32, 20);
	timer_exec(e, 64, 10);
}

/* Page tables that change all the time. */

struct changer {
	uint8_t *ptr;
	size_t size;
	volatile bool stop;
	volatile unsigned int rounds;
};

static void *protect_thread(void *arg)
{
	struct changer *c = arg;
	unsigned int at = 0;

	while (!c->stop) {
		mprotect(c->ptr + at * PAGE, 8 * PAGE, PROT_READ);
		mprotect(c->ptr + at * PAGE, 8 * PAGE, PROT_READ | PROT_WRITE);
		at = (at + 8) % (c->size / PAGE);
		c->rounds++;
	}
	return NULL;
}

static void *fork_thread(void *arg)
{
	struct changer *c = arg;
	pid_t pid;

	while (!c->stop) {
		pid = fork();
		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
		c->rounds++;
	}
	return NULL;
}

/* Needs no more than the lock of a VMA, which EXEC cannot keep for itself. */
static void *empty_thread(void *arg)
{
	struct changer *c = arg;

	while (!c->stop) {
		madvise(c->ptr, c->size, MADV_DONTNEED);
		c->rounds++;
	}
	return NULL;
}

/*
 * Within a second or two EXEC either has run the job or says that it could not. The
 * last attempt has to end, though, and takes long where faults do.
 */
static void change_all_the_time(struct exynos *e, void *(*change)(void *arg), bool write,
				unsigned int least, unsigned int longest_ms)
{
	enum { SIZE = 1024 * PAGE, SECONDS = 15 };
	struct changer c = { .ptr = exynos_mmap(SIZE), .size = SIZE };
	struct g2d_image image, other;
	unsigned int done = 0, again = 0;
	uint64_t took, longest = 0;
	struct g2d_list list;
	pthread_t thread;

	exynos_require_iommu(e);
	memset(c.ptr, 1, SIZE);
	image = exynos_page_at(e, c.ptr, SIZE, 0);
	other = exynos_page(exynos_bo(e, PAGE));
	if (write)
		g2d_copy(&list, &other, g2d_whole(&other), &image, 0, 0);
	else
		g2d_copy(&list, &image, g2d_whole(&image), &other, 0, 0);
	igt_assert_eq(pthread_create(&thread, NULL, change, &c), 0);

	igt_until_timeout(SECONDS) {
		struct drm_exynos_g2d_exec req = { };
		int ret;

		igt_assert_eq(g2d_queue(e->fd, &list), 0);
		do {
			took = exynos_now_ms();
			ret = ioctl(e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req) ? -errno : 0;
			took = exynos_now_ms() - took;
			if (took > longest)
				longest = took;
			if (ret == -EAGAIN)
				again++;
		} while (ret == -EINTR || (ret == -EAGAIN && again % 4));
		if (ret == -EAGAIN)
			break;
		igt_assert_eq(ret, 0);
		done++;
	}
	c.stop = true;
	pthread_join(thread, NULL);
	igt_info("%u jobs, %u times EAGAIN, %llu ms at most, %u changes\n", done, again,
		 (unsigned long long)longest, c.rounds);
	igt_assert_lt_u64(longest, longest_ms);
	igt_assert_lte_u32(least, done);
	munmap(c.ptr, SIZE);
}

static void mprotect_loop(struct exynos *e)
{
	change_all_the_time(e, protect_thread, false, 20, 8000);
}

static void fork_loop(struct exynos *e)
{
	change_all_the_time(e, fork_thread, true, 4, 8000);
}

static void dontneed_loop(struct exynos *e)
{
	change_all_the_time(e, empty_thread, true, 0, 60000);
}

static const struct exynos_test tests[] = {
	{ "fault-pins", fault_pins },
	{ "fault-space", fault_space },
	{ "fault-places", fault_places },
	{ "fault-power", fault_power },
	{ "fault-suspend", fault_suspend },
	{ "fault-unbind", fault_unbind },
	{ "fault-unbind-unrelated", fault_unbind_unrelated },
	{ "fault-killed", fault_killed },
	{ "signals", signals },
	{ "mprotect-loop", mprotect_loop },
	{ "fork-loop", fork_loop },
	{ "dontneed-loop", dontneed_loop },
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
