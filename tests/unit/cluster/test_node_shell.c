/* Nodes by ssh, where ssh is a shell script of the test: it writes down how it was called and
 * behaves as the file `mode` beside it says. What it does run, it runs as sshd would: through a
 * shell that parses the words again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "cluster/haproxy.h"
#include "cluster/node_pki.h"
#include "cluster/node_round.h"
#include "cluster/node_shell.h"
#include "help/keys.h"
#include "help/metered.h"
#include "io/file.h"
#include "io/proc.h"

static const char fake_ssh[] =
	"#!/bin/sh\n"
	"d=$(dirname \"$0\")\n"
	"for a; do printf '<%s>' \"$a\"; case $a in ControlPath=*) c=${a#ControlPath=} ;; esac; "
	"done >>\"$d/log\"; echo >>\"$d/log\"\n"
	"verb=; fwd=; while [ $# -gt 0 ]; do case $1 in -O) verb=$2; shift ;; -L) fwd=$2; shift ;; "
	"-o|-i|-l|-F) shift ;; --) shift; break ;; esac; shift; done\n"
	"case $verb in\n"
	"forward) [ -e \"$c\" ] || { echo 'Control socket connect: No such file or directory' >&2; "
	"exit 255; }\n"
	"[ -e \"$d/noforward\" ] && { echo 'mux_client_forward: forwarding request failed' >&2; "
	"exit 255; }\n"
	"ln -sf \"$d/real.sock\" \"${fwd%%:*}\"; exit 0 ;;\n"
	"exit|stop) [ -e \"$d/stuck\" ] && exec sleep 60; rm -f \"$c\"; exit 0 ;;\n"
	"esac\n"
	"case $(cat \"$d/mode\") in\n"
	"fail) cat \"$d/stderr\" >&2; exit 255 ;;\n"
	"hang) : >\"$c\"; exec sleep 60 ;;\n"
	"*) : >\"$c\"; PATH=$d/bin:$PATH; shift; exec sh -c \"$*\" ;;\n"
	"esac\n";

static const char fake_sudo[] =
	"#!/bin/sh\n[ -e \"$(dirname \"$0\")/deny\" ] && { echo 'sudo: a password is required' "
	">&2; exit 1; }\n[ \"$1\" = -n ] || exit 9\nshift\nexport BECAME=root\nexec \"$@\"\n";

struct world {
	char dir[64];
	char *ssh, *runtime;
	struct node_shell *shell;
	struct buf out, errors;
	struct err err;
	int code;
};

static void put(const struct world *w, const char *name, const char *text, mode_t mode)
{
	char *path = str_fmt("%s/%s", w->dir, name);

	assert_int_equal(file_write(path, text, strlen(text), mode, NULL), 0);
	free(path);
}

static char *get(const struct world *w, const char *name)
{
	char *path = str_fmt("%s/%s", w->dir, name), *text = NULL;

	file_read(path, 1 << 20, &text, NULL, NULL);
	free(path);
	return text != NULL ? text : mem_str("");
}

static bool logged(const struct world *w, const char *what)
{
	char *log = get(w, "log");
	bool yes = strstr(log, what) != NULL;

	free(log);
	return yes;
}

static int count_logged(const struct world *w, const char *what)
{
	char *log = get(w, "log");
	int n = 0;

	for (const char *at = log; (at = strstr(at, what)) != NULL; at++)
		n++;
	free(log);
	return n;
}

static void open_shell(struct world *w, const struct node_shell_options *o)
{
	struct node_shell_options mine = *o;

	node_shell_free(w->shell);
	mine.command = w->ssh;
	w->shell = node_shell_new(&mine, &w->err);
	assert_non_null(w->shell);
}

static struct world *open_world(void)
{
	struct world *w = mem_new(struct world);
	char *bin;

	str_copy(w->dir, sizeof(w->dir), "/tmp/k911-test-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->ssh = str_fmt("%s/ssh", w->dir);
	w->runtime = str_fmt("%s/r", w->dir);
	assert_int_equal(mkdir(w->runtime, 0700), 0);
	setenv("XDG_RUNTIME_DIR", w->runtime, 1);
	put(w, "ssh", fake_ssh, 0755);
	put(w, "mode", "run", 0644);
	bin = str_fmt("%s/bin", w->dir);
	assert_int_equal(mkdir(bin, 0755), 0);
	free(bin);
	put(w, "bin/sudo", fake_sudo, 0755);
	buf_init(&w->out, 1 << 20);
	buf_init(&w->errors, 1 << 16);
	open_shell(w, &node_shell_defaults);
	return w;
}

static void close_world(struct world *w)
{
	const char *const argv[] = {"rm", "-rf", w->dir, NULL};
	struct proc_request rm = {
		.argv = argv, .timeout_ms = 20000, .cancel_fd = -1, .max_out = 1024};
	struct proc_result result;

	node_shell_free(w->shell);
	assert_int_equal(proc_run(&rm, &result, NULL), 0);
	proc_result_done(&result);
	buf_done(&w->out);
	buf_done(&w->errors);
	free(w->ssh);
	free(w->runtime);
	free(w);
}

static int run_for(struct world *w, const char *host, const char *script, int64_t timeout_ms)
{
	const struct node_call call = {w->shell, host, timeout_ms, -1, str_eq(host, "(here)")};

	buf_clear(&w->out);
	buf_clear(&w->errors);
	err_clear(&w->err);
	return node_shell_run(&call, script, &w->out, &w->errors, &w->code, &w->err);
}

static int run(struct world *w, const char *host, const char *script)
{
	return run_for(w, host, script, 20000);
}

static void test_a_script_runs_and_its_answer_comes_back(void **state)
{
	struct world *w = open_world();

	(void)state;
	assert_int_equal(run(w, "10.0.1.10", "echo out; echo err >&2; exit 7"), 0);
	assert_int_equal(w->code, 7);
	assert_string_equal(buf_text(&w->out), "out\n");
	assert_string_equal(buf_text(&w->errors), "err\n");
	close_world(w);
}

static void test_a_script_arrives_as_it_was_written(void **state)
{
	static const char script[] = "printf '%s|' \"a  b\" 'c'\\''d' '$HOME' \"`echo e`\" '\"' "
				     "'!' '\\' *x\nprintf '%s' \"f;g&h\"";
	struct world *w = open_world();

	(void)state;
	assert_int_equal(run(w, "m1", script), 0);
	assert_string_equal(buf_text(&w->out), "a  b|c'd|$HOME|e|\"|!|\\|*x|f;g&h");
	close_world(w);
}

static void test_ssh_is_asked_never_to_prompt_and_to_end(void **state)
{
	static const char *const words[] = {"<BatchMode=yes>", "<ConnectTimeout=5>",
		"<ServerAliveInterval=5>", "<ServerAliveCountMax=2>", "<StrictHostKeyChecking=yes>",
		"<ForwardAgent=no>", "<ControlMaster=auto>", "<ControlPersist=60>", "<-T>",
		"<-l><root>", "<--><10.0.1.10><timeout -k 2 19 sh -c 'true'>"};
	struct world *w = open_world();

	(void)state;
	assert_int_equal(run(w, "10.0.1.10", "true"), 0);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!logged(w, words[i]))
			fail_msg("ssh was not given %s", words[i]);
	close_world(w);
}

static void test_the_operators_options_come_first(void **state)
{
	static const char *const options[] = {
		"-o", "StrictHostKeyChecking=accept-new", "-F", "/x y", NULL};
	struct node_shell_options o = {.user = "ops", .identity = "/keys/id", .options = options};
	struct world *w = open_world();
	char *log, *theirs, *ours;

	(void)state;
	open_shell(w, &o);
	assert_int_equal(run(w, "m1", "true"), 0);
	log = get(w, "log");
	theirs = strstr(log, "<StrictHostKeyChecking=accept-new><-F></x y>");
	ours = strstr(log, "<StrictHostKeyChecking=yes>");
	assert_true(theirs != NULL && ours != NULL && theirs < ours);
	assert_non_null(strstr(log, "<-i></keys/id><-l><ops>"));
	free(log);
	close_world(w);
}

static void test_hosts_that_are_options_or_shell_are_refused(void **state)
{
	static const char *const hosts[] = {"", "-oProxyCommand=touch /tmp/x", "-v", "m1;reboot",
		"m1 m2", "$(reboot)", "`reboot`", "root@m1", "m1\nm2", "m1'", "m1|x", "m1&", "\xff",
		"m\x1b[2J"};
	struct world *w = open_world();

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		char path[128];

		assert_int_equal(run(w, hosts[i], "true"), -1);
		assert_int_equal(w->err.code, ERR_USAGE);
		assert_null(strchr(w->err.text, '\x1b'));
		assert_int_equal(node_shell_forward(
					 &(struct node_call){w->shell, hosts[i], 20000, -1, false},
					 "127.0.0.1:2381", path, sizeof(path), &w->err),
			-1);
	}
	assert_false(logged(w, "<"));
	assert_int_equal(run(w, "fe80::1%eth0", "true"), 0);
	assert_int_equal(run(w, "m1.example.org", "true"), 0);
	close_world(w);
}

static void test_users_and_become_that_are_options_or_shell_are_refused(void **state)
{
	static const struct node_shell_options bad[] = {{.user = "-oX=y"}, {.user = "a b"},
		{.user = "a;b"}, {.user = "$(x)"}, {.user = "root", .become = "sudo; reboot"},
		{.user = "root", .become = "$(x)"}, {.user = "root", .become = "a\nb"}};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err_clear(&e);
		assert_null(node_shell_new(&bad[i], &e));
		assert_int_equal(e.code, ERR_USAGE);
	}
}

static void test_every_failure_of_ssh_says_what_to_do(void **state)
{
	static const struct {
		const char *said;
		enum err_code code;
		const char *advice;
	} cases[] = {
		{"ssh: connect to host 10.0.1.10 port 22: Connection refused\r\n", ERR_REFUSED,
			"sshd"},
		{"ssh: connect to host 10.0.1.10 port 22: Connection timed out\r\n", ERR_TIMEOUT,
			"off"},
		{"Connection timed out during banner exchange\r\n", ERR_TIMEOUT, "hung"},
		{"ssh: connect to host 10.0.1.10 port 22: No route to host\r\n", ERR_UNREACHABLE,
			"route"},
		{"ssh: Could not resolve hostname m9: Name or service not known\r\n",
			ERR_UNREACHABLE, "DNS"},
		{"root@10.0.1.10: Permission denied (publickey).\r\n", ERR_AUTH,
			"nodes.ssh.identity"},
		{"Received disconnect from x port 22:2: Too many authentication failures\r\n",
			ERR_AUTH, "nodes.ssh.identity"},
		{"No ED25519 host key is known for 10.0.1.10 and you have requested strict "
		 "checking.\r\nHost key verification failed.\r\n",
			ERR_TLS, "known_hosts"},
		{"@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\r\nHost key verification "
		 "failed.\r\n",
			ERR_TLS, "ssh-keygen -R"},
		{"command-line: line 0: Bad configuration option: foo\r\n", ERR_USAGE,
			"nodes.ssh.options"},
		{"kex_exchange_identification: Connection closed by remote host\r\n",
			ERR_UNREACHABLE, "MaxStartups"},
		{"client_loop: send disconnect: Broken pipe\r\n", ERR_UNREACHABLE, "broke"},
		{"something \x1b[2J new\r\n\r\n", ERR_UNREACHABLE, "something ^[[2J new"},
		{"", ERR_UNREACHABLE, "by hand"},
	};
	struct world *w = open_world();

	(void)state;
	put(w, "mode", "fail", 0644);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put(w, "stderr", cases[i].said, 0644);
		assert_int_equal(run(w, "10.0.1.10", "true"), -1);
		assert_int_equal(w->err.code, cases[i].code);
		assert_true(str_starts(w->err.text, "10.0.1.10: "));
		if (strstr(w->err.text, cases[i].advice) == NULL)
			fail_msg("'%s' does not say '%s'", w->err.text, cases[i].advice);
	}
	close_world(w);
}

static void test_a_hung_connection_costs_the_timeout_and_is_not_used_again(void **state)
{
	struct world *w = open_world();
	struct instant from = instant_now();

	(void)state;
	put(w, "mode", "hang", 0644);
	assert_int_equal(run_for(w, "10.0.1.10", "true", 1000), -1);
	assert_int_equal(w->err.code, ERR_TIMEOUT);
	assert_in_range(instant_age_ms(from, instant_now()), 900, 8000);
	assert_true(logged(w, "<-O><stop><--><10.0.1.10>"));
	close_world(w);
}

/* The control sockets that stand. */
static int masters(const struct world *w)
{
	char *list = str_fmt("ls -d %s/k911/ssh-*/c-* 2>/dev/null | wc -l", w->runtime);
	struct buf out;
	int code, n;

	buf_init(&out, 4096);
	assert_int_equal(node_shell_run(&(struct node_call){w->shell, "(here)", 20000, -1, true},
				 list, &out, NULL, &code, NULL),
		0);
	n = buf_text(&out)[0] - '0';
	buf_done(&out);
	free(list);
	return n;
}

static void test_a_master_that_does_not_listen_loses_its_socket(void **state)
{
	struct world *w = open_world();

	(void)state;
	assert_int_equal(run(w, "m1", "true"), 0);
	assert_int_equal(masters(w), 1);
	put(w, "stuck", "", 0644);
	put(w, "mode", "hang", 0644);
	assert_int_equal(run_for(w, "m1", "true", 500), -1);
	assert_true(logged(w, "<-O><stop>"));
	assert_int_equal(masters(w), 0);
	close_world(w);
}

static void test_a_failed_connection_is_not_used_again(void **state)
{
	struct world *w = open_world();

	(void)state;
	assert_int_equal(run(w, "m1", "true"), 0);
	assert_int_equal(masters(w), 1);
	put(w, "mode", "fail", 0644);
	put(w, "stderr", "mux_client_request_session: read from master failed: Broken pipe\n",
		0644);
	assert_int_equal(run(w, "m1", "true"), -1);
	assert_int_equal(masters(w), 0);
	close_world(w);
}

static void test_a_script_that_runs_too_long_is_ended_over_there(void **state)
{
	struct world *w = open_world();

	(void)state;
	assert_int_equal(run_for(w, "m1", "echo begun; exec sleep 60", 2400), -1);
	assert_int_equal(w->err.code, ERR_TIMEOUT);
	assert_non_null(strstr(w->err.text, "ran longer than 1 s"));
	assert_string_equal(buf_text(&w->out), "begun\n");
	assert_false(logged(w, "<-O>")); /* the connection is fine */
	close_world(w);
}

static void test_cancelling_ends_the_wait_and_leaves_the_connection(void **state)
{
	struct world *w = open_world();
	int cancel = eventfd(1, EFD_CLOEXEC);

	(void)state;
	put(w, "mode", "hang", 0644);
	assert_int_equal(node_shell_run(&(struct node_call){w->shell, "m1", 20000, cancel, false},
				 "true", NULL, NULL, &w->code, &w->err),
		-1);
	assert_int_equal(w->err.code, ERR_CANCELLED);
	assert_false(logged(w, "<-O>"));
	close(cancel);
	close_world(w);
}

static void test_become_runs_as_somebody_else_or_says_why_not(void **state)
{
	struct node_shell_options o = {.user = "ops", .become = "sudo"};
	struct world *w = open_world();

	(void)state;
	open_shell(w, &o);
	assert_int_equal(run(w, "m1", "echo \"$BECAME\""), 0);
	assert_string_equal(buf_text(&w->out), "root\n");
	put(w, "bin/deny", "", 0644);
	assert_int_equal(run(w, "m1", "true"), -1);
	assert_int_equal(w->err.code, ERR_AUTH);
	assert_non_null(strstr(w->err.text, "NOPASSWD"));
	close_world(w);
}

static void test_this_machine_needs_no_ssh(void **state)
{
	struct world *w = open_world();

	(void)state;
	assert_int_equal(run(w, "(here)", "echo \"it's me\"; exit 255"), 0);
	assert_int_equal(w->code, 255);
	assert_string_equal(buf_text(&w->out), "it's me\n");
	assert_int_equal(run_for(w, "(here)", "sleep 30", 700), -1);
	assert_int_equal(w->err.code, ERR_TIMEOUT);
	assert_false(logged(w, "<"));
	close_world(w);
}

static void test_the_meter_counts_commands_and_those_that_had_to_connect(void **state)
{
	struct world *w = open_world();

	(void)state;
	assert_int_equal(run(w, "metered", "true"), 0);
	assert_int_equal(run(w, "metered", "true"), 0);
	assert_int_equal(run(w, "(here)", "true"), 0);
	assert_int_equal(metered(METER_SSH, "metered").n[METER_REQUESTS], 2);
	assert_int_equal(metered(METER_SSH, "metered").n[METER_CONNECTIONS], 1);
	assert_int_equal(metered(METER_SSH, "(here)").n[METER_REQUESTS], 0);
	close_world(w);
}

static int count(void *arg, const char *bytes, size_t n)
{
	(void)bytes;
	*(size_t *)arg += n;
	return 0;
}

static int refuse(void *arg, const char *bytes, size_t n)
{
	(void)bytes;
	*(size_t *)arg += n;
	return -1;
}

static void test_what_is_too_much_to_keep_is_streamed(void **state)
{
	struct world *w = open_world();
	const struct node_call call = {w->shell, "m1", 20000, -1, false};
	size_t n = 0;

	(void)state;
	assert_int_equal(node_shell_stream(&call, "head -c 9000000 /dev/zero; echo no >&2; exit 4",
				 &(struct proc_calls){count, NULL, &n}, &w->code, &w->err),
		0);
	assert_int_equal(w->code, 4);
	assert_int_equal(n, 9000000);
	n = 0;
	assert_int_equal(node_shell_stream(&call, "exec cat /dev/zero",
				 &(struct proc_calls){refuse, NULL, &n}, &w->code, &w->err),
		-1);
	assert_int_equal(w->err.code, ERR_CANCELLED);
	assert_true(n > 0 && n <= 65536);
	assert_false(logged(w, "<-O>")); /* the connection is fine */
	close_world(w);
}

/* However much was said before, ssh says last why it failed. */
static void test_a_failure_behind_much_talk_is_still_named(void **state)
{
	struct world *w = open_world();
	struct buf said;

	(void)state;
	buf_init(&said, 1 << 20);
	while (said.len < 100000)
		buf_puts(&said, "debug1: what nobody asked for\n");
	buf_puts(&said, "ssh: connect to host m1 port 22: Connection refused\n");
	put(w, "mode", "fail", 0644);
	put(w, "stderr", buf_text(&said), 0644);
	assert_int_equal(run(w, "m1", "true"), -1);
	assert_int_equal(w->err.code, ERR_REFUSED);
	buf_done(&said);
	close_world(w);
}

static void test_what_does_not_fit_is_dropped_not_an_error(void **state)
{
	struct world *w = open_world();
	struct buf small;

	(void)state;
	buf_init(&small, 10);
	assert_int_equal(node_shell_run(&(struct node_call){w->shell, "m1", 20000, -1, false},
				 "printf %0100d 0", &small, NULL, &w->code, NULL),
		0);
	assert_int_equal(small.len, 10);
	buf_done(&small);
	close_world(w);
}

static void check_shown(
	const struct node_shell_options *o, const char *host, const char *script, const char *shown)
{
	struct node_shell *s = node_shell_new(o, NULL);
	char *text;

	assert_non_null(s);
	text = node_shell_show(&(struct node_call){s, host, 0, -1, str_eq(host, "(here)")}, script);
	assert_string_equal(text, shown);
	free(text);
	node_shell_free(s);
}

static void test_the_command_is_shown_as_one_would_type_it(void **state)
{
	static const char *const options[] = {"-F", "/a b", NULL};
	struct node_shell_options plain = node_shell_defaults,
				  sudo = {.user = "ops",
					  .become = "sudo",
					  .identity = "/k",
					  .options = options},
				  nobody = {.user = ""};

	(void)state;
	check_shown(
		&plain, "m1", "systemctl restart kubelet", "ssh root@m1 systemctl restart kubelet");
	check_shown(&plain, "m1", "a; b", "ssh root@m1 'a; b'");
	check_shown(&plain, "m1", "echo 'x'", "ssh root@m1 'echo '\\''x'\\'''");
	check_shown(&sudo, "m1", "systemctl restart kubelet",
		"ssh -F '/a b' -i /k ops@m1 sudo systemctl restart kubelet");
	check_shown(&sudo, "m1", "a; b", "ssh -F '/a b' -i /k ops@m1 'sudo sh -c '\\''a; b'\\'''");
	check_shown(&nobody, "m1", "uptime", "ssh m1 uptime");
	check_shown(&plain, "(here)", "a; b", "a; b");
	check_shown(&plain, "local", "a; b", "ssh root@local 'a; b'");
}

static void test_sockets_live_in_a_private_directory_that_goes_with_the_shell(void **state)
{
	struct world *w = open_world();
	char *list = str_fmt("stat -c %%a %s/k911/ssh-*", w->runtime), *left;
	int code;

	(void)state;
	assert_int_equal(run(w, "m1", "true"), 0);
	assert_int_equal(run(w, "(here)", list), 0);
	assert_string_equal(buf_text(&w->out), "700\n");
	node_shell_free(w->shell);
	w->shell = NULL;
	assert_int_equal(count_logged(w, "<-O><exit>"), 1);
	open_shell(w, &node_shell_defaults);
	left = str_fmt("ls %s/k911 | wc -l", w->runtime);
	assert_int_equal(node_shell_run(&(struct node_call){w->shell, "(here)", 20000, -1, true},
				 left, &w->out, NULL, &code, NULL),
		0);
	assert_string_equal(buf_text(&w->out), "700\n1\n");
	free(left);
	free(list);
	close_world(w);
}

/* haproxy's admin socket: answers one request per connection. */
struct admin {
	int fd;
	pthread_t thread;
};

static void *admin_serve(void *arg)
{
	static const char csv[] = "# "
				  "pxname,svname,status,check_status,addr,last_chk,\nmasters,m1,UP,"
				  "L7OK,10.0.1.10:6443,,\n";
	struct admin *a = arg;
	char request[64];
	int c;

	while ((c = accept(a->fd, NULL, NULL)) >= 0) {
		if (recv(c, request, sizeof(request), 0) > 0)
			send(c, csv, strlen(csv), MSG_NOSIGNAL);
		close(c);
	}
	return NULL;
}

static void admin_start(struct admin *a, const struct world *w)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char *path = str_fmt("%s/real.sock", w->dir);

	str_copy(at.sun_path, sizeof(at.sun_path), path);
	a->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(a->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(a->fd, 8), 0);
	assert_int_equal(pthread_create(&a->thread, NULL, admin_serve, a), 0);
	free(path);
}

static void admin_stop(struct admin *a)
{
	shutdown(a->fd, SHUT_RDWR);
	pthread_join(a->thread, NULL);
	close(a->fd);
}

static void test_a_forward_is_made_once_and_again_when_it_died(void **state)
{
	struct world *w = open_world();
	struct admin a;
	char first[128], again[128];

	(void)state;
	admin_start(&a, w);
	assert_int_equal(node_shell_forward(&(struct node_call){w->shell, "m1", 20000, -1, false},
				 "/run/haproxy/admin.sock", first, sizeof(first), &w->err),
		0);
	assert_int_equal(access(first, F_OK), 0);
	assert_int_equal(count_logged(w, "<-O><forward><-L>"), 2); /* the first met no connection */
	assert_int_equal(node_shell_forward(&(struct node_call){w->shell, "m1", 20000, -1, false},
				 "/run/haproxy/admin.sock", again, sizeof(again), &w->err),
		0);
	assert_string_equal(first, again);
	assert_int_equal(count_logged(w, "<-O><forward>"), 2);
	assert_int_equal(unlink(first), 0);
	assert_int_equal(node_shell_forward(&(struct node_call){w->shell, "m1", 20000, -1, false},
				 "/run/haproxy/admin.sock", again, sizeof(again), &w->err),
		0);
	assert_int_equal(access(again, F_OK), 0);
	assert_int_equal(count_logged(w, "<-O><forward>"), 3);
	admin_stop(&a);
	close_world(w);
}

static void test_a_forward_of_what_is_no_socket_is_refused(void **state)
{
	static const char *const bad[] = {"", "-R", "127.0.0.1:2381 -R x", "/run/a:b", "/run/a\nb",
		"$(x):1", "relative/path"};
	struct world *w = open_world();
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
			node_shell_forward(&(struct node_call){w->shell, "m1", 20000, -1, false},
				bad[i], path, sizeof(path), &w->err),
			-1);
		assert_int_equal(w->err.code, ERR_USAGE);
		assert_string_equal(path, "");
	}
	assert_false(logged(w, "<"));
	assert_int_equal(
		node_shell_forward(&(struct node_call){w->shell, "(here)", 20000, -1, true},
			"/run/x.sock", path, sizeof(path), &w->err),
		0);
	assert_string_equal(path, "/run/x.sock");
	close_world(w);
}

static void test_haproxy_is_asked_through_the_forward(void **state)
{
	struct world *w = open_world();
	struct haproxy_report r;
	struct admin a;

	(void)state;
	admin_start(&a, w);
	assert_int_equal(haproxy_stat(&(struct node_call){w->shell, "lb", 20000, -1, false},
				 "/run/haproxy/admin.sock", &r, &w->err),
		0);
	assert_int_equal(r.n, 1);
	assert_string_equal(r.servers[0].check, "L7OK");
	assert_false(logged(w, "show stat"));
	admin_stop(&a);
	close_world(w);
}

/* sshd may forbid forwarding: then something on the machine asks (perl is there wherever this test
 * runs: Debian's essential). */
static void test_haproxy_is_asked_over_there_where_ssh_may_not_forward(void **state)
{
	struct world *w = open_world();
	char *socket_path = str_fmt("%s/real.sock", w->dir);
	struct haproxy_report r;
	struct admin a;

	(void)state;
	put(w, "noforward", "", 0644);
	admin_start(&a, w);
	assert_int_equal(haproxy_stat(&(struct node_call){w->shell, "lb", 20000, -1, false},
				 socket_path, &r, &w->err),
		0);
	assert_int_equal(r.n, 1);
	assert_string_equal(r.servers[0].address, "10.0.1.10:6443");
	admin_stop(&a);
	assert_int_equal(haproxy_stat(&(struct node_call){w->shell, "lb", 20000, -1, false},
				 "/nowhere.sock", &r, &w->err),
		-1);
	assert_non_null(strstr(w->err.text, "stats socket"));
	free(socket_path);
	close_world(w);
}

static void test_a_round_of_this_very_machine_says_what_it_can(void **state)
{
	struct host_report *r = calloc(1, sizeof(*r));
	struct world *w = open_world();

	(void)state;
	assert_non_null(r);
	assert_int_equal(node_round(&(struct node_call){w->shell, "m1", 20000, -1, false},
				 "127.0.0.1", true, r, &w->err),
		0);
	assert_true(r->round_us > 0);
	assert_true(r->clock_skew_ms > -2000 && r->clock_skew_ms < 2000);
	assert_true(r->mem_total_kb > 0);
	assert_true(r->load1 >= 0);
	assert_in_range(r->disk_percent_root, 0, 100);
	assert_true(instant_age_ms(r->at, instant_now()) >= 0);
	put(w, "mode", "fail", 0644);
	put(w, "stderr", "ssh: connect to host m1 port 22: Connection refused\n", 0644);
	assert_int_equal(node_round(&(struct node_call){w->shell, "m1", 20000, -1, false}, NULL,
				 false, r, &w->err),
		-1);
	assert_int_equal(w->err.code, ERR_REFUSED);
	free(r);
	close_world(w);
}

/* As a container's runtime writes it, in the node's own time zone. */
static void cri_line(struct buf *to, int64_t s_ago, int zone_h, const char *text)
{
	time_t at = (time_t)(instant_now().wall_ms / 1000 - s_ago + zone_h * 3600);
	char stamp[32];
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	buf_fmt(to, "%s.123456789", stamp);
	if (zone_h == 0)
		buf_putc(to, 'Z');
	else
		buf_fmt(to, "%c%02d:00", zone_h < 0 ? '-' : '+', abs(zone_h));
	buf_fmt(to, " stderr F %s\n", text);
}

static void unix_line(struct buf *to, int64_t s_ago, const char *rest)
{
	buf_fmt(to, "echo '%lld.000001 m1 %s'\n", (long long)(instant_now().wall_ms / 1000 - s_ago),
		rest);
}

/* What the tools of a node's machine would say: its journal, and which log files there are. */
static void put_logs(struct world *w)
{
	struct buf scheduler, etcd, journal;
	char *ls;

	buf_init(&scheduler, 1 << 16);
	buf_init(&etcd, 1 << 16);
	buf_init(&journal, 1 << 16);
	cri_line(&scheduler, 3000, 8, "I1125 05:00:00.000000       1 serving.go:1] \"begun\"");
	cri_line(&scheduler, 400, 8, "E1125 05:00:00.000000       1 a.go:1] \"once\"");
	cri_line(&scheduler, 200, -5, "E1125 05:00:00.000000       1 a.go:1] \"again\"");
	cri_line(&scheduler, 100, 0, "F1125 05:00:00.000000       1 a.go:1] \"and again\"");
	cri_line(&scheduler, 50, 0, "Everything is E1125 and well");
	cri_line(&etcd, 5000, 0, "{\"level\":\"error\",\"msg\":\"too long ago\"}");
	cri_line(&etcd, 20, 0, "{\"level\":\"fatal\",\"msg\":\"x\"}");
	cri_line(&etcd, 10, 0, "{\"level\":\"warn\",\"msg\":\"level error\"}");
	buf_puts(&journal, "#!/bin/sh\ncase \"$*\" in\n*kubelet*)\n");
	unix_line(&journal, 250, "kubelet[1]: E1125 05:00:00.000000       1 b.go:1] \"x\"");
	unix_line(&journal, 200, "kubelet[1]: I1125 05:00:00.000000       1 b.go:1] \"x\"");
	buf_puts(&journal, ";;\n*containerd*)\n");
	unix_line(&journal, 30, "containerd[7]: time=\"2026\" level=error msg=\"x\"");
	buf_puts(&journal, ";;\nesac\n");
	put(w, "bin/journalctl", buf_text(&journal), 0755);
	put(w, "scheduler.log", buf_text(&scheduler), 0644);
	put(w, "etcd.log", buf_text(&etcd), 0644);
	ls = str_fmt("#!/bin/sh\ncase \"$*\" in\n*kube-scheduler*) echo %s/scheduler.log.gz; echo "
		     "%s/scheduler.log ;;\n*etcd*) echo %s/etcd.log ;;\nesac\n",
		w->dir, w->dir, w->dir);
	put(w, "bin/ls", ls, 0755);
	free(ls);
	buf_done(&scheduler);
	buf_done(&etcd);
	buf_done(&journal);
}

static void expect_log(const struct host_report *r, const char *name, struct host_log is)
{
	for (size_t i = 0; i < HOST_LOGS; i++)
		if (strcmp(host_log_names[i], name) == 0) {
			assert_in_range(r->logs[i].back_s, is.back_s, HOST_LOG_BACK_S);
			assert_int_equal(r->logs[i].recent, is.recent);
			assert_int_equal(r->logs[i].before, is.before);
		}
}

static void test_errors_in_logs_are_counted_on_the_node(void **state)
{
	struct host_report *r = calloc(1, sizeof(*r));
	struct world *w = open_world();

	(void)state;
	assert_non_null(r);
	put_logs(w);
	assert_int_equal(node_round(&(struct node_call){w->shell, "m1", 20000, -1, false}, NULL,
				 true, r, &w->err),
		0);
	expect_log(r, "kubelet", (struct host_log){250, 1, 0});
	expect_log(r, "containerd", (struct host_log){30, 1, 0});
	expect_log(r, "kube-scheduler", (struct host_log){3000, 2, 1});
	expect_log(r, "etcd", (struct host_log){HOST_LOG_BACK_S, 1, 0});
	expect_log(r, "kube-apiserver", (struct host_log){0, 0, 0});
	assert_int_equal(node_round(&(struct node_call){w->shell, "m1", 20000, -1, false}, NULL,
				 false, r, &w->err),
		0);
	expect_log(r, "etcd", (struct host_log){0, 0, 0});
	free(r);
	close_world(w);
}

static void test_a_log_that_cannot_be_read_is_not_counted_and_no_error(void **state)
{
	struct host_report *r = calloc(1, sizeof(*r));
	struct world *w = open_world();

	(void)state;
	assert_non_null(r);
	put_logs(w);
	put(w, "bin/journalctl", "#!/bin/sh\nexec sleep 60\n", 0755);
	assert_int_equal(node_round(&(struct node_call){w->shell, "m1", 20000, -1, false}, NULL,
				 true, r, &w->err),
		0);
	expect_log(r, "kubelet", (struct host_log){0, 0, 0});
	expect_log(r, "kube-scheduler", (struct host_log){3000, 2, 1});
	assert_true(r->round_us < 15000000);
	put(w, "bin/awk", "#!/bin/sh\nexit 127\n", 0755);
	put(w, "bin/journalctl", "#!/bin/sh\nexit 1\n", 0755);
	assert_int_equal(node_round(&(struct node_call){w->shell, "m1", 20000, -1, false}, NULL,
				 true, r, &w->err),
		0);
	expect_log(r, "kube-scheduler", (struct host_log){0, 0, 0});
	free(r);
	close_world(w);
}

static void test_a_shell_that_breaks_off_is_quoted(void **state)
{
	struct host_report *r = calloc(1, sizeof(*r));
	struct world *w = open_world();

	(void)state;
	assert_non_null(r);
	put(w, "bin/timeout", "#!/bin/sh\necho 'timeout: no such thing' >&2\nexit 3\n", 0755);
	assert_int_equal(node_round(&(struct node_call){w->shell, "m1", 20000, -1, false}, NULL,
				 false, r, &w->err),
		-1);
	assert_int_equal(w->err.code, ERR_INPUT);
	assert_non_null(strstr(w->err.text, "no such thing"));
	free(r);
	close_world(w);
}

static int read_pki(struct world *w, char *pem[3])
{
	char from[NODE_PKI_FROM];

	return node_read_etcd_pki(
		&(struct node_call){w->shell, "m1", 20000, -1, false}, w->dir, pem, from, &w->err);
}

static void test_etcds_credentials_prefer_the_clients_own(void **state)
{
	struct world *w = open_world();
	char *pem[3], from[NODE_PKI_FROM];

	(void)state;
	put(w, "ca.crt", "-----BEGIN CERTIFICATE-----\nca\n-----END CERTIFICATE-----\n", 0644);
	put(w, "server.crt", KEYS_CERT, 0644);
	assert_int_equal(read_pki(w, pem), -1);
	assert_int_equal(w->err.code, ERR_MISSING);
	assert_true(pem[0] == NULL && pem[1] == NULL && pem[2] == NULL);
	put(w, "server.key", KEYS_KEY, 0600);
	assert_int_equal(read_pki(w, pem), 0);
	assert_string_equal(pem[2], KEYS_KEY);
	assert_string_equal(pem[1], KEYS_CERT);
	assert_non_null(strstr(pem[0], "ca"));
	free(pem[0]), free(pem[1]), free(pem[2]);
	put(w, "healthcheck-client.crt", KEYS_CERT, 0644);
	put(w, "healthcheck-client.key", KEYS_KEY_EC, 0600);
	assert_int_equal(read_pki(w, pem), 0);
	assert_string_equal(pem[2], KEYS_KEY_EC);
	free(pem[0]), free(pem[1]), free(pem[2]);
	assert_int_equal(node_read_etcd_pki(&(struct node_call){w->shell, "m1", 20000, -1, false},
				 "/nowhere'; touch x; '", pem, from, &w->err),
		-1);
	close_world(w);
}

static void test_etcds_key_that_cannot_be_used_is_said_and_not_kept(void **state)
{
	struct world *w = open_world();
	char *pem[3];

	(void)state;
	put(w, "ca.crt", KEYS_CERT, 0644);
	put(w, "server.crt", KEYS_CERT, 0644);
	put(w, "server.key", KEYS_KEY_ENCRYPTED, 0600);
	assert_int_equal(read_pki(w, pem), -1);
	assert_non_null(strstr(w->err.text, "m1: the client key is encrypted"));
	assert_true(pem[0] == NULL && pem[1] == NULL && pem[2] == NULL);
	close_world(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_script_runs_and_its_answer_comes_back),
		cmocka_unit_test(test_a_script_arrives_as_it_was_written),
		cmocka_unit_test(test_ssh_is_asked_never_to_prompt_and_to_end),
		cmocka_unit_test(test_the_operators_options_come_first),
		cmocka_unit_test(test_hosts_that_are_options_or_shell_are_refused),
		cmocka_unit_test(test_users_and_become_that_are_options_or_shell_are_refused),
		cmocka_unit_test(test_every_failure_of_ssh_says_what_to_do),
		cmocka_unit_test(test_a_hung_connection_costs_the_timeout_and_is_not_used_again),
		cmocka_unit_test(test_a_master_that_does_not_listen_loses_its_socket),
		cmocka_unit_test(test_a_failed_connection_is_not_used_again),
		cmocka_unit_test(test_a_script_that_runs_too_long_is_ended_over_there),
		cmocka_unit_test(test_cancelling_ends_the_wait_and_leaves_the_connection),
		cmocka_unit_test(test_become_runs_as_somebody_else_or_says_why_not),
		cmocka_unit_test(test_this_machine_needs_no_ssh),
		cmocka_unit_test(test_the_meter_counts_commands_and_those_that_had_to_connect),
		cmocka_unit_test(test_what_is_too_much_to_keep_is_streamed),
		cmocka_unit_test(test_a_failure_behind_much_talk_is_still_named),
		cmocka_unit_test(test_what_does_not_fit_is_dropped_not_an_error),
		cmocka_unit_test(test_the_command_is_shown_as_one_would_type_it),
		cmocka_unit_test(test_sockets_live_in_a_private_directory_that_goes_with_the_shell),
		cmocka_unit_test(test_a_forward_is_made_once_and_again_when_it_died),
		cmocka_unit_test(test_a_forward_of_what_is_no_socket_is_refused),
		cmocka_unit_test(test_haproxy_is_asked_through_the_forward),
		cmocka_unit_test(test_haproxy_is_asked_over_there_where_ssh_may_not_forward),
		cmocka_unit_test(test_a_round_of_this_very_machine_says_what_it_can),
		cmocka_unit_test(test_errors_in_logs_are_counted_on_the_node),
		cmocka_unit_test(test_a_log_that_cannot_be_read_is_not_counted_and_no_error),
		cmocka_unit_test(test_a_shell_that_breaks_off_is_quoted),
		cmocka_unit_test(test_etcds_credentials_prefer_the_clients_own),
		cmocka_unit_test(test_etcds_key_that_cannot_be_used_is_said_and_not_kept),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
