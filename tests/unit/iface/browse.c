/* SPDX-License-Identifier: BSD-2-Clause */
/* Browsing: what is offered, and what it can do. */
#include "guest.h"

TEST(the_descriptors_say_what_the_list_says)
{
	const struct sfp_iface_operation *add = &counter_interface.operations[counter_add_NUMBER];
	const struct sfp_iface_operation *twice = &counter_interface.operations[counter_twice_NUMBER];
	const struct sfp_iface_operation *reset = &counter_interface.operations[counter_reset_NUMBER];

	assert_string_equal(counter_interface.name, "counter");
	assert_int_equal(counter_interface.version, 3);
	assert_int_equal(counter_interface.count, 5);
	assert_int_equal(counter_COUNT, 5);
	assert_string_equal(add->name, "add");
	assert_int_equal(add->number, 0);
	assert_int_equal(add->count, 2);
	assert_string_equal(add->arguments[0].name, "amount");
	assert_int_equal(add->arguments[0].kind, SFP_IFACE_IN);
	assert_int_equal(add->arguments[0].size, 4);
	assert_string_equal(add->arguments[1].name, "total");
	assert_int_equal(add->arguments[1].kind, SFP_IFACE_OUT);
	assert_int_equal(add->arguments[1].size, 8);
	assert_int_equal(twice->arguments[0].kind, SFP_IFACE_INOUT);
	assert_int_equal(reset->count, 0);
	assert_int_equal(reset->number, 2);
}

TEST(every_offer_is_seen_once_with_its_interface_and_phase)
{
	struct scene scene;
	struct counter_offer second = { .provider = "second" };
	struct sfp_iface_cursor cursor;
	const struct sfp_iface_offer *offer = NULL;

	scene_set_up(&scene, SCENE_PUBLISHED);
	EXPECT(OK, counter_offer(&scene.realm, &second));
	EXPECT(OK, sfp_iface_browse(&cursor, &scene.realm));
	EXPECT(OK, sfp_iface_next(&cursor, &offer));
	assert_string_equal(offer->provider, "tally");
	assert_string_equal(offer->iface->operations[1].name, "twice");
	assert_int_equal(sfp_iface_phase(offer), SFP_IFACE_OPEN);
	EXPECT(OK, sfp_iface_next(&cursor, &offer));
	assert_ptr_equal(offer, &second.core);
	assert_int_equal(sfp_iface_phase(offer), SFP_IFACE_OFFERED);
	EXPECT(EMPTY, sfp_iface_next(&cursor, &offer));
	EXPECT(EMPTY, sfp_iface_next(&cursor, &offer));
	sfp_iface_leave(&cursor);
	expect_nothing_left();
}

/* Tries to take away what a cursor of another thread shows. */
static void *withdraw_it(void *opaque)
{
	struct scene *scene = opaque;
	enum sfp_status status;

	if (sfp_posix_thread_enter() != 0)
		return NULL;
	status = counter_withdraw(&scene->offer);
	sfp_posix_thread_leave();
	return status == SFP_AGAIN ? scene : NULL;
}

TEST(what_a_cursor_shows_stays_until_it_is_left)
{
	struct scene scene;
	struct sfp_iface_cursor cursor;
	const struct sfp_iface_offer *offer = NULL;
	pthread_t thread;
	void *result = NULL;

	scene_set_up(&scene, SCENE_PUBLISHED);
	EXPECT(OK, sfp_iface_browse(&cursor, &scene.realm));
	EXPECT(OK, sfp_iface_next(&cursor, &offer));
	EXPECT(OK, counter_reset(&scene.ref)); /* calls go on above it */
	assert_int_equal(pthread_create(&thread, NULL, withdraw_it, &scene), 0);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_ptr_equal(result, &scene);
	EXPECT(DEADLOCK, counter_withdraw(&scene.offer));
	sfp_iface_leave(&cursor);
	EXPECT(OK, counter_withdraw(&scene.offer));
	expect_nothing_left();
}

TEST(an_empty_realm_has_nothing_to_show)
{
	struct scene scene;
	struct sfp_iface_cursor cursor;
	const struct sfp_iface_offer *offer = NULL;

	scene_set_up(&scene, SCENE_BARE);
	EXPECT(OK, sfp_iface_browse(&cursor, &scene.realm));
	EXPECT(EMPTY, sfp_iface_next(&cursor, &offer));
	expect_nothing_left();
}

int group_browse(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_descriptors_say_what_the_list_says),
		cmocka_unit_test(every_offer_is_seen_once_with_its_interface_and_phase),
		cmocka_unit_test(what_a_cursor_shows_stays_until_it_is_left),
		cmocka_unit_test(an_empty_realm_has_nothing_to_show),
	};

	return cmocka_run_group_tests_name("iface: browse", tests, NULL, NULL);
}
