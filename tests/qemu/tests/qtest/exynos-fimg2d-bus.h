/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bus memory of the reference in the FIMG2D qtests
 */
#ifndef EXYNOS_FIMG2D_BUS_H
#define EXYNOS_FIMG2D_BUS_H

#include "exynos-fimg2d-qtest.h"

#define PAGE_BYTES      0x1000u
#define ROW_PIXELS      0x10000

typedef struct Page {
    uint32_t iova;
    bool read, written;         /* by the reference */
    bool mapped, writable;      /* for the device */
    uint32_t frame;             /* physical address */
    uint8_t before[PAGE_BYTES], now[PAGE_BYTES];
} Page;

typedef struct Bus {
    GHashTable *pages;
    GPtrArray *order;           /* the same pages, first touched first */
    Page *last;
    uint32_t seed;
    uint32_t row[ROW_PIXELS];
    struct fimg2d_reference ref;
} Bus;

/* Hash a number: neighbours have nothing in common. */
uint32_t scramble(uint32_t x);

/* Make a bus without pages, and a reference in reset that works on it. */
Bus *bus_new(uint32_t seed);

/* Free a bus with its pages. */
void bus_free(Bus *bus);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bus, bus_free)

/* Return the page with this address, or NULL if nothing has accessed it. */
Page *bus_find(Bus *bus, uint32_t iova);

/* Return the page with this address; make it if it does not exist. */
Page *bus_page(Bus *bus, uint32_t iova);

/* Read a byte as the reference does; opaque is the Bus. */
uint8_t bus_read(void *opaque, enum fimg2d_operand operand,
                 uint32_t address);

/* Write a word as the CPU does before the engine starts. */
void bus_put32(Bus *bus, uint32_t address, uint32_t value);

#endif
