/* SPDX-License-Identifier: BSD-2-Clause */
// expect: the port must define SFP_PORT_TSO
#include SFP_PORT_HEADER

#ifndef FIXED
#undef SFP_PORT_TSO
#endif
#include <sfp/port.h>
