/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handles under load, in rounds: threads import, seal and open few handles until they are told STALE, since
 * the realm is revoked in the middle. A handle's two numbers always agree; what was committed is there and
 * nothing else; OK, BUSY and STALE is all that anybody is told; and once a revocation was announced no import
 * succeeds any more.
 *
 * usage: stress_handle [ROUNDS]
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sfp/handle.h>

#define THREADS 3
#define HANDLES 2

struct counts {
	uint64_t one;
	uint64_t two;
};
SFP_HANDLE(tally, struct counts, 1);

static struct sfp_realm realm;
static struct tally handles[HANDLES];
static uintptr_t announced;   /* 1: the revocation of this round has returned */

struct worker {
	pthread_t thread;
	unsigned number;
	unsigned long committed[HANDLES];
	unsigned long busy;
	unsigned long sealed;
	const char *wrong;
};

static enum sfp_status add_one(struct tally *h, bool *whole)
{
	SFP_IMPORT(tally, s, &realm, h);
	*whole = s->one == s->two;
	s->one++;
	s->two++;
	return SFP_OK;
}

/* False when the round is over. */
static bool import_one(struct worker *worker, unsigned which)
{
	const uintptr_t late = sfp_load_acquire_word(&announced);
	bool whole = true;
	const enum sfp_status status = add_one(&handles[which], &whole);

	if (status == SFP_OK)
		worker->committed[which]++;
	if (status == SFP_BUSY) {
		worker->busy++;
		sched_yield();
	}
	if (!whole)
		worker->wrong = "half of a commit was imported";
	if (status == SFP_OK && late)
		worker->wrong = "an import succeeded after a revocation was announced";
	if (status != SFP_OK && status != SFP_BUSY && status != SFP_STALE)
		worker->wrong = sfp_status_name(status);
	return status != SFP_STALE && !worker->wrong;
}

static void seal_one(struct worker *worker, unsigned which)
{
	struct tally_wire wire;
	struct tally copy = { .head.word = 0 };
	struct counts counts = { 0 };
	enum sfp_status status = tally_seal(&realm, &handles[which], &wire);

	if (status == SFP_OK)
		status = tally_open(&realm, &wire, &copy);
	if (status == SFP_OK)
		status = tally_take(&realm, &copy, &counts);
	if (status == SFP_OK)
		worker->sealed++;
	else if (status != SFP_BUSY && status != SFP_STALE)
		worker->wrong = sfp_status_name(status);
	if (counts.one != counts.two)
		worker->wrong = "half of a commit was sealed";
}

static void *work(void *opaque)
{
	struct worker *worker = opaque;
	unsigned i;

	if (sfp_posix_thread_enter() != 0) {
		worker->wrong = "no thread";
		return NULL;
	}
	for (i = worker->number; import_one(worker, i % HANDLES); i++)
		if (i % 8 == 0)
			seal_one(worker, i / 8 % HANDLES);
	sfp_posix_thread_leave();
	return NULL;
}

static const char *begin_round(struct worker workers[THREADS])
{
	const struct counts none = { 0 };
	unsigned i;

	sfp_store_release_word(&announced, 0);
	for (i = 0; i < HANDLES; i++)
		if (tally_export(&realm, &none, &handles[i]) != SFP_OK)
			return "not exported";
	for (i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .number = i };
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			return "no thread";
	}
	return NULL;
}

/* Is in the handle what the workers say that they have committed? It is stale: look at it as it was. */
static const char *end_of_handle(struct worker workers[THREADS], unsigned which)
{
	struct sfp_realm before = realm;
	struct counts counts = { 0 };
	unsigned long committed = 0;
	unsigned i;

	for (i = 0; i < THREADS; i++)
		committed += workers[i].committed[which];
	if (tally_take(&realm, &handles[which], &counts) != SFP_STALE)
		return "not stale";
	before.generation = handles[which].head.generation;
	if (tally_take(&before, &handles[which], &counts) != SFP_OK)
		return "not as it was";
	return counts.one == committed && counts.two == committed ? NULL : "a commit is lost, or there is one too many";
}

static const char *end_round(struct worker workers[THREADS], struct worker *total)
{
	const char *wrong = sfp_realm_revoke(&realm) == SFP_OK ? NULL : "not revoked";
	unsigned i;

	sfp_store_release_word(&announced, 1);
	for (i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		wrong = wrong ? wrong : workers[i].wrong;
		total->busy += workers[i].busy;
		total->sealed += workers[i].sealed;
		total->committed[0] += workers[i].committed[0] + workers[i].committed[1];
	}
	for (i = 0; i < HANDLES && !wrong; i++)
		wrong = end_of_handle(workers, i);
	return wrong;
}

int main(int argc, char **argv)
{
	static const unsigned char key[16] = { 1, 2, 3 };
	const unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
	const struct timespec while_they_run = { .tv_nsec = 3000000 };
	static struct worker workers[THREADS];
	struct worker total = { 0 };
	const char *wrong = sfp_realm_init(&realm, key) == SFP_OK ? NULL : "no realm";
	unsigned long round;

	for (round = 0; round < rounds && !wrong; round++) {
		wrong = begin_round(workers);
		if (wrong)
			break;
		nanosleep(&while_they_run, NULL);
		wrong = end_round(workers, &total);
	}
	printf("%lu revocations, %lu imports committed, %lu busy, %lu sealed and opened: %s\n", round,
	       total.committed[0], total.busy, total.sealed, wrong ? wrong : "as it should be");
	return wrong != NULL || total.committed[0] == 0 || total.sealed == 0;
}
