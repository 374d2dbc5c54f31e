/* SPDX-License-Identifier: BSD-2-Clause */
/* selftest: each pattern's basic promise, kept on this port. */
#include "selftest.h"

#include <sfp/dfq.h>
#include <sfp/handle.h>
#include <sfp/monitor.h>
#include <sfp/owned.h>

static const char *status_has_words(const struct sfp_selftest_host *host)
{
	const char *name = sfp_status_name(SFP_AGAIN);

	(void)host;
	SELFTEST_THAT(name[0] == 'A' && name[4] == 'N' && name[5] == 0, "a status has another one's name");
	SELFTEST_THAT(sfp_status_text(SFP_FAULT)[0] != 0, "a status has no text");
	return NULL;
}

/* ---- dfq -------------------------------------------------------------------------- */

struct letter {
	struct sfp_dfq_item link;
	uint32_t number;
};
SFP_DFQ(post, struct letter, link);

/* The first consumer dies with an item in hand; its successor gets that one again. */
static const char *post_is_taken_over(struct post *queue, struct letter *letters)
{
	struct post_consumer first;
	struct post_consumer second;
	struct letter *seen = NULL;

	SELFTEST_THAT(post_attach(&first, queue, SFP_PROOF("the queue is new")) == SFP_OK,
		      "a new queue has no consumer");
	SELFTEST_THAT(post_peek(&first, &seen) == SFP_OK && seen == &letters[0],
		      "the first item does not come first");
	SELFTEST_THAT(post_attach(&second, queue, SFP_PROOF("the first one is given up here")) == SFP_OK,
		      "a consumer cannot be succeeded");
	SELFTEST_THAT(post_complete(&first, seen) == SFP_STALE, "a consumer that was succeeded goes on");
	SELFTEST_THAT(post_peek(&second, &seen) == SFP_OK && seen == &letters[0] &&
			      post_state(seen).attempts == 2,
		      "what a dead consumer did not complete is not handed out again");
	SELFTEST_THAT(post_complete(&second, seen) == SFP_OK, "an item cannot be completed");
	SELFTEST_THAT(post_peek(&second, &seen) == SFP_OK && seen == &letters[1],
		      "the second item does not come second");
	SELFTEST_THAT(post_fail(&second, seen, 7) == SFP_OK, "an item cannot be failed");
	SELFTEST_THAT(post_peek(&second, &seen) == SFP_EMPTY, "an empty queue hands something out");
	return NULL;
}

static const char *queue_loses_nothing(const struct sfp_selftest_host *host)
{
	struct post queue;
	struct letter letters[2] = { { .number = 1 }, { .number = 2 } };
	const char *found;

	(void)host;
	SELFTEST_THAT(post_init(&queue, 3) == SFP_OK, "a queue cannot be made");
	SELFTEST_THAT(post_enqueue(&queue, &letters[0]) == SFP_OK &&
			      post_enqueue(&queue, &letters[1]) == SFP_OK,
		      "an item cannot be enqueued");
	SELFTEST_THAT(post_reclaim(&queue, &letters[0]) == SFP_BUSY,
		      "an item in the queue can be taken back");
	found = post_is_taken_over(&queue, letters);
	SELFTEST_THAT(!found, found);
	SELFTEST_THAT(post_state(&letters[0]).state == SFP_DFQ_DONE &&
			      post_state(&letters[1]).state == SFP_DFQ_FAILED,
		      "the producer does not see what became of its items");
	SELFTEST_THAT(post_reclaim(&queue, &letters[0]) == SFP_OK &&
			      post_reclaim(&queue, &letters[1]) == SFP_OK,
		      "a settled item cannot be taken back");
	return NULL;
}

/* ---- monitor -------------------------------------------------------------------------- */

struct account {
	uintptr_t balance;
	uintptr_t entries;
};
SFP_MONITOR(kept, struct account, SFP_SPIN, SFP_ROLLBACK);
SFP_MONITOR(marked, struct account, SFP_SPIN_IRQ, SFP_POISON);

static enum sfp_status book(struct kept *kept, bool half)
{
	SFP_HOLD(kept, account, kept);
	account->balance += 5;
	if (half)
		sfp_fault_raise(1);
	account->entries++;
	return SFP_OK;
}

static enum sfp_status book_half(struct kept *kept)
{
	return book(kept, true);
}
SFP_GATE(book_half, book_half, struct kept *);

static enum sfp_status add_up(struct kept *kept, struct account *sum)
{
	SFP_HOLD(kept, account, kept);
	*sum = *account;
	return SFP_OK;
}

static const char *monitor_rolls_back(const struct sfp_selftest_host *host)
{
	struct kept kept;
	const struct account nothing = { 0, 0 };
	struct account sum = { 9, 9 };

	(void)host;
	kept_init(&kept, &nothing);
	SELFTEST_THAT(book(&kept, false) == SFP_OK, "a free monitor cannot be entered");
	SELFTEST_THAT(book_half_contained(&kept, NULL) == SFP_FAULT, "the fault did not come back");
	SELFTEST_THAT(add_up(&kept, &sum) == SFP_OK, "a fault leaves the monitor taken");
	SELFTEST_THAT(sum.balance == 5 && sum.entries == 1, "a fault leaves half of a change in the data");
	return NULL;
}

static enum sfp_status spoil(struct marked *marked)
{
	SFP_HOLD(marked, account, marked);
	account->balance = 3;
	sfp_fault_raise(1);
}
SFP_GATE(spoil, spoil, struct marked *);

static enum sfp_status mend(struct account *account)
{
	account->balance = 0;
	return SFP_OK;
}

static enum sfp_status enter_marked(struct marked *marked)
{
	SFP_HOLD(marked, account, marked);
	return account->balance == 0 ? SFP_OK : SFP_MALFORMED;
}

static const char *monitor_tells_of_poison(const struct sfp_selftest_host *host)
{
	struct marked marked;
	const struct account nothing = { 0, 0 };

	marked_init(&marked, &nothing);
	SELFTEST_THAT(enter_marked(&marked) == SFP_OK, "a free monitor cannot be entered");
	SELFTEST_THAT(spoil_contained(&marked, NULL) == SFP_FAULT, "the fault did not come back");
	SELFTEST_THAT(!host->interruptible || host->interruptible(),
		      "a fault in a section leaves interrupts off");
	SELFTEST_THAT(enter_marked(&marked) == SFP_POISONED, "data in doubt can be entered");
	SELFTEST_THAT(marked_repair(&marked, mend) == SFP_OK && enter_marked(&marked) == SFP_OK,
		      "data in doubt cannot be repaired");
	return NULL;
}

/* ---- handle ----------------------------------------------------------------------------- */

struct file_state {
	uint64_t position;
};
SFP_HANDLE(file, struct file_state, 1);

static enum sfp_status file_seek(struct sfp_realm *realm, struct file *file, uint64_t to, bool fault)
{
	SFP_IMPORT(file, state, realm, file);
	state->position = to;
	if (fault)
		sfp_fault_raise(1);
	return SFP_OK;
}

struct seek {
	struct sfp_realm *realm;
	struct file *file;
};

static enum sfp_status seek_half(struct seek *seek)
{
	return file_seek(seek->realm, seek->file, 99, true);
}
SFP_GATE(seek_half, seek_half, struct seek *);

static const char *file_is_kept(struct sfp_realm *realm, struct file *file)
{
	struct seek seek = { realm, file };
	struct file_state state = { 0 };
	struct file copy;

	SELFTEST_THAT(file_seek(realm, file, 7, false) == SFP_OK, "a handle cannot be imported");
	SELFTEST_THAT(seek_half_contained(&seek, NULL) == SFP_FAULT, "the fault did not come back");
	__builtin_memcpy(&copy, file, sizeof(copy));
	SELFTEST_THAT(file_seek(realm, &copy, 8, false) == SFP_FORGED,
		      "a copy of a handle's bytes is taken for it");
	SELFTEST_THAT(file_take(realm, file, &state) == SFP_OK, "a fault leaves the handle taken");
	SELFTEST_THAT(state.position == 7, "a fault in an import leaves its change in the handle");
	return NULL;
}

static const char *handle_is_kept(const struct sfp_selftest_host *host)
{
	static const unsigned char key[16] = { 1, 2, 3 };
	const struct file_state state = { 1 };
	struct sfp_realm realm;
	struct file file = { .head = { .word = 0 } };

	(void)host;
	SELFTEST_THAT(sfp_realm_init(&realm, key) == SFP_OK, "a realm cannot be made");
	SELFTEST_THAT(file_export(&realm, &state, &file) == SFP_OK, "a handle cannot be made");
	return file_is_kept(&realm, &file);
}

static const char *seal_is_checked(const struct sfp_selftest_host *host)
{
	static const unsigned char key[16] = { 4, 5, 6 };
	const struct file_state state = { 1 };
	struct sfp_realm realm;
	struct file file = { .head = { .word = 0 } };
	struct file again = { .head = { .word = 0 } };
	struct file_wire wire;

	(void)host;
	SELFTEST_THAT(sfp_realm_init(&realm, key) == SFP_OK && file_export(&realm, &state, &file) == SFP_OK,
		      "a handle cannot be made");
	SELFTEST_THAT(file_seal(&realm, &file, &wire) == SFP_OK, "a handle cannot be sealed");
	wire.head.tag ^= 1;
	SELFTEST_THAT(file_open(&realm, &wire, &again) == SFP_FORGED,
		      "a forged seal is taken for a true one");
	wire.head.tag ^= 1;
	SELFTEST_THAT(file_open(&realm, &wire, &again) == SFP_OK, "a sealed handle cannot be opened");
	SELFTEST_THAT(sfp_realm_revoke(&realm) == SFP_OK && file_seek(&realm, &again, 1, false) == SFP_STALE,
		      "a revoked handle can be used");
	return NULL;
}

/* ---- owned -------------------------------------------------------------------------------- */

struct box {
	struct sfp_owned owner;
	uint32_t number;
};
SFP_OWNED(lent, struct box, owner, SFP_OWNED_RETURNS);

static enum sfp_status receive(struct lent *given, bool fault)
{
	if (fault)
		sfp_fault_raise(1);
	return lent_borrow(given) ? SFP_OK : SFP_EMPTY;
}
SFP_OWNED_GATE(receive, lent, receive, bool);

static SFP_UNCHECKED const char *value_has_one_owner(const struct sfp_selftest_host *host)
{
	struct lent first = SFP_OWNED_EMPTY;
	struct lent second = SFP_OWNED_EMPTY;
	struct box box = { .number = 1 };

	(void)host;
	SELFTEST_THAT(lent_adopt(&first, &box) == SFP_OK, "a free value cannot be adopted");
	SELFTEST_THAT(lent_move(&first, &second) == SFP_OK, "a value cannot be moved");
	SELFTEST_THAT(!lent_borrow(&first) && lent_borrow(&second) == &box,
		      "a moved value has two owners, or none");
	SELFTEST_THAT(receive_give(&second, true, NULL) == SFP_FAULT, "the fault did not come back");
	SELFTEST_THAT(lent_regain(&second) == SFP_OK, "a fault in the receiver loses the value");
	SELFTEST_THAT(lent_drop(&second) == SFP_OK && !lent_borrow(&second), "a value cannot be given up");
	return NULL;
}

const struct selftest_check sfp_selftest_patterns[] = {
	{ "status", "each has its words", status_has_words, 0 },
	{ "dfq", "what is not completed is handed out again", queue_loses_nothing, 0 },
	{ "monitor", "a fault leaves the data as it was", monitor_rolls_back, 0 },
	{ "monitor", "data in doubt is told", monitor_tells_of_poison, 0 },
	{ "handle", "a fault leaves it as it was", handle_is_kept, 0 },
	{ "handle", "a seal is checked", seal_is_checked, 0 },
	{ "owned", "a value has one owner", value_has_one_owner, 0 },
	{ .check = NULL },
};
