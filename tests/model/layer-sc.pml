/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that every thread sees at once and in program order. A step is one
 * access to shared memory, with the ghosts (`also`) that belong to it. Instead
 * of any step its thread may stop for ever, as often as the budget says.
 * The orders (RELEASE, ...) mean nothing here; layer-weak.pml reads them.
 */
byte head;
byte incarnation;
byte next[SLOTS];
byte newer[SLOTS];
short word[SLOTS];

#define INCARNATION incarnation
#define NEXT(i) next[i]
#define WORD(i) word[i]

#define C_STEP(does) if :: d_step { does } :: crashes > 0 -> goto dead fi
#if STOPS
#define P_STEP(does) if :: d_step { does } :: p == 1 && stops > 0 -> goto dead fi
#else
#define P_STEP(does) d_step { does }
#endif

#define C_LOAD(to, place, order, also) C_STEP(to = place; also)
#define C_STORE(place, value, order, also) C_STEP(place = value; also)
#define P_LOAD(to, place, order, also) P_STEP(to = place; also)
#define C_LOAD_HEAD(to, order, also) C_STEP(to = head; also)
#define P_LOAD_HEAD(to, order, also) P_STEP(to = head; also)
#define P_STORE(place, value, order, also) P_STEP(place = value; also)

/* Compare and swap of head; where it fails, `expected` is what it holds. */
#define SWAP_(expected, to, also) \
	if \
	:: head == expected -> head = to; ok = true; also \
	:: else -> expected = head; ok = false \
	fi
#define C_SWAP(expected, to, order, also) C_STEP(SWAP_(expected, to, also))
#define P_SWAP(expected, to, order, also) P_STEP(SWAP_(expected, to, also))
/* Head with bits set or cleared, as one access. */
#define C_MODIFY_HEAD(value, also) C_STEP(head = value; also)

/* `newer` is the consumer's alone, from incarnation to incarnation. */
#define C_LOAD_NEWER(to, i, also) C_STEP(to = newer[i]; also)
#define C_STORE_NEWER(i, value, also) C_STEP(newer[i] = value; also)
