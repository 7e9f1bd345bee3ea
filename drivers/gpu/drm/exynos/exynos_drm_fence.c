// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fences of an engine's jobs.
 */

#include <linux/slab.h>

#include "exynos_drm_fence.h"

/**
 * DOC: job fences
 *
 * An engine does its jobs one after the other, so it has one timeline. Memory for
 * a job's fence is allocated before any lock is taken; the fence gets its place
 * on the timeline under the lock that puts the job into the engine's queue, so
 * that both orders are the same.
 */

static const char *fence_driver_name(struct dma_fence *fence)
{
	return "exynos";
}

static const char *fence_timeline_name(struct dma_fence *fence)
{
	return container_of(fence, struct exynos_drm_fence, base)->name;
}

static const struct dma_fence_ops fence_ops = {
	.get_driver_name = fence_driver_name,
	.get_timeline_name = fence_timeline_name,
};

/**
 * exynos_drm_timeline_init() - start a timeline
 * @timeline: of an engine
 * @name: of the engine; must stay for ever
 */
void exynos_drm_timeline_init(struct exynos_drm_timeline *timeline,
			      const char *name)
{
	timeline->name = name;
	timeline->context = dma_fence_context_alloc(1);
	timeline->seqno = 0;
}

/**
 * exynos_drm_fence_alloc() - memory for a fence
 *
 * Return: the fence, not a fence yet, or NULL.
 */
struct exynos_drm_fence *exynos_drm_fence_alloc(void)
{
	return kzalloc_obj(struct exynos_drm_fence, GFP_KERNEL_ACCOUNT);
}

/**
 * exynos_drm_fence_free() - free a fence that did not become one
 * @fence: of exynos_drm_fence_alloc(), or NULL
 */
void exynos_drm_fence_free(struct exynos_drm_fence *fence)
{
	kfree(fence);
}

/**
 * exynos_drm_fence_init() - the next fence on a timeline
 * @fence: of exynos_drm_fence_alloc()
 * @timeline: of the engine
 *
 * From here on the fence is reference counted.
 *
 * Context: The engine's queue lock must be held until its job is in the queue.
 */
void exynos_drm_fence_init(struct exynos_drm_fence *fence,
			   struct exynos_drm_timeline *timeline)
{
	fence->name = timeline->name;
	dma_fence_init64(&fence->base, &fence_ops, NULL, timeline->context,
			 ++timeline->seqno);
}
