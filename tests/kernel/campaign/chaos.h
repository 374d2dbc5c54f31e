/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chaos: the campaign. A random module is made to trap at a random one of its
 * instructions while it is under load; then everything that must hold is asked.
 * chaos.c says what comes when, load.c makes work, oracle.c judges, report.c
 * counts and tells, host.c knows what the host wants.
 */
#ifndef CAMPAIGN_CHAOS_H
#define CAMPAIGN_CHAOS_H

#include "console.h"
#include "frames.h"
#include "heap.h"
#include "interrupts.h"
#include "keyboard.h"
#include "places.h"
#include "screen.h"
#include "serial.h"

#define LOAD_HOLDER 250u      /* of frames and heaps of the load */
#define ORACLE_HOLDER 251u    /* of the memory in which states are remembered */
#define LOAD_RUNS 8u
#define LOAD_BLOCKS 16u
#define STATES_MAX 40u

/* What the load does in one step. */
enum load_kind {
	LOAD_KEYS,            /* keys, some of them special */
	LOAD_SERIAL,          /* bytes on the serial line, escape sequences too */
	LOAD_COMMAND_KEYS,    /* a command, typed */
	LOAD_COMMAND_SERIAL,  /* the same on the serial line */
	LOAD_FRAMES,
	LOAD_HEAP,
	LOAD_CALLS,           /* of the drivers and the console */
	LOAD_CHECKS,          /* of a module's check */
	LOAD_KINDS
};

/* How a fault came back. */
enum class {
	CLASS_CALL,           /* the load's call returned FAULT */
	CLASS_INSIDE,         /* another module's, or the nano-core's call of a hook did */
	CLASS_INTERRUPT,      /* in a handler */
	CLASS_COUNT
};

enum chaos_step {
	CHAOS_WAIT,           /* for all modules */
	CHAOS_COVER,          /* which instructions does the load reach? */
	CHAOS_AIM,
	CHAOS_LOAD,           /* until it hits, or not */
	CHAOS_SETTLE,
	CHAOS_PROBE,          /* type a line */
	CHAOS_ANSWER,         /* and wait for what it does */
	CHAOS_JUDGE
};

/* What the host wants. */
struct chaos_orders {
	uint64_t seed;
	uint32_t faults;
};

struct remembered {
	const void *memory;
	const uint8_t *was;
	uint32_t bytes;
};

struct tally {
	uint32_t injected, contained, recovered;
};

struct chaos_state {
	struct console_ref console;
	struct serial_ref serial;
	struct keyboard_ref keyboard;
	struct screen_ref screen;
	struct interrupts_ref interrupts;
	struct frames_ref frames;
	struct heap_ref heap;

	struct chaos_orders orders;
	uint64_t random;
	enum chaos_step step;
	uint32_t turns;           /* of the poll in this step */
	uint32_t cover_kind;
	uint32_t every;           /* this manyth place is watched */

	/* the fault that is being made */
	uint32_t number;          /* from 1 */
	const struct places *places;
	uint32_t place;           /* of places->offsets */
	uint32_t steps;           /* of load since it was armed */
	enum load_kind latest;
	uint64_t hits_before;
	uint32_t faults_before;
	uint32_t statuses_before;
	enum class class;
	bool typed;               /* since the states were remembered */
	bool failed;
	uint32_t taps;            /* of caps lock in this probe */
	uint32_t all_taps;
	uint64_t probed;

	/* load.c */
	uint32_t statuses;        /* FAULT that a call returned */
	uint64_t serial_at;       /* when something was last sent to the serial line */
	struct frames_run runs[LOAD_RUNS];
	struct heap *instance;
	void *blocks[LOAD_BLOCKS];

	/* oracle.c */
	uint64_t memory;          /* physical; 0: not taken yet */
	uint32_t memory_frames;
	uint32_t state_count;
	bool without[STATES_MAX]; /* modules that did not start on this machine */
	struct remembered states[STATES_MAX];
	uint32_t free_frames;

	/* report.c */
	uint64_t began;
	uint64_t misses;
	uint32_t failures;
	struct tally by_module[PLACES_MODULES_MAX];
	struct tally by_class[CLASS_COUNT];
	uint8_t reached[PLACES_MAX]; /* by which kind of load first, from 1; 0: by none */
	uint8_t hit[PLACES_MAX];
};

/* ---- host.c ---- */
void host_orders(struct chaos_orders *orders);

/* ---- load.c ---- */
uint32_t load_random(struct chaos_state *state, uint32_t below);
void load_step(struct chaos_state *state, enum load_kind kind);
void load_type(struct chaos_state *state, const char *text);   /* by keys; 3 is control C, 4 caps lock */
void load_send(struct chaos_state *state, const char *text);   /* by the serial line */
void load_release_keys(void);
void load_to_the_top(struct chaos_state *state);
/* Give back what the load has: what is documented for a caller that was told of faults. */
enum sfp_status load_end(struct chaos_state *state);

/* ---- oracle.c ---- */
uint32_t oracle_faults(void);
bool oracle_is_started(const char *module);
bool oracle_is_quiet(struct chaos_state *state);
void oracle_why_not_quiet(struct chaos_state *state, char *text, size_t size);
enum sfp_status oracle_prepare(struct chaos_state *state);
void oracle_remember(struct chaos_state *state);
void oracle_judge(struct chaos_state *state);

/* ---- report.c ---- */
void report_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_failure(struct chaos_state *state, const char *format, ...) __attribute__((format(printf, 2, 3)));
void report_progress(const struct chaos_state *state);
void report_end(const struct chaos_state *state);

#endif /* CAMPAIGN_CHAOS_H */
