/* SPDX-License-Identifier: BSD-2-Clause */
/* log: a module's lines among the nano-core's own. */
#include "early.h"
#include "nano/nano.h"

void nano_log(const char *module, const char *text)
{
	early_print("%s: %s\n", module, text);
}
