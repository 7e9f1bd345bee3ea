/* SPDX-License-Identifier: GPL-2.0-only */
/* malloc'd or foreign memory with a start that is deliberately odd, and margins to watch. */
#ifndef DEMO_BUFFER_H
#define DEMO_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exynos_g2d.h"

/**
 * struct buffer - pixels somewhere inside of a block of memory
 * @block: what malloc() or mmap() returned
 * @block_size: its size
 * @mapped: it is another driver's
 * @ptr: first pixel: a multiple of the pixel size, not of a page or cache line
 * @size: bytes of pixels, not a multiple of a page
 * @image: what a command list needs to know; @image.handle is the GEM handle
 */
struct buffer {
	uint8_t *block;
	size_t block_size;
	bool mapped;
	uint8_t *ptr;
	size_t size;
	struct g2d_image image;
};

/**
 * buffer_alloc - memory for ARGB8888 pixels
 * @width: pixels in a row
 * @height: rows
 * @odd: how many pixels to start after the beginning of a page
 *
 * Exits when there is no memory.  The block is filled with one byte value.
 */
struct buffer buffer_alloc(unsigned int width, unsigned int height, unsigned int odd);

/**
 * buffer_alloc_heap - the same in memory of the system dma-heap
 * @width: pixels in a row
 * @height: rows
 * @odd: how many pixels to start after the beginning of a page
 * @b: the buffer
 *
 * Return: 0 or -errno, where there is no such heap.
 */
int buffer_alloc_heap(unsigned int width, unsigned int height, unsigned int odd,
		      struct buffer *b);

/** buffer_import - give it a GEM handle; return 0 or -errno */
int buffer_import(int fd, struct buffer *b);

void buffer_free(struct buffer *b);

/** describe how a range lies in its pages: "starts 148 bytes into a page, ..." */
const char *buffer_placement(const void *ptr, size_t size);

#endif /* DEMO_BUFFER_H */
