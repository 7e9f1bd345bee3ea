// SPDX-License-Identifier: GPL-2.0-only
/*
 * Userptr: CPU cache maintenance around a job.
 */

#include <linux/dma-mapping.h>
#include <linux/minmax.h>

#include <drm/drm_device.h>

#include "exynos_drm_userptr.h"
#include "exynos_drm_userptr_priv.h"

/**
 * DOC: userptr and the CPU caches
 *
 * A new mapping is cleaned once; unmapping does no maintenance. All other maintenance
 * happens around the jobs, and only for the bytes that a job accesses, given as *rows*
 * of *len* bytes, *stride* bytes apart.
 *
 * Before a job the rows are cleaned and never invalidated, also if the job writes them:
 * the first and the last cache line of a row may hold dirty bytes outside of it, which
 * invalidating would destroy. After a job the written rows are invalidated one by one,
 * because the CPU may have written the bytes between two rows meanwhile.
 *
 * The DMA API accepts one physically contiguous range per call, so rows are split at the
 * entries of the scatterlist.
 */

/*
 * With the window the DMA API has mapped each entry by itself, for maintenance only.
 * Otherwise it has mapped all entries contiguously, and only the first DMA address is
 * valid.
 */
static dma_addr_t userptr_sync_addr(const struct exynos_drm_userptr_map *map,
				    struct scatterlist *sg, size_t offset,
				    size_t first)
{
	if (drm_mm_node_allocated(&map->node))
		return sg_dma_address(sg) + offset;
	return map->dma_addr + first;
}

/* Moves to the last entry of the index that does not begin behind a byte. */
static void userptr_seek(const struct exynos_drm_userptr_map *map,
			 struct exynos_drm_userptr_index *cur, size_t first)
{
	unsigned int low = 0, high = map->num_index;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (map->index[middle].start <= first)
			low = middle + 1;
		else
			high = middle;
	}
	if (low) {
		*cur = map->index[low - 1];
	} else {
		cur->sg = map->sgt.sgl;
		cur->start = 0;
	}
}

static void userptr_sync_range(struct exynos_drm_userptr_map *map,
			       struct exynos_drm_userptr_index *cur,
			       size_t first, size_t len, bool for_cpu)
{
	struct device *dma = userptr_dma_dev(map->space->dev);
	enum dma_data_direction dir = userptr_dir(map->write);

	/* Rows are mostly close together. */
	if (first < cur->start ||
	    first - cur->start >= EXYNOS_USERPTR_INDEX_STEP * PAGE_SIZE)
		userptr_seek(map, cur, first);

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
	struct exynos_drm_userptr_index cur = { .sg = map->sgt.sgl };

	/* Rows without gaps are one range. */
	if (stride <= len) {
		len += (rows - 1) * stride;
		rows = 1;
	}

	/* A pass over the table is faster than a lookup for each entry. */
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
 * exynos_drm_userptr_sync_for_device() - make CPU writes visible to an engine
 * @map: the mapping
 * @first: offset in the object of the first byte that the job accesses
 * @len: number of bytes accessed in each row
 * @stride: bytes from the start of a row to that of the next
 * @rows: number of rows, all within the object
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
 * exynos_drm_userptr_sync_for_cpu() - make writes of an engine visible to the CPU
 * @map: the mapping
 * @first: offset in the object of the first byte that the job wrote
 * @len: number of bytes written in each row
 * @stride: bytes from the start of a row to that of the next
 * @rows: number of rows, all within the object
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
