// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test device that maps memory into a process in ways that no real driver uses.
 */

#include <linux/array_size.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "exynos_drm_pfnmap_test.h"

#define PFNMAP_TEST_ORDER	4

/* Address of the chip ID registers of the Exynos4 family. */
#define PFNMAP_TEST_CHIPID	0x10000000

static_assert(1 << PFNMAP_TEST_ORDER == PFNMAP_TEST_PAGES);

/**
 * struct pfnmap_test - an open file
 */
struct pfnmap_test {
	/** @lock: Protects @pages. */
	struct mutex lock;

	/** @pages: %PFNMAP_TEST_PAGES contiguous pages; NULL once revoked. */
	struct page *pages;

	/** @reserved: A reserved page. */
	struct page *reserved;

	/** @pair: Two pages, the second of which has no reference count. */
	struct page *pair;

	/** @mapping: Page cache mapping of the device node. */
	struct address_space *mapping;
};

static unsigned long pfnmap_test_pfn(struct pfnmap_test *test,
				     enum pfnmap_test_kind kind,
				     unsigned int index)
{
	unsigned long first = page_to_pfn(test->pages);

	switch (kind) {
	case PFNMAP_TEST_TWO_RUNS:
		return first + (index + PFNMAP_TEST_PAGES / 2) %
			       PFNMAP_TEST_PAGES;
	case PFNMAP_TEST_CONTIGUOUS:
	case PFNMAP_TEST_WC:
		return first + index;
	case PFNMAP_TEST_REGISTERS:
		if (index == 2)
			return PHYS_PFN(PFNMAP_TEST_CHIPID);
		break;
	case PFNMAP_TEST_RESERVED:
		if (index == 2)
			return page_to_pfn(test->reserved);
		break;
	case PFNMAP_TEST_UNCOUNTED:
		if (index == 2)
			return page_to_pfn(test->pair + 1);
		break;
	default:
		break;
	}
	return first + PFNMAP_TEST_PAGES - 1 - index;
}

/* Like release_fault_lock(), with annotations for static checkers. */
static void pfnmap_test_unlock(struct vm_fault *vmf)
{
	if (vmf->flags & FAULT_FLAG_VMA_LOCK) {
		vma_end_read(vmf->vma);
	} else {
		__acquire(&vmf->vma->vm_mm->mmap_lock);
		mmap_read_unlock(vmf->vma->vm_mm);
	}
}

static vm_fault_t pfnmap_test_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	enum pfnmap_test_kind kind = vmf->pgoff / PFNMAP_TEST_PAGES;
	unsigned int index = vmf->pgoff % PFNMAP_TEST_PAGES;
	struct pfnmap_test *test = vma->vm_private_data;

	if (kind == PFNMAP_TEST_HOLE && index == 2)
		return VM_FAULT_SIGBUS;
	if (kind == PFNMAP_TEST_RETRY && fault_flag_allow_retry_first(vmf->flags)) {
		if (!(vmf->flags & FAULT_FLAG_RETRY_NOWAIT))
			pfnmap_test_unlock(vmf);
		return VM_FAULT_RETRY;
	}

	guard(mutex)(&test->lock);

	if (!test->pages)
		return VM_FAULT_SIGBUS;
	return vmf_insert_pfn(vma, vmf->address,
			      pfnmap_test_pfn(test, kind, index));
}

static vm_fault_t pfnmap_test_pfn_mkwrite(struct vm_fault *vmf)
{
	return vmf->pgoff / PFNMAP_TEST_PAGES == PFNMAP_TEST_READONLY ?
	       VM_FAULT_SIGBUS : 0;
}

static const struct vm_operations_struct pfnmap_test_vm_ops = {
	.fault = pfnmap_test_fault,
	.pfn_mkwrite = pfnmap_test_pfn_mkwrite,
};

static int pfnmap_test_mmap(struct file *filp, struct vm_area_struct *vma)
{
	enum pfnmap_test_kind kind = vma->vm_pgoff / PFNMAP_TEST_PAGES;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;

	vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	if (kind == PFNMAP_TEST_WC)
		vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);
	if (kind == PFNMAP_TEST_READONLY)
		vma->vm_page_prot = vm_get_page_prot(vma->vm_flags &
						     ~VM_SHARED);
	vma->vm_private_data = filp->private_data;
	vma->vm_ops = &pfnmap_test_vm_ops;
	return 0;
}

static void pfnmap_test_free(struct pfnmap_test *test)
{
	unsigned int i;

	if (test->reserved) {
		ClearPageReserved(test->reserved);
		__free_page(test->reserved);
	}
	test->reserved = NULL;
	if (test->pair)
		__free_pages(test->pair, 1);
	test->pair = NULL;
	for (i = 0; test->pages && i < PFNMAP_TEST_PAGES; i++)
		__free_page(test->pages + i);
	test->pages = NULL;
}

static int pfnmap_test_alloc(struct pfnmap_test *test)
{
	test->pages = alloc_pages(GFP_KERNEL | __GFP_ZERO, PFNMAP_TEST_ORDER);
	if (!test->pages)
		return -ENOMEM;
	split_page(test->pages, PFNMAP_TEST_ORDER);

	test->pair = alloc_pages(GFP_KERNEL | __GFP_ZERO, 1);
	if (!test->pair)
		return -ENOMEM;

	test->reserved = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!test->reserved)
		return -ENOMEM;
	SetPageReserved(test->reserved);
	return 0;
}

static long pfnmap_test_ioctl(struct file *filp, unsigned int cmd,
			      unsigned long arg)
{
	struct pfnmap_test *test = filp->private_data;

	if (cmd != PFNMAP_TEST_REVOKE)
		return -ENOTTY;

	guard(mutex)(&test->lock);

	/* Unmaps the memory of all files; the other files fault theirs in again. */
	unmap_mapping_range(test->mapping, 0, 0, 1);
	pfnmap_test_free(test);
	return 0;
}

static int pfnmap_test_open(struct inode *inode, struct file *filp)
{
	struct pfnmap_test *test = kzalloc_obj(*test);

	if (!test)
		return -ENOMEM;

	if (pfnmap_test_alloc(test)) {
		pfnmap_test_free(test);
		kfree(test);
		return -ENOMEM;
	}
	mutex_init(&test->lock);
	test->mapping = inode->i_mapping;
	filp->private_data = test;
	return 0;
}

static int pfnmap_test_release(struct inode *inode, struct file *filp)
{
	struct pfnmap_test *test = filp->private_data;

	pfnmap_test_free(test);
	kfree(test);
	return 0;
}

static const struct file_operations pfnmap_test_fops = {
	.owner = THIS_MODULE,
	.open = pfnmap_test_open,
	.release = pfnmap_test_release,
	.mmap = pfnmap_test_mmap,
	.unlocked_ioctl = pfnmap_test_ioctl,
};

static struct miscdevice pfnmap_test_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "exynos-pfnmap-test",
	.fops = &pfnmap_test_fops,
	.mode = 0600,
};

module_misc_device(pfnmap_test_device);

MODULE_DESCRIPTION("Memory mappings for tests of drm/exynos");
MODULE_LICENSE("GPL");
