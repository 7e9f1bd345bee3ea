/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The IOVA window of userptr mappings.
 */

#ifndef _EXYNOS_DRM_WINDOW_H_
#define _EXYNOS_DRM_WINDOW_H_

#include <linux/sizes.h>
#include <linux/types.h>

#include <drm/drm_mm.h>

struct drm_device;
struct sg_table;

/**
 * define EXYNOS_DRM_WINDOW_START - first IOVA of the window
 *
 * The window follows the range that the DMA API allocates for GEM objects, after a guard
 * page.
 */
#define EXYNOS_DRM_WINDOW_START		(0x60000000UL + EXYNOS_DRM_WINDOW_GUARD)

/** define EXYNOS_DRM_WINDOW_SIZE - size of the window in bytes */
#define EXYNOS_DRM_WINDOW_SIZE		(SZ_1G - EXYNOS_DRM_WINDOW_GUARD)

/**
 * define EXYNOS_DRM_WINDOW_GUARD - unmapped bytes after each range
 *
 * An engine that accesses memory past the end of a range faults instead of accessing
 * the next mapping.
 */
#define EXYNOS_DRM_WINDOW_GUARD		PAGE_SIZE

/**
 * struct exynos_drm_window - allocator of the window's addresses
 *
 * The caller must serialize all calls that take a window or a node.
 */
struct exynos_drm_window {
	/** @mm: The allocator. */
	struct drm_mm mm;
};

void exynos_drm_window_init(struct exynos_drm_window *window);
void exynos_drm_window_fini(struct exynos_drm_window *window);
int exynos_drm_window_alloc(struct exynos_drm_window *window,
			    struct drm_mm_node *node, size_t size);
int exynos_drm_window_map(struct drm_device *drm, struct drm_mm_node *node,
			  struct sg_table *sgt, bool write, gfp_t gfp);
void exynos_drm_window_unmap(struct drm_device *drm, struct drm_mm_node *node);

#endif
