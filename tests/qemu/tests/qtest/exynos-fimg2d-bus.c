/*
 * Bus memory of the reference in the FIMG2D qtests
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A page comes into being where it is first accessed, with random content that
 * only depends on its address and on the seed of the bus.
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "exynos-fimg2d-bus.h"

uint32_t scramble(uint32_t x)
{
    x ^= x >> 16;
    x *= 0x7feb352d;
    x ^= x >> 15;
    x *= 0x846ca68b;
    return x ^ x >> 16;
}

/* Random words, with enough zeros and ones among them to meet their cases. */
static void fill_page(Page *page, uint32_t seed)
{
    uint32_t i, word, state = scramble(seed ^ scramble(page->iova)) | 1;

    for (i = 0; i < PAGE_BYTES; i += 4) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        word = state;
        switch (scramble(state) & 31) {
        case 0:
            word = 0;
            break;
        case 1:
            word = 0xffffffff;
            break;
        case 2:
            word |= 0xff000000;
            break;
        case 3:
            word &= 0x00ffffff;
            break;
        }
        stl_le_p(page->before + i, word);
    }
    memcpy(page->now, page->before, PAGE_BYTES);
}

Page *bus_find(Bus *bus, uint32_t iova)
{
    return g_hash_table_lookup(bus->pages,
                               GUINT_TO_POINTER(iova / PAGE_BYTES + 1));
}

Page *bus_page(Bus *bus, uint32_t iova)
{
    Page *page = bus->last;

    if (page && page->iova == (iova & -PAGE_BYTES)) {
        return page;
    }
    page = bus_find(bus, iova);
    if (!page) {
        page = g_new0(Page, 1);
        page->iova = iova & -PAGE_BYTES;
        fill_page(page, bus->seed);
        g_hash_table_insert(bus->pages,
                            GUINT_TO_POINTER(iova / PAGE_BYTES + 1), page);
        g_ptr_array_add(bus->order, page);
    }
    bus->last = page;
    return page;
}

uint8_t bus_read(void *opaque, enum fimg2d_operand operand,
                 uint32_t address)
{
    Page *page = bus_page(opaque, address);

    page->read = true;
    return page->now[address % PAGE_BYTES];
}

static void bus_write(void *opaque, enum fimg2d_operand operand,
                      uint32_t address, uint8_t value)
{
    Page *page = bus_page(opaque, address);

    page->written = true;
    page->now[address % PAGE_BYTES] = value;
}

void bus_put32(Bus *bus, uint32_t address, uint32_t value)
{
    Page *page;
    int i;

    for (i = 0; i < 4; i++) {
        page = bus_page(bus, address + i);
        page->before[(address + i) % PAGE_BYTES] = value >> (8 * i);
        page->now[(address + i) % PAGE_BYTES] = value >> (8 * i);
    }
}

Bus *bus_new(uint32_t seed)
{
    Bus *bus = g_new0(Bus, 1);

    bus->pages = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    bus->order = g_ptr_array_new();
    bus->seed = seed;
    bus->ref.opaque = bus;
    bus->ref.read = bus_read;
    bus->ref.write = bus_write;
    bus->ref.row = bus->row;
    bus->ref.row_pixels = ROW_PIXELS;
    fimg2d_reference_reset(&bus->ref);
    return bus;
}

void bus_free(Bus *bus)
{
    g_hash_table_destroy(bus->pages);
    g_ptr_array_free(bus->order, true);
    g_free(bus);
}
