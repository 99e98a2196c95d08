#include "help/outgoing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/str.h"
#include "io/file.h"

#define WAIT_MS 20000
#define PATHS   32

static char *paths[PATHS];
static size_t n_paths;

void outgoing_init(struct outgoing *o)
{
	str_copy(o->dir, sizeof(o->dir), "/tmp/k911-notify-XXXXXX");
	assert_non_null(mkdtemp(o->dir));
	snprintf(o->db, sizeof(o->db), "%s/notify.db", o->dir);
}

void outgoing_done(struct outgoing *o)
{
	DIR *d = opendir(o->dir);
	struct dirent *f;

	assert_non_null(d);
	while ((f = readdir(d)) != NULL) /* NOLINT(concurrency-mt-unsafe) */
		unlinkat(dirfd(d), f->d_name, 0);
	closedir(d);
	rmdir(o->dir);
	while (n_paths > 0)
		free(paths[--n_paths]);
}

const char *outgoing_file(const struct outgoing *o, const char *name, const char *text)
{
	char *path = str_fmt("%s/%s", o->dir, name);
	struct err e = {0};

	assert_true(n_paths < PATHS);
	paths[n_paths++] = path;
	if (file_write(path, text, strlen(text), 0600, &e) != 0)
		fail_msg("%s", e.text);
	return path;
}

struct notification outgoing_alert(int n)
{
	struct notification a;

	notification_init(&a, NOTIFICATION_DETECTED);
	str_copy(a.cluster, sizeof(a.cluster), "prod");
	str_copy(a.incident, sizeof(a.incident), "01HZZZZZZZZZZZZZZZZZZZZZZ0");
	str_copy(a.alias, sizeof(a.alias), "INC-0007");
	snprintf(a.title, sizeof(a.title), "API Server 不可用 <%d> & \"more\"", n);
	str_copy(a.reasons[a.n_reasons++], sizeof(a.reasons[0]), "no API server answers");
	str_copy(a.broken, sizeof(a.broken), "apiserver on m1");
	str_copy(a.clock, sizeof(a.clock), "respond");
	a.level = LEVEL_P0;
	a.worst = LEVEL_P0;
	a.at_ms = a.detected_ms = NOON_MS;
	a.deadline_ms = NOON_MS + 15 * 60000;
	a.serial = (unsigned)n;
	return a;
}

struct notify_target outgoing_target(
	struct outgoing *o, enum notify_kind kind, const char *name, int port, const char *secret)
{
	char *url = str_fmt("http://127.0.0.1:%d/hook/s3cret\n", port);
	char *secret_name = str_fmt("%s.secret", name);
	const struct notify_target t = {
		.kind = kind,
		.url_file = outgoing_file(o, name, url),
		.secret_file = secret ? outgoing_file(o, secret_name, secret) : "",
		.ca_file = "",
		.proxy = "",
		.levels = (1u << LEVEL_COUNT) - 1,
	};

	free(url);
	free(secret_name);
	return t;
}

struct notify_health outgoing_health_when(
	struct notify *n, bool (*wanted)(const struct notify_health *h))
{
	struct instant begin = instant_now();
	struct notify_health h;

	do {
		notify_health(n, &h);
		if (wanted(&h))
			return h;
		poll(NULL, 0, 5);
	} while (instant_age_ms(begin, instant_now()) < WAIT_MS);
	fail_msg("%zu fail: %s: %s; unkept: %s; damage: %s", h.failing, h.to, h.why, h.unkept_why,
		h.damage);
	return h;
}
