/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A boot loader that has used the 2D engine and leaves a fault of its System MMU
 * pending, though the engine was reset.  scripts/board puts it in front of the kernel
 * on a board whose .conf names it.  r0 to r2 are the kernel's.
 */
	.arch	armv7-a
	.arm
	.text
	.globl	_start

#define MMU		0x12a20000
#define  MMU_CTRL	0x00
#define  CTRL_ENABLE	5
#define  MMU_PT_BASE	0x14
#define  MMU_INT_STATUS	0x18
#define ENGINE		0x12800000
#define  SOFT_RESET	0x00
#define  RESET_ALL	3
#define  DMA_BASE	0x80
#define  DMA_COMMAND	0x84
#define  DMA_START	1

/* Nobody has written there: as a page table it maps nothing. */
#define EMPTY_RAM	0x70000000

_start:
	ldr	r4, =MMU
	ldr	r5, =EMPTY_RAM
	str	r5, [r4, #MMU_PT_BASE]
	mov	r5, #CTRL_ENABLE
	str	r5, [r4, #MMU_CTRL]

	ldr	r6, =ENGINE
	ldr	r5, =EMPTY_RAM
	str	r5, [r6, #DMA_BASE]
	mov	r5, #DMA_START
	str	r5, [r6, #DMA_COMMAND]

1:	ldr	r5, [r4, #MMU_INT_STATUS]
	cmp	r5, #0
	beq	1b
	mov	r5, #RESET_ALL
	str	r5, [r6, #SOFT_RESET]
	b	kernel

	.ltorg
	.balign	4096
kernel:
