// SPDX-License-Identifier: BSD-2-Clause
// moodycamel::ConcurrentQueue, with a token for each producer and the consumer.
#include "bench.h"
#include "queue.h"

#include <concurrentqueue/concurrentqueue.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

struct Tokened {
	moodycamel::ConcurrentQueue<std::uint64_t> queue;
	std::vector<moodycamel::ProducerToken> producers;
	moodycamel::ConsumerToken consumer;

	// Room for what a bounded queue would hold; it allocates when that is not enough.
	Tokened(unsigned count, std::size_t room) : queue(count * room, count, 0), consumer(queue)
	{
		for (unsigned i = 0; i < count; i++)
			producers.emplace_back(queue);
	}
};

void *create(unsigned producers, std::size_t room, bool)
{
	return new Tokened(producers, room);
}

void destroy(void *queue)
{
	delete static_cast<Tokened *>(queue);
}

inline bool put(void *opaque, unsigned producer, std::uint64_t payload)
{
	auto *tokened = static_cast<Tokened *>(opaque);

	return tokened->queue.enqueue(tokened->producers[producer], payload);
}

inline bool take(void *opaque, std::uint64_t *payload)
{
	auto *tokened = static_cast<Tokened *>(opaque);

	return tokened->queue.try_dequeue(tokened->consumer, *payload);
}

inline void settle(void *)
{
}

} // namespace

BENCH_QUEUE(moodycamel, create, put, take, settle, destroy);
