/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the chain of <limits.h>. Concurrency Kit includes <limits.h>, and
 * gcc's own defines what is needed and then goes on to the next one, the C
 * library's, even where there is none. With -nostdinc put this directory
 * behind the compiler's:
 *
 *   -nostdinc -isystem "$(gcc -print-file-name=include)" -isystem include/sfp/port/freestanding
 */
