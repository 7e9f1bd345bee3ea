/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DEMO_PICTURE_H
#define DEMO_PICTURE_H

#include <stdint.h>

/**
 * struct picture - pixels in memory of our own
 * @pixels: ARGB8888, rows without gaps, from malloc()
 * @width: pixels in a row
 * @height: rows
 */
struct picture {
	uint32_t *pixels;
	unsigned int width;
	unsigned int height;
};

/**
 * picture_read - decode a JPEG or PNG file
 * @path: file
 * @min_width: JPEGs are decoded in the smallest size libjpeg can make that is
 * @min_height:	at least this large, which is much faster
 * @p: the picture; alpha is 0xff for every pixel
 *
 * Return: NULL, or why it could not be read.
 */
const char *picture_read(const char *path, unsigned int min_width, unsigned int min_height,
			 struct picture *p);

/** picture_write_png - write without alpha; return NULL or what went wrong */
const char *picture_write_png(const char *path, const struct picture *p);

/** picture_alloc - a picture of one colour; exits when there is no memory */
struct picture picture_alloc(unsigned int width, unsigned int height, uint32_t colour);

/**
 * picture_fit - scale and crop to exactly this size
 * @p: picture, not changed
 * @width: of the result
 * @height: of the result
 *
 * Each pixel is the mean of those it stands for; what does not have the wanted
 * shape loses its borders.
 */
struct picture picture_fit(const struct picture *p, unsigned int width, unsigned int height);

void picture_free(struct picture *p);

#endif /* DEMO_PICTURE_H */
