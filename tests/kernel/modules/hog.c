/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hog: keeps the processor from everybody else's poll while input arrives. Its
 * check is the trigger; it lets go when the keyboard has read KEY_BYTES more
 * bytes, or when the serial line was held.
 */
#include "keyboard.h"
#include "nano/nano.h"
#include "serial.h"

#define KEY_BYTES 800u
#define MORE_BYTES 8u       /* says so after each as many: the keyboard's own buffer is small */
#define AFTER_HELD 1000000u /* turns: time for more to arrive, if the line were not held */

struct hog_state {
	struct keyboard_ref keyboard;
	struct serial_ref serial;
	bool wanted;
};

static uint64_t bytes(struct hog_state *state)
{
	struct keyboard_counts counts;

	return keyboard_counts(&state->keyboard, &counts) == SFP_OK ? counts.bytes : 0;
}

static uint64_t held(struct hog_state *state)
{
	struct serial_counts counts;

	return serial_counts(&state->serial, &counts) == SFP_OK ? counts.held : 0;
}

static void keep_busy(struct hog_state *state)
{
	const uint64_t bytes_before = bytes(state);
	const uint64_t held_before = held(state);
	uint64_t told = 0;

	while (told < KEY_BYTES && held(state) == held_before) {
		if (bytes(state) - bytes_before - told >= MORE_BYTES) {
			told += MORE_BYTES;
			nano_log("hog", "more");
		}
		sfp_port_relax();
	}
	for (unsigned i = 0; held(state) != held_before && i < AFTER_HELD; i++)
		sfp_port_relax();
}

static enum sfp_status poll(struct hog_state *state)
{
	if (!state->wanted)
		return SFP_EMPTY;
	state->wanted = false;
	nano_log("hog", "begins");
	keep_busy(state);
	nano_log("hog", "ends");
	return SFP_OK;
}

static enum sfp_status check(struct hog_state *state)
{
	state->wanted = true;
	nano_wake();
	return SFP_OK;
}

NANO_HOOK(hog, check, check)
NANO_HOOK(hog, poll, poll)

static const struct nano_use uses[] = {
	NANO_USE(hog, keyboard, keyboard, NANO_LAZILY),
	NANO_USE(hog, serial, serial, NANO_LAZILY),
	NANO_USES_END
};

NANO_MODULE(hog,
	.version = 1,
	.summary = "keeps the processor to itself while input arrives",
	.state_size = sizeof(struct hog_state),
	.state_version = 1,
	.uses = uses,
	.check = hog_check_hook_,
	.poll = hog_poll_hook_,
);
