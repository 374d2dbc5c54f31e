/* SPDX-License-Identifier: BSD-2-Clause */
/* event: what happens in the nano-core, told to whoever bound a sink for it. */
#ifndef NANO_EVENT_H
#define NANO_EVENT_H

#include "modules.h"

/* Does anybody want to be told? The one test that an event costs where nobody does. */
extern uint32_t event_kinds;

static inline bool event_is_wanted(enum nano_event_kind kind)
{
	return SFP_UNLIKELY(sfp_load_u32(&event_kinds) >> kind & 1);
}

/* Tell it: a call of the sink, in a gate, inside of its module. */
void event_tell(enum nano_event_kind kind, const struct module *module, uint64_t first, uint64_t second);

/* Nobody's sink any more: for a module whose start failed, or that is being restarted. */
void event_unbind(const struct module *module);

#endif /* NANO_EVENT_H */
