// SPDX-License-Identifier: GPL-2.0-only
/*
 * FIMG2D: validation of command lists.
 */

#include <linux/array_size.h>
#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "exynos_drm_g2d_check.h"
#include "exynos_drm_g2d_regs.h"

/**
 * DOC: G2D command checker
 *
 * The engine has one base address per operand and does not know the end of a buffer,
 * and all processes share one IOVA space. The checker therefore replays each list as the
 * engine will execute it: from the reset state, in order, the last value of a register
 * taking effect, one blit at the end. The final values determine which operands the
 * blit accesses and where.
 *
 * The rectangles bound all accesses: the engine brings each coordinate back into the
 * operand's rectangle, after scaling, rotation and repeat mode, before it forms an
 * address. The clip window can only exclude pixels. The whole rectangle of an operand
 * must be within its buffer; only the part within the clip window is reported as
 * written.
 *
 * All functions depend on nothing but their arguments. Coordinates have 16 bits and
 * strides 15, so 64 bits never overflow.
 */

/* Largest coordinate of the engine. */
#define G2D_LEN_MAX	8000

/* Vendor drivers write 16 bits; whether bit 15 is a sign bit is not documented. */
#define G2D_STRIDE_MAX	0x7fff

static const struct {
	u16 first, last;
} g2d_regs[] = {
	{ G2D_BITBLT_COMMAND, G2D_ROUND_MODE },
	{ G2D_ROTATE, G2D_DST_PAT_DIRECT },
	{ G2D_SRC_SELECT, G2D_SRC_YSCALE },
	{ G2D_DST_SELECT, G2D_DST_A8_RGB_EXT },
	{ G2D_PAT_BASE_ADDR, G2D_PAT_STRIDE },
	{ G2D_MASK_BASE_ADDR, G2D_MASK_YSCALE },
	{ G2D_CW_LEFT_TOP, G2D_CW_RIGHT_BOTTOM },
	{ G2D_THIRD_OPERAND, G2D_ALPHA },
	{ G2D_FG_COLOR, G2D_DST_COLORKEY_LAST },
	{ G2D_GAMMA_TABLE, G2D_GAMMA_TABLE_LAST },
};

/**
 * struct g2d_list - the list being validated
 * @cmds: pairs of register and value
 * @num: number of pairs
 * @reject: returned reason if the list is rejected
 */
struct g2d_list {
	const u32 *cmds;
	unsigned int num;
	struct g2d_reject *reject;
};

/**
 * struct g2d_rect - a rectangle of pixels
 * @left: first column
 * @top: first row
 * @right: last column plus one
 * @bottom: last row plus one
 */
struct g2d_rect {
	u32 left, top, right, bottom;
};

/**
 * struct g2d_plane - the accessed part of a plane
 * @begin: offset of the first byte in each row
 * @end: offset of the last byte in each row plus one
 * @stride: bytes from the start of a row to that of the next
 * @top: first row
 * @bottom: last row plus one
 */
struct g2d_plane {
	u64 begin, end, stride;
	u32 top, bottom;
};

static u32 g2d_value(const struct g2d_list *list, u32 reg)
{
	unsigned int i = list->num;

	while (i--) {
		if (list->cmds[2 * i] == reg)
			return list->cmds[2 * i + 1];
	}
	return reg == G2D_SRC_SELECT ? G2D_SELECT_FG : 0;
}

static int g2d_reject(const struct g2d_list *list, u32 reg, const char *why,
		      int error)
{
	list->reject->reg = reg;
	list->reject->why = why;
	return error;
}

static struct g2d_rect g2d_rect(const struct g2d_list *list, u32 lt, u32 rb)
{
	u32 first = g2d_value(list, lt);
	u32 last = g2d_value(list, rb);

	return (struct g2d_rect) {
		.left = FIELD_GET(G2D_POINT_X, first),
		.top = FIELD_GET(G2D_POINT_Y, first),
		.right = FIELD_GET(G2D_POINT_X, last),
		.bottom = FIELD_GET(G2D_POINT_Y, last),
	};
}

static bool g2d_rect_empty(const struct g2d_rect *r)
{
	return r->right <= r->left || r->bottom <= r->top;
}

/* The behaviour of the engine is undocumented for a right edge left of the left one. */
static bool g2d_rect_inside_out(const struct g2d_rect *r)
{
	return r->right < r->left || r->bottom < r->top;
}

/* The behaviour of the engine is undocumented for larger coordinates. */
static bool g2d_rect_beyond(const struct g2d_rect *r)
{
	return r->right > G2D_LEN_MAX || r->bottom > G2D_LEN_MAX;
}

static void g2d_rect_clip(const struct g2d_list *list, struct g2d_rect *r)
{
	struct g2d_rect clip;

	if (!(g2d_value(list, G2D_BITBLT_COMMAND) & G2D_BITBLT_COMMAND_CLIP))
		return;

	clip = g2d_rect(list, G2D_CW_LEFT_TOP, G2D_CW_RIGHT_BOTTOM);
	r->left = max(r->left, clip.left);
	r->top = max(r->top, clip.top);
	r->right = min(r->right, clip.right);
	r->bottom = min(r->bottom, clip.bottom);
}

/* Bytes per pixel of packed formats, 0 for all others. */
static unsigned int g2d_bpp(u32 mode)
{
	switch (FIELD_GET(G2D_COLOR_MODE_FORMAT, mode)) {
	case G2D_FORMAT_XRGB8888:
	case G2D_FORMAT_ARGB8888:
		return 4;
	case G2D_FORMAT_RGB565 ... G2D_FORMAT_ARGB4444:
		return 2;
	case G2D_FORMAT_RGB888:
		return 3;
	case G2D_FORMAT_A8:
	case G2D_FORMAT_L8:
		return 1;
	default:
		return 0;
	}
}

static bool g2d_two_planes(u32 mode)
{
	switch (FIELD_GET(G2D_COLOR_MODE_FORMAT, mode)) {
	case G2D_FORMAT_YCBCR444:
	case G2D_FORMAT_YCBCR422:
		return mode & G2D_COLOR_MODE_2_PLANES;
	case G2D_FORMAT_YCBCR420:
		return true;
	default:
		return false;
	}
}

static struct g2d_plane g2d_plane(const struct g2d_rect *r, u32 bpp, u32 stride)
{
	return (struct g2d_plane) {
		.begin = (u64)r->left * bpp,
		.end = (u64)r->right * bpp,
		.stride = stride,
		.top = r->top,
		.bottom = r->bottom,
	};
}

static int g2d_plane_1(const struct g2d_rect *r, u32 mode, u32 stride,
		       struct g2d_plane *p)
{
	unsigned int bpp = g2d_bpp(mode);

	switch (FIELD_GET(G2D_COLOR_MODE_FORMAT, mode)) {
	case G2D_FORMAT_YCBCR444:
		bpp = g2d_two_planes(mode) ? 1 : 3;
		break;
	case G2D_FORMAT_YCBCR422:
	case G2D_FORMAT_YCBCR420:
		bpp = 1;
		break;
	default:
		if (!bpp)
			return -EINVAL;
	}

	*p = g2d_plane(r, bpp, stride);
	if (FIELD_GET(G2D_COLOR_MODE_FORMAT, mode) == G2D_FORMAT_YCBCR422 &&
	    !g2d_two_planes(mode)) {
		p->begin = 2 * (u64)round_down(r->left, 2);
		p->end = 2 * (u64)round_up(r->right, 2);
	}
	return 0;
}

static struct g2d_plane g2d_plane_2(const struct g2d_rect *r, u32 mode,
				    u32 stride)
{
	struct g2d_plane p = g2d_plane(r, 1, stride);

	switch (FIELD_GET(G2D_COLOR_MODE_FORMAT, mode)) {
	case G2D_FORMAT_YCBCR444:
		p.begin *= 2;
		p.end *= 2;
		p.stride *= 2;
		break;
	case G2D_FORMAT_YCBCR420:
		p.top /= 2;
		p.bottom = DIV_ROUND_UP(p.bottom, 2);
		fallthrough;
	default:
		p.begin = round_down(p.begin, 2);
		p.end = round_up(p.end, 2);
	}
	return p;
}

/* @base: the register that takes the address of @buf */
static int g2d_fits(const struct g2d_list *list, u32 base,
		    const struct g2d_plane *p, const struct g2d_buffer *buf)
{
	if (!buf->given)
		return g2d_reject(list, base, "no buffer", -EINVAL);
	if ((p->bottom - 1) * p->stride + p->end > buf->size)
		return g2d_reject(list, base,
				  "the rectangle leaves the buffer", -EFAULT);
	return 0;
}

static int g2d_aligned(const struct g2d_list *list, u32 base, unsigned int bpp,
		       const struct g2d_buffer *buf)
{
	if (bpp == 3 || !bpp || buf->misalign % bpp == 0)
		return 0;
	return g2d_reject(list, base,
			  "the buffer is not aligned to the pixel size",
			  -EINVAL);
}

static void g2d_set_access(const struct g2d_plane *p, struct g2d_access *access)
{
	access->first = p->top * p->stride + p->begin;
	access->len = p->end - p->begin;
	access->stride = p->stride;
	access->rows = p->bottom - p->top;
}

/*
 * Checks the source or the destination, whose registers have the same layout: @regs is
 * the base address register. The first two of @bufs and @access are the planes.
 */
static int g2d_check_image(const struct g2d_list *list, u32 regs, bool accessed,
			   const struct g2d_buffer *bufs,
			   struct g2d_access *access)
{
	const u32 off = regs - G2D_SRC_BASE_ADDR;
	struct g2d_rect r = g2d_rect(list, G2D_SRC_LEFT_TOP + off,
				     G2D_SRC_RIGHT_BOTTOM + off);
	u32 mode = g2d_value(list, G2D_SRC_COLOR_MODE + off);
	u32 stride = g2d_value(list, G2D_SRC_STRIDE + off);
	struct g2d_plane p;
	int ret;

	if (!bufs[0].given && !accessed)
		return 0;

	if (g2d_rect_empty(&r))
		return g2d_reject(list, G2D_SRC_RIGHT_BOTTOM + off,
				  "the rectangle is empty", -EFAULT);
	if (g2d_rect_beyond(&r))
		return g2d_reject(list, G2D_SRC_RIGHT_BOTTOM + off,
				  "a coordinate is larger than 8000", -EFAULT);
	if (stride > G2D_STRIDE_MAX)
		return g2d_reject(list, G2D_SRC_STRIDE + off,
				  "the stride is larger than 32767", -EFAULT);

	ret = g2d_plane_1(&r, mode, stride, &p);
	if (ret)
		return g2d_reject(list, G2D_SRC_COLOR_MODE + off,
				  "unknown format", ret);
	ret = g2d_fits(list, regs, &p, &bufs[0]);
	if (ret || !accessed)
		return ret;

	ret = g2d_aligned(list, regs, g2d_bpp(mode), &bufs[0]);
	if (ret)
		return ret;

	if (g2d_two_planes(mode)) {
		p = g2d_plane_2(&r, mode, stride);
		ret = g2d_fits(list, G2D_SRC_PLANE2_BASE_ADDR + off, &p,
			       &bufs[1]);
		if (ret)
			return ret;
	}

	if (regs == G2D_DST_BASE_ADDR)
		g2d_rect_clip(list, &r);
	if (g2d_rect_empty(&r))
		return 0;

	g2d_plane_1(&r, mode, stride, &p);
	g2d_set_access(&p, &access[0]);
	if (g2d_two_planes(mode)) {
		p = g2d_plane_2(&r, mode, stride);
		g2d_set_access(&p, &access[1]);
	}
	return 0;
}

static int g2d_check_pattern(const struct g2d_list *list,
			     const struct g2d_buffer *buf,
			     struct g2d_access *access)
{
	u32 size = g2d_value(list, G2D_PAT_SIZE);
	u32 offset = g2d_value(list, G2D_PAT_OFFSET);
	u32 stride = g2d_value(list, G2D_PAT_STRIDE);
	struct g2d_rect r = {
		.right = FIELD_GET(G2D_POINT_X, size),
		.bottom = FIELD_GET(G2D_POINT_Y, size),
	};
	unsigned int bpp = g2d_bpp(g2d_value(list, G2D_PAT_COLOR_MODE));
	struct g2d_plane p;
	int ret;

	if (g2d_rect_empty(&r))
		return 0;
	if (g2d_rect_beyond(&r))
		return g2d_reject(list, G2D_PAT_SIZE,
				  "a coordinate is larger than 8000", -EFAULT);
	if (stride > G2D_STRIDE_MAX)
		return g2d_reject(list, G2D_PAT_STRIDE,
				  "the stride is larger than 32767", -EFAULT);
	if (FIELD_GET(G2D_POINT_X, offset) >= r.right ||
	    FIELD_GET(G2D_POINT_Y, offset) >= r.bottom)
		return g2d_reject(list, G2D_PAT_OFFSET,
				  "the offset is outside of the pattern",
				  -EFAULT);
	if (!bpp)
		return g2d_reject(list, G2D_PAT_COLOR_MODE, "unknown format",
				  -EINVAL);

	p = g2d_plane(&r, bpp, stride);
	ret = g2d_fits(list, G2D_PAT_BASE_ADDR, &p, buf) ?:
	      g2d_aligned(list, G2D_PAT_BASE_ADDR, bpp, buf);
	if (!ret)
		g2d_set_access(&p, access);
	return ret;
}

static int g2d_check_mask(const struct g2d_list *list,
			  const struct g2d_buffer *buf,
			  struct g2d_access *access)
{
	struct g2d_rect r = g2d_rect(list, G2D_MASK_LEFT_TOP,
				     G2D_MASK_RIGHT_BOTTOM);
	u32 stride = g2d_value(list, G2D_MASK_STRIDE);
	unsigned int bpp = 1;
	struct g2d_plane p;
	int ret;

	if (g2d_rect_inside_out(&r))
		return g2d_reject(list, G2D_MASK_RIGHT_BOTTOM,
				  "the rectangle ends before it begins",
				  -EFAULT);
	if (g2d_rect_empty(&r))
		return 0;
	if (g2d_rect_beyond(&r))
		return g2d_reject(list, G2D_MASK_RIGHT_BOTTOM,
				  "a coordinate is larger than 8000", -EFAULT);
	if (stride > G2D_STRIDE_MAX)
		return g2d_reject(list, G2D_MASK_STRIDE,
				  "the stride is larger than 32767", -EFAULT);

	switch (FIELD_GET(G2D_MASK_MODE_FORMAT,
			  g2d_value(list, G2D_MASK_MODE))) {
	case G2D_MASK_1BPP:
		r.left /= 8;
		r.right = DIV_ROUND_UP(r.right, 8);
		break;
	case G2D_MASK_4BPP:
		r.left /= 2;
		r.right = DIV_ROUND_UP(r.right, 2);
		break;
	case G2D_MASK_8BPP:
		break;
	case G2D_MASK_565 ... G2D_MASK_4444:
		bpp = 2;
		break;
	case G2D_MASK_8888:
		bpp = 4;
		break;
	default:
		return g2d_reject(list, G2D_MASK_MODE, "unknown format",
				  -EINVAL);
	}

	p = g2d_plane(&r, bpp, stride);
	ret = g2d_fits(list, G2D_MASK_BASE_ADDR, &p, buf) ?:
	      g2d_aligned(list, G2D_MASK_BASE_ADDR, bpp, buf);
	if (!ret)
		g2d_set_access(&p, access);
	return ret;
}

/* A ROP3 code depends on the third operand if its two halves differ. */
static bool g2d_rop3_third(u32 code)
{
	return ((code >> 4) ^ code) & 0xf;
}

static bool g2d_reads_pattern(const struct g2d_list *list, u32 command)
{
	u32 third = g2d_value(list, G2D_THIRD_OPERAND);
	u32 rop = g2d_value(list, G2D_ROP4);

	if (command & G2D_BITBLT_COMMAND_BLEND)
		return false;
	if (g2d_rop3_third(FIELD_GET(G2D_ROP4_UNMASKED, rop)) &&
	    FIELD_GET(G2D_THIRD_OPERAND_UNMASKED, third) ==
	    G2D_THIRD_OPERAND_PATTERN)
		return true;
	return command & G2D_BITBLT_COMMAND_MASK_ROP4 &&
	       g2d_rop3_third(FIELD_GET(G2D_ROP4_MASKED, rop)) &&
	       FIELD_GET(G2D_THIRD_OPERAND_MASKED, third) ==
	       G2D_THIRD_OPERAND_PATTERN;
}

/**
 * g2d_check_operand() - look up the operand of a base address register
 * @offset: register offset in bytes
 *
 * Context: Any.
 *
 * Return: an &enum g2d_operand, or -EINVAL if the register is not a base address.
 */
int g2d_check_operand(u32 offset)
{
	switch (offset) {
	case G2D_SRC_BASE_ADDR:
		return G2D_SRC;
	case G2D_SRC_PLANE2_BASE_ADDR:
		return G2D_SRC2;
	case G2D_DST_BASE_ADDR:
		return G2D_DST;
	case G2D_DST_PLANE2_BASE_ADDR:
		return G2D_DST2;
	case G2D_PAT_BASE_ADDR:
		return G2D_PAT;
	case G2D_MASK_BASE_ADDR:
		return G2D_MASK;
	default:
		return -EINVAL;
	}
}

/*
 * Reject modes in which the engine may leave the rectangle. Scaling mode 3 is bilinear
 * but ignores the repeat mode at the edges (Samsung's fimg2d4x_hw.c); reserved modes are
 * undocumented.
 */
static const struct {
	u16 reg, last;
} g2d_modes[] = {
	{ G2D_SRC_REPEAT_MODE, G2D_REPEAT_NONE },
	{ G2D_SRC_SCALE_CTRL, G2D_SCALE_BILINEAR },
	{ G2D_MASK_REPEAT_MODE, G2D_MASK_REPEAT_CLAMP },
	{ G2D_MASK_SCALE_CTRL, G2D_SCALE_BILINEAR },
};

static int g2d_check_modes(const struct g2d_list *list)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(g2d_modes); i++) {
		if (g2d_value(list, g2d_modes[i].reg) > g2d_modes[i].last)
			return g2d_reject(list, g2d_modes[i].reg,
					  "unknown mode", -EINVAL);
	}
	return 0;
}

/**
 * g2d_check_reg() - check whether userspace may write a register
 * @offset: register offset in bytes
 *
 * Base addresses are only accepted as buffers; registers that start, stop or interrupt
 * the engine are never accepted.
 *
 * Context: Any.
 *
 * Return: true if userspace may write the register.
 */
bool g2d_check_reg(u32 offset)
{
	unsigned int i;

	if (offset % 4 || g2d_check_operand(offset) >= 0)
		return false;

	for (i = 0; i < ARRAY_SIZE(g2d_regs); i++) {
		if (offset >= g2d_regs[i].first && offset <= g2d_regs[i].last)
			return true;
	}
	return false;
}

/**
 * g2d_check_list() - validate a command list against its buffers
 * @cmds: pairs of register and value, each register accepted by g2d_check_reg()
 * @num_cmds: number of pairs
 * @bufs: buffer of each operand
 * @access: returned bytes that the blit accesses
 * @reject: returned reason if the list is rejected
 *
 * Context: Any.
 *
 * Return: 0; -EFAULT if an operand exceeds its buffer or has an invalid size; -EINVAL if
 * a buffer is missing, misaligned or of unknown format, or a mode is reserved; -EACCES
 * if the destination is read-only.
 */
int g2d_check_list(const u32 *cmds, unsigned int num_cmds,
		   const struct g2d_buffer bufs[G2D_NUM_OPERANDS],
		   struct g2d_access access[G2D_NUM_OPERANDS],
		   struct g2d_reject *reject)
{
	const struct g2d_list list = {
		.cmds = cmds,
		.num = num_cmds,
		.reject = reject,
	};
	u32 command = g2d_value(&list, G2D_BITBLT_COMMAND);
	bool reads = !(command & G2D_BITBLT_COMMAND_FILL);
	struct g2d_rect dst = g2d_rect(&list, G2D_DST_LEFT_TOP,
				       G2D_DST_RIGHT_BOTTOM);
	u32 select;
	bool src;
	int ret;

	memset(access, 0, G2D_NUM_OPERANDS * sizeof(*access));

	ret = g2d_check_modes(&list);
	if (ret)
		return ret;

	if (g2d_rect_inside_out(&dst))
		return g2d_reject(&list, G2D_DST_RIGHT_BOTTOM,
				  "the rectangle ends before it begins",
				  -EFAULT);

	if (bufs[G2D_DST].readonly)
		return g2d_reject(&list, G2D_DST_BASE_ADDR,
				  "the buffer is read-only", -EACCES);
	if (bufs[G2D_DST2].readonly)
		return g2d_reject(&list, G2D_DST_PLANE2_BASE_ADDR,
				  "the buffer is read-only", -EACCES);

	/* A list that only sets registers needs no destination. */
	ret = g2d_check_image(&list, G2D_DST_BASE_ADDR, !g2d_rect_empty(&dst),
			      &bufs[G2D_DST], &access[G2D_DST]);
	if (ret)
		return ret;

	if (g2d_rect_empty(&dst))
		reads = false;

	select = FIELD_GET(G2D_SELECT, g2d_value(&list, G2D_SRC_SELECT));
	src = reads && select != G2D_SELECT_FG && select != G2D_SELECT_BG;
	ret = g2d_check_image(&list, G2D_SRC_BASE_ADDR, src, &bufs[G2D_SRC],
			      &access[G2D_SRC]);
	if (ret)
		return ret;

	if (bufs[G2D_PAT].given ||
	    (reads && g2d_reads_pattern(&list, command))) {
		ret = g2d_check_pattern(&list, &bufs[G2D_PAT],
					&access[G2D_PAT]);
		if (ret)
			return ret;
	}

	if (bufs[G2D_MASK].given ||
	    (reads && command & (G2D_BITBLT_COMMAND_MASK_ROP4 |
				 G2D_BITBLT_COMMAND_MASKING)))
		return g2d_check_mask(&list, &bufs[G2D_MASK],
				      &access[G2D_MASK]);
	return 0;
}
