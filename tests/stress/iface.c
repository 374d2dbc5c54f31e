/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stress of late-bound interfaces: four threads call while a fifth replaces
 * what serves them: by another record, by a state of another layout, by
 * another provider after the death of the first. Whatever was replaced is
 * freed as soon as the library says that it may be.
 *
 *   iface [--changes N] [--seed N]
 *
 * Each caller has a plain word of the state that only its calls write, so a
 * thread sanitizer sees whether a migration waits for the calls before it; and
 * at the end the state must have counted every call that said OK.
 */
#include <sfp/iface.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CALLERS 4
#define PATIENCE 60

#define TALLY_OPS(OP) \
	OP(count, SFP_IN(uint32_t, caller), SFP_OUT(uint64_t, calls)) \
	OP(nest, SFP_IN(uint32_t, caller), SFP_IN(struct tally_ref *, ref), SFP_OUT(uint64_t, calls)) \
	OP(crash)
struct tally_ref;
SFP_INTERFACE(tally, 1, TALLY_OPS);

/* Layouts 1 and 2. */
struct forward {
	uint64_t calls[CALLERS];
};
struct backward {
	uint64_t unused;
	uint64_t calls[CALLERS];
};

static enum sfp_status forward_count(struct forward *state, uint32_t caller, uint64_t *calls)
{
	*calls = ++state->calls[caller];
	return SFP_OK;
}

static enum sfp_status forward_nest(struct forward *state, uint32_t caller, struct tally_ref *ref, uint64_t *calls)
{
	(void)state;
	return tally_count(ref, caller, calls);
}

static enum sfp_status forward_crash(struct forward *state)
{
	(void)state;
	sfp_fault_raise(1);
}
SFP_PROVIDER(forward, struct forward, tally, TALLY_OPS);

static enum sfp_status backward_count(struct backward *state, uint32_t caller, uint64_t *calls)
{
	*calls = ++state->calls[CALLERS - 1 - caller];
	return SFP_OK;
}

static enum sfp_status backward_nest(struct backward *state, uint32_t caller, struct tally_ref *ref, uint64_t *calls)
{
	(void)state;
	return tally_count(ref, caller, calls);
}

static enum sfp_status backward_crash(struct backward *state)
{
	(void)state;
	sfp_fault_raise(2);
}
SFP_PROVIDER(backward, struct backward, tally, TALLY_OPS);

/* One of what is replaced; freed as a whole. */
struct provider {
	struct sfp_estate estate;
	struct tally_offer offer;
	struct tally_record first;
};
struct served {
	struct tally_record record;
	struct forward forward;
	struct backward backward;
};

static struct sfp_iface_slot slots[2];
static struct sfp_iface_realm realm = { .slots = slots, .count = 2 };
static uint32_t stop;
static uint32_t progress;

struct caller {
	pthread_t thread;
	uint32_t number;
	uint64_t calls;    /* that said OK */
	uint32_t begun;    /* one has */
	unsigned long again, gone, faults;
};
static struct caller callers[CALLERS];

#define CHECK(condition) \
	do { \
		if (!(condition)) \
			wrong(#condition, __LINE__); \
	} while (0)

static void wrong(const char *what, int line)
{
	printf("stress: iface.c:%d: not true: %s\n", line, what);
	fflush(stdout);
	_exit(1);
}

/* ---- callers ---------------------------------------------------------------- */

static void call_once(struct caller *caller, struct tally_ref *ref, unsigned turn)
{
	uint64_t calls = 0;
	enum sfp_status status;

	if (turn % 64 == 63)
		status = tally_crash(ref);
	else if (turn % 8 == 7)
		status = tally_nest(ref, caller->number, ref, &calls);
	else
		status = tally_count(ref, caller->number, &calls);
	switch (status) {
	case SFP_OK:
		caller->calls++;
		CHECK(calls == caller->calls);
		sfp_store_u32(&caller->begun, 1);
		break;
	case SFP_FAULT:
		CHECK(turn % 64 == 63);
		caller->faults++;
		break;
	case SFP_GONE:
		caller->gone++;
		tally_renew(ref);
		break;
	default:
		CHECK(status == SFP_AGAIN || status == SFP_NOT_FOUND);
		caller->again++;
		sched_yield();
	}
}

static void *call(void *opaque)
{
	struct caller *caller = opaque;
	struct tally_ref ref = SFP_REF(&realm, NULL);
	unsigned turn;

	CHECK(sfp_posix_thread_enter() == 0);
	for (turn = 0; !sfp_load_u32(&stop); turn++)
		call_once(caller, &ref, turn);
	sfp_posix_thread_leave();
	return NULL;
}

/* ---- the changer --------------------------------------------------------------- */

static struct provider *the_provider;
static struct served *in_force;
static unsigned long swaps, migrations, deaths, waits;

static void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	CHECK(memory);
	return memory;
}

#define UNTIL_OK(call) \
	do { \
		enum sfp_status until_; \
		while ((until_ = (call)) == SFP_AGAIN) { \
			waits++; \
			sched_yield(); \
		} \
		CHECK(until_ == SFP_OK); \
	} while (0)

/* Freed, with its content spoiled, so that a late user is seen. */
static void discard(void *memory, size_t size)
{
	memset(memory, 0xdd, size);
	free(memory);
}

static void make_record(struct served *served, void *state, uint32_t layout)
{
	if (layout == 1)
		forward_tally_record(&served->record, state, 1);
	else
		backward_tally_record(&served->record, state, 2);
}

static void swap(void)
{
	struct served *old = in_force;
	struct served *fresh = allocate(sizeof(*fresh));
	struct tally_record *replaced;

	/* The same state, which lies beside the older record: that one comes back. */
	make_record(fresh, old->record.core.state, old->record.core.layout);
	CHECK(tally_publish(&the_provider->offer, &fresh->record, &replaced) == SFP_OK);
	CHECK(replaced == &old->record);
	UNTIL_OK(tally_drain(replaced));
	CHECK(tally_publish(&the_provider->offer, &old->record, &replaced) == SFP_OK);
	CHECK(replaced == &fresh->record);
	UNTIL_OK(tally_drain(replaced));
	discard(fresh, sizeof(*fresh));
	swaps += 2;
}

static enum sfp_status turn_round(const struct sfp_iface_record *old, const struct sfp_iface_record *fresh)
{
	const uint64_t *from = old->layout == 1 ? ((struct forward *)old->state)->calls
						: ((struct backward *)old->state)->calls;
	uint64_t *to = fresh->layout == 1 ? ((struct forward *)fresh->state)->calls
					  : ((struct backward *)fresh->state)->calls;
	unsigned i;

	for (i = 0; i < CALLERS; i++)
		to[CALLERS - 1 - i] = from[i];
	return SFP_OK;
}

static struct served *turned(const struct served *old)
{
	struct served *fresh = allocate(sizeof(*fresh));
	const uint32_t layout = 3 - old->record.core.layout;

	make_record(fresh, layout == 1 ? (void *)&fresh->forward : (void *)&fresh->backward, layout);
	return fresh;
}

static void migrate(void)
{
	struct served *old = in_force;
	struct served *fresh = turned(old);

	UNTIL_OK(tally_migrate(&the_provider->offer, &fresh->record, turn_round));
	UNTIL_OK(tally_drain(&old->record));
	discard(old, sizeof(*old));
	in_force = fresh;
	migrations++;
}

static void offer(struct provider *provider, struct served *served)
{
	provider->offer.provider = "mortal";
	CHECK(tally_offer_retained(&provider->estate, &provider->offer) == SFP_OK);
	CHECK(tally_record_retained(&provider->estate, &served->record) == SFP_OK);
	CHECK(tally_offer(&realm, &provider->offer) == SFP_OK);
	CHECK(tally_publish(&provider->offer, &served->record, NULL) == SFP_OK);
	the_provider = provider;
	in_force = served;
}

/* The provider dies; an heir has what its state had counted, and nothing else of it. */
static void die(void)
{
	struct provider *dead = the_provider;
	struct served *old = in_force;
	struct served *fresh = turned(old);

	UNTIL_OK(sfp_estate_bury(&dead->estate, SFP_PROOF("it is this thread's, which has stopped being it"), 8));
	CHECK(turn_round(&old->record.core, &fresh->record.core) == SFP_OK);
	discard(old, sizeof(*old));
	discard(dead, sizeof(*dead));
	offer(allocate(sizeof(*dead)), fresh);
	deaths++;
}

static void change(unsigned long changes, unsigned seed)
{
	while (changes-- > 0) {
		if (rand_r(&seed) % 4 == 0)
			die();
		else
			swap();
		__atomic_fetch_add(&progress, 1, __ATOMIC_RELAXED);
	}
}

/* The record that a migration frees must not stay in the estate of its provider. */
static void change_layouts(unsigned long changes)
{
	while (changes-- > 0) {
		CHECK(sfp_estate_remove(&the_provider->estate, &in_force->record.core.retained) == SFP_OK);
		migrate();
		CHECK(tally_record_retained(&the_provider->estate, &in_force->record) == SFP_OK);
		__atomic_fetch_add(&progress, 1, __ATOMIC_RELAXED);
	}
}

/* ---- the whole ---------------------------------------------------------------------- */

static void *watch(void *opaque)
{
	uint32_t before = 0;
	unsigned idle = 0;

	(void)opaque;
	while (!sfp_load_u32(&stop)) {
		const uint32_t now = sfp_load_u32(&progress);

		usleep(100000);
		idle = now == before ? idle + 1 : 0;
		before = now;
		CHECK(idle < PATIENCE * 10);
	}
	return NULL;
}

static void judge(void)
{
	uint64_t total = 0;
	unsigned long again = 0, gone = 0, faults = 0;
	unsigned i;

	for (i = 0; i < CALLERS; i++) {
		struct tally_ref ref = SFP_REF(&realm, NULL);
		uint64_t calls = 0;

		CHECK(tally_count(&ref, i, &calls) == SFP_OK);
		CHECK(calls == callers[i].calls + 1);
		CHECK(callers[i].calls > 0);
		total += callers[i].calls;
		again += callers[i].again;
		gone += callers[i].gone;
		faults += callers[i].faults;
	}
	printf("stress: %u threads made %llu calls, all counted (%lu AGAIN, %lu GONE, %lu FAULT), while %lu swaps, "
	       "%lu migrations and %lu deaths freed what served them (%lu waits)\n", (unsigned)CALLERS,
	       (unsigned long long)total, again, gone, faults, swaps, migrations, deaths, waits);
}

int main(int argc, char **argv)
{
	unsigned long changes = 1000;
	unsigned seed = 1;
	pthread_t watcher;
	unsigned i;

	for (i = 1; i + 1 < (unsigned)argc; i += 2) {
		if (strcmp(argv[i], "--changes") == 0)
			changes = strtoul(argv[i + 1], NULL, 0);
		else if (strcmp(argv[i], "--seed") == 0)
			seed = (unsigned)strtoul(argv[i + 1], NULL, 0);
	}
	CHECK(sfp_posix_thread_enter() == 0);
	in_force = allocate(sizeof(*in_force));
	make_record(in_force, &in_force->forward, 1);
	offer(allocate(sizeof(struct provider)), in_force);
	for (i = 0; i < CALLERS; i++) {
		callers[i].number = i;
		CHECK(pthread_create(&callers[i].thread, NULL, call, &callers[i]) == 0);
	}
	CHECK(pthread_create(&watcher, NULL, watch, NULL) == 0);
	for (i = 0; i < 10; i++) {
		change(changes / 20, seed + i);
		change_layouts(changes / 20);
	}
	for (i = 0; i < CALLERS; i++)
		while (!sfp_load_u32(&callers[i].begun))
			sched_yield();
	sfp_store_u32(&stop, 1);
	for (i = 0; i < CALLERS; i++)
		pthread_join(callers[i].thread, NULL);
	pthread_join(watcher, NULL);
	judge();
	return 0;
}
