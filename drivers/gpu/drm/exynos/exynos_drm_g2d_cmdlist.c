// SPDX-License-Identifier: GPL-2.0-only
/*
 * FIMG2D: command lists, from the program's side.
 */

#include <linux/compat.h>
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

/**
 * g2d_get() - look up the engine
 * @drm: the device
 *
 * Context: The engine stays until drm_dev_exit(), if the caller is within
 * drm_dev_enter(). Without, all that counts is whether there is one.
 *
 * Return: the engine, or NULL if it is not bound.
 */
struct g2d *g2d_get(struct drm_device *drm)
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
 * g2d_operand_written() - check whether a blit writes an operand
 * @op: one of &enum g2d_operand
 *
 * Return: true for the destination's planes.
 */
bool g2d_operand_written(unsigned int op)
{
	return op == G2D_DST || op == G2D_DST2;
}

/**
 * g2d_access_bytes() - estimate the cost of cleaning or invalidating an operand
 * @a: what the blit accesses
 *
 * Return: the cost in bytes, see %G2D_MAX_SYNC_BYTES.
 */
u64 g2d_access_bytes(const struct g2d_access *a)
{
	if (a->rows && a->stride <= a->len)
		return a->len + (u64)(a->rows - 1) * a->stride;
	return (u64)a->rows * max_t(size_t, a->len, G2D_ROW_BYTES);
}

static u64 g2d_cmdlist_sync_bytes(const struct g2d_cmdlist *list)
{
	unsigned int op;
	u64 bytes = 0;

	for (op = 0; op < G2D_NUM_OPERANDS; op++) {
		u64 n = g2d_access_bytes(&list->access[op]);

		if (!list->gem[op] || !exynos_drm_gem_is_userptr(list->gem[op]))
			continue;
		/* Cleaning does not cost more than all of the object. */
		bytes += min_t(u64, n, list->gem[op]->base.size);
		if (g2d_operand_written(op))
			bytes += n;
	}
	return bytes;
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

/**
 * g2d_show_fdinfo() - show what a file has made the engine do
 * @p: the printer
 * @filp: the file
 */
void g2d_show_fdinfo(struct drm_printer *p, struct drm_file *filp)
{
	drm_printf(p, "drm-engine-g2d:\t%llu ns\n",
		   (u64)atomic64_read(&g2d_file(filp)->busy_ns));
}

/* The structure has two unsigned longs. */
static int g2d_userptr_args(u32 at, struct drm_exynos_g2d_userptr *args)
{
	struct {
		u32 userptr;
		u32 size;
	} compat;

	if (!in_compat_syscall())
		return copy_from_user(args, (void __user *)(unsigned long)at,
				      sizeof(*args)) ? -EFAULT : 0;

	if (copy_from_user(&compat, compat_ptr(at), sizeof(compat)))
		return -EFAULT;
	args->userptr = compat.userptr;
	args->size = compat.size;
	return 0;
}

static struct exynos_drm_gem *g2d_buffer_get(struct drm_file *filp,
					     const u32 *cmd,
					     struct g2d_buffer *buf)
{
	struct drm_exynos_g2d_userptr args;
	struct exynos_drm_userptr *up;
	struct exynos_drm_gem *gem;
	int ret;

	if (cmd[0] & G2D_BUF_USERPTR) {
		ret = g2d_userptr_args(cmd[1], &args);
		if (ret)
			return ERR_PTR(ret);
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
	if (!exynos_drm_userptr_is_mine(up)) {
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
	list->sync_bytes = g2d_cmdlist_sync_bytes(list);
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
 * Adds lists behind those that the file has, or before them. Returns false if one job
 * cannot have them all.
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
 * Return: 0; -EINVAL for a list that is too long, writes registers it must not,
 * or names a buffer twice or not at all; -EFAULT for memory that is not there,
 * handles that do not exist and blits that leave their buffers; -EPERM for a userptr
 * object of another process; -EACCES for a destination that is read-only; -ENOMEM
 * also if EXEC is to be called first, because the file has all the lists that a job
 * can have, or they cost all the CPU cache maintenance that a job can need; -ENOSPC,
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
		drm_dbg(drm, "command list refused: %pe\n", list);
		return PTR_ERR(list);
	}

	list_add(&list->link, &lists);
	if (!g2d_file_add(file, &lists, 1, list->sync_bytes, false)) {
		g2d_drop_lists(drm, &lists);
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
 * Waits, interruptibly, until the memory is there, until others are done with the
 * buffers, and until the user may queue another job; unless asynchronous, waits then,
 * killably, for the job.
 *
 * Clients of vendor kernels pass a structure whose second half they do not
 * initialize, so only the lower half of @async counts.
 *
 * Return: 0; -EPERM if there are no lists, or a userptr object belongs to another
 * process; -EIO if the job was aborted; -EFAULT, -EACCES, -EINVAL, -ENOMEM or -ENOSPC
 * if a userptr object cannot be used; -ENODEV. With any of these the lists are gone
 * and their events will not be sent. -EINTR, -ERESTARTSYS or -EAGAIN if EXEC is to be
 * repeated.
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
		 * A process that is being killed does not come again, and others
		 * that share the file must not run its lists.
		 */
		if (!fatal_signal_pending(current) &&
		    g2d_file_add(file, &lists, num_lists, sync_bytes, true))
			return ret;
		/* Another thread may have queued too many lists meanwhile. */
		ret = -ENOMEM;
		fallthrough;
	default:
		drm_dbg(drm, "job refused: %d\n", ret);
		g2d_drop_lists(drm, &lists);
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
