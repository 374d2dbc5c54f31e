/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A walk along two subscriptions while both are removed and freed, on a machine
 * with store buffers: a store waits in its processor's buffer for any time,
 * while later loads of the same processor pass it. An exchange waits until the
 * buffer is empty and goes to memory itself; a remote barrier waits until the
 * others' buffers have been empty.
 *
 * What must hold, with either kind of pin: nothing is looked at, or run, once it is freed.
 *
 *   spin -a walk.pml, and with one of these it must fail:
 *   -DNO_REMOTE    pins are plain stores, and who removes passes no remote barrier
 *   -DNO_LOOK      the walker does not look at the link again
 *   -DNO_SCAN      who removes does not look at the pins
 *   -DWALK_ON      the walker goes on from one that has left
 */
#define NONE 0
#define A 1
#define B 2
#define LEFT 4                     /* in a link: its owner has left */

/* Memory: the links HEAD, A's, B's, and the walker's two pins. */
#define HEAD 0
#define PIN 3
byte memory[5];

/* The walker's buffer; who removes uses locked instructions only. */
#define ROOM 3
byte place[ROOM];
byte value[ROOM];
byte used;

bool plain;
bool freed[3];

inline store(where, what)
{
	d_step {
		used < ROOM;       /* full: the processor waits */
		place[used] = where;
		value[used] = what;
		used++
	}
}

/* Own pins are never read back, so a load need not look into the buffer. */
inline set_pin(where, what)
{
	if
	:: plain -> store(where, what)
	:: else -> atomic { used == 0; memory[where] = what }
	fi
}

proctype drain()
{
end:
	do
	:: d_step {
		used > 0 ->
		memory[place[0]] = value[0];
		place[0] = place[1];
		value[0] = value[1];
		place[1] = place[2];
		value[1] = value[2];
		used--;
		place[used] = 0;
		value[used] = 0
	}
	od
}

proctype walker()
{
	byte link;                 /* HEAD, or whose link it stands on */
	byte mine;                 /* which pin has it */
	byte seen;
	byte now;
	byte last;                 /* the furthest that it ran: A comes before B */

again:
	link = HEAD;
	store(PIN + mine, NONE);
	do
	:: seen = memory[link];
		assert(!freed[link]);
#ifdef WALK_ON
		seen = seen & ~LEFT;
#endif
		if
		:: seen & LEFT -> goto again
		:: seen == NONE -> break
		:: else
		fi;
		set_pin(PIN + 1 - mine, seen);
#ifndef NO_LOOK
		now = memory[link];
#ifdef WALK_ON
		now = now & ~LEFT;
#endif
		if
		:: now != seen -> goto more
		:: else
		fi;
#endif
		atomic { now = memory[seen]; assert(!freed[seen]) }
		if
		:: now & LEFT ->           /* take it out: a compare-and-swap */
			atomic {
				used == 0;
				if
				:: memory[link] == seen -> memory[link] = now & ~LEFT
				:: else
				fi
			}
			goto more
		:: else
		fi;
		store(PIN + mine, NONE);
		mine = 1 - mine;
		link = seen;
		if
		:: seen > last ->
			last = seen;
			assert(!freed[seen]);      /* its handler begins */
			assert(!freed[seen])       /* ... and ends */
		:: else
		fi;
more:		skip
	od;
	store(PIN, NONE);
	store(PIN + 1, NONE)
}

proctype remover(byte which)
{
	atomic { memory[which] = memory[which] | LEFT }
	atomic {                   /* take out A if it has left, whoever that helps; then B */
		if
		:: memory[HEAD] == A && (memory[A] & LEFT) -> memory[HEAD] = memory[A] & ~LEFT
		:: else
		fi;
		if
		:: memory[HEAD] == B && (memory[B] & LEFT) -> memory[HEAD] = memory[B] & ~LEFT
		:: memory[A] == B && (memory[B] & LEFT) -> memory[A] = memory[B] & ~LEFT
		:: else
		fi
	}
#ifndef NO_REMOTE
	if
	:: plain -> used == 0
	:: else
	fi;
#endif
#ifndef NO_SCAN
	/* Each word by itself, in this order. */
	memory[PIN] != which;
	memory[PIN + 1] != which;
#endif
	freed[which] = true
}

init {
	atomic {
		memory[HEAD] = A;
		memory[A] = B;
		if
		:: plain = true
		:: plain = false
		fi;
		run walker();
		run remover(A);
		run remover(B);
		run drain()
	}
}
