/*
 * Command lists of the FIMG2D qtests: making them, placing them in bus memory
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exynos-fimg2d-cmdlist.h"

const uint8_t pixel_formats[PIXEL_FORMATS] = {
    0, 1, 2, 3, 4, 5, 6, 7, 11, 12
};

uint32_t pixel_bytes(uint32_t mode)
{
    static const uint8_t bytes[16] = {
        4, 4, 2, 2, 2, 2, 2, 3, 3, 4, 1, 1, 1, 4, 4, 4
    };

    return bytes[mode & 0xf];
}

List *list_new(void)
{
    return g_array_new(false, false, sizeof(Pair));
}

void list_free(List *list)
{
    g_array_free(list, true);
}

void list_put(List *list, uint32_t offset, uint32_t value)
{
    Pair pair = { offset, value };

    g_array_append_val(list, pair);
}

void list_place_part(Bus *bus, List *list, uint32_t first, uint32_t end,
                     uint32_t address, uint32_t next)
{
    uint32_t i;

    bus_put32(bus, address, end - first);
    address += 4;
    for (i = first; i < end; i++, address += 8) {
        bus_put32(bus, address, g_array_index(list, Pair, i).offset);
        bus_put32(bus, address + 4, g_array_index(list, Pair, i).value);
    }
    bus_put32(bus, address, next);
}

uint32_t list_place(Bus *bus, List *list)
{
    uint32_t words = 2 + 2 * list->len;
    uint32_t address = LIST_IOVA - 4 * words;

    list_place_part(bus, list, 0, list->len, address, 0);
    return address;
}

void list_begin(List *list)
{
    SET(list, SOFT_RESET, FIMG2D_SOFT_RESET_SFRCLEAR);
    SET(list, SRC_BASE_ADDR, 0);
    SET(list, DST_SELECT, 0);
    SET(list, BLEND_FUNCTION, 0);
}

void set_dst(List *list, uint32_t mode, uint32_t base, uint32_t stride,
             uint32_t left, uint32_t top, uint32_t width,
             uint32_t height)
{
    SET(list, DST_COLOR_MODE, mode);
    SET(list, DST_BASE_ADDR, base);
    SET(list, DST_STRIDE, stride);
    SET(list, DST_LEFT_TOP, xy(left, top));
    SET(list, DST_RIGHT_BOTTOM, xy(left + width, top + height));
}

void set_src(List *list, uint32_t mode, uint32_t base, uint32_t stride,
             uint32_t left, uint32_t top, uint32_t width,
             uint32_t height)
{
    SET(list, SRC_SELECT, 0);
    SET(list, SRC_COLOR_MODE, mode);
    SET(list, SRC_BASE_ADDR, base);
    SET(list, SRC_STRIDE, stride);
    SET(list, SRC_LEFT_TOP, xy(left, top));
    SET(list, SRC_RIGHT_BOTTOM, xy(left + width, top + height));
}

void set_mask(List *list, uint32_t mode, uint32_t base, uint32_t stride,
              uint32_t left, uint32_t top, uint32_t width,
              uint32_t height)
{
    SET(list, MASK_MODE, mode);
    SET(list, MASK_BASE_ADDR, base);
    SET(list, MASK_STRIDE, stride);
    SET(list, MASK_LEFT_TOP, xy(left, top));
    SET(list, MASK_RIGHT_BOTTOM, xy(left + width, top + height));
}

void set_pattern(List *list, uint32_t mode, uint32_t base,
                 uint32_t stride, uint32_t width, uint32_t height,
                 uint32_t x, uint32_t y)
{
    SET(list, PAT_COLOR_MODE, mode);
    SET(list, PAT_BASE_ADDR, base);
    SET(list, PAT_STRIDE, stride);
    SET(list, PAT_SIZE, xy(width, height));
    SET(list, PAT_OFFSET, xy(x, y));
}

void list_go(List *list)
{
    SET(list, BITBLT_START, 1);
}
