/* SPDX-License-Identifier: BSD-2-Clause */
#include "offered.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void __attribute__((noreturn)) give_up(const char *what, const char *about)
{
	fprintf(stderr, "%s: %s\n", what, about);
	exit(2);
}

unsigned offered_logs, offered_wakes;

static void log_one(const char *module, const char *text)
{
	if (strcmp(module, "fixture") == 0 && strcmp(text, "started") == 0)
		offered_logs++;
}

static void wake_one(void)
{
	offered_wakes++;
}

static void unexpected(void)
{
	give_up("a module called", "what the test does not offer in earnest");
}

static struct loader_export list[] = {
	{ "nano_realm", 0 }, { "nano_interrupt_bind", 0 }, { "nano_interrupt_controller", 0 },
	{ "nano_wake", 0 }, { "nano_in_interrupt", 0 }, { "nano_module_info", 0 },
	{ "nano_module_check", 0 }, { "nano_fault_inject", 0 }, { "nano_symbolize", 0 },
	{ "nano_device_map", 0 }, { "nano_screen", 0 }, { "nano_self", 0 }, { "nano_broken", 0 },
	{ "nano_check", 0 }, { "nano_state_info", 0 }, { "nano_memory_info", 0 }, { "nano_memory_bytes", 0 },
	{ "nano_frames_claim", 0 }, { "nano_allocation_fail", 0 }, { "nano_allocation_pending", 0 },
	{ "nano_allocation_fails", 0 },
	{ "nano_log", 0 }, { "nano_reboot", 0 }, { "nano_exit", 0 },
	{ "sfp_gate_call", 0 }, { "sfp_fault_raise", 0 }, { "sfp_fault_kind_text", 0 },
	{ "sfp_iface_call", 0 }
};

const struct loader_exports offered = { list, sizeof(list) / sizeof(list[0]) };

static uintptr_t function_of(const char *name)
{
	if (strcmp(name, "nano_log") == 0)
		return (uintptr_t)log_one;
	return strcmp(name, "nano_wake") == 0 ? (uintptr_t)wake_one : (uintptr_t)unexpected;
}

/* The functions may be anywhere, a module's calls reach 2 GiB: movabs $function, %rax; jmp *%rax. */
void offered_open(void)
{
	unsigned char *thunks = mmap(NULL, LOADER_PAGE, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (thunks == MAP_FAILED)
		give_up("mmap", "thunks");
	for (size_t i = 0; i < offered.count; i++) {
		const uintptr_t function = function_of(list[i].name);
		unsigned char *thunk = thunks + 16 * i;

		memcpy(thunk, "\x48\xb8", 2);
		memcpy(thunk + 2, &function, 8);
		memcpy(thunk + 10, "\xff\xe0", 2);
		list[i].address = (uintptr_t)thunk;
	}
	if (mprotect(thunks, LOADER_PAGE, PROT_READ | PROT_EXEC) != 0)
		give_up("mprotect", "thunks");
}

static struct loader_export *find(const char *name)
{
	for (size_t i = 0; i < offered.count; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	give_up("not offered", name);
}

void offered_place(const char *name, uintptr_t address)
{
	find(name)->address = address;
}

void offered_high(void)
{
	for (size_t i = 0; i < offered.count; i++)
		list[i].address = 0xffffffff80100000u + 16 * i;
}
