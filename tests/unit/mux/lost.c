/* SPDX-License-Identifier: BSD-2-Clause */
/* A mux whose memory is lost, and clients that begin anew over their old memory. */
#include "mux_test.h"

TEST(clients_of_a_lost_mux_bind_again_and_submit_what_they_own)
{
	struct fifo second;
	struct fifo_server server;
	struct desk desk;
	int i;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 3);
	EXPECT(OK, fifo_submit(&desk.other, &desk.task[4]));
	EXPECT(OK, fifo_complete(&desk.server, expect_next(&desk.server, 0), 5));
	expect_next(&desk.server, 1);
	EXPECT(OK, fifo_cancel(&desk.client, &desk.task[2]));
	memset(&desk.mux, 0xaa, sizeof(desk.mux)); /* gone */

	/* What is the client's own, and what it was at last. */
	EXPECT(INVALID, fifo_abandon(&desk.client, &desk.task[4], SFP_PROOF("the mux is gone")));
	EXPECT_STATE(&desk.task[0], DONE);
	assert_int_equal(fifo_state(&desk.task[0]).result, 5);
	EXPECT_STATE(&desk.task[1], RUNNING);
	EXPECT_STATE(&desk.task[2], PENDING);
	assert_true(fifo_is_cancelled(&desk.task[2]));
	EXPECT(INVALID, fifo_abandon(&desk.client, &desk.task[1], (struct sfp_proof){ NULL }));
	for (i = 0; i <= 3; i++)
		EXPECT(OK, fifo_abandon(&desk.client, &desk.task[i], SFP_PROOF("the mux is gone")));
	EXPECT(OK, fifo_abandon(&desk.client, NULL, SFP_PROOF("the mux is gone")));

	EXPECT(OK, fifo_init(&second, 0));
	EXPECT(OK, fifo_attach(&server, &second, NEW));
	EXPECT(OK, fifo_bind(&second, &desk.client));
	desk_submit(&desk, 1, 1);
	desk_submit(&desk, 3, 3);
	expect_next(&server, 1);
	expect_next(&server, 3);
	expect_empty(&server);
}

/* The old client stopped before the swap of the item (task 1) and of a note (task 2). */
TEST(a_restarted_client_learns_by_a_marker_what_is_in_the_mux)
{
	struct fifo_marker marker = { { 0 } };
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 0);
	desk.task[1].link.client = &desk.client.core;
	desk.task[1].link.item.word = SFP_DFQ_QUEUED;
	desk_submit(&desk, 2, 2);
	desk.task[2].link.mark = SFP_MUX_CANCELLED_;
	desk.task[2].link.note.word = SFP_DFQ_QUEUED | SFP_MUX_CANCEL_;
	desk.client.core.bond = SFP_MUX_LEAVING_;
	desk.client.core.note.word = SFP_DFQ_QUEUED | SFP_MUX_LEAVE_;

	EXPECT(AGAIN, fifo_settle(&desk.client, NULL, &desk.task[1]));
	EXPECT(OK, fifo_mark(&desk.mux, &marker));
	EXPECT(AGAIN, fifo_settle(&desk.client, &marker, &desk.task[1]));
	expect_next(&desk.server, 0);
	EXPECT(BUSY, fifo_settle(&desk.client, &marker, &desk.task[0]));
	EXPECT(OK, fifo_settle(&desk.client, &marker, &desk.task[1]));
	EXPECT_STATE(&desk.task[1], IDLE);
	EXPECT_STATE(&desk.task[2], CANCELLED);
	EXPECT(OK, fifo_settle(&desk.client, &marker, &desk.task[2]));
	EXPECT(OK, fifo_unmark(&desk.mux, &marker));
	EXPECT(OK, fifo_mark(&desk.mux, &marker));
	expect_empty(&desk.server);
	EXPECT(OK, fifo_settle(&desk.client, &marker, NULL));
	EXPECT(BUSY, fifo_unbind(&desk.client));
	expect_empty(&desk.server);
	EXPECT(OK, fifo_complete(&desk.server, &desk.task[0], 0));
	EXPECT(OK, fifo_unbind(&desk.client));
}

int group_lost(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_of_a_lost_mux_bind_again_and_submit_what_they_own),
		cmocka_unit_test(a_restarted_client_learns_by_a_marker_what_is_in_the_mux),
	};

	return cmocka_run_group_tests_name("lost", tests, NULL, NULL);
}
