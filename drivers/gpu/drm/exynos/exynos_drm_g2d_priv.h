/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FIMG2D: the engine, shared by the files of its driver.
 */

#ifndef _EXYNOS_DRM_G2D_PRIV_H_
#define _EXYNOS_DRM_G2D_PRIV_H_

#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "exynos_drm_fence.h"
#include "exynos_drm_g2d_cmdlist.h"
#include "exynos_drm_g2d_job.h"

struct clk;
struct device;
struct drm_device;

/**
 * struct g2d - the engine
 */
struct g2d {
	/** @dev: The platform device. */
	struct device *dev;

	/** @drm: The DRM device it is bound to. */
	struct drm_device *drm;

	/** @dma_priv: For exynos_drm_unregister_dma(). */
	void *dma_priv;

	/** @clk: The engine's clock. */
	struct clk *clk;

	/** @regs: Registers. */
	void __iomem *regs;

	/** @pool: DMA address of the memory from which the engine fetches lists. */
	dma_addr_t pool;

	/** @pool_virt: CPU address of @pool, which has the lists of one job at a time. */
	void *pool_virt;

	/** @timeline: The order of the jobs. Protected by @lock. */
	struct exynos_drm_timeline timeline;

	/** @lock: Protects what says so below. Taken in hard interrupt context. */
	spinlock_t lock;

	/** @pending: Acknowledged but not handled interrupts. Protected by @lock. */
	u32 pending;

	/** @queue: Jobs not started yet. Protected by @lock. */
	struct list_head queue;

	/** @stopped: Jobs are rejected because of a shutdown. Protected by @lock. */
	bool stopped;

	/** @running: Job on the engine, or NULL. Written on @wq only, under @lock. */
	struct g2d_job *running;

	/**
	 * @starting: A job was removed from @queue but is not @running yet. Written on
	 * @wq only, under @lock.
	 */
	bool starting;

	/**
	 * @faulted: The System MMU stalls the engine until exynos_drm_dma_release(),
	 * or may do so because of a fault while unbound. Protected by @lock.
	 */
	bool faulted;

	/**
	 * @wedged: A reset did not stop the engine. Never cleared. Written on @wq only,
	 * under @lock.
	 */
	bool wedged;

	/**
	 * @wq: Starts, completes and aborts jobs. Ordered, with a rescuer, because
	 * fences depend on it.
	 */
	struct workqueue_struct *wq;

	/** @free_wq: Frees jobs, outside of the fence signalling path. */
	struct workqueue_struct *free_wq;

	/**
	 * @wedged_work: Tells userspace that the engine is wedged, which allocates.
	 * On @free_wq.
	 */
	struct work_struct wedged_work;

	/** @work: Handles @pending and starts the next job. On @wq. */
	struct work_struct work;

	/** @timeout: Aborts the running job on timeout or fault. On @wq. */
	struct delayed_work timeout;

	/** @idle: Suspend, unbind and shutdown wait here for the last job. */
	wait_queue_head_t idle;
};

/* exynos_drm_g2d_hw.c */
void g2d_hw_start(struct g2d *g2d);
void g2d_hw_unhold(struct g2d *g2d);
void g2d_hw_continue(struct g2d *g2d);
unsigned int g2d_hw_lists_done(struct g2d *g2d);
bool g2d_hw_ack(struct g2d *g2d);
bool g2d_hw_reset(struct g2d *g2d);

/* exynos_drm_g2d_sched.c */
int g2d_queue_add(struct g2d *g2d, struct g2d_job *job);
int g2d_queue_init(struct g2d *g2d);
void g2d_queue_fini(struct g2d *g2d);
void g2d_queue_bind(struct g2d *g2d);
void g2d_queue_drain(struct g2d *g2d);
void g2d_queue_drain_free(struct g2d *g2d);
void g2d_queue_stop(struct g2d *g2d);
void g2d_queue_unbind(struct g2d *g2d);
void g2d_queue_fault(struct g2d *g2d);

#endif
