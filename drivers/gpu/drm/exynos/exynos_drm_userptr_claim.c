// SPDX-License-Identifier: GPL-2.0-only
/*
 * Userptr: claiming IOVA space and evicting mappings.
 */

#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/sched/signal.h>

#include <drm/drm_device.h>
#include <drm/drm_print.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_userptr.h"
#include "exynos_drm_userptr_priv.h"

/**
 * DOC: userptr claims
 *
 * A submission claims the IOVA space of all mappings it lacks at once, before it looks
 * up any page. While it waits for space it holds neither space nor a place in an
 * engine's queue. One task of each user at a time waits for the user's share, and one of
 * these tasks for the device's limit. The latter has the *turn*: no other submission
 * evicts mappings of other users, and it keeps the turn until its job is published, so at
 * most one claim is held by a task that waits for a place. Users take turns in the order of
 * exynos_drm_quota_take(), however many tasks they have.
 *
 * Waiting is bounded: if too few mappings are idle, the driver *condemns* busy ones,
 * least recently used first. New jobs cannot use a condemned mapping, so it becomes idle
 * when the jobs already queued have ended; later jobs of the same process claim space
 * for a new mapping. -ENOSPC means that waiting would not help: the objects of the
 * submission exceed the share together, or a wedged engine occupies the missing space.
 *
 * A claim protects the current mappings of the submission from eviction until its job
 * is published. The owner of a claim must neither wait for userspace nor for another
 * claim, otherwise it blocks other users.
 */

/* Collisions after which waits count towards the deadline. */
#define USERPTR_MAX_WAITS	8

/* IOVA space that the mapping of an object occupies, in bytes. */
static size_t userptr_cost(const struct exynos_drm_userptr *up)
{
	struct drm_device *drm = up->gem.base.dev;
	size_t bytes = userptr_bytes(up);

	if (userptr_has_window(up->space->dev))
		return bytes + EXYNOS_DRM_WINDOW_GUARD;
	/* The DMA API aligns to the size. */
	return is_drm_iommu_supported(drm) ? roundup_pow_of_two(bytes) : bytes;
}

/*
 * Returns the least recently used idle mapping of @user, or of any user if NULL, with a
 * reference. If there is none, @busy tells whether one can become idle. Busy mappings
 * become the most recently used ones, so that later calls skip them.
 */
static struct exynos_drm_userptr_map *
userptr_victim(struct exynos_drm_userptr_dev *dev, struct exynos_drm_user *user,
	       bool *busy)
{
	struct list_head *lru = user ? &user->lru : &dev->lru;
	struct exynos_drm_userptr_map *map, *found = NULL;
	struct list_head *link, *next;
	LIST_HEAD(skipped);

	guard(spinlock)(&dev->lock);

	/* All protected mappings belong to a claim, or to the caller. */
	*busy = user ? user->claims > 0 : dev->claims > 0;

	list_for_each_safe(link, next, lru) {
		map = user ? list_entry(link, struct exynos_drm_userptr_map,
					user_lru) :
			     list_entry(link, struct exynos_drm_userptr_map,
					lru);
		if (!map->protect && !READ_ONCE(map->leaked)) {
			if (userptr_map_is_idle(map)) {
				kref_get(&map->kref);
				found = map;
				break;
			}
			*busy = true;
		}
		list_move_tail(link, &skipped);
	}
	list_splice_tail(&skipped, lru);
	return found;
}

/* Evicts one mapping. Returns false if none is idle; see userptr_victim(). */
static bool userptr_evict(struct exynos_drm_userptr_dev *dev,
			  struct exynos_drm_user *user, bool *busy)
{
	struct exynos_drm_userptr_map *map = userptr_victim(dev, user, busy);

	if (!map)
		return false;

	userptr_map_evict(map, false);
	userptr_map_put(map);
	return true;
}

/* Condemns @need bytes of mappings of @user, or of any user if NULL. */
static void userptr_condemn(struct exynos_drm_userptr_dev *dev,
			    struct exynos_drm_user *user, u64 need)
{
	struct list_head *lru = user ? &user->lru : &dev->lru;
	struct exynos_drm_userptr_map *map;
	struct list_head *link;
	u64 bytes = 0;

	guard(spinlock)(&dev->lock);

	list_for_each(link, lru) {
		if (bytes >= need)
			return;
		map = user ? list_entry(link, struct exynos_drm_userptr_map,
					user_lru) :
			     list_entry(link, struct exynos_drm_userptr_map,
					lru);
		if (map->protect || READ_ONCE(map->leaked))
			continue;
		WRITE_ONCE(map->condemned, true);
		bytes += map->bytes;
	}
}

/**
 * exynos_drm_user_limit_ioctl() - get or set the limit of the device
 * @drm: the device
 * @data: &struct drm_exynos_user_limit
 * @file: the file
 *
 * Evicts idle mappings that exceed a new limit. Busy ones stay until their jobs have
 * ended and a submission needs the space.
 *
 * Context: Ioctl. The DRM core has checked CAP_SYS_ADMIN.
 *
 * Return: 0, or -EINVAL.
 */
int exynos_drm_user_limit_ioctl(struct drm_device *drm, void *data,
				struct drm_file *file)
{
	struct exynos_drm_userptr_dev *dev = userptr_dev(drm);
	struct drm_exynos_user_limit *args = data;
	bool busy;

	if (args->pad) {
		drm_dbg(drm, "padding is %#x, must be zero\n", args->pad);
		return -EINVAL;
	}
	if (!args->userptr_limit)
		goto out;
	if (args->userptr_limit < PAGE_SIZE + EXYNOS_DRM_WINDOW_GUARD ||
	    args->userptr_limit > EXYNOS_DRM_WINDOW_SIZE) {
		drm_dbg(drm, "limit of %u bytes is not from %lu to %lu\n",
			args->userptr_limit, PAGE_SIZE + EXYNOS_DRM_WINDOW_GUARD,
			EXYNOS_DRM_WINDOW_SIZE);
		return -EINVAL;
	}

	userptr_set_limit(args->userptr_limit);
	scoped_guard(spinlock, &dev->lock)
		dev->events++;
	wake_up(&dev->wait);
	while (READ_ONCE(dev->charged) > exynos_drm_userptr_limit() &&
	       !fatal_signal_pending(current) &&
	       userptr_evict(dev, NULL, &busy))
		;
out:
	args->userptr_limit = exynos_drm_userptr_limit();
	return 0;
}

static bool userptr_try_locked(struct exynos_drm_userptr_submit *submit,
			       bool (*fits)(struct exynos_drm_userptr_submit *submit))
{
	guard(spinlock)(&submit->space->dev->lock);

	return fits(submit);
}

/*
 * Evicts mappings of @user, or of any user if NULL, until @fits() succeeds. Returns
 * -EBUSY if the caller has to wait for busy mappings.
 */
static int userptr_evict_until(struct exynos_drm_userptr_submit *submit,
			       struct exynos_drm_user *user,
			       bool (*fits)(struct exynos_drm_userptr_submit *submit))
{
	struct exynos_drm_userptr_dev *dev = submit->space->dev;
	bool busy;

	for (;;) {
		if (userptr_try_locked(submit, fits))
			return 0;
		if (fatal_signal_pending(current))
			return -EINTR;
		if (userptr_evict(dev, user, &busy))
			continue;
		if (busy)
			return -EBUSY;
		/* A mapping may have been taken down since the first attempt. */
		return userptr_try_locked(submit, fits) ? 0 : -ENOSPC;
	}
}

/* Evicts mappings of any user; condemns @need bytes and waits if all are busy. */
static int userptr_wait_until(struct exynos_drm_userptr_submit *submit,
			      u64 need,
			      bool (*fits)(struct exynos_drm_userptr_submit *submit))
{
	struct exynos_drm_userptr_dev *dev = submit->space->dev;
	int ret;

	for (;;) {
		unsigned int seen = READ_ONCE(dev->events);

		ret = userptr_evict_until(submit, NULL, fits);
		if (ret != -EBUSY || !submit->may_wait)
			return ret;
		userptr_condemn(dev, NULL, need);
		/*
		 * The wait is bounded. If any signal ended it, the turn would pass on,
		 * and with it the condemned space.
		 */
		if (wait_event_killable(dev->wait,
					READ_ONCE(dev->events) != seen))
			return -EINTR;
	}
}

static bool userptr_charge_share(struct exynos_drm_userptr_submit *submit)
{
	struct exynos_drm_user *user = submit->space->user;

	if (user->charged + submit->charged > exynos_drm_userptr_share())
		return false;
	user->charged += submit->charged;
	return true;
}

static bool userptr_charge_limit(struct exynos_drm_userptr_submit *submit)
{
	struct exynos_drm_userptr_dev *dev = submit->space->dev;

	if (dev->charged + submit->charged > exynos_drm_userptr_limit())
		return false;
	dev->charged += submit->charged;
	return true;
}

static void userptr_free_node(struct exynos_drm_userptr_map *map)
{
	if (drm_mm_node_allocated(&map->node))
		drm_mm_remove_node(&map->node);
}

/* Allocates the IOVA of all new mappings, or of none. */
static bool userptr_place(struct exynos_drm_userptr_submit *submit)
{
	struct exynos_drm_userptr_dev *dev = submit->space->dev;
	unsigned int i;

	if (!userptr_has_window(dev))
		return true;

	for (i = 0; i < submit->num; i++) {
		struct exynos_drm_userptr_map *map = submit->uses[i].map;

		if (map && exynos_drm_window_alloc(&dev->window, &map->node,
						   userptr_bytes(map->up)))
			goto err_free;
	}
	return true;

err_free:
	while (i--) {
		if (submit->uses[i].map)
			userptr_free_node(submit->uses[i].map);
	}
	return false;
}

static void userptr_unprotect(struct exynos_drm_userptr_submit *submit)
{
	struct exynos_drm_userptr_dev *dev = submit->space->dev;
	unsigned int i;

	for (i = 0; i < submit->num; i++) {
		struct exynos_drm_userptr_map *map = submit->uses[i].protect;

		if (!map)
			continue;
		scoped_guard(spinlock, &dev->lock)
			map->protect--;
		submit->uses[i].protect = NULL;
		submit->uses[i].built = false;
		userptr_map_put(map);
	}
}

/* Protects current mappings. Returns false if a new mapping must be allocated first. */
static bool userptr_try_plan(struct exynos_drm_userptr_submit *submit,
			     bool remap)
{
	struct exynos_drm_userptr_space *space = submit->space;
	struct exynos_drm_userptr_dev *dev = space->dev;
	unsigned int i;

	submit->charged = 0;

	guard(rwsem_read)(&space->lock);
	guard(spinlock)(&dev->lock);

	for (i = 0; i < submit->num; i++) {
		struct exynos_drm_userptr_use *use = &submit->uses[i];

		if (use->protect)
			continue;
		if (!remap && userptr_is_current(use->up, use->write)) {
			use->protect = use->up->cur;
			use->protect->protect++;
			kref_get(&use->protect->kref);
		} else if (use->map) {
			submit->charged += use->map->bytes;
		} else {
			return false;
		}
	}
	return true;
}

/*
 * Protects the objects that are mapped and allocates mappings for the others, or for all
 * if @remap. If a protected mapping is invalidated later, the submission starts over
 * when its job is about to be published.
 */
static int userptr_plan(struct exynos_drm_userptr_submit *submit, bool remap)
{
	unsigned int i;

	while (!userptr_try_plan(submit, remap)) {
		for (i = 0; i < submit->num; i++) {
			struct exynos_drm_userptr_use *use = &submit->uses[i];

			if (use->protect || use->map)
				continue;
			use->map = userptr_map_alloc(use->up, use->map_write);
			if (!use->map)
				return -ENOMEM;
			use->map->bytes = userptr_cost(use->up);
		}
	}

	for (i = 0; i < submit->num; i++) {
		struct exynos_drm_userptr_use *use = &submit->uses[i];

		if (use->protect && use->map) {
			userptr_map_put(use->map);
			use->map = NULL;
		}
	}
	return 0;
}

static void userptr_unplan(struct exynos_drm_userptr_submit *submit)
{
	struct exynos_drm_userptr_dev *dev = submit->space->dev;
	unsigned int i;

	for (i = 0; i < submit->num; i++) {
		struct exynos_drm_userptr_map *map = submit->uses[i].map;

		if (!map)
			continue;
		scoped_guard(spinlock, &dev->lock)
			userptr_free_node(map);
		submit->uses[i].map = NULL;
		userptr_map_put(map);
	}
	userptr_unprotect(submit);
}

/* Call with both quotas taken. Returns -EBUSY to wait for the user's share. */
static int userptr_claim_turn(struct exynos_drm_userptr_submit *submit,
			      bool remap)
{
	struct exynos_drm_userptr_dev *dev = submit->space->dev;
	struct exynos_drm_user *user = submit->space->user;
	int ret;

	ret = userptr_plan(submit, remap);
	if (ret)
		goto err_plan;

	ret = userptr_evict_until(submit, user, userptr_charge_share);
	if (ret == -EBUSY)
		userptr_condemn(dev, user, submit->charged);
	if (ret)
		goto err_plan;

	ret = userptr_wait_until(submit, submit->charged, userptr_charge_limit);
	if (ret)
		goto err_share;

	/* Fails only if the window is fragmented, so condemn all of it. */
	ret = userptr_wait_until(submit, U64_MAX, userptr_place);
	if (ret)
		goto err_limit;

	scoped_guard(spinlock, &dev->lock) {
		submit->claimed = true;
		user->claims++;
		dev->claims++;
	}
	return 0;

err_limit:
	scoped_guard(spinlock, &dev->lock)
		dev->charged -= submit->charged;
	/* The submission's own mappings may fragment the window. */
	if (ret == -ENOSPC && !remap)
		ret = -EXFULL;
err_share:
	scoped_guard(spinlock, &dev->lock)
		user->charged -= submit->charged;
err_plan:
	userptr_unplan(submit);
	return ret;
}

static int userptr_claim_remap(struct exynos_drm_userptr_submit *submit)
{
	int ret = userptr_claim_turn(submit, false);

	return ret == -EXFULL ? userptr_claim_turn(submit, true) : ret;
}

static bool userptr_fits_share(struct exynos_drm_userptr_submit *submit)
{
	u64 bytes = 0;
	unsigned int i;

	for (i = 0; i < submit->num; i++)
		bytes += userptr_cost(submit->uses[i].up);
	return bytes <= exynos_drm_userptr_share();
}

static bool userptr_all_current(struct exynos_drm_userptr_submit *submit)
{
	unsigned int i;

	guard(rwsem_read)(&submit->space->lock);

	for (i = 0; i < submit->num; i++) {
		if (!userptr_is_current(submit->uses[i].up,
					submit->uses[i].write))
			return false;
	}
	return true;
}

static int userptr_try_claim(struct exynos_drm_userptr_submit *submit)
{
	struct exynos_drm_user *user = submit->space->user;
	int ret = -EBUSY;

	if (!exynos_drm_quota_try(user, EXYNOS_DRM_QUOTA_SHARE))
		return -EBUSY;
	if (exynos_drm_quota_try(user, EXYNOS_DRM_QUOTA_SPACE)) {
		ret = userptr_claim_remap(submit);
		exynos_drm_quota_give(user, EXYNOS_DRM_QUOTA_SPACE);
	}
	exynos_drm_quota_give(user, EXYNOS_DRM_QUOTA_SHARE);
	return ret;
}

static int userptr_wait_claim(struct exynos_drm_userptr_submit *submit)
{
	struct exynos_drm_user *user = submit->space->user;
	unsigned int seen;
	int ret;

	ret = exynos_drm_quota_take(user, EXYNOS_DRM_QUOTA_SHARE,
				    submit->since);
	if (ret)
		return ret;

	for (;;) {
		seen = READ_ONCE(user->events);
		ret = exynos_drm_quota_take(user, EXYNOS_DRM_QUOTA_SPACE,
					    submit->since);
		if (ret)
			break;
		ret = userptr_claim_remap(submit);
		if (!ret) {
			submit->turn = true;
			return 0;
		}
		exynos_drm_quota_give(user, EXYNOS_DRM_QUOTA_SPACE);
		if (ret != -EBUSY)
			break;
		/* As in userptr_wait_until(). */
		if (wait_event_killable(user->wait,
					READ_ONCE(user->events) != seen)) {
			ret = -EINTR;
			break;
		}
	}
	exynos_drm_quota_give(user, EXYNOS_DRM_QUOTA_SHARE);
	return ret;
}

/**
 * exynos_drm_userptr_claim() - claim the IOVA space that a submission needs
 * @submit: the submission
 * @wait: whether to wait for space
 *
 * Does nothing if all objects are mapped. Otherwise protects current mappings from
 * eviction and reserves space for the others until exynos_drm_userptr_release(). The
 * caller must not wait for userspace or foreign fences before that, otherwise it blocks
 * other users.
 *
 * Context: Ioctl. With @wait, the caller must not hold a place in a queue. Drops the mmap
 * lock that exynos_drm_userptr_fault_in() took. Sleeps then, interruptibly for the turn
 * and killably until busy mappings become idle, and returns with the turn: until the
 * release do not wait for a task that waits for space.
 *
 * Return: 0, -EBUSY if @wait is needed, -ENOMEM, -ENOSPC if it can never fit, -EINTR
 * or -ERESTARTSYS.
 */
int exynos_drm_userptr_claim(struct exynos_drm_userptr_submit *submit,
			     bool wait)
{
	unsigned long start = jiffies;
	int ret;

	if (!submit->space || userptr_all_current(submit))
		return 0;
	if (!userptr_fits_share(submit))
		return -ENOSPC;

	submit->may_wait = wait;
	if (!wait)
		return userptr_try_claim(submit);

	exynos_drm_userptr_unlock_mm(submit);
	ret = userptr_wait_claim(submit);
	exynos_drm_userptr_waited(submit, start);
	return ret;
}

/**
 * exynos_drm_userptr_waited() - extend the deadline of a submission by a wait
 * @submit: the submission
 * @start: start of the wait, in jiffies
 *
 * Call it after a wait that other threads of the process do not cause.
 *
 * Context: Ioctl.
 */
void exynos_drm_userptr_waited(struct exynos_drm_userptr_submit *submit,
			       unsigned long start)
{
	/* Limit the extensions, because userspace can collide on purpose. */
	if (submit->collisions <= USERPTR_MAX_WAITS)
		submit->deadline += jiffies - start;
}

/**
 * exynos_drm_userptr_release() - release the claim and the locks of a submission
 * @submit: the submission; its job is published or has failed
 *
 * Undoes exynos_drm_userptr_claim() and, if it holds the mmap lock,
 * exynos_drm_userptr_fault_in(); does nothing without either. Published mappings stay.
 *
 * Context: Ioctl.
 */
void exynos_drm_userptr_release(struct exynos_drm_userptr_submit *submit)
{
	struct exynos_drm_userptr_dev *dev;
	struct exynos_drm_user *user;

	exynos_drm_userptr_unlock_mm(submit);
	if (!submit->claimed)
		return;

	dev = submit->space->dev;
	user = submit->space->user;
	userptr_unplan(submit);
	scoped_guard(spinlock, &dev->lock) {
		submit->claimed = false;
		user->claims--;
		dev->claims--;
		user->charged -= submit->charged;
		dev->charged -= submit->charged;
		submit->charged = 0;
	}
	userptr_wake(submit->space);

	if (submit->turn) {
		submit->turn = false;
		exynos_drm_quota_give(user, EXYNOS_DRM_QUOTA_SPACE);
		exynos_drm_quota_give(user, EXYNOS_DRM_QUOTA_SHARE);
	}
}
