// SPDX-License-Identifier: MIT
/* Before the headers of Linux, whose macros IGT defines as well. */
#include "igt.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_exynos_foreign.h"

#define PAGE		4096
#define TEST_DEVICE	"/dev/exynos-pfnmap-test"

struct foreign foreign_map(int fd, size_t size, int prot, int flags, off_t offset)
{
	struct foreign s = { .fd = fd, .size = size };

	s.map = mmap(NULL, size, prot, flags, fd, offset);
	igt_assert_f(s.map != MAP_FAILED, "mmap: %s\n", strerror(errno));
	return s;
}

void foreign_unmap(struct foreign *s)
{
	igt_assert_eq(munmap(s->map, s->size), 0);
	close(s->fd);
}

int foreign_udmabuf_of(size_t size, int *memfd)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = size };
	int dev = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	int fd;

	igt_require_f(dev >= 0, "no /dev/udmabuf\n");
	create.memfd = memfd_create("udmabuf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	igt_assert_eq(ftruncate(create.memfd, size), 0);
	igt_assert_eq(fcntl(create.memfd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	fd = ioctl(dev, UDMABUF_CREATE, &create);
	igt_assert_fd(fd);
	close(dev);
	if (memfd)
		*memfd = create.memfd;
	else
		close(create.memfd);
	return fd;
}

static int heap_open(const char *path, size_t size)
{
	struct dma_heap_allocation_data data = { .len = size, .fd_flags = O_RDWR | O_CLOEXEC };
	int heap = open(path, O_RDONLY | O_CLOEXEC);

	igt_require_f(heap >= 0, "no %s\n", path);
	igt_assert_eq(ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data), 0);
	close(heap);
	return data.fd;
}

int foreign_udmabuf(size_t size)
{
	return foreign_udmabuf_of(size, NULL);
}

int foreign_system_heap(size_t size)
{
	return heap_open("/dev/dma_heap/system", size);
}

/* Its name is that of a memory area. */
int foreign_cma_heap(size_t size)
{
	char path[64] = "";
	glob_t g;
	size_t i;

	if (!glob("/dev/dma_heap/*", 0, NULL, &g)) {
		for (i = 0; i < g.gl_pathc; i++) {
			if (!strstr(g.gl_pathv[i], "system"))
				snprintf(path, sizeof(path), "%s", g.gl_pathv[i]);
		}
		globfree(&g);
	}
	igt_require_f(path[0], "no CMA heap\n");
	return heap_open(path, size);
}

/* The first video device of the driver, or -1. */
static int video_device(const char *driver)
{
	struct v4l2_capability cap;
	glob_t g;
	size_t i;
	int fd = -1;

	if (glob("/dev/video*", 0, NULL, &g))
		return -1;
	for (i = 0; i < g.gl_pathc && fd < 0; i++) {
		fd = open(g.gl_pathv[i], O_RDWR | O_CLOEXEC);
		if (fd >= 0 && (ioctl(fd, VIDIOC_QUERYCAP, &cap) ||
				strcmp((const char *)cap.driver, driver))) {
			close(fd);
			fd = -1;
		}
	}
	globfree(&g);
	return fd;
}

struct foreign foreign_vivid(void)
{
	const size_t size = 6 * PAGE;
	struct v4l2_requestbuffers request = {
		.count = 1,
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_MMAP,
	};
	struct v4l2_buffer buffer = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_MMAP,
	};
	int fd = video_device("vivid");

	igt_require_f(fd >= 0, "no vivid\n");
	do_ioctl(fd, VIDIOC_REQBUFS, &request);
	do_ioctl(fd, VIDIOC_QUERYBUF, &buffer);
	igt_assert_lte(size, buffer.length);
	return foreign_map(fd, size, PROT_READ | PROT_WRITE, MAP_SHARED, buffer.m.offset);
}

struct foreign foreign_test_at(enum pfnmap_test_kind kind, unsigned int page,
			       unsigned int pages)
{
	int fd = open(TEST_DEVICE, O_RDWR | O_CLOEXEC);

	igt_require_f(fd >= 0, "no " TEST_DEVICE "\n");
	return foreign_map(fd, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			  (kind * PFNMAP_TEST_PAGES + page) * PAGE);
}

struct foreign foreign_test(enum pfnmap_test_kind kind)
{
	return foreign_test_at(kind, 0, PFNMAP_TEST_PAGES);
}
