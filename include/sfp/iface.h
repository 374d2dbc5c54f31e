/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iface: late-bound, connectionless interfaces. A caller names what it wants;
 * who serves it is found at the call, and can be replaced between two calls.
 *
 * Overview
 *   A pointer to another module's function, kept in one's own state, ties both
 *   for life: the callee cannot be replaced, nor can its death be survived, and
 *   a session opened with it is state that it keeps for the caller. Here a
 *   caller keeps a *reference*: weak, connectionless, storable anywhere, before
 *   its provider exists and after it is gone. The provider keeps an *offer* and
 *   one *record*, `{operations, state, layout}`, which is never changed but
 *   replaced as a whole by one store. The host keeps the *realm*, a table with
 *   a slot an offer. For the length of a call the reference becomes strong: the
 *   caller *pins* the record in its own context, looks again, and calls through
 *   a gate with the record's state as first argument. Nothing of the caller
 *   stays behind at the provider, so the provider can be closed, drained,
 *   migrated to another layout of its state, and opened again under the same
 *   references; and its memory can go when nobody has it pinned.
 *
 *   Not for: calls that must not fail (a plain function), calls of less than a
 *   few dozen cycles of work within one module, or sending work to somebody
 *   who shall do it later (<sfp/dfq.h>).
 *
 * Usage
 *   #define BLOCK_OPS(OP) \
 *           OP(read, SFP_IN(uint64_t, lba), SFP_OUT(struct page, page)) \
 *           OP(flush)
 *   SFP_INTERFACE(block, 1, BLOCK_OPS);                     // shared by both sides
 *
 *   static enum sfp_status ramdisk_read(struct ramdisk *disk, uint64_t lba, struct page *page);
 *   static enum sfp_status ramdisk_flush(struct ramdisk *disk);
 *   SFP_PROVIDER(ramdisk, struct ramdisk, block, BLOCK_OPS);   // a provider
 *
 *   static struct block_offer offer = { .provider = "disk0" };
 *   static struct block_record record;
 *   ramdisk_block_record(&record, &disk, 1);                // its state has layout 1
 *   SFP_TRY(block_offer(&realm, &offer));
 *   SFP_TRY(block_publish(&offer, &record, NULL));
 *
 *   struct block_ref disk0 = SFP_REF(&realm, "disk0");      // a caller; NULL: whoever offers block
 *   SFP_TRY(block_read(&disk0, lba, &page));
 *
 *   // another version of the code over the same state, while others call
 *   SFP_TRY(block_publish(&offer, &newer, &old));
 *   while ((st = block_drain(old)) == SFP_AGAIN)            // then the old code can go
 *           wait_a_moment();
 *
 * Concurrency
 *   Any number of calls run against each other and against one change.
 *
 *                 | call    | browse  | publish close migrate withdraw | offer
 *   call          |  yes    |  yes    |  yes                           |  yes
 *   browse        |  yes    |  yes    |  yes                           |  yes
 *   publish ...   |  yes    |  yes    |  BUSY: one at a time an offer  |  yes
 *   offer         |  yes    |  yes    |  yes                           |  no: one at a time a realm
 *
 *                 | thread | irq    | nmi       progress
 *   call          |  yes   | yes(1) | yes(1)    lock-free: it looks again only after another's publication
 *   the first one |  yes   | AGAIN  | AGAIN     as the provider's start
 *   the rest      |  yes   | no     | no        bounded work a call; AGAIN: call again
 *   (1) in a context of its own level
 *
 * Failure
 *   An operation that faults ends at the call's gate: SFP_FAULT, and the pin is
 *   taken back. A fault of the call itself, at any instruction, goes to the
 *   gate outside of it, which drops the pins that were taken under it. A caller that stops for
 *   ever keeps its pin until sfp_iface_reap() with a proof, and nobody but who
 *   wants that record's memory waits for it. Who stops in the middle of a
 *   change keeps others from changing the offer until it is reaped, and callers
 *   from nothing; the same call then goes on where it stopped. A start that
 *   faults can be tried again. A provider's death is its estate's business:
 *   sfp_iface_offer_detach().
 *
 * Why it is correct
 *   A record's address in a slot is its publication: release, pairs with the
 *   acquire load in the call. Taking it out of the slot and finding that nobody
 *   uses it is a race with callers that are about to. Each side exchanges its
 *   own word, a full barrier, and then loads the other's: the caller exchanges
 *   its pin and loads the slot again; who replaces exchanges the slot and loads
 *   all pins. They cannot both miss the other (a plain store instead of either
 *   exchange can sit in a store buffer while both loads pass: tests/model/iface
 *   has both). So a caller that goes on was seen, and a caller that was not seen
 *   does not go on. Unpinning is a release store, which pairs with the acquire
 *   of the scan: what the operation did is done when the memory is used again.
 *
 *   Calls nest: the context has one word a depth, so an inner call leaves the
 *   outer pins where they are and a scan looks at all of them. They lie in the
 *   context and not on the stack: nobody reads another's stack.
 *
 *   What a reference says about its slot is compared, and believed if the
 *   slot's incarnation is the same: incarnations are given out once in a realm,
 *   so a slot that was given to another interface never serves it.
 *
 *   Starting takes the slot's `busy`, whose value is the address of a guard of
 *   the starter: one compare-and-swap makes it the starter and covers it against
 *   its own fault. After M. Michael, "Hazard Pointers" (IEEE TPDS 15/6, 2004).
 */
#ifndef SFP_IFACE_H
#define SFP_IFACE_H

#include <sfp/atomic.h>
#include <sfp/estate.h>
#include <sfp/guard.h>
#include <sfp/iface_list.h>
#include <sfp/port.h>
#include <sfp/proof.h>
#include <sfp/status.h>

/* ---- what an interface is: constant data that SFP_INTERFACE generates ---------- */

/** What an argument is to its operation. */
enum sfp_iface_kind {
	SFP_IFACE_IN,    /* a value */
	SFP_IFACE_OUT,   /* the caller's storage, written by the operation */
	SFP_IFACE_INOUT
};

/** An argument. */
struct sfp_iface_argument {
	const char *name;          /* as in the list */
	uint32_t size;             /* of the value; for OUT and INOUT of what is pointed at */
	uint32_t kind;             /* enum sfp_iface_kind */
};

/** An operation. */
struct sfp_iface_operation {
	const char *name;          /* as in the list */
	uint32_t number;           /* its place in the list; from 0 */
	uint32_t count;            /* of arguments */
	const struct sfp_iface_argument *arguments; /* `count` of them */
};

/** An interface: the same name and version mean the same list. */
struct sfp_iface {
	const char *name;          /* as given to SFP_INTERFACE */
	uint32_t version;          /* as given to SFP_INTERFACE */
	uint32_t count;            /* of operations */
	const struct sfp_iface_operation *operations; /* `count` of them */
};

/* ---- the provider's ------------------------------------------------------------- */

struct sfp_iface_slot;
struct sfp_iface_offer;

/** Who serves: in the provider's storage, unchanged from publication until drained. Zeroed at first. */
struct sfp_iface_record {
	const void *operations;    /* struct name_ops */
	void *state;               /* first argument of every operation */
	uint32_t layout;           /* of the state: a record of another layout needs migration */

	/* The library's. */
	uintptr_t slot;            /* where it was published; 0: nowhere yet */
	struct sfp_estate_entry retained;
};

/** Make what the first call shall find, and say where. Runs behind a gate, in the first caller's context. */
typedef enum sfp_status sfp_iface_start(struct sfp_iface_offer *offer, struct sfp_iface_record **record);

/** Have those that wait inside the provider's operations return. May be called again. Runs behind a gate. */
typedef enum sfp_status sfp_iface_cancel(struct sfp_iface_offer *offer);

/** Fill fresh->state, of fresh's layout, from old->state, which it only reads. Begins anew if called again. */
typedef enum sfp_status sfp_iface_migrate_state(const struct sfp_iface_record *old,
						const struct sfp_iface_record *fresh);

/** What a provider offers: in its storage, unchanged while offered. Zeroed before its first use. */
struct sfp_iface_offer {
	const struct sfp_iface *iface; /* what is offered */
	const char *provider;      /* static text: which of those that offer the interface */
	sfp_iface_start *start;    /* NULL: it will be published */
	sfp_iface_cancel *cancel;  /* NULL: nobody waits inside for long */

	/* The library's. */
	struct sfp_iface_slot *slot;
	struct sfp_estate_entry retained;
};

/* ---- the host's --------------------------------------------------------------------- */

/** Where an offer is found: the host's, for as long as the realm. Zeroed: free. */
struct sfp_iface_slot {
	/* Written by who changes or starts the offer, one at a time; callers read. */
	uintptr_t record SFP_CACHE_ALIGNED; /* in force; 0: none now */
	uintptr_t incarnation;     /* of the offer; 0: not visible */
	uint32_t phase;            /* enum sfp_iface_phase */
	uintptr_t offer;           /* 0: free */
	uintptr_t closed;          /* the record that was in force before close; 0: none */
	uintptr_t busy;            /* the guard of who changes or starts it; 0: nobody */
};

/** What is to be found at an offer. */
enum sfp_iface_phase {
	SFP_IFACE_OFFERED,         /* nothing yet: the first call starts it, if it can be started */
	SFP_IFACE_OPEN,
	SFP_IFACE_CLOSED,          /* for a change: callers get SFP_AGAIN */
	SFP_IFACE_LEAVING          /* withdrawn; its slot is free when nobody uses it any more */
};

/** A realm: all that can be called by name. The host's; its slots are zeroed before first use. */
struct sfp_iface_realm {
	struct sfp_iface_slot *slots; /* zeroed at first */
	uint32_t count;               /* of slots */
	uintptr_t incarnation;     /* given out last; who offers writes it */
};

/* ---- the caller's ---------------------------------------------------------------------- */

/** A weak reference. May be shared by threads. */
struct sfp_iface_ref {
	struct sfp_iface_realm *realm; /* in which it looks */
	const char *provider;      /* NULL: whoever offers the interface */

	/* Found at the first call. */
	uintptr_t slot;
	uintptr_t incarnation;
};

/** The head of a call's arguments. On the caller's stack. */
struct sfp_iface_call {
	const struct sfp_iface_record *record; /* pinned for the length of the call */
};

/** A use of a record or offer: a word of a context. In the order of a stack with other uses. */
struct sfp_iface_pin {
	struct sfp_context *context; /* whose word it is */
	uint32_t depth;              /* which of its words */
};

/**
 * Call an operation: resolve if need be, start if need be, pin, gate, call, unpin.
 * @context any, with a context of its own level that the port enumerates
 * @progress lock-free, plus the operation's   @order what was written before publication is seen
 * @owner   arguments stay the caller's; outputs are written if the status is SFP_OK
 * @retains a pin in the caller's own context, until it returns
 * @cost    one exchange, one gate   @return what the operation returned, or SFP_FAULT with *why;
 *          SFP_NOT_FOUND: nobody offers it; SFP_INVALID: it is offered in other versions only;
 *          SFP_AGAIN: not started yet and cannot be from here (an interrupt, a lock held, another starts it),
 *          or closed for a change; SFP_GONE: the provider has ended, see sfp_iface_ref_renew();
 *          SFP_LIMIT: SFP_PINS calls are nested already; SFP_DEADLOCK: its start needs itself; what its
 *          start returned
 *
 * `gated` gets `call`, whose record it uses. Generated functions do this.
 */
enum sfp_status sfp_iface_call(struct sfp_iface_ref *ref, const struct sfp_iface *iface, sfp_gated *gated,
			       struct sfp_iface_call *call, struct sfp_fault *why) SFP_NODISCARD;

/**
 * Forget what was found: the next call looks for a provider anew. After SFP_GONE.
 * @context any   @progress wait-free   @order none   @owner nothing changes hands   @retains nothing
 * @cost    a store   @return cannot fail
 */
SFP_ALWAYS_INLINE void sfp_iface_ref_renew(struct sfp_iface_ref *ref)
{
	sfp_store_release_word(&ref->slot, 0);
}

/**
 * The record that the running context uses in its innermost call: on whose account it runs.
 * @context any; for a trap handler too   @progress wait-free   @order none
 * @owner   nothing changes hands   @retains nothing   @cost two loads
 * @return  its address, to be compared; 0: in no call
 */
SFP_ALWAYS_INLINE uintptr_t sfp_iface_running(const struct sfp_context *context)
{
	return context->pinned ? sfp_load_word(&context->pins[context->pinned - 1]) : 0;
}

/**
 * For a host that runs a provider's code by other ways than a call (an interrupt's handler, say): use the
 * record whose address is in `word`, as a call would. Who takes it out of there by sfp_exchange_word() and
 * then drains it waits for this use.
 * @context as call   @progress lock-free: it looks again only after another's exchange
 * @order   acquire, pairs with the release by which the record was put there
 * @owner   *pin stays the caller's, in place; leave in the order of a stack with calls
 * @retains a pin in the caller's own context, until left (or until a fault ends the gate that it was taken in)
 * @cost    one exchange   @return SFP_OK, and *record is pinned; SFP_AGAIN: `word` holds 0; SFP_LIMIT as call
 */
enum sfp_status sfp_iface_enter(struct sfp_iface_pin *pin, const uintptr_t *word,
				const struct sfp_iface_record **record) SFP_NODISCARD;

/**
 * End such a use.
 * @context as enter   @progress wait-free   @order release: what was done under it; pairs with the scan
 * @owner   *pin is the caller's again   @retains nothing   @cost two stores   @return cannot fail
 */
void sfp_iface_exit(const struct sfp_iface_pin *pin);

/* ---- offering and changing --------------------------------------------------------------- */

/**
 * Make an offer visible. Its first call starts it, or finds it not published yet.
 * @context threads, one at a time a realm   @progress wait-free
 * @order   release: pairs with the acquire of the incarnation when a caller resolves
 * @owner   the offer stays the provider's   @retains the offer, in a slot, until withdrawn
 * @cost    O(slots)   @return SFP_OK; SFP_EXISTS: this provider offers it already, or `offer` is in use;
 *          SFP_LIMIT: no slot is free; SFP_INVALID: no interface or provider named
 */
enum sfp_status sfp_iface_offer(struct sfp_iface_realm *realm, struct sfp_iface_offer *offer) SFP_NODISCARD;

/**
 * Put a record in force by one store: calls that begin from now on use it.
 * @context threads   @progress wait-free
 * @order   full barrier: pairs with the exchange of the caller's pin
 * @owner   the record stays the provider's, and must not change until drained
 * @retains the record, in the slot   @cost an exchange
 * @return  SFP_OK, and *old (unless NULL) is what was in force, to be drained, or NULL; SFP_INVALID: not
 *          offered, or the state has another layout (migrate it); SFP_BUSY: somebody else is changing or
 *          starting it; SFP_DEADLOCK: from inside the offer's own start (return the record instead)
 */
enum sfp_status sfp_iface_publish(struct sfp_iface_offer *offer, struct sfp_iface_record *record,
				  struct sfp_iface_record **old) SFP_NODISCARD;

/**
 * Has the last call that used a replaced record ended?
 * @context threads   @progress wait-free, O(contexts)   @order acquire: pairs with the release of unpinning
 * @owner   on SFP_OK the record, its code and (if no other record has it) its state are the provider's alone
 * @retains nothing   @cost a few loads a context
 * @return  SFP_OK; SFP_AGAIN: later; SFP_INVALID: it is in force; SFP_DEADLOCK: the caller itself is using it
 */
enum sfp_status sfp_iface_drain(const struct sfp_iface_record *record) SFP_NODISCARD;

/**
 * Close for a change: callers get SFP_AGAIN, waits inside are cancelled, calls inside end.
 * @context threads   @progress wait-free, O(contexts)   @order as publish and drain
 * @owner   on SFP_OK nobody is inside   @retains as before; publishing any record opens it again
 * @cost    an exchange and a scan   @return SFP_OK; SFP_AGAIN: some are still inside, call again; SFP_INVALID:
 *          not offered; SFP_BUSY, SFP_DEADLOCK as publish and drain; what cancel returned, if not SFP_OK
 */
enum sfp_status sfp_iface_close(struct sfp_iface_offer *offer) SFP_NODISCARD;

/**
 * Swap to a record whose state has another layout: close, cancel, drain, migrate, publish.
 * @context threads   @progress wait-free but for `migrate`   @order as close and publish
 * @owner   on SFP_OK the old record and its state are the provider's alone
 * @retains the fresh record instead of the old   @cost as close, and migrate
 * @return  SFP_OK; SFP_AGAIN: call again with the same arguments; SFP_INVALID: not offered, or never
 *          published (publish it); SFP_BUSY, SFP_DEADLOCK as close. What migrate returned, or SFP_FAULT: it
 *          failed, and the old record is in force again
 */
enum sfp_status sfp_iface_migrate(struct sfp_iface_offer *offer, struct sfp_iface_record *fresh,
				  sfp_iface_migrate_state *migrate) SFP_NODISCARD;

/**
 * End an offer: its references are SFP_GONE from now on.
 * @context threads   @progress wait-free, O(contexts)   @order as publish and drain
 * @owner   on SFP_OK the offer, and the record in force or closed, are the provider's alone
 * @retains nothing on SFP_OK   @cost three exchanges and a scan
 * @return  SFP_OK (also if it is not offered); SFP_AGAIN: call again: some are inside, or somebody is
 *          changing or starting it; SFP_DEADLOCK as drain
 */
enum sfp_status sfp_iface_withdraw(struct sfp_iface_offer *offer) SFP_NODISCARD;

/**
 * For the provider's estate: the detach function for `retained` of an offer, which also detaches the record
 * in force. Add a provider's offer once, before it is offered.
 * @context a burier   @progress as withdraw and drain   @order as withdraw and drain
 * @owner   as withdraw and drain   @retains nothing on SFP_OK   @cost as withdraw and drain
 * @return  SFP_OK; SFP_BUSY
 */
enum sfp_status sfp_iface_offer_detach(struct sfp_estate_entry *entry) SFP_NODISCARD;

/**
 * The same for `retained` of a record that was replaced and may not be drained. Add a provider's records
 * once, before they are published.
 * @context a burier   @progress @order @owner @cost as sfp_iface_drain()   @retains nothing on SFP_OK
 * @return  SFP_OK; SFP_BUSY
 */
enum sfp_status sfp_iface_record_detach(struct sfp_estate_entry *entry) SFP_NODISCARD;

/**
 * A context's thread has stopped for good: drop its pins, and what it was starting or changing.
 * @context threads; the context's memory and its stack must still be there   @progress wait-free, O(slots)
 * @order   the proof's   @owner the context is the host's to reuse, its guards excepted   @retains nothing
 * @cost    a few loads a slot   @return SFP_OK; SFP_INVALID: no proof
 */
enum sfp_status sfp_iface_reap(struct sfp_iface_realm *realm, struct sfp_context *context,
			       struct sfp_proof proof) SFP_NODISCARD;

/* ---- browsing ------------------------------------------------------------------------------- */

/** A place in a realm. On the stack; the offer that it shows is pinned. */
struct sfp_iface_cursor {
	struct sfp_iface_pin pin;      /* of the offer that is shown */
	struct sfp_iface_realm *realm; /* which is browsed */
	uint32_t next;                 /* the slot to look at next */
	uint32_t open;                 /* the pin is taken */
};

/**
 * Begin to browse. End it by sfp_iface_leave(), in the order of a stack with calls.
 * @context as call   @progress wait-free   @order none   @owner *cursor stays the caller's, in place
 * @retains a pin in the caller's own context, until left   @cost a few stores
 * @return  SFP_OK; SFP_LIMIT: SFP_PINS pins are taken
 */
enum sfp_status sfp_iface_browse(struct sfp_iface_cursor *cursor, struct sfp_iface_realm *realm) SFP_NODISCARD;

/**
 * The next offer; it stays, and may be read, until the next call of next or leave.
 * @context as browse   @progress lock-free, O(slots)   @order acquire, pairs with the publication of the offer
 * @owner   nothing changes hands   @retains a pin of the offer   @cost an exchange an offer
 * @return  SFP_OK; SFP_EMPTY: no more
 */
enum sfp_status sfp_iface_next(struct sfp_iface_cursor *cursor,
			       const struct sfp_iface_offer **offer) SFP_NODISCARD;

/**
 * End browsing. Leaving twice is nothing.
 * @context as browse   @progress wait-free   @order release of the pin   @owner *cursor is the caller's again
 * @retains nothing   @cost a few stores   @return cannot fail
 */
void sfp_iface_leave(struct sfp_iface_cursor *cursor);

/**
 * What is to be found at an offer that is pinned or one's own; old news by the time it is read.
 * @context any   @progress wait-free   @order none   @owner nothing changes hands   @retains nothing
 * @cost    two loads   @return enum sfp_iface_phase; SFP_IFACE_LEAVING also for one that is not offered
 */
enum sfp_iface_phase sfp_iface_phase(const struct sfp_iface_offer *offer);

/* ---- the generating macros -------------------------------------------------------------------- */

/** `struct name_ref r = SFP_REF(&realm, "provider");` */
#define SFP_REF(where, whose) { .core = { .realm = (where), .provider = (whose) } }

#define SFP_IFACE_OP_(m, x, tuple) SFP_IFACE_OP_1_(m, x, SFP_UNPACK_ tuple)
#define SFP_IFACE_OP_1_(...) SFP_IFACE_OP_2_(__VA_ARGS__)
#define SFP_IFACE_OP_2_(m, ...) m(__VA_ARGS__)

/* The function pointers. */
#define SFP_IFACE_POINTER_(x, tuple) SFP_IFACE_OP_(SFP_IFACE_POINTER_1_, x, tuple)
#define SFP_IFACE_POINTER_1_(x, op, ...) enum sfp_status (*op)(void *sfp_state_ SFP_PARAMETERS_(__VA_ARGS__));

/* The numbers. */
#define SFP_IFACE_NUMBER_(x, tuple) SFP_IFACE_OP_(SFP_IFACE_NUMBER_1_, x, tuple)
#define SFP_IFACE_NUMBER_1_(x, op, ...) x##_##op##_NUMBER,

/* The descriptors; a last, empty one, since there may be no arguments at all. */
#define SFP_IFACE_KIND_in_ SFP_IFACE_IN
#define SFP_IFACE_KIND_out_ SFP_IFACE_OUT
#define SFP_IFACE_KIND_inout_ SFP_IFACE_INOUT
#define SFP_IFACE_ARGUMENT_(x, tuple) SFP_IFACE_ARGUMENT_1_ tuple
#define SFP_IFACE_ARGUMENT_1_(which, type, label) \
	{ .name = #label, .size = (uint32_t)sizeof(type), .kind = SFP_IFACE_KIND_##which },
#define SFP_IFACE_ARGUMENTS_(x, tuple) SFP_IFACE_OP_(SFP_IFACE_ARGUMENTS_1_, x, tuple)
#define SFP_IFACE_ARGUMENTS_1_(x, op, ...) \
	static const struct sfp_iface_argument x##_##op##_arguments_[] __attribute__((unused)) = { \
		SFP_ARGS_(SFP_IFACE_ARGUMENT_, , ##__VA_ARGS__) { .name = NULL } \
	};
#define SFP_IFACE_OPERATION_(x, tuple) SFP_IFACE_OP_(SFP_IFACE_OPERATION_1_, x, tuple)
#define SFP_IFACE_OPERATION_1_(x, op, ...) \
	{ \
		.name = #op, .number = x##_##op##_NUMBER, .arguments = x##_##op##_arguments_, \
		.count = (uint32_t)(sizeof(x##_##op##_arguments_) / sizeof(x##_##op##_arguments_[0]) - 1), \
	},

/* The calls. */
#define SFP_IFACE_CALL_(x, tuple) SFP_IFACE_OP_(SFP_IFACE_CALL_1_, x, tuple)
#define SFP_IFACE_CALL_1_(x, op, ...) \
	struct x##_##op##_call_ { \
		struct sfp_iface_call sfp_core_; \
		SFP_FIELDS_(__VA_ARGS__) \
	}; \
	SFP_GENERATED enum sfp_status x##_##op##_gated_(void *sfp_argument_) \
	{ \
		const struct x##_##op##_call_ *sfp_call_ = (const struct x##_##op##_call_ *)sfp_argument_; \
		const struct sfp_iface_record *sfp_record_ = sfp_call_->sfp_core_.record; \
		return ((const struct x##_ops *)sfp_record_->operations)->op( \
			sfp_record_->state SFP_MEMBERS_(sfp_call_, ##__VA_ARGS__)); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status x##_##op##_contained( \
		struct x##_ref *sfp_ref_ SFP_PARAMETERS_(__VA_ARGS__), struct sfp_fault *sfp_why_) \
	{ \
		struct x##_##op##_call_ sfp_call_; /* the head is filled in by the call */ \
		SFP_ASSIGNMENTS_(sfp_call_, ##__VA_ARGS__) \
		return sfp_iface_call(&sfp_ref_->core, &x##_interface, x##_##op##_gated_, &sfp_call_.sfp_core_, \
				      sfp_why_); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status x##_##op(struct x##_ref *sfp_ref_ \
							     SFP_PARAMETERS_(__VA_ARGS__)) \
	{ \
		return x##_##op##_contained(sfp_ref_ SFP_NAMES_(__VA_ARGS__), NULL); \
	}

#define SFP_IFACE_TYPES_(name, list) \
	struct name##_ops { \
		SFP_OPS_(SFP_IFACE_POINTER_, name, list) \
	}; \
	enum { \
		SFP_OPS_(SFP_IFACE_NUMBER_, name, list) \
		name##_COUNT \
	}; \
	struct name##_ref { \
		struct sfp_iface_ref core; \
	}; \
	struct name##_record { \
		struct sfp_iface_record core; \
	}; \
	struct name##_offer { \
		struct sfp_iface_offer core; \
		const char *provider; \
		enum sfp_status (*start)(struct name##_offer *offer, struct name##_record **record); \
		enum sfp_status (*cancel)(struct name##_offer *offer); \
	}; \
	SFP_STATIC_ASSERT(SFP_OPS_COUNT_(list) <= SFP_IFACE_MAX_OPERATIONS, \
			  "SFP_INTERFACE: more operations than SFP_IFACE_MAX_OPERATIONS")

#define SFP_IFACE_OFFERING_(name) \
	SFP_GENERATED enum sfp_status name##_start_(struct sfp_iface_offer *sfp_offer_, \
						    struct sfp_iface_record **sfp_record_) \
	{ \
		struct name##_offer *sfp_typed_ = SFP_CONTAINER(sfp_offer_, struct name##_offer, core); \
		struct name##_record *sfp_made_ = NULL; \
		const enum sfp_status sfp_status_ = sfp_typed_->start(sfp_typed_, &sfp_made_); \
		*sfp_record_ = sfp_made_ ? &sfp_made_->core : NULL; \
		return sfp_status_; \
	} \
	SFP_GENERATED enum sfp_status name##_cancel_(struct sfp_iface_offer *sfp_offer_) \
	{ \
		struct name##_offer *sfp_typed_ = SFP_CONTAINER(sfp_offer_, struct name##_offer, core); \
		return sfp_typed_->cancel(sfp_typed_); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_offer(struct sfp_iface_realm *realm, \
								 struct name##_offer *offer) \
	{ \
		if (offer->core.slot) \
			return SFP_EXISTS; \
		offer->core.iface = &name##_interface; \
		offer->core.provider = offer->provider; \
		offer->core.start = offer->start ? name##_start_ : NULL; \
		offer->core.cancel = offer->cancel ? name##_cancel_ : NULL; \
		return sfp_iface_offer(realm, &offer->core); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_publish( \
		struct name##_offer *offer, struct name##_record *record, struct name##_record **old) \
	{ \
		struct sfp_iface_record *sfp_old_ = NULL; \
		const enum sfp_status sfp_status_ = sfp_iface_publish(&offer->core, &record->core, &sfp_old_); \
		if (old) \
			*old = sfp_old_ ? SFP_CONTAINER(sfp_old_, struct name##_record, core) : NULL; \
		return sfp_status_; \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_drain(const struct name##_record *record) \
	{ \
		return sfp_iface_drain(&record->core); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_close(struct name##_offer *offer) \
	{ \
		return sfp_iface_close(&offer->core); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_migrate( \
		struct name##_offer *offer, struct name##_record *fresh, sfp_iface_migrate_state *migrate) \
	{ \
		return sfp_iface_migrate(&offer->core, &fresh->core, migrate); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_withdraw(struct name##_offer *offer) \
	{ \
		return sfp_iface_withdraw(&offer->core); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_offer_retained(struct sfp_estate *estate, \
									  struct name##_offer *offer) \
	{ \
		return sfp_estate_add(estate, &offer->core.retained, sfp_iface_offer_detach, \
				      "offer of " #name " in a realm"); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_record_retained(struct sfp_estate *estate, \
									   struct name##_record *record) \
	{ \
		return sfp_estate_add(estate, &record->core.retained, sfp_iface_record_detach, \
				      "record of " #name " in use by calls"); \
	} \
	SFP_GENERATED void name##_renew(struct name##_ref *ref) \
	{ \
		sfp_iface_ref_renew(&ref->core); \
	}

/**
 * SFP_INTERFACE(name, version, list) generates, for a list of operations as in
 * the usage above:
 *   struct name_ops                  typed function pointers, the state first (as void *)
 *   name_OP_NUMBER, name_COUNT       from 0, in the order of the list
 *   name_interface                   the descriptors, a struct sfp_iface
 *   struct name_ref, _record, _offer typed forms of the above; struct name_offer has the fields
 *                                    `provider`, `start` and `cancel`, to be filled in
 *   name_OP(ref, arguments...)       the call; name_OP_contained(ref, arguments..., why) says what a fault was
 *   name_offer, _publish, _drain, _close, _migrate, _withdraw, _renew,
 *   name_offer_retained, name_record_retained (into an estate)
 */
#define SFP_INTERFACE(interface, number, list) \
	SFP_IFACE_TYPES_(interface, list); \
	SFP_OPS_(SFP_IFACE_ARGUMENTS_, interface, list) \
	static const struct sfp_iface_operation interface##_operations_[] __attribute__((unused)) = { \
		SFP_OPS_(SFP_IFACE_OPERATION_, interface, list) \
	}; \
	static const struct sfp_iface interface##_interface __attribute__((unused)) = { \
		.name = #interface, .version = (number), .count = interface##_COUNT, .operations = interface##_operations_ \
	}; \
	SFP_OPS_(SFP_IFACE_CALL_, interface, list) \
	SFP_IFACE_OFFERING_(interface) \
	struct interface##_ref

/* A provider's side of an operation: give the state its type. */
#define SFP_PROVIDER_SHIM_(x, tuple) SFP_PROVIDER_SHIM_1_(SFP_UNPACK_ x, SFP_UNPACK_ tuple)
#define SFP_PROVIDER_SHIM_1_(...) SFP_PROVIDER_SHIM_2_(__VA_ARGS__)
#define SFP_PROVIDER_SHIM_2_(provider, type, name, op, ...) \
	SFP_GENERATED enum sfp_status provider##_##name##_##op##_shim_( \
		void *sfp_state_ SFP_PARAMETERS_(__VA_ARGS__)) \
	{ \
		return provider##_##op((type *)sfp_state_ SFP_NAMES_(__VA_ARGS__)); \
	}
#define SFP_PROVIDER_POINTER_(x, tuple) SFP_PROVIDER_POINTER_1_(SFP_UNPACK_ x, SFP_UNPACK_ tuple)
#define SFP_PROVIDER_POINTER_1_(...) SFP_PROVIDER_POINTER_2_(__VA_ARGS__)
#define SFP_PROVIDER_POINTER_2_(provider, type, name, op, ...) .op = provider##_##name##_##op##_shim_,

/**
 * SFP_PROVIDER(provider, type, name, list): the functions `provider_OP(type *, arguments...)`, one an
 * operation of interface `name`, serve it. Generates the table provider_name_ops and
 *   void provider_name_record(struct name_record *record, type *state, uint32_t layout);
 * which makes a record of it.
 */
#define SFP_PROVIDER(provider, type, name, list) \
	SFP_OPS_(SFP_PROVIDER_SHIM_, (provider, type, name), list) \
	static const struct name##_ops provider##_##name##_ops = { \
		SFP_OPS_(SFP_PROVIDER_POINTER_, (provider, type, name), list) \
	}; \
	SFP_GENERATED void provider##_##name##_record(struct name##_record *record, type *state, uint32_t layout) \
	{ \
		record->core.operations = &provider##_##name##_ops; \
		record->core.state = state; \
		record->core.layout = layout; \
	} \
	struct name##_record

#endif /* SFP_IFACE_H */
