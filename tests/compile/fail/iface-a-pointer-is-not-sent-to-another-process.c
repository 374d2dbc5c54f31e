/* SPDX-License-Identifier: BSD-2-Clause */
// expect: an argument is a pointer, which means nothing elsewhere
#include <sfp/iface_remote.h>

#ifdef FIXED
#define TEXT_OPS(OP) OP(print, SFP_IN(uint64_t, text))
#else
#define TEXT_OPS(OP) OP(print, SFP_IN(const char *, text))
#endif
SFP_INTERFACE(text, 1, TEXT_OPS);
SFP_INTERFACE_REMOTE(text, TEXT_OPS);
