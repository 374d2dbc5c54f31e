/* SPDX-License-Identifier: BSD-2-Clause */
/* time: the clock goes forward, and a deadline comes, not before its time. */
#include "threads.h"

#define LOOKS 2000u
#define ALARMS 5u
#define DELAY 2000000u   /* nanoseconds */

/* Wherever it runs. */
static enum sfp_status look(void *argument)
{
	uint64_t before = nano_clock();

	(void)argument;
	for (unsigned i = 0; i < LOOKS; i++) {
		const uint64_t now = nano_clock();

		if (now < before)
			return SFP_INVALID;
		before = now;
		nano_thread_yield();
	}
	return SFP_OK;
}

static void alarm(void *state)
{
	struct threads_state *const threads = state;

	STORE(threads->go, nano_clock() >= threads->ready);
	ADD(threads->alarms, 1);
	SFP_IGNORE(nano_timer_arm(0), "or it would come again");
}

static bool wait_alarm(struct threads_state *state)
{
	const uint32_t alarms = LOAD(state->alarms);
	const sfp_port_irq_t irq = sfp_port_irq_save();
	enum sfp_status armed;

	state->ready = nano_clock() + DELAY;
	armed = nano_timer_arm(state->ready);
	sfp_port_irq_restore(irq);
	if (armed != SFP_OK)
		return false;
	while (LOAD(state->alarms) == alarms)
		nano_thread_yield();
	return LOAD(state->go) == 1 && LOAD(state->alarms) == alarms + 1;
}

void judge_time(struct threads_state *state)
{
	const unsigned count = begin(state, 2 * state->processors, look);
	unsigned good = 0;

	judge(state, end(state, count, SFP_OK) == count, "the clock goes forward, wherever it is read");
	judge(state, nano_interrupt_bind(NANO_TIMER_VECTOR, alarm, state) == SFP_OK, "the timer's vector is bound");
	for (unsigned i = 0; i < ALARMS; i++)
		good += wait_alarm(state);
	judge(state, good == ALARMS, "%u deadlines came, none before its time", good);
}
