// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything a program can do to have pixels of its own memory copied, side by side:
 * each peer says how memory is made known to the engine, what comes before and after a
 * job, and how it is forgotten again.
 */
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/udmabuf.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "linux/exynos_floor.h"

struct surface {
	void *mem;
	size_t bytes;
	bool written;
	uint32_t handle;
	void *map;
	int memfd;
	int dmabuf;
};

/* A picture and where it is copied to. */
struct work {
	int fd;
	uint32_t w, h;
	struct surface src, dst;
};

struct peer {
	const char *name;
	bool userptr;
	/* Memory, which the program has anyway. */
	void (*back)(struct work *work, struct surface *s);
	void (*unback)(struct surface *s);
	/* Once before the first job and after the last. */
	void (*make)(struct work *work, struct surface *s);
	void (*drop)(struct work *work, struct surface *s);
	/* Before and after each job. */
	void (*before)(struct work *work);
	void (*after)(struct work *work);
};

static size_t whole_pages(size_t bytes)
{
	return (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
}

static void back_memory(struct work *work, struct surface *s)
{
	s->mem = memory_new(whole_pages(s->bytes));
}

static void unback_memory(struct surface *s)
{
	munmap(s->mem, whole_pages(s->bytes));
}

static void make_userptr(struct work *work, struct surface *s)
{
	s->handle = userptr_new(work->fd, s->mem, s->bytes, 0);
}

static void drop_handle(struct work *work, struct surface *s)
{
	MUST(exynos_gem_close(work->fd, s->handle));
	s->handle = 0;
}

static void drop_handle_and_memory(struct work *work, struct surface *s)
{
	drop_handle(work, s);
	unback_memory(s);
}

static void unback_nothing(struct surface *s)
{
}

static void make_nothing(struct work *work, struct surface *s)
{
}

/* What a file has once seen by address it may keep until it is closed. */
static void drop_file(struct work *work, struct surface *s)
{
	if (s == &work->dst) {
		close(work->fd);
		work->fd = -1;
	}
}

static void make_gem(struct work *work, struct surface *s)
{
	s->handle = gem_new(work->fd, s->bytes);
}

static void make_gem_mapped(struct work *work, struct surface *s)
{
	struct drm_exynos_gem_map req = { };

	make_gem(work, s);
	req.handle = s->handle;
	MUST(ioctl(work->fd, DRM_IOCTL_EXYNOS_GEM_MAP, &req));
	s->map = mmap64(NULL, whole_pages(s->bytes), PROT_READ | PROT_WRITE, MAP_SHARED, work->fd,
			req.offset);
	if (s->map == MAP_FAILED)
		fail("mmap() of a GEM object");
}

static void drop_gem_mapped(struct work *work, struct surface *s)
{
	munmap(s->map, whole_pages(s->bytes));
	drop_handle(work, s);
}

static void copy_in(struct work *work)
{
	memcpy(work->src.map, work->src.mem, work->src.bytes);
}

static void copy_out(struct work *work)
{
	memcpy(work->dst.mem, work->dst.map, work->dst.bytes);
}

static void back_memfd(struct work *work, struct surface *s)
{
	s->memfd = memfd_create("bench", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	if (s->memfd < 0 || ftruncate(s->memfd, whole_pages(s->bytes)))
		fail("memfd_create()");
	s->mem = mmap(NULL, whole_pages(s->bytes), PROT_READ | PROT_WRITE, MAP_SHARED, s->memfd, 0);
	if (s->mem == MAP_FAILED)
		fail("mmap() of a memfd");
	memory_touch(s->mem, s->bytes);
	MUST(fcntl(s->memfd, F_ADD_SEALS, F_SEAL_SHRINK));
}

static void unback_memfd(struct surface *s)
{
	unback_memory(s);
	close(s->memfd);
}

static void make_udmabuf(struct work *work, struct surface *s)
{
	static int device = -1;
	struct udmabuf_create create = {
		.memfd = s->memfd, .flags = UDMABUF_FLAGS_CLOEXEC, .size = whole_pages(s->bytes),
	};
	struct drm_prime_handle prime = { };

	if (device < 0)
		device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	s->dmabuf = ioctl(device, UDMABUF_CREATE, &create);
	if (s->dmabuf < 0)
		fail("UDMABUF_CREATE");
	prime.fd = s->dmabuf;
	MUST(ioctl(work->fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime));
	s->handle = prime.handle;
}

static void drop_udmabuf(struct work *work, struct surface *s)
{
	drop_handle(work, s);
	close(s->dmabuf);
}

static void cpu_access(struct surface *s, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = DMA_BUF_SYNC_START | flags };

	MUST(ioctl(s->dmabuf, DMA_BUF_IOCTL_SYNC, &sync));
	sync.flags = DMA_BUF_SYNC_END | flags;
	MUST(ioctl(s->dmabuf, DMA_BUF_IOCTL_SYNC, &sync));
}

static void sync_in(struct work *work)
{
	cpu_access(&work->src, DMA_BUF_SYNC_WRITE);
	cpu_access(&work->dst, DMA_BUF_SYNC_WRITE);
}

static void sync_out(struct work *work)
{
	cpu_access(&work->dst, DMA_BUF_SYNC_READ);
}

static const struct peer by_gem = {
	.name = "gem", .back = make_nothing, .unback = unback_nothing,
	.make = make_gem, .drop = drop_handle,
};

static const struct peer by_userptr = {
	.name = "userptr", .userptr = true, .back = back_memory, .unback = unback_memory,
	.make = make_userptr, .drop = drop_handle,
};

/* The memory goes with the object. */
static const struct peer by_userptr_freed = {
	.name = "userptr-freed", .userptr = true, .back = back_memory, .unback = unback_nothing,
	.make = make_userptr, .drop = drop_handle_and_memory,
};

/* G2D_BUF_USERPTR */
static const struct peer by_address = {
	.name = "address", .back = back_memory, .unback = unback_memory,
	.make = make_nothing, .drop = make_nothing,
};

static const struct peer by_address_closed = {
	.name = "address-closed", .back = back_memory, .unback = unback_memory,
	.make = make_nothing, .drop = drop_file,
};

static const struct peer by_memcpy = {
	.name = "memcpy", .back = back_memory, .unback = unback_memory,
	.make = make_gem_mapped, .drop = drop_gem_mapped, .before = copy_in, .after = copy_out,
};

/* Leaves the CPU's caches alone: the engine may see old pixels, the program too. */
static const struct peer by_udmabuf = {
	.name = "udmabuf", .back = back_memfd, .unback = unback_memfd,
	.make = make_udmabuf, .drop = drop_udmabuf,
};

static const struct peer by_udmabuf_sync = {
	.name = "udmabuf-sync", .back = back_memfd, .unback = unback_memfd,
	.make = make_udmabuf, .drop = drop_udmabuf, .before = sync_in, .after = sync_out,
};

/* Work */

struct size {
	const char *name;
	uint32_t w, h;
	unsigned int oneshots, jobs, loops;
};

/* So many at a time that their memory is high memory, all of it. */
static const struct size sizes[] = {
	{ "64x64", 64, 64, 32, 64, 7 },
	{ "320x240", 320, 240, 16, 64, 5 },
	{ "1280x720", 1280, 720, 8, 16, 3 },
	{ "1920x1080", 1920, 1080, 4, 8, 3 },
};

static unsigned int num_sizes(void)
{
	return bench.quick ? 1 : ARRAY_SIZE(sizes);
}

static unsigned int num_loops(const struct size *size)
{
	return bench.dropped + (bench.quick ? 1 : size->loops);
}

static void work_back(const struct peer *peer, struct work *work, const struct size *size, int fd)
{
	memset(work, 0, sizeof(*work));
	work->fd = fd;
	work->w = size->w;
	work->h = size->h;
	work->src.bytes = work->dst.bytes = (size_t)size->w * size->h * 4;
	work->dst.written = true;
	peer->back(work, &work->src);
	peer->back(work, &work->dst);
}

static void work_make(const struct peer *peer, struct work *work)
{
	peer->make(work, &work->src);
	peer->make(work, &work->dst);
}

static void work_drop(const struct peer *peer, struct work *work)
{
	peer->drop(work, &work->src);
	peer->drop(work, &work->dst);
}

static void work_list(struct work *work, struct g2d_list *list)
{
	struct g2d_image src = image_of(work->src.handle, work->src.mem, work->w, work->h);
	struct g2d_image dst = image_of(work->dst.handle, work->dst.mem, work->w, work->h);

	g2d_copy(list, &src, g2d_whole(&src), &dst, 0, 0);
}

static void work_job(const struct peer *peer, struct work *work, const struct g2d_list *list)
{
	if (peer->before)
		peer->before(work);
	run_list(work->fd, list);
	if (peer->after)
		peer->after(work);
}

static void work_check(const struct peer *peer, struct work *work)
{
	if (work->src.mem && work->dst.mem && memcmp(work->src.mem, work->dst.mem, work->src.bytes))
		fail("%s: the copy is wrong", peer->name);
}

/* Memory is made known, used by one job and forgotten. */
static void oneshot(const struct peer *peer, const struct size *size)
{
	unsigned int num = bench.quick ? 2 : size->oneshots, i, k;
	struct samples s = { };

	for (k = 0; k < num_loops(size); k++) {
		/* A file each time: what it remembers is not for the next loop. */
		int fd = drm_open();
		struct work work[32];
		struct g2d_list list;
		double total;

		for (i = 0; i < num; i++)
			work_back(peer, &work[i], size, peer->drop == drop_file ? drm_open() : fd);
		if (!k && work[0].src.mem)
			report_value(peer->name, size->name, "pieces", "count",
				     memory_pieces(work[0].src.mem, work[0].src.bytes));
		watch_start();
		for (i = 0; i < num; i++) {
			work_make(peer, &work[i]);
			work_list(&work[i], &list);
			work_job(peer, &work[i], &list);
			if (!k && !i) {
				work_check(peer, &work[i]);
				watch_start();
			}
			work_drop(peer, &work[i]);
		}
		total = watch_settled();
		if (k >= bench.dropped)
			add(&s, total / num);
		for (i = 0; i < num; i++) {
			peer->unback(&work[i].src);
			peer->unback(&work[i].dst);
		}
		close(fd);
	}
	report(peer->name, size->name, "oneshot", "instructions", &s);
}

/* Where a one-shot's instructions go. */
static void oneshot_steps(const struct size *size)
{
	static const char *const names[] = { "make", "set-cmdlist", "exec", "close" };
	struct samples s[ARRAY_SIZE(names)] = { };
	unsigned int i, k;

	for (k = 0; k < num_loops(size); k++) {
		struct work work;
		struct g2d_list list;
		double spent[ARRAY_SIZE(names)];

		work_back(&by_userptr, &work, size, bench.fd);
		watch_start();
		work_make(&by_userptr, &work);
		spent[0] = watch_lap();
		work_list(&work, &list);
		watch_start();
		MUST(g2d_queue(work.fd, &list));
		spent[1] = watch_lap();
		MUST(g2d_exec(work.fd, false));
		spent[2] = watch_settled();
		work_drop(&by_userptr, &work);
		spent[3] = watch_settled();
		for (i = 0; i < ARRAY_SIZE(names) && k >= bench.dropped; i++)
			add(&s[i], spent[i]);
		unback_memory(&work.src);
		unback_memory(&work.dst);
	}
	for (i = 0; i < ARRAY_SIZE(names); i++)
		report("userptr", size->name, names[i], "instructions", &s[i]);
}

static double floor_one(int floor, struct surface *s, bool stamps, double spent[])
{
	struct exynos_floor_run run = {
		.addr = (uintptr_t)s->mem, .size = s->bytes, .write = s->written, .stamps = stamps,
	};
	unsigned int i;
	double total;

	watch_start();
	MUST(ioctl(floor, EXYNOS_FLOOR_RUN, &run));
	total = watch_lap();
	/* The program's clock and the kernel's are the same. */
	for (i = 0; stamps && i < EXYNOS_FLOOR_STEPS; i++)
		spent[i] = run.ns[i];
	return total;
}

static void oneshot_floor(const struct size *size)
{
	static const char *const names[] = {
		"alloc", "pin", "sg", "map", "clean", "invalidate", "unmap", "unpin",
	};
	unsigned int pages = ((size_t)size->w * size->h * 4 + PAGE - 1) / PAGE, i, k;
	struct samples s = { }, step[EXYNOS_FLOOR_STEPS] = { };
	int floor = open("/dev/exynos-floor", O_RDWR | O_CLOEXEC);

	if (floor < 0)
		fail("this kernel has no /dev/exynos-floor");
	for (k = 0; k < num_loops(size); k++) {
		double spent[EXYNOS_FLOOR_STEPS], total;
		struct work work;

		work_back(&by_userptr, &work, size, bench.fd);
		total = floor_one(floor, &work.src, false, NULL);
		total += floor_one(floor, &work.dst, false, NULL);
		unback_memory(&work.src);
		unback_memory(&work.dst);
		/* Other memory: the first look-up of a page costs more than the second. */
		work_back(&by_userptr, &work, size, bench.fd);
		floor_one(floor, &work.dst, true, spent);
		unback_memory(&work.src);
		unback_memory(&work.dst);
		if (k < bench.dropped)
			continue;
		add(&s, total);
		for (i = 0; i < EXYNOS_FLOOR_STEPS; i++)
			add(&step[i], ns_to_instructions(spent[i]) / pages);
	}
	report("floor", size->name, "oneshot", "instructions", &s);
	for (i = 0; i < EXYNOS_FLOOR_STEPS; i++)
		report("floor", size->name, names[i], "instructions/page", &step[i]);
	close(floor);
}

void case_oneshot(void)
{
	static const struct peer *const peers[] = {
		&by_userptr, &by_userptr_freed, &by_address, &by_address_closed, &by_memcpy,
		&by_udmabuf, &by_udmabuf_sync,
	};
	unsigned int i, k;

	for (i = 0; i < num_sizes(); i++) {
		for (k = 0; k < ARRAY_SIZE(peers); k++) {
			if (peers[k]->userptr && !bench.has_userptr)
				continue;
			/* Teardown is in the close, or it would be another one's. */
			parameter("userptr_cache", peers[k] == &by_userptr ? 0 : 32);
			oneshot(peers[k], &sizes[i]);
		}
		parameter("userptr_cache", 0);
		if (bench.has_userptr)
			oneshot_steps(&sizes[i]);
		parameter("userptr_cache", 32);
		oneshot_floor(&sizes[i]);
	}
}

/* The same memory again and again; if REVIVE, forgotten and made known each time. */
static void warm(const struct peer *peer, const struct size *size, bool revive)
{
	unsigned int num = bench.quick ? 2 : size->jobs, i, k;
	struct samples s = { };
	struct g2d_list list;
	struct work work;
	int fd = drm_open();

	work_back(peer, &work, size, fd);
	work_make(peer, &work);
	work_list(&work, &list);
	for (k = 0; k < num_loops(size); k++) {
		double total;

		watch_start();
		for (i = 0; i < num; i++) {
			if (revive) {
				work_drop(peer, &work);
				work_make(peer, &work);
				work_list(&work, &list);
			}
			work_job(peer, &work, &list);
		}
		total = watch_settled();
		if (k >= bench.dropped)
			add(&s, total / num);
	}
	work_check(peer, &work);
	report(revive ? "revive" : peer->name, size->name, "job", "instructions", &s);
	work_drop(peer, &work);
	peer->unback(&work.src);
	peer->unback(&work.dst);
	close(fd);
}

void case_warm(void)
{
	static const struct peer *const peers[] = {
		&by_gem, &by_userptr, &by_address, &by_memcpy, &by_udmabuf, &by_udmabuf_sync,
	};
	unsigned int i, k;

	for (i = 0; i < num_sizes(); i++) {
		for (k = 0; k < ARRAY_SIZE(peers); k++)
			if (!peers[k]->userptr || bench.has_userptr)
				warm(peers[k], &sizes[i], false);
		if (bench.has_userptr)
			warm(&by_userptr, &sizes[i], true);
	}
}
