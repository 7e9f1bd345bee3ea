/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FIMG2D: jobs.
 */

#ifndef _EXYNOS_DRM_G2D_JOB_H_
#define _EXYNOS_DRM_G2D_JOB_H_

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "exynos_drm_userptr.h"

struct drm_device;
struct exynos_drm_fence;
struct exynos_drm_gem;
struct exynos_drm_user;
struct exynos_drm_userptr_map;
struct g2d;
struct g2d_file;

/**
 * struct g2d_object - a buffer that a job uses
 */
struct g2d_object {
	/** @gem: The buffer; the command lists hold the reference. */
	struct exynos_drm_gem *gem;

	/** @write: One of the blits writes it. */
	bool write;

	/**
	 * @sync_bytes: Estimate of what cleaning it row by row costs, in bytes,
	 * summed over all blits; a row costs at least %G2D_ROW_BYTES.
	 */
	u64 sync_bytes;

	/** @map: Its mapping if it is user memory. */
	struct exynos_drm_userptr_map *map;
};

/**
 * struct g2d_job - command lists that were given to EXEC at once
 */
struct g2d_job {
	/** @kref: One for EXEC while it waits, one for the queue. */
	struct kref kref;

	/** @link: On &g2d.queue; &g2d.lock. */
	struct list_head link;

	/** @retire: Drops the engine's reference. On &g2d.retire_wq. */
	struct work_struct retire;

	/** @drm: The device. */
	struct drm_device *drm;

	/** @user: Whose place in the queue it takes, with a reference. */
	struct exynos_drm_user *user;

	/** @file: Whose it is. */
	struct g2d_file *file;

	/** @lists: The command lists. */
	struct list_head lists;

	/** @num_lists: Length of @lists. */
	unsigned int num_lists;

	/**
	 * @done: Number of lists of which the CPU may look at the results.
	 * Engine's workqueue only.
	 */
	unsigned int done;

	/** @objects: The buffers of all lists, each one once. */
	struct g2d_object *objects;

	/** @num_objects: Length of @objects. */
	unsigned int num_objects;

	/** @submit: Those of them that are userptr objects. */
	struct exynos_drm_userptr_submit submit;

	/** @fence: Signals when the job has ended; a fence once published. */
	struct exynos_drm_fence *fence;

	/** @deadline: In jiffies, when running. Engine's workqueue only. */
	unsigned long deadline;

	/** @started: When it began to run. Engine's workqueue only. */
	ktime_t started;

	/** @complete: For EXEC; after the fence and all events. */
	struct completion complete;

	/** @error: The job's result, valid when complete. */
	int error;
};

struct g2d *g2d_get(struct drm_device *drm);
struct g2d_job *g2d_job_create(struct drm_device *drm, struct g2d_file *file,
			       struct list_head *lists, unsigned int num_lists);
int g2d_job_submit(struct g2d_job *job);
void g2d_job_put(struct g2d_job *job);

#endif
