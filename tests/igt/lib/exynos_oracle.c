// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exynos_oracle.h"

#define PM_SWAPPED (1ull << 62)
#define PM_PRESENT (1ull << 63)
#define PM_PFN ((1ull << 55) - 1)

/* Value after "@key" at the start of a line of @path; -ENOENT without such a line. */
static int64_t keyed_value(const char *path, const char *key)
{
	size_t len = strlen(key);
	int64_t value = -ENOENT;
	char line[256];
	FILE *f = fopen(path, "re");

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, len))
			continue;
		value = strtoll(line + len + strspn(line + len, ": \t"), NULL, 10);
		break;
	}
	fclose(f);
	return value;
}

long oracle_pinned(void)
{
	int64_t acquired, released;
	char byte;
	int fd;

	/* Each CPU keeps a share of the counters; reading this collects them. */
	fd = open("/proc/sys/vm/stat_refresh", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (read(fd, &byte, 1) < 0) {
		int err = errno;

		close(fd);
		return -err;
	}
	close(fd);

	acquired = keyed_value("/proc/vmstat", "nr_foll_pin_acquired ");
	released = keyed_value("/proc/vmstat", "nr_foll_pin_released ");
	if (acquired < 0 || released < 0)
		return acquired < 0 ? acquired : released;
	return acquired - released;
}

long oracle_vm_pin(void)
{
	return keyed_value("/proc/self/status", "VmPin:");
}

int64_t oracle_fdinfo(int fd, const char *key)
{
	char path[64], line[256];
	int64_t value = -ENOENT;
	size_t len = strlen(key);
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		char *unit;

		if (strncmp(line, key, len) || line[len] != ':')
			continue;
		value = strtoll(line + len + 1, &unit, 10);
		if (strstr(unit, "KiB"))
			value <<= 10;
		else if (strstr(unit, "MiB"))
			value <<= 20;
		break;
	}
	fclose(f);
	return value;
}

int64_t oracle_mapped(int fd)
{
	int64_t bytes = oracle_fdinfo(fd, "drm-resident-memory");

	/* The key is left out while no object of the file has any. */
	if (bytes == -ENOENT && oracle_fdinfo(fd, "drm-total-memory") >= 0)
		return 0;
	return bytes;
}

int oracle_pages(const void *ptr, size_t size, struct oracle_pages *out)
{
	uintptr_t page_size = sysconf(_SC_PAGESIZE);
	uintptr_t first = (uintptr_t)ptr / page_size;
	uintptr_t last = ((uintptr_t)ptr + size - 1) / page_size;
	int pagemap, count, ret = 0;
	uintptr_t i;

	memset(out, 0, sizeof(*out));
	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (pagemap < 0)
		return -errno;
	count = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
	if (count < 0) {
		ret = -errno;
		close(pagemap);
		return ret;
	}
	for (i = first; i <= last; i++) {
		uint64_t entry, mappings;

		if (pread(pagemap, &entry, 8, (off_t)i * 8) != 8) {
			ret = -EIO;
			break;
		}
		out->pages++;
		if (entry & PM_SWAPPED)
			out->swapped++;
		if (!(entry & PM_PRESENT))
			continue;
		out->present++;
		if (pread(count, &mappings, 8, (off_t)(entry & PM_PFN) * 8) != 8) {
			ret = -EIO;
			break;
		}
		out->mapcount += mappings;
	}
	close(count);
	close(pagemap);
	return ret;
}

void oracle_log_open(struct oracle_log *log)
{
	log->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	oracle_log_mark(log);
}

void oracle_log_mark(struct oracle_log *log)
{
	if (log->fd >= 0)
		lseek(log->fd, 0, SEEK_END);
}

/* First words of what the kernel's debugging aids print, at whatever level. */
static const char reports[] =
	"WARNING: |BUG: |INFO: (possible|task|rcu|inconsistent|suspicious|trying)|"
	"possible (circular|recursive)|suspicious RCU|inconsistent lock|"
	"Oops|Unable to handle|Kernel panic|KASAN|KFENCE|UBSAN|KCSAN|DMA-API: |"
	"refcount_t: |list_(add|del) corruption|kmemleak: [0-9]+ new|"
	"sleeping function called|scheduling while atomic|bad page|Bad page|"
	"page_owner|System MMU Fault|soft lockup|hung task|ODEBUG|DEBUG_LOCKS_WARN|"
	"nobody cared";

/* What our driver says at any level, for a program can make it say it again. */
static const char chatter[] = "exynos|\\[drm|g2d|fimg2d";

static bool regex_hits(const char *pattern, const char *text)
{
	regex_t re;
	bool hit;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB))
		abort();
	hit = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return hit;
}

bool oracle_log_complaint(struct oracle_log *log, const char *allowed, char *line, size_t size)
{
	char record[2048];
	bool found = false;
	ssize_t len;

	for (;;) {
		char *text, *end;
		int level;

		len = log->fd < 0 ? -1 : read(log->fd, record, sizeof(record) - 1);
		if (len == -1 && errno == EPIPE)
			continue; /* records were overwritten; go on with the oldest */
		if (len <= 0)
			return found;
		record[len] = '\0';
		level = strtol(record, NULL, 10) & 7;
		text = strchr(record, ';');
		if (!text || found)
			continue;
		text++;
		end = strchr(text, '\n');
		if (end)
			*end = '\0';
		/* The ruler above a report; the line below it says more. */
		if (!strncmp(text, "------------[", 13))
			continue;
		if (!regex_hits(reports, text) &&
		    ((level > 4 && (level > 6 || !regex_hits(chatter, text))) ||
		     strstr(text, "[IGT]") || (allowed && regex_hits(allowed, text))))
			continue;
		snprintf(line, size, "<%d> %s", level, text);
		found = true;
	}
}
