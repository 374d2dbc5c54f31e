/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proof: a claim that somebody has stopped for good, made where it is known.
 *
 * To take over from a consumer that may still run breaks every guarantee, and
 * no library can find out by itself whether another thread will run again.
 * The one who knows (a scheduler that reaped it, a supervisor that joined it,
 * whoever has just made the queue) says so, with the reason in words, which a
 * reader of the code and a trace can judge. Whoever makes the claim also makes
 * all that the dead one wrote visible to the caller (a join, a lock or a
 * barrier does).
 */
#ifndef SFP_PROOF_H
#define SFP_PROOF_H

/** Made only by SFP_PROOF. */
struct sfp_proof {
	const char *reason; /* in words; NULL is no proof */
};

/** `text` is a string literal: why there cannot be an older one that still runs. */
#define SFP_PROOF(text) ((struct sfp_proof){ .reason = "" text "" })

#endif /* SFP_PROOF_H */
