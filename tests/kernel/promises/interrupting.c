/* SPDX-License-Identifier: BSD-2-Clause */
/* interrupting: see interrupting.h. */
#include "interrupting.h"

#include "small.h"

#define GOOD 0x80
#define TRAPS 0x81
#define NESTS 0x82
#define OVERFLOWS 0x83
#define CALLS 0x84
#define FREE 0x8f
#define OF_LATE 0x90      /* late.c */
#define OF_STILLBORN 0x91 /* stillborn.c */

#define LEVELS 5          /* refkernel/nano/stacks.h; the last runs no handler */

#define INTERRUPT(vector) __asm__ __volatile__("int %0" : : "i"(vector) : "memory", "cc")

static void end(void *state, unsigned vector)
{
	struct judge_state *judged = state;

	judged->ended++;
	judged->latest = vector;
}

static void good(void *state)
{
	struct judge_state *judged = state;

	judged->handled++;
	judged->saw_interrupt = nano_in_interrupt();
}

static void traps(void *state)
{
	((struct judge_state *)state)->handled++;
	__asm__ __volatile__("ud2");
}

/* With interrupts on in the handler, as a rude one would have them. */
static void nests(void *state)
{
	struct judge_state *judged = state;

	judged->handled++;
	judged->depth++;
	if (judged->deepest < judged->depth)
		judged->deepest = judged->depth;
	__asm__ __volatile__("sti");
	if (judged->handled < 100)
		INTERRUPT(NESTS);
	judged->depth--;
}

static __attribute__((noinline)) uint64_t deeper(uint64_t depth)
{
	volatile uint64_t here[32];

	here[depth % 32] = depth;
	return depth == UINT64_MAX ? 0 : deeper(depth + 1) + here[depth % 32];
}

static void overflows(void *state)
{
	((struct judge_state *)state)->handled += (uint32_t)deeper(0);
}

/* Nothing may be started from here. */
static void calls(void *state)
{
	struct sleeper_ref sleeper = SFP_REF(nano_realm(), NULL);

	((struct judge_state *)state)->call_status = sleeper_call(&sleeper);
}

static void begin(struct judge_state *state)
{
	state->ended = 0;
	state->latest = 0;
	state->handled = 0;
}

static void judge_binding(struct judge_state *state)
{
	judge(state, nano_interrupt_bind(31, good, state) == SFP_INVALID,
	      "an exception's vector cannot be bound");
	judge(state, nano_interrupt_bind(256, good, state) == SFP_INVALID, "there is no vector 256");
	judge(state, nano_interrupt_bind(GOOD, (nano_interrupt *)(void *)state, state) == SFP_INVALID,
	      "a handler that is no code is refused");
	judge(state, nano_interrupt_bind(OF_LATE, good, state) == SFP_EXISTS,
	      "another module's vector is taken");
	judge(state, nano_interrupt_bind(OF_STILLBORN, good, state) == SFP_OK,
	      "the vector of a module that failed to start is free");
	judge(state, nano_interrupt_bind(GOOD, traps, state) == SFP_OK &&
	      nano_interrupt_bind(GOOD, good, state) == SFP_OK, "its own vector can be bound anew");
}

static void judge_serving(struct judge_state *state)
{
	begin(state);
	INTERRUPT(GOOD);
	judge(state, state->handled == 1 && state->ended == 1 && state->latest == GOOD,
	      "an interrupt is handled and ended");
	judge(state, state->saw_interrupt && !nano_in_interrupt(),
	      "the handler knows that it is in an interrupt");
	begin(state);
	INTERRUPT(FREE);
	judge(state, state->ended == 1 && state->latest == FREE, "one that nobody handles is ended");
}

/* The victim's stack pointer leads nowhere: the interrupt has a stack of its own, and comes back. */
static void judge_without_stack(struct judge_state *state)
{
	begin(state);
	__asm__ __volatile__("mov %%rsp, %%rbx\n\t"
			     "mov $64, %%esp\n\t"
			     "int %0\n\t"
			     "mov %%rbx, %%rsp" : : "i"(GOOD) : "rbx", "memory", "cc");
	judge(state, state->handled == 1 && state->ended == 1,
	      "an interrupt that finds no stack is handled and ended");
}

static void judge_faults(struct judge_state *state)
{
	const uint32_t faults = judge_faults_of("judge");

	begin(state);
	INTERRUPT(TRAPS);
	judge(state, state->handled == 2 && state->ended == 1 && state->latest == TRAPS,
	      "a handler that traps is called once more, and ended once");
	judge(state, judge_faults_of("judge") == faults + 2, "its faults are counted");
	INTERRUPT(OVERFLOWS);
	judge(state, state->ended == 2 && judge_faults_of("judge") == faults + 4,
	      "a handler that runs out of stack is ended and counted");
	INTERRUPT(GOOD);
	judge(state, state->handled == 3 && state->ended == 3 && !nano_in_interrupt(), "interrupts go on");
}

static void judge_nesting(struct judge_state *state)
{
	begin(state);
	state->deepest = 0;
	INTERRUPT(NESTS);
	judge(state, state->deepest == LEVELS - 1 && state->ended == LEVELS && state->depth == 0,
	      "handlers nest %u deep, %u interrupts were ended", state->deepest, state->ended);
}

void judge_interrupts(struct judge_state *state)
{
	judge(state, nano_interrupt_controller((nano_interrupt_end *)(void *)state, state) == SFP_INVALID,
	      "an end of interrupt that is no code is refused");
	judge(state, nano_interrupt_controller(end, state) == SFP_OK,
	      "the controller's end of interrupt is bound");
	judge_binding(state);
	judge(state,
	      nano_interrupt_bind(TRAPS, traps, state) == SFP_OK &&
		      nano_interrupt_bind(NESTS, nests, state) == SFP_OK &&
		      nano_interrupt_bind(OVERFLOWS, overflows, state) == SFP_OK &&
		      nano_interrupt_bind(CALLS, calls, state) == SFP_OK,
	      "vectors are bound");
	judge_serving(state);
	judge_without_stack(state);
	judge_faults(state);
	judge_nesting(state);
	INTERRUPT(CALLS);
	judge(state, state->call_status == SFP_AGAIN, "an interrupt cannot start a module: %s",
	      sfp_status_name(state->call_status));
}
