/* SPDX-License-Identifier: BSD-2-Clause */
/* sfp-sweep: stop a function of a program at every machine instruction in turn. */
#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GOOD = 0, FOUND = 1, USAGE = 2, CANNOT = 3 };

#define SHOWN_FAILURES 5
#define SHOWN_OUTPUT 2000
#define ALL (-1l)

static const char usage_text[] =
	"Usage: sfp-sweep [OPTION]... PROGRAM FUNCTION [ARGUMENT]...\n"
	"Run PROGRAM again and again. In the Nth run, when FUNCTION is called, the calling\n"
	"thread executes N instructions of it (and of what it calls) and then stops for\n"
	"ever; whoever is left must get on. PROGRAM needs its symbol table, and must do the\n"
	"same in each run.\n"
	"\n"
	"What happens at the instruction:\n"
	"  --kill           the thread stops for ever (this is the default). Who looks:\n"
	"      --check NAME   the process itself: `int NAME(void)` of PROGRAM is called, as by\n"
	"                     another thread; 0 is good\n"
	"      --after CMD    a shell command, after the whole process was killed; 0 is good\n"
	"      neither        the program's other threads; it must end with status 0\n"
	"  --fault[=NAME]   the instruction traps: signal SEGV, or ILL, BUS, FPE, TRAP. PROGRAM\n"
	"                   must handle it and end with status 0\n"
	"\n"
	"  --call N         sweep the Nth call of FUNCTION (1)\n"
	"  --from N, --to N only the instructions from N, up to N\n"
	"  --only N         the same as --from N --to N\n"
	"  --timeout S      a run that takes longer than S seconds hangs (10)\n"
	"  --verbose        show what PROGRAM prints, in every run\n"
	"  --help           this text\n"
	"\n"
	"Exit status: 0 good at every instruction; 1 not; 2 wrong usage; 3 it could not be\n"
	"tried: PROGRAM does not start, fails without being stopped, or never calls FUNCTION.\n";

struct options {
	int signal;            /* 0: kill */
	const char *check;
	const char *after;
	unsigned call;
	long from;
	long to;
	unsigned timeout;
	bool verbose;
	char **command;        /* PROGRAM, ARGUMENT... */
	const char *function;
};

struct sweep {
	struct options options;
	struct symbols symbols;
	int output;
	unsigned long stops;
	unsigned long failures;
	time_t told;
};

enum outcome { FINE, WRONG, RETURNED, LOST, REFUSED /* and told why */ };

static int misuse(const char *format, const char *word)
{
	fputs("sfp-sweep: ", stderr);
	fprintf(stderr, format, word);
	fputs("; sfp-sweep --help tells more\n", stderr);
	return USAGE;
}

static int signal_of(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} known[] = { { "SEGV", SIGSEGV },
		      { "ILL", SIGILL },
		      { "BUS", SIGBUS },
		      { "FPE", SIGFPE },
		      { "TRAP", SIGTRAP } };
	size_t i;

	if (!name)
		return SIGSEGV;
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(name, known[i].name) == 0)
			return known[i].number;
	return 0;
}

static bool number(const char *text, long least, long *to)
{
	char *end;

	errno = 0;
	*to = strtol(text, &end, 10);
	return errno == 0 && end != text && *end == 0 && *to >= least && *to < 1000000000;
}

/* ---- one run -------------------------------------------------------------------- */

static void clear_output(const struct sweep *sweep)
{
	if (sweep->output >= 0 &&
	    (ftruncate(sweep->output, 0) != 0 || lseek(sweep->output, 0, SEEK_SET) != 0))
		perror("sfp-sweep: output");
}

/* What the failed run printed, its end first of all. */
static void show_output(const struct sweep *sweep)
{
	char text[SHOWN_OUTPUT + 1];
	char *line;
	off_t size;
	ssize_t got;

	if (sweep->output < 0)
		return;
	size = lseek(sweep->output, 0, SEEK_END);
	got = pread(sweep->output, text, SHOWN_OUTPUT, size > SHOWN_OUTPUT ? size - SHOWN_OUTPUT : 0);
	text[got > 0 ? got : 0] = 0;
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		printf("    | %s\n", line);
}

static const char *ending(const struct process *process, char *text, size_t size)
{
	const int status = process->status;

	if (process->hung)
		return "it hangs";
	if (WIFEXITED(status))
		snprintf(text, size, "the program ends with status %d", WEXITSTATUS(status));
	else
		snprintf(text, size, "the program is ended by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	return text;
}

static bool ended_well(const struct process *process)
{
	return !process->hung && WIFEXITED(process->status) && WEXITSTATUS(process->status) == 0;
}

static bool check_inside(struct sweep *sweep, struct process *process, char *why, size_t size)
{
	int result;

	if (!process_check(process, symbols_find(&sweep->symbols, sweep->options.check), &result)) {
		char text[200];

		snprintf(why, size, "%s: %s", sweep->options.check, ending(process, text, sizeof(text)));
		return false;
	}
	snprintf(why, size, "%s says %d", sweep->options.check, result);
	return result == 0;
}

static bool check_after(struct sweep *sweep, struct process *process, char *why, size_t size)
{
	const int limit = (int)sweep->options.timeout;
	char *command;
	int status;

	process_kill(process);
	process_time_limit(0);
	if (asprintf(&command, "exec timeout -k 1 %d sh -c '\n%s\n' >&%d 2>&1", limit, sweep->options.after,
		     sweep->output < 0 ? 1 : sweep->output) < 0)
		exit(CANNOT);
	status = system(command);
	free(command);
	snprintf(why, size, "the command ends with status %d", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return status == 0;
}

static bool look(struct sweep *sweep, struct process *process, char *why, size_t size)
{
	const struct options *options = &sweep->options;
	char text[200];

	if (options->signal)
		process_go_on(process, options->signal);
	else if (options->check)
		return check_inside(sweep, process, why, size);
	else if (options->after)
		return check_after(sweep, process, why, size);
	process_finish(process, !options->signal);
	snprintf(why, size, "%s", ending(process, text, sizeof(text)));
	return ended_well(process);
}

static void report(struct sweep *sweep, long step, const char *where, const char *why)
{
	sweep->failures++;
	if (sweep->failures > SHOWN_FAILURES)
		return;
	printf("FAIL %s instruction %ld, %s: %s\n", sweep->options.signal ? "trap at" : "stopped before",
	       step, where, why);
	show_output(sweep);
	fflush(stdout);
}

static bool start(struct sweep *sweep, struct process *process)
{
	clear_output(sweep);
	process_time_limit(sweep->options.timeout * 1000);
	return process_start(process, sweep->options.command, &sweep->symbols, sweep->output);
}

/* Stop it before instruction `step`. */
static enum outcome run_once(struct sweep *sweep, long step)
{
	const struct options *options = &sweep->options;
	struct process process;
	char where[200];
	char why[400];
	long i;

	if (!start(sweep, &process))
		return REFUSED;
	if (!process_reach(&process, symbols_find(&sweep->symbols, options->function), options->call))
		return LOST;
	for (i = 0; i < step; i++)
		if (!process_step(&process)) {
			const bool hung = process.hung;

			process_kill(&process);
			return hung ? LOST : RETURNED;
		}
	if (!options->signal && !options->check && !options->after && process.thread_count < 2) {
		fprintf(stderr, "sfp-sweep: the program has one thread, and that one stops: who is to look? "
			"Use --check or --after\n");
		process_kill(&process);
		return REFUSED;
	}
	sweep->stops++;
	symbols_describe(&sweep->symbols, process_ip(&process), where, sizeof(where));
	if (look(sweep, &process, why, sizeof(why)))
		return FINE;
	report(sweep, step, where, why);
	return WRONG;
}

/* ---- all runs --------------------------------------------------------------------- */

/* It must be sound without us, and call the function. */
static bool baseline(struct sweep *sweep)
{
	struct process process;
	char text[200];

	if (!start(sweep, &process))
		return false;
	if (!symbols_find(&sweep->symbols, sweep->options.function) ||
	    (sweep->options.check && !symbols_find(&sweep->symbols, sweep->options.check))) {
		fprintf(stderr, "sfp-sweep: %s has no function %s\n", sweep->options.command[0],
			symbols_find(&sweep->symbols, sweep->options.function) ? sweep->options.check
									       : sweep->options.function);
		process_kill(&process);
		return false;
	}
	if (!process_reach(&process, symbols_find(&sweep->symbols, sweep->options.function),
			   sweep->options.call)) {
		fprintf(stderr, "sfp-sweep: %s was not called %u times (%s)\n", sweep->options.function,
			sweep->options.call, ending(&process, text, sizeof(text)));
		show_output(sweep);
		return false;
	}
	process_go_on(&process, 0);
	process_finish(&process, false);
	if (ended_well(&process))
		return true;
	fprintf(stderr, "sfp-sweep: without being stopped: %s\n", ending(&process, text, sizeof(text)));
	show_output(sweep);
	return false;
}

static void tell_progress(struct sweep *sweep, long step)
{
	const bool terminal = isatty(STDERR_FILENO);
	const time_t now = time(NULL);

	if (now - sweep->told < (terminal ? 1 : 10))
		return;
	sweep->told = now;
	fprintf(stderr, "%ssfp-sweep: at instruction %ld, %lu failures%s", terminal ? "\r\033[K" : "", step,
		sweep->failures, terminal ? "" : "\n");
}

static int sweep_all(struct sweep *sweep)
{
	const struct options *options = &sweep->options;
	enum outcome outcome = FINE;
	long step;

	sweep->told = time(NULL);
	if (!baseline(sweep))
		return CANNOT;
	for (step = options->from; options->to == ALL || step <= options->to; step++) {
		tell_progress(sweep, step);
		outcome = run_once(sweep, step);
		if (outcome != FINE && outcome != WRONG)
			break;
	}
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	if (outcome == REFUSED)
		return CANNOT;
	if (outcome == LOST) {
		fprintf(stderr,
			"sfp-sweep: run %ld did not come to instruction %ld: the program hangs there, "
			"or does not do the same in each run\n",
			step, step);
		return CANNOT;
	}
	if (sweep->stops == 0) {
		fprintf(stderr, "sfp-sweep: %s has returned before instruction %ld\n", options->function,
			options->from);
		return CANNOT;
	}
	printf("sfp-sweep: %lu %s in %s, %lu failures\n", sweep->stops, options->signal ? "faults" : "stops",
	       options->function, sweep->failures);
	return sweep->failures ? FOUND : GOOD;
}

static int set_fault(struct options *options, const char *name)
{
	options->signal = signal_of(name);
	return options->signal ? GOOD : misuse("there is no fault '%s'", name);
}

static int set_number(struct options *options, int letter, const char *text)
{
	const bool counts_from_one = letter == 'n' || letter == 't';
	long value;

	if (!number(text, counts_from_one, &value))
		return misuse("'%s' is no number that fits", text);
	if (letter == 'n')
		options->call = (unsigned)value;
	if (letter == 't')
		options->timeout = (unsigned)value;
	if (letter == 'F' || letter == 'o')
		options->from = value;
	if (letter == 'T' || letter == 'o')
		options->to = value;
	return GOOD;
}

static int set_option(struct options *options, int letter, char **argv)
{
	switch (letter) {
	case 'h':
		fputs(usage_text, stdout);
		exit(GOOD);
	case 'k':
		options->signal = 0;
		return GOOD;
	case 'f':
		return set_fault(options, optarg);
	case 'c':
		options->check = optarg;
		return GOOD;
	case 'a':
		options->after = optarg;
		return GOOD;
	case 'v':
		options->verbose = true;
		return GOOD;
	case '?':
		return misuse("wrong option '%s'", argv[optind - 1]);
	default:
		return set_number(options, letter, optarg);
	}
}

static int judge_options(const struct options *options)
{
	if (options->signal && (options->check || options->after))
		return misuse("%s", "after a fault the program itself must go on: no --check, no --after");
	if (options->check && options->after)
		return misuse("%s", "--check or --after, not both");
	if (options->to != ALL && options->to < options->from)
		return misuse("%s", "--to lies before --from");
	return GOOD;
}

static int parse(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "kill", no_argument, NULL, 'k' }, { "fault", optional_argument, NULL, 'f' },
		{ "check", required_argument, NULL, 'c' }, { "after", required_argument, NULL, 'a' },
		{ "call", required_argument, NULL, 'n' }, { "from", required_argument, NULL, 'F' },
		{ "to", required_argument, NULL, 'T' }, { "only", required_argument, NULL, 'o' },
		{ "timeout", required_argument, NULL, 't' }, { "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	int letter;

	opterr = 0;
	while ((letter = getopt_long(argc, argv, "+h", known, NULL)) != -1)
		if (set_option(options, letter, argv) != GOOD)
			return USAGE;
	if (argc - optind < 2)
		return misuse("%s", "PROGRAM and FUNCTION are needed");
	options->function = argv[optind + 1];
	argv[optind + 1] = argv[optind];
	options->command = argv + optind + 1;
	return judge_options(options);
}

int main(int argc, char **argv)
{
	struct sweep sweep = { .options = { .call = 1, .to = ALL, .timeout = 10 }, .output = -1 };
	const int wrong = parse(&sweep.options, argc, argv);
	const char *complaint;

	if (wrong)
		return wrong;
	complaint = symbols_open(&sweep.symbols, sweep.options.command[0]);
	if (complaint) {
		fprintf(stderr, "sfp-sweep: %s: %s\n", sweep.options.command[0], complaint);
		return CANNOT;
	}
	if (!sweep.options.verbose)
		sweep.output = memfd_create("sfp-sweep", 0);
	return sweep_all(&sweep);
}
