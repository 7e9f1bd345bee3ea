// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "drm_mode.h"
#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_sys.h"
#include "igt_exynos_task.h"

/**
 * TEST: exynos fuzz
 * Description: Random ioctls beside random changes of the address space.  The arguments
 *		follow from the seed, EXYNOS_FUZZ_SEED, which is printed;
 *		EXYNOS_FUZZ_COUNT is how many calls are made.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Memory management tests
 * Functionality: userptr
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: fuzz-destination
 * Description: Random lists change nothing outside of their destination rectangle, and
 *		nothing at all if they are rejected.
 *
 * SUBTEST: fuzz-ioctls
 * Description: Threads of two processes call all ioctls with arguments of any kind and
 *		change their mappings; everything is given back afterwards.
 */

IGT_TEST_DESCRIPTION("Random ioctls and address-space changes.");

#define PAGE		4096u

/* Calls, unless EXYNOS_FUZZ_COUNT has another number. */
#define COUNT		2500

static unsigned int setting(const char *name, unsigned int otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoul(text, NULL, 0) : otherwise;
}

/**
 * struct dice - random numbers
 * @seed: whose; each thread has its own, whatever the others draw
 * @drawn: how many
 */
struct dice {
	uint32_t seed, drawn;
};

static uint32_t draw(struct dice *d)
{
	return exynos_word(d->seed, d->drawn++);
}

/* 0 ... @num - 1 */
static uint32_t below(struct dice *d, uint32_t num)
{
	return (uint64_t)draw(d) * num >> 32;
}

static bool one_in(struct dice *d, uint32_t num)
{
	return !below(d, num);
}

/*
 * None of these is an address at which this program has anything: what is mapped lies
 * well below 0x80000000 or well above it.
 */
static uint32_t boundary(struct dice *d)
{
	static const uint32_t values[] = {
		0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 255, 256, 4095, 4096, 4097, 0x7fff, 0x8000,
		0xffff, 7999, 8000, 8001, 0x7fffffff, 0x80000000, 0x80000001, 0xc0000000,
		0xfffff000, 0xfffff001, 0xffff0000, 0xfffffffe, 0xffffffff,
	};

	return values[below(d, ARRAY_SIZE(values))];
}

/* Lists. */

#define SRC_PLANE2	0x318
#define DST_PLANE2	0x418
#define PAT_BASE	0x500
#define PAT_COLOR_MODE	0x508
#define MASK_BASE	0x520
#define CLIP_LEFT_TOP	0x600
#define CLIP_RIGHT_BOTTOM 0x604
#define THIRD_OPERAND	0x610
#define COLOUR_KEYS	0x710
#define GAMMA_LAST	0x880

static const uint16_t registers[] = {
	G2D_BITBLT_COMMAND, G2D_BLEND_FUNCTION, G2D_ROUND_MODE, G2D_ROTATE, G2D_SRC_MASK_DIRECT,
	G2D_DST_PAT_DIRECT, G2D_SRC_SELECT, G2D_SRC_STRIDE, G2D_SRC_COLOR_MODE,
	G2D_SRC_LEFT_TOP, G2D_SRC_RIGHT_BOTTOM, G2D_SRC_REPEAT_MODE, 0x320, G2D_SRC_SCALE_CTRL,
	G2D_SRC_XSCALE, G2D_SRC_YSCALE, G2D_DST_SELECT, G2D_DST_STRIDE, G2D_DST_COLOR_MODE,
	G2D_DST_LEFT_TOP, G2D_DST_RIGHT_BOTTOM, 0x41c, 0x504, PAT_COLOR_MODE, 0x50c,
	0x510, 0x524, 0x528, 0x52c, 0x530, 0x534, 0x53c, 0x540, 0x544, CLIP_LEFT_TOP,
	CLIP_RIGHT_BOTTOM, THIRD_OPERAND, G2D_ROP4, G2D_ALPHA, G2D_FG_COLOR, G2D_BG_COLOR, 0x708,
	G2D_SF_COLOR, COLOUR_KEYS,
};

static const uint16_t base_registers[] = {
	G2D_SRC_BASE, SRC_PLANE2, G2D_DST_BASE, DST_PLANE2, PAT_BASE, MASK_BASE,
};

static const enum g2d_format formats[] = {
	G2D_ARGB8888, G2D_XRGB8888, G2D_RGB565, G2D_RGB888, G2D_A8, G2D_L8,
};

/* Shapes an image that fits into @size bytes from an address that is @misalign beyond a word. */
static struct g2d_image some_image(struct dice *d, uint32_t handle, size_t size,
				   unsigned int misalign)
{
	struct g2d_image i = { .handle = handle, .format = formats[below(d, ARRAY_SIZE(formats))] };
	unsigned int bpp;

	if (misalign % 2)
		i.format = G2D_A8;
	else if (misalign)
		i.format = G2D_RGB565;
	bpp = g2d_bytes_per_pixel(i.format);
	i.width = 1 + below(d, 100);
	i.stride = i.width * bpp + (one_in(d, 2) ? below(d, 64) : 0);
	i.height = i.stride <= size ? size / i.stride : 1;
	if (i.height > 64)
		i.height = 64;
	return i;
}

static struct g2d_rect some_rect(struct dice *d, const struct g2d_image *i)
{
	struct g2d_rect r = { .x = below(d, i->width), .y = below(d, i->height) };

	r.w = 1 + below(d, i->width - r.x);
	r.h = 1 + below(d, i->height - r.y);
	return r;
}

/* A blit from one image to the other, as it should be. */
static void some_blit(struct dice *d, struct g2d_list *list, const struct g2d_image *src,
		      const struct g2d_image *dst)
{
	struct g2d_rect from = some_rect(d, src), to = some_rect(d, dst);

	if (one_in(d, 3)) {
		g2d_fill(list, dst, to, draw(d));
	} else if (one_in(d, 3)) {
		g2d_scale(list, src, from, dst, to, one_in(d, 2) ? G2D_NEAREST : G2D_BILINEAR);
	} else {
		/* Where the engine leaves off reading is its own matter. */
		to.w = from.w = to.w < from.w ? to.w : from.w;
		to.h = from.h = to.h < from.h ? to.h : from.h;
		if (one_in(d, 3))
			g2d_blend(list, src, from, dst, to.x, to.y);
		else
			g2d_copy(list, src, from, dst, to.x, to.y);
	}
	if (one_in(d, 3)) {
		g2d_reg(list, G2D_BITBLT_COMMAND,
			list->cmd[list->num_cmd - 1].offset == G2D_BITBLT_COMMAND ?
			list->cmd[list->num_cmd - 1].data | G2D_CMD_CLIP : G2D_CMD_CLIP);
		g2d_reg(list, CLIP_LEFT_TOP, below(d, 64) | below(d, 64) << 16);
		g2d_reg(list, CLIP_RIGHT_BOTTOM, below(d, 128) | below(d, 128) << 16);
	}
}

static uint32_t some_value(struct dice *d, uint32_t reg)
{
	switch (below(d, 4)) {
	case 0:
		return boundary(d);
	case 1:
		return draw(d);
	case 2:
		return below(d, 64) | below(d, 64) << 16;
	default:
		/* Modes and formats have few bits. */
		return reg == G2D_BITBLT_COMMAND ? draw(d) : below(d, 16);
	}
}

/*
 * What this is about is memory.  Values that the model of the engine has no picture
 * for are replaced: it would complain.
 */
static uint32_t tame(uint32_t reg, uint32_t value)
{
	switch (reg) {
	case G2D_BITBLT_COMMAND:
		/* After a reset a blend would be one that only WinCE knows. */
		return value & (G2D_CMD_SOLID_FILL | G2D_CMD_CLIP);
	case G2D_SRC_SELECT:
	case G2D_DST_SELECT:
		return (value & 3) == 3 ? value - 1 : value;
	case THIRD_OPERAND:
		return value & 0x11;
	case G2D_SRC_COLOR_MODE:
	case G2D_DST_COLOR_MODE:
	case PAT_COLOR_MODE:
		/* YCbCr */
		return (value & 15) >= 8 && (value & 15) <= 10 ? value & ~8 : value;
	case G2D_BLEND_FUNCTION:
		return G2D_BLEND(value & 2, value & 2);
	case G2D_ROUND_MODE:
	case COLOUR_KEYS ... GAMMA_LAST:
		return 0;
	default:
		return value;
	}
}

/* Some of what it should not be. */
static void spoil(struct dice *d, struct g2d_list *list)
{
	unsigned int num = below(d, 4);
	struct drm_exynos_g2d_cmd *c;
	uint32_t reg;

	while (num--) {
		reg = registers[below(d, ARRAY_SIZE(registers))];
		if (one_in(d, 16))
			reg = one_in(d, 2) ? draw(d) : draw(d) & 0xffc;
		c = &list->cmd[below(d, list->num_cmd)];
		if (one_in(d, 3))
			c->data = tame(c->offset, some_value(d, c->offset));
		else
			g2d_reg(list, reg, tame(reg, some_value(d, reg)));
	}
}

/* What a list has written to a register last, as the engine sees it. */
static uint32_t last_value(const struct g2d_list *list, uint32_t reg)
{
	uint32_t value = 0;
	unsigned int i;

	for (i = 0; i < list->num_cmd; i++)
		if (list->cmd[i].offset == reg)
			value = list->cmd[i].data;
	return value;
}

/* Which bytes a list may write. */

#define SPACE	(16 * PAGE)

/**
 * struct canaries - memory with a destination somewhere in it
 * @map: the memory
 * @size: of it
 * @shadow: what has to be in it
 * @may: whether the list may have changed a byte
 */
struct canaries {
	uint8_t *map;
	size_t size;
	uint8_t shadow[SPACE];
	bool may[SPACE];
};

static uint32_t low(uint32_t point)
{
	return point & 0xffff;
}

static uint32_t high(uint32_t point)
{
	return point >> 16;
}

/* From what the manual says of the formats. */
static void mark_destination(struct canaries *c, const struct g2d_list *list, size_t first)
{
	static const uint8_t bytes[16] = { 4, 4, 2, 2, 2, 2, 2, 3, 0, 0, 0, 1, 1 };
	uint32_t lt = last_value(list, G2D_DST_LEFT_TOP), rb = last_value(list, G2D_DST_RIGHT_BOTTOM);
	uint32_t left = low(lt), right = low(rb), top = high(lt), bottom = high(rb);
	uint32_t mode = last_value(list, G2D_DST_COLOR_MODE), clip, y;
	unsigned int bpp = bytes[mode & 15];
	size_t stride = last_value(list, G2D_DST_STRIDE), at, end;

	memset(c->may, 0, sizeof(c->may));
	if (last_value(list, G2D_BITBLT_COMMAND) & G2D_CMD_CLIP) {
		clip = last_value(list, CLIP_LEFT_TOP);
		left = left > low(clip) ? left : low(clip);
		top = top > high(clip) ? top : high(clip);
		clip = last_value(list, CLIP_RIGHT_BOTTOM);
		right = right < low(clip) ? right : low(clip);
		bottom = bottom < high(clip) ? bottom : high(clip);
	}
	if (right <= left || bottom <= top)
		return;
	igt_assert_f(bpp, "a destination of format %#x was accepted\n", mode);
	for (y = top; y < bottom; y++) {
		at = first + y * stride + left * bpp;
		end = at + (right - left) * bpp;
		igt_assert_f(end <= c->size, "a row that ends at %zu of %zu was accepted\n", end,
			     c->size);
		memset(c->may + at, true, end - at);
	}
}

static void check_canaries(struct canaries *c, unsigned int round)
{
	size_t i;

	if (!memcmp(c->map, c->shadow, c->size))
		return;
	for (i = 0; i < c->size; i++)
		igt_assert_f(c->may[i] || c->map[i] == c->shadow[i],
			     "blit %u: byte %zu is %#x, not %#x\n", round, i, c->map[i],
			     c->shadow[i]);
	memcpy(c->shadow, c->map, c->size);
}

/* Changes of the mapping that leave what is in it, or are known to take it away. */
static void disturb(struct dice *d, struct canaries *c)
{
	size_t pages = c->size / PAGE, page = below(d, pages), num = 1 + below(d, pages - page);
	uint8_t *ptr = c->map + page * PAGE, *moved;
	size_t size = num * PAGE;
	pid_t child;

	switch (below(d, 10)) {
	case 0:
		igt_assert_eq(mprotect(ptr, size, PROT_NONE), 0);
		igt_assert_eq(mprotect(ptr, size, PROT_READ | PROT_WRITE), 0);
		break;
	case 1:
		igt_assert_eq(munlock(ptr, size), 0);
		igt_assert_eq(madvise(ptr, size, MADV_DONTNEED), 0);
		memset(c->shadow + page * PAGE, 0, size);
		break;
	case 2:
		moved = mmap(ptr, size, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		igt_assert(moved == ptr);
		memset(c->shadow + page * PAGE, 0, size);
		break;
	case 3:
		moved = exynos_mmap(PAGE);
		igt_assert(mremap(ptr, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, moved) == moved);
		igt_assert(mremap(moved, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, ptr) == ptr);
		break;
	case 4:
		/* The child dies while the pages are shared, or after we have a copy. */
		child = fork();
		igt_assert_lte(0, child);
		if (!child)
			_exit(0);
		if (one_in(d, 2))
			c->map[page * PAGE] = ++c->shadow[page * PAGE];
		igt_assert_eq(waitpid(child, NULL, 0), child);
		break;
	case 5:
		igt_assert_eq(mlock(ptr, size), 0);
		if (one_in(d, 2))
			igt_assert_eq(munlock(c->map, c->size), 0);
		break;
	case 6:
		madvise(ptr, size, MADV_PAGEOUT);
		break;
	default:
		memset(ptr, draw(d), size);
		memset(c->shadow + page * PAGE, ptr[0], size);
	}
}

static void destination(struct exynos *e)
{
	static struct canaries c;
	const unsigned int rounds = setting("EXYNOS_FUZZ_COUNT", COUNT) / 20;
	struct dice d = { .seed = setting("EXYNOS_FUZZ_SEED", 1) };
	unsigned int round, ok = 0, rejected = 0;
	struct g2d_image src, dst;
	struct g2d_list list;
	size_t first, size, src_size;
	uint8_t *pixels;
	int ret;

	igt_info("EXYNOS_FUZZ_SEED=%u\n", d.seed);
	c.size = e->board.has_iommu ? SPACE : PAGE;
	c.map = exynos_mmap(c.size);
	src_size = c.size / 2;
	pixels = exynos_mmap(src_size);
	exynos_fill_words(pixels, src_size, d.seed);
	memset(c.shadow, 0, sizeof(c.shadow));

	for (round = 0; round < rounds; round++) {
		first = below(&d, c.size - 64);
		if (one_in(&d, 2))
			first &= ~3;
		size = 1 + below(&d, c.size - first);
		src = some_image(&d, exynos_userptr(e, pixels, src_size, EXYNOS_USERPTR_READONLY),
				 src_size, 0);
		dst = some_image(&d, exynos_userptr(e, c.map + first, size, 0), size, first % 4);
		some_blit(&d, &list, &src, &dst);
		spoil(&d, &list);
		if (one_in(&d, 4))
			disturb(&d, &c);
		memset(c.may, 0, sizeof(c.may));
		ret = exynos_try(e, &list);
		if (!ret) {
			mark_destination(&c, &list, first);
			ok++;
		} else {
			igt_assert_f(ret == -EINVAL || ret == -EFAULT || ret == -EACCES,
				     "blit %u failed with %d\n", round, ret);
			rejected++;
		}
		check_canaries(&c, round);
		exynos_close(e, src.handle);
		exynos_close(e, dst.handle);
	}
	igt_info("%u blits, %u rejected\n", ok, rejected);
	/* Fewer would not show much. */
	igt_assert_lt(rounds / 4, ok);
	igt_assert_lt(rounds / 20, rejected);
	exynos_check_words(pixels, src_size, d.seed);
	munmap(c.map, c.size);
	munmap(pixels, src_size);
}

/* Everything at once. */

#define FILES		3
#define HANDLES		12
#define PRIMES		4
#define THREADS		3
#define PROCESSES	2
#define USER		1000
#define MIB		(1u << 20)

/* Pages that are mapped, unmapped and remapped; none beside them ever is. */
#define ARENA		64u
#define MARGIN		(30 * MIB)

/**
 * struct object - a handle, as far as the threads agree on what it is
 * @handle: 0 if there is none
 * @size: of the object, in bytes
 * @misalign: of its first byte
 */
struct object {
	uint32_t handle;
	uint32_t size;
	uint32_t misalign;
};

/**
 * struct process - what the threads of a process share
 * @fd: files of the device: the first one for modesetting, too
 * @file: memory for shared mappings
 * @zero: what is read into pages
 * @arena: the pages
 * @object: of each file
 * @prime: file descriptors of dma-bufs, 0 if there is none; who uses one takes it out
 * @canary: pages that no list may write
 * @worker: the threads
 */
struct process {
	int fd[FILES], file, zero;
	uint8_t *arena;
	struct object object[FILES][HANDLES];
	int prime[PRIMES];
	uint8_t *canary;
	struct worker *worker;
};

/**
 * struct worker - a thread
 * @p: its process
 * @dice: its random numbers
 * @thread: the thread
 * @calls: how many it makes
 * @good: of each ioctl and each change of the address space, how many succeeded
 * @bad: and how many failed
 * @contiguous: only what lies in one page can be used
 */
struct worker {
	struct process *p;
	struct dice dice;
	pthread_t thread;
	unsigned int calls;
	unsigned int *good, *bad;
	bool contiguous;
};

/**
 * struct request - the argument of an ioctl, and what it points to
 * @words: any of them
 * @list: for SET_CMDLIST
 * @buf: its buffers
 * @data: for what else takes a pointer
 * @file: which one it is called on
 * @slot: of the process's objects, for what is returned
 * @slot_of_prime: the same of its file descriptors
 * @at_once: run a list as soon as it is queued
 * @async: without waiting for it
 * @imported: file descriptor that this request has taken out of the process's
 */
struct request {
	union {
		struct drm_exynos_gem_create create;
		struct drm_exynos_gem_map map;
		struct drm_exynos_gem_info info;
		struct drm_exynos_gem_userptr userptr;
		struct drm_exynos_get_param param;
		struct drm_exynos_user_limit limit;
		struct drm_exynos_vidi_connection vidi;
		struct drm_exynos_g2d_get_ver version;
		struct drm_exynos_g2d_set_cmdlist cmdlist;
		struct drm_exynos_g2d_exec exec;
		struct drm_exynos_ioctl_ipp_get_res res;
		struct drm_exynos_ioctl_ipp_get_caps caps;
		struct drm_exynos_ioctl_ipp_get_limits limits;
		struct drm_exynos_ioctl_ipp_commit commit;
		struct drm_gem_close close;
		struct drm_gem_flink flink;
		struct drm_gem_open open;
		struct drm_prime_handle prime;
		struct drm_mode_create_dumb dumb;
		struct drm_mode_map_dumb map_dumb;
		struct drm_mode_destroy_dumb destroy_dumb;
		uint32_t words[32];
	};
	struct g2d_list list;
	struct drm_exynos_g2d_cmd buf[8];
	uint32_t data[256];
	unsigned int file, slot, slot_of_prime;
	bool at_once, async;
	int imported;
};

/* One that there is, if there is any. */
static struct object *some_object(struct worker *w, unsigned int file)
{
	struct object *objects = w->p->object[file];
	unsigned int i, first = below(&w->dice, HANDLES);

	for (i = 0; i < HANDLES; i++)
		if (objects[(first + i) % HANDLES].handle)
			return &objects[(first + i) % HANDLES];
	return &objects[first];
}

static uint32_t some_handle(struct worker *w, struct request *r)
{
	uint32_t handle = some_object(w, r->file)->handle;

	return one_in(&w->dice, 16) ? below(&w->dice, 2 * HANDLES) : handle;
}

/* Bytes of the arena, rarely some of what is beside it. */
static void some_range(struct worker *w, uintptr_t *ptr, size_t *size)
{
	size_t first = below(&w->dice, ARENA * PAGE), most = ARENA * PAGE - first;

	if (one_in(&w->dice, 2))
		first &= ~3u;
	if (w->contiguous)
		most = PAGE - first % PAGE;
	else if (most > 8 * PAGE && !one_in(&w->dice, 16))
		most = 8 * PAGE;
	*ptr = (uintptr_t)w->p->arena + first;
	*size = 1 + below(&w->dice, most);
	if (one_in(&w->dice, 24))
		*size += ARENA * PAGE;
	if (one_in(&w->dice, 24))
		*ptr = boundary(&w->dice);
	if (one_in(&w->dice, 24))
		*size = boundary(&w->dice);
}

static void ask_create(struct worker *w, struct request *r)
{
	r->create.size = 1 + below(&w->dice, 8 * PAGE);
	r->create.flags = w->contiguous ? EXYNOS_BO_CONTIG : below(&w->dice, 8);
	if (one_in(&w->dice, 16))
		r->create.flags = boundary(&w->dice);
}

static void ask_map(struct worker *w, struct request *r)
{
	r->map.handle = some_handle(w, r);
}

static void ask_info(struct worker *w, struct request *r)
{
	r->info.handle = some_handle(w, r);
}

static void ask_userptr(struct worker *w, struct request *r)
{
	uintptr_t ptr;
	size_t size;

	some_range(w, &ptr, &size);
	r->userptr.userptr = ptr;
	r->userptr.size = size;
	/* Programs of 32 bits may extend the sign. */
	if (one_in(&w->dice, 8))
		r->userptr.userptr |= ~0ull << 32;
	if (one_in(&w->dice, 6))
		r->userptr.flags = one_in(&w->dice, 2) ? EXYNOS_USERPTR_READONLY :
				   below(&w->dice, 64);
	/* The canary is writable, but its object is not. */
	if (one_in(&w->dice, 16)) {
		r->userptr.userptr = (uintptr_t)w->p->canary;
		r->userptr.size = PAGE;
		r->userptr.flags |= EXYNOS_USERPTR_READONLY;
	}
}

static void ask_param(struct worker *w, struct request *r)
{
	r->param.param = below(&w->dice, 10);
}

static void ask_limit(struct worker *w, struct request *r)
{
	r->limit.userptr_limit = one_in(&w->dice, 4) ? boundary(&w->dice) :
				 (2 + below(&w->dice, 15)) * MIB;
}

/* What only works with the file for modesetting, for the most part. */
static void on_primary(struct worker *w, struct request *r)
{
	if (!one_in(&w->dice, 8))
		r->file = 0;
}

static void ask_vidi(struct worker *w, struct request *r)
{
	static const uint8_t edid[20] = {
		0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, [18] = 1, [19] = 3,
	};
	uint8_t *data = memcpy(r->data, edid, sizeof(edid));

	/* All bytes of a block are zero in sum. */
	data[127] = 2;
	on_primary(w, r);
	r->vidi.connection = below(&w->dice, 2);
	r->vidi.extensions = one_in(&w->dice, 4);
	r->vidi.edid = (uintptr_t)r->data;
}

static void ask_version(struct worker *w, struct request *r)
{
	(void)w;
	(void)r;
}

static void pass_buffer(struct worker *w, struct g2d_image *image)
{
	uintptr_t ptr;
	size_t size;

	if (!one_in(&w->dice, 5))
		return;
	some_range(w, &ptr, &size);
	*image = some_image(&w->dice, 0, size, ptr % 4);
	image->user.userptr = ptr;
	image->user.size = size;
}

static void ask_cmdlist(struct worker *w, struct request *r)
{
	struct object src = *some_object(w, r->file), dst = *some_object(w, r->file);
	struct g2d_image from = some_image(&w->dice, src.handle, src.size, src.misalign);
	struct g2d_image to = some_image(&w->dice, dst.handle, dst.size, dst.misalign);
	unsigned int i;

	pass_buffer(w, &from);
	pass_buffer(w, &to);
	some_blit(&w->dice, &r->list, &from, &to);
	if (one_in(&w->dice, 6))
		spoil(&w->dice, &r->list);
	if (one_in(&w->dice, 8)) {
		i = r->list.num_buf++;
		r->list.buf[i].offset = base_registers[below(&w->dice, ARRAY_SIZE(base_registers))];
		r->list.buf[i].data = some_handle(w, r);
	}
	for (i = 0; i < r->list.num_buf; i++) {
		r->buf[i] = r->list.buf[i];
		if (r->buf[i].offset & G2D_BUF_USERPTR)
			r->buf[i].data = (uintptr_t)&r->list.user[i];
		if (one_in(&w->dice, 32))
			r->buf[i].data = boundary(&w->dice);
	}
	r->cmdlist.cmd = (uintptr_t)r->list.cmd;
	r->cmdlist.cmd_nr = r->list.num_cmd;
	r->cmdlist.cmd_buf = (uintptr_t)r->buf;
	r->cmdlist.cmd_buf_nr = r->list.num_buf;
	r->cmdlist.event_type = one_in(&w->dice, 4) ? G2D_EVENT_NONSTOP : G2D_EVENT_NOT;
	r->cmdlist.user_data = draw(&w->dice);
}

static void ask_exec(struct worker *w, struct request *r)
{
	r->exec.async = below(&w->dice, 2);
}

static void ask_ipp_res(struct worker *w, struct request *r)
{
	r->res.count_ipps = below(&w->dice, 4);
	r->res.ipp_id_ptr = (uintptr_t)r->data;
}

static void ask_ipp_caps(struct worker *w, struct request *r)
{
	r->caps.ipp_id = below(&w->dice, 4);
	r->caps.formats_count = below(&w->dice, 16);
	r->caps.formats_ptr = (uintptr_t)r->data;
}

static void ask_ipp_limits(struct worker *w, struct request *r)
{
	r->limits.ipp_id = below(&w->dice, 4);
	r->limits.fourcc = draw(&w->dice);
	r->limits.type = 1 + below(&w->dice, 2);
	r->limits.limits_count = below(&w->dice, 4);
	r->limits.limits_ptr = (uintptr_t)r->data;
}

static void ask_ipp_commit(struct worker *w, struct request *r)
{
	r->commit.ipp_id = below(&w->dice, 4);
	r->commit.flags = below(&w->dice, 8);
	r->commit.params_size = below(&w->dice, sizeof(r->data));
	r->commit.params_ptr = (uintptr_t)r->data;
}

static void ask_close(struct worker *w, struct request *r)
{
	r->close.handle = some_handle(w, r);
}

static void ask_flink(struct worker *w, struct request *r)
{
	on_primary(w, r);
	r->flink.handle = some_handle(w, r);
}

static void ask_open(struct worker *w, struct request *r)
{
	on_primary(w, r);
	r->open.name = 1 + below(&w->dice, 6);
}

static void ask_export(struct worker *w, struct request *r)
{
	r->prime.handle = some_handle(w, r);
	r->prime.flags = below(&w->dice, 2) ? DRM_RDWR | DRM_CLOEXEC : DRM_CLOEXEC;
}

static void ask_import(struct worker *w, struct request *r)
{
	r->prime.fd = __atomic_exchange_n(&w->p->prime[r->slot_of_prime], 0, __ATOMIC_RELAXED);
	r->imported = r->prime.fd;
}

static void ask_dumb(struct worker *w, struct request *r)
{
	on_primary(w, r);
	r->dumb.width = 1 + below(&w->dice, 64);
	r->dumb.height = 1 + below(&w->dice, 64);
	r->dumb.bpp = 8 << below(&w->dice, 3);
}

static void ask_map_dumb(struct worker *w, struct request *r)
{
	r->map_dumb.handle = some_handle(w, r);
}

static void ask_destroy_dumb(struct worker *w, struct request *r)
{
	r->destroy_dumb.handle = some_handle(w, r);
}

static void take_handle(struct worker *w, struct request *r, uint32_t handle, uint32_t size,
			uint32_t misalign)
{
	struct object *o = &w->p->object[r->file][r->slot];
	struct drm_gem_close req = {
		.handle = __atomic_exchange_n(&o->handle, handle, __ATOMIC_RELAXED),
	};

	o->size = size;
	o->misalign = misalign;
	if (req.handle)
		ioctl(w->p->fd[r->file], DRM_IOCTL_GEM_CLOSE, &req);
}

static void took_create(struct worker *w, struct request *r)
{
	take_handle(w, r, r->create.handle, ALIGN(r->create.size, PAGE), 0);
}

static void took_userptr(struct worker *w, struct request *r)
{
	take_handle(w, r, r->userptr.handle, r->userptr.size, r->userptr.userptr % 4);
}

/* Before anyone takes away what it needs. */
static void took_cmdlist(struct worker *w, struct request *r)
{
	struct drm_exynos_g2d_exec exec = { .async = r->async };

	if (r->at_once)
		ioctl(w->p->fd[r->file], DRM_IOCTL_EXYNOS_G2D_EXEC, &exec);
}

static void took_open(struct worker *w, struct request *r)
{
	take_handle(w, r, r->open.handle, r->open.size, 0);
}

static void took_dumb(struct worker *w, struct request *r)
{
	take_handle(w, r, r->dumb.handle, r->dumb.size, 0);
}

static void put_prime(struct worker *w, unsigned int slot, int fd)
{
	int old = __atomic_exchange_n(&w->p->prime[slot], fd, __ATOMIC_RELAXED);

	if (old > 0)
		close(old);
}

static void took_export(struct worker *w, struct request *r)
{
	put_prime(w, r->slot_of_prime, r->prime.fd);
}

static void took_import(struct worker *w, struct request *r)
{
	take_handle(w, r, r->prime.handle, 4 * PAGE, 0);
}

/**
 * struct call - an ioctl
 * @name: what it is called
 * @request: its number
 * @weight: how often, compared with the others
 * @ask: fill in an argument that makes sense, for the most part
 * @took: take what a successful one returns
 * @absent: the driver for it is not in each kernel
 */
struct call {
	const char *name;
	unsigned long request;
	unsigned int weight;
	void (*ask)(struct worker *w, struct request *r);
	void (*took)(struct worker *w, struct request *r);
	bool absent;
};

static const struct call calls[] = {
	{ .name = "GEM_CREATE", .request = DRM_IOCTL_EXYNOS_GEM_CREATE,
	  .weight = 6, .ask = ask_create, .took = took_create },
	{ .name = "GEM_MAP", .request = DRM_IOCTL_EXYNOS_GEM_MAP,
	  .weight = 2, .ask = ask_map },
	{ .name = "GEM_GET", .request = DRM_IOCTL_EXYNOS_GEM_GET,
	  .weight = 2, .ask = ask_info },
	{ .name = "GEM_USERPTR", .request = DRM_IOCTL_EXYNOS_GEM_USERPTR,
	  .weight = 12, .ask = ask_userptr, .took = took_userptr },
	{ .name = "GET_PARAM", .request = DRM_IOCTL_EXYNOS_GET_PARAM,
	  .weight = 2, .ask = ask_param },
	{ .name = "USER_LIMIT", .request = DRM_IOCTL_EXYNOS_USER_LIMIT,
	  .weight = 1, .ask = ask_limit },
	{ .name = "VIDI_CONNECTION", .request = DRM_IOCTL_EXYNOS_VIDI_CONNECTION,
	  .weight = 2, .ask = ask_vidi, .absent = true },
	{ .name = "G2D_GET_VER", .request = DRM_IOCTL_EXYNOS_G2D_GET_VER,
	  .weight = 1, .ask = ask_version },
	{ .name = "G2D_SET_CMDLIST", .request = DRM_IOCTL_EXYNOS_G2D_SET_CMDLIST,
	  .weight = 32, .ask = ask_cmdlist, .took = took_cmdlist },
	{ .name = "G2D_EXEC", .request = DRM_IOCTL_EXYNOS_G2D_EXEC,
	  .weight = 12, .ask = ask_exec },
	{ .name = "IPP_GET_RESOURCES", .request = DRM_IOCTL_EXYNOS_IPP_GET_RESOURCES,
	  .weight = 1, .ask = ask_ipp_res, .absent = true },
	{ .name = "IPP_GET_CAPS", .request = DRM_IOCTL_EXYNOS_IPP_GET_CAPS,
	  .weight = 1, .ask = ask_ipp_caps, .absent = true },
	{ .name = "IPP_GET_LIMITS", .request = DRM_IOCTL_EXYNOS_IPP_GET_LIMITS,
	  .weight = 1, .ask = ask_ipp_limits, .absent = true },
	{ .name = "IPP_COMMIT", .request = DRM_IOCTL_EXYNOS_IPP_COMMIT,
	  .weight = 1, .ask = ask_ipp_commit, .absent = true },
	{ .name = "GEM_CLOSE", .request = DRM_IOCTL_GEM_CLOSE,
	  .weight = 4, .ask = ask_close },
	{ .name = "GEM_FLINK", .request = DRM_IOCTL_GEM_FLINK,
	  .weight = 2, .ask = ask_flink },
	{ .name = "GEM_OPEN", .request = DRM_IOCTL_GEM_OPEN,
	  .weight = 2, .ask = ask_open, .took = took_open },
	{ .name = "PRIME_HANDLE_TO_FD", .request = DRM_IOCTL_PRIME_HANDLE_TO_FD,
	  .weight = 3, .ask = ask_export, .took = took_export },
	{ .name = "PRIME_FD_TO_HANDLE", .request = DRM_IOCTL_PRIME_FD_TO_HANDLE,
	  .weight = 3, .ask = ask_import, .took = took_import },
	{ .name = "MODE_CREATE_DUMB", .request = DRM_IOCTL_MODE_CREATE_DUMB,
	  .weight = 2, .ask = ask_dumb, .took = took_dumb },
	{ .name = "MODE_MAP_DUMB", .request = DRM_IOCTL_MODE_MAP_DUMB,
	  .weight = 1, .ask = ask_map_dumb },
	{ .name = "MODE_DESTROY_DUMB", .request = DRM_IOCTL_MODE_DESTROY_DUMB,
	  .weight = 1, .ask = ask_destroy_dumb },
};

/*
 * What the driver would grant although it takes all memory of the board, which is
 * for others to test.
 */
static void contain(const struct call *c, struct request *r)
{
	if (c->ask == ask_create && r->create.size > MIB && r->create.size >> 32 == 0)
		r->create.size %= 16 * PAGE;
	if (c->ask == ask_dumb && (uint64_t)r->dumb.width * r->dumb.height > MIB / 4) {
		r->dumb.width %= 256;
		r->dumb.height %= 256;
	}
}

static int make_call(struct worker *w, const struct call *c)
{
	unsigned long request = c->request;
	struct request r = {
		.file = below(&w->dice, FILES),
		.slot = below(&w->dice, HANDLES),
		.slot_of_prime = below(&w->dice, PRIMES),
		.at_once = one_in(&w->dice, 2),
		.async = one_in(&w->dice, 2),
	};
	size_t size = _IOC_SIZE(request);
	void *arg = r.words;
	int ret;

	c->ask(w, &r);
	if (one_in(&w->dice, 16))
		r.words[below(&w->dice, size / 4)] = boundary(&w->dice);
	contain(c, &r);
	/* Programs may be older or newer than the kernel. */
	if (one_in(&w->dice, 32)) {
		size = below(&w->dice, sizeof(r.words));
		if (size >= _IOC_SIZE(request) || !c->took)
			request = _IOC(_IOC_DIR(request), _IOC_TYPE(request), _IOC_NR(request), size);
	}
	if (one_in(&w->dice, 64))
		arg = (void *)(uintptr_t)(one_in(&w->dice, 2) ? 0 : 0xffff0000);
	ret = ioctl(w->p->fd[r.file], request, arg);
	if (!ret && arg && c->took)
		c->took(w, &r);
	if (r.imported > 0)
		put_prime(w, r.slot_of_prime, r.imported);
	return ret;
}

/* Changes of the address space. */

/* Whole pages of the arena. */
static void *some_pages(struct worker *w, size_t *size)
{
	unsigned int first = below(&w->dice, ARENA), most = ARENA - first;

	if (most > 8 && !one_in(&w->dice, 16))
		most = 8;
	*size = (1 + below(&w->dice, most)) * PAGE;
	return w->p->arena + first * PAGE;
}

static int some_protection(struct worker *w)
{
	static const int protections[] = {
		PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE,
		PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE | PROT_EXEC,
	};

	return protections[below(&w->dice, ARRAY_SIZE(protections))];
}

static int map_fixed(void *ptr, size_t size, int prot, int flags, int fd, uint64_t offset)
{
	return mmap64(ptr, size, prot, flags | MAP_FIXED, fd, offset) == MAP_FAILED ? -1 : 0;
}

static int change_unmap(struct worker *w)
{
	size_t size;
	void *ptr = some_pages(w, &size);

	return munmap(ptr, size);
}

static int change_map(struct worker *w)
{
	size_t size;
	void *ptr = some_pages(w, &size);

	return map_fixed(ptr, size, one_in(&w->dice, 8) ? PROT_READ : PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int change_map_file(struct worker *w)
{
	size_t size;
	void *ptr = some_pages(w, &size);

	return map_fixed(ptr, size, one_in(&w->dice, 8) ? PROT_READ : PROT_READ | PROT_WRITE,
			 one_in(&w->dice, 3) ? MAP_PRIVATE : MAP_SHARED, w->p->file,
			 below(&w->dice, ARENA) * PAGE);
}

static int change_map_object(struct worker *w)
{
	unsigned int file = below(&w->dice, FILES);
	struct drm_exynos_gem_map map = { .handle = some_object(w, file)->handle };
	size_t size;
	void *ptr = some_pages(w, &size);

	if (ioctl(w->p->fd[file], DRM_IOCTL_EXYNOS_GEM_MAP, &map))
		return -1;
	return map_fixed(ptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, w->p->fd[file], map.offset);
}

static int change_map_prime(struct worker *w)
{
	unsigned int slot = below(&w->dice, PRIMES);
	int fd = __atomic_exchange_n(&w->p->prime[slot], 0, __ATOMIC_RELAXED), ret;
	size_t size;
	void *ptr = some_pages(w, &size);

	if (fd <= 0)
		return -1;
	ret = map_fixed(ptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	put_prime(w, slot, fd);
	return ret;
}

static int change_protect(struct worker *w)
{
	size_t size;
	void *ptr = some_pages(w, &size);

	return mprotect(ptr, size, some_protection(w));
}

static int change_move(struct worker *w)
{
	size_t size, other;
	void *from = some_pages(w, &size), *to = some_pages(w, &other);
	int flags = MREMAP_MAYMOVE | MREMAP_FIXED;

	if (other > size || one_in(&w->dice, 2))
		other = size;
	if ((uint8_t *)to + other > w->p->arena + ARENA * PAGE)
		return -1;
	/* Which leaves no hole. */
	if (!one_in(&w->dice, 4) && other == size)
		flags |= MREMAP_DONTUNMAP;
	return mremap(from, size, other, flags, to) == MAP_FAILED ? -1 : 0;
}

static int change_advise(struct worker *w)
{
	static const int advices[] = {
		MADV_DONTNEED, MADV_DONTNEED, MADV_FREE, MADV_PAGEOUT, MADV_COLD, MADV_REMOVE,
		MADV_WILLNEED, MADV_DONTFORK, MADV_DOFORK, MADV_WIPEONFORK, MADV_KEEPONFORK,
		MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_POPULATE_WRITE,
	};
	size_t size;
	void *ptr = some_pages(w, &size);

	return madvise(ptr, size, advices[below(&w->dice, ARRAY_SIZE(advices))]);
}

static int change_lock(struct worker *w)
{
	size_t size;
	void *ptr = some_pages(w, &size);

	switch (below(&w->dice, 4)) {
	case 0:
		return mlock(ptr, size);
	case 1:
		return mlock2(ptr, size, MLOCK_ONFAULT);
	default:
		return munlock(ptr, size);
	}
}

static int change_file(struct worker *w)
{
	off_t at = below(&w->dice, ARENA) * PAGE, size = (1 + below(&w->dice, 8)) * PAGE;

	if (one_in(&w->dice, 4))
		return ftruncate(w->p->file, at) ?: ftruncate(w->p->file, ARENA * PAGE);
	return fallocate(w->p->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, size);
}

/* By system calls, which tell of a fault. */
static int change_write(struct worker *w)
{
	size_t size;
	void *ptr = some_pages(w, &size);

	return read(w->p->zero, ptr, size) == (ssize_t)size ? 0 : -1;
}

static int change_read(struct worker *w)
{
	size_t size;
	void *ptr = some_pages(w, &size);

	return pwrite(w->p->file, ptr, size, below(&w->dice, ARENA / 2) * PAGE) == (ssize_t)size ?
	       0 : -1;
}

/* Its memory is a copy of ours, its files are ours. */
static int change_fork(struct worker *w)
{
	struct drm_exynos_g2d_exec exec = { .async = 1 };
	pid_t child = fork();

	if (child < 0)
		return -1;
	if (!child) {
		change_write(w);
		ioctl(w->p->fd[1], DRM_IOCTL_EXYNOS_G2D_EXEC, &exec);
		change_unmap(w);
		_exit(0);
	}
	change_write(w);
	while (waitpid(child, NULL, 0) == -1 && errno == EINTR)
		;
	return 0;
}

static int change_interrupt(struct worker *w)
{
	return pthread_kill(w->p->worker[below(&w->dice, THREADS)].thread, SIGUSR1) ? -1 : 0;
}

/* Events of jobs, without which a file has no room for any more. */
static int change_events(struct worker *w)
{
	char events[1024];

	return read(w->p->fd[below(&w->dice, FILES)], events, sizeof(events)) > 0 ? 0 : -1;
}

/* Close a file with all that is in it, and open it anew; a user may not. */
static int change_reopen(struct worker *w)
{
	int *fd = &w->p->fd[1 + below(&w->dice, FILES - 1)], new;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", *fd);
	new = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (new < 0)
		return -1;
	dup2(new, *fd);
	close(new);
	return 0;
}

/**
 * struct change - what changes the address space, or has to go on beside the ioctls
 * @name: what it is called
 * @weight: how often, compared with the ioctls, too
 * @make: do it
 */
struct change {
	const char *name;
	unsigned int weight;
	int (*make)(struct worker *w);
};

static const struct change changes[] = {
	{ "munmap", 1, change_unmap },
	{ "mmap", 12, change_map },
	{ "mmap of a file", 4, change_map_file },
	{ "mmap of an object", 1, change_map_object },
	{ "mmap of a dma-buf", 1, change_map_prime },
	{ "mprotect", 3, change_protect },
	{ "mremap", 3, change_move },
	{ "madvise", 4, change_advise },
	{ "mlock", 3, change_lock },
	{ "fallocate", 2, change_file },
	{ "read", 4, change_write },
	{ "write", 3, change_read },
	{ "fork", 1, change_fork },
	{ "signal", 2, change_interrupt },
	{ "events", 4, change_events },
	{ "reopen", 1, change_reopen },
};

#define KINDS	(ARRAY_SIZE(calls) + ARRAY_SIZE(changes))

static int make_one(struct worker *w, unsigned int *kind)
{
	static unsigned int sum;
	unsigned int i, n;

	if (!sum) {
		for (i = 0, n = 0; i < KINDS; i++)
			n += i < ARRAY_SIZE(calls) ? calls[i].weight :
			     changes[i - ARRAY_SIZE(calls)].weight;
		sum = n;
	}
	n = below(&w->dice, sum);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		*kind = i;
		if (n < calls[i].weight)
			return make_call(w, &calls[i]);
		n -= calls[i].weight;
	}
	for (i = 0; n >= changes[i].weight; i++)
		n -= changes[i].weight;
	*kind = ARRAY_SIZE(calls) + i;
	return changes[i].make(w);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	unsigned int i, kind;

	for (i = 0; i < w->calls; i++) {
		unsigned int *count = make_one(w, &kind) < 0 ? w->bad : w->good;

		__atomic_add_fetch(&count[kind], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void no_handler(int sig)
{
	(void)sig;
}

static void reserve_arena(struct process *p)
{
	const size_t size = ARENA * PAGE + 2 * MARGIN;
	uint8_t *map = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			    -1, 0);

	igt_assert(map != MAP_FAILED);
	p->arena = map + MARGIN;
}

/* Runs the threads and takes down what they leave. */
static void run_process(struct exynos *e, unsigned int child, unsigned int num, uint32_t seed,
			unsigned int *good, unsigned int *bad)
{
	static struct worker workers[THREADS];
	static struct process p;
	struct drm_exynos_vidi_connection disconnect = { 0 };
	struct sigaction action = { .sa_handler = no_handler };
	unsigned int i;

	p.worker = workers;
	p.fd[0] = drm_open_driver(DRIVER_EXYNOS);
	for (i = 1; i < FILES; i++)
		p.fd[i] = drm_open_driver_render(DRIVER_EXYNOS);
	for (i = 0; i < FILES; i++)
		igt_assert_eq(fcntl(p.fd[i], F_SETFL, O_NONBLOCK), 0);
	p.file = memfd_create("fuzz", MFD_CLOEXEC);
	igt_assert_eq(ftruncate(p.file, ARENA * PAGE), 0);
	p.zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	igt_assert_fd(p.zero);
	reserve_arena(&p);
	p.canary = exynos_mmap(PAGE);
	exynos_fill_words(p.canary, PAGE, seed);
	sigaction(SIGUSR1, &action, NULL);
	if (child)
		exynos_become(USER);

	for (i = 0; i < THREADS; i++)
		workers[i] = (struct worker){
			.p = &p,
			.dice.seed = seed * 64 + child * THREADS + i,
			/* A signal before they run is for us, who has no harm of it. */
			.thread = pthread_self(),
			.calls = num / THREADS,
			.good = good,
			.bad = bad,
			.contiguous = !e->board.has_iommu,
		};
	for (i = 0; i < THREADS; i++)
		igt_assert_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);

	ioctl(p.fd[0], DRM_IOCTL_EXYNOS_VIDI_CONNECTION, &disconnect);
	exynos_check_words(p.canary, PAGE, seed);
	igt_assert_eq(munmap(p.arena - MARGIN, ARENA * PAGE + 2 * MARGIN), 0);
	/* Each file has given back all that was mapped for it, then all that it had. */
	for (i = 0; i < FILES; i++) {
		uint32_t handle;

		for (handle = 1; handle < 100000; handle++) {
			struct drm_gem_close req = { .handle = handle };

			if (ioctl(p.fd[i], DRM_IOCTL_GEM_CLOSE, &req) && handle > 1000)
				break;
		}
		/* What is queued uses objects that are gone. */
		g2d_exec(p.fd[i], false);
		e->fd = p.fd[i];
		exynos_drain(e);
		igt_assert_eq_u64(oracle_mapped(p.fd[i]), 0);
		igt_assert_eq_u64(oracle_fdinfo(p.fd[i], "drm-total-memory"), 0);
		close(p.fd[i]);
	}
	for (i = 0; i < PRIMES; i++)
		if (p.prime[i] > 0)
			close(p.prime[i]);
}

static void report(const unsigned int *good, const unsigned int *bad)
{
	unsigned int i, sum = 0;

	for (i = 0; i < KINDS; i++) {
		igt_info("%-18s %7u succeeded, %7u failed\n",
			 i < ARRAY_SIZE(calls) ? calls[i].name : changes[i - ARRAY_SIZE(calls)].name,
			 good[i], bad[i]);
		sum += good[i] + bad[i];
	}
	igt_info("%u calls in all\n", sum);
}

static void ioctls(struct exynos *e)
{
	const unsigned int num = setting("EXYNOS_FUZZ_COUNT", COUNT);
	const uint32_t seed = setting("EXYNOS_FUZZ_SEED", 1);
	unsigned int *counts = mmap(NULL, 2 * KINDS * sizeof(*counts), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t size;
	unsigned int i;
	uint8_t *ptr;

	igt_assert(counts != MAP_FAILED);
	igt_info("EXYNOS_FUZZ_SEED=%u\n", seed);
	/* DRM's own words on the depth of a dumb buffer, whatever the driver. */
	e->allowed = "Unknown color mode [0-9]+; guessing buffer size";
	/* Small enough to be in each other's way. */
	exynos_set_limits(4, 2);
	igt_fork(child, PROCESSES)
		run_process(e, child, num / PROCESSES, seed, counts, counts + KINDS);
	igt_waitchildren();
	report(counts, counts + KINDS);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		igt_assert_lt(0, counts[i] + counts[KINDS + i]);
		igt_assert_f(counts[i] || calls[i].absent, "%s has never succeeded\n", calls[i].name);
	}
	munmap(counts, 2 * KINDS * sizeof(*counts));

	/* What is still charged to us would be in the way of the largest object. */
	exynos_set_limits(4, 2);
	size = e->board.has_iommu ? exynos_param(e, EXYNOS_PARAM_USERPTR_MAX_SIZE) : PAGE;
	ptr = exynos_mmap(size);
	exynos_close(e, exynos_userptr(e, ptr, size, EXYNOS_USERPTR_PROBE));
	munmap(ptr, size);
	exynos_assert_works(e);
}

static const struct exynos_test tests[] = {
	{ "fuzz-destination", destination },
	{ "fuzz-ioctls", ioctls },
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
