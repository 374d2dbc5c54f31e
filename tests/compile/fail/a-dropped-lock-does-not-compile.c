/* SPDX-License-Identifier: BSD-2-Clause */
// expect: warn_unused_result|unused-result
#include <sfp/lock.h>

enum sfp_status count(struct sfp_lock *lock, unsigned *counter);
enum sfp_status count(struct sfp_lock *lock, unsigned *counter)
{
	struct sfp_lock_guard held;

#ifdef FIXED
	SFP_TRY(sfp_lock_acquire(lock, &held));
#else
	sfp_lock_acquire(lock, &held);
#endif
	++*counter;
	sfp_lock_release(&held);
	return SFP_OK;
}
