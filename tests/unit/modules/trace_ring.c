/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace's ring: what is read is whole and in order, or counted as missed;
 * with writers that fault, that are stopped, that are interrupted by others,
 * and that run at once. Signal handlers write on the interrupted thread's own
 * context, which is what an NMI would do.
 */
#include "cmocka_test.h"

#include "ring.h"

#include <sfp/guard.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#define SLOTS 160u
#define WORDS 6u
#define WRITERS 3u
#define SIGNALS 3000u

static struct {
	uintptr_t next;
	uintptr_t slots[SLOTS][RING_SLOT_WORDS(WORDS)];
} memory;

static const struct ring ring = { .next = &memory.next, .memory = memory.slots[0], .slots = SLOTS, .words = WORDS };

struct reader {
	uint64_t place;
	uint64_t read;
	uint64_t missed;
};

static void begin(void)
{
	assert_int_equal(sfp_posix_faults_catch(), 0);
	assert_int_equal(sfp_posix_thread_enter(), 0);
	memset(&memory, 0, sizeof(memory));
}

/* A record of which every word tells of all others. */
static void make(uintptr_t *record, uintptr_t writer, uintptr_t count)
{
	record[0] = writer;
	record[1] = count;
	for (uintptr_t i = 2; i < WORDS; i++)
		record[i] = (count << 8 | writer) * (2 * i + 1);
}

static bool is_whole(const uintptr_t *record)
{
	uintptr_t same[WORDS];

	make(same, record[0], record[1]);
	return memcmp(same, record, sizeof(same)) == 0;
}

static void write_one(uintptr_t writer, uintptr_t count)
{
	uintptr_t record[WORDS];

	make(record, writer, count);
	assert_int_equal(ring_write(&ring, record), SFP_OK);
}

static void expect_read(struct reader *reader, uintptr_t writer, uintptr_t count)
{
	uintptr_t record[WORDS];

	assert_int_equal(ring_read(&ring, &reader->place, &reader->missed, record), SFP_OK);
	assert_true(is_whole(record));
	assert_int_equal(record[0], writer);
	assert_int_equal(record[1], count);
	reader->read++;
}

static void expect_end(struct reader *reader, uint64_t read, uint64_t missed)
{
	uintptr_t record[WORDS];

	assert_int_equal(ring_read(&ring, &reader->place, &reader->missed, record), SFP_EMPTY);
	assert_int_equal(reader->read, read);
	assert_int_equal(reader->missed, missed);
	assert_int_equal(reader->place, ring_next(&ring));
	assert_null(ring_wrong(&ring));
}

/* ---- one after the other ------------------------------------------------------------ */

static void records_are_read_in_order_by_each_reader(void **state)
{
	struct reader first = { 0 }, second = { 0 };

	(void)state;
	begin();
	expect_end(&first, 0, 0);
	for (uintptr_t i = 0; i < 10; i++)
		write_one(1, i);
	for (uintptr_t i = 0; i < 10; i++)
		expect_read(&first, 1, i);
	expect_end(&first, 10, 0);
	for (uintptr_t i = 0; i < 10; i++)
		expect_read(&second, 1, i);
	expect_end(&second, 10, 0);
}

static void a_late_reader_is_told_how_much_was_overwritten(void **state)
{
	struct reader reader = { 0 };

	(void)state;
	begin();
	for (uintptr_t i = 0; i < 3 * SLOTS + 7; i++)
		write_one(1, i);
	assert_int_equal(ring_oldest(&ring), 2 * SLOTS + 7);
	for (uintptr_t i = 2 * SLOTS + 7; i < 3 * SLOTS + 7; i++)
		expect_read(&reader, 1, i);
	expect_end(&reader, SLOTS, 2 * SLOTS + 7);
}

/* ---- writers that do not come to their end -------------------------------------------- */

static enum sfp_status write_from_nowhere(void *argument)
{
	(void)argument;
	return ring_write(&ring, (const uintptr_t *)(uintptr_t)64); /* a fault in the middle of the slot */
}

static void a_writer_that_faults_leaves_a_slot_that_is_used_again(void **state)
{
	struct reader reader = { 0 };

	(void)state;
	begin();
	write_one(1, 0);
	assert_int_equal(sfp_gate_call(sfp_port_context(), write_from_nowhere, NULL, NULL), SFP_FAULT);
	assert_null(sfp_port_context()->guards);
	assert_int_equal(memory.slots[1][0], 0);
	write_one(1, 1);
	expect_read(&reader, 1, 0);
	expect_read(&reader, 1, 1);
	expect_end(&reader, 2, 1);
	for (uintptr_t i = 0; i < SLOTS; i++)
		write_one(2, i);
	for (uintptr_t i = 0; i < SLOTS; i++)
		expect_read(&reader, 2, i);
	expect_end(&reader, 2 + SLOTS, 1);
}

static void a_writer_that_stops_costs_its_own_record_a_turn(void **state)
{
	struct reader reader = { 0 };
	uintptr_t record[WORDS];

	(void)state;
	begin();
	for (uintptr_t i = 0; i < SLOTS; i++)
		write_one(1, i);
	memory.slots[3][0] = 77; /* somebody else's guard */
	for (uintptr_t i = 0; i < SLOTS - 1; i++)
		write_one(2, i);
	for (uintptr_t i = 0; i < 3; i++)
		expect_read(&reader, 2, i);
	assert_int_equal(reader.missed, SLOTS);
	assert_int_equal(ring_read(&ring, &reader.place, &reader.missed, record), SFP_AGAIN);
	ring_undo(&ring);
	for (uintptr_t i = 3; i < SLOTS - 1; i++)
		expect_read(&reader, 2, i);
	expect_end(&reader, SLOTS - 1, SLOTS + 1);
}

static void all_numbers_taken_by_others_is_a_status(void **state)
{
	uintptr_t record[WORDS] = { 0 };

	(void)state;
	begin();
	for (unsigned i = 0; i < SLOTS; i++)
		memory.slots[i][0] = 77;
	assert_int_equal(ring_write(&ring, record), SFP_AGAIN);
	assert_null(sfp_port_context()->guards);
	ring_undo(&ring);
	assert_int_equal(ring_write(&ring, record), SFP_OK);
}

static void what_is_wrong_is_found(void **state)
{
	(void)state;
	begin();
	for (uintptr_t i = 0; i < 2 * SLOTS + 5; i++)
		write_one(1, i);
	assert_null(ring_wrong(&ring));
	memory.slots[9][1] += 2;
	assert_non_null(ring_wrong(&ring));
	memory.slots[9][1] += 2 * (SLOTS * 3 - 1);
	assert_non_null(ring_wrong(&ring));
	memory.slots[9][1] = 0;
	assert_null(ring_wrong(&ring));
}

/* ---- all at once ------------------------------------------------------------------------- */

/* A thread's own writer is `number`, that of its signal handler is number + WRITERS. */
struct writer {
	pthread_t thread;
	uintptr_t number;
	uintptr_t count;
	uintptr_t handled;
};

static struct writer writers[WRITERS];
static __thread struct writer *self;
static unsigned stop;
static unsigned failed;   /* writes that got AGAIN */

static void put(uintptr_t writer, uintptr_t count)
{
	uintptr_t record[WORDS];

	make(record, writer, count);
	if (ring_write(&ring, record) != SFP_OK)
		__atomic_fetch_add(&failed, 1, __ATOMIC_RELAXED);
}

static void handle(int number)
{
	(void)number;
	if (self)
		put(self->number + WRITERS, self->handled++);
}

static void *write_all(void *argument)
{
	struct writer *writer = argument;

	if (sfp_posix_thread_enter() != 0)
		abort();
	self = writer;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		put(writer->number, writer->count++);
		if (writer->count % 64 == 0)
			sched_yield(); /* two processors are enough for all */
	}
	self = NULL;
	return NULL;
}

/* Each writer's records come in the order in which they were written; none is torn. */
static void read_on(struct reader *reader, uint64_t *after)
{
	uintptr_t record[WORDS];
	enum sfp_status status;

	while ((status = ring_read(&ring, &reader->place, &reader->missed, record)) == SFP_OK) {
		assert_true(is_whole(record));
		assert_true(record[0] < 2 * WRITERS);
		assert_true(record[1] + 1 > after[record[0]]);
		after[record[0]] = record[1] + 1;
		reader->read++;
	}
}

static void writers_and_what_interrupts_them_and_a_reader_run_at_once(void **state)
{
	struct sigaction action = { .sa_handler = handle };
	uint64_t after[2 * WRITERS] = { 0 };
	struct reader reader = { 0 };
	uint64_t written = 0, handled = 0;

	(void)state;
	begin();
	failed = 0;
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	stop = 0;
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ .number = i };
		assert_int_equal(pthread_create(&writers[i].thread, NULL, write_all, &writers[i]), 0);
	}
	for (unsigned i = 0; i < SIGNALS; i++) {
		assert_int_equal(pthread_kill(writers[i % WRITERS].thread, SIGUSR1), 0);
		read_on(&reader, after);
		sched_yield();
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < WRITERS; i++) {
		assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
		written += writers[i].count + writers[i].handled;
		handled += writers[i].handled;
	}
	read_on(&reader, after);
	/* A number that its slot's owner could not have is missed, too, and no record: so there may be more. */
	assert_int_equal(failed, 0);
	assert_true(reader.read + reader.missed == ring_next(&ring));
	assert_true(ring_next(&ring) >= written);
	assert_null(ring_wrong(&ring));
	for (unsigned i = 0; i < SLOTS; i++)
		assert_int_equal(memory.slots[i][0], 0);
	print_message("%lu records, %lu of them by signal handlers; %lu read, %lu told as missed\n",
		      (unsigned long)written, (unsigned long)handled,
		      (unsigned long)reader.read, (unsigned long)reader.missed);
	assert_true(reader.read > 0 && handled > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read_in_order_by_each_reader),
		cmocka_unit_test(a_late_reader_is_told_how_much_was_overwritten),
		cmocka_unit_test(a_writer_that_faults_leaves_a_slot_that_is_used_again),
		cmocka_unit_test(a_writer_that_stops_costs_its_own_record_a_turn),
		cmocka_unit_test(all_numbers_taken_by_others_is_a_status),
		cmocka_unit_test(what_is_wrong_is_found),
		cmocka_unit_test(writers_and_what_interrupts_them_and_a_reader_run_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
