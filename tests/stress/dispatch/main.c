/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stress of the dispatcher: threads dispatch, and send interrupts to the others,
 * which dispatch in a context of their own; meanwhile clients come, leave in
 * every way there is, and have their memory taken away as soon as they are
 * told that it is theirs.
 *
 *   dispatch [--changes N] [--seed N]
 *
 * Each client has plain words that its owner writes before it subscribes and
 * after it is silent, so a thread sanitizer sees whether the silence is one;
 * and its pages are unreadable from then on (poisoned, under the address
 * sanitizer), so a late look ends the program.
 */
#define _GNU_SOURCE
#include "level_port.h"

#include <sfp/dispatch.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define WITH_ASAN 0
#define WITH_TSAN 0
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#undef WITH_ASAN
#define WITH_ASAN 1
#include <sanitizer/asan_interface.h>
#endif
#if __has_feature(thread_sanitizer)
#undef WITH_TSAN
#define WITH_TSAN 1
#endif
#endif

#define SOURCES 2
#define CHANGERS 2
#define THREADS (SOURCES + CHANGERS)
#define SPAN 6 /* clients of a changer, each in a page of its own */
#define PAGE 4096
#define ALIVE 0x600dull
#define LIMIT 2

/* What a dispatch hands from handler to handler. */
struct event {
	uint64_t seen[2]; /* priority and address of the one before */
	unsigned fixed;   /* of the two that never leave */
};
struct client;

SFP_DISPATCH(bus, struct event, SFP_KEYED(2));

enum manner {
	PLAIN,
	LEAVES,
	FAULTS,
	LEAVES_AND_FAULTS,
	MANNERS
};

struct client {
	struct bus_sub sub;
	uint64_t alive;
	uint64_t words[4]; /* the owner's, plain */
	enum manner manner;
	uint32_t ran; /* atomic */
	bool fixed;
};

static struct bus bus;
static struct client first = { .alive = ALIVE, .fixed = true };
static struct client last = { .alive = ALIVE, .fixed = true };
static uint32_t stop;
static uint32_t changes_left;
static uint64_t dispatches[THREADS];
static uint64_t interrupts[THREADS];
static pthread_t threads[THREADS];
static uint32_t ready;   /* threads that have begun, main too ... */
static uint32_t done;    /* ... changers that have nothing left to do ... */
static uint32_t leaving; /* ... and threads that interrupt nobody any more */

/* ---- the port's ------------------------------------------------------------------ */

__thread struct sfp_context *level_context;
static __thread unsigned me;
static struct sfp_context levels[THREADS];
uint32_t level_holds;

#undef sfp_port_context_next
#undef sfp_port_context_hold

/* The levels, then the threads. */
struct sfp_context *level_port_context_next(struct sfp_context *after)
{
	if (!after)
		return &levels[0];
	if (after >= &levels[0] && after < &levels[THREADS - 1])
		return after + 1;
	return sfp_port_context_next(after == &levels[THREADS - 1] ? NULL : after);
}

void level_port_context_hold(void)
{
	sfp_port_context_hold();
}

#define CHECK(condition) \
	do { \
		if (!(condition)) \
			wrong(#condition, __LINE__); \
	} while (0)

static void wrong(const char *what, int line)
{
	printf("stress: dispatch/main.c:%d: not true: %s\n", line, what);
	fflush(stdout);
	_exit(1);
}

/* ---- the handlers -------------------------------------------------------------------- */

static enum sfp_status on_event(struct client *client, struct event *event)
{
	const uint64_t priority = (uint64_t)(INT32_MAX - (int64_t)client->sub.core.priority);
	unsigned i;

	CHECK(client->alive == ALIVE);
	for (i = 0; i < 4; i++)
		CHECK(client->words[i] == client->words[0]);
	/* In order, and nobody twice. A client that left and came back in between may be there twice, but in order. */
	CHECK(priority > event->seen[0] ||
	      (priority == event->seen[0] && (uint64_t)(uintptr_t)client > event->seen[1]));
	event->seen[0] = priority;
	event->seen[1] = (uintptr_t)client;
	event->fixed += client->fixed;
	sfp_store_u32(&client->ran, 1);
	if (client->manner == LEAVES || client->manner == LEAVES_AND_FAULTS)
		CHECK(bus_unsubscribe(&bus, &client->sub) == SFP_RUNNING);
	if (client->manner >= FAULTS)
		sfp_fault_raise(1);
	return SFP_OK;
}
SFP_HANDLER(bus, on_event, struct client);

static void dispatch_once(uint64_t *count)
{
	struct event event = { .fixed = 0 };

	CHECK(bus_dispatch(&bus, 1, &event) == SFP_OK);
	CHECK(event.fixed == 2);
	++*count;
}

static void on_interrupt(int signal)
{
	struct sfp_context *interrupted = level_context;

	(void)signal;
	if (interrupted)
		return; /* one level is enough */
	level_context = &levels[me];
	sfp_compiler_barrier();
	dispatch_once(&interrupts[me]);
	sfp_compiler_barrier();
	level_context = interrupted;
}

/* ---- sources and clients ---------------------------------------------------------------- */

static void meet(uint32_t *count, uint32_t all)
{
	__atomic_fetch_add(count, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(count, __ATOMIC_ACQUIRE) != all)
		sched_yield();
}

static void enter(unsigned number)
{
	me = number;
	CHECK(sfp_posix_thread_enter() == 0);
	meet(&ready, THREADS + 1);
}

/* A thread that is gone must not be interrupted. */
static void *leave(void)
{
	meet(&leaving, THREADS);
	sfp_posix_thread_leave();
	return NULL;
}

static void *source(void *number)
{
	unsigned turn;

	enter((unsigned)(uintptr_t)number);
	for (turn = me; !sfp_load_u32(&stop); turn++) {
		dispatch_once(&dispatches[me]);
		if (turn % 16 == 0)
			pthread_kill(threads[turn / 16 % THREADS], SIGUSR1);
	}
	return leave();
}

/* Nobody looks at it any more: let it be seen if somebody does. */
static void take_away(struct client *client)
{
	memset(client, 0xdd, sizeof(*client));
#if WITH_ASAN
	__asan_poison_memory_region(client, sizeof(*client));
#elif !WITH_TSAN
	CHECK(mprotect(client, PAGE, PROT_NONE) == 0);
#endif
}

static void give_back(struct client *client)
{
#if WITH_ASAN
	__asan_unpoison_memory_region(client, sizeof(*client));
#elif !WITH_TSAN
	CHECK(mprotect(client, PAGE, PROT_READ | PROT_WRITE) == 0);
#else
	(void)client;
#endif
}

static void come(struct client *client, unsigned drawn)
{
	give_back(client);
	memset(client, 0, sizeof(*client));
	client->sub = on_event_bus_closure(client, (int32_t)(drawn % 5) - 2);
	client->alive = ALIVE;
	client->words[0] = client->words[1] = client->words[2] = client->words[3] = drawn;
	client->manner = (enum manner)(drawn / 8 % 16 < MANNERS ? drawn / 8 % 16 : PLAIN);
	CHECK(bus_subscribe(&bus, 1, &client->sub) == SFP_OK);
}

static void go(struct client *client, unsigned drawn)
{
	enum sfp_status status;
	struct sfp_estate estate = { .sealed = 0 };

	switch (drawn % 4) {
	case 0:
		while ((status = bus_unsubscribe(&bus, &client->sub)) == SFP_RUNNING)
			sched_yield();
		CHECK(status == SFP_OK);
		break;
	case 1:
		CHECK(bus_retained(&estate, &client->sub) == SFP_OK);
		while ((status = sfp_estate_bury(&estate, SFP_PROOF("its owner has stopped"), 1)) ==
		       SFP_AGAIN)
			sched_yield();
		CHECK(status == SFP_OK);
		break;
	default:
		CHECK(bus_unsubscribe_wait(&bus, &client->sub) == SFP_OK);
	}
	take_away(client);
}

static bool take_turn(void)
{
	uint32_t left = sfp_load_u32(&changes_left);

	while (left && !sfp_cas_u32(&changes_left, &left, left - 1))
		;
	return left != 0;
}

static unsigned the_seed = 1;
static char *pages;

static void *changer(void *number)
{
	unsigned seed = the_seed + (unsigned)(uintptr_t)number;
	bool there[SPAN] = { false };
	char *mine;
	unsigned i;

	enter((unsigned)(uintptr_t)number);
	mine = pages + (me - SOURCES) * SPAN * PAGE;
	while (take_turn()) {
		const unsigned drawn = (unsigned)rand_r(&seed);

		i = drawn / 1024 % SPAN;
		if (there[i])
			go((struct client *)(void *)(mine + i * PAGE), drawn);
		else
			come((struct client *)(void *)(mine + i * PAGE), drawn);
		there[i] = !there[i];
	}
	for (i = 0; i < SPAN; i++)
		if (there[i])
			go((struct client *)(void *)(mine + i * PAGE), i);
	if (__atomic_add_fetch(&done, 1, __ATOMIC_ACQ_REL) == CHANGERS)
		sfp_store_u32(&stop, 1);
	return leave();
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void join_fixed(struct client *client, int32_t priority)
{
	client->sub = on_event_bus_closure(client, priority);
	CHECK(bus_subscribe(&bus, 1, &client->sub) == SFP_OK);
}

static uint64_t sum(const uint64_t *counts)
{
	uint64_t total = 0;
	unsigned i;

	for (i = 0; i < THREADS; i++)
		total += counts[i];
	return total;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = SA_RESTART };
	unsigned changes = 3000;
	uintptr_t i;

	for (i = 1; i + 1 < (uintptr_t)argc; i += 2) {
		if (strcmp(argv[i], "--changes") == 0)
			changes = (unsigned)strtoul(argv[i + 1], NULL, 0);
		else if (strcmp(argv[i], "--seed") == 0)
			the_seed = (unsigned)strtoul(argv[i + 1], NULL, 0);
	}
	changes_left = changes;
	pages = mmap(NULL, CHANGERS * SPAN * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0);
	CHECK(pages != MAP_FAILED);
	CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
	CHECK(sfp_posix_thread_enter() == 0);
	for (i = 0; i < THREADS; i++)
		levels[i].interrupt = 1;
	bus_init(&bus, LIMIT);
	join_fixed(&first, INT32_MAX - 1);
	join_fixed(&last, INT32_MIN);
	for (i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, i < SOURCES ? source : changer, (void *)i) == 0);
	meet(&ready, THREADS + 1);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK(bus.heads[1] == (uintptr_t)&first.sub.core && first.sub.core.next == (uintptr_t)&last.sub.core);
	CHECK(sum(dispatches) > 0);
	printf("stress: %llu dispatches by %u threads and %llu by interrupts, while %u times a client came "
	       "or left "
	       "and its memory went\n",
	       (unsigned long long)sum(dispatches), SOURCES, (unsigned long long)sum(interrupts), changes);
	return 0;
}
