/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state: the state table. Whatever a module keeps between two calls is one
 * record here, so "what in this system lasts, and whose is it?" has an answer.
 */
#include "memory.h"
#include "modules.h"

struct state_record {
	const struct module *owner;
	uint32_t bytes;
	bool retired; /* its owner has another one, and who links into this one may go on */
	void *memory;
};

static struct state_record records[2 * MODULES_MAX];
static unsigned record_count;

/* What modules without state are handed: it must be an address, and there must be nothing at it to write. */
static const uint8_t nothing[1];

static size_t pages_of(uint32_t bytes)
{
	return page_up(bytes) / PAGE_SIZE;
}

void *state_make(const struct module *owner, const struct nano_module *code)
{
	uint64_t frame;

	if (code->state_size == 0)
		return (void *)(uintptr_t)nothing;
	if (record_count == sizeof(records) / sizeof(records[0]))
		return NULL;
	/* Whole pages each: no two modules' states share one. */
	frame = frames_take(pages_of(code->state_size), FRAMES_STATES);
	if (frame == 0)
		return NULL;
	records[record_count++] =
		(struct state_record){ .owner = owner, .bytes = code->state_size, .memory = direct(frame) };
	return direct(frame);
}

void *state_replace(const struct module *owner, const struct nano_module *code)
{
	void *fresh = state_make(owner, code);

	for (unsigned i = 0; fresh && i < record_count; i++) {
		if (records[i].owner == owner && records[i].memory != fresh)
			records[i].retired = true;
	}
	return fresh;
}

void state_drop(const void *memory)
{
	const struct state_record *last = &records[record_count - 1];

	if (record_count == 0 || last->memory != memory)
		return;
	record_count--;
	SFP_IGNORE(frames_give((uintptr_t)memory - DIRECT_MAP, pages_of(last->bytes), FRAMES_STATES),
		   "it was taken by state_make()");
}

/* What is left of a state's last page was zeroed when it was taken, and belongs to nobody. */
bool state_ends_are_clean(void)
{
	for (unsigned i = 0; i < record_count; i++) {
		const uint8_t *memory = records[i].memory;

		for (size_t at = records[i].bytes; at < pages_of(records[i].bytes) * PAGE_SIZE; at++) {
			if (memory[at] != 0)
				return false;
		}
	}
	return true;
}

enum sfp_status nano_state_info(unsigned index, struct nano_state_info *info)
{
	const struct state_record *record = &records[index];

	if (index >= record_count)
		return SFP_NOT_FOUND;
	*info = (struct nano_state_info){
		.owner = record->owner->name,
		.memory = record->memory,
		.fields = record->retired ? NULL : record->owner->code->fields,
		.bytes = record->bytes,
		.version = record->owner->code->state_version,
		.phase = record->owner->phase,
	};
	return SFP_OK;
}
