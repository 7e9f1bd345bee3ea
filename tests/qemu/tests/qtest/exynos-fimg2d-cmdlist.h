/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command lists of the FIMG2D qtests: making them, placing them in bus memory
 *
 * A List has pairs of a register's offset and its value, in their order.
 */
#ifndef EXYNOS_FIMG2D_CMDLIST_H
#define EXYNOS_FIMG2D_CMDLIST_H

#include "exynos-fimg2d-bus.h"

/* Where lists end and operands begin, as the engine sees them */
#define LIST_IOVA   0x60000000u
#define SRC_IOVA    0x10000000u
#define DST_IOVA    0x20000000u
#define PAT_IOVA    0x30000000u
#define MASK_IOVA   0x40000000u
#define PLANE2      0x08000000u     /* from the first plane to the second */

#define SRCCOPY     0xcc            /* the raster operation */

typedef struct Pair {
    uint32_t offset, value;
} Pair;

typedef GArray List;

/* Make an empty list. */
List *list_new(void);

/* Free a list. */
void list_free(List *list);

/* A List that its scope frees: List itself is another name of GArray. */
typedef List ListGuard;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListGuard, list_free)

/* Append a pair. */
void list_put(List *list, uint32_t offset, uint32_t value);

/* Append a pair; the register is named as in fimg2d-reference.h. */
#define SET(list, name, value) list_put(list, FIMG2D_##name, value)

/* Begin as the kernel does: clear the registers; the pair after it is lost. */
void list_begin(List *list);

/* Start a blit. */
void list_go(List *list);

/* Place pairs first..end at address, linked to next. */
void list_place_part(Bus *bus, List *list, uint32_t first, uint32_t end,
                     uint32_t address, uint32_t next);

/*
 * Place the whole list so that reading one word beyond it faults; return its
 * address.
 */
uint32_t list_place(Bus *bus, List *list);

/* Put coordinates, 16 bits each, into a register's value. */
static inline uint32_t xy(uint32_t x, uint32_t y)
{
    return (y & 0xffff) << 16 | (x & 0xffff);
}

/* Set the destination: an image, and the rectangle in it. */
void set_dst(List *list, uint32_t mode, uint32_t base, uint32_t stride,
             uint32_t left, uint32_t top, uint32_t width,
             uint32_t height);

/* Set the source likewise, and select it. */
void set_src(List *list, uint32_t mode, uint32_t base, uint32_t stride,
             uint32_t left, uint32_t top, uint32_t width,
             uint32_t height);

/* Set the mask likewise; BITBLT_COMMAND decides whether it is used. */
void set_mask(List *list, uint32_t mode, uint32_t base, uint32_t stride,
              uint32_t left, uint32_t top, uint32_t width,
              uint32_t height);

/* Set the pattern: its image, its size, and the offset of its first pixel. */
void set_pattern(List *list, uint32_t mode, uint32_t base,
                 uint32_t stride, uint32_t width, uint32_t height,
                 uint32_t x, uint32_t y);

/* The colour modes of one plane that the manual defines */
#define PIXEL_FORMATS   10
extern const uint8_t pixel_formats[PIXEL_FORMATS];

/* Return the bytes of a pixel in the first plane, for any colour mode. */
uint32_t pixel_bytes(uint32_t mode);

#endif
