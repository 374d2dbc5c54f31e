/* SPDX-License-Identifier: BSD-2-Clause */
// expect: unused[- ](result|value)|ignoring return value
#include <sfp/dispatch.h>

struct frame {
	int line;
};
struct kbd {
	int keys;
};
SFP_DISPATCH(irqs, struct frame, SFP_KEYED(4));

enum sfp_status part(struct irqs *irqs, struct irqs_sub *sub);
enum sfp_status part(struct irqs *irqs, struct irqs_sub *sub)
{
#ifdef FIXED
	SFP_TRY(irqs_unsubscribe(irqs, sub));
#else
	irqs_unsubscribe(irqs, sub);
#endif
	return SFP_OK;
}
