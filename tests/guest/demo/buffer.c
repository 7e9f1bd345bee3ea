// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffer.h"

#define MARGIN 4096
#define MARGIN_BYTE 0xa5

struct buffer buffer_alloc(unsigned int width, unsigned int height, unsigned int odd)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct buffer b = {
		.size = (size_t)width * height * 4,
		.image = {
			.stride = width * 4,
			.width = width,
			.height = height,
			.format = G2D_ARGB8888,
		},
	};

	b.block_size = b.size + 2 * MARGIN + page;
	b.block = malloc(b.block_size);
	if (!b.block) {
		fprintf(stderr, "demo: no memory\n");
		exit(1);
	}
	memset(b.block, MARGIN_BYTE, b.block_size);
	b.ptr = (uint8_t *)(((uintptr_t)b.block + MARGIN) & ~(page - 1)) + odd * 4;
	if (b.ptr < b.block)
		b.ptr += page;
	return b;
}

int buffer_import(int fd, struct buffer *b)
{
	return exynos_gem_userptr(fd, b->ptr, b->size, 0, &b->image.handle);
}

void buffer_free(struct buffer *b)
{
	free(b->block);
	memset(b, 0, sizeof(*b));
}

const char *buffer_placement(const void *ptr, size_t size)
{
	static char text[96];
	size_t page = sysconf(_SC_PAGESIZE);

	snprintf(text, sizeof(text), "starts %zu bytes into a page, size is %zu pages and %zu bytes",
		 (size_t)((uintptr_t)ptr % page), size / page, size % page);
	return text;
}
