// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_sys.h"
#include "igt_exynos_task.h"

/**
 * TEST: exynos g2d
 * Description: What upstream's G2D driver got wrong: lists that make the engine
 *		leave its buffers, resources that a program can use up for all,
 *		and jobs that outlive their file or their engine.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Command submission
 * Functionality: command lists
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: repeated-base-register
 * Description: A list that names two buffers for one register is refused.
 *
 * SUBTEST: too-many-buffers
 * Description: A list with more buffers than the engine has registers is
 *		refused.
 *
 * SUBTEST: stale-description
 * Description: What a list that was refused has set is not taken for the next
 *		one's.
 *
 * SUBTEST: last-value-counts
 * Description: A rectangle that is set twice is checked as the engine takes it.
 *
 * SUBTEST: stride-wraps
 * Description: A stride that wraps the address of a row is refused.
 *
 * SUBTEST: coordinate-high-bits
 * Description: All 16 bits of a coordinate are checked.
 *
 * SUBTEST: pixel-size
 * Description: A format with more than one byte a pixel is checked as such.
 *
 * SUBTEST: second-plane
 * Description: The second plane must fit its buffer.
 *
 * SUBTEST: pattern
 * Description: The pattern must fit its buffer.
 *
 * SUBTEST: mask
 * Description: The mask must fit its buffer.
 *
 * SUBTEST: unset-destination
 * Description: A list that fills a rectangle of no buffer is refused.
 *
 * SUBTEST: unset-source
 * Description: A list that copies from no buffer is refused.
 *
 * SUBTEST: offset-high-bits
 * Description: All bits of a register's offset are checked.
 *
 * SUBTEST: rectangle-inside-out
 * Description: A rectangle that ends before it begins is refused.
 *
 * SUBTEST: stride-high-bits
 * Description: A stride that the engine may take for another one is refused.
 *
 * SUBTEST: pattern-offset
 * Description: A blit must begin within the pattern.
 *
 * SUBTEST: quiet-lists
 * Description: A program cannot fill the log with lists that are refused.
 *
 * SUBTEST: full-pool
 * Description: What the engine reads after the last of all lists harms nobody.
 *
 * SUBTEST: full-list
 * Description: The list after one of the largest size is executed, too.
 *
 * SUBTEST: cmdlist-leak-on-einval
 * Description: A list with too many commands does not cost anybody a list.
 *
 * SUBTEST: cmdlist-leak-on-odd-async
 * Description: A job whose async has only upper bits set is freed.
 *
 * SUBTEST: userptr-size-changes
 * Description: Memory that is passed with changing sizes is unpinned.
 *
 * SUBTEST: userptr-beyond-pool
 * Description: Memory beyond what the driver keeps mapped is unpinned.
 *
 * SUBTEST: userptr-limit
 * Description: Closing a file does not raise the limit of what stays pinned.
 *
 * SUBTEST: userptr-wraps
 * Description: Memory whose end wraps around is refused.
 *
 * SUBTEST: userptr-scattered
 * Description: Without an IOMMU, memory that is not contiguous is refused.
 *
 * SUBTEST: userptr-errors
 * Description: The reason for which memory is refused can be told.
 *
 * SUBTEST: synchronous-jobs
 * Description: Nothing touches a job that was waited for.
 *
 * SUBTEST: threads-on-one-file
 * Description: Threads may queue and run lists on the same file.
 *
 * SUBTEST: event-twice-in-one-exec
 * Description: Each list of a job that asks for an event gets its own.
 *
 * SUBTEST: event-leak
 * Description: Events of lists that are never run are freed.
 *
 * SUBTEST: close-while-running
 * Description: A file can be closed while its job runs.
 *
 * SUBTEST: close-sleeps
 * Description: Closing a file whose job runs does not keep a CPU busy.
 *
 * SUBTEST: close-lets-others-run
 * Description: Jobs behind one that is ended by closing its file are run.
 *
 * SUBTEST: close-after-job
 * Description: Closing a file whose job ends meanwhile leaves the job of another
 *		file alone.
 *
 * SUBTEST: no-power
 * Description: A job whose engine cannot be powered ends with an error.
 *
 * SUBTEST: interrupt-without-job
 * Description: The engine may say that a list is done when no job runs.
 *
 * SUBTEST: mmu-cannot-be-blocked
 * Description: What is unmapped leaves the TLB of an MMU that cannot be blocked.
 *
 * SUBTEST: mmu-flushes
 * Description: The TLB is flushed once for a buffer, not once for each of its pages.
 *
 * SUBTEST: mmu-power
 * Description: Each System MMU can be powered, also one whose device has no driver.
 *
 * SUBTEST: mmu-link-kept
 * Description: A section is seen by an MMU that has kept the entry it replaces.
 *
 * SUBTEST: mmu-table-kept
 * Description: A section is seen by an MMU that has kept a table's address.
 *
 * SUBTEST: mmu-faults-kept
 * Description: A buffer is seen by an MMU that has kept that nothing is there.
 *
 * SUBTEST: mmu-table-leak
 * Description: A page table that a section replaces is unmapped for DMA.
 *
 * SUBTEST: mmu-empty-table
 * Description: The page table of what is not mapped is in memory.
 *
 * SUBTEST: mmu-table-order
 * Description: A page table is in memory before the System MMU is told of it.
 *
 * SUBTEST: mmu-no-table
 * Description: A buffer for which no page table can be made fails without a message.
 *
 * SUBTEST: mmu-not-linked
 * Description: An engine whose System MMU cannot be powered with it goes without.
 *
 * SUBTEST: mmu-tables-in-memory
 * Description: What the CPU wrote to the page tables is where the MMU reads it.
 *
 * SUBTEST: mmu-fault-at-boot
 * Description: A fault that a boot loader has left harms nobody.
 *
 * SUBTEST: mmu-fault
 * Description: A fault of the System MMU ends the job, not the machine.
 *
 * SUBTEST: mmu-fault-without-job
 * Description: An engine that faults when no job runs is reset, also while it is
 *		being unbound.
 *
 * SUBTEST: no-engine
 * Description: Without an engine the ioctls fail.
 *
 * SUBTEST: engine-first
 * Description: An engine that is the first with DMA can run lists.
 *
 * SUBTEST: unbind
 * Description: Unbinding the device leaves nothing behind.
 *
 * SUBTEST: rebind
 * Description: The engine runs lists after the device was bound again.
 *
 * SUBTEST: rebind-and-suspend
 * Description: The engine reads the lists that it is given after the device was
 *		bound again.
 *
 * SUBTEST: unbind-without-mapping
 * Description: An engine that has no mapping of its own can be unbound.
 *
 * SUBTEST: unbind-with-open-file
 * Description: A file can be closed after the device was unbound.
 *
 * SUBTEST: unbind-with-queued-list
 * Description: Lists that an open file has queued end with the device.
 *
 * SUBTEST: unbind-with-waiter
 * Description: Who waits for a job that the engine will never run is woken up.
 *
 * SUBTEST: unbind-with-running-job
 * Description: Who waits for a job that is ended with the device is told.
 *
 * SUBTEST: unbind-with-late-waiter
 * Description: Who waits for a job needs nothing of the engine when it is woken
 *		up.
 *
 * SUBTEST: unbind-with-ioctl
 * Description: An ioctl that runs when the engine is unbound does not touch what
 *		is gone.
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
 * SUBTEST: unbind-with-dmabuf
 * Description: What a dma-buf holds cannot be reached after the device was
 *		unbound.
 *
 * SUBTEST: unbind-before-close
 * Description: Buffers can be closed after the device was unbound.
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

IGT_TEST_DESCRIPTION("What upstream's G2D driver got wrong.");

#define PAGE		4096u
#define CANARY		0x5ca1ab1e
#define G2D_NODES	64

#define G2D_MASK_ROP4	(1 << 0)
#define G2D_CW_LT	0x600
#define G2D_CW_RB	0x604
#define G2D_DST_PLANE2	0x418
#define G2D_PAT_BASE	0x500
#define G2D_PAT_SIZE	0x504
#define G2D_PAT_MODE	0x508
#define G2D_PAT_OFFSET	0x50c
#define G2D_PAT_STRIDE	0x510
#define G2D_MASK_BASE	0x520
#define G2D_MASK_STRIDE	0x524
#define G2D_MASK_RB	0x52c
#define G2D_MASK_MODE	0x530
#define  G2D_MASK_8BPP	2
#define G2D_ROP4_PATCOPY 0xf0
#define G2D_YCBCR422	9
#define G2D_YCBCR420	10

/*
 * Upstream's driver says why it refuses a list, and a kernel with nothing but
 * the fixes goes on doing so.
 */
static const char refusals[] =
	"is out of range|Bad register offset|exceeds limit|size is too big|"
	"no free cmdlist|no inuse cmdlist|user pages from userptr|invalid userptr size";

static const char resets[] = "resetting engine";

/* Neighbours: buffers that lie one after the other in the engine's addresses. */

#define MAX_NEIGHBOURS 24

struct neighbours {
	unsigned int num;
	size_t size;
	uint32_t handle[MAX_NEIGHBOURS];
	uint32_t *map[MAX_NEIGHBOURS];
};

static uint64_t bo_offset(struct exynos *e, uint32_t handle)
{
	struct drm_exynos_gem_map map = { .handle = handle };

	do_ioctl(e->fd, DRM_IOCTL_EXYNOS_GEM_MAP, &map);
	return map.offset;
}

static void *bo_map(struct exynos *e, uint32_t handle, size_t size)
{
	void *ptr = mmap64(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, e->fd,
			   bo_offset(e, handle));

	igt_assert(ptr != MAP_FAILED);
	return ptr;
}

/*
 * The first of them may fill a hole in front of something else, so it is the
 * third that is made to overflow, and it is the only one not to be written.
 */
#define OWN 2

static void neighbours_init(struct exynos *e, struct neighbours *n, unsigned int num, size_t size)
{
	unsigned int i, j;

	igt_assert(num <= MAX_NEIGHBOURS);
	n->num = num;
	n->size = size;
	for (i = 0; i < num; i++) {
		n->handle[i] = exynos_bo(e, size);
		n->map[i] = bo_map(e, n->handle[i], size);
		for (j = 0; j < size / 4; j++)
			n->map[i][j] = CANARY + i;
	}
}

static unsigned int neighbours_hit(const struct neighbours *n)
{
	unsigned int i, j, hit = 0;

	for (i = 0; i < n->num; i++) {
		if (i == OWN)
			continue;
		for (j = 0; j < n->size / 4 && n->map[i][j] == CANARY + i; j++)
			;
		hit += j < n->size / 4;
	}
	return hit;
}

/*
 * A driver that accepts the list makes the engine write into the others. Where
 * it does not hit one of them, it goes where nothing is mapped, and upstream's
 * System MMU driver panics.
 */
static void assert_refused(struct exynos *e, const struct neighbours *n,
			   const struct g2d_list *list)
{
	int ret = exynos_try(e, list);

	igt_assert_f(!neighbours_hit(n), "the engine wrote into %u other buffers\n",
		     neighbours_hit(n));
	igt_assert_f(ret, "the list was accepted\n");
}

static struct g2d_image own(const struct neighbours *n, uint32_t width, uint32_t height)
{
	return exynos_image(n->handle[OWN], width, height);
}

static void fill_neighbour(struct g2d_list *list, const struct g2d_image *image)
{
	g2d_fill(list, image, g2d_whole(image), 0);
}

/* The driver and the engine still do what they are for. */
static void assert_works(struct exynos *e)
{
	uint32_t handle = exynos_bo(e, PAGE);
	uint32_t *map = bo_map(e, handle, PAGE);
	struct g2d_image image = exynos_image(handle, 32, 32);
	struct g2d_list list;

	memset(map, 0, PAGE);
	g2d_fill(&list, &image, g2d_whole(&image), 0x12345678);
	exynos_start(e, &list);
	igt_assert_f(g2d_wait_event(e->fd, NULL, 10000) == 0, "a job was not run\n");
	exynos_check_colour(map, PAGE, 0x12345678);
	munmap(map, PAGE);
	exynos_close(e, handle);
}

static void reopen(struct exynos *e)
{
	drm_close_driver(e->fd);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
}

/* What the checker has to look at. */

static void repeated_base_register(struct exynos *e)
{
	uint32_t first = exynos_bo(e, PAGE), second = exynos_bo(e, PAGE);
	struct g2d_image image = exynos_image(first, 32, 32);
	struct g2d_image other = exynos_image(second, 32, 32);
	struct g2d_list list;

	e->allowed = refusals;
	g2d_fill(&list, &image, g2d_whole(&image), 0);
	g2d_buf(&list, G2D_DST_BASE, &other);
	igt_assert_f(exynos_try(e, &list), "the list was accepted\n");
	assert_works(e);
}

static void too_many_buffers(struct exynos *e)
{
	struct drm_exynos_g2d_cmd cmd = { G2D_BG_COLOR, 0 }, buf[100];
	struct drm_exynos_g2d_set_cmdlist req = {
		.cmd = (uintptr_t)&cmd,
		.cmd_nr = 1,
		.cmd_buf = (uintptr_t)buf,
		.cmd_buf_nr = ARRAY_SIZE(buf),
	};
	uint32_t handle = exynos_bo(e, PAGE);
	unsigned int i;
	int ret;

	e->allowed = refusals;
	for (i = 0; i < ARRAY_SIZE(buf); i++)
		buf[i] = (struct drm_exynos_g2d_cmd){ G2D_PAT_BASE, handle };
	ret = igt_ioctl(e->fd, DRM_IOCTL_EXYNOS_G2D_SET_CMDLIST, &req);
	if (!ret) {
		/* Look at what was overwritten: nodes of other lists, in use by all. */
		g2d_exec(e->fd, true);
		for (i = 0; i < 2 * G2D_NODES; i++)
			assert_works(e);
	}
	igt_assert_f(ret, "the list was accepted\n");
	assert_works(e);
}

static void stale_description(struct exynos *e)
{
	struct neighbours n;
	struct g2d_image image;
	struct g2d_list list;
	unsigned int i;

	e->allowed = refusals;
	neighbours_init(e, &n, 16, PAGE);

	/* Each of the driver's nodes, whichever it takes next. */
	image = own(&n, PAGE, 1);
	for (i = 0; i < G2D_NODES; i++) {
		g2d_list_init(&list);
		g2d_reg(&list, G2D_DST_COLOR_MODE, G2D_A8);
		/* No register for a buffer. */
		g2d_buf(&list, G2D_BG_COLOR, &image);
		igt_assert_neq(g2d_queue(e->fd, &list), 0);
	}

	/* Without a colour mode a pixel has four bytes. */
	g2d_list_init(&list);
	g2d_reg(&list, G2D_DST_STRIDE, PAGE);
	g2d_reg(&list, G2D_DST_RIGHT_BOTTOM, PAGE | 1 << 16);
	g2d_reg(&list, G2D_BITBLT_COMMAND, G2D_CMD_SOLID_FILL);
	g2d_buf(&list, G2D_DST_BASE, &image);
	assert_refused(e, &n, &list);
}

static void last_value_counts(struct exynos *e)
{
	struct neighbours n;
	struct g2d_image image;
	struct g2d_list list;

	e->allowed = refusals;
	neighbours_init(e, &n, 16, PAGE);
	image = own(&n, 32, 32);
	fill_neighbour(&list, &image);
	g2d_reg(&list, G2D_DST_RIGHT_BOTTOM, 32 | 128 << 16);
	assert_refused(e, &n, &list);
}

static void stride_wraps(struct exynos *e)
{
	/*
	 * Row 3 starts 1 MiB behind the first one, modulo 4 GiB, and the last of
	 * 4097 rows where the first one does. Only row 3 is drawn.
	 */
	const uint32_t third = 0xaaaaaaab, stride = third << 20;
	struct neighbours n;
	struct g2d_image image;
	struct g2d_list list;

	e->allowed = refusals;
	neighbours_init(e, &n, 6, 1 << 20);
	image = own(&n, 32, 4097);
	image.stride = stride;
	fill_neighbour(&list, &image);
	g2d_reg(&list, G2D_CW_LT, 3 << 16);
	g2d_reg(&list, G2D_CW_RB, 32 | 4 << 16);
	g2d_reg(&list, G2D_BITBLT_COMMAND, G2D_CMD_SOLID_FILL | G2D_CMD_CLIP);
	assert_refused(e, &n, &list);
}

static void coordinate_high_bits(struct exynos *e)
{
	struct neighbours n;
	struct g2d_image image;
	struct g2d_list list;

	e->allowed = refusals;
	neighbours_init(e, &n, 20, PAGE);
	image = own(&n, 0x2010, 1);
	image.stride = PAGE;
	fill_neighbour(&list, &image);
	assert_refused(e, &n, &list);
}

static void pixel_size(struct exynos *e)
{
	struct neighbours n;
	struct g2d_image image;
	struct g2d_list list;

	e->allowed = refusals;
	neighbours_init(e, &n, 8, PAGE);

	/* 4:2:2 in one plane has two bytes a pixel. */
	image = own(&n, PAGE, 1);
	image.format = G2D_YCBCR422;
	fill_neighbour(&list, &image);
	assert_refused(e, &n, &list);

	/* Half as many fit; it need not be run to see that. */
	image.width = PAGE / 2;
	fill_neighbour(&list, &image);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
}

static void second_plane(struct exynos *e)
{
	struct neighbours n;
	struct g2d_image luma, chroma;
	struct g2d_list list;

	e->allowed = refusals;
	neighbours_init(e, &n, 8, PAGE);
	luma = exynos_image(exynos_bo(e, 16 * PAGE), PAGE, 16);
	luma.stride = PAGE;
	luma.format = G2D_YCBCR420;
	chroma = own(&n, PAGE, 16);
	fill_neighbour(&list, &luma);
	g2d_buf(&list, G2D_DST_PLANE2, &chroma);
	assert_refused(e, &n, &list);

	luma.height = 2;
	fill_neighbour(&list, &luma);
	g2d_buf(&list, G2D_DST_PLANE2, &chroma);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
}

static void pattern(struct exynos *e)
{
	const uint32_t rows = 64;
	uint32_t handle = exynos_bo(e, 8 * PAGE);
	uint32_t *map = bo_map(e, handle, 8 * PAGE);
	struct g2d_image dst = exynos_image(handle, 32, rows), pat;
	struct neighbours n;
	struct g2d_list list;
	unsigned int i;
	int ret;

	e->allowed = refusals;
	memset(map, 0, 8 * PAGE);
	neighbours_init(e, &n, 8, PAGE);
	pat = own(&n, 32, rows);

	g2d_list_init(&list);
	g2d_reg(&list, G2D_DST_SELECT, G2D_SELECT_BG);
	g2d_dst(&list, &dst, g2d_whole(&dst));
	g2d_reg(&list, G2D_PAT_SIZE, 32 | rows << 16);
	g2d_reg(&list, G2D_PAT_MODE, G2D_XRGB8888);
	g2d_reg(&list, G2D_PAT_STRIDE, 128);
	g2d_reg(&list, G2D_ROP4, G2D_ROP4_PATCOPY);
	g2d_buf(&list, G2D_PAT_BASE, &pat);
	ret = exynos_try(e, &list);
	for (i = 0; i < 32 * rows; i++)
		igt_assert_f((map[i] & 0xffffff) == 0 ||
			     (map[i] & 0xffffff) == ((CANARY + OWN) & 0xffffff),
			     "the engine read another buffer: %#x\n", map[i]);
	igt_assert_f(ret, "the list was accepted\n");

	g2d_reg(&list, G2D_PAT_SIZE, 32 | 32 << 16);
	exynos_run(e, &list);
	igt_assert_eq_u32(map[32 * rows - 1] & 0xffffff, (CANARY + OWN) & 0xffffff);
}

static void mask(struct exynos *e)
{
	struct g2d_image image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	struct g2d_image bits = exynos_image(exynos_bo(e, PAGE), 0, 0);
	struct g2d_list list;

	e->allowed = refusals;
	g2d_list_init(&list);
	g2d_reg(&list, G2D_DST_SELECT, G2D_SELECT_BG);
	g2d_dst(&list, &image, g2d_whole(&image));
	g2d_reg(&list, G2D_BITBLT_COMMAND, G2D_MASK_ROP4);
	g2d_reg(&list, G2D_MASK_MODE, G2D_MASK_8BPP);
	g2d_reg(&list, G2D_MASK_STRIDE, 64);
	g2d_reg(&list, G2D_MASK_RB, 64 | 65 << 16);
	g2d_buf(&list, G2D_MASK_BASE, &bits);
	igt_assert_f(g2d_queue(e->fd, &list), "the list was accepted\n");

	g2d_reg(&list, G2D_MASK_RB, 64 | 64 << 16);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
}

static void unset_destination(struct exynos *e)
{
	struct g2d_list list;

	e->allowed = refusals;
	g2d_list_init(&list);
	g2d_reg(&list, G2D_DST_STRIDE, 128);
	g2d_reg(&list, G2D_DST_RIGHT_BOTTOM, 32 | 2 << 16);
	g2d_reg(&list, G2D_BITBLT_COMMAND, G2D_CMD_SOLID_FILL);
	/* To run it would be the end of a kernel that accepts it. */
	igt_assert_f(g2d_queue(e->fd, &list), "the list was accepted\n");

	/* Nothing is touched by a list that draws nothing. */
	g2d_reg(&list, G2D_DST_RIGHT_BOTTOM, 0);
	igt_assert_eq(g2d_run(e->fd, &list), 0);
}

static void unset_source(struct exynos *e)
{
	struct g2d_image image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	struct g2d_list list;

	e->allowed = refusals;
	g2d_copy(&list, &image, g2d_whole(&image), &image, 0, 0);
	/* The source comes first. */
	list.buf[0] = list.buf[1];
	list.num_buf = 1;
	igt_assert_f(g2d_queue(e->fd, &list), "the list was accepted\n");

	/* A colour needs no buffer. */
	g2d_reg(&list, G2D_SRC_SELECT, G2D_SELECT_FG);
	igt_assert_eq(g2d_run(e->fd, &list), 0);
}

/* What the engine makes of these is known of no engine, so none is to run them. */
static void assert_not_queued(struct exynos *e, const struct g2d_list *list)
{
	e->allowed = refusals;
	igt_assert_f(g2d_queue(e->fd, list), "the list was accepted\n");
}

static void offset_high_bits(struct exynos *e)
{
	struct g2d_image image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	struct g2d_list list;

	g2d_fill(&list, &image, g2d_whole(&image), 1);
	igt_assert_eq(g2d_run(e->fd, &list), 0);
	g2d_reg(&list, 0x1000 | G2D_DST_RIGHT_BOTTOM, 1 | 1 << 16);
	assert_not_queued(e, &list);
}

static void rectangle_inside_out(struct exynos *e)
{
	struct g2d_list list;

	g2d_list_init(&list);
	g2d_reg(&list, G2D_DST_LEFT_TOP, 32 | 32 << 16);
	g2d_reg(&list, G2D_DST_RIGHT_BOTTOM, 16 | 16 << 16);
	g2d_reg(&list, G2D_BITBLT_COMMAND, G2D_CMD_SOLID_FILL);
	assert_not_queued(e, &list);
}

static void stride_high_bits(struct exynos *e)
{
	struct g2d_image image = exynos_image(exynos_bo(e, 1 << 20), 1, 2);
	struct g2d_list list;

	/* 8000 pixels of four bytes. */
	image.stride = 0x7d00;
	g2d_fill(&list, &image, g2d_whole(&image), 1);
	igt_assert_eq(g2d_run(e->fd, &list), 0);
	image.stride = 0xfffc;
	g2d_fill(&list, &image, g2d_whole(&image), 1);
	assert_not_queued(e, &list);
}

static void pattern_offset(struct exynos *e)
{
	uint32_t handle = exynos_bo(e, 2 * PAGE);
	struct g2d_image dst = exynos_image(handle, 32, 32);
	struct g2d_image pat = exynos_image(exynos_bo(e, PAGE), 32, 32);
	struct g2d_list list;

	g2d_list_init(&list);
	g2d_reg(&list, G2D_DST_SELECT, G2D_SELECT_BG);
	g2d_dst(&list, &dst, g2d_whole(&dst));
	g2d_reg(&list, G2D_PAT_SIZE, 32 | 32 << 16);
	g2d_reg(&list, G2D_PAT_MODE, G2D_XRGB8888);
	g2d_reg(&list, G2D_PAT_STRIDE, 128);
	g2d_reg(&list, G2D_ROP4, G2D_ROP4_PATCOPY);
	g2d_buf(&list, G2D_PAT_BASE, &pat);
	g2d_reg(&list, G2D_PAT_OFFSET, 31 | 31 << 16);
	igt_assert_eq(g2d_run(e->fd, &list), 0);
	g2d_reg(&list, G2D_PAT_OFFSET, 31 | 32 << 16);
	assert_not_queued(e, &list);
}

/* Nothing is allowed in the log here, and it is looked at afterwards. */
static void quiet_lists(struct exynos *e)
{
	struct drm_exynos_g2d_set_cmdlist req = { .cmd_nr = 1000 };
	struct g2d_image image = exynos_image(exynos_bo(e, PAGE), 32, 33);
	struct g2d_list list;

	g2d_list_init(&list);
	g2d_reg(&list, 0x1, 0);
	igt_assert_neq(g2d_queue(e->fd, &list), 0);
	g2d_fill(&list, &image, g2d_whole(&image), 0);
	igt_assert_neq(g2d_queue(e->fd, &list), 0);
	igt_assert_eq(igt_ioctl(e->fd, DRM_IOCTL_EXYNOS_G2D_SET_CMDLIST, &req), -1);
	igt_assert_neq(g2d_exec(e->fd, true), 0);
}

/* What a list costs. */

/* Queues a list that fills @image, as long as it may be. */
static void queue_full(struct exynos *e, const struct g2d_image *image, uint32_t colour)
{
	enum { WORDS = 254, PRELUDE = 6, START = 2 };
	struct g2d_list list;

	g2d_fill(&list, image, g2d_whole(image), colour);
	while (2 * (list.num_cmd + list.num_buf) + PRELUDE + START < WORDS)
		g2d_reg(&list, G2D_BG_COLOR, 0);
	/* To refuse it is as good as to do it right. */
	if (g2d_queue(e->fd, &list)) {
		list.num_cmd--;
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
	}
}

static void full_pool(struct exynos *e)
{
	uint32_t a = exynos_bo(e, PAGE);
	struct g2d_image image = exynos_image(a, 32, 32);
	uint32_t *map = bo_map(e, a, PAGE);
	struct g2d_list list;
	unsigned int i;

	e->allowed = refusals;
	for (i = 0; i < G2D_NODES - 1; i++) {
		g2d_fill(&list, &image, g2d_whole(&image), i);
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
	}
	queue_full(e, &image, 0x44444444);
	igt_assert_eq(g2d_exec(e->fd, false), 0);
	exynos_check_colour(map, PAGE, 0x44444444);
}

static void full_list(struct exynos *e)
{
	uint32_t a = exynos_bo(e, PAGE), b = exynos_bo(e, PAGE);
	uint32_t *map_a = bo_map(e, a, PAGE), *map_b = bo_map(e, b, PAGE);
	struct g2d_image image_a = exynos_image(a, 32, 32), image_b = exynos_image(b, 32, 32);
	struct g2d_list list;

	e->allowed = refusals;
	memset(map_a, 0, PAGE);
	memset(map_b, 0, PAGE);
	queue_full(e, &image_a, 0x11111111);
	g2d_fill(&list, &image_b, g2d_whole(&image_b), 0x22222222);
	exynos_run(e, &list);
	igt_assert_f(map_b[0], "the list after the full one was not executed\n");
	exynos_check_colour(map_b, PAGE, 0x22222222);
	exynos_check_colour(map_a, PAGE, 0x11111111);
}

static void assert_lists_left(struct exynos *e)
{
	struct g2d_list list;

	g2d_list_init(&list);
	igt_assert_f(g2d_queue(e->fd, &list) == 0, "no list is left\n");
	assert_works(e);
}

static void cmdlist_leak_on_einval(struct exynos *e)
{
	struct drm_exynos_g2d_set_cmdlist req = { .cmd_nr = 1000 };
	unsigned int i;

	e->allowed = refusals;
	for (i = 0; i < 2 * G2D_NODES; i++)
		igt_assert_eq(igt_ioctl(e->fd, DRM_IOCTL_EXYNOS_G2D_SET_CMDLIST, &req), -1);
	assert_lists_left(e);
}

static void cmdlist_leak_on_odd_async(struct exynos *e)
{
	struct drm_exynos_g2d_exec req = { .async = 1ull << 32 };
	struct g2d_image image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	struct g2d_list list;
	unsigned int i;

	e->allowed = refusals;
	for (i = 0; i < 2 * G2D_NODES; i++) {
		g2d_fill(&list, &image, g2d_whole(&image), i);
		list.event = true;
		igt_assert_f(g2d_queue(e->fd, &list) == 0,
			     "no list is left after %u jobs\n", i);
		do_ioctl(e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req);
		igt_assert_eq(g2d_wait_event(e->fd, NULL, 10000), 0);
		/* The event comes a moment before the list is free. */
		usleep(1000);
	}
	assert_works(e);
}

/* G2D_BUF_USERPTR */

static void fill_user(struct g2d_list *list, void *ptr, size_t size)
{
	struct g2d_image image = {
		.user = { (uintptr_t)ptr, size },
		.stride = 128,
		.width = 32,
		.height = 8,
		.format = G2D_ARGB8888,
	};

	g2d_fill(list, &image, g2d_whole(&image), 0x01020304);
}

static void userptr_size_changes(struct exynos *e)
{
	uint8_t *ptr = exynos_mmap(16 * PAGE);
	struct g2d_list list;
	unsigned int i;

	exynos_require_iommu(e);
	for (i = 0; i < 16; i++) {
		fill_user(&list, ptr, (1 + i) * PAGE);
		exynos_run(e, &list);
	}
	exynos_check_colour(ptr, 1024, 0x01020304);
	reopen(e);
	exynos_assert_nothing_pinned(e);
	munmap(ptr, 16 * PAGE);
}

static void userptr_beyond_pool(struct exynos *e)
{
	const size_t size = 80 << 20;
	uint8_t *ptr = exynos_mmap(size);
	struct g2d_list list;

	exynos_require_iommu(e);
	fill_user(&list, ptr, size);
	exynos_run(e, &list);
	exynos_check_colour(ptr, 1024, 0x01020304);
	reopen(e);
	exynos_assert_nothing_pinned(e);
	munmap(ptr, size);
}

static void userptr_limit(struct exynos *e)
{
	const size_t size = 48 << 20;
	uint8_t *ptr = exynos_mmap(2 * size);
	struct g2d_list list;
	long pinned;

	exynos_require_iommu(e);
	fill_user(&list, ptr, size);
	exynos_run(e, &list);
	drm_close_driver(drm_open_driver_render(DRIVER_EXYNOS));
	fill_user(&list, ptr + size, size);
	exynos_run(e, &list);
	pinned = (oracle_pinned() - e->pinned) / 256;
	igt_assert_f(pinned <= 64, "%ld MiB stay pinned, the limit is 64\n", pinned);
	reopen(e);
	munmap(ptr, 2 * size);
}

static void userptr_wraps(struct exynos *e)
{
	uint8_t *ptr = exynos_mmap(2 * PAGE);
	struct g2d_list list;

	e->allowed = refusals;
	igt_require(sizeof(long) == 4);
	/* To the same page, but once around. */
	fill_user(&list, ptr + 0x800, 0xfffff900);
	g2d_reg(&list, G2D_DST_RIGHT_BOTTOM, 32 | 256 << 16);
	igt_assert_f(g2d_queue(e->fd, &list), "the list was accepted\n");
	munmap(ptr, 2 * PAGE);
}

static void userptr_scattered(struct exynos *e)
{
	const unsigned int pages = 64;
	uint8_t *ptr = exynos_mmap(pages * PAGE);
	struct g2d_list list;
	unsigned int i;

	e->allowed = refusals;
	exynos_require_no_iommu(e);
	/* Every other page, in turn, so that no two of them follow each other. */
	for (i = 0; i < pages; i += 2)
		ptr[i * PAGE] = 1;
	for (i = 1; i < pages; i += 2)
		ptr[i * PAGE] = 1;
	fill_user(&list, ptr, pages * PAGE);
	igt_assert_f(exynos_try(e, &list), "the list was accepted\n");
	reopen(e);
	munmap(ptr, pages * PAGE);
}

static void userptr_errors(struct exynos *e)
{
	uint8_t *ptr = exynos_mmap(PAGE);
	struct g2d_list list;
	int ret;

	e->allowed = refusals;
	/* A list whose rectangle does not fit is no good test of the memory. */
	g2d_list_init(&list);
	g2d_buf(&list, G2D_MASK_BASE, &(struct g2d_image){ .user = { (uintptr_t)ptr, 0 } });
	ret = exynos_try(e, &list);
	igt_assert_f(ret == -EINVAL, "%d for a size of 0\n", ret);
	munmap(ptr, PAGE);
	fill_user(&list, ptr, PAGE);
	igt_assert_eq(exynos_try(e, &list), -EFAULT);
}

/* Threads, events, ends. */

static volatile bool stop;

static uint8_t *shared;

/* The same memory with ever changing sizes makes the driver look it up anew. */
static void *queue_thread(void *arg)
{
	struct exynos *e = arg;
	unsigned int pages = 0;
	struct g2d_list list;

	while (!stop) {
		pages = pages % 4 + 1;
		fill_user(&list, shared, e->board.has_iommu ? pages * PAGE : PAGE);
		if (g2d_queue(e->fd, &list) == 0)
			g2d_exec(e->fd, pages & 1);
	}
	return NULL;
}

/* The last of many jobs is behind all the others. */
static bool exec_until_done(struct exynos *e)
{
	struct g2d_image image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	struct g2d_list list;
	unsigned int i;

	g2d_fill(&list, &image, g2d_whole(&image), 1);
	for (i = 0; i < 1000; i++) {
		if (g2d_run(e->fd, &list) == 0)
			return true;
		usleep(10000);
	}
	return false;
}

static void threads_on_one_file(struct exynos *e)
{
	pthread_t thread[4];
	unsigned int i;

	e->allowed = refusals;
	stop = false;
	shared = exynos_mmap(4 * PAGE);
	for (i = 0; i < ARRAY_SIZE(thread); i++)
		igt_assert_eq(pthread_create(&thread[i], NULL, queue_thread, e), 0);
	sleep(10);
	stop = true;
	for (i = 0; i < ARRAY_SIZE(thread); i++)
		pthread_join(thread[i], NULL);
	igt_assert(exec_until_done(e));
	assert_works(e);
	reopen(e);
	exynos_assert_nothing_pinned(e);
	munmap(shared, 4 * PAGE);
}

static void synchronous_jobs(struct exynos *e)
{
	struct g2d_image image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	struct g2d_list list;
	unsigned int i;

	for (i = 0; i < 200; i++) {
		g2d_fill(&list, &image, g2d_whole(&image), i);
		exynos_run(e, &list);
	}
}

static void event_twice_in_one_exec(struct exynos *e)
{
	struct g2d_image image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	struct g2d_list list;
	uint64_t user_data;
	unsigned int i, round;

	for (round = 0; round < 3; round++) {
		for (i = 1; i <= 3; i++) {
			g2d_fill(&list, &image, g2d_whole(&image), i);
			list.event = true;
			list.user_data = i;
			igt_assert_eq(g2d_queue(e->fd, &list), 0);
		}
		igt_assert_eq(g2d_exec(e->fd, true), 0);
		for (i = 1; i <= 3; i++) {
			igt_assert_eq(g2d_wait_event(e->fd, &user_data, 5000), 0);
			igt_assert_eq_u64(user_data, i);
		}
		igt_assert_eq(g2d_wait_event(e->fd, NULL, 100), -ETIMEDOUT);
	}
}

static void events_without_exec(unsigned int files)
{
	struct g2d_list list;
	unsigned int i, j;

	for (i = 0; i < files; i++) {
		int fd = drm_open_driver_render(DRIVER_EXYNOS);

		g2d_list_init(&list);
		list.event = true;
		for (j = 0; j < G2D_NODES; j++)
			igt_assert_eq(g2d_queue(fd, &list), 0);
		drm_close_driver(fd);
	}
}

static void event_leak(struct exynos *e)
{
	long before, left;

	(void)e;
	igt_skip_on_f(access("/sys/kernel/debug/kmemleak", F_OK) == 0,
		      "a debug kernel keeps freed memory; kmemleak looks after the run\n");

	/* What is kept for later is there after the first round. */
	events_without_exec(100);
	before = exynos_unreclaimable_kib();
	events_without_exec(500);
	/* 32,000 events of about 100 bytes would be 3 MiB. */
	left = exynos_unreclaimable_kib() - before;
	igt_assert_f(left < 1024, "%ld KiB are left of 32,000 events\n", left);
}

static void close_while_running(struct exynos *e)
{
	uint32_t handle;
	struct g2d_image image;
	struct g2d_list list;
	unsigned int i;

	exynos_require_test_page(e);
	exynos_restore_timeout(e);
	e->allowed = resets;
	for (i = 0; i < 8; i++) {
		handle = exynos_bo(e, PAGE);
		image = exynos_image(handle, 32, 32);
		g2d_fill(&list, &image, g2d_whole(&image), 1);
		exynos_hold(e);
		exynos_start(e, &list);
		/* Let the job get from the queue to the engine. */
		usleep(20000);
		reopen(e);
		exynos_let_go(e);
		assert_works(e);
	}
}

/* CPU time of this thread. */
static unsigned int busy_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void close_sleeps(struct exynos *e)
{
	unsigned int i, before, busy, least = ~0u;
	struct g2d_image image;
	struct g2d_list list;

	exynos_require_test_page(e);
	/*
	 * The least of some: a busy host makes everything look like work.  The
	 * engine is let go well before the driver would reset it, as that is
	 * another matter.
	 */
	for (i = 0; i < 3 && least >= 15; i++) {
		image = exynos_image(exynos_bo(e, PAGE), 32, 32);
		g2d_fill(&list, &image, g2d_whole(&image), 1);
		exynos_hold(e);
		exynos_start(e, &list);
		usleep(20000);
		exynos_let_go_after(e, 30);
		before = busy_ms();
		drm_close_driver(e->fd);
		busy = busy_ms() - before;
		exynos_let_go(e);
		e->fd = drm_open_driver_render(DRIVER_EXYNOS);
		if (busy < least)
			least = busy;
	}
	igt_assert_f(least < 15, "close() kept a CPU busy for %u ms\n", least);
	assert_works(e);
}

static void close_lets_others_run(struct exynos *e)
{
	int fd = drm_open_driver_render(DRIVER_EXYNOS);
	struct g2d_image image;
	struct g2d_list list;
	uint32_t handle;

	exynos_require_test_page(e);
	exynos_restore_timeout(e);
	e->allowed = resets;

	igt_assert_eq(exynos_gem_create(fd, PAGE, e->board.has_iommu ? EXYNOS_BO_NONCONTIG :
					EXYNOS_BO_CONTIG, &handle), 0);
	image = exynos_image(handle, 32, 32);
	g2d_fill(&list, &image, g2d_whole(&image), 1);
	exynos_hold(e);
	igt_assert_eq(g2d_queue(fd, &list), 0);
	igt_assert_eq(g2d_exec(fd, true), 0);
	usleep(20000);

	image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	g2d_fill(&list, &image, g2d_whole(&image), 1);
	exynos_start(e, &list);
	drm_close_driver(fd);
	igt_assert_f(g2d_wait_event(e->fd, NULL, 5000) == 0, "the next job was not run\n");
}

/* CPUs: what is to be slow shares the last one with threads that do nothing. */

#define SLOW_CPU	1
#define MAX_CROWD	32

static struct {
	pthread_t thread[MAX_CROWD];
	unsigned int num;
	unsigned int arrived;
	volatile bool disperse;
} crowd;

static void require_two_cpus(void)
{
	igt_require_f(sysconf(_SC_NPROCESSORS_ONLN) > SLOW_CPU, "there is only one CPU\n");
}

/* Also what the threads will be that this one creates. */
static void be(int policy)
{
	struct sched_param none = { 0 };

	igt_assert_eq(sched_setscheduler(0, policy, &none), 0);
}

static void *crowd_thread(void *arg)
{
	(void)arg;
	exynos_run_on(0, SLOW_CPU);
	__atomic_add_fetch(&crowd.arrived, 1, __ATOMIC_RELAXED);
	while (!crowd.disperse)
		;
	return NULL;
}

static void crowd_gather(unsigned int num)
{
	crowd.disperse = false;
	crowd.arrived = 0;
	for (crowd.num = 0; crowd.num < num; crowd.num++)
		igt_assert_eq(pthread_create(&crowd.thread[crowd.num], NULL, crowd_thread, NULL), 0);
	while (__atomic_load_n(&crowd.arrived, __ATOMIC_RELAXED) < num)
		usleep(1000);
}

static void crowd_disperse(void)
{
	crowd.disperse = true;
	while (crowd.num)
		pthread_join(crowd.thread[--crowd.num], NULL);
}

/* A thread that calls one ioctl. */
/*
 * Upstream's driver does not survive that a file is closed whose device is gone.
 * Where that is not what is tested, another process keeps the file open until it
 * turns out that the driver is right.
 */
static int keeper = -1;
static pid_t keeper_pid;

static void keep_files_open(void)
{
	int pipes[2];
	char c;

	igt_assert_eq(pipe(pipes), 0);
	keeper_pid = fork();
	igt_assert_neq(keeper_pid, -1);
	if (!keeper_pid) {
		close(pipes[1]);
		setsid();
		/* Who runs the test waits for the end of what it prints. */
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
		if (read(pipes[0], &c, 1) != 1)
			for (;;)
				pause();
		_exit(0);
	}
	close(pipes[0]);
	keeper = pipes[1];
}

static void let_files_close(void)
{
	igt_assert_eq(write(keeper, "", 1), 1);
	igt_assert_eq(waitpid(keeper_pid, NULL, 0), keeper_pid);
	close(keeper);
}

#define MMU_BASE	0x12a20000
#define MMU_FLUSH	(0x0c / 4)
#define MMU_PT_BASE	(0x14 / 4)
#define MMU_VERSION	(0x34 / 4)
#define  MMU_VERSION_3_3 0x183

#define ENGINE_POWER	ENGINE_DEVICE "/power/control"

static void power_as_needed(int sig)
{
	(void)sig;
	exynos_write_file(ENGINE_POWER, "auto");
}

static void interrupt_without_job(struct exynos *e)
{
	uint32_t handle = exynos_bo(e, PAGE);
	uint32_t *map = bo_map(e, handle, PAGE);
	struct g2d_image image = exynos_image(handle, 32, 32);
	volatile uint32_t *engine;
	struct g2d_list list;
	uint32_t address;

	exynos_require_test_page(e);
	igt_install_exit_handler(power_as_needed);
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	engine = exynos_map_registers(ENGINE_BASE);

	/* A job tells where the engine sees the buffer. */
	g2d_fill(&list, &image, g2d_whole(&image), 1);
	exynos_start(e, &list);
	exynos_finish(e);
	igt_assert(exynos_becomes_idle(engine));
	address = engine[G2D_DST_BASE / 4];

	/* A list that the driver knows nothing of. */
	map[0] = 2;
	map[1] = ENGINE_INTEN;
	map[2] = INTEN_LIST | INTEN_ALL;
	map[3] = ENGINE_DMA_HOLD;
	map[4] = HOLD_LIST;
	map[5] = 0;
	engine[ENGINE_DMA_BASE / 4] = address;
	engine[ENGINE_DMA_CMD / 4] = DMA_START;
	usleep(100000);

	/* Whether the driver lets such a list go on is its own affair. */
	engine[ENGINE_DMA_HOLD / 4] = 0;
	engine[ENGINE_DMA_CMD / 4] = DMA_CONTINUE;
	igt_assert(exynos_becomes_idle(engine));
	assert_works(e);
	power_as_needed(0);
	exynos_unmap_registers(engine);
	munmap(map, PAGE);
}

static void *close_thread(void *arg)
{
	int *fd = arg;

	exynos_run_on(0, 0);
	drm_close_driver(*fd);
	return NULL;
}

#define WORK_CPUS	"/sys/devices/virtual/workqueue/cpumask"

static char work_cpus[64];

static void work_as_before(int sig)
{
	(void)sig;
	exynos_write_file(WORK_CPUS, work_cpus);
}

/*
 * The memory of a job that ends is that of the next one, so upstream's driver,
 * which looks every 10 ms, takes the one for the other.
 */
static void close_after_job(struct exynos *e)
{
	struct g2d_image image = exynos_image(exynos_bo(e, PAGE), 32, 32), other;
	struct g2d_list list;
	unsigned int i, j;
	pthread_t thread;
	uint32_t handle;
	int fd, ret;

	exynos_require_test_page(e);
	require_two_cpus();
	e->allowed = resets;
	igt_require_f(exynos_read_line(WORK_CPUS, work_cpus, sizeof(work_cpus)),
		      "this kernel does not say where its workqueues run\n");
	igt_install_exit_handler(work_as_before);
	/* The same CPU for who frees the one and who allocates the other. */
	igt_assert(!exynos_write_file(WORK_CPUS, "2"));
	exynos_run_on(0, SLOW_CPU);
	for (i = 0; i < 6; i++) {
		fd = drm_open_driver_render(DRIVER_EXYNOS);
		igt_assert_eq(exynos_gem_create(fd, PAGE, e->board.has_iommu ?
						EXYNOS_BO_NONCONTIG : EXYNOS_BO_CONTIG, &handle), 0);
		other = exynos_image(handle, 32, 32);
		g2d_fill(&list, &other, g2d_whole(&other), 1);
		exynos_hold(e);
		igt_assert_eq(g2d_queue(fd, &list), 0);
		igt_assert_eq(g2d_exec(fd, true), 0);
		g2d_fill(&list, &image, g2d_whole(&image), 1);
		list.event = true;
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
		usleep(20000);

		igt_assert_eq(pthread_create(&thread, NULL, close_thread, &fd), 0);
		usleep(25000);
		engine_write(&e->board, ENGINE_BLITS, 0);
		exynos_let_go(e);
		for (j = 0; j < 100 && !exynos_blits(e); j++)
			usleep(100);
		usleep(500);
		exynos_hold(e);
		igt_assert_eq(g2d_exec(e->fd, true), 0);
		pthread_join(thread, NULL);
		exynos_let_go(e);
		ret = g2d_wait_event(e->fd, NULL, 2000);
		if (ret)
			keep_files_open();
		igt_assert_f(!ret, "the engine was reset while it worked for another file\n");
	}
	exynos_run_anywhere();
	work_as_before(0);
}

#define PMU_BASE	0x10023000
#define PMU_LCD0_STATUS	(0xc84 / 4)
#define  PMU_POWER	0x7

static void no_power(struct exynos *e)
{
	struct drm_exynos_g2d_exec req = { .async = 0 };
	volatile uint32_t *pmu;
	struct g2d_list list;
	struct exynos_call exec;
	unsigned int i;
	bool ended;

	exynos_require_test_page(e);
	e->allowed = "Power domain .* enable failed|failed to enable G2D device";
	pmu = exynos_map_registers(PMU_BASE);
	/* The engine's driver lets go of the power after two seconds. */
	for (i = 0; i < 100 && (pmu[PMU_LCD0_STATUS] & PMU_POWER); i++)
		usleep(100000);
	igt_assert_f(!(pmu[PMU_LCD0_STATUS] & PMU_POWER), "the engine's power stays on\n");
	exynos_unmap_registers(pmu);

	engine_write(&e->board, ENGINE_POWER_STUCK, 1);
	g2d_list_init(&list);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	exynos_call(&exec, e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req);
	for (i = 0; i < 50 && !exec.done; i++)
		usleep(100000);
	ended = exec.done;
	engine_write(&e->board, ENGINE_POWER_STUCK, 0);
	/* Upstream takes the job for done when there is another one. */
	if (!ended && g2d_queue(e->fd, &list) == 0)
		g2d_exec(e->fd, true);
	igt_assert_f(ended, "EXEC waits for a job that was not started\n");
	pthread_join(exec.thread, NULL);
	igt_assert_neq(exec.ret, 0);
	assert_works(e);
}

/*
 * The second buffer gets the address of the first one in the engine's eyes, but
 * not its page, which goes to one that is too large for the gap.
 */
static void mmu_cannot_be_blocked(struct exynos *e)
{
	uint32_t first, last, large, second, *map, *seen;
	struct g2d_image image;
	unsigned int i;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	e->allowed = "cannot be blocked";
	/* An MMU without power has no TLB. */
	igt_install_exit_handler(power_as_needed);
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	first = exynos_bo(e, PAGE);
	last = exynos_bo(e, PAGE);
	image = exynos_image(first, 32, 32);
	exynos_fill(e, &image, 0x11111111);

	mmu_write(&e->board, MMU_UNBLOCKABLE, 1);
	exynos_close(e, first);
	mmu_write(&e->board, MMU_UNBLOCKABLE, 0);
	large = exynos_bo(e, 2 * PAGE);
	second = exynos_bo(e, PAGE);
	map = bo_map(e, large, 2 * PAGE);
	memset(map, 0, 2 * PAGE);
	seen = bo_map(e, second, PAGE);
	memset(seen, 0, PAGE);

	image = exynos_image(second, 32, 32);
	exynos_fill(e, &image, 0x22222222);
	for (i = 0; i < 2 * PAGE / 4; i++)
		igt_assert_f(!map[i], "the engine wrote into another buffer\n");
	igt_assert_f(seen[0], "the engine wrote into memory that was freed\n");
	exynos_check_colour(seen, PAGE, 0x22222222);
	munmap(map, 2 * PAGE);
	munmap(seen, PAGE);
	exynos_close(e, last);
	power_as_needed(0);
}

/* The last page makes the buffer one that is not mapped by sections alone. */
static void mmu_flushes(struct exynos *e)
{
	enum { BYTES = (1 << 20) - PAGE };
	struct g2d_image image;
	uint32_t handle, flushes;
	unsigned int i;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	igt_install_exit_handler(power_as_needed);
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	handle = exynos_bo(e, BYTES);
	image = exynos_image(handle, PAGE / 4, BYTES / PAGE);
	exynos_fill(e, &image, 0x11111111);
	igt_assert_f(mmu_read(&e->board, MMU_TLB_ENTRIES), "the TLB holds nothing\n");

	mmu_clear(&e->board, MMU_FLUSHES);
	exynos_close(e, handle);
	/* The job that has ended may keep the buffer a little longer. */
	for (i = 0; i < 500 && !mmu_read(&e->board, MMU_FLUSHES); i++)
		usleep(10000);
	usleep(200000);
	flushes = mmu_read(&e->board, MMU_FLUSHES);
	power_as_needed(0);
	igt_assert_f(flushes, "what was unmapped stays in the TLB\n");
	igt_assert_f(flushes == 1, "%u flushes for one buffer\n", flushes);
}

#define MMU_DRIVER	"/sys/bus/platform/drivers/exynos-sysmmu"

static void mmu_power(struct exynos *e)
{
	struct dirent *entry;
	unsigned int mmus = 0;
	char path[512];
	DIR *dir;

	exynos_require_iommu(e);
	dir = opendir(MMU_DRIVER);
	igt_assert(dir);
	while ((entry = readdir(dir))) {
		if (!strstr(entry->d_name, ".sysmmu"))
			continue;
		mmus++;
		snprintf(path, sizeof(path), MMU_DRIVER "/%s/power/control", entry->d_name);
		igt_assert_f(!exynos_write_file(path, "on"), "%s cannot be powered\n", entry->d_name);
		igt_assert(!exynos_write_file(path, "auto"));
	}
	closedir(dir);
	igt_assert_lt(0, mmus);
	assert_works(e);
}

#define MIB		(1u << 20)

/* Returns where the engine sees the buffer: its register keeps the last one. */
static uint32_t fill_rows(struct exynos *e, const struct g2d_image *image, uint32_t row,
			  uint32_t rows)
{
	volatile uint32_t *engine = exynos_map_registers(ENGINE_BASE);
	struct g2d_rect r = { 0, row, image->width, rows };
	struct g2d_list list;
	uint32_t address;

	g2d_fill(&list, image, r, 0x33333333);
	exynos_run(e, &list);
	address = engine[G2D_DST_BASE / 4];
	exynos_unmap_registers(engine);
	return address;
}

/*
 * System MMU v3.3 reads page table entries 128 KiB ahead and keeps the first
 * level's. The engine uses the end of a buffer that ends a page before a MiB
 * does; what is kept is the link of the next MiB, to which sections are mapped
 * then. A buffer of a MiB or nearly so starts at one, at the first that has the
 * room, so they are side by side when the holes of the address space are full.
 */
static void section_over_kept(struct exynos *e, bool table)
{
	const unsigned int rows = MIB / PAGE - 1;
	volatile uint32_t *mmu;
	bool reached = false;
	unsigned int i;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	igt_install_exit_handler(power_as_needed);
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	mmu = exynos_map_registers(MMU_BASE);
	igt_require_f(mmu[MMU_VERSION] >> 21 == MMU_VERSION_3_3,
		      "this System MMU is no v3.3, which keeps first level entries\n");
	exynos_unmap_registers(mmu);

	for (i = 0; i < 16 && !reached; i++) {
		struct g2d_image pages = exynos_image(exynos_bo(e, rows * PAGE), PAGE / 4, rows);
		uint32_t address = fill_rows(e, &pages, rows - 1, 1), next;
		struct g2d_image sections;
		uint32_t *map;

		/* Its table stays when it is closed, and the page before is not in the TLB. */
		if (table) {
			exynos_close(e, exynos_bo(e, rows * PAGE));
			fill_rows(e, &pages, rows - 2, 1);
		}
		igt_assert_f(mmu_read(&e->board, MMU_LINKS), "the MMU has kept no entry\n");

		sections = exynos_image(exynos_bo(e, 2 * MIB), PAGE / 4, 2 * MIB / PAGE);
		mmu_clear(&e->board, MMU_MISSES);
		next = fill_rows(e, &sections, 0, sections.height);
		/* A walk for each section and some for lists; large pages would be 32. */
		igt_assert_f(mmu_read(&e->board, MMU_MISSES) < 16, "no sections were mapped\n");
		map = bo_map(e, sections.handle, 2 * MIB);
		exynos_check_colour(map, 2 * MIB, 0x33333333);
		munmap(map, 2 * MIB);
		exynos_close(e, sections.handle);
		reached = next == address + MIB;
	}
	igt_assert_f(reached, "the buffers were never side by side\n");
	power_as_needed(0);
}

static void mmu_link_kept(struct exynos *e)
{
	section_over_kept(e, false);
}

static void mmu_table_kept(struct exynos *e)
{
	section_over_kept(e, true);
}

/*
 * System MMU v3.x keeps what it reads beside the entry that it looks for: here that
 * nothing is mapped, until the next buffer is.
 */
static void mmu_faults_kept(struct exynos *e)
{
	volatile uint32_t *mmu;
	bool reached = false;
	unsigned int i;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	igt_install_exit_handler(power_as_needed);
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	mmu = exynos_map_registers(MMU_BASE);
	igt_require_f(mmu[MMU_VERSION] >> 28 == 3,
		      "this System MMU is no v3.x, which keeps entries that map nothing\n");
	exynos_unmap_registers(mmu);
	igt_assert(exynos_board_turn(&e->board, "negative-caching-v3.1"));

	for (i = 0; i < 16 && !reached; i++) {
		struct g2d_image used = exynos_image(exynos_bo(e, PAGE), 32, 32), next;
		uint32_t address = fill_rows(e, &used, 0, 32);
		uint32_t *map;

		next = exynos_image(exynos_bo(e, PAGE), 32, 32);
		reached = fill_rows(e, &next, 0, 32) == address + PAGE;
		map = bo_map(e, next.handle, PAGE);
		exynos_check_colour(map, PAGE, 0x33333333);
		munmap(map, PAGE);
	}
	igt_assert_f(reached, "the buffers were never side by side\n");
	power_as_needed(0);
}

static int dma_debug_number(const char *name)
{
	char path[64];
	int n = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/debug/dma-api/%s", name);
	f = fopen(path, "re");
	if (f && fscanf(f, "%d", &n) != 1)
		n = -1;
	if (f)
		fclose(f);
	return n;
}

/* What is mapped for DMA, in the eyes of the debugging aid that counts it. */
static int dma_mappings(void)
{
	return dma_debug_number("nr_total_entries") - dma_debug_number("num_free_entries");
}

/* Pages need a second level table for their MiB, and a section in its place none. */
static void mmu_table_leak(struct exynos *e)
{
	const int tables = 100;
	int i, before, made = 0, left;

	exynos_require_iommu(e);
	igt_require_f(dma_debug_number("num_free_entries") >= 0,
		      "this kernel does not count DMA mappings (CONFIG_DMA_API_DEBUG)\n");
	/* This one replaces a table that is there already. */
	exynos_close(e, exynos_bo(e, MIB));
	before = dma_mappings();
	for (i = 0; i < tables; i++) {
		made -= dma_mappings();
		exynos_close(e, exynos_bo(e, MIB - PAGE));
		made += dma_mappings();
		exynos_close(e, exynos_bo(e, MIB));
	}
	left = dma_mappings() - before;
	igt_assert_f(made == tables, "%d tables were made, not %d\n", made, tables);
	igt_assert_f(!left, "%d of %d page tables stay mapped\n", left, tables);
}

#define TABLE_SIZE	1024u
#define LV1_ENTRIES	4096u

/* Whether the kernel has mapped a page table at this address for DMA. */
static bool is_table_mapped(uint32_t address)
{
	char line[512];
	bool found = false;
	FILE *dump = fopen("/sys/kernel/debug/dma-api/dump", "re");

	igt_assert(dump);
	while (!found && fgets(line, sizeof(line), dump)) {
		const char *at = strstr(line, " P="), *size = strstr(line, " L=");

		found = at && size && strtoul(at + 3, NULL, 16) == address &&
			strtoul(size + 3, NULL, 16) == TABLE_SIZE;
	}
	fclose(dump);
	return found;
}

/* Programs get addresses above this one, so its entry has never been another. */
static void mmu_empty_table(struct exynos *e)
{
	volatile uint32_t *mmu, *entries;
	uint32_t entry;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	igt_require_f(access("/sys/kernel/debug/dma-api/dump", F_OK) == 0,
		      "this kernel does not tell what is mapped for DMA (CONFIG_DMA_API_DEBUG)\n");
	igt_install_exit_handler(power_as_needed);
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	mmu = exynos_map_registers(MMU_BASE);
	entries = exynos_map_registers(mmu[MMU_PT_BASE]);
	entry = entries[0];
	exynos_unmap_registers(entries);
	exynos_unmap_registers(mmu);
	power_as_needed(0);

	igt_assert_f((entry & 3) == 1, "the entry of an empty MiB is %#x, no link\n", entry);
	igt_assert_f(is_table_mapped(entry & ~(TABLE_SIZE - 1)),
		     "the MMU walks a table that may not be in memory\n");
}

#define TRACING		"/sys/kernel/tracing"
#define TRACE_MAPPED	TRACING "/events/dma/dma_map_phys/enable"
#define TRACE_SYNCED	TRACING "/events/dma/dma_sync_single_for_device/enable"
#define ENTRY_SIZE	4

static void stop_tracing(int sig)
{
	(void)sig;
	exynos_write_file(TRACE_MAPPED, "0");
	exynos_write_file(TRACE_SYNCED, "0");
}

/* A table is in memory when it is mapped for DMA, an entry when it is synced. */
static void mmu_table_order(struct exynos *e)
{
	unsigned int tables = 0, entries = 0;
	char line[512];
	FILE *trace;

	exynos_require_iommu(e);
	igt_require_f(access(TRACE_MAPPED, W_OK) == 0,
		      "this kernel cannot trace DMA mappings (CONFIG_FTRACE)\n");
	/* The section that it maps takes the place of any table. */
	exynos_close(e, exynos_bo(e, MIB));
	igt_install_exit_handler(stop_tracing);
	trace = fopen(TRACING "/trace", "we");
	igt_assert(trace);
	fclose(trace);
	igt_assert(!exynos_write_file(TRACE_MAPPED, "1"));
	igt_assert(!exynos_write_file(TRACE_SYNCED, "1"));
	exynos_close(e, exynos_bo(e, MIB - PAGE));
	stop_tracing(0);

	trace = fopen(TRACING "/trace", "re");
	igt_assert(trace);
	while (!tables && fgets(line, sizeof(line), trace)) {
		const char *size = strstr(line, " size=");

		if (!strstr(line, ".sysmmu ") || !size)
			continue;
		if (strstr(line, " dma_map_phys: "))
			tables += strtoul(size + 6, NULL, 10) == TABLE_SIZE;
		else
			entries += strtoul(size + 6, NULL, 10) == ENTRY_SIZE;
	}
	fclose(trace);
	igt_assert_f(tables, "no page table was made\n");
	igt_assert_f(!entries, "the MMU is told of a page table that is not in memory\n");
}

static void check_tables(uint32_t base, unsigned int entries)
{
	const size_t offset = base % PAGE, size = offset + entries * sizeof(uint32_t);
	const volatile uint32_t *caches = exynos_map_ram(base - offset, size, true);
	const volatile uint32_t *memory = exynos_map_ram(base - offset, size, false);
	const unsigned int first = offset / sizeof(uint32_t);
	unsigned int i, dirty = exynos_dirty_lines(base, entries * sizeof(uint32_t));
	uint32_t last = 0;

	igt_assert_f(!dirty, "%u lines of the table at %#x are not in memory\n", dirty, base);
	for (i = first; i < first + entries; i++) {
		igt_assert_f(caches[i] == memory[i],
			     "entry %u of the table at %#x is %#x in memory, not %#x\n", i - first,
			     base, memory[i], caches[i]);
		/* In the first level a link, of which many may be to one empty table. */
		if (entries == LV1_ENTRIES && (caches[i] & 3) == 1 && caches[i] != last) {
			last = caches[i];
			check_tables(last & ~(TABLE_SIZE - 1), TABLE_SIZE / sizeof(uint32_t));
		}
	}
	munmap((void *)caches, size);
	munmap((void *)memory, size);
}

static void mmu_tables_in_memory(struct exynos *e)
{
	static const size_t sizes[] = { PAGE, 64 << 10, MIB, MIB - PAGE, 4 * MIB + (64 << 10) };
	volatile uint32_t *mmu;
	uint32_t handle, base;
	unsigned int i;

	exynos_require_iommu(e);
	igt_install_exit_handler(power_as_needed);
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	mmu = exynos_map_registers(MMU_BASE);
	base = mmu[MMU_PT_BASE];
	exynos_unmap_registers(mmu);

	check_tables(base, LV1_ENTRIES);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		handle = exynos_bo(e, sizes[i]);
		check_tables(base, LV1_ENTRIES);
		exynos_close(e, handle);
		check_tables(base, LV1_ENTRIES);
	}
	power_as_needed(0);
}

/* The board on which its MMU is a part of the engine, and cannot come before it. */
static void mmu_not_linked(struct exynos *e)
{
	igt_require_f(access(ENGINE_DEVICE "/12a20000.sysmmu", F_OK) == 0,
		      "this board's engine is powered with its MMU\n");
	assert_works(e);
	/* As physical addresses are what it was given. */
	mmu_clear(&e->board, MMU_BYPASSED);
}

static void mmu_fault_at_boot(struct exynos *e)
{
	igt_require_f(access("/proc/device-tree/chosen/left-fault", F_OK) == 0,
		      "this board's boot loader does not use the System MMU\n");
	assert_works(e);
}

static int exec_result;

static void *exec_result_thread(void *arg)
{
	struct exynos *e = arg;

	exec_result = g2d_exec(e->fd, false);
	return NULL;
}

static void mmu_fault(struct exynos *e)
{
	struct g2d_image image;
	volatile uint32_t *mmu;
	struct g2d_list list;
	unsigned int i;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	e->allowed = EXYNOS_FAULT_MESSAGES;
	mmu = exynos_map_registers(MMU_BASE);

	image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	for (i = 0; i < 3; i++) {
		pthread_t thread;
		uint32_t table;

		g2d_fill(&list, &image, g2d_whole(&image), 1);
		exynos_hold(e);
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
		igt_assert_eq(pthread_create(&thread, NULL, exec_result_thread, e), 0);
		usleep(50000);

		/* Where the driver is right in all it does, only a page table helps. */
		table = mmu[MMU_PT_BASE];
		mmu[MMU_PT_BASE] = 0;
		mmu[MMU_FLUSH] = 1;
		exynos_let_go(e);
		pthread_join(thread, NULL);
		mmu[MMU_PT_BASE] = table;
		mmu[MMU_FLUSH] = 1;

		igt_assert_eq(exec_result, -EIO);
		igt_assert_neq_u32(mmu_read(&e->board, MMU_FAULTS), 0);
		mmu_clear(&e->board, MMU_FAULTS);
		assert_works(e);
	}
	exynos_unmap_registers(mmu);
}

/* Binding and unbinding. */

static const struct exynos_binding display = { "exynos4-fb", "11c00000.fimd" };

/* The tests after this one need the device as it was. */
static void bind_again(struct exynos *e)
{
	drm_close_driver(e->fd);
	exynos_bind_all();
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
}

/* What drivers say when they come up, and when they find buffers that have outlived them. */
static const char greetings[] = EXYNOS_GREETINGS "|objects that were alive at unbind";

#define MMU_DEVICE	"/sys/bus/platform/devices/12a20000.sysmmu"

static void make_engine_fault(struct exynos *e, volatile uint32_t *engine)
{
	/* The event of a list is sent while the engine is held after it. */
	igt_assert_f(exynos_becomes_idle(engine), "the engine still works for the job before\n");
	mmu_clear(&e->board, MMU_FAULTS);
	engine[ENGINE_DMA_BASE / 4] = NOWHERE;
	engine[ENGINE_DMA_CMD / 4] = DMA_START;
}

static void check_fault(struct exynos *e)
{
	igt_assert_f(!mmu_read(&e->board, MMU_BYPASSED), "the engine was set free\n");
	igt_assert_eq_u32(mmu_read(&e->board, MMU_FAULTS), 1);
	mmu_clear(&e->board, MMU_FAULTS);
}

static void mmu_fault_without_job(struct exynos *e)
{
	volatile uint32_t *engine;
	static char allowed[512];
	unsigned int i;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	exynos_require_bindings();
	igt_install_exit_handler(power_as_needed);
	snprintf(allowed, sizeof(allowed), EXYNOS_FAULT_MESSAGES "|%s", greetings);
	e->allowed = allowed;
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	engine = exynos_map_registers(ENGINE_BASE);

	make_engine_fault(e, engine);
	igt_assert_f(exynos_becomes_idle(engine), "the engine is still held\n");
	check_fault(e);

	/* The MMU that held it can be switched off again. */
	power_as_needed(0);
	igt_assert(exynos_file_becomes(ENGINE_DEVICE PM_STATUS, "suspended"));
	igt_assert_f(exynos_file_becomes(MMU_DEVICE PM_STATUS, "suspended"),
		     "the MMU still holds the engine\n");
	assert_works(e);

	for (i = 0; i < 4; i++) {
		igt_assert(!exynos_write_file(ENGINE_POWER, "on"));
		drm_close_driver(e->fd);
		make_engine_fault(e, engine);
		exynos_unbind(&exynos_drm_binding);
		check_fault(e);
		exynos_bind(&exynos_drm_binding);
		e->fd = drm_open_driver_render(DRIVER_EXYNOS);
		assert_works(e);
	}
	power_as_needed(0);
	exynos_unmap_registers(engine);
}

static void no_engine(struct exynos *e)
{
	struct g2d_list list;

	igt_require_f(!exynos_is_bound(&exynos_g2d_binding), "this board has an engine\n");
	g2d_list_init(&list);
	igt_assert_eq(g2d_queue(e->fd, &list), -ENODEV);
	igt_assert_eq(g2d_exec(e->fd, false), -ENODEV);
}

static void engine_first(struct exynos *e)
{
	igt_require_f(!exynos_is_bound(&display), "this board has a display controller, which comes first\n");
	assert_works(e);
}

static void unbind_alone(struct exynos *e)
{
	exynos_require_bindings();
	e->allowed = greetings;
	drm_close_driver(e->fd);
	exynos_unbind(&exynos_drm_binding);
	exynos_bind(&exynos_drm_binding);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
}

static void rebind(struct exynos *e)
{
	unsigned int i;

	exynos_require_bindings();
	e->allowed = greetings;
	for (i = 0; i < 4; i++) {
		drm_close_driver(e->fd);
		exynos_unbind(&exynos_drm_binding);
		exynos_bind(&exynos_drm_binding);
		e->fd = drm_open_driver_render(DRIVER_EXYNOS);
		assert_works(e);
	}
}

/*
 * Upstream's queue stays stopped after the device was unbound; a system that
 * suspends and resumes starts it again.
 */
static void rebind_and_suspend(struct exynos *e)
{
	struct g2d_image image;
	struct g2d_list list;
	uint32_t handle, *map;
	volatile uint32_t *engine;
	int ret;

	exynos_require_test_page(e);
	exynos_require_bindings();
	e->allowed = greetings;
	drm_close_driver(e->fd);
	exynos_unbind(&exynos_drm_binding);
	exynos_bind(&exynos_drm_binding);
	igt_assert_eq(exynos_try_suspend(), 0);

	engine = exynos_map_registers(ENGINE_BASE);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
	handle = exynos_bo(e, PAGE);
	map = bo_map(e, handle, PAGE);
	memset(map, 0, PAGE);
	image = exynos_image(handle, 32, 32);
	g2d_fill(&list, &image, g2d_whole(&image), 0x12345678);
	exynos_start(e, &list);
	ret = g2d_wait_event(e->fd, NULL, 10000);
	igt_assert_f(!ret || !(engine[ENGINE_DMA_STATUS / 4] & DMA_DONE),
		     "the engine ran another list\n");
	igt_assert_eq(ret, 0);
	exynos_check_colour(map, PAGE, 0x12345678);
	munmap(map, PAGE);
	exynos_unmap_registers(engine);
	assert_works(e);
}

/* Where a function of the kernel begins and ends. */
static bool find_function(const char *name, unsigned long *begin, unsigned long *end)
{
	char line[256], symbol[128];
	FILE *f = fopen("/proc/kallsyms", "re");
	unsigned long address;

	*begin = 0;
	*end = ULONG_MAX;
	if (!f)
		return false;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx %*c %127s", &address, symbol) == 2 && !strcmp(symbol, name))
			*begin = address;
	rewind(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx", &address) == 1 && address > *begin && address < *end)
			*end = address;
	fclose(f);
	return *begin && *end != ULONG_MAX;
}

static const char * const failing[] = {
	"/sys/kernel/debug/failslab/",
	"/sys/kernel/debug/fail_page_alloc/",
};

static int set_failing(const char *name, const char *value)
{
	unsigned int i;
	char path[64];
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(failing); i++) {
		snprintf(path, sizeof(path), "%s%s", failing[i], name);
		err = err ?: exynos_write_file(path, value);
	}
	return err;
}

static void fail_nowhere(int sig)
{
	(void)sig;
	exynos_write_file("/proc/self/fail-nth", "0");
	set_failing("require-start", "0");
	set_failing("require-end", "0xffffffff");
}

/* What this process makes the kernel allocate is going to fail when it is told to. */
static void require_failing(void)
{
	igt_require_f(access("/proc/self/fail-nth", F_OK) == 0,
		      "this kernel cannot make allocations fail\n");
	igt_require(!set_failing("ignore-gfp-wait", "N"));
	igt_require(!set_failing("verbose", "0"));
	igt_require(!exynos_write_file("/sys/kernel/debug/fail_page_alloc/min-order", "0"));
	/* Page tables of programs may lie in high memory. */
	exynos_write_file("/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N");
	igt_install_exit_handler(fail_nowhere);
}

/* Only what this function of the kernel allocates, or what it calls. */
static void fail_within(const char *function)
{
	unsigned long begin, end;
	char number[24];

	igt_require_f(find_function(function, &begin, &end), "this kernel has no %s()\n", function);
	snprintf(number, sizeof(number), "%#lx", begin);
	igt_assert(!set_failing("require-start", number));
	snprintf(number, sizeof(number), "%#lx", end);
	igt_assert(!set_failing("require-end", number));
}

static void fail_nth(unsigned int nth)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", nth);
	igt_assert(!exynos_write_file("/proc/self/fail-nth", number));
}

/* Returns whether an allocation has failed since fail_nth(). */
static bool has_failed(void)
{
	bool failed = exynos_file_says("/proc/self/fail-nth", "0\n");

	exynos_write_file("/proc/self/fail-nth", "0");
	return failed;
}

static void mmu_no_table(struct exynos *e)
{
	uint32_t handle;
	bool failed;
	int err;

	exynos_require_iommu(e);
	require_failing();
	/* The section that it maps takes the place of any table. */
	exynos_close(e, exynos_bo(e, MIB));
	fail_within("exynos_iommu_map");
	fail_nth(1);
	err = exynos_gem_create(e->fd, MIB - PAGE, EXYNOS_BO_NONCONTIG, &handle);
	failed = has_failed();
	fail_nowhere(0);
	igt_assert_f(failed, "no page table was made\n");
	igt_assert_neq(err, 0);
	exynos_close(e, exynos_bo(e, MIB - PAGE));
	assert_works(e);
}

/* There is no memory for the mapping that the architecture makes for each device. */
static void unbind_without_mapping(struct exynos *e)
{
	static char allowed[512];
	int err;

	exynos_require_iommu(e);
	exynos_require_bindings();
	igt_require_f(!exynos_is_bound(&display),
		      "the display controller of this board has a mapping, so the engine needs one\n");
	require_failing();
	snprintf(allowed, sizeof(allowed), "Failed to create .*IOMMU mapping|%s", greetings);
	e->allowed = allowed;
	drm_close_driver(e->fd);
	exynos_unbind(&exynos_g2d_binding);

	fail_within("arm_iommu_create_mapping");
	fail_nth(1);
	err = exynos_try_bind(&exynos_g2d_binding);
	igt_assert_f(has_failed(), "no mapping was asked for\n");
	fail_nowhere(0);
	igt_assert_eq(err, 0);

	exynos_unbind(&exynos_g2d_binding);
	exynos_bind(&exynos_g2d_binding);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
	assert_works(e);
}

static void unbind_with_open_file(struct exynos *e)
{
	struct g2d_list list;

	exynos_require_bindings();
	e->allowed = greetings;
	exynos_unbind(&exynos_drm_binding);
	g2d_list_init(&list);
	igt_assert_neq(g2d_queue(e->fd, &list), 0);
	bind_again(e);
	assert_works(e);
}

static void unbind_with_queued_list(struct exynos *e)
{
	struct g2d_list list;

	exynos_require_bindings();
	e->allowed = greetings;
	g2d_list_init(&list);
	list.event = true;
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	exynos_unbind(&exynos_drm_binding);
	bind_again(e);
	assert_works(e);
}

static void *exec_thread(void *arg)
{
	struct exynos *e = arg;

	g2d_exec(e->fd, false);
	stop = true;
	return NULL;
}

static void unbind_with_waiter(struct exynos *e)
{
	static struct g2d_list list;
	unsigned int i;
	pthread_t thread;

	exynos_require_bindings();
	exynos_require_test_page(e);
	e->allowed = greetings;

	/* One that holds the engine, and behind it the one that is waited for. */
	g2d_list_init(&list);
	exynos_hold(e);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	igt_assert_eq(g2d_exec(e->fd, true), 0);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	stop = false;
	igt_assert_eq(pthread_create(&thread, NULL, exec_thread, e), 0);
	usleep(50000);

	exynos_unbind(&exynos_g2d_binding);
	for (i = 0; i < 100 && !stop; i++)
		usleep(100000);
	igt_assert_f(stop, "EXEC still waits for a job of an engine that is gone\n");
	pthread_join(thread, NULL);
	bind_again(e);
	assert_works(e);
}

static void unbind_with_running_job(struct exynos *e)
{
	struct drm_exynos_g2d_exec req = { .async = 0 };
	struct g2d_list list;
	struct exynos_call exec;

	exynos_require_bindings();
	exynos_require_test_page(e);
	exynos_restore_timeout(e);
	e->allowed = greetings;
	keep_files_open();
	g2d_list_init(&list);
	exynos_hold(e);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	igt_assert(exynos_call_and_sleep(&exec, e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req));

	exynos_unbind(&exynos_drm_binding);
	pthread_join(exec.thread, NULL);
	igt_assert_f(exec.ret, "EXEC reports success for a job that was not run\n");
	let_files_close();
	bind_again(e);
	assert_works(e);
}

/*
 * Upstream's EXEC frees its job after it was woken up. That it gets a CPU only
 * when all is over is chance elsewhere, and here it fails once in a while. Files
 * of a device that is gone stay open: to close one is another test.
 */
static void unbind_with_late_waiter(struct exynos *e)
{
	struct drm_exynos_g2d_exec req = { .async = 0 };
	struct g2d_list list;
	struct exynos_call exec;
	bool late = false;
	unsigned int i;

	exynos_require_bindings();
	require_two_cpus();
	exynos_require_test_page(e);
	exynos_restore_timeout(e);
	e->allowed = greetings;
	exynos_run_on(0, 0);
	for (i = 0; i < 5 && !late; i++) {
		if (i)
			e->fd = drm_open_driver_render(DRIVER_EXYNOS);
		/* First, as it takes a while, and a driver may not give the job that long. */
		crowd_gather(MAX_CROWD);
		g2d_list_init(&list);
		exynos_hold(e);
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
		/* From its start: what it is owed is worth more to one that becomes idle later. */
		be(SCHED_IDLE);
		igt_assert(exynos_call_and_sleep(&exec, e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req));
		be(SCHED_OTHER);
		exynos_run_on(exec.tid, SLOW_CPU);

		exynos_unbind(&exynos_g2d_binding);
		late = !exec.done;
		crowd_disperse();
		pthread_join(exec.thread, NULL);
		exynos_bind_all();
	}
	exynos_run_anywhere();
	igt_assert_f(late, "EXEC was woken up too early to see what it does\n");
	bind_again(e);
	assert_works(e);
}

/* Memory of a file, the last page of which is mapped. */
struct slow_file {
	int fd;
	size_t size;
	void *page;
};

static void slow_file_create(struct slow_file *f, size_t size)
{
	f->fd = memfd_create("slow", 0);
	f->size = size;
	igt_assert_fd(f->fd);
	igt_assert_eq(fallocate(f->fd, 0, 0, size), 0);
	f->page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, f->fd, size - PAGE);
	igt_assert(f->page != MAP_FAILED);
}

static void slow_file_free(struct slow_file *f)
{
	munmap(f->page, PAGE);
	close(f->fd);
}

static void slow_file_empty(struct slow_file *f)
{
	fallocate(f->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, f->size);
}

static void *empty_thread(void *arg)
{
	exynos_run_on(0, SLOW_CPU);
	slow_file_empty(arg);
	return NULL;
}

/* As large as it has to be for slow_file_empty() to take a third of a second. */
static void slow_file_measure(struct slow_file *f)
{
	const size_t least = 8 << 20, most = 256 << 20;
	uint64_t begin, size;

	slow_file_create(f, least);
	begin = exynos_now_ms();
	slow_file_empty(f);
	size = least * 333ull / (exynos_now_ms() - begin + 1);
	slow_file_free(f);
	slow_file_create(f, size < least ? least : size > most ? most : ALIGN(size, PAGE));
}

/*
 * A fault in a file waits while the memory around it is given back, which takes
 * as long as we like on a CPU that has much else to do.
 */
static void unbind_with_ioctl(struct exynos *e)
{
	struct drm_exynos_g2d_set_cmdlist req = { .cmd_nr = 1 };
	struct slow_file file;
	pthread_t thread;
	struct exynos_call set;
	struct stat stat;
	bool inside, over;

	exynos_require_bindings();
	require_two_cpus();
	e->allowed = greetings;
	exynos_run_on(0, 0);
	slow_file_measure(&file);
	req.cmd = (uintptr_t)file.page;

	crowd_gather(MAX_CROWD / 2);
	igt_assert_eq(pthread_create(&thread, NULL, empty_thread, &file), 0);
	do {
		usleep(10000);
		igt_assert_eq(fstat(file.fd, &stat), 0);
	} while (stat.st_blocks * 512ull == file.size);
	inside = exynos_call_and_sleep(&set, e->fd, DRM_IOCTL_EXYNOS_G2D_SET_CMDLIST, &req);
	if (inside)
		exynos_unbind(&exynos_g2d_binding);
	over = set.done;
	crowd_disperse();
	pthread_join(set.thread, NULL);
	pthread_join(thread, NULL);
	exynos_run_anywhere();
	slow_file_free(&file);
	igt_assert_f(inside, "the ioctl did not sleep in a page fault\n");
	igt_info("the ioctl ended %s unbind did\n", over ? "before" : "after");
	bind_again(e);
	assert_works(e);
}

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
		map = bo_map(e, handle, size);
		for (j = 0; j < size / 4; j++)
			igt_assert_f(!map[j], "a new buffer holds %#x\n", map[j]);
		munmap(map, size);
	}
}

static int export_bo(struct exynos *e, uint32_t handle)
{
	struct drm_prime_handle prime = { .handle = handle, .flags = DRM_CLOEXEC | DRM_RDWR };

	do_ioctl(e->fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime);
	return prime.fd;
}

static void mmap_dmabuf_offset(struct exynos *e)
{
	const size_t size = 4 * PAGE;
	uint32_t handle = exynos_bo(e, size), *map = bo_map(e, handle, size), *part;
	int dmabuf = export_bo(e, handle);
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

/*
 * Closing the dma-buf is another subtest's. A process without any other file stays
 * behind to keep it open, for nobody waits for it.
 */
static pid_t keep_open(int kept)
{
	pid_t pid = fork();
	int fd;

	igt_assert_lte(0, pid);
	if (!pid) {
		setsid();
		for (fd = 0; fd < 1024; fd++)
			if (fd != kept)
				close(fd);
		for (;;)
			pause();
	}
	return pid;
}

static void unbind_with_dmabuf(struct exynos *e)
{
	struct drm_prime_handle prime = { 0 };
	pid_t keeper;
	void *map;

	exynos_require_bindings();
	e->allowed = greetings;
	prime.fd = export_bo(e, exynos_bo(e, 4 * PAGE));
	keeper = keep_open(prime.fd);
	drm_close_driver(e->fd);
	exynos_unbind(&exynos_drm_binding);

	map = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, prime.fd, 0);
	exynos_bind(&exynos_drm_binding);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
	igt_assert_f(map == MAP_FAILED, "some memory could be mapped\n");
	igt_assert_eq(igt_ioctl(e->fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime), -1);
	assert_works(e);

	kill(keeper, SIGKILL);
	waitpid(keeper, NULL, 0);
	close(prime.fd);
}

static void unbind_before_close(struct exynos *e)
{
	static const size_t sizes[] = { PAGE, 64 << 10, 1 << 20 };
	int dmabuf[2 * ARRAY_SIZE(sizes)];
	uint32_t handle;
	void *map;
	size_t i;

	exynos_require_bindings();
	e->allowed = greetings;
	for (i = 0; i < ARRAY_SIZE(dmabuf); i++) {
		igt_assert_eq(exynos_gem_create(e->fd, sizes[i / 2],
						i % 2 ? EXYNOS_BO_NONCONTIG : EXYNOS_BO_CONTIG,
						&handle), 0);
		dmabuf[i] = export_bo(e, handle);
	}
	map = mmap(NULL, sizes[0], PROT_READ | PROT_WRITE, MAP_SHARED, dmabuf[0], 0);
	igt_assert(map != MAP_FAILED);
	*(uint32_t *)map = CANARY;
	drm_close_driver(e->fd);
	exynos_unbind(&exynos_drm_binding);
	for (i = 0; i < ARRAY_SIZE(dmabuf); i++)
		close(dmabuf[i]);
	exynos_bind(&exynos_drm_binding);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
	assert_works(e);
	munmap(map, sizes[0]);
	assert_works(e);
}

static void neighbouring_buffers(struct exynos *e)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		exynos_bo(e, PAGE);
	assert_works(e);
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

	fail_nth(nth);
	/* An address of its own, so that there is no page table yet. */
	ptr = mmap64((void *)0x10000000, size, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_FIXED_NOREPLACE, e->fd, offset);
	*failed = has_failed();
	if (ptr != MAP_FAILED)
		munmap(ptr, size);
	return ptr != MAP_FAILED;
}

static void mmap_fails(struct exynos *e)
{
	static const char * const functions[] = { "drm_gem_mmap_obj", "drm_gem_mmap" };
	const size_t size = 16 * PAGE;
	uint32_t handle = exynos_bo(e, size), flags;
	uint64_t offset = bo_offset(e, handle), got;
	unsigned int i, nth;
	bool failed;

	e->allowed = "Remapping memory failed|failed to mmap";
	require_failing();
	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		fail_within(functions[i]);
		for (nth = 1, failed = true; failed; nth++) {
			bool mapped = mmap_failing(e, offset, size, nth, &failed);

			igt_assert_eq(exynos_gem_get(e->fd, handle, &flags, &got), 0);
			igt_assert_eq_u64(got, size);
			igt_assert(mapped || failed);
			igt_assert_f(failed || nth > 1, "%s() needed no memory\n", functions[i]);
		}
	}
	fail_nowhere(0);
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
	offset = bo_offset(e, probe);
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

igt_main {
	static struct exynos e;

	igt_fixture
		exynos_init(&e);

	igt_describe("A list that names two buffers for one register is refused.");
	igt_subtest("repeated-base-register")
		exynos_subtest(&e, repeated_base_register);

	igt_describe("A list with more buffers than the engine has registers is refused.");
	igt_subtest("too-many-buffers")
		exynos_subtest(&e, too_many_buffers);

	igt_describe("What a list that was refused has set is not taken for the next one's.");
	igt_subtest("stale-description")
		exynos_subtest(&e, stale_description);

	igt_describe("A rectangle that is set twice is checked as the engine takes it.");
	igt_subtest("last-value-counts")
		exynos_subtest(&e, last_value_counts);

	igt_describe("A stride that wraps the address of a row is refused.");
	igt_subtest("stride-wraps")
		exynos_subtest(&e, stride_wraps);

	igt_describe("All 16 bits of a coordinate are checked.");
	igt_subtest("coordinate-high-bits")
		exynos_subtest(&e, coordinate_high_bits);

	igt_describe("A format with more than one byte a pixel is checked as such.");
	igt_subtest("pixel-size")
		exynos_subtest(&e, pixel_size);

	igt_describe("The second plane must fit its buffer.");
	igt_subtest("second-plane")
		exynos_subtest(&e, second_plane);

	igt_describe("The pattern must fit its buffer.");
	igt_subtest("pattern")
		exynos_subtest(&e, pattern);

	igt_describe("The mask must fit its buffer.");
	igt_subtest("mask")
		exynos_subtest(&e, mask);

	igt_describe("A list that fills a rectangle of no buffer is refused.");
	igt_subtest("unset-destination")
		exynos_subtest(&e, unset_destination);

	igt_describe("A list that copies from no buffer is refused.");
	igt_subtest("unset-source")
		exynos_subtest(&e, unset_source);

	igt_describe("All bits of a register's offset are checked.");
	igt_subtest("offset-high-bits")
		exynos_subtest(&e, offset_high_bits);

	igt_describe("A rectangle that ends before it begins is refused.");
	igt_subtest("rectangle-inside-out")
		exynos_subtest(&e, rectangle_inside_out);

	igt_describe("A stride that the engine may take for another one is refused.");
	igt_subtest("stride-high-bits")
		exynos_subtest(&e, stride_high_bits);

	igt_describe("A blit must begin within the pattern.");
	igt_subtest("pattern-offset")
		exynos_subtest(&e, pattern_offset);

	igt_describe("A program cannot fill the log with lists that are refused.");
	igt_subtest("quiet-lists")
		exynos_subtest(&e, quiet_lists);

	igt_describe("What the engine reads after the last of all lists harms nobody.");
	igt_subtest("full-pool")
		exynos_subtest(&e, full_pool);

	igt_describe("The list after one of the largest size is executed, too.");
	igt_subtest("full-list")
		exynos_subtest(&e, full_list);

	igt_describe("A list with too many commands does not cost anybody a list.");
	igt_subtest("cmdlist-leak-on-einval")
		exynos_subtest(&e, cmdlist_leak_on_einval);

	igt_describe("A job whose async has only upper bits set is freed.");
	igt_subtest("cmdlist-leak-on-odd-async")
		exynos_subtest(&e, cmdlist_leak_on_odd_async);

	igt_describe("Memory that is passed with changing sizes is unpinned.");
	igt_subtest("userptr-size-changes")
		exynos_subtest(&e, userptr_size_changes);

	igt_describe("Memory beyond what the driver keeps mapped is unpinned.");
	igt_subtest("userptr-beyond-pool")
		exynos_subtest(&e, userptr_beyond_pool);

	igt_describe("Closing a file does not raise the limit of what stays pinned.");
	igt_subtest("userptr-limit")
		exynos_subtest(&e, userptr_limit);

	igt_describe("Memory whose end wraps around is refused.");
	igt_subtest("userptr-wraps")
		exynos_subtest(&e, userptr_wraps);

	igt_describe("Without an IOMMU, memory that is not contiguous is refused.");
	igt_subtest("userptr-scattered")
		exynos_subtest(&e, userptr_scattered);

	igt_describe("The reason for which memory is refused can be told.");
	igt_subtest("userptr-errors")
		exynos_subtest(&e, userptr_errors);

	igt_describe("Nothing touches a job that was waited for.");
	igt_subtest("synchronous-jobs")
		exynos_subtest(&e, synchronous_jobs);

	igt_describe("Threads may queue and run lists on the same file.");
	igt_subtest("threads-on-one-file")
		exynos_subtest(&e, threads_on_one_file);

	igt_describe("Each list of a job that asks for an event gets its own.");
	igt_subtest("event-twice-in-one-exec")
		exynos_subtest(&e, event_twice_in_one_exec);

	igt_describe("Events of lists that are never run are freed.");
	igt_subtest("event-leak")
		exynos_subtest(&e, event_leak);

	igt_describe("A file can be closed while its job runs.");
	igt_subtest("close-while-running")
		exynos_subtest(&e, close_while_running);

	igt_describe("Closing a file whose job runs does not keep a CPU busy.");
	igt_subtest("close-sleeps")
		exynos_subtest(&e, close_sleeps);

	igt_describe("Jobs behind one that is ended by closing its file are run.");
	igt_subtest("close-lets-others-run")
		exynos_subtest(&e, close_lets_others_run);

	igt_describe("Closing a file whose job ends meanwhile leaves the job of another file alone.");
	igt_subtest("close-after-job")
		exynos_subtest(&e, close_after_job);

	igt_describe("A job whose engine cannot be powered ends with an error.");
	igt_subtest("no-power")
		exynos_subtest(&e, no_power);

	igt_describe("The engine may say that a list is done when no job runs.");
	igt_subtest("interrupt-without-job")
		exynos_subtest(&e, interrupt_without_job);

	igt_describe("What is unmapped leaves the TLB of an MMU that cannot be blocked.");
	igt_subtest("mmu-cannot-be-blocked")
		exynos_subtest(&e, mmu_cannot_be_blocked);

	igt_describe("The TLB is flushed once for a buffer, not once for each of its pages.");
	igt_subtest("mmu-flushes")
		exynos_subtest(&e, mmu_flushes);

	igt_describe("Each System MMU can be powered, also one whose device has no driver.");
	igt_subtest("mmu-power")
		exynos_subtest(&e, mmu_power);

	igt_describe("A section is seen by an MMU that has kept the entry it replaces.");
	igt_subtest("mmu-link-kept")
		exynos_subtest(&e, mmu_link_kept);

	igt_describe("A section is seen by an MMU that has kept a table's address.");
	igt_subtest("mmu-table-kept")
		exynos_subtest(&e, mmu_table_kept);

	igt_describe("A buffer is seen by an MMU that has kept that nothing is there.");
	igt_subtest("mmu-faults-kept")
		exynos_subtest(&e, mmu_faults_kept);

	igt_describe("A page table that a section replaces is unmapped for DMA.");
	igt_subtest("mmu-table-leak")
		exynos_subtest(&e, mmu_table_leak);

	igt_describe("The page table of what is not mapped is in memory.");
	igt_subtest("mmu-empty-table")
		exynos_subtest(&e, mmu_empty_table);

	igt_describe("A page table is in memory before the System MMU is told of it.");
	igt_subtest("mmu-table-order")
		exynos_subtest(&e, mmu_table_order);

	igt_describe("A buffer for which no page table can be made fails without a message.");
	igt_subtest("mmu-no-table")
		exynos_subtest(&e, mmu_no_table);

	igt_describe("An engine whose System MMU cannot be powered with it goes without.");
	igt_subtest("mmu-not-linked")
		exynos_subtest(&e, mmu_not_linked);

	igt_describe("What the CPU wrote to the page tables is where the MMU reads it.");
	igt_subtest("mmu-tables-in-memory")
		exynos_subtest(&e, mmu_tables_in_memory);

	igt_describe("A fault that a boot loader has left harms nobody.");
	igt_subtest("mmu-fault-at-boot")
		exynos_subtest(&e, mmu_fault_at_boot);

	igt_describe("A fault of the System MMU ends the job, not the machine.");
	igt_subtest("mmu-fault")
		exynos_subtest(&e, mmu_fault);

	igt_describe("An engine that faults when no job runs is reset, also while it is being unbound.");
	igt_subtest("mmu-fault-without-job")
		exynos_subtest(&e, mmu_fault_without_job);

	igt_describe("Without an engine the ioctls fail.");
	igt_subtest("no-engine")
		exynos_subtest(&e, no_engine);

	igt_describe("An engine that is the first with DMA can run lists.");
	igt_subtest("engine-first")
		exynos_subtest(&e, engine_first);

	igt_describe("Unbinding the device leaves nothing behind.");
	igt_subtest("unbind")
		exynos_subtest(&e, unbind_alone);

	igt_describe("The engine runs lists after the device was bound again.");
	igt_subtest("rebind")
		exynos_subtest(&e, rebind);

	igt_describe("The engine reads the lists that it is given after the device was bound again.");
	igt_subtest("rebind-and-suspend")
		exynos_subtest(&e, rebind_and_suspend);

	igt_describe("An engine that has no mapping of its own can be unbound.");
	igt_subtest("unbind-without-mapping")
		exynos_subtest(&e, unbind_without_mapping);

	igt_describe("A file can be closed after the device was unbound.");
	igt_subtest("unbind-with-open-file")
		exynos_subtest(&e, unbind_with_open_file);

	igt_describe("Lists that an open file has queued end with the device.");
	igt_subtest("unbind-with-queued-list")
		exynos_subtest(&e, unbind_with_queued_list);

	igt_describe("Who waits for a job that the engine will never run is woken up.");
	igt_subtest("unbind-with-waiter")
		exynos_subtest(&e, unbind_with_waiter);

	igt_describe("Who waits for a job that is ended with the device is told.");
	igt_subtest("unbind-with-running-job")
		exynos_subtest(&e, unbind_with_running_job);

	igt_describe("Who waits for a job needs nothing of the engine when it is woken up.");
	igt_subtest("unbind-with-late-waiter")
		exynos_subtest(&e, unbind_with_late_waiter);

	igt_describe("An ioctl that runs when the engine is unbound does not touch what is gone.");
	igt_subtest("unbind-with-ioctl")
		exynos_subtest(&e, unbind_with_ioctl);

	igt_describe("A program cannot fill the log with buffers that are refused.");
	igt_subtest("quiet-buffers")
		exynos_subtest(&e, quiet_buffers);

	igt_describe("Nothing that others have written is in a new buffer.");
	igt_subtest("fresh-memory")
		exynos_subtest(&e, fresh_memory);

	igt_describe("mmap() of a dma-buf begins where it is told to.");
	igt_subtest("mmap-dmabuf-offset")
		exynos_subtest(&e, mmap_dmabuf_offset);

	igt_describe("A program cannot fill the log with requests for memory in one piece.");
	igt_subtest("hopeless-contiguous")
		exynos_subtest(&e, hopeless_contiguous);

	igt_describe("Nobody is killed for a request that cannot be met.");
	igt_subtest("hopeless-scattered")
		exynos_subtest(&e, hopeless_scattered);

	igt_describe("A buffer is as large as it was asked for, or refused.");
	igt_subtest("size-truncated")
		exynos_subtest(&e, size_truncated);

	igt_describe("What a dma-buf holds cannot be reached after the device was unbound.");
	igt_subtest("unbind-with-dmabuf")
		exynos_subtest(&e, unbind_with_dmabuf);

	igt_describe("Buffers can be closed after the device was unbound.");
	igt_subtest("unbind-before-close")
		exynos_subtest(&e, unbind_before_close);

	igt_describe("Small buffers may lie side by side.");
	igt_subtest("neighbouring-buffers")
		exynos_subtest(&e, neighbouring_buffers);

	igt_describe("A large contiguous piece of memory can be imported.");
	igt_subtest("import-large-piece")
		exynos_subtest(&e, import_large_piece);

	igt_describe("An mmap() that runs out of memory leaves the object alone.");
	igt_subtest("mmap-fails")
		exynos_subtest(&e, mmap_fails);

	igt_describe("An imported buffer that was mapped is freed.");
	igt_subtest("mmap-imported")
		exynos_subtest(&e, mmap_imported);

	igt_fixture
		exynos_fini(&e);
}
