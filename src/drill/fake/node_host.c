/* The drill's side of its nodes: a unix socket that tells ssh's stand-in whom it
 * reaches, and runs the stand-in tools against the simulated machine; and bin/, the
 * only directory in a node's PATH. */
#include "drill/fake/node_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drill/server/exchange.h"
#include "drill/world/drill_files.h"
#include "fake_tools.h"
#include "io/file.h"
#include "io/json.h"

enum { TOOL_OUT_MAX = 4 << 20 };

static void reply(struct exchange *x, const struct buf *body)
{
	exchange_reply(x, 200, "application/json", buf_text(body), body->len);
}

static void ssh_handle(struct node_host *h, struct exchange *x, const struct js *asked)
{
	struct machine *m = world_machine(h->world, js_text_or(asked, "host", ""));
	struct buf body;
	struct jsw w;
	char dir[200];

	if (m != NULL)
		m->ssh++;
	buf_init(&body, TOOL_OUT_MAX);
	jsw_init(&w, &body);
	jsw_object(&w, NULL);
	if (m == NULL) {
		jsw_str(&w, "state", "unknown");
	} else if (m->off) {
		jsw_str(&w, "state", "timeout");
	} else if (!world_unit_up(m, UNIT_SSH)) {
		jsw_str(&w, "state", "refused");
	} else {
		files_proc(h->world, m);
		files_logs(h->world, m);
		str_copy(dir, sizeof(dir), m->root);
		*strstr(dir, "/nodes/") = '\0';
		jsw_str(&w, "state", "ok");
		jsw_str(&w, "name", m->name);
		jsw_str(&w, "root", m->root);
		jsw_str(&w, "dir", dir);
	}
	jsw_end_object(&w);
	reply(x, &body);
	buf_done(&body);
}

/* An argument as the node would have seen it. */
static char *without_root(const char *arg, const char *root)
{
	size_t n = strlen(root);
	struct buf out;
	const char *at;

	buf_init(&out, TOOL_OUT_MAX);
	while (n > 0 && (at = strstr(arg, root)) != NULL) {
		buf_add(&out, arg, (size_t)(at - arg));
		arg = at + n;
	}
	buf_puts(&out, arg);
	return buf_take(&out);
}

static void tool_reply(struct exchange *x, const struct tool_call *t)
{
	struct buf body;
	struct jsw w;

	buf_init(&body, (size_t)TOOL_OUT_MAX * 2);
	jsw_init(&w, &body);
	jsw_object(&w, NULL);
	jsw_int(&w, "rc", t->rc);
	jsw_bool(&w, "hangs", t->hangs);
	jsw_str(&w, "out", buf_text(&t->out));
	jsw_str(&w, "err", buf_text(&t->err));
	jsw_end_object(&w);
	reply(x, &body);
	buf_done(&body);
}

static void tool_handle(struct node_host *h, struct exchange *x, const struct js *asked)
{
	struct tool_call t = {.world = h->world,
		.machine = world_machine(h->world, js_text_or(asked, "node", "")),
		.in = js_text_or(asked, "in", "")};
	const struct js *argv = js_get(asked, "argv");

	buf_init(&t.out, TOOL_OUT_MAX);
	buf_init(&t.err, TOOL_OUT_MAX);
	for (size_t i = 0; i < js_len(argv) && t.argc < 63; i++) {
		const char *arg = js_str(js_nth(argv, i));

		t.argv[t.argc++] =
			without_root(arg != NULL ? arg : "", js_text_or(asked, "root", ""));
	}
	if (t.machine == NULL || t.argc == 0 || !tool_run(&t)) {
		t.rc = 127;
		buf_fmt(&t.err, "sh: 1: %s: not found\n", t.argc > 0 ? t.argv[0] : "");
	}
	tool_reply(x, &t);
	for (int i = 0; i < t.argc; i++)
		free(t.argv[i]);
	buf_done(&t.out);
	buf_done(&t.err);
}

static void host_handle(void *node_host, struct exchange *x)
{
	size_t n;
	const char *body = exchange_body(x, &n);
	struct js *asked = js_parse(body, n, NULL);

	if (asked != NULL && strcmp(exchange_path(x), "/ssh") == 0)
		ssh_handle(node_host, x, asked);
	else if (asked != NULL && strcmp(exchange_path(x), "/tool") == 0)
		tool_handle(node_host, x, asked);
	else
		exchange_reply(x, 400, "text/plain", "no\n", 3);
	js_free(asked);
}

/* ---- bin/ ---- */

/* Read, compute, wait: the machine's own. */
static const char *const real_tools[] = {"cat", "sed", "grep", "egrep", "awk", "head", "tail",
	"cut", "sort", "uniq", "tr", "wc", "ls", "date", "sleep", "timeout", "base64", "basename",
	"dirname", "stat", "sha256sum", "md5sum", "test", "[", "true", "false", "echo", "printf",
	"env", "expr", "seq", "od", "xargs", "readlink", "realpath", "cmp", "diff", "du", "yes",
	"getent", "mktemp", "nproc", "flock"};
/* They write: only below the node's root. */
static const char *const guarded_tools[] = {"rm", "mv", "cp", "mkdir", "rmdir", "touch", "chmod",
	"chown", "ln", "tee", "tar", "find", "install", "dd", "truncate", "sync", "gzip",
	"openssl"};

static const char guard[] =
	"#!/bin/sh\n"
	"no() { echo \"$0: only inside the practice node: $1\" >&2; exit 1; }\n"
	"case \"$(pwd -P)/\" in \"$K911_DRILL_ROOT\"/*) ;; *) no \"$(pwd -P)\" ;; esac\n"
	"for a; do p=${a#*=}; case \"$p\" in *..*) no \"$a\" ;; "
	"\"$K911_DRILL_ROOT\"*|/dev/null|/dev/stdin|/dev/stdout|/dev/zero) ;; /*) no \"$a\" ;; "
	"esac; done\n";

/* sh, with the built-ins that could reach out of the node taken away. */
static const char shell[] =
	"#!/bin/sh\n"
	"p='kill() { command env kill \"$@\"; }\n"
	"cd() { case \"${1-}\" in \"$K911_DRILL_ROOT\"*) command cd \"$@\" ;; /*) command cd "
	"\"$K911_DRILL_ROOT$1\" ;; *) command cd \"$@\" ;; esac; }'\n"
	"[ \"$1\" = -c ] || exec /bin/sh \"$@\"\n"
	"s=$2; shift 2\n"
	"exec /bin/sh -c \"$p\n$s\" \"$@\"\n";

static int find_real(const char *tool, char *path, size_t size)
{
	static const char *const dirs[] = {"/usr/bin", "/bin", "/usr/sbin", "/sbin"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		snprintf(path, size, "%s/%s", dirs[i], tool);
		if (access(path, X_OK) == 0)
			return 0;
	}
	return -1;
}

static int put_tool(const char *dir, const char *tool, const char *text, struct err *e)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/bin/%s", dir, tool);
	return files_put(path, text, 0700, e);
}

static int bin_real(const char *dir, struct err *e)
{
	char from[200], to[400];

	for (size_t i = 0; i < sizeof(real_tools) / sizeof(*real_tools); i++) {
		snprintf(to, sizeof(to), "%s/bin/%s", dir, real_tools[i]);
		unlink(to);
		if (find_real(real_tools[i], from, sizeof(from)) == 0 && symlink(from, to) != 0)
			return err_set(e, ERR_SYSTEM, "cannot link %s", to);
	}
	for (size_t i = 0; i < sizeof(guarded_tools) / sizeof(*guarded_tools); i++) {
		char *text;
		int rc;

		if (find_real(guarded_tools[i], from, sizeof(from)) != 0)
			continue;
		text = str_fmt("%sexec %s \"$@\"\n", guard, from);
		rc = put_tool(dir, guarded_tools[i], text, e);
		free(text);
		if (rc != 0)
			return -1;
	}
	return 0;
}

static int bin_fill(const char *dir, const char *self, struct err *e)
{
	char path[400];
	int rc = 0;

	snprintf(path, sizeof(path), "%s/bin", dir);
	if (file_make_dirs(path, 0700, e) != 0 || bin_real(dir, e) != 0)
		return -1;
	for (size_t i = 0; tool_names[i] != NULL && rc == 0; i++) {
		char *text = str_fmt("#!/bin/sh\nexec '%s' drill-tool '%s/socket' "
				     "\"$K911_DRILL_NODE\" %s \"$@\"\n",
			self, dir, tool_names[i]);

		rc = put_tool(dir, tool_names[i], text, e);
		free(text);
	}
	if (rc == 0)
		rc = put_tool(dir, "sh", shell, e);
	if (rc == 0)
		rc = put_tool(dir, "sudo",
			"#!/bin/sh\nwhile [ \"${1#-}\" != \"$1\" ]; do shift; done\nexec \"$@\"\n",
			e);
	return rc;
}

/* /usr/bin/systemctl is found as systemctl is. */
static int roots_link(const struct world *w, const char *dir, struct err *e)
{
	static const char *const places[] = {"bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin"};
	char from[300], to[400];

	snprintf(from, sizeof(from), "%s/bin", dir);
	for (int i = 0; i < WORLD_MACHINES; i++) {
		snprintf(to, sizeof(to), "%s/usr/local", w->machines[i].root);
		if (file_make_dirs(to, 0700, e) != 0)
			return -1;
		for (size_t k = 0; k < sizeof(places) / sizeof(*places); k++) {
			snprintf(to, sizeof(to), "%s/%s", w->machines[i].root, places[k]);
			unlink(to);
			if (symlink(from, to) != 0)
				return err_set(e, ERR_SYSTEM, "cannot link %s", to);
		}
	}
	return 0;
}

int node_host_open(
	struct node_host *h, struct world *w, const char *dir, const char *self, struct err *e)
{
	struct listen_request r = {.handle = host_handle, .arg = h};
	char path[300];

	h->world = w;
	snprintf(path, sizeof(path), "%s/socket", dir);
	r.unix_path = path;
	if (bin_fill(dir, self, e) != 0 || roots_link(w, dir, e) != 0)
		return -1;
	return server_listen(w->server, &r, e) != NULL ? 0 : -1;
}
