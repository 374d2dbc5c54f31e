/* SPDX-License-Identifier: BSD-2-Clause */
// expect: SFP_MUX: the member must be a struct sfp_mux_request
#include <sfp/mux.h>

#ifdef FIXED
#define LINK sfp_mux_request
#else
#define LINK sfp_dfq_item
#endif
struct apple {
	struct LINK link;
};
SFP_MUX(apples, struct apple, link, SFP_FIFO);
