/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Userptr: interfaces between its files.
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
 * Jobs do the cache maintenance, and several objects may map the same page.
 */
#define USERPTR_DMA_ATTRS	(DMA_ATTR_SKIP_CPU_SYNC | DMA_ATTR_NO_WARN | \
				 DMA_ATTR_DEBUGGING_IGNORE_CACHELINES)

/* Largest object, in bytes of whole pages, that fits into the window. */
#define EXYNOS_USERPTR_MAX_SPAN	(EXYNOS_DRM_WINDOW_SIZE - \
				 EXYNOS_DRM_WINDOW_GUARD)

/*
 * Limit for memory of another driver. Keep it small: it is mapped with the notifier
 * lock held for write.
 */
#define EXYNOS_USERPTR_PFNMAP_MAX	SZ_16M

/* Entries of a mapping's table from one &exynos_drm_userptr_map.index to the next. */
#define EXYNOS_USERPTR_INDEX_STEP	64

/**
 * struct exynos_drm_userptr_dev - userptr state of the device
 *
 * Managed memory of the DRM device: notifiers call back for as long as any file
 * is open, whether the device is bound or not.
 */
struct exynos_drm_userptr_dev {
	/** @drm: The device. */
	struct drm_device *drm;

	/** @lock: Innermost lock. Protects the members below, except @wait. */
	spinlock_t lock;

	/** @lru: All mapped &exynos_drm_userptr_map, least recently used first. */
	struct list_head lru;

	/** @objects: All &exynos_drm_userptr. */
	struct list_head objects;

	/** @spaces: All &exynos_drm_userptr_space with objects, by mm. */
	DECLARE_HASHTABLE(spaces, 6);

	/** @window: Allocator of the IOVA of mappings. */
	struct exynos_drm_window window;

	/** @charged: Bytes of IOVA space in use or claimed. */
	u64 charged;

	/** @claims: Number of submissions that have claimed space. */
	unsigned int claims;

	/** @events: Number of events after which a waiter for space must look again. */
	unsigned int events;

	/** @wait: The owner of the turn waits here for space. */
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

/* Returns false if the DMA API allocates the IOVA of mappings. */
static inline bool userptr_has_window(struct exynos_drm_userptr_dev *dev)
{
	return IS_ENABLED(CONFIG_ARM_DMA_USE_IOMMU) &&
	       is_drm_iommu_supported(dev->drm);
}

/* Device for cache maintenance and, without a window, for mapping. */
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
void userptr_pfnmap_leak(struct exynos_drm_userptr_map *map);

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

static inline void userptr_pfnmap_leak(struct exynos_drm_userptr_map *map)
{ }

#endif

#endif
