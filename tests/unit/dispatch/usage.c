/* SPDX-License-Identifier: BSD-2-Clause */
/* The usage in the header of <sfp/dispatch.h>. */
#include "dispatch_test.h"

struct irq_frame {
	unsigned vector;
};

SFP_DISPATCH(lines, struct irq_frame, SFP_KEYED(256));

struct kbd {
	struct lines_sub sub;
	unsigned vector;
};

static enum sfp_status on_key(struct kbd *kbd, struct irq_frame *frame)
{
	kbd->vector = frame->vector;
	return SFP_OK;
}
SFP_HANDLER(lines, on_key, struct kbd);

static enum sfp_status start(struct lines *lines, struct kbd *kbd)
{
	kbd->sub = on_key_lines_closure(kbd, 10);
	SFP_TRY(lines_subscribe(lines, 33, &kbd->sub));
	return SFP_OK;
}

TEST(the_usage_in_the_header_works)
{
	static struct lines lines;
	struct irq_frame frame = { .vector = 33 };
	struct kbd kbd;

	kbd.vector = 0;
	EXPECT(OK, start(&lines, &kbd));
	EXPECT(OK, lines_dispatch(&lines, 33, &frame));
	assert_int_equal(kbd.vector, 33);
	frame.vector = 34;
	EXPECT(OK, lines_dispatch_first(&lines, 33, &frame));
	assert_int_equal(kbd.vector, 34);
	EXPECT(OK, lines_unsubscribe(&lines, &kbd.sub));
	EXPECT(OK, lines_unsubscribe_wait(&lines, &kbd.sub));
	EXPECT(NOT_FOUND, lines_dispatch(&lines, 33, &frame));
}

int group_usage(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usage_in_the_header_works),
	};

	return cmocka_run_group_tests_name("dispatch: usage", tests, NULL, NULL);
}
