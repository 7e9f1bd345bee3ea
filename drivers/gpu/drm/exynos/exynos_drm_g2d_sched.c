// SPDX-License-Identifier: GPL-2.0-only
/*
 * FIMG2D: the run queue.
 */

#include <linux/dma-fence.h>
#include <linux/jiffies.h>
#include <linux/kmemleak.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pm_runtime.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_g2d_priv.h"
#include "exynos_drm_g2d_regs.h"
#include "exynos_drm_trace.h"
#include "exynos_drm_user.h"
#include "exynos_drm_userptr.h"

/**
 * DOC: G2D run queue
 *
 * Everything that a job's fence depends on runs on one ordered workqueue, with a
 * rescuer because reclaim waits for it. Jobs are started, completed and aborted from
 * it. Correctness relies on the order: clean caches, run, invalidate caches, signal
 * the fence, send events and wake EXEC. None of these steps allocates memory or puts a
 * GEM object: freeing one may take a lock that another task holds while it allocates.
 * Each job is freed by a work of its own instead.
 *
 * **Aborts.** The driver aborts a job that exceeds its timeout by resetting the engine;
 * the job fails with -EIO. It aborts a job that makes the System MMU fault in the same
 * way, but at once: the MMU stalls the engine until the reset is done, so that the
 * engine accesses nothing in between. From the reset on the MMU discards all accesses, in
 * case the reset waits for one or the engine repeats it. If the reset fails, the MMU
 * discards them forever, because what the engine has read meanwhile may be anything, and
 * the engine is wedged: the driver sends an event to userspace, leaks the resources of its job and
 * its runtime PM reference, and runs no further job.
 * The System MMU stays enabled, since bypass would expose all of memory: suspending the
 * system fails, and the MMU stays attached even if the driver is unbound.
 *
 * **Relation to drm_gpu_scheduler.** The queue is a FIFO without dependencies, which is
 * what these properties leave of a scheduler:
 *
 * - EXEC waits for foreign fences before it publishes its own, so no queued job has a
 *   dependency to be tracked. Otherwise munmap() would wait for other drivers.
 * - EXEC waits, outside of the queue, until both the device and the user have fewer jobs
 *   queued than %EXYNOS_DRM_G2D_JOBS and %EXYNOS_DRM_G2D_USER_JOBS. This bounds what
 *   munmap() waits for and is fair between users. The scheduler's credits limit the jobs
 *   on the hardware, not those that entities queue, and its FIFO policy runs jobs in the
 *   order of their submission, whichever user floods it.
 * - The scheduler runs free_job() on the workqueue that runs the jobs, so putting GEM
 *   objects would still need a work of its own.
 * - A list with an event holds the engine in the middle of a job until the event was
 *   sent, which run_job() and a hardware fence do not express.
 *
 * A conversion would gain the scheduler's tracepoints and timeout handling. It has to
 * keep the first two properties.
 */

#define G2D_TIMEOUT_MAX_MS	10000

static unsigned int g2d_timeout = 500;
module_param(g2d_timeout, uint, 0644);
MODULE_PARM_DESC(g2d_timeout,
		 "Time limit of a G2D job in ms, from 1 to 10000; munmap() may wait for several jobs [default 500]");

/**
 * g2d_queue_add() - queue a job and initialize its fence
 * @g2d: the engine
 * @job: the job; the queue takes a reference
 *
 * The caller must publish the fence in the reservations of the buffers, without
 * failing, and then queue &g2d.work.
 *
 * Context: Process context. The reservation locks of the buffers and the notifier lock
 * of the userptr objects must be held.
 *
 * Return: 0, -EIO if the engine is wedged, or -ENODEV if it is shut down.
 */
int g2d_queue_add(struct g2d *g2d, struct g2d_job *job)
{
	guard(spinlock_irq)(&g2d->lock);

	if (g2d->wedged)
		return -EIO;
	if (g2d->stopped)
		return -ENODEV;

	exynos_drm_fence_init(job->fence, &g2d->timeline);
	kref_get(&job->kref);
	list_add_tail(&job->link, &g2d->queue);
	return 0;
}

/*
 * Userspace controls how often blits access the same byte. Bound the cost: clean the
 * whole object once if that is cheaper than cleaning its rows.
 */
static void g2d_sync_for_device(struct g2d_job *job)
{
	struct g2d_cmdlist *list;
	unsigned int i, op;

	for (i = 0; i < job->num_objects; i++) {
		struct g2d_object *obj = &job->objects[i];

		if (obj->map && !obj->clean &&
		    obj->sync_bytes >= obj->map->up->size)
			exynos_drm_userptr_sync_for_device(obj->map, 0,
							   obj->map->up->size,
							   0, 1);
	}

	list_for_each_entry(list, &job->lists, link) {
		for (op = 0; op < G2D_NUM_OPERANDS; op++) {
			const struct g2d_access *a = &list->access[op];
			struct exynos_drm_userptr_map *map = list->map[op];
			const struct g2d_object *obj;

			if (!map || !a->rows)
				continue;
			obj = &job->objects[list->object[op]];
			if (obj->clean || obj->sync_bytes >= map->up->size)
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

/* The engine is on hold after a list with an event. */
static void g2d_list_complete(struct g2d *g2d, struct g2d_job *job)
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

static void g2d_job_complete(struct g2d *g2d, struct g2d_job *job, int error)
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

static void g2d_job_queue_free(struct g2d *g2d, struct g2d_job *job)
{
	pm_runtime_put_autosuspend(g2d->dev);
	queue_work(g2d->free_wq, &job->free_work);
}

/* Completes the running job, of which @num lists were started. */
static void g2d_complete_running(struct g2d *g2d, unsigned int num, int error)
{
	struct g2d_job *job = g2d->running;

	cancel_delayed_work(&g2d->timeout);
	atomic64_add(ktime_to_ns(ktime_sub(ktime_get(), job->started)),
		     &job->file->busy_ns);
	g2d_job_sync_for_cpu(job, min(num, job->num_lists));
	g2d_job_complete(g2d, job, error);
	g2d_set_running(g2d, NULL);
	if (!g2d->wedged)
		g2d_job_queue_free(g2d, job);
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

	/* Cache maintenance counts towards the timeout, to bound what others wait. */
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
 * The engine may continue to run. Keep it powered, and keep the DRM device and the
 * module, which its fault handler uses.
 */
static void g2d_wedge(struct g2d *g2d)
{
	struct g2d_job *job = g2d->running;
	unsigned int i;

	dev_err(g2d->dev, "engine does not stop after a reset and is wedged\n");

	pm_runtime_get_noresume(g2d->dev);
	drm_dev_get(g2d->drm);
	__module_get(THIS_MODULE);

	/* The job is never freed, and nothing refers to it once it has completed. */
	if (job)
		kmemleak_not_leak(job);
	for (i = 0; job && i < job->num_objects; i++) {
		if (job->objects[i].map)
			exynos_drm_userptr_leak(job->objects[i].map);
	}
	spin_lock_irq(&g2d->lock);
	g2d->wedged = true;
	spin_unlock_irq(&g2d->lock);

	queue_work(g2d->free_wq, &g2d->wedged_work);
}

/* Only a reboot brings the engine back, which is not among the methods. */
static void g2d_wedged_work(struct work_struct *work)
{
	struct g2d *g2d = container_of(work, struct g2d, wedged_work);
	int idx;

	if (!drm_dev_enter(g2d->drm, &idx))
		return;
	drm_dev_wedged_event(g2d->drm, 0, NULL);
	drm_dev_exit(idx);
}

/*
 * The reset ended the stalled access, so let the System MMU resume, and no longer discard
 * accesses. A fault that was reported until now belongs to the aborted job: an idle engine
 * cannot raise another.
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
		g2d_wedge(g2d);
}

static bool g2d_is_faulted(struct g2d *g2d)
{
	guard(spinlock_irq)(&g2d->lock);

	return g2d->faulted;
}

/* If the engine is suspended there is nothing to stop; the next job resets it. */
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
		if (!g2d->wedged && g2d_is_faulted(g2d))
			g2d_stop(g2d);
		if (!g2d->wedged) {
			g2d_start(g2d, job);
			return;
		}
		g2d_job_complete(g2d, job, -EIO);
		g2d_job_queue_free(g2d, job);
	}
}

/* Handles pending interrupts. Returns true if no job is running afterwards. */
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
		g2d_list_complete(g2d, g2d->running);
		/* Both are pending if the last list of the job has an event. */
		if (pending & G2D_INT_ACMD)
			g2d_hw_unhold(g2d);
		else
			g2d_hw_continue(g2d);
	}
	if (pending & G2D_INT_ACMD)
		g2d_complete_running(g2d, g2d->running->num_lists, 0);
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

	/* The job may have completed with its interrupt not handled yet. */
	spin_lock_irq(&g2d->lock);
	if (g2d->running)
		g2d_hw_ack(g2d);
	faulted = g2d->faulted;
	spin_unlock_irq(&g2d->lock);

	if (!g2d_progress(g2d) &&
	    (faulted || time_after_eq(jiffies, g2d->running->deadline))) {
		/* The System MMU driver has logged the fault. */
		if (!faulted)
			dev_err_ratelimited(g2d->dev,
					    "job takes too long, resetting engine\n");
		/*
		 * Skip lists that were not started, otherwise their cache maintenance
		 * prolongs the abort for nothing.
		 */
		num = g2d_hw_lists_done(g2d) + 1;
		g2d_stop(g2d);
		g2d_complete_running(g2d, num, -EIO);
	} else if (!g2d->running && !g2d->wedged && faulted) {
		g2d_stop_idle(g2d);
	}
	g2d_run(g2d);

	/* A fault of the previous job may have consumed this job's timer; rearm it. */
	if (g2d->running)
		queue_delayed_work(g2d->wq, &g2d->timeout,
				   max_t(long, g2d->running->deadline - jiffies, 0));
	dma_fence_end_signalling(cookie);
}

static bool g2d_is_idle(struct g2d *g2d)
{
	guard(spinlock_irq)(&g2d->lock);

	return !g2d->running && !g2d->starting && list_empty(&g2d->queue);
}

/**
 * g2d_queue_fault() - abort the running job after a fault of the System MMU
 * @g2d: the engine, stalled by the System MMU
 *
 * Resets the engine from &g2d.wq, also if no job is running.
 *
 * Context: Any, including hard interrupt.
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
 * g2d_queue_bind() - attach the queue to a DRM device
 * @g2d: the engine, without jobs, &g2d.drm set
 *
 * Resets the engine, because its System MMU may still stall it after a fault during
 * unbind. If the engine cannot be resumed, the first job resets it.
 *
 * Context: Process context. Sleeps.
 */
void g2d_queue_bind(struct g2d *g2d)
{
	bool on = !pm_runtime_resume_and_get(g2d->dev);

	g2d_queue_fault(g2d);
	flush_delayed_work(&g2d->timeout);
	if (on)
		pm_runtime_put_autosuspend(g2d->dev);
}

/**
 * g2d_queue_unbind() - detach the queue from the DRM device
 * @g2d: the engine, drained, its fault handler removed
 *
 * Context: Process context. Sleeps.
 */
void g2d_queue_unbind(struct g2d *g2d)
{
	cancel_delayed_work_sync(&g2d->timeout);
}

/**
 * g2d_queue_drain() - wait until all jobs have ended
 * @g2d: the engine; the caller must prevent new jobs
 *
 * Context: Process context. Sleeps, bounded by the number of jobs and the timeout.
 */
void g2d_queue_drain(struct g2d *g2d)
{
	wait_event(g2d->idle, g2d_is_idle(g2d));
	flush_workqueue(g2d->wq);
}

/**
 * g2d_queue_drain_free() - wait until all completed jobs have released their buffers
 * @g2d: the engine, drained
 *
 * Context: Process context. Sleeps.
 */
void g2d_queue_drain_free(struct g2d *g2d)
{
	flush_workqueue(g2d->free_wq);
}

/**
 * g2d_queue_stop() - reject further jobs
 * @g2d: the engine
 *
 * Context: Process context, interrupts enabled.
 */
void g2d_queue_stop(struct g2d *g2d)
{
	guard(spinlock_irq)(&g2d->lock);

	g2d->stopped = true;
}

/**
 * g2d_queue_init() - initialize the run queue
 * @g2d: the engine
 *
 * Context: Process context. Allocates.
 *
 * Return: 0 or -ENOMEM.
 */
int g2d_queue_init(struct g2d *g2d)
{
	g2d->wq = alloc_ordered_workqueue("drm_g2d", WQ_MEM_RECLAIM);
	if (!g2d->wq)
		return -ENOMEM;
	g2d->free_wq = alloc_workqueue("drm_g2d_free", WQ_UNBOUND, 0);
	if (!g2d->free_wq) {
		destroy_workqueue(g2d->wq);
		return -ENOMEM;
	}

	exynos_drm_timeline_init(&g2d->timeline, "g2d");
	spin_lock_init(&g2d->lock);
	INIT_LIST_HEAD(&g2d->queue);
	INIT_WORK(&g2d->work, g2d_work);
	INIT_WORK(&g2d->wedged_work, g2d_wedged_work);
	INIT_DELAYED_WORK(&g2d->timeout, g2d_timeout_work);
	init_waitqueue_head(&g2d->idle);
	return 0;
}

/**
 * g2d_queue_fini() - release the run queue
 * @g2d: the engine, drained
 *
 * Context: Process context. Sleeps until all jobs are freed.
 */
void g2d_queue_fini(struct g2d *g2d)
{
	cancel_delayed_work_sync(&g2d->timeout);
	destroy_workqueue(g2d->wq);
	destroy_workqueue(g2d->free_wq);
}
