/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * map: who holds which frame. Private to the module frames; pure: no hardware,
 * no lock. A byte a frame, and a note of the change that is under way.
 *
 * A change of many bytes is no single store, so the note comes first: which
 * bytes, and what all of them were. From the store of its count to the next
 * store of 0 there, map_undo() takes the change back; that second store is the
 * committing one. Copying the map instead, and writing the copy, would be a
 * mebibyte a call.
 */
#ifndef FRAMES_MAP_H
#define FRAMES_MAP_H

#include <sfp/port.h>
#include <sfp/status.h>

/* Below 4 GiB. Tests have smaller maps. */
#ifndef MAP_FRAMES
#define MAP_FRAMES (1u << 20)
#endif
#define MAP_FRAME_BYTES 4096u

enum map_holder {
	MAP_ABSENT = 0,        /* no memory, or not ours */
	MAP_HOLDER_FIRST = 1,
	MAP_HOLDER_LAST = 254,
	MAP_FREE = 255,
	MAP_HOLDERS = 256
};

/** Zeroed: no frame is ours. */
struct map {
	struct {
		uint32_t count;    /* 0: none is under way; written last at its begin, first at its end */
		uint32_t first;
		uint32_t free;     /* what `free` was */
		uint8_t was;       /* what each byte was */
	} change;
	uint32_t low, high;        /* all that is ours is in [low, high) */
	uint32_t total;            /* frames that are ours */
	uint32_t free;
	uint8_t holder[MAP_FRAMES];
};

/** How many bytes a search looks at before it lets others in, if it is not within a run that is free. */
#define MAP_STRIDE 4096u

/** Frames that become ours, and free. @return OK; INVALID: past the last, none, or ours already */
enum sfp_status map_add(struct map *map, uint64_t first, uint64_t count) SFP_NODISCARD;

/**
 * Find the lowest run of `count` free frames at or after *at, and have it be the holder's.
 * *found is its address, and written before the run is: so it is known wherever a fault ends this.
 * @return OK; AGAIN: not before *at, which has moved on; NO_MEMORY: none from *at on; INVALID
 */
enum sfp_status map_take(struct map *map, uint32_t *at, uint32_t count, unsigned holder,
			 uint64_t *found) SFP_NODISCARD;

/**
 * Frames that the holder has become free.
 * @return OK; STALE: one of them is free or somebody else's; INVALID: one is not ours
 */
enum sfp_status map_give(struct map *map, uint64_t first, uint64_t count, unsigned holder) SFP_NODISCARD;

/** Who holds it? @return OK; EMPTY: nobody; NOT_FOUND: not ours */
enum sfp_status map_who(const struct map *map, uint64_t frame, unsigned *holder) SFP_NODISCARD;

/**
 * The next run of the holder's (0: of anybody's, but of one) at or after *at, MAP_STRIDE frames at most.
 * @return OK: *count frames from *first on; AGAIN: not before *at, which has moved on; NOT_FOUND: no more
 */
enum sfp_status map_next(const struct map *map, uint32_t *at, unsigned holder, uint32_t *first,
			 uint32_t *count) SFP_NODISCARD;

/** What a fault left half done becomes undone. As often as one likes. */
void map_undo(struct map *map);

/** What is wrong with it; NULL: nothing. */
const char *map_wrong(const struct map *map);

#endif /* FRAMES_MAP_H */
