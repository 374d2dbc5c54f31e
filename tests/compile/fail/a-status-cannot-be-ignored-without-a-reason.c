/* SPDX-License-Identifier: BSD-2-Clause */
// expect: expected .\).|expected string literal|before .why.
#include <sfp/status.h>

enum sfp_status act(void);
void ignore(const char *why);
void ignore(const char *why)
{
	(void)why;
#ifdef FIXED
	SFP_IGNORE(act(), "nothing can be done about it");
#else
	SFP_IGNORE(act(), why);
#endif
}
