/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * oracle: what must hold after each fault, at a quiet point. Every invariant of
 * every module; no lock is held, and nothing that lasts points into a stack;
 * every item of every queue is settled; every byte that is no aggregate is what
 * it was, where it belongs to nobody who has typed meanwhile.
 */
#include "chaos.h"

#include "lib/mem.h"
#include "lib/text.h"

#define QUIET_AFTER 3000000u      /* nanoseconds: a byte in the serial line's FIFO waits for others so long */
#define CORE_EVERY 16u            /* faults between two looks at the nano-core's own invariants */

void oracle_why_not_quiet(struct chaos_state *state, char *text, size_t size)
{
	struct nano_module_info info;
	struct console_queue row = { .depth = 0 };
	const enum sfp_status status = console_queues(&state->console, 0, &row);

	for (unsigned i = 0; nano_module_info(i, &info) == SFP_OK; i++) {
		if (info.phase == NANO_RESTARTING) {
			text_format(text, size, "%s is being restarted", info.name);
			return;
		}
	}
	text_format(text, size, "the console says %s, %zu in its queue", sfp_status_name(status), row.depth);
}

uint32_t oracle_faults(void)
{
	struct nano_module_info info;
	uint32_t faults = 0;

	for (unsigned i = 0; nano_module_info(i, &info) == SFP_OK; i++)
		faults += info.faults;
	return faults;
}

bool oracle_is_started(const char *module)
{
	struct nano_module_info info;

	for (unsigned i = 0; nano_module_info(i, &info) == SFP_OK; i++) {
		if (text_equal(info.name, module))
			return info.phase == NANO_STARTED;
	}
	return false;
}

/* ---- is anything still under way? --------------------------------------------------- */

bool oracle_is_quiet(struct chaos_state *state)
{
	struct nano_module_info info;
	struct console_queue row;

	if (nano_clock() - state->serial_at < QUIET_AFTER)
		return false;
	for (unsigned i = 0; nano_module_info(i, &info) == SFP_OK; i++) {
		if (info.phase == NANO_RESTARTING)
			return false;
	}
	return console_queues(&state->console, 0, &row) == SFP_OK && row.depth == 0;
}

/* ---- what lasts ------------------------------------------------------------------------ */

static const struct nano_field *field_at(const struct nano_state_info *info, uint32_t offset)
{
	for (const struct nano_field *field = info->fields; field && field->name; field++) {
		if (offset - field->offset < field->size)
			return field;
	}
	return NULL;
}

/* Events go round in rings, and a line is what was typed: theirs is another question, asked in judge_pools(). */
static bool is_of_typing(const struct nano_state_info *info, const struct nano_field *field)
{
	return text_equal(info->owner, "shell") ||
	       (field && (text_equal(field->name, "pool.events") || text_equal(field->name, "queue") ||
			  text_equal(field->name, "consumer")));
}

static uint64_t word_at(const void *memory, uint32_t offset)
{
	return *(const volatile uint64_t *)(const volatile void *)((const uint8_t *)memory + offset);
}

static void judge_byte(struct chaos_state *state, const struct nano_state_info *info, const uint8_t *was,
		       uint32_t at)
{
	const uint8_t is = ((const volatile uint8_t *)info->memory)[at];
	const struct nano_field *field;

	if (is == was[at])
		return;
	field = field_at(info, at);
	if ((field && field->kind == NANO_AGGREGATE) || (state->typed && is_of_typing(info, field)))
		return;
	report_failure(state, "spill: %s: %s+0x%x was %02x, is %02x", info->owner, field ? field->name : "in no field",
		       field ? at - field->offset : at, was[at], is);
}

static void judge_word(struct chaos_state *state, const struct nano_state_info *info, uint32_t at)
{
	const struct nano_field *field;

	if (!nano_is_on_a_stack(word_at(info->memory, at)))
		return;
	field = field_at(info, at);
	if (field && field->kind == NANO_AGGREGATE) /* a record of a fault has what registers held */
		return;
	report_failure(state, "a lock is held, or a pointer left: %s: %s+0x%x", info->owner,
		       field ? field->name : "in no field", field ? at - field->offset : at);
}

static void judge_state(struct chaos_state *state, const struct nano_state_info *info, const uint8_t *was)
{
	const uint32_t words = info->bytes / sizeof(uint64_t);

	for (uint32_t i = 0; i < words; i++) {
		const uint32_t at = i * (uint32_t)sizeof(uint64_t);
		const uint64_t is = word_at(info->memory, at);

		if (is >> 47 != 0)
			judge_word(state, info, at);
		for (uint32_t byte = at; is != word_at(was, at) && byte < at + sizeof(uint64_t) && !state->failed; byte++)
			judge_byte(state, info, was, byte);
	}
	for (uint32_t at = words * (uint32_t)sizeof(uint64_t); at < info->bytes && !state->failed; at++)
		judge_byte(state, info, was, at);
}

static void judge_states(struct chaos_state *state)
{
	struct nano_state_info info;
	unsigned i;

	for (i = 0; nano_state_info(i, &info) == SFP_OK; i++) {
		if (i >= state->state_count || state->states[i].memory != info.memory)
			report_failure(state, "the state of %s is another", info.owner);
		else if (state->states[i].was)
			judge_state(state, &info, state->states[i].was);
	}
}

/* ---- queues ---------------------------------------------------------------------------------- */

static void judge_pool(struct chaos_state *state, const struct nano_state_info *info,
		       const struct nano_field *field)
{
	const struct input_event *const events =
		(const struct input_event *)(const void *)((const uint8_t *)info->memory + field->offset);

	for (uint32_t i = 0; i < field->size / sizeof(*events); i++) {
		const enum sfp_dfq_state is = input_queue_state(&events[i]).state;

		if (is == SFP_DFQ_QUEUED)
			report_failure(state, "an event of %s is in no queue, and not settled", info->owner);
	}
}

static void judge_pools(struct chaos_state *state)
{
	struct nano_state_info info;

	for (unsigned i = 0; nano_state_info(i, &info) == SFP_OK; i++) {
		for (const struct nano_field *field = info.fields; field && field->name; field++) {
			if (text_equal(field->name, "pool.events"))
				judge_pool(state, &info, field);
		}
	}
}

/* ---- invariants -------------------------------------------------------------------------------- */

static void judge_modules(struct chaos_state *state)
{
	struct nano_module_info info;
	const char *broken = NULL;
	enum sfp_status status;

	for (unsigned i = 0; nano_module_info(i, &info) == SFP_OK; i++) {
		if (state->without[i])
			continue;
		status = nano_module_check(info.name, &broken);
		if (status != SFP_OK)
			report_failure(state, "check of %s: %s: %s", info.name, sfp_status_name(status),
				       broken ? broken : "no word");
	}
}

static void judge_core(struct chaos_state *state)
{
	const char *invariant;
	enum sfp_status status;

	for (unsigned i = 0; (status = nano_check(i, &invariant)) != SFP_NOT_FOUND; i++) {
		if (status != SFP_OK)
			report_failure(state, "the nano-core: %s", invariant);
	}
}

void oracle_judge(struct chaos_state *state)
{
	if (sfp_port_context()->pinned != 1 || nano_in_interrupt())
		report_failure(state, "%u pins are left", sfp_port_context()->pinned);
	judge_pools(state);
	judge_states(state);
	judge_modules(state);
	if (state->number % CORE_EVERY == 0)
		judge_core(state);
}

/* ---- remembering ---------------------------------------------------------------------------------- */

static bool is_own(const struct nano_state_info *info)
{
	return text_equal(info->owner, "chaos");
}

/* By words: a mebibyte each time. */
static void copy(void *to, const void *from, uint32_t bytes)
{
	const uint32_t words = bytes / sizeof(uint64_t);

	for (uint32_t i = 0; i < words; i++)
		((uint64_t *)to)[i] = word_at(from, i * (uint32_t)sizeof(uint64_t));
	memcpy((uint8_t *)to + words * sizeof(uint64_t), (const uint8_t *)from + words * sizeof(uint64_t),
	       bytes % sizeof(uint64_t));
}

enum sfp_status oracle_prepare(struct chaos_state *state)
{
	struct nano_module_info module;
	struct nano_state_info info;
	uint64_t bytes = 0;

	for (unsigned i = 0; i < STATES_MAX && nano_module_info(i, &module) == SFP_OK; i++)
		state->without[i] = module.phase != NANO_STARTED;

	for (unsigned i = 0; nano_state_info(i, &info) == SFP_OK; i++)
		bytes += is_own(&info) ? 0 : (info.bytes + 7) & ~7u;
	state->memory_frames = (uint32_t)(bytes / NANO_FRAME_BYTES + 1);
	return frames_take(&state->frames, state->memory_frames, ORACLE_HOLDER, &state->memory);
}

void oracle_remember(struct chaos_state *state)
{
	uint8_t *at = nano_direct(state->memory);
	const uint8_t *const end = at + (uint64_t)state->memory_frames * NANO_FRAME_BYTES;
	struct nano_state_info info;
	unsigned i;

	for (i = 0; i < STATES_MAX && nano_state_info(i, &info) == SFP_OK; i++) {
		const bool fits = !is_own(&info) && info.bytes <= (uint64_t)(end - at);

		state->states[i] = (struct remembered){ .memory = info.memory, .was = fits ? at : NULL, .bytes = info.bytes };
		if (!fits)
			continue;
		copy(at, info.memory, info.bytes);
		at += (info.bytes + 7) & ~7u;
	}
	state->state_count = i;
	state->typed = false;
}
