/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nano: all that the nano-core offers a module. A module includes this, the
 * patterns, and the public headers of the modules that it calls; nothing else
 * can be imported, and the loader checks that.
 *
 * A module is pure code. Its lasting state is one struct, declared below with
 * its size, kept by the nano-core's state table, and handed to each operation
 * as its first argument. It is called through its interface or not at all, and
 * it calls others through references that it declares.
 *
 * How a module is written, in order:
 *
 *   // counter.h: what others see
 *   #define COUNTER_OPS(OP) OP(next, SFP_IN(unsigned, step), SFP_OUT(uint64_t, value))
 *   SFP_INTERFACE(counter, 1, COUNTER_OPS);
 *
 *   // counter.c
 *   struct counter_state {
 *           struct console_ref console;     // whom it calls
 *           uint64_t value;
 *   };
 *
 *   static enum sfp_status serve_next(struct counter_state *state, unsigned step, uint64_t *value)
 *   {
 *           *value = state->value += step;
 *           return console_write(&state->console, "tick\n", 5);
 *   }
 *   SFP_PROVIDER(serve, struct counter_state, counter, COUNTER_OPS);
 *
 *   static enum sfp_status check(struct counter_state *state);   // do its invariants hold?
 *   NANO_HOOK(counter, check, check)
 *
 *   static const struct nano_use uses[] = { NANO_USE(counter, console, console, NANO_LAZILY), NANO_USES_END };
 *   NANO_MODULE(counter, .version = 1, .summary = "counts", .state_size = sizeof(struct counter_state),
 *               .state_version = 1, .uses = uses, NANO_OFFERS(serve, counter), .check = counter_check_hook_);
 *
 *   // another module, which has `struct counter_ref counter` in its state and declares its use
 *   status = counter_next(&state->counter, 1, &value);
 *
 * Operations may be called by several threads and from interrupts at once; what they share is
 * kept in monitors and queues.
 */
#ifndef NANO_NANO_H
#define NANO_NANO_H

#include <sfp/guard.h>
#include <sfp/iface.h>
#include <sfp/port.h>
#include <sfp/status.h>

/* ---- what a module is ---------------------------------------------------- */

typedef enum sfp_status nano_hook(void *state);

/** A reference to an interface that a module holds in its state. A list of them ends with a nameless one. */
struct nano_use {
	const char *name;            /* the member of the state */
	const struct sfp_iface *interface;
	const char *provider;        /* the module that shall serve it; NULL: whoever offers it */
	uint32_t offset;             /* of the member, a struct <interface>_ref */
	uint32_t when;               /* enum nano_use_when */
};

enum nano_use_when {
	NANO_LAZILY,                 /* started by the first call */
	NANO_FIRST                   /* started before the module is */
};

/** What a field of a state holds. Whatever no field covers is lasting. A list ends with a nameless one. */
struct nano_field {
	const char *name;
	uint32_t offset;
	uint32_t size;
	uint32_t kind;               /* enum nano_field_kind */
};

enum nano_field_kind {
	NANO_LASTING,                /* as it was, once an interaction with the module is over */
	NANO_AGGREGATE,              /* not of any client: counters, caches */
	NANO_BORROWED                /* links into clients' memory, none of a client that is gone; see `check` */
};

/** The one symbol that a module's object exports, named `nano_module`. */
struct nano_module {
	uint32_t layout;             /* SFP_LAYOUT that it was built with; the loader compares */
	uint32_t version;
	const char *name;
	const char *summary;         /* one line, for `modules` */
	uint32_t state_size;         /* bytes; zeroed before the first start; 0: none */
	uint32_t state_version;
	const struct nano_use *uses; /* the references in its state; NULL: none */
	const struct nano_field *fields; /* what of its state is no client's; NULL: nothing */
	const struct sfp_iface *interface; /* what it offers; NULL: nothing */
	const void *operations;      /* how: a struct <interface>_ops */
	nano_hook *start;            /* once, before any other; NULL: nothing to do */
	nano_hook *check;            /* do the invariants of the state hold? never NULL */
	nano_hook *poll;             /* do the work that is waiting; EMPTY when there is none; may be NULL */
	nano_hook *takeover;         /* go on with the state that an instance left whose faults ended it; may be NULL */
};

/* `static enum sfp_status function(struct <name>_state *)` as a hook. */
#define NANO_HOOK(module, hook, function) \
	static enum sfp_status module##_##hook##_hook_(void *state_) \
	{ \
		return function((struct module##_state *)state_); \
	}

/* What it offers: NANO_OFFERS(serve, counter), after SFP_PROVIDER(serve, ..., counter, ...). */
#define NANO_OFFERS(provider, offered) \
	.interface = &offered##_interface, .operations = &provider##_##offered##_ops

/* An entry of `uses`: NANO_USE(shell, line_source, console, NANO_FIRST), and `, .provider = "name"` perhaps. */
#define NANO_USE(module, member, used, when_started, ...) \
	{ \
		.name = #member, .interface = &used##_interface, .when = (when_started), \
		.offset = offsetof(struct module##_state, member) + \
			  0 * sizeof(struct { \
				  int the_member_is_no_reference_to_that_interface : \
					  __builtin_types_compatible_p( \
						  __typeof__(((struct module##_state *)0)->member), \
						  struct used##_ref) ? 1 : -1; \
			  }), \
		__VA_ARGS__ \
	}
#define NANO_USES_END { .name = NULL }

/* An entry of `fields`: NANO_FIELD(console, sources, NANO_AGGREGATE), ended by NANO_FIELDS_END. */
#define NANO_FIELD(module, member_name, of_kind) \
	{ \
		.name = #member_name, .offset = offsetof(struct module##_state, member_name), \
		.size = sizeof(((struct module##_state *)0)->member_name), .kind = (of_kind) \
	}
#define NANO_FIELDS_END { .name = NULL }

/* At the bottom, once an object: NANO_MODULE(keyboard, .version = 1, ..., ); */
#define NANO_MODULE(module, ...) \
	extern const struct nano_module nano_module; \
	const struct nano_module nano_module = { \
		.layout = SFP_LAYOUT, \
		.name = #module, \
		__VA_ARGS__ \
	}

/* ---- calls between modules ------------------------------------------------ */

/*
 * A module calls through the references in its state, as SFP_INTERFACE made them; the nano-core
 * has initialised those that are declared in `uses`. What such a call returns, if not what the
 * operation does: NOT_FOUND: nobody offers it; INVALID: in another version; AGAIN: not started
 * and cannot be from here (an interrupt, or interrupts are off), or its provider is being
 * restarted: try later; DEADLOCK: its start needs itself, and the log says how; FAULT: it
 * trapped, and the record is in the log; else why its provider did not start.
 */

/** Where all interfaces are found: for references that are not part of a state. */
struct sfp_iface_realm *nano_realm(void);

/** What `ifaces` shows of an offer. */
struct nano_iface_info {
	const char *interface;
	const char *provider;        /* the module */
	uint32_t version;
	uint32_t operations;
	enum sfp_iface_phase phase;
};

/** The offer of the module at `index` of nano_module_info(). NOT_FOUND past the last; EMPTY: it offers nothing. */
enum sfp_status nano_iface_info(unsigned index, struct nano_iface_info *info) SFP_NODISCARD;

/** What `ifaces` shows of a reference. */
struct nano_use_info {
	const char *holder;          /* the module */
	const char *name;            /* the member of its state */
	const char *interface;       /* what it wants, in which version, and of whom (NULL: of whoever offers it) */
	uint32_t version;
	const char *wanted;
	enum nano_use_when when;
	const char *provider;        /* to whom it is bound now, and at which version; NULL: to nobody */
	uint32_t provider_version;
};

/** Use `number` of the module at `index`. NOT_FOUND past the last module; EMPTY past its last use. */
enum sfp_status nano_use_info(unsigned index, unsigned number, struct nano_use_info *info) SFP_NODISCARD;

/* ---- faults as values ------------------------------------------------------- */

#define NANO_CHAIN_MAX 12u

struct nano_registers {
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rip, rflags, error, cr2;
};

/** A fault, whole. */
struct nano_fault_record {
	uint64_t number;                   /* of faults since the boot, from 1 */
	uint64_t time;                     /* as nano_clock() */
	struct sfp_fault fault;
	struct nano_registers registers;
	uint32_t chain_count;
	uintptr_t chain[NANO_CHAIN_MAX];   /* return addresses, innermost first, as far as frames were sound */
	uint32_t cpu;
	bool in_interrupt;
	bool contained;
	char module[32];                   /* on whose account it ran */
	char place[64];                    /* "module:symbol+0x12" of fault.ip */
};

/** Gets each record once, from the nano-core's main loop, inside of the module that bound it. */
typedef void nano_trace_sink(void *state, const struct nano_fault_record *record);

/**
 * Have `sink(state, record)` called for each fault; NULL: no more.
 * @context  modules, not from interrupts   @progress wait-free   @order none
 * @owner    the record is the sink's for the length of the call
 * @retains  sink and state, until bound anew, or until the module is restarted, or until the sink faults
 * @cost     a few stores
 * @return   OK; EXISTS: another module's is bound; INVALID: it is no code
 */
enum sfp_status nano_trace_bind(nano_trace_sink *sink, void *state) SFP_NODISCARD;

/**
 * Faults that are contained are recorded but not printed on the early serial line, or are again. For
 * whoever makes many of them on purpose.
 * @context any   @progress wait-free   @order none   @owner nothing changes hands
 * @retains the choice, for all modules   @cost an exchange   @return what it was
 */
bool nano_fault_quiet(bool be_quiet);

/** Records that found no place before a sink could have them. Any context. */
uint64_t nano_trace_lost(void);

/* ---- interrupts ------------------------------------------------------------ */

/**
 * Serves an interrupt, in a context and gate of its own; a fault ends it alone, and then it is called once more:
 * its device may not have been served. So it must bear to find nothing to do.
 */
typedef void nano_interrupt(void *state);

/**
 * Have `handler(state)` called at interrupt `vector` (32 to 255).
 * @retains handler and state, until bound anew; EXISTS if somebody else is bound
 */
enum sfp_status nano_interrupt_bind(unsigned vector, nano_interrupt *handler, void *state) SFP_NODISCARD;

/** What ends an interrupt at the controller; the first guard of each interrupt. For the controller's module. */
typedef void nano_interrupt_end(void *state, unsigned vector);
enum sfp_status nano_interrupt_controller(nano_interrupt_end *end, void *state) SFP_NODISCARD;

#define NANO_LINES 16u
#define NANO_LINE_CONTROLLERS 4u

/** An ISA line, as the firmware says it is wired. */
struct nano_line {
	uint32_t input;          /* of all controllers' inputs, counted through */
	bool low;                /* active low */
	bool level;              /* level-triggered */
};

struct nano_line_controller {
	uint64_t physical;       /* an IO-APIC's registers */
	uint32_t first;          /* number of its first input */
};

/** The machine's lines, where IO-APICs have them. */
struct nano_lines {
	uint32_t controllers;
	struct nano_line_controller controller[NANO_LINE_CONTROLLERS];
	struct nano_line line[NANO_LINES];
	uint32_t processor;      /* whom to interrupt: the boot processor's number at the controllers */
};

/**
 * What the firmware says of interrupt lines; a constant of this boot. What comes through an
 * IO-APIC the nano-core ends itself, at the processor; nano_interrupt_controller() is for the others.
 * @context any, interrupts included   @progress wait-free   @order none
 * @owner   *lines is the caller's   @retains nothing   @cost a copy
 * @return  OK; NOT_FOUND: there is none that can be used: the lines come through two 8259s
 */
enum sfp_status nano_lines(struct nano_lines *lines) SFP_NODISCARD;

/* ---- time -------------------------------------------------------------------- */

/**
 * Nanoseconds since the boot.
 * @context any, interrupts included   @progress wait-free   @order after all loads before it
 * @owner   nothing changes hands   @retains nothing   @cost a read of the processor's counter
 * @return  never less than before on the same processor; between processors as far as their
 *          counters are in step
 */
uint64_t nano_clock(void);

/** Bind it to be called when the deadline of nano_timer_arm() has come. */
#define NANO_TIMER_VECTOR 0xefu

/**
 * Have an interrupt at NANO_TIMER_VECTOR on this processor as soon as nano_clock() has reached `deadline`;
 * 0: have none. There is one deadline a processor: whoever binds the vector makes many of it, and answers
 * each that comes by arming anew (or by 0): where a fault, or a restart, kept it from that, the interrupt comes
 * again after 10 ms.
 * @context any, interrupts included; from a thread with interrupts off, or it may go on on another processor
 * @progress wait-free   @order none
 * @owner   nothing changes hands   @retains the deadline, until it is answered
 * @cost    a few accesses of the timer
 * @return  OK; UNSUPPORTED: no timer of this processor's interrupts, and no module drives the 8254's line
 */
enum sfp_status nano_timer_arm(uint64_t deadline) SFP_NODISCARD;

/**
 * Have the deadline of processor `processor` come now, whatever it was, so that whoever has bound the vector looks.
 * @context any but NMI   @progress wait-free   @order release: what was written before is seen by the handler
 * @owner   nothing changes hands   @retains nothing   @cost an interrupt there, two from another processor
 * @return  OK; NOT_FOUND: no such processor runs; UNSUPPORTED: as nano_timer_arm
 */
enum sfp_status nano_timer_kick(unsigned processor) SFP_NODISCARD;

/**
 * For the 8259s' module: the 8254's line is open and arrives at `vector`.
 * @context a thread   @progress wait-free   @order none   @owner nothing changes hands
 * @retains the vector   @cost as nano_timer_arm   @return OK; UNSUPPORTED: processors have their own timers
 */
enum sfp_status nano_timer_line(unsigned vector) SFP_NODISCARD;

/* ---- processors and threads ----------------------------------------------------------- */

#define NANO_PROCESSORS_MAX 8u
#define NANO_THREADS_MAX 64u
#define NANO_THREAD_NAME 16u
#define NANO_NO_THREAD UINT32_MAX

struct nano_processor_info {
	bool running;
	uint32_t thread;         /* that runs there; NANO_NO_THREAD: none */
};

/**
 * What processor `number` does. Numbers are sfp_port_cpu()'s; some below the highest may not run.
 * @context any   @progress wait-free   @order none: old news   @owner *info is the caller's
 * @retains nothing   @cost a few loads   @return OK; NOT_FOUND: past NANO_PROCESSORS_MAX
 */
enum sfp_status nano_processor_info(unsigned number, struct nano_processor_info *info) SFP_NODISCARD;

/**
 * Have a processor choose anew what it runs, as soon as its interrupts are on.
 * @context any   @progress wait-free   @order none   @owner nothing changes hands   @retains nothing
 * @cost    an interrupt there   @return OK; NOT_FOUND: no such processor runs
 */
enum sfp_status nano_processor_nudge(unsigned number) SFP_NODISCARD;

typedef enum sfp_status nano_thread_entry(void *argument);

/**
 * Make a thread of the calling module, which is inside of the module for as long as it lives. It begins with
 * interrupts on, in a gate of its own: a fault that no other gate takes ends it with SFP_FAULT.
 * @context any; interrupts included   @progress lock-free
 * @order   release: what was written before is seen by the thread
 * @owner   *thread, its name from here on, is the caller's to join or to forget; the argument is shared
 * @retains one of NANO_THREADS_MAX places until it is dead and joined or forgotten; its name is copied
 * @cost    a look for a place, and a wake-up of a processor   @return OK; LIMIT: no place; INVALID: no code
 */
enum sfp_status nano_thread_make(const char *name, nano_thread_entry *entry, void *argument,
				 uint32_t *thread) SFP_NODISCARD;

/**
 * The same for a thread that has a record, in memory of the caller's: what a scheduler knows it by.
 * @context @progress @order @owner @cost @return as nano_thread_make()
 * @retains where the record lies, too; nobody but who asks nano_thread_record() looks at it
 */
enum sfp_status nano_thread_make_known(const char *name, nano_thread_entry *entry, void *argument,
				       void *record, uint32_t *thread) SFP_NODISCARD;

/**
 * The thread's record.
 * @context any   @progress wait-free   @order acquire: what was in it before the thread was made
 * @owner   nothing changes hands; how long it is there its maker says   @retains nothing   @cost a few loads
 * @return  NULL: it has none, or its place is free
 */
void *nano_thread_record(uint32_t thread);

/**
 * End the calling thread, as if its entry had returned `status`; whatever it holds is let go of.
 * @context a thread; in an interrupt, and in threads of the nano-core's, it ends the innermost gate with a fault
 * @progress wait-free plus the releases   @order release, pairs with nano_thread_join()
 * @owner   all guards are released   @retains the status, until joined   @cost that of a fault   @return never
 */
void nano_thread_exit(enum sfp_status status) __attribute__((noreturn));

/**
 * Wait until the thread has ended, and free its place.
 * @context a thread   @progress blocking   @order acquire: all that it did is seen
 * @owner   the place is the nano-core's again   @retains nothing   @cost a sleep, if it lives
 * @return  OK, and *status is what it ended with; NOT_FOUND: no such thread (any more); DEADLOCK: it is the
 *          caller; INVALID: the caller cannot sleep and the thread lives
 */
enum sfp_status nano_thread_join(uint32_t thread, enum sfp_status *status) SFP_NODISCARD;

/**
 * Nobody will join it: its place becomes free when it ends.
 * @context any   @progress lock-free   @order none   @owner the place is the nano-core's when the thread ends
 * @retains nothing more   @cost a few loads and stores   @return OK; NOT_FOUND: no such thread (any more)
 */
enum sfp_status nano_thread_forget(uint32_t thread) SFP_NODISCARD;

/**
 * Sleep while *word is `value`, until somebody wakes those who sleep on it. May return early: look, and
 * sleep again. No wake-up is lost that comes after the word was changed.
 * @context a thread   @progress blocking   @order acquire, pairs with the change of the word
 * @owner   the word stays the caller's, and must be there until this returns   @retains nothing afterwards
 * @cost    a switch to another thread, or the look at the word   @return OK; INVALID: not in a thread
 */
enum sfp_status nano_thread_block(const uint32_t *word, uint32_t value) SFP_NODISCARD;

/**
 * Wake up to `most` that sleep on the word, which was changed before.
 * @context any, interrupts included   @progress lock-free   @order release: a full barrier before looking
 * @owner   nothing changes hands; only the word's address is used   @retains nothing
 * @cost    a barrier and a look at each that sleeps   @return how many it woke
 */
unsigned nano_thread_wake(const uint32_t *word, unsigned most);

/**
 * Have a thread look up: it wakes from what it sleeps in, or does not fall asleep the next time.
 * @context any, interrupts included   @progress lock-free
 * @order   release: a full barrier before looking whether it sleeps
 * @owner   nothing changes hands   @retains that it is to look, until it would sleep
 * @cost    a barrier and a look   @return OK; NOT_FOUND: no such thread (any more)
 */
enum sfp_status nano_thread_rouse(uint32_t thread) SFP_NODISCARD;

/**
 * Let another thread run, if there is one.
 * @context a thread; elsewhere it does nothing   @progress blocking: for its turn   @order none
 * @owner   nothing changes hands   @retains nothing   @cost a switch   @return cannot fail
 */
void nano_thread_yield(void);

/**
 * The calling thread.
 * @context any   @progress wait-free   @order none   @owner nothing changes hands   @retains nothing
 * @cost    a few instructions   @return NANO_NO_THREAD in an interrupt
 */
uint32_t nano_thread_self(void);

enum nano_thread_phase {
	NANO_THREAD_FREE,
	NANO_THREAD_READY,
	NANO_THREAD_RUNNING,
	NANO_THREAD_BLOCKED,
	NANO_THREAD_DEAD         /* and nobody has joined it yet */
};

struct nano_thread_info {
	uint32_t thread;
	enum nano_thread_phase phase;
	const char *owner;       /* the module that made it, or "nano-core" */
	uint32_t processor;      /* where it runs, or last ran */
	enum sfp_status status;  /* of a dead one */
	uint32_t faults;         /* in it, contained by whatever gate */
	uint64_t used;           /* nanoseconds on processors, until it last let go of one */
	char name[NANO_THREAD_NAME];
};

/**
 * The place `index` of threads.
 * @context any   @progress wait-free   @order none: old news   @owner *info is the caller's
 * @retains nothing   @cost a copy   @return OK, also of a free one; NOT_FOUND: past NANO_THREADS_MAX
 */
enum sfp_status nano_thread_info(unsigned index, struct nano_thread_info *info) SFP_NODISCARD;

/** Which thread shall run? */
struct nano_choice {
	uint32_t processor;
	uint32_t current;        /* it could go on; NANO_NO_THREAD: there is none, or it cannot */
	bool yields;             /* but wants others to go first */
	uint32_t thread;         /* out: one that is ready, or `current` */
	uint64_t slice;          /* out: nanoseconds until it is asked again; 0: until the thread lets go */
};

/*
 * Both are called inside of the module, through a gate, with interrupts off, on any processor, and in
 * interrupts: what they share is guarded by a monitor of kind SFP_SPIN_IRQ.
 */

/** `thread` is ready to run, and stays so until it is chosen (or run without, where this one was wrong). */
typedef enum sfp_status nano_scheduler_ready(void *state, uint32_t thread);

/** OK: *choice says it; EMPTY: none. */
typedef enum sfp_status nano_scheduler_choose(void *state, struct nano_choice *choice);

/**
 * Be asked which thread runs. What was ready before is told at once. Where nobody is bound, or who is faults or
 * names what is not ready, the nano-core goes round robin; after 16 such answers in a row it asks no more.
 * @context a thread of a module   @progress that of `ready`   @order release
 * @owner   nothing changes hands   @retains the functions and the state, until bound anew
 * @cost    a call of `ready` each ready thread   @return OK; EXISTS: somebody else is; INVALID: no code
 */
enum sfp_status nano_scheduler_bind(nano_scheduler_ready *ready, nano_scheduler_choose *choose,
				    void *state) SFP_NODISCARD;

/* ---- waking and interrupts ------------------------------------------------------ */

/** Work is waiting for some module's poll: do not sleep before having polled all. From interrupts too. */
void nano_wake(void);

/** Is the caller in an interrupt? */
bool nano_in_interrupt(void);

/* ---- memory of devices -------------------------------------------------------- */

/**
 * Make `bytes` of a device's memory from `physical` on readable and writable: never executable,
 * never cached, for ever. The same range, or a part of it, gives the same addresses again.
 * @context  modules; from an interrupt only what is mapped already
 * @progress wait-free
 * @order    none: the accesses are volatile, and the processor does not reorder uncached ones
 * @owner    the device's memory belongs to whoever drives it; nobody is kept from asking for it too
 * @retains  the range and its place in the address space, not who asked; at most 32 ranges, 1 GiB
 * @cost     a look at the ranges; the first time, a page table entry each 4 KiB
 * @return   OK, and *at is where it lies; INVALID: nothing asked for, or the range shares a page with RAM
 *           or the kernel's image, or goes past the last address; LIMIT: no place is left; NO_MEMORY:
 *           no frame for page tables; AGAIN: not mapped yet, and this is an interrupt. *at changes
 *           only where it is OK
 */
enum sfp_status nano_device_map(uint64_t physical, size_t bytes, volatile void **at) SFP_NODISCARD;

enum nano_screen_kind {
	NANO_SCREEN_PIXELS, /* and how they are coloured is not told */
	NANO_SCREEN_TEXT    /* EGA's: a character and its colours in two bytes, `width` x `height` of them */
};

/** The screen as the boot loader left it. */
struct nano_screen {
	uint64_t physical;
	enum nano_screen_kind kind;
	uint32_t width, height;  /* in characters, or in pixels */
	uint32_t pitch;          /* bytes from a line to the next */
};

/**
 * What the boot loader said of the screen; a constant of this boot.
 * @context any, interrupts included   @progress wait-free   @order none
 * @owner   *screen is the caller's   @retains nothing   @cost a copy
 * @return  OK; NOT_FOUND: it said nothing, and *screen is as it was
 */
enum sfp_status nano_screen(struct nano_screen *screen) SFP_NODISCARD;

/* ---- events as they happen --------------------------------------------------- */

enum nano_event_kind {
	NANO_EVENT_START,      /* of `module`; value[0]: the status of its start; value[1]: 1 where it was restarted */
	NANO_EVENT_INTERRUPT,  /* handled by `module`; value[0]: the vector */
	NANO_EVENT_CALL,       /* by `module`; value[0]: the number of the module that is called, if that is known
				  already; value[1]: an address that nano_symbolize() makes a name of */
	NANO_EVENT_SWITCH,     /* value[0]: the place of the thread that leaves, value[1]: of the one that comes */
	NANO_EVENT_KINDS
};

/** In place of a thread: the processor is idle. */
#define NANO_EVENT_IDLE UINT64_MAX

struct nano_event {
	uint32_t kind;         /* enum nano_event_kind */
	uint32_t module;       /* a number as nano_self() has them */
	uint64_t value[2];
};

/** Is told of an event where it happens: in a thread, in an interrupt, in the middle of a switch. Must not wait. */
typedef void nano_event_sink(void *state, const struct nano_event *event);

/**
 * Have `sink(state, event)` called for each event of the kinds whose bit is set in `kinds`. By who has bound
 * it, to be told of other kinds, too.
 * @context  modules, not from interrupts   @progress wait-free   @order none
 * @owner    the event is the sink's for the length of the call
 * @retains  sink, kinds and state, until the module is restarted   @cost a few stores
 * @return   OK; EXISTS: another module's is bound; INVALID: it is no code, or there are no such kinds
 */
enum sfp_status nano_event_bind(nano_event_sink *sink, uint32_t kinds, void *state) SFP_NODISCARD;

/* ---- looking at the system --------------------------------------------------- */

enum nano_module_phase {
	NANO_LOADED,
	NANO_STARTING,
	NANO_STARTED,
	NANO_FAILED,  /* start returned an error, or faulted */
	NANO_RESTARTING /* it faulted too often: closed until its image is loaded anew */
};

/** A module as `modules` shows it. */
struct nano_module_info {
	const char *name;
	const char *summary;
	uint32_t version;
	enum nano_module_phase phase;
	enum sfp_status start_status; /* of the last start */
	uint32_t faults;              /* faults inside it, contained */
	uint32_t restarts;            /* since it faulted too often */
	uint32_t text_bytes;
	uint32_t state_bytes;
	uint32_t refused;             /* 1: a file that the loader refused; the rest of the numbers is 0 */
	const char *reason;           /* why it was refused */
};

/** The module at `index`, in the order of the manifest. NOT_FOUND past the last. */
enum sfp_status nano_module_info(unsigned index, struct nano_module_info *info) SFP_NODISCARD;

/** The number of the module on whose account the caller runs: nano_module_info()'s index. */
unsigned nano_self(void);

/** In an operation: the number of the module that called it. A number that no module has: the nano-core did. */
unsigned nano_caller(void);

/**
 * Have the named module trap the next time that it comes to the first instruction of `symbol` (NULL: of
 * its check), once, and call its check.
 * @context threads   @progress as the check   @order none   @owner *why is written on FAULT
 * @retains the armed place, until it is passed or the module is restarted; at most 8
 * @return  FAULT: the check came past it, and the fault was contained. OK: not there; it stays armed. NOT_FOUND: no such
 *          module or symbol; INVALID: the symbol is no code; LIMIT: 8 are armed; AGAIN: not started
 */
enum sfp_status nano_fault_inject(const char *module, const char *symbol, struct sfp_fault *why) SFP_NODISCARD;

/**
 * Have the named module trap the next `times` times that it comes to the first instruction of `symbol`. What was
 * armed there before is armed anew. A handler that traps is called once more, so it takes more than one to end it.
 * @context threads   @progress as long as the other processors take to stop   @order none
 * @owner   nothing changes hands   @retains the armed place, as nano_fault_inject()
 * @return  OK; INVALID: 0 times, or the symbol is no code; else as nano_fault_inject()
 */
enum sfp_status nano_fault_arm(const char *module, const char *symbol, uint32_t times) SFP_NODISCARD;

/* ---- faults at any instruction: for tests ---------------------------------------- */

/* Places are offsets in a module's code, each the first byte of an instruction. */

/** The latest fault that somebody had wanted. */
struct nano_place_hit {
	uint64_t count;              /* of them since the boot */
	const char *module;
	uint32_t offset;
	bool in_interrupt;
};

/**
 * Notice who comes by: each place that is passed from here on is passed once as if it were not there.
 * @context threads   @progress as long as the other processors take to stop   @order none
 * @owner   *offsets is the caller's   @retains the places, until passed, ended, or the module is restarted
 * @return  OK; NOT_FOUND: no such module; INVALID: not in its code, nothing is watched; AGAIN: not started
 */
enum sfp_status nano_places_watch(const char *module, const uint32_t *offsets, uint32_t count) SFP_NODISCARD;

/** The same places, watched no more: passed[i] says whether somebody came there. As nano_places_watch(). */
enum sfp_status nano_places_end(const char *module, const uint32_t *offsets, uint32_t count,
				uint8_t *passed) SFP_NODISCARD;

/**
 * Have the module trap at a place, once, the next time that it comes there.
 * @context threads   @progress as nano_places_watch   @order none   @owner nothing changes hands
 * @retains the place, until it is passed, disarmed, or the module is restarted; at most 8
 * @return  OK; LIMIT: 8 are armed; else as nano_places_watch()
 */
enum sfp_status nano_place_arm(const char *module, uint32_t offset) SFP_NODISCARD;

/** Take that back. @return OK; NOT_FOUND: it is not armed (any more) */
enum sfp_status nano_place_disarm(const char *module, uint32_t offset) SFP_NODISCARD;

/** What came of it. @context any   @progress wait-free   @order none   @retains nothing   @return cannot fail */
void nano_place_latest(struct nano_place_hit *hit);

/** Is it an address in some stack? What lasts must have none. Any context. */
bool nano_is_on_a_stack(uintptr_t address);

/* ---- what lasts, and whether it is sound --------------------------------------- */

/** A module's state: all that it keeps between two calls. */
struct nano_state_info {
	const char *owner;
	const void *memory;              /* to be looked at; it changes as the module runs */
	const struct nano_field *fields; /* as declared; may be NULL */
	uint32_t bytes;
	uint32_t version;
	enum nano_module_phase phase;    /* of its owner */
};

/**
 * The state at `index` of the state table.
 * @context any, interrupts included   @progress wait-free   @order none
 * @owner   *info is the caller's; what it points at is its owner's   @retains nothing   @cost a copy
 * @return  OK; NOT_FOUND: past the last
 */
enum sfp_status nano_state_info(unsigned index, struct nano_state_info *info) SFP_NODISCARD;

/** What a part of memory is used for. The parts of all indices are all usable memory, each byte once. */
struct nano_memory_info {
	const char *owner;
	const char *what;
	uint64_t bytes;
	bool writable;                   /* else only read, or run */
};

/**
 * The part at `index` of the machine's memory.
 * @context threads   @progress wait-free   @order none: counts may change while the parts are asked for
 * @owner   *info is the caller's, its texts are constants   @retains nothing
 * @cost    a look at what the boot loader left
 * @return  OK; NOT_FOUND: past the last
 */
enum sfp_status nano_memory_info(unsigned index, struct nano_memory_info *info) SFP_NODISCARD;

/** All memory that the firmware calls usable, in bytes. */
uint64_t nano_memory_bytes(void);

/**
 * In a module's check: NANO_HOLDS(depth <= most, "the queue is no longer than the pools that feed it");
 * returns from the enclosing function if it does not hold, and says which.
 */
#define NANO_HOLDS(condition, invariant) \
	do { \
		if (!(condition)) \
			return nano_broken("" invariant ""); \
	} while (0)

/** Say which invariant is broken: a constant text, for whoever runs the check. @return INVALID, always */
enum sfp_status nano_broken(const char *invariant);

/**
 * Run the `check` of the named module. *broken (unless NULL): which of its invariants does not hold,
 * NULL if all do or it did not say.
 * @return what the check returned; NOT_FOUND: no such module; AGAIN: it is not started
 */
enum sfp_status nano_module_check(const char *name, const char **broken) SFP_NODISCARD;

/**
 * Does the nano-core's own invariant number `index` hold? *invariant says what it is.
 * @return OK; INVALID: it is broken; NOT_FOUND: past the last, and *invariant is as it was
 */
enum sfp_status nano_check(unsigned index, const char **invariant) SFP_NODISCARD;

/* ---- memory ----------------------------------------------------------------------- */

#define NANO_FRAME_BYTES 4096u

/** Where all usable memory is found, at + its physical address; writable, never executable. */
#define NANO_DIRECT_MAP 0xffff800000000000ul

static inline void *nano_direct(uint64_t physical)
{
	return (void *)(NANO_DIRECT_MAP + physical);
}

/**
 * Memory that the nano-core leaves to the module that manages memory, run by run from index 0. From
 * the first on the nano-core takes what it needs from a reserve, and knows nothing of the rest.
 * @context threads   @progress wait-free   @order none
 * @owner   the frames are the caller's, for ever: who asks for run 0 anew gets EXISTS
 * @retains that they are given   @cost a look at what the boot loader left
 * @return  OK: *count frames from *first on; NOT_FOUND: past the last; EXISTS: somebody has them
 */
enum sfp_status nano_frames_claim(unsigned index, uint64_t *first, size_t *count) SFP_NODISCARD;

/**
 * Let the `number`th allocation from now fail, of whatever is allocated anywhere: frames of the
 * nano-core's or a module's, blocks of a heap. 0: none, as at the boot. For tests.
 * @context any   @progress wait-free   @order none   @owner nothing changes hands
 * @retains the number, until it has failed   @cost a store   @return cannot fail
 */
void nano_allocation_fail(uint32_t number);

/** How many more allocations there will be until one fails; 0: none will, or one has. */
uint32_t nano_allocation_pending(void);

/** For whoever allocates, once an allocation: must this one fail? */
bool nano_allocation_fails(void);

/** "module:symbol+0x12" of an address, into text; for reports. */
void nano_symbolize(uintptr_t address, char *text, size_t size);

/** A line to the early serial line, with the module's name before it. */
void nano_log(const char *module, const char *text);

/** Restart the machine, or end it: under QEMU with that exit status. */
void nano_reboot(void) __attribute__((noreturn));
void nano_exit(unsigned status) __attribute__((noreturn));

/* ---- the processor's ports ------------------------------------------------------ */

static inline void nano_out8(uint16_t port, uint8_t value)
{
	__asm__ __volatile__("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint8_t nano_in8(uint16_t port)
{
	uint8_t value;

	__asm__ __volatile__("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

#endif /* NANO_NANO_H */
