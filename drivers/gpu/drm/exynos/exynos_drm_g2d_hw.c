// SPDX-License-Identifier: GPL-2.0-only
/*
 * FIMG2D: register accesses that start, continue and stop the engine.
 */

#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>

#include "exynos_drm_drv.h"
#include "exynos_drm_g2d_priv.h"
#include "exynos_drm_g2d_regs.h"

#define G2D_RESET_TIMEOUT_US	10000
/* After the reset, for an access that is made once more; many times what one takes. */
#define G2D_REPLAY_US		100

/**
 * g2d_hw_start() - run the lists in the pool
 * @g2d: the engine, idle and powered
 */
void g2d_hw_start(struct g2d *g2d)
{
	writel_relaxed(lower_32_bits(g2d->pool),
		       g2d->regs + G2D_DMA_SFR_BASE_ADDR);
	/* Not relaxed: the lists must be in memory. */
	writel(G2D_DMA_COMMAND_START, g2d->regs + G2D_DMA_COMMAND);
}

/**
 * g2d_hw_unhold() - do not hold the engine after further lists
 * @g2d: the engine
 *
 * A list with an event sets this up for itself and for all lists after it, those of
 * the next job included, which would be held without an interrupt.
 */
void g2d_hw_unhold(struct g2d *g2d)
{
	writel_relaxed(0, g2d->regs + G2D_DMA_HOLD_CMD);
}

/**
 * g2d_hw_continue() - go on after a list that was held for its event
 * @g2d: the engine
 */
void g2d_hw_continue(struct g2d *g2d)
{
	g2d_hw_unhold(g2d);
	writel_relaxed(G2D_DMA_COMMAND_CONTINUE, g2d->regs + G2D_DMA_COMMAND);
}

/**
 * g2d_hw_lists_done() - how many lists have been run since the start
 * @g2d: the engine, held or to be reset
 *
 * Return: the number.
 */
unsigned int g2d_hw_lists_done(struct g2d *g2d)
{
	return FIELD_GET(G2D_DMA_STATUS_LISTS,
			 readl_relaxed(g2d->regs + G2D_DMA_STATUS));
}

/**
 * g2d_hw_reset() - stop the engine
 * @g2d: the engine, powered
 *
 * The System MMU discards the engine's accesses afterwards, until
 * exynos_drm_dma_release(): the reset may wait for one that the MMU holds, and that
 * one may be made once more after it.
 *
 * Context: Process context; nothing is allocated.
 *
 * Return: false if it goes on nevertheless.
 */
bool g2d_hw_reset(struct g2d *g2d)
{
	u32 stat;

	writel(G2D_SOFT_RESET_R | G2D_SOFT_RESET_SFRCLEAR,
	       g2d->regs + G2D_SOFT_RESET);
	exynos_drm_dma_discard(g2d->drm, g2d->dev);
	if (readl_poll_timeout(g2d->regs + G2D_FIFO_STAT, stat,
			       stat & G2D_FIFO_STAT_IDLE, 10,
			       G2D_RESET_TIMEOUT_US))
		return false;

	fsleep(G2D_REPLAY_US);
	return true;
}

/**
 * g2d_hw_ack() - take the interrupts that the engine has raised
 * @g2d: the engine, powered
 *
 * Context: &g2d.lock must be held.
 *
 * Return: true if there were any; they are in &g2d.pending then.
 */
bool g2d_hw_ack(struct g2d *g2d)
{
	u32 pending = readl_relaxed(g2d->regs + G2D_INTC_PEND);

	lockdep_assert_held(&g2d->lock);

	writel_relaxed(pending, g2d->regs + G2D_INTC_PEND);
	g2d->pending |= pending;
	return pending;
}
