/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inject: a fault on purpose. The first two bytes of a function become `ud2`
 * for the length of one call of the module's check. While its code is patched
 * it is writable and cannot be executed, while this processor alone runs: no
 * page is ever both.
 */
#include "lib/mem.h"
#include "memory.h"
#include "modules.h"
#include "smp.h"

#define PATCH_BYTES 2
static const uint8_t undefined[PATCH_BYTES] = { 0x0f, 0x0b };

/* Write the patch to, and read what was there from, code that is sealed. */
static enum sfp_status patch(uintptr_t address, const uint8_t *bytes, uint8_t *before)
{
	const uintptr_t page = page_down(address);
	const size_t count = (page_up(address + PATCH_BYTES) - page) / PAGE_SIZE;
	enum sfp_status status;

	smp_freeze(); /* nobody runs this code meanwhile, on no processor */
	status = paging_protect(page, count, PAGE_WRITE);
	if (status == SFP_OK) {
		if (before)
			memcpy(before, (const void *)address, PATCH_BYTES);
		memcpy((void *)address, bytes, PATCH_BYTES);
		status = paging_protect(page, count, PAGE_EXECUTE);
	}
	smp_thaw();
	return status;
}

static enum sfp_status find(const struct module *module, const char *symbol, uintptr_t *address)
{
	size_t offset;

	*address = (uintptr_t)module->code->check;
	if (symbol) {
		SFP_TRY(loader_symbol_find(&module->plan, symbol, &offset));
		*address = module->address + offset;
	}
	if (*address - module->address > module->plan.text_bytes - PATCH_BYTES)
		return SFP_INVALID; /* not code */
	return SFP_OK;
}

enum sfp_status nano_fault_inject(const char *name, const char *symbol, struct sfp_fault *why)
{
	struct module *module = module_named(name);
	uint8_t before[PATCH_BYTES];
	enum sfp_status status;
	uintptr_t address;

	if (!module)
		return SFP_NOT_FOUND;
	SFP_TRY(find(module, symbol, &address));
	SFP_TRY(patch(address, undefined, before));
	status = module_hook(module, MODULE_CHECK, why);
	SFP_TRY(patch(address, before, NULL));
	return status;
}
