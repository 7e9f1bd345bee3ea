// SPDX-License-Identifier: GPL-2.0-only
/*
 * The least that a driver has to do to let an engine work on user memory once, without
 * a job, an object or a lock: what the benchmark compares with. It is built into
 * the kernels of flavour "fast" only.
 */
#include <linux/dma-mapping.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "exynos_floor.h"

/* The device that exynos-drm maps its buffers with, so that the same IOMMU has work. */
#define FLOOR_DEVICE	"11c00000.fimd"

static struct device *floor_dev;

static void floor_stamp(struct exynos_floor_run *run, u64 *last, enum exynos_floor_step step)
{
	u64 now;

	if (!run->stamps)
		return;
	now = ktime_get_ns();
	run->ns[step] = now - *last;
	*last = ktime_get_ns();
}

static int floor_pin(struct exynos_floor_run *run, struct page **pages, unsigned long num)
{
	unsigned long start = run->addr & PAGE_MASK;
	unsigned long done = 0;

	while (done < num) {
		int ret = pin_user_pages_fast(start + done * PAGE_SIZE, num - done,
					      run->write ? FOLL_WRITE : 0, pages + done);

		if (ret <= 0) {
			unpin_user_pages(pages, done);
			return ret ?: -EFAULT;
		}
		done += ret;
	}
	return 0;
}

static int floor_run(struct exynos_floor_run *run)
{
	enum dma_data_direction dir = run->write ? DMA_BIDIRECTIONAL : DMA_TO_DEVICE;
	unsigned long offset = offset_in_page(run->addr);
	unsigned long num;
	struct page **pages;
	struct sg_table sgt;
	u64 last;
	int ret;

	if (!run->size || run->size > SZ_256M || run->addr + run->size > TASK_SIZE)
		return -EINVAL;
	num = PAGE_ALIGN(offset + run->size) >> PAGE_SHIFT;

	last = run->stamps ? ktime_get_ns() : 0;
	pages = kvmalloc_array(num, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	floor_stamp(run, &last, EXYNOS_FLOOR_ALLOC);

	ret = floor_pin(run, pages, num);
	if (ret)
		goto free;
	floor_stamp(run, &last, EXYNOS_FLOOR_PIN);

	ret = sg_alloc_table_from_pages(&sgt, pages, num, offset, run->size, GFP_KERNEL);
	if (ret)
		goto unpin;
	floor_stamp(run, &last, EXYNOS_FLOOR_SG);

	ret = dma_map_sgtable(floor_dev, &sgt, dir, DMA_ATTR_SKIP_CPU_SYNC);
	if (ret)
		goto free_sg;
	floor_stamp(run, &last, EXYNOS_FLOOR_MAP);

	dma_sync_sgtable_for_device(floor_dev, &sgt, dir);
	floor_stamp(run, &last, EXYNOS_FLOOR_CLEAN);

	if (run->write)
		dma_sync_sgtable_for_cpu(floor_dev, &sgt, dir);
	floor_stamp(run, &last, EXYNOS_FLOOR_INVALIDATE);

	dma_unmap_sgtable(floor_dev, &sgt, dir, DMA_ATTR_SKIP_CPU_SYNC);
	floor_stamp(run, &last, EXYNOS_FLOOR_UNMAP);

free_sg:
	sg_free_table(&sgt);
unpin:
	unpin_user_pages(pages, num);
free:
	kvfree(pages);
	floor_stamp(run, &last, EXYNOS_FLOOR_UNPIN);
	return ret;
}

static long floor_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct exynos_floor_run run;
	int ret;

	if (cmd != EXYNOS_FLOOR_RUN)
		return -ENOTTY;
	if (copy_from_user(&run, (void __user *)arg, sizeof(run)))
		return -EFAULT;
	ret = floor_run(&run);
	if (!ret && copy_to_user((void __user *)arg, &run, sizeof(run)))
		ret = -EFAULT;
	return ret;
}

static const struct file_operations floor_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = floor_ioctl,
};

static struct miscdevice floor_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "exynos-floor",
	.fops = &floor_fops,
};

static int __init floor_init(void)
{
	floor_dev = bus_find_device_by_name(&platform_bus_type, NULL, FLOOR_DEVICE);
	if (!floor_dev)
		return -ENODEV;
	return misc_register(&floor_misc);
}
late_initcall(floor_init);
