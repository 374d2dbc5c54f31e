/* SPDX-License-Identifier: BSD-2-Clause */
// expect: too many arguments
#include <sfp/dispatch.h>

struct frame {
	int line;
};
struct kbd {
	int keys;
};
SFP_DISPATCH(irqs, struct frame, SFP_KEYED(4));

SFP_DISPATCH(hooks, struct frame, SFP_LISTED);

enum sfp_status raise(struct hooks *hooks, struct frame *frame);
enum sfp_status raise(struct hooks *hooks, struct frame *frame)
{
#ifdef FIXED
	return hooks_dispatch(hooks, frame);
#else
	return hooks_dispatch(hooks, 1, frame);
#endif
}
