/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mailbox: a thread puts a letter, another looks and must not be held up if
 * the first one stops. With -DBROKEN the box is locked meanwhile.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

static atomic_long letter;

#ifdef BROKEN
static atomic_int locked;

static void lock(void)
{
	int none = 0;

	while (!atomic_compare_exchange_weak(&locked, &none, 1))
		none = 0;
}

static void unlock(void)
{
	atomic_store(&locked, 0);
}
#else
static void lock(void)
{
}

static void unlock(void)
{
}
#endif

__attribute__((noinline)) void put(long value);
__attribute__((noinline)) void put(long value)
{
	lock();
	atomic_store(&letter, value);
	unlock();
}

static atomic_int has_put;

/* Takes a look now and then, and ends the program when there is nothing to wait for any more. */
static void *reader(void *unused)
{
	const struct timespec moment = { 0, 1000000 };
	int turns = 300; /* a stopped thread never says that it has put */

	while (turns-- > 0 && !atomic_load(&has_put)) {
		lock();
		(void)atomic_load(&letter);
		unlock();
		nanosleep(&moment, NULL);
	}
	exit(0);
	return unused;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, reader, NULL) != 0)
		return 2;
	put(1);
	atomic_store(&has_put, 1);
	pthread_join(thread, NULL);
	return 1;
}
