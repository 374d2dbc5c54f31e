/* SPDX-License-Identifier: BSD-2-Clause */
/* thread: what runs on processors when no interrupt does. */
#ifndef NANO_THREAD_H
#define NANO_THREAD_H

/* What a processor does when there is nothing to do; it begins here, on its own stack. */
void thread_idle(void) __attribute__((noreturn));

#endif /* NANO_THREAD_H */
