/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The freestanding port: the base of a kernel's own on x86-64.
 *
 * It supplies what the compiler and the processor decide. The kernel that
 * hosts the library defines the four functions at the end, or, to have them
 * inline, defines SFP_PORT_OWN_CONTEXT to 1 and gives its own before the
 * patterns are included (refkernel/nano/port.h is an example).
 */
#ifndef SFP_PORT_FREESTANDING_H
#define SFP_PORT_FREESTANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) || defined(__i386__)
#define SFP_PORT_TSO 1
#else
#define SFP_PORT_TSO 0
#endif
#ifndef SFP_PORT_CACHE_LINE
#define SFP_PORT_CACHE_LINE 64
#endif

#if defined(__x86_64__) || defined(__i386__)

/* The flags as they were; bit 9 says that interrupts were on. */
typedef unsigned long sfp_port_irq_t;

static inline sfp_port_irq_t sfp_port_irq_save(void)
{
	sfp_port_irq_t flags;

	__asm__ __volatile__("pushf\n\tpop %0\n\tcli" : "=r"(flags) : : "memory");
	return flags;
}

static inline void sfp_port_irq_restore(sfp_port_irq_t saved)
{
	if (saved & 0x200)
		__asm__ __volatile__("sti" : : : "memory");
}

static inline void sfp_port_relax(void)
{
	__asm__ __volatile__("pause" : : : "memory");
}

#else

/* Other machines: the host masks its own interrupts. */
typedef unsigned long sfp_port_irq_t;
sfp_port_irq_t sfp_port_irq_save(void);
void sfp_port_irq_restore(sfp_port_irq_t saved);

static inline void sfp_port_relax(void)
{
	__asm__ __volatile__("" : : : "memory");
}

#endif

#ifndef SFP_PORT_OWN_CONTEXT
void sfp_port_panic(const char *text) __attribute__((noreturn, cold));
struct sfp_context *sfp_port_context(void);
struct sfp_context *sfp_port_context_next(struct sfp_context *after);
unsigned sfp_port_cpu(void);
#endif

#endif /* SFP_PORT_FREESTANDING_H */
