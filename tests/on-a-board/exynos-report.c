// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the virtual board cannot show of an engine in silicon: caches, the MMU's
 * TLB and resets. A line on each property: "ok", "FAILED", or "unknown" if it could
 * not be tried. scripts/on-a-board has more of it.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <exynos_drm.h>
#include <exynos_drm_userptr.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGE		4096u
#define MIB		(1024u * 1024)
#define TIMEOUT		"/sys/module/exynosdrm/parameters/g2d_timeout"

enum {
	SRC_SELECT = 0x300, SRC_BASE = 0x304, SRC_STRIDE = 0x308, SRC_COLOR_MODE = 0x30c,
	SRC_LEFT_TOP = 0x310, SRC_RIGHT_BOTTOM = 0x314,
	DST_BASE = 0x404, DST_STRIDE = 0x408, DST_COLOR_MODE = 0x40c,
	DST_LEFT_TOP = 0x410, DST_RIGHT_BOTTOM = 0x414, ROP4 = 0x614, ROP4_COPY = 0xcc,
};

enum { ARGB8888 = 1, RGB565 = 2, A8 = 11 };

/* Of System MMUs up to version 3. */
enum { MMU_CTRL = 0x0, MMU_CTRL_ENABLE = 0x5, MMU_CTRL_BLOCK = 0x7, MMU_VERSION = 0x34 };

struct image {
	uint8_t *at;
	size_t size;
	uint32_t handle;
	unsigned int stride;
};

static int fd;
static unsigned int holds, fails, unknown;
static unsigned int line = 32;
static bool iommu;

__attribute__((format(printf, 3, 4)))
static void say(const char *verdict, const char *what, const char *why, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, why);
	vsnprintf(text, sizeof(text), why, ap);
	va_end(ap);
	printf("%-8s %s%s%s\n", verdict, what, text[0] ? ": " : "", text);

	if (!strcmp(verdict, "ok"))
		holds++;
	else if (!strcmp(verdict, "FAILED"))
		fails++;
	else if (!strcmp(verdict, "unknown"))
		unknown++;
}

/* 0 or the error. */
static int create(struct image *image, void *at, size_t size, unsigned int stride)
{
	struct drm_exynos_gem_userptr arg = { .userptr = (uintptr_t)at, .size = size };

	*image = (struct image){ .at = at, .size = size, .stride = stride };
	if (ioctl(fd, DRM_IOCTL_EXYNOS_GEM_USERPTR, &arg))
		return errno;
	image->handle = arg.handle;

	return 0;
}

static void destroy(struct image *image)
{
	struct drm_gem_close arg = { .handle = image->handle };

	if (image->handle)
		ioctl(fd, DRM_IOCTL_GEM_CLOSE, &arg);
	image->handle = 0;
}

static int queue(const struct image *src, const struct image *dst, unsigned int format,
		 unsigned int width, unsigned int height)
{
	const struct drm_exynos_g2d_cmd cmds[] = {
		{ SRC_SELECT, 0 }, { SRC_COLOR_MODE, format }, { SRC_STRIDE, src->stride },
		{ SRC_LEFT_TOP, 0 }, { SRC_RIGHT_BOTTOM, height << 16 | width },
		{ DST_COLOR_MODE, format }, { DST_STRIDE, dst->stride },
		{ DST_LEFT_TOP, 0 }, { DST_RIGHT_BOTTOM, height << 16 | width },
		{ ROP4, ROP4_COPY },
	};
	const struct drm_exynos_g2d_cmd bufs[] = {
		{ SRC_BASE, src->handle }, { DST_BASE, dst->handle },
	};
	struct drm_exynos_g2d_set_cmdlist list = {
		.cmd = (uintptr_t)cmds, .cmd_nr = ARRAY_SIZE(cmds),
		.cmd_buf = (uintptr_t)bufs, .cmd_buf_nr = ARRAY_SIZE(bufs),
	};

	return ioctl(fd, DRM_IOCTL_EXYNOS_G2D_SET_CMDLIST, &list) ? errno : 0;
}

static int run(void)
{
	struct drm_exynos_g2d_exec exec = { .async = 0 };

	return ioctl(fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &exec) ? errno : 0;
}

static int copy(const struct image *src, const struct image *dst, unsigned int format,
		unsigned int width, unsigned int height)
{
	int err = queue(src, dst, format, width, height);

	return err ? err : run();
}

static void *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}

	return p;
}

/* No two lines, and no two seeds, have the same bytes. */
static void fill(uint8_t *p, size_t size, unsigned int seed)
{
	uint32_t x = seed * 2654435761u + 1;
	size_t i;

	for (i = 0; i < size; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = x >> 24;
	}
}

/* A page each, all of it in the caches and dirty when the job begins. */
static void offsets(const char *what, unsigned int format, unsigned int bytes)
{
	enum { HEIGHT = 3 };
	const unsigned int widths[] = { 1, 2, 3, line / bytes - 1, line / bytes, line / bytes + 1,
					2 * line / bytes + 1 };
	uint8_t *from = map(PAGE), *to = map(PAGE), *want = map(PAGE);
	unsigned int off, n, y, tried = 0, bad = 0, first_off = 0, first_width = 0, first_byte = 0;
	int err = 0;

	for (off = 0; off < 2 * line && !err; off += bytes) {
		for (n = 0; n < ARRAY_SIZE(widths) && !err; n++) {
			const unsigned int width = widths[n], stride = width * bytes + 5 * bytes;
			const unsigned int src_off = (line + off * 3) % (2 * line) / bytes * bytes;
			const size_t size = stride * (HEIGHT - 1) + width * bytes;
			struct image src, dst = {};
			unsigned int i, pass;

			err = create(&src, from + src_off, size, stride);
			if (!err)
				err = create(&dst, to + 2 * line + off, size, stride);
			/* The second job finds its memory mapped, and cleans what the CPU wrote since. */
			for (pass = 0; pass < 2 && !err; pass++) {
				tried++;
				fill(from, PAGE, 2 * tried + 1);
				fill(to, PAGE, 2 * tried + 2);
				memcpy(want, to, PAGE);
				for (y = 0; y < HEIGHT; y++)
					memcpy(want + 2 * line + off + y * stride,
					       from + src_off + y * stride, width * bytes);
				err = copy(&src, &dst, format, width, HEIGHT);
				if (err || !memcmp(to, want, PAGE))
					continue;

				for (i = 0; to[i] == want[i];)
					i++;
				if (!bad++)
					first_off = off, first_width = width, first_byte = i - 2 * line - off;
			}
			destroy(&dst);
			destroy(&src);
		}
	}

	if (err)
		say("FAILED", what, "%s at offset %u", strerror(err), off);
	else if (bad)
		say("FAILED", what, "%u of %u blits are wrong; the first at offset %u, width %u, byte %d",
		    bad, tried, first_off, first_width, (int)first_byte);
	else
		say("ok", what, "%u blits", tried);

	munmap(from, PAGE);
	munmap(to, PAGE);
	munmap(want, PAGE);
}

static struct {
	volatile uint8_t *read, *write;
	size_t size;
	volatile bool stop;
	unsigned int rounds;
} beside;

/* Fetches lines that the engine is about to write, and dirties others. */
static void *use_beside(void *unused)
{
	(void)unused;
	while (!beside.stop) {
		size_t i;

		beside.rounds++;
		for (i = 0; i < beside.size; i += line) {
			(void)beside.read[i];
			beside.write[i] = beside.rounds + i / line;
		}
	}

	return NULL;
}

static void during_jobs(void)
{
	const char *what = "lines that the CPU fetches, and others that it writes, during jobs";
	const unsigned int width = iommu ? 320 : 16, height = iommu ? 100 : 16, stride = width * 4;
	const size_t size = stride * height, room = (size + PAGE - 1) / PAGE * PAGE;
	uint8_t *from = map(room), *to = map(room), *other = map(room);
	unsigned int i, bad = 0, stale = 0;
	struct image src, dst;
	pthread_t thread;
	size_t k;
	int err;

	memset(other, 0, room);
	err = create(&src, from, size, stride);
	if (!err)
		err = create(&dst, to, size, stride);
	beside.read = to;
	beside.write = other;
	beside.size = size;
	if (err || pthread_create(&thread, NULL, use_beside, NULL)) {
		say("FAILED", what, "%s", strerror(err ? err : EAGAIN));
		return;
	}
	for (i = 0; i < 100 && !err; i++) {
		fill(from, size, 7000 + i);
		err = copy(&src, &dst, ARGB8888, width, height);
		bad += !err && memcmp(from, to, size);
	}
	beside.stop = true;
	pthread_join(thread, NULL);
	for (k = 0; k < size; k += line)
		stale += other[k] != (uint8_t)(beside.rounds + k / line);

	if (err)
		say("FAILED", what, "%s", strerror(err));
	else if (bad || stale)
		say("FAILED", what, "%u of 100 blits are wrong, %u bytes of the CPU are lost", bad, stale);
	else
		say("ok", what, "100 blits, %u rounds beside them", beside.rounds);

	destroy(&src);
	destroy(&dst);
	munmap(from, room);
	munmap(to, room);
	munmap(other, room);
}

static void alignment(void)
{
	uint8_t *from = map(PAGE), *to = map(PAGE);
	struct image src, dst;
	int err = create(&src, from + 2, 64, 64);

	if (!err)
		err = create(&dst, to, 64, 64);
	if (!err)
		err = copy(&src, &dst, ARGB8888, 4, 1);
	say(err == EINVAL ? "ok" : "FAILED", "a base that is no multiple of the pixel size is rejected",
	    "%s", err ? strerror(err) : "it is not");
	destroy(&src);
	destroy(&dst);
	munmap(from, PAGE);
	munmap(to, PAGE);
}

/* Behind each mapping are entries that the MMU may have looked at when they were empty. */
static void fresh_mappings(const char *what, unsigned int count, size_t size)
{
	const unsigned int stride = PAGE, height = size / PAGE;
	struct image *images = calloc(count, sizeof(*images)), dst;
	uint8_t *all = map(count * size), *to = map(size);
	unsigned int i, bad = 0;
	int err = create(&dst, to, size, stride);

	for (i = 0; i < count && !err; i++) {
		fill(all + i * size, size, 9000 + i);
		err = create(&images[i], all + i * size, size, stride);
		if (!err)
			err = copy(&images[i], &dst, ARGB8888, PAGE / 4, height);
		bad += !err && memcmp(all + i * size, to, size);
	}
	if (err)
		say("FAILED", what, "%s at object %u", strerror(err), i);
	else if (bad)
		say("FAILED", what, "%u of %u are wrong", bad, count);
	else
		say("ok", what, "%u objects", count);

	for (i = 0; i < count; i++)
		destroy(&images[i]);
	destroy(&dst);
	munmap(all, count * size);
	munmap(to, size);
	free(images);
}

/* An entry of the TLB that stays is one of the page that was there before. */
static void stale_entries(void)
{
	const char *what = "other memory in the place of what was mapped";
	uint8_t *from = map(PAGE), *to = map(PAGE);
	struct image src, dst;
	unsigned int i, bad = 0;
	int err = create(&src, from, PAGE, PAGE);

	if (!err)
		err = create(&dst, to, PAGE, PAGE);
	for (i = 0; i < 100 && !err; i++) {
		uint8_t *other = map(PAGE);

		fill(other, PAGE, 11000 + i);
		if (mremap(other, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, from) == MAP_FAILED)
			err = errno;
		else
			err = copy(&src, &dst, ARGB8888, PAGE / 4, 1);
		bad += !err && memcmp(from, to, PAGE);
	}
	if (err)
		say("FAILED", what, "%s", strerror(err));
	else
		say(bad ? "FAILED" : "ok", what, "%u of 100 are wrong", bad);

	munmap(from, PAGE);
	err = copy(&src, &dst, ARGB8888, PAGE / 4, 1);
	say(err == EFAULT ? "ok" : "FAILED", "a job on memory that is gone is rejected", "%s",
	    err ? strerror(err) : "it is not");
	destroy(&src);
	destroy(&dst);
	munmap(to, PAGE);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void timings(void)
{
	static const struct { unsigned int width, height; } sizes[] = {
		{ 16, 16 }, { 64, 64 }, { 640, 480 }, { 1920, 1080 },
	};
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(sizes); n++) {
		enum { RUNS = 20 };
		const unsigned int stride = sizes[n].width * 4;
		const size_t size = stride * sizes[n].height, room = (size + PAGE - 1) / PAGE * PAGE;
		uint8_t *from, *to;
		double begin, first, warm, cpu, unmap;
		char name[32];
		struct image src, dst;
		int i, err;

		if (!iommu && size > PAGE)
			break;
		from = map(room);
		to = map(room);
		memset(from, 1, size);
		memset(to, 2, size);
		begin = now();
		err = create(&src, from, size, stride);
		if (!err)
			err = create(&dst, to, size, stride);
		if (!err)
			err = copy(&src, &dst, ARGB8888, sizes[n].width, sizes[n].height);
		first = now() - begin;
		begin = now();
		for (i = 0; i < RUNS && !err; i++)
			err = copy(&src, &dst, ARGB8888, sizes[n].width, sizes[n].height);
		warm = (now() - begin) / RUNS;
		begin = now();
		for (i = 0; i < RUNS; i++) {
			memcpy(to, from, size);
			__asm__ volatile("" ::: "memory");
		}
		cpu = (now() - begin) / RUNS;
		begin = now();
		munmap(from, room);
		unmap = now() - begin;
		munmap(to, room);
		destroy(&src);
		destroy(&dst);
		if (err) {
			say("FAILED", "jobs to be timed", "%s", strerror(err));
			return;
		}
		snprintf(name, sizeof(name), "%u x %u", sizes[n].width, sizes[n].height);
		say("time", name, "first job %.3f ms, later ones %.3f ms, munmap() %.3f ms, memcpy() %.3f ms",
		    first, warm, unmap, cpu);
	}
}

static void params(void)
{
	static const struct {
		uint32_t param;
		const char *name;
	} list[] = {
		{ EXYNOS_PARAM_CACHE_LINE_SIZE, "bytes of a cache line" },
		{ EXYNOS_PARAM_USERPTR_MAX_SIZE, "bytes of the largest object" },
		{ EXYNOS_PARAM_USERPTR_LIMIT, "bytes mapped at once, for all" },
		{ EXYNOS_PARAM_USERPTR_SHARE, "bytes mapped at once, for a user" },
		{ EXYNOS_PARAM_G2D_JOBS, "jobs in the queue, for all" },
		{ EXYNOS_PARAM_G2D_USER_JOBS, "jobs in the queue, for a user" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		struct drm_exynos_get_param arg = { .param = list[i].param };

		if (ioctl(fd, DRM_IOCTL_EXYNOS_GET_PARAM, &arg))
			continue;
		say("value", list[i].name, "%" PRIu64, (uint64_t)arg.value);
		if (list[i].param == EXYNOS_PARAM_CACHE_LINE_SIZE)
			line = arg.value;
	}
}

static bool has_iommu(void)
{
	uint8_t *p = map(64 * PAGE);
	struct drm_exynos_gem_userptr arg = {
		.userptr = (uintptr_t)p, .size = 64 * PAGE, .flags = EXYNOS_USERPTR_PROBE,
	};
	int ret = ioctl(fd, DRM_IOCTL_EXYNOS_GEM_USERPTR, &arg);
	struct image image = { .handle = ret ? 0 : arg.handle };

	destroy(&image);
	munmap(p, 64 * PAGE);

	return !ret;
}

static bool put(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	bool done = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);

	if (file >= 0)
		close(file);

	return done;
}

/* Many copies in one job, which takes longer than the copies' cache maintenance. */
static int long_job(void)
{
	const unsigned int width = 2000, height = 1000, stride = width * 4;
	uint8_t *from = map(stride * height), *to = map(stride * height);
	struct image src, dst;
	int err = create(&src, from, stride * height, stride), i;

	if (!err)
		err = create(&dst, to, stride * height, stride);
	for (i = 0; i < 8 && !err; i++)
		err = queue(&src, &dst, ARGB8888, width, height);
	if (!err)
		err = run();
	destroy(&src);
	destroy(&dst);
	munmap(from, stride * height);
	munmap(to, stride * height);

	return err;
}

static void works_again(const char *what)
{
	uint8_t *from = map(PAGE), *to = map(PAGE);
	struct image src, dst;
	int err = create(&src, from, PAGE, PAGE);

	if (!err)
		err = create(&dst, to, PAGE, PAGE);
	fill(from, PAGE, 13000);
	if (!err)
		err = copy(&src, &dst, ARGB8888, PAGE / 4, 1);
	if (err)
		say("FAILED", what, "%s", strerror(err));
	else
		say(memcmp(from, to, PAGE) ? "FAILED" : "ok", what, "%s", "");
	destroy(&src);
	destroy(&dst);
	munmap(from, PAGE);
	munmap(to, PAGE);
}

static void reset_busy(void)
{
	const char *what = "a job that takes too long is ended";
	char before[16] = "";
	int file = open(TIMEOUT, O_RDONLY | O_CLOEXEC), err;

	if (file < 0 || read(file, before, sizeof(before) - 1) <= 0 || !put(TIMEOUT, "20")) {
		say("unknown", what, "%s cannot be set", TIMEOUT);
		return;
	}
	close(file);
	err = long_job();
	put(TIMEOUT, before);
	if (!err)
		say("unknown", what, "it took no 20 ms");
	else
		say(err == EIO ? "ok" : "FAILED", what, "%s", strerror(err));
	works_again("  the engine works after its reset while it was busy");
}

/* The device, and the MMU that it is linked to, as sysfs calls them. */
static bool find_mmu(char *g2d, size_t g2d_size, unsigned long *mmu)
{
	DIR *dir = opendir("/sys/bus/platform/devices");
	struct dirent *e;
	bool found = false;

	while (dir && !found && (e = readdir(dir))) {
		char path[512];
		struct dirent *link;
		DIR *links;

		if (!strstr(e->d_name, ".g2d"))
			continue;
		snprintf(path, sizeof(path), "/sys/bus/platform/devices/%s", e->d_name);
		links = opendir(path);
		while (links && !found && (link = readdir(links)))
			found = strstr(link->d_name, ".sysmmu") &&
				sscanf(link->d_name, "supplier:platform:%lx", mmu) == 1;
		if (links)
			closedir(links);
		if (found)
			snprintf(g2d, g2d_size, "%s/power/control", path);
	}
	if (dir)
		closedir(dir);

	return found;
}

static void stalled_access(void)
{
	const char *what = "a job whose access the System MMU holds is ended";
	volatile uint32_t *regs;
	uint8_t *from, *to;
	struct image src, dst;
	unsigned long at;
	uint32_t version;
	char control[600];
	int mem, err;

	if (!find_mmu(control, sizeof(control), &at) || !put(control, "on")) {
		say("unknown", what, "the engine has no System MMU that is known");
		return;
	}
	/* A System MMU without power or clock does not answer, and the board hangs. */
	usleep(100000);
	mem = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
	regs = mem < 0 ? MAP_FAILED : mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, mem, at);
	if (regs == MAP_FAILED) {
		say("unknown", what, "/dev/mem: %s", strerror(errno));
		goto off;
	}
	version = regs[MMU_VERSION / 4];
	say("value", "System MMU", "at %#lx, version register %#x, version %u.%u", at, version,
	    version == 0x80000001 ? 1 : version >> 28, version == 0x80000001 ? 0 : version >> 21 & 0x7f);
	if (version != 0x80000001 && version >> 28 > 3) {
		say("unknown", what, "a System MMU of this version is not known");
		goto unmap;
	}

	from = map(PAGE);
	to = map(PAGE);
	err = create(&src, from, PAGE, PAGE);
	if (!err)
		err = create(&dst, to, PAGE, PAGE);
	/* Mapped now, so that the next job changes nothing in the MMU, which would release it. */
	if (!err)
		err = copy(&src, &dst, ARGB8888, PAGE / 4, 1);
	if (err) {
		say("FAILED", what, "the job before it: %s", strerror(err));
	} else {
		regs[MMU_CTRL / 4] = MMU_CTRL_BLOCK;
		err = copy(&src, &dst, ARGB8888, PAGE / 4, 1);
		say(err == EIO ? "ok" : err ? "FAILED" : "unknown", what, "%s",
		    err ? strerror(err) : "the System MMU held nothing");
		regs[MMU_CTRL / 4] = MMU_CTRL_ENABLE;
	}
	destroy(&src);
	destroy(&dst);
	munmap(from, PAGE);
	munmap(to, PAGE);
	works_again("  the engine works after its reset under a held access");
unmap:
	munmap((void *)regs, PAGE);
off:
	if (mem >= 0)
		close(mem);
	put(control, "auto");
}

int main(int argc, char **argv)
{
	struct drm_exynos_get_param has = { .param = EXYNOS_PARAM_USERPTR_FEATURES };
	const bool dangerous = argc == 2 && !strcmp(argv[1], "--dangerous");

	if (argc > 2 || (argc == 2 && !dangerous)) {
		fprintf(stderr, "usage: %s [--dangerous]\n", argv[0]);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	fd = open("/dev/dri/renderD128", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		say("FAILED", "/dev/dri/renderD128", "%s", strerror(errno));
		return 1;
	}
	if (ioctl(fd, DRM_IOCTL_EXYNOS_GET_PARAM, &has)) {
		say("FAILED", "the kernel has user memory for the 2D engine", "%s", strerror(errno));
		return 1;
	}
	iommu = has_iommu();

	if (dangerous) {
		if (iommu)
			reset_busy();
		else
			say("unknown", "a job that takes too long is ended", "there is no IOMMU");
		stalled_access();
	} else {
		params();
		say("value", "IOMMU", "%s", iommu ? "yes" : "no");
		offsets("cache lines at all offsets, 4 bytes a pixel", ARGB8888, 4);
		offsets("cache lines at all offsets, 2 bytes a pixel", RGB565, 2);
		offsets("cache lines at all offsets, 1 byte a pixel", A8, 1);
		during_jobs();
		alignment();
		fresh_mappings("pages mapped one behind the other", 200, PAGE);
		if (iommu)
			fresh_mappings("mappings across the MMU's 1 MiB sections", 8, MIB + PAGE);
		else
			say("unknown", "mappings across the MMU's 1 MiB sections", "there is no IOMMU");
		stale_entries();
		timings();
	}
	printf("%u hold, %u do not, %u are not known\n", holds, fails, unknown);

	return fails != 0;
}
