/* SPDX-License-Identifier: BSD-2-Clause */
/* orphan: needs an interface that nobody offers. */
#include "nano/nano.h"

static enum sfp_status check(void *state)
{
	(void)state;
	return SFP_OK;
}

static const char *const needs[] = { "nobodys_business", NULL };

NANO_MODULE(orphan,
	.version = 1,
	.summary = "needs what is not there",
	.needs = needs,
	.check = check,
);
