/* SPDX-License-Identifier: BSD-2-Clause */
/* modules: the table of modules, and what the nano-core's files do with it. */
#ifndef NANO_MODULES_H
#define NANO_MODULES_H

#include "loader.h"
#include "multiboot2.h"
#include "nano/nano.h"

#define MODULES_MAX BOOT_FILES_MAX

/* Two records a module: the one in force, and what replaces it. */
#define MODULE_RECORDS 2u

/* A file of the boot image that was meant to be a module. */
struct module {
	/* written by modules.c when it is loaded */
	char name[LOADER_NAME_MAX + 1];
	bool boot;                        /* the manifest's flag: start it at boot */
	bool refused;
	char reason[128];                 /* why */
	const struct nano_module *code;   /* in its constants */
	uintptr_t address;                /* of its image */
	struct loader_plan plan;          /* keeps its symbols */
	void *state;

	/* what callers find; the names are the table's own, since images come and go */
	char interface_name[LOADER_NAME_MAX + 1];
	struct sfp_iface interface;       /* name and version */
	struct sfp_iface_offer offer;     /* unused where it offers nothing */
	struct sfp_iface_record records[MODULE_RECORDS];
	unsigned current;                 /* which of them is in force, or was */
	uintptr_t inside;                 /* the record by which its hooks and handlers are entered; 0: closed */

	/* written by start.c */
	enum nano_module_phase phase;
	enum sfp_status start_status;
	struct module *wanted_by;         /* who made it start; valid while it is starting */

	/* written by restart.c */
	uint32_t restarts;
	uint32_t restart_step;            /* how far it has come */
	uint32_t tries;                   /* of a restart that others hold up */
	uint32_t retired;                 /* states that were left as they are, since others link to them */
	uintptr_t old_address;            /* of the image before, until nobody can be in it; 0: none */

	/* written as it runs */
	uint32_t recent_faults;           /* since its latest start; by atomic addition */
	uint32_t faults;                  /* by atomic addition */
	uint32_t poll_faults;             /* in a row */
};

/* ---- modules.c: the table ---- */

/* Load every file of the boot image, in the manifest's order; what is wrong with one is its own affair. */
void modules_load(const struct boot_information *boot);

/* Arena bytes that are enough for all of them. */
size_t modules_arena_bytes(const struct boot_information *boot);

/* In the manifest's order; NULL past the last. */
struct module *module_number(unsigned index);

size_t modules_table_bytes(void);

/* Its number, or MODULES_MAX: the nano-core itself. */
unsigned module_index(const struct module *module);

/* The loaded module of that name, or whose code has that address; NULL. */
struct module *module_named(const char *name);
struct module *module_at(uintptr_t address);

/* For reports; NULL is the nano-core. */
const char *module_name(const struct module *module);

void modules_count_fault(struct module *module);

/* ---- state.c: every lasting byte of every module ---- */

/* Zeroed memory for a module's state; NULL only if there is no memory. 0 bytes are the one shared nothing. */
void *state_make(const struct module *owner, const struct nano_module *code);

/* The latest state_make() was in vain. */
void state_drop(const void *memory);

/* Has nothing been written behind any of them? */
bool state_ends_are_clean(void);

/* An empty one instead of the one it has, which stays where it is, for those who link into it. */
void *state_replace(const struct module *owner, const struct nano_module *code);

/* ---- start.c: after what they need ---- */

/* Load its image at a new place, checked and sealed; *code is its nano_module there. */
enum sfp_status module_load_again(struct module *module, uintptr_t *address,
				  const struct nano_module **code) SFP_NODISCARD;

/* The reference in its state that is declared as `use`. */
struct sfp_iface_ref *module_ref(const struct module *module, const struct nano_use *use);

/* Make its references anew; nobody is inside. */
void module_bind_uses(const struct module *module);

/* Start the module if it is not, and before it what it must find started. */
enum sfp_status module_start(struct module *module) SFP_NODISCARD;

/* The first call of what it offers: the realm's way to the same. */
sfp_iface_start module_start_offer;

/* If `module` is being started, say how its start came to need itself. */
void module_name_cycle(const struct module *module, const struct module *asking);

void modules_start_boot(void);

/* ---- iface.c: into a module and out again ---- */

enum module_hook {
	MODULE_START,
	MODULE_CHECK,
	MODULE_POLL,
	MODULE_TAKEOVER
};

/*
 * The running context is inside the module until sfp_iface_exit(), or until a fault ends the gate that
 * it is in now. AGAIN: it is closed.
 */
enum sfp_status module_enter(struct module *module, struct sfp_iface_pin *pin) SFP_NODISCARD;

/* Inside the module and through a gate, call a hook of its. AGAIN: it is closed. EMPTY: it has none. */
enum sfp_status module_hook(struct module *module, enum module_hook which, struct sfp_fault *why) SFP_NODISCARD;

/* On whose account does it run? NULL: the nano-core's own. */
struct nano_context;
struct module *context_module(const struct nano_context *context);

/* To whom is the reference bound? NULL: to nobody (any more). */
struct module *iface_module(const struct sfp_iface_ref *ref);

/* Resolve it and start who serves it, as a call would. */
enum sfp_status iface_touch(struct sfp_iface_ref *ref, const struct sfp_iface *interface) SFP_NODISCARD;

/* What modules get for sfp_iface_call() and sfp_fault_raise(). */
enum sfp_status iface_call(struct sfp_iface_ref *ref, const struct sfp_iface *interface, sfp_gated *gated,
			   struct sfp_iface_call *call, struct sfp_fault *why) SFP_NODISCARD;
void iface_fault_raise(uintptr_t code) __attribute__((noreturn, cold));

/* ---- restart.c: the keeper ---- */

/* A module that has faulted as often since its start is restarted. */
#define MODULE_FAULTS_MAX 16u

/* From the main loop, between the polls: restart what must be. True: something has changed. */
bool modules_keep(void);

/* ---- poll.c: the main loop ---- */

void modules_poll_forever(void) __attribute__((noreturn));

/* At the end of the outermost interrupt, still on its level: have the main loop look, if somebody said so. */
struct nano_cpu;
void modules_wake(struct nano_cpu *cpu);

/* ---- interrupt.c ---- */

/* Nobody's handler any more: for a module that is closed. */
void interrupts_close(const struct module *module);

/* Nor the end of interrupts: for one that will not come back. */
void interrupts_unbind(const struct module *module);

#endif /* NANO_MODULES_H */
