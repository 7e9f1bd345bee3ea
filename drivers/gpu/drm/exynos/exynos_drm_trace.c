// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracepoints of userptr objects and jobs.
 */

#ifndef __CHECKER__
#define CREATE_TRACE_POINTS
#include "exynos_drm_trace.h"
#endif
