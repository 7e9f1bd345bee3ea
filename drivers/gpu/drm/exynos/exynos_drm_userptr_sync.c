// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU cache maintenance of user memory around a job.
 */

#include <linux/dma-mapping.h>
#include <linux/minmax.h>

#include <drm/drm_device.h>

#include "exynos_drm_userptr.h"
#include "exynos_drm_userptr_priv.h"

/**
 * DOC: userptr and the CPU caches
 *
 * Mapping and unmapping leave the caches alone; all maintenance happens around
 * the jobs, and only for the bytes that a job touches, given as *rows* of *len*
 * bytes, *stride* bytes apart.
 *
 * Before a job they are written back and never invalidated, whatever the job
 * does with them: their first and last cache lines may hold bytes of somebody
 * else, which invalidating would destroy. After a job the rows that were written
 * are invalidated, one by one, because what lies between two rows may have been
 * written by the CPU meanwhile.
 *
 * The DMA API takes one physically contiguous piece at a time, so rows are cut
 * where the scatterlist is.
 */

/*
 * In the window the DMA API has only mapped each entry for maintenance. Otherwise it
 * has mapped them in one piece, and the entries' own addresses say nothing.
 */
static dma_addr_t userptr_sync_addr(const struct exynos_drm_userptr_map *map,
				    struct scatterlist *sg, size_t offset,
				    size_t first)
{
	if (drm_mm_node_allocated(&map->node))
		return sg_dma_address(sg) + offset;
	return map->dma_addr + first;
}

/**
 * struct userptr_cursor - where in a mapping the last row ended
 * @sg: the entry of the mapping's table
 * @start: which byte of the object the entry begins with
 */
struct userptr_cursor {
	struct scatterlist *sg;
	size_t start;
};

static void userptr_sync_range(struct exynos_drm_userptr_map *map,
			       struct userptr_cursor *cur,
			       size_t first, size_t len, bool for_cpu)
{
	struct device *dma = userptr_dma_dev(map->space->dev);
	enum dma_data_direction dir = userptr_dir(map->write);

	if (first < cur->start) {
		cur->sg = map->sgt.sgl;
		cur->start = 0;
	}

	while (len) {
		dma_addr_t addr;
		size_t at, n;

		while (first - cur->start >= cur->sg->length) {
			cur->start += cur->sg->length;
			cur->sg = sg_next(cur->sg);
		}
		at = first - cur->start;
		n = min(len, cur->sg->length - at);
		addr = userptr_sync_addr(map, cur->sg, at, first);

		if (for_cpu)
			dma_sync_single_for_cpu(dma, addr, n, dir);
		else
			dma_sync_single_for_device(dma, addr, n, dir);
		first += n;
		len -= n;
	}
}

static void userptr_sync(struct exynos_drm_userptr_map *map, size_t first,
			 size_t len, size_t stride, unsigned int rows,
			 bool for_cpu)
{
	struct device *dma = userptr_dma_dev(map->space->dev);
	enum dma_data_direction dir = userptr_dir(map->write);
	struct userptr_cursor cur = { .sg = map->sgt.sgl };

	/* Without gaps there is nothing between the rows to spare. */
	if (stride <= len) {
		len += (rows - 1) * stride;
		rows = 1;
	}

	/* One pass over the table instead of a lookup for each piece. */
	if (len == map->up->size && for_cpu) {
		dma_sync_sgtable_for_cpu(dma, &map->sgt, dir);
		return;
	}
	if (len == map->up->size) {
		dma_sync_sgtable_for_device(dma, &map->sgt, dir);
		return;
	}

	while (rows--) {
		userptr_sync_range(map, &cur, first, len, for_cpu);
		first += stride;
	}
}

/**
 * exynos_drm_userptr_sync_for_device() - let an engine see what the CPU wrote
 * @map: the mapping
 * @first: first byte that the job touches, counted from the object's first
 * @len: bytes touched in each row
 * @stride: bytes from one row to the next
 * @rows: number of rows, none of which leaves the object
 *
 * Context: After the job was published and before it runs. Neither allocates nor
 * sleeps.
 */
void exynos_drm_userptr_sync_for_device(struct exynos_drm_userptr_map *map,
					size_t first, size_t len,
					size_t stride, unsigned int rows)
{
	userptr_sync(map, first, len, stride, rows, false);
}

/**
 * exynos_drm_userptr_sync_for_cpu() - let the CPU see what an engine wrote
 * @map: the mapping
 * @first: first byte that the job wrote, counted from the object's first
 * @len: bytes written in each row
 * @stride: bytes from one row to the next
 * @rows: number of rows, none of which leaves the object
 *
 * Context: After the job ended and before its fence signals. Neither allocates
 * nor sleeps.
 */
void exynos_drm_userptr_sync_for_cpu(struct exynos_drm_userptr_map *map,
				     size_t first, size_t len,
				     size_t stride, unsigned int rows)
{
	userptr_sync(map, first, len, stride, rows, true);
}
