/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * meter: stands in for the keyboard and counts what its interrupt handler's
 * steps cost, in ticks of the time-stamp counter. Under QEMU's -icount shift=0
 * a tick is an instruction; the calibration shows whether it is.
 *
 * Each key press is enqueued twice: to a queue whose consumer is busy, which is
 * this module's own, and to the console's, whose consumer sleeps.
 */
#include "console.h"
#include "i8042.h"
#include "interrupts.h"
#include "lib/text.h"

#define LINE 1u
#define SAMPLES 64u
#define KNOWN 100u

enum step {
	STEP_EMPTY,     /* nothing: what measuring itself costs, subtracted from the others */
	STEP_KNOWN,     /* KNOWN instructions */
	STEP_FIND,      /* the call that gets the console's queue */
	STEP_PLACE,     /* a free event of the pool */
	STEP_BUSY,      /* enqueue, the consumer is busy */
	STEP_WAKING,    /* enqueue, the consumer sleeps: the hook is in it */
	STEPS
};

static const char *const step_names[STEPS] = {
	[STEP_EMPTY] = "empty", [STEP_KNOWN] = "known", [STEP_FIND] = "find",
	[STEP_PLACE] = "place", [STEP_BUSY] = "busy", [STEP_WAKING] = "waking",
};

struct meter_state {
	struct console_ref console;
	struct interrupts_ref interrupts;
	uint32_t count;
	bool told;
	uint64_t least[STEPS];
	uint64_t most[STEPS];
	struct input_queue own;
	struct input_queue_consumer own_consumer;
	struct input_pool own_pool;
	struct input_pool pool;
};

static inline __attribute__((always_inline)) uint64_t now(void)
{
	uint32_t low, high;

	__asm__ __volatile__("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static void note(struct meter_state *state, enum step step, uint64_t ticks)
{
	if (step != STEP_EMPTY)
		ticks -= state->least[STEP_EMPTY];
	if (state->count == 0 || ticks < state->least[step])
		state->least[step] = ticks;
	if (state->count == 0 || ticks > state->most[step])
		state->most[step] = ticks;
}

static void calibrate(struct meter_state *state)
{
	uint64_t begun = now();

	note(state, STEP_EMPTY, now() - begun);
	begun = now();
	__asm__ __volatile__(".rept %c0\n\tnop\n\t.endr" : : "i"(KNOWN) : "memory");
	note(state, STEP_KNOWN, now() - begun);
}

/* The status is looked at afterwards, as a driver would. */
static enum sfp_status measure(struct meter_state *state, enum step step, struct input_pool *pool,
			       struct input_queue *queue)
{
	struct input_event *event;
	enum sfp_status status;
	uint64_t begun = now();

	event = input_place(pool, queue);
	begun = now() - begun;
	if (event == NULL)
		return SFP_AGAIN;
	note(state, STEP_PLACE, begun);
	event->source = INPUT_KEYBOARD;
	event->kind = INPUT_CHARACTER;
	event->value = 'm';
	pool->next++;
	begun = now();
	status = input_queue_enqueue(queue, event);
	note(state, step, now() - begun);
	return status;
}

static enum sfp_status sample(struct meter_state *state)
{
	struct input_queue *queue;
	const uint64_t begun = now();
	const enum sfp_status found = console_inputs(&state->console, &queue);
	const uint64_t taken = now() - begun;

	SFP_TRY(found);
	calibrate(state);
	note(state, STEP_FIND, taken);
	SFP_TRY(measure(state, STEP_BUSY, &state->own_pool, &state->own));
	return measure(state, STEP_WAKING, &state->pool, queue);
}

static void on_interrupt(void *data)
{
	struct meter_state *const state = data;
	uint8_t byte;

	while (i8042_read(&byte)) {
		if (!(byte & 0x80) && sample(state) == SFP_OK)
			state->count++;
	}
}

static enum sfp_status drain(struct meter_state *state)
{
	struct input_event *event;

	while (input_queue_peek(&state->own_consumer, &event) == SFP_OK)
		SFP_TRY(input_queue_complete(&state->own_consumer, event));
	return SFP_EMPTY;
}

static enum sfp_status poll(struct meter_state *state)
{
	char text[64];

	if (state->count < SAMPLES || state->told)
		return drain(state);
	state->told = true;
	for (enum step step = 0; step < STEPS; step++) {
		text_format(text, sizeof(text), "%s %lu to %lu ticks", step_names[step], state->least[step],
			    state->most[step]);
		nano_log("meter", text);
	}
	text_format(text, sizeof(text), "%u samples", state->count);
	nano_log("meter", text);
	return SFP_OK;
}

static enum sfp_status start(struct meter_state *state)
{
	unsigned vector;

	SFP_TRY(input_queue_init(&state->own, 0));
	SFP_TRY(input_queue_attach(&state->own_consumer, &state->own, SFP_PROOF("the queue is new")));
	SFP_TRY(interrupts_vector(&state->interrupts, LINE, &vector));
	SFP_TRY(i8042_start());
	SFP_TRY(nano_interrupt_bind(vector, on_interrupt, state));
	SFP_TRY(interrupts_enable(&state->interrupts, LINE));
	return i8042_interrupt_on();
}

static enum sfp_status check(struct meter_state *state)
{
	SFP_TRY(input_check(&state->own_pool));
	return input_check(&state->pool);
}

NANO_HOOK(meter, start, start)
NANO_HOOK(meter, check, check)
NANO_HOOK(meter, poll, poll)

static const struct nano_use uses[] = {
	NANO_USE(meter, interrupts, interrupts, NANO_FIRST),
	NANO_USE(meter, console, console, NANO_LAZILY),
	NANO_USES_END
};

NANO_MODULE(meter,
	.version = 1,
	.summary = "counts what an enqueue costs in an interrupt handler",
	.state_size = sizeof(struct meter_state),
	.state_version = 1,
	.uses = uses,
	.start = meter_start_hook_,
	.check = meter_check_hook_,
	.poll = meter_poll_hook_,
);
