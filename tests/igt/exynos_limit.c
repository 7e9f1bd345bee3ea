// SPDX-License-Identifier: MIT
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_sys.h"

/**
 * TEST: exynos limit
 * Description: The limit of mapped user memory that an administrator sets.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: uAPI
 * Functionality: userptr
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: user-limit-get
 * Description: The ioctl tells the limit and changes nothing.
 *
 * SUBTEST: user-limit-set
 * Description: The limit is set to the byte, for all programs, and for no larger
 *		object.
 *
 * SUBTEST: user-limit-root-only
 * Description: Nobody else than root gets or sets it by the ioctl.
 *
 * SUBTEST: user-limit-bad
 * Description: What is out of range, or has padding, changes nothing.
 *
 * SUBTEST: user-limit-lower
 * Description: Idle mappings of all programs beyond the new limit go, jobs do not fail.
 */

IGT_TEST_DESCRIPTION("The limit of mapped user memory.");

#define PAGE	4096
#define MODULE	"/sys/module/exynosdrm/parameters/"

static int probe(struct exynos *e, const void *ptr, size_t size)
{
	uint32_t handle;
	int ret = exynos_gem_userptr(e->fd, ptr, size, EXYNOS_USERPTR_PROBE, &handle);

	if (!ret)
		exynos_close(e, handle);
	return ret;
}

static int user_limit(int fd, uint32_t limit, uint32_t pad, uint32_t *now)
{
	struct drm_exynos_user_limit args = { .userptr_limit = limit, .pad = pad };

	if (igt_ioctl(fd, DRM_IOCTL_EXYNOS_USER_LIMIT, &args))
		return -errno;
	*now = args.userptr_limit;
	return 0;
}

static uint32_t set_limit(struct exynos *e, uint32_t limit)
{
	uint32_t now = 0;

	igt_assert_eq(user_limit(e->fd, limit, 0, &now), 0);
	return now;
}

static void user_limit_get(struct exynos *e)
{
	igt_assert(DRM_IOCTL_EXYNOS_USER_LIMIT == 0xc0086445);
	igt_assert_eq_u64(set_limit(e, 0), exynos_param(e, EXYNOS_PARAM_USERPTR_LIMIT));
	igt_assert_eq_u32(set_limit(e, 0), 512 << 20);
}

static void user_limit_set(struct exynos *e)
{
	const uint32_t limit = (3 << 20) + 12345;
	uint8_t *ptr = exynos_mmap(4 << 20);
	int fd = drm_open_driver_render(DRIVER_EXYNOS);
	uint32_t now = 0;
	uint64_t max;

	igt_assert_eq_u32(set_limit(e, limit), limit);
	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_LIMIT), limit);
	igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_SHARE), limit);
	max = exynos_param(e, EXYNOS_PARAM_USERPTR_MAX_SIZE);
	if (exynos_param(e, EXYNOS_PARAM_USERPTR_PFNMAP_MAX_SIZE))
		igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_PFNMAP_MAX_SIZE), max);
	igt_assert_eq(user_limit(fd, 0, 0, &now), 0);
	igt_assert_eq_u32(now, limit);
	if (e->board.has_iommu) {
		igt_assert_eq(probe(e, ptr, 3 << 20), 0);
		igt_assert_eq_u64(max % PAGE, 0);
		igt_assert_eq(probe(e, ptr, max), 0);
		igt_assert_eq(probe(e, ptr, max + 1), -ENOSPC);
		igt_assert_eq(probe(e, ptr, 4 << 20), -ENOSPC);
		igt_assert_eq_u32(set_limit(e, 5 << 20), 5 << 20);
		igt_assert_eq(probe(e, ptr, 4 << 20), 0);
	}
	/* The parameter is the same thing, in MiB. */
	igt_assert_eq(exynos_write_file(MODULE "userptr_limit", "7"), 0);
	igt_assert_eq_u32(set_limit(e, 0), 7 << 20);
	drm_close_driver(fd);
	munmap(ptr, 4 << 20);
}

static void user_limit_root_only(struct exynos *e)
{
	uint32_t before = set_limit(e, 0);

	igt_fork(child, 1) {
		uint32_t now;

		igt_assert_eq(setuid(65534), 0);
		igt_assert_eq(user_limit(e->fd, 1 << 20, 0, &now), -EACCES);
		igt_assert_eq(user_limit(e->fd, 0, 0, &now), -EACCES);
		igt_assert_eq_u64(exynos_param(e, EXYNOS_PARAM_USERPTR_LIMIT), before);
	}
	igt_waitchildren();
	igt_assert_eq_u32(set_limit(e, 0), before);
}

static void user_limit_bad(struct exynos *e)
{
	static const uint32_t bad[] = { 1, PAGE, 2 * PAGE - 1, 1 << 30, 0x80000000, UINT32_MAX };
	uint32_t before = set_limit(e, 0), now;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		igt_assert_eq(user_limit(e->fd, bad[i], 0, &now), -EINVAL);
	igt_assert_eq(user_limit(e->fd, 1 << 20, 1, &now), -EINVAL);
	igt_assert_eq(user_limit(e->fd, 0, 1, &now), -EINVAL);
	igt_assert_eq_u32(set_limit(e, 0), before);
	igt_assert_eq_u32(set_limit(e, 2 * PAGE), 2 * PAGE);
	igt_assert_eq_u32(set_limit(e, (1 << 30) - PAGE), (1 << 30) - PAGE);
}

static void user_limit_lower(struct exynos *e)
{
	enum { BYTES = 8 << 20 };
	uint8_t *ptr = exynos_mmap(2 * BYTES);
	struct g2d_image image;
	struct g2d_list list;
	int ready[2], lowered[2];
	char c = 0;

	exynos_require_iommu(e);
	exynos_require_test_page(e);
	igt_assert_eq(pipe(ready), 0);
	igt_assert_eq(pipe(lowered), 0);
	igt_fork(child, 1) {
		int fd = drm_open_driver_render(DRIVER_EXYNOS);
		uint32_t handle;

		igt_assert_eq(exynos_gem_userptr(fd, ptr, BYTES, EXYNOS_USERPTR_PROBE, &handle), 0);
		igt_assert_eq_u64(oracle_mapped(fd), BYTES);
		igt_assert_eq(write(ready[1], &c, 1), 1);
		igt_assert_eq(read(lowered[0], &c, 1), 1);
		igt_assert_eq_u64(oracle_mapped(fd), 0);
	}
	igt_assert_eq(read(ready[0], &c, 1), 1);

	exynos_userptr(e, ptr, BYTES, EXYNOS_USERPTR_PROBE);
	image = exynos_image(exynos_userptr(e, ptr + BYTES, BYTES, 0), 1024, BYTES / PAGE);
	g2d_fill(&list, &image, g2d_whole(&image), 0x01020304);
	exynos_hold(e);
	exynos_start(e, &list);
	igt_assert_eq_u64(oracle_mapped(e->fd), 2 * BYTES);

	/* Only the busy one is left, which is more than the limit. */
	igt_assert_eq_u32(set_limit(e, 4 << 20), 4 << 20);
	igt_assert_eq_u64(oracle_mapped(e->fd), BYTES);
	igt_assert_eq(write(lowered[1], &c, 1), 1);
	igt_waitchildren();
	exynos_let_go(e);
	exynos_finish(e);
	exynos_check_colour(ptr + BYTES, BYTES, 0x01020304);

	/* Idle now, and gone the next time. */
	set_limit(e, 4 << 20);
	igt_assert_eq_u64(oracle_mapped(e->fd), 0);
	igt_assert_eq(exynos_try(e, &list), -ENOSPC);
	set_limit(e, 512 << 20);
	exynos_run(e, &list);
	munmap(ptr, 2 * BYTES);
}

static const struct exynos_test tests[] = {
	{ "user-limit-get", user_limit_get },
	{ "user-limit-set", user_limit_set },
	{ "user-limit-root-only", user_limit_root_only },
	{ "user-limit-bad", user_limit_bad },
	{ "user-limit-lower", user_limit_lower },
};

/* A subtest that failed has left the parameters as they were in its middle. */
static void restore_parameters(int sig)
{
	(void)sig;
	exynos_write_file(MODULE "userptr_limit", "512");
}

igt_main {
	static struct exynos e;
	static unsigned int i;

	igt_fixture {
		exynos_init(&e);
		exynos_require_userptr(&e);
		igt_install_exit_handler(restore_parameters);
	}

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		igt_subtest(tests[i].name) {
			restore_parameters(0);
			exynos_subtest(&e, tests[i].body);
		}
	}

	igt_fixture {
		restore_parameters(0);
		exynos_fini(&e);
	}
}
