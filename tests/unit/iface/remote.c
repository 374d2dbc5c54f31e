/* SPDX-License-Identifier: BSD-2-Clause */
/* The same interface, served by another process over shared memory. */
#include "iface_test.h"

#include <sfp/iface_remote.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct page {
	unsigned char bytes[256];
};

struct wide {
	unsigned char bytes[400];
};

/* `hang` never returns; `wide` fits in no lane. */
#define STORE_OPS(OP) \
	OP(write, SFP_IN(uint32_t, number), SFP_IN(struct page, page)) \
	OP(read, SFP_IN(uint32_t, number), SFP_OUT(struct page, page)) \
	OP(swap, SFP_IN(uint32_t, number), SFP_INOUT(struct page, page)) \
	OP(count, SFP_OUT(uint32_t, writes), SFP_OUT(uint64_t, process)) \
	OP(flush) \
	OP(crash) \
	OP(hang) \
	OP(wide, SFP_IN(struct wide, in))
SFP_INTERFACE(store, 1, STORE_OPS);
SFP_INTERFACE_REMOTE(store, STORE_OPS);

#define PAGES 3

struct shelf {
	struct page page[PAGES];
	uint32_t writes;
};

static enum sfp_status shelf_write(struct shelf *shelf, uint32_t number, struct page page)
{
	if (number >= PAGES)
		return SFP_LIMIT;
	shelf->page[number] = page;
	shelf->writes++;
	return SFP_OK;
}

static enum sfp_status shelf_read(struct shelf *shelf, uint32_t number, struct page *page)
{
	if (number >= PAGES)
		return SFP_NOT_FOUND;
	*page = shelf->page[number];
	return SFP_OK;
}

static enum sfp_status shelf_swap(struct shelf *shelf, uint32_t number, struct page *page)
{
	const struct page old = shelf->page[number % PAGES];

	shelf->page[number % PAGES] = *page;
	*page = old;
	return SFP_OK;
}

static enum sfp_status shelf_count(struct shelf *shelf, uint32_t *writes, uint64_t *process)
{
	*writes = shelf->writes;
	*process = (uint64_t)getpid();
	return SFP_OK;
}

/* The lane whose caller gives up while it is served; NULL: none. */
static struct sfp_iface_lane *given_up;

static enum sfp_status shelf_flush(struct shelf *shelf)
{
	if (given_up)
		given_up->word = SFP_IFACE_LANE_ABANDONED;
	return shelf->writes ? SFP_OK : SFP_EMPTY;
}

static enum sfp_status shelf_crash(struct shelf *shelf)
{
	(void)shelf;
	__builtin_trap();
}

static enum sfp_status shelf_hang(struct shelf *shelf)
{
	while (shelf)
		pause();
	return SFP_OK;
}

static enum sfp_status shelf_wide(struct shelf *shelf, struct wide in)
{
	(void)shelf;
	(void)in;
	return SFP_OK;
}
SFP_PROVIDER(shelf, struct shelf, store, STORE_OPS);

#define LANES 2
#define LANE_BYTES 300

/* A caller's realm, and a wire to a server. */
struct line {
	struct sfp_iface_slot slots[1];
	struct sfp_iface_realm realm;
	struct store_offer offer;
	struct store_record record[2];
	struct store_ref ref;
	struct sfp_iface_wire wire;
	size_t size;
	pid_t server;
};

/* The other process: serves until the wire is closed. */
static void serve(const struct sfp_iface_wire *wire)
{
	static _Alignas(SFP_IFACE_SCRATCH_ALIGNMENT) unsigned char scratch[1024];
	static struct shelf shelf;
	static struct store_record record;
	struct store_server server;
	enum sfp_status status;

	if (sfp_posix_faults_catch() != 0 || sfp_posix_thread_enter() != 0)
		_exit(1);
	shelf_store_record(&record, &shelf, 1);
	store_server_make(&server, wire, &record, scratch, sizeof(scratch));
	while ((status = store_serve(&server)) != SFP_GONE)
		if (status == SFP_EMPTY)
			store_await(&server);
	_exit(0);
}

static void wire_up(struct line *line)
{
	void *memory;

	line->size = sfp_iface_wire_size(LANES, LANE_BYTES);
	memory = mmap(NULL, line->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	EXPECT(OK, sfp_iface_wire_make(&line->wire, memory, line->size, LANES, LANE_BYTES));
	fflush(NULL);
	line->server = fork();
	assert_true(line->server >= 0);
	if (line->server == 0)
		serve(&line->wire);
}

static void line_set_up(struct line *line)
{
	memset(line, 0, sizeof(*line));
	wire_up(line);
	line->realm = (struct sfp_iface_realm){ .slots = line->slots, .count = 1 };
	line->ref = (struct store_ref)SFP_REF(&line->realm, NULL);
	line->offer.provider = "another process";
	store_remote_record(&line->record[0], &line->wire);
	EXPECT(OK, store_offer(&line->realm, &line->offer));
	EXPECT(OK, store_publish(&line->offer, &line->record[0], NULL));
}

static int wait_for_server(const struct line *line)
{
	int status = -1;

	assert_int_equal(waitpid(line->server, &status, 0), line->server);
	return status;
}

/* The server ends by itself when the wire is closed. */
static void line_tear_down(struct line *line)
{
	sfp_iface_wire_close(&line->wire);
	assert_int_equal(wait_for_server(line), 0);
	assert_int_equal(munmap(line->wire.channel, line->size), 0);
}

/* What a caller does: the same lines for either way to be served. Returns the process that served. */
static pid_t use(struct store_ref *store)
{
	struct page page = { { 1, 2, 3 } };
	struct page other = { { 9 } };
	uint64_t process = 0;
	uint32_t writes = 0;

	EXPECT(EMPTY, store_flush(store));
	EXPECT(OK, store_write(store, 1, page));
	EXPECT(OK, store_flush(store));
	memset(&page, 0, sizeof(page));
	EXPECT(OK, store_read(store, 1, &page));
	assert_int_equal(page.bytes[2], 3);
	EXPECT(OK, store_swap(store, 1, &other));
	assert_int_equal(other.bytes[0], 1);
	EXPECT(OK, store_read(store, 1, &page));
	assert_int_equal(page.bytes[0], 9);
	EXPECT(NOT_FOUND, store_read(store, PAGES, &page));
	EXPECT(LIMIT, store_write(store, PAGES, page));
	EXPECT(FAULT, store_crash(store));
	EXPECT(OK, store_count(store, &writes, &process));
	assert_int_equal(writes, 1);
	return (pid_t)process;
}

TEST(the_same_lines_are_served_here_and_elsewhere)
{
	struct line line;
	struct sfp_iface_slot slot = { .record = 0 };
	struct sfp_iface_realm realm = { .slots = &slot, .count = 1 };
	struct store_offer offer = { .provider = "this process" };
	struct store_record record = { .core = { .operations = NULL } };
	struct store_ref ref = SFP_REF(&realm, NULL);
	struct shelf shelf = { .writes = 0 };

	catch_traps();
	line_set_up(&line);
	shelf_store_record(&record, &shelf, 1);
	EXPECT(OK, store_offer(&realm, &offer));
	EXPECT(OK, store_publish(&offer, &record, NULL));
	assert_int_equal(use(&ref), getpid());
	assert_int_equal(use(&line.ref), line.server);
	line_tear_down(&line);
	expect_nothing_left();
}

TEST(what_does_not_fit_in_a_lane_is_refused)
{
	struct line line;
	const struct wide wide = { { 0 } };

	line_set_up(&line);
	EXPECT(LIMIT, store_wide(&line.ref, wide));
	line_tear_down(&line);
}

TEST(without_a_free_lane_a_call_does_not_wait)
{
	struct line line;
	struct sfp_iface_lane *lane;
	uint32_t i;

	line_set_up(&line);
	for (i = 0; i < LANES; i++) {
		lane = (struct sfp_iface_lane *)(void *)((char *)line.wire.channel +
							 sfp_iface_wire_size(i, LANE_BYTES));
		lane->owner = 1;
	}
	EXPECT(AGAIN, store_flush(&line.ref));
	lane->owner = 0;
	EXPECT(EMPTY, store_flush(&line.ref));
	line_tear_down(&line);
}

TEST(a_closed_wire_is_gone)
{
	struct line line;

	line_set_up(&line);
	EXPECT(EMPTY, store_flush(&line.ref));
	line_tear_down(&line);
	wire_up(&line);
	sfp_iface_wire_close(&line.wire);
	EXPECT(GONE, store_flush(&line.ref));
	line_tear_down(&line);
}

/* Watches a server that will be killed, and closes its wire when it is known to be dead. */
static void *reap_server(void *opaque)
{
	struct line *line = opaque;
	struct sfp_iface_lane *lane = (struct sfp_iface_lane *)(void *)(line->wire.channel + 1);

	while (sfp_load_acquire_u32(&lane->word) != SFP_IFACE_LANE_POSTED)
		sched_yield();
	kill(line->server, SIGKILL);
	(void)wait_for_server(line);
	sfp_iface_wire_close(&line->wire);
	return NULL;
}

TEST(who_waits_for_a_server_that_dies_is_told_and_a_new_one_serves_the_same_reference)
{
	struct line line;
	struct sfp_iface_wire dead;
	pthread_t thread;

	line_set_up(&line);
	assert_int_equal(pthread_create(&thread, NULL, reap_server, &line), 0);
	EXPECT(GONE, store_hang(&line.ref));
	assert_int_equal(pthread_join(thread, NULL), 0);
	EXPECT(GONE, store_flush(&line.ref));
	dead = line.wire;
	wire_up(&line);
	store_remote_record(&line.record[1], &line.wire);
	EXPECT(OK, store_publish(&line.offer, &line.record[1], NULL));
	EXPECT(OK, store_drain(&line.record[0]));
	assert_int_equal(munmap(dead.channel, line.size), 0);
	EXPECT(EMPTY, store_flush(&line.ref));
	line_tear_down(&line);
}

/* ---- a peer that does not keep to it ------------------------------------------ */

static void *answer_nonsense(void *opaque)
{
	const struct sfp_iface_wire *wire = opaque;
	struct sfp_iface_lane *lane = (struct sfp_iface_lane *)(void *)(wire->channel + 1);

	while (sfp_load_acquire_u32(&lane->word) != SFP_IFACE_LANE_POSTED)
		sched_yield();
	lane->status = 12345;
	sfp_store_release_u32(&lane->word, SFP_IFACE_LANE_ANSWERED);
	sfp_port_wake(&lane->word);
	return NULL;
}

TEST(an_answer_that_is_no_status_is_malformed)
{
	static SFP_CACHE_ALIGNED unsigned char memory[2048];
	struct sfp_iface_wire wire;
	void *const arguments[] = { NULL };
	pthread_t thread;

	memset(memory, 0, sizeof(memory));
	EXPECT(OK, sfp_iface_wire_make(&wire, memory, sizeof(memory), 1, 64));
	assert_int_equal(pthread_create(&thread, NULL, answer_nonsense, &wire), 0);
	EXPECT(MALFORMED, sfp_iface_remote_call(&wire, &store_operations_[store_flush_NUMBER], arguments));
	assert_int_equal(pthread_join(thread, NULL), 0);
	expect_nothing_left();
}

TEST(a_server_refuses_operations_that_do_not_exist_and_arguments_without_room)
{
	static SFP_CACHE_ALIGNED unsigned char memory[2048];
	static _Alignas(SFP_IFACE_SCRATCH_ALIGNMENT) unsigned char scratch[64];
	struct sfp_iface_wire wire;
	struct store_server server;
	struct store_record record = { .core = { .operations = NULL } };
	struct shelf shelf = { .writes = 0 };
	struct sfp_iface_lane *lane;

	memset(memory, 0, sizeof(memory));
	EXPECT(OK, sfp_iface_wire_make(&wire, memory, sizeof(memory), 1, LANE_BYTES));
	lane = (struct sfp_iface_lane *)(void *)(wire.channel + 1);
	shelf_store_record(&record, &shelf, 1);
	store_server_make(&server, &wire, &record, scratch, sizeof(scratch));
	EXPECT(EMPTY, store_serve(&server));
	lane->operation = store_COUNT;
	lane->word = SFP_IFACE_LANE_POSTED;
	EXPECT(OK, store_serve(&server));
	assert_int_equal(lane->word, SFP_IFACE_LANE_ANSWERED);
	assert_int_equal(lane->status, SFP_INVALID);
	lane->operation = store_write_NUMBER;
	lane->word = SFP_IFACE_LANE_POSTED;
	EXPECT(OK, store_serve(&server));
	assert_int_equal(lane->status, SFP_LIMIT);
	assert_int_equal(shelf.writes, 0);
	lane->operation = store_flush_NUMBER;
	lane->owner = 1;
	lane->word = SFP_IFACE_LANE_POSTED;
	given_up = lane;
	EXPECT(OK, store_serve(&server));
	given_up = NULL;
	assert_int_equal(lane->word, SFP_IFACE_LANE_IDLE);
	assert_int_equal(lane->owner, 0);
	sfp_iface_wire_close(&wire);
	EXPECT(GONE, store_serve(&server));
}

struct waiter {
	struct line line;
	pthread_t thread;
	enum sfp_status status;
	struct sfp_fault why;
};

static void *wait_in_vain(void *opaque)
{
	struct waiter *waiter = opaque;

	if (sfp_posix_thread_enter() != 0)
		return NULL;
	waiter->status = store_hang_contained(&waiter->line.ref, &waiter->why);
	sfp_posix_thread_leave();
	return waiter;
}

TEST(a_caller_that_traps_while_it_waits_leaves_its_lane_to_the_server)
{
	struct waiter waiter = { .status = SFP_OK };
	struct sfp_iface_lane *lane;
	void *result = NULL;

	catch_traps();
	line_set_up(&waiter.line);
	lane = (struct sfp_iface_lane *)(void *)(waiter.line.wire.channel + 1);
	assert_int_equal(pthread_create(&waiter.thread, NULL, wait_in_vain, &waiter), 0);
	while (sfp_load_acquire_u32(&lane->word) != SFP_IFACE_LANE_POSTED)
		sched_yield();
	assert_int_equal(pthread_kill(waiter.thread, SIGSEGV), 0);
	assert_int_equal(pthread_join(waiter.thread, &result), 0);
	assert_ptr_equal(result, &waiter);
	EXPECT(FAULT, waiter.status);
	assert_int_equal(sfp_load_acquire_u32(&lane->word), SFP_IFACE_LANE_ABANDONED);
	EXPECT(OK, store_close(&waiter.line.offer)); /* its pin is back */
	EXPECT(OK, store_publish(&waiter.line.offer, &waiter.line.record[0], NULL));
	kill(waiter.line.server, SIGKILL);
	(void)wait_for_server(&waiter.line);
	sfp_iface_wire_close(&waiter.line.wire);
	EXPECT(GONE, store_flush(&waiter.line.ref));
	assert_int_equal(munmap(waiter.line.wire.channel, waiter.line.size), 0);
}

TEST(memory_for_a_channel_must_be_aligned_and_large_enough)
{
	static SFP_CACHE_ALIGNED unsigned char memory[1024];
	struct sfp_iface_wire wire;
	const size_t size = sfp_iface_wire_size(2, 100);

	EXPECT(OK, sfp_iface_wire_make(&wire, memory, size, 2, 100));
	EXPECT(LIMIT, sfp_iface_wire_make(&wire, memory, size - 1, 2, 100));
	EXPECT(LIMIT, sfp_iface_wire_make(&wire, memory, 16, 2, 100));
	EXPECT(LIMIT, sfp_iface_wire_make(&wire, memory, sizeof(memory), 0xffffffffu, 100));
	EXPECT(INVALID, sfp_iface_wire_make(&wire, memory + 8, size, 2, 100));
	EXPECT(INVALID, sfp_iface_wire_make(&wire, memory, size, 0, 100));
}

int group_remote(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_lines_are_served_here_and_elsewhere),
		cmocka_unit_test(what_does_not_fit_in_a_lane_is_refused),
		cmocka_unit_test(without_a_free_lane_a_call_does_not_wait),
		cmocka_unit_test(a_closed_wire_is_gone),
		cmocka_unit_test(who_waits_for_a_server_that_dies_is_told_and_a_new_one_serves_the_same_reference),
		cmocka_unit_test(an_answer_that_is_no_status_is_malformed),
		cmocka_unit_test(a_server_refuses_operations_that_do_not_exist_and_arguments_without_room),
		cmocka_unit_test(a_caller_that_traps_while_it_waits_leaves_its_lane_to_the_server),
		cmocka_unit_test(memory_for_a_channel_must_be_aligned_and_large_enough),
	};

	return cmocka_run_group_tests_name("iface: remote", tests, NULL, NULL);
}
