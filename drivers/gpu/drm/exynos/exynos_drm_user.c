// SPDX-License-Identifier: GPL-2.0-only
/*
 * Users of the device, and quotas that are shared fairly between them.
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
 * What one program uses of the engines, another one has to wait for. Open files and
 * processes are no measure, since anybody can have any number, so everything that is
 * scarce is counted for each user (uid). The uids of a user namespace, of which the
 * kernel gives out as many, count as the one that created the outermost one.
 *
 * A *quota* is a number of units that users share: places in an engine's queue, for
 * instance. A unit is taken with exynos_drm_quota_take() and given back with
 * exynos_drm_quota_give(). Of the users with waiting tasks that one is served next
 * which has been without for longest, and of its tasks the one that has waited for
 * longest, so that a user gains nothing by having many tasks wait. A task whose wait
 * is interrupted by a signal comes back with the time since when it has waited, and
 * loses nothing.
 *
 * All of it is managed memory of the DRM device, because tasks wait without keeping
 * the device from being unbound.
 */

/**
 * struct exynos_drm_quota - a number of units that users share
 */
struct exynos_drm_quota {
	/** @max: Units of all users together. Immutable. */
	unsigned int max;

	/** @max_user: Units of one user. Immutable. */
	unsigned int max_user;

	/** @lock: Protects what follows and the accounts of all users. */
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
	/** @quotas: What they share. */
	struct exynos_drm_quota quotas[EXYNOS_DRM_NUM_QUOTAS];

	/** @lock: Protects @list. */
	spinlock_t lock;

	/** @list: All &exynos_drm_user that are referenced. */
	struct list_head list;

	/** @reap: What &exynos_drm_user.reaper does. */
	work_func_t reap;
};

/**
 * struct quota_waiter - a task that waits for a unit of a quota
 */
struct quota_waiter {
	/** @link: On &exynos_drm_account.waiters; empty once it has a unit. */
	struct list_head link;

	/** @since: When it began to wait (ns); orders the list. */
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
 * Those that root has created, for containers, count as their own root. Where that has
 * no uid outside, they count as root.
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
 * Context: Process context, the DRM device must still be there. Does not sleep.
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
 * exynos_drm_users_init() - prepare a device for users
 * @drm: the device, not yet registered
 * @reap: what &exynos_drm_user.reaper does
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
 * Return: nanoseconds of a clock that does not stop; never 0.
 */
u64 exynos_drm_quota_now(void)
{
	return ktime_get_boottime_ns() + 1;
}

/**
 * exynos_drm_quota_try() - take a unit of a quota if there is one
 * @user: whose account to charge
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

	/* Units never lie idle while an account with waiters could have them. */
	if (!quota_fits(quota, account))
		return false;
	account->used++;
	quota->used++;
	return true;
}

/**
 * exynos_drm_quota_take() - take a unit of a quota
 * @user: whose account to charge
 * @id: the quota
 * @since: since when the task has waited, from exynos_drm_quota_now(); 0 to be
 *	served before all other tasks of the user, and to ignore all signals but
 *	fatal ones
 *
 * Do not hold anything that another owner of a unit may need in order to give
 * it back, otherwise both wait forever.
 *
 * Context: Process context. Sleeps interruptibly while the quota or the user's
 * part of it is used up.
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

	/* Granted at the last moment: pass it on. */
	if (granted)
		exynos_drm_quota_give(user, id);
	return since ? -ERESTARTSYS : -EINTR;
}

/**
 * exynos_drm_quota_give() - give a unit back
 * @user: whose account to credit
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
