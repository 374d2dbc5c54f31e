/* SPDX-License-Identifier: BSD-2-Clause */
/* iface: what iface.c and iface_change.c share; private to libpatterns. */
#ifndef SFP_IFACE_PRIVATE_H
#define SFP_IFACE_PRIVATE_H

#include <sfp/iface.h>
#include <sfp/lock.h>

/* A word for a pin in the running context. In the order of a stack. */
enum sfp_status iface_pin_open(struct sfp_iface_pin *pin) SFP_NODISCARD;
void iface_pin_close(const struct sfp_iface_pin *pin);

/* Pin what `word` holds; what it was, held still after the pin could be seen. */
uintptr_t iface_pin_word(const struct sfp_iface_pin *pin, const uintptr_t *word);

/* Pin the slot's offer; 0: there is none that can be seen. */
uintptr_t iface_pin_offer(const struct sfp_iface_pin *pin, const struct sfp_iface_slot *slot,
			  uintptr_t *incarnation);

/* Does the slot offer this? Its offer is pinned if so. NOT_FOUND; INVALID: in another version. */
enum sfp_status iface_look(const struct sfp_iface_pin *pin, const struct sfp_iface_slot *slot,
			   const struct sfp_iface *wanted, const char *provider, uintptr_t *incarnation) SFP_NODISCARD;

/* The right to start or change what is at a slot; ended by a fault as by iface_unhold(). */
struct iface_hold {
	struct sfp_guard guard;
	struct sfp_context *context;
	struct sfp_iface_slot *slot;
};

/* OK; BUSY; DEADLOCK: this context holds it. */
enum sfp_status iface_hold(struct iface_hold *hold, struct sfp_iface_slot *slot) SFP_NODISCARD;
void iface_unhold(struct iface_hold *hold);

/* Publish; the slot is held. What was in force, or closed, before. */
struct sfp_iface_record *iface_put_in_force(struct sfp_iface_slot *slot, struct sfp_iface_record *record);

#endif /* SFP_IFACE_PRIVATE_H */
