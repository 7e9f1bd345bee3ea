/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fences of an engine's jobs.
 */

#ifndef _EXYNOS_DRM_FENCE_H_
#define _EXYNOS_DRM_FENCE_H_

#include <linux/dma-fence.h>
#include <linux/types.h>

/**
 * struct exynos_drm_timeline - the order in which an engine runs its jobs
 */
struct exynos_drm_timeline {
	/** @name: Name of the engine, shown with its fences; static. */
	const char *name;

	/** @context: Fence context of the engine. */
	u64 context;

	/** @seqno: Sequence number of the last fence. Protected by the engine's queue lock. */
	u64 seqno;
};

/**
 * struct exynos_drm_fence - a job's fence
 */
struct exynos_drm_fence {
	/** @base: The fence; must be first, because the fence core frees it. */
	struct dma_fence base;

	/** @name: Name of the timeline; NULL until initialized. */
	const char *name;
};

void exynos_drm_timeline_init(struct exynos_drm_timeline *timeline,
			      const char *name);
struct exynos_drm_fence *exynos_drm_fence_alloc(void);
void exynos_drm_fence_free(struct exynos_drm_fence *fence);
void exynos_drm_fence_init(struct exynos_drm_fence *fence,
			   struct exynos_drm_timeline *timeline);

#endif
