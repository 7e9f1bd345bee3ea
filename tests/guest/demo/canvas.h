/* SPDX-License-Identifier: GPL-2.0-only */
/* The sheet that shows the source beside what the engine made of it. */
#ifndef DEMO_CANVAS_H
#define DEMO_CANVAS_H

#include <stdint.h>

#include "picture.h"

void canvas_text(struct picture *p, int x, int y, unsigned int scale, uint32_t colour,
		 const char *text);

/** canvas_text_width - pixels that @text takes at @scale */
unsigned int canvas_text_width(const char *text, unsigned int scale);

/**
 * canvas_tile - put pixels on the sheet with a frame and captions below
 * @sheet: where to
 * @x: left edge of the pixels
 * @y: top edge
 * @pixels: ARGB8888; alpha is not looked at
 * @stride: bytes from row to row
 * @width: pixels
 * @height: rows
 * @caption: what was done
 * @note: smaller line below it
 */
void canvas_tile(struct picture *sheet, unsigned int x, unsigned int y, const void *pixels,
		 unsigned int stride, unsigned int width, unsigned int height,
		 const char *caption, const char *note);

#define CANVAS_CAPTION 44	/* rows that captions take below a tile */

#endif /* DEMO_CANVAS_H */
