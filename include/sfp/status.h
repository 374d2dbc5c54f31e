/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * status: errors are values.
 *
 * Overview
 *   Every public function of libpatterns returns an `enum sfp_status` or
 *   cannot fail. Zero is fine, negative is not, nothing else exists. A status
 *   says what the caller can do next: wait (EMPTY, AGAIN, BUSY, RUNNING), give
 *   up on this object (STALE, GONE, FORGED), mend the call (INVALID, LIMIT) or
 *   mend the world (FAULT, POISONED). Errors that are values keep no state
 *   behind: there is no errno, no "last error" and no handler to unregister.
 *
 * Usage
 *   enum sfp_status copy_event(struct keyq *from, struct keyq *to)
 *   {
 *           SFP_TRY(keyq_enqueue(to, &event));      // returns early
 *           return SFP_OK;
 *   }
 *
 *   Dropping a status does not compile where warnings are errors: every
 *   function that returns one is SFP_NODISCARD. Where a status is truly of no
 *   interest say so: SFP_IGNORE(expr, "why").
 */
#ifndef SFP_STATUS_H
#define SFP_STATUS_H

/** The one list: name, value, a sentence for people. Values never change. */
#define SFP_STATUS_LIST(X) \
	X(OK, 0, "The operation did all that was asked.") \
	X(EMPTY, -1, "There is nothing there now; something may come later.") \
	X(AGAIN, -2, "Not finished or not ready yet; the same call can succeed later.") \
	X(BUSY, -3, "Somebody else is using it; it becomes free without further help.") \
	X(STALE, -4, "The reference is older than what it refers to.") \
	X(FORGED, -5, "The bytes are not what was sealed.") \
	X(FAULT, -6, "The called code faulted; its guards have run and its effects are undone or told.") \
	X(GONE, -7, "The other side has ended and will not come back under this reference.") \
	X(INVALID, -8, "An argument or the state of the object does not allow this operation.") \
	X(LIMIT, -9, "A declared limit is reached.") \
	X(RUNNING, -10, "It is still executing; it will not be entered anew.") \
	X(POISONED, -11, "A fault left the data in doubt; it must be repaired first.") \
	X(NOT_FOUND, -12, "Nothing of that name exists.") \
	X(EXISTS, -13, "Something of that name exists already.") \
	X(NO_MEMORY, -14, "There is not enough memory for it.") \
	X(UNSUPPORTED, -15, "This machine or this build cannot do it.") \
	X(DEADLOCK, -16, "Waiting would never end: the caller itself holds what it asks for.") \
	X(MALFORMED, -17, "The input does not have the form that its kind prescribes.")

#define SFP_STATUS_ENUM_(name, value, text) SFP_##name = value,
/** The outcome of an operation: 0 is fine, negative is not. SFP_STATUS_LIST says what each value means. */
enum sfp_status {
	SFP_STATUS_LIST(SFP_STATUS_ENUM_)
};
#undef SFP_STATUS_ENUM_

/** Before or after a declaration: to drop what the function returns does not compile. */
#define SFP_NODISCARD __attribute__((warn_unused_result))

/** Return early from the enclosing function if expr is not SFP_OK. */
#define SFP_TRY(expr) \
	do { \
		const enum sfp_status sfp_try_ = (expr); \
		if (__builtin_expect(sfp_try_ != 0, 0)) \
			return sfp_try_; \
	} while (0)

/** Drop a status on purpose; `why` is a string literal for the reader. */
#define SFP_IGNORE(expr, why) \
	do { \
		const enum sfp_status sfp_ignored_ = (expr); \
		(void)sfp_ignored_; \
		(void)("" why ""); \
	} while (0)

/**
 * The sentence that belongs to a status.
 * @context any, interrupts included   @progress wait-free   @order none
 * @owner   the text is static and lives for ever   @retains nothing
 * @cost    a bounds check and a load
 * @return  never NULL; a sentence that says so for a value that is no status
 */
const char *sfp_status_text(enum sfp_status status);

/**
 * The name of a status as it is written in C, without the prefix: "AGAIN".
 * @context any, interrupts included   @progress wait-free   @order none
 * @owner   the text is static and lives for ever   @retains nothing
 * @cost    a bounds check and a load
 * @return  never NULL; "?" for a value that is no status
 */
const char *sfp_status_name(enum sfp_status status);

#endif /* SFP_STATUS_H */
