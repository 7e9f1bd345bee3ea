/*
 * Samsung FIMG2D v4.1: which bytes a blit touches, and what it makes of them
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exynos_fimg2d_blit.h"
#include "exynos_fimg2d_regs.h"

/*
 * Decoding
 */

static void complain_if(Fimg2dBlit *b, bool cond, Fimg2dComplaint what)
{
    if (cond) {
        b->complaints |= BIT_ULL(what);
    }
}

static void surface_packed(Fimg2dSurface *s, unsigned bytes)
{
    s->plane[0].step = bytes;
    s->plane[0].len = bytes;
    s->planes = 1;
}

/* One byte of luma for each pixel, two of chroma in the second plane. */
static void surface_two_planes(Fimg2dSurface *s, uint32_t base2,
                               unsigned xshift, unsigned yshift)
{
    surface_packed(s, 1);
    s->plane[1].base = base2;
    s->plane[1].stride = s->plane[0].stride;
    s->plane[1].yshift = yshift;
    s->plane[1].xshift = xshift;
    s->plane[1].step = 2;
    s->plane[1].len = 2;
    s->planes = 2;
}

static void surface_ycbcr(Fimg2dSurface *s, unsigned format, bool two_planes,
                          uint32_t base2)
{
    switch (format) {
    case FORMAT_YCBCR444:
        if (two_planes) {
            surface_two_planes(s, base2, 0, 0);
            s->plane[1].stride *= 2;
        } else {
            surface_packed(s, 3);
        }
        break;
    case FORMAT_YCBCR422:
        if (two_planes) {
            surface_two_planes(s, base2, 1, 0);
        } else {
            surface_packed(s, 4);
            s->plane[0].xshift = 1;
        }
        break;
    case FORMAT_YCBCR420:
        surface_two_planes(s, base2, 1, 1);
        break;
    }
}

static void surface_init(Fimg2dBlit *b, Fimg2dSurface *s, uint32_t base,
                         uint32_t stride, uint32_t mode, uint32_t base2,
                         uint32_t a8_rgb, Fimg2dComplaint bad_format,
                         Fimg2dComplaint bad_base)
{
    unsigned format = SHARED_FIELD_EX32(mode, COLOR_MODE_FORMAT);

    s->plane[0].base = base;
    s->plane[0].stride = stride;

    if (format >= FORMAT_YCBCR444 && format <= FORMAT_YCBCR420) {
        complain_if(b, true, COMPLAIN_YCBCR);
        surface_ycbcr(s, format,
                      SHARED_FIELD_EX32(mode, COLOR_MODE_TWO_PLANES), base2);
        return;
    }

    complain_if(b, format > FORMAT_LAST, bad_format);
    fimg2d_format_init(&s->format, format,
                       SHARED_FIELD_EX32(mode, COLOR_MODE_ORDER), a8_rgb);
    s->readable = true;
    surface_packed(s, s->format.bytes);
    complain_if(b, format != FORMAT_RGB888 && base % s->format.bytes, bad_base);
}

static void operand_rectangle(Fimg2dBlit *b, Fimg2dOperand *op,
                              uint32_t left_top, uint32_t right_bottom,
                              Fimg2dComplaint empty)
{
    uint32_t right = SHARED_FIELD_EX32(right_bottom, POINT_X);
    uint32_t bottom = SHARED_FIELD_EX32(right_bottom, POINT_Y);

    op->left = SHARED_FIELD_EX32(left_top, POINT_X);
    op->top = SHARED_FIELD_EX32(left_top, POINT_Y);
    if (right > op->left && bottom > op->top) {
        op->width = right - op->left;
        op->height = bottom - op->top;
    } else {
        complain_if(b, true, empty);
    }
}

static void operand_repeat(Fimg2dBlit *b, Fimg2dOperand *op, uint32_t mode,
                           uint32_t pad, unsigned last,
                           Fimg2dComplaint bad_repeat)
{
    op->repeat = SHARED_FIELD_EX32(mode, REPEAT_MODE);
    op->pad = pad;
    complain_if(b, op->repeat > last, bad_repeat);
}

static void operand_scale(Fimg2dBlit *b, Fimg2dOperand *op, uint32_t ctrl,
                          uint32_t xscale, uint32_t yscale,
                          Fimg2dComplaint bad_scale)
{
    unsigned scale = SHARED_FIELD_EX32(ctrl, SCALE_CTRL);

    complain_if(b, scale > SCALE_BILINEAR, bad_scale);
    op->scale = MIN(scale, SCALE_BILINEAR);
    op->unbounded = scale > SCALE_BILINEAR;
    op->xscale = xscale;
    op->yscale = yscale;
}

static void decode_src(Fimg2dBlit *b, const uint32_t *regs)
{
    unsigned select = SHARED_ARRAY_FIELD_EX32(regs, R_SRC_SELECT, SELECT);
    Fimg2dOperand *op = &b->src;

    if (select != SELECT_MEMORY) {
        b->src_colour = regs[select == SELECT_FG ? R_FG_COLOR : R_BG_COLOR];
        complain_if(b, select > SELECT_BG, COMPLAIN_SRC_SELECT);
        return;
    }

    op->read = true;
    surface_init(b, &op->surface, regs[R_SRC_BASE_ADDR], regs[R_SRC_STRIDE],
                 regs[R_SRC_COLOR_MODE], regs[R_SRC_PLANE2_BASE],
                 regs[R_SRC_A8_RGB_EXT], COMPLAIN_SRC_FORMAT,
                 COMPLAIN_SRC_BASE);
    operand_rectangle(b, op, regs[R_SRC_LEFT_TOP], regs[R_SRC_RIGHT_BOTTOM],
                      COMPLAIN_SRC_EMPTY);
    operand_repeat(b, op, regs[R_SRC_REPEAT_MODE], regs[R_SRC_PAD_VALUE],
                   REPEAT_NONE, COMPLAIN_SRC_REPEAT);
    operand_scale(b, op, regs[R_SRC_SCALE_CTRL], regs[R_SRC_XSCALE],
                  regs[R_SRC_YSCALE], COMPLAIN_SRC_SCALE);
    op->xneg = ARRAY_FIELD_EX32(regs, SRC_MASK_DIRECT, SRC_X);
    op->yneg = ARRAY_FIELD_EX32(regs, SRC_MASK_DIRECT, SRC_Y);
    op->rotated = ARRAY_FIELD_EX32(regs, ROTATE, SRC);
}

static void decode_mask(Fimg2dBlit *b, const uint32_t *regs)
{
    unsigned mode = ARRAY_FIELD_EX32(regs, MASK_MODE, MODE);
    Fimg2dOperand *op = &b->mask;
    Fimg2dSurface *s = &op->surface;

    if (!ARRAY_FIELD_EX32(regs, BITBLT_COMMAND, MASK_ROP4) &&
        !ARRAY_FIELD_EX32(regs, BITBLT_COMMAND, MASKING)) {
        return;
    }

    complain_if(b, true, COMPLAIN_MASK);
    complain_if(b, mode > MASK_LAST, COMPLAIN_MASK_MODE);
    op->read = true;
    s->plane[0].base = regs[R_MASK_BASE_ADDR];
    s->plane[0].stride = regs[R_MASK_STRIDE];
    surface_packed(s, mode < MASK_565 || mode == MASK_4BPP_WINCE ? 1 :
                      mode < MASK_8888 ? 2 : 4);
    s->plane[0].xshift = mode == MASK_1BPP ? 3 :
                         mode == MASK_4BPP || mode == MASK_4BPP_WINCE ? 1 : 0;
    complain_if(b, s->plane[0].base % s->plane[0].len, COMPLAIN_MASK_BASE);

    operand_rectangle(b, op, regs[R_MASK_LEFT_TOP], regs[R_MASK_RIGHT_BOTTOM],
                      COMPLAIN_MASK_EMPTY);
    operand_repeat(b, op, regs[R_MASK_REPEAT_MODE], regs[R_MASK_PAD_VALUE],
                   REPEAT_CLAMP, COMPLAIN_MASK_REPEAT);
    operand_scale(b, op, regs[R_MASK_SCALE_CTRL], regs[R_MASK_XSCALE],
                  regs[R_MASK_YSCALE], COMPLAIN_MASK_SCALE);
    op->xneg = ARRAY_FIELD_EX32(regs, SRC_MASK_DIRECT, MASK_X);
    op->yneg = ARRAY_FIELD_EX32(regs, SRC_MASK_DIRECT, MASK_Y);
    op->rotated = ARRAY_FIELD_EX32(regs, ROTATE, MASK);
}

static void decode_pat(Fimg2dBlit *b, const uint32_t *regs)
{
    Fimg2dOperand *op = &b->pat;
    uint32_t size = regs[R_PAT_SIZE];
    uint32_t offset = regs[R_PAT_OFFSET];

    op->read = true;
    surface_init(b, &op->surface, regs[R_PAT_BASE_ADDR], regs[R_PAT_STRIDE],
                 regs[R_PAT_COLOR_MODE], 0, 0, COMPLAIN_PAT_FORMAT,
                 COMPLAIN_PAT_BASE);
    /* There is no register for the base of a second plane. */
    op->surface.planes = 1;

    op->width = SHARED_FIELD_EX32(size, POINT_X);
    op->height = SHARED_FIELD_EX32(size, POINT_Y);
    if (!op->width || !op->height) {
        op->width = op->height = 0;
    }
    op->xoff = SHARED_FIELD_EX32(offset, POINT_X);
    op->yoff = SHARED_FIELD_EX32(offset, POINT_Y);
    op->repeat = REPEAT_REPEAT;
    op->xneg = ARRAY_FIELD_EX32(regs, DST_PAT_DIRECT, PAT_X);
    op->yneg = ARRAY_FIELD_EX32(regs, DST_PAT_DIRECT, PAT_Y);
    op->rotated = ARRAY_FIELD_EX32(regs, ROTATE, PAT);
}

static void decode_rop(Fimg2dBlit *b, const uint32_t *regs)
{
    unsigned unmasked = ARRAY_FIELD_EX32(regs, THIRD_OPERAND, UNMASKED);
    unsigned masked = ARRAY_FIELD_EX32(regs, THIRD_OPERAND, MASKED);
    bool use_unmasked, use_masked;

    b->mixer.rop3 = ARRAY_FIELD_EX32(regs, ROP4, UNMASKED);
    b->mixer.rop_alpha = ARRAY_FIELD_EX32(regs, BITBLT_COMMAND, ROP4_ALPHA);

    use_unmasked = fimg2d_rop3_uses_third(b->mixer.rop3);
    use_masked = ARRAY_FIELD_EX32(regs, BITBLT_COMMAND, MASK_ROP4) &&
                 fimg2d_rop3_uses_third(ARRAY_FIELD_EX32(regs, ROP4, MASKED));

    b->third_colour = regs[unmasked == THIRD_FG ? R_FG_COLOR : R_BG_COLOR];
    b->third_is_pat = use_unmasked && unmasked == THIRD_PATTERN;
    if (b->third_is_pat || (use_masked && masked == THIRD_PATTERN)) {
        decode_pat(b, regs);
    }
    b->mixer.premultiply_third =
        b->third_is_pat &&
        ARRAY_FIELD_EX32(regs, BITBLT_COMMAND, PREMULTIPLY_PAT);
    complain_if(b, (use_unmasked && unmasked > THIRD_BG) ||
                   (use_masked && masked > THIRD_BG), COMPLAIN_THIRD_SELECT);
}

static void complain_about_factor(Fimg2dBlit *b, const Fimg2dFactor *f)
{
    complain_if(b, f->coeff == 12, COMPLAIN_COEFFICIENT_MASK);
    complain_if(b, f->coeff > 12, COMPLAIN_COEFFICIENT);
    complain_if(b, f->sa > 2 || f->da > 2, COMPLAIN_COEFFICIENT_ALPHA);
}

static void decode_blend(Fimg2dBlit *b, const uint32_t *regs)
{
    Fimg2dMixer *m = &b->mixer;
    uint32_t function = regs[R_BLEND_FUNCTION];

    m->blend = true;
    m->src.coeff = FIELD_EX32(function, BLEND_FUNCTION, SRC_COEFF);
    m->src.sa = FIELD_EX32(function, BLEND_FUNCTION, SRC_COEFF_SA);
    m->src.da = FIELD_EX32(function, BLEND_FUNCTION, SRC_COEFF_DA);
    m->src.invert = FIELD_EX32(function, BLEND_FUNCTION, SRC_COEFF_INVERT);
    m->dst.coeff = FIELD_EX32(function, BLEND_FUNCTION, DST_COEFF);
    m->dst.sa = FIELD_EX32(function, BLEND_FUNCTION, DST_COEFF_SA);
    m->dst.da = FIELD_EX32(function, BLEND_FUNCTION, DST_COEFF_DA);
    m->dst.invert = FIELD_EX32(function, BLEND_FUNCTION, DST_COEFF_INVERT);
    m->global = ARRAY_FIELD_EX32(regs, ALPHA, ALPHA) << 24 |
                ARRAY_FIELD_EX32(regs, ALPHA, COLOUR);

    complain_about_factor(b, &m->src);
    complain_about_factor(b, &m->dst);
    complain_if(b, FIELD_EX32(function, BLEND_FUNCTION, LIGHTEN),
                COMPLAIN_LIGHTEN);
    complain_if(b, FIELD_EX32(function, BLEND_FUNCTION, DARKEN),
                COMPLAIN_DARKEN);
    complain_if(b, FIELD_EX32(function, BLEND_FUNCTION, WINCE),
                COMPLAIN_WINCE);
}

static void decode_mixer(Fimg2dBlit *b, const uint32_t *regs)
{
    uint32_t command = regs[R_BITBLT_COMMAND];
    unsigned mode = FIELD_EX32(command, BITBLT_COMMAND, BLEND);
    Fimg2dMixer *m = &b->mixer;

    m->round = ARRAY_FIELD_EX32(regs, ROUND_MODE, BLEND);
    m->round_premultiply = ARRAY_FIELD_EX32(regs, ROUND_MODE, PREMULTIPLY);
    m->premultiply_src = FIELD_EX32(command, BITBLT_COMMAND, PREMULTIPLY_SRC);
    m->premultiply_dst = FIELD_EX32(command, BITBLT_COMMAND, PREMULTIPLY_DST);
    m->depremultiply = FIELD_EX32(command, BITBLT_COMMAND, DEPREMULTIPLY_DST);

    complain_if(b, mode == 2, COMPLAIN_FADING);
    complain_if(b, mode > 2, COMPLAIN_BLEND_MODE);
    if (mode) {
        decode_blend(b, regs);
    } else {
        decode_rop(b, regs);
    }
}

static void decode_dst_operand(Fimg2dBlit *b, const uint32_t *regs)
{
    unsigned select = SHARED_ARRAY_FIELD_EX32(regs, R_DST_SELECT, SELECT);

    b->dst_read = select == SELECT_MEMORY;
    b->dst_colour = regs[select == SELECT_FG ? R_FG_COLOR : R_BG_COLOR];
    complain_if(b, select > SELECT_BG, COMPLAIN_DST_SELECT);
}

static void complain_about_features(Fimg2dBlit *b, const uint32_t *regs)
{
    uint32_t command = regs[R_BITBLT_COMMAND];
    uint32_t gamma = 0;
    unsigned i;

    for (i = R_GAMMA_FIRST; i <= R_GAMMA_LAST; i++) {
        gamma |= regs[i];
    }
    complain_if(b, gamma, COMPLAIN_GAMMA);
    complain_if(b, FIELD_EX32(command, BITBLT_COMMAND, DITHER),
                COMPLAIN_DITHER);
    complain_if(b, FIELD_EX32(command, BITBLT_COMMAND, TRANSPARENT),
                COMPLAIN_TRANSPARENT);
    complain_if(b, FIELD_EX32(command, BITBLT_COMMAND, COLOUR_KEY),
                COMPLAIN_COLOUR_KEY);
}

/* The destination rectangle, and the part of it that is processed. */
static void decode_rectangle(Fimg2dBlit *b, const uint32_t *regs)
{
    uint32_t left = SHARED_ARRAY_FIELD_EX32(regs, R_DST_LEFT_TOP, POINT_X);
    uint32_t top = SHARED_ARRAY_FIELD_EX32(regs, R_DST_LEFT_TOP, POINT_Y);
    uint32_t right = SHARED_ARRAY_FIELD_EX32(regs, R_DST_RIGHT_BOTTOM, POINT_X);
    uint32_t bottom = SHARED_ARRAY_FIELD_EX32(regs, R_DST_RIGHT_BOTTOM,
                                              POINT_Y);
    uint32_t x0 = left, y0 = top, x1 = right, y1 = bottom;

    if (right <= left || bottom <= top) {
        return;
    }
    b->left = left;
    b->top = top;
    b->width = right - left;
    b->height = bottom - top;
    b->xneg = ARRAY_FIELD_EX32(regs, DST_PAT_DIRECT, DST_X);
    b->yneg = ARRAY_FIELD_EX32(regs, DST_PAT_DIRECT, DST_Y);

    if (ARRAY_FIELD_EX32(regs, BITBLT_COMMAND, CLIP)) {
        x0 = MAX(x0, SHARED_ARRAY_FIELD_EX32(regs, R_CW_LT, POINT_X));
        y0 = MAX(y0, SHARED_ARRAY_FIELD_EX32(regs, R_CW_LT, POINT_Y));
        x1 = MIN(x1, SHARED_ARRAY_FIELD_EX32(regs, R_CW_RB, POINT_X));
        y1 = MIN(y1, SHARED_ARRAY_FIELD_EX32(regs, R_CW_RB, POINT_Y));
        if (x1 <= x0 || y1 <= y0) {
            return;
        }
    }
    b->first = x0 - left;
    b->columns = x1 - x0;
    b->row = b->yneg ? bottom - y1 : y0 - top;
    b->rows = y1 - y0;
}

/* Does a raw pixel of one format keep its bits on its way to the other? */
static bool same_bits(const Fimg2dFormat *a, const Fimg2dFormat *b)
{
    return a->bytes == b->bytes && a->stored == b->stored &&
           a->ones == b->ones &&
           !memcmp(a->bits, b->bits, sizeof(a->bits)) &&
           !memcmp(a->shift, b->shift, sizeof(a->shift));
}

static bool plain_copy(const Fimg2dBlit *b)
{
    const Fimg2dMixer *m = &b->mixer;

    return b->src.read && b->src.surface.readable && b->dst.readable &&
           same_bits(&b->src.surface.format, &b->dst.format) &&
           !m->blend && m->rop3 == 0xcc && !m->premultiply_src &&
           !m->depremultiply;
}

void fimg2d_blit_decode(Fimg2dBlit *b, const uint32_t *regs)
{
    memset(b, 0, sizeof(*b));

    decode_rectangle(b, regs);
    if (!b->rows) {
        return;
    }
    surface_init(b, &b->dst, regs[R_DST_BASE_ADDR], regs[R_DST_STRIDE],
                 regs[R_DST_COLOR_MODE], regs[R_DST_PLANE2_BASE],
                 regs[R_DST_A8_RGB_EXT], COMPLAIN_DST_FORMAT,
                 COMPLAIN_DST_BASE);

    if (ARRAY_FIELD_EX32(regs, BITBLT_COMMAND, SOLID_FILL)) {
        b->fill = true;
        b->fill_colour = regs[R_SF_COLOR];
        return;
    }
    decode_src(b, regs);
    decode_mask(b, regs);
    decode_mixer(b, regs);
    decode_dst_operand(b, regs);
    complain_about_features(b, regs);
    b->copy = plain_copy(b);
}

/*
 * Planning
 */

/* Bytes added from here on start a span of their own. */
static void plan_close(Fimg2dPlan *p)
{
    p->closed = p->spans;
}

/*
 * Add bytes, joining them to the last span when they touch it: rows are mostly
 * read and written from end to end, upwards or downwards.
 */
static uint32_t plan_add(Fimg2dPlan *p, uint32_t addr, uint32_t len)
{
    Fimg2dSpan *last;

    if (p->spans > p->closed) {
        uint32_t up, down;

        last = &p->span[p->spans - 1];
        up = addr - last->addr;
        down = last->addr - addr;
        if (up <= last->len) {
            last->len = MAX(last->len, up + len);
            return p->spans - 1;
        }
        if (down <= len) {
            last->addr = addr;
            last->len = MAX(len, down + last->len);
            return p->spans - 1;
        }
    }

    if (p->spans == p->allocated) {
        p->allocated = MAX(64, p->allocated * 2);
        p->span = g_renew(Fimg2dSpan, p->span, p->allocated);
    }
    last = &p->span[p->spans];
    last->addr = addr;
    last->len = len;
    return p->spans++;
}

static void plan_start(Fimg2dPlan *p)
{
    p->spans = 0;
    p->closed = 0;
    p->len = 0;
    p->counted = 0;
}

/* Give the spans their places, and each @overreach bytes more than it has. */
static void plan_finish(Fimg2dPlan *p, uint32_t overreach)
{
    uint32_t i;

    for (i = 0; i < p->spans; i++) {
        p->span[i].pos = p->len;
        p->span[i].len += overreach;
        p->len += p->span[i].len;
    }
}

static uint32_t pixel_address(const Fimg2dPlane *plane, uint32_t x, uint32_t y)
{
    return plane->base + (y >> plane->yshift) * plane->stride +
           (x >> plane->xshift) * plane->step;
}

/* Bring one coordinate of a sample into [0, extent); false if it stays out. */
static bool fold(uint64_t *v, uint32_t extent, unsigned repeat)
{
    if (*v < extent) {
        return true;
    }
    if (!extent) {
        return false;
    }
    switch (repeat) {
    case REPEAT_REPEAT:
        *v %= extent;
        return true;
    case REPEAT_REFLECT:
        *v %= 2 * extent;
        if (*v >= extent) {
            *v = 2 * extent - 1 - *v;
        }
        return true;
    case REPEAT_CLAMP:
        *v = extent - 1;
        return true;
    default:
        return false;
    }
}

/* Plan to read the pixel that is dx and dy away from (x, y). */
static Fimg2dSample sample_plan(Fimg2dPlan *p, const Fimg2dOperand *op,
                                const Fimg2dPlane *plane, uint64_t x,
                                uint64_t y, unsigned dx, unsigned dy)
{
    Fimg2dSample sample = { .span = FIMG2D_NO_SPAN };
    unsigned beyond_x = op->unbounded ? dx : 0;
    unsigned beyond_y = op->unbounded ? dy : 0;

    x += op->xoff + dx - beyond_x;
    y += op->yoff + dy - beyond_y;
    if (fold(&x, op->width, op->repeat) && fold(&y, op->height, op->repeat)) {
        sample.value = pixel_address(plane, op->left + x + beyond_x,
                                     op->top + y + beyond_y);
        sample.span = plan_add(p, sample.value, plane->len);
        p->counted += plane->len;
    } else if (op->repeat == REPEAT_PAD && op->width) {
        sample.value = op->pad;
    }
    return sample;
}

/* Where a column's sample is: pixels, or 16.16 fixed point when scaled. */
static void operand_position(const Fimg2dOperand *op, const Fimg2dBlit *b,
                             uint32_t column, uint32_t row, uint64_t *u,
                             uint64_t *v)
{
    uint32_t s = b->first + column;
    uint32_t t = op->yneg ? b->height - 1 - row : row;

    if (op->xneg != b->xneg) {
        s = b->width - 1 - s;
    }
    *u = op->rotated ? b->height - 1 - t : s;
    *v = op->rotated ? s : t;
    if (op->scale) {
        *u *= op->xscale;
        *v *= op->yscale;
    }
}

/* Plan the row as one run of bytes, if that is what it is. */
static bool operand_plan_run(Fimg2dPlan *p, Fimg2dLine *line,
                             const Fimg2dOperand *op, const Fimg2dBlit *b,
                             uint32_t row)
{
    const Fimg2dPlane *plane = &op->surface.plane[0];
    uint64_t x, y;
    uint32_t len, addr, span;

    if (op->scale || op->rotated || op->xneg != b->xneg ||
        op->surface.planes > 1 || plane->xshift) {
        return false;
    }
    operand_position(op, b, 0, row, &x, &y);
    x += op->xoff;
    y += op->yoff;
    if (!fold(&y, op->height, op->repeat)) {
        return false;
    }
    if (op->repeat == REPEAT_REPEAT) {
        x %= op->width;
    }
    if (x + b->columns > op->width) {
        return false;
    }

    len = b->columns * plane->len;
    addr = pixel_address(plane, op->left + x, op->top + y);
    span = plan_add(p, addr, len);
    p->counted += len;
    if (line) {
        line->run = true;
        line->sample[0][0].span = span;
        line->sample[0][0].value = addr;
    }
    return true;
}

/* Plan an operand's part of the row; its line may be NULL. */
static void operand_plan(Fimg2dPlan *p, Fimg2dLine *line,
                         const Fimg2dOperand *op, const Fimg2dBlit *b,
                         uint32_t row)
{
    bool bilinear = op->scale == SCALE_BILINEAR;
    unsigned shift = op->scale ? 16 : 0;
    unsigned dx, dy, i;
    uint32_t column;

    if (!op->read) {
        return;
    }
    plan_close(p);
    if (operand_plan_run(p, line, op, b, row)) {
        return;
    }
    if (line) {
        line->run = false;
    }

    for (dy = 0; dy <= bilinear; dy++) {
        for (i = 0; i < op->surface.planes; i++) {
            for (column = 0; column < b->columns; column++) {
                uint64_t u, v;

                operand_position(op, b, column, row, &u, &v);
                for (dx = 0; dx <= bilinear; dx++) {
                    Fimg2dSample sample;

                    sample = sample_plan(p, op, &op->surface.plane[i],
                                         u >> shift, v >> shift, dx, dy);
                    if (line && i == 0) {
                        line->sample[dy * 2 + dx][column] = sample;
                    }
                }
                if (line && bilinear) {
                    line->fu[column] = u >> 8;
                    line->fv[column] = v >> 8;
                }
            }
        }
    }
}

/* Plan one plane of the destination's row. */
static Fimg2dSample dst_plan(Fimg2dPlan *p, const Fimg2dBlit *b,
                             const Fimg2dPlane *plane, uint32_t y)
{
    uint32_t x = b->left + b->first;
    Fimg2dSample sample;
    uint32_t end;

    sample.value = pixel_address(plane, x, y);
    end = pixel_address(plane, x + b->columns - 1, y) + plane->len;
    plan_close(p);
    sample.span = plan_add(p, sample.value, end - sample.value);
    p->counted += (uint64_t)b->columns * plane->len;
    return sample;
}

static void line_reserve(Fimg2dLine *line, unsigned samples, uint32_t columns)
{
    unsigned i;

    for (i = 0; i < samples; i++) {
        line->sample[i] = g_renew(Fimg2dSample, line->sample[i], columns);
    }
    line->fu = g_renew(uint8_t, line->fu, columns);
    line->fv = g_renew(uint8_t, line->fv, columns);
    line->colour = g_renew(uint32_t, line->colour, columns);
}

static void row_reserve(Fimg2dRow *r, uint32_t columns)
{
    if (r->columns < columns) {
        line_reserve(&r->src, 4, columns);
        line_reserve(&r->pat, 1, columns);
        line_reserve(&r->dst, 1, columns);
        r->columns = columns;
    }
}

void fimg2d_row_plan(Fimg2dRow *r, const Fimg2dBlit *b, uint32_t row)
{
    uint32_t y = b->top + (b->yneg ? b->height - 1 - row : row);
    unsigned i;

    row_reserve(r, b->columns);
    plan_start(&r->reads);
    plan_start(&r->writes);

    operand_plan(&r->reads, &r->src, &b->src, b, row);
    operand_plan(&r->reads, NULL, &b->mask, b, row);
    operand_plan(&r->reads, &r->pat, &b->pat, b, row);
    for (i = 0; i < b->dst.planes; i++) {
        if (b->dst_read) {
            Fimg2dSample sample = dst_plan(&r->reads, b, &b->dst.plane[i], y);

            if (i == 0) {
                r->dst.run = true;
                r->dst.sample[0][0] = sample;
            }
        }
        dst_plan(&r->writes, b, &b->dst.plane[i], y);
    }

    plan_finish(&r->reads, b->overreach_read);
    plan_finish(&r->writes, b->overreach_write);
}

/*
 * Computing
 */

static const uint8_t *sample_bytes(const Fimg2dPlan *p, Fimg2dSample sample,
                                   const uint8_t *in)
{
    const Fimg2dSpan *span = &p->span[sample.span];

    return in + span->pos + (sample.value - span->addr);
}

static uint32_t sample_colour(const Fimg2dPlan *p, const Fimg2dFormat *f,
                              Fimg2dSample sample, const uint8_t *in)
{
    if (sample.span == FIMG2D_NO_SPAN) {
        return sample.value;
    }
    return fimg2d_unpack(f, fimg2d_load(sample_bytes(p, sample, in), f->bytes));
}

/* The colours of an operand that is in memory. */
static void line_compute(Fimg2dLine *line, const Fimg2dPlan *p,
                         const Fimg2dSurface *s, bool bilinear,
                         const uint8_t *in, uint32_t columns)
{
    const Fimg2dFormat *f = &s->format;
    uint32_t i;

    if (line->run) {
        const uint8_t *bytes = sample_bytes(p, line->sample[0][0], in);

        for (i = 0; i < columns; i++, bytes += f->bytes) {
            line->colour[i] = fimg2d_unpack(f, fimg2d_load(bytes, f->bytes));
        }
        return;
    }

    for (i = 0; i < columns; i++) {
        uint32_t colour = sample_colour(p, f, line->sample[0][i], in);

        if (bilinear) {
            colour = fimg2d_bilinear(colour,
                         sample_colour(p, f, line->sample[1][i], in),
                         sample_colour(p, f, line->sample[2][i], in),
                         sample_colour(p, f, line->sample[3][i], in),
                         line->fu[i], line->fv[i]);
        }
        line->colour[i] = colour;
    }
}

static void line_set(Fimg2dLine *line, uint32_t colour, uint32_t columns)
{
    uint32_t i;

    for (i = 0; i < columns; i++) {
        line->colour[i] = colour;
    }
}

static void row_fill(const Fimg2dBlit *b, uint8_t *out)
{
    unsigned bytes = b->dst.format.bytes;
    uint32_t i;

    for (i = 0; i < b->columns; i++, out += bytes) {
        fimg2d_store(out, bytes, b->fill_colour);
    }
}

static void row_copy(const Fimg2dRow *r, const Fimg2dBlit *b, const uint8_t *in,
                     uint8_t *out)
{
    const Fimg2dFormat *f = &b->dst.format;
    uint32_t i;

    in = sample_bytes(&r->reads, r->src.sample[0][0], in);
    if (!f->ones) {
        memcpy(out, in, b->columns * f->bytes);
        return;
    }
    for (i = 0; i < b->columns; i++, in += f->bytes, out += f->bytes) {
        fimg2d_store(out, f->bytes, fimg2d_load(in, f->bytes) | f->ones);
    }
}

static void row_mix(Fimg2dRow *r, const Fimg2dBlit *b, const uint8_t *in,
                    uint8_t *out)
{
    const Fimg2dFormat *f = &b->dst.format;
    uint32_t i;

    if (b->src.read) {
        line_compute(&r->src, &r->reads, &b->src.surface,
                     b->src.scale == SCALE_BILINEAR, in, b->columns);
    } else {
        line_set(&r->src, b->src_colour, b->columns);
    }
    if (b->third_is_pat) {
        line_compute(&r->pat, &r->reads, &b->pat.surface, false, in,
                     b->columns);
    } else {
        line_set(&r->pat, b->third_colour, b->columns);
    }
    if (b->dst_read) {
        line_compute(&r->dst, &r->reads, &b->dst, false, in, b->columns);
    } else {
        line_set(&r->dst, b->dst_colour, b->columns);
    }

    for (i = 0; i < b->columns; i++, out += f->bytes) {
        uint32_t colour = fimg2d_mix(&b->mixer, r->src.colour[i],
                                     r->dst.colour[i], r->pat.colour[i]);

        fimg2d_store(out, f->bytes, fimg2d_pack(f, colour));
    }
}

void fimg2d_row_compute(Fimg2dRow *r, const Fimg2dBlit *b, const uint8_t *in,
                        uint8_t *out)
{
    if (b->overreach_write) {
        memset(out, FIMG2D_OVERREACH_BYTE, r->writes.len);
    }
    if (!b->dst.readable) {
        memset(out, 0, r->writes.len);
    } else if (b->fill) {
        row_fill(b, out);
    } else if (b->copy && r->src.run) {
        row_copy(r, b, in, out);
    } else {
        row_mix(r, b, in, out);
    }
}

static void line_free(Fimg2dLine *line)
{
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(line->sample); i++) {
        g_free(line->sample[i]);
    }
    g_free(line->fu);
    g_free(line->fv);
    g_free(line->colour);
}

void fimg2d_row_free(Fimg2dRow *r)
{
    g_free(r->reads.span);
    g_free(r->writes.span);
    line_free(&r->src);
    line_free(&r->pat);
    line_free(&r->dst);
    memset(r, 0, sizeof(*r));
}
