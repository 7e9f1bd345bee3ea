/*
 * Samsung FIMG2D v4.1, the 2D engine of Exynos chips
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * QEMU interface:
 *  + sysbus MMIO region 0: the registers
 *  + sysbus MMIO region 1: the test page, no part of the hardware
 *  + sysbus IRQ 0: the engine's interrupt
 *  + QOM property "dma": the MemoryRegion that the engine's bus sees
 *  + QOM properties by the names of the bits of the test page's KNOBS, and
 *    "list-prefetch": where the engine differs from what is usual, all off by
 *    default and to be set at any time
 *  + named GPIO input "stalled": high while the System MMU completes no access;
 *    the engine tries its last one again when it falls
 *  + named GPIO input "power-off": high while its power domain has no power,
 *    which ends its job and resets its registers
 *  + named GPIO input "clock-off": high while its clock is gated
 *  + named GPIO output "power-stuck": high while the test page says that the
 *    power domain is not to be switched
 *
 * What the engine does is written down in docs/specs/exynos-fimg2d.rst.
 */

#ifndef HW_DISPLAY_EXYNOS_FIMG2D_H
#define HW_DISPLAY_EXYNOS_FIMG2D_H

#include "qom/object.h"

#define TYPE_EXYNOS_FIMG2D "exynos-fimg2d"
OBJECT_DECLARE_SIMPLE_TYPE(ExynosFimg2dState, EXYNOS_FIMG2D)

/* Size of either MMIO region. */
#define EXYNOS_FIMG2D_MMIO_SIZE 0x1000

#endif
