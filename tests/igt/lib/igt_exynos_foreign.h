/* SPDX-License-Identifier: MIT */
/*
 * Memory that another driver maps into the process.
 */
#ifndef IGT_EXYNOS_FOREIGN_H
#define IGT_EXYNOS_FOREIGN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "exynos_drm_pfnmap_test.h"

/**
 * struct foreign - a mapping of another driver's memory
 * @fd: the file behind it
 * @map: the mapping
 * @size: its size in bytes
 */
struct foreign {
	int fd;
	uint8_t *map;
	size_t size;
};

/** foreign_map - map a file, which belongs to the result */
struct foreign foreign_map(int fd, size_t size, int prot, int flags, off_t offset);

/** foreign_unmap - unmap and close it */
void foreign_unmap(struct foreign *s);

/** foreign_udmabuf - open a udmabuf of @size bytes; skip without the driver */
int foreign_udmabuf(size_t size);

/** foreign_udmabuf_of - the same; @memfd, unless NULL, gets the file behind it */
int foreign_udmabuf_of(size_t size, int *memfd);

/** foreign_system_heap - open a buffer of the system dma-heap; skip without one */
int foreign_system_heap(size_t size);

/** foreign_cma_heap - open a contiguous buffer of a CMA dma-heap; skip without one */
int foreign_cma_heap(size_t size);

/** foreign_vivid - map six pages of a camera's buffer: contiguous, write-combined */
struct foreign foreign_vivid(void);

/** foreign_test - map all pages of a kind of the driver's test device */
struct foreign foreign_test(enum pfnmap_test_kind kind);

/** foreign_test_at - map @pages from @page on of a kind of the test device */
struct foreign foreign_test_at(enum pfnmap_test_kind kind, unsigned int page,
			       unsigned int pages);

#endif
