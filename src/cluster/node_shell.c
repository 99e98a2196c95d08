/* A node's shell, by the system's ssh: its config, agent and jump hosts are the operator's own.
 *
 * One connection per node is kept by ssh itself (ControlMaster). Its socket has a name of ours
 * instead of %C, so that we can tell whether it stands, and is short, since a socket's path may
 * have 107 bytes. A master whose link died is worse than none: every command through it hangs.
 * So after any failure of ssh's the master is told to take no more sessions (`-O stop`: what
 * runs through it, a restore perhaps, is left in peace), and if it does not listen its socket is
 * removed; the next command connects anew.
 *
 * There is no state beside the directory, and nothing to lock: a forward's socket is named after
 * the master's inode, so one that belongs to a dead master is never taken for a live one. */
#include "cluster/node_shell.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/meter.h"
#include "base/sha.h"
#include "base/str.h"
#include "base/text.h"
#include "cluster/ssh_failure.h"
#include "cluster/ssh_words.h"
#include "io/file.h"
#include "io/proc.h"
#include "io/temp_dir.h"

enum {
	SSH_FAILED = 255,
	TIMEOUT_TERM = 124, /* timeout(1): it sent TERM */
	TIMEOUT_KILL = 137, /* 128 + KILL */
	WHY_SIZE = 160,
	CONTROL_MS = 300, /* a local socket answers at once or not at all */
	FORWARD_MS = 2000,
	ERRORS_MAX = 16 << 10,
	SHOW_MAX = 256 << 10
};

struct node_shell {
	char *command, *user, *identity, *become;
	struct ssh_words options;
	struct temp_dir dir; /* of its sockets */
};

const struct node_shell_options node_shell_defaults = {
	.command = "ssh", .user = "root", .identity = "", .become = ""};

static const char *or_empty(const char *s)
{
	return s != NULL ? s : "";
}

/* It becomes part of a command for the node's shell. */
static bool become_ok(const char *become)
{
	return become[strspn(become,
		       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/ -")] ==
	       '\0';
}

static int make_dir(struct node_shell *s, struct err *e)
{
	char *runtime = file_runtime_dir();
	int rc = temp_dir_open(
		&s->dir, runtime != NULL ? runtime : "/tmp", runtime != NULL ? "ssh-" : "k911-", e);

	free(runtime);
	return rc == 0 ? 0 : err_in(e, _("no private directory for ssh's sockets"));
}

struct node_shell *node_shell_new(const struct node_shell_options *o, struct err *e)
{
	struct node_shell *s = mem_new(struct node_shell);

	s->command =
		mem_str(o->command == NULL || o->command[0] == '\0' ? node_shell_defaults.command
								    : o->command);
	s->user = mem_str(or_empty(o->user));
	s->identity = mem_str(or_empty(o->identity));
	s->become = mem_str(or_empty(o->become));
	for (size_t i = 0; o->options != NULL && o->options[i] != NULL; i++)
		ssh_words_add(&s->options, o->options[i]);
	if (s->user[0] != '\0' && !ssh_user_ok(s->user))
		err_set(e, ERR_USAGE, _("nodes.ssh.user is no user name"));
	else if (!become_ok(s->become))
		err_set(e, ERR_USAGE,
			_("nodes.ssh.become may be a program's name, like sudo, and no shell "
			  "syntax"));
	else if (make_dir(s, e) == 0)
		return s;
	node_shell_free(s);
	return NULL;
}

static void name_hash(const char *a, const char *b, char hex[17])
{
	char *both = str_fmt("%s\n%s", a, b), full[SHA_HEX];
	unsigned char digest[SHA_BYTES];

	sha_of(both, strlen(both), digest);
	str_copy_n(hex, 17, sha_hex(digest, full), 16);
	free(both);
}

static char *control_path(const struct node_shell *s, const char *host)
{
	char hex[17];

	name_hash(s->user, host, hex);
	return str_fmt("%s/c-%s", s->dir.path, hex);
}

/* Everything before the `--`. ssh takes the first of each option, so the operator's go first. */
static void ssh_words_begin(const struct node_shell *s, struct ssh_words *w, const char *control)
{
	static const char *const ours[] = {"BatchMode=yes", "ConnectTimeout=5",
		"ServerAliveInterval=5", "ServerAliveCountMax=2", "StrictHostKeyChecking=yes",
		"ForwardAgent=no", "ForwardX11=no", "RemoteCommand=none",
		"StreamLocalBindUnlink=yes", "ControlMaster=auto", "ControlPersist=60"};

	ssh_words_split(w, s->command);
	for (size_t i = 0; i < s->options.v.len; i++)
		ssh_words_add(w, s->options.v.at[i]);
	ssh_words_add(w, "-T");
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		ssh_words_add(w, "-o");
		ssh_words_add(w, ours[i]);
	}
	ssh_words_add(w, "-o");
	ssh_words_give(w, str_fmt("ControlPath=%s", control));
	if (s->identity[0] != '\0') {
		ssh_words_add(w, "-i");
		ssh_words_add(w, s->identity);
	}
	if (s->user[0] != '\0') {
		ssh_words_add(w, "-l");
		ssh_words_add(w, s->user);
	}
}

/* A word to a master, through the socket it listens on. */
struct order {
	const char *socket, *verb;
	const char *forward; /* -L's, or NULL */
};

/* `-O verb [-L forward] -- host`. 0 when ssh ended with 0; else its last line is in why. */
static int tell_master(const struct node_call *c, const struct order *o, char why[WHY_SIZE])
{
	struct ssh_words w = {0};
	struct proc_request r = {
		.timeout_ms = c->timeout_ms, .cancel_fd = c->cancel_fd, .max_out = ERRORS_MAX};
	struct proc_result result = {0};
	struct err ignored = {0};
	int rc = -1;

	ssh_words_begin(c->shell, &w, o->socket);
	ssh_words_add(&w, "-O");
	ssh_words_add(&w, o->verb);
	if (o->forward != NULL) {
		ssh_words_add(&w, "-L");
		ssh_words_add(&w, o->forward);
	}
	ssh_words_add(&w, "--");
	ssh_words_add(&w, c->host);
	r.argv = ssh_words_argv(&w);
	if (proc_run(&r, &result, &ignored) == 0 && result.exit_code == 0)
		rc = 0;
	ssh_last_line(buf_text(&result.err), why, WHY_SIZE);
	proc_result_done(&result);
	ssh_words_done(&w);
	return rc;
}

/* The next command must not go through the master that just failed. */
static void drop_master(const struct node_call *c)
{
	char *path = control_path(c->shell, c->host), why[WHY_SIZE];
	const struct order stop = {.socket = path, .verb = "stop"};
	const struct node_call brief = {c->shell, c->host, CONTROL_MS, -1, false};

	if (access(path, F_OK) == 0 && tell_master(&brief, &stop, why) != 0)
		unlink(path);
	free(path);
}

static void words_for(
	const struct node_call *c, struct ssh_words *w, const char *remote, const char *script)
{
	char *control;

	if (!c->local) {
		control = control_path(c->shell, c->host);
		ssh_words_begin(c->shell, w, control);
		ssh_words_add(w, "--");
		ssh_words_add(w, c->host);
		ssh_words_add(w, remote);
		free(control);
		return;
	}
	if (c->shell->become[0] != '\0') {
		ssh_words_split(w, c->shell->become);
		ssh_words_add(w, "-n");
	}
	ssh_words_split(w, "timeout -k 2");
	ssh_words_give(w, str_fmt("%lld", (long long)ssh_remote_seconds(c->timeout_ms)));
	ssh_words_split(w, "sh -c");
	ssh_words_add(w, script);
}

/* proc_stream could not bring it to an end. */
static int not_ended(const struct node_call *c, struct err *e)
{
	if (e->code == ERR_CANCELLED)
		return err_in(e, c->host);
	if (e->code == ERR_TIMEOUT && c->local)
		return err_set(e, ERR_TIMEOUT, _("the command did not end within %g s"),
			(double)c->timeout_ms / 1000);
	drop_master(c);
	if (e->code != ERR_TIMEOUT)
		return err_in(e, c->host);
	return err_set(e, ERR_TIMEOUT,
		_("%s: no answer over ssh within %g s: it may be off, hung or cut away from here"),
		c->host, (double)c->timeout_ms / 1000);
}

/* It ended; was it the script that did? */
static int judge(
	const struct node_call *c, int exit_code, const char *said, int64_t ran_ms, struct err *e)
{
	int64_t limit_s = ssh_remote_seconds(c->timeout_ms);
	char last[WHY_SIZE];

	if (exit_code == SSH_FAILED && !c->local) {
		drop_master(c);
		return ssh_failure(c->host, said, e);
	}
	if ((exit_code == TIMEOUT_TERM || exit_code == TIMEOUT_KILL) && ran_ms >= limit_s * 1000)
		return err_set(e, ERR_TIMEOUT,
			_("%s: the command ran longer than %lld s and was ended"), c->host,
			(long long)limit_s);
	if (c->shell->become[0] != '\0' && exit_code == 1 && str_starts(said, "sudo:")) {
		ssh_last_line(said, last, sizeof(last));
		return err_set(e, ERR_AUTH,
			_("%s: %s: allow it without a password (NOPASSWD in sudoers), or log in as "
			  "root"),
			c->host, last);
	}
	return 0;
}

static int host_refused(const char *host, struct err *e)
{
	char safe[80];

	text_safe(safe, sizeof(safe), host, strlen(host));
	return err_set(e, ERR_USAGE, _("'%s' is no host name or address"), safe);
}

/* Without a master's socket the command connects by itself. */
static void meter_command(const struct node_call *c, int64_t now_ms)
{
	char *control;

	if (c->local)
		return;
	control = control_path(c->shell, c->host);
	meter_count(METER_SSH, c->host, METER_REQUESTS, now_ms);
	if (access(control, F_OK) != 0)
		meter_count(METER_SSH, c->host, METER_CONNECTIONS, now_ms);
	free(control);
}

/* What is passed on, and the end of what was said on stderr: ssh says there why it failed. */
struct passing {
	const struct proc_calls *to;
	struct buf said;
};

static int pass_out(void *arg, const char *bytes, size_t n)
{
	const struct passing *p = arg;

	return p->to->out != NULL ? p->to->out(p->to->arg, bytes, n) : 0;
}

static int pass_err(void *arg, const char *bytes, size_t n)
{
	struct passing *p = arg;
	size_t last = n < p->said.max / 2 ? n : p->said.max / 2;

	if (last > p->said.max - p->said.len)
		buf_drop(&p->said, p->said.len - p->said.max / 2);
	buf_add(&p->said, bytes + (n - last), last);
	return p->to->err != NULL ? p->to->err(p->to->arg, bytes, n) : 0;
}

int node_shell_feed(const struct node_call *c, const struct node_task *t,
	const struct proc_calls *calls, int *exit_code, struct err *e)
{
	struct ssh_words w = {0};
	struct proc_request r = {.in = t->in,
		.in_bytes = t->in_bytes,
		.source = t->source,
		.timeout_ms = c->timeout_ms,
		.cancel_fd = c->cancel_fd};
	struct passing p = {.to = calls};
	const struct proc_calls pass = {pass_out, pass_err, &p};
	struct proc_end end;
	struct err own = {0};
	int64_t from = instant_now().boot_ms;
	char *remote;
	int rc;

	*exit_code = -1;
	if (!c->local && !ssh_host_ok(c->host))
		return host_refused(c->host, e);
	remote = ssh_remote_command(c->shell->become, t->script, c->timeout_ms);
	if (remote == NULL)
		return err_set(
			e, ERR_LIMIT, _("%s: the script is too long for one command"), c->host);
	words_for(c, &w, remote, t->script);
	meter_command(c, from);
	buf_init(&p.said, ERRORS_MAX);
	r.argv = ssh_words_argv(&w);
	rc = proc_stream(&r, &pass, &end, &own) != 0 ? not_ended(c, &own)
						     : judge(c, end.exit_code, buf_text(&p.said),
							       instant_now().boot_ms - from, &own);
	if (rc == 0)
		*exit_code = end.exit_code;
	else if (e != NULL)
		*e = own;
	buf_done(&p.said);
	ssh_words_done(&w);
	free(remote);
	return rc;
}

int node_shell_stream(const struct node_call *c, const char *script, const struct proc_calls *calls,
	int *exit_code, struct err *e)
{
	return node_shell_feed(c, &(struct node_task){.script = script}, calls, exit_code, e);
}

/* The buffers of one run that is kept whole; each may be NULL. */
struct kept {
	struct buf *out, *errors;
};

static int keep(struct buf *to, const char *bytes, size_t n)
{
	if (to != NULL)
		buf_add(to, bytes, n < to->max - to->len ? n : to->max - to->len);
	return 0;
}

static int keep_out(void *arg, const char *bytes, size_t n)
{
	return keep(((struct kept *)arg)->out, bytes, n);
}

static int keep_errors(void *arg, const char *bytes, size_t n)
{
	return keep(((struct kept *)arg)->errors, bytes, n);
}

int node_shell_run(const struct node_call *c, const char *script, struct buf *out,
	struct buf *errors, int *exit_code, struct err *e)
{
	struct kept kept = {out, errors};
	const struct proc_calls calls = {keep_out, keep_errors, &kept};

	return node_shell_stream(c, script, &calls, exit_code, e);
}

char *node_shell_show(const struct node_call *c, const char *script)
{
	const struct node_shell *s = c->shell;
	bool plain = script[strspn(script, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012"
					   "3456789._/:=@,+ -")] == '\0';
	struct buf b, inner;

	buf_init(&b, SHOW_MAX);
	buf_init(&inner, SHOW_MAX);
	if (s->become[0] != '\0')
		buf_fmt(&inner, plain ? "%s " : "%s sh -c ", s->become);
	if (plain || s->become[0] == '\0')
		buf_puts(&inner, script);
	else
		ssh_quote(&inner, script);
	if (c->local) {
		buf_done(&b);
		return buf_take(&inner);
	}
	buf_puts(&b, s->command);
	for (size_t i = 0; i < s->options.v.len; i++) {
		buf_putc(&b, ' ');
		ssh_quote_if_needed(&b, s->options.v.at[i]);
	}
	if (s->identity[0] != '\0') {
		buf_puts(&b, " -i ");
		ssh_quote_if_needed(&b, s->identity);
	}
	buf_fmt(&b, s->user[0] != '\0' ? " %s@" : " %s", s->user);
	ssh_quote_if_needed(&b, c->host);
	buf_putc(&b, ' ');
	if (plain)
		buf_puts(&b, buf_text(&inner));
	else
		ssh_quote(&b, buf_text(&inner));
	buf_done(&inner);
	return buf_take(&b);
}

static bool remote_ok(const char *remote)
{
	const char *may =
		remote[0] == '/'
			? "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-"
			: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-";

	return remote[0] != '\0' && remote[0] != '-' && remote[strspn(remote, may)] == '\0' &&
	       strlen(remote) <= 100;
}

/* The socket that belongs to the master that stands now. */
static void forward_path(
	const struct node_shell *s, const char *host, const char *remote, char *path, size_t size)
{
	char *control = control_path(s, host), hex[17];
	struct stat st;

	name_hash(host, remote, hex);
	if (stat(control, &st) != 0)
		st.st_ino = 0;
	snprintf(path, size, "%s/f-%s-%llx", s->dir.path, hex, (unsigned long long)st.st_ino);
	free(control);
}

static bool listens(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd;
	bool yes;

	if (!str_copy(to.sun_path, sizeof(to.sun_path), path))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	yes = connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0;
	close(fd);
	return yes;
}

static int forward_once(
	const struct node_call *c, const char *remote, const char *path, struct err *e)
{
	char *socket_at = control_path(c->shell, c->host),
	     *forward = str_fmt("%s:%s", path, remote), why[WHY_SIZE];
	const struct order o = {.socket = socket_at, .verb = "forward", .forward = forward};
	struct node_call brief = *c;
	int rc;

	if (brief.timeout_ms > FORWARD_MS)
		brief.timeout_ms = FORWARD_MS;
	rc = tell_master(&brief, &o, why);
	free(socket_at);
	free(forward);
	if (rc == 0)
		return 0;
	return err_set(
		e, ERR_UNSUPPORTED, _("%s: ssh cannot forward %s (%s)"), c->host, remote, why);
}

/* No master stands, or a dead one: any command makes one. */
static int forward_anew(const struct node_call *c, int64_t until_ms, const char *remote, char *path,
	size_t size, struct err *e)
{
	struct node_call rest = *c;
	int exit_code;

	rest.timeout_ms = until_ms - instant_now().boot_ms;
	if (rest.timeout_ms <= 0)
		return err_set(e, ERR_TIMEOUT, _("%s: no answer over ssh in time"), c->host);
	if (node_shell_run(&rest, "true", NULL, NULL, &exit_code, e) != 0)
		return -1;
	forward_path(c->shell, c->host, remote, path, size);
	return forward_once(c, remote, path, e);
}

int node_shell_forward(
	const struct node_call *c, const char *remote, char *path, size_t size, struct err *e)
{
	int64_t until_ms = instant_now().boot_ms + c->timeout_ms;
	struct err no_master;

	path[0] = '\0';
	if (!c->local && !ssh_host_ok(c->host))
		return host_refused(c->host, e);
	if (!remote_ok(remote))
		return err_set(e, ERR_USAGE,
			_("that is no socket to forward: it is host:port or an absolute path"));
	if (c->local && remote[0] != '/')
		return err_set(e, ERR_UNSUPPORTED,
			_("%s listens on this machine: no forward is needed"), remote);
	if (c->local)
		return str_copy(path, size, remote)
			       ? 0
			       : err_set(e, ERR_LIMIT, _("the path of %s is too long"), remote);
	forward_path(c->shell, c->host, remote, path, size);
	if (listens(path) || forward_once(c, remote, path, &no_master) == 0 ||
		forward_anew(c, until_ms, remote, path, size, e) == 0)
		return 0;
	path[0] = '\0';
	return -1;
}

/* Ends the masters whose sockets stand in dir. */
static void end_masters(struct node_shell *s)
{
	const struct node_call brief = {s, "master", CONTROL_MS, -1, false};
	DIR *d = opendir(s->dir.path);
	const struct dirent *entry;
	char *path, why[WHY_SIZE];

	if (d == NULL)
		return;
	while ((entry = readdir(d)) != NULL) {
		if (!str_starts(entry->d_name, "c-"))
			continue;
		path = str_fmt("%s/%s", s->dir.path, entry->d_name);
		tell_master(&brief, &(struct order){.socket = path, .verb = "exit"}, why);
		free(path);
	}
	closedir(d);
}

void node_shell_free(struct node_shell *s)
{
	if (s == NULL)
		return;
	if (s->dir.path != NULL)
		end_masters(s);
	temp_dir_close(&s->dir);
	ssh_words_done(&s->options);
	free(s->command);
	free(s->user);
	free(s->identity);
	free(s->become);
	free(s);
}
