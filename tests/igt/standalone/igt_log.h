/* SPDX-License-Identifier: MIT */
#ifndef IGT_STANDALONE_LOG_H
#define IGT_STANDALONE_LOG_H

#include <stdarg.h>

#include "igt.h"

/** __igt_log_show - print messages of @level and above as they come. */
void __igt_log_show(enum igt_log_level level);

/** __igt_log_reset - forget what was kept; a subtest begins. */
void __igt_log_reset(void);

/** __igt_log_dump - print what was kept of @name, which failed. */
void __igt_log_dump(const char *name);

void __igt_vlog(const char *domain, enum igt_log_level level, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

#endif /* IGT_STANDALONE_LOG_H */
