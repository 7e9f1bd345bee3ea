// SPDX-License-Identifier: GPL-2.0-only
/*
 * Userptr: who gets IOVA space, and what is evicted for it.
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
 * A submission claims the space of all mappings it lacks at once, before it looks
 * up any page. If it has to wait for space it has none, and no place in an engine's
 * queue either. One task of each user at a time waits for the user's share, and one
 * of these for the device's limit. The latter takes its *turn*: no other submission
 * evicts mappings of other users, it keeps the turn until its job is published, and so at
 * most one claim at a time is held by somebody who waits for a place. Users take
 * turns in the order of exynos_drm_quota_take(), however many tasks they have.
 *
 * Waiting ends, whatever others do: if too little is idle, busy mappings are
 * *condemned*, least recently used first. No job can use a condemned mapping any
 * more, so it becomes idle when the jobs end that are queued already, and jobs of
 * the same process that come later claim space for another one. -ENOSPC means that
 * waiting would not help: the objects of the submission exceed the share together,
 * or a wedged engine occupies what is missing.
 *
 * A claim keeps the mappings that the submission has already from being evicted
 * until its job is published. Whoever has a claim neither sleeps on userspace nor
 * waits for another claim, so claims are released soon.
 */

/* So many attempts may have to wait before that counts as a collision. */
#define USERPTR_MAX_WAITS	8

/* What the mapping of an object takes of the IOVA space, in bytes. */
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
 * The least recently used idle mapping, of @user or of anybody, with a reference.
 * Without one, @busy tells whether there will be. Busy ones become most recently
 * used, which they are.
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
		if (!map->protect && !READ_ONCE(map->lost)) {
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

/* Lets mappings of @user or of anybody become idle, until @need bytes are. */
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
		if (map->protect || READ_ONCE(map->lost))
			continue;
		WRITE_ONCE(map->condemned, true);
		bytes += map->bytes;
	}
}

/**
 * exynos_drm_user_limit_ioctl() - ask for or set the limit of the device
 * @drm: the device
 * @data: &struct drm_exynos_user_limit
 * @file: the file
 *
 * Takes down idle mappings that are beyond a new limit. Busy ones stay until their
 * jobs have ended and somebody needs the space.
 *
 * Context: Ioctl, CAP_SYS_ADMIN was checked.
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
		drm_dbg(drm, "padding is %#x, not zero\n", args->pad);
		return -EINVAL;
	}
	if (!args->userptr_limit)
		goto out;
	if (args->userptr_limit < PAGE_SIZE + EXYNOS_DRM_WINDOW_GUARD ||
	    args->userptr_limit > EXYNOS_DRM_WINDOW_SIZE) {
		drm_dbg(drm, "limit of %u bytes\n", args->userptr_limit);
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
 * Evicts mappings, of @user or of anybody, until @fits() succeeds. Returns -EBUSY
 * if only waiting helps.
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
		/* What was busy before may have been taken down since. */
		return userptr_try_locked(submit, fits) ? 0 : -ENOSPC;
	}
}

/* The same for mappings of anybody, but condemns @need bytes and waits. */
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
		 * This is bounded. A signal would lose the turn, and what was
		 * condemned for it to others.
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

/* All or nothing: the space of all mappings to be made. */
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
		userptr_map_put(map);
	}
}

/* Protects what is mapped. Returns false if a mapping is to be allocated first. */
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
 * Decides what is to be mapped: what is not, or all of it if @remap. A mapping that
 * is invalidated later makes the submission start over when the job is published.
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

/* The owner of the turn. Returns -EBUSY to wait for the user's share. */
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

	/* Only of use if the space is fragmented, so let all of it become free. */
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
	/* Its own mappings may be what fragments the space. */
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
 * @wait: wait for it
 *
 * Does nothing if all objects are mapped. Otherwise what is mapped stays, unless
 * the process changes it, and what is not has its space until
 * exynos_drm_userptr_release(), which must follow soon and always does if the
 * caller neither waits for userspace nor for foreign fences in between.
 *
 * Context: Ioctl. With @wait, hold nothing that others may want, and drop what
 * exynos_drm_userptr_fault_in() holds. Sleeps then, interruptibly for its turn and
 * killably until busy mappings become idle, and returns with the turn, so that nobody
 * else claims space until the release: do not wait for anything that waits for space.
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
 * exynos_drm_userptr_waited() - do not count a wait as a collision
 * @submit: the submission
 * @start: when the wait began, in jiffies
 *
 * Call it after waiting for something that no other thread of the process causes.
 *
 * Context: Ioctl.
 */
void exynos_drm_userptr_waited(struct exynos_drm_userptr_submit *submit,
			       unsigned long start)
{
	/* Not without an end, for a program can collide on purpose. */
	if (submit->collisions <= USERPTR_MAX_WAITS)
		submit->deadline += jiffies - start;
}

/**
 * exynos_drm_userptr_release() - release what a submission holds
 * @submit: the submission, its job published or not to be
 *
 * Undoes exynos_drm_userptr_claim() and, if it holds the mmap lock,
 * exynos_drm_userptr_fault_in(); does nothing without either. What was mapped
 * stays mapped.
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
