// SPDX-License-Identifier: GPL-2.0-only
/*
 * FIMG2D: the device.
 */

#include <linux/clk.h>
#include <linux/component.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/pm_runtime.h>
#include <linux/rcupdate.h>

#include <drm/drm_device.h>
#include <drm/drm_print.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_g2d_priv.h"

/**
 * DOC: G2D
 *
 * FIMG2D fetches chains of command lists from memory, one blit per list. SET_CMDLIST
 * copies and validates a list and adds it to the open file; EXEC makes a job of the
 * lists of the file and queues it for the engine. Calls go from the top of this list
 * to its bottom only:
 *
 * - exynos_drm_g2d.c: the device, its power, interrupt and faults; calls the run queue
 * - exynos_drm_g2d_ioctl.c: open files and ioctls
 * - exynos_drm_g2d_job.c: jobs and their submission, in the context of EXEC
 * - exynos_drm_g2d_sched.c: the run queue, in the context of its workqueue
 * - exynos_drm_g2d_cmdlist.c: command lists and their buffers
 * - exynos_drm_g2d_check.c: validation, functions of their arguments
 * - exynos_drm_g2d_hw.c: registers
 */

#define G2D_AUTOSUSPEND_MS	2000

static irqreturn_t g2d_irq(int irq, void *data)
{
	struct g2d *g2d = data;
	bool any;

	spin_lock(&g2d->lock);
	any = g2d_hw_ack(g2d);
	spin_unlock(&g2d->lock);

	if (any)
		queue_work(g2d->wq, &g2d->work);
	return IRQ_RETVAL(any);
}

static bool g2d_fault(struct device *dev)
{
	if (dev->driver != &g2d_driver.driver)
		return false;

	g2d_queue_fault(dev_get_drvdata(dev));
	return true;
}

/*
 * Leave a wedged engine stalled. Do not dereference its drvdata: &struct g2d may
 * already be freed.
 */
static bool g2d_fault_wedged(struct device *dev)
{
	return true;
}

/*
 * An unhandled fault panics: clear the handler after detaching, and after interrupt
 * handlers have ended that report a fault of before.
 */
static void g2d_detach(struct g2d *g2d)
{
	struct exynos_drm_private *priv = g2d->drm->dev_private;

	exynos_drm_unregister_dma(g2d->drm, g2d->dev, &g2d->dma_priv);
	synchronize_rcu();
	WRITE_ONCE(priv->g2d_fault, NULL);
	g2d_queue_unbind(g2d);
}

static int g2d_bind(struct device *dev, struct device *master, void *data)
{
	struct g2d *g2d = dev_get_drvdata(dev);
	struct drm_device *drm = data;
	struct exynos_drm_private *priv = drm->dev_private;
	int ret;

	/* A wedged engine stays attached to the mapping that it was using. */
	if (g2d->wedged)
		return 0;

	g2d->drm = drm;

	/* Install the handler before attaching: an unhandled fault panics. */
	WRITE_ONCE(priv->g2d_fault, g2d_fault);
	ret = exynos_drm_register_dma(drm, dev, &g2d->dma_priv);
	if (ret) {
		WRITE_ONCE(priv->g2d_fault, NULL);
		return dev_err_probe(dev, ret, "failed to set up DMA\n");
	}

	/* Allocate after exynos_drm_register_dma(), which selects the DMA device. */
	g2d->pool_virt = dma_alloc_attrs(drm_dev_dma_dev(drm), G2D_POOL_SIZE,
					 &g2d->pool, GFP_KERNEL,
					 DMA_ATTR_WRITE_COMBINE);
	if (!g2d->pool_virt) {
		g2d_detach(g2d);
		return -ENOMEM;
	}

	g2d_queue_bind(g2d);
	priv->g2d_dev = dev;
	return 0;
}

static void g2d_unbind(struct device *dev, struct device *master, void *data)
{
	struct g2d *g2d = dev_get_drvdata(dev);
	struct drm_device *drm = data;
	struct exynos_drm_private *priv = drm->dev_private;

	priv->g2d_dev = NULL;
	g2d_queue_drain(g2d);
	g2d_queue_drain_free(g2d);

	/*
	 * A wedged engine may still fetch command lists and access its mappings,
	 * unless its System MMU discards that. Keep both, and the System MMU as it is.
	 */
	if (g2d->wedged) {
		priv = g2d->drm->dev_private;
		WRITE_ONCE(priv->g2d_fault, g2d_fault_wedged);
		/* Wait for interrupt handlers that still call the previous handler. */
		synchronize_rcu();
		exynos_drm_dma_lose_mapping(g2d->drm);
		return;
	}

	dma_free_attrs(drm_dev_dma_dev(drm), G2D_POOL_SIZE, g2d->pool_virt,
		       g2d->pool, DMA_ATTR_WRITE_COMBINE);
	g2d_detach(g2d);
}

static const struct component_ops g2d_component_ops = {
	.bind = g2d_bind,
	.unbind = g2d_unbind,
};

static int g2d_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct g2d *g2d;
	int irq, ret;

	g2d = devm_kzalloc(dev, sizeof(*g2d), GFP_KERNEL);
	if (!g2d)
		return -ENOMEM;

	/* g2d_remove() leaves runtime PM of a wedged engine enabled. */
	if (pm_runtime_enabled(dev))
		return dev_err_probe(dev, -EBUSY, "engine is wedged, reboot to use it\n");

	g2d->dev = dev;
	platform_set_drvdata(pdev, g2d);

	g2d->clk = devm_clk_get(dev, "fimg2d");
	if (IS_ERR(g2d->clk))
		return dev_err_probe(dev, PTR_ERR(g2d->clk), "failed to get the clock fimg2d\n");

	g2d->regs = devm_platform_ioremap_resource(pdev, 0);
	if (IS_ERR(g2d->regs))
		return PTR_ERR(g2d->regs);

	irq = platform_get_irq(pdev, 0);
	if (irq < 0)
		return irq;

	ret = g2d_queue_init(g2d);
	if (ret)
		return ret;

	ret = request_irq(irq, g2d_irq, 0, "drm_g2d", g2d);
	if (ret) {
		dev_err_probe(dev, ret, "failed to request interrupt %d\n", irq);
		goto err_queue;
	}

	pm_runtime_use_autosuspend(dev);
	pm_runtime_set_autosuspend_delay(dev, G2D_AUTOSUSPEND_MS);
	pm_runtime_enable(dev);

	ret = component_add(dev, &g2d_component_ops);
	if (ret)
		goto err_pm;
	return 0;

err_pm:
	pm_runtime_dont_use_autosuspend(dev);
	pm_runtime_disable(dev);
	free_irq(irq, g2d);
err_queue:
	g2d_queue_fini(g2d);
	return ret;
}

static void g2d_remove(struct platform_device *pdev)
{
	struct g2d *g2d = platform_get_drvdata(pdev);

	component_del(&pdev->dev, &g2d_component_ops);
	if (g2d->wedged) {
		/* Otherwise the driver core disables its System MMU. */
		exynos_drm_dma_abandon(&pdev->dev, &g2d->dma_priv);
	} else {
		pm_runtime_dont_use_autosuspend(&pdev->dev);
		pm_runtime_disable(&pdev->dev);
	}
	free_irq(platform_get_irq(pdev, 0), g2d);
	g2d_queue_fini(g2d);
}

/* Stop the engine, otherwise it writes to memory of the kernel that kexec starts. */
static void g2d_shutdown(struct platform_device *pdev)
{
	struct g2d *g2d = platform_get_drvdata(pdev);

	g2d_queue_stop(g2d);
	g2d_queue_drain(g2d);
}

static int g2d_suspend(struct device *dev)
{
	struct g2d *g2d = dev_get_drvdata(dev);

	/*
	 * Complete the queued jobs, too: reclaim during suspend may wait for any
	 * fence.
	 */
	g2d_queue_drain(g2d);

	/* A wedged engine needs its System MMU, so fail the suspend. */
	if (g2d->wedged)
		return -EBUSY;
	return pm_runtime_force_suspend(dev);
}

static int g2d_resume(struct device *dev)
{
	return pm_runtime_force_resume(dev);
}

static int g2d_runtime_suspend(struct device *dev)
{
	struct g2d *g2d = dev_get_drvdata(dev);

	clk_disable_unprepare(g2d->clk);
	return 0;
}

static int g2d_runtime_resume(struct device *dev)
{
	struct g2d *g2d = dev_get_drvdata(dev);

	return clk_prepare_enable(g2d->clk);
}

static const struct dev_pm_ops g2d_pm_ops = {
	SYSTEM_SLEEP_PM_OPS(g2d_suspend, g2d_resume)
	RUNTIME_PM_OPS(g2d_runtime_suspend, g2d_runtime_resume, NULL)
};

static const struct of_device_id g2d_of_match[] = {
	{ .compatible = "samsung,exynos5250-g2d" },
	{ .compatible = "samsung,exynos4212-g2d" },
	{ }
};
MODULE_DEVICE_TABLE(of, g2d_of_match);

struct platform_driver g2d_driver = {
	.probe = g2d_probe,
	.remove = g2d_remove,
	.shutdown = g2d_shutdown,
	.driver = {
		.name = "exynos-drm-g2d",
		.pm = pm_ptr(&g2d_pm_ops),
		.of_match_table = g2d_of_match,
	},
};
