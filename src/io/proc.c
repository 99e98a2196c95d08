/* Child processes. posix_spawn, so that no half-copied process ever runs our code:
 * threads, locks and curl's sockets are not for the child. It starts a session of its
 * own, which is what a time-out ends: first politely, half a second later for good.
 *
 * The end of a child is seen on its pidfd and not on its pipes: ssh leaves a master
 * process behind that keeps stderr open for as long as the shared connection lives. */
#include "io/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "sigpipe.h"

#define GRACE_MS    500  /* between TERM and KILL */
#define TICK_MS     20   /* where the kernel has no pidfd */
#define REAP_MS     5000 /* a killed child that does not end is stuck in the kernel */
#define READ_CHUNK  16384
#define DRAIN_TURNS 64 /* a megabyte: the largest pipe there is */

struct env {
	VEC(char *) names; /* borrowed, NULL at the end */
};

static bool is_name(const char *setting, const char *name, size_t n)
{
	return strncmp(setting, name, n) == 0 && setting[n] == '=';
}

static bool is_replaced(const struct proc_request *r, const char *setting)
{
	const char *const *v;

	for (v = r->env_unset; v != NULL && *v != NULL; v++)
		if (is_name(setting, *v, strlen(*v)))
			return true;
	for (v = r->env; v != NULL && *v != NULL; v++)
		if (is_name(setting, *v, strcspn(*v, "=")))
			return true;
	return false;
}

static void env_init(struct env *env, const struct proc_request *r)
{
	const char *const *v;
	char **have;

	memset(env, 0, sizeof(*env));
	for (have = environ; have != NULL && *have != NULL; have++)
		if (!is_replaced(r, *have))
			*vec_add(&env->names) = *have;
	for (v = r->env; v != NULL && *v != NULL; v++)
		*vec_add(&env->names) = (char *)(uintptr_t)*v;
	*vec_add(&env->names) = NULL;
}

/* Both ends above 2, or a later dup2 onto 0, 1 or 2 would lose one. */
static int open_pipe(int ends[2])
{
	int low[2], i;

	if (pipe2(low, O_CLOEXEC) != 0)
		return -1;
	for (i = 0; i < 2; i++) {
		ends[i] = low[i] > 2 ? low[i] : fcntl(low[i], F_DUPFD_CLOEXEC, 3);
		if (ends[i] != low[i])
			close(low[i]);
	}
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int set_nonblocking(int fd)
{
	return fcntl(fd, F_SETFL, O_NONBLOCK);
}

/* Is there such a program? Asked before the spawn, which reports it only where the child shares our
 * memory until its exec. */
static bool is_there(const char *program)
{
	const char *path =
		getenv("PATH"); /* NOLINT(concurrency-mt-unsafe): nobody sets it once threads run */
	bool found = false;

	if (strchr(program, '/') != NULL || path == NULL)
		return path == NULL || access(program, F_OK) == 0;
	while (!found) {
		size_t n = strcspn(path, ":");
		char *file = str_fmt("%.*s/%s", n ? (int)n : 1, n ? path : ".", program);

		found = access(file, F_OK) == 0;
		free(file);
		if (path[n] == '\0')
			break;
		path += n + 1;
	}
	return found;
}

/* in < 0: /dev/null. */
static int spawn(const struct proc_request *r, int in, int out, int err, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	struct env env;
	int failed;

	if (!is_there(r->argv[0]))
		return ENOENT;
	sigemptyset(&none);
	sigfillset(&all);
	env_init(&env, r);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	if (in >= 0)
		posix_spawn_file_actions_adddup2(&files, in, 0);
	else
		posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawn_file_actions_adddup2(&files, err, 2);
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (short)POSIX_SPAWN_SETSID);
	failed = posix_spawnp(
		pid, r->argv[0], &files, &attr, (char *const *)(uintptr_t)r->argv, env.names.at);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	vec_done(&env.names);
	return failed;
}

static int spawn_err(const struct proc_request *r, int errnum, struct err *e)
{
	if (errnum == ENOENT)
		return err_set(
			e, ERR_MISSING, _("%s is not installed here, or not in PATH"), r->argv[0]);
	return err_sys(e, errnum, _("cannot start %s"), r->argv[0]);
}

/* One run: the child, our ends of its pipes, and what is still to do. */
struct run {
	const struct proc_request *r;
	const struct proc_calls *calls;
	pid_t pid;
	int pidfd; /* -1: the kernel has none, look every TICK_MS */
	int in, out, err;
	const char *feed; /* what is to be written now: r->in, or a chunk of the source's */
	size_t fed, written;
	char *chunk;
	int status;
	bool unwanted; /* a call said that it wants no more */
	bool ended;
	enum { RUNNING, TERMINATED, KILLED } stage;
	enum err_code why; /* ERR_NONE: it may go on */
	int64_t deadline_ms, next_ms;
};

static bool has_input(const struct proc_request *r)
{
	return r->in != NULL || r->source != NULL;
}

static int run_start(struct run *run, const struct proc_request *r, struct err *e)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
	int failed = 0;

	if (open_pipe(out) != 0 || open_pipe(err) != 0 || (has_input(r) && open_pipe(in) != 0))
		failed = errno;
	if (failed == 0)
		failed = spawn(r, in[0], out[1], err[1], &run->pid);
	close_fd(&in[0]);
	close_fd(&out[1]);
	close_fd(&err[1]);
	run->in = in[1];
	run->out = out[0];
	run->err = err[0];
	if (failed != 0)
		return spawn_err(r, failed, e);
	run->pidfd = pidfd_open(run->pid, 0);
	set_nonblocking(run->out);
	set_nonblocking(run->err);
	if (run->in >= 0)
		set_nonblocking(run->in);
	return 0;
}

static void run_close(struct run *run)
{
	if (run->chunk != NULL)
		mem_wipe(run->chunk, READ_CHUNK);
	free(run->chunk);
	close_fd(&run->in);
	close_fd(&run->out);
	close_fd(&run->err);
	close_fd(&run->pidfd);
}

/* What is there now, but no more at a time than a pipe holds: a child that writes as fast as it is
 * read would else outlive its deadline. */
static void drain(struct run *run, int *fd, int (*say)(void *arg, const char *bytes, size_t n))
{
	char chunk[READ_CHUNK];
	ssize_t got;

	for (int turn = 0; *fd >= 0 && turn < DRAIN_TURNS; turn++) {
		got = read(*fd, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			close_fd(fd);
			return;
		}
		if (say != NULL && !run->unwanted)
			run->unwanted = say(run->calls->arg, chunk, (size_t)got) != 0;
	}
}

static void drain_both(struct run *run)
{
	drain(run, &run->out, run->calls->out);
	drain(run, &run->err, run->calls->err);
}

/* The source's next bytes; false at its end. */
static bool refill(struct run *run)
{
	const struct proc_source *from = run->r->source;
	ssize_t got;

	if (from == NULL || run->unwanted)
		return false;
	if (run->chunk == NULL)
		run->chunk = mem_zero(1, READ_CHUNK);
	got = from->read(from->arg, run->chunk, READ_CHUNK);
	run->unwanted = run->unwanted || got < 0;
	run->feed = run->chunk;
	run->fed = got > 0 ? (size_t)got : 0;
	run->written = 0;
	return got > 0;
}

static void feed(struct run *run)
{
	ssize_t put;

	while (run->in >= 0 && (run->written < run->fed || refill(run))) {
		put = write(run->in, run->feed + run->written, run->fed - run->written);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EAGAIN)
			return;
		if (put < 0)
			break; /* it does not want the rest */
		run->written += (size_t)put;
	}
	close_fd(&run->in);
}

static void kill_session(pid_t pid, int signal)
{
	if (kill(-pid, signal) != 0)
		kill(pid, signal); /* not yet its own session */
}

static bool reap(pid_t pid, int *status)
{
	pid_t got;

	do
		got = waitpid(pid, status, WNOHANG);
	while (got < 0 && errno == EINTR);
	return got != 0;
}

/* From bad to worse: TERM, KILL, given up. */
static void escalate(struct run *run, int64_t now)
{
	if (run->stage == RUNNING) {
		kill_session(run->pid, SIGTERM);
		run->stage = TERMINATED;
		run->next_ms = now + GRACE_MS;
	} else if (run->stage == TERMINATED && now >= run->next_ms) {
		kill_session(run->pid, SIGKILL);
		run->stage = KILLED;
		run->next_ms = now + REAP_MS;
	} else if (run->stage == KILLED && now >= run->next_ms) {
		run->ended = true;
	}
}

static int run_patience(const struct run *run)
{
	int64_t until = run->why != ERR_NONE ? run->next_ms : run->deadline_ms;
	int64_t left = until - instant_now().boot_ms;

	if (left < 0)
		left = 0;
	if (run->pidfd < 0 && left > TICK_MS)
		left = TICK_MS;
	return left < 60000 ? (int)left : 60000;
}

static void run_poll(struct run *run)
{
	struct pollfd p[] = {
		{.fd = run->out, .events = POLLIN},
		{.fd = run->err, .events = POLLIN},
		{.fd = run->in, .events = POLLOUT},
		{.fd = run->pidfd, .events = POLLIN},
		{.fd = run->why == ERR_NONE ? run->r->cancel_fd : -1, .events = POLLIN},
	};
	int64_t now;

	if (poll(p, sizeof(p) / sizeof(p[0]), run_patience(run)) < 0)
		memset(p, 0, sizeof(p));
	drain_both(run);
	feed(run);
	if (reap(run->pid, &run->status)) {
		run->ended = true;
		return;
	}
	now = instant_now().boot_ms;
	if (run->why == ERR_NONE && (p[4].revents != 0 || run->unwanted))
		run->why = ERR_CANCELLED;
	else if (run->why == ERR_NONE && now >= run->deadline_ms)
		run->why = ERR_TIMEOUT;
	if (run->why != ERR_NONE)
		escalate(run, now);
}

static int run_outcome(const struct run *run, struct proc_end *end, struct err *e)
{
	const char *name = run->r->argv[0];
	int status = run->status;

	end->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (run->why == ERR_TIMEOUT)
		return err_set(e, ERR_TIMEOUT, _("%s did not end within %g s"), name,
			(double)run->r->timeout_ms / 1000);
	if (run->why == ERR_CANCELLED || run->unwanted)
		return err_set(e, ERR_CANCELLED, _("%s was cancelled"), name);
	if (end->signal != 0)
		return err_set(e, ERR_SYSTEM, _("%s was killed by signal %d (%s)"), name,
			end->signal, sigdescr_np(end->signal));
	return 0;
}

int proc_stream(const struct proc_request *r, const struct proc_calls *calls, struct proc_end *end,
	struct err *e)
{
	struct run run = {.r = r, .calls = calls, .pidfd = -1, .in = -1, .out = -1, .err = -1};
	struct sigpipe quiet;
	int rc = -1;

	*end = (struct proc_end){.exit_code = -1};
	if (r->source == NULL && r->in != NULL) {
		run.feed = r->in;
		run.fed = r->in_bytes;
	}
	run.deadline_ms = r->timeout_ms > 0 ? instant_now().boot_ms + r->timeout_ms : INT64_MAX;
	sigpipe_block(&quiet);
	if (run_start(&run, r, e) == 0) {
		while (!run.ended)
			run_poll(&run);
		drain_both(&run);
		rc = run_outcome(&run, end, e);
	}
	run_close(&run);
	sigpipe_restore(&quiet);
	return rc;
}

/* Past the ceiling it is forgotten. */
static int keep(struct buf *to, const char *bytes, size_t n)
{
	size_t room = to->max - to->len;

	buf_add(to, bytes, n < room ? n : room);
	to->over = to->over || n > room;
	return 0;
}

static int keep_out(void *arg, const char *bytes, size_t n)
{
	return keep(&((struct proc_result *)arg)->out, bytes, n);
}

static int keep_err(void *arg, const char *bytes, size_t n)
{
	return keep(&((struct proc_result *)arg)->err, bytes, n);
}

int proc_run(const struct proc_request *r, struct proc_result *result, struct err *e)
{
	const struct proc_calls calls = {keep_out, keep_err, result};
	struct proc_end end;
	int rc;

	memset(result, 0, sizeof(*result));
	buf_init(&result->out, r->max_out);
	buf_init(&result->err, r->max_out);
	rc = proc_stream(r, &calls, &end, e);
	result->exit_code = end.exit_code;
	result->signal = end.signal;
	return rc;
}

void proc_result_done(struct proc_result *result)
{
	buf_done(&result->out);
	buf_done(&result->err);
}
