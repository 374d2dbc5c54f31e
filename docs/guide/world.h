/* SPDX-License-Identifier: BSD-2-Clause */
/* What the steps of the guide share: memory that can go away, and a way to see whether code survives. */
#ifndef WORLD_H
#define WORLD_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Zeroed memory of somebody's own: whoever it belongs to can die, and it with him. */
static inline void *memory_of_its_own(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		exit(EXIT_FAILURE);
	return memory;
}

/* From here on every access to it traps. */
static inline void memory_is_gone(void *memory, size_t size)
{
	if (munmap(memory, size) != 0)
		exit(EXIT_FAILURE);
}

/* Does a process that does this live on? It is tried in a copy of this one. */
static inline bool survives(void (*action)(void))
{
	int status;
	pid_t copy;

	fflush(stdout);
	copy = fork();
	if (copy == 0) {
		action();
		fflush(stdout);
		_exit(0);
	}
	return copy > 0 && waitpid(copy, &status, 0) == copy && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* What must hold in an example, or it ends here. */
#define MUST(condition) \
	do { \
		if (!(condition)) { \
			printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
			exit(EXIT_FAILURE); \
		} \
	} while (0)

#endif /* WORLD_H */
