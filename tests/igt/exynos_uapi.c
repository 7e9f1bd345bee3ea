// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_task.h"

/**
 * TEST: exynos uapi
 * Description: What programs can rely upon: properties that can be asked for, bits
 *		that do not count, calls that are restarted, and a quiet log.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: uAPI
 * Functionality: userptr
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: get-param
 * Description: The driver tells its features, the cache line size and the
 *		places in its queue.
 *
 * SUBTEST: get-param-limits
 * Description: The driver tells the limits that are in force.
 *
 * SUBTEST: get-param-max-size
 * Description: An object of the size that the driver tells can be mapped, a
 *		larger one not.
 *
 * SUBTEST: get-param-invalid
 * Description: Unknown parameters and padding that is not zero are refused.
 *
 * SUBTEST: exec-upper-half
 * Description: Only the lower half of EXEC's async counts.
 *
 * SUBTEST: create-interrupted
 * Description: Creating an object is restarted after a signal.
 *
 * SUBTEST: exec-interrupted
 * Description: Waiting for a place in the queue is interrupted by signals, and
 *		restarted.
 *
 * SUBTEST: stack-gap
 * Description: An address just below the stack is refused without a word in the
 *		log.
 *
 * SUBTEST: cache-maintenance
 * Description: How much cache maintenance a job can need is bounded.
 *
 * SUBTEST: rejected-list
 * Description: The driver's debug messages, and no other category's, tell which
 *		register of a rejected command list is the reason.
 */

IGT_TEST_DESCRIPTION("What programs can rely upon.");

#define PAGE	4096u
#define KIB	1024u
#define MIB	(1024u * KIB)

static int try_param(struct exynos *e, uint32_t param, uint32_t pad)
{
	struct drm_exynos_get_param req = { .param = param, .pad = pad };

	return ioctl(e->fd, DRM_IOCTL_EXYNOS_GET_PARAM, &req) ? -errno : 0;
}

static void get_param(struct exynos *e)
{
	uint64_t line = exynos_param(e, EXYNOS_PARAM_CACHE_LINE_SIZE);

	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_FEATURES),
			  EXYNOS_USERPTR_READONLY | EXYNOS_USERPTR_PROBE);
	igt_assert_lte_u64(16, line);
	igt_assert_lte_u64(line, 256);
	igt_assert_eq_u64(line & (line - 1), 0);
	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_G2D_JOBS), 8);
	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_G2D_USER_JOBS), 4);
}

static void get_param_limits(struct exynos *e)
{
	igt_assert(exynos_set_limit("userptr_limit", 8));
	igt_assert(exynos_set_limit("userptr_user_limit", 4));
	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_LIMIT), 8 * MIB);
	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_SHARE), 4 * MIB);

	/* A share cannot be more than there is. */
	exynos_set_limit("userptr_user_limit", 16);
	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_SHARE), 8 * MIB);
	exynos_set_limit("userptr_limit", 2);
	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_SHARE), 2 * MIB);

	/* Without any of it nothing can be mapped, and nothing wraps. */
	exynos_set_limit("userptr_limit", 0);
	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_LIMIT), 0);
	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_SHARE), 0);
	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_MAX_SIZE), 0);

	/* More than fits into any number of bytes with 32 bits. */
	exynos_set_limit("userptr_limit", ~0u);
	exynos_set_limit("userptr_user_limit", ~0u);
	igt_assert_lte_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_SHARE), 1ull << 32);
	igt_assert_lte_u64(MIB, exynos_param(e, EXYNOS_PARAM_USERPTR_SHARE));
}

static void get_param_max_size(struct exynos *e)
{
	const uint32_t flags = EXYNOS_USERPTR_READONLY | EXYNOS_USERPTR_PROBE;
	uint8_t *ptr = exynos_mmap(5 * MIB);
	uint32_t handle;
	uint64_t max;

	exynos_require_iommu(e);
	igt_assert(exynos_set_limit("userptr_limit", 8));
	igt_assert(exynos_set_limit("userptr_user_limit", 4));
	max = exynos_param(e, EXYNOS_PARAM_USERPTR_MAX_SIZE);
	igt_assert_lte_u64(3 * MIB, max);
	igt_assert_eq(exynos_gem_userptr(e->fd, ptr, max, flags, &handle), 0);
	exynos_close(e, handle);
	igt_assert_eq(exynos_gem_userptr(e->fd, ptr + PAGE - 1, max - PAGE + 1, flags, &handle), 0);
	exynos_close(e, handle);
	igt_assert_eq(exynos_gem_userptr(e->fd, ptr, max + 1, flags, &handle), -ENOSPC);
	/* Counted in whole pages. */
	igt_assert_eq(exynos_gem_userptr(e->fd, ptr + 1, max, flags, &handle), -ENOSPC);
}

static void get_param_invalid(struct exynos *e)
{
	uint32_t param;

	igt_assert_eq(try_param(e, EXYNOS_PARAM_USERPTR_FEATURES, 0), 0);
	for (param = EXYNOS_PARAM_USERPTR_PFNMAP_MAX_SIZE + 1; param < 64; param++)
		igt_assert_eq(try_param(e, param, 0), -EINVAL);
	igt_assert_eq(try_param(e, 1u << 31, 0), -EINVAL);
	igt_assert_eq(try_param(e, ~0u, 0), -EINVAL);
	for (param = 0; param <= EXYNOS_PARAM_USERPTR_PFNMAP_MAX_SIZE; param++) {
		igt_assert_eq(try_param(e, param, 1), -EINVAL);
		igt_assert_eq(try_param(e, param, 1u << 31), -EINVAL);
	}
}

/* Vendor clients have two words of 32 bits there and never write the second one. */
static void exec_upper_half(struct exynos *e)
{
	static const uint64_t garbage[] = { 1ull << 32, 1ull << 63, 0xdeadbeefull << 32 };
	struct drm_exynos_g2d_exec req;
	struct exynos_call exec;
	struct g2d_image image;
	struct g2d_list list;
	uint32_t *ptr = exynos_mmap(PAGE);
	unsigned int i;
	bool slept;

	exynos_require_test_page(e);
	image = exynos_image(exynos_userptr(e, ptr, PAGE, 0), 32, 32);
	for (i = 0; i < ARRAY_SIZE(garbage); i++) {
		exynos_hold(e);
		g2d_fill(&list, &image, g2d_whole(&image), i + 1);
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
		req.async = garbage[i];
		slept = exynos_call_and_sleep(&exec, e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req);
		exynos_let_go(e);
		igt_assert_eq(exynos_call_result(&exec), 0);
		igt_assert_f(slept, "EXEC did not wait for the job with %#llx in async\n",
			     (unsigned long long)garbage[i]);
		exynos_check_colour(ptr, PAGE, i + 1);
	}

	/* A job that is not waited for stays one. */
	exynos_hold(e);
	list.event = true;
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	req.async = garbage[1] | 1;
	do_ioctl(e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req);
	exynos_let_go(e);
	exynos_finish(e);
}

/* Signals. */

static void on_signal(int sig)
{
	(void)sig;
}

static void signal_after(unsigned int us)
{
	struct itimerval t = { .it_value.tv_usec = us };

	setitimer(ITIMER_REAL, &t, NULL);
}

/*
 * The first object of a process takes the locks of all its mappings, and stops
 * that when a signal comes. So there are many, and a new process each time.
 */
static void create_interrupted(struct exynos *e)
{
	enum { MAPPINGS = 1000, TRIES = 10 };
	struct exynos_shared *s = exynos_share();
	uint8_t *ptr = exynos_mmap(MAPPINGS * PAGE);
	unsigned int i;

	for (i = 0; i < MAPPINGS; i += 2)
		igt_assert_eq(mprotect(ptr + i * PAGE, PAGE, PROT_READ), 0);
	for (i = 0; i < TRIES; i++) {
		igt_fork(child, 1) {
			struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
			struct drm_exynos_gem_userptr req = {
				.userptr = (uintptr_t)s,
				.size = PAGE,
			};
			int ret;

			sigaction(SIGALRM, &sa, NULL);
			signal_after(1 + i * 300);
			ret = ioctl(e->fd, DRM_IOCTL_EXYNOS_GEM_USERPTR, &req) ? -errno : 0;
			signal_after(0);
			igt_assert_f(!ret, "with a signal after %u us it failed with %d\n",
				     1 + i * 300, ret);
		}
		igt_waitchildren();
	}
	munmap(ptr, MAPPINGS * PAGE);
}

/* Whoever waits for a place is interrupted, loses nothing, and waits again. */
static void exec_interrupted(struct exynos *e)
{
	struct sigaction sa = { .sa_handler = on_signal };
	uint32_t *ptr = exynos_mmap(PAGE);
	struct drm_exynos_g2d_exec req = { };
	struct g2d_image image, other;
	struct exynos_call exec;
	struct g2d_list list;
	bool slept;
	int i, ret;

	exynos_require_test_page(e);
	exynos_hold(e);
	other = exynos_image(exynos_bo(e, PAGE), 32, 32);
	g2d_fill(&list, &other, g2d_whole(&other), 1);
	for (i = 0; i < 4; i++) {
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
		igt_assert_eq(g2d_exec(e->fd, true), 0);
	}
	image = exynos_image(exynos_userptr(e, ptr, PAGE, 0), 32, 32);
	g2d_fill(&list, &image, g2d_whole(&image), 2);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);

	/* Without SA_RESTART userspace gets to know. */
	sigaction(SIGALRM, &sa, NULL);
	signal_after(300000);
	ret = ioctl(e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req) ? -errno : 0;
	igt_assert_eq(ret, -EINTR);

	/* With it the thread stays in there. */
	sa.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &sa, NULL);
	slept = exynos_call_and_sleep(&exec, e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req);
	for (i = 0; slept && i < 5; i++) {
		pthread_kill(exec.thread, SIGUSR1);
		slept = exynos_call_sleeps(&exec);
	}
	exynos_let_go(e);
	igt_assert_eq(exynos_call_result(&exec), 0);
	igt_assert(slept);
	exynos_check_colour(ptr, PAGE, 2);
}

/* The log. */

static uintptr_t stack_begin(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	unsigned long begin = 0, b;
	char line[256];

	igt_assert(f);
	while (fgets(line, sizeof(line), f))
		if (strstr(line, "[stack]") && sscanf(line, "%lx-", &b) == 1)
			begin = b;
	fclose(f);
	igt_require_f(begin, "no stack in /proc/self/maps\n");
	return begin;
}

static void stack_gap(struct exynos *e)
{
	uintptr_t begin = stack_begin();
	uint32_t handle;

	igt_assert_eq(exynos_gem_userptr(e->fd, (void *)(begin - PAGE), PAGE,
					 EXYNOS_USERPTR_PROBE, &handle), -EFAULT);
	igt_assert_eq(exynos_gem_userptr(e->fd, (void *)(begin - PAGE), 2 * PAGE,
					 EXYNOS_USERPTR_PROBE | EXYNOS_USERPTR_READONLY, &handle),
		      -EFAULT);
	igt_assert_eq(exynos_gem_userptr(e->fd, (void *)(begin - 8 * PAGE), 4 * PAGE,
					 EXYNOS_USERPTR_PROBE, &handle), -EFAULT);
}

/* What a job costs the CPU. */

static void cache_maintenance(struct exynos *e)
{
	/* A column of 8000 pixels, each a line of its own, in 32 MiB. */
	enum { LISTS = 64, RUN = 2, ROWS = 8000, SOME = 500, STRIDE = 4096, SIZE = 32 * MIB };
	/* What the driver takes a row for, and what one job may cost, in KiB. */
	enum { ROW_KIB = 1, JOB_KIB = 256 * 1024 };
	struct drm_exynos_g2d_exec req = { };
	uint32_t *ptr = exynos_mmap(SIZE), blits;
	struct exynos other = { };
	struct exynos_call exec;
	struct g2d_image image;
	struct g2d_list list;
	unsigned int i, num, row;
	uint64_t took;
	int ret;

	exynos_require_test_page(e);
	exynos_require_iommu(e);

	/* As many as one job can have; they are not run. */
	other.fd = drm_open_driver_render(DRIVER_EXYNOS);
	image = exynos_image(exynos_userptr(&other, ptr, SIZE, 0), STRIDE / 4, SIZE / STRIDE);
	for (num = 0; num < LISTS; num++) {
		g2d_fill(&list, &image, (struct g2d_rect){ num, 0, 1, ROWS }, 1);
		ret = g2d_queue(other.fd, &list);
		if (ret == -ENOMEM)
			break;
		igt_assert_eq(ret, 0);
	}
	close(other.fd);

	/* A few rows: with all of the kernel's checkers, each takes a millisecond. */
	image = exynos_image(exynos_userptr(e, ptr, SOME * STRIDE, 0), STRIDE / 4, SOME);
	for (i = 0; i < RUN; i++) {
		g2d_fill(&list, &image, (struct g2d_rect){ i, 0, 1, SOME }, i + 1);
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
	}
	blits = exynos_blits(e);
	exynos_call(&exec, e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req);
	while (!exec.done && exynos_blits(e) - blits < RUN)
		usleep(1000);
	took = exynos_now_ms();
	igt_assert_eq(exynos_call_result(&exec), 0);
	took = exynos_now_ms() - took;
	for (i = 0; i < RUN; i++)
		for (row = 0; row < SOME; row++)
			igt_assert_eq_u32(ptr[row * STRIDE / 4 + i], i + 1);
	igt_info("%u lists in a job; for %d of %d rows %llu ms from the engine's end to the job's\n",
		 num, RUN, SOME, (unsigned long long)took);
	munmap(ptr, SIZE);
	igt_assert_lte_u32(num * ROWS * ROW_KIB, JOB_KIB);
	igt_assert_lte_u32(RUN, num);
}

/* Why a list is rejected. */

#define DRM_DEBUG "/sys/module/drm/parameters/debug"

/* Returns what it was. */
static unsigned long set_drm_debug(unsigned long categories)
{
	char text[32] = "";
	unsigned long before;
	int fd = open(DRM_DEBUG, O_RDWR);

	igt_assert_f(fd >= 0, "%s: %s\n", DRM_DEBUG, strerror(errno));
	igt_assert_lt(0, read(fd, text, sizeof(text) - 1));
	before = strtoul(text, NULL, 0);
	snprintf(text, sizeof(text), "%lu", categories);
	igt_assert_eq(pwrite(fd, text, strlen(text), 0), (int)strlen(text));
	close(fd);
	return before;
}

/* Reads on to the end; returns whether there was such a line. */
static bool log_says(int kmsg, const char *text)
{
	char record[2048];
	bool found = false;
	ssize_t len;

	for (;;) {
		len = read(kmsg, record, sizeof(record) - 1);
		if (len == -1 && errno == EPIPE)
			continue;
		if (len <= 0)
			return found;
		record[len] = '\0';
		if (strstr(record, text))
			found = true;
	}
}

static void rejected_list(struct exynos *e)
{
	enum { DRM_CORE = 0x1, DRM_DRIVER = 0x2, UNKNOWN = 0xdead };
	const struct {
		uint32_t reg, value;
		int error;
		const char *says;
	} lists[] = {
		{ 0x100, 1, -EINVAL, "register 0x100 must not be written" },
		{ G2D_DST_COLOR_MODE, 15, -EINVAL, "register 0x40c: unknown format" },
		{ G2D_DST_STRIDE, 0x8000, -EFAULT,
		  "register 0x408: the stride is larger than 32767" },
		{ G2D_DST_RIGHT_BOTTOM, 32 | 33 << 16, -EFAULT,
		  "register 0x404: the rectangle leaves the buffer" },
		{ G2D_DST_RIGHT_BOTTOM, 32, -EFAULT, "register 0x414: the rectangle is empty" },
		{ G2D_SRC_REPEAT_MODE, 5, -EINVAL, "register 0x31c: unknown mode" },
		/* Of the buffer, not of a register. A kernel may know errors by number only. */
		{ 0, UNKNOWN, -EFAULT, "register 0x404: buffer 0xdead: -" },
		{ 0, 0, -EACCES, "register 0x404: the buffer is read-only" },
	};
	uint32_t *ptr = exynos_mmap(PAGE);
	struct g2d_image image = exynos_page(exynos_userptr(e, ptr, PAGE, 0));
	uint32_t readonly = exynos_userptr(e, ptr, PAGE, EXYNOS_USERPTR_READONLY);
	bool said[ARRAY_SIZE(lists)], said_by_core = false;
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK), ret[ARRAY_SIZE(lists)];
	unsigned long before;
	struct g2d_list list;
	unsigned int i, pass;

	igt_assert(kmsg >= 0);
	lseek(kmsg, 0, SEEK_END);

	before = set_drm_debug(0);
	for (pass = 0; pass < 2; pass++) {
		set_drm_debug(pass ? DRM_DRIVER : DRM_CORE);
		for (i = 0; i < ARRAY_SIZE(lists); i++) {
			g2d_fill(&list, &image, g2d_whole(&image), 1);
			if (lists[i].reg)
				g2d_reg(&list, lists[i].reg, lists[i].value);
			else
				list.buf[0].data = lists[i].value ?: readonly;
			ret[i] = g2d_queue(e->fd, &list);
			said[i] = log_says(kmsg, lists[i].says);
			said_by_core |= said[i] && !pass;
		}
	}
	set_drm_debug(before);
	close(kmsg);

	igt_assert(!said_by_core);
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		igt_assert_f(said[i], "the log has no '%s'\n", lists[i].says);
		igt_assert_eq(ret[i], lists[i].error);
	}
	munmap(ptr, PAGE);
}

static const struct exynos_test tests[] = {
	{ "get-param", get_param },
	{ "get-param-limits", get_param_limits },
	{ "get-param-max-size", get_param_max_size },
	{ "get-param-invalid", get_param_invalid },
	{ "exec-upper-half", exec_upper_half },
	{ "create-interrupted", create_interrupted },
	{ "exec-interrupted", exec_interrupted },
	{ "stack-gap", stack_gap },
	{ "cache-maintenance", cache_maintenance },
	{ "rejected-list", rejected_list },
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
