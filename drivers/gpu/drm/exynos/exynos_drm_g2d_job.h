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

	/** @map: Its mapping if it is a userptr object, or NULL. */
	struct exynos_drm_userptr_map *map;

	/** @clean: No CPU cache needs to be cleaned for the job. */
	bool clean;
};

/**
 * struct g2d_job - the command lists of one EXEC
 */
struct g2d_job {
	/** @kref: One for EXEC while it waits, one for the queue. */
	struct kref kref;

	/** @link: On &g2d.queue; protected by &g2d.lock. */
	struct list_head link;

	/**
	 * @free_work: Trims the userptr objects and drops the queue's reference. On
	 * &g2d.free_wq.
	 */
	struct work_struct free_work;

	/** @drm: The device. */
	struct drm_device *drm;

	/** @user: The user whose quota it is charged to, with a reference. */
	struct exynos_drm_user *user;

	/** @file: The file that submitted it, with a reference. */
	struct g2d_file *file;

	/** @lists: The command lists. */
	struct list_head lists;

	/** @num_lists: Length of @lists. */
	unsigned int num_lists;

	/**
	 * @done: Number of lists whose results are visible to the CPU. Accessed on
	 * &g2d.wq only.
	 */
	unsigned int done;

	/** @objects: The buffers of all lists, each one once. */
	struct g2d_object *objects;

	/** @num_objects: Length of @objects. */
	unsigned int num_objects;

	/** @submit: The userptr objects among @objects. */
	struct exynos_drm_userptr_submit submit;

	/** @fence: Signals when the job has ended; uninitialized until it is queued. */
	struct exynos_drm_fence *fence;

	/** @deadline: In jiffies, while running. Accessed on &g2d.wq only. */
	unsigned long deadline;

	/** @started: When the engine was started. Accessed on &g2d.wq only. */
	ktime_t started;

	/** @complete: Completed for EXEC after the fence signaled and all events were sent. */
	struct completion complete;

	/** @error: 0 or -EIO; valid once @complete is completed. */
	int error;
};

struct g2d *g2d_get(struct drm_device *drm);
struct g2d_job *g2d_job_create(struct drm_device *drm, struct g2d_file *file,
			       struct list_head *lists, unsigned int num_lists);
int g2d_job_submit(struct g2d_job *job);
void g2d_job_put(struct g2d_job *job);

#endif
