/* SPDX-License-Identifier: BSD-2-Clause */
/* poll: the main loop. Interrupts put work into queues, here it is done. */
#include "cpu.h"
#include "early.h"
#include "modules.h"

/* A poll that faults this often in a row is not called any more: it would do nothing else. */
#define POLL_FAULTS_MAX 16

static void note_fault(struct module *module)
{
	if (++module->poll_faults == POLL_FAULTS_MAX)
		early_print("nano: module %s: its poll faulted %u times in a row; it is polled no more\n",
			    module->name, POLL_FAULTS_MAX);
}

/* Did it do something, so that asking again makes sense? */
static bool poll(struct module *module)
{
	enum sfp_status status;

	if (!module->code || !module->code->poll || module->phase != NANO_STARTED ||
	    module->poll_faults >= POLL_FAULTS_MAX)
		return false;
	status = module_hook(module, MODULE_POLL, NULL);
	if (status == SFP_FAULT)
		note_fault(module);
	else
		module->poll_faults = 0;
	return status == SFP_OK;
}

static bool poll_all(void)
{
	bool busy = false;
	struct module *module;

	for (unsigned i = 0; (module = module_number(i)) != NULL; i++)
		busy |= poll(module);
	return busy;
}

/* Counts the calls of nano_wake(): whoever polls looks at it before, and sleeps while it is the same. */
static uint32_t wakes;

void nano_wake(void)
{
	const sfp_port_irq_t saved = sfp_port_irq_save();
	struct nano_cpu *cpu = cpu_this();

	__atomic_fetch_add(&wakes, 1, __ATOMIC_SEQ_CST);
	cpu->woke = true;
	/* In an interrupt, once at its end: its handler is not to pay for it. */
	if (!nano_in_interrupt() && !cpu->trapping)
		modules_wake(cpu);
	sfp_port_irq_restore(saved);
}

void modules_wake(struct nano_cpu *cpu)
{
	if (!cpu->woke)
		return;
	cpu->woke = false;
	(void)nano_thread_wake(&wakes, 1);
}

static bool keep_and_poll(void)
{
	const bool kept = modules_keep();

	return poll_all() || kept;
}

void modules_poll_forever(void)
{
	for (;;) {
		const uint32_t seen = __atomic_load_n(&wakes, __ATOMIC_SEQ_CST);

		while (keep_and_poll())
			;
		SFP_IGNORE(nano_thread_block(&wakes, seen), "it is a thread, so it can");
	}
}
