/* SPDX-License-Identifier: BSD-2-Clause */
// expect: SFP_LOTTERY
#include <sfp/mux.h>

struct apple {
	struct sfp_mux_request link;
};
#ifdef FIXED
SFP_MUX(apples, struct apple, link, SFP_FIFO);
#else
SFP_MUX(apples, struct apple, link, SFP_LOTTERY);
#endif
