/* SPDX-License-Identifier: BSD-2-Clause */
/* selftest: the promises of the patterns by which many are served: iface, dispatch, mux, and the estate. */
#include "selftest.h"

#include <sfp/dispatch.h>
#include <sfp/estate.h>
#include <sfp/iface.h>
#include <sfp/mux.h>

/* ---- iface --------------------------------------------------------------------------------- */

#define COUNTER_OPS(OP) \
	OP(add, SFP_IN(uint32_t, number), SFP_OUT(uint32_t, sum)) \
	OP(trap)
SFP_INTERFACE(counter, 1, COUNTER_OPS);

struct tally {
	uint32_t sum;
	uint32_t pinned; /* in the call's context, seen from inside */
};

static enum sfp_status tally_add(struct tally *tally, uint32_t number, uint32_t *sum)
{
	tally->pinned = sfp_port_context()->pinned;
	tally->sum += number;
	*sum = tally->sum;
	return SFP_OK;
}

static enum sfp_status tally_trap(struct tally *tally)
{
	tally->sum++;
	sfp_fault_raise(1);
}
SFP_PROVIDER(tally, struct tally, counter, COUNTER_OPS);

static const char *calls_are_bound_late(struct sfp_iface_realm *realm, struct counter_offer *offer,
					struct tally *tally)
{
	struct counter_ref ref = SFP_REF(realm, "selftest");
	struct counter_record record = { .core = { .state = NULL } };
	struct counter_record newer = { .core = { .state = NULL } };
	struct counter_record *old = NULL;
	const uint32_t pinned = sfp_port_context()->pinned;
	uint32_t sum = 0;

	tally_counter_record(&record, tally, 1);
	tally_counter_record(&newer, tally, 1);
	SELFTEST_THAT(counter_add(&ref, 2, &sum) == SFP_NOT_FOUND, "what nobody offers is found");
	SELFTEST_THAT(counter_offer(realm, offer) == SFP_OK &&
			      counter_publish(offer, &record, NULL) == SFP_OK,
		      "an interface cannot be offered");
	SELFTEST_THAT(counter_add(&ref, 2, &sum) == SFP_OK && sum == 2, "an operation cannot be called");
	SELFTEST_THAT(tally->pinned == pinned + 1, "a call is not pinned in the running context");
	SELFTEST_THAT(counter_trap(&ref) == SFP_FAULT, "a fault in an operation is not the caller's status");
	SELFTEST_THAT(sfp_port_context()->pinned == pinned, "a pin outlasts its call");
	SELFTEST_THAT(counter_publish(offer, &newer, &old) == SFP_OK && old == &record,
		      "a provider cannot be replaced");
	SELFTEST_THAT(counter_drain(old) == SFP_OK,
		      "a replaced provider is in use though nobody calls: a context has an old pin");
	SELFTEST_THAT(counter_add(&ref, 3, &sum) == SFP_OK && sum == 6,
		      "after a replacement an operation cannot be called");
	SELFTEST_THAT(counter_withdraw(offer) == SFP_OK, "an offer cannot be withdrawn");
	SELFTEST_THAT(counter_add(&ref, 2, &sum) == SFP_GONE, "who has ended is called");
	return NULL;
}

static const char *interface_finds_its_provider(const struct sfp_selftest_host *host)
{
	struct sfp_iface_slot slots[1] = { { .record = 0 } };
	struct sfp_iface_realm realm = { .slots = slots, .count = 1 };
	struct counter_offer offer = { .provider = "selftest" };
	struct tally tally = { .sum = 0 };

	(void)host;
	return calls_are_bound_late(&realm, &offer, &tally);
}

/* ---- estate ----------------------------------------------------------------------------------- */

struct loan {
	struct sfp_estate_entry retained;
	bool back;
};

static enum sfp_status loan_detach(struct sfp_estate_entry *entry)
{
	SFP_CONTAINER(entry, struct loan, retained)->back = true;
	return SFP_OK;
}

static const char *estate_is_buried(const struct sfp_selftest_host *host)
{
	struct sfp_estate estate = { .newest = NULL };
	struct loan loans[2] = { { .back = false }, { .back = false } };

	(void)host;
	SELFTEST_THAT(sfp_estate_add(&estate, &loans[0].retained, loan_detach, "selftest") == SFP_OK &&
			      sfp_estate_add(&estate, &loans[1].retained, loan_detach, "selftest") == SFP_OK,
		      "a record cannot be added");
	SELFTEST_THAT(sfp_estate_next(&estate, NULL) == &loans[1].retained,
		      "who retains what is not to be seen");
	SELFTEST_THAT(sfp_estate_bury(&estate, SFP_PROOF("it is this function's own"), 8) == SFP_OK,
		      "an estate cannot be buried");
	SELFTEST_THAT(loans[0].back && loans[1].back, "a buried estate leaves something with others");
	return NULL;
}

/* ---- dispatch --------------------------------------------------------------------------------- */

SFP_DISPATCH(news, uint32_t, SFP_LISTED);

struct reader {
	uint32_t seen;
	bool faults;
};

static enum sfp_status reader_take(struct reader *reader, uint32_t *number)
{
	reader->seen += *number;
	if (reader->faults)
		sfp_fault_raise(1);
	return SFP_EMPTY;
}
SFP_HANDLER(news, reader_take, struct reader);

static const char *handlers_survive_each_other(const struct sfp_selftest_host *host)
{
	struct news news;
	struct reader readers[2] = { { .faults = true }, { .faults = false } };
	struct news_sub first = reader_take_news_closure(&readers[0], 2);
	struct news_sub second = reader_take_news_closure(&readers[1], 1);
	uint32_t number = 5;

	(void)host;
	news_init(&news, 1);
	SELFTEST_THAT(news_subscribe(&news, &first) == SFP_OK && news_subscribe(&news, &second) == SFP_OK,
		      "a handler cannot be subscribed");
	SELFTEST_THAT(news_dispatch(&news, &number) == SFP_FAULT, "a handler's fault is not told");
	SELFTEST_THAT(readers[0].seen == 5 && readers[1].seen == 5,
		      "a handler's fault keeps others from being run");
	SELFTEST_THAT(news_dispatch(&news, &number) == SFP_EMPTY && readers[0].seen == 5 &&
			      readers[1].seen == 10,
		      "a handler in quarantine is run, or another one is not");
	SELFTEST_THAT(news_unsubscribe(&news, &first) == SFP_OK && news_unsubscribe(&news, &second) == SFP_OK,
		      "a handler that is not run is not silent: a context has an old pin");
	SELFTEST_THAT(news_dispatch(&news, &number) == SFP_NOT_FOUND && readers[1].seen == 10,
		      "a handler that has left is run");
	return NULL;
}

/* ---- mux --------------------------------------------------------------------------------------- */

struct request {
	struct sfp_mux_request link;
};
SFP_MUX(disk, struct request, link, SFP_DEADLINE);

/* The first server dies with a request in flight; its successor is handed that one again, first. */
static const char *disk_is_taken_over(struct disk *mux, struct request *requests)
{
	struct disk_server first;
	struct disk_server second;
	struct request *seen = NULL;

	SELFTEST_THAT(disk_attach(&first, mux, SFP_PROOF("the mux is new")) == SFP_OK,
		      "a new mux has no server");
	SELFTEST_THAT(disk_next(&first, &seen) == SFP_OK && seen == &requests[1],
		      "the earliest deadline is not chosen first");
	SELFTEST_THAT(disk_attach(&second, mux, SFP_PROOF("the first one is given up here")) == SFP_OK,
		      "a server cannot be succeeded");
	SELFTEST_THAT(disk_next(&second, &seen) == SFP_OK && seen == &requests[1] &&
			      disk_state(seen).attempts == 2,
		      "what a dead server had in flight is not handed out again");
	SELFTEST_THAT(disk_complete(&second, seen, 7) == SFP_OK, "a request cannot be completed");
	SELFTEST_THAT(disk_next(&second, &seen) == SFP_OK && seen == &requests[0] &&
			      disk_complete(&second, seen, 8) == SFP_OK,
		      "the later request does not come second");
	return NULL;
}

static const char *requests_are_shared_out(const struct sfp_selftest_host *host)
{
	struct disk mux;
	struct disk_client client = { .core = { .mux = NULL } };
	struct request requests[2];
	const char *found;

	(void)host;
	__builtin_memset(requests, 0, sizeof(requests));
	SELFTEST_THAT(disk_init(&mux, 3) == SFP_OK && disk_bind(&mux, &client) == SFP_OK,
		      "a client cannot be bound");
	SELFTEST_THAT(disk_submit(&client, &requests[0], 20) == SFP_OK &&
			      disk_submit(&client, &requests[1], 10) == SFP_OK,
		      "a request cannot be submitted");
	found = disk_is_taken_over(&mux, requests);
	SELFTEST_THAT(!found, found);
	SELFTEST_THAT(disk_state(&requests[1]).state == SFP_MUX_DONE && disk_state(&requests[1]).result == 7,
		      "the client does not see what became of its request");
	SELFTEST_THAT(disk_reclaim(&client, &requests[0]) == SFP_OK &&
			      disk_reclaim(&client, &requests[1]) == SFP_OK,
		      "a settled request cannot be taken back");
	return NULL;
}

const struct selftest_check sfp_selftest_services[] = {
	{ "iface", "a call finds its provider, and survives it", interface_finds_its_provider, 0 },
	{ "estate", "a burial leaves nothing with others", estate_is_buried, 0 },
	{ "dispatch", "a handler's fault is its own, and who has left is silent", handlers_survive_each_other,
	  0 },
	{ "mux", "the earliest is first, and what is in flight survives its server", requests_are_shared_out,
	  0 },
	{ .check = NULL },
};
