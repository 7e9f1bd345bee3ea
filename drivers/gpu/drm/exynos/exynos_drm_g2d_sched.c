// SPDX-License-Identifier: GPL-2.0-only
/*
 * FIMG2D: the run queue.
 */

#include <linux/dma-fence.h>
#include <linux/jiffies.h>
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
 * the fence, send events and wake EXEC. Nothing there allocates, and no GEM object is
 * put there: freeing one may take a lock under which somebody allocates. Each job is
 * freed by a work of its own instead.
 *
 * **Aborts.** A job that exceeds its timeout is ended by a reset, with -EIO. So is one
 * that makes the System MMU fault, but at once: the MMU stalls the engine until the
 * reset is done, so that nothing happens in between. If the reset fails, the engine is
 * wedged: the resources of its job and its runtime PM reference are leaked and no
 * further job runs. The System MMU stays enabled, since bypass would expose all of
 * memory: the system is not suspended, and the MMU stays attached even if the driver
 * is unbound.
 */

#define G2D_TIMEOUT_MAX_MS	10000

static unsigned int g2d_timeout = 500;
module_param(g2d_timeout, uint, 0644);
MODULE_PARM_DESC(g2d_timeout,
		 "Milliseconds that a G2D job may take, and munmap() may wait for each [default 500]");

/**
 * g2d_queue_add() - queue a job and initialize its fence
 * @g2d: the engine
 * @job: the job; the queue takes a reference
 *
 * Nothing may fail afterwards. Queue &g2d.work once the fence is published.
 *
 * Context: Process context, with the notifier lock of its userptr objects held.
 *
 * Return: 0, -EIO if the engine is wedged, or -ENODEV if it is shut down.
 */
int g2d_queue_add(struct g2d *g2d, struct g2d_job *job)
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
 * After a reset there is nothing any more that the System MMU has to hold or to
 * discard. A fault that was reported until now was that of the job before: nothing
 * else can fault as long as the engine is idle.
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
