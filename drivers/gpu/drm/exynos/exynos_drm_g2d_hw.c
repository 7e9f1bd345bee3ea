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
 * g2d_hw_unhold() - stop holding the engine at the end of each list
 * @g2d: the engine
 *
 * A list with an event enables the hold for itself and for all lists that follow,
 * those of the next job included. Clear it after the event, otherwise these hold the
 * engine without raising an interrupt.
 */
void g2d_hw_unhold(struct g2d *g2d)
{
	writel_relaxed(0, g2d->regs + G2D_DMA_HOLD_CMD);
}

/**
 * g2d_hw_continue() - continue after a list that holds the engine for its event
 * @g2d: the engine, on hold
 */
void g2d_hw_continue(struct g2d *g2d)
{
	g2d_hw_unhold(g2d);
	writel_relaxed(G2D_DMA_COMMAND_CONTINUE, g2d->regs + G2D_DMA_COMMAND);
}

/**
 * g2d_hw_lists_done() - get the number of lists run since g2d_hw_start()
 * @g2d: the engine, on hold or about to be reset
 *
 * Return: number of lists.
 */
unsigned int g2d_hw_lists_done(struct g2d *g2d)
{
	return FIELD_GET(G2D_DMA_STATUS_LISTS,
			 readl_relaxed(g2d->regs + G2D_DMA_STATUS));
}

/**
 * g2d_hw_reset() - reset the engine and wait until it is idle
 * @g2d: the engine, powered
 *
 * The System MMU discards the engine's accesses until exynos_drm_dma_release(): the
 * reset may wait for one that the MMU stalls, and the engine may repeat that one after
 * the reset.
 *
 * Context: Process context. Neither sleeps for longer than %G2D_RESET_TIMEOUT_US and
 * %G2D_REPLAY_US, nor allocates.
 *
 * Return: true on success, false if the engine does not stop.
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
 * g2d_hw_ack() - acknowledge pending interrupts
 * @g2d: the engine, powered
 *
 * Adds them to &g2d.pending.
 *
 * Context: &g2d.lock must be held.
 *
 * Return: true if any was pending.
 */
bool g2d_hw_ack(struct g2d *g2d)
{
	u32 pending = readl_relaxed(g2d->regs + G2D_INTC_PEND);

	lockdep_assert_held(&g2d->lock);

	writel_relaxed(pending, g2d->regs + G2D_INTC_PEND);
	g2d->pending |= pending;
	return pending;
}
