/* SPDX-License-Identifier: BSD-2-Clause */
// expect: too few arguments
#include <sfp/mux.h>

struct alarm {
	struct sfp_mux_request link;
};
SFP_MUX(alarms, struct alarm, link, SFP_DEADLINE);

enum sfp_status arm(struct alarms_client *client, struct alarm *alarm);
enum sfp_status arm(struct alarms_client *client, struct alarm *alarm)
{
#ifdef FIXED
	return alarms_submit(client, alarm, 100);
#else
	return alarms_submit(client, alarm);
#endif
}
