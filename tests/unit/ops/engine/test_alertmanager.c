/* Push and read against a real Alertmanager (Debian's), on a loopback port; skipped, with a word,
 * where it is not installed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/str.h"
#include "help/hostile.h"
#include "help/outgoing.h"
#include "io/http.h"
#include "ops/notify/notify.h"
#include "ops/notify/notify_outbox.h"
#include "ops/watch/alert_watch.h"

#define PROGRAM "/usr/bin/prometheus-alertmanager"
#define WAIT_MS 60000
#define LIST    "/api/v2/alerts?active=true&silenced=false&inhibited=false"

static struct outgoing at;
static struct outbox *queue;
static int port;
static pid_t child;

static int get(const char *path, struct buf *body)
{
	char *url = str_fmt("http://127.0.0.1:%d%s", port, path);
	const struct http_request r = {.url = url, .total_ms = 5000, .fresh = true};
	struct http_result result;
	int rc = http_perform(&r, -1, body, &result);

	free(url);
	return rc == 0 && result.status == 200 ? 0 : -1;
}

static void pause_a_little(void)
{
	poll(NULL, 0, 50);
}

static void run_program(const char *config)
{
	char *storage = str_fmt("--storage.path=%s/data", at.dir);
	char *listen = str_fmt("--web.listen-address=127.0.0.1:%d", port);
	char *file = str_fmt("--config.file=%s", config);
	char *log = str_fmt("%s/log", at.dir);
	int fd = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	execl(PROGRAM, PROGRAM, file, storage, listen, "--cluster.listen-address=", (char *)NULL);
	_exit(127);
}

static int start(void **state)
{
	const char *config;
	struct instant begin = instant_now();
	struct buf body;
	int rc = -1;

	(void)state;
	if (access(PROGRAM, X_OK) != 0)
		return 0;
	outgoing_init(&at);
	queue = outbox_new(at.db);
	port = hostile_closed_port();
	config = outgoing_file(
		&at, "am.yml", "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n");
	child = fork();
	if (child == 0)
		run_program(config);
	buf_init(&body, 1 << 16);
	while (rc != 0 && instant_age_ms(begin, instant_now()) < WAIT_MS) {
		buf_clear(&body);
		rc = get("/-/ready", &body);
		if (rc != 0)
			pause_a_little();
	}
	buf_done(&body);
	return rc;
}

static int stop(void **state)
{
	char *data;

	(void)state;
	if (child <= 0)
		return 0;
	kill(child, SIGTERM);
	waitpid(child, NULL, 0);
	data = str_fmt("%s/data", at.dir);
	for (int i = 0; i < 2; i++) {
		char *file = str_fmt("%s/%s", data, i ? "nflog" : "silences");

		unlink(file);
		free(file);
	}
	rmdir(data);
	free(data);
	outbox_free(queue);
	outgoing_done(&at);
	return 0;
}

static bool absent(void)
{
	if (child > 0)
		return false;
	print_message("skipped: %s is not installed\n", PROGRAM);
	return true;
}

/* Reads until the rows are as wanted. */
static struct table *rows_when(bool (*wanted)(const struct table *rows))
{
	struct instant begin = instant_now();
	struct buf body;
	struct err e;

	buf_init(&body, 1 << 20);
	do {
		struct table *rows = table_new(&alert_ops);

		buf_clear(&body);
		if (get(LIST, &body) == 0 &&
			alert_watch_decode(buf_text(&body), body.len, rows, &e) == 0 &&
			wanted(rows)) {
			buf_done(&body);
			return rows;
		}
		table_free(rows);
		pause_a_little();
	} while (instant_age_ms(begin, instant_now()) < WAIT_MS);
	fail_msg("the Alertmanager last said: %s", buf_text(&body));
	return NULL;
}

static bool one_p0(const struct table *rows)
{
	const struct alert_row *f = table_count(rows) == 1 ? table_at(rows, 0) : NULL;

	return f && strstr(rstr_text(f->labels), "level=P0");
}

static bool one_p2(const struct table *rows)
{
	const struct alert_row *f = table_count(rows) == 1 ? table_at(rows, 0) : NULL;

	return f && strstr(rstr_text(f->labels), "level=P2");
}

static bool none(const struct table *rows)
{
	return table_count(rows) == 0;
}

static struct notify_lane *push_lane(void)
{
	struct notify_target t = outgoing_target(&at, NOTIFY_ALERTMANAGER, "am", port, NULL);
	char *url = str_fmt("http://127.0.0.1:%d", port);
	struct notify_lane *lane;

	outgoing_file(&at, "am", url);
	lane = notify_lane_new(&t, queue);
	free(url);
	return lane;
}

static void push(struct notify_lane *lane, const struct notification *a)
{
	int64_t next_ms;
	struct err e = {0};

	assert_int_equal(notify_lane_keep(lane, a, a->at_ms, &e), 0);
	if (notify_lane_turn(lane, a->at_ms, 0, -1, &next_ms, &e) != LANE_DELIVERED)
		fail_msg("%s", e.text);
}

static void test_an_incident_fires_changes_its_level_and_resolves(void **state)
{
	struct notification a = outgoing_alert(1);
	struct notify_lane *lane;
	const struct alert_row *f;
	struct table *rows;
	struct names counted;

	(void)state;
	if (absent())
		return;
	a.at_ms = a.detected_ms = instant_now().wall_ms - 5000;
	lane = push_lane();
	push(lane, &a);
	rows = rows_when(one_p0);
	f = table_at(rows, 0);
	assert_string_equal(rstr_text(f->name), ALERT_OWN);
	assert_string_equal(rstr_text(f->severity), "critical");
	assert_non_null(strstr(rstr_text(f->summary), "API Server 不可用"));
	assert_true(f->since_ms == a.detected_ms / 1000 * 1000);
	alert_names(rows, &counted);
	assert_int_equal(counted.n, 0); /* or it would keep itself alive */
	table_free(rows);
	a.kind = NOTIFICATION_LEVEL;
	a.before = LEVEL_P0;
	a.level = LEVEL_P2;
	a.at_ms += 1000;
	push(lane, &a);
	table_free(rows_when(one_p2));
	a.kind = NOTIFICATION_RECOVERED;
	a.before = LEVEL_NONE;
	a.at_ms += 1000;
	push(lane, &a);
	table_free(rows_when(none));
	notify_lane_free(lane);
}

static bool one_row(const struct table *rows)
{
	return table_count(rows) == 1;
}

static void test_others_alerts_are_read_as_they_are(void **state)
{
	static const char body[] =
		"[{\"labels\":{\"alertname\":\"KubeNode\\u001b[2JNotReady\",\"severity\":"
		"\"warning\","
		"\"node\":\"w1\"},\"annotations\":{\"description\":\"<b>gone</b>\"}}]";
	static const char *const headers[] = {"Content-Type: application/json", NULL};
	struct http_request r = {.method = "POST",
		.headers = headers,
		.body = body,
		.body_bytes = sizeof(body) - 1,
		.total_ms = 5000};
	const struct alert_row *f;
	struct http_result result;
	struct names counted;
	struct table *rows;
	struct buf answer;
	char *url;

	(void)state;
	if (absent())
		return;
	url = str_fmt("http://127.0.0.1:%d/api/v2/alerts", port);
	r.url = url;
	buf_init(&answer, 1 << 16);
	assert_int_equal(http_perform(&r, -1, &answer, &result), 0);
	assert_int_equal(result.status, 200);
	rows = rows_when(one_row);
	f = table_at(rows, 0);
	assert_string_equal(rstr_text(f->name), "KubeNode\033[2JNotReady");
	assert_string_equal(rstr_text(f->labels), "node=w1");
	assert_string_equal(rstr_text(f->summary), "<b>gone</b>");
	assert_int_equal(strlen(f->fingerprint), 16);
	alert_names(rows, &counted);
	assert_int_equal(counted.n, 1);
	table_free(rows);
	buf_done(&answer);
	free(url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_incident_fires_changes_its_level_and_resolves),
		cmocka_unit_test(test_others_alerts_are_read_as_they_are),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, start, stop);
}
