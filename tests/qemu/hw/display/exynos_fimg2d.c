/*
 * Samsung FIMG2D v4.1, the 2D engine of Exynos chips
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * This file has the registers, the command lists and the bus accesses;
 * exynos_fimg2d_blit.c knows which bytes a row of a blit touches and
 * exynos_fimg2d_pixel.c what becomes of the colours.
 *
 * The engine is a machine that one timer on the virtual clock steps.  A step
 * does a row, or as much of it as is bounded, or a bounded part of the lists.
 * It may stop at any access, when the System MMU stalls it: all reads of a row
 * come before the first write, a cursor says which accesses are done, and the
 * bytes read so far are kept, so that the step goes on there later and no pixel
 * is blended twice.
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "hw/sysbus.h"
#include "hw/display/exynos_fimg2d.h"
#include "migration/vmstate.h"
#include "sysemu/dma.h"
#include "trace.h"
#include "exynos_fimg2d_blit.h"
#include "exynos_fimg2d_regs.h"

/* No access crosses such a boundary: the next page may have another mapping. */
#define ACCESS_BOUNDARY 4096

/*
 * What one step moves of a row at most, where an access counts for no less than
 * ACCESS_COST bytes.  A row that is larger takes several steps.
 */
#define BYTES_PER_STEP (64 * KiB)
#define ACCESS_COST 64

/* What the property list-prefetch can be at most. */
#define LIST_PREFETCH_MAX ACCESS_BOUNDARY

/* Words and pairs of lists that one step handles at most. */
#define UNITS_PER_STEP 64

/* From one step to the next when no rate is set. */
#define STEP_NS 1000

/* What the engine does next. */
enum {
    /* Nothing: no job runs. */
    PHASE_IDLE,
    /* Read the number of pairs of the list at list_addr. */
    PHASE_COUNT,
    /* Read the pair at list_addr and act on it. */
    PHASE_PAIR,
    /* Read the address of the next list. */
    PHASE_NEXT,
    /* End the chain of lists. */
    PHASE_END,
    /* Start the next row of the blit, or end the blit. */
    PHASE_BLIT,
    /* Read what the row needs, from the cursor on. */
    PHASE_READ,
    /* Write the row, from the cursor on. */
    PHASE_WRITE,
};

/* Which failed accesses have been logged. */
enum {
    BUS_ERROR_LIST = 1,
    BUS_ERROR_READ = 2,
    BUS_ERROR_WRITE = 4,
    /* Not an error, and never logged. */
    BUS_ERROR_AHEAD = 8,
};

struct ExynosFimg2dState {
    SysBusDevice parent_obj;

    MemoryRegion regs_mr;
    MemoryRegion test_mr;
    MemoryRegion *dma_mr;
    AddressSpace dma_as;
    qemu_irq irq;
    qemu_irq power_stuck_line;
    QEMUTimer *timer;

    uint32_t regs[R_BLIT_END];

    /* The job. */
    uint8_t phase;
    bool chain;
    bool held;
    bool halted;
    bool user_hold_done;
    bool skip_pair;
    uint8_t bus_errors;

    /* The list. */
    uint32_t list_addr;
    uint32_t pairs_left;
    uint8_t fetched[8];
    bool ahead;

    /* The blit: the registers it was started with, and what they mean. */
    uint32_t blit_regs[R_BLIT_END];
    uint32_t blit_knobs;
    Fimg2dBlit blit;
    uint32_t row;
    Fimg2dRow plan;

    /*
     * The cursor: accesses of the phase that are done.  span counts those of
     * the plan, done the bytes of the next one or of the list's word or pair.
     */
    uint32_t span;
    uint32_t done;
    uint8_t *in;
    uint32_t in_len;
    uint32_t in_allocated;
    uint8_t *out;
    uint32_t out_len;
    uint32_t out_allocated;

    /* The level of the input, and that the engine waits for it to fall. */
    bool stalled;
    bool waiting;

    /*
     * The access that the System MMU stalls.  With some knobs it outlives the
     * job: then it is an orphan, and a reset may wait for its end.
     */
    uint32_t held_addr;
    uint32_t held_len;
    bool held_write;
    uint8_t held_data[ACCESS_BOUNDARY];
    bool orphan;
    bool resetting;

    /* The levels of the other inputs. */
    bool power_off;
    bool clock_off;

    /* Bytes that the current step has moved, and may move. */
    uint64_t moved;
    int64_t budget;

    /*
     * The pages that the current step has found memory in, plus one: the last
     * it has read from and the last it has written to.
     */
    uint32_t memory_page[2];

    /* The causes of complaints that the log knows since the job was started. */
    GHashTable *logged;

    /* The test page. */
    uint32_t rate;
    uint32_t hang;
    uint32_t bytes_read;
    uint32_t bytes_written;
    uint32_t blits;
    uint32_t stalls;
    uint32_t complaints;
    bool power_stuck;
    uint32_t knobs;
    uint32_t list_prefetch;
};

/* The bits of TEST_KNOBS, each of which is a property, too. */
typedef struct Fimg2dKnob {
    const char *name;
    uint32_t mask;
    const char *description;
} Fimg2dKnob;

static const Fimg2dKnob knob_info[] = {
    {
        "overreach-read", R_TEST_KNOBS_OVERREACH_READ_MASK,
        "Read one byte beyond the end of what each operand reads of a row"
    },
    {
        "overreach-write", R_TEST_KNOBS_OVERREACH_WRITE_MASK,
        "Write one byte beyond the end of each row"
    },
    {
        "reset-waits", R_TEST_KNOBS_RESET_WAITS_MASK,
        "SOFT_RESET.R waits until the access that is stalled has been done"
    },
    {
        "replay-once", R_TEST_KNOBS_REPLAY_ONCE_MASK,
        "An access that is stalled when the engine is reset is tried once more"
    },
    {
        "replay-until-done", R_TEST_KNOBS_REPLAY_UNTIL_DONE_MASK,
        "An access that is stalled when the engine is reset is not given up"
    },
    {
        "gcmd-with-acmd", R_TEST_KNOBS_GCMD_WITH_ACMD_MASK,
        "The last list is not held, and GCMD comes together with ACMD"
    },
    {
        "scale-3-unbounded", R_TEST_KNOBS_SCALE_3_UNBOUNDED_MASK,
        "SCALE_CTRL 3 samples what lies beyond the rectangle"
    },
    {
        "gated", R_TEST_KNOBS_GATED_MASK,
        "Without clock or power the engine does nothing and does not answer"
    },
};

static const struct {
    int mask;
    const char *text;
} complaint_info[COMPLAIN_MAX] = {
    [COMPLAIN_SRC_SELECT] = { LOG_GUEST_ERROR, "SRC_SELECT is 3" },
    [COMPLAIN_SRC_FORMAT] = { LOG_GUEST_ERROR, "unknown source format" },
    [COMPLAIN_SRC_BASE] = { LOG_GUEST_ERROR, "unaligned SRC_BASE_ADDR" },
    [COMPLAIN_SRC_EMPTY] = { LOG_GUEST_ERROR, "empty source rectangle" },
    [COMPLAIN_SRC_REPEAT] = { LOG_GUEST_ERROR, "unknown SRC_REPEAT_MODE" },
    [COMPLAIN_SRC_SCALE] = { LOG_GUEST_ERROR, "SRC_SCALE_CTRL is 3" },
    [COMPLAIN_DST_SELECT] = { LOG_GUEST_ERROR, "DST_SELECT is 3" },
    [COMPLAIN_DST_FORMAT] = { LOG_GUEST_ERROR, "unknown destination format" },
    [COMPLAIN_DST_BASE] = { LOG_GUEST_ERROR, "unaligned DST_BASE_ADDR" },
    [COMPLAIN_THIRD_SELECT] = { LOG_GUEST_ERROR, "THIRD_OPERAND is 3" },
    [COMPLAIN_PAT_FORMAT] = { LOG_GUEST_ERROR, "unknown pattern format" },
    [COMPLAIN_PAT_BASE] = { LOG_GUEST_ERROR, "unaligned PAT_BASE_ADDR" },
    [COMPLAIN_MASK_MODE] = { LOG_GUEST_ERROR, "unknown MASK_MODE" },
    [COMPLAIN_MASK_BASE] = { LOG_GUEST_ERROR, "unaligned MASK_BASE_ADDR" },
    [COMPLAIN_MASK_EMPTY] = { LOG_GUEST_ERROR, "empty mask rectangle" },
    [COMPLAIN_MASK_REPEAT] = { LOG_GUEST_ERROR, "unknown MASK_REPEAT_MODE" },
    [COMPLAIN_MASK_SCALE] = { LOG_GUEST_ERROR, "MASK_SCALE_CTRL is 3" },
    [COMPLAIN_BLEND_MODE] = { LOG_GUEST_ERROR, "unknown alpha blend mode" },
    [COMPLAIN_COEFFICIENT] = { LOG_GUEST_ERROR, "unknown blend coefficient" },
    [COMPLAIN_COEFFICIENT_ALPHA] = {
        LOG_GUEST_ERROR, "unknown alpha of a blend coefficient"
    },
    [COMPLAIN_YCBCR] = { LOG_UNIMP, "YCbCr pixels are not implemented" },
    [COMPLAIN_MASK] = { LOG_UNIMP, "masks are not implemented" },
    [COMPLAIN_DITHER] = { LOG_UNIMP, "dither is not implemented" },
    [COMPLAIN_TRANSPARENT] = {
        LOG_UNIMP, "transparent modes are not implemented"
    },
    [COMPLAIN_COLOUR_KEY] = { LOG_UNIMP, "colour keys are not implemented" },
    [COMPLAIN_FADING] = { LOG_UNIMP, "fading is not implemented" },
    [COMPLAIN_WINCE] = {
        LOG_UNIMP, "WinCE source over is not implemented"
    },
    [COMPLAIN_LIGHTEN] = { LOG_UNIMP, "lighten is not implemented" },
    [COMPLAIN_DARKEN] = { LOG_UNIMP, "darken is not implemented" },
    [COMPLAIN_COEFFICIENT_MASK] = {
        LOG_UNIMP, "the mask coefficient is not implemented"
    },
    [COMPLAIN_GAMMA] = { LOG_UNIMP, "the gamma table is not implemented" },
};

/* Count each complaint, and log the first one of each cause in a job. */
static void G_GNUC_PRINTF(4, 5)
fimg2d_complain_of(ExynosFimg2dState *s, int mask, const void *cause,
                   const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    s->complaints++;
    if (!g_hash_table_add(s->logged, (gpointer)cause) ||
        !qemu_loglevel_mask(mask)) {
        return;
    }
    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    qemu_log("exynos-fimg2d: %s\n", text);
}

/* The text is the cause. */
#define fimg2d_complain(s, mask, fmt, ...) \
    fimg2d_complain_of(s, mask, fmt, fmt, ## __VA_ARGS__)

static void fimg2d_update_irq(ExynosFimg2dState *s)
{
    int level = !!(s->regs[R_INTEN] & s->regs[R_INTC_PEND] &
                   R_INTC_PEND_ALL_MASK);

    trace_exynos_fimg2d_irq(s->regs[R_INTEN], s->regs[R_INTC_PEND], level);
    qemu_set_irq(s->irq, level);
}

static void fimg2d_pend(ExynosFimg2dState *s, uint32_t cause)
{
    s->regs[R_INTC_PEND] |= cause;
    fimg2d_update_irq(s);
}

static void fimg2d_hold(ExynosFimg2dState *s, uint32_t cause)
{
    trace_exynos_fimg2d_hold(cause);
    s->held = true;
    fimg2d_pend(s, cause);
}

/*
 * Steps
 */

/* What the engine lacks to do anything, if a knob says that it needs it. */
static const char *fimg2d_lacks(ExynosFimg2dState *s)
{
    if (!FIELD_EX32(s->knobs, TEST_KNOBS, GATED)) {
        return NULL;
    }
    return s->power_off ? "power" : s->clock_off ? "clock" : NULL;
}

static bool fimg2d_can_step(ExynosFimg2dState *s)
{
    if (fimg2d_lacks(s)) {
        return false;
    }
    if (s->orphan) {
        return !s->stalled;
    }
    return s->phase != PHASE_IDLE && !s->held && !s->waiting && !s->hang &&
           !(s->halted && s->phase == PHASE_PAIR && s->pairs_left);
}

static void fimg2d_kick(ExynosFimg2dState *s)
{
    int64_t ns = STEP_NS;

    if (s->rate) {
        ns = MAX(DIV_ROUND_UP(s->moved * 1000, s->rate), 1);
    }
    s->moved = 0;
    if (fimg2d_can_step(s) && !timer_pending(s->timer)) {
        timer_mod(s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + ns);
    }
}

/*
 * The bus
 */

static void fimg2d_stall(ExynosFimg2dState *s, uint32_t addr,
                         const uint8_t *buf, uint32_t len, bool is_write)
{
    trace_exynos_fimg2d_stall(addr, is_write);
    s->waiting = true;
    s->stalls++;
    if (s->orphan) {
        return;
    }
    s->held_addr = addr;
    s->held_len = len;
    s->held_write = is_write;
    if (is_write) {
        memcpy(s->held_data, buf, len);
    }
}

static void fimg2d_bus_error(ExynosFimg2dState *s, uint32_t addr, unsigned kind)
{
    const char *what = kind == BUS_ERROR_LIST ? "read a list from" :
                       kind == BUS_ERROR_READ ? "read from" : "write to";

    trace_exynos_fimg2d_bus_error(addr, kind);
    if (kind != BUS_ERROR_AHEAD && !(s->bus_errors & kind)) {
        s->bus_errors |= kind;
        fimg2d_complain_of(s, LOG_GUEST_ERROR, what, "no memory to %s at 0x%08"
                           PRIx32, what, addr);
    }
}

/*
 * Is there memory for an access?  If that cannot be told without making it, it
 * may be made.  What is done to anything else, such as writing to a ROM, would
 * be logged word by word.
 */
static bool fimg2d_may_access(ExynosFimg2dState *s, uint32_t addr,
                              bool is_write)
{
    IOMMUMemoryRegion *iommu = memory_region_get_iommu(s->dma_mr);
    const MemTxAttrs attrs = { .memory = 1 };
    AddressSpace *as = &s->dma_as;
    hwaddr at = addr, len = 1;
    MemoryRegion *mr;

    if (s->memory_page[is_write] == addr / ACCESS_BOUNDARY + 1) {
        return true;
    }
    if (iommu) {
        IOMMUMemoryRegionClass *imrc = IOMMU_MEMORY_REGION_GET_CLASS(iommu);
        IOMMUTLBEntry entry = imrc->translate(iommu, addr, IOMMU_NONE, 0);

        if (!(entry.perm & IOMMU_ACCESS_FLAG(!is_write, is_write))) {
            return true;
        }
        as = entry.target_as;
        at = (entry.translated_addr & ~entry.addr_mask) |
             (addr & entry.addr_mask);
    }
    RCU_READ_LOCK_GUARD();
    mr = address_space_translate(as, at, &at, &len, is_write, attrs);
    if (!memory_region_is_ram(mr) || (is_write && memory_region_is_rom(mr))) {
        return false;
    }
    s->memory_page[is_write] = addr / ACCESS_BOUNDARY + 1;
    return true;
}

static MemTxResult fimg2d_memory_rw(ExynosFimg2dState *s, uint32_t addr,
                                    uint8_t *buf, uint32_t len, bool is_write)
{
    const MemTxAttrs attrs = { .memory = 1 };

    if (!fimg2d_may_access(s, addr, is_write)) {
        return MEMTX_DECODE_ERROR;
    }
    return dma_memory_rw(&s->dma_as, addr, buf, len,
                         is_write ? DMA_DIRECTION_FROM_DEVICE :
                                    DMA_DIRECTION_TO_DEVICE, attrs);
}

/* One access of up to a page; false when it has to be tried again later. */
static bool fimg2d_access(ExynosFimg2dState *s, uint32_t addr, uint8_t *buf,
                          uint32_t len, unsigned kind)
{
    bool is_write = kind == BUS_ERROR_WRITE;

    if (!s->stalled &&
        fimg2d_memory_rw(s, addr, buf, len, is_write) == MEMTX_OK) {
        return true;
    }
    if (s->stalled) {
        fimg2d_stall(s, addr, buf, len, is_write);
        return false;
    }
    fimg2d_bus_error(s, addr, kind);
    if (!is_write) {
        memset(buf, 0, len);
    }
    return true;
}

/*
 * Access @len bytes, of which s->done have been; false as above, or when it has
 * to go on in another step.
 */
static bool fimg2d_access_bytes(ExynosFimg2dState *s, uint32_t addr,
                                uint8_t *buf, uint32_t len, unsigned kind)
{
    while (s->done < len) {
        uint32_t at = addr + s->done;
        uint32_t n = MIN(len - s->done,
                         ACCESS_BOUNDARY - at % ACCESS_BOUNDARY);

        if (kind & (BUS_ERROR_READ | BUS_ERROR_WRITE) && s->budget <= 0) {
            return false;
        }
        if (!fimg2d_access(s, at, buf + s->done, n, kind)) {
            return false;
        }
        s->budget -= MAX(n, ACCESS_COST);
        s->done += n;
    }
    s->done = 0;
    return true;
}

/* Do what the plan lists, from the cursor on; false as above. */
static bool fimg2d_access_plan(ExynosFimg2dState *s, const Fimg2dPlan *p,
                               uint8_t *buf, unsigned kind)
{
    for (; s->span < p->spans; s->span++) {
        const Fimg2dSpan *span = &p->span[s->span];

        if (!fimg2d_access_bytes(s, span->addr, buf + span->pos, span->len,
                                 kind)) {
            return false;
        }
    }
    s->span = 0;
    s->moved += p->counted;
    return true;
}

/*
 * Blits
 */

/* What the copies of registers and knobs ask for. */
static void fimg2d_decode(ExynosFimg2dState *s)
{
    fimg2d_blit_decode(&s->blit, s->blit_regs);
    s->blit.overreach_read = FIELD_EX32(s->blit_knobs, TEST_KNOBS,
                                        OVERREACH_READ);
    s->blit.overreach_write = FIELD_EX32(s->blit_knobs, TEST_KNOBS,
                                         OVERREACH_WRITE);
    if (!FIELD_EX32(s->blit_knobs, TEST_KNOBS, SCALE_3_UNBOUNDED)) {
        s->blit.src.unbounded = false;
        s->blit.mask.unbounded = false;
    }
}

static void fimg2d_blit_start(ExynosFimg2dState *s, bool chain)
{
    unsigned i;

    memcpy(s->blit_regs, s->regs, sizeof(s->blit_regs));
    s->blit_knobs = s->knobs;
    fimg2d_decode(s);
    trace_exynos_fimg2d_blit(s->regs[R_BITBLT_COMMAND],
                             s->regs[R_DST_LEFT_TOP],
                             s->regs[R_DST_RIGHT_BOTTOM], s->blit.columns,
                             s->blit.rows);
    for (i = 0; i < COMPLAIN_MAX; i++) {
        if (s->blit.complaints & BIT_ULL(i)) {
            fimg2d_complain_of(s, complaint_info[i].mask, &complaint_info[i],
                               "%s", complaint_info[i].text);
        }
    }

    s->chain = chain;
    s->bus_errors &= ~(BUS_ERROR_READ | BUS_ERROR_WRITE);
    s->row = s->blit.row;
    s->phase = PHASE_BLIT;
}

static void fimg2d_blit_end(ExynosFimg2dState *s)
{
    uint32_t status = s->regs[R_DMA_STATUS];
    uint32_t count = FIELD_EX32(status, DMA_STATUS, BLITS) + 1;

    trace_exynos_fimg2d_blit_end(count);
    s->blits++;
    s->regs[R_DMA_STATUS] = deposit32(status, R_DMA_STATUS_BLITS_SHIFT,
                                      R_DMA_STATUS_BLITS_LENGTH, count);
    if (!s->chain) {
        s->phase = PHASE_IDLE;
        fimg2d_pend(s, R_INTC_PEND_SCMD_MASK);
        return;
    }
    s->phase = PHASE_PAIR;
    if (ARRAY_FIELD_EX32(s->regs, DMA_HOLD_CMD, BITBLT)) {
        fimg2d_hold(s, R_INTC_PEND_SCMD_MASK);
    }
}

static void fimg2d_reserve(uint8_t **buf, uint32_t *allocated, uint32_t len)
{
    if (*allocated < len) {
        g_free(*buf);
        *buf = g_malloc(len);
        *allocated = len;
    }
}

static void fimg2d_row_start(ExynosFimg2dState *s)
{
    fimg2d_row_plan(&s->plan, &s->blit, s->row);
    s->in_len = s->plan.reads.len;
    s->out_len = s->plan.writes.len;
    fimg2d_reserve(&s->in, &s->in_allocated, s->in_len);
    fimg2d_reserve(&s->out, &s->out_allocated, s->out_len);
    s->span = 0;
    s->done = 0;
    s->phase = PHASE_READ;
}

static void fimg2d_row_step(ExynosFimg2dState *s)
{
    const Fimg2dPlan *reads = &s->plan.reads;
    const Fimg2dPlan *writes = &s->plan.writes;

    if (s->phase == PHASE_READ) {
        if (!fimg2d_access_plan(s, reads, s->in, BUS_ERROR_READ)) {
            return;
        }
        s->bytes_read += reads->counted;
        fimg2d_row_compute(&s->plan, &s->blit, s->in, s->out);
        s->phase = PHASE_WRITE;
    }
    if (!fimg2d_access_plan(s, writes, s->out, BUS_ERROR_WRITE)) {
        return;
    }
    s->bytes_written += writes->counted;
    trace_exynos_fimg2d_row(s->row, reads->counted, writes->counted);
    s->in_len = 0;
    s->out_len = 0;
    s->row++;
    s->phase = PHASE_BLIT;
}

/*
 * Registers that lists and the CPU write
 */

static bool fimg2d_has_register(uint32_t offset)
{
    static const struct {
        uint16_t first, last;
    } ranges[] = {
        { A_SOFT_RESET, A_INTEN },
        { A_INTC_PEND, A_AXI_MODE },
        { A_DMA_SFR_BASE_ADDR, A_DMA_HOLD_CMD },
        { A_BITBLT_START, A_ROUND_MODE },
        { A_ROTATE, A_DST_PAT_DIRECT },
        { A_SRC_SELECT, A_SRC_YSCALE },
        { A_DST_SELECT, A_DST_A8_RGB_EXT },
        { A_PAT_BASE_ADDR, A_PAT_STRIDE },
        { A_MASK_BASE_ADDR, A_MASK_YSCALE },
        { A_CW_LT, A_CW_RB },
        { A_THIRD_OPERAND, A_ALPHA },
        { A_FG_COLOR, A_COLOUR_KEY_LAST },
        { A_GAMMA_FIRST, A_GAMMA_LAST },
    };
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(ranges); i++) {
        if (offset >= ranges[i].first && offset <= ranges[i].last) {
            return offset % 4 == 0;
        }
    }
    return false;
}

static void fimg2d_sfr_clear(ExynosFimg2dState *s)
{
    memset(&s->regs[R_BITBLT_START], 0,
           (R_BLIT_END - R_BITBLT_START) * sizeof(s->regs[0]));
    s->regs[R_SRC_SELECT] = SELECT_FG;
    s->regs[R_DST_SELECT] = SELECT_FG;
    s->regs[R_BLEND_FUNCTION] = BLEND_FUNCTION_RESET;
    s->regs[R_ROUND_MODE] = ROUND_MODE_RESET;
}

/* A write that means the same wherever it comes from. */
static void fimg2d_write_common(ExynosFimg2dState *s, uint32_t offset,
                                uint32_t value)
{
    if (!fimg2d_has_register(offset)) {
        fimg2d_complain(s, LOG_UNIMP, "no register 0x%03" PRIx32
                        " to write 0x%08" PRIx32 " to", offset, value);
        return;
    }

    switch (offset) {
    case A_SOFT_RESET:
        if (FIELD_EX32(value, SOFT_RESET, SFRCLEAR)) {
            fimg2d_sfr_clear(s);
        }
        break;
    case A_INTEN:
        s->regs[R_INTEN] = value;
        fimg2d_update_irq(s);
        break;
    case A_INTC_PEND:
        s->regs[R_INTC_PEND] &= ~value;
        fimg2d_update_irq(s);
        break;
    case A_CACHECTL:
        break;
    case A_FIFO_STAT:
    case A_DMA_STATUS:
        fimg2d_complain(s, LOG_GUEST_ERROR, "read-only register 0x%03" PRIx32
                        " written", offset);
        break;
    default:
        s->regs[offset / 4] = value;
    }
}

/*
 * Lists
 */

/* Read @len bytes of the list; false when that has to go on later. */
static bool fimg2d_fetch(ExynosFimg2dState *s, uint32_t len)
{
    uint8_t unused[LIST_PREFETCH_MAX];

    if (!s->ahead) {
        if (!fimg2d_access_bytes(s, s->list_addr, s->fetched, len,
                                 BUS_ERROR_LIST)) {
            return false;
        }
        s->ahead = true;
    }
    if (!fimg2d_access_bytes(s, s->list_addr + len, unused, s->list_prefetch,
                             BUS_ERROR_AHEAD)) {
        return false;
    }
    s->ahead = false;
    s->list_addr += len;
    s->moved += len;
    return true;
}

static void fimg2d_list_start(ExynosFimg2dState *s, uint32_t addr)
{
    s->list_addr = addr & ~3;
    s->user_hold_done = false;
    s->bus_errors &= ~BUS_ERROR_LIST;
    s->phase = PHASE_COUNT;
}

static void fimg2d_list_count(ExynosFimg2dState *s)
{
    if (ARRAY_FIELD_EX32(s->regs, DMA_HOLD_CMD, USER) && !s->user_hold_done) {
        s->user_hold_done = true;
        fimg2d_hold(s, R_INTC_PEND_UCMD_MASK);
        return;
    }
    if (fimg2d_fetch(s, 4)) {
        s->pairs_left = ldl_le_p(s->fetched);
        s->phase = PHASE_PAIR;
        trace_exynos_fimg2d_list(s->list_addr - 4, s->pairs_left);
    }
}

static void fimg2d_list_write(ExynosFimg2dState *s, uint32_t offset,
                              uint32_t value)
{
    trace_exynos_fimg2d_list_write(offset, value);
    if (s->skip_pair) {
        s->skip_pair = false;
        return;
    }

    switch (offset) {
    case A_SOFT_RESET:
        if (FIELD_EX32(value, SOFT_RESET, R)) {
            fimg2d_complain(s, LOG_GUEST_ERROR, "SOFT_RESET.R in a list");
        }
        s->skip_pair = FIELD_EX32(value, SOFT_RESET, SFRCLEAR);
        fimg2d_write_common(s, offset, value);
        break;
    case A_DMA_SFR_BASE_ADDR:
    case A_DMA_COMMAND:
        fimg2d_complain(s, LOG_GUEST_ERROR, "register 0x%03" PRIx32
                        " written in a list", offset);
        break;
    case A_BITBLT_START:
        if (FIELD_EX32(value, BITBLT_START, START)) {
            fimg2d_blit_start(s, true);
        }
        break;
    default:
        fimg2d_write_common(s, offset, value);
    }
}

static void fimg2d_list_pair(ExynosFimg2dState *s)
{
    if (!s->pairs_left) {
        s->phase = PHASE_NEXT;
    } else if (fimg2d_fetch(s, 8)) {
        s->pairs_left--;
        fimg2d_list_write(s, ldl_le_p(s->fetched) & 0xfff,
                          ldl_le_p(s->fetched + 4));
    }
}

static void fimg2d_chain_end(ExynosFimg2dState *s, uint32_t causes)
{
    s->phase = PHASE_IDLE;
    s->halted = false;
    s->regs[R_DMA_STATUS] |= R_DMA_STATUS_DONE_MASK;
    fimg2d_pend(s, causes);
}

static void fimg2d_list_next(ExynosFimg2dState *s)
{
    bool hold = ARRAY_FIELD_EX32(s->regs, DMA_HOLD_CMD, LIST);
    uint32_t status = s->regs[R_DMA_STATUS];
    uint32_t count = FIELD_EX32(status, DMA_STATUS, LISTS) + 1;
    uint32_t next;

    if (!fimg2d_fetch(s, 4)) {
        return;
    }
    next = ldl_le_p(s->fetched) & ~3;
    trace_exynos_fimg2d_list_end(count, next);
    s->regs[R_DMA_STATUS] = deposit32(status, R_DMA_STATUS_LISTS_SHIFT,
                                      R_DMA_STATUS_LISTS_LENGTH, count);
    if (next) {
        fimg2d_list_start(s, next);
    } else if (hold && FIELD_EX32(s->knobs, TEST_KNOBS, GCMD_WITH_ACMD)) {
        fimg2d_chain_end(s, R_INTC_PEND_GCMD_MASK | R_INTC_PEND_ACMD_MASK);
        return;
    } else {
        s->phase = PHASE_END;
    }
    if (hold) {
        fimg2d_hold(s, R_INTC_PEND_GCMD_MASK);
    }
}

/* What SOFT_RESET.R does, but for the lines. */
static void fimg2d_reset_registers(ExynosFimg2dState *s)
{
    timer_del(s->timer);
    g_hash_table_remove_all(s->logged);
    memset(s->regs, 0, sizeof(s->regs));
    s->regs[R_AXI_MODE] = AXI_MODE_RESET;
    fimg2d_sfr_clear(s);
    s->phase = PHASE_IDLE;
    s->chain = false;
    s->held = false;
    s->halted = false;
    s->user_hold_done = false;
    s->skip_pair = false;
    s->bus_errors = 0;
    s->list_addr = 0;
    s->pairs_left = 0;
    s->ahead = false;
    s->row = 0;
    s->span = 0;
    s->done = 0;
    s->in_len = 0;
    s->out_len = 0;
    s->waiting = false;
    s->resetting = false;
    s->moved = 0;
}

static void fimg2d_soft_reset(ExynosFimg2dState *s)
{
    fimg2d_reset_registers(s);
    fimg2d_update_irq(s);
    /* An orphan is not a part of what is reset. */
    fimg2d_kick(s);
}

/* Try the access of a job again that has been reset, or is to be. */
static void fimg2d_orphan_step(ExynosFimg2dState *s)
{
    fimg2d_memory_rw(s, s->held_addr, s->held_data, s->held_len,
                     s->held_write);
    trace_exynos_fimg2d_orphan(s->held_addr, s->held_write, s->stalled);
    if (s->stalled) {
        s->stalls++;
        s->orphan = s->resetting ||
                    FIELD_EX32(s->knobs, TEST_KNOBS, REPLAY_UNTIL_DONE);
        return;
    }
    s->orphan = false;
    if (s->resetting) {
        fimg2d_soft_reset(s);
    }
}

static void fimg2d_step(void *opaque)
{
    ExynosFimg2dState *s = opaque;
    bool row = false;
    unsigned i;

    s->budget = BYTES_PER_STEP;
    s->memory_page[false] = 0;
    s->memory_page[true] = 0;
    if (s->orphan && fimg2d_can_step(s)) {
        fimg2d_orphan_step(s);
        fimg2d_kick(s);
        return;
    }
    for (i = 0; i < UNITS_PER_STEP && !row && fimg2d_can_step(s); i++) {
        switch (s->phase) {
        case PHASE_COUNT:
            fimg2d_list_count(s);
            break;
        case PHASE_PAIR:
            fimg2d_list_pair(s);
            break;
        case PHASE_NEXT:
            fimg2d_list_next(s);
            break;
        case PHASE_END:
            fimg2d_chain_end(s, R_INTC_PEND_ACMD_MASK);
            break;
        case PHASE_BLIT:
            if (s->row == s->blit.row + s->blit.rows) {
                fimg2d_blit_end(s);
                break;
            }
            fimg2d_row_start(s);
            /* fall through */
        case PHASE_READ:
        case PHASE_WRITE:
            fimg2d_row_step(s);
            row = true;
            break;
        default:
            g_assert_not_reached();
        }
    }
    fimg2d_kick(s);
}

/*
 * The CPU's side
 */

static void fimg2d_command(ExynosFimg2dState *s, uint32_t value)
{
    if (FIELD_EX32(value, DMA_COMMAND, START)) {
        if (s->phase == PHASE_IDLE) {
            s->regs[R_DMA_STATUS] = 0;
            s->regs[R_INTC_PEND] &= ~R_INTC_PEND_ACMD_MASK;
            fimg2d_update_irq(s);
            g_hash_table_remove_all(s->logged);
            s->chain = true;
            s->skip_pair = false;
            fimg2d_list_start(s, s->regs[R_DMA_SFR_BASE_ADDR]);
        } else {
            fimg2d_complain(s, LOG_GUEST_ERROR, "START while a job runs");
        }
    }
    if (FIELD_EX32(value, DMA_COMMAND, CONTINUE)) {
        s->held = false;
        s->halted = false;
    }
    if (FIELD_EX32(value, DMA_COMMAND, HALT)) {
        s->halted = s->phase != PHASE_IDLE && s->chain;
    }
    fimg2d_kick(s);
}

/* What SOFT_RESET.R does, unless the engine hangs for good. */
static void fimg2d_request_reset(ExynosFimg2dState *s)
{
    const uint32_t outlives = R_TEST_KNOBS_RESET_WAITS_MASK |
                              R_TEST_KNOBS_REPLAY_ONCE_MASK |
                              R_TEST_KNOBS_REPLAY_UNTIL_DONE_MASK;

    if (s->resetting) {
        return;
    }
    if (s->stalled && s->waiting && s->knobs & outlives) {
        s->orphan = true;
        if (FIELD_EX32(s->knobs, TEST_KNOBS, RESET_WAITS)) {
            s->resetting = true;
            return;
        }
    }
    fimg2d_soft_reset(s);
}

/* What also makes an end of the access that is stalled. */
static void fimg2d_hard_reset(ExynosFimg2dState *s)
{
    s->orphan = false;
    fimg2d_soft_reset(s);
}

/* A reset ends HANG_UNTIL_RESET; false if the engine does not heed it. */
static bool fimg2d_hang_reset(ExynosFimg2dState *s)
{
    if (s->hang == HANG_UNTIL_RESET) {
        s->hang = HANG_NONE;
    }
    return !s->hang;
}

static uint64_t fimg2d_read(void *opaque, hwaddr offset, unsigned size)
{
    ExynosFimg2dState *s = opaque;
    const char *lacks = fimg2d_lacks(s);
    uint32_t value = 0;

    if (lacks) {
        fimg2d_complain(s, LOG_GUEST_ERROR, "register 0x%03" HWADDR_PRIx
                        " read without %s", offset, lacks);
    } else if (offset == A_FIFO_STAT) {
        value = FIELD_DP32(0, FIFO_STAT, IDLE, s->phase == PHASE_IDLE);
    } else if (fimg2d_has_register(offset)) {
        value = s->regs[offset / 4];
    }
    trace_exynos_fimg2d_read(offset, value);
    return value;
}

static void fimg2d_write(void *opaque, hwaddr offset, uint64_t value,
                         unsigned size)
{
    ExynosFimg2dState *s = opaque;
    const char *lacks = fimg2d_lacks(s);

    trace_exynos_fimg2d_write(offset, value);
    if (lacks) {
        fimg2d_complain(s, LOG_GUEST_ERROR, "register 0x%03" HWADDR_PRIx
                        " written without %s", offset, lacks);
        return;
    }
    switch (offset) {
    case A_SOFT_RESET:
        if (FIELD_EX32(value, SOFT_RESET, R) && fimg2d_hang_reset(s)) {
            fimg2d_request_reset(s);
        }
        fimg2d_write_common(s, offset, value);
        break;
    case A_DMA_COMMAND:
        fimg2d_command(s, value);
        break;
    case A_BITBLT_START:
        if (!FIELD_EX32(value, BITBLT_START, START)) {
            break;
        }
        if (s->phase == PHASE_IDLE) {
            g_hash_table_remove_all(s->logged);
            fimg2d_blit_start(s, false);
            fimg2d_kick(s);
        } else {
            fimg2d_complain(s, LOG_GUEST_ERROR,
                            "BITBLT_START while a job runs");
        }
        break;
    default:
        fimg2d_write_common(s, offset, value);
    }
}

static const MemoryRegionOps fimg2d_ops = {
    .read = fimg2d_read,
    .write = fimg2d_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

static void fimg2d_set_power_stuck(ExynosFimg2dState *s, bool stuck)
{
    s->power_stuck = stuck;
    qemu_set_irq(s->power_stuck_line, stuck);
}

static void fimg2d_set_knobs(ExynosFimg2dState *s, uint32_t knobs)
{
    s->knobs = knobs;
    /* It may be what the engine has waited for. */
    fimg2d_kick(s);
}

static uint32_t fimg2d_all_knobs(void)
{
    uint32_t mask = 0;
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(knob_info); i++) {
        mask |= knob_info[i].mask;
    }
    return mask;
}

static uint64_t fimg2d_test_read(void *opaque, hwaddr offset, unsigned size)
{
    ExynosFimg2dState *s = opaque;

    switch (offset) {
    case A_TEST_MAGIC:
        return FIMG2D_TEST_MAGIC;
    case A_TEST_RATE:
        return s->rate;
    case A_TEST_HANG:
        return s->hang;
    case A_TEST_BYTES_READ:
        return s->bytes_read;
    case A_TEST_BYTES_WRITE:
        return s->bytes_written;
    case A_TEST_BLITS:
        return s->blits;
    case A_TEST_STALLS:
        return s->stalls;
    case A_TEST_COMPLAINTS:
        return s->complaints;
    case A_TEST_POWER_STUCK:
        return s->power_stuck;
    case A_TEST_KNOBS:
        return s->knobs;
    case A_TEST_LIST_PREFETCH:
        return s->list_prefetch;
    default:
        return 0;
    }
}

static void fimg2d_test_write(void *opaque, hwaddr offset, uint64_t value,
                              unsigned size)
{
    ExynosFimg2dState *s = opaque;

    trace_exynos_fimg2d_test_write(offset, value);
    switch (offset) {
    case A_TEST_RATE:
        s->rate = value;
        break;
    case A_TEST_HANG:
        if (value > HANG_FOR_GOOD) {
            fimg2d_complain(s, LOG_GUEST_ERROR, "no way 0x%" PRIx64 " to hang",
                            value);
            break;
        }
        s->hang = value;
        fimg2d_kick(s);
        break;
    case A_TEST_BYTES_READ:
        s->bytes_read = 0;
        break;
    case A_TEST_BYTES_WRITE:
        s->bytes_written = 0;
        break;
    case A_TEST_BLITS:
        s->blits = 0;
        break;
    case A_TEST_STALLS:
        s->stalls = 0;
        break;
    case A_TEST_COMPLAINTS:
        s->complaints = 0;
        break;
    case A_TEST_POWER_STUCK:
        if (value > 1) {
            fimg2d_complain(s, LOG_GUEST_ERROR, "no way 0x%" PRIx64
                            " for the power to be stuck", value);
            break;
        }
        fimg2d_set_power_stuck(s, value);
        break;
    case A_TEST_KNOBS:
        if (value & ~fimg2d_all_knobs()) {
            fimg2d_complain(s, LOG_GUEST_ERROR, "no knobs 0x%" PRIx64, value);
            break;
        }
        fimg2d_set_knobs(s, value);
        break;
    case A_TEST_LIST_PREFETCH:
        if (value > LIST_PREFETCH_MAX) {
            fimg2d_complain(s, LOG_GUEST_ERROR, "0x%" PRIx64
                            " bytes are too many to read ahead", value);
            break;
        }
        s->list_prefetch = value;
        break;
    default:
        fimg2d_complain(s, LOG_GUEST_ERROR, "nothing to write at 0x%03"
                        HWADDR_PRIx " of the test page", offset);
    }
}

static const MemoryRegionOps fimg2d_test_ops = {
    .read = fimg2d_test_read,
    .write = fimg2d_test_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

static void fimg2d_stalled(void *opaque, int n, int level)
{
    ExynosFimg2dState *s = opaque;

    s->stalled = level;
    if (!level && s->waiting) {
        trace_exynos_fimg2d_retry();
        s->waiting = false;
    }
    fimg2d_kick(s);
}

static void fimg2d_power_off(void *opaque, int n, int level)
{
    ExynosFimg2dState *s = opaque;

    s->power_off = level;
    if (level) {
        trace_exynos_fimg2d_power_off();
        fimg2d_hang_reset(s);
        fimg2d_hard_reset(s);
    }
}

static void fimg2d_clock_off(void *opaque, int n, int level)
{
    ExynosFimg2dState *s = opaque;

    s->clock_off = level;
    fimg2d_kick(s);
}

static void fimg2d_reset_enter(Object *obj, ResetType type)
{
    ExynosFimg2dState *s = EXYNOS_FIMG2D(obj);

    /* Inputs keep the levels that their drivers give them. */
    s->orphan = false;
    fimg2d_reset_registers(s);
    s->rate = 0;
    s->hang = HANG_NONE;
    s->bytes_read = 0;
    s->bytes_written = 0;
    s->blits = 0;
    s->stalls = 0;
    s->complaints = 0;
    s->power_stuck = false;
}

static void fimg2d_reset_hold(Object *obj)
{
    ExynosFimg2dState *s = EXYNOS_FIMG2D(obj);

    fimg2d_update_irq(s);
    fimg2d_set_power_stuck(s, false);
}

static void fimg2d_free_row(ExynosFimg2dState *s)
{
    fimg2d_row_free(&s->plan);
    g_free(s->in);
    g_free(s->out);
    s->in = NULL;
    s->out = NULL;
    s->in_allocated = 0;
    s->out_allocated = 0;
}

static int fimg2d_pre_load(void *opaque)
{
    fimg2d_free_row(opaque);
    return 0;
}

/* Is the cursor somewhere in the plan? */
static bool fimg2d_cursor_is_sane(ExynosFimg2dState *s, const Fimg2dPlan *p)
{
    return s->span < p->spans ? s->done < p->span[s->span].len :
                                s->span == p->spans && s->done == 0;
}

static int fimg2d_post_load(void *opaque, int version_id)
{
    ExynosFimg2dState *s = opaque;
    Fimg2dRow *plan = &s->plan;
    uint32_t end;

    s->in_allocated = s->in_len;
    s->out_allocated = s->out_len;

    if (s->list_prefetch > LIST_PREFETCH_MAX || s->held_len > ACCESS_BOUNDARY ||
        s->hang > HANG_FOR_GOOD) {
        return -EINVAL;
    }
    switch (s->phase) {
    case PHASE_IDLE:
    case PHASE_COUNT:
    case PHASE_NEXT:
    case PHASE_END:
    case PHASE_PAIR:
        return s->done < (s->ahead ? LIST_PREFETCH_MAX : sizeof(s->fetched)) ?
               0 : -EINVAL;
    case PHASE_BLIT:
    case PHASE_READ:
    case PHASE_WRITE:
        break;
    default:
        return -EINVAL;
    }

    fimg2d_decode(s);
    end = s->blit.row + s->blit.rows;
    if (s->row < s->blit.row || s->row > end) {
        return -EINVAL;
    }
    if (s->phase == PHASE_BLIT) {
        return 0;
    }
    if (s->row == end) {
        return -EINVAL;
    }
    fimg2d_row_plan(plan, &s->blit, s->row);
    if (s->in_len != plan->reads.len || s->out_len != plan->writes.len) {
        return -EINVAL;
    }
    if (!fimg2d_cursor_is_sane(s, s->phase == PHASE_READ ? &plan->reads :
                                                           &plan->writes)) {
        return -EINVAL;
    }
    return 0;
}

static const VMStateDescription vmstate_fimg2d = {
    .name = TYPE_EXYNOS_FIMG2D,
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_load = fimg2d_pre_load,
    .post_load = fimg2d_post_load,
    .fields = (VMStateField[]) {
        VMSTATE_TIMER_PTR(timer, ExynosFimg2dState),
        VMSTATE_UINT32_ARRAY(regs, ExynosFimg2dState, R_BLIT_END),
        VMSTATE_UINT8(phase, ExynosFimg2dState),
        VMSTATE_BOOL(chain, ExynosFimg2dState),
        VMSTATE_BOOL(held, ExynosFimg2dState),
        VMSTATE_BOOL(halted, ExynosFimg2dState),
        VMSTATE_BOOL(user_hold_done, ExynosFimg2dState),
        VMSTATE_BOOL(skip_pair, ExynosFimg2dState),
        VMSTATE_UINT8(bus_errors, ExynosFimg2dState),
        VMSTATE_UINT32(list_addr, ExynosFimg2dState),
        VMSTATE_UINT32(pairs_left, ExynosFimg2dState),
        VMSTATE_UINT8_ARRAY(fetched, ExynosFimg2dState, 8),
        VMSTATE_BOOL(ahead, ExynosFimg2dState),
        VMSTATE_UINT32_ARRAY(blit_regs, ExynosFimg2dState, R_BLIT_END),
        VMSTATE_UINT32(blit_knobs, ExynosFimg2dState),
        VMSTATE_UINT32(row, ExynosFimg2dState),
        VMSTATE_UINT32(span, ExynosFimg2dState),
        VMSTATE_UINT32(done, ExynosFimg2dState),
        VMSTATE_UINT32(in_len, ExynosFimg2dState),
        VMSTATE_UINT32(out_len, ExynosFimg2dState),
        VMSTATE_VBUFFER_ALLOC_UINT32(in, ExynosFimg2dState, 1, NULL, in_len),
        VMSTATE_VBUFFER_ALLOC_UINT32(out, ExynosFimg2dState, 1, NULL, out_len),
        VMSTATE_BOOL(stalled, ExynosFimg2dState),
        VMSTATE_BOOL(waiting, ExynosFimg2dState),
        VMSTATE_UINT32(held_addr, ExynosFimg2dState),
        VMSTATE_UINT32(held_len, ExynosFimg2dState),
        VMSTATE_BOOL(held_write, ExynosFimg2dState),
        VMSTATE_UINT8_ARRAY(held_data, ExynosFimg2dState, ACCESS_BOUNDARY),
        VMSTATE_BOOL(orphan, ExynosFimg2dState),
        VMSTATE_BOOL(resetting, ExynosFimg2dState),
        VMSTATE_BOOL(power_off, ExynosFimg2dState),
        VMSTATE_BOOL(clock_off, ExynosFimg2dState),
        VMSTATE_UINT32(rate, ExynosFimg2dState),
        VMSTATE_UINT32(hang, ExynosFimg2dState),
        VMSTATE_UINT32(bytes_read, ExynosFimg2dState),
        VMSTATE_UINT32(bytes_written, ExynosFimg2dState),
        VMSTATE_UINT32(blits, ExynosFimg2dState),
        VMSTATE_UINT32(stalls, ExynosFimg2dState),
        VMSTATE_UINT32(complaints, ExynosFimg2dState),
        VMSTATE_BOOL(power_stuck, ExynosFimg2dState),
        VMSTATE_UINT32(knobs, ExynosFimg2dState),
        VMSTATE_UINT32(list_prefetch, ExynosFimg2dState),
        VMSTATE_END_OF_LIST()
    }
};

static void fimg2d_init(Object *obj)
{
    ExynosFimg2dState *s = EXYNOS_FIMG2D(obj);
    SysBusDevice *sbd = SYS_BUS_DEVICE(obj);

    s->logged = g_hash_table_new(NULL, NULL);
    memory_region_init_io(&s->regs_mr, obj, &fimg2d_ops, s,
                          TYPE_EXYNOS_FIMG2D, EXYNOS_FIMG2D_MMIO_SIZE);
    memory_region_init_io(&s->test_mr, obj, &fimg2d_test_ops, s,
                          TYPE_EXYNOS_FIMG2D "-test", EXYNOS_FIMG2D_MMIO_SIZE);
    sysbus_init_mmio(sbd, &s->regs_mr);
    sysbus_init_mmio(sbd, &s->test_mr);
    sysbus_init_irq(sbd, &s->irq);
    qdev_init_gpio_in_named(DEVICE(obj), fimg2d_stalled, "stalled", 1);
    qdev_init_gpio_in_named(DEVICE(obj), fimg2d_power_off, "power-off", 1);
    qdev_init_gpio_in_named(DEVICE(obj), fimg2d_clock_off, "clock-off", 1);
    qdev_init_gpio_out_named(DEVICE(obj), &s->power_stuck_line, "power-stuck",
                             1);
}

static void fimg2d_finalize(Object *obj)
{
    g_hash_table_destroy(EXYNOS_FIMG2D(obj)->logged);
}

static void fimg2d_realize(DeviceState *dev, Error **errp)
{
    ExynosFimg2dState *s = EXYNOS_FIMG2D(dev);

    if (!s->dma_mr) {
        error_setg(errp, "property \"dma\" of " TYPE_EXYNOS_FIMG2D
                   " must be set");
        return;
    }
    address_space_init(&s->dma_as, s->dma_mr, TYPE_EXYNOS_FIMG2D "-dma");
    s->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, fimg2d_step, s);
}

static void fimg2d_unrealize(DeviceState *dev)
{
    ExynosFimg2dState *s = EXYNOS_FIMG2D(dev);

    timer_free(s->timer);
    fimg2d_free_row(s);
    address_space_destroy(&s->dma_as);
}

static void fimg2d_get_knob(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    ExynosFimg2dState *s = EXYNOS_FIMG2D(obj);
    const Fimg2dKnob *knob = opaque;
    bool value = s->knobs & knob->mask;

    visit_type_bool(v, name, &value, errp);
}

static void fimg2d_set_knob(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    ExynosFimg2dState *s = EXYNOS_FIMG2D(obj);
    const Fimg2dKnob *knob = opaque;
    bool value;

    if (visit_type_bool(v, name, &value, errp)) {
        fimg2d_set_knobs(s, value ? s->knobs | knob->mask :
                                    s->knobs & ~knob->mask);
    }
}

static void fimg2d_get_list_prefetch(Object *obj, Visitor *v, const char *name,
                                     void *opaque, Error **errp)
{
    visit_type_uint32(v, name, &EXYNOS_FIMG2D(obj)->list_prefetch, errp);
}

static void fimg2d_set_list_prefetch(Object *obj, Visitor *v, const char *name,
                                     void *opaque, Error **errp)
{
    uint32_t value;

    if (!visit_type_uint32(v, name, &value, errp)) {
        return;
    }
    if (value > LIST_PREFETCH_MAX) {
        error_setg(errp, "%s must not be above %d", name, LIST_PREFETCH_MAX);
        return;
    }
    EXYNOS_FIMG2D(obj)->list_prefetch = value;
}

static Property fimg2d_properties[] = {
    DEFINE_PROP_LINK("dma", ExynosFimg2dState, dma_mr, TYPE_MEMORY_REGION,
                     MemoryRegion *),
    DEFINE_PROP_END_OF_LIST(),
};

static void fimg2d_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);
    unsigned i;

    dc->desc = "Samsung FIMG2D v4.1 2D engine";
    dc->realize = fimg2d_realize;
    dc->unrealize = fimg2d_unrealize;
    dc->vmsd = &vmstate_fimg2d;
    rc->phases.enter = fimg2d_reset_enter;
    rc->phases.hold = fimg2d_reset_hold;
    device_class_set_props(dc, fimg2d_properties);
    set_bit(DEVICE_CATEGORY_DISPLAY, dc->categories);

    /* Unlike those above, these can be set while the device is in use. */
    for (i = 0; i < ARRAY_SIZE(knob_info); i++) {
        object_class_property_add(klass, knob_info[i].name, "bool",
                                  fimg2d_get_knob, fimg2d_set_knob, NULL,
                                  (void *)&knob_info[i]);
        object_class_property_set_description(klass, knob_info[i].name,
                                              knob_info[i].description);
    }
    object_class_property_add(klass, "list-prefetch", "uint32",
                              fimg2d_get_list_prefetch,
                              fimg2d_set_list_prefetch, NULL, NULL);
    object_class_property_set_description(klass, "list-prefetch",
        "How many bytes beyond each word or pair of a list are read as well");
}

static const TypeInfo fimg2d_types[] = {
    {
        .name = TYPE_EXYNOS_FIMG2D,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(ExynosFimg2dState),
        .instance_init = fimg2d_init,
        .instance_finalize = fimg2d_finalize,
        .class_init = fimg2d_class_init,
    },
};

DEFINE_TYPES(fimg2d_types)
