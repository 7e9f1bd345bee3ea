// SPDX-License-Identifier: GPL-2.0-only
/*
 * Properties of the driver for userspace.
 */

#include <linux/dma-mapping.h>

#include <drm/drm_device.h>
#include <drm/drm_print.h>
#include <drm/exynos_drm.h>

#include "exynos_drm_param.h"
#include "exynos_drm_user.h"
#include "exynos_drm_userptr.h"
#include "exynos_drm_window.h"

/**
 * exynos_drm_get_param_ioctl() - get a property of the driver
 * @drm: the device
 * @data: &struct drm_exynos_get_param
 * @file: the file
 *
 * Context: Ioctl.
 *
 * Return: 0, or -EINVAL for an unknown parameter or nonzero padding.
 */
int exynos_drm_get_param_ioctl(struct drm_device *drm, void *data,
			       struct drm_file *file)
{
	struct drm_exynos_get_param *args = data;

	if (args->pad) {
		drm_dbg(drm, "padding is %#x, must be zero\n", args->pad);
		return -EINVAL;
	}

	switch (args->param) {
	case EXYNOS_PARAM_USERPTR_FEATURES:
		args->value = EXYNOS_USERPTR_READONLY | EXYNOS_USERPTR_PROBE;
		break;
	case EXYNOS_PARAM_CACHE_LINE_SIZE:
		args->value = dma_get_cache_alignment();
		break;
	case EXYNOS_PARAM_USERPTR_MAX_SIZE:
		args->value = exynos_drm_userptr_share();
		args->value -= min(args->value, EXYNOS_DRM_WINDOW_GUARD);
		args->value = ALIGN_DOWN(args->value, PAGE_SIZE);
		break;
	case EXYNOS_PARAM_USERPTR_LIMIT:
		args->value = exynos_drm_userptr_limit();
		break;
	case EXYNOS_PARAM_USERPTR_SHARE:
		args->value = exynos_drm_userptr_share();
		break;
	case EXYNOS_PARAM_G2D_JOBS:
		args->value = EXYNOS_DRM_G2D_JOBS;
		break;
	case EXYNOS_PARAM_G2D_USER_JOBS:
		args->value = EXYNOS_DRM_G2D_USER_JOBS;
		break;
	case EXYNOS_PARAM_USERPTR_PFNMAP_MAX_SIZE:
		args->value = exynos_drm_userptr_pfnmap_max(drm);
		break;
	default:
		drm_dbg(drm, "unknown parameter %u\n", args->param);
		return -EINVAL;
	}
	return 0;
}
