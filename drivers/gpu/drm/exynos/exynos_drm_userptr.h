/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User memory as GEM objects.
 */

#ifndef _EXYNOS_DRM_USERPTR_H_
#define _EXYNOS_DRM_USERPTR_H_

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/scatterlist.h>
#include <linux/types.h>

#include <drm/exynos_drm.h>

#include "exynos_drm_gem.h"

struct drm_device;
struct drm_file;
struct exynos_drm_userptr_dev;

/**
 * struct exynos_drm_userptr_file - what one open file may and does use
 *
 * Objects can outlive the file that made them (FLINK, jobs), so it is counted.
 */
struct exynos_drm_userptr_file {
	/** @kref: One for the file itself, one for each object it made. */
	struct kref kref;

	/** @dev: The device. */
	struct exynos_drm_userptr_dev *dev;

	/** @objects: Number of objects; limited by the max_objects parameter. */
	atomic_t objects;

	/**
	 * @mapped: Bytes of the engines' address space taken by mappings of
	 * this file's objects. Protected by &exynos_drm_userptr_dev.lock.
	 */
	size_t mapped;

	/**
	 * @cache: Objects without a handle that are kept in case the same range
	 * comes again, least recently used first. Each holds a reference.
	 * Protected by &exynos_drm_userptr_dev.lock.
	 */
	struct list_head cache;

	/** @cached: Length of @cache; same lock. */
	unsigned int cached;
};

/**
 * struct exynos_drm_userptr_map - one mapping of an object for the engines
 *
 * A mapping is made once, published, and unmapped once. An object has at most
 * one that new jobs may use; older ones stay until their jobs are done.
 */
struct exynos_drm_userptr_map {
	/** @up: The object. */
	struct exynos_drm_userptr *up;

	/**
	 * @link: On &exynos_drm_userptr.maps. Protected by the notifier lock
	 * (write).
	 */
	struct list_head link;

	/**
	 * @lru: On &exynos_drm_userptr_dev.lru while @mapped. Protected by the
	 * notifier lock: held for write, or for read together with
	 * &exynos_drm_userptr_dev.lock.
	 */
	struct list_head lru;

	/** @sgt: The pages; no reference to them is held once published. */
	struct sg_table sgt;

	/** @dma_addr: Bus address of the object's first byte. */
	dma_addr_t dma_addr;

	/** @bytes: Bytes of bus address space taken, whole pages. */
	size_t bytes;

	/**
	 * @seq: Sequence of the notifier at which the pages were looked up; the
	 * mapping is good for new jobs while it is still the notifier's.
	 */
	unsigned long seq;

	/** @write: The engines may write through it. Immutable. */
	bool write;

	/** @mapped: In the IOMMU. Protected by the notifier lock (write). */
	bool mapped;

	/**
	 * @dirty: A job that writes was published. Set under the notifier lock
	 * (read), read under it (write).
	 */
	bool dirty;

	/**
	 * @lost: An engine that cannot be stopped may still use it. Set before
	 * the fence of the job signals, so that whoever finds that fence
	 * signaled sees it.
	 */
	bool lost;

	/**
	 * @held: References to the pages were taken because of @lost. Protected
	 * by the notifier lock (write).
	 */
	bool held;
};

/**
 * struct exynos_drm_userptr - a range of a process's address space as a GEM
 * object
 */
struct exynos_drm_userptr {
	/**
	 * @gem: The GEM object. Its size is rounded up to pages, its address is
	 * never used.
	 */
	struct exynos_drm_gem gem;

	/** @notifier: Covers all pages of the range; holds the mm_struct. */
	struct mmu_interval_notifier notifier;

	/** @file: The file that made it and on whose share it is. */
	struct exynos_drm_userptr_file *file;

	/** @start: Address of the first byte. Immutable. */
	unsigned long start;

	/** @size: Exact number of bytes. Immutable. */
	size_t size;

	/** @readonly: %EXYNOS_USERPTR_READONLY was given. Immutable. */
	bool readonly;

	/**
	 * @dead: The address space is gone. Set by the notifier, read without a
	 * lock as a hint.
	 */
	bool dead;

	/**
	 * @wants_write: A job has written it, so it is mapped for writing from
	 * now on. A hint, no lock.
	 */
	bool wants_write;

	/**
	 * @submits: Number of submissions between looking the pages up and
	 * publishing their fence; eviction leaves the object alone meanwhile.
	 */
	atomic_t submits;

	/** @cur: Mapping that new jobs may use. Notifier lock (write). */
	struct exynos_drm_userptr_map *cur;

	/** @maps: All mappings, @cur among them. Notifier lock (write). */
	struct list_head maps;

	/**
	 * @mapped: Bytes of bus address space that @maps take. Written under the
	 * notifier lock (write), read without it where a snapshot will do.
	 */
	size_t mapped;

	/**
	 * @cache_link: On &exynos_drm_userptr_file.cache; empty if not there.
	 * Protected by &exynos_drm_userptr_dev.lock.
	 */
	struct list_head cache_link;

	/**
	 * @dev_link: On &exynos_drm_userptr_dev.objects. Protected by
	 * &exynos_drm_userptr_dev.lock.
	 */
	struct list_head dev_link;

	/** @invalidations: How often a mapping was taken down by the mm. */
	atomic_t invalidations;

	/** @retries: How often populating started over. */
	atomic_t retries;

	/** @evictions: How often a mapping was dropped to make room. */
	atomic_t evictions;
};

/**
 * exynos_drm_gem_is_userptr() - whether a GEM object is user memory
 * @gem: the object
 *
 * Such an object has no address but the one exynos_drm_userptr_map_get() gives.
 *
 * Return: true if it can be passed to to_exynos_userptr().
 */
static inline bool exynos_drm_gem_is_userptr(const struct exynos_drm_gem *gem)
{
	return gem->flags & EXYNOS_BO_USERPTR;
}

/**
 * to_exynos_userptr() - the userptr object of a GEM object
 * @gem: an object of which exynos_drm_gem_is_userptr() is true
 *
 * Return: the object around it.
 */
static inline struct exynos_drm_userptr *
to_exynos_userptr(struct exynos_drm_gem *gem)
{
	return container_of(gem, struct exynos_drm_userptr, gem);
}

#ifdef CONFIG_DRM_EXYNOS_USERPTR

int exynos_drm_userptr_init(struct drm_device *drm);
void exynos_drm_userptr_fini(struct drm_device *drm);
int exynos_drm_userptr_open(struct drm_device *drm, struct drm_file *file);
void exynos_drm_userptr_postclose(struct drm_device *drm,
				  struct drm_file *file);

int exynos_drm_gem_userptr_ioctl(struct drm_device *drm, void *data,
				 struct drm_file *file);

struct exynos_drm_userptr *exynos_drm_userptr_get(struct drm_file *file,
						  unsigned long start,
						  size_t size);

int exynos_drm_userptr_begin(struct exynos_drm_userptr *up, bool write);
void exynos_drm_userptr_end(struct exynos_drm_userptr *up);

void exynos_drm_userptr_lock(struct drm_device *drm) __acquires_shared(drm);
void exynos_drm_userptr_unlock(struct drm_device *drm) __releases_shared(drm);
struct exynos_drm_userptr_map *
exynos_drm_userptr_map_get(struct exynos_drm_userptr *up, bool write);
void exynos_drm_userptr_lose(struct exynos_drm_userptr_map *map);
void exynos_drm_userptr_retire(struct exynos_drm_userptr *up);
void exynos_drm_userptr_idle(struct drm_device *drm);

void exynos_drm_userptr_sync_for_device(struct exynos_drm_userptr_map *map,
					size_t first, size_t len,
					size_t stride, unsigned int rows);
void exynos_drm_userptr_sync_for_cpu(struct exynos_drm_userptr_map *map,
				     size_t first, size_t len,
				     size_t stride, unsigned int rows);

#else

static inline int exynos_drm_userptr_init(struct drm_device *drm)
{
	return 0;
}

static inline void exynos_drm_userptr_fini(struct drm_device *drm)
{ }

static inline int exynos_drm_userptr_open(struct drm_device *drm,
					  struct drm_file *file)
{
	return 0;
}

static inline void exynos_drm_userptr_postclose(struct drm_device *drm,
						struct drm_file *file)
{ }

static inline int exynos_drm_gem_userptr_ioctl(struct drm_device *drm,
					       void *data,
					       struct drm_file *file)
{
	return -ENODEV;
}

#endif

#endif
