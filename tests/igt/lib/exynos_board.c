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
	return board->engine ? NULL : "the engine's model has no test page";
}
