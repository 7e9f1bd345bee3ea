/*
 * Samsung FIMG2D v4.1: colours
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "exynos_fimg2d_pixel.h"

#define ALPHA_MASK 0xff000000

static unsigned channel(uint32_t colour, unsigned ch)
{
    return extract32(colour, ch * 8, 8);
}

static uint32_t clamp8(uint32_t v)
{
    return MIN(v, 255);
}

void fimg2d_format_init(Fimg2dFormat *f, unsigned format, unsigned order,
                        uint32_t a8_rgb)
{
    /* Width of A (or of X), R, G and B. */
    static const struct {
        uint8_t bytes, a, r, g, b;
        bool x;
    } layout[] = {
        [FORMAT_XRGB8888] = { 4, 8, 8, 8, 8, true },
        [FORMAT_ARGB8888] = { 4, 8, 8, 8, 8 },
        [FORMAT_RGB565] = { 2, 0, 5, 6, 5 },
        [FORMAT_XRGB1555] = { 2, 1, 5, 5, 5, true },
        [FORMAT_ARGB1555] = { 2, 1, 5, 5, 5 },
        [FORMAT_XRGB4444] = { 2, 4, 4, 4, 4, true },
        [FORMAT_ARGB4444] = { 2, 4, 4, 4, 4 },
        [FORMAT_RGB888] = { 3, 0, 8, 8, 8 },
    };
    bool alpha_lowest = order & 1;
    bool red_lowest = order & 2;
    unsigned a, r, g, b, rgb;

    memset(f, 0, sizeof(*f));

    if (format == FORMAT_A8) {
        f->bytes = 1;
        f->bits[CH_A] = 8;
        f->stored = BIT(CH_A);
        f->fill = a8_rgb & ~ALPHA_MASK;
        return;
    }
    if (format == FORMAT_L8) {
        f->bytes = 1;
        f->bits[CH_R] = f->bits[CH_G] = f->bits[CH_B] = 8;
        f->stored = BIT(CH_R);
        f->fill = ALPHA_MASK;
        return;
    }
    if (format >= ARRAY_SIZE(layout)) {
        format = FORMAT_ARGB8888;
    }

    a = layout[format].a;
    r = layout[format].r;
    g = layout[format].g;
    b = layout[format].b;
    rgb = alpha_lowest ? a : 0;

    f->bytes = layout[format].bytes;
    f->bits[CH_R] = r;
    f->bits[CH_G] = g;
    f->bits[CH_B] = b;
    f->shift[CH_R] = rgb + (red_lowest ? 0 : g + b);
    f->shift[CH_G] = rgb + (red_lowest ? r : b);
    f->shift[CH_B] = rgb + (red_lowest ? r + g : 0);
    f->shift[CH_A] = alpha_lowest ? 0 : r + g + b;
    f->stored = BIT(CH_R) | BIT(CH_G) | BIT(CH_B);
    if (layout[format].x) {
        f->fill = ALPHA_MASK;
        f->ones = MAKE_64BIT_MASK(f->shift[CH_A], a);
    } else if (a) {
        f->bits[CH_A] = a;
        f->stored |= BIT(CH_A);
    } else {
        f->fill = ALPHA_MASK;
    }
    f->word = f->bytes == 4 && order == 0;
}

/* Widen a channel to eight bits, repeating its high bits in the low ones. */
static unsigned widen(unsigned v, unsigned bits)
{
    switch (bits) {
    case 1:
        return v ? 255 : 0;
    case 4:
        return v << 4 | v;
    case 5:
        return v << 3 | v >> 2;
    case 6:
        return v << 2 | v >> 4;
    default:
        return v;
    }
}

uint32_t fimg2d_unpack(const Fimg2dFormat *f, uint32_t raw)
{
    uint32_t colour = f->fill;
    unsigned ch, v;

    if (f->word) {
        return raw | f->fill;
    }
    for (ch = 0; ch < CHANNELS; ch++) {
        if (f->bits[ch]) {
            v = extract32(raw, f->shift[ch], f->bits[ch]);
            colour |= widen(v, f->bits[ch]) << (ch * 8);
        }
    }
    return colour;
}

uint32_t fimg2d_pack(const Fimg2dFormat *f, uint32_t colour)
{
    uint32_t raw = f->ones;
    unsigned ch;

    if (f->word) {
        return colour | f->ones;
    }
    for (ch = 0; ch < CHANNELS; ch++) {
        if (f->stored & BIT(ch)) {
            raw |= channel(colour, ch) >> (8 - f->bits[ch]) << f->shift[ch];
        }
    }
    return raw;
}

uint32_t fimg2d_load(const uint8_t *p, unsigned bytes)
{
    switch (bytes) {
    case 0:
        return 0;
    case 1:
        return p[0];
    case 2:
        return lduw_le_p(p);
    case 3:
        return lduw_le_p(p) | p[2] << 16;
    default:
        return ldl_le_p(p);
    }
}

void fimg2d_store(uint8_t *p, unsigned bytes, uint32_t raw)
{
    switch (bytes) {
    case 1:
        p[0] = raw;
        break;
    case 2:
        stw_le_p(p, raw);
        break;
    case 3:
        stw_le_p(p, raw);
        p[2] = raw >> 16;
        break;
    default:
        stl_le_p(p, raw);
    }
}

uint32_t fimg2d_bilinear(uint32_t p00, uint32_t p10, uint32_t p01,
                         uint32_t p11, unsigned fu, unsigned fv)
{
    uint32_t colour = 0;
    unsigned ch;

    for (ch = 0; ch < CHANNELS; ch++) {
        uint32_t top = channel(p00, ch) * (256 - fu) + channel(p10, ch) * fu;
        uint32_t low = channel(p01, ch) * (256 - fu) + channel(p11, ch) * fu;

        colour |= (top * (256 - fv) + low * fv) >> 16 << (ch * 8);
    }
    return colour;
}

/* Twice 255 * 255 at most, divided by 255 and rounded. */
static unsigned div255(unsigned product)
{
    product += 0x80;
    return (product + (product >> 8)) >> 8;
}

/* The product of two fractions of 255; not commutative in modes 0 and 1. */
static unsigned mul(unsigned round, unsigned a, unsigned b)
{
    switch (round) {
    case 0:
        return ((a + 1) * b) >> 8;
    case 1:
        return ((a + (a >> 7)) * b) >> 8;
    default:
        return div255(a * b);
    }
}

/* The same for premultiplying, where the modes have other numbers. */
static unsigned mul_alpha(unsigned round, unsigned alpha, unsigned b)
{
    return round ? mul(round - 1, alpha, b) : (alpha * b) >> 8;
}

static uint32_t premultiply(unsigned round, uint32_t colour)
{
    unsigned alpha = channel(colour, CH_A);
    uint32_t result = colour & ALPHA_MASK;
    unsigned ch;

    for (ch = CH_B; ch <= CH_R; ch++) {
        result |= mul_alpha(round, alpha, channel(colour, ch)) << (ch * 8);
    }
    return result;
}

static uint32_t depremultiply(uint32_t colour)
{
    unsigned alpha = channel(colour, CH_A);
    uint32_t result = colour & ALPHA_MASK;
    unsigned ch;

    if (alpha) {
        for (ch = CH_B; ch <= CH_R; ch++) {
            result |= clamp8(channel(colour, ch) * 255 / alpha) << (ch * 8);
        }
    }
    return result;
}

static uint32_t rop3(uint8_t code, uint32_t s, uint32_t d, uint32_t t)
{
    uint32_t result = 0;
    unsigned i;

    switch (code) {
    case 0xaa:
        return d;
    case 0xcc:
        return s;
    case 0xf0:
        return t;
    }
    for (i = 0; i < 8; i++) {
        if (code & BIT(i)) {
            result |= (i & 4 ? t : ~t) & (i & 2 ? s : ~s) & (i & 1 ? d : ~d);
        }
    }
    return result;
}

/* An operand's alpha as a coefficient takes it. */
static unsigned factor_alpha(const Fimg2dMixer *m, unsigned how, unsigned alpha)
{
    unsigned global = channel(m->global, CH_A);

    switch (how) {
    case 1:
        return clamp8(alpha + global);
    case 2:
        return mul(m->round, alpha, global);
    default:
        return alpha;
    }
}

/* num * 255 / den, not above 255; one where there is nothing to divide by. */
static unsigned ratio(unsigned num, unsigned den)
{
    return den ? clamp8(num * 255 / den) : 255;
}

/* The coefficient of each channel, as a colour. */
static uint32_t factor(const Fimg2dMixer *m, const Fimg2dFactor *f,
                       uint32_t src, uint32_t dst)
{
    unsigned sa = factor_alpha(m, f->sa, channel(src, CH_A));
    unsigned da = factor_alpha(m, f->da, channel(dst, CH_A));
    uint32_t all = 0x01010101;
    uint32_t result;

    switch (f->coeff) {
    case 1:
        result = 0;
        break;
    case 2:
        result = sa * all;
        break;
    case 3:
        result = src;
        break;
    case 4:
        result = da * all;
        break;
    case 5:
        result = dst;
        break;
    case 6:
        result = channel(m->global, CH_A) * all;
        break;
    case 7:
        result = m->global;
        break;
    case 8:
        result = ratio(255 - da, sa) * all;
        break;
    case 9:
        result = ratio(255 - sa, da) * all;
        break;
    case 10:
        result = ratio(da, sa) * all;
        break;
    case 11:
        result = ratio(sa, da) * all;
        break;
    default:
        result = 255 * all;
    }
    return f->invert ? ~result : result;
}

static uint32_t blend(const Fimg2dMixer *m, uint32_t src, uint32_t dst)
{
    uint32_t fs = factor(m, &m->src, src, dst);
    uint32_t fd = factor(m, &m->dst, src, dst);
    uint32_t result = 0;
    unsigned ch;

    for (ch = 0; ch < CHANNELS; ch++) {
        unsigned s = channel(src, ch), d = channel(dst, ch);
        unsigned cs = channel(fs, ch), cd = channel(fd, ch);
        unsigned sum = m->round == 3 ? div255(cs * s + cd * d) :
                       mul(m->round, cs, s) + mul(m->round, cd, d);

        result |= clamp8(sum) << (ch * 8);
    }
    return result;
}

uint32_t fimg2d_mix(const Fimg2dMixer *m, uint32_t src, uint32_t dst,
                    uint32_t third)
{
    uint32_t result;

    if (m->premultiply_src) {
        src = premultiply(m->round_premultiply, src);
    }
    if (m->premultiply_dst) {
        dst = premultiply(m->round_premultiply, dst);
    }
    if (m->premultiply_third) {
        third = premultiply(m->round_premultiply, third);
    }

    if (m->blend) {
        result = blend(m, src, dst);
    } else {
        result = rop3(m->rop3, src, dst, third);
        if (!m->rop_alpha) {
            result = (src & ALPHA_MASK) | (result & ~ALPHA_MASK);
        }
    }
    return m->depremultiply ? depremultiply(result) : result;
}
