/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mailbox: a thread puts letters, another takes them and must not be held up
 * by a thread that stopped. With -DBROKEN the box is locked meanwhile.
 */
#include <pthread.h>
#include <stdatomic.h>
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

static void *writer(void *unused)
{
	const struct timespec moment = { 0, 1000000 };
	long i;

	for (i = 1; i < 50; i++) {
		put(i);
		nanosleep(&moment, NULL);
	}
	return unused;
}

/* The main thread takes a few turns and ends the program, whatever the writer does. */
int main(void)
{
	const struct timespec moment = { 0, 1000000 };
	pthread_t thread;
	int i;

	if (pthread_create(&thread, NULL, writer, NULL) != 0)
		return 2;
	for (i = 0; i < 20; i++) {
		lock();
		(void)atomic_load(&letter);
		unlock();
		nanosleep(&moment, NULL);
	}
	return 0;
}
