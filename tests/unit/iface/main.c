/* SPDX-License-Identifier: BSD-2-Clause */
/* Late-bound interfaces: all groups of their unit tests. */
#include "iface_test.h"

enum sfp_status tally_add(struct tally *tally, uint32_t amount, uint64_t *total)
{
	tally->total += amount;
	*total = tally->total;
	return SFP_OK;
}

enum sfp_status tally_twice(struct tally *tally, uint64_t *number)
{
	(void)tally;
	*number *= 2;
	return SFP_OK;
}

enum sfp_status tally_reset(struct tally *tally)
{
	tally->total = 0;
	tally->resets++;
	return SFP_OK;
}

enum sfp_status tally_crash(struct tally *tally, int how)
{
	tally->total = 0;
	if (how == 0)
		__builtin_trap();
	sfp_fault_raise((uintptr_t)how);
}

enum sfp_status tally_relay(struct tally *tally, struct counter_relay *relay)
{
	(void)tally;
	return relay->act(relay);
}

void scene_set_up(struct scene *scene, enum how_far far)
{
	memset(scene, 0, sizeof(*scene));
	scene->realm = (struct sfp_iface_realm){ .slots = scene->slots, .count = SLOTS };
	scene->ref = (struct counter_ref)SFP_REF(&scene->realm, NULL);
	scene->offer.provider = "tally";
	tally_counter_record(&scene->record, &scene->tally, 1);
	if (far >= SCENE_OFFERED)
		EXPECT(OK, counter_offer(&scene->realm, &scene->offer));
	if (far >= SCENE_PUBLISHED)
		EXPECT(OK, counter_publish(&scene->offer, &scene->record, NULL));
}

void catch_traps(void)
{
	assert_int_equal(sfp_posix_faults_catch(), 0);
}

void expect_nothing_left(void)
{
	const struct sfp_context *context = sfp_port_context();
	unsigned i;

	assert_int_equal(context->pinned, 0);
	assert_null(context->guards);
	assert_null(context->gate);
	for (i = 0; i < SFP_PINS; i++)
		assert_int_equal(context->pins[i], 0);
}

static int (*const groups[])(void) = {
	group_usage, group_call, group_start, group_change, group_browse, group_death, group_remote,
};

int main(void)
{
	int failed = 0;
	size_t i;

	if (sfp_posix_thread_enter() != 0)
		return 1;
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		failed += groups[i]();
	printf("iface: %zu groups of tests, %d tests failed\n", sizeof(groups) / sizeof(groups[0]), failed);
	return failed ? 1 : 0;
}
