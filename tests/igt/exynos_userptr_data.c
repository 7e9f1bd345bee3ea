// SPDX-License-Identifier: MIT
#include <sys/mman.h>
#include <sys/mount.h>

#include "igt_exynos_block.h"
#include "igt_exynos_sys.h"

/**
 * TEST: exynos userptr data
 * Description: What the engine reads and writes of user memory, at all offsets within cache lines.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Memory management tests
 * Functionality: userptr
 * Feature: exynos
 * Test category: functionality test
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
 */

IGT_TEST_DESCRIPTION("What the engine reads and writes of user memory, at all offsets within cache lines.");

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
	uint8_t *src, *dst, expected[AREA];
	struct g2d_image s, d;
	unsigned int i, y, line;
	struct g2d_list list;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	src = exynos_mmap(MAP);
	dst = exynos_mmap(MAP);
	s = format_image(exynos_userptr(e, src, bytes, 0), G2D_A8, W, H);
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
	struct g2d_image whole;

	exynos_fill_words(page, ROWS, 1);
	g2d_copy(&list, &image, (struct g2d_rect){ 0, 0, W, H }, &image, 0, H);
	exynos_run(e, &list);
	exynos_check_words(page, ROWS, 1);
	exynos_check_words(page + ROWS, ROWS, 1);
	exynos_check_bytes(page + 2 * ROWS, 4096 - 2 * ROWS, 0);

	/* And through two objects that overlap. */
	exynos_fill_words(page, ROWS, 2);
	image.height = H;
	whole = exynos_image(exynos_userptr(e, page, 4096, 0), W, H);
	g2d_copy(&list, &image, g2d_whole(&image), &whole, 0, 2 * H);
	exynos_run(e, &list);
	exynos_check_words(page + 2 * ROWS, ROWS, 2);
	munmap(page, 4096);
}

static const struct exynos_test tests[] = {
	{ "offsets-cacheline-a8", offsets_cacheline_a8 },
	{ "offsets-cacheline-rgb565", offsets_cacheline_rgb565 },
	{ "offsets-cacheline-argb8888", offsets_cacheline_argb8888 },
	{ "offsets-page", offsets_page },
	{ "gaps-during-job", gaps_during_job },
	{ "no-leftovers", no_leftovers },
	{ "same-object", same_object },
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
