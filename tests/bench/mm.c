// SPDX-License-Identifier: GPL-2.0-only
/*
 * What objects cost that no job uses: in calls that change memory, in their making, and
 * in the kernel's memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

/* Memory calls with live objects in the address space */

enum live { NONE, IDLE, MAPPED };

static const char *const live_names[] = { "none", "idle", "mapped" };

#define RANGE 65536

static unsigned int loops(void)
{
	/* One call is short, and some have RCU's work in them. */
	return bench.quick ? 1 : 20;
}

static void map_range(void *at)
{
	void *p = mmap(at, RANGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (p != at)
		fail("mmap() at %p", at);
}

static void calls(const char *way, const char *size, void *at)
{
	struct samples unmap = { }, untouched = { }, protect = { }, drop = { };
	unsigned int k;

	for (k = 0; k < bench.dropped + loops(); k++) {
		struct samples *all[] = { &untouched, &unmap, &protect, &drop };
		double spent[ARRAY_SIZE(all)];
		unsigned int i;

		map_range(at);
		watch_start();
		munmap(at, RANGE);
		spent[0] = watch_lap();
		map_range(at);
		memory_touch(at, RANGE);
		watch_start();
		munmap(at, RANGE);
		spent[1] = watch_lap();
		map_range(at);
		memory_touch(at, RANGE);
		watch_start();
		MUST(mprotect(at, RANGE, PROT_READ));
		spent[2] = watch_lap();
		MUST(mprotect(at, RANGE, PROT_READ | PROT_WRITE));
		watch_start();
		MUST(madvise(at, RANGE, MADV_DONTNEED));
		spent[3] = watch_lap();
		munmap(at, RANGE);
		for (i = 0; i < ARRAY_SIZE(all) && k >= bench.dropped; i++)
			add(all[i], spent[i]);
	}
	report(way, size, "munmap-64K", "instructions", &unmap);
	report(way, size, "munmap-64K-untouched", "instructions", &untouched);
	report(way, size, "mprotect-64K", "instructions", &protect);
	report(way, size, "dontneed-64K", "instructions", &drop);
}

static void objects_make(int fd, uint8_t *mem, uint32_t *handle, unsigned int num, enum live live)
{
	unsigned int i;

	for (i = 0; i < num && live != NONE; i++)
		handle[i] = userptr_new(fd, mem + i * 2 * PAGE, PAGE,
					live == MAPPED ? EXYNOS_USERPTR_PROBE : 0);
}

/* In a process of its own: one that has had an object is not the same as before. */
static void with_objects(unsigned int num, enum live live)
{
	size_t bytes = (size_t)num * 2 * PAGE + RANGE;
	uint8_t *mem = memory_new(bytes);
	uint32_t *handle = calloc(num + 1, sizeof(*handle));
	struct samples s = { };
	int fd = drm_open();
	unsigned int i, k;
	char size[16];

	snprintf(size, sizeof(size), "%u", num);
	objects_make(fd, mem, handle, num, live);
	/* Far from the objects, and from everything else. */
	calls(live_names[live], size, (void *)0x20000000);
	for (k = 0; k < bench.dropped + bench.loops; k++) {
		double spent;
		pid_t pid;

		watch_start();
		pid = fork();
		if (!pid)
			_exit(0);
		spent = watch_lap();
		MUST(pid);
		waitpid(pid, NULL, 0);
		if (k >= bench.dropped)
			add(&s, spent);
		/* The fork has unmapped them, and made their memory the child's too. */
		memory_touch(mem, bytes);
		for (i = 0; i < num && live == MAPPED; i++)
			MUST(exynos_gem_close(fd, handle[i]));
		if (live == MAPPED)
			objects_make(fd, mem, handle, num, live);
	}
	report(live_names[live], size, "fork", "instructions", &s);
	fflush(stdout);
	_exit(0);
}

void case_mm(void)
{
	static const unsigned int counts[] = { 0, 100, 1000, 4096 };
	unsigned int i, most = bench.quick ? 2 : ARRAY_SIZE(counts);
	enum live live;

	parameter("userptr_cache", 0);
	for (i = 0; i < most; i++)
		for (live = NONE; live <= (bench.has_userptr && i ? MAPPED : NONE); live++) {
			int status;
			pid_t pid;

			fflush(stdout);
			pid = fork();
			MUST(pid);
			if (!pid)
				with_objects(counts[i], live);
			waitpid(pid, &status, 0);
			if (status)
				fail("%u %s objects: status %#x", counts[i], live_names[live],
				     status);
		}
	parameter("userptr_cache", 32);
}

/* Calls that change the memory of one object */

enum state { NO_OBJECT, OBJECT, OBJECT_MAPPED, OBJECT_WRITTEN };

static const char *const state_names[] = { "none", "idle", "mapped", "written" };

enum unmapping { MUNMAP, DONTNEED, MPROTECT, CLOSE };

static const char *const unmapping_names[] = { "munmap", "dontneed", "mprotect", "close" };

static double unmap_once(size_t bytes, enum state state, enum unmapping how)
{
	uint8_t *mem = memory_new(bytes);
	uint32_t handle = 0;
	double spent;

	if (state != NO_OBJECT)
		handle = userptr_new(bench.fd, mem, bytes,
				     state == OBJECT ? 0 : EXYNOS_USERPTR_PROBE);
	if (state == OBJECT_WRITTEN) {
		struct g2d_image image = image_of(handle, NULL, 128, bytes / 512);
		struct g2d_list list;

		g2d_fill(&list, &image, (struct g2d_rect){ 0, 0, 64, 64 }, 0x11223344);
		run_list(bench.fd, &list);
	}
	watch_start();
	watch_settled();
	switch (how) {
	case MUNMAP:
		MUST(munmap(mem, bytes));
		break;
	case DONTNEED:
		MUST(madvise(mem, bytes, MADV_DONTNEED));
		break;
	case MPROTECT:
		MUST(mprotect(mem, bytes, PROT_READ));
		break;
	case CLOSE:
		MUST(exynos_gem_close(bench.fd, handle));
		handle = 0;
		break;
	}
	spent = watch_settled();
	if (handle)
		MUST(exynos_gem_close(bench.fd, handle));
	munmap(mem, bytes);
	return spent;
}

void case_unmap(void)
{
	static const struct {
		const char *name;
		size_t bytes;
	} sizes[] = { { "64K", 65536 }, { "1M", MIB }, { "16M", 16 * MIB } };
	enum state most = bench.has_userptr ? OBJECT_WRITTEN : NO_OBJECT, state;
	enum unmapping how;
	unsigned int i, k;

	parameter("userptr_cache", 0);
	for (i = 0; i < (bench.quick ? 1 : ARRAY_SIZE(sizes)); i++)
		for (state = NO_OBJECT; state <= most; state++)
			for (how = MUNMAP; how <= (state == NO_OBJECT ? MPROTECT : CLOSE); how++) {
				struct samples s = { };

				for (k = 0; k < bench.dropped + bench.loops; k++) {
					double spent = unmap_once(sizes[i].bytes, state, how);

					if (k >= bench.dropped)
						add(&s, spent);
				}
				report(state_names[state], sizes[i].name, unmapping_names[how],
				       "instructions", &s);
			}
	parameter("userptr_cache", 32);
}

/* Making and closing objects that nobody uses */

static void create(const char *way, const char *size, const void *mem, size_t bytes)
{
	struct samples made = { }, closed = { };
	unsigned int rounds = bench.quick || !mem ? 2 : 16, i, k;

	for (k = 0; k < bench.dropped + bench.loops; k++) {
		double make = 0, close = 0;

		for (i = 0; i < rounds; i++) {
			uint32_t handle;

			watch_start();
			handle = mem ? userptr_new(bench.fd, mem, bytes, 0) :
				       gem_new(bench.fd, bytes);
			make += watch_lap();
			MUST(exynos_gem_close(bench.fd, handle));
			close += watch_settled();
		}
		if (k < bench.dropped)
			continue;
		add(&made, make / rounds);
		add(&closed, close / rounds);
	}
	report(way, size, "create", "instructions", &made);
	report(way, size, "close", "instructions", &closed);
}

void case_create(void)
{
	static const struct {
		const char *name;
		size_t bytes;
	} sizes[] = { { "4K", PAGE }, { "1M", MIB }, { "64M", 64 * MIB } };
	unsigned int i;

	for (i = 0; i < (bench.quick ? 2 : ARRAY_SIZE(sizes)); i++) {
		void *mem;

		create("gem", sizes[i].name, NULL, sizes[i].bytes);
		if (!bench.has_userptr)
			continue;
		mem = memory_new(sizes[i].bytes);
		parameter("userptr_cache", 0);
		create("userptr", sizes[i].name, mem, sizes[i].bytes);
		parameter("userptr_cache", 32);
		create("revive", sizes[i].name, mem, sizes[i].bytes);
		munmap(mem, sizes[i].bytes);
	}
}

/* The kernel's memory */

/* Free bytes, those in the lists of the processors as well. */
static double free_bytes(void)
{
	FILE *f;
	unsigned long pages = 0, num;
	char line[256];

	f = fopen("/proc/sys/vm/stat_refresh", "we");
	if (!f || fputs("1", f) < 0 || fclose(f))
		fail("cannot refresh the statistics of memory");
	f = fopen("/proc/zoneinfo", "re");
	if (!f)
		fail("cannot open /proc/zoneinfo");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " pages free %lu", &num) == 1 ||
		    sscanf(line, " count: %lu", &num) == 1)
			pages += num;
	fclose(f);
	return (double)pages * PAGE;
}

/* The second half is measured: the first takes what was left half used. */
static void memory(const char *size, unsigned int half, size_t bytes, bool mapped)
{
	size_t step = bytes == PAGE ? 2 * PAGE : bytes;
	uint8_t *mem = memory_new(step * half * 2);
	uint32_t flags = mapped ? EXYNOS_USERPTR_PROBE : 0;
	int fd = drm_open();
	double before, taken;
	unsigned int i;

	for (i = 0; i < half; i++)
		userptr_new(fd, mem + i * step, bytes, flags);
	before = free_bytes();
	for (; i < half * 2; i++)
		userptr_new(fd, mem + i * step, bytes, flags);
	taken = before - free_bytes();
	report_value(mapped ? "mapped" : "idle", size, "object", "bytes", taken / half);
	report_value(mapped ? "mapped" : "idle", size, "page", "bytes",
		     taken / half / (bytes / PAGE));
	close(fd);
	munmap(mem, step * half * 2);
}

void case_memory(void)
{
	if (!bench.has_userptr)
		return;
	if (bench.quick) {
		memory("4K", 100, PAGE, true);
		return;
	}
	memory("4K", 2000, PAGE, false);
	memory("4K", 2000, PAGE, true);
	memory("64K", 256, 65536, true);
	memory("1M", 32, MIB, true);
	memory("8M", 6, 8 * MIB, true);
	memory("64M", 1, 64 * MIB, true);
}
