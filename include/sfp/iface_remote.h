/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iface_remote: an interface served from another address space. The caller's
 * source is the same line; what differs is the record behind its reference.
 *
 * Overview
 *   Where hardware keeps caller and provider apart, a call becomes a message.
 *   Its form is not a second description of the interface, which could differ
 *   from the first, but the same list of operations: SFP_INTERFACE_REMOTE makes
 *   of it a provider whose every operation copies its inputs into memory that
 *   both sides share, waits, and copies the outputs back, as the descriptors
 *   say; and a server that does the reverse and calls the real provider.
 *
 *   A *channel* is that memory, with a few *lanes*, a call each. Neither side
 *   believes what it says: sizes and counts come from each side's own *wire*
 *   and descriptors, and what is copied is copied once before it is looked at.
 *
 *   Not for: arguments that point at something (they do not compile), or calls
 *   that must not be made twice in doubt: a server that dies in the middle
 *   leaves its callers SFP_GONE, not knowing whether it was done.
 *
 * Usage
 *   SFP_INTERFACE(block, 1, BLOCK_OPS);
 *   SFP_INTERFACE_REMOTE(block, BLOCK_OPS);
 *
 *   // both: the same memory, zeroed at first, and the same numbers
 *   SFP_TRY(sfp_iface_wire_make(&wire, memory, size, 4, sizeof(struct page)));
 *
 *   // the process that serves
 *   ramdisk_block_record(&record, &disk, 1);
 *   block_server_make(&server, &wire, &record, scratch, sizeof(scratch));
 *   while ((st = block_serve(&server)) != SFP_GONE)
 *           if (st == SFP_EMPTY)
 *                   block_await(&server);
 *
 *   // the process that calls
 *   block_remote_record(&record, &wire);
 *   SFP_TRY(block_publish(&offer, &record, NULL));
 *   SFP_TRY(block_read(&disk0, lba, &page));                // as ever
 *
 * Concurrency
 *   Any number of threads of one process call; one thread serves; anybody who
 *   has the memory closes. All of it runs in threads, since it waits.
 *
 *   call     blocking: for the server      serve    wait-free but for the operations
 *   close    wait-free                     await    blocking: for a call
 *
 * Failure
 *   An operation that faults is SFP_FAULT at its caller; the server lives on. A
 *   caller that faults while it waits gives its lane back, at once or when the
 *   server is done with it. Who knows that either side has ended closes the
 *   channel: calls inside return SFP_GONE, later ones too, and the server ends.
 *   A channel is not used again: a new server gets a new one, and the caller's
 *   side publishes a new record.
 *
 * Why it is correct
 *   A lane is a caller's from the compare-and-swap of `owner` to the store of 0.
 *   `word` hands it over: POSTED (release) pairs with the server's acquire,
 *   ANSWERED with the caller's. Posting and closing are compare-and-swaps, full
 *   barriers: either the caller sees that it is closed, or who closes sees what
 *   is posted. Nobody sleeps through it: each wait is for the word that was
 *   last seen, and every change of it wakes.
 */
#ifndef SFP_IFACE_REMOTE_H
#define SFP_IFACE_REMOTE_H

#include <sfp/iface.h>

#ifdef SFP_PORT_HAS_WAIT

/** One call's place. In shared memory; zeroed: free. */
struct sfp_iface_lane {
	uintptr_t owner SFP_CACHE_ALIGNED; /* the caller's guard, by address, in its address space; 0: free */
	uint32_t word;             /* enum sfp_iface_lane_state; changed by both sides, waited for */
	uint32_t operation;        /* the caller's */
	int32_t status;            /* the server's */
	unsigned char data[];      /* inputs, then outputs, one after another */
};

/** Whose turn it is in a lane. */
enum sfp_iface_lane_state {
	SFP_IFACE_LANE_IDLE,
	SFP_IFACE_LANE_POSTED,
	SFP_IFACE_LANE_ANSWERED,
	SFP_IFACE_LANE_LOST,       /* the channel was closed first */
	SFP_IFACE_LANE_ABANDONED   /* the caller faulted; the server frees it */
};

/** The head of the shared memory; lanes follow. */
struct sfp_iface_channel {
	uint32_t closed SFP_CACHE_ALIGNED; /* 1: nothing is posted or answered any more */
	uint32_t bell;             /* counts what was posted; the server waits for it */
};

/** One side's own view of a channel. */
struct sfp_iface_wire {
	struct sfp_iface_channel *channel; /* the shared memory */
	uint32_t lanes;                    /* how many calls at a time */
	uint32_t bytes;            /* of data, in each lane */
};

/** What an operation needs to be served: the generated functions get it through a gate. */
struct sfp_iface_serving {
	const void *operations;                   /* struct name_ops */
	void *state;                              /* their first argument */
	void *arguments[SFP_IFACE_MAX_ARGUMENTS]; /* in scratch */
};

/** A server: serves a wire with a record's operations. The server's own memory. */
struct sfp_iface_server {
	const struct sfp_iface_wire *wire; /* which it serves */
	const struct sfp_iface *iface;     /* what it serves */
	sfp_gated *const *serve;   /* one an operation */
	const struct sfp_iface_record *record; /* which provider it calls */
	unsigned char *scratch;    /* arguments lie here while they are used */
	size_t scratch_size;       /* bytes */
	uint32_t bell;             /* as it was before the last look */
};

/** What scratch is aligned to, and every argument in it. */
#define SFP_IFACE_SCRATCH_ALIGNMENT 16u

/**
 * View memory as a channel of `lanes` lanes with `bytes` bytes each. Both sides give the same numbers.
 * @context any   @progress wait-free   @order none: the memory is zeroed before either side has it
 * @owner   the memory is shared from here on; *wire is the caller's   @retains the memory, in *wire
 * @cost    a few instructions
 * @return  SFP_OK; SFP_INVALID: no lanes, or not aligned to a cache line; SFP_LIMIT: too small
 */
enum sfp_status sfp_iface_wire_make(struct sfp_iface_wire *wire, void *memory, size_t size, uint32_t lanes,
				    uint32_t bytes) SFP_NODISCARD;

/**
 * How much memory a channel takes.
 * @context any   @progress wait-free   @order none   @owner nothing changes hands   @retains nothing
 * @cost    a multiplication   @return bytes
 */
size_t sfp_iface_wire_size(uint32_t lanes, uint32_t bytes);

/**
 * Call over a wire. Generated operations do this.
 * @context a thread   @progress blocking: for the server
 * @order   what was written before the call is seen by the server, and the reverse on return
 * @owner   arguments stay the caller's   @retains a lane, until it returns
 * @cost    two copies of each argument, two wake-ups
 * @return  what the operation returned; SFP_GONE: closed; SFP_AGAIN: no lane is free; SFP_LIMIT: the
 *          arguments are larger than a lane; SFP_MALFORMED: the other side answered with no status
 */
enum sfp_status sfp_iface_remote_call(const struct sfp_iface_wire *wire,
				      const struct sfp_iface_operation *operation,
				      void *const *arguments) SFP_NODISCARD;

/**
 * Serve what has been posted, each lane at most once.
 * @context the server's thread   @progress as the operations
 * @order   acquire of what was posted, release of answers
 * @owner   nothing changes hands   @retains nothing   @cost a load a lane; a gate and the copies a call
 * @return  SFP_OK: some; SFP_EMPTY: nothing was posted, await() more; SFP_GONE: closed, nothing will come
 */
enum sfp_status sfp_iface_serve(struct sfp_iface_server *server) SFP_NODISCARD;

/**
 * Sleep until something was posted since the last serve() began to look, or the channel was closed.
 * @context the server's thread   @progress blocking   @order none   @owner nothing changes hands
 * @retains nothing   @cost the port's wait   @return may return early; serve() again
 */
void sfp_iface_await(const struct sfp_iface_server *server);

/**
 * Close: calls that wait return SFP_GONE, later ones too, and the server is told.
 * @context any who has the memory   @progress wait-free   @order full barrier: pairs with posting
 * @owner   the memory is shared until both sides have seen it   @retains nothing
 * @cost    a swap and a wake-up a lane   @return cannot fail; closing twice is nothing
 */
void sfp_iface_wire_close(const struct sfp_iface_wire *wire);

/* ---- the generating macro ---------------------------------------------------- */

#define SFP_REMOTE_CHECK_(x, tuple) SFP_REMOTE_CHECK_1_ tuple
#define SFP_REMOTE_CHECK_1_(kind, type, label) \
	SFP_STATIC_ASSERT(__builtin_classify_type(*(type *)0) != 5, \
			  "SFP_INTERFACE_REMOTE: an argument is a pointer, which means nothing elsewhere"); \
	SFP_STATIC_ASSERT(__alignof__(type) <= SFP_IFACE_SCRATCH_ALIGNMENT, \
			  "SFP_INTERFACE_REMOTE: an argument is aligned to more than a server's scratch");

/* Where an argument is, for the caller's side. */
#define SFP_REMOTE_ADDRESS_(x, tuple) SFP_REMOTE_ADDRESS_1_ tuple
#define SFP_REMOTE_ADDRESS_1_(kind, type, label) SFP_REMOTE_ADDRESS_##kind(label),
#define SFP_REMOTE_ADDRESS_in_(label) &label
#define SFP_REMOTE_ADDRESS_out_(label) label
#define SFP_REMOTE_ADDRESS_inout_(label) label

/* The same for the server's side: local pointers, in order, and what the operation gets of them. */
#define SFP_REMOTE_LOCAL_(x, tuple) SFP_REMOTE_LOCAL_1_ tuple
#define SFP_REMOTE_LOCAL_1_(kind, type, label) type *label = (type *)*sfp_at_++;
#define SFP_REMOTE_VALUE_(x, tuple) SFP_REMOTE_VALUE_1_ tuple
#define SFP_REMOTE_VALUE_1_(kind, type, label) , SFP_REMOTE_VALUE_##kind(label)
#define SFP_REMOTE_VALUE_in_(label) *label
#define SFP_REMOTE_VALUE_out_(label) label
#define SFP_REMOTE_VALUE_inout_(label) label

#define SFP_REMOTE_OPERATION_(x, tuple) SFP_IFACE_OP_(SFP_REMOTE_OPERATION_1_, x, tuple)
#define SFP_REMOTE_OPERATION_1_(x, op, ...) \
	SFP_ARGS_(SFP_REMOTE_CHECK_, , ##__VA_ARGS__) \
	SFP_GENERATED enum sfp_status x##_##op##_remote_(void *sfp_state_ SFP_PARAMETERS_(__VA_ARGS__)) \
	{ \
		void *const sfp_arguments_[] = { SFP_ARGS_(SFP_REMOTE_ADDRESS_, , ##__VA_ARGS__) NULL }; \
		return sfp_iface_remote_call((const struct sfp_iface_wire *)sfp_state_, \
					     &x##_operations_[x##_##op##_NUMBER], sfp_arguments_); \
	} \
	SFP_GENERATED enum sfp_status x##_##op##_serve_(void *sfp_serving_) \
	{ \
		const struct sfp_iface_serving *sfp_s_ = (const struct sfp_iface_serving *)sfp_serving_; \
		void *const *sfp_at_ = sfp_s_->arguments; \
		SFP_ARGS_(SFP_REMOTE_LOCAL_, , ##__VA_ARGS__) \
		(void)sfp_at_; \
		return ((const struct x##_ops *)sfp_s_->operations)->op( \
			sfp_s_->state SFP_ARGS_(SFP_REMOTE_VALUE_, , ##__VA_ARGS__)); \
	}
#define SFP_REMOTE_POINTER_(x, tuple) SFP_IFACE_OP_(SFP_REMOTE_POINTER_1_, x, tuple)
#define SFP_REMOTE_POINTER_1_(x, op, ...) .op = x##_##op##_remote_,
#define SFP_REMOTE_SERVE_(x, tuple) SFP_IFACE_OP_(SFP_REMOTE_SERVE_1_, x, tuple)
#define SFP_REMOTE_SERVE_1_(x, op, ...) x##_##op##_serve_,

/**
 * SFP_INTERFACE_REMOTE(name, list), after SFP_INTERFACE with the same list, generates
 *   void name_remote_record(struct name_record *record, struct sfp_iface_wire *wire);
 *           a record that calls over the wire
 *   struct name_server, name_server_make(server, wire, record, scratch, size), name_serve(), name_await()
 *           a server that calls the record; scratch is aligned to SFP_IFACE_SCRATCH_ALIGNMENT, and an
 *           operation whose arguments do not fit in it is SFP_LIMIT
 */
#define SFP_INTERFACE_REMOTE(interface, list) \
	SFP_OPS_(SFP_REMOTE_OPERATION_, interface, list) \
	static const struct interface##_ops interface##_remote_ops_ __attribute__((unused)) = { \
		SFP_OPS_(SFP_REMOTE_POINTER_, interface, list) \
	}; \
	static sfp_gated *const interface##_serve_table_[] __attribute__((unused)) = { \
		SFP_OPS_(SFP_REMOTE_SERVE_, interface, list) \
	}; \
	SFP_GENERATED void interface##_remote_record(struct interface##_record *record, struct sfp_iface_wire *wire) \
	{ \
		record->core.operations = &interface##_remote_ops_; \
		record->core.state = wire; \
		record->core.layout = SFP_LAYOUT; \
	} \
	struct interface##_server { \
		struct sfp_iface_server core; \
	}; \
	SFP_GENERATED void interface##_server_make( \
		struct interface##_server *server, const struct sfp_iface_wire *wire, \
		const struct interface##_record *record, void *scratch, size_t size) \
	{ \
		server->core = (struct sfp_iface_server){ \
			.wire = wire, .iface = &interface##_interface, .serve = interface##_serve_table_, \
			.record = &record->core, .scratch = (unsigned char *)scratch, .scratch_size = size, \
		}; \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status interface##_serve(struct interface##_server *server) \
	{ \
		return sfp_iface_serve(&server->core); \
	} \
	SFP_GENERATED void interface##_await(const struct interface##_server *server) \
	{ \
		sfp_iface_await(&server->core); \
	} \
	struct interface##_server

#endif /* SFP_PORT_HAS_WAIT */
#endif /* SFP_IFACE_REMOTE_H */
