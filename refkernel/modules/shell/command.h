/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command: what a module offers whose name shall be a command at the prompt. The shell finds it when
 * the name is typed, and keeps nothing of it: it comes with the module's file, and goes with it.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include "nano/nano.h"

/*
 * run   Do it, and print through the console. `arguments` is what was typed after the name and one
 *       blank; it is the shell's, and good until this returns. MALFORMED: wrong arguments.
 */
#define COMMAND_OPS(OP) OP(run, SFP_IN(const char *, arguments))
SFP_INTERFACE(command, 1, COMMAND_OPS);

#endif /* COMMAND_H */
