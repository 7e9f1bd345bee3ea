/* SPDX-License-Identifier: MIT */
/*
 * Command lists for FIMG2D, and the ioctls that make buffers and run lists.
 * Nothing in here asserts: every function that can fail returns 0 or -errno,
 * so that a test can check for the error and a program can report it.
 */
#ifndef EXYNOS_G2D_H
#define EXYNOS_G2D_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drm.h"
#include "exynos_drm.h"
#include "exynos_drm_userptr.h"

/* Registers, offsets in bytes. */
#define G2D_BITBLT_COMMAND		0x104
#define  G2D_CMD_CLIP			(1 << 8)
#define  G2D_CMD_ALPHA_BLEND		(1 << 20)
#define  G2D_CMD_SOLID_FILL		(1 << 28)
#define G2D_BLEND_FUNCTION		0x108
#define  G2D_COEFF_ONE			0
#define  G2D_COEFF_SRC_ALPHA		2
#define  G2D_BLEND(src, dst)		((src) | (dst) << 8)
#define  G2D_BLEND_INV_DST		(1 << 18)
#define G2D_ROUND_MODE			0x10c
#define G2D_ROTATE			0x200
#define  G2D_ROTATE_SRC_90		(1 << 0)
#define G2D_SRC_MASK_DIRECT		0x204
#define G2D_DST_PAT_DIRECT		0x208
#define G2D_SRC_SELECT			0x300
#define G2D_SRC_BASE			0x304
#define G2D_SRC_STRIDE			0x308
#define G2D_SRC_COLOR_MODE		0x30c
#define G2D_SRC_LEFT_TOP		0x310
#define G2D_SRC_RIGHT_BOTTOM		0x314
#define G2D_SRC_REPEAT_MODE		0x31c
#define  G2D_REPEAT_CLAMP		3
#define G2D_SRC_SCALE_CTRL		0x328
#define G2D_SRC_XSCALE			0x32c
#define G2D_SRC_YSCALE			0x330
#define G2D_DST_SELECT			0x400
#define G2D_DST_BASE			0x404
#define G2D_DST_STRIDE			0x408
#define G2D_DST_COLOR_MODE		0x40c
#define G2D_DST_LEFT_TOP		0x410
#define G2D_DST_RIGHT_BOTTOM		0x414
#define G2D_ROP4			0x614
#define  G2D_ROP4_SRCCOPY		0xcc
#define G2D_ALPHA			0x618
#define G2D_FG_COLOR			0x700
#define G2D_BG_COLOR			0x704
#define G2D_SF_COLOR			0x70c

#define G2D_SELECT_MEMORY		0
#define G2D_SELECT_FG			1
#define G2D_SELECT_BG			2

enum g2d_format {
	G2D_XRGB8888 = 0,
	G2D_ARGB8888 = 1,
	G2D_RGB565 = 2,
	G2D_RGB888 = 7,
	G2D_A8 = 11,
	G2D_L8 = 12,
};

enum g2d_filter {
	G2D_NEAREST = 1,
	G2D_BILINEAR = 2,
};

/**
 * struct g2d_image - pixels that a list reads or writes
 * @handle: GEM handle; 0 passes @user in the list (G2D_BUF_USERPTR)
 * @user: address and size in bytes for G2D_BUF_USERPTR
 * @stride: bytes from one row to the next
 * @width: pixels in a row
 * @height: rows
 * @format: how a pixel lies in memory
 */
struct g2d_image {
	uint32_t handle;
	struct drm_exynos_g2d_userptr user;
	uint32_t stride;
	uint32_t width;
	uint32_t height;
	enum g2d_format format;
};

struct g2d_rect {
	uint32_t x, y, w, h;
};

/**
 * struct g2d_list - one command list under construction
 * @cmd: (offset, value) pairs
 * @num_cmd: pairs in @cmd
 * @buf: (base register, buffer) pairs
 * @num_buf: pairs in @buf
 * @user: what G2D_BUF_USERPTR entries of @buf point to
 * @event: ask for an event with @user_data when the list is done
 * @user_data: comes back in the event
 */
struct g2d_list {
	struct drm_exynos_g2d_cmd cmd[128];
	unsigned int num_cmd;
	struct drm_exynos_g2d_cmd buf[8];
	unsigned int num_buf;
	struct drm_exynos_g2d_userptr user[8];
	bool event;
	uint64_t user_data;
};

unsigned int g2d_bytes_per_pixel(enum g2d_format format);
struct g2d_rect g2d_whole(const struct g2d_image *image);

/* Building: a list starts empty and describes one blit. */
void g2d_list_init(struct g2d_list *list);
void g2d_reg(struct g2d_list *list, uint32_t offset, uint32_t value);
void g2d_buf(struct g2d_list *list, uint32_t base_register, const struct g2d_image *image);
void g2d_src(struct g2d_list *list, const struct g2d_image *image, struct g2d_rect r);
void g2d_dst(struct g2d_list *list, const struct g2d_image *image, struct g2d_rect r);

/* Whole blits.  Rectangles are in pixels from the image's first. */
void g2d_fill(struct g2d_list *list, const struct g2d_image *dst, struct g2d_rect r,
	      uint32_t colour);
void g2d_copy(struct g2d_list *list, const struct g2d_image *src, struct g2d_rect from,
	      const struct g2d_image *dst, uint32_t x, uint32_t y);
void g2d_scale(struct g2d_list *list, const struct g2d_image *src, struct g2d_rect from,
	       const struct g2d_image *dst, struct g2d_rect to, enum g2d_filter filter);
void g2d_rotate90(struct g2d_list *list, const struct g2d_image *src, struct g2d_rect from,
		  const struct g2d_image *dst, uint32_t x, uint32_t y);
void g2d_blend(struct g2d_list *list, const struct g2d_image *src, struct g2d_rect from,
	       const struct g2d_image *dst, uint32_t x, uint32_t y);

/* Ioctls.  All return 0 or -errno and restart on a signal. */
int exynos_gem_create(int fd, uint64_t size, uint32_t flags, uint32_t *handle);
int exynos_gem_userptr(int fd, const void *ptr, uint64_t size, uint32_t flags, uint32_t *handle);
int exynos_gem_userptr_raw(int fd, uint64_t ptr, uint64_t size, uint32_t flags, uint32_t *handle);
int exynos_gem_get(int fd, uint32_t handle, uint32_t *flags, uint64_t *size);
int exynos_gem_close(int fd, uint32_t handle);
int exynos_get_param(int fd, uint32_t param, uint64_t *value);
int g2d_queue(int fd, const struct g2d_list *list);
int g2d_exec(int fd, bool async);
int g2d_run(int fd, const struct g2d_list *list);

/**
 * g2d_wait_event - wait for the event of a list that asked for one
 * @fd: DRM file the list was queued on
 * @user_data: where the event's user data goes, or NULL
 * @timeout_ms: how long to wait
 *
 * Return: 0, -ETIMEDOUT, -EPROTO when something else than a G2D event came, or
 * what poll() or read() failed with.
 */
int g2d_wait_event(int fd, uint64_t *user_data, int timeout_ms);

#endif /* EXYNOS_G2D_H */
