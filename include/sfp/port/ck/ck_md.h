/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ck_md.h for every machine: what Concurrency Kit wants to know of the target.
 *
 * CK's own ck_md.h is made when CK is configured, for the machine it is
 * configured on. Debian installs the one of x86, which says that stores stay
 * in order, also where its cross compilers find it: on a weakly ordered
 * machine the fences would vanish without a word. Put this directory before
 * the system's headers when you compile for such a machine:
 *
 *   aarch64-linux-gnu-gcc -Iinclude/sfp/port/ck -Iinclude ...
 */
#ifndef CK_MD_H
#define CK_MD_H

/* The order of memory accesses: TSO where only a later load passes an earlier store, else RMO. */
#if defined(__x86_64__) || defined(__i386__) || defined(__s390x__)
#define CK_MD_TSO 1
#else
#define CK_MD_RMO 1
#endif

#ifndef CK_MD_CACHELINE
#define CK_MD_CACHELINE 64
#endif
#ifndef CK_MD_PAGESIZE
#define CK_MD_PAGESIZE 4096
#endif

/* Nothing that needs instructions, registers or address bits beyond the base machine. */
#define CK_MD_RTM_DISABLE 1
#define CK_MD_LSE_DISABLE 1
#define CK_MD_SSE_DISABLE 1
#define CK_MD_POINTER_PACK_DISABLE 1
#define CK_MD_PPC32_LWSYNC_DISABLE 1

#endif /* CK_MD_H */
