/* SPDX-License-Identifier: BSD-2-Clause */
// expect: warn_unused_result|unused-result
// port: nano
#include "nano/nano.h"

#define LAMP_OPS(OP) OP(light, SFP_IN(bool, on))
SFP_INTERFACE(lamp, 1, LAMP_OPS);

enum sfp_status darken(struct lamp_ref *lamp);
enum sfp_status darken(struct lamp_ref *lamp)
{
#ifdef FIXED
	return lamp_light(lamp, false);
#else
	lamp_light(lamp, false);
	return SFP_OK;
#endif
}
