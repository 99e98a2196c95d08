/* The instruction is put where the program began, which nobody runs a second time, and the thread
 * is set on it. */
#include "help/fault.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

const struct fault faults[FAULTS] = {
	[FAULT_ADDRESS] = {"a wild pointer", SIGSEGV},
	[FAULT_STACK_GONE] = {"a stack that is used up", SIGSEGV},
	[FAULT_BUS] = {"a bus error", SIGBUS},
	[FAULT_DIVISION] = {"a division by zero", SIGFPE},
	[FAULT_CODE] = {"no instruction", SIGILL},
	[FAULT_TRAP] = {"a trap", SIGTRAP},
};

#ifdef __x86_64__
static void set_up(struct user_regs_struct *r, int fault, unsigned char *code)
{
	static const unsigned char codes[FAULTS][4] = {
		[FAULT_ADDRESS] = {0x48, 0x8b, 0x00},   /* mov (%rax),%rax */
		[FAULT_STACK_GONE] = {0x50},            /* push %rax */
		[FAULT_BUS] = {0x48, 0x8b, 0x45, 0x00}, /* mov (%rbp),%rax */
		[FAULT_DIVISION] = {0x48, 0xf7, 0xf1},  /* div %rcx */
		[FAULT_CODE] = {0x0f, 0x0b},            /* ud2 */
		[FAULT_TRAP] = {0xcc},                  /* int3 */
	};

	memcpy(code, codes[fault], sizeof(codes[fault]));
	r->rax = 8;
	r->rcx = 0;
	if (fault == FAULT_STACK_GONE)
		r->rsp = 4096; /* nothing is mapped so low: as past the end of a stack */
	if (fault == FAULT_BUS)
		r->rbp = 0x1122334455667788; /* no such address can be: the stack segment's fault */
}

static uint64_t entry_of(pid_t pid)
{
	char path[64];
	Elf64_auxv_t a;
	uint64_t at = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/auxv", (int)pid);
	f = fopen(path, "r");
	while (f != NULL && at == 0 && fread(&a, sizeof(a), 1, f) == 1)
		if (a.a_type == AT_ENTRY)
			at = a.a_un.a_val;
	if (f != NULL)
		fclose(f);
	return at;
}

static bool set_on(pid_t thread, uint64_t at, int fault)
{
	struct user_regs_struct r;
	unsigned char code[sizeof(long)] = {0};
	long word;

	if (ptrace(PTRACE_GETREGS, thread, NULL, &r) != 0)
		return false;
	set_up(&r, fault, code);
	r.rip = at;
	r.orig_rax = (unsigned long long)-1; /* no system call to begin again */
	memcpy(&word, code, sizeof(word));
	return ptrace(PTRACE_POKETEXT, thread, (void *)at, word) == 0 &&
	       ptrace(PTRACE_SETREGS, thread, NULL, &r) == 0;
}

bool fault_make(pid_t pid, pid_t thread, int fault)
{
	uint64_t at = entry_of(pid);
	bool done;
	int status;

	if (at == 0 || ptrace(PTRACE_ATTACH, thread, NULL, NULL) != 0)
		return false;
	done = waitpid(thread, &status, __WALL) == thread && set_on(thread, at, fault);
	ptrace(PTRACE_DETACH, thread, NULL, NULL);
	return done;
}

bool fault_can(void)
{
	pid_t child = fork();
	bool can = false;
	int status;

	if (child == 0) {
		for (;;)
			pause();
	}
	if (child > 0 && ptrace(PTRACE_ATTACH, child, NULL, NULL) == 0)
		can = waitpid(child, &status, __WALL) == child;
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, &status, __WALL);
	}
	return can;
}
#else
bool fault_make(pid_t pid, pid_t thread, int fault)
{
	(void)pid;
	(void)thread;
	(void)fault;
	errno = ENOSYS;
	return false;
}

bool fault_can(void)
{
	return false;
}
#endif

static void read_name(pid_t pid, const char *thread, char *name, size_t size)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%.20s/comm", (int)pid, thread);
	name[0] = '\0';
	f = fopen(path, "r");
	if (f == NULL)
		return; /* it ended meanwhile */
	if (fgets(name, (int)size, f) != NULL)
		name[strcspn(name, "\n")] = '\0';
	fclose(f);
}

bool fault_heard(pid_t pid, pid_t thread)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
	unsigned long long blocked = ~0ULL;
	unsigned long waits = 0;
	char path[64], line[200];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", (int)pid, (int)thread);
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "SigBlk:", 7) == 0)
			blocked = strtoull(line + 7, NULL, 16);
		if (strncmp(line, "voluntary_ctxt_switches:", 24) == 0)
			waits = strtoul(line + 24, NULL, 10);
	}
	if (f != NULL)
		fclose(f);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if ((blocked >> (signals[i] - 1) & 1) != 0)
			return false;
	return waits > 0;
}

static bool has(const struct fault_thread *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return true;
	return false;
}

size_t fault_threads(pid_t pid, struct fault_thread *out, size_t max)
{
	const struct dirent *d;
	char path[64], name[sizeof(out->name) + 1];
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	while (dir != NULL && n < max && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		read_name(pid, d->d_name, name, sizeof(name));
		if (name[0] == '\0' || has(out, n, name))
			continue;
		memcpy(out[n].name, name, sizeof(out[n].name));
		out[n++].id = (pid_t)strtol(d->d_name, NULL, 10);
	}
	if (dir != NULL)
		closedir(dir);
	return n;
}
