/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock: see clock.h. The processor's counter (TSC) is the clock. It is compared
 * once with channel 2 of the 8254, whose frequency is the same on every machine:
 * both are read, some time passes, both are read again. Somebody else may have
 * the processor in between: that makes the time longer and the result no worse,
 * as long as the readings themselves were not torn apart.
 */
#include "clock.h"

#include "apic.h"
#include "early.h"
#include "nano/nano.h"
#include "smp.h"

#define TIMER_HZ 1193182ul
#define TIMER_FULL 0xffffu
#define COUNTER0 0x40
#define COUNTER2 0x42
#define CONTROL 0x43
#define CONTROL_COUNTER0_ONCE 0x30   /* low byte, then high byte; interrupts at the end */
#define CONTROL_COUNTER2_ONCE 0xb0
#define CONTROL_LATCH2 0x80
#define SPEAKER 0x61
#define SPEAKER_GATE 0x01
#define SPEAKER_SOUND 0x02
#define SPEAKER_OUT 0x20             /* counter 2 has come to its end */

#define COMPARE_TICKS 6000u          /* of the 8254: 5 ms */
#define TORN_TICKS 300u              /* a reading that took longer is made anew */
#define ATTEMPTS 50u
#define GUESS_HZ 1000000000ul        /* where there is nothing to compare with */

#define SECOND 1000000000ul
#define AGAIN (10 * MILLISECOND)     /* a deadline that nobody answered comes again */
#define SHIFT 32

/* A rate: out = in * by >> SHIFT. */
struct rate {
	uint64_t by;
};

static uint64_t began;               /* the counter's value when the clock was 0 */
static struct rate to_time = { SECOND / GUESS_HZ << SHIFT };
static struct rate to_count;         /* of the processor's own timer, from nanoseconds; 0: there is none */
static unsigned line_vector;         /* where the 8254's interrupts come, if a module said so */

static uint64_t scale(uint64_t value, struct rate rate)
{
	return (uint64_t)((unsigned __int128)value * rate.by >> SHIFT);
}

/* Both are of a comparison that lasts milliseconds: 32 bits hold them. */
static struct rate rate_of(uint64_t out, uint64_t in)
{
	return (struct rate){ (out << SHIFT) / in };
}

uint64_t nano_clock(void)
{
	return scale(cpu_ticks() - began, to_time);
}

void clock_wait(uint64_t nanoseconds)
{
	const uint64_t from = nano_clock();

	while (nano_clock() - from < nanoseconds)
		sfp_port_relax();
}

/* ---- how fast -------------------------------------------------------------------- */

struct reading {
	uint64_t ticks;      /* of the processor's counter */
	uint32_t count;      /* of its timer, downwards */
	unsigned left;       /* of the 8254, downwards */
	uint64_t took;
};

static void start_8254(void)
{
	nano_out8(SPEAKER, (uint8_t)((nano_in8(SPEAKER) & ~(SPEAKER_SOUND)) | SPEAKER_GATE));
	nano_out8(CONTROL, CONTROL_COUNTER2_ONCE);
	nano_out8(COUNTER2, TIMER_FULL & 0xff);
	nano_out8(COUNTER2, TIMER_FULL >> 8);
}

static struct reading read(void)
{
	struct reading reading;
	const uint64_t before = cpu_ticks();

	nano_out8(CONTROL, CONTROL_LATCH2);
	reading.ticks = cpu_ticks();
	reading.count = apic_present() ? apic_timer_left() : 0;
	reading.took = cpu_ticks() - before;
	reading.left = nano_in8(COUNTER2);
	reading.left |= (unsigned)nano_in8(COUNTER2) << 8;
	return reading;
}

static bool is_over(void)
{
	return nano_in8(SPEAKER) & SPEAKER_OUT;
}

/* Two readings, COMPARE_TICKS or more apart, before the 8254's end. False: there is no such timer, or no peace. */
static bool compare(struct reading *first, struct reading *last)
{
	unsigned turns = 0;

	start_8254();
	if (apic_present())
		apic_timer_set(UINT32_MAX);
	*first = read();
	do {
		*last = read();
	} while (++turns < 1000000 && !is_over() && first->left - last->left < COMPARE_TICKS);
	return !is_over() && last->left < first->left && first->left - last->left >= COMPARE_TICKS &&
	       last->ticks > first->ticks;
}

/* Were the readings made without somebody in between? Else the two clocks are told at different times. */
static bool is_whole(const struct reading *first, const struct reading *last)
{
	const uint64_t all = last->ticks - first->ticks;
	const uint64_t allowed = all * TORN_TICKS / COMPARE_TICKS;

	return first->took < allowed && last->took < allowed;
}

static bool measure(void)
{
	struct reading first, last;

	for (unsigned i = 0; i < ATTEMPTS; i++) {
		uint64_t time;

		if (!compare(&first, &last) || !is_whole(&first, &last))
			continue;
		time = (uint64_t)(first.left - last.left) * SECOND / TIMER_HZ;
		to_time = rate_of(time, last.ticks - first.ticks);
		if (apic_present())
			to_count = rate_of(first.count - last.count, time);
		return true;
	}
	return false;
}

void clock_init(void)
{
	const sfp_port_irq_t saved = sfp_port_irq_save();
	const bool measured = measure();

	began = cpu_ticks();
	if (apic_present())
		apic_timer_set(0);
	sfp_port_irq_restore(saved);
	if (!measured)
		early_print("nano: clock: no timer to compare with; its speed is a guess\n");
}

/* ---- the timer ---------------------------------------------------------------------- */

unsigned clock_vector(void)
{
	return apic_present() ? VECTOR_TIMER : line_vector;
}

/* At most as far as the 8254 reaches: it comes early then, and is set again. */
static void set_8254(uint64_t nanoseconds)
{
	uint64_t count = nanoseconds * TIMER_HZ / SECOND + 1;

	count = nanoseconds > SECOND || count > TIMER_FULL ? TIMER_FULL : count;
	nano_out8(CONTROL, CONTROL_COUNTER0_ONCE);
	nano_out8(COUNTER0, (uint8_t)count);
	nano_out8(COUNTER0, (uint8_t)(count >> 8));
}

static void set(uint64_t nanoseconds)
{
	uint64_t count;

	if (!apic_present()) {
		if (line_vector)
			set_8254(nanoseconds);
		return;
	}
	count = nanoseconds > SECOND ? scale(SECOND, to_count) : scale(nanoseconds, to_count);
	apic_timer_set(count < UINT32_MAX ? (uint32_t)count + 1 : UINT32_MAX);
}

void clock_set(struct nano_cpu *cpu)
{
	const uint64_t slice = cpu->slice_end ? cpu->slice_end : UINT64_MAX;
	const uint64_t deadline = cpu->deadline ? cpu->deadline : UINT64_MAX;
	const uint64_t next = slice < deadline ? slice : deadline;
	const uint64_t now = nano_clock();

	if (next != UINT64_MAX)
		set(next > now ? next - now : 0);
}

bool clock_expired(struct nano_cpu *cpu)
{
	const uint64_t now = nano_clock();
	const bool due = cpu->deadline && cpu->deadline <= now;

	if (cpu->slice_end && cpu->slice_end <= now) {
		cpu->slice_end = 0;
		cpu->wants_switch = true;
	}
	if (due)
		cpu->deadline = now + AGAIN; /* whoever serves it says what comes next, if no fault ends it before */
	clock_set(cpu);
	return due;
}

/* This processor's deadline has come, whatever it was. Interrupts off. */
static void come(struct nano_cpu *cpu)
{
	cpu->deadline = nano_clock();
	clock_set(cpu);
}

void clock_nudged(struct nano_cpu *cpu)
{
	if (__atomic_load_n(&cpu->kicked, __ATOMIC_RELAXED) &&
	    __atomic_exchange_n(&cpu->kicked, 0, __ATOMIC_ACQUIRE))
		come(cpu);
}

enum sfp_status nano_timer_arm(uint64_t deadline)
{
	sfp_port_irq_t saved;

	if (clock_vector() == 0)
		return SFP_UNSUPPORTED;
	saved = sfp_port_irq_save();
	cpu_this()->deadline = deadline;
	clock_set(cpu_this());
	sfp_port_irq_restore(saved);
	return SFP_OK;
}

/* Only a processor sets its own timer: another one is told, and finds out by clock_nudged(). */
enum sfp_status nano_timer_kick(unsigned processor)
{
	struct nano_cpu *cpu;
	sfp_port_irq_t saved;

	if (processor >= PROCESSORS_MAX || !smp_is_running(&nano_cpus[processor]))
		return SFP_NOT_FOUND;
	if (clock_vector() == 0)
		return SFP_UNSUPPORTED;
	cpu = &nano_cpus[processor];
	saved = sfp_port_irq_save();
	if (cpu == cpu_this()) {
		come(cpu);
	} else {
		/* Release, before the nudge: it is seen by whoever is interrupted for it. */
		__atomic_store_n(&cpu->kicked, 1, __ATOMIC_RELEASE);
		smp_nudge(cpu);
	}
	sfp_port_irq_restore(saved);
	return SFP_OK;
}

enum sfp_status nano_timer_line(unsigned vector)
{
	sfp_port_irq_t saved;

	if (apic_present())
		return SFP_UNSUPPORTED;
	saved = sfp_port_irq_save();
	line_vector = vector;
	clock_set(cpu_this());
	sfp_port_irq_restore(saved);
	return SFP_OK;
}
