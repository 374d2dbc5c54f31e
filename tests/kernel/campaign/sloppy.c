/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sloppy: what the campaign must find. Its check is its whole work, and as long as nothing traps it is in
 * order. SLOPPY says what a fault leaves behind: 1: a lock that is held; 2: a byte that is not what it
 * was; 3: an invariant that does not hold.
 */
#include "nano/nano.h"

struct sloppy_state {
	const void *lock;          /* the holder's, on its stack */
	uint64_t inside;
	uint64_t half;
};

static enum sfp_status check(struct sloppy_state *state)
{
	volatile uint32_t work = 0;

	NANO_HOLDS(state->half == 0, "nothing is half done");
	if (SLOPPY == 1)
		__atomic_store_n(&state->lock, (const void *)&work, __ATOMIC_SEQ_CST);
	if (SLOPPY == 2)
		__atomic_fetch_add(&state->inside, 1, __ATOMIC_SEQ_CST);
	if (SLOPPY == 3)
		__atomic_store_n(&state->half, 1, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < 10; i++)
		work += i;
	if (SLOPPY == 1)
		__atomic_store_n(&state->lock, (const void *)NULL, __ATOMIC_SEQ_CST);
	if (SLOPPY == 2)
		__atomic_fetch_sub(&state->inside, 1, __ATOMIC_SEQ_CST);
	if (SLOPPY == 3)
		__atomic_store_n(&state->half, 0, __ATOMIC_SEQ_CST);
	return SFP_OK;
}

NANO_HOOK(sloppy, check, check)

static const struct nano_field fields[] = {
	NANO_FIELD(sloppy, half, NANO_AGGREGATE), /* so that only the check can tell */
	NANO_FIELDS_END
};

static enum sfp_status start(struct sloppy_state *state)
{
	(void)state;
	return SFP_OK;
}
NANO_HOOK(sloppy, start, start)

NANO_MODULE(sloppy,
	.version = 1,
	.summary = "leaves behind what it must not, when it traps",
	.state_size = sizeof(struct sloppy_state),
	.state_version = 1,
	.fields = fields,
	.start = sloppy_start_hook_,
	.check = sloppy_check_hook_,
);
