/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Userptr GEM objects of the Exynos DRM device.
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
 * DRM_IOCTL_EXYNOS_GEM_USERPTR creates a GEM handle for a range of the caller's
 * address space, which the engines access in place. The range may start at any byte
 * and have any length; it may be anonymous memory, a file or memfd mapping, private
 * or shared. Memory that another driver has mapped, such as a dma-heap or udmabuf
 * buffer, is accepted if %EXYNOS_PARAM_USERPTR_PFNMAP_MAX_SIZE is not 0 and the whole
 * range lies in one shared mapping of it.
 *
 * The handle refers to the *range*, not to the pages that are mapped there at its
 * creation. Each job uses the memory that is mapped at the range at the time of its
 * submission: munmap() and mapping other memory in its place, fork(), mremap(),
 * madvise() and mprotect() take effect for the next job. Any of these calls during a
 * job blocks until that job, and those queued before it, have ended; the wait is
 * bounded, whatever other processes do, see Documentation/gpu/exynos.rst. The kernel
 * does not lock memory, neither between jobs nor while a job waits, and does not
 * account it to RLIMIT_MEMLOCK.
 *
 * Rules for userspace:
 *
 * - A job that writes populates the *whole* object for writing, not only the
 *   bytes it writes: private pages are copied, holes of a sparse file are
 *   filled, and untouched memory gets pages.
 * - The engine does not snoop CPU caches. The kernel cleans them before a job and
 *   invalidates the written bytes after it, in whole cache lines. The CPU must not
 *   write bytes that share a cache line with the first or last byte of a row that a
 *   job writes while that job runs; the job itself never writes them.
 *   %EXYNOS_PARAM_CACHE_LINE_SIZE is the size of a line.
 * - The address must be aligned to the pixel size of the format it is used with.
 * - Without an IOMMU the range must be physically contiguous, which is only guaranteed
 *   within one page.
 * - The IOVA space that the mappings of a user (uid) occupy is limited. Objects that no
 *   job uses do not count: the kernel unmaps them if other jobs need the space, and the
 *   next job maps them again.
 *
 * A handle works only for the process (the address space, to be exact) that
 * created it. It can be shared through FLINK, by fork() or by passing the file
 * descriptor, but using it from another address space fails with EPERM. It cannot
 * be mapped, exported as a dma-buf or used as a framebuffer. Its handles become
 * unusable when the process exits or calls execve().
 *
 * Errors of the ioctl, and of every ioctl that uses such a handle:
 *
 * ========  =================================================================
 * EINVAL    unknown flag, size of zero, range that wraps or is larger than the
 *           engines' address space; base not aligned to the pixel size; memory
 *           not contiguous and no IOMMU; more than 16 MiB of another driver's
 *           memory; mmap(), framebuffer
 * EFAULT    the range is not user memory, has a hole, cannot be read, or cannot
 *           be written although a job writes it; another driver's memory that is
 *           not accepted, such as registers, or a GEM object of this driver
 * EPERM     the range belongs to another process; export
 * EACCES    an object created with %EXYNOS_USERPTR_READONLY as a destination
 * ENOMEM    out of memory
 * ENOSPC    too many objects of this user; the objects of one job exceed the user's
 *           share together; a wedged engine occupies the space. The kernel waits for
 *           space that jobs occupy
 * EIO       the job was aborted because the engine hung, or the engine is wedged
 * EINTR     interrupted by a signal whose handler does not restart system calls;
 *           nothing has changed
 * EAGAIN    the process kept changing its mappings for at least a second, or so that
 *           too many closed objects could not be freed; nothing has changed
 * ENODEV    the device, or the engine, is not present
 * ========  =================================================================
 *
 * libdrm's drmIoctl() repeats a call after EINTR and EAGAIN, so its callers see
 * neither: it retries until other threads stop changing the mappings.
 *
 * To detect userptr support call DRM_IOCTL_EXYNOS_GET_PARAM with
 * %EXYNOS_PARAM_USERPTR_FEATURES: kernels without it fail the call with EINVAL. Vendor
 * kernels have DRM_IOCTL_EXYNOS_GEM_USERPTR but not DRM_IOCTL_EXYNOS_GET_PARAM.
 */

/**
 * define EXYNOS_BO_USERPTR - the object is a userptr object
 *
 * Reported in &struct drm_exynos_gem_info.flags; not a flag to create objects
 * with.
 */
#define EXYNOS_BO_USERPTR		0x08

/**
 * define EXYNOS_USERPTR_READONLY - reject jobs that write the object
 *
 * Memory that the process itself may only read can be a source without this flag.
 */
#define EXYNOS_USERPTR_READONLY		0x10

/**
 * define EXYNOS_USERPTR_PROBE - map the memory when the object is created
 *
 * Without this flag, errors of the memory are reported by its first use. With it, the
 * ioctl fails like a job that writes the object, or that reads it if
 * %EXYNOS_USERPTR_READONLY is set as well.
 */
#define EXYNOS_USERPTR_PROBE		0x20

/**
 * struct drm_exynos_gem_userptr - create a userptr GEM object
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
 * enum drm_exynos_param - properties for DRM_IOCTL_EXYNOS_GET_PARAM
 */
enum drm_exynos_param {
	/**
	 * @EXYNOS_PARAM_USERPTR_FEATURES: Flags that DRM_IOCTL_EXYNOS_GEM_USERPTR
	 * accepts, such as %EXYNOS_USERPTR_READONLY.
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
	 * @EXYNOS_PARAM_USERPTR_LIMIT: Bytes of IOVA space for the mappings of all
	 * users.
	 */
	EXYNOS_PARAM_USERPTR_LIMIT = 3,

	/**
	 * @EXYNOS_PARAM_USERPTR_SHARE: Bytes of these for the mappings of one user. A
	 * mapping occupies one page more than its object.
	 */
	EXYNOS_PARAM_USERPTR_SHARE = 4,

	/**
	 * @EXYNOS_PARAM_G2D_JOBS: Number of jobs that G2D queues for all users. EXEC
	 * waits for a place.
	 */
	EXYNOS_PARAM_G2D_JOBS = 5,

	/**
	 * @EXYNOS_PARAM_G2D_USER_JOBS: Number of these for one user.
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
 * struct drm_exynos_get_param - get a property of the driver
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
 * struct drm_exynos_user_limit - get or set the limit of all mappings
 *
 * Requires CAP_SYS_ADMIN; any user can read %EXYNOS_PARAM_USERPTR_LIMIT. Layout and
 * number are those of vendor kernels.
 */
struct drm_exynos_user_limit {
	/**
	 * @userptr_limit: Bytes of IOVA space for the mappings of all users, including
	 * guard pages; 0 to leave it unchanged. EINVAL if it is too small for one page
	 * or larger than the IOVA window. Returns the limit in force.
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
