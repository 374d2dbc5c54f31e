/* SPDX-License-Identifier: BSD-2-Clause */
/* The header's example, whole: a server that keeps one borrowed link, and a client that dies. */
#include "estate_test.h"

struct request;

struct server {
	struct request *pending;
};

struct request {
	struct sfp_estate_entry retained;           // zeroed: in no estate
	struct server *server;
};

static enum sfp_status server_submit(struct server *server, struct request *request)
{
	if (server->pending)
		return SFP_BUSY;
	server->pending = request;
	return SFP_OK;
}

static enum sfp_status server_forget(struct server *server, const struct request *request)
{
	if (server->pending == request)
		server->pending = NULL;
	return SFP_OK;
}

static enum sfp_status request_detach(struct sfp_estate_entry *entry)
{
	struct request *request = SFP_CONTAINER(entry, struct request, retained);

	return server_forget(request->server, request); // OK: no link is left; BUSY: later
}

struct client {
	struct sfp_estate estate;
	struct request request;
};

static enum sfp_status client_ask(struct client *client, struct server *server)
{
	struct request *request = &client->request;

	request->server = server;
	SFP_TRY(sfp_estate_add(&client->estate, &request->retained, request_detach, "request at the server"));
	SFP_TRY(server_submit(request->server, request));
	return SFP_OK;
}

static enum sfp_status client_take_back(struct client *client)
{
	struct request *request = &client->request;

	SFP_TRY(server_forget(request->server, request));
	SFP_TRY(sfp_estate_remove(&client->estate, &request->retained));
	return SFP_OK;
}

TEST(a_client_that_takes_back_what_it_gave_leaves_an_empty_estate)
{
	struct server server = { NULL };
	struct client client;

	memset(&client, 0, sizeof(client));
	EXPECT(OK, client_ask(&client, &server));
	assert_ptr_equal(server.pending, &client.request);
	EXPECT(OK, client_take_back(&client));
	assert_null(sfp_estate_next(&client.estate, NULL));
}

TEST(nothing_of_a_buried_client_is_left_at_the_server)
{
	struct server server = { NULL };
	struct client *client = calloc(1, sizeof(*client));
	enum sfp_status st;

	assert_non_null(client);
	EXPECT(OK, client_ask(client, &server));
	assert_string_equal(sfp_estate_next(&client->estate, NULL)->what, "request at the server");
	while ((st = sfp_estate_bury(&client->estate, SFP_PROOF("it runs no more"), 64)) == SFP_AGAIN)
		;
	EXPECT(OK, st);
	free(client);
	assert_null(server.pending);
}

/* It was added, and its owner stopped before it was given. */
TEST(what_was_never_given_is_buried_too)
{
	struct server server = { NULL };
	struct client client;

	memset(&client, 0, sizeof(client));
	client.request.server = &server;
	EXPECT(OK, sfp_estate_add(&client.estate, &client.request.retained, request_detach, "request at the server"));
	EXPECT(OK, sfp_estate_bury(&client.estate, DEAD, 64));
}

int group_usage(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_that_takes_back_what_it_gave_leaves_an_empty_estate),
		cmocka_unit_test(nothing_of_a_buried_client_is_left_at_the_server),
		cmocka_unit_test(what_was_never_given_is_buried_too),
	};

	return cmocka_run_group_tests_name("estate: usage", tests, NULL, NULL);
}
