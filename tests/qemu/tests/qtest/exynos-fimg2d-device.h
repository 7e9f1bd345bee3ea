/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running jobs on the FIMG2D model for its qtests
 *
 * Functions that return a char * return NULL if all is well, or else the
 * difference as a text that the caller frees.
 */
#ifndef EXYNOS_FIMG2D_DEVICE_H
#define EXYNOS_FIMG2D_DEVICE_H

#include "exynos-fimg2d-cmdlist.h"

/* The machine under test; a test that replaces it quits the one it replaces. */
extern QTestState *qts;

/* Behind the System MMU, against the reference */

typedef enum RunMode {
    PREMAPPED,          /* a fault is an error */
    DEMAND,             /* every page and every permission is faulted in */
    DISTURBED,          /* as PREMAPPED, and the MMU is blocked and flushed */
} RunMode;

typedef struct Tables {
    uint32_t lv1[4096];
    uint32_t lv2[4096][256];
    uint16_t slot[4096];        /* 1 + index into lv2, by section */
    uint32_t used;
} Tables;

/* Return the copy of a page's entry, and where the entry itself is in RAM. */
uint32_t *lv2_entry(Tables *tables, uint32_t iova, uint32_t *where);

/* Return the entry that maps a page, writable or not. */
uint32_t page_entry(const Page *page);

/*
 * Put the bus memory's first content into RAM, in an order that is not that of
 * its addresses, and turn the System MMU on.
 */
void upload(Bus *bus, Tables *tables, RunMode mode);

/* Map the page at the pending fault if the reference accessed it. */
char *serve_fault(Bus *bus, Tables *tables);

/* Compare memory, counters and, in DEMAND mode, the pages that were mapped. */
char *compare_outcome(Bus *bus, RunMode mode);

/* Run a list that the reference has run, and compare. */
char *run_device(Bus *bus, uint32_t address, RunMode mode);

/* Run a list by both and compare; a difference fails the test. */
void check_list(List *list, RunMode mode);

/* Do so on a bus on which the list has been placed at address. */
void check_at(Bus *bus, List *list, uint32_t address, RunMode mode);

/* Print a list among the test's messages. */
void print_list(List *list);

/* Describe a fault as run_device() does; the caller frees the text. */
char *fault_text(const char *what, uint32_t status, uint32_t address);

/* Step by step: the System MMU is off, addresses are those of RAM. */

#define RAM_LIST    (RAM_BASE + 0x100000)
#define RAM_DST     (RAM_BASE + 0x200000)

/* Reset the engine, the test page's counters and the destination. */
void start_raw(void);

/* Write a list to address, linked to next. */
void raw_list(uint32_t address, List *list, uint32_t next);

/* Append a fill of rows * 16 bytes at RAM_DST + at with color. */
void add_fill(List *list, uint32_t at, uint32_t rows, uint32_t color);

/*
 * Write count lists at RAM_LIST, one after the other; the nth fills at 256 * n
 * with n + 1 in each byte.  DMA_SFR_BASE_ADDR is set, DMA_COMMAND is not.
 */
void put_fills(uint32_t count);

/* Return the first word of the nth list's destination. */
static inline uint32_t filled(uint32_t n)
{
    return qtest_readl(qts, RAM_DST + 256 * n);
}

static inline uint32_t dma_status(uint32_t lists, uint32_t blits, uint32_t done)
{
    return lists << 17 | blits << 1 | done;
}

#define assert_status(lists, blits, done) \
    g_assert_cmphex(g2d_read(qts, FIMG2D_DMA_STATUS), ==, \
                    dma_status(lists, blits, done))
#define assert_pending(bits) \
    g_assert_cmphex(g2d_read(qts, FIMG2D_INTC_PEND), ==, bits)

/* Switch the engine's power domain, and assert what its status is then. */
void switch_domain(uint32_t power, uint32_t status);

#endif
