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

SFP_DISPATCH(hooks, struct frame, SFP_LISTED);

enum sfp_status join(struct irqs *irqs, struct irqs_sub *sub, struct hooks_sub *other);
enum sfp_status join(struct irqs *irqs, struct irqs_sub *sub, struct hooks_sub *other)
{
	(void)sub;
	(void)other;
#ifdef FIXED
	return irqs_subscribe(irqs, 1, sub);
#else
	return irqs_subscribe(irqs, 1, other);
#endif
}
