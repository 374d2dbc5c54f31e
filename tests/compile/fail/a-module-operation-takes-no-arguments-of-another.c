/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
// port: nano
#include "nano/nano.h"

struct lamp_state;
struct lamp_switch {
	bool on;
};
struct lamp_colour {
	unsigned rgb;
};

#ifdef FIXED
static enum sfp_status lamp_do_switch(struct lamp_state *state, struct lamp_switch *to)
#else
static enum sfp_status lamp_do_switch(struct lamp_state *state, struct lamp_colour *to)
#endif
{
	(void)state;
	(void)to;
	return SFP_OK;
}

NANO_OPERATION(lamp, switch, lamp_do_switch)

nano_operation *lamp_operation(void);
nano_operation *lamp_operation(void)
{
	return lamp_switch_entry_;
}
