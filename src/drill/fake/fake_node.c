/* ssh's stand-in. k911 sends a node one POSIX sh script; here it runs in this
 * machine's sh, but sees the node: paths are turned into the node's directory (and
 * back in what it prints), PATH holds nothing but bin/, where system tools are stand-ins that
 * ask the drill, reading tools are the real ones, and writing tools refuse paths outside. Where the
 * kernel has Landlock it enforces that nothing outside the drill's directory is
 * written, and a seccomp filter that no script signals a process of this machine, reboots
 * it, mounts or sets its clock. */
#include "drill/fake/fake_node.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "io/json.h"

enum {
	ANSWER_MAX = 8 << 20,
	COMMAND_MAX = 4 << 20,
	SSH_FAILED = 255,
	DEFAULT_CONNECT_S = 30,
	HANG_MS = 600000
};

/* ---- asking the drill ---- */

static int send_all(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t put = send(fd, bytes, n, MSG_NOSIGNAL);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return -1;
		bytes += put;
		n -= (size_t)put;
	}
	return 0;
}

static int drill_connect(const char *socket_path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd;

	if (!str_copy(to.sun_path, sizeof(to.sun_path), socket_path))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* POST path with a JSON body; the answer's document, or NULL when the drill is not there. */
static struct js *drill_ask(const char *socket_path, const char *path, const struct buf *body)
{
	int fd = drill_connect(socket_path);
	struct js *doc = NULL;
	struct buf answer;
	char bytes[8192];
	const char *gap;
	ssize_t n;

	if (fd < 0)
		return NULL;
	buf_init(&answer, ANSWER_MAX);
	snprintf(bytes, sizeof(bytes),
		"POST %s HTTP/1.1\r\ncontent-length: %zu\r\nconnection: close\r\n\r\n", path,
		body->len);
	if (send_all(fd, bytes, strlen(bytes)) == 0 && send_all(fd, buf_text(body), body->len) == 0)
		while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0 || (n < 0 && errno == EINTR))
			if (n > 0 && buf_add(&answer, bytes, (size_t)n) != 0)
				break;
	gap = strstr(buf_text(&answer), "\r\n\r\n");
	if (gap != NULL)
		doc = js_parse(gap + 4, answer.len - (size_t)(gap + 4 - answer.at), NULL);
	buf_done(&answer);
	close(fd);
	return doc;
}

/* ---- paths there and back ---- */

static const char *const tops[] = {"etc", "var", "run", "backup", "root", "home", "opt", "srv",
	"tmp", "mnt", "proc", "usr", "lib", "bin", "sbin", "boot", "sys", "data", "lib64", "media"};

/* Is at the beginning of an absolute path of the node's? */
static bool path_begins(const char *command, const char *at)
{
	static const char may_precede[] = " \t\n\"'=:(<>|;&{,`";

	if (*at != '/' || (at > command && strchr(may_precede, at[-1]) == NULL))
		return false;
	for (size_t i = 0; i < sizeof(tops) / sizeof(*tops); i++) {
		size_t n = strlen(tops[i]);
		char after;

		if (strncmp(at + 1, tops[i], n) != 0)
			continue;
		after = at[1 + n];
		if ((after < 'a' || after > 'z') && (after < '0' || after > '9') && after != '-' &&
			after != '_')
			return true;
	}
	return false;
}

void fake_node_rewrite(const char *command, const char *root, struct buf *out)
{
	for (const char *p = command; *p != '\0'; p++) {
		if (path_begins(command, p))
			buf_puts(out, root);
		buf_putc(out, *p);
	}
}

/* Writes what is held without the root's name; keeps back what may be its beginning. */
static void give_back(int to, struct buf *held, const char *root, bool last)
{
	size_t n = strlen(root), at = 0;
	struct buf out;

	buf_init(&out, ANSWER_MAX);
	while (at < held->len) {
		size_t left = held->len - at, same = left < n ? left : n;

		if (memcmp(held->at + at, root, same) != 0) {
			buf_putc(&out, held->at[at++]);
			continue;
		}
		if (same < n && !last)
			break;
		if (same < n)
			buf_putc(&out, held->at[at++]);
		else
			at += n;
	}
	buf_drop(held, at);
	for (size_t sent = 0; sent < out.len;) {
		ssize_t put = write(to, out.at + sent, out.len - sent);

		if (put <= 0 && errno != EINTR)
			break;
		sent += put > 0 ? (size_t)put : 0;
	}
	buf_done(&out);
}

static void pump(const int from[2], const char *root)
{
	struct pollfd p[2] = {{.fd = from[0], .events = POLLIN}, {.fd = from[1], .events = POLLIN}};
	struct buf held[2];
	char bytes[16384];

	for (int i = 0; i < 2; i++)
		buf_init(&held[i], ANSWER_MAX);
	while ((p[0].fd >= 0 || p[1].fd >= 0) && (poll(p, 2, -1) > 0 || errno == EINTR))
		for (int i = 0; i < 2; i++) {
			ssize_t n;

			if (p[i].fd < 0 || p[i].revents == 0)
				continue;
			n = read(p[i].fd, bytes, sizeof(bytes));
			if (n > 0)
				buf_add(&held[i], bytes, (size_t)n);
			give_back(i + 1, &held[i], root, n <= 0);
			if (n <= 0)
				p[i].fd = -1;
		}
	for (int i = 0; i < 2; i++)
		buf_done(&held[i]);
}

/* ---- running it ---- */

#if defined(__x86_64__)
#define ARCH_HERE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH_HERE AUDIT_ARCH_AARCH64
#elif defined(__riscv)
#define ARCH_HERE AUDIT_ARCH_RISCV64
#else
#define ARCH_HERE 0
#endif

/* Refused with EPERM: signals but to the own group (timeout's), and what only an administrator may.
 */
static void deny_calls(void)
{
	static const int never[] = {SYS_pidfd_send_signal, SYS_rt_sigqueueinfo, SYS_reboot,
		SYS_mount, SYS_umount2, SYS_pivot_root, SYS_kexec_load, SYS_sethostname,
		SYS_settimeofday, SYS_clock_settime, SYS_init_module, SYS_finit_module,
		SYS_delete_module, SYS_swapon, SYS_swapoff};
	enum { NEVER = sizeof(never) / sizeof(*never), HEAD = 3, TAIL = 6 };
	struct sock_filter f[HEAD + 2 * NEVER + TAIL] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH_HERE, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};
	struct sock_fprog program = {.len = HEAD, .filter = f};

	if (ARCH_HERE == 0)
		return;
	f[program.len++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < NEVER; i++) {
		f[program.len++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned)never[i], 0, 1);
		f[program.len++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	}
	f[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kill, 0, 3);
	f[program.len++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args));
	f[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
	f[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	f[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	(void)!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

/* From here on nothing outside dir can be written, made or removed; where the kernel cannot, PATH
 * and paths must do. */
static void jail(const char *dir)
{
	const uint64_t writes = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
				LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
				LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
				LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
				LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
	struct landlock_ruleset_attr attr = {.handled_access_fs = writes};
	struct landlock_path_beneath_attr inside = {.allowed_access = writes};
	struct landlock_path_beneath_attr devices = {
		.allowed_access = LANDLOCK_ACCESS_FS_WRITE_FILE};
	int rules;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return;
	deny_calls();
	rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (rules < 0)
		return;
	inside.parent_fd = open(dir, O_PATH | O_CLOEXEC);
	devices.parent_fd = open("/dev", O_PATH | O_CLOEXEC);
	if (inside.parent_fd >= 0 && devices.parent_fd >= 0 &&
		syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &inside, 0) ==
			0 &&
		syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &devices, 0) == 0)
		(void)!syscall(SYS_landlock_restrict_self, rules, 0);
	close(rules);
}

struct node_seen {
	char name[32], root[300], dir[300];
};

static void run_child(const struct node_seen *node, const char *command, const int pipes[2][2])
{
	char path[400], home_is[400], shell[400], name[64], root[400], tmp[400];
	const char *env[] = {path, home_is, name, root, tmp, "LC_ALL=C", "LANG=C", "USER=root",
		"SHELL=/bin/sh", NULL};
	struct buf script;

	snprintf(path, sizeof(path), "PATH=%s/bin", node->dir);
	snprintf(home_is, sizeof(home_is), "HOME=%s/root", node->root);
	snprintf(name, sizeof(name), "K911_DRILL_NODE=%s", node->name);
	snprintf(root, sizeof(root), "K911_DRILL_ROOT=%s", node->root);
	snprintf(tmp, sizeof(tmp), "TMPDIR=%s/tmp", node->root);
	buf_init(&script, COMMAND_MAX);
	fake_node_rewrite(command, node->root, &script);
	if (chdir(home_is + 5) != 0 || dup2(pipes[0][1], 1) < 0 || dup2(pipes[1][1], 2) < 0 ||
		script.over)
		_exit(SSH_FAILED);
	jail(node->dir);
	/* bin/sh puts the stand-ins of built-ins before every script. */
	snprintf(shell, sizeof(shell), "%s/bin/sh", node->dir);
	execle(shell, "sh", "-c", buf_text(&script), (char *)NULL, (char *const *)(uintptr_t)env);
	_exit(SSH_FAILED);
}

static int run_on(const struct node_seen *node, const char *command)
{
	int pipes[2][2], from[2], status;
	pid_t child;

	if (pipe2(pipes[0], O_CLOEXEC) != 0 || pipe2(pipes[1], O_CLOEXEC) != 0)
		return SSH_FAILED;
	child = fork();
	if (child < 0)
		return SSH_FAILED;
	if (child == 0)
		run_child(node, command, (const int(*)[2])pipes);
	close(pipes[0][1]);
	close(pipes[1][1]);
	from[0] = pipes[0][0];
	from[1] = pipes[1][0];
	pump(from, node->root);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return SSH_FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : SSH_FAILED;
}

/* ---- ssh's command line ---- */

struct ssh_asked {
	const char *host, *control; /* control: -O's verb */
	int64_t connect_s;
	struct buf command;
};

static void ssh_option(struct ssh_asked *a, const char *option)
{
	int64_t s;

	if (str_starts(option, "ConnectTimeout=") && str_i64(option + 15, &s) && s > 0)
		a->connect_s = s;
}

/* -1: not an ssh command line. */
static int ssh_parse(int argc, char **argv, struct ssh_asked *a)
{
	static const char with_value[] = "BbcDEeFIiJLlmOopQRSWw";
	int i = 0;

	for (; i < argc && argv[i][0] == '-'; i++) {
		char letter = argv[i][1];
		const char *value;

		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (letter == '\0' || strchr(with_value, letter) == NULL)
			continue;
		value = argv[i][2] != '\0' ? argv[i] + 2 : i + 1 < argc ? argv[++i] : NULL;
		if (value == NULL)
			return -1;
		if (letter == 'o')
			ssh_option(a, value);
		if (letter == 'O')
			a->control = value;
	}
	if (i >= argc)
		return -1;
	a->host = strrchr(argv[i], '@') != NULL ? strrchr(argv[i], '@') + 1 : argv[i];
	for (i++; i < argc; i++)
		buf_fmt(&a->command, "%s%s", a->command.len > 0 ? " " : "", argv[i]);
	return 0;
}

/* What ssh would meet at that host: 0 when it would get in. */
static int ssh_reach(const char *socket_path, const struct ssh_asked *a, struct node_seen *node)
{
	struct buf body;
	struct jsw w;
	struct js *doc;
	const char *state;
	int rc = -1;

	buf_init(&body, COMMAND_MAX);
	jsw_init(&w, &body);
	jsw_object(&w, NULL);
	jsw_str(&w, "host", a->host);
	jsw_end_object(&w);
	doc = drill_ask(socket_path, "/ssh", &body);
	buf_done(&body);
	state = js_text_or(doc, "state", "gone");
	if (strcmp(state, "ok") == 0) {
		str_copy(node->name, sizeof(node->name), js_text_or(doc, "name", ""));
		str_copy(node->root, sizeof(node->root), js_text_or(doc, "root", ""));
		str_copy(node->dir, sizeof(node->dir), js_text_or(doc, "dir", ""));
		rc = 0;
	} else if (strcmp(state, "timeout") == 0) {
		poll(NULL, 0, (int)(a->connect_s < 3600 ? a->connect_s : 3600) * 1000);
		fprintf(stderr, "ssh: connect to host %s port 22: Connection timed out\r\n",
			a->host);
	} else if (strcmp(state, "unknown") == 0) {
		fprintf(stderr, "ssh: Could not resolve hostname %s: Name or service not known\r\n",
			a->host);
	} else {
		fprintf(stderr, "ssh: connect to host %s port 22: Connection refused\r\n", a->host);
	}
	js_free(doc);
	return rc;
}

int fake_node_ssh(int argc, char **argv)
{
	struct ssh_asked a = {.connect_s = DEFAULT_CONNECT_S};
	struct node_seen node;
	int rc = SSH_FAILED;

	buf_init(&a.command, COMMAND_MAX);
	if (argc < 2 || ssh_parse(argc - 1, argv + 1, &a) != 0 || a.command.over)
		fprintf(stderr, "usage: k911 drill-ssh SOCKET [ssh options] HOST COMMAND\n");
	else if (a.control != NULL)
		/* No connection is kept, so there is none to speak to. */
		fprintf(stderr, "Control socket connect(%s): No such file or directory\r\n",
			a.host);
	else if (ssh_reach(argv[0], &a, &node) == 0)
		rc = run_on(&node, buf_text(&a.command));
	buf_done(&a.command);
	return rc;
}

/* ---- a tool on a node ---- */

static void read_stdin(struct buf *in)
{
	char bytes[8192];
	ssize_t n;

	while ((n = read(0, bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && buf_add(in, bytes, (size_t)n) != 0)
			break;
}

int fake_node_tool(int argc, char **argv)
{
	const char *root = getenv("K911_DRILL_ROOT");
	struct buf body, in;
	struct jsw w;
	struct js *doc;
	int rc;

	if (argc < 3)
		return 64;
	buf_init(&in, 1 << 16);
	if (strcmp(argv[2], "socat") == 0)
		read_stdin(&in);
	buf_init(&body, COMMAND_MAX);
	jsw_init(&w, &body);
	jsw_object(&w, NULL);
	jsw_str(&w, "node", argv[1]);
	jsw_str(&w, "root", root != NULL ? root : "");
	jsw_str(&w, "in", buf_text(&in));
	jsw_array(&w, "argv");
	for (int i = 2; i < argc; i++)
		jsw_str(&w, NULL, argv[i]);
	jsw_end_array(&w);
	jsw_end_object(&w);
	doc = drill_ask(argv[0], "/tool", &body);
	buf_done(&body);
	buf_done(&in);
	if (doc == NULL) {
		fprintf(stderr, "%s: the practice cluster has ended\n", argv[2]);
		return SSH_FAILED;
	}
	fputs(js_text_or(doc, "out", ""), stdout);
	fputs(js_text_or(doc, "err", ""), stderr);
	rc = (int)js_int(doc, "rc", 1);
	if (js_bool(doc, "hangs", false))
		poll(NULL, 0, HANG_MS);
	js_free(doc);
	return fflush(stdout) == 0 ? rc : 1;
}

bool fake_node_main(int argc, char **argv, int *rc)
{
	if (argc < 2)
		return false;
	if (strcmp(argv[1], "drill-ssh") == 0)
		*rc = fake_node_ssh(argc - 2, argv + 2);
	else if (strcmp(argv[1], "drill-tool") == 0)
		*rc = fake_node_tool(argc - 2, argv + 2);
	else
		return false;
	return true;
}
