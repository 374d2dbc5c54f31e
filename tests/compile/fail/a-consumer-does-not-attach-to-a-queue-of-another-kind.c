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

enum sfp_status begin(struct apples_consumer *consumer, struct apples *apples, struct pears *pears);
enum sfp_status begin(struct apples_consumer *consumer, struct apples *apples, struct pears *pears)
{
	(void)apples;
	(void)pears;
#ifdef FIXED
	return apples_attach(consumer, apples, SFP_PROOF("the queue is new"));
#else
	return apples_attach(consumer, pears, SFP_PROOF("the queue is new"));
#endif
}
