// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "report.h"

static FILE *file;
static unsigned int failures;

void report_open(const char *path)
{
	file = fopen(path, "we");
	if (!file) {
		perror(path);
		exit(1);
	}
}

static void line(const char *mark, const char *format, va_list args)
{
	char text[512];

	vsnprintf(text, sizeof(text), format, args);
	printf("%s%s\n", mark, text);
	fflush(stdout);
	fprintf(file, "%s%s\n", mark, text);
	fflush(file);
	fsync(fileno(file));
}

void report(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line("", format, args);
	va_end(args);
}

void report_failure(const char *format, ...)
{
	va_list args;

	failures++;
	va_start(args, format);
	line("   FAILED: ", format, args);
	va_end(args);
}

unsigned int report_failures(void)
{
	return failures;
}
