// SPDX-License-Identifier: GPL-2.0-only
/*
 * Users of the device and their quotas.
 */

#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>

#include <drm/drm_device.h>
#include <drm/drm_managed.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_user.h"

/**
 * DOC: users and quotas
 *
 * All processes share the engines, so scarce resources are accounted. A process can
 * create any number of processes and open files, so the driver accounts users (uids).
 * All uids of a user namespace count as the owner of the outermost namespace.
 *
 * A *quota* is a number of units that users share, such as places in an engine's queue.
 * exynos_drm_quota_take() takes a unit, exynos_drm_quota_give() returns it. Of the users
 * with waiting tasks the one served least recently is served next, and of its tasks the
 * one that has waited longest, so a user gains nothing by having many tasks wait. A task
 * whose wait was interrupted by a signal passes the start of its wait again and keeps
 * its place.
 *
 * Quotas are managed memory of the DRM device, because tasks wait outside of
 * drm_dev_enter().
 */

/**
 * struct exynos_drm_quota - units shared by the users
 */
struct exynos_drm_quota {
	/** @max: Units of all users together. Immutable. */
	unsigned int max;

	/** @max_user: Units of one user. Immutable. */
	unsigned int max_user;

	/** @lock: Protects the members below and the accounts of all users. */
	spinlock_t lock;

	/** @used: Units taken. */
	unsigned int used;

	/** @waiting: Accounts with waiters. */
	struct list_head waiting;
};

/**
 * struct exynos_drm_users - the users of a device
 */
struct exynos_drm_users {
	/** @quotas: Quotas shared by the users. */
	struct exynos_drm_quota quotas[EXYNOS_DRM_NUM_QUOTAS];

	/** @lock: Protects @list. */
	spinlock_t lock;

	/** @list: All &exynos_drm_user that are referenced. */
	struct list_head list;

	/** @reap: Work function of &exynos_drm_user.reaper. */
	work_func_t reap;
};

/**
 * struct quota_waiter - a task that waits for a unit of a quota
 */
struct quota_waiter {
	/** @link: On &exynos_drm_account.waiters; empty once it has a unit. */
	struct list_head link;

	/** @since: Start of the wait in ns; orders the list. */
	u64 since;

	/** @granted: Completed when the task has a unit. */
	struct completion granted;
};

static struct exynos_drm_users *drm_users(struct drm_device *drm)
{
	struct exynos_drm_private *priv = drm->dev_private;

	return priv->users;
}

static struct exynos_drm_user *user_find(struct exynos_drm_users *users,
					 kuid_t uid)
{
	struct exynos_drm_user *user;

	lockdep_assert_held(&users->lock);

	list_for_each_entry(user, &users->list, link) {
		if (uid_eq(user->uid, uid) &&
		    kref_get_unless_zero(&user->kref))
			return user;
	}
	return NULL;
}

/*
 * Namespaces that root has created, for containers, count as their own root user, or as
 * root if that user has no uid in the initial namespace.
 */
static kuid_t user_uid(void)
{
	struct user_namespace *ns;
	kuid_t uid = current_uid();
	kuid_t root;

	for (ns = current_user_ns(); ns != &init_user_ns; ns = ns->parent) {
		root = make_kuid(ns, 0);
		uid = ns->owner;
	}
	if (uid_eq(uid, GLOBAL_ROOT_UID) &&
	    current_user_ns() != &init_user_ns && uid_valid(root))
		uid = root;
	return uid;
}

/**
 * exynos_drm_user_get() - look up the user of the current task
 * @drm: the device
 *
 * Context: Process context; allocates.
 *
 * Return: the user with a reference for the caller, or an ERR_PTR() of -ENOMEM.
 */
struct exynos_drm_user *exynos_drm_user_get(struct drm_device *drm)
{
	struct exynos_drm_users *users = drm_users(drm);
	struct exynos_drm_user *user, *new;
	kuid_t uid = user_uid();
	unsigned int i;

	scoped_guard(spinlock, &users->lock)
		user = user_find(users, uid);
	if (user)
		return user;

	new = kzalloc_obj(*new, GFP_KERNEL_ACCOUNT);
	if (!new)
		return ERR_PTR(-ENOMEM);

	kref_init(&new->kref);
	new->drm = drm;
	new->uid = uid;
	INIT_LIST_HEAD(&new->lru);
	INIT_LIST_HEAD(&new->cache);
	INIT_LIST_HEAD(&new->reap);
	INIT_WORK(&new->reaper, users->reap);
	init_waitqueue_head(&new->wait);
	for (i = 0; i < EXYNOS_DRM_NUM_QUOTAS; i++) {
		INIT_LIST_HEAD(&new->accounts[i].link);
		INIT_LIST_HEAD(&new->accounts[i].waiters);
		new->accounts[i].served = exynos_drm_quota_now();
	}

	scoped_guard(spinlock, &users->lock) {
		user = user_find(users, uid);
		if (!user)
			list_add(&new->link, &users->list);
	}
	if (user) {
		kfree(new);
		return user;
	}
	return new;
}

static void user_release(struct kref *kref)
{
	struct exynos_drm_user *user =
		container_of(kref, struct exynos_drm_user, kref);
	struct exynos_drm_users *users = drm_users(user->drm);

	scoped_guard(spinlock, &users->lock)
		list_del(&user->link);
	kfree(user);
}

/**
 * exynos_drm_user_put() - drop a reference to a user
 * @user: the user
 *
 * Context: Process context; the DRM device must not be released yet. Does not sleep.
 */
void exynos_drm_user_put(struct exynos_drm_user *user)
{
	kref_put(&user->kref, user_release);
}

static void quota_init(struct exynos_drm_quota *quota, unsigned int max,
		       unsigned int max_user)
{
	quota->max = max;
	quota->max_user = max_user;
	spin_lock_init(&quota->lock);
	INIT_LIST_HEAD(&quota->waiting);
}

/**
 * exynos_drm_users_init() - initialize users and quotas of a device
 * @drm: the device, not yet registered
 * @reap: work function of &exynos_drm_user.reaper
 *
 * Context: Process context. Allocates.
 *
 * Return: 0 or -ENOMEM.
 */
int exynos_drm_users_init(struct drm_device *drm, work_func_t reap)
{
	struct exynos_drm_private *priv = drm->dev_private;
	struct exynos_drm_users *users;

	users = drmm_kzalloc(drm, sizeof(*users), GFP_KERNEL);
	if (!users)
		return -ENOMEM;

	spin_lock_init(&users->lock);
	INIT_LIST_HEAD(&users->list);
	users->reap = reap;
	quota_init(&users->quotas[EXYNOS_DRM_QUOTA_G2D], EXYNOS_DRM_G2D_JOBS,
		   EXYNOS_DRM_G2D_USER_JOBS);
	quota_init(&users->quotas[EXYNOS_DRM_QUOTA_SHARE], UINT_MAX, 1);
	quota_init(&users->quotas[EXYNOS_DRM_QUOTA_SPACE], 1, 1);
	priv->users = users;
	return 0;
}

static bool quota_fits(const struct exynos_drm_quota *quota,
		       const struct exynos_drm_account *account)
{
	return quota->used < quota->max && account->used < quota->max_user;
}

static struct exynos_drm_account *quota_next(struct exynos_drm_quota *quota)
{
	struct exynos_drm_account *account, *next = NULL;

	list_for_each_entry(account, &quota->waiting, link) {
		if (quota_fits(quota, account) &&
		    (!next || account->served < next->served))
			next = account;
	}
	return next;
}

static void quota_grant(struct exynos_drm_quota *quota)
{
	struct exynos_drm_account *account;
	struct quota_waiter *waiter;

	lockdep_assert_held(&quota->lock);

	while ((account = quota_next(quota))) {
		waiter = list_first_entry(&account->waiters,
					  struct quota_waiter, link);
		list_del_init(&waiter->link);
		if (list_empty(&account->waiters))
			list_del_init(&account->link);
		account->served = exynos_drm_quota_now();
		account->used++;
		quota->used++;
		complete(&waiter->granted);
	}
}

static void quota_wait(struct exynos_drm_quota *quota,
		       struct exynos_drm_account *account,
		       struct quota_waiter *waiter)
{
	struct quota_waiter *other;

	lockdep_assert_held(&quota->lock);

	if (list_empty(&account->waiters))
		list_add_tail(&account->link, &quota->waiting);
	list_for_each_entry_reverse(other, &account->waiters, link) {
		if (other->since <= waiter->since)
			break;
	}
	list_add(&waiter->link, &other->link);
}

/**
 * exynos_drm_quota_now() - get the time for exynos_drm_quota_take()
 *
 * Context: Any.
 *
 * Return: time since boot in nanoseconds, including suspend; never 0.
 */
u64 exynos_drm_quota_now(void)
{
	return ktime_get_boottime_ns() + 1;
}

/**
 * exynos_drm_quota_try() - take a unit of a quota if one is available
 * @user: user to charge
 * @id: the quota
 *
 * Context: Process context. Does not sleep.
 *
 * Return: false if exynos_drm_quota_take() would sleep.
 */
bool exynos_drm_quota_try(struct exynos_drm_user *user,
			  enum exynos_drm_quota_id id)
{
	struct exynos_drm_quota *quota = &drm_users(user->drm)->quotas[id];
	struct exynos_drm_account *account = &user->accounts[id];

	guard(spinlock)(&quota->lock);

	/* No need to check for waiters: quota_grant() has served all that fit. */
	if (!quota_fits(quota, account))
		return false;
	account->used++;
	quota->used++;
	return true;
}

/**
 * exynos_drm_quota_take() - take a unit of a quota
 * @user: user to charge
 * @id: the quota
 * @since: start of the task's wait, from exynos_drm_quota_now(); 0 to be served before
 *	all other tasks of the user, and to ignore all signals except fatal ones
 *
 * Do not hold a resource that another owner of a unit may need before it gives the unit
 * back, otherwise both deadlock.
 *
 * Context: Process context. Sleeps interruptibly while the quota or the user's part of
 * it is exhausted.
 *
 * Return: 0, or -ERESTARTSYS or -EINTR if interrupted by a signal.
 */
int exynos_drm_quota_take(struct exynos_drm_user *user,
			  enum exynos_drm_quota_id id, u64 since)
{
	struct exynos_drm_quota *quota = &drm_users(user->drm)->quotas[id];
	struct exynos_drm_account *account = &user->accounts[id];
	struct quota_waiter waiter = { .since = since };
	bool granted;
	int ret;

	if (exynos_drm_quota_try(user, id))
		return 0;

	INIT_LIST_HEAD(&waiter.link);
	init_completion(&waiter.granted);

	spin_lock(&quota->lock);
	quota_wait(quota, account, &waiter);
	quota_grant(quota);
	spin_unlock(&quota->lock);

	ret = since ? wait_for_completion_interruptible(&waiter.granted) :
		      wait_for_completion_killable(&waiter.granted);
	if (!ret)
		return 0;

	spin_lock(&quota->lock);
	granted = list_empty(&waiter.link);
	if (!granted) {
		list_del(&waiter.link);
		if (list_empty(&account->waiters))
			list_del_init(&account->link);
	}
	spin_unlock(&quota->lock);

	/* The unit was granted after the wait was interrupted: return it. */
	if (granted)
		exynos_drm_quota_give(user, id);
	return since ? -ERESTARTSYS : -EINTR;
}

/**
 * exynos_drm_quota_give() - return a unit of a quota
 * @user: user to credit
 * @id: the quota
 *
 * Context: Process context. Does not sleep.
 */
void exynos_drm_quota_give(struct exynos_drm_user *user,
			   enum exynos_drm_quota_id id)
{
	struct exynos_drm_quota *quota = &drm_users(user->drm)->quotas[id];
	struct exynos_drm_account *account = &user->accounts[id];

	spin_lock(&quota->lock);
	account->used--;
	quota->used--;
	quota_grant(quota);
	spin_unlock(&quota->lock);
}
