/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/dfq.h>

struct apple {
	struct sfp_dfq_item link;
};
struct pear {
	struct sfp_dfq_item link;
};
SFP_DFQ(apples, struct apple, link);
SFP_DFQ(pears, struct pear, link);

enum sfp_status give(struct apples *apples, struct apple *const *some, struct pear *const *others);
enum sfp_status give(struct apples *apples, struct apple *const *some, struct pear *const *others)
{
	(void)some;
	(void)others;
#ifdef FIXED
	return apples_enqueue_chain(apples, some, 2);
#else
	return apples_enqueue_chain(apples, others, 2);
#endif
}
