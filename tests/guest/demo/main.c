// SPDX-License-Identifier: GPL-2.0-only
/*
 * The main job, in front of an audience: a photograph in malloc'd memory goes
 * through FIMG2D into other malloc'd memory, is compared pixel by pixel with
 * what the CPU makes of the same command lists, and put side by side.  One
 * picture is made from and into another driver's memory.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "blit.h"
#include "buffer.h"
#include "canvas.h"
#include "exynos_oracle.h"
#include "mm_cases.h"
#include "picture.h"
#include "report.h"

#define W 480		/* of the tiles; with the odd size, no whole number of pages */
#define H 300
#define ZOOM 4
#define GAP 20
#define TITLE 56

#define PHOTO "/usr/share/exynos-demo/photo"
#define PAPER 0xfff6f7f8
#define INK 0xff202428

static const char usage[] =
	"usage: demo [--pristine] [--out=DIR] [PICTURE]\n"
	"  PICTURE     JPEG or PNG (default: " PHOTO ")\n"
	"  --out=DIR   where blit.png and report.txt go (default: /out)\n"
	"  --pristine  only show what goes wrong with upstream's G2D_BUF_USERPTR\n";

static int open_engine(void)
{
	int i;

	for (i = 128; i < 144; i++) {
		char path[32], name[16] = "";
		struct drm_version v = { .name = name, .name_len = sizeof(name) - 1 };
		int fd;

		snprintf(path, sizeof(path), "/dev/dri/renderD%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (ioctl(fd, DRM_IOCTL_VERSION, &v) == 0 && !strcmp(name, "exynos"))
			return fd;
		close(fd);
	}
	return -1;
}

/*
 * The emulated engine's time is the host's: on a host that is busy elsewhere a
 * job of milliseconds can take longer than a timeout made for hardware.
 */
static void be_patient(void)
{
	FILE *f = fopen("/sys/module/exynosdrm/parameters/g2d_timeout", "we");

	if (!f)
		return;
	fprintf(f, "10000\n");
	fclose(f);
}

static struct buffer photo_buffer(const struct picture *photo, unsigned int odd)
{
	struct buffer b = buffer_alloc(photo->width, photo->height, odd);

	memcpy(b.ptr, photo->pixels, b.size);
	return b;
}

/* Three translucent discs and a line of text, nothing elsewhere. */
static struct buffer overlay_buffer(void)
{
	static const struct { int x, y, r; uint32_t rgb; } discs[] = {
		{ 150, 120, 90, 0xe8452c }, { 240, 180, 90, 0x2f9e5b }, { 330, 120, 90, 0x2a6fdb },
	};
	struct picture p = picture_alloc(W, H, 0);
	struct buffer b;
	const char *text = "alpha from 0 to 255";
	unsigned int i;
	int x, y;

	for (y = 0; y < H; y++)
		for (x = 0; x < W; x++)
			for (i = 0; i < 3; i++) {
				int dx = x - discs[i].x, dy = y - discs[i].y;
				int d2 = dx * dx + dy * dy, r2 = discs[i].r * discs[i].r;

				if (d2 < r2)
					p.pixels[y * W + x] = (uint32_t)(255 - 235 * d2 / r2) << 24 |
							      discs[i].rgb;
			}
	canvas_text(&p, (W - canvas_text_width(text, 3)) / 2, H - 44, 3, 0xc0ffffff, text);
	b = photo_buffer(&p, 91);
	picture_free(&p);
	return b;
}

/* Where the kernel does not take another driver's memory, ours. */
static struct buffer heap_buffer(struct demo *d, unsigned int width, unsigned int height,
				 unsigned int odd)
{
	struct buffer b;
	uint64_t max;
	int ret;

	if (exynos_get_param(d->fd, EXYNOS_PARAM_USERPTR_PFNMAP_MAX_SIZE, &max) || !max)
		return buffer_alloc(width, height, odd);
	ret = buffer_alloc_heap(width, height, odd, &b);
	if (!ret)
		return b;
	report_failure("no memory of the system dma-heap: %s", strerror(-ret));
	return buffer_alloc(width, height, odd);
}

static void must_import(struct demo *d, struct buffer *b, const char *what)
{
	int ret = buffer_import(d->fd, b);

	if (ret) {
		report_failure("no handle for %s: %s", what, strerror(-ret));
		exit(1);
	}
}

/* What goes on the sheet. */
enum { SRC, OVERLAY, COPY, BLENDED, SMOOTH, SHARP, HEAP, TURNED, NUM_BUFFERS };

static void make_buffers(struct demo *d, const struct picture *photo, struct buffer *b)
{
	static const char *const names[NUM_BUFFERS] = {
		"the photograph", "the overlay", "the copy", "the blending", "bilinear scaling",
		"nearest scaling", "the photograph in the dma-heap", "the rotation",
	};
	unsigned int i;

	b[SRC] = photo_buffer(photo, 37);
	b[OVERLAY] = overlay_buffer();
	b[COPY] = buffer_alloc(W, H, 5);
	b[BLENDED] = photo_buffer(photo, 254);
	b[SMOOTH] = buffer_alloc(W, H, 101);
	b[SHARP] = buffer_alloc(W, H, 1023);
	b[HEAP] = heap_buffer(d, W, H, 77);
	memcpy(b[HEAP].ptr, photo->pixels, b[HEAP].size);
	b[TURNED] = heap_buffer(d, H, W, 509);
	for (i = 0; i < NUM_BUFFERS; i++)
		must_import(d, &b[i], names[i]);
}

static void picture_steps(struct demo *d, struct buffer *b)
{
	const struct g2d_rect detail = { W / 2 - W / ZOOM / 2, H / 2 - H / ZOOM / 2, W / ZOOM,
					 H / ZOOM };
	const struct g2d_image *src = &b[SRC].image;
	struct g2d_list list;

	g2d_copy(&list, src, g2d_whole(src), &b[COPY].image, 0, 0);
	blit_step(d, "1. copy", &list, &b[SRC], &b[COPY]);
	g2d_scale(&list, src, detail, &b[SMOOTH].image, g2d_whole(src), G2D_BILINEAR);
	blit_step(d, "2. scale, bilinear: the middle of the photograph, four times as large", &list,
		  &b[SRC], &b[SMOOTH]);
	g2d_scale(&list, src, detail, &b[SHARP].image, g2d_whole(src), G2D_NEAREST);
	blit_step(d, "3. scale, nearest: the same", &list, &b[SRC], &b[SHARP]);
	g2d_rotate90(&list, &b[HEAP].image, g2d_whole(src), &b[TURNED].image, 0, 0);
	blit_step(d, b[TURNED].mapped ?
		  "4. rotate by 90 degrees, from and into memory of the system dma-heap that is mapped with mmap()" :
		  "4. rotate by 90 degrees", &list, &b[HEAP], &b[TURNED]);
	g2d_blend(&list, &b[OVERLAY].image, g2d_whole(src), &b[BLENDED].image, 0, 0);
	blit_step(d, "5. blend translucent discs over the photograph", &list, &b[OVERLAY],
		  &b[BLENDED]);
}

static void show(struct picture *sheet, unsigned int column, unsigned int row,
		 const struct g2d_image *image, const void *pixels, const char *caption,
		 const char *note)
{
	canvas_tile(sheet, GAP + column * (W + GAP), TITLE + row * (H + CANVAS_CAPTION + GAP),
		    pixels, image->stride, image->width, image->height, caption, note);
}

static void write_sheet(struct demo *d, const struct buffer *b, const struct picture *anew,
			const char *png)
{
	struct picture sheet = picture_alloc(GAP + 3 * (W + GAP) + H + GAP,
					     TITLE + 2 * (H + CANVAS_CAPTION + GAP), PAPER);
	const unsigned int right = GAP + 3 * (W + GAP), below = TITLE + W + CANVAS_CAPTION + 24;
	const char *why;
	char text[64];

	canvas_text(&sheet, GAP, 18, 3, INK, "FIMG2D on malloc'd memory");
	show(&sheet, 0, 0, &b[SRC].image, b[SRC].ptr, "source",
	     "a photograph, decoded by the CPU into malloc'd memory");
	show(&sheet, 1, 0, &b[COPY].image, b[COPY].ptr, "copy",
	     "made by the engine in malloc'd memory, as are all others but one");
	show(&sheet, 2, 0, &b[BLENDED].image, b[BLENDED].ptr, "alpha blend",
	     "discs and text with alpha, over the photograph");
	show(&sheet, 0, 1, &b[SMOOTH].image, b[SMOOTH].ptr, "scale 4x, bilinear",
	     "the middle of the source");
	show(&sheet, 1, 1, &b[SHARP].image, b[SHARP].ptr, "scale 4x, nearest",
	     "the middle of the source");
	show(&sheet, 2, 1, &b[SRC].image, anew->pixels, "copy after mapping anew",
	     "same handle and address, but the memory was exchanged for one with the negative");
	canvas_tile(&sheet, right, TITLE, b[TURNED].ptr, b[TURNED].image.stride, H, W, "rotate 90",
		    b[TURNED].mapped ? "from and into a dma-heap" : "anticlockwise");

	snprintf(text, sizeof(text), "%zu pixels compared", d->compared);
	canvas_text(&sheet, right, below, 2, INK, text);
	snprintf(text, sizeof(text), "%zu differ", d->differing);
	canvas_text(&sheet, right, below + 24, 2, INK, text);
	if (d->board.mmu) {
		snprintf(text, sizeof(text), "%u SYSMMU faults", mmu_read(&d->board, MMU_FAULTS));
		canvas_text(&sheet, right, below + 48, 2, INK, text);
	}
	snprintf(text, sizeof(text), "%ld pages pinned", oracle_pinned());
	canvas_text(&sheet, right, below + 72, 2, INK, text);

	why = picture_write_png(png, &sheet);
	if (why)
		report_failure("%s: %s", png, why);
	else
		report("%s shows the source beside what the engine made", png);
	report("%s", "");
	picture_free(&sheet);
}

static void leftovers(struct demo *d, struct oracle_log *log, bool pristine)
{
	char line[256];

	report("what is left when the device is closed");
	close(d->fd);
	report("   pages pinned    %ld, VmPin %ld kB", oracle_pinned(), oracle_vm_pin());
	if (oracle_pinned() || oracle_vm_pin()) {
		if (pristine)
			report("   GOES WRONG      pages stay pinned");
		else
			report_failure("pages stay pinned");
	}
	if (d->board.engine)
		report("   engine          %u lines of complaint",
		       engine_read(&d->board, ENGINE_COMPLAINTS));
	if (d->board.engine && engine_read(&d->board, ENGINE_COMPLAINTS))
		report_failure("the engine's model complained; see QEMU's log");
	if (d->board.mmu)
		report("   System MMU      %u faults, %u accesses bypassed it",
		       mmu_read(&d->board, MMU_FAULTS), mmu_read(&d->board, MMU_BYPASSED));
	if (mmu_read(&d->board, MMU_FAULTS) || mmu_read(&d->board, MMU_BYPASSED))
		report_failure("not all accesses went through the System MMU");
	if (!oracle_log_complaint(log, NULL, line, sizeof(line)))
		report("   kernel log      no complaint");
	else if (pristine)
		report("   GOES WRONG      the kernel logged: %s", line);
	else
		report_failure("the kernel logged: %s", line);
}

int main(int argc, char **argv)
{
	const char *photo_path = PHOTO, *out = "/out", *why;
	struct buffer buffers[NUM_BUFFERS];
	struct picture decoded, photo, anew;
	struct oracle_log log;
	struct utsname u;
	struct demo d = { 0 };
	bool pristine = false;
	char path[512];
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--pristine")) {
			pristine = true;
		} else if (!strncmp(argv[i], "--out=", 6)) {
			out = argv[i] + 6;
		} else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			fputs(usage, stdout);
			return 0;
		} else if (argv[i][0] == '-') {
			fputs(usage, stderr);
			return 2;
		} else {
			photo_path = argv[i];
		}
	}
	mkdir(out, 0777);
	snprintf(path, sizeof(path), "%s/report.txt", out);
	report_open(path);

	oracle_log_open(&log);
	d.fd = open_engine();
	if (d.fd < 0) {
		report_failure("no exynos render node in /dev/dri");
		return 1;
	}
	why = exynos_board_open(&d.board);
	if (d.board.mmu) {
		mmu_clear(&d.board, MMU_FAULTS);
		mmu_clear(&d.board, MMU_BYPASSED);
	}
	if (d.board.engine) {
		engine_write(&d.board, ENGINE_COMPLAINTS, 0);
		be_patient();
	}
	uname(&u);
	report("FIMG2D on malloc'd memory, %s", pristine ? "through G2D_BUF_USERPTR" :
							  "through DRM_EXYNOS_GEM_USERPTR");
	report("   kernel          %s %s", u.sysname, u.release);
	report("   engine          %s%s%s", d.board.has_iommu ? "behind a System MMU" : "without IOMMU",
	       why ? ", " : "", why ?: "");

	if (!d.board.has_iommu) {
		report_failure("without an IOMMU the engine reaches physically contiguous memory only, which malloc() does not give: use the iommu board");
		return 1;
	}

	why = picture_read(photo_path, W, H, &decoded);
	if (why) {
		report_failure("%s: %s", photo_path, why);
		return 1;
	}
	report("   photograph      %s, decoded to %u x %u, used as %u x %u", photo_path, decoded.width,
	       decoded.height, W, H);
	report("%s", "");
	photo = picture_fit(&decoded, W, H);
	picture_free(&decoded);

	anew = picture_alloc(W, H, PAPER);
	if (pristine) {
		mm_cases(&d, &photo, &anew, true);
	} else {
		make_buffers(&d, &photo, buffers);
		picture_steps(&d, buffers);
		mm_cases(&d, &photo, &anew, false);
		snprintf(path, sizeof(path), "%s/blit.png", out);
		write_sheet(&d, buffers, &anew, path);
		for (i = 0; i < NUM_BUFFERS; i++) {
			exynos_gem_close(d.fd, buffers[i].image.handle);
			buffer_free(&buffers[i]);
		}
	}
	picture_free(&anew);
	leftovers(&d, &log, pristine);
	picture_free(&photo);

	report("%s", "");
	if (report_failures())
		report("%u failures", report_failures());
	else
		report(pristine ? "this is what the series is for" : "no pixel differs, nothing faulted, nothing is left over");
	return report_failures() ? 1 : 0;
}
