/* SPDX-License-Identifier: BSD-2-Clause */
/* interrupting: handlers that nest, fault and find no stack; by `int`, each when it is wanted. */
#ifndef INTERRUPTING_H
#define INTERRUPTING_H

#include "judge.h"

void judge_interrupts(struct judge_state *state);

#endif /* INTERRUPTING_H */
