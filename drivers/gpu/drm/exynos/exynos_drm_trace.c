// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens to user memory and to the jobs that use it.
 */

#ifndef __CHECKER__
#define CREATE_TRACE_POINTS
#include "exynos_drm_trace.h"
#endif
