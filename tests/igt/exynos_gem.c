// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "igt_exynos.h"
#include "igt_exynos_fail.h"
#include "igt_exynos_sys.h"

/**
 * TEST: exynos GEM objects
 * Description: GEM objects without user memory.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Memory management tests
 * Functionality: command lists
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: quiet-buffers
 * Description: A program cannot fill the log with buffers that are refused.
 *
 * SUBTEST: fresh-memory
 * Description: Nothing that others have written is in a new buffer.
 *
 * SUBTEST: mmap-dmabuf-offset
 * Description: mmap() of a dma-buf begins where it is told to.
 *
 * SUBTEST: hopeless-contiguous
 * Description: A program cannot fill the log with requests for memory in one
 *		piece.
 *
 * SUBTEST: hopeless-scattered
 * Description: Nobody is killed for a request that cannot be met.
 *
 * SUBTEST: size-truncated
 * Description: A buffer is as large as it was asked for, or refused.
 *
 * SUBTEST: neighbouring-buffers
 * Description: Small buffers may lie side by side.
 *
 * SUBTEST: import-large-piece
 * Description: A large contiguous piece of memory can be imported.
 *
 * SUBTEST: mmap-fails
 * Description: An mmap() that runs out of memory leaves the object alone.
 *
 * SUBTEST: mmap-imported
 * Description: An imported buffer that was mapped is freed.
 */

IGT_TEST_DESCRIPTION("GEM objects without user memory.");

#define PAGE		4096u

/* Buffers. */

static void quiet_buffers(struct exynos *e)
{
	struct drm_exynos_gem_map map = { .handle = 0x7fffffff };
	struct drm_mode_fb_cmd2 fb = {
		.width = 16, .height = 16,
		.pixel_format = 0x34325258, /* XR24 */
		.handles[0] = 0x7fffffff, .pitches[0] = 64,
	};
	int card = drm_open_driver(DRIVER_EXYNOS);
	uint32_t handle, flags;
	uint64_t size;

	igt_assert_neq(exynos_gem_create(e->fd, 0, 0, &handle), 0);
	igt_assert_neq(exynos_gem_create(e->fd, PAGE, ~0u, &handle), 0);
	igt_assert_neq(exynos_gem_get(e->fd, 0x7fffffff, &flags, &size), 0);
	igt_assert_eq(igt_ioctl(e->fd, DRM_IOCTL_EXYNOS_GEM_MAP, &map), -1);
	do_ioctl_err(card, DRM_IOCTL_MODE_ADDFB2, &fb, ENOENT);
	drm_close_driver(card);
}

static void fresh_memory(struct exynos *e)
{
	const size_t left = 16 << 20, large = 64 << 10;
	uint32_t *ptr = exynos_mmap(left), *map;
	unsigned int i, j;
	uint32_t handle;
	size_t size;

	exynos_fill_words(ptr, left, 1);
	munmap(ptr, left);
	for (i = 0; i < 144; i++) {
		size = i < 128 ? PAGE : large;
		handle = exynos_bo(e, size);
		map = exynos_bo_map(e, handle, size);
		for (j = 0; j < size / 4; j++)
			igt_assert_f(!map[j], "a new buffer holds %#x\n", map[j]);
		munmap(map, size);
	}
}

static void mmap_dmabuf_offset(struct exynos *e)
{
	const size_t size = 4 * PAGE;
	uint32_t handle = exynos_bo(e, size), *map = exynos_bo_map(e, handle, size), *part;
	int dmabuf = exynos_export_bo(e, handle);
	unsigned int page;

	exynos_fill_words(map, size, 1);
	for (page = 0; page < 4; page++) {
		part = mmap(NULL, size - page * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, dmabuf,
			    page * PAGE);
		igt_assert(part != MAP_FAILED);
		igt_assert_f(!memcmp(part, map + page * PAGE / 4, size - page * PAGE),
			     "what is mapped is not page %u\n", page);
		munmap(part, size - page * PAGE);
	}
	igt_assert(mmap(NULL, size, PROT_READ, MAP_SHARED, dmabuf, PAGE) == MAP_FAILED);
	munmap(map, size);
	close(dmabuf);
}

static void hopeless_contiguous(struct exynos *e)
{
	uint32_t handle;

	igt_assert_eq(exynos_gem_create(e->fd, 512 << 20, EXYNOS_BO_CONTIG, &handle), -ENOMEM);
}

/* A program that is worth killing when there is no memory; the end of READY tells. */
static pid_t start_large_program(void)
{
	const size_t size = 64 << 20;
	int ready[2];
	char byte;
	pid_t pid;

	igt_assert_eq(pipe(ready), 0);
	pid = fork();
	igt_assert_lte(0, pid);
	if (!pid) {
		memset(exynos_mmap(size), 1, size);
		exynos_write_file("/proc/self/oom_score_adj", "1000");
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	igt_assert_eq(read(ready[0], &byte, 1), 0);
	close(ready[0]);
	return pid;
}

static void hopeless_scattered(struct exynos *e)
{
	pid_t large = start_large_program(), asking;
	uint32_t handle;
	bool killed;
	int status;

	/* Whoever asks is next, so that the board survives. */
	asking = fork();
	igt_assert_lte(0, asking);
	if (!asking) {
		exynos_write_file("/proc/self/oom_score_adj", "999");
		_exit(exynos_gem_create(e->fd, 2ull << 30, EXYNOS_BO_NONCONTIG, &handle) != -ENOMEM);
	}
	igt_assert_eq(waitpid(asking, &status, 0), asking);
	killed = waitpid(large, NULL, WNOHANG) != 0;
	if (!killed) {
		kill(large, SIGKILL);
		waitpid(large, NULL, 0);
	}
	igt_assert_f(!killed, "a program was killed for what another one asks for\n");
	igt_assert_f(WIFEXITED(status) && !WEXITSTATUS(status), "who asked was not told\n");
}

static void size_truncated(struct exynos *e)
{
	static const uint64_t sizes[] = { (4ull << 30) + PAGE, 0xfffff001, ~0ull, ~0ull << 32 };
	uint32_t handle, flags;
	uint64_t got;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (exynos_gem_create(e->fd, sizes[i], 0, &handle))
			continue;
		igt_assert_eq(exynos_gem_get(e->fd, handle, &flags, &got), 0);
		igt_assert_f(got >= sizes[i], "a buffer of %#llx bytes was made for %#llx\n",
			     (unsigned long long)got, (unsigned long long)sizes[i]);
		exynos_close(e, handle);
	}
}

static void neighbouring_buffers(struct exynos *e)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		exynos_bo(e, PAGE);
	exynos_assert_works(e);
}

static void import_large_piece(struct exynos *e)
{
	struct dma_heap_allocation_data piece = {
		.len = 256 << 10,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
	struct drm_prime_handle prime = { 0 };
	int heap = open("/dev/dma_heap/default_cma_region", O_RDWR);

	igt_require_f(heap >= 0, "there is no heap of contiguous memory\n");
	do_ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &piece);
	close(heap);
	prime.fd = piece.fd;
	do_ioctl(e->fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime);
	exynos_close(e, prime.handle);
	close(piece.fd);
}

/* Returns whether it did, with the nth allocation failing, and whether that one was there. */
static bool mmap_failing(struct exynos *e, uint64_t offset, size_t size, unsigned int nth,
			 bool *failed)
{
	void *ptr;

	exynos_fail_nth(nth);
	/* An address of its own, so that there is no page table yet. */
	ptr = mmap64((void *)0x10000000, size, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_FIXED_NOREPLACE, e->fd, offset);
	*failed = exynos_has_failed();
	if (ptr != MAP_FAILED)
		munmap(ptr, size);
	return ptr != MAP_FAILED;
}

static void mmap_fails(struct exynos *e)
{
	static const char * const functions[] = { "drm_gem_mmap_obj", "drm_gem_mmap" };
	const size_t size = 16 * PAGE;
	uint32_t handle = exynos_bo(e, size), flags;
	uint64_t offset = exynos_bo_offset(e, handle), got;
	unsigned int i, nth;
	bool failed;

	e->allowed = "Remapping memory failed|failed to mmap";
	exynos_require_failing();
	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		exynos_fail_within(functions[i]);
		for (nth = 1, failed = true; failed; nth++) {
			bool mapped = mmap_failing(e, offset, size, nth, &failed);

			igt_assert_eq(exynos_gem_get(e->fd, handle, &flags, &got), 0);
			igt_assert_eq_u64(got, size);
			igt_assert(mapped || failed);
			igt_assert_f(failed || nth > 1, "%s() needed no memory\n", functions[i]);
		}
	}
	exynos_fail_nowhere(0);
	exynos_close(e, handle);
}

/* How many files have the dma-buf open, as the dma-buf itself tells. */
static long dmabuf_users(int dmabuf)
{
	char path[64], line[128];
	long count = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", dmabuf);
	f = fopen(path, "r");
	igt_assert(f);
	while (fgets(line, sizeof(line), f) && sscanf(line, "count: %ld", &count) != 1)
		;
	fclose(f);
	return count;
}

static void mmap_imported(struct exynos *e)
{
	const size_t size = 4 * PAGE;
	struct udmabuf_create create = { .size = size };
	struct drm_prime_handle prime = { 0 };
	int memfd, udmabuf;
	long users;
	uint64_t offset;
	void *ptr;
	uint32_t probe;

	exynos_require_iommu(e);
	udmabuf = open("/dev/udmabuf", O_RDWR);
	igt_require_f(udmabuf >= 0, "no /dev/udmabuf\n");
	memfd = memfd_create("imported", MFD_ALLOW_SEALING);
	igt_assert_eq(ftruncate(memfd, size), 0);
	igt_assert_eq(fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	create.memfd = memfd;
	prime.fd = ioctl(udmabuf, UDMABUF_CREATE, &create);
	igt_assert_fd(prime.fd);
	users = dmabuf_users(prime.fd);
	igt_assert_lte(1, users);

	/* Nobody tells the offset of an imported object, but it can be guessed. */
	probe = exynos_bo(e, size);
	offset = exynos_bo_offset(e, probe);
	exynos_close(e, probe);
	/* Handles and offsets are handed back at once. */
	do_ioctl(e->fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime);
	ptr = mmap64(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, e->fd, offset);
	igt_require_f(ptr != MAP_FAILED, "the offset could not be guessed: %s\n", strerror(errno));
	munmap(ptr, size);
	exynos_close(e, prime.handle);
	igt_assert_f(dmabuf_users(prime.fd) == users, "the buffer has %ld users left\n",
		     dmabuf_users(prime.fd) - users);
	close(prime.fd);
	close(memfd);
	close(udmabuf);
}

static const struct exynos_test tests[] = {
	{ "quiet-buffers", quiet_buffers },
	{ "fresh-memory", fresh_memory },
	{ "mmap-dmabuf-offset", mmap_dmabuf_offset },
	{ "hopeless-contiguous", hopeless_contiguous },
	{ "hopeless-scattered", hopeless_scattered },
	{ "size-truncated", size_truncated },
	{ "neighbouring-buffers", neighbouring_buffers },
	{ "import-large-piece", import_large_piece },
	{ "mmap-fails", mmap_fails },
	{ "mmap-imported", mmap_imported },
};

igt_main {
	static struct exynos e;

	igt_fixture
		exynos_init(&e);

	exynos_run_tests(&e, tests, ARRAY_SIZE(tests));

	igt_fixture
		exynos_fini(&e);
}
