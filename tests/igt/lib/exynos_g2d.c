// SPDX-License-Identifier: MIT
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "exynos_g2d.h"

unsigned int g2d_bytes_per_pixel(enum g2d_format format)
{
	switch (format) {
	case G2D_XRGB8888:
	case G2D_ARGB8888:
		return 4;
	case G2D_RGB888:
		return 3;
	case G2D_RGB565:
		return 2;
	case G2D_A8:
	case G2D_L8:
		return 1;
	}
	assert(!"unknown format");
	return 0;
}

struct g2d_rect g2d_whole(const struct g2d_image *image)
{
	return (struct g2d_rect){ .w = image->width, .h = image->height };
}

void g2d_list_init(struct g2d_list *list)
{
	memset(list, 0, sizeof(*list));
}

void g2d_reg(struct g2d_list *list, uint32_t offset, uint32_t value)
{
	assert(list->num_cmd < sizeof(list->cmd) / sizeof(list->cmd[0]));
	list->cmd[list->num_cmd++] = (struct drm_exynos_g2d_cmd){ offset, value };
}

void g2d_buf(struct g2d_list *list, uint32_t base_register, const struct g2d_image *image)
{
	unsigned int i = list->num_buf++;

	assert(i < sizeof(list->buf) / sizeof(list->buf[0]));
	if (image->handle) {
		list->buf[i] = (struct drm_exynos_g2d_cmd){ base_register, image->handle };
		return;
	}
	/* The entry has 32 bits for the pointer: filled in when the list is queued. */
	list->user[i] = image->user;
	list->buf[i].offset = base_register | G2D_BUF_USERPTR;
}

static uint32_t xy(uint32_t x, uint32_t y)
{
	return x | y << 16;
}

void g2d_src(struct g2d_list *list, const struct g2d_image *image, struct g2d_rect r)
{
	g2d_reg(list, G2D_SRC_SELECT, G2D_SELECT_MEMORY);
	g2d_reg(list, G2D_SRC_COLOR_MODE, image->format);
	g2d_reg(list, G2D_SRC_STRIDE, image->stride);
	g2d_reg(list, G2D_SRC_LEFT_TOP, xy(r.x, r.y));
	g2d_reg(list, G2D_SRC_RIGHT_BOTTOM, xy(r.x + r.w, r.y + r.h));
	g2d_buf(list, G2D_SRC_BASE, image);
}

void g2d_dst(struct g2d_list *list, const struct g2d_image *image, struct g2d_rect r)
{
	g2d_reg(list, G2D_DST_COLOR_MODE, image->format);
	g2d_reg(list, G2D_DST_STRIDE, image->stride);
	g2d_reg(list, G2D_DST_LEFT_TOP, xy(r.x, r.y));
	g2d_reg(list, G2D_DST_RIGHT_BOTTOM, xy(r.x + r.w, r.y + r.h));
	g2d_buf(list, G2D_DST_BASE, image);
}

void g2d_fill(struct g2d_list *list, const struct g2d_image *dst, struct g2d_rect r,
	      uint32_t colour)
{
	g2d_list_init(list);
	g2d_reg(list, G2D_DST_SELECT, G2D_SELECT_MEMORY);
	g2d_dst(list, dst, r);
	g2d_reg(list, G2D_SF_COLOR, colour);
	g2d_reg(list, G2D_BITBLT_COMMAND, G2D_CMD_SOLID_FILL);
}

/*
 * A destination that takes no part in the result is selected as background
 * colour, which keeps the engine from reading it.
 */
void g2d_copy(struct g2d_list *list, const struct g2d_image *src, struct g2d_rect from,
	      const struct g2d_image *dst, uint32_t x, uint32_t y)
{
	g2d_list_init(list);
	g2d_reg(list, G2D_DST_SELECT, G2D_SELECT_BG);
	g2d_src(list, src, from);
	g2d_dst(list, dst, (struct g2d_rect){ x, y, from.w, from.h });
	g2d_reg(list, G2D_ROP4, G2D_ROP4_SRCCOPY);
}

void g2d_scale(struct g2d_list *list, const struct g2d_image *src, struct g2d_rect from,
	       const struct g2d_image *dst, struct g2d_rect to, enum g2d_filter filter)
{
	g2d_list_init(list);
	g2d_reg(list, G2D_DST_SELECT, G2D_SELECT_BG);
	g2d_src(list, src, from);
	g2d_dst(list, dst, to);
	g2d_reg(list, G2D_SRC_REPEAT_MODE, G2D_REPEAT_CLAMP);
	g2d_reg(list, G2D_SRC_SCALE_CTRL, filter);
	g2d_reg(list, G2D_SRC_XSCALE, ((uint64_t)from.w << 16) / to.w);
	g2d_reg(list, G2D_SRC_YSCALE, ((uint64_t)from.h << 16) / to.h);
	g2d_reg(list, G2D_ROP4, G2D_ROP4_SRCCOPY);
}

void g2d_rotate90(struct g2d_list *list, const struct g2d_image *src, struct g2d_rect from,
		  const struct g2d_image *dst, uint32_t x, uint32_t y)
{
	g2d_list_init(list);
	g2d_reg(list, G2D_DST_SELECT, G2D_SELECT_BG);
	g2d_src(list, src, from);
	g2d_dst(list, dst, (struct g2d_rect){ x, y, from.h, from.w });
	g2d_reg(list, G2D_ROTATE, G2D_ROTATE_SRC_90);
	g2d_reg(list, G2D_ROP4, G2D_ROP4_SRCCOPY);
}

void g2d_blend(struct g2d_list *list, const struct g2d_image *src, struct g2d_rect from,
	       const struct g2d_image *dst, uint32_t x, uint32_t y)
{
	g2d_list_init(list);
	g2d_reg(list, G2D_DST_SELECT, G2D_SELECT_MEMORY);
	g2d_src(list, src, from);
	g2d_dst(list, dst, (struct g2d_rect){ x, y, from.w, from.h });
	g2d_reg(list, G2D_BITBLT_COMMAND, G2D_CMD_ALPHA_BLEND);
	g2d_reg(list, G2D_BLEND_FUNCTION,
		G2D_BLEND(G2D_COEFF_SRC_ALPHA, G2D_COEFF_SRC_ALPHA) | G2D_BLEND_INV_DST);
}

static int call(int fd, unsigned long request, void *arg)
{
	int ret;

	do
		ret = ioctl(fd, request, arg);
	while (ret == -1 && (errno == EINTR || errno == EAGAIN));
	return ret == -1 ? -errno : 0;
}

int exynos_gem_create(int fd, uint64_t size, uint32_t flags, uint32_t *handle)
{
	struct drm_exynos_gem_create req = { .size = size, .flags = flags };
	int ret = call(fd, DRM_IOCTL_EXYNOS_GEM_CREATE, &req);

	*handle = ret ? 0 : req.handle;
	return ret;
}

int exynos_gem_userptr_raw(int fd, uint64_t ptr, uint64_t size, uint32_t flags, uint32_t *handle)
{
	struct drm_exynos_gem_userptr req = { .userptr = ptr, .size = size, .flags = flags };
	int ret = call(fd, DRM_IOCTL_EXYNOS_GEM_USERPTR, &req);

	*handle = ret ? 0 : req.handle;
	return ret;
}

int exynos_gem_userptr(int fd, const void *ptr, uint64_t size, uint32_t flags, uint32_t *handle)
{
	return exynos_gem_userptr_raw(fd, (uintptr_t)ptr, size, flags, handle);
}

int exynos_gem_get(int fd, uint32_t handle, uint32_t *flags, uint64_t *size)
{
	struct drm_exynos_gem_info info = { .handle = handle };
	int ret = call(fd, DRM_IOCTL_EXYNOS_GEM_GET, &info);

	*flags = info.flags;
	*size = info.size;
	return ret;
}

int exynos_gem_close(int fd, uint32_t handle)
{
	struct drm_gem_close req = { .handle = handle };

	return call(fd, DRM_IOCTL_GEM_CLOSE, &req);
}

int exynos_get_param(int fd, uint32_t param, uint64_t *value)
{
	struct drm_exynos_get_param req = { .param = param };
	int ret = call(fd, DRM_IOCTL_EXYNOS_GET_PARAM, &req);

	*value = req.value;
	return ret;
}

int g2d_queue(int fd, const struct g2d_list *list)
{
	struct drm_exynos_g2d_cmd buf[sizeof(list->buf) / sizeof(list->buf[0])];
	struct drm_exynos_g2d_set_cmdlist req = {
		.cmd = (uintptr_t)list->cmd,
		.cmd_nr = list->num_cmd,
		.cmd_buf = (uintptr_t)buf,
		.cmd_buf_nr = list->num_buf,
		.event_type = list->event ? G2D_EVENT_NONSTOP : G2D_EVENT_NOT,
		.user_data = list->user_data,
	};
	unsigned int i;

	for (i = 0; i < list->num_buf; i++) {
		buf[i] = list->buf[i];
		if (buf[i].offset & G2D_BUF_USERPTR)
			buf[i].data = (uintptr_t)&list->user[i];
	}
	return call(fd, DRM_IOCTL_EXYNOS_G2D_SET_CMDLIST, &req);
}

int g2d_exec(int fd, bool async)
{
	struct drm_exynos_g2d_exec req = { .async = async };

	return call(fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req);
}

int g2d_run(int fd, const struct g2d_list *list)
{
	return g2d_queue(fd, list) ?: g2d_exec(fd, false);
}

int g2d_wait_event(int fd, uint64_t *user_data, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct drm_exynos_g2d_event event;
	int ret;

	do
		ret = poll(&p, 1, timeout_ms);
	while (ret == -1 && errno == EINTR);
	if (ret <= 0)
		return ret ? -errno : -ETIMEDOUT;
	ret = read(fd, &event, sizeof(event));
	if (ret < 0)
		return -errno;
	if (ret != sizeof(event) || event.base.type != DRM_EXYNOS_G2D_EVENT)
		return -EPROTO;
	if (user_data)
		*user_data = event.user_data;
	return 0;
}
