/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A caller that pins and a swapper that frees, on a machine with store buffers:
 * a store waits in its processor's buffer for any time, while later loads of
 * the same processor pass it. An exchange waits until the buffer is empty and
 * goes to memory itself.
 *
 * What must hold: no record is used once it is freed, nor freed while it is used.
 *
 *   spin -a pin.pml, and with one of these it must fail:
 *   -DPLAIN_PIN    the caller's pin is a plain store
 *   -DPLAIN_SLOT   the swapper's publication is a plain store
 *   -DNO_LOOK      the caller does not look again
 *   -DNO_SCAN      the swapper does not look at the pins
 */
#define CALLERS 2
#define THREADS 3                  /* the last one swaps */
#define SWAPPER 2
#define NONE 0
#define OLD 1
#define NEW 2

/* Memory: the slot, and each caller's pin. */
#define SLOT 2
byte memory[3];

#define ROOM 3
typedef buffer {
	byte place[ROOM];
	byte value[ROOM];
	byte used
};
buffer buffers[THREADS];

byte using[CALLERS];
bool freed[3];

inline store(who, where, what)
{
	d_step {
		buffers[who].used < ROOM;    /* full: the processor waits */
		buffers[who].place[buffers[who].used] = where;
		buffers[who].value[buffers[who].used] = what;
		buffers[who].used++
	}
}

inline exchange(who, where, what)
{
	atomic {
		buffers[who].used == 0;
		memory[where] = what
	}
}

/* The newest of one's own stores to it, if one is still in the buffer. */
inline load(who, where, into)
{
	d_step {
		into = memory[where];
		i = 0;
		do
		:: i < buffers[who].used ->
			if
			:: buffers[who].place[i] == where -> into = buffers[who].value[i]
			:: else
			fi;
			i++
		:: else -> break
		od;
		i = 0
	}
}

/* The machine: at any time the oldest store of a buffer reaches memory. */
proctype drain(byte who)
{
	byte i;
end:
	do
	:: d_step {
		buffers[who].used > 0 ->
		memory[buffers[who].place[0]] = buffers[who].value[0];
		i = 1;
		do
		:: i < ROOM ->
			buffers[who].place[i - 1] = buffers[who].place[i];
			buffers[who].value[i - 1] = buffers[who].value[i];
			i++
		:: else -> break
		od;
		buffers[who].used--;
		buffers[who].place[buffers[who].used] = 0;
		buffers[who].value[buffers[who].used] = 0;
		i = 0
	}
	od
}

inline pin(what)
{
#ifdef PLAIN_PIN
	store(me, me, what)
#else
	exchange(me, me, what)
#endif
}

proctype caller(byte me)
{
	byte seen;
	byte now;
	byte i;
	byte calls;

	do
	:: calls < 2 ->
		load(me, SLOT, seen);
look:		pin(seen);
#ifdef NO_LOOK
		now = seen;
#else
		load(me, SLOT, now);
#endif
		if
		:: now != seen -> seen = now; goto look
		:: else
		fi;
		atomic { using[me] = seen; assert(!freed[seen]) }
		atomic { assert(!freed[seen]); using[me] = NONE }
		store(me, me, NONE);      /* release: a plain store on this machine */
		calls++
	:: else -> break
	od
}

proctype swapper()
{
	byte seen;
	byte i;
	byte asked;

#ifdef PLAIN_SLOT
	store(SWAPPER, SLOT, NEW);
#else
	exchange(SWAPPER, SLOT, NEW);
#endif
#ifndef NO_SCAN
	do
	:: asked < CALLERS ->
		load(SWAPPER, asked, seen);
		if
		:: seen == OLD               /* later: look again */
		:: else -> asked++
		fi
	:: else -> break
	od;
#endif
	atomic {
		assert(using[0] != OLD && using[1] != OLD);
		freed[OLD] = true
	}
}

init {
	atomic {
		memory[SLOT] = OLD;
		run caller(0);
		run caller(1);
		run swapper();
		run drain(0);
		run drain(1);
		run drain(2)
	}
}
