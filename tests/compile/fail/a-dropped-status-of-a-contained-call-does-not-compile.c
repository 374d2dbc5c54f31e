/* SPDX-License-Identifier: BSD-2-Clause */
// expect: warn_unused_result|unused-result
#include <sfp/guard.h>

enum sfp_status parse(int *text);
SFP_GATE(parse, parse, int *);

enum sfp_status read_line(int *text);
enum sfp_status read_line(int *text)
{
	struct sfp_fault why;

#ifdef FIXED
	return parse_contained(text, &why);
#else
	parse_contained(text, &why);
	return SFP_OK;
#endif
}
