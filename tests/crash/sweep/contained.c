/* SPDX-License-Identifier: BSD-2-Clause */
/* contained: a lock that a trap lets go of. With -DBROKEN it is one that knows no guard. */
#include <sfp/lock.h>

static struct sfp_lock lock;
static volatile int work;

__attribute__((noinline)) void section(void);
__attribute__((noinline)) void section(void)
{
#ifdef BROKEN
	*(volatile uintptr_t *)&lock.owner = 1;
	work++;
	*(volatile uintptr_t *)&lock.owner = 0;
#else
	struct sfp_lock_guard held;

	if (sfp_lock_acquire(&lock, &held) != SFP_OK)
		return;
	work++;
	sfp_lock_release(&held);
#endif
}

static enum sfp_status call_it(void *unused)
{
	(void)unused;
	section();
	return SFP_OK;
}

int main(void)
{
	enum sfp_status status;

	if (sfp_posix_faults_catch() != 0 || sfp_posix_thread_enter() != 0)
		return 2;
	status = sfp_gate_call(sfp_port_context(), call_it, NULL, NULL);
	return (status != SFP_OK && status != SFP_FAULT) || sfp_lock_is_held(&lock);
}
