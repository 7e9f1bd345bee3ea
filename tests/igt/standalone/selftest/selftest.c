// SPDX-License-Identifier: MIT
/* Subtests with a known verdict; tests/tools/igt-standalone compares. */
#include "igt.h"

IGT_TEST_DESCRIPTION("Every verdict there is.");

static void handler(int sig)
{
	(void)sig;
	printf("exit handler ran\n");
}

igt_main {
	igt_fixture
		igt_install_exit_handler(handler);

	igt_describe("Nothing goes wrong.");
	igt_subtest("pass")
		igt_assert_eq(1, 1);

	igt_subtest("fail") {
		igt_debug("what came before\n");
		igt_assert_eq(1, 2);
	}

	igt_subtest("skip")
		igt_require_f(false, "this is the reason\n");

	igt_subtest("children") {
		igt_fork(child, 3)
			igt_assert(child < 3);
		igt_waitchildren();
	}

	igt_subtest("child-fails") {
		igt_fork(child, 3)
			igt_assert_neq(child, 1);
		igt_waitchildren();
	}

	igt_subtest("child-crashes") {
		igt_fork(child, 1)
			raise(SIGKILL);
		igt_waitchildren();
	}

	igt_subtest("child-is-left") {
		igt_fork(child, 1)
			pause();
	}

	igt_subtest("timeout") {
		igt_set_timeout(1, "sleeping");
		pause();
	}

	igt_subtest_group {
		igt_fixture
			igt_require(false);
		igt_subtest("group-skips")
			igt_assert(false);
	}

	igt_subtest("after-group") {
		unsigned int rounds = 0;

		igt_until_timeout(1)
			rounds++;
		igt_assert(rounds > 1);
	}

	if (getenv("SELFTEST_FIXTURE")) {
		igt_subtest_group {
			igt_fixture
				igt_assert(false);
		}
	}
}
