/* SPDX-License-Identifier: MIT */
/*
 * What the exynos tests are written in: FIMG2D and userptr verbs that assert,
 * requirements that skip with a reason, and exynos_subtest(), which runs a
 * subtest and then looks whether it left anything behind.
 */
#ifndef IGT_EXYNOS_H
#define IGT_EXYNOS_H

#include <pthread.h>

#include "exynos_board.h"
#include "exynos_g2d.h"
#include "exynos_oracle.h"
#include "igt.h"

/* What is logged of a System MMU's faults, some of which may be left out. */
#define EXYNOS_FAULT_MESSAGES \
	"FAULT occurred|show_fault_information: [0-9]+ callbacks suppressed"

/**
 * struct exynos - the device under test
 * @fd: render node, opened anew for every subtest
 * @board: test pages and what the board can do
 * @no_test_page: why there are none, or NULL
 * @log: kernel log
 * @allowed: log lines of level warning or above that the running subtest
 *	provokes on purpose, as an extended regular expression
 * @pinned: pages that were pinned before the subtest
 * @timeout_ms: the driver's timeout as it was found, 0 if it has none; jobs on the
 *	virtual board are given much more
 * @hold: thread that lets the engine go
 * @hold_ms: when it does
 * @holding: there is such a thread
 */
struct exynos {
	int fd;
	struct exynos_board board;
	const char *no_test_page;
	struct oracle_log log;
	const char *allowed;
	long pinned;
	unsigned int timeout_ms;
	pthread_t hold;
	unsigned int hold_ms;
	bool holding;
};

/** exynos_init - find the device; skips the whole test where there is none */
void exynos_init(struct exynos *e);
void exynos_fini(struct exynos *e);

/**
 * exynos_subtest - run one subtest and check what must hold afterwards
 * @e: device
 * @body: the subtest; @e has a DRM file of its own while it runs
 *
 * Afterwards, with the file still open, no page may be pinned; then the file is
 * closed and the kernel log must be free of complaints, and the models of
 * faults, of accesses that bypassed translation and of complaints.
 */
void exynos_subtest(struct exynos *e, void (*body)(struct exynos *e));

/* No ioctl runs now: no page may be pinned, whatever objects are alive. */
void exynos_assert_nothing_pinned(struct exynos *e);

/* Requirements. */
void exynos_require_userptr(struct exynos *e);
void exynos_require_test_page(struct exynos *e);
void exynos_require_iommu(struct exynos *e);
void exynos_require_no_iommu(struct exynos *e);

/*
 * The engine's knobs; they need the test page.  A held engine accepts jobs but
 * gets nowhere until it is let go, or until the driver's timeout resets it.
 */
void exynos_hold(struct exynos *e);
void exynos_let_go(struct exynos *e);
/* The engine moves a kilobyte in a millisecond until the subtest ends. */
void exynos_be_slow(struct exynos *e);
/* Back to the driver's own timeout until the subtest ends; returns it, or 0. */
unsigned int exynos_restore_timeout(struct exynos *e);
void exynos_let_go_after(struct exynos *e, unsigned int ms);
uint32_t exynos_blits(struct exynos *e);

/**
 * exynos_set_limit - set a module parameter until the subtest ends
 * @name: one of exynosdrm's; the limit of a user is that of a file in drivers
 *	that do not know users
 * @value: what to set it to
 *
 * Return: whether the driver has such a parameter.
 */
bool exynos_set_limit(const char *name, unsigned int value);

/** exynos_set_limits - in MiB, what can be mapped for all users and for one; or skip */
void exynos_set_limits(unsigned int all, unsigned int user);

/** exynos_param - what GET_PARAM tells of @param, which the kernel must know */
uint64_t exynos_param(struct exynos *e, uint32_t param);

/* Buffers. */
uint32_t exynos_userptr(struct exynos *e, const void *ptr, uint64_t size, uint32_t flags);
uint32_t exynos_bo(struct exynos *e, uint64_t size);
void exynos_close(struct exynos *e, uint32_t handle);
void *exynos_mmap(size_t size);
struct g2d_image exynos_image(uint32_t handle, uint32_t width, uint32_t height);

/* A page, as an image of 32 x 32 pixels, at the beginning of a buffer. */
struct g2d_image exynos_page(uint32_t handle);
struct g2d_image exynos_page_at(struct exynos *e, void *ptr, size_t size, uint32_t flags);

/* Jobs: run to the end, or start now and finish later. */
void exynos_run(struct exynos *e, const struct g2d_list *list);
void exynos_start(struct exynos *e, struct g2d_list *list);
int exynos_try(struct exynos *e, const struct g2d_list *list);
void exynos_finish(struct exynos *e);
void exynos_copy(struct exynos *e, const struct g2d_image *src, const struct g2d_image *dst);
int exynos_try_copy(struct exynos *e, const struct g2d_image *src, const struct g2d_image *dst);
void exynos_fill(struct exynos *e, const struct g2d_image *dst, uint32_t colour);

/* Without an event: queue a job, and wait for all that were queued before. */
int exynos_queue_fill(struct exynos *e, const struct g2d_image *dst);
void exynos_drain(struct exynos *e);

/* Test data: word @index of the pattern that belongs to @seed. */
uint32_t exynos_word(uint32_t seed, uint32_t index);
void exynos_fill_words(void *ptr, size_t bytes, uint32_t seed);
void exynos_check_words(const void *ptr, size_t bytes, uint32_t seed);
void exynos_check_bytes(const void *ptr, size_t bytes, uint8_t value);
void exynos_check_colour(const void *ptr, size_t bytes, uint32_t colour);

/* Milliseconds, and microseconds, on the clock that the jobs' deadlines run on. */
uint64_t exynos_now_ms(void);
uint64_t exynos_now_us(void);

/** exynos_bo_offset - where a GEM object is to be mapped in the device's file */
uint64_t exynos_bo_offset(struct exynos *e, uint32_t handle);

/** exynos_bo_map - map a GEM object for reading and writing */
void *exynos_bo_map(struct exynos *e, uint32_t handle, size_t size);

/** exynos_export_bo - get a dma-buf of a GEM object */
int exynos_export_bo(struct exynos *e, uint32_t handle);

/** exynos_assert_works - run a job on a new GEM object and look at the result */
void exynos_assert_works(struct exynos *e);

/**
 * struct exynos_test - a subtest
 * @name: its name; the description is in the comment at the head of the program
 * @body: what it does
 */
struct exynos_test {
	const char *name;
	void (*body)(struct exynos *e);
};

/** exynos_run_tests - run those of @num subtests that were asked for */
void exynos_run_tests(struct exynos *e, const struct exynos_test *tests, unsigned int num);

/** exynos_try_userptr - create a userptr object and close it; return 0 or a negative errno */
int exynos_try_userptr(struct exynos *e, uint64_t ptr, uint64_t size, uint32_t flags);

#endif /* IGT_EXYNOS_H */
