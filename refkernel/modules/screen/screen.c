/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * screen: owns VGA's text memory and its cursor. Retains where the next character
 * goes; the characters are in the device, and what the device is like is asked
 * anew at each call. Called by the console.
 */
#include "screen.h"

#include <sfp/lock.h>

#define CRTC_INDEX 0x3d4
#define CRTC_DATA 0x3d5
#define CRTC_CURSOR_FIRST 0x0a      /* scan lines of a character that the cursor fills */
#define CRTC_CURSOR_LAST 0x0b
#define CRTC_START 0x0c             /* the cell that is shown first; high byte, then low */
#define CRTC_CURSOR 0x0e            /* the cursor's cell, likewise */

#define CELL_BYTES 2u
#define CELLS_A_WORD 4u             /* moved at once: each access to the device is slow */
#define WINDOW_BYTES 0x8000u        /* of text memory that the device has */

#define BLANK 0x0720u               /* grey on black */
#define COLOURS 0x0700u
#define BLANKS (BLANK * 0x0001000100010001ul)
#define BOX 0xfeu
#define TAB 8u

struct screen_state {
	struct sfp_lock lock;       /* of the place and the device */
	uint32_t row;
	uint32_t column;            /* the screen's width: past a full line, and the next character wraps */
};

/* What one call works with. */
struct page {
	volatile uint16_t *cells;
	uint32_t width, height;
	uint32_t row, column;
};

/* ---- the device ------------------------------------------------------------ */

static uint32_t crtc_read(uint8_t index)
{
	uint32_t value;

	nano_out8(CRTC_INDEX, index);
	value = (uint32_t)nano_in8(CRTC_DATA) << 8;
	nano_out8(CRTC_INDEX, (uint8_t)(index + 1));
	return value | nano_in8(CRTC_DATA);
}

static void crtc_write(uint8_t index, uint32_t value)
{
	nano_out8(CRTC_INDEX, index);
	nano_out8(CRTC_DATA, (uint8_t)(value >> 8));
	nano_out8(CRTC_INDEX, (uint8_t)(index + 1));
	nano_out8(CRTC_DATA, (uint8_t)value);
}

static bool is_usable(const struct nano_screen *screen)
{
	return screen->kind == NANO_SCREEN_TEXT && screen->width > 0 && screen->height > 0 &&
	       screen->width % CELLS_A_WORD == 0 && screen->pitch == screen->width * CELL_BYTES &&
	       screen->height <= WINDOW_BYTES / screen->pitch;
}

static enum sfp_status open(const struct screen_state *state, struct page *page)
{
	struct nano_screen screen;
	volatile void *at;

	if (nano_screen(&screen) != SFP_OK || !is_usable(&screen))
		return SFP_UNSUPPORTED;
	SFP_TRY(nano_device_map(screen.physical, (size_t)screen.pitch * screen.height, &at));
	*page = (struct page){ .cells = at, .width = screen.width, .height = screen.height,
			       .row = state->row, .column = state->column };
	return page->row < page->height && page->column <= page->width ? SFP_OK : SFP_INVALID;
}

/* Past a full line the device's cursor stays on its last cell. */
static uint32_t cursor_of(const struct page *page)
{
	const uint32_t last = page->width - 1;

	return page->row * page->width + (page->column < last ? page->column : last);
}

/* ---- what is shown ------------------------------------------------------------ */

static void wipe(const struct page *page, uint32_t from_row)
{
	volatile uint64_t *const words = (volatile uint64_t *)(volatile void *)page->cells;
	const uint32_t a_row = page->width / CELLS_A_WORD;

	for (uint32_t i = from_row * a_row; i < page->height * a_row; i++)
		words[i] = BLANKS;
}

static void scroll(const struct page *page)
{
	volatile uint64_t *const words = (volatile uint64_t *)(volatile void *)page->cells;
	const uint32_t a_row = page->width / CELLS_A_WORD;

	for (uint32_t i = 0; i < (page->height - 1) * a_row; i++)
		words[i] = words[i + a_row];
	wipe(page, page->height - 1);
}

static void go_down(struct page *page)
{
	if (page->row + 1 < page->height)
		page->row++;
	else
		scroll(page);
}

static void go_back(struct page *page)
{
	if (page->column > 0) {
		page->column--;
	} else if (page->row > 0) {
		page->row--;
		page->column = page->width - 1;
	}
}

static void go_to_tab(struct page *page)
{
	const uint32_t column = (page->column / TAB + 1) * TAB;

	if (column < page->width)
		page->column = column;
	else if (page->column < page->width)
		page->column = page->width - 1;
}

/* Wraps before the character, not after: a full line that ends is followed by no empty one. */
static void show(struct page *page, uint8_t glyph)
{
	if (page->column == page->width) {
		page->column = 0;
		go_down(page);
	}
	page->cells[cursor_of(page)] = (uint16_t)(COLOURS | glyph);
	page->column++;
}

static void apply(struct page *page, char c)
{
	switch (c) {
	case '\r':
		page->column = 0;
		break;
	case '\n':
		go_down(page);
		break;
	case '\b':
		go_back(page);
		break;
	case '\t':
		go_to_tab(page);
		break;
	default:
		if (c >= ' ' && c <= '~')
			show(page, (uint8_t)c);
		else if ((uint8_t)c >= 0x80)
			show(page, BOX);
	}
}

/* The place is kept once the text stands: a trap half way leaves the old one, and that is sound. */
static void write_page(struct screen_state *state, struct page *page, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		apply(page, text[i]);
	state->row = page->row;
	state->column = page->column;
	crtc_write(CRTC_CURSOR, cursor_of(page));
}

static enum sfp_status serve_write(struct screen_state *state, const char *text, size_t length)
{
	struct sfp_lock_guard held;
	struct page page;
	enum sfp_status status;

	SFP_TRY(sfp_lock_acquire(&state->lock, &held));
	status = open(state, &page);
	if (status == SFP_OK)
		write_page(state, &page, text, length);
	sfp_lock_release(&held);
	return status;
}

/* ---- the module ------------------------------------------------------------------ */

static void show_cursor(void)
{
	nano_out8(CRTC_INDEX, CRTC_CURSOR_FIRST);
	nano_out8(CRTC_DATA, 13);
	nano_out8(CRTC_INDEX, CRTC_CURSOR_LAST);
	nano_out8(CRTC_DATA, 14);
}

static enum sfp_status start(struct screen_state *state)
{
	struct page page;
	const enum sfp_status status = open(state, &page);

	if (status == SFP_UNSUPPORTED)
		nano_log("screen", "there is no text mode; the console has the serial line alone");
	SFP_TRY(status);
	wipe(&page, 0);
	crtc_write(CRTC_START, 0);
	show_cursor();
	crtc_write(CRTC_CURSOR, cursor_of(&page));
	return SFP_OK;
}

/* The place is on the screen, and the device shows the cursor there. */
static enum sfp_status check(struct screen_state *state)
{
	struct page page;

	SFP_TRY(open(state, &page));
	NANO_HOLDS(crtc_read(CRTC_CURSOR) == cursor_of(&page), "the device's cursor is where the next character goes");
	NANO_HOLDS(crtc_read(CRTC_START) == 0, "the device shows its memory from the beginning");
	return SFP_OK;
}

SFP_PROVIDER(serve, struct screen_state, screen, SCREEN_OPS);
NANO_HOOK(screen, start, start)
NANO_HOOK(screen, check, check)
NANO_HOOK(screen, takeover, check)

static const struct nano_field fields[] = {
	NANO_FIELD(screen, row, NANO_AGGREGATE), /* where all output together has come to: the device's */
	NANO_FIELD(screen, column, NANO_AGGREGATE), /* the same */
	NANO_FIELDS_END
};

NANO_MODULE(screen,
	.version = 1,
	.summary = "VGA's text mode",
	.state_size = sizeof(struct screen_state),
	.state_version = 1,
	.fields = fields,
	NANO_OFFERS(serve, screen),
	.start = screen_start_hook_,
	.check = screen_check_hook_,
	.takeover = screen_takeover_hook_, /* the device shows all that there is to know */
);
