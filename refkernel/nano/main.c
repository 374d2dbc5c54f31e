/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main: the boot, one call a line. Each stands where it does because of what
 * the ones before it have made.
 */
#include "acpi.h"
#include "clock.h"
#include "cpu.h"
#include "early.h"
#include "memory.h"
#include "modules.h"
#include "panic.h"
#include "smp.h"
#include "symbols.h"
#include "thread.h"
#include "trap.h"

void nano_main(uint32_t magic, uint32_t information);

static struct boot_information boot;
static struct acpi_machine machine;

/* Without this step there is no system. */
static void must(enum sfp_status status, const char *what)
{
	if (status == SFP_OK)
		return;
	early_print("nano: %s: %s\n", what, sfp_status_text(status));
	panic("the boot cannot go on");
}

static void tell_memory(void)
{
	struct paging_report report;

	paging_check(&report);
	early_print("nano: memory: %lu KiB, %lu KiB taken\n", nano_memory_bytes() / 1024,
		    frames_taken() * PAGE_SIZE / 1024);
	early_print("nano: paging: %lu pages, %lu writable and executable, %lu writable aliases of code\n",
		    report.pages, report.writable_executable, report.writable_aliases);
	if (boot.left_out)
		early_print("nano: %lu files or memory regions are past a limit and left out\n",
			    boot.left_out);
	if (report.writable_executable || report.writable_aliases)
		panic("the page tables let code be written");
}

/* The rest of the boot may wait for things, and the prompt runs in it. */
static enum sfp_status main_thread(void *nothing)
{
	(void)nothing;
	modules_start_boot();
	modules_poll_forever();
}

void nano_main(uint32_t magic, uint32_t information)
{
	early_init();                                   /* first: everything after it can say what is wrong */
	early_print("\nnano: libpatterns reference kernel\n");
	cpu_init();                                     /* from here on a fault is a report, not a reset */
	must(magic == MULTIBOOT2_BOOT_MAGIC ? SFP_OK : SFP_UNSUPPORTED, "the boot loader");
	must(multiboot2_parse(information, &boot), "the boot information");
	symbols_init(&boot);                            /* so that reports have names */
	acpi_read(boot.rsdp, &machine);                 /* while all of the firmware's memory can be read */
	frames_init(&boot);                             /* page tables are made of frames */
	must(paging_init(&boot, modules_arena_bytes(&boot)), "the page tables");
	device_init(&boot);                             /* modules ask for device memory once they run */
	interrupt_init(&machine);                       /* its controller is such device memory */
	clock_init();                                   /* starting processors takes waiting */
	must(stacks_guard(), "the guard pages");        /* the boot's tables could not leave out single pages */
	modules_load(&boot);                            /* all before any starts: needs go by name */
	tell_memory();                                  /* after the last page was mapped, before it matters */
	__asm__ __volatile__("sti");                    /* all lines are masked until a module opens one */
	smp_start(&boot, &machine);                     /* page tables change no more without being told */
	must(thread_make_own("main", main_thread), "the first thread");
	thread_idle();                                  /* this processor, too, has nothing to do but threads */
}
