/* SPDX-License-Identifier: BSD-2-Clause */
/* orphan: needs an interface that nobody offers. */
#include "nano/nano.h"

#define NOBODYS_BUSINESS_OPS(OP) OP(nothing)
SFP_INTERFACE(nobodys_business, 1, NOBODYS_BUSINESS_OPS);

struct orphan_state {
	struct nobodys_business_ref missing;
};

static enum sfp_status check(struct orphan_state *state)
{
	(void)state;
	return SFP_OK;
}
NANO_HOOK(orphan, check, check)

static const struct nano_use uses[] = { NANO_USE(orphan, missing, nobodys_business, NANO_FIRST), NANO_USES_END };

NANO_MODULE(orphan,
	.version = 1,
	.summary = "needs what is not there",
	.state_size = sizeof(struct orphan_state),
	.state_version = 1,
	.uses = uses,
	.check = orphan_check_hook_,
);
