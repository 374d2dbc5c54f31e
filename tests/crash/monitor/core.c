/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's cold half, on the port of this test. */
#include "crash_port.h"

#include SFP_MONITOR_CORE
