/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * screen: VGA's text mode, as the boot loader left it. Where there is none (under
 * UEFI there never is) the module does not start, and a call returns UNSUPPORTED.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include "nano/nano.h"

/*
 * write  Show text at the cursor. A line feed goes down, a carriage return to the first column, a
 *        backspace back by one (from the first column: to the end of the line above), a tab to the
 *        next eighth column; other control characters show nothing, and what is not ASCII shows as
 *        a box. Past the last line all move up by one.
 *        @retains the text in the device's memory, the cursor
 */
#define SCREEN_OPS(OP) OP(write, SFP_IN(const char *, text), SFP_IN(size_t, length))
SFP_INTERFACE(screen, 2, SCREEN_OPS);

#endif /* SCREEN_H */
