/* SPDX-License-Identifier: BSD-2-Clause */
/* lonely needs what nobody offers. */
#include "small.h"

SMALL_MODULE(lonely, nobody, NANO_FIRST, NULL);
