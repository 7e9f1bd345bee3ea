/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * User memory for the engines behind the Exynos DRM device.
 */

#ifndef _UAPI_EXYNOS_DRM_USERPTR_H_
#define _UAPI_EXYNOS_DRM_USERPTR_H_

#include "drm.h"

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * DOC: userptr uAPI
 *
 * DRM_IOCTL_EXYNOS_GEM_USERPTR turns a range of the caller's address space
 * into a GEM handle, which an engine reads and writes in place. The range may
 * start at any byte and have any length; it may be anonymous memory, a file or
 * memfd mapping, private or shared.
 *
 * The handle stands for the *range*, not for the pages that happen to be there
 * when it is made. Each job uses what is mapped at the range at the time of its
 * submission: unmapping memory and mapping other memory in its place, fork(),
 * mremap(), madvise() and mprotect() between jobs do what they say, and the next
 * job sees the result. Doing any of these while a job runs blocks until that
 * job, and those queued before it, have ended: a job cannot run for longer than
 * its engine's timeout (half a second), and a file has no more than four jobs
 * queued. No memory is locked between jobs, and RLIMIT_MEMLOCK does not matter.
 *
 * What a caller must know:
 *
 * - A job that writes populates the *whole* object for writing, not only the
 *   bytes it writes: private pages are copied, holes of a sparse file are
 *   filled, and untouched memory gets pages.
 * - The engine does not see the CPU's caches. The kernel writes them back before
 *   a job and drops what they hold of the written bytes after it, in whole cache
 *   lines. Bytes that share a cache line with the first or last byte of a row
 *   that a job writes must not be written by the CPU while that job runs; the
 *   job itself never writes them.
 * - The address must be a multiple of the pixel size of whatever the engine
 *   takes it for.
 * - Without an IOMMU the range must be physically contiguous, which can only be
 *   relied upon within one page.
 *
 * A handle works only for the process (the address space, to be exact) that made
 * it. It can be given away by name, by fork() or by passing the file descriptor,
 * but every use by anyone else fails with EPERM. It cannot be mapped, exported
 * as a dma-buf or made a framebuffer.
 *
 * Errors of the ioctl, and of every ioctl that puts such a handle to use:
 *
 * ========  =================================================================
 * EINVAL    unknown flag, size of zero, range that wraps or is larger than
 *           %EXYNOS_USERPTR_MAX_SIZE; base not a multiple of the pixel size;
 *           memory not contiguous and no IOMMU; mmap(), framebuffer
 * EFAULT    the range is no user memory, has a hole, cannot be read, or cannot
 *           be written and a job is to write it
 * EPERM     the range belongs to another process; export
 * EACCES    an object made with %EXYNOS_USERPTR_READONLY as a destination
 * ENOMEM    out of memory
 * ENOSPC    too many objects in this file, or no room left in the engines'
 *           address space, or in this file's share of it, even after all idle
 *           mappings were dropped
 * EIO       the job was given up because the engine hung, or the engine is lost
 * EINTR     interrupted by a signal; nothing has changed
 * EAGAIN    the mapping kept changing underneath; nothing has changed
 * ENODEV    the device, or the engine, is not there
 * ========  =================================================================
 */

/**
 * define EXYNOS_BO_USERPTR - the object is user memory
 *
 * Reported in &struct drm_exynos_gem_info.flags; not a flag to create objects
 * with.
 */
#define EXYNOS_BO_USERPTR		0x08

/**
 * define EXYNOS_USERPTR_READONLY - no engine may write the object
 *
 * Memory that the process itself may only read needs no such flag to be a
 * source; the flag makes sure that it stays one.
 */
#define EXYNOS_USERPTR_READONLY		0x10

/**
 * define EXYNOS_USERPTR_PROBE - find and map the memory at once
 *
 * Without it, errors of the memory show when it is first used. With it, the
 * ioctl fails as a job would that writes the object, or reads it if
 * %EXYNOS_USERPTR_READONLY is set as well.
 */
#define EXYNOS_USERPTR_PROBE		0x20

/**
 * define EXYNOS_USERPTR_MAX_SIZE - most bytes one object can span
 *
 * Counted in whole pages from the one with the first byte to the one with the
 * last. It is what a 32-bit kernel can map in one piece.
 */
#define EXYNOS_USERPTR_MAX_SIZE		(128 << 20)

/**
 * struct drm_exynos_gem_userptr - make a GEM object of user memory
 *
 * The layout and number of this ioctl are those that Exynos vendor kernels have
 * had since 2012.
 */
struct drm_exynos_gem_userptr {
	/**
	 * @userptr: Address of the first byte. A 32-bit process may sign extend
	 * it: the upper half is ignored.
	 */
	__u64 userptr;

	/** @size: Length in bytes. */
	__u64 size;

	/**
	 * @flags: %EXYNOS_USERPTR_READONLY, %EXYNOS_USERPTR_PROBE; all other
	 * bits must be zero.
	 */
	__u32 flags;

	/** @handle: Returned GEM handle. */
	__u32 handle;
};

#define DRM_EXYNOS_GEM_USERPTR		0x03

#define DRM_IOCTL_EXYNOS_GEM_USERPTR	DRM_IOWR(DRM_COMMAND_BASE + \
		DRM_EXYNOS_GEM_USERPTR, struct drm_exynos_gem_userptr)

#if defined(__cplusplus)
}
#endif

#endif /* _UAPI_EXYNOS_DRM_USERPTR_H_ */
