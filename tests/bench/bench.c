// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program. It runs where each instruction takes the same time (QEMU's -icount, one
 * processor), so that the clock counts them.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "exynos_board.h"

/* Yields after which nothing is left that the kernel has put off. */
#define YIELDS 6

struct bench bench = { .loops = 5, .dropped = 1 };

static const char *case_name = "clock";
static double ns_per_instruction;
/* What one reading of the clock, and the yields when nobody waits, cost. */
static double clock_ns, yields_ns;
static uint64_t started;

void fail(const char *format, ...)
{
	int error = errno;
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "bench: %s: ", case_name);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, " (errno: %s)\n", strerror(error));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void yields(void)
{
	unsigned int i;

	for (i = 0; i < YIELDS; i++)
		sched_yield();
}

void watch_start(void)
{
	started = now();
}

double ns_to_instructions(double ns)
{
	return ns > 0 ? ns / ns_per_instruction : 0;
}

static double lap(double less_ns)
{
	double ns = now() - started - less_ns;

	started = now();
	return ns_to_instructions(ns);
}

double watch_lap(void)
{
	return lap(clock_ns);
}

double watch_settled(void)
{
	yields();
	return lap(clock_ns + yields_ns);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(struct samples *s)
{
	qsort(s->value, s->num, sizeof(s->value[0]), compare);
	return s->value[s->num / 2];
}

void add(struct samples *s, double value)
{
	if (s->num == ARRAY_SIZE(s->value))
		fail("more than %zu samples", ARRAY_SIZE(s->value));
	s->value[s->num++] = value;
}

void report(const char *way, const char *size, const char *quantity, const char *unit,
	    struct samples *s)
{
	double middle;

	if (!s->num)
		fail("no samples of %s %s %s", way, size, quantity);
	middle = median(s);
	printf("%s,%s,%s,%s,%s,%.2f,%.2f,%.2f,%u\n", case_name, way, size, quantity, unit, middle,
	       s->value[0], s->value[s->num - 1], s->num);
	s->num = 0;
}

void report_value(const char *way, const char *size, const char *quantity, const char *unit,
		  double value)
{
	struct samples s = { .num = 1, .value = { value } };

	report(way, size, quantity, unit, &s);
}

/*
 * How long an instruction takes is a property of the emulator and of what the kernel
 * takes for its clock's rate. The shortest run is one that no interrupt fell into.
 */
static void calibrate(void)
{
	struct samples s = { 0 };
	const unsigned int turns = 100000;
	unsigned int i;
	double least = 0;

	for (i = 0; i < 20; i++) {
		unsigned int n = turns;
		uint64_t begin = now(), ns;

		__asm__ volatile("1: subs %0, %0, #1\n\tbne 1b" : "+r"(n) : : "cc");
		ns = now() - begin;
		if (!i || ns < least)
			least = ns;
	}
	for (i = 0; i < 51; i++) {
		uint64_t begin = now();

		add(&s, now() - begin);
	}
	clock_ns = median(&s);
	s.num = 0;
	ns_per_instruction = (least - clock_ns) / (2 * turns);
	usleep(20000);
	for (i = 0; i < 31; i++) {
		uint64_t begin = now();

		yields();
		add(&s, now() - begin - clock_ns);
	}
	yields_ns = median(&s);
}

void memory_touch(void *p, size_t bytes)
{
	size_t pages = (bytes + PAGE - 1) / PAGE, stride = pages * 5 / 13 | 1, at = 0, i;
	volatile unsigned char *q = p;

	/* Prime to the number of pages, so that each gets its turn. */
	for (;; stride += 2) {
		size_t a = stride, b = pages;

		while (b) {
			size_t t = a % b;

			a = b;
			b = t;
		}
		if (a == 1)
			break;
	}
	for (i = 0; i < pages; i++) {
		q[at * PAGE] = at;
		at = (at + stride) % pages;
	}
}

void *memory_new(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		fail("mmap() of %zu bytes", bytes);
	memory_touch(p, bytes);
	return p;
}

unsigned int memory_pieces(const void *p, size_t bytes)
{
	int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	size_t pages = (bytes + PAGE - 1) / PAGE, i;
	unsigned int pieces = 0;
	uint64_t last = 0, entry;

	for (i = 0; i < pages; i++) {
		if (pread(map, &entry, sizeof(entry), ((uintptr_t)p / PAGE + i) * sizeof(entry)) !=
		    sizeof(entry))
			fail("cannot read /proc/self/pagemap");
		entry &= (1ull << 55) - 1;
		if (!i || entry != last + 1)
			pieces++;
		last = entry;
	}
	close(map);
	return pieces;
}

int drm_open(void)
{
	int fd = open("/dev/dri/renderD128", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		fail("cannot open /dev/dri/renderD128");
	return fd;
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail("cannot write '%s' to %s", text, path);
	close(fd);
}

void parameter(const char *name, unsigned int value)
{
	char path[128], text[16];

	if (!bench.has_userptr)
		return;
	snprintf(path, sizeof(path), "/sys/module/exynosdrm/parameters/%s", name);
	snprintf(text, sizeof(text), "%u", value);
	write_text(path, text);
}

struct g2d_image image_of(uint32_t handle, const void *p, uint32_t w, uint32_t h)
{
	struct g2d_image image = {
		.handle = handle, .stride = w * 4, .width = w, .height = h, .format = G2D_ARGB8888,
	};

	if (!handle) {
		image.user.userptr = (uintptr_t)p;
		image.user.size = (size_t)w * h * 4;
	}
	return image;
}

uint32_t gem_new(int fd, size_t bytes)
{
	uint32_t handle;

	MUST(exynos_gem_create(fd, bytes, EXYNOS_BO_NONCONTIG | EXYNOS_BO_WC, &handle));
	return handle;
}

uint32_t userptr_new(int fd, const void *p, size_t bytes, uint32_t flags)
{
	uint32_t handle;

	MUST(exynos_gem_userptr(fd, p, bytes, flags, &handle));
	return handle;
}

void run_list(int fd, const struct g2d_list *list)
{
	MUST(g2d_queue(fd, list));
	MUST(g2d_exec(fd, false));
}

static void set_up(void)
{
	static struct exynos_board board;
	const char *why = exynos_board_open(&board);
	uint64_t value;

	if (why)
		fail("%s", why);
	/* What the engine itself does is not the subject: it takes no time. */
	engine_write(&board, ENGINE_RATE, UINT32_MAX);
	/* Asleep its MMU has nothing to flush, and when it falls asleep is by chance. */
	write_text("/sys/bus/platform/devices/12800000.g2d/power/control", "on");
	bench.fd = drm_open();
	bench.has_userptr = !exynos_get_param(bench.fd, EXYNOS_PARAM_USERPTR_FEATURES, &value);
	calibrate();
	report_value("-", "-", "instruction", "ps", ns_per_instruction * 1000);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {
		{ "oneshot", case_oneshot }, { "warm", case_warm }, { "rect", case_rect },
		{ "change", case_change }, { "lists", case_lists }, { "procs", case_procs },
		{ "thrash", case_thrash }, { "mm", case_mm }, { "unmap", case_unmap },
		{ "create", case_create }, { "memory", case_memory }, { "perf", case_perf },
	};
	unsigned int i;
	int arg = 1;

	if (argc > 1 && !strcmp(argv[1], "--list")) {
		for (i = 0; i < ARRAY_SIZE(cases); i++)
			puts(cases[i].name);
		return 0;
	}
	for (; arg < argc && argv[arg][0] == '-'; arg++) {
		if (!strcmp(argv[arg], "--quick")) {
			bench.quick = true;
			bench.loops = 1;
			bench.dropped = 0;
		} else if (!strcmp(argv[arg], "--no-async")) {
			bench.no_async = true;
		} else {
			break;
		}
	}
	if (arg == argc || argv[arg][0] == '-') {
		fprintf(stderr, "usage: bench --list | [--quick] [--no-async] CASE...\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	set_up();
	for (; arg < argc; arg++) {
		case_name = argv[arg];
		for (i = 0; i < ARRAY_SIZE(cases) && strcmp(cases[i].name, case_name); i++)
			;
		if (i == ARRAY_SIZE(cases))
			fail("there is no such case; bench --list tells them");
		cases[i].run();
	}
	puts("# end");
	return 0;
}
