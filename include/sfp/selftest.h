/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * selftest: does this port keep the contract, and does each pattern work on it?
 *
 * Overview
 *   Most of what a port gets wrong does not show where it is wrong: a context
 *   that the enumeration misses is found months later, as a record that was
 *   freed while somebody called through it. So the contract of <sfp/port.h> is
 *   checked here item by item, and then the basic promise of every pattern, on
 *   the new host itself: at boot, or as a command. Each check is one sentence;
 *   one that fails says what was found instead.
 *
 *   Not for: proving a pattern correct (that is what this project's own tests
 *   do), races between processors, or weak memory: a fence that is missing is
 *   seen in the disassembly, not in a run.
 *
 * Usage
 *   static void tell(void *console, const struct sfp_selftest_line *line)
 *   {
 *           if (line->outcome != SFP_SELFTEST_HOLDS)
 *                   print(console, "%s: %s: %s\n", line->subject, line->claim, line->found);
 *   }
 *
 *   const struct sfp_selftest_host host = {
 *           .report = tell, .to = console,
 *           .traps = true,                       // this port delivers traps: try it
 *           .unmapped = 8,                       // a load from here traps
 *   };
 *   st = sfp_selftest(&host);                    // SFP_OK: everything that was checked holds
 *
 * Concurrency
 *   Runs in one thread, outside of any section, with interrupts as they usually
 *   are. Others may run meanwhile. Everything that it needs is on its stack:
 *   about 2 KiB. A check that never returns is the one after the last that was
 *   reported.
 *
 * Why it is in this order
 *   Gates trust the port's contexts, and patterns trust gates. So where a check
 *   of the port fails, gates and patterns are not tried but told as left out:
 *   they could only end in a panic. The same for patterns where gates fail.
 */
#ifndef SFP_SELFTEST_H
#define SFP_SELFTEST_H

#include <sfp/port.h>
#include <sfp/status.h>

/** How a check came out. */
enum sfp_selftest_outcome {
	SFP_SELFTEST_HOLDS,
	SFP_SELFTEST_FAILS,
	SFP_SELFTEST_LEFT_OUT
};

/** A check. Static texts. */
struct sfp_selftest_line {
	enum sfp_selftest_outcome outcome; /* of this check */
	const char *subject; /* "context", "dfq" ... */
	const char *claim;   /* what should hold, a sentence */
	const char *found;   /* FAILS: what holds instead. LEFT_OUT: why. HOLDS: NULL */
};

/** What this host can do for the test. Zeroed members: what needs them is left out, and told. */
struct sfp_selftest_host {
	/** Called once a check, in the order of the checks. NULL: only the status counts. */
	void (*report)(void *to, const struct sfp_selftest_line *line);
	void *to; /* report gets it */

	/** The trap handler calls sfp_fault_deliver(): an undefined instruction may be tried. */
	bool traps;

	/** An address at which a load traps; 0: none is known. Needs `traps`. */
	uintptr_t unmapped;

	/** Could an interrupt come to this processor now? */
	bool (*interruptible)(void);

	/**
	 * Have handler(argument) run as an interrupt of this processor, once, as soon as one can come.
	 * NULL: forget what was asked for, if it has not come; it must not run any more.
	 */
	void (*interrupt)(void (*handler)(void *argument), void *argument);

	/** Run body(argument) in a thread of its own, and return when it has ended. false: it could not. */
	bool (*thread)(void (*body)(void *argument), void *argument);
};

/**
 * Check the port, gates, and the patterns; report each check.
 * @context a thread, with interrupts as usual
 * @progress wait-free, but for what the host's own functions do   @order none
 * @owner   *host stays the caller's   @retains nothing   @cost under a millisecond, and the reports
 * @return  SFP_OK: nothing that was checked fails; SFP_INVALID: something does; SFP_UNSUPPORTED: no host
 */
enum sfp_status sfp_selftest(const struct sfp_selftest_host *host) SFP_NODISCARD;

#endif /* SFP_SELFTEST_H */
