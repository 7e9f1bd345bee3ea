// SPDX-License-Identifier: GPL-2.0-only
/*
 * FIMG2D: jobs.
 */

#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pm_runtime.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_exec.h>
#include <drm/drm_print.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_g2d_priv.h"
#include "exynos_drm_g2d_regs.h"
#include "exynos_drm_gem.h"
#include "exynos_drm_trace.h"
#include "exynos_drm_user.h"
#include "exynos_drm_userptr.h"

/**
 * DOC: G2D jobs
 *
 * **EXEC's side.** g2d_job_submit() waits for whatever may take long with nothing in
 * its hands: for fences of other drivers on the buffers, for pages of userptr objects
 * to be brought in, for a place in the queue. Then it maps the userptr objects, locks
 * and reserves all buffers, and, with the notifier lock held, checks that the mappings
 * still hold, puts their addresses into the lists, queues the job and publishes its
 * fence. If something has changed meanwhile, it starts over. Every step before the job
 * is queued may fail and is unwound; no step after it can fail.
 *
 * A job never waits for a fence of somebody else once it is published. So whoever
 * waits for its fence, munmap() in the first place, waits for this engine only: for
 * the jobs before it, of which there are less than %EXYNOS_DRM_G2D_JOBS, whoever has
 * queued them, each no longer than the timeout and what CPU cache maintenance after
 * it takes, see %G2D_MAX_SYNC_BYTES.
 *
 * **The engine's side** is one ordered workqueue, with a rescuer because reclaim
 * waits for it. A job is started, completed and given up there, in an order that
 * is the reason for everything to be right: caches before the job; caches after
 * the job; then its fence; then events and EXEC. Nothing there allocates, and no
 * GEM object is put there: freeing one may take a lock under which somebody allocates.
 * Each job is freed by a work of its own instead.
 *
 * **Giving up.** A job that takes too long is ended by a reset, with -EIO. One
 * that makes the System MMU fault is, too, but at once: the MMU holds the engine
 * until the reset is done, so that nothing happens in between. If the
 * engine does not even stop then, the job and all it refers to is kept for ever,
 * its power reference included, and the engine is not used any more. Nor is its
 * System MMU switched off, which would open all of memory to it: the system is not
 * suspended, and the MMU stays attached even if the driver is unbound.
 */

#define G2D_TIMEOUT_MAX_MS	10000

static unsigned int g2d_timeout = 500;
module_param(g2d_timeout, uint, 0644);
MODULE_PARM_DESC(g2d_timeout,
		 "Milliseconds that a G2D job may take, and munmap() may wait for each [default 500]");

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
 * Context: Process context, outside of anything that a fence depends on.
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

static void g2d_retire_work(struct work_struct *work);

/**
 * g2d_job_create() - make a job of command lists
 * @drm: the device
 * @file: whose they are
 * @lists: the lists; taken on success
 * @num_lists: how many
 *
 * Return: the job, or an ERR_PTR() of -ENOMEM.
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
	INIT_WORK(&job->retire, g2d_retire_work);
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

	/* Objects that were imported from one buffer share its reservation. */
	drm_exec_init(exec, DRM_EXEC_INTERRUPTIBLE_WAIT |
		      DRM_EXEC_IGNORE_DUPLICATES, job->num_objects);
	drm_exec_until_all_locked(exec) {
		for (i = 0; i < job->num_objects; i++) {
			/* One as a source and one as a destination. */
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

/* Whether an engine or driver that is not this one has to end something first. */
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

/* The first such fence, looked up without locks. */
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

static int g2d_queue_add(struct g2d *g2d, struct g2d_job *job)
{
	guard(spinlock_irq)(&g2d->lock);

	if (g2d->lost)
		return -EIO;
	if (g2d->stopped)
		return -ENODEV;

	exynos_drm_fence_init(job->fence, &g2d->timeline);
	kref_get(&job->kref);
	list_add_tail(&job->link, &g2d->queue);
	return 0;
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

/* Returns -EBUSY if somebody else has begun to use a buffer meanwhile. */
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

	/* Here and not when the job starts: resuming allocates. */
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
 * Takes a place in the queue and claims IOVA space. Returns without the former after
 * an error. Whoever waits for space gives the place to others; whoever has waited for
 * space comes first.
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
 * g2d_job_submit() - give a job to the engine
 * @job: the job; the engine takes a reference of its own
 *
 * Context: Ioctl, no locks held. Sleeps interruptibly.
 *
 * Return: 0; -EPERM, -EACCES, -EFAULT, -EINVAL, -ENOMEM or -ENOSPC if a userptr object
 * cannot be used; -ENODEV without an engine, -EIO if it is wedged, or an error of power
 * management; -EINTR, -ERESTARTSYS or -EAGAIN. The job was not published then.
 */
int g2d_job_submit(struct g2d_job *job)
{
	int ret;

	/* EXEC comes again after a signal, and has waited since the first time. */
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

/*
 * Userspace controls how often blits access the same byte. Bound what it costs: clean
 * the whole object once if that is cheaper than its rows.
 */
static void g2d_sync_for_device(struct g2d_job *job)
{
	struct g2d_cmdlist *list;
	unsigned int i, op;

	for (i = 0; i < job->num_objects; i++) {
		struct g2d_object *obj = &job->objects[i];

		if (obj->map && obj->sync_bytes >= obj->map->up->size)
			exynos_drm_userptr_sync_for_device(obj->map, 0,
							   obj->map->up->size,
							   0, 1);
	}

	list_for_each_entry(list, &job->lists, link) {
		for (op = 0; op < G2D_NUM_OPERANDS; op++) {
			const struct g2d_access *a = &list->access[op];
			struct exynos_drm_userptr_map *map = list->map[op];

			if (!map || !a->rows ||
			    job->objects[list->object[op]].sync_bytes >=
			    map->up->size)
				continue;
			exynos_drm_userptr_sync_for_device(map, a->first, a->len,
							   a->stride, a->rows);
		}
	}
}

static void g2d_sync_list_for_cpu(struct g2d_cmdlist *list)
{
	unsigned int op;

	for (op = 0; op < G2D_NUM_OPERANDS; op++) {
		const struct g2d_access *a = &list->access[op];

		if (list->map[op] && a->rows && g2d_operand_written(op))
			exynos_drm_userptr_sync_for_cpu(list->map[op], a->first,
							a->len, a->stride,
							a->rows);
	}
}

/* Makes the results of the first @num lists visible to the CPU. */
static void g2d_job_sync_for_cpu(struct g2d_job *job, unsigned int num)
{
	struct g2d_cmdlist *list;
	unsigned int i = 0;

	list_for_each_entry(list, &job->lists, link) {
		if (i >= num)
			break;
		if (i++ >= job->done)
			g2d_sync_list_for_cpu(list);
	}
	job->done = max(job->done, num);
}

static void g2d_send_event(struct g2d *g2d, struct g2d_cmdlist *list,
			   unsigned int num)
{
	struct g2d_event *e = list->event;
	struct timespec64 now;

	list->event = NULL;

	ktime_get_ts64(&now);
	e->event.tv_sec = now.tv_sec;
	e->event.tv_usec = now.tv_nsec / NSEC_PER_USEC;
	e->event.cmdlist_no = num;
	drm_send_event(g2d->drm, &e->base);
}

/* The engine is held after a list with an event. */
static void g2d_list_done(struct g2d *g2d, struct g2d_job *job)
{
	unsigned int num = g2d_hw_lists_done(g2d);
	struct g2d_cmdlist *list;

	g2d_job_sync_for_cpu(job, min(num, job->num_lists));
	list_for_each_entry(list, &job->lists, link) {
		if (list->event) {
			g2d_send_event(g2d, list, num);
			break;
		}
	}
}

static void g2d_set_running(struct g2d *g2d, struct g2d_job *job)
{
	spin_lock_irq(&g2d->lock);
	g2d->starting = false;
	g2d->running = job;
	g2d->pending = 0;
	spin_unlock_irq(&g2d->lock);
}

static void g2d_job_done(struct g2d *g2d, struct g2d_job *job, int error)
{
	struct g2d_cmdlist *list;
	unsigned int num = 0;

	trace_exynos_job_done(job->fence->name, job->fence->base.seqno,
			      job->num_lists, error);
	if (error)
		dma_fence_set_error(&job->fence->base, error);
	dma_fence_signal(&job->fence->base);

	list_for_each_entry(list, &job->lists, link) {
		num++;
		if (list->event)
			g2d_send_event(g2d, list, num);
	}

	job->error = error;
	complete_all(&job->complete);

	exynos_drm_quota_give(job->user, EXYNOS_DRM_QUOTA_G2D);
	exynos_drm_userptr_idle(&job->submit);
}

static void g2d_retire_job(struct g2d *g2d, struct g2d_job *job)
{
	pm_runtime_put_autosuspend(g2d->dev);
	queue_work(g2d->retire_wq, &job->retire);
}

/* The CPU gets to see what the first @num lists of the running job have made. */
static void g2d_finish(struct g2d *g2d, unsigned int num, int error)
{
	struct g2d_job *job = g2d->running;

	cancel_delayed_work(&g2d->timeout);
	atomic64_add(ktime_to_ns(ktime_sub(ktime_get(), job->started)),
		     &job->file->busy_ns);
	g2d_job_sync_for_cpu(job, min(num, job->num_lists));
	g2d_job_done(g2d, job, error);
	g2d_set_running(g2d, NULL);
	if (!g2d->lost)
		g2d_retire_job(g2d, job);
}

static void g2d_write_lists(struct g2d *g2d, struct g2d_job *job)
{
	dma_addr_t next = g2d->pool;
	u32 *slot = g2d->pool_virt;
	struct g2d_cmdlist *list;

	list_for_each_entry(list, &job->lists, link) {
		next += G2D_SLOT_SIZE;
		slot[0] = list->num_words / 2;
		memcpy(&slot[1], list->words, list->num_words * sizeof(u32));
		slot[1 + list->num_words] =
			list_is_last(&list->link, &job->lists) ?
			0 : lower_32_bits(next);
		slot += G2D_SLOT_SIZE / sizeof(u32);
	}
}

static void g2d_start(struct g2d *g2d, struct g2d_job *job)
{
	unsigned int ms = clamp(READ_ONCE(g2d_timeout), 1, G2D_TIMEOUT_MAX_MS);

	/* What the CPU does for the job is on its time. */
	job->deadline = jiffies + msecs_to_jiffies(ms);
	g2d_sync_for_device(job);
	g2d_write_lists(g2d, job);
	g2d_set_running(g2d, job);
	trace_exynos_job_start(job->fence->name, job->fence->base.seqno,
			       job->num_lists, 0);
	mod_delayed_work(g2d->wq, &g2d->timeout,
			 max_t(long, job->deadline - jiffies, 1));
	job->started = ktime_get();
	g2d_hw_start(g2d);
}

static struct g2d_job *g2d_next_job(struct g2d *g2d)
{
	struct g2d_job *job;

	spin_lock_irq(&g2d->lock);
	job = list_first_entry_or_null(&g2d->queue, struct g2d_job, link);
	if (job)
		list_del_init(&job->link);
	g2d->starting = job;
	spin_unlock_irq(&g2d->lock);
	return job;
}

/*
 * It goes on with power, without an end to its job, and with a fault handler for
 * which the DRM device and this module have to stay.
 */
static void g2d_lose(struct g2d *g2d)
{
	struct g2d_job *job = g2d->running;
	unsigned int i;

	dev_err(g2d->dev, "engine does not stop, giving it up\n");

	pm_runtime_get_noresume(g2d->dev);
	drm_dev_get(g2d->drm);
	__module_get(THIS_MODULE);

	for (i = 0; job && i < job->num_objects; i++) {
		if (job->objects[i].map)
			exynos_drm_userptr_lose(job->objects[i].map);
	}
	spin_lock_irq(&g2d->lock);
	g2d->lost = true;
	spin_unlock_irq(&g2d->lock);
}

/*
 * After a reset there is nothing any more that the System MMU has to hold. A fault
 * that was reported until now was that of the job before: nothing else can fault
 * as long as the engine is held.
 */
static void g2d_release(struct g2d *g2d)
{
	spin_lock_irq(&g2d->lock);
	g2d->faulted = false;
	spin_unlock_irq(&g2d->lock);

	exynos_drm_dma_release(g2d->drm, g2d->dev);
}

static void g2d_stop(struct g2d *g2d)
{
	if (g2d_hw_reset(g2d))
		g2d_release(g2d);
	else
		g2d_lose(g2d);
}

static bool g2d_is_faulted(struct g2d *g2d)
{
	guard(spinlock_irq)(&g2d->lock);

	return g2d->faulted;
}

/* Without power it does nothing, and the next job sees to it. */
static void g2d_stop_idle(struct g2d *g2d)
{
	if (pm_runtime_get_if_active(g2d->dev) > 0) {
		g2d_stop(g2d);
		pm_runtime_put_autosuspend(g2d->dev);
	}
}

static void g2d_run(struct g2d *g2d)
{
	struct g2d_job *job;

	while (!g2d->running) {
		job = g2d_next_job(g2d);
		if (!job) {
			wake_up_all(&g2d->idle);
			return;
		}
		if (!g2d->lost && g2d_is_faulted(g2d))
			g2d_stop(g2d);
		if (!g2d->lost) {
			g2d_start(g2d, job);
			return;
		}
		g2d_job_done(g2d, job, -EIO);
		g2d_retire_job(g2d, job);
	}
}

/* Returns whether the running job, if there was one, has ended. */
static bool g2d_progress(struct g2d *g2d)
{
	u32 pending;

	spin_lock_irq(&g2d->lock);
	pending = g2d->pending;
	g2d->pending = 0;
	spin_unlock_irq(&g2d->lock);

	if (!g2d->running)
		return true;

	if (pending & G2D_INT_GCMD) {
		g2d_list_done(g2d, g2d->running);
		/* Both may come at once after the last list. */
		if (pending & G2D_INT_ACMD)
			g2d_hw_unhold(g2d);
		else
			g2d_hw_continue(g2d);
	}
	if (pending & G2D_INT_ACMD)
		g2d_finish(g2d, g2d->running->num_lists, 0);
	return !g2d->running;
}

static void g2d_work(struct work_struct *work)
{
	struct g2d *g2d = container_of(work, struct g2d, work);
	bool cookie = dma_fence_begin_signalling();

	g2d_progress(g2d);
	g2d_run(g2d);
	dma_fence_end_signalling(cookie);
}

static void g2d_timeout_work(struct work_struct *work)
{
	struct g2d *g2d = container_of(to_delayed_work(work), struct g2d,
				       timeout);
	bool cookie = dma_fence_begin_signalling();
	unsigned int num;
	bool faulted;

	/* The interrupt may be as late as we are. */
	spin_lock_irq(&g2d->lock);
	if (g2d->running)
		g2d_hw_ack(g2d);
	faulted = g2d->faulted;
	spin_unlock_irq(&g2d->lock);

	if (!g2d_progress(g2d) &&
	    (faulted || time_after_eq(jiffies, g2d->running->deadline))) {
		/* Of a fault the System MMU's driver has told. */
		if (!faulted)
			dev_err_ratelimited(g2d->dev,
					    "job takes too long, resetting engine\n");
		/*
		 * Not all of them: what was not run must not take time now that it
		 * was not given before.
		 */
		num = g2d_hw_lists_done(g2d) + 1;
		g2d_stop(g2d);
		g2d_finish(g2d, num, -EIO);
	} else if (!g2d->running && !g2d->lost && faulted) {
		g2d_stop_idle(g2d);
	}
	g2d_run(g2d);

	/* A fault of the job before may have used up what was for this one. */
	if (g2d->running)
		queue_delayed_work(g2d->wq, &g2d->timeout,
				   max_t(long, g2d->running->deadline - jiffies, 0));
	dma_fence_end_signalling(cookie);
}

static void g2d_retire_work(struct work_struct *work)
{
	struct g2d_job *job = container_of(work, struct g2d_job, retire);
	unsigned int i;

	for (i = 0; i < job->submit.num; i++)
		exynos_drm_userptr_trim(job->submit.uses[i].up);
	g2d_job_put(job);
}

static bool g2d_is_idle(struct g2d *g2d)
{
	guard(spinlock_irq)(&g2d->lock);

	return !g2d->running && !g2d->starting && list_empty(&g2d->queue);
}

/**
 * g2d_queue_fault() - give the running job up after a fault of the System MMU
 * @g2d: the engine, which the System MMU holds
 *
 * Without a job the engine is reset all the same.
 *
 * Context: Any, also hard interrupt.
 */
void g2d_queue_fault(struct g2d *g2d)
{
	unsigned long flags;

	spin_lock_irqsave(&g2d->lock, flags);
	g2d->faulted = true;
	spin_unlock_irqrestore(&g2d->lock, flags);

	mod_delayed_work(g2d->wq, &g2d->timeout, 0);
}

/**
 * g2d_queue_begin() - prepare for the jobs of a DRM device
 * @g2d: the engine, with no jobs
 *
 * If there was a fault while the engine was being unbound, its System MMU still
 * holds it: it is reset and released. Without power that is left to the first job.
 *
 * Context: Process context.
 */
void g2d_queue_begin(struct g2d *g2d)
{
	bool on = !pm_runtime_resume_and_get(g2d->dev);

	g2d_queue_fault(g2d);
	flush_delayed_work(&g2d->timeout);
	if (on)
		pm_runtime_put_autosuspend(g2d->dev);
}

/**
 * g2d_queue_end() - stop looking at the DRM device
 * @g2d: the engine, drained, and no more faults are reported
 *
 * Context: Process context.
 */
void g2d_queue_end(struct g2d *g2d)
{
	cancel_delayed_work_sync(&g2d->timeout);
}

/**
 * g2d_queue_drain() - wait until all jobs have ended
 * @g2d: the engine, to which no more jobs come
 *
 * Context: Process context. Bounded by the number of jobs and the timeout.
 */
void g2d_queue_drain(struct g2d *g2d)
{
	wait_event(g2d->idle, g2d_is_idle(g2d));
	flush_workqueue(g2d->wq);
}

/**
 * g2d_queue_drain_retired() - wait until all jobs are freed
 * @g2d: the engine, drained
 *
 * Context: Process context.
 */
void g2d_queue_drain_retired(struct g2d *g2d)
{
	flush_workqueue(g2d->retire_wq);
}

/**
 * g2d_queue_stop() - let no more jobs come
 * @g2d: the engine
 *
 * Context: Process context.
 */
void g2d_queue_stop(struct g2d *g2d)
{
	guard(spinlock_irq)(&g2d->lock);

	g2d->stopped = true;
}

/**
 * g2d_queue_init() - prepare the engine's queue
 * @g2d: the engine
 *
 * Return: 0 or -ENOMEM.
 */
int g2d_queue_init(struct g2d *g2d)
{
	g2d->wq = alloc_ordered_workqueue("drm_g2d", WQ_MEM_RECLAIM);
	if (!g2d->wq)
		return -ENOMEM;
	g2d->retire_wq = alloc_workqueue("drm_g2d_retire", WQ_UNBOUND, 0);
	if (!g2d->retire_wq) {
		destroy_workqueue(g2d->wq);
		return -ENOMEM;
	}

	exynos_drm_timeline_init(&g2d->timeline, "g2d");
	spin_lock_init(&g2d->lock);
	INIT_LIST_HEAD(&g2d->queue);
	INIT_WORK(&g2d->work, g2d_work);
	INIT_DELAYED_WORK(&g2d->timeout, g2d_timeout_work);
	init_waitqueue_head(&g2d->idle);
	return 0;
}

/**
 * g2d_queue_fini() - the counterpart of g2d_queue_init()
 * @g2d: the engine, drained
 */
void g2d_queue_fini(struct g2d *g2d)
{
	cancel_delayed_work_sync(&g2d->timeout);
	destroy_workqueue(g2d->wq);
	destroy_workqueue(g2d->retire_wq);
}
