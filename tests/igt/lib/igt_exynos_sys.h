/* SPDX-License-Identifier: MIT */
/*
 * What the tests do to the system around the device: files of the kernel's,
 * drivers that come and go, sleep, and the engine's registers behind the
 * driver's back.
 */
#ifndef IGT_EXYNOS_SYS_H
#define IGT_EXYNOS_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Returns 0 or a negative errno. */
int exynos_write_file(const char *path, const char *text);
/* The first line of a file, if it has one. */
bool exynos_read_line(const char *path, char *line, size_t size);
/* Whether the first line begins like this; whether it does within three seconds. */
bool exynos_file_says(const char *path, const char *text);
bool exynos_file_becomes(const char *path, const char *text);

/**
 * struct exynos_binding - a platform device and the driver for it
 * @driver: the driver's name
 * @device: the device's
 */
struct exynos_binding {
	const char *driver, *device;
};

extern const struct exynos_binding exynos_drm_binding, exynos_g2d_binding;

/* What drivers say when they come up, for exynos.allowed. */
#define EXYNOS_GREETINGS \
	"resetting engine|Exynos DRM: using|bound|Initialized exynos|successfully registered|" \
	"blend mode not setup|no IOMMU: buffers and userptr memory"

bool exynos_is_bound(const struct exynos_binding *b);
/* These return 0 or a negative errno; the ones below assert. */
int exynos_try_bind(const struct exynos_binding *b);
int exynos_try_unbind(const struct exynos_binding *b);
/* Also if it is bound already. */
void exynos_bind(const struct exynos_binding *b);
void exynos_unbind(const struct exynos_binding *b);
/* Skips unless both are bound, and binds them again when the program ends. */
void exynos_require_bindings(void);
void exynos_bind_all(void);

/* The engine's device, and what of its power management is to be seen there. */
#define ENGINE_DEVICE	"/sys/bus/platform/devices/12800000.g2d"
#define PM_STATUS	"/power/runtime_status"

/*
 * Sleep as far as suspending all devices, and wake up; skips where the kernel
 * cannot.  Returns 0 or a negative errno.
 */
int exynos_try_suspend(void);

/* KiB that the kernel holds and cannot give back at once. */
long exynos_unreclaimable_kib(void);

/* A thread and a CPU; thread 0 is the calling one. */
void exynos_run_on(pid_t thread, unsigned int cpu);
void exynos_run_anywhere(void);

/* The engine's registers, offsets in bytes. */
#define ENGINE_BASE	0x12800000
#define ENGINE_INTEN	0x04
#define  INTEN_LIST	(1 << 1)
#define  INTEN_ALL	(1 << 3)
#define ENGINE_FIFO	0x10
#define  FIFO_IDLE	(1 << 0)
#define ENGINE_DMA_BASE	0x80
#define ENGINE_DMA_CMD	0x84
#define  DMA_START	(1 << 0)
#define  DMA_CONTINUE	(1 << 1)
#define ENGINE_DMA_STATUS 0x8c
#define  DMA_DONE	(1 << 0)
#define ENGINE_DMA_HOLD	0x90
#define  HOLD_LIST	(1 << 1)

/* A bus address that nothing is mapped to; without a System MMU it is memory. */
#define NOWHERE		0x5fff0000

/* A device's page of registers, on the virtual board only. */
volatile uint32_t *exynos_map_registers(uint32_t base);
void exynos_unmap_registers(volatile uint32_t *registers);

/** exynos_map_ram - RAM as the caches of the CPUs have it, or as memory is */
const volatile uint32_t *exynos_map_ram(uint64_t base, size_t size, bool cached);

/**
 * exynos_dirty_lines - how many cache lines memory does not have yet
 *
 * The CPUs have written to them, and they may be written back at any time. Always 0
 * on a board that does not model the caches.
 */
unsigned int exynos_dirty_lines(uint64_t base, size_t size);

/* Whether the engine ends what it does within three seconds. */
bool exynos_becomes_idle(volatile uint32_t *engine);

/* The same, and what they say of buffers that have outlived them. */
#define EXYNOS_UNBIND_GREETINGS	EXYNOS_GREETINGS "|objects that were alive at unbind"

#define ENGINE_POWER	ENGINE_DEVICE "/power/control"

/** exynos_power_as_needed - exit handler: let power management switch the engine off again */
void exynos_power_as_needed(int sig);

/* Registers of the engine's System MMU. */
#define SYSMMU_BASE	0x12a20000
#define SYSMMU_FLUSH	(0x0c / 4)
#define SYSMMU_PT_BASE	(0x14 / 4)
#define SYSMMU_VERSION	(0x34 / 4)
#define  SYSMMU_VERSION_3_3 0x183

/** exynos_keep_files_open - have another process keep the open files of this one */
void exynos_keep_files_open(void);

/** exynos_let_files_close - end that process */
void exynos_let_files_close(void);

#endif /* IGT_EXYNOS_SYS_H */
