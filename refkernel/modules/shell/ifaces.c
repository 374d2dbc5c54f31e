/* SPDX-License-Identifier: BSD-2-Clause */
/* ifaces: the command that shows who offers what, and who is bound to whom; in words, or as a graph. */
#include "shell.h"

#include "lib/text.h"

static const char *phase_text(enum sfp_iface_phase phase)
{
	switch (phase) {
	case SFP_IFACE_OFFERED:
		return "not started";
	case SFP_IFACE_OPEN:
		return "open";
	case SFP_IFACE_CLOSED:
		return "closed";
	case SFP_IFACE_LEAVING:
		break;
	}
	return "gone";
}

/* ---- in words ---------------------------------------------------------------- */

static void say_offers(struct shell_state *state)
{
	struct nano_iface_info info;
	enum sfp_status status;

	shell_say(state, "interface    version offered by    operations  phase\n");
	for (unsigned i = 0; (status = nano_iface_info(i, &info)) != SFP_NOT_FOUND; i++) {
		if (status == SFP_OK)
			shell_say(state, "%-12s %7u %-13s %10u  %s\n", info.interface, info.version, info.provider,
				  info.operations, phase_text(info.phase));
	}
}

static void say_use(struct shell_state *state, const struct nano_use_info *use)
{
	char bound[48] = "nobody yet";

	if (use->provider != NULL)
		text_format(bound, sizeof(bound), "%s %u", use->provider, use->provider_version);
	shell_say(state, "%-12s %-12s %7u %-13s %s\n", use->holder, use->interface, use->version,
		  use->when == NANO_FIRST ? "at its start" : "when called", bound);
}

static void say_uses(struct shell_state *state)
{
	struct nano_use_info use;

	shell_say(state, "module       uses         version needed        bound to\n");
	for (unsigned i = 0; nano_use_info(i, 0, &use) != SFP_NOT_FOUND; i++) {
		for (unsigned k = 0; nano_use_info(i, k, &use) == SFP_OK; k++)
			say_use(state, &use);
	}
}

/* ---- as a graph ----------------------------------------------------------------- */

/* The module that would serve what is not bound yet; NULL: nobody. */
static const char *would_serve(const struct nano_use_info *use)
{
	struct nano_iface_info info;
	enum sfp_status status;

	if (use->wanted != NULL)
		return use->wanted;
	for (unsigned i = 0; (status = nano_iface_info(i, &info)) != SFP_NOT_FOUND; i++) {
		if (status == SFP_OK && text_equal(info.interface, use->interface))
			return info.provider;
	}
	return NULL;
}

static void draw_use(struct shell_state *state, const struct nano_use_info *use)
{
	const char *provider = use->provider != NULL ? use->provider : would_serve(use);

	if (provider != NULL)
		shell_say(state, "\t\"%s\" -> \"%s\" [label=\"%s %u\"%s]\n", use->holder, provider, use->interface,
			  use->version, use->provider != NULL ? "" : ", style=dashed");
}

static void draw(struct shell_state *state)
{
	struct nano_module_info module;
	struct nano_use_info use;

	shell_say(state, "digraph ifaces {\n\tnode [shape=box]\n");
	for (unsigned i = 0; nano_module_info(i, &module) == SFP_OK; i++) {
		if (module.refused)
			continue;
		shell_say(state, "\t\"%s\"%s\n", module.name,
			  module.phase == NANO_STARTED ? "" : " [style=dashed]");
		for (unsigned k = 0; nano_use_info(i, k, &use) == SFP_OK; k++)
			draw_use(state, &use);
	}
	shell_say(state, "}\n");
}

enum sfp_status shell_ifaces(struct shell_state *state, char *arguments)
{
	char *word[1];

	SFP_TRY(shell_words(arguments, word, 0, 1));
	if (word[0] != NULL && !text_equal(word[0], "--dot"))
		return SFP_MALFORMED;
	if (word[0] != NULL) {
		draw(state);
		return SFP_OK;
	}
	say_offers(state);
	say_uses(state);
	return SFP_OK;
}
