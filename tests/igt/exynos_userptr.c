// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <linux/loop.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>

#include "drm_mode.h"
#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_sys.h"

/**
 * TEST: exynos userptr
 * Description: Memory of a program as a GEM object: who may use it, what stays
 *		untouched, and what happens when the program takes it away.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Memory management tests
 * Functionality: userptr
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: input-checking-flags
 * Description: The two flags are accepted, every other bit is refused.
 *
 * SUBTEST: input-checking-size
 * Description: Sizes that are zero, too large or wrap are refused.
 *
 * SUBTEST: input-checking-kernel-address
 * Description: Addresses of the kernel, or that reach into it, are refused.
 *
 * SUBTEST: input-checking-null
 * Description: NULL is a hole: PROBE finds it at once, a job when it is used.
 *
 * SUBTEST: input-checking-hole
 * Description: A hole in the middle of the range fails the use of the object.
 *
 * SUBTEST: input-checking-prot-none
 * Description: Memory that may not be accessed fails the use of the object.
 *
 * SUBTEST: input-checking-misaligned-base
 * Description: A start that is no multiple of the pixel size is refused.
 *
 * SUBTEST: input-checking-out-of-bounds
 * Description: The last byte of the object is the last that a list may name.
 *
 * SUBTEST: probe
 * Description: PROBE fails exactly when a page of the range is missing.
 *
 * SUBTEST: sign-extended-address
 * Description: The upper half of the address is ignored for a 32-bit program.
 *
 * SUBTEST: create-destroy
 * Description: Objects of all sizes can be made and closed without being used.
 *
 * SUBTEST: gem-get
 * Description: GEM_GET tells that the object is user memory, and its size.
 *
 * SUBTEST: forbidden-mmap
 * Description: User memory cannot be mapped through the device.
 *
 * SUBTEST: forbidden-framebuffer
 * Description: User memory cannot become a framebuffer.
 *
 * SUBTEST: forbidden-export
 * Description: User memory cannot be exported as a dma-buf.
 *
 * SUBTEST: offsets-cacheline-a8
 * Description: Source and destination start at every byte of a cache line, one
 *		byte a pixel; nothing around the destination changes.
 *
 * SUBTEST: offsets-cacheline-rgb565
 * Description: Source and destination start at every pixel of a cache line, two
 *		bytes a pixel; nothing around the destination changes.
 *
 * SUBTEST: offsets-cacheline-argb8888
 * Description: Source and destination start at every pixel of a cache line, four
 *		bytes a pixel; nothing around the destination changes.
 *
 * SUBTEST: offsets-page
 * Description: Source and destination start at every pixel of a page.
 *
 * SUBTEST: gaps-during-job
 * Description: What the CPU writes between the rows of a running job stays, with
 *		the destination at every byte of a cache line.
 *
 * SUBTEST: no-leftovers
 * Description: Of all that a job could reach, nothing is left in memory that only
 *		the caches of the CPUs know to be gone.
 *
 * SUBTEST: same-object
 * Description: One object is both source and destination of a job.
 *
 * SUBTEST: events
 * Description: An asynchronous job sends its event when its result is there.
 *
 * SUBTEST: error-drops-list
 * Description: A job that cannot start is dropped, and its event never comes.
 *
 * SUBTEST: unmap-between-jobs
 * Description: Unmapped memory fails a job; memory mapped anew is seen by it.
 *
 * SUBTEST: unmap-during-read
 * Description: munmap() of a source waits for the job that reads it.
 *
 * SUBTEST: unmap-during-write
 * Description: munmap() of a destination waits for the job that writes it.
 *
 * SUBTEST: unmap-part-during-job
 * Description: munmap() of one page in the middle waits for the job as well.
 *
 * SUBTEST: unmap-unrelated-during-job
 * Description: munmap() of other memory does not wait for the job.
 *
 * SUBTEST: unmap-after-close
 * Description: A closed object does not come back with its old memory.
 *
 * SUBTEST: close-during-job
 * Description: GEM_CLOSE and munmap() while a job runs: the job still ends well.
 *
 * SUBTEST: mremap
 * Description: Moved memory is gone from the old address and works at the new.
 *
 * SUBTEST: mprotect
 * Description: Memory made read-only between jobs can be read, not written.
 *
 * SUBTEST: madv-dontneed
 * Description: After MADV_DONTNEED the engine reads zeros and writes new pages.
 *
 * SUBTEST: madv-free
 * Description: What the engine writes after MADV_FREE is not thrown away.
 *
 * SUBTEST: fork-parent-writes
 * Description: After fork() the parent's jobs see and change the parent's pages.
 *
 * SUBTEST: fork-child-writes
 * Description: What a child writes after fork() is not seen by the parent's jobs.
 *
 * SUBTEST: foreign-handle
 * Description: A child cannot use its parent's object, and can use its own.
 *
 * SUBTEST: foreign-exec
 * Description: A child cannot run a list that its parent queued.
 *
 * SUBTEST: process-exit
 * Description: A process exits without closing anything.
 *
 * SUBTEST: process-exit-during-job
 * Description: A process exits while its job runs; the engine stays usable.
 *
 * SUBTEST: process-kill-during-job
 * Description: A process is killed while it waits for its job.
 *
 * SUBTEST: readonly-memory-source
 * Description: Memory that may only be read is a source.
 *
 * SUBTEST: readonly-memory-destination
 * Description: Memory that may only be read is refused as destination.
 *
 * SUBTEST: readonly-file-source
 * Description: A file that may only be read is a source.
 *
 * SUBTEST: readonly-flag
 * Description: An object made read-only is a source, never a destination.
 *
 * SUBTEST: untouched-source
 * Description: Untouched memory is read as zeros, and stays untouched.
 *
 * SUBTEST: untouched-destination
 * Description: Untouched memory gets pages when it is written.
 *
 * SUBTEST: memfd
 * Description: A memfd is written and read through the engine and write().
 *
 * SUBTEST: memfd-truncate
 * Description: A truncated memfd fails a job; made larger again it is zeros.
 *
 * SUBTEST: file-writeback
 * Description: What the engine writes to a file is on the disk after fsync(),
 *		again after the file was cleaned.
 *
 * SUBTEST: large-64mib
 * Description: An object of 64 MiB is written and read from end to end.
 *
 * SUBTEST: thousand-objects
 * Description: A thousand objects over one buffer work and go with its memory.
 *
 * SUBTEST: swap-out
 * Description: An idle object's memory can be swapped out, and comes back.
 *
 * SUBTEST: buf-userptr
 * Description: G2D_BUF_USERPTR sees memory that was mapped anew.
 *
 * SUBTEST: hang-exec
 * Description: A synchronous job on a hung engine fails, the next one works.
 *
 * SUBTEST: hang-munmap
 * Description: munmap() with a hung engine waits no longer than the timeout.
 *
 * SUBTEST: stress-invalidate
 * Description: Jobs run while another thread takes the pages away all the time.
 *
 * SUBTEST: noiommu-multi-page
 * Description: Without an IOMMU memory that is not contiguous is refused.
 */

IGT_TEST_DESCRIPTION("Memory of a program as a GEM object for the 2D engine.");

/* How long a held engine makes others wait; well below the driver's timeout. */
#define HOLD_MS 120

/* The driver resets a hung engine after half a second; a slow machine adds to it. */
#define SLACK_MS 4000

/*
 * A buffer in a mapping of its own.  With an IOMMU it spans several pages and
 * starts at an odd place; without one it is exactly one page, all that can be
 * relied upon to be contiguous.
 */
struct block {
	uint8_t *map;
	size_t map_size;
	uint8_t *ptr;
	size_t size;
	struct g2d_image image;
};

static struct block block_shape(struct exynos *e)
{
	bool iommu = e->board.has_iommu;
	struct block b = { .image = exynos_image(0, 32, iommu ? 450 : 32) };

	b.size = (size_t)b.image.stride * b.image.height;
	b.map_size = ALIGN(b.size + (iommu ? 2004 : 0), 4096);
	return b;
}

static void block_place(struct exynos *e, struct block *b, void *map)
{
	igt_assert(map != MAP_FAILED);
	b->map = map;
	b->ptr = b->map + (e->board.has_iommu ? 2004 : 0);
}

static struct block block_map(struct exynos *e)
{
	struct block b = block_shape(e);

	block_place(e, &b, exynos_mmap(b.map_size));
	return b;
}

static struct block block_map_fd(struct exynos *e, int fd, int prot)
{
	struct block b = block_shape(e);

	block_place(e, &b, mmap(NULL, b.map_size, prot, MAP_SHARED, fd, 0));
	return b;
}

static void block_import(struct exynos *e, struct block *b)
{
	b->image.handle = exynos_userptr(e, b->ptr, b->size, 0);
}

static struct block block_new(struct exynos *e, uint32_t seed)
{
	struct block b = block_map(e);

	exynos_fill_words(b.ptr, b.size, seed);
	block_import(e, &b);
	return b;
}

static void block_unmap(struct block *b)
{
	igt_assert_eq(munmap(b->map, b->map_size), 0);
}

/* New anonymous memory where the old was. */
static void block_map_again(struct block *b)
{
	void *map = mmap(b->map, b->map_size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	igt_assert(map == b->map);
}

static void block_check(const struct block *b, uint32_t seed)
{
	exynos_check_words(b->ptr, b->size, seed);
}

static void copy_block(struct exynos *e, const struct block *src, const struct block *dst)
{
	exynos_copy(e, &src->image, &dst->image);
}

static int try_copy_block(struct exynos *e, const struct block *src, const struct block *dst)
{
	return exynos_try_copy(e, &src->image, &dst->image);
}

static void start_copy_block(struct exynos *e, const struct block *src, const struct block *dst)
{
	struct g2d_list list;

	g2d_copy(&list, &src->image, g2d_whole(&src->image), &dst->image, 0, 0);
	exynos_start(e, &list);
}

/* Input checking. */

static int try_create(struct exynos *e, uint64_t ptr, uint64_t size, uint32_t flags)
{
	uint32_t handle;
	int ret = exynos_gem_userptr_raw(e->fd, ptr, size, flags, &handle);

	if (!ret)
		exynos_close(e, handle);
	return ret;
}

static void input_checking_flags(struct exynos *e)
{
	const uint32_t known = EXYNOS_USERPTR_READONLY | EXYNOS_USERPTR_PROBE;
	uint64_t ptr = (uintptr_t)exynos_mmap(4096);
	unsigned int bit;

	igt_assert_eq(try_create(e, ptr, 4096, 0), 0);
	igt_assert_eq(try_create(e, ptr, 4096, known), 0);
	for (bit = 0; bit < 32; bit++) {
		uint32_t flag = 1u << bit;

		igt_debug("flag %#x\n", flag);
		igt_assert_eq(try_create(e, ptr, 4096, flag), flag & known ? 0 : -EINVAL);
		igt_assert_eq(try_create(e, ptr, 4096, flag | known), flag & known ? 0 : -EINVAL);
	}
}

static void input_checking_size(struct exynos *e)
{
	/* All that the engines can address, but for the pages that guard it. */
	const uint64_t max = (1u << 30) - 2 * 4096;
	uint8_t *map = mmap(NULL, max + 8192, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint64_t ptr = (uintptr_t)map;

	igt_assert(map != MAP_FAILED);
	igt_assert_eq(try_create(e, ptr, 0, 0), -EINVAL);
	igt_assert_eq(try_create(e, 0, 0, 0), -EINVAL);
	igt_assert_eq(try_create(e, ptr, 1, 0), 0);
	igt_assert_eq(try_create(e, ptr + 4095, 2, 0), 0);

	/* Too large, by a byte or by a page that only the start's offset adds. */
	igt_assert_eq(try_create(e, ptr, max, 0), 0);
	igt_assert_eq(try_create(e, ptr + 1, max - 1, 0), 0);
	igt_assert_eq(try_create(e, ptr, max + 1, 0), -EINVAL);
	igt_assert_eq(try_create(e, ptr + 1, max, 0), -EINVAL);

	/* More than the user's share can be named, but not mapped. */
	if (e->board.has_iommu)
		igt_assert_eq(try_create(e, ptr,
					 exynos_param(e, EXYNOS_PARAM_USERPTR_MAX_SIZE) + 1,
					 EXYNOS_USERPTR_READONLY | EXYNOS_USERPTR_PROBE), -ENOSPC);

	igt_assert_eq(try_create(e, ptr, 1ull << 32, 0), -EINVAL);
	igt_assert_eq(try_create(e, ptr, (1ull << 32) + 4096, 0), -EINVAL);
	igt_assert_eq(try_create(e, ptr, 1ull << 63, 0), -EINVAL);
	igt_assert_eq(try_create(e, ptr, ~0ull, 0), -EINVAL);

	/* The end wraps, to zero or beyond it. */
	igt_assert_eq(try_create(e, ~0ull, 2, 0), -EINVAL);
	igt_assert_eq(try_create(e, -4096ull, 4097, 0), -EINVAL);
	igt_assert_eq(try_create(e, -4096ull, 1 << 20, 0), -EINVAL);
	munmap(map, max + 8192);
}

static void input_checking_kernel_address(struct exynos *e)
{
	/* The kernel's first and last pages; on 32 bit also the vectors page. */
	uint64_t first = sizeof(long) == 8 ? 1ull << 63 : 0xc0000000;
	uint64_t last = -4096ull;

	igt_assert_eq(try_create(e, first, 4096, 0), -EFAULT);
	igt_assert_eq(try_create(e, last, 4095, 0), -EFAULT);
	igt_assert_eq(try_create(e, -65536ull, 4096, 0), -EFAULT);
	igt_assert_eq(try_create(e, first, 4096, EXYNOS_USERPTR_PROBE), -EFAULT);
	/* Begins in the program's part and ends in the kernel's. */
	igt_assert_eq(try_create(e, first - (32 << 20), 64 << 20, 0), -EFAULT);
}

static void use_must_fail(struct exynos *e, struct block *bad)
{
	struct block good = block_new(e, 7), other = block_new(e, 8);

	igt_assert_eq(try_copy_block(e, bad, &good), -EFAULT);
	block_check(&good, 7);
	igt_assert_eq(try_copy_block(e, &good, bad), -EFAULT);

	/* The engine is none the worse for it. */
	copy_block(e, &good, &other);
	block_check(&other, 7);
	block_unmap(&good);
	block_unmap(&other);
}

static void input_checking_null(struct exynos *e)
{
	struct block b = block_shape(e);

	igt_assert_eq(try_create(e, 0, b.size, EXYNOS_USERPTR_PROBE), -EFAULT);
	igt_assert_eq(try_create(e, 0, b.size, EXYNOS_USERPTR_PROBE | EXYNOS_USERPTR_READONLY),
		      -EFAULT);
	b.image.handle = exynos_userptr(e, NULL, b.size, 0);
	use_must_fail(e, &b);
	exynos_close(e, b.image.handle);
}

static void input_checking_hole(struct exynos *e)
{
	struct block b;

	exynos_require_iommu(e);
	b = block_new(e, 1);
	igt_assert_eq(munmap(b.map + 2 * 4096, 4096), 0);
	use_must_fail(e, &b);
	igt_assert_eq(try_create(e, (uintptr_t)b.ptr, b.size, EXYNOS_USERPTR_PROBE), -EFAULT);
	exynos_close(e, b.image.handle);
	munmap(b.map, b.map_size);
}

static void input_checking_prot_none(struct exynos *e)
{
	struct block b = block_new(e, 1);

	igt_assert_eq(mprotect(b.map + b.map_size - 4096, 4096, PROT_NONE), 0);
	use_must_fail(e, &b);
	igt_assert_eq(try_create(e, (uintptr_t)b.ptr, b.size, EXYNOS_USERPTR_PROBE), -EFAULT);
	exynos_close(e, b.image.handle);
	block_unmap(&b);
}

static void input_checking_misaligned_base(struct exynos *e)
{
	uint8_t *page = exynos_mmap(4096);
	struct g2d_image good, bad;
	unsigned int i;

	good = exynos_image(exynos_userptr(e, page, 1024, 0), 4, 4);
	for (i = 1; i < 4; i++) {
		bad = exynos_image(exynos_userptr(e, page + 2048 + i, 1024, 0), 4, 4);
		igt_assert_eq(exynos_try_copy(e, &good, &bad), -EINVAL);
		igt_assert_eq(exynos_try_copy(e, &bad, &good), -EINVAL);
	}
	exynos_check_bytes(page, 4096, 0);
	munmap(page, 4096);
}

static void input_checking_out_of_bounds(struct exynos *e)
{
	enum { W = 8, H = 4, BYTES = W * H * 4 };
	uint8_t *page = exynos_mmap(4096);
	struct g2d_image good, small;
	uint32_t handle;

	good = exynos_image(exynos_userptr(e, page, BYTES, 0), W, H);
	small = exynos_image(exynos_userptr(e, page + 2048, BYTES - 1, 0), W, H);
	igt_assert_eq(exynos_try_copy(e, &good, &small), -EFAULT);
	igt_assert_eq(exynos_try_copy(e, &small, &good), -EFAULT);
	exynos_check_bytes(page, 4096, 0);

	/* The page has room for one more row; the object does not. */
	small.height = H - 1;
	exynos_fill_words(page, BYTES, 1);
	good.height = H - 1;
	igt_assert_eq(exynos_try_copy(e, &good, &small), 0);
	exynos_check_words(page + 2048, BYTES - W * 4, 1);
	exynos_check_bytes(page + 2048 + BYTES - W * 4, W * 4, 0);

	handle = exynos_userptr(e, page + 1024, BYTES, 0);
	good = exynos_image(handle, W, H + 1);
	igt_assert_eq(exynos_try_copy(e, &good, &good), -EFAULT);
	munmap(page, 4096);
}

static void probe(struct exynos *e)
{
	enum { PAGES = 4 };
	unsigned int mask, i;

	exynos_require_iommu(e);
	for (mask = 0; mask < 1 << PAGES; mask++) {
		uint8_t *map = exynos_mmap(PAGES * 4096);
		uint64_t ptr = (uintptr_t)map + 100, size = PAGES * 4096 - 200;
		int expected = mask ? -EFAULT : 0;

		for (i = 0; i < PAGES; i++)
			if (mask >> i & 1)
				munmap(map + i * 4096, 4096);
		igt_debug("missing pages %#x\n", mask);
		igt_assert_eq(try_create(e, ptr, size, EXYNOS_USERPTR_PROBE), expected);
		igt_assert_eq(try_create(e, ptr, size,
					 EXYNOS_USERPTR_PROBE | EXYNOS_USERPTR_READONLY), expected);
		igt_assert_eq(try_create(e, ptr, size, 0), 0);
		munmap(map, PAGES * 4096);
	}
}

static void sign_extended_address(struct exynos *e)
{
	struct block src = block_new(e, 1), dst = block_new(e, 2);
	int32_t address = (intptr_t)src.ptr;

	igt_require_f(sizeof(void *) == 4, "a 64-bit program has no address to extend\n");
	igt_assert_f(address < 0, "%p is in the lower half: nothing to extend\n", src.ptr);
	exynos_close(e, src.image.handle);
	igt_assert_eq(exynos_gem_userptr_raw(e->fd, (int64_t)address, src.size,
					     EXYNOS_USERPTR_PROBE, &src.image.handle), 0);
	copy_block(e, &src, &dst);
	block_check(&dst, 1);

	/* Any upper half is ignored, not just ones. */
	exynos_close(e, src.image.handle);
	igt_assert_eq(exynos_gem_userptr_raw(e->fd, (uint32_t)address | 0x12345678ull << 32,
					     src.size, 0, &src.image.handle), 0);
	exynos_fill_words(src.ptr, src.size, 3);
	copy_block(e, &src, &dst);
	block_check(&dst, 3);
	block_unmap(&src);
	block_unmap(&dst);
}

static void create_destroy(struct exynos *e)
{
	static const size_t sizes[] = { 1, 63, 4095, 4096, 4097, 1 << 20, 5 << 20 };
	uint8_t *ptr = exynos_mmap(6 << 20);
	uint32_t handles[100];
	unsigned int i;

	for (i = 0; i < 200; i++)
		exynos_close(e, exynos_userptr(e, ptr + i * 37, sizes[i % ARRAY_SIZE(sizes)], 0));
	for (i = 0; i < ARRAY_SIZE(handles); i++)
		handles[i] = exynos_userptr(e, ptr + i * 4099, sizes[i % ARRAY_SIZE(sizes)], 0);
	for (i = 0; i < ARRAY_SIZE(handles); i++)
		exynos_close(e, handles[i]);
	munmap(ptr, 6 << 20);

	/* Twice is once too often. */
	igt_assert_eq(exynos_gem_close(e->fd, handles[0]), -EINVAL);
}

static void gem_get(struct exynos *e)
{
	static const uint64_t sizes[] = { 1, 4095, 4096, 4097, 1 << 20 };
	uint8_t *ptr = exynos_mmap(2 << 20);
	uint32_t handle, flags;
	uint64_t size;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		handle = exynos_userptr(e, ptr + 12, sizes[i], 0);
		igt_assert_eq(exynos_gem_get(e->fd, handle, &flags, &size), 0);
		igt_assert_eq_u32(flags, EXYNOS_BO_USERPTR);
		igt_assert_eq_u64(size, ALIGN(sizes[i], 4096));
		exynos_close(e, handle);
	}
	handle = exynos_bo(e, 4096);
	igt_assert_eq(exynos_gem_get(e->fd, handle, &flags, &size), 0);
	igt_assert_eq_u32(flags & EXYNOS_BO_USERPTR, 0);
	munmap(ptr, 2 << 20);
}

static void forbidden_mmap(struct exynos *e)
{
	struct block b = block_new(e, 1);
	struct drm_exynos_gem_map map = { .handle = b.image.handle };

	/* Wherever it is refused, at the offset or at the mapping. */
	if (igt_ioctl(e->fd, DRM_IOCTL_EXYNOS_GEM_MAP, &map) == 0) {
		void *ptr = mmap(NULL, b.size, PROT_READ | PROT_WRITE, MAP_SHARED, e->fd,
				   map.offset);

		igt_assert(ptr == MAP_FAILED);
	}
	igt_assert_eq(errno, EINVAL);
	block_unmap(&b);
}

static void forbidden_framebuffer(struct exynos *e)
{
	int card = drm_open_driver(DRIVER_EXYNOS);
	struct drm_mode_fb_cmd2 fb = {
		.width = 32,
		.height = 32,
		.pixel_format = 0x34325258, /* XR24 */
		.pitches = { 128 },
	};
	uint8_t *page = exynos_mmap(4096);

	/* What would be a framebuffer, if it were not user memory. */
	igt_assert_eq(exynos_gem_create(card, 4096, EXYNOS_BO_CONTIG, &fb.handles[0]), 0);
	do_ioctl(card, DRM_IOCTL_MODE_ADDFB2, &fb);
	do_ioctl(card, DRM_IOCTL_MODE_RMFB, &fb.fb_id);

	igt_assert_eq(exynos_gem_userptr(card, page, 4096, 0, &fb.handles[0]), 0);
	do_ioctl_err(card, DRM_IOCTL_MODE_ADDFB2, &fb, EINVAL);
	munmap(page, 4096);
	drm_close_driver(card);
	(void)e;
}

static void forbidden_export(struct exynos *e)
{
	struct block b = block_new(e, 1);
	struct drm_prime_handle prime = { .handle = b.image.handle, .flags = DRM_CLOEXEC | DRM_RDWR };

	do_ioctl_err(e->fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime, EPERM);
	block_unmap(&b);
}

/* Where things lie. */

static struct g2d_image format_image(uint32_t handle, enum g2d_format format, unsigned int w,
				     unsigned int h)
{
	return (struct g2d_image){
		.handle = handle,
		.stride = w * g2d_bytes_per_pixel(format),
		.width = w,
		.height = h,
		.format = format,
	};
}

static void offsets_cacheline(struct exynos *e, enum g2d_format format)
{
	enum { W = 5, H = 3, LINE = 64, PAIRS = 16, MARGIN = 256, AREA = 1024, FILL = 0x5a };
	const unsigned int bpp = g2d_bytes_per_pixel(format), bytes = W * H * bpp;
	const unsigned int n = LINE / bpp;
	uint8_t *src = exynos_mmap(4096), *dst = exynos_mmap(4096);
	uint32_t from[LINE], to[LINE];
	unsigned int i, k;

	exynos_fill_words(src, 4096, 1);
	for (i = 0; i < n; i++) {
		from[i] = exynos_userptr(e, src + MARGIN + i * bpp, bytes, 0);
		to[i] = exynos_userptr(e, dst + MARGIN + i * bpp, bytes, 0);
	}
	for (i = 0; i < n; i++)
		for (k = 0; k < PAIRS; k++) {
			/* 5 is odd: each offset of the destination comes up for each k. */
			unsigned int j = (5 * i + k * n / PAIRS) % n;
			struct g2d_image s = format_image(from[i], format, W, H);
			struct g2d_image d = format_image(to[j], format, W, H);
			uint8_t *first = dst + MARGIN + j * bpp;

			memset(dst, FILL, AREA);
			exynos_copy(e, &s, &d);
			igt_assert_f(memcmp(first, src + MARGIN + i * bpp, bytes) == 0,
				     "wrong pixels, from offset %u to offset %u\n", i * bpp, j * bpp);
			exynos_check_bytes(dst, first - dst, FILL);
			exynos_check_bytes(first + bytes, dst + AREA - (first + bytes), FILL);
		}
	exynos_check_words(src, 4096, 1);
	munmap(src, 4096);
	munmap(dst, 4096);
}

static void offsets_cacheline_a8(struct exynos *e)
{
	offsets_cacheline(e, G2D_A8);
}

static void offsets_cacheline_rgb565(struct exynos *e)
{
	offsets_cacheline(e, G2D_RGB565);
}

static void offsets_cacheline_argb8888(struct exynos *e)
{
	offsets_cacheline(e, G2D_ARGB8888);
}

static void offsets_page(struct exynos *e)
{
	enum { W = 101, H = 3, BYTES = W * H * 4, PIXELS = 1024, MAP = 3 * 4096, FILL = 0x5a };
	uint8_t *src, *dst;
	unsigned int i;

	exynos_require_iommu(e);
	src = exynos_mmap(MAP);
	dst = exynos_mmap(MAP);
	exynos_fill_words(src, MAP, 1);
	for (i = 0; i < PIXELS; i++) {
		/* 349 is odd: the destination's offset takes every value, too. */
		uint8_t *from = src + 2048 + i * 4;
		uint8_t *to = dst + 2048 + i * 349 % PIXELS * 4;
		struct g2d_image s = exynos_image(exynos_userptr(e, from, BYTES, 0), W, H);
		struct g2d_image d = exynos_image(exynos_userptr(e, to, BYTES, 0), W, H);

		memset(dst, FILL, MAP);
		exynos_copy(e, &s, &d);
		igt_assert_f(memcmp(to, from, BYTES) == 0, "wrong pixels, from offset %u\n", i * 4);
		exynos_check_bytes(dst, to - dst, FILL);
		exynos_check_bytes(to + BYTES, dst + MAP - (to + BYTES), FILL);
		exynos_close(e, s.handle);
		exynos_close(e, d.handle);
	}
	exynos_check_words(src, MAP, 1);
	munmap(src, MAP);
	munmap(dst, MAP);
}

static void gaps_during_job(struct exynos *e)
{
	/* The rows are far enough from each other to be written back one by one. */
	enum { W = 20, H = 4, STRIDE = 2048, LINE = 64, MARGIN = 256, AREA = 7168, MAP = 8192 };
	enum { BEFORE = 0x5a, DURING = 0xa5 };
	const unsigned int bytes = (H - 1) * STRIDE + W;
	uint8_t *src = exynos_mmap(MAP), *dst = exynos_mmap(MAP), expected[AREA];
	struct g2d_image s = format_image(exynos_userptr(e, src, bytes, 0), G2D_A8, W, H), d;
	unsigned int i, y, line;
	struct g2d_list list;

	exynos_require_test_page(e);
	s.stride = STRIDE;
	for (i = 0; i < LINE; i++) {
		/* But for the first time the source is mapped already. */
		exynos_fill_words(src, MAP, i);
		d = s;
		d.handle = exynos_userptr(e, dst + MARGIN + i, bytes, 0);
		memset(dst, BEFORE, AREA);
		memset(expected, BEFORE, AREA);
		for (y = 0; y < H; y++)
			memcpy(expected + MARGIN + i + y * STRIDE, src + y * STRIDE, W);

		exynos_hold(e);
		g2d_copy(&list, &s, g2d_whole(&s), &d, 0, 0);
		exynos_start(e, &list);
		/* Whole lines that have no byte of a row; see the limits of the uAPI. */
		for (line = 0; line < AREA; line += LINE) {
			for (y = 0; y < H; y++)
				if (MARGIN + i + y * STRIDE < line + LINE &&
				    MARGIN + i + y * STRIDE + W > line)
					break;
			if (y < H)
				continue;
			memset(dst + line, DURING, LINE);
			memset(expected + line, DURING, LINE);
		}
		exynos_let_go(e);
		exynos_finish(e);
		for (line = 0; line < AREA; line++)
			igt_assert_f(dst[line] == expected[line],
				     "offset %u: byte %u is %#x, not %#x\n", i, line, dst[line],
				     expected[line]);
		exynos_close(e, d.handle);
	}
	munmap(src, MAP);
	munmap(dst, MAP);
}

static uint64_t pfn_of(const void *page)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry;

	igt_assert_fd(pagemap);
	igt_assert_eq(pread(pagemap, &entry, 8, (uintptr_t)page / 4096 * 8), 8);
	close(pagemap);
	/* The lower 55 bits, of a page that is present */
	igt_assert(entry >> 63);
	return entry & ((1ull << 55) - 1);
}

static void no_leftovers(struct exynos *e)
{
	const size_t size = 4 << 20;
	struct g2d_image image;
	unsigned int i, n;
	uint8_t *ptr;

	exynos_require_iommu(e);
	ptr = exynos_mmap(size);
	image = exynos_image(exynos_userptr(e, ptr, size, 0), 8, 1);
	exynos_fill(e, &image, 0xffffffff);
	for (n = 0; n < size; n += 4096) {
		const uint64_t page = pfn_of(ptr + n) << 12;
		const volatile uint32_t *memory = exynos_map_ram(page, 4096, false);

		const unsigned int dirty = exynos_dirty_lines(page, 4096);

		igt_assert_f(!dirty, "%u lines of page %u are not in memory\n", dirty, n / 4096);
		for (i = n ? 0 : 8; i < 1024; i++)
			igt_assert_f(!memory[i], "word %u of page %u is %#x in memory\n", i,
				     n / 4096, memory[i]);
		munmap((void *)memory, 4096);
	}
	munmap(ptr, size);
}

static void same_object(struct exynos *e)
{
	enum { W = 16, H = 8, ROWS = W * 4 * H };
	uint8_t *page = exynos_mmap(4096);
	struct g2d_image image = exynos_image(exynos_userptr(e, page, 2 * ROWS, 0), W, 2 * H);
	struct g2d_list list;

	exynos_fill_words(page, ROWS, 1);
	g2d_copy(&list, &image, (struct g2d_rect){ 0, 0, W, H }, &image, 0, H);
	exynos_run(e, &list);
	exynos_check_words(page, ROWS, 1);
	exynos_check_words(page + ROWS, ROWS, 1);
	exynos_check_bytes(page + 2 * ROWS, 4096 - 2 * ROWS, 0);

	/* And through two objects that overlap. */
	exynos_fill_words(page, ROWS, 2);
	image.height = H;
	struct g2d_image whole = exynos_image(exynos_userptr(e, page, 4096, 0), W, H);

	g2d_copy(&list, &image, g2d_whole(&image), &whole, 0, 2 * H);
	exynos_run(e, &list);
	exynos_check_words(page + 2 * ROWS, ROWS, 2);
	munmap(page, 4096);
}

static void events(struct exynos *e)
{
	struct block src = block_new(e, 1), dst = block_new(e, 2);
	struct g2d_list list;
	uint64_t data;
	unsigned int i;

	for (i = 0; i < 10; i++) {
		exynos_fill_words(src.ptr, src.size, 10 + i);
		g2d_copy(&list, &src.image, g2d_whole(&src.image), &dst.image, 0, 0);
		list.user_data = 0x123456789abcdef0ull + i;
		exynos_start(e, &list);
		igt_assert_eq(g2d_wait_event(e->fd, &data, 10000), 0);
		igt_assert_eq_u64(data, 0x123456789abcdef0ull + i);
		block_check(&dst, 10 + i);
	}
	block_unmap(&src);
	block_unmap(&dst);
}

static void error_drops_list(struct exynos *e)
{
	struct block src = block_new(e, 1), dst = block_new(e, 2);
	struct g2d_list list;
	int ret;

	block_unmap(&src);
	g2d_copy(&list, &src.image, g2d_whole(&src.image), &dst.image, 0, 0);
	list.event = true;
	igt_assert_eq(exynos_try(e, &list), -EFAULT);
	igt_assert_eq(g2d_wait_event(e->fd, NULL, 200), -ETIMEDOUT);

	/* Nothing of it is left to run. */
	ret = g2d_exec(e->fd, false);
	igt_assert_f(ret < 0, "EXEC found something to run\n");
	block_map_again(&src);
	exynos_fill_words(src.ptr, src.size, 3);
	copy_block(e, &src, &dst);
	block_check(&dst, 3);
	igt_assert_eq(g2d_wait_event(e->fd, NULL, 0), -ETIMEDOUT);
	block_unmap(&src);
	block_unmap(&dst);
}

/* Memory that goes away. */

/* How much of the file's objects the engine can reach. */
static void mapped_check(struct exynos *e, unsigned int blocks)
{
	igt_assert_eq_u64(oracle_mapped(e->fd), (uint64_t)blocks * block_shape(e).map_size);
}

static void unmap_between_jobs(struct exynos *e)
{
	struct block src = block_new(e, 1), dst = block_new(e, 2);

	mapped_check(e, 0);
	copy_block(e, &src, &dst);
	block_check(&dst, 1);
	mapped_check(e, 2);

	block_unmap(&src);
	mapped_check(e, 1);
	igt_assert_eq(try_copy_block(e, &src, &dst), -EFAULT);
	block_check(&dst, 1);
	block_map_again(&src);
	exynos_fill_words(src.ptr, src.size, 3);
	copy_block(e, &src, &dst);
	block_check(&dst, 3);

	block_unmap(&dst);
	mapped_check(e, 1);
	igt_assert_eq(try_copy_block(e, &src, &dst), -EFAULT);
	block_map_again(&dst);
	copy_block(e, &src, &dst);
	block_check(&dst, 3);
	block_unmap(&src);
	block_unmap(&dst);
}

/*
 * Starts a job on a held engine, lets it go after HOLD_MS, meanwhile does
 * @change to the block, and checks that this took until the job was done.
 */
static void change_during_job(struct exynos *e, const struct block *src, const struct block *dst,
			      void (*change)(struct block *b), struct block *b)
{
	uint32_t blits = exynos_blits(e);
	uint64_t took;

	exynos_hold(e);
	start_copy_block(e, src, dst);
	exynos_let_go_after(e, HOLD_MS);
	took = exynos_now_ms();
	change(b);
	blits = exynos_blits(e) - blits;
	took = exynos_now_ms() - took;
	exynos_let_go(e);
	exynos_finish(e);

	igt_debug("it took %llu ms, %u blits were done\n", (unsigned long long)took, blits);
	igt_assert_eq_u32(blits, 1);
}

static void unmap_during_read(struct exynos *e)
{
	struct block src, dst;

	exynos_require_test_page(e);
	src = block_new(e, 1);
	dst = block_new(e, 2);
	change_during_job(e, &src, &dst, block_unmap, &src);
	block_check(&dst, 1);
	block_unmap(&dst);
}

/* What the engine wrote is seen through another mapping of the memory. */
static void unmap_during_write(struct exynos *e)
{
	struct block src, dst, view;
	int fd;

	exynos_require_test_page(e);
	src = block_new(e, 1);
	fd = memfd_create("unmap-during-write", MFD_CLOEXEC);
	igt_assert_fd(fd);
	igt_assert_eq(ftruncate(fd, block_shape(e).map_size), 0);
	dst = block_map_fd(e, fd, PROT_READ | PROT_WRITE);
	view = block_map_fd(e, fd, PROT_READ);
	block_import(e, &dst);
	change_during_job(e, &src, &dst, block_unmap, &dst);
	block_check(&view, 1);
	block_unmap(&view);
	block_unmap(&src);
	close(fd);
}

static void unmap_one_page(struct block *b)
{
	igt_assert_eq(munmap(b->map + 4096, 4096), 0);
}

static void unmap_part_during_job(struct exynos *e)
{
	struct block src, dst;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	src = block_new(e, 1);
	dst = block_new(e, 2);
	change_during_job(e, &src, &dst, unmap_one_page, &src);
	block_check(&dst, 1);
	igt_assert_eq(try_copy_block(e, &src, &dst), -EFAULT);
	munmap(src.map, src.map_size);
	block_unmap(&dst);
}

static void unmap_unrelated_during_job(struct exynos *e)
{
	struct block src, dst, other;

	exynos_require_test_page(e);
	src = block_new(e, 1);
	dst = block_new(e, 2);
	other = block_new(e, 3);

	/*
	 * Nothing lets the engine go meanwhile: a munmap() that waits would
	 * wait until the job is given up.
	 */
	exynos_hold(e);
	start_copy_block(e, &src, &dst);
	block_unmap(&other);
	exynos_let_go(e);
	exynos_finish(e);
	block_check(&dst, 1);
	block_unmap(&src);
	block_unmap(&dst);
}

static void unmap_after_close(struct exynos *e)
{
	struct block src = block_new(e, 1), dst = block_new(e, 2);
	unsigned int i;

	for (i = 0; i < 50; i++) {
		copy_block(e, &src, &dst);
		block_check(&dst, 1 + i);
		exynos_close(e, src.image.handle);
		block_unmap(&src);
		block_map_again(&src);
		exynos_fill_words(src.ptr, src.size, 2 + i);
		block_import(e, &src);
	}
	/* Closed and made again without a change in between. */
	for (i = 0; i < 50; i++) {
		exynos_close(e, src.image.handle);
		exynos_fill_words(src.ptr, src.size, 100 + i);
		block_import(e, &src);
		copy_block(e, &src, &dst);
		block_check(&dst, 100 + i);
	}
	block_unmap(&src);
	block_unmap(&dst);
}

static void close_during_job(struct exynos *e)
{
	struct block src, dst;

	exynos_require_test_page(e);
	src = block_new(e, 1);
	dst = block_new(e, 2);
	exynos_hold(e);
	start_copy_block(e, &src, &dst);
	exynos_close(e, src.image.handle);
	exynos_close(e, dst.image.handle);
	exynos_let_go_after(e, HOLD_MS);
	block_unmap(&src);
	exynos_let_go(e);
	exynos_finish(e);
	block_check(&dst, 1);
	block_unmap(&dst);
}

static void mremap_test(struct exynos *e)
{
	struct block src = block_new(e, 1), dst = block_new(e, 2), moved = src;
	void *room = exynos_mmap(src.map_size);

	copy_block(e, &src, &dst);
	block_check(&dst, 1);
	igt_assert(mremap(src.map, src.map_size, src.map_size, MREMAP_MAYMOVE | MREMAP_FIXED,
			  room) == room);
	mapped_check(e, 1);
	igt_assert_eq(try_copy_block(e, &src, &dst), -EFAULT);

	block_place(e, &moved, room);
	block_import(e, &moved);
	exynos_fill_words(dst.ptr, dst.size, 2);
	copy_block(e, &moved, &dst);
	block_check(&dst, 1);

	/* Back where it was: the first object works again. */
	igt_assert(mremap(room, src.map_size, src.map_size, MREMAP_MAYMOVE | MREMAP_FIXED,
			  src.map) == src.map);
	exynos_fill_words(src.ptr, src.size, 3);
	copy_block(e, &src, &dst);
	block_check(&dst, 3);
	block_unmap(&src);
	block_unmap(&dst);
}

static void mprotect_test(struct exynos *e)
{
	struct block a = block_new(e, 1), b = block_new(e, 2);

	copy_block(e, &b, &a);
	block_check(&a, 2);
	igt_assert_eq(mprotect(a.map, a.map_size, PROT_READ), 0);
	igt_assert_eq(try_copy_block(e, &b, &a), -EFAULT);
	exynos_fill_words(b.ptr, b.size, 3);
	copy_block(e, &a, &b);
	block_check(&b, 2);
	igt_assert_eq(mprotect(a.map, a.map_size, PROT_READ | PROT_WRITE), 0);
	exynos_fill_words(b.ptr, b.size, 4);
	copy_block(e, &b, &a);
	block_check(&a, 4);
	block_unmap(&a);
	block_unmap(&b);
}

static void madv_dontneed(struct exynos *e)
{
	struct block src = block_new(e, 1), dst = block_new(e, 2);

	copy_block(e, &src, &dst);
	igt_assert_eq(madvise(src.map, src.map_size, MADV_DONTNEED), 0);
	mapped_check(e, 1);
	copy_block(e, &src, &dst);
	exynos_check_bytes(dst.ptr, dst.size, 0);

	exynos_fill_words(src.ptr, src.size, 3);
	igt_assert_eq(madvise(dst.map, dst.map_size, MADV_DONTNEED), 0);
	copy_block(e, &src, &dst);
	block_check(&dst, 3);
	igt_assert_eq(madvise(dst.map, dst.map_size, MADV_DONTNEED), 0);
	exynos_check_bytes(dst.map, dst.map_size, 0);
	block_unmap(&src);
	block_unmap(&dst);
}

static void madv_free(struct exynos *e)
{
	struct block src = block_new(e, 1), dst = block_new(e, 2);
	unsigned int i;

	/*
	 * A clean page may be dropped at any time after MADV_FREE, one that was
	 * written again may not.  MADV_PAGEOUT makes the kernel decide now.
	 */
	copy_block(e, &src, &dst);
	for (i = 0; i < 20; i++) {
		exynos_fill_words(src.ptr, src.size, 10 + i);
		igt_assert_eq(madvise(dst.map, dst.map_size, MADV_FREE), 0);
		copy_block(e, &src, &dst);
		igt_assert_eq(madvise(dst.map, dst.map_size, MADV_PAGEOUT), 0);
		block_check(&dst, 10 + i);
	}

	/* As a source it is what it was, or zeros, page by page. */
	igt_assert_eq(madvise(src.map, src.map_size, MADV_FREE), 0);
	igt_assert_eq(madvise(src.map, src.map_size, MADV_PAGEOUT), 0);
	memset(dst.ptr, 0x5a, dst.size);
	copy_block(e, &src, &dst);
	for (i = 0; i < dst.size / 4; i++) {
		uint32_t v = ((uint32_t *)dst.ptr)[i];

		igt_assert_f(v == 0 || v == exynos_word(29, i), "word %u is %#x\n", i, v);
	}
	block_unmap(&src);
	block_unmap(&dst);
}

/* Processes. */

struct rendezvous {
	int down[2], up[2];
};

static void rendezvous_init(struct rendezvous *r)
{
	igt_assert_eq(pipe(r->down), 0);
	igt_assert_eq(pipe(r->up), 0);
}

static void tell(int *pipe)
{
	igt_assert_eq(write(pipe[1], "x", 1), 1);
}

static void wait_for(int *pipe)
{
	char c;

	igt_assert_eq(read(pipe[0], &c, 1), 1);
}

static void rendezvous_fini(struct rendezvous *r)
{
	close(r->down[0]);
	close(r->down[1]);
	close(r->up[0]);
	close(r->up[1]);
}

static void fork_parent_writes(struct exynos *e)
{
	struct block src = block_new(e, 1), dst = block_new(e, 2);
	struct rendezvous r;

	/* Both are mapped for the engine, the destination for writing. */
	copy_block(e, &src, &dst);
	rendezvous_init(&r);
	igt_fork(child, 1) {
		wait_for(r.down);
		block_check(&dst, 1);
		block_check(&src, 1);
		tell(r.up);
		wait_for(r.down);
		block_check(&dst, 1);
		block_check(&src, 1);
	}
	exynos_fill_words(src.ptr, src.size, 3);
	copy_block(e, &src, &dst);
	block_check(&dst, 3);
	tell(r.down);
	wait_for(r.up);
	exynos_fill_words(src.ptr, src.size, 4);
	copy_block(e, &src, &dst);
	block_check(&dst, 4);
	tell(r.down);
	igt_waitchildren();
	rendezvous_fini(&r);
	block_unmap(&src);
	block_unmap(&dst);
}

static void fork_child_writes(struct exynos *e)
{
	struct block src = block_new(e, 1), dst = block_new(e, 2);
	struct rendezvous r;

	copy_block(e, &src, &dst);
	rendezvous_init(&r);
	igt_fork(child, 1) {
		exynos_fill_words(src.ptr, src.size, 5);
		exynos_fill_words(dst.ptr, dst.size, 6);
		tell(r.up);
		wait_for(r.down);
		block_check(&src, 5);
		block_check(&dst, 6);
	}
	wait_for(r.up);
	exynos_fill_words(dst.ptr, dst.size, 2);
	copy_block(e, &src, &dst);
	block_check(&dst, 1);
	block_check(&src, 1);
	tell(r.down);
	igt_waitchildren();
	rendezvous_fini(&r);
	block_unmap(&src);
	block_unmap(&dst);
}

static void foreign_handle(struct exynos *e)
{
	struct block src = block_new(e, 1), dst = block_new(e, 2);

	copy_block(e, &src, &dst);
	igt_fork(child, 1) {
		struct block mine = block_new(e, 3), result = block_new(e, 4);

		igt_assert_eq(try_copy_block(e, &src, &result), -EPERM);
		igt_assert_eq(try_copy_block(e, &mine, &dst), -EPERM);
		igt_assert_eq(try_copy_block(e, &src, &dst), -EPERM);
		block_check(&result, 4);
		copy_block(e, &mine, &result);
		block_check(&result, 3);

		/* Same file, same addresses, but not the parent's memory. */
		exynos_fill_words(src.ptr, src.size, 5);
		block_import(e, &src);
		block_import(e, &dst);
		copy_block(e, &src, &dst);
		block_check(&dst, 5);
	}
	igt_waitchildren();
	block_check(&src, 1);
	block_check(&dst, 1);
	exynos_fill_words(src.ptr, src.size, 6);
	copy_block(e, &src, &dst);
	block_check(&dst, 6);
	block_unmap(&src);
	block_unmap(&dst);
}

static void foreign_exec(struct exynos *e)
{
	struct block src = block_new(e, 1), dst = block_new(e, 2);
	struct g2d_list list;

	g2d_copy(&list, &src.image, g2d_whole(&src.image), &dst.image, 0, 0);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	igt_fork(child, 1)
		igt_assert_eq(g2d_exec(e->fd, false), -EPERM);
	igt_waitchildren();
	block_check(&dst, 2);
	copy_block(e, &src, &dst);
	block_check(&dst, 1);
	block_unmap(&src);
	block_unmap(&dst);
}

/* The engine works, for a file of our own. */
static void engine_works(struct exynos *e)
{
	struct block src = block_new(e, 101), dst = block_new(e, 102);

	copy_block(e, &src, &dst);
	block_check(&dst, 101);
	exynos_close(e, src.image.handle);
	exynos_close(e, dst.image.handle);
	block_unmap(&src);
	block_unmap(&dst);
}

static void process_exit(struct exynos *e)
{
	unsigned int i;

	for (i = 0; i < 5; i++) {
		igt_fork(child, 2) {
			struct block src, dst;

			e->fd = drm_open_driver_render(DRIVER_EXYNOS);
			src = block_new(e, 1);
			dst = block_new(e, 2);
			copy_block(e, &src, &dst);
			block_check(&dst, 1);
		}
		igt_waitchildren();
	}
	engine_works(e);
}

static void process_exit_during_job(struct exynos *e)
{
	struct rendezvous r;
	uint32_t blits;

	exynos_require_test_page(e);
	rendezvous_init(&r);
	blits = exynos_blits(e);
	exynos_hold(e);
	igt_fork(child, 1) {
		struct block src, dst;

		e->fd = drm_open_driver_render(DRIVER_EXYNOS);
		src = block_new(e, 1);
		dst = block_new(e, 2);
		start_copy_block(e, &src, &dst);
		tell(r.up);
		_exit(0);
	}
	wait_for(r.up);
	exynos_let_go_after(e, HOLD_MS);
	igt_waitchildren();
	exynos_let_go(e);
	engine_works(e);
	igt_assert_eq_u32(exynos_blits(e) - blits, 2);
	rendezvous_fini(&r);
}

static void process_kill_during_job(struct exynos *e)
{
	struct rendezvous r;

	exynos_require_test_page(e);
	rendezvous_init(&r);
	exynos_hold(e);
	igt_fork(child, 1) {
		struct block src, dst;
		struct g2d_list list;

		e->fd = drm_open_driver_render(DRIVER_EXYNOS);
		src = block_new(e, 1);
		dst = block_new(e, 2);
		g2d_copy(&list, &src.image, g2d_whole(&src.image), &dst.image, 0, 0);
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
		tell(r.up);
		g2d_exec(e->fd, false);
		pause();
	}
	wait_for(r.up);
	/* Time to get into EXEC; when it is not enough, it is killed before. */
	usleep(30 * 1000);
	exynos_let_go_after(e, HOLD_MS);
	igt_kill_children(SIGKILL);
	exynos_let_go(e);
	engine_works(e);
	rendezvous_fini(&r);
}

/* Kinds of memory. */

static void readonly_memory_source(struct exynos *e)
{
	struct block src = block_map(e), dst = block_new(e, 2);

	exynos_fill_words(src.ptr, src.size, 1);
	igt_assert_eq(mprotect(src.map, src.map_size, PROT_READ), 0);
	block_import(e, &src);
	copy_block(e, &src, &dst);
	block_check(&dst, 1);
	igt_assert_eq(try_create(e, (uintptr_t)src.ptr, src.size,
				 EXYNOS_USERPTR_PROBE | EXYNOS_USERPTR_READONLY), 0);
	block_unmap(&src);
	block_unmap(&dst);
}

static void readonly_memory_destination(struct exynos *e)
{
	struct block src = block_new(e, 1), dst = block_new(e, 2);

	igt_assert_eq(mprotect(dst.map, dst.map_size, PROT_READ), 0);
	igt_assert_eq(try_copy_block(e, &src, &dst), -EFAULT);
	igt_assert_eq(try_create(e, (uintptr_t)dst.ptr, dst.size, EXYNOS_USERPTR_PROBE), -EFAULT);
	block_check(&dst, 2);
	block_unmap(&src);
	block_unmap(&dst);
}

/* A file of @size bytes with the words of @seed, unlinked, open with @flags. */
static int temporary_file(size_t size, uint32_t seed, int flags)
{
	const char *path = "/tmp/exynos_userptr";
	uint8_t *data = malloc(size);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	igt_assert_fd(fd);
	igt_assert(data);
	exynos_fill_words(data, size, seed);
	igt_assert_eq(write(fd, data, size), size);
	free(data);
	close(fd);
	fd = open(path, flags | O_CLOEXEC);
	igt_assert_fd(fd);
	unlink(path);
	return fd;
}

/* Words of a file's pattern that a block sees, which starts inside of it. */
static void check_file_words(const struct block *dst, const struct block *file, uint32_t seed)
{
	size_t skip = (file->ptr - file->map) / 4, i;

	for (i = 0; i < dst->size / 4; i++)
		igt_assert_eq_u32(((uint32_t *)dst->ptr)[i], exynos_word(seed, skip + i));
}

static void readonly_file_source(struct exynos *e)
{
	struct block dst = block_new(e, 2), src;
	int fd = temporary_file(dst.map_size, 1, O_RDONLY);

	src = block_map_fd(e, fd, PROT_READ);
	block_import(e, &src);
	copy_block(e, &src, &dst);
	check_file_words(&dst, &src, 1);
	igt_assert_eq(try_copy_block(e, &dst, &src), -EFAULT);
	block_unmap(&src);
	block_unmap(&dst);
	close(fd);
}

static void readonly_flag(struct exynos *e)
{
	struct block src = block_new(e, 1), dst = block_new(e, 2);

	exynos_close(e, src.image.handle);
	src.image.handle = exynos_userptr(e, src.ptr, src.size, EXYNOS_USERPTR_READONLY);
	copy_block(e, &src, &dst);
	block_check(&dst, 1);
	exynos_fill_words(dst.ptr, dst.size, 3);
	igt_assert_eq(try_copy_block(e, &dst, &src), -EACCES);
	block_check(&src, 1);
	copy_block(e, &src, &dst);
	block_check(&dst, 1);

	/* Closed and made again with and without the flag: no mix-up. */
	exynos_close(e, src.image.handle);
	block_import(e, &src);
	exynos_fill_words(dst.ptr, dst.size, 4);
	copy_block(e, &dst, &src);
	block_check(&src, 4);
	exynos_close(e, src.image.handle);
	src.image.handle = exynos_userptr(e, src.ptr, src.size, EXYNOS_USERPTR_READONLY);
	igt_assert_eq(try_copy_block(e, &dst, &src), -EACCES);
	block_unmap(&src);
	block_unmap(&dst);
}

static long anonymous_kib(void)
{
	char line[128];
	long kib = -1;
	FILE *f = fopen("/proc/self/status", "re");

	igt_assert(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "RssAnon: %ld", &kib) == 1)
			break;
	fclose(f);
	igt_assert(kib >= 0);
	return kib;
}

static void untouched_source(struct exynos *e)
{
	enum { W = 512, H = 512, BYTES = W * H * 4 };
	struct g2d_image src, dst;
	struct block small, result;
	uint8_t *from, *to;
	long before;

	small = block_map(e);
	block_import(e, &small);
	result = block_new(e, 2);
	copy_block(e, &small, &result);
	exynos_check_bytes(result.ptr, result.size, 0);
	block_unmap(&small);
	block_unmap(&result);
	if (!e->board.has_iommu)
		return;

	from = exynos_mmap(BYTES);
	to = exynos_mmap(BYTES);
	memset(to, 0x5a, BYTES);
	src = exynos_image(exynos_userptr(e, from, BYTES, 0), W, H);
	dst = exynos_image(exynos_userptr(e, to, BYTES, 0), W, H);
	before = anonymous_kib();
	exynos_copy(e, &src, &dst);
	igt_assert_lt(anonymous_kib() - before, BYTES / 1024 / 4);
	exynos_check_bytes(to, BYTES, 0);

	/* Touched now: the next job reads what is there. */
	exynos_fill_words(from, BYTES, 1);
	exynos_copy(e, &src, &dst);
	exynos_check_words(to, BYTES, 1);
	munmap(from, BYTES);
	munmap(to, BYTES);
}

static void untouched_destination(struct exynos *e)
{
	struct block dst = block_map(e);

	block_import(e, &dst);
	exynos_fill(e, &dst.image, 0x12345678);
	exynos_check_colour(dst.ptr, dst.size, 0x12345678);
	exynos_check_bytes(dst.map, dst.ptr - dst.map, 0);
	exynos_check_bytes(dst.ptr + dst.size, dst.map + dst.map_size - (dst.ptr + dst.size), 0);
	block_unmap(&dst);
}

static void memfd(struct exynos *e)
{
	struct block dst, src = block_new(e, 1), back = block_new(e, 2);
	int fd = memfd_create("exynos_userptr", MFD_CLOEXEC);
	uint8_t *data;

	igt_assert_fd(fd);
	igt_assert_eq(ftruncate(fd, src.map_size), 0);
	dst = block_map_fd(e, fd, PROT_READ | PROT_WRITE);
	block_import(e, &dst);
	data = malloc(dst.size);

	/* The file was all hole. */
	copy_block(e, &src, &dst);
	igt_assert_eq(pread(fd, data, dst.size, dst.ptr - dst.map), dst.size);
	exynos_check_words(data, dst.size, 1);

	exynos_fill_words(data, dst.size, 3);
	igt_assert_eq(pwrite(fd, data, dst.size, dst.ptr - dst.map), dst.size);
	copy_block(e, &dst, &back);
	block_check(&back, 3);

	/* Punched out, it is a hole again, and the engine fills it. */
	igt_assert_eq(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, dst.map_size), 0);
	copy_block(e, &dst, &back);
	exynos_check_bytes(back.ptr, back.size, 0);
	copy_block(e, &src, &dst);
	igt_assert_eq(pread(fd, data, dst.size, dst.ptr - dst.map), dst.size);
	exynos_check_words(data, dst.size, 1);
	free(data);
	block_unmap(&src);
	block_unmap(&dst);
	block_unmap(&back);
	close(fd);
}

static void memfd_truncate(struct exynos *e)
{
	struct block src, dst = block_new(e, 2);
	int fd = memfd_create("exynos_userptr", MFD_CLOEXEC);

	igt_assert_fd(fd);
	igt_assert_eq(ftruncate(fd, dst.map_size), 0);
	src = block_map_fd(e, fd, PROT_READ | PROT_WRITE);
	exynos_fill_words(src.ptr, src.size, 1);
	block_import(e, &src);
	copy_block(e, &src, &dst);
	block_check(&dst, 1);

	igt_assert_eq(ftruncate(fd, 0), 0);
	mapped_check(e, 1);
	igt_assert_eq(try_copy_block(e, &src, &dst), -EFAULT);
	igt_assert_eq(try_copy_block(e, &dst, &src), -EFAULT);
	igt_assert_eq(ftruncate(fd, dst.map_size), 0);
	copy_block(e, &src, &dst);
	exynos_check_bytes(dst.ptr, dst.size, 0);
	block_unmap(&src);
	block_unmap(&dst);
	close(fd);
}

/* An ext2 file system on a loop device; what is on it can be read past the page cache. */
#define DISK "/tmp/exynos_userptr.img"
#define DISK_DIR "/tmp/exynos_userptr.mnt"

static char loop_device[32];

static void disk_umount(int sig)
{
	(void)sig;
	umount2(DISK_DIR, MNT_DETACH);
	if (loop_device[0]) {
		int fd = open(loop_device, O_RDONLY | O_CLOEXEC);

		ioctl(fd, LOOP_CLR_FD, 0);
		close(fd);
		loop_device[0] = '\0';
	}
	unlink(DISK);
}

/*
 * The loop device is set up first and nobody has it open when it is mounted: a
 * kernel may refuse to mount what somebody could write behind its back.
 */
static bool disk_mount(void)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	char command[64];

	close(control);
	if (number < 0)
		return false;
	mkdir(DISK_DIR, 0700);
	if (system("dd if=/dev/zero of=" DISK " bs=1M count=8 2>/dev/null && "
		   "mke2fs -F " DISK " >/dev/null 2>&1"))
		return false;
	snprintf(loop_device, sizeof(loop_device), "/dev/loop%d", number);
	snprintf(command, sizeof(command), "losetup %s " DISK, loop_device);
	return system(command) == 0 &&
	       mount(loop_device, DISK_DIR, "ext2", 0, NULL) == 0;
}

static void check_on_disk(const struct block *b, uint32_t seed)
{
	uint8_t *data;
	int fd;

	igt_assert_eq(posix_memalign((void **)&data, 4096, b->map_size), 0);
	fd = open(DISK_DIR "/file", O_RDONLY | O_DIRECT | O_CLOEXEC);
	igt_assert_fd(fd);
	igt_assert_eq(read(fd, data, b->map_size), b->map_size);
	close(fd);
	exynos_check_words(data + (b->ptr - b->map), b->size, seed);
	free(data);
}

static void file_writeback(struct exynos *e)
{
	struct block src, dst;
	unsigned int i;
	int fd;

	igt_install_exit_handler(disk_umount);
	igt_require_f(disk_mount(), "a loop device and an ext2 file system are needed\n");
	src = block_new(e, 1);
	fd = open(DISK_DIR "/file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	igt_assert_fd(fd);
	igt_assert_eq(ftruncate(fd, src.map_size), 0);
	dst = block_map_fd(e, fd, PROT_READ | PROT_WRITE);
	block_import(e, &dst);

	/*
	 * The object stays mapped for the engine over the fsync(): what it
	 * writes afterwards must make the pages dirty again.
	 */
	for (i = 0; i < 5; i++) {
		exynos_fill_words(src.ptr, src.size, 10 + i);
		copy_block(e, &src, &dst);
		block_check(&dst, 10 + i);
		igt_assert_eq(fsync(fd), 0);
		check_on_disk(&dst, 10 + i);
	}

	/* Unmapped while dirty. */
	exynos_fill_words(src.ptr, src.size, 20);
	copy_block(e, &src, &dst);
	block_unmap(&dst);
	igt_assert_eq(fsync(fd), 0);
	check_on_disk(&dst, 20);
	block_unmap(&src);
	close(fd);
	disk_umount(0);
}

static void large_64mib(struct exynos *e)
{
	/* One band in sixteen is filled, the last one too. */
	enum { W = 4096, H = 4096, BAND = 16, EVERY = 16 };
	const size_t bytes = (size_t)W * H * 4, band = (size_t)W * BAND * 4;
	struct g2d_image image, small;
	struct g2d_list list;
	uint8_t *ptr, *back;
	unsigned int y;

	exynos_require_iommu(e);
	ptr = exynos_mmap(bytes + 4096);
	back = exynos_mmap(4096);
	image = exynos_image(exynos_userptr(e, ptr + 52, bytes, 0), W, H);
	for (y = (EVERY - 1) * BAND; y < H; y += EVERY * BAND) {
		g2d_fill(&list, &image, (struct g2d_rect){ 0, y, W, BAND }, 0xff000000 | y);
		exynos_run(e, &list);
	}
	for (y = 0; y < H; y += BAND)
		exynos_check_colour(ptr + 52 + y / BAND * band, band,
				    y / BAND % EVERY == EVERY - 1 ? 0xff000000 | y : 0);
	exynos_check_bytes(ptr, 52, 0);
	exynos_check_bytes(ptr + 52 + bytes, 4096 - 52, 0);

	/* Its very last pixels as a source. */
	small = exynos_image(exynos_userptr(e, back, 4096, 0), 32, 32);
	g2d_copy(&list, &image, (struct g2d_rect){ W - 32, H - 32, 32, 32 }, &small, 0, 0);
	exynos_run(e, &list);
	exynos_check_colour(back, 4096 / 2, 0);
	exynos_check_colour(back + 4096 / 2, 4096 / 2, 0xff000000 | (H - BAND));
	exynos_assert_nothing_pinned(e);
	munmap(ptr, bytes + 4096);
	munmap(back, 4096);
}

static void thousand_objects(struct exynos *e)
{
	enum { N = 1000, W = 16, H = 2, BYTES = W * H * 4 };
	static uint32_t handles[N];
	uint8_t *ptr = exynos_mmap(3 * 4096), *dst = exynos_mmap(4096);
	/* Without an IOMMU none may leave its page. */
	unsigned int step = e->board.has_iommu ? 8 : 0, i, round;
	struct g2d_image to;

	to = exynos_image(exynos_userptr(e, dst, BYTES, 0), W, H);
	for (i = 0; i < N; i++)
		handles[i] = exynos_userptr(e, ptr + i * step + i % 2 * 4, BYTES, 0);
	for (round = 0; round < 2; round++) {
		exynos_fill_words(ptr, 3 * 4096, round);
		for (i = 0; i < N; i++) {
			struct g2d_image from = exynos_image(handles[i], W, H);

			exynos_copy(e, &from, &to);
			igt_assert_f(!memcmp(dst, ptr + i * step + i % 2 * 4, BYTES),
				     "object %u has wrong pixels\n", i);
		}
		exynos_assert_nothing_pinned(e);
	}
	munmap(ptr, 3 * 4096);
	for (i = 0; i < N; i++) {
		struct g2d_image from = exynos_image(handles[i], W, H);

		igt_assert_eq(exynos_try_copy(e, &from, &to), -EFAULT);
		exynos_close(e, handles[i]);
	}
	munmap(dst, 4096);
}

#define ZRAM "/dev/zram0"

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static void swap_off(int sig)
{
	(void)sig;
	swapoff(ZRAM);
	write_text("/sys/block/zram0/reset", "1");
}

static void swap_on(void)
{
	igt_require_f(write_text("/sys/block/zram0/disksize", "32M"), "there is no unused zram0\n");
	igt_install_exit_handler(swap_off);
	igt_require_f(system("mkswap " ZRAM " >/dev/null 2>&1") == 0 && swapon(ZRAM, 0) == 0,
		      ZRAM " cannot be used for swap\n");
}

/*
 * A page that was just faulted in belongs to the CPU that did it for a while, and
 * cannot be reclaimed from another one.
 */
static void stay_on_this_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	igt_assert_eq(sched_setaffinity(0, sizeof(set), &set), 0);
}

/* All of it: one page that stays would be one that somebody holds on to. */
static void swap_out_block(const struct block *b)
{
	struct oracle_pages p;
	unsigned int tries;

	for (tries = 0; tries < 20; tries++) {
		igt_assert_eq(madvise(b->map, b->map_size, MADV_PAGEOUT), 0);
		igt_assert_eq(oracle_pages(b->map, b->map_size, &p), 0);
		if (p.swapped == p.pages)
			return;
		usleep(50 * 1000);
	}
	igt_assert_f(0, "of %u pages %u are swapped out, %u present\n", p.pages, p.swapped,
		     p.present);
}

static void swap_out(struct exynos *e)
{
	struct block src, dst;
	unsigned int i;

	swap_on();
	stay_on_this_cpu();
	src = block_new(e, 1);
	dst = block_new(e, 2);
	memset(src.map, 1, src.ptr - src.map);
	memset(src.ptr + src.size, 1, src.map + src.map_size - (src.ptr + src.size));
	memset(dst.map, 1, dst.ptr - dst.map);
	memset(dst.ptr + dst.size, 1, dst.map + dst.map_size - (dst.ptr + dst.size));
	for (i = 0; i < 5; i++) {
		exynos_fill_words(src.ptr, src.size, 10 + i);
		copy_block(e, &src, &dst);
		swap_out_block(&src);
		swap_out_block(&dst);
		mapped_check(e, 0);
		/* What the engine wrote went to swap, and comes back. */
		block_check(&dst, 10 + i);

		/* The engine's own faults bring it back, too. */
		swap_out_block(&dst);
		exynos_fill(e, &dst.image, 0x11111111 * i);
		exynos_check_colour(dst.ptr, dst.size, 0x11111111 * i);
		copy_block(e, &src, &dst);
		block_check(&dst, 10 + i);
	}
	block_unmap(&src);
	block_unmap(&dst);
	swap_off(0);
}

static void buf_userptr(struct exynos *e)
{
	struct block src = block_map(e), dst = block_map(e);

	exynos_fill_words(src.ptr, src.size, 1);
	src.image.user = (struct drm_exynos_g2d_userptr){ (uintptr_t)src.ptr, src.size };
	dst.image.user = (struct drm_exynos_g2d_userptr){ (uintptr_t)dst.ptr, dst.size };
	copy_block(e, &src, &dst);
	block_check(&dst, 1);
	exynos_assert_nothing_pinned(e);

	block_unmap(&src);
	igt_assert_eq(try_copy_block(e, &src, &dst), -EFAULT);
	block_map_again(&src);
	exynos_fill_words(src.ptr, src.size, 2);
	copy_block(e, &src, &dst);
	block_check(&dst, 2);
	block_unmap(&src);
	block_unmap(&dst);
}

/* A hung engine. */

static const char hang_message[] = "g2d.*(hung|hang|timed out|timeout|reset)";

static void hang_exec(struct exynos *e)
{
	unsigned int timeout_ms;
	struct block src, dst;
	uint64_t took;

	exynos_require_test_page(e);
	timeout_ms = exynos_restore_timeout(e);
	igt_require_f(timeout_ms, "the driver has no timeout that can be read\n");
	e->allowed = hang_message;
	src = block_new(e, 1);
	dst = block_new(e, 2);
	exynos_hold(e);
	took = exynos_now_ms();
	igt_assert_eq(try_copy_block(e, &src, &dst), -EIO);
	took = exynos_now_ms() - took;
	igt_assert_lt_u64(took, timeout_ms + SLACK_MS);

	/* The reset brought the engine back. */
	exynos_fill_words(dst.ptr, dst.size, 2);
	copy_block(e, &src, &dst);
	block_check(&dst, 1);
	block_unmap(&src);
	block_unmap(&dst);
}

static void hang_munmap(struct exynos *e)
{
	unsigned int timeout_ms;
	struct block src, dst;
	uint64_t took;

	exynos_require_test_page(e);
	timeout_ms = exynos_restore_timeout(e);
	igt_require_f(timeout_ms, "the driver has no timeout that can be read\n");
	e->allowed = hang_message;
	src = block_new(e, 1);
	dst = block_new(e, 2);
	exynos_hold(e);
	start_copy_block(e, &src, &dst);
	took = exynos_now_ms();
	block_unmap(&src);
	took = exynos_now_ms() - took;
	igt_debug("munmap() took %llu ms\n", (unsigned long long)took);
	igt_assert_lt_u64(took, timeout_ms + SLACK_MS);
	/* It did wait: nothing but the timeout could end the job. */
	igt_assert_lt_u64(timeout_ms / 2, took);
	block_check(&dst, 2);

	block_map_again(&src);
	exynos_fill_words(src.ptr, src.size, 3);
	copy_block(e, &src, &dst);
	block_check(&dst, 3);
	block_unmap(&src);
	block_unmap(&dst);
}

/* Everything at once. */

struct stress {
	struct block *src, *dst;
	volatile bool stop;
	volatile unsigned int jobs;
	unsigned int rounds;
};

/*
 * Mapping the pages takes a time that only the machine knows; taken away more often
 * than that, they never get mapped at all.  So the pause between two invalidations
 * is searched for: it grows while no job ends, and shrinks when one did.
 */
static void *stress_thread(void *arg)
{
	struct stress *s = arg;
	unsigned int pause_us = 200, idle = 0, jobs = 0, i;

	for (i = 0; !s->stop; i++) {
		struct block *b = i & 1 ? s->src : s->dst;

		madvise(b->map, b->map_size, MADV_DONTNEED);
		if (i % 7 == 0)
			mprotect(b->map, b->map_size, PROT_READ | PROT_WRITE);
		s->rounds++;
		usleep(pause_us + pause_us / 4 * (i % 5));

		if (s->jobs != jobs) {
			if (pause_us > 200)
				pause_us /= 2;
			jobs = s->jobs;
			idle = 0;
		} else if (++idle % 4 == 0 && pause_us < 400000) {
			pause_us *= 2;
		}
	}
	return NULL;
}

static void stress_invalidate(struct exynos *e)
{
	struct block src = block_new(e, 1), dst = block_new(e, 2);
	struct stress s = { .src = &src, .dst = &dst };
	pthread_t thread;
	size_t i;

	igt_assert_eq(pthread_create(&thread, NULL, stress_thread, &s), 0);
	igt_until_timeout(5) {
		exynos_fill_words(src.ptr, src.size, 1);
		copy_block(e, &src, &dst);
		s.jobs++;
		for (i = 0; i < dst.size / 4; i++) {
			uint32_t v = ((volatile uint32_t *)dst.ptr)[i];

			igt_assert_f(v == 0 || v == exynos_word(1, i) || v == exynos_word(2, i),
				     "word %zu is %#x\n", i, v);
		}
	}
	s.stop = true;
	pthread_join(thread, NULL);
	igt_info("%u jobs, %u invalidations\n", s.jobs, s.rounds);
	igt_assert_lt(0, s.jobs);
	exynos_fill_words(src.ptr, src.size, 3);
	copy_block(e, &src, &dst);
	block_check(&dst, 3);
	block_unmap(&src);
	block_unmap(&dst);
}

/* One page twice in a row can never be contiguous. */
static void noiommu_multi_page(struct exynos *e)
{
	int fd = memfd_create("twice", MFD_CLOEXEC);
	struct g2d_image twice, one;
	uint8_t *map, *page;

	exynos_require_no_iommu(e);
	igt_assert_eq(ftruncate(fd, 4096), 0);
	map = exynos_mmap(2 * 4096);
	igt_assert(mmap(map, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == map);
	igt_assert(mmap(map + 4096, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
		   map + 4096);
	igt_assert_eq(try_create(e, (uintptr_t)map, 8192, EXYNOS_USERPTR_PROBE), -EINVAL);

	/* Across the boundary by a pixel. */
	page = exynos_mmap(4096);
	one = exynos_image(exynos_userptr(e, page, 4096, 0), 16, 16);
	twice = exynos_image(exynos_userptr(e, map + 4096 - 16 * 16 * 4 + 4, 16 * 16 * 4, 0), 16, 16);
	igt_assert_eq(exynos_try_copy(e, &twice, &one), -EINVAL);
	igt_assert_eq(exynos_try_copy(e, &one, &twice), -EINVAL);

	/* Up to it. */
	twice.handle = exynos_userptr(e, map + 4096 - 16 * 16 * 4, 16 * 16 * 4, 0);
	exynos_fill_words(page, 4096, 1);
	exynos_copy(e, &one, &twice);
	exynos_check_words(map + 4096 - 16 * 16 * 4, 16 * 16 * 4, 1);
	munmap(map, 8192);
	munmap(page, 4096);
	close(fd);
}

static const struct {
	const char *name;
	const char *description;
	void (*body)(struct exynos *e);
} subtests[] = {
	{ "input-checking-flags", "The two flags are accepted, every other bit is refused.",
	  input_checking_flags },
	{ "input-checking-size", "Sizes that are zero, too large or wrap are refused.",
	  input_checking_size },
	{ "input-checking-kernel-address",
	  "Addresses of the kernel, or that reach into it, are refused.",
	  input_checking_kernel_address },
	{ "input-checking-null", "NULL is a hole: PROBE finds it at once, a job when it is used.",
	  input_checking_null },
	{ "input-checking-hole", "A hole in the middle of the range fails the use of the object.",
	  input_checking_hole },
	{ "input-checking-prot-none",
	  "Memory that may not be accessed fails the use of the object.",
	  input_checking_prot_none },
	{ "input-checking-misaligned-base",
	  "A start that is no multiple of the pixel size is refused.",
	  input_checking_misaligned_base },
	{ "input-checking-out-of-bounds",
	  "The last byte of the object is the last that a list may name.",
	  input_checking_out_of_bounds },
	{ "probe", "PROBE fails exactly when a page of the range is missing.", probe },
	{ "sign-extended-address",
	  "The upper half of the address is ignored for a 32-bit program.",
	  sign_extended_address },
	{ "create-destroy", "Objects of all sizes can be made and closed without being used.",
	  create_destroy },
	{ "gem-get", "GEM_GET tells that the object is user memory, and its size.", gem_get },
	{ "forbidden-mmap", "User memory cannot be mapped through the device.", forbidden_mmap },
	{ "forbidden-framebuffer", "User memory cannot become a framebuffer.",
	  forbidden_framebuffer },
	{ "forbidden-export", "User memory cannot be exported as a dma-buf.", forbidden_export },
	{ "offsets-cacheline-a8",
	  "Source and destination start at every byte of a cache line, one byte a pixel.",
	  offsets_cacheline_a8 },
	{ "offsets-cacheline-rgb565",
	  "Source and destination start at every pixel of a cache line, two bytes a pixel.",
	  offsets_cacheline_rgb565 },
	{ "offsets-cacheline-argb8888",
	  "Source and destination start at every pixel of a cache line, four bytes a pixel.",
	  offsets_cacheline_argb8888 },
	{ "offsets-page", "Source and destination start at every pixel of a page.", offsets_page },
	{ "gaps-during-job", "What the CPU writes between the rows of a running job stays.",
	  gaps_during_job },
	{ "no-leftovers", "What is left of others in memory is out of a job's reach.",
	  no_leftovers },
	{ "same-object", "One object is both source and destination of a job.", same_object },
	{ "events", "An asynchronous job sends its event when its result is there.", events },
	{ "error-drops-list", "A job that cannot start is dropped, and its event never comes.",
	  error_drops_list },
	{ "unmap-between-jobs",
	  "Unmapped memory fails a job; memory mapped anew is seen by it.",
	  unmap_between_jobs },
	{ "unmap-during-read", "munmap() of a source waits for the job that reads it.",
	  unmap_during_read },
	{ "unmap-during-write", "munmap() of a destination waits for the job that writes it.",
	  unmap_during_write },
	{ "unmap-part-during-job",
	  "munmap() of one page in the middle waits for the job as well.",
	  unmap_part_during_job },
	{ "unmap-unrelated-during-job", "munmap() of other memory does not wait for the job.",
	  unmap_unrelated_during_job },
	{ "unmap-after-close", "A closed object does not come back with its old memory.",
	  unmap_after_close },
	{ "close-during-job",
	  "GEM_CLOSE and munmap() while a job runs: the job still ends well.",
	  close_during_job },
	{ "mremap", "Moved memory is gone from the old address and works at the new.",
	  mremap_test },
	{ "mprotect", "Memory made read-only between jobs can be read, not written.",
	  mprotect_test },
	{ "madv-dontneed", "After MADV_DONTNEED the engine reads zeros and writes new pages.",
	  madv_dontneed },
	{ "madv-free", "What the engine writes after MADV_FREE is not thrown away.", madv_free },
	{ "fork-parent-writes",
	  "After fork() the parent's jobs see and change the parent's pages.",
	  fork_parent_writes },
	{ "fork-child-writes",
	  "What a child writes after fork() is not seen by the parent's jobs.",
	  fork_child_writes },
	{ "foreign-handle", "A child cannot use its parent's object, and can use its own.",
	  foreign_handle },
	{ "foreign-exec", "A child cannot run a list that its parent queued.", foreign_exec },
	{ "process-exit", "A process exits without closing anything.", process_exit },
	{ "process-exit-during-job",
	  "A process exits while its job runs; the engine stays usable.",
	  process_exit_during_job },
	{ "process-kill-during-job", "A process is killed while it waits for its job.",
	  process_kill_during_job },
	{ "readonly-memory-source", "Memory that may only be read is a source.",
	  readonly_memory_source },
	{ "readonly-memory-destination",
	  "Memory that may only be read is refused as destination.",
	  readonly_memory_destination },
	{ "readonly-file-source", "A file that may only be read is a source.",
	  readonly_file_source },
	{ "readonly-flag", "An object made read-only is a source, never a destination.",
	  readonly_flag },
	{ "untouched-source", "Untouched memory is read as zeros, and stays untouched.",
	  untouched_source },
	{ "untouched-destination", "Untouched memory gets pages when it is written.",
	  untouched_destination },
	{ "memfd", "A memfd is written and read through the engine and write().", memfd },
	{ "memfd-truncate",
	  "A truncated memfd fails a job; made larger again it is zeros.",
	  memfd_truncate },
	{ "file-writeback",
	  "What the engine writes to a file is on the disk after fsync(), again after the file was cleaned.",
	  file_writeback },
	{ "large-64mib", "An object of 64 MiB is written and read from end to end.", large_64mib },
	{ "thousand-objects",
	  "A thousand objects over one buffer work and go with its memory.",
	  thousand_objects },
	{ "swap-out", "An idle object's memory can be swapped out, and comes back.", swap_out },
	{ "buf-userptr", "G2D_BUF_USERPTR sees memory that was mapped anew.", buf_userptr },
	{ "stress-invalidate",
	  "Jobs run while another thread takes the pages away all the time.",
	  stress_invalidate },
	{ "hang-exec", "A synchronous job on a hung engine fails, the next one works.",
	  hang_exec },
	{ "hang-munmap", "munmap() with a hung engine waits no longer than the timeout.",
	  hang_munmap },
	{ "noiommu-multi-page", "Without an IOMMU memory that is not contiguous is refused.",
	  noiommu_multi_page },
};

igt_main {
	static struct exynos e;
	static unsigned int i;

	igt_fixture {
		exynos_init(&e);
		exynos_require_userptr(&e);
	}

	for (i = 0; i < ARRAY_SIZE(subtests); i++) {
		igt_describe_f("%s", subtests[i].description);
		igt_subtest(subtests[i].name)
			exynos_subtest(&e, subtests[i].body);
	}

	igt_fixture
		exynos_fini(&e);
}
