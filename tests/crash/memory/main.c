/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The map of frames and the blocks of a heap, stopped at every instruction of a
 * change; then what the module's monitor does after a fault (map_undo,
 * blocks_mend) is done, and stopped at every instruction too, and done again.
 * What is there then is sound, and is what was there before, or all that was
 * asked for.
 */
#include <sweep.h>

#include "blocks.h"
#include "map.h"

#include <stdio.h>
#include <string.h>

#define CHUNK_BYTES 2048u
#define HELD 4u  /* blocks that are handed out before */
#define SIZE 40u /* of each */

struct world {
	/* the map */
	struct map map, before, after;
	uint64_t found;

	/* the heap */
	struct blocks blocks;
	uint64_t used_before, used_after;
	unsigned given;   /* which of the blocks is given back; bits of those that were before */
	bool after_holds; /* the block is there afterwards */
	void *held[HELD];
	void *at;
	char chunks[2][CHUNK_BYTES] __attribute__((aligned(64)));
};

static struct world *world;

/* ---- the map ----------------------------------------------------------------------- */

#define HOLDER 3u

static void map_of_two(void)
{
	uint32_t at = 0;

	memset(&world->map, 0, sizeof(world->map));
	SFP_IGNORE(map_add(&world->map, 5, 20), "it is checked");
	SFP_IGNORE(map_take(&world->map, &at, 3, 7, &world->found), "it is checked");
	SFP_IGNORE(map_take(&world->map, &at, 4, HOLDER, &world->found), "it is checked");
}

static void prepare_map(void (*operation)(void *))
{
	map_of_two();
	world->before = world->map;
	operation(world);
	world->after = world->map;
	world->map = world->before;
	world->found = 0;
}

static void take_run(void *unused)
{
	uint32_t at = 0;

	(void)unused;
	SFP_IGNORE(map_take(&world->map, &at, 5, HOLDER, &world->found), "it is checked");
}

static void give_run(void *unused)
{
	(void)unused;
	SFP_IGNORE(map_give(&world->map, 8, 4, HOLDER), "it is checked");
}

static void give_part(void *unused)
{
	(void)unused;
	SFP_IGNORE(map_give(&world->map, 9, 2, HOLDER), "it is checked");
}

static void prepare_take(void *unused)
{
	(void)unused;
	prepare_map(take_run);
}

static void prepare_give(void *unused)
{
	(void)unused;
	prepare_map(give_run);
}

static void prepare_part(void *unused)
{
	(void)unused;
	prepare_map(give_part);
}

static void undo(void *unused)
{
	(void)unused;
	map_undo(&world->map);
}

static bool map_is(const struct map *what)
{
	return memcmp(&world->map, what, sizeof(*what)) == 0;
}

static bool check_map(void *unused, const struct sfp_sweep_point *point)
{
	const char *wrong;

	(void)unused;
	map_undo(&world->map);
	wrong = map_wrong(&world->map);
	if (wrong)
		return sfp_sweep_complain("this does not hold: %s", wrong);
	if (memcmp(&world->before, &world->after, sizeof(world->after)) == 0)
		return sfp_sweep_complain("the operation does nothing");
	if (map_is(&world->after))
		return world->found != 0 || world->after.free > world->before.free ||
		       sfp_sweep_complain("frames are taken, and nobody was told which");
	if (!map_is(&world->before))
		return sfp_sweep_complain("the map is neither as before nor as after");
	return !(point->returned && !point->twice) || sfp_sweep_complain("it returned, and nothing was done");
}

/* ---- the heap ---------------------------------------------------------------------------- */

static void heap_of_some(void *unused)
{
	(void)unused;
	memset(&world->blocks, 0, sizeof(world->blocks));
	memset(world->chunks, 0, sizeof(world->chunks));
	blocks_add(&world->blocks, (struct blocks_chunk *)(void *)world->chunks[0], 64, CHUNK_BYTES);
	for (unsigned i = 0; i < HELD; i++) {
		SFP_IGNORE(blocks_alloc(&world->blocks, SIZE, &world->held[i]), "it is checked");
		memset(world->held[i], (int)i + 1, SIZE);
	}
	world->at = NULL;
	world->used_before = world->blocks.used;
}

static void heap_full(void *unused)
{
	void *rest;
	size_t size = CHUNK_BYTES;

	heap_of_some(unused);
	while (blocks_alloc(&world->blocks, size, &rest) != SFP_OK)
		size--;
	world->used_before = world->blocks.used;
}

static void without(unsigned block)
{
	SFP_IGNORE(blocks_free(&world->blocks, world->held[block]), "it is checked");
	world->held[block] = NULL;
	world->used_before = world->blocks.used;
}

/* Full, so that what is beside the block to be given back is in use, but for those named. */
static void heap_without(unsigned first, unsigned second)
{
	heap_full(NULL);
	if (first < HELD)
		without(first);
	if (second < HELD)
		without(second);
}

static void free_before_it(void *unused)
{
	(void)unused;
	heap_without(0, HELD);
}

static void free_behind_it(void *unused)
{
	(void)unused;
	heap_without(2, HELD);
}

static void free_around_it(void *unused)
{
	(void)unused;
	heap_without(0, 2);
}

static void alloc_block(void *unused)
{
	(void)unused;
	SFP_IGNORE(blocks_alloc(&world->blocks, SIZE, &world->at), "it is checked");
}

static void alloc_whole(void *unused)
{
	(void)unused;
	SFP_IGNORE(blocks_alloc(&world->blocks, SIZE - 1, &world->at), "it is checked");
}

static void free_block(void *unused)
{
	(void)unused;
	SFP_IGNORE(blocks_free(&world->blocks, world->held[1]), "it is checked");
}

static void add_chunk(void *unused)
{
	(void)unused;
	blocks_add(&world->blocks, (struct blocks_chunk *)(void *)world->chunks[1], 0, CHUNK_BYTES);
}

static void mend(void *unused)
{
	(void)unused;
	blocks_mend(&world->blocks);
}

static bool blocks_are_sound(void)
{
	const void *where = NULL;
	const char *wrong;

	blocks_mend(&world->blocks);
	wrong = world->blocks.damaged ? "it is damaged" : blocks_wrong(&world->blocks, &where);
	if (wrong)
		return sfp_sweep_complain("%s, at %p", wrong, where);
	for (unsigned i = 0; i < HELD; i++) {
		for (unsigned byte = 0; i != 1 && world->held[i] && byte < SIZE; byte++) {
			if (((char *)world->held[i])[byte] != (char)(i + 1))
				return sfp_sweep_complain("block %u was written to", i);
		}
	}
	return true;
}

static bool check_alloc(void *unused, const struct sfp_sweep_point *point)
{
	(void)unused;
	if (!blocks_are_sound())
		return false;
	if (world->blocks.used == world->used_before)
		return !(point->returned && !point->twice) ||
		       sfp_sweep_complain("it returned, and nothing was done");
	if (!world->at)
		return sfp_sweep_complain("a block is handed out, and nobody was told which");
	if (blocks_free(&world->blocks, world->at) != SFP_OK || world->blocks.used != world->used_before)
		return sfp_sweep_complain("what was handed out is no block");
	return true;
}

static bool check_free(void *unused, const struct sfp_sweep_point *point)
{
	enum sfp_status status;

	(void)unused;
	if (!blocks_are_sound())
		return false;
	status = blocks_free(&world->blocks, world->held[1]);
	if (point->returned && !point->twice && status != SFP_STALE)
		return sfp_sweep_complain("it returned, and the block is still in use");
	if (status != SFP_OK && status != SFP_STALE)
		return sfp_sweep_complain("the block is neither in use nor free");
	return blocks_are_sound();
}

static bool check_add(void *unused, const struct sfp_sweep_point *point)
{
	const bool there = world->blocks.chunks == (void *)world->chunks[1];
	void *at = NULL;

	(void)unused;
	if (!blocks_are_sound())
		return false;
	if (point->returned && !point->twice && !there)
		return sfp_sweep_complain("it returned, and the chunk is not there");
	if (there != (blocks_alloc(&world->blocks, CHUNK_BYTES / 2, &at) == SFP_OK))
		return sfp_sweep_complain(
			"the chunk is there and nothing can be had of it, or the other way round");
	return true;
}

/* ---- all of them ------------------------------------------------------------------------------ */

/* Who comes after needs to know nothing. */
static void no_other(void *unused)
{
	(void)unused;
}

#define SWEEP(title, situation, act, judge, repair) \
	{ \
		.name = (title), .prepare = (situation), .operation = (act), .check = (judge), \
		.again = (repair), .succeed = no_other \
	}

static const struct sfp_sweep sweeps[] = {
	SWEEP("frames: take a run", prepare_take, take_run, check_map, undo),
	SWEEP("frames: give a run", prepare_give, give_run, check_map, undo),
	SWEEP("frames: give a part", prepare_part, give_part, check_map, undo),
	SWEEP("heap: cut a block", heap_of_some, alloc_block, check_alloc, mend),
	SWEEP("heap: a whole block", free_before_it, alloc_whole, check_alloc, mend),
	SWEEP("heap: free between two in use", heap_full, free_block, check_free, mend),
	SWEEP("heap: free behind a free one", free_before_it, free_block, check_free, mend),
	SWEEP("heap: free before a free one", free_behind_it, free_block, check_free, mend),
	SWEEP("heap: free between free ones", free_around_it, free_block, check_free, mend),
	SWEEP("heap: add a chunk", heap_full, add_chunk, check_add, mend),
};

/* `--expect-bug NAME`: that situation alone, and something must be found in it. */
int main(int count, char **arguments)
{
	const char *only = count > 2 && strcmp(arguments[1], "--expect-bug") == 0 ? arguments[2] : NULL;
	struct sfp_sweep_count total = { 0 };

	world = sfp_sweep_memory(sizeof(*world));
	if (only)
		sfp_sweep_quiet();
	for (size_t i = 0; i < sizeof(sweeps) / sizeof(sweeps[0]); i++) {
		struct sfp_sweep sweep = sweeps[i];

		if (only && strcmp(only, sweep.name) != 0)
			continue;
		sweep.world = world;
		sfp_sweep_run(&sweep, &total);
	}
	printf("%lu stops in %lu situations, %lu failures%s%s\n", total.points, total.situations,
	       total.failures, total.failures ? "; the first: " : "", sfp_sweep_first());
	return (total.failures != 0) == (only != NULL) && total.situations > 0 ? 0 : 1;
}
