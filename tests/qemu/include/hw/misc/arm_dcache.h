/*
 * Data caches of ARM CPUs that are not coherent with other bus masters
 *
 * What the model does is in docs/specs/arm-dcache.rst.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/*
 * QEMU interface:
 *  + QOM property "ram": the RAM that is cached
 *  + QOM property "ram-base": its physical address
 *  + QOM property "memory": the memory that the RAM is a part of, as the other
 *    bus masters and uncached accesses of the CPUs see it
 *  + QOM property "evict": seed of what is evicted and filled by chance, 0 for
 *    nothing; may be set at any time
 *  + QOM property "armed": whether cached accesses see the caches; until then
 *    they see the memory
 *  + sysbus MMIO region 0: control page
 *  + sysbus MMIO region 1: the memory as cached accesses of the CPUs see it,
 *    for their link property "cached-memory"
 *  + interface ARM_DCACHE_IF, for the CPUs' link property "dcache"
 */

#ifndef HW_MISC_ARM_DCACHE_H
#define HW_MISC_ARM_DCACHE_H

#include "exec/memory.h"
#include "hw/sysbus.h"
#include "qemu/thread.h"
#include "qemu/timer.h"
#include "qom/object.h"

#define TYPE_ARM_DCACHE "arm-dcache"
OBJECT_DECLARE_SIMPLE_TYPE(ARMDCacheState, ARM_DCACHE)

#define ARM_DCACHE_LOCKS    64
#define ARM_DCACHE_RECENT   1024

typedef enum ARMDCacheCounter {
    ARM_DCACHE_OPS,
    ARM_DCACHE_CLEANED,
    ARM_DCACHE_LOST,
    ARM_DCACHE_REFILLED,
    ARM_DCACHE_EVICTED,
    ARM_DCACHE_PREFETCHED,
    ARM_DCACHE_COUNTERS
} ARMDCacheCounter;

struct ARMDCacheState {
    SysBusDevice parent_obj;

    MemoryRegion iomem;
    MemoryRegion cached_memory;
    MemoryRegion memory_alias;
    MemoryRegion lines;     /* what cached accesses of the CPUs see */
    MemoryRegion filled;    /* each line when it was filled or written back */

    MemoryRegion *ram;
    MemoryRegion *memory;
    uint64_t ram_base;
    uint32_t evict;
    uint32_t address;       /* whose lines are asked for */
    bool armed;

    AddressSpace memory_as;
    AddressSpace cached_as;
    MemoryRegionCache ram_map;
    MemoryRegionCache lines_map;
    uint8_t *filled_ptr;
    uint64_t size;

    QEMUBH *arm_bh;
    bool arm_to;

    unsigned long *dirty;   /* a bit for each line */

    QEMUTimer evict_timer;
    uint64_t random;
    uint64_t evict_next;
    uint32_t recent[ARM_DCACHE_RECENT];
    uint32_t recent_next;

    QemuSpin locks[ARM_DCACHE_LOCKS];
    uint32_t counters[ARM_DCACHE_COUNTERS];
};

#endif
