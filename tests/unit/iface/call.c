/* SPDX-License-Identifier: BSD-2-Clause */
/* The call: what comes back, and what it leaves behind. */
#include "iface_test.h"

TEST(arguments_go_in_and_results_come_out)
{
	struct scene scene;
	uint64_t total = 0;
	uint64_t number = 21;

	scene_set_up(&scene, SCENE_PUBLISHED);
	EXPECT(OK, counter_add(&scene.ref, 40, &total));
	EXPECT(OK, counter_add(&scene.ref, 2, &total));
	assert_int_equal(total, 42);
	EXPECT(OK, counter_twice(&scene.ref, &number));
	assert_int_equal(number, 42);
	EXPECT(OK, counter_reset(&scene.ref));
	assert_int_equal(scene.tally.total, 0);
	assert_int_equal(scene.tally.resets, 1);
	expect_nothing_left();
}

TEST(a_reference_made_before_its_provider_serves_when_that_comes)
{
	struct scene scene;

	scene_set_up(&scene, SCENE_BARE);
	EXPECT(NOT_FOUND, counter_reset(&scene.ref));
	EXPECT(OK, counter_offer(&scene.realm, &scene.offer));
	EXPECT(AGAIN, counter_reset(&scene.ref));
	EXPECT(OK, counter_publish(&scene.offer, &scene.record, NULL));
	EXPECT(OK, counter_reset(&scene.ref));
	expect_nothing_left();
}

TEST(a_provider_is_chosen_by_name_if_one_is_given)
{
	struct scene scene;
	struct tally other = { .total = 100 };
	struct counter_offer second = { .provider = "second" };
	struct counter_record record = { .core = { .operations = NULL } };
	struct counter_ref ref = SFP_REF(&scene.realm, "second");
	struct counter_ref none = SFP_REF(&scene.realm, "third");
	uint64_t total = 0;

	scene_set_up(&scene, SCENE_PUBLISHED);
	tally_counter_record(&record, &other, 1);
	EXPECT(OK, counter_offer(&scene.realm, &second));
	EXPECT(OK, counter_publish(&second, &record, NULL));
	EXPECT(OK, counter_add(&ref, 1, &total));
	assert_int_equal(total, 101);
	EXPECT(OK, counter_add(&scene.ref, 1, &total));
	assert_int_equal(total, 1);
	EXPECT(NOT_FOUND, counter_reset(&none));
}

TEST(another_version_is_invalid_and_another_name_is_not_found)
{
	struct scene scene;
	struct sfp_iface other_version = counter_interface;
	struct sfp_iface other_name = counter_interface;
	struct sfp_iface_call call;

	scene_set_up(&scene, SCENE_PUBLISHED);
	other_version.version = 4;
	other_name.name = "counters";
	EXPECT(INVALID, sfp_iface_call(&scene.ref.core, &other_version, counter_reset_gated_, &call, NULL));
	EXPECT(NOT_FOUND, sfp_iface_call(&scene.ref.core, &other_name, counter_reset_gated_, &call, NULL));
	expect_nothing_left();
}

TEST(a_fault_in_an_operation_comes_back_as_a_status_and_the_next_call_serves)
{
	struct scene scene;
	struct sfp_fault why = { .kind = SFP_FAULT_UNKNOWN };
	uint64_t total = 0;

	catch_traps();
	scene_set_up(&scene, SCENE_PUBLISHED);
	EXPECT(FAULT, counter_crash_contained(&scene.ref, 0, &why));
	assert_int_equal(why.kind, SFP_FAULT_INSTRUCTION);
	EXPECT(FAULT, counter_crash_contained(&scene.ref, 77, &why));
	assert_int_equal(why.kind, SFP_FAULT_RAISED);
	assert_int_equal(why.code, 77);
	EXPECT(FAULT, counter_crash(&scene.ref, 1));
	expect_nothing_left();
	EXPECT(OK, counter_add(&scene.ref, 5, &total));
	assert_int_equal(total, 5);
}

/* Relays until the depth that its subject says, and looks what is pinned there. */
struct dive {
	struct counter_relay relay;
	struct scene *scene;
	unsigned depth;
	unsigned deepest;
	enum sfp_status at_the_bottom;
};

static enum sfp_status dive_on(struct counter_relay *relay)
{
	struct dive *dive = SFP_CONTAINER(relay, struct dive, relay);
	const struct sfp_context *context = sfp_port_context();
	unsigned i;

	dive->depth++;
	assert_int_equal(context->pinned, dive->depth);
	for (i = 0; i < SFP_PINS; i++)
		assert_int_equal(context->pins[i], i < dive->depth ? (uintptr_t)&dive->scene->record : 0);
	assert_int_equal(sfp_iface_running(context), (uintptr_t)&dive->scene->record);
	if (dive->depth < dive->deepest)
		return counter_relay(&dive->scene->ref, relay);
	dive->at_the_bottom = counter_reset(&dive->scene->ref);
	return SFP_EMPTY;
}

TEST(nested_calls_keep_the_outer_pins)
{
	struct scene scene;
	struct dive dive = { .relay = { .act = dive_on }, .scene = &scene, .deepest = SFP_PINS - 1 };

	scene_set_up(&scene, SCENE_PUBLISHED);
	EXPECT(EMPTY, counter_relay(&scene.ref, &dive.relay));
	EXPECT(OK, dive.at_the_bottom);
	assert_int_equal(dive.depth, SFP_PINS - 1);
	assert_int_equal(sfp_iface_running(sfp_port_context()), 0);
	expect_nothing_left();
}

TEST(nesting_deeper_than_the_pins_is_refused)
{
	struct scene scene;
	struct dive dive = { .relay = { .act = dive_on }, .scene = &scene, .deepest = SFP_PINS };

	scene_set_up(&scene, SCENE_PUBLISHED);
	EXPECT(EMPTY, counter_relay(&scene.ref, &dive.relay));
	EXPECT(LIMIT, dive.at_the_bottom);
	expect_nothing_left();
}

TEST(when_the_provider_has_ended_it_is_gone_until_renewed)
{
	struct scene scene;
	struct counter_offer heir = { .provider = "heir" };
	struct counter_record record = { .core = { .operations = NULL } };

	scene_set_up(&scene, SCENE_PUBLISHED);
	EXPECT(OK, counter_reset(&scene.ref));
	EXPECT(OK, counter_withdraw(&scene.offer));
	EXPECT(GONE, counter_reset(&scene.ref));
	tally_counter_record(&record, &scene.tally, 1);
	EXPECT(OK, counter_offer(&scene.realm, &heir));
	EXPECT(OK, counter_publish(&heir, &record, NULL));
	EXPECT(GONE, counter_reset(&scene.ref)); /* although the heir has the same slot */
	counter_renew(&scene.ref);
	EXPECT(OK, counter_reset(&scene.ref));
	assert_int_equal(scene.tally.resets, 2);
	expect_nothing_left();
}

TEST(a_reference_never_serves_from_a_slot_that_was_given_to_another_interface)
{
	struct scene scene;
	struct sfp_iface other = { .name = "other", .version = 1 };
	struct sfp_iface_offer stranger = { .iface = &other, .provider = "stranger" };
	struct sfp_iface_record record = { .operations = NULL };

	scene_set_up(&scene, SCENE_PUBLISHED);
	EXPECT(OK, counter_reset(&scene.ref));
	EXPECT(OK, counter_withdraw(&scene.offer));
	EXPECT(OK, sfp_iface_offer(&scene.realm, &stranger));
	EXPECT(OK, sfp_iface_publish(&stranger, &record, NULL));
	assert_int_equal(stranger.slot - scene.slots, 0);
	EXPECT(GONE, counter_reset(&scene.ref));
	counter_renew(&scene.ref);
	EXPECT(NOT_FOUND, counter_reset(&scene.ref));
}

int group_call(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_go_in_and_results_come_out),
		cmocka_unit_test(a_reference_made_before_its_provider_serves_when_that_comes),
		cmocka_unit_test(a_provider_is_chosen_by_name_if_one_is_given),
		cmocka_unit_test(another_version_is_invalid_and_another_name_is_not_found),
		cmocka_unit_test(a_fault_in_an_operation_comes_back_as_a_status_and_the_next_call_serves),
		cmocka_unit_test(nested_calls_keep_the_outer_pins),
		cmocka_unit_test(nesting_deeper_than_the_pins_is_refused),
		cmocka_unit_test(when_the_provider_has_ended_it_is_gone_until_renewed),
		cmocka_unit_test(a_reference_never_serves_from_a_slot_that_was_given_to_another_interface),
	};

	return cmocka_run_group_tests_name("iface: call", tests, NULL, NULL);
}
