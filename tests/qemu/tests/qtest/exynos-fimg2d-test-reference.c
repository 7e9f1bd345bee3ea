/*
 * Tests of the FIMG2D reference against results worked out by hand from
 * docs/specs/exynos-fimg2d.rst
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exynos-fimg2d-test.h"

static struct fimg2d_reference *hand_made(Bus *bus)
{
    struct fimg2d_reference *ref = &bus->ref;

    ref->regs[FIMG2D_ROP4 / 4] = SRCCOPY;
    ref->regs[FIMG2D_SRC_SELECT / 4] = 0;
    ref->regs[FIMG2D_SRC_BASE_ADDR / 4] = SRC_IOVA;
    ref->regs[FIMG2D_DST_BASE_ADDR / 4] = DST_IOVA;
    ref->regs[FIMG2D_SRC_STRIDE / 4] = 64;
    ref->regs[FIMG2D_DST_STRIDE / 4] = 64;
    ref->regs[FIMG2D_DST_SELECT / 4] = 2;
    return ref;
}

#define REF(ref, name) ((ref)->regs[FIMG2D_##name / 4])

static uint32_t bus_get32(Bus *bus, uint32_t address)
{
    uint32_t i, value = 0;

    for (i = 0; i < 4; i++) {
        value |= (uint32_t)bus_page(bus, address + i)
                 ->now[(address + i) % PAGE_BYTES] << (8 * i);
    }
    return value;
}

static void test_reference_rotation(void)
{
    static const uint32_t upright[6] = { 1, 2, 3, 4, 5, 6 };
    static const uint32_t anticlockwise[6] = { 3, 6, 2, 5, 1, 4 };
    g_autoptr(Bus) bus = bus_new(0);
    struct fimg2d_reference *ref = hand_made(bus);
    int i;

    for (i = 0; i < 6; i++) {
        bus_put32(bus, SRC_IOVA + 64 * (i / 3) + 4 * (i % 3),
                  0xff000000 | upright[i]);
    }
    REF(ref, SRC_RIGHT_BOTTOM) = xy(3, 2);
    REF(ref, DST_RIGHT_BOTTOM) = xy(2, 3);
    REF(ref, ROTATE) = 1;
    g_assert_true(fimg2d_reference_blit(ref));
    for (i = 0; i < 6; i++) {
        g_assert_cmphex(bus_get32(bus, DST_IOVA + 64 * (i / 2) + 4 * (i % 2)),
                        ==, 0xff000000 | anticlockwise[i]);
    }
    g_assert_cmpuint(ref->bytes_read[FIMG2D_SRC], ==, 24);
    g_assert_cmpuint(ref->bytes_read[FIMG2D_DST], ==, 0);
    g_assert_cmpuint(ref->bytes_written, ==, 24);
}

typedef struct Access {
    char what;
    uint32_t address;
} Access;

typedef struct AccessLog {
    const Access *expected;
    size_t count, next;
} AccessLog;

static void log_access(AccessLog *log, char what, uint32_t address)
{
    g_assert_cmpuint(log->next, <, log->count);
    g_assert_cmpint(log->expected[log->next].what, ==, what);
    g_assert_cmphex(log->expected[log->next].address, ==, address);
    log->next++;
}

static uint8_t log_read(void *opaque, enum fimg2d_operand operand,
                        uint32_t address)
{
    static const char names[FIMG2D_OPERANDS] = "lsdpm";

    log_access(opaque, names[operand], address);
    return 0;
}

static void log_write(void *opaque, enum fimg2d_operand operand,
                      uint32_t address, uint8_t value)
{
    log_access(opaque, 'w', address);
}

static void expect_accesses(Bus *bus, const Access *expected, size_t count)
{
    AccessLog log = { expected, count, 0 };

    bus->ref.opaque = &log;
    bus->ref.read = log_read;
    bus->ref.write = log_write;
    g_assert_true(fimg2d_reference_blit(&bus->ref));
    g_assert_cmpuint(log.next, ==, count);
}

static void test_reference_accesses(void)
{
    g_autoptr(Bus) bus = bus_new(0);
    struct fimg2d_reference *ref = hand_made(bus);
    /* 565 at (1, 1) to 420 at (1, 1): its pair of bytes begins at x = 0. */
    static const Access copy[] = {
        { 's', SRC_IOVA + 66 }, { 's', SRC_IOVA + 67 },
        { 's', SRC_IOVA + 68 }, { 's', SRC_IOVA + 69 },
        { 'w', DST_IOVA + 65 },
        { 'w', DST_IOVA + PLANE2 }, { 'w', DST_IOVA + PLANE2 + 1 },
        { 'w', DST_IOVA + 66 },
        { 'w', DST_IOVA + PLANE2 + 2 }, { 'w', DST_IOVA + PLANE2 + 3 },
    };
    /* Bilinear at the lower right corner, clamped, then the destination */
    static const Access corner[] = {
        { 's', SRC_IOVA + 65 }, { 's', SRC_IOVA + 65 },
        { 's', SRC_IOVA + 65 }, { 's', SRC_IOVA + 65 },
        { 'd', DST_IOVA }, { 'w', DST_IOVA },
    };
    /* Source, mask of 4 bpp, pattern with its offset */
    static const Access third[] = {
        { 's', SRC_IOVA + 65 }, { 'm', MASK_IOVA + 33 },
        { 'p', PAT_IOVA + 18 }, { 'w', DST_IOVA },
    };

    REF(ref, SRC_COLOR_MODE) = 2;
    REF(ref, SRC_LEFT_TOP) = xy(1, 1);
    REF(ref, SRC_RIGHT_BOTTOM) = xy(3, 2);
    REF(ref, DST_COLOR_MODE) = 10;
    REF(ref, DST_PLANE2_BASE) = DST_IOVA + PLANE2;
    REF(ref, DST_LEFT_TOP) = xy(1, 1);
    REF(ref, DST_RIGHT_BOTTOM) = xy(3, 2);
    expect_accesses(bus, copy, ARRAY_SIZE(copy));

    REF(ref, SRC_COLOR_MODE) = 12;
    REF(ref, SRC_LEFT_TOP) = xy(0, 0);
    REF(ref, SRC_RIGHT_BOTTOM) = xy(2, 2);
    REF(ref, SRC_SCALE_CTRL) = 2;
    REF(ref, SRC_REPEAT_MODE) = 3;
    REF(ref, SRC_XSCALE) = 0x30000;
    REF(ref, SRC_YSCALE) = 0x30000;
    REF(ref, SRC_MASK_DIRECT) = 0x33;
    REF(ref, DST_COLOR_MODE) = 12;
    REF(ref, DST_LEFT_TOP) = xy(0, 0);
    REF(ref, DST_RIGHT_BOTTOM) = xy(2, 2);
    REF(ref, BITBLT_COMMAND) = FIMG2D_COMMAND_CLIP;
    REF(ref, CW_RB) = xy(1, 1);
    REF(ref, DST_SELECT) = 0;
    expect_accesses(bus, corner, ARRAY_SIZE(corner));

    REF(ref, SRC_SCALE_CTRL) = 0;
    REF(ref, DST_SELECT) = 1;
    REF(ref, BITBLT_COMMAND) = FIMG2D_COMMAND_CLIP | FIMG2D_COMMAND_MASKING;
    REF(ref, MASK_BASE_ADDR) = MASK_IOVA;
    REF(ref, MASK_STRIDE) = 32;
    REF(ref, MASK_MODE) = 1;
    REF(ref, MASK_LEFT_TOP) = xy(2, 0);
    REF(ref, MASK_RIGHT_BOTTOM) = xy(4, 2);
    REF(ref, PAT_BASE_ADDR) = PAT_IOVA;
    REF(ref, PAT_COLOR_MODE) = 11;
    REF(ref, PAT_STRIDE) = 8;
    REF(ref, PAT_SIZE) = xy(3, 4);
    REF(ref, PAT_OFFSET) = xy(5, 6);
    REF(ref, ROP4) = 0xf0;
    expect_accesses(bus, third, ARRAY_SIZE(third));
}

static uint32_t hand_pixel(uint32_t src_mode, uint32_t src, uint32_t dst_mode,
                           uint32_t dst, uint32_t command, uint32_t function,
                           uint32_t round)
{
    g_autoptr(Bus) bus = bus_new(0);
    struct fimg2d_reference *ref = hand_made(bus);

    bus_put32(bus, SRC_IOVA, src);
    bus_put32(bus, DST_IOVA, dst);
    REF(ref, SRC_COLOR_MODE) = src_mode;
    REF(ref, SRC_A8_RGB_EXT) = 0x123456;
    REF(ref, SRC_RIGHT_BOTTOM) = xy(1, 1);
    REF(ref, DST_COLOR_MODE) = dst_mode;
    REF(ref, DST_SELECT) = 0;
    REF(ref, DST_RIGHT_BOTTOM) = xy(1, 1);
    REF(ref, BITBLT_COMMAND) = command;
    REF(ref, BLEND_FUNCTION) = function;
    REF(ref, ROUND_MODE) = round;
    REF(ref, ALPHA) = 0x10203080;
    g_assert_true(fimg2d_reference_blit(ref));
    return bus_get32(bus, DST_IOVA);
}

static void test_reference_pixels(void)
{
    uint32_t over = FIMG2D_COMMAND_BLEND(1), mix;

    /* 00010 010001 10100: R 00010000, G 01000101, B 10100101 */
    g_assert_cmphex(hand_pixel(2, 0x1234, 1, 0, 0, 0, 0), ==, 0xff1045a5);
    g_assert_cmphex(hand_pixel(2, 0x1234, 0x21, 0, 0, 0, 0), ==, 0xffa54510);
    g_assert_cmphex(hand_pixel(2, 0x1234, 0x11, 0, 0, 0, 0), ==, 0x1045a5ff);
    g_assert_cmphex(hand_pixel(2, 0x1234, 0x31, 0, 0, 0, 0), ==, 0xa54510ff);
    g_assert_cmphex(hand_pixel(0, 0x00123456, 1, 0, 0, 0, 0), ==, 0xff123456);
    g_assert_cmphex(hand_pixel(1, 0x12345678, 0, 0, 0, 0, 0), ==, 0xff345678);
    g_assert_cmphex(hand_pixel(4, 0x7c1f, 1, 0, 0, 0, 0), ==, 0x00ff00ff);
    g_assert_cmphex(hand_pixel(0x16, 0x1234, 1, 0, 0, 0, 0), ==, 0x44112233);
    g_assert_cmphex(hand_pixel(1, 0x80ff8040, 4, 0, 0, 0, 0), ==, 0xfe08);
    g_assert_cmphex(hand_pixel(1, 0x80ff8040, 3, 0, 0, 0, 0), ==, 0xfe08);
    g_assert_cmphex(hand_pixel(1, 0x70ff8040, 0x15, 0, 0, 0, 0), ==, 0xf84f);
    g_assert_cmphex(hand_pixel(7, 0x99123456, 7, 0x77000000, 0, 0, 0), ==,
                    0x77123456);
    g_assert_cmphex(hand_pixel(11, 0x9a, 1, 0, 0, 0, 0), ==, 0x9a123456);
    g_assert_cmphex(hand_pixel(12, 0x9a, 1, 0, 0, 0, 0), ==, 0xff9a9a9a);
    g_assert_cmphex(hand_pixel(1, 0x12345678, 11, 0, 0, 0, 0), ==, 0x12);
    g_assert_cmphex(hand_pixel(1, 0x12345678, 12, 0, 0, 0, 0), ==, 0x34);

    /*
     * Source over with a premultiplied source of half alpha: one, and the
     * inverse of the source's alpha, which is 127:
     * (127 + 1) * 200 >> 8 = 100, (127 + 0) * 200 >> 8 = 99,
     * 127 * 200 + 128 = 25528, + 99 >> 8 = 100.
     */
    mix = 0 | 2 << 8 | 1 << 18;
    g_assert_cmphex(hand_pixel(1, 0x80402010, 1, 0xffc8c8c8, over, mix, 0),
                    ==, 0xffa48474);
    g_assert_cmphex(hand_pixel(1, 0x80402010, 1, 0xffc8c8c8, over, mix, 1),
                    ==, 0xfea38373);
    g_assert_cmphex(hand_pixel(1, 0x80402010, 1, 0xffc8c8c8, over, mix, 2),
                    ==, 0xffa48474);

    /* Global alpha and colour: 128 and 10 20 30 */
    g_assert_cmphex(hand_pixel(1, 0xffffffff, 1, 0, over, 6 | 1 << 8, 2), ==,
                    0x80808080);
    g_assert_cmphex(hand_pixel(1, 0xffffffff, 1, 0, over, 7 | 1 << 8, 2), ==,
                    0x80102030);
    /* Disjoint S: (255 - DA) * 255 / SA = (255 - 192) * 255 / 128 = 125 */
    g_assert_cmphex(hand_pixel(1, 0x80ffffff, 1, 0xc0000000, over,
                               8 | 1 << 8, 2) & 0xffffff, ==, 0x7d7d7d);

    /* Half and half of 1: rounded once they are 1, rounded each they are 2. */
    g_assert_cmphex(hand_pixel(1, 0x01010101, 1, 0x01010101, over, 6 | 6 << 8,
                               2), ==, 0x02020202);
    g_assert_cmphex(hand_pixel(1, 0x01010101, 1, 0x01010101, over, 6 | 6 << 8,
                               3), ==, 0x01010101);

    /*
     * Premultiply by 0x80: (0x80 * 0xff) >> 8 = 0x7f, (0x81 * 0xff) >> 8 =
     * 0x80, 0x80 * 0xff + 0x80 = 0x8000, + 0x80 >> 8 = 0x80.  By 0x7f the third
     * differs from the second: (0x7f * 0xff) >> 8 = 0x7e.  And back: 0xff.
     */
    g_assert_cmphex(hand_pixel(1, 0x80ff7f00, 1, 0, FIMG2D_COMMAND_PREMUL_SRC,
                               0, 0x00), ==, 0x807f3f00);
    g_assert_cmphex(hand_pixel(1, 0x80ff7f00, 1, 0, FIMG2D_COMMAND_PREMUL_SRC,
                               0, 0x10), ==, 0x80803f00);
    g_assert_cmphex(hand_pixel(1, 0x7fff7f00, 1, 0, FIMG2D_COMMAND_PREMUL_SRC,
                               0, 0x20), ==, 0x7f7e3f00);
    g_assert_cmphex(hand_pixel(1, 0x80ff7f00, 1, 0, FIMG2D_COMMAND_PREMUL_SRC,
                               0, 0x30), ==, 0x80804000);
    g_assert_cmphex(hand_pixel(1, 0x80803f00, 1, 0, FIMG2D_COMMAND_DEPREMUL_DST,
                               0, 0), ==, 0x80ff7d00);
}

void add_reference_tests(void)
{
    g_test_add_func("/reference/rotation", test_reference_rotation);
    g_test_add_func("/reference/accesses", test_reference_accesses);
    g_test_add_func("/reference/pixels", test_reference_pixels);
}
