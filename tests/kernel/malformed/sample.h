/* SPDX-License-Identifier: BSD-2-Clause */
/* A sound module, as small as one can be; each malformed one adds or changes one thing. */
#include "nano/nano.h"

#ifndef SAMPLE_NAME
#define SAMPLE_NAME "sample"
#endif
#ifndef SAMPLE_SUMMARY
#define SAMPLE_SUMMARY "a module of the loader's tests"
#endif
#ifndef SAMPLE_LAYOUT
#define SAMPLE_LAYOUT SFP_LAYOUT
#endif
#ifndef SAMPLE_STATE
#define SAMPLE_STATE 64
#endif
#ifndef SAMPLE_CHECK
#define SAMPLE_CHECK sample_check
#endif
#ifndef SAMPLE_START
#define SAMPLE_START sample_start
#endif
#ifndef SAMPLE_POLL
#define SAMPLE_POLL sample_poll
#endif
#ifndef SAMPLE_OPERATION
#define SAMPLE_OPERATION sample_nothing
#endif
#ifndef SAMPLE_INTERFACE_NAME
#define SAMPLE_INTERFACE_NAME "sample"
#endif
#ifndef SAMPLE_COUNT
#define SAMPLE_COUNT 1
#endif
#ifndef SAMPLE_OPERATION_NAME
#define SAMPLE_OPERATION_NAME "nothing"
#endif

#ifndef SAMPLE_TAKEOVER
#define SAMPLE_TAKEOVER sample_start
#endif
#ifndef SAMPLE_USE
#define SAMPLE_USE .offset = 0, .when = NANO_LAZILY
#endif
#ifndef SAMPLE_USES
#define SAMPLE_USES { { .name = "used", .interface = &sample_used, SAMPLE_USE }, NANO_USES_END }
#endif
#ifndef SAMPLE_FIELDS
#define SAMPLE_FIELDS { { "count", 32, 8, NANO_AGGREGATE }, NANO_FIELDS_END }
#endif

static __attribute__((unused)) enum sfp_status sample_check(void *state)
{
	return state != NULL ? SFP_OK : SFP_INVALID;
}

static __attribute__((unused)) enum sfp_status sample_start(void *state)
{
	(void)state;
	nano_log("sample", "started");
	return SFP_OK;
}

static __attribute__((unused)) enum sfp_status sample_poll(void *state)
{
	(void)state;
	nano_wake();
	return SFP_EMPTY;
}

static __attribute__((unused)) enum sfp_status sample_nothing(void *state)
{
	(void)state;
	return SFP_OK;
}

#ifndef SAMPLE_NO_MODULE
static const struct sfp_iface_operation sample_descriptions[] = { { .name = SAMPLE_OPERATION_NAME } };
static const struct sfp_iface sample_interface = {
	.name = SAMPLE_INTERFACE_NAME, .version = 1, .count = SAMPLE_COUNT, .operations = sample_descriptions
};
static enum sfp_status (*const sample_operations[])(void *state) = { SAMPLE_OPERATION };
static const struct sfp_iface sample_used = { .name = "console", .version = 1 };
static const struct nano_use sample_uses[] = SAMPLE_USES;
static const struct nano_field sample_fields[] = SAMPLE_FIELDS;

extern const struct nano_module nano_module;
const struct nano_module nano_module = {
	.layout = SAMPLE_LAYOUT,
	.version = 1,
	.name = SAMPLE_NAME,
	.summary = SAMPLE_SUMMARY,
	.state_size = SAMPLE_STATE,
	.state_version = 1,
	.interface = &sample_interface,
	.operations = sample_operations,
	.start = SAMPLE_START,
	.check = SAMPLE_CHECK,
	.poll = SAMPLE_POLL,
	.takeover = SAMPLE_TAKEOVER,
	.uses = sample_uses,
	.fields = sample_fields,
};
#endif
