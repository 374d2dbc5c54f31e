/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What does the number of clients cost? Each of 1 to 100,000 has one request
 * pending. One operation hands out the next one and puts it back: next and
 * requeue. Under DEADLINE it is put back behind all others.
 */
#include "mux.h"

#include <sfp/mux.h>

struct wish {
	struct sfp_mux_request link;
};

SFP_MUX(fifo, struct wish, link, SFP_FIFO);
SFP_MUX(fair, struct wish, link, SFP_WEIGHTED);
SFP_MUX(ranks, struct wish, link, SFP_PRIORITY);
SFP_MUX(timers, struct wish, link, SFP_DEADLINE);

#define MOST 100000u
#define TIMES 2000u

static struct wish wishes[MOST];
static uint64_t now;

#define QUANTUM_fifo
#define QUANTUM_fair , 1
#define QUANTUM_ranks
#define QUANTUM_timers
#define SHARE_fifo(i)
#define SHARE_fair(i) , 1 + (i) % 4
#define SHARE_ranks(i) , (i) % SFP_MUX_LEVELS
#define SHARE_timers(i)
#define KEY_fifo
#define KEY_fair
#define KEY_ranks
#define KEY_timers , now++

#define CHOICE(name) \
	static struct name name##_mux; \
	static struct name##_server name##_server; \
	static struct name##_client name##_clients[MOST]; \
\
	static bool name##_begin(size_t clients) \
	{ \
		size_t i; \
\
		__builtin_memset(name##_clients, 0, sizeof(name##_clients)); \
		__builtin_memset(wishes, 0, sizeof(wishes)); \
		if (name##_init(&name##_mux, 0 QUANTUM_##name) != SFP_OK || \
		    name##_attach(&name##_server, &name##_mux, SFP_PROOF("the mux is new")) != SFP_OK) \
			return false; \
		for (i = 0; i < clients; i++) \
			if (name##_bind(&name##_mux, &name##_clients[i] SHARE_##name((uint32_t)i)) != \
				    SFP_OK || \
			    name##_submit(&name##_clients[i], &wishes[i] KEY_##name) != SFP_OK) \
				return false; \
		return true; \
	} \
	static double name##_measure(void) \
	{ \
		struct wish *wish = NULL; \
		uint64_t began; \
		unsigned i; \
\
		while (name##_next(&name##_server, &wish) == SFP_AGAIN) /* all is taken in first */ \
			; \
		if (!wish || name##_requeue(&name##_server, wish KEY_##name) != SFP_OK) \
			bench_fail("mux/choice: nothing to choose"); \
		began = bench_ticks(); \
		for (i = 0; i < TIMES; i++) \
			if (name##_next(&name##_server, &wish) != SFP_OK || \
			    name##_requeue(&name##_server, wish KEY_##name) != SFP_OK) \
				bench_fail("mux/choice: a request is missing"); \
		return (double)(bench_ticks() - began) / TIMES / bench_ticks_per_ns(); \
	}

CHOICE(fifo)
CHOICE(fair)
CHOICE(ranks)
CHOICE(timers)

static const struct {
	const char *name;
	bool (*begin)(size_t clients);
	double (*measure)(void);
} policies[] = {
	{ "fifo", fifo_begin, fifo_measure },
	{ "weighted", fair_begin, fair_measure },
	{ "priority", ranks_begin, ranks_measure },
	{ "deadline", timers_begin, timers_measure },
};

static double measure(void *context, size_t variant)
{
	const uint64_t clients = *(const uint64_t *)context;

	if (!policies[variant].begin(clients))
		bench_fail("mux/choice: the clients cannot be made");
	return policies[variant].measure();
}

void mux_choice(const struct bench_options *options)
{
	static const uint64_t counts[] = { 1, 10, 100, 1000, 10000, 100000 };
	static struct bench_series series[sizeof(policies) / sizeof(policies[0])];
	const size_t variants = sizeof(policies) / sizeof(policies[0]);
	size_t p;
	size_t v;

	bench_pin(bench_cpus() - 1);
	for (p = 0; p < sizeof(counts) / sizeof(counts[0]); p++) {
		uint64_t clients = counts[p];

		for (v = 0; v < variants; v++)
			series[v] = (struct bench_series){ .bench = "mux/choice",
							   .variant = policies[v].name,
							   .unit = "ns",
							   .x_name = "clients",
							   .x = clients };
		bench_rounds(series, variants, options, measure, &clients);
	}
}
