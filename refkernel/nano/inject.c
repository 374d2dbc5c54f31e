/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inject: a fault on purpose. The first byte of an instruction becomes one that
 * is none, until somebody comes there: the trap handler puts the code back.
 * While it is patched the page is writable and cannot be executed, while this
 * processor alone runs: no page is ever both.
 *
 * What stood there need not be kept: no relocation touches an instruction's
 * first byte, so the module's file has it. Therefore any number of places can
 * be armed at once. Those where a fault is wanted are in a short table; all
 * others of a module that is watched are only passed.
 */
#include "fault.h"
#include "memory.h"
#include "modules.h"
#include "smp.h"

#define ARMED_MAX 8u
#define PUT_BACK_MAX 8u          /* a power of two */
#define NO_INSTRUCTION 0x06      /* "push es", which 64-bit code does not have */
#define UD2 0x0b0f

/* Where a fault is wanted. Written while the others are frozen, or by whoever comes there. */
static struct armed {
	uintptr_t address;       /* 0: free */
	uint32_t times;          /* that it shall trap */
} places[ARMED_MAX];

/* Modules whose other places are passed; never taken back. */
static bool watched[MODULES_MAX];

/* Places put back of late: another processor may have come there before it saw that. */
static uintptr_t put_back[PUT_BACK_MAX];
static uint32_t put_back_count;

static struct nano_place_hit latest;

static struct armed *place_of(uintptr_t address)
{
	for (unsigned i = 0; i < ARMED_MAX; i++) {
		if (places[i].address == address)
			return &places[i];
	}
	return NULL;
}

/* ---- code that is sealed ------------------------------------------------------- */

/* Nobody runs this code until close_code(), on no processor. */
static enum sfp_status open_code(uintptr_t first, size_t pages)
{
	enum sfp_status status;

	smp_freeze();
	status = paging_protect(first, pages, PAGE_WRITE);
	if (status != SFP_OK)
		smp_thaw();
	return status;
}

static void close_code(uintptr_t first, size_t pages)
{
	SFP_IGNORE(paging_protect(first, pages, PAGE_EXECUTE), "they were just opened");
	smp_thaw();
}

static enum sfp_status patch(uintptr_t address, uint8_t byte)
{
	SFP_TRY(open_code(page_down(address), 1));
	*(volatile uint8_t *)address = byte;
	close_code(page_down(address), 1);
	return SFP_OK;
}

/* The module, and where its image begins; the one before the latest restart counts, too. */
static struct module *image_at(uintptr_t address, uintptr_t *start)
{
	struct module *module = module_at(address);

	if (module)
		*start = address - module->address < module->plan.text_bytes ? module->address :
									       module->old_address;
	return module;
}

static enum sfp_status restore(uintptr_t address)
{
	uintptr_t start = 0;
	struct module *module = image_at(address, &start);
	uint8_t byte;

	if (!module)
		return SFP_NOT_FOUND;
	SFP_TRY(loader_file_byte(&module->plan, address - start, &byte));
	put_back[__atomic_fetch_add(&put_back_count, 1, __ATOMIC_RELAXED) % PUT_BACK_MAX] = address;
	return patch(address, byte);
}

static enum sfp_status arm(uintptr_t address, uint32_t times)
{
	struct armed *place = place_of(address);

	if (!place)
		place = place_of(0);
	if (!place)
		return SFP_LIMIT;
	place->times = times;
	place->address = address;
	if (patch(address, NO_INSTRUCTION) == SFP_OK)
		return SFP_OK;
	place->address = 0;
	return SFP_INVALID;
}

/* ---- in the trap handler --------------------------------------------------------- */

static bool was_put_back(uintptr_t address)
{
	const uint8_t *const code = (const uint8_t *)address;

	for (unsigned i = 0; i < PUT_BACK_MAX; i++) {
		if (put_back[i] == address)
			return code[0] != NO_INSTRUCTION && (code[0] | code[1] << 8) != UD2;
	}
	return false;
}

bool inject_pass(uintptr_t address)
{
	uintptr_t start;
	const struct module *module = image_at(address, &start);

	if (!module || place_of(address))
		return false;
	if (was_put_back(address))
		return true;
	return watched[module_index(module)] && *(const uint8_t *)address == NO_INSTRUCTION &&
	       restore(address) == SFP_OK;
}

void inject_spend(uintptr_t address)
{
	struct armed *place = address ? place_of(address) : NULL;
	const struct module *module;
	uintptr_t start = 0;

	if (!place)
		return;
	module = image_at(address, &start);
	latest = (struct nano_place_hit){ .count = latest.count + 1, .module = module_name(module),
					  .offset = (uint32_t)(address - start),
					  .in_interrupt = cpu_this()->depth > 0 };
	if (--place->times > 0)
		return;
	SFP_IGNORE(restore(address), "it was patched before");
	place->address = 0;
}

void inject_forget(uintptr_t address, size_t bytes)
{
	for (unsigned i = 0; i < ARMED_MAX; i++) {
		if (places[i].address - address < bytes)
			places[i].address = 0;
	}
}

/* ---- many places ------------------------------------------------------------------- */

static enum sfp_status find_image(const char *name, const uint32_t *offsets, uint32_t count,
				  struct module **module)
{
	*module = module_named(name);
	if (!*module)
		return SFP_NOT_FOUND;
	for (uint32_t i = 0; i < count; i++) {
		if (offsets[i] >= (*module)->plan.text_bytes)
			return SFP_INVALID;
	}
	return (*module)->phase == NANO_STARTED ? SFP_OK : SFP_AGAIN;
}

enum sfp_status nano_places_watch(const char *name, const uint32_t *offsets, uint32_t count)
{
	struct module *module;
	size_t pages;

	SFP_TRY(find_image(name, offsets, count, &module));
	pages = page_up(module->plan.text_bytes) / PAGE_SIZE;
	SFP_TRY(open_code(module->address, pages));
	watched[module_index(module)] = true;
	for (uint32_t i = 0; i < count; i++)
		*(volatile uint8_t *)(module->address + offsets[i]) = NO_INSTRUCTION;
	close_code(module->address, pages);
	return SFP_OK;
}

enum sfp_status nano_places_end(const char *name, const uint32_t *offsets, uint32_t count, uint8_t *passed)
{
	struct module *module;
	size_t pages;
	uint8_t byte;

	SFP_TRY(find_image(name, offsets, count, &module));
	pages = page_up(module->plan.text_bytes) / PAGE_SIZE;
	SFP_TRY(open_code(module->address, pages));
	for (uint32_t i = 0; i < count; i++) {
		volatile uint8_t *const at = (volatile uint8_t *)(module->address + offsets[i]);

		passed[i] = *at != NO_INSTRUCTION;
		if (!passed[i] && loader_file_byte(&module->plan, offsets[i], &byte) == SFP_OK)
			*at = byte;
	}
	close_code(module->address, pages);
	return SFP_OK;
}

/* ---- one place ---------------------------------------------------------------------- */

enum sfp_status nano_place_arm(const char *name, uint32_t offset)
{
	struct module *module;

	SFP_TRY(find_image(name, &offset, 1, &module));
	return arm(module->address + offset, 1);
}

/* Should somebody come there just now, it is spent, or no fault: inject_pass(). */
enum sfp_status nano_place_disarm(const char *name, uint32_t offset)
{
	struct module *module = module_named(name);
	struct armed *place = module ? place_of(module->address + offset) : NULL;
	enum sfp_status status;

	if (!place)
		return SFP_NOT_FOUND;
	status = restore(place->address);
	place->address = 0;
	return status;
}

void nano_place_latest(struct nano_place_hit *hit)
{
	*hit = latest;
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

static enum sfp_status find_started(const char *name, const char *symbol, struct module **module,
				    uintptr_t *address)
{
	*module = module_named(name);
	if (!*module)
		return SFP_NOT_FOUND;
	return (*module)->phase == NANO_STARTED ? find(*module, symbol, address) : SFP_AGAIN;
}

enum sfp_status nano_fault_arm(const char *name, const char *symbol, uint32_t times)
{
	struct module *module;
	uintptr_t address;

	if (times == 0)
		return SFP_INVALID;
	SFP_TRY(find_started(name, symbol, &module, &address));
	return arm(address, times);
}

enum sfp_status nano_fault_inject(const char *name, const char *symbol, struct sfp_fault *why)
{
	struct module *module;
	enum sfp_status status;
	uintptr_t address;

	SFP_TRY(find_started(name, symbol, &module, &address));
	SFP_TRY(arm(address, 1));
	status = module_hook(module, MODULE_CHECK, why);
	return status == SFP_FAULT ? SFP_FAULT : SFP_OK;
}
