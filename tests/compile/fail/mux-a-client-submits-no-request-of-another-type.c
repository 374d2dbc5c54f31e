/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/mux.h>

struct apple {
	struct sfp_mux_request link;
};
struct pear {
	struct sfp_mux_request link;
};
SFP_MUX(apples, struct apple, link, SFP_FIFO);

enum sfp_status give(struct apples_client *client, struct apple *apple, struct pear *pear);
enum sfp_status give(struct apples_client *client, struct apple *apple, struct pear *pear)
{
	(void)apple;
	(void)pear;
#ifdef FIXED
	return apples_submit(client, apple);
#else
	return apples_submit(client, pear);
#endif
}
