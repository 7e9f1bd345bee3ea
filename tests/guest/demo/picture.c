// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

#include "picture.h"

static void *need(void *p)
{
	if (!p) {
		fprintf(stderr, "demo: no memory\n");
		exit(1);
	}
	return p;
}

struct picture picture_alloc(unsigned int width, unsigned int height, uint32_t colour)
{
	struct picture p = { .width = width, .height = height };
	size_t i;

	p.pixels = need(malloc((size_t)width * height * 4));
	for (i = 0; i < (size_t)width * height; i++)
		p.pixels[i] = colour;
	return p;
}

void picture_free(struct picture *p)
{
	free(p->pixels);
	p->pixels = NULL;
}

struct jpeg_trouble {
	struct jpeg_error_mgr base;
	jmp_buf out;
	char why[JMSG_LENGTH_MAX];
};

static void jpeg_fatal(j_common_ptr cinfo)
{
	struct jpeg_trouble *t = (struct jpeg_trouble *)cinfo->err;

	t->base.format_message(cinfo, t->why);
	longjmp(t->out, 1);
}

static const char *read_jpeg(FILE *f, unsigned int min_width, unsigned int min_height,
			     struct picture *p)
{
	static struct jpeg_trouble trouble;
	struct jpeg_decompress_struct d;
	JSAMPLE *volatile row = NULL;

	p->pixels = NULL;
	d.err = jpeg_std_error(&trouble.base);
	trouble.base.error_exit = jpeg_fatal;
	if (setjmp(trouble.out)) {
		jpeg_destroy_decompress(&d);
		free(row);
		picture_free(p);
		return trouble.why;
	}
	jpeg_create_decompress(&d);
	jpeg_stdio_src(&d, f);
	jpeg_read_header(&d, TRUE);
	d.out_color_space = JCS_RGB;
	d.scale_num = 8;
	while (d.scale_num > 1 && d.image_width * (d.scale_num - 1) / 8 >= min_width &&
	       d.image_height * (d.scale_num - 1) / 8 >= min_height)
		d.scale_num--;
	d.scale_denom = 8;
	jpeg_start_decompress(&d);
	*p = picture_alloc(d.output_width, d.output_height, 0);
	row = need(malloc(d.output_width * 3));
	while (d.output_scanline < d.output_height) {
		uint32_t *to = p->pixels + (size_t)d.output_scanline * p->width;
		JSAMPLE *from = row;
		unsigned int x;

		jpeg_read_scanlines(&d, &from, 1);
		for (x = 0; x < p->width; x++, from += 3)
			to[x] = 0xff000000u | from[0] << 16 | from[1] << 8 | from[2];
	}
	jpeg_finish_decompress(&d);
	jpeg_destroy_decompress(&d);
	free(row);
	return NULL;
}

static const char *read_png(FILE *f, struct picture *p)
{
	static char why[sizeof(((png_image *)0)->message)];
	png_image image = { .version = PNG_IMAGE_VERSION };
	png_color white = { 255, 255, 255 };
	size_t i;

	if (!png_image_begin_read_from_stdio(&image, f))
		goto fail;
	image.format = PNG_FORMAT_BGR;
	*p = picture_alloc(image.width, image.height, 0);
	if (!png_image_finish_read(&image, &white, p->pixels, 0, NULL)) {
		picture_free(p);
		goto fail;
	}
	/* Three bytes a pixel become four in place, from the end. */
	for (i = (size_t)p->width * p->height; i-- > 0;) {
		const uint8_t *bgr = (uint8_t *)p->pixels + i * 3;

		p->pixels[i] = 0xff000000u | bgr[2] << 16 | bgr[1] << 8 | bgr[0];
	}
	return NULL;
fail:
	snprintf(why, sizeof(why), "%s", image.message);
	png_image_free(&image);
	return why;
}

const char *picture_read(const char *path, unsigned int min_width, unsigned int min_height,
			 struct picture *p)
{
	FILE *f = fopen(path, "rb");
	const char *why;
	int first;

	if (!f)
		return strerror(errno);
	first = getc(f);
	rewind(f);
	if (first == 0xff)
		why = read_jpeg(f, min_width, min_height, p);
	else if (first == 0x89)
		why = read_png(f, p);
	else
		why = "neither a JPEG nor a PNG";
	fclose(f);
	return why;
}

const char *picture_write_png(const char *path, const struct picture *p)
{
	static char why[sizeof(((png_image *)0)->message)];
	png_image image = {
		.version = PNG_IMAGE_VERSION,
		.width = p->width,
		.height = p->height,
		.format = PNG_FORMAT_BGR,
	};
	size_t i, n = (size_t)p->width * p->height;
	uint8_t *bgr = need(malloc(n * 3));
	const char *ret = NULL;

	for (i = 0; i < n; i++) {
		bgr[i * 3] = p->pixels[i];
		bgr[i * 3 + 1] = p->pixels[i] >> 8;
		bgr[i * 3 + 2] = p->pixels[i] >> 16;
	}
	if (!png_image_write_to_file(&image, path, 0, bgr, 0, NULL)) {
		snprintf(why, sizeof(why), "%s", image.message);
		ret = why;
	}
	png_image_free(&image);
	free(bgr);
	return ret;
}

static uint32_t mean(const struct picture *p, unsigned int x0, unsigned int y0, unsigned int x1,
		     unsigned int y1)
{
	uint32_t r = 0, g = 0, b = 0, n = (x1 - x0) * (y1 - y0);
	unsigned int x, y;

	for (y = y0; y < y1; y++)
		for (x = x0; x < x1; x++) {
			uint32_t v = p->pixels[(size_t)y * p->width + x];

			r += v >> 16 & 0xff;
			g += v >> 8 & 0xff;
			b += v & 0xff;
		}
	return 0xff000000u | r / n << 16 | g / n << 8 | b / n;
}

struct picture picture_fit(const struct picture *p, unsigned int width, unsigned int height)
{
	struct picture out = picture_alloc(width, height, 0);
	unsigned int w = p->width, h = p->height, left, top, x, y;

	if ((uint64_t)w * height > (uint64_t)h * width)
		w = (uint64_t)h * width / height;
	else
		h = (uint64_t)w * height / width;
	w = w ?: 1;
	h = h ?: 1;
	left = (p->width - w) / 2;
	top = (p->height - h) / 2;
	for (y = 0; y < height; y++)
		for (x = 0; x < width; x++) {
			unsigned int x0 = left + (uint64_t)x * w / width;
			unsigned int y0 = top + (uint64_t)y * h / height;
			unsigned int x1 = left + (uint64_t)(x + 1) * w / width;
			unsigned int y1 = top + (uint64_t)(y + 1) * h / height;

			out.pixels[(size_t)y * width + x] =
				mean(p, x0, y0, x1 > x0 ? x1 : x0 + 1, y1 > y0 ? y1 : y0 + 1);
		}
	return out;
}
