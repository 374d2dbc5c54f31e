/* SPDX-License-Identifier: BSD-2-Clause */
/* starting: modules that start late, fail to start, or wait for themselves. */
#ifndef STARTING_H
#define STARTING_H

#include "judge.h"

void judge_starts(struct judge_state *state);

#endif /* STARTING_H */
