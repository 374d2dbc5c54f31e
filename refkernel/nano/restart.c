/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * restart: the keeper. A module that has faulted too often is closed, and when
 * nobody is inside any more its image is loaded anew at another place. Its
 * state lasts: the new instance takes it over if it is sound and if it knows
 * how, else it begins anew. Then it is published, and the references of its
 * callers, which got AGAIN meanwhile, serve again.
 *
 * Nothing here waits. What others hold up (somebody is inside, a module that it
 * needs is being restarted too) goes on the next time that the main loop comes
 * here.
 */
#include "early.h"
#include "event.h"
#include "fault.h"
#include "lib/mem.h"
#include "memory.h"
#include "modules.h"
#include "thread.h"

/* How often its beginning is tried while others hold up what it needs. */
#define TRIES_MAX 1000u

/* How often what faults on the way is tried again: the faults of one that is restarted may be any. */
#define FAULTS_BORNE 3u

/* States that a module may leave behind. */
#define RETIRED_MAX 4u

enum step {
	STEP_NONE,
	STEP_CLOSE,
	STEP_LOAD,
	STEP_TAKE_OVER,
	STEP_EMPTY,
	STEP_ANEW
};

static unsigned other_record(const struct module *module)
{
	return (module->current + 1) % MODULE_RECORDS;
}

/* ---- the image before ------------------------------------------------------------ */

/* OK: it is gone, or there was none. AGAIN: an end of interrupt may still be on its way through it. */
static enum sfp_status free_old(struct module *module)
{
	struct sfp_iface_record *record = &module->records[other_record(module)];

	if (module->old_address == 0)
		return SFP_OK;
	SFP_TRY(sfp_iface_drain(record));
	inject_forget(module->old_address, module->plan.image_bytes);
	arena_give(module->old_address, module->plan.image_bytes);
	*record = (struct sfp_iface_record){ .operations = NULL };
	module->old_address = 0;
	return SFP_OK;
}

/* ---- closing ------------------------------------------------------------------------ */

static enum sfp_status close(struct module *module)
{
	/* Full barrier, before the scans: who enters sees it, or is seen. */
	(void)sfp_exchange_word(&module->inside, 0);
	interrupts_close(module);
	threads_rouse(module); /* those of its own that sleep keep it from being left */
	fault_unbind(module);
	event_unbind(module);
	if (module->offer.slot)
		SFP_TRY(sfp_iface_close(&module->offer));
	return sfp_iface_drain(&module->records[module->current]);
}

/* ---- loading -------------------------------------------------------------------------- */

static enum sfp_status load(struct module *module)
{
	const struct nano_module *code;
	uintptr_t address;

	SFP_TRY(free_old(module));
	SFP_TRY(module_load_again(module, &address, &code));
	module->old_address = module->address;
	module->address = address;
	module->code = code;
	module->current = other_record(module);
	module->records[module->current] = (struct sfp_iface_record){
		.operations = code->operations, .state = module->state, .layout = code->state_version
	};
	return SFP_OK;
}

/* ---- beginning --------------------------------------------------------------------------- */

static void open(struct module *module)
{
	module_bind_uses(module);
	/* Release: all of it, before somebody enters. */
	sfp_store_release_word(&module->inside, (uintptr_t)&module->records[module->current]);
}

static void shut(struct module *module)
{
	(void)sfp_exchange_word(&module->inside, 0);
	interrupts_close(module);
}

/* The state that is there, if its owner's own check finds it sound. */
static enum sfp_status take_over(struct module *module)
{
	enum sfp_status status;

	if (!module->code->takeover)
		return SFP_UNSUPPORTED;
	open(module);
	status = module_hook(module, MODULE_CHECK, NULL);
	if (status == SFP_OK)
		status = module_hook(module, MODULE_TAKEOVER, NULL);
	if (status != SFP_OK)
		shut(module);
	return status;
}

/*
 * An empty state. Where the module can take over, others may hold links into the one that is
 * there, as a queue does to a producer's items: it stays as it is, for ever, and cannot be lost twice.
 */
static enum sfp_status empty_state(struct module *module)
{
	if (!module->code->takeover) {
		memset(module->state, 0, module->code->state_size);
		return SFP_OK;
	}
	if (module->retired == RETIRED_MAX)
		return SFP_LIMIT;
	module->state = state_replace(module, module->code);
	if (!module->state)
		return SFP_NO_MEMORY;
	module->retired++;
	module->records[module->current].state = module->state;
	return SFP_OK;
}

static enum sfp_status start_anew(struct module *module)
{
	enum sfp_status status = SFP_OK;

	open(module);
	if (module->code->start)
		status = module_hook(module, MODULE_START, NULL);
	if (status != SFP_OK)
		shut(module);
	return status;
}

static enum sfp_status begin(struct module *module)
{
	enum sfp_status status;

	if (module->restart_step == STEP_TAKE_OVER) {
		status = take_over(module);
		if (status == SFP_OK || status == SFP_AGAIN)
			return status;
		if (status == SFP_FAULT && module->tries < FAULTS_BORNE)
			return SFP_AGAIN;
		module->restart_step = STEP_EMPTY;
	}
	/* A handler that the takeover bound, or an earlier try of the start, may have been entered. */
	SFP_TRY(sfp_iface_drain(&module->records[module->current]));
	if (module->restart_step == STEP_EMPTY) {
		SFP_TRY(empty_state(module));
		module->restart_step = STEP_ANEW;
	} else {
		memset(module->state, 0, module->code->state_size);
	}
	return start_anew(module);
}

static enum sfp_status publish(struct module *module)
{
	if (!module->offer.slot)
		return SFP_OK;
	return sfp_iface_publish(&module->offer, &module->records[module->current], NULL);
}

/* ---- the whole of it ------------------------------------------------------------------------ */

static void finish(struct module *module)
{
	early_print("nano: module %s: restarted after %u faults: it %s\n", module->name, MODULE_FAULTS_MAX,
		    module->restart_step == STEP_TAKE_OVER ? "took over its state" : "began anew");
	module->restart_step = STEP_NONE;
	module->tries = 0;
	module->restarts++;
	__atomic_store_n(&module->recent_faults, 0, __ATOMIC_RELAXED);
	module->poll_faults = 0;
	module->phase = NANO_STARTED;
	SFP_IGNORE(free_old(module), "the keeper comes back to it");
}

static void give_up(struct module *module, enum sfp_status status)
{
	module->restart_step = STEP_NONE;
	module->start_status = status;
	module->phase = NANO_FAILED;
	(void)sfp_exchange_word(&module->inside, 0);
	interrupts_unbind(module);
	if (module->offer.slot)
		SFP_IGNORE(sfp_iface_withdraw(&module->offer), "closed it is already; its callers get GONE, or AGAIN");
	early_print("nano: module %s: not restarted: %s\n", module->name, sfp_status_text(status));
}

static enum sfp_status go_on(struct module *module)
{
	if (module->restart_step == STEP_CLOSE) {
		SFP_TRY(close(module));
		module->restart_step = STEP_LOAD;
	}
	if (module->restart_step == STEP_LOAD) {
		SFP_TRY(load(module));
		module->restart_step = STEP_TAKE_OVER;
	}
	SFP_TRY(begin(module));
	return publish(module);
}

/* Others are in the way: those inside will leave, whom it needs may be given up. */
static bool can_wait(struct module *module, enum sfp_status status)
{
	if (status != SFP_AGAIN && status != SFP_BUSY)
		return false;
	return module->restart_step < STEP_TAKE_OVER || ++module->tries < TRIES_MAX;
}

static bool restart(struct module *module)
{
	enum sfp_status status;

	if (module->restart_step == STEP_NONE) {
		module->restart_step = STEP_CLOSE;
		module->phase = NANO_RESTARTING;
	}
	status = go_on(module);
	if (can_wait(module, status)) {
		nano_wake();
		return false;
	}
	if (status == SFP_OK)
		finish(module);
	else
		give_up(module, status);
	if (event_is_wanted(NANO_EVENT_START))
		event_tell(NANO_EVENT_START, module, (uint64_t)status, 1);
	return true;
}

bool modules_keep(void)
{
	bool changed = fault_deliver();
	struct module *module;

	for (unsigned i = 0; (module = module_number(i)) != NULL; i++) {
		const uint32_t faults = __atomic_load_n(&module->recent_faults, __ATOMIC_RELAXED);

		if (module->phase == NANO_RESTARTING || (module->phase == NANO_STARTED && faults >= MODULE_FAULTS_MAX))
			changed |= restart(module);
		else
			SFP_IGNORE(free_old(module), "the next time, then");
	}
	return changed;
}
