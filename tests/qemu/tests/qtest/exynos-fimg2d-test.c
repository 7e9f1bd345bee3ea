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
 *
 * The tests are in exynos-fimg2d-test-SUBJECT.c, what they share in
 * exynos-fimg2d-{bus,cmdlist,device}.c, and the reference, which knows nothing
 * of QEMU, in fimg2d-reference.c.
 */

#include "qemu/osdep.h"
#include "exynos-fimg2d-test.h"

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    add_reference_tests();
    add_registers_tests();
    add_bytes_tests();
    add_pixels_tests();
    add_job_tests();
    add_fault_tests();
    add_knob_tests();
    add_limits_tests();
    add_random_tests();

    qts = g2d_start_machine();
    ret = g_test_run();
    qtest_quit(qts);
    return ret;
}
