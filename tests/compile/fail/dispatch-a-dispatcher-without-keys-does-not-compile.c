/* SPDX-License-Identifier: BSD-2-Clause */
// expect: SFP_KEYED: keys are
#include <sfp/dispatch.h>

struct frame {
	int line;
};
struct kbd {
	int keys;
};
SFP_DISPATCH(irqs, struct frame, SFP_KEYED(4));

#ifdef FIXED
SFP_DISPATCH(lines, struct frame, SFP_KEYED(1));
#else
SFP_DISPATCH(lines, struct frame, SFP_KEYED(0));
#endif
