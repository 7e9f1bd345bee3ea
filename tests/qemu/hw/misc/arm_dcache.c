/*
 * Data caches of ARM CPUs that are not coherent with other bus masters
 *
 * What the model does is in docs/specs/arm-dcache.rst.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/bitmap.h"
#include "qemu/cutils.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "hw/misc/arm_dcache.h"
#include "hw/qdev-properties.h"
#include "hw/registerfields.h"
#include "migration/vmstate.h"
#include "sysemu/cpus.h"
#include "sysemu/runstate.h"
#include "target/arm/dcache-if.h"
#include "trace.h"

#define DCACHE_REGS_SIZE    0x1000
#define DCACHE_MEMORY_SIZE  (1ULL << 32)

REG32(MAGIC, 0x00)
REG32(CONTROL, 0x04)
    FIELD(CONTROL, ARMED, 0, 1)
REG32(EVICT, 0x08)
REG32(COUNTER, 0x10)
REG32(ADDRESS, 0x28)
REG32(DIRTY, 0x2c)

#define DCACHE_MAGIC        0x48434344

/* Of a Cortex-A9; operations bring those of their CPU, which may be longer */
#define LINE                32
#define LINE_WORDS          (LINE / sizeof(unsigned long))

/* In what lines are evicted together, and what RAM is searched for zeroes in */
#define PAGE                4096
#define CHUNK               (64 * KiB)

/* How often lines are evicted by chance, and in how many pages of each kind */
#define EVICT_NS            (500 * SCALE_US)
#define EVICT_PAGES         64

static void dcache_count(ARMDCacheState *s, ARMDCacheCounter counter)
{
    qatomic_inc(&s->counters[counter]);
}

static QemuSpin *dcache_lock(ARMDCacheState *s, uint64_t offset)
{
    QemuSpin *lock = &s->locks[offset / LINE % ARM_DCACHE_LOCKS];

    qemu_spin_lock(lock);
    return lock;
}

/* What is atomic on every host */
static unsigned long *dcache_words(uint8_t *copy, uint64_t offset)
{
    return (unsigned long *)(copy + offset);
}

/*
 * A line that no CPU has stored to since it was filled is never written back.
 * One that is different is dirty, too: a store is noted before it happens, and
 * the line may have been written back in between.
 */
static bool dcache_dirty(ARMDCacheState *s, uint64_t offset)
{
    return test_bit(offset / LINE, s->dirty) ||
           memcmp(s->lines_map.ptr + offset, s->filled_ptr + offset, LINE);
}

static void dcache_clear_dirty(ARMDCacheState *s, uint64_t offset)
{
    uint64_t line = offset / LINE;

    qatomic_and(&s->dirty[BIT_WORD(line)], ~BIT_MASK(line));
}

/* Called with the line's lock; CPUs may be writing to it. */
static void dcache_write_back(ARMDCacheState *s, uint64_t offset)
{
    unsigned long *line = dcache_words(s->lines_map.ptr, offset);
    unsigned long *filled = dcache_words(s->filled_ptr, offset);
    unsigned long *ram = dcache_words(s->ram_map.ptr, offset);
    int i;

    dcache_clear_dirty(s, offset);
    for (i = 0; i < LINE_WORDS; i++) {
        unsigned long word = qatomic_read(&line[i]);

        qatomic_set(&ram[i], word);
        filled[i] = word;
    }
    address_space_cache_invalidate(&s->ram_map, offset, LINE);
}

/*
 * Replace @old by @new, but for the bytes that a CPU has changed since @old was
 * read: those stay, and make the line dirty.
 */
static void dcache_fill_word(unsigned long *line, unsigned long old,
                             unsigned long new)
{
    unsigned long seen = old, want = new;

    for (;;) {
        unsigned long was = qatomic_cmpxchg(line, seen, want);
        unsigned long kept = 0;
        int i;

        if (was == seen) {
            return;
        }
        for (i = 0; i < BITS_PER_LONG; i += 8) {
            if (((was ^ old) >> i) & 0xff) {
                kept |= 0xffUL << i;
            }
        }
        seen = was;
        want = (new & ~kept) | (was & kept);
    }
}

/*
 * Take a line from memory.  If it is not @lost, it is not dirty, and what is in
 * it but was not when it was filled was written by a CPU just now.  Called with
 * the line's lock.
 */
static bool dcache_fill(ARMDCacheState *s, uint64_t offset, bool lost)
{
    unsigned long *line = dcache_words(s->lines_map.ptr, offset);
    unsigned long *filled = dcache_words(s->filled_ptr, offset);
    unsigned long *ram = dcache_words(s->ram_map.ptr, offset);
    bool changed = false;
    int i;

    if (lost) {
        dcache_clear_dirty(s, offset);
    }
    for (i = 0; i < LINE_WORDS; i++) {
        unsigned long old = lost ? qatomic_read(&line[i]) : filled[i];
        unsigned long new = qatomic_read(&ram[i]);

        filled[i] = new;
        if (old != new) {
            dcache_fill_word(&line[i], old, new);
            changed = true;
        }
    }
    if (changed) {
        address_space_cache_invalidate(&s->lines_map, offset, LINE);
    }
    return changed;
}

static void dcache_maintain(ARMDCacheState *s, uint64_t offset,
                            ARMDCacheOp op)
{
    QemuSpin *lock = dcache_lock(s, offset);
    bool dirty = dcache_dirty(s, offset);

    if (dirty && (op & ARM_DCACHE_CLEAN)) {
        dcache_write_back(s, offset);
        dcache_count(s, ARM_DCACHE_CLEANED);
        dirty = false;
    }
    if (op & ARM_DCACHE_INVALIDATE) {
        if (dirty) {
            trace_arm_dcache_lost(s->ram_base + offset);
            dcache_count(s, ARM_DCACHE_LOST);
        }
        if (dcache_fill(s, offset, dirty) && !dirty) {
            dcache_count(s, ARM_DCACHE_REFILLED);
        }
    }
    qemu_spin_unlock(lock);
}

static bool arm_dcache_is_on(ARMDCacheIf *dc)
{
    return qatomic_read(&ARM_DCACHE(dc)->armed);
}

/* May be called for every store of a CPU. */
static void arm_dcache_store(ARMDCacheIf *dc, hwaddr pa, unsigned int size)
{
    ARMDCacheState *s = (ARMDCacheState *)dc;
    uint64_t offset = pa - s->ram_base;
    uint64_t line = offset / LINE;

    if (offset >= s->size) {
        return;
    }
    for (; line <= (offset + size - 1) / LINE; line++) {
        if (!test_bit(line, s->dirty)) {
            set_bit_atomic(line, s->dirty);
        }
    }
}

static void arm_dcache_maintain_line(ARMDCacheIf *dc, hwaddr pa,
                                     unsigned int line, ARMDCacheOp op)
{
    ARMDCacheState *s = ARM_DCACHE(dc);
    uint64_t offset = QEMU_ALIGN_DOWN(pa, MAX(line, LINE)) - s->ram_base;
    unsigned int i;

    if (!qatomic_read(&s->armed) || offset >= s->size) {
        return;
    }
    trace_arm_dcache_line(pa, op & ARM_DCACHE_CLEAN,
                          op & ARM_DCACHE_INVALIDATE);
    dcache_count(s, ARM_DCACHE_OPS);
    for (i = 0; i < line; i += LINE) {
        dcache_maintain(s, offset + i, op);
    }
    if (s->evict) {
        uint32_t next = qatomic_fetch_inc(&s->recent_next);

        qatomic_set(&s->recent[next % ARM_DCACHE_RECENT], offset / PAGE);
    }
}

/*
 * The cache has no end, but each line its place in it: the lowest bits of the
 * address are the set, those above them the way.
 */
static void arm_dcache_maintain_set_way(ARMDCacheIf *dc, unsigned int set,
                                        unsigned int way, unsigned int sets,
                                        unsigned int ways, unsigned int line,
                                        ARMDCacheOp op)
{
    ARMDCacheState *s = ARM_DCACHE(dc);
    uint64_t offset = ((uint64_t)way * sets + set) * line;

    if (!qatomic_read(&s->armed)) {
        return;
    }
    dcache_count(s, ARM_DCACHE_OPS);
    for (; offset < s->size; offset += (uint64_t)ways * sets * line) {
        uint64_t end = MIN(offset + line, s->size);
        uint64_t each;

        for (each = offset; each < end; each += LINE) {
            if (memcmp(s->lines_map.ptr + each, s->ram_map.ptr + each, LINE) ||
                dcache_dirty(s, each)) {
                dcache_maintain(s, each, op);
            }
        }
    }
}

/* xorshift64*: the same seed does the same to the same pages */
static uint64_t dcache_random(ARMDCacheState *s)
{
    s->random ^= s->random >> 12;
    s->random ^= s->random << 25;
    s->random ^= s->random >> 27;
    return s->random * 0x2545f4914f6cdd1dULL;
}

/* Evict or prefetch a quarter of the lines of a page. */
static void dcache_evict_page(ARMDCacheState *s, uint64_t page)
{
    uint64_t start = page * PAGE, random = 0;
    int i;

    for (i = 0; i < PAGE / LINE; i++, random >>= 2) {
        uint64_t offset = start + i * LINE;

        if (i % 32 == 0) {
            random = dcache_random(s);
        }
        if ((random & 3) == 0) {
            QemuSpin *lock = dcache_lock(s, offset);

            if (dcache_dirty(s, offset)) {
                trace_arm_dcache_evicted(s->ram_base + offset);
                dcache_write_back(s, offset);
                dcache_count(s, ARM_DCACHE_EVICTED);
            } else if (dcache_fill(s, offset, false)) {
                dcache_count(s, ARM_DCACHE_PREFETCHED);
            }
            qemu_spin_unlock(lock);
        }
    }
}

/*
 * Go on through the pages with dirty lines, and through those that the guest
 * has done maintenance in: these were filled long ago if it does nothing else.
 */
static void dcache_evict(void *opaque)
{
    ARMDCacheState *s = opaque;
    uint64_t lines = s->size / LINE;
    int i;

    for (i = 0; i < EVICT_PAGES; i++) {
        uint64_t line = find_next_bit(s->dirty, lines, s->evict_next);

        if (line >= lines) {
            s->evict_next = 0;
            break;
        }
        dcache_evict_page(s, line / (PAGE / LINE));
        s->evict_next = QEMU_ALIGN_UP(line + 1, PAGE / LINE) % lines;
    }
    for (i = 0; i < EVICT_PAGES; i++) {
        uint32_t n = dcache_random(s) % ARM_DCACHE_RECENT;

        dcache_evict_page(s, qatomic_read(&s->recent[n]));
    }
    timer_mod(&s->evict_timer,
              qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + EVICT_NS);
}

static void dcache_update_timer(ARMDCacheState *s)
{
    if (s->armed && s->evict) {
        timer_mod(&s->evict_timer,
                  qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + EVICT_NS);
    } else {
        timer_del(&s->evict_timer);
    }
}

static void dcache_set_evict(ARMDCacheState *s, uint32_t seed)
{
    s->evict = seed;
    s->random = seed * 0x9e3779b97f4a7c15ULL;
    dcache_update_timer(s);
}

/* Make all of the copies the same, and leave out what is zero anyway. */
static void dcache_copy(uint8_t *to, const uint8_t *from, uint64_t size)
{
    uint64_t offset;

    for (offset = 0; offset < size; offset += CHUNK) {
        uint64_t n = MIN(size - offset, CHUNK);

        if (!buffer_is_zero(from + offset, n)) {
            memcpy(to + offset, from + offset, n);
        } else if (!buffer_is_zero(to + offset, n)) {
            memset(to + offset, 0, n);
        }
    }
}

/* Called while no CPU runs. */
static void dcache_set_armed(ARMDCacheState *s, bool armed)
{
    if (s->armed == armed) {
        return;
    }
    trace_arm_dcache_armed(armed);
    if (armed) {
        dcache_copy(s->lines_map.ptr, s->ram_map.ptr, s->size);
        dcache_copy(s->filled_ptr, s->ram_map.ptr, s->size);
        memset(s->counters, 0, sizeof(s->counters));
        bitmap_zero(s->dirty, s->size / LINE);
        address_space_cache_invalidate(&s->lines_map, 0, s->size);
    }
    qatomic_set(&s->armed, armed);
    memory_region_set_enabled(&s->lines, armed);
    dcache_update_timer(s);
}

static void dcache_write_all_back(ARMDCacheState *s)
{
    uint64_t offset;

    for (offset = 0; offset < s->size; offset += LINE) {
        if (dcache_dirty(s, offset)) {
            dcache_write_back(s, offset);
        }
    }
}

/* The CPUs have to stop, among them the one that asked for it. */
static void dcache_arm_bh(void *opaque)
{
    ARMDCacheState *s = opaque;

    pause_all_vcpus();
    if (s->armed && !s->arm_to) {
        dcache_write_all_back(s);
    }
    dcache_set_armed(s, s->arm_to);
    if (runstate_is_running()) {
        resume_all_vcpus();
    }
}

/* A bit for each of the 32 lines around the address that was asked for */
static uint32_t dcache_dirty_lines(ARMDCacheState *s)
{
    uint64_t offset = QEMU_ALIGN_DOWN(s->address, 32 * LINE) - s->ram_base;
    uint32_t lines = 0;
    int i;

    if (!s->armed || offset >= s->size) {
        return 0;
    }
    for (i = 0; i < 32; i++) {
        QemuSpin *lock = dcache_lock(s, offset + i * LINE);

        lines |= (uint32_t)dcache_dirty(s, offset + i * LINE) << i;
        qemu_spin_unlock(lock);
    }
    return lines;
}

static uint64_t arm_dcache_read(void *opaque, hwaddr offset, unsigned size)
{
    ARMDCacheState *s = opaque;

    switch (offset) {
    case A_MAGIC:
        return DCACHE_MAGIC;
    case A_CONTROL:
        return FIELD_DP32(0, CONTROL, ARMED, s->armed);
    case A_EVICT:
        return s->evict;
    case A_COUNTER ... A_COUNTER + 4 * ARM_DCACHE_COUNTERS - 1:
        return qatomic_read(&s->counters[(offset - A_COUNTER) / 4]);
    case A_ADDRESS:
        return s->address;
    case A_DIRTY:
        return dcache_dirty_lines(s);
    default:
        qemu_log_mask(LOG_GUEST_ERROR, TYPE_ARM_DCACHE
                      ": nothing to read at 0x%" HWADDR_PRIx "\n", offset);
        return 0;
    }
}

static void arm_dcache_write(void *opaque, hwaddr offset, uint64_t value,
                             unsigned size)
{
    ARMDCacheState *s = opaque;

    switch (offset) {
    case A_CONTROL:
        s->arm_to = FIELD_EX32(value, CONTROL, ARMED);
        qemu_bh_schedule(s->arm_bh);
        break;
    case A_EVICT:
        dcache_set_evict(s, value);
        break;
    case A_COUNTER ... A_COUNTER + 4 * ARM_DCACHE_COUNTERS - 1:
        qatomic_set(&s->counters[(offset - A_COUNTER) / 4], 0);
        break;
    case A_ADDRESS:
        s->address = value;
        break;
    default:
        qemu_log_mask(LOG_GUEST_ERROR, TYPE_ARM_DCACHE
                      ": nothing to write at 0x%" HWADDR_PRIx "\n", offset);
        break;
    }
}

static const MemoryRegionOps arm_dcache_ops = {
    .read = arm_dcache_read,
    .write = arm_dcache_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

static bool arm_dcache_get_armed(Object *obj, Error **errp)
{
    return ARM_DCACHE(obj)->armed;
}

static void arm_dcache_prop_set_armed(Object *obj, bool value, Error **errp)
{
    ARMDCacheState *s = ARM_DCACHE(obj);

    if (!DEVICE(obj)->realized) {
        error_setg(errp, "the caches can be armed when the machine runs");
        return;
    }
    s->arm_to = value;
    dcache_arm_bh(s);
}

static void arm_dcache_get_evict(Object *obj, Visitor *v, const char *name,
                                 void *opaque, Error **errp)
{
    visit_type_uint32(v, name, &ARM_DCACHE(obj)->evict, errp);
}

static void arm_dcache_prop_set_evict(Object *obj, Visitor *v,
                                      const char *name, void *opaque,
                                      Error **errp)
{
    uint32_t value;

    if (visit_type_uint32(v, name, &value, errp)) {
        dcache_set_evict(ARM_DCACHE(obj), value);
    }
}

/* Memory is what counts after a reset; what is loaded then, is there. */
static void arm_dcache_reset_hold(Object *obj)
{
    ARMDCacheState *s = ARM_DCACHE(obj);

    qemu_bh_cancel(s->arm_bh);
    s->address = 0;
    dcache_set_armed(s, false);
}

static void arm_dcache_init(Object *obj)
{
    ARMDCacheState *s = ARM_DCACHE(obj);
    SysBusDevice *sbd = SYS_BUS_DEVICE(obj);
    int i;

    memory_region_init_io(&s->iomem, obj, &arm_dcache_ops, s, "arm-dcache",
                          DCACHE_REGS_SIZE);
    /* A CPU may still look whether they are armed when the BH makes it stop. */
    s->iomem.disable_reentrancy_guard = true;
    sysbus_init_mmio(sbd, &s->iomem);
    memory_region_init(&s->cached_memory, obj, "arm-dcache-memory",
                       DCACHE_MEMORY_SIZE);
    sysbus_init_mmio(sbd, &s->cached_memory);

    for (i = 0; i < ARM_DCACHE_LOCKS; i++) {
        qemu_spin_init(&s->locks[i]);
    }
    timer_init_ns(&s->evict_timer, QEMU_CLOCK_VIRTUAL, dcache_evict, s);
    s->arm_bh = qemu_bh_new_guarded(dcache_arm_bh, s,
                                    &DEVICE(obj)->mem_reentrancy_guard);

    object_property_add_bool(obj, "armed", arm_dcache_get_armed,
                             arm_dcache_prop_set_armed);
    object_property_add(obj, "evict", "uint32", arm_dcache_get_evict,
                        arm_dcache_prop_set_evict, NULL, NULL);
}

static void arm_dcache_finalize(Object *obj)
{
    ARMDCacheState *s = ARM_DCACHE(obj);

    qemu_bh_delete(s->arm_bh);
    timer_del(&s->evict_timer);
    g_free(s->dirty);
}

static bool dcache_map(MemoryRegionCache *map, AddressSpace *as,
                       ARMDCacheState *s)
{
    return address_space_cache_init(map, as, s->ram_base, s->size, true) ==
           s->size && map->ptr;
}

static void arm_dcache_realize(DeviceState *dev, Error **errp)
{
    ARMDCacheState *s = ARM_DCACHE(dev);
    Object *obj = OBJECT(dev);
    ERRP_GUARD();

    if (!s->ram || !s->memory) {
        error_setg(errp, "link property 'ram' or 'memory' is not set");
        return;
    }
    s->size = memory_region_size(s->ram);
    if (!memory_region_is_ram(s->ram) ||
        !QEMU_IS_ALIGNED(s->size | s->ram_base, CHUNK) ||
        s->ram_base + s->size > DCACHE_MEMORY_SIZE) {
        error_setg(errp, "'ram' at 0x%" PRIx64 " cannot be cached",
                   s->ram_base);
        return;
    }
    memory_region_init_ram_nomigrate(&s->lines, obj, "arm-dcache.lines",
                                     s->size, errp);
    if (*errp) {
        return;
    }
    memory_region_init_ram_nomigrate(&s->filled, obj, "arm-dcache.filled",
                                     s->size, errp);
    if (*errp) {
        return;
    }
    s->filled_ptr = memory_region_get_ram_ptr(&s->filled);
    s->dirty = bitmap_new(s->size / LINE);

    memory_region_init_alias(&s->memory_alias, obj, "arm-dcache.memory",
                             s->memory, 0, DCACHE_MEMORY_SIZE);
    memory_region_add_subregion_overlap(&s->cached_memory, 0,
                                        &s->memory_alias, 0);
    memory_region_add_subregion_overlap(&s->cached_memory, s->ram_base,
                                        &s->lines, 1);
    address_space_init(&s->memory_as, s->memory, "arm-dcache-memory");
    address_space_init(&s->cached_as, &s->cached_memory, "arm-dcache-cached");
    if (!dcache_map(&s->lines_map, &s->cached_as, s) ||
        !dcache_map(&s->ram_map, &s->memory_as, s) ||
        s->ram_map.ptr != memory_region_get_ram_ptr(s->ram)) {
        error_setg(errp, "'ram' is not at 0x%" PRIx64 " of 'memory'",
                   s->ram_base);
        return;
    }
    memory_region_set_enabled(&s->lines, false);
    dcache_set_evict(s, s->evict);
}

/* It is there to test guests, and has three times the RAM. */
static const VMStateDescription vmstate_arm_dcache = {
    .name = "arm-dcache",
    .unmigratable = 1,
};

static Property arm_dcache_properties[] = {
    DEFINE_PROP_LINK("ram", ARMDCacheState, ram, TYPE_MEMORY_REGION,
                     MemoryRegion *),
    DEFINE_PROP_LINK("memory", ARMDCacheState, memory, TYPE_MEMORY_REGION,
                     MemoryRegion *),
    DEFINE_PROP_UINT64("ram-base", ARMDCacheState, ram_base, 0),
    DEFINE_PROP_END_OF_LIST(),
};

static void arm_dcache_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);
    ARMDCacheIfClass *dic = ARM_DCACHE_IF_CLASS(klass);

    dc->desc = "Data caches that are not coherent with other bus masters";
    dc->realize = arm_dcache_realize;
    dc->vmsd = &vmstate_arm_dcache;
    dc->user_creatable = false;
    rc->phases.hold = arm_dcache_reset_hold;
    dic->is_on = arm_dcache_is_on;
    dic->store = arm_dcache_store;
    dic->maintain_line = arm_dcache_maintain_line;
    dic->maintain_set_way = arm_dcache_maintain_set_way;
    device_class_set_props(dc, arm_dcache_properties);
}

static const TypeInfo arm_dcache_types[] = {
    {
        .name = TYPE_ARM_DCACHE,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(ARMDCacheState),
        .instance_init = arm_dcache_init,
        .instance_finalize = arm_dcache_finalize,
        .class_init = arm_dcache_class_init,
        .interfaces = (InterfaceInfo[]) {
            { TYPE_ARM_DCACHE_IF },
            { }
        },
    },
};

DEFINE_TYPES(arm_dcache_types)
