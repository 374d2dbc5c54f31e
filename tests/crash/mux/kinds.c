/* SPDX-License-Identifier: BSD-2-Clause */
/* kinds: the verbs of each policy. */
#include "world.h"

/* Deadlines and costs by number; shares by client. */
static const uint64_t deadlines[REQUESTS] = { 50, 20, 70, 30, 40, 10, 25 };

#define QUANTUM_fifo
#define QUANTUM_fair , 2
#define QUANTUM_ranks
#define QUANTUM_timers
#define SHARE_fifo
#define SHARE_fair , i + 1
#define SHARE_ranks , 2 - i
#define SHARE_timers
#define KEY_fifo
#define KEY_fair
#define KEY_ranks
#define KEY_timers , deadlines[i]

#define KIND(name) \
	static enum sfp_status name##_do(struct world *world, enum verb verb, unsigned i, \
					 struct thing **got) \
	{ \
		struct thing *thing = &world->things[i]; \
		struct name##_client *client = &world->name##_clients[client_of(i)]; \
		struct name##_server *server = &world->name##_server; \
\
		switch (verb) { \
		case INIT: \
			return name##_init(&world->name##_mux, 0 QUANTUM_##name); \
		case ATTACH: \
			return name##_attach(server, &world->name##_mux, SFP_PROOF("the sweep stopped it")); \
		case BIND: \
			return name##_bind(&world->name##_mux, &world->name##_clients[i] SHARE_##name); \
		case SUBMIT: \
			return name##_submit(client, thing KEY_##name); \
		case CANCEL: \
			return name##_cancel(client, thing); \
		case RECLAIM: \
			return name##_reclaim(client, thing); \
		case UNBIND: \
			return name##_unbind(&world->name##_clients[i]); \
		case MARK: \
			return name##_mark(&world->name##_mux, &world->name##_marker); \
		case UNMARK: \
			return name##_unmark(&world->name##_mux, &world->name##_marker); \
		case SETTLE: \
			return name##_settle(client, &world->name##_marker, thing); \
		case SETTLE_CLIENT: \
			return name##_settle(&world->name##_clients[i], &world->name##_marker, NULL); \
		case NEXT: \
			return name##_next(server, got); \
		case COMPLETE: \
			return name##_complete(server, thing, RESULT); \
		case REQUEUE: \
			return name##_requeue(server, thing KEY_##name); \
		case WITHDRAW: \
			return name##_withdraw(server, thing); \
		case LOOK: \
			return name##_look(server, NULL, got); \
		case CLOSE: \
			return name##_close(server); \
		} \
		return SFP_INVALID; \
	}

KIND(fifo)
KIND(fair)
KIND(ranks)
KIND(timers)

const struct kind kinds[] = {
	{ "FIFO", fifo_do }, { "WEIGHTED", fair_do }, { "PRIORITY", ranks_do }, { "DEADLINE", timers_do }
};
const size_t kind_count = sizeof(kinds) / sizeof(kinds[0]);
