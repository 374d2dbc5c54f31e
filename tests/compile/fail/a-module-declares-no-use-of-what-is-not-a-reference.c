/* SPDX-License-Identifier: BSD-2-Clause */
// expect: the_member_is_no_reference_to_that_interface
// port: nano
#include "nano/nano.h"

#define LAMP_OPS(OP) OP(light)
SFP_INTERFACE(lamp, 1, LAMP_OPS);
SFP_INTERFACE(torch, 1, LAMP_OPS);

struct porch_state {
#ifdef FIXED
	struct lamp_ref light;
#else
	struct torch_ref light;
#endif
};

const struct nano_use *porch_uses(void);
const struct nano_use *porch_uses(void)
{
	static const struct nano_use uses[] = { NANO_USE(porch, light, lamp, NANO_FIRST), NANO_USES_END };

	return uses;
}
