// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <unistd.h>

#include "exynos_oracle.h"
#include "mm_cases.h"
#include "report.h"

#define ODD 37	/* pixels from the start of the mapping */
#define SLOW_MS 80	/* well below the driver's timeout, also on a busy host */

/* A mapping with the photo in it, @odd pixels after its start. */
struct mapping {
	uint8_t *map;
	size_t map_size;
	struct g2d_image image;
};

static bool map_at(void *at, const struct picture *photo, bool inverted, struct mapping *m)
{
	size_t size = (size_t)photo->width * photo->height * 4, i;
	uint32_t *p;

	m->map_size = (size + ODD * 4 + 4095) & ~(size_t)4095;
	m->map = mmap(at, m->map_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED_NOREPLACE : 0), -1, 0);
	if (m->map == MAP_FAILED) {
		report_failure("no memory at %p", at);
		return false;
	}
	p = (uint32_t *)m->map + ODD;
	for (i = 0; i < size / 4; i++)
		p[i] = inverted ? photo->pixels[i] ^ 0xffffff : photo->pixels[i];
	return true;
}

static int attach(struct demo *d, const struct picture *photo, struct mapping *m, bool pristine)
{
	size_t size = (size_t)photo->width * photo->height * 4;
	uint8_t *ptr = m->map + ODD * 4;

	m->image = (struct g2d_image){
		.user = { (unsigned long)ptr, size },
		.stride = photo->width * 4,
		.width = photo->width,
		.height = photo->height,
		.format = G2D_ARGB8888,
	};
	return pristine ? 0 : exynos_gem_userptr(d->fd, ptr, size, 0, &m->image.handle);
}

/* Pixels of @dst that are not the photo's, or not its negative's. */
static size_t differing(const struct buffer *dst, const struct picture *photo, bool inverted)
{
	size_t i, n = 0;

	for (i = 0; i < dst->size / 4; i++) {
		uint32_t v;

		memcpy(&v, dst->ptr + i * 4, 4);
		n += v != (inverted ? photo->pixels[i] ^ 0xffffff : photo->pixels[i]);
	}
	return n;
}

static size_t compare(struct demo *d, const struct buffer *dst, const struct picture *photo,
		      bool inverted)
{
	size_t n = differing(dst, photo, inverted);

	d->compared += dst->size / 4;
	d->differing += n;
	return n;
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

static bool swap_on(void)
{
	return write_text("/sys/block/zram0/disksize", "32M") &&
	       system("mkswap " ZRAM " >/dev/null 2>&1") == 0 && swapon(ZRAM, 0) == 0;
}

static void swap_off(void)
{
	swapoff(ZRAM);
	write_text("/sys/block/zram0/reset", "1");
}

static void wrong(bool pristine, const char *text)
{
	if (pristine)
		report("   GOES WRONG      %s", text);
	else
		report_failure("%s", text);
}

static void remapped(struct demo *d, const struct picture *photo, struct buffer *dst,
		     bool pristine)
{
	struct mapping m;
	struct g2d_list list;
	long pinned_before = oracle_pinned(), kept;
	size_t bad, old;
	void *at;
	int ret;

	report("memory is unmapped and mapped anew at the same address between two blits");
	if (!map_at(NULL, photo, false, &m))
		return;
	at = m.map;
	ret = attach(d, photo, &m, pristine);
	report("   source          %p, %zu bytes: %s", (void *)(m.map + ODD * 4),
	       (size_t)photo->width * photo->height * 4,
	       buffer_placement(m.map + ODD * 4, (size_t)photo->width * photo->height * 4));

	g2d_copy(&list, &m.image, g2d_whole(&m.image), &dst->image, 0, 0);
	ret = ret ?: g2d_run(d->fd, &list);
	if (ret) {
		report_failure("the first blit failed: %s", strerror(-ret));
		goto out;
	}
	bad = compare(d, dst, photo, false);
	report("   first blit      the photo is there; %zu of %zu pixels differ from it", bad,
	       dst->size / 4);
	if (bad)
		report_failure("the first blit is not the photo");

	munmap(m.map, m.map_size);
	kept = oracle_pinned() - pinned_before;
	report("   munmap()        %ld pages are still pinned, of the source or the destination", kept);
	if (kept)
		wrong(pristine, "pages stay pinned between jobs, given back or not");
	if (!map_at(at, photo, true, &m))
		return;

	g2d_copy(&list, &m.image, g2d_whole(&m.image), &dst->image, 0, 0);
	ret = g2d_run(d->fd, &list);
	if (ret) {
		report_failure("the second blit failed: %s", strerror(-ret));
		goto out;
	}
	bad = compare(d, dst, photo, true);
	old = dst->size / 4 - differing(dst, photo, false);
	report("   second blit     the photo's negative is there; %zu of %zu pixels differ from it, %zu are the old ones",
	       bad, dst->size / 4, old);
	if (bad)
		wrong(pristine, "the engine still reads the memory that was unmapped");
out:
	if (m.image.handle)
		exynos_gem_close(d->fd, m.image.handle);
	munmap(at, m.map_size);
	report("%s", "");
}

static void unmapped_meanwhile(struct demo *d, const struct picture *photo, struct buffer *dst,
			       bool pristine)
{
	uint32_t faults = mmu_read(&d->board, MMU_FAULTS), blits = 0;
	struct mapping m;
	struct g2d_list list;
	double start, took, job;
	bool done;
	size_t bad;
	int ret;

	report("memory is unmapped while a job reads it");
	if (!map_at(NULL, photo, false, &m))
		return;
	ret = attach(d, photo, &m, pristine);
	g2d_copy(&list, &m.image, g2d_whole(&m.image), &dst->image, 0, 0);
	if (d->board.engine)
		blits = engine_read(&d->board, ENGINE_BLITS);
	start = now_ms();
	ret = ret ?: blit_start(d, &list, 2 * dst->size, SLOW_MS);
	if (ret) {
		report_failure("the job could not be started: %s", strerror(-ret));
		munmap(m.map, m.map_size);
		return;
	}
	took = now_ms();
	munmap(m.map, m.map_size);
	took = now_ms() - took;
	/* The engine's own count: the event may still be on its way. */
	if (d->board.engine)
		done = engine_read(&d->board, ENGINE_BLITS) != blits;
	else
		done = poll(&(struct pollfd){ .fd = d->fd, .events = POLLIN }, 1, 0) == 1;
	ret = blit_wait(d);
	job = now_ms() - start;
	if (ret)
		report_failure("the job failed: %s", strerror(-ret));
	report("   munmap()        returned after %.1f ms, when the job was %s", took,
	       done ? "done" : "still running");
	report("   job             took %.1f ms", job);
	if (!done)
		wrong(pristine, "the engine reads memory that is no longer the program's");

	bad = compare(d, dst, photo, false);
	report("   destination     %zu of %zu pixels differ from the photo", bad, dst->size / 4);
	if (bad)
		wrong(pristine, "the job did not see its whole source");
	faults = mmu_read(&d->board, MMU_FAULTS) - faults;
	if (d->board.mmu)
		report("   SYSMMU faults   %u", faults);
	if (faults)
		wrong(pristine, "the engine faulted");
	if (m.image.handle)
		exynos_gem_close(d->fd, m.image.handle);
	report("%s", "");
}

/*
 * Reclaim gives up on a page with one reference too many, so that all pages can
 * be swapped out proves that nobody holds any, pinned or not.
 */
static void swapped_out(struct demo *d, const struct picture *photo, struct buffer *dst)
{
	struct oracle_pages p;
	struct mapping m;
	struct g2d_list list;
	int64_t mapped;
	size_t bad;
	int ret;

	report("memory is swapped out while it has a handle");
	if (!swap_on()) {
		report("   not shown       there is no zram0 to swap to");
		report("%s", "");
		return;
	}
	if (!map_at(NULL, photo, false, &m))
		goto out_swap;
	memset(dst->ptr, 0, dst->size);
	ret = attach(d, photo, &m, false);
	g2d_copy(&list, &m.image, g2d_whole(&m.image), &dst->image, 0, 0);
	ret = ret ?: g2d_run(d->fd, &list);
	if (ret) {
		report_failure("the first blit failed: %s", strerror(-ret));
		goto out;
	}
	mapped = oracle_mapped(d->fd);

	/* Brings pages that wait for their turn to where reclaim can see them. */
	write_text("/proc/sys/vm/compact_memory", "1");
	madvise(m.map, m.map_size, MADV_PAGEOUT);
	ret = oracle_pages(m.map, m.map_size, &p);
	if (ret) {
		report_failure("cannot look at the pages: %s", strerror(-ret));
		goto out;
	}
	report("   source          %u of %u pages are in swap, %lld bytes less mapped for the engine",
	       p.swapped, p.pages, (long long)(mapped - oracle_mapped(d->fd)));
	if (p.swapped != p.pages)
		report_failure("%u pages cannot be swapped out", p.pages - p.swapped);

	memset(dst->ptr, 0, dst->size);
	ret = g2d_run(d->fd, &list);
	if (ret)
		report_failure("the second blit failed: %s", strerror(-ret));
	bad = compare(d, dst, photo, false);
	report("   next blit       brought them back; %zu of %zu pixels differ from the photo", bad,
	       dst->size / 4);
	if (bad)
		report_failure("the blit did not see what was swapped out");
out:
	if (m.image.handle)
		exynos_gem_close(d->fd, m.image.handle);
	munmap(m.map, m.map_size);
out_swap:
	swap_off();
	report("%s", "");
}

void mm_cases(struct demo *d, const struct picture *photo, struct picture *anew, bool pristine)
{
	struct buffer dst = buffer_alloc(photo->width, photo->height, 53);
	int ret = 0;

	if (pristine)
		dst.image.user = (struct drm_exynos_g2d_userptr){ (unsigned long)dst.ptr, dst.size };
	else
		ret = buffer_import(d->fd, &dst);
	if (ret) {
		report_failure("no handle for the destination: %s", strerror(-ret));
	} else {
		remapped(d, photo, &dst, pristine);
		memcpy(anew->pixels, dst.ptr, dst.size);
		unmapped_meanwhile(d, photo, &dst, pristine);
		if (!pristine)
			swapped_out(d, photo, &dst);
	}
	if (dst.image.handle)
		exynos_gem_close(d->fd, dst.image.handle);
	buffer_free(&dst);
}
