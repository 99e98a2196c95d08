/* Child processes by posix_spawn, without a shell. Every spawn resets the signal
 * mask and handlers, starts a session, closes all descriptors from 3 up (curl's are not
 * close-on-exec). */
#ifndef IO_PROC_H
#define IO_PROC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* Where stdin comes from when it is too much to hold: up to n bytes at a time, 0 at the end, -1 to
 * end the child as a cancel does. On the calling thread; a read that blocks is the caller's. */
struct proc_source {
	ssize_t (*read)(void *arg, void *bytes, size_t n);
	void *arg;
};

struct proc_request {
	const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
	const char *const *env;  /* added to the environment, "K=V", NULL-terminated, or NULL */
	const char *const *env_unset; /* names removed, or NULL */
	const void *in;               /* written to stdin, else stdin is /dev/null */
	size_t in_bytes;
	const struct proc_source *source; /* written to stdin instead of in; NULL: none */
	/* 0: none. On time-out TERM, then KILL 500 ms later, to the whole session */
	int64_t timeout_ms;
	int cancel_fd; /* readable ends it likewise; -1: none */
	/* proc_run: ceiling of each stream; past it the rest is read and forgotten */
	size_t max_out;
};

/* Where what a child says goes, chunk by chunk as it comes, on the calling thread. While a call
 * lasts nothing more is read, so the child waits and no memory grows. NULL: read and forgotten.
 * Non-zero ends the child as a cancel does, and nothing more is said. */
struct proc_calls {
	int (*out)(void *arg, const char *bytes, size_t n);
	int (*err)(void *arg, const char *bytes, size_t n);
	void *arg;
};

struct proc_end {
	int exit_code; /* 0..255; -1 when killed */
	int signal;    /* 0, or what killed it */
};

/* Blocks a worker. 0 when the program ran and ended by itself (whatever its exit code). The
 * deadline holds also for one that never stops writing; a call that blocks is the caller's. */
int proc_stream(const struct proc_request *r, const struct proc_calls *calls, struct proc_end *end,
	struct err *e);

struct proc_result {
	int exit_code, signal; /* as in struct proc_end */
	struct buf out, err;   /* the caller's: proc_result_done */
};

/* proc_stream into memory. */
int proc_run(const struct proc_request *r, struct proc_result *result, struct err *e);
void proc_result_done(struct proc_result *result);

#endif
