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

enum sfp_status raise(struct irqs *irqs, struct frame *frame, struct kbd *other);
enum sfp_status raise(struct irqs *irqs, struct frame *frame, struct kbd *other)
{
	(void)frame;
	(void)other;
#ifdef FIXED
	return irqs_dispatch(irqs, 1, frame);
#else
	return irqs_dispatch(irqs, 1, other);
#endif
}
