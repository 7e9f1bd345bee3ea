// SPDX-License-Identifier: GPL-2.0-only
/*
 * Userptr: ranges of a process's address space as GEM objects.
 */

#include <linux/compat.h>
#include <linux/dma-resv.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <drm/drm_debugfs.h>
#include <drm/drm_device.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_managed.h>
#include <drm/drm_print.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_userptr.h"
#include "exynos_drm_userptr_priv.h"

/**
 * DOC: userptr
 *
 * A userptr object lets the engines access a range of a process's address space. It
 * owns no memory. It has a *mapping* instead: a scatterlist of the pages at the range,
 * mapped contiguously into the IOVA space that the engines share. The object exists as
 * long as it is referenced; its mapping is created by jobs and taken down by
 * invalidations and evictions.
 *
 * **References while building only.** The driver references the pages only while it
 * builds a mapping. Building allocates memory and therefore cannot hold the notifier
 * lock, so without references the pages could be freed meanwhile. Once a mapping is
 * published an interval notifier keeps it correct. Pages with long-term references
 * would have to be accounted to RLIMIT_MEMLOCK, could not be reclaimed, migrated or
 * merged by KSM, and fork() would have to copy them. Without, munmap() and mremap() take
 * effect for the next job. See exynos_drm_userptr_map.c.
 *
 * **One IOVA range per object, not drm_gpusvm.** FIMG2D takes one base address and one
 * stride for each operand, so an object must be contiguous in IOVA space. drm_gpusvm
 * maps ranges of a process's address space into a GPU VM of that process, which has the
 * CPU's addresses, and expects the GPU to fault on what is not mapped and to retry. The
 * Exynos engines share one IOMMU domain instead, and FIMG2D cannot retry: the System
 * MMU stalls it, and resolving the fault could wait for userspace while fences depend
 * on the engine. Nor would drm_gpusvm make one IOVA range of the pages on 32-bit ARM,
 * where dma_iova_try_alloc() always fails. Nor would larger folios make its lookups
 * faster: 32-bit ARM without LPAE has neither transparent huge pages nor fast GUP.
 *
 * **Files.** exynos_drm_userptr_limit.c limits how much is mapped,
 * exynos_drm_userptr_claim.c evicts mappings for it, exynos_drm_userptr_space.c handles
 * the exit of a process. Calls go from objects to claims, mappings, limits and address
 * spaces, in this order only.
 *
 * **Words.** A mapping is *current* if new jobs may use it, *stale* if it is
 * mapped but not current. An object is *idle* if all fences in its reservation
 * object have signaled. *Trimming* takes down the stale mappings of an idle
 * object, *evicting* takes down any idle mapping to free IOVA space, *invalidating* is
 * done by the notifier. Ranges are given by first byte and length.
 *
 * **Reading and writing.** As long as jobs only read an object it is mapped without
 * write permission, and GUP looks it up for reading: the zero page stays the zero page
 * and shared pages stay shared. The first job that writes creates a second mapping at
 * another address, because the first cannot be changed in place while jobs use it; the
 * first is trimmed when its jobs have ended.
 *
 * **Cache.** Some clients create and close an object with each blit. A closed object
 * stays in a cache of its file for a while, with its mapping, and is reused if userspace
 * creates one for the same range. Cached mappings are evicted like any other.
 *
 * **Locks**, outer to inner: mmap lock; reservation lock; [reclaim, notifier
 * callback]; &exynos_drm_userptr_space.lock; &exynos_drm_userptr_dev.lock.
 * &exynos_drm_user.turn and the quotas are taken outside of the reservation lock,
 * and never while another claim is held.
 */

static unsigned int userptr_max_objects = 4096;
module_param(userptr_max_objects, uint, 0644);
MODULE_PARM_DESC(userptr_max_objects,
		 "Maximum number of userptr objects of each user (uid) [default 4096]");

static unsigned int userptr_cache = 32;
module_param(userptr_cache, uint, 0644);
MODULE_PARM_DESC(userptr_cache,
		 "Maximum number of closed userptr objects cached for each open file [default 32]");

static unsigned int userptr_cache_ms = 5000;
module_param(userptr_cache_ms, uint, 0644);
MODULE_PARM_DESC(userptr_cache_ms,
		 "Milliseconds after which an unused cached userptr object is freed [default 5000]");

static void userptr_file_release(struct kref *kref)
{
	struct exynos_drm_userptr_file *file =
		container_of(kref, struct exynos_drm_userptr_file, kref);

	exynos_drm_user_put(file->user);
	kfree(file);
}

static void userptr_gem_free(struct drm_gem_object *obj)
{
	struct exynos_drm_userptr *up = to_exynos_userptr(to_exynos_gem(obj));
	struct exynos_drm_userptr_space *space = up->space;
	struct exynos_drm_userptr_file *file = up->file;

	/* Unmap before removing the notifier, otherwise the pages may be freed. */
	userptr_unmap_object(up);

	atomic_inc(&space->user->dying);
	atomic_dec(&space->user->objects);
	scoped_guard(spinlock, &space->dev->lock) {
		list_del(&up->dev_link);
		list_move_tail(&up->space_link, &space->dying);
		userptr_space_queue_reap(space);
	}
	kref_put(&file->kref, userptr_file_release);
}

static unsigned long userptr_cache_jiffies(void)
{
	return msecs_to_jiffies(min(READ_ONCE(userptr_cache_ms), 3600000u));
}

/* Removes an object from the cache. The caller gets the cache's reference. */
static void userptr_cache_remove(struct exynos_drm_userptr *up)
{
	lockdep_assert_held(&up->space->dev->lock);

	list_del_init(&up->cache_link);
	list_del(&up->user_cache);
	up->file->cached--;
}

/* Replaces the oldest object if the cache is full. Put it without the lock. */
static void userptr_cache_add(struct exynos_drm_userptr *up)
{
	struct exynos_drm_userptr_file *file = up->file;
	struct exynos_drm_userptr *drop = NULL;
	unsigned int max = READ_ONCE(userptr_cache);
	bool first = false;

	if (READ_ONCE(up->space->dead) || !max)
		return;

	scoped_guard(spinlock, &file->dev->lock) {
		if (file->closing || !list_empty(&up->cache_link))
			return;
		if (file->cached >= max) {
			drop = list_first_entry(&file->cache,
						struct exynos_drm_userptr,
						cache_link);
			userptr_cache_remove(drop);
		}
		first = !file->cached++;
		drm_gem_object_get(&up->gem.base);
		list_add_tail(&up->cache_link, &file->cache);
		list_add_tail(&up->user_cache, &up->space->user->cache);
		up->cached_at = jiffies;
	}
	if (first)
		queue_delayed_work(system_dfl_wq, &file->age,
				   userptr_cache_jiffies());
	if (drop)
		drm_gem_object_put(&drop->gem.base);
}

static bool userptr_cache_drop(struct exynos_drm_userptr_file *file)
{
	struct exynos_drm_userptr *up;

	scoped_guard(spinlock, &file->dev->lock) {
		up = list_first_entry_or_null(&file->cache,
					      struct exynos_drm_userptr,
					      cache_link);
		if (!up)
			return false;
		userptr_cache_remove(up);
	}
	drm_gem_object_put(&up->gem.base);
	return true;
}

/* Drops the oldest cached object of a user, of any file. */
static bool userptr_cache_drop_user(struct exynos_drm_userptr_dev *dev,
				    struct exynos_drm_user *user)
{
	struct exynos_drm_userptr *up;

	scoped_guard(spinlock, &dev->lock) {
		up = list_first_entry_or_null(&user->cache,
					      struct exynos_drm_userptr,
					      user_cache);
		if (!up)
			return false;
		userptr_cache_remove(up);
	}
	drm_gem_object_put(&up->gem.base);
	return true;
}

/* Drops the least recently used object if it is old. */
static bool userptr_cache_drop_old(struct exynos_drm_userptr_file *file,
				   unsigned long age)
{
	struct exynos_drm_userptr *up;

	scoped_guard(spinlock, &file->dev->lock) {
		up = list_first_entry_or_null(&file->cache,
					      struct exynos_drm_userptr,
					      cache_link);
		if (!up || (!up->space->dead &&
			    time_before(jiffies, up->cached_at + age)))
			return false;
		userptr_cache_remove(up);
	}
	drm_gem_object_put(&up->gem.base);
	return true;
}

static void userptr_cache_age(struct work_struct *work)
{
	struct exynos_drm_userptr_file *file =
		container_of(to_delayed_work(work),
			     struct exynos_drm_userptr_file, age);
	unsigned long age = userptr_cache_jiffies();

	while (userptr_cache_drop_old(file, age))
		;
	if (READ_ONCE(file->cached) && !READ_ONCE(file->closing))
		queue_delayed_work(system_dfl_wq, &file->age, age / 4 + 1);
}

/*
 * Finds a cached object, with a reference for the caller. It leaves the cache if
 * @take, becomes the most recently used otherwise.
 */
static struct exynos_drm_userptr *
userptr_cache_find(struct exynos_drm_userptr_file *file, unsigned long start,
		   size_t size, bool readonly, bool take)
{
	struct exynos_drm_userptr *up;

	guard(spinlock)(&file->dev->lock);

	list_for_each_entry(up, &file->cache, cache_link) {
		if (up->start != start || up->size != size ||
		    up->readonly != readonly || !exynos_drm_userptr_is_mine(up))
			continue;
		if (take) {
			userptr_cache_remove(up);
		} else {
			list_move_tail(&up->cache_link, &file->cache);
			list_move_tail(&up->user_cache, &up->space->user->cache);
			up->cached_at = jiffies;
			drm_gem_object_get(&up->gem.base);
		}
		return up;
	}
	return NULL;
}

static void userptr_gem_close(struct drm_gem_object *obj,
			      struct drm_file *filp)
{
	struct exynos_drm_userptr *up = to_exynos_userptr(to_exynos_gem(obj));
	struct drm_exynos_file_private *file_priv = filp->driver_priv;

	if (file_priv->userptr == up->file)
		userptr_cache_add(up);
}

static struct dma_buf *userptr_gem_export(struct drm_gem_object *obj, int flags)
{
	return ERR_PTR(-EPERM);
}

static enum drm_gem_object_status userptr_gem_status(struct drm_gem_object *obj)
{
	struct exynos_drm_userptr *up = to_exynos_userptr(to_exynos_gem(obj));

	return READ_ONCE(up->mapped) ? DRM_GEM_OBJECT_RESIDENT : 0;
}

static size_t userptr_gem_rss(struct drm_gem_object *obj)
{
	struct exynos_drm_userptr *up = to_exynos_userptr(to_exynos_gem(obj));

	return READ_ONCE(up->mapped);
}

/* Without mmap and vm_ops the core rejects mmap(). */
static const struct drm_gem_object_funcs userptr_gem_funcs = {
	.free = userptr_gem_free,
	.close = userptr_gem_close,
	.export = userptr_gem_export,
	.status = userptr_gem_status,
	.rss = userptr_gem_rss,
};

static int userptr_check_range(unsigned long start, u64 size)
{
	unsigned long last;

	if (!size || size > SIZE_MAX - 2 * PAGE_SIZE ||
	    check_add_overflow(start, (unsigned long)size - 1, &last) ||
	    userptr_span(start, size) > EXYNOS_USERPTR_MAX_SPAN)
		return -EINVAL;
	if (!access_ok((void __user *)start, size))
		return -EFAULT;
	return 0;
}

static int userptr_insert_notifier(struct exynos_drm_userptr *up)
{
	int ret = mmu_interval_notifier_insert(&up->notifier, current->mm,
					       up->start & PAGE_MASK,
					       userptr_bytes(up),
					       &userptr_notifier_ops);

	/* The first notifier of a process fails if any signal is pending. */
	return ret == -EINTR ? -ERESTARTSYS : ret;
}

/* Counts an object of @user. Frees cached objects if the limit is exceeded. */
static int userptr_count(struct exynos_drm_userptr_dev *dev,
			 struct exynos_drm_user *user)
{
	unsigned int max = READ_ONCE(userptr_max_objects);

	/* A process that keeps changing its mappings delays their notifiers. */
	if (atomic_read(&user->dying) > max)
		return -EAGAIN;

	while (atomic_inc_return(&user->objects) > max) {
		atomic_dec(&user->objects);
		if (!userptr_cache_drop_user(dev, user))
			return -ENOSPC;
	}
	return 0;
}

static struct exynos_drm_userptr *
userptr_create(struct drm_device *drm, struct exynos_drm_userptr_file *file,
	       unsigned long start, size_t size, bool readonly)
{
	struct exynos_drm_userptr_dev *dev = file->dev;
	struct exynos_drm_userptr_space *space;
	struct exynos_drm_userptr *up;
	int ret;

	space = userptr_space_lookup(dev);
	if (IS_ERR(space))
		return ERR_CAST(space);

	ret = userptr_count(dev, space->user);
	if (ret)
		goto err_space;

	up = kzalloc_obj(*up, GFP_KERNEL_ACCOUNT);
	if (!up) {
		ret = -ENOMEM;
		goto err_count;
	}

	up->gem.base.funcs = &userptr_gem_funcs;
	up->gem.flags = EXYNOS_BO_USERPTR;
	up->space = space;
	up->file = file;
	up->start = start;
	up->size = size;
	up->readonly = readonly;
	INIT_LIST_HEAD(&up->maps);
	INIT_LIST_HEAD(&up->cache_link);
	INIT_LIST_HEAD(&up->user_cache);
	drm_gem_private_object_init(drm, &up->gem.base, PAGE_ALIGN(size));

	ret = userptr_insert_notifier(up);
	if (ret)
		goto err_release;

	kref_get(&file->kref);
	scoped_guard(spinlock, &dev->lock) {
		list_add_tail(&up->space_link, &space->objects);
		list_add_tail(&up->dev_link, &dev->objects);
	}
	return up;

err_release:
	drm_gem_object_release(&up->gem.base);
	kfree(up);
err_count:
	atomic_dec(&space->user->objects);
err_space:
	userptr_space_drop_object(space);
	userptr_space_put(space);
	return ERR_PTR(ret);
}

/**
 * exynos_drm_userptr_get() - look up or create the object of a range
 * @filp: the file
 * @start: address of the first byte, in the caller's address space
 * @size: number of bytes
 *
 * For interfaces that take addresses instead of handles. The object stays in the
 * file's cache, so that the next call for the same range returns the same object.
 *
 * Context: Ioctl, no locks held.
 *
 * Return: the object with a reference for the caller, or an ERR_PTR() of
 * -EINVAL, -EFAULT, -ENOMEM, -ENOSPC, -EAGAIN or -ERESTARTSYS.
 */
struct exynos_drm_userptr *exynos_drm_userptr_get(struct drm_file *filp,
						  unsigned long start,
						  size_t size)
{
	struct drm_exynos_file_private *file_priv = filp->driver_priv;
	struct exynos_drm_userptr_file *file = file_priv->userptr;
	struct exynos_drm_userptr *up;
	int ret;

	start = untagged_addr(start);
	ret = userptr_check_range(start, size);
	if (ret)
		return ERR_PTR(ret);

	up = userptr_cache_find(file, start, size, false, false);
	if (up)
		return up;

	up = userptr_create(file->dev->drm, file, start, size, false);
	if (!IS_ERR(up))
		userptr_cache_add(up);
	return up;
}

static int userptr_probe_once(struct exynos_drm_userptr_submit *submit)
{
	int ret;

	ret = exynos_drm_userptr_fault_in(submit);
	if (!ret)
		ret = exynos_drm_userptr_claim(submit, false);
	if (ret == -EBUSY)
		ret = exynos_drm_userptr_claim(submit, true);
	if (!ret)
		ret = exynos_drm_userptr_map(submit);
	exynos_drm_userptr_release(submit);
	return ret;
}

/* Userspace may restart the ioctl after a signal; @file->since keeps its place. */
static int userptr_probe(struct exynos_drm_userptr_file *file,
			 struct exynos_drm_userptr *up, bool write)
{
	struct exynos_drm_userptr_use use = { .up = up, .write = write };
	struct exynos_drm_userptr_submit submit = { .uses = &use, .num = 1 };
	int ret;

	submit.since = READ_ONCE(file->since) ?: exynos_drm_quota_now();
	ret = exynos_drm_userptr_prepare(&submit);
	if (ret)
		return ret;

	do {
		ret = userptr_probe_once(&submit);
	} while (ret == -EAGAIN && exynos_drm_userptr_retry(&submit));

	WRITE_ONCE(file->since, ret == -ERESTARTSYS ? submit.since : 0);
	return ret;
}

/**
 * exynos_drm_gem_userptr_ioctl() - create a userptr GEM object
 * @drm: the device
 * @data: &struct drm_exynos_gem_userptr
 * @filp: the file
 *
 * Context: Ioctl, no locks held.
 *
 * Return: 0 or an error as documented for the uAPI.
 */
int exynos_drm_gem_userptr_ioctl(struct drm_device *drm, void *data,
				 struct drm_file *filp)
{
	struct drm_exynos_file_private *file_priv = filp->driver_priv;
	struct exynos_drm_userptr_file *file = file_priv->userptr;
	struct drm_exynos_gem_userptr *args = data;
	bool readonly = args->flags & EXYNOS_USERPTR_READONLY;
	struct exynos_drm_userptr *up;
	unsigned long start;
	int ret;

	if (args->flags & ~(EXYNOS_USERPTR_READONLY | EXYNOS_USERPTR_PROBE)) {
		drm_dbg(drm, "unknown userptr flags %#x\n", args->flags);
		return -EINVAL;
	}

	if (in_compat_syscall())
		start = (u32)args->userptr;
	else
		start = untagged_addr((unsigned long)args->userptr);

	ret = userptr_check_range(start, args->size);
	if (ret) {
		drm_dbg(drm, "bad userptr range %#lx + %#llx\n", start,
			args->size);
		return ret;
	}

	up = userptr_cache_find(file, start, args->size, readonly, true);
	if (!up) {
		up = userptr_create(drm, file, start, args->size, readonly);
		if (IS_ERR(up))
			return PTR_ERR(up);
	}

	if (args->flags & EXYNOS_USERPTR_PROBE) {
		ret = userptr_probe(file, up, !readonly);
		if (ret)
			goto out_put;
	}

	ret = drm_gem_handle_create(filp, &up->gem.base, &args->handle);
out_put:
	drm_gem_object_put(&up->gem.base);
	return ret;
}

/**
 * exynos_drm_userptr_open() - allocate a file's userptr state
 * @drm: the device
 * @filp: the file
 *
 * Return: 0 or -ENOMEM.
 */
int exynos_drm_userptr_open(struct drm_device *drm, struct drm_file *filp)
{
	struct drm_exynos_file_private *file_priv = filp->driver_priv;
	struct exynos_drm_userptr_file *file;
	int ret;

	file = kzalloc_obj(*file, GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;
	file->user = exynos_drm_user_get(drm);
	if (IS_ERR(file->user)) {
		ret = PTR_ERR(file->user);
		kfree(file);
		return ret;
	}

	kref_init(&file->kref);
	file->dev = userptr_dev(drm);
	INIT_LIST_HEAD(&file->cache);
	INIT_DELAYED_WORK(&file->age, userptr_cache_age);
	file_priv->userptr = file;
	return 0;
}

/**
 * exynos_drm_userptr_closing() - stop caching the objects of a file
 * @filp: the file, whose handles are about to be closed
 */
void exynos_drm_userptr_closing(struct drm_file *filp)
{
	struct drm_exynos_file_private *file_priv = filp->driver_priv;
	struct exynos_drm_userptr_file *file = file_priv->userptr;

	scoped_guard(spinlock, &file->dev->lock)
		file->closing = true;
}

/**
 * exynos_drm_userptr_postclose() - release a file's userptr state
 * @drm: the device
 * @filp: the file, without handles
 */
void exynos_drm_userptr_postclose(struct drm_device *drm, struct drm_file *filp)
{
	struct drm_exynos_file_private *file_priv = filp->driver_priv;
	struct exynos_drm_userptr_file *file = file_priv->userptr;

	exynos_drm_userptr_closing(filp);
	cancel_delayed_work_sync(&file->age);
	while (userptr_cache_drop(file))
		;
	kref_put(&file->kref, userptr_file_release);
}

/**
 * exynos_drm_userptr_show_fdinfo() - print the cached objects of a file
 * @p: the printer
 * @filp: the file
 *
 * Cached objects have no handle, so the DRM core does not count them.
 */
void exynos_drm_userptr_show_fdinfo(struct drm_printer *p,
				    struct drm_file *filp)
{
	struct drm_exynos_file_private *file_priv = filp->driver_priv;
	struct exynos_drm_userptr_file *file = file_priv->userptr;
	struct exynos_drm_userptr *up;
	size_t mapped = 0;
	unsigned int num;

	scoped_guard(spinlock, &file->dev->lock) {
		num = file->cached;
		list_for_each_entry(up, &file->cache, cache_link)
			mapped += READ_ONCE(up->mapped);
	}
	drm_printf(p, "exynos-userptr-cached:\t%u\n", num);
	drm_printf(p, "exynos-userptr-cached-mapped:\t%zu KiB\n", mapped / SZ_1K);
}

/**
 * struct userptr_row - a line of the table in debugfs
 *
 * @start: address of the first byte
 * @size: bytes of the range
 * @mapped: bytes of IOVA space
 * @uid: the user
 * @flags: r: read-only, c: in the cache, d: its process has exited
 * @counts: invalidations, retries, evictions
 */
struct userptr_row {
	unsigned long start;
	size_t size;
	size_t mapped;
	uid_t uid;
	char flags[4];
	int counts[3];
};

static size_t userptr_snapshot(struct exynos_drm_userptr_dev *dev,
			       struct userptr_row *rows, size_t max)
{
	struct exynos_drm_userptr *up;
	size_t num = 0;

	guard(spinlock)(&dev->lock);

	list_for_each_entry(up, &dev->objects, dev_link) {
		if (num < max) {
			struct userptr_row *row = &rows[num];

			row->start = up->start;
			row->size = up->size;
			row->mapped = READ_ONCE(up->mapped);
			row->uid = from_kuid_munged(&init_user_ns,
						    up->space->user->uid);
			row->flags[0] = up->readonly ? 'r' : '-';
			row->flags[1] = list_empty(&up->cache_link) ? '-' : 'c';
			row->flags[2] = up->space->dead ? 'd' : '-';
			row->flags[3] = '\0';
			row->counts[0] = atomic_read(&up->invalidations);
			row->counts[1] = atomic_read(&up->retries);
			row->counts[2] = atomic_read(&up->evictions);
		}
		num++;
	}
	return num;
}

static int userptr_debugfs_show(struct seq_file *m, void *unused)
{
	struct drm_debugfs_entry *entry = m->private;
	struct exynos_drm_userptr_dev *dev = entry->file.data;
	struct userptr_row *rows;
	size_t i, num;

	num = userptr_snapshot(dev, NULL, 0);
	rows = kvmalloc_objs(*rows, num + 1);
	if (!rows)
		return -ENOMEM;
	num = min(num, userptr_snapshot(dev, rows, num));

	seq_puts(m, "   address       size   uid flags    mapped inval retry evict\n");
	for (i = 0; i < num; i++)
		seq_printf(m, "%10lx %10zu %5u %s   %9zu %5d %5d %5d\n",
			   rows[i].start, rows[i].size, rows[i].uid,
			   rows[i].flags, rows[i].mapped, rows[i].counts[0],
			   rows[i].counts[1], rows[i].counts[2]);
	kvfree(rows);
	seq_printf(m, "charged %llu of %llu bytes\n", READ_ONCE(dev->charged),
		   exynos_drm_userptr_limit());
	return 0;
}

static void userptr_release(struct drm_device *drm, void *data)
{
	struct exynos_drm_userptr_dev *dev = data;

	exynos_drm_window_fini(&dev->window);
}

/**
 * exynos_drm_userptr_init() - initialize the userptr state of a device
 * @drm: the device, not yet registered
 *
 * Return: 0 or a negative error code.
 */
int exynos_drm_userptr_init(struct drm_device *drm)
{
	struct exynos_drm_private *priv = drm->dev_private;
	struct exynos_drm_userptr_dev *dev;
	struct rw_semaphore lock;
	int ret;

	ret = exynos_drm_users_init(drm, exynos_drm_userptr_reap);
	if (ret)
		return ret;

	dev = drmm_kzalloc(drm, sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return -ENOMEM;

	dev->drm = drm;
	spin_lock_init(&dev->lock);
	INIT_LIST_HEAD(&dev->lru);
	INIT_LIST_HEAD(&dev->objects);
	hash_init(dev->spaces);
	exynos_drm_window_init(&dev->window);
	init_waitqueue_head(&dev->wait);
	priv->userptr = dev;

	ret = drmm_add_action_or_reset(drm, userptr_release, dev);
	if (ret)
		return ret;

	/* Map pages at any address for cache maintenance; engines use the window. */
	ret = dma_set_mask(drm->dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;
	dma_set_max_seg_size(drm->dev, UINT_MAX);

	/* Reclaim takes the lock. Tell lockdep, which may not see that for long. */
	userptr_init_lock(&lock);
	fs_reclaim_acquire(GFP_KERNEL);
	might_lock(&lock);
	fs_reclaim_release(GFP_KERNEL);

	drm_debugfs_add_file(drm, "userptr", userptr_debugfs_show, dev);
	return 0;
}

static struct exynos_drm_userptr_map *
userptr_first_map(struct exynos_drm_userptr_dev *dev,
		  struct exynos_drm_userptr **up)
{
	struct exynos_drm_userptr_map *map;

	guard(spinlock)(&dev->lock);

	list_for_each_entry(map, &dev->lru, lru) {
		if (READ_ONCE(map->leaked))
			continue;
		*up = map->up;
		if (!kref_get_unless_zero(&map->up->gem.base.refcount))
			*up = NULL;
		kref_get(&map->kref);
		return map;
	}
	return NULL;
}

static struct exynos_drm_userptr_map *
userptr_first_leaked(struct exynos_drm_userptr_dev *dev)
{
	struct exynos_drm_userptr_map *map;

	guard(spinlock)(&dev->lock);

	list_for_each_entry(map, &dev->lru, lru) {
		if (map->pfnmap && READ_ONCE(map->leaked) && !READ_ONCE(map->contained)) {
			kref_get(&map->kref);
			return map;
		}
	}
	return NULL;
}

/**
 * exynos_drm_userptr_fini() - take down all mappings
 * @drm: the device, unplugged, its engines still bound
 *
 * Objects stay until their files are closed, but can no longer be mapped.
 *
 * Context: Process context. Waits for jobs.
 */
void exynos_drm_userptr_fini(struct drm_device *drm)
{
	struct exynos_drm_userptr_dev *dev = userptr_dev(drm);
	struct exynos_drm_userptr_map *map;
	struct exynos_drm_userptr *up;

	while ((map = userptr_first_map(dev, &up))) {
		if (up)
			dma_resv_wait_timeout(up->gem.base.resv,
					      DMA_RESV_USAGE_BOOKKEEP, false,
					      MAX_SCHEDULE_TIMEOUT);
		/* The task that frees the object is about to take it down. */
		if (!up || !userptr_map_evict(map, true))
			schedule_timeout_uninterruptible(1);
		if (up)
			drm_gem_object_put(&up->gem.base);
		userptr_map_put(map);
	}

	/* Contain leaked mappings before the IOMMU domain becomes unreachable. */
	while ((map = userptr_first_leaked(dev))) {
		/* Wait for the job, which syncs the caches through the mapping. */
		dma_resv_wait_timeout(map->up->gem.base.resv,
				      DMA_RESV_USAGE_BOOKKEEP, false,
				      MAX_SCHEDULE_TIMEOUT);
		userptr_map_contain(map);
		userptr_map_put(map);
	}
}
