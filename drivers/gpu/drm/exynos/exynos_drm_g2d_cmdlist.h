/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FIMG2D: command lists and the files that they belong to.
 */

#ifndef _EXYNOS_DRM_G2D_CMDLIST_H_
#define _EXYNOS_DRM_G2D_CMDLIST_H_

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/types.h>

#include <drm/drm_file.h>
#include <drm/exynos_drm.h>

#include "exynos_drm_g2d_check.h"

struct drm_device;
struct exynos_drm_gem;
struct exynos_drm_userptr_map;

/* Part of the ABI: a longer list and more lists per job are rejected. */
#define G2D_SLOT_SIZE		SZ_1K
#define G2D_NUM_SLOTS		64
#define G2D_MAX_WORDS		(G2D_SLOT_SIZE / 4 - 2)

/* The pool in bytes, with a page behind the last list that the engine may prefetch. */
#define G2D_POOL_SIZE		(G2D_SLOT_SIZE * G2D_NUM_SLOTS + SZ_4K)

/*
 * Limit of the CPU cache maintenance of one job, in bytes cleaned or invalidated; a row
 * costs at least G2D_ROW_BYTES. A Cortex-A9 at 1 GHz needs about 10 ns for a line of 32
 * bytes, so the limit takes less than 0.1 s.
 */
#define G2D_MAX_SYNC_BYTES	SZ_256M
#define G2D_ROW_BYTES		SZ_1K

/**
 * struct g2d_event - an event of a command list
 */
struct g2d_event {
	/** @base: For the DRM core; must be first, because the core frees it. */
	struct drm_pending_event base;

	/** @event: The event that userspace reads. */
	struct drm_exynos_g2d_event event;
};

/**
 * struct g2d_cmdlist - a validated command list, one blit
 *
 * Owned by the file that created it until EXEC, then by the job.
 */
struct g2d_cmdlist {
	/** @link: On &g2d_file.lists or &g2d_job.lists. */
	struct list_head link;

	/** @event: Event to send when the list has completed, or NULL. */
	struct g2d_event *event;

	/** @gem: The operands' buffers, each with a reference, or NULL. */
	struct exynos_drm_gem *gem[G2D_NUM_OPERANDS];

	/** @reloc: Index in @words of each operand's address. */
	unsigned int reloc[G2D_NUM_OPERANDS];

	/** @access: The bytes of each operand's buffer that the blit accesses. */
	struct g2d_access access[G2D_NUM_OPERANDS];

	/**
	 * @map: Mapping of each operand that is a userptr object, or NULL. Set when
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
 * struct g2d_file - G2D state of an open file
 */
struct g2d_file {
	/** @kref: One for the open file, one for each of its jobs. */
	struct kref kref;

	/** @lock: Protects @lists, @num_lists and @sync_bytes. */
	struct mutex lock;

	/** @lists: Command lists that wait for EXEC. */
	struct list_head lists;

	/** @num_lists: Length of @lists. */
	unsigned int num_lists;

	/** @sync_bytes: Sum of &g2d_cmdlist.sync_bytes over @lists. */
	u64 sync_bytes;

	/**
	 * @since: When an EXEC that was interrupted by a signal began to wait, or 0;
	 * see exynos_drm_quota_take(). A hint, no lock.
	 */
	u64 since;

	/** @busy_ns: Engine time used by the jobs of the file, in nanoseconds. */
	atomic64_t busy_ns;
};

struct g2d_cmdlist *
g2d_cmdlist_create(struct drm_device *drm, struct drm_file *filp,
		   const struct drm_exynos_g2d_set_cmdlist *req);
void g2d_cmdlist_free(struct drm_device *drm, struct g2d_cmdlist *list);
void g2d_cmdlist_free_all(struct drm_device *drm, struct list_head *lists);
void g2d_file_put(struct g2d_file *file);
u64 g2d_access_bytes(const struct g2d_access *a);
bool g2d_operand_written(unsigned int op);

#endif
