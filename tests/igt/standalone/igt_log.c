// SPDX-License-Identifier: MIT
/*
 * Messages.  Debug messages are kept in a ring and printed when the subtest
 * fails, so that a failure explains itself without a second run.
 */
#include <fcntl.h>

#include "igt_log.h"

#define KEPT 128
#define LINE 256

static enum igt_log_level shown = IGT_LOG_INFO;
static char kept[KEPT][LINE];
static unsigned int kept_end;

void __igt_log_show(enum igt_log_level level)
{
	shown = level;
}

void __igt_log_reset(void)
{
	kept_end = 0;
}

void __igt_log_dump(const char *name)
{
	unsigned int i = kept_end > KEPT ? kept_end - KEPT : 0;

	fflush(stdout);
	fprintf(stderr, "%s failed.\n", name);
	if (shown != IGT_LOG_DEBUG && kept_end) {
		fprintf(stderr, "**** DEBUG ****\n");
		for (; i < kept_end; i++)
			fputs(kept[i % KEPT], stderr);
		fprintf(stderr, "****  END  ****\n");
	}
	fflush(stderr);
}

void __igt_vlog(const char *domain, enum igt_log_level level, const char *format, va_list args)
{
	static const char *const names[] = { "DEBUG", "INFO", "WARNING", "CRITICAL" };
	char text[LINE - 64], *line = kept[kept_end++ % KEPT];

	vsnprintf(text, sizeof(text), format, args);
	snprintf(line, LINE, "(%s:%d) %s%s%s: %s", igt_test_name(), getpid(), domain ?: "",
		 domain ? "-" : "", names[level], text);

	if (level < shown)
		return;
	if (level == IGT_LOG_INFO) {
		fputs(text, stdout);
		return;
	}
	fflush(stdout);
	fputs(line, stderr);
}

void igt_log(const char *domain, enum igt_log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	__igt_vlog(domain, level, format, args);
	va_end(args);
}

void igt_kmsg(const char *format, ...)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC), len;
	char text[LINE];
	va_list args;

	if (fd < 0)
		return;
	/* In one write(), which is a record. vdprintf() would seek, which fails. */
	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len > 0 && write(fd, text, len < LINE ? len : LINE - 1) < 0)
		fprintf(stderr, "/dev/kmsg: %s\n", strerror(errno));
	close(fd);
}
