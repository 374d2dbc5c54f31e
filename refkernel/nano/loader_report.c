/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loader_report: why a file was refused, in words. Details are copied out of
 * files that nobody vouches for, so they are bounded and only show what prints.
 */
#include "nano/loader_file.h"

#define LOADER_REASON_SENTENCE_(name, status, sentence) sentence,
#define LOADER_REASON_STATUS_(name, status, sentence) SFP_##status,
#define LOADER_REASON_NAME_(name, status, sentence) #name,

static const char *const sentences[] = { LOADER_REASON_LIST(LOADER_REASON_SENTENCE_) };
static const enum sfp_status statuses[] = { LOADER_REASON_LIST(LOADER_REASON_STATUS_) };
static const char *const names[] = { LOADER_REASON_LIST(LOADER_REASON_NAME_) };

/* Append text at `used`, which stays below size; returns the new end. */
static size_t append(char *to, size_t size, size_t used, const char *text)
{
	for (; *text != '\0' && used + 1 < size; text++)
		to[used++] = *text >= ' ' && *text <= '~' ? *text : '?';
	if (used < size)
		to[used] = '\0';
	return used;
}

static size_t append_number(char *to, size_t size, size_t used, uint64_t number)
{
	char digits[21];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	return append(to, size, used, &digits[at]);
}

enum sfp_status loader_refuse(struct loader_report *report, enum loader_reason reason, const char *detail)
{
	report->reason = reason;
	report->sentence = sentences[reason];
	(void)append(report->detail, sizeof(report->detail), 0, detail);
	return statuses[reason];
}

enum sfp_status loader_refuse_number(struct loader_report *report, enum loader_reason reason,
				     const char *prefix, uint64_t number)
{
	const enum sfp_status status = loader_refuse(report, reason, prefix);
	size_t used = 0;

	while (report->detail[used] != '\0')
		used++;
	(void)append_number(report->detail, sizeof(report->detail), used, number);
	return status;
}

enum sfp_status loader_refuse_section(struct loader_report *report, enum loader_reason reason,
				      const struct loader_plan *plan, uint32_t index)
{
	struct elf_section section;

	loader_section(plan, index, &section);
	if (section.name < plan->names_bytes && *loader_section_name(plan, &section) != '\0')
		return loader_refuse(report, reason, loader_section_name(plan, &section));
	return loader_refuse_number(report, reason, "section ", index);
}

enum sfp_status loader_refuse_symbol(struct loader_report *report, enum loader_reason reason,
				     const struct loader_plan *plan, uint32_t index)
{
	struct elf_symbol symbol;

	loader_symbol(plan, index, &symbol);
	if (symbol.name < plan->strings_bytes && *loader_symbol_name(plan, &symbol) != '\0')
		return loader_refuse(report, reason, loader_symbol_name(plan, &symbol));
	return loader_refuse_number(report, reason, "symbol ", index);
}

void loader_report_text(const struct loader_report *report, char *text, size_t size)
{
	size_t used = append(text, size, 0, report->sentence);

	if (report->detail[0] != '\0') {
		used = append(text, size, used, ": ");
		(void)append(text, size, used, report->detail);
	}
}

const char *loader_reason_name(enum loader_reason reason)
{
	return (unsigned)reason < LOADER_REASON_COUNT ? names[reason] : "?";
}
