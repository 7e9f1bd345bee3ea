/*
 * Samsung Exynos System MMU, versions 1 to 3
 *
 * What the registers do is in docs/specs/exynos-sysmmu.rst.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "hw/irq.h"
#include "hw/misc/exynos4210_sysmmu.h"
#include "hw/qdev-properties.h"
#include "hw/registerfields.h"
#include "migration/vmstate.h"
#include "trace.h"

#define SYSMMU_REGS_SIZE    0x1000
#define SYSMMU_BUS_SIZE     (1ULL << 32)

REG32(CTRL, 0x00)
REG32(CFG, 0x04)
    FIELD(CFG, EAP, 2, 1)
    FIELD(CFG, FLPD_CACHE, 20, 1)
REG32(STATUS, 0x08)
    FIELD(STATUS, BLOCKED, 0, 1)
REG32(FLUSH, 0x0c)
    FIELD(FLUSH, ALL, 0, 1)
REG32(FLUSH_ENTRY, 0x10)
    FIELD(FLUSH_ENTRY, ENTRY, 0, 1)
    FIELD(FLUSH_ENTRY, PAGE, 12, 20)
REG32(PT_BASE, 0x14)
REG32(INT_STATUS, 0x18)
    FIELD(INT_STATUS, PAGE, 0, 1)
    FIELD(INT_STATUS, AR_MULTI_HIT, 1, 1)
    FIELD(INT_STATUS, AW_MULTI_HIT, 2, 1)
    FIELD(INT_STATUS, BUS_ERROR, 3, 1)
    FIELD(INT_STATUS, AR_SECURITY, 4, 1)
    FIELD(INT_STATUS, AR_ACCESS, 5, 1)
    FIELD(INT_STATUS, AW_SECURITY, 6, 1)
    FIELD(INT_STATUS, AW_ACCESS, 7, 1)
REG32(INT_CLEAR, 0x1c)
REG32(PAGE_FAULT, 0x24)
REG32(AW_FAULT, 0x28)
REG32(AR_FAULT, 0x2c)
REG32(DEFAULT_SLAVE, 0x30)
REG32(VERSION, 0x34)
    FIELD(VERSION, MINOR, 21, 7)
    FIELD(VERSION, MAJOR, 28, 4)

REG32(TEST_MAGIC, 0x00)
REG32(TEST_BYPASSED, 0x04)
REG32(TEST_FAULTS, 0x08)
REG32(TEST_TRANSLATED, 0x0c)
REG32(TEST_MISSES, 0x10)
REG32(TEST_FLUSHES, 0x14)
REG32(TEST_TLB_ENTRIES, 0x18)
REG32(TEST_UNBLOCKABLE, 0x1c)
    FIELD(TEST_UNBLOCKABLE, ON, 0, 1)
REG32(TEST_LINKS, 0x20)
REG32(TEST_KNOBS, 0x24)
    FIELD(TEST_KNOBS, EAP, 0, 1)
    FIELD(TEST_KNOBS, FLPD_CACHE, 1, 1)
    FIELD(TEST_KNOBS, GATED, 2, 1)
REG32(TEST_NEGATIVE_CACHING, 0x28)
REG32(TEST_TLB_SIZE, 0x2c)
REG32(TEST_BLOCK_DELAY, 0x30)
REG32(TEST_LACKING, 0x34)

/* What CTRL can be */
#define CTRL_DISABLE    0x0
#define CTRL_ENABLE     0x5
#define CTRL_BLOCK      0x7

/* What the VERSION register of a version 1 reads, which has no such fields */
#define VERSION_1       0x80000001

#define TEST_MAGIC      0x554d4d53

/* First level descriptor; PROT is LV1_PROT of the Linux driver */
FIELD(LV1, TYPE, 0, 2)
FIELD(LV1, ACCESS, 10, 1)
FIELD(LV1, READ_ONLY, 15, 1)
#define LV1_TYPE_LINK       1
#define LV1_TYPE_SECTION    2
#define LV1_LINK_MASK       0xfffffc00

/* Second level descriptor; for a small page bit 0 of TYPE has no meaning */
FIELD(LV2, TYPE, 0, 2)
FIELD(LV2, ACCESS, 4, 1)
FIELD(LV2, READ_ONLY, 9, 1)
#define LV2_TYPE_FAULT      0
#define LV2_TYPE_LARGE      1

/* A link in the TLB; no page has the size of a second level table */
#define LINK_SHIFT          10
#define SMALL_SHIFT         12
#define LARGE_SHIFT         16
#define SECTION_SHIFT       20

/*
 * How far a walk reads second level descriptors ahead: the gap that Linux'
 * exynos_iommu_map() asks its users to leave between two mappings
 */
#define PREFETCHED          (128 * KiB)

/* As many pages as Linux' DMA API has addresses for on 32 bit ARM: 128 MiB */
#define TLB_SIZE_MAX        32768

/* A property that a bit of the test page's KNOBS stands for */
typedef struct SysmmuKnob {
    const char *name;
    uint32_t mask;
    const char *description;
} SysmmuKnob;

static const SysmmuKnob knob_info[] = {
    {
        "eap", R_TEST_KNOBS_EAP_MASK,
        "Protection bits count only where CFG.EAP says so"
    },
    {
        "flpd-cache", R_TEST_KNOBS_FLPD_CACHE_MASK,
        "Walks keep the first level descriptor of the next MiB, where "
        "CFG.FLPDCACHE says so, as those of version 3.3 do"
    },
    {
        "gated", R_TEST_KNOBS_GATED_MASK,
        "Without clock or power the registers do not answer"
    },
};

/* A property that is a number and a register of the test page */
typedef struct SysmmuNumber {
    const char *name;
    size_t offset;
    uint32_t max;
    const char *description;
} SysmmuNumber;

enum {
    NUMBER_NEGATIVE_CACHING,
    NUMBER_TLB_SIZE,
    NUMBER_BLOCK_DELAY,
};

static const SysmmuNumber number_info[] = {
    [NUMBER_NEGATIVE_CACHING] = {
        "negative-caching",
        offsetof(Exynos4210SysmmuState, negative_caching), 3,
        "The TLB keeps faults as that of version 3.n does; 0: it does not"
    },
    [NUMBER_TLB_SIZE] = {
        "tlb-size", offsetof(Exynos4210SysmmuState, tlb_size), TLB_SIZE_MAX,
        "Entries of the TLB; 0: as many as there may be"
    },
    [NUMBER_BLOCK_DELAY] = {
        "block-delay", offsetof(Exynos4210SysmmuState, block_delay), UINT32_MAX,
        "How often STATUS has to be read until CTRL has blocked; 0: at once"
    },
};

static const unsigned int page_shifts[] = {
    SMALL_SHIFT, LARGE_SHIFT, SECTION_SHIFT
};

/*
 * What the TLB holds for a page: a translation, or that there is none.  Of a
 * link it holds the address of the table; that is no translation.
 */
typedef struct SysmmuEntry {
    uint32_t key;
    uint32_t pa;
    uint8_t shift;
    bool valid;
    bool readable;
    bool writable;
} SysmmuEntry;

/* How a lookup ended; but for OK, the bit number of the fault in INT_STATUS */
typedef enum SysmmuResult {
    SYSMMU_OK = -1,
    SYSMMU_PAGE = R_INT_STATUS_PAGE_SHIFT,
    SYSMMU_AR_MULTI_HIT = R_INT_STATUS_AR_MULTI_HIT_SHIFT,
    SYSMMU_AW_MULTI_HIT = R_INT_STATUS_AW_MULTI_HIT_SHIFT,
    SYSMMU_BUS_ERROR = R_INT_STATUS_BUS_ERROR_SHIFT,
    SYSMMU_AR_ACCESS = R_INT_STATUS_AR_ACCESS_SHIFT,
    SYSMMU_AW_ACCESS = R_INT_STATUS_AW_ACCESS_SHIFT,
} SysmmuResult;

static const char *sysmmu_result_name(SysmmuResult result)
{
    switch (result) {
    case SYSMMU_OK:
        return "ok";
    case SYSMMU_PAGE:
        return "page fault";
    case SYSMMU_AR_MULTI_HIT:
    case SYSMMU_AW_MULTI_HIT:
        return "multi hit";
    case SYSMMU_BUS_ERROR:
        return "bus error";
    case SYSMMU_AR_ACCESS:
    case SYSMMU_AW_ACCESS:
        return "access protection";
    }
    g_assert_not_reached();
}

static bool sysmmu_blocked(Exynos4210SysmmuState *s)
{
    return FIELD_EX32(s->status, STATUS, BLOCKED);
}

static void sysmmu_set_blocked(Exynos4210SysmmuState *s, bool blocked)
{
    if (blocked == sysmmu_blocked(s)) {
        return;
    }
    trace_exynos4210_sysmmu_stalled(blocked);
    s->status = FIELD_DP32(s->status, STATUS, BLOCKED, blocked);
    s->block_polls = 0;
    qemu_set_irq(s->stalled, blocked);
}

static void sysmmu_update_irq(Exynos4210SysmmuState *s)
{
    qemu_set_irq(s->irq, s->int_status != 0);
}

static uint32_t sysmmu_tlb_key(uint32_t iova, unsigned int shift)
{
    /* The address of a page leaves its low bits to tell the sizes apart */
    return (iova & ~MAKE_64BIT_MASK(0, shift)) | shift;
}

static uint32_t sysmmu_link_key(uint32_t iova)
{
    return (iova & ~MAKE_64BIT_MASK(0, SECTION_SHIFT)) | LINK_SHIFT;
}

static SysmmuEntry *sysmmu_tlb_lookup(Exynos4210SysmmuState *s, uint32_t key)
{
    gpointer place = g_hash_table_lookup(s->tlb_index, GUINT_TO_POINTER(key));

    return place ? &s->tlb[GPOINTER_TO_UINT(place) - 1] : NULL;
}

static void sysmmu_tlb_place(Exynos4210SysmmuState *s, uint32_t i)
{
    g_hash_table_insert(s->tlb_index, GUINT_TO_POINTER(s->tlb[i].key),
                        GUINT_TO_POINTER(i + 1));
}

/* Remove the entry at @i; the last one takes its place */
static void sysmmu_tlb_remove(Exynos4210SysmmuState *s, uint32_t i)
{
    g_hash_table_remove(s->tlb_index, GUINT_TO_POINTER(s->tlb[i].key));
    s->tlb_used--;
    if (i != s->tlb_used) {
        s->tlb[i] = s->tlb[s->tlb_used];
        sysmmu_tlb_place(s, i);
    }
}

/* Evict until there are no more than @entries */
static void sysmmu_tlb_shrink(Exynos4210SysmmuState *s, uint32_t entries)
{
    while (s->tlb_used > entries) {
        /* The same guest meets the same evictions */
        s->tlb_random = s->tlb_random * 1664525 + 1013904223;
        sysmmu_tlb_remove(s, (s->tlb_random >> 8) % s->tlb_used);
    }
}

static uint32_t sysmmu_tlb_size(Exynos4210SysmmuState *s)
{
    return s->tlb_size ? s->tlb_size : TLB_SIZE_MAX;
}

static void sysmmu_tlb_insert(Exynos4210SysmmuState *s, uint32_t key,
                              const SysmmuEntry *entry)
{
    SysmmuEntry *present = sysmmu_tlb_lookup(s, key);

    if (!present) {
        sysmmu_tlb_shrink(s, sysmmu_tlb_size(s) - 1);
        if (s->tlb_used == s->tlb_allocated) {
            s->tlb_allocated = MAX(64, s->tlb_allocated * 2);
            s->tlb = g_renew(SysmmuEntry, s->tlb, s->tlb_allocated);
        }
        present = &s->tlb[s->tlb_used++];
    }
    *present = *entry;
    present->key = key;
    sysmmu_tlb_place(s, present - s->tlb);
}

static void sysmmu_tlb_drop_all(Exynos4210SysmmuState *s)
{
    s->tlb_used = 0;
    g_hash_table_remove_all(s->tlb_index);
}

static unsigned int sysmmu_tlb_drop_key(Exynos4210SysmmuState *s, uint32_t key)
{
    SysmmuEntry *entry = sysmmu_tlb_lookup(s, key);

    if (!entry) {
        return 0;
    }
    sysmmu_tlb_remove(s, entry - s->tlb);
    return 1;
}

static unsigned int sysmmu_tlb_drop(Exynos4210SysmmuState *s, uint32_t iova)
{
    unsigned int dropped = 0;
    int i;

    for (i = 0; i < ARRAY_SIZE(page_shifts); i++) {
        dropped += sysmmu_tlb_drop_key(s, sysmmu_tlb_key(iova, page_shifts[i]));
    }
    return dropped + sysmmu_tlb_drop_key(s, sysmmu_link_key(iova));
}

static uint32_t sysmmu_tlb_links(Exynos4210SysmmuState *s)
{
    uint32_t i, count = 0;

    for (i = 0; i < s->tlb_used; i++) {
        count += s->tlb[i].shift == LINK_SHIFT;
    }
    return count;
}

static uint32_t sysmmu_tlb_entries(Exynos4210SysmmuState *s)
{
    uint32_t i, count = 0;

    for (i = 0; i < s->tlb_used; i++) {
        count += s->tlb[i].valid;
    }
    return count;
}

/*
 * Find @iova in the TLB.  Returns the number of translations that cover it,
 * one of which goes to @entry; an invalid descriptor goes before any.
 */
static unsigned int sysmmu_tlb_find(Exynos4210SysmmuState *s, uint32_t iova,
                                    SysmmuEntry *entry)
{
    unsigned int hits = 0;
    int i;

    for (i = 0; i < ARRAY_SIZE(page_shifts); i++) {
        SysmmuEntry *found = sysmmu_tlb_lookup(s, sysmmu_tlb_key(iova,
                                                          page_shifts[i]));

        if (!found) {
            continue;
        }
        *entry = *found;
        if (!found->valid) {
            return 1;
        }
        hits++;
    }
    return hits;
}

/* False if there is no memory at @pa */
static bool sysmmu_read_descriptor(Exynos4210SysmmuState *s, uint32_t pa,
                                   uint32_t *descriptor)
{
    /* A table in a device's registers must not make that device do things */
    const MemTxAttrs attrs = { .memory = 1 };
    uint32_t le;

    if (address_space_read(&s->downstream_as, pa, attrs, &le,
                           sizeof(le)) != MEMTX_OK) {
        return false;
    }
    *descriptor = le32_to_cpu(le);
    return true;
}

static bool sysmmu_read_lv1(Exynos4210SysmmuState *s, uint32_t iova,
                            uint32_t *lv1)
{
    return sysmmu_read_descriptor(s, s->pt_base + (iova >> SECTION_SHIFT) *
                                  sizeof(*lv1), lv1);
}

static uint32_t sysmmu_lv2_address(uint32_t table, uint32_t iova)
{
    return table + extract32(iova, SMALL_SHIFT, SECTION_SHIFT - SMALL_SHIFT) *
           sizeof(uint32_t);
}

/*
 * Keep the invalid ones among the descriptors that a walk for @iova reads at
 * once: 128 KiB around it, 256 KiB for version 3.2; that of version 3.3 reads
 * on for 128 KiB, which can lead into the table of the next MiB.
 */
static void sysmmu_cache_invalid_neighbours(Exynos4210SysmmuState *s,
                                            uint32_t iova, uint32_t table)
{
    const SysmmuEntry none = { .shift = SMALL_SHIFT };
    uint32_t around = s->negative_caching == 2 ? 2 * PREFETCHED : PREFETCHED;
    uint32_t len = s->negative_caching == 1 ? PREFETCHED : 2 * PREFETCHED;
    uint32_t first = QEMU_ALIGN_DOWN(iova, around);
    SysmmuEntry present;
    uint32_t lv1, lv2;

    for (iova = first; iova - first < len && iova >= first;
         iova += 1 << SMALL_SHIFT) {
        if (iova != first && !extract32(iova, 0, SECTION_SHIFT)) {
            if (!sysmmu_read_lv1(s, iova, &lv1) ||
                FIELD_EX32(lv1, LV1, TYPE) != LV1_TYPE_LINK) {
                return;
            }
            table = lv1 & LV1_LINK_MASK;
        }
        /* One bus error says it all */
        if (!sysmmu_read_descriptor(s, sysmmu_lv2_address(table, iova),
                                    &lv2)) {
            return;
        }
        if (FIELD_EX32(lv2, LV2, TYPE) == LV2_TYPE_FAULT &&
            !sysmmu_tlb_find(s, iova, &present)) {
            sysmmu_tlb_insert(s, sysmmu_tlb_key(iova, none.shift), &none);
        }
    }
}

/*
 * Reading second level descriptors ahead of @iova can lead into the table of
 * the next MiB; then the link to that stays.
 */
static void sysmmu_cache_next_link(Exynos4210SysmmuState *s, uint32_t iova)
{
    uint32_t ahead = iova + PREFETCHED;
    SysmmuEntry link = { .shift = LINK_SHIFT };
    uint32_t lv1;

    if (ahead >> SECTION_SHIFT > iova >> SECTION_SHIFT &&
        !sysmmu_tlb_lookup(s, sysmmu_link_key(ahead)) &&
        sysmmu_read_lv1(s, ahead, &lv1) &&
        FIELD_EX32(lv1, LV1, TYPE) == LV1_TYPE_LINK) {
        link.pa = lv1 & LV1_LINK_MASK;
        sysmmu_tlb_insert(s, sysmmu_link_key(ahead), &link);
    }
}

static void sysmmu_set_protection(Exynos4210SysmmuState *s, SysmmuEntry *entry,
                                  bool access, bool read_only)
{
    if (FIELD_EX32(s->knobs, TEST_KNOBS, EAP) &&
        !FIELD_EX32(s->cfg, CFG, EAP)) {
        access = true;
        read_only = false;
    }
    entry->readable = access;
    entry->writable = access && !read_only;
}

/*
 * Look @iova up in the tables.  @prefetch: what else the hardware reads on
 * its way may go to the TLB.
 */
static SysmmuResult sysmmu_walk(Exynos4210SysmmuState *s, uint32_t iova,
                                bool prefetch, SysmmuEntry *entry)
{
    SysmmuEntry *link = sysmmu_tlb_lookup(s, sysmmu_link_key(iova));
    uint32_t lv1, lv2, table;

    *entry = (SysmmuEntry) { .shift = SECTION_SHIFT };
    if (link) {
        lv1 = link->pa | LV1_TYPE_LINK;
    } else if (!sysmmu_read_lv1(s, iova, &lv1)) {
        return SYSMMU_BUS_ERROR;
    }
    switch (FIELD_EX32(lv1, LV1, TYPE)) {
    case LV1_TYPE_SECTION:
        entry->valid = true;
        entry->pa = lv1 & ~MAKE_64BIT_MASK(0, SECTION_SHIFT);
        sysmmu_set_protection(s, entry, FIELD_EX32(lv1, LV1, ACCESS),
                              FIELD_EX32(lv1, LV1, READ_ONLY));
        return SYSMMU_OK;
    case LV1_TYPE_LINK:
        break;
    default:
        return SYSMMU_PAGE;
    }

    table = lv1 & LV1_LINK_MASK;
    entry->shift = SMALL_SHIFT;
    if (!sysmmu_read_descriptor(s, sysmmu_lv2_address(table, iova), &lv2)) {
        return SYSMMU_BUS_ERROR;
    }
    if (prefetch && s->negative_caching) {
        sysmmu_cache_invalid_neighbours(s, iova, table);
    }
    if (prefetch && FIELD_EX32(s->knobs, TEST_KNOBS, FLPD_CACHE) &&
        FIELD_EX32(s->cfg, CFG, FLPD_CACHE)) {
        sysmmu_cache_next_link(s, iova);
    }
    switch (FIELD_EX32(lv2, LV2, TYPE)) {
    case LV2_TYPE_FAULT:
        return SYSMMU_PAGE;
    case LV2_TYPE_LARGE:
        entry->shift = LARGE_SHIFT;
        break;
    }
    entry->valid = true;
    entry->pa = lv2 & ~MAKE_64BIT_MASK(0, entry->shift);
    sysmmu_set_protection(s, entry, FIELD_EX32(lv2, LV2, ACCESS),
                          FIELD_EX32(lv2, LV2, READ_ONLY));
    return SYSMMU_OK;
}

/*
 * Find the translation of @iova for an access.  With @probe nothing changes,
 * not even the TLB.  @walked says if the tables were read.
 */
static SysmmuResult sysmmu_lookup(Exynos4210SysmmuState *s, uint32_t iova,
                                  bool is_write, bool probe,
                                  SysmmuEntry *entry, bool *walked)
{
    unsigned int hits = sysmmu_tlb_find(s, iova, entry);
    SysmmuResult result = SYSMMU_OK;

    *walked = !hits;
    if (hits > 1) {
        return is_write ? SYSMMU_AW_MULTI_HIT : SYSMMU_AR_MULTI_HIT;
    }
    if (!hits) {
        result = sysmmu_walk(s, iova, !probe, entry);
        if (result == SYSMMU_BUS_ERROR) {
            return result;
        }
        if (!probe && (entry->valid || s->negative_caching)) {
            sysmmu_tlb_insert(s, sysmmu_tlb_key(iova, entry->shift), entry);
        }
    }
    if (!entry->valid) {
        return SYSMMU_PAGE;
    }
    if (is_write && !entry->writable) {
        return SYSMMU_AW_ACCESS;
    }
    if (!is_write && !entry->readable) {
        return SYSMMU_AR_ACCESS;
    }
    return SYSMMU_OK;
}

static void sysmmu_fault(Exynos4210SysmmuState *s, uint32_t iova,
                         bool is_write, SysmmuResult result)
{
    bool latch = !s->int_status;

    trace_exynos4210_sysmmu_fault(iova, is_write ? "write" : "read",
                                  sysmmu_result_name(result), latch);
    if (latch) {
        switch (result) {
        case SYSMMU_PAGE:
            s->page_fault = iova;
            break;
        case SYSMMU_BUS_ERROR:
            s->default_slave = iova;
            break;
        case SYSMMU_AR_MULTI_HIT:
        case SYSMMU_AR_ACCESS:
            s->ar_fault = iova;
            break;
        case SYSMMU_AW_MULTI_HIT:
        case SYSMMU_AW_ACCESS:
            s->aw_fault = iova;
            break;
        default:
            g_assert_not_reached();
        }
        s->int_status = BIT(result);
        s->faults++;
    }
    sysmmu_set_blocked(s, true);
    sysmmu_update_irq(s);
}

static IOMMUTLBEntry exynos4210_sysmmu_translate(IOMMUMemoryRegion *iommu,
                                                 hwaddr addr,
                                                 IOMMUAccessFlags flag,
                                                 int iommu_idx)
{
    Exynos4210SysmmuState *s = container_of(iommu, Exynos4210SysmmuState,
                                            upstream);
    bool probe = flag == IOMMU_NONE;
    bool is_write = flag & IOMMU_WO;
    SysmmuResult result;
    SysmmuEntry entry;
    bool walked;
    IOMMUTLBEntry ret = {
        .target_as = &s->downstream_as,
        .iova = addr & ~MAKE_64BIT_MASK(0, SMALL_SHIFT),
        .translated_addr = addr & ~MAKE_64BIT_MASK(0, SMALL_SHIFT),
        .addr_mask = MAKE_64BIT_MASK(0, SMALL_SHIFT),
        .perm = IOMMU_NONE,
    };

    if (s->ctrl == CTRL_DISABLE) {
        if (!probe) {
            trace_exynos4210_sysmmu_translate(addr, addr, is_write, "bypass");
            s->bypassed++;
        }
        ret.perm = IOMMU_RW;
        return ret;
    }
    if (sysmmu_blocked(s)) {
        return ret;
    }

    result = sysmmu_lookup(s, addr, is_write, probe, &entry, &walked);
    if (result != SYSMMU_OK) {
        if (!probe) {
            sysmmu_fault(s, addr, is_write, result);
        }
        return ret;
    }

    ret.addr_mask = MAKE_64BIT_MASK(0, entry.shift);
    ret.iova = addr & ~ret.addr_mask;
    ret.translated_addr = entry.pa;
    ret.perm = IOMMU_ACCESS_FLAG(entry.readable, entry.writable);
    if (!probe) {
        trace_exynos4210_sysmmu_translate(addr,
                                          entry.pa | (addr & ret.addr_mask),
                                          is_write, walked ? "walk" : "hit");
        s->translated++;
        s->misses += walked;
    }
    return ret;
}

static void sysmmu_write_ctrl(Exynos4210SysmmuState *s, uint32_t value)
{
    switch (value) {
    case CTRL_DISABLE:
        s->ctrl = value;
        s->block_polls = 0;
        s->int_status = 0;
        sysmmu_tlb_drop_all(s);
        sysmmu_update_irq(s);
        sysmmu_set_blocked(s, false);
        break;
    case CTRL_ENABLE:
        s->ctrl = value;
        s->block_polls = 0;
        sysmmu_set_blocked(s, false);
        break;
    case CTRL_BLOCK:
        s->ctrl = value;
        if (s->unblockable || sysmmu_blocked(s)) {
            break;
        }
        s->block_polls = s->block_delay;
        if (!s->block_polls) {
            sysmmu_set_blocked(s, true);
        }
        break;
    default:
        qemu_log_mask(LOG_GUEST_ERROR, TYPE_EXYNOS4210_SYSMMU ": CTRL 0x%"
                      PRIx32 " is none of disable, enable and block\n", value);
        break;
    }
}

/* True, and the log says so once, if the registers do not answer */
static bool sysmmu_lacks(Exynos4210SysmmuState *s, hwaddr offset)
{
    if (!FIELD_EX32(s->knobs, TEST_KNOBS, GATED) ||
        !(s->unpowered || s->unclocked[0] || s->unclocked[1])) {
        return false;
    }
    s->lacking++;
    if (!s->lack_logged) {
        s->lack_logged = true;
        qemu_log_mask(LOG_GUEST_ERROR, TYPE_EXYNOS4210_SYSMMU
                      ": access to register 0x%" HWADDR_PRIx " without %s\n",
                      offset, s->unpowered ? "power" :
                      s->unclocked[0] ? "clock" : "the clock of its master");
    }
    return true;
}

static uint64_t exynos4210_sysmmu_read(void *opaque, hwaddr offset,
                                       unsigned size)
{
    Exynos4210SysmmuState *s = opaque;
    uint64_t value = 0;

    if (sysmmu_lacks(s, offset)) {
        return 0;
    }
    switch (offset) {
    case A_CTRL:
        value = s->ctrl;
        break;
    case A_CFG:
        value = s->cfg;
        break;
    case A_STATUS:
        if (s->block_polls && --s->block_polls == 0) {
            sysmmu_set_blocked(s, true);
        }
        value = s->status;
        break;
    case A_PT_BASE:
        value = s->pt_base;
        break;
    case A_INT_STATUS:
        value = s->int_status;
        break;
    case A_PAGE_FAULT:
        value = s->page_fault;
        break;
    case A_AW_FAULT:
        value = s->aw_fault;
        break;
    case A_AR_FAULT:
        value = s->ar_fault;
        break;
    case A_DEFAULT_SLAVE:
        value = s->default_slave;
        break;
    case A_VERSION:
        value = s->version;
        break;
    case A_FLUSH:
    case A_FLUSH_ENTRY:
    case A_INT_CLEAR:
        qemu_log_mask(LOG_GUEST_ERROR, TYPE_EXYNOS4210_SYSMMU
                      ": read of write-only register 0x%" HWADDR_PRIx "\n",
                      offset);
        break;
    default:
        qemu_log_mask(LOG_UNIMP, TYPE_EXYNOS4210_SYSMMU
                      ": read of unknown register 0x%" HWADDR_PRIx "\n",
                      offset);
        break;
    }
    trace_exynos4210_sysmmu_read(offset, value);
    return value;
}

static void exynos4210_sysmmu_write(void *opaque, hwaddr offset,
                                    uint64_t value, unsigned size)
{
    Exynos4210SysmmuState *s = opaque;
    unsigned int dropped;

    trace_exynos4210_sysmmu_write(offset, value);
    if (sysmmu_lacks(s, offset)) {
        return;
    }
    switch (offset) {
    case A_CTRL:
        sysmmu_write_ctrl(s, value);
        break;
    case A_CFG:
        s->cfg = value;
        break;
    case A_FLUSH:
        if (FIELD_EX32(value, FLUSH, ALL)) {
            trace_exynos4210_sysmmu_flush(s->tlb_used);
            sysmmu_tlb_drop_all(s);
            s->flushes++;
        }
        break;
    case A_FLUSH_ENTRY:
        if (FIELD_EX32(value, FLUSH_ENTRY, ENTRY)) {
            dropped = sysmmu_tlb_drop(s, value);
            trace_exynos4210_sysmmu_flush_entry(
                value & R_FLUSH_ENTRY_PAGE_MASK, dropped);
            s->flushes++;
        }
        break;
    case A_PT_BASE:
        s->pt_base = value;
        break;
    case A_INT_CLEAR:
        s->int_status &= ~value;
        sysmmu_update_irq(s);
        break;
    case A_STATUS:
    case A_INT_STATUS:
    case A_PAGE_FAULT:
    case A_AW_FAULT:
    case A_AR_FAULT:
    case A_DEFAULT_SLAVE:
    case A_VERSION:
        qemu_log_mask(LOG_GUEST_ERROR, TYPE_EXYNOS4210_SYSMMU
                      ": write of read-only register 0x%" HWADDR_PRIx "\n",
                      offset);
        break;
    default:
        qemu_log_mask(LOG_UNIMP, TYPE_EXYNOS4210_SYSMMU
                      ": write of unknown register 0x%" HWADDR_PRIx "\n",
                      offset);
        break;
    }
}

static const MemoryRegionOps exynos4210_sysmmu_ops = {
    .read = exynos4210_sysmmu_read,
    .write = exynos4210_sysmmu_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

static uint32_t *sysmmu_test_counter(Exynos4210SysmmuState *s, hwaddr offset)
{
    switch (offset) {
    case A_TEST_BYPASSED:
        return &s->bypassed;
    case A_TEST_FAULTS:
        return &s->faults;
    case A_TEST_TRANSLATED:
        return &s->translated;
    case A_TEST_MISSES:
        return &s->misses;
    case A_TEST_FLUSHES:
        return &s->flushes;
    case A_TEST_LACKING:
        return &s->lacking;
    default:
        return NULL;
    }
}

static uint32_t *sysmmu_number(Exynos4210SysmmuState *s,
                               const SysmmuNumber *number)
{
    return (uint32_t *)((char *)s + number->offset);
}

/* False if @value is none that the number can have */
static bool sysmmu_set_number(Exynos4210SysmmuState *s,
                              const SysmmuNumber *number, uint32_t value)
{
    if (value > number->max) {
        return false;
    }
    *sysmmu_number(s, number) = value;
    sysmmu_tlb_shrink(s, sysmmu_tlb_size(s));
    return true;
}

/* The number that is at @offset of the test page, if any */
static const SysmmuNumber *sysmmu_test_number(hwaddr offset)
{
    switch (offset) {
    case A_TEST_NEGATIVE_CACHING:
        return &number_info[NUMBER_NEGATIVE_CACHING];
    case A_TEST_TLB_SIZE:
        return &number_info[NUMBER_TLB_SIZE];
    case A_TEST_BLOCK_DELAY:
        return &number_info[NUMBER_BLOCK_DELAY];
    default:
        return NULL;
    }
}

static uint32_t sysmmu_all_knobs(void)
{
    uint32_t mask = 0;
    int i;

    for (i = 0; i < ARRAY_SIZE(knob_info); i++) {
        mask |= knob_info[i].mask;
    }
    return mask;
}

static uint64_t exynos4210_sysmmu_test_read(void *opaque, hwaddr offset,
                                            unsigned size)
{
    Exynos4210SysmmuState *s = opaque;
    uint32_t *counter = sysmmu_test_counter(s, offset);
    const SysmmuNumber *number = sysmmu_test_number(offset);

    if (counter) {
        return *counter;
    }
    if (number) {
        return *sysmmu_number(s, number);
    }
    switch (offset) {
    case A_TEST_MAGIC:
        return TEST_MAGIC;
    case A_TEST_TLB_ENTRIES:
        return sysmmu_tlb_entries(s);
    case A_TEST_UNBLOCKABLE:
        return s->unblockable;
    case A_TEST_LINKS:
        return sysmmu_tlb_links(s);
    case A_TEST_KNOBS:
        return s->knobs;
    default:
        qemu_log_mask(LOG_GUEST_ERROR, TYPE_EXYNOS4210_SYSMMU
                      ": nothing to read at 0x%" HWADDR_PRIx
                      " of the test page\n", offset);
        return 0;
    }
}

static void exynos4210_sysmmu_test_write(void *opaque, hwaddr offset,
                                         uint64_t value, unsigned size)
{
    Exynos4210SysmmuState *s = opaque;
    uint32_t *counter = sysmmu_test_counter(s, offset);
    const SysmmuNumber *number = sysmmu_test_number(offset);

    if (counter) {
        *counter = 0;
    } else if (offset == A_TEST_UNBLOCKABLE) {
        s->unblockable = FIELD_EX32(value, TEST_UNBLOCKABLE, ON);
    } else if (offset == A_TEST_KNOBS && !(value & ~sysmmu_all_knobs())) {
        s->knobs = value;
    } else if (!number || !sysmmu_set_number(s, number, value)) {
        qemu_log_mask(LOG_GUEST_ERROR, TYPE_EXYNOS4210_SYSMMU
                      ": not to be written at 0x%" HWADDR_PRIx
                      " of the test page: 0x%" PRIx64 "\n", offset, value);
    }
}

static const MemoryRegionOps exynos4210_sysmmu_test_ops = {
    .read = exynos4210_sysmmu_test_read,
    .write = exynos4210_sysmmu_test_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

static void sysmmu_reset_registers(Exynos4210SysmmuState *s)
{
    s->ctrl = CTRL_DISABLE;
    s->cfg = 0;
    s->pt_base = 0;
    s->int_status = 0;
    s->page_fault = 0;
    s->aw_fault = 0;
    s->ar_fault = 0;
    s->default_slave = 0;
    s->block_polls = 0;
    sysmmu_tlb_drop_all(s);
}

static void exynos4210_sysmmu_power_off(void *opaque, int n, int level)
{
    Exynos4210SysmmuState *s = opaque;

    s->unpowered = level;
    s->lack_logged = false;
    if (level) {
        trace_exynos4210_sysmmu_power_off();
        sysmmu_reset_registers(s);
        sysmmu_update_irq(s);
        sysmmu_set_blocked(s, false);
    }
}

static void exynos4210_sysmmu_clock_off(void *opaque, int n, int level)
{
    Exynos4210SysmmuState *s = opaque;

    s->unclocked[n] = level;
    s->lack_logged = false;
}

static void exynos4210_sysmmu_reset_enter(Object *obj, ResetType type)
{
    Exynos4210SysmmuState *s = EXYNOS4210_SYSMMU(obj);

    sysmmu_reset_registers(s);
    s->bypassed = 0;
    s->faults = 0;
    s->translated = 0;
    s->misses = 0;
    s->flushes = 0;
    s->lacking = 0;
    s->unblockable = false;
}

static void exynos4210_sysmmu_reset_hold(Object *obj)
{
    Exynos4210SysmmuState *s = EXYNOS4210_SYSMMU(obj);

    sysmmu_update_irq(s);
    sysmmu_set_blocked(s, false);
}

static void exynos4210_sysmmu_init(Object *obj)
{
    Exynos4210SysmmuState *s = EXYNOS4210_SYSMMU(obj);
    SysBusDevice *sbd = SYS_BUS_DEVICE(obj);
    DeviceState *dev = DEVICE(obj);

    memory_region_init_io(&s->iomem, obj, &exynos4210_sysmmu_ops, s,
                          "exynos4210-sysmmu", SYSMMU_REGS_SIZE);
    sysbus_init_mmio(sbd, &s->iomem);

    memory_region_init_io(&s->test_iomem, obj, &exynos4210_sysmmu_test_ops, s,
                          "exynos4210-sysmmu-test", SYSMMU_REGS_SIZE);
    sysbus_init_mmio(sbd, &s->test_iomem);

    memory_region_init_iommu(&s->upstream, sizeof(s->upstream),
                             TYPE_EXYNOS4210_SYSMMU_IOMMU_MEMORY_REGION, obj,
                             "exynos4210-sysmmu-upstream", SYSMMU_BUS_SIZE);
    sysbus_init_mmio(sbd, MEMORY_REGION(&s->upstream));

    sysbus_init_irq(sbd, &s->irq);
    qdev_init_gpio_out_named(dev, &s->stalled, "stalled", 1);
    qdev_init_gpio_in_named(dev, exynos4210_sysmmu_power_off, "power-off", 1);
    qdev_init_gpio_in_named(dev, exynos4210_sysmmu_clock_off, "clock-off", 2);

    s->tlb_index = g_hash_table_new(NULL, NULL);
}

static void exynos4210_sysmmu_finalize(Object *obj)
{
    Exynos4210SysmmuState *s = EXYNOS4210_SYSMMU(obj);

    g_hash_table_destroy(s->tlb_index);
    g_free(s->tlb);
}

static void exynos4210_sysmmu_realize(DeviceState *dev, Error **errp)
{
    Exynos4210SysmmuState *s = EXYNOS4210_SYSMMU(dev);
    uint32_t major = FIELD_EX32(s->version, VERSION, MAJOR);

    if (s->version != VERSION_1 && (major < 1 || major > 3)) {
        error_setg(errp, "version 0x%" PRIx32 " is not of a System MMU v1, "
                   "v2 or v3", s->version);
        return;
    }
    if (!s->downstream) {
        error_setg(errp, "link property 'downstream' is not set");
        return;
    }
    address_space_init(&s->downstream_as, s->downstream,
                       "exynos4210-sysmmu-downstream");
}

static void exynos4210_sysmmu_unrealize(DeviceState *dev)
{
    Exynos4210SysmmuState *s = EXYNOS4210_SYSMMU(dev);

    address_space_destroy(&s->downstream_as);
}

static int exynos4210_sysmmu_pre_load(void *opaque)
{
    Exynos4210SysmmuState *s = opaque;

    sysmmu_tlb_drop_all(s);
    g_free(s->tlb);
    s->tlb = NULL;
    s->tlb_allocated = 0;
    return 0;
}

/* The numbers come before the TLB, which is allocated as they say */
static bool sysmmu_numbers_are_sane(void *opaque, int version_id)
{
    Exynos4210SysmmuState *s = opaque;
    int i;

    for (i = 0; i < ARRAY_SIZE(number_info); i++) {
        if (*sysmmu_number(s, &number_info[i]) > number_info[i].max) {
            return false;
        }
    }
    return s->tlb_used >= 0 && s->tlb_used <= sysmmu_tlb_size(s);
}

static int exynos4210_sysmmu_post_load(void *opaque, int version_id)
{
    Exynos4210SysmmuState *s = opaque;
    uint32_t i;

    s->tlb_allocated = s->tlb_used;
    for (i = 0; i < s->tlb_used; i++) {
        if (sysmmu_tlb_lookup(s, s->tlb[i].key)) {
            return -EINVAL;
        }
        sysmmu_tlb_place(s, i);
    }
    return 0;
}

static int sysmmu_entry_post_load(void *opaque, int version_id)
{
    SysmmuEntry *entry = opaque;
    int i;

    for (i = 0; i < ARRAY_SIZE(page_shifts); i++) {
        if (entry->shift == page_shifts[i]) {
            return entry->key == sysmmu_tlb_key(entry->key, entry->shift) ?
                   0 : -EINVAL;
        }
    }
    return entry->key == sysmmu_link_key(entry->key) &&
           entry->shift == LINK_SHIFT && !entry->valid ? 0 : -EINVAL;
}

static const VMStateDescription vmstate_sysmmu_entry = {
    .name = "exynos4210-sysmmu/entry",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = sysmmu_entry_post_load,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32(key, SysmmuEntry),
        VMSTATE_UINT32(pa, SysmmuEntry),
        VMSTATE_UINT8(shift, SysmmuEntry),
        VMSTATE_BOOL(valid, SysmmuEntry),
        VMSTATE_BOOL(readable, SysmmuEntry),
        VMSTATE_BOOL(writable, SysmmuEntry),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_exynos4210_sysmmu = {
    .name = "exynos4210-sysmmu",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_load = exynos4210_sysmmu_pre_load,
    .post_load = exynos4210_sysmmu_post_load,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32(ctrl, Exynos4210SysmmuState),
        VMSTATE_UINT32(cfg, Exynos4210SysmmuState),
        VMSTATE_UINT32(status, Exynos4210SysmmuState),
        VMSTATE_UINT32(pt_base, Exynos4210SysmmuState),
        VMSTATE_UINT32(int_status, Exynos4210SysmmuState),
        VMSTATE_UINT32(page_fault, Exynos4210SysmmuState),
        VMSTATE_UINT32(aw_fault, Exynos4210SysmmuState),
        VMSTATE_UINT32(ar_fault, Exynos4210SysmmuState),
        VMSTATE_UINT32(default_slave, Exynos4210SysmmuState),
        VMSTATE_UINT32(bypassed, Exynos4210SysmmuState),
        VMSTATE_UINT32(faults, Exynos4210SysmmuState),
        VMSTATE_UINT32(translated, Exynos4210SysmmuState),
        VMSTATE_UINT32(misses, Exynos4210SysmmuState),
        VMSTATE_UINT32(flushes, Exynos4210SysmmuState),
        VMSTATE_BOOL(unblockable, Exynos4210SysmmuState),
        VMSTATE_UINT32(knobs, Exynos4210SysmmuState),
        VMSTATE_UINT32(negative_caching, Exynos4210SysmmuState),
        VMSTATE_UINT32(tlb_size, Exynos4210SysmmuState),
        VMSTATE_UINT32(block_delay, Exynos4210SysmmuState),
        VMSTATE_UINT32(block_polls, Exynos4210SysmmuState),
        VMSTATE_BOOL(unpowered, Exynos4210SysmmuState),
        VMSTATE_BOOL_ARRAY(unclocked, Exynos4210SysmmuState, 2),
        VMSTATE_UINT32(lacking, Exynos4210SysmmuState),
        VMSTATE_UINT32(tlb_random, Exynos4210SysmmuState),
        VMSTATE_INT32(tlb_used, Exynos4210SysmmuState),
        VMSTATE_VALIDATE("numbers", sysmmu_numbers_are_sane),
        /* A guest can tell what is in the TLB: it may be stale */
        VMSTATE_STRUCT_VARRAY_ALLOC(tlb, Exynos4210SysmmuState, tlb_used, 1,
                                    vmstate_sysmmu_entry, SysmmuEntry),
        VMSTATE_END_OF_LIST()
    }
};

static void sysmmu_get_knob(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    Exynos4210SysmmuState *s = EXYNOS4210_SYSMMU(obj);
    const SysmmuKnob *knob = opaque;
    bool value = s->knobs & knob->mask;

    visit_type_bool(v, name, &value, errp);
}

static void sysmmu_set_knob(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    Exynos4210SysmmuState *s = EXYNOS4210_SYSMMU(obj);
    const SysmmuKnob *knob = opaque;
    bool value;

    if (visit_type_bool(v, name, &value, errp)) {
        s->knobs = value ? s->knobs | knob->mask : s->knobs & ~knob->mask;
    }
}

static void sysmmu_get_number_prop(Object *obj, Visitor *v, const char *name,
                                   void *opaque, Error **errp)
{
    visit_type_uint32(v, name, sysmmu_number(EXYNOS4210_SYSMMU(obj), opaque),
                      errp);
}

static void sysmmu_set_number_prop(Object *obj, Visitor *v, const char *name,
                                   void *opaque, Error **errp)
{
    const SysmmuNumber *number = opaque;
    uint32_t value;

    if (visit_type_uint32(v, name, &value, errp) &&
        !sysmmu_set_number(EXYNOS4210_SYSMMU(obj), number, value)) {
        error_setg(errp, "%s must not be above %" PRIu32, name, number->max);
    }
}

static Property exynos4210_sysmmu_properties[] = {
    DEFINE_PROP_LINK("downstream", Exynos4210SysmmuState, downstream,
                     TYPE_MEMORY_REGION, MemoryRegion *),
    DEFINE_PROP_UINT32("version", Exynos4210SysmmuState, version, VERSION_1),
    DEFINE_PROP_END_OF_LIST(),
};

static void exynos4210_sysmmu_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);
    int i;

    dc->desc = "Samsung Exynos System MMU";
    dc->realize = exynos4210_sysmmu_realize;
    dc->unrealize = exynos4210_sysmmu_unrealize;
    dc->vmsd = &vmstate_exynos4210_sysmmu;
    rc->phases.enter = exynos4210_sysmmu_reset_enter;
    rc->phases.hold = exynos4210_sysmmu_reset_hold;
    device_class_set_props(dc, exynos4210_sysmmu_properties);
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);

    /* Unlike those above, these can be set while the device is in use */
    for (i = 0; i < ARRAY_SIZE(knob_info); i++) {
        object_class_property_add(klass, knob_info[i].name, "bool",
                                  sysmmu_get_knob, sysmmu_set_knob, NULL,
                                  (void *)&knob_info[i]);
        object_class_property_set_description(klass, knob_info[i].name,
                                              knob_info[i].description);
    }
    for (i = 0; i < ARRAY_SIZE(number_info); i++) {
        object_class_property_add(klass, number_info[i].name, "uint32",
                                  sysmmu_get_number_prop,
                                  sysmmu_set_number_prop, NULL,
                                  (void *)&number_info[i]);
        object_class_property_set_description(klass, number_info[i].name,
                                              number_info[i].description);
    }
}

static void sysmmu_iommu_memory_region_class_init(ObjectClass *klass,
                                                  void *data)
{
    IOMMUMemoryRegionClass *imrc = IOMMU_MEMORY_REGION_CLASS(klass);

    imrc->translate = exynos4210_sysmmu_translate;
}

static const TypeInfo exynos4210_sysmmu_types[] = {
    {
        .name = TYPE_EXYNOS4210_SYSMMU,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(Exynos4210SysmmuState),
        .instance_init = exynos4210_sysmmu_init,
        .instance_finalize = exynos4210_sysmmu_finalize,
        .class_init = exynos4210_sysmmu_class_init,
    },
    {
        .name = TYPE_EXYNOS4210_SYSMMU_IOMMU_MEMORY_REGION,
        .parent = TYPE_IOMMU_MEMORY_REGION,
        .class_init = sysmmu_iommu_memory_region_class_init,
    },
};

DEFINE_TYPES(exynos4210_sysmmu_types)
