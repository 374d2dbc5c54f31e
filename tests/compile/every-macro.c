/* SPDX-License-Identifier: BSD-2-Clause */
/* Each generating macro once, unused: nothing that it generates may warn. */
#include <sfp/dfq.h>
#include <sfp/dispatch.h>
#include <sfp/estate_dfq.h>
#include <sfp/estate_handle.h>
#include <sfp/estate_mux.h>
#include <sfp/guard.h>
#include <sfp/handle.h>
#include <sfp/iface_remote.h>
#include <sfp/monitor.h>
#include <sfp/owned.h>

struct job {
	struct sfp_dfq_item link;
	int number;
};

enum sfp_status job_run(struct job *job);
void job_drop(struct job **job);
struct plain_queue;
struct hooked_queue;
void wake(struct hooked_queue *queue);

SFP_GATE(run, job_run, struct job *);
SFP_GUARD(drop, struct job *, job_drop);
SFP_DFQ(plain_queue, struct job, link);
SFP_DFQ_HOOKED(hooked_queue, struct job, link, wake);

struct wish {
	struct sfp_mux_request link;
	int number;
};
struct alarms;
void alarms_wake(struct alarms *alarms);
SFP_MUX(first_come, struct wish, link, SFP_FIFO);
SFP_MUX(by_weight, struct wish, link, SFP_WEIGHTED);
SFP_MUX(by_rank, struct wish, link, SFP_PRIORITY);
SFP_MUX_HOOKED(alarms, struct wish, link, SFP_DEADLINE, alarms_wake);
SFP_ESTATE_MUX(by_weight, struct wish, link);
SFP_ESTATE_MUX_HOOKED(alarms, struct wish, link);

void job_mend(struct job *job);
SFP_MONITOR(spin_job, struct job, SFP_SPIN, SFP_ROLLBACK);
SFP_MONITOR(irq_job, struct job, SFP_SPIN_IRQ, SFP_POISON);
#ifdef SFP_PORT_HAS_WAIT
SFP_MONITOR(sleeping_job, struct job, SFP_MUTEX, SFP_REPAIR(job_mend));
#else
SFP_MONITOR(mended_job, struct job, SFP_SPIN, SFP_REPAIR(job_mend));
#endif

SFP_DISPATCH(lines, struct job, SFP_KEYED(16));
SFP_DISPATCH(hooks, struct job, SFP_LISTED);
struct driver;
enum sfp_status on_line(struct driver *driver, struct job *job);
SFP_HANDLER(lines, on_line, struct driver);
SFP_HANDLER(hooks, on_line, struct driver);

struct box {
	struct sfp_owned owner;
	int number;
};
void box_free(struct box *box);
SFP_OWNED(owned_box, struct box, owner, SFP_OWNED_FREES(box_free));
SFP_OWNED(lent_box, struct box, owner, SFP_OWNED_RETURNS);
enum sfp_status box_receive(struct owned_box *given, int number);
enum sfp_status box_look(struct lent_box *given, const char *label);
SFP_OWNED_GATE(receive, owned_box, box_receive, int);
SFP_OWNED_GATE(look, lent_box, box_look, const char *);

enum sfp_status use_section(struct spin_job *first, struct irq_job *second);
enum sfp_status use_section(struct spin_job *first, struct irq_job *second)
{
	SFP_HOLD(spin_job, job, first);
	SFP_WITH(irq_job, other, second) {
		return job_run(other);
	} else {
		return SFP_REFUSAL(other);
	}
}
SFP_ESTATE_DFQ(plain_queue, struct job, link);
SFP_ESTATE_DFQ_HOOKED(hooked_queue, struct job, link);

#define TOOL_OPS(OP) OP(turn, SFP_IN(int, angle), SFP_OUT(int, left), SFP_INOUT(struct job, job)) OP(stop)
SFP_INTERFACE(tool, 1, TOOL_OPS);
enum sfp_status hammer_turn(struct job *hammer, int angle, int *left, struct job *job);
enum sfp_status hammer_stop(struct job *hammer);
SFP_PROVIDER(hammer, struct job, tool, TOOL_OPS);

#ifdef SFP_PORT_HAS_WAIT
#define GAUGE_OPS(OP) OP(read, SFP_IN(int, place), SFP_OUT(struct job, job), SFP_INOUT(char, unit)) OP(stop)
SFP_INTERFACE(gauge, 1, GAUGE_OPS);
SFP_INTERFACE_REMOTE(gauge, GAUGE_OPS);
#endif

enum sfp_status use_scope(struct job *job);
enum sfp_status use_scope(struct job *job)
{
	SFP_SCOPED(drop, held, job);
	SFP_TRY(job_run(held.value));
	SFP_IGNORE(job_run(job), "a second time, to no end");
	return SFP_OK;
}

struct opened_1 {
	int number;
};
struct opened_2 {
	long number;
};

enum sfp_status opened_from_1(const struct opened_1 *old, struct opened_2 *today);

SFP_HANDLE(opened, struct opened_2, 2);
SFP_HANDLE_MIGRATE(opened, struct opened_1, 1, opened_from_1);
SFP_ESTATE_HANDLE(opened);
SFP_HANDLE_ROOMY(roomy, struct opened_1, 1, 64);
SFP_HANDLE_UNSHARED(unshared, struct opened_1, 1);
