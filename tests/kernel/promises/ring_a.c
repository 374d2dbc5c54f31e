/* SPDX-License-Identifier: BSD-2-Clause */
/* ring_a needs ring_b, which needs ring_c, which needs ring_a: none of them can be first. */
#include "small.h"

SMALL_MODULE(ring_a, ring_b, NANO_FIRST, NULL);
