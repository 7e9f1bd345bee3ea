// SPDX-License-Identifier: GPL-2.0-only
/*
 * FIMG2D: open files and ioctls.
 */

#include <linux/completion.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <drm/drm_device.h>
#include <drm/drm_file.h>
#include <drm/drm_print.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_g2d.h"
#include "exynos_drm_g2d_priv.h"

#define G2D_MAJOR	4
#define G2D_MINOR	1

static struct g2d_file *g2d_file(struct drm_file *filp)
{
	struct drm_exynos_file_private *file_priv = filp->driver_priv;

	return file_priv->g2d;
}

/**
 * g2d_open() - allocate a file's G2D state
 * @drm: the device
 * @filp: the file
 *
 * Return: 0 or -ENOMEM.
 */
int g2d_open(struct drm_device *drm, struct drm_file *filp)
{
	struct drm_exynos_file_private *file_priv = filp->driver_priv;
	struct g2d_file *file;

	file = kzalloc_obj(*file, GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;

	kref_init(&file->kref);
	mutex_init(&file->lock);
	INIT_LIST_HEAD(&file->lists);
	file_priv->g2d = file;
	return 0;
}

/**
 * g2d_close() - release a file's G2D state
 * @drm: the device
 * @filp: the file
 *
 * Queued jobs continue to run; they hold references of their own.
 */
void g2d_close(struct drm_device *drm, struct drm_file *filp)
{
	struct g2d_file *file = g2d_file(filp);

	g2d_cmdlist_free_all(drm, &file->lists);
	g2d_file_put(file);
}

/**
 * g2d_show_fdinfo() - print the engine time of a file
 * @p: the printer
 * @filp: the file
 */
void g2d_show_fdinfo(struct drm_printer *p, struct drm_file *filp)
{
	drm_printf(p, "drm-engine-g2d:\t%llu ns\n",
		   (u64)atomic64_read(&g2d_file(filp)->busy_ns));
}

/**
 * exynos_g2d_get_ver_ioctl() - get the version of the engine
 * @drm: the device
 * @data: &struct drm_exynos_g2d_get_ver
 * @filp: the file
 *
 * Return: 0.
 */
int exynos_g2d_get_ver_ioctl(struct drm_device *drm, void *data,
			     struct drm_file *filp)
{
	struct drm_exynos_g2d_get_ver *ver = data;

	ver->major = G2D_MAJOR;
	ver->minor = G2D_MINOR;
	return 0;
}

/*
 * Appends command lists to those of the file, or prepends them if @before. Returns
 * false if all together exceed the limits of one job.
 */
static bool g2d_file_add(struct g2d_file *file, struct list_head *lists,
			 unsigned int num_lists, u64 sync_bytes, bool before)
{
	guard(mutex)(&file->lock);

	if (file->num_lists + num_lists > G2D_NUM_SLOTS)
		return false;
	/* The size of a single list bounds its cost. */
	if (file->num_lists &&
	    file->sync_bytes + sync_bytes > G2D_MAX_SYNC_BYTES)
		return false;

	if (before)
		list_splice_init(lists, &file->lists);
	else
		list_splice_tail_init(lists, &file->lists);
	file->num_lists += num_lists;
	file->sync_bytes += sync_bytes;
	return true;
}

/**
 * exynos_g2d_set_cmdlist_ioctl() - validate a command list and add it to the file
 * @drm: the device
 * @data: &struct drm_exynos_g2d_set_cmdlist
 * @filp: the file
 *
 * Return: 0; -EINVAL if the list is too long, writes a register that userspace must
 * not write, sets a base address twice or lacks one that the blit uses; -EFAULT if
 * memory cannot be read, a handle does not exist or the blit exceeds a buffer; -EPERM
 * for a userptr object of another process; -EACCES for a read-only destination;
 * -ENOMEM if out of memory, or if userspace must call EXEC first because the lists of
 * the file have reached %G2D_NUM_SLOTS or %G2D_MAX_SYNC_BYTES; -ENOSPC, -EAGAIN,
 * -ERESTARTSYS or -ENODEV.
 */
int exynos_g2d_set_cmdlist_ioctl(struct drm_device *drm, void *data,
				 struct drm_file *filp)
{
	struct g2d_file *file = g2d_file(filp);
	struct g2d_cmdlist *list;
	LIST_HEAD(lists);

	if (!g2d_get(drm))
		return -ENODEV;

	list = g2d_cmdlist_create(drm, filp, data);
	if (IS_ERR(list)) {
		drm_dbg(drm, "command list rejected: %pe\n", list);
		return PTR_ERR(list);
	}

	list_add(&list->link, &lists);
	if (!g2d_file_add(file, &lists, 1, list->sync_bytes, false)) {
		g2d_cmdlist_free_all(drm, &lists);
		return -ENOMEM;
	}
	return 0;
}

static int g2d_exec(struct drm_device *drm, struct g2d_file *file,
		    struct list_head *lists, unsigned int num_lists,
		    struct g2d_job **ret_job)
{
	struct g2d_job *job;
	int ret;

	job = g2d_job_create(drm, file, lists, num_lists);
	if (IS_ERR(job))
		return PTR_ERR(job);

	ret = g2d_job_submit(job);
	if (ret) {
		list_splice_init(&job->lists, lists);
		g2d_job_put(job);
		return ret;
	}

	*ret_job = job;
	return 0;
}

/**
 * exynos_g2d_exec_ioctl() - run the command lists of the file
 * @drm: the device
 * @data: &struct drm_exynos_g2d_exec
 * @filp: the file
 *
 * Waits, interruptibly, until the pages of userptr objects are present, until fences
 * of other drivers on the buffers signal, and until the user may queue another job.
 * Unless asynchronous, waits then, killably, for the job.
 *
 * Clients of vendor kernels leave the upper half of
 * &drm_exynos_g2d_exec.async uninitialized, so only the lower half counts.
 *
 * Return: 0; -EPERM if the file has no lists, or a userptr object belongs to another
 * process; -EIO if the job was aborted or the engine is wedged; -EFAULT, -EACCES,
 * -EINVAL, -ENOMEM or -ENOSPC if a userptr object cannot be used; -ENODEV or an error of
 * power management. The lists are dropped in all these cases; their events are sent
 * only if the job was queued. -EINTR, -ERESTARTSYS or -EAGAIN if EXEC is to be
 * repeated; -ERESTARTSYS also if a fatal signal interrupted the wait for a queued job.
 */
int exynos_g2d_exec_ioctl(struct drm_device *drm, void *data,
			  struct drm_file *filp)
{
	struct g2d_file *file = g2d_file(filp);
	struct drm_exynos_g2d_exec *req = data;
	unsigned int num_lists;
	struct g2d_job *job;
	u64 sync_bytes;
	LIST_HEAD(lists);
	int ret;

	if (!g2d_get(drm))
		return -ENODEV;

	scoped_guard(mutex, &file->lock) {
		list_splice_init(&file->lists, &lists);
		num_lists = file->num_lists;
		sync_bytes = file->sync_bytes;
		file->num_lists = 0;
		file->sync_bytes = 0;
	}

	if (list_empty(&lists)) {
		drm_dbg(drm, "no command list to run\n");
		return -EPERM;
	}

	ret = g2d_exec(drm, file, &lists, num_lists, &job);
	switch (ret) {
	case 0:
		break;
	case -EINTR:
	case -ERESTARTSYS:
	case -EAGAIN:
		/*
		 * A process that is being killed does not repeat EXEC, and other
		 * processes that share the file must not run its lists.
		 */
		if (!fatal_signal_pending(current) &&
		    g2d_file_add(file, &lists, num_lists, sync_bytes, true))
			return ret;
		/* Another thread may have added too many lists meanwhile. */
		ret = -ENOMEM;
		fallthrough;
	default:
		drm_dbg(drm, "job rejected: %pe\n", ERR_PTR(ret));
		g2d_cmdlist_free_all(drm, &lists);
		return ret;
	}

	if (!lower_32_bits(req->async)) {
		ret = wait_for_completion_killable(&job->complete);
		if (!ret)
			ret = job->error;
	}
	g2d_job_put(job);
	return ret;
}
