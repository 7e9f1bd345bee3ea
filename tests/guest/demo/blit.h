/* SPDX-License-Identifier: GPL-2.0-only */
/* One blit: run it, watch it, and compare every pixel with the CPU's answer. */
#ifndef DEMO_BLIT_H
#define DEMO_BLIT_H

#include <stdint.h>

#include "buffer.h"
#include "exynos_board.h"

/**
 * struct demo - what every step works with
 * @fd: render node
 * @board: test pages, if there are any
 * @compared: pixels compared so far
 * @differing: of these, how many were wrong
 */
struct demo {
	int fd;
	struct exynos_board board;
	size_t compared;
	size_t differing;
};

/** now_ms - a clock for durations, in milliseconds */
double now_ms(void);

/**
 * blit_step - do one blit and report on it
 * @d: device
 * @title: what is done
 * @list: the blit; its buffers are @src and @dst
 * @src: source
 * @dst: destination
 *
 * The blit runs twice: slowly, to look at the pages while the engine is at
 * work, and at full speed, to see how long it takes.  Both times all of the
 * destination's block is compared with what the reference interpreter makes of
 * the same list.
 */
void blit_step(struct demo *d, const char *title, struct g2d_list *list, struct buffer *src,
	       struct buffer *dst);

/**
 * blit_start - start a blit at a reduced speed
 * @d: device
 * @list: the blit
 * @bytes: what it moves
 * @ms: how long it is to take; without a test page it takes what it takes
 *
 * Return: 0 or -errno.
 */
int blit_start(struct demo *d, struct g2d_list *list, uint64_t bytes, unsigned int ms);

/** blit_wait - wait for it and go back to full speed; return 0 or -errno */
int blit_wait(struct demo *d);

#endif /* DEMO_BLIT_H */
