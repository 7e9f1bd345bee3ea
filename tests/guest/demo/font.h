/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DEMO_FONT_H
#define DEMO_FONT_H

#include <stdint.h>

#define FONT_WIDTH 5	/* of a glyph; the next one is a pixel further */
#define FONT_HEIGHT 9	/* capitals are seven rows, two are for descenders */

/**
 * font_row - one row of a glyph
 * @c: ASCII character; one that the font lacks looks like a box
 * @row: 0 is the top one
 *
 * Return: FONT_WIDTH bits, the leftmost pixel is the highest one.
 */
unsigned int font_row(char c, unsigned int row);

#endif /* DEMO_FONT_H */
