/* SPDX-License-Identifier: BSD-2-Clause */
/* The POSIX port: contexts of threads, signals as faults, waiting on a word. */
#define _GNU_SOURCE
#include <sfp/guard.h>

#include <errno.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

__thread struct sfp_context sfp_posix_context_self;

/* One mapping a thread: the signal stack below, the spare stack for releases above. */
#define SIGNAL_STACK_SIZE ((size_t)32768)
#define SPARE_STACK_SIZE ((size_t)32768)
static __thread void *own_stacks;

/* All entered threads, newest first. The mutex guards the links, and keeps their threads from leaving. */
static pthread_mutex_t threads_lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static struct sfp_context *threads;

void sfp_port_panic(const char *text)
{
	fprintf(stderr, "libpatterns: %s\n", text);
	abort();
}

unsigned sfp_port_cpu(void)
{
	const int cpu = sched_getcpu();

	return cpu < 0 ? 0 : (unsigned)cpu;
}

void sfp_port_wait(const uint32_t *word, uint32_t value)
{
	(void)syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

void sfp_port_wake(const uint32_t *word)
{
	(void)syscall(SYS_futex, word, FUTEX_WAKE, 0x7fffffff, NULL, NULL, 0);
}

void sfp_port_wake_one(const uint32_t *word)
{
	(void)syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

void sfp_port_context_hold(void)
{
	pthread_mutex_lock(&threads_lock);
}

void sfp_port_context_release(void)
{
	pthread_mutex_unlock(&threads_lock);
}

struct sfp_context *sfp_port_context_next(struct sfp_context *after)
{
	struct sfp_context *next;

	pthread_mutex_lock(&threads_lock);
	next = after ? after->next : threads;
	pthread_mutex_unlock(&threads_lock);
	return next;
}

/* ---- a barrier on every processor ------------------------------------------ */

uint32_t sfp_posix_membarrier;

static bool register_for_membarrier(void)
{
	return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

void sfp_port_remote_barrier(void)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0)
		return;
	/* Pins were published in reliance on it: to go on without it would free memory in use. */
	if (!register_for_membarrier() || syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0)
		sfp_port_panic("membarrier worked, and does not any more");
}

/* ---- faults ------------------------------------------------------------- */

#if defined(__x86_64__)
#define UC_IP(uc) ((uc)->uc_mcontext.gregs[REG_RIP])
#define UC_SP(uc) ((uc)->uc_mcontext.gregs[REG_RSP])
#define UC_ARGUMENT(uc) ((uc)->uc_mcontext.gregs[REG_RDI])
#elif defined(__i386__)
#define UC_IP(uc) ((uc)->uc_mcontext.gregs[REG_EIP])
#define UC_SP(uc) ((uc)->uc_mcontext.gregs[REG_ESP])
#define UC_ARGUMENT(uc) ((uc)->uc_mcontext.gregs[REG_ECX])
#elif defined(__aarch64__)
#define UC_IP(uc) ((uc)->uc_mcontext.pc)
#define UC_SP(uc) ((uc)->uc_mcontext.sp)
#define UC_ARGUMENT(uc) ((uc)->uc_mcontext.regs[0])
#elif defined(__riscv)
#define UC_IP(uc) ((uc)->uc_mcontext.__gregs[REG_PC])
#define UC_SP(uc) ((uc)->uc_mcontext.__gregs[REG_SP])
#define UC_ARGUMENT(uc) ((uc)->uc_mcontext.__gregs[REG_A0])
#endif

static const int fault_signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };

static bool near_stack_end(const struct sfp_context *context, uintptr_t address)
{
	const uintptr_t reach = 65536;

	return context->stack_low != 0 && address < context->stack_low + reach &&
	       address + reach >= context->stack_low;
}

static uint32_t kind_of(const struct sfp_context *context, int signal, const siginfo_t *info, uintptr_t ip)
{
	const uintptr_t address = (uintptr_t)info->si_addr;

	switch (signal) {
	case SIGFPE:
		return SFP_FAULT_ARITHMETIC;
	case SIGILL:
	case SIGTRAP:
		return SFP_FAULT_INSTRUCTION;
	case SIGBUS:
		return info->si_code == BUS_ADRALN ? SFP_FAULT_ALIGNMENT : SFP_FAULT_MEMORY;
	default:
		break;
	}
	if (info->si_code == SI_KERNEL)
		return SFP_FAULT_PROTECTION;
	if (address == ip)
		return SFP_FAULT_JUMP;
	return near_stack_end(context, address) ? SFP_FAULT_STACK : SFP_FAULT_MEMORY;
}

/* A wild jump was made by a call, if anything: its return address says where. */
static uintptr_t origin_of_jump(const struct sfp_context *context, const ucontext_t *uc)
{
#if defined(__aarch64__)
	(void)context;
	return (uintptr_t)uc->uc_mcontext.regs[30];
#elif defined(__riscv)
	(void)context;
	return (uintptr_t)uc->uc_mcontext.__gregs[REG_RA];
#else
	const uintptr_t sp = (uintptr_t)UC_SP(uc);

	if (sp % sizeof(uintptr_t) != 0 || sp < context->stack_low || sp >= context->stack_high)
		return (uintptr_t)UC_IP(uc); /* no telling what is there */
	return *(const uintptr_t *)sp;
#endif
}

/*
 * Runs on the signal stack. Either the thread resumes at its innermost gate,
 * or the fault is nobody's and the default action ends the process with a core.
 */
static void on_fault_signal(int signal, siginfo_t *info, void *opaque)
{
	ucontext_t *uc = opaque;
	struct sfp_context *context = &sfp_posix_context_self;
	const uintptr_t ip = (uintptr_t)UC_IP(uc);
	struct sfp_fault fault = {
		.ip = ip,
		.sp = (uintptr_t)UC_SP(uc),
		.address = signal == SIGSEGV || signal == SIGBUS ? (uintptr_t)info->si_addr : 0,
		.code = (uintptr_t)signal,
		.kind = kind_of(context, signal, info, ip),
	};
	struct sfp_landing landing;
	struct sigaction as_before = { .sa_handler = SIG_DFL };

	if (fault.kind == SFP_FAULT_JUMP)
		fault.ip = origin_of_jump(context, uc);
	if (sfp_fault_deliver(context, &fault, &landing) == SFP_OK) {
		UC_IP(uc) = (__typeof__(UC_IP(uc)))landing.ip;
		UC_SP(uc) = (__typeof__(UC_SP(uc)))landing.sp;
		UC_ARGUMENT(uc) = (__typeof__(UC_ARGUMENT(uc)))landing.argument;
		return;
	}
	sigaction(signal, &as_before, NULL);
}

int sfp_posix_faults_catch(void)
{
	struct sigaction action = { .sa_sigaction = on_fault_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	size_t i;

	sigemptyset(&action.sa_mask);
	for (i = 0; i < sizeof(fault_signals) / sizeof(fault_signals[0]); i++)
		if (sigaction(fault_signals[i], &action, NULL) != 0)
			return -1;
	return 0;
}

/* ---- threads --------------------------------------------------------------- */

static int learn_stack_bounds(struct sfp_context *context)
{
	pthread_attr_t attributes;
	void *low;
	size_t size;
	int error;

	error = pthread_getattr_np(pthread_self(), &attributes);
	if (error == 0) {
		error = pthread_attr_getstack(&attributes, &low, &size);
		pthread_attr_destroy(&attributes);
	}
	if (error != 0) {
		errno = error;
		return -1;
	}
	context->stack_low = (uintptr_t)low;
	context->stack_high = (uintptr_t)low + size;
	return 0;
}

static int make_own_stacks(struct sfp_context *context)
{
	stack_t stack = { .ss_size = SIGNAL_STACK_SIZE };
	char *both;

	both = mmap(NULL, SIGNAL_STACK_SIZE + SPARE_STACK_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (both == MAP_FAILED)
		return -1;
	stack.ss_sp = both;
	if (sigaltstack(&stack, NULL) != 0) {
		munmap(both, SIGNAL_STACK_SIZE + SPARE_STACK_SIZE);
		return -1;
	}
	own_stacks = both;
	context->spare_low = (uintptr_t)both + SIGNAL_STACK_SIZE;
	context->spare_high = context->spare_low + SPARE_STACK_SIZE;
	return 0;
}

int sfp_posix_thread_enter(void)
{
	struct sfp_context *context = &sfp_posix_context_self;

	if (own_stacks)
		return 0;
	if (!sfp_port_remote_barrier_works() && register_for_membarrier())
		__atomic_store_n(&sfp_posix_membarrier, 1, __ATOMIC_RELEASE);
	if (learn_stack_bounds(context) != 0 || make_own_stacks(context) != 0)
		return -1;
	pthread_mutex_lock(&threads_lock);
	context->next = threads;
	threads = context;
	pthread_mutex_unlock(&threads_lock);
	return 0;
}

void sfp_posix_thread_leave(void)
{
	struct sfp_context *context = &sfp_posix_context_self;
	struct sfp_context **link;
	const stack_t none = { .ss_flags = SS_DISABLE };

	if (!own_stacks)
		return;
	pthread_mutex_lock(&threads_lock);
	for (link = &threads; *link != context; link = &(*link)->next)
		;
	*link = context->next;
	pthread_mutex_unlock(&threads_lock);
	sigaltstack(&none, NULL);
	munmap(own_stacks, SIGNAL_STACK_SIZE + SPARE_STACK_SIZE);
	own_stacks = NULL;
	memset(context, 0, sizeof(*context));
}
