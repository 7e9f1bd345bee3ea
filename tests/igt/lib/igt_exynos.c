// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <sys/mman.h>

#include "igt_exynos.h"

/*
 * The emulated engine's time is the host's: on a host that is busy elsewhere a
 * job of microseconds can take longer than any timeout made for hardware.
 */
#define PATIENT_MS 10000
#define PARAMETERS "/sys/module/exynosdrm/parameters/"

static struct exynos *device;

/* Returns what it was before, -1 where the driver has no such parameter. */
static long long set_parameter(const char *name, long long value)
{
	char path[128];
	long long before;
	FILE *f;

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	f = fopen(path, "r+e");
	if (!f)
		return -1;
	if (fscanf(f, "%lld", &before) != 1)
		before = -1;
	if (before >= 0 && value >= 0) {
		rewind(f);
		fprintf(f, "%lld", value);
	}
	fclose(f);
	return before;
}

/* Returns what it was before, 0 where the driver has no timeout to set. */
static unsigned int set_timeout(unsigned int ms)
{
	long long before = set_parameter("g2d_timeout", ms ? (long long)ms : -1);

	return before < 0 ? 0 : before;
}

static struct {
	const char *name;
	long long before;
} limits[8];
static unsigned int num_limits;

bool exynos_set_limit(const char *name, unsigned int value)
{
	long long before = set_parameter(name, value);
	unsigned int i;

	if (before < 0 && !strcmp(name, "userptr_user_limit"))
		return exynos_set_limit("userptr_file_limit", value);
	if (before < 0)
		return false;

	for (i = 0; i < num_limits; i++)
		if (!strcmp(limits[i].name, name))
			return true;
	igt_assert(num_limits < ARRAY_SIZE(limits));
	limits[num_limits].name = name;
	limits[num_limits++].before = before;
	return true;
}

void exynos_set_limits(unsigned int all, unsigned int user)
{
	igt_require_f(exynos_set_limit("userptr_limit", all) &&
		      exynos_set_limit("userptr_user_limit", user),
		      "the driver has no limits that can be set\n");
}

static void reset_limits(void)
{
	while (num_limits) {
		num_limits--;
		set_parameter(limits[num_limits].name, limits[num_limits].before);
	}
}

static void reset_knobs(struct exynos *e)
{
	set_timeout(e->timeout_ms);
	reset_limits();
	if (e->holding)
		pthread_join(e->hold, NULL);
	e->holding = false;
	if (!e->board.engine)
		return;
	engine_write(&e->board, ENGINE_HANG, 0);
	engine_write(&e->board, ENGINE_RATE, 0);
	engine_write(&e->board, ENGINE_POWER_STUCK, 0);
	exynos_board_reset(&e->board);
	mmu_clear(&e->board, MMU_UNBLOCKABLE);
}

static void reset_at_exit(int sig)
{
	(void)sig;
	if (device)
		reset_knobs(device);
}

void exynos_init(struct exynos *e)
{
	memset(e, 0, sizeof(*e));
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
	e->no_test_page = exynos_board_open(&e->board);
	oracle_log_open(&e->log);
	igt_require_f(e->log.fd >= 0, "the kernel log cannot be read: run as root\n");
	e->timeout_ms = set_timeout(0);
	device = e;
	igt_install_exit_handler(reset_at_exit);
}

void exynos_fini(struct exynos *e)
{
	reset_knobs(e);
	device = NULL;
	drm_close_driver(e->fd);
	close(e->log.fd);
}

static void begin(struct exynos *e)
{
	/* A subtest that failed left its file open and the knobs turned. */
	reset_knobs(e);
	drm_close_driver(e->fd);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
	e->allowed = NULL;
	if (e->board.engine) {
		if (getenv("EXYNOS_KNOB"))
			igt_assert_f(exynos_board_turn(&e->board, getenv("EXYNOS_KNOB")),
				     "there is no knob %s\n", getenv("EXYNOS_KNOB"));
		set_timeout(PATIENT_MS);
		engine_write(&e->board, ENGINE_STALLS, 0);
		engine_write(&e->board, ENGINE_COMPLAINTS, 0);
	}
	mmu_clear(&e->board, MMU_FAULTS);
	mmu_clear(&e->board, MMU_BYPASSED);
	mmu_clear(&e->board, MMU_LACKING);
	oracle_log_mark(&e->log);
	e->pinned = oracle_pinned();
	igt_assert_f(e->pinned >= 0, "cannot read the pin counters: %s\n", strerror(-e->pinned));
}

void exynos_assert_nothing_pinned(struct exynos *e)
{
	long pinned = oracle_pinned() - e->pinned;

	igt_assert_f(!pinned, "%ld pages stay pinned\n", pinned);
	igt_assert_eq(oracle_vm_pin(), 0);
}

static void end(struct exynos *e)
{
	char line[256];

	exynos_assert_nothing_pinned(e);
	drm_close_driver(e->fd);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
	exynos_assert_nothing_pinned(e);

	if (e->board.engine)
		igt_assert_eq_u32(engine_read(&e->board, ENGINE_COMPLAINTS), 0);
	igt_assert_eq_u32(mmu_read(&e->board, MMU_LACKING), 0);
	if (e->board.has_iommu) {
		igt_assert_eq_u32(mmu_read(&e->board, MMU_FAULTS), 0);
		igt_assert_eq_u32(mmu_read(&e->board, MMU_BYPASSED), 0);
	}
	igt_assert_f(!oracle_log_complaint(&e->log, e->allowed, line, sizeof(line)),
		     "the kernel logged: %s\n", line);
}

void exynos_subtest(struct exynos *e, void (*body)(struct exynos *e))
{
	begin(e);
	body(e);
	end(e);
}

void exynos_require_userptr(struct exynos *e)
{
	/*
	 * DRM knows whether there is such an ioctl before it reads the argument,
	 * so that a kernel with a broken one does not pass for one without.
	 */
	igt_assert_eq(igt_ioctl(e->fd, DRM_IOCTL_EXYNOS_GEM_USERPTR, NULL), -1);
	igt_require_f(errno == EFAULT, "this kernel has no DRM_EXYNOS_GEM_USERPTR\n");
}

void exynos_require_test_page(struct exynos *e)
{
	igt_require_f(e->board.engine, "%s\n", e->no_test_page ?: "");
}

void exynos_require_iommu(struct exynos *e)
{
	igt_require_f(e->board.has_iommu,
		      "without an IOMMU the engine reaches physically contiguous memory only\n");
}

void exynos_require_no_iommu(struct exynos *e)
{
	igt_require_f(!e->board.has_iommu, "this board's engine has an IOMMU\n");
}

unsigned int exynos_restore_timeout(struct exynos *e)
{
	set_timeout(e->timeout_ms);
	return e->timeout_ms;
}

void exynos_hold(struct exynos *e)
{
	engine_write(&e->board, ENGINE_HANG, HANG_UNTIL_RESET);
}

void exynos_be_slow(struct exynos *e)
{
	exynos_require_test_page(e);
	engine_write(&e->board, ENGINE_RATE, 1);
}

static void *let_go_thread(void *arg)
{
	struct exynos *e = arg;

	usleep(e->hold_ms * 1000);
	engine_write(&e->board, ENGINE_HANG, 0);
	return NULL;
}

/* A thread, because fork() would itself wait for the jobs that use our memory. */
void exynos_let_go_after(struct exynos *e, unsigned int ms)
{
	e->hold_ms = ms;
	igt_assert_eq(pthread_create(&e->hold, NULL, let_go_thread, e), 0);
	e->holding = true;
}

void exynos_let_go(struct exynos *e)
{
	if (e->holding) {
		pthread_join(e->hold, NULL);
		e->holding = false;
	}
	engine_write(&e->board, ENGINE_HANG, 0);
}

/* Blits the engine has done since the board was started. */
uint32_t exynos_blits(struct exynos *e)
{
	return engine_read(&e->board, ENGINE_BLITS);
}

uint32_t exynos_userptr(struct exynos *e, const void *ptr, uint64_t size, uint32_t flags)
{
	uint32_t handle;

	igt_assert_eq(exynos_gem_userptr(e->fd, ptr, size, flags, &handle), 0);
	igt_assert_neq_u32(handle, 0);
	return handle;
}

uint64_t exynos_param(struct exynos *e, uint32_t param)
{
	uint64_t value;

	igt_assert_eq(exynos_get_param(e->fd, param, &value), 0);
	return value;
}

uint32_t exynos_bo(struct exynos *e, uint64_t size)
{
	uint32_t flags = e->board.has_iommu ? EXYNOS_BO_NONCONTIG : EXYNOS_BO_CONTIG;
	uint32_t handle;

	igt_assert_eq(exynos_gem_create(e->fd, size, flags, &handle), 0);
	return handle;
}

void exynos_close(struct exynos *e, uint32_t handle)
{
	gem_close(e->fd, handle);
}

void *exynos_mmap(size_t size)
{
	void *ptr = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	igt_assert(ptr != MAP_FAILED);
	return ptr;
}

/* Rows of ARGB8888 without gaps between them. */
struct g2d_image exynos_image(uint32_t handle, uint32_t width, uint32_t height)
{
	return (struct g2d_image){
		.handle = handle,
		.stride = width * 4,
		.width = width,
		.height = height,
		.format = G2D_ARGB8888,
	};
}

struct g2d_image exynos_page(uint32_t handle)
{
	return exynos_image(handle, 32, 32);
}

struct g2d_image exynos_page_at(struct exynos *e, void *ptr, size_t size, uint32_t flags)
{
	return exynos_page(exynos_userptr(e, ptr, size, flags));
}

void exynos_run(struct exynos *e, const struct g2d_list *list)
{
	igt_assert_eq(g2d_queue(e->fd, list), 0);
	igt_assert_eq(g2d_exec(e->fd, false), 0);
}

void exynos_start(struct exynos *e, struct g2d_list *list)
{
	list->event = true;
	igt_assert_eq(g2d_queue(e->fd, list), 0);
	igt_assert_eq(g2d_exec(e->fd, true), 0);
}

/* Whichever of the two ioctls it is that refuses. */
int exynos_try(struct exynos *e, const struct g2d_list *list)
{
	return g2d_queue(e->fd, list) ?: g2d_exec(e->fd, false);
}

void exynos_finish(struct exynos *e)
{
	igt_assert_eq(g2d_wait_event(e->fd, NULL, 10000), 0);
}

void exynos_copy(struct exynos *e, const struct g2d_image *src, const struct g2d_image *dst)
{
	struct g2d_list list;

	g2d_copy(&list, src, g2d_whole(src), dst, 0, 0);
	exynos_run(e, &list);
}

int exynos_try_copy(struct exynos *e, const struct g2d_image *src, const struct g2d_image *dst)
{
	struct g2d_list list;

	g2d_copy(&list, src, g2d_whole(src), dst, 0, 0);
	return exynos_try(e, &list);
}

void exynos_fill(struct exynos *e, const struct g2d_image *dst, uint32_t colour)
{
	struct g2d_list list;

	g2d_fill(&list, dst, g2d_whole(dst), colour);
	exynos_run(e, &list);
}

int exynos_queue_fill(struct exynos *e, const struct g2d_image *dst)
{
	struct g2d_list list;

	g2d_fill(&list, dst, g2d_whole(dst), 1);
	return g2d_queue(e->fd, &list) ?: g2d_exec(e->fd, true);
}

void exynos_drain(struct exynos *e)
{
	struct g2d_image image = exynos_page(exynos_bo(e, 4096));

	exynos_fill(e, &image, 0);
	exynos_close(e, image.handle);
}

uint32_t exynos_word(uint32_t seed, uint32_t index)
{
	uint32_t v = (index + 1) * 0x9e3779b1 ^ seed * 0x85ebca77;

	v ^= v >> 15;
	v *= 0x2c1b3c6d;
	return v ^ v >> 13;
}

void exynos_fill_words(void *ptr, size_t bytes, uint32_t seed)
{
	uint32_t *p = ptr;
	size_t i;

	for (i = 0; i < bytes / 4; i++)
		p[i] = exynos_word(seed, i);
}

void exynos_check_words(const void *ptr, size_t bytes, uint32_t seed)
{
	const uint32_t *p = ptr;
	size_t i;

	for (i = 0; i < bytes / 4; i++)
		igt_assert_f(p[i] == exynos_word(seed, i),
			     "word %zu of %zu is %#x, not %#x\n", i, bytes / 4, p[i],
			     exynos_word(seed, i));
}

void exynos_check_bytes(const void *ptr, size_t bytes, uint8_t value)
{
	const uint8_t *p = ptr;
	size_t i;

	for (i = 0; i < bytes; i++)
		igt_assert_f(p[i] == value, "byte %zu of %zu is %#x, not %#x\n", i, bytes, p[i],
			     value);
}

void exynos_check_colour(const void *ptr, size_t bytes, uint32_t colour)
{
	const uint32_t *p = ptr;
	size_t i;

	for (i = 0; i < bytes / 4; i++)
		igt_assert_f(p[i] == colour, "pixel %zu of %zu is %#x, not %#x\n", i, bytes / 4,
			     p[i], colour);
}

uint64_t exynos_now_us(void)
{
	struct timespec now;

	igt_gettime(&now);
	return now.tv_sec * 1000000ull + now.tv_nsec / 1000;
}

uint64_t exynos_now_ms(void)
{
	return exynos_now_us() / 1000;
}

uint64_t exynos_bo_offset(struct exynos *e, uint32_t handle)
{
	struct drm_exynos_gem_map map = { .handle = handle };

	do_ioctl(e->fd, DRM_IOCTL_EXYNOS_GEM_MAP, &map);
	return map.offset;
}

void *exynos_bo_map(struct exynos *e, uint32_t handle, size_t size)
{
	void *ptr = mmap64(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, e->fd,
			   exynos_bo_offset(e, handle));

	igt_assert(ptr != MAP_FAILED);
	return ptr;
}

int exynos_export_bo(struct exynos *e, uint32_t handle)
{
	struct drm_prime_handle prime = { .handle = handle, .flags = DRM_CLOEXEC | DRM_RDWR };

	do_ioctl(e->fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime);
	return prime.fd;
}

/* The driver and the engine still do what they are for. */
void exynos_assert_works(struct exynos *e)
{
	uint32_t handle = exynos_bo(e, 4096);
	uint32_t *map = exynos_bo_map(e, handle, 4096);
	struct g2d_image image = exynos_image(handle, 32, 32);
	struct g2d_list list;

	memset(map, 0, 4096);
	g2d_fill(&list, &image, g2d_whole(&image), 0x12345678);
	exynos_start(e, &list);
	igt_assert_f(g2d_wait_event(e->fd, NULL, 10000) == 0, "a job was not run\n");
	exynos_check_colour(map, 4096, 0x12345678);
	munmap(map, 4096);
	exynos_close(e, handle);
}

void exynos_run_tests(struct exynos *e, const struct exynos_test *tests, unsigned int num)
{
	static unsigned int i;

	for (i = 0; i < num; i++) {
		igt_subtest(tests[i].name)
			exynos_subtest(e, tests[i].body);
	}
}

int exynos_try_userptr(struct exynos *e, uint64_t ptr, uint64_t size, uint32_t flags)
{
	uint32_t handle;
	int ret = exynos_gem_userptr_raw(e->fd, ptr, size, flags, &handle);

	if (!ret)
		exynos_close(e, handle);
	return ret;
}
