// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt.h"
#include "igt_exynos_sys.h"

#define PAGE	4096

const struct exynos_binding exynos_drm_binding = { "exynos-drm", "exynos-drm" };
const struct exynos_binding exynos_g2d_binding = { "exynos-drm-g2d", "12800000.g2d" };

int exynos_write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

bool exynos_read_line(const char *path, char *line, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok;

	if (!f)
		return false;
	ok = fgets(line, size, f);
	fclose(f);
	return ok;
}

bool exynos_file_says(const char *path, const char *text)
{
	char said[64];

	return exynos_read_line(path, said, sizeof(said)) && !strncmp(said, text, strlen(text));
}

bool exynos_file_becomes(const char *path, const char *text)
{
	unsigned int i;

	for (i = 0; i < 300; i++) {
		if (exynos_file_says(path, text))
			return true;
		usleep(10000);
	}
	return false;
}

static void driver_file(char *path, size_t size, const struct exynos_binding *b, const char *name)
{
	snprintf(path, size, "/sys/bus/platform/drivers/%s/%s", b->driver, name);
}

bool exynos_is_bound(const struct exynos_binding *b)
{
	char path[128];

	driver_file(path, sizeof(path), b, b->device);
	return access(path, F_OK) == 0;
}

int exynos_try_bind(const struct exynos_binding *b)
{
	char path[128];

	driver_file(path, sizeof(path), b, "bind");
	return exynos_write_file(path, b->device);
}

int exynos_try_unbind(const struct exynos_binding *b)
{
	char path[128];

	driver_file(path, sizeof(path), b, "unbind");
	return exynos_write_file(path, b->device);
}

void exynos_bind(const struct exynos_binding *b)
{
	igt_assert_f(exynos_is_bound(b) || !exynos_try_bind(b), "cannot bind %s\n", b->device);
}

void exynos_unbind(const struct exynos_binding *b)
{
	igt_assert_f(!exynos_try_unbind(b), "cannot unbind %s\n", b->device);
}

void exynos_bind_all(void)
{
	if (!exynos_is_bound(&exynos_g2d_binding))
		exynos_try_bind(&exynos_g2d_binding);
	if (!exynos_is_bound(&exynos_drm_binding))
		exynos_try_bind(&exynos_drm_binding);
}

static void bind_at_exit(int sig)
{
	(void)sig;
	exynos_bind_all();
}

void exynos_require_bindings(void)
{
	igt_require_f(exynos_is_bound(&exynos_drm_binding) && exynos_is_bound(&exynos_g2d_binding),
		      "the device is not made of the usual parts, or we are not root\n");
	igt_install_exit_handler(bind_at_exit);
}

int exynos_try_suspend(void)
{
	int err;

	igt_require_f(!exynos_write_file("/sys/power/pm_test", "devices"),
		      "this kernel cannot test suspending\n");
	exynos_write_file("/sys/module/suspend/parameters/pm_test_delay", "0");
	err = exynos_write_file("/sys/power/state", "freeze");
	exynos_write_file("/sys/power/pm_test", "none");
	return err;
}

long exynos_unreclaimable_kib(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	long kib = -1;

	igt_assert(f);
	while (fgets(line, sizeof(line), f) && sscanf(line, "SUnreclaim: %ld", &kib) != 1)
		;
	fclose(f);
	igt_assert(kib >= 0);
	return kib;
}

void exynos_run_on(pid_t thread, unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	igt_assert_eq(sched_setaffinity(thread, sizeof(set), &set), 0);
}

void exynos_run_anywhere(void)
{
	cpu_set_t set;
	unsigned int i;

	CPU_ZERO(&set);
	for (i = 0; i < CPU_SETSIZE; i++)
		CPU_SET(i, &set);
	igt_assert_eq(sched_setaffinity(0, sizeof(set), &set), 0);
}

volatile uint32_t *exynos_map_registers(uint32_t base)
{
	int mem = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
	void *registers;

	igt_assert_fd(mem);
	registers = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, mem, base);
	igt_assert(registers != MAP_FAILED);
	close(mem);
	return registers;
}

void exynos_unmap_registers(volatile uint32_t *registers)
{
	munmap((void *)registers, PAGE);
}

const volatile uint32_t *exynos_map_ram(uint64_t base, size_t size, bool cached)
{
	/* ARM maps RAM without caches for who wants it in sync. */
	int mem = open("/dev/mem", O_RDONLY | O_CLOEXEC | (cached ? 0 : O_SYNC));
	void *ram;

	igt_assert_fd(mem);
	ram = mmap(NULL, size, PROT_READ, MAP_SHARED, mem, base);
	igt_assert(ram != MAP_FAILED);
	close(mem);
	return ram;
}

unsigned int exynos_dirty_lines(uint64_t base, size_t size)
{
	enum { ADDRESS = 0x28 / 4, DIRTY = 0x2c / 4, LINE = 32, AT_ONCE = 1024 };
	volatile uint32_t *caches;
	unsigned int lines = 0;
	uint64_t at;

	if (access("/proc/device-tree/dcache@10503000", F_OK))
		return 0;
	caches = exynos_map_registers(0x10503000);
	for (at = base & ~(AT_ONCE - 1ull); at < base + size; at += AT_ONCE) {
		uint32_t dirty;

		caches[ADDRESS] = at;
		dirty = caches[DIRTY];
		if (at < base)
			dirty &= ~0u << (base - at) / LINE;
		if (at + AT_ONCE > base + size)
			dirty &= ~0u >> (at + AT_ONCE - base - size) / LINE;
		lines += __builtin_popcount(dirty);
	}
	exynos_unmap_registers(caches);
	return lines;
}

bool exynos_becomes_idle(volatile uint32_t *engine)
{
	unsigned int i;

	for (i = 0; i < 300; i++) {
		if (engine[ENGINE_FIFO / 4] & FIFO_IDLE)
			return true;
		usleep(10000);
	}
	return false;
}

/*
 * Upstream's driver does not survive that a file is closed whose device is gone.
 * Where that is not what is tested, another process keeps the file open until it
 * turns out that the driver is right.
 */
static int keeper = -1;

static pid_t keeper_pid;

void exynos_keep_files_open(void)
{
	int pipes[2];
	char c;

	igt_assert_eq(pipe(pipes), 0);
	keeper_pid = fork();
	igt_assert_neq(keeper_pid, -1);
	if (!keeper_pid) {
		close(pipes[1]);
		setsid();
		/* Who runs the test waits for the end of what it prints. */
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
		if (read(pipes[0], &c, 1) != 1)
			for (;;)
				pause();
		_exit(0);
	}
	close(pipes[0]);
	keeper = pipes[1];
}

void exynos_let_files_close(void)
{
	igt_assert_eq(write(keeper, "", 1), 1);
	igt_assert_eq(waitpid(keeper_pid, NULL, 0), keeper_pid);
	close(keeper);
}

#define SYSMMU_BASE	0x12a20000
#define SYSMMU_FLUSH	(0x0c / 4)
#define SYSMMU_PT_BASE	(0x14 / 4)
#define SYSMMU_VERSION	(0x34 / 4)
#define  SYSMMU_VERSION_3_3 0x183

#define ENGINE_POWER	ENGINE_DEVICE "/power/control"

void exynos_power_as_needed(int sig)
{
	(void)sig;
	exynos_write_file(ENGINE_POWER, "auto");
}
