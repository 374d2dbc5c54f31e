/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest.h"

#include <sched.h>

static enum sfp_status stay(struct counter_relay *relay)
{
	struct guest *guest = SFP_CONTAINER(relay, struct guest, relay);

	sfp_store_release_u32(&guest->inside, 1);
	while (!sfp_load_acquire_u32(&guest->may_go))
		sched_yield();
	return guest->leave_with;
}

static void *run(void *opaque)
{
	struct guest *guest = opaque;

	guest->status = SFP_UNSUPPORTED;
	if (sfp_posix_thread_enter() == 0) {
		guest->status = counter_relay(&guest->ref, &guest->relay);
		sfp_posix_thread_leave();
	}
	sfp_store_release_u32(&guest->inside, 2);
	return NULL;
}

void guest_enter(struct guest *guest, struct sfp_iface_realm *realm)
{
	memset(guest, 0, sizeof(*guest));
	guest->ref = (struct counter_ref)SFP_REF(realm, NULL);
	guest->relay.act = stay;
	assert_int_equal(pthread_create(&guest->thread, NULL, run, guest), 0);
	while (!sfp_load_acquire_u32(&guest->inside))
		sched_yield();
	assert_int_equal(guest->inside, 1);
}

void guest_tell(struct guest *guest, enum sfp_status leave_with)
{
	guest->leave_with = leave_with;
	sfp_store_release_u32(&guest->may_go, 1);
}

enum sfp_status guest_join(struct guest *guest)
{
	assert_int_equal(pthread_join(guest->thread, NULL), 0);
	return guest->status;
}
