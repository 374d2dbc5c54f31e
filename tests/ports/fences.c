/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One function an operation, for the disassembler: check_fences.py reads the
 * machine's fences in each of them.
 */
#include <sfp/dfq.h>
#include <sfp/lock.h>

enum sfp_status fences_enqueue(struct sfp_dfq *queue, struct sfp_dfq_item *item, bool *waiting);
enum sfp_status fences_reclaim(const struct sfp_dfq *queue, struct sfp_dfq_item *item);
enum sfp_status fences_retire(struct sfp_dfq_consumer *consumer, struct sfp_dfq_item *item);
struct sfp_dfq_view fences_state(const struct sfp_dfq_item *item);
bool fences_lock(uintptr_t *owner, uintptr_t guard, uint32_t *data);
void fences_unlock(struct sfp_lock_guard *held, uint32_t *data);

enum sfp_status fences_enqueue(struct sfp_dfq *queue, struct sfp_dfq_item *item, bool *waiting)
{
	return sfp_dfq_enqueue(queue, item, waiting);
}

enum sfp_status fences_reclaim(const struct sfp_dfq *queue, struct sfp_dfq_item *item)
{
	return sfp_dfq_reclaim(queue, item);
}

enum sfp_status fences_retire(struct sfp_dfq_consumer *consumer, struct sfp_dfq_item *item)
{
	return sfp_dfq_complete(consumer, item);
}

struct sfp_dfq_view fences_state(const struct sfp_dfq_item *item)
{
	return sfp_dfq_state(item);
}

bool fences_lock(uintptr_t *owner, uintptr_t guard, uint32_t *data)
{
	uintptr_t expected = 0;
	const bool taken = sfp_cas_acquire_word(owner, &expected, guard);

	*data = 1;
	return taken;
}

void fences_unlock(struct sfp_lock_guard *held, uint32_t *data)
{
	*data = 1;
	sfp_lock_release(held);
}
