/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients in threads of their own that submit, cancel, leave and come back,
 * and a server that stops with requests in flight and is replaced. Everything
 * else is plain memory, so that the thread sanitizer sees an order that is
 * missing: the client fills a request before it submits it and again after it
 * has it back; after it has left, it overwrites its whole record.
 */
#include <sfp/mux.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENTS 3
#define REQUESTS 6

struct thing {
	struct sfp_mux_request link;
	unsigned long asked;    /* the client's */
	unsigned long answered; /* the server's */
	unsigned handed;        /* the server's: how often */
	unsigned client;
};

SFP_MUX(fair, struct thing, link, SFP_WEIGHTED);
SFP_MUX(timers, struct thing, link, SFP_DEADLINE);

#define CHECK(condition) \
	do { \
		if (!(condition)) \
			wrong(#condition, __LINE__); \
	} while (0)

static void wrong(const char *what, int line)
{
	printf("stress: main.c:%d: not true: %s\n", line, what);
	fflush(stdout);
	exit(1);
}

static uint32_t dice(uint64_t *chance, uint32_t sides)
{
	*chance = *chance * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*chance >> 33) % sides;
}

static unsigned long rounds; /* submissions a client */
static uint32_t clients_running;
static unsigned long handed_out; /* the server's */
static unsigned long cancels_kept;
static unsigned long incarnations;

#define SHARE_fair , 1 + client->number
#define SHARE_timers
#define KEY_fair
#define KEY_timers , dice(&client->chance, 1000)
#define QUANTUM_fair , 2
#define QUANTUM_timers

/* What became of it, and it is idle. False: not yet. */
#define STRESS(name) \
	struct name##_patron { \
		struct name##_client record; \
		struct thing things[REQUESTS]; \
		bool cancelled[REQUESTS]; \
		unsigned number; \
		unsigned long sequence; \
		unsigned long kept; \
		uint64_t chance; \
	}; \
	static struct name name##_mux; \
	static struct name##_server name##_server; \
	static struct name##_patron name##_patrons[CLIENTS]; \
\
	static bool name##_take_back(struct name##_patron *client, unsigned i) \
	{ \
		struct thing *thing = &client->things[i]; \
		const struct sfp_mux_view view = name##_state(thing); \
\
		if (view.state == SFP_MUX_PENDING || view.state == SFP_MUX_RUNNING) \
			return false; \
		if (name##_reclaim(&client->record, thing) != SFP_OK) \
			return false; \
		CHECK(name##_state(thing).state == SFP_MUX_IDLE); \
		if (view.state == SFP_MUX_DONE) { \
			CHECK(thing->answered == thing->asked && thing->handed > 0); \
			CHECK(view.result == (uint32_t)thing->asked); \
		} \
		if (client->cancelled[i]) { /* and never handed out, whoever was the server */ \
			CHECK(view.state == SFP_MUX_CANCELLED || view.state == SFP_MUX_LOST); \
			CHECK(thing->handed == 0); \
			client->kept++; \
		} \
		memset(&thing->link, 0, sizeof(thing->link)); /* it is wholly the client's */ \
		client->cancelled[i] = false; \
		return true; \
	} \
	static void name##_leave(struct name##_patron *client) \
	{ \
		unsigned i; \
\
		while (name##_unbind(&client->record) != SFP_OK) \
			sched_yield(); \
		for (i = 0; i < REQUESTS; i++) \
			while (!name##_take_back(client, i)) \
				sched_yield(); \
		memset(&client->record, 0, sizeof(client->record)); \
		CHECK(name##_bind(&name##_mux, &client->record SHARE_##name) == SFP_OK); \
	} \
	static void *name##_be_client(void *opaque) \
	{ \
		struct name##_patron *client = opaque; \
		unsigned i = 0; \
\
		while (client->sequence < rounds) { \
			struct thing *thing = &client->things[i = (i + 1) % REQUESTS]; \
\
			if (!name##_take_back(client, i)) { \
				if (dice(&client->chance, 8) == 0 && !client->cancelled[i]) \
					client->cancelled[i] = \
						name##_cancel(&client->record, thing) == SFP_OK; \
				else \
					sched_yield(); \
				continue; \
			} \
			thing->asked = ++client->sequence * CLIENTS + client->number; \
			thing->answered = 0; \
			thing->handed = 0; \
			CHECK(name##_submit(&client->record, thing KEY_##name) == SFP_OK); \
			if (dice(&client->chance, 100) == 0) \
				name##_leave(client); \
		} \
		name##_leave(client); \
		__atomic_fetch_sub(&clients_running, 1, __ATOMIC_RELEASE); \
		return NULL; \
	} \
	/* An incarnation: it stops, with what it has in flight, when its fuse has burnt down. */ \
	static void *name##_serve(void *opaque) \
	{ \
		struct thing *flying[4] = { NULL }; \
		unsigned fuse = 20 + (unsigned)(incarnations * 37 % 400); \
		unsigned at = 0; \
\
		(void)opaque; \
		incarnations++; \
		CHECK(name##_attach(&name##_server, &name##_mux, SFP_PROOF("the older one was joined")) == \
		      SFP_OK); \
		while (fuse > 0 && __atomic_load_n(&clients_running, __ATOMIC_ACQUIRE)) { \
			struct thing *thing = NULL; \
			const enum sfp_status status = name##_next(&name##_server, &thing); \
\
			CHECK(status == SFP_OK || status == SFP_EMPTY || status == SFP_AGAIN); \
			at = (at + 1) % 4; \
			if (flying[at]) { \
				struct thing *old = flying[at]; \
\
				flying[at] = NULL; \
				old->answered = old->asked; \
				CHECK(name##_complete(&name##_server, old, (uint32_t)old->asked) == SFP_OK); \
			} \
			if (status != SFP_OK) { \
				sched_yield(); \
				continue; \
			} \
			thing->handed++; \
			handed_out++; \
			fuse--; \
			flying[at] = thing; \
		} \
		return NULL; \
	} \
	static void name##_run(void) \
	{ \
		pthread_t threads[CLIENTS]; \
		pthread_t server; \
		unsigned i; \
\
		CHECK(name##_init(&name##_mux, 0 QUANTUM_##name) == SFP_OK); \
		clients_running = CLIENTS; \
		for (i = 0; i < CLIENTS; i++) { \
			struct name##_patron *client = &name##_patrons[i]; \
\
			client->number = i; \
			client->chance = 20240229 + i; \
			CHECK(name##_bind(&name##_mux, &client->record SHARE_##name) == SFP_OK); \
			CHECK(pthread_create(&threads[i], NULL, name##_be_client, client) == 0); \
		} \
		while (__atomic_load_n(&clients_running, __ATOMIC_ACQUIRE)) { \
			CHECK(pthread_create(&server, NULL, name##_serve, NULL) == 0); \
			pthread_join(server, NULL); \
		} \
		for (i = 0; i < CLIENTS; i++) { \
			pthread_join(threads[i], NULL); \
			cancels_kept += name##_patrons[i].kept; \
		} \
		CHECK(sfp_dfq_pointer_(name##_mux.core.inbox.head) == NULL); \
	}

STRESS(fair)
STRESS(timers)

int main(int argc, char **argv)
{
	rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 20000;
	fair_run();
	timers_run();
	printf("stress: %lu requests of %d clients, %lu handed out by %lu incarnations, %lu cancelled in "
	       "time: "
	       "none lost, none handed out after its cancel\n",
	       2 * rounds * CLIENTS, CLIENTS, handed_out, incarnations, cancels_kept);
	CHECK(cancels_kept > 0 && incarnations > 2);
	return 0;
}
