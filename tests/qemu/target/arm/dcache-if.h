/*
 * Interface of a model of the data caches of ARM CPUs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/*
 * QEMU has no caches: what a CPU writes is in memory at once, and cache
 * maintenance does nothing.  A board that wants to know whether its guest
 * does the maintenance that it should connects an object with this interface
 * to the "dcache" link property of its CPUs, and the memory as it is seen
 * through the caches to their link property "cached-memory".
 */

#ifndef TARGET_ARM_DCACHE_IF_H
#define TARGET_ARM_DCACHE_IF_H

#include "exec/hwaddr.h"
#include "qom/object.h"

#define TYPE_ARM_DCACHE_IF "arm-dcache-interface"
#define ARM_DCACHE_IF(obj) \
    INTERFACE_CHECK(ARMDCacheIf, (obj), TYPE_ARM_DCACHE_IF)
typedef struct ARMDCacheIfClass ARMDCacheIfClass;
DECLARE_CLASS_CHECKERS(ARMDCacheIfClass, ARM_DCACHE_IF, TYPE_ARM_DCACHE_IF)

typedef struct ARMDCacheIf ARMDCacheIf;

/* What to do with a line; first the one, then the other */
typedef enum ARMDCacheOp {
    ARM_DCACHE_CLEAN = 1,
    ARM_DCACHE_INVALIDATE = 2,
    ARM_DCACHE_CLEAN_INVALIDATE = 3,
} ARMDCacheOp;

struct ARMDCacheIfClass {
    InterfaceClass parent;

    /* Whether there is anything in the caches, and cached accesses see it */
    bool (*is_on)(ARMDCacheIf *dc);

    /* A CPU will store @size bytes at the physical address @pa. */
    void (*store)(ARMDCacheIf *dc, hwaddr pa, unsigned int size);

    /* Maintain the line of @line bytes that holds the physical address @pa. */
    void (*maintain_line)(ARMDCacheIf *dc, hwaddr pa, unsigned int line,
                          ARMDCacheOp op);

    /*
     * Maintain what is in @way of @set of a data cache of @ways times @sets
     * lines of @line bytes each.
     */
    void (*maintain_set_way)(ARMDCacheIf *dc, unsigned int set,
                             unsigned int way, unsigned int sets,
                             unsigned int ways, unsigned int line,
                             ARMDCacheOp op);
};

#endif
