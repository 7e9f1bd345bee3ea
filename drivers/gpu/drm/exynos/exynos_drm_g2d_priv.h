/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the G2D driver share.
 */

#ifndef _EXYNOS_DRM_G2D_PRIV_H_
#define _EXYNOS_DRM_G2D_PRIV_H_

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <drm/drm_file.h>
#include <drm/exynos_drm.h>

#include "exynos_drm_fence.h"
#include "exynos_drm_g2d_check.h"
#include "exynos_drm_userptr.h"

struct clk;
struct device;
struct drm_device;
struct exynos_drm_gem;
struct exynos_drm_user;

/* Part of the ABI: a longer list, and more lists at once, are refused. */
#define G2D_SLOT_SIZE		SZ_1K
#define G2D_NUM_SLOTS		64
#define G2D_MAX_WORDS		(G2D_SLOT_SIZE / 4 - 2)

/*
 * What the CPU cache maintenance of one job may cost, in bytes cleaned or invalidated;
 * a row costs no less than G2D_ROW_BYTES. A Cortex-A9 at 1 GHz needs about 10 ns for a
 * line of 32 bytes, so this takes less than 0.1 s.
 */
#define G2D_MAX_SYNC_BYTES	SZ_256M
#define G2D_ROW_BYTES		SZ_1K

/**
 * struct g2d_event - an event of a command list
 */
struct g2d_event {
	/** @base: For the DRM core; first, for the core frees it. */
	struct drm_pending_event base;

	/** @event: What is sent. */
	struct drm_exynos_g2d_event event;
};

/**
 * struct g2d_cmdlist - a checked command list, one blit
 *
 * Belongs to the file that made it until EXEC, to the job then.
 */
struct g2d_cmdlist {
	/** @link: On &g2d_file.lists or &g2d_job.lists. */
	struct list_head link;

	/** @event: To be sent when the list is done, or NULL. */
	struct g2d_event *event;

	/** @gem: The operands' buffers, each with a reference, or NULL. */
	struct exynos_drm_gem *gem[G2D_NUM_OPERANDS];

	/** @reloc: Index in @words of each operand's address. */
	unsigned int reloc[G2D_NUM_OPERANDS];

	/** @access: What the blit touches. */
	struct g2d_access access[G2D_NUM_OPERANDS];

	/**
	 * @map: Mapping of each operand that is user memory, or NULL. Set when
	 * the job is published, valid until its fence signals.
	 */
	struct exynos_drm_userptr_map *map[G2D_NUM_OPERANDS];

	/**
	 * @object: Index in &g2d_job.objects of each operand's buffer; valid while
	 * the list belongs to a job.
	 */
	unsigned int object[G2D_NUM_OPERANDS];

	/**
	 * @sync_bytes: Estimate of what cleaning and invalidating the operands
	 * that are userptr objects costs, see %G2D_MAX_SYNC_BYTES.
	 */
	u64 sync_bytes;

	/** @num_words: Length of @words. */
	unsigned int num_words;

	/** @words: Pairs of register and value. */
	u32 words[] __counted_by(num_words);
};

/**
 * struct g2d_file - G2D's part of an open file
 */
struct g2d_file {
	/** @kref: One for the file, one for each of its jobs. */
	struct kref kref;

	/** @lock: Protects @lists, @num_lists and @sync_bytes. */
	struct mutex lock;

	/** @lists: Command lists that wait for EXEC. */
	struct list_head lists;

	/** @num_lists: Length of @lists. */
	unsigned int num_lists;

	/** @sync_bytes: Sum over @lists. */
	u64 sync_bytes;

	/**
	 * @since: Since when an EXEC that was interrupted has waited, or 0; see
	 * exynos_drm_quota_take(). A hint, no lock.
	 */
	u64 since;

	/** @busy_ns: Time for which the engine has worked for the file. */
	atomic64_t busy_ns;
};

/**
 * struct g2d_object - a buffer that a job uses
 */
struct g2d_object {
	/** @gem: The buffer; the command lists hold the reference. */
	struct exynos_drm_gem *gem;

	/** @write: One of the blits writes it. */
	bool write;

	/**
	 * @sync_bytes: Estimate of what cleaning it row by row costs, in bytes,
	 * summed over all blits; a row costs at least %G2D_ROW_BYTES.
	 */
	u64 sync_bytes;

	/** @map: Its mapping if it is user memory. */
	struct exynos_drm_userptr_map *map;
};

/**
 * struct g2d_job - command lists that were given to EXEC at once
 */
struct g2d_job {
	/** @kref: One for EXEC while it waits, one for the queue. */
	struct kref kref;

	/** @link: On &g2d.queue; &g2d.lock. */
	struct list_head link;

	/** @retire: Drops the engine's reference. On &g2d.retire_wq. */
	struct work_struct retire;

	/** @drm: The device. */
	struct drm_device *drm;

	/** @user: Whose place in the queue it takes, with a reference. */
	struct exynos_drm_user *user;

	/** @file: Whose it is. */
	struct g2d_file *file;

	/** @lists: The command lists. */
	struct list_head lists;

	/** @num_lists: Length of @lists. */
	unsigned int num_lists;

	/**
	 * @done: Number of lists of which the CPU may look at the results.
	 * Engine's workqueue only.
	 */
	unsigned int done;

	/** @objects: The buffers of all lists, each one once. */
	struct g2d_object *objects;

	/** @num_objects: Length of @objects. */
	unsigned int num_objects;

	/** @submit: Those of them that are userptr objects. */
	struct exynos_drm_userptr_submit submit;

	/** @fence: Signals when the job has ended; a fence once published. */
	struct exynos_drm_fence *fence;

	/** @deadline: In jiffies, when running. Engine's workqueue only. */
	unsigned long deadline;

	/** @started: When it began to run. Engine's workqueue only. */
	ktime_t started;

	/** @complete: For EXEC; after the fence and all events. */
	struct completion complete;

	/** @error: The job's result, valid when complete. */
	int error;
};

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

/* exynos_drm_g2d.c */
void g2d_hw_start(struct g2d *g2d);
void g2d_hw_unhold(struct g2d *g2d);
void g2d_hw_continue(struct g2d *g2d);
unsigned int g2d_hw_lists_done(struct g2d *g2d);
bool g2d_hw_ack(struct g2d *g2d);
bool g2d_hw_reset(struct g2d *g2d);

/* exynos_drm_g2d_cmdlist.c */
void g2d_cmdlist_free(struct drm_device *drm, struct g2d_cmdlist *list);
void g2d_file_put(struct g2d_file *file);
u64 g2d_access_bytes(const struct g2d_access *a);
bool g2d_operand_written(unsigned int op);
struct g2d *g2d_get(struct drm_device *drm);

/* exynos_drm_g2d_job.c */
struct g2d_job *g2d_job_create(struct drm_device *drm, struct g2d_file *file,
			       struct list_head *lists, unsigned int num_lists);
int g2d_job_submit(struct g2d_job *job);
void g2d_job_put(struct g2d_job *job);
int g2d_queue_init(struct g2d *g2d);
void g2d_queue_fini(struct g2d *g2d);
void g2d_queue_begin(struct g2d *g2d);
void g2d_queue_drain(struct g2d *g2d);
void g2d_queue_drain_retired(struct g2d *g2d);
void g2d_queue_stop(struct g2d *g2d);
void g2d_queue_end(struct g2d *g2d);
void g2d_queue_fault(struct g2d *g2d);

#endif
