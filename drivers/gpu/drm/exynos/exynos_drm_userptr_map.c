// SPDX-License-Identifier: GPL-2.0-only
/*
 * Userptr: the life of a mapping.
 */

#include <linux/backing-dev.h>
#include <linux/dma-mapping.h>
#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_prime.h>
#include <drm/drm_print.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_trace.h"
#include "exynos_drm_userptr.h"
#include "exynos_drm_userptr_priv.h"

/**
 * DOC: userptr mappings
 *
 * **Fault first, then build.** A page that is not there may take as long to come as
 * userspace likes (userfaultfd, FUSE), so nothing is held while it is waited for: no
 * page, no IOVA space, no place in a queue, no power. A submission therefore goes
 * through these steps, and starts over if one finds that something has changed:
 *
 * 1. exynos_drm_userptr_fault_in() makes all pages present, if they were not, and
 *    waits for invalidations that are under way;
 * 2. a place in the engine's queue is taken, and exynos_drm_userptr_claim() claims
 *    IOVA space;
 * 3. exynos_drm_userptr_map() takes references to the pages, without faulting, maps
 *    them, publishes the mappings and drops the references;
 * 4. with exynos_drm_userptr_lock() held, the job's fence is published, provided
 *    that all mappings are still there;
 * 5. exynos_drm_userptr_release().
 *
 * Steps 2 to 5 take a bounded time. What is mapped stays mapped when a submission
 * starts over, so that each attempt has less to do. If the page tables change
 * between steps 1 and 4 nevertheless, as they do in a process that forks all the
 * time, the next attempt keeps the mmap lock from the one to the other, unless it
 * has to wait for something. Changes that do not need the lock can still collide;
 * after a second of collisions the submission fails with -EAGAIN.
 *
 * Only fatal signals interrupt a step while it makes progress that would be lost;
 * waits for userspace, for space and for a place are interrupted by any.
 *
 * **Notifier.** Once a mapping is published, no reference to its pages is held. It
 * is the notifier that keeps it right: whoever is about to take a page out of the
 * range, or to write protect, migrate, swap out or share it, calls back first, and
 * finds the mapping gone when the callback returns. From this follows:
 *
 * - take a mapping down before removing its notifier, on every path;
 * - publish a mapping, check it against the notifier's sequence, and publish the
 *   fence of a job, with the notifier lock held;
 * - mark pages dirty while taking the mapping down, not later: they may belong to
 *   somebody else then;
 * - complete CPU cache maintenance before the fence signals, for the same reason.
 *
 * The callback has two passes. The first one keeps new jobs off all objects of the
 * process that are concerned, the second one waits for the jobs that there are by
 * then, without any lock, and takes the mappings down. So all of it together waits no
 * longer than for the jobs in the queue, and that is bounded because a job waits for
 * nothing but jobs of the same engine once its fence is published, and because few
 * jobs are published at a time. Nothing that the callback waits for may allocate
 * memory, put a GEM object or remove a notifier.
 *
 * **Wedged engines.** If a job was aborted but its engine may still access memory,
 * its mappings are *lost*: they are never taken down, and the callback takes
 * references to their pages instead, which leaks them on purpose.
 *
 * **Memory of other drivers** may not be kept by references. It goes through the same
 * steps with exceptions, see exynos_drm_userptr_pfnmap.c.
 */

#define USERPTR_FAULT_CHUNK	512

/* Retry after a collision for this long. */
#define USERPTR_RETRY_JIFFIES	HZ

static bool userptr_is_idle(struct exynos_drm_userptr *up)
{
	bool idle = dma_resv_test_signaled(up->gem.base.resv,
					   DMA_RESV_USAGE_BOOKKEEP);

	/*
	 * Pairs with the full barrier of test_and_set_bit() in signaling: a
	 * reader that sees the fence signaled must also see map->lost.
	 */
	smp_rmb();
	return idle;
}

/**
 * userptr_map_is_idle() - check whether no job uses a mapping
 * @map: the mapping
 *
 * The jobs of an engine end in their order, so the last one tells.
 *
 * Context: &exynos_drm_userptr_dev.lock must be held.
 *
 * Return: true if the last job has ended.
 */
bool userptr_map_is_idle(const struct exynos_drm_userptr_map *map)
{
	bool idle;

	lockdep_assert_held(&map->space->dev->lock);

	idle = !map->last || dma_fence_is_signaled(map->last);
	/* As above. */
	smp_rmb();
	return idle;
}

/**
 * userptr_is_current() - check whether an object has a mapping for new jobs
 * @up: the object
 * @write: the job writes it
 *
 * Context: &exynos_drm_userptr_space.lock must be held.
 *
 * Return: true if &exynos_drm_userptr.cur will do.
 */
bool userptr_is_current(struct exynos_drm_userptr *up, bool write)
{
	struct exynos_drm_userptr_map *map = up->cur;

	lockdep_assert_held(&up->space->lock);

	return map && map->mapped && !READ_ONCE(map->condemned) &&
	       (map->write || !write) &&
	       (!map->pfnmap || userptr_pfnmap_enabled()) &&
	       !mmu_interval_read_retry(&up->notifier, map->seq);
}

/**
 * userptr_map_alloc() - allocate a mapping
 * @up: the object
 * @write: the engines may write through it
 *
 * Return: the mapping, with nothing in it, or NULL.
 */
struct exynos_drm_userptr_map *userptr_map_alloc(struct exynos_drm_userptr *up,
						 bool write)
{
	struct exynos_drm_userptr_map *map;

	map = kzalloc_obj(*map, GFP_KERNEL_ACCOUNT);
	if (!map)
		return NULL;

	kref_init(&map->kref);
	map->up = up;
	map->space = up->space;
	userptr_space_get(map->space);
	map->write = write;
	INIT_LIST_HEAD(&map->link);
	INIT_LIST_HEAD(&map->lru);
	INIT_LIST_HEAD(&map->user_lru);
	return map;
}

static void userptr_map_release(struct kref *kref)
{
	struct exynos_drm_userptr_map *map =
		container_of(kref, struct exynos_drm_userptr_map, kref);

	dma_fence_put(map->last);
	userptr_pfnmap_put(map);
	sg_free_table(&map->sgt);
	userptr_space_put(map->space);
	kfree(map);
}

/**
 * userptr_map_put() - drop a reference to a mapping
 * @map: the mapping
 *
 * Context: Process context, reclaim included.
 */
void userptr_map_put(struct exynos_drm_userptr_map *map)
{
	kref_put(&map->kref, userptr_map_release);
}

static void userptr_put_maps(struct list_head *maps)
{
	struct exynos_drm_userptr_map *map, *next;

	list_for_each_entry_safe(map, next, maps, link) {
		list_del_init(&map->link);
		userptr_map_put(map);
	}
}

/*
 * Without references or folio lock this is sound because the notifier lock keeps
 * the folio where it is: truncating or freeing it waits for our callback. A folio
 * that is not dirty has no file system to tell, so this does not sleep: where there
 * is one, making the folio clean has called back and taken the mapping down.
 */
static void userptr_mark_dirty(struct exynos_drm_userptr_map *map)
{
	struct address_space *mapping;
	struct sg_page_iter iter;

	for_each_sgtable_page(&map->sgt, &iter, 0) {
		struct folio *folio = page_folio(sg_page_iter_page(&iter));

		if (folio_test_dirty(folio))
			continue;
		mapping = folio_test_anon(folio) ? NULL : folio_mapping(folio);
		if (!WARN_ON_ONCE(mapping && mapping_can_writeback(mapping)))
			folio_mark_dirty(folio);
	}
}

static void userptr_dma_unmap(struct exynos_drm_userptr_map *map)
{
	struct exynos_drm_userptr_dev *dev = map->space->dev;

	if (drm_mm_node_allocated(&map->node))
		exynos_drm_window_unmap(dev->drm, &map->node);
	dma_unmap_sgtable(userptr_dma_dev(dev), &map->sgt,
			  userptr_dir(map->write), USERPTR_DMA_ATTRS);
}

static void userptr_hold_lost(struct exynos_drm_userptr_map *map)
{
	struct exynos_drm_userptr *up = map->up;
	struct sg_page_iter iter;

	if (map->held)
		return;

	map->held = true;
	if (map->pfnmap && drm_mm_node_allocated(&map->node)) {
		/* The addresses stay taken: the engine faults if it uses them. */
		userptr_dma_unmap(map);
		WRITE_ONCE(up->mapped, up->mapped - userptr_bytes(up));
		return;
	}
	if (map->pfnmap) {
		userptr_pfnmap_lose(map);
		return;
	}
	for_each_sgtable_page(&map->sgt, &iter, 0)
		folio_get(page_folio(sg_page_iter_page(&iter)));

	drm_err_once(map->space->dev->drm,
		     "engine cannot be stopped, leaking the userptr memory it uses\n");
}

/* Takes a mapping down for good, and its pages' dirty state with it, to @done. */
static void userptr_unmap(struct exynos_drm_userptr_map *map,
			  struct list_head *done)
{
	struct exynos_drm_userptr *up = map->up;

	lockdep_assert_held_write(&map->space->lock);

	if (up->cur == map)
		up->cur = NULL;
	if (!map->mapped)
		return;
	if (map->lost) {
		userptr_hold_lost(map);
		return;
	}

	userptr_dma_unmap(map);
	if (map->write && !map->dirty)
		WRITE_ONCE(up->wants_write, false);
	/* What that means for another driver's memory is its own business. */
	if (map->dirty && !map->pfnmap)
		userptr_mark_dirty(map);
	map->mapped = false;
	WRITE_ONCE(up->mapped, up->mapped - userptr_bytes(up));
	userptr_uncharge(map);
	list_move(&map->link, done);
}

/* The idle object's mappings. */
static void userptr_unmap_all(struct exynos_drm_userptr *up,
			      struct list_head *done)
{
	struct exynos_drm_userptr_map *map, *next;

	list_for_each_entry_safe(map, next, &up->maps, link)
		userptr_unmap(map, done);
}

/* The object's idle mappings but the current one. */
static void userptr_unmap_stale(struct exynos_drm_userptr *up,
				struct list_head *done)
{
	struct exynos_drm_userptr_map *map, *next;

	list_for_each_entry_safe(map, next, &up->maps, link) {
		bool idle;

		if (map == up->cur)
			continue;
		scoped_guard(spinlock, &up->space->dev->lock)
			idle = userptr_map_is_idle(map);
		if (idle)
			userptr_unmap(map, done);
	}
}

/**
 * userptr_unmap_object() - take all mappings of an unused object down
 * @up: the object, about to be freed
 *
 * Context: Process context.
 */
void userptr_unmap_object(struct exynos_drm_userptr *up)
{
	LIST_HEAD(done);

	down_write(&up->space->lock);
	userptr_unmap_all(up, &done);
	up_write(&up->space->lock);
	userptr_put_maps(&done);
}

/**
 * userptr_map_evict() - take a mapping down, if it is idle
 * @map: the mapping, with a reference of the caller
 * @unplugged: the device is unplugged, so that no job needs it even if it is protected
 *
 * Context: Process context. Holds the notifier lock of the process that owns the
 * mapping, and nobody else's, while it works.
 *
 * Return: true if it is no longer mapped.
 */
bool userptr_map_evict(struct exynos_drm_userptr_map *map, bool unplugged)
{
	struct exynos_drm_userptr_space *space = map->space;
	LIST_HEAD(done);
	bool evict;

	down_write(&space->lock);
	scoped_guard(spinlock, &space->dev->lock)
		evict = map->mapped && userptr_map_is_idle(map) &&
			!map->lost && (!map->protect || unplugged);
	if (evict) {
		trace_exynos_userptr_evict(map->up, map->bytes);
		atomic_inc(&map->up->evictions);
		userptr_unmap(map, &done);
	}
	up_write(&space->lock);

	userptr_put_maps(&done);
	return !READ_ONCE(map->mapped);
}

/**
 * userptr_map_contain() - do what an invalidation does to a lost mapping
 * @map: the mapping, with a reference of the caller
 *
 * Context: Process context.
 */
void userptr_map_contain(struct exynos_drm_userptr_map *map)
{
	LIST_HEAD(done);

	down_write(&map->space->lock);
	userptr_unmap(map, &done);
	up_write(&map->space->lock);
	userptr_put_maps(&done);
}

/**
 * exynos_drm_userptr_trim() - take down what an object no longer needs
 * @up: the object
 *
 * Call it some time after a job that used the object has ended.
 *
 * Context: Process context, outside of anything that a fence depends on.
 */
void exynos_drm_userptr_trim(struct exynos_drm_userptr *up)
{
	struct exynos_drm_userptr_map *map;
	bool stale = false;
	LIST_HEAD(done);

	down_read(&up->space->lock);
	list_for_each_entry(map, &up->maps, link)
		stale |= map != up->cur && !map->lost;
	up_read(&up->space->lock);
	if (!stale)
		return;

	down_write(&up->space->lock);
	userptr_unmap_stale(up, &done);
	up_write(&up->space->lock);
	userptr_put_maps(&done);
}

/**
 * struct userptr_finish - an invalidation between its two passes
 * @base: for the core
 * @range: what is being invalidated
 */
struct userptr_finish {
	struct mmu_interval_notifier_finish base;
	struct mmu_notifier_range range;
};

/* Each invalidation needs its own; an object has one, and seldom needs two. */
static struct mmu_interval_notifier_finish *
userptr_finish_get(struct exynos_drm_userptr *up,
		   const struct mmu_notifier_range *range)
{
	struct userptr_finish *finish;

	lockdep_assert_held_write(&up->space->lock);

	if (!up->finish_used) {
		WRITE_ONCE(up->finish_used, true);
		up->finish_range = *range;
		return &up->finish;
	}

	finish = kmalloc_obj(*finish, GFP_NOWAIT | __GFP_NOWARN);
	if (!finish)
		return NULL;
	finish->range = *range;
	return &finish->base;
}

static void userptr_wait_idle(struct exynos_drm_userptr *up)
{
	dma_resv_wait_timeout(up->gem.base.resv, DMA_RESV_USAGE_BOOKKEEP, false,
			      MAX_SCHEDULE_TIMEOUT);
}

/* The object is idle and stays so, because its sequence has advanced. */
static void userptr_invalidate_idle(struct exynos_drm_userptr *up,
				    const struct mmu_notifier_range *range,
				    ktime_t since)
{
	LIST_HEAD(done);

	lockdep_assert_held_write(&up->space->lock);

	userptr_unmap_all(up, &done);
	atomic_inc(&up->invalidations);
	trace_exynos_userptr_invalidate(up, range,
					ktime_us_delta(ktime_get(), since));
	/* Already uncharged: free the tables now, not later. */
	userptr_put_maps(&done);
}

static bool
userptr_invalidate_start(struct mmu_interval_notifier *mni,
			 const struct mmu_notifier_range *range,
			 unsigned long cur_seq,
			 struct mmu_interval_notifier_finish **finish)
{
	struct exynos_drm_userptr *up =
		container_of(mni, struct exynos_drm_userptr, notifier);
	struct exynos_drm_userptr_space *space = up->space;
	bool blockable = mmu_notifier_range_blockable(range);
	ktime_t since = ktime_get();
	bool ret = true;

	if (range->event == MMU_NOTIFY_RELEASE)
		userptr_space_exit(space);

	if (blockable)
		down_write(&space->lock);
	else if (!down_write_trylock(&space->lock))
		return false;

	mmu_interval_set_seq(mni, cur_seq);

	if (!up->mapped)
		goto out_unlock;

	/*
	 * The sequence has changed, so no further job can be published: the
	 * fences there are now are all there is to wait for.
	 */
	if (userptr_is_idle(up))
		userptr_invalidate_idle(up, range, since);
	else if (!blockable)
		ret = false;
	else
		*finish = userptr_finish_get(up, range);

	if (ret && up->mapped && !*finish) {
		up_write(&space->lock);
		userptr_wait_idle(up);
		down_write(&space->lock);
		userptr_invalidate_idle(up, range, since);
	}
out_unlock:
	up_write(&space->lock);
	return ret;
}

static void
userptr_invalidate_finish(struct mmu_interval_notifier_finish *finish)
{
	struct exynos_drm_userptr *up =
		container_of(finish->notifier, struct exynos_drm_userptr,
			     notifier);
	struct exynos_drm_userptr_space *space = up->space;
	struct userptr_finish *extra = NULL;
	ktime_t since = ktime_get();

	if (finish != &up->finish)
		extra = container_of(finish, struct userptr_finish, base);

	userptr_wait_idle(up);

	down_write(&space->lock);
	userptr_invalidate_idle(up, extra ? &extra->range : &up->finish_range,
				since);
	if (!extra)
		WRITE_ONCE(up->finish_used, false);
	up_write(&space->lock);
	kfree(extra);
}

const struct mmu_interval_notifier_ops userptr_notifier_ops = {
	.invalidate_start = userptr_invalidate_start,
	.invalidate_finish = userptr_invalidate_finish,
};

/*
 * Whether the mmap lock is held depends on what has happened to a submission, which
 * static checkers cannot follow.
 */
static int userptr_mmap_lock(void)
{
	if (mmap_read_lock_killable(current->mm))
		return -EINTR;
	__release(&current->mm->mmap_lock);
	return 0;
}

static bool userptr_mmap_trylock(void)
{
	if (!mmap_read_trylock(current->mm))
		return false;
	__release(&current->mm->mmap_lock);
	return true;
}

static void userptr_mmap_unlock(void)
{
	__acquire(&current->mm->mmap_lock);
	mmap_read_unlock(current->mm);
}

/**
 * exynos_drm_userptr_unlock_mm() - drop the mmap lock before waiting
 * @submit: the submission
 *
 * Context: Ioctl.
 */
void exynos_drm_userptr_unlock_mm(struct exynos_drm_userptr_submit *submit)
{
	if (submit->locked)
		userptr_mmap_unlock();
	submit->locked = false;
}

/*
 * GUP writes to the log what it thinks of an address in the gap below a stack, and
 * programs can ask for any. The mmap lock must be held.
 */
static bool userptr_has_vmas(unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma;

	VMA_ITERATOR(vmi, current->mm, start);

	for_each_vma_range(vmi, vma, end) {
		if (vma->vm_start > start)
			return false;
		start = vma->vm_end;
	}
	return start >= end;
}

static int userptr_gup_error(long ret)
{
	if (fatal_signal_pending(current))
		return -EINTR;
	switch (ret) {
	case -ENOMEM:
		return ret;
	case -EINTR:
	case -EAGAIN:
		return -ERESTARTSYS;
	default:
		return -EFAULT;
	}
}

/*
 * Makes the pages of a range present, without a reference to any of them. The mmap
 * lock is held on entry and on return, unless the return value is an error, and may
 * be dropped in between.
 */
static int userptr_fault_in_range(struct exynos_drm_userptr *up,
				  unsigned long at, unsigned long end,
				  bool write)
{
	unsigned int flags = FOLL_INTERRUPTIBLE | (write ? FOLL_WRITE : 0);
	int locked = 1;
	long n, ret;

	if (userptr_pfnmap_at(up->gem.base.dev, up->start)) {
		ret = userptr_pfnmap_fault_in(up, at, end, write);
		if (ret)
			userptr_mmap_unlock();
		return ret;
	}

	while (at < end) {
		n = min_t(unsigned long, (end - at) >> PAGE_SHIFT,
			  USERPTR_FAULT_CHUNK);
		if (!userptr_has_vmas(at, at + n * PAGE_SIZE)) {
			userptr_mmap_unlock();
			return -EFAULT;
		}

		ret = get_user_pages_remote(current->mm, at, n, flags, NULL, &locked);
		if (ret > 0)
			at += ret * PAGE_SIZE;

		if (ret <= 0) {
			if (locked)
				userptr_mmap_unlock();
			return userptr_gup_error(ret);
		}
		if (locked)
			continue;
		if (signal_pending(current))
			return fatal_signal_pending(current) ? -EINTR :
							       -ERESTARTSYS;
		if (userptr_mmap_lock())
			return -EINTR;
		locked = 1;
	}
	return 0;
}

static int userptr_fault_in_use(struct exynos_drm_userptr_use *use)
{
	unsigned long start = use->up->start & PAGE_MASK;
	unsigned long end = start + userptr_bytes(use->up);
	int ret;

	ret = userptr_fault_in_range(use->up, start + use->missing * PAGE_SIZE,
				     end, use->map_write);
	if (ret != -EFAULT || use->map_write == use->write)
		return ret;

	/* Written before, but no longer writable. */
	use->map_write = use->write;
	WRITE_ONCE(use->up->wants_write, false);
	if (userptr_mmap_lock())
		return -EINTR;
	return userptr_fault_in_range(use->up, start, end, use->map_write);
}

static bool userptr_needs_map(struct exynos_drm_userptr_use *use)
{
	guard(rwsem_read)(&use->up->space->lock);

	return !userptr_is_current(use->up, use->write);
}

static int userptr_fault_in_all(struct exynos_drm_userptr_submit *submit)
{
	unsigned int i;
	int ret;

	if (userptr_mmap_lock())
		return -EINTR;

	for (i = 0; i < submit->num; i++) {
		struct exynos_drm_userptr_use *use = &submit->uses[i];

		if (!userptr_needs_map(use))
			continue;
		if (submit->insist)
			use->missing = 0;
		ret = userptr_fault_in_use(use);
		if (ret)
			return ret;
	}
	submit->need_fault = false;

	if (submit->insist)
		submit->locked = true;
	else
		userptr_mmap_unlock();
	return 0;
}

/**
 * exynos_drm_userptr_fault_in() - make the pages of a submission present
 * @submit: the submission, prepared
 *
 * Does not look for missing pages before exynos_drm_userptr_map() has found some:
 * in the common case there are none. Waits for invalidations of the objects that
 * are not mapped.
 *
 * Context: Ioctl of the process that owns the memory. Do not hold anything that
 * somebody else may want, for this may sleep for as long as userspace likes.
 * Interruptible but for invalidations. May return with the mmap lock held (read), see
 * exynos_drm_userptr_unlock_mm() and exynos_drm_userptr_release().
 *
 * Return: 0, -EFAULT, -EINVAL, -ENOMEM, -EINTR, -ERESTARTSYS, or -EAGAIN: start over,
 * see exynos_drm_userptr_retry().
 */
int exynos_drm_userptr_fault_in(struct exynos_drm_userptr_submit *submit)
{
	unsigned int i;
	int ret;

	if (submit->need_fault || submit->insist) {
		ret = userptr_fault_in_all(submit);
		if (ret)
			return ret;
	}

	/* After faulting, which invalidates what it changes. */
	for (i = 0; i < submit->num; i++) {
		struct exynos_drm_userptr_use *use = &submit->uses[i];

		use->seq = 0;
		if (!userptr_needs_map(use))
			continue;
		/* Not while others are kept from changing the page tables. */
		if (READ_ONCE(use->up->finish_used))
			exynos_drm_userptr_unlock_mm(submit);
		use->seq = mmu_interval_read_begin(&use->up->notifier);
	}
	return 0;
}

static void userptr_put_pages(struct page **pages, size_t npages, bool write)
{
	size_t i;

	if (write) {
		unpin_user_pages(pages, npages);
		return;
	}
	/* One by one: release_pages() does not put the huge zero folio. */
	for (i = 0; i < npages; i++)
		put_page(pages[i]);
}

/* Reading needs no FOLL_PIN, which would give private copies of shared pages. */
static long userptr_gup(unsigned long addr, size_t npages, bool write,
			struct page **pages)
{
	return write ? pin_user_pages(addr, npages, FOLL_WRITE | FOLL_NOFAULT,
				      pages) :
		       get_user_pages(addr, npages, FOLL_NOFAULT, pages);
}

/*
 * Takes references without faulting, to all pages or none. Returns -EAGAIN if one is
 * missing, whose index goes to @missing.
 */
static int userptr_get_pages(struct exynos_drm_userptr *up, bool write,
			     struct page **pages, size_t npages,
			     size_t *missing)
{
	unsigned long addr = up->start & PAGE_MASK;
	long n, ret;

	*missing = 0;
	if (!userptr_has_vmas(addr, addr + npages * PAGE_SIZE))
		return -EAGAIN;

	n = userptr_gup(addr, npages, write, pages);
	if (n == npages)
		return 0;
	if (n > 0) {
		userptr_put_pages(pages, n, write);
		*missing = n;
	}
	if (fatal_signal_pending(current))
		return -EINTR;

	/* What cannot be faulted in is no memory, such as a driver's special page. */
	ret = n <= 0 ? n : userptr_gup(addr + n * PAGE_SIZE, 1, write, pages);
	if (ret > 0)
		userptr_put_pages(pages, ret, write);
	return ret == -EEXIST ? -EFAULT : -EAGAIN;
}

/* On success the range is contiguous for the engines. */
static int userptr_dma_map(struct exynos_drm_userptr_map *map, gfp_t gfp)
{
	struct exynos_drm_userptr_dev *dev = map->space->dev;
	struct device *dma = userptr_dma_dev(dev);
	enum dma_data_direction dir = userptr_dir(map->write);
	int ret;

	if (!is_drm_iommu_supported(dev->drm) && map->sgt.orig_nents != 1)
		return -EINVAL;

	ret = dma_map_sgtable(dma, &map->sgt, dir, USERPTR_DMA_ATTRS);
	if (ret)
		return -ENOMEM;

	if (drm_mm_node_allocated(&map->node)) {
		ret = exynos_drm_window_map(dev->drm, &map->node, &map->sgt,
					    map->write, gfp);
		map->dma_addr = map->node.start + map->sgt.sgl->offset;
	} else {
		if (drm_prime_get_contiguous_size(&map->sgt) < map->up->size)
			ret = -EINVAL;
		map->dma_addr = sg_dma_address(map->sgt.sgl);
	}
	if (ret) {
		dma_unmap_sgtable(dma, &map->sgt, dir, USERPTR_DMA_ATTRS);
		return ret;
	}

	/*
	 * A page that was zeroed or written through the cache may still hold
	 * its last owner's data in memory.
	 */
	dma_sync_sgtable_for_device(dma, &map->sgt, dir);
	return 0;
}

static void userptr_make_current(struct exynos_drm_userptr_submit *submit,
				 struct exynos_drm_userptr_use *use)
{
	struct exynos_drm_userptr_space *space = submit->space;
	struct exynos_drm_userptr_map *map = use->map;
	struct exynos_drm_userptr *up = use->up;

	lockdep_assert_held_write(&space->lock);

	list_add(&map->link, &up->maps);
	map->mapped = true;
	WRITE_ONCE(up->mapped, up->mapped + userptr_bytes(up));
	up->cur = map;
	kref_get(&map->kref);
	scoped_guard(spinlock, &space->dev->lock) {
		list_add_tail(&map->lru, &space->dev->lru);
		list_add_tail(&map->user_lru, &space->user->lru);
		map->protect++;
		submit->charged -= map->bytes;
	}
	use->protect = map;
	use->map = NULL;
}

/*
 * Makes a mapping the current one; it is protected until the submission is released.
 * Returns -EAGAIN if the range has changed meanwhile: the mapping is not published
 * then. It is not if another thread was faster, either, but then it is not needed.
 *
 * Without references nothing but the lock keeps the pages, so that the engines must
 * not be able to reach them before.
 */
static int userptr_publish(struct exynos_drm_userptr_submit *submit,
			   struct exynos_drm_userptr_use *use)
{
	struct exynos_drm_userptr_map *map = use->map;
	struct exynos_drm_userptr_space *space = submit->space;
	struct exynos_drm_userptr *up = use->up;
	LIST_HEAD(done);
	int ret = 0;

	down_write(&space->lock);
	if (mmu_interval_read_retry(&up->notifier, map->seq)) {
		ret = -EAGAIN;
	} else if (!userptr_is_current(up, map->write)) {
		if (map->pfnmap)
			ret = userptr_dma_map(map, GFP_NOWAIT);
		if (!ret) {
			userptr_make_current(submit, use);
			userptr_unmap_stale(up, &done);
		}
	}
	up_write(&space->lock);

	userptr_put_maps(&done);
	return ret;
}

static int userptr_build_pages(struct exynos_drm_userptr_submit *submit,
			       struct exynos_drm_userptr_use *use,
			       struct page **pages, size_t npages)
{
	struct exynos_drm_userptr_map *map = use->map;
	struct exynos_drm_userptr *up = use->up;
	int idx, ret;

	ret = sg_alloc_table_from_pages(&map->sgt, pages, npages,
					offset_in_page(up->start), up->size,
					GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret;

	if (!drm_dev_enter(up->gem.base.dev, &idx)) {
		ret = -ENODEV;
		goto err_free;
	}

	if (map->pfnmap) {
		ret = userptr_publish(submit, use);
	} else {
		ret = userptr_dma_map(map, GFP_KERNEL);
		if (!ret) {
			ret = userptr_publish(submit, use);
			if (use->map)
				userptr_dma_unmap(map);
		}
	}
	drm_dev_exit(idx);

err_free:
	if (use->map)
		sg_free_table(&map->sgt);
	return ret;
}

/* The mmap lock must be held. */
static int userptr_build(struct exynos_drm_userptr_submit *submit,
			 struct exynos_drm_userptr_use *use)
{
	struct exynos_drm_userptr *up = use->up;
	size_t npages = userptr_bytes(up) >> PAGE_SHIFT;
	struct page **pages;
	bool pfnmap;
	int ret;

	use->map->seq = use->seq;
	if (!use->seq) {
		/* It was mapped when this attempt began, and evicted since. */
		submit->evicted = true;
		return -EAGAIN;
	}
	if (mmu_interval_read_retry(&up->notifier, use->seq)) {
		atomic_inc(&up->retries);
		return -EAGAIN;
	}

	pages = kvmalloc_objs(*pages, npages, GFP_KERNEL_ACCOUNT);
	if (!pages)
		return -ENOMEM;

	pfnmap = userptr_pfnmap_at(up->gem.base.dev, up->start);
	use->map->pfnmap = pfnmap;
	ret = pfnmap ? userptr_pfnmap_get_pages(use->map, pages, npages,
						&use->missing) :
		       userptr_get_pages(up, use->map->write, pages, npages,
					 &use->missing);
	if (ret) {
		submit->need_fault |= ret == -EAGAIN;
	} else {
		ret = userptr_build_pages(submit, use, pages, npages);
		if (pfnmap && use->map)
			userptr_pfnmap_put(use->map);
		if (!pfnmap)
			userptr_put_pages(pages, npages, use->map_write);
		if (ret == -EAGAIN)
			atomic_inc(&up->retries);
	}
	kvfree(pages);

	trace_exynos_userptr_populate(up, use->map_write, ret);
	return ret;
}

/**
 * exynos_drm_userptr_map() - map what a submission needs
 * @submit: the submission, claimed
 *
 * Maps all objects that had no mapping when space was claimed. After an error those
 * that were mapped until then stay mapped.
 *
 * Context: Ioctl of the process that owns the memory, outside of drm_dev_enter(). Does
 * not wait for userspace.
 *
 * Return: 0, -EINVAL if the memory is not contiguous and has to be, -EFAULT, -ENOMEM,
 * -ENODEV, -EINTR, or -EAGAIN: release everything and start over, see
 * exynos_drm_userptr_retry().
 */
int exynos_drm_userptr_map(struct exynos_drm_userptr_submit *submit)
{
	unsigned int i;
	int ret = 0;

	if (!submit->claimed)
		return 0;

	if (!submit->locked && !userptr_mmap_trylock()) {
		/* Whoever has it may be waiting for userspace. */
		submit->need_fault = true;
		return -EAGAIN;
	}

	for (i = 0; i < submit->num && !ret; i++) {
		if (submit->uses[i].map)
			ret = userptr_build(submit, &submit->uses[i]);
	}

	if (!submit->locked)
		userptr_mmap_unlock();
	return ret;
}

/**
 * exynos_drm_userptr_retry() - decide whether a submission starts over
 * @submit: the submission, released, after -EAGAIN
 *
 * Return: true to start over, false to fail with -EAGAIN.
 */
bool exynos_drm_userptr_retry(struct exynos_drm_userptr_submit *submit)
{
	/* Pages that are missing at first are no collision. */
	if (submit->need_fault && !submit->faulted) {
		submit->faulted = true;
		return true;
	}

	if (submit->evicted) {
		submit->evicted = false;
		return true;
	}

	if (++submit->collisions == 1) {
		submit->insist = true;
		submit->deadline = jiffies + USERPTR_RETRY_JIFFIES;
		return true;
	}
	return time_before(jiffies, submit->deadline);
}

/**
 * exynos_drm_userptr_prepare() - check what a submission is going to use
 * @submit: the submission; zeroed but for its objects
 *
 * Context: Ioctl.
 *
 * Return: 0, -EPERM for an object of another process, -EACCES for a read-only
 * object to be written.
 */
int exynos_drm_userptr_prepare(struct exynos_drm_userptr_submit *submit)
{
	unsigned int i;

	for (i = 0; i < submit->num; i++) {
		struct exynos_drm_userptr_use *use = &submit->uses[i];

		if (!exynos_drm_userptr_is_mine(use->up))
			return -EPERM;
		if (use->write && use->up->readonly)
			return -EACCES;
		use->map_write = use->write || READ_ONCE(use->up->wants_write);
		submit->space = use->up->space;
	}
	return 0;
}

/**
 * exynos_drm_userptr_lock() - keep all mappings of a submission as they are
 * @submit: the submission
 *
 * With the lock held, get the mappings by exynos_drm_userptr_map_get() and publish
 * the job's fence in the objects' reservations. Nothing is locked if the submission
 * has no userptr objects.
 *
 * Context: Process context, reservation locks may be held. Neither allocate memory
 * nor wait for a fence until exynos_drm_userptr_unlock().
 */
void exynos_drm_userptr_lock(struct exynos_drm_userptr_submit *submit)
{
	if (!submit->space)
		return;

	down_read(&submit->space->lock);
	/* Conditional, so not for static checkers. */
	__release(&submit->space->lock);
}

/**
 * exynos_drm_userptr_unlock() - counterpart of exynos_drm_userptr_lock()
 * @submit: the submission
 */
void exynos_drm_userptr_unlock(struct exynos_drm_userptr_submit *submit)
{
	if (!submit->space)
		return;

	__acquire(&submit->space->lock);
	up_read(&submit->space->lock);
}

/**
 * exynos_drm_userptr_map_get() - get the mapping that a job may use
 * @up: the object
 * @write: the job writes it
 *
 * There is no reference to drop: what keeps the mapping is the fence that the
 * caller adds to the object's reservation before exynos_drm_userptr_unlock().
 *
 * Context: Between exynos_drm_userptr_lock() and exynos_drm_userptr_unlock().
 *
 * Return: the mapping, or NULL if it is gone and the submission has to start over.
 */
struct exynos_drm_userptr_map *
exynos_drm_userptr_map_get(struct exynos_drm_userptr *up, bool write)
{
	struct exynos_drm_userptr_space *space = up->space;
	struct exynos_drm_userptr_map *map = up->cur;

	if (!userptr_is_current(up, write))
		return NULL;

	scoped_guard(spinlock, &space->dev->lock) {
		list_move_tail(&map->lru, &space->dev->lru);
		list_move_tail(&map->user_lru, &space->user->lru);
	}
	return map;
}

/**
 * exynos_drm_userptr_map_used() - note that a job uses a mapping
 * @map: of exynos_drm_userptr_map_get()
 * @fence: signals when the job has ended, and not before those of earlier jobs
 * @write: the job writes through the mapping
 *
 * Call it once for each mapping, beside dma_resv_add_fence().
 *
 * Context: Between exynos_drm_userptr_lock() and exynos_drm_userptr_unlock(), once
 * the job is sure to run.
 */
void exynos_drm_userptr_map_used(struct exynos_drm_userptr_map *map,
				 struct dma_fence *fence, bool write)
{
	struct dma_fence *old;

	scoped_guard(spinlock, &map->space->dev->lock) {
		old = map->last;
		map->last = dma_fence_get(fence);
	}
	dma_fence_put(old);

	if (write) {
		WRITE_ONCE(map->dirty, true);
		WRITE_ONCE(map->up->wants_write, true);
	}
}

/**
 * exynos_drm_userptr_lose() - leave a mapping to a wedged engine
 * @map: a mapping that a job of the engine uses
 *
 * It will never be taken down, and its memory is leaked rather than freed; another
 * driver's is taken out of the IOMMU instead. The caller must never put the object.
 *
 * Context: Any, before the fence of that job signals.
 */
void exynos_drm_userptr_lose(struct exynos_drm_userptr_map *map)
{
	WRITE_ONCE(map->lost, true);
}
