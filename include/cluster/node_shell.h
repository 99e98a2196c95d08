/* A node's shell through the system's ssh (or the drill's stand-in), one command per node and
 * round. Blocking; for workers. Hosts, users and words are checked against option injection and
 * quoted for the remote shell; remote commands run under `timeout -k`. ControlMaster keeps one
 * connection per node. */
#ifndef CLUSTER_NODE_SHELL_H
#define CLUSTER_NODE_SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/instant.h"
#include "io/proc.h"

struct node_shell_options {
	/* "ssh"; or a program that takes ssh's arguments. Words are split at blanks: "k911
	 * drill-ssh /path". It is called with `options -T -o K=V... [-i identity] [-l user] -- host
	 * 'timeout -k 2 N sh -c ...'`, and the same with `-O stop`, `-O exit` or `-O forward -L
	 * local.sock:remote` before the `--`, and no command. */
	const char *command;
	const char *user;           /* "root"; "" leaves it to ssh's config */
	const char *identity;       /* file, or "" */
	const char *const *options; /* more ssh words, NULL-terminated, or NULL */
	const char *become;         /* "sudo" -> sudo -n, or "" */
};
extern const struct node_shell_options node_shell_defaults;

struct node_shell;
/* Makes the 0700 control directory. */
struct node_shell *node_shell_new(const struct node_shell_options *o, struct err *e);
void node_shell_free(struct node_shell *s); /* ends the control masters and forwards */

/* Whose shell, kept for later. */
struct shell_host {
	char name[64]; /* name or address; "": nobody's */
	bool local;    /* as in a call */
};

/* One call: to whom, how long at most, and what ends it. Borrowed. */
struct node_call {
	struct node_shell *shell;
	const char *host; /* name or address */
	int64_t timeout_ms;
	int cancel_fd; /* readable ends it; -1: none */
	bool local; /* this machine, without ssh: said by the operator, never by what host reads */
};

/* Runs a POSIX sh script on the node. 0 when it ran: *exit_code is the script's (255 is ssh's own
 * and an error). ERR_REFUSED/UNREACHABLE/TIMEOUT/AUTH tell what ssh met; ERR_TLS for a changed or
 * unknown host key, with what to do; ERR_USAGE for a host that is none. After a time-out or failure
 * the next call makes a new connection. What was said before a failure is in out and errors; each
 * may be NULL, is added to, and takes no more than its ceiling (the rest is dropped). Any thread;
 * so are the others below. */
int node_shell_run(const struct node_call *c, const char *script, struct buf *out,
	struct buf *errors, int *exit_code, struct err *e);
/* The same, what it says going to calls (io/proc.h) chunk by chunk: for what is too much to keep. A
 * call that wants no more ends it with ERR_CANCELLED. */
int node_shell_stream(const struct node_call *c, const char *script, const struct proc_calls *calls,
	int *exit_code, struct err *e);
/* A script with something on its stdin, which no command line shows. Borrowed. */
struct node_task {
	const char *script;
	const void *in; /* NULL: from source, or nothing */
	size_t in_bytes;
	const struct proc_source *source;
};
int node_shell_feed(const struct node_call *c, const struct node_task *t,
	const struct proc_calls *calls, int *exit_code, struct err *e);
/* The ssh command line an operator could type for this: new string. */
char *node_shell_show(const struct node_call *c, const char *script);
/* Forwards a socket that listens on the node's localhost only ("127.0.0.1:2381" or
 * "/run/haproxy/admin.sock") to a local unix socket, and gives its path. Cheap when it already
 * stands; ask before each use, since a connection that died takes its forwards with it. */
int node_shell_forward(
	const struct node_call *c, const char *remote, char *path, size_t size, struct err *e);

#endif
