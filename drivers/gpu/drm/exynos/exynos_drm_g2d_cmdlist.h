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

/* Part of the ABI: a longer list, and more lists at once, are refused. */
#define G2D_SLOT_SIZE		SZ_1K
#define G2D_NUM_SLOTS		64
#define G2D_MAX_WORDS		(G2D_SLOT_SIZE / 4 - 2)

/* Of bus addresses; the engine may read on after the end of the last list. */
#define G2D_POOL_SIZE		(G2D_SLOT_SIZE * G2D_NUM_SLOTS + SZ_4K)

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

struct g2d_cmdlist *
g2d_cmdlist_create(struct drm_device *drm, struct drm_file *filp,
		   const struct drm_exynos_g2d_set_cmdlist *req);
void g2d_cmdlist_free(struct drm_device *drm, struct g2d_cmdlist *list);
void g2d_cmdlist_free_all(struct drm_device *drm, struct list_head *lists);
void g2d_file_put(struct g2d_file *file);
u64 g2d_access_bytes(const struct g2d_access *a);
bool g2d_operand_written(unsigned int op);

#endif
