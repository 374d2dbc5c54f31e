/* SPDX-License-Identifier: BSD-2-Clause */
/* map: see map.h. */
#include "map.h"

#include "lib/mem.h"

#include <sfp/atomic.h>

/* ---- changes ----------------------------------------------------------------- */

static void begin(struct map *map, uint32_t first, uint32_t count, uint8_t was)
{
	map->change.first = first;
	map->change.free = map->free;
	map->change.was = was;
	sfp_compiler_barrier(); /* complete before it counts */
	sfp_store_u32(&map->change.count, count);
	sfp_compiler_barrier(); /* noted before it is done */
}

/* The first store commits; the rest leaves no trace of it. */
static void end(struct map *map)
{
	sfp_compiler_barrier();
	sfp_store_u32(&map->change.count, 0);
	sfp_compiler_barrier();
	map->change.first = 0;
	map->change.free = 0;
	map->change.was = 0;
}

void map_undo(struct map *map)
{
	const uint32_t count = map->change.count;

	if (count != 0) {
		memset(map->holder + map->change.first, map->change.was, count);
		map->free = map->change.free;
	}
	end(map);
}

static void change(struct map *map, uint32_t first, uint32_t count, uint8_t from, uint8_t to, uint64_t *found)
{
	begin(map, first, count, from);
	if (found)
		*found = (uint64_t)first * MAP_FRAME_BYTES;
	memset(map->holder + first, to, count);
	if (to == MAP_FREE)
		map->free += count;
	else
		map->free -= count;
	end(map);
}

static bool is_holder(unsigned holder)
{
	return holder >= MAP_HOLDER_FIRST && holder <= MAP_HOLDER_LAST;
}

static bool all_are(const struct map *map, uint64_t first, uint64_t count, uint8_t value)
{
	for (uint64_t i = first; i < first + count; i++) {
		if (map->holder[i] != value)
			return false;
	}
	return true;
}

/* ---- frames that are ours ---------------------------------------------------------- */

enum sfp_status map_add(struct map *map, uint64_t first, uint64_t count)
{
	if (count == 0 || first >= MAP_FRAMES || count > MAP_FRAMES - first ||
	    !all_are(map, first, count, MAP_ABSENT))
		return SFP_INVALID;
	if (map->total == 0 || first < map->low)
		map->low = (uint32_t)first;
	if (first + count > map->high)
		map->high = (uint32_t)(first + count);
	map->total += (uint32_t)count;
	change(map, (uint32_t)first, (uint32_t)count, MAP_ABSENT, MAP_FREE, NULL);
	return SFP_OK;
}

/* Steps over a run of free frames, `most` of them at most. */
static uint32_t free_until(const struct map *map, uint32_t at, uint32_t most)
{
	const uint32_t stop = most < map->high - at ? at + most : map->high;

	while (at < stop && map->holder[at] == MAP_FREE)
		at++;
	return at;
}

enum sfp_status map_take(struct map *map, uint32_t *at, uint32_t count, unsigned holder, uint64_t *found)
{
	uint32_t first = *at > map->low ? *at : map->low;
	const uint32_t begun = first;

	if (count == 0 || !is_holder(holder))
		return SFP_INVALID;
	while (first < map->high && count <= map->high - first) {
		const uint32_t past = free_until(map, first, count);

		if (past - first == count) {
			*at = past;
			change(map, first, count, MAP_FREE, (uint8_t)holder, found);
			return SFP_OK;
		}
		first = past + 1; /* that one is not free */
		if (first - begun >= MAP_STRIDE) {
			*at = first;
			return SFP_AGAIN;
		}
	}
	*at = map->high;
	return SFP_NO_MEMORY;
}

enum sfp_status map_give(struct map *map, uint64_t first, uint64_t count, unsigned holder)
{
	if (count == 0 || !is_holder(holder) || first >= MAP_FRAMES || count > MAP_FRAMES - first)
		return SFP_INVALID;
	for (uint64_t i = first; i < first + count; i++) {
		if (map->holder[i] == MAP_ABSENT)
			return SFP_INVALID;
	}
	if (!all_are(map, first, count, (uint8_t)holder))
		return SFP_STALE;
	change(map, (uint32_t)first, (uint32_t)count, (uint8_t)holder, MAP_FREE, NULL);
	return SFP_OK;
}

/* ---- looking ------------------------------------------------------------------------- */

enum sfp_status map_who(const struct map *map, uint64_t frame, unsigned *holder)
{
	if (frame >= MAP_FRAMES || map->holder[frame] == MAP_ABSENT)
		return SFP_NOT_FOUND;
	if (map->holder[frame] == MAP_FREE)
		return SFP_EMPTY;
	*holder = map->holder[frame];
	return SFP_OK;
}

static bool is_wanted(uint8_t byte, unsigned holder)
{
	return holder != 0 ? byte == holder : is_holder(byte);
}

enum sfp_status map_next(const struct map *map, uint32_t *at, unsigned holder, uint32_t *first,
			 uint32_t *count)
{
	uint32_t from = *at > map->low ? *at : map->low;
	const uint32_t stop =
		from < map->high && MAP_STRIDE < map->high - from ? from + MAP_STRIDE : map->high;

	while (from < stop && !is_wanted(map->holder[from], holder))
		from++;
	*first = from;
	while (from < stop && map->holder[from] == map->holder[*first])
		from++;
	*at = from;
	*count = from - *first;
	if (*count > 0)
		return SFP_OK;
	return from < map->high ? SFP_AGAIN : SFP_NOT_FOUND;
}

static bool is_empty(const struct map *map, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		if (map->holder[i] != MAP_ABSENT)
			return false;
	}
	return true;
}

const char *map_wrong(const struct map *map)
{
	uint32_t total = 0, free = 0;

	if (map->change.count != 0 || map->change.first != 0 || map->change.free != 0 || map->change.was != 0)
		return "no change is half done";
	if (map->low > map->high || map->high > MAP_FRAMES)
		return "all frames are in the map";
	if (!is_empty(map, 0, map->low) || !is_empty(map, map->high, MAP_FRAMES))
		return "the frames are where they were at the start";
	for (uint32_t i = map->low; i < map->high; i++) {
		total += map->holder[i] != MAP_ABSENT;
		free += map->holder[i] == MAP_FREE;
	}
	if (total != map->total)
		return "there are as many frames as at the start";
	return free == map->free ? NULL : "as many frames are free as are counted";
}
