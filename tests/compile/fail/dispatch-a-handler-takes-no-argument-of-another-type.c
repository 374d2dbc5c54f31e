/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/dispatch.h>

struct frame {
	int line;
};
struct kbd {
	int keys;
};
SFP_DISPATCH(irqs, struct frame, SFP_KEYED(4));

#ifdef FIXED
enum sfp_status on_key(struct kbd *kbd, struct frame *frame);
#else
enum sfp_status on_key(struct kbd *kbd, struct kbd *frame);
#endif
SFP_HANDLER(irqs, on_key, struct kbd);
