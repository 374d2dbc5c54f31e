/* SPDX-License-Identifier: BSD-2-Clause */
// expect: return.*with a value|should not return a value|return-type|return-mismatch
#include <sfp/status.h>

enum sfp_status act(void);

#ifdef FIXED
enum sfp_status act_twice(void);
enum sfp_status act_twice(void)
{
	SFP_TRY(act());
	return act();
}
#else
void act_twice(void);
void act_twice(void)
{
	SFP_TRY(act());
}
#endif
