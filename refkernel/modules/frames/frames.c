/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frames: owns the memory that the nano-core leaves over. Retains who holds
 * which frame, a byte each, and where the latest search ended; nothing else of
 * its callers. Called by whoever needs memory.
 *
 * The map is in a monitor. What a fault does to it is a matter of its size: a
 * copy to work on (SFP_ROLLBACK) would be a mebibyte a call, so the work is
 * done in place, after a note of what is about to change, by which SFP_REPAIR
 * undoes it (map.h). Poisoning it would take all memory from everybody.
 */
#include "frames.h"

#include "lib/mem.h"
#include "map.h"

#include <sfp/monitor.h>

SFP_MONITOR(frames_map, struct map, SFP_SPIN_IRQ, SFP_REPAIR(map_undo));

SFP_STATIC_ASSERT(MAP_FRAME_BYTES == NANO_FRAME_BYTES, "the nano-core's frames");
SFP_STATIC_ASSERT((unsigned)FRAMES_HOLDERS == (unsigned)MAP_FREE, "every holder has a value of its own");

struct frames_state {
	struct frames_map map;
	uint32_t next;             /* where the next search begins: a hint, written without the lock */
};

/* ---- taking --------------------------------------------------------------------- */

static enum sfp_status take_before(struct frames_state *state, uint32_t *at, uint32_t count, unsigned holder,
				   uint64_t *first)
{
	SFP_HOLD(frames_map, map, &state->map);
	return map_take(map, at, count, holder, first);
}

/* Others get in between two looks. */
static enum sfp_status take_from(struct frames_state *state, uint32_t at, uint32_t count, unsigned holder,
				 uint64_t *first)
{
	enum sfp_status status;

	do {
		status = take_before(state, &at, count, holder, first);
	} while (status == SFP_AGAIN);
	if (status == SFP_OK)
		sfp_store_u32(&state->next, at);
	return status;
}

static enum sfp_status serve_take(struct frames_state *state, uint32_t count, unsigned holder, uint64_t *first)
{
	const uint32_t hint = sfp_load_u32(&state->next);
	enum sfp_status status;

	if (nano_allocation_fails())
		return SFP_NO_MEMORY;
	status = take_from(state, hint, count, holder, first);
	if (status == SFP_NO_MEMORY && hint > 0)
		status = take_from(state, 0, count, holder, first);
	if (status == SFP_OK)
		memset(nano_direct(*first), 0, (size_t)count * NANO_FRAME_BYTES);
	return status;
}

/* ---- giving back -------------------------------------------------------------------- */

static enum sfp_status serve_give(struct frames_state *state, uint64_t first, uint32_t count, unsigned holder)
{
	if (first % NANO_FRAME_BYTES != 0)
		return SFP_INVALID;
	SFP_HOLD(frames_map, map, &state->map);
	return map_give(map, first / NANO_FRAME_BYTES, count, holder);
}

static enum sfp_status look_on(struct frames_state *state, uint32_t *at, unsigned holder,
			       struct frames_run *run)
{
	uint32_t first, count;
	unsigned whose = 0;

	SFP_HOLD(frames_map, map, &state->map);
	SFP_TRY(map_next(map, at, holder, &first, &count));
	SFP_TRY(map_who(map, first, &whose));
	*run = (struct frames_run){ .first = (uint64_t)first * NANO_FRAME_BYTES, .count = count,
				    .holder = whose };
	return SFP_OK;
}

static enum sfp_status find_next(struct frames_state *state, unsigned holder, struct frames_run *run)
{
	uint32_t at = (uint32_t)(run->first / NANO_FRAME_BYTES) + run->count;
	enum sfp_status status;

	do {
		status = look_on(state, &at, holder, run);
	} while (status == SFP_AGAIN);
	return status;
}

static enum sfp_status serve_give_all(struct frames_state *state, unsigned holder, uint32_t *count)
{
	struct frames_run run = { .count = 0 };
	uint32_t given = 0;
	enum sfp_status status;

	if (holder == 0 || holder >= FRAMES_HOLDERS)
		return SFP_INVALID;
	while ((status = find_next(state, holder, &run)) == SFP_OK) {
		SFP_TRY(serve_give(state, run.first, run.count, holder));
		given += run.count;
	}
	*count = given;
	return status == SFP_NOT_FOUND ? SFP_OK : status;
}

/* ---- looking ------------------------------------------------------------------------------ */

static enum sfp_status serve_who(struct frames_state *state, uint64_t address, unsigned *holder)
{
	SFP_HOLD(frames_map, map, &state->map);
	return map_who(map, address / NANO_FRAME_BYTES, holder);
}

static enum sfp_status serve_next(struct frames_state *state, unsigned holder, struct frames_run *run)
{
	if (holder >= FRAMES_HOLDERS || run->first / NANO_FRAME_BYTES + run->count > MAP_FRAMES)
		return SFP_INVALID;
	return find_next(state, holder, run);
}

static enum sfp_status serve_counts(struct frames_state *state, struct frames_counts *counts)
{
	SFP_HOLD(frames_map, map, &state->map);
	*counts = (struct frames_counts){ .total = map->total, .free = map->free };
	return SFP_OK;
}

/* ---- the module ----------------------------------------------------------------------------- */

static enum sfp_status add(struct frames_state *state, uint64_t first, size_t count)
{
	SFP_HOLD(frames_map, map, &state->map);
	return map_add(map, first / NANO_FRAME_BYTES, count);
}

/* Once a boot: whoever starts anew with an empty map does not know who holds what, and gets nothing. */
static enum sfp_status start(struct frames_state *state)
{
	enum sfp_status status;
	uint64_t first;
	size_t count;

	for (unsigned i = 0; (status = nano_frames_claim(i, &first, &count)) == SFP_OK; i++)
		SFP_TRY(add(state, first, count));
	return status == SFP_NOT_FOUND ? SFP_OK : status;
}

/* The map is sound, so it says who holds what. */
static enum sfp_status takeover(struct frames_state *state)
{
	(void)state;
	return SFP_OK;
}

static enum sfp_status check(struct frames_state *state)
{
	const char *wrong;

	SFP_HOLD(frames_map, map, &state->map);
	wrong = map_wrong(map);
	return wrong ? nano_broken(wrong) : SFP_OK;
}

SFP_PROVIDER(serve, struct frames_state, frames, FRAMES_OPS);
NANO_HOOK(frames, start, start)
NANO_HOOK(frames, takeover, takeover)
NANO_HOOK(frames, check, check)

static const struct nano_field fields[] = {
	NANO_FIELD(frames, map, NANO_LASTING),
	NANO_FIELD(frames, next, NANO_AGGREGATE),
	NANO_FIELDS_END
};

NANO_MODULE(frames,
	.version = 1,
	.summary = "the machine's memory, and who holds it",
	.state_size = sizeof(struct frames_state),
	.state_version = 1,
	.fields = fields,
	NANO_OFFERS(serve, frames),
	.start = frames_start_hook_,
	.takeover = frames_takeover_hook_,
	.check = frames_check_hook_,
);
