/* SPDX-License-Identifier: BSD-2-Clause */
// expect: warn_unused_result|unused-result
// port: nano
#include "nano/nano.h"

struct lamp_switch {
	bool on;
};
NANO_OPERATION_DECLARE(lamp, switch, 0)

enum sfp_status darken(struct nano_ref *lamp);
enum sfp_status darken(struct nano_ref *lamp)
{
	struct lamp_switch off = { .on = false };

#ifdef FIXED
	return lamp_switch(lamp, &off);
#else
	lamp_switch(lamp, &off);
	return SFP_OK;
#endif
}
