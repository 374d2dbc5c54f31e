/* SPDX-License-Identifier: BSD-2-Clause */
/* alarms: what the files of this module share. */
#ifndef ALARMS_H
#define ALARMS_H

#include "timer.h"

#define ALARMS_MAX 1000u
#define MICROSECOND 1000ul
#define MILLISECOND 1000000ul
#define HOUR (3600000 * MILLISECOND)

#define SLEEPERS 8u

/* A thread's. */
struct sleeper {
	struct alarms_state *state;
	struct timers_client client;
	struct timer timer;
	uint64_t random;
	uint32_t thread;
	uint32_t naps;
	uint32_t elsewhere; /* starts on another processor than that which serves it */
};

struct alarms_state {
	struct timer_ref timer;
	uint32_t kept, broken;
	uint32_t stage;
	uint64_t random;
	struct timers_client client;
	struct timer alarms[ALARMS_MAX];
	/* The one who dies. */
	struct sfp_estate estate;
	struct timers_estate retained;
	struct timers_client dead;
	struct sleeper sleepers[SLEEPERS];
};

/* One promise: a line, and a count. */
void judge(struct alarms_state *state, bool kept, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

uint64_t draw_from(uint64_t *random, uint64_t below);
uint64_t draw(struct alarms_state *state, uint64_t below);

static inline uint32_t times(const struct timer *timer)
{
	return sfp_load_acquire_u32(&timer->expired) - timer->before;
}

/* The processor that serves the client; threads go from one to another. */
static inline unsigned processor_of(const struct timers_client *client)
{
	return SFP_CONTAINER(client->core.mux, struct timer_hub, mux.core)->processor;
}

/* How many are started, as the module says. */
unsigned started(struct alarms_state *state);

/* Start the first `count` of the alarms after `delay`; how many could be. */
unsigned start_all(struct alarms_state *state, unsigned count, uint64_t delay);

/* Wait until the first `count` have come; true: none before its time. */
bool all_come(struct alarms_state *state, unsigned count);

/* However long its processor takes to answer. */
enum sfp_status stop(struct timers_client *client, struct timer *timer);

/* How often the timer's module was restarted; its faults. */
uint32_t restarts_of_timer(void);
uint32_t faults_of_timer(void);

/* coming.c: deadlines and periods. going.c: stopping and leaving. failing.c: faults of the timer's module.
 * sleeping.c: threads that sleep. */
void judge_order(struct alarms_state *state);
void judge_period(struct alarms_state *state);
void judge_stopping(struct alarms_state *state);
void judge_race(struct alarms_state *state);
void judge_leaving(struct alarms_state *state);
void judge_sleeping(struct alarms_state *state);
void judge_faults(struct alarms_state *state);
void begin_restart(struct alarms_state *state);
void judge_restart(struct alarms_state *state);

#endif /* ALARMS_H */
