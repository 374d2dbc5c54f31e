/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mux against a reference, policy by policy: random submissions, choices,
 * completions, cancellations, withdrawals, requeueing, leaving and takeovers.
 * The reference is a plain array, searched from end to end.
 */
#include <sfp/mux.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS 96
#define CLIENTS 5

struct thing {
	struct sfp_mux_request link;
	unsigned number;
};

SFP_MUX(fifo, struct thing, link, SFP_FIFO);
SFP_MUX(fair, struct thing, link, SFP_WEIGHTED);
SFP_MUX(ranks, struct thing, link, SFP_PRIORITY);
SFP_MUX(timers, struct thing, link, SFP_DEADLINE);

#define CHECK(condition) \
	do { \
		if (!(condition)) \
			wrong(#condition, __LINE__); \
	} while (0)

static const char *policy;
static unsigned long operations;
static uint64_t seed = 20240229;

static void wrong(const char *what, int line)
{
	printf("%s: operation %lu: line %d: not true: %s\n", policy, operations, line, what);
	exit(1);
}

static uint32_t dice(uint32_t sides)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % sides;
}

/* ---- the reference --------------------------------------------------------------- */

struct known {
	enum sfp_mux_state state;
	bool cancelled; /* marked, with a note: comes back when the server comes by */
	bool by_mark;   /* without one, since it was handed out already: when its turn comes */
	unsigned client;
	uint64_t key;
	bool taken_in;  /* by this server */
	uint64_t place; /* among equals */
	uint64_t submitted;
	unsigned attempts;
};

static struct known known[REQUESTS];
static uint64_t places;
static uint64_t submissions;
static const uint32_t weights[CLIENTS] = { 1, 2, 4, 4, 9 };
static const uint32_t levels[CLIENTS] = { 3, 0, 31, 3, 7 };

/* The reference's rank of a request: level, deadline, or nothing. */
static uint64_t rank(const struct known *request, enum sfp_mux_policy by)
{
	return by == SFP_PRIORITY ? levels[request->client] : by == SFP_DEADLINE ? request->key : 0;
}

static unsigned first(enum sfp_mux_policy by)
{
	unsigned best = REQUESTS;
	unsigned i;

	for (i = 0; i < REQUESTS; i++) {
		const struct known *k = &known[i];

		if (k->state != SFP_MUX_PENDING || k->cancelled)
			continue;
		if (best == REQUESTS || rank(k, by) < rank(&known[best], by) ||
		    (rank(k, by) == rank(&known[best], by) && k->place < known[best].place))
			best = i;
	}
	return best;
}

static bool is_new(const struct known *k)
{
	return k->state == SFP_MUX_PENDING && !k->taken_in;
}

/* The server takes in: what was cancelled is back, the new ones get their places in the order of submission. */
static void came_by(void)
{
	struct known *oldest;
	unsigned i;

	for (i = 0; i < REQUESTS; i++)
		if (known[i].state == SFP_MUX_PENDING && known[i].cancelled &&
		    (!known[i].by_mark || is_new(&known[i])))
			known[i].state = SFP_MUX_CANCELLED;
	do {
		oldest = NULL;
		for (i = 0; i < REQUESTS; i++)
			if (is_new(&known[i]) && (!oldest || known[i].submitted < oldest->submitted))
				oldest = &known[i];
		if (oldest) {
			oldest->taken_in = true;
			oldest->place = ++places;
		}
	} while (oldest);
}

/* All is new, and what was in flight is pending. */
static void taken_over(void)
{
	unsigned i;

	for (i = 0; i < REQUESTS; i++) {
		if (known[i].state == SFP_MUX_RUNNING)
			known[i].state = SFP_MUX_PENDING;
		known[i].taken_in = false;
	}
}

static unsigned pick(enum sfp_mux_state state)
{
	const unsigned from = dice(REQUESTS);
	unsigned i;

	for (i = 0; i < REQUESTS; i++)
		if (known[(from + i) % REQUESTS].state == state)
			return (from + i) % REQUESTS;
	return REQUESTS;
}

/* ---- the mux, by name ---------------------------------------------------------------- */

#define WEIGHT_SFP_FIFO(c)
#define WEIGHT_SFP_WEIGHTED(c) , weights[c]
#define WEIGHT_SFP_PRIORITY(c) , levels[c]
#define WEIGHT_SFP_DEADLINE(c)
#define QUANTUM_SFP_FIFO
#define QUANTUM_SFP_WEIGHTED , 3
#define QUANTUM_SFP_PRIORITY
#define QUANTUM_SFP_DEADLINE
#define KEY_SFP_FIFO(key)
#define KEY_SFP_WEIGHTED(key)
#define KEY_SFP_PRIORITY(key)
#define KEY_SFP_DEADLINE(key) , key

#define RANDOM(name, by) \
	static struct name name##_mux; \
	static struct name##_server name##_server; \
	static struct name##_client name##_clients[CLIENTS]; \
	static struct thing name##_things[REQUESTS]; \
\
	static void name##_check(unsigned i) \
	{ \
		const struct sfp_mux_view view = name##_state(&name##_things[i]); \
\
		/* one that was in flight at a takeover says so until it is handed out again */ \
		CHECK(view.state == known[i].state || \
		      (view.state == SFP_MUX_RUNNING && known[i].state == SFP_MUX_PENDING && \
		       known[i].attempts > 0) || \
		      (known[i].cancelled && known[i].state == SFP_MUX_PENDING && \
		       view.state == SFP_MUX_CANCELLED)); \
	} \
	static void name##_submit_one(void) \
	{ \
		const unsigned i = pick(SFP_MUX_IDLE); \
		struct known *k = &known[i]; \
\
		if (i == REQUESTS) \
			return; \
		memset(k, 0, sizeof(*k)); \
		k->client = dice(CLIENTS); \
		k->key = dice(40); \
		k->submitted = ++submissions; \
		k->state = SFP_MUX_PENDING; \
		CHECK(name##_submit(&name##_clients[k->client], &name##_things[i] KEY_##by(k->key)) == \
		      SFP_OK); \
	} \
	static void name##_next_one(void) \
	{ \
		struct thing *thing = NULL; \
		enum sfp_status status; \
		unsigned patience = 100; \
		unsigned expected; \
\
		do { \
			status = name##_next(&name##_server, &thing); \
		} while (status == SFP_AGAIN && patience-- > 0); \
		came_by(); \
		expected = first(by); \
		CHECK(status == (expected == REQUESTS ? SFP_EMPTY : SFP_OK)); \
		if (status != SFP_OK) \
			return; \
		CHECK(by == SFP_WEIGHTED || thing->number == expected); \
		CHECK(known[thing->number].state == SFP_MUX_PENDING); \
		known[thing->number].state = SFP_MUX_RUNNING; \
		CHECK(name##_state(thing).attempts == ++known[thing->number].attempts); \
	} \
	static void name##_settle_one(void) \
	{ \
		const unsigned i = pick(SFP_MUX_RUNNING); \
\
		if (i == REQUESTS) \
			return; \
		CHECK(name##_complete(&name##_server, &name##_things[i], i) == SFP_OK); \
		known[i].state = SFP_MUX_DONE; \
		CHECK(name##_state(&name##_things[i]).result == i); \
	} \
	static void name##_requeue_one(void) \
	{ \
		const unsigned i = pick(dice(4) ? SFP_MUX_RUNNING : SFP_MUX_PENDING); \
		enum sfp_status status; \
\
		if (i == REQUESTS || (known[i].state == SFP_MUX_PENDING && known[i].cancelled)) \
			return; \
		known[i].key = dice(40); \
		status = name##_requeue(&name##_server, &name##_things[i] KEY_##by(known[i].key)); \
		CHECK(status == (known[i].cancelled ? SFP_GONE : SFP_OK)); \
		if (is_new(&known[i])) \
			came_by(); \
		if (status == SFP_GONE) { \
			known[i].state = SFP_MUX_CANCELLED; \
			return; \
		} \
		if (known[i].state == SFP_MUX_RUNNING) \
			known[i].attempts = 0; \
		known[i].state = SFP_MUX_PENDING; \
		known[i].place = ++places; \
	} \
	static void name##_cancel_one(void) \
	{ \
		const unsigned i = dice(REQUESTS); \
		struct known *k = &known[i]; \
		const enum sfp_status status = name##_cancel(&name##_clients[k->client], &name##_things[i]); \
\
		if (k->state != SFP_MUX_PENDING && k->state != SFP_MUX_RUNNING) { \
			CHECK(status == SFP_EMPTY); \
			return; \
		} \
		if (k->state == SFP_MUX_PENDING && k->cancelled) { \
			CHECK(status != SFP_INVALID); \
			return; \
		} \
		CHECK(status == (k->state == SFP_MUX_RUNNING || k->attempts ? SFP_RUNNING : SFP_OK)); \
		k->cancelled = true; \
		k->by_mark = status == SFP_RUNNING; \
	} \
	static void name##_withdraw_one(void) \
	{ \
		const unsigned i = pick(SFP_MUX_PENDING); \
\
		if (i == REQUESTS || known[i].cancelled) \
			return; \
		CHECK(name##_withdraw(&name##_server, &name##_things[i]) == SFP_OK); \
		if (is_new(&known[i])) \
			came_by(); \
		known[i].state = SFP_MUX_CANCELLED; \
	} \
	static void name##_reclaim_one(void) \
	{ \
		const unsigned i = dice(REQUESTS); \
		struct known *k = &known[i]; \
		const enum sfp_status status = \
			name##_reclaim(&name##_clients[k->client], &name##_things[i]); \
\
		if (k->state == SFP_MUX_RUNNING || (k->state == SFP_MUX_PENDING && !k->cancelled)) \
			CHECK(status == SFP_BUSY); \
		else if (status == SFP_OK) \
			k->state = SFP_MUX_IDLE; \
		else \
			CHECK(status == SFP_BUSY && k->cancelled); /* its note */ \
	} \
	static void name##_take_over(void) \
	{ \
		CHECK(name##_attach(&name##_server, &name##_mux, SFP_PROOF("it is one thread")) == SFP_OK); \
		taken_over(); \
	} \
	static void name##_leave(void) \
	{ \
		const unsigned c = dice(CLIENTS); \
		unsigned patience = 100; \
		unsigned i; \
\
		CHECK(name##_unbind(&name##_clients[c]) == SFP_BUSY); \
		for (i = 0; i < REQUESTS; i++) \
			if (known[i].client == c && known[i].state == SFP_MUX_RUNNING) { \
				enum sfp_status status = \
					name##_complete(&name##_server, &name##_things[i], 0); \
\
				CHECK(status == SFP_OK); \
				known[i].state = SFP_MUX_DONE; \
			} \
		while (name##_unbind(&name##_clients[c]) != SFP_OK) { \
			CHECK(patience-- > 0); \
			name##_next_one_but(c); \
		} \
		for (i = 0; i < REQUESTS; i++) \
			if (known[i].client == c && known[i].state == SFP_MUX_PENDING) \
				known[i].state = known[i].cancelled ? name##_state(&name##_things[i]).state \
								    : SFP_MUX_LOST; \
		for (i = 0; i < REQUESTS; i++) \
			if (known[i].client == c) { \
				name##_check(i); \
				CHECK(name##_reclaim(&name##_clients[c], &name##_things[i]) == SFP_OK); \
				known[i] = (struct known){ .client = c }; \
			} \
		CHECK(name##_bind(&name##_mux, &name##_clients[c] WEIGHT_##by(c)) == SFP_OK); \
	}

/* While a client leaves nothing of it may come: the reference forgets it first. */
#define SERVE(name, by) \
	static void name##_next_one_but(unsigned c) \
	{ \
		struct thing *thing = NULL; \
		const enum sfp_status status = name##_next(&name##_server, &thing); \
\
		CHECK(status == SFP_OK || status == SFP_EMPTY || status == SFP_AGAIN); \
		if (status == SFP_AGAIN) \
			return; \
		came_by(); \
		if (status == SFP_OK) { \
			CHECK(known[thing->number].client != c); \
			known[thing->number].state = SFP_MUX_RUNNING; \
			known[thing->number].attempts++; \
		} \
	}

#define RUN(name, by) \
	static void name##_run(unsigned long count) \
	{ \
		unsigned i; \
\
		policy = #name; \
		memset(known, 0, sizeof(known)); \
		places = 0; \
		CHECK(name##_init(&name##_mux, 0 QUANTUM_##by) == SFP_OK); \
		CHECK(name##_attach(&name##_server, &name##_mux, SFP_PROOF("it is new")) == SFP_OK); \
		for (i = 0; i < CLIENTS; i++) \
			CHECK(name##_bind(&name##_mux, &name##_clients[i] WEIGHT_##by(i)) == SFP_OK); \
		for (i = 0; i < REQUESTS; i++) \
			name##_things[i].number = i; \
		for (operations = 0; operations < count; operations++) { \
			const uint32_t what = dice(1000); \
\
			if (what < 330) \
				name##_submit_one(); \
			else if (what < 560) \
				name##_next_one(); \
			else if (what < 700) \
				name##_settle_one(); \
			else if (what < 760) \
				name##_requeue_one(); \
			else if (what < 800) \
				name##_cancel_one(); \
			else if (what < 830) \
				name##_withdraw_one(); \
			else if (what < 990) \
				name##_reclaim_one(); \
			else if (what < 996) \
				name##_leave(); \
			else \
				name##_take_over(); \
			name##_check(dice(REQUESTS)); \
		} \
	}

#define ALL(name, by) \
	static void name##_next_one_but(unsigned c); \
	RANDOM(name, by) \
	SERVE(name, by) \
	RUN(name, by)

ALL(fifo, SFP_FIFO)
ALL(fair, SFP_WEIGHTED)
ALL(ranks, SFP_PRIORITY)
ALL(timers, SFP_DEADLINE)

int main(int argc, char **argv)
{
	const unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000;

	fifo_run(count / 4);
	fair_run(count / 4);
	ranks_run(count / 4);
	timers_run(count);
	printf("mux: %lu random operations of each policy, %lu of the deadlines': in the reference's order\n",
	       count / 4, count);
	return 0;
}
