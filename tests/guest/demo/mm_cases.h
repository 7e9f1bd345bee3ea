/* SPDX-License-Identifier: GPL-2.0-only */
/* What happens when memory that the engine uses is taken away. */
#ifndef DEMO_MM_CASES_H
#define DEMO_MM_CASES_H

#include "blit.h"
#include "picture.h"

/**
 * mm_cases - unmap between two blits, and during one; swap out
 * @d: device
 * @photo: what is in the memory
 * @anew: gets what the engine made of memory that was mapped anew
 * @pristine: through G2D_BUF_USERPTR, to show what goes wrong: then nothing
 *	that does counts as a failure
 */
void mm_cases(struct demo *d, const struct picture *photo, struct picture *anew, bool pristine);

#endif /* DEMO_MM_CASES_H */
