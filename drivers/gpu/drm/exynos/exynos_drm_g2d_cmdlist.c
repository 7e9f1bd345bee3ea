// SPDX-License-Identifier: GPL-2.0-only
/*
 * FIMG2D: command lists, from the program's side.
 */

#include <linux/completion.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_print.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_g2d.h"
#include "exynos_drm_g2d_priv.h"
#include "exynos_drm_g2d_regs.h"
#include "exynos_drm_gem.h"
#include "exynos_drm_userptr.h"

/**
 * DOC: G2D command lists
 *
 * A list is copied and checked when it is handed in and nobody but the kernel
 * touches it afterwards. Its buffers are looked up then, and referenced until the
 * list was run or dropped, but where they are is not asked before EXEC: any time
 * may pass in between, in which the memory behind a userptr object may come and
 * go.
 *
 * EXEC either runs all lists of the file or drops them all, except when a signal
 * or a collision asks for it to be repeated: then nothing has changed.
 */

#define G2D_MAJOR	4
#define G2D_MINOR	1

/*
 * Clears what the last list left behind, then interrupts. The pair after the one
 * that clears is lost, so it is a dummy.
 */
static const u32 g2d_prelude[] = {
	G2D_SOFT_RESET, G2D_SOFT_RESET_SFRCLEAR,
	G2D_SRC_BASE_ADDR, 0,
	G2D_INTEN, G2D_INT_ACMD,
};

/* A list with an event stops the engine until the event was sent. */
static const u32 g2d_prelude_event[] = {
	G2D_SOFT_RESET, G2D_SOFT_RESET_SFRCLEAR,
	G2D_SRC_BASE_ADDR, 0,
	G2D_INTEN, G2D_INT_ACMD | G2D_INT_GCMD,
	G2D_DMA_HOLD_CMD, G2D_DMA_HOLD_CMD_LIST,
};

static const u32 g2d_epilogue[] = {
	G2D_BITBLT_START, G2D_BITBLT_START_BITBLT,
};

static struct g2d *g2d_get(struct drm_device *drm)
{
	struct exynos_drm_private *priv = drm->dev_private;
	struct device *dev = READ_ONCE(priv->g2d_dev);

	return dev ? dev_get_drvdata(dev) : NULL;
}

static struct g2d_file *g2d_file(struct drm_file *filp)
{
	struct drm_exynos_file_private *file_priv = filp->driver_priv;

	return file_priv->g2d;
}

/**
 * g2d_cmdlist_free() - free a command list
 * @drm: the device
 * @list: not on any list, its event, if it has one, not sent
 *
 * Context: Process context, outside of anything that a fence depends on.
 */
void g2d_cmdlist_free(struct drm_device *drm, struct g2d_cmdlist *list)
{
	unsigned int i;

	if (list->event)
		drm_event_cancel_free(drm, &list->event->base);
	for (i = 0; i < G2D_NUM_OPERANDS; i++) {
		if (list->gem[i])
			exynos_drm_gem_put(list->gem[i]);
	}
	kfree(list);
}

static void g2d_drop_lists(struct drm_device *drm, struct list_head *lists)
{
	struct g2d_cmdlist *list, *next;

	list_for_each_entry_safe(list, next, lists, link) {
		list_del(&list->link);
		g2d_cmdlist_free(drm, list);
	}
}

static void g2d_file_release(struct kref *kref)
{
	kfree(container_of(kref, struct g2d_file, kref));
}

/**
 * g2d_file_put() - drop a reference to a file
 * @file: the file
 */
void g2d_file_put(struct g2d_file *file)
{
	kref_put(&file->kref, g2d_file_release);
}

/**
 * g2d_open() - prepare a new file
 * @drm: the device
 * @filp: the file
 *
 * Return: 0 or -ENOMEM.
 */
int g2d_open(struct drm_device *drm, struct drm_file *filp)
{
	struct drm_exynos_file_private *file_priv = filp->driver_priv;
	struct g2d_file *file;

	file = kzalloc_obj(*file);
	if (!file)
		return -ENOMEM;

	kref_init(&file->kref);
	mutex_init(&file->lock);
	INIT_LIST_HEAD(&file->lists);
	init_waitqueue_head(&file->wait);
	file_priv->g2d = file;
	return 0;
}

/**
 * g2d_close() - forget a file
 * @drm: the device
 * @filp: the file
 *
 * Jobs of the file go on, with references of their own.
 */
void g2d_close(struct drm_device *drm, struct drm_file *filp)
{
	struct g2d_file *file = g2d_file(filp);

	g2d_drop_lists(drm, &file->lists);
	g2d_file_put(file);
}

static struct g2d_event *g2d_event_create(struct drm_device *drm,
					  struct drm_file *filp, u64 user_data)
{
	struct g2d_event *e;
	int ret;

	e = kzalloc_obj(*e, GFP_KERNEL_ACCOUNT);
	if (!e)
		return ERR_PTR(-ENOMEM);

	e->event.base.type = DRM_EXYNOS_G2D_EVENT;
	e->event.base.length = sizeof(e->event);
	e->event.user_data = user_data;

	ret = drm_event_reserve_init(drm, filp, &e->base, &e->event.base);
	if (ret) {
		kfree(e);
		return ERR_PTR(ret);
	}
	return e;
}

static struct exynos_drm_gem *g2d_buffer_get(struct drm_file *filp,
					     const u32 *cmd,
					     struct g2d_buffer *buf)
{
	struct drm_exynos_g2d_userptr args;
	struct exynos_drm_userptr *up;
	struct exynos_drm_gem *gem;

	if (cmd[0] & G2D_BUF_USERPTR) {
		if (copy_from_user(&args, (void __user *)(unsigned long)cmd[1],
				   sizeof(args)))
			return ERR_PTR(-EFAULT);
		up = exynos_drm_userptr_get(filp, args.userptr, args.size);
		if (IS_ERR(up))
			return ERR_CAST(up);
		gem = &up->gem;
	} else {
		gem = exynos_drm_gem_get(filp, cmd[1]);
		if (!gem)
			return ERR_PTR(-EFAULT);
	}

	buf->given = true;
	buf->size = gem->base.size;
	if (!exynos_drm_gem_is_userptr(gem))
		return gem;

	up = to_exynos_userptr(gem);
	if (up->notifier.mm != current->mm) {
		exynos_drm_gem_put(gem);
		return ERR_PTR(-EPERM);
	}
	buf->size = up->size;
	buf->readonly = up->readonly;
	buf->misalign = up->start % 4;
	return gem;
}

/* The pairs from @cmds on are registers, those from @bufs on addresses. */
static int g2d_cmdlist_check(struct drm_file *filp, struct g2d_cmdlist *list,
			     unsigned int cmds, unsigned int num_cmds,
			     unsigned int num_bufs)
{
	struct g2d_buffer bufs[G2D_NUM_OPERANDS] = { };
	unsigned int i;

	for (i = 0; i < num_cmds; i++) {
		if (!g2d_check_reg(list->words[cmds + 2 * i]))
			return -EINVAL;
	}

	for (i = 0; i < num_bufs; i++) {
		unsigned int at = cmds + 2 * (num_cmds + i);
		u32 *cmd = &list->words[at];
		struct exynos_drm_gem *gem;
		int op;

		op = g2d_check_operand(cmd[0] & ~G2D_BUF_USERPTR);
		if (op < 0 || list->gem[op])
			return -EINVAL;

		gem = g2d_buffer_get(filp, cmd, &bufs[op]);
		if (IS_ERR(gem))
			return PTR_ERR(gem);

		list->gem[op] = gem;
		list->reloc[op] = at + 1;
		cmd[0] &= ~G2D_BUF_USERPTR;
	}

	return g2d_check_list(&list->words[cmds], num_cmds, bufs,
			      list->access);
}

static struct g2d_cmdlist *
g2d_cmdlist_create(struct drm_device *drm, struct drm_file *filp,
		   const struct drm_exynos_g2d_set_cmdlist *req)
{
	bool has_event = req->event_type != G2D_EVENT_NOT;
	const u32 *prelude = has_event ? g2d_prelude_event : g2d_prelude;
	size_t prelude_size = has_event ? sizeof(g2d_prelude_event) :
					  sizeof(g2d_prelude);
	unsigned int cmds = prelude_size / sizeof(u32);
	struct g2d_cmdlist *list;
	unsigned int bufs, end;
	int ret;

	if (req->cmd_nr > G2D_MAX_WORDS || req->cmd_buf_nr > G2D_NUM_OPERANDS)
		return ERR_PTR(-EINVAL);
	bufs = cmds + 2 * req->cmd_nr;
	end = bufs + 2 * req->cmd_buf_nr;
	if (end + ARRAY_SIZE(g2d_epilogue) > G2D_MAX_WORDS)
		return ERR_PTR(-EINVAL);

	list = kzalloc_flex(*list, words, end + ARRAY_SIZE(g2d_epilogue),
			    GFP_KERNEL_ACCOUNT);
	if (!list)
		return ERR_PTR(-ENOMEM);
	list->num_words = end + ARRAY_SIZE(g2d_epilogue);

	if (has_event) {
		list->event = g2d_event_create(drm, filp, req->user_data);
		if (IS_ERR(list->event)) {
			ret = PTR_ERR(list->event);
			list->event = NULL;
			goto err_free;
		}
	}

	memcpy(list->words, prelude, prelude_size);
	memcpy(&list->words[end], g2d_epilogue, sizeof(g2d_epilogue));
	if (copy_from_user(&list->words[cmds], u64_to_user_ptr(req->cmd),
			   (bufs - cmds) * sizeof(u32)) ||
	    copy_from_user(&list->words[bufs], u64_to_user_ptr(req->cmd_buf),
			   (end - bufs) * sizeof(u32))) {
		ret = -EFAULT;
		goto err_free;
	}

	ret = g2d_cmdlist_check(filp, list, cmds, req->cmd_nr, req->cmd_buf_nr);
	if (ret)
		goto err_free;
	return list;

err_free:
	g2d_cmdlist_free(drm, list);
	return ERR_PTR(ret);
}

/**
 * exynos_g2d_get_ver_ioctl() - tell the engine's version
 * @drm: the device
 * @data: &struct drm_exynos_g2d_get_ver
 * @filp: the file
 *
 * Return: 0, or -ENODEV without an engine.
 */
int exynos_g2d_get_ver_ioctl(struct drm_device *drm, void *data,
			     struct drm_file *filp)
{
	struct drm_exynos_g2d_get_ver *ver = data;

	ver->major = G2D_MAJOR;
	ver->minor = G2D_MINOR;
	return 0;
}

/**
 * exynos_g2d_set_cmdlist_ioctl() - take a command list
 * @drm: the device
 * @data: &struct drm_exynos_g2d_set_cmdlist
 * @filp: the file
 *
 * Return: 0; -EINVAL for a list that is too long, writes registers it must not,
 * or names a buffer twice or not at all; -EFAULT for memory that is not there,
 * handles that do not exist and blits that leave their buffers; -EPERM for user
 * memory of another process; -EACCES for a destination that is read only;
 * -ENOMEM, -ENOSPC, -EINTR or -ENODEV.
 */
int exynos_g2d_set_cmdlist_ioctl(struct drm_device *drm, void *data,
				 struct drm_file *filp)
{
	struct g2d_file *file = g2d_file(filp);
	struct g2d_cmdlist *list;
	int ret = 0;

	if (!g2d_get(drm))
		return -ENODEV;

	list = g2d_cmdlist_create(drm, filp, data);
	if (IS_ERR(list)) {
		drm_dbg(drm, "command list refused: %pe\n", list);
		return PTR_ERR(list);
	}

	mutex_lock(&file->lock);
	if (file->num_lists < G2D_NUM_SLOTS) {
		list_add_tail(&list->link, &file->lists);
		file->num_lists++;
	} else {
		ret = -ENOMEM;
	}
	mutex_unlock(&file->lock);

	if (ret)
		g2d_cmdlist_free(drm, list);
	return ret;
}

static int g2d_exec(struct drm_device *drm, struct g2d_file *file,
		    struct list_head *lists, unsigned int num_lists,
		    struct g2d_job **ret_job)
{
	struct g2d_job *job;
	struct g2d *g2d;
	int idx, ret;

	ret = wait_event_interruptible(file->wait,
				       atomic_add_unless(&file->queued, 1,
							 G2D_FILE_JOBS));
	if (ret)
		return ret;

	if (!drm_dev_enter(drm, &idx)) {
		ret = -ENODEV;
		goto err_queued;
	}

	g2d = g2d_get(drm);
	if (!g2d) {
		ret = -ENODEV;
		goto err_exit;
	}

	job = g2d_job_create(drm, file, lists, num_lists);
	if (IS_ERR(job)) {
		ret = PTR_ERR(job);
		goto err_exit;
	}

	ret = g2d_job_submit(g2d, job);
	if (ret) {
		list_splice_init(&job->lists, lists);
		g2d_job_put(job);
		goto err_exit;
	}

	drm_dev_exit(idx);
	*ret_job = job;
	return 0;

err_exit:
	drm_dev_exit(idx);
err_queued:
	atomic_dec(&file->queued);
	wake_up(&file->wait);
	return ret;
}

/**
 * exynos_g2d_exec_ioctl() - run the command lists that were taken
 * @drm: the device
 * @data: &struct drm_exynos_g2d_exec
 * @filp: the file
 *
 * Waits, interruptibly, until the file has room for another job, and until others
 * are done with the buffers; unless asynchronous, waits then, killably, for the
 * job.
 *
 * Return: 0; -EPERM if there are no lists, or user memory belongs to another
 * process; -EIO if the job was given up; -EFAULT, -EINVAL, -ENOMEM or -ENOSPC if
 * user memory cannot be used; -ENODEV. With any of these the lists are gone and
 * their events will not be sent. -EINTR, -ERESTARTSYS or -EAGAIN if EXEC is to be
 * repeated.
 */
int exynos_g2d_exec_ioctl(struct drm_device *drm, void *data,
			  struct drm_file *filp)
{
	struct g2d_file *file = g2d_file(filp);
	struct drm_exynos_g2d_exec *req = data;
	unsigned int num_lists;
	struct g2d_job *job;
	LIST_HEAD(lists);
	int ret;

	if (!g2d_get(drm))
		return -ENODEV;

	mutex_lock(&file->lock);
	list_splice_init(&file->lists, &lists);
	num_lists = file->num_lists;
	file->num_lists = 0;
	mutex_unlock(&file->lock);

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
		mutex_lock(&file->lock);
		if (file->num_lists + num_lists <= G2D_NUM_SLOTS) {
			list_splice(&lists, &file->lists);
			file->num_lists += num_lists;
			mutex_unlock(&file->lock);
			return ret;
		}
		mutex_unlock(&file->lock);
		/* Another thread used up the room meanwhile. */
		ret = -ENOMEM;
		fallthrough;
	default:
		drm_dbg(drm, "job refused: %d\n", ret);
		g2d_drop_lists(drm, &lists);
		return ret;
	}

	if (!req->async) {
		ret = wait_for_completion_killable(&job->complete);
		if (!ret)
			ret = job->error;
	}
	g2d_job_put(job);
	return ret;
}
