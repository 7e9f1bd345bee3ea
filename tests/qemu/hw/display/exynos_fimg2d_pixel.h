/*
 * Samsung FIMG2D v4.1: colours
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Nothing here knows where a pixel lies.  A colour is an ARGB8888 word, a raw
 * pixel the little endian value of its bytes.
 */

#ifndef HW_DISPLAY_EXYNOS_FIMG2D_PIXEL_H
#define HW_DISPLAY_EXYNOS_FIMG2D_PIXEL_H

#include "qemu/bitops.h"

/* The channels of a colour, in the order of their bits. */
enum {
    CH_B,
    CH_G,
    CH_R,
    CH_A,
    CHANNELS,
};

/* What COLOR_MODE's format field says. */
enum {
    FORMAT_XRGB8888 = 0,
    FORMAT_ARGB8888 = 1,
    FORMAT_RGB565 = 2,
    FORMAT_XRGB1555 = 3,
    FORMAT_ARGB1555 = 4,
    FORMAT_XRGB4444 = 5,
    FORMAT_ARGB4444 = 6,
    FORMAT_RGB888 = 7,
    FORMAT_YCBCR444 = 8,
    FORMAT_YCBCR422 = 9,
    FORMAT_YCBCR420 = 10,
    FORMAT_A8 = 11,
    FORMAT_L8 = 12,
    FORMAT_LAST = FORMAT_L8,
};

/**
 * Fimg2dFormat: how the bits of a raw pixel make a colour
 * @bytes: bytes of a raw pixel, 1 to 4
 * @bits: width of each channel, zero when the format lacks it
 * @shift: lowest bit of each channel
 * @stored: mask of the channels that a write puts into memory
 * @fill: bits of the colour that do not come from the raw pixel
 * @ones: bits of the raw pixel that are written as ones
 * @word: the raw pixel is the colour, but for @fill
 */
typedef struct Fimg2dFormat {
    uint8_t bytes;
    uint8_t bits[CHANNELS];
    uint8_t shift[CHANNELS];
    uint8_t stored;
    uint32_t fill;
    uint32_t ones;
    bool word;
} Fimg2dFormat;

/**
 * Fimg2dFactor: one of the two blending coefficients
 * @coeff: BLEND_FUNCTION's code
 * @sa: how the source's alpha is taken
 * @da: how the destination's alpha is taken
 * @invert: 255 minus the coefficient is meant
 */
typedef struct Fimg2dFactor {
    uint8_t coeff;
    uint8_t sa;
    uint8_t da;
    bool invert;
} Fimg2dFactor;

/**
 * Fimg2dMixer: how source, destination and third operand make a pixel
 * @blend: alpha blending instead of a raster operation
 * @round: ROUND_MODE's field for blending
 * @round_premultiply: its field for premultiplying
 * @src: coefficient of the source
 * @dst: coefficient of the destination
 * @global: global colour and alpha, as a colour
 * @rop3: raster operation code
 * @rop_alpha: alpha takes part in the raster operation
 * @premultiply_src: multiply the source by its alpha first
 * @premultiply_dst: multiply the destination by its alpha first
 * @premultiply_third: multiply the third operand by its alpha first
 * @depremultiply: divide the result by its alpha
 */
typedef struct Fimg2dMixer {
    bool blend;
    uint8_t round;
    uint8_t round_premultiply;
    Fimg2dFactor src;
    Fimg2dFactor dst;
    uint32_t global;
    uint8_t rop3;
    bool rop_alpha;
    bool premultiply_src;
    bool premultiply_dst;
    bool premultiply_third;
    bool depremultiply;
} Fimg2dMixer;

/* Does the result of this raster operation depend on its third operand? */
static inline bool fimg2d_rop3_uses_third(uint8_t code)
{
    return ((code >> 4) ^ code) & 0x0f;
}

/**
 * fimg2d_format_init: describe one of the RGB formats, A8 or L8
 * @f: the description
 * @format: COLOR_MODE's format, none of the YCbCr ones; above FORMAT_LAST is
 *          taken as ARGB8888
 * @order: COLOR_MODE's channel order
 * @a8_rgb: the RGB that an A8 pixel takes
 */
void fimg2d_format_init(Fimg2dFormat *f, unsigned format, unsigned order,
                        uint32_t a8_rgb);

/**
 * fimg2d_unpack: the colour of a raw pixel
 */
uint32_t fimg2d_unpack(const Fimg2dFormat *f, uint32_t raw);

/**
 * fimg2d_pack: the raw pixel that stores a colour
 */
uint32_t fimg2d_pack(const Fimg2dFormat *f, uint32_t colour);

/**
 * fimg2d_load: read a raw pixel of @bytes bytes, which may be none
 */
uint32_t fimg2d_load(const uint8_t *p, unsigned bytes);

/**
 * fimg2d_store: write a raw pixel of @bytes bytes
 */
void fimg2d_store(uint8_t *p, unsigned bytes, uint32_t raw);

/**
 * fimg2d_bilinear: weigh four neighbours
 * @p00: upper left
 * @p10: upper right
 * @p01: lower left
 * @p11: lower right
 * @fu: weight of the right ones, out of 256
 * @fv: weight of the lower ones, out of 256
 */
uint32_t fimg2d_bilinear(uint32_t p00, uint32_t p10, uint32_t p01,
                         uint32_t p11, unsigned fu, unsigned fv);

/**
 * fimg2d_mix: the colour that three operands make
 */
uint32_t fimg2d_mix(const Fimg2dMixer *m, uint32_t src, uint32_t dst,
                    uint32_t third);

#endif
