/* SPDX-License-Identifier: BSD-2-Clause */
// expect: more operations than SFP_IFACE_MAX_OPERATIONS
#include <sfp/iface.h>

#define EIGHT(OP, x) OP(x##0) OP(x##1) OP(x##2) OP(x##3) OP(x##4) OP(x##5) OP(x##6) OP(x##7)
#ifdef FIXED
#define MANY_OPS(OP) EIGHT(OP, a) EIGHT(OP, b)
#else
#define MANY_OPS(OP) EIGHT(OP, a) EIGHT(OP, b) OP(c)
#endif
SFP_INTERFACE(many, 1, MANY_OPS);
