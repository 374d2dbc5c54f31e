/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * early: the serial line as the nano-core uses it, polled, from the first line
 * of the boot to the last line of a panic. Shares the port with the serial
 * module: it only ever waits and sends.
 */
#ifndef NANO_EARLY_H
#define NANO_EARLY_H

/* Set the line up, if there is one. */
void early_init(void);

/* What is written in between stays together, whichever processors write. Interrupts are off; nests. */
void early_begin(void);
void early_end(void);

/* For a panic: nobody else is running who could let go of the line. */
void early_alone(void);

void early_text(const char *text);
void early_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* NANO_EARLY_H */
