/* A made-up node. Its tools are links to files of the tests; what changes something goes through
 * `counted`, which can cut the power. */
#include "help/node_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "io/file.h"

#define TOOLS "tests/help/node_tools"

const char *const node_root_shells[NODE_ROOT_SHELLS] = {"dash", "busybox sh"};

static char *path_of(const struct node_root *r, const char *path)
{
	return str_fmt("%s%s%s", r->dir.path, path[0] == '/' ? "" : "/", path);
}

static void link_to(const struct node_root *r, const char *name, const char *from)
{
	char *to = str_fmt("%s/bin/%s", r->dir.path, name);

	unlink(to);
	assert_int_equal(symlink(from, to), 0);
	free(to);
}

static void put_mode(const struct node_root *r, const char *path, const char *text, mode_t mode)
{
	char *at = path_of(r, path), *slash = strrchr(at, '/');

	*slash = '\0';
	assert_int_equal(file_make_dirs(at, 0755, NULL), 0);
	*slash = '/';
	assert_int_equal(file_write(at, text, strlen(text), mode, NULL), 0);
	free(at);
}

void node_root_put(const struct node_root *r, const char *path, const char *text)
{
	put_mode(r, path, text, 0640);
}

static void put_tools(const struct node_root *r)
{
	static const char *const own[] = {"ssh", "crictl", "systemctl", "haproxy", "socat",
		"journalctl", "sleep", "counted", "timeout", "kubeadm", "ip", "iptables-save",
		"iptables-restore"};
	static const char *const counted[] = {"mv", "ln", "cp", "rm", "mkdir", "sync", "chmod"};
	static const char *const applets[] = {"awk", "sed", "grep", "head", "tail", "cut", "ls",
		"stat", "base64", "cat", "tr", "cmp", "sha256sum", "df", "du", "date", "sort", "id",
		"seq", "readlink", "find", "wc"};
	char cwd[200];

	assert_non_null(getcwd(cwd, sizeof(cwd)));
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		char *from = str_fmt("%s/%s/%s", cwd, TOOLS, own[i]);

		link_to(r, own[i], from);
		free(from);
	}
	for (size_t i = 0; r->busybox && i < sizeof(applets) / sizeof(*applets); i++)
		link_to(r, applets[i], "/bin/busybox");
	for (size_t i = 0; i < sizeof(counted) / sizeof(*counted); i++) {
		char *from = str_fmt("%s/bin/counted", r->dir.path);

		link_to(r, counted[i], from);
		free(from);
	}
	if (r->busybox)
		put_mode(r, "busybox", "", 0600);
	put_mode(r, "bin/sh",
		r->busybox ? "#!/bin/sh\nexec busybox sh \"$@\"\n"
			   : "#!/bin/sh\nexec dash \"$@\"\n",
		0755);
}

void node_root_open(struct node_root *r, int shell)
{
	struct node_shell_options o = node_shell_defaults;
	struct err e = {0};
	char *ssh;

	memset(r, 0, sizeof(*r));
	r->busybox = shell == 1;
	assert_int_equal(temp_dir_open(&r->dir, "/tmp", "k911-node-", NULL), 0);
	node_root_put(r, "bin/none", "");
	put_tools(r);
	node_root_put(r, "units/none", "");
	node_root_mkdir(r, "run");
	node_root_mkdir(r, "etc");
	node_root_mkdir(r, "var/lib");
	ssh = path_of(r, "bin/ssh");
	o.command = ssh;
	r->shell = node_shell_new(&o, &e);
	assert_non_null(r->shell);
	free(ssh);
	r->call = (struct node_call){r->shell, "m1", 60000, -1, false};
}

void node_root_close(struct node_root *r)
{
	node_shell_free(r->shell);
	temp_dir_close(&r->dir);
}

char *node_root_get(const struct node_root *r, const char *path)
{
	char *at = path_of(r, path), *text = NULL;

	file_read(at, 1 << 20, &text, NULL, NULL);
	free(at);
	return text;
}

bool node_root_has(const struct node_root *r, const char *path)
{
	char *at = path_of(r, path);
	bool there = file_exists(at);

	free(at);
	return there;
}

void node_root_remove(const struct node_root *r, const char *path)
{
	char *at = path_of(r, path);

	unlink(at);
	free(at);
}

void node_root_mkdir(const struct node_root *r, const char *dir)
{
	char *at = path_of(r, dir);

	assert_int_equal(file_make_dirs(at, 0755, NULL), 0);
	free(at);
}

int node_root_count(const struct node_root *r, const char *dir)
{
	char *at = path_of(r, dir);
	DIR *d = opendir(at);
	const struct dirent *entry;
	int n = 0;

	free(at);
	while (d != NULL && (entry = readdir(d)) != NULL)
		n += entry->d_name[0] != '.';
	if (d != NULL)
		closedir(d);
	return n;
}

void node_root_unit(const struct node_root *r, const char *unit, long pid)
{
	char *path = str_fmt("units/%s", unit),
	     *text = str_fmt("ActiveState=active\nSubState=running\nResult=success\nNRestarts=0\n"
			     "KillMode=process\nMainPID=%ld\nExecMainStatus=0\n"
			     "ExecMainStartTimestampMonotonic=1000\n"
			     "ActiveEnterTimestampMonotonic=1000\n",
		     pid);

	node_root_put(r, path, text);
	free(path);
	free(text);
}

void node_root_cut(const struct node_root *r, int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%d\n", n);
	node_root_put(r, "kill", text);
	node_root_put(r, "count", "0\n");
}

void node_root_without(const struct node_root *r, const char *tool)
{
	char *path = str_fmt("bin/%s", tool);

	node_root_remove(r, path);
	free(path);
}
