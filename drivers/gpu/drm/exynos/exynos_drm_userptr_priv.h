/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the userptr code share.
 */

#ifndef _EXYNOS_DRM_USERPTR_PRIV_H_
#define _EXYNOS_DRM_USERPTR_PRIV_H_

#include <linux/dma-direction.h>
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/rwsem.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <drm/drm_drv.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_userptr.h"
#include "exynos_drm_user.h"
#include "exynos_drm_window.h"

/*
 * Maintenance is done for each job, and any number of objects may cover a page.
 */
#define USERPTR_DMA_ATTRS	(DMA_ATTR_SKIP_CPU_SYNC | DMA_ATTR_NO_WARN | \
				 DMA_ATTR_DEBUGGING_IGNORE_CACHELINES)

/* Bytes of all pages of one object; more does not fit the window. */
#define EXYNOS_USERPTR_MAX_SPAN	(EXYNOS_DRM_WINDOW_SIZE - \
				 EXYNOS_DRM_WINDOW_GUARD)

/*
 * The same for memory of another driver, which is mapped with the notifier lock held
 * for write.
 */
#define EXYNOS_USERPTR_PFNMAP_MAX	SZ_16M

/**
 * struct exynos_drm_userptr_dev - userptr state of the device
 *
 * Managed memory of the DRM device: notifiers call back for as long as any file
 * is open, whether the device is bound or not.
 */
struct exynos_drm_userptr_dev {
	/** @drm: The device. */
	struct drm_device *drm;

	/** @lock: Innermost. Protects what follows unless it says otherwise. */
	spinlock_t lock;

	/** @lru: All mapped &exynos_drm_userptr_map, least recently used first. */
	struct list_head lru;

	/** @objects: All &exynos_drm_userptr. */
	struct list_head objects;

	/** @spaces: All &exynos_drm_userptr_space that are alive, by mm. */
	DECLARE_HASHTABLE(spaces, 6);

	/** @window: Where mappings live. */
	struct exynos_drm_window window;

	/** @charged: Bytes of IOVA space taken or about to be. */
	u64 charged;

	/** @claims: Number of submissions that hold space or protect mappings. */
	unsigned int claims;

	/** @events: Counts what may have made space for anybody. */
	unsigned int events;

	/** @wait: Where the owner of the turn waits for space. Locks itself. */
	wait_queue_head_t wait;
};

static inline struct exynos_drm_userptr_dev *userptr_dev(struct drm_device *drm)
{
	struct exynos_drm_private *priv = drm->dev_private;

	return priv->userptr;
}

static inline size_t userptr_span(unsigned long start, size_t size)
{
	return PAGE_ALIGN(offset_in_page(start) + size);
}

static inline size_t userptr_bytes(const struct exynos_drm_userptr *up)
{
	return userptr_span(up->start, up->size);
}

static inline enum dma_data_direction userptr_dir(bool write)
{
	return write ? DMA_BIDIRECTIONAL : DMA_TO_DEVICE;
}

/* Whether mappings live in the window, not where the DMA API puts them. */
static inline bool userptr_has_window(struct exynos_drm_userptr_dev *dev)
{
	return IS_ENABLED(CONFIG_ARM_DMA_USE_IOMMU) &&
	       is_drm_iommu_supported(dev->drm);
}

/* The device whose DMA API does cache maintenance, and mapping without a window. */
static inline struct device *userptr_dma_dev(struct exynos_drm_userptr_dev *dev)
{
	return userptr_has_window(dev) ? dev->drm->dev :
					 drm_dev_dma_dev(dev->drm);
}

/* exynos_drm_userptr_space.c */
struct exynos_drm_userptr_space *
userptr_space_lookup(struct exynos_drm_userptr_dev *dev);
void userptr_space_drop_object(struct exynos_drm_userptr_space *space);
void userptr_space_queue_reap(struct exynos_drm_userptr_space *space);
void userptr_init_lock(struct rw_semaphore *lock);
void userptr_space_get(struct exynos_drm_userptr_space *space);
void userptr_space_put(struct exynos_drm_userptr_space *space);
void userptr_space_exit(struct exynos_drm_userptr_space *space);

/* exynos_drm_userptr_map.c */
extern const struct mmu_interval_notifier_ops userptr_notifier_ops;

bool userptr_is_current(struct exynos_drm_userptr *up, bool write);
struct exynos_drm_userptr_map *userptr_map_alloc(struct exynos_drm_userptr *up,
						 bool write);
void userptr_map_put(struct exynos_drm_userptr_map *map);
bool userptr_map_is_idle(const struct exynos_drm_userptr_map *map);
bool userptr_map_evict(struct exynos_drm_userptr_map *map, bool unplugged);
void userptr_map_contain(struct exynos_drm_userptr_map *map);
void userptr_unmap_object(struct exynos_drm_userptr *up);

/* exynos_drm_userptr_limit.c */
void userptr_set_limit(unsigned int bytes);
void userptr_uncharge(struct exynos_drm_userptr_map *map);
void userptr_wake(struct exynos_drm_userptr_space *space);

/* exynos_drm_userptr_pfnmap.c */
#ifdef CONFIG_DRM_EXYNOS_USERPTR_PFNMAP

bool userptr_pfnmap_at(struct drm_device *drm, unsigned long addr);
int userptr_pfnmap_fault_in(struct exynos_drm_userptr *up, unsigned long at,
			    unsigned long end, bool write);
int userptr_pfnmap_get_pages(struct exynos_drm_userptr_map *map,
			     struct page **pages, size_t npages,
			     size_t *missing);
bool userptr_pfnmap_enabled(void);
void userptr_pfnmap_put(struct exynos_drm_userptr_map *map);
void userptr_pfnmap_lose(struct exynos_drm_userptr_map *map);

#else

static inline bool userptr_pfnmap_at(struct drm_device *drm,
				     unsigned long addr)
{
	return false;
}

static inline int userptr_pfnmap_fault_in(struct exynos_drm_userptr *up,
					  unsigned long at, unsigned long end,
					  bool write)
{
	return -EFAULT;
}

static inline int userptr_pfnmap_get_pages(struct exynos_drm_userptr_map *map,
					   struct page **pages, size_t npages,
					   size_t *missing)
{
	return -EFAULT;
}

static inline bool userptr_pfnmap_enabled(void)
{
	return false;
}

static inline void userptr_pfnmap_put(struct exynos_drm_userptr_map *map)
{ }

static inline void userptr_pfnmap_lose(struct exynos_drm_userptr_map *map)
{ }

#endif

#endif
