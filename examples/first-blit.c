// SPDX-License-Identifier: MIT
/* A blit between two arrays of malloc(), with libdrm. README.md has how to build it. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xf86drm.h>
#include <exynos_drmif.h>
#include <exynos_fimg2d.h>

enum { WIDTH = 320, HEIGHT = 200, SIZE = WIDTH * HEIGHT * 4 };

int main(void)
{
	uint32_t *from = malloc(SIZE), *to = calloc(1, SIZE);
	int fd = drmOpen("exynos", NULL), i;
	struct exynos_device *dev = exynos_device_create(fd);
	struct exynos_bo *src, *dst;
	struct g2d_image src_image, dst_image;
	struct g2d_context *ctx;

	if (fd < 0 || !dev || !from || !to)
		return fprintf(stderr, "there is no Exynos DRM device\n"), 1;
	if (!exynos_has_userptr(dev, 0))
		return fprintf(stderr, "this kernel cannot blit user memory\n"), 1;

	for (i = 0; i < WIDTH * HEIGHT; i++)
		from[i] = i * 0x10203;

	/* Handles of our memory. Both stay valid whatever is done to the memory. */
	src = exynos_bo_create_userptr(dev, from, SIZE, EXYNOS_USERPTR_READONLY);
	dst = exynos_bo_create_userptr(dev, to, SIZE, 0);
	ctx = g2d_init(fd);
	if (!src || !dst || !ctx)
		return 1;
	g2d_image_init_bo(&src_image, src, G2D_COLOR_FMT_ARGB8888, WIDTH, HEIGHT, WIDTH * 4);
	g2d_image_init_bo(&dst_image, dst, G2D_COLOR_FMT_ARGB8888, WIDTH, HEIGHT, WIDTH * 4);

	/* g2d_exec() returns when the pixels are there. */
	if (g2d_copy(ctx, &src_image, &dst_image, 0, 0, 0, 0, WIDTH, HEIGHT) || g2d_exec(ctx))
		return 1;
	printf("the engine has copied %d pixels: %s\n", WIDTH * HEIGHT,
	       memcmp(from, to, SIZE) ? "they differ" : "all are right");

	return memcmp(from, to, SIZE) != 0;
}
