/* SPDX-License-Identifier: BSD-2-Clause */
/* cycle_a: needs cycle_b, which needs cycle_a. */
#include "cycle.h"

CYCLE_HALF(cycle_a, CYCLE_A_OPS, cycle_b);
