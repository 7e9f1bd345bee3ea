/* SPDX-License-Identifier: GPL-2.0-or-later OR MIT */
/*
 * FIMG2D v4.1, one pixel after the other
 *
 * An interpreter of docs/specs/exynos-fimg2d.rst that is written to be checked
 * against that page by eye.  It shares no code with the device model, so that
 * the two can be held against each other, and needs neither a C library nor
 * memory of its own, so that kernel tests can ask it which bytes a command
 * list touches.
 */
#ifndef FIMG2D_REFERENCE_H
#define FIMG2D_REFERENCE_H

#ifdef KBUILD_MODNAME /* in a kernel */
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif

#define FIMG2D_SOFT_RESET           0x000
#define FIMG2D_INTEN                0x004
#define FIMG2D_INTC_PEND            0x00c
#define FIMG2D_FIFO_STAT            0x010
#define FIMG2D_AXI_ID_MODE          0x014
#define FIMG2D_CACHECTL             0x018
#define FIMG2D_AXI_MODE             0x01c
#define FIMG2D_DMA_SFR_BASE_ADDR    0x080
#define FIMG2D_DMA_COMMAND          0x084
#define FIMG2D_EXE_LIST_NUM         0x088
#define FIMG2D_DMA_STATUS           0x08c
#define FIMG2D_DMA_HOLD_CMD         0x090
#define FIMG2D_BITBLT_START         0x100
#define FIMG2D_BITBLT_COMMAND       0x104
#define FIMG2D_BLEND_FUNCTION       0x108
#define FIMG2D_ROUND_MODE           0x10c
#define FIMG2D_ROTATE               0x200
#define FIMG2D_SRC_MASK_DIRECT      0x204
#define FIMG2D_DST_PAT_DIRECT       0x208
#define FIMG2D_SRC_SELECT           0x300
#define FIMG2D_SRC_BASE_ADDR        0x304
#define FIMG2D_SRC_STRIDE           0x308
#define FIMG2D_SRC_COLOR_MODE       0x30c
#define FIMG2D_SRC_LEFT_TOP         0x310
#define FIMG2D_SRC_RIGHT_BOTTOM     0x314
#define FIMG2D_SRC_PLANE2_BASE      0x318
#define FIMG2D_SRC_REPEAT_MODE      0x31c
#define FIMG2D_SRC_PAD_VALUE        0x320
#define FIMG2D_SRC_A8_RGB_EXT       0x324
#define FIMG2D_SRC_SCALE_CTRL       0x328
#define FIMG2D_SRC_XSCALE           0x32c
#define FIMG2D_SRC_YSCALE           0x330
#define FIMG2D_DST_SELECT           0x400
#define FIMG2D_DST_BASE_ADDR        0x404
#define FIMG2D_DST_STRIDE           0x408
#define FIMG2D_DST_COLOR_MODE       0x40c
#define FIMG2D_DST_LEFT_TOP         0x410
#define FIMG2D_DST_RIGHT_BOTTOM     0x414
#define FIMG2D_DST_PLANE2_BASE      0x418
#define FIMG2D_DST_A8_RGB_EXT       0x41c
#define FIMG2D_PAT_BASE_ADDR        0x500
#define FIMG2D_PAT_SIZE             0x504
#define FIMG2D_PAT_COLOR_MODE       0x508
#define FIMG2D_PAT_OFFSET           0x50c
#define FIMG2D_PAT_STRIDE           0x510
#define FIMG2D_MASK_BASE_ADDR       0x520
#define FIMG2D_MASK_STRIDE          0x524
#define FIMG2D_MASK_LEFT_TOP        0x528
#define FIMG2D_MASK_RIGHT_BOTTOM    0x52c
#define FIMG2D_MASK_MODE            0x530
#define FIMG2D_MASK_REPEAT_MODE     0x534
#define FIMG2D_MASK_PAD_VALUE       0x538
#define FIMG2D_MASK_SCALE_CTRL      0x53c
#define FIMG2D_MASK_XSCALE          0x540
#define FIMG2D_MASK_YSCALE          0x544
#define FIMG2D_CW_LT                0x600
#define FIMG2D_CW_RB                0x604
#define FIMG2D_THIRD_OPERAND        0x610
#define FIMG2D_ROP4                 0x614
#define FIMG2D_ALPHA                0x618
#define FIMG2D_FG_COLOR             0x700
#define FIMG2D_BG_COLOR             0x704
#define FIMG2D_BS_COLOR             0x708
#define FIMG2D_SF_COLOR             0x70c
#define FIMG2D_REGS_END             0x900

#define FIMG2D_SOFT_RESET_R         (1u << 0)
#define FIMG2D_SOFT_RESET_SFRCLEAR  (1u << 1)
#define FIMG2D_INT_SCMD             (1u << 0)
#define FIMG2D_INT_GCMD             (1u << 1)
#define FIMG2D_INT_UCMD             (1u << 2)
#define FIMG2D_INT_ACMD             (1u << 3)
#define FIMG2D_DMA_START            (1u << 0)
#define FIMG2D_DMA_CONTINUE         (1u << 1)
#define FIMG2D_DMA_HALT             (1u << 2)
#define FIMG2D_HOLD_BITBLT          (1u << 0)
#define FIMG2D_HOLD_LIST            (1u << 1)
#define FIMG2D_HOLD_USER            (1u << 2)
#define FIMG2D_COMMAND_MASK_ROP4    (1u << 0)
#define FIMG2D_COMMAND_MASKING      (1u << 1)
#define FIMG2D_COMMAND_ROP4_ALPHA   (1u << 2)
#define FIMG2D_COMMAND_DITHER       (1u << 3)
#define FIMG2D_COMMAND_CLIP         (1u << 8)
#define FIMG2D_COMMAND_TRANSPARENT  (0xfu << 12)
#define FIMG2D_COMMAND_COLOR_KEY    (0xfu << 16)
#define FIMG2D_COMMAND_BLEND(n)     ((uint32_t)(n) << 20)
#define FIMG2D_COMMAND_PREMUL_SRC   (1u << 24)
#define FIMG2D_COMMAND_PREMUL_PAT   (1u << 25)
#define FIMG2D_COMMAND_PREMUL_DST   (1u << 26)
#define FIMG2D_COMMAND_DEPREMUL_DST (1u << 27)
#define FIMG2D_COMMAND_SOLID_FILL   (1u << 28)
#define FIMG2D_TWO_PLANES           (1u << 8)

/**
 * enum fimg2d_operand - whose memory an access belongs to
 * @FIMG2D_LIST: the command list itself
 * @FIMG2D_SRC: the source, either plane
 * @FIMG2D_DST: the destination, either plane, read or written
 * @FIMG2D_PAT: the pattern
 * @FIMG2D_MASK: the mask
 * @FIMG2D_OPERANDS: how many there are
 */
enum fimg2d_operand {
    FIMG2D_LIST,
    FIMG2D_SRC,
    FIMG2D_DST,
    FIMG2D_PAT,
    FIMG2D_MASK,
    FIMG2D_OPERANDS
};

/**
 * struct fimg2d_reference - an engine, its memory and what it has touched
 * @regs: the registers by offset / 4; fimg2d_reference_reset() sets them up
 * @opaque: handed to the two callbacks
 * @read: a byte is read; returns what is there
 * @write: a byte is written
 * @row: room for one row of the destination while it is computed
 * @row_pixels: how many pixels @row can take
 * @bytes_read: bytes read by blits, by operand; the list's own are under
 *              @FIMG2D_LIST
 * @bytes_written: bytes written by blits
 * @blits: blits done
 * @lists: lists done
 * @complains: a blit or a pair used something that the device has to log
 * @skip_pair: the list's next pair is lost to an SFRCLEAR
 *
 * Nothing in it is locked; one thread uses it.
 */
struct fimg2d_reference {
    uint32_t regs[FIMG2D_REGS_END / 4];
    void *opaque;
    uint8_t (*read)(void *opaque, enum fimg2d_operand operand,
                    uint32_t address);
    void (*write)(void *opaque, enum fimg2d_operand operand,
                  uint32_t address, uint8_t value);
    uint32_t *row;
    uint32_t row_pixels;
    uint32_t bytes_read[FIMG2D_OPERANDS];
    uint32_t bytes_written;
    uint32_t blits;
    uint32_t lists;
    bool complains;
    bool skip_pair;
};

/**
 * fimg2d_reference_reset() - as after SOFT_RESET.R
 * @ref: engine; callbacks and @row are kept, counts are cleared
 */
void fimg2d_reference_reset(struct fimg2d_reference *ref);

/**
 * fimg2d_reference_blit() - do what BITBLT_START does
 * @ref: engine, with its registers set
 *
 * Return: false if the row does not fit into @ref->row; nothing was touched.
 */
bool fimg2d_reference_blit(struct fimg2d_reference *ref);

/**
 * fimg2d_reference_set() - what a pair of a command list does
 * @ref: engine
 * @offset: the pair's first word
 * @value: its second word
 *
 * Return: false if it started a blit that fimg2d_reference_blit() refused.
 */
bool fimg2d_reference_set(struct fimg2d_reference *ref, uint32_t offset,
                          uint32_t value);

/**
 * fimg2d_reference_run() - walk a chain of command lists to its end
 * @ref: engine
 * @list: bus address of the first list
 * @max_words: stop after this many words of lists, as a chain may be a ring
 *
 * Return: false if a blit was refused or @max_words did not suffice.
 */
bool fimg2d_reference_run(struct fimg2d_reference *ref, uint32_t list,
                          uint32_t max_words);

/**
 * fimg2d_reference_known() - is there a register?
 * @offset: byte offset
 *
 * Return: true if the page names a register at @offset.
 */
bool fimg2d_reference_known(uint32_t offset);

#endif
