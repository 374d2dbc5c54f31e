/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loader: from the bytes of a relocatable object to a module that can run, or
 * to the reason why it never will.
 *
 * A module is one ELF64 x86-64 relocatable object: code, constants, one global
 * object `nano_module`, and imports from a list. Anything else is refused, and
 * what refuses it has a name and a sentence, so that the boot can say what was
 * wrong and go on without that module.
 *
 * Usage
 *   struct loader_plan plan;
 *   struct loader_report why;
 *
 *   if (loader_plan(file, size, &exports, &plan, &why) == SFP_OK)
 *           memory = pages(plan.image_bytes);               // writable for now, at `writable`
 *   if (loader_link(&plan, writable, plan.image_bytes, address, &why) == SFP_OK &&
 *       loader_module_check(&plan, writable, address, &why) == SFP_OK) {
 *           // map [address, + rodata_offset) execute, [+ rodata_offset, + image_bytes) read-only
 *           module = (const struct nano_module *)(address + plan.module_offset);
 *   }
 *   // on a failure: loader_report_text(&why, line, sizeof(line))
 *
 * The file is not trusted: every offset, size, index and string is checked
 * before it is used, and nothing is read through a pointer that came out of it.
 * It must stay in place and unchanged for as long as the plan is used, symbol
 * look-ups included. Nothing is allocated and no state is kept: all functions
 * may run at any time, on any number of plans at once. The time taken is
 * bounded by the limits below, whatever the bytes are.
 *
 * The image, page-aligned:
 *
 *   0            text_bytes        rodata_offset      + rodata_bytes   image_bytes
 *   | code        | int3 ...        | constants         | zeroes ...     |
 *   `------- map read + execute ----'`------ map read-only --------------'
 */
#ifndef NANO_LOADER_H
#define NANO_LOADER_H

#include "nano/nano.h"

#define LOADER_PAGE 4096u
#define LOADER_FILE_MAX (16u << 20)       /* bytes of an object, debug information included */
#define LOADER_IMAGE_MAX (4u << 20)       /* bytes that are loaded */
#define LOADER_SECTIONS_MAX 256u
#define LOADER_SYMBOLS_MAX 65536u
#define LOADER_RELOCATIONS_MAX 262144u    /* of the loaded sections, together */
#define LOADER_STATE_MAX (2u << 20)       /* bytes of state that a module may declare */
#define LOADER_USES_MAX 16u
#define LOADER_FIELDS_MAX 64u
#define LOADER_NAME_MAX 31u               /* characters of a module's or interface's name */
#define LOADER_SUMMARY_MAX 100u

/** The one list of reasons: name, the status that goes with it, a sentence for people. */
#define LOADER_REASON_LIST(X) \
	X(NONE, OK, "nothing is wrong with it") \
	X(EMPTY, MALFORMED, "the file is empty") \
	X(SHORT, MALFORMED, "the file ends inside its ELF header") \
	X(NOT_ELF, MALFORMED, "not an ELF file") \
	X(ARCHIVE, MALFORMED, "an archive of objects, not one object") \
	X(CLASS, UNSUPPORTED, "not a 64-bit ELF file") \
	X(BYTE_ORDER, UNSUPPORTED, "not a little-endian ELF file") \
	X(MACHINE, UNSUPPORTED, "built for another machine than x86-64") \
	X(SYSTEM, UNSUPPORTED, "built for another system's binary interface") \
	X(TYPE, UNSUPPORTED, "not a relocatable object") \
	X(HEADER, MALFORMED, "the ELF header contradicts itself") \
	X(TRUNCATED, MALFORMED, "part of it lies beyond the end of the file") \
	X(TOO_LARGE, LIMIT, "it is larger than a module may be") \
	X(SECTIONS, LIMIT, "it has more sections than a module may have") \
	X(SYMBOLS, LIMIT, "it has more symbols than a module may have") \
	X(RELOCATIONS, LIMIT, "it has more relocations than a module may have") \
	X(STRINGS, MALFORMED, "a string table or a name in it is broken") \
	X(FOREIGN, UNSUPPORTED, "a module of another kernel") \
	X(COMPRESSED, UNSUPPORTED, "a section is compressed") \
	X(ALIGNMENT, MALFORMED, "a section's alignment is no power of two up to a page") \
	X(THREAD_LOCAL, UNSUPPORTED, "it has thread-local storage") \
	X(CONSTRUCTOR, UNSUPPORTED, "it has constructors or destructors") \
	X(WRITABLE_CODE, UNSUPPORTED, "it has code that is writable") \
	X(WRITABLE_DATA, UNSUPPORTED, "it has writable static memory") \
	X(SECTION_KIND, UNSUPPORTED, "a section is of a kind that modules do not have") \
	X(SYMBOL_TABLE, MALFORMED, "its symbol table is missing or broken") \
	X(SYMBOL, MALFORMED, "a symbol is broken") \
	X(SYMBOL_KIND, UNSUPPORTED, "a symbol is of a kind that modules do not have") \
	X(COMMON, UNSUPPORTED, "it has a common symbol, which is writable static memory") \
	X(IMPORT, NOT_FOUND, "it imports what the nano-core does not offer") \
	X(DUPLICATE, EXISTS, "it defines a name a second time") \
	X(NO_MODULE, NOT_FOUND, "it does not define nano_module") \
	X(MODULE_SYMBOL, MALFORMED, "its nano_module is not a constant of the right size and alignment") \
	X(RELOCATION, MALFORMED, "a relocation is broken") \
	X(RELOCATION_KIND, UNSUPPORTED, "a relocation is of a kind that modules do not have") \
	X(RELOCATION_RANGE, LIMIT, "a relocation does not reach what it refers to") \
	X(PLACE, INVALID, "the memory offered for it is too small or not aligned to a page") \
	X(LAYOUT, UNSUPPORTED, "it was built with another layout of libpatterns' structures") \
	X(NAME, MALFORMED, "its name is not a short name in its constants") \
	X(SUMMARY, MALFORMED, "its summary is not one line of text in its constants") \
	X(STATE, LIMIT, "it declares more state than a module may have") \
	X(INTERFACE, MALFORMED, "its interface is broken") \
	X(OPERATION, MALFORMED, "an operation of its interface is not in its code") \
	X(USES, MALFORMED, "its list of uses is broken") \
	X(FIELDS, MALFORMED, "its list of fields is broken") \
	X(HOOK, MALFORMED, "its start, check, poll or takeover is not in its code, or check is missing")

#define LOADER_REASON_ENUM_(name, status, sentence) LOADER_##name,
enum loader_reason {
	LOADER_REASON_LIST(LOADER_REASON_ENUM_)
	LOADER_REASON_COUNT
};
#undef LOADER_REASON_ENUM_

/** Why a file was refused. Holds no reference to the file. */
struct loader_report {
	enum loader_reason reason;
	const char *sentence;       /* static text */
	char detail[64];            /* what it was about, as a section's or symbol's name; may be "" */
};

/** A name that modules may import. */
struct loader_export {
	const char *name;
	uintptr_t address;
};

struct loader_exports {
	const struct loader_export *list;
	size_t count;
};

/** What loader_plan() found out; only the first group is for others. */
struct loader_plan {
	size_t image_bytes;         /* a multiple of LOADER_PAGE; at most two pages more than the file */
	size_t text_bytes;          /* code in use, from 0 */
	size_t rodata_offset;       /* a multiple of LOADER_PAGE */
	size_t rodata_bytes;        /* constants in use, from rodata_offset */
	size_t module_offset;       /* of struct nano_module, in the constants */

	const unsigned char *file;
	size_t file_bytes;
	const struct loader_exports *exports;
	size_t sections_offset;     /* in the file */
	uint32_t section_count;
	uint32_t symbol_section;
	size_t names_offset;        /* of the sections' names, in the file */
	size_t names_bytes;
	size_t symbols_offset;      /* in the file */
	uint32_t symbol_count;
	uint32_t symbol_first_global;
	size_t strings_offset;      /* of the symbols' names, in the file */
	size_t strings_bytes;
	uint32_t section_base[LOADER_SECTIONS_MAX]; /* in the image; LOADER_NOT_LOADED */
};

#define LOADER_NOT_LOADED UINT32_MAX

/**
 * Check the whole file and lay out its image.
 * @context any   @progress wait-free, bounded by the limits   @order none
 * @owner   nothing changes hands   @retains *plan keeps file and exports
 * @cost    linear in symbols times exports, plus relocations
 * @return  OK; else *report says why, the status is its reason's, and *plan is of no use
 */
enum sfp_status loader_plan(const void *file, size_t size, const struct loader_exports *exports,
			    struct loader_plan *plan, struct loader_report *report) SFP_NODISCARD;

/**
 * Fill `target`, of `target_bytes`, with the image as it must be at `address`.
 * Writes the first plan->image_bytes of target and nothing else; on a failure
 * they hold nothing that may run.
 * @context any   @progress wait-free, bounded by the limits   @order none
 * @owner   target is the caller's   @retains nothing   @cost a copy, plus the relocations
 * @return  OK; INVALID (reason PLACE); LIMIT (reason RELOCATION_RANGE: too far from the exports)
 */
enum sfp_status loader_link(const struct loader_plan *plan, void *target, size_t target_bytes,
			    uintptr_t address, struct loader_report *report) SFP_NODISCARD;

/**
 * Is the linked struct nano_module sound? The layout stamp is the nano-core's,
 * every pointer leads where it must inside the module's own image, every string
 * and list ends there. Each is checked by its offset before it is looked at.
 * Lists may be NULL (none); an interface has at least one operation, and none of
 * them is missing.
 * @context any   @progress wait-free   @order none
 * @owner   image is where loader_link() wrote it   @retains nothing   @cost some hundred loads
 * @return  OK: the caller may use it without further checks; else *report says why
 */
enum sfp_status loader_module_check(const struct loader_plan *plan, const void *image, uintptr_t address,
				    struct loader_report *report) SFP_NODISCARD;

/**
 * The named function or object that `offset` in the image lies in or, failing
 * that, the nearest before it in the same section.
 * @context any, traps included   @progress wait-free   @order none
 * @owner   *name points into the file   @retains nothing   @cost linear in the symbols
 * @return  OK; NOT_FOUND
 */
enum sfp_status loader_symbol_at(const struct loader_plan *plan, size_t offset, const char **name,
				 size_t *displacement) SFP_NODISCARD;

/**
 * Where in the image the function or object of that name begins; local ones too.
 * The global one if there is one, else the first of that name. It is code if
 * *offset < plan->text_bytes.
 * @context any   @progress wait-free   @order none
 * @owner   nothing   @retains nothing   @cost linear in the symbols
 * @return  OK; NOT_FOUND
 */
enum sfp_status loader_symbol_find(const struct loader_plan *plan, const char *name,
				   size_t *offset) SFP_NODISCARD;

/**
 * The byte of the file that is at `offset` of the image, as it was before relocation.
 * @context any, traps included   @progress wait-free   @order none
 * @owner   nothing   @retains nothing   @cost linear in the sections
 * @return  OK; NOT_FOUND: none is
 */
enum sfp_status loader_file_byte(const struct loader_plan *plan, size_t offset, uint8_t *byte);

/**
 * "it has writable static memory: .bss", always ended by a NUL if size > 0.
 * @context any   @progress wait-free   @order none
 * @owner   nothing   @retains nothing   @cost a copy   @return cannot fail
 */
void loader_report_text(const struct loader_report *report, char *text, size_t size);

/**
 * The reason as it is written in C, without the prefix: "WRITABLE_DATA".
 * @context any   @progress wait-free   @order none
 * @owner   static text   @retains nothing   @cost a load   @return never NULL
 */
const char *loader_reason_name(enum loader_reason reason);

#endif /* NANO_LOADER_H */
