// SPDX-License-Identifier: GPL-2.0-only
/*
 * Userptr: limits and accounting of IOVA space.
 */

#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sizes.h>

#include <drm/drm_device.h>
#include <drm/drm_print.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_userptr.h"
#include "exynos_drm_userptr_priv.h"

/**
 * DOC: userptr limits
 *
 * Mappings occupy IOVA space, which all processes share. A mapping is charged, with its
 * guard page, to the user (uid) that owns the process and to the device. Idle mappings
 * never cause a job to fail: they are evicted in LRU order, those of the user if its
 * share is exhausted, those of all users if the device's limit is.
 */

/* In bytes, set by an ioctl. The parameter is in MiB, rounded up. */
static unsigned int userptr_limit = 512 * SZ_1M;

static int userptr_param_set(const char *text, const struct kernel_param *kp)
{
	unsigned int mib;
	int ret;

	ret = kstrtouint(text, 0, &mib);
	if (ret)
		return ret;
	WRITE_ONCE(userptr_limit,
		   min_t(u64, (u64)mib * SZ_1M, EXYNOS_DRM_WINDOW_SIZE));
	return 0;
}

static int userptr_param_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%u\n",
			  DIV_ROUND_UP(READ_ONCE(userptr_limit), SZ_1M));
}

static const struct kernel_param_ops userptr_limit_ops = {
	.set = userptr_param_set,
	.get = userptr_param_get,
};

module_param_cb(userptr_limit, &userptr_limit_ops, NULL, 0644);
__MODULE_PARM_TYPE(userptr_limit, "uint");
MODULE_PARM_DESC(userptr_limit,
		 "IOVA space for userptr mappings of all users, in MiB [default 512, at most 1024]");

static unsigned int userptr_user_limit = 256;
module_param(userptr_user_limit, uint, 0644);
MODULE_PARM_DESC(userptr_user_limit,
		 "IOVA space for userptr mappings of each user (uid), in MiB [default 256]");

/**
 * exynos_drm_userptr_limit() - get the limit of the device
 *
 * Return: bytes of IOVA space that all mappings may occupy.
 */
u64 exynos_drm_userptr_limit(void)
{
	return READ_ONCE(userptr_limit);
}

/**
 * userptr_set_limit() - set the limit of the device
 * @bytes: bytes of IOVA space, at most %EXYNOS_DRM_WINDOW_SIZE
 *
 * Does not evict mappings that exceed the new limit.
 *
 * Context: Any.
 */
void userptr_set_limit(unsigned int bytes)
{
	WRITE_ONCE(userptr_limit, bytes);
}

/**
 * exynos_drm_userptr_share() - get the share of a user
 *
 * Return: bytes of IOVA space that the mappings of one user may occupy.
 */
u64 exynos_drm_userptr_share(void)
{
	return min((u64)READ_ONCE(userptr_user_limit) * SZ_1M,
		   exynos_drm_userptr_limit());
}

/**
 * userptr_wake() - wake tasks that wait for IOVA space
 * @space: the address space in which something became idle or was taken down
 *
 * Context: Process context. Does not sleep.
 */
void userptr_wake(struct exynos_drm_userptr_space *space)
{
	struct exynos_drm_userptr_dev *dev = space->dev;

	scoped_guard(spinlock, &dev->lock) {
		space->user->events++;
		dev->events++;
	}
	if (wq_has_sleeper(&space->user->wait))
		wake_up(&space->user->wait);
	if (wq_has_sleeper(&dev->wait))
		wake_up(&dev->wait);
}

/**
 * exynos_drm_userptr_idle() - wake tasks that wait for the mappings of a job
 * @submit: the submission of the job
 *
 * Call it after the job's fence was signaled.
 *
 * Context: Process context. Does not sleep.
 */
void exynos_drm_userptr_idle(struct exynos_drm_userptr_submit *submit)
{
	if (submit->space)
		userptr_wake(submit->space);
}

/**
 * userptr_uncharge() - release the IOVA space of a mapping
 * @map: the mapping, already unmapped from the IOMMU
 *
 * Context: Process context, reclaim included. Does not sleep.
 */
void userptr_uncharge(struct exynos_drm_userptr_map *map)
{
	struct exynos_drm_userptr_space *space = map->space;
	struct exynos_drm_userptr_dev *dev = space->dev;

	scoped_guard(spinlock, &dev->lock) {
		list_del_init(&map->lru);
		list_del_init(&map->user_lru);
		if (drm_mm_node_allocated(&map->node))
			drm_mm_remove_node(&map->node);
		space->user->charged -= map->bytes;
		dev->charged -= map->bytes;
	}
	userptr_wake(space);
}
