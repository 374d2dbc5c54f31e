/* SPDX-License-Identifier: BSD-2-Clause */
/* commands: what can be typed at the prompt. Each keeps nothing; the table is at the bottom. */
#include "shell.h"

#include "lib/text.h"

#define EXIT_MOST 100u

enum sfp_status shell_words(char *arguments, char **into, unsigned least, unsigned most)
{
	unsigned count = 0;
	char *word;

	for (unsigned i = 0; i < most; i++)
		into[i] = NULL;
	while ((word = text_word(&arguments)) != NULL) {
		if (count == most)
			return SFP_MALFORMED;
		into[count++] = word;
	}
	return count < least ? SFP_MALFORMED : SFP_OK;
}

static enum sfp_status help(struct shell_state *state, char *arguments)
{
	SFP_TRY(shell_words(arguments, NULL, 0, 0));
	for (const struct shell_command *command = shell_commands; command->name != NULL; command++) {
		char call[40];

		text_format(call, sizeof(call), "%s%s", command->name, command->usage);
		shell_say(state, "  %-26s %s\n", call, command->summary);
	}
	shell_help_offered(state);
	return SFP_OK;
}

static const char *phase_name(const struct nano_module_info *info)
{
	static const char *const names[] = {
		[NANO_LOADED] = "loaded",
		[NANO_STARTING] = "starting",
		[NANO_STARTED] = "started",
		[NANO_FAILED] = "failed",
		[NANO_RESTARTING] = "closed",
	};

	return info->refused ? "refused" : names[info->phase];
}

static void say_module(struct shell_state *state, const struct nano_module_info *info)
{
	const char *about = info->refused ? info->reason : info->summary;

	if (!info->refused && info->phase == NANO_FAILED)
		about = sfp_status_text(info->start_status);
	shell_say(state, "%-19s %-8s %7u %6u %8u %6u %6u  %s\n", info->name, phase_name(info), info->version,
		  info->faults, info->restarts, info->text_bytes, info->state_bytes, about);
}

static enum sfp_status modules(struct shell_state *state, char *arguments)
{
	struct nano_module_info info;

	SFP_TRY(shell_words(arguments, NULL, 0, 0));
	shell_say(state, "module              phase    version faults restarts   text  state\n");
	for (unsigned i = 0; nano_module_info(i, &info) == SFP_OK; i++)
		say_module(state, &info);
	return SFP_OK;
}

static enum sfp_status queues(struct shell_state *state, char *arguments)
{
	struct console_queue row;
	uint64_t unwritten;
	char depth[24];

	SFP_TRY(shell_words(arguments, NULL, 0, 0));
	shell_say(state, "queue              depth delivered  attempts    failed      lost\n");
	for (unsigned i = 0; console_queues(&state->console, i, &row) == SFP_OK; i++) {
		text_format(depth, sizeof(depth), "%zu", row.depth);
		shell_say(state, "%-18s %5s %9lu %9lu %9lu %9lu\n", row.name, row.has_depth ? depth : "",
			  row.delivered, row.attempts, row.failed, row.lost);
	}
	if (console_unwritten(&state->console, &unwritten) == SFP_OK && unwritten > 0)
		shell_say(state, "output that found no way out: %lu bytes\n", unwritten);
	return SFP_OK;
}

static enum sfp_status echo(struct shell_state *state, char *arguments)
{
	shell_write(state, arguments, text_length(arguments));
	shell_write(state, "\n", 1);
	return SFP_OK;
}

static void say_fault(struct shell_state *state, const char *module, const struct sfp_fault *why)
{
	char where[80];

	nano_symbolize(why->ip, where, sizeof(where));
	shell_say(state, "%s trapped (%s) at %s; its caller got FAULT, and here we are.\n", module,
		  sfp_fault_kind_text(why->kind), where);
}

static enum sfp_status fault(struct shell_state *state, char *arguments)
{
	struct sfp_fault why = { 0 };
	enum sfp_status status;
	char *word[3];

	SFP_TRY(shell_words(arguments, word, 1, 3));
	if (word[1] != NULL && (!text_equal(word[1], "at") || word[2] == NULL))
		return SFP_MALFORMED;
	status = nano_fault_inject(word[0], word[2], &why);
	if (status == SFP_FAULT)
		say_fault(state, word[0], &why);
	else if (status == SFP_OK)
		shell_say(state, "The check of %s did not come past %s; whoever does next traps there.\n", word[0],
			  word[2] != NULL ? word[2] : "its own start");
	else
		shell_say(state, "%s: %s\n", word[0], sfp_status_text(status));
	return SFP_OK;
}

static enum sfp_status reboot(struct shell_state *state, char *arguments)
{
	SFP_TRY(shell_words(arguments, NULL, 0, 0));
	shell_say(state, "Restarting.\n");
	nano_reboot();
}

static enum sfp_status leave(struct shell_state *state, char *arguments)
{
	uint64_t status = 0;
	char *word[1];

	SFP_TRY(shell_words(arguments, word, 0, 1));
	if (word[0] != NULL && (text_to_number(word[0], &status) != SFP_OK || status > EXIT_MOST)) {
		shell_say(state, "A status is a number from 0 to %u.\n", EXIT_MOST);
		return SFP_MALFORMED;
	}
	nano_exit((unsigned)status);
}

const struct shell_command shell_commands[] = {
	{ "help", "", "this list", help },
	{ "modules", "", "the modules, their phase, faults and sizes in bytes", modules },
	{ "ifaces", " [--dot]", "who offers what, and who is bound to whom; as a graph", shell_ifaces },
	{ "queues", "", "what is in the queues and what went through them", queues },
	{ "echo", " [text]", "print the text", echo },
	{ "state", " [module]", "what lasts, and whose it is; a module's, by its fields", shell_show_state },
	{ "check", "", "ask each module whether its state is sound", shell_check },
	{ "spill", " command", "run it, and show what of any state is not what it was", shell_spill },
	{ "memory", " [try bytes | fail n]", "frames and heaps; try one, or have an allocation fail",
	  shell_memory },
	{ "timers", "", "which deadlines there are, and whose", shell_timers },
	{ "sleep", " seconds", "take the next line after that time", shell_sleep },
	{ "trace", " [count | faults | kinds | on KIND | off KIND]", "what happened last; what is recorded",
	  shell_trace },
	{ "bench", "", "what calls, faults and interrupts cost", shell_bench },
	{ "tasks", "", "who shares the processors, and what each has used", shell_tasks },
	{ "spin", " count [weight] | end", "make tasks that only use their share; or end them", shell_spin },
	{ "fault", " module [at symbol]", "make a module trap, and see the rest go on", fault },
	{ "reboot", "", "restart the machine", reboot },
	{ "exit", " [status]", "end the machine (under QEMU, with that status)", leave },
	{ NULL, NULL, NULL, NULL },
};
