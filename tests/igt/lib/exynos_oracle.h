/* SPDX-License-Identifier: MIT */
/*
 * What must hold whenever no ioctl runs, and how to look: no page stays pinned,
 * and the kernel has nothing to complain about.
 */
#ifndef EXYNOS_ORACLE_H
#define EXYNOS_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * oracle_pinned - pages pinned for DMA in the whole system
 *
 * Return: how many more pins were taken than released, or -errno.
 */
long oracle_pinned(void);

/**
 * oracle_vm_pin - VmPin of the calling process
 *
 * Return: KiB, or -errno.
 */
long oracle_vm_pin(void);

/**
 * oracle_fdinfo - one memory key of a DRM file
 * @fd: the file, of this process
 * @key: as in drm-usage-stats, for example "drm-resident-memory"
 *
 * Return: bytes, or -ENOENT when the file has no such key.
 */
int64_t oracle_fdinfo(int fd, const char *key);

/**
 * oracle_mapped - bytes of a file's objects that are mapped for an engine
 * @fd: the file, of this process
 *
 * Return: bytes, or -ENOENT when the driver does not tell.
 */
int64_t oracle_mapped(int fd);

/* Mapping counts and page frame flags of the pages behind a range. */
struct oracle_pages {
	unsigned int pages;	/* in the range */
	unsigned int present;	/* in memory now */
	unsigned int swapped;	/* in swap now */
	uint64_t mapcount;	/* sum of mappings, /proc/kpagecount */
};

/**
 * oracle_pages - look up the pages behind a range of this process
 * @ptr: first byte
 * @size: bytes
 * @out: filled in
 *
 * Return: 0 or -errno; needs root for the mapping counts.
 */
int oracle_pages(const void *ptr, size_t size, struct oracle_pages *out);

/**
 * struct oracle_log - a position in the kernel log
 * @fd: /dev/kmsg, or negative when it cannot be read
 */
struct oracle_log {
	int fd;
};

void oracle_log_open(struct oracle_log *log);

/** oracle_log_mark - what was logged until now is of no interest */
void oracle_log_mark(struct oracle_log *log);

/**
 * oracle_log_complaint - look for trouble logged since the last mark or call
 * @log: position, advanced past what was read
 * @allowed: extended regular expression of warnings that are expected, or NULL;
 *	reports of the kernel's debugging aids are never allowed
 * @line: the first complaint
 * @size: bytes at @line
 *
 * A complaint is a report of a debugging aid (WARN, BUG, lockdep, KASAN, DMA
 * debug, kmemleak ...) at any level, any other line of level warning or above,
 * or anything but a debug message from this driver: a program that can make it
 * say something can make it say it for ever.
 *
 * Return: true when there is a complaint.
 */
bool oracle_log_complaint(struct oracle_log *log, const char *allowed, char *line, size_t size);

#endif /* EXYNOS_ORACLE_H */
