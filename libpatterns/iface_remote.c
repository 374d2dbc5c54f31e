/* SPDX-License-Identifier: BSD-2-Clause */
/* iface_remote: copying arguments as the descriptors say, and handing lanes to and fro. */
#include <sfp/iface_remote.h>

#ifdef SFP_PORT_HAS_WAIT

/* ---- memory --------------------------------------------------------------------- */

static size_t lane_stride(uint32_t bytes)
{
	const size_t line = SFP_PORT_CACHE_LINE;
	const size_t size = offsetof(struct sfp_iface_lane, data) + (size_t)bytes;

	return (size + line - 1) / line * line;
}

size_t sfp_iface_wire_size(uint32_t lanes, uint32_t bytes)
{
	return sizeof(struct sfp_iface_channel) + (size_t)lanes * lane_stride(bytes);
}

enum sfp_status sfp_iface_wire_make(struct sfp_iface_wire *wire, void *memory, size_t size, uint32_t lanes,
				    uint32_t bytes)
{
	if (lanes == 0 || (uintptr_t)memory % SFP_PORT_CACHE_LINE != 0)
		return SFP_INVALID;
	if (size < sizeof(struct sfp_iface_channel) ||
	    (size - sizeof(struct sfp_iface_channel)) / lane_stride(bytes) < lanes)
		return SFP_LIMIT;
	*wire = (struct sfp_iface_wire){ .channel = memory, .lanes = lanes, .bytes = bytes };
	return SFP_OK;
}

static struct sfp_iface_lane *lane_of(const struct sfp_iface_wire *wire, uint32_t index)
{
	char *first = (char *)(wire->channel + 1);

	return (struct sfp_iface_lane *)(void *)(first + index * lane_stride(wire->bytes));
}

static bool is_closed(const struct sfp_iface_wire *wire)
{
	return sfp_load_acquire_u32(&wire->channel->closed) != 0;
}

/* Change the lane's word, if it is `from`; a full barrier. */
static bool turn(struct sfp_iface_lane *lane, enum sfp_iface_lane_state from, enum sfp_iface_lane_state to)
{
	uint32_t expected = from;

	return sfp_cas_u32(&lane->word, &expected, to);
}

static void ring(struct sfp_iface_channel *channel)
{
	uint32_t count = sfp_load_u32(&channel->bell);

	while (!sfp_cas_u32(&channel->bell, &count, count + 1))
		;
	sfp_port_wake(&channel->bell);
}

/* ---- marshalling ------------------------------------------------------------------- */

static bool goes_in(const struct sfp_iface_argument *argument)
{
	return argument->kind != SFP_IFACE_OUT;
}

static bool comes_out(const struct sfp_iface_argument *argument)
{
	return argument->kind != SFP_IFACE_IN;
}

typedef bool direction(const struct sfp_iface_argument *argument);

/* How many bytes of arguments go that way. */
static size_t message_size(const struct sfp_iface_operation *operation, direction *goes)
{
	size_t size = 0;
	uint32_t i;

	for (i = 0; i < operation->count; i++)
		if (goes(&operation->arguments[i]))
			size += operation->arguments[i].size;
	return size;
}

static bool fits(const struct sfp_iface_wire *wire, const struct sfp_iface_operation *operation)
{
	return message_size(operation, goes_in) <= wire->bytes && message_size(operation, comes_out) <= wire->bytes;
}

static void put(unsigned char *data, const struct sfp_iface_operation *operation, void *const *arguments,
		direction *goes)
{
	uint32_t i;

	for (i = 0; i < operation->count; i++) {
		if (!goes(&operation->arguments[i]))
			continue;
		__builtin_memcpy(data, arguments[i], operation->arguments[i].size);
		data += operation->arguments[i].size;
	}
}

static void get(const unsigned char *data, const struct sfp_iface_operation *operation, void *const *arguments,
		direction *goes)
{
	uint32_t i;

	for (i = 0; i < operation->count; i++) {
		if (!goes(&operation->arguments[i]))
			continue;
		__builtin_memcpy(arguments[i], data, operation->arguments[i].size);
		data += operation->arguments[i].size;
	}
}

/* ---- the caller's side ---------------------------------------------------------------- */

struct lane_guard {
	struct sfp_guard guard;
	struct sfp_iface_lane *lane;
};

/*
 * Give the lane back, if it is this guard's. If the server has it just now, it
 * frees it; if the channel was closed it stays as it is: the server may not
 * have seen that yet. Acquire in the swap: the server has no more business in it.
 */
static void let_go(struct sfp_guard *guard)
{
	struct lane_guard *held = SFP_CONTAINER(guard, struct lane_guard, guard);
	struct sfp_iface_lane *lane = held->lane;

	if (!lane || sfp_load_word(&lane->owner) != (uintptr_t)guard)
		return;
	if (turn(lane, SFP_IFACE_LANE_POSTED, SFP_IFACE_LANE_ABANDONED) ||
	    sfp_load_u32(&lane->word) >= SFP_IFACE_LANE_LOST)
		return;
	sfp_store_release_u32(&lane->word, SFP_IFACE_LANE_IDLE);
	sfp_store_release_word(&lane->owner, 0); /* pairs with the acquire in claim() */
}

/* Make a lane this guard's: known to the guard first, then taken by one swap. */
static bool claim(const struct sfp_iface_wire *wire, struct lane_guard *held)
{
	uint32_t i;

	for (i = 0; i < wire->lanes; i++) {
		uintptr_t nobody = 0;

		held->lane = lane_of(wire, i);
		sfp_compiler_barrier();
		if (sfp_cas_acquire_word(&held->lane->owner, &nobody, (uintptr_t)&held->guard))
			return true;
	}
	return false;
}

static bool is_status(int32_t value)
{
	/* Any value but a status has no name. */
	return value == SFP_OK || sfp_status_name((enum sfp_status)value)[0] != '?';
}

/* The lane is POSTED: wait for what becomes of it. */
static enum sfp_status wait_for_answer(struct sfp_iface_lane *lane, const struct sfp_iface_operation *operation,
				       void *const *arguments)
{
	uint32_t word;

	/* Acquire: pairs with the server's swap to ANSWERED. */
	while ((word = sfp_load_acquire_u32(&lane->word)) == SFP_IFACE_LANE_POSTED)
		sfp_port_wait(&lane->word, SFP_IFACE_LANE_POSTED);
	if (word != SFP_IFACE_LANE_ANSWERED)
		return SFP_GONE;
	if (!is_status(lane->status))
		return SFP_MALFORMED;
	if (lane->status == SFP_OK)
		get(lane->data, operation, arguments, comes_out);
	return (enum sfp_status)lane->status;
}

static enum sfp_status call_in(const struct sfp_iface_wire *wire, struct sfp_iface_lane *lane,
			       const struct sfp_iface_operation *operation, void *const *arguments)
{
	lane->operation = operation->number;
	put(lane->data, operation, arguments, goes_in);
	if (!turn(lane, SFP_IFACE_LANE_IDLE, SFP_IFACE_LANE_POSTED))
		return SFP_MALFORMED; /* nobody but the owner may touch an idle lane */
	/* After the swap, a full barrier: pairs with the swaps in sfp_iface_wire_close(). */
	if (is_closed(wire) && turn(lane, SFP_IFACE_LANE_POSTED, SFP_IFACE_LANE_LOST))
		return SFP_GONE;
	ring(wire->channel);
	return wait_for_answer(lane, operation, arguments);
}

enum sfp_status sfp_iface_remote_call(const struct sfp_iface_wire *wire,
				      const struct sfp_iface_operation *operation, void *const *arguments)
{
	struct sfp_context *context = sfp_port_context();
	struct lane_guard held = { .lane = NULL };
	enum sfp_status status = SFP_AGAIN;

	if (!fits(wire, operation))
		return SFP_LIMIT;
	if (is_closed(wire))
		return SFP_GONE;
	sfp_guard_link(context, &held.guard, let_go);
	if (claim(wire, &held))
		status = call_in(wire, held.lane, operation, arguments);
	let_go(&held.guard);
	sfp_guard_unlink(context, &held.guard);
	return status;
}

/* ---- the server's side ------------------------------------------------------------------- */

/* Give each argument its place in scratch. False: there is not enough. */
static bool lay_out(const struct sfp_iface_server *server, const struct sfp_iface_operation *operation,
		    void **arguments)
{
	const size_t unit = SFP_IFACE_SCRATCH_ALIGNMENT;
	size_t used = 0;
	uint32_t i;

	for (i = 0; i < operation->count; i++) {
		const size_t size = (operation->arguments[i].size + unit - 1) / unit * unit;

		if (server->scratch_size - used < size)
			return false;
		arguments[i] = server->scratch + used;
		used += size;
	}
	return true;
}

static enum sfp_status perform(struct sfp_iface_server *server, struct sfp_iface_lane *lane)
{
	/* Copied once: the other side can change it while it is used. */
	const uint32_t number = sfp_load_u32(&lane->operation);
	struct sfp_iface_serving serving = { .operations = server->record->operations,
					     .state = server->record->state };
	const struct sfp_iface_operation *operation;
	enum sfp_status status;

	if (number >= server->iface->count)
		return SFP_INVALID;
	operation = &server->iface->operations[number];
	if (!fits(server->wire, operation) || !lay_out(server, operation, serving.arguments))
		return SFP_LIMIT;
	get(lane->data, operation, serving.arguments, goes_in);
	status = sfp_gate_call(sfp_port_context(), server->serve[number], &serving, NULL);
	if (status == SFP_OK)
		put(lane->data, operation, serving.arguments, comes_out);
	return status;
}

static void serve_lane(struct sfp_iface_server *server, struct sfp_iface_lane *lane)
{
	lane->status = perform(server, lane);
	if (turn(lane, SFP_IFACE_LANE_POSTED, SFP_IFACE_LANE_ANSWERED)) {
		sfp_port_wake(&lane->word);
		return;
	}
	if (sfp_load_u32(&lane->word) != SFP_IFACE_LANE_ABANDONED)
		return; /* lost: its owner knows */
	sfp_store_release_u32(&lane->word, SFP_IFACE_LANE_IDLE);
	sfp_store_release_word(&lane->owner, 0); /* pairs with the acquire in claim() */
}

enum sfp_status sfp_iface_serve(struct sfp_iface_server *server)
{
	enum sfp_status status = SFP_EMPTY;
	uint32_t i;

	server->bell = sfp_load_acquire_u32(&server->wire->channel->bell);
	for (i = 0; i < server->wire->lanes; i++) {
		struct sfp_iface_lane *lane = lane_of(server->wire, i);

		if (is_closed(server->wire))
			return SFP_GONE;
		/* Acquire: pairs with the caller's swap to POSTED. */
		if (sfp_load_acquire_u32(&lane->word) != SFP_IFACE_LANE_POSTED)
			continue;
		serve_lane(server, lane);
		status = SFP_OK;
	}
	return status;
}

void sfp_iface_await(const struct sfp_iface_server *server)
{
	const struct sfp_iface_channel *channel = server->wire->channel;

	if (!is_closed(server->wire) && sfp_load_acquire_u32(&channel->bell) == server->bell)
		sfp_port_wait(&channel->bell, server->bell);
}

/* ---- the end ---------------------------------------------------------------------------------- */

void sfp_iface_wire_close(const struct sfp_iface_wire *wire)
{
	uint32_t open = 0;
	uint32_t i;

	/* A full barrier: pairs with the swap to POSTED, after which the caller looks at `closed`. */
	(void)sfp_cas_u32(&wire->channel->closed, &open, 1);
	for (i = 0; i < wire->lanes; i++) {
		struct sfp_iface_lane *lane = lane_of(wire, i);

		if (turn(lane, SFP_IFACE_LANE_POSTED, SFP_IFACE_LANE_LOST))
			sfp_port_wake(&lane->word);
	}
	ring(wire->channel);
}

#endif /* SFP_PORT_HAS_WAIT */
