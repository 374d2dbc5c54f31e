/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state: the state table. Whatever a module keeps between two calls is one
 * record here, so "what in this system lasts, and whose is it?" has an answer.
 */
#include "memory.h"
#include "modules.h"

struct state_record {
	const struct module *owner;
	const struct nano_module *code;
	void *memory;
};

static struct state_record records[MODULES_MAX];
static unsigned record_count;

/* What modules without state are handed: it must be an address, and there must be nothing at it to write. */
static const uint8_t nothing[1];

static size_t pages_of(const struct nano_module *code)
{
	return page_up(code->state_size) / PAGE_SIZE;
}

void *state_make(const struct module *owner, const struct nano_module *code)
{
	uint64_t frame;

	if (code->state_size == 0)
		return (void *)(uintptr_t)nothing;
	if (record_count == MODULES_MAX)
		return NULL;
	/* Whole pages each: no two modules' states share one. */
	frame = frames_take(pages_of(code), FRAMES_STATES);
	if (frame == 0)
		return NULL;
	records[record_count++] =
		(struct state_record){ .owner = owner, .code = code, .memory = direct(frame) };
	return direct(frame);
}

/* What is left of a state's last page was zeroed when it was taken, and belongs to nobody. */
bool state_ends_are_clean(void)
{
	for (unsigned i = 0; i < record_count; i++) {
		const uint8_t *memory = records[i].memory;

		for (size_t at = records[i].code->state_size; at < pages_of(records[i].code) * PAGE_SIZE;
		     at++) {
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
		.fields = record->code->fields,
		.bytes = record->code->state_size,
		.version = record->code->state_version,
		.phase = record->owner->phase,
	};
	return SFP_OK;
}
