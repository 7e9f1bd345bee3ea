/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FIMG2D: the engine, for the parts of its driver.
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

	/** @pool: Bus address of the memory from which lists are run. */
	dma_addr_t pool;

	/** @pool_virt: The same for the CPU. One job at a time is in there. */
	void *pool_virt;

	/** @timeline: The order of the jobs. Protected by @lock. */
	struct exynos_drm_timeline timeline;

	/** @lock: Taken by the interrupt handler. */
	spinlock_t lock;

	/** @pending: Interrupts not looked at yet. Protected by @lock. */
	u32 pending;

	/** @queue: Jobs to do. Protected by @lock. */
	struct list_head queue;

	/** @stopped: The system goes down: no more jobs. Protected by @lock. */
	bool stopped;

	/** @running: The job the engine does. Written by @wq, under @lock. */
	struct g2d_job *running;

	/** @starting: One off @queue will be @running soon. As @running. */
	bool starting;

	/**
	 * @faulted: The System MMU holds the engine, or may do so since it was
	 * unbound, and will until exynos_drm_dma_release(). Protected by @lock.
	 */
	bool faulted;

	/** @lost: No reset stops the engine. Written by @wq, under @lock. */
	bool lost;

	/**
	 * @wq: Everything that a fence depends on happens here, one thing at a
	 * time: starting jobs, completing them, giving them up.
	 */
	struct workqueue_struct *wq;

	/** @retire_wq: Frees jobs. */
	struct workqueue_struct *retire_wq;

	/** @work: Something happened. On @wq. */
	struct work_struct work;

	/** @timeout: The running job takes too long, or for ever. On @wq. */
	struct delayed_work timeout;

	/** @idle: Where suspend and unbind wait for the last job. */
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
void g2d_queue_begin(struct g2d *g2d);
void g2d_queue_drain(struct g2d *g2d);
void g2d_queue_drain_retired(struct g2d *g2d);
void g2d_queue_stop(struct g2d *g2d);
void g2d_queue_end(struct g2d *g2d);
void g2d_queue_fault(struct g2d *g2d);

#endif
