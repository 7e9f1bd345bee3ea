// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "igt_exynos.h"
#include "igt_exynos_crowd.h"
#include "igt_exynos_fail.h"
#include "igt_exynos_sys.h"
#include "igt_exynos_task.h"

/**
 * TEST: exynos bind and unbind
 * Description: The engine comes and goes.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Device management
 * Functionality: command lists
 * Feature: exynos
 * Test category: functionality test
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
 * SUBTEST: unbind-with-dmabuf
 * Description: What a dma-buf holds cannot be reached after the device was
 *		unbound.
 *
 * SUBTEST: unbind-before-close
 * Description: Buffers can be closed after the device was unbound.
 */

IGT_TEST_DESCRIPTION("The engine comes and goes.");

#define PAGE		4096u
#define CANARY		0x5ca1ab1e

/* Threads, events, ends. */

static volatile bool stop;

/* Binding and unbinding. */

static const struct exynos_binding display = { "exynos4-fb", "11c00000.fimd" };

/* The tests after this one need the device as it was. */
static void bind_again(struct exynos *e)
{
	drm_close_driver(e->fd);
	exynos_bind_all();
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
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
	exynos_assert_works(e);
}

static void unbind_alone(struct exynos *e)
{
	exynos_require_bindings();
	e->allowed = EXYNOS_UNBIND_GREETINGS;
	drm_close_driver(e->fd);
	exynos_unbind(&exynos_drm_binding);
	exynos_bind(&exynos_drm_binding);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
}

static void rebind(struct exynos *e)
{
	unsigned int i;

	exynos_require_bindings();
	e->allowed = EXYNOS_UNBIND_GREETINGS;
	for (i = 0; i < 4; i++) {
		drm_close_driver(e->fd);
		exynos_unbind(&exynos_drm_binding);
		exynos_bind(&exynos_drm_binding);
		e->fd = drm_open_driver_render(DRIVER_EXYNOS);
		exynos_assert_works(e);
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
	e->allowed = EXYNOS_UNBIND_GREETINGS;
	drm_close_driver(e->fd);
	exynos_unbind(&exynos_drm_binding);
	exynos_bind(&exynos_drm_binding);
	igt_assert_eq(exynos_try_suspend(), 0);

	engine = exynos_map_registers(ENGINE_BASE);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
	handle = exynos_bo(e, PAGE);
	map = exynos_bo_map(e, handle, PAGE);
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
	exynos_assert_works(e);
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
	exynos_require_failing();
	snprintf(allowed, sizeof(allowed), "Failed to create .*IOMMU mapping|%s", EXYNOS_UNBIND_GREETINGS);
	e->allowed = allowed;
	drm_close_driver(e->fd);
	exynos_unbind(&exynos_g2d_binding);

	exynos_fail_within("arm_iommu_create_mapping");
	exynos_fail_nth(1);
	err = exynos_try_bind(&exynos_g2d_binding);
	igt_assert_f(exynos_has_failed(), "no mapping was asked for\n");
	exynos_fail_nowhere(0);
	igt_assert_eq(err, 0);

	exynos_unbind(&exynos_g2d_binding);
	exynos_bind(&exynos_g2d_binding);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
	exynos_assert_works(e);
}

static void unbind_with_open_file(struct exynos *e)
{
	struct g2d_list list;

	exynos_require_bindings();
	e->allowed = EXYNOS_UNBIND_GREETINGS;
	exynos_unbind(&exynos_drm_binding);
	g2d_list_init(&list);
	igt_assert_neq(g2d_queue(e->fd, &list), 0);
	bind_again(e);
	exynos_assert_works(e);
}

static void unbind_with_queued_list(struct exynos *e)
{
	struct g2d_list list;

	exynos_require_bindings();
	e->allowed = EXYNOS_UNBIND_GREETINGS;
	g2d_list_init(&list);
	list.event = true;
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	exynos_unbind(&exynos_drm_binding);
	bind_again(e);
	exynos_assert_works(e);
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
	exynos_restore_timeout(e);
	e->allowed = EXYNOS_UNBIND_GREETINGS;

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
	exynos_assert_works(e);
}

static void unbind_with_running_job(struct exynos *e)
{
	struct drm_exynos_g2d_exec req = { .async = 0 };
	struct g2d_list list;
	struct exynos_call exec;

	exynos_require_bindings();
	exynos_require_test_page(e);
	exynos_restore_timeout(e);
	e->allowed = EXYNOS_UNBIND_GREETINGS;
	exynos_keep_files_open();
	g2d_list_init(&list);
	exynos_hold(e);
	igt_assert_eq(g2d_queue(e->fd, &list), 0);
	igt_assert(exynos_call_and_sleep(&exec, e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req));

	exynos_unbind(&exynos_drm_binding);
	pthread_join(exec.thread, NULL);
	igt_assert_f(exec.ret, "EXEC reports success for a job that was not run\n");
	exynos_let_files_close();
	bind_again(e);
	exynos_assert_works(e);
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
	exynos_require_two_cpus();
	exynos_require_test_page(e);
	exynos_restore_timeout(e);
	e->allowed = EXYNOS_UNBIND_GREETINGS;
	exynos_run_on(0, 0);
	for (i = 0; i < 5 && !late; i++) {
		if (i)
			e->fd = drm_open_driver_render(DRIVER_EXYNOS);
		/* First, as it takes a while, and a driver may not give the job that long. */
		exynos_crowd_gather(EXYNOS_MAX_CROWD);
		g2d_list_init(&list);
		exynos_hold(e);
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
		/* From its start: what it is owed is worth more to one that becomes idle later. */
		exynos_set_policy(SCHED_IDLE);
		igt_assert(exynos_call_and_sleep(&exec, e->fd, DRM_IOCTL_EXYNOS_G2D_EXEC, &req));
		exynos_set_policy(SCHED_OTHER);
		exynos_run_on(exec.tid, EXYNOS_SLOW_CPU);

		exynos_unbind(&exynos_g2d_binding);
		late = !exec.done;
		exynos_crowd_disperse();
		pthread_join(exec.thread, NULL);
		exynos_bind_all();
	}
	exynos_run_anywhere();
	igt_assert_f(late, "EXEC was woken up too early to see what it does\n");
	bind_again(e);
	exynos_assert_works(e);
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
	exynos_run_on(0, EXYNOS_SLOW_CPU);
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
	exynos_require_two_cpus();
	e->allowed = EXYNOS_UNBIND_GREETINGS;
	exynos_run_on(0, 0);
	slow_file_measure(&file);
	req.cmd = (uintptr_t)file.page;

	exynos_crowd_gather(EXYNOS_MAX_CROWD / 2);
	igt_assert_eq(pthread_create(&thread, NULL, empty_thread, &file), 0);
	do {
		usleep(10000);
		igt_assert_eq(fstat(file.fd, &stat), 0);
	} while (stat.st_blocks * 512ull == file.size);
	inside = exynos_call_and_sleep(&set, e->fd, DRM_IOCTL_EXYNOS_G2D_SET_CMDLIST, &req);
	if (inside)
		exynos_unbind(&exynos_g2d_binding);
	over = set.done;
	exynos_crowd_disperse();
	pthread_join(set.thread, NULL);
	pthread_join(thread, NULL);
	exynos_run_anywhere();
	slow_file_free(&file);
	igt_assert_f(inside, "the ioctl did not sleep in a page fault\n");
	igt_info("the ioctl ended %s unbind did\n", over ? "before" : "after");
	bind_again(e);
	exynos_assert_works(e);
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
	pid_t holder;
	void *map;

	exynos_require_bindings();
	e->allowed = EXYNOS_UNBIND_GREETINGS;
	prime.fd = exynos_export_bo(e, exynos_bo(e, 4 * PAGE));
	holder = keep_open(prime.fd);
	drm_close_driver(e->fd);
	exynos_unbind(&exynos_drm_binding);

	map = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, prime.fd, 0);
	exynos_bind(&exynos_drm_binding);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
	igt_assert_f(map == MAP_FAILED, "some memory could be mapped\n");
	igt_assert_eq(igt_ioctl(e->fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime), -1);
	exynos_assert_works(e);

	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
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
	e->allowed = EXYNOS_UNBIND_GREETINGS;
	for (i = 0; i < ARRAY_SIZE(dmabuf); i++) {
		igt_assert_eq(exynos_gem_create(e->fd, sizes[i / 2],
						i % 2 ? EXYNOS_BO_NONCONTIG : EXYNOS_BO_CONTIG,
						&handle), 0);
		dmabuf[i] = exynos_export_bo(e, handle);
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
	exynos_assert_works(e);
	munmap(map, sizes[0]);
	exynos_assert_works(e);
}

static const struct exynos_test tests[] = {
	{ "no-engine", no_engine },
	{ "engine-first", engine_first },
	{ "unbind", unbind_alone },
	{ "rebind", rebind },
	{ "rebind-and-suspend", rebind_and_suspend },
	{ "unbind-without-mapping", unbind_without_mapping },
	{ "unbind-with-open-file", unbind_with_open_file },
	{ "unbind-with-queued-list", unbind_with_queued_list },
	{ "unbind-with-waiter", unbind_with_waiter },
	{ "unbind-with-running-job", unbind_with_running_job },
	{ "unbind-with-late-waiter", unbind_with_late_waiter },
	{ "unbind-with-ioctl", unbind_with_ioctl },
	{ "unbind-with-dmabuf", unbind_with_dmabuf },
	{ "unbind-before-close", unbind_before_close },
};

igt_main {
	static struct exynos e;

	igt_fixture
		exynos_init(&e);

	exynos_run_tests(&e, tests, ARRAY_SIZE(tests));

	igt_fixture
		exynos_fini(&e);
}
