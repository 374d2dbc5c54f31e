/* SPDX-License-Identifier: BSD-2-Clause */
/* trap_report: an exception in words, on the early serial line. */
#ifndef NANO_TRAP_REPORT_H
#define NANO_TRAP_REPORT_H

#include "trap.h"

#include <sfp/guard.h>

void trap_report(const struct trap_frame *frame, const struct sfp_fault *fault, bool contained);

#endif /* NANO_TRAP_REPORT_H */
