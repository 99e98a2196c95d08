/* Real faults in a running program's threads: a debugger's hand makes one thread run an instruction
 * that cannot be. Only children of the caller's, only where the machine's code is known. */
#ifndef HELP_FAULT_H
#define HELP_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct fault {
	const char *name;
	int signal; /* what it raises */
};

enum { FAULT_ADDRESS, FAULT_STACK_GONE, FAULT_BUS, FAULT_DIVISION, FAULT_CODE, FAULT_TRAP, FAULTS };
extern const struct fault faults[FAULTS];

bool fault_can(void); /* on this machine, as this user */
/* False, and errno: the thread is untouched. */
bool fault_make(pid_t pid, pid_t thread, int fault);

/* The threads of a process, one of each name. */
struct fault_thread {
	char name[16];
	pid_t id;
};
/* Of a thread of another process: it has come to its first wait, and blocks no signal of a fault. A
 * newborn one blocks all for a moment. */
bool fault_heard(pid_t pid, pid_t thread);
size_t fault_threads(pid_t pid, struct fault_thread *out, size_t max);

#endif
