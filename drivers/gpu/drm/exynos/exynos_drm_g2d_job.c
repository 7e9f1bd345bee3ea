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
#include "exynos_drm_userptr.h"

/**
 * DOC: G2D jobs
 *
 * **EXEC's side.** g2d_job_submit() maps the user memory, locks and reserves all
 * buffers, waits for what others do with them, and then, with the notifier lock
 * held, checks that the mappings still hold, puts their addresses into the lists,
 * queues the job and publishes its fence. If a mapping does not hold any more, all
 * starts over. Until the job is queued everything can fail and be undone; then
 * nothing can.
 *
 * A job never waits for a fence of somebody else once it is published. So whoever
 * waits for its fence, munmap() in the first place, waits for this engine only:
 * for the jobs of the same file before it, and at most %G2D_FILE_JOBS of every
 * other file, each no longer than the timeout.
 *
 * **The engine's side** is one ordered workqueue, with a rescuer because reclaim
 * waits for it. A job is started, completed and given up there, in an order that
 * is the reason for everything to be right: caches before the job; caches after
 * the job; then its fence; then events and EXEC. Nothing there allocates, and no
 * GEM object is put there: freeing a userptr object waits for running notifiers,
 * which wait for jobs. Jobs are freed by another work instead.
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

/* As for mapping user memory. */
#define G2D_RETRY_JIFFIES	HZ
#define G2D_RETRY_MIN		8

/* A call for one more row costs about as much as the cache lines of this many. */
#define G2D_ROW_BYTES		SZ_1K

static struct dma_resv *g2d_resv(const struct g2d_object *obj)
{
	return obj->gem->base.resv;
}

static struct exynos_drm_userptr *g2d_userptr(const struct g2d_object *obj)
{
	return exynos_drm_gem_is_userptr(obj->gem) ?
	       to_exynos_userptr(obj->gem) : NULL;
}

static bool g2d_operand_written(unsigned int op)
{
	return op == G2D_DST || op == G2D_DST2;
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

static u64 g2d_access_bytes(const struct g2d_access *a)
{
	if (a->rows && a->stride <= a->len)
		return a->len + (u64)(a->rows - 1) * a->stride;
	return (u64)a->rows * max_t(size_t, a->len, G2D_ROW_BYTES);
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
	kfree(job->objects);
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
	struct g2d_cmdlist *list;
	struct g2d_job *job;
	unsigned int op;

	job = kzalloc_obj(*job, GFP_KERNEL_ACCOUNT);
	if (!job)
		return ERR_PTR(-ENOMEM);

	kref_init(&job->kref);
	kref_get(&file->kref);
	job->drm = drm;
	job->file = file;
	job->num_lists = num_lists;
	INIT_LIST_HEAD(&job->link);
	INIT_LIST_HEAD(&job->lists);
	init_completion(&job->complete);

	job->fence = exynos_drm_fence_alloc();
	job->objects = kzalloc_objs(*job->objects, num_lists * G2D_NUM_OPERANDS,
				    GFP_KERNEL_ACCOUNT);
	if (!job->fence || !job->objects) {
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
			obj->write |= g2d_operand_written(op);
			obj->touched += g2d_access_bytes(&list->access[op]);
		}
	}

	list_splice_init(lists, &job->lists);
	return job;
}

static void g2d_job_end(struct g2d_job *job, unsigned int num)
{
	while (num--) {
		struct exynos_drm_userptr *up = g2d_userptr(&job->objects[num]);

		if (up)
			exynos_drm_userptr_end(up);
	}
}

static int g2d_job_begin(struct g2d_job *job)
{
	unsigned int i;
	int ret;

	for (i = 0; i < job->num_objects; i++) {
		struct g2d_object *obj = &job->objects[i];
		struct exynos_drm_userptr *up = g2d_userptr(obj);

		ret = up ? exynos_drm_userptr_begin(up, obj->write) : 0;
		if (ret) {
			g2d_job_end(job, i);
			return ret;
		}
	}
	return 0;
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

/* A fence of another engine or driver that has to signal first. */
static struct dma_fence *g2d_job_foreign_fence(struct g2d *g2d,
					       struct g2d_job *job)
{
	unsigned int i;

	for (i = 0; i < job->num_objects; i++) {
		struct g2d_object *obj = &job->objects[i];
		struct dma_resv_iter cursor;
		struct dma_fence *fence;

		dma_resv_for_each_fence(&cursor, g2d_resv(obj),
					dma_resv_usage_rw(obj->write), fence) {
			if (fence->context != g2d->timeline.context &&
			    !dma_fence_is_signaled(fence))
				return dma_fence_get(fence);
		}
	}
	return NULL;
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
			list->map[op] = g2d_job_find(job, gem)->map;
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
	int ret = 0;

	exynos_drm_userptr_lock(g2d->drm);

	if (!g2d_job_map(job)) {
		ret = -EAGAIN;
		goto out_unlock;
	}

	spin_lock_irq(&g2d->lock);
	if (!g2d->lost) {
		exynos_drm_fence_init(job->fence, &g2d->timeline);
		kref_get(&job->kref);
		list_add_tail(&job->link, &g2d->queue);
	} else {
		ret = -EIO;
	}
	spin_unlock_irq(&g2d->lock);
	if (ret)
		goto out_unlock;

	for (i = 0; i < job->num_objects; i++) {
		struct g2d_object *obj = &job->objects[i];

		dma_resv_add_fence(g2d_resv(obj), &job->fence->base,
				   obj->write ? DMA_RESV_USAGE_WRITE :
						DMA_RESV_USAGE_READ);
	}
	trace_exynos_job_queue(job->fence->name, job->fence->base.seqno,
			       job->num_lists, 0);
	queue_work(g2d->wq, &g2d->work);

out_unlock:
	exynos_drm_userptr_unlock(g2d->drm);
	return ret;
}

static int g2d_job_try_submit(struct g2d *g2d, struct g2d_job *job,
			      struct dma_fence **wait_for)
{
	struct drm_exec exec;
	int ret;

	*wait_for = NULL;

	ret = g2d_job_begin(job);
	if (ret)
		return ret;

	ret = g2d_job_lock(job, &exec);
	if (!ret) {
		*wait_for = g2d_job_foreign_fence(g2d, job);
		if (*wait_for)
			ret = -EAGAIN;
		else
			ret = g2d_job_publish(g2d, job);
	}
	drm_exec_fini(&exec);
	g2d_job_end(job, job->num_objects);
	return ret;
}

/**
 * g2d_job_submit() - give a job to the engine
 * @g2d: the engine
 * @job: the job; the engine takes a reference of its own
 *
 * Context: Ioctl, no locks held.
 *
 * Return: 0, or an error of exynos_drm_userptr_begin(), -EIO if the engine is
 * lost, or an error of power management. The job was not published then.
 */
int g2d_job_submit(struct g2d *g2d, struct g2d_job *job)
{
	unsigned long deadline = jiffies + G2D_RETRY_JIFFIES;
	struct dma_fence *wait_for;
	unsigned int tries = 0;
	int ret;

	/* Here and not when the job starts: resuming allocates. */
	ret = pm_runtime_resume_and_get(g2d->dev);
	if (ret)
		return ret == -EAGAIN || ret == -EINTR ? -EIO : ret;

	for (;;) {
		ret = g2d_job_try_submit(g2d, job, &wait_for);
		if (wait_for) {
			ret = dma_fence_wait(wait_for, true);
			dma_fence_put(wait_for);
			if (ret)
				break;
			deadline = jiffies + G2D_RETRY_JIFFIES;
		} else if (ret != -EAGAIN || (++tries >= G2D_RETRY_MIN &&
					      time_after(jiffies, deadline))) {
			break;
		}
	}

	if (ret)
		pm_runtime_put_autosuspend(g2d->dev);
	return ret;
}

/*
 * Programs choose how often their blits touch a byte, and no timeout covers this:
 * an object is written back once as a whole rather than more than that in pieces.
 */
static void g2d_sync_for_device(struct g2d_job *job)
{
	struct g2d_cmdlist *list;
	unsigned int i, op;

	for (i = 0; i < job->num_objects; i++) {
		struct g2d_object *obj = &job->objects[i];

		if (obj->map && obj->touched >= obj->map->up->size)
			exynos_drm_userptr_sync_for_device(obj->map, 0,
							   obj->map->up->size,
							   0, 1);
	}

	list_for_each_entry(list, &job->lists, link) {
		for (op = 0; op < G2D_NUM_OPERANDS; op++) {
			const struct g2d_access *a = &list->access[op];
			struct exynos_drm_userptr_map *map = list->map[op];

			if (!map || !a->rows ||
			    g2d_job_find(job, list->gem[op])->touched >=
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

	atomic_dec(&job->file->queued);
	wake_up(&job->file->wait);
	exynos_drm_userptr_idle(g2d->drm);

	job->error = error;
	complete_all(&job->complete);
}

static void g2d_retire_job(struct g2d *g2d, struct g2d_job *job)
{
	spin_lock_irq(&g2d->lock);
	list_add_tail(&job->link, &g2d->retired);
	spin_unlock_irq(&g2d->lock);

	queue_work(system_dfl_wq, &g2d->retire);
}

/* The CPU gets to see what the first @num lists of the running job have made. */
static void g2d_finish(struct g2d *g2d, unsigned int num, int error)
{
	struct g2d_job *job = g2d->running;

	cancel_delayed_work(&g2d->timeout);
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

	g2d_sync_for_device(job);
	g2d_write_lists(g2d, job);
	g2d_set_running(g2d, job);
	trace_exynos_job_start(job->fence->name, job->fence->base.seqno,
			       job->num_lists, 0);
	job->deadline = jiffies + msecs_to_jiffies(ms);
	mod_delayed_work(g2d->wq, &g2d->timeout, msecs_to_jiffies(ms));
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

	exynos_drm_dma_release(g2d->drm);
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
		if (!(pending & G2D_INT_ACMD))
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
	struct g2d *g2d = container_of(work, struct g2d, retire);
	struct g2d_job *job, *next;
	LIST_HEAD(retired);
	unsigned int i;

	spin_lock_irq(&g2d->lock);
	list_splice_init(&g2d->retired, &retired);
	spin_unlock_irq(&g2d->lock);

	list_for_each_entry_safe(job, next, &retired, link) {
		list_del(&job->link);
		pm_runtime_put_autosuspend(g2d->dev);
		for (i = 0; i < job->num_objects; i++) {
			struct exynos_drm_userptr *up =
				g2d_userptr(&job->objects[i]);

			if (up)
				exynos_drm_userptr_retire(up);
		}
		g2d_job_put(job);
	}
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
 * g2d_queue_drain() - wait until all jobs have ended and are freed
 * @g2d: the engine, to which no more jobs come
 *
 * Context: Process context. Bounded by the number of jobs and the timeout.
 */
void g2d_queue_drain(struct g2d *g2d)
{
	wait_event(g2d->idle, g2d_is_idle(g2d));
	flush_workqueue(g2d->wq);
	flush_work(&g2d->retire);
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

	exynos_drm_timeline_init(&g2d->timeline, "g2d");
	spin_lock_init(&g2d->lock);
	INIT_LIST_HEAD(&g2d->queue);
	INIT_LIST_HEAD(&g2d->retired);
	INIT_WORK(&g2d->work, g2d_work);
	INIT_DELAYED_WORK(&g2d->timeout, g2d_timeout_work);
	INIT_WORK(&g2d->retire, g2d_retire_work);
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
}
