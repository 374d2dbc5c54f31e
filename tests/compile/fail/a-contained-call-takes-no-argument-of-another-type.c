/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/guard.h>

struct text;
struct number;
enum sfp_status parse(struct text *text);
SFP_GATE(parse, parse, struct text *);

#ifdef FIXED
enum sfp_status read_one(struct text *from);
enum sfp_status read_one(struct text *from)
#else
enum sfp_status read_one(struct number *from);
enum sfp_status read_one(struct number *from)
#endif
{
	return parse_contained(from, NULL);
}
