// SPDX-License-Identifier: MIT
#include <sys/mman.h>

#include "igt.h"
#include "igt_exynos.h"

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
 * SUBTEST: create-destroy
 * Description: Objects of all sizes can be made and closed without being used.
 *
 * SUBTEST: copy
 * Description: The engine copies from and to memory that starts off a page.
 */

IGT_TEST_DESCRIPTION("Memory of a program as a GEM object for the 2D engine.");

static void create_destroy(struct exynos *e)
{
	static const size_t sizes[] = { 1, 63, 4095, 4096, 4097, 1 << 20 };
	uint8_t *ptr = exynos_mmap(2 << 20);
	unsigned int i;

	for (i = 0; i < 100; i++) {
		uint32_t handle = exynos_userptr(e, ptr + i * 37, sizes[i % ARRAY_SIZE(sizes)], 0);

		exynos_close(e, handle);
	}
	munmap(ptr, 2 << 20);
}

static void copy(struct exynos *e)
{
	enum { W = 17, H = 13, BYTES = W * H * 4 };
	uint8_t *ptr = exynos_mmap(8192);
	struct g2d_image src, dst;

	exynos_fill_words(ptr + 20, BYTES, 1);
	src = exynos_image(exynos_userptr(e, ptr + 20, BYTES, 0), W, H);
	dst = exynos_image(exynos_userptr(e, ptr + 4096 + 36, BYTES, 0), W, H);
	exynos_copy(e, &src, &dst);

	exynos_check_words(ptr + 4096 + 36, BYTES, 1);
	exynos_check_bytes(ptr + 4096, 36, 0);
	exynos_check_bytes(ptr + 4096 + 36 + BYTES, 4096 - 36 - BYTES, 0);
	munmap(ptr, 8192);
}

igt_main {
	static struct exynos e;

	igt_fixture {
		exynos_init(&e);
		exynos_require_userptr(&e);
	}

	igt_describe("Objects of all sizes can be made and closed without being used.");
	igt_subtest("create-destroy")
		exynos_subtest(&e, create_destroy);

	igt_describe("The engine copies from and to memory that starts off a page.");
	igt_subtest("copy")
		exynos_subtest(&e, copy);

	igt_fixture
		exynos_fini(&e);
}
