/* SPDX-License-Identifier: BSD-2-Clause */
/* trap_report: see trap_report.h. */
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

static void report_registers(const struct trap_frame *f)
{
	early_print("  rip %016lx  rsp %016lx  rflags %08lx\n", f->rip, f->rsp, f->rflags);
	early_print("  rax %016lx  rbx %016lx  rcx %016lx\n", f->rax, f->rbx, f->rcx);
	early_print("  rdx %016lx  rsi %016lx  rdi %016lx\n", f->rdx, f->rsi, f->rdi);
	early_print("  rbp %016lx  r8  %016lx  r9  %016lx\n", f->rbp, f->r8, f->r9);
	early_print("  r10 %016lx  r11 %016lx  r12 %016lx\n", f->r10, f->r11, f->r12);
	early_print("  r13 %016lx  r14 %016lx  r15 %016lx\n", f->r13, f->r14, f->r15);
}

void trap_report(const struct trap_frame *frame, const struct sfp_fault *fault, bool contained)
{
	const struct nano_cpu *cpu = cpu_this();
	char place[PLACE_MAX];

	nano_symbolize(fault->ip, place, sizeof(place));
	early_begin();
	/* On a line of its own, wherever the serial module was in its own. */
	early_print("\nfault: %s (%lu), %s, %s %s; %s\n", names[frame->vector], frame->vector,
		    sfp_fault_kind_text(fault->kind), fault->kind == SFP_FAULT_JUMP ? "after" : "in", place,
		    contained ? "contained" : "not contained");
	early_print("  while %s ran%s; error code %lx", module_name(context_module(cpu->context)),
		    cpu->depth ? " in an interrupt" : "", frame->error);
	if (frame->vector == VECTOR_PAGE_FAULT)
		early_print(": %s", page_fault_text(frame->error));
	early_print("; cr2 %016lx\n", cpu_fault_address());
	report_registers(frame);
	early_end();
}
