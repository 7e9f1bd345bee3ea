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
 * memfd mapping, private or shared. Memory that another driver has mapped, such as
 * a dma-heap or udmabuf buffer, is accepted where
 * %EXYNOS_PARAM_USERPTR_PFNMAP_MAX_SIZE says so, if it lies in one shared mapping
 * and the object has nothing else in it.
 *
 * The handle stands for the *range*, not for the pages that happen to be there
 * when it is made. Each job uses what is mapped at the range at the time of its
 * submission: unmapping memory and mapping other memory in its place, fork(),
 * mremap(), madvise() and mprotect() between jobs do what they say, and the next
 * job sees the result. Doing any of these while a job runs blocks until that
 * job, and those queued before it, have ended: how long that can take is bounded,
 * whatever other programs do, see Documentation/gpu/exynos.rst. No memory is
 * locked, neither between jobs nor while a job waits for anything, and
 * RLIMIT_MEMLOCK does not matter.
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
 *   job itself never writes them. %EXYNOS_PARAM_CACHE_LINE_SIZE is the size of a
 *   line.
 * - The address must be aligned to the pixel size of the format it is used with.
 * - Without an IOMMU the range must be physically contiguous, which can only be
 *   relied upon within one page.
 * - What all programs of a user (uid) have mapped for the engines at a time is
 *   limited. Objects that no job uses do not count: they are unmapped when
 *   others need the space, and mapped again by the next job.
 *
 * A handle works only for the process (the address space, to be exact) that
 * created it. It can be shared through FLINK, by fork() or by passing the file
 * descriptor, but using it from another address space fails with EPERM. It cannot
 * be mapped, exported as a dma-buf or made a framebuffer. When the process exits
 * its handles become useless, also to itself after execve().
 *
 * Errors of the ioctl, and of every ioctl that puts such a handle to use:
 *
 * ========  =================================================================
 * EINVAL    unknown flag, size of zero, range that wraps or is larger than the
 *           engines' address space; base not aligned to the pixel size; memory
 *           not contiguous and no IOMMU; more than 16 MiB of another driver's
 *           memory; mmap(), framebuffer
 * EFAULT    the range is no user memory, has a hole, cannot be read, or cannot
 *           be written and a job is to write it; another driver's memory that is
 *           not accepted, such as registers, or a GEM object of this driver
 * EPERM     the range belongs to another process; export
 * EACCES    an object made with %EXYNOS_USERPTR_READONLY as a destination
 * ENOMEM    out of memory
 * ENOSPC    too many objects of this user, or the objects that are needed at
 *           once can never fit into the user's share; never because of what
 *           others use at the moment, which is waited for
 * EIO       the job was aborted because the engine hung, or the engine is wedged
 * EINTR     interrupted by a signal whose handler does not restart system calls;
 *           nothing has changed
 * EAGAIN    the process changed its mappings all the time, for at least a
 *           second; nothing has changed
 * ENODEV    the device, or the engine, is not there
 * ========  =================================================================
 *
 * libdrm's drmIoctl() repeats a call after EINTR and EAGAIN, so that a program
 * which uses it sees neither: it tries again until another thread stops changing
 * the mappings.
 *
 * Whether a kernel has any of this is found out by DRM_IOCTL_EXYNOS_GET_PARAM
 * with %EXYNOS_PARAM_USERPTR_FEATURES: kernels without userptr objects fail it
 * with EINVAL. (Kernels of vendors have the one ioctl but not the other.)
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

/**
 * enum drm_exynos_param - what DRM_IOCTL_EXYNOS_GET_PARAM can tell
 */
enum drm_exynos_param {
	/**
	 * @EXYNOS_PARAM_USERPTR_FEATURES: Flags that DRM_IOCTL_EXYNOS_GEM_USERPTR
	 * knows, such as %EXYNOS_USERPTR_READONLY.
	 */
	EXYNOS_PARAM_USERPTR_FEATURES = 0,

	/**
	 * @EXYNOS_PARAM_CACHE_LINE_SIZE: Bytes, a power of two, that cache
	 * maintenance may affect together. Real lines can be smaller.
	 */
	EXYNOS_PARAM_CACHE_LINE_SIZE = 1,

	/**
	 * @EXYNOS_PARAM_USERPTR_MAX_SIZE: Largest object that can be used, in
	 * bytes, counted in whole pages from the one with the first byte to the
	 * one with the last. The objects of one EXEC share it.
	 */
	EXYNOS_PARAM_USERPTR_MAX_SIZE = 2,

	/**
	 * @EXYNOS_PARAM_USERPTR_LIMIT: Bytes that can be mapped for all programs
	 * together.
	 */
	EXYNOS_PARAM_USERPTR_LIMIT = 3,

	/**
	 * @EXYNOS_PARAM_USERPTR_SHARE: Bytes of these for the programs of one
	 * user. A mapping takes a page more than its object.
	 */
	EXYNOS_PARAM_USERPTR_SHARE = 4,

	/**
	 * @EXYNOS_PARAM_G2D_JOBS: Jobs that G2D queues for all programs together.
	 * EXEC waits for a place.
	 */
	EXYNOS_PARAM_G2D_JOBS = 5,

	/**
	 * @EXYNOS_PARAM_G2D_USER_JOBS: Jobs of these for the programs of one user.
	 */
	EXYNOS_PARAM_G2D_USER_JOBS = 6,

	/**
	 * @EXYNOS_PARAM_USERPTR_PFNMAP_MAX_SIZE: Largest object of memory that
	 * another driver has mapped, in bytes, counted in whole pages; 0 if such
	 * memory is not accepted.
	 */
	EXYNOS_PARAM_USERPTR_PFNMAP_MAX_SIZE = 7,
};

/**
 * struct drm_exynos_get_param - ask for a property of the driver
 *
 * Limits are those in force; an administrator may change them at any time.
 */
struct drm_exynos_get_param {
	/** @param: One of &enum drm_exynos_param; EINVAL if unknown. */
	__u32 param;

	/** @pad: Must be zero. */
	__u32 pad;

	/** @value: Returned value. */
	__u64 value;
};

/**
 * struct drm_exynos_user_limit - ask for or set how much can be mapped
 *
 * For CAP_SYS_ADMIN only; everybody can ask for %EXYNOS_PARAM_USERPTR_LIMIT. Layout
 * and number are those of vendor kernels.
 */
struct drm_exynos_user_limit {
	/**
	 * @userptr_limit: Bytes of IOVA space for all programs together, guard
	 * pages included; 0 changes nothing. EINVAL if there is no space for one
	 * page, or not as much space. Returns what is in force.
	 */
	__u32 userptr_limit;

	/** @pad: Must be zero. */
	__u32 pad;
};

#define DRM_EXYNOS_GEM_USERPTR		0x03
#define DRM_EXYNOS_USER_LIMIT		0x05
#define DRM_EXYNOS_GET_PARAM		0x50

#define DRM_IOCTL_EXYNOS_GEM_USERPTR	DRM_IOWR(DRM_COMMAND_BASE + \
		DRM_EXYNOS_GEM_USERPTR, struct drm_exynos_gem_userptr)
#define DRM_IOCTL_EXYNOS_USER_LIMIT	DRM_IOWR(DRM_COMMAND_BASE + \
		DRM_EXYNOS_USER_LIMIT, struct drm_exynos_user_limit)
#define DRM_IOCTL_EXYNOS_GET_PARAM	DRM_IOWR(DRM_COMMAND_BASE + \
		DRM_EXYNOS_GET_PARAM, struct drm_exynos_get_param)

#if defined(__cplusplus)
}
#endif

#endif /* _UAPI_EXYNOS_DRM_USERPTR_H_ */
