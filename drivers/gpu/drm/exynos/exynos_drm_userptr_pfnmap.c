// SPDX-License-Identifier: GPL-2.0-only
/*
 * Userptr: memory that another driver has mapped into the process.
 */

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/memremap.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/panic.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>

#include <drm/drm_device.h>
#include <drm/drm_gem.h>
#include <drm/drm_print.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_userptr.h"
#include "exynos_drm_userptr_priv.h"

/**
 * DOC: userptr of other drivers' memory
 *
 * Buffers of a dma-heap, a udmabuf or a camera are mapped into processes with
 * VM_PFNMAP: there are page frame numbers in the page tables, and no pages that GUP
 * would hand out. Such a range can be a userptr object if it lies in one shared
 * mapping, is RAM and is not reserved. Everything else is -EFAULT, as it is for GUP.
 *
 * **The promise.** An engine can reach a page exactly as long as the process's own
 * page table entry for it exists, with write permission if the engine writes. Whoever
 * removes the entry calls back first, as for any other memory, and no driver can free
 * what is mapped in a process without removing the entries, or having them removed,
 * because the process could use it, too. KVM relies on the same.
 *
 * **No references.** The pages belong to a driver, which may not count references, and
 * one that outlives the page table entry is what turned similar imports into security
 * holes. So neither is the page referenced nor is it marked dirty, not even for a
 * moment. Between looking page frame numbers up and publishing the mapping nothing but
 * the notifier's sequence says that they are still right, therefore:
 *
 * - what needs to sleep is done before;
 * - with the notifier lock held for write the sequence is checked, then the pages are
 *   mapped, cleaned from the CPU caches and published;
 * - as reclaim may wait for the lock, objects are no larger than
 *   %EXYNOS_USERPTR_PFNMAP_MAX.
 *
 * **Permission** is that of each page table entry: drivers refuse writes to a page of
 * a writable mapping by keeping its entry read-only.
 *
 * **Caches.** What the CPU has cached of a page is cleaned and invalidated as for any
 * memory, although the process may have it mapped write-combined. That cannot be seen
 * here on 32-bit ARM, and is harmless: there are no dirty lines then.
 *
 * **Wedged engines.** References that keep ordinary memory from being used by somebody
 * else do not help here: an owner such as CMA frees its pages all the same. So lost
 * mappings are taken out of the IOMMU when the range is invalidated, and their addresses
 * are never used again: the engine faults, is stalled by its System MMU and stays so.
 *
 * Without an IOMMU nothing contains a wedged engine. Keep the file that was mapped
 * instead, so that a dma-buf is never released, and references to the pages, for owners
 * that respect them; memory whose pages have no reference counts is rejected. Others,
 * such as a V4L2 device that is told to free its buffers, get memory back that the engine
 * may write to, so report that and taint the kernel. Where the DMA API owns the IOMMU
 * (arm64) a fault is not reported to this driver, and such memory is rejected.
 */

/* Faults that succeed without leaving a page table entry behind, for one page. */
#define USERPTR_PFNMAP_TRIES	16

static bool userptr_pfnmap = true;
module_param(userptr_pfnmap, bool, 0644);
MODULE_PARM_DESC(userptr_pfnmap,
		 "Accept memory that other drivers have mapped [default on]");

/**
 * userptr_pfnmap_enabled() - check whether memory of other drivers may be used
 *
 * What is mapped already stays mapped until it is invalidated or evicted, but new jobs
 * may not use it if this becomes false.
 *
 * Context: Any.
 *
 * Return: the module parameter.
 */
bool userptr_pfnmap_enabled(void)
{
	return READ_ONCE(userptr_pfnmap);
}

static bool userptr_pfnmap_supported(struct drm_device *drm)
{
	return userptr_pfnmap_enabled() &&
	       (userptr_has_window(userptr_dev(drm)) ||
		!is_drm_iommu_supported(drm));
}

/**
 * exynos_drm_userptr_pfnmap_max() - get the size of what can be imported
 * @drm: the device
 *
 * Return: bytes of the largest object of another driver's memory, 0 if there can be
 * none.
 */
u64 exynos_drm_userptr_pfnmap_max(struct drm_device *drm)
{
	u64 share = exynos_drm_userptr_share();

	if (!userptr_pfnmap_supported(drm))
		return 0;
	share -= min(share, EXYNOS_DRM_WINDOW_GUARD);
	return min_t(u64, ALIGN_DOWN(share, PAGE_SIZE),
		     EXYNOS_USERPTR_PFNMAP_MAX);
}

/**
 * userptr_pfnmap_at() - check whether another driver has mapped an address
 * @drm: the device
 * @addr: the address, of the current process
 *
 * Context: The mmap lock must be held.
 *
 * Return: true if the functions below are to be used instead of GUP.
 */
bool userptr_pfnmap_at(struct drm_device *drm, unsigned long addr)
{
	struct vm_area_struct *vma = vma_lookup(current->mm, addr);

	return vma && vma->vm_flags & VM_PFNMAP &&
	       userptr_pfnmap_supported(drm);
}

/* GEM objects of our own have handles. */
static bool userptr_pfnmap_is_own(struct drm_device *drm,
				  struct vm_area_struct *vma)
{
	struct drm_gem_object *obj;

	if (!vma->vm_ops || vma->vm_ops->open != drm_gem_vm_open)
		return false;

	obj = vma->vm_private_data;
	return obj->dev == drm;
}

static struct vm_area_struct *
userptr_pfnmap_vma(struct exynos_drm_userptr *up, bool write)
{
	/* Of a file that was opened read-only, a shared mapping is not VM_SHARED. */
	vm_flags_t need = VM_PFNMAP | VM_MAYSHARE | VM_READ |
			  (write ? VM_WRITE : 0);
	unsigned long start = up->start & PAGE_MASK;
	struct drm_device *drm = up->gem.base.dev;
	struct vm_area_struct *vma;

	if (userptr_bytes(up) > EXYNOS_USERPTR_PFNMAP_MAX) {
		drm_dbg(drm, "too large for memory of another driver\n");
		return ERR_PTR(-EINVAL);
	}

	vma = vma_lookup(current->mm, start);
	if (!vma || vma->vm_end - start < userptr_bytes(up) ||
	    (vma->vm_flags & need) != need || userptr_pfnmap_is_own(drm, vma)) {
		drm_dbg(drm, "not one mapping of another driver's memory\n");
		return ERR_PTR(-EFAULT);
	}
	return vma;
}

/* On success, @args is to be passed to follow_pfnmap_end(). */
static bool userptr_pfnmap_follow(struct follow_pfnmap_args *args, bool write)
{
	if (follow_pfnmap_start(args))
		return false;
	if (!write || args->writable)
		return true;
	follow_pfnmap_end(args);
	return false;
}

static bool userptr_pfnmap_present(struct vm_area_struct *vma,
				   unsigned long addr, bool write)
{
	struct follow_pfnmap_args args = { .vma = vma, .address = addr };

	if (!userptr_pfnmap_follow(&args, write))
		return false;
	follow_pfnmap_end(&args);
	return true;
}

/* The mmap lock is held on entry and on return. */
static int userptr_pfnmap_fault(unsigned long addr, bool write, bool *unlocked)
{
	int ret = fixup_user_fault(current->mm, addr,
				   write ? FAULT_FLAG_WRITE : 0, unlocked);

	if (fatal_signal_pending(current))
		return -EINTR;
	if (signal_pending(current))
		return -ERESTARTSYS;
	return ret && ret != -ENOMEM ? -EFAULT : ret;
}

/**
 * userptr_pfnmap_fault_in() - make page table entries present
 * @up: the object
 * @at: address of the first page
 * @end: address behind the last page
 * @write: with write permission
 *
 * Context: As the caller of userptr_pfnmap_at(). The mmap lock may have been dropped
 * meanwhile. A fault handler of another driver that sleeps is interrupted by fatal
 * signals only, for fixup_user_fault() repeats what others interrupt.
 *
 * Return: 0, -EAGAIN if the memory is no longer another driver's, -EFAULT, -EINVAL,
 * -ENOMEM, -EINTR or -ERESTARTSYS.
 */
int userptr_pfnmap_fault_in(struct exynos_drm_userptr *up, unsigned long at,
			    unsigned long end, bool write)
{
	unsigned int tries = USERPTR_PFNMAP_TRIES;
	struct vm_area_struct *vma;
	bool unlocked = true;
	int ret;

	while (at < end) {
		if (unlocked) {
			/* It may have been exchanged for ordinary memory. */
			if (!userptr_pfnmap_at(up->gem.base.dev, up->start))
				return -EAGAIN;
			vma = userptr_pfnmap_vma(up, write);
			if (IS_ERR(vma))
				return PTR_ERR(vma);
			unlocked = false;
		}

		if (userptr_pfnmap_present(vma, at, write)) {
			at += PAGE_SIZE;
			tries = USERPTR_PFNMAP_TRIES;
			continue;
		}
		if (!tries--)
			return -EFAULT;
		ret = userptr_pfnmap_fault(at, write, &unlocked);
		if (ret)
			return ret;
	}
	return 0;
}

static bool userptr_pfnmap_is_memory(struct drm_device *drm, unsigned long pfn)
{
	struct page *page;

	/* On ARM, what is near memory has a struct page, too. */
	if (!pfn_valid(pfn) || !page_is_ram(pfn))
		return false;

	page = pfn_to_page(pfn);
	if (PageReserved(page) || is_zone_device_page(page))
		return false;
	return userptr_has_window(userptr_dev(drm)) || page_count(page);
}

/**
 * userptr_pfnmap_get_pages() - look up what the page table entries say
 * @map: the mapping that is built
 * @pages: the pages, without references: they are the process's for as long as the
 *	notifier does not say otherwise
 * @npages: number of pages
 * @missing: index of the first page that is not there, after -EAGAIN
 *
 * Context: As the caller of userptr_pfnmap_at(), the notifier's sequence having been
 * read.
 *
 * Return: 0, -EAGAIN, -EFAULT if it is not memory, or -EINVAL if it is too large.
 */
int userptr_pfnmap_get_pages(struct exynos_drm_userptr_map *map,
			     struct page **pages, size_t npages,
			     size_t *missing)
{
	struct exynos_drm_userptr *up = map->up;
	struct drm_device *drm = up->gem.base.dev;
	struct follow_pfnmap_args args = {};
	bool write = map->write;
	unsigned long addr, last, pfn;
	size_t i = 0;

	*missing = 0;
	args.vma = userptr_pfnmap_vma(up, write);
	/* Faulting in finds out whether it would do for reading. */
	if (IS_ERR(args.vma))
		return PTR_ERR(args.vma) == -EFAULT ? -EAGAIN :
						      PTR_ERR(args.vma);

	while (i < npages) {
		addr = (up->start & PAGE_MASK) + i * PAGE_SIZE;
		args.address = addr;
		if (!userptr_pfnmap_follow(&args, write)) {
			*missing = i;
			return -EAGAIN;
		}
		last = addr | ~args.addr_mask;
		pfn = args.pfn;
		follow_pfnmap_end(&args);

		for (; i < npages && addr < last; addr += PAGE_SIZE) {
			if (!userptr_pfnmap_is_memory(drm, pfn)) {
				drm_dbg(drm, "pfn %#lx is no memory\n", pfn);
				return -EFAULT;
			}
			pages[i++] = pfn_to_page(pfn++);
		}
	}

	if (!userptr_has_window(userptr_dev(drm)) && args.vma->vm_file)
		map->file = get_file(args.vma->vm_file);
	return 0;
}

/**
 * userptr_pfnmap_put() - drop what userptr_pfnmap_get_pages() has taken
 * @map: the mapping, not or no longer mapped
 *
 * Context: Any but interrupts. Does not sleep.
 */
void userptr_pfnmap_put(struct exynos_drm_userptr_map *map)
{
	if (map->file)
		fput(map->file);
	map->file = NULL;
}

/**
 * userptr_pfnmap_lose() - leak what a wedged engine uses without an IOMMU
 * @map: the mapping, which keeps its file
 *
 * Context: &exynos_drm_userptr_space.lock must be held for write.
 */
void userptr_pfnmap_lose(struct exynos_drm_userptr_map *map)
{
	struct sg_page_iter iter;

	for_each_sgtable_page(&map->sgt, &iter, 0)
		folio_try_get(page_folio(sg_page_iter_page(&iter)));

	drm_err(map->space->dev->drm,
		"engine cannot be stopped and may overwrite memory of another driver\n");
	add_taint(TAINT_BAD_PAGE, LOCKDEP_STILL_OK);
}
