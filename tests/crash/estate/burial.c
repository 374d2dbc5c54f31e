/* SPDX-License-Identifier: BSD-2-Clause */
/* After the client's death: the host buries it while all servers work, and its pages go. */
#define _GNU_SOURCE
#include "world.h"

#include <signal.h>
#include <sys/mman.h>

#define ROUNDS 60u
#define CLOSE_LOOK 4u /* rounds in which nobody else does anything */
#define SHARE 16u     /* entries a call */

static uintptr_t touched;

static void on_touch(int signal, siginfo_t *info, void *context)
{
	struct client *client = &the_world->client;
	const uintptr_t at = (uintptr_t)info->si_addr;

	(void)signal;
	(void)context;
	if (at - (uintptr_t)client >= sizeof(*client))
		raise(SIGABRT); /* not this test's doing: the sweep reports it */
	if (!touched)
		touched = at;
	mprotect(client, sizeof(*client), PROT_READ | PROT_WRITE);
}

/* ---- who still points at my memory? ----------------------------------------------------- */

static bool is_told(const struct client *client, const struct sfp_estate_entry *wanted, bool lent)
{
	const struct sfp_estate_entry *entry;

	if (!lent)
		return true;
	SFP_ESTATE_EACH(&client->estate, entry)
		if (entry == wanted)
			return true;
	return sfp_sweep_complain("lent, and not in the estate: byte %lu",
				  (unsigned long)((uintptr_t)wanted - (uintptr_t)client));
}

static bool is_in_slot(const struct world *world, const void *what)
{
	const uintptr_t address = (uintptr_t)what;
	bool in = world->contexts[GUEST].pins[0] == address;
	unsigned i;

	for (i = 0; i < SLOTS; i++)
		in |= world->slots[i].offer == address || world->slots[i].record == address ||
		      world->slots[i].closed == address;
	return in;
}

static bool has_jobs_out(const struct client *client)
{
	bool out = client->desk.core.bond == SFP_MUX_LEAVING_ || client->desk.core.note.word != 0 ||
		   client->bench.core.marker.word != 0;
	unsigned i;

	for (i = 0; i < JOBS; i++)
		out |= client->jobs[i].link.item.word != 0 || client->jobs[i].link.note.word != 0;
	return out;
}

static bool has_events_out(const struct client *client)
{
	bool out = client->pool.core.marker.word != 0;
	unsigned i;

	for (i = 0; i < EVENTS; i++)
		out |= client->events[i].link.word != 0;
	return out;
}

/* Whatever anybody may have a link to is on the list: while the client lives, and as it is buried. */
static bool all_is_told(const struct world *world)
{
	const struct client *client = &world->client;
	unsigned i;

	TRY(is_told(client, &client->offer.core.retained, is_in_slot(world, &client->offer)));
	for (i = 0; i < RECORDS; i++)
		TRY(is_told(client, &client->records[i].core.retained,
			    is_in_slot(world, &client->records[i])));
	for (i = 0; i < SUBS; i++)
		TRY(is_told(client, &client->subs[i].core.retained, client->subs[i].core.place != 0));
	return is_told(client, &client->pool.core.entry, has_events_out(client)) &&
	       is_told(client, &client->bench.core.entry, has_jobs_out(client)) &&
	       is_told(client, &client->open.core.entry, client->file.head.word != 0);
}

/* ---- the burial ----------------------------------------------------------------------------- */

enum sfp_status bury_some(struct world *world)
{
	return sfp_estate_bury(&world->client.estate, DEAD, SHARE);
}

/* The thread's reaper: its pins go, and the import that it was in. */
static bool reap(struct world *world)
{
	TRY_IS(SFP_OK, sfp_iface_reap(&world->realm, &world->contexts[VICTIM], DEAD));
	if (world->inside != IN_HANDLE)
		TRY_IS(SFP_OK, file_recover(&world->client.file, DEAD));
	return true;
}

static bool is_in_hand(const struct world *world)
{
	return (uintptr_t)world->in_hand - (uintptr_t)&world->client < sizeof(world->client);
}

/* A call of the burier: what it has taken off the list nobody has a link to. */
static bool bury_more(struct world *world, enum sfp_status *status)
{
	const bool in_use = is_in_hand(world) || world->inside != NOWHERE;

	*status = bury_some(world);
	if (in_use)
		TRY_IS(SFP_AGAIN, *status);
	return all_is_told(world);
}

/* While a server has a request in its hands, or a guest is inside, the client must not go. */
static bool bury_in_use(struct world *world)
{
	enum sfp_status status;
	unsigned i;

	for (i = 0; i < CLOSE_LOOK && (is_in_hand(world) || world->inside != NOWHERE); i++)
		TRY(bury_more(world, &status));
	for (i = 0; i < ROUNDS / 4 && world->inside != NOWHERE; i++)
		TRY(come_by(world) && bury_more(world, &status));
	guest_goes(world);
	return true;
}

/*
 * A burier that stopped in the middle of enqueuing a marker has left one of which it is not known whether it
 * is in; an inbox that is empty for a moment tells. Else it takes no more than that the servers come by.
 */
static bool bury(struct world *world)
{
	enum sfp_status status = SFP_AGAIN;
	unsigned i;

	TRY(bury_in_use(world));
	for (i = 0; i < (world->situation->grave ? ROUNDS : ROUNDS / 2) && status == SFP_AGAIN; i++) {
		world->quiet = world->situation->grave && i >= ROUNDS / 2;
		if (i % 2)
			TRY(come_by(world)); /* they are in no hurry */
		TRY(bury_more(world, &status));
	}
	TRY_IS(SFP_OK, status);
	TRY_TRUE(world->client.estate.newest == NULL);
	return true;
}

static bool unmap(struct world *world)
{
	struct client *client = &world->client;
	const struct sigaction action = { .sa_sigaction = on_touch, .sa_flags = SA_SIGINFO };
	struct sigaction before;
	bool good;

	touched = 0;
	world->quiet = false;
	sigaction(SIGSEGV, &action, &before);
	mprotect(client, sizeof(*client), PROT_NONE);
	good = others_go_on(world);
	mprotect(client, sizeof(*client), PROT_READ | PROT_WRITE);
	sigaction(SIGSEGV, &before, NULL);
	if (touched)
		return sfp_sweep_complain("byte %lu of the buried client is touched",
					  (unsigned long)(touched - (uintptr_t)client));
	return good;
}

bool check_burial(struct world *world)
{
	crash_self = &world->contexts[HOST];
	return reap(world) && all_is_told(world) && bury(world) && unmap(world);
}
