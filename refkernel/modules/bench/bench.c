/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench: owns an interrupt vector that no device has. Retains counts of the
 * interrupts that it asked for and got. Called by the shell, and by itself: a
 * late-bound call is one like any, whoever serves it.
 */
#include "bench.h"

#define VECTOR 0x91
#define KNOWN 100u
#define REPETITIONS 101u
#define FAULTS 3u          /* they are counted, and a module with too many is restarted */

struct bench_state {
	struct bench_ref self;
	uint64_t asked;
	uint64_t heard;
	uint64_t arrived;  /* the counter, when the latest interrupt did */
};

typedef uint64_t once(struct bench_state *state);

static inline __attribute__((always_inline)) uint64_t now(void)
{
	uint32_t low, high;

	__asm__ __volatile__("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* ---- the steps, once each -------------------------------------------------------- */

static __attribute__((noinline)) enum sfp_status do_nothing(void *argument)
{
	__asm__ __volatile__("" : : "r"(argument) : "memory");
	return SFP_OK;
}

static enum sfp_status trap(void *argument)
{
	(void)argument;
	__asm__ __volatile__("ud2");
	return SFP_OK;
}

static enum sfp_status raise(void *argument)
{
	(void)argument;
	sfp_fault_raise(0);
}

/* What measuring itself costs. */
static uint64_t empty(struct bench_state *state)
{
	const uint64_t begun = now();

	(void)state;
	return now() - begun;
}

static uint64_t known(struct bench_state *state)
{
	const uint64_t begun = now();

	(void)state;
	__asm__ __volatile__(".rept %c0\n\tnop\n\t.endr" : : "i"(KNOWN) : "memory");
	return now() - begun;
}

static uint64_t indirect(struct bench_state *state)
{
	sfp_gated *volatile const function = do_nothing;
	sfp_gated *const called = function;
	const uint64_t begun = now();

	(void)state;
	SFP_IGNORE(called(NULL), "it does nothing");
	return now() - begun;
}

static uint64_t contained(sfp_gated *function)
{
	struct sfp_context *const context = sfp_port_context();
	const uint64_t begun = now();

	SFP_IGNORE(sfp_gate_call(context, function, NULL, NULL), "what it costs is what counts");
	return now() - begun;
}

static uint64_t gate(struct bench_state *state)
{
	(void)state;
	return contained(do_nothing);
}

static uint64_t fault(struct bench_state *state)
{
	(void)state;
	return contained(trap);
}

static uint64_t raised(struct bench_state *state)
{
	(void)state;
	return contained(raise);
}

static uint64_t call(struct bench_state *state)
{
	const uint64_t begun = now();

	SFP_IGNORE(bench_nothing(&state->self), "what it costs is what counts");
	return now() - begun;
}

static void on_interrupt(void *data)
{
	struct bench_state *const state = data;

	state->arrived = now();
	state->heard++;
}

static uint64_t interrupt(struct bench_state *state)
{
	uint64_t begun;

	state->asked++;
	begun = now();
	__asm__ __volatile__("int %0" : : "i"(VECTOR) : "memory");
	return state->arrived - begun;
}

static once *const steps[BENCH_STEPS] = {
	[BENCH_KNOWN] = known, [BENCH_INDIRECT] = indirect, [BENCH_GATE] = gate,           [BENCH_CALL] = call,
	[BENCH_RAISE] = raised, [BENCH_FAULT] = fault,      [BENCH_INTERRUPT] = interrupt,
};

/* ---- many times --------------------------------------------------------------------- */

/* Faults on purpose are not printed; not for longer than this lasts, whatever ends it. */
static void be_loud(bool *quiet)
{
	if (*quiet)
		(void)nano_fault_quiet(false);
	*quiet = false;
}
SFP_GUARD(quiet, bool, be_loud);

/* Into its place among those before it. */
static void insert(uint64_t *sorted, unsigned count, uint64_t value)
{
	for (; count > 0 && sorted[count - 1] > value; count--)
		sorted[count] = sorted[count - 1];
	sorted[count] = value;
}

/* The first one does what is done once, and warms the caches. */
static void repeat(struct bench_state *state, once *step, uint32_t repetitions, struct bench_figure *figure)
{
	uint64_t sorted[REPETITIONS];

	(void)step(state);
	for (uint32_t i = 0; i < repetitions; i++) {
		const sfp_port_irq_t irq = sfp_port_irq_save();
		const uint64_t ticks = step(state);

		sfp_port_irq_restore(irq);
		insert(sorted, i, ticks);
	}
	*figure = (struct bench_figure){
		.least = sorted[0], .median = sorted[repetitions / 2], .repetitions = repetitions
	};
}

static enum sfp_status serve_measure(struct bench_state *state, unsigned step, struct bench_figure *figure)
{
	const bool faults = step == BENCH_RAISE || step == BENCH_FAULT;
	struct bench_figure nothing;

	if (step >= BENCH_STEPS)
		return SFP_INVALID;
	SFP_SCOPED(quiet, quiet, false);
	if (faults)
		quiet.value = !nano_fault_quiet(true);
	repeat(state, empty, REPETITIONS, &nothing);
	repeat(state, steps[step], faults ? FAULTS : REPETITIONS, figure);
	figure->least -= nothing.least < figure->least ? nothing.least : figure->least;
	figure->median -= nothing.median < figure->median ? nothing.median : figure->median;
	return SFP_OK;
}

/* Instructions are exact: the known ones take what they are, each time. */
static enum sfp_status serve_instructions(struct bench_state *state, bool *are_counted)
{
	struct bench_figure figure;

	SFP_TRY(serve_measure(state, BENCH_KNOWN, &figure));
	*are_counted = figure.least == KNOWN && figure.median == KNOWN;
	return SFP_OK;
}

static enum sfp_status serve_nothing(struct bench_state *state)
{
	return do_nothing(state);
}

/* ---- the module ------------------------------------------------------------------------ */

static enum sfp_status start(struct bench_state *state)
{
	return nano_interrupt_bind(VECTOR, on_interrupt, state);
}

static enum sfp_status check(struct bench_state *state)
{
	NANO_HOLDS(state->heard <= state->asked, "no interrupt comes that was not asked for");
	return SFP_OK;
}

SFP_PROVIDER(serve, struct bench_state, bench, BENCH_OPS);
NANO_HOOK(bench, start, start)
NANO_HOOK(bench, check, check)

static const struct nano_use uses[] = { NANO_USE(bench, self, bench, NANO_LAZILY), NANO_USES_END };

static const struct nano_field fields[] = {
	NANO_FIELD(bench, self, NANO_AGGREGATE), /* where it was found */
	NANO_FIELD(bench, asked, NANO_AGGREGATE),
	NANO_FIELD(bench, heard, NANO_AGGREGATE),
	NANO_FIELD(bench, arrived, NANO_AGGREGATE),
	NANO_FIELDS_END
};

NANO_MODULE(bench,
	.version = 1,
	.summary = "what the kernel's own steps cost",
	.state_size = sizeof(struct bench_state),
	.state_version = 1,
	.uses = uses,
	.fields = fields,
	NANO_OFFERS(serve, bench),
	.start = bench_start_hook_,
	.check = bench_check_hook_,
	.takeover = bench_start_hook_,
);
