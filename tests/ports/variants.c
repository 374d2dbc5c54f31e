/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every generating macro, used and unused, and the lock: to be compiled by each
 * compiler in each dialect for each machine without a warning.
 */
#include <sfp/dfq.h>
#include <sfp/guard.h>
#include <sfp/lock.h>

struct job {
	char name[3];
	struct sfp_dfq_item link;
	struct sfp_dfq_item other_link;
};

struct bell;
void variants_ring(struct bell *bell);
enum sfp_status variants_job_run(struct job *job);
enum sfp_status variants_count(const uint64_t *number);
void variants_job_drop(struct job **job);

SFP_DFQ(plain, struct job, link);
SFP_DFQ_HOOKED(bell, struct job, other_link, variants_ring);
SFP_DFQ(unused_plain, struct job, link);
struct unused_bell;
void variants_ring_unused(struct unused_bell *bell);
SFP_DFQ_HOOKED(unused_bell, struct job, link, variants_ring_unused);
SFP_GATE(run, variants_job_run, struct job *);
SFP_GATE(count, variants_count, const uint64_t *);
SFP_GATE(unused_gate, variants_job_run, struct job *);
SFP_GUARD(drop, struct job *, variants_job_drop);
SFP_GUARD(unused_guard, struct job *, variants_job_drop);

enum sfp_status variants_produce(struct plain *queue, struct bell *bell, struct job *job,
				 struct job *const *chain, size_t count);
enum sfp_status variants_consume(struct plain_consumer *consumer, struct bell_consumer *listener);
enum sfp_status variants_start(struct plain *queue, struct plain_consumer *consumer);
enum sfp_status variants_restart(struct plain *queue, struct plain_marker *marker, struct job *job);
enum sfp_status variants_hold(struct sfp_lock *lock, struct job *job);
enum sfp_status variants_contain(struct job *job, uint64_t number, struct sfp_fault *why);

enum sfp_status variants_start(struct plain *queue, struct plain_consumer *consumer)
{
	SFP_TRY(plain_init(queue, 3));
	return plain_attach(consumer, queue, SFP_PROOF("the queue is new"));
}

enum sfp_status variants_produce(struct plain *queue, struct bell *bell, struct job *job,
				 struct job *const *chain, size_t count)
{
	SFP_TRY(plain_enqueue(queue, job));
	SFP_TRY(plain_enqueue_chain(queue, chain, count));
	SFP_TRY(bell_enqueue(bell, job));
	SFP_TRY(bell_enqueue_chain(bell, chain, count));
	if (plain_state(job).state == SFP_DFQ_FAILED && bell_state(job).attempts > 1)
		SFP_TRY(plain_reclaim(queue, job));
	return bell_reclaim(bell, job);
}

enum sfp_status variants_consume(struct plain_consumer *consumer, struct bell_consumer *listener)
{
	struct job *job = NULL;
	size_t depth = 0;

	SFP_TRY(plain_peek(consumer, &job));
	SFP_TRY(plain_complete(consumer, job));
	SFP_TRY(plain_next(consumer, &job));
	SFP_TRY(plain_fail(consumer, job, 7));
	SFP_TRY(plain_look(consumer, NULL, &job));
	SFP_TRY(plain_begin(consumer, job));
	SFP_TRY(plain_depth(consumer, &depth));
	SFP_TRY(plain_close(consumer));
	SFP_TRY(plain_detach(consumer));
	SFP_TRY(bell_peek(listener, &job));
	SFP_IGNORE(bell_wait(listener), "it is compiled, not run");
	return depth > 0 ? SFP_AGAIN : bell_close(listener);
}

enum sfp_status variants_restart(struct plain *queue, struct plain_marker *marker, struct job *job)
{
	SFP_TRY(plain_mark(queue, marker));
	SFP_TRY(plain_settle(queue, marker, job));
	SFP_TRY(plain_settle(queue, NULL, job));
	return plain_unmark(queue, marker);
}

enum sfp_status variants_hold(struct sfp_lock *lock, struct job *job)
{
	struct sfp_lock_guard held;

	SFP_TRY(sfp_lock_acquire(lock, &held));
	job->name[0]++;
	sfp_lock_release(&held);
	return sfp_lock_is_held(lock) ? SFP_BUSY : SFP_OK;
}

enum sfp_status variants_contain(struct job *job, uint64_t number, struct sfp_fault *why)
{
	SFP_SCOPED(drop, outer, job);
	{
		SFP_SCOPED(drop, inner, NULL);
		inner.value = outer.value;
		SFP_TRY(run_contained(inner.value, why));
	}
	return count_contained(&number, NULL);
}
