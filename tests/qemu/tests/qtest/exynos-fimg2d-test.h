/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of exynos-fimg2d-test: each has the tests of one subject
 */
#ifndef EXYNOS_FIMG2D_TEST_H
#define EXYNOS_FIMG2D_TEST_H

#include "exynos-fimg2d-device.h"

/* Add the tests of the file that is named after the subject. */
void add_reference_tests(void);
void add_registers_tests(void);
void add_bytes_tests(void);
void add_pixels_tests(void);
void add_job_tests(void);
void add_fault_tests(void);
void add_knob_tests(void);
void add_limits_tests(void);
void add_random_tests(void);

/*
 * Fail the test unless the registers from first on are as after a reset or, if
 * they are written, as the tests of the registers write them.
 */
void assert_registers(uint32_t first, bool written);

#endif
