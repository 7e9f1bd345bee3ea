/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bare-metal test of data caches that are not coherent with other bus masters:
 * -machine smdkc210,noncoherent=on[,evict=SEED]
 *
 * Each case is a rule of docs/specs/arm-dcache.rst.  The output on the first
 * UART is TAP.
 */
#include <stdbool.h>
#include <stdint.h>

#define UART_UTXH       0x13800020u
#define PS_HOLD         0x1002330cu
#define DCACHE          0x10503000u
#define DCACHE_MAGIC    0x00
#define DCACHE_CONTROL  0x04
#define DCACHE_EVICT    0x08
#define DCACHE_OPS      0x10
#define DCACHE_CLEANED  0x14
#define DCACHE_LOST     0x18
#define DCACHE_EVICTED  0x20
#define DCACHE_ADDRESS  0x28
#define DCACHE_DIRTY    0x2c
#define G2D             0x12800000u

/*
 * The same 16 MiB of RAM through several mappings; the program itself is not in
 * it.  CACHED is at its own address.
 */
#define CACHED          0x42000000u
#define UNCACHED        0x52000000u
#define SIZE            0x01000000u
#define UNMAPPED        0x70000000u
#define VIEW            0x60000000u     /* a MiB, mapped as a case likes it */

#define LINE            32
#define SETS            128
#define WAYS            4

#define SCTLR_M         (1u << 0)
#define SCTLR_C         (1u << 2)
#define SCTLR_I         (1u << 12)
#define SCTLR_TRE       (1u << 28)

/* Bits of a section: accessible, and TEX, C and B */
#define SECTION(tex, c, b)  (0xc02u | (tex) << 12 | (c) << 3 | (b) << 2)
#define ORDERED         SECTION(0, 0, 0)
#define DEVICE          SECTION(0, 0, 1)
#define NORMAL_NC       SECTION(1, 0, 0)
#define NORMAL_WB       SECTION(1, 1, 1)

/* volatile: a device register, or memory that changes behind the compiler */
typedef volatile uint32_t Word;
typedef volatile uint8_t Byte; /* volatile: likewise */

void (*second_entry)(void);
Word abort_address, abort_pc;

static uint32_t table[4096] __attribute__((aligned(16384)));
static uint32_t second_table[256] __attribute__((aligned(1024)));
static unsigned int number;
static bool evicts;
static const char *failed;

static inline Word *at(uint32_t address)
{
    return (Word *)address;
}

static void put_char(char c)
{
    *at(UART_UTXH) = c;
}

static void print(const char *s)
{
    for (; *s; s++) {
        put_char(*s);
    }
}

static void print_number(uint32_t n)
{
    if (n >= 10) {
        print_number(n / 10);
    }
    put_char('0' + n % 10);
}

static inline void barrier(void)
{
    asm volatile("dsb\n\tisb" : : : "memory");
}

#define CACHE_OP(name, crm, opc2)                                       \
    static inline void name(uint32_t value)                             \
    {                                                                   \
        barrier();                                                      \
        asm volatile("mcr p15, 0, %0, c7, " #crm ", " #opc2             \
                     : : "r" (value) : "memory");                       \
        barrier();                                                      \
    }

CACHE_OP(dcimvac, c6, 1)
CACHE_OP(dcisw, c6, 2)
CACHE_OP(dccmvac, c10, 1)
CACHE_OP(dccsw, c10, 2)
CACHE_OP(dccmvau, c11, 1)
CACHE_OP(dccimvac, c14, 1)
CACHE_OP(dccisw, c14, 2)
CACHE_OP(iciallu, c5, 0)

static uint32_t sctlr_read(void)
{
    uint32_t value;

    asm volatile("mrc p15, 0, %0, c1, c0, 0" : "=r" (value));
    return value;
}

static void sctlr_write(uint32_t value)
{
    barrier();
    asm volatile("mcr p15, 0, %0, c1, c0, 0" : : "r" (value) : "memory");
    barrier();
}

static void tlb_flush(void)
{
    barrier();
    asm volatile("mcr p15, 0, %0, c8, c7, 0" : : "r" (0) : "memory");
    barrier();
}

static void map(uint32_t va, uint32_t pa, uint32_t size, uint32_t bits)
{
    uint32_t n;

    for (n = 0; n < size; n += 0x100000) {
        table[(va + n) >> 20] = (pa + n) | bits;
    }
}

/* Inline, as what is on the stack is elsewhere afterwards. */
static inline __attribute__((always_inline)) void mmu_on(void)
{
    uint32_t base = (uint32_t)table;

    asm volatile("mcr p15, 0, %0, c3, c0, 0\n\t"    /* DACR: all clients */
                 "mcr p15, 0, %1, c2, c0, 0\n\t"    /* TTBR0 */
                 "mcr p15, 0, %2, c2, c0, 2"        /* TTBCR */
                 : : "r" (1), "r" (base | 0x4a), "r" (0));
    tlb_flush();
    iciallu(0);
    sctlr_write(sctlr_read() | SCTLR_M | SCTLR_C | SCTLR_I);
}

static bool check(bool ok, const char *what)
{
    if (!ok && !failed) {
        failed = what;
    }
    return ok;
}

#define CHECK(condition) check(condition, #condition)

static void result(const char *name)
{
    print(failed ? "not ok " : "ok ");
    print_number(++number);
    put_char(' ');
    print(name);
    put_char('\n');
    if (failed) {
        print("# ");
        print(failed);
        put_char('\n');
    }
    failed = 0;
}

/* A clean line that no case has used before: both copies of it hold @value. */
static uint32_t fresh(uint32_t value)
{
    static uint32_t next;
    uint32_t offset = next, i;

    /* Another set each time, and a free line after each */
    next += 4096 + 3 * LINE;
    for (i = 0; i < 2 * LINE; i += 4) {
        *at(UNCACHED + offset + i) = value;
    }
    dcimvac(CACHED + offset);
    dcimvac(CACHED + offset + LINE);
    return offset;
}

static void clean(const char *name, void (*op)(uint32_t))
{
    uint32_t line = fresh(1);
    Word *cached = at(CACHED + line), *memory = at(UNCACHED + line);

    cached[0] = 2;
    cached[7] = 3;
    cached[8] = 4;
    CHECK(memory[0] == 1 || evicts);
    op(CACHED + line + 12);
    CHECK(cached[0] == 2);
    CHECK(memory[0] == 2);
    CHECK(memory[3] == 1);
    CHECK(memory[7] == 3);
    CHECK(memory[8] == 1 || evicts);
    result(name);
}

static void test_clean_writes_whole_line(void)
{
    uint32_t line = fresh(1);
    Word *cached = at(CACHED + line), *memory = at(UNCACHED + line);

    cached[0] = 2;
    memory[5] = 9;
    dccmvac(CACHED + line);
    CHECK(memory[0] == 2);
    CHECK(memory[5] == 1 || evicts);
    CHECK(cached[5] == 1 || evicts);
    result("a line is written back as a whole");
}

static void test_clean_of_clean_line(void)
{
    uint32_t line = fresh(1);
    Word *cached = at(CACHED + line), *memory = at(UNCACHED + line);

    memory[0] = 2;
    CHECK(cached[0] == 1 || evicts);
    dccmvac(CACHED + line);
    CHECK(memory[0] == 2);
    CHECK(cached[0] == 1 || evicts);
    result("a line that is not dirty is not written back");
}

static void test_same_value_is_dirty(void)
{
    uint32_t line = fresh(1);
    Word *cached = at(CACHED + line), *memory = at(UNCACHED + line);

    memory[0] = 2;
    cached[0] = 1;
    dccmvac(CACHED + line);
    CHECK(memory[0] == 1);
    result("a store of the same value makes a line dirty");
}

static bool is_dirty(uint32_t address)
{
    *at(DCACHE + DCACHE_ADDRESS) = address;
    return *at(DCACHE + DCACHE_DIRTY) & 1u << address % 1024 / LINE;
}

static void test_dirty_register(void)
{
    uint32_t line = fresh(1);
    Word *cached = at(CACHED + line);

    CHECK(!is_dirty(CACHED + line));
    cached[0] = 1;
    cached[7] = 1;
    CHECK(is_dirty(CACHED + line) || evicts);
    CHECK(!is_dirty(CACHED + line + LINE));
    CHECK(!is_dirty(CACHED + line - LINE));
    dccmvac(CACHED + line);
    CHECK(!is_dirty(CACHED + line));
    cached[0] = 1;
    dcimvac(CACHED + line);
    CHECK(!is_dirty(CACHED + line));
    CHECK(!is_dirty(0));
    result("the control page tells of dirty lines");
}

static void test_invalidate_loses(void)
{
    uint32_t line = fresh(1);
    Word *cached = at(CACHED + line), *memory = at(UNCACHED + line);

    *at(DCACHE + DCACHE_LOST) = 0;
    cached[0] = 2;
    cached[7] = 3;
    cached[8] = 4;
    memory[1] = 5;
    dcimvac(CACHED + line + 4);
    if (!evicts) {
        CHECK(cached[0] == 1);
        CHECK(cached[7] == 1);
        CHECK(cached[1] == 5);
        CHECK(*at(DCACHE + DCACHE_LOST) == 1);
    }
    CHECK(cached[8] == 4);
    CHECK(memory[8] == 1 || evicts);
    result("invalidating loses what is dirty, neighbours included");
}

static void test_invalidate_fills(void)
{
    uint32_t line = fresh(1);
    Word *cached = at(CACHED + line), *memory = at(UNCACHED + line);

    memory[0] = 2;
    CHECK(cached[0] == 1 || evicts);
    dcimvac(CACHED + line);
    CHECK(cached[0] == 2);
    /* It is filled at once, so this comes too late. */
    memory[0] = 3;
    CHECK(cached[0] == 2 || evicts);
    dcimvac(CACHED + line);
    CHECK(cached[0] == 3);
    result("invalidating fills from memory at once");
}

static void test_clean_invalidate(void)
{
    uint32_t line = fresh(1);
    Word *cached = at(CACHED + line), *memory = at(UNCACHED + line);

    cached[0] = 2;
    memory[8] = 3;
    dccimvac(CACHED + line);
    dccimvac(CACHED + line + LINE);
    CHECK(memory[0] == 2);
    CHECK(cached[0] == 2);
    CHECK(cached[8] == 3);
    CHECK(memory[8] == 3);
    result("clean and invalidate does the one, then the other");
}

static void test_through_uncached_mapping(void)
{
    uint32_t line = fresh(1);
    Word *cached = at(CACHED + line), *memory = at(UNCACHED + line);

    cached[0] = 2;
    dccmvac(UNCACHED + line);
    CHECK(memory[0] == 2);
    memory[0] = 3;
    dcimvac(UNCACHED + line);
    CHECK(cached[0] == 3);
    result("maintenance through a mapping that is not cacheable");
}

static void test_bytes(void)
{
    uint32_t line = fresh(0x01010101), i;
    Byte *cached = (Byte *)(CACHED + line);
    Word *memory = at(UNCACHED + line);

    for (i = 0; i < LINE; i++) {
        cached[i] = i;
    }
    /* One that crosses into the next line makes both dirty. */
    asm volatile("str %0, [%1]"
                 : : "r" (0x44332211), "r" (CACHED + line + LINE - 2)
                 : "memory");
    CHECK(memory[0] == 0x01010101 || evicts);
    dccmvac(CACHED + line);
    CHECK(memory[0] == 0x03020100);
    CHECK(memory[7] == 0x22111d1c);
    dccmvac(CACHED + line + LINE);
    CHECK(memory[8] == 0x01014433);
    result("stores of all sizes, and one into two lines");
}

static void test_exclusive(void)
{
    uint32_t line = fresh(1);
    Word *memory = at(UNCACHED + line);

    __atomic_add_fetch((uint32_t *)(CACHED + line), 4, __ATOMIC_SEQ_CST);
    CHECK(memory[0] == 1 || evicts);
    dccmvac(CACHED + line);
    CHECK(memory[0] == 5);
    result("exclusive stores");
}

/* Where an address is in a 4-way cache of 16 KiB, as an operation names it */
static uint32_t place(uint32_t address)
{
    uint32_t line = address / LINE;

    return line / SETS % WAYS << 30 | line % SETS << 5;
}

static void test_set_way(void)
{
    uint32_t line = fresh(1), other = fresh(1);
    Word *cached = at(CACHED + line), *memory = at(UNCACHED + line);

    cached[0] = 2;
    cached[8] = 3;
    *at(CACHED + other) = 4;
    dccsw(place(CACHED + line));
    CHECK(memory[0] == 2);
    CHECK(memory[8] == 1 || evicts);
    CHECK(*at(UNCACHED + other) == 1 || evicts);

    memory[0] = 5;
    dccsw(place(CACHED + line));
    CHECK(memory[0] == 5);
    CHECK(cached[0] == 2 || evicts);
    dccisw(place(CACHED + line));
    CHECK(cached[0] == 5);

    cached[0] = 6;
    dccisw(place(CACHED + line));
    CHECK(memory[0] == 6);
    cached[0] = 7;
    dcisw(place(CACHED + line));
    CHECK(cached[0] == 6 || evicts);

    /* What is in another level of cache is nothing. */
    cached[0] = 8;
    dccsw(place(CACHED + line) | 1 << 1);
    CHECK(memory[0] == 6 || evicts);
    result("maintenance by set and way");
}

static void test_set_way_all(void)
{
    uint32_t set, way, i;

    for (i = 0; i < 0x10000; i += 4) {
        *at(CACHED + 0x800000 + i) = i;
    }
    for (set = 0; set < SETS; set++) {
        for (way = 0; way < WAYS; way++) {
            dccisw(way << 30 | set << 5);
        }
    }
    for (i = 0; i < 0x10000; i += 4) {
        CHECK(*at(UNCACHED + 0x800000 + i) == i);
    }
    result("all sets and ways are all of the cache");
}

/*
 * With its cache off, this CPU sees memory.  Its stack does so, too, so all is
 * done here, and what was on the stack is cleaned before.
 */
static void test_cache_off(void)
{
    uint32_t line = fresh(1);
    uint32_t on = sctlr_read(), off = on & ~SCTLR_C, seen, set, way;

    *at(CACHED + line) = 2;
    *at(CACHED + line + LINE) = 2;
    asm volatile("dsb\n\t"
                 "mcr p15, 0, %2, c1, c0, 0\n\t"
                 "isb\n\t"
                 "ldr %0, [%1]\n\t"
                 "mov r3, #3\n\t"
                 "str r3, [%1, #4]\n\t"
                 /* Its own cache is empty as long as it is off. */
                 "mcr p15, 0, %4, c7, c6, 2\n\t"
                 "dsb\n\t"
                 "mcr p15, 0, %3, c1, c0, 0\n\t"
                 "isb"
                 : "=&r" (seen)
                 : "r" (CACHED + line), "r" (off), "r" (on),
                   "r" (place(CACHED + line + LINE))
                 : "r3", "memory");
    CHECK(seen == 1 || evicts);
    CHECK(*at(UNCACHED + line + 4) == 3 || evicts);
    CHECK(*at(CACHED + line) == 2);
    CHECK(*at(CACHED + line + 4) == 1 || evicts);
    CHECK(*at(CACHED + line + LINE) == 2);

    /* Cleaning with the cache off is what a CPU does that is switched off. */
    for (way = 0; way < WAYS; way++) {
        for (set = 0; set < SETS; set++) {
            dccsw(way << 30 | set << 5);
        }
    }
    asm volatile("dsb\n\t"
                 "mcr p15, 0, %2, c1, c0, 0\n\t"
                 "isb\n\t"
                 "ldr %0, [%1]\n\t"
                 "mcr p15, 0, %3, c1, c0, 0\n\t"
                 "isb"
                 : "=&r" (seen)
                 : "r" (CACHED + line), "r" (off), "r" (on) : "memory");
    CHECK(seen == 2);
    result("a CPU whose cache is off sees memory");
}

static bool view_is_cached(uint32_t line)
{
    bool cached;

    *at(UNCACHED + line) = 1;
    dccimvac(CACHED + line);
    *at(VIEW + line) = 2;
    cached = *at(UNCACHED + line) != 2;
    dccimvac(CACHED + line);
    return cached;
}

static void view(uint32_t bits)
{
    table[VIEW >> 20] = bits;
    tlb_flush();
}

/* The attributes in the tables, of sections, large and small pages */
static void test_attributes(void)
{
    static const uint8_t cached[32] = {
        [0x02] = 1, [0x03] = 1, [0x07] = 1,
        [0x11] = 1, [0x12] = 1, [0x13] = 1, [0x15] = 1, [0x16] = 1,
        [0x17] = 1, [0x19] = 1, [0x1a] = 1, [0x1b] = 1, [0x1d] = 1,
        [0x1e] = 1, [0x1f] = 1,
    };
    uint32_t n, i, tex, cb;

    for (n = 0; n < 32; n++) {
        /* Reserved, or up to the implementation */
        if (n == 0x05 || n == 0x06 || (n > 0x08 && n < 0x10)) {
            continue;
        }
        tex = n >> 2;
        cb = (n & 3) << 2;
        view(CACHED | 0xc02 | tex << 12 | cb);
        CHECK(view_is_cached(0) == cached[n]);

        for (i = 0; i < 256; i++) {
            second_table[i] = CACHED | i << 12 | 0x32 | tex << 6 | cb;
        }
        view((uint32_t)second_table | 1);
        CHECK(view_is_cached(0x1000) == cached[n]);

        for (i = 0; i < 256; i++) {
            second_table[i] = CACHED | (i & 0xf0) << 12 | 0x31 | tex << 12 | cb;
        }
        tlb_flush();
        CHECK(view_is_cached(0x13000) == cached[n]);
    }
    result("memory attributes of the tables");
}

/* What Linux makes of them with TEX remap: PRRR and NMRR as it sets them */
static void test_remapped_attributes(void)
{
    static const uint8_t cached[8] = { 0, 0, 1, 1, 0, 0, 0, 1 };
    uint32_t n;

    asm volatile("mcr p15, 0, %0, c10, c2, 0\n\t"
                 "mcr p15, 0, %1, c10, c2, 1"
                 : : "r" (0xff0a81a8), "r" (0x40e040e0));
    sctlr_write(sctlr_read() | SCTLR_TRE);
    tlb_flush();
    for (n = 0; n < 8; n++) {
        if (n != 6) {
            /* TEX[2:1] are not used, and may be anything. */
            view(CACHED | 0xc02 | (n >> 2) << 12 | 3 << 13 | (n & 3) << 2);
            CHECK(view_is_cached(0) == cached[n]);
        }
    }
    sctlr_write(sctlr_read() & ~SCTLR_TRE);
    tlb_flush();
    result("memory attributes that are remapped");
}

static void test_fault(void)
{
    uint32_t pc;

    abort_address = 0;
    asm volatile("adr %0, 1f\n\t"
                 "1: mcr p15, 0, %1, c7, c10, 1"
                 : "=&r" (pc) : "r" (UNMAPPED + 4) : "memory");
    CHECK(abort_address == UNMAPPED + 4);
    CHECK(abort_pc == pc);
    result("maintenance of an address that is not mapped");
}

static uint32_t call(uint32_t address)
{
    return ((uint32_t (*)(void))address)();
}

static void test_code(void)
{
    uint32_t line = fresh(0);
    Word *cached = at(CACHED + line), *memory = at(UNCACHED + line);

    cached[0] = 0xe3a00001;     /* mov r0, #1 */
    cached[1] = 0xe12fff1e;     /* bx lr */
    dccmvau(CACHED + line);
    iciallu(0);
    CHECK(call(CACHED + line) == 1);
    CHECK(call(UNCACHED + line) == 1);
    cached[0] = 0xe3a00002;
    iciallu(0);
    CHECK(call(CACHED + line) == 2);
    CHECK(call(UNCACHED + line) == 1 || evicts);
    dccmvau(CACHED + line);
    iciallu(0);
    CHECK(call(UNCACHED + line) == 2);
    memory[0] = 0xe3a00003;
    dcimvac(CACHED + line);
    iciallu(0);
    CHECK(call(CACHED + line) == 3);
    result("code that was written is executed");
}

static void g2d(uint32_t offset, uint32_t value)
{
    *at(G2D + offset) = value;
}

/* One row of 16 pixels, ARGB8888, filled or copied */
static void g2d_blit(uint32_t dst, uint32_t src, bool fill)
{
    g2d(0x000, 1);                      /* SOFT_RESET */
    g2d(0x104, fill ? 1 << 28 : 0);     /* BITBLT_COMMAND */
    g2d(0x614, 0xcccc);                 /* ROP4: source */
    g2d(0x70c, 0x12345678);             /* SF_COLOR */
    g2d(0x300, 0);                      /* SRC_SELECT: memory */
    g2d(0x304, src);
    g2d(0x308, 64);
    g2d(0x30c, 1);
    g2d(0x310, 0);
    g2d(0x314, 1 << 16 | 16);
    g2d(0x400, 0);                      /* DST_SELECT: memory */
    g2d(0x404, dst);
    g2d(0x408, 64);
    g2d(0x40c, 1);
    g2d(0x410, 0);
    g2d(0x414, 1 << 16 | 16);
    barrier();
    g2d(0x100, 1);                      /* BITBLT_START */
    while (!(*at(G2D + 0x010) & 1)) {   /* FIFO_STAT */
        continue;
    }
}

static void test_device(void)
{
    uint32_t dst = fresh(1), src = fresh(2);
    Word *cached = at(CACHED + dst), *memory = at(UNCACHED + dst);

    g2d_blit(CACHED + dst, 0, true);
    CHECK(memory[0] == 0x12345678);
    CHECK(cached[0] == 1 || evicts);
    dcimvac(CACHED + dst);
    CHECK(cached[0] == 0x12345678);
    CHECK(cached[8] == 1 || evicts);

    *at(CACHED + src) = 3;
    g2d_blit(CACHED + dst, CACHED + src, false);
    CHECK(memory[0] == 2 || evicts);
    dccmvac(CACHED + src);
    g2d_blit(CACHED + dst, CACHED + src, false);
    CHECK(memory[0] == 3);
    result("a device sees memory");
}

/* The other CPU writes every second word while this one maintains the lines. */
#define RACE            (CACHED + 0xf00000)
#define RACE_WORDS      1024
#define RACE_ROUNDS     300

static Word race_done;

static void __attribute__((noreturn)) second_main(void)
{
    uint32_t round, i;

    mmu_on();
    for (round = 1; round <= RACE_ROUNDS; round++) {
        for (i = 1; i < RACE_WORDS; i += 2) {
            at(RACE)[i] = round;
        }
    }
    race_done = 1;
    for (;;) {
        asm volatile("wfi");
    }
}

static void test_race(void)
{
    uint32_t i, round;

    for (i = 0; i < RACE_WORDS; i++) {
        at(RACE)[i] = 0;
    }
    for (i = 0; i < RACE_WORDS; i += LINE / 4) {
        dccimvac(RACE + i * 4);
    }
    second_entry = second_main;
    dccmvac((uint32_t)&second_entry);
    /* The other one has read the program and the tables from memory. */
    for (round = 1; !race_done; round++) {
        for (i = 0; i < RACE_WORDS; i += 2) {
            at(RACE)[i] = round;
            if (round & 1) {
                dccmvac(RACE + i * 4);
            } else {
                dccimvac(RACE + i * 4);
            }
            CHECK(at(RACE)[i] == round);
        }
    }
    for (i = 0; i < RACE_WORDS; i += LINE / 4) {
        dccmvac(RACE + i * 4);
    }
    for (i = 1; i < RACE_WORDS; i += 2) {
        CHECK(at(RACE)[i] == RACE_ROUNDS);
        CHECK(at(RACE + UNCACHED - CACHED)[i] == RACE_ROUNDS);
    }
    result("what the other CPU writes meanwhile is not lost");
}

/* What is dirty is written back some time, what is not may be filled anew. */
static void test_evicted(void)
{
    uint32_t line = fresh(1), i;
    Word *cached = at(CACHED + line), *memory = at(UNCACHED + line);

    cached[0] = 2;
    for (i = 0; evicts && memory[0] == 1 && i < 1000000000; i++) {
        continue;
    }
    CHECK(memory[0] == (evicts ? 2 : 1));
    memory[0] = 3;
    for (i = 0; evicts && cached[0] == 2 && i < 1000000000; i++) {
        continue;
    }
    CHECK(cached[0] == (evicts ? 3 : 2));
    CHECK(!*at(DCACHE + DCACHE_EVICTED) == !evicts);
    result(evicts ? "lines are written back and filled by themselves" :
                    "nothing is written back or filled by itself");
}

static void test_no_store_is_lost(void)
{
    uint32_t i, round;

    for (round = 0; round < 200; round++) {
        for (i = 0; i < 0x4000; i += 4) {
            *at(CACHED + 0x900000 + i) = i ^ round << 16;
        }
        for (i = 0; i < 0x4000; i += 4) {
            CHECK(*at(CACHED + 0x900000 + i) == (i ^ round << 16));
        }
    }
    result("the CPU sees what it wrote");
}

static void set_armed(uint32_t on)
{
    *at(DCACHE + DCACHE_CONTROL) = on;
    while (*at(DCACHE + DCACHE_CONTROL) != on) {
        continue;
    }
}

static void test_not_armed(void)
{
    Word *cached = at(CACHED + 0xa00000), *memory = at(UNCACHED + 0xa00000);

    CHECK(*at(DCACHE + DCACHE_MAGIC) == 0x48434344);
    CHECK(*at(DCACHE + DCACHE_CONTROL) == 0);
    cached[0] = 1;
    CHECK(memory[0] == 1);
    memory[0] = 2;
    CHECK(cached[0] == 2);
    dcimvac((uint32_t)cached);
    CHECK(cached[0] == 2);
    result("all see the same until the caches are armed");
}

static void test_disarmed(void)
{
    uint32_t line = fresh(1);
    Word *cached = at(CACHED + line), *memory = at(UNCACHED + line);

    cached[0] = 2;
    set_armed(0);
    CHECK(memory[0] == 2);
    CHECK(cached[0] == 2);
    memory[0] = 3;
    CHECK(cached[0] == 3);
    result("all see the same when they are no longer armed");
}

int main(void)
{
    map(0x10000000, 0x10000000, 0x04000000, DEVICE);
    map(0x40000000, 0x40000000, 0x02000000, NORMAL_WB);
    map(CACHED, CACHED, SIZE, NORMAL_WB);
    map(UNCACHED, CACHED, SIZE, NORMAL_NC);
    mmu_on();

    test_not_armed();
    evicts = *at(DCACHE + DCACHE_EVICT) != 0;
    set_armed(1);

    clean("DCCMVAC writes back", dccmvac);
    clean("DCCMVAU writes back", dccmvau);
    test_clean_writes_whole_line();
    test_clean_of_clean_line();
    test_same_value_is_dirty();
    test_dirty_register();
    test_invalidate_loses();
    test_invalidate_fills();
    test_clean_invalidate();
    test_through_uncached_mapping();
    test_bytes();
    test_exclusive();
    test_set_way();
    test_set_way_all();
    test_cache_off();
    test_attributes();
    test_remapped_attributes();
    test_fault();
    test_code();
    test_device();
    test_evicted();
    test_no_store_is_lost();
    test_race();
    test_disarmed();

    print("1..");
    print_number(number);
    put_char('\n');
    *at(PS_HOLD) = 0x5200;              /* output low: power off */
    return 0;
}
