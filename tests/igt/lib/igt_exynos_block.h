/* SPDX-License-Identifier: MIT */
/*
 * A buffer in a mapping of its own, as large as the board can use.
 */
#ifndef IGT_EXYNOS_BLOCK_H
#define IGT_EXYNOS_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "igt_exynos.h"

/* How long a held engine makes others wait, in ms; well below the driver's timeout. */
#define EXYNOS_HOLD_MS	120

/* The driver resets a hung engine after half a second; a slow machine adds to it. */
#define EXYNOS_SLACK_MS	4000

/**
 * struct exynos_block - a buffer in a mapping of its own
 * @map: the mapping
 * @map_size: its size in bytes
 * @ptr: the buffer, at an odd place of several pages; without an IOMMU the mapping is
 *	one page, which is contiguous for certain, and all of it
 * @size: its size in bytes
 * @image: the pixels in it
 */
struct exynos_block {
	uint8_t *map;
	size_t map_size;
	uint8_t *ptr;
	size_t size;
	struct g2d_image image;
};

/** exynos_block_shape - the sizes of a block, without memory */
struct exynos_block exynos_block_shape(struct exynos *e);

/** exynos_block_place - give a shape its mapping, of its map_size */
void exynos_block_place(struct exynos *e, struct exynos_block *b, void *map);

/** exynos_block_map - map anonymous memory for a block */
struct exynos_block exynos_block_map(struct exynos *e);

/** exynos_block_map_fd - map a file for one */
struct exynos_block exynos_block_map_fd(struct exynos *e, int fd, int prot);

/** exynos_block_import - make a userptr object of it */
void exynos_block_import(struct exynos *e, struct exynos_block *b);

/** exynos_block_new - map, fill and import a block */
struct exynos_block exynos_block_new(struct exynos *e, uint32_t seed);

/** exynos_block_unmap - unmap it; the object stays */
void exynos_block_unmap(struct exynos_block *b);

/** exynos_block_map_again - map new anonymous memory where it was */
void exynos_block_map_again(struct exynos_block *b);

/** exynos_block_check - check what it was filled with */
void exynos_block_check(const struct exynos_block *b, uint32_t seed);

/** exynos_block_copy - copy one to another with the engine */
void exynos_block_copy(struct exynos *e, const struct exynos_block *src,
		       const struct exynos_block *dst);

/** exynos_block_try_copy - the same; return 0 or a negative errno */
int exynos_block_try_copy(struct exynos *e, const struct exynos_block *src,
			  const struct exynos_block *dst);

/** exynos_block_check_mapped - check that the engine can reach @blocks of the file */
void exynos_block_check_mapped(struct exynos *e, unsigned int blocks);

#endif
