// SPDX-License-Identifier: GPL-2.0-only
/*
 * To be preloaded: write down what a program gets from DRM, so that two kernels
 * can be compared.  One line on each ioctl of a DRM file with its name, what it
 * returned and what else it said that is the same in every run, and one on each
 * event that was read.  Threads are told apart by the order in which they first
 * did something; lines of one thread are in order.
 *
 * IOCTL_LOG names the file.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "drm.h"
#include "exynos_drm.h"

#define DRM_MAJOR 226

static int log_fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int threads;

/* What the events that were asked for and have not come are to bring back. */
static uint64_t expected[1024];
static unsigned int num_expected;

static __thread unsigned int thread;

static const struct name {
	unsigned int nr;
	const char *name;
} names[] = {
	{ _IOC_NR(DRM_IOCTL_VERSION), "VERSION" },
	{ _IOC_NR(DRM_IOCTL_GET_UNIQUE), "GET_UNIQUE" },
	{ _IOC_NR(DRM_IOCTL_GEM_CLOSE), "GEM_CLOSE" },
	{ _IOC_NR(DRM_IOCTL_GET_CAP), "GET_CAP" },
	{ _IOC_NR(DRM_IOCTL_EXYNOS_GEM_CREATE), "EXYNOS_GEM_CREATE" },
	{ _IOC_NR(DRM_IOCTL_EXYNOS_GEM_MAP), "EXYNOS_GEM_MAP" },
	{ _IOC_NR(DRM_IOCTL_EXYNOS_GEM_GET), "EXYNOS_GEM_GET" },
	{ _IOC_NR(DRM_IOCTL_EXYNOS_G2D_GET_VER), "EXYNOS_G2D_GET_VER" },
	{ _IOC_NR(DRM_IOCTL_EXYNOS_G2D_SET_CMDLIST), "EXYNOS_G2D_SET_CMDLIST" },
	{ _IOC_NR(DRM_IOCTL_EXYNOS_G2D_EXEC), "EXYNOS_G2D_EXEC" },
	{ _IOC_NR(DRM_IOCTL_MODE_GETRESOURCES), "MODE_GETRESOURCES" },
	{ _IOC_NR(DRM_IOCTL_MODE_SETCRTC), "MODE_SETCRTC" },
	{ _IOC_NR(DRM_IOCTL_MODE_ADDFB2), "MODE_ADDFB2" },
	{ _IOC_NR(DRM_IOCTL_MODE_RMFB), "MODE_RMFB" },
};

static void __attribute__((constructor)) start(void)
{
	const char *path = getenv("IOCTL_LOG");

	if (path)
		log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	char line[256];
	va_list ap;
	int len;

	pthread_mutex_lock(&lock);
	if (!thread)
		thread = ++threads;
	pthread_mutex_unlock(&lock);
	len = snprintf(line, sizeof(line), "thread %u ", thread);
	va_start(ap, format);
	len += vsnprintf(line + len, sizeof(line) - len, format, ap);
	va_end(ap);
	if (write(log_fd, line, len) != len)
		abort();
}

static int is_drm(int fd)
{
	struct stat st;

	return log_fd >= 0 && !fstat(fd, &st) && S_ISCHR(st.st_mode) &&
	       major(st.st_rdev) == DRM_MAJOR;
}

static void expect(uint64_t user_data)
{
	pthread_mutex_lock(&lock);
	if (num_expected == sizeof(expected) / sizeof(expected[0]))
		abort();
	expected[num_expected++] = user_data;
	pthread_mutex_unlock(&lock);
}

/* The order in which they come is that of the lists: the first that matches. */
static int was_expected(uint64_t user_data)
{
	unsigned int i;
	int found = 0;

	pthread_mutex_lock(&lock);
	for (i = 0; i < num_expected && !found; i++)
		found = expected[i] == user_data;
	if (found) {
		num_expected--;
		memmove(&expected[i - 1], &expected[i], (num_expected - i + 1) * sizeof(expected[0]));
	}
	pthread_mutex_unlock(&lock);
	return found;
}

/* What an ioctl that went well has filled in. */
static void results(unsigned long request, const void *arg, char *text, size_t size)
{
	*text = '\0';
	switch (request) {
	case DRM_IOCTL_EXYNOS_GEM_CREATE: {
		const struct drm_exynos_gem_create *a = arg;

		snprintf(text, size, " handle %u size %llu", a->handle, (unsigned long long)a->size);
		break;
	}
	case DRM_IOCTL_EXYNOS_GEM_GET: {
		const struct drm_exynos_gem_info *a = arg;

		snprintf(text, size, " flags %#x size %llu", a->flags, (unsigned long long)a->size);
		break;
	}
	case DRM_IOCTL_EXYNOS_G2D_GET_VER: {
		const struct drm_exynos_g2d_get_ver *a = arg;

		snprintf(text, size, " version %u.%u", a->major, a->minor);
		break;
	}
	case DRM_IOCTL_EXYNOS_G2D_EXEC: {
		const struct drm_exynos_g2d_exec *a = arg;

		snprintf(text, size, " async %llu", (unsigned long long)a->async);
		break;
	}
	case DRM_IOCTL_GET_CAP: {
		const struct drm_get_cap *a = arg;

		snprintf(text, size, " %llu is %llu", (unsigned long long)a->capability,
			 (unsigned long long)a->value);
		break;
	}
	}
}

static void log_ioctl(unsigned long request, const void *arg, int ret, int error)
{
	const char *name = NULL;
	char text[128] = "", number[16];
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].nr == _IOC_NR(request))
			name = names[i].name;
	if (!name) {
		snprintf(number, sizeof(number), "%#x", (unsigned int)_IOC_NR(request));
		name = number;
	}
	if (ret >= 0)
		results(request, arg, text, sizeof(text));
	say("%s = %d errno %d%s\n", name, ret, ret < 0 ? error : 0, text);
}

int ioctl(int fd, unsigned long request, ...)
{
	static int (*next)(int fd, unsigned long request, ...);
	int ret, error;
	va_list ap;
	void *arg;

	if (!next)
		next = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (request == DRM_IOCTL_EXYNOS_G2D_SET_CMDLIST && is_drm(fd)) {
		const struct drm_exynos_g2d_set_cmdlist *list = arg;

		/* Before the ioctl: another thread may read the event at once. */
		if (list->event_type)
			expect(list->user_data);
	}
	ret = next(fd, request, arg);
	error = errno;
	if (_IOC_TYPE(request) == DRM_IOCTL_BASE && is_drm(fd))
		log_ioctl(request, arg, ret, error);
	errno = error;
	return ret;
}

/*
 * Time and the number of a list in the engine are not for programs to rely on,
 * and what they want back is usually an address.
 */
static void log_events(const char *buffer, ssize_t len)
{
	struct drm_event e;
	ssize_t at;

	for (at = 0; at + (ssize_t)sizeof(e) <= len; at += e.length) {
		memcpy(&e, buffer + at, sizeof(e));
		if (e.length < sizeof(e) || (ssize_t)e.length > len - at) {
			say("event of length %u with %zd bytes left\n", e.length, len - at);
			return;
		}
		if (e.type == DRM_EXYNOS_G2D_EVENT && e.length == sizeof(struct drm_exynos_g2d_event)) {
			struct drm_exynos_g2d_event g2d;

			memcpy(&g2d, buffer + at, sizeof(g2d));
			say("event G2D %s\n", was_expected(g2d.user_data) ?
			    "for a list" : "that nobody asked for");
		} else {
			say("event %#x length %u\n", e.type, e.length);
		}
	}
}

ssize_t read(int fd, void *buffer, size_t size)
{
	static ssize_t (*next)(int fd, void *buffer, size_t size);
	ssize_t ret;
	int error;

	if (!next)
		next = (ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
	ret = next(fd, buffer, size);
	error = errno;
	if (ret > 0 && is_drm(fd))
		log_events(buffer, ret);
	errno = error;
	return ret;
}
