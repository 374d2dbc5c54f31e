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

enum sfp_status settle(struct apples_consumer *consumer, struct apple *apple, struct pear *pear);
enum sfp_status settle(struct apples_consumer *consumer, struct apple *apple, struct pear *pear)
{
	(void)apple;
	(void)pear;
#ifdef FIXED
	return apples_complete(consumer, apple);
#else
	return apples_complete(consumer, pear);
#endif
}
