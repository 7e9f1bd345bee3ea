// SPDX-License-Identifier: MIT

#include "igt_exynos.h"

/**
 * TEST: exynos command list validation
 * Description: Command lists that the driver has to reject.
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
 */

IGT_TEST_DESCRIPTION("Command lists that the driver has to reject.");

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

/* Neighbours: buffers that lie one after the other in the engine's addresses. */

#define MAX_NEIGHBOURS 24

struct neighbours {
	unsigned int num;
	size_t size;
	uint32_t handle[MAX_NEIGHBOURS];
	uint32_t *map[MAX_NEIGHBOURS];
};

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
		n->map[i] = exynos_bo_map(e, n->handle[i], size);
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
	exynos_assert_works(e);
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
			exynos_assert_works(e);
	}
	igt_assert_f(ret, "the list was accepted\n");
	exynos_assert_works(e);
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
	uint32_t *map = exynos_bo_map(e, handle, 8 * PAGE);
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

static const struct exynos_test tests[] = {
	{ "repeated-base-register", repeated_base_register },
	{ "too-many-buffers", too_many_buffers },
	{ "stale-description", stale_description },
	{ "last-value-counts", last_value_counts },
	{ "stride-wraps", stride_wraps },
	{ "coordinate-high-bits", coordinate_high_bits },
	{ "pixel-size", pixel_size },
	{ "second-plane", second_plane },
	{ "pattern", pattern },
	{ "mask", mask },
	{ "unset-destination", unset_destination },
	{ "unset-source", unset_source },
	{ "offset-high-bits", offset_high_bits },
	{ "rectangle-inside-out", rectangle_inside_out },
	{ "stride-high-bits", stride_high_bits },
	{ "pattern-offset", pattern_offset },
	{ "quiet-lists", quiet_lists },
};

igt_main {
	static struct exynos e;

	igt_fixture
		exynos_init(&e);

	exynos_run_tests(&e, tests, ARRAY_SIZE(tests));

	igt_fixture
		exynos_fini(&e);
}
