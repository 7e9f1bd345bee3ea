// SPDX-License-Identifier: GPL-2.0-only
/*
 * FIMG2D: command lists and their buffers.
 */

#include <linux/compat.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <drm/drm_device.h>
#include <drm/drm_print.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_g2d_priv.h"
#include "exynos_drm_g2d_regs.h"
#include "exynos_drm_gem.h"
#include "exynos_drm_userptr.h"

/**
 * DOC: G2D command lists
 *
 * SET_CMDLIST copies and validates a list; userspace cannot modify it afterwards. It
 * also takes a reference to each buffer, which the list holds until it has completed or
 * is dropped. DMA addresses are only resolved by EXEC, because the pages behind a
 * userptr object may change in between.
 *
 * EXEC either runs all lists of the file or drops them all, except if a signal or a
 * collision with page table changes requires it to be repeated: it leaves the file
 * unchanged then.
 */

/*
 * Resets the registers, otherwise the list inherits those of the previous one. The
 * engine ignores the pair after the reset, so it is a dummy.
 */
static const u32 g2d_prelude[] = {
	G2D_SOFT_RESET, G2D_SOFT_RESET_SFRCLEAR,
	G2D_SRC_BASE_ADDR, 0,
	G2D_INTEN, G2D_INT_ACMD,
};

/* A list with an event holds the engine until the worker has sent the event. */
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
		/* At most the whole object is cleaned, see g2d_sync_for_device(). */
		bytes += min_t(u64, n, list->gem[op]->base.size);
		if (g2d_operand_written(op))
			bytes += n;
	}
	return bytes;
}

/**
 * g2d_cmdlist_free() - free a command list
 * @drm: the device
 * @list: the command list, unlinked; an event that was not sent is cancelled
 *
 * Context: Process context, outside of the fence signalling path: puts GEM objects.
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

/**
 * g2d_cmdlist_free_all() - unlink and free command lists
 * @drm: the device
 * @lists: list of &struct g2d_cmdlist
 *
 * Context: As for g2d_cmdlist_free().
 */
void g2d_cmdlist_free_all(struct drm_device *drm, struct list_head *lists)
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
 * g2d_file_put() - drop a reference to the G2D state of a file
 * @file: the state
 *
 * Context: Any.
 */
void g2d_file_put(struct g2d_file *file)
{
	kref_put(&file->kref, g2d_file_release);
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

/* Two unsigned longs in the uAPI, so their size depends on the caller. */
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

/* The words from @cmds on are @num_cmds register pairs, then @num_bufs buffer pairs. */
static int g2d_cmdlist_check(struct drm_device *drm, struct drm_file *filp,
			     struct g2d_cmdlist *list, unsigned int cmds,
			     unsigned int num_cmds, unsigned int num_bufs)
{
	struct g2d_buffer bufs[G2D_NUM_OPERANDS] = { };
	struct g2d_reject reject = { };
	unsigned int i;
	int ret;

	for (i = 0; i < num_cmds; i++) {
		u32 reg = list->words[cmds + 2 * i];

		if (!g2d_check_reg(reg)) {
			drm_dbg(drm, "register %#x must not be written\n", reg);
			return -EINVAL;
		}
	}

	for (i = 0; i < num_bufs; i++) {
		unsigned int at = cmds + 2 * (num_cmds + i);
		u32 *cmd = &list->words[at];
		struct exynos_drm_gem *gem;
		int op;

		op = g2d_check_operand(cmd[0] & ~G2D_BUF_USERPTR);
		if (op < 0 || list->gem[op]) {
			drm_dbg(drm, "register %#x %s\n", cmd[0], op < 0 ?
				"takes no buffer" : "has a buffer already");
			return -EINVAL;
		}

		gem = g2d_buffer_get(filp, cmd, &bufs[op]);
		if (IS_ERR(gem)) {
			drm_dbg(drm, "register %#x: buffer %#x: %pe\n", cmd[0],
				cmd[1], gem);
			return PTR_ERR(gem);
		}

		list->gem[op] = gem;
		list->reloc[op] = at + 1;
		cmd[0] &= ~G2D_BUF_USERPTR;
	}

	ret = g2d_check_list(&list->words[cmds], num_cmds, bufs, list->access,
			     &reject);
	if (ret)
		drm_dbg(drm, "register %#x: %s\n", reject.reg, reject.why);
	return ret;
}

/**
 * g2d_cmdlist_create() - copy and validate a command list
 * @drm: the device
 * @filp: the file whose handles the list uses
 * @req: arguments of SET_CMDLIST
 *
 * Context: Ioctl, no locks held. Reads user memory, which may sleep without bound.
 *
 * Return: the command list, unlinked, to be freed by g2d_cmdlist_free(); or an
 * ERR_PTR() of an error of exynos_g2d_set_cmdlist_ioctl().
 */
struct g2d_cmdlist *
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
		goto too_long;
	bufs = cmds + 2 * req->cmd_nr;
	end = bufs + 2 * req->cmd_buf_nr;
	if (end + ARRAY_SIZE(g2d_epilogue) > G2D_MAX_WORDS)
		goto too_long;

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

	ret = g2d_cmdlist_check(drm, filp, list, cmds, req->cmd_nr,
				req->cmd_buf_nr);
	if (ret)
		goto err_free;
	list->sync_bytes = g2d_cmdlist_sync_bytes(list);
	return list;

err_free:
	g2d_cmdlist_free(drm, list);
	return ERR_PTR(ret);

too_long:
	drm_dbg(drm, "%u registers and %u buffers do not fit into a list\n",
		req->cmd_nr, req->cmd_buf_nr);
	return ERR_PTR(-EINVAL);
}
