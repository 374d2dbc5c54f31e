/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults in an import, and the estate of a client whose handle is imported. */
#include "handle_test.h"

#include <sfp/estate_handle.h>

SFP_ESTATE_HANDLE(file);

/*
 * The test library has handlers of its own for the time of a test; and the sanitizers' copying functions are
 * not made to be left by a trap.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TRAPS false
#elif defined(__has_feature)
#define TRAPS (!__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer))
#else
#define TRAPS true
#endif

static void catch_traps_or_skip(void)
{
	if (!TRAPS)
		skip();
	assert_int_equal(sfp_posix_faults_catch(), 0);
}

struct request {
	const struct sfp_realm *realm;
	struct file *h;
	void *bad;
};

static enum sfp_status change_and_fault(struct request *request)
{
	SFP_IMPORT(file, s, request->realm, request->h);
	s->pos = 1000;
	s->inode = 1000;
	sfp_fault_raise(7);
}
SFP_GATE(change, change_and_fault, struct request *);

TEST(a_fault_in_an_import_leaves_the_handle_as_it_was_and_free)
{
	const struct sfp_realm realm = realm_of(1);
	struct request request = { .realm = &realm, .h = file_made(&realm, 1, 2) };
	struct sfp_fault why;

	EXPECT(FAULT, change_contained(&request, &why));
	assert_int_equal(why.code, 7);
	assert_false(sfp_handle_is_imported(&request.h->head));
	EXPECT_FILE(&realm, request.h, 1, 2);
	EXPECT(OK, file_skip(&realm, request.h, 1));
	EXPECT(FAULT, change_contained(&request, &why));
	EXPECT_FILE(&realm, request.h, 1, 3);
}

#define NOWHERE ((void *)(uintptr_t)4096)

static enum sfp_status seal_to_nowhere(struct request *request)
{
	return file_seal(request->realm, request->h, request->bad);
}
SFP_GATE(seal, seal_to_nowhere, struct request *);

static enum sfp_status take_to_nowhere(struct request *request)
{
	return file_take(request->realm, request->h, request->bad);
}
SFP_GATE(take, take_to_nowhere, struct request *);

TEST(a_seal_or_a_taking_that_faults_leaves_the_handle_as_it_was)
{
	const struct sfp_realm realm = realm_of(1);
	struct request request = { .realm = &realm, .h = file_made(&realm, 1, 2), .bad = NOWHERE };

	catch_traps_or_skip();
	EXPECT(FAULT, seal_contained(&request, NULL));
	EXPECT_FILE(&realm, request.h, 1, 2);
	EXPECT(FAULT, take_contained(&request, NULL));
	EXPECT_FILE(&realm, request.h, 1, 2);
}

static enum sfp_status export_from_nowhere(struct request *request)
{
	return file_export(request->realm, request->bad, request->h);
}
SFP_GATE(export, export_from_nowhere, struct request *);

TEST(an_export_that_faults_leaves_a_torn_handle_that_is_told)
{
	const struct sfp_realm realm = realm_of(1);
	struct file h = { .head.word = 0 };
	struct request request = { .realm = &realm, .h = &h, .bad = NOWHERE };

	catch_traps_or_skip();
	EXPECT(FAULT, export_contained(&request, NULL));
	EXPECT(POISONED, file_skip(&realm, &h, 1));
	EXPECT(OK, file_drop(&h));
}

#define DEAD SFP_PROOF("the test has stopped being the client")

static enum sfp_status bury_within(const struct sfp_realm *realm, struct file *h, struct sfp_estate *estate)
{
	SFP_IMPORT(file, s, realm, h);
	EXPECT(AGAIN, sfp_estate_bury(estate, DEAD, 4));
	s->pos++;
	EXPECT(AGAIN, sfp_estate_bury(estate, DEAD, 4));
	return SFP_OK;
}

TEST(a_client_whose_handle_is_imported_is_buried_when_the_import_is_over)
{
	const struct sfp_realm realm = realm_of(1);
	const struct file_state state = { .inode = 1 };
	struct {
		struct sfp_estate estate;
		struct file_estate retained;
		struct file h;
	} *client = calloc(1, sizeof(*client));

	assert_non_null(client);
	EXPECT(OK, file_estate_add(&client->estate, &client->retained, &client->h, "an open file"));
	EXPECT(OK, file_export(&realm, &state, &client->h));
	EXPECT(OK, bury_within(&realm, &client->h, &client->estate));
	EXPECT(OK, sfp_estate_bury(&client->estate, DEAD, 4));
	EXPECT(INVALID, file_skip(&realm, &client->h, 1));
	free(client);
}

TEST(a_handle_whose_server_died_in_an_import_goes_when_it_was_recovered)
{
	const struct sfp_realm realm = realm_of(1);
	struct file *h = file_made(&realm, 1, 2);
	struct sfp_estate estate = { .sealed = 0 };
	struct file_estate retained = { .core = { .handle = NULL } };
	struct sfp_guard elsewhere;

	EXPECT(OK, file_estate_add(&estate, &retained, h, "an open file"));
	h->head.word |= (uintptr_t)&elsewhere;
	EXPECT(AGAIN, sfp_estate_bury(&estate, DEAD, 4));
	EXPECT(OK, file_recover(h, SFP_PROOF("the server was reaped")));
	EXPECT(OK, sfp_estate_bury(&estate, DEAD, 4));
}

TEST(empty_torn_and_moved_handles_are_no_obstacle_to_a_burial)
{
	const struct sfp_realm realm = realm_of(1);
	struct sfp_estate estate = { .sealed = 0 };
	struct file_estate retained[3] = { { .core = { .handle = NULL } } };
	struct file h[3] = { { .head.word = 0 } };
	int i;

	h[1].head.word = SFP_HANDLE_TORN_;
	memcpy(&h[2], file_made(&realm, 1, 2), sizeof(h[2]));
	for (i = 0; i < 3; i++)
		EXPECT(OK, file_estate_add(&estate, &retained[i], &h[i], "an open file"));
	EXPECT(OK, sfp_estate_bury(&estate, DEAD, 4));
}

TEST(a_record_is_in_one_estate_and_of_one_handle)
{
	struct sfp_estate estate = { .sealed = 0 };
	struct file_estate retained = { .core = { .handle = NULL } };
	struct file h = { .head.word = 0 };

	EXPECT(INVALID, file_estate_add(&estate, &retained, NULL, "an open file"));
	EXPECT(OK, file_estate_add(&estate, &retained, &h, "an open file"));
	EXPECT(BUSY, file_estate_add(&estate, &retained, &h, "an open file"));
	EXPECT(OK, file_estate_remove(&estate, &retained));
	assert_null(sfp_estate_next(&estate, NULL));
}

int group_fault(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_in_an_import_leaves_the_handle_as_it_was_and_free),
		cmocka_unit_test(a_seal_or_a_taking_that_faults_leaves_the_handle_as_it_was),
		cmocka_unit_test(an_export_that_faults_leaves_a_torn_handle_that_is_told),
		cmocka_unit_test(a_client_whose_handle_is_imported_is_buried_when_the_import_is_over),
		cmocka_unit_test(a_handle_whose_server_died_in_an_import_goes_when_it_was_recovered),
		cmocka_unit_test(empty_torn_and_moved_handles_are_no_obstacle_to_a_burial),
		cmocka_unit_test(a_record_is_in_one_estate_and_of_one_handle),
	};

	return cmocka_run_group_tests_name("handle: fault", tests, NULL, NULL);
}
