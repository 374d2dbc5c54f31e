/* SPDX-License-Identifier: BSD-2-Clause */
/* The dispatcher: all groups of its unit tests. */
#include "dispatch_test.h"

__thread struct sfp_context *level_context;
uint32_t level_holds;
enum sfp_status dispatched;

/* From here on by these names the port itself. */
#undef sfp_port_context_next
#undef sfp_port_context_hold

struct sfp_context *level_port_context_next(struct sfp_context *after)
{
	if (!after && level_context)
		return level_context;
	return sfp_port_context_next(after == level_context ? NULL : after);
}

void level_port_context_hold(void)
{
	level_holds++;
	sfp_port_context_hold();
}

static enum sfp_status on_event(struct client *client, struct event *event)
{
	const size_t length = strlen(event->ran);

	assert_true(length + 1 < sizeof(event->ran));
	event->ran[length] = client->letter;
	return client->act ? client->act(client, event) : client->answer;
}
SFP_HANDLER(irqs, on_event, struct client);
SFP_HANDLER(hooks, on_event, struct client);

void client_init(struct client *client, struct irqs *irqs, char letter, int32_t priority)
{
	memset(client, 0, sizeof(*client));
	client->letter = letter;
	client->irqs = irqs;
	client->sub = on_event_irqs_closure(client, priority);
	client->hook = on_event_hooks_closure(client, priority);
}

void client_join(struct client *client, struct irqs *irqs, char letter, int32_t priority)
{
	client_init(client, irqs, letter, priority);
	EXPECT(OK, irqs_subscribe(irqs, 0, &client->sub));
}

static const char *run(struct irqs *irqs, unsigned key,
		       enum sfp_status (*dispatch)(struct irqs *, unsigned, struct event *))
{
	static struct event event;

	memset(&event, 0, sizeof(event));
	dispatched = dispatch(irqs, key, &event);
	expect_clean();
	return event.ran;
}

const char *ran(struct irqs *irqs, unsigned key)
{
	return run(irqs, key, irqs_dispatch);
}

const char *ran_first(struct irqs *irqs, unsigned key)
{
	return run(irqs, key, irqs_dispatch_first);
}

void expect_clean(void)
{
	const struct sfp_context *context = level_port_context();
	unsigned i;

	assert_null(context->gate);
	assert_null(context->guards);
	assert_int_equal(context->pinned, 0);
	for (i = 0; i < SFP_PINS; i++)
		assert_int_equal(context->pins[i], 0);
}

static int (*const groups[])(void) = { group_list,  group_order,     group_leave,
				       group_fault, group_interrupt, group_usage };

int main(void)
{
	int failed = 0;
	size_t i;

	if (sfp_posix_thread_enter() != 0)
		return 1;
#ifdef SFP_PORT_HAS_REMOTE_BARRIER
	printf("dispatch: pins are %s\n",
	       sfp_port_remote_barrier_works() ? "plain stores" : "exchanges: no membarrier");
#endif
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		failed += groups[i]();
	printf("dispatch: %zu groups of tests, %d tests failed\n", sizeof(groups) / sizeof(groups[0]),
	       failed);
	return failed ? 1 : 0;
}
