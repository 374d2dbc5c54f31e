/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * smp: see smp.h.
 *
 * A processor is told to start and answers by CALLED -> RUNNING; who waits for
 * it gives up by CALLED -> GIVEN_UP. Both are compare-and-swaps, so one of them
 * happens: a processor that comes too late finds that it must stop, and nobody
 * counts on it.
 *
 * Flushing and freezing go by non-maskable interrupts. Ordinary ones wait until
 * interrupts are on, and whoever has them off may be spinning for what the
 * asking processor holds. The handler takes nothing and waits for nobody but
 * the asker, who waits for all: there is one request at a time.
 */
#include "smp.h"

#include "ap.h"
#include "apic.h"
#include "clock.h"
#include "early.h"
#include "lib/mem.h"
#include "memory.h"
#include "symbols.h"
#include "thread.h"

#define LOW_MEMORY 0xa0000ul
#define RESET_WAIT (10 * MILLISECOND)
#define START_WAIT (200 * MICROSECOND)
#define ANSWER_WAIT (5000 * MILLISECOND) /* an emulator on a busy host has been seen to need 1000 */
#define NOBODY UINT32_MAX

#define PRESENT 1ul
#define WRITABLE 2ul
#define ENTRIES 512
#define START_LEVELS 4

uint32_t nano_ap_ids[PROCESSORS_MAX];
uint64_t nano_ap_stacks[PROCESSORS_MAX];
uint64_t nano_ap_root;

static uint64_t start_tables[START_LEVELS][ENTRIES] __attribute__((aligned(4096)));

static unsigned called;      /* processors that have a block, this one included */

static struct {
	uint32_t busy;       /* somebody is asking */
	uint32_t number;     /* of the latest request */
	uint32_t hold;       /* the request that is to be waited in */
	uint32_t stop;       /* the system ends */
} request;

bool smp_is_running(const struct nano_cpu *cpu)
{
	return __atomic_load_n(&cpu->phase, __ATOMIC_ACQUIRE) == CPU_RUNNING;
}

/* ---- starting ------------------------------------------------------------------- */

static bool is_used(const struct boot_information *boot, uint64_t start, uint64_t end)
{
	struct boot_region region = boot->self;
	size_t i;

	if (start < region.end && region.start < end)
		return true;
	for (i = 0; i < boot->file_count; i++) {
		if (start < boot->files[i].end && boot->files[i].start < end)
			return true;
	}
	for (i = 0; symbols_region(boot, i, &region); i++) {
		if (start < region.end && region.start < end)
			return true;
	}
	return false;
}

/* A page of RAM where real mode reaches; frames.c gives none away there. 0: none. */
static uint64_t low_page(const struct boot_information *boot)
{
	for (uint64_t page = LOW_MEMORY - PAGE_SIZE; page > 0; page -= PAGE_SIZE) {
		for (size_t i = 0; i < boot->ram_count; i++) {
			const struct boot_region *ram = &boot->ram[i];

			if (page >= ram->start && page + PAGE_SIZE <= ram->end &&
			    !is_used(boot, page, page + PAGE_SIZE))
				return page;
		}
	}
	return 0;
}

static void add(uint64_t page, unsigned offset)
{
	uint32_t value;

	memcpy(&value, (uint8_t *)direct(page) + offset, sizeof(value));
	value += (uint32_t)page;
	memcpy((uint8_t *)direct(page) + offset, &value, sizeof(value));
}

static uint64_t physical(const void *at)
{
	return (uintptr_t)at - KERNEL_BASE;
}

/*
 * The kernel's own page tables with one page more, where it lies: executable and read-only.
 * They are for the way from there to the kernel; the kernel's tables never have it.
 */
static uint64_t tables_make(uint64_t page)
{
	memcpy(&start_tables[0][ENTRIES / 2], (uint64_t *)direct(cpu_page_root()) + ENTRIES / 2, PAGE_SIZE / 2);
	for (unsigned level = 0; level + 1 < START_LEVELS; level++)
		start_tables[level][0] = physical(start_tables[level + 1]) | WRITABLE | PRESENT;
	start_tables[START_LEVELS - 1][page / PAGE_SIZE] = page | PRESENT;
	return physical(start_tables[0]);
}

/* The page stays as it is: a processor that answers late still goes through it. */
static uint64_t place_code(const struct boot_information *boot)
{
	const uint64_t page = low_page(boot);
	const uint32_t tables = (uint32_t)tables_make(page);

	if (page == 0)
		return 0;
	memcpy(direct(page), nano_ap_code, (size_t)(nano_ap_code_end - nano_ap_code));
	memcpy((uint8_t *)direct(page) + AP_TABLES, &tables, sizeof(tables));
	add(page, AP_SEGMENTS + sizeof(uint16_t));
	add(page, AP_JUMP);
	nano_ap_root = cpu_page_root();
	return page;
}

static void prepare(const struct acpi_machine *machine)
{
	for (unsigned i = 0; i < PROCESSORS_MAX; i++)
		nano_ap_ids[i] = NOBODY;
	nano_cpus[0].apic = apic_id();
	called = 1;
	for (unsigned i = 0; i < machine->known && called < PROCESSORS_MAX; i++) {
		struct nano_cpu *cpu = &nano_cpus[called];

		if (machine->ids[i] == nano_cpus[0].apic)
			continue;
		cpu->apic = machine->ids[i];
		nano_ap_ids[called] = cpu->apic;
		nano_ap_stacks[called] = stack_top(stack_of_processor(called, STACK_IDLE));
		cpu->phase = CPU_CALLED;
		called++;
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void send_called(unsigned command)
{
	for (unsigned i = 1; i < called; i++) {
		if (__atomic_load_n(&nano_cpus[i].phase, __ATOMIC_ACQUIRE) == CPU_CALLED)
			apic_send(nano_cpus[i].apic, command);
	}
}

static bool all_answered(void)
{
	for (unsigned i = 1; i < called; i++) {
		if (__atomic_load_n(&nano_cpus[i].phase, __ATOMIC_ACQUIRE) == CPU_CALLED)
			return false;
	}
	return true;
}

static void give_up(struct nano_cpu *cpu)
{
	uint32_t phase = CPU_CALLED;

	if (__atomic_compare_exchange_n(&cpu->phase, &phase, CPU_GIVEN_UP, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		early_print("nano: processor %u does not answer; the boot goes on without it\n", cpu->apic);
}

/* Intel SDM volume 3, section 9.4.4: reset, wait, start, and once more for those who need it. */
static void call(uint64_t page)
{
	const uint64_t from = nano_clock();

	send_called(APIC_RESET);
	clock_wait(RESET_WAIT);
	send_called(APIC_START + (unsigned)(page / PAGE_SIZE));
	clock_wait(START_WAIT);
	send_called(APIC_START + (unsigned)(page / PAGE_SIZE));
	while (!all_answered() && nano_clock() - from < ANSWER_WAIT)
		sfp_port_relax();
	for (unsigned i = 1; i < called; i++)
		give_up(&nano_cpus[i]);
}

static unsigned running(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < PROCESSORS_MAX; i++)
		count += smp_is_running(&nano_cpus[i]);
	return count;
}

void smp_start(const struct boot_information *boot, const struct acpi_machine *machine)
{
	if (apic_present()) {
		prepare(machine);
		if (called > 1) {
			const uint64_t page = place_code(boot);

			if (page)
				call(page);
			else
				early_print("nano: no memory below 1 MiB to start other processors in\n");
		}
	}
	early_print("nano: %u processor%s, %u parked\n", machine->count, machine->count == 1 ? "" : "s",
		    machine->count - running());
}

void nano_ap_main(uint32_t number)
{
	struct nano_cpu *cpu = &nano_cpus[number];
	uint32_t phase = CPU_CALLED;

	cpu_init_other(cpu);
	apic_enable();
	/* Before it is counted on: whoever asks from here on is answered. */
	if (!__atomic_compare_exchange_n(&cpu->phase, &phase, CPU_RUNNING, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE))
		cpu_stop();
	thread_idle();
}

/* ---- telling ----------------------------------------------------------------------- */

void smp_nudge(const struct nano_cpu *cpu)
{
	if (apic_present() && smp_is_running(cpu))
		apic_send(cpu->apic, APIC_NUDGE);
}

enum sfp_status nano_processor_nudge(unsigned number)
{
	if (number >= PROCESSORS_MAX || !smp_is_running(&nano_cpus[number]))
		return SFP_NOT_FOUND;
	if (!apic_present())
		cpu_this()->wants_switch = true; /* there is no other */
	else
		apic_send(nano_cpus[number].apic, APIC_NUDGE);
	return SFP_OK;
}

enum sfp_status nano_processor_info(unsigned number, struct nano_processor_info *info)
{
	const struct nano_cpu *cpu = &nano_cpus[number < PROCESSORS_MAX ? number : 0];
	const struct thread *thread = __atomic_load_n(&cpu->thread, __ATOMIC_RELAXED);

	if (number >= PROCESSORS_MAX)
		return SFP_NOT_FOUND;
	info->running = smp_is_running(cpu);
	info->thread = thread ? thread_id(thread) : NANO_NO_THREAD;
	return SFP_OK;
}

static bool is_other(const struct nano_cpu *cpu)
{
	return cpu != cpu_this() && smp_is_running(cpu);
}

static void send_others(unsigned command)
{
	for (unsigned i = 0; i < PROCESSORS_MAX; i++) {
		if (is_other(&nano_cpus[i]))
			apic_send(nano_cpus[i].apic, command);
	}
}

/* Make a request and wait until all have seen it. The asker's interrupts are off from here to done(). */
static void ask(bool hold)
{
	uint32_t number, nobody = 0;

	while (!__atomic_compare_exchange_n(&request.busy, &nobody, 1, false, __ATOMIC_ACQUIRE,
					    __ATOMIC_RELAXED)) {
		nobody = 0;
		sfp_port_relax();
	}
	number = request.number + 1;
	__atomic_store_n(&request.hold, hold ? number : 0, __ATOMIC_RELAXED);
	/* Release, pairs with smp_told(): what was changed before this is what they see. */
	__atomic_store_n(&request.number, number, __ATOMIC_RELEASE);
	send_others(APIC_STOP);
	for (unsigned i = 0; i < PROCESSORS_MAX; i++) {
		while (is_other(&nano_cpus[i]) &&
		       __atomic_load_n(&nano_cpus[i].flushed, __ATOMIC_ACQUIRE) != number)
			sfp_port_relax();
	}
}

static void done(void)
{
	__atomic_store_n(&request.hold, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&request.busy, 0, __ATOMIC_RELEASE);
}

void smp_flush(void)
{
	sfp_port_irq_t saved;

	if (called <= 1 || cpu_this()->freezing)
		return;
	saved = sfp_port_irq_save();
	ask(false);
	done();
	sfp_port_irq_restore(saved);
}

void smp_freeze(void)
{
	struct nano_cpu *cpu;
	const sfp_port_irq_t saved = sfp_port_irq_save();

	cpu = cpu_this();
	cpu->freezing = true;
	cpu->freeze_irq = saved;
	if (called > 1)
		ask(true);
}

void smp_thaw(void)
{
	struct nano_cpu *cpu = cpu_this();

	cpu->freezing = false;
	if (called > 1)
		done();
	sfp_port_irq_restore(cpu->freeze_irq);
}

/* An interrupt's end makes this processor read its instructions anew, so code may have been changed. */
void smp_told(struct nano_cpu *cpu)
{
	const uint32_t number = __atomic_load_n(&request.number, __ATOMIC_ACQUIRE);

	if (__atomic_load_n(&request.stop, __ATOMIC_ACQUIRE))
		cpu_stop();
	cpu_page_forget_all();
	__atomic_store_n(&cpu->flushed, number, __ATOMIC_RELEASE);
	if (__atomic_load_n(&request.hold, __ATOMIC_ACQUIRE) != number)
		return;
	while (__atomic_load_n(&request.hold, __ATOMIC_ACQUIRE) == number)
		sfp_port_relax();
	cpu_page_forget_all();
}

void smp_stop_others(void)
{
	const sfp_port_irq_t saved = sfp_port_irq_save();

	/* Two may panic at once: the first one stops the second. */
	if (called > 1 && !__atomic_exchange_n(&request.stop, 1, __ATOMIC_SEQ_CST))
		send_others(APIC_STOP);
	sfp_port_irq_restore(saved);
}
