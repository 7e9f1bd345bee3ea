/* SPDX-License-Identifier: MIT */
/*
 * The part of IGT's core API that the exynos tests use, so that they build
 * without an IGT tree.  Names, command line, output lines and exit codes are
 * IGT's: the same test sources compile inside IGT unchanged, and what reads
 * IGT's output reads this one's.
 *
 * A test is a sequence of fixtures and subtests in the body of igt_main.  A
 * failed assertion or requirement leaves the block it is in by longjmp(), so
 * locals that are changed in a block and used after it must be volatile.
 */
#ifndef IGT_STANDALONE_H
#define IGT_STANDALONE_H

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "drm.h"

/** Exit codes that igt_runner and the distributions' test runners know. */
#define IGT_EXIT_SUCCESS 0
#define IGT_EXIT_SKIP 77
#define IGT_EXIT_INVALID 79
#define IGT_EXIT_FAILURE 98

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ALIGN(v, a) (((v) + (a) - 1) & ~((__typeof__(v))(a) - 1))
#define ALIGN_DOWN(v, a) ((v) & ~((__typeof__(v))(a) - 1))

#define __igt_cat2(a, b) a##b
#define __igt_cat(a, b) __igt_cat2(a, b)
#define igt_unique(prefix) __igt_cat(__igt_unique_##prefix, __LINE__)

enum igt_log_level {
	IGT_LOG_DEBUG,
	IGT_LOG_INFO,
	IGT_LOG_WARN,
	IGT_LOG_CRITICAL,
	IGT_LOG_NONE,
};

void igt_log(const char *domain, enum igt_log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
#define igt_debug(f...) igt_log(NULL, IGT_LOG_DEBUG, f)
#define igt_info(f...) igt_log(NULL, IGT_LOG_INFO, f)
#define igt_warn(f...) igt_log(NULL, IGT_LOG_WARN, f)
#define igt_critical(f...) igt_log(NULL, IGT_LOG_CRITICAL, f)

/** One sentence on the test as a whole, printed by --help-description. */
extern const char *__igt_test_description __attribute__((weak));
#define IGT_TEST_DESCRIPTION(text) const char *__igt_test_description = text

/* Test structure. */
extern jmp_buf igt_subtest_jmpbuf;

void igt_subtest_init(int argc, char **argv);
void igt_exit(void) __attribute__((noreturn));
bool __igt_run_subtest(const char *name, const char *file, int line);
bool __igt_run_subtest_f(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void igt_success(void) __attribute__((noreturn));
bool __igt_fixture(void);
void __igt_fixture_complete(void);
int __igt_group_enter(void);
void __igt_group_leave(int state);
void igt_describe_f(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *igt_test_name(void);
const char *igt_subtest_name(void);
bool igt_only_list_subtests(void);

#define igt_main                                                      \
	static void igt_unique(body)(void);                           \
	int main(int argc, char **argv)                               \
	{                                                             \
		igt_subtest_init(argc, argv);                         \
		igt_unique(body)();                                   \
		igt_exit();                                           \
	}                                                             \
	static void igt_unique(body)(void)

#define igt_subtest(name)                                             \
	for (; __igt_run_subtest((name), __FILE__, __LINE__) &&       \
	       sigsetjmp(igt_subtest_jmpbuf, 1) == 0; igt_success())
#define igt_subtest_f(f...)                                           \
	for (; __igt_run_subtest_f(__FILE__, __LINE__, f) &&          \
	       sigsetjmp(igt_subtest_jmpbuf, 1) == 0; igt_success())
#define igt_fixture                                                   \
	for (volatile int igt_unique(once) = 0;                       \
	     igt_unique(once) < 1 && __igt_fixture() &&               \
	     sigsetjmp(igt_subtest_jmpbuf, 1) == 0;                   \
	     igt_unique(once)++, __igt_fixture_complete())
#define igt_subtest_group                                             \
	for (volatile int igt_unique(once) = 0, igt_unique(saved) = __igt_group_enter(); \
	     igt_unique(once) < 1;                                    \
	     igt_unique(once)++, __igt_group_leave(igt_unique(saved)))
#define igt_describe(text) igt_describe_f("%s", text)

/* Verdicts. */
void __igt_fail_assert(const char *domain, const char *file, int line,
		       const char *function, const char *assertion,
		       const char *format, ...)
	__attribute__((noreturn, format(printf, 6, 7)));
void __igt_skip_check(const char *file, int line, const char *function,
		      const char *check, const char *format, ...)
	__attribute__((noreturn, format(printf, 5, 6)));
void igt_skip(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));
void igt_fail(int exitcode) __attribute__((noreturn));

#define igt_assert_f(expr, f...)                                      \
	do {                                                          \
		if (!(expr))                                          \
			__igt_fail_assert(NULL, __FILE__, __LINE__,   \
					  __func__, #expr, f);        \
	} while (0)
#define igt_assert(expr)                                              \
	do {                                                          \
		if (!(expr))                                          \
			__igt_fail_assert(NULL, __FILE__, __LINE__,   \
					  __func__, #expr, NULL);     \
	} while (0)
#define igt_fail_on(expr) igt_assert(!(expr))

#define __igt_assert_cmp(type, fmt, a, op, opposite, b)               \
	do {                                                          \
		type __a = (a), __b = (b);                            \
		if (!(__a op __b))                                    \
			__igt_fail_assert(NULL, __FILE__, __LINE__,   \
					  __func__, #a " " #op " " #b, \
					  "error: " fmt " " #opposite \
					  " " fmt "\n", __a, __b);    \
	} while (0)
#define igt_assert_eq(a, b) __igt_assert_cmp(int, "%d", a, ==, !=, b)
#define igt_assert_neq(a, b) __igt_assert_cmp(int, "%d", a, !=, ==, b)
#define igt_assert_lt(a, b) __igt_assert_cmp(int, "%d", a, <, >=, b)
#define igt_assert_lte(a, b) __igt_assert_cmp(int, "%d", a, <=, >, b)
#define igt_assert_eq_u32(a, b) __igt_assert_cmp(uint32_t, "%#x", a, ==, !=, b)
#define igt_assert_neq_u32(a, b) __igt_assert_cmp(uint32_t, "%#x", a, !=, ==, b)
#define igt_assert_lte_u32(a, b) __igt_assert_cmp(uint32_t, "%#x", a, <=, >, b)
#define igt_assert_eq_u64(a, b) \
	__igt_assert_cmp(unsigned long long, "%#llx", a, ==, !=, b)
#define igt_assert_lte_u64(a, b) \
	__igt_assert_cmp(unsigned long long, "%#llx", a, <=, >, b)
#define igt_assert_lt_u64(a, b) \
	__igt_assert_cmp(unsigned long long, "%#llx", a, <, >=, b)
#define igt_assert_fd(fd) \
	igt_assert_f((fd) >= 0, "file descriptor " #fd " failed\n")

#define igt_require_f(expr, f...)                                     \
	do {                                                          \
		if (!(expr))                                          \
			__igt_skip_check(__FILE__, __LINE__, __func__, \
					 #expr, f);                   \
	} while (0)
#define igt_require(expr)                                             \
	do {                                                          \
		if (!(expr))                                          \
			__igt_skip_check(__FILE__, __LINE__, __func__, \
					 #expr, NULL);                \
	} while (0)
#define igt_skip_on_f(expr, f...) igt_require_f(!(expr), f)
#define igt_skip_on(expr) igt_require(!(expr))

/* Processes. */
bool __igt_fork(void);
void igt_waitchildren(void);
void igt_waitchildren_timeout(int seconds, const char *reason);
void igt_kill_children(int signal);
#define igt_fork(child, num)                                          \
	for (int child = 0; child < (num); child++)                   \
		for (; __igt_fork(); exit(0))

typedef void (*igt_exit_handler_t)(int sig);
void igt_install_exit_handler(igt_exit_handler_t handler);
void igt_set_timeout(unsigned int seconds, const char *op);
void igt_reset_timeout(void);

/* Time. */
int igt_gettime(struct timespec *now);
uint64_t igt_nsec_elapsed(struct timespec *start);
static inline uint32_t igt_seconds_elapsed(struct timespec *start)
{
	return igt_nsec_elapsed(start) / 1000000000;
}

#define igt_until_timeout(seconds)                                    \
	for (struct timespec igt_unique(since) = {};                  \
	     igt_seconds_elapsed(&igt_unique(since)) < (seconds);)

void igt_kmsg(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define KMSG_INFO "<6>[IGT] "

/* DRM. */
#define DRIVER_EXYNOS (1 << 11)

int igt_ioctl(int fd, unsigned long request, void *arg);
#define do_ioctl(fd, req, arg) \
	igt_assert_eq(igt_ioctl((fd), (req), (arg)), 0)
#define do_ioctl_err(fd, req, arg, err)                               \
	do {                                                          \
		igt_assert_eq(igt_ioctl((fd), (req), (arg)), -1);     \
		igt_assert_eq(errno, (err));                          \
	} while (0)

int __drm_open_driver(int chipset);
int drm_open_driver(int chipset);
int drm_open_driver_render(int chipset);
int drm_close_driver(int fd);
void gem_close(int fd, uint32_t handle);

#endif /* IGT_STANDALONE_H */
