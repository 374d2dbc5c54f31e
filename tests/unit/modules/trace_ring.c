/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace's ring: what is read is whole and in order, or counted as missed;
 * with writers that fault, that are stopped, that are interrupted by others,
 * and that run at once. Signal handlers write on the interrupted thread's own
 * context, which is what an NMI would do.
 */
#define _GNU_SOURCE 1 /* REG_EFL */
#include "cmocka_test.h"

#include "ring.h"

#include <sfp/guard.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <ucontext.h>

#define SLOTS 160u
#define WORDS 6u
#define WRITERS 3u
#define SIGNALS 3000u
#define TRAP_FLAG 0x100

/* Instructions of a sanitizer are many, and none of ours. */
#if defined(__SANITIZE_ADDRESS__)
#define STRIDE 211u
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define STRIDE 211u
#endif
#endif
#ifndef STRIDE
#define STRIDE 1u
#endif

static struct {
	uintptr_t next;
	uintptr_t slots[SLOTS][RING_SLOT_WORDS(WORDS)];
} memory;

static const struct ring ring = { .next = &memory.next, .memory = memory.slots[0], .slots = SLOTS, .words = WORDS };

static unsigned failed;   /* writes that got AGAIN */

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

/* ---- interrupted at each instruction ----------------------------------------------------- */

static unsigned steps, interrupt_at, nested;   /* instructions so far, the one to interrupt at, and by how many records */
static bool is_held, is_done;                  /* at that time: the interrupted writer has the slot, or has written */

static void put(uintptr_t writer, uintptr_t count)
{
	uintptr_t record[WORDS];

	make(record, writer, count);
	if (ring_write(&ring, record) != SFP_OK)
		__atomic_fetch_add(&failed, 1, __ATOMIC_RELAXED);
}

static void on_step(int number, siginfo_t *info, void *where)
{
	ucontext_t *context = where;

	(void)number;
	(void)info;
	if (++steps != interrupt_at)
		return;
	context->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG; /* that was it */
	is_held = memory.slots[5][0] != 0;
	is_done = memory.slots[5][1] == 2 * (SLOTS + 5) + 2;
	for (unsigned i = 0; i < nested; i++)
		put(2, i);
}

/* The trap flag of the processor; below the red zone. */
static void step(bool on)
{
	const uintptr_t flag = on ? TRAP_FLAG : 0;

	__asm__ __volatile__("lea -128(%%rsp), %%rsp\n\tpushfq\n\tandq $~0x100, (%%rsp)\n\torq %0, (%%rsp)\n\t"
			     "popfq\n\tlea 128(%%rsp), %%rsp"
			     : : "r"(flag) : "memory", "cc");
}

/* A ring in its second turn; false: the operation ended before that instruction. */
static bool interrupted(enum sfp_status (*operation)(uintptr_t *record), uintptr_t *record, enum sfp_status *status)
{
	memset(&memory, 0, sizeof(memory));
	for (uintptr_t i = 0; i < SLOTS + 5; i++)
		write_one(0, i);
	steps = 0;
	step(true);
	*status = operation(record);
	step(false);
	assert_null(ring_wrong(&ring));
	for (unsigned i = 0; i < SLOTS; i++)
		assert_int_equal(memory.slots[i][0], 0);
	return steps >= interrupt_at;
}

static enum sfp_status read_the_oldest(uintptr_t *record)
{
	uint64_t place = ring_oldest(&ring), missed = 0;

	return ring_read(&ring, &place, &missed, record);
}

static enum sfp_status write_the_next(uintptr_t *record)
{
	return ring_write(&ring, record);
}

/* What is there now: at most one number was passed over, and all of the rest is whole. True: so is writer 1's record. */
static bool is_there(void)
{
	uint64_t place = ring_oldest(&ring), missed = 0;
	uintptr_t record[WORDS];
	bool found = false;

	while (ring_read(&ring, &place, &missed, record) == SFP_OK) {
		assert_true(is_whole(record));
		found = found || record[0] == 1;
	}
	assert_int_equal(place, ring_next(&ring));
	assert_true(missed <= 1);
	return found;
}

static void begin_stepping(void)
{
	struct sigaction action = { .sa_sigaction = on_step, .sa_flags = SA_SIGINFO };

	if (SFP_ATOMIC_BUILTINS_)
		skip(); /* the thread sanitizer holds signals back, also those of a step */
	begin();
	failed = 0;
	assert_int_equal(sigaction(SIGTRAP, &action, NULL), 0);
}

static void a_reader_interrupted_at_any_instruction_reads_nothing_torn(void **state)
{
	uintptr_t record[WORDS];
	enum sfp_status status;

	(void)state;
	begin_stepping();
	nested = SLOTS + 1;
	for (interrupt_at = 1; interrupted(read_the_oldest, record, &status); interrupt_at += STRIDE)
		assert_true(status == SFP_OK && is_whole(record));
	print_message("%u instructions\n", steps);
	assert_true(interrupt_at > 20 && failed == 0);
}

static void a_writer_interrupted_at_any_instruction_loses_nothing(void **state)
{
	static const unsigned lengths[] = { 1, SLOTS, SLOTS + 1 };
	uintptr_t record[WORDS];
	enum sfp_status status;

	(void)state;
	begin_stepping();
	make(record, 1, 0);
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		nested = lengths[i];
		for (interrupt_at = 1; interrupted(write_the_next, record, &status); interrupt_at += STRIDE) {
			const bool found = is_there();

			assert_int_equal(status, SFP_OK);
			/* Overwritten it may be, but only if it had its number before. */
			assert_true(found || is_held || is_done);
			assert_true(found || nested >= SLOTS);
		}
		print_message("%u instructions, %u records in each\n", steps, nested);
		assert_true(interrupt_at > 20 && failed == 0);
	}
}

/* ---- all at once ------------------------------------------------------------------------- */

/* A thread's own writer is `number`, that of its signal handler is number + WRITERS. The reader has the latter only. */
struct writer {
	pthread_t thread;
	uintptr_t number;
	uintptr_t count;
	uintptr_t handled;
};

#define READER WRITERS
#define ALL (2 * WRITERS + 1)
#define TURNS 16u         /* every so often a handler lasts a whole turn of the ring and more */
#define NUDGE 2048u       /* records between two interruptions of the reader */

static struct writer writers[WRITERS + 1];
static __thread struct writer *self;
static unsigned stop;

static void handle(int number)
{
	unsigned count = 1;

	(void)number;
	if (!self)
		return;
	if (self->number == READER || self->handled % TURNS == 0)
		count = SLOTS + 1;
	while (count-- > 0)
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
		if (writer->count % NUDGE == 0)
			(void)pthread_kill(writers[READER].thread, SIGUSR1);
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
		assert_true(record[0] < ALL);
		assert_true(record[1] + 1 > after[record[0]]);
		after[record[0]] = record[1] + 1;
		reader->read++;
	}
}

/* Where writers come next, and overwrite what is being read. */
static void read_oldest(void)
{
	uint64_t place = ring_oldest(&ring), missed = 0;
	uintptr_t record[WORDS];

	for (unsigned i = 0; i < SLOTS && ring_read(&ring, &place, &missed, record) == SFP_OK; i++)
		assert_true(is_whole(record));
}

static void writers_and_what_interrupts_them_and_a_reader_run_at_once(void **state)
{
	struct sigaction action = { .sa_handler = handle };
	uint64_t after[ALL] = { 0 };
	struct reader reader = { 0 };
	uint64_t written = 0, handled = 0;

	(void)state;
	begin();
	failed = 0;
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	stop = 0;
	writers[READER] = (struct writer){ .number = READER, .thread = pthread_self() };
	self = &writers[READER];
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ .number = i };
		assert_int_equal(pthread_create(&writers[i].thread, NULL, write_all, &writers[i]), 0);
	}
	for (unsigned i = 0; i < SIGNALS; i++) {
		assert_int_equal(pthread_kill(writers[i % WRITERS].thread, SIGUSR1), 0);
		read_on(&reader, after);
		read_oldest();
		sched_yield();
	}
	self = NULL;
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
	for (unsigned i = 0; i < WRITERS + 1; i++) {
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
		cmocka_unit_test(a_reader_interrupted_at_any_instruction_reads_nothing_torn),
		cmocka_unit_test(a_writer_interrupted_at_any_instruction_loses_nothing),
		cmocka_unit_test(writers_and_what_interrupts_them_and_a_reader_run_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
