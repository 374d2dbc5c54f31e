/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible type
#include <sfp/mux.h>

struct apple {
	struct sfp_mux_request link;
};
SFP_MUX(apples, struct apple, link, SFP_FIFO);

enum sfp_status begin(struct apples_server *server, struct apples *apples);
enum sfp_status begin(struct apples_server *server, struct apples *apples)
{
#ifdef FIXED
	return apples_attach(server, apples, SFP_PROOF("the old server was joined"));
#else
	return apples_attach(server, apples, "it is surely dead by now");
#endif
}
