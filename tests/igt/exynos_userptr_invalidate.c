// SPDX-License-Identifier: MIT
#include <sys/mman.h>

#include "igt_exynos_block.h"

/**
 * TEST: exynos userptr invalidation
 * Description: User memory that changes or goes away before, during and after jobs.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Memory management tests
 * Functionality: userptr
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: unmap-between-jobs
 * Description: Unmapped memory fails a job; a job sees memory that is mapped there later.
 *
 * SUBTEST: unmap-during-read
 * Description: munmap() of a source waits for the job that reads it.
 *
 * SUBTEST: unmap-during-write
 * Description: munmap() of a destination waits for the job that writes it.
 *
 * SUBTEST: unmap-part-during-job
 * Description: munmap() of one page in the middle waits for the job as well.
 *
 * SUBTEST: unmap-unrelated-during-job
 * Description: munmap() of other memory does not wait for the job.
 *
 * SUBTEST: unmap-after-close
 * Description: A closed object does not come back with its old memory.
 *
 * SUBTEST: close-during-job
 * Description: GEM_CLOSE and munmap() while a job runs: the job still ends well.
 *
 * SUBTEST: mremap
 * Description: Moved memory is gone from the old address and works at the new.
 *
 * SUBTEST: mprotect
 * Description: Memory made read-only between jobs can be read, not written.
 *
 * SUBTEST: madv-dontneed
 * Description: After MADV_DONTNEED the engine reads zeros and writes new pages.
 *
 * SUBTEST: madv-free
 * Description: What the engine writes after MADV_FREE is not thrown away.
 *
 * SUBTEST: fork-parent-writes
 * Description: After fork() the parent's jobs see and change the parent's pages.
 *
 * SUBTEST: fork-child-writes
 * Description: What a child writes after fork() is not seen by the parent's jobs.
 *
 * SUBTEST: process-exit
 * Description: A process exits without closing anything.
 *
 * SUBTEST: process-exit-during-job
 * Description: A process exits while its job runs; the engine stays usable.
 *
 * SUBTEST: process-kill-during-job
 * Description: A process is killed while it waits for its job.
 *
 * SUBTEST: stress-invalidate
 * Description: Jobs run while another thread takes the pages away all the time.
 *
 * SUBTEST: hang-exec
 * Description: A synchronous job on a hung engine fails, the next one works.
 *
 * SUBTEST: hang-munmap
 * Description: munmap() with a hung engine waits no longer than the timeout.
 */

IGT_TEST_DESCRIPTION("User memory that changes or goes away before, during and after jobs.");

static void start_copy_block(struct exynos *e, const struct exynos_block *src, const struct exynos_block *dst)
{
	struct g2d_list list;

	g2d_copy(&list, &src->image, g2d_whole(&src->image), &dst->image, 0, 0);
	exynos_start(e, &list);
}

static void unmap_between_jobs(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 1), dst = exynos_block_new(e, 2);

	exynos_block_check_mapped(e, 0);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 1);
	exynos_block_check_mapped(e, 2);

	exynos_block_unmap(&src);
	exynos_block_check_mapped(e, 1);
	igt_assert_eq(exynos_block_try_copy(e, &src, &dst), -EFAULT);
	exynos_block_check(&dst, 1);
	exynos_block_map_again(&src);
	exynos_fill_words(src.ptr, src.size, 3);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 3);

	exynos_block_unmap(&dst);
	exynos_block_check_mapped(e, 1);
	igt_assert_eq(exynos_block_try_copy(e, &src, &dst), -EFAULT);
	exynos_block_map_again(&dst);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 3);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

/*
 * Starts a job on a held engine, lets it go after EXYNOS_HOLD_MS, meanwhile does
 * @change to the block, and checks that this took until the job was done.
 */
static void change_during_job(struct exynos *e, const struct exynos_block *src, const struct exynos_block *dst,
			      void (*change)(struct exynos_block *b), struct exynos_block *b)
{
	uint32_t blits = exynos_blits(e);
	uint64_t took;

	exynos_hold(e);
	start_copy_block(e, src, dst);
	exynos_let_go_after(e, EXYNOS_HOLD_MS);
	took = exynos_now_ms();
	change(b);
	blits = exynos_blits(e) - blits;
	took = exynos_now_ms() - took;
	exynos_let_go(e);
	exynos_finish(e);

	igt_debug("it took %llu ms, %u blits were done\n", (unsigned long long)took, blits);
	igt_assert_eq_u32(blits, 1);
}

static void unmap_during_read(struct exynos *e)
{
	struct exynos_block src, dst;

	exynos_require_test_page(e);
	src = exynos_block_new(e, 1);
	dst = exynos_block_new(e, 2);
	change_during_job(e, &src, &dst, exynos_block_unmap, &src);
	exynos_block_check(&dst, 1);
	exynos_block_unmap(&dst);
}

/* What the engine wrote is seen through another mapping of the memory. */
static void unmap_during_write(struct exynos *e)
{
	struct exynos_block src, dst, view;
	int fd;

	exynos_require_test_page(e);
	src = exynos_block_new(e, 1);
	fd = memfd_create("unmap-during-write", MFD_CLOEXEC);
	igt_assert_fd(fd);
	igt_assert_eq(ftruncate(fd, exynos_block_shape(e).map_size), 0);
	dst = exynos_block_map_fd(e, fd, PROT_READ | PROT_WRITE);
	view = exynos_block_map_fd(e, fd, PROT_READ);
	exynos_block_import(e, &dst);
	change_during_job(e, &src, &dst, exynos_block_unmap, &dst);
	exynos_block_check(&view, 1);
	exynos_block_unmap(&view);
	exynos_block_unmap(&src);
	close(fd);
}

static void unmap_one_page(struct exynos_block *b)
{
	igt_assert_eq(munmap(b->map + 4096, 4096), 0);
}

static void unmap_part_during_job(struct exynos *e)
{
	struct exynos_block src, dst;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	src = exynos_block_new(e, 1);
	dst = exynos_block_new(e, 2);
	change_during_job(e, &src, &dst, unmap_one_page, &src);
	exynos_block_check(&dst, 1);
	igt_assert_eq(exynos_block_try_copy(e, &src, &dst), -EFAULT);
	munmap(src.map, src.map_size);
	exynos_block_unmap(&dst);
}

static void unmap_unrelated_during_job(struct exynos *e)
{
	struct exynos_block src, dst, other;

	exynos_require_test_page(e);
	src = exynos_block_new(e, 1);
	dst = exynos_block_new(e, 2);
	other = exynos_block_new(e, 3);

	/*
	 * Nothing lets the engine go meanwhile: a munmap() that waits would
	 * wait until the job is aborted.
	 */
	exynos_hold(e);
	start_copy_block(e, &src, &dst);
	exynos_block_unmap(&other);
	exynos_let_go(e);
	exynos_finish(e);
	exynos_block_check(&dst, 1);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

static void unmap_after_close(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 1), dst = exynos_block_new(e, 2);
	unsigned int i;

	for (i = 0; i < 50; i++) {
		exynos_block_copy(e, &src, &dst);
		exynos_block_check(&dst, 1 + i);
		exynos_close(e, src.image.handle);
		exynos_block_unmap(&src);
		exynos_block_map_again(&src);
		exynos_fill_words(src.ptr, src.size, 2 + i);
		exynos_block_import(e, &src);
	}
	/* Closed and made again without a change in between. */
	for (i = 0; i < 50; i++) {
		exynos_close(e, src.image.handle);
		exynos_fill_words(src.ptr, src.size, 100 + i);
		exynos_block_import(e, &src);
		exynos_block_copy(e, &src, &dst);
		exynos_block_check(&dst, 100 + i);
	}
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

static void close_during_job(struct exynos *e)
{
	struct exynos_block src, dst;

	exynos_require_test_page(e);
	src = exynos_block_new(e, 1);
	dst = exynos_block_new(e, 2);
	exynos_hold(e);
	start_copy_block(e, &src, &dst);
	exynos_close(e, src.image.handle);
	exynos_close(e, dst.image.handle);
	exynos_let_go_after(e, EXYNOS_HOLD_MS);
	exynos_block_unmap(&src);
	exynos_let_go(e);
	exynos_finish(e);
	exynos_block_check(&dst, 1);
	exynos_block_unmap(&dst);
}

static void mremap_test(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 1), dst = exynos_block_new(e, 2), moved = src;
	void *room = exynos_mmap(src.map_size);

	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 1);
	igt_assert(mremap(src.map, src.map_size, src.map_size, MREMAP_MAYMOVE | MREMAP_FIXED,
			  room) == room);
	exynos_block_check_mapped(e, 1);
	igt_assert_eq(exynos_block_try_copy(e, &src, &dst), -EFAULT);

	exynos_block_place(e, &moved, room);
	exynos_block_import(e, &moved);
	exynos_fill_words(dst.ptr, dst.size, 2);
	exynos_block_copy(e, &moved, &dst);
	exynos_block_check(&dst, 1);

	/* Back where it was: the first object works again. */
	igt_assert(mremap(room, src.map_size, src.map_size, MREMAP_MAYMOVE | MREMAP_FIXED,
			  src.map) == src.map);
	exynos_fill_words(src.ptr, src.size, 3);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 3);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

static void mprotect_test(struct exynos *e)
{
	struct exynos_block a = exynos_block_new(e, 1), b = exynos_block_new(e, 2);

	exynos_block_copy(e, &b, &a);
	exynos_block_check(&a, 2);
	igt_assert_eq(mprotect(a.map, a.map_size, PROT_READ), 0);
	igt_assert_eq(exynos_block_try_copy(e, &b, &a), -EFAULT);
	exynos_fill_words(b.ptr, b.size, 3);
	exynos_block_copy(e, &a, &b);
	exynos_block_check(&b, 2);
	igt_assert_eq(mprotect(a.map, a.map_size, PROT_READ | PROT_WRITE), 0);
	exynos_fill_words(b.ptr, b.size, 4);
	exynos_block_copy(e, &b, &a);
	exynos_block_check(&a, 4);
	exynos_block_unmap(&a);
	exynos_block_unmap(&b);
}

static void madv_dontneed(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 1), dst = exynos_block_new(e, 2);

	exynos_block_copy(e, &src, &dst);
	igt_assert_eq(madvise(src.map, src.map_size, MADV_DONTNEED), 0);
	exynos_block_check_mapped(e, 1);
	exynos_block_copy(e, &src, &dst);
	exynos_check_bytes(dst.ptr, dst.size, 0);

	exynos_fill_words(src.ptr, src.size, 3);
	igt_assert_eq(madvise(dst.map, dst.map_size, MADV_DONTNEED), 0);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 3);
	igt_assert_eq(madvise(dst.map, dst.map_size, MADV_DONTNEED), 0);
	exynos_check_bytes(dst.map, dst.map_size, 0);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

static void madv_free(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 1), dst = exynos_block_new(e, 2);
	unsigned int i;

	/*
	 * A clean page may be dropped at any time after MADV_FREE, one that was
	 * written again may not.  MADV_PAGEOUT makes the kernel decide now.
	 */
	exynos_block_copy(e, &src, &dst);
	for (i = 0; i < 20; i++) {
		exynos_fill_words(src.ptr, src.size, 10 + i);
		igt_assert_eq(madvise(dst.map, dst.map_size, MADV_FREE), 0);
		exynos_block_copy(e, &src, &dst);
		igt_assert_eq(madvise(dst.map, dst.map_size, MADV_PAGEOUT), 0);
		exynos_block_check(&dst, 10 + i);
	}

	/* As a source it is what it was, or zeros, page by page. */
	igt_assert_eq(madvise(src.map, src.map_size, MADV_FREE), 0);
	igt_assert_eq(madvise(src.map, src.map_size, MADV_PAGEOUT), 0);
	memset(dst.ptr, 0x5a, dst.size);
	exynos_block_copy(e, &src, &dst);
	for (i = 0; i < dst.size / 4; i++) {
		uint32_t v = ((uint32_t *)dst.ptr)[i];

		igt_assert_f(v == 0 || v == exynos_word(29, i), "word %u is %#x\n", i, v);
	}
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

/* Processes. */

struct rendezvous {
	int down[2], up[2];
};

static void rendezvous_init(struct rendezvous *r)
{
	igt_assert_eq(pipe(r->down), 0);
	igt_assert_eq(pipe(r->up), 0);
}

static void tell(int *pipe)
{
	igt_assert_eq(write(pipe[1], "x", 1), 1);
}

static void wait_for(int *pipe)
{
	char c;

	igt_assert_eq(read(pipe[0], &c, 1), 1);
}

static void rendezvous_fini(struct rendezvous *r)
{
	close(r->down[0]);
	close(r->down[1]);
	close(r->up[0]);
	close(r->up[1]);
}

static void fork_parent_writes(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 1), dst = exynos_block_new(e, 2);
	struct rendezvous r;

	/* Both are mapped for the engine, the destination for writing. */
	exynos_block_copy(e, &src, &dst);
	rendezvous_init(&r);
	igt_fork(child, 1) {
		wait_for(r.down);
		exynos_block_check(&dst, 1);
		exynos_block_check(&src, 1);
		tell(r.up);
		wait_for(r.down);
		exynos_block_check(&dst, 1);
		exynos_block_check(&src, 1);
	}
	exynos_fill_words(src.ptr, src.size, 3);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 3);
	tell(r.down);
	wait_for(r.up);
	exynos_fill_words(src.ptr, src.size, 4);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 4);
	tell(r.down);
	igt_waitchildren();
	rendezvous_fini(&r);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

static void fork_child_writes(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 1), dst = exynos_block_new(e, 2);
	struct rendezvous r;

	exynos_block_copy(e, &src, &dst);
	rendezvous_init(&r);
	igt_fork(child, 1) {
		exynos_fill_words(src.ptr, src.size, 5);
		exynos_fill_words(dst.ptr, dst.size, 6);
		tell(r.up);
		wait_for(r.down);
		exynos_block_check(&src, 5);
		exynos_block_check(&dst, 6);
	}
	wait_for(r.up);
	exynos_fill_words(dst.ptr, dst.size, 2);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 1);
	exynos_block_check(&src, 1);
	tell(r.down);
	igt_waitchildren();
	rendezvous_fini(&r);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

/* The engine works, for a file of our own. */
static void engine_works(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 101), dst = exynos_block_new(e, 102);

	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 101);
	exynos_close(e, src.image.handle);
	exynos_close(e, dst.image.handle);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

static void process_exit(struct exynos *e)
{
	unsigned int i;

	for (i = 0; i < 5; i++) {
		igt_fork(child, 2) {
			struct exynos_block src, dst;

			e->fd = drm_open_driver_render(DRIVER_EXYNOS);
			src = exynos_block_new(e, 1);
			dst = exynos_block_new(e, 2);
			exynos_block_copy(e, &src, &dst);
			exynos_block_check(&dst, 1);
		}
		igt_waitchildren();
	}
	engine_works(e);
}

static void process_exit_during_job(struct exynos *e)
{
	struct rendezvous r;
	uint32_t blits;

	exynos_require_test_page(e);
	rendezvous_init(&r);
	blits = exynos_blits(e);
	exynos_hold(e);
	igt_fork(child, 1) {
		struct exynos_block src, dst;

		e->fd = drm_open_driver_render(DRIVER_EXYNOS);
		src = exynos_block_new(e, 1);
		dst = exynos_block_new(e, 2);
		start_copy_block(e, &src, &dst);
		tell(r.up);
		_exit(0);
	}
	wait_for(r.up);
	exynos_let_go_after(e, EXYNOS_HOLD_MS);
	igt_waitchildren();
	exynos_let_go(e);
	engine_works(e);
	igt_assert_eq_u32(exynos_blits(e) - blits, 2);
	rendezvous_fini(&r);
}

static void process_kill_during_job(struct exynos *e)
{
	struct rendezvous r;

	exynos_require_test_page(e);
	rendezvous_init(&r);
	exynos_hold(e);
	igt_fork(child, 1) {
		struct exynos_block src, dst;
		struct g2d_list list;

		e->fd = drm_open_driver_render(DRIVER_EXYNOS);
		src = exynos_block_new(e, 1);
		dst = exynos_block_new(e, 2);
		g2d_copy(&list, &src.image, g2d_whole(&src.image), &dst.image, 0, 0);
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
		tell(r.up);
		g2d_exec(e->fd, false);
		pause();
	}
	wait_for(r.up);
	/* Time to get into EXEC; when it is not enough, it is killed before. */
	usleep(30 * 1000);
	exynos_let_go_after(e, EXYNOS_HOLD_MS);
	igt_kill_children(SIGKILL);
	exynos_let_go(e);
	engine_works(e);
	rendezvous_fini(&r);
}

/* A hung engine. */

static const char hang_message[] = "g2d.*(hung|hang|timed out|timeout|reset)";

static void hang_exec(struct exynos *e)
{
	unsigned int timeout_ms;
	struct exynos_block src, dst;
	uint64_t took;

	exynos_require_test_page(e);
	timeout_ms = exynos_restore_timeout(e);
	igt_require_f(timeout_ms, "the driver has no timeout that can be read\n");
	e->allowed = hang_message;
	src = exynos_block_new(e, 1);
	dst = exynos_block_new(e, 2);
	exynos_hold(e);
	took = exynos_now_ms();
	igt_assert_eq(exynos_block_try_copy(e, &src, &dst), -EIO);
	took = exynos_now_ms() - took;
	igt_assert_lt_u64(took, timeout_ms + EXYNOS_SLACK_MS);

	/* The reset brought the engine back. */
	exynos_fill_words(dst.ptr, dst.size, 2);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 1);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

static void hang_munmap(struct exynos *e)
{
	unsigned int timeout_ms;
	struct exynos_block src, dst;
	uint64_t took;

	exynos_require_test_page(e);
	timeout_ms = exynos_restore_timeout(e);
	igt_require_f(timeout_ms, "the driver has no timeout that can be read\n");
	e->allowed = hang_message;
	src = exynos_block_new(e, 1);
	dst = exynos_block_new(e, 2);
	exynos_hold(e);
	start_copy_block(e, &src, &dst);
	took = exynos_now_ms();
	exynos_block_unmap(&src);
	took = exynos_now_ms() - took;
	igt_debug("munmap() took %llu ms\n", (unsigned long long)took);
	igt_assert_lt_u64(took, timeout_ms + EXYNOS_SLACK_MS);
	/* It did wait: nothing but the timeout could end the job. */
	igt_assert_lt_u64(timeout_ms / 2, took);
	exynos_block_check(&dst, 2);

	exynos_block_map_again(&src);
	exynos_fill_words(src.ptr, src.size, 3);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 3);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

/* Everything at once. */

struct stress {
	struct exynos_block *src, *dst;
	volatile bool stop;
	volatile unsigned int jobs;
	unsigned int rounds;
};

/*
 * Mapping the pages takes a time that only the machine knows; taken away more often
 * than that, they never get mapped at all.  So the pause between two invalidations
 * is searched for: it grows while no job ends, and shrinks when one did.
 */
static void *stress_thread(void *arg)
{
	struct stress *s = arg;
	unsigned int pause_us = 200, idle = 0, jobs = 0, i;

	for (i = 0; !s->stop; i++) {
		struct exynos_block *b = i & 1 ? s->src : s->dst;

		madvise(b->map, b->map_size, MADV_DONTNEED);
		if (i % 7 == 0)
			mprotect(b->map, b->map_size, PROT_READ | PROT_WRITE);
		s->rounds++;
		usleep(pause_us + pause_us / 4 * (i % 5));

		if (s->jobs != jobs) {
			if (pause_us > 200)
				pause_us /= 2;
			jobs = s->jobs;
			idle = 0;
		} else if (++idle % 4 == 0 && pause_us < 400000) {
			pause_us *= 2;
		}
	}
	return NULL;
}

static void stress_invalidate(struct exynos *e)
{
	struct exynos_block src = exynos_block_new(e, 1), dst = exynos_block_new(e, 2);
	struct stress s = { .src = &src, .dst = &dst };
	pthread_t thread;
	size_t i;

	igt_assert_eq(pthread_create(&thread, NULL, stress_thread, &s), 0);
	igt_until_timeout(5) {
		exynos_fill_words(src.ptr, src.size, 1);
		exynos_block_copy(e, &src, &dst);
		s.jobs++;
		for (i = 0; i < dst.size / 4; i++) {
			uint32_t v = ((volatile uint32_t *)dst.ptr)[i];

			igt_assert_f(v == 0 || v == exynos_word(1, i) || v == exynos_word(2, i),
				     "word %zu is %#x\n", i, v);
		}
	}
	s.stop = true;
	pthread_join(thread, NULL);
	igt_info("%u jobs, %u invalidations\n", s.jobs, s.rounds);
	igt_assert_lt(0, s.jobs);
	exynos_fill_words(src.ptr, src.size, 3);
	exynos_block_copy(e, &src, &dst);
	exynos_block_check(&dst, 3);
	exynos_block_unmap(&src);
	exynos_block_unmap(&dst);
}

static const struct exynos_test tests[] = {
	{ "unmap-between-jobs", unmap_between_jobs },
	{ "unmap-during-read", unmap_during_read },
	{ "unmap-during-write", unmap_during_write },
	{ "unmap-part-during-job", unmap_part_during_job },
	{ "unmap-unrelated-during-job", unmap_unrelated_during_job },
	{ "unmap-after-close", unmap_after_close },
	{ "close-during-job", close_during_job },
	{ "mremap", mremap_test },
	{ "mprotect", mprotect_test },
	{ "madv-dontneed", madv_dontneed },
	{ "madv-free", madv_free },
	{ "fork-parent-writes", fork_parent_writes },
	{ "fork-child-writes", fork_child_writes },
	{ "process-exit", process_exit },
	{ "process-exit-during-job", process_exit_during_job },
	{ "process-kill-during-job", process_kill_during_job },
	{ "stress-invalidate", stress_invalidate },
	{ "hang-exec", hang_exec },
	{ "hang-munmap", hang_munmap },
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
