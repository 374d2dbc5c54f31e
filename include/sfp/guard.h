/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guard: fault-safe scopes. Code inside a gate may trap at any instruction;
 * what it holds is released, newest first, and its caller gets SFP_FAULT.
 *
 * Overview
 *   A trap in the middle of somebody's code usually ends everything, since
 *   nobody knows what that code held: its locks stay taken and its half-made
 *   changes stay made. That is state spill by accident: the one who served a
 *   request is lastingly changed by the way in which it failed. Here every
 *   holding is on record while it lasts. A *guard* is a small record on the
 *   stack that says how to let go of one thing; a *gate* is a call that can
 *   end by a fault. Each thread, and each nesting level of interrupts, has a
 *   *context* that heads its chain of gates and its chain of guards.
 *
 *   There are no tables and no unwinder. Without a fault a guard costs a few
 *   stores; with one, the chain is walked.
 *
 *   Not for: undoing changes to shared data (that is a monitor's business),
 *   or faults of whoever handles the trap. What a wild write hit before the
 *   trap stays hit.
 *
 * Usage
 *   static void job_unmap(struct page **page);          // idempotent: clears *page
 *   SFP_GUARD(unmap, struct page *, job_unmap);
 *
 *   static enum sfp_status parse(struct job *job)
 *   {
 *           SFP_SCOPED(unmap, page, NULL);              // linked first, holding nothing
 *           SFP_TRY(job_map(job, &page.value));         // the acquisition fills it by one store
 *           return job_parse(page.value);               // may trap
 *   }                                                   // unmapped here, or by the fault
 *   SFP_GATE(parse, parse, struct job *);
 *
 *   st = parse_contained(&job, &why);                   // SFP_FAULT: why says what and where
 *
 * Concurrency
 *   A context belongs to one thread (or interrupt level) and is only changed
 *   by it; a trap is a program-order event of that thread. So there is nothing
 *   to order between processors, only between a thread and its own traps:
 *   compiler barriers.
 *
 *              |  thread  |   irq    |   nmi
 *   gate call  |   yes    |  yes(1)  |  yes(1)
 *   guard      |   yes    |  yes(1)  |  yes(1)
 *   raise      |   yes    |  yes(1)  |  yes(1)
 *   deliver    | from the trap handler of that thread only
 *   (1) in a context of its own: an interrupt that used the interrupted
 *       thread's chain would release what that thread holds.
 *
 * Why it is correct
 *   A guard is in force from the store that makes it the head of the chain to
 *   the store that takes it off; every field is written before the first and
 *   none is read after the second. Acquisition and guard must be one event: a
 *   guard is linked while it holds nothing, and the acquisition is one store
 *   into what the guard looks at (sfp_lock: the lock's word becomes the
 *   address of the guard by one compare-and-swap). Letting go is the mirror
 *   image, so the release function of a guard may run when there is nothing
 *   left to release: it must be idempotent.
 *
 *   Releases run after the trap, outside of its handler, on the stack of the
 *   code that faulted and below everything that it had in use, because guards
 *   and what they point to live there; on the context's spare stack where
 *   that stack is exhausted or its pointer is wild. A guard is taken off the
 *   chain before its release function is called; if that one faults too, the
 *   fault lands at the same gate, which goes on with the guards that are left.
 *   The first fault is the one that is reported, later ones are counted.
 */
#ifndef SFP_GUARD_H
#define SFP_GUARD_H

#include <sfp/atomic.h>
#include <sfp/port.h>
#include <sfp/status.h>

/** What kind of trap it was, in terms that every port can tell. */
enum sfp_fault_kind {
	SFP_FAULT_UNKNOWN,
	SFP_FAULT_MEMORY,      /* unmapped, or protected: `address` says where */
	SFP_FAULT_PROTECTION,  /* a general protection fault: no address known */
	SFP_FAULT_INSTRUCTION, /* undefined, or a deliberate trap */
	SFP_FAULT_ARITHMETIC,
	SFP_FAULT_ALIGNMENT,
	SFP_FAULT_STACK,       /* the stack ran out */
	SFP_FAULT_JUMP,        /* control went to where no code is */
	SFP_FAULT_RAISED       /* sfp_fault_raise(): `code` is the caller's */
};

/** One fault, as a value. */
struct sfp_fault {
	uintptr_t ip;             /* the instruction that trapped; for a wild jump the return address */
	uintptr_t sp;             /* the stack pointer there */
	uintptr_t address;        /* what it tried to reach, or 0 */
	uintptr_t code;           /* the port's own: vector or signal, or raise's argument */
	uint32_t kind;            /* enum sfp_fault_kind */
	uint32_t cleanup_faults;  /* faults of release functions while this one was cleaned up */
};

/** How to let go of one thing. Lives on the stack of whoever holds it. */
struct sfp_guard {
	struct sfp_guard *older;                  /* next in the chain */
	void (*release)(struct sfp_guard *guard); /* idempotent; called by a fault */
};

struct sfp_gate;

/** How deep late-bound calls can nest in one context (see <sfp/iface.h>). */
#define SFP_PINS 8u

/** Heads of one thread's (or interrupt level's) chains; written by it alone. Zeroed is ready. */
struct sfp_context {
	struct sfp_gate *gate;        /* innermost; the assembly knows these two offsets */
	struct sfp_guard *guards;     /* newest */
	uintptr_t pins[SFP_PINS];     /* records that late-bound calls are using, outermost first; all may read */
	const struct sfp_gate *pin_gates[SFP_PINS]; /* the innermost gate when each was taken: its fault drops it */
	uint32_t pinned;              /* how many of them are taken */
	uint32_t interrupt;           /* the port's: an interrupt's context; it must not start what is not started */
	uintptr_t stack_low;          /* bounds of its stack; both 0: unknown, trusted */
	uintptr_t stack_high;         /* one past its end */
	uintptr_t spare_low;          /* where releases run if that stack cannot be used; 0: none */
	uintptr_t spare_high;         /* one past its end */
	struct sfp_context *next;     /* the port's, for enumeration */
};

/** Where a trap handler must resume. */
struct sfp_landing {
	uintptr_t ip;                 /* the instruction pointer to resume at */
	uintptr_t sp;                 /* the stack pointer to resume with */
	uintptr_t argument;           /* goes into the first argument register */
};

/** What is called through a gate. */
typedef enum sfp_status sfp_gated(void *argument);

/**
 * Call function(argument) so that a fault inside ends the call, not the thread.
 * @context any, with a context of its own level   @progress that of the function
 * @order   none   @owner all stays the caller's; *why is written only on SFP_FAULT
 * @retains nothing   @cost about 10 cycles more than the call itself
 * @return  what the function returned, or SFP_FAULT with *why filled in (why may be NULL)
 */
enum sfp_status sfp_gate_call(struct sfp_context *context, sfp_gated *function, void *argument,
			      struct sfp_fault *why) SFP_NODISCARD;

/**
 * For trap handlers: have the innermost gate of `context` take this fault.
 * @context the trap handler of the thread that the context belongs to
 * @progress wait-free   @order none   @owner *fault is copied   @retains nothing
 * @cost    a few dozen instructions
 * @return  SFP_OK: resume as *landing says, with the thread's interrupt state unchanged and a
 *          clean direction flag. SFP_NOT_FOUND: no gate is open. SFP_LIMIT: neither the stack nor
 *          the spare has room to run the releases. In both nothing was released: panic.
 */
enum sfp_status sfp_fault_deliver(struct sfp_context *context, const struct sfp_fault *fault,
				  struct sfp_landing *landing) SFP_NODISCARD;

/**
 * End the innermost gate of the running context as if by a trap, without one.
 * @context as sfp_gate_call   @progress wait-free plus the releases   @order none
 * @owner   nothing changes hands   @retains nothing   @cost under 200 cycles for one guard
 * @return  never; without an open gate the port panics
 */
void sfp_fault_raise(uintptr_t code) __attribute__((noreturn, cold));

/**
 * A word for a kind of fault: "memory", "stack" ...
 * @context any   @progress wait-free   @order none   @owner static text   @retains nothing
 * @cost    a bounds check and a load   @return never NULL
 */
const char *sfp_fault_kind_text(uint32_t kind);

/**
 * Put a guard in force: from here on a fault calls guard->release(guard).
 * @context as sfp_gate_call   @progress wait-free   @order none
 * @owner   the guard stays the caller's and must stay in place until sfp_guard_unlink()
 * @retains the guard, until then   @cost three stores   @return cannot fail
 */
SFP_ALWAYS_INLINE void sfp_guard_link(struct sfp_context *context, struct sfp_guard *guard,
				      void (*release)(struct sfp_guard *guard))
{
	guard->release = release;
	guard->older = context->guards;
	sfp_compiler_barrier(); /* complete before it is in force */
	context->guards = guard;
	sfp_compiler_barrier(); /* in force before anything is acquired under it */
}

/**
 * Take the newest guard out of force, without releasing.
 * @context as sfp_gate_call   @progress wait-free   @order none
 * @owner   the guard is wholly the caller's again   @retains nothing
 * @cost    a load and a store   @return cannot fail; `guard` must be the newest
 */
SFP_ALWAYS_INLINE void sfp_guard_unlink(struct sfp_context *context, struct sfp_guard *guard)
{
	sfp_compiler_barrier(); /* released before it is out of force */
	context->guards = guard->older;
	sfp_compiler_barrier();
}

/**
 * SFP_GATE(name, function, type) generates
 *   enum sfp_status name_contained(type argument, struct sfp_fault *why);
 * a call of `function`, an `enum sfp_status function(type)`, through a gate.
 * The function is named when the gate is made, so the compiler can inline it.
 */
#define SFP_GATE(name, function, type) \
	static enum sfp_status name##_gated_(void *sfp_argument_) \
	{ \
		return function(*(type *)sfp_argument_); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_contained(type argument, struct sfp_fault *why) \
	{ \
		return sfp_gate_call(sfp_port_context(), name##_gated_, &argument, why); \
	} \
	SFP_STATIC_ASSERT(__builtin_types_compatible_p(__typeof__(function(*(type *)0)), enum sfp_status), \
			  "SFP_GATE: the function must return enum sfp_status")

/**
 * SFP_GUARD(name, type, release_function) generates
 *   struct name_guard { ...; type value; };
 * and what SFP_SCOPED needs. `void release_function(type *value)` is called at
 * the end of the scope or by a fault, at least once: it must be idempotent, as
 * by clearing *value with the store that completes the release.
 */
#define SFP_GUARD(name, type, release_function) \
	struct name##_guard { \
		struct sfp_guard guard; \
		struct sfp_context *context; \
		type value; \
	}; \
	SFP_GENERATED void name##_guard_release(struct sfp_guard *sfp_guard_) \
	{ \
		release_function(&SFP_CONTAINER(sfp_guard_, struct name##_guard, guard)->value); \
	} \
	SFP_GENERATED void name##_guard_leave(struct name##_guard *sfp_held_) \
	{ \
		release_function(&sfp_held_->value); \
		sfp_guard_unlink(sfp_held_->context, &sfp_held_->guard); \
	} \
	SFP_STATIC_ASSERT(__builtin_types_compatible_p(__typeof__(release_function((type *)0)), void), \
			  "SFP_GUARD: the release function must return void")

/**
 * SFP_SCOPED(name, variable, initial) declares `struct name_guard variable`,
 * in force from here to the end of the enclosing block; variable.value begins
 * as `initial`.
 */
#define SFP_SCOPED(name, variable, initial) \
	__attribute__((cleanup(name##_guard_leave))) struct name##_guard variable = { \
		.context = sfp_port_context(), .value = (initial) \
	}; \
	sfp_guard_link(variable.context, &variable.guard, name##_guard_release)

#endif /* SFP_GUARD_H */
