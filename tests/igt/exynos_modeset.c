// SPDX-License-Identifier: MIT
#include <limits.h>
#include <unistd.h>

#include "drm_fourcc.h"
#include "drm_mode.h"
#include "igt.h"
#include "igt_exynos.h"
#include "igt_exynos_sys.h"

/**
 * TEST: exynos modeset
 * Description: What planes, framebuffers and modes may be, as upstream's display code
 *		tells userspace and as it checks it.
 * Category: Display
 * Mega feature: General Display Features
 * Sub-category: Display tests
 * Functionality: kms_core
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: plane-blend-mode
 * Description: Each plane that takes pixels with alpha has a blend mode.
 *
 * SUBTEST: bad-modifier
 * Description: A framebuffer whose modifier no plane knows is rejected when it is made.
 *
 * SUBTEST: legacy-cursor
 * Description: A plane of type cursor is the cursor of its CRTC.
 *
 * SUBTEST: mode-refresh
 * Description: VIDI rejects modes that it would have to refresh all too often.
 */

IGT_TEST_DESCRIPTION("What planes, framebuffers and modes may be.");

#define VIDI_CONNECTION	"/sys/bus/platform/devices/exynos-drm-vidi/connection"
#define CURSOR_SIZE	64

enum { MAX_IDS = 32 };

static int open_universal(void)
{
	struct drm_set_client_cap universal = {
		.capability = DRM_CLIENT_CAP_UNIVERSAL_PLANES,
		.value = 1,
	};
	int fd = drm_open_driver(DRIVER_EXYNOS);

	do_ioctl(fd, DRM_IOCTL_SET_CLIENT_CAP, &universal);
	return fd;
}

static unsigned int get_planes(int fd, uint32_t *planes)
{
	struct drm_mode_get_plane_res res = {
		.plane_id_ptr = (uintptr_t)planes,
		.count_planes = MAX_IDS,
	};

	do_ioctl(fd, DRM_IOCTL_MODE_GETPLANERESOURCES, &res);
	igt_assert_lt(0, res.count_planes);
	igt_assert_lte(res.count_planes, MAX_IDS);
	return res.count_planes;
}

/* Whether the object has the property, and its value. */
static bool get_property(int fd, uint32_t object, const char *name, uint64_t *value)
{
	uint32_t props[MAX_IDS];
	uint64_t values[MAX_IDS];
	struct drm_mode_obj_get_properties get = {
		.props_ptr = (uintptr_t)props,
		.prop_values_ptr = (uintptr_t)values,
		.count_props = MAX_IDS,
		.obj_id = object,
	};
	unsigned int i;

	do_ioctl(fd, DRM_IOCTL_MODE_OBJ_GETPROPERTIES, &get);
	igt_assert_lte(get.count_props, MAX_IDS);
	for (i = 0; i < get.count_props; i++) {
		struct drm_mode_get_property prop = { .prop_id = props[i] };

		do_ioctl(fd, DRM_IOCTL_MODE_GETPROPERTY, &prop);
		if (!strcmp(prop.name, name)) {
			*value = values[i];
			return true;
		}
	}
	return false;
}

static bool takes_alpha(int fd, uint32_t id)
{
	uint32_t formats[64];
	struct drm_mode_get_plane plane = {
		.plane_id = id,
		.count_format_types = ARRAY_SIZE(formats),
		.format_type_ptr = (uintptr_t)formats,
	};
	unsigned int i;

	do_ioctl(fd, DRM_IOCTL_MODE_GETPLANE, &plane);
	igt_assert_lte(plane.count_format_types, ARRAY_SIZE(formats));
	for (i = 0; i < plane.count_format_types; i++)
		if (formats[i] == DRM_FORMAT_ARGB8888)
			return true;
	return false;
}

static void plane_blend_mode(struct exynos *e)
{
	unsigned int i, num, checked = 0;
	uint32_t planes[MAX_IDS];
	int fd = open_universal();
	uint64_t mode;

	(void)e;
	num = get_planes(fd, planes);
	for (i = 0; i < num; i++) {
		if (!takes_alpha(fd, planes[i]))
			continue;
		igt_assert_f(get_property(fd, planes[i], "pixel blend mode", &mode),
			     "plane %u takes ARGB8888 and has no blend mode\n", planes[i]);
		checked++;
	}
	close(fd);
	igt_assert_lt(0, checked);
}

static int add_framebuffer(int fd, uint64_t modifier)
{
	struct drm_mode_create_dumb dumb = { .width = 64, .height = 64, .bpp = 32 };
	struct drm_mode_fb_cmd2 fb = {
		.width = 64,
		.height = 64,
		.pixel_format = DRM_FORMAT_XRGB8888,
		.flags = DRM_MODE_FB_MODIFIERS,
		.modifier[0] = modifier,
	};
	struct drm_mode_destroy_dumb destroy = { 0 };
	int ret;

	do_ioctl(fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb);
	fb.handles[0] = dumb.handle;
	fb.pitches[0] = dumb.pitch;
	ret = igt_ioctl(fd, DRM_IOCTL_MODE_ADDFB2, &fb) ? -errno : 0;
	if (!ret)
		do_ioctl(fd, DRM_IOCTL_MODE_RMFB, &fb.fb_id);
	destroy.handle = dumb.handle;
	do_ioctl(fd, DRM_IOCTL_MODE_DESTROY_DUMB, &destroy);
	return ret;
}

static void bad_modifier(struct exynos *e)
{
	static const uint64_t bad[] = {
		DRM_FORMAT_MOD_INVALID,
		fourcc_mod_code(SAMSUNG, 0xfffff),
	};
	int ret, fd = drm_open_driver(DRIVER_EXYNOS);
	unsigned int i;

	(void)e;
	igt_assert_eq(add_framebuffer(fd, DRM_FORMAT_MOD_LINEAR), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		ret = add_framebuffer(fd, bad[i]);
		igt_assert_f(ret, "a framebuffer was accepted with modifier %#llx\n",
			     (unsigned long long)bad[i]);
		igt_assert_eq(ret, -EINVAL);
	}
	close(fd);
}

static void legacy_cursor(struct exynos *e)
{
	struct drm_mode_create_dumb dumb = { .width = CURSOR_SIZE, .height = CURSOR_SIZE, .bpp = 32 };
	uint32_t planes[MAX_IDS], crtcs[MAX_IDS];
	struct drm_mode_card_res res = {
		.crtc_id_ptr = (uintptr_t)crtcs,
		.count_crtcs = MAX_IDS,
	};
	unsigned int i, num, cursors = 0;
	int fd = open_universal();
	uint64_t type;

	(void)e;
	do_ioctl(fd, DRM_IOCTL_MODE_GETRESOURCES, &res);
	igt_assert_lte(res.count_crtcs, MAX_IDS);
	do_ioctl(fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb);
	num = get_planes(fd, planes);
	for (i = 0; i < num; i++) {
		struct drm_mode_get_plane plane = { .plane_id = planes[i] };
		struct drm_mode_cursor cursor = {
			.width = CURSOR_SIZE,
			.height = CURSOR_SIZE,
			.handle = dumb.handle,
		};

		igt_assert(get_property(fd, planes[i], "type", &type));
		/* The value that the uAPI gives to cursor planes. */
		if (type != 2)
			continue;
		do_ioctl(fd, DRM_IOCTL_MODE_GETPLANE, &plane);
		igt_assert(plane.possible_crtcs);
		cursor.crtc_id = crtcs[ffs(plane.possible_crtcs) - 1];
		cursor.flags = DRM_MODE_CURSOR_BO | DRM_MODE_CURSOR_MOVE;
		igt_assert_f(!igt_ioctl(fd, DRM_IOCTL_MODE_CURSOR, &cursor),
			     "CRTC %u takes no cursor: %s\n", cursor.crtc_id, strerror(errno));
		plane = (struct drm_mode_get_plane){ .plane_id = planes[i] };
		do_ioctl(fd, DRM_IOCTL_MODE_GETPLANE, &plane);
		igt_assert_f(plane.fb_id, "plane %u does not show the cursor of CRTC %u\n",
			     planes[i], cursor.crtc_id);
		cursor.flags = DRM_MODE_CURSOR_BO;
		cursor.handle = 0;
		do_ioctl(fd, DRM_IOCTL_MODE_CURSOR, &cursor);
		plane = (struct drm_mode_get_plane){ .plane_id = planes[i] };
		do_ioctl(fd, DRM_IOCTL_MODE_GETPLANE, &plane);
		igt_assert_eq(plane.fb_id, 0);
		cursors++;
	}
	close(fd);
	igt_assert_lt(0, cursors);
}

static void disconnect(int sig)
{
	(void)sig;
	exynos_write_file(VIDI_CONNECTION, "0");
}

/* The connector that is there because of VIDI, with its first mode and the CRTC for it. */
static void find_vidi(int fd, struct drm_mode_crtc *set, uint32_t *connector)
{
	uint32_t crtcs[MAX_IDS], connectors[MAX_IDS], encoders[MAX_IDS];
	static struct drm_mode_modeinfo modes[64];
	struct drm_mode_card_res res = {
		.crtc_id_ptr = (uintptr_t)crtcs,
		.count_crtcs = MAX_IDS,
		.connector_id_ptr = (uintptr_t)connectors,
		.count_connectors = MAX_IDS,
	};
	unsigned int i;

	do_ioctl(fd, DRM_IOCTL_MODE_GETRESOURCES, &res);
	igt_assert_lte(res.count_connectors, MAX_IDS);
	for (i = 0; i < res.count_connectors; i++) {
		struct drm_mode_get_connector get = { .connector_id = connectors[i] };
		struct drm_mode_get_encoder encoder = { 0 };

		/* It looks for modes when there is no room for any. */
		do_ioctl(fd, DRM_IOCTL_MODE_GETCONNECTOR, &get);
		if (get.connector_type != DRM_MODE_CONNECTOR_VIRTUAL)
			continue;
		igt_assert_lt(0, get.count_modes);
		igt_assert_lte(get.count_modes, ARRAY_SIZE(modes));
		get.count_props = 0;
		get.count_encoders = MAX_IDS;
		get.encoders_ptr = (uintptr_t)encoders;
		get.modes_ptr = (uintptr_t)modes;
		do_ioctl(fd, DRM_IOCTL_MODE_GETCONNECTOR, &get);
		igt_assert_eq(get.count_encoders, 1);
		encoder.encoder_id = encoders[0];
		do_ioctl(fd, DRM_IOCTL_MODE_GETENCODER, &encoder);
		igt_assert(encoder.possible_crtcs);
		*connector = connectors[i];
		set->crtc_id = crtcs[ffs(encoder.possible_crtcs) - 1];
		set->mode = modes[0];
		set->mode_valid = 1;
		set->count_connectors = 1;
		set->set_connectors_ptr = (uintptr_t)connector;
		return;
	}
	igt_skip("there is no VIDI\n");
}

static void reject_mode(int fd, struct drm_mode_crtc *set)
{
	const struct drm_mode_modeinfo *mode = &set->mode;
	int ret = igt_ioctl(fd, DRM_IOCTL_MODE_SETCRTC, set) ? -errno : 0;

	igt_assert_f(ret, "a mode of %llu Hz was accepted\n",
		     1000ull * mode->clock / (mode->htotal * mode->vtotal));
	igt_assert_eq(ret, -EINVAL);
}

static void mode_refresh(struct exynos *e)
{
	struct drm_mode_create_dumb dumb = { .bpp = 32 };
	struct drm_mode_fb_cmd2 fb = { .pixel_format = DRM_FORMAT_XRGB8888 };
	struct drm_mode_crtc set = { 0 }, other;
	uint32_t connector;
	int fd;

	(void)e;
	igt_require_f(access(VIDI_CONNECTION, W_OK) == 0, "there is no VIDI, or we are not root\n");
	igt_install_exit_handler(disconnect);
	exynos_write_file(VIDI_CONNECTION, "1");
	fd = drm_open_driver(DRIVER_EXYNOS);
	find_vidi(fd, &set, &connector);
	dumb.width = fb.width = set.mode.hdisplay;
	dumb.height = fb.height = set.mode.vdisplay;
	do_ioctl(fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb);
	fb.handles[0] = dumb.handle;
	fb.pitches[0] = dumb.pitch;
	do_ioctl(fd, DRM_IOCTL_MODE_ADDFB2, &fb);
	set.fb_id = fb.fb_id;

	other = set;
	other.mode.clock = INT_MAX;
	reject_mode(fd, &other);

	other = set;
	other.mode.hdisplay = 10;
	other.mode.hsync_start = 11;
	other.mode.hsync_end = 12;
	other.mode.htotal = 13;
	other.mode.vdisplay = 10;
	other.mode.vsync_start = 11;
	other.mode.vsync_end = 12;
	other.mode.vtotal = 13;
	reject_mode(fd, &other);

	do_ioctl(fd, DRM_IOCTL_MODE_SETCRTC, &set);
	set.mode_valid = 0;
	set.fb_id = 0;
	set.count_connectors = 0;
	do_ioctl(fd, DRM_IOCTL_MODE_SETCRTC, &set);
	close(fd);
	disconnect(0);
}

static const struct exynos_test tests[] = {
	{ "plane-blend-mode", plane_blend_mode },
	{ "bad-modifier", bad_modifier },
	{ "legacy-cursor", legacy_cursor },
	{ "mode-refresh", mode_refresh },
};

igt_main {
	static struct exynos e;

	igt_fixture
		exynos_init(&e);

	exynos_run_tests(&e, tests, ARRAY_SIZE(tests));

	igt_fixture
		exynos_fini(&e);
}
