/*
 * Running jobs on the FIMG2D model for its qtests
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "exynos-fimg2d-device.h"

#define LV2_TABLES      (RAM_BASE + 0x10000)
#define FRAMES          (RAM_BASE + 0x1000000)

QTestState *qts;

uint32_t *lv2_entry(Tables *tables, uint32_t iova, uint32_t *where)
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

uint32_t page_entry(const Page *page)
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

void upload(Bus *bus, Tables *tables, RunMode mode)
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

char *fault_text(const char *what, uint32_t status, uint32_t address)
{
    return g_strdup_printf("%s: fault 0x%02x at 0x%08x", what, status,
                           address);
}

char *serve_fault(Bus *bus, Tables *tables)
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

char *compare_outcome(Bus *bus, RunMode mode)
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

char *run_device(Bus *bus, uint32_t address, RunMode mode)
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

void print_list(List *list)
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

void check_at(Bus *bus, List *list, uint32_t address, RunMode mode)
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

void check_list(List *list, RunMode mode)
{
    g_autoptr(Bus) bus = bus_new(list->len);

    check_at(bus, list, list_place(bus, list), mode);
}

/* With the System MMU off */

static uint32_t raw_words(uint32_t address, const uint32_t *words, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        qtest_writel(qts, address + 4 * i, words[i]);
    }
    return address;
}

void raw_list(uint32_t address, List *list, uint32_t next)
{
    qtest_writel(qts, address, list->len);
    raw_words(address + 4, (uint32_t *)list->data, 2 * list->len);
    qtest_writel(qts, address + 4 + 8 * list->len, next);
}

void add_fill(List *list, uint32_t at, uint32_t rows, uint32_t color)
{
    SET(list, BITBLT_COMMAND, FIMG2D_COMMAND_SOLID_FILL);
    set_dst(list, 1, RAM_DST + at, 16, 0, 0, 4, rows);
    SET(list, SF_COLOR, color);
    list_go(list);
}

void start_raw(void)
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

void put_fills(uint32_t count)
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

void switch_domain(uint32_t power, uint32_t status)
{
    qtest_writel(qts, PMU_LCD0, power);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0), ==, power);
    g_assert_cmphex(qtest_readl(qts, PMU_LCD0 + 4) & 7, ==, status);
}
