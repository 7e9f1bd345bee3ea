/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Users of the device and their quotas.
 */

#ifndef _EXYNOS_DRM_USER_H_
#define _EXYNOS_DRM_USER_H_

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct drm_device;

/**
 * enum exynos_drm_quota_id - quotas shared by the users
 *
 * @EXYNOS_DRM_QUOTA_G2D: places in G2D's queue
 * @EXYNOS_DRM_QUOTA_SHARE: right to claim IOVA space, one task of each user
 * @EXYNOS_DRM_QUOTA_SPACE: right to evict mappings of other users, one of these tasks
 * @EXYNOS_DRM_NUM_QUOTAS: number of quotas
 */
enum exynos_drm_quota_id {
	EXYNOS_DRM_QUOTA_G2D,
	EXYNOS_DRM_QUOTA_SHARE,
	EXYNOS_DRM_QUOTA_SPACE,
	EXYNOS_DRM_NUM_QUOTAS
};

/** define EXYNOS_DRM_G2D_JOBS - units of %EXYNOS_DRM_QUOTA_G2D */
#define EXYNOS_DRM_G2D_JOBS		8

/** define EXYNOS_DRM_G2D_USER_JOBS - units of these for one user */
#define EXYNOS_DRM_G2D_USER_JOBS	4

/**
 * struct exynos_drm_account - a user's account of a quota
 *
 * All members are protected by the lock of the quota.
 */
struct exynos_drm_account {
	/** @used: Units taken. */
	unsigned int used;

	/** @link: On the quota's list of accounts while there are @waiters. */
	struct list_head link;

	/** @waiters: &struct quota_waiter of this user, longest wait first. */
	struct list_head waiters;

	/** @served: Time when a waiter was last served, or of creation, in ns. */
	u64 served;
};

/**
 * struct exynos_drm_user - resources that one uid uses of the device
 *
 * Limits apply to users rather than to open files or processes, which a user can create
 * without limit.
 */
struct exynos_drm_user {
	/** @kref: One for each open file, job and userptr address space. */
	struct kref kref;

	/** @drm: The device. */
	struct drm_device *drm;

	/** @link: On the device's list of users. */
	struct list_head link;

	/** @uid: The user. Immutable. */
	kuid_t uid;

	/** @accounts: Account of each quota. */
	struct exynos_drm_account accounts[EXYNOS_DRM_NUM_QUOTAS];

	/** @objects: Number of userptr objects. */
	atomic_t objects;

	/**
	 * @dying: Number of userptr objects that are freed except for their
	 * notifiers, whose removal may wait for the process.
	 */
	atomic_t dying;

	/**
	 * @charged: Bytes of IOVA space in use or claimed. Protected by
	 * &exynos_drm_userptr_dev.lock, as are the members below except @reaper and
	 * @wait.
	 */
	u64 charged;

	/** @claims: Number of submissions that have claimed space. */
	unsigned int claims;

	/** @events: Number of events after which a waiter for the share must look again. */
	unsigned int events;

	/** @lru: All mapped &exynos_drm_userptr_map, least recently used first. */
	struct list_head lru;

	/** @cache: All cached &exynos_drm_userptr, oldest first. */
	struct list_head cache;

	/** @reap: All &exynos_drm_userptr_space queued for @reaper. */
	struct list_head reap;

	/**
	 * @reaper: Removes the notifiers of objects that were freed or whose
	 * process has exited. It waits for the processes of this user only.
	 */
	struct work_struct reaper;

	/** @wait: The user's task that claims space waits here for the share. */
	wait_queue_head_t wait;
};

int exynos_drm_users_init(struct drm_device *drm, work_func_t reap);
struct exynos_drm_user *exynos_drm_user_get(struct drm_device *drm);
void exynos_drm_user_put(struct exynos_drm_user *user);

u64 exynos_drm_quota_now(void);
bool exynos_drm_quota_try(struct exynos_drm_user *user,
			  enum exynos_drm_quota_id id);
int exynos_drm_quota_take(struct exynos_drm_user *user,
			  enum exynos_drm_quota_id id, u64 since);
void exynos_drm_quota_give(struct exynos_drm_user *user,
			   enum exynos_drm_quota_id id);

#endif
