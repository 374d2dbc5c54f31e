/* SPDX-License-Identifier: BSD-2-Clause */
// expect: too few arguments|incompatible type
#include <sfp/estate.h>

enum sfp_status bury(struct sfp_estate *estate);
enum sfp_status bury(struct sfp_estate *estate)
{
#ifdef FIXED
	return sfp_estate_bury(estate, SFP_PROOF("its thread was joined"), 8);
#else
	return sfp_estate_bury(estate, 8);
#endif
}
