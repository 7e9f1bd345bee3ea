// SPDX-License-Identifier: MIT

#include "igt_exynos.h"
#include "igt_exynos_crowd.h"
#include "igt_exynos_sys.h"

static struct {
	pthread_t thread[EXYNOS_MAX_CROWD];
	unsigned int num;
	unsigned int arrived;
	volatile bool disperse;
} crowd;

void exynos_require_two_cpus(void)
{
	igt_require_f(sysconf(_SC_NPROCESSORS_ONLN) > EXYNOS_SLOW_CPU, "there is only one CPU\n");
}

void exynos_set_policy(int policy)
{
	struct sched_param lowest = { .sched_priority = sched_get_priority_min(policy) };

	igt_assert_eq(sched_setscheduler(0, policy, &lowest), 0);
}

static void *crowd_thread(void *arg)
{
	(void)arg;
	exynos_run_on(0, EXYNOS_SLOW_CPU);
	__atomic_add_fetch(&crowd.arrived, 1, __ATOMIC_RELAXED);
	while (!crowd.disperse)
		;
	return NULL;
}

void exynos_crowd_gather(unsigned int num)
{
	crowd.disperse = false;
	crowd.arrived = 0;
	for (crowd.num = 0; crowd.num < num; crowd.num++)
		igt_assert_eq(pthread_create(&crowd.thread[crowd.num], NULL, crowd_thread, NULL), 0);
	while (__atomic_load_n(&crowd.arrived, __ATOMIC_RELAXED) < num)
		usleep(1000);
}

void exynos_crowd_disperse(void)
{
	crowd.disperse = true;
	while (crowd.num)
		pthread_join(crowd.thread[--crowd.num], NULL);
}
