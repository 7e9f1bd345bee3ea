// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <limits.h>

#include "igt.h"
#include "igt_exynos_sys.h"

/* Where a function of the kernel begins and ends. */
static bool find_function(const char *name, unsigned long *begin, unsigned long *end)
{
	char line[256], symbol[128];
	FILE *f = fopen("/proc/kallsyms", "re");
	unsigned long address;

	*begin = 0;
	*end = ULONG_MAX;
	if (!f)
		return false;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx %*c %127s", &address, symbol) == 2 && !strcmp(symbol, name))
			*begin = address;
	rewind(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx", &address) == 1 && address > *begin && address < *end)
			*end = address;
	fclose(f);
	return *begin && *end != ULONG_MAX;
}

static const char * const failing[] = {
	"/sys/kernel/debug/failslab/",
	"/sys/kernel/debug/fail_page_alloc/",
};

static int set_failing(const char *name, const char *value)
{
	unsigned int i;
	char path[64];
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(failing); i++) {
		snprintf(path, sizeof(path), "%s%s", failing[i], name);
		err = err ?: exynos_write_file(path, value);
	}
	return err;
}

/* Kept open: to open it needs memory, too. */
static int control = -1;

static bool set_nth(unsigned int nth)
{
	char number[16];
	int len = snprintf(number, sizeof(number), "%u", nth);

	return pwrite(control, number, len, 0) == len;
}

void exynos_fail_nowhere(int sig)
{
	(void)sig;
	if (control >= 0)
		set_nth(0);
	set_failing("require-start", "0");
	set_failing("require-end", "0xffffffff");
}

void exynos_require_failing(void)
{
	if (control < 0)
		control = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	igt_require_f(control >= 0, "this kernel cannot make allocations fail\n");
	igt_require(!set_failing("ignore-gfp-wait", "N"));
	igt_require(!set_failing("verbose", "0"));
	igt_require(!exynos_write_file("/sys/kernel/debug/fail_page_alloc/min-order", "0"));
	/* Page tables of programs may lie in high memory. */
	exynos_write_file("/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N");
	igt_install_exit_handler(exynos_fail_nowhere);
}

void exynos_fail_within(const char *function)
{
	unsigned long begin, end;
	char number[24];

	igt_require_f(find_function(function, &begin, &end), "this kernel has no %s()\n", function);
	snprintf(number, sizeof(number), "%#lx", begin);
	igt_assert(!set_failing("require-start", number));
	snprintf(number, sizeof(number), "%#lx", end);
	igt_assert(!set_failing("require-end", number));
}

void exynos_fail_nth(unsigned int nth)
{
	igt_assert(set_nth(nth));
}

bool exynos_has_failed(void)
{
	char left[16] = "";
	bool read = pread(control, left, sizeof(left) - 1, 0) > 0;

	set_nth(0);
	igt_assert(read);
	return !atoi(left);
}
