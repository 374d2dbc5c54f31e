/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * refkernel's port of libpatterns: the freestanding one, with the running
 * context one load away. The nano-core keeps its address in the per-processor
 * block that GS points to, and changes it at every switch and interrupt.
 */
#ifndef NANO_PORT_H
#define NANO_PORT_H

#define SFP_PORT_OWN_CONTEXT 1
#include <sfp/port/freestanding.h>

struct sfp_context;

/* First words of the per-processor block; refkernel/nano/cpu.h has the rest and checks these. */
#define NANO_CPU_CONTEXT "%%gs:8"
#define NANO_CPU_NUMBER "%%gs:16"

static inline struct sfp_context *sfp_port_context(void)
{
	struct sfp_context *context;

	__asm__ __volatile__("mov " NANO_CPU_CONTEXT ", %0" : "=r"(context));
	return context;
}

static inline unsigned sfp_port_cpu(void)
{
	unsigned number;

	__asm__ __volatile__("movl " NANO_CPU_NUMBER ", %0" : "=r"(number));
	return number;
}

struct sfp_context *sfp_port_context_next(struct sfp_context *after);

/* Sleep while *word is `value`; may wake early. Where nobody can sleep it is a turn of a short wait. */
#define SFP_PORT_HAS_WAIT 1
#define SFP_PORT_HAS_WAKE_ONE 1
void sfp_port_wait(const uint32_t *word, uint32_t value);
void sfp_port_wake(const uint32_t *word);
void sfp_port_wake_one(const uint32_t *word);

#ifdef NANO_CORE
/* The nano-core's own misuse ends the system, loudly. */
void sfp_port_panic(const char *text) __attribute__((noreturn, cold));
#else
/* A module's misuse is a fault like any other; it cannot end the system. */
static inline __attribute__((noreturn)) void sfp_port_panic(const char *text)
{
	(void)text;
	__asm__ __volatile__("ud2");
	__builtin_unreachable();
}
#endif

#endif /* NANO_PORT_H */
