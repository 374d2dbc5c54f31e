/* SPDX-License-Identifier: BSD-2-Clause */
/* desk: the helpers of mux_test.h. */
#include "mux_test.h"

void tasks_number(struct task *tasks, int count)
{
	int i;

	for (i = 0; i < count; i++)
		tasks[i].number = i;
}

void desk_set_up(struct desk *desk, uint32_t attempt_limit)
{
	memset(desk, 0, sizeof(*desk));
	tasks_number(desk->task, TASKS);
	EXPECT(OK, fifo_init(&desk->mux, attempt_limit));
	EXPECT(OK, fifo_attach(&desk->server, &desk->mux, NEW));
	EXPECT(OK, fifo_bind(&desk->mux, &desk->client));
	EXPECT(OK, fifo_bind(&desk->mux, &desk->other));
}

void desk_submit(struct desk *desk, int first, int last)
{
	int i;

	for (i = first; i <= last; i++)
		EXPECT(OK, fifo_submit(&desk->client, &desk->task[i]));
}

enum sfp_status next_through(struct fifo_server *server, struct task **task)
{
	enum sfp_status status;
	int patience = 1000;

	do {
		status = fifo_next(server, task);
	} while (status == SFP_AGAIN && --patience > 0);
	return status;
}

struct task *expect_next(struct fifo_server *server, int number)
{
	struct task *task = NULL;

	EXPECT(OK, next_through(server, &task));
	assert_int_equal(task->number, number);
	return task;
}

void expect_empty(struct fifo_server *server)
{
	struct task *task = NULL;

	EXPECT(EMPTY, next_through(server, &task));
}

void leave_through(struct fifo_server *server, struct fifo_client *client)
{
	EXPECT(BUSY, fifo_unbind(client));
	expect_empty(server);
	EXPECT(OK, fifo_unbind(client));
}
