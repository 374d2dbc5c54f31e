/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
// port: nano
#include "nano/nano.h"

struct lamp_state;
struct lamp_colour {
	unsigned rgb;
};
struct lamp_shape {
	unsigned corners;
};

#define LAMP_OPS(OP) OP(paint, SFP_OUT(struct lamp_colour, colour))
SFP_INTERFACE(lamp, 1, LAMP_OPS);

#ifdef FIXED
static enum sfp_status serve_paint(struct lamp_state *state, struct lamp_colour *with)
#else
static enum sfp_status serve_paint(struct lamp_state *state, struct lamp_shape *with)
#endif
{
	(void)state;
	(void)with;
	return SFP_OK;
}
SFP_PROVIDER(serve, struct lamp_state, lamp, LAMP_OPS);

const void *lamp_operations(void);
const void *lamp_operations(void)
{
	return &serve_lamp_ops;
}
