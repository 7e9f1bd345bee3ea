// SPDX-License-Identifier: GPL-2.0-only
/*
 * Userptr: building, publishing and invalidating mappings.
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
 * **Fault first, then build.** Faulting a page in may take unbounded time (userfaultfd,
 * FUSE), so a submission holds nothing while it waits for pages: no page references, no
 * IOVA space, no place in a queue, no runtime PM reference. It goes through these steps,
 * and starts over if one finds that page tables or mappings have changed:
 *
 * 1. exynos_drm_userptr_fault_in() makes all pages present, if an earlier attempt has
 *    found some missing, and waits for invalidations that are in progress;
 * 2. the engine's driver takes a place in its queue, and exynos_drm_userptr_claim()
 *    claims IOVA space;
 * 3. exynos_drm_userptr_map() takes references to the pages, without faulting, maps
 *    them, publishes the mappings and drops the references;
 * 4. with exynos_drm_userptr_lock() held, the engine's driver publishes the job's
 *    fence, provided that all mappings are still current;
 * 5. exynos_drm_userptr_release().
 *
 * Steps 2 to 5 take bounded time once space and a place are available. Current mappings
 * are kept when a submission starts over, so each attempt has less to do. If page tables
 * change between steps 1 and 4, as in a process that forks continually, the next attempt
 * holds the mmap lock from step 1 to step 4, unless it has to wait for space or a place.
 * Changes that do not take the lock can still collide; after a second of collisions the
 * submission fails with -EAGAIN.
 *
 * Only fatal signals interrupt a step that would have to repeat its progress; any signal
 * interrupts waits for userspace, for the turn to claim space and for a place.
 *
 * **Notifier.** Once a mapping is published, the driver holds no reference to its pages.
 * The notifier keeps the mapping correct: before the mm removes, write protects,
 * migrates, swaps out or shares a page of the range it calls back, and the mapping is
 * taken down when the callback returns. Hence:
 *
 * - take a mapping down before removing its notifier, on every path;
 * - publish a mapping, check it against the notifier's sequence, and publish the
 *   fence of a job, with the notifier lock held;
 * - mark pages dirty while taking the mapping down, otherwise they may have been reused
 *   already;
 * - complete CPU cache maintenance before the fence signals, for the same reason.
 *
 * The callback has two passes. The first keeps new jobs off all affected objects of the
 * process, the second waits without locks for the jobs published by then, and takes the
 * mappings down. An invalidation therefore waits no longer than for the jobs in the
 * queue. That is bounded, because a job waits for nothing but jobs of the same engine
 * once its fence is published, and because few jobs are published at a time. Code that
 * the callback waits for must not allocate memory, put a GEM object or remove a notifier,
 * otherwise reclaim deadlocks.
 *
 * **Wedged engines.** If a job was aborted but its engine may still access memory, its
 * mappings are *leaked*: they are never taken down, and the callback takes references to
 * their pages instead.
 *
 * **Memory of other drivers** cannot be kept by references. It goes through the same
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
	 * reader that sees the fence signaled must also see map->leaked.
	 */
	smp_rmb();
	return idle;
}

/**
 * userptr_map_is_idle() - check whether no job uses a mapping
 * @map: the mapping
 *
 * The jobs of an engine end in order, so only the last one is checked.
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
	/* Pairs as in userptr_is_idle(). */
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
 * Return: true if a job may use &exynos_drm_userptr.cur.
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
 * @write: whether engines may write through the mapping
 *
 * Context: Process context. Allocates.
 *
 * Return: an empty mapping, or NULL if out of memory.
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

static void userptr_free_table(struct exynos_drm_userptr_map *map)
{
	sg_free_table(&map->sgt);
	kfree(map->index);
	map->index = NULL;
}

static void userptr_map_release(struct kref *kref)
{
	struct exynos_drm_userptr_map *map =
		container_of(kref, struct exynos_drm_userptr_map, kref);

	dma_fence_put(map->last);
	userptr_pfnmap_put(map);
	userptr_free_table(map);
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
 * Needs neither references nor the folio lock: truncating or freeing the folio waits for
 * the callback, which needs the notifier lock. Does not sleep in a file system: cleaning
 * a folio that has writeback calls back first, which takes the mapping down.
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

static void userptr_contain(struct exynos_drm_userptr_map *map)
{
	struct exynos_drm_userptr *up = map->up;
	struct sg_page_iter iter;

	if (map->contained)
		return;

	map->contained = true;
	if (map->pfnmap && drm_mm_node_allocated(&map->node)) {
		/* Keep the IOVA allocated, so that the wedged engine faults on access. */
		userptr_dma_unmap(map);
		WRITE_ONCE(up->mapped, up->mapped - userptr_bytes(up));
		return;
	}
	if (map->pfnmap) {
		userptr_pfnmap_leak(map);
		return;
	}
	for_each_sgtable_page(&map->sgt, &iter, 0)
		folio_get(page_folio(sg_page_iter_page(&iter)));

	drm_err_once(map->space->dev->drm,
		     "engine cannot be stopped, leaking the userptr memory it uses\n");
}

/* Takes a mapping down, marks its pages dirty and moves it to @done. */
static void userptr_unmap(struct exynos_drm_userptr_map *map,
			  struct list_head *done)
{
	struct exynos_drm_userptr *up = map->up;

	lockdep_assert_held_write(&map->space->lock);

	if (up->cur == map)
		up->cur = NULL;
	if (!map->mapped)
		return;
	if (map->leaked) {
		userptr_contain(map);
		return;
	}

	userptr_dma_unmap(map);
	if (map->write && !map->dirty)
		WRITE_ONCE(up->wants_write, false);
	/* Another driver tracks the state of its memory itself. */
	if (map->dirty && !map->pfnmap)
		userptr_mark_dirty(map);
	map->mapped = false;
	WRITE_ONCE(up->mapped, up->mapped - userptr_bytes(up));
	userptr_uncharge(map);
	list_move(&map->link, done);
}

/* The object must be idle, except for leaked mappings. */
static void userptr_unmap_all(struct exynos_drm_userptr *up,
			      struct list_head *done)
{
	struct exynos_drm_userptr_map *map, *next;

	list_for_each_entry_safe(map, next, &up->maps, link)
		userptr_unmap(map, done);
}

/* Takes down the idle mappings except the current one. */
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
 * userptr_unmap_object() - take down all mappings of an unused object
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
 * userptr_map_evict() - take a mapping down if it is idle
 * @map: the mapping; the caller holds a reference
 * @unplugged: take it down even if it is protected, because no job can need it
 *
 * Context: Process context. Takes only the notifier lock of the process that owns the
 * mapping.
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
			!map->leaked && (!map->protect || unplugged);
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
 * userptr_map_contain() - contain a leaked mapping as an invalidation does
 * @map: the mapping; the caller holds a reference
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
 * exynos_drm_userptr_trim() - take down the stale mappings of an object
 * @up: the object
 *
 * Call it after a job that used the object has ended.
 *
 * Context: Process context, outside of the fence signalling path.
 */
void exynos_drm_userptr_trim(struct exynos_drm_userptr *up)
{
	struct exynos_drm_userptr_map *map;
	bool stale = false;
	LIST_HEAD(done);

	down_read(&up->space->lock);
	list_for_each_entry(map, &up->maps, link)
		stale |= map != up->cur && !map->leaked;
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
 * @base: state of the mm core
 * @range: range being invalidated
 */
struct userptr_finish {
	struct mmu_interval_notifier_finish base;
	struct mmu_notifier_range range;
};

/* Each invalidation needs its own; the one in the object is usually enough. */
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
	 * The sequence has changed, so no further job can be published: wait
	 * only for the fences present now.
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
 * The state of a submission determines whether the mmap lock is held, which static
 * checkers cannot follow.
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
 * Check for holes first, otherwise userspace can make GUP log a warning for an address
 * in the gap below a stack. The mmap lock must be held.
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

	/* The hint is outdated: jobs wrote the range, but it is read-only now. */
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
 * Faults pages in only after exynos_drm_userptr_map() has found some missing: usually
 * there are none. Waits for invalidations of the objects that are not mapped.
 *
 * Context: Ioctl of the process that owns the memory, no locks or resources held: sleeps
 * without bound. Interruptible, except while waiting for invalidations. May return with
 * the mmap lock held (read), see exynos_drm_userptr_unlock_mm() and
 * exynos_drm_userptr_release().
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

	/* Read the sequences after faulting, which may itself invalidate. */
	for (i = 0; i < submit->num; i++) {
		struct exynos_drm_userptr_use *use = &submit->uses[i];

		use->seq = 0;
		if (!userptr_needs_map(use))
			continue;
		/* Do not block other threads of the process while waiting. */
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

	/* A page that GUP cannot return at all is not memory: fail, do not retry. */
	ret = n <= 0 ? n : userptr_gup(addr + n * PAGE_SIZE, 1, write, pages);
	if (ret > 0)
		userptr_put_pages(pages, ret, write);
	return ret == -EEXIST ? -EFAULT : -EAGAIN;
}

/* Maps the pages contiguously into the engines' IOVA space, or fails. */
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
	use->built = true;
	use->map = NULL;
}

/*
 * Makes a mapping current and protects it until the submission is released. Returns
 * -EAGAIN without publishing it if the range was invalidated meanwhile. If another
 * thread has published one first, returns 0 and leaves @use->map to the caller.
 *
 * Map unreferenced pages of other drivers under the lock, otherwise the engines could
 * access pages that were freed after the lookup.
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

static int userptr_alloc_table(struct exynos_drm_userptr_map *map,
			       struct page **pages, size_t npages)
{
	struct exynos_drm_userptr *up = map->up;
	struct exynos_drm_userptr_index *index;
	struct scatterlist *sg;
	size_t start = 0;
	unsigned int i;
	int ret;

	ret = sg_alloc_table_from_pages(&map->sgt, pages, npages,
					offset_in_page(up->start), up->size,
					GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret;

	map->num_index = (map->sgt.orig_nents - 1) / EXYNOS_USERPTR_INDEX_STEP;
	if (!map->num_index)
		return 0;

	/* Not by vmalloc(): freed under reclaim. */
	map->index = kmalloc_objs(*map->index, map->num_index,
				  GFP_KERNEL_ACCOUNT);
	if (!map->index) {
		sg_free_table(&map->sgt);
		return -ENOMEM;
	}
	index = map->index;
	for_each_sgtable_sg(&map->sgt, sg, i) {
		if (i && i % EXYNOS_USERPTR_INDEX_STEP == 0)
			*index++ = (struct exynos_drm_userptr_index){ sg, start };
		start += sg->length;
	}
	return 0;
}

static int userptr_build_pages(struct exynos_drm_userptr_submit *submit,
			       struct exynos_drm_userptr_use *use,
			       struct page **pages, size_t npages)
{
	struct exynos_drm_userptr_map *map = use->map;
	struct exynos_drm_userptr *up = use->up;
	int idx, ret;

	ret = userptr_alloc_table(map, pages, npages);
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
		userptr_free_table(map);
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
		/* The object was mapped when this attempt began, and was evicted since. */
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
 * exynos_drm_userptr_map() - map the objects of a submission
 * @submit: the submission, claimed
 *
 * Maps all objects that had no mapping when space was claimed. On error the objects
 * mapped so far stay mapped.
 *
 * Context: Ioctl of the process that owns the memory, outside of drm_dev_enter(). Does
 * not wait for userspace.
 *
 * Return: 0, -EINVAL if the memory is not contiguous without an IOMMU, -EFAULT, -ENOMEM,
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
		/* The owner of the lock may be waiting for userspace. */
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
	/* Missing pages on the first attempt do not count as a collision. */
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
 * exynos_drm_userptr_prepare() - check the objects of a submission
 * @submit: the submission; zeroed except for the members that the caller sets
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
 * exynos_drm_userptr_lock() - lock the mappings of a submission against invalidation
 * @submit: the submission
 *
 * With the lock held, get the mappings by exynos_drm_userptr_map_get() and publish
 * the job's fence in the objects' reservations. Nothing is locked if the submission
 * has no userptr objects.
 *
 * Context: Process context, reservation locks may be held. Do not allocate memory or
 * wait for a fence before exynos_drm_userptr_unlock(), otherwise reclaim deadlocks.
 */
void exynos_drm_userptr_lock(struct exynos_drm_userptr_submit *submit)
{
	if (!submit->space)
		return;

	down_read(&submit->space->lock);
	/* Hide the conditional lock from static checkers. */
	__release(&submit->space->lock);
}

/**
 * exynos_drm_userptr_unlock() - undo exynos_drm_userptr_lock()
 * @submit: the submission
 *
 * Context: Process context.
 */
void exynos_drm_userptr_unlock(struct exynos_drm_userptr_submit *submit)
{
	if (!submit->space)
		return;

	__acquire(&submit->space->lock);
	up_read(&submit->space->lock);
}

/**
 * exynos_drm_userptr_is_clean() - check whether a job need not clean a mapping
 * @use: the use of the object by the job's submission
 * @map: of exynos_drm_userptr_map_get()
 *
 * Mapping cleans all of an object from the CPU caches. A submission that has mapped it
 * need not do so again, because what the CPU has written before EXEC is in memory, and
 * what it writes afterwards may not lie in a cache line that the job accesses.
 *
 * Context: Between exynos_drm_userptr_lock() and exynos_drm_userptr_unlock().
 *
 * Return: true if the submission has built the mapping itself.
 */
bool exynos_drm_userptr_is_clean(const struct exynos_drm_userptr_use *use,
				 const struct exynos_drm_userptr_map *map)
{
	return use->built && use->protect == map;
}

/**
 * exynos_drm_userptr_map_get() - get the mapping that a job may use
 * @up: the object
 * @write: whether the job writes it
 *
 * Takes no reference: the fence that the caller adds to the object's reservation before
 * exynos_drm_userptr_unlock() keeps the mapping.
 *
 * Context: Between exynos_drm_userptr_lock() and exynos_drm_userptr_unlock().
 *
 * Return: the mapping, or NULL if there is no current one and the submission has to
 * start over.
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
 * exynos_drm_userptr_map_used() - record that a job uses a mapping
 * @map: mapping from exynos_drm_userptr_map_get()
 * @fence: fence of the job; must not signal before those of earlier jobs
 * @write: whether the job writes through the mapping
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
 * exynos_drm_userptr_leak() - leak a mapping to a wedged engine
 * @map: mapping that a job of the engine uses
 *
 * The mapping is never taken down; an invalidation leaks its memory or, for memory of
 * other drivers behind an IOMMU, unmaps it but keeps its IOVA. The caller must never put
 * the object.
 *
 * Context: Any, before the fence of that job signals.
 */
void exynos_drm_userptr_leak(struct exynos_drm_userptr_map *map)
{
	WRITE_ONCE(map->leaked, true);
}
