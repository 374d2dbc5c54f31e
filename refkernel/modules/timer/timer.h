/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timer: many deadlines out of the one timer that a processor has.
 *
 * A timer lies in the memory of whoever wants it (its client), and stays the
 * client's from first to last. Each processor has a mux, from which the
 * interrupt of its timer hands out what is due; the mux holds links to the timers
 * that are started, and nothing else. So a client talks to the mux and not to
 * the module: it starts and stops timers from interrupts too, and while the
 * module is being restarted.
 *
 *   struct sleeper_state {
 *           struct timer_ref timer;
 *           struct timers_client client;            // zeroed
 *           struct timer tick;                      // zeroed
 *   };
 *   SFP_TRY(timer_join(&state->timer, &state->client));             // once; timers_unbind() leaves
 *   SFP_TRY(timer_start(&state->client, &state->tick, "a tick", nano_clock() + 1000000, 1000000));
 *   ...
 *   SFP_TRY(timer_stop(&state->client, &state->tick));
 *   SFP_TRY(timer_sleep(&state->client, &state->tick, "a nap", nano_clock() + 5000000));  // in a thread
 *
 * How a client learns of it: `expired` in the timer says how often its deadline
 * came. It is a word, not an event in a queue: ticks that nobody fetched would
 * have to be kept somewhere, or be dropped, and a number is both at once. Nor is
 * it a function to be called: that would be the client's code in the timer's
 * interrupt, with all others' timers waiting for it, and a link into code that
 * may be replaced. And it is computed from the time, not counted: where a fault
 * makes the interrupt do its work again, the same is written again.
 *
 * Who dies with timers started has them in its estate: timers_estate_add().
 */
#ifndef TIMER_H
#define TIMER_H

#include "nano/nano.h"

#include <sfp/estate_mux.h>
#include <sfp/mux.h>

#define TIMER_PROCESSORS NANO_PROCESSORS_MAX
#define TIMER_LEAST_PERIOD 100000ul /* nanoseconds */
#define TIMER_STOP_WAIT 1000000ul   /* the same */
#define TIMER_WHAT 20u              /* characters that say what it is for */

/** A timer. The client's; zeroed: never started. */
struct timer {
	struct sfp_mux_request link;
	/* Constant while it is started. */
	uint64_t first;  /* nanoseconds since the boot; later ones are whole periods after it */
	uint64_t period; /* 0: it comes once */
	uint32_t before; /* `expired` when it was started */
	uint32_t owner;  /* the module: its index in nano_module_info() */
	bool polled;     /* set by the client: have the owner polled, too */
	char what[TIMER_WHAT];
	/* The module's while it is started. */
	uint32_t expired; /* how often its deadlines came; threads that wait sleep on this word */
};

struct timers;
static inline void timer_kick(struct timers *mux);

SFP_MUX_HOOKED(timers, struct timer, link, SFP_DEADLINE, timer_kick);
SFP_ESTATE_MUX_HOOKED(timers, struct timer, link);

/** A processor's, in the module's state. */
struct timer_hub {
	struct timers mux;
	uint32_t processor;
};

/** What `timers` shows of one that is started. */
struct timer_row {
	uint64_t deadline;
	uint64_t period;
	uint32_t expired; /* since it was started */
	uint32_t owner;
	char what[TIMER_WHAT];
};

/** What a processor's timer has done. */
struct timer_counts {
	uint64_t interrupts;
	uint64_t expired; /* deadlines that came; of a period's that came together, one */
	uint64_t latest;  /* the longest that one was served after its deadline, in nanoseconds */
};

/*
 * here    The mux of the processor that the caller runs on. @retains nothing
 * row     The timer at `index` of those that are started at `processor`, in the order of their starts.
 *         NOT_FOUND: past the last, or no such processor. O(index). @retains nothing
 * counts  NOT_FOUND: no such processor. @retains nothing
 */
#define TIMER_OPS(OP) \
	OP(here, SFP_OUT(struct timers *, mux)) \
	OP(row, SFP_IN(unsigned, processor), SFP_IN(unsigned, index), SFP_OUT(struct timer_row, row)) \
	OP(counts, SFP_IN(unsigned, processor), SFP_OUT(struct timer_counts, counts))
SFP_INTERFACE(timer, 1, TIMER_OPS);

/* ---- the client's side -------------------------------------------------------------- */

/* The mux's hook: something is new in it, so its processor shall look. */
static inline void timer_kick(struct timers *mux)
{
	SFP_IGNORE(nano_timer_kick(SFP_CONTAINER(mux, struct timer_hub, mux)->processor),
		   "where nobody runs any more nobody expires either");
}

/**
 * Become a client, at the processor that the caller runs on; elsewhere too its timers are served there.
 * @context where the module can be called   @progress as the call   @order none
 * @owner   the record stays the caller's   @retains nothing, until the first start   @cost a call
 * @return  as timers_bind(): OK; BUSY: it is one already; and whatever a call can return
 */
static inline SFP_NODISCARD enum sfp_status timer_join(struct timer_ref *ref, struct timers_client *client)
{
	struct timers *mux;

	SFP_TRY(timer_here(ref, &mux));
	return timers_bind(mux, client);
}

/**
 * Start a timer: it expires as soon as nano_clock() has reached `deadline`, never before, and then each
 * `period` (0: never again), counted from the first deadline however late one is served. One that has
 * expired or was stopped can be started again.
 * @context any but NMI   @progress lock-free   @order release: what was written to the timer before
 * @owner   the timer stays the client's; until it is idle it must be where it is
 * @retains the mux's links to the timer and its client
 * @cost    a compare-and-swap, and an interrupt of the processor's
 * @return  OK; BUSY: it is started; LIMIT: a period that is too short; INVALID: no client; GONE: it leaves
 */
static inline SFP_NODISCARD enum sfp_status timer_start(struct timers_client *client, struct timer *timer,
							const char *what, uint64_t deadline, uint64_t period)
{
	unsigned i = 0;

	if (period != 0 && period < TIMER_LEAST_PERIOD)
		return SFP_LIMIT;
	SFP_TRY(timers_reclaim(client, timer));
	for (; what[i] != '\0' && i < TIMER_WHAT - 1; i++)
		timer->what[i] = what[i];
	timer->what[i] = '\0';
	timer->first = deadline;
	timer->period = period;
	timer->before = timer->expired;
	timer->owner = nano_self();
	return timers_submit(client, timer, deadline);
}

/** Has it been started, and not come back yet? */
static inline bool timer_is_started(const struct timer *timer)
{
	const enum sfp_mux_state state = timers_state(timer).state;

	return state == SFP_MUX_PENDING || state == SFP_MUX_RUNNING;
}

/**
 * Stop a timer. Once this has returned it does not expire any more, whatever the status.
 * @context any but NMI; where interrupts are off AGAIN must be reckoned with   @progress waits a millisecond
 *          at most, for the timer's processor to give it back
 * @order   acquire, as timers_reclaim()   @owner the timer is wholly the client's but after AGAIN
 * @retains nothing but after AGAIN   @cost an interrupt of its processor's
 * @return  OK: stopped; EMPTY: it was not started, or had come already; AGAIN: not given back yet: call
 *          again; INVALID: another client's
 */
static inline SFP_NODISCARD enum sfp_status timer_stop(struct timers_client *client, struct timer *timer)
{
	const uint64_t from = nano_clock();

	if (timers_cancel(client, timer) == SFP_INVALID)
		return SFP_INVALID;
	do {
		const struct sfp_mux_view view = timers_state(timer);
		const bool settled = view.state != SFP_MUX_PENDING && view.state != SFP_MUX_RUNNING;

		if (settled && timers_reclaim(client, timer) == SFP_OK)
			return view.state == SFP_MUX_CANCELLED ? SFP_OK : SFP_EMPTY;
		sfp_port_relax();
	} while (!nano_in_interrupt() && nano_clock() - from < TIMER_STOP_WAIT);
	return SFP_AGAIN;
}

/**
 * Sleep until `expired` is not `seen` any more. Nobody is inside of the timer's module meanwhile, so that it can
 * be restarted. Whoever stops a timer for which another thread waits does not wake that one.
 * @context a thread   @progress blocking   @order acquire   @owner nothing changes hands   @retains nothing
 * @cost    a switch to another thread
 * @return  OK; GONE: it is not started and will not come; INVALID: not in a thread
 */
static inline SFP_NODISCARD enum sfp_status timer_wait(const struct timer *timer, uint32_t seen)
{
	while (sfp_load_acquire_u32(&timer->expired) == seen) {
		if (timer_is_started(timer))
			SFP_TRY(nano_thread_block(&timer->expired, seen));
		else if (sfp_load_acquire_u32(&timer->expired) == seen)
			return SFP_GONE;
	}
	return SFP_OK;
}

/**
 * Sleep until nano_clock() has reached `deadline`; for a time: nano_clock() + that.
 * @context a thread   @progress blocking   @order acquire
 * @owner   client and timer lie where they stay if a fault ends the caller: not on its stack
 * @retains nothing afterwards   @cost two interrupts and two switches   @return as timer_start() and timer_wait()
 */
static inline SFP_NODISCARD enum sfp_status timer_sleep(struct timers_client *client, struct timer *timer,
							const char *what, uint64_t deadline)
{
	const uint32_t seen = timer->expired;

	if (nano_thread_self() == NANO_NO_THREAD)
		return SFP_INVALID;
	SFP_TRY(timer_start(client, timer, what, deadline, 0));
	SFP_TRY(timer_wait(timer, seen));
	while (timers_reclaim(client, timer) != SFP_OK)
		nano_thread_yield(); /* its processor has told us, and is about to settle it */
	return SFP_OK;
}

#endif /* TIMER_H */
