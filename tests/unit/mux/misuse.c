/* SPDX-License-Identifier: BSD-2-Clause */
/* Bad input is a status, and changes nothing. */
#include "mux_test.h"

TEST(a_mux_has_no_more_attempts_and_no_other_quantum_than_it_can_count)
{
	struct fifo fifo;
	struct fair fair;

	EXPECT(LIMIT, fifo_init(&fifo, SFP_DFQ_MAX_ATTEMPTS + 1));
	EXPECT(OK, fifo_init(&fifo, SFP_DFQ_MAX_ATTEMPTS));
	EXPECT(LIMIT, fair_init(&fair, 0, 0));
	EXPECT(LIMIT, fair_init(&fair, 0, SFP_MUX_MAX_QUANTUM + 1));
	EXPECT(OK, fair_init(&fair, 0, SFP_MUX_MAX_QUANTUM));
}

TEST(a_client_is_bound_once_with_a_share_that_exists)
{
	struct fair_client heavy = { { 0 } };
	struct ranks_client low = { { 0 } };
	struct ranks ranks;
	struct fair fair;

	EXPECT(OK, fair_init(&fair, 0, 1));
	EXPECT(INVALID, fair_bind(&fair, &heavy, 0));
	EXPECT(INVALID, fair_bind(&fair, &heavy, SFP_MUX_MAX_WEIGHT + 1));
	EXPECT(OK, fair_bind(&fair, &heavy, SFP_MUX_MAX_WEIGHT));
	EXPECT(BUSY, fair_bind(&fair, &heavy, 1));
	EXPECT(OK, ranks_init(&ranks, 0));
	EXPECT(INVALID, ranks_bind(&ranks, &low, SFP_MUX_LEVELS));
	EXPECT(OK, ranks_bind(&ranks, &low, SFP_MUX_LEVELS - 1));
}

TEST(a_client_that_is_not_bound_submits_nothing)
{
	struct fifo_client client = { { 0 } };
	struct task task = { .number = 0 };

	EXPECT(INVALID, fifo_submit(&client, &task));
	EXPECT(INVALID, fifo_unbind(&client));
	EXPECT(INVALID, fifo_reclaim(&client, &task));
	EXPECT(INVALID, fifo_settle(&client, NULL, &task));
	EXPECT_STATE(&task, IDLE);
}

TEST(a_request_is_submitted_once)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 0);
	EXPECT(BUSY, fifo_submit(&desk.client, &desk.task[0]));
	EXPECT(BUSY, fifo_submit(&desk.other, &desk.task[0]));
	expect_next(&desk.server, 0);
	EXPECT(BUSY, fifo_submit(&desk.client, &desk.task[0]));
	EXPECT(OK, fifo_complete(&desk.server, &desk.task[0], 0));
	EXPECT(BUSY, fifo_submit(&desk.client, &desk.task[0])); /* reclaim it first */
	expect_empty(&desk.server);
}

TEST(another_clients_request_is_not_cancelled_reclaimed_or_abandoned)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 0);
	EXPECT(INVALID, fifo_cancel(&desk.other, &desk.task[0]));
	EXPECT(INVALID, fifo_reclaim(&desk.other, &desk.task[0]));
	EXPECT(INVALID, fifo_settle(&desk.other, NULL, &desk.task[0]));
	EXPECT(INVALID, fifo_abandon(&desk.other, &desk.task[0], SFP_PROOF("none")));
	expect_next(&desk.server, 0);
}

TEST(a_cost_is_one_to_a_quantum)
{
	struct fair_client client = { { 0 } };
	struct task task = { .number = 0 };
	struct fair fair;

	EXPECT(OK, fair_init(&fair, 0, 10));
	EXPECT(OK, fair_bind(&fair, &client, 1));
	EXPECT(LIMIT, fair_submit_cost(&client, &task, 0));
	EXPECT(LIMIT, fair_submit_cost(&client, &task, 11));
	EXPECT(OK, fair_submit_cost(&client, &task, 10));
}

TEST(what_is_not_in_the_mux_is_not_settled)
{
	struct task stranger = { .number = 0 };
	struct fifo second;
	struct fifo_server second_server;
	struct desk desk;

	desk_set_up(&desk, 0);
	EXPECT(OK, fifo_init(&second, 0));
	EXPECT(OK, fifo_attach(&second_server, &second, NEW));
	EXPECT(INVALID, fifo_complete(&desk.server, &stranger, 0));
	EXPECT(INVALID, fifo_withdraw(&desk.server, &stranger));
	EXPECT(INVALID, fifo_requeue(&desk.server, &stranger));
	desk_submit(&desk, 0, 0);
	expect_next(&desk.server, 0);
	EXPECT(INVALID, fifo_complete(&second_server, &desk.task[0], 0)); /* the same incarnation's number */
	EXPECT(OK, fifo_complete(&desk.server, &desk.task[0], 0));
	EXPECT(INVALID, fifo_complete(&desk.server, &desk.task[0], 0));
	EXPECT(INVALID, fifo_fail(&desk.server, &desk.task[0], 1));
}

TEST(the_highest_reasons_are_the_muxs_own)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 0);
	expect_next(&desk.server, 0);
	EXPECT(INVALID, fifo_fail(&desk.server, &desk.task[0], SFP_DFQ_POISON));
	EXPECT(INVALID, fifo_fail(&desk.server, &desk.task[0], SFP_MUX_REASON_CANCELLED));
	EXPECT(OK, fifo_fail(&desk.server, &desk.task[0], SFP_MUX_REASON_CANCELLED - 1));
}

TEST(a_server_needs_a_proof_and_is_stale_after_the_next)
{
	struct fifo_server old;
	struct task *task = NULL;
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 1);
	expect_next(&desk.server, 0);
	old = desk.server;
	EXPECT(INVALID, fifo_attach(&desk.server, &desk.mux, (struct sfp_proof){ NULL }));
	EXPECT(OK, fifo_attach(&desk.server, &desk.mux, DEAD));
	EXPECT(STALE, fifo_next(&old, &task));
	EXPECT(STALE, fifo_complete(&old, &desk.task[0], 0));
	EXPECT(STALE, fifo_fail(&old, &desk.task[0], 0));
	EXPECT(STALE, fifo_withdraw(&old, &desk.task[1]));
	EXPECT(STALE, fifo_requeue(&old, &desk.task[0]));
	EXPECT(STALE, fifo_look(&old, NULL, &task));
	EXPECT(STALE, fifo_close(&old));
	EXPECT(STALE, fifo_detach(&old));
	EXPECT(OK, fifo_detach(&desk.server));
	EXPECT(STALE, fifo_next(&desk.server, &task));
}

TEST(a_fault_in_an_operation_is_told_until_the_server_attaches_anew)
{
	struct task *task = NULL;
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 1);
	expect_next(&desk.server, 0);
	desk.mux.core.busy = 1; /* what a fault leaves */
	EXPECT(POISONED, fifo_next(&desk.server, &task));
	EXPECT(POISONED, fifo_complete(&desk.server, &desk.task[0], 0));
	EXPECT(POISONED, fifo_withdraw(&desk.server, &desk.task[1]));
	EXPECT(POISONED, fifo_requeue(&desk.server, &desk.task[0]));
	EXPECT(OK, fifo_attach(&desk.server, &desk.mux, SFP_PROOF("its operation faulted")));
	expect_next(&desk.server, 0);
}

int group_misuse(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mux_has_no_more_attempts_and_no_other_quantum_than_it_can_count),
		cmocka_unit_test(a_client_is_bound_once_with_a_share_that_exists),
		cmocka_unit_test(a_client_that_is_not_bound_submits_nothing),
		cmocka_unit_test(a_request_is_submitted_once),
		cmocka_unit_test(another_clients_request_is_not_cancelled_reclaimed_or_abandoned),
		cmocka_unit_test(a_cost_is_one_to_a_quantum),
		cmocka_unit_test(what_is_not_in_the_mux_is_not_settled),
		cmocka_unit_test(the_highest_reasons_are_the_muxs_own),
		cmocka_unit_test(a_server_needs_a_proof_and_is_stale_after_the_next),
		cmocka_unit_test(a_fault_in_an_operation_is_told_until_the_server_attaches_anew),
	};

	return cmocka_run_group_tests_name("misuse", tests, NULL, NULL);
}
