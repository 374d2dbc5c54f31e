/* SPDX-License-Identifier: BSD-2-Clause */
/* guest: a thread that sits inside a call until it is told to go. */
#ifndef GUEST_H
#define GUEST_H

#include "iface_test.h"

#include <pthread.h>

struct guest {
	struct counter_relay relay;
	struct counter_ref ref;
	pthread_t thread;
	uint32_t inside;
	uint32_t may_go;
	enum sfp_status leave_with;
	enum sfp_status status;      /* of its call */
};

/* Returns when it is inside. */
void guest_enter(struct guest *guest, struct sfp_iface_realm *realm);

/* Tell it to go, without waiting for it. */
void guest_tell(struct guest *guest, enum sfp_status leave_with);

/* Wait for its end; what its call returned. */
enum sfp_status guest_join(struct guest *guest);

#endif /* GUEST_H */
