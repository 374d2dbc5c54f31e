/* SPDX-License-Identifier: BSD-2-Clause */
/* lasting: the commands that show what lasts in the system, and whether it is sound. */
#include "shell.h"

#include "lib/text.h"

/* ---- state ------------------------------------------------------------------- */

static uint32_t bytes_of_kind(const struct nano_state_info *info, enum nano_field_kind kind)
{
	uint32_t bytes = 0;

	for (const struct nano_field *field = info->fields; field && field->name; field++)
		bytes += field->kind == kind ? field->size : 0;
	return bytes;
}

static void say_state(struct shell_state *state, const struct nano_state_info *info)
{
	const uint32_t aggregate = bytes_of_kind(info, NANO_AGGREGATE);
	const uint32_t borrowed = bytes_of_kind(info, NANO_BORROWED);

	shell_say(state, "%-12s %10u %10u %10u %10u  version %u%s\n", info->owner, info->bytes,
		  info->bytes - aggregate - borrowed, aggregate, borrowed, info->version,
		  info->phase == NANO_STARTED ? "" : ", not started");
}

static uint64_t say_states(struct shell_state *state)
{
	struct nano_state_info info;
	uint64_t bytes = 0;

	shell_say(state, "state of          bytes    lasting  aggregate   borrowed\n");
	for (unsigned i = 0; nano_state_info(i, &info) == SFP_OK; i++) {
		say_state(state, &info);
		bytes += info.bytes;
	}
	return bytes;
}

static void say_memory(struct shell_state *state)
{
	struct nano_memory_info info;
	uint64_t bytes = 0;

	shell_say(state, "memory of         bytes\n");
	for (unsigned i = 0; nano_memory_info(i, &info) == SFP_OK; i++) {
		shell_say(state, "%-12s %10lu  %s%s\n", info.owner, info.bytes, info.what,
			  info.writable ? "" : " (cannot be written)");
		bytes += info.bytes;
	}
	shell_say(state, "%-12s %10lu  of %lu\n", "all", bytes, nano_memory_bytes());
}

static const char *kind_name(uint32_t kind)
{
	static const char *const names[] = {
		[NANO_LASTING] = "lasting",
		[NANO_AGGREGATE] = "aggregate",
		[NANO_BORROWED] = "borrowed",
	};

	return names[kind];
}

static void say_fields(struct shell_state *state, const struct nano_state_info *info)
{
	uint32_t declared = 0;

	shell_say(state, "offset   bytes\n");
	for (const struct nano_field *field = info->fields; field && field->name; field++) {
		shell_say(state, "%6u %7u  %-9s %s\n", field->offset, field->size,
			  kind_name(field->kind), field->name);
		declared += field->size;
	}
	shell_say(state, "%14u  lasting   in no field\n", info->bytes - declared);
}

static enum sfp_status find_state(const char *owner, struct nano_state_info *info)
{
	for (unsigned i = 0; nano_state_info(i, info) == SFP_OK; i++) {
		if (text_equal(info->owner, owner))
			return SFP_OK;
	}
	return SFP_NOT_FOUND;
}

enum sfp_status shell_show_state(struct shell_state *state, char *arguments)
{
	struct nano_state_info info;
	uint64_t states;
	char *word[1];

	SFP_TRY(shell_words(arguments, word, 0, 1));
	if (word[0] != NULL && find_state(word[0], &info) == SFP_OK) {
		say_fields(state, &info);
	} else if (word[0] != NULL) {
		shell_say(state, "No module %s has a state.\n", word[0]);
	} else {
		states = say_states(state);
		shell_say(state, "%-12s %10lu\n", "all", states);
		say_memory(state);
	}
	return SFP_OK;
}

/* ---- check ------------------------------------------------------------------------ */

/* True: it was started, and could be asked. */
static bool check_module(struct shell_state *state, const struct nano_module_info *info, unsigned *broken)
{
	const char *invariant = NULL;
	enum sfp_status status;

	if (info->refused || info->phase != NANO_STARTED)
		return false;
	status = nano_module_check(info->name, &invariant);
	if (status == SFP_OK)
		return true;
	*broken += 1;
	if (invariant != NULL)
		shell_say(state, "%s: this does not hold: %s\n", info->name, invariant);
	else
		shell_say(state, "%s: %s\n", info->name, sfp_status_text(status));
	return true;
}

static unsigned check_core(struct shell_state *state, unsigned *broken)
{
	const char *invariant;
	enum sfp_status status;
	unsigned count = 0;

	while ((status = nano_check(count, &invariant)) != SFP_NOT_FOUND) {
		count++;
		if (status == SFP_OK)
			continue;
		*broken += 1;
		shell_say(state, "the nano-core: this does not hold: %s\n", invariant);
	}
	return count;
}

enum sfp_status shell_check(struct shell_state *state, char *arguments)
{
	struct nano_module_info info;
	unsigned checked = 0;
	unsigned broken = 0;
	unsigned invariants;

	SFP_TRY(shell_words(arguments, NULL, 0, 0));
	for (unsigned i = 0; nano_module_info(i, &info) == SFP_OK; i++)
		checked += check_module(state, &info, &broken);
	invariants = check_core(state, &broken);
	shell_say(state, "%u modules and %u invariants of the nano-core checked, %u broken\n", checked,
		  invariants, broken);
	return SFP_OK;
}
