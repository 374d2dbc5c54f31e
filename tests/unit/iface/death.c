/* SPDX-License-Identifier: BSD-2-Clause */
/* The death of a provider, and of a caller. */
#include "guest.h"

#include <sys/mman.h>

/* All that a provider has, in memory of its own. */
struct provider {
	struct sfp_estate estate;
	struct counter_offer offer;
	struct counter_record record[2];
	struct tally tally;
};

struct town {
	struct scene scene;
	struct provider *provider;
};

static void town_set_up(struct town *town)
{
	struct provider *provider;

	scene_set_up(&town->scene, SCENE_BARE);
	provider = mmap(NULL, sizeof(*provider), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(provider, MAP_FAILED);
	town->provider = provider;
	provider->offer.provider = "mortal";
	tally_counter_record(&provider->record[0], &provider->tally, 1);
	tally_counter_record(&provider->record[1], &provider->tally, 1);
	EXPECT(OK, counter_offer_retained(&provider->estate, &provider->offer));
	EXPECT(OK, counter_record_retained(&provider->estate, &provider->record[0]));
	EXPECT(OK, counter_record_retained(&provider->estate, &provider->record[1]));
	EXPECT(OK, counter_offer(&town->scene.realm, &provider->offer));
	EXPECT(OK, counter_publish(&provider->offer, &provider->record[0], NULL));
}

static enum sfp_status bury(struct town *town)
{
	return sfp_estate_bury(&town->provider->estate, DEAD, 16);
}

static void unmap(struct town *town)
{
	assert_int_equal(munmap(town->provider, sizeof(*town->provider)), 0);
}

TEST(a_buried_provider_is_gone_for_its_callers_and_its_memory_can_go)
{
	struct town town;
	enum sfp_status status;

	town_set_up(&town);
	EXPECT(OK, counter_reset(&town.scene.ref));
	while ((status = bury(&town)) == SFP_AGAIN)
		;
	EXPECT(OK, status);
	unmap(&town);
	EXPECT(GONE, counter_reset(&town.scene.ref));
	counter_renew(&town.scene.ref);
	EXPECT(NOT_FOUND, counter_reset(&town.scene.ref));
	expect_nothing_left();
}

TEST(a_burial_waits_for_who_is_inside)
{
	struct town town;
	struct guest guest;
	enum sfp_status status;
	int i;

	town_set_up(&town);
	guest_enter(&guest, &town.scene.realm);
	for (i = 0; i < 5; i++)
		EXPECT(AGAIN, bury(&town));
	EXPECT(NOT_FOUND, counter_reset(&town.scene.ref));
	guest_tell(&guest, SFP_OK);
	EXPECT(OK, guest_join(&guest));
	while ((status = bury(&town)) == SFP_AGAIN)
		;
	EXPECT(OK, status);
	unmap(&town);
}

TEST(a_burial_waits_for_who_is_inside_a_record_that_was_replaced)
{
	struct town town;
	struct guest guest;
	enum sfp_status status;
	int i;

	town_set_up(&town);
	guest_enter(&guest, &town.scene.realm);
	EXPECT(OK, counter_publish(&town.provider->offer, &town.provider->record[1], NULL));
	for (i = 0; i < 5; i++)
		EXPECT(AGAIN, bury(&town));
	guest_tell(&guest, SFP_OK);
	EXPECT(OK, guest_join(&guest));
	while ((status = bury(&town)) == SFP_AGAIN)
		;
	EXPECT(OK, status);
	unmap(&town);
}

TEST(an_offer_that_was_never_made_is_buried_too)
{
	struct scene scene;
	struct sfp_estate estate = { .sealed = 0 };

	scene_set_up(&scene, SCENE_BARE);
	EXPECT(OK, counter_offer_retained(&estate, &scene.offer));
	EXPECT(OK, counter_record_retained(&estate, &scene.record));
	EXPECT(OK, sfp_estate_bury(&estate, DEAD, 16));
}

TEST(a_caller_that_has_stopped_keeps_the_record_until_it_is_reaped)
{
	struct scene scene;
	struct sfp_guard guard;
	struct sfp_context dead = { .guards = &guard, .pinned = 1 };

	/* What a caller leaves that stopped in a start: its pin, and the slot held by its guard. */
	scene_set_up(&scene, SCENE_PUBLISHED);
	guard = (struct sfp_guard){ .older = NULL };
	dead.pins[0] = (uintptr_t)&scene.record;
	scene.slots[0].busy = (uintptr_t)&guard;
	EXPECT(BUSY, counter_close(&scene.offer));
	EXPECT(OK, counter_reset(&scene.ref)); /* callers do not care */
	EXPECT(INVALID, sfp_iface_reap(&scene.realm, &dead, (struct sfp_proof){ .reason = NULL }));
	EXPECT(OK, sfp_iface_reap(&scene.realm, &dead, DEAD));
	assert_int_equal(dead.pins[0], 0);
	assert_int_equal(dead.pinned, 0);
	EXPECT(OK, counter_close(&scene.offer));
}

TEST(what_another_holds_is_not_reaped)
{
	struct scene scene;
	struct sfp_guard guard;
	struct sfp_context dead = { .guards = NULL };

	scene_set_up(&scene, SCENE_PUBLISHED);
	scene.slots[0].busy = (uintptr_t)&guard;
	EXPECT(OK, sfp_iface_reap(&scene.realm, &dead, DEAD));
	EXPECT(BUSY, counter_close(&scene.offer));
}

int group_death(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_buried_provider_is_gone_for_its_callers_and_its_memory_can_go),
		cmocka_unit_test(a_burial_waits_for_who_is_inside),
		cmocka_unit_test(a_burial_waits_for_who_is_inside_a_record_that_was_replaced),
		cmocka_unit_test(an_offer_that_was_never_made_is_buried_too),
		cmocka_unit_test(a_caller_that_has_stopped_keeps_the_record_until_it_is_reaped),
		cmocka_unit_test(what_another_holds_is_not_reaped),
	};

	return cmocka_run_group_tests_name("iface: death", tests, NULL, NULL);
}
