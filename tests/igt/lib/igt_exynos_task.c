// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_sys.h"
#include "igt_exynos_task.h"

#define PAGE	4096

static void *call_thread(void *arg)
{
	struct exynos_call *c = arg;

	c->tid = syscall(SYS_gettid);
	c->ret = igt_ioctl(c->fd, c->request, c->arg) ? -errno : 0;
	c->done = true;
	return NULL;
}

/* The kernel knows better than we do whether it is in there. */
static bool sleeps_in_ioctl(const struct exynos_call *c)
{
	char stat[64], syscall[64], line[256], state, *name_end;
	long nr;

	snprintf(stat, sizeof(stat), "/proc/self/task/%d/stat", (int)c->tid);
	snprintf(syscall, sizeof(syscall), "/proc/self/task/%d/syscall", (int)c->tid);
	return c->tid && !c->done && exynos_read_line(stat, line, sizeof(line)) &&
	       (name_end = strrchr(line, ')')) && sscanf(name_end, ") %c", &state) == 1 &&
	       (state == 'D' || state == 'S') && exynos_read_line(syscall, line, sizeof(line)) &&
	       sscanf(line, "%ld", &nr) == 1 && nr == SYS_ioctl;
}

void exynos_call(struct exynos_call *c, int fd, unsigned long request, void *arg)
{
	*c = (struct exynos_call){ .fd = fd, .request = request, .arg = arg };
	igt_assert_eq(pthread_create(&c->thread, NULL, call_thread, c), 0);
}

bool exynos_call_sleeps(struct exynos_call *c)
{
	unsigned int i, seen = 0;

	/* More than once, as it may sleep for another reason on its way. */
	for (i = 0; i < 1000 && seen < 3 && !c->done; i++) {
		usleep(10000);
		seen = sleeps_in_ioctl(c) ? seen + 1 : 0;
	}
	return seen == 3;
}

bool exynos_call_and_sleep(struct exynos_call *c, int fd, unsigned long request, void *arg)
{
	exynos_call(c, fd, request, arg);
	return exynos_call_sleeps(c);
}

bool exynos_call_ends(struct exynos_call *c, unsigned int ms)
{
	uint64_t end = exynos_now_ms() + ms;

	while (!c->done && exynos_now_ms() < end)
		usleep(10000);
	return c->done;
}

int exynos_call_result(struct exynos_call *c)
{
	pthread_join(c->thread, NULL);
	return c->ret;
}

void exynos_become(uid_t uid)
{
	igt_assert_eq(setresuid(uid, uid, uid), 0);
	/* What is in /proc/self would stay root's otherwise. */
	igt_assert_eq(prctl(PR_SET_DUMPABLE, 1), 0);
}

struct exynos_shared *exynos_share(void)
{
	struct exynos_shared *s = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	igt_assert(s != MAP_FAILED);
	return s;
}

void exynos_step(struct exynos_shared *s)
{
	__atomic_add_fetch(&s->step, 1, __ATOMIC_SEQ_CST);
}

void exynos_wait_step(struct exynos_shared *s, unsigned int step)
{
	uint64_t end = exynos_now_ms() + 60000;

	while (s->step < step && exynos_now_ms() < end)
		usleep(5000);
	igt_assert_f(s->step >= step, "another process has not come to step %u, but to %u\n", step,
		     s->step);
}

void exynos_stuck_new(struct exynos_stuck *s, size_t size)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	s->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	igt_require_f(s->uffd >= 0, "this kernel has no userfaultfd\n");
	do_ioctl(s->uffd, UFFDIO_API, &api);

	s->size = size;
	s->ptr = exynos_mmap(size);
	memset(s->ptr, 1, size - PAGE);
	reg.range.start = (uintptr_t)s->ptr + size - PAGE;
	reg.range.len = PAGE;
	do_ioctl(s->uffd, UFFDIO_REGISTER, &reg);
}

void exynos_stuck_answer(struct exynos_stuck *s)
{
	struct uffdio_zeropage zero = {
		.range = { (uintptr_t)s->ptr + s->size - PAGE, PAGE },
	};

	/* With nobody waiting, and with a page there already, as well. */
	ioctl(s->uffd, UFFDIO_ZEROPAGE, &zero);
	close(s->uffd);
	s->uffd = -1;
}

void exynos_stuck_free(struct exynos_stuck *s)
{
	if (s->uffd >= 0)
		close(s->uffd);
	munmap(s->ptr, s->size);
}
