/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger: the example of docs/sweep.md, and what the command is tested with.
 *
 * Two accounts whose sum never changes. A transfer notes what it is about to
 * do, does it, and takes the note back; whoever comes after a transfer that
 * stopped finishes it by the note. With -DBROKEN the note is taken back a store
 * too early.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct ledger {
	volatile long account[2];
	volatile long after[2];      /* the note: what they will be */
	volatile int noted;          /* it is complete, and the transfer is not */
};

static struct ledger here;
static struct ledger *ledger = &here;

__attribute__((noinline)) void transfer(long amount);
__attribute__((noinline)) void transfer(long amount)
{
	ledger->after[0] = ledger->account[0] - amount;
	ledger->after[1] = ledger->account[1] + amount;
	ledger->noted = 1;
	ledger->account[0] = ledger->after[0];
#ifdef BROKEN
	ledger->noted = 0;
#endif
	ledger->account[1] = ledger->after[1];
	ledger->noted = 0;
}

/* For whoever comes after: 0 if all is well. */
int recover_and_check(void);
int recover_and_check(void)
{
	if (ledger->noted) {
		ledger->account[0] = ledger->after[0];
		ledger->account[1] = ledger->after[1];
		ledger->noted = 0;
	}
	printf("%ld and %ld\n", ledger->account[0], ledger->account[1]);
	fflush(stdout);
	return ledger->account[0] + ledger->account[1] != 100;
}

/* It does not come back. */
int never_done(void);
int never_done(void)
{
	for (;;)
		pause();
}

static int use_file(const char *path, int fresh)
{
	const int file = open(path, O_RDWR | O_CREAT, 0600);

	if (file < 0 || ftruncate(file, sizeof(*ledger)) != 0)
		return -1;
	ledger = mmap(NULL, sizeof(*ledger), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	if (ledger == MAP_FAILED)
		return -1;
	if (fresh)
		memset(ledger, 0, sizeof(*ledger));
	return 0;
}

/* ledger: in its own memory. ledger FILE: there. ledger --check FILE: look at what another left. */
int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--check") == 0)
		return use_file(argv[2], 0) != 0 || recover_and_check() != 0;
	if (argc == 2 && use_file(argv[1], 1) != 0)
		return 2;
	ledger->account[0] = 70;
	ledger->account[1] = 30;
	transfer(20);
	transfer(5);
	return ledger->account[0] != 45 || ledger->account[1] != 55;
}
