// SPDX-License-Identifier: MIT
#include <linux/loop.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>

#include "igt_exynos_block.h"

/**
 * TEST: exynos userptr memory
 * Description: User memory of all kinds: read-only, untouched, files, swapped out.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Memory management tests
 * Functionality: userptr
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: readonly-memory-source
 * Description: Memory that may only be read is a source.
 *
 * SUBTEST: readonly-memory-destination
 * Description: Memory that may only be read is refused as destination.
 *
 * SUBTEST: readonly-file-source
 * Description: A file that may only be read is a source.
 *
 * SUBTEST: readonly-flag
 * Description: An object made read-only is a source, never a destination.
 *
 * SUBTEST: untouched-source
 * Description: Untouched memory is read as zeros, and stays untouched.
 *
 * SUBTEST: untouched-destination
 * Description: Untouched memory gets pages when it is written.
 *
 * SUBTEST: memfd
 * Description: A memfd is written and read through the engine and write().
 *
 * SUBTEST: memfd-truncate
 * Description: A truncated memfd fails a job; made larger again it is zeros.
 *
 * SUBTEST: file-writeback
 * Description: What the engine writes to a file is on the disk after fsync(),
 *		again after the file was cleaned.
 *
 * SUBTEST: large-64mib
 * Description: An object of 64 MiB is written and read from end to end.
 *
 * SUBTEST: swap-out
 * Description: An idle object's memory can be swapped out, and comes back.
 */

IGT_TEST_DESCRIPTION("User memory of all kinds: read-only, untouched, files, swapped out.");

/* Kinds of memory. */

static void readonly_memory_source(struct exynos *e)
{
	struct exynos_block src = exynos_block_map(e), dst = exynos_block_new(e, 2);

	exynos_fill_words(src.ptr, src.size, 1);
	igt_assert_eq(mprotect(src.map, src.map_size, PROT_READ), 0);
	exynos_block_import(e, &src);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 1);
	igt_assert_eq(exynos_try_userptr(e, (uintptr_t)src.ptr, src.size,
				 EXYNOS_USERPTR_PROBE | EXYNOS_USERPTR_READONLY), 0);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

static void readonly_memory_destination(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 1), dst = exynos_block_new(e, 2);

	igt_assert_eq(mprotect(dst.map, dst.map_size, PROT_READ), 0);
	igt_assert_eq(exynos_block_try_copy(e, &src, &dst), -EFAULT);
	igt_assert_eq(exynos_try_userptr(e, (uintptr_t)dst.ptr, dst.size, EXYNOS_USERPTR_PROBE), -EFAULT);
	exynos_block_check(&dst, 2);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

/* A file of @size bytes with the words of @seed, unlinked, open with @flags. */
static int temporary_file(size_t size, uint32_t seed, int flags)
{
	const char *path = "/tmp/exynos_userptr";
	uint8_t *data = malloc(size);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	igt_assert_fd(fd);
	igt_assert(data);
	exynos_fill_words(data, size, seed);
	igt_assert_eq(write(fd, data, size), size);
	free(data);
	close(fd);
	fd = open(path, flags | O_CLOEXEC);
	igt_assert_fd(fd);
	unlink(path);
	return fd;
}

/* Words of a file's pattern that a block sees, which starts inside of it. */
static void check_file_words(const struct exynos_block *dst, const struct exynos_block *file, uint32_t seed)
{
	size_t skip = (file->ptr - file->map) / 4, i;

	for (i = 0; i < dst->size / 4; i++)
		igt_assert_eq_u32(((uint32_t *)dst->ptr)[i], exynos_word(seed, skip + i));
}

static void readonly_file_source(struct exynos *e)
{
	struct exynos_block dst = exynos_block_new(e, 2), src;
	int fd = temporary_file(dst.map_size, 1, O_RDONLY);

	src = exynos_block_map_fd(e, fd, PROT_READ);
	exynos_block_import(e, &src);
	exynos_block_copy(e, &src, &dst);
	check_file_words(&dst, &src, 1);
	igt_assert_eq(exynos_block_try_copy(e, &dst, &src), -EFAULT);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
	close(fd);
}

static void readonly_flag(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 1), dst = exynos_block_new(e, 2);

	exynos_close(e, src.image.handle);
	src.image.handle = exynos_userptr(e, src.ptr, src.size, EXYNOS_USERPTR_READONLY);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 1);
	exynos_fill_words(dst.ptr, dst.size, 3);
	igt_assert_eq(exynos_block_try_copy(e, &dst, &src), -EACCES);
	exynos_block_check(&src, 1);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 1);

	/* Closed and made again with and without the flag: no mix-up. */
	exynos_close(e, src.image.handle);
	exynos_block_import(e, &src);
	exynos_fill_words(dst.ptr, dst.size, 4);
	exynos_block_copy(e, &dst, &src);
	exynos_block_check(&src, 4);
	exynos_close(e, src.image.handle);
	src.image.handle = exynos_userptr(e, src.ptr, src.size, EXYNOS_USERPTR_READONLY);
	igt_assert_eq(exynos_block_try_copy(e, &dst, &src), -EACCES);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

static long anonymous_kib(void)
{
	char line[128];
	long kib = -1;
	FILE *f = fopen("/proc/self/status", "re");

	igt_assert(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "RssAnon: %ld", &kib) == 1)
			break;
	fclose(f);
	igt_assert(kib >= 0);
	return kib;
}

static void untouched_source(struct exynos *e)
{
	enum { W = 512, H = 512, BYTES = W * H * 4 };
	struct g2d_image src, dst;
	struct exynos_block small, result;
	uint8_t *from, *to;
	long before;

	small = exynos_block_map(e);
	exynos_block_import(e, &small);
	result = exynos_block_new(e, 2);
	exynos_block_copy(e, &small, &result);
	exynos_check_bytes(result.ptr, result.size, 0);
	exynos_block_unmap(&small);
	exynos_block_unmap(&result);
	if (!e->board.has_iommu)
		return;

	from = exynos_mmap(BYTES);
	to = exynos_mmap(BYTES);
	memset(to, 0x5a, BYTES);
	src = exynos_image(exynos_userptr(e, from, BYTES, 0), W, H);
	dst = exynos_image(exynos_userptr(e, to, BYTES, 0), W, H);
	before = anonymous_kib();
	exynos_copy(e, &src, &dst);
	igt_assert_lt(anonymous_kib() - before, BYTES / 1024 / 4);
	exynos_check_bytes(to, BYTES, 0);

	/* Touched now: the next job reads what is there. */
	exynos_fill_words(from, BYTES, 1);
	exynos_copy(e, &src, &dst);
	exynos_check_words(to, BYTES, 1);
	munmap(from, BYTES);
	munmap(to, BYTES);
}

static void untouched_destination(struct exynos *e)
{
	struct exynos_block dst = exynos_block_map(e);

	exynos_block_import(e, &dst);
	exynos_fill(e, &dst.image, 0x12345678);
	exynos_check_colour(dst.ptr, dst.size, 0x12345678);
	exynos_check_bytes(dst.map, dst.ptr - dst.map, 0);
	exynos_check_bytes(dst.ptr + dst.size, dst.map + dst.map_size - (dst.ptr + dst.size), 0);
	exynos_block_unmap(&dst);
}

static void memfd(struct exynos *e)
{
	struct exynos_block dst, src = exynos_block_new(e, 1), back = exynos_block_new(e, 2);
	int fd = memfd_create("exynos_userptr", MFD_CLOEXEC);
	uint8_t *data;

	igt_assert_fd(fd);
	igt_assert_eq(ftruncate(fd, src.map_size), 0);
	dst = exynos_block_map_fd(e, fd, PROT_READ | PROT_WRITE);
	exynos_block_import(e, &dst);
	data = malloc(dst.size);

	/* The file was all hole. */
	exynos_block_copy(e, &src, &dst);
	igt_assert_eq(pread(fd, data, dst.size, dst.ptr - dst.map), dst.size);
	exynos_check_words(data, dst.size, 1);

	exynos_fill_words(data, dst.size, 3);
	igt_assert_eq(pwrite(fd, data, dst.size, dst.ptr - dst.map), dst.size);
	exynos_block_copy(e, &dst, &back);
	exynos_block_check(&back, 3);

	/* Punched out, it is a hole again, and the engine fills it. */
	igt_assert_eq(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, dst.map_size), 0);
	exynos_block_copy(e, &dst, &back);
	exynos_check_bytes(back.ptr, back.size, 0);
	exynos_block_copy(e, &src, &dst);
	igt_assert_eq(pread(fd, data, dst.size, dst.ptr - dst.map), dst.size);
	exynos_check_words(data, dst.size, 1);
	free(data);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
	exynos_block_unmap(&back);
	close(fd);
}

static void memfd_truncate(struct exynos *e)
{
	struct exynos_block src, dst = exynos_block_new(e, 2);
	int fd = memfd_create("exynos_userptr", MFD_CLOEXEC);

	igt_assert_fd(fd);
	igt_assert_eq(ftruncate(fd, dst.map_size), 0);
	src = exynos_block_map_fd(e, fd, PROT_READ | PROT_WRITE);
	exynos_fill_words(src.ptr, src.size, 1);
	exynos_block_import(e, &src);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 1);

	igt_assert_eq(ftruncate(fd, 0), 0);
	exynos_block_check_mapped(e, 1);
	igt_assert_eq(exynos_block_try_copy(e, &src, &dst), -EFAULT);
	igt_assert_eq(exynos_block_try_copy(e, &dst, &src), -EFAULT);
	igt_assert_eq(ftruncate(fd, dst.map_size), 0);
	exynos_block_copy(e, &src, &dst);
	exynos_check_bytes(dst.ptr, dst.size, 0);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
	close(fd);
}

/* An ext2 file system on a loop device; what is on it can be read past the page cache. */
#define DISK "/tmp/exynos_userptr.img"
#define DISK_DIR "/tmp/exynos_userptr.mnt"

static char loop_device[32];

static void disk_umount(int sig)
{
	(void)sig;
	umount2(DISK_DIR, MNT_DETACH);
	if (loop_device[0]) {
		int fd = open(loop_device, O_RDONLY | O_CLOEXEC);

		ioctl(fd, LOOP_CLR_FD, 0);
		close(fd);
		loop_device[0] = '\0';
	}
	unlink(DISK);
}

/*
 * The loop device is set up first and nobody has it open when it is mounted: a
 * kernel may refuse to mount what somebody could write behind its back.
 */
static bool disk_mount(void)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	char command[64];

	close(control);
	if (number < 0)
		return false;
	mkdir(DISK_DIR, 0700);
	if (system("dd if=/dev/zero of=" DISK " bs=1M count=8 2>/dev/null && "
		   "mke2fs -F " DISK " >/dev/null 2>&1"))
		return false;
	snprintf(loop_device, sizeof(loop_device), "/dev/loop%d", number);
	snprintf(command, sizeof(command), "losetup %s " DISK, loop_device);
	return system(command) == 0 &&
	       mount(loop_device, DISK_DIR, "ext2", 0, NULL) == 0;
}

static void check_on_disk(const struct exynos_block *b, uint32_t seed)
{
	uint8_t *data;
	int fd;

	igt_assert_eq(posix_memalign((void **)&data, 4096, b->map_size), 0);
	fd = open(DISK_DIR "/file", O_RDONLY | O_DIRECT | O_CLOEXEC);
	igt_assert_fd(fd);
	igt_assert_eq(read(fd, data, b->map_size), b->map_size);
	close(fd);
	exynos_check_words(data + (b->ptr - b->map), b->size, seed);
	free(data);
}

static void file_writeback(struct exynos *e)
{
	struct exynos_block src, dst;
	unsigned int i;
	int fd;

	igt_install_exit_handler(disk_umount);
	igt_require_f(disk_mount(), "a loop device and an ext2 file system are needed\n");
	src = exynos_block_new(e, 1);
	fd = open(DISK_DIR "/file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	igt_assert_fd(fd);
	igt_assert_eq(ftruncate(fd, src.map_size), 0);
	dst = exynos_block_map_fd(e, fd, PROT_READ | PROT_WRITE);
	exynos_block_import(e, &dst);

	/*
	 * The object stays mapped for the engine over the fsync(): what it
	 * writes afterwards must make the pages dirty again.
	 */
	for (i = 0; i < 5; i++) {
		exynos_fill_words(src.ptr, src.size, 10 + i);
		exynos_block_copy(e, &src, &dst);
		exynos_block_check(&dst, 10 + i);
		igt_assert_eq(fsync(fd), 0);
		check_on_disk(&dst, 10 + i);
	}

	/* Unmapped while dirty. */
	exynos_fill_words(src.ptr, src.size, 20);
	exynos_block_copy(e, &src, &dst);
	exynos_block_unmap(&dst);
	igt_assert_eq(fsync(fd), 0);
	check_on_disk(&dst, 20);
	exynos_block_unmap(&src);
	close(fd);
	disk_umount(0);
}

static void large_64mib(struct exynos *e)
{
	/* One band in sixteen is filled, the last one too. */
	enum { W = 4096, H = 4096, BAND = 16, EVERY = 16 };
	const size_t bytes = (size_t)W * H * 4, band = (size_t)W * BAND * 4;
	struct g2d_image image, small;
	struct g2d_list list;
	uint8_t *ptr, *back;
	unsigned int y;

	exynos_require_iommu(e);
	ptr = exynos_mmap(bytes + 4096);
	back = exynos_mmap(4096);
	image = exynos_image(exynos_userptr(e, ptr + 52, bytes, 0), W, H);
	for (y = (EVERY - 1) * BAND; y < H; y += EVERY * BAND) {
		g2d_fill(&list, &image, (struct g2d_rect){ 0, y, W, BAND }, 0xff000000 | y);
		exynos_run(e, &list);
	}
	for (y = 0; y < H; y += BAND)
		exynos_check_colour(ptr + 52 + y / BAND * band, band,
				    y / BAND % EVERY == EVERY - 1 ? 0xff000000 | y : 0);
	exynos_check_bytes(ptr, 52, 0);
	exynos_check_bytes(ptr + 52 + bytes, 4096 - 52, 0);

	/* Its very last pixels as a source. */
	small = exynos_image(exynos_userptr(e, back, 4096, 0), 32, 32);
	g2d_copy(&list, &image, (struct g2d_rect){ W - 32, H - 32, 32, 32 }, &small, 0, 0);
	exynos_run(e, &list);
	exynos_check_colour(back, 4096 / 2, 0);
	exynos_check_colour(back + 4096 / 2, 4096 / 2, 0xff000000 | (H - BAND));
	exynos_assert_nothing_pinned(e);
	munmap(ptr, bytes + 4096);
	munmap(back, 4096);
}

#define ZRAM "/dev/zram0"

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static void swap_off(int sig)
{
	(void)sig;
	swapoff(ZRAM);
	write_text("/sys/block/zram0/reset", "1");
}

static void swap_on(void)
{
	igt_require_f(write_text("/sys/block/zram0/disksize", "32M"), "there is no unused zram0\n");
	igt_install_exit_handler(swap_off);
	igt_require_f(system("mkswap " ZRAM " >/dev/null 2>&1") == 0 && swapon(ZRAM, 0) == 0,
		      ZRAM " cannot be used for swap\n");
}

/*
 * A page that was just faulted in belongs to the CPU that did it for a while, and
 * cannot be reclaimed from another one.
 */
static void stay_on_this_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	igt_assert_eq(sched_setaffinity(0, sizeof(set), &set), 0);
}

/* All of it: one page that stays would be one that somebody holds on to. */
static void swap_out_block(const struct exynos_block *b)
{
	struct oracle_pages p;
	unsigned int tries;

	for (tries = 0; tries < 20; tries++) {
		igt_assert_eq(madvise(b->map, b->map_size, MADV_PAGEOUT), 0);
		igt_assert_eq(oracle_pages(b->map, b->map_size, &p), 0);
		if (p.swapped == p.pages)
			return;
		usleep(50 * 1000);
	}
	igt_assert_f(0, "of %u pages %u are swapped out, %u present\n", p.pages, p.swapped,
		     p.present);
}

static void swap_out(struct exynos *e)
{
	struct exynos_block src, dst;
	unsigned int i;

	swap_on();
	stay_on_this_cpu();
	src = exynos_block_new(e, 1);
	dst = exynos_block_new(e, 2);
	memset(src.map, 1, src.ptr - src.map);
	memset(src.ptr + src.size, 1, src.map + src.map_size - (src.ptr + src.size));
	memset(dst.map, 1, dst.ptr - dst.map);
	memset(dst.ptr + dst.size, 1, dst.map + dst.map_size - (dst.ptr + dst.size));
	for (i = 0; i < 5; i++) {
		exynos_fill_words(src.ptr, src.size, 10 + i);
		exynos_block_copy(e, &src, &dst);
		swap_out_block(&src);
		swap_out_block(&dst);
		exynos_block_check_mapped(e, 0);
		/* What the engine wrote went to swap, and comes back. */
		exynos_block_check(&dst, 10 + i);

		/* The engine's own faults bring it back, too. */
		swap_out_block(&dst);
		exynos_fill(e, &dst.image, 0x11111111 * i);
		exynos_check_colour(dst.ptr, dst.size, 0x11111111 * i);
		exynos_block_copy(e, &src, &dst);
		exynos_block_check(&dst, 10 + i);
	}
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
	swap_off(0);
}

static const struct exynos_test tests[] = {
	{ "readonly-memory-source", readonly_memory_source },
	{ "readonly-memory-destination", readonly_memory_destination },
	{ "readonly-file-source", readonly_file_source },
	{ "readonly-flag", readonly_flag },
	{ "untouched-source", untouched_source },
	{ "untouched-destination", untouched_destination },
	{ "memfd", memfd },
	{ "memfd-truncate", memfd_truncate },
	{ "file-writeback", file_writeback },
	{ "large-64mib", large_64mib },
	{ "swap-out", swap_out },
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
