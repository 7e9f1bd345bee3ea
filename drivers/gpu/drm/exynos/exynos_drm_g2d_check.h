/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a command list makes FIMG2D read and write.
 */

#ifndef _EXYNOS_DRM_G2D_CHECK_H_
#define _EXYNOS_DRM_G2D_CHECK_H_

#include <linux/types.h>

/**
 * enum g2d_operand - the six places where the engine takes a buffer
 *
 * @G2D_SRC: source
 * @G2D_SRC2: chroma plane of the source
 * @G2D_DST: destination
 * @G2D_DST2: chroma plane of the destination
 * @G2D_PAT: pattern
 * @G2D_MASK: mask
 * @G2D_NUM_OPERANDS: how many there are
 */
enum g2d_operand {
	G2D_SRC,
	G2D_SRC2,
	G2D_DST,
	G2D_DST2,
	G2D_PAT,
	G2D_MASK,
	G2D_NUM_OPERANDS
};

/**
 * struct g2d_buffer - a buffer that a command list names for an operand
 */
struct g2d_buffer {
	/** @given: The list names one. */
	bool given;

	/** @readonly: The engine must not write it. */
	bool readonly;

	/** @misalign: Its address modulo 4. */
	u8 misalign;

	/** @size: Exact number of bytes. */
	u64 size;
};

/**
 * struct g2d_access - the bytes of a buffer that a blit touches
 *
 * Rows of @len bytes, @stride bytes apart, all of them inside of the buffer. No
 * bytes if @rows is zero.
 */
struct g2d_access {
	/** @first: First byte, counted from the buffer's first. */
	size_t first;

	/** @len: Bytes in a row. */
	size_t len;

	/** @stride: Bytes from one row to the next. */
	size_t stride;

	/** @rows: Number of rows. */
	unsigned int rows;
};

bool g2d_check_reg(u32 offset);
int g2d_check_operand(u32 offset);
int g2d_check_list(const u32 *cmds, unsigned int num_cmds,
		   const struct g2d_buffer bufs[G2D_NUM_OPERANDS],
		   struct g2d_access access[G2D_NUM_OPERANDS]);

#endif
