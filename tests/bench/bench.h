/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What letting the 2D engine work on user memory costs, in instructions. Every case
 * prints lines of CSV; bench.c has what they share.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exynos_g2d.h"

#define PAGE 4096u
#define MIB (1u << 20)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/**
 * struct bench - what all cases share
 * @fd: a file of the device, open throughout
 * @has_userptr: the kernel has DRM_IOCTL_EXYNOS_GEM_USERPTR
 * @quick: each way once and small, to see that it works
 * @no_async: asynchronous jobs of several processes are the end of this kernel
 * @loops: samples of a way
 * @dropped: loops before them that do not count
 */
struct bench {
	int fd;
	bool has_userptr;
	bool quick;
	bool no_async;
	unsigned int loops;
	unsigned int dropped;
};

extern struct bench bench;

/* Ends the program: a benchmark that goes on without a part of its work lies. */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);
#define MUST(call) do {									\
	long must_ = (call);								\
											\
	if (must_ < 0)									\
		fail("%s:%d: %s: %ld", __FILE__, __LINE__, #call, must_);		\
} while (0)

/* The stopwatch counts instructions, less those of reading the clock. */
void watch_start(void);
double watch_lap(void);
/* As watch_lap(), after what the kernel has put off has run; less what idle yields cost. */
double watch_settled(void);
double ns_to_instructions(double ns);

struct samples {
	unsigned int num;
	double value[512];
};

void add(struct samples *s, double value);
/* Print median, least and most of S, and empty it. */
void report(const char *way, const char *size, const char *quantity, const char *unit,
	    struct samples *s);
void report_value(const char *way, const char *size, const char *quantity, const char *unit,
		  double value);

/* Memory whose neighbouring pages are no neighbours for the engine. */
void *memory_new(size_t bytes);
void memory_touch(void *p, size_t bytes);
/* Pieces that are contiguous for the engine. */
unsigned int memory_pieces(const void *p, size_t bytes);

int drm_open(void);
/* Set a parameter of exynosdrm; kernels without userptr have none. */
void parameter(const char *name, unsigned int value);

struct g2d_image image_of(uint32_t handle, const void *p, uint32_t w, uint32_t h);
uint32_t gem_new(int fd, size_t bytes);
uint32_t userptr_new(int fd, const void *p, size_t bytes, uint32_t flags);
void run_list(int fd, const struct g2d_list *list);

/* The cases; those of peer.c and lists.c submit jobs, those of mm.c change memory. */
void case_oneshot(void);
void case_warm(void);
void case_rect(void);
void case_change(void);
void case_thrash(void);
void case_lists(void);
void case_procs(void);
void case_perf(void);
void case_mm(void);
void case_unmap(void);
void case_create(void);
void case_memory(void);

#endif /* BENCH_H */
