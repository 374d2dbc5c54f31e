/* SPDX-License-Identifier: BSD-2-Clause */
// expect: unused[- ]result
#include <sfp/mux.h>

struct apple {
	struct sfp_mux_request link;
};
SFP_MUX(apples, struct apple, link, SFP_FIFO);

void leave(struct apples_client *client);
void leave(struct apples_client *client)
{
#ifdef FIXED
	SFP_IGNORE(apples_unbind(client), "it is asked again before the record is freed");
#else
	apples_unbind(client);
#endif
}
