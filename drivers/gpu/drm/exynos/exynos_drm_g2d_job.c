// SPDX-License-Identifier: GPL-2.0-only
/*
 * FIMG2D: jobs and their submission.
 */

#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>

#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_exec.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_g2d_priv.h"
#include "exynos_drm_gem.h"
#include "exynos_drm_trace.h"
#include "exynos_drm_user.h"
#include "exynos_drm_userptr.h"

/**
 * DOC: G2D jobs
 *
 * g2d_job_submit() does all waits of unbounded length first, without locks, page
 * references or IOVA space: for fences of other drivers on the buffers, for pages of
 * userptr objects to be faulted in, for a place in the queue. Then it maps the userptr
 * objects, locks and reserves all buffers, and, with the notifier lock held, checks that
 * the mappings are still current, writes their addresses into the lists, queues the job
 * and publishes its fence. If a mapping was invalidated meanwhile, it retries from the
 * start. Every step before the job is queued may fail and is unwound; no step after it
 * can fail.
 *
 * A job never waits for a foreign fence once it is published. A waiter for its fence,
 * most importantly munmap(), therefore only waits for this engine: for the jobs queued
 * before it by any user, fewer than %EXYNOS_DRM_G2D_JOBS, each bounded by the job
 * timeout, the reset and the CPU cache maintenance after it, see %G2D_MAX_SYNC_BYTES.
 */

/**
 * g2d_get() - look up the engine
 * @drm: the device
 *
 * Context: Within drm_dev_enter() the engine stays bound until drm_dev_exit(). Outside
 * of it do not dereference the returned pointer, only compare it with NULL.
 *
 * Return: the engine, or NULL if it is not bound.
 */
struct g2d *g2d_get(struct drm_device *drm)
{
	struct exynos_drm_private *priv = drm->dev_private;
	struct device *dev = READ_ONCE(priv->g2d_dev);

	return dev ? dev_get_drvdata(dev) : NULL;
}

static struct dma_resv *g2d_resv(const struct g2d_object *obj)
{
	return obj->gem->base.resv;
}

static struct exynos_drm_userptr *g2d_userptr(const struct g2d_object *obj)
{
	return exynos_drm_gem_is_userptr(obj->gem) ?
	       to_exynos_userptr(obj->gem) : NULL;
}

static struct g2d_object *g2d_job_find(struct g2d_job *job,
				       struct exynos_drm_gem *gem)
{
	unsigned int i;

	for (i = 0; i < job->num_objects; i++) {
		if (job->objects[i].gem == gem)
			return &job->objects[i];
	}
	return NULL;
}

static void g2d_job_release(struct kref *kref)
{
	struct g2d_job *job = container_of(kref, struct g2d_job, kref);
	struct g2d_cmdlist *list, *next;

	list_for_each_entry_safe(list, next, &job->lists, link) {
		list_del(&list->link);
		g2d_cmdlist_free(job->drm, list);
	}
	if (job->fence && job->fence->name)
		dma_fence_put(&job->fence->base);
	else
		exynos_drm_fence_free(job->fence);
	g2d_file_put(job->file);
	exynos_drm_user_put(job->user);
	kvfree(job->submit.uses);
	kvfree(job->objects);
	kfree(job);
}

/**
 * g2d_job_put() - drop a reference to a job
 * @job: the job
 *
 * Context: Process context, outside of the fence signalling path: freeing a job puts
 * GEM objects.
 */
void g2d_job_put(struct g2d_job *job)
{
	kref_put(&job->kref, g2d_job_release);
}

static void g2d_job_collect_userptrs(struct g2d_job *job)
{
	struct exynos_drm_userptr_submit *submit = &job->submit;
	unsigned int i;

	for (i = 0; i < job->num_objects; i++) {
		struct exynos_drm_userptr *up = g2d_userptr(&job->objects[i]);

		if (!up)
			continue;
		submit->uses[submit->num].up = up;
		submit->uses[submit->num].write = job->objects[i].write;
		submit->num++;
	}
}

static void g2d_job_free_work(struct work_struct *work)
{
	struct g2d_job *job = container_of(work, struct g2d_job, free_work);
	unsigned int i;

	for (i = 0; i < job->submit.num; i++)
		exynos_drm_userptr_trim(job->submit.uses[i].up);
	g2d_job_put(job);
}

/**
 * g2d_job_create() - create a job from command lists
 * @drm: the device
 * @file: the file that the lists belong to; the job takes a reference
 * @lists: list of &struct g2d_cmdlist; moved to the job on success
 * @num_lists: length of @lists
 *
 * Context: Process context. Allocates.
 *
 * Return: the job with a reference for the caller, or an ERR_PTR() of -ENOMEM.
 */
struct g2d_job *g2d_job_create(struct drm_device *drm, struct g2d_file *file,
			       struct list_head *lists, unsigned int num_lists)
{
	unsigned int max = num_lists * G2D_NUM_OPERANDS;
	struct exynos_drm_user *user;
	struct g2d_cmdlist *list;
	struct g2d_job *job;
	unsigned int op;

	user = exynos_drm_user_get(drm);
	if (IS_ERR(user))
		return ERR_CAST(user);

	job = kzalloc_obj(*job, GFP_KERNEL_ACCOUNT);
	if (!job) {
		exynos_drm_user_put(user);
		return ERR_PTR(-ENOMEM);
	}

	kref_init(&job->kref);
	kref_get(&file->kref);
	job->drm = drm;
	job->file = file;
	job->user = user;
	job->num_lists = num_lists;
	INIT_LIST_HEAD(&job->link);
	INIT_LIST_HEAD(&job->lists);
	INIT_WORK(&job->free_work, g2d_job_free_work);
	init_completion(&job->complete);

	job->fence = exynos_drm_fence_alloc();
	job->objects = kvzalloc_objs(*job->objects, max, GFP_KERNEL_ACCOUNT);
	job->submit.uses = kvzalloc_objs(*job->submit.uses, max,
					 GFP_KERNEL_ACCOUNT);
	if (!job->fence || !job->objects || !job->submit.uses) {
		g2d_job_put(job);
		return ERR_PTR(-ENOMEM);
	}

	list_for_each_entry(list, lists, link) {
		for (op = 0; op < G2D_NUM_OPERANDS; op++) {
			struct g2d_object *obj;

			if (!list->gem[op])
				continue;
			obj = g2d_job_find(job, list->gem[op]);
			if (!obj) {
				obj = &job->objects[job->num_objects++];
				obj->gem = list->gem[op];
			}
			list->object[op] = obj - job->objects;
			obj->write |= g2d_operand_written(op);
			obj->sync_bytes += g2d_access_bytes(&list->access[op]);
		}
	}
	g2d_job_collect_userptrs(job);

	list_splice_init(lists, &job->lists);
	return job;
}

static int g2d_job_lock(struct g2d_job *job, struct drm_exec *exec)
{
	unsigned int i;
	int ret = 0;

	/* Objects imported from the same dma-buf share its reservation. */
	drm_exec_init(exec, DRM_EXEC_INTERRUPTIBLE_WAIT |
		      DRM_EXEC_IGNORE_DUPLICATES, job->num_objects);
	drm_exec_until_all_locked(exec) {
		for (i = 0; i < job->num_objects; i++) {
			/* A duplicate may need a slot for reading and one for writing. */
			ret = drm_exec_prepare_obj(exec,
						   &job->objects[i].gem->base,
						   2);
			drm_exec_retry_on_contention(exec);
			if (ret)
				return ret;
		}
	}
	return ret;
}

static bool g2d_fence_is_foreign(struct g2d *g2d, struct dma_fence *fence)
{
	return fence->context != g2d->timeline.context &&
	       !dma_fence_is_signaled(fence);
}

/* Jobs run in the order of their fences, so those of this engine need no wait. */
static bool g2d_job_has_foreign_fence(struct g2d *g2d, struct g2d_job *job)
{
	unsigned int i;

	for (i = 0; i < job->num_objects; i++) {
		struct g2d_object *obj = &job->objects[i];
		struct dma_resv_iter cursor;
		struct dma_fence *fence;

		dma_resv_for_each_fence(&cursor, g2d_resv(obj),
					dma_resv_usage_rw(obj->write), fence) {
			if (g2d_fence_is_foreign(g2d, fence))
				return true;
		}
	}
	return false;
}

/* Gets the first of these fences without locking the reservations. */
static int g2d_job_foreign_fence(struct g2d_job *job, struct dma_fence **ret_fence)
{
	struct dma_fence *fence;
	struct g2d *g2d;
	unsigned int i;
	int idx;

	*ret_fence = NULL;
	if (!drm_dev_enter(job->drm, &idx))
		return -ENODEV;

	g2d = g2d_get(job->drm);
	for (i = 0; g2d && !*ret_fence && i < job->num_objects; i++) {
		struct g2d_object *obj = &job->objects[i];
		struct dma_resv_iter cursor;

		dma_resv_iter_begin(&cursor, g2d_resv(obj),
				    dma_resv_usage_rw(obj->write));
		dma_resv_for_each_fence_unlocked(&cursor, fence) {
			if (!g2d_fence_is_foreign(g2d, fence))
				continue;
			*ret_fence = dma_fence_get(fence);
			break;
		}
		dma_resv_iter_end(&cursor);
	}
	drm_dev_exit(idx);
	return g2d ? 0 : -ENODEV;
}

static int g2d_job_wait_foreign(struct g2d_job *job)
{
	struct dma_fence *fence;
	int ret;

	for (;;) {
		ret = g2d_job_foreign_fence(job, &fence);
		if (ret || !fence)
			return ret;
		ret = dma_fence_wait(fence, true);
		dma_fence_put(fence);
		if (ret)
			return ret;
	}
}

static bool g2d_job_map(struct g2d_job *job)
{
	const struct exynos_drm_userptr_use *use = job->submit.uses;
	struct g2d_cmdlist *list;
	unsigned int i, op;

	for (i = 0; i < job->num_objects; i++) {
		struct g2d_object *obj = &job->objects[i];
		struct exynos_drm_userptr *up = g2d_userptr(obj);

		if (!up)
			continue;
		obj->map = exynos_drm_userptr_map_get(up, obj->write);
		if (!obj->map)
			return false;
		obj->clean = exynos_drm_userptr_is_clean(use++, obj->map);
	}

	list_for_each_entry(list, &job->lists, link) {
		for (op = 0; op < G2D_NUM_OPERANDS; op++) {
			struct exynos_drm_gem *gem = list->gem[op];
			dma_addr_t addr;

			if (!gem)
				continue;
			list->map[op] = job->objects[list->object[op]].map;
			addr = list->map[op] ? list->map[op]->dma_addr :
					       gem->dma_addr;
			list->words[list->reloc[op]] = lower_32_bits(addr);
		}
	}
	return true;
}

static int g2d_job_publish(struct g2d *g2d, struct g2d_job *job)
{
	unsigned int i;
	int ret;

	exynos_drm_userptr_lock(&job->submit);

	ret = g2d_job_map(job) ? g2d_queue_add(g2d, job) : -EAGAIN;
	if (ret)
		goto out_unlock;

	for (i = 0; i < job->num_objects; i++) {
		struct g2d_object *obj = &job->objects[i];

		if (obj->map)
			exynos_drm_userptr_map_used(obj->map, &job->fence->base,
						    obj->write);
		dma_resv_add_fence(g2d_resv(obj), &job->fence->base,
				   obj->write ? DMA_RESV_USAGE_WRITE :
						DMA_RESV_USAGE_READ);
	}
	trace_exynos_job_queue(job->fence->name, job->fence->base.seqno,
			       job->num_lists, 0);
	queue_work(g2d->wq, &g2d->work);

out_unlock:
	exynos_drm_userptr_unlock(&job->submit);
	return ret;
}

/* Returns -EBUSY if another driver has added a fence to a buffer meanwhile. */
static int g2d_job_lock_and_publish(struct g2d *g2d, struct g2d_job *job)
{
	struct drm_exec exec;
	int ret;

	ret = g2d_job_lock(job, &exec);
	if (!ret) {
		if (g2d_job_has_foreign_fence(g2d, job))
			ret = -EBUSY;
		else
			ret = g2d_job_publish(g2d, job);
	}
	drm_exec_fini(&exec);
	return ret;
}

static int g2d_job_start_engine(struct g2d_job *job)
{
	struct g2d *g2d;
	int idx, ret;

	if (!drm_dev_enter(job->drm, &idx))
		return -ENODEV;

	g2d = g2d_get(job->drm);
	if (!g2d) {
		ret = -ENODEV;
		goto out_exit;
	}

	/* Resume before the fence is published, because resuming allocates. */
	ret = pm_runtime_resume_and_get(g2d->dev);
	if (ret) {
		ret = ret == -EAGAIN || ret == -EINTR ? -EIO : ret;
		goto out_exit;
	}

	ret = g2d_job_lock_and_publish(g2d, job);
	if (ret)
		pm_runtime_put_autosuspend(g2d->dev);
out_exit:
	drm_dev_exit(idx);
	return ret;
}

static int g2d_job_wait_place(struct g2d_job *job, u64 since)
{
	unsigned long start = jiffies;
	int ret;

	ret = exynos_drm_quota_take(job->user, EXYNOS_DRM_QUOTA_G2D, since);
	exynos_drm_userptr_waited(&job->submit, start);
	return ret;
}

/*
 * Takes a place in the queue and claims IOVA space; returns without a place on error.
 * Give the place back before waiting for IOVA space, otherwise jobs that could run are
 * kept out of the queue. A task that has waited for IOVA space is served first.
 */
static int g2d_job_reserve(struct g2d_job *job)
{
	struct exynos_drm_userptr_submit *submit = &job->submit;
	int ret;

	if (!exynos_drm_quota_try(job->user, EXYNOS_DRM_QUOTA_G2D)) {
		exynos_drm_userptr_unlock_mm(submit);
		ret = g2d_job_wait_place(job, submit->since);
		if (ret)
			return ret;
	}

	ret = exynos_drm_userptr_claim(submit, false);
	if (!ret)
		return 0;
	exynos_drm_quota_give(job->user, EXYNOS_DRM_QUOTA_G2D);
	if (ret != -EBUSY)
		return ret;

	ret = exynos_drm_userptr_claim(submit, true);
	return ret ?: g2d_job_wait_place(job, 0);
}

static int g2d_job_try_submit(struct g2d_job *job)
{
	int ret;

	ret = exynos_drm_userptr_fault_in(&job->submit);
	if (ret)
		return ret;

	ret = g2d_job_reserve(job);
	if (ret)
		goto out_release;

	ret = exynos_drm_userptr_map(&job->submit);
	if (!ret)
		ret = g2d_job_start_engine(job);
	if (ret)
		exynos_drm_quota_give(job->user, EXYNOS_DRM_QUOTA_G2D);

out_release:
	exynos_drm_userptr_release(&job->submit);
	return ret;
}

/**
 * g2d_job_submit() - map the buffers of a job and queue it
 * @job: the job; the queue takes a reference of its own
 *
 * Context: Ioctl, no locks held. Sleeps interruptibly.
 *
 * Return: 0; -EPERM, -EACCES, -EFAULT, -EINVAL, -ENOMEM or -ENOSPC if a userptr object
 * cannot be used; -ENODEV without an engine, -EIO if it is wedged, or an error of power
 * management; -EINTR, -ERESTARTSYS or -EAGAIN. The job is not published on error.
 */
int g2d_job_submit(struct g2d_job *job)
{
	int ret;

	/* EXEC is restarted after a signal and keeps its place among the waiters. */
	job->submit.since = READ_ONCE(job->file->since) ?: exynos_drm_quota_now();
	ret = exynos_drm_userptr_prepare(&job->submit);
	if (ret)
		return ret;

	do {
		ret = g2d_job_wait_foreign(job);
		if (!ret)
			ret = g2d_job_try_submit(job);
	} while (ret == -EBUSY ||
		 (ret == -EAGAIN && exynos_drm_userptr_retry(&job->submit)));

	WRITE_ONCE(job->file->since,
		   ret == -ERESTARTSYS ? job->submit.since : 0);
	return ret;
}
