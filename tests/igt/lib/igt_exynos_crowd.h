/* SPDX-License-Identifier: MIT */
/*
 * Threads that keep a CPU busy, so that another thread there is late.
 */
#ifndef IGT_EXYNOS_CROWD_H
#define IGT_EXYNOS_CROWD_H

/* Threads at most. */
#define EXYNOS_MAX_CROWD	32

/* The CPU that is kept busy. */
#define EXYNOS_SLOW_CPU	1

/** exynos_require_two_cpus - skip unless there is a CPU to keep busy and another one */
void exynos_require_two_cpus(void);

/**
 * exynos_set_policy - set the scheduling policy, which new threads inherit
 *
 * Real-time policies get their lowest priority.
 */
void exynos_set_policy(int policy);

/** exynos_crowd_gather - keep the CPU busy with @num threads */
void exynos_crowd_gather(unsigned int num);

/** exynos_crowd_disperse - end them */
void exynos_crowd_disperse(void);

#endif
