/* SPDX-License-Identifier: BSD-2-Clause */
/* Servers that sleep, and what wakes them. */
#include "mux_test.h"

static unsigned rang;
static struct timers *who_rang;

void timers_rang(struct timers *timers)
{
	rang++;
	who_rang = timers;
}

struct alarm {
	struct timers mux;
	struct timers_server server;
	struct timers_client client;
	struct task task[2];
};

static void alarm_set_up(struct alarm *alarm)
{
	memset(alarm, 0, sizeof(*alarm));
	tasks_number(alarm->task, 2);
	EXPECT(OK, timers_init(&alarm->mux, 0));
	EXPECT(OK, timers_attach(&alarm->server, &alarm->mux, NEW));
	EXPECT(OK, timers_bind(&alarm->mux, &alarm->client));
	rang = 0;
	who_rang = NULL;
}

TEST(a_server_sleeps_with_requests_that_are_not_due)
{
	struct task *task = NULL;
	struct alarm alarm;

	alarm_set_up(&alarm);
	EXPECT(OK, timers_submit(&alarm.client, &alarm.task[0], 100));
	assert_int_equal(rang, 0);
	EXPECT(AGAIN, timers_wait(&alarm.server));
	EXPECT(EMPTY, timers_due(&alarm.server, 5, &task));
	EXPECT(OK, timers_wait(&alarm.server));
	EXPECT(OK, timers_submit(&alarm.client, &alarm.task[1], 50));
	assert_int_equal(rang, 1);
	assert_ptr_equal(who_rang, &alarm.mux);
	EXPECT(AGAIN, timers_wait(&alarm.server));
	EXPECT(OK, timers_due(&alarm.server, 50, &task));
	assert_int_equal(task->number, 1);
}

TEST(cancelling_and_leaving_wake_it_too)
{
	struct timers_marker marker = { { 0 } };
	struct task *task = NULL;
	struct alarm alarm;

	alarm_set_up(&alarm);
	EXPECT(OK, timers_submit(&alarm.client, &alarm.task[0], 100));
	EXPECT(EMPTY, timers_due(&alarm.server, 5, &task));
	EXPECT(OK, timers_wait(&alarm.server));
	EXPECT(OK, timers_cancel(&alarm.client, &alarm.task[0]));
	assert_int_equal(rang, 1);
	EXPECT(EMPTY, timers_due(&alarm.server, 1000, &task));
	EXPECT(OK, timers_wait(&alarm.server));
	EXPECT(OK, timers_mark(&alarm.mux, &marker));
	assert_int_equal(rang, 2);
	EXPECT(EMPTY, timers_due(&alarm.server, 1000, &task));
	EXPECT(OK, timers_wait(&alarm.server));
	EXPECT(BUSY, timers_unbind(&alarm.client));
	assert_int_equal(rang, 3);
}

int group_wait(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_sleeps_with_requests_that_are_not_due),
		cmocka_unit_test(cancelling_and_leaving_wake_it_too),
	};

	return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
