/* SPDX-License-Identifier: BSD-2-Clause */
/* What cmocka.h wants included before it, in its order. */
#ifndef CMOCKA_TEST_H
#define CMOCKA_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#endif /* CMOCKA_TEST_H */
