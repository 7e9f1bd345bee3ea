// SPDX-License-Identifier: GPL-2.0-only
/*
 * Jobs that use a part of an object, many objects, more than the limit allows, or that
 * several processes submit at a time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define SIDE 64u

struct picture {
	const char *name;
	uint32_t w, h;
};

static const struct picture pictures[] = {
	{ "16K", 64, 64 }, { "64K", 128, 128 }, { "1M", 512, 512 }, { "8M", 2048, 1024 },
	{ "64M", 4096, 4096 },
};

static unsigned int num_pictures(void)
{
	return bench.quick ? 2 : ARRAY_SIZE(pictures);
}

static size_t bytes_of(const struct picture *p)
{
	return (size_t)p->w * p->h * 4;
}

static unsigned int loops(void)
{
	return bench.dropped + bench.loops;
}

/* Instructions of each of NUM jobs. */
static double per_job(int fd, const struct g2d_list *list, unsigned int num)
{
	unsigned int i;

	watch_start();
	for (i = 0; i < num; i++)
		run_list(fd, list);
	return watch_settled() / num;
}

static void rect_job(const char *way, const struct picture *p, const char *where, int fd,
		     const struct g2d_list *list)
{
	struct samples s = { };
	unsigned int k;

	for (k = 0; k < loops(); k++) {
		double job = per_job(fd, list, bench.quick ? 2 : 64);

		if (k >= bench.dropped)
			add(&s, job);
	}
	report(way, p->name, where, "instructions", &s);
}

/* Fill, or if READ copy from, 64x64 pixels of a larger picture. */
static void rect(const struct picture *p, bool userptr, bool read)
{
	const struct {
		const char *name;
		struct g2d_rect rect;
	} places[] = {
		{ "top-left", { 0, 0, SIDE, SIDE } },
		{ "bottom-right", { p->w - SIDE, p->h - SIDE, SIDE, SIDE } },
	};
	uint32_t small = gem_new(bench.fd, SIDE * SIDE * 4), large;
	void *mem = userptr ? memory_new(bytes_of(p)) : NULL;
	struct g2d_image from, to;
	struct samples s = { };
	struct g2d_list list;
	unsigned int i;
	char way[32];

	large = userptr ? userptr_new(bench.fd, mem, bytes_of(p), 0) :
			  gem_new(bench.fd, bytes_of(p));
	from = image_of(large, NULL, p->w, p->h);
	to = image_of(small, NULL, SIDE, SIDE);
	snprintf(way, sizeof(way), "%s-%s", userptr ? "userptr" : "gem", read ? "read" : "fill");
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		if (read)
			g2d_copy(&list, &from, places[i].rect, &to, 0, 0);
		else
			g2d_fill(&list, &from, places[i].rect, 0x11223344);
		if (!i) {
			add(&s, per_job(bench.fd, &list, 1));
			report(way, p->name, "first", "instructions", &s);
		}
		rect_job(way, p, places[i].name, bench.fd, &list);
	}
	MUST(exynos_gem_close(bench.fd, large));
	MUST(exynos_gem_close(bench.fd, small));
	if (mem)
		munmap(mem, bytes_of(p));
}

void case_rect(void)
{
	unsigned int i;

	for (i = 0; i < num_pictures(); i++) {
		rect(&pictures[i], false, false);
		rect(&pictures[i], false, true);
		if (!bench.has_userptr)
			continue;
		rect(&pictures[i], true, false);
		rect(&pictures[i], true, true);
	}
}

/* What happens to one page in the middle of an object, and the job that comes next. */

static void change_nothing(uint8_t *page)
{
}

static void change_protection(uint8_t *page)
{
	MUST(mprotect(page, PAGE, PROT_READ));
}

static void change_back(uint8_t *page)
{
	MUST(mprotect(page, PAGE, PROT_READ | PROT_WRITE));
}

static void change_content(uint8_t *page)
{
	MUST(madvise(page, PAGE, MADV_DONTNEED));
}

static void write_page(uint8_t *page)
{
	*page = 1;
}

static void fork_child(uint8_t *page)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	MUST(pid);
}

static void wait_child(uint8_t *page)
{
	wait(NULL);
}

static void change(const struct picture *p, const char *way, void (*event)(uint8_t *),
		   void (*after)(uint8_t *))
{
	uint8_t *mem = memory_new(bytes_of(p)), *page = mem + bytes_of(p) / 2;
	uint32_t handle = userptr_new(bench.fd, mem, bytes_of(p), 0);
	struct g2d_image image = image_of(handle, NULL, p->w, p->h);
	struct samples events = { }, jobs = { };
	struct g2d_list list;
	unsigned int k;

	g2d_fill(&list, &image, (struct g2d_rect){ 0, 0, SIDE, SIDE }, 0x11223344);
	run_list(bench.fd, &list);
	for (k = 0; k < loops(); k++) {
		double spent;

		watch_start();
		event(page);
		spent = watch_settled();
		if (k >= bench.dropped)
			add(&events, spent);
		after(page);
		spent = per_job(bench.fd, &list, 1);
		if (k >= bench.dropped)
			add(&jobs, spent);
	}
	report(way, p->name, "event", "instructions", &events);
	report(way, p->name, "next-job", "instructions", &jobs);
	MUST(exynos_gem_close(bench.fd, handle));
	munmap(mem, bytes_of(p));
}

void case_change(void)
{
	unsigned int i;

	for (i = 0; i < num_pictures() && bench.has_userptr; i++) {
		change(&pictures[i], "none", change_nothing, change_nothing);
		change(&pictures[i], "mprotect", change_protection, change_back);
		change(&pictures[i], "dontneed", change_content, write_page);
		change(&pictures[i], "fork", fork_child, wait_child);
	}
}

/* Objects of 4 MiB in turn, where 16 MiB can be mapped. */
void case_thrash(void)
{
	/* With its guard page. */
	const struct picture p = { "4M", 1024, 1020 };
	unsigned int most = bench.quick ? 4 : 6, num, i, k;

	for (num = 3; num <= most && bench.has_userptr; num++) {
		struct samples s = { };
		struct g2d_list list[6];
		uint32_t handle[6];
		void *mem[6];
		char size[16];

		parameter("userptr_user_limit", 16);
		for (i = 0; i < num; i++) {
			struct g2d_image image;

			mem[i] = memory_new(bytes_of(&p));
			handle[i] = userptr_new(bench.fd, mem[i], bytes_of(&p), 0);
			image = image_of(handle[i], NULL, p.w, p.h);
			g2d_fill(&list[i], &image, (struct g2d_rect){ 0, 0, SIDE, SIDE }, i);
		}
		for (k = 0; k < loops(); k++) {
			double total;

			watch_start();
			for (i = 0; i < num * 2; i++)
				run_list(bench.fd, &list[i % num]);
			total = watch_settled();
			if (k >= bench.dropped)
				add(&s, total / (num * 2));
		}
		snprintf(size, sizeof(size), "%ux4M", num);
		report("userptr", size, "job", "instructions", &s);
		for (i = 0; i < num; i++) {
			MUST(exynos_gem_close(bench.fd, handle[i]));
			munmap(mem[i], bytes_of(&p));
		}
		parameter("userptr_user_limit", 256);
	}
}

/* Lists */

enum buffer { GEM, USERPTR, ADDRESS };

static const char *const buffer_names[] = { "gem", "userptr", "address" };

/* NUM fills of 16x16 in one EXEC, all in one object or each in its own. */
static void lists(enum buffer buffer, unsigned int num, bool many)
{
	static struct g2d_list list[64];
	const size_t bytes = 65536;
	uint8_t *mem = memory_new(bytes * num);
	unsigned int rounds = bench.quick ? 1 : 16, objects = many ? num : 1, i, k, r;
	struct samples s = { };
	uint32_t handle[64] = { };
	int fd = drm_open();
	char way[32], size[16];

	for (i = 0; i < objects && buffer != ADDRESS; i++)
		handle[i] = buffer == GEM ? gem_new(fd, bytes) :
					    userptr_new(fd, mem + i * bytes, bytes, 0);
	for (i = 0; i < num; i++) {
		unsigned int o = many ? i : 0;
		struct g2d_image image = image_of(handle[o], mem + o * bytes, 128, 128);

		g2d_fill(&list[i], &image, (struct g2d_rect){ i % 8 * 16, i / 8 * 16, 16, 16 }, i);
	}
	for (k = 0; k < loops(); k++) {
		double total;

		watch_start();
		for (r = 0; r < rounds; r++) {
			for (i = 0; i < num; i++)
				MUST(g2d_queue(fd, &list[i]));
			MUST(g2d_exec(fd, false));
		}
		total = watch_settled();
		if (k >= bench.dropped)
			add(&s, total / rounds / num);
	}
	snprintf(way, sizeof(way), "%s-%s", buffer_names[buffer], many ? "many" : "one");
	snprintf(size, sizeof(size), "%u", num);
	report(way, size, "blit", "instructions", &s);
	close(fd);
	munmap(mem, bytes * num);
}

void case_lists(void)
{
	unsigned int most = bench.quick ? 2 : 64, num;
	enum buffer buffer;

	for (buffer = GEM; buffer <= ADDRESS; buffer++) {
		if (buffer == USERPTR && !bench.has_userptr)
			continue;
		for (num = 1; num <= most; num *= 2) {
			lists(buffer, num, false);
			lists(buffer, num, true);
		}
	}
}

/* Processes */

static void client(enum buffer buffer, unsigned int jobs, bool async, int ready, int go, int done)
{
	const uint32_t side = 128;
	const size_t bytes = side * side * 4;
	void *mem = memory_new(bytes);
	int fd = drm_open();
	uint32_t handle = buffer == GEM ? gem_new(fd, bytes) :
			  buffer == USERPTR ? userptr_new(fd, mem, bytes, 0) : 0;
	struct g2d_image image = image_of(handle, mem, side, side);
	struct g2d_list list;
	unsigned int i;
	char c = 0;

	g2d_fill(&list, &image, g2d_whole(&image), 0x11223344);
	for (i = 0; i < 3; i++)
		run_list(fd, &list);
	if (write(ready, &c, 1) != 1 || read(go, &c, 1) != 1)
		_exit(1);
	for (i = 0; i < jobs; i++) {
		MUST(g2d_queue(fd, &list));
		/* The unpatched driver has 64 lists for all, and returns -ENOMEM then. */
		MUST(g2d_exec(fd, async && i % 3 != 2));
	}
	_exit(write(done, &c, 1) != 1);
}

static void gather(int fd, unsigned int num)
{
	char c[16];

	while (num) {
		ssize_t got = read(fd, c, num);

		if (got <= 0)
			fail("a process is gone");
		num -= got;
	}
}

static void procs(enum buffer buffer, unsigned int num, bool async)
{
	unsigned int jobs = bench.quick ? 8 : 64, i, k;
	struct samples s = { };
	char way[32], size[16];

	for (k = 0; k < loops(); k++) {
		int ready[2], go[2], done[2];
		const char c[16] = "";
		double total;

		if (pipe(ready) || pipe(go) || pipe(done))
			fail("pipe()");
		for (i = 0; i < num; i++) {
			pid_t pid = fork();

			MUST(pid);
			if (!pid)
				client(buffer, jobs, async, ready[1], go[0], done[1]);
		}
		/* So that the end of all of them is the end of the pipe. */
		close(ready[1]);
		close(done[1]);
		gather(ready[0], num);
		watch_start();
		if (write(go[1], c, num) != (ssize_t)num)
			fail("write() to a pipe");
		gather(done[0], num);
		total = watch_lap();
		if (k >= bench.dropped)
			add(&s, total / num / jobs);
		while (wait(NULL) > 0)
			;
		close(ready[0]);
		close(go[0]);
		close(go[1]);
		close(done[0]);
	}
	snprintf(way, sizeof(way), "%s-%s", buffer_names[buffer], async ? "async" : "sync");
	snprintf(size, sizeof(size), "%u", num);
	report(way, size, "job", "instructions", &s);
}

void case_procs(void)
{
	unsigned int most = bench.quick ? 2 : 16, num;
	enum buffer buffer;

	for (buffer = GEM; buffer <= ADDRESS; buffer++) {
		if (buffer == USERPTR && !bench.has_userptr)
			continue;
		for (num = 1; num <= most; num *= 2)
			procs(buffer, num, false);
	}
	for (num = 1; num <= most && !bench.no_async; num *= 2)
		procs(GEM, num, true);
}

/* libdrm's own benchmark, by its own figures, which are nanoseconds, whatever it says. */
void case_perf(void)
{
	static const unsigned int batches[] = { 1, 3, 9 };
	unsigned int i, ns, pixels;

	for (i = 0; i < (bench.quick ? 1 : ARRAY_SIZE(batches)); i++) {
		char command[128], line[256], size[16];
		struct samples s = { };
		FILE *f;

		snprintf(command, sizeof(command), "exynos_fimg2d_perf -i %u -w 256 -h 256 -b %u",
			 bench.quick ? 4 : 200, batches[i]);
		f = popen(command, "r");
		if (!f)
			fail("popen(%s)", command);
		while (fgets(line, sizeof(line), f)) {
			/* The jobs of a single fill come first. */
			if (strstr(line, "starting multi"))
				s.num = 0;
			if (sscanf(line, "num_pixels = %u, usecs = %u", &pixels, &ns) == 2)
				add(&s, ns_to_instructions(ns));
		}
		if (pclose(f))
			fail("%s failed", command);
		snprintf(size, sizeof(size), "%u", batches[i]);
		report("gem", size, "job", "instructions", &s);
	}
}
