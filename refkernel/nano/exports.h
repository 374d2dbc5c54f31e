/* SPDX-License-Identifier: BSD-2-Clause */
/* exports: the names that a module may import: nano.h's, the gate's, and the call's. */
#ifndef NANO_EXPORTS_H
#define NANO_EXPORTS_H

#include "loader.h"

extern const struct loader_exports nano_exports;

#endif /* NANO_EXPORTS_H */
