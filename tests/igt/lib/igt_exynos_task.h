/* SPDX-License-Identifier: MIT */
/*
 * Other tasks than the one that runs the test: threads that sleep in an ioctl,
 * processes of other users, and memory whose page faults stay unanswered.
 */
#ifndef IGT_EXYNOS_TASK_H
#define IGT_EXYNOS_TASK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct exynos_call - an ioctl in a thread of its own
 * @thread: the thread
 * @fd: the file
 * @request: the ioctl
 * @arg: its argument
 * @ret: 0 or a negative errno; valid when @done
 * @tid: the thread, 0 before it has started
 * @done: the ioctl has returned
 */
struct exynos_call {
	pthread_t thread;
	int fd;
	unsigned long request;
	void *arg;
	int ret;
	volatile pid_t tid;
	volatile bool done;
};

/** exynos_call - start an ioctl; repeats it after a signal, as libdrm does */
void exynos_call(struct exynos_call *c, int fd, unsigned long request, void *arg);

/** exynos_call_sleeps - whether the thread gets to sleep in the ioctl, and stays asleep */
bool exynos_call_sleeps(struct exynos_call *c);

/** exynos_call_and_sleep - exynos_call(), then exynos_call_sleeps() */
bool exynos_call_and_sleep(struct exynos_call *c, int fd, unsigned long request, void *arg);

/** exynos_call_ends - whether the ioctl returns within this time */
bool exynos_call_ends(struct exynos_call *c, unsigned int ms);

/** exynos_call_result - wait for the end of the ioctl; 0 or a negative errno */
int exynos_call_result(struct exynos_call *c);

/** exynos_become - let a child process go on as another user, who may not be root */
void exynos_become(uid_t uid);

/**
 * struct exynos_shared - what processes tell each other
 * @step: how far the test is; see exynos_step()
 * @stop: the children are to end
 * @count: anything
 */
struct exynos_shared {
	volatile unsigned int step;
	volatile unsigned int stop;
	volatile unsigned int count[64];
};

/** exynos_share - memory that children have in common with us */
struct exynos_shared *exynos_share(void);

/** exynos_step - another process may go on */
void exynos_step(struct exynos_shared *s);

/** exynos_wait_step - wait until exynos_step() was called this often, for a minute at most */
void exynos_wait_step(struct exynos_shared *s, unsigned int step);

/**
 * struct exynos_stuck - memory whose last page is not there until we say so
 * @uffd: who answers the fault
 * @ptr: the memory; all pages but the last are populated
 * @size: in bytes, whole pages
 */
struct exynos_stuck {
	int uffd;
	uint8_t *ptr;
	size_t size;
};

/** exynos_stuck_new - map such memory; skips where the kernel has no userfaultfd */
void exynos_stuck_new(struct exynos_stuck *s, size_t size);

/** exynos_stuck_answer - bring the last page in, and those in who wait for it */
void exynos_stuck_answer(struct exynos_stuck *s);

/** exynos_stuck_free - unmap it */
void exynos_stuck_free(struct exynos_stuck *s);

#endif /* IGT_EXYNOS_TASK_H */
