/* SPDX-License-Identifier: BSD-2-Clause */
/* selftest: the order of the checks, and those of the port itself. */
#include "selftest.h"

#include <sfp/atomic.h>

/* ---- running them ------------------------------------------------------------- */

static const char *why_not(const struct sfp_selftest_host *host, uint32_t needs)
{
	if ((needs & SELFTEST_TRAPS) && !host->traps)
		return "the host says nothing of delivering traps (host.traps)";
	if ((needs & SELFTEST_UNMAPPED) && host->unmapped == 0)
		return "the host names no address that traps (host.unmapped)";
	if ((needs & SELFTEST_INTERRUPTIBLE) && !host->interruptible)
		return "the host cannot tell whether interrupts are on (host.interruptible)";
	if ((needs & SELFTEST_INTERRUPT) && !host->interrupt)
		return "the host makes no interrupt (host.interrupt)";
	if ((needs & SELFTEST_THREAD) && !host->thread)
		return "the host makes no thread (host.thread)";
	return NULL;
}

static void tell(const struct sfp_selftest_host *host, const struct selftest_check *check,
		 enum sfp_selftest_outcome outcome, const char *found)
{
	const struct sfp_selftest_line line = {
		.outcome = outcome,
		.subject = check->subject,
		.claim = check->claim,
		.found = found,
	};

	if (host->report)
		host->report(host->to, &line);
}

/* How many fail. `without`: none is tried, and this is why. */
static unsigned run(const struct sfp_selftest_host *host, const struct selftest_check *checks,
		    const char *without)
{
	unsigned failed = 0;

	for (; checks->check; checks++) {
		const char *found = without ? without : why_not(host, checks->needs);

		if (found) {
			tell(host, checks, SFP_SELFTEST_LEFT_OUT, found);
			continue;
		}
		found = checks->check(host);
		failed += found ? 1 : 0;
		if (found && (checks->needs & SELFTEST_BASIC))
			without = "the check above fails, and this one trusts it";
		tell(host, checks, found ? SFP_SELFTEST_FAILS : SFP_SELFTEST_HOLDS, found);
	}
	return failed;
}

enum sfp_status sfp_selftest(const struct sfp_selftest_host *host)
{
	const char *without = NULL;
	unsigned failed;

	if (!host)
		return SFP_UNSUPPORTED;
	failed = run(host, sfp_selftest_port, NULL);
	if (failed)
		without = "the port fails above, and gates trust it";
	failed += run(host, sfp_selftest_gates, without);
	if (failed)
		without = "something fails above, and patterns trust it";
	failed += run(host, sfp_selftest_patterns, without);
	failed += run(host, sfp_selftest_services, without);
	return failed ? SFP_INVALID : SFP_OK;
}

/* ---- the machine ----------------------------------------------------------------- */

static const char *line_is_a_power_of_two(const struct sfp_selftest_host *host)
{
	const size_t line = SFP_PORT_CACHE_LINE;

	(void)host;
	SELFTEST_THAT(line >= sizeof(uintptr_t), "SFP_PORT_CACHE_LINE is less than a word");
	SELFTEST_THAT((line & (line - 1)) == 0, "SFP_PORT_CACHE_LINE is no power of two");
	return NULL;
}

/* What can be seen of it in one thread; <sfp/port.h> compares the rest when it is compiled. */
static const char *atomics_are_whole(const struct sfp_selftest_host *host)
{
	uintptr_t word = 5;
	uintptr_t expected = 4;

	(void)host;
	SELFTEST_THAT(sfp_exchange_word(&word, 6) == 5 && word == 6, "an exchange loses or invents a value");
	SELFTEST_THAT(!sfp_cas_acquire_word(&word, &expected, 7) && word == 6 && expected == 6,
		      "a compare-and-swap with another value swaps, or does not say what is there");
	SELFTEST_THAT(sfp_cas_release_word(&word, &expected, 7) && word == 7,
		      "a compare-and-swap with the value that is there does not swap");
	sfp_store_release_word(&word, 8);
	SELFTEST_THAT(sfp_load_acquire_word(&word) == 8, "what was stored is not loaded");
	return NULL;
}

/* A thread may be moved to another processor between two looks, but not each time. */
static const char *cpu_is_constant(const struct sfp_selftest_host *host)
{
	unsigned round;

	(void)host;
	for (round = 0; round < 64; round++) {
		const sfp_port_irq_t saved = sfp_port_irq_save();
		const unsigned cpu = sfp_port_cpu();
		unsigned same = 0;

		while (same < 16 && sfp_port_cpu() == cpu)
			same++;
		sfp_port_irq_restore(saved);
		if (same == 16)
			return NULL;
	}
	return "sfp_port_cpu() gives one processor many numbers";
}

static const char *relax_returns(const struct sfp_selftest_host *host)
{
	unsigned turn;

	(void)host;
	for (turn = 0; turn < 16; turn++)
		sfp_port_relax();
	return NULL;
}

#if defined(SFP_PORT_HAS_REMOTE_BARRIER)
static const char *barrier_works_for_ever(const struct sfp_selftest_host *host)
{
	(void)host;
	if (!sfp_port_remote_barrier_works())
		return NULL;
	sfp_port_remote_barrier();
	SELFTEST_THAT(sfp_port_remote_barrier_works(), "sfp_port_remote_barrier_works() was true, and is not");
	return NULL;
}
#endif

#if defined(SFP_PORT_HAS_WAIT)
static const char *wait_looks_first(const struct sfp_selftest_host *host)
{
	const uint32_t word = 1;

	(void)host;
	sfp_port_wait(&word, 0);
	sfp_port_wake(&word);
#if defined(SFP_PORT_HAS_WAKE_ONE)
	sfp_port_wake_one(&word);
#endif
	return NULL;
}
#endif

/* ---- contexts ------------------------------------------------------------------------ */

static const char *context_is_one(const struct sfp_selftest_host *host)
{
	struct sfp_context *context = sfp_port_context();

	(void)host;
	SELFTEST_THAT(context, "sfp_port_context() is NULL");
	SELFTEST_THAT(sfp_port_context() == context, "sfp_port_context() is another one at each call");
	SELFTEST_THAT(context->pinned <= SFP_PINS, "its count of pins is out of bounds: it was not zeroed");
	return NULL;
}

/* More contexts than any host has: the enumeration goes round. */
#define MANY_CONTEXTS (1u << 20)

/* How often the enumeration comes to `wanted`; MANY_CONTEXTS: it does not end. */
static unsigned times_enumerated(const struct sfp_context *wanted)
{
	struct sfp_context *context;
	unsigned found = 0;
	unsigned all = 0;

#if defined(SFP_PORT_HAS_CONTEXT_HOLD)
	sfp_port_context_hold();
#endif
	for (context = sfp_port_context_next(NULL); context && all < MANY_CONTEXTS; all++) {
		found += context == wanted ? 1 : 0;
		context = sfp_port_context_next(context);
	}
#if defined(SFP_PORT_HAS_CONTEXT_HOLD)
	sfp_port_context_release();
#endif
	return all == MANY_CONTEXTS ? MANY_CONTEXTS : found;
}

static const char *enumeration_of(const struct sfp_context *context)
{
	const unsigned times = times_enumerated(context);

	SELFTEST_THAT(times != MANY_CONTEXTS, "sfp_port_context_next() does not come to an end");
	SELFTEST_THAT(times != 0,
		      "sfp_port_context_next() misses the running context: what it uses would be freed");
	SELFTEST_THAT(times == 1, "sfp_port_context_next() comes to the running context more than once");
	return NULL;
}

static const char *enumeration_is_whole(const struct sfp_selftest_host *host)
{
	(void)host;
	return enumeration_of(sfp_port_context());
}

static const char *stacks_are_where_it_says(const struct sfp_selftest_host *host)
{
	const struct sfp_context *context = sfp_port_context();
	const uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	(void)host;
	if (context->stack_high != 0)
		SELFTEST_THAT(here >= context->stack_low && here < context->stack_high,
			      "the running code is not within stack_low and stack_high");
	if (context->spare_high != 0) {
		SELFTEST_THAT(context->spare_high - context->spare_low >= 4096 &&
				      context->spare_high > context->spare_low,
			      "the spare stack has no room for releases: less than 4 KiB");
		SELFTEST_THAT(here < context->spare_low || here >= context->spare_high,
			      "the running code is on the spare stack already");
	}
	return NULL;
}

/* What the other thread finds. */
struct thread_seen {
	const struct sfp_context *first;
	const char *found;
};

static void look_from_thread(void *argument)
{
	struct thread_seen *seen = argument;
	struct sfp_context *context = sfp_port_context();

	if (!context || context == seen->first)
		seen->found = "a second thread has the first one's context";
	else if (context->gate || context->guards || context->pinned)
		seen->found = "a new thread's context is not empty";
	else
		seen->found = enumeration_of(context);
	if (!seen->found && times_enumerated(seen->first) != 1)
		seen->found = "seen from another thread, the first one's context is missed or found twice";
}

static const char *threads_have_their_own(const struct sfp_selftest_host *host)
{
	struct thread_seen seen = { .first = sfp_port_context(), .found = "the thread's body was not run" };

	SELFTEST_THAT(host->thread(look_from_thread, &seen), "the host's thread could not be made");
	SELFTEST_THAT(sfp_port_context() == seen.first,
		      "after another thread ran, this one has another context");
	return seen.found;
}

/* ---- interrupts ------------------------------------------------------------------------ */

static const char *masking_nests(const struct sfp_selftest_host *host)
{
	const bool before = host->interruptible();
	const sfp_port_irq_t outer = sfp_port_irq_save();
	const bool after_outer = host->interruptible();
	const sfp_port_irq_t inner = sfp_port_irq_save();
	const bool after_inner = host->interruptible();
	bool between;
	bool after;

	sfp_port_irq_restore(inner);
	between = host->interruptible();
	sfp_port_irq_restore(outer);
	after = host->interruptible();
	SELFTEST_THAT(before, "interrupts are off to begin with: run the self-test with them on");
	SELFTEST_THAT(!after_outer, "sfp_port_irq_save() leaves interrupts on");
	SELFTEST_THAT(!after_inner, "a second sfp_port_irq_save() turns interrupts on");
	SELFTEST_THAT(!between, "the inner sfp_port_irq_restore() turns interrupts on: it does not nest");
	SELFTEST_THAT(after, "the outer sfp_port_irq_restore() does not restore: interrupts stay off");
	return NULL;
}

/* What an interrupt finds. */
struct interrupt_seen {
	const struct sfp_context *interrupted;
	const char *found;
	uint32_t count;
};

static const char *look(const struct sfp_context *interrupted)
{
	const struct sfp_context *context = sfp_port_context();

	SELFTEST_THAT(
		context && context != interrupted,
		"it runs in the context of what it interrupted: its fault would release what that holds");
	SELFTEST_THAT(context->interrupt, "its context does not say that it is an interrupt's");
	return enumeration_of(context);
}

static void look_from_interrupt(void *argument)
{
	struct interrupt_seen *seen = argument;

	if (seen->count == 0)
		seen->found = look(seen->interrupted);
	sfp_store_release_u32(&seen->count, seen->count + 1); /* pairs with came() */
}

/* Has it come, by and by? */
static bool came(const struct interrupt_seen *seen, unsigned long turns)
{
	while (turns-- > 0) {
		if (sfp_load_acquire_u32(&seen->count) != 0)
			return true;
		sfp_port_relax();
	}
	return false;
}

#define SOON 10000000ul
#define A_WHILE 100000ul

static const char *interrupts_have_their_own(const struct sfp_selftest_host *host)
{
	struct interrupt_seen seen = { .interrupted = sfp_port_context() };

	host->interrupt(look_from_interrupt, &seen);
	(void)came(&seen, SOON);
	host->interrupt(NULL, NULL); /* whatever comes now finds no `seen` any more */
	SELFTEST_THAT(came(&seen, 1), "the host's interrupt did not come");
	SELFTEST_THAT(sfp_port_context() == seen.interrupted,
		      "after an interrupt the thread has another context");
	SELFTEST_THAT(sfp_load_u32(&seen.count) == 1, "the host's interrupt came more than once");
	return seen.found;
}

static const char *interrupts_stay_out(const struct sfp_selftest_host *host)
{
	struct interrupt_seen seen = { .interrupted = sfp_port_context() };
	const sfp_port_irq_t outer = sfp_port_irq_save();
	const sfp_port_irq_t inner = sfp_port_irq_save();
	bool early;
	bool between;

	host->interrupt(look_from_interrupt, &seen);
	early = came(&seen, A_WHILE);
	sfp_port_irq_restore(inner);
	between = !early && came(&seen, A_WHILE);
	sfp_port_irq_restore(outer);
	(void)came(&seen, SOON);
	host->interrupt(NULL, NULL); /* as above */
	SELFTEST_THAT(came(&seen, 1),
		      "the outer sfp_port_irq_restore() does not restore: the interrupt never came");
	SELFTEST_THAT(!early, "sfp_port_irq_save() does not keep interrupts out: one came after it");
	SELFTEST_THAT(!between, "the inner sfp_port_irq_restore() lets interrupts in: it does not nest");
	return NULL;
}

const struct selftest_check sfp_selftest_port[] = {
	{ "machine", "the cache line is a power of two", line_is_a_power_of_two, 0 },
	{ "machine", "atomic operations do what they say", atomics_are_whole, 0 },
	{ "irq", "masking nests", masking_nests, SELFTEST_INTERRUPTIBLE },
	{ "machine", "a processor has one number", cpu_is_constant, 0 },
	{ "machine", "a short wait ends", relax_returns, 0 },
#if defined(SFP_PORT_HAS_REMOTE_BARRIER)
	{ "machine", "a remote barrier that works goes on working", barrier_works_for_ever, 0 },
#endif
#if defined(SFP_PORT_HAS_WAIT)
	{ "machine", "who would wait looks first", wait_looks_first, 0 },
#endif
	{ "context", "a thread has one context", context_is_one, SELFTEST_BASIC },
	{ "context", "all contexts are enumerated, once", enumeration_is_whole, 0 },
	{ "context", "the stacks are where it says", stacks_are_where_it_says, 0 },
	{ "context", "each thread has its own", threads_have_their_own, SELFTEST_THREAD },
	{ "irq", "an interrupt has a context of its own", interrupts_have_their_own, SELFTEST_INTERRUPT },
	{ "irq", "no interrupt comes between save and restore", interrupts_stay_out, SELFTEST_INTERRUPT },
	{ .check = NULL },
};
