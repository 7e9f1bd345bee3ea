/* SPDX-License-Identifier: GPL-2.0-or-later OR MIT */
/*
 * FIMG2D v4.1, one pixel after the other
 *
 * Section titles below are those of docs/specs/exynos-fimg2d.rst.  Every byte
 * goes through a callback at the moment the page says it is touched; nothing
 * is cached, merged or skipped.
 */
#include "fimg2d-reference.h"

#define REG(ref, name) ((ref)->regs[FIMG2D_##name / 4])

struct color {
    uint32_t a, r, g, b;
};

struct rect {
    uint32_t left, top, right, bottom;
};

/* Registers */

static const uint16_t known_spans[][2] = {
    { 0x000, 0x004 }, { 0x00c, 0x01c }, { 0x080, 0x090 }, { 0x100, 0x10c },
    { 0x200, 0x208 }, { 0x300, 0x330 }, { 0x400, 0x41c }, { 0x500, 0x510 },
    { 0x520, 0x544 }, { 0x600, 0x604 }, { 0x610, 0x618 }, { 0x700, 0x73c },
    { 0x800, 0x880 },
};

bool fimg2d_reference_known(uint32_t offset)
{
    size_t i;

    for (i = 0; i < sizeof(known_spans) / sizeof(known_spans[0]); i++) {
        if (offset >= known_spans[i][0] && offset <= known_spans[i][1]) {
            return offset % 4 == 0;
        }
    }
    return false;
}

static void reset_from(struct fimg2d_reference *ref, uint32_t first)
{
    uint32_t offset;

    for (offset = first; offset < FIMG2D_REGS_END; offset += 4) {
        ref->regs[offset / 4] = 0;
    }
    REG(ref, SRC_SELECT) = 1;
    REG(ref, DST_SELECT) = 1;
    REG(ref, BLEND_FUNCTION) = 1u << 22;
    REG(ref, ROUND_MODE) = 0x33;
}

void fimg2d_reference_reset(struct fimg2d_reference *ref)
{
    int i;

    reset_from(ref, 0);
    REG(ref, AXI_MODE) = 2u << 24;
    for (i = 0; i < FIMG2D_OPERANDS; i++) {
        ref->bytes_read[i] = 0;
    }
    ref->bytes_written = 0;
    ref->blits = 0;
    ref->lists = 0;
    ref->complains = false;
    ref->skip_pair = false;
}

/* Memory */

static uint32_t fetch(struct fimg2d_reference *ref, enum fimg2d_operand operand,
                      uint32_t address, uint32_t bytes)
{
    uint32_t i, value = 0;

    for (i = 0; i < bytes; i++) {
        value |= (uint32_t)ref->read(ref->opaque, operand, address + i)
                 << (8 * i);
    }
    ref->bytes_read[operand] += bytes;
    return value;
}

static void store(struct fimg2d_reference *ref, uint32_t address,
                  uint32_t value, uint32_t bytes)
{
    uint32_t i;

    for (i = 0; i < bytes; i++) {
        ref->write(ref->opaque, FIMG2D_DST, address + i, value >> (8 * i));
    }
    ref->bytes_written += bytes;
}

/* Bytes of one pixel */

struct place {
    uint32_t address, bytes;    /* in the first plane */
    uint32_t pair;              /* address of the pair in the second */
    bool has_pair;
};

static struct place pixel_place(uint32_t mode, uint32_t base, uint32_t plane2,
                                uint32_t stride, uint32_t x, uint32_t y)
{
    bool two_planes = mode & FIMG2D_TWO_PLANES;
    struct place p = { 0, 0, 0, false };

    switch (mode & 0xf) {
    case 2: case 3: case 4: case 5: case 6:
        p.bytes = 2;
        p.address = base + y * stride + 2 * x;
        break;
    case 7:
        p.bytes = 3;
        p.address = base + y * stride + 3 * x;
        break;
    case 8:
        if (two_planes) {
            p.bytes = 1;
            p.address = base + y * stride + x;
            p.has_pair = true;
            p.pair = plane2 + y * 2 * stride + 2 * x;
        } else {
            p.bytes = 3;
            p.address = base + y * stride + 3 * x;
        }
        break;
    case 9:
        if (two_planes) {
            p.bytes = 1;
            p.address = base + y * stride + x;
            p.has_pair = true;
            p.pair = plane2 + y * stride + (x & ~1u);
        } else {
            p.bytes = 4;
            p.address = base + y * stride + 2 * (x & ~1u);
        }
        break;
    case 10:
        p.bytes = 1;
        p.address = base + y * stride + x;
        p.has_pair = true;
        p.pair = plane2 + y / 2 * stride + (x & ~1u);
        break;
    case 11: case 12:
        p.bytes = 1;
        p.address = base + y * stride + x;
        break;
    default:
        p.bytes = 4;
        p.address = base + y * stride + 4 * x;
        break;
    }
    return p;
}

static bool is_ycbcr(uint32_t mode)
{
    return (mode & 0xf) >= 8 && (mode & 0xf) <= 10;
}

static bool is_reserved(uint32_t mode)
{
    return (mode & 0xf) >= 13;
}

/* Pixels: reading and writing */

struct channel {
    uint8_t shift, bits;
};

struct layout {
    struct channel a, r, g, b;
    bool x;                     /* the bits of a are padding */
};

static struct layout pixel_layout(uint32_t mode)
{
    uint32_t format = mode & 0xf, order = mode >> 4 & 3;
    uint8_t abits = 0, rbits = 0, gbits = 0, bbits = 0;
    struct layout l = { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 }, false };
    /* Channels from the lowest bit up, by order. */
    static const char from_below[4][5] = { "BGRA", "ABGR", "RGBA", "ARGB" };
    uint8_t shift = 0;
    const char *name;

    switch (format) {
    case 2:
        rbits = 5, gbits = 6, bbits = 5;
        break;
    case 3: case 4:
        abits = 1, rbits = 5, gbits = 5, bbits = 5;
        break;
    case 5: case 6:
        abits = 4, rbits = 4, gbits = 4, bbits = 4;
        break;
    case 7:
        rbits = 8, gbits = 8, bbits = 8;
        break;
    default:
        abits = 8, rbits = 8, gbits = 8, bbits = 8;
        break;
    }
    l.x = format == 0 || format == 3 || format == 5;
    l.a.bits = abits;
    l.r.bits = rbits;
    l.g.bits = gbits;
    l.b.bits = bbits;

    for (name = from_below[order]; *name; name++) {
        struct channel *c = *name == 'A' ? &l.a : *name == 'R' ? &l.r :
                            *name == 'G' ? &l.g : &l.b;

        c->shift = shift;
        shift += c->bits;
    }
    return l;
}

static uint32_t channel_read(uint32_t pixel, struct channel c)
{
    uint32_t value = 0;
    unsigned i;

    /* The channel's bits over and over, from the highest on, up to 8. */
    for (i = 0; i < 8 && c.bits; i++) {
        value = value << 1 | (pixel >> (c.shift + c.bits - 1 - i % c.bits) & 1);
    }
    return value;
}

static uint32_t channel_write(uint32_t value, struct channel c)
{
    return value >> (8 - c.bits) << c.shift;
}

static struct color argb(uint32_t value)
{
    struct color c = {
        value >> 24, value >> 16 & 0xff, value >> 8 & 0xff, value & 0xff
    };

    return c;
}

static struct color pixel_read(uint32_t mode, uint32_t pixel, uint32_t a8_rgb)
{
    struct layout l = pixel_layout(mode);
    struct color c;

    switch (mode & 0xf) {
    case 11:
        c = argb(a8_rgb);
        c.a = pixel;
        return c;
    case 12:
        c.a = 0xff;
        c.r = c.g = c.b = pixel;
        return c;
    }
    c.r = channel_read(pixel, l.r);
    c.g = channel_read(pixel, l.g);
    c.b = channel_read(pixel, l.b);
    c.a = l.a.bits && !l.x ? channel_read(pixel, l.a) : 0xff;
    return c;
}

static uint32_t pixel_write(uint32_t mode, struct color c)
{
    struct layout l = pixel_layout(mode);
    uint32_t pixel;

    switch (mode & 0xf) {
    case 11:
        return c.a;
    case 12:
        return c.r;
    }
    pixel = channel_write(c.r, l.r) | channel_write(c.g, l.g) |
            channel_write(c.b, l.b);
    if (l.a.bits) {
        pixel |= channel_write(l.x ? 0xff : c.a, l.a);
    }
    return pixel;
}

/* Coordinates */

static struct rect get_rect(uint32_t lt, uint32_t rb)
{
    struct rect r = { lt & 0xffff, lt >> 16, rb & 0xffff, rb >> 16 };

    return r;
}

static bool is_empty(struct rect r)
{
    return r.right <= r.left || r.bottom <= r.top;
}

enum repeat_mode { REPEAT, PAD, REFLECT, CLAMP, NONE };

/* Bring one coordinate of a sample into the extent; false if it has none. */
static bool fold(uint32_t mode, uint32_t extent, uint32_t *position)
{
    if (*position < extent) {
        return true;
    }
    switch (mode & 7) {
    case REPEAT:
        *position %= extent;
        return true;
    case REFLECT:
        *position %= 2 * extent;
        if (*position >= extent) {
            *position = 2 * extent - 1 - *position;
        }
        return true;
    case CLAMP:
        *position = extent - 1;
        return true;
    default:
        return false;
    }
}

/* Source and mask have the same registers at different offsets. */
struct operand {
    enum fimg2d_operand name;
    uint32_t base, plane2, stride, mode, pad, a8_rgb, repeat, scale;
    uint32_t xscale, yscale;
    struct rect rect;
    bool negative_x, negative_y, rotated;
};

static struct operand get_source(const struct fimg2d_reference *ref)
{
    struct operand o = {
        .name = FIMG2D_SRC,
        .base = REG(ref, SRC_BASE_ADDR),
        .plane2 = REG(ref, SRC_PLANE2_BASE),
        .stride = REG(ref, SRC_STRIDE),
        .mode = REG(ref, SRC_COLOR_MODE),
        .pad = REG(ref, SRC_PAD_VALUE),
        .a8_rgb = REG(ref, SRC_A8_RGB_EXT),
        .repeat = REG(ref, SRC_REPEAT_MODE) & 7,
        .scale = REG(ref, SRC_SCALE_CTRL) & 3,
        .xscale = REG(ref, SRC_XSCALE),
        .yscale = REG(ref, SRC_YSCALE),
        .rect = get_rect(REG(ref, SRC_LEFT_TOP), REG(ref, SRC_RIGHT_BOTTOM)),
        .negative_x = REG(ref, SRC_MASK_DIRECT) & 1,
        .negative_y = REG(ref, SRC_MASK_DIRECT) & 2,
        .rotated = REG(ref, ROTATE) & 1,
    };

    return o;
}

static struct operand get_mask(const struct fimg2d_reference *ref)
{
    struct operand o = {
        .name = FIMG2D_MASK,
        .base = REG(ref, MASK_BASE_ADDR),
        .stride = REG(ref, MASK_STRIDE),
        .mode = REG(ref, MASK_MODE) & 0xf,
        .pad = REG(ref, MASK_PAD_VALUE),
        .repeat = REG(ref, MASK_REPEAT_MODE) & 7,
        .scale = REG(ref, MASK_SCALE_CTRL) & 3,
        .xscale = REG(ref, MASK_XSCALE),
        .yscale = REG(ref, MASK_YSCALE),
        .rect = get_rect(REG(ref, MASK_LEFT_TOP), REG(ref, MASK_RIGHT_BOTTOM)),
        .negative_x = REG(ref, SRC_MASK_DIRECT) & 0x10,
        .negative_y = REG(ref, SRC_MASK_DIRECT) & 0x20,
        .rotated = REG(ref, ROTATE) & 0x100,
    };

    return o;
}

static struct color mask_fetch(struct fimg2d_reference *ref,
                               const struct operand *o, uint32_t x, uint32_t y)
{
    uint32_t line = o->base + y * o->stride;

    switch (o->mode) {
    case 0:
        fetch(ref, o->name, line + x / 8, 1);
        break;
    case 1: case 7:
        fetch(ref, o->name, line + x / 2, 1);
        break;
    case 2:
        fetch(ref, o->name, line + x, 1);
        break;
    case 3: case 4: case 5:
        fetch(ref, o->name, line + 2 * x, 2);
        break;
    default:
        fetch(ref, o->name, line + 4 * x, 4);
        break;
    }
    return argb(0); /* every pixel counts as unmasked */
}

static struct color pixel_fetch(struct fimg2d_reference *ref,
                                enum fimg2d_operand name, uint32_t mode,
                                uint32_t base, uint32_t plane2, bool has_plane2,
                                uint32_t stride, uint32_t a8_rgb,
                                uint32_t x, uint32_t y)
{
    struct place p = pixel_place(mode, base, plane2, stride, x, y);
    uint32_t pixel = fetch(ref, name, p.address, p.bytes);

    if (p.has_pair && has_plane2) {
        fetch(ref, name, p.pair, 2);
    }
    if (is_ycbcr(mode)) {
        return argb(0);
    }
    return pixel_read(mode, pixel, a8_rgb);
}

/* The pixel at (x, y) of the operand's rectangle, or what stands for it. */
static struct color sample(struct fimg2d_reference *ref,
                           const struct operand *o, uint32_t x, uint32_t y)
{
    uint32_t width = o->rect.right - o->rect.left;
    uint32_t height = o->rect.bottom - o->rect.top;

    if (!fold(o->repeat, width, &x) || !fold(o->repeat, height, &y)) {
        return argb(o->repeat == PAD ? o->pad : 0);
    }
    x += o->rect.left;
    y += o->rect.top;
    if (o->name == FIMG2D_MASK) {
        return mask_fetch(ref, o, x, y);
    }
    return pixel_fetch(ref, o->name, o->mode, o->base, o->plane2, true,
                       o->stride, o->a8_rgb, x, y);
}

static uint32_t mix(uint32_t p00, uint32_t p10, uint32_t p01, uint32_t p11,
                    uint32_t fu, uint32_t fv)
{
    uint32_t top = p00 * (256 - fu) + p10 * fu;
    uint32_t bottom = p01 * (256 - fu) + p11 * fu;

    return (top * (256 - fv) + bottom * fv) >> 16;
}

/* The operand's value for the destination pixel of order index (i, j). */
static struct color operand_at(struct fimg2d_reference *ref,
                               const struct operand *o, uint32_t dst_width,
                               uint32_t dst_height, uint32_t i, uint32_t j)
{
    uint32_t s = o->negative_x ? dst_width - 1 - i : i;
    uint32_t t = o->negative_y ? dst_height - 1 - j : j;
    uint32_t a = o->rotated ? dst_height - 1 - t : s;
    uint32_t b = o->rotated ? s : t;
    struct color p00, p10, p01, p11, c;
    uint32_t x, y, fu, fv;
    uint64_t u, v;

    if (is_empty(o->rect)) {
        return argb(0);
    }
    if (o->scale == 0) {
        return sample(ref, o, a, b);
    }

    u = (uint64_t)a * o->xscale;
    v = (uint64_t)b * o->yscale;
    x = u >> 16;
    y = v >> 16;
    if (o->scale == 1) {
        return sample(ref, o, x, y);
    }

    fu = u >> 8 & 0xff;
    fv = v >> 8 & 0xff;
    p00 = sample(ref, o, x, y);
    p10 = sample(ref, o, x + 1, y);
    p01 = sample(ref, o, x, y + 1);
    p11 = sample(ref, o, x + 1, y + 1);
    c.a = mix(p00.a, p10.a, p01.a, p11.a, fu, fv);
    c.r = mix(p00.r, p10.r, p01.r, p11.r, fu, fv);
    c.g = mix(p00.g, p10.g, p01.g, p11.g, fu, fv);
    c.b = mix(p00.b, p10.b, p01.b, p11.b, fu, fv);
    return c;
}

static struct color pattern_at(struct fimg2d_reference *ref, uint32_t dst_width,
                               uint32_t dst_height, uint32_t i, uint32_t j)
{
    uint32_t direct = REG(ref, DST_PAT_DIRECT);
    uint32_t s = direct & 0x10 ? dst_width - 1 - i : i;
    uint32_t t = direct & 0x20 ? dst_height - 1 - j : j;
    bool rotated = REG(ref, ROTATE) & 0x10;
    uint32_t a = rotated ? dst_height - 1 - t : s;
    uint32_t b = rotated ? s : t;
    uint32_t width = REG(ref, PAT_SIZE) & 0xffff;
    uint32_t height = REG(ref, PAT_SIZE) >> 16;
    uint32_t offset = REG(ref, PAT_OFFSET);

    if (width == 0 || height == 0) {
        return argb(0);
    }
    return pixel_fetch(ref, FIMG2D_PAT, REG(ref, PAT_COLOR_MODE),
                       REG(ref, PAT_BASE_ADDR), 0, false, REG(ref, PAT_STRIDE),
                       0, (a + (offset & 0xffff)) % width,
                       (b + (offset >> 16)) % height);
}

/* Which memory is touched */

static uint32_t blend_mode(const struct fimg2d_reference *ref)
{
    return REG(ref, BITBLT_COMMAND) >> 20 & 0xf;
}

static bool needs_third(uint32_t code)
{
    return ((code >> 4) ^ code) & 0xf;
}

static bool reads_mask(const struct fimg2d_reference *ref)
{
    return REG(ref, BITBLT_COMMAND) &
           (FIMG2D_COMMAND_MASK_ROP4 | FIMG2D_COMMAND_MASKING);
}

static bool masked_code_applies(const struct fimg2d_reference *ref)
{
    return REG(ref, BITBLT_COMMAND) & FIMG2D_COMMAND_MASK_ROP4;
}

static bool reads_pattern(const struct fimg2d_reference *ref)
{
    uint32_t third = REG(ref, THIRD_OPERAND), rop4 = REG(ref, ROP4);

    if (blend_mode(ref) != 0) {
        return false;
    }
    if (needs_third(rop4 & 0xff) && (third & 3) == 0) {
        return true;
    }
    return masked_code_applies(ref) && needs_third(rop4 >> 8 & 0xff) &&
           (third >> 4 & 3) == 0;
}

/* Pixels: computing */

static uint32_t min255(uint32_t value)
{
    return value > 255 ? 255 : value;
}

static uint32_t mul(const struct fimg2d_reference *ref, uint32_t a, uint32_t b)
{
    uint32_t t;

    switch (REG(ref, ROUND_MODE) & 3) {
    case 0:
        return ((a + 1) * b) >> 8;
    case 1:
        return ((a + (a >> 7)) * b) >> 8;
    default:
        t = a * b + 0x80;
        return (t + (t >> 8)) >> 8;
    }
}

static uint32_t times_alpha(const struct fimg2d_reference *ref, uint32_t a,
                            uint32_t b)
{
    uint32_t t;

    switch (REG(ref, ROUND_MODE) >> 4 & 3) {
    case 0:
        return (a * b) >> 8;
    case 1:
        return ((a + 1) * b) >> 8;
    case 2:
        return ((a + (a >> 7)) * b) >> 8;
    default:
        t = a * b + 0x80;
        return (t + (t >> 8)) >> 8;
    }
}

static struct color premultiply(const struct fimg2d_reference *ref,
                                struct color c)
{
    c.r = times_alpha(ref, c.a, c.r);
    c.g = times_alpha(ref, c.a, c.g);
    c.b = times_alpha(ref, c.a, c.b);
    return c;
}

static uint32_t over255(uint32_t value, uint32_t divisor)
{
    return min255(value * 255 / divisor);
}

static struct color depremultiply(struct color c)
{
    c.r = c.a ? over255(c.r, c.a) : 0;
    c.g = c.a ? over255(c.g, c.a) : 0;
    c.b = c.a ? over255(c.b, c.a) : 0;
    return c;
}

static struct color color_by_select(const struct fimg2d_reference *ref,
                                    uint32_t select)
{
    return argb(select == 1 ? REG(ref, FG_COLOR) : REG(ref, BG_COLOR));
}

static uint32_t rop_channel(uint32_t code, uint32_t third, uint32_t src,
                            uint32_t dst)
{
    uint32_t bit, index, result = 0;

    for (bit = 0; bit < 8; bit++) {
        index = (third >> bit & 1) << 2 | (src >> bit & 1) << 1 |
                (dst >> bit & 1);
        result |= (code >> index & 1) << bit;
    }
    return result;
}

static struct color rop(const struct fimg2d_reference *ref, struct color third,
                        struct color src, struct color dst)
{
    uint32_t code = REG(ref, ROP4) & 0xff;
    struct color c;

    c.r = rop_channel(code, third.r, src.r, dst.r);
    c.g = rop_channel(code, third.g, src.g, dst.g);
    c.b = rop_channel(code, third.b, src.b, dst.b);
    if (REG(ref, BITBLT_COMMAND) & FIMG2D_COMMAND_ROP4_ALPHA) {
        c.a = rop_channel(code, third.a, src.a, dst.a);
    } else {
        c.a = src.a;
    }
    return c;
}

static uint32_t own_alpha(const struct fimg2d_reference *ref, uint32_t select,
                          uint32_t alpha)
{
    uint32_t global = REG(ref, ALPHA) & 0xff;

    switch (select & 3) {
    case 1:
        return min255(alpha + global);
    case 2:
        return mul(ref, alpha, global);
    default:
        return alpha;
    }
}

/* One coefficient for one channel; field is its 8 bits of BLEND_FUNCTION. */
static uint32_t coefficient(const struct fimg2d_reference *ref, uint32_t field,
                            bool inverted, struct color src, struct color dst,
                            uint32_t src_channel, uint32_t dst_channel,
                            uint32_t global_channel)
{
    uint32_t sa = own_alpha(ref, field >> 4, src.a);
    uint32_t da = own_alpha(ref, field >> 6, dst.a);
    uint32_t f = 255;

    switch (field & 0xf) {
    case 1:
        f = 0;
        break;
    case 2:
        f = sa;
        break;
    case 3:
        f = src_channel;
        break;
    case 4:
        f = da;
        break;
    case 5:
        f = dst_channel;
        break;
    case 6:
        f = REG(ref, ALPHA) & 0xff;
        break;
    case 7:
        f = global_channel;
        break;
    case 8:
        f = sa == 0 ? 255 : over255(255 - da, sa);
        break;
    case 9:
        f = da == 0 ? 255 : over255(255 - sa, da);
        break;
    case 10:
        f = sa == 0 ? 255 : over255(da, sa);
        break;
    case 11:
        f = da == 0 ? 255 : over255(sa, da);
        break;
    }
    return inverted ? 255 - f : f;
}

static uint32_t blend_channel(const struct fimg2d_reference *ref,
                              struct color src, struct color dst,
                              uint32_t src_channel, uint32_t dst_channel,
                              uint32_t global_channel)
{
    uint32_t function = REG(ref, BLEND_FUNCTION);
    uint32_t fs = coefficient(ref, function, function >> 16 & 1, src, dst,
                              src_channel, dst_channel, global_channel);
    uint32_t fd = coefficient(ref, function >> 8, function >> 18 & 1, src, dst,
                              src_channel, dst_channel, global_channel);
    uint32_t t;

    if ((REG(ref, ROUND_MODE) & 3) == 3) {
        t = fs * src_channel + fd * dst_channel + 0x80;
        return min255((t + (t >> 8)) >> 8);
    }
    return min255(mul(ref, fs, src_channel) + mul(ref, fd, dst_channel));
}

static struct color blend(const struct fimg2d_reference *ref, struct color src,
                          struct color dst)
{
    uint32_t global = REG(ref, ALPHA);
    struct color c;

    c.a = blend_channel(ref, src, dst, src.a, dst.a, global & 0xff);
    c.r = blend_channel(ref, src, dst, src.r, dst.r, global >> 24);
    c.g = blend_channel(ref, src, dst, src.g, dst.g, global >> 16 & 0xff);
    c.b = blend_channel(ref, src, dst, src.b, dst.b, global >> 8 & 0xff);
    return c;
}

/* What has to be logged, as far as this blit makes use of it. */

static bool odd_base(uint32_t mode, uint32_t base)
{
    uint32_t format = mode & 0xf;

    if (format <= 1 || format >= 13) {
        return base % 4;
    }
    return format >= 2 && format <= 6 && base % 2;
}

static bool has_gamma(const struct fimg2d_reference *ref)
{
    uint32_t offset;

    for (offset = 0x800; offset <= 0x880; offset += 4) {
        if (ref->regs[offset / 4]) {
            return true;
        }
    }
    return false;
}

static bool odd_format(uint32_t mode, uint32_t base)
{
    return is_ycbcr(mode) || is_reserved(mode) || odd_base(mode, base);
}

static bool odd_blend(const struct fimg2d_reference *ref)
{
    uint32_t function = REG(ref, BLEND_FUNCTION), f;
    int i;

    if (blend_mode(ref) > 1 || function & 0x700000) {
        return true;
    }
    for (i = 0; i < 2; i++) {
        f = function >> (8 * i) & 0xff;
        if ((f & 0xf) >= 12 || (f >> 4 & 3) == 3 || (f >> 6 & 3) == 3) {
            return true;
        }
    }
    return false;
}

static bool odd_operand(const struct operand *o)
{
    if (is_empty(o->rect)) {
        return true;
    }
    if (o->repeat > (o->name == FIMG2D_MASK ? CLAMP : NONE) || o->scale == 3) {
        return true;
    }
    return o->name == FIMG2D_MASK || odd_format(o->mode, o->base);
}

static bool is_odd(const struct fimg2d_reference *ref)
{
    uint32_t command = REG(ref, BITBLT_COMMAND);
    struct operand source = get_source(ref);

    if (odd_format(REG(ref, DST_COLOR_MODE), REG(ref, DST_BASE_ADDR))) {
        return true;
    }
    if (command & FIMG2D_COMMAND_SOLID_FILL) {
        return false;
    }
    if (command & (FIMG2D_COMMAND_MASK_ROP4 | FIMG2D_COMMAND_MASKING |
                   FIMG2D_COMMAND_DITHER | FIMG2D_COMMAND_TRANSPARENT |
                   FIMG2D_COMMAND_COLOR_KEY) ||
        has_gamma(ref)) {
        return true;
    }
    if ((REG(ref, SRC_SELECT) & 3) == 3 || (REG(ref, DST_SELECT) & 3) == 3) {
        return true;
    }
    if ((REG(ref, SRC_SELECT) & 3) == 0 && odd_operand(&source)) {
        return true;
    }
    if (blend_mode(ref) != 0) {
        return odd_blend(ref);
    }
    if (needs_third(REG(ref, ROP4) & 0xff) &&
        (REG(ref, THIRD_OPERAND) & 3) == 3) {
        return true;
    }
    return reads_pattern(ref) &&
           odd_format(REG(ref, PAT_COLOR_MODE), REG(ref, PAT_BASE_ADDR));
}

/* One blit; nothing changes its registers while it runs. */

static struct color compute(struct fimg2d_reference *ref,
                            uint32_t dst_width, uint32_t dst_height,
                            uint32_t i, uint32_t j, uint32_t x, uint32_t y)
{
    uint32_t command = REG(ref, BITBLT_COMMAND);
    struct operand source = get_source(ref), mask = get_mask(ref);
    struct color src, dst, third, pat = { 0, 0, 0, 0 };
    uint32_t select;

    select = REG(ref, SRC_SELECT) & 3;
    if (select == 0) {
        src = operand_at(ref, &source, dst_width, dst_height, i, j);
    } else {
        src = color_by_select(ref, select);
    }
    if (reads_mask(ref)) {
        operand_at(ref, &mask, dst_width, dst_height, i, j);
    }
    if (reads_pattern(ref)) {
        pat = pattern_at(ref, dst_width, dst_height, i, j);
    }
    select = REG(ref, DST_SELECT) & 3;
    if (select == 0) {
        dst = pixel_fetch(ref, FIMG2D_DST, REG(ref, DST_COLOR_MODE),
                          REG(ref, DST_BASE_ADDR), REG(ref, DST_PLANE2_BASE),
                          true, REG(ref, DST_STRIDE), REG(ref, DST_A8_RGB_EXT),
                          x, y);
    } else {
        dst = color_by_select(ref, select);
    }

    if (command & FIMG2D_COMMAND_PREMUL_SRC) {
        src = premultiply(ref, src);
    }
    if (command & FIMG2D_COMMAND_PREMUL_PAT) {
        pat = premultiply(ref, pat);
    }
    if (command & FIMG2D_COMMAND_PREMUL_DST) {
        dst = premultiply(ref, dst);
    }
    if (blend_mode(ref) != 0) {
        dst = blend(ref, src, dst);
    } else {
        select = REG(ref, THIRD_OPERAND) & 3;
        third = select == 0 ? pat : color_by_select(ref, select);
        dst = rop(ref, third, src, dst);
    }
    if (command & FIMG2D_COMMAND_DEPREMUL_DST) {
        dst = depremultiply(dst);
    }
    return dst;
}

bool fimg2d_reference_blit(struct fimg2d_reference *ref)
{
    struct rect dst = get_rect(REG(ref, DST_LEFT_TOP),
                               REG(ref, DST_RIGHT_BOTTOM));
    struct rect clip = get_rect(REG(ref, CW_LT), REG(ref, CW_RB));
    bool clipped = REG(ref, BITBLT_COMMAND) & FIMG2D_COMMAND_CLIP;
    bool solid = REG(ref, BITBLT_COMMAND) & FIMG2D_COMMAND_SOLID_FILL;
    bool negative_x = REG(ref, DST_PAT_DIRECT) & 1;
    bool negative_y = REG(ref, DST_PAT_DIRECT) & 2;
    uint32_t mode = REG(ref, DST_COLOR_MODE);
    uint32_t width, height, order_j, i, j, x, y;
    bool written = false;
    struct place p;

    if (is_empty(dst)) {
        ref->blits++;
        return true;
    }
    width = dst.right - dst.left;
    height = dst.bottom - dst.top;
    if (width > ref->row_pixels) {
        return false;
    }

    for (order_j = 0; order_j < height; order_j++) {
        j = negative_y ? height - 1 - order_j : order_j;
        y = dst.top + j;
        if (clipped && (y < clip.top || y >= clip.bottom)) {
            continue;
        }
        for (i = 0; i < width; i++) {
            x = dst.left + i;
            if (clipped && (x < clip.left || x >= clip.right)) {
                continue;
            }
            if (solid) {
                ref->row[i] = REG(ref, SF_COLOR);
            } else {
                ref->row[i] = pixel_write(mode, compute(ref, width, height,
                                  negative_x ? width - 1 - i : i, order_j,
                                  x, y));
            }
            if (is_ycbcr(mode)) {
                ref->row[i] = 0;
            }
        }
        for (i = 0; i < width; i++) {
            x = dst.left + i;
            if (clipped && (x < clip.left || x >= clip.right)) {
                continue;
            }
            p = pixel_place(mode, REG(ref, DST_BASE_ADDR),
                            REG(ref, DST_PLANE2_BASE), REG(ref, DST_STRIDE),
                            x, y);
            store(ref, p.address, ref->row[i], p.bytes);
            if (p.has_pair) {
                store(ref, p.pair, 0, 2);
            }
            written = true;
        }
    }
    /* A blit that does no pixel uses nothing. */
    if (written && is_odd(ref)) {
        ref->complains = true;
    }
    ref->blits++;
    return true;
}

/* Lists */

bool fimg2d_reference_set(struct fimg2d_reference *ref, uint32_t offset,
                          uint32_t value)
{
    offset &= 0xfff;
    if (ref->skip_pair) {
        ref->skip_pair = false;
        return true;
    }
    if (!fimg2d_reference_known(offset)) {
        ref->complains = true;
        return true;
    }

    switch (offset) {
    case FIMG2D_SOFT_RESET:
        ref->complains |= value & FIMG2D_SOFT_RESET_R;
        if (value & FIMG2D_SOFT_RESET_SFRCLEAR) {
            reset_from(ref, FIMG2D_BITBLT_START);
            ref->skip_pair = true;
        }
        return true;
    case FIMG2D_DMA_SFR_BASE_ADDR:
    case FIMG2D_DMA_COMMAND:
        ref->complains = true;
        return true;
    case FIMG2D_FIFO_STAT:
    case FIMG2D_DMA_STATUS:
        ref->complains = true;
        return true;
    case FIMG2D_INTC_PEND:
    case FIMG2D_CACHECTL:
        return true;
    case FIMG2D_BITBLT_START:
        return value & 1 ? fimg2d_reference_blit(ref) : true;
    }
    ref->regs[offset / 4] = value;
    return true;
}

bool fimg2d_reference_run(struct fimg2d_reference *ref, uint32_t list,
                          uint32_t max_words)
{
    uint32_t pairs, offset, value;

    list &= ~3u;
    /* Zero ends a chain; as a first list it is an address like any other. */
    do {
        if (max_words < 2) {
            return false;
        }
        max_words -= 2;
        pairs = fetch(ref, FIMG2D_LIST, list, 4);
        list += 4;
        for (; pairs; pairs--) {
            if (max_words < 2) {
                return false;
            }
            max_words -= 2;
            offset = fetch(ref, FIMG2D_LIST, list, 4);
            value = fetch(ref, FIMG2D_LIST, list + 4, 4);
            list += 8;
            if (!fimg2d_reference_set(ref, offset, value)) {
                return false;
            }
        }
        list = fetch(ref, FIMG2D_LIST, list, 4) & ~3u;
        ref->lists++;
    } while (list);
    return true;
}
