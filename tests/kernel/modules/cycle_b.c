/* SPDX-License-Identifier: BSD-2-Clause */
/* cycle_b: needs cycle_a, which needs cycle_b. */
#include "cycle.h"

CYCLE_HALF(cycle_b, CYCLE_B_OPS, cycle_a);
