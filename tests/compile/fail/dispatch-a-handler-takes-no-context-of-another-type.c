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

enum sfp_status on_key(struct kbd *kbd, struct frame *frame);
SFP_HANDLER(irqs, on_key, struct kbd);

struct irqs_sub closure(struct kbd *kbd, struct frame *other);
struct irqs_sub closure(struct kbd *kbd, struct frame *other)
{
	(void)kbd;
	(void)other;
#ifdef FIXED
	return on_key_irqs_closure(kbd, 0);
#else
	return on_key_irqs_closure(other, 0);
#endif
}
