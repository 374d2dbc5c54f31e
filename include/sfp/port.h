/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * port: the contract between libpatterns and the system that hosts it.
 *
 * Overview
 *   libpatterns allocates nothing, calls no libc and knows no kernel. What it
 *   needs of its host is listed here and comes from one header, which the host
 *   names when it compiles: -DSFP_PORT_HEADER='"my_port.h"'. Two ports ship:
 *   <sfp/port/posix.h> for user space and tests (-DSFP_PORT_POSIX does without
 *   quotes), <sfp/port/freestanding.h> as the base of a kernel's own.
 *
 * A port header supplies, before it ends:
 *   types        uint8_t ... uint64_t, uintptr_t, size_t, bool, NULL, offsetof
 *   SFP_PORT_TSO 1 where only a later load may pass an earlier store (x86);
 *                0 on weakly ordered machines
 *   SFP_PORT_CACHE_LINE
 *                bytes, a power of two
 *   sfp_port_irq_t, sfp_port_irq_save(), sfp_port_irq_restore(saved)
 *                keep this processor's interrupts out; must nest
 *   sfp_port_relax()
 *                what to do in one turn of a short wait
 *   sfp_port_panic(text)
 *                never returns: the misuse that `text` names cannot be a status
 *   struct sfp_context *sfp_port_context(void)
 *                the chain of the running thread, or of the running interrupt:
 *                one context a thread and one a nesting level of interrupts
 *   struct sfp_context *sfp_port_context_next(struct sfp_context *after)
 *                enumerates all contexts; NULL begins, and ends
 *   unsigned sfp_port_cpu(void)
 *                this processor's number; constant on one processor
 * Optional, named by a macro of value 1:
 *   SFP_PORT_HAS_CONTEXT_HOLD
 *                sfp_port_context_hold(), sfp_port_context_release(): in between no
 *                enumerated context goes away; without it contexts are for ever
 *   SFP_PORT_HAS_REMOTE_BARRIER
 *                sfp_port_remote_barrier(): each processor passes a full barrier before it
 *                returns; sfp_port_remote_barrier_works(): true from some time on, for ever.
 *                Whoever saw that may publish its pins by plain stores (<sfp/dispatch.h>)
 *   SFP_PORT_HAS_WAIT   sfp_port_wait(word, value), sfp_port_wake(word)
 *   SFP_PORT_HAS_WAKE_ONE
 *                       sfp_port_wake_one(word); without it all wake
 *   SFP_PORT_HAS_TRACE  sfp_port_trace(text, number)
 *
 * On a trap the port calls sfp_fault_deliver() of <sfp/guard.h>.
 */
#ifndef SFP_PORT_H
#define SFP_PORT_H

struct sfp_context;

#if !defined(SFP_PORT_HEADER) && defined(SFP_PORT_POSIX)
#define SFP_PORT_HEADER <sfp/port/posix.h>
#endif
#ifndef SFP_PORT_HEADER
#error "libpatterns needs a port: compile with -DSFP_PORT_HEADER='<sfp/port/posix.h>' or name your own"
#endif
#include SFP_PORT_HEADER

#if !defined(SFP_PORT_TSO)
#error "the port must define SFP_PORT_TSO to 1 (x86) or 0 (weakly ordered)"
#endif
#if !defined(SFP_PORT_CACHE_LINE)
#error "the port must define SFP_PORT_CACHE_LINE, in bytes"
#endif

#include <ck_md.h>
#if !SFP_PORT_TSO && defined(CK_MD_TSO)
#error "this machine is weakly ordered, but ck_md.h says CK_MD_TSO: its fences would vanish. Put <sfp>/port/ck before the system's headers."
#endif
#if SFP_PORT_TSO && !defined(__x86_64__) && !defined(__i386__) && !defined(__s390x__)
#error "SFP_PORT_TSO is 1 on a machine that is not known to be totally store ordered"
#endif

/** What generated functions carry, so that unused ones do not warn. */
#define SFP_GENERATED static inline __attribute__((unused))

/** The hot halves of operations: a call would cost more than they do. */
#define SFP_ALWAYS_INLINE static inline __attribute__((always_inline, unused))

#define SFP_LIKELY(x) __builtin_expect(!!(x), 1)   /* a condition that holds but for rare cases */
#define SFP_UNLIKELY(x) __builtin_expect(!!(x), 0) /* one that holds in rare cases only */

/** After a field: it begins a cache line. */
#define SFP_CACHE_ALIGNED __attribute__((aligned(SFP_PORT_CACHE_LINE)))

#define SFP_JOIN_(a, b) a##b
/** One word of two, after both were expanded. */
#define SFP_JOIN(a, b) SFP_JOIN_(a, b)

/** gnu99 has __extension__ _Static_assert in gcc and clang; say it once here. */
#define SFP_STATIC_ASSERT(condition, text) __extension__ _Static_assert(condition, text)

/** The object that has `member` at this address; `pointer` must be of the member's type. */
#define SFP_CONTAINER(pointer, type, member) \
	((type *)(void *)((char *)(1 ? (pointer) : &((type *)0)->member) - offsetof(type, member)))

/** Bumped whenever the layout of any structure in include/sfp changes. */
#define SFP_LAYOUT 2u

#endif /* SFP_PORT_H */
