/* SPDX-License-Identifier: BSD-2-Clause */
/* trap_report: an exception in words, on the early serial line. */
#ifndef NANO_TRAP_REPORT_H
#define NANO_TRAP_REPORT_H

#include "nano/nano.h"

void trap_report(const struct nano_fault_record *record);

#endif /* NANO_TRAP_REPORT_H */
