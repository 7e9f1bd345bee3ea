/*
 * Where the CPUs of the data cache test start, and its vectors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
        .arch armv7-a
        .section .start, "ax"
        .arm
        .globl _start
_start:
        b       1f
        b       hang                    /* undefined instruction */
        b       hang                    /* supervisor call */
        b       hang                    /* prefetch abort */
        b       data_abort
        b       hang
        b       hang
        b       hang
1:
        mrc     p15, 0, r0, c0, c0, 5   /* MPIDR */
        ands    r0, r0, #3
        ldr     r1, =_start
        mcr     p15, 0, r1, c12, c0, 0  /* VBAR */
        cps     #0x17                   /* abort mode has a stack of its own */
        ldr     sp, =abort_stacks
        add     sp, sp, r0, lsl #10
        add     sp, sp, #1024
        cps     #0x13
        ldr     sp, =stacks
        add     sp, sp, r0, lsl #14
        add     sp, sp, #16384
        cmp     r0, #0
        bne     second
        bl      main
hang:
        wfi
        b       hang

        /* The other CPU waits, with its caches off, for something to do. */
second:
        ldr     r4, =second_entry
2:
        ldr     r0, [r4]
        cmp     r0, #0
        beq     2b
        blx     r0
        b       hang

        /* Note the address and go on after the instruction. */
data_abort:
        push    {r0, r1}
        mrc     p15, 0, r0, c6, c0, 0   /* DFAR */
        ldr     r1, =abort_address
        str     r0, [r1]
        sub     r0, lr, #8
        ldr     r1, =abort_pc
        str     r0, [r1]
        pop     {r0, r1}
        subs    pc, lr, #4

        .bss
        .balign 16
stacks: .space  2 * 16384
abort_stacks:
        .space  2 * 1024

        .section .note.GNU-stack, "", %progbits
