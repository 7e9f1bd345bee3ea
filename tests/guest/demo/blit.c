// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "blit.h"
#include "exynos_oracle.h"
#include "fimg2d-reference.h"
#include "report.h"

/* Where the reference finds the two buffers in its own address space. */
#define SRC_BASE 0x10000000u
#define DST_BASE 0x20000000u

struct expected {
	const struct buffer *src;
	const struct buffer *dst;
	uint8_t *block;		/* a copy of the destination's block */
	bool strayed;		/* the list leaves its buffers */
};

/* Where the page counts are taken. */
enum { BEFORE, DURING, AFTER, MOMENTS };

struct watch {
	long pinned[MOMENTS];
	struct oracle_pages pages[MOMENTS];
	int64_t mapped[MOMENTS];
};

double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static uint8_t reference_read(void *opaque, enum fimg2d_operand operand, uint32_t address)
{
	struct expected *x = opaque;

	if (operand == FIMG2D_SRC && address - SRC_BASE < x->src->size)
		return x->src->ptr[address - SRC_BASE];
	if (operand == FIMG2D_DST && address - DST_BASE < x->dst->size)
		return x->block[x->dst->ptr - x->dst->block + (address - DST_BASE)];
	x->strayed = true;
	return 0;
}

static void reference_write(void *opaque, enum fimg2d_operand operand, uint32_t address,
			    uint8_t value)
{
	struct expected *x = opaque;

	if (operand == FIMG2D_DST && address - DST_BASE < x->dst->size)
		x->block[x->dst->ptr - x->dst->block + (address - DST_BASE)] = value;
	else
		x->strayed = true;
}

/* What the destination's block must look like afterwards; NULL if the CPU cannot say. */
static uint8_t *compute(const struct g2d_list *list, const struct buffer *src,
			const struct buffer *dst)
{
	static uint32_t row[8192];
	static struct fimg2d_reference ref;
	struct expected x = { .src = src, .dst = dst, .block = malloc(dst->block_size) };
	unsigned int i;
	bool ok;

	if (!x.block) {
		report_failure("no memory to compute the blit on the CPU");
		return NULL;
	}
	memcpy(x.block, dst->block, dst->block_size);
	ref = (struct fimg2d_reference){
		.opaque = &x,
		.read = reference_read,
		.write = reference_write,
		.row = row,
		.row_pixels = 8192,
	};
	fimg2d_reference_reset(&ref);
	for (i = 0; i < list->num_cmd; i++)
		fimg2d_reference_set(&ref, list->cmd[i].offset, list->cmd[i].data);
	for (i = 0; i < list->num_buf; i++)
		fimg2d_reference_set(&ref, list->buf[i].offset & ~G2D_BUF_USERPTR,
				     (list->buf[i].offset & 0xfff) == G2D_SRC_BASE ? SRC_BASE :
										     DST_BASE);
	ok = fimg2d_reference_blit(&ref);
	if (ok && !x.strayed && !ref.complains)
		return x.block;
	report_failure("the reference cannot do this blit");
	free(x.block);
	return NULL;
}

/* Holds the whole block against what it should be. */
static void compare(struct demo *d, const struct buffer *dst, const uint8_t *expected,
		    const char *when)
{
	size_t before = dst->ptr - dst->block, i, differing = 0, first = 0, stray = 0;

	for (i = 0; i < dst->size; i += 4)
		if (memcmp(dst->ptr + i, expected + before + i, 4)) {
			if (!differing++)
				first = i / 4;
		}
	for (i = 0; i < dst->block_size; i++)
		if ((i < before || i >= before + dst->size) && dst->block[i] != expected[i])
			stray++;
	report("   %-15s %zu pixels compared, %zu differ; %zu bytes around them compared, %zu changed",
	       when, dst->size / 4, differing, dst->block_size - dst->size, stray);
	if (differing)
		report_failure("the first pixel that differs is (%zu, %zu)",
			       first % dst->image.width, first / dst->image.width);
	if (stray)
		report_failure("the engine wrote outside of its destination");
	d->compared += dst->size / 4;
	d->differing += differing;
}

static void look(struct demo *d, struct watch *w, int moment, const struct buffer *dst)
{
	int ret;

	w->pinned[moment] = oracle_pinned();
	ret = oracle_pages(dst->ptr, dst->size, &w->pages[moment]);
	if (w->pinned[moment] < 0 || ret)
		report_failure("cannot look at the pages: %s",
			       strerror(ret ? -ret : (int)-w->pinned[moment]));
	w->mapped[moment] = oracle_mapped(d->fd);
}

int blit_start(struct demo *d, struct g2d_list *list, uint64_t bytes, unsigned int ms)
{
	if (d->board.engine)
		engine_write(&d->board, ENGINE_RATE, bytes / (ms * 1000) ?: 1);
	list->event = true;
	return g2d_queue(d->fd, list) ?: g2d_exec(d->fd, true);
}

int blit_wait(struct demo *d)
{
	int ret = g2d_wait_event(d->fd, NULL, 5000);

	if (d->board.engine)
		engine_write(&d->board, ENGINE_RATE, 0);
	return ret;
}

static void report_watch(const struct watch *w)
{
	static const char *const moments[] = { "before", "during", "after" };
	int m;

	report("   references      to the destination's %u pages:", w->pages[BEFORE].pages);
	for (m = 0; m < MOMENTS; m++) {
		const struct oracle_pages *p = &w->pages[m];
		char mapped[80] = "";

		if (w->mapped[m] >= 0)
			snprintf(mapped, sizeof(mapped), "; %lld bytes of all buffers mapped for the engine",
				 (long long)w->mapped[m]);
		report("     %-13s %llu by page tables, %ld pins%s", moments[m],
		       (unsigned long long)p->mapcount, w->pinned[m], mapped);
		if (w->pinned[m])
			report_failure("pages are pinned %s the job", moments[m]);
	}
	if (w->pages[AFTER].mapcount > w->pages[BEFORE].mapcount)
		report_failure("the job left mappings of the pages behind");
}

void blit_step(struct demo *d, const char *title, struct g2d_list *list, struct buffer *src,
	       struct buffer *dst)
{
	uint32_t faults = mmu_read(&d->board, MMU_FAULTS);
	uint8_t *expected, *initial;
	struct watch w;
	double t, full;
	int ret;

	report("%s", title);
	report("   source          %p, %zu bytes: %s", (void *)src->ptr, src->size,
	       buffer_placement(src->ptr, src->size));
	report("   destination     %p, %zu bytes: %s", (void *)dst->ptr, dst->size,
	       buffer_placement(dst->ptr, dst->size));

	initial = malloc(dst->block_size);
	expected = compute(list, src, dst);
	if (!expected || !initial)
		goto out;
	memcpy(initial, dst->block, dst->block_size);

	look(d, &w, BEFORE, dst);
	t = now_ms();
	ret = blit_start(d, list, src->size + dst->size, 40);
	look(d, &w, DURING, dst);
	ret = ret ?: blit_wait(d);
	t = now_ms() - t;
	look(d, &w, AFTER, dst);
	if (ret) {
		report_failure("the slow blit failed: %s", strerror(-ret));
		goto out;
	}
	report_watch(&w);
	compare(d, dst, expected, "slow run");

	memcpy(dst->block, initial, dst->block_size);
	list->event = false;
	full = now_ms();
	ret = g2d_run(d->fd, list);
	full = now_ms() - full;
	if (ret) {
		report_failure("the blit failed: %s", strerror(-ret));
		goto out;
	}
	compare(d, dst, expected, "full speed");

	faults = mmu_read(&d->board, MMU_FAULTS) - faults;
	if (d->board.mmu)
		report("   SYSMMU faults   %u", faults);
	if (faults)
		report_failure("the engine's accesses faulted");
	report("   time            %.1f ms slowed down, %.1f ms at full speed", t, full);
out:
	report("%s", "");
	free(initial);
	free(expected);
}
