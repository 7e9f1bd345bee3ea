/*
 * QTest for the FIMG2D v4.1 model
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Most cases run a command list twice: by the reference, over bus memory that
 * comes into being where it is touched, and by the device, behind a System MMU
 * whose page table has those pages and no others, read-only where the
 * reference did not write.  A fault that the reference does not explain, a
 * byte that differs anywhere in a touched page, or a byte count that differs
 * fails the case.  In demand mode the page table starts empty, so that a page
 * the device should have touched and did not is noticed as well.
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "exynos-fimg2d-qtest.h"

#define PAGE_BYTES      0x1000u
#define MAX_PAGES       192
#define ROW_PIXELS      0x10000
#define LV2_TABLES      (RAM_BASE + 0x10000)
#define FRAMES          (RAM_BASE + 0x1000000)
#define LIST_IOVA       0x60000000u

static QTestState *qts;

/* Bus memory */

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

static uint32_t scramble(uint32_t x)
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

static Page *bus_find(Bus *bus, uint32_t iova)
{
    return g_hash_table_lookup(bus->pages,
                               GUINT_TO_POINTER(iova / PAGE_BYTES + 1));
}

static Page *bus_page(Bus *bus, uint32_t iova)
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

static uint8_t bus_read(void *opaque, enum fimg2d_operand operand,
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

/* What the CPU put there before the engine starts. */
static void bus_put32(Bus *bus, uint32_t address, uint32_t value)
{
    Page *page;
    int i;

    for (i = 0; i < 4; i++) {
        page = bus_page(bus, address + i);
        page->before[(address + i) % PAGE_BYTES] = value >> (8 * i);
        page->now[(address + i) % PAGE_BYTES] = value >> (8 * i);
    }
}

static Bus *bus_new(uint32_t seed)
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

static void bus_free(Bus *bus)
{
    g_hash_table_destroy(bus->pages);
    g_ptr_array_free(bus->order, true);
    g_free(bus);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bus, bus_free)

/* Command lists */

typedef struct Pair {
    uint32_t offset, value;
} Pair;

typedef GArray List;

static List *list_new(void)
{
    return g_array_new(false, false, sizeof(Pair));
}

static void list_free(List *list)
{
    g_array_free(list, true);
}

typedef List ListGuard;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListGuard, list_free)

static void put(List *list, uint32_t offset, uint32_t value)
{
    Pair pair = { offset, value };

    g_array_append_val(list, pair);
}

#define SET(list, name, value) put(list, FIMG2D_##name, value)

static uint32_t xy(uint32_t x, uint32_t y)
{
    return (y & 0xffff) << 16 | (x & 0xffff);
}

/* Pairs first..end of a list at address, linked to next. */
static void list_place_part(Bus *bus, List *list, uint32_t first, uint32_t end,
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

/* The whole list, so placed that reading one word beyond it would fault. */
static uint32_t list_place(Bus *bus, List *list)
{
    uint32_t words = 2 + 2 * list->len;
    uint32_t address = LIST_IOVA - 4 * words;

    list_place_part(bus, list, 0, list->len, address, 0);
    return address;
}

/* The kernel's own beginning: the pair after SFRCLEAR is lost. */
static void begin(List *list)
{
    SET(list, SOFT_RESET, FIMG2D_SOFT_RESET_SFRCLEAR);
    SET(list, SRC_BASE_ADDR, 0);
    SET(list, DST_SELECT, 0);
    SET(list, BLEND_FUNCTION, 0);
}

static void set_dst(List *list, uint32_t mode, uint32_t base, uint32_t stride,
                    uint32_t left, uint32_t top, uint32_t width,
                    uint32_t height)
{
    SET(list, DST_COLOR_MODE, mode);
    SET(list, DST_BASE_ADDR, base);
    SET(list, DST_STRIDE, stride);
    SET(list, DST_LEFT_TOP, xy(left, top));
    SET(list, DST_RIGHT_BOTTOM, xy(left + width, top + height));
}

static void set_src(List *list, uint32_t mode, uint32_t base, uint32_t stride,
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

static void set_mask(List *list, uint32_t mode, uint32_t base, uint32_t stride,
                     uint32_t left, uint32_t top, uint32_t width,
                     uint32_t height)
{
    SET(list, MASK_MODE, mode);
    SET(list, MASK_BASE_ADDR, base);
    SET(list, MASK_STRIDE, stride);
    SET(list, MASK_LEFT_TOP, xy(left, top));
    SET(list, MASK_RIGHT_BOTTOM, xy(left + width, top + height));
}

static void set_pattern(List *list, uint32_t mode, uint32_t base,
                        uint32_t stride, uint32_t width, uint32_t height,
                        uint32_t x, uint32_t y)
{
    SET(list, PAT_COLOR_MODE, mode);
    SET(list, PAT_BASE_ADDR, base);
    SET(list, PAT_STRIDE, stride);
    SET(list, PAT_SIZE, xy(width, height));
    SET(list, PAT_OFFSET, xy(x, y));
}

static void go(List *list)
{
    SET(list, BITBLT_START, 1);
}

/* The device */

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

static uint32_t *lv2_entry(Tables *tables, uint32_t iova, uint32_t *where)
{
    uint32_t section = iova >> 20, page = iova >> 12 & 255, table;

    if (!tables->slot[section]) {
        table = tables->used++;
        tables->slot[section] = table + 1;
        tables->lv1[section] = cpu_to_le32(LV1_LINK(LV2_TABLES + 1024 * table));
        memset(tables->lv2[table], 0, 1024);
    }
    table = tables->slot[section] - 1;
    *where = LV2_TABLES + 1024 * table + 4 * page;
    return &tables->lv2[table][page];
}

static uint32_t page_entry(const Page *page)
{
    return page->writable ? LV2_SMALL(page->frame) : LV2_SMALL_RO(page->frame);
}

static void write_bulk(uint64_t address, const void *data, size_t bytes)
{
    const uint8_t *from = data;
    size_t part;

    for (; bytes; bytes -= part, from += part, address += part) {
        part = MIN(bytes, 128 * 1024);
        qtest_bufwrite(qts, address, from, part);
    }
}

static void read_bulk(uint64_t address, void *data, size_t bytes)
{
    uint8_t *to = data;
    size_t part;

    for (; bytes; bytes -= part, to += part, address += part) {
        part = MIN(bytes, 128 * 1024);
        qtest_bufread(qts, address, to, part);
    }
}

/*
 * Put the bus memory's first content into RAM, in an order that is not that of
 * its addresses, and turn the System MMU on.
 */
static void upload(Bus *bus, Tables *tables, RunMode mode)
{
    uint32_t i, j, n = bus->order->len, where, *entry;
    g_autofree uint8_t *frames = g_malloc(n * PAGE_BYTES);
    g_autofree uint32_t *slots = g_new(uint32_t, n);
    Page *page;

    for (i = 0; i < n; i++) {
        j = scramble(bus->seed + i) % (i + 1);
        slots[i] = slots[j];
        slots[j] = i;
    }
    memset(tables->lv1, 0, sizeof(tables->lv1));
    memset(tables->slot, 0, sizeof(tables->slot));
    tables->used = 0;
    for (i = 0; i < n; i++) {
        page = g_ptr_array_index(bus->order, i);
        page->frame = FRAMES + slots[i] * PAGE_BYTES;
        page->mapped = page->writable = false;
        memcpy(frames + slots[i] * PAGE_BYTES, page->before, PAGE_BYTES);
        entry = lv2_entry(tables, page->iova, &where);
        if (mode != DEMAND && (page->read || page->written)) {
            page->mapped = true;
            page->writable = page->written;
            *entry = cpu_to_le32(page_entry(page));
        }
    }
    write_bulk(FRAMES, frames, n * PAGE_BYTES);
    write_bulk(RAM_BASE, tables->lv1, sizeof(tables->lv1));
    write_bulk(LV2_TABLES, tables->lv2, tables->used * 1024);

    mmu_write(qts, MMU_CTRL, MMU_DISABLE);
    mmu_write(qts, MMU_PT_BASE, RAM_BASE);
    mmu_write(qts, MMU_FLUSH, 1);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
}

static char *fault_text(const char *what, uint32_t status, uint32_t address)
{
    return g_strdup_printf("%s: fault 0x%02x at 0x%08x", what, status,
                           address);
}

/* Map what the device asks for if the reference touched it; else say so. */
static char *serve_fault(Bus *bus, Tables *tables)
{
    uint32_t status = mmu_read(qts, MMU_INT_STATUS), address, where;
    Page *page;

    if (status == MMU_INT_PAGE) {
        address = mmu_read(qts, MMU_PAGE_FAULT);
        page = bus_find(bus, address);
        if (!page || !(page->read || page->written)) {
            return fault_text("outside of what is to be touched", status,
                              address);
        }
        if (page->mapped) {
            return fault_text("although mapped", status, address);
        }
        page->mapped = true;
        page->writable = !page->read;
    } else if (status == MMU_INT_AW_ACCESS) {
        address = mmu_read(qts, MMU_AW_FAULT);
        page = bus_find(bus, address);
        if (!page || !page->written) {
            return fault_text("write to what is only read", status, address);
        }
        if (!page->mapped || page->writable) {
            return fault_text("although writable", status, address);
        }
        page->writable = true;
    } else {
        return g_strdup_printf("the engine does not end, fault status 0x%02x, "
                               "MMU status 0x%x", status,
                               mmu_read(qts, MMU_STATUS));
    }
    lv2_entry(tables, address, &where);
    qtest_writel(qts, where, page_entry(page));
    mmu_write(qts, MMU_FLUSH_ENTRY, (address & -PAGE_BYTES) | 1);
    mmu_write(qts, MMU_INT_CLEAR, status);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    return NULL;
}

static char *compare_memory(Bus *bus)
{
    uint32_t i, k, n = bus->order->len;
    g_autofree uint8_t *frames = g_malloc(n * PAGE_BYTES);
    const uint8_t *is;
    Page *page;

    read_bulk(FRAMES, frames, n * PAGE_BYTES);
    for (i = 0; i < n; i++) {
        page = g_ptr_array_index(bus->order, i);
        is = frames + (page->frame - FRAMES);
        if (!memcmp(is, page->now, PAGE_BYTES)) {
            continue;
        }
        for (k = 0; is[k] == page->now[k]; k++) {
            continue;
        }
        return g_strdup_printf("byte at 0x%08x is 0x%02x, not 0x%02x (was "
                               "0x%02x)", page->iova + k, is[k], page->now[k],
                               page->before[k]);
    }
    return NULL;
}

static char *compare_value(const char *name, uint32_t is, uint32_t shall)
{
    return is == shall ? NULL :
           g_strdup_printf("%s is 0x%x, not 0x%x", name, is, shall);
}

static char *compare_outcome(Bus *bus, RunMode mode)
{
    const struct fimg2d_reference *ref = &bus->ref;
    uint32_t reads = ref->bytes_read[FIMG2D_SRC] + ref->bytes_read[FIMG2D_DST] +
                     ref->bytes_read[FIMG2D_PAT] + ref->bytes_read[FIMG2D_MASK];
    const struct {
        const char *name;
        uint32_t is, shall;
    } values[] = {
        { "BYTES_READ", g2d_test_read(qts, G2D_BYTES_READ), reads },
        { "BYTES_WRITE", g2d_test_read(qts, G2D_BYTES_WRITE),
          ref->bytes_written },
        { "BLITS", g2d_test_read(qts, G2D_BLITS), ref->blits },
        { "DMA_STATUS", g2d_read(qts, FIMG2D_DMA_STATUS),
          1 | (ref->blits & 0xffff) << 1 | (ref->lists & 0xff) << 17 },
        { "INTC_PEND", g2d_read(qts, FIMG2D_INTC_PEND), FIMG2D_INT_ACMD },
        { "whether it complained", !!g2d_test_read(qts, G2D_COMPLAINTS),
          ref->complains },
        { "BYPASSED", mmu_test_read(qts, MMU_BYPASSED), 0 },
    };
    char *difference = compare_memory(bus);
    Page *page;
    size_t i;

    for (i = 0; !difference && i < ARRAY_SIZE(values); i++) {
        difference = compare_value(values[i].name, values[i].is,
                                   values[i].shall);
    }
    for (i = 0; mode == DEMAND && !difference && i < bus->order->len; i++) {
        page = g_ptr_array_index(bus->order, i);
        if (page->mapped != (page->read || page->written)) {
            difference = g_strdup_printf("page 0x%08x was not touched",
                                         page->iova);
        } else if (page->writable != page->written) {
            difference = g_strdup_printf("page 0x%08x was not written",
                                         page->iova);
        }
    }
    return difference;
}

/* What the kernel's unmap does while the engine works, again and again */
static void disturb(uint32_t seed)
{
    uint32_t i;

    for (i = 0; i < 24 && !g2d_idle(qts); i++) {
        qtest_clock_step(qts, scramble(seed + i) % 20000);
        mmu_write(qts, MMU_CTRL, MMU_BLOCK);
        if (i & 1) {
            qtest_clock_step(qts, 5000);
        }
        mmu_write(qts, MMU_FLUSH, 1);
        mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    }
}

/* Run what the reference has run; NULL, or what is different. */
static char *run_device(Bus *bus, uint32_t address, RunMode mode)
{
    static Tables tables;
    char *difference = NULL;
    int faults;

    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    upload(bus, &tables, mode);
    g2d_test_write(qts, G2D_BYTES_READ, 0);
    g2d_test_write(qts, G2D_BYTES_WRITE, 0);
    g2d_test_write(qts, G2D_BLITS, 0);
    g2d_test_write(qts, G2D_COMPLAINTS, 0);
    mmu_test_write(qts, MMU_BYPASSED, 0);
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, address);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);

    if (mode == DISTURBED) {
        disturb(bus->seed);
    }
    for (faults = 0; !g2d_settle(qts); faults++) {
        if (mode != DEMAND) {
            uint32_t status = mmu_read(qts, MMU_INT_STATUS);

            difference = fault_text("unexpected", status,
                                    mmu_read(qts, status & MMU_INT_PAGE ?
                                             MMU_PAGE_FAULT : MMU_AW_FAULT));
        } else {
            difference = serve_fault(bus, &tables);
        }
        if (difference) {
            break;
        }
    }
    if (!difference) {
        difference = compare_outcome(bus, mode);
    }
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    mmu_write(qts, MMU_CTRL, MMU_DISABLE);
    return difference;
}

static void print_list(List *list)
{
    g_autoptr(GString) text = g_string_new("list:");
    uint32_t i;

    for (i = 0; i < list->len; i++) {
        Pair pair = g_array_index(list, Pair, i);

        g_string_append_printf(text, "%s %03x=%08x", i % 6 ? "" : "\n#",
                               pair.offset, pair.value);
    }
    g_test_message("%s", text->str);
}

static void check_at(Bus *bus, List *list, uint32_t address, RunMode mode)
{
    g_autofree char *difference = NULL;

    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));
    difference = run_device(bus, address, mode);
    if (difference) {
        print_list(list);
        g_test_message("%s", difference);
        g_test_fail();
    }
}

/* Run a list by both and compare everything. */
static void check(List *list, RunMode mode)
{
    g_autoptr(Bus) bus = bus_new(list->len);

    check_at(bus, list, list_place(bus, list), mode);
}

/* Which bytes: planes, pattern, mask, repeat modes, clipping, geometry */

#define SRC_IOVA    0x10000000u
#define DST_IOVA    0x20000000u
#define PAT_IOVA    0x30000000u
#define MASK_IOVA   0x40000000u
#define PLANE2      0x08000000u
#define SRCCOPY     0xcc

static uint32_t pixel_bytes(uint32_t mode)
{
    static const uint8_t bytes[16] = {
        4, 4, 2, 2, 2, 2, 2, 3, 3, 4, 1, 1, 1, 4, 4, 4
    };

    return bytes[mode & 0xf];
}

static void test_bytes_planes(void)
{
    uint32_t i, mode, x, y, width;

    for (i = 0; i < 32; i++) {
        g_autoptr(ListGuard) list = list_new();

        mode = (i & 0xf) | (i & 0x10 ? FIMG2D_TWO_PLANES : 0);
        for (x = 0; x < 3; x++) {
            for (y = 0; y < 2; y++) {
                for (width = 1; width < 4; width++) {
                    uint32_t n = x << 16 | y << 14 | width << 12;

                    /* The last byte of the first plane ends a page. */
                    begin(list);
                    set_src(list, mode,
                            SRC_IOVA + n - (x + width) * pixel_bytes(mode),
                            PAGE_BYTES, x, y, width, 3);
                    SET(list, SRC_PLANE2_BASE, SRC_IOVA + PLANE2 + n - 2 * x);
                    set_dst(list, mode, DST_IOVA + n - x * pixel_bytes(mode),
                            0x40000, x, y, width, 3);
                    SET(list, DST_PLANE2_BASE, DST_IOVA + PLANE2 + n);
                    SET(list, ROP4, SRCCOPY);
                    go(list);
                }
            }
        }
        check(list, DEMAND);
    }
}

static void test_bytes_pattern(void)
{
    uint32_t code, third, rop4, n = 0;

    for (third = 0; third < 4; third++) {
        for (rop4 = 0; rop4 < 2; rop4++) {
            g_autoptr(ListGuard) list = list_new();

            for (code = 0; code < 256; code += 1 + rop4 * 16) {
                begin(list);
                set_dst(list, 1, DST_IOVA, 64, 0, 0, 5, 3);
                set_mask(list, 2, MASK_IOVA, 8, 0, 0, 5, 3);
                set_pattern(list, 2, PAT_IOVA + PAGE_BYTES * n++ - 6, 14, 3, 2,
                            code, code + 1);
                SET(list, THIRD_OPERAND, rop4 ? third << 4 | 1 : third);
                SET(list, ROP4, rop4 ? code << 8 | SRCCOPY : code);
                SET(list, BITBLT_COMMAND, rop4);
                go(list);
            }
            check(list, DEMAND);
        }
    }
}

static void test_bytes_pattern_geometry(void)
{
    uint32_t i;
    g_autoptr(ListGuard) list = list_new();

    for (i = 0; i < 0x80; i++) {
        begin(list);
        set_dst(list, 1, DST_IOVA + PAGE_BYTES * i, 64, 2, 1, 6, 4);
        set_pattern(list, 7, PAT_IOVA + PAGE_BYTES * i - 7, 20,
                    i & 1 ? 4 : 7, i & 2 ? 3 : 5,
                    i & 0x20 ? 0xfffe : 2, i & 0x40 ? 0xffff : 1);
        SET(list, ROTATE, i & 4 ? 0x10 : 0);
        SET(list, DST_PAT_DIRECT, (i >> 3 & 3) << 4);
        SET(list, ROP4, 0xf0);
        go(list);
    }
    begin(list);
    set_dst(list, 1, DST_IOVA, 64, 2, 1, 6, 4);
    set_pattern(list, 7, PAT_IOVA, 20, 0, 4, 0, 0);
    SET(list, ROP4, 0xf0);
    go(list);
    SET(list, PAT_SIZE, xy(4, 0));
    go(list);
    check(list, DEMAND);
}

static void test_bytes_mask(void)
{
    uint32_t mode, i;

    for (mode = 0; mode < 16; mode++) {
        g_autoptr(ListGuard) list = list_new();

        for (i = 0; i < 64; i++) {
            begin(list);
            set_src(list, 1, SRC_IOVA, 64, 0, 0, 9, 3);
            set_dst(list, 1, DST_IOVA, 64, 0, 0, 9, 3);
            /* A pixel or so on either side of a page's end */
            set_mask(list, mode, MASK_IOVA + PAGE_BYTES * 2 * i - 2, 24,
                     i & 7, i >> 3 & 1, 9, 3);
            SET(list, MASK_SCALE_CTRL, i >> 4);
            SET(list, MASK_XSCALE, 0xc000);
            SET(list, MASK_YSCALE, 0x14000);
            SET(list, MASK_REPEAT_MODE, 3);
            SET(list, ROP4, SRCCOPY << 8 | SRCCOPY);
            SET(list, BITBLT_COMMAND, 1 + (i & 1));
            go(list);
        }
        check(list, DEMAND);
    }
}

static void test_bytes_repeat(void)
{
    static const struct {
        uint32_t control, xscale, yscale;
    } scales[] = {
        { 0, 0, 0 }, { 1, 0x8000, 0x18000 }, { 2, 0x8000, 0x18000 },
        { 3, 0x123456, 0xfedcba98 }, { 2, 0, 0 }, { 1, 0xffffffff, 0xffff },
    };
    uint32_t mode, i, n;

    for (mode = 0; mode < 8; mode++) {
        g_autoptr(ListGuard) list = list_new();

        for (i = 0; i < ARRAY_SIZE(scales); i++) {
            for (n = 0; n < 8; n++) {
                uint32_t at = PAGE_BYTES * (8 * i + n);

                begin(list);
                set_dst(list, 1, DST_IOVA, 64, 0, 0, 11, 7);
                set_src(list, 2, SRC_IOVA + at - 10, 14, 1, 0,
                        n & 1 ? 5 : 3, n & 2 ? 2 : 1);
                SET(list, SRC_REPEAT_MODE, mode);
                SET(list, SRC_PAD_VALUE, 0x80402010);
                SET(list, SRC_SCALE_CTRL, scales[i].control);
                SET(list, SRC_XSCALE, scales[i].xscale);
                SET(list, SRC_YSCALE, scales[i].yscale);
                set_mask(list, 2, MASK_IOVA + at - 9, 10, 0, 1,
                         n & 1 ? 4 : 3, n & 2 ? 2 : 4);
                SET(list, MASK_REPEAT_MODE, mode);
                SET(list, MASK_PAD_VALUE, 0x01020304);
                SET(list, MASK_SCALE_CTRL, scales[i].control);
                SET(list, MASK_XSCALE, scales[i].yscale);
                SET(list, MASK_YSCALE, scales[i].xscale);
                SET(list, ROP4, SRCCOPY);
                SET(list, BITBLT_COMMAND,
                    n & 4 ? FIMG2D_COMMAND_MASKING : 0);
                go(list);
            }
        }
        check(list, DEMAND);
    }
}

static void test_bytes_clip(void)
{
    static const uint16_t edges[] = { 0, 4, 5, 7, 9, 10, 11, 0xffff };
    uint32_t left, right;
    g_autoptr(ListGuard) list = list_new();

    for (left = 0; left < ARRAY_SIZE(edges); left++) {
        for (right = 0; right < ARRAY_SIZE(edges); right++) {
            uint32_t n = left * ARRAY_SIZE(edges) + right;

            begin(list);
            set_src(list, 1, SRC_IOVA, 1024, 0, 0, 5, 5);
            set_dst(list, 1, DST_IOVA, 1024, 5, 5, 5, 5);
            SET(list, DST_PAT_DIRECT, n & 3);
            SET(list, CW_LT, xy(edges[left], edges[left]));
            SET(list, CW_RB, xy(edges[right], edges[right]));
            SET(list, ROP4, SRCCOPY);
            SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_CLIP |
                (n & 4 ? FIMG2D_COMMAND_SOLID_FILL : 0));
            SET(list, SF_COLOR, n);
            go(list);
        }
    }
    check(list, DEMAND);
}

/* Rotation, the four directions and the scalers in all combinations */
static void test_bytes_geometry(void)
{
    uint32_t scale, i;

    for (scale = 0; scale < 4; scale++) {
        g_autoptr(ListGuard) list = list_new();

        for (i = 0; i < 128; i++) {
            begin(list);
            set_src(list, 1, SRC_IOVA + PAGE_BYTES * i - 2048, 1024, 2, 1,
                    7, 5);
            set_dst(list, 1, DST_IOVA + PAGE_BYTES * i - 12, 128, 3, 2, 5, 7);
            set_mask(list, 2, MASK_IOVA + PAGE_BYTES * i - 20, 9, 0, 0, 7, 6);
            SET(list, ROTATE, (i & 1) | (i & 2) << 7);
            SET(list, SRC_MASK_DIRECT, (i >> 2 & 3) | (i >> 3 & 3) << 4);
            SET(list, DST_PAT_DIRECT, i >> 5 & 3);
            SET(list, SRC_REPEAT_MODE, i % 5);
            SET(list, SRC_PAD_VALUE, 0x11223344);
            SET(list, SRC_SCALE_CTRL, scale);
            SET(list, SRC_XSCALE, 0xe000);
            SET(list, SRC_YSCALE, 0xa000);
            SET(list, MASK_SCALE_CTRL, scale);
            SET(list, MASK_XSCALE, 0x5000);
            SET(list, MASK_YSCALE, 0x1a000);
            SET(list, ROP4, SRCCOPY);
            SET(list, BITBLT_COMMAND, i & 1 ? FIMG2D_COMMAND_MASKING : 0);
            go(list);
        }
        check(list, DEMAND);
    }
}

/* Strides use all 32 bits, addresses are modulo 2^32, coordinates 16 bits. */
static void test_bytes_wrap(void)
{
    static const uint32_t strides[] = {
        0, 1, 0xfffffff0, 0x80000000, 0x7fffffff, 0xffffffff, 0x10001000,
    };
    uint32_t i, mode;

    for (mode = 0; mode < 16; mode++) {
        g_autoptr(ListGuard) list = list_new();

        for (i = 0; i < ARRAY_SIZE(strides); i++) {
            begin(list);
            set_src(list, mode, 0xffffff00, strides[i], 60, 2, 9, 4);
            SET(list, SRC_PLANE2_BASE, 0xffffffc0);
            set_dst(list, mode, 0xfffffff0, strides[i] * 3, 2, 0, 9, 4);
            SET(list, DST_PLANE2_BASE, 0xffffffff);
            SET(list, ROP4, SRCCOPY);
            go(list);
        }
        begin(list);
        set_src(list, mode, SRC_IOVA, 0x1000, 0xfff0, 0xfffa, 15, 5);
        SET(list, SRC_PLANE2_BASE, SRC_IOVA + PLANE2);
        set_dst(list, mode, DST_IOVA, 0x1000, 0xfff0, 0xfffa, 15, 5);
        SET(list, DST_PLANE2_BASE, DST_IOVA + PLANE2);
        SET(list, ROP4, SRCCOPY);
        go(list);
        check(list, DEMAND);
    }
}

static void test_bytes_empty(void)
{
    static const uint16_t ends[][2] = {
        { 5, 9 }, { 9, 5 }, { 4, 9 }, { 9, 4 }, { 0, 0 }, { 5, 5 },
    };
    uint32_t i;
    g_autoptr(ListGuard) nothing = list_new();
    g_autoptr(ListGuard) list = list_new();

    for (i = 0; i < ARRAY_SIZE(ends); i++) {
        begin(nothing);
        set_src(nothing, 1, SRC_IOVA, 64, 0, 0, 4, 4);
        set_dst(nothing, 1, DST_IOVA, 64, 0, 0, 0, 0);
        SET(nothing, DST_LEFT_TOP, xy(5, 5));
        SET(nothing, DST_RIGHT_BOTTOM, xy(ends[i][0], ends[i][1]));
        SET(nothing, BITBLT_COMMAND, i & 1 ? FIMG2D_COMMAND_SOLID_FILL : 0);
        go(nothing);

        begin(list);
        set_src(list, 1, SRC_IOVA, 64, 0, 0, 0, 0);
        SET(list, SRC_LEFT_TOP, xy(5, 5));
        SET(list, SRC_RIGHT_BOTTOM, xy(ends[i][0], ends[i][1]));
        SET(list, SRC_SCALE_CTRL, i & 3);
        set_dst(list, 1, DST_IOVA + 1024 * i, 64, 0, 0, 4, 4);
        set_mask(list, 2, MASK_IOVA, 64, 0, 0, 0, 0);
        SET(list, MASK_LEFT_TOP, xy(5, 5));
        SET(list, MASK_RIGHT_BOTTOM, xy(ends[i][0], ends[i][1]));
        SET(list, ROP4, SRCCOPY);
        SET(list, BITBLT_COMMAND, i & 1 ? FIMG2D_COMMAND_MASKING : 0);
        go(list);
    }
    check(nothing, DEMAND);
    check(list, DEMAND);
}

/* As wide, and as high, as coordinates go */
static void test_bytes_large(void)
{
    g_autoptr(ListGuard) list = list_new();

    begin(list);
    set_src(list, 12, SRC_IOVA, 0x10000, 0, 0, 0xffff, 1);
    set_dst(list, 11, DST_IOVA, 0x10000, 0, 0, 0xffff, 1);
    SET(list, DST_SELECT, 2);
    SET(list, ROP4, SRCCOPY);
    SET(list, DST_PAT_DIRECT, 1);
    go(list);
    set_src(list, 2, SRC_IOVA, 0x1000, 0xfff0, 0, 5, 5);
    SET(list, SRC_SCALE_CTRL, 2);
    SET(list, SRC_XSCALE, 0xfffff123);
    SET(list, SRC_YSCALE, 0x8765);
    go(list);
    set_dst(list, 2, DST_IOVA + 0x20000, 0, 0xfffc, 0, 3, 0xffff);
    SET(list, ROTATE, 1);
    go(list);
    check(list, PREMAPPED);
}

/* Rows are read whole before they are written, and one after the other. */
static void test_bytes_overlap(void)
{
    static const int32_t shifts[] = {
        -260, -256, -252, -4, -1, 0, 1, 4, 60, 252, 256, 260,
    };
    uint32_t i, d;
    g_autoptr(ListGuard) list = list_new();

    for (i = 0; i < ARRAY_SIZE(shifts); i++) {
        for (d = 0; d < 16; d++) {
            begin(list);
            set_src(list, 1, SRC_IOVA + PAGE_BYTES * i + shifts[i], 256, 0, 0,
                    40, 6);
            set_dst(list, 1, SRC_IOVA + PAGE_BYTES * i, 256, 0, 0, 40, 6);
            SET(list, SRC_MASK_DIRECT, d & 3);
            SET(list, DST_PAT_DIRECT, d >> 2);
            SET(list, SRC_SCALE_CTRL, d & 1);
            SET(list, SRC_XSCALE, 0x10000);
            SET(list, SRC_YSCALE, 0x10000);
            SET(list, ROP4, 0x66);
            go(list);
        }
    }
    check(list, DEMAND);
}

/* Which values */

static const uint8_t pixel_formats[] = { 0, 1, 2, 3, 4, 5, 6, 7, 11, 12 };

static void test_pixels_formats(void)
{
    uint32_t s, d, so, dst_order, mode;

    for (s = 0; s < ARRAY_SIZE(pixel_formats); s++) {
        for (so = 0; so < 4; so++) {
            g_autoptr(ListGuard) list = list_new();

            begin(list);
            set_src(list, pixel_formats[s] | so << 4, SRC_IOVA, 512, 0, 0,
                    32, 4);
            SET(list, SRC_A8_RGB_EXT, 0x123456);
            SET(list, DST_SELECT, 2);
            SET(list, ROP4, SRCCOPY);
            for (d = 0; d < ARRAY_SIZE(pixel_formats); d++) {
                for (dst_order = 0; dst_order < 4; dst_order++) {
                    mode = pixel_formats[d] | dst_order << 4;
                    set_dst(list, mode, DST_IOVA + 512 * (4 * d + dst_order),
                            128, 0, 0, 32, 4);
                    go(list);
                }
            }
            check(list, PREMAPPED);
        }
    }
}

/* Every format as a destination that is read, as pattern, and with alpha */
static void test_pixels_destination_formats(void)
{
    uint32_t d, order, bits;

    for (d = 0; d < ARRAY_SIZE(pixel_formats); d++) {
        g_autoptr(ListGuard) list = list_new();

        for (order = 0; order < 4; order++) {
            for (bits = 0; bits < 16; bits++) {
                begin(list);
                set_src(list, 1, SRC_IOVA, 128, 0, 0, 32, 2);
                set_dst(list, pixel_formats[d] | order << 4,
                        DST_IOVA + 256 * (16 * order + bits), 128,
                        0, 0, 32, 2);
                SET(list, DST_A8_RGB_EXT, 0xfedcba);
                set_pattern(list, pixel_formats[d] | order << 4, PAT_IOVA, 64,
                            9, 3, bits, order);
                SET(list, ROP4, 0x96);
                SET(list, BLEND_FUNCTION, 0x0402);
                SET(list, ROUND_MODE, order | (order ^ bits) % 4 << 4);
                SET(list, BITBLT_COMMAND,
                    FIMG2D_COMMAND_BLEND(bits & 1) |
                    (bits & 2 ? FIMG2D_COMMAND_PREMUL_DST : 0) |
                    (bits & 4 ? FIMG2D_COMMAND_PREMUL_SRC |
                                FIMG2D_COMMAND_PREMUL_PAT : 0) |
                    (bits & 8 ? FIMG2D_COMMAND_DEPREMUL_DST |
                                FIMG2D_COMMAND_ROP4_ALPHA : 0));
                go(list);
            }
        }
        check(list, PREMAPPED);
    }
}

static void test_pixels_fill(void)
{
    uint32_t mode;
    g_autoptr(ListGuard) list = list_new();

    begin(list);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL |
                              FIMG2D_COMMAND_DEPREMUL_DST |
                              FIMG2D_COMMAND_BLEND(1));
    SET(list, DST_PLANE2_BASE, DST_IOVA + PLANE2);
    for (mode = 0; mode < 16; mode++) {
        SET(list, SF_COLOR, 0x89abcdef);
        set_dst(list, mode | mode << 4, DST_IOVA + PAGE_BYTES * mode, 64, 3, 2,
                7, 3);
        go(list);
    }
    check(list, PREMAPPED);
}

static void test_pixels_rop(void)
{
    uint32_t code, third, alpha;

    for (third = 0; third < 3; third++) {
        for (alpha = 0; alpha < 2; alpha++) {
            g_autoptr(ListGuard) list = list_new();

            begin(list);
            set_src(list, 1, SRC_IOVA, 64, 0, 0, 16, 1);
            set_pattern(list, 0x11, PAT_IOVA, 64, 16, 1, 0, 0);
            SET(list, FG_COLOR, 0x0f33a5c3);
            SET(list, BG_COLOR, 0xf03c5a69);
            SET(list, THIRD_OPERAND, third);
            SET(list, BITBLT_COMMAND, alpha ? FIMG2D_COMMAND_ROP4_ALPHA : 0);
            for (code = 0; code < 256; code++) {
                set_dst(list, 1, DST_IOVA + 64 * code, 64, 0, 0, 16, 1);
                SET(list, ROP4, code);
                go(list);
            }
            check(list, PREMAPPED);
        }
    }
}

/* All pairs of coefficients, inverted or not, in all roundings */
static void test_pixels_blend(void)
{
    uint32_t round, inverted, fs, fd;

    for (round = 0; round < 4; round++) {
        for (inverted = 0; inverted < 4; inverted++) {
            g_autoptr(ListGuard) list = list_new();

            begin(list);
            set_src(list, 1, SRC_IOVA, 256, 0, 0, 64, 1);
            SET(list, ALPHA, 0x40c0f0a5);
            SET(list, ROUND_MODE, round);
            SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_BLEND(1));
            for (fs = 0; fs < 12; fs++) {
                for (fd = 0; fd < 12; fd++) {
                    set_dst(list, 1, DST_IOVA + 256 * (12 * fs + fd), 256,
                            0, 0, 64, 1);
                    SET(list, BLEND_FUNCTION, fs | fd << 8 |
                        (inverted & 1) << 16 | (inverted & 2) << 17);
                    go(list);
                }
            }
            check(list, PREMAPPED);
        }
    }
}

/* A coefficient's own alphas, for all coefficients */
static void test_pixels_own_alpha(void)
{
    uint32_t round, f, alphas, side, field;

    for (round = 0; round < 4; round++) {
        for (side = 0; side < 2; side++) {
            g_autoptr(ListGuard) list = list_new();

            begin(list);
            set_src(list, 1, SRC_IOVA, 256, 0, 0, 64, 1);
            SET(list, ALPHA, 0x40c0f0a5);
            SET(list, ROUND_MODE, round);
            SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_BLEND(1));
            for (f = 0; f < 12; f++) {
                for (alphas = 0; alphas < 16; alphas++) {
                    if ((alphas & 3) == 3 || alphas >= 12) {
                        continue;
                    }
                    set_dst(list, 1, DST_IOVA + 256 * (16 * f + alphas), 256,
                            0, 0, 64, 1);
                    field = f | alphas << 4;
                    SET(list, BLEND_FUNCTION,
                        side ? field << 8 | 1 : field | 1 << 8);
                    go(list);
                }
            }
            check(list, PREMAPPED);
        }
    }
}

/* One operand may be a colour; its premultiplication holds all the same. */
static void test_pixels_select(void)
{
    uint32_t src, dst, bits;
    g_autoptr(ListGuard) list = list_new();

    for (src = 0; src < 4; src++) {
        for (dst = 0; dst < 4; dst++) {
            for (bits = 0; bits < 8; bits++) {
                begin(list);
                set_src(list, 1, SRC_IOVA, 64, 0, 0, 16, 1);
                SET(list, SRC_SELECT, src);
                set_dst(list, 1, DST_IOVA + 64 * (8 * (4 * src + dst) + bits),
                        64, 0, 0, 16, 1);
                SET(list, DST_SELECT, dst);
                SET(list, FG_COLOR, 0x80ff7f01);
                SET(list, BG_COLOR, 0x40102030);
                SET(list, ROP4, 0x6a);
                SET(list, THIRD_OPERAND, 1 + (bits >> 1 & 1));
                SET(list, BLEND_FUNCTION, bits << 8 | 5);
                SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_BLEND(bits & 1) |
                    (bits & 2 ? FIMG2D_COMMAND_PREMUL_SRC : 0) |
                    (bits & 4 ? FIMG2D_COMMAND_PREMUL_DST : 0) |
                    FIMG2D_COMMAND_PREMUL_PAT);
                go(list);
            }
        }
    }
    check(list, PREMAPPED);
}

static void test_pixels_scale(void)
{
    static const uint32_t scales[] = {
        0, 1, 0x80, 0x100, 0x5555, 0x8000, 0xffff, 0x10000, 0x10080, 0x18000,
        0x2aaaa, 0x40001,
    };
    uint32_t f, control, i, k;

    for (f = 0; f < ARRAY_SIZE(pixel_formats); f++) {
        g_autoptr(ListGuard) list = list_new();

        begin(list);
        SET(list, DST_SELECT, 2);
        SET(list, ROP4, SRCCOPY);
        SET(list, SRC_A8_RGB_EXT, 0x123456);
        for (control = 1; control < 4; control++) {
            for (i = 0; i < ARRAY_SIZE(scales); i++) {
                k = (i * 5 + control) % ARRAY_SIZE(scales);
                set_src(list, pixel_formats[f] | control << 4, SRC_IOVA, 96,
                        1, 1, 16, 8);
                SET(list, SRC_REPEAT_MODE, i % 5);
                SET(list, SRC_PAD_VALUE, 0x9f8e7d6c);
                SET(list, SRC_SCALE_CTRL, control);
                SET(list, SRC_XSCALE, scales[i]);
                SET(list, SRC_YSCALE, scales[k]);
                set_dst(list, 1, DST_IOVA + 1024 * (16 * control + i), 64,
                        0, 0, 16, 12);
                go(list);
            }
        }
        check(list, PREMAPPED);
    }
}

/* Anything at all */

typedef struct Shape {
    uint32_t mode, stride, left, top, right, bottom, base, plane2;
} Shape;

static uint32_t below(GRand *rand, uint32_t end)
{
    return g_rand_int(rand) % end;
}

static bool chance(GRand *rand, uint32_t percent)
{
    return below(rand, 100) < percent;
}

static uint32_t random_mode(GRand *rand)
{
    uint32_t mode = chance(rand, 85) ?
        pixel_formats[below(rand, ARRAY_SIZE(pixel_formats))] : below(rand, 16);

    mode |= below(rand, 4) << 4;
    if (chance(rand, 20)) {
        mode |= g_rand_int(rand) & 0x33100;
    }
    return chance(rand, 3) ? mode | (g_rand_int(rand) & 0xfffc0ec0) : mode;
}

static void random_place(GRand *rand, Shape *s, uint32_t area)
{
    uint32_t bytes = pixel_bytes(s->mode);
    uint32_t page, first, last;

    switch (below(rand, 8)) {
    case 0: case 1: case 2:
        s->stride = s->right * bytes + below(rand, 17);
        break;
    case 3: case 4:
        s->stride = below(rand, 8192);
        break;
    case 5:
        s->stride = PAGE_BYTES;
        break;
    case 6:
        s->stride = chance(rand, 30) ? 0 : (s->right * bytes + 7) & -8;
        break;
    default:
        s->stride = g_rand_int(rand);
        break;
    }

    first = s->top * s->stride + s->left * bytes;
    last = (s->bottom - 1) * s->stride + s->right * bytes;
    page = area + PAGE_BYTES * below(rand, 16);
    switch (below(rand, 4)) {
    case 0:
        s->base = g_rand_int(rand) % (16 * PAGE_BYTES) + area;
        break;
    case 1:
        s->base = page - last;
        break;
    default:
        s->base = page - first + below(rand, 4) * bytes;
        break;
    }
    if (!chance(rand, 5)) {
        s->base &= bytes == 4 ? -4 : bytes == 2 ? -2 : -1;
    }
    s->plane2 = s->base + (chance(rand, 90) ? PLANE2 : below(rand, 4096));
}

static Shape random_shape(GRand *rand, uint32_t area, uint32_t width,
                          uint32_t height)
{
    Shape s = { .mode = random_mode(rand) };

    switch (below(rand, 10)) {
    case 0: case 1:
        s.left = below(rand, 300);
        s.top = below(rand, 300);
        break;
    case 2:
        s.left = below(rand, 0x10000 - width);
        s.top = below(rand, 0x10000 - height);
        break;
    default:
        s.left = below(rand, 8);
        s.top = below(rand, 8);
        break;
    }
    s.right = s.left + width;
    s.bottom = s.top + height;
    random_place(rand, &s, area);
    if (chance(rand, 2)) {
        s.right = s.left - below(rand, 3);
    }
    if (chance(rand, 2)) {
        s.bottom = s.top - below(rand, 3);
    }
    return s;
}

static uint32_t random_scale(GRand *rand)
{
    switch (below(rand, 8)) {
    case 0:
        return 0;
    case 1:
        return g_rand_int(rand);
    case 2:
        return 0x10000;
    case 3:
        return below(rand, 0x100000);
    default:
        return 0x4000 + below(rand, 0x20000);
    }
}

static uint32_t random_repeat(GRand *rand)
{
    return chance(rand, 4) ? g_rand_int(rand) : below(rand, 5);
}

/* A register that must be there for a fresh blit, or may be left as it was */
static void maybe(GRand *rand, List *list, bool fresh, uint32_t offset,
                  uint32_t value)
{
    if (fresh || chance(rand, 40)) {
        put(list, offset, value);
    }
}

static uint32_t random_command(GRand *rand)
{
    uint32_t command = 0;

    command |= chance(rand, 8) ? FIMG2D_COMMAND_MASK_ROP4 : 0;
    command |= chance(rand, 8) ? FIMG2D_COMMAND_MASKING : 0;
    command |= chance(rand, 30) ? FIMG2D_COMMAND_ROP4_ALPHA : 0;
    command |= chance(rand, 3) ? FIMG2D_COMMAND_DITHER : 0;
    command |= chance(rand, 25) ? FIMG2D_COMMAND_CLIP : 0;
    command |= chance(rand, 3) ? g_rand_int(rand) & 0xff000 : 0;
    command |= chance(rand, 5) ? g_rand_int(rand) & 0xf00000 :
               FIMG2D_COMMAND_BLEND(below(rand, 2));
    command |= chance(rand, 25) ? FIMG2D_COMMAND_PREMUL_SRC : 0;
    command |= chance(rand, 25) ? FIMG2D_COMMAND_PREMUL_PAT : 0;
    command |= chance(rand, 25) ? FIMG2D_COMMAND_PREMUL_DST : 0;
    command |= chance(rand, 20) ? FIMG2D_COMMAND_DEPREMUL_DST : 0;
    command |= chance(rand, 8) ? FIMG2D_COMMAND_SOLID_FILL : 0;
    return command;
}

static uint32_t random_blend(GRand *rand)
{
    uint32_t function = below(rand, 12) | below(rand, 12) << 8;

    function |= below(rand, 3) << 4 | below(rand, 3) << 6;
    function |= below(rand, 3) << 12 | below(rand, 3) << 14;
    function |= g_rand_int(rand) & 0x50000;
    return chance(rand, 4) ? g_rand_int(rand) : function;
}

static uint32_t area_of(GRand *rand, uint32_t layout, uint32_t area)
{
    switch (layout) {
    case 0:
        return 0x50000000;
    case 1:
        return g_rand_int(rand) & -PAGE_BYTES;
    case 2:
        return 0xffff8000;
    default:
        return area;
    }
}

static void random_blit(GRand *rand, List *list, bool fresh)
{
    static const struct {
        uint32_t width, height;
    } extents[] = {
        { 24, 12 }, { 24, 12 }, { 24, 12 }, { 200, 3 }, { 3, 60 }, { 1200, 1 },
    };
    uint32_t layout = below(rand, 12);
    uint32_t extent = below(rand, ARRAY_SIZE(extents));
    uint32_t width = 1 + below(rand, extents[extent].width);
    uint32_t height = 1 + below(rand, extents[extent].height);
    Shape s;

    if (fresh || chance(rand, 70)) {
        s = random_shape(rand, area_of(rand, layout, DST_IOVA), width, height);
        SET(list, DST_COLOR_MODE, s.mode);
        SET(list, DST_BASE_ADDR, s.base);
        SET(list, DST_STRIDE, s.stride);
        SET(list, DST_PLANE2_BASE, s.plane2);
        SET(list, DST_LEFT_TOP, xy(s.left, s.top));
        SET(list, DST_RIGHT_BOTTOM, xy(s.right, s.bottom));
        SET(list, CW_LT, xy(s.left + below(rand, 8) - 3,
                            s.top + below(rand, 8) - 3));
        SET(list, CW_RB, xy(s.left + below(rand, width + 8),
                            s.top + below(rand, height + 8)));
    }
    if (fresh || chance(rand, 50)) {
        s = random_shape(rand, area_of(rand, layout, SRC_IOVA),
                         chance(rand, 50) ? width : 1 + below(rand, 30),
                         chance(rand, 50) ? height : 1 + below(rand, 30));
        SET(list, SRC_COLOR_MODE, s.mode);
        SET(list, SRC_BASE_ADDR, s.base);
        SET(list, SRC_STRIDE, s.stride);
        SET(list, SRC_PLANE2_BASE, s.plane2);
        SET(list, SRC_LEFT_TOP, xy(s.left, s.top));
        SET(list, SRC_RIGHT_BOTTOM, xy(s.right, s.bottom));
    }
    if (fresh || chance(rand, 50)) {
        s = random_shape(rand, area_of(rand, layout, MASK_IOVA),
                         chance(rand, 50) ? width : 1 + below(rand, 30),
                         chance(rand, 50) ? height : 1 + below(rand, 30));
        SET(list, MASK_MODE, chance(rand, 5) ? g_rand_int(rand) :
                             below(rand, 7));
        SET(list, MASK_BASE_ADDR, s.base);
        SET(list, MASK_STRIDE, s.stride);
        SET(list, MASK_LEFT_TOP, xy(s.left, s.top));
        SET(list, MASK_RIGHT_BOTTOM, xy(s.right, s.bottom));
    }
    if (fresh || chance(rand, 50)) {
        s = random_shape(rand, area_of(rand, layout, PAT_IOVA), width, height);
        SET(list, PAT_COLOR_MODE, s.mode);
        SET(list, PAT_BASE_ADDR, s.base);
        SET(list, PAT_STRIDE, s.stride);
        SET(list, PAT_SIZE, xy(below(rand, 20), below(rand, 20)));
        SET(list, PAT_OFFSET, g_rand_int(rand));
    }
    maybe(rand, list, fresh, FIMG2D_BITBLT_COMMAND, random_command(rand));
    maybe(rand, list, fresh, FIMG2D_BLEND_FUNCTION, random_blend(rand));
    maybe(rand, list, fresh, FIMG2D_ROUND_MODE, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_ROTATE, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_SRC_MASK_DIRECT, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_DST_PAT_DIRECT, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_SRC_SELECT,
          chance(rand, 80) ? 0 : below(rand, 4));
    maybe(rand, list, fresh, FIMG2D_DST_SELECT,
          chance(rand, 70) ? 0 : below(rand, 4));
    maybe(rand, list, fresh, FIMG2D_SRC_REPEAT_MODE, random_repeat(rand));
    maybe(rand, list, fresh, FIMG2D_MASK_REPEAT_MODE, random_repeat(rand));
    maybe(rand, list, fresh, FIMG2D_SRC_PAD_VALUE, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_MASK_PAD_VALUE, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_SRC_A8_RGB_EXT, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_DST_A8_RGB_EXT, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_SRC_SCALE_CTRL,
          chance(rand, 50) ? 0 : g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_SRC_XSCALE, random_scale(rand));
    maybe(rand, list, fresh, FIMG2D_SRC_YSCALE, random_scale(rand));
    maybe(rand, list, fresh, FIMG2D_MASK_SCALE_CTRL,
          chance(rand, 50) ? 0 : g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_MASK_XSCALE, random_scale(rand));
    maybe(rand, list, fresh, FIMG2D_MASK_YSCALE, random_scale(rand));
    maybe(rand, list, fresh, FIMG2D_THIRD_OPERAND,
          chance(rand, 10) ? g_rand_int(rand) : below(rand, 3));
    maybe(rand, list, fresh, FIMG2D_ROP4,
          chance(rand, 30) ? SRCCOPY : g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_ALPHA,
          g_rand_int(rand) | (chance(rand, 20) ? 0xff : 0));
    maybe(rand, list, fresh, FIMG2D_FG_COLOR, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_BG_COLOR, g_rand_int(rand));
    maybe(rand, list, fresh, FIMG2D_SF_COLOR, g_rand_int(rand));
    if (chance(rand, 1)) {
        put(list, 0x800 + 4 * below(rand, 0x21), g_rand_int(rand));
    }
    put(list, FIMG2D_BITBLT_START | (chance(rand, 10) ? 0xabcd000 : 0), 1);
}

/* A chain of one to three lists */
static uint32_t random_chain(GRand *rand, Bus *bus, List *list)
{
    uint32_t parts = 1 + below(rand, 3), end = list->len, first, next = 0;
    uint32_t address = LIST_IOVA;

    while (parts--) {
        first = parts ? below(rand, end + 1) : 0;
        address -= 4 * (2 + 2 * (end - first));
        list_place_part(bus, list, first, end, address, next);
        next = address | (next ? below(rand, 4) : 0);
        end = first;
        address -= chance(rand, 50) ? 0 : 4 * below(rand, 2048);
    }
    return next & ~3u;
}

static uint32_t count_from_environment(const char *name, uint32_t otherwise)
{
    const char *text = getenv(name);

    return text ? g_ascii_strtoull(text, NULL, 0) : otherwise;
}

static void test_random(void)
{
    uint32_t seed = count_from_environment("FIMG2D_SEED", 20121121);
    uint32_t lists = count_from_environment("FIMG2D_LISTS", 2000);
    uint32_t done, blits, pages = 0, demand = 0, dropped = 0;

    for (done = 0; done < lists; seed++) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
        g_autoptr(ListGuard) list = list_new();
        g_autoptr(Bus) bus = bus_new(seed);
        g_autofree char *difference = NULL;
        RunMode mode = chance(rand, 40) ? DEMAND :
                       chance(rand, 30) ? DISTURBED : PREMAPPED;
        uint32_t address, rate;

        if (chance(rand, 80)) {
            SET(list, SOFT_RESET, FIMG2D_SOFT_RESET_SFRCLEAR);
            put(list, g_rand_int(rand), g_rand_int(rand));
        }
        for (blits = 1 + below(rand, 3); blits; blits--) {
            random_blit(rand, list, list->len < 3);
        }
        address = random_chain(rand, bus, list);
        rate = chance(rand, 20) ? 1 + below(rand, 1000) : 0;

        g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));
        if (bus->order->len > MAX_PAGES) {
            dropped++;
            continue;
        }
        g2d_test_write(qts, G2D_RATE, rate);
        difference = run_device(bus, address, mode);
        if (difference) {
            print_list(list);
            g_test_message("FIMG2D_SEED=%u FIMG2D_LISTS=1: %s", seed,
                           difference);
            g_test_fail();
            break;
        }
        pages += bus->order->len;
        demand += mode == DEMAND;
        done++;
    }
    g2d_test_write(qts, G2D_RATE, 0);
    g_test_message("%u lists, %u of them demand paged, %u pages; "
                   "%u lists that touch more than %u pages left out",
                   done, demand, pages, dropped, MAX_PAGES);
}

/* What makes a comparison fail: a device whose list is not the reference's */

static void test_planted(void)
{
    static const Pair plants[] = {
        { FIMG2D_DST_BASE_ADDR, 4 }, { FIMG2D_DST_STRIDE, 4 },
        { FIMG2D_DST_RIGHT_BOTTOM, 1 }, { FIMG2D_DST_RIGHT_BOTTOM, 1 << 16 },
        { FIMG2D_DST_COLOR_MODE, 1 << 4 }, { FIMG2D_DST_SELECT, 1 },
        { FIMG2D_SRC_BASE_ADDR, 4 }, { FIMG2D_SRC_STRIDE, 4 },
        { FIMG2D_SRC_RIGHT_BOTTOM, 1 }, { FIMG2D_SRC_COLOR_MODE, 1 },
        { FIMG2D_SRC_REPEAT_MODE, 1 }, { FIMG2D_SRC_SCALE_CTRL, 3 },
        { FIMG2D_SRC_XSCALE, 1 << 12 }, { FIMG2D_SRC_PAD_VALUE, 1 << 31 },
        { FIMG2D_ROTATE, 1 }, { FIMG2D_SRC_MASK_DIRECT, 1 },
        { FIMG2D_DST_PAT_DIRECT, 2 }, { FIMG2D_MASK_BASE_ADDR, PAGE_BYTES },
        { FIMG2D_MASK_MODE, 4 }, { FIMG2D_BLEND_FUNCTION, 1 << 16 },
        { FIMG2D_BLEND_FUNCTION, 1 << 8 }, { FIMG2D_ROUND_MODE, 2 },
        { FIMG2D_ALPHA, 0x80 }, { FIMG2D_CW_LT, 1 }, { FIMG2D_CW_RB, 1 },
        { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_PREMUL_SRC },
        { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASKING },
        { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_DITHER },
        { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_DEPREMUL_DST },
        { FIMG2D_BITBLT_START, 1 },
    };
    uint32_t i, k, address, mode;

    for (i = 0; i < ARRAY_SIZE(plants); i++) {
        for (mode = PREMAPPED; mode <= DEMAND; mode++) {
            g_autoptr(Bus) bus = bus_new(1);
            g_autoptr(ListGuard) list = list_new();
            g_autofree char *difference = NULL;
            Page *page;

            begin(list);
            set_src(list, 0, SRC_IOVA, 512, 1, 1, 20, 5);
            SET(list, SRC_REPEAT_MODE, 1);
            SET(list, SRC_PAD_VALUE, 0x80ff8040);
            SET(list, SRC_SCALE_CTRL, 2);
            SET(list, SRC_XSCALE, 0xa000);
            SET(list, SRC_YSCALE, 0xa000);
            set_dst(list, 1, DST_IOVA, 512, 1, 1, 40, 10);
            SET(list, DST_SELECT, 0);
            set_mask(list, 2, MASK_IOVA, 64, 0, 0, 40, 10);
            SET(list, ROTATE, 0);
            SET(list, SRC_MASK_DIRECT, 0);
            SET(list, DST_PAT_DIRECT, 1);
            SET(list, BLEND_FUNCTION, 5 | 6 << 8);
            SET(list, ROUND_MODE, 0);
            SET(list, ALPHA, 0x44);
            SET(list, CW_LT, xy(2, 2));
            SET(list, CW_RB, xy(39, 30));
            SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_BLEND(1) |
                FIMG2D_COMMAND_CLIP | FIMG2D_COMMAND_MASK_ROP4);
            go(list);
            address = list_place(bus, list);
            g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

            for (k = list->len; k--; ) {
                if (g_array_index(list, Pair, k).offset == plants[i].offset) {
                    break;
                }
            }
            /* The address of the pair's second word */
            address += 4 + 8 * k + 4;
            page = bus_find(bus, address);
            stl_le_p(page->before + address % PAGE_BYTES,
                     g_array_index(list, Pair, k).value ^ plants[i].value);
            stl_le_p(page->now + address % PAGE_BYTES,
                     g_array_index(list, Pair, k).value ^ plants[i].value);
            difference = run_device(bus, address - (4 + 8 * k + 4), mode);
            /* Dithering is dropped: all that shows of it is the complaint. */
            if (plants[i].offset == FIMG2D_BITBLT_COMMAND &&
                (plants[i].value & (FIMG2D_COMMAND_DITHER |
                                    FIMG2D_COMMAND_MASKING))) {
                g_assert_null(difference);
            } else if (!difference) {
                g_test_message("register 0x%03x ^ 0x%08x went unnoticed",
                               plants[i].offset, plants[i].value);
                g_test_fail();
            }
        }
    }
}

/* Registers */

/* 32 random bits for every register that keeps them */
static bool keeps_its_value(uint32_t offset)
{
    switch (offset) {
    case FIMG2D_SOFT_RESET:
    case FIMG2D_INTC_PEND:
    case FIMG2D_FIFO_STAT:
    case FIMG2D_CACHECTL:
    case FIMG2D_DMA_COMMAND:
    case FIMG2D_DMA_STATUS:
    case FIMG2D_BITBLT_START:
        return false;
    }
    return fimg2d_reference_known(offset);
}

static uint32_t reset_value(uint32_t offset)
{
    switch (offset) {
    case FIMG2D_FIFO_STAT:
    case FIMG2D_SRC_SELECT:
    case FIMG2D_DST_SELECT:
        return 1;
    case FIMG2D_AXI_MODE:
        return 2 << 24;
    case FIMG2D_BLEND_FUNCTION:
        return 1 << 22;
    case FIMG2D_ROUND_MODE:
        return 0x33;
    default:
        return 0;
    }
}

static uint32_t test_value(uint32_t offset)
{
    uint32_t ignored = offset == FIMG2D_DMA_SFR_BASE_ADDR ? 3 : 0;

    return scramble(offset + 1) & ~ignored;
}

static void assert_registers(uint32_t first, bool written)
{
    uint32_t offset, value;

    for (offset = first; offset < 0x1000; offset += 4) {
        value = written && keeps_its_value(offset) ? test_value(offset) :
                reset_value(offset);
        if (g2d_read(qts, offset) != value) {
            g_test_message("register 0x%03x is 0x%08x, not 0x%08x", offset,
                           g2d_read(qts, offset), value);
            g_test_fail();
        }
    }
}

static void write_registers(void)
{
    uint32_t offset;

    for (offset = 0; offset < FIMG2D_REGS_END; offset += 4) {
        if (keeps_its_value(offset)) {
            g2d_write(qts, offset, test_value(offset));
        }
    }
}

static void test_registers(void)
{
    uint32_t complaints;

    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g2d_test_write(qts, G2D_COMPLAINTS, 0);
    assert_registers(0, false);
    write_registers();
    assert_registers(0, true);
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 0);

    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_SFRCLEAR);
    /* In a list this would be lost. */
    g2d_write(qts, FIMG2D_FG_COLOR, 0x12345678);
    g_assert_cmphex(g2d_read(qts, FIMG2D_FG_COLOR), ==, 0x12345678);
    g2d_write(qts, FIMG2D_FG_COLOR, 0);
    assert_registers(0x100, false);
    g_assert_cmphex(g2d_read(qts, FIMG2D_INTEN), ==, test_value(FIMG2D_INTEN));
    g_assert_cmphex(g2d_read(qts, FIMG2D_DMA_HOLD_CMD), ==,
                    test_value(FIMG2D_DMA_HOLD_CMD));

    write_registers();
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    assert_registers(0, false);

    complaints = g2d_test_read(qts, G2D_COMPLAINTS);
    g2d_write(qts, 0x008, 1);
    g2d_write(qts, 0x740, 1);
    g2d_write(qts, FIMG2D_FIFO_STAT, 0);
    g2d_write(qts, FIMG2D_DMA_STATUS, 1);
    g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, complaints + 4);
    assert_registers(0, false);
}

static void test_test_page(void)
{
    g_assert_cmphex(g2d_test_read(qts, G2D_MAGIC), ==, 0x46324447);
    g2d_test_write(qts, G2D_COMPLAINTS, 0);
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 0);
    g2d_test_write(qts, G2D_MAGIC, 0);
    g2d_test_write(qts, G2D_HANG, 3);
    g2d_test_write(qts, G2D_POWER_STUCK, 2);
    g2d_test_write(qts, 0x2c, 1);
    g2d_test_write(qts, G2D_KNOBS, 1u << 31);
    g2d_test_write(qts, G2D_LIST_PREFETCH, 4097);
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 6);
    g_assert_cmphex(g2d_test_read(qts, G2D_MAGIC), ==, 0x46324447);
    g_assert_cmphex(g2d_test_read(qts, G2D_HANG), ==, 0);
    g_assert_cmphex(g2d_test_read(qts, G2D_POWER_STUCK), ==, 0);
    g_assert_cmphex(g2d_test_read(qts, G2D_LIST_PREFETCH), ==, 0);
    g_assert_cmphex(g2d_test_read(qts, 0x2c), ==, 0);
    g_assert_cmphex(g2d_test_read(qts, G2D_KNOBS), ==, 0);

    g2d_test_write(qts, G2D_RATE, 77);
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_cmphex(g2d_test_read(qts, G2D_RATE), ==, 77);
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 6);
    g2d_test_write(qts, G2D_RATE, 0);
}

/* What is wrong with a blit is counted once. */

static void plain_copy(List *list)
{
    begin(list);
    set_src(list, 1, SRC_IOVA, 64, 0, 0, 4, 1);
    set_dst(list, 1, DST_IOVA, 64, 0, 0, 4, 1);
    SET(list, DST_SELECT, 2);
    set_mask(list, 2, MASK_IOVA, 64, 0, 0, 4, 1);
    set_pattern(list, 1, PAT_IOVA, 64, 4, 1, 0, 0);
    SET(list, ROP4, SRCCOPY);
}

static void test_complaints(void)
{
    static const struct {
        uint32_t lines;
        Pair pairs[3];
    } cases[] = {
        { 0, { { FIMG2D_FG_COLOR, 1 } } },
        { 1, { { FIMG2D_SRC_COLOR_MODE, 8 } } },
        { 1, { { FIMG2D_SRC_COLOR_MODE, 13 } } },
        { 1, { { FIMG2D_DST_COLOR_MODE, 9 } } },
        { 1, { { FIMG2D_DST_COLOR_MODE, 15 } } },
        { 2, { { FIMG2D_DST_COLOR_MODE, 10 }, { FIMG2D_SRC_COLOR_MODE, 14 } } },
        { 1, { { FIMG2D_SRC_SELECT, 3 } } },
        { 1, { { FIMG2D_DST_SELECT, 3 } } },
        { 1, { { FIMG2D_THIRD_OPERAND, 3 }, { FIMG2D_ROP4, 0xf0 } } },
        { 0, { { FIMG2D_THIRD_OPERAND, 3 } } },
        { 1, { { FIMG2D_SRC_RIGHT_BOTTOM, 0 } } },
        { 1, { { FIMG2D_SRC_REPEAT_MODE, 5 } } },
        { 0, { { FIMG2D_SRC_SCALE_CTRL, 2 } } },
        { 1, { { FIMG2D_SRC_SCALE_CTRL, 3 } } },
        { 2, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASKING },
               { FIMG2D_MASK_SCALE_CTRL, 3 } } },
        { 1, { { FIMG2D_SRC_BASE_ADDR, SRC_IOVA + 2 } } },
        { 1, { { FIMG2D_DST_BASE_ADDR, DST_IOVA + 1 } } },
        { 0, { { FIMG2D_SRC_BASE_ADDR, SRC_IOVA + 2 },
               { FIMG2D_SRC_SELECT, 1 } } },
        { 0, { { FIMG2D_PAT_BASE_ADDR, PAT_IOVA + 1 } } },
        { 1, { { FIMG2D_PAT_BASE_ADDR, PAT_IOVA + 1 },
               { FIMG2D_ROP4, 0xf0 } } },
        { 1, { { FIMG2D_PAT_COLOR_MODE, 8 }, { FIMG2D_ROP4, 0xf0 } } },
        { 0, { { FIMG2D_SRC_BASE_ADDR, SRC_IOVA + 1 },
               { FIMG2D_SRC_COLOR_MODE, 7 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASKING } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASK_ROP4 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASKING },
               { FIMG2D_MASK_MODE, 7 }, { FIMG2D_MASK_REPEAT_MODE, 3 } } },
        { 2, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASKING },
               { FIMG2D_MASK_MODE, 8 } } },
        { 2, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASKING },
               { FIMG2D_MASK_REPEAT_MODE, 4 } } },
        { 2, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_MASKING },
               { FIMG2D_MASK_RIGHT_BOTTOM, 0 } } },
        { 0, { { FIMG2D_MASK_MODE, 8 }, { FIMG2D_MASK_REPEAT_MODE, 6 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_DITHER } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 12 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 15 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 16 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 19 } } },
        { 2, { { FIMG2D_BITBLT_COMMAND, 1 << 16 | FIMG2D_COMMAND_DITHER } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 2 << 20 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 3 << 20 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 8 << 20 } } },
        { 0, { { FIMG2D_BLEND_FUNCTION, 0xfffffffc } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 1 << 20 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 1 << 21 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 1 << 22 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 12 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 13 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 15 << 8 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 3 << 4 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, 1 << 20 },
               { FIMG2D_BLEND_FUNCTION, 3 << 14 } } },
        { 1, { { 0x880, 1 } } },
        { 0, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL | 0xfffffff },
               { FIMG2D_SRC_COLOR_MODE, 15 }, { 0x800, 1 } } },
        { 1, { { FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL },
               { FIMG2D_DST_COLOR_MODE, 8 } } },
        { 1, { { 0x740, 0 } } },
    };
    uint32_t i, k;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autoptr(ListGuard) list = list_new();

        plain_copy(list);
        SET(list, CW_RB, xy(64, 64));
        for (k = 0; k < 3 && cases[i].pairs[k].offset; k++) {
            put(list, cases[i].pairs[k].offset, cases[i].pairs[k].value);
        }
        go(list);
        check(list, PREMAPPED);
        if (g2d_test_read(qts, G2D_COMPLAINTS) != cases[i].lines) {
            g_test_message("0x%03x=0x%08x: %u lines, not %u",
                           cases[i].pairs[0].offset, cases[i].pairs[0].value,
                           g2d_test_read(qts, G2D_COMPLAINTS), cases[i].lines);
            g_test_fail();
        }
    }
}

/* Lists, step by step: the System MMU is off, addresses are those of RAM. */

#define RAM_LIST    (RAM_BASE + 0x100000)
#define RAM_DST     (RAM_BASE + 0x200000)
#define RAM_SRC     (RAM_BASE + 0x300000)

static uint32_t raw_words(uint32_t address, const uint32_t *words, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        qtest_writel(qts, address + 4 * i, words[i]);
    }
    return address;
}

static void raw_list(uint32_t address, List *list, uint32_t next)
{
    qtest_writel(qts, address, list->len);
    raw_words(address + 4, (uint32_t *)list->data, 2 * list->len);
    qtest_writel(qts, address + 4 + 8 * list->len, next);
}

/* A fill of rows * 16 bytes at RAM_DST + at with the byte value */
static void add_fill(List *list, uint32_t at, uint32_t rows, uint32_t color)
{
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
    set_dst(list, 1, RAM_DST + at, 16, 0, 0, 4, rows);
    SET(list, SF_COLOR, color);
    go(list);
}

static void start_raw(void)
{
    mmu_write(qts, MMU_CTRL, MMU_DISABLE);
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g2d_test_write(qts, G2D_RATE, 0);
    g2d_test_write(qts, G2D_HANG, 0);
    g2d_test_write(qts, G2D_BYTES_READ, 0);
    g2d_test_write(qts, G2D_BYTES_WRITE, 0);
    g2d_test_write(qts, G2D_BLITS, 0);
    g2d_test_write(qts, G2D_STALLS, 0);
    g2d_test_write(qts, G2D_COMPLAINTS, 0);
    qtest_memset(qts, RAM_DST, 0, 0x1000);
}

/* count lists one after the other, the nth fills at 256 * n with n + 1 */
static void put_fills(uint32_t count)
{
    uint32_t n;

    for (n = 0; n < count; n++) {
        g_autoptr(ListGuard) list = list_new();

        add_fill(list, 256 * n, 2, 0x01010101 * (n + 1));
        raw_list(RAM_LIST + 0x1000 * n, list,
                 n + 1 < count ? RAM_LIST + 0x1000 * (n + 1) : 0);
    }
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST);
}

static uint32_t filled(uint32_t n)
{
    return qtest_readl(qts, RAM_DST + 256 * n);
}

static uint32_t dma_status(uint32_t lists, uint32_t blits, uint32_t done)
{
    return lists << 17 | blits << 1 | done;
}

#define assert_status(lists, blits, done) \
    g_assert_cmphex(g2d_read(qts, FIMG2D_DMA_STATUS), ==, \
                    dma_status(lists, blits, done))
#define assert_pending(bits) \
    g_assert_cmphex(g2d_read(qts, FIMG2D_INTC_PEND), ==, bits)

/* To where the first row has been written; takes a RATE that is slow. */
static void run_into_blit(void)
{
    int i;

    for (i = 0; i < 10000 && !g2d_test_read(qts, G2D_BYTES_WRITE); i++) {
        qtest_clock_step(qts, 1000);
    }
    g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_WRITE), !=, 0);
}

static void test_hold_list(void)
{
    uint32_t n;

    start_raw();
    put_fills(3);
    g2d_write(qts, FIMG2D_INTEN, FIMG2D_INT_GCMD | FIMG2D_INT_ACMD);
    g2d_write(qts, FIMG2D_DMA_HOLD_CMD, FIMG2D_HOLD_LIST);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    for (n = 0; n < 3; n++) {
        g_assert_false(g2d_settle(qts));
        assert_status(n + 1, n + 1, 0);
        assert_pending(FIMG2D_INT_GCMD);
        g_assert_true(g2d_irq(qts));
        g_assert_cmphex(filled(n), ==, 0x01010101 * (n + 1));
        g_assert_cmphex(filled(n + 1), ==, 0);

        /* Neither an acknowledgement nor the end of the hold continues. */
        g2d_write(qts, FIMG2D_INTC_PEND, FIMG2D_INT_GCMD);
        g_assert_false(g2d_irq(qts));
        g_assert_false(g2d_settle(qts));
        g2d_write(qts, FIMG2D_DMA_HOLD_CMD, 0);
        g_assert_false(g2d_settle(qts));
        assert_status(n + 1, n + 1, 0);
        g2d_write(qts, FIMG2D_DMA_HOLD_CMD, FIMG2D_HOLD_LIST);
        g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    }
    g_assert_true(g2d_settle(qts));
    assert_status(3, 3, 1);
    assert_pending(FIMG2D_INT_ACMD);
    g_assert_true(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTC_PEND, FIMG2D_INT_ACMD);
    g_assert_false(g2d_irq(qts));
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 0);
}

/* As the kernel does it: the list itself asks to be held. */
static void test_hold_from_list(void)
{
    g_autoptr(ListGuard) first = list_new();
    g_autoptr(ListGuard) second = list_new();

    start_raw();
    begin(first);
    SET(first, INTEN, FIMG2D_INT_ACMD | FIMG2D_INT_GCMD);
    SET(first, DMA_HOLD_CMD, FIMG2D_HOLD_LIST);
    add_fill(first, 0, 1, 1);
    raw_list(RAM_LIST, first, RAM_LIST + 0x1000);
    begin(second);
    SET(second, INTEN, FIMG2D_INT_ACMD);
    add_fill(second, 256, 1, 2);
    raw_list(RAM_LIST + 0x1000, second, 0);

    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    assert_pending(FIMG2D_INT_GCMD);
    g2d_write(qts, FIMG2D_DMA_HOLD_CMD, 0);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_true(g2d_settle(qts));
    assert_pending(FIMG2D_INT_GCMD | FIMG2D_INT_ACMD);
    assert_status(2, 2, 1);
    g_assert_cmphex(g2d_read(qts, FIMG2D_INTEN), ==, FIMG2D_INT_ACMD);
    g_assert_cmphex(filled(1), ==, 2);
}

static void test_hold_bitblt(void)
{
    g_autoptr(ListGuard) list = list_new();

    start_raw();
    add_fill(list, 0, 1, 1);
    add_fill(list, 256, 1, 2);
    SET(list, FG_COLOR, 0x55);
    raw_list(RAM_LIST, list, 0);
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST);
    g2d_write(qts, FIMG2D_INTEN, FIMG2D_INT_SCMD);
    g2d_write(qts, FIMG2D_DMA_HOLD_CMD, FIMG2D_HOLD_BITBLT);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    assert_status(0, 1, 0);
    assert_pending(FIMG2D_INT_SCMD);
    g_assert_true(g2d_irq(qts));
    g_assert_cmphex(filled(1), ==, 0);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_false(g2d_settle(qts));
    assert_status(0, 2, 0);
    g_assert_cmphex(filled(1), ==, 2);
    g_assert_cmphex(g2d_read(qts, FIMG2D_FG_COLOR), ==, 0);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 2, 1);
    g_assert_cmphex(g2d_read(qts, FIMG2D_FG_COLOR), ==, 0x55);
    assert_pending(FIMG2D_INT_SCMD | FIMG2D_INT_ACMD);
}

static void test_hold_user(void)
{
    start_raw();
    put_fills(2);
    g2d_write(qts, FIMG2D_INTEN, FIMG2D_INT_UCMD);
    g2d_write(qts, FIMG2D_DMA_HOLD_CMD, FIMG2D_HOLD_USER);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    assert_status(0, 0, 0);
    assert_pending(FIMG2D_INT_UCMD);
    g_assert_true(g2d_irq(qts));
    g_assert_cmphex(filled(0), ==, 0);

    g2d_write(qts, FIMG2D_INTC_PEND, FIMG2D_INT_UCMD);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_false(g2d_settle(qts));
    assert_status(1, 1, 0);
    assert_pending(FIMG2D_INT_UCMD);

    /* The second list's count has not been read yet. */
    qtest_writel(qts, RAM_LIST + 0x1000, 0);
    qtest_writel(qts, RAM_LIST + 0x1004, 0);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_true(g2d_settle(qts));
    assert_status(2, 1, 1);
    g_assert_cmphex(filled(1), ==, 0);
}

static void test_halt(void)
{
    g_autoptr(ListGuard) list = list_new();

    start_raw();
    add_fill(list, 0, 4, 1);
    add_fill(list, 256, 4, 2);
    raw_list(RAM_LIST, list, 0);
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST);

    /* Outside of a chain it is forgotten. */
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_HALT);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 2, 1);

    /* In the middle of a blit it ends the blit. */
    qtest_memset(qts, RAM_DST, 0, 0x1000);
    g2d_test_write(qts, G2D_BYTES_WRITE, 0);
    g2d_test_write(qts, G2D_RATE, 1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    run_into_blit();
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_HALT);
    g_assert_false(g2d_settle(qts));
    assert_status(0, 1, 0);
    assert_pending(0);
    g_assert_cmphex(qtest_readl(qts, RAM_DST + 48), ==, 1);
    g_assert_cmphex(filled(1), ==, 0);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 2, 1);
    g_assert_cmphex(filled(1), ==, 2);

    /* START, then CONTINUE, then HALT: not one pair is read. */
    g2d_test_write(qts, G2D_RATE, 0);
    g2d_write(qts, FIMG2D_DST_BASE_ADDR, 0x1234);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START | FIMG2D_DMA_CONTINUE |
                                       FIMG2D_DMA_HALT);
    g_assert_false(g2d_settle(qts));
    assert_status(0, 0, 0);
    g_assert_cmphex(g2d_read(qts, FIMG2D_DST_BASE_ADDR), ==, 0x1234);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 2, 1);
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 0);
}

static void test_start_while_running(void)
{
    start_raw();
    put_fills(2);
    g2d_write(qts, FIMG2D_DMA_HOLD_CMD, FIMG2D_HOLD_LIST);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 0);

    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST + 0x1000);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 1);
    g2d_write(qts, FIMG2D_BITBLT_START, 1);
    g_assert_cmphex(g2d_test_read(qts, G2D_COMPLAINTS), ==, 2);
    g_assert_false(g2d_settle(qts));
    assert_status(1, 1, 0);
    assert_pending(FIMG2D_INT_GCMD);

    g2d_write(qts, FIMG2D_DMA_HOLD_CMD, 0);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_true(g2d_settle(qts));
    assert_status(2, 2, 1);
    g_assert_cmphex(g2d_test_read(qts, G2D_BLITS), ==, 2);
}

static void test_interrupts(void)
{
    start_raw();
    put_fills(1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_true(g2d_settle(qts));
    assert_pending(FIMG2D_INT_ACMD);
    g_assert_false(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTEN, FIMG2D_INT_SCMD | FIMG2D_INT_GCMD |
                                 FIMG2D_INT_UCMD);
    g_assert_false(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTEN, FIMG2D_INT_ACMD);
    g_assert_true(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTC_PEND, FIMG2D_INT_SCMD | FIMG2D_INT_GCMD |
                                     FIMG2D_INT_UCMD);
    g_assert_true(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTEN, 0);
    g_assert_false(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTEN, FIMG2D_INT_ACMD);
    g_assert_true(g2d_irq(qts));

    /* A blit by the CPU; START then clears ACMD alone. */
    g2d_write(qts, FIMG2D_BITBLT_START, 1);
    g_assert_false(g2d_idle(qts));
    g_assert_true(g2d_settle(qts));
    assert_pending(FIMG2D_INT_SCMD | FIMG2D_INT_ACMD);
    assert_status(1, 2, 1);
    g2d_write(qts, FIMG2D_BITBLT_START, 6);
    g_assert_true(g2d_idle(qts));
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    assert_pending(FIMG2D_INT_SCMD);
    assert_status(0, 0, 0);
    g_assert_false(g2d_irq(qts));
    g_assert_true(g2d_settle(qts));
    g_assert_true(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTC_PEND, FIMG2D_INT_ACMD);
    g_assert_false(g2d_irq(qts));
    assert_pending(FIMG2D_INT_SCMD);

    g2d_write(qts, FIMG2D_INTEN, FIMG2D_INT_SCMD);
    g_assert_true(g2d_irq(qts));
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_false(g2d_irq(qts));
}

static void test_sfrclear(void)
{
    g_autoptr(Bus) bus = bus_new(7);
    g_autoptr(ListGuard) list = list_new();

    /* The pair after it is lost, whatever it is, once. */
    SET(list, FG_COLOR, 0x11111111);
    begin(list);
    set_dst(list, 1, DST_IOVA, 16, 0, 0, 4, 1);
    SET(list, SRC_SELECT, 1);
    SET(list, DST_SELECT, 2);
    SET(list, ROP4, SRCCOPY);
    go(list);
    SET(list, SOFT_RESET, FIMG2D_SOFT_RESET_SFRCLEAR);
    go(list);
    SET(list, SOFT_RESET, FIMG2D_SOFT_RESET_SFRCLEAR);
    SET(list, SOFT_RESET, FIMG2D_SOFT_RESET_SFRCLEAR);
    set_dst(list, 1, DST_IOVA + 256, 16, 0, 0, 4, 1);
    SET(list, FG_COLOR, 0x22222222);
    SET(list, ROP4, SRCCOPY);
    go(list);
    check(list, DEMAND);

    /* Also when it is the next list's first */
    SET(list, SOFT_RESET, FIMG2D_SOFT_RESET_SFRCLEAR);
    SET(list, FG_COLOR, 0x33333333);
    set_dst(list, 1, DST_IOVA + 512, 16, 0, 0, 4, 1);
    SET(list, ROP4, SRCCOPY);
    go(list);
    list_place_part(bus, list, 0, list->len - 8, LIST_IOVA, LIST_IOVA + 0x2000);
    list_place_part(bus, list, list->len - 8, list->len - 8,
                    LIST_IOVA + 0x2000, LIST_IOVA + 0x4000);
    list_place_part(bus, list, list->len - 8, list->len, LIST_IOVA + 0x4000, 0);
    check_at(bus, list, LIST_IOVA, DEMAND);
}

/* Pairs that a list may not use, and offsets that are none */
static void test_ignored_pairs(void)
{
    g_autoptr(ListGuard) list = list_new();

    begin(list);
    set_dst(list, 1, DST_IOVA, 16, 0, 0, 4, 1);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
    SET(list, SOFT_RESET, FIMG2D_SOFT_RESET_R);
    SET(list, DMA_SFR_BASE_ADDR, 0x1000);
    SET(list, DMA_COMMAND, FIMG2D_DMA_HALT);
    SET(list, DMA_STATUS, 0xffffffff);
    SET(list, INTC_PEND, 0xffffffff);
    put(list, 0x740, 5);
    put(list, FIMG2D_SF_COLOR + 0xfffff000, 0x12345678);
    put(list, FIMG2D_SF_COLOR + 1, 0x55555555);
    SET(list, BITBLT_START, 6);
    go(list);
    check(list, DEMAND);
}

/* Words are read in order, a pair only after the one before has acted. */
static void test_self_modifying(void)
{
    uint32_t address = LIST_IOVA + 0x100;
    g_autoptr(Bus) bus = bus_new(3);
    g_autoptr(ListGuard) list = list_new();

    begin(list);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
    /* The fill covers the value of the last SF_COLOR below. */
    set_dst(list, 1, address + 4 + 8 * 15 + 4, 4, 0, 0, 1, 1);
    SET(list, SF_COLOR, 0xabcdef01);
    go(list);
    SET(list, DST_BASE_ADDR, DST_IOVA);
    SET(list, FG_COLOR, 0);
    SET(list, BG_COLOR, 0);
    SET(list, SF_COLOR, 0);
    go(list);
    g_assert_cmphex(g_array_index(list, Pair, 15).offset, ==, FIMG2D_SF_COLOR);
    list_place_part(bus, list, 0, list->len, address, 0);
    check_at(bus, list, address, DEMAND);
    g_assert_cmphex(bus_read(bus, FIMG2D_DST, DST_IOVA), ==, 0x01);
}

/* Addresses of a list are modulo 2^32 too; zero ends a chain only as a link. */
static void test_list_wrap(void)
{
    static const uint32_t starts[] = { 0, 0xfffffffc, 0xfffffff8, 0xffffffc0 };
    uint32_t i, k;

    for (i = 0; i < ARRAY_SIZE(starts); i++) {
        g_autoptr(Bus) bus = bus_new(i);
        g_autoptr(ListGuard) list = list_new();

        begin(list);
        SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
        set_dst(list, 1, DST_IOVA, 16, 0, 0, 4, 1);
        SET(list, SF_COLOR, i);
        go(list);
        for (k = 0; k < i; k++) {
            list_place_part(bus, list, 0, list->len, LIST_IOVA + 0x800 * k,
                            LIST_IOVA + 0x800 * (k + 1) + k);
        }
        list_place_part(bus, list, 0, list->len, starts[i], LIST_IOVA | i);
        list_place_part(bus, list, 0, list->len, LIST_IOVA + 0x800 * i, i);
        check_at(bus, list, starts[i], DEMAND);
        g_assert_cmpuint(bus->ref.lists, ==, i + 2);
    }
}

/* N is not bounded, the counts are: 8 bits of lists, 16 of blits. */
static void test_counts(void)
{
    g_autoptr(Bus) bus = bus_new(5);
    g_autoptr(ListGuard) list = list_new();
    uint32_t i;

    for (i = 0; i < 0x10005; i++) {
        go(list);
    }
    check(list, PREMAPPED);

    for (i = 0; i < 300; i++) {
        list_place_part(bus, list, 0, 0, LIST_IOVA + 12 * i,
                        i < 299 ? LIST_IOVA + 12 * (i + 1) : 0);
    }
    check_at(bus, list, LIST_IOVA, PREMAPPED);
}

/* A blit uses the registers as they were when it started. */
static void test_register_copy(void)
{
    g_autoptr(ListGuard) list = list_new();
    uint32_t offset;

    start_raw();
    add_fill(list, 0, 8, 0x77);
    raw_list(RAM_LIST, list, 0);
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST);
    g2d_test_write(qts, G2D_RATE, 1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    run_into_blit();
    for (offset = 0x104; offset < FIMG2D_REGS_END; offset += 4) {
        if (fimg2d_reference_known(offset)) {
            g2d_write(qts, offset, 0xffffffff);
        }
    }
    g_assert_true(g2d_settle(qts));
    for (offset = 0; offset < 8 * 16; offset += 4) {
        g_assert_cmphex(qtest_readl(qts, RAM_DST + offset), ==, 0x77);
    }
    g_assert_cmphex(qtest_readl(qts, RAM_DST + offset), ==, 0);
    g_assert_cmphex(g2d_read(qts, FIMG2D_SF_COLOR), ==, 0xffffffff);
}

static void test_soft_reset(void)
{
    uint32_t bytes;

    start_raw();
    put_fills(2);
    g2d_write(qts, FIMG2D_INTEN, 0xf);
    g2d_test_write(qts, G2D_RATE, 1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    run_into_blit();
    g_assert_false(g2d_idle(qts));
    bytes = g2d_test_read(qts, G2D_BYTES_WRITE);
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_true(g2d_idle(qts));
    assert_registers(0, false);
    g_assert_true(g2d_settle(qts));
    assert_registers(0, false);
    g_assert_cmphex(g2d_test_read(qts, G2D_BYTES_WRITE), ==, bytes);
    g_assert_cmphex(bytes, <, 64);
    g_assert_false(g2d_irq(qts));

    put_fills(2);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_true(g2d_settle(qts));
    assert_status(2, 2, 1);
    g_assert_cmphex(filled(1), ==, 0x02020202);
}

static void test_hang(void)
{
    start_raw();
    put_fills(2);
    g2d_test_write(qts, G2D_HANG, 1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 0);
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_true(g2d_idle(qts));
    g_assert_cmphex(g2d_test_read(qts, G2D_HANG), ==, 0);

    /* In the middle of a job, and a reset that does not help */
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST);
    g2d_test_write(qts, G2D_RATE, 1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    run_into_blit();
    g2d_test_write(qts, G2D_HANG, 2);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 16);
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(g2d_test_read(qts, G2D_HANG), ==, 2);
    g_assert_cmphex(g2d_read(qts, FIMG2D_DMA_SFR_BASE_ADDR), ==, RAM_LIST);
    g2d_test_write(qts, G2D_HANG, 0);
    g_assert_true(g2d_settle(qts));
    assert_status(2, 2, 1);
    g_assert_cmphex(filled(0), ==, 0x01010101);
    g_assert_cmphex(filled(1), ==, 0x02020202);

    /* Only switching it off helps then. */
    g2d_test_write(qts, G2D_HANG, 2);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    qtest_writel(qts, PMU_LCD0, 0);
    qtest_writel(qts, PMU_LCD0, 7);
    g_assert_true(g2d_idle(qts));
    assert_registers(0, false);
}

static void switch_domain(uint32_t power, uint32_t status)
{
    qtest_writel(qts, PMU_LCD0, power);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0), ==, power);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 4) & 7, ==, status);
}

static void test_power_stuck(void)
{
    start_raw();
    g2d_write(qts, FIMG2D_FG_COLOR, 0x12345678);

    /* On, it stays on, with all that the engine knows... */
    g2d_test_write(qts, G2D_POWER_STUCK, 1);
    g_assert_cmphex(g2d_test_read(qts, G2D_POWER_STUCK), ==, 1);
    switch_domain(0, 7);
    g_assert_cmphex(g2d_read(qts, FIMG2D_FG_COLOR), ==, 0x12345678);

    /* ... until it is let go. */
    g2d_test_write(qts, G2D_POWER_STUCK, 0);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 4) & 7, ==, 0);
    assert_registers(0, false);

    /* Off, it stays off, and only this domain does. */
    g2d_test_write(qts, G2D_POWER_STUCK, 1);
    switch_domain(7, 0);
    qtest_writel(qts, PMU_LCD0 + 0x20, 0);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 0x24) & 7, ==, 0);
    qtest_writel(qts, PMU_LCD0 + 0x20, 7);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 0x24) & 7, ==, 7);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 4) & 7, ==, 0);
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_cmphex(g2d_test_read(qts, G2D_POWER_STUCK), ==, 1);
    g2d_test_write(qts, G2D_POWER_STUCK, 0);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 4) & 7, ==, 7);
}

/* A step follows after the time that the bytes of the one before take. */
static void test_rate(void)
{
    uint32_t row;

    start_raw();
    g2d_write(qts, FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
    g2d_write(qts, FIMG2D_DST_BASE_ADDR, RAM_DST);
    g2d_write(qts, FIMG2D_DST_STRIDE, 16);
    g2d_write(qts, FIMG2D_DST_COLOR_MODE, 1);
    g2d_write(qts, FIMG2D_DST_RIGHT_BOTTOM, xy(4, 4));

    g2d_test_write(qts, G2D_RATE, 2);
    g2d_write(qts, FIMG2D_BITBLT_START, 1);
    qtest_clock_step(qts, 2000);
    for (row = 1; row <= 4; row++) {
        g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 16 * row);
        g_assert_false(g2d_idle(qts));
        qtest_clock_step(qts, 4000);
        g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 16 * row);
        qtest_clock_step(qts, 4000);
    }
    g_assert_true(g2d_idle(qts));

    /* As fast as it can be */
    g2d_test_write(qts, G2D_RATE, 0);
    g2d_write(qts, FIMG2D_BITBLT_START, 1);
    g_assert_false(g2d_idle(qts));
    qtest_clock_step(qts, 6000);
    g_assert_true(g2d_idle(qts));

    /* Three bytes in a nanosecond */
    g2d_test_write(qts, G2D_RATE, 3000);
    g2d_write(qts, FIMG2D_BITBLT_START, 1);
    qtest_clock_step(qts, 2000);
    g_assert_true(g2d_idle(qts));
    g2d_test_write(qts, G2D_RATE, 0);
}

/* Faults */

/*
 * A row that adds to its destination has its second half on a page that cannot
 * be written: what is written before the fault must not be added to again.
 */
static void test_fault_in_row(void)
{
    static Tables tables;
    g_autoptr(Bus) bus = bus_new(11);
    g_autoptr(ListGuard) list = list_new();
    g_autofree char *difference = NULL;
    uint32_t base = DST_IOVA + PAGE_BYTES - 32, address, where, i, *entry;
    uint8_t row[32];
    Page *first, *second;

    begin(list);
    set_src(list, 1, SRC_IOVA, 64, 0, 0, 16, 2);
    set_dst(list, 1, base, 2 * PAGE_BYTES, 0, 0, 16, 2);
    SET(list, BLEND_FUNCTION, 0);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_BLEND(1));
    go(list);
    address = list_place(bus, list);
    for (i = 0; i < 64; i++) {
        bus_put32(bus, base + 4 * i, 0x01010101);
        bus_put32(bus, SRC_IOVA + 4 * i, 0x10203040 + i);
    }
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

    start_raw();
    upload(bus, &tables, PREMAPPED);
    first = bus_find(bus, base);
    second = bus_find(bus, base + 32);
    entry = lv2_entry(&tables, second->iova, &where);
    qtest_writel(qts, where, LV2_SMALL_RO(second->frame));
    mmu_test_write(qts, MMU_FAULTS, 0);
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, address);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);

    for (i = 1; i <= 3; i++) {
        g_assert_false(g2d_settle(qts));
        g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, MMU_INT_AW_ACCESS);
        g_assert_cmphex(mmu_read(qts, MMU_AW_FAULT), ==, second->iova);
        g_assert_cmpuint(mmu_test_read(qts, MMU_FAULTS), ==, i);
        g_assert_cmpuint(g2d_test_read(qts, G2D_STALLS), >=, i);
        g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 0);
        qtest_bufread(qts, first->frame + PAGE_BYTES - 32, row, 32);
        g_assert_cmpmem(row, 32, first->now + PAGE_BYTES - 32, 32);
        qtest_bufread(qts, second->frame, row, 32);
        g_assert_cmpmem(row, 32, second->before, 32);
        if (i == 3) {
            qtest_writel(qts, where, le32_to_cpu(*entry));
        }
        mmu_write(qts, MMU_FLUSH_ENTRY, second->iova | 1);
        mmu_write(qts, MMU_INT_CLEAR, MMU_INT_AW_ACCESS);
        mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    }
    g_assert_true(g2d_settle(qts));
    difference = compare_outcome(bus, PREMAPPED);
    g_assert_cmpstr(difference, ==, NULL);
}

/*
 * The same fault, and the machine moves elsewhere while it is stalled: nothing
 * of the job, the fault or the TLB stays behind.
 */
static void test_migration(void)
{
    static Tables tables;
    g_autoptr(Bus) bus = bus_new(11);
    g_autoptr(ListGuard) list = list_new();
    g_autofree char *difference = NULL;
    g_autofree char *socket = g_strdup_printf("%s/exynos-fimg2d-%d.sock",
                                              g_get_tmp_dir(), getpid());
    g_autofree char *uri = g_strdup_printf("unix:%s", socket);
    QTestState *source = qts, *target;
    uint32_t base = DST_IOVA + PAGE_BYTES - 32, address, where, i;
    const char *status = "";
    Page *second;

    begin(list);
    set_src(list, 1, SRC_IOVA, 64, 0, 0, 16, 2);
    set_dst(list, 1, base, 2 * PAGE_BYTES, 0, 0, 16, 2);
    SET(list, BLEND_FUNCTION, 0);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_BLEND(1));
    go(list);
    SET(list, DMA_HOLD_CMD, FIMG2D_HOLD_LIST);
    SET(list, INTEN, 0xf);
    go(list);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

    start_raw();
    upload(bus, &tables, PREMAPPED);
    second = bus_find(bus, base + 32);
    lv2_entry(&tables, second->iova, &where);
    qtest_writel(qts, where, LV2_SMALL_RO(second->frame));
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, address);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, MMU_INT_AW_ACCESS);
    g2d_test_write(qts, G2D_POWER_STUCK, 1);

    target = qtest_initf(EXYNOS_MACHINE "-incoming %s", uri);
    qtest_qmp_assert_success(source, "{ 'execute': 'migrate', "
                             "'arguments': { 'uri': %s } }", uri);
    for (i = 0; i < 600 && strcmp(status, "completed"); i++) {
        QDict *reply = qtest_qmp(source, "{ 'execute': 'query-migrate' }");

        status = g_intern_string(qdict_get_str(qdict_get_qdict(reply, "return"),
                                               "status"));
        qobject_unref(reply);
        g_usleep(20 * 1000);
    }
    g_assert_cmpstr(status, ==, "completed");
    qtest_qmp_eventwait(target, "RESUME");
    unlink(socket);
    qtest_clock_set(target, qtest_clock_step(source, 1));
    qtest_quit(source);
    qts = target;

    g_assert_cmphex(g2d_test_read(qts, G2D_POWER_STUCK), ==, 1);
    switch_domain(0, 7);
    switch_domain(7, 7);
    g2d_test_write(qts, G2D_POWER_STUCK, 0);

    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 1);
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, MMU_INT_AW_ACCESS);
    g_assert_cmphex(mmu_read(qts, MMU_AW_FAULT), ==, second->iova);
    g_assert_true(mmu_irq(qts));

    /* The refusal is in the TLB, which has moved too. */
    qtest_writel(qts, where, LV2_SMALL(second->frame));
    mmu_write(qts, MMU_INT_CLEAR, MMU_INT_AW_ACCESS);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, MMU_INT_AW_ACCESS);
    mmu_write(qts, MMU_FLUSH_ENTRY, second->iova | 1);
    mmu_write(qts, MMU_INT_CLEAR, MMU_INT_AW_ACCESS);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);

    g_assert_false(g2d_settle(qts));
    assert_status(1, 2, 0);
    assert_pending(FIMG2D_INT_GCMD);
    g_assert_true(g2d_irq(qts));
    g2d_write(qts, FIMG2D_INTC_PEND, FIMG2D_INT_GCMD);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    g_assert_true(g2d_settle(qts));
    difference = compare_outcome(bus, PREMAPPED);
    g_assert_cmpstr(difference, ==, NULL);
}

/* In one row: source, mask, pattern, destination, and then what is written */
static void test_fault_order(void)
{
    static Tables tables;
    static const struct {
        uint32_t status, page;
    } expected[] = {
        { MMU_INT_PAGE, SRC_IOVA }, { MMU_INT_PAGE, MASK_IOVA },
        { MMU_INT_PAGE, PAT_IOVA }, { MMU_INT_PAGE, DST_IOVA },
        { MMU_INT_PAGE, DST_IOVA + PLANE2 }, { MMU_INT_AW_ACCESS, DST_IOVA },
        { MMU_INT_AW_ACCESS, DST_IOVA + PLANE2 },
    };
    g_autoptr(Bus) bus = bus_new(13);
    g_autoptr(ListGuard) list = list_new();
    g_autofree char *difference = NULL;
    uint32_t address, where, status, i;
    Page *page;

    begin(list);
    set_src(list, 1, SRC_IOVA, 64, 0, 0, 4, 1);
    set_mask(list, 2, MASK_IOVA, 64, 0, 0, 4, 1);
    set_pattern(list, 1, PAT_IOVA, 64, 4, 1, 0, 0);
    set_dst(list, 10, DST_IOVA, 64, 0, 0, 4, 1);
    SET(list, DST_PLANE2_BASE, DST_IOVA + PLANE2);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_MASKING);
    SET(list, ROP4, 0x96);
    go(list);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

    start_raw();
    upload(bus, &tables, DEMAND);
    page = bus_find(bus, address);
    page->mapped = true;
    lv2_entry(&tables, address, &where);
    qtest_writel(qts, where, page_entry(page));
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, address);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    for (i = 0; i < ARRAY_SIZE(expected); i++) {
        g_assert_false(g2d_settle(qts));
        status = mmu_read(qts, MMU_INT_STATUS);
        g_assert_cmphex(status, ==, expected[i].status);
        g_assert_cmphex(mmu_read(qts, status == MMU_INT_PAGE ? MMU_PAGE_FAULT :
                                                               MMU_AW_FAULT),
                        ==, expected[i].page);
        difference = serve_fault(bus, &tables);
        g_assert_cmpstr(difference, ==, NULL);
    }
    g_assert_true(g2d_settle(qts));
    difference = compare_outcome(bus, DEMAND);
    g_assert_cmpstr(difference, ==, NULL);
}

/* A job stopped by a fault is gone after SOFT_RESET, whatever the MMU does. */
static void test_fault_then_reset(void)
{
    static Tables tables;
    g_autoptr(Bus) bus = bus_new(12);
    g_autoptr(ListGuard) list = list_new();
    uint32_t address, where;

    begin(list);
    set_src(list, 1, SRC_IOVA, 64, 0, 0, 16, 2);
    set_dst(list, 1, DST_IOVA, 64, 0, 0, 16, 2);
    SET(list, ROP4, SRCCOPY);
    go(list);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

    start_raw();
    upload(bus, &tables, PREMAPPED);
    *lv2_entry(&tables, SRC_IOVA, &where) = 0;
    qtest_writel(qts, where, 0);
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, address);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, MMU_INT_PAGE);
    g_assert_cmphex(mmu_read(qts, MMU_PAGE_FAULT) & -PAGE_BYTES, ==, SRC_IOVA);

    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_true(g2d_idle(qts));
    /* The MMU stays as it is until it is told otherwise. */
    g_assert_cmphex(mmu_read(qts, MMU_INT_STATUS), ==, MMU_INT_PAGE);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==, 1);
    mmu_write(qts, MMU_CTRL, MMU_DISABLE);
    g_assert_true(g2d_settle(qts));
    g_assert_cmphex(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 0);
    assert_registers(0, false);
}

/* Knobs */

static void turn_knobs(uint32_t knobs)
{
    g2d_test_write(qts, G2D_KNOBS, knobs);
    g_assert_cmphex(g2d_test_read(qts, G2D_KNOBS), ==, knobs);
}

/*
 * The operand under test ends where its page does, and the next page is not
 * mapped; the others have room in their pages.
 */
static void test_overreach(void)
{
    enum { SRC, MASK, PAT, DST, WRITE, FILL };
    static const struct {
        uint32_t knob, behind;
    } cases[] = {
        [SRC] = { KNOB_OVERREACH_READ, SRC_IOVA + PAGE_BYTES },
        [MASK] = { KNOB_OVERREACH_READ, MASK_IOVA + PAGE_BYTES },
        [PAT] = { KNOB_OVERREACH_READ, PAT_IOVA + PAGE_BYTES },
        [DST] = { KNOB_OVERREACH_READ, DST_IOVA + PAGE_BYTES },
        [WRITE] = { KNOB_OVERREACH_WRITE, DST_IOVA + PAGE_BYTES },
        [FILL] = { KNOB_OVERREACH_WRITE, DST_IOVA + PAGE_BYTES },
    };
    const uint32_t end = PAGE_BYTES - 4 * 64, inside = end - 512;
    uint32_t i;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autoptr(Bus) bus = bus_new(50 + i);
        g_autoptr(ListGuard) list = list_new();
        g_autofree char *expected = fault_text("unexpected", MMU_INT_PAGE,
                                               cases[i].behind);
        g_autofree char *with = NULL, *without = NULL;
        uint32_t address;

        begin(list);
        set_src(list, 1, SRC_IOVA + (i == SRC ? end : inside), 64, 0, 0, 16, 4);
        set_mask(list, 2, MASK_IOVA + end + 48, 64, 0, 0, 16, 4);
        set_pattern(list, 1, PAT_IOVA + end, 64, 16, 4, 0, 0);
        set_dst(list, 1, DST_IOVA + (i >= DST ? end : inside), 64, 0, 0, 16, 4);
        SET(list, DST_SELECT, i == DST ? 0 : 2);
        SET(list, ROP4, i == PAT ? 0xf0 : i == DST ? 0x66 : SRCCOPY);
        SET(list, BITBLT_COMMAND, i == MASK ? FIMG2D_COMMAND_MASKING :
                                  i == FILL ? FIMG2D_COMMAND_SOLID_FILL : 0);
        go(list);
        address = list_place(bus, list);
        g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

        without = run_device(bus, address, PREMAPPED);
        g_assert_cmpstr(without, ==, NULL);
        turn_knobs(cases[i].knob);
        with = run_device(bus, address, PREMAPPED);
        turn_knobs(0);
        g_assert_cmpstr(with, ==, expected);
    }
}

/* Where there is room, each row has one byte more, and nothing else changes. */
static void test_overreach_inside(void)
{
    g_autoptr(Bus) bus = bus_new(60);
    g_autoptr(ListGuard) list = list_new();
    g_autofree char *read = NULL, *written = NULL;
    uint32_t address, row;

    begin(list);
    set_src(list, 2, SRC_IOVA, 64, 3, 0, 16, 8);
    SET(list, SRC_SCALE_CTRL, 2);
    SET(list, SRC_XSCALE, 0x18000);
    SET(list, SRC_YSCALE, 0x8000);
    set_dst(list, 7, DST_IOVA, 64, 1, 0, 9, 8);
    SET(list, ROP4, SRCCOPY);
    SET(list, DST_SELECT, 2);
    go(list);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

    set_flag(qts, "g2d", "overreach-read", true);
    g_assert_cmphex(g2d_test_read(qts, G2D_KNOBS), ==, KNOB_OVERREACH_READ);
    read = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(read, ==, NULL);
    set_flag(qts, "g2d", "overreach-read", false);
    set_flag(qts, "g2d", "overreach-write", true);
    g_assert_cmphex(g2d_test_read(qts, G2D_KNOBS), ==, KNOB_OVERREACH_WRITE);
    for (row = 0; row < 8; row++) {
        bus_page(bus, DST_IOVA)->now[64 * row + 30] = 0xee;
    }
    written = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(written, ==, NULL);
    turn_knobs(0);
}

/*
 * A row whose second page is read-only, stalled at its first byte there; then
 * the knobs are turned and the engine is reset.
 */
typedef struct Stuck {
    Page *page;
    uint32_t where;
} Stuck;

static Stuck reset_while_stuck(Bus *bus, uint32_t knobs)
{
    static Tables tables;
    g_autoptr(ListGuard) list = list_new();
    uint32_t address;
    Stuck stuck;

    begin(list);
    set_dst(list, 1, DST_IOVA + PAGE_BYTES - 32, 2 * PAGE_BYTES, 0, 0, 16, 2);
    SET(list, SF_COLOR, 0x12345678);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
    go(list);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

    start_raw();
    upload(bus, &tables, PREMAPPED);
    stuck.page = bus_find(bus, DST_IOVA + PAGE_BYTES);
    lv2_entry(&tables, stuck.page->iova, &stuck.where);
    qtest_writel(qts, stuck.where, LV2_SMALL_RO(stuck.page->frame));
    mmu_test_write(qts, MMU_FAULTS, 0);
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, address);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_false(g2d_settle(qts));
    g_assert_cmphex(mmu_read(qts, MMU_AW_FAULT), ==, stuck.page->iova);
    g_assert_cmpuint(mmu_test_read(qts, MMU_FAULTS), ==, 1);

    turn_knobs(knobs);
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_cmpint(g2d_settle(qts), ==, !(knobs & KNOB_RESET_WAITS));
    return stuck;
}

/* Let the MMU go on; is there another fault then? */
static bool release_faults(uint32_t address)
{
    uint32_t faults = mmu_test_read(qts, MMU_FAULTS);

    mmu_write(qts, MMU_FLUSH_ENTRY, (address & -PAGE_BYTES) | 1);
    mmu_write(qts, MMU_INT_CLEAR, 0xff);
    mmu_write(qts, MMU_CTRL, MMU_ENABLE);
    g2d_settle(qts);
    g_assert_cmphex(mmu_read(qts, MMU_STATUS), ==,
                    mmu_test_read(qts, MMU_FAULTS) - faults);
    return mmu_test_read(qts, MMU_FAULTS) != faults;
}

/* What the page behind the fault begins with: the held access, or not. */
static void assert_written(const Stuck *stuck, bool written)
{
    uint32_t i, expected;

    for (i = 0; i <= 32; i += 4) {
        expected = written && i < 32 ? 0x12345678 :
                   ldl_le_p(stuck->page->before + i);
        g_assert_cmphex(qtest_readl(qts, stuck->page->frame + i), ==, expected);
    }
}

/* Whatever went before, the engine is good for another job. */
static void assert_usable(void)
{
    turn_knobs(0);
    start_raw();
    put_fills(1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 1, 1);
    g_assert_cmphex(filled(0), ==, 0x01010101);
}

static void test_reset_waits(void)
{
    g_autoptr(Bus) bus = bus_new(70);
    g_autoptr(Bus) other = bus_new(71);
    Stuck stuck = reset_while_stuck(bus, KNOB_RESET_WAITS);

    /* It does not help to ask again, nor to let the access fault again. */
    g2d_write(qts, FIMG2D_SOFT_RESET, FIMG2D_SOFT_RESET_R);
    g_assert_false(g2d_settle(qts));
    g_assert_true(release_faults(stuck.page->iova));
    g_assert_false(g2d_settle(qts));
    assert_written(&stuck, false);

    qtest_writel(qts, stuck.where, LV2_SMALL(stuck.page->frame));
    g_assert_false(release_faults(stuck.page->iova));
    g_assert_true(g2d_idle(qts));
    assert_registers(0, false);
    assert_written(&stuck, true);
    assert_usable();

    /* Power that is gone ends everything. */
    mmu_test_write(qts, MMU_BYPASSED, 0);
    stuck = reset_while_stuck(other, KNOB_RESET_WAITS);
    switch_domain(0, 0);
    switch_domain(7, 7);
    g_assert_true(g2d_settle(qts));
    assert_written(&stuck, false);
    g_assert_cmpuint(mmu_test_read(qts, MMU_FAULTS), ==, 1);
    g_assert_cmpuint(mmu_test_read(qts, MMU_BYPASSED), ==, 0);
    assert_usable();
}

static void test_replay_once(void)
{
    g_autoptr(Bus) bus = bus_new(72);
    g_autoptr(Bus) other = bus_new(73);
    Stuck stuck = reset_while_stuck(bus, KNOB_REPLAY_ONCE);

    assert_registers(0, false);
    g_assert_true(release_faults(stuck.page->iova));
    g_assert_cmphex(mmu_read(qts, MMU_AW_FAULT), ==, stuck.page->iova);
    g_assert_false(release_faults(stuck.page->iova));
    assert_written(&stuck, false);
    assert_usable();

    stuck = reset_while_stuck(other, KNOB_REPLAY_ONCE);
    qtest_writel(qts, stuck.where, LV2_SMALL(stuck.page->frame));
    g_assert_false(release_faults(stuck.page->iova));
    assert_written(&stuck, true);
    assert_usable();
}

static void test_replay_until_done(void)
{
    g_autoptr(Bus) bus = bus_new(74);
    g_autoptr(Bus) other = bus_new(75);
    Stuck stuck = reset_while_stuck(bus, KNOB_REPLAY_UNTIL_DONE);
    unsigned i;

    for (i = 0; i < 3; i++) {
        assert_registers(0, false);
        g_assert_true(release_faults(stuck.page->iova));
    }
    qtest_writel(qts, stuck.where, LV2_SMALL(stuck.page->frame));
    g_assert_false(release_faults(stuck.page->iova));
    assert_written(&stuck, true);
    assert_usable();

    /* A job that is started meanwhile waits, and is not harmed. */
    stuck = reset_while_stuck(other, KNOB_REPLAY_UNTIL_DONE);
    put_fills(1);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_true(release_faults(stuck.page->iova));
    g_assert_false(g2d_idle(qts));
    turn_knobs(0);
    /* The last replay; the job's own accesses are not mapped. */
    g_assert_true(release_faults(stuck.page->iova));
    g_assert_cmphex(mmu_read(qts, MMU_AW_FAULT), ==, stuck.page->iova);
    mmu_write(qts, MMU_CTRL, MMU_DISABLE);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 1, 1);
    g_assert_cmphex(filled(0), ==, 0x01010101);
    assert_written(&stuck, false);
}

static void test_gcmd_with_acmd(void)
{
    uint32_t n;

    start_raw();
    put_fills(3);
    set_flag(qts, "g2d", "gcmd-with-acmd", true);
    g2d_write(qts, FIMG2D_DMA_HOLD_CMD, FIMG2D_HOLD_LIST);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    for (n = 1; n < 3; n++) {
        g_assert_false(g2d_settle(qts));
        assert_status(n, n, 0);
        assert_pending(FIMG2D_INT_GCMD);
        g2d_write(qts, FIMG2D_INTC_PEND, FIMG2D_INT_GCMD);
        g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_CONTINUE);
    }
    g_assert_true(g2d_settle(qts));
    assert_status(3, 3, 1);
    assert_pending(FIMG2D_INT_GCMD | FIMG2D_INT_ACMD);
    turn_knobs(0);
}

/* Behind the list there is nothing. */
static void test_list_prefetch(void)
{
    g_autoptr(Bus) bus = bus_new(76);
    g_autoptr(ListGuard) list = list_new();
    g_autofree char *expected = fault_text("unexpected", MMU_INT_PAGE,
                                           LIST_IOVA);
    g_autofree char *without = NULL, *with = NULL, *inside = NULL;
    uint32_t address;

    begin(list);
    set_dst(list, 1, DST_IOVA, 64, 0, 0, 4, 4);
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
    go(list);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));

    without = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(without, ==, NULL);
    set_number(qts, "g2d", "list-prefetch", 64);
    with = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(with, ==, expected);

    bus_page(bus, LIST_IOVA)->read = true;
    inside = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(inside, ==, NULL);

    /* Where memory ends there is nothing to complain of. */
    g2d_test_write(qts, G2D_LIST_PREFETCH, 4096);
    start_raw();
    qtest_writel(qts, RAM_BASE + 0x3ffffff8, 0);
    qtest_writel(qts, RAM_BASE + 0x3ffffffc, 0);
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_BASE + 0x3ffffff8);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 0, 1);
    g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, 0);
    g2d_test_write(qts, G2D_LIST_PREFETCH, 0);
}

/* The last row is the last of its page. */
static void test_scale_3(void)
{
    g_autoptr(Bus) bus = bus_new(77);
    g_autoptr(ListGuard) list = list_new();
    g_autofree char *expected = fault_text("unexpected", MMU_INT_PAGE,
                                           SRC_IOVA + PAGE_BYTES);
    g_autofree char *without = NULL, *with = NULL, *inside = NULL;
    uint32_t address;

    begin(list);
    set_src(list, 1, SRC_IOVA + PAGE_BYTES - 4 * 64, 64, 0, 0, 16, 4);
    set_dst(list, 1, DST_IOVA, 64, 0, 0, 8, 2);
    SET(list, SRC_REPEAT_MODE, 3);
    SET(list, SRC_SCALE_CTRL, 3);
    SET(list, SRC_XSCALE, 0x20000);
    SET(list, SRC_YSCALE, 0x30000);
    SET(list, DST_SELECT, 2);
    SET(list, ROP4, SRCCOPY);
    go(list);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));
    g_assert_true(bus->ref.complains);

    without = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(without, ==, NULL);
    turn_knobs(KNOB_SCALE_3_UNBOUNDED);
    with = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(with, ==, expected);

    /* The other modes are what they were. */
    bus_free(g_steal_pointer(&bus));
    bus = bus_new(78);
    g_array_index(list, Pair, list->len - 6).value = 2;
    g_assert_cmphex(g_array_index(list, Pair, list->len - 6).offset, ==,
                    FIMG2D_SRC_SCALE_CTRL);
    address = list_place(bus, list);
    g_assert_true(fimg2d_reference_run(&bus->ref, address, 1 << 20));
    g_assert_false(bus->ref.complains);
    inside = run_device(bus, address, PREMAPPED);
    g_assert_cmpstr(inside, ==, NULL);
    turn_knobs(0);
}

/* Without clock or power nothing answers, and nothing goes on. */
static void test_gated(void)
{
    uint32_t i;

    g_assert_cmphex(qtest_readl(qts, CLK_GATE_IP_IMAGE), ==, 0xffffffff);
    start_raw();
    put_fills(1);
    turn_knobs(0);
    qtest_writel(qts, CLK_GATE_IP_IMAGE, ~1u);
    g2d_write(qts, FIMG2D_FG_COLOR, 0x12345678);
    g_assert_cmphex(g2d_read(qts, FIMG2D_FG_COLOR), ==, 0x12345678);
    g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, 0);

    set_flag(qts, "g2d", "gated", true);
    g_assert_cmphex(g2d_test_read(qts, G2D_KNOBS), ==, KNOB_GATED);
    g_assert_cmphex(g2d_read(qts, FIMG2D_FG_COLOR), ==, 0);
    g2d_write(qts, FIMG2D_FG_COLOR, 1);
    g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, 2);
    qtest_writel(qts, CLK_GATE_IP_IMAGE, 1);
    g_assert_cmphex(qtest_readl(qts, CLK_GATE_IP_IMAGE), ==, 1);
    g_assert_cmphex(g2d_read(qts, FIMG2D_FG_COLOR), ==, 0x12345678);

    /* A job waits for its clock. */
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    qtest_writel(qts, CLK_GATE_IP_IMAGE, 0);
    qtest_clock_step(qts, 1000 * 1000);
    g_assert_cmphex(filled(0), ==, 0);
    qtest_writel(qts, CLK_GATE_IP_IMAGE, 1);
    g_assert_true(g2d_settle(qts));
    g_assert_cmphex(filled(0), ==, 0x01010101);

    qtest_writel(qts, PMU_LCD0, 0);
    g_assert_false(g2d_idle(qts));
    qtest_writel(qts, PMU_LCD0, 7);
    g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, 3);
    g_assert_true(g2d_idle(qts));
    assert_registers(0, false);
    turn_knobs(0);

    /* The System MMU needs the clock of its master as well. */
    mmu_write(qts, MMU_PT_BASE, RAM_BASE);
    mmu_test_write(qts, MMU_LACKING, 0);
    for (i = 0; i < 2; i++) {
        set_flag(qts, "sysmmu-g2d", "gated", i);
        g_assert_cmphex(mmu_test_read(qts, MMU_KNOBS) / MMU_KNOB_GATED, ==, i);
        qtest_writel(qts, CLK_GATE_IP_IMAGE, 8);
        g_assert_cmphex(mmu_read(qts, MMU_PT_BASE), ==, i ? 0 : RAM_BASE);
        qtest_writel(qts, CLK_GATE_IP_IMAGE, 1);
        g_assert_cmphex(mmu_read(qts, MMU_PT_BASE), ==, i ? 0 : RAM_BASE);
        mmu_write(qts, MMU_PT_BASE, i ? 0 : RAM_BASE);
        qtest_writel(qts, CLK_GATE_IP_IMAGE, 9);
        g_assert_cmphex(mmu_read(qts, MMU_PT_BASE), ==, RAM_BASE);
        g_assert_cmpuint(mmu_test_read(qts, MMU_LACKING), ==, 3 * i);
    }
    qtest_writel(qts, PMU_LCD0, 0);
    g_assert_cmphex(mmu_read(qts, MMU_VERSION), ==, 0);
    g_assert_cmpuint(mmu_test_read(qts, MMU_LACKING), ==, 4);
    qtest_writel(qts, PMU_LCD0, 7);
    g_assert_cmphex(mmu_read(qts, MMU_VERSION), ==, 0x80000001);
    mmu_test_write(qts, MMU_KNOBS, 0);
    qtest_writel(qts, CLK_GATE_IP_IMAGE, 0xffffffff);
}

static uint32_t count_lines(const char *text, const char *start)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    uint32_t i, n = 0;

    for (i = 0; lines[i]; i++) {
        n += g_str_has_prefix(lines[i], start);
    }
    return n;
}

/* Whatever a job does wrong, and how often, the log says it once. */
static void test_log(void)
{
    g_autofree char *name = g_strdup_printf("%s/exynos-fimg2d-%d.log",
                                            g_get_tmp_dir(), getpid());
    g_autofree char *text = NULL;
    QTestState *main_qts = qts;
    uint32_t job, i;

    qts = qtest_initf(EXYNOS_MACHINE "-d guest_errors,unimp -D %s", name);
    for (job = 0; job < 2; job++) {
        g_autoptr(ListGuard) list = list_new();

        start_raw();
        begin(list);
        set_src(list, 1, 0x90000000, 4096, 0, 0, 1024, 16);
        SET(list, ROP4, SRCCOPY);
        SET(list, DST_SELECT, 2);
        for (i = 0; i < 20; i++) {
            put(list, 0x740 + 4 * i, i);
            /* Nothing, the IROM, and registers */
            set_dst(list, 1, i < 10 ? 0xa0000000 : i < 15 ? 0 : MMU_BASE, 4096,
                    0, 0, 1024, 16);
            SET(list, SRC_COLOR_MODE, 13);
            go(list);
        }
        raw_list(RAM_LIST, list, 0);
        g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST);
        g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
        g_assert_true(g2d_settle(qts));
        assert_status(1, 20, 1);
        g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, 4 * 20);
        g_assert_cmphex(mmu_read(qts, MMU_PT_BASE), ==, 0);
    }
    qtest_quit(qts);
    qts = main_qts;

    g_assert_true(g_file_get_contents(name, &text, NULL, NULL));
    unlink(name);
    g_assert_cmpuint(count_lines(text, "exynos-fimg2d: no register"), ==, 2);
    g_assert_cmpuint(count_lines(text, "exynos-fimg2d: no memory to read"), ==,
                     2);
    g_assert_cmpuint(count_lines(text, "exynos-fimg2d: no memory to write"), ==,
                     2);
    g_assert_cmpuint(count_lines(text, "exynos-fimg2d: unknown source"), ==, 2);
    g_assert_cmpuint(count_lines(text, "exynos-fimg2d: "), ==, 8);
    g_assert_cmpuint(count_lines(text, "Invalid "), ==, 0);
}

/* A row that moves more than a step may goes on in the next one. */
static void test_large_row(void)
{
    static const struct {
        uint32_t columns, steps;
    } cases[] = {
        { 16384, 1 }, { 16385, 2 }, { 65535, 4 },
    };
    uint32_t i, step;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        uint32_t last = RAM_BASE + 0x8000000 + 4 * (cases[i].columns - 1);

        start_raw();
        qtest_writel(qts, last, 0);
        g2d_write(qts, FIMG2D_BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
        g2d_write(qts, FIMG2D_DST_BASE_ADDR, RAM_BASE + 0x8000000);
        g2d_write(qts, FIMG2D_DST_COLOR_MODE, 1);
        g2d_write(qts, FIMG2D_DST_RIGHT_BOTTOM, xy(cases[i].columns, 1));
        g2d_write(qts, FIMG2D_SF_COLOR, 0x12345678);
        g2d_write(qts, FIMG2D_BITBLT_START, 1);
        for (step = 0; step < cases[i].steps; step++) {
            g_assert_cmphex(qtest_readl(qts, last), ==, 0);
            g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 0);
            qtest_clock_step(qts, 1000);
        }
        g_assert_cmphex(qtest_readl(qts, last), ==, 0x12345678);
        g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_WRITE), ==,
                         4 * cases[i].columns);
        g_assert_false(g2d_idle(qts));
        qtest_clock_step(qts, 1000);
        g_assert_true(g2d_idle(qts));
    }
}

/* The test pages are for those who ask for them. */
static void test_no_test_pages(void)
{
    QTestState *plain = qtest_init("-machine smdkc210 -m 1G");

    g_assert_cmphex(g2d_test_read(plain, G2D_MAGIC), ==, 0);
    g_assert_cmphex(mmu_test_read(plain, 0), ==, 0);
    g_assert_cmphex(mmu_read(plain, MMU_VERSION), ==, 0x80000001);
    g_assert_cmphex(g2d_read(plain, FIMG2D_SRC_SELECT), ==, 1);
    set_flag(plain, "g2d", "gated", true);
    qtest_writel(plain, CLK_GATE_IP_IMAGE, 0);
    g_assert_cmphex(g2d_read(plain, FIMG2D_SRC_SELECT), ==, 0);
    qtest_quit(plain);
}

/* Nobody answers, or what answers is no memory: it reads as zeros. */
static void test_bus_error(void)
{
    static const uint32_t places[] = { 0x90000000, G2D_BASE, MMU_BASE };
    uint32_t i, k;

    for (i = 0; i < ARRAY_SIZE(places); i++) {
        g_autoptr(ListGuard) list = list_new();

        start_raw();
        qtest_memset(qts, RAM_DST, 0x5a, 0x1000);
        begin(list);
        set_src(list, 1, places[i], 16, 0, 0, 4, 4);
        set_dst(list, 1, RAM_DST, 16, 0, 0, 4, 4);
        SET(list, ROP4, SRCCOPY);
        SET(list, DST_SELECT, 2);
        go(list);
        set_src(list, 1, RAM_DST + 64, 16, 0, 0, 4, 4);
        set_dst(list, 1, places[i], 16, 0, 0, 4, 4);
        go(list);
        raw_list(RAM_LIST, list, 0);
        g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, RAM_LIST);
        g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
        g_assert_true(g2d_settle(qts));
        for (k = 0; k < 64; k += 4) {
            g_assert_cmphex(qtest_readl(qts, RAM_DST + k), ==, 0);
        }
        g_assert_cmphex(qtest_readl(qts, RAM_DST + 64), ==, 0x5a5a5a5a);
        assert_status(1, 2, 1);
        g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_READ), ==, 128);
        g_assert_cmpuint(g2d_test_read(qts, G2D_BYTES_WRITE), ==, 128);
        g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, 2);
        g_assert_cmphex(mmu_read(qts, MMU_CTRL), ==, 0);
        g_assert_cmphex(g2d_read(qts, FIMG2D_INTEN), ==, 0);
    }

    /* A list of zeros is an empty one, and the last. */
    start_raw();
    g2d_write(qts, FIMG2D_DMA_SFR_BASE_ADDR, 0x90000000);
    g2d_write(qts, FIMG2D_DMA_COMMAND, FIMG2D_DMA_START);
    g_assert_true(g2d_settle(qts));
    assert_status(1, 0, 1);
    g_assert_cmpuint(g2d_test_read(qts, G2D_COMPLAINTS), ==, 1);
}

/* The reference against what the page says, worked out by hand */

static struct fimg2d_reference *hand_made(Bus *bus)
{
    struct fimg2d_reference *ref = &bus->ref;

    ref->regs[FIMG2D_ROP4 / 4] = SRCCOPY;
    ref->regs[FIMG2D_SRC_SELECT / 4] = 0;
    ref->regs[FIMG2D_SRC_BASE_ADDR / 4] = SRC_IOVA;
    ref->regs[FIMG2D_DST_BASE_ADDR / 4] = DST_IOVA;
    ref->regs[FIMG2D_SRC_STRIDE / 4] = 64;
    ref->regs[FIMG2D_DST_STRIDE / 4] = 64;
    ref->regs[FIMG2D_DST_SELECT / 4] = 2;
    return ref;
}

#define REF(ref, name) ((ref)->regs[FIMG2D_##name / 4])

static uint32_t bus_get32(Bus *bus, uint32_t address)
{
    uint32_t i, value = 0;

    for (i = 0; i < 4; i++) {
        value |= (uint32_t)bus_page(bus, address + i)
                 ->now[(address + i) % PAGE_BYTES] << (8 * i);
    }
    return value;
}

static void test_reference_rotation(void)
{
    static const uint32_t upright[6] = { 1, 2, 3, 4, 5, 6 };
    static const uint32_t anticlockwise[6] = { 3, 6, 2, 5, 1, 4 };
    g_autoptr(Bus) bus = bus_new(0);
    struct fimg2d_reference *ref = hand_made(bus);
    int i;

    for (i = 0; i < 6; i++) {
        bus_put32(bus, SRC_IOVA + 64 * (i / 3) + 4 * (i % 3),
                  0xff000000 | upright[i]);
    }
    REF(ref, SRC_RIGHT_BOTTOM) = xy(3, 2);
    REF(ref, DST_RIGHT_BOTTOM) = xy(2, 3);
    REF(ref, ROTATE) = 1;
    g_assert_true(fimg2d_reference_blit(ref));
    for (i = 0; i < 6; i++) {
        g_assert_cmphex(bus_get32(bus, DST_IOVA + 64 * (i / 2) + 4 * (i % 2)),
                        ==, 0xff000000 | anticlockwise[i]);
    }
    g_assert_cmpuint(ref->bytes_read[FIMG2D_SRC], ==, 24);
    g_assert_cmpuint(ref->bytes_read[FIMG2D_DST], ==, 0);
    g_assert_cmpuint(ref->bytes_written, ==, 24);
}

typedef struct Access {
    char what;
    uint32_t address;
} Access;

typedef struct AccessLog {
    const Access *expected;
    size_t count, next;
} AccessLog;

static void log_access(AccessLog *log, char what, uint32_t address)
{
    g_assert_cmpuint(log->next, <, log->count);
    g_assert_cmpint(log->expected[log->next].what, ==, what);
    g_assert_cmphex(log->expected[log->next].address, ==, address);
    log->next++;
}

static uint8_t log_read(void *opaque, enum fimg2d_operand operand,
                        uint32_t address)
{
    static const char names[FIMG2D_OPERANDS] = "lsdpm";

    log_access(opaque, names[operand], address);
    return 0;
}

static void log_write(void *opaque, enum fimg2d_operand operand,
                      uint32_t address, uint8_t value)
{
    log_access(opaque, 'w', address);
}

static void expect_accesses(Bus *bus, const Access *expected, size_t count)
{
    AccessLog log = { expected, count, 0 };

    bus->ref.opaque = &log;
    bus->ref.read = log_read;
    bus->ref.write = log_write;
    g_assert_true(fimg2d_reference_blit(&bus->ref));
    g_assert_cmpuint(log.next, ==, count);
}

static void test_reference_accesses(void)
{
    g_autoptr(Bus) bus = bus_new(0);
    struct fimg2d_reference *ref = hand_made(bus);
    /* 565 at (1, 1) to 420 at (1, 1): its pair of bytes begins at x = 0. */
    static const Access copy[] = {
        { 's', SRC_IOVA + 66 }, { 's', SRC_IOVA + 67 },
        { 's', SRC_IOVA + 68 }, { 's', SRC_IOVA + 69 },
        { 'w', DST_IOVA + 65 },
        { 'w', DST_IOVA + PLANE2 }, { 'w', DST_IOVA + PLANE2 + 1 },
        { 'w', DST_IOVA + 66 },
        { 'w', DST_IOVA + PLANE2 + 2 }, { 'w', DST_IOVA + PLANE2 + 3 },
    };
    /* Bilinear at the lower right corner, clamped, then the destination */
    static const Access corner[] = {
        { 's', SRC_IOVA + 65 }, { 's', SRC_IOVA + 65 },
        { 's', SRC_IOVA + 65 }, { 's', SRC_IOVA + 65 },
        { 'd', DST_IOVA }, { 'w', DST_IOVA },
    };
    /* Source, mask of 4 bpp, pattern with its offset */
    static const Access third[] = {
        { 's', SRC_IOVA + 65 }, { 'm', MASK_IOVA + 33 },
        { 'p', PAT_IOVA + 18 }, { 'w', DST_IOVA },
    };

    REF(ref, SRC_COLOR_MODE) = 2;
    REF(ref, SRC_LEFT_TOP) = xy(1, 1);
    REF(ref, SRC_RIGHT_BOTTOM) = xy(3, 2);
    REF(ref, DST_COLOR_MODE) = 10;
    REF(ref, DST_PLANE2_BASE) = DST_IOVA + PLANE2;
    REF(ref, DST_LEFT_TOP) = xy(1, 1);
    REF(ref, DST_RIGHT_BOTTOM) = xy(3, 2);
    expect_accesses(bus, copy, ARRAY_SIZE(copy));

    REF(ref, SRC_COLOR_MODE) = 12;
    REF(ref, SRC_LEFT_TOP) = xy(0, 0);
    REF(ref, SRC_RIGHT_BOTTOM) = xy(2, 2);
    REF(ref, SRC_SCALE_CTRL) = 2;
    REF(ref, SRC_REPEAT_MODE) = 3;
    REF(ref, SRC_XSCALE) = 0x30000;
    REF(ref, SRC_YSCALE) = 0x30000;
    REF(ref, SRC_MASK_DIRECT) = 0x33;
    REF(ref, DST_COLOR_MODE) = 12;
    REF(ref, DST_LEFT_TOP) = xy(0, 0);
    REF(ref, DST_RIGHT_BOTTOM) = xy(2, 2);
    REF(ref, BITBLT_COMMAND) = FIMG2D_COMMAND_CLIP;
    REF(ref, CW_RB) = xy(1, 1);
    REF(ref, DST_SELECT) = 0;
    expect_accesses(bus, corner, ARRAY_SIZE(corner));

    REF(ref, SRC_SCALE_CTRL) = 0;
    REF(ref, DST_SELECT) = 1;
    REF(ref, BITBLT_COMMAND) = FIMG2D_COMMAND_CLIP | FIMG2D_COMMAND_MASKING;
    REF(ref, MASK_BASE_ADDR) = MASK_IOVA;
    REF(ref, MASK_STRIDE) = 32;
    REF(ref, MASK_MODE) = 1;
    REF(ref, MASK_LEFT_TOP) = xy(2, 0);
    REF(ref, MASK_RIGHT_BOTTOM) = xy(4, 2);
    REF(ref, PAT_BASE_ADDR) = PAT_IOVA;
    REF(ref, PAT_COLOR_MODE) = 11;
    REF(ref, PAT_STRIDE) = 8;
    REF(ref, PAT_SIZE) = xy(3, 4);
    REF(ref, PAT_OFFSET) = xy(5, 6);
    REF(ref, ROP4) = 0xf0;
    expect_accesses(bus, third, ARRAY_SIZE(third));
}

static uint32_t hand_pixel(uint32_t src_mode, uint32_t src, uint32_t dst_mode,
                           uint32_t dst, uint32_t command, uint32_t function,
                           uint32_t round)
{
    g_autoptr(Bus) bus = bus_new(0);
    struct fimg2d_reference *ref = hand_made(bus);

    bus_put32(bus, SRC_IOVA, src);
    bus_put32(bus, DST_IOVA, dst);
    REF(ref, SRC_COLOR_MODE) = src_mode;
    REF(ref, SRC_A8_RGB_EXT) = 0x123456;
    REF(ref, SRC_RIGHT_BOTTOM) = xy(1, 1);
    REF(ref, DST_COLOR_MODE) = dst_mode;
    REF(ref, DST_SELECT) = 0;
    REF(ref, DST_RIGHT_BOTTOM) = xy(1, 1);
    REF(ref, BITBLT_COMMAND) = command;
    REF(ref, BLEND_FUNCTION) = function;
    REF(ref, ROUND_MODE) = round;
    REF(ref, ALPHA) = 0x10203080;
    g_assert_true(fimg2d_reference_blit(ref));
    return bus_get32(bus, DST_IOVA);
}

static void test_reference_pixels(void)
{
    uint32_t over = FIMG2D_COMMAND_BLEND(1), mix;

    /* 00010 010001 10100: R 00010000, G 01000101, B 10100101 */
    g_assert_cmphex(hand_pixel(2, 0x1234, 1, 0, 0, 0, 0), ==, 0xff1045a5);
    g_assert_cmphex(hand_pixel(2, 0x1234, 0x21, 0, 0, 0, 0), ==, 0xffa54510);
    g_assert_cmphex(hand_pixel(2, 0x1234, 0x11, 0, 0, 0, 0), ==, 0x1045a5ff);
    g_assert_cmphex(hand_pixel(2, 0x1234, 0x31, 0, 0, 0, 0), ==, 0xa54510ff);
    g_assert_cmphex(hand_pixel(0, 0x00123456, 1, 0, 0, 0, 0), ==, 0xff123456);
    g_assert_cmphex(hand_pixel(1, 0x12345678, 0, 0, 0, 0, 0), ==, 0xff345678);
    g_assert_cmphex(hand_pixel(4, 0x7c1f, 1, 0, 0, 0, 0), ==, 0x00ff00ff);
    g_assert_cmphex(hand_pixel(0x16, 0x1234, 1, 0, 0, 0, 0), ==, 0x44112233);
    g_assert_cmphex(hand_pixel(1, 0x80ff8040, 4, 0, 0, 0, 0), ==, 0xfe08);
    g_assert_cmphex(hand_pixel(1, 0x80ff8040, 3, 0, 0, 0, 0), ==, 0xfe08);
    g_assert_cmphex(hand_pixel(1, 0x70ff8040, 0x15, 0, 0, 0, 0), ==, 0xf84f);
    g_assert_cmphex(hand_pixel(7, 0x99123456, 7, 0x77000000, 0, 0, 0), ==,
                    0x77123456);
    g_assert_cmphex(hand_pixel(11, 0x9a, 1, 0, 0, 0, 0), ==, 0x9a123456);
    g_assert_cmphex(hand_pixel(12, 0x9a, 1, 0, 0, 0, 0), ==, 0xff9a9a9a);
    g_assert_cmphex(hand_pixel(1, 0x12345678, 11, 0, 0, 0, 0), ==, 0x12);
    g_assert_cmphex(hand_pixel(1, 0x12345678, 12, 0, 0, 0, 0), ==, 0x34);

    /*
     * Source over with a premultiplied source of half alpha: one, and the
     * inverse of the source's alpha, which is 127:
     * (127 + 1) * 200 >> 8 = 100, (127 + 0) * 200 >> 8 = 99,
     * 127 * 200 + 128 = 25528, + 99 >> 8 = 100.
     */
    mix = 0 | 2 << 8 | 1 << 18;
    g_assert_cmphex(hand_pixel(1, 0x80402010, 1, 0xffc8c8c8, over, mix, 0),
                    ==, 0xffa48474);
    g_assert_cmphex(hand_pixel(1, 0x80402010, 1, 0xffc8c8c8, over, mix, 1),
                    ==, 0xfea38373);
    g_assert_cmphex(hand_pixel(1, 0x80402010, 1, 0xffc8c8c8, over, mix, 2),
                    ==, 0xffa48474);

    /* Global alpha and colour: 128 and 10 20 30 */
    g_assert_cmphex(hand_pixel(1, 0xffffffff, 1, 0, over, 6 | 1 << 8, 2), ==,
                    0x80808080);
    g_assert_cmphex(hand_pixel(1, 0xffffffff, 1, 0, over, 7 | 1 << 8, 2), ==,
                    0x80102030);
    /* Disjoint S: (255 - DA) * 255 / SA = (255 - 192) * 255 / 128 = 125 */
    g_assert_cmphex(hand_pixel(1, 0x80ffffff, 1, 0xc0000000, over,
                               8 | 1 << 8, 2) & 0xffffff, ==, 0x7d7d7d);

    /* Half and half of 1: rounded once they are 1, rounded each they are 2. */
    g_assert_cmphex(hand_pixel(1, 0x01010101, 1, 0x01010101, over, 6 | 6 << 8,
                               2), ==, 0x02020202);
    g_assert_cmphex(hand_pixel(1, 0x01010101, 1, 0x01010101, over, 6 | 6 << 8,
                               3), ==, 0x01010101);

    /*
     * Premultiply by 0x80: (0x80 * 0xff) >> 8 = 0x7f, (0x81 * 0xff) >> 8 =
     * 0x80, 0x80 * 0xff + 0x80 = 0x8000, + 0x80 >> 8 = 0x80.  By 0x7f the third
     * differs from the second: (0x7f * 0xff) >> 8 = 0x7e.  And back: 0xff.
     */
    g_assert_cmphex(hand_pixel(1, 0x80ff7f00, 1, 0, FIMG2D_COMMAND_PREMUL_SRC,
                               0, 0x00), ==, 0x807f3f00);
    g_assert_cmphex(hand_pixel(1, 0x80ff7f00, 1, 0, FIMG2D_COMMAND_PREMUL_SRC,
                               0, 0x10), ==, 0x80803f00);
    g_assert_cmphex(hand_pixel(1, 0x7fff7f00, 1, 0, FIMG2D_COMMAND_PREMUL_SRC,
                               0, 0x20), ==, 0x7f7e3f00);
    g_assert_cmphex(hand_pixel(1, 0x80ff7f00, 1, 0, FIMG2D_COMMAND_PREMUL_SRC,
                               0, 0x30), ==, 0x80804000);
    g_assert_cmphex(hand_pixel(1, 0x80803f00, 1, 0, FIMG2D_COMMAND_DEPREMUL_DST,
                               0, 0), ==, 0x80ff7d00);
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    g_test_add_func("/reference/rotation", test_reference_rotation);
    g_test_add_func("/reference/accesses", test_reference_accesses);
    g_test_add_func("/reference/pixels", test_reference_pixels);
    qtest_add_func("fimg2d/registers", test_registers);
    qtest_add_func("fimg2d/test-page", test_test_page);
    qtest_add_func("fimg2d/complaints", test_complaints);
    qtest_add_func("fimg2d/bytes/planes", test_bytes_planes);
    qtest_add_func("fimg2d/bytes/pattern", test_bytes_pattern);
    qtest_add_func("fimg2d/bytes/pattern-geometry",
                   test_bytes_pattern_geometry);
    qtest_add_func("fimg2d/bytes/mask", test_bytes_mask);
    qtest_add_func("fimg2d/bytes/repeat", test_bytes_repeat);
    qtest_add_func("fimg2d/bytes/clip", test_bytes_clip);
    qtest_add_func("fimg2d/bytes/geometry", test_bytes_geometry);
    qtest_add_func("fimg2d/bytes/wrap", test_bytes_wrap);
    qtest_add_func("fimg2d/bytes/empty", test_bytes_empty);
    qtest_add_func("fimg2d/bytes/large", test_bytes_large);
    qtest_add_func("fimg2d/bytes/overlap", test_bytes_overlap);
    qtest_add_func("fimg2d/pixels/formats", test_pixels_formats);
    qtest_add_func("fimg2d/pixels/destination-formats",
                   test_pixels_destination_formats);
    qtest_add_func("fimg2d/pixels/fill", test_pixels_fill);
    qtest_add_func("fimg2d/pixels/rop", test_pixels_rop);
    qtest_add_func("fimg2d/pixels/blend", test_pixels_blend);
    qtest_add_func("fimg2d/pixels/own-alpha", test_pixels_own_alpha);
    qtest_add_func("fimg2d/pixels/select", test_pixels_select);
    qtest_add_func("fimg2d/pixels/scale", test_pixels_scale);
    qtest_add_func("fimg2d/list/hold-list", test_hold_list);
    qtest_add_func("fimg2d/list/hold-from-list", test_hold_from_list);
    qtest_add_func("fimg2d/list/hold-bitblt", test_hold_bitblt);
    qtest_add_func("fimg2d/list/hold-user", test_hold_user);
    qtest_add_func("fimg2d/list/halt", test_halt);
    qtest_add_func("fimg2d/list/start-while-running",
                   test_start_while_running);
    qtest_add_func("fimg2d/list/interrupts", test_interrupts);
    qtest_add_func("fimg2d/list/sfrclear", test_sfrclear);
    qtest_add_func("fimg2d/list/ignored-pairs", test_ignored_pairs);
    qtest_add_func("fimg2d/list/self-modifying", test_self_modifying);
    qtest_add_func("fimg2d/list/wrap", test_list_wrap);
    qtest_add_func("fimg2d/list/counts", test_counts);
    qtest_add_func("fimg2d/register-copy", test_register_copy);
    qtest_add_func("fimg2d/soft-reset", test_soft_reset);
    qtest_add_func("fimg2d/hang", test_hang);
    qtest_add_func("fimg2d/power-stuck", test_power_stuck);
    qtest_add_func("fimg2d/rate", test_rate);
    qtest_add_func("fimg2d/fault/in-row", test_fault_in_row);
    qtest_add_func("fimg2d/fault/order", test_fault_order);
    qtest_add_func("fimg2d/fault/then-reset", test_fault_then_reset);
    qtest_add_func("fimg2d/fault/migration", test_migration);
    qtest_add_func("fimg2d/knob/overreach", test_overreach);
    qtest_add_func("fimg2d/knob/overreach-inside", test_overreach_inside);
    qtest_add_func("fimg2d/knob/reset-waits", test_reset_waits);
    qtest_add_func("fimg2d/knob/replay-once", test_replay_once);
    qtest_add_func("fimg2d/knob/replay-until-done", test_replay_until_done);
    qtest_add_func("fimg2d/knob/gcmd-with-acmd", test_gcmd_with_acmd);
    qtest_add_func("fimg2d/knob/list-prefetch", test_list_prefetch);
    qtest_add_func("fimg2d/knob/scale-3", test_scale_3);
    qtest_add_func("fimg2d/knob/gated", test_gated);
    qtest_add_func("fimg2d/no-test-pages", test_no_test_pages);
    qtest_add_func("fimg2d/log", test_log);
    qtest_add_func("fimg2d/large-row", test_large_row);
    qtest_add_func("fimg2d/bus-error", test_bus_error);
    qtest_add_func("fimg2d/planted", test_planted);
    qtest_add_func("fimg2d/random", test_random);

    qts = g2d_start_machine();
    ret = g_test_run();
    qtest_quit(qts);
    return ret;
}
