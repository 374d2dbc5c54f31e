/* SPDX-License-Identifier: BSD-2-Clause */
/* status: names and sentences, made from the one list. */
#include <sfp/port.h>
#include <sfp/status.h>

struct entry {
	const char *name;
	const char *text;
};

/* Statuses are 0, -1, -2 ...: the negated value is the index. */
#define ENTRY(status_name, value, sentence) [-(value)] = { .name = #status_name, .text = sentence },
static const struct entry entries[] = { SFP_STATUS_LIST(ENTRY) };
#undef ENTRY

static const struct entry no_status = { .name = "?", .text = "This value is not a status." };

static const struct entry *entry_of(enum sfp_status status)
{
	const int value = (int)status;

	if (value > 0 || value <= -(int)(sizeof(entries) / sizeof(entries[0])))
		return &no_status;
	return &entries[-value];
}

const char *sfp_status_text(enum sfp_status status)
{
	return entry_of(status)->text;
}

const char *sfp_status_name(enum sfp_status status)
{
	return entry_of(status)->name;
}
