/* SPDX-License-Identifier: BSD-2-Clause */
/* ring_c: see ring_a. */
#include "small.h"

SMALL_MODULE(ring_c, ring_a, NANO_FIRST, NULL);
