// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IOVA window of userptr mappings.
 */

#include <linux/align.h>
#include <linux/iommu.h>
#include <linux/scatterlist.h>

#include <drm/drm_device.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_window.h"

/**
 * DOC: IOVA window
 *
 * GEM objects get their IOVA from the DMA API, which on ARM aligns each range to
 * its size, up to 1 MiB, in bitmaps of 128 MiB, and places ranges back to back.
 * Userptr mappings change with a process's page tables, any process can create them, and
 * only the rectangle check of a command list prevents a blit from accessing the pages of
 * another process. They have a window of their own for three reasons: its mappings do
 * not consume IOVA space of GEM objects; a guard page follows each range; and a
 * submission allocates IOVA before it looks up pages, which simplifies error handling.
 */

/**
 * exynos_drm_window_init() - initialize an empty window
 * @window: the window
 *
 * Context: Process context.
 */
void exynos_drm_window_init(struct exynos_drm_window *window)
{
	drm_mm_init(&window->mm, EXYNOS_DRM_WINDOW_START,
		    EXYNOS_DRM_WINDOW_SIZE);
}

/**
 * exynos_drm_window_fini() - release an empty window
 * @window: the window, without nodes
 *
 * Context: Process context.
 */
void exynos_drm_window_fini(struct exynos_drm_window *window)
{
	drm_mm_takedown(&window->mm);
}

/**
 * exynos_drm_window_alloc() - allocate an IOVA range
 * @window: the window
 * @node: zeroed node; free it by drm_mm_remove_node()
 * @size: number of bytes to map, whole pages; a guard page is added
 *
 * Context: Any; neither allocates memory nor sleeps.
 *
 * Return: 0 or -ENOSPC.
 */
int exynos_drm_window_alloc(struct exynos_drm_window *window,
			    struct drm_mm_node *node, size_t size)
{
	return drm_mm_insert_node_in_range(&window->mm, node,
					   size + EXYNOS_DRM_WINDOW_GUARD,
					   PAGE_SIZE, 0, 0, U64_MAX,
					   DRM_MM_INSERT_LOW);
}

/**
 * exynos_drm_window_map() - map pages at an allocated IOVA range
 * @drm: the device
 * @node: node from exynos_drm_window_alloc()
 * @sgt: pages that fill @node except for the guard page; the first and the last may be
 *	partial, but are mapped as a whole
 * @write: whether engines may write
 * @gfp: allocation flags for page tables
 *
 * Context: Process context.
 *
 * Return: 0, or an error of iommu_map() with nothing mapped.
 */
int exynos_drm_window_map(struct drm_device *drm, struct drm_mm_node *node,
			  struct sg_table *sgt, bool write, gfp_t gfp)
{
	struct iommu_domain *domain = exynos_drm_dma_domain(drm);
	int prot = IOMMU_READ | (write ? IOMMU_WRITE : 0);
	unsigned long iova = node->start;
	struct scatterlist *sg;
	unsigned int i;
	int ret;

	for_each_sgtable_sg(sgt, sg, i) {
		size_t len = PAGE_ALIGN(sg->offset + sg->length);

		ret = iommu_map(domain, iova, page_to_phys(sg_page(sg)), len,
				prot, gfp);
		if (ret)
			goto err_unmap;
		iova += len;
	}
	return 0;

err_unmap:
	iommu_unmap(domain, node->start, iova - node->start);
	return ret;
}

/**
 * exynos_drm_window_unmap() - undo exynos_drm_window_map()
 * @drm: the device
 * @node: the mapped node; stays allocated
 *
 * Context: Process context, reclaim included: allocates nothing.
 */
void exynos_drm_window_unmap(struct drm_device *drm, struct drm_mm_node *node)
{
	iommu_unmap(exynos_drm_dma_domain(drm), node->start,
		    node->size - EXYNOS_DRM_WINDOW_GUARD);
}
