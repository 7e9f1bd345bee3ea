/*
 * Samsung FIMG2D v4.1: which bytes a blit touches, and what it makes of them
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A blit is decoded once from the registers.  For each row a plan lists the
 * bytes to read and those to write; in between, fimg2d_row_compute() turns the
 * ones into the others.  All of it is a function of the registers and the row's
 * number, so a row that was interrupted can be planned again.
 */

#ifndef HW_DISPLAY_EXYNOS_FIMG2D_BLIT_H
#define HW_DISPLAY_EXYNOS_FIMG2D_BLIT_H

#include "exynos_fimg2d_pixel.h"

/* What a blit can ask for that the log should know about. */
typedef enum Fimg2dComplaint {
    COMPLAIN_SRC_SELECT,
    COMPLAIN_SRC_FORMAT,
    COMPLAIN_SRC_BASE,
    COMPLAIN_SRC_EMPTY,
    COMPLAIN_SRC_REPEAT,
    COMPLAIN_SRC_SCALE,
    COMPLAIN_DST_SELECT,
    COMPLAIN_DST_FORMAT,
    COMPLAIN_DST_BASE,
    COMPLAIN_THIRD_SELECT,
    COMPLAIN_PAT_FORMAT,
    COMPLAIN_PAT_BASE,
    COMPLAIN_MASK_MODE,
    COMPLAIN_MASK_BASE,
    COMPLAIN_MASK_EMPTY,
    COMPLAIN_MASK_REPEAT,
    COMPLAIN_MASK_SCALE,
    COMPLAIN_BLEND_MODE,
    COMPLAIN_COEFFICIENT,
    COMPLAIN_COEFFICIENT_ALPHA,
    COMPLAIN_YCBCR,
    COMPLAIN_MASK,
    COMPLAIN_DITHER,
    COMPLAIN_TRANSPARENT,
    COMPLAIN_COLOUR_KEY,
    COMPLAIN_FADING,
    COMPLAIN_WINCE,
    COMPLAIN_LIGHTEN,
    COMPLAIN_DARKEN,
    COMPLAIN_COEFFICIENT_MASK,
    COMPLAIN_GAMMA,
    COMPLAIN_MAX,
} Fimg2dComplaint;

/**
 * Fimg2dPlane: where one plane of a surface has the bytes of a pixel
 * @base: bus address
 * @stride: bytes from row to row
 * @yshift: rows that share their bytes, as a power of two
 * @xshift: pixels that share their bytes, likewise
 * @step: bytes from one such group of pixels to the next
 * @len: bytes of a pixel
 */
typedef struct Fimg2dPlane {
    uint32_t base;
    uint32_t stride;
    uint8_t yshift;
    uint8_t xshift;
    uint8_t step;
    uint8_t len;
} Fimg2dPlane;

/**
 * Fimg2dSurface: an image in memory
 * @plane: its planes
 * @planes: how many
 * @readable: the pixels have colours that the device can tell
 * @format: all zero unless @readable, which makes every pixel 0x00000000
 */
typedef struct Fimg2dSurface {
    Fimg2dPlane plane[2];
    unsigned planes;
    bool readable;
    Fimg2dFormat format;
} Fimg2dSurface;

/* SCALE_CTRL; 3 is bilinear too, in a way that is not known. */
enum {
    SCALE_NONE = 0,
    SCALE_NEAREST = 1,
    SCALE_BILINEAR = 2,
};

enum {
    REPEAT_REPEAT = 0,
    REPEAT_PAD = 1,
    REPEAT_REFLECT = 2,
    REPEAT_CLAMP = 3,
    REPEAT_NONE = 4,
};

/**
 * Fimg2dOperand: the source, the mask or the pattern
 * @surface: where it lies
 * @read: it is read from there
 * @xneg: its x direction is negative
 * @yneg: its y direction is negative
 * @rotated: 90 degrees anticlockwise
 * @scale: SCALE_CTRL
 * @unbounded: that was 3, and the neighbours of a sample are wherever they are,
 *             whatever @repeat says
 * @repeat: REPEAT_MODE
 * @pad: colour outside, for REPEAT_PAD
 * @xscale: 16.16
 * @yscale: 16.16
 * @xoff: added to each x before it is wrapped
 * @yoff: likewise to y
 * @left: of its rectangle
 * @top: of its rectangle
 * @width: of its rectangle, zero when that is empty
 * @height: of its rectangle, zero when that is empty
 */
typedef struct Fimg2dOperand {
    Fimg2dSurface surface;
    bool read;
    bool xneg;
    bool yneg;
    bool rotated;
    uint8_t scale;
    bool unbounded;
    uint8_t repeat;
    uint32_t pad;
    uint32_t xscale;
    uint32_t yscale;
    uint32_t xoff;
    uint32_t yoff;
    uint32_t left;
    uint32_t top;
    uint32_t width;
    uint32_t height;
} Fimg2dOperand;

/**
 * Fimg2dBlit: one blit, decoded
 * @complaints: bits of Fimg2dComplaint
 * @fill: solid fill
 * @fill_colour: raw pixel to fill with
 * @copy: the source's raw pixels go to the destination as they are, but for
 *        the bits that are written as ones
 * @src: source
 * @src_colour: what the source is when it is not read
 * @mask: mask; its bytes are read and not looked at
 * @pat: pattern
 * @third_is_pat: the pattern is the third operand, not only read
 * @third_colour: what the third operand is otherwise
 * @dst: destination
 * @dst_read: the destination is an operand, too
 * @dst_colour: what the destination operand is otherwise
 * @mixer: how the operands make a pixel
 * @left: of the destination rectangle
 * @top: of the destination rectangle
 * @width: of the destination rectangle
 * @height: of the destination rectangle
 * @xneg: the destination's x direction is negative
 * @yneg: the destination's y direction is negative
 * @first: first destination column that is processed
 * @columns: how many are
 * @row: first row that is processed, in processing order
 * @rows: how many are; zero when the blit touches nothing
 * @overreach_read: bytes that are read beyond the end of each span, which
 *                  fimg2d_blit_decode() leaves at zero
 * @overreach_write: bytes that are written there, likewise
 */
typedef struct Fimg2dBlit {
    uint64_t complaints;
    bool fill;
    uint32_t fill_colour;
    bool copy;
    Fimg2dOperand src;
    uint32_t src_colour;
    Fimg2dOperand mask;
    Fimg2dOperand pat;
    bool third_is_pat;
    uint32_t third_colour;
    Fimg2dSurface dst;
    bool dst_read;
    uint32_t dst_colour;
    Fimg2dMixer mixer;
    uint32_t left;
    uint32_t top;
    uint32_t width;
    uint32_t height;
    bool xneg;
    bool yneg;
    uint32_t first;
    uint32_t columns;
    uint32_t row;
    uint32_t rows;
    uint32_t overreach_read;
    uint32_t overreach_write;
} Fimg2dBlit;

/* What is written to bytes that no pixel has. */
#define FIMG2D_OVERREACH_BYTE 0xee

/**
 * Fimg2dSpan: bytes that are next to each other
 * @addr: bus address of the first; they may wrap round to 0
 * @len: how many
 * @pos: where they are in the row's buffer
 */
typedef struct Fimg2dSpan {
    uint32_t addr;
    uint32_t len;
    uint32_t pos;
} Fimg2dSpan;

/**
 * Fimg2dPlan: the accesses of one direction in a row, in order
 * @span: what is accessed
 * @spans: how many
 * @allocated: size of @span
 * @closed: spans that no further bytes may join
 * @len: bytes of all spans
 * @counted: bytes that BYTES_READ or BYTES_WRITE counts for them
 */
typedef struct Fimg2dPlan {
    Fimg2dSpan *span;
    uint32_t spans;
    uint32_t allocated;
    uint32_t closed;
    uint32_t len;
    uint64_t counted;
} Fimg2dPlan;

/**
 * Fimg2dSample: where a pixel's value comes from
 * @span: index of the span that holds it, or FIMG2D_NO_SPAN
 * @value: its bus address, or its colour when there is no span
 */
typedef struct Fimg2dSample {
    uint32_t span;
    uint32_t value;
} Fimg2dSample;

#define FIMG2D_NO_SPAN UINT32_MAX

/**
 * Fimg2dLine: one operand's part in a row
 * @run: its pixels lie one after the other from sample[0][0] on
 * @sample: its samples by column: upper left, upper right, lower left and lower
 *          right for bilinear, otherwise in the first array only
 * @fu: horizontal weights for bilinear
 * @fv: vertical weights for bilinear
 * @colour: result, filled by fimg2d_row_compute()
 */
typedef struct Fimg2dLine {
    bool run;
    Fimg2dSample *sample[4];
    uint8_t *fu;
    uint8_t *fv;
    uint32_t *colour;
} Fimg2dLine;

/**
 * Fimg2dRow: one row of a blit
 * @reads: what is read, source, mask, pattern and destination in turn
 * @writes: what is written
 * @src: the source's line
 * @pat: the pattern's line
 * @dst: the destination operand's line
 * @columns: entries that each of the lines' arrays has room for
 */
typedef struct Fimg2dRow {
    Fimg2dPlan reads;
    Fimg2dPlan writes;
    Fimg2dLine src;
    Fimg2dLine pat;
    Fimg2dLine dst;
    uint32_t columns;
} Fimg2dRow;

/**
 * fimg2d_blit_decode: what the registers ask for
 * @b: the answer
 * @regs: register file
 */
void fimg2d_blit_decode(Fimg2dBlit *b, const uint32_t *regs);

/**
 * fimg2d_row_plan: list the accesses of a row
 * @r: the row, zeroed before its first use
 * @b: the blit
 * @row: number of the row in processing order, from @b->row on
 */
void fimg2d_row_plan(Fimg2dRow *r, const Fimg2dBlit *b, uint32_t row);

/**
 * fimg2d_row_compute: make the bytes to write from the bytes read
 * @r: the row as fimg2d_row_plan() left it
 * @b: the blit
 * @in: r->reads.len bytes
 * @out: r->writes.len bytes
 */
void fimg2d_row_compute(Fimg2dRow *r, const Fimg2dBlit *b, const uint8_t *in,
                        uint8_t *out);

/**
 * fimg2d_row_free: give back what a row has allocated, and zero it
 */
void fimg2d_row_free(Fimg2dRow *r);

#endif
