/*
 * Samsung Exynos System MMU, versions 1 to 3
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/*
 * The System MMU translates the bus accesses of one master.  Linux'
 * drivers/iommu/exynos-iommu.c is all the documentation there is;
 * docs/specs/exynos-sysmmu.rst says what this device makes of it.
 *
 * QEMU interface:
 * + sysbus MMIO region 0: the registers
 * + sysbus MMIO region 1: the test page
 * + sysbus MMIO region 2: the upstream end, an IOMMU memory region of 4 GiB
 *   for the master to do its DMA in
 * + sysbus IRQ 0: high while a fault is pending
 * + named GPIO output "stalled": high while no access can complete.  Such an
 *   access fails without having touched memory; when the line falls the
 *   master has to repeat it
 * + named GPIO input "power-off": high when the power domain of the device is
 *   switched off; the registers and the TLB are reset, the test page is not
 * + named GPIO inputs "clock-off": high while its own clock (0) or that of its
 *   master (1) is gated
 * + property "downstream": MemoryRegion that the translated accesses go to
 * + property "version": what the VERSION register reads
 * + properties of single versions of the hardware, and of what it might do,
 *   which can be set at any time and are off by default: "negative-caching",
 *   "flpd-cache", "tlb-size", "block-delay", "eap" and "gated"; the test page
 *   has them as well, and the page in docs/specs says what they mean
 */

#ifndef HW_MISC_EXYNOS4210_SYSMMU_H
#define HW_MISC_EXYNOS4210_SYSMMU_H

#include "exec/memory.h"
#include "hw/sysbus.h"
#include "qom/object.h"

#define TYPE_EXYNOS4210_SYSMMU "exynos4210-sysmmu"
OBJECT_DECLARE_SIMPLE_TYPE(Exynos4210SysmmuState, EXYNOS4210_SYSMMU)

#define TYPE_EXYNOS4210_SYSMMU_IOMMU_MEMORY_REGION \
    "exynos4210-sysmmu-iommu-memory-region"

struct Exynos4210SysmmuState {
    SysBusDevice parent_obj;

    MemoryRegion iomem;
    MemoryRegion test_iomem;
    IOMMUMemoryRegion upstream;
    AddressSpace downstream_as;
    qemu_irq irq;
    qemu_irq stalled;

    /* Properties */
    MemoryRegion *downstream;
    uint32_t version;

    /* Registers */
    uint32_t ctrl;
    uint32_t cfg;
    uint32_t status;
    uint32_t pt_base;
    uint32_t int_status;
    uint32_t page_fault;
    uint32_t aw_fault;
    uint32_t ar_fault;
    uint32_t default_slave;

    /* STATUS has to be read so many times until CTRL blocks */
    uint32_t block_polls;

    /*
     * What was looked up and not flushed since, by page address and size, and
     * links to second level tables.  The index has the place of each key, plus
     * one.
     */
    struct SysmmuEntry *tlb;
    int32_t tlb_used;
    uint32_t tlb_allocated;
    uint32_t tlb_random;
    GHashTable *tlb_index;

    /* Counters of the test page */
    uint32_t bypassed;
    uint32_t faults;
    uint32_t translated;
    uint32_t misses;
    uint32_t flushes;

    /* Knobs of the test page; unblockable: CTRL does not block */
    bool unblockable;
    uint32_t knobs;
    uint32_t negative_caching;
    uint32_t tlb_size;
    uint32_t block_delay;

    /* The levels of the inputs, and whether a lack of them was logged */
    bool unpowered;
    bool unclocked[2];
    bool lack_logged;
    uint32_t lacking;
};

#endif
