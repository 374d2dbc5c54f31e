/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * estate: what a client owns that others hold links to, and how to get it back
 * when the client dies.
 *
 * Overview
 *   Clients supply the storage, servers keep borrowed links: that is what keeps
 *   a server free of its clients' state. Its price is paid when a client ends.
 *   Before its memory can go, every link into it must be found and taken back,
 *   wherever it is. If each server were to be asked, each would have to know
 *   its clients, which is the spill that was to be avoided. So the client keeps
 *   the list itself, in its own memory: its *estate*. Each record that somebody
 *   retains embeds an *entry* that says how to detach it. Whoever reaps the
 *   client, knowing nothing of any server, *buries* the estate: it has every
 *   entry detached, in bounded steps, and when it is told OK nothing refers to
 *   that memory any more and it may be unmapped.
 *
 *   Not for: memory that is borrowed for the length of a call (it is back when
 *   the call returns), or for finding links that nobody has recorded.
 *
 * Usage
 *   struct request {
 *           struct sfp_estate_entry retained;           // zeroed: in no estate
 *           struct server *server;
 *   };
 *   static enum sfp_status request_detach(struct sfp_estate_entry *entry)
 *   {
 *           struct request *request = SFP_CONTAINER(entry, struct request, retained);
 *
 *           return server_forget(request->server, request); // OK: no link is left; BUSY: later
 *   }
 *
 *   // the client: first the entry, then the link; the other way round on the way back
 *   SFP_TRY(sfp_estate_add(&mine, &request->retained, request_detach, "request at the server"));
 *   SFP_TRY(server_submit(request->server, request));
 *   ...
 *   SFP_TRY(server_forget(request->server, request));
 *   SFP_TRY(sfp_estate_remove(&mine, &request->retained));
 *
 *   // whoever reaps the client
 *   while ((st = sfp_estate_bury(&dead->estate, SFP_PROOF("its thread was joined"), 64)) == SFP_AGAIN)
 *           let_others_run();
 *   if (st == SFP_OK)
 *           unmap(dead);
 *
 * Concurrency
 *   An estate has one owner thread, which adds, removes, and walks; nobody else
 *   does while it lives (its own interrupt handlers neither: what they own has
 *   an estate of its own). After its death there is one burier at a time.
 *
 *              | add | remove | seal | next | bury
 *   owner      | yes |  yes   | yes  | yes  | no: but see below
 *   burier     | no  |   no   | yes  | yes  | yes
 *   A client that ends in good order may bury itself, when nothing of it runs
 *   but the burial.
 *
 * Failure
 *   The owner may stop for ever, or fault at a gate and live on, at any
 *   instruction; so may a burier, and another one goes on. A detach function
 *   runs behind a gate: one that faults, or says that it cannot, keeps its entry
 *   in the estate, where it can be seen, and the others are detached all the
 *   same. The memory must then not be freed: that is what the status says.
 *
 * Why it is correct
 *   What counts is the list from `newest` over `older`. An entry is in it from
 *   one store (of newest) to one other (of newest or of a neighbour's `older`),
 *   and complete before the first. Everything that is retained is in the list,
 *   since it is added before it is given and removed after it is back; an entry
 *   in the list need not be retained: to detach what nobody holds is OK.
 *
 *   `newer` is a hint for removing in O(1). It is nothing or an entry that is in
 *   the list: set after the entry that it names came in, and changed before that
 *   one goes. It is believed only if that entry's `older` says the same; else
 *   (after a fault in the middle of add or remove) the list is walked.
 *
 *   A burier's place in the list is an entry that is known to stay: one whose
 *   detach has just said BUSY. So a burier that stops leaves nothing to repair.
 *   The proof of the owner's death orders its stores before the burier's loads;
 *   only compiler barriers are needed here.
 */
#ifndef SFP_ESTATE_H
#define SFP_ESTATE_H

#include <sfp/atomic.h>
#include <sfp/port.h>
#include <sfp/proof.h>
#include <sfp/status.h>

struct sfp_estate;
struct sfp_estate_entry;

/**
 * How to have a record back: run by a burier, as often as it takes, on records in any state.
 * SFP_OK: no link to it is left, and none ever was or will be (idempotent). SFP_BUSY or SFP_AGAIN: call
 * again later, after others have run. Anything else: it cannot be had back; its memory must stay.
 */
typedef enum sfp_status sfp_estate_detach(struct sfp_estate_entry *entry);

/** In a record that somebody retains, in the client's memory. Zeroed: in no estate. */
struct sfp_estate_entry {
	/* The owner's while it lives, then the burier's. */
	struct sfp_estate_entry *older;
	struct sfp_estate_entry *newer;  /* a hint */
	struct sfp_estate *estate;       /* NULL: in none */
	sfp_estate_detach *detach;
	const char *what;                /* static text: what it is, and who retains it */
};

/** A client's estate, in the client's memory. Zeroed: empty and open. */
struct sfp_estate {
	/* The owner's while it lives, then the burier's. */
	struct sfp_estate_entry *newest;
	uint32_t sealed;                 /* the burier's too */

	/* The burier's. */
	uint32_t busy;                   /* in this pass somebody said BUSY */
	int32_t refusal;                 /* in this pass somebody said this, which is no BUSY */
	struct sfp_estate_entry *at;     /* stayed in this pass; what comes after it is next; NULL: newest */
};

/**
 * Put a record on the list, before it is given to whoever retains it.
 * @context the owner thread   @progress wait-free   @order compiler only
 * @owner   nothing changes hands   @retains the entry, in the client's own memory, until removed or buried
 * @cost    two stores that link, four that describe
 * @return  SFP_OK; SFP_GONE: sealed; SFP_BUSY: it is in an estate already (or a fault ended an add of it:
 *          remove it first); SFP_INVALID: no detach or text
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_estate_add(struct sfp_estate *estate,
							       struct sfp_estate_entry *entry,
							       sfp_estate_detach *detach, const char *what)
{
	struct sfp_estate_entry *older = estate->newest;

	if (SFP_UNLIKELY(estate->sealed))
		return SFP_GONE;
	if (SFP_UNLIKELY(entry->estate))
		return SFP_BUSY;
	if (SFP_UNLIKELY(!detach || !what))
		return SFP_INVALID;
	entry->older = older;
	entry->newer = NULL;
	entry->detach = detach;
	entry->what = what;
	entry->estate = estate;
	sfp_compiler_barrier(); /* complete before it is in the list */
	estate->newest = entry;
	sfp_compiler_barrier(); /* in the list before anything hints at it */
	if (older)
		older->newer = entry;
	return SFP_OK;
}

/**
 * Take a record off the list, after it is back from whoever retained it.
 * @context the owner thread   @progress wait-free; after a fault in add or remove bounded by the estate's length
 * @order   compiler only   @owner the entry is wholly the caller's   @retains nothing
 * @cost    four stores
 * @return  SFP_OK (also for one whose adding or removing a fault cut short); SFP_INVALID: not in this estate
 */
enum sfp_status sfp_estate_remove(struct sfp_estate *estate, struct sfp_estate_entry *entry) SFP_NODISCARD;

/**
 * No more additions: sfp_estate_add() says GONE from now on.
 * @context the owner thread, or a burier   @progress wait-free   @order compiler only
 * @owner   nothing changes hands   @retains nothing   @cost a store   @return cannot fail
 */
SFP_ALWAYS_INLINE void sfp_estate_seal(struct sfp_estate *estate)
{
	estate->sealed = 1;
	sfp_compiler_barrier();
}

/**
 * Seal, and detach what is left, at most `budget` entries in this call.
 * @context a thread that runs detach functions, one burier at a time; the owner's stores must be visible to it
 * @progress as the detach functions   @order compiler only
 * @owner   on SFP_OK nobody refers to the client's memory through an entry of this estate
 * @retains nothing but its place in the list, in the estate   @cost a gated call an entry
 * @return  SFP_OK: all detached, the memory may be freed; SFP_AGAIN: call again, after others have run;
 *          SFP_FAULT: all that is left faults when it is detached; any other status that a detach function
 *          gave: all that is left refuses, this was the last. Then the memory must stay (asking again is
 *          allowed). SFP_INVALID: no proof, or a budget of 0
 */
enum sfp_status sfp_estate_bury(struct sfp_estate *estate, struct sfp_proof proof, unsigned budget) SFP_NODISCARD;

/**
 * Who still points at my memory? The entry after `after`, newest first; NULL begins, and ends.
 * @context the owner thread, or a burier   @progress wait-free   @order compiler only
 * @owner   nothing changes hands   @retains nothing   @cost a load   @return an entry, or NULL after the last
 */
SFP_ALWAYS_INLINE struct sfp_estate_entry *sfp_estate_next(const struct sfp_estate *estate,
							   const struct sfp_estate_entry *after)
{
	return after ? after->older : estate->newest;
}

/** for (each entry of the estate, newest first): SFP_ESTATE_EACH(&estate, entry) print(entry->what); */
#define SFP_ESTATE_EACH(estate, entry) \
	for ((entry) = sfp_estate_next((estate), NULL); (entry); (entry) = sfp_estate_next((estate), (entry)))

#endif /* SFP_ESTATE_H */
