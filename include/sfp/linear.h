/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * linear: what clang's thread-safety analysis is told about things that are
 * held, and must be let go of exactly once.
 *
 * Overview
 *   A holding is a local variable: a guard of a monitor, a handle that owns
 *   something. The analysis follows it through every branch of a function: who
 *   uses it without having it, lets go of it twice, or leaves the function with
 *   it by a forgotten return, is told at compile time. It costs nothing in the
 *   program. It is asked for by -Wthread-safety and believed from clang 19 on:
 *   older ones see ghosts. Other compilers see nothing; there the run-time
 *   checks of the patterns remain.
 *
 *   The analysis does not look into conditions: what acquires is taken to
 *   acquire whatever its status says. So the rule for holdings is that they are
 *   let go of on every path, also after a status that is not SFP_OK.
 *
 * Usage
 *   struct SFP_CAPABILITY("parcel") parcel { ... };
 *   enum sfp_status parcel_take(struct parcel *parcel) SFP_ACQUIRES(*parcel);
 *   enum sfp_status parcel_send(struct parcel *parcel) SFP_RELEASES(*parcel);
 */
#ifndef SFP_LINEAR_H
#define SFP_LINEAR_H

#if defined(__clang__) && __clang_major__ >= 19
#define SFP_LINEAR_(...) __attribute__((__VA_ARGS__))
#else
#define SFP_LINEAR_(...)
#endif

/** A struct whose variables are holdings; `text` is how reports call one. */
#define SFP_CAPABILITY(text) SFP_LINEAR_(capability(text))

/** After the parameters of a declaration: not held before the call, held after it. */
#define SFP_ACQUIRES(what) SFP_LINEAR_(acquire_capability(what))

/** Held before the call, not held after it. */
#define SFP_RELEASES(what) SFP_LINEAR_(release_capability(what))

/** Held before the call, and after it. */
#define SFP_REQUIRES(what) SFP_LINEAR_(requires_capability(what))

/** Before a definition: it is where holdings are made, and is not analysed. */
#define SFP_UNCHECKED SFP_LINEAR_(no_thread_safety_analysis)

#endif /* SFP_LINEAR_H */
