/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inject: a fault on purpose. The first byte of a function becomes one that is
 * no instruction, until somebody comes there: the trap handler puts the code
 * back. While it is patched the page is writable and cannot be executed, while
 * this processor alone runs: no page is ever both.
 */
#include "fault.h"
#include "memory.h"
#include "modules.h"
#include "smp.h"

#define ARMED_MAX 8u
#define NO_INSTRUCTION 0x06 /* "push es", which 64-bit code does not have */

struct armed {
	uintptr_t address;  /* 0: free */
	uint8_t before;
};

static struct armed places[ARMED_MAX];

static struct armed *place_of(uintptr_t address)
{
	for (unsigned i = 0; i < ARMED_MAX; i++) {
		if (places[i].address == address)
			return &places[i];
	}
	return NULL;
}

/* Exchange a byte of code that is sealed. */
static enum sfp_status patch(uintptr_t address, uint8_t byte, uint8_t *before)
{
	const uintptr_t page = page_down(address);
	enum sfp_status status;

	smp_freeze(); /* nobody runs this code meanwhile, on no processor */
	status = paging_protect(page, 1, PAGE_WRITE);
	if (status == SFP_OK) {
		if (before)
			*before = *(const uint8_t *)address;
		*(volatile uint8_t *)address = byte;
		status = paging_protect(page, 1, PAGE_EXECUTE);
	}
	smp_thaw();
	return status;
}

static enum sfp_status arm(uintptr_t address)
{
	struct armed *place = place_of(address);

	if (place)
		return SFP_OK;
	place = place_of(0);
	if (!place)
		return SFP_LIMIT;
	SFP_TRY(patch(address, NO_INSTRUCTION, &place->before));
	place->address = address;
	return SFP_OK;
}

void inject_spend(uintptr_t address)
{
	struct armed *place = address ? place_of(address) : NULL;

	if (!place)
		return;
	SFP_IGNORE(patch(address, place->before, NULL), "it was patched before");
	place->address = 0;
}

void inject_forget(uintptr_t address, size_t bytes)
{
	for (unsigned i = 0; i < ARMED_MAX; i++) {
		if (places[i].address - address < bytes)
			places[i].address = 0;
	}
}

static enum sfp_status find(const struct module *module, const char *symbol, uintptr_t *address)
{
	size_t offset;

	*address = (uintptr_t)module->code->check;
	if (symbol) {
		SFP_TRY(loader_symbol_find(&module->plan, symbol, &offset));
		*address = module->address + offset;
	}
	return *address - module->address < module->plan.text_bytes ? SFP_OK : SFP_INVALID; /* not code */
}

enum sfp_status nano_fault_inject(const char *name, const char *symbol, struct sfp_fault *why)
{
	struct module *module = module_named(name);
	enum sfp_status status;
	uintptr_t address;

	if (!module)
		return SFP_NOT_FOUND;
	if (module->phase != NANO_STARTED)
		return SFP_AGAIN;
	SFP_TRY(find(module, symbol, &address));
	SFP_TRY(arm(address));
	status = module_hook(module, MODULE_CHECK, why);
	return status == SFP_FAULT ? SFP_FAULT : SFP_OK;
}
