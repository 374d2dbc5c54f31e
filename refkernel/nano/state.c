/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state: the state table. Whatever a module keeps between two calls is one
 * record here, so "what in this system lasts, and whose is it?" has an answer.
 */
#include "memory.h"
#include "modules.h"

struct state_record {
	const char *owner;
	uint32_t bytes;
	uint32_t version;
	void *memory;
};

static struct state_record records[MODULES_MAX];
static unsigned record_count;

/* What modules without state are handed: it must be an address, and there must be nothing at it to write. */
static const uint8_t nothing[1];

void *state_make(const struct nano_module *code)
{
	uint64_t frame;

	if (code->state_size == 0)
		return (void *)(uintptr_t)nothing;
	if (record_count == MODULES_MAX)
		return NULL;
	/* Whole pages each: no two modules' states share one. */
	frame = frames_take(page_up(code->state_size) / PAGE_SIZE);
	if (frame == 0)
		return NULL;
	records[record_count++] = (struct state_record){
		.owner = code->name,
		.bytes = code->state_size,
		.version = code->state_version,
		.memory = direct(frame),
	};
	return direct(frame);
}
