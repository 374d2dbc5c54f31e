/* SPDX-License-Identifier: BSD-2-Clause */
/* ring_b: see ring_a. */
#include "small.h"

SMALL_MODULE(ring_b, ring_c, NANO_FIRST, NULL);
