/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/estate_dfq.h>

struct apple {
	struct sfp_dfq_item link;
};
struct pear {
	struct sfp_dfq_item link;
};
SFP_DFQ(apples, struct apple, link);
SFP_ESTATE_DFQ(apples, struct apple, link);

enum sfp_status keep(struct sfp_estate *estate, struct apples_estate *pool, struct apples *queue,
		     struct apple *apple, struct pear *pear);
enum sfp_status keep(struct sfp_estate *estate, struct apples_estate *pool, struct apples *queue,
		     struct apple *apple, struct pear *pear)
{
	(void)apple;
	(void)pear;
#ifdef FIXED
	return apples_estate_add(estate, pool, queue, apple, 1, "apples");
#else
	return apples_estate_add(estate, pool, queue, pear, 1, "apples");
#endif
}
