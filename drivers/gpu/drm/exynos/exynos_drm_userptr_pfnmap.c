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
 * Drivers map buffers of a dma-heap, a udmabuf or a camera into processes with
 * VM_PFNMAP: the page tables have page frame numbers, and GUP rejects them. Such a range
 * can be a userptr object if it lies in one shared mapping, is RAM and is not reserved.
 * All other ranges fail with -EFAULT, as with GUP.
 *
 * **Guarantee.** An engine can access a page exactly as long as the process's own page
 * table entry for it exists, with write permission if the engine writes. The mm calls
 * back before it removes the entry, as for any other memory, and no driver can free
 * memory that is mapped into a process without having the entries removed, because the
 * process could access it, too. KVM relies on the same guarantee.
 *
 * **No references.** The pages belong to a driver that may not count references, and a
 * reference that outlives the page table entry made similar imports exploitable. This
 * driver therefore neither references the pages nor marks them dirty, not even
 * temporarily. Between the lookup of the page frame numbers and publishing the mapping
 * only the notifier's sequence tells whether they are still valid. Hence:
 *
 * - do all that may sleep before taking the notifier lock;
 * - with the notifier lock held for write, check the sequence, then map the pages, clean
 *   the CPU caches and publish the mapping;
 * - limit objects to %EXYNOS_USERPTR_PFNMAP_MAX, because reclaim may wait for the lock.
 *
 * **Permission** is that of each page table entry: drivers reject writes to a page of a
 * writable mapping by keeping its entry read-only.
 *
 * **Caches.** Pages are cleaned and invalidated as other memory is, although the process
 * may have mapped them write-combined. The driver cannot tell on 32-bit ARM; it is
 * harmless, because no lines are dirty then.
 *
 * **Wedged engines.** A reference does not prevent the owner from reusing the memory: CMA,
 * for example, frees its pages nevertheless. The driver therefore removes leaked mappings
 * from the IOMMU when the range is invalidated and never reuses their IOVA. The System MMU
 * discards all accesses of the engine since its reset was requested; if it did not, the
 * engine would fault and be stalled.
 *
 * Without an IOMMU nothing contains a wedged engine. The driver keeps the mapped file
 * instead, so that a dma-buf is never released, and references to the pages, for owners
 * that respect them; it rejects pages without a reference count. Other owners, such as a
 * V4L2 device whose buffers userspace frees, reuse memory that the engine may write, so
 * report that and taint the kernel. If the DMA API owns the IOMMU (arm64) faults are not
 * reported to this driver, so it rejects such memory.
 */

/* Limit of faults on one page that succeed without installing an entry. */
#define USERPTR_PFNMAP_TRIES	16

static bool userptr_pfnmap = true;
module_param(userptr_pfnmap, bool, 0644);
MODULE_PARM_DESC(userptr_pfnmap,
		 "Accept memory that other drivers have mapped into the process [default on]");

/**
 * userptr_pfnmap_enabled() - check whether memory of other drivers may be used
 *
 * Existing mappings stay until they are invalidated or evicted, but new jobs cannot use
 * them once this becomes false.
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
 * exynos_drm_userptr_pfnmap_max() - get the size limit for memory of other drivers
 * @drm: the device
 *
 * Return: size of the largest object in bytes, or 0 if such memory is not accepted.
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
 * @addr: address in the current process
 *
 * Context: The mmap lock must be held.
 *
 * Return: true if the functions below must be used instead of GUP.
 */
bool userptr_pfnmap_at(struct drm_device *drm, unsigned long addr)
{
	struct vm_area_struct *vma = vma_lookup(current->mm, addr);

	return vma && vma->vm_flags & VM_PFNMAP &&
	       userptr_pfnmap_supported(drm);
}

/* Userspace has handles for GEM objects of this device. */
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
	/* A shared mapping of a file opened read-only has no VM_SHARED. */
	vm_flags_t need = VM_PFNMAP | VM_MAYSHARE | VM_READ |
			  (write ? VM_WRITE : 0);
	unsigned long start = up->start & PAGE_MASK;
	struct drm_device *drm = up->gem.base.dev;
	struct vm_area_struct *vma;

	if (userptr_bytes(up) > EXYNOS_USERPTR_PFNMAP_MAX) {
		drm_dbg(drm, "%zu bytes of another driver's memory, at most %u are accepted\n",
			userptr_bytes(up), EXYNOS_USERPTR_PFNMAP_MAX);
		return ERR_PTR(-EINVAL);
	}

	vma = vma_lookup(current->mm, start);
	if (!vma || vma->vm_end - start < userptr_bytes(up) ||
	    (vma->vm_flags & need) != need || userptr_pfnmap_is_own(drm, vma)) {
		drm_dbg(drm, "%#lx is not in one shared mapping of another driver's memory\n",
			start);
		return ERR_PTR(-EFAULT);
	}
	return vma;
}

/* On success the caller must pass @args to follow_pfnmap_end(). */
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

/* The mmap lock must be held; it is also held on return, if dropped in between. */
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
 * @end: end address of the last page
 * @write: whether to require write permission
 *
 * Context: As the caller of userptr_pfnmap_at(). The mmap lock may have been dropped
 * meanwhile. Only fatal signals interrupt a fault handler of another driver that
 * sleeps, because fixup_user_fault() retries after others.
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
			/* Userspace may have mapped ordinary memory meanwhile. */
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

	/* On ARM pfn_valid() is also true for holes near RAM. */
	if (!pfn_valid(pfn) || !page_is_ram(pfn))
		return false;

	page = pfn_to_page(pfn);
	if (PageReserved(page) || is_zone_device_page(page))
		return false;
	return userptr_has_window(userptr_dev(drm)) || page_count(page);
}

/**
 * userptr_pfnmap_get_pages() - look up the pages of a range without referencing them
 * @map: mapping being built; without an IOMMU it gets a reference to the mapped file
 * @pages: returned pages; valid until the notifier's sequence changes
 * @npages: number of pages
 * @missing: returned index of the first page that is not present, after -EAGAIN
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
	/* Let the fault-in decide, which retries with read permission. */
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
				drm_dbg(drm, "pfn %#lx is not usable RAM\n", pfn);
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
 * userptr_pfnmap_put() - drop the file reference of userptr_pfnmap_get_pages()
 * @map: the mapping, not mapped
 *
 * Context: Any except interrupts. Does not sleep.
 */
void userptr_pfnmap_put(struct exynos_drm_userptr_map *map)
{
	if (map->file)
		fput(map->file);
	map->file = NULL;
}

/**
 * userptr_pfnmap_leak() - leak the pages of a leaked mapping without an IOMMU
 * @map: the mapping, which keeps its file
 *
 * Context: &exynos_drm_userptr_space.lock must be held for write.
 */
void userptr_pfnmap_leak(struct exynos_drm_userptr_map *map)
{
	struct sg_page_iter iter;

	for_each_sgtable_page(&map->sgt, &iter, 0)
		folio_try_get(page_folio(sg_page_iter_page(&iter)));

	drm_err(map->space->dev->drm,
		"engine cannot be stopped and may overwrite memory of another driver\n");
	add_taint(TAINT_BAD_PAGE, LOCKDEP_STILL_OK);
}
