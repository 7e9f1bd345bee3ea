/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Properties of the driver for userspace.
 */

#ifndef _EXYNOS_DRM_PARAM_H_
#define _EXYNOS_DRM_PARAM_H_

#include <linux/errno.h>

struct drm_device;
struct drm_file;

#ifdef CONFIG_DRM_EXYNOS_USERPTR
int exynos_drm_get_param_ioctl(struct drm_device *drm, void *data,
			       struct drm_file *file);
#else
static inline int exynos_drm_get_param_ioctl(struct drm_device *drm,
					     void *data, struct drm_file *file)
{
	return -EINVAL;
}
#endif

#endif
