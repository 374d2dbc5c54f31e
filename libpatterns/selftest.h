/* SPDX-License-Identifier: BSD-2-Clause */
/* selftest: what the parts of the self-test share; private to libpatterns. */
#ifndef SFP_SELFTEST_PRIVATE_H
#define SFP_SELFTEST_PRIVATE_H

#include <sfp/guard.h>
#include <sfp/selftest.h>

/* What a host must offer before a check can be tried, and whether others can be without it; bits. */
enum {
	SELFTEST_TRAPS = 1,
	SELFTEST_UNMAPPED = 2,
	SELFTEST_INTERRUPTIBLE = 4,
	SELFTEST_INTERRUPT = 8,
	SELFTEST_THREAD = 16,
	SELFTEST_BASIC = 32 /* where it fails nothing more can be tried */
};

struct selftest_check {
	const char *subject;
	const char *claim;
	const char *(*check)(const struct sfp_selftest_host *host); /* NULL: it holds; else what was found */
	uint32_t needs;
};

/* Each ends with an entry without a check. */
extern const struct selftest_check sfp_selftest_port[];
extern const struct selftest_check sfp_selftest_gates[];
extern const struct selftest_check sfp_selftest_patterns[];
extern const struct selftest_check sfp_selftest_services[];

/* Leave the check, with what was found, unless `condition` holds. */
#define SELFTEST_THAT(condition, otherwise) \
	do { \
		if (!(condition)) \
			return (otherwise); \
	} while (0)

/* In gates, where there is a status to return: note what was found, and end with it. */
#define SELFTEST_IN_GATE(found, condition, otherwise) \
	do { \
		if (!(condition)) { \
			*(found) = (otherwise); \
			return SFP_OK; \
		} \
	} while (0)

#endif /* SFP_SELFTEST_PRIVATE_H */
