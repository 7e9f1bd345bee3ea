/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FIMG2D: validation of command lists.
 */

#ifndef _EXYNOS_DRM_G2D_CHECK_H_
#define _EXYNOS_DRM_G2D_CHECK_H_

#include <linux/types.h>

/**
 * enum g2d_operand - the operands of a blit that have a base address
 *
 * @G2D_SRC: source
 * @G2D_SRC2: chroma plane of the source
 * @G2D_DST: destination
 * @G2D_DST2: chroma plane of the destination
 * @G2D_PAT: pattern
 * @G2D_MASK: mask
 * @G2D_NUM_OPERANDS: number of operands
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
 * struct g2d_buffer - the buffer that a command list sets for an operand
 */
struct g2d_buffer {
	/** @given: The list sets a buffer. */
	bool given;

	/** @readonly: The engine must not write it. */
	bool readonly;

	/** @misalign: Address of its first byte modulo 4. */
	u8 misalign;

	/** @size: Exact number of bytes. */
	u64 size;
};

/**
 * struct g2d_access - the bytes of a buffer that a blit accesses
 *
 * Rows of @len bytes, @stride bytes apart, all of them within the buffer. None if @rows
 * is zero.
 */
struct g2d_access {
	/** @first: Offset of the first byte in the buffer. */
	size_t first;

	/** @len: Bytes in a row. */
	size_t len;

	/** @stride: Bytes from the start of a row to that of the next. */
	size_t stride;

	/** @rows: Number of rows. */
	unsigned int rows;
};

/**
 * struct g2d_reject - why a command list is rejected
 */
struct g2d_reject {
	/**
	 * @reg: The register whose value is the reason; a base address register
	 * stands for the buffer.
	 */
	u32 reg;

	/** @why: What is wrong with it. */
	const char *why;
};

bool g2d_check_reg(u32 offset);
int g2d_check_operand(u32 offset);
int g2d_check_list(const u32 *cmds, unsigned int num_cmds,
		   const struct g2d_buffer bufs[G2D_NUM_OPERANDS],
		   struct g2d_access access[G2D_NUM_OPERANDS],
		   struct g2d_reject *reject);

#endif
