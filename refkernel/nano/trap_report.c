/* SPDX-License-Identifier: BSD-2-Clause */
/* trap_report: see trap_report.h. */
#include "trap.h"
#include "trap_report.h"

#include "cpu.h"
#include "early.h"
#include "modules.h"
#include "nano/nano.h"

#define VECTOR_PAGE_FAULT 14

#define PAGE_PRESENT (1u << 0)
#define PAGE_WRITE (1u << 1)
#define PAGE_RESERVED (1u << 3)
#define PAGE_FETCH (1u << 4)

#define PLACE_MAX 96

static const char *const names[TRAP_EXCEPTIONS] = {
	"divide error", "debug", "non-maskable interrupt", "breakpoint", "overflow", "bound range",
	"invalid opcode", "device not available", "double fault", "coprocessor segment",
	"invalid task segment", "segment not present", "stack segment", "general protection", "page fault",
	"vector 15", "x87 floating point", "alignment check", "machine check", "simd floating point",
	"virtualization", "control protection", "vector 22", "vector 23", "vector 24", "vector 25",
	"vector 26", "vector 27", "hypervisor injection", "vmm communication", "security", "vector 31",
};

static const char *page_fault_text(uint64_t error)
{
	if (error & PAGE_RESERVED)
		return "a page table is broken";
	if (error & PAGE_FETCH)
		return error & PAGE_PRESENT ? "ran a page that is not executable" : "ran an unmapped page";
	if (error & PAGE_WRITE)
		return error & PAGE_PRESENT ? "wrote to a read-only page" : "wrote to an unmapped page";
	return error & PAGE_PRESENT ? "read a page that it may not" : "read an unmapped page";
}

static void report_registers(const struct nano_registers *r)
{
	early_print("  rip %016lx  rsp %016lx  rflags %08lx\n", r->rip, r->rsp, r->rflags);
	early_print("  rax %016lx  rbx %016lx  rcx %016lx\n", r->rax, r->rbx, r->rcx);
	early_print("  rdx %016lx  rsi %016lx  rdi %016lx\n", r->rdx, r->rsi, r->rdi);
	early_print("  rbp %016lx  r8  %016lx  r9  %016lx\n", r->rbp, r->r8, r->r9);
	early_print("  r10 %016lx  r11 %016lx  r12 %016lx\n", r->r10, r->r11, r->r12);
	early_print("  r13 %016lx  r14 %016lx  r15 %016lx\n", r->r13, r->r14, r->r15);
}

static void report_chain(const struct nano_fault_record *record)
{
	char place[PLACE_MAX];

	for (uint32_t i = 0; i < record->chain_count; i++) {
		nano_symbolize(record->chain[i], place, sizeof(place));
		early_print("  called from %s\n", place);
	}
}

void trap_report(const struct nano_fault_record *record)
{
	const struct sfp_fault *fault = &record->fault;

	early_begin();
	/* On a line of its own, wherever the serial module was in its own. */
	early_print("\nfault: %s (%lu), %s, %s %s; %s\n", names[fault->code], fault->code,
		    sfp_fault_kind_text(fault->kind), fault->kind == SFP_FAULT_JUMP ? "after" : "in",
		    record->place, record->contained ? "contained" : "not contained");
	early_print("  while %s ran%s; error code %lx", record->module,
		    record->in_interrupt ? " in an interrupt" : "", record->registers.error);
	if (fault->code == VECTOR_PAGE_FAULT)
		early_print(": %s", page_fault_text(record->registers.error));
	early_print("; cr2 %016lx\n", record->registers.cr2);
	report_chain(record);
	report_registers(&record->registers);
	early_end();
}
