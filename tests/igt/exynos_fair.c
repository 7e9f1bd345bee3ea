// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_sys.h"
#include "igt_exynos_task.h"

/**
 * TEST: exynos fair
 * Description: What one user takes of the IOVA space is not taken from the others,
 *		and whoever waits for it gets it.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Memory management tests
 * Functionality: userptr
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: share-of-user
 * Description: A user has no more mapped with two files than with one, and
 *		another user has his own share.
 *
 * SUBTEST: objects-of-user
 * Description: A user has no more objects with two files than with one, and
 *		another user can have his own.
 *
 * SUBTEST: closed-objects
 * Description: Closed objects in the cache of a file are not in the way of
 *		other files' objects.
 *
 * SUBTEST: busy-share
 * Description: Who exceeds his share waits until his own jobs end, however long
 *		that takes.
 *
 * SUBTEST: busy-limit
 * Description: Who exceeds the device's limit waits until other users' jobs
 *		end, however long that takes.
 *
 * SUBTEST: never-fits
 * Description: What exceeds the share by itself fails at once.
 *
 * SUBTEST: own-mapping
 * Description: An object's mapping for reading is not in the way of its mapping
 *		for writing.
 *
 * SUBTEST: own-mapping-96mib
 * Description: The same with objects of 96 MiB and the default limits.
 *
 * SUBTEST: read-and-written
 * Description: Two objects that fit the share together work in any direction,
 *		through close and create.
 *
 * SUBTEST: six-processes
 * Description: Six processes of a user that need all his share for each job all
 *		get their jobs done.
 *
 * SUBTEST: six-users
 * Description: Six users who need all their share for each job, and more than
 *		the limit, all get their jobs done.
 *
 * SUBTEST: two-threads
 * Description: Two threads on one file that together need more than the share
 *		both get their jobs done.
 *
 * SUBTEST: others-objects
 * Description: How many objects another user has mapped does not matter when
 *		space is made.
 *
 * SUBTEST: gem-beside-idle
 * Description: GEM buffers can be made although 510 userptr objects are mapped.
 *
 * SUBTEST: imports-beside-idle
 * Description: Buffers of 63 MiB can be imported although closed userptr
 *		objects are mapped.
 *
 * SUBTEST: exited-processes
 * Description: An object does not keep the address space of the process that
 *		made it.
 *
 * SUBTEST: cache-visible
 * Description: Closed objects that stay in the cache are in fdinfo.
 *
 * SUBTEST: cache-ages
 * Description: Closed objects do not stay in the cache for long.
 *
 * SUBTEST: guard-pages
 * Description: An engine that goes one byte too far hits nobody else's memory.
 */

IGT_TEST_DESCRIPTION("Users share the IOVA space.");

#define PAGE	4096u
#define KIB	1024u
#define MIB	(1024u * KIB)

/* The first of the users who are not root. */
#define USER	1000

static int try_fill(struct exynos *e, const struct g2d_image *dst)
{
	struct g2d_list list;

	g2d_fill(&list, dst, g2d_whole(dst), 1);
	return exynos_try(e, &list);
}

/* Map for reading, which needs no memory where nothing was written. */
static int try_probe(struct exynos *e, void *ptr, size_t size)
{
	uint32_t handle;

	return exynos_gem_userptr(e->fd, ptr, size,
				  EXYNOS_USERPTR_READONLY | EXYNOS_USERPTR_PROBE, &handle);
}

static void start_probe(struct exynos *e, struct exynos_call *c,
			struct drm_exynos_gem_userptr *req, void *ptr, size_t size)
{
	*req = (struct drm_exynos_gem_userptr){
		.userptr = (uintptr_t)ptr,
		.size = size,
		.flags = EXYNOS_USERPTR_READONLY | EXYNOS_USERPTR_PROBE,
	};
	exynos_call(c, e->fd, DRM_IOCTL_EXYNOS_GEM_USERPTR, req);
}

/* The share of a user. */

static void share_of_user(struct exynos *e)
{
	struct exynos_shared *s = exynos_share();
	int fds[3], i;

	exynos_require_iommu(e);
	exynos_set_limits(8, 4);
	for (i = 0; i < 3; i++)
		fds[i] = drm_open_driver_render(DRIVER_EXYNOS);

	igt_fork(child, 2) {
		void *ptr = exynos_mmap(3 * MIB);

		exynos_become(USER + child);
		if (child) {
			e->fd = fds[2];
			igt_assert_eq(try_probe(e, ptr, 3 * MIB), 0);
			exynos_step(s);
			exynos_wait_step(s, 2);
			igt_assert_f(oracle_mapped(e->fd) == 3 * MIB,
				     "another user's objects took the place of ours\n");
		} else {
			exynos_wait_step(s, 1);
			e->fd = fds[0];
			igt_assert_eq(try_probe(e, ptr, 3 * MIB), 0);
			e->fd = fds[1];
			igt_assert_eq(try_probe(e, ptr, 3 * MIB), 0);
			exynos_step(s);
			igt_assert_eq_u64(oracle_mapped(fds[1]), 3 * MIB);
			igt_assert_f(oracle_mapped(fds[0]) == 0,
				     "with two files a user has mapped 6 MiB of the 4 MiB he may have\n");
		}
	}
	igt_waitchildren();
	for (i = 0; i < 3; i++)
		close(fds[i]);
}

static void objects_of_user(struct exynos *e)
{
	struct exynos_shared *s = exynos_share();
	int other = drm_open_driver_render(DRIVER_EXYNOS);
	uint8_t *ptr = exynos_mmap(40 * PAGE);
	uint32_t handle;
	int i, ret;

	igt_require_f(exynos_set_limit("userptr_max_objects", 16), "no limit of objects\n");
	for (i = 0; i < 16; i++)
		exynos_userptr(e, ptr + i * PAGE, PAGE, 0);
	ret = exynos_gem_userptr(other, ptr + i * PAGE, PAGE, 0, &handle);
	igt_assert_f(ret == -ENOSPC, "another file of the user got one more: %d\n", ret);

	igt_fork(child, 1) {
		exynos_become(USER);
		igt_assert_eq(exynos_gem_userptr(other, ptr + i * PAGE, PAGE, 0, &handle), 0);
		exynos_step(s);
	}
	igt_waitchildren();
	close(other);
}

static void closed_objects(struct exynos *e)
{
	int other = drm_open_driver_render(DRIVER_EXYNOS);
	uint8_t *ptr = exynos_mmap(40 * PAGE);
	uint32_t handle;
	int i;

	igt_require_f(exynos_set_limit("userptr_max_objects", 16), "no limit of objects\n");
	exynos_set_limit("userptr_cache_ms", 60000);
	for (i = 0; i < 16; i++)
		exynos_close(e, exynos_userptr(e, ptr + i * PAGE, PAGE, 0));
	igt_assert_eq(exynos_gem_userptr(other, ptr + i * PAGE, PAGE, 0, &handle), 0);
	close(other);
}

/* Who waits for what is busy, and for how long. */

#define LONG_MS	2500

static void busy_object(struct exynos *e, size_t size)
{
	struct g2d_image busy = exynos_page_at(e, exynos_mmap(size), size, EXYNOS_USERPTR_READONLY);
	struct g2d_image to = exynos_page(exynos_bo(e, PAGE));
	struct g2d_list list;

	/*
	 * Mapping takes time. An engine that loses its power meanwhile, two seconds
	 * after its last job, is not held any more.
	 */
	exynos_copy(e, &busy, &to);
	exynos_hold(e);
	g2d_copy(&list, &busy, g2d_whole(&busy), &to, 0, 0);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	igt_assert_eq(g2d_exec(e->fd, true), 0);
}

static void must_wait_then_succeed(struct exynos *e, struct exynos_call *c)
{
	bool slept = exynos_call_sleeps(c), ended = exynos_call_ends(c, LONG_MS);

	exynos_let_go(e);
	igt_assert_f(slept && !ended, "it did not wait for the busy mapping: %d\n", c->ret);
	igt_assert_eq(exynos_call_result(c), 0);
	exynos_drain(e);
}

static void busy_share(struct exynos *e)
{
	struct drm_exynos_gem_userptr req;
	struct exynos_call probe;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	exynos_set_limits(8, 4);
	busy_object(e, 3 * MIB);
	start_probe(e, &probe, &req, exynos_mmap(3 * MIB), 3 * MIB);
	must_wait_then_succeed(e, &probe);
}

static void busy_limit(struct exynos *e)
{
	struct exynos_shared *s = exynos_share();
	int fd = drm_open_driver_render(DRIVER_EXYNOS);
	struct drm_exynos_gem_userptr req;
	struct exynos_call probe;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	exynos_set_limits(4, 4);
	igt_fork(child, 1) {
		exynos_become(USER);
		e->fd = fd;
		busy_object(e, 3 * MIB);
		exynos_step(s);
		exynos_wait_step(s, 2);
	}
	exynos_wait_step(s, 1);
	start_probe(e, &probe, &req, exynos_mmap(3 * MIB), 3 * MIB);
	must_wait_then_succeed(e, &probe);
	exynos_step(s);
	igt_waitchildren();
	close(fd);
}

static void never_fits(struct exynos *e)
{
	struct g2d_image a, b, c;

	exynos_require_iommu(e);
	exynos_set_limits(8, 4);
	a = exynos_page_at(e, exynos_mmap(3 * MIB), 3 * MIB, EXYNOS_USERPTR_READONLY);
	b = exynos_page_at(e, exynos_mmap(3 * MIB), 3 * MIB, 0);
	c = exynos_page(exynos_bo(e, PAGE));
	igt_assert_eq(exynos_try_copy(e, &a, &b), -ENOSPC);
	igt_assert_eq(exynos_try_copy(e, &a, &c), 0);
	igt_assert_eq(try_fill(e, &b), 0);
}

/* An object that is mapped for reading is to be written. */

static void read_then_written(struct exynos *e, size_t size)
{
	uint8_t *ptr = exynos_mmap(2 * size + PAGE);
	struct g2d_image a, b, c;

	a = exynos_page_at(e, ptr, size, 0);
	b = exynos_page_at(e, ptr + size, size, 0);
	c = exynos_page_at(e, ptr + 2 * size, PAGE, 0);
	igt_assert_eq(exynos_try_copy(e, &a, &c), 0);
	igt_assert_eq(exynos_try_copy(e, &b, &c), 0);
	igt_assert_eq(exynos_try_copy(e, &b, &a), 0);
	munmap(ptr, 2 * size + PAGE);
}

static void own_mapping(struct exynos *e)
{
	exynos_require_iommu(e);
	exynos_set_limits(8, 4);
	read_then_written(e, 3 * MIB / 2);
}

static void own_mapping_96mib(struct exynos *e)
{
	exynos_require_iommu(e);
	exynos_set_limits(512, 256);
	read_then_written(e, 96 * MIB);
}

/* The two together fit the share, but not with one of them mapped twice. */
static void read_and_written(struct exynos *e)
{
	const size_t a_size = 7 * MIB / 4, b_size = MIB;
	uint8_t *ptr = exynos_mmap(a_size + b_size);
	struct g2d_image a, b;
	unsigned int i;

	exynos_require_iommu(e);
	exynos_set_limits(8, 4);
	for (i = 0; i < 3; i++) {
		a = exynos_page_at(e, ptr, a_size, 0);
		b = exynos_page_at(e, ptr + a_size, b_size, 0);
		igt_assert_eq(exynos_try_copy(e, &a, &b), 0);
		igt_assert_eq(exynos_try_copy(e, &b, &a), 0);
		igt_assert_eq(exynos_try_copy(e, &a, &b), 0);
		exynos_close(e, a.handle);

		a = exynos_page_at(e, ptr, a_size, EXYNOS_USERPTR_READONLY);
		igt_assert_eq(exynos_try_copy(e, &a, &b), 0);
		exynos_close(e, a.handle);
		exynos_close(e, b.handle);
	}
	munmap(ptr, a_size + b_size);
}

/* Several who need all of it at a time. */

#define ROUNDS	20

static void all_at_once(struct exynos *e, int num, bool users)
{
	/* Two of them, each with the page that follows it, are the share. */
	const size_t size = MIB - 2 * PAGE;
	struct exynos_shared *s = exynos_share();
	int fds[8], i;

	exynos_require_iommu(e);
	exynos_set_limits(4, 2);
	for (i = 0; i < num; i++)
		fds[i] = drm_open_driver_render(DRIVER_EXYNOS);

	igt_fork(child, num) {
		uint8_t *ptr = exynos_mmap(2 * size);
		struct g2d_image a, b;
		unsigned int round;
		int ret;

		if (users)
			exynos_become(USER + child);
		e->fd = fds[child];
		a = exynos_page_at(e, ptr, size, 0);
		b = exynos_page_at(e, ptr + size, size, 0);
		exynos_step(s);
		exynos_wait_step(s, num);
		for (round = 0; round < ROUNDS; round++) {
			ret = round % 2 ? exynos_try_copy(e, &b, &a) : exynos_try_copy(e, &a, &b);
			igt_assert_f(!ret, "process %d failed in round %u with %d\n", child, round,
				     ret);
			s->count[child]++;
		}
	}
	igt_waitchildren();
	for (i = 0; i < num; i++)
		close(fds[i]);
}

static void six_processes(struct exynos *e)
{
	all_at_once(e, 6, false);
}

static void six_users(struct exynos *e)
{
	all_at_once(e, 6, true);
}

struct pair {
	struct exynos *e;
	unsigned int rounds, full, joined;
	int error;
};

/*
 * The lists of a file are run together, so that each of two threads may find that
 * the other one has run its list, and both together may be too much.
 */
static void *pair_thread(void *arg)
{
	const size_t size = 3 * MIB / 4;
	struct pair *p = arg;
	uint8_t *ptr = exynos_mmap(2 * size);
	struct g2d_image a = exynos_page_at(p->e, ptr, size, 0);
	struct g2d_image b = exynos_page_at(p->e, ptr + size, size, 0);
	int ret;

	while (p->rounds < ROUNDS && !p->error) {
		ret = p->rounds % 2 ? exynos_try_copy(p->e, &b, &a) : exynos_try_copy(p->e, &a, &b);
		if (!ret)
			p->rounds++;
		else if (ret == -ENOSPC)
			p->full++;
		else if (ret == -EPERM)
			p->joined++;
		else
			p->error = ret;
		if (p->full > 100)
			break;
	}
	exynos_close(p->e, a.handle);
	exynos_close(p->e, b.handle);
	munmap(ptr, 2 * size);
	return NULL;
}

static void two_threads(struct exynos *e)
{
	struct pair p[2] = { { .e = e }, { .e = e } };
	pthread_t threads[2];
	unsigned int i;

	exynos_require_iommu(e);
	exynos_set_limits(4, 2);
	for (i = 0; i < 2; i++)
		igt_assert_eq(pthread_create(&threads[i], NULL, pair_thread, &p[i]), 0);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	igt_info("%u + %u rounds, %u times too much, %u times run by the other\n", p[0].rounds,
		 p[1].rounds, p[0].full + p[1].full, p[0].joined + p[1].joined);
	for (i = 0; i < 2; i++)
		igt_assert_eq(p[i].error, 0);
	igt_assert_lte(p[0].full + p[1].full, p[0].joined + p[1].joined);
	for (i = 0; i < 2; i++)
		igt_assert_eq(p[i].rounds, ROUNDS);
}

/*
 * The shortest of some probes, each of which evicts the object of the one that was
 * longest ago: there are more than the user may have mapped.
 */
static uint64_t evict_us(struct exynos *e, uint8_t *pages, unsigned int num)
{
	uint32_t *handles = calloc(num, sizeof(*handles));
	uint64_t took, least = ~0ull;
	unsigned int i;

	igt_assert(handles);
	for (i = 0; i < num; i++) {
		took = exynos_now_us();
		igt_assert_eq(exynos_gem_userptr(e->fd, pages + i * PAGE, PAGE,
						 EXYNOS_USERPTR_READONLY | EXYNOS_USERPTR_PROBE,
						 &handles[i]), 0);
		took = exynos_now_us() - took;
		if (i >= num - 20 && took < least)
			least = took;
	}
	for (i = 0; i < num; i++)
		exynos_close(e, handles[i]);
	free(handles);
	return least;
}

static void others_objects(struct exynos *e)
{
	enum { OBJECTS = 10000, FILES = 2, OWN = 300 };
	struct exynos_shared *s = exynos_share();
	uint8_t *ptr = exynos_mmap(OWN * PAGE);
	uint64_t alone, beside;
	int fds[FILES], i;

	exynos_require_iommu(e);
	igt_skip_on_f(!access("/sys/kernel/debug/kmemleak", F_OK),
		      "a debug kernel hides what a walk over the objects costs\n");
	exynos_set_limits(256, 1);
	exynos_set_limit("userptr_max_objects", OBJECTS + 100);
	memset(ptr, 1, OWN * PAGE);
	for (i = 0; i < FILES; i++)
		fds[i] = drm_open_driver_render(DRIVER_EXYNOS);
	alone = evict_us(e, ptr, OWN);
	exynos_set_limits(256, 256);
	igt_fork(child, 1) {
		uint8_t *pages = exynos_mmap(OBJECTS * PAGE);

		exynos_become(USER);
		memset(pages, 1, OBJECTS * PAGE);
		for (i = 0; i < OBJECTS; i++) {
			e->fd = fds[i % FILES];
			igt_assert_eq(try_probe(e, pages + i * PAGE, PAGE), 0);
		}
		exynos_step(s);
		exynos_wait_step(s, 2);
	}
	/* As long as that takes. */
	while (!s->step)
		usleep(10000);
	exynos_set_limits(256, 1);
	beside = evict_us(e, ptr, OWN);
	exynos_step(s);
	igt_waitchildren();
	for (i = 0; i < FILES; i++)
		close(fds[i]);
	igt_info("%llu us alone, %llu us beside %d objects of another user\n",
		 (unsigned long long)alone, (unsigned long long)beside, OBJECTS);
	igt_assert_lt_u64(beside, 3 * alone);
}

/* GEM buffers beside userptr objects. */

static void gem_beside_idle(struct exynos *e)
{
	/* The DMA API of 32-bit ARM would take two MiB for each. */
	const size_t size = MIB + PAGE;
	void *ptr = exynos_mmap(size);
	int other = drm_open_driver_render(DRIVER_EXYNOS), fd = e->fd;
	static const unsigned int buffers[] = { 4, 8, 16 };
	uint32_t handle;
	unsigned int i;
	int ret;

	exynos_require_iommu(e);
	exynos_set_limits(512, 256);
	for (i = 0; i < 510; i++) {
		ret = exynos_gem_userptr(i % 2 ? other : fd, ptr, size,
					 EXYNOS_USERPTR_READONLY | EXYNOS_USERPTR_PROBE, &handle);
		igt_assert_f(!ret, "object %u failed with %d\n", i, ret);
	}
	for (i = 0; i < ARRAY_SIZE(buffers); i++) {
		ret = exynos_gem_create(fd, buffers[i] * MIB, EXYNOS_BO_NONCONTIG, &handle);
		igt_assert_f(!ret, "a buffer of %u MiB failed with %d\n", buffers[i], ret);
	}
	close(other);
}

static int udmabuf_new(size_t size)
{
	int device = open("/dev/udmabuf", O_RDWR), memfd, fd;
	struct udmabuf_create create = { .size = size };

	igt_require_f(device >= 0, "no /dev/udmabuf\n");
	memfd = memfd_create("buffer", MFD_ALLOW_SEALING);
	igt_assert_eq(ftruncate(memfd, size), 0);
	igt_assert_eq(fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	create.memfd = memfd;
	fd = ioctl(device, UDMABUF_CREATE, &create);
	igt_assert_fd(fd);
	close(memfd);
	close(device);
	return fd;
}

/*
 * 16 of 63 MiB fill the addresses that the DMA API has; a few of them are enough
 * where userptr objects that nobody uses have taken the rest.
 */
static void imports_beside_idle(struct exynos *e)
{
	const size_t size = 63 * MIB;
	struct drm_prime_handle prime[3];
	uint8_t *ptr = exynos_mmap(size);
	unsigned int i, num;
	int ret = 0;

	exynos_require_iommu(e);
	igt_skip_on_f(!access("/sys/kernel/debug/dma-api", F_OK),
		      "the DMA debugger cannot keep account of so many pages in silence\n");
	exynos_set_limits(1024, 1024);
	exynos_set_limit("userptr_cache_ms", 600000);
	for (i = 0; i < 15; i++) {
		uint32_t handle;

		ret = exynos_gem_userptr(e->fd, ptr, size - i,
					 EXYNOS_USERPTR_READONLY | EXYNOS_USERPTR_PROBE, &handle);
		igt_assert_f(!ret, "object %u failed with %d\n", i, ret);
		exynos_close(e, handle);
	}
	for (num = 0; num < ARRAY_SIZE(prime) && !ret; num++) {
		prime[num] = (struct drm_prime_handle){ .fd = udmabuf_new(size) };
		ret = igt_ioctl(e->fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime[num]) ? -errno : 0;
		close(prime[num].fd);
	}
	/* Their pages are pinned, by udmabuf. */
	for (i = 0; i < num; i++)
		if (i < num - 1 || !ret)
			exynos_close(e, prime[i].handle);
	igt_assert_f(!ret, "import %u failed with %d\n", num, ret);
}

/* Processes that are gone. */

/* What KASAN keeps of those that were freed does not count. */
static long mm_structs(void)
{
	FILE *f = fopen("/proc/slabinfo", "re");
	char line[256];
	long num = -1;

	if (!f)
		return -1;
	exynos_write_file("/sys/kernel/slab/mm_struct/shrink", "1");
	while (fgets(line, sizeof(line), f) && sscanf(line, "mm_struct %ld", &num) != 1)
		;
	fclose(f);
	return num;
}

static void exited_processes(struct exynos *e)
{
	enum { PROCESSES = 100 };
	void *ptr = exynos_mmap(PAGE);
	long before = mm_structs(), more = 0;
	unsigned int i;

	igt_require_f(before >= 0, "this kernel does not count its slabs\n");
	for (i = 0; i < PROCESSES; i++) {
		igt_fork(child, 1)
			exynos_userptr(e, ptr, PAGE, 0);
		igt_waitchildren();
	}
	for (i = 0; i < 100; i++) {
		more = mm_structs() - before;
		if (more < PROCESSES / 4)
			break;
		usleep(50000);
	}
	igt_info("%ld more address spaces than before\n", more);
	igt_assert_lt(more, PROCESSES / 4);
}

/* What can be seen. */

/* Lines of the table in debugfs. */
static unsigned int num_objects(void)
{
	FILE *f = popen("cat /sys/kernel/debug/dri/*/userptr 2>/dev/null | sort -u", "r");
	unsigned int num = 0;
	char line[256];

	igt_assert(f);
	while (fgets(line, sizeof(line), f)) {
		unsigned int start, size;

		num += sscanf(line, "%x %u ", &start, &size) == 2;
	}
	pclose(f);
	return num;
}

static void cache_visible(struct exynos *e)
{
	const size_t size = 16 * PAGE;
	uint8_t *ptr = exynos_mmap(size);
	uint32_t handle;

	exynos_require_iommu(e);
	exynos_set_limit("userptr_cache_ms", 600000);
	handle = exynos_userptr(e, ptr, size, EXYNOS_USERPTR_PROBE);
	igt_assert_eq_u64(oracle_fdinfo(e->fd, "exynos-userptr-cached"), 0);
	exynos_close(e, handle);
	igt_assert_eq_u64(oracle_fdinfo(e->fd, "exynos-userptr-cached"), 1);
	igt_assert_eq_u64(oracle_fdinfo(e->fd, "exynos-userptr-cached-mapped"), size);
	igt_assert_eq_u64(oracle_mapped(e->fd), 0);
	munmap(ptr, size);
	igt_assert_eq_u64(oracle_fdinfo(e->fd, "exynos-userptr-cached-mapped"), 0);
}

static void cache_ages(struct exynos *e)
{
	uint8_t *ptr = exynos_mmap(4 * PAGE);
	unsigned int before = num_objects(), i, left = 0;

	exynos_set_limit("userptr_cache_ms", 300);
	for (i = 0; i < 4; i++)
		exynos_close(e, exynos_userptr(e, ptr + i * PAGE, PAGE, EXYNOS_USERPTR_PROBE));
	for (i = 0; i < 200; i++) {
		left = num_objects() - before;
		if (!left)
			break;
		usleep(100000);
	}
	igt_assert_f(!left, "%u closed objects stay\n", left);
}

/* An engine that goes too far. */

static const char faults[] = EXYNOS_FAULT_MESSAGES;

/* Returns what became of the job; the neighbours look for themselves. */
static int overreach(struct exynos *e, uint32_t knob, const struct g2d_list *list)
{
	int ret;

	engine_write(&e->board, ENGINE_KNOBS, knob);
	ret = exynos_try(e, list);
	engine_write(&e->board, ENGINE_KNOBS, 0);
	mmu_clear(&e->board, MMU_FAULTS);
	return ret;
}

static void guard_pages(struct exynos *e)
{
	enum { NEIGHBOURS = 8, CANARY = 0x55 };
	struct exynos_shared *s = exynos_share();
	int fd = drm_open_driver_render(DRIVER_EXYNOS), written, read;
	struct g2d_image own, bo;
	struct g2d_list list;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	engine_write(&e->board, ENGINE_KNOBS, KNOB_OVERREACH_WRITE);
	igt_require_f(engine_read(&e->board, ENGINE_KNOBS) == KNOB_OVERREACH_WRITE,
		      "this model's engine does not go too far\n");
	engine_write(&e->board, ENGINE_KNOBS, 0);
	e->allowed = faults;

	igt_fork(child, 1) {
		uint8_t *ptr = exynos_mmap(2 * NEIGHBOURS * PAGE);
		unsigned int i;

		exynos_become(USER);
		e->fd = fd;
		memset(ptr, CANARY, 2 * NEIGHBOURS * PAGE);
		for (i = 0; i < 2 * NEIGHBOURS; i++) {
			if (i == NEIGHBOURS) {
				exynos_step(s);
				exynos_wait_step(s, 2);
			}
			exynos_userptr(e, ptr + i * PAGE, PAGE, EXYNOS_USERPTR_PROBE);
		}
		exynos_step(s);
		exynos_wait_step(s, 4);
		exynos_check_bytes(ptr, 2 * NEIGHBOURS * PAGE, CANARY);
	}
	exynos_wait_step(s, 1);
	own = exynos_page_at(e, exynos_mmap(PAGE), PAGE, EXYNOS_USERPTR_PROBE);
	exynos_step(s);
	exynos_wait_step(s, 3);

	g2d_fill(&list, &own, g2d_whole(&own), 1);
	written = overreach(e, KNOB_OVERREACH_WRITE, &list);
	/* The mapping is the same one: nothing has changed in between. */
	bo = exynos_page(exynos_bo(e, PAGE));
	g2d_copy(&list, &own, g2d_whole(&own), &bo, 0, 0);
	read = overreach(e, KNOB_OVERREACH_READ, &list);
	exynos_step(s);
	igt_waitchildren();
	close(fd);
	igt_assert_eq(written, -EIO);
	igt_assert_eq(read, -EIO);
}

static const struct exynos_test tests[] = {
	{ "share-of-user", share_of_user },
	{ "objects-of-user", objects_of_user },
	{ "closed-objects", closed_objects },
	{ "busy-share", busy_share },
	{ "busy-limit", busy_limit },
	{ "never-fits", never_fits },
	{ "own-mapping", own_mapping },
	{ "own-mapping-96mib", own_mapping_96mib },
	{ "read-and-written", read_and_written },
	{ "six-processes", six_processes },
	{ "six-users", six_users },
	{ "two-threads", two_threads },
	{ "others-objects", others_objects },
	{ "gem-beside-idle", gem_beside_idle },
	{ "imports-beside-idle", imports_beside_idle },
	{ "exited-processes", exited_processes },
	{ "cache-visible", cache_visible },
	{ "cache-ages", cache_ages },
	{ "guard-pages", guard_pages },
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
