/* SPDX-License-Identifier: BSD-2-Clause */
// expect: SFP_GATE: the function must return enum sfp_status
#include <sfp/guard.h>

#ifdef FIXED
enum sfp_status parse(char *text);
#else
bool parse(char *text);
#endif
SFP_GATE(parse, parse, char *);
