// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <sys/mman.h>

#include "igt_exynos.h"
#include "igt_exynos_fail.h"
#include "igt_exynos_sys.h"

/**
 * TEST: exynos System MMU
 * Description: The System MMU below the engine: page tables, flushes and faults.
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: Memory management tests
 * Functionality: command lists
 * Feature: exynos
 * Test category: functionality test
 *
 * SUBTEST: mmu-cannot-be-blocked
 * Description: What is unmapped leaves the TLB of an MMU that cannot be blocked.
 *
 * SUBTEST: mmu-flushes
 * Description: The TLB is flushed once for a buffer, not once for each of its pages.
 *
 * SUBTEST: mmu-power
 * Description: Each System MMU can be powered, also one whose device has no driver.
 *
 * SUBTEST: mmu-link-kept
 * Description: A section is seen by an MMU that has kept the entry it replaces.
 *
 * SUBTEST: mmu-table-kept
 * Description: A section is seen by an MMU that has kept a table's address.
 *
 * SUBTEST: mmu-faults-kept
 * Description: A buffer is seen by an MMU that has kept that nothing is there.
 *
 * SUBTEST: mmu-table-leak
 * Description: A page table that a section replaces is unmapped for DMA.
 *
 * SUBTEST: mmu-empty-table
 * Description: The page table of what is not mapped is in memory.
 *
 * SUBTEST: mmu-table-order
 * Description: A page table is in memory before the System MMU is told of it.
 *
 * SUBTEST: mmu-no-table
 * Description: A buffer for which no page table can be made fails without a message.
 *
 * SUBTEST: mmu-not-linked
 * Description: An engine whose System MMU cannot be powered with it goes without.
 *
 * SUBTEST: mmu-tables-in-memory
 * Description: What the CPU wrote to the page tables is where the MMU reads it.
 *
 * SUBTEST: mmu-fault-at-boot
 * Description: A fault that a boot loader has left harms nobody.
 *
 * SUBTEST: mmu-fault
 * Description: A fault of the System MMU ends the job, not the machine.
 *
 * SUBTEST: mmu-fault-without-job
 * Description: An engine that faults when no job runs is reset, also while it is
 *		being unbound.
 */

IGT_TEST_DESCRIPTION("The System MMU below the engine: page tables, flushes and faults.");

#define PAGE		4096u

/*
 * The second buffer gets the address of the first one in the engine's eyes, but
 * not its page, which goes to one that is too large for the gap.
 */
static void mmu_cannot_be_blocked(struct exynos *e)
{
	uint32_t first, last, large, second, *map, *seen;
	struct g2d_image image;
	unsigned int i;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	e->allowed = "cannot be blocked";
	/* An MMU without power has no TLB. */
	igt_install_exit_handler(exynos_power_as_needed);
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	first = exynos_bo(e, PAGE);
	last = exynos_bo(e, PAGE);
	image = exynos_image(first, 32, 32);
	exynos_fill(e, &image, 0x11111111);

	mmu_write(&e->board, MMU_UNBLOCKABLE, 1);
	exynos_close(e, first);
	mmu_write(&e->board, MMU_UNBLOCKABLE, 0);
	large = exynos_bo(e, 2 * PAGE);
	second = exynos_bo(e, PAGE);
	map = exynos_bo_map(e, large, 2 * PAGE);
	memset(map, 0, 2 * PAGE);
	seen = exynos_bo_map(e, second, PAGE);
	memset(seen, 0, PAGE);

	image = exynos_image(second, 32, 32);
	exynos_fill(e, &image, 0x22222222);
	for (i = 0; i < 2 * PAGE / 4; i++)
		igt_assert_f(!map[i], "the engine wrote into another buffer\n");
	igt_assert_f(seen[0], "the engine wrote into memory that was freed\n");
	exynos_check_colour(seen, PAGE, 0x22222222);
	munmap(map, 2 * PAGE);
	munmap(seen, PAGE);
	exynos_close(e, last);
	exynos_power_as_needed(0);
}

/* The last page makes the buffer one that is not mapped by sections alone. */
static void mmu_flushes(struct exynos *e)
{
	enum { BYTES = (1 << 20) - PAGE };
	struct g2d_image image;
	uint32_t handle, flushes;
	unsigned int i;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	igt_install_exit_handler(exynos_power_as_needed);
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	handle = exynos_bo(e, BYTES);
	image = exynos_image(handle, PAGE / 4, BYTES / PAGE);
	exynos_fill(e, &image, 0x11111111);
	igt_assert_f(mmu_read(&e->board, MMU_TLB_ENTRIES), "the TLB holds nothing\n");

	mmu_clear(&e->board, MMU_FLUSHES);
	exynos_close(e, handle);
	/* The job that has ended may keep the buffer a little longer. */
	for (i = 0; i < 500 && !mmu_read(&e->board, MMU_FLUSHES); i++)
		usleep(10000);
	usleep(200000);
	flushes = mmu_read(&e->board, MMU_FLUSHES);
	exynos_power_as_needed(0);
	igt_assert_f(flushes, "what was unmapped stays in the TLB\n");
	igt_assert_f(flushes == 1, "%u flushes for one buffer\n", flushes);
}

#define MMU_DRIVER	"/sys/bus/platform/drivers/exynos-sysmmu"

static void mmu_power(struct exynos *e)
{
	struct dirent *entry;
	unsigned int mmus = 0;
	char path[512];
	DIR *dir;

	exynos_require_iommu(e);
	/*
	 * The board has no model of the display's MMU: its registers read as zeros. It
	 * shares the engine's domain, and is flushed for it until it is suspended again.
	 */
	e->allowed = "11e20000\\.sysmmu: cannot be blocked";
	dir = opendir(MMU_DRIVER);
	igt_assert(dir);
	while ((entry = readdir(dir))) {
		if (!strstr(entry->d_name, ".sysmmu"))
			continue;
		mmus++;
		snprintf(path, sizeof(path), MMU_DRIVER "/%s/power/control", entry->d_name);
		igt_assert_f(!exynos_write_file(path, "on"), "%s cannot be powered\n", entry->d_name);
		igt_assert(!exynos_write_file(path, "auto"));
	}
	closedir(dir);
	igt_assert_lt(0, mmus);
	exynos_assert_works(e);
}

#define MIB		(1u << 20)

/* Returns where the engine sees the buffer: its register keeps the last one. */
static uint32_t fill_rows(struct exynos *e, const struct g2d_image *image, uint32_t row,
			  uint32_t rows)
{
	volatile uint32_t *engine = exynos_map_registers(ENGINE_BASE);
	struct g2d_rect r = { 0, row, image->width, rows };
	struct g2d_list list;
	uint32_t address;

	g2d_fill(&list, image, r, 0x33333333);
	exynos_run(e, &list);
	address = engine[G2D_DST_BASE / 4];
	exynos_unmap_registers(engine);
	return address;
}

/*
 * System MMU v3.3 reads page table entries 128 KiB ahead and keeps the first
 * level's. The engine uses the end of a buffer that ends a page before a MiB
 * does; what is kept is the link of the next MiB, to which sections are mapped
 * then. A buffer of a MiB or nearly so starts at one, at the first that has the
 * room, so they are side by side when the holes of the address space are full.
 */
static void section_over_kept(struct exynos *e, bool table)
{
	const unsigned int rows = MIB / PAGE - 1;
	volatile uint32_t *mmu;
	bool reached = false;
	unsigned int i;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	igt_install_exit_handler(exynos_power_as_needed);
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	mmu = exynos_map_registers(SYSMMU_BASE);
	igt_require_f(mmu[SYSMMU_VERSION] >> 21 == SYSMMU_VERSION_3_3,
		      "this System MMU is no v3.3, which keeps first level entries\n");
	exynos_unmap_registers(mmu);

	for (i = 0; i < 16 && !reached; i++) {
		struct g2d_image pages = exynos_image(exynos_bo(e, rows * PAGE), PAGE / 4, rows);
		uint32_t address = fill_rows(e, &pages, rows - 1, 1), next;
		struct g2d_image sections;
		uint32_t *map;

		/* Its table stays when it is closed, and the page before is not in the TLB. */
		if (table) {
			exynos_close(e, exynos_bo(e, rows * PAGE));
			fill_rows(e, &pages, rows - 2, 1);
		}
		igt_assert_f(mmu_read(&e->board, MMU_LINKS), "the MMU has kept no entry\n");

		sections = exynos_image(exynos_bo(e, 2 * MIB), PAGE / 4, 2 * MIB / PAGE);
		mmu_clear(&e->board, MMU_MISSES);
		next = fill_rows(e, &sections, 0, sections.height);
		/* A walk for each section and some for lists; large pages would be 32. */
		igt_assert_f(mmu_read(&e->board, MMU_MISSES) < 16, "no sections were mapped\n");
		map = exynos_bo_map(e, sections.handle, 2 * MIB);
		exynos_check_colour(map, 2 * MIB, 0x33333333);
		munmap(map, 2 * MIB);
		exynos_close(e, sections.handle);
		reached = next == address + MIB;
	}
	igt_assert_f(reached, "the buffers were never side by side\n");
	exynos_power_as_needed(0);
}

static void mmu_link_kept(struct exynos *e)
{
	section_over_kept(e, false);
}

static void mmu_table_kept(struct exynos *e)
{
	section_over_kept(e, true);
}

/*
 * System MMU v3.x keeps what it reads beside the entry that it looks for: here that
 * nothing is mapped, until the next buffer is.
 */
static void mmu_faults_kept(struct exynos *e)
{
	volatile uint32_t *mmu;
	bool reached = false;
	unsigned int i;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	igt_install_exit_handler(exynos_power_as_needed);
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	mmu = exynos_map_registers(SYSMMU_BASE);
	igt_require_f(mmu[SYSMMU_VERSION] >> 28 == 3,
		      "this System MMU is no v3.x, which keeps entries that map nothing\n");
	exynos_unmap_registers(mmu);
	igt_assert(exynos_board_turn(&e->board, "negative-caching-v3.1"));

	for (i = 0; i < 16 && !reached; i++) {
		struct g2d_image used = exynos_image(exynos_bo(e, PAGE), 32, 32), next;
		uint32_t address = fill_rows(e, &used, 0, 32);
		uint32_t *map;

		next = exynos_image(exynos_bo(e, PAGE), 32, 32);
		reached = fill_rows(e, &next, 0, 32) == address + PAGE;
		map = exynos_bo_map(e, next.handle, PAGE);
		exynos_check_colour(map, PAGE, 0x33333333);
		munmap(map, PAGE);
	}
	igt_assert_f(reached, "the buffers were never side by side\n");
	exynos_power_as_needed(0);
}

static int dma_debug_number(const char *name)
{
	char path[64];
	int n = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/debug/dma-api/%s", name);
	f = fopen(path, "re");
	if (f && fscanf(f, "%d", &n) != 1)
		n = -1;
	if (f)
		fclose(f);
	return n;
}

/* What is mapped for DMA, in the eyes of the debugging aid that counts it. */
static int dma_mappings(void)
{
	return dma_debug_number("nr_total_entries") - dma_debug_number("num_free_entries");
}

/* Pages need a second level table for their MiB, and a section in its place none. */
static void mmu_table_leak(struct exynos *e)
{
	const int tables = 100;
	int i, before, made = 0, left;

	exynos_require_iommu(e);
	igt_require_f(dma_debug_number("num_free_entries") >= 0,
		      "this kernel does not count DMA mappings (CONFIG_DMA_API_DEBUG)\n");
	/* This one replaces a table that is there already. */
	exynos_close(e, exynos_bo(e, MIB));
	before = dma_mappings();
	for (i = 0; i < tables; i++) {
		made -= dma_mappings();
		exynos_close(e, exynos_bo(e, MIB - PAGE));
		made += dma_mappings();
		exynos_close(e, exynos_bo(e, MIB));
	}
	left = dma_mappings() - before;
	igt_assert_f(made == tables, "%d tables were made, not %d\n", made, tables);
	igt_assert_f(!left, "%d of %d page tables stay mapped\n", left, tables);
}

#define TABLE_SIZE	1024u
#define LV1_ENTRIES	4096u

/* Whether the kernel has mapped a page table at this address for DMA. */
static bool is_table_mapped(uint32_t address)
{
	char line[512];
	bool found = false;
	FILE *dump = fopen("/sys/kernel/debug/dma-api/dump", "re");

	igt_assert(dump);
	while (!found && fgets(line, sizeof(line), dump)) {
		const char *at = strstr(line, " P="), *size = strstr(line, " L=");

		found = at && size && strtoul(at + 3, NULL, 16) == address &&
			strtoul(size + 3, NULL, 16) == TABLE_SIZE;
	}
	fclose(dump);
	return found;
}

/* Programs get addresses above this one, so its entry has never been another. */
static void mmu_empty_table(struct exynos *e)
{
	volatile uint32_t *mmu, *entries;
	uint32_t entry;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	igt_require_f(access("/sys/kernel/debug/dma-api/dump", F_OK) == 0,
		      "this kernel does not tell what is mapped for DMA (CONFIG_DMA_API_DEBUG)\n");
	igt_install_exit_handler(exynos_power_as_needed);
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	mmu = exynos_map_registers(SYSMMU_BASE);
	entries = exynos_map_registers(mmu[SYSMMU_PT_BASE]);
	entry = entries[0];
	exynos_unmap_registers(entries);
	exynos_unmap_registers(mmu);
	exynos_power_as_needed(0);

	igt_assert_f((entry & 3) == 1, "the entry of an empty MiB is %#x, no link\n", entry);
	igt_assert_f(is_table_mapped(entry & ~(TABLE_SIZE - 1)),
		     "the MMU walks a table that may not be in memory\n");
}

#define TRACING		"/sys/kernel/tracing"
#define TRACE_MAPPED	TRACING "/events/dma/dma_map_phys/enable"
#define TRACE_SYNCED	TRACING "/events/dma/dma_sync_single_for_device/enable"
#define ENTRY_SIZE	4

static void stop_tracing(int sig)
{
	(void)sig;
	exynos_write_file(TRACE_MAPPED, "0");
	exynos_write_file(TRACE_SYNCED, "0");
}

/* A table is in memory when it is mapped for DMA, an entry when it is synced. */
static void mmu_table_order(struct exynos *e)
{
	unsigned int tables = 0, entries = 0;
	char line[512];
	FILE *trace;

	exynos_require_iommu(e);
	igt_require_f(access(TRACE_MAPPED, W_OK) == 0,
		      "this kernel cannot trace DMA mappings (CONFIG_FTRACE)\n");
	/* The section that it maps takes the place of any table. */
	exynos_close(e, exynos_bo(e, MIB));
	igt_install_exit_handler(stop_tracing);
	trace = fopen(TRACING "/trace", "we");
	igt_assert(trace);
	fclose(trace);
	igt_assert(!exynos_write_file(TRACE_MAPPED, "1"));
	igt_assert(!exynos_write_file(TRACE_SYNCED, "1"));
	exynos_close(e, exynos_bo(e, MIB - PAGE));
	stop_tracing(0);

	trace = fopen(TRACING "/trace", "re");
	igt_assert(trace);
	while (!tables && fgets(line, sizeof(line), trace)) {
		const char *size = strstr(line, " size=");

		if (!strstr(line, ".sysmmu ") || !size)
			continue;
		if (strstr(line, " dma_map_phys: "))
			tables += strtoul(size + 6, NULL, 10) == TABLE_SIZE;
		else
			entries += strtoul(size + 6, NULL, 10) == ENTRY_SIZE;
	}
	fclose(trace);
	igt_assert_f(tables, "no page table was made\n");
	igt_assert_f(!entries, "the MMU is told of a page table that is not in memory\n");
}

static void check_tables(uint32_t base, unsigned int entries)
{
	const size_t offset = base % PAGE, size = offset + entries * sizeof(uint32_t);
	const volatile uint32_t *caches = exynos_map_ram(base - offset, size, true);
	const volatile uint32_t *memory = exynos_map_ram(base - offset, size, false);
	const unsigned int first = offset / sizeof(uint32_t);
	unsigned int i, dirty = exynos_dirty_lines(base, entries * sizeof(uint32_t));
	uint32_t last = 0;

	igt_assert_f(!dirty, "%u lines of the table at %#x are not in memory\n", dirty, base);
	for (i = first; i < first + entries; i++) {
		igt_assert_f(caches[i] == memory[i],
			     "entry %u of the table at %#x is %#x in memory, not %#x\n", i - first,
			     base, memory[i], caches[i]);
		/* In the first level a link, of which many may be to one empty table. */
		if (entries == LV1_ENTRIES && (caches[i] & 3) == 1 && caches[i] != last) {
			last = caches[i];
			check_tables(last & ~(TABLE_SIZE - 1), TABLE_SIZE / sizeof(uint32_t));
		}
	}
	munmap((void *)caches, size);
	munmap((void *)memory, size);
}

static void mmu_tables_in_memory(struct exynos *e)
{
	static const size_t sizes[] = { PAGE, 64 << 10, MIB, MIB - PAGE, 4 * MIB + (64 << 10) };
	volatile uint32_t *mmu;
	uint32_t handle, base;
	unsigned int i;

	exynos_require_iommu(e);
	igt_install_exit_handler(exynos_power_as_needed);
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	mmu = exynos_map_registers(SYSMMU_BASE);
	base = mmu[SYSMMU_PT_BASE];
	exynos_unmap_registers(mmu);

	check_tables(base, LV1_ENTRIES);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		handle = exynos_bo(e, sizes[i]);
		check_tables(base, LV1_ENTRIES);
		exynos_close(e, handle);
		check_tables(base, LV1_ENTRIES);
	}
	exynos_power_as_needed(0);
}

/* The board on which its MMU is a part of the engine, and cannot come before it. */
static void mmu_not_linked(struct exynos *e)
{
	igt_require_f(access(ENGINE_DEVICE "/12a20000.sysmmu", F_OK) == 0,
		      "this board's engine is powered with its MMU\n");
	exynos_assert_works(e);
	/* As physical addresses are what it was given. */
	mmu_clear(&e->board, MMU_BYPASSED);
}

static void mmu_fault_at_boot(struct exynos *e)
{
	igt_require_f(access("/proc/device-tree/chosen/left-fault", F_OK) == 0,
		      "this board's boot loader does not use the System MMU\n");
	exynos_assert_works(e);
}

static int exec_result;

static void *exec_result_thread(void *arg)
{
	struct exynos *e = arg;

	exec_result = g2d_exec(e->fd, false);
	return NULL;
}

static void mmu_fault(struct exynos *e)
{
	struct g2d_image image;
	volatile uint32_t *mmu;
	struct g2d_list list;
	unsigned int i;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	e->allowed = EXYNOS_FAULT_MESSAGES;
	mmu = exynos_map_registers(SYSMMU_BASE);

	image = exynos_image(exynos_bo(e, PAGE), 32, 32);
	for (i = 0; i < 3; i++) {
		pthread_t thread;
		uint32_t table;

		g2d_fill(&list, &image, g2d_whole(&image), 1);
		exynos_hold(e);
		igt_assert_eq(g2d_queue(e->fd, &list), 0);
		igt_assert_eq(pthread_create(&thread, NULL, exec_result_thread, e), 0);
		usleep(50000);

		/* Where the driver is right in all it does, only a page table helps. */
		table = mmu[SYSMMU_PT_BASE];
		mmu[SYSMMU_PT_BASE] = 0;
		mmu[SYSMMU_FLUSH] = 1;
		exynos_let_go(e);
		pthread_join(thread, NULL);
		mmu[SYSMMU_PT_BASE] = table;
		mmu[SYSMMU_FLUSH] = 1;

		igt_assert_eq(exec_result, -EIO);
		igt_assert_neq_u32(mmu_read(&e->board, MMU_FAULTS), 0);
		mmu_clear(&e->board, MMU_FAULTS);
		exynos_assert_works(e);
	}
	exynos_unmap_registers(mmu);
}

#define MMU_DEVICE	"/sys/bus/platform/devices/12a20000.sysmmu"

static void make_engine_fault(struct exynos *e, volatile uint32_t *engine)
{
	/* The event of a list is sent while the engine is held after it. */
	igt_assert_f(exynos_becomes_idle(engine), "the engine still works for the job before\n");
	mmu_clear(&e->board, MMU_FAULTS);
	engine[ENGINE_DMA_BASE / 4] = NOWHERE;
	engine[ENGINE_DMA_CMD / 4] = DMA_START;
}

static void check_fault(struct exynos *e)
{
	igt_assert_f(!mmu_read(&e->board, MMU_BYPASSED), "the engine was set free\n");
	igt_assert_eq_u32(mmu_read(&e->board, MMU_FAULTS), 1);
	mmu_clear(&e->board, MMU_FAULTS);
}

static void mmu_fault_without_job(struct exynos *e)
{
	volatile uint32_t *engine;
	static char allowed[512];
	unsigned int i;

	exynos_require_test_page(e);
	exynos_require_iommu(e);
	exynos_require_bindings();
	igt_install_exit_handler(exynos_power_as_needed);
	snprintf(allowed, sizeof(allowed), EXYNOS_FAULT_MESSAGES "|%s", EXYNOS_UNBIND_GREETINGS);
	e->allowed = allowed;
	igt_require(!exynos_write_file(ENGINE_POWER, "on"));
	engine = exynos_map_registers(ENGINE_BASE);

	make_engine_fault(e, engine);
	igt_assert_f(exynos_becomes_idle(engine), "the engine is still held\n");
	check_fault(e);

	/* The MMU that held it can be switched off again. */
	exynos_power_as_needed(0);
	igt_assert(exynos_file_becomes(ENGINE_DEVICE PM_STATUS, "suspended"));
	igt_assert_f(exynos_file_becomes(MMU_DEVICE PM_STATUS, "suspended"),
		     "the MMU still holds the engine\n");
	exynos_assert_works(e);

	for (i = 0; i < 4; i++) {
		igt_assert(!exynos_write_file(ENGINE_POWER, "on"));
		drm_close_driver(e->fd);
		make_engine_fault(e, engine);
		/* Behind an MMU that is disabled it would not fault. */
		while (!mmu_read(&e->board, MMU_FAULTS))
			;
		exynos_unbind(&exynos_drm_binding);
		check_fault(e);
		exynos_bind(&exynos_drm_binding);
		e->fd = drm_open_driver_render(DRIVER_EXYNOS);
		exynos_assert_works(e);
	}
	exynos_power_as_needed(0);
	exynos_unmap_registers(engine);
}

static void mmu_no_table(struct exynos *e)
{
	uint32_t handle;
	bool failed;
	int err;

	exynos_require_iommu(e);
	exynos_require_failing();
	/* The section that it maps takes the place of any table. */
	exynos_close(e, exynos_bo(e, MIB));
	exynos_fail_within("exynos_iommu_map");
	exynos_fail_nth(1);
	err = exynos_gem_create(e->fd, MIB - PAGE, EXYNOS_BO_NONCONTIG, &handle);
	failed = exynos_has_failed();
	exynos_fail_nowhere(0);
	igt_assert_f(failed, "no page table was made\n");
	igt_assert_neq(err, 0);
	exynos_close(e, exynos_bo(e, MIB - PAGE));
	exynos_assert_works(e);
}

static const struct exynos_test tests[] = {
	{ "mmu-cannot-be-blocked", mmu_cannot_be_blocked },
	{ "mmu-flushes", mmu_flushes },
	{ "mmu-power", mmu_power },
	{ "mmu-link-kept", mmu_link_kept },
	{ "mmu-table-kept", mmu_table_kept },
	{ "mmu-faults-kept", mmu_faults_kept },
	{ "mmu-table-leak", mmu_table_leak },
	{ "mmu-empty-table", mmu_empty_table },
	{ "mmu-table-order", mmu_table_order },
	{ "mmu-no-table", mmu_no_table },
	{ "mmu-not-linked", mmu_not_linked },
	{ "mmu-tables-in-memory", mmu_tables_in_memory },
	{ "mmu-fault-at-boot", mmu_fault_at_boot },
	{ "mmu-fault", mmu_fault },
	{ "mmu-fault-without-job", mmu_fault_without_job },
};

igt_main {
	static struct exynos e;

	igt_fixture
		exynos_init(&e);

	exynos_run_tests(&e, tests, ARRAY_SIZE(tests));

	igt_fixture
		exynos_fini(&e);
}
