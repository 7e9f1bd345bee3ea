// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "canvas.h"
#include "font.h"

#define INK 0xff202428
#define PALE 0xff6a737b
#define FRAME 0xffc4cad0

static void put(struct picture *p, int x, int y, uint32_t colour)
{
	if (x >= 0 && y >= 0 && x < (int)p->width && y < (int)p->height)
		p->pixels[(size_t)y * p->width + x] = colour;
}

static void block(struct picture *p, int x, int y, int w, int h, uint32_t colour)
{
	int i, j;

	for (j = 0; j < h; j++)
		for (i = 0; i < w; i++)
			put(p, x + i, y + j, colour);
}

unsigned int canvas_text_width(const char *text, unsigned int scale)
{
	return strlen(text) * (FONT_WIDTH + 1) * scale;
}

void canvas_text(struct picture *p, int x, int y, unsigned int scale, uint32_t colour,
		 const char *text)
{
	for (; *text; text++, x += (FONT_WIDTH + 1) * scale) {
		unsigned int row, bit;

		for (row = 0; row < FONT_HEIGHT; row++)
			for (bit = 0; bit < FONT_WIDTH; bit++)
				if (font_row(*text, row) >> (FONT_WIDTH - 1 - bit) & 1)
					block(p, x + bit * scale, y + row * scale, scale, scale,
					      colour);
	}
}

void canvas_tile(struct picture *sheet, unsigned int x, unsigned int y, const void *pixels,
		 unsigned int stride, unsigned int width, unsigned int height,
		 const char *caption, const char *note)
{
	unsigned int row, col;

	block(sheet, (int)x - 1, (int)y - 1, width + 2, height + 2, FRAME);
	for (row = 0; row < height; row++)
		for (col = 0; col < width; col++) {
			uint32_t v;

			memcpy(&v, (const uint8_t *)pixels + (size_t)row * stride + col * 4, 4);
			put(sheet, x + col, y + row, v);
		}
	canvas_text(sheet, x, y + height + 8, 2, INK, caption);
	canvas_text(sheet, x, y + height + 30, 1, PALE, note);
}
