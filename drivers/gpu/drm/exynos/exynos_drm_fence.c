// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fences of an engine's jobs.
 */

#include <linux/slab.h>

#include "exynos_drm_fence.h"

/**
 * DOC: job fences
 *
 * An engine runs its jobs in order, so it has one timeline. Allocate the memory of a
 * job's fence before taking any lock. Initialize the fence under the lock that protects
 * the engine's queue, otherwise the timeline and the queue may differ in their order.
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
 * exynos_drm_timeline_init() - initialize a timeline
 * @timeline: timeline of an engine
 * @name: name of the engine; must be static, because fences outlive the engine
 *
 * Context: Any.
 */
void exynos_drm_timeline_init(struct exynos_drm_timeline *timeline,
			      const char *name)
{
	timeline->name = name;
	timeline->context = dma_fence_context_alloc(1);
	timeline->seqno = 0;
}

/**
 * exynos_drm_fence_alloc() - allocate memory for a fence
 *
 * Context: Process context. Allocates.
 *
 * Return: an uninitialized fence, or NULL if out of memory.
 */
struct exynos_drm_fence *exynos_drm_fence_alloc(void)
{
	return kzalloc_obj(struct exynos_drm_fence, GFP_KERNEL_ACCOUNT);
}

/**
 * exynos_drm_fence_free() - free a fence that was never initialized
 * @fence: fence from exynos_drm_fence_alloc(), or NULL
 *
 * Context: Any.
 */
void exynos_drm_fence_free(struct exynos_drm_fence *fence)
{
	kfree(fence);
}

/**
 * exynos_drm_fence_init() - initialize the next fence of a timeline
 * @fence: fence from exynos_drm_fence_alloc()
 * @timeline: timeline of the engine
 *
 * The fence is reference counted afterwards: release it by dma_fence_put().
 *
 * Context: The engine's queue lock must be held until the job is queued.
 */
void exynos_drm_fence_init(struct exynos_drm_fence *fence,
			   struct exynos_drm_timeline *timeline)
{
	fence->name = timeline->name;
	dma_fence_init64(&fence->base, &fence_ops, NULL, timeline->context,
			 ++timeline->seqno);
}
