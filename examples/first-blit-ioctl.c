// SPDX-License-Identifier: MIT
/* A blit between two arrays of malloc(), without a library. README.md has how to build it. */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <exynos_drm.h>
#include <exynos_drm_userptr.h>

enum { WIDTH = 320, HEIGHT = 200, SIZE = WIDTH * HEIGHT * 4, ARGB8888 = 1, MEMORY = 0 };

/* Registers of the engine; the others keep their reset values. */
enum {
	SRC_SELECT = 0x300, SRC_BASE = 0x304, SRC_STRIDE = 0x308, SRC_COLOR_MODE = 0x30c,
	SRC_LEFT_TOP = 0x310, SRC_RIGHT_BOTTOM = 0x314,
	DST_BASE = 0x404, DST_STRIDE = 0x408, DST_COLOR_MODE = 0x40c,
	DST_LEFT_TOP = 0x410, DST_RIGHT_BOTTOM = 0x414, ROP4 = 0x614, ROP4_COPY = 0xcc,
};

int main(void)
{
	uint32_t *from = malloc(SIZE), *to = calloc(1, SIZE);
	struct drm_exynos_get_param has = { .param = EXYNOS_PARAM_USERPTR_FEATURES };
	struct drm_exynos_gem_userptr src = { .userptr = (uintptr_t)from, .size = SIZE,
					      .flags = EXYNOS_USERPTR_READONLY };
	struct drm_exynos_gem_userptr dst = { .userptr = (uintptr_t)to, .size = SIZE };
	struct drm_exynos_g2d_exec exec = { .async = 0 };
	int fd = open("/dev/dri/renderD128", O_RDWR | O_CLOEXEC), i;

	if (fd < 0 || !from || !to)
		return perror("/dev/dri/renderD128"), 1;
	if (ioctl(fd, DRM_IOCTL_EXYNOS_GET_PARAM, &has))
		return fprintf(stderr, "this kernel cannot blit user memory\n"), 1;

	for (i = 0; i < WIDTH * HEIGHT; i++)
		from[i] = i * 0x10203;

	if (ioctl(fd, DRM_IOCTL_EXYNOS_GEM_USERPTR, &src) ||
	    ioctl(fd, DRM_IOCTL_EXYNOS_GEM_USERPTR, &dst))
		return perror("EXYNOS_GEM_USERPTR"), 1;

	/* A command list: what goes into registers, and which buffers they take. */
	const struct drm_exynos_g2d_cmd cmds[] = {
		{ SRC_SELECT, MEMORY }, { SRC_COLOR_MODE, ARGB8888 }, { SRC_STRIDE, WIDTH * 4 },
		{ SRC_LEFT_TOP, 0 }, { SRC_RIGHT_BOTTOM, HEIGHT << 16 | WIDTH },
		{ DST_COLOR_MODE, ARGB8888 }, { DST_STRIDE, WIDTH * 4 },
		{ DST_LEFT_TOP, 0 }, { DST_RIGHT_BOTTOM, HEIGHT << 16 | WIDTH },
		{ ROP4, ROP4_COPY },
	};
	const struct drm_exynos_g2d_cmd bufs[] = { { SRC_BASE, src.handle }, { DST_BASE, dst.handle } };
	struct drm_exynos_g2d_set_cmdlist list = {
		.cmd = (uintptr_t)cmds, .cmd_nr = sizeof(cmds) / sizeof(cmds[0]),
		.cmd_buf = (uintptr_t)bufs, .cmd_buf_nr = sizeof(bufs) / sizeof(bufs[0]),
	};

	if (ioctl(fd, DRM_IOCTL_EXYNOS_G2D_SET_CMDLIST, &list))
		return perror("EXYNOS_G2D_SET_CMDLIST"), 1;
	/* Returns when the pixels are there. */
	if (ioctl(fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &exec))
		return perror("EXYNOS_G2D_EXEC"), 1;
	printf("the engine has copied %d pixels: %s\n", WIDTH * HEIGHT,
	       memcmp(from, to, SIZE) ? "they differ" : "all are right");

	return memcmp(from, to, SIZE) != 0;
}
