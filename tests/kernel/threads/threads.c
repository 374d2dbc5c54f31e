/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * threads: makes threads and sees what becomes of them, on all the processors
 * that there are. Ends the machine: status 0 if every promise was kept.
 */
#include "threads.h"

#include "lib/text.h"

void judge(struct threads_state *state, bool kept, const char *format, ...)
{
	char line[160];
	size_t length;
	va_list arguments;

	length = text_format(line, sizeof(line), "%s: ", kept ? "ok" : "FAILED");
	va_start(arguments, format);
	text_vformat(line + length, sizeof(line) - length, format, arguments);
	va_end(arguments);
	nano_log("judge", line);
	*(kept ? &state->kept : &state->broken) += 1;
}

uint32_t faults_of_threads(void)
{
	struct nano_module_info info;

	for (unsigned index = 0; nano_module_info(index, &info) == SFP_OK; index++) {
		if (text_equal(info.name, "threads"))
			return info.faults;
	}
	return UINT32_MAX;
}

unsigned begin(struct threads_state *state, unsigned count, nano_thread_entry *entry)
{
	unsigned made = 0;

	for (; made < count; made++) {
		struct worker *worker = &state->workers[made];

		*worker = (struct worker){ .state = state, .number = made };
		if (nano_thread_make("worker", entry, worker, &worker->thread) != SFP_OK)
			break;
	}
	return made;
}

unsigned end(struct threads_state *state, unsigned count, enum sfp_status wanted)
{
	unsigned good = 0;

	for (unsigned i = 0; i < count; i++) {
		enum sfp_status status = SFP_INVALID;

		good += nano_thread_join(state->workers[i].thread, &status) == SFP_OK && status == wanted;
	}
	return good;
}

static unsigned processors(void)
{
	struct nano_processor_info info;
	unsigned count = 0;

	for (unsigned i = 0; nano_processor_info(i, &info) == SFP_OK; i++)
		count += info.running;
	return count;
}

static enum sfp_status poll(struct threads_state *state)
{
	char line[80];

	state->processors = processors();
	judge_running(state);
	judge_sleeping(state);
	judge_ending(state);
	judge_choosing(state);
	judge_time(state);
	text_format(line, sizeof(line), "%u promises kept, %u broken", state->kept, state->broken);
	nano_log("judge", line);
	nano_exit(state->broken ? 1 : 0);
}

static enum sfp_status check(struct threads_state *state)
{
	(void)state;
	return SFP_OK;
}

NANO_HOOK(threads, check, check)
NANO_HOOK(threads, poll, poll)

NANO_MODULE(threads,
	.version = 1,
	.summary = "sees what becomes of threads",
	.state_size = sizeof(struct threads_state),
	.state_version = 1,
	.check = threads_check_hook_,
	.poll = threads_poll_hook_,
);
