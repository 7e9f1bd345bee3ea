/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Userptr: interface to the engines and the rest of the driver.
 */

#ifndef _EXYNOS_DRM_USERPTR_H_
#define _EXYNOS_DRM_USERPTR_H_

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/rwsem.h>
#include <linux/scatterlist.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include <drm/drm_mm.h>
#include <drm/exynos_drm.h>

#include "exynos_drm_gem.h"

struct dma_fence;
struct drm_device;
struct drm_file;
struct drm_printer;
struct file;
struct exynos_drm_user;
struct exynos_drm_userptr_dev;

/**
 * struct exynos_drm_userptr_file - the userptr state of an open file
 *
 * Objects can outlive the file that created them (FLINK, jobs), so it is
 * reference counted.
 */
struct exynos_drm_userptr_file {
	/** @kref: One for the open file, one for each object it created. */
	struct kref kref;

	/** @dev: The device. */
	struct exynos_drm_userptr_dev *dev;

	/**
	 * @user: User that opened the file. The reference keeps the user's place among
	 * the waiters while an ioctl is restarted, without any job or object.
	 */
	struct exynos_drm_user *user;

	/**
	 * @cache: Objects without a handle, kept to be reused for the same range, least
	 * recently used first. The list holds a reference to each. Protected by
	 * &exynos_drm_userptr_dev.lock.
	 */
	struct list_head cache;

	/** @cached: Length of @cache; same lock. */
	unsigned int cached;

	/**
	 * @closing: The file is being closed, so no object is added to @cache.
	 * Protected by &exynos_drm_userptr_dev.lock.
	 */
	bool closing;

	/**
	 * @since: When an ioctl that was interrupted by a signal began to wait, or 0;
	 * see exynos_drm_quota_take(). A hint, no lock.
	 */
	u64 since;

	/** @age: Drops objects that were not used since userptr_cache_ms. */
	struct delayed_work age;
};

/**
 * struct exynos_drm_userptr_space - a process's address space
 *
 * All objects of a process share it. Jobs only use objects of the submitting
 * process, so its lock orders everything that must be ordered between jobs and
 * MMU notifiers, and one process's invalidations never wait for another's.
 */
struct exynos_drm_userptr_space {
	/** @kref: One for each object, each mapping and a queued @reap. */
	struct kref kref;

	/**
	 * @dev: The device. The DRM device is referenced, because objects can
	 * outlive all files.
	 */
	struct exynos_drm_userptr_dev *dev;

	/**
	 * @user: User charged for all objects of this address space: the one that
	 * created the first. Immutable, referenced.
	 */
	struct exynos_drm_user *user;

	/**
	 * @mm: The address space. Not referenced (the objects' notifiers keep it
	 * allocated), so do not dereference it unless it is current->mm, and compare
	 * it only while not @dead.
	 */
	struct mm_struct *mm;

	/** @link: On &exynos_drm_userptr_dev.spaces. */
	struct hlist_node link;

	/**
	 * @lock: The notifier lock. Held for write to publish mappings, to take
	 * them down and to advance a notifier's sequence; for read to publish a
	 * job that uses mappings. Taken during reclaim: do not allocate under it.
	 */
	struct rw_semaphore lock;

	/**
	 * @objects: All &exynos_drm_userptr of this address space. Protected by
	 * &exynos_drm_userptr_dev.lock, as are the members below.
	 */
	struct list_head objects;

	/** @dying: Objects that are freed except for their notifiers. */
	struct list_head dying;

	/** @reap: On &exynos_drm_user.reap, or empty. */
	struct list_head reap;

	/**
	 * @num_objects: Number of objects, including those dying or being created.
	 * Keep the space on @link while it is not zero, otherwise an mm gets a second
	 * address space.
	 */
	unsigned int num_objects;

	/** @dead: The process has exited. Never cleared. */
	bool dead;
};

/**
 * struct exynos_drm_userptr_index - an entry of a scatterlist
 */
struct exynos_drm_userptr_index {
	/** @sg: The entry. */
	struct scatterlist *sg;

	/** @start: Its first byte, counted from the object's first. */
	size_t start;
};

/**
 * struct exynos_drm_userptr_map - a mapping of an object
 *
 * A mapping is created once, published, and taken down once. An object has at most one
 * mapping that new jobs may use; older ones stay until their jobs have ended.
 */
struct exynos_drm_userptr_map {
	/** @kref: One for the object or submission, one for each temporary user. */
	struct kref kref;

	/** @up: The object; valid under &exynos_drm_userptr_space.lock while @mapped. */
	struct exynos_drm_userptr *up;

	/** @space: Address space of the object, with a reference. */
	struct exynos_drm_userptr_space *space;

	/**
	 * @link: On &exynos_drm_userptr.maps. Protected by
	 * &exynos_drm_userptr_space.lock (write).
	 */
	struct list_head link;

	/**
	 * @lru: On &exynos_drm_userptr_dev.lru while @mapped. Protected by
	 * &exynos_drm_userptr_dev.lock.
	 */
	struct list_head lru;

	/** @user_lru: On &exynos_drm_user.lru while @mapped; same lock. */
	struct list_head user_lru;

	/**
	 * @sgt: The pages; not referenced once the mapping is published, and
	 * never if another driver owns them.
	 */
	struct sg_table sgt;

	/**
	 * @node: Range in the IOVA window, if the window is used. Allocated and freed
	 * under &exynos_drm_userptr_dev.lock.
	 */
	struct drm_mm_node node;

	/** @index: Every %EXYNOS_USERPTR_INDEX_STEP-th entry of @sgt but the first. */
	struct exynos_drm_userptr_index *index;

	/** @num_index: Length of @index. */
	unsigned int num_index;

	/**
	 * @last: Fence of the last job that uses the mapping, referenced, or NULL.
	 * Protected by &exynos_drm_userptr_dev.lock.
	 */
	struct dma_fence *last;

	/**
	 * @file: Mapped file of another driver's memory without an IOMMU, referenced,
	 * or NULL.
	 */
	struct file *file;

	/** @dma_addr: IOVA of the object's first byte. */
	dma_addr_t dma_addr;

	/** @bytes: Charged bytes of IOVA space, including the guard page. */
	size_t bytes;

	/**
	 * @seq: Notifier sequence at which the pages were looked up; new jobs may use
	 * the mapping as long as the sequence has not changed.
	 */
	unsigned long seq;

	/**
	 * @protect: Number of submissions that use the mapping and have claimed IOVA
	 * space but not published their job; prevents eviction. Protected by
	 * &exynos_drm_userptr_dev.lock.
	 */
	unsigned int protect;

	/**
	 * @condemned: A task waits for the IOVA space, so no new job may use the
	 * mapping. Set under &exynos_drm_userptr_dev.lock, never cleared.
	 */
	bool condemned;

	/** @write: Engines may write through it. Immutable. */
	bool write;

	/**
	 * @pfnmap: Another driver owns the pages, see
	 * exynos_drm_userptr_pfnmap.c. Immutable once mapped.
	 */
	bool pfnmap;

	/**
	 * @mapped: In the IOMMU. Protected by &exynos_drm_userptr_space.lock
	 * (write).
	 */
	bool mapped;

	/**
	 * @dirty: A job that writes was published. Set under
	 * &exynos_drm_userptr_space.lock (read), read under it (write).
	 */
	bool dirty;

	/**
	 * @leaked: A wedged engine may still access the memory. Set it before the
	 * fence of the job signals, so that a reader that sees the fence signaled also
	 * sees @leaked.
	 */
	bool leaked;

	/**
	 * @contained: The memory of a @leaked mapping is safe: its pages are
	 * referenced, or the IOMMU blocks the engine. Protected by
	 * &exynos_drm_userptr_space.lock (write).
	 */
	bool contained;
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

	/**
	 * @notifier: Covers all pages of the range. It references the mm_struct
	 * until it is removed, see @removed.
	 */
	struct mmu_interval_notifier notifier;

	/** @space: The address space, with a reference. */
	struct exynos_drm_userptr_space *space;

	/** @file: The file that created it, with a reference. */
	struct exynos_drm_userptr_file *file;

	/** @start: Address of the first byte. Immutable. */
	unsigned long start;

	/** @size: Exact number of bytes. Immutable. */
	size_t size;

	/** @readonly: Created with %EXYNOS_USERPTR_READONLY. Immutable. */
	bool readonly;

	/**
	 * @removed: @notifier was removed because the process has exited. Accessed by
	 * &exynos_drm_user.reaper only.
	 */
	bool removed;

	/**
	 * @finish: State of an invalidation that waits for jobs between its two passes.
	 * Protected by &exynos_drm_userptr_space.lock (write), as are the next two.
	 */
	struct mmu_interval_notifier_finish finish;

	/** @finish_range: Range that @finish invalidates. */
	struct mmu_notifier_range finish_range;

	/** @finish_used: @finish is in use. */
	bool finish_used;

	/**
	 * @wants_write: Jobs have written the object, so map it for writing even if
	 * the next job only reads. Cleared when a writable mapping is taken down
	 * unwritten. A hint, no lock.
	 */
	bool wants_write;

	/**
	 * @cur: Mapping for new jobs, if userptr_is_current(), or NULL. Protected by
	 * &exynos_drm_userptr_space.lock.
	 */
	struct exynos_drm_userptr_map *cur;

	/** @maps: All mappings, including @cur; same lock. */
	struct list_head maps;

	/**
	 * @mapped: Size of all mappings in @maps, in bytes. Written under
	 * &exynos_drm_userptr_space.lock (write), read without it for snapshots.
	 */
	size_t mapped;

	/**
	 * @cache_link: On &exynos_drm_userptr_file.cache; empty if not there.
	 * Protected by &exynos_drm_userptr_dev.lock.
	 */
	struct list_head cache_link;

	/** @user_cache: On &exynos_drm_user.cache with @cache_link; same lock. */
	struct list_head user_cache;

	/** @cached_at: Time of the last use in the cache, in jiffies; same lock. */
	unsigned long cached_at;

	/**
	 * @space_link: On &exynos_drm_userptr_space.objects. Protected by
	 * &exynos_drm_userptr_dev.lock.
	 */
	struct list_head space_link;

	/**
	 * @dev_link: On &exynos_drm_userptr_dev.objects. Protected by
	 * &exynos_drm_userptr_dev.lock.
	 */
	struct list_head dev_link;

	/** @invalidations: Number of times that the mm invalidated a mapping. */
	atomic_t invalidations;

	/** @retries: Number of times that building collided with an invalidation. */
	atomic_t retries;

	/** @evictions: Number of evicted mappings. */
	atomic_t evictions;
};

/**
 * struct exynos_drm_userptr_use - an object that a submission uses
 *
 * The engine's driver sets @up and @write; the other members are private.
 */
struct exynos_drm_userptr_use {
	/** @up: The object; the caller keeps a reference. */
	struct exynos_drm_userptr *up;

	/** @write: The engine writes the object. */
	bool write;

	/** @map_write: Map for writing, because of @write or of earlier jobs. */
	bool map_write;

	/** @missing: Index of the first missing page. */
	size_t missing;

	/** @protect: Mapping protected from eviction, with a reference, or NULL. */
	struct exynos_drm_userptr_map *protect;

	/** @built: The submission has built @protect. */
	bool built;

	/**
	 * @seq: Notifier sequence read before claiming, for a mapping to be built, or
	 * 0 if the object was mapped.
	 */
	unsigned long seq;

	/** @map: Unpublished new mapping, with IOVA space claimed, or NULL. */
	struct exynos_drm_userptr_map *map;
};

/**
 * struct exynos_drm_userptr_submit - the objects that a submission needs mapped
 *
 * The engine's driver sets @uses, @num and @since; the other members are private.
 */
struct exynos_drm_userptr_submit {
	/** @uses: Objects of the current process, without duplicates. */
	struct exynos_drm_userptr_use *uses;

	/** @num: Length of @uses. */
	unsigned int num;

	/** @space: Address space of all objects; NULL without any. */
	struct exynos_drm_userptr_space *space;

	/** @charged: Bytes of IOVA space charged for unpublished mappings. */
	u64 charged;

	/** @since: Start of the submission, from exynos_drm_quota_now(). */
	u64 since;

	/** @may_wait: exynos_drm_userptr_claim() may wait. */
	bool may_wait;

	/** @turn: The submission holds the turn to claim space. */
	bool turn;

	/** @claimed: Counted in the claims of the user and the device. */
	bool claimed;

	/** @need_fault: Pages are missing, or the mmap lock was contended. */
	bool need_fault;

	/** @faulted: Pages were missing in an earlier attempt. */
	bool faulted;

	/**
	 * @insist: An earlier attempt collided: hold the mmap lock (read) from
	 * faulting pages in to publishing the job, unless there is a wait in between.
	 */
	bool insist;

	/** @locked: The mmap lock is held because of @insist. */
	bool locked;

	/** @evicted: A mapping was evicted, which does not count as a collision. */
	bool evicted;

	/** @collisions: Attempts that failed because page tables changed. */
	unsigned int collisions;

	/** @deadline: In jiffies, when to stop retrying after collisions. */
	unsigned long deadline;
};

/**
 * exynos_drm_gem_is_userptr() - check whether a GEM object is a userptr object
 * @gem: the object
 *
 * Such an object has no DMA address except that of exynos_drm_userptr_map_get().
 *
 * Context: Any.
 *
 * Return: true if it can be passed to to_exynos_userptr().
 */
static inline bool exynos_drm_gem_is_userptr(const struct exynos_drm_gem *gem)
{
	return gem->flags & EXYNOS_BO_USERPTR;
}

/**
 * to_exynos_userptr() - get the userptr object of a GEM object
 * @gem: object for which exynos_drm_gem_is_userptr() is true
 *
 * Context: Any.
 *
 * Return: the userptr object.
 */
static inline struct exynos_drm_userptr *
to_exynos_userptr(struct exynos_drm_gem *gem)
{
	return container_of(gem, struct exynos_drm_userptr, gem);
}

#ifdef CONFIG_DRM_EXYNOS_USERPTR

int exynos_drm_userptr_module_init(void);
void exynos_drm_userptr_module_exit(void);
void exynos_drm_userptr_reap(struct work_struct *work);
int exynos_drm_userptr_init(struct drm_device *drm);
void exynos_drm_userptr_fini(struct drm_device *drm);
int exynos_drm_userptr_open(struct drm_device *drm, struct drm_file *file);
void exynos_drm_userptr_closing(struct drm_file *file);
void exynos_drm_userptr_postclose(struct drm_device *drm,
				  struct drm_file *file);
void exynos_drm_userptr_show_fdinfo(struct drm_printer *p,
				    struct drm_file *file);
u64 exynos_drm_userptr_limit(void);
u64 exynos_drm_userptr_share(void);
int exynos_drm_user_limit_ioctl(struct drm_device *drm, void *data,
				struct drm_file *file);

int exynos_drm_gem_userptr_ioctl(struct drm_device *drm, void *data,
				 struct drm_file *file);

struct exynos_drm_userptr *exynos_drm_userptr_get(struct drm_file *file,
						  unsigned long start,
						  size_t size);
bool exynos_drm_userptr_is_mine(const struct exynos_drm_userptr *up);

int exynos_drm_userptr_prepare(struct exynos_drm_userptr_submit *submit);
int exynos_drm_userptr_fault_in(struct exynos_drm_userptr_submit *submit);
int exynos_drm_userptr_claim(struct exynos_drm_userptr_submit *submit,
			     bool wait);
int exynos_drm_userptr_map(struct exynos_drm_userptr_submit *submit);
void exynos_drm_userptr_release(struct exynos_drm_userptr_submit *submit);
bool exynos_drm_userptr_retry(struct exynos_drm_userptr_submit *submit);
void exynos_drm_userptr_waited(struct exynos_drm_userptr_submit *submit,
			       unsigned long start);
void exynos_drm_userptr_unlock_mm(struct exynos_drm_userptr_submit *submit);

void exynos_drm_userptr_lock(struct exynos_drm_userptr_submit *submit);
void exynos_drm_userptr_unlock(struct exynos_drm_userptr_submit *submit);
bool exynos_drm_userptr_is_clean(const struct exynos_drm_userptr_use *use,
				 const struct exynos_drm_userptr_map *map);
struct exynos_drm_userptr_map *
exynos_drm_userptr_map_get(struct exynos_drm_userptr *up, bool write);
void exynos_drm_userptr_map_used(struct exynos_drm_userptr_map *map,
				 struct dma_fence *fence, bool write);
void exynos_drm_userptr_leak(struct exynos_drm_userptr_map *map);
void exynos_drm_userptr_trim(struct exynos_drm_userptr *up);
void exynos_drm_userptr_idle(struct exynos_drm_userptr_submit *submit);

void exynos_drm_userptr_sync_for_device(struct exynos_drm_userptr_map *map,
					size_t first, size_t len,
					size_t stride, unsigned int rows);
void exynos_drm_userptr_sync_for_cpu(struct exynos_drm_userptr_map *map,
				     size_t first, size_t len,
				     size_t stride, unsigned int rows);

#else

static inline int exynos_drm_userptr_module_init(void)
{
	return 0;
}

static inline void exynos_drm_userptr_module_exit(void)
{ }

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

static inline void exynos_drm_userptr_closing(struct drm_file *file)
{ }

static inline void exynos_drm_userptr_postclose(struct drm_device *drm,
						struct drm_file *file)
{ }

static inline void exynos_drm_userptr_show_fdinfo(struct drm_printer *p,
						  struct drm_file *file)
{ }

static inline u64 exynos_drm_userptr_limit(void)
{
	return 0;
}

static inline u64 exynos_drm_userptr_share(void)
{
	return 0;
}

static inline int exynos_drm_gem_userptr_ioctl(struct drm_device *drm,
					       void *data,
					       struct drm_file *file)
{
	return -ENODEV;
}

static inline int exynos_drm_user_limit_ioctl(struct drm_device *drm,
					      void *data,
					      struct drm_file *file)
{
	return -ENODEV;
}

#endif

#ifdef CONFIG_DRM_EXYNOS_USERPTR_PFNMAP
u64 exynos_drm_userptr_pfnmap_max(struct drm_device *drm);
#else
static inline u64 exynos_drm_userptr_pfnmap_max(struct drm_device *drm)
{
	return 0;
}
#endif

#endif
