/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * input: what input devices hand to the console, and the pool that they keep
 * it in. Part of console.h, which includes it.
 *
 * A driver owns a pool, in its own declared state. An event lies in the pool
 * from first to last; the console's queue holds links to it until the console
 * has acknowledged it, and the driver uses the place again after that. Where
 * no place is free the driver either leaves the input in its device, or counts
 * it as lost: the loss then travels through the queue as an event of its own,
 * at the point in the stream where it happened.
 */
#ifndef CONSOLE_INPUT_H
#define CONSOLE_INPUT_H

#include <sfp/dfq.h>

#include "nano/nano.h"

enum input_source {
	INPUT_SERIAL,
	INPUT_KEYBOARD,
	INPUT_SOURCES
};

enum input_kind {
	INPUT_CHARACTER = 1, /* value: the byte; control characters as in ASCII */
	INPUT_KEY,           /* value: enum input_key */
	INPUT_LOST           /* value: how many were lost here */
};

enum input_key {
	INPUT_LEFT = 1,
	INPUT_RIGHT,
	INPUT_UP,
	INPUT_DOWN,
	INPUT_HOME,
	INPUT_END,
	INPUT_DELETE
};

struct input_event {
	struct sfp_dfq_item link;
	uint16_t source;
	uint16_t kind;
	uint32_t value;
};

struct input_queue;
static inline void input_wake(struct input_queue *queue);

SFP_DFQ_HOOKED(input_queue, struct input_event, link, input_wake);

/* Runs in the interrupt whose event ends the console's wait. */
static inline void input_wake(struct input_queue *queue)
{
	(void)queue;
	nano_wake();
}

#define INPUT_POOL_EVENTS 128u /* a power of two: places are used in turn */

/** A driver's events. Zeroed is ready. Only with this processor's interrupts off, or in the handler. */
struct input_pool {
	uint32_t next;      /* place of the next event, modulo the size */
	uint32_t lost;      /* and not told yet */
	uint32_t sending;   /* an enqueue is under way, or a fault ended one */
	uint64_t sent;
	uint64_t lost_ever;
	struct input_event events[INPUT_POOL_EVENTS];
};

/*
 * The next place that is free, or has become free: else NULL. They are used in turn; only where a console
 * has ended without taking leave of its queue a place may never come back, and is passed over.
 */
static inline struct input_event *input_place(struct input_pool *pool, const struct input_queue *queue)
{
	for (unsigned i = 0; i < INPUT_POOL_EVENTS; i++) {
		struct input_event *const event = &pool->events[(pool->next + i) % INPUT_POOL_EVENTS];

		if (input_queue_reclaim(queue, event) != SFP_OK)
			continue;
		pool->next += i;
		return event;
	}
	return NULL;
}

static inline enum sfp_status input_send_one(struct input_pool *pool, struct input_queue *queue,
					     struct input_event what)
{
	struct input_event *const event = input_place(pool, queue);
	enum sfp_status status;

	if (event == NULL)
		return SFP_AGAIN;
	event->source = what.source;
	event->kind = what.kind;
	event->value = what.value;
	pool->sending++;
	sfp_compiler_barrier();
	status = input_queue_enqueue(queue, event);
	sfp_compiler_barrier();
	pool->sending--;
	SFP_TRY(status);
	pool->next++;
	pool->sent++;
	return SFP_OK;
}

/**
 * After a fault: the event that was being sent is in the queue, and will be handled, or will never be; which
 * of them is known when the queue is empty, and then the place is free again.
 * @return EMPTY: there was no fault; OK: mended; AGAIN: not yet
 */
static inline SFP_NODISCARD enum sfp_status input_mend(struct input_pool *pool, const struct input_queue *queue)
{
	if (pool->sending == 0)
		return SFP_EMPTY;
	for (unsigned i = 0; i < INPUT_POOL_EVENTS; i++) {
		struct input_event *const event = &pool->events[i];

		if (input_queue_state(event).state == SFP_DFQ_QUEUED &&
		    input_queue_settle(queue, NULL, event) != SFP_OK)
			return SFP_AGAIN;
	}
	pool->sending = 0;
	return SFP_OK;
}

/** Count input that is lost; to be told before anything that comes after it. */
static inline void input_lose(struct input_pool *pool, uint32_t count)
{
	pool->lost += count;
	pool->lost_ever += count;
}

/**
 * Tell the console of losses that it has not heard of.
 * @return OK: told; EMPTY: there were none; AGAIN: no place is free yet
 */
static inline SFP_NODISCARD enum sfp_status input_tell(struct input_pool *pool, struct input_queue *queue,
						       enum input_source source)
{
	if (pool->lost == 0)
		return SFP_EMPTY;
	SFP_TRY(input_send_one(pool, queue, (struct input_event){ .source = (uint16_t)source,
								  .kind = INPUT_LOST, .value = pool->lost }));
	pool->lost = 0;
	return SFP_OK;
}

/**
 * Send one event, after any loss before it.
 * @owner  the event stays the pool's   @retains the queue links it until the console is done
 * @return OK; AGAIN: no place is free yet; GONE: the console has ended
 */
static inline SFP_NODISCARD enum sfp_status input_send(struct input_pool *pool, struct input_queue *queue,
						       enum input_source source, enum input_kind kind,
						       uint32_t value)
{
	const enum sfp_status told = input_tell(pool, queue, source);

	if (told != SFP_OK && told != SFP_EMPTY)
		return told;
	return input_send_one(pool, queue, (struct input_event){ .source = (uint16_t)source,
								 .kind = (uint16_t)kind, .value = value });
}

/** Is every place in a state that a place can have? For the owner's check. */
static inline SFP_NODISCARD enum sfp_status input_check(const struct input_pool *pool)
{
	for (unsigned i = 0; i < INPUT_POOL_EVENTS; i++) {
		const struct input_event *const event = &pool->events[i];

		NANO_HOLDS(event->source < INPUT_SOURCES && event->kind <= INPUT_LOST,
			   "every event has a source and a kind");
		NANO_HOLDS(event->kind != 0 || input_queue_state(event).state == SFP_DFQ_IDLE,
			   "a place that was never used is idle");
	}
	NANO_HOLDS(pool->lost <= pool->lost_ever, "no more losses are to be told than there were");
	return SFP_OK;
}

#endif /* CONSOLE_INPUT_H */
