/* SPDX-License-Identifier: BSD-2-Clause */
/* A signal handler, as the host's interrupt, dispatches whatever the thread that it interrupted is doing. */
#include "dispatch_test.h"

#include <signal.h>
#include <sys/time.h>

static struct irqs irqs;

/* What the interrupt does, in a context of its own. */
static void (*service)(void);
static struct sfp_context level;

static void on_interrupt(int signal)
{
	struct sfp_context *interrupted = level_context;

	(void)signal;
	level_context = &level;
	sfp_compiler_barrier();
	service();
	expect_clean();
	sfp_compiler_barrier();
	level_context = interrupted;
}

static void catch_interrupts(void (*serve)(void))
{
	struct sigaction action = { .sa_handler = on_interrupt };

	memset(&level, 0, sizeof(level));
	level.interrupt = 1;
	service = serve;
	irqs_init(&irqs, 0);
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
}

static struct event inner;
static struct client *subject;
static enum sfp_status told;

static void dispatch_in_interrupt(void)
{
	memset(&inner, 0, sizeof(inner));
	told = irqs_dispatch(&irqs, 1, &inner);
}

/* The thread's handler is interrupted. */
static enum sfp_status be_interrupted(struct client *client, struct event *event)
{
	(void)event;
	subject = client;
	raise(SIGUSR1);
	return SFP_OK;
}

TEST(an_interrupt_dispatches_while_the_thread_is_in_a_handler)
{
	struct client a;
	struct client b;

	catch_interrupts(dispatch_in_interrupt);
	client_join(&a, &irqs, 'a', 0);
	a.act = be_interrupted;
	client_init(&b, &irqs, 'b', 0);
	EXPECT(OK, irqs_subscribe(&irqs, 1, &b.sub));
	EXPECT_RAN(&irqs, 0, "a", OK);
	assert_string_equal(inner.ran, "b");
	EXPECT(OK, told);
}

static enum sfp_status fault(struct client *client, struct event *event)
{
	(void)client;
	(void)event;
	sfp_fault_raise(1);
}

static bool guarded_released;

static void note_release(bool *held)
{
	guarded_released |= *held;
	*held = false;
}
SFP_GUARD(guarded, bool, note_release);

static enum sfp_status be_interrupted_holding(struct client *client, struct event *event)
{
	SFP_SCOPED(guarded, held, true);
	SFP_TRY(be_interrupted(client, event));
	return guarded_released ? SFP_INVALID : SFP_OK;
}

TEST(a_fault_in_the_interrupt_is_not_the_threads)
{
	struct client a;
	struct client b;

	catch_interrupts(dispatch_in_interrupt);
	client_join(&a, &irqs, 'a', 0);
	a.act = be_interrupted_holding;
	client_init(&b, &irqs, 'b', 0);
	b.act = fault;
	EXPECT(OK, irqs_subscribe(&irqs, 1, &b.sub));
	EXPECT_RAN(&irqs, 0, "a", OK);
	EXPECT(FAULT, told);
	assert_int_equal(irqs_faults(&b.sub), 1);
	assert_int_equal(irqs_faults(&a.sub), 0);
}

static void leave_in_interrupt(void)
{
	told = irqs_unsubscribe(&irqs, &subject->sub);
}

static void wait_in_interrupt(void)
{
	told = irqs_unsubscribe_wait(&irqs, &subject->sub);
}

static void try_to_leave(void (*serve)(void), enum sfp_status expected)
{
	struct client a;
	uint32_t holds;

	catch_interrupts(serve);
	client_join(&a, &irqs, 'a', 0);
	a.act = be_interrupted;
	holds = level_holds;
	EXPECT_RAN(&irqs, 0, "a", OK);
	assert_int_equal(level_holds, holds); /* the thread may have been changing the list of contexts */
	assert_int_equal(told, expected);
	EXPECT_RAN(&irqs, 0, "", NOT_FOUND);
	EXPECT(OK, irqs_unsubscribe(&irqs, &a.sub));
}

TEST(an_interrupt_ends_a_subscription_and_leaves_the_looking_to_a_thread)
{
	try_to_leave(leave_in_interrupt, SFP_RUNNING);
}

TEST(an_interrupt_does_not_wait_for_whom_it_interrupted)
{
	try_to_leave(wait_in_interrupt, SFP_DEADLOCK);
}

static void leave_what_runs_nowhere(void)
{
	told = irqs_unsubscribe(&irqs, &subject->other->sub);
}

TEST(for_an_interrupt_what_runs_nowhere_is_not_silent_either)
{
	struct client a;
	struct client b;

	catch_interrupts(leave_what_runs_nowhere);
	client_join(&a, &irqs, 'a', 1);
	a.act = be_interrupted;
	a.other = &b;
	client_join(&b, &irqs, 'b', 0);
	EXPECT_RAN(&irqs, 0, "a", OK);
	EXPECT(RUNNING, told);
	EXPECT(OK, irqs_unsubscribe(&irqs, &b.sub));
}

static void subscribe_in_interrupt(void)
{
	told = irqs_subscribe(&irqs, 0, &subject->other->sub);
}

TEST(an_interrupt_subscribes)
{
	struct client a;
	struct client b;

	catch_interrupts(subscribe_in_interrupt);
	client_join(&a, &irqs, 'a', 1);
	a.act = be_interrupted;
	a.other = &b;
	client_init(&b, &irqs, 'b', 0);
	EXPECT_RAN(&irqs, 0, "ab", OK);
	EXPECT(OK, told);
}

/* ---- anywhere ------------------------------------------------------------------------- */

#define ROUNDS 3000
static volatile unsigned interrupts;

static void dispatch_often(void)
{
	struct event event = { .ran = "" };

	interrupts++;
	told = irqs_dispatch(&irqs, 0, &event);
	/* z always, a to d as they are there; in order, none twice. */
	assert_int_equal(event.ran[strlen(event.ran) - 1], 'z');
	for (size_t i = 1; event.ran[i]; i++)
		assert_true(event.ran[i - 1] < event.ran[i]);
}

/* What a client is before it comes and after it is silent; under ASan freed memory says it better. */
static void come_and_go(unsigned turn)
{
	struct client *client = malloc(sizeof(*client));

	assert_non_null(client);
	client_join(client, &irqs, (char)('a' + turn % 4), 10 - (int32_t)(turn % 4));
	if (turn % 2)
		EXPECT(OK, irqs_unsubscribe(&irqs, &client->sub));
	else
		EXPECT(OK, irqs_unsubscribe_wait(&irqs, &client->sub));
	memset(client, 0xdd, sizeof(*client));
	free(client);
}

TEST(interrupts_come_at_any_instruction_of_subscribing_and_leaving)
{
	const struct itimerval often = { .it_value = { .tv_usec = 50 }, .it_interval = { .tv_usec = 50 } };
	const struct itimerval never = { .it_value = { .tv_usec = 0 } };
	struct client z;
	unsigned turn;

	catch_interrupts(dispatch_often);
	client_join(&z, &irqs, 'z', 0);
	interrupts = 0;
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	for (turn = 0; turn < ROUNDS || interrupts < 300; turn++)
		come_and_go(turn);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	EXPECT_RAN(&irqs, 0, "z", OK);
}

int group_interrupt(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interrupt_dispatches_while_the_thread_is_in_a_handler),
		cmocka_unit_test(a_fault_in_the_interrupt_is_not_the_threads),
		cmocka_unit_test(an_interrupt_ends_a_subscription_and_leaves_the_looking_to_a_thread),
		cmocka_unit_test(an_interrupt_does_not_wait_for_whom_it_interrupted),
		cmocka_unit_test(for_an_interrupt_what_runs_nowhere_is_not_silent_either),
		cmocka_unit_test(an_interrupt_subscribes),
		cmocka_unit_test(interrupts_come_at_any_instruction_of_subscribing_and_leaving),
	};

	return cmocka_run_group_tests_name("dispatch: interrupt", tests, NULL, NULL);
}
