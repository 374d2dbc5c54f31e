/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * handle: opaque export; a server's state for a client, in the client's memory.
 *
 * Overview
 *   A server that keeps a table of what its clients have open is changed by
 *   every open and holds their progress hostage: when it is replaced, or dies,
 *   so does the table. Here the state of one client leaves the server: it is
 *   *exported* into a *handle*, in storage that the client owns and only the
 *   server can read. With each request the client brings its handle; the server
 *   *imports* it for the length of the request, exclusively, and what it changed
 *   is *committed* by one store at the end. Between two requests the server
 *   has no state at all, and any successor that knows the realm can go on.
 *
 *   A handle that has to cross into user space is *sealed*: contents, kind,
 *   layout version and generation under SipHash-2-4 with the realm's key.
 *
 *   Not for: secrets (a sealed handle can be read by who has it, only not
 *   changed), a client in the same address space that is hostile (a trusted
 *   handle is plain memory: the checks find mistakes, not attacks), state that
 *   several clients share (a monitor), or what must not be brought back to an
 *   earlier state (see Replay).
 *
 * Usage
 *   struct note_state {
 *           uint64_t inode;
 *           uint64_t pos;
 *   };
 *   SFP_HANDLE(note, struct note_state, 1);             // layout version 1
 *
 *   static struct sfp_realm realm;                      // sfp_realm_init(&realm, 16 random bytes)
 *
 *   static enum sfp_status note_create(struct note *h, uint64_t inode)
 *   {
 *           const struct note_state state = { .inode = inode };
 *
 *           return note_export(&realm, &state, h);      // *h is the client's: zeroed storage
 *   }
 *
 *   static enum sfp_status note_skip(struct note *h, uint64_t n)
 *   {
 *           SFP_IMPORT(note, s, &realm, h);             // returns the status if it cannot
 *           s->pos += n;
 *           return SFP_OK;
 *   }                                                   // committed here; by a fault: as it was
 *
 *   SFP_TRY(note_seal(&realm, h, &wire));               // to user space ...
 *   SFP_TRY(note_open(&realm, &wire, again));           // ... and back, into an empty handle
 *   SFP_TRY(note_drop(h));                              // the end of it
 *
 * Concurrency
 *   Any number of servers' threads against one handle. "one": not two of these
 *   at once for the same handle, nor with an import that has not begun.
 *
 *              | import  seal | export open drop take recover | revoke
 *   import     |  BUSY   BUSY |   one                                |  yes(1)
 *   seal       |  BUSY   BUSY |   one                                |  yes(1)
 *   drop, take |  BUSY   BUSY |   one                                |  yes
 *   (1) an import that has passed its check goes on and commits, into a handle that is stale
 *
 *              | thread | irq | nmi      progress
 *   import     |  yes   | yes | yes      wait-free: it never waits for another, it says BUSY
 *   the others |  yes   | yes | yes      wait-free; revoke lock-free
 *
 * Failure
 *   A fault at any instruction of an import, the server's code included, leaves
 *   the handle as it was and free. A thread that stops for ever in an import
 *   leaves it as it was and taken: BUSY, until somebody with proof recovers it.
 *   What is stopped while it makes or ends a handle (export, open, drop,
 *   take) leaves it empty, whole, or torn, and a torn one is told: POISONED
 *   until dropped.
 *
 *   Refusals, in this order: INVALID: empty, or of another kind or realm.
 *   FORGED: not at the address that it was made for (a byte copy), or not as
 *   sealed. STALE: the realm was revoked since, or an older layout that nobody
 *   migrates. UNSUPPORTED: a newer layout than this server's. LIMIT: its
 *   storage has not the room for this server's layout.
 *
 * Replay
 *   A seal proves what was sealed, not that it is the latest. An old sealed
 *   handle brings back its own client's older state: a file's position, say.
 *   Where that would bring back a resource that was used up, the server keeps
 *   one number a slot in its declared state, puts the slot and the number into
 *   the contents, adds one at each use, and refuses a handle whose number is
 *   not the slot's. docs/patterns/handle.md has it in full.
 *
 * Why it is correct
 *   A handle has two slots. `word` says which holds, and who is at work: it is
 *   0 (empty), LIVE and a slot's number, or the address of the importer's guard
 *   with both. Taking is one compare-and-swap of word, made under a guard that
 *   is already linked (see <sfp/lock.h>); the importer copies the slot that
 *   holds to the other one and works there. Committing and letting go are one
 *   store: LIVE and the other slot's number. So there is no instruction at
 *   which the handle is neither as it was nor as it shall be. What a fault
 *   releases is found by comparing word with the guard's address.
 *
 *   The swap acquires and the store releases: they pair with each other, and
 *   order the slots between importers. The layout version is a slot's, so that
 *   migration is committed by the same store. A realm's generation is loaded
 *   after the swap, with acquire; pairs with the release of revoke: whoever
 *   was told of a revocation, or could have been, imports nothing older.
 *
 *   Export writes TORN into word first and LIVE last, drop the other way round
 *   with 0 last: everything between is told.
 *
 *   Sealed: the message is [kind, version, size], the contents and the
 *   generation, whole words, each read once and kept before it is hashed, so
 *   that a client who changes them meanwhile gains nothing. Nothing of it is
 *   believed before the tag is compared, in a time that depends on no secret.
 *   Who has not the key forges one in 2^64 tries.
 */
#ifndef SFP_HANDLE_H
#define SFP_HANDLE_H

#include <sfp/atomic.h>
#include <sfp/guard.h>
#include <sfp/linear.h>
#include <sfp/port.h>
#include <sfp/proof.h>
#include <sfp/status.h>

/** Revocations that a realm can tell apart. */
#define SFP_REALM_GENERATIONS (UINTPTR_MAX >> (sizeof(uintptr_t) == 8 ? 8 : 0))

/** Whose handles are whose. In the server's declared state, so that its successor has it too. */
struct sfp_realm {
	uint64_t key[2];        /* written by init */
	uint64_t id;            /* of the key: which realm, no secret; written by init */
	uintptr_t generation;   /* written by init and revoke; begins at a number of the key */
};

/**
 * Make a realm.
 * @context any   @progress wait-free   @order none: publish the realm by your own means
 * @owner   the realm is the server's, the key's bytes are copied   @retains nothing   @cost one hash
 * @return  SFP_OK; SFP_INVALID: a key of 16 zeros, which nobody has drawn
 */
enum sfp_status sfp_realm_init(struct sfp_realm *realm, const unsigned char key[16]) SFP_NODISCARD;

/**
 * Make all handles of a realm stale, trusted and sealed.
 * @context any   @progress lock-free   @order release, pairs with the acquire load in every import
 * @owner   nothing changes hands   @retains nothing   @cost one compare-and-swap, in all
 * @return  SFP_OK; SFP_LIMIT: revoked SFP_REALM_GENERATIONS times: nothing is changed, a new key is needed
 */
enum sfp_status sfp_realm_revoke(struct sfp_realm *realm) SFP_NODISCARD;

/** The head of a handle. Zeroed is empty. */
struct sfp_handle {
	uintptr_t word;         /* importers, by compare-and-swap; the holder, by one store */

	/* Written when the handle is made and ended, constant between. */
	uintptr_t self;         /* where it was made, and as what */
	uint64_t realm;         /* its id */
	uintptr_t generation;
	uint32_t kind;
	uint32_t room;          /* bytes a slot */

	/* The holder's. */
	uint32_t version[2];    /* the layout in each slot */
};

#define SFP_HANDLE_SLOT_ ((uintptr_t)1)  /* which slot holds */
#define SFP_HANDLE_LIVE_ ((uintptr_t)2)
#define SFP_HANDLE_TORN_ ((uintptr_t)4)  /* alone: being made or ended */
#define SFP_HANDLE_TAGS_ (SFP_HANDLE_SLOT_ | SFP_HANDLE_LIVE_)

#define SFP_HANDLE_ALIGNMENT_ 16u
#define SFP_HANDLE_ROOM_(size) (((size) + SFP_HANDLE_ALIGNMENT_ - 1) & ~(size_t)(SFP_HANDLE_ALIGNMENT_ - 1))
#define SFP_HANDLE_SLOTS_ SFP_HANDLE_ROOM_(sizeof(struct sfp_handle))
#define SFP_HANDLE_MAX_SIZE_ 65520u

SFP_STATIC_ASSERT(__alignof__(struct sfp_guard) > SFP_HANDLE_TAGS_,
		  "handle: a guard's address has room for the tags");

/** The head of a sealed handle; the contents follow, in whole words of 8 bytes. */
struct sfp_wire {
	uint64_t tag;           /* SipHash-2-4 of what follows */
	uint64_t what;          /* kind, version, size: 32, 16 and 16 bits, lowest first */
	uint64_t generation;    /* 56 bits, and 8 of zero */
};

/** How to make today's layout out of an older one. */
struct sfp_handle_migration {
	enum sfp_status (*migrate)(const void *old, void *new_one); /* NULL: none */
	size_t size;                                                /* of the old layout */
};

/** The oldest versions have to be migrated from at last: beyond this one, take a new name. */
#define SFP_HANDLE_MAX_VERSION 16u

/** What the generating macro knows; constant, so that it costs nothing. */
struct sfp_handle_kind {
	uint32_t kind;          /* of the name */
	uint32_t version;       /* of the layout */
	uint32_t size;          /* of the contents */
	uint32_t room;          /* bytes a slot */
	bool unshared;          /* SFP_HANDLE_UNSHARED */
	const struct sfp_handle_migration *const *older; /* [version - 1] */
};

/** An import in force, on the importer's stack. Not to be moved or copied while it lasts. */
struct sfp_import {
	struct sfp_guard guard;      /* its address is in the handle's word */
	struct sfp_context *context; /* the importer's */
	struct sfp_handle *handle;  /* NULL: nothing is imported */
	uintptr_t after;            /* what word becomes in the end: committed, or abandoned */
	void *value;                /* the slot that the importer works in */
};

/**
 * What a fault does to an import: the handle is free, and as it was. For the chain of guards, not for users.
 * @context where a fault's releases run   @progress wait-free
 * @order   release, pairs with the swap of the next importer
 * @owner   the handle is its client's again   @retains nothing   @cost a load, a compare and a store
 * @return  cannot fail; may run when nothing is imported (any more)
 */
void sfp_import_guard_release(struct sfp_guard *guard);

/* The cold half of import: refuse, or migrate. Begins anew, with nothing taken or linked. */
enum sfp_status sfp_handle_import_cold_(struct sfp_import *import, const struct sfp_realm *realm,
					struct sfp_handle *handle, const struct sfp_handle_kind *kind)
	SFP_NODISCARD __attribute__((cold));

SFP_ALWAYS_INLINE void *sfp_handle_slot_(struct sfp_handle *handle, uintptr_t slot, size_t room)
{
	return (char *)handle + SFP_HANDLE_SLOTS_ + slot * room;
}

/* What `self` is in a handle of this kind and room at this address. */
SFP_ALWAYS_INLINE uintptr_t sfp_handle_self_(const struct sfp_handle *handle, uint32_t kind, uint32_t room)
{
	return (uintptr_t)handle ^ (uintptr_t)(kind | (uint64_t)room << 32) ^ 1u;
}

SFP_ALWAYS_INLINE bool sfp_handle_swap_(struct sfp_handle *handle, const struct sfp_handle_kind *kind,
					uintptr_t from, uintptr_t to)
{
	if (kind->unshared)
		return sfp_cas_local_word(&handle->word, &from, to);
	return sfp_cas_acquire_word(&handle->word, &from, to);
}

/*
 * With the handle taken: is all as the fast way needs it? The generation stands for the realm as well: two
 * realms count from numbers of 56 bits of their own, and the cold half tells the one from the other.
 */
SFP_ALWAYS_INLINE bool sfp_handle_is_plain_(const struct sfp_handle *handle, const struct sfp_realm *realm,
					    const struct sfp_handle_kind *kind, uintptr_t slot)
{
	return ((handle->self ^ sfp_handle_self_(handle, kind->kind, kind->room)) |
		(handle->generation ^ sfp_load_acquire_word(&realm->generation)) |
		(handle->version[slot] ^ kind->version)) == 0;
}

/*
 * Small contents word by word: what the importer before has stored in words is still on its way to the cache,
 * and a wider load would have to wait for it. Volatile, so that no compiler makes wider ones of them.
 */
SFP_ALWAYS_INLINE void sfp_handle_copy_(void *to, const void *from, size_t size)
{
	typedef uintptr_t __attribute__((may_alias)) word;
	size_t i;

	if (size > 8 * sizeof(word)) {
		__builtin_memcpy(to, from, size);
		return;
	}
	for (i = 0; i < (size + sizeof(word) - 1) / sizeof(word); i++)
		((word *)to)[i] = ((const volatile word *)from)[i];
}

/**
 * Import: take the handle, have its state at import->value until sfp_handle_leave_(). Through SFP_IMPORT.
 * @context any with a context of its own; where interrupt handlers import it too, they may be told BUSY
 * @progress wait-free   @order acquire, pairs with the store of the importer before
 * @owner   the handle stays the client's, its state is the importer's until it leaves
 * @retains *import on the chain of guards; the handle's word refers to it; both until it leaves
 * @cost    one compare-and-swap, a copy of the contents, a dozen loads and stores
 * @return  SFP_OK; SFP_BUSY: imported, or being sealed, by another; SFP_DEADLOCK: by this context itself;
 *          SFP_POISONED: torn; SFP_FAULT or what a migration said; INVALID, FORGED, STALE, UNSUPPORTED,
 *          LIMIT: see Failure. But for OK nothing is changed, and there is nothing to leave
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status
sfp_handle_import_(struct sfp_import *import, const struct sfp_realm *realm, struct sfp_handle *handle,
		   const struct sfp_handle_kind *kind)
{
	const uintptr_t word = sfp_load_word(&handle->word);
	const uintptr_t slot = word & SFP_HANDLE_SLOT_;

	import->handle = handle;
	if (SFP_LIKELY((word & ~SFP_HANDLE_SLOT_) == SFP_HANDLE_LIVE_)) {
		import->context = sfp_port_context();
		import->after = word ^ SFP_HANDLE_SLOT_;
		sfp_guard_link(import->context, &import->guard, sfp_import_guard_release);
		if (SFP_LIKELY(sfp_handle_swap_(handle, kind, word, (uintptr_t)&import->guard | word))) {
			if (SFP_LIKELY(sfp_handle_is_plain_(handle, realm, kind, slot))) {
				const void *held = sfp_handle_slot_(handle, slot, kind->room);

				import->value = sfp_handle_slot_(handle, slot ^ 1, kind->room);
				sfp_handle_copy_(import->value, held, kind->size);
				handle->version[slot ^ 1] = kind->version;
				return SFP_OK;
			}
			sfp_store_release_word(&handle->word, word);
		}
		sfp_guard_unlink(import->context, &import->guard);
	}
	return sfp_handle_import_cold_(import, realm, handle, kind);
}

/* The end of an import's scope: commit and let go by one store. Nothing, where nothing was imported. */
SFP_ALWAYS_INLINE void sfp_handle_leave_(struct sfp_import *import)
{
	if (SFP_UNLIKELY(!import->handle))
		return;
	/* Release: pairs with the swap of the next importer. */
	sfp_store_release_word(&import->handle->word, import->after);
	sfp_guard_unlink(import->context, &import->guard);
}

/* The cores of what the macro generates; the cards are there. */
enum sfp_status sfp_handle_export_(const struct sfp_realm *realm, const void *value,
				   struct sfp_handle *handle, const struct sfp_handle_kind *kind)
	SFP_NODISCARD;
enum sfp_status sfp_handle_seal_(const struct sfp_realm *realm, struct sfp_handle *handle,
				 struct sfp_wire *wire, const struct sfp_handle_kind *kind) SFP_NODISCARD;
enum sfp_status sfp_handle_open_(const struct sfp_realm *realm, const void *wire, size_t length,
				 struct sfp_handle *handle, const struct sfp_handle_kind *kind) SFP_NODISCARD;
enum sfp_status sfp_handle_take_(const struct sfp_realm *realm, struct sfp_handle *handle, void *value,
				 const struct sfp_handle_kind *kind) SFP_NODISCARD;

/**
 * End a handle, of whatever realm, generation and layout. Its contents are wiped. Through name_drop().
 * @context any   @progress wait-free   @order acquire, pairs with the last importer's store
 * @owner   the storage is wholly the caller's again, zeroed   @retains nothing
 * @cost    one swap and the wiping
 * @return  SFP_OK, for a torn one too; SFP_BUSY: under import; SFP_INVALID: empty already;
 *          SFP_FORGED: a byte copy (nothing but memory: overwrite it). But for OK nothing is changed
 */
enum sfp_status sfp_handle_drop(struct sfp_handle *handle) SFP_NODISCARD;

/**
 * Free a handle whose importer has stopped for ever: it is as it was before. Through name_recover().
 * @context any   @progress wait-free   @order acquire: the proof makes the dead one's stores visible
 * @owner   nothing changes hands   @retains nothing   @cost a store
 * @return  SFP_OK; a torn one becomes empty, what is empty or free stays as it is; SFP_INVALID: no proof
 */
enum sfp_status sfp_handle_recover(struct sfp_handle *handle, struct sfp_proof proof) SFP_NODISCARD;

/**
 * Is anybody importing or sealing it?
 * @context any   @progress wait-free   @order none: old news by the time it is read
 * @owner   nothing changes hands   @retains nothing   @cost a load   @return true or false
 */
SFP_ALWAYS_INLINE bool sfp_handle_is_imported(const struct sfp_handle *handle)
{
	return (sfp_load_word(&handle->word) & ~(SFP_HANDLE_TAGS_ | SFP_HANDLE_TORN_)) != 0;
}

/**
 * Leave an import without committing, at the end of its scope: the handle will be as it was.
 * @context the importer   @progress wait-free   @order none
 * @owner   nothing changes hands   @retains nothing   @cost a load and a store   @return cannot fail
 */
SFP_ALWAYS_INLINE void sfp_import_abandon(struct sfp_import *import)
{
	import->after = sfp_load_word(&import->handle->word) & SFP_HANDLE_TAGS_;
}

/*
 * The kind is the name, hashed when it is compiled (FNV-1a over 32 characters,
 * zeros after the end), so that it is the same in every build.
 */
#define SFP_HANDLE_HASH_(name, at, hash) \
	(((hash) ^ ((at) < sizeof(name) ? (unsigned char)(name)[(at) < sizeof(name) ? (at) : 0] : 0u)) * \
	 16777619u)
#define SFP_HANDLE_HASH_4_(name, at, hash) \
	SFP_HANDLE_HASH_(name, (at) + 3, SFP_HANDLE_HASH_(name, (at) + 2, \
		SFP_HANDLE_HASH_(name, (at) + 1, SFP_HANDLE_HASH_(name, at, hash))))
#define SFP_HANDLE_HASH_16_(name, at, hash) \
	SFP_HANDLE_HASH_4_(name, (at) + 12, SFP_HANDLE_HASH_4_(name, (at) + 8, \
		SFP_HANDLE_HASH_4_(name, (at) + 4, SFP_HANDLE_HASH_4_(name, at, hash))))
#define SFP_HANDLE_NAME_MAX_ 32u
#define SFP_HANDLE_KIND_(name) SFP_HANDLE_HASH_16_(name, 16u, SFP_HANDLE_HASH_16_(name, 0u, 2166136261u))

/*
 * Under clang 19 with -Wthread-safety, and with SFP_LINEAR_HANDLES defined to 1
 * before this header is included, a handle is linear: what makes it must be
 * met by what ends it on every path, and nothing uses it after that. It is for
 * files whose handles are local variables; a function that is given one by its
 * caller says so after its parameters: SFP_HANDLE_USES(*h), _MAKES, _ENDS.
 * Statuses of what makes one are looked at by SFP_TRY or `if (st)`.
 */
#if defined(SFP_LINEAR_HANDLES) && SFP_LINEAR_HANDLES
#define SFP_HANDLE_USES(what) SFP_REQUIRES(what)                            /* a handle before and after */
#define SFP_HANDLE_MAKES(what) SFP_LINEAR_(try_acquire_capability(0, what)) /* one after SFP_OK */
#define SFP_HANDLE_ENDS(what) SFP_RELEASES(what)                            /* none afterwards */
#define SFP_HANDLE_UNCHECKED_ SFP_UNCHECKED
#else
#define SFP_HANDLE_USES(what)
#define SFP_HANDLE_MAKES(what)
#define SFP_HANDLE_ENDS(what)
#define SFP_HANDLE_UNCHECKED_
#endif

#define SFP_HANDLE_OLDER_(name, version) \
	__attribute__((unused)) static const struct sfp_handle_migration name##_from_##version##_

#define SFP_HANDLE_(name, type, layout_version, room_, unshared_) \
	typedef type name##_value_; \
	enum { name##_version_ = (layout_version) }; \
	SFP_STATIC_ASSERT((layout_version) >= 1 && (layout_version) <= SFP_HANDLE_MAX_VERSION, \
			  "SFP_HANDLE: layout versions go from 1 to SFP_HANDLE_MAX_VERSION"); \
	SFP_STATIC_ASSERT(sizeof(type) <= (room_) && SFP_HANDLE_ROOM_(room_) <= SFP_HANDLE_MAX_SIZE_, \
			  "SFP_HANDLE: the type must fit into the room, and that into 65520 bytes"); \
	SFP_STATIC_ASSERT(__alignof__(type) <= SFP_HANDLE_ALIGNMENT_, \
			  "SFP_HANDLE: the type is aligned more strictly than a handle's contents"); \
	SFP_STATIC_ASSERT(sizeof(#name) <= SFP_HANDLE_NAME_MAX_ + 1, \
			  "SFP_HANDLE: the name is longer than 32 characters"); \
	struct SFP_CAPABILITY("handle") name { \
		struct sfp_handle head; \
		__attribute__((aligned(SFP_HANDLE_ALIGNMENT_))) \
		unsigned char opaque[2][SFP_HANDLE_ROOM_(room_)]; \
	} __attribute__((may_alias)); \
	SFP_STATIC_ASSERT(offsetof(struct name, opaque) == SFP_HANDLE_SLOTS_, \
			  "handle: the slots follow the head"); \
	struct name##_wire { \
		struct sfp_wire head; \
		unsigned char contents[(sizeof(type) + 7) & ~(size_t)7]; \
	} __attribute__((may_alias)); \
	struct name##_import { \
		struct sfp_import core; \
	}; \
	SFP_HANDLE_OLDER_(name, 1), name##_from_2_, name##_from_3_, name##_from_4_, name##_from_5_, \
		name##_from_6_, name##_from_7_, name##_from_8_, name##_from_9_, name##_from_10_, \
		name##_from_11_, name##_from_12_, name##_from_13_, name##_from_14_, name##_from_15_; \
	__attribute__((unused)) static const struct sfp_handle_migration *const name##_older_[] = { \
		&name##_from_1_, &name##_from_2_, &name##_from_3_, &name##_from_4_, &name##_from_5_, \
		&name##_from_6_, &name##_from_7_, &name##_from_8_, &name##_from_9_, &name##_from_10_, \
		&name##_from_11_, &name##_from_12_, &name##_from_13_, &name##_from_14_, &name##_from_15_, \
	}; \
	__attribute__((unused)) static const struct sfp_handle_kind name##_kind_ = { \
		.kind = SFP_HANDLE_KIND_(#name), .version = (layout_version), .size = sizeof(type), \
		.room = SFP_HANDLE_ROOM_(room_), .unshared = (unshared_), .older = name##_older_, \
	}; \
	/** \
	Make a handle of a state. Its storage is zeroed, or a handle was dropped or taken there. \
	@context any   @progress wait-free   @order release, pairs with the first importer's swap \
	@owner   the storage stays the client's, the state in it is the server's; *value is copied \
	@retains nothing   @cost a copy and a dozen stores \
	@return  SFP_OK; SFP_EXISTS: there is a handle already; SFP_POISONED: a torn one, drop it first \
	*/ \
	SFP_GENERATED enum sfp_status name##_export( \
		const struct sfp_realm *realm_, const type *value_, struct name *handle_) \
		SFP_HANDLE_MAKES(*handle_) SFP_NODISCARD; \
	SFP_GENERATED SFP_HANDLE_UNCHECKED_ enum sfp_status name##_export( \
		const struct sfp_realm *realm_, const type *value_, struct name *handle_) \
	{ \
		return sfp_handle_export_(realm_, value_, &handle_->head, &name##_kind_); \
	} \
	/* For SFP_IMPORT, as is what follows; the card is that of sfp_handle_import_(). */ \
	SFP_ALWAYS_INLINE enum sfp_status name##_import_enter_( \
		struct name##_import *import_, const struct sfp_realm *realm_, struct name *handle_) \
		SFP_HANDLE_USES(*handle_) SFP_NODISCARD; \
	SFP_ALWAYS_INLINE enum sfp_status name##_import_enter_( \
		struct name##_import *import_, const struct sfp_realm *realm_, struct name *handle_) \
	{ \
		/* Not &handle->head: gcc would take what lies behind the head for out of bounds. */ \
		return sfp_handle_import_(&import_->core, realm_, (struct sfp_handle *)(void *)handle_, \
					  &name##_kind_); \
	} \
	SFP_ALWAYS_INLINE void name##_import_leave_( \
		struct name##_import *import_) \
	{ \
		sfp_handle_leave_(&import_->core); \
	} \
	/** \
	Seal: write what crosses into user space. The handle stays as it is. \
	@context as an import, which it is   @progress wait-free   @order as an import \
	@owner   *wire is the caller's, and no secret: who has it can read it   @retains nothing \
	@cost    an import, and a hash round for 4 bytes \
	@return  as an import; SFP_STALE for an older layout: import it first, which migrates it. But for \
	         SFP_OK *wire is not a sealed handle \
	*/ \
	SFP_GENERATED enum sfp_status name##_seal( \
		const struct sfp_realm *realm_, struct name *handle_, struct name##_wire *wire_) \
		SFP_HANDLE_USES(*handle_) SFP_NODISCARD; \
	SFP_GENERATED enum sfp_status name##_seal( \
		const struct sfp_realm *realm_, struct name *handle_, struct name##_wire *wire_) \
	{ \
		return sfp_handle_seal_(realm_, &handle_->head, &wire_->head, &name##_kind_); \
	} \
	/** \
	Open a sealed handle: make a handle of it, in storage as for export. Bytes that came from elsewhere, \
	of any length and alignment, and perhaps of an older layout, which is migrated. \
	@context any   @progress wait-free   @order as export \
	@owner   as export; each word of the bytes is read once, so they may be in memory that others change \
	@retains nothing   @cost an export, and a hash round for 4 bytes \
	@return  SFP_OK; SFP_FORGED: not what this realm sealed; SFP_MALFORMED: no sealed handle is so long; \
	         of what was sealed: SFP_INVALID: another kind; SFP_STALE: revoked, or an older layout that \
	         nobody migrates; SFP_UNSUPPORTED: a newer one; SFP_LIMIT: longer than the room; what a \
	         migration said; of the storage: as export. But for OK *handle is empty, if it was \
	*/ \
	SFP_GENERATED enum sfp_status name##_open_bytes( \
		const struct sfp_realm *realm_, const void *bytes_, size_t length_, struct name *handle_) \
		SFP_HANDLE_MAKES(*handle_) SFP_NODISCARD; \
	SFP_GENERATED SFP_HANDLE_UNCHECKED_ enum sfp_status name##_open_bytes( \
		const struct sfp_realm *realm_, const void *bytes_, size_t length_, struct name *handle_) \
	{ \
		return sfp_handle_open_(realm_, bytes_, length_, &handle_->head, &name##_kind_); \
	} \
	/** The same of a sealed handle of today's size. */ \
	SFP_GENERATED enum sfp_status name##_open( \
		const struct sfp_realm *realm_, const struct name##_wire *wire_, struct name *handle_) \
		SFP_HANDLE_MAKES(*handle_) SFP_NODISCARD; \
	SFP_GENERATED SFP_HANDLE_UNCHECKED_ enum sfp_status name##_open( \
		const struct sfp_realm *realm_, const struct name##_wire *wire_, struct name *handle_) \
	{ \
		return sfp_handle_open_(realm_, wire_, sizeof(*wire_), &handle_->head, &name##_kind_); \
	} \
	/** As sfp_handle_drop(). */ \
	SFP_GENERATED enum sfp_status name##_drop( \
		struct name *handle_) SFP_HANDLE_ENDS(*handle_) SFP_NODISCARD; \
	SFP_GENERATED SFP_HANDLE_UNCHECKED_ enum sfp_status name##_drop( \
		struct name *handle_) \
	{ \
		return sfp_handle_drop(&handle_->head); \
	} \
	/** \
	Take the state back, and end the handle. \
	@context as an import, which it is   @progress wait-free   @order as an import \
	@owner   the state is the caller's, in *value; the storage is wholly the client's again, zeroed \
	@retains nothing   @cost an import and the wiping \
	@return  as an import. But for SFP_OK nothing is changed \
	*/ \
	SFP_GENERATED enum sfp_status name##_take( \
		const struct sfp_realm *realm_, struct name *handle_, type *value_) \
		SFP_HANDLE_ENDS(*handle_) SFP_NODISCARD; \
	SFP_GENERATED SFP_HANDLE_UNCHECKED_ enum sfp_status name##_take( \
		const struct sfp_realm *realm_, struct name *handle_, type *value_) \
	{ \
		return sfp_handle_take_(realm_, &handle_->head, value_, &name##_kind_); \
	} \
	/** As sfp_handle_recover(). */ \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_recover( \
		struct name *handle_, struct sfp_proof proof_) \
	{ \
		return sfp_handle_recover(&handle_->head, proof_); \
	} \
	struct name

/**
 * SFP_HANDLE(name, type, layout_version) generates struct name (zeroed: empty),
 * struct name_wire, name_export(), name_seal(), name_open(), name_open_bytes(),
 * name_take(), name_drop(), name_recover(), and what SFP_IMPORT needs. The
 * layout version goes up by one whenever `type` changes its layout.
 */
#define SFP_HANDLE(name, type, layout_version) SFP_HANDLE_(name, type, layout_version, sizeof(type), false)

/** The same in storage with room for later layouts of up to `room` bytes (or older ones to migrate from). */
#define SFP_HANDLE_ROOMY(name, type, layout_version, room) \
	SFP_HANDLE_(name, type, layout_version, room, false)

/**
 * The same for handles that are never imported by two processors at once: each
 * belongs to one thread that stays on its processor, or is kept from migrating
 * while it imports. Interrupts of that processor are told BUSY as ever. Saves
 * the bus lock, which is most of an import; on machines other than x86 nothing.
 */
#define SFP_HANDLE_UNSHARED(name, type, layout_version) \
	SFP_HANDLE_(name, type, layout_version, sizeof(type), true)

/**
 * SFP_HANDLE_MIGRATE(name, old_type, old_version, function), after SFP_HANDLE: handles of an older
 * layout are migrated when they are imported or opened, by
 *   enum sfp_status function(const old_type *old, type *today);
 * *today begins as zeros. What it says but for SFP_OK is what the import says, and the handle stays as it
 * was; so it does if the function faults, or the import is abandoned. One line an old version; the version
 * is a number as it is written in C, 1 to 15. An older handle without is SFP_STALE.
 */
#define SFP_HANDLE_MIGRATE(name, old_type, old_version, function) \
	SFP_HANDLE_MIGRATE_(name, old_type, old_version, function)
#define SFP_HANDLE_MIGRATE_(name, old_type, old_version, function) \
	SFP_STATIC_ASSERT((old_version) >= 1 && (old_version) < (int)name##_version_, \
			  "SFP_HANDLE_MIGRATE: the old version must be below the handle's, and at least 1"); \
	SFP_STATIC_ASSERT(__alignof__(old_type) <= SFP_HANDLE_ALIGNMENT_, \
			  "SFP_HANDLE_MIGRATE: the old type is aligned too strictly for a handle"); \
	static enum sfp_status name##_migrate_##old_version##_(const void *sfp_old_, void *sfp_today_) \
	{ \
		return function((const old_type *)sfp_old_, (name##_value_ *)sfp_today_); \
	} \
	static const struct sfp_handle_migration name##_from_##old_version##_ = { \
		.migrate = name##_migrate_##old_version##_, .size = sizeof(old_type), \
	}; \
	SFP_STATIC_ASSERT(__builtin_types_compatible_p( \
		__typeof__(function((const old_type *)0, (name##_value_ *)0)), enum sfp_status), \
		"SFP_HANDLE_MIGRATE: the function must return enum sfp_status")

/**
 * SFP_IMPORT(name, variable, realm, handle): from here to the end of the enclosing block `variable` is a
 * `type *const` to the state in *handle, for this block alone; at the block's end, however it is left, what
 * was changed is committed. Where that is not to be had the enclosing function returns the status.
 */
#define SFP_IMPORT(name, variable, realm, handle) \
	__attribute__((cleanup(name##_import_leave_))) struct name##_import variable##_import_; \
	SFP_TRY(name##_import_enter_(&variable##_import_, (realm), (handle))); \
	name##_value_ *const variable = (name##_value_ *)variable##_import_.core.value

/** SFP_ABANDON(variable): leave that import without committing, when its block ends. */
#define SFP_ABANDON(variable) sfp_import_abandon(&variable##_import_.core)

#endif /* SFP_HANDLE_H */
