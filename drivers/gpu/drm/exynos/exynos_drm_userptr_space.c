// SPDX-License-Identifier: GPL-2.0-only
/*
 * Userptr: the address spaces of processes.
 */

#include <linux/hashtable.h>
#include <linux/kref.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include <drm/drm_drv.h>
#include <drm/drm_gem.h>

#include "exynos_drm_user.h"
#include "exynos_drm_userptr.h"
#include "exynos_drm_userptr_priv.h"

/**
 * DOC: userptr address spaces
 *
 * All objects of a process share the lock that orders its jobs and its notifiers. When
 * the process exits, the driver removes the notifiers, otherwise a handle would keep the
 * mm_struct. Removing a notifier waits until no invalidation of the process is in
 * progress, and userspace can keep one in progress at all times. Freeing an object
 * therefore only takes its mapping down; a work item of the user removes the notifier
 * and frees the memory.
 */

/*
 * Removes notifiers. Each user has a work item, so that a process only delays those of
 * its own user.
 */
static struct workqueue_struct *userptr_wq;

/**
 * exynos_drm_userptr_module_init() - allocate what all devices share
 *
 * Context: Process context. Allocates.
 *
 * Return: 0 or -ENOMEM.
 */
int exynos_drm_userptr_module_init(void)
{
	userptr_wq = alloc_workqueue("exynos_drm_userptr", WQ_UNBOUND,
				     WQ_MAX_ACTIVE);
	return userptr_wq ? 0 : -ENOMEM;
}

/**
 * exynos_drm_userptr_module_exit() - undo exynos_drm_userptr_module_init()
 *
 * Context: All drivers are unregistered and all files closed. Waits until all
 * objects are freed.
 */
void exynos_drm_userptr_module_exit(void)
{
	destroy_workqueue(userptr_wq);
}

/**
 * userptr_space_get() - take a reference to an address space
 * @space: the address space
 *
 * Context: Any.
 */
void userptr_space_get(struct exynos_drm_userptr_space *space)
{
	kref_get(&space->kref);
}

static void userptr_space_release(struct kref *kref)
{
	struct exynos_drm_userptr_space *space =
		container_of(kref, struct exynos_drm_userptr_space, kref);
	struct drm_device *drm = space->dev->drm;

	exynos_drm_user_put(space->user);
	kfree(space);
	drm_dev_put(drm);
}

/**
 * userptr_space_put() - drop a reference to an address space
 * @space: the address space
 *
 * Context: Process context, reclaim included unless it is the last one.
 */
void userptr_space_put(struct exynos_drm_userptr_space *space)
{
	kref_put(&space->kref, userptr_space_release);
}

/**
 * userptr_space_queue_reap() - queue an address space for the user's reaper
 * @space: the address space
 *
 * Context: &exynos_drm_userptr_dev.lock must be held.
 */
void userptr_space_queue_reap(struct exynos_drm_userptr_space *space)
{
	struct exynos_drm_userptr_dev *dev = space->dev;
	struct exynos_drm_user *user = space->user;

	lockdep_assert_held(&dev->lock);

	if (list_empty(&space->reap)) {
		userptr_space_get(space);
		list_add_tail(&space->reap, &user->reap);
	}
	/* The work drops both references. */
	if (queue_work(userptr_wq, &user->reaper)) {
		kref_get(&user->kref);
		drm_dev_get(dev->drm);
	}
}

/**
 * userptr_space_drop_object() - undo what userptr_space_lookup() counted
 * @space: the address space
 *
 * Context: Any context without &exynos_drm_userptr_dev.lock.
 */
void userptr_space_drop_object(struct exynos_drm_userptr_space *space)
{
	guard(spinlock)(&space->dev->lock);

	if (!--space->num_objects)
		hash_del(&space->link);
}

static struct exynos_drm_userptr *
userptr_space_pop_dying(struct exynos_drm_userptr_space *space)
{
	struct exynos_drm_userptr *up;

	guard(spinlock)(&space->dev->lock);

	up = list_first_entry_or_null(&space->dying, struct exynos_drm_userptr,
				      space_link);
	if (up)
		list_del(&up->space_link);
	return up;
}

static void userptr_space_free_dying(struct exynos_drm_userptr_space *space)
{
	struct exynos_drm_userptr *up;

	while ((up = userptr_space_pop_dying(space))) {
		struct mm_struct *mm = up->removed ? NULL : up->notifier.mm;

		/* The space is looked up by the address of the mm: keep it allocated. */
		if (mm) {
			mmgrab(mm);
			mmu_interval_notifier_remove(&up->notifier);
		}
		/* Release the fences after removing the notifier, whose callback waits for them. */
		drm_gem_object_release(&up->gem.base);
		kfree(up);
		atomic_dec(&space->user->dying);
		userptr_space_drop_object(space);
		if (mm)
			mmdrop(mm);
		userptr_space_put(space);
	}
}

/* Moves the next object with a notifier to @reaped and takes a reference. */
static struct exynos_drm_userptr *
userptr_space_next(struct exynos_drm_userptr_space *space,
		   struct list_head *reaped)
{
	struct exynos_drm_userptr *up, *next;

	guard(spinlock)(&space->dev->lock);

	list_for_each_entry_safe(up, next, &space->objects, space_link) {
		list_move_tail(&up->space_link, reaped);
		/* An object that is being freed will be moved to @space->dying. */
		if (!up->removed &&
		    kref_get_unless_zero(&up->gem.base.refcount))
			return up;
	}
	list_splice_init(reaped, &space->objects);
	return NULL;
}

static void userptr_space_reap_dead(struct exynos_drm_userptr_space *space)
{
	struct exynos_drm_userptr *up;
	LIST_HEAD(reaped);

	while ((up = userptr_space_next(space, &reaped))) {
		mmu_interval_notifier_remove(&up->notifier);
		up->removed = true;
		drm_gem_object_put(&up->gem.base);
	}
}

static struct exynos_drm_userptr_space *
userptr_user_pop_space(struct exynos_drm_user *user)
{
	struct exynos_drm_userptr_space *space;

	guard(spinlock)(&userptr_dev(user->drm)->lock);

	space = list_first_entry_or_null(&user->reap,
					 struct exynos_drm_userptr_space, reap);
	if (space)
		list_del_init(&space->reap);
	return space;
}

/**
 * exynos_drm_userptr_reap() - remove notifiers that are no longer needed
 * @work: &exynos_drm_user.reaper
 *
 * Context: Work item. Waits for invalidations of the user's processes.
 */
void exynos_drm_userptr_reap(struct work_struct *work)
{
	struct exynos_drm_user *user =
		container_of(work, struct exynos_drm_user, reaper);
	struct drm_device *drm = user->drm;
	struct exynos_drm_userptr_space *space;

	while ((space = userptr_user_pop_space(user))) {
		if (READ_ONCE(space->dead))
			userptr_space_reap_dead(space);
		userptr_space_free_dying(space);
		userptr_space_put(space);
	}
	exynos_drm_user_put(user);
	drm_dev_put(drm);
}

/**
 * userptr_space_exit() - mark an address space dead because its process exits
 * @space: the address space
 *
 * Context: MMU notifier callback.
 */
void userptr_space_exit(struct exynos_drm_userptr_space *space)
{
	guard(spinlock)(&space->dev->lock);

	if (space->dead)
		return;
	WRITE_ONCE(space->dead, true);
	userptr_space_queue_reap(space);
}

/* Counts an object that the caller is about to create. */
static struct exynos_drm_userptr_space *
userptr_space_find(struct exynos_drm_userptr_dev *dev, struct mm_struct *mm)
{
	struct exynos_drm_userptr_space *space;

	lockdep_assert_held(&dev->lock);

	hash_for_each_possible(dev->spaces, space, link, (unsigned long)mm) {
		if (space->mm != mm || space->dead)
			continue;
		userptr_space_get(space);
		space->num_objects++;
		return space;
	}
	return NULL;
}

/**
 * userptr_init_lock() - initialize a notifier lock
 * @lock: the lock
 *
 * All notifier locks have one lockdep class, primed by exynos_drm_userptr_init().
 *
 * Context: Any.
 */
void userptr_init_lock(struct rw_semaphore *lock)
{
	init_rwsem(lock);
}

/**
 * userptr_space_lookup() - get the address space of the current process
 * @dev: the device
 *
 * Counts an object that the caller is about to create, see userptr_space_drop_object().
 *
 * Context: Process context. Allocates.
 *
 * Return: the address space with a reference, or an ERR_PTR() of -ENOMEM or of
 * exynos_drm_user_get().
 */
struct exynos_drm_userptr_space *
userptr_space_lookup(struct exynos_drm_userptr_dev *dev)
{
	struct exynos_drm_userptr_space *space, *new;
	struct mm_struct *mm = current->mm;

	scoped_guard(spinlock, &dev->lock)
		space = userptr_space_find(dev, mm);
	if (space)
		return space;

	new = kzalloc_obj(*new, GFP_KERNEL_ACCOUNT);
	if (!new)
		return ERR_PTR(-ENOMEM);
	new->user = exynos_drm_user_get(dev->drm);
	if (IS_ERR(new->user)) {
		space = ERR_CAST(new->user);
		kfree(new);
		return space;
	}
	kref_init(&new->kref);
	drm_dev_get(dev->drm);
	new->dev = dev;
	new->mm = mm;
	new->num_objects = 1;
	userptr_init_lock(&new->lock);
	INIT_LIST_HEAD(&new->objects);
	INIT_LIST_HEAD(&new->dying);
	INIT_LIST_HEAD(&new->reap);

	scoped_guard(spinlock, &dev->lock) {
		space = userptr_space_find(dev, mm);
		if (!space)
			hash_add(dev->spaces, &new->link, (unsigned long)mm);
	}
	if (space) {
		userptr_space_put(new);
		return space;
	}
	return new;
}

/**
 * exynos_drm_userptr_is_mine() - check whether the current process owns an object
 * @up: the object
 *
 * Context: Process context.
 *
 * Return: true if it is a range of the current address space.
 */
bool exynos_drm_userptr_is_mine(const struct exynos_drm_userptr *up)
{
	/* Compare first: once dead, the address of the mm may have been reused. */
	return up->space->mm == current->mm && !READ_ONCE(up->space->dead);
}
