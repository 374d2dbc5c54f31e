/* SPDX-License-Identifier: BSD-2-Clause */
/* A core file of the library, on the port of this test. */
#include "crash_port.h"

#include CRASH_CORE
