/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timer: owns the deadline that each processor's timer has for modules. Retains
 * a mux a processor, which links the timers that its clients have started, and
 * counters. Called by the interrupt of the timer, and by whoever looks.
 *
 * A processor's server, the right to hand out what is due, is in a monitor: its
 * interrupt has it, and whoever looks at the list. A fault in there ends that
 * incarnation; the next one derives the order anew from what the mux links. The
 * deadline that was being served comes again (the nano-core sees to that), and
 * what had not been settled is handed out once more.
 */
#include "timer.h"

#include "interrupts.h"

#include <sfp/monitor.h>

#define ATTEMPTS 3u            /* a timer whose expiry traps as often is given up: the others go on */
#define EXPIRIES_AT_ONCE 64u   /* then others' interrupts come in between */
#define NOW 1ul                /* a deadline that has come */

struct service {
	struct timers_server server;
	struct timers *mux;
};

static void serve_anew(struct service *service)
{
	SFP_IGNORE(timers_attach(&service->server, service->mux, SFP_PROOF("a fault ended whoever was inside")),
		   "there is a reason");
}
SFP_MONITOR(serving, struct service, SFP_SPIN_IRQ, SFP_REPAIR(serve_anew));

struct processor {
	struct timer_hub hub;
	struct serving serving;
	struct timer_counts counts; /* its interrupt's: words, for whoever looks */
};

struct timer_state {
	struct interrupts_ref interrupts;
	struct processor on[TIMER_PROCESSORS];
};

/* ---- the interrupt -------------------------------------------------------------------- */

/*
 * The client is told before the timer is settled, so that a fault in between repeats the telling. All
 * is computed from the time: the same is written then.
 */
static enum sfp_status expire(struct service *service, struct timer *timer, uint64_t now)
{
	const uint64_t periods = timer->period ? (now - timer->first) / timer->period : 0;
	enum sfp_status status;

	/* Release, pairs with the load of whoever waits for it. It is changed before they are woken. */
	sfp_store_release_u32(&timer->expired, timer->before + (uint32_t)periods + 1);
	(void)nano_thread_wake(&timer->expired, NANO_THREADS_MAX);
	if (timer->polled)
		nano_wake();
	if (timer->period == 0)
		return timers_complete(&service->server, timer, 0);
	status = timers_requeue(&service->server, timer, timer->first + (periods + 1) * timer->period);
	return status == SFP_GONE ? SFP_OK : status; /* stopped meanwhile */
}

static void count(struct timer_counts *counts, uint64_t late)
{
	counts->expired++;
	if (late > counts->latest)
		counts->latest = late;
}

/* Serve what is due. The next deadline; 0: none. */
static uint64_t serve_due(struct service *service, struct timer_counts *counts)
{
	struct timer *timer;
	uint64_t next = 0;

	for (unsigned i = 0; i < EXPIRIES_AT_ONCE; i++) {
		const uint64_t now = nano_clock();
		enum sfp_status status = timers_due(&service->server, now, &timer);

		if (status == SFP_OK) {
			count(counts, now - timer->link.key);
			status = expire(service, timer, now);
		} else if (status == SFP_EMPTY && (status = timers_wait(&service->server)) == SFP_OK) {
			return timers_earliest(&service->server, &next) == SFP_OK ? next : 0;
		}
		if (status != SFP_OK && status != SFP_AGAIN)
			break; /* a server that is none: as good as a fault */
	}
	return NOW;
}

static void on_interrupt(void *data)
{
	struct processor *const here = &((struct timer_state *)data)->on[sfp_port_cpu()];

	here->counts.interrupts++;
	SFP_WITH(serving, service, &here->serving) {
		SFP_IGNORE(nano_timer_arm(serve_due(service, &here->counts)), "it is what has just interrupted");
	} else {
		SFP_IGNORE(SFP_REFUSAL(service), "poisoned: the check says so, and the module begins anew");
	}
}

/* ---- the operations --------------------------------------------------------------------- */

static enum sfp_status serve_here(struct timer_state *state, struct timers **mux)
{
	*mux = &state->on[sfp_port_cpu()].hub.mux;
	return SFP_OK;
}

static enum sfp_status serve_row(struct timer_state *state, unsigned processor, unsigned index,
				 struct timer_row *row)
{
	struct timer *timer = NULL;

	if (processor >= TIMER_PROCESSORS)
		return SFP_NOT_FOUND;
	SFP_HOLD(serving, service, &state->on[processor].serving);
	for (unsigned i = 0; i <= index; i++) {
		const enum sfp_status status = timers_look(&service->server, timer, &timer);

		if (status != SFP_OK)
			return status == SFP_EMPTY ? SFP_NOT_FOUND : status;
	}
	row->deadline = timer->link.key;
	row->period = timer->period;
	row->expired = timer->expired - timer->before;
	row->owner = timer->owner;
	__builtin_memcpy(row->what, timer->what, sizeof(row->what));
	row->what[TIMER_WHAT - 1] = '\0';
	return SFP_OK;
}

static enum sfp_status serve_counts(struct timer_state *state, unsigned processor, struct timer_counts *counts)
{
	if (processor >= TIMER_PROCESSORS)
		return SFP_NOT_FOUND;
	*counts = state->on[processor].counts;
	return SFP_OK;
}

/* ---- the module ------------------------------------------------------------------------------ */

static enum sfp_status attach(struct timer_state *state, unsigned number, struct sfp_proof proof)
{
	struct timers *const mux = &state->on[number].hub.mux;

	SFP_HOLD(serving, service, &state->on[number].serving);
	service->mux = mux;
	return timers_attach(&service->server, mux, proof);
}

/* From the first interrupt on each server waits for news. What became due before is served by it, too. */
static enum sfp_status begin(struct timer_state *state)
{
	SFP_TRY(nano_interrupt_bind(NANO_TIMER_VECTOR, on_interrupt, state));
	for (unsigned i = 0; i < TIMER_PROCESSORS; i++)
		SFP_IGNORE(nano_timer_kick(i), "some do not run");
	return SFP_OK;
}

static enum sfp_status start(struct timer_state *state)
{
	SFP_TRY(nano_timer_arm(0)); /* is there one? */
	for (unsigned i = 0; i < TIMER_PROCESSORS; i++) {
		struct timer_hub *const hub = &state->on[i].hub;

		hub->processor = i;
		SFP_TRY(timers_init(&hub->mux, ATTEMPTS));
		SFP_TRY(attach(state, i, SFP_PROOF("the mux is new")));
	}
	return begin(state);
}

/* The muxes are whole, and what is started is in them. */
static enum sfp_status takeover(struct timer_state *state)
{
	for (unsigned i = 0; i < TIMER_PROCESSORS; i++)
		SFP_TRY(attach(state, i, SFP_PROOF("the instance before was closed and drained")));
	return begin(state);
}

/* Whoever put something into a mux and was ended by a fault before it could say so: this is done for it. */
static enum sfp_status poll(struct timer_state *state)
{
	for (unsigned i = 0; i < TIMER_PROCESSORS; i++) {
		SFP_HOLD(serving, service, &state->on[i].serving);
		if (timers_wait(&service->server) == SFP_AGAIN)
			SFP_IGNORE(nano_timer_kick(i), "some do not run");
	}
	return SFP_EMPTY;
}

static enum sfp_status check_one(struct timer_state *state, unsigned number)
{
	struct timer *timer = NULL;
	enum sfp_status status;

	NANO_HOLDS(state->on[number].hub.processor == number, "each mux is its processor's");
	SFP_HOLD(serving, service, &state->on[number].serving);
	NANO_HOLDS(service->mux == &state->on[number].hub.mux, "each server is its mux's");
	while ((status = timers_look(&service->server, timer, &timer)) == SFP_OK) {
		NANO_HOLDS(timer->period == 0 || timer->period >= TIMER_LEAST_PERIOD,
			   "no period is shorter than may be");
		NANO_HOLDS(timer->link.key >= timer->first, "no timer goes back");
	}
	NANO_HOLDS(status == SFP_EMPTY, "what is started can be walked");
	return SFP_OK;
}

static enum sfp_status check(struct timer_state *state)
{
	for (unsigned i = 0; i < TIMER_PROCESSORS; i++)
		SFP_TRY(check_one(state, i));
	return SFP_OK;
}

SFP_STATIC_ASSERT(TIMER_PROCESSORS == 8, "the fields of each are declared below");
SFP_PROVIDER(serve, struct timer_state, timer, TIMER_OPS);
NANO_HOOK(timer, start, start)
NANO_HOOK(timer, check, check)
NANO_HOOK(timer, poll, poll)
NANO_HOOK(timer, takeover, takeover)

/* Not for calls: where there are two 8259s, it is that module which lets the machine's timer through. */
static const struct nano_use uses[] = {
	NANO_USE(timer, interrupts, interrupts, NANO_FIRST),
	NANO_USES_END
};

/* The rest of a processor's lasts: the links of the mux, above all. */
#define FIELDS_OF(number) \
	NANO_FIELD(timer, on[number].hub.mux.core.inbox.at, NANO_AGGREGATE), /* where linking once was */ \
	NANO_FIELD(timer, on[number].hub.mux.core.arrivals, NANO_AGGREGATE), \
	NANO_FIELD(timer, on[number].counts, NANO_AGGREGATE)

static const struct nano_field fields[] = {
	NANO_FIELD(timer, interrupts, NANO_AGGREGATE), /* where it was found */
	FIELDS_OF(0), FIELDS_OF(1), FIELDS_OF(2), FIELDS_OF(3),
	FIELDS_OF(4), FIELDS_OF(5), FIELDS_OF(6), FIELDS_OF(7),
	NANO_FIELDS_END
};

NANO_MODULE(timer,
	.version = 1,
	.summary = "many deadlines out of each processor's timer",
	.state_size = sizeof(struct timer_state),
	.state_version = 1,
	.uses = uses,
	.fields = fields,
	NANO_OFFERS(serve, timer),
	.start = timer_start_hook_,
	.check = timer_check_hook_,
	.poll = timer_poll_hook_,
	.takeover = timer_takeover_hook_,
);
