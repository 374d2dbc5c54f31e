/* SPDX-License-Identifier: BSD-2-Clause */
/* The header's example, whole; and what a server does where replay would bring back a resource. */
#include "handle_test.h"

/* ---- the example: a file, of a kind of its own ---------------------------------- */

struct note_state {
	uint64_t inode;
	uint64_t pos;
};
SFP_HANDLE(note, struct note_state, 1);             // layout version 1

static struct sfp_realm realm;                      // sfp_realm_init(&realm, 16 random bytes)

static enum sfp_status note_create(struct note *h, uint64_t inode)
{
	const struct note_state state = { .inode = inode };

	return note_export(&realm, &state, h);      // *h is the client's: zeroed storage
}

static enum sfp_status note_skip(struct note *h, uint64_t n)
{
	SFP_IMPORT(note, s, &realm, h);             // returns the status if it cannot
	s->pos += n;
	return SFP_OK;
}                                                   // committed here; by a fault: as it was

static enum sfp_status note_tell(struct note *h, uint64_t *pos)
{
	SFP_IMPORT(note, s, &realm, h);
	*pos = s->pos;
	return SFP_OK;
}

static enum sfp_status to_user_space_and_back(struct note *h, struct note *again)
{
	struct note_wire wire;

	SFP_TRY(note_seal(&realm, h, &wire));               // to user space ...
	SFP_TRY(note_open(&realm, &wire, again));           // ... and back, into an empty handle
	SFP_TRY(note_drop(h));                              // the end of it
	return SFP_OK;
}

TEST(the_example_does_what_it_says)
{
	struct note h = { .head.word = 0 };
	struct note again = { .head.word = 0 };
	uint64_t pos = 0;

	realm = realm_of(8);
	EXPECT(OK, note_create(&h, 4));
	EXPECT(OK, note_skip(&h, 10));
	EXPECT(OK, to_user_space_and_back(&h, &again));
	EXPECT(INVALID, note_tell(&h, &pos));
	EXPECT(OK, note_tell(&again, &pos));
	assert_int_equal(pos, 10);
}

/* ---- replay ----------------------------------------------------------------------- */

TEST(an_older_sealed_handle_brings_back_its_own_clients_older_state)
{
	struct note h = { .head.word = 0 };
	struct note back = { .head.word = 0 };
	struct note_wire old;
	uint64_t pos = 0;

	realm = realm_of(8);
	EXPECT(OK, note_create(&h, 4));
	EXPECT(OK, note_skip(&h, 10));
	EXPECT(OK, note_seal(&realm, &h, &old));
	EXPECT(OK, note_skip(&h, 10));
	EXPECT(OK, note_open(&realm, &old, &back));
	EXPECT(OK, note_tell(&back, &pos));
	assert_int_equal(pos, 10);
}

/*
 * Stamps that are used up: to bring back an older state would bring back stamps. So the server declares one
 * number a slot, and the handle carries the number that was the slot's when it was last used.
 */
struct purse_state {
	uint32_t slot;
	uint32_t number;
	uint64_t stamps;
};
SFP_HANDLE(purse, struct purse_state, 1);

#define SLOTS 4

static struct {
	struct sfp_realm realm;
	uint32_t number[SLOTS]; /* the server's declared state */
} post;

static enum sfp_status purse_sell(uint32_t slot, uint64_t stamps, struct purse_wire *wire)
{
	struct purse h = { .head.word = 0 };
	const struct purse_state state = { .slot = slot, .number = post.number[slot], .stamps = stamps };

	SFP_TRY(purse_export(&post.realm, &state, &h));
	return purse_seal(&post.realm, &h, wire);
}

static enum sfp_status use_one(struct purse *h)
{
	SFP_IMPORT(purse, s, &post.realm, h);
	if (s->slot >= SLOTS || s->number != post.number[s->slot])
		return SFP_STALE;
	if (s->stamps == 0)
		return SFP_EMPTY;
	s->stamps--;
	s->number = ++post.number[s->slot]; /* every older one is stale from here on */
	return SFP_OK;
}

static enum sfp_status purse_use(const struct purse_wire *wire, struct purse_wire *rest)
{
	struct purse h = { .head.word = 0 };

	SFP_TRY(purse_open(&post.realm, wire, &h));
	SFP_TRY(use_one(&h));
	return purse_seal(&post.realm, &h, rest);
}

TEST(where_replay_would_bring_back_a_resource_a_number_a_slot_refuses_it)
{
	struct purse_wire full;
	struct purse_wire less;
	struct purse_wire least;
	struct purse_wire none;

	memset(&post, 0, sizeof(post));
	post.realm = realm_of(9);
	EXPECT(OK, purse_sell(1, 2, &full));
	EXPECT(OK, purse_use(&full, &less));
	EXPECT(STALE, purse_use(&full, &less));  /* the replay */
	EXPECT(OK, purse_use(&less, &least));
	EXPECT(STALE, purse_use(&full, &none));
	EXPECT(STALE, purse_use(&less, &none));
	EXPECT(EMPTY, purse_use(&least, &none));
}

static enum sfp_status use_and_fault(struct purse *h)
{
	SFP_IMPORT(purse, s, &post.realm, h);
	s->stamps--;
	s->number = ++post.number[s->slot];
	sfp_fault_raise(1);
}
SFP_GATE(use_and_fault, use_and_fault, struct purse *);

TEST(a_fault_before_the_commit_costs_the_client_the_handle_and_the_server_nothing)
{
	struct purse h = { .head.word = 0 };
	struct purse_wire full;

	memset(&post, 0, sizeof(post));
	post.realm = realm_of(9);
	EXPECT(OK, purse_sell(1, 2, &full));
	EXPECT(OK, purse_open(&post.realm, &full, &h));
	EXPECT(FAULT, use_and_fault_contained(&h, NULL));
	EXPECT(STALE, use_one(&h));
}

int group_usage(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_does_what_it_says),
		cmocka_unit_test(an_older_sealed_handle_brings_back_its_own_clients_older_state),
		cmocka_unit_test(where_replay_would_bring_back_a_resource_a_number_a_slot_refuses_it),
		cmocka_unit_test(a_fault_before_the_commit_costs_the_client_the_handle_and_the_server_nothing),
	};

	return cmocka_run_group_tests_name("handle: usage", tests, NULL, NULL);
}
