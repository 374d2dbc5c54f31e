/* SPDX-License-Identifier: BSD-2-Clause */
// expect: libpatterns needs a port
// port: none
// flags-fixed: -DSFP_PORT_HEADER=<sfp/port/posix.h>
#include <sfp/port.h>

extern const size_t size;
const size_t size = SFP_PORT_CACHE_LINE;
