// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exynos_board.h"

#define ENGINE_PAGE 0x12801000
#define ENGINE_ID 0x46324447
#define MMU_PAGE 0x12a21000
#define MMU_ID 0x554d4d53

#define DT "/proc/device-tree"

static bool file_starts_with(const char *path, const char *text)
{
	char buf[64] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, buf, sizeof(buf) - 1) < 0)
		buf[0] = '\0';
	close(fd);
	return strncmp(buf, text, strlen(text)) == 0;
}

static bool g2d_has_iommus(void)
{
	glob_t g;
	bool found;

	found = glob(DT "/soc/g2d@*/iommus", 0, NULL, &g) == 0;
	globfree(&g);
	return found;
}

static volatile uint32_t *map_page(int mem, off_t address, uint32_t id)
{
	volatile uint32_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, mem, address);

	if (page == MAP_FAILED)
		return NULL;
	if (page[0] != id) {
		munmap((void *)page, 4096);
		return NULL;
	}
	return page;
}

const char *exynos_board_open(struct exynos_board *board)
{
	int mem;

	memset(board, 0, sizeof(*board));
	board->has_iommu = g2d_has_iommus();
	if (!file_starts_with(DT "/model", "QEMU "))
		return "not on the virtual board, so the engine has no test page";
	mem = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
	if (mem < 0)
		return "cannot open /dev/mem: the engine's test page is out of reach";
	board->engine = map_page(mem, ENGINE_PAGE, ENGINE_ID);
	board->mmu = map_page(mem, MMU_PAGE, MMU_ID);
	close(mem);
	board->mmu_knobs = mmu_read(board, MMU_KNOBS) & MMU_KNOB_FLPD_CACHE;
	return board->engine ? NULL : "the engine's model has no test page";
}

static const struct {
	const char *name;
	uint32_t engine_knobs;
	uint32_t mmu_knobs;
	enum exynos_engine_reg engine_reg;
	enum exynos_mmu_reg mmu_reg;
	uint32_t value;
} knobs[] = {
	{ "overreach-read", .engine_knobs = KNOB_OVERREACH_READ },
	{ "overreach-write", .engine_knobs = KNOB_OVERREACH_WRITE },
	{ "reset-waits", .engine_knobs = KNOB_RESET_WAITS },
	{ "replay-once", .engine_knobs = KNOB_REPLAY_ONCE },
	{ "replay-until-done", .engine_knobs = KNOB_REPLAY_UNTIL_DONE },
	{ "gcmd-with-acmd", .engine_knobs = KNOB_GCMD_WITH_ACMD },
	{ "scale-3-unbounded", .engine_knobs = KNOB_SCALE_3_UNBOUNDED },
	{ "gated", .engine_knobs = KNOB_GATED, .mmu_knobs = MMU_KNOB_GATED },
	{ "list-prefetch", .engine_reg = ENGINE_LIST_PREFETCH, .value = 128 },
	{ "eap", .mmu_knobs = MMU_KNOB_EAP },
	{ "flpd-cache", .mmu_knobs = MMU_KNOB_FLPD_CACHE },
	{ "negative-caching-v3.1", .mmu_reg = MMU_NEGATIVE_CACHING, .value = 1 },
	{ "negative-caching-v3.2", .mmu_reg = MMU_NEGATIVE_CACHING, .value = 2 },
	{ "negative-caching-v3.3", .mmu_reg = MMU_NEGATIVE_CACHING, .value = 3 },
	{ "tlb-size", .mmu_reg = MMU_TLB_SIZE, .value = 16 },
	{ "block-delay", .mmu_reg = MMU_BLOCK_DELAY, .value = 20 },
};

bool exynos_board_turn(const struct exynos_board *board, const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(knobs) / sizeof(knobs[0]); i++) {
		if (strcmp(knobs[i].name, name))
			continue;
		engine_write(board, ENGINE_KNOBS, knobs[i].engine_knobs);
		mmu_write(board, MMU_KNOBS, board->mmu_knobs | knobs[i].mmu_knobs);
		if (knobs[i].engine_reg)
			engine_write(board, knobs[i].engine_reg, knobs[i].value);
		if (knobs[i].mmu_reg)
			mmu_write(board, knobs[i].mmu_reg, knobs[i].value);
		return true;
	}
	return false;
}

void exynos_board_reset(const struct exynos_board *board)
{
	engine_write(board, ENGINE_KNOBS, 0);
	engine_write(board, ENGINE_LIST_PREFETCH, 0);
	mmu_write(board, MMU_KNOBS, board->mmu_knobs);
	mmu_write(board, MMU_NEGATIVE_CACHING, 0);
	mmu_write(board, MMU_TLB_SIZE, 0);
	mmu_write(board, MMU_BLOCK_DELAY, 0);
}
