// SPDX-License-Identifier: GPL-2.0-only
/*
 * User memory as GEM objects.
 */

#include <linux/compat.h>
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

#include <drm/drm_debugfs.h>
#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_managed.h>
#include <drm/drm_prime.h>
#include <drm/drm_print.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_trace.h"
#include "exynos_drm_userptr.h"

/**
 * DOC: userptr
 *
 * A userptr object lets the engines work on a range of a process's address
 * space. It owns no memory. What it has is a *mapping*: a scatterlist of the
 * pages that lie at the range, mapped in one piece into the address space that
 * the engines share. The object exists as long as somebody refers to it; its
 * mapping comes and goes.
 *
 * **Pin to build, notifier to keep.** References to the pages are held only
 * while a mapping is built, because mapping allocates and so cannot be done in
 * the notifier's critical section. Once the mapping is published they are
 * dropped, and from then on an interval notifier keeps it honest: whatever is
 * about to take a page away from the range, or to write protect, migrate, swap
 * out or share it, first calls back and finds the mapping gone when the callback
 * returns. So nothing is locked in memory, no quota is needed, and reclaim,
 * migration, KSM and fork() find pages with no more references than if no engine
 * existed. It also means that *only* the notifier stands between an engine and
 * freed memory, from which these rules follow:
 *
 * - a mapping is taken down before the notifier is removed, on every path;
 * - a mapping is published, checked against the notifier's sequence, and a job's
 *   fence made visible, with the notifier lock held;
 * - pages are marked dirty while the mapping is taken down, never later, because
 *   later they may belong to somebody else;
 * - the CPU caches are put right before the fence signals, for the same reason.
 *
 * **Words.** A mapping is *current* if new jobs may use it, *stale* if it is
 * mapped but not current. An object is *idle* if all fences in its reservation
 * object have signaled. *Retiring* takes down the stale mappings of an idle
 * object, *evicting* takes down any mapping of an idle object to make room,
 * *invalidating* is what the notifier does. Ranges are given by first byte and
 * length.
 *
 * **Reading and writing.** As long as jobs only read an object it is mapped
 * without write permission, and what GUP gives for reading is good enough: the
 * zero page stays the zero page and shared pages stay shared. The first job that
 * writes makes a second mapping at another address, because neither the IOMMU
 * nor a running job allows changing the first in place; the first is retired
 * when its jobs are done. An object that was written once is mapped for writing
 * from then on.
 *
 * **Waiting.** The callback waits for the object's fences without any lock. That
 * is bounded because fences are published only for jobs that wait for nothing
 * but jobs of the same engine, and every engine has a timeout. Nothing that the
 * callback waits for may allocate memory, put a GEM object or remove a notifier.
 *
 * **Engines that cannot be stopped.** If a job had to be given up while the
 * engine may still write, its mappings are *lost*: they are never taken down,
 * and the callback takes references to their pages instead. That leaks them on
 * purpose.
 *
 * **Locks**, outer to inner: mmap lock; reservation lock; [reclaim, notifier
 * callback]; notifier lock; &exynos_drm_userptr_dev.lock. Populating is
 * optimistic and holds none of them: who loses a race drops his own work.
 */

#define USERPTR_GUP_BATCH	512

/* A collision is given up on after this time, but not before these attempts. */
#define USERPTR_RETRY_JIFFIES	HZ
#define USERPTR_RETRY_MIN	8

/*
 * Maintenance is done for each job, and any number of objects may cover a page.
 */
#define USERPTR_DMA_ATTRS	(DMA_ATTR_SKIP_CPU_SYNC | DMA_ATTR_NO_WARN | \
				 DMA_ATTR_DEBUGGING_IGNORE_CACHELINES)

static unsigned int userptr_limit = 512;
module_param(userptr_limit, uint, 0644);
MODULE_PARM_DESC(userptr_limit,
		 "MiB of the engines' address space for user memory [default 512, half of it]");

static unsigned int userptr_file_limit = 256;
module_param(userptr_file_limit, uint, 0644);
MODULE_PARM_DESC(userptr_file_limit,
		 "MiB of these for any one open file [default 256]");

static unsigned int userptr_max_objects = 4096;
module_param(userptr_max_objects, uint, 0644);
MODULE_PARM_DESC(userptr_max_objects,
		 "User memory objects in any one open file [default 4096]");

static unsigned int userptr_cache = 32;
module_param(userptr_cache, uint, 0644);
MODULE_PARM_DESC(userptr_cache,
		 "Closed user memory objects kept for each open file [default 32]");

/**
 * struct exynos_drm_userptr_dev - userptr state of the device
 *
 * Managed memory of the DRM device: notifiers call back for as long as any file
 * is open, whether the device is bound or not.
 */
struct exynos_drm_userptr_dev {
	/** @drm: The device. */
	struct drm_device *drm;

	/**
	 * @notifier_lock: Held for write to take mappings up and down and to
	 * move a notifier's sequence, for read to publish a job that uses
	 * mappings. Taken in reclaim: nothing may be allocated under it.
	 */
	struct rw_semaphore notifier_lock;

	/** @lock: Innermost; for counters and lists, see there. */
	spinlock_t lock;

	/**
	 * @lru: All &exynos_drm_userptr_map that are mapped, least recently used
	 * first. Notifier lock for write, or for read together with @lock.
	 */
	struct list_head lru;

	/** @objects: All &exynos_drm_userptr. Protected by @lock. */
	struct list_head objects;

	/** @mapped: Bytes of bus address space taken. Protected by @lock. */
	size_t mapped;

	/**
	 * @gone: The device is unbound, nothing can be mapped any more.
	 * Protected by @notifier_lock.
	 */
	bool gone;

	/** @idle_count: Counts the events that may have made room. */
	atomic_t idle_count;

	/** @idle_wait: Where those wait who need room. */
	wait_queue_head_t idle_wait;
};

static struct exynos_drm_userptr_dev *userptr_dev(struct drm_device *drm)
{
	struct exynos_drm_private *priv = drm->dev_private;

	return priv->userptr;
}

static struct drm_device *userptr_drm(const struct exynos_drm_userptr *up)
{
	return up->gem.base.dev;
}

static size_t userptr_span(unsigned long start, size_t size)
{
	return PAGE_ALIGN(offset_in_page(start) + size);
}

static enum dma_data_direction userptr_dir(bool write)
{
	return write ? DMA_BIDIRECTIONAL : DMA_TO_DEVICE;
}

static bool userptr_is_idle(struct exynos_drm_userptr *up)
{
	bool idle = dma_resv_test_signaled(up->gem.base.resv,
					   DMA_RESV_USAGE_BOOKKEEP);

	/*
	 * Pairs with the full barrier of test_and_set_bit() in signaling: who
	 * finds the fence signaled must find the mapping lost as well, if it is.
	 */
	smp_rmb();
	return idle;
}

static void userptr_made_room(struct exynos_drm_userptr_dev *dev)
{
	atomic_inc(&dev->idle_count);
	wake_up_all(&dev->idle_wait);
}

static void userptr_charge(struct exynos_drm_userptr *up, ssize_t bytes)
{
	struct exynos_drm_userptr_dev *dev = up->file->dev;

	lockdep_assert_held(&dev->lock);
	dev->mapped += bytes;
	up->file->mapped += bytes;
}

static void userptr_uncharge(struct exynos_drm_userptr *up, size_t bytes)
{
	struct exynos_drm_userptr_dev *dev = up->file->dev;

	scoped_guard(spinlock, &dev->lock)
		userptr_charge(up, -bytes);
	userptr_made_room(dev);
}

static void userptr_free_maps(struct list_head *maps)
{
	struct exynos_drm_userptr_map *map, *next;

	list_for_each_entry_safe(map, next, maps, link) {
		list_del(&map->link);
		sg_free_table(&map->sgt);
		kfree(map);
	}
}

/*
 * Without references or folio lock this is sound because the notifier lock keeps
 * the folio where it is: who wants to truncate or free it waits for our callback.
 * A folio that is not dirty already has no file system behind it, so this does
 * not sleep.
 */
static void userptr_mark_dirty(struct exynos_drm_userptr_map *map)
{
	struct sg_page_iter iter;

	for_each_sgtable_page(&map->sgt, &iter, 0) {
		struct folio *folio = page_folio(sg_page_iter_page(&iter));

		if (!folio_test_dirty(folio))
			folio_mark_dirty(folio);
	}
}

static void userptr_hold_lost(struct exynos_drm_userptr_map *map)
{
	struct sg_page_iter iter;

	if (map->held)
		return;

	map->held = true;
	for_each_sgtable_page(&map->sgt, &iter, 0)
		folio_get(page_folio(sg_page_iter_page(&iter)));

	drm_err_once(userptr_drm(map->up),
		     "engine cannot be stopped, leaking its user memory\n");
}

/* Takes a mapping down for good, and its pages' dirty state with it. */
static void userptr_unmap(struct exynos_drm_userptr_map *map)
{
	struct exynos_drm_userptr *up = map->up;
	struct exynos_drm_userptr_dev *dev = up->file->dev;

	lockdep_assert_held_write(&dev->notifier_lock);

	if (up->cur == map)
		up->cur = NULL;
	if (!map->mapped)
		return;
	if (map->lost) {
		userptr_hold_lost(map);
		return;
	}

	dma_unmap_sgtable(drm_dev_dma_dev(dev->drm), &map->sgt,
			  userptr_dir(map->write), USERPTR_DMA_ATTRS);
	if (map->dirty)
		userptr_mark_dirty(map);
	map->mapped = false;
	list_del_init(&map->lru);
	WRITE_ONCE(up->mapped, up->mapped - map->bytes);
	userptr_uncharge(up, map->bytes);
}

/* The idle object's mappings; those freed go to @done. */
static void userptr_unmap_all(struct exynos_drm_userptr *up,
			      struct list_head *done)
{
	struct exynos_drm_userptr_map *map, *next;

	list_for_each_entry_safe(map, next, &up->maps, link) {
		userptr_unmap(map);
		if (!map->mapped)
			list_move(&map->link, done);
	}
}

/* The idle object's mappings but the current one; those freed go to @done. */
static void userptr_unmap_stale(struct exynos_drm_userptr *up,
				struct list_head *done)
{
	struct exynos_drm_userptr_map *map, *next;
	bool idle = userptr_is_idle(up);

	list_for_each_entry_safe(map, next, &up->maps, link) {
		if (map == up->cur)
			continue;
		if (idle)
			userptr_unmap(map);
		if (!map->mapped)
			list_move(&map->link, done);
	}
}

static bool userptr_invalidate(struct mmu_interval_notifier *mni,
			       const struct mmu_notifier_range *range,
			       unsigned long cur_seq)
{
	struct exynos_drm_userptr *up =
		container_of(mni, struct exynos_drm_userptr, notifier);
	struct exynos_drm_userptr_dev *dev = up->file->dev;
	bool blockable = mmu_notifier_range_blockable(range);
	LIST_HEAD(done);
	ktime_t since;

	if (range->event == MMU_NOTIFY_RELEASE)
		WRITE_ONCE(up->dead, true);

	if (blockable)
		down_write(&dev->notifier_lock);
	else if (!down_write_trylock(&dev->notifier_lock))
		return false;

	mmu_interval_set_seq(mni, cur_seq);

	if (!up->mapped) {
		up_write(&dev->notifier_lock);
		return true;
	}

	/*
	 * With the sequence moved no further job can be published, so that the
	 * fences there are now are all there is to wait for.
	 */
	since = ktime_get();
	if (!userptr_is_idle(up)) {
		up_write(&dev->notifier_lock);
		if (!blockable)
			return false;
		dma_resv_wait_timeout(up->gem.base.resv,
				      DMA_RESV_USAGE_BOOKKEEP, false,
				      MAX_SCHEDULE_TIMEOUT);
		down_write(&dev->notifier_lock);
	}

	userptr_unmap_all(up, &done);
	up_write(&dev->notifier_lock);
	/* What is charged to nobody's limit any more must not stay. */
	userptr_free_maps(&done);
	atomic_inc(&up->invalidations);
	trace_exynos_userptr_invalidate(up, range,
					ktime_us_delta(ktime_get(), since));
	return true;
}

static const struct mmu_interval_notifier_ops userptr_notifier_ops = {
	.invalidate = userptr_invalidate,
};

/*
 * Takes down idle mappings, of @file or of any file, until @need bytes are free.
 */
static size_t userptr_evict(struct exynos_drm_userptr_dev *dev,
			    struct exynos_drm_userptr_file *file, size_t need)
{
	struct exynos_drm_userptr_map *map, *next;
	size_t got = 0;
	LIST_HEAD(done);

	down_write(&dev->notifier_lock);
	list_for_each_entry_safe(map, next, &dev->lru, lru) {
		struct exynos_drm_userptr *up = map->up;

		if (got >= need)
			break;
		if (file && up->file != file)
			continue;
		if (atomic_read(&up->submits) || map->lost ||
		    !userptr_is_idle(up))
			continue;

		trace_exynos_userptr_evict(up, map->bytes);
		got += map->bytes;
		userptr_unmap(map);
		list_move(&map->link, &done);
		atomic_inc(&up->evictions);
	}
	up_write(&dev->notifier_lock);

	userptr_free_maps(&done);
	return got;
}

static bool userptr_may_ever_fit(size_t bytes)
{
	u64 limit = min(READ_ONCE(userptr_limit), READ_ONCE(userptr_file_limit));

	return bytes <= limit * SZ_1M;
}

/*
 * Charges @bytes to the device and the file, taking idle mappings down for it.
 * Returns -EAGAIN if only waiting helps.
 */
static int userptr_reserve(struct exynos_drm_userptr *up, size_t bytes)
{
	struct exynos_drm_userptr_file *file = up->file;
	struct exynos_drm_userptr_dev *dev = file->dev;
	u64 limit = (u64)READ_ONCE(userptr_limit) * SZ_1M;
	u64 share = (u64)READ_ONCE(userptr_file_limit) * SZ_1M;

	for (;;) {
		bool own, any;
		u64 over;

		scoped_guard(spinlock, &dev->lock) {
			own = file->mapped + (u64)bytes > share;
			any = dev->mapped + (u64)bytes > limit;
			over = own ? file->mapped + bytes - share :
				     dev->mapped + bytes - limit;
			if (!own && !any) {
				userptr_charge(up, bytes);
				return 0;
			}
		}

		if (fatal_signal_pending(current))
			return -EINTR;
		exynos_drm_userptr_retire(up);
		if (!userptr_evict(dev, own ? file : NULL, over))
			return -EAGAIN;
	}
}

/* The same, but waits a while for busy mappings, and charges nothing. */
static int userptr_wait_for_room(struct exynos_drm_userptr *up, size_t bytes)
{
	struct exynos_drm_userptr_dev *dev = up->file->dev;
	unsigned long deadline = jiffies + USERPTR_RETRY_JIFFIES;

	if (!userptr_may_ever_fit(bytes))
		return -ENOSPC;

	for (;;) {
		int count = atomic_read(&dev->idle_count);
		long ret = userptr_reserve(up, bytes);

		if (!ret)
			userptr_uncharge(up, bytes);
		if (ret != -EAGAIN)
			return ret;

		ret = deadline - jiffies;
		if (ret <= 0)
			return -ENOSPC;
		ret = wait_event_interruptible_timeout(dev->idle_wait,
						       atomic_read(&dev->idle_count) != count,
						       ret);
		if (ret < 0)
			return ret;
		if (!ret)
			return -ENOSPC;
	}
}

static void userptr_put_pages(struct page **pages, size_t npages, bool write)
{
	if (write)
		unpin_user_pages(pages, npages);
	else
		release_pages(pages, npages);
}

/*
 * Reading needs no FOLL_PIN, which would give private copies of shared pages.
 */
static int userptr_get_pages(struct exynos_drm_userptr *up, bool write,
			     struct page **pages, size_t npages)
{
	unsigned long addr = up->start & PAGE_MASK;
	size_t done = 0;
	int ret;

	while (done < npages) {
		int n = min_t(size_t, npages - done, USERPTR_GUP_BATCH);
		unsigned long at = addr + done * PAGE_SIZE;

		if (signal_pending(current)) {
			ret = -ERESTARTSYS;
			goto err;
		}

		if (write)
			ret = pin_user_pages_fast(at, n, FOLL_WRITE,
						  pages + done);
		else
			ret = get_user_pages_fast(at, n, 0, pages + done);
		if (ret <= 0)
			goto err;

		done += ret;
		cond_resched();
	}

	return 0;

err:
	userptr_put_pages(pages, done, write);
	switch (ret) {
	case -ENOMEM:
	case -EINTR:
	case -ERESTARTSYS:
		return ret;
	default:
		return fatal_signal_pending(current) ? -EINTR : -EFAULT;
	}
}

/* On success the range is contiguous for the engines. */
static int userptr_dma_map(struct exynos_drm_userptr *up,
			   struct exynos_drm_userptr_map *map)
{
	struct exynos_drm_userptr_dev *dev = up->file->dev;
	struct device *dma = drm_dev_dma_dev(dev->drm);
	enum dma_data_direction dir = userptr_dir(map->write);

	if (!is_drm_iommu_supported(dev->drm) && map->sgt.orig_nents != 1)
		return -EINVAL;

	while (dma_map_sgtable(dma, &map->sgt, dir, USERPTR_DMA_ATTRS)) {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (!userptr_evict(dev, NULL, map->bytes))
			return -ENOSPC;
	}

	if (drm_prime_get_contiguous_size(&map->sgt) < up->size) {
		dma_unmap_sgtable(dma, &map->sgt, dir, USERPTR_DMA_ATTRS);
		return -EINVAL;
	}
	map->dma_addr = sg_dma_address(map->sgt.sgl);

	/*
	 * A page that was zeroed or written through the cache may still hold
	 * what its last owner left in memory.
	 */
	dma_sync_sgtable_for_device(dma, &map->sgt, dir);
	return 0;
}

/*
 * Looks the pages up and maps them. On success the caller has the references to
 * the pages in @pages; the mapping is not published. Returns -EAGAIN if others have
 * taken the room that there was before.
 */
static struct exynos_drm_userptr_map *
userptr_build(struct exynos_drm_userptr *up, bool write, unsigned long seq,
	      struct page ***pages)
{
	size_t bytes = userptr_span(up->start, up->size);
	size_t npages = bytes >> PAGE_SHIFT;
	struct exynos_drm_userptr_map *map;
	int ret;

	/* Not with pages in hand, which cannot be reclaimed meanwhile. */
	ret = userptr_wait_for_room(up, bytes);
	if (ret)
		return ERR_PTR(ret);

	map = kzalloc_obj(*map, GFP_KERNEL_ACCOUNT);
	if (!map)
		return ERR_PTR(-ENOMEM);
	map->up = up;
	map->bytes = bytes;
	map->seq = seq;
	map->write = write;
	INIT_LIST_HEAD(&map->link);
	INIT_LIST_HEAD(&map->lru);

	*pages = kvmalloc_objs(**pages, npages, GFP_KERNEL_ACCOUNT);
	if (!*pages) {
		ret = -ENOMEM;
		goto err_free;
	}

	ret = userptr_get_pages(up, write, *pages, npages);
	if (ret)
		goto err_free_pages;

	ret = sg_alloc_table_from_pages(&map->sgt, *pages, npages,
					offset_in_page(up->start), up->size,
					GFP_KERNEL_ACCOUNT);
	if (ret)
		goto err_put_pages;

	/*
	 * Not earlier: looking pages up may take as long as the memory's owner
	 * likes, and what is reserved but not mapped cannot be evicted.
	 */
	ret = userptr_reserve(up, bytes);
	if (ret)
		goto err_free_sgt;

	ret = userptr_dma_map(up, map);
	if (ret)
		goto err_uncharge;

	return map;

err_uncharge:
	userptr_uncharge(up, bytes);
err_free_sgt:
	sg_free_table(&map->sgt);
err_put_pages:
	userptr_put_pages(*pages, npages, write);
err_free_pages:
	kvfree(*pages);
err_free:
	kfree(map);
	return ERR_PTR(ret);
}

static void userptr_discard(struct exynos_drm_userptr_map *map)
{
	dma_unmap_sgtable(drm_dev_dma_dev(userptr_drm(map->up)), &map->sgt,
			  userptr_dir(map->write), USERPTR_DMA_ATTRS);
	sg_free_table(&map->sgt);
	userptr_uncharge(map->up, map->bytes);
	kfree(map);
}

static bool userptr_is_current(struct exynos_drm_userptr *up, bool write)
{
	struct exynos_drm_userptr_map *map = up->cur;

	lockdep_assert_held(&up->file->dev->notifier_lock);

	return map && map->mapped && (map->write || !write) &&
	       !mmu_interval_read_retry(&up->notifier, map->seq);
}

/*
 * Returns -EAGAIN if the range changed since the mapping was begun. The mapping
 * is used up in any case.
 */
static int userptr_publish(struct exynos_drm_userptr *up,
			   struct exynos_drm_userptr_map *map)
{
	struct exynos_drm_userptr_dev *dev = up->file->dev;
	LIST_HEAD(done);
	int ret = 0;

	down_write(&dev->notifier_lock);
	if (dev->gone) {
		ret = -ENODEV;
	} else if (mmu_interval_read_retry(&up->notifier, map->seq)) {
		ret = -EAGAIN;
	} else if (!userptr_is_current(up, map->write)) {
		list_add(&map->link, &up->maps);
		list_add_tail(&map->lru, &dev->lru);
		map->mapped = true;
		WRITE_ONCE(up->mapped, up->mapped + map->bytes);
		up->cur = map;
		userptr_unmap_stale(up, &done);
		map = NULL;
	}
	up_write(&dev->notifier_lock);

	if (map)
		userptr_discard(map);
	userptr_free_maps(&done);
	return ret;
}

static int userptr_populate(struct exynos_drm_userptr *up, bool write)
{
	struct exynos_drm_userptr_dev *dev = up->file->dev;
	unsigned long deadline = jiffies + USERPTR_RETRY_JIFFIES;
	size_t npages = userptr_span(up->start, up->size) >> PAGE_SHIFT;
	bool rw = write || READ_ONCE(up->wants_write);
	unsigned int tries = 0;
	bool current_ok;
	int ret;

	do {
		struct exynos_drm_userptr_map *map;
		struct page **pages;
		unsigned long seq;

		down_read(&dev->notifier_lock);
		current_ok = userptr_is_current(up, write);
		up_read(&dev->notifier_lock);
		if (current_ok)
			return 0;

		seq = mmu_interval_read_begin(&up->notifier);
		map = userptr_build(up, rw, seq, &pages);
		if (IS_ERR(map)) {
			ret = PTR_ERR(map);
			if (ret == -EAGAIN)
				continue;
			if (ret != -EFAULT || rw == write)
				break;
			/* Written before, but no longer writable. */
			rw = write;
			WRITE_ONCE(up->wants_write, false);
			ret = -EAGAIN;
			continue;
		}

		ret = userptr_publish(up, map);
		userptr_put_pages(pages, npages, rw);
		kvfree(pages);
		if (ret == -EAGAIN)
			atomic_inc(&up->retries);
	} while (ret == -EAGAIN && (++tries < USERPTR_RETRY_MIN ||
				    time_before(jiffies, deadline)));

	trace_exynos_userptr_populate(up, rw, ret);
	return ret;
}

/**
 * exynos_drm_userptr_begin() - prepare an object for being used by a job
 * @up: the object
 * @write: the job writes it
 *
 * Maps the object's pages unless they are mapped already, and keeps the mapping
 * from being evicted, though not from being invalidated, until
 * exynos_drm_userptr_end(). May be called any number of times.
 *
 * Context: Ioctl of the process that owns the memory, no locks held. Sleeps for
 * as long as page faults take; interruptible.
 *
 * Return: 0 or -EPERM, -EACCES, -EFAULT, -EINVAL, -ENOMEM, -ENOSPC, -ENODEV,
 * -EINTR, -ERESTARTSYS or -EAGAIN as described for the uAPI. After an error
 * exynos_drm_userptr_end() must not be called.
 */
int exynos_drm_userptr_begin(struct exynos_drm_userptr *up, bool write)
{
	int ret;

	if (current->mm != up->notifier.mm)
		return -EPERM;
	if (write && up->readonly)
		return -EACCES;

	atomic_inc(&up->submits);
	ret = userptr_populate(up, write);
	if (ret)
		exynos_drm_userptr_end(up);
	return ret;
}

/**
 * exynos_drm_userptr_end() - the counterpart of exynos_drm_userptr_begin()
 * @up: the object
 *
 * To be called when the job's fence was published, or will not be.
 *
 * Context: Any that may wake others up.
 */
void exynos_drm_userptr_end(struct exynos_drm_userptr *up)
{
	if (atomic_dec_and_test(&up->submits))
		userptr_made_room(up->file->dev);
}

/**
 * exynos_drm_userptr_lock() - keep all mappings as they are
 * @drm: the device
 *
 * Within the lock, a job asks for its mappings with exynos_drm_userptr_map_get()
 * and publishes its fence in the objects' reservations.
 *
 * Context: Process context, reservation locks may be held. Nothing may be
 * allocated, and no fence waited for, until exynos_drm_userptr_unlock().
 */
void exynos_drm_userptr_lock(struct drm_device *drm) __acquires_shared(drm)
{
	down_read(&userptr_dev(drm)->notifier_lock);
}

/**
 * exynos_drm_userptr_unlock() - the counterpart of exynos_drm_userptr_lock()
 * @drm: the device
 */
void exynos_drm_userptr_unlock(struct drm_device *drm) __releases_shared(drm)
{
	up_read(&userptr_dev(drm)->notifier_lock);
}

/**
 * exynos_drm_userptr_map_get() - the mapping that a job may use
 * @up: the object
 * @write: the job writes it
 *
 * There is no reference to drop: what keeps the mapping is the fence that the
 * caller adds to the object's reservation before exynos_drm_userptr_unlock().
 *
 * Context: Between exynos_drm_userptr_lock() and exynos_drm_userptr_unlock().
 *
 * Return: the mapping, or NULL if it was invalidated after
 * exynos_drm_userptr_begin(), which is then to be called again.
 */
struct exynos_drm_userptr_map *
exynos_drm_userptr_map_get(struct exynos_drm_userptr *up, bool write)
{
	struct exynos_drm_userptr_dev *dev = up->file->dev;
	struct exynos_drm_userptr_map *map = up->cur;

	lockdep_assert_held_read(&dev->notifier_lock);

	if (!userptr_is_current(up, write))
		return NULL;

	if (write) {
		WRITE_ONCE(map->dirty, true);
		WRITE_ONCE(up->wants_write, true);
	}
	scoped_guard(spinlock, &dev->lock)
		list_move_tail(&map->lru, &dev->lru);
	return map;
}

/**
 * exynos_drm_userptr_lose() - give a mapping up to an engine that does not stop
 * @map: a mapping that a job of the engine uses
 *
 * It will never be taken down, and its memory is leaked rather than freed. The
 * caller must keep the object for ever.
 *
 * Context: Any, before the fence of that job signals.
 */
void exynos_drm_userptr_lose(struct exynos_drm_userptr_map *map)
{
	WRITE_ONCE(map->lost, true);
}

/**
 * exynos_drm_userptr_retire() - take down what an object no longer needs
 * @up: the object
 *
 * To be called some time after a job that used the object has ended.
 *
 * Context: Process context, outside of anything that a fence depends on.
 */
void exynos_drm_userptr_retire(struct exynos_drm_userptr *up)
{
	struct exynos_drm_userptr_dev *dev = up->file->dev;
	struct exynos_drm_userptr_map *map;
	bool stale = false;
	LIST_HEAD(done);

	down_read(&dev->notifier_lock);
	list_for_each_entry(map, &up->maps, link)
		stale |= map != up->cur && !map->lost;
	up_read(&dev->notifier_lock);
	if (!stale)
		return;

	down_write(&dev->notifier_lock);
	userptr_unmap_stale(up, &done);
	up_write(&dev->notifier_lock);
	userptr_free_maps(&done);
}

/**
 * exynos_drm_userptr_idle() - say that a job has ended
 * @drm: the device
 *
 * Wakes up those who wait for room.
 *
 * Context: Any.
 */
void exynos_drm_userptr_idle(struct drm_device *drm)
{
	userptr_made_room(userptr_dev(drm));
}

static void userptr_file_release(struct kref *kref)
{
	kfree(container_of(kref, struct exynos_drm_userptr_file, kref));
}

static void userptr_gem_free(struct drm_gem_object *obj)
{
	struct exynos_drm_userptr *up = to_exynos_userptr(to_exynos_gem(obj));
	struct exynos_drm_userptr_file *file = up->file;
	struct exynos_drm_userptr_dev *dev = file->dev;
	LIST_HEAD(done);

	/* Before the notifier goes: nothing but it keeps the pages. */
	down_write(&dev->notifier_lock);
	userptr_unmap_all(up, &done);
	up_write(&dev->notifier_lock);

	mmu_interval_notifier_remove(&up->notifier);

	userptr_free_maps(&done);
	scoped_guard(spinlock, &dev->lock)
		list_del(&up->dev_link);
	atomic_dec(&file->objects);
	drm_gem_object_release(obj);
	kfree(up);
	kref_put(&file->kref, userptr_file_release);
}

/* Puts the object, or if the cache is full its oldest, when out of the lock. */
static void userptr_cache_add(struct exynos_drm_userptr *up)
{
	struct exynos_drm_userptr_file *file = up->file;
	struct exynos_drm_userptr *drop = NULL;

	if (READ_ONCE(up->dead) || !READ_ONCE(userptr_cache))
		return;

	scoped_guard(spinlock, &file->dev->lock) {
		if (!list_empty(&up->cache_link))
			return;
		drm_gem_object_get(&up->gem.base);
		list_add_tail(&up->cache_link, &file->cache);
		if (file->cached < READ_ONCE(userptr_cache)) {
			file->cached++;
		} else {
			drop = list_first_entry(&file->cache,
						struct exynos_drm_userptr,
						cache_link);
			list_del_init(&drop->cache_link);
		}
	}
	if (drop)
		drm_gem_object_put(&drop->gem.base);
}

static bool userptr_cache_drop(struct exynos_drm_userptr_file *file)
{
	struct exynos_drm_userptr *up;

	scoped_guard(spinlock, &file->dev->lock) {
		up = list_first_entry_or_null(&file->cache,
					      struct exynos_drm_userptr,
					      cache_link);
		if (!up)
			return false;
		list_del_init(&up->cache_link);
		file->cached--;
	}
	drm_gem_object_put(&up->gem.base);
	return true;
}

/*
 * Finds a cached object, with a reference for the caller. It leaves the cache if
 * @take, becomes the most recently used otherwise.
 */
static struct exynos_drm_userptr *
userptr_cache_find(struct exynos_drm_userptr_file *file, unsigned long start,
		   size_t size, bool readonly, bool take)
{
	struct exynos_drm_userptr *up, *next, *found = NULL;
	LIST_HEAD(dead);

	scoped_guard(spinlock, &file->dev->lock) {
		list_for_each_entry_safe(up, next, &file->cache, cache_link) {
			if (READ_ONCE(up->dead)) {
				list_move(&up->cache_link, &dead);
				file->cached--;
			} else if (up->notifier.mm == current->mm &&
				   up->start == start && up->size == size &&
				   up->readonly == readonly) {
				found = up;
			}
		}
		if (found && take) {
			list_del_init(&found->cache_link);
			file->cached--;
		} else if (found) {
			list_move_tail(&found->cache_link, &file->cache);
			drm_gem_object_get(&found->gem.base);
		}
	}

	list_for_each_entry_safe(up, next, &dead, cache_link) {
		list_del_init(&up->cache_link);
		drm_gem_object_put(&up->gem.base);
	}
	return found;
}

static void userptr_gem_close(struct drm_gem_object *obj,
			      struct drm_file *filp)
{
	struct exynos_drm_userptr *up = to_exynos_userptr(to_exynos_gem(obj));
	struct drm_exynos_file_private *file_priv = filp->driver_priv;

	if (file_priv->userptr == up->file)
		userptr_cache_add(up);
}

static struct dma_buf *userptr_gem_export(struct drm_gem_object *obj, int flags)
{
	return ERR_PTR(-EPERM);
}

static enum drm_gem_object_status userptr_gem_status(struct drm_gem_object *obj)
{
	struct exynos_drm_userptr *up = to_exynos_userptr(to_exynos_gem(obj));

	return READ_ONCE(up->mapped) ? DRM_GEM_OBJECT_RESIDENT : 0;
}

static size_t userptr_gem_rss(struct drm_gem_object *obj)
{
	struct exynos_drm_userptr *up = to_exynos_userptr(to_exynos_gem(obj));

	return READ_ONCE(up->mapped);
}

/* There is no mmap and no vm_ops, so that the core refuses to map it. */
static const struct drm_gem_object_funcs userptr_gem_funcs = {
	.free = userptr_gem_free,
	.close = userptr_gem_close,
	.export = userptr_gem_export,
	.status = userptr_gem_status,
	.rss = userptr_gem_rss,
};

static int userptr_check_range(unsigned long start, u64 size)
{
	unsigned long last;

	if (!size || size > EXYNOS_USERPTR_MAX_SIZE ||
	    userptr_span(start, size) > EXYNOS_USERPTR_MAX_SIZE ||
	    check_add_overflow(start, (unsigned long)size - 1, &last))
		return -EINVAL;
	if (!access_ok((void __user *)start, size))
		return -EFAULT;
	return 0;
}

static struct exynos_drm_userptr *
userptr_create(struct drm_device *drm, struct exynos_drm_userptr_file *file,
	       unsigned long start, size_t size, bool readonly)
{
	struct exynos_drm_userptr_dev *dev = file->dev;
	struct exynos_drm_userptr *up;
	int ret;

	while (atomic_inc_return(&file->objects) >
	       READ_ONCE(userptr_max_objects)) {
		atomic_dec(&file->objects);
		if (!userptr_cache_drop(file))
			return ERR_PTR(-ENOSPC);
	}

	up = kzalloc_obj(*up, GFP_KERNEL_ACCOUNT);
	if (!up) {
		ret = -ENOMEM;
		goto err_count;
	}

	up->gem.base.funcs = &userptr_gem_funcs;
	up->gem.flags = EXYNOS_BO_USERPTR;
	up->file = file;
	up->start = start;
	up->size = size;
	up->readonly = readonly;
	INIT_LIST_HEAD(&up->maps);
	INIT_LIST_HEAD(&up->cache_link);
	drm_gem_private_object_init(drm, &up->gem.base, PAGE_ALIGN(size));

	ret = mmu_interval_notifier_insert(&up->notifier, current->mm,
					   start & PAGE_MASK,
					   userptr_span(start, size),
					   &userptr_notifier_ops);
	if (ret)
		goto err_release;

	kref_get(&file->kref);
	scoped_guard(spinlock, &dev->lock)
		list_add_tail(&up->dev_link, &dev->objects);
	return up;

err_release:
	drm_gem_object_release(&up->gem.base);
	kfree(up);
err_count:
	atomic_dec(&file->objects);
	return ERR_PTR(ret);
}

/**
 * exynos_drm_userptr_get() - an object for a range that was given by address
 * @filp: the file
 * @start: address of the first byte, in the caller's address space
 * @size: number of bytes
 *
 * For interfaces that take addresses instead of handles. The object stays in the
 * file's cache, so that the next call for the same range gets the same one.
 *
 * Context: Ioctl, no locks held.
 *
 * Return: the object with a reference for the caller, or an ERR_PTR() of
 * -EINVAL, -EFAULT, -ENOMEM, -ENOSPC or -EINTR.
 */
struct exynos_drm_userptr *exynos_drm_userptr_get(struct drm_file *filp,
						  unsigned long start,
						  size_t size)
{
	struct drm_exynos_file_private *file_priv = filp->driver_priv;
	struct exynos_drm_userptr_file *file = file_priv->userptr;
	struct exynos_drm_userptr *up;
	int ret;

	start = untagged_addr(start);
	ret = userptr_check_range(start, size);
	if (ret)
		return ERR_PTR(ret);

	up = userptr_cache_find(file, start, size, false, false);
	if (up)
		return up;

	up = userptr_create(file->dev->drm, file, start, size, false);
	if (!IS_ERR(up))
		userptr_cache_add(up);
	return up;
}

/* The device must not be unbound while the mapping is built. */
static int userptr_probe(struct drm_device *drm, struct exynos_drm_userptr *up,
			 bool write)
{
	int idx, ret;

	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;

	ret = exynos_drm_userptr_begin(up, write);
	if (!ret)
		exynos_drm_userptr_end(up);
	drm_dev_exit(idx);
	return ret;
}

/**
 * exynos_drm_gem_userptr_ioctl() - make a GEM object of user memory
 * @drm: the device
 * @data: &struct drm_exynos_gem_userptr
 * @filp: the file
 *
 * Return: 0 or an error as described for the uAPI.
 */
int exynos_drm_gem_userptr_ioctl(struct drm_device *drm, void *data,
				 struct drm_file *filp)
{
	struct drm_exynos_file_private *file_priv = filp->driver_priv;
	struct exynos_drm_userptr_file *file = file_priv->userptr;
	struct drm_exynos_gem_userptr *args = data;
	bool readonly = args->flags & EXYNOS_USERPTR_READONLY;
	struct exynos_drm_userptr *up;
	unsigned long start;
	int ret;

	if (args->flags & ~(EXYNOS_USERPTR_READONLY | EXYNOS_USERPTR_PROBE)) {
		drm_dbg(drm, "unknown userptr flags %#x\n", args->flags);
		return -EINVAL;
	}

	if (in_compat_syscall())
		start = (u32)args->userptr;
	else
		start = untagged_addr((unsigned long)args->userptr);

	ret = userptr_check_range(start, args->size);
	if (ret) {
		drm_dbg(drm, "bad userptr range %#lx + %#llx\n", start,
			args->size);
		return ret;
	}

	up = userptr_cache_find(file, start, args->size, readonly, true);
	if (!up) {
		up = userptr_create(drm, file, start, args->size, readonly);
		if (IS_ERR(up))
			return PTR_ERR(up);
	}

	if (args->flags & EXYNOS_USERPTR_PROBE) {
		ret = userptr_probe(drm, up, !readonly);
		if (ret)
			goto out_put;
	}

	ret = drm_gem_handle_create(filp, &up->gem.base, &args->handle);
out_put:
	drm_gem_object_put(&up->gem.base);
	return ret;
}

/**
 * exynos_drm_userptr_open() - prepare a new file
 * @drm: the device
 * @filp: the file
 *
 * Return: 0 or -ENOMEM.
 */
int exynos_drm_userptr_open(struct drm_device *drm, struct drm_file *filp)
{
	struct drm_exynos_file_private *file_priv = filp->driver_priv;
	struct exynos_drm_userptr_file *file;

	file = kzalloc_obj(*file);
	if (!file)
		return -ENOMEM;

	kref_init(&file->kref);
	file->dev = userptr_dev(drm);
	INIT_LIST_HEAD(&file->cache);
	file_priv->userptr = file;
	return 0;
}

/**
 * exynos_drm_userptr_postclose() - forget a file
 * @drm: the device
 * @filp: the file, without handles already
 */
void exynos_drm_userptr_postclose(struct drm_device *drm, struct drm_file *filp)
{
	struct drm_exynos_file_private *file_priv = filp->driver_priv;
	struct exynos_drm_userptr_file *file = file_priv->userptr;

	while (userptr_cache_drop(file))
		;
	kref_put(&file->kref, userptr_file_release);
}

static int userptr_debugfs_show(struct seq_file *m, void *unused)
{
	struct drm_debugfs_entry *entry = m->private;
	struct exynos_drm_userptr_dev *dev = entry->file.data;
	struct exynos_drm_userptr *up;

	seq_puts(m, "   address       size flags state    mapped inval retry evict\n");

	down_read(&dev->notifier_lock);
	spin_lock(&dev->lock);
	list_for_each_entry(up, &dev->objects, dev_link) {
		const char *state = "none";

		if (up->cur)
			state = up->cur->write ? "rw" : "ro";
		else if (up->mapped)
			state = "stale";

		seq_printf(m, "%10lx %10zu %c%c%c   %-5s %9zu %5d %5d %5d\n",
			   up->start, up->size,
			   up->readonly ? 'r' : '-',
			   list_empty(&up->cache_link) ? '-' : 'c',
			   up->dead ? 'd' : '-',
			   state, up->mapped,
			   atomic_read(&up->invalidations),
			   atomic_read(&up->retries),
			   atomic_read(&up->evictions));
	}
	seq_printf(m, "mapped %zu of %u MiB\n", dev->mapped, userptr_limit);
	spin_unlock(&dev->lock);
	up_read(&dev->notifier_lock);
	return 0;
}

/**
 * exynos_drm_userptr_init() - prepare a device
 * @drm: the device, not yet registered
 *
 * Return: 0 or -ENOMEM.
 */
int exynos_drm_userptr_init(struct drm_device *drm)
{
	struct exynos_drm_private *priv = drm->dev_private;
	struct exynos_drm_userptr_dev *dev;

	dev = drmm_kzalloc(drm, sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return -ENOMEM;

	dev->drm = drm;
	init_rwsem(&dev->notifier_lock);
	spin_lock_init(&dev->lock);
	INIT_LIST_HEAD(&dev->lru);
	INIT_LIST_HEAD(&dev->objects);
	init_waitqueue_head(&dev->idle_wait);
	priv->userptr = dev;

	/* Reclaim takes the lock; let lockdep know before it happens. */
	fs_reclaim_acquire(GFP_KERNEL);
	might_lock(&dev->notifier_lock);
	fs_reclaim_release(GFP_KERNEL);

	drm_debugfs_add_file(drm, "userptr", userptr_debugfs_show, dev);
	return 0;
}

/**
 * exynos_drm_userptr_fini() - take all mappings down
 * @drm: the device, unplugged, its engines still there
 *
 * Objects stay until their files are closed, but cannot be mapped any more.
 */
void exynos_drm_userptr_fini(struct drm_device *drm)
{
	struct exynos_drm_userptr_dev *dev = userptr_dev(drm);
	struct exynos_drm_userptr_map *map, *next;
	struct exynos_drm_userptr *busy;

	do {
		busy = NULL;

		down_write(&dev->notifier_lock);
		dev->gone = true;
		list_for_each_entry_safe(map, next, &dev->lru, lru) {
			struct exynos_drm_userptr *up = map->up;

			if (map->lost)
				continue;
			if (userptr_is_idle(up))
				userptr_unmap(map);
			else if (!busy && kref_get_unless_zero(&up->gem.base.refcount))
				busy = up;
		}
		up_write(&dev->notifier_lock);

		if (busy) {
			dma_resv_wait_timeout(busy->gem.base.resv,
					      DMA_RESV_USAGE_BOOKKEEP, false,
					      MAX_SCHEDULE_TIMEOUT);
			drm_gem_object_put(&busy->gem.base);
		}
	} while (busy);
}
