// SPDX-License-Identifier: MIT
/* Time, ioctls and opening the device. */
#include <fcntl.h>

#include "igt.h"

int igt_gettime(struct timespec *now)
{
	return clock_gettime(CLOCK_MONOTONIC_RAW, now);
}

uint64_t igt_nsec_elapsed(struct timespec *start)
{
	struct timespec now;

	igt_gettime(&now);
	if (!start->tv_sec && !start->tv_nsec) {
		*start = now;
		return 0;
	}
	return (now.tv_sec - start->tv_sec) * 1000000000ull + now.tv_nsec - start->tv_nsec;
}

int igt_ioctl(int fd, unsigned long request, void *arg)
{
	int ret;

	do
		ret = ioctl(fd, request, arg);
	while (ret == -1 && (errno == EINTR || errno == EAGAIN));
	return ret;
}

static int open_exynos(const char *prefix, int first)
{
	int i;

	for (i = first; i < first + 16; i++) {
		char path[64], name[16] = "";
		struct drm_version version = { .name = name, .name_len = sizeof(name) - 1 };
		int fd;

		snprintf(path, sizeof(path), "/dev/dri/%s%d", prefix, i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (igt_ioctl(fd, DRM_IOCTL_VERSION, &version) == 0 && !strcmp(name, "exynos"))
			return fd;
		close(fd);
	}
	return -1;
}

int __drm_open_driver(int chipset)
{
	return chipset & DRIVER_EXYNOS ? open_exynos("card", 0) : -1;
}

int drm_open_driver(int chipset)
{
	int fd = __drm_open_driver(chipset);

	igt_require_f(fd >= 0, "no card of the wanted driver\n");
	return fd;
}

int drm_open_driver_render(int chipset)
{
	int fd = chipset & DRIVER_EXYNOS ? open_exynos("renderD", 128) : -1;

	return fd >= 0 ? fd : drm_open_driver(chipset);
}

int drm_close_driver(int fd)
{
	return close(fd);
}

void gem_close(int fd, uint32_t handle)
{
	struct drm_gem_close close_bo = { .handle = handle };

	igt_assert(handle != 0);
	do_ioctl(fd, DRM_IOCTL_GEM_CLOSE, &close_bo);
}
