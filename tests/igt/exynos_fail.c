// SPDX-License-Identifier: MIT
#include <sys/mman.h>

#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_block.h"
#include "igt_exynos_fail.h"

/**
 * TEST: exynos fail
 * Description: Each allocation on the way through an ioctl or through a change of the
 *		address space fails once; nothing is lost, and the next attempt works.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Memory management tests
 * Functionality: userptr
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: fail-create
 * Description: Those of GEM_USERPTR.
 *
 * SUBTEST: fail-create-probe
 * Description: Those of GEM_USERPTR that maps the memory.
 *
 * SUBTEST: fail-cmdlist
 * Description: Those of SET_CMDLIST with handles and an event.
 *
 * SUBTEST: fail-cmdlist-address
 * Description: Those of SET_CMDLIST with addresses instead of handles.
 *
 * SUBTEST: fail-exec
 * Description: Those of EXEC that waits for the job and brings its pages in.
 *
 * SUBTEST: fail-exec-async
 * Description: Those of EXEC that does not wait, with pages that are there.
 *
 * SUBTEST: fail-close
 * Description: Those of GEM_CLOSE while a job uses the object.
 *
 * SUBTEST: fail-munmap
 * Description: Those of munmap() of memory that is mapped for the engine.
 *
 * SUBTEST: fail-mprotect
 * Description: Those of mprotect() of a part of it.
 */

IGT_TEST_DESCRIPTION("Allocations fail, one after the other.");

/* More than any of the ways has. */
#define MOST	500

/**
 * struct attempt - one attempt at what may fail
 * @e: device
 * @src: pixels
 * @dst: where they go
 * @list: what takes them there
 */
struct attempt {
	struct exynos *e;
	struct exynos_block src, dst;
	struct g2d_list list;
};

static void by_address(struct exynos_block *b)
{
	b->image.handle = 0;
	b->image.user.userptr = (uintptr_t)b->ptr;
	b->image.user.size = b->size;
}

static void import_both(struct attempt *a)
{
	exynos_block_import(a->e, &a->src);
	exynos_block_import(a->e, &a->dst);
}

static void make_list(struct attempt *a)
{
	g2d_copy(&a->list, &a->src.image, g2d_whole(&a->src.image), &a->dst.image, 0, 0);
}

static void prepare_list(struct attempt *a)
{
	import_both(a);
	make_list(a);
	a->list.event = true;
}

static void prepare_addresses(struct attempt *a)
{
	by_address(&a->src);
	by_address(&a->dst);
	make_list(a);
}

static void prepare_queue(struct attempt *a)
{
	prepare_list(a);
	igt_assert_eq(g2d_queue(a->e->fd, &a->list), 0);
}

static void prepare_populated(struct attempt *a)
{
	memset(a->dst.map, 0, a->dst.map_size);
	prepare_queue(a);
}

static void prepare_mapped(struct attempt *a)
{
	import_both(a);
	exynos_block_copy(a->e, &a->src, &a->dst);
	memset(a->dst.ptr, 0, a->dst.size);
}

static void prepare_used(struct attempt *a)
{
	prepare_queue(a);
	igt_assert_eq(g2d_exec(a->e->fd, true), 0);
}

static int create(struct attempt *a)
{
	return exynos_gem_userptr(a->e->fd, a->dst.ptr, a->dst.size, 0, &a->dst.image.handle);
}

static int create_probe(struct attempt *a)
{
	return exynos_gem_userptr(a->e->fd, a->dst.ptr, a->dst.size, EXYNOS_USERPTR_PROBE,
				  &a->dst.image.handle);
}

static int cmdlist(struct attempt *a)
{
	return g2d_queue(a->e->fd, &a->list);
}

static int exec(struct attempt *a)
{
	return g2d_exec(a->e->fd, false);
}

static int exec_async(struct attempt *a)
{
	return g2d_exec(a->e->fd, true);
}

static int gem_close_once(struct attempt *a)
{
	return exynos_gem_close(a->e->fd, a->dst.image.handle);
}

static int unmap(struct attempt *a)
{
	return munmap(a->dst.map, a->dst.map_size) ? -errno : 0;
}

static int protect(struct attempt *a)
{
	return mprotect(a->dst.map, 4096, PROT_READ) ? -errno : 0;
}

static void finish_create(struct attempt *a, int ret)
{
	if (ret)
		exynos_block_import(a->e, &a->dst);
	exynos_block_import(a->e, &a->src);
	exynos_block_copy(a->e, &a->src, &a->dst);
	exynos_block_check(&a->dst, 1);
}

static void finish_cmdlist(struct attempt *a, int ret)
{
	if (ret)
		igt_assert_eq(g2d_queue(a->e->fd, &a->list), 0);
	igt_assert_eq(g2d_exec(a->e->fd, false), 0);
	if (a->list.event)
		exynos_finish(a->e);
	exynos_block_check(&a->dst, 1);
}

/* What has failed is not queued any more. */
static void finish_exec(struct attempt *a, int ret)
{
	if (ret) {
		igt_assert_eq(g2d_queue(a->e->fd, &a->list), 0);
		igt_assert_eq(g2d_exec(a->e->fd, false), 0);
	}
	exynos_finish(a->e);
	exynos_block_check(&a->dst, 1);
}

static void finish_close(struct attempt *a, int ret)
{
	igt_assert_eq(ret, 0);
	exynos_finish(a->e);
	exynos_block_check(&a->dst, 1);
}

/* The kernel may well refuse these; the next attempt must do. */
static void finish_unmap(struct attempt *a, int ret)
{
	if (ret)
		exynos_block_unmap(&a->dst);
	igt_assert_eq(exynos_block_try_copy(a->e, &a->src, &a->dst), -EFAULT);
	exynos_block_map_again(&a->dst);
	exynos_block_copy(a->e, &a->src, &a->dst);
	exynos_block_check(&a->dst, 1);
}

static void finish_protect(struct attempt *a, int ret)
{
	if (ret)
		igt_assert_eq(protect(a), 0);
	igt_assert_eq(exynos_block_try_copy(a->e, &a->src, &a->dst), -EFAULT);
	exynos_check_bytes(a->dst.ptr, a->dst.size, 0);
	igt_assert_eq(mprotect(a->dst.map, 4096, PROT_READ | PROT_WRITE), 0);
	exynos_block_copy(a->e, &a->src, &a->dst);
	exynos_block_check(&a->dst, 1);
}

/**
 * struct way - what may fail
 * @prepare: come to the beginning of it, or NULL
 * @step: what allocates; returns 0 or a negative errno
 * @finish: check what has become of it, try again if that was @ret, and look whether
 *	all is as it should be
 * @may_need_none: there may be no allocation in it
 */
struct way {
	void (*prepare)(struct attempt *a);
	int (*step)(struct attempt *a);
	void (*finish)(struct attempt *a, int ret);
	bool may_need_none;
};

/* Returns whether the nth allocation was there, and has failed. */
static bool fail_once(struct exynos *e, const struct way *way, unsigned int nth)
{
	struct attempt a = { .e = e };
	bool failed;
	int ret;

	a.src = exynos_block_map(e);
	a.dst = exynos_block_map(e);
	exynos_fill_words(a.src.ptr, a.src.size, 1);
	if (way->prepare)
		way->prepare(&a);
	exynos_fail_nth(nth);
	ret = way->step(&a);
	failed = exynos_has_failed();
	igt_assert_f(ret == 0 || (failed && ret == -ENOMEM), "%d with allocation %u failing\n",
		     ret, nth);
	way->finish(&a, ret);
	exynos_block_unmap(&a.src);
	exynos_block_unmap(&a.dst);
	exynos_assert_nothing_pinned(e);
	igt_assert_eq_u64(oracle_mapped(e->fd), 0);
	/* The next attempt is as the first one. */
	drm_close_driver(e->fd);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
	return failed;
}

static void fail_all(struct exynos *e, const struct way *way)
{
	unsigned int nth;

	exynos_require_failing();
	for (nth = 1; nth < MOST && fail_once(e, way, nth); nth++)
		;
	exynos_fail_nowhere(0);
	igt_info("%u allocations failed\n", nth - 1);
	igt_assert_lt(nth, MOST);
	igt_assert(nth > 1 || way->may_need_none);
	exynos_assert_works(e);
}

#define WAY(name, ...) \
static void fail_##name(struct exynos *e) \
{ \
	static const struct way way = { __VA_ARGS__ }; \
\
	fail_all(e, &way); \
}

WAY(create, .step = create, .finish = finish_create)
WAY(create_probe, .step = create_probe, .finish = finish_create)
WAY(cmdlist, .prepare = prepare_list, .step = cmdlist, .finish = finish_cmdlist)
WAY(cmdlist_address, .prepare = prepare_addresses, .step = cmdlist, .finish = finish_cmdlist)
WAY(exec, .prepare = prepare_queue, .step = exec, .finish = finish_exec)
WAY(exec_async, .prepare = prepare_populated, .step = exec_async, .finish = finish_exec)
WAY(close, .prepare = prepare_used, .step = gem_close_once, .finish = finish_close,
    .may_need_none = true)
WAY(munmap, .prepare = prepare_mapped, .step = unmap, .finish = finish_unmap,
    .may_need_none = true)
WAY(mprotect, .prepare = prepare_mapped, .step = protect, .finish = finish_protect,
    .may_need_none = true)

static const struct exynos_test tests[] = {
	{ "fail-create", fail_create },
	{ "fail-create-probe", fail_create_probe },
	{ "fail-cmdlist", fail_cmdlist },
	{ "fail-cmdlist-address", fail_cmdlist_address },
	{ "fail-exec", fail_exec },
	{ "fail-exec-async", fail_exec_async },
	{ "fail-close", fail_close },
	{ "fail-munmap", fail_munmap },
	{ "fail-mprotect", fail_mprotect },
};

igt_main {
	static struct exynos e;

	igt_fixture {
		exynos_init(&e);
		exynos_require_userptr(&e);
	}

	exynos_run_tests(&e, tests, ARRAY_SIZE(tests));

	igt_fixture
		exynos_fini(&e);
}
