// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "buffer.h"

#define MARGIN 4096
#define MARGIN_BYTE 0xa5

static struct buffer shape(unsigned int width, unsigned int height)
{
	struct buffer b = {
		.size = (size_t)width * height * 4,
		.image = {
			.stride = width * 4,
			.width = width,
			.height = height,
			.format = G2D_ARGB8888,
		},
	};

	b.block_size = b.size + 2 * MARGIN + sysconf(_SC_PAGESIZE);
	return b;
}

static void place(struct buffer *b, unsigned int odd)
{
	size_t page = sysconf(_SC_PAGESIZE);

	memset(b->block, MARGIN_BYTE, b->block_size);
	b->ptr = (uint8_t *)(((uintptr_t)b->block + MARGIN) & ~(page - 1)) + odd * 4;
	if (b->ptr < b->block)
		b->ptr += page;
}

struct buffer buffer_alloc(unsigned int width, unsigned int height, unsigned int odd)
{
	struct buffer b = shape(width, height);

	b.block = malloc(b.block_size);
	if (!b.block) {
		fprintf(stderr, "demo: no memory\n");
		exit(1);
	}
	place(&b, odd);
	return b;
}

int buffer_alloc_heap(unsigned int width, unsigned int height, unsigned int odd,
		      struct buffer *b)
{
	int heap = open("/dev/dma_heap/system", O_RDONLY | O_CLOEXEC), ret;
	struct dma_heap_allocation_data data = { .fd_flags = O_RDWR | O_CLOEXEC };

	if (heap < 0)
		return -errno;
	*b = shape(width, height);
	data.len = b->block_size;
	ret = ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data) ? -errno : 0;
	close(heap);
	if (ret)
		return ret;
	b->block = mmap(NULL, b->block_size, PROT_READ | PROT_WRITE, MAP_SHARED, data.fd, 0);
	ret = b->block == MAP_FAILED ? -errno : 0;
	/* The mapping keeps the buffer. */
	close(data.fd);
	if (ret)
		return ret;
	b->mapped = true;
	place(b, odd);
	return 0;
}

int buffer_import(int fd, struct buffer *b)
{
	return exynos_gem_userptr(fd, b->ptr, b->size, 0, &b->image.handle);
}

void buffer_free(struct buffer *b)
{
	if (b->mapped)
		munmap(b->block, b->block_size);
	else
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
