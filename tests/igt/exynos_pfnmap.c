// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <glob.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/perf_event.h>
#include <linux/udmabuf.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "exynos_drm_pfnmap_test.h"
#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_sys.h"

/**
 * TEST: exynos pfnmap
 * Description: Memory that another driver has mapped into the program as a GEM
 *		object, and the limit that an administrator sets.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Memory management tests
 * Functionality: userptr
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: pfnmap-udmabuf-src
 * Description: Pixels are read from a udmabuf at odd places.
 *
 * SUBTEST: pfnmap-udmabuf-dst
 * Description: Pixels are written to a udmabuf at odd places, and nothing else is.
 *
 * SUBTEST: pfnmap-system-heap-src
 * Description: Pixels are read from a buffer of the system heap at odd places.
 *
 * SUBTEST: pfnmap-system-heap-dst
 * Description: Pixels are written to a buffer of the system heap at odd places, and
 *		nothing else is.
 *
 * SUBTEST: pfnmap-cma-heap-src
 * Description: Pixels are read from a buffer of the CMA heap at odd places.
 *
 * SUBTEST: pfnmap-cma-heap-dst
 * Description: Pixels are written to a buffer of the CMA heap at odd places, and
 *		nothing else is.
 *
 * SUBTEST: pfnmap-vivid-src
 * Description: Pixels are read from a camera's buffer at odd places.
 *
 * SUBTEST: pfnmap-vivid-dst
 * Description: Pixels are written to a camera's buffer at odd places, and nothing else
 *		is.
 *
 * SUBTEST: pfnmap-writecombine-src
 * Description: Pixels are read from a buffer that is mapped write-combined.
 *
 * SUBTEST: pfnmap-writecombine-dst
 * Description: Pixels are written to a buffer that is mapped write-combined,
 *		and nothing else is.
 *
 * SUBTEST: pfnmap-runs
 * Description: Memory in one piece works on every board, in several pieces only
 *		with an IOMMU.
 *
 * SUBTEST: pfnmap-retry
 * Description: Pages are faulted in that give up the mmap lock to come.
 *
 * SUBTEST: pfnmap-size
 * Description: An object of the largest size works, one of a page more is refused.
 *
 * SUBTEST: pfnmap-readonly
 * Description: Pages that a driver keeps read-only in a writable mapping are a source
 *		and no destination.
 *
 * SUBTEST: pfnmap-private
 * Description: A private mapping is refused.
 *
 * SUBTEST: pfnmap-own-mmap
 * Description: A mapping of the device's own objects is refused.
 *
 * SUBTEST: pfnmap-mmio
 * Description: Registers are refused, alone and between memory.
 *
 * SUBTEST: pfnmap-reserved
 * Description: Memory of the kernel's own is refused, alone and between other memory.
 *
 * SUBTEST: pfnmap-split-vma
 * Description: A range over two mappings is refused, either side of it is not.
 *
 * SUBTEST: pfnmap-mixed
 * Description: A range over another driver's memory and the program's own is refused.
 *
 * SUBTEST: pfnmap-middle
 * Description: One page of another driver's, of any kind, in the middle of the
 *		program's own memory is refused.
 *
 * SUBTEST: pfnmap-hole
 * Description: A range with a page that its driver refuses is refused.
 *
 * SUBTEST: pfnmap-off
 * Description: Switched off, it is refused, and GET_PARAM tells.
 *
 * SUBTEST: pfnmap-devmem
 * Description: The kernel and registers are refused if they come from /dev/mem.
 *
 * SUBTEST: pfnmap-vvar
 * Description: The page that the kernel maps into every program is refused.
 *
 * SUBTEST: pfnmap-munmap-busy
 * Description: munmap() waits for the job, and the next job fails.
 *
 * SUBTEST: pfnmap-revoke-busy
 * Description: A driver that revokes its memory waits for the job, and the next job
 *		fails.
 *
 * SUBTEST: pfnmap-truncate-busy
 * Description: A hole in the file behind a udmabuf is no matter of the udmabuf's.
 *
 * SUBTEST: pfnmap-hang-revoke
 * Description: A driver that revokes its memory while the engine hangs waits no longer
 *		than the timeout.
 *
 * SUBTEST: pfnmap-stress
 * Description: A thousand buffers are revoked, unmapped or closed while jobs use them.
 *
 * SUBTEST: pfnmap-fail-nth
 * Description: Each allocation on the way to a first job fails once.
 *
 * SUBTEST: user-limit-get
 * Description: The ioctl tells the limit and changes nothing.
 *
 * SUBTEST: user-limit-set
 * Description: The limit is set to the byte, for all programs, and for no larger
 *		object.
 *
 * SUBTEST: user-limit-root-only
 * Description: Nobody else than root gets or sets it by the ioctl.
 *
 * SUBTEST: user-limit-bad
 * Description: What is out of range, or has padding, changes nothing.
 *
 * SUBTEST: user-limit-lower
 * Description: Idle mappings of all programs beyond the new limit go, jobs do not fail.
 */

IGT_TEST_DESCRIPTION("Memory of other drivers as a GEM object for the 2D engine.");

#define PAGE		4096
#define HOLD_MS		120
#define SLACK_MS	4000
#define MODULE		"/sys/module/exynosdrm/parameters/"
#define TEST_DEVICE	"/dev/exynos-pfnmap-test"

/* A mapping of another driver's, and the file behind it. */
struct source {
	int fd;
	uint8_t *map;
	size_t size;
};

static struct source source_map(int fd, size_t size, int prot, int flags, off_t offset)
{
	struct source s = { .fd = fd, .size = size };

	s.map = mmap(NULL, size, prot, flags, fd, offset);
	igt_assert_f(s.map != MAP_FAILED, "mmap: %s\n", strerror(errno));
	return s;
}

static void source_unmap(struct source *s)
{
	igt_assert_eq(munmap(s->map, s->size), 0);
	close(s->fd);
}

/* @memfd: where the file behind it goes, or NULL */
static int udmabuf_open(size_t size, int *memfd)
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

static int open_udmabuf(size_t size)
{
	return udmabuf_open(size, NULL);
}

static int open_system_heap(size_t size)
{
	return heap_open("/dev/dma_heap/system", size);
}

/* Whatever the area is called. */
static int open_cma_heap(size_t size)
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

/* The first buffer of a camera, which uses write-combined memory of the DMA API's. */
static struct source vivid_source(void)
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
	return source_map(fd, size, PROT_READ | PROT_WRITE, MAP_SHARED, buffer.m.offset);
}

static struct source test_source_at(enum pfnmap_test_kind kind, unsigned int page,
				    unsigned int pages)
{
	int fd = open(TEST_DEVICE, O_RDWR | O_CLOEXEC);

	igt_require_f(fd >= 0, "no " TEST_DEVICE "\n");
	return source_map(fd, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			  (kind * PFNMAP_TEST_PAGES + page) * PAGE);
}

static struct source test_source(enum pfnmap_test_kind kind)
{
	return test_source_at(kind, 0, PFNMAP_TEST_PAGES);
}

static int probe(struct exynos *e, const void *ptr, size_t size, uint32_t flags)
{
	uint32_t handle;
	int ret = exynos_gem_userptr(e->fd, ptr, size, flags | EXYNOS_USERPTR_PROBE, &handle);

	if (!ret)
		exynos_close(e, handle);
	return ret;
}

/* As a source and as a destination, with PROBE and with jobs. */
static void must_fail(struct exynos *e, const void *ptr, size_t size, int error)
{
	uint8_t *own = exynos_mmap(PAGE);
	struct g2d_image bad, good;
	unsigned int rows = size / 64 < 64 ? size / 64 : 64;

	igt_assert_eq(probe(e, ptr, size, EXYNOS_USERPTR_READONLY), error);
	igt_assert_eq(probe(e, ptr, size, 0), error);

	exynos_fill_words(own, PAGE, 7);
	good = exynos_image(exynos_userptr(e, own, PAGE, 0), 16, rows);
	bad = exynos_image(exynos_userptr(e, ptr, size, 0), 16, rows);
	igt_assert_eq(exynos_try_copy(e, &bad, &good), error);
	igt_assert_eq(exynos_try_copy(e, &good, &bad), error);
	exynos_check_words(own, PAGE, 7);
	exynos_close(e, bad.handle);
	exynos_close(e, good.handle);
	munmap(own, PAGE);
}

/* Copies between memory of the program's and the middle of the source. */
struct shape {
	unsigned int width, height;
	size_t offset, bytes;
};

static struct shape shape_of(const struct source *s, bool one_page, size_t offset)
{
	struct shape h = { .width = 16, .offset = offset };

	h.height = one_page ? 16 : (s->size - offset - 100) / 64;
	if (h.height > 400)
		h.height = 400;
	h.bytes = h.width * 4 * h.height;
	return h;
}

static void check_around(const struct source *s, const struct shape *h, uint32_t seed)
{
	const uint32_t *words = (const uint32_t *)s->map;
	size_t i;

	for (i = 0; i < s->size / 4; i++) {
		if (i * 4 >= h->offset && i * 4 < h->offset + h->bytes)
			continue;
		igt_assert_f(words[i] == exynos_word(seed, i), "word %zu has changed\n", i);
	}
}

static int read_source(struct exynos *e, const struct source *s, struct shape h)
{
	uint8_t *own = exynos_mmap(ALIGN(h.bytes, PAGE));
	struct g2d_image from, to;
	int ret;

	exynos_fill_words(s->map + h.offset, h.bytes, 1);
	from = exynos_image(exynos_userptr(e, s->map + h.offset, h.bytes, 0), h.width, h.height);
	to = exynos_image(exynos_userptr(e, own, h.bytes, 0), h.width, h.height);
	ret = exynos_try_copy(e, &from, &to);
	if (!ret) {
		exynos_check_words(own, h.bytes, 1);
		exynos_fill_words(s->map + h.offset, h.bytes, 2);
		exynos_copy(e, &from, &to);
		exynos_check_words(own, h.bytes, 2);
	} else {
		exynos_check_bytes(own, h.bytes, 0);
	}
	exynos_close(e, from.handle);
	exynos_close(e, to.handle);
	munmap(own, ALIGN(h.bytes, PAGE));
	return ret;
}

static int write_source(struct exynos *e, const struct source *s, struct shape h)
{
	uint8_t *own = exynos_mmap(s->size);
	struct g2d_image from, to;
	int ret;

	exynos_fill_words(s->map, s->size, 3);
	exynos_fill_words(own, h.bytes, 4);
	from = exynos_image(exynos_userptr(e, own, h.bytes, 0), h.width, h.height);
	to = exynos_image(exynos_userptr(e, s->map + h.offset, h.bytes, 0), h.width, h.height);
	ret = exynos_try_copy(e, &from, &to);
	if (!ret)
		exynos_check_words(s->map + h.offset, h.bytes, 4);
	else
		h.bytes = 0;
	check_around(s, &h, 3);
	exynos_close(e, from.handle);
	exynos_close(e, to.handle);
	munmap(own, s->size);
	return ret;
}

static void use_source(struct exynos *e, struct source s, bool contiguous,
		       int (*use)(struct exynos *e, const struct source *s, struct shape h))
{
	static const size_t offsets[] = { 0, 4, 60, 1028, PAGE - 4, PAGE + 36 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		/* The program's own memory is not contiguous. */
		struct shape h = shape_of(&s, !e->board.has_iommu, offsets[i]);
		bool within = (h.offset % PAGE) + h.bytes <= PAGE;
		int ret = use(e, &s, h);

		if (within || contiguous)
			igt_assert_eq(ret, 0);
		else
			igt_assert(ret == 0 || ret == -EINVAL);
	}
	source_unmap(&s);
}

static void exporter(struct exynos *e, int (*open_source)(size_t size),
		     int (*use)(struct exynos *e, const struct source *s, struct shape h))
{
	const size_t size = 6 * PAGE;

	use_source(e, source_map(open_source(size), size, PROT_READ | PROT_WRITE, MAP_SHARED, 0),
		   e->board.has_iommu || open_source == open_cma_heap, use);
}

static void vivid_src(struct exynos *e)
{
	use_source(e, vivid_source(), true, read_source);
}

static void vivid_dst(struct exynos *e)
{
	use_source(e, vivid_source(), true, write_source);
}

static void writecombine_src(struct exynos *e)
{
	use_source(e, test_source(PFNMAP_TEST_WC), true, read_source);
}

static void writecombine_dst(struct exynos *e)
{
	use_source(e, test_source(PFNMAP_TEST_WC), true, write_source);
}

static void udmabuf_src(struct exynos *e)
{
	exporter(e, open_udmabuf, read_source);
}

static void udmabuf_dst(struct exynos *e)
{
	exporter(e, open_udmabuf, write_source);
}

static void system_heap_src(struct exynos *e)
{
	exporter(e, open_system_heap, read_source);
}

static void system_heap_dst(struct exynos *e)
{
	exporter(e, open_system_heap, write_source);
}

static void cma_heap_src(struct exynos *e)
{
	exporter(e, open_cma_heap, read_source);
}

static void cma_heap_dst(struct exynos *e)
{
	exporter(e, open_cma_heap, write_source);
}

/* A whole mapping as a destination, without memory of the program's own. */
static int fill_source(struct exynos *e, const struct source *s, size_t bytes, uint32_t colour)
{
	struct g2d_image image = exynos_image(exynos_userptr(e, s->map, bytes, 0), 1024,
					      bytes / PAGE);
	struct g2d_list list;
	int ret;

	g2d_fill(&list, &image, g2d_whole(&image), colour);
	ret = exynos_try(e, &list);
	if (!ret)
		exynos_check_colour(s->map, bytes, colour);
	exynos_close(e, image.handle);
	return ret;
}

static void runs(struct exynos *e)
{
	const size_t half = PFNMAP_TEST_PAGES / 2 * PAGE;
	int several = e->board.has_iommu ? 0 : -EINVAL;
	struct source s;

	s = test_source(PFNMAP_TEST_CONTIGUOUS);
	igt_assert_eq(fill_source(e, &s, s.size, 0x01020304), 0);
	source_unmap(&s);

	s = test_source(PFNMAP_TEST_TWO_RUNS);
	igt_assert_eq(fill_source(e, &s, s.size, 0x01020304), several);
	igt_assert_eq(fill_source(e, &s, half, 0x05060708), 0);
	igt_assert_eq(fill_source(e, &s, half + PAGE, 0x090a0b0c), several);
	source_unmap(&s);

	s = test_source(PFNMAP_TEST_SCATTERED);
	igt_assert_eq(fill_source(e, &s, s.size, 0x01020304), several);
	igt_assert_eq(fill_source(e, &s, PAGE, 0x05060708), 0);
	source_unmap(&s);
}

static void retry(struct exynos *e)
{
	unsigned int pages = e->board.has_iommu ? PFNMAP_TEST_PAGES : 1;
	struct source s = test_source_at(PFNMAP_TEST_RETRY, 0, pages);

	igt_assert_eq(fill_source(e, &s, s.size, 0x01020304), 0);
	source_unmap(&s);
}

static void size_of(struct exynos *e, int (*open_source)(size_t size))
{
	size_t max = exynos_param(e, EXYNOS_PARAM_USERPTR_PFNMAP_MAX_SIZE);
	struct source s = source_map(open_source(max + PAGE), max + PAGE,
				     PROT_READ | PROT_WRITE, MAP_SHARED, 0);

	igt_assert_eq_u64(max, 16 << 20);
	igt_assert_eq(probe(e, s.map, max, 0), 0);
	igt_assert_eq(fill_source(e, &s, max, 0x0a0b0c0d), 0);
	must_fail(e, s.map, max + 1, -EINVAL);
	must_fail(e, s.map + 1, max, -EINVAL);
	igt_assert_eq(probe(e, s.map + PAGE, max, 0), 0);
	source_unmap(&s);
}

static void size(struct exynos *e)
{
	size_of(e, open_cma_heap);
	if (e->board.has_iommu)
		size_of(e, open_udmabuf);
}

/* Of the two kinds: by the driver's fault handler, and by what it has mapped at once. */
static void readonly_at(struct exynos *e, uint8_t *ptr)
{
	uint8_t *own = exynos_mmap(PAGE), before[PAGE];
	struct g2d_image other, mine;

	mine = exynos_image(exynos_userptr(e, own, PAGE, 0), 32, 32);
	other = exynos_image(exynos_userptr(e, ptr, PAGE, 0), 32, 32);
	exynos_fill_words(own, PAGE, 1);
	igt_assert_eq(probe(e, ptr, PAGE, EXYNOS_USERPTR_READONLY), 0);
	igt_assert_eq(probe(e, ptr, PAGE, 0), -EFAULT);
	memcpy(before, ptr, PAGE);
	igt_assert_eq(exynos_try_copy(e, &mine, &other), -EFAULT);
	igt_assert(!memcmp(before, ptr, PAGE));
	exynos_copy(e, &other, &mine);
	igt_assert(!memcmp(own, ptr, PAGE));
	exynos_close(e, other.handle);
	exynos_close(e, mine.handle);
	munmap(own, PAGE);
}

static void readonly(struct exynos *e)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
	};
	struct source s = test_source(PFNMAP_TEST_READONLY);
	int fd;

	readonly_at(e, s.map);
	source_unmap(&s);

	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	igt_require_f(fd >= 0, "no perf events\n");
	s = source_map(fd, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	readonly_at(e, s.map + PAGE);
	source_unmap(&s);
}

static void private(struct exynos *e)
{
	struct source s = source_map(open_system_heap(PAGE), PAGE, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE, 0);

	must_fail(e, s.map, PAGE, -EFAULT);
	/* Copied by the CPU, or not. */
	s.map[0] = 1;
	must_fail(e, s.map, PAGE, -EFAULT);
	source_unmap(&s);
}

static void own_mmap(struct exynos *e)
{
	struct drm_exynos_gem_map map = { .handle = exynos_bo(e, PAGE) };
	uint8_t *ptr;

	do_ioctl(e->fd, DRM_IOCTL_EXYNOS_GEM_MAP, &map);
	ptr = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, e->fd, map.offset);
	igt_assert(ptr != MAP_FAILED);
	must_fail(e, ptr, PAGE, -EFAULT);
	munmap(ptr, PAGE);
	exynos_close(e, map.handle);
}

/* The third page is not to be used. */
static void third_page(struct exynos *e, enum pfnmap_test_kind kind)
{
	struct source s = test_source(kind);

	must_fail(e, s.map + 2 * PAGE, PAGE, -EFAULT);
	must_fail(e, s.map + 2 * PAGE + 60, 1024, -EFAULT);
	must_fail(e, s.map, s.size, -EFAULT);
	must_fail(e, s.map + 2 * PAGE - 64, 128, -EFAULT);
	must_fail(e, s.map + 3 * PAGE - 64, 128, -EFAULT);
	igt_assert_eq(fill_source(e, &s, PAGE, 0x01020304), 0);
	source_unmap(&s);
}

static void mmio(struct exynos *e)
{
	third_page(e, PFNMAP_TEST_REGISTERS);
}

static void reserved(struct exynos *e)
{
	third_page(e, PFNMAP_TEST_RESERVED);
}

static void hole(struct exynos *e)
{
	third_page(e, PFNMAP_TEST_HOLE);
}

static void split_vma(struct exynos *e)
{
	struct source s = test_source(PFNMAP_TEST_CONTIGUOUS);

	igt_assert_eq(mprotect(s.map + 8 * PAGE, PAGE, PROT_READ), 0);
	must_fail(e, s.map, s.size, -EFAULT);
	must_fail(e, s.map + 7 * PAGE, 2 * PAGE, -EFAULT);
	must_fail(e, s.map + 9 * PAGE - 64, 128, -EFAULT);
	igt_assert_eq(fill_source(e, &s, 8 * PAGE, 0x01020304), 0);
	igt_assert_eq(probe(e, s.map + 9 * PAGE, 7 * PAGE, 0), 0);
	igt_assert_eq(probe(e, s.map + 8 * PAGE, PAGE, EXYNOS_USERPTR_READONLY), 0);
	igt_assert_eq(probe(e, s.map + 8 * PAGE, PAGE, 0), -EFAULT);
	source_unmap(&s);
}

static void mixed(struct exynos *e)
{
	struct source s = test_source(PFNMAP_TEST_CONTIGUOUS);
	uint8_t *map = exynos_mmap(3 * PAGE);

	igt_assert(mremap(s.map, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, map + PAGE) ==
		   map + PAGE);
	exynos_fill_words(map, 3 * PAGE, 1);
	must_fail(e, map, 3 * PAGE, -EFAULT);
	must_fail(e, map, 2 * PAGE, -EFAULT);
	must_fail(e, map + PAGE, 2 * PAGE, -EFAULT);
	exynos_check_words(map, 3 * PAGE, 1);
	igt_assert_eq(probe(e, map + PAGE, PAGE, 0), 0);
	munmap(map, 3 * PAGE);
	munmap(s.map + PAGE, s.size - PAGE);
	close(s.fd);
}

static uint8_t *middle_map;

static void middle_of(struct exynos *e, int fd, off_t offset, int flags)
{
	uint8_t *page = mmap(middle_map + PAGE, PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED,
			     fd, offset);

	igt_assert(page == middle_map + PAGE);
	must_fail(e, middle_map, 3 * PAGE, -EFAULT);
	must_fail(e, middle_map + PAGE - 128, 256, -EFAULT);
	must_fail(e, middle_map + 2 * PAGE - 128, 256, -EFAULT);
	exynos_check_words(middle_map, PAGE, 1);
	exynos_check_words(middle_map + 2 * PAGE, PAGE, 2);
}

static void middle(struct exynos *e)
{
	static int (*const exporters[])(size_t size) = {
		open_udmabuf, open_system_heap, open_cma_heap
	};
	struct drm_exynos_gem_map gem = { .handle = exynos_bo(e, PAGE) };
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
	};
	unsigned int i;
	int fd;

	middle_map = exynos_mmap(3 * PAGE);
	exynos_fill_words(middle_map, PAGE, 1);
	exynos_fill_words(middle_map + 2 * PAGE, PAGE, 2);

	for (i = PFNMAP_TEST_SCATTERED; i <= PFNMAP_TEST_WC; i++) {
		fd = open(TEST_DEVICE, O_RDWR | O_CLOEXEC);
		igt_require_f(fd >= 0, "no " TEST_DEVICE "\n");
		middle_of(e, fd, (i * PFNMAP_TEST_PAGES + 2) * PAGE, MAP_SHARED);
		close(fd);
	}
	for (i = 0; i < ARRAY_SIZE(exporters); i++) {
		fd = exporters[i](PAGE);
		middle_of(e, fd, 0, MAP_SHARED);
		close(fd);
	}
	fd = open_system_heap(PAGE);
	middle_of(e, fd, 0, MAP_PRIVATE);
	close(fd);

	do_ioctl(e->fd, DRM_IOCTL_EXYNOS_GEM_MAP, &gem);
	middle_of(e, e->fd, gem.offset, MAP_SHARED);
	exynos_close(e, gem.handle);

	fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		middle_of(e, fd, 0x12800000, MAP_SHARED);
		middle_of(e, fd, 0x40208000, MAP_SHARED);
		close(fd);
	}
	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd >= 0) {
		middle_of(e, fd, 0, MAP_SHARED);
		close(fd);
	}
	munmap(middle_map, 3 * PAGE);
}

static void off(struct exynos *e)
{
	struct source s = test_source(PFNMAP_TEST_CONTIGUOUS);

	igt_assert_eq(exynos_write_file(MODULE "userptr_pfnmap", "0"), 0);
	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_PFNMAP_MAX_SIZE), 0);
	must_fail(e, s.map, s.size, -EFAULT);
	igt_assert_eq(exynos_write_file(MODULE "userptr_pfnmap", "1"), 0);
	igt_assert_eq(fill_source(e, &s, s.size, 0x01020304), 0);
	source_unmap(&s);
}

static void devmem(struct exynos *e)
{
	/* Registers of the engine, and where the kernel's code begins. */
	static const off_t places[] = { 0x12800000, 0x40208000 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		int fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
		struct source s;

		igt_require_f(fd >= 0, "no /dev/mem\n");
		s = source_map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, places[i]);
		must_fail(e, s.map, PAGE, -EFAULT);
		source_unmap(&s);
	}
}

static void vvar(struct exynos *e)
{
	unsigned long start = 0, end = 0, from, to;
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[256];

	igt_assert(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (strstr(line, "[vvar") && sscanf(line, "%lx-%lx", &from, &to) == 2) {
			start = from;
			end = to;
		}
	}
	fclose(maps);
	igt_require_f(start, "there is none\n");
	must_fail(e, (void *)start, end - start > PAGE ? PAGE : end - start, -EFAULT);
}

/* Something happens to a destination while the engine is about to write it. */
static void during_job(struct exynos *e, struct source *s, void (*change)(struct source *s),
		       bool waits)
{
	struct g2d_image image;
	struct g2d_list list;
	uint32_t blits;

	exynos_require_test_page(e);
	image = exynos_image(exynos_userptr(e, s->map, PAGE, 0), 32, 32);
	g2d_fill(&list, &image, g2d_whole(&image), 0x01020304);
	blits = exynos_blits(e);
	exynos_hold(e);
	exynos_start(e, &list);
	exynos_let_go_after(e, HOLD_MS);
	change(s);
	blits = exynos_blits(e) - blits;
	exynos_let_go(e);
	exynos_finish(e);
	igt_assert_eq_u32(blits, waits);

	g2d_fill(&list, &image, g2d_whole(&image), 0x05060708);
	igt_assert_eq(exynos_try(e, &list), waits ? -EFAULT : 0);
	exynos_close(e, image.handle);
}

static void change_munmap(struct source *s)
{
	igt_assert_eq(munmap(s->map, s->size), 0);
}

static void munmap_busy(struct exynos *e)
{
	int fd = open_system_heap(PAGE);
	struct source view = source_map(fd, PAGE, PROT_READ, MAP_SHARED, 0);
	struct source s = source_map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);

	during_job(e, &s, change_munmap, true);
	exynos_check_colour(view.map, PAGE, 0x01020304);
	source_unmap(&view);
}

static void change_revoke(struct source *s)
{
	igt_assert_eq(ioctl(s->fd, PFNMAP_TEST_REVOKE), 0);
}

static void revoke_busy(struct exynos *e)
{
	struct source s = test_source(PFNMAP_TEST_SCATTERED);

	during_job(e, &s, change_revoke, true);
	source_unmap(&s);
}

static int truncate_fd;

static void change_truncate(struct source *s)
{
	/* udmabuf wants a file that cannot become shorter. */
	igt_assert_eq(ftruncate(truncate_fd, 0), -1);
	igt_assert_eq(errno, EPERM);
	igt_assert_eq(fallocate(truncate_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
				s->size), 0);
}

static void truncate_busy(struct exynos *e)
{
	int fd = udmabuf_open(2 * PAGE, &truncate_fd);
	struct source s = source_map(fd, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	uint8_t bytes[PAGE];

	during_job(e, &s, change_truncate, false);
	exynos_check_colour(s.map, PAGE, 0x05060708);
	/* What the file has now is other memory. */
	igt_assert_eq(pread(truncate_fd, bytes, PAGE, 0), PAGE);
	exynos_check_bytes(bytes, PAGE, 0);
	source_unmap(&s);
	close(truncate_fd);
}

static void hang_revoke(struct exynos *e)
{
	struct source s = test_source(PFNMAP_TEST_SCATTERED);
	struct g2d_image image;
	struct g2d_list list;
	unsigned int timeout_ms;
	uint64_t took;

	exynos_require_test_page(e);
	timeout_ms = exynos_restore_timeout(e);
	e->allowed = "job takes too long";
	image = exynos_image(exynos_userptr(e, s.map, PAGE, 0), 32, 32);
	g2d_fill(&list, &image, g2d_whole(&image), 0x01020304);
	exynos_hold(e);
	exynos_start(e, &list);
	took = exynos_now_ms();
	change_revoke(&s);
	took = exynos_now_ms() - took;
	igt_assert_lt_u64(took, timeout_ms + SLACK_MS);
	igt_assert_lt_u64(timeout_ms / 2, took);
	exynos_finish(e);
	igt_assert_eq(exynos_try(e, &list), -EFAULT);
	source_unmap(&s);
}

struct stress {
	struct source source;
	unsigned int round;
};

static void *stress_thread(void *arg)
{
	struct stress *stress = arg;
	struct source *s = &stress->source;

	usleep(stress->round * 7919 % 3000);
	switch (stress->round % 3) {
	case 0:
		change_revoke(s);
		munmap(s->map, PAGE);
		break;
	case 1:
		munmap(s->map, PAGE);
		break;
	default:
		/* Elsewhere the same mapping goes on. */
		mremap(s->map, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, s->map + PAGE);
		change_revoke(s);
		munmap(s->map + PAGE, PAGE);
		break;
	}
	return NULL;
}

static void stress(struct exynos *e)
{
	unsigned int round, ok = 0, refused = 0;

	for (round = 0; round < 1000; round++) {
		struct stress s = { test_source_at(PFNMAP_TEST_SCATTERED, 0, 2), round };
		struct g2d_image image;
		struct g2d_list list;
		pthread_t thread;
		unsigned int i;
		int ret = 0;

		munmap(s.source.map + PAGE, PAGE);
		image = exynos_image(exynos_userptr(e, s.source.map, PAGE, 0), 32, 32);
		igt_assert_eq(pthread_create(&thread, NULL, stress_thread, &s), 0);
		for (i = 0; i < 50 && !ret; i++) {
			g2d_fill(&list, &image, g2d_whole(&image), round);
			ret = exynos_try(e, &list);
			ok += !ret;
		}
		igt_assert(ret == 0 || ret == -EFAULT);
		refused += ret != 0;
		pthread_join(thread, NULL);
		exynos_close(e, image.handle);
		close(s.source.fd);
	}
	igt_info("%u jobs, %u of %u buffers refused in the end\n", ok, refused, round);
	igt_assert_lt(0, ok);
	igt_assert_lt(0, refused);
}

static void set_failing(const char *name, const char *value)
{
	static const char *const kinds[] = { "failslab", "fail_page_alloc" };
	char path[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", kinds[i], name);
		exynos_write_file(path, value);
	}
}

/* Returns whether the nth allocation was there, and has failed. */
static bool fail_once(struct exynos *e, struct source *s, int control, unsigned int nth)
{
	struct g2d_image image = exynos_image(0, 16, 16);
	struct g2d_list list;
	char number[16] = "";
	int ret;

	/* As if it was for the first time. */
	drm_close_driver(e->fd);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
	snprintf(number, sizeof(number), "%u", nth);
	igt_assert_lt(0, pwrite(control, number, strlen(number), 0));
	ret = exynos_gem_userptr(e->fd, s->map, 1024, 0, &image.handle);
	if (!ret) {
		g2d_fill(&list, &image, g2d_whole(&image), nth);
		ret = exynos_try(e, &list);
		gem_close(e->fd, image.handle);
	}
	igt_assert_lt(0, pread(control, number, sizeof(number) - 1, 0));
	igt_assert_lt(0, pwrite(control, "0", 1, 0));
	igt_assert_f(ret == 0 || ret == -ENOMEM, "%d with allocation %u failing\n", ret, nth);
	if (!ret)
		exynos_check_colour(s->map, 1024, nth);
	return !atoi(number);
}

static void fail_nth(struct exynos *e)
{
	/* Opening it allocates, too. */
	int control = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	unsigned int nth, failed = 0;
	struct source s;

	igt_require_f(control >= 0, "this kernel cannot make allocations fail\n");
	set_failing("ignore-gfp-wait", "N");
	set_failing("ignore-gfp-highmem", "N");
	set_failing("min-order", "0");
	set_failing("verbose", "0");
	for (nth = 1; nth < 1000; nth++) {
		s = test_source_at(PFNMAP_TEST_SCATTERED, 0, 1);
		if (!fail_once(e, &s, control, nth))
			break;
		failed++;
		source_unmap(&s);
	}
	source_unmap(&s);
	close(control);
	igt_info("%u allocations failed\n", failed);
	igt_assert_lt(0, failed);
	igt_assert_lt(nth, 1000);
}

static int user_limit(int fd, uint32_t limit, uint32_t pad, uint32_t *now)
{
	struct drm_exynos_user_limit args = { .userptr_limit = limit, .pad = pad };

	if (igt_ioctl(fd, DRM_IOCTL_EXYNOS_USER_LIMIT, &args))
		return -errno;
	*now = args.userptr_limit;
	return 0;
}

static uint32_t set_limit(struct exynos *e, uint32_t limit)
{
	uint32_t now = 0;

	igt_assert_eq(user_limit(e->fd, limit, 0, &now), 0);
	return now;
}

static void user_limit_get(struct exynos *e)
{
	igt_assert(DRM_IOCTL_EXYNOS_USER_LIMIT == 0xc0086445);
	igt_assert_eq_u64(set_limit(e, 0), exynos_param(e, EXYNOS_PARAM_USERPTR_LIMIT));
	igt_assert_eq_u32(set_limit(e, 0), 512 << 20);
}

static void user_limit_set(struct exynos *e)
{
	const uint32_t limit = (3 << 20) + 12345;
	uint8_t *ptr = exynos_mmap(4 << 20);
	int fd = drm_open_driver_render(DRIVER_EXYNOS);
	uint32_t now = 0;

	igt_assert_eq_u32(set_limit(e, limit), limit);
	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_LIMIT), limit);
	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_SHARE), limit);
	igt_assert_eq(user_limit(fd, 0, 0, &now), 0);
	igt_assert_eq_u32(now, limit);
	if (e->board.has_iommu) {
		igt_assert_eq(probe(e, ptr, 3 << 20, 0), 0);
		igt_assert_eq(probe(e, ptr, 4 << 20, 0), -ENOSPC);
		igt_assert_eq_u32(set_limit(e, 5 << 20), 5 << 20);
		igt_assert_eq(probe(e, ptr, 4 << 20, 0), 0);
	}
	/* The parameter is the same thing, in MiB. */
	igt_assert_eq(exynos_write_file(MODULE "userptr_limit", "7"), 0);
	igt_assert_eq_u32(set_limit(e, 0), 7 << 20);
	drm_close_driver(fd);
	munmap(ptr, 4 << 20);
}

static void user_limit_root_only(struct exynos *e)
{
	uint32_t before = set_limit(e, 0);

	igt_fork(child, 1) {
		uint32_t now;

		igt_assert_eq(setuid(65534), 0);
		igt_assert_eq(user_limit(e->fd, 1 << 20, 0, &now), -EACCES);
		igt_assert_eq(user_limit(e->fd, 0, 0, &now), -EACCES);
		igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_LIMIT), before);
	}
	igt_waitchildren();
	igt_assert_eq_u32(set_limit(e, 0), before);
}

static void user_limit_bad(struct exynos *e)
{
	static const uint32_t bad[] = { 1, PAGE, 2 * PAGE - 1, 1 << 30, 0x80000000, UINT32_MAX };
	uint32_t before = set_limit(e, 0), now;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		igt_assert_eq(user_limit(e->fd, bad[i], 0, &now), -EINVAL);
	igt_assert_eq(user_limit(e->fd, 1 << 20, 1, &now), -EINVAL);
	igt_assert_eq(user_limit(e->fd, 0, 1, &now), -EINVAL);
	igt_assert_eq_u32(set_limit(e, 0), before);
	igt_assert_eq_u32(set_limit(e, 2 * PAGE), 2 * PAGE);
	igt_assert_eq_u32(set_limit(e, (1 << 30) - PAGE), (1 << 30) - PAGE);
}

static void user_limit_lower(struct exynos *e)
{
	enum { BYTES = 8 << 20 };
	uint8_t *ptr = exynos_mmap(2 * BYTES);
	struct g2d_image image;
	struct g2d_list list;
	int ready[2], lowered[2];
	char c = 0;

	exynos_require_iommu(e);
	exynos_require_test_page(e);
	igt_assert_eq(pipe(ready), 0);
	igt_assert_eq(pipe(lowered), 0);
	igt_fork(child, 1) {
		int fd = drm_open_driver_render(DRIVER_EXYNOS);
		uint32_t handle;

		igt_assert_eq(exynos_gem_userptr(fd, ptr, BYTES, EXYNOS_USERPTR_PROBE, &handle), 0);
		igt_assert_eq_u64(oracle_mapped(fd), BYTES);
		igt_assert_eq(write(ready[1], &c, 1), 1);
		igt_assert_eq(read(lowered[0], &c, 1), 1);
		igt_assert_eq_u64(oracle_mapped(fd), 0);
	}
	igt_assert_eq(read(ready[0], &c, 1), 1);

	exynos_userptr(e, ptr, BYTES, EXYNOS_USERPTR_PROBE);
	image = exynos_image(exynos_userptr(e, ptr + BYTES, BYTES, 0), 1024, BYTES / PAGE);
	g2d_fill(&list, &image, g2d_whole(&image), 0x01020304);
	exynos_hold(e);
	exynos_start(e, &list);
	igt_assert_eq_u64(oracle_mapped(e->fd), 2 * BYTES);

	/* Only the busy one is left, which is more than the limit. */
	igt_assert_eq_u32(set_limit(e, 4 << 20), 4 << 20);
	igt_assert_eq_u64(oracle_mapped(e->fd), BYTES);
	igt_assert_eq(write(lowered[1], &c, 1), 1);
	igt_waitchildren();
	exynos_let_go(e);
	exynos_finish(e);
	exynos_check_colour(ptr + BYTES, BYTES, 0x01020304);

	/* Idle now, and gone the next time. */
	set_limit(e, 4 << 20);
	igt_assert_eq_u64(oracle_mapped(e->fd), 0);
	igt_assert_eq(exynos_try(e, &list), -ENOSPC);
	set_limit(e, 512 << 20);
	exynos_run(e, &list);
	munmap(ptr, 2 * BYTES);
}

static const struct {
	const char *name;
	const char *description;
	void (*body)(struct exynos *e);
} subtests[] = {
	{ "pfnmap-udmabuf-src", "Pixels are read from a udmabuf at odd places.", udmabuf_src },
	{ "pfnmap-udmabuf-dst",
	  "Pixels are written to a udmabuf at odd places, and nothing else is.", udmabuf_dst },
	{ "pfnmap-system-heap-src",
	  "Pixels are read from a buffer of the system heap at odd places.", system_heap_src },
	{ "pfnmap-system-heap-dst",
	  "Pixels are written to a buffer of the system heap at odd places, and nothing else is.",
	  system_heap_dst },
	{ "pfnmap-cma-heap-src", "Pixels are read from a buffer of the CMA heap at odd places.",
	  cma_heap_src },
	{ "pfnmap-cma-heap-dst",
	  "Pixels are written to a buffer of the CMA heap at odd places, and nothing else is.",
	  cma_heap_dst },
	{ "pfnmap-vivid-src", "Pixels are read from a camera's buffer at odd places.",
	  vivid_src },
	{ "pfnmap-vivid-dst",
	  "Pixels are written to a camera's buffer at odd places, and nothing else is.",
	  vivid_dst },
	{ "pfnmap-writecombine-src",
	  "Pixels are read from a buffer that is mapped write-combined.", writecombine_src },
	{ "pfnmap-writecombine-dst",
	  "Pixels are written to a buffer that is mapped write-combined, and nothing else is.",
	  writecombine_dst },
	{ "pfnmap-runs",
	  "Memory in one piece works on every board, in several pieces only with an IOMMU.", runs },
	{ "pfnmap-retry", "Pages are faulted in that give up the mmap lock to come.", retry },
	{ "pfnmap-size", "An object of the largest size works, one of a page more is refused.",
	  size },
	{ "pfnmap-readonly",
	  "Pages that a driver keeps read-only in a writable mapping are a source and no destination.",
	  readonly },
	{ "pfnmap-private", "A private mapping is refused.", private },
	{ "pfnmap-own-mmap", "A mapping of the device's own objects is refused.", own_mmap },
	{ "pfnmap-mmio", "Registers are refused, alone and between memory.", mmio },
	{ "pfnmap-reserved",
	  "Memory of the kernel's own is refused, alone and between other memory.", reserved },
	{ "pfnmap-split-vma", "A range over two mappings is refused, either side of it is not.",
	  split_vma },
	{ "pfnmap-mixed",
	  "A range over another driver's memory and the program's own is refused.", mixed },
	{ "pfnmap-middle",
	  "One page of another driver's, of any kind, in the middle of the program's own memory is refused.",
	  middle },
	{ "pfnmap-hole", "A range with a page that its driver refuses is refused.", hole },
	{ "pfnmap-off", "Switched off, it is refused, and GET_PARAM tells.", off },
	{ "pfnmap-devmem", "The kernel and registers are refused if they come from /dev/mem.",
	  devmem },
	{ "pfnmap-vvar", "The page that the kernel maps into every program is refused.", vvar },
	{ "pfnmap-munmap-busy", "munmap() waits for the job, and the next job fails.",
	  munmap_busy },
	{ "pfnmap-revoke-busy",
	  "A driver that revokes its memory waits for the job, and the next job fails.",
	  revoke_busy },
	{ "pfnmap-truncate-busy",
	  "A hole in the file behind a udmabuf is no matter of the udmabuf's.", truncate_busy },
	{ "pfnmap-hang-revoke",
	  "A driver that revokes its memory while the engine hangs waits no longer than the timeout.",
	  hang_revoke },
	{ "pfnmap-stress",
	  "A thousand buffers are revoked, unmapped or closed while jobs use them.", stress },
	{ "pfnmap-fail-nth", "Each allocation on the way to a first job fails once.", fail_nth },
	{ "user-limit-get", "The ioctl tells the limit and changes nothing.", user_limit_get },
	{ "user-limit-set",
	  "The limit is set to the byte, for all programs, and for no larger object.",
	  user_limit_set },
	{ "user-limit-root-only", "Nobody else than root gets or sets it by the ioctl.",
	  user_limit_root_only },
	{ "user-limit-bad", "What is out of range, or has padding, changes nothing.",
	  user_limit_bad },
	{ "user-limit-lower",
	  "Idle mappings of all programs beyond the new limit go, jobs do not fail.",
	  user_limit_lower },
};

/* A subtest that failed has left the parameters as they were in its middle. */
static void restore_parameters(int sig)
{
	(void)sig;
	exynos_write_file(MODULE "userptr_pfnmap", "1");
	exynos_write_file(MODULE "userptr_limit", "512");
}

igt_main {
	static struct exynos e;
	static unsigned int i;

	igt_fixture {
		exynos_init(&e);
		exynos_require_userptr(&e);
		igt_install_exit_handler(restore_parameters);
	}

	for (i = 0; i < ARRAY_SIZE(subtests); i++) {
		igt_describe_f("%s", subtests[i].description);
		igt_subtest(subtests[i].name) {
			restore_parameters(0);
			exynos_subtest(&e, subtests[i].body);
		}
	}

	igt_fixture {
		restore_parameters(0);
		exynos_fini(&e);
	}
}
