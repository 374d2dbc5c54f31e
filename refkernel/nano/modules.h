/* SPDX-License-Identifier: BSD-2-Clause */
/* modules: the table of modules, and what the nano-core's files do with it. */
#ifndef NANO_MODULES_H
#define NANO_MODULES_H

#include "loader.h"
#include "multiboot2.h"
#include "nano/nano.h"

#define MODULES_MAX BOOT_FILES_MAX

/* What a reference resolves to. Never changes once its module is loaded. */
struct nano_record {
	const struct nano_interface *interface;
	void *state;
	struct module *module;
};

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
	struct nano_record record;
	void *state;

	/* written by start.c */
	enum nano_module_phase phase;
	enum sfp_status start_status;
	struct module *wanted_by;         /* who made it start; valid while it is starting */

	/* written as it runs */
	uint32_t faults;
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

/* Has nothing been written behind any of them? */
bool state_ends_are_clean(void);

/* ---- start.c: after what they need ---- */

/* Start the module if it is not, and before it what it needs. */
enum sfp_status module_start(struct module *module, struct module *wanted_by) SFP_NODISCARD;

void modules_start_boot(void);

/* ---- iface.c: into a module and out again ---- */

/* One call into a module's code, as if its caller had made it: through a gate, on the module's account. */
enum sfp_status module_call(struct module *module, nano_operation *operation, void *state, void *arguments,
			    struct sfp_fault *why) SFP_NODISCARD;
enum sfp_status module_hook(struct module *module, nano_hook *hook, struct sfp_fault *why) SFP_NODISCARD;

/* The loaded module that offers an interface of that name; NULL. */
struct module *module_offering(const char *interface);

/* ---- poll.c: the main loop ---- */

void modules_poll_forever(void) __attribute__((noreturn));

/* ---- interrupt.c ---- */

/* Nobody's handler any more: for a module whose start failed. */
void interrupts_unbind(const struct module *module);

#endif /* NANO_MODULES_H */
