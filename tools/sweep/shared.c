/* SPDX-License-Identifier: BSD-2-Clause */
/* shared: the memory that victims share, copies of it, and calls that may not come back. */
#define _GNU_SOURCE
#include "shared.h"
#include "sweep.h"
#include "symbols.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/time.h>

#define STACK_SIZE ((size_t)256 * 1024)
#define PAGE ((size_t)4096)
#define TEXT 512u
#define CHECK_TIME_LIMIT 1 /* seconds of processor time */

static struct {
	char *complaint;    /* shared too: victims complain */
	char *world;
	size_t size;
	char *stack_top;
	bool quiet;
	char first[2 * TEXT];
} shared;

struct snapshot {
	char *stack_low;
	size_t stack_size;
	char bytes[];       /* the world, then the stack */
};

static void *map_or_die(size_t size)
{
	void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (mapped == MAP_FAILED) {
		perror("sweep: shared memory");
		exit(3);
	}
	return mapped;
}

void *sfp_sweep_memory(size_t size)
{
	const size_t whole = (size + PAGE - 1) / PAGE * PAGE;
	char *mapped = map_or_die(PAGE + whole + PAGE + STACK_SIZE);

	shared.complaint = mapped;
	shared.world = mapped + PAGE;
	shared.size = size;
	mprotect(shared.world + whole, PAGE, PROT_NONE);
	shared.stack_top = shared.world + whole + PAGE + STACK_SIZE;
	return shared.world;
}

void *shared_stack_top(void)
{
	return shared.stack_top;
}

/* ---- snapshots ------------------------------------------------------------ */

struct snapshot *snapshot_take(uintptr_t stack_low)
{
	const size_t stack_size = (uintptr_t)shared.stack_top - stack_low;
	struct snapshot *snapshot = malloc(sizeof(*snapshot) + shared.size + stack_size);

	if (!snapshot || stack_size > STACK_SIZE) {
		fprintf(stderr, "sweep: no memory for a snapshot, or the operation left its stack\n");
		exit(3);
	}
	snapshot->stack_low = (char *)stack_low;
	snapshot->stack_size = stack_size;
	memcpy(snapshot->bytes, shared.world, shared.size);
	memcpy(snapshot->bytes + shared.size, snapshot->stack_low, stack_size);
	return snapshot;
}

void snapshot_restore(const struct snapshot *snapshot)
{
	memcpy(shared.world, snapshot->bytes, shared.size);
	memcpy(snapshot->stack_low, snapshot->bytes + shared.size, snapshot->stack_size);
}

void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot);
}

bool snapshot_is_current(const struct snapshot *snapshot)
{
	return memcmp(snapshot->bytes, shared.world, shared.size) == 0;
}

/* ---- complaints ------------------------------------------------------------ */

bool sfp_sweep_complain(const char *format, ...)
{
	va_list arguments;

	if (shared.complaint[0])
		return false;
	va_start(arguments, format);
	vsnprintf(shared.complaint, TEXT, format, arguments);
	va_end(arguments);
	return false;
}

void sfp_sweep_quiet(void)
{
	shared.quiet = true;
}

const char *sfp_sweep_first(void)
{
	return shared.first;
}

void shared_clear(void)
{
	shared.complaint[0] = 0;
}

void shared_report(const char *where, bool loud)
{
	if (!shared.first[0])
		snprintf(shared.first, sizeof(shared.first), "%s: %s", where, shared.complaint);
	if (loud && !shared.quiet)
		printf("FAIL %s: %s\n", where, shared.complaint);
	shared_clear();
}

/* ---- calls that may not come back ---------------------------------------------- */

static sigjmp_buf back;

static void on_crash(int signal)
{
	siglongjmp(back, signal);
}

static void set_time_limit(time_t seconds)
{
	const struct itimerval timer = { .it_value = { .tv_sec = seconds } };

	setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

static void catch_crashes(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGVTALRM };
	static bool caught;
	struct sigaction action = { .sa_handler = on_crash };
	size_t i;

	for (i = 0; !caught && i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
	caught = true;
}

bool shared_try(void (*function)(void *), void *argument)
{
	int signal;

	catch_crashes();
	signal = sigsetjmp(back, 1);
	if (signal == 0) {
		set_time_limit(CHECK_TIME_LIMIT);
		function(argument);
	} else if (signal == SIGVTALRM) {
		(void)sfp_sweep_complain("whoever comes after hangs");
	} else {
		(void)sfp_sweep_complain("whoever comes after gets signal %d (%s)", signal,
					 strsignal(signal));
	}
	set_time_limit(0);
	return shared.complaint[0] == 0;
}

/* ---- names -------------------------------------------------------------------- */

void shared_where(uintptr_t address, char *text, size_t size)
{
	static struct symbols symbols;
	static bool tried;

	if (!tried && symbols_open(&symbols, "/proc/self/exe") == NULL)
		symbols.base = getauxval(AT_ENTRY) - symbols.entry;
	tried = true;
	symbols_describe(&symbols, address, text, size);
}
