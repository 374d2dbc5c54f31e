/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shell: the prompt. It offers no interface: it is the one that calls. Private
 * to the module are the commands' table and what a command is given.
 */
#ifndef SHELL_H
#define SHELL_H

#include "bench.h"
#include "console.h"
#include "frames.h"
#include "heap.h"
#include "nano/nano.h"
#include "tasks.h"
#include "timer.h"
#include "trace.h"

#define SHELL_PROMPT "refkernel> "
#define SHELL_LINE_MAX 4096u /* characters of a line */

struct shell_spinners;

struct shell_state {
	struct console_ref console;
	struct frames_ref frames;
	struct heap_ref heap;
	struct trace_ref trace;
	struct bench_ref bench;
	struct timer_ref timer;
	struct timers_client sleeper;
	struct timer sleep;        /* while it is started no line is taken */
	struct tasks_ref tasks;
	struct shell_spinners *spinners; /* in a heap; NULL: none */
	struct console_line line;
	char text[SHELL_LINE_MAX + 1];
	char earlier[SHELL_LINE_MAX + 1];
};

/** A command; `arguments` is what follows its name and one blank, and may be cut up. */
struct shell_command {
	const char *name;
	const char *usage;   /* the arguments */
	const char *summary;
	/* MALFORMED: wrong arguments; the shell answers with the usage. Anything else was answered. */
	enum sfp_status (*run)(struct shell_state *state, char *arguments);
};

/** Cut up to `most` words off the arguments; MALFORMED if there are others, or fewer than `least`. */
enum sfp_status shell_words(char *arguments, char **into, unsigned least, unsigned most) SFP_NODISCARD;

/** In lasting.c: the commands of these names. */
enum sfp_status shell_show_state(struct shell_state *state, char *arguments);
enum sfp_status shell_check(struct shell_state *state, char *arguments);

/** In spill.c and memory.c: the commands of these names. */
enum sfp_status shell_spill(struct shell_state *state, char *arguments);
enum sfp_status shell_memory(struct shell_state *state, char *arguments);
/** In tracing.c and bench.c. */
enum sfp_status shell_trace(struct shell_state *state, char *arguments);
enum sfp_status shell_bench(struct shell_state *state, char *arguments);

/** In timers.c: the commands of these names. */
enum sfp_status shell_timers(struct shell_state *state, char *arguments);
enum sfp_status shell_sleep(struct shell_state *state, char *arguments);

/** Does the prompt sleep? */
bool shell_is_asleep(struct shell_state *state);

/** In offered.c: run the command that a module of that name offers; NOT_FOUND: there is none. Their lines of `help`. */
enum sfp_status shell_run_offered(struct shell_state *state, const char *name, size_t length,
				  const char *arguments) SFP_NODISCARD;
void shell_help_offered(struct shell_state *state);

/** In tasks.c: the commands of these names. */
enum sfp_status shell_tasks(struct shell_state *state, char *arguments);
enum sfp_status shell_spin(struct shell_state *state, char *arguments);

/** Ends with a nameless entry. */
extern const struct shell_command shell_commands[];

/** Run what is typed in `text`; it is as it was when this returns. */
void shell_run(struct shell_state *state, char *text);

/** The command `ifaces`, in ifaces.c. */
enum sfp_status shell_ifaces(struct shell_state *state, char *arguments);

/** Formatted output through the console, up to some 200 characters. */
void shell_say(struct shell_state *state, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Any number of characters, as they are. */
void shell_write(struct shell_state *state, const char *text, size_t length);

/* The end of a heap of the shell's, whatever traps meanwhile. memory.c */
struct heap;
void shell_end_heap(struct shell_state *state, struct heap *heap);

#endif /* SHELL_H */
