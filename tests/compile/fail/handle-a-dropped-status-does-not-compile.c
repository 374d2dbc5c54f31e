/* SPDX-License-Identifier: BSD-2-Clause */
// expect: warn_unused_result|unused-result
#include <sfp/handle.h>

struct state {
	long pos;
};
SFP_HANDLE(file, struct state, 1);
SFP_HANDLE(door, struct state, 1);

enum sfp_status end(struct file *file);
enum sfp_status end(struct file *file)
{
#ifdef FIXED
	SFP_TRY(file_drop(file));
#else
	file_drop(file);
#endif
	return SFP_OK;
}
