/* SPDX-License-Identifier: BSD-2-Clause */
/* The fixture's second file: joined by ld -r, its global name made local. */
#include "fixture.h"

unsigned fixture_sum(const unsigned *values, unsigned count)
{
	unsigned sum = 0;

	while (count-- > 0)
		sum += *values++;
	return sum;
}
