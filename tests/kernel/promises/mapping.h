/* SPDX-License-Identifier: BSD-2-Clause */
/* mapping: which memory of devices a module gets, and which memory it does not get that way. */
#ifndef MAPPING_H
#define MAPPING_H

#include "judge.h"

void judge_mapping(struct judge_state *state);

#endif /* MAPPING_H */
