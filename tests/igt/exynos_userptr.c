// SPDX-License-Identifier: MIT
#include <sys/mman.h>
#include <sys/mount.h>

#include "igt_exynos_block.h"

/**
 * TEST: exynos userptr
 * Description: GEM objects of user memory: creation, checks, handles, jobs.
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
 * SUBTEST: events
 * Description: An asynchronous job sends its event when its result is there.
 *
 * SUBTEST: error-drops-list
 * Description: A job that cannot start is dropped, and its event never comes.
 *
 * SUBTEST: foreign-handle
 * Description: A child cannot use its parent's object, and can use its own.
 *
 * SUBTEST: foreign-exec
 * Description: A child cannot run a list that its parent queued.
 *
 * SUBTEST: thousand-objects
 * Description: A thousand objects over one buffer work and go with its memory.
 *
 * SUBTEST: buf-userptr
 * Description: G2D_BUF_USERPTR sees memory that was mapped anew.
 *
 * SUBTEST: noiommu-multi-page
 * Description: Without an IOMMU memory that is not contiguous is refused.
 */

IGT_TEST_DESCRIPTION("GEM objects of user memory: creation, checks, handles, jobs.");

static void input_checking_flags(struct exynos *e)
{
	const uint32_t known = EXYNOS_USERPTR_READONLY | EXYNOS_USERPTR_PROBE;
	void *page = exynos_mmap(4096);
	uint64_t ptr = (uintptr_t)page;
	unsigned int bit;

	igt_assert_eq(exynos_try_userptr(e, ptr, 4096, 0), 0);
	igt_assert_eq(exynos_try_userptr(e, ptr, 4096, known), 0);
	for (bit = 0; bit < 32; bit++) {
		uint32_t flag = 1u << bit;

		igt_debug("flag %#x\n", flag);
		igt_assert_eq(exynos_try_userptr(e, ptr, 4096, flag), flag & known ? 0 : -EINVAL);
		igt_assert_eq(exynos_try_userptr(e, ptr, 4096, flag | known), flag & known ? 0 : -EINVAL);
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
	igt_assert_eq(exynos_try_userptr(e, ptr, 0, 0), -EINVAL);
	igt_assert_eq(exynos_try_userptr(e, 0, 0, 0), -EINVAL);
	igt_assert_eq(exynos_try_userptr(e, ptr, 1, 0), 0);
	igt_assert_eq(exynos_try_userptr(e, ptr + 4095, 2, 0), 0);

	/* Too large, by a byte or by a page that only the start's offset adds. */
	igt_assert_eq(exynos_try_userptr(e, ptr, max, 0), 0);
	igt_assert_eq(exynos_try_userptr(e, ptr + 1, max - 1, 0), 0);
	igt_assert_eq(exynos_try_userptr(e, ptr, max + 1, 0), -EINVAL);
	igt_assert_eq(exynos_try_userptr(e, ptr + 1, max, 0), -EINVAL);

	/* More than the user's share can be named, but not mapped. */
	if (e->board.has_iommu)
		igt_assert_eq(exynos_try_userptr(e, ptr,
					 exynos_param(e, EXYNOS_PARAM_USERPTR_MAX_SIZE) + 1,
					 EXYNOS_USERPTR_READONLY | EXYNOS_USERPTR_PROBE), -ENOSPC);

	igt_assert_eq(exynos_try_userptr(e, ptr, 1ull << 32, 0), -EINVAL);
	igt_assert_eq(exynos_try_userptr(e, ptr, (1ull << 32) + 4096, 0), -EINVAL);
	igt_assert_eq(exynos_try_userptr(e, ptr, 1ull << 63, 0), -EINVAL);
	igt_assert_eq(exynos_try_userptr(e, ptr, ~0ull, 0), -EINVAL);

	/* The end wraps, to zero or beyond it. */
	igt_assert_eq(exynos_try_userptr(e, ~0ull, 2, 0), -EINVAL);
	igt_assert_eq(exynos_try_userptr(e, -4096ull, 4097, 0), -EINVAL);
	igt_assert_eq(exynos_try_userptr(e, -4096ull, 1 << 20, 0), -EINVAL);
	munmap(map, max + 8192);
}

static void input_checking_kernel_address(struct exynos *e)
{
	/* The kernel's first and last pages; on 32 bit also the vectors page. */
	uint64_t first = sizeof(long) == 8 ? 1ull << 63 : 0xc0000000;
	uint64_t last = -4096ull;

	igt_assert_eq(exynos_try_userptr(e, first, 4096, 0), -EFAULT);
	igt_assert_eq(exynos_try_userptr(e, last, 4095, 0), -EFAULT);
	igt_assert_eq(exynos_try_userptr(e, -65536ull, 4096, 0), -EFAULT);
	igt_assert_eq(exynos_try_userptr(e, first, 4096, EXYNOS_USERPTR_PROBE), -EFAULT);
	/* Begins in the program's part and ends in the kernel's. */
	igt_assert_eq(exynos_try_userptr(e, first - (32 << 20), 64 << 20, 0), -EFAULT);
}

static void use_must_fail(struct exynos *e, struct exynos_block *bad)
{
	struct exynos_block good = exynos_block_new(e, 7), other = exynos_block_new(e, 8);

	igt_assert_eq(exynos_block_try_copy(e, bad, &good), -EFAULT);
	exynos_block_check(&good, 7);
	igt_assert_eq(exynos_block_try_copy(e, &good, bad), -EFAULT);

	/* The engine is none the worse for it. */
	exynos_block_copy(e, &good, &other);
	exynos_block_check(&other, 7);
	exynos_block_unmap(&good);
	exynos_block_unmap(&other);
}

static void input_checking_null(struct exynos *e)
{
	struct exynos_block b = exynos_block_shape(e);

	igt_assert_eq(exynos_try_userptr(e, 0, b.size, EXYNOS_USERPTR_PROBE), -EFAULT);
	igt_assert_eq(exynos_try_userptr(e, 0, b.size, EXYNOS_USERPTR_PROBE | EXYNOS_USERPTR_READONLY),
		      -EFAULT);
	b.image.handle = exynos_userptr(e, NULL, b.size, 0);
	use_must_fail(e, &b);
	exynos_close(e, b.image.handle);
}

static void input_checking_hole(struct exynos *e)
{
	struct exynos_block b;

	exynos_require_iommu(e);
	b = exynos_block_new(e, 1);
	igt_assert_eq(munmap(b.map + 2 * 4096, 4096), 0);
	use_must_fail(e, &b);
	igt_assert_eq(exynos_try_userptr(e, (uintptr_t)b.ptr, b.size, EXYNOS_USERPTR_PROBE), -EFAULT);
	exynos_close(e, b.image.handle);
	munmap(b.map, b.map_size);
}

static void input_checking_prot_none(struct exynos *e)
{
	struct exynos_block b = exynos_block_new(e, 1);

	igt_assert_eq(mprotect(b.map + b.map_size - 4096, 4096, PROT_NONE), 0);
	use_must_fail(e, &b);
	igt_assert_eq(exynos_try_userptr(e, (uintptr_t)b.ptr, b.size, EXYNOS_USERPTR_PROBE), -EFAULT);
	exynos_close(e, b.image.handle);
	exynos_block_unmap(&b);
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
		igt_assert_eq(exynos_try_userptr(e, ptr, size, EXYNOS_USERPTR_PROBE), expected);
		igt_assert_eq(exynos_try_userptr(e, ptr, size,
					 EXYNOS_USERPTR_PROBE | EXYNOS_USERPTR_READONLY), expected);
		igt_assert_eq(exynos_try_userptr(e, ptr, size, 0), 0);
		munmap(map, PAGES * 4096);
	}
}

static void sign_extended_address(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 1), dst = exynos_block_new(e, 2);
	int32_t address = (intptr_t)src.ptr;

	igt_require_f(sizeof(void *) == 4, "a 64-bit program has no address to extend\n");
	igt_assert_f(address < 0, "%p is in the lower half: nothing to extend\n", src.ptr);
	exynos_close(e, src.image.handle);
	igt_assert_eq(exynos_gem_userptr_raw(e->fd, (int64_t)address, src.size,
					     EXYNOS_USERPTR_PROBE, &src.image.handle), 0);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 1);

	/* Any upper half is ignored, not just ones. */
	exynos_close(e, src.image.handle);
	igt_assert_eq(exynos_gem_userptr_raw(e->fd, (uint32_t)address | 0x12345678ull << 32,
					     src.size, 0, &src.image.handle), 0);
	exynos_fill_words(src.ptr, src.size, 3);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 3);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
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
	struct exynos_block b = exynos_block_new(e, 1);
	struct drm_exynos_gem_map map = { .handle = b.image.handle };

	/* Wherever it is refused, at the offset or at the mapping. */
	if (igt_ioctl(e->fd, DRM_IOCTL_EXYNOS_GEM_MAP, &map) == 0) {
		void *ptr = mmap(NULL, b.size, PROT_READ | PROT_WRITE, MAP_SHARED, e->fd,
				   map.offset);

		igt_assert(ptr == MAP_FAILED);
	}
	igt_assert_eq(errno, EINVAL);
	exynos_block_unmap(&b);
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
	struct exynos_block b = exynos_block_new(e, 1);
	struct drm_prime_handle prime = { .handle = b.image.handle, .flags = DRM_CLOEXEC | DRM_RDWR };

	do_ioctl_err(e->fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime, EPERM);
	exynos_block_unmap(&b);
}

static void events(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 1), dst = exynos_block_new(e, 2);
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
		exynos_block_check(&dst, 10 + i);
	}
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

static void error_drops_list(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 1), dst = exynos_block_new(e, 2);
	struct g2d_list list;
	int ret;

	exynos_block_unmap(&src);
	g2d_copy(&list, &src.image, g2d_whole(&src.image), &dst.image, 0, 0);
	list.event = true;
	igt_assert_eq(exynos_try(e, &list), -EFAULT);
	igt_assert_eq(g2d_wait_event(e->fd, NULL, 200), -ETIMEDOUT);

	/* Nothing of it is left to run. */
	ret = g2d_exec(e->fd, false);
	igt_assert_f(ret < 0, "EXEC found something to run\n");
	exynos_block_map_again(&src);
	exynos_fill_words(src.ptr, src.size, 3);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 3);
	igt_assert_eq(g2d_wait_event(e->fd, NULL, 0), -ETIMEDOUT);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

static void foreign_handle(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 1), dst = exynos_block_new(e, 2);

	exynos_block_copy(e, &src, &dst);
	igt_fork(child, 1) {
		struct exynos_block mine = exynos_block_new(e, 3), result = exynos_block_new(e, 4);

		igt_assert_eq(exynos_block_try_copy(e, &src, &result), -EPERM);
		igt_assert_eq(exynos_block_try_copy(e, &mine, &dst), -EPERM);
		igt_assert_eq(exynos_block_try_copy(e, &src, &dst), -EPERM);
		exynos_block_check(&result, 4);
		exynos_block_copy(e, &mine, &result);
		exynos_block_check(&result, 3);

		/* Same file, same addresses, but not the parent's memory. */
		exynos_fill_words(src.ptr, src.size, 5);
		exynos_block_import(e, &src);
		exynos_block_import(e, &dst);
		exynos_block_copy(e, &src, &dst);
		exynos_block_check(&dst, 5);
	}
	igt_waitchildren();
	exynos_block_check(&src, 1);
	exynos_block_check(&dst, 1);
	exynos_fill_words(src.ptr, src.size, 6);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 6);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

static void foreign_exec(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 1), dst = exynos_block_new(e, 2);
	struct g2d_list list;

	g2d_copy(&list, &src.image, g2d_whole(&src.image), &dst.image, 0, 0);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	igt_fork(child, 1)
		igt_assert_eq(g2d_exec(e->fd, false), -EPERM);
	igt_waitchildren();
	exynos_block_check(&dst, 2);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 1);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
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

static void buf_userptr(struct exynos *e)
{
	struct exynos_block src = exynos_block_map(e), dst = exynos_block_map(e);

	exynos_fill_words(src.ptr, src.size, 1);
	src.image.user = (struct drm_exynos_g2d_userptr){ (uintptr_t)src.ptr, src.size };
	dst.image.user = (struct drm_exynos_g2d_userptr){ (uintptr_t)dst.ptr, dst.size };
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 1);
	exynos_assert_nothing_pinned(e);

	exynos_block_unmap(&src);
	igt_assert_eq(exynos_block_try_copy(e, &src, &dst), -EFAULT);
	exynos_block_map_again(&src);
	exynos_fill_words(src.ptr, src.size, 2);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 2);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
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
	igt_assert_eq(exynos_try_userptr(e, (uintptr_t)map, 8192, EXYNOS_USERPTR_PROBE), -EINVAL);

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

static const struct exynos_test tests[] = {
	{ "input-checking-flags", input_checking_flags },
	{ "input-checking-size", input_checking_size },
	{ "input-checking-kernel-address", input_checking_kernel_address },
	{ "input-checking-null", input_checking_null },
	{ "input-checking-hole", input_checking_hole },
	{ "input-checking-prot-none", input_checking_prot_none },
	{ "input-checking-misaligned-base", input_checking_misaligned_base },
	{ "input-checking-out-of-bounds", input_checking_out_of_bounds },
	{ "probe", probe },
	{ "sign-extended-address", sign_extended_address },
	{ "create-destroy", create_destroy },
	{ "gem-get", gem_get },
	{ "forbidden-mmap", forbidden_mmap },
	{ "forbidden-framebuffer", forbidden_framebuffer },
	{ "forbidden-export", forbidden_export },
	{ "events", events },
	{ "error-drops-list", error_drops_list },
	{ "foreign-handle", foreign_handle },
	{ "foreign-exec", foreign_exec },
	{ "thousand-objects", thousand_objects },
	{ "buf-userptr", buf_userptr },
	{ "noiommu-multi-page", noiommu_multi_page },
};

igt_main {
	static struct exynos e;

	igt_fixture {
		exynos_init(&e);
		exynos_require_userptr(&e);
	}

	exynos_run_tests(&e, tests, ARRAY_SIZE(tests));

	igt_fixture
		exynos_fini(&e);
}
