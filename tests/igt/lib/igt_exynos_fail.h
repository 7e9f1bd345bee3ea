/* SPDX-License-Identifier: MIT */
/*
 * Allocations of the kernel that fail when they are told to.
 */
#ifndef IGT_EXYNOS_FAIL_H
#define IGT_EXYNOS_FAIL_H

#include <stdbool.h>

/**
 * exynos_require_failing - prepare allocations that this thread causes for failing
 *
 * Skips where the kernel cannot; undone when the program ends.  It is the calling
 * thread's allocations that the functions below are about.
 */
void exynos_require_failing(void);

/** exynos_fail_within - let only those fail that a function of the kernel makes or causes */
void exynos_fail_within(const char *function);

/** exynos_fail_nth - let the @nth allocation from now fail, once */
void exynos_fail_nth(unsigned int nth);

/** exynos_fail_nowhere - exit handler: let none fail, from anywhere */
void exynos_fail_nowhere(int sig);

/** exynos_has_failed - whether one has failed since exynos_fail_nth(), which ends */
bool exynos_has_failed(void);

#endif
