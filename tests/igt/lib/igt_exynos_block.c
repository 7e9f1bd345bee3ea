// SPDX-License-Identifier: MIT
#include <sys/mman.h>

#include "igt_exynos_block.h"

struct exynos_block exynos_block_shape(struct exynos *e)
{
	bool iommu = e->board.has_iommu;
	struct exynos_block b = { .image = exynos_image(0, 32, iommu ? 450 : 32) };

	b.size = (size_t)b.image.stride * b.image.height;
	b.map_size = ALIGN(b.size + (iommu ? 2004 : 0), 4096);
	return b;
}

void exynos_block_place(struct exynos *e, struct exynos_block *b, void *map)
{
	igt_assert(map != MAP_FAILED);
	b->map = map;
	b->ptr = b->map + (e->board.has_iommu ? 2004 : 0);
}

struct exynos_block exynos_block_map(struct exynos *e)
{
	struct exynos_block b = exynos_block_shape(e);

	exynos_block_place(e, &b, exynos_mmap(b.map_size));
	return b;
}

struct exynos_block exynos_block_map_fd(struct exynos *e, int fd, int prot)
{
	struct exynos_block b = exynos_block_shape(e);

	exynos_block_place(e, &b, mmap(NULL, b.map_size, prot, MAP_SHARED, fd, 0));
	return b;
}

void exynos_block_import(struct exynos *e, struct exynos_block *b)
{
	b->image.handle = exynos_userptr(e, b->ptr, b->size, 0);
}

struct exynos_block exynos_block_new(struct exynos *e, uint32_t seed)
{
	struct exynos_block b = exynos_block_map(e);

	exynos_fill_words(b.ptr, b.size, seed);
	exynos_block_import(e, &b);
	return b;
}

void exynos_block_unmap(struct exynos_block *b)
{
	igt_assert_eq(munmap(b->map, b->map_size), 0);
}

void exynos_block_map_again(struct exynos_block *b)
{
	void *map = mmap(b->map, b->map_size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	igt_assert(map == b->map);
}

void exynos_block_check(const struct exynos_block *b, uint32_t seed)
{
	exynos_check_words(b->ptr, b->size, seed);
}

void exynos_block_copy(struct exynos *e, const struct exynos_block *src, const struct exynos_block *dst)
{
	exynos_copy(e, &src->image, &dst->image);
}

int exynos_block_try_copy(struct exynos *e, const struct exynos_block *src, const struct exynos_block *dst)
{
	return exynos_try_copy(e, &src->image, &dst->image);
}

void exynos_block_check_mapped(struct exynos *e, unsigned int blocks)
{
	igt_assert_eq_u64(oracle_mapped(e->fd), (uint64_t)blocks * exynos_block_shape(e).map_size);
}
