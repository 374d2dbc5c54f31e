/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * offered: commands that are other modules. Who offers one is asked anew each time, so that none has
 * to be known here, and nothing is kept of any.
 */
#include "command.h"
#include "shell.h"

#include "lib/text.h"

/* NULL: the module at `index` offers no command. */
static const char *command_of(unsigned index)
{
	struct nano_iface_info info;

	if (nano_iface_info(index, &info) != SFP_OK || !text_equal(info.interface, command_interface.name))
		return NULL;
	return info.provider;
}

enum sfp_status shell_run_offered(struct shell_state *state, const char *name, size_t length, const char *arguments)
{
	struct nano_module_info module;
	enum sfp_status status;

	for (unsigned i = 0; nano_module_info(i, &module) == SFP_OK; i++) {
		const char *const provider = command_of(i);
		struct command_ref command = SFP_REF(nano_realm(), provider); /* no longer than it takes */

		if (provider == NULL || text_length(provider) != length || !text_begins(name, provider))
			continue;
		status = command_run(&command, arguments);
		if (status != SFP_OK)
			shell_say(state, "%s: %s\n", provider, sfp_status_text(status));
		return SFP_OK;
	}
	return SFP_NOT_FOUND;
}

void shell_help_offered(struct shell_state *state)
{
	struct nano_module_info module;

	for (unsigned i = 0; nano_module_info(i, &module) == SFP_OK; i++) {
		if (command_of(i) != NULL)
			shell_say(state, "  %-26s %s\n", module.name, module.summary);
	}
}
