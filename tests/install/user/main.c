/* SPDX-License-Identifier: BSD-2-Clause */
/* A user's program: a second thread sends through a queue, and a handler that traps takes nobody along. */
#include <sfp/dfq.h>
#include <sfp/guard.h>

#include <pthread.h>
#include <stdio.h>

struct letter {
	struct sfp_dfq_item link;
	int number;
};
SFP_DFQ(post, struct letter, link);

static struct post post_box;

static void *send(void *letters)
{
	struct letter *each = letters;
	int i;

	for (i = 0; i < 3; i++) {
		each[i].number = i + 1;
		if (post_enqueue(&post_box, &each[i]) != SFP_OK)
			return NULL;
	}
	return letters;
}

static enum sfp_status handle(struct letter *letter)
{
	if (letter->number == 2)
		__builtin_trap();
	return SFP_OK;
}
SFP_GATE(handle, handle, struct letter *);

static int receive(void)
{
	struct post_consumer consumer;
	struct letter *letter;
	enum sfp_status st;

	if (post_attach(&consumer, &post_box, SFP_PROOF("the queue is new")) != SFP_OK)
		return 1;
	while (post_peek(&consumer, &letter) == SFP_OK) {
		st = handle_contained(letter, NULL);
		printf("%d: %s\n", letter->number, sfp_status_name(st));
		st = st == SFP_OK ? post_complete(&consumer, letter) : post_fail(&consumer, letter, 7);
		if (st != SFP_OK)
			return 1;
	}
	return 0;
}

int main(void)
{
	static struct letter letters[3];
	pthread_t sender;
	void *sent;

	if (sfp_posix_faults_catch() != 0 || sfp_posix_thread_enter() != 0 ||
	    post_init(&post_box, 3) != SFP_OK)
		return 1;
	if (pthread_create(&sender, NULL, send, letters) != 0 || pthread_join(sender, &sent) != 0 || !sent)
		return 1;
	return receive();
}
