/* SPDX-License-Identifier: BSD-2-Clause */
// expect: SFP_PORT_TSO is 1 on a machine that is not known
// compilers: aarch64
// flags: -I {include}/sfp/port/ck -idirafter {ck}
// flags-fixed: -I {include}/sfp/port/ck -idirafter {ck}
#include SFP_PORT_HEADER

#ifndef FIXED
#undef SFP_PORT_TSO
#define SFP_PORT_TSO 1
#endif
#include <sfp/port.h>
