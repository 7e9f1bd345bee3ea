// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "drm_fourcc.h"
#include "drm_mode.h"
#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_sys.h"

/**
 * TEST: exynos kms
 * Description: What upstream's display code got wrong: what files that are open
 *		keep of a device that is gone, and VIDI, the display without one.
 * Category: Display
 * Mega feature: General Display Features
 * Sub-category: Display tests
 * Functionality: kms_core
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: unbind-with-framebuffer
 * Description: A framebuffer is freed once when the driver is unbound and its file
 *		closed afterwards, and its memory with it.
 *
 * SUBTEST: unbind-with-blob
 * Description: So is a property blob.
 *
 * SUBTEST: unbind-with-blob-ioctl
 * Description: The driver is unbound while a property blob is being made.
 *
 * SUBTEST: unbind-with-connection
 * Description: VIDI is unbound while a program connects a monitor to it.
 *
 * SUBTEST: plane-without-size
 * Description: A plane that is no pixel wide or high does not divide by zero.
 *
 * SUBTEST: planes-after-rebind
 * Description: Planes do not use the stack of the thread that bound the driver.
 *
 * SUBTEST: vidi-connection-after-unbind
 * Description: VIDI's monitor can be connected by way of sysfs when there is no DRM
 *		device any more, or none yet.
 *
 * SUBTEST: vidi-connect-twice
 * Description: Nothing is left of the EDIDs of two programs that connect a monitor
 *		at the same time.
 */

IGT_TEST_DESCRIPTION("What upstream's display code got wrong.");

#define PAGE		4096
#define VIDI_CONNECTION	"/sys/bus/platform/devices/exynos-drm-vidi/connection"
#define EDID_BLOCK	128

static int read_number(const char *path)
{
	char text[16] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	igt_assert_fd(fd);
	igt_assert_lt(0, read(fd, text, sizeof(text) - 1));
	close(fd);
	return atoi(text);
}

static const struct exynos_binding vidi_binding = { "exynos-drm-vidi", "exynos-drm-vidi" };

/* The tests after this one need the device as it was. */
static void bind_all(int sig)
{
	(void)sig;
	if (!exynos_is_bound(&vidi_binding))
		exynos_try_bind(&vidi_binding);
	if (!exynos_is_bound(&exynos_drm_binding))
		exynos_try_bind(&exynos_drm_binding);
}

static void disconnect(int sig)
{
	struct drm_exynos_vidi_connection no = { .connection = 0 };
	int fd = __drm_open_driver(DRIVER_EXYNOS);

	(void)sig;
	if (fd < 0)
		return;
	/* Refused if there is nothing connected. */
	igt_ioctl(fd, DRM_IOCTL_EXYNOS_VIDI_CONNECTION, &no);
	close(fd);
}

static void require_bindings(struct exynos *e)
{
	igt_require_f(exynos_is_bound(&exynos_drm_binding) && exynos_is_bound(&vidi_binding),
		      "the device is not made of the usual parts, or we are not root\n");
	e->allowed = EXYNOS_GREETINGS;
	igt_install_exit_handler(bind_all);
}

static void bind_again(struct exynos *e)
{
	drm_close_driver(e->fd);
	bind_all(0);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
}

/* Nobody but the framebuffer keeps its memory. */
static uint32_t framebuffer(int fd, uint32_t width, uint32_t height)
{
	struct drm_mode_create_dumb dumb = { .width = width, .height = height, .bpp = 32 };
	struct drm_mode_fb_cmd2 fb = {
		.width = width,
		.height = height,
		.pixel_format = DRM_FORMAT_XRGB8888,
	};
	struct drm_mode_destroy_dumb destroy = { 0 };

	do_ioctl(fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb);
	fb.handles[0] = dumb.handle;
	fb.pitches[0] = dumb.pitch;
	do_ioctl(fd, DRM_IOCTL_MODE_ADDFB2, &fb);
	destroy.handle = dumb.handle;
	do_ioctl(fd, DRM_IOCTL_MODE_DESTROY_DUMB, &destroy);
	return fb.fb_id;
}

static void unbind_with_framebuffer(struct exynos *e)
{
	int fd;

	require_bindings(e);
	fd = drm_open_driver(DRIVER_EXYNOS);
	framebuffer(fd, 64, 64);
	framebuffer(fd, 128, 64);
	exynos_unbind(&exynos_drm_binding);
	close(fd);
	bind_again(e);
}

static void unbind_with_blob(struct exynos *e)
{
	static const char data[] = "what a property may refer to";
	struct drm_mode_create_blob blob = {
		.data = (uintptr_t)data,
		.length = sizeof(data),
	};
	int fd;

	require_bindings(e);
	fd = drm_open_driver(DRIVER_EXYNOS);
	do_ioctl(fd, DRM_IOCTL_MODE_CREATEPROPBLOB, &blob);
	do_ioctl(fd, DRM_IOCTL_MODE_CREATEPROPBLOB, &blob);
	exynos_unbind(&exynos_drm_binding);
	close(fd);
	bind_again(e);
}

/**
 * struct overlays - all planes of a device and a picture for them
 * @fd: DRM file
 * @fb: the picture
 * @num: planes
 * @plane: them
 * @crtc: what each can be shown on
 */
struct overlays {
	int fd;
	uint32_t fb, num, plane[32], crtc[32];
};

static void find_overlays(int fd, struct overlays *o)
{
	struct drm_mode_get_plane_res planes = { 0 };
	struct drm_mode_card_res res = { 0 };
	uint32_t crtc_ids[8];
	unsigned int i;

	planes.plane_id_ptr = (uintptr_t)o->plane;
	planes.count_planes = ARRAY_SIZE(o->plane);
	do_ioctl(fd, DRM_IOCTL_MODE_GETPLANERESOURCES, &planes);
	res.crtc_id_ptr = (uintptr_t)crtc_ids;
	res.count_crtcs = ARRAY_SIZE(crtc_ids);
	do_ioctl(fd, DRM_IOCTL_MODE_GETRESOURCES, &res);
	igt_assert_lt(0, planes.count_planes);
	igt_assert_lte(planes.count_planes, ARRAY_SIZE(o->plane));
	igt_assert_lte(res.count_crtcs, ARRAY_SIZE(crtc_ids));

	o->fd = fd;
	o->fb = framebuffer(fd, 64, 64);
	o->num = planes.count_planes;
	for (i = 0; i < o->num; i++) {
		struct drm_mode_get_plane plane = { .plane_id = o->plane[i] };

		do_ioctl(fd, DRM_IOCTL_MODE_GETPLANE, &plane);
		igt_assert(plane.possible_crtcs);
		o->crtc[i] = crtc_ids[ffs(plane.possible_crtcs) - 1];
	}
}

/* Bit 0 of a shape: it is wide; bit 1: it is high. */
static void show_overlays(const struct overlays *o, unsigned int first_shape)
{
	unsigned int i, shape;

	for (i = 0; i < o->num; i++) {
		for (shape = first_shape; shape < 4; shape++) {
			struct drm_mode_set_plane set = {
				.plane_id = o->plane[i],
				.crtc_id = o->crtc[i],
				.fb_id = o->fb,
				.crtc_w = shape & 1 ? 64 : 0,
				.crtc_h = shape & 2 ? 64 : 0,
				.src_w = 64 << 16,
				.src_h = 64 << 16,
			};
			int ret = igt_ioctl(o->fd, DRM_IOCTL_MODE_SETPLANE, &set);

			/* Whether it takes the others is its own affair. */
			igt_assert_f(shape < 3 || !ret, "plane %u shows nothing: %s\n",
				     o->plane[i], strerror(errno));
		}
	}
}

static void plane_without_size(struct exynos *e)
{
	int fd = drm_open_driver(DRIVER_EXYNOS);
	struct overlays overlays;

	(void)e;
	find_overlays(fd, &overlays);
	show_overlays(&overlays, 0);
	close(fd);
}

/**
 * struct rebinding - a thread that binds the driver anew
 * @bound: it has, and waits for @end
 * @end: it may end
 * @err: of binding
 */
struct rebinding {
	pthread_barrier_t bound, end;
	int err;
};

static void *rebind_thread(void *arg)
{
	struct rebinding *r = arg;

	exynos_run_on(0, 1);
	r->err = exynos_try_unbind(&exynos_drm_binding) ?: exynos_try_bind(&exynos_drm_binding);
	pthread_barrier_wait(&r->bound);
	pthread_barrier_wait(&r->end);
	return NULL;
}

/*
 * What binds the driver is gone when its planes are used.  All that takes memory comes
 * before, and on another CPU, so that its stack does not become something else.
 */
static void planes_after_rebind(struct exynos *e)
{
	struct overlays overlays;
	struct rebinding r;
	pthread_t thread;
	int fd;

	require_bindings(e);
	igt_require_f(sysconf(_SC_NPROCESSORS_ONLN) > 1, "there is only one CPU\n");
	drm_close_driver(e->fd);
	igt_assert_eq(pthread_barrier_init(&r.bound, NULL, 2), 0);
	igt_assert_eq(pthread_barrier_init(&r.end, NULL, 2), 0);
	exynos_run_on(0, 0);
	igt_assert_eq(pthread_create(&thread, NULL, rebind_thread, &r), 0);
	pthread_barrier_wait(&r.bound);
	igt_assert_eq(r.err, 0);
	fd = drm_open_driver(DRIVER_EXYNOS);
	find_overlays(fd, &overlays);
	pthread_barrier_wait(&r.end);
	pthread_join(thread, NULL);
	usleep(100000);
	show_overlays(&overlays, 3);

	exynos_run_anywhere();
	pthread_barrier_destroy(&r.bound);
	pthread_barrier_destroy(&r.end);
	close(fd);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
}

static void require_vidi(void)
{
	igt_require_f(access(VIDI_CONNECTION, W_OK) == 0, "there is no VIDI, or we are not root\n");
}

static void vidi_connection_after_unbind(struct exynos *e)
{
	require_vidi();
	require_bindings(e);
	igt_install_exit_handler(disconnect);
	drm_close_driver(e->fd);
	exynos_unbind(&exynos_drm_binding);
	igt_assert_eq(exynos_write_file(VIDI_CONNECTION, "1"), 0);

	/* A VIDI that has never seen a DRM device. */
	exynos_unbind(&vidi_binding);
	igt_assert_eq(exynos_try_bind(&vidi_binding), 0);
	igt_assert_eq(read_number(VIDI_CONNECTION), 0);
	igt_assert_eq(exynos_write_file(VIDI_CONNECTION, "1"), 0);
	bind_all(0);
	igt_assert_eq(read_number(VIDI_CONNECTION), 1);
	igt_assert_eq(exynos_write_file(VIDI_CONNECTION, "0"), 0);
	igt_assert_eq(read_number(VIDI_CONNECTION), 0);
	e->fd = drm_open_driver_render(DRIVER_EXYNOS);
}

/* As large as there can be one. */
enum { EDID_BLOCKS = 256 };

/* Of two programs, each of which can leak an EDID. */
enum { MEETINGS = 64 };

static void make_edid(uint8_t *edid, unsigned int blocks)
{
	uint8_t sum = 0;
	unsigned int i;

	/* Blocks of zeros are valid extensions. */
	memset(edid, 0, blocks * EDID_BLOCK);
	memset(edid + 1, 0xff, 6);
	edid[18] = 1;
	edid[19] = 3;
	edid[126] = blocks - 1;
	for (i = 0; i < EDID_BLOCK - 1; i++)
		sum += edid[i];
	edid[EDID_BLOCK - 1] = -sum;
}

static int vidi_connect(int fd, const void *edid)
{
	struct drm_exynos_vidi_connection vidi = {
		.connection = edid ? 1 : 0,
		.edid = (uintptr_t)edid,
	};

	return igt_ioctl(fd, DRM_IOCTL_EXYNOS_VIDI_CONNECTION, &vidi) ? -errno : 0;
}

struct connecting {
	int fd;
	const uint8_t *edid;
	pthread_barrier_t barrier;
	volatile bool stop;
	int result;
};

static void *connect_thread(void *arg)
{
	struct connecting *c = arg;

	for (;;) {
		pthread_barrier_wait(&c->barrier);
		if (c->stop)
			return NULL;
		c->result = vidi_connect(c->fd, c->edid);
		pthread_barrier_wait(&c->barrier);
	}
}

/* Until both were let through so often; how often they were. */
static unsigned int connect_twice(int fd, const uint8_t *edid, unsigned int times)
{
	struct connecting other = { .fd = fd, .edid = edid };
	uint64_t end = exynos_now_ms() + 20000;
	unsigned int both = 0;
	pthread_t thread;

	igt_assert_eq(pthread_barrier_init(&other.barrier, NULL, 2), 0);
	igt_assert_eq(pthread_create(&thread, NULL, connect_thread, &other), 0);
	while (both < times && exynos_now_ms() < end) {
		int own;

		pthread_barrier_wait(&other.barrier);
		own = vidi_connect(fd, edid);
		pthread_barrier_wait(&other.barrier);
		igt_assert_f(own == 0 || other.result == 0, "the EDID was refused: %s, %s\n",
			     strerror(-own), strerror(-other.result));
		both += own == 0 && other.result == 0;
		igt_assert_eq(vidi_connect(fd, NULL), 0);
	}
	other.stop = true;
	pthread_barrier_wait(&other.barrier);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&other.barrier);
	return both;
}

static void vidi_connect_twice(struct exynos *e)
{
	static uint8_t edid[EDID_BLOCKS * EDID_BLOCK];
	bool kmemleak = access("/sys/kernel/debug/kmemleak", F_OK) == 0;
	unsigned int both;
	long before, left;
	int fd;

	(void)e;
	require_vidi();
	igt_install_exit_handler(disconnect);
	make_edid(edid, EDID_BLOCKS);
	fd = drm_open_driver(DRIVER_EXYNOS);
	connect_twice(fd, edid, 1);
	before = exynos_unreclaimable_kib();
	both = connect_twice(fd, edid, MEETINGS);
	left = exynos_unreclaimable_kib() - before;
	close(fd);
	igt_require_f(both == MEETINGS, "the two met %u times only\n", both);
	/*
	 * 32 KiB each time.  A debug kernel keeps freed memory, but its kmemleak looks
	 * after the run.
	 */
	igt_assert_f(kmemleak || left < 1024, "%ld KiB are left of the EDIDs\n", left);
}

/**
 * struct unbinding - a binding that a thread ends
 * @binding: of what to which driver
 * @thread: the thread
 * @result: of unbinding, when the thread has ended
 */
struct unbinding {
	const struct exynos_binding *binding;
	pthread_t thread;
	int result;
};

static void *unbind_thread(void *arg)
{
	struct unbinding *u = arg;

	u->result = exynos_try_unbind(u->binding);
	return NULL;
}

/* Returns a page whose first reader waits until fault_resolve(), and the userfaultfd(). */
static void *fault_page(int *uffd)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register missing = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	void *page;

	*uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	igt_require_f(*uffd >= 0, "this kernel has no userfaultfd()\n");
	do_ioctl(*uffd, UFFDIO_API, &api);
	page = exynos_mmap(PAGE);
	missing.range.start = (uintptr_t)page;
	missing.range.len = PAGE;
	do_ioctl(*uffd, UFFDIO_REGISTER, &missing);
	return page;
}

static void fault_wait(int uffd)
{
	struct uffd_msg msg;

	igt_assert_eq(read(uffd, &msg, sizeof(msg)), sizeof(msg));
	igt_assert_eq(msg.event, UFFD_EVENT_PAGEFAULT);
}

static void fault_resolve(int uffd, void *page, const void *content)
{
	struct uffdio_copy copy = {
		.dst = (uintptr_t)page,
		.src = (uintptr_t)content,
		.len = PAGE,
	};

	do_ioctl(uffd, UFFDIO_COPY, &copy);
}

/* While the page's reader waits; returns when both have gone on. */
static void unbind_before_resolving(const struct exynos_binding *binding, int uffd, void *page,
				    const void *content, struct unbinding *u)
{
	fault_wait(uffd);
	u->binding = binding;
	u->result = -1;
	igt_assert_eq(pthread_create(&u->thread, NULL, unbind_thread, u), 0);
	usleep(500000);
	fault_resolve(uffd, page, content);
}

/**
 * struct making - a property blob that a thread makes
 * @fd: DRM file
 * @page: what it is made of
 * @ret: of the ioctl
 */
struct making {
	int fd;
	void *page;
	int ret;
};

static void *blob_thread(void *arg)
{
	struct making *t = arg;
	struct drm_mode_create_blob blob = { .data = (uintptr_t)t->page, .length = 256 };

	t->ret = igt_ioctl(t->fd, DRM_IOCTL_MODE_CREATEPROPBLOB, &blob) ? -errno : 0;
	return NULL;
}

static void unbind_with_blob_ioctl(struct exynos *e)
{
	static uint8_t content[PAGE] __attribute__((aligned(PAGE)));
	struct making making = { .ret = -1 };
	struct unbinding unbinding;
	pthread_t thread;
	int uffd;

	require_bindings(e);
	making.page = fault_page(&uffd);
	making.fd = drm_open_driver(DRIVER_EXYNOS);
	igt_assert_eq(pthread_create(&thread, NULL, blob_thread, &making), 0);
	unbind_before_resolving(&exynos_drm_binding, uffd, making.page, content, &unbinding);
	pthread_join(thread, NULL);
	pthread_join(unbinding.thread, NULL);
	igt_assert_eq(unbinding.result, 0);
	igt_assert_eq(making.ret, 0);

	close(making.fd);
	close(uffd);
	munmap(making.page, PAGE);
	bind_again(e);
}

/* Connecting reads the EDID, and waits for its page while VIDI is unbound. */
static void unbind_with_connection(struct exynos *e)
{
	static uint8_t edid[PAGE] __attribute__((aligned(PAGE)));
	struct connecting c = { .result = -1 };
	struct unbinding unbinding;
	pthread_t connecting;
	int uffd;

	require_vidi();
	require_bindings(e);
	igt_install_exit_handler(disconnect);
	make_edid(edid, 1);
	c.edid = fault_page(&uffd);

	c.fd = drm_open_driver(DRIVER_EXYNOS);
	igt_assert_eq(pthread_barrier_init(&c.barrier, NULL, 2), 0);
	igt_assert_eq(pthread_create(&connecting, NULL, connect_thread, &c), 0);
	pthread_barrier_wait(&c.barrier);
	unbind_before_resolving(&vidi_binding, uffd, (void *)c.edid, edid, &unbinding);
	pthread_barrier_wait(&c.barrier);
	c.stop = true;
	pthread_barrier_wait(&c.barrier);
	pthread_join(connecting, NULL);
	pthread_join(unbinding.thread, NULL);
	pthread_barrier_destroy(&c.barrier);
	igt_assert_eq(unbinding.result, 0);
	igt_assert_eq(c.result, 0);

	close(c.fd);
	close(uffd);
	munmap((void *)c.edid, PAGE);
	bind_again(e);
	/* It went with the VIDI that it was made for. */
	igt_assert_eq(read_number(VIDI_CONNECTION), 0);
}

static const struct exynos_test tests[] = {
	{ "unbind-with-framebuffer", unbind_with_framebuffer },
	{ "unbind-with-blob", unbind_with_blob },
	{ "unbind-with-blob-ioctl", unbind_with_blob_ioctl },
	{ "unbind-with-connection", unbind_with_connection },
	{ "plane-without-size", plane_without_size },
	{ "planes-after-rebind", planes_after_rebind },
	{ "vidi-connection-after-unbind", vidi_connection_after_unbind },
	{ "vidi-connect-twice", vidi_connect_twice },
};

igt_main {
	static struct exynos e;

	igt_fixture
		exynos_init(&e);

	exynos_run_tests(&e, tests, ARRAY_SIZE(tests));

	igt_fixture
		exynos_fini(&e);
}
