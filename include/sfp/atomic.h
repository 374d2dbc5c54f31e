/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * atomic: the few ordered accesses that the patterns use, named by their order.
 *
 * Overview
 *   Every access to a word that two parties share goes through here, so that
 *   each one says its order where it stands, and its comment names the access
 *   on the other side that it pairs with. On a normal build they are
 *   Concurrency Kit's operations and fences: on x86 acquire and release are
 *   free, on weakly ordered machines they are the fences of ck_pr.
 *
 *   ThreadSanitizer cannot see inline assembly nor model fences, so under it
 *   the same names are the compiler's __atomic builtins with exactly the order
 *   that the name says, no more: a missing pair is then a report.
 *
 *   Not for users of the library: kernels have their own.
 */
#ifndef SFP_ATOMIC_H
#define SFP_ATOMIC_H

#include <sfp/port.h>

#include <ck_pr.h>

#if defined(__SANITIZE_THREAD__)
#define SFP_ATOMIC_BUILTINS_ 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SFP_ATOMIC_BUILTINS_ 1
#endif
#endif
#ifndef SFP_ATOMIC_BUILTINS_
#define SFP_ATOMIC_BUILTINS_ 0
#endif

/* By size: the second parameter of CK's _ptr forms is a pointer on some machines and an integer on others. */
#if __SIZEOF_POINTER__ == 8
#define SFP_ATOMIC_WORD_(operation) ck_pr_##operation##_64
#else
#define SFP_ATOMIC_WORD_(operation) ck_pr_##operation##_32
#endif

/* The compiler may not move memory accesses across this; the machine may. */
SFP_ALWAYS_INLINE void sfp_compiler_barrier(void)
{
	__asm__ __volatile__("" ::: "memory");
}

/*
 * A hint: this line will be written soon, fetch it for that at once instead of
 * first to read. Any address will do, nothing can trap.
 */
SFP_ALWAYS_INLINE void sfp_prefetch_to_write(const void *at)
{
#if defined(__x86_64__)
	/* gcc's builtin fetches to read, unless told of the feature; a processor without it does nothing. */
	__asm__ __volatile__("prefetchw %0" : : "m"(*(const char *)at));
#else
	__builtin_prefetch(at, 1);
#endif
}

SFP_ALWAYS_INLINE uint32_t sfp_load_u32(const uint32_t *from)
{
#if SFP_ATOMIC_BUILTINS_
	return __atomic_load_n(from, __ATOMIC_RELAXED);
#else
	return ck_pr_load_32(from);
#endif
}

SFP_ALWAYS_INLINE uint32_t sfp_load_acquire_u32(const uint32_t *from)
{
#if SFP_ATOMIC_BUILTINS_
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
#else
	const uint32_t value = ck_pr_load_32(from);

	ck_pr_fence_acquire();
	return value;
#endif
}

SFP_ALWAYS_INLINE void sfp_store_u32(uint32_t *to, uint32_t value)
{
#if SFP_ATOMIC_BUILTINS_
	__atomic_store_n(to, value, __ATOMIC_RELAXED);
#else
	ck_pr_store_32(to, value);
#endif
}

/* Orders the loads before it too (a store fence alone would not). */
SFP_ALWAYS_INLINE void sfp_store_release_u32(uint32_t *to, uint32_t value)
{
#if SFP_ATOMIC_BUILTINS_
	__atomic_store_n(to, value, __ATOMIC_RELEASE);
#else
	ck_pr_fence_release();
	ck_pr_store_32(to, value);
#endif
}

/* Replace *at by `to` if it holds *expected; else *expected is what it holds. A full barrier when it does. */
SFP_ALWAYS_INLINE bool sfp_cas_u32(uint32_t *at, uint32_t *expected, uint32_t to)
{
#if SFP_ATOMIC_BUILTINS_
	return __atomic_compare_exchange_n(at, expected, to, false, __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE);
#else
	const uint32_t wanted = *expected;

#if !SFP_PORT_TSO
	ck_pr_fence_memory();
#endif
	(void)ck_pr_cas_32_value(at, wanted, to, expected);
#if !SFP_PORT_TSO
	ck_pr_fence_memory();
#endif
	return *expected == wanted;
#endif
}

SFP_ALWAYS_INLINE uintptr_t sfp_load_word(const uintptr_t *from)
{
#if SFP_ATOMIC_BUILTINS_
	return __atomic_load_n(from, __ATOMIC_RELAXED);
#else
	return (uintptr_t)ck_pr_load_ptr((void *const *)(const void *)from);
#endif
}

SFP_ALWAYS_INLINE uintptr_t sfp_load_acquire_word(const uintptr_t *from)
{
#if SFP_ATOMIC_BUILTINS_
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
#else
	const uintptr_t value = sfp_load_word(from);

	ck_pr_fence_acquire();
	return value;
#endif
}

SFP_ALWAYS_INLINE void sfp_store_release_word(uintptr_t *to, uintptr_t value)
{
#if SFP_ATOMIC_BUILTINS_
	__atomic_store_n(to, value, __ATOMIC_RELEASE);
#else
	ck_pr_fence_release();
	ck_pr_store_ptr((void **)(void *)to, (void *)value);
#endif
}

/*
 * Replace *at by `to` if it holds *expected; else *expected is what it holds.
 * Release on success; the failing load is relaxed: nothing is read through it.
 */
SFP_ALWAYS_INLINE bool sfp_cas_release_word(uintptr_t *at, uintptr_t *expected, uintptr_t to)
{
#if SFP_ATOMIC_BUILTINS_
	return __atomic_compare_exchange_n(at, expected, to, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
#else
	void *seen;
	bool done;

	ck_pr_fence_release();
	done = ck_pr_cas_ptr_value((void *)at, (void *)*expected, (void *)to, (void *)&seen);
	*expected = (uintptr_t)seen;
	return done;
#endif
}

/* The same with acquire on success: for taking a lock. */
SFP_ALWAYS_INLINE bool sfp_cas_acquire_word(uintptr_t *at, uintptr_t *expected, uintptr_t to)
{
#if SFP_ATOMIC_BUILTINS_
	return __atomic_compare_exchange_n(at, expected, to, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
#else
	void *seen;
	bool done;

	done = ck_pr_cas_ptr_value((void *)at, (void *)*expected, (void *)to, (void *)&seen);
	*expected = (uintptr_t)seen;
	ck_pr_fence_lock();
	return done;
#endif
}

/*
 * Store `to`, return what was there; a full barrier: no access passes it in
 * either direction, a later load not even on machines that are otherwise
 * totally store ordered. Two parties that each exchange their own word and
 * then load the other's cannot both miss the other.
 */
SFP_ALWAYS_INLINE uintptr_t sfp_exchange_word(uintptr_t *at, uintptr_t to)
{
#if SFP_ATOMIC_BUILTINS_
	return __atomic_exchange_n(at, to, __ATOMIC_SEQ_CST);
#elif SFP_PORT_TSO
	return (uintptr_t)ck_pr_fas_ptr((void *)at, (void *)to); /* a locked instruction is the barrier */
#else
	uintptr_t before;

	ck_pr_fence_memory();
	before = (uintptr_t)ck_pr_fas_ptr((void *)at, (void *)to);
	ck_pr_fence_memory();
	return before;
#endif
}

/*
 * The same against this processor alone: its own interrupts, and threads that take turns on it. No bus
 * lock, so it costs what its instructions cost. Where there is no such instruction it is the ordinary one.
 */
SFP_ALWAYS_INLINE bool sfp_cas_local_word(uintptr_t *at, uintptr_t *expected, uintptr_t to)
{
#if (defined(__x86_64__) || defined(__i386__)) && !SFP_ATOMIC_BUILTINS_
	bool done;

	__asm__ __volatile__("cmpxchg %3, %0"
			     : "+m"(*at), "+a"(*expected), "=@ccz"(done)
			     : "r"(to)
			     : "memory");
	return done;
#else
	return sfp_cas_acquire_word(at, expected, to);
#endif
}

SFP_ALWAYS_INLINE void sfp_or_release_word(uintptr_t *at, uintptr_t bits)
{
#if SFP_ATOMIC_BUILTINS_
	(void)__atomic_fetch_or(at, bits, __ATOMIC_RELEASE);
#else
	ck_pr_fence_release();
	SFP_ATOMIC_WORD_(or)((void *)at, bits);
#endif
}

SFP_ALWAYS_INLINE void sfp_and_release_word(uintptr_t *at, uintptr_t bits)
{
#if SFP_ATOMIC_BUILTINS_
	(void)__atomic_fetch_and(at, bits, __ATOMIC_RELEASE);
#else
	ck_pr_fence_release();
	SFP_ATOMIC_WORD_(and)((void *)at, bits);
#endif
}

#endif /* SFP_ATOMIC_H */
