/* SPDX-License-Identifier: BSD-2-Clause */
/* handle: making, ending, sealing, and what an import does when it is not plain. */
#include <sfp/handle.h>

#include "siphash.h"

typedef uint64_t __attribute__((may_alias)) slot_word;
typedef uint64_t __attribute__((may_alias, aligned(1))) wire_word;

#define WORD sizeof(uint64_t)
#define TAIL_BYTES 7u  /* of the generation, behind the last whole word of the message */
#define GENERATION_MASK 0xffffffffffffffull

/* ---- realms ------------------------------------------------------------------ */

/* Where the realm begins to count: in a fast import the generation says which realm it is, too. */
static uintptr_t first_generation(const struct sfp_realm *realm)
{
	return (uintptr_t)realm->id & SFP_REALM_GENERATIONS;
}

enum sfp_status sfp_realm_init(struct sfp_realm *realm, const unsigned char key[16])
{
	static const unsigned char label[] = "libpatterns: the id of a realm";

	realm->key[0] = sfp_sip_gather(key, WORD);
	realm->key[1] = sfp_sip_gather(key + WORD, WORD);
	realm->id = 0;
	realm->generation = 0;
	if ((realm->key[0] | realm->key[1]) == 0)
		return SFP_INVALID;
	realm->id = sfp_siphash_2_4(realm->key, label, sizeof(label));
	realm->generation = first_generation(realm);
	return SFP_OK;
}

enum sfp_status sfp_realm_revoke(struct sfp_realm *realm)
{
	uintptr_t generation = sfp_load_word(&realm->generation);
	uintptr_t next;

	do {
		next = (generation + 1) & SFP_REALM_GENERATIONS;
		if (next == first_generation(realm))
			return SFP_LIMIT;
		/* Release: pairs with the acquire load of importers. */
	} while (!sfp_cas_release_word(&realm->generation, &generation, next));
	return SFP_OK;
}

/* ---- slots ---------------------------------------------------------------------- */

static void *slot_of(struct sfp_handle *handle, uintptr_t slot)
{
	return sfp_handle_slot_(handle, slot, handle->room);
}

/* Volatile: wiping is not an optimizer's business. */
static void wipe(void *from, size_t bytes)
{
	volatile slot_word *at = from;
	size_t i;

	for (i = 0; i < bytes / WORD; i++)
		at[i] = 0;
}

/* From a handle that is being made or ended to an empty one. */
static void make_empty(struct sfp_handle *handle)
{
	if (handle->room <= SFP_HANDLE_MAX_SIZE_)
		wipe(slot_of(handle, 0), 2 * (size_t)handle->room);
	handle->realm = 0;
	handle->generation = 0;
	handle->kind = 0;
	handle->room = 0;
	handle->version[0] = 0;
	handle->version[1] = 0;
	sfp_store_release_word(&handle->self, 0);
	sfp_store_release_word(&handle->word, 0);
}

/* What the storage of a handle that shall be made must be: empty. */
static enum sfp_status check_empty(const struct sfp_handle *handle)
{
	const uintptr_t word = sfp_load_acquire_word(&handle->word);

	if (word == 0)
		return SFP_OK;
	return word == SFP_HANDLE_TORN_ ? SFP_POISONED : SFP_EXISTS;
}

/* Until bind() it is torn. */
static void make_begin(struct sfp_handle *handle, const struct sfp_handle_kind *kind)
{
	sfp_store_release_word(&handle->word, SFP_HANDLE_TORN_);
	sfp_compiler_barrier(); /* torn before anything else is written */
	handle->room = kind->room;
	wipe(slot_of(handle, 0), 2 * (size_t)kind->room);
}

static void bind(struct sfp_handle *handle, const struct sfp_realm *realm, uintptr_t generation,
		 const struct sfp_handle_kind *kind)
{
	handle->realm = realm->id;
	handle->generation = generation;
	handle->kind = kind->kind;
	handle->version[0] = kind->version;
	handle->version[1] = kind->version;
	sfp_store_release_word(&handle->self, sfp_handle_self_(handle, handle->kind, handle->room));
	/* Release: pairs with the swap of the first importer. */
	sfp_store_release_word(&handle->word, SFP_HANDLE_LIVE_);
}

enum sfp_status sfp_handle_export_(const struct sfp_realm *realm, const void *value,
				   struct sfp_handle *handle, const struct sfp_handle_kind *kind)
{
	const uintptr_t generation = sfp_load_acquire_word(&realm->generation);

	SFP_TRY(check_empty(handle));
	make_begin(handle, kind);
	__builtin_memcpy(slot_of(handle, 0), value, kind->size);
	bind(handle, realm, generation, kind);
	return SFP_OK;
}

/* ---- taking ---------------------------------------------------------------------- */

static uintptr_t guard_of(uintptr_t word)
{
	return word & ~SFP_HANDLE_TAGS_;
}

void sfp_import_guard_release(struct sfp_guard *guard)
{
	struct sfp_handle *handle = SFP_CONTAINER(guard, struct sfp_import, guard)->handle;
	const uintptr_t word = sfp_load_word(&handle->word);

	/* Nobody else can have stored this address: it is ours while the guard lives. */
	if (guard_of(word) == (uintptr_t)guard)
		sfp_store_release_word(&handle->word, word & SFP_HANDLE_TAGS_);
}

/* The importer's guard may be on another thread's stack: compare its address, never read it. */
static bool is_mine(uintptr_t word)
{
	const struct sfp_guard *guard;

	for (guard = sfp_port_context()->guards; guard; guard = guard->older)
		if ((uintptr_t)guard == guard_of(word))
			return true;
	return false;
}

/* Why a handle with this word cannot be taken; SFP_OK if it can. */
static enum sfp_status refuse(const struct sfp_handle *handle, uintptr_t word)
{
	if (word == 0)
		return SFP_INVALID;
	if (word == SFP_HANDLE_TORN_)
		return SFP_POISONED;
	if (sfp_load_word(&handle->self) !=
	    sfp_handle_self_(handle, sfp_load_u32(&handle->kind), sfp_load_u32(&handle->room)))
		return SFP_FORGED;
	if (guard_of(word) != 0)
		return is_mine(word) ? SFP_DEADLOCK : SFP_BUSY;
	return word & SFP_HANDLE_LIVE_ ? SFP_OK : SFP_FORGED;
}

/* Give back a handle that was taken, with what `after` says. */
static void give_back(struct sfp_import *import)
{
	struct sfp_handle *handle = import->handle;

	sfp_store_release_word(&handle->word, import->after);
	sfp_guard_unlink(import->context, &import->guard);
	import->handle = NULL;
}

/* On SFP_OK the handle is taken under the import's guard, and `after` is what it was. */
static enum sfp_status take(struct sfp_import *import, struct sfp_handle *handle,
			    const struct sfp_handle_kind *kind)
{
	const uintptr_t word = sfp_load_word(&handle->word);
	const enum sfp_status status = refuse(handle, word);

	import->handle = NULL;
	if (status != SFP_OK)
		return status;
	import->handle = handle;
	import->context = sfp_port_context();
	import->after = word;
	sfp_guard_link(import->context, &import->guard, sfp_import_guard_release);
	if (sfp_handle_swap_(handle, kind, word, (uintptr_t)&import->guard | word))
		return SFP_OK;
	sfp_guard_unlink(import->context, &import->guard);
	import->handle = NULL;
	return SFP_BUSY;
}

/* Of this kind and realm, and not revoked? */
static enum sfp_status check(const struct sfp_handle *handle, const struct sfp_realm *realm,
			     const struct sfp_handle_kind *kind)
{
	if (handle->kind != kind->kind || handle->realm != realm->id)
		return SFP_INVALID;
	/* Acquire: pairs with revoke. */
	if (handle->generation != sfp_load_acquire_word(&realm->generation))
		return SFP_STALE;
	return kind->size <= handle->room ? SFP_OK : SFP_LIMIT;
}

/* How to come from this version to today's; NULL with a status if there is no way. */
static enum sfp_status find_migration(const struct sfp_handle_kind *kind, uint32_t version,
				      const struct sfp_handle_migration **found)
{
	if (version > kind->version)
		return SFP_UNSUPPORTED;
	if (version == 0 || version > SFP_HANDLE_MAX_VERSION - 1 || !kind->older[version - 1]->migrate)
		return SFP_STALE;
	*found = kind->older[version - 1];
	return SFP_OK;
}

/* Today's state into the slot `to`, from the other. */
static enum sfp_status fill(struct sfp_handle *handle, uintptr_t to, const struct sfp_handle_kind *kind)
{
	const uint32_t version = handle->version[to ^ 1];
	const struct sfp_handle_migration *migration;
	enum sfp_status status;

	if (version == kind->version) {
		__builtin_memcpy(slot_of(handle, to), slot_of(handle, to ^ 1), kind->size);
	} else {
		SFP_TRY(find_migration(kind, version, &migration));
		wipe(slot_of(handle, to), handle->room);
		status = migration->migrate(slot_of(handle, to ^ 1), slot_of(handle, to));
		if (status != SFP_OK)
			return status;
	}
	handle->version[to] = kind->version;
	return SFP_OK;
}

enum sfp_status sfp_handle_import_cold_(struct sfp_import *import, const struct sfp_realm *realm,
					struct sfp_handle *handle, const struct sfp_handle_kind *kind)
{
	enum sfp_status status;
	uintptr_t to;

	SFP_TRY(take(import, handle, kind));
	to = (import->after & SFP_HANDLE_SLOT_) ^ 1;
	status = check(handle, realm, kind);
	if (status == SFP_OK)
		status = fill(handle, to, kind);
	if (status != SFP_OK) {
		give_back(import);
		return status;
	}
	import->value = slot_of(handle, to);
	import->after ^= SFP_HANDLE_SLOT_;
	return SFP_OK;
}

/* ---- ending ---------------------------------------------------------------------- */

enum sfp_status sfp_handle_take_(const struct sfp_realm *realm, struct sfp_handle *handle, void *value,
				 const struct sfp_handle_kind *kind)
{
	struct sfp_import import;

	SFP_TRY(sfp_handle_import_cold_(&import, realm, handle, kind));
	__builtin_memcpy(value, import.value, kind->size);
	import.after = SFP_HANDLE_TORN_;
	give_back(&import);
	make_empty(handle);
	return SFP_OK;
}

enum sfp_status sfp_handle_drop(struct sfp_handle *handle)
{
	uintptr_t word = sfp_load_word(&handle->word);
	const enum sfp_status status = refuse(handle, word);

	if (status == SFP_DEADLOCK)
		return SFP_BUSY;
	if (status != SFP_OK && status != SFP_POISONED)
		return status;
	/* Acquire: pairs with the store of the last importer. */
	if (!sfp_cas_acquire_word(&handle->word, &word, SFP_HANDLE_TORN_))
		return SFP_BUSY;
	make_empty(handle);
	return SFP_OK;
}

enum sfp_status sfp_handle_recover(struct sfp_handle *handle, struct sfp_proof proof)
{
	const uintptr_t word = sfp_load_acquire_word(&handle->word);

	if (!proof.reason)
		return SFP_INVALID;
	if (word == SFP_HANDLE_TORN_)
		make_empty(handle);
	else if (guard_of(word) != 0)
		sfp_store_release_word(&handle->word, word & SFP_HANDLE_TAGS_);
	return SFP_OK;
}

/* ---- sealing ---------------------------------------------------------------------- */

static uint64_t what_of(const struct sfp_handle_kind *kind)
{
	return kind->kind | (uint64_t)kind->version << 32 | (uint64_t)kind->size << 48;
}

static size_t words_of(size_t size)
{
	return (size + WORD - 1) / WORD;
}

/* Loaded once, from memory that somebody else may be writing. */
static uint64_t load_once(const wire_word *word)
{
	return *(const volatile wire_word *)word;
}

/*
 * The tag of a message, whose contents are copied from `from` to `to` on the
 * way: each word is loaded once, so what is hashed is what was copied.
 */
SFP_ALWAYS_INLINE uint64_t copy_and_tag(const uint64_t key[2], uint64_t what, wire_word *to,
					const wire_word *from, size_t words, uint64_t generation)
{
	struct sfp_sip sip = sfp_sip_absorb(sfp_sip_begin(key), what);
	size_t i;

	for (i = 0; i < words; i++) {
		const uint64_t word = load_once(&from[i]);

		to[i] = word;
		sip = sfp_sip_absorb(sip, word);
	}
	return sfp_sip_end(sip, generation & GENERATION_MASK, (words + 1) * WORD + TAIL_BYTES);
}

enum sfp_status sfp_handle_seal_(const struct sfp_realm *realm, struct sfp_handle *handle,
				 struct sfp_wire *wire, const struct sfp_handle_kind *kind)
{
	struct sfp_import import;
	const uint64_t what = what_of(kind);
	enum sfp_status status;
	uintptr_t slot;

	SFP_TRY(take(&import, handle, kind));
	slot = import.after & SFP_HANDLE_SLOT_;
	status = check(handle, realm, kind);
	if (status == SFP_OK && handle->version[slot] != kind->version)
		status = handle->version[slot] > kind->version ? SFP_UNSUPPORTED : SFP_STALE;
	if (status == SFP_OK) {
		wire->what = what;
		wire->generation = handle->generation;
		wire->tag = copy_and_tag(realm->key, what, (wire_word *)(void *)(wire + 1),
					 slot_of(handle, slot), words_of(kind->size), handle->generation);
	}
	give_back(&import);
	return status;
}

/* In a time that does not depend on where they differ, on machines of 32 bits too. */
static bool differ(uint64_t one, uint64_t other)
{
	const uint64_t difference = one ^ other;
	uintptr_t folded = (uintptr_t)(difference | difference >> 32);

	__asm__("" : "+r"(folded)); /* no early way out for the compiler to find */
	return (uint32_t)folded != 0;
}

/* What was sealed by this realm, and of which `words` were opened: is it for this server, today? */
static enum sfp_status judge(const struct sfp_realm *realm, const struct sfp_wire *head, size_t words,
			     const struct sfp_handle_kind *kind)
{
	if ((uint32_t)head->what != kind->kind || words_of((size_t)(head->what >> 48)) != words)
		return SFP_INVALID;
	/* Acquire: pairs with revoke. */
	return head->generation == sfp_load_acquire_word(&realm->generation) ? SFP_OK : SFP_STALE;
}

/* Contents of `head` are in slot 1: today's into slot 0. */
static enum sfp_status migrate_opened(struct sfp_handle *handle, const struct sfp_wire *head,
				      const struct sfp_handle_kind *kind)
{
	const struct sfp_handle_migration *migration;

	SFP_TRY(find_migration(kind, (uint32_t)(head->what >> 32 & 0xffff), &migration));
	if (migration->size != (size_t)(head->what >> 48))
		return SFP_INVALID;
	SFP_TRY(migration->migrate(slot_of(handle, 1), slot_of(handle, 0)));
	wipe(slot_of(handle, 1), handle->room);
	return SFP_OK;
}

/* With the handle torn: contents into a slot, and all that can be wrong with them. */
static enum sfp_status open_into(const struct sfp_realm *realm, const wire_word *wire, size_t words,
				 struct sfp_handle *handle, const struct sfp_handle_kind *kind)
{
	const struct sfp_wire head = {
		.tag = load_once(&wire[0]), .what = load_once(&wire[1]), .generation = load_once(&wire[2])
	};
	const bool today = head.what == what_of(kind);
	const uint64_t tag = copy_and_tag(realm->key, head.what, slot_of(handle, today ? 0 : 1),
					  wire + sizeof(head) / WORD, words, head.generation);

	if (differ(tag, head.tag) || head.generation > GENERATION_MASK)
		return SFP_FORGED;
	SFP_TRY(judge(realm, &head, words, kind));
	if (!today)
		SFP_TRY(migrate_opened(handle, &head, kind));
	bind(handle, realm, (uintptr_t)head.generation, kind);
	return SFP_OK;
}

enum sfp_status sfp_handle_open_(const struct sfp_realm *realm, const void *wire, size_t length,
				 struct sfp_handle *handle, const struct sfp_handle_kind *kind)
{
	enum sfp_status status;

	SFP_TRY(check_empty(handle));
	if (length < sizeof(struct sfp_wire) || length % WORD != 0)
		return SFP_MALFORMED;
	if (length - sizeof(struct sfp_wire) > kind->room)
		return SFP_LIMIT;
	make_begin(handle, kind);
	status = open_into(realm, wire, (length - sizeof(struct sfp_wire)) / WORD, handle, kind);
	if (status != SFP_OK)
		make_empty(handle);
	return status;
}
