/* SPDX-License-Identifier: GPL-2.0-only */
/* What happens when the program takes away memory that the engine uses. */
#ifndef DEMO_MM_CASES_H
#define DEMO_MM_CASES_H

#include "blit.h"
#include "picture.h"

/**
 * mm_cases - unmap between two blits, and during one
 * @d: device
 * @photo: what is in the memory
 * @pristine: through G2D_BUF_USERPTR, to show what goes wrong: then nothing
 *	that does counts as a failure
 */
void mm_cases(struct demo *d, const struct picture *photo, bool pristine);

#endif /* DEMO_MM_CASES_H */
