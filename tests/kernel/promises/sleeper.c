/* SPDX-License-Identifier: BSD-2-Clause */
/* sleeper could start, if somebody called it from anywhere but an interrupt. */
#include "small.h"

SMALL_MODULE(sleeper, nobody, NANO_LAZILY, NULL);
