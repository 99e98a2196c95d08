/* `k911 incident` as a script meets it: what it prints, what it ends with, that nothing needs a
 * cluster, and that two machines agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "help/receiver.h"
#include "io/db.h"
#include "io/file.h"
#include "io/json.h"

static char home[64];

/* What the last call printed, and with what it ended. */
static char *out, *said;
static int ended;
static rlim_t file_limit;
static bool as_nobody; /* where the test is root, who may do anything */
static bool full;      /* what is printed goes to a full disk */
static const char *command = "incident";

static void make_home(void)
{
	str_copy(home, sizeof(home), "/tmp/k911-incident-XXXXXX");
	assert_non_null(mkdtemp(home));
}

static void remove_tree(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *f;

	while (d && (f = readdir(d)) != NULL) { /* NOLINT(concurrency-mt-unsafe) */
		if (str_eq(f->d_name, ".") || str_eq(f->d_name, ".."))
			continue;
		if (unlinkat(dirfd(d), f->d_name, 0) != 0) {
			char *inner = str_fmt("%s/%s", dir, f->d_name);

			remove_tree(inner);
			free(inner);
		}
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

static int begin(void **state)
{
	(void)state;
	as_nobody = full = false;
	command = "incident";
	file_limit = 0;
	make_home();
	return 0;
}

static int end(void **state)
{
	(void)state;
	remove_tree(home);
	free(out);
	free(said);
	out = said = NULL;
	return 0;
}

static char *in_home(const char *name)
{
	return str_fmt("%s/%s", home, name);
}

static void redirect(const char *name, int to, int flags)
{
	char *path = in_home(name);
	int fd = open(path, flags, 0600);

	free(path);
	if (fd >= 0)
		dup2(fd, to);
}

static void run_child(const char *state_dir, const char *const *words)
{
	const char *argv[24] = {getenv("K911"), "--state-dir", state_dir, command};
	char *text = str_fmt("HOME=%s", home);
	char user[] = "USER=alice", lang[] = "LANG=C.UTF-8";
	char *env[] = {text, user, lang, NULL, NULL};
	int n = 4, program;

	while (*words && n < 23) {
		if (str_eq(*words, "zh")) {
			argv[n++] = "--lang=zh_CN";
			words++;
			continue;
		}
		argv[n++] = *words++;
	}
	if (getenv("ASAN_OPTIONS")) {
		static char asan[300];

		snprintf(asan, sizeof(asan), "ASAN_OPTIONS=%s", getenv("ASAN_OPTIONS"));
		env[3] = asan;
	}
	program = open(argv[0], O_RDONLY | O_CLOEXEC); /* nobody may not reach its directory */
	redirect("stdin", 0, O_RDONLY);
	redirect("out", 1, O_WRONLY | O_CREAT | O_TRUNC);
	redirect("said", 2, O_WRONLY | O_CREAT | O_TRUNC);
	if (full && dup2(open("/dev/full", O_WRONLY), 1) != 1)
		_exit(125);
	if (as_nobody && getuid() == 0 && setuid(65534) != 0)
		_exit(126);
	if (file_limit)
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){file_limit, file_limit});
	fexecve(program, (char *const *)(size_t)argv, env);
	_exit(127);
}

static void take_file(const char *name, char **to)
{
	char *path = in_home(name);

	free(*to);
	*to = NULL;
	assert_int_equal(file_read(path, 1 << 24, to, NULL, NULL), 0);
	free(path);
}

static void run_in(const char *state_dir, const char *const *words)
{
	char *dir = in_home(state_dir);
	pid_t child;
	int status;

	assert_non_null(getenv("K911"));
	child = fork();
	if (child == 0)
		run_child(dir, words);
	waitpid(child, &status, 0);
	free(dir);
	ended = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
	take_file("out", &out);
	take_file("said", &said);
}

#define RUN(...)     run_in("state", (const char *const[]){__VA_ARGS__, NULL})
#define AT(dir, ...) run_in(dir, (const char *const[]){__VA_ARGS__, NULL})

static void expect(int code, const char *text)
{
	if (ended != code || (text && !strstr(out, text) && !strstr(said, text)))
		fail_msg("ended with %d (not %d), wanted \"%s\" in:\n%s\n%s", ended, code,
			text ? text : "", out, said);
}

static void feed(const char *text)
{
	char *path = in_home("stdin");

	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), 0);
	free(path);
}

/* A text of the JSON that was printed, by its path. */
static char *json_text(const char *path)
{
	struct js *doc = js_parse(out, strlen(out), NULL);
	char *text;

	if (doc == NULL)
		fail_msg("no JSON: %s", out);
	assert_string_equal(js_text(doc, "schema"), "k911/incident/v1");
	text = mem_str(js_str(js_at(doc, path)));
	js_free(doc);
	return text;
}

static void expect_json(const char *path, const char *value)
{
	char *text = json_text(path);

	if (!str_eq(text, value))
		fail_msg("%s is %s, not %s", path, text ? text : "null", value ? value : "null");
	free(text);
}

static void test_an_incident_from_open_to_close(void **state)
{
	(void)state;
	RUN("list");
	expect(0, "no incident");
	RUN("open", "--title", "API server down", "--level", "P0", "-o", "json");
	expect(0, NULL);
	expect_json("id", "INC-0001");
	expect_json("level", "P0");
	expect_json("state", "open");
	RUN("ack", "INC-0001", "-o", "json");
	expect(0, NULL);
	expect_json("state", "acknowledged");
	RUN("level", "INC-0001", "P1", "--reason", "one server answers", "-o", "json");
	expect_json("level", "P1");
	RUN("role", "inc-1", "commander", "bob", "-o", "json");
	expect_json("roles.commander", "bob");
	RUN("tick", "1", "confirm-impact");
	expect(0, "[x] confirm-impact");
	expect(0, "(alice)");
	RUN("untick", "1", "confirm-impact");
	expect(0, "[ ] confirm-impact");
	RUN("link", "1", "bundle", "b.tar.gz");
	expect(0, "bundle: b.tar.gz");
	RUN("evidence", "1", "m1:etcd", "leader changed");
	expect(0, "evidence from m1:etcd: leader changed");
	RUN("evidence", "1", "m1:etcd");
	expect(64, "usage: k911 incident evidence ID SOURCE TEXT|-");
	RUN("recovered", "1", "-o", "json");
	expect_json("state", "recovered");
	RUN("close", "1", "-o", "json");
	expect_json("state", "closed");
	RUN("reopen", "1", "--reason", "down again", "-o", "json");
	expect_json("state", "acknowledged");
	RUN("list", "-o", "json");
	expect(0, "\"incidents\":[{\"id\":\"INC-0001\"");
	RUN("list");
	expect(0, "INC-0001  P1  acknowledged");
	RUN("verify");
	expect(0, "as they were written");
}

static void test_times_are_rfc3339_and_kept(void **state)
{
	(void)state;
	RUN("open", "--title", "x", "--detected", "2026-01-31T23:50:00Z", "--started",
		"2026-02-01T07:40:00+08:00", "--level", "P3", "-o", "json");
	expect(0, NULL);
	expect_json("detected", "2026-01-31T23:50:00Z");
	expect_json("started", "2026-01-31T23:40:00Z");
	expect_json("clocks.respond.deadline", "2026-02-01T03:50:00Z");
	expect_json("clocks.recover.deadline", "2026-02-03T23:50:00Z");
	RUN("recovered", "1", "--at", "2026-02-01T00:10:00Z", "-o", "json");
	expect_json("recovered", "2026-02-01T00:10:00Z");
	expect_json("checklists.follow-up.due", "2026-02-02T00:10:00Z");
	RUN("ack", "1", "--at", "2026-01-31T23:00:00Z");
	expect(2, "cannot be before");
	RUN("ack", "1", "--at", "2999-01-01T00:00:00Z");
	expect(2, "future");
	RUN("ack", "1", "--at", "yesterday");
	expect(64, "2026-11-23T04:43:50Z");
}

static void test_mistakes_end_with_64_and_what_cannot_be_with_2(void **state)
{
	(void)state;
	RUN("open", "--title", "x");
	RUN("bogus");
	expect(64, "incident needs a word");
	RUN("shwo", "1");
	expect(64, "did you mean \"show\"");
	RUN("show");
	expect(64, "usage: k911 incident show ID");
	RUN("open");
	expect(64, "--title");
	RUN("open", "--title", "  ");
	expect(64, "title");
	RUN("open", "--title", "x", "--level", "P7");
	expect(64, "P0, P1, P2 or P3");
	RUN("level", "1", "P0");
	expect(64, "--reason");
	RUN("show", "some");
	expect(64, "INC-0001");
	RUN("show", "INC-0099");
	expect(2, "INC-0099");
	RUN("tick", "1", "no-such-item");
	expect(64, "no-such-item");
	RUN("show", "1", "-o", "xml");
	expect(64, "json");
	RUN("show", "1", "--nonsense");
	expect(64, "--nonsense");
	RUN("close", "1");
	expect(2, "has not recovered");
	RUN("import", "/nowhere/file");
	expect(65, "/nowhere/file");
	AT("empty", "show", "INC-0001");
	expect(2, "INC-0001");
}

static void test_a_note_comes_from_the_line_or_from_stdin_without_its_secrets(void **state)
{
	(void)state;
	RUN("open", "--title", "x");
	RUN("note", "1", "rebooted m2", "--star");
	expect(0, "rebooted m2");
	feed("from a pipe\npassword=hunter2\n");
	RUN("note", "1", "-", "-o", "json");
	expect(0, "from a pipe\\npassword=[redacted]\"");
	assert_null(strstr(out, "hunter2"));
	RUN("report", "1");
	expect(0, "## Starred notes");
	feed("");
	RUN("note", "1", "-");
	expect(64, "note");
}

static void test_hostile_text_does_nothing_to_the_terminal(void **state)
{
	(void)state;
	RUN("open", "--title", "evil \x1b[2J \xe2\x80\xae title");
	expect(0, "evil ^[[2J <U+202E> title");
	assert_null(strchr(out, '\x1b'));
	RUN("report", "1");
	assert_null(strchr(out, '\x1b'));
}

static void test_verify_finds_what_was_changed_behind_its_back(void **state)
{
	char *path = in_home("state/journal.db");
	struct db *d;

	(void)state;
	RUN("open", "--title", "x");
	RUN("ack", "1");
	RUN("note", "1", "the truth");
	d = db_open(path, DB_WRITE, NULL);
	assert_non_null(d);
	assert_int_equal(
		db_exec(d, "UPDATE entry SET payload = replace(payload, 'truth', 'lie')", NULL), 0);
	db_close(d);
	RUN("verify");
	expect(2, "INC-0001: entry 3 of ");
	RUN("verify", "INC-0001", "-o", "json");
	expect(2, "\"ok\":false");
	expect(2, "\"seq\":3");
	free(path);
}

static void sql(const char *text)
{
	char *path = in_home("state/journal.db");
	struct err e = {0};
	struct db *d = db_open(path, DB_WRITE, &e);

	if (d == NULL || db_exec(d, text, &e) != 0)
		fail_msg("%s", e.text);
	db_close(d);
	free(path);
}

/* The anchor of a text: the 64 digits behind `label`. */
static char *anchor_in(const char *text, const char *label)
{
	const char *at = strstr(text, label);

	if (at == NULL)
		fail_msg("no %s in:\n%s", label, text);
	at += strlen(label) + strcspn(at + strlen(label), "0123456789abcdef");
	return mem_dup(at, 64);
}

static void test_verify_says_what_it_proves_and_an_anchor_proves_the_rest(void **state)
{
	char *anchor, *json;

	(void)state;
	RUN("open", "--title", "x");
	RUN("note", "1", "somebody wants this gone");
	RUN("show", "1", "-o", "json");
	json = anchor_in(strstr(out, "\"anchors\""), "\"hash\":\"");
	RUN("report", "1");
	anchor = anchor_in(strstr(out, "## Anchors"), " | 2 | ");
	assert_string_equal(anchor, json);
	RUN("note", "1", "later");
	RUN("verify");
	expect(0, "not proven");
	RUN("verify", "--anchor", anchor);
	expect(0, "the anchor is entry 2 of INC-0001");
	expect(0, "1 came later");
	RUN("verify", "--anchor", anchor, "-o", "json");
	expect(0, "\"found\":true");
	RUN("verify", "--anchor", "abc");
	expect(64, "64 digits");
	/* cut, and all made to agree */
	sql("DELETE FROM entry WHERE seq > 1; UPDATE head SET (seq, hash) = (SELECT seq, hash FROM "
	    "entry); UPDATE self SET value = 1 WHERE key = 'entries'");
	RUN("verify");
	expect(0, "not proven");
	RUN("verify", "--anchor", anchor);
	expect(2, "the anchor is in no chain");
	RUN("verify", "--anchor", anchor, "-o", "json");
	expect(2, "\"found\":false");
	free(anchor);
	free(json);
}

static void test_what_cannot_be_read_is_not_called_tampered(void **state)
{
	static const char lie[] = "this is no database, only a text";
	char *path = in_home("state/journal.db");
	struct err e;

	(void)state;
	RUN("open", "--title", "x");
	assert_int_equal(file_write(path, lie, sizeof(lie), 0600, &e), 0);
	RUN("verify");
	expect(3, "journal.db");
	RUN("verify", "-o", "json");
	expect(3, "\"ok\":null");
	RUN("show", "1");
	expect(65, "journal.db");
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0); /* "disk I/O error", "is a directory": no reading */
	RUN("verify");
	expect(3, "journal.db");
	rmdir(path);
	free(path);
}

static void test_an_emptied_file_is_not_a_journal_without_entries(void **state)
{
	char *path = in_home("state/journal.db");
	struct err e;

	(void)state;
	RUN("verify");
	expect(0, "0 entries");
	RUN("open", "--title", "x");
	assert_int_equal(file_write(path, "", 0, 0600, &e), 0);
	RUN("verify");
	expect(2, "holds no journal");
	RUN("verify", "-o", "json");
	expect(2, "holds no journal");
	RUN("list");
	expect(0, "no incident");
	RUN("verify"); /* reading made nothing */
	expect(2, "holds no journal");
	free(path);
}

static void test_an_incident_from_a_clock_that_was_ahead_can_be_acknowledged_now(void **state)
{
	(void)state;
	RUN("open", "--title", "x");
	sql("UPDATE entry SET at_ms = at_ms + 3600000, payload = payload");
	RUN("ack", "1", "-o", "json");
	expect(0, NULL);
	expect_json("state", "acknowledged");
	RUN("recovered", "1", "-o", "json");
	expect_json("state", "recovered");
	RUN("close", "1");
	expect(0, "closed");
}

/* As a reader of a journal on a read-only disk, or of an archive. */
static void test_a_journal_where_nothing_can_be_written_can_be_read(void **state)
{
	static const char *const verbs[] = {"list", "show", "verify", "export", "report"};
	char *dir = in_home("state"), *path = in_home("state/journal.db");

	(void)state;
	RUN("open", "--title", "on a read-only disk");
	chmod(home, 0755);
	if (getuid() == 0 && (chown(dir, 65534, 65534) != 0 || chown(path, 65534, 65534) != 0))
		fail_msg("the journal cannot be given away");
	assert_int_equal(chmod(dir, 0555), 0);
	as_nobody = true;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (i == 0 || i == 2)
			RUN(verbs[i]);
		else
			RUN(verbs[i], "1");
		expect(0, i == 2 ? "as they were written" : "on a read-only disk");
	}
	RUN("ack", "1");
	expect(2, "journal.db");
	as_nobody = false;
	assert_int_equal(chmod(path, 0), 0);
	as_nobody = true;
	RUN("verify");
	expect(3, "journal.db");
	as_nobody = false;
	chmod(dir, 0700);
	free(dir);
	free(path);
}

static void test_an_incident_goes_to_another_machine_and_comes_back(void **state)
{
	char *file = in_home("incident.jsonl");

	(void)state;
	RUN("open", "--title", "from here", "--level", "P1");
	AT("there", "open", "--title", "they have one too");
	RUN("export", "1");
	expect(0, "\"heads\"");
	assert_int_equal(file_write(file, out, strlen(out), 0600, NULL), 0);
	AT("there", "import", file, "-o", "json");
	expect(0, "1 new");
	expect_json("id", "INC-0002");
	expect_json("title", "from here");
	AT("there", "ack", "INC-0002");
	AT("there", "export", "INC-0002");
	feed(out);
	RUN("import", "-", "-o", "json");
	expect(0, "1 new");
	expect_json("id", "INC-0001");
	expect_json("state", "acknowledged");
	RUN("verify");
	expect(0, NULL);
	AT("there", "verify");
	expect(0, NULL);
	feed("{\"schema\":\"k911/incident-export/v1\"}\n");
	RUN("import", "-");
	expect(65, "no exported incident");
	free(file);
}

static void test_a_teams_own_targets_and_lists(void **state)
{
	static const char config[] = "levels: {P1: {respond: 5m, recover: 90m}}\n"
				     "checklists: {emergency: [Call the bridge, notify-teams]}\n";
	char *path = in_home("c.yaml");

	(void)state;
	assert_int_equal(file_write(path, config, strlen(config), 0600, NULL), 0);
	RUN("open", "--config", path, "--title", "x", "--detected", "2026-01-01T00:00:00Z", "-o",
		"json");
	expect(0, "\"text\":\"Call the bridge\"");
	expect_json("clocks.respond.deadline", "2026-01-01T00:05:00Z");
	/* they stay with the incident, whatever the configuration says later */
	RUN("show", "1", "-o", "json");
	expect(0, "Call the bridge");
	expect_json("clocks.recover.deadline", "2026-01-01T01:30:00Z");
	RUN("tick", "1", "emergency/1");
	expect(0, "[x] emergency-1");
	free(path);
}

static void test_the_team_hears_of_what_is_said_here_once(void **state)
{
	static const struct receiver_answer fine[] = {{200, NULL, NULL}};
	struct receiver *r = receiver_start(fine, 1);
	char *config = in_home("c.yaml"), *url_file = in_home("url");
	char *url = str_fmt("http://127.0.0.1:%d/hook/s3cret\n", receiver_port(r));
	char *text = str_fmt("notify: [{kind: slack, url_file: %s, levels: [P0, P1]}]\n", url_file);
	char *anchor;

	(void)state;
	assert_int_equal(file_write(url_file, url, strlen(url), 0600, NULL), 0);
	assert_int_equal(file_write(config, text, strlen(text), 0600, NULL), 0);
	RUN("open", "--config", config, "--level", "P1", "--title", "m2 is down");
	expect(0, "INC-0001");
	assert_true(receiver_wait(r, 1));
	assert_non_null(strstr(receiver_body(r, 0), "INC-0001"));
	anchor = anchor_in(receiver_body(r, 0), "Anchor: ");
	RUN("verify", "--anchor", anchor);
	expect(0, "the anchor is entry 1 of INC-0001");
	free(anchor);
	RUN("note", "--config", config, "1", "nobody is called for a note");
	RUN("open", "--config", config, "--level", "P3", "--title", "nor for a P3");
	RUN("ack", "--config", config, "1");
	assert_true(receiver_wait(r, 2));
	assert_non_null(strstr(receiver_body(r, 1), "acknowledged by alice"));
	assert_int_equal(receiver_count(r), 2);
	receiver_stop(r);
	/* nobody is there: it is recorded, said to be waiting, and the secret stays unsaid */
	RUN("level", "--config", config, "1", "P0", "--reason", "worse");
	expect(0, "P0");
	assert_non_null(strstr(said, "not every receiver took the alert yet"));
	assert_null(strstr(said, "s3cret"));
	free(config);
	free(url_file);
	free(url);
	free(text);
}

static void test_a_full_disk_is_told_and_breaks_nothing(void **state)
{
	char *path = in_home("state/journal.db"), *wal = str_fmt("%s-wal", path), text[3000];
	struct stat st;
	int tries = 0;

	(void)state;
	memset(text, 'n', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	RUN("open", "--title", "x");
	assert_int_equal(stat(path, &st), 0);
	file_limit = (rlim_t)st.st_size + 9000;
	do
		RUN("note", "1", text);
	while (ended == 0 && ++tries < 60);
	file_limit = 0;
	if (ended != 2)
		fail_msg("ended with %d: %s", ended, said);
	assert_non_null(strstr(said, "journal.db"));
	RUN("verify");
	expect(0, NULL);
	RUN("note", "1", "room again");
	expect(0, "room again");
	free(path);
	free(wal);
}

/* No verdict was given, and nothing was exported: a script must not take it for done. */
static void test_what_cannot_be_printed_is_not_called_well(void **state)
{
	static const struct {
		const char *command, *words[5];
	} calls[] = {
		{"incident", {"verify", NULL}},
		{"incident", {"verify", "-o", "json", NULL}},
		{"incident", {"verify", "1", NULL}},
		{"incident", {"list", NULL}},
		{"incident", {"list", "-o", "json", NULL}},
		{"incident", {"show", "1", NULL}},
		{"incident", {"report", "1", NULL}},
		{"incident", {"report", "1", "--status", NULL}},
		{"incident", {"export", "1", NULL}},
		{"incident", {"note", "1", "kept all the same", NULL}},
		{"incident", {"--help", NULL}},
		{"config", {"show", NULL}},
		{"config", {"check", NULL}},
		{"drill", {"--list", NULL}},
		{"check", {"--help", NULL}},
	};

	(void)state;
	RUN("open", "--title", "x");
	full = true;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		command = calls[i].command;
		run_in("state", calls[i].words);
		if (ended != 3 || !strstr(said, "cannot write to stdout: No space left on device"))
			fail_msg(
				"%s %s ended with %d: %s", command, calls[i].words[0], ended, said);
	}
	full = false;
	command = "incident";
	RUN("show", "1");
	expect(0, "kept all the same");
}

static const char dead_cluster[] =
	"{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: "
	"'https://127.0.0.1:1'}}], users: [{name: u, user: {}}], contexts: [{name: c, context: "
	"{cluster: c, user: u}}]}";

/* A cluster that cannot be reached stays what it is, and so does a tampered journal. */
static void test_a_bad_verdict_that_cannot_be_printed_stands(void **state)
{
	char *dir = in_home("state"), *db = str_fmt("%s/journal.db", dir), *kubeconfig;
	struct db *d;

	(void)state;
	RUN("open", "--title", "x");
	d = db_open(db, DB_WRITE, NULL);
	assert_int_equal(db_exec(d, "UPDATE entry SET author = 'mallory'", NULL), 0);
	db_close(d);
	full = true;
	RUN("verify");
	expect(2, "cannot write to stdout");
	kubeconfig = in_home("kubeconfig");
	assert_int_equal(file_write(kubeconfig, dead_cluster, strlen(dead_cluster), 0600, NULL), 0);
	command = "check";
	RUN("--kubeconfig", kubeconfig);
	expect(2, "cannot write to stdout");
	RUN("-o", "json", "--kubeconfig", kubeconfig);
	expect(2, "cannot write to stdout");
	free(kubeconfig);
	free(db);
	free(dir);
}

static void test_chinese_speaks_the_strategys_own_words(void **state)
{
	static const char *const words[] = {"确认故障范围和影响", "通知相关团队", "开始日志收集",
		"检查监控告警", "评估是否需要回滚", "执行诊断脚本", "分析日志和事件",
		"确定根本原因", "执行恢复操作", "验证服务恢复", "编写故障报告", "更新监控规则",
		"改进自动化脚本", "团队复盘会议", "预防措施实施", "15分钟内", "1小时内", "24小时内",
		"紧急响应清单", "技术恢复清单", "后续跟进清单"};

	(void)state;
	RUN("open", "--title", "x", "zh");
	expect(0, NULL);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		expect(0, words[i]);
	RUN("tick", "1", "开始日志收集", "zh");
	expect(0, "[x] collect-logs");
	RUN("report", "1", "zh");
	expect(0, "## 时间线");
}

static void test_the_report_has_its_sections(void **state)
{
	static const char *const parts[] = {"# INC-0001 API \\| down", "## Summary", "## Impact",
		"## Timeline", "## Clocks against targets", "## Root cause",
		"## Lessons and measures", "## Actions", "## Checklists", "- [x] Confirm the scope",
		"## Bundles and links", "- bundle: b.tar.gz", "## Availability", "## Evidence",
		": evidence from m1:etcd: leader changed"};

	(void)state;
	RUN("open", "--title", "API | down");
	RUN("tick", "1", "confirm-impact");
	RUN("link", "1", "bundle", "b.tar.gz");
	RUN("evidence", "1", "m1:etcd", "leader changed");
	RUN("report", "1");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		expect(0, parts[i]);
	RUN("report", "1", "--status");
	expect(0, "P1 INC-0001 API | down: open.");
	assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_an_incident_from_open_to_close),
		T(test_times_are_rfc3339_and_kept),
		T(test_mistakes_end_with_64_and_what_cannot_be_with_2),
		T(test_a_note_comes_from_the_line_or_from_stdin_without_its_secrets),
		T(test_hostile_text_does_nothing_to_the_terminal),
		T(test_verify_finds_what_was_changed_behind_its_back),
		T(test_verify_says_what_it_proves_and_an_anchor_proves_the_rest),
		T(test_what_cannot_be_read_is_not_called_tampered),
		T(test_an_emptied_file_is_not_a_journal_without_entries),
		T(test_an_incident_from_a_clock_that_was_ahead_can_be_acknowledged_now),
		T(test_a_journal_where_nothing_can_be_written_can_be_read),
		T(test_an_incident_goes_to_another_machine_and_comes_back),
		T(test_a_teams_own_targets_and_lists),
		T(test_the_team_hears_of_what_is_said_here_once),
		T(test_a_full_disk_is_told_and_breaks_nothing),
		T(test_what_cannot_be_printed_is_not_called_well),
		T(test_a_bad_verdict_that_cannot_be_printed_stands),
		T(test_chinese_speaks_the_strategys_own_words),
		T(test_the_report_has_its_sections),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
