/* SPDX-License-Identifier: BSD-2-Clause */
/* Offering, replacing, closing, migrating, withdrawing. */
#include "guest.h"

TEST(an_offer_needs_a_name_a_free_slot_and_to_be_the_only_one_of_it)
{
	struct scene scene;
	struct counter_offer more[SLOTS] = { { .provider = "tally" }, { .provider = "b" }, { .provider = "c" },
					     { .provider = "d" } };
	struct counter_offer nameless = { .provider = NULL };

	scene_set_up(&scene, SCENE_OFFERED);
	EXPECT(INVALID, counter_offer(&scene.realm, &nameless));
	EXPECT(EXISTS, counter_offer(&scene.realm, &scene.offer));
	EXPECT(EXISTS, counter_offer(&scene.realm, &more[0]));
	more[0].provider = "a";
	EXPECT(OK, counter_offer(&scene.realm, &more[0]));
	EXPECT(OK, counter_offer(&scene.realm, &more[1]));
	EXPECT(OK, counter_offer(&scene.realm, &more[2]));
	EXPECT(LIMIT, counter_offer(&scene.realm, &more[3]));
	EXPECT(OK, counter_withdraw(&more[1]));
	EXPECT(OK, counter_offer(&scene.realm, &more[3]));
}

TEST(what_is_not_offered_cannot_be_changed)
{
	struct scene scene;

	scene_set_up(&scene, SCENE_BARE);
	EXPECT(INVALID, counter_publish(&scene.offer, &scene.record, NULL));
	EXPECT(INVALID, counter_close(&scene.offer));
	EXPECT(INVALID, counter_migrate(&scene.offer, &scene.record, NULL));
	EXPECT(OK, counter_withdraw(&scene.offer)); /* that it is not offered is what was asked for */
	assert_int_equal(sfp_iface_phase(&scene.offer.core), SFP_IFACE_LEAVING);
}

TEST(a_replaced_record_is_told_and_can_be_drained_and_the_one_in_force_cannot)
{
	struct scene scene;
	struct counter_record newer = { .core = { .operations = NULL } };
	struct counter_record *old = &newer;

	scene_set_up(&scene, SCENE_OFFERED);
	tally_counter_record(&newer, &scene.tally, 1);
	EXPECT(OK, counter_publish(&scene.offer, &scene.record, &old));
	assert_null(old);
	EXPECT(OK, counter_publish(&scene.offer, &newer, &old));
	assert_ptr_equal(old, &scene.record);
	EXPECT(OK, counter_drain(old));
	EXPECT(INVALID, counter_drain(&newer));
	EXPECT(OK, counter_publish(&scene.offer, &newer, &old)); /* once more: nothing was replaced */
	assert_null(old);
	EXPECT(OK, counter_reset(&scene.ref));
}

TEST(a_record_of_another_layout_is_not_published)
{
	struct scene scene;
	struct counter_record other = { .core = { .operations = NULL } };

	scene_set_up(&scene, SCENE_PUBLISHED);
	tally_counter_record(&other, &scene.tally, 2);
	EXPECT(INVALID, counter_publish(&scene.offer, &other, NULL));
	EXPECT(OK, counter_close(&scene.offer));
	EXPECT(INVALID, counter_publish(&scene.offer, &other, NULL));
	EXPECT(OK, counter_publish(&scene.offer, &scene.record, NULL));
	EXPECT(OK, counter_reset(&scene.ref));
}

TEST(who_is_inside_keeps_the_old_record_and_new_calls_have_the_new_one)
{
	struct scene scene;
	struct tally fresh = { .total = 1000 };
	struct counter_record newer = { .core = { .operations = NULL } };
	struct guest guest;
	uint64_t total = 0;

	scene_set_up(&scene, SCENE_PUBLISHED);
	guest_enter(&guest, &scene.realm);
	tally_counter_record(&newer, &fresh, 1);
	EXPECT(OK, counter_publish(&scene.offer, &newer, NULL));
	EXPECT(AGAIN, counter_drain(&scene.record));
	EXPECT(OK, counter_add(&scene.ref, 1, &total));
	assert_int_equal(total, 1001);
	EXPECT(AGAIN, counter_drain(&scene.record));
	guest_tell(&guest, SFP_EMPTY);
	EXPECT(EMPTY, guest_join(&guest));
	EXPECT(OK, counter_drain(&scene.record));
}

TEST(who_uses_a_record_without_a_call_keeps_it_too)
{
	struct scene scene;
	const struct sfp_iface_record *record = NULL;
	struct sfp_iface_pin pin;
	uintptr_t word = 0;

	scene_set_up(&scene, SCENE_BARE);
	EXPECT(AGAIN, sfp_iface_enter(&pin, &word, &record));
	EXPECT(OK, counter_drain(&scene.record)); /* the refusal has left nothing */
	word = (uintptr_t)&scene.record.core;
	EXPECT(OK, sfp_iface_enter(&pin, &word, &record));
	assert_ptr_equal(record, &scene.record.core);
	assert_int_equal(sfp_iface_running(sfp_port_context()), (uintptr_t)record);
	(void)sfp_exchange_word(&word, 0);
	EXPECT(DEADLOCK, counter_drain(&scene.record));
	sfp_iface_exit(&pin);
	EXPECT(OK, counter_drain(&scene.record));
	assert_int_equal(sfp_iface_running(sfp_port_context()), 0);
}

static enum sfp_status replace_oneself(struct counter_relay *relay)
{
	struct scene *scene = relay->subject;
	static struct counter_record newer;

	tally_counter_record(&newer, &scene->tally, 1);
	EXPECT(OK, counter_publish(&scene->offer, &newer, NULL));
	EXPECT(DEADLOCK, counter_drain(&scene->record));
	EXPECT(OK, counter_publish(&scene->offer, &scene->record, NULL));
	EXPECT(OK, counter_drain(&newer));
	EXPECT(DEADLOCK, counter_close(&scene->offer));
	EXPECT(DEADLOCK, counter_withdraw(&scene->offer));
	return SFP_OK;
}

TEST(who_is_inside_can_replace_but_not_wait_for_itself)
{
	struct scene scene;
	struct counter_relay relay = { .act = replace_oneself, .subject = &scene };

	scene_set_up(&scene, SCENE_PUBLISHED);
	EXPECT(OK, counter_relay(&scene.ref, &relay));
	EXPECT(GONE, counter_reset(&scene.ref)); /* withdrawn, but for its own being inside */
	EXPECT(OK, counter_withdraw(&scene.offer));
}

TEST(closed_says_again_until_published)
{
	struct scene scene;

	scene_set_up(&scene, SCENE_PUBLISHED);
	EXPECT(OK, counter_close(&scene.offer));
	EXPECT(AGAIN, counter_reset(&scene.ref));
	EXPECT(OK, counter_close(&scene.offer));
	assert_int_equal(sfp_iface_phase(&scene.offer.core), SFP_IFACE_CLOSED);
	EXPECT(OK, counter_publish(&scene.offer, &scene.record, NULL));
	EXPECT(OK, counter_reset(&scene.ref));
}

static struct guest cancelled_guest;
static enum sfp_status cancel_says;

static enum sfp_status cancel_guest(struct counter_offer *offer)
{
	(void)offer;
	if (cancel_says == SFP_OK)
		guest_tell(&cancelled_guest, SFP_GONE);
	return cancel_says;
}

TEST(closing_cancels_who_waits_inside)
{
	struct scene scene;
	enum sfp_status status;

	scene_set_up(&scene, SCENE_BARE);
	scene.offer.cancel = cancel_guest;
	EXPECT(OK, counter_offer(&scene.realm, &scene.offer));
	EXPECT(OK, counter_publish(&scene.offer, &scene.record, NULL));
	guest_enter(&cancelled_guest, &scene.realm);
	cancel_says = SFP_NO_MEMORY;
	EXPECT(NO_MEMORY, counter_close(&scene.offer));
	EXPECT(AGAIN, counter_reset(&scene.ref));
	cancel_says = SFP_OK;
	EXPECT(AGAIN, counter_close(&scene.offer));
	EXPECT(GONE, guest_join(&cancelled_guest));
	status = counter_close(&scene.offer);
	EXPECT(OK, status);
}

/* ---- migration ------------------------------------------------------------- */

/* Layout 2 of the state: the total in halves. */
struct halves {
	uint64_t low;
	uint64_t high;
};

enum sfp_status halves_add(struct halves *halves, uint32_t amount, uint64_t *total);
enum sfp_status halves_twice(struct halves *halves, uint64_t *number);
enum sfp_status halves_reset(struct halves *halves);
enum sfp_status halves_crash(struct halves *halves, int how);
enum sfp_status halves_relay(struct halves *halves, struct counter_relay *relay);

enum sfp_status halves_add(struct halves *halves, uint32_t amount, uint64_t *total)
{
	halves->low += amount;
	*total = halves->low + halves->high;
	return SFP_OK;
}

enum sfp_status halves_twice(struct halves *halves, uint64_t *number)
{
	(void)halves;
	*number += *number;
	return SFP_OK;
}

enum sfp_status halves_reset(struct halves *halves)
{
	*halves = (struct halves){ 0, 0 };
	return SFP_OK;
}

enum sfp_status halves_crash(struct halves *halves, int how)
{
	(void)halves;
	(void)how;
	return SFP_UNSUPPORTED;
}

enum sfp_status halves_relay(struct halves *halves, struct counter_relay *relay)
{
	(void)halves;
	return relay->act(relay);
}
SFP_PROVIDER(halves, struct halves, counter, COUNTER_OPS);

static enum sfp_status migration_says;

static enum sfp_status to_halves(const struct sfp_iface_record *old, const struct sfp_iface_record *fresh)
{
	const struct tally *tally = old->state;
	struct halves *halves = fresh->state;

	assert_int_equal(old->layout, 1);
	halves->low = tally->total / 2;
	if (migration_says == SFP_FAULT)
		__builtin_trap();
	halves->high = tally->total - halves->low;
	return migration_says;
}

TEST(a_migrated_state_serves_under_the_same_references)
{
	struct scene scene;
	struct halves halves;
	struct counter_record fresh = { .core = { .operations = NULL } };
	uint64_t total = 0;

	scene_set_up(&scene, SCENE_PUBLISHED);
	EXPECT(OK, counter_add(&scene.ref, 41, &total));
	halves_counter_record(&fresh, &halves, 2);
	migration_says = SFP_OK;
	EXPECT(OK, counter_migrate(&scene.offer, &fresh, to_halves));
	EXPECT(OK, counter_add(&scene.ref, 1, &total));
	assert_int_equal(total, 42);
	EXPECT(OK, counter_drain(&scene.record));
	EXPECT(OK, counter_migrate(&scene.offer, &fresh, to_halves)); /* it is there already */
	EXPECT(OK, counter_add(&scene.ref, 0, &total));
	assert_int_equal(total, 42);
}

TEST(a_migration_that_fails_or_faults_leaves_the_old_one_in_force)
{
	struct scene scene;
	struct halves halves;
	struct counter_record fresh = { .core = { .operations = NULL } };
	uint64_t total = 0;

	catch_traps();
	scene_set_up(&scene, SCENE_PUBLISHED);
	EXPECT(OK, counter_add(&scene.ref, 41, &total));
	halves_counter_record(&fresh, &halves, 2);
	migration_says = SFP_NO_MEMORY;
	EXPECT(NO_MEMORY, counter_migrate(&scene.offer, &fresh, to_halves));
	migration_says = SFP_FAULT;
	EXPECT(FAULT, counter_migrate(&scene.offer, &fresh, to_halves));
	EXPECT(OK, counter_add(&scene.ref, 1, &total));
	assert_int_equal(total, 42);
	expect_nothing_left();
}

TEST(a_migration_waits_for_who_is_inside_and_callers_do_not)
{
	struct scene scene;
	struct halves halves;
	struct counter_record fresh = { .core = { .operations = NULL } };
	struct guest guest;

	scene_set_up(&scene, SCENE_PUBLISHED);
	halves_counter_record(&fresh, &halves, 2);
	migration_says = SFP_OK;
	guest_enter(&guest, &scene.realm);
	EXPECT(AGAIN, counter_migrate(&scene.offer, &fresh, to_halves));
	EXPECT(AGAIN, counter_reset(&scene.ref));
	guest_tell(&guest, SFP_OK);
	EXPECT(OK, guest_join(&guest));
	EXPECT(OK, counter_migrate(&scene.offer, &fresh, to_halves));
	EXPECT(OK, counter_reset(&scene.ref));
}

TEST(without_a_state_there_is_nothing_to_migrate)
{
	struct scene scene;

	scene_set_up(&scene, SCENE_OFFERED);
	EXPECT(INVALID, counter_migrate(&scene.offer, &scene.record, to_halves));
}

int group_change(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_offer_needs_a_name_a_free_slot_and_to_be_the_only_one_of_it),
		cmocka_unit_test(what_is_not_offered_cannot_be_changed),
		cmocka_unit_test(a_replaced_record_is_told_and_can_be_drained_and_the_one_in_force_cannot),
		cmocka_unit_test(a_record_of_another_layout_is_not_published),
		cmocka_unit_test(who_is_inside_keeps_the_old_record_and_new_calls_have_the_new_one),
		cmocka_unit_test(who_uses_a_record_without_a_call_keeps_it_too),
		cmocka_unit_test(who_is_inside_can_replace_but_not_wait_for_itself),
		cmocka_unit_test(closed_says_again_until_published),
		cmocka_unit_test(closing_cancels_who_waits_inside),
		cmocka_unit_test(a_migrated_state_serves_under_the_same_references),
		cmocka_unit_test(a_migration_that_fails_or_faults_leaves_the_old_one_in_force),
		cmocka_unit_test(a_migration_waits_for_who_is_inside_and_callers_do_not),
		cmocka_unit_test(without_a_state_there_is_nothing_to_migrate),
	};

	return cmocka_run_group_tests_name("iface: change", tests, NULL, NULL);
}
