/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mux: one resource, many clients that want it, and a policy who is next.
 *
 * Overview
 *   Whoever shares out a disk, a timer or a processor usually keeps a record of
 *   each client and a queue of what each has asked for: other people's state,
 *   which dies with the server and has to be cleaned up when a client does.
 *   Here the *client* record (its share, its accounting) and the *requests* lie
 *   in the client's memory and stay the client's from first to last. The *mux*
 *   holds borrowed links and an inbox, which is a decoupled queue: a request is
 *   in it from submit until it is settled, and that list is the only truth. The
 *   orders in which requests are chosen (rings, queues, a heap of the clients'
 *   nodes) are derived from it. The *server* is an incarnation: its successor
 *   derives them anew, and finds in each request whether it was in flight.
 *
 *   Not for: a resource that several servers hand out at once (use one mux
 *   each); requests that may be handed out at most once (a successor hands out
 *   again what its predecessor had not settled; the request says so).
 *
 * Usage
 *   struct block_request {
 *           struct sfp_mux_request link;                 // zeroed: idle
 *           long block;
 *   };
 *   SFP_MUX(disk, struct block_request, link, SFP_WEIGHTED);
 *
 *   disk_init(&mux, 3, 1);                               // three attempts a request, a quantum of 1
 *   disk_attach(&server, &mux, SFP_PROOF("the mux is new"));
 *
 *   disk_bind(&mux, &client, 4);                         // a client, of weight 4
 *   disk_submit(&client, &request);                      // from an interrupt, too
 *
 *   while (disk_next(&server, &r) == SFP_OK)             // the server
 *           start(r);
 *   disk_complete(&server, r, result);                   // later, in any order
 *
 *   if (disk_reclaim(&client, &request) == SFP_OK)       // the client: whatever became of it
 *           request.block = another();                   // it is idle, and may be submitted again
 *
 * Policies
 *   SFP_FIFO       in the order of submission. Nobody starves.
 *   SFP_WEIGHTED   deficit round robin: a client has a weight, a request a cost, a turn is worth weight
 *                  x quantum, and goes on while something of the client's is pending or in flight. Among
 *                  clients that always have something pending, or their only request handed out and put
 *                  back, what two of them got for a unit of weight never differs by more than one quantum
 *                  plus the highest cost of a request, what was charged for it included (without that
 *                  where costs divide the quantum). Nobody starves.
 *   SFP_PRIORITY   32 levels, 0 first; a level in the order of submission. Lower ones may starve.
 *   SFP_DEADLINE   the earliest first; equal ones in the order of submission. A request waits for those
 *                  with earlier deadlines only.
 *
 *              | choice         | submitted: taken in | withdraw, requeue
 *   FIFO       | O(1)           | O(1)                | O(1)
 *   WEIGHTED   | O(1) (1)       | O(1)                | O(1)
 *   PRIORITY   | O(1)           | O(1)                | O(1)
 *   DEADLINE   | O(log pending) | O(log pending)      | O(log pending)
 *   (1) amortized: a client that overran its quantum, see charge, is passed over once a quantum
 *
 * Concurrency
 *   Any number of clients run against each other and against one server.
 *   "one" below: no two of these at once for the same request, client or server.
 *
 *               | submit cancel reclaim state | bind unbind | next complete requeue withdraw ... close
 *   submit      |  yes(1)  one    one    yes  |  one        |  yes
 *   cancel      |  one     one    one    yes  |  one        |  yes
 *   reclaim     |  one     one    one    yes  |  yes        |  yes
 *   bind unbind |  one     one    yes    yes  |  one        |  yes
 *   next ...    |  yes     yes    yes    yes  |  yes        |  one
 *   attach      |  yes     yes    yes    yes  |  yes        |  no: needs proof that the older server is dead
 *   (1) of different requests, of one client or of several
 *
 *               | thread | irq | nmi      progress
 *   client's    |  yes   | yes | yes      submit, cancel, unbind lock-free, the others wait-free
 *   server's    |  yes   | yes | no       wait-free but for one swap against clients; bounded work
 *   The server's operations exclude each other: where its interrupts use the mux too, they are off.
 *
 * Failure
 *   A client may stop for ever at any instruction: what was linked is served,
 *   the others go on; its successor over the same memory learns by a marker
 *   which requests are in the mux (mark, settle), and its estate gets all back
 *   (<sfp/estate_mux.h>). The server may stop for ever at any instruction: what
 *   was settled stays settled, the successor is handed out the rest, with an
 *   attempt more if it was in flight; past the mux's limit a request becomes
 *   FAILED with reason SFP_DFQ_POISON. A server that faults in one of its
 *   operations is told POISONED from then on, until it attaches anew. A mux whose memory is
 *   lost leaves the clients all that they own: abandon, bind, submit.
 *
 * Why it is correct
 *   Submission, outcome, taking back and takeover are the inbox's: see
 *   <sfp/dfq.h>, where each order is argued. What is added:
 *
 *   Whether a request may still be cancelled is one word, `mark`, changed by
 *   compare-and-swap alone: the server sets STARTED before it hands out, the
 *   client sets CANCELLED. Whoever comes first wins: cancel that has said OK is
 *   never followed by a start, not even by a successor's, since the mark is in
 *   the request. Prompt is a matter of the *note*, a second item in the
 *   request, which follows it through the inbox: the server takes the request
 *   out when it comes by. Were the note never linked, since its client stopped,
 *   the mark is found when the request's turn comes.
 *
 *   Leaving is a note too, in the client's record. It is linked after every
 *   request of that client, and settled when all of them are: its outcome is
 *   the server's last access to the record. A server that stops before leaves
 *   the note in the inbox, so the successor does what is left.
 *
 *   The derived orders, and what the server writes to requests and clients, are
 *   worth something for one incarnation only. Each request and each client says
 *   which: what is of another is written anew when it is taken in. So a takeover
 *   need not find them, and reads nothing that its predecessor was in the
 *   middle of writing.
 *
 *   Source for the weighted policy: Shreedhar, Varghese, "Efficient Fair Queuing
 *   using Deficit Round Robin", SIGCOMM 1995; a turn ends when its credit is used
 *   up, and what was used beyond it is owed. For the heap: Crane's leftist trees,
 *   in Knuth, The Art of Computer Programming 3, 5.2.3.
 */
#ifndef SFP_MUX_H
#define SFP_MUX_H

#include <sfp/mux_client.h>
#include <sfp/mux_server.h>

/* ---- the generating macros -------------------------------------------------------- */

#define SFP_MUX_TYPES_(name, type, member, policy) \
	enum { \
		name##_levels_ = (policy) == SFP_PRIORITY ? SFP_MUX_LEVELS : 1 \
	}; \
	struct name { \
		struct sfp_mux core; \
		struct sfp_mux_level levels[name##_levels_]; \
	}; \
	struct name##_client { \
		struct sfp_mux_client core; \
	}; \
	struct name##_server { \
		struct sfp_mux_server core; \
	}; \
	struct name##_marker { \
		struct sfp_dfq_item core; \
	}; \
	SFP_STATIC_ASSERT( \
		__builtin_types_compatible_p(__typeof__(((type *)0)->member), struct sfp_mux_request), \
		"SFP_MUX: the member must be a struct sfp_mux_request")

/* An expression that may call the hook, and is a status. */
#define SFP_MUX_HOOKING_(name, hook, client, operation) \
	bool sfp_waiting_ = false; \
	struct sfp_mux *sfp_mux_ = (client)->core.mux; \
	const enum sfp_status sfp_status_ = (operation); \
\
	if (SFP_UNLIKELY(sfp_waiting_)) \
		hook(SFP_CONTAINER(sfp_mux_, struct name, core)); \
	return sfp_status_

#define SFP_MUX_CLIENT_(name, type, member, policy, hook) \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_submit_(struct name##_client *client, \
								   type *request, uint64_t key) \
	{ \
		SFP_MUX_HOOKING_( \
			name, hook, client, \
			sfp_mux_submit(&client->core, &request->member, key, &sfp_waiting_, policy)); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_cancel(struct name##_client *client, \
								  type *request) \
	{ \
		SFP_MUX_HOOKING_(name, hook, client, \
				 sfp_mux_cancel(&client->core, &request->member, &sfp_waiting_)); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_unbind(struct name##_client *client) \
	{ \
		SFP_MUX_HOOKING_(name, hook, client, sfp_mux_unbind(&client->core, &sfp_waiting_)); \
	} \
	SFP_GENERATED struct sfp_mux_view name##_state(const type *request) \
	{ \
		return sfp_mux_state(&request->member); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_reclaim(const struct name##_client *client, \
								   type *request) \
	{ \
		return sfp_mux_reclaim(&client->core, &request->member); \
	} \
	SFP_GENERATED uintptr_t name##_used(const struct name##_client *client) \
	{ \
		return sfp_load_word(&client->core.used); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_mark(struct name *mux, \
								struct name##_marker *marker) \
	{ \
		bool sfp_waiting_; \
		const enum sfp_status sfp_status_ = \
			sfp_dfq_mark(&mux->core.inbox, &marker->core, &sfp_waiting_); \
\
		if (SFP_UNLIKELY(sfp_waiting_)) \
			hook(mux); \
		return sfp_status_; \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_unmark(const struct name *mux, \
								  struct name##_marker *marker) \
	{ \
		return sfp_dfq_reclaim(&mux->core.inbox, &marker->core); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_settle( \
		struct name##_client *client, const struct name##_marker *marker, type *request) \
	{ \
		return sfp_mux_settle(&client->core, marker ? &marker->core : NULL, \
				      request ? &request->member : NULL); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_abandon(struct name##_client *client, \
								   type *request, struct sfp_proof proof) \
	{ \
		return sfp_mux_abandon(&client->core, request ? &request->member : NULL, proof); \
	}

/* The body of an operation of the server; `ready`: nothing need be taken in first. */
#define SFP_MUX_SERVING_(name, server, ready, operation) \
	enum sfp_status sfp_status_ = sfp_mux_enter_(&(server)->core); \
\
	if (SFP_UNLIKELY(sfp_status_ != SFP_OK)) \
		return sfp_status_; \
	if (!(ready)) \
		sfp_status_ = name##_take_in_(&(server)->core); \
	if (SFP_LIKELY(sfp_status_ == SFP_OK)) \
		sfp_status_ = (operation); \
	sfp_mux_leave_(&(server)->core); \
	return sfp_status_

#define SFP_MUX_UP_TO_DATE_(server) (!sfp_mux_has_news_((server)->core.mux))
#define SFP_MUX_KNOWN_(server, request) (SFP_LIKELY(sfp_mux_knows_(&(server)->core, (request))))

#define SFP_MUX_SERVER_(name, type, member, policy) \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_attach(struct name##_server *server, \
								  struct name *mux, struct sfp_proof proof) \
	{ \
		return sfp_mux_attach(&server->core, &mux->core, mux->levels, name##_levels_, proof); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_detach(struct name##_server *server) \
	{ \
		return sfp_mux_detach(&server->core); \
	} \
	static __attribute__((noinline, unused)) \
	SFP_NODISCARD enum sfp_status name##_take_in_(struct sfp_mux_server *server) \
	{ \
		return sfp_mux_take_in_(server, policy); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_choose_( \
		struct name##_server *server, struct sfp_mux_request **chosen, uint64_t until) \
	{ \
		SFP_MUX_SERVING_(name, server, SFP_MUX_UP_TO_DATE_(server), \
				 sfp_mux_next(&server->core, chosen, until, policy)); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_next_(struct name##_server *server, \
								 type **request, uint64_t until) \
	{ \
		struct sfp_mux_request *sfp_chosen_ = NULL; \
		const enum sfp_status sfp_result_ = name##_choose_(server, &sfp_chosen_, until); \
\
		if (SFP_LIKELY(sfp_result_ == SFP_OK)) \
			*request = SFP_CONTAINER(sfp_chosen_, type, member); \
		return sfp_result_; \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_complete(struct name##_server *server, \
								    type *request, uint32_t result) \
	{ \
		SFP_MUX_SERVING_( \
			name, server, SFP_MUX_KNOWN_(server, &request->member), \
			sfp_mux_complete(&server->core, &request->member, SFP_DFQ_DONE, result, policy)); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_fail(struct name##_server *server, type *request, \
								uint32_t reason) \
	{ \
		if (reason >= SFP_MUX_REASON_CANCELLED) \
			return SFP_INVALID; \
		SFP_MUX_SERVING_( \
			name, server, SFP_MUX_KNOWN_(server, &request->member), \
			sfp_mux_complete(&server->core, &request->member, SFP_DFQ_FAILED, reason, policy)); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_withdraw(struct name##_server *server, \
								    type *request) \
	{ \
		SFP_MUX_SERVING_(name, server, SFP_MUX_KNOWN_(server, &request->member), \
				 sfp_mux_withdraw(&server->core, &request->member, policy)); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_requeue_(struct name##_server *server, \
								    type *request, uint64_t key) \
	{ \
		SFP_MUX_SERVING_(name, server, SFP_MUX_KNOWN_(server, &request->member), \
				 sfp_mux_requeue(&server->core, &request->member, key, policy)); \
	} \
	SFP_GENERATED bool name##_is_cancelled(const type *request) \
	{ \
		return (sfp_load_u32(&request->member.mark) & SFP_MUX_CANCELLED_) != 0; \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_look(struct name##_server *server, type *after, \
								type **request) \
	{ \
		struct sfp_mux_request *sfp_seen_ = NULL; \
		const enum sfp_status sfp_status_ = \
			sfp_mux_look(&server->core, after ? &after->member : NULL, &sfp_seen_); \
\
		if (sfp_status_ == SFP_OK) \
			*request = SFP_CONTAINER(sfp_seen_, type, member); \
		return sfp_status_; \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_close(struct name##_server *server) \
	{ \
		return sfp_mux_close(&server->core); \
	}

/* What differs between the policies: init, bind, submit, next, requeue and more. */
#define SFP_MUX_INIT_(name, quantum) \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_init(struct name *mux, uint32_t attempt_limit) \
	{ \
		return sfp_mux_init(&mux->core, attempt_limit, quantum); \
	}

#define SFP_MUX_BIND_EQUAL_(name, policy) \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_bind(struct name *mux, \
								struct name##_client *client) \
	{ \
		return sfp_mux_bind(&mux->core, &client->core, 1, policy); \
	}

#define SFP_MUX_BIND_SHARE_(name, policy) \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_bind( \
		struct name *mux, struct name##_client *client, uint32_t share) \
	{ \
		return sfp_mux_bind(&mux->core, &client->core, share, policy); \
	}

#define SFP_MUX_PLAIN_(name, type, key) \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_submit(struct name##_client *client, \
								  type *request) \
	{ \
		return name##_submit_(client, request, key); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_requeue(struct name##_server *server, \
								   type *request) \
	{ \
		return name##_requeue_(server, request, key); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_next(struct name##_server *server, \
								type **request) \
	{ \
		return name##_next_(server, request, 0); \
	}

#define SFP_MUX_BY_SFP_FIFO_(name, type, member) \
	SFP_MUX_INIT_(name, 1) \
	SFP_MUX_BIND_EQUAL_(name, SFP_FIFO) \
	SFP_MUX_PLAIN_(name, type, 0)

#define SFP_MUX_BY_SFP_PRIORITY_(name, type, member) \
	SFP_MUX_INIT_(name, 1) \
	SFP_MUX_BIND_SHARE_(name, SFP_PRIORITY) \
	SFP_MUX_PLAIN_(name, type, 0)

#define SFP_MUX_BY_SFP_WEIGHTED_(name, type, member) \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_init(struct name *mux, uint32_t attempt_limit, \
								uint32_t quantum) \
	{ \
		return sfp_mux_init(&mux->core, attempt_limit, quantum); \
	} \
	SFP_MUX_BIND_SHARE_(name, SFP_WEIGHTED) \
	SFP_MUX_PLAIN_(name, type, 1) \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_submit_cost(struct name##_client *client, \
								       type *request, uint32_t cost) \
	{ \
		return name##_submit_(client, request, cost); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_charge(struct name##_server *server, \
								  type *request, uint32_t cost) \
	{ \
		SFP_MUX_SERVING_(name, server, true, sfp_mux_charge(&server->core, &request->member, cost)); \
	}

#define SFP_MUX_BY_SFP_DEADLINE_(name, type, member) \
	SFP_MUX_INIT_(name, 1) \
	SFP_MUX_BIND_EQUAL_(name, SFP_DEADLINE) \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_submit(struct name##_client *client, \
								  type *request, uint64_t deadline) \
	{ \
		return name##_submit_(client, request, deadline); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_requeue(struct name##_server *server, \
								   type *request, uint64_t deadline) \
	{ \
		return name##_requeue_(server, request, deadline); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_next(struct name##_server *server, \
								type **request) \
	{ \
		return name##_next_(server, request, UINT64_MAX); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_due(struct name##_server *server, uint64_t now, \
							       type **request) \
	{ \
		return name##_next_(server, request, now); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_earliest(struct name##_server *server, \
								    uint64_t *deadline) \
	{ \
		SFP_MUX_SERVING_(name, server, SFP_MUX_UP_TO_DATE_(server), \
				 sfp_mux_earliest_(server->core.mux, deadline)); \
	}

#define SFP_MUX_NO_HOOK_(mux) ((void)(mux))

/**
 * SFP_MUX(name, type, member, policy) generates, for requests that are `type`s with their
 * `struct sfp_mux_request` in `member`: struct name, struct name_client, struct name_server, struct
 * name_marker, and
 *   of the client     name_bind(mux, client)               WEIGHTED, PRIORITY: and the weight, or level
 *                     name_submit(client, request)         DEADLINE: and the deadline
 *                     name_submit_cost(client, request, cost)              WEIGHTED: more than 1
 *                     name_cancel, name_state, name_reclaim, name_unbind, name_mark, name_unmark,
 *                     name_settle, name_abandon
 *                     name_used(client)                    the cost of all that was handed out to it
 *   of the server     name_init(mux, attempt_limit)        WEIGHTED: and the quantum
 *                     name_attach, name_detach, name_close, name_look
 *                     name_next(server, &request)
 *                     name_due(server, now, &request)      DEADLINE: if there is one that is not after now
 *                     name_earliest(server, &deadline)     DEADLINE: of those that are pending
 *                     name_complete(server, request, result), name_fail(server, request, reason)
 *                     name_requeue(server, request)        DEADLINE: and the new deadline
 *                     name_withdraw(server, request)
 *                     name_charge(server, request, cost)   WEIGHTED
 *                     name_is_cancelled(request)           of one in flight: it may be cut short
 * Its server polls.
 */
#define SFP_MUX(name, type, member, policy) \
	SFP_MUX_TYPES_(name, type, member, policy); \
	SFP_MUX_CLIENT_(name, type, member, policy, SFP_MUX_NO_HOOK_) \
	SFP_MUX_SERVER_(name, type, member, policy) \
	SFP_MUX_BY_##policy##_(name, type, member) struct name

/**
 * SFP_MUX_HOOKED(name, type, member, policy, hook): the same for a server that sleeps. After
 * name_wait(server) said OK, the next submit, cancel or unbind ends with hook(mux), a
 * `void hook(struct name *)` in the client's context, which wakes it.
 */
#define SFP_MUX_HOOKED(name, type, member, policy, hook) \
	SFP_MUX_TYPES_(name, type, member, policy); \
	SFP_GENERATED void name##_hook_(struct name *mux) \
	{ \
		hook(mux); \
	} \
	SFP_MUX_CLIENT_(name, type, member, policy, name##_hook_) \
	SFP_MUX_SERVER_(name, type, member, policy) \
	SFP_MUX_BY_##policy##_(name, type, member) \
		SFP_GENERATED SFP_NODISCARD enum sfp_status name##_wait(struct name##_server *server) \
	{ \
		return sfp_mux_wait(&server->core); \
	} \
	struct name

#endif /* SFP_MUX_H */
