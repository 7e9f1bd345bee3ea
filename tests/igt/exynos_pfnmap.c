// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_foreign.h"
#include "igt_exynos_sys.h"

/**
 * TEST: exynos pfnmap
 * Description: Memory that another driver has mapped into the process as a GEM object.
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
 * SUBTEST: pfnmap-readonly-file
 * Description: A mapping of a file that was opened read-only is a source.
 *
 * SUBTEST: pfnmap-uncounted
 * Description: Memory without reference counts is used only where an IOMMU contains
 *		the engine.
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
 */

IGT_TEST_DESCRIPTION("Memory of other drivers as a GEM object for the 2D engine.");

#define PAGE		4096
#define HOLD_MS		120
#define SLACK_MS	4000
#define MODULE		"/sys/module/exynosdrm/parameters/"
#define TEST_DEVICE	"/dev/exynos-pfnmap-test"

static int probe(struct exynos *e, const void *ptr, size_t size, uint32_t flags)
{
	uint32_t handle;
	int ret = exynos_gem_userptr(e->fd, ptr, size, flags | EXYNOS_USERPTR_PROBE, &handle);

	if (!ret)
		exynos_close(e, handle);
	return ret;
}

/*
 * The pages of a range that can be read, for others are holes; read by the kernel, as
 * that fails without a signal. Returns how many bytes were readable.
 */
static size_t snapshot(const void *ptr, size_t size, uint8_t *bytes)
{
	size_t at = 0, left, done = 0;
	int fd = memfd_create("snapshot", MFD_CLOEXEC);

	igt_assert_lte(0, fd);
	memset(bytes, 0, size);
	while (at < size) {
		uintptr_t from = (uintptr_t)ptr + at;

		left = PAGE - from % PAGE < size - at ? PAGE - from % PAGE : size - at;
		if (pwrite(fd, (const void *)from, left, at) == (ssize_t)left)
			done += left;
		at += left;
	}
	igt_assert_lte(0, pread(fd, bytes, size, 0));
	close(fd);
	return done;
}

/* As a source and as a destination, with PROBE and with jobs; does not look at @ptr. */
static void must_fail_blindly(struct exynos *e, const void *ptr, size_t size, int error)
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

/* The same, and nothing is written. */
static void must_fail(struct exynos *e, const void *ptr, size_t size, int error)
{
	uint8_t *before = malloc(size), *after = malloc(size);
	size_t readable = snapshot(ptr, size, before);

	must_fail_blindly(e, ptr, size, error);
	igt_assert_eq_u64(snapshot(ptr, size, after), readable);
	igt_assert(!memcmp(before, after, size));
	free(before);
	free(after);
}

/* Copies between memory of the program's and the middle of the source. */
struct shape {
	unsigned int width, height;
	size_t offset, bytes;
};

static struct shape shape_of(const struct foreign *s, bool one_page, size_t offset)
{
	struct shape h = { .width = 16, .offset = offset };

	h.height = one_page ? 16 : (s->size - offset - 100) / 64;
	if (h.height > 400)
		h.height = 400;
	h.bytes = h.width * 4 * h.height;
	return h;
}

static void check_around(const struct foreign *s, const struct shape *h, uint32_t seed)
{
	const uint32_t *words = (const uint32_t *)s->map;
	size_t i;

	for (i = 0; i < s->size / 4; i++) {
		if (i * 4 >= h->offset && i * 4 < h->offset + h->bytes)
			continue;
		igt_assert_f(words[i] == exynos_word(seed, i), "word %zu has changed\n", i);
	}
}

static int read_source(struct exynos *e, const struct foreign *s, struct shape h)
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

static int write_source(struct exynos *e, const struct foreign *s, struct shape h)
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

static void use_source(struct exynos *e, struct foreign s, bool contiguous,
		       int (*use)(struct exynos *e, const struct foreign *s, struct shape h))
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
	foreign_unmap(&s);
}

static void exporter(struct exynos *e, int (*open_source)(size_t size),
		     int (*use)(struct exynos *e, const struct foreign *s, struct shape h))
{
	const size_t size = 6 * PAGE;

	use_source(e, foreign_map(open_source(size), size, PROT_READ | PROT_WRITE, MAP_SHARED, 0),
		   e->board.has_iommu || open_source == foreign_cma_heap, use);
}

static void vivid_src(struct exynos *e)
{
	use_source(e, foreign_vivid(), true, read_source);
}

static void vivid_dst(struct exynos *e)
{
	use_source(e, foreign_vivid(), true, write_source);
}

static void writecombine_src(struct exynos *e)
{
	use_source(e, foreign_test(PFNMAP_TEST_WC), true, read_source);
}

static void writecombine_dst(struct exynos *e)
{
	use_source(e, foreign_test(PFNMAP_TEST_WC), true, write_source);
}

static void udmabuf_src(struct exynos *e)
{
	exporter(e, foreign_udmabuf, read_source);
}

static void udmabuf_dst(struct exynos *e)
{
	exporter(e, foreign_udmabuf, write_source);
}

static void system_heap_src(struct exynos *e)
{
	exporter(e, foreign_system_heap, read_source);
}

static void system_heap_dst(struct exynos *e)
{
	exporter(e, foreign_system_heap, write_source);
}

static void cma_heap_src(struct exynos *e)
{
	exporter(e, foreign_cma_heap, read_source);
}

static void cma_heap_dst(struct exynos *e)
{
	exporter(e, foreign_cma_heap, write_source);
}

/* A whole mapping as a destination, without memory of the program's own. */
static int fill_source(struct exynos *e, const struct foreign *s, size_t bytes, uint32_t colour)
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
	struct foreign s;

	s = foreign_test(PFNMAP_TEST_CONTIGUOUS);
	igt_assert_eq(fill_source(e, &s, s.size, 0x01020304), 0);
	foreign_unmap(&s);

	s = foreign_test(PFNMAP_TEST_TWO_RUNS);
	igt_assert_eq(fill_source(e, &s, s.size, 0x01020304), several);
	igt_assert_eq(fill_source(e, &s, half, 0x05060708), 0);
	igt_assert_eq(fill_source(e, &s, half + PAGE, 0x090a0b0c), several);
	foreign_unmap(&s);

	s = foreign_test(PFNMAP_TEST_SCATTERED);
	igt_assert_eq(fill_source(e, &s, s.size, 0x01020304), several);
	igt_assert_eq(fill_source(e, &s, PAGE, 0x05060708), 0);
	foreign_unmap(&s);
}

static void retry(struct exynos *e)
{
	unsigned int pages = e->board.has_iommu ? PFNMAP_TEST_PAGES : 1;
	struct foreign s = foreign_test_at(PFNMAP_TEST_RETRY, 0, pages);

	igt_assert_eq(fill_source(e, &s, s.size, 0x01020304), 0);
	foreign_unmap(&s);
}

static void size_of(struct exynos *e, int (*open_source)(size_t size))
{
	size_t max = exynos_param(e, EXYNOS_PARAM_USERPTR_PFNMAP_MAX_SIZE);
	struct foreign s = foreign_map(open_source(max + PAGE), max + PAGE,
				     PROT_READ | PROT_WRITE, MAP_SHARED, 0);

	igt_assert_eq_u64(max, 16 << 20);
	igt_assert_eq(probe(e, s.map, max, 0), 0);
	igt_assert_eq(fill_source(e, &s, max, 0x0a0b0c0d), 0);
	/* Comparing 16 MiB twice takes long with KASAN. */
	must_fail_blindly(e, s.map, max + 1, -EINVAL);
	must_fail_blindly(e, s.map + 1, max, -EINVAL);
	exynos_check_colour(s.map, max, 0x0a0b0c0d);
	igt_assert_eq(probe(e, s.map + PAGE, max, 0), 0);
	foreign_unmap(&s);
}

static void size(struct exynos *e)
{
	size_of(e, foreign_cma_heap);
	if (e->board.has_iommu)
		size_of(e, foreign_udmabuf);
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
	struct foreign s = foreign_test(PFNMAP_TEST_READONLY);
	int fd;

	readonly_at(e, s.map);
	foreign_unmap(&s);

	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	igt_require_f(fd >= 0, "no perf events\n");
	s = foreign_map(fd, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	readonly_at(e, s.map + PAGE);
	foreign_unmap(&s);
}

static void private(struct exynos *e)
{
	struct foreign s = foreign_map(foreign_system_heap(PAGE), PAGE, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE, 0);

	must_fail(e, s.map, PAGE, -EFAULT);
	/* Copied by the CPU, or not. */
	s.map[0] = 1;
	must_fail(e, s.map, PAGE, -EFAULT);
	foreign_unmap(&s);
}

static void own_mmap(struct exynos *e)
{
	struct drm_exynos_gem_map map = { .handle = exynos_bo(e, PAGE) };
	struct drm_prime_handle prime = { .handle = map.handle, .flags = DRM_CLOEXEC | DRM_RDWR };
	uint8_t *ptr;

	do_ioctl(e->fd, DRM_IOCTL_EXYNOS_GEM_MAP, &map);
	ptr = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, e->fd, map.offset);
	igt_assert(ptr != MAP_FAILED);
	must_fail(e, ptr, PAGE, -EFAULT);
	munmap(ptr, PAGE);

	do_ioctl(e->fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime);
	ptr = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, prime.fd, 0);
	igt_assert(ptr != MAP_FAILED);
	must_fail(e, ptr, PAGE, -EFAULT);
	munmap(ptr, PAGE);
	close(prime.fd);
	exynos_close(e, map.handle);
}

/* The third page is not to be used. */
static void third_page(struct exynos *e, enum pfnmap_test_kind kind)
{
	struct foreign s = foreign_test(kind);

	must_fail(e, s.map + 2 * PAGE, PAGE, -EFAULT);
	must_fail(e, s.map + 2 * PAGE + 60, 1024, -EFAULT);
	must_fail(e, s.map, s.size, -EFAULT);
	must_fail(e, s.map + 2 * PAGE - 64, 128, -EFAULT);
	must_fail(e, s.map + 3 * PAGE - 64, 128, -EFAULT);
	igt_assert_eq(fill_source(e, &s, PAGE, 0x01020304), 0);
	foreign_unmap(&s);
}

static void mmio(struct exynos *e)
{
	third_page(e, PFNMAP_TEST_REGISTERS);
}

static void reserved(struct exynos *e)
{
	third_page(e, PFNMAP_TEST_RESERVED);
}

/* Only an IOMMU contains an engine that goes on using it. */
static void uncounted(struct exynos *e)
{
	struct foreign s = foreign_test_at(PFNMAP_TEST_UNCOUNTED, 2, 1);

	if (e->board.has_iommu)
		igt_assert_eq(fill_source(e, &s, PAGE, 0x01020304), 0);
	else
		must_fail(e, s.map, PAGE, -EFAULT);
	foreign_unmap(&s);
}

/* A file that was opened read-only: a source, and no destination. */
static void readonly_file(struct exynos *e)
{
	struct dma_heap_allocation_data data = { .len = PAGE, .fd_flags = O_RDONLY | O_CLOEXEC };
	int heap = open("/dev/dma_heap/system", O_RDONLY | O_CLOEXEC);
	struct foreign s;

	igt_require_f(heap >= 0, "no system heap\n");
	do_ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data);
	close(heap);
	s = foreign_map(data.fd, PAGE, PROT_READ, MAP_SHARED, 0);
	igt_assert_eq(probe(e, s.map, PAGE, EXYNOS_USERPTR_READONLY), 0);
	igt_assert_eq(probe(e, s.map, PAGE, 0), -EFAULT);
	foreign_unmap(&s);
}

static void hole(struct exynos *e)
{
	third_page(e, PFNMAP_TEST_HOLE);
}

static void split_vma(struct exynos *e)
{
	struct foreign s = foreign_test(PFNMAP_TEST_CONTIGUOUS);

	igt_assert_eq(mprotect(s.map + 8 * PAGE, PAGE, PROT_READ), 0);
	must_fail(e, s.map, s.size, -EFAULT);
	must_fail(e, s.map + 7 * PAGE, 2 * PAGE, -EFAULT);
	must_fail(e, s.map + 9 * PAGE - 64, 128, -EFAULT);
	igt_assert_eq(fill_source(e, &s, 8 * PAGE, 0x01020304), 0);
	igt_assert_eq(probe(e, s.map + 9 * PAGE, 7 * PAGE, 0), 0);
	igt_assert_eq(probe(e, s.map + 8 * PAGE, PAGE, EXYNOS_USERPTR_READONLY), 0);
	igt_assert_eq(probe(e, s.map + 8 * PAGE, PAGE, 0), -EFAULT);
	foreign_unmap(&s);
}

static void mixed(struct exynos *e)
{
	struct foreign s = foreign_test(PFNMAP_TEST_CONTIGUOUS);
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

static void middle_of(struct exynos *e, int fd, off_t offset, int flags,
		      void (*fails)(struct exynos *e, const void *ptr, size_t size, int error))
{
	uint8_t *page = mmap(middle_map + PAGE, PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED,
			     fd, offset);

	igt_assert(page == middle_map + PAGE);
	fails(e, middle_map, 3 * PAGE, -EFAULT);
	fails(e, middle_map + PAGE - 128, 256, -EFAULT);
	fails(e, middle_map + 2 * PAGE - 128, 256, -EFAULT);
	exynos_check_words(middle_map, PAGE, 1);
	exynos_check_words(middle_map + 2 * PAGE, PAGE, 2);
}

static void middle(struct exynos *e)
{
	static int (*const exporters[])(size_t size) = {
		foreign_udmabuf, foreign_system_heap, foreign_cma_heap
	};
	struct drm_exynos_gem_map gem = { .handle = exynos_bo(e, PAGE) };
	struct drm_prime_handle prime = { .handle = gem.handle, .flags = DRM_CLOEXEC | DRM_RDWR };
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

	for (i = PFNMAP_TEST_SCATTERED; i <= PFNMAP_TEST_UNCOUNTED; i++) {
		fd = open(TEST_DEVICE, O_RDWR | O_CLOEXEC);
		igt_require_f(fd >= 0, "no " TEST_DEVICE "\n");
		middle_of(e, fd, (i * PFNMAP_TEST_PAGES + 2) * PAGE, MAP_SHARED, must_fail);
		close(fd);
	}
	for (i = 0; i < ARRAY_SIZE(exporters); i++) {
		fd = exporters[i](PAGE);
		middle_of(e, fd, 0, MAP_SHARED, must_fail);
		close(fd);
	}
	fd = foreign_system_heap(PAGE);
	middle_of(e, fd, 0, MAP_PRIVATE, must_fail);
	close(fd);

	do_ioctl(e->fd, DRM_IOCTL_EXYNOS_GEM_MAP, &gem);
	middle_of(e, e->fd, gem.offset, MAP_SHARED, must_fail);
	do_ioctl(e->fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime);
	middle_of(e, prime.fd, 0, MAP_SHARED, must_fail);
	close(prime.fd);
	exynos_close(e, gem.handle);

	fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		/* Reading registers may have effects. */
		middle_of(e, fd, 0x12800000, MAP_SHARED, must_fail_blindly);
		middle_of(e, fd, 0x40208000, MAP_SHARED, must_fail);
		close(fd);
	}
	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd >= 0) {
		/* The kernel writes to it at any time. */
		middle_of(e, fd, 0, MAP_SHARED, must_fail_blindly);
		close(fd);
	}
	munmap(middle_map, 3 * PAGE);
}

static void off(struct exynos *e)
{
	struct foreign s = foreign_test(PFNMAP_TEST_CONTIGUOUS);

	struct g2d_image image;
	struct g2d_list list;

	image = exynos_image(exynos_userptr(e, s.map, PAGE, 0), 32, 32);
	exynos_fill(e, &image, 0x0a0a0a0a);
	igt_assert_eq(exynos_write_file(MODULE "userptr_pfnmap", "0"), 0);
	g2d_fill(&list, &image, g2d_whole(&image), 0x0b0b0b0b);
	igt_assert_eq(exynos_try(e, &list), -EFAULT);
	exynos_check_colour(s.map, PAGE, 0x0a0a0a0a);
	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_PFNMAP_MAX_SIZE), 0);
	must_fail(e, s.map, s.size, -EFAULT);
	igt_assert_eq(exynos_write_file(MODULE "userptr_pfnmap", "1"), 0);
	exynos_fill(e, &image, 0x0c0c0c0c);
	exynos_close(e, image.handle);
	igt_assert_eq(fill_source(e, &s, s.size, 0x01020304), 0);
	foreign_unmap(&s);
}

static void devmem(struct exynos *e)
{
	/* Registers of the engine, and where the kernel's code begins. */
	static const off_t places[] = { 0x12800000, 0x40208000 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		int fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
		struct foreign s;

		igt_require_f(fd >= 0, "no /dev/mem\n");
		s = foreign_map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, places[i]);
		must_fail_blindly(e, s.map, PAGE, -EFAULT);
		foreign_unmap(&s);
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
	/* Not looked at: its clock runs. */
	must_fail_blindly(e, (void *)start, end - start > PAGE ? PAGE : end - start, -EFAULT);
}

/* Something happens to a destination while the engine is about to write it. */
static void during_job(struct exynos *e, struct foreign *s, void (*change)(struct foreign *s),
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
	/* Otherwise nobody lets it go before the change is through. */
	if (waits)
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

static void change_munmap(struct foreign *s)
{
	igt_assert_eq(munmap(s->map, s->size), 0);
}

static void munmap_busy(struct exynos *e)
{
	int fd = foreign_system_heap(PAGE);
	struct foreign view = foreign_map(fd, PAGE, PROT_READ, MAP_SHARED, 0);
	struct foreign s = foreign_map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);

	during_job(e, &s, change_munmap, true);
	exynos_check_colour(view.map, PAGE, 0x01020304);
	foreign_unmap(&view);
}

static void change_revoke(struct foreign *s)
{
	igt_assert_eq(ioctl(s->fd, PFNMAP_TEST_REVOKE), 0);
}

static void revoke_busy(struct exynos *e)
{
	struct foreign s = foreign_test(PFNMAP_TEST_SCATTERED);

	during_job(e, &s, change_revoke, true);
	foreign_unmap(&s);
}

static int truncate_fd;

static void change_truncate(struct foreign *s)
{
	/* udmabuf wants a file that cannot become shorter. */
	igt_assert_eq(ftruncate(truncate_fd, 0), -1);
	igt_assert_eq(errno, EPERM);
	igt_assert_eq(fallocate(truncate_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
				s->size), 0);
}

static void truncate_busy(struct exynos *e)
{
	int fd = foreign_udmabuf_of(2 * PAGE, &truncate_fd);
	struct foreign s = foreign_map(fd, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	uint8_t bytes[PAGE];

	during_job(e, &s, change_truncate, false);
	exynos_check_colour(s.map, PAGE, 0x05060708);
	/* What the file has now is other memory. */
	igt_assert_eq(pread(truncate_fd, bytes, PAGE, 0), PAGE);
	exynos_check_bytes(bytes, PAGE, 0);
	foreign_unmap(&s);
	close(truncate_fd);
}

static void hang_revoke(struct exynos *e)
{
	struct foreign s = foreign_test(PFNMAP_TEST_SCATTERED);
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
	foreign_unmap(&s);
}

struct stress {
	struct foreign source;
	unsigned int round;
};

static void *stress_thread(void *arg)
{
	struct stress *stress = arg;
	struct foreign *s = &stress->source;

	usleep(stress->round * 7919 % 3000);
	switch (stress->round % 4) {
	case 0:
		change_revoke(s);
		igt_assert_eq(munmap(s->map, PAGE), 0);
		break;
	case 1:
		igt_assert_eq(munmap(s->map, PAGE), 0);
		break;
	case 2:
		/* Elsewhere the same mapping goes on. */
		igt_assert(mremap(s->map, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
				  s->map + PAGE) == s->map + PAGE);
		change_revoke(s);
		igt_assert_eq(munmap(s->map + PAGE, PAGE), 0);
		break;
	default:
		/* The device's file goes with the last mapping, and its memory with it. */
		close(s->fd);
		s->fd = -1;
		igt_assert_eq(munmap(s->map, PAGE), 0);
		break;
	}
	return NULL;
}

static void stress(struct exynos *e)
{
	unsigned int round, ok = 0, refused = 0;

	for (round = 0; round < 1000; round++) {
		struct stress s = { foreign_test_at(PFNMAP_TEST_SCATTERED, 0, 2), round };
		struct g2d_image image;
		struct g2d_list list;
		pthread_t thread;
		unsigned int i;
		int ret = 0;

		/* Nobody else gets the place beside it. */
		igt_assert(mmap(s.source.map + PAGE, PAGE, PROT_NONE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
			   s.source.map + PAGE);
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
		if (s.source.fd >= 0)
			close(s.source.fd);
		munmap(s.source.map, 2 * PAGE);
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

/*
 * @view: another mapping of the same memory. Returns whether the nth allocation was
 * there, and has failed.
 */
static bool fail_once(struct exynos *e, struct foreign *s, const uint8_t *view, int control,
		      unsigned int nth)
{
	struct g2d_image image = exynos_image(0, 16, 16);
	struct g2d_list list;
	char number[16] = "";
	int ret;

	snprintf(number, sizeof(number), "%u", nth);
	igt_assert_lt(0, pwrite(control, number, strlen(number), 0));
	ret = exynos_gem_userptr(e->fd, s->map, 1024, 0, &image.handle);
	if (!ret) {
		g2d_fill(&list, &image, g2d_whole(&image), nth);
		ret = exynos_try(e, &list);
		gem_close(e->fd, image.handle);
	}
	/* Teardown: of the range and of the file. */
	munmap(s->map, s->size);
	drm_close_driver(e->fd);
	igt_assert_lt(0, pread(control, number, sizeof(number) - 1, 0));
	igt_assert_lt(0, pwrite(control, "0", 1, 0));
	igt_assert_f(ret == 0 || ret == -ENOMEM, "%d with allocation %u failing\n", ret, nth);
	if (!ret)
		exynos_check_colour(view, 1024, nth);
	/* The next one is as the first. */
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
	return !atoi(number);
}

static void fail_nth(struct exynos *e)
{
	/* Opening it allocates, too. */
	int control = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	unsigned int nth, failed = 0;
	struct foreign s, view;
	bool again;

	igt_require_f(control >= 0, "this kernel cannot make allocations fail\n");
	set_failing("ignore-gfp-wait", "N");
	set_failing("ignore-gfp-highmem", "N");
	set_failing("min-order", "0");
	set_failing("verbose", "0");
	for (nth = 1; nth < 1000; nth++) {
		s = foreign_test_at(PFNMAP_TEST_SCATTERED, 0, 1);
		view = foreign_map(dup(s.fd), PAGE, PROT_READ, MAP_SHARED,
				   PFNMAP_TEST_SCATTERED * PFNMAP_TEST_PAGES * PAGE);
		again = fail_once(e, &s, view.map, control, nth);
		foreign_unmap(&view);
		close(s.fd);
		if (!again)
			break;
		failed++;
	}
	close(control);
	igt_info("%u allocations failed\n", failed);
	igt_assert_lt(0, failed);
	igt_assert_lt(nth, 1000);
	/* Everything is back. */
	exynos_assert_nothing_pinned(e);
	igt_assert_eq_u64(oracle_mapped(e->fd), 0);
}

static const struct exynos_test tests[] = {
	{ "pfnmap-udmabuf-src", udmabuf_src },
	{ "pfnmap-udmabuf-dst", udmabuf_dst },
	{ "pfnmap-system-heap-src", system_heap_src },
	{ "pfnmap-system-heap-dst", system_heap_dst },
	{ "pfnmap-cma-heap-src", cma_heap_src },
	{ "pfnmap-cma-heap-dst", cma_heap_dst },
	{ "pfnmap-vivid-src", vivid_src },
	{ "pfnmap-vivid-dst", vivid_dst },
	{ "pfnmap-writecombine-src", writecombine_src },
	{ "pfnmap-writecombine-dst", writecombine_dst },
	{ "pfnmap-runs", runs },
	{ "pfnmap-retry", retry },
	{ "pfnmap-size", size },
	{ "pfnmap-readonly", readonly },
	{ "pfnmap-readonly-file", readonly_file },
	{ "pfnmap-uncounted", uncounted },
	{ "pfnmap-private", private },
	{ "pfnmap-own-mmap", own_mmap },
	{ "pfnmap-mmio", mmio },
	{ "pfnmap-reserved", reserved },
	{ "pfnmap-split-vma", split_vma },
	{ "pfnmap-mixed", mixed },
	{ "pfnmap-middle", middle },
	{ "pfnmap-hole", hole },
	{ "pfnmap-off", off },
	{ "pfnmap-devmem", devmem },
	{ "pfnmap-vvar", vvar },
	{ "pfnmap-munmap-busy", munmap_busy },
	{ "pfnmap-revoke-busy", revoke_busy },
	{ "pfnmap-truncate-busy", truncate_busy },
	{ "pfnmap-hang-revoke", hang_revoke },
	{ "pfnmap-stress", stress },
	{ "pfnmap-fail-nth", fail_nth },
};

/* A subtest that failed has left the parameters as they were in its middle. */
static void restore_parameters(int sig)
{
	(void)sig;
	exynos_write_file(MODULE "userptr_pfnmap", "1");
}

igt_main {
	static struct exynos e;
	static unsigned int i;

	igt_fixture {
		exynos_init(&e);
		exynos_require_userptr(&e);
		igt_install_exit_handler(restore_parameters);
	}

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		igt_subtest(tests[i].name) {
			restore_parameters(0);
			exynos_subtest(&e, tests[i].body);
		}
	}

	igt_fixture {
		restore_parameters(0);
		exynos_fini(&e);
	}
}
