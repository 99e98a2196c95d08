/* Bad input of every kind: one clear sentence on stderr that says what and where, nothing on the
 * screen, and the exit code scripts rely on (64 wrong usage, 65 a bad file). The program has no
 * terminal here, so whatever gets past its input ends in the sentence about that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "io/file.h"
#include "io/proc.h"

static char dir[64];
static const char *program;

static char *path_of(const char *name)
{
	return str_fmt("%s/%s", dir, name);
}

static void write_file(const char *name, const char *text)
{
	char *path = path_of(name);
	struct err e;

	assert_int_equal(file_write(path, text, strlen(text), 0600, &e), 0);
	free(path);
}

static void make_dir(const char *name, mode_t mode)
{
	char *path = path_of(name);

	assert_int_equal(file_make_dirs(path, 0700, NULL), 0);
	assert_int_equal(chmod(path, mode), 0);
	free(path);
}

static void make_link(const char *name, const char *to)
{
	char *path = path_of(name), *target = path_of(to);

	assert_int_equal(symlink(target, path), 0);
	free(path);
	free(target);
}

/* Runs k911 with words in which @ stands for the test's directory; gives its exit code and adds
 * stderr. */
static int run(const char *words, struct buf *errors)
{
	char *argv[16] = {(char *)(size_t)program}, home[80];
	const char *env[] = {home, "LC_ALL=C.UTF-8", "TERM=xterm-256color", NULL};
	static const char *const unset[] = {"KUBECONFIG", "XDG_CONFIG_HOME", "XDG_STATE_HOME",
		"LANGUAGE", "KUBERNETES_SERVICE_HOST", NULL};
	const struct proc_request r = {.argv = (const char *const *)argv,
		.env = env,
		.env_unset = unset,
		.timeout_ms = 20000,
		.cancel_fd = -1,
		.max_out = 1 << 20};
	struct proc_result result = {0};
	struct err e;
	int n = 1;

	snprintf(home, sizeof(home), "HOME=%s", dir);
	for (const char *at = words + strspn(words, " "); *at && n < 15; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");

		argv[n++] = *at == '@' ? str_fmt("%s%.*s", dir, (int)len - 1, at + 1)
				       : str_fmt("%.*s", (int)len, at);
		at += len;
	}
	assert_int_equal(proc_run(&r, &result, &e), 0);
	buf_add(errors, result.err.at ? result.err.at : "", result.err.len);
	n = result.exit_code;
	for (int i = 1; i < 16; i++)
		free(argv[i]);
	proc_result_done(&result);
	return n;
}

static const struct {
	const char *words, *says, *and; /* and: NULL, or something more the sentence must hold */
	int code;
} rows[] = {
	/* the command line */
	{"--hlep", "--hlep", "--help", 64},
	{"--kubeconfig", "--kubeconfig", "value", 64},
	{"drlil", "drlil", "drill", 64},
	{"drill helthy", "helthy", "healthy", 64},
	{"drill healthy dns-down", "one scenario", NULL, 64},
	{"--lang xx config check", "xx", "zh_CN", 64},
	{"config", "show", "check", 64},
	{"drill", "terminal", NULL, 64},
	/* the kubeconfig */
	{"--kubeconfig @/none.yaml", "none.yaml", NULL, 65},
	{"--kubeconfig @/broken.yaml", "broken.yaml:", NULL, 65},
	{"--kubeconfig @/kube.yaml --context prod", "prod", "lab", 65},
	{"--kubeconfig @/kube-no-cert.yaml", "missing.crt", NULL, 65},
	{"--kubeconfig @/kube-base64.yaml", "base64", "kube-base64.yaml", 65},
	{"--kubeconfig @/kube-insecure.yaml", "insecure", NULL, 65},
	/* k911's own configuration */
	{"--config @/none.yaml config check", "none.yaml", NULL, 65},
	{"--config @/broken.yaml config check", "broken.yaml:", NULL, 65},
	{"--config @/unknown.yaml config check", "unknown.yaml:2:3", "certificate_days", 65},
	{"--config @/type.yaml config check", "type.yaml:1:", "certificate_days", 65},
	{"--config @/theme.yaml config check", "purple", "dark", 65},
	{"--config @/action.yaml config check", "zomo", "zoom", 65},
	{"--config @/twice.yaml config check", "zoom", "help", 65},
	{"--config @/keyname.yaml config check", "pageup-up", NULL, 65},
	/* a state directory that others may write to */
	{"--kubeconfig @/kube.yaml --state-dir @/open check", "--state-dir",
		"open may be written by its group or by others: chmod go-w", 65},
	{"--kubeconfig @/kube.yaml --state-dir @/open/below check", "open, above ",
		"may be written by others", 65},
	{"--state-dir @/open incident open --level P0 --title x", "open may be written by", NULL,
		65},
	{"--kubeconfig @/kube.yaml --state-dir @/linked check", "k911.log is a link", NULL, 65},
	{"--state-dir @/linked incident open --level P0 --title x", "journal.db is a link", NULL,
		65},
};

static void prepare(void)
{
	write_file("broken.yaml", "a: [1, 2\nb: {");
	write_file("kube.yaml", "clusters: [{name: lab, cluster: {server: "
				"\"https://127.0.0.1:1\"}}]\nusers: [{name: u, user: {}}]\n"
				"contexts: [{name: lab, context: {cluster: lab, user: "
				"u}}]\ncurrent-context: lab\n");
	write_file("kube-no-cert.yaml",
		"clusters: [{name: lab, cluster: {server: \"https://127.0.0.1:1\"}}]\nusers: "
		"[{name: u, user: {client-certificate: missing.crt, "
		"client-key: missing.key}}]\ncontexts: [{name: lab, context: {cluster: lab, user: "
		"u}}]\ncurrent-context: lab\n");
	write_file("kube-base64.yaml",
		"clusters: [{name: lab, cluster: {server: \"https://127.0.0.1:1\", "
		"certificate-authority-data: \"%%%\"}}]\n"
		"users: [{name: u, user: {}}]\ncontexts: [{name: lab, context: {cluster: lab, "
		"user: u}}]\ncurrent-context: lab\n");
	write_file("kube-insecure.yaml",
		"clusters: [{name: lab, cluster: {server: \"https://127.0.0.1:1\", "
		"insecure-skip-tls-verify: true, certificate-authority-data: \"eA==\"}}]\n"
		"users: [{name: u, user: {}}]\ncontexts: [{name: lab, context: {cluster: lab, "
		"user: u}}]\ncurrent-context: lab\n");
	write_file("unknown.yaml", "thresholds:\n  certificate_day: 3\n");
	write_file("type.yaml", "thresholds: {certificate_days: soon}\n");
	write_file("theme.yaml", "ui: {theme: purple}\n");
	write_file("action.yaml", "ui: {keys: {zomo: x}}\n");
	write_file("twice.yaml", "ui: {keys: {zoom: f9, help: f9}}\n");
	write_file("keyname.yaml", "ui: {keys: {zoom: pageup-up}}\n");
	make_dir("open", 0777);
	make_dir("linked", 0700);
	write_file("victim", "");
	make_link("linked/k911.log", "victim");
	make_link("linked/journal.db", "victim");
}

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/k911-bad-XXXXXX");
	assert_non_null(mkdtemp(dir));
	program = getenv("K911") ? getenv("K911") : "build/release/k911";
	prepare();
	return 0;
}

static int tear_down(void **state)
{
	const char *const argv[] = {"rm", "-rf", dir, NULL};
	const struct proc_request r = {
		.argv = argv, .timeout_ms = 10000, .cancel_fd = -1, .max_out = 4096};
	struct proc_result result = {0};

	(void)state;
	assert_int_equal(proc_run(&r, &result, NULL), 0);
	proc_result_done(&result);
	return 0;
}

static void test_each_mistake_gets_its_sentence_and_its_code(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf errors;
		int code;

		buf_init(&errors, 1 << 20);
		code = run(rows[i].words, &errors);
		if (code != rows[i].code || !strstr(buf_text(&errors), rows[i].says) ||
			(rows[i].and &&!strstr(buf_text(&errors), rows[i].and)) ||
			!str_starts(buf_text(&errors), "k911: ")) {
			print_message("k911 %s: exit %d (not %d), said: %s\n", rows[i].words, code,
				rows[i].code, buf_text(&errors));
			bad++;
		}
		buf_done(&errors);
	}
	assert_int_equal(bad, 0);
}

static void test_nothing_is_written_through_a_link(void **state)
{
	char *path = path_of("victim");
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
	free(path);
}

static void test_a_check_of_what_cannot_be_reached_is_unknown_or_worse(void **state)
{
	struct buf errors;
	int code;

	(void)state;
	buf_init(&errors, 1 << 20);
	code = run("--kubeconfig @/kube.yaml check -o json", &errors);
	assert_in_range(code, 2, 3);
	buf_done(&errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_mistake_gets_its_sentence_and_its_code),
		cmocka_unit_test(test_nothing_is_written_through_a_link), /* after the rows */
		cmocka_unit_test(test_a_check_of_what_cannot_be_reached_is_unknown_or_worse),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
