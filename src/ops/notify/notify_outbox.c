/* The queue. A row goes from waiting to delivered or given up, and stays for a while as the proof
 * that its transition was sent. A claim moves due_ms past the longest delivery, so a second process
 * passes over the row, and one whose process died becomes due by itself.
 *
 * The wall clock is all there is across restarts. It may be set: a due_ms further off than any
 * waiting time is the trace of a step back, and counts as due. */
#include "ops/notify/notify_outbox.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/db_sound.h"
#include "ops/notify/notification_json.h"

#define NOTIFICATION_BYTES_MAX (64u << 10)
#define MINUTE_MS              INT64_C(60000)

enum row_state { ROW_WAITING, ROW_DELIVERED, ROW_GIVEN_UP };

static const char *const schema[] = {
	"CREATE TABLE outbox(id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, key TEXT "
	"NOT NULL, alert TEXT NOT NULL, state INTEGER NOT NULL DEFAULT 0, put_ms INTEGER NOT NULL,"
	" due_ms INTEGER NOT NULL, done_ms INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL "
	"DEFAULT 0, error TEXT NOT NULL DEFAULT '', UNIQUE(target, key));"
	"CREATE INDEX outbox_by_state ON outbox(target, state, id)",
};

struct outbox {
	pthread_mutex_t lock; /* of all that follows; held while the disk works */
	char *path;           /* NULL: in memory */
	struct db *db;        /* NULL: not open */
	char damage[OUTBOX_DAMAGE];
};

/* ---- opening ---- */

struct outbox *outbox_new(const char *path)
{
	struct outbox *o = mem_new(struct outbox);

	pthread_mutex_init(&o->lock, NULL);
	o->path = path ? mem_str(path) : NULL;
	return o;
}

void outbox_free(struct outbox *o)
{
	if (!o)
		return;
	db_close(o->db);
	pthread_mutex_destroy(&o->lock);
	free(o->path);
	free(o);
}

static int copy_row(struct outbox *o, const struct db_stmt *from)
{
	struct db_stmt *s = db_prepare(o->db,
		"INSERT OR IGNORE INTO outbox(target, key, alert, state, put_ms, due_ms, done_ms, "
		"tries,"
		" error) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
		NULL);
	int rc;

	if (!s)
		return -1;
	for (int i = 0; i < 9; i++) {
		if (i >= 3 && i < 8)
			db_bind_int(s, i + 1, db_int(from, i));
		else
			db_bind_text(s, i + 1, db_text(from, i));
	}
	rc = db_step(s, NULL);
	db_finish(s);
	return rc;
}

/* What can still be read of a damaged one is sent all the same, and what it sent is not sent again.
 * Its indexes are not asked: they may be what is damaged. Gives how many rows were read. */
static long take_over(struct outbox *o, const char *damaged)
{
	struct db *d = db_open(damaged, DB_READ, NULL);
	struct db_stmt *s =
		d ? db_prepare(d,
			    "SELECT target, key, alert, state, put_ms, due_ms, done_ms, tries,"
			    " error FROM outbox NOT INDEXED ORDER BY id",
			    NULL)
		  : NULL;
	long n = 0;

	if (s && db_begin(o->db, NULL) == 0) {
		while (db_step(s, NULL) == 1)
			n += copy_row(o, s) == 0;
		db_commit(o->db, NULL);
	}
	db_finish(s);
	db_close(d);
	return n;
}

static void note_damage(struct outbox *o, const struct db_aside *aside)
{
	long n = take_over(o, aside->path);

	snprintf(o->damage, sizeof(o->damage),
		P_("%s: it lies in %s now; %ld alert was taken over into a new one",
			"%s: it lies in %s now; %ld alerts were taken over into a new one", n),
		aside->damage.text, aside->path, n);
}

static int open_here(struct outbox *o, int64_t now_ms, struct err *e)
{
	struct db_aside aside = {.path = NULL};

	o->db = o->path ? db_open_sound(o->path, now_ms, &aside, e)
			: db_open(_("the outbox in memory"), DB_MEMORY, e);
	if (o->db && db_migrate(o->db, schema, (int)(sizeof(schema) / sizeof(schema[0])), e) != 0) {
		db_close(o->db);
		o->db = NULL;
	}
	if (o->db && aside.path)
		note_damage(o, &aside);
	free(aside.path);
	return o->db ? 0 : -1;
}

/* Until leave() the outbox is the caller's, and open. -1: it cannot be opened, and is not held. */
static int enter(struct outbox *o, int64_t now_ms, struct err *e)
{
	pthread_mutex_lock(&o->lock);
	if (o->db && db_has_moved(o->db)) { /* another process found it damaged */
		db_close(o->db);
		o->db = NULL;
	}
	if (o->db || open_here(o, now_ms, e) == 0)
		return 0;
	pthread_mutex_unlock(&o->lock);
	return -1;
}

/* True: it failed for the file's damage, which is mended by whoever enters next. */
static bool leave(struct outbox *o, int rc, const struct err *e)
{
	bool damaged = rc < 0 && e->code == ERR_INPUT;

	if (damaged) {
		db_close(o->db);
		o->db = NULL;
	}
	pthread_mutex_unlock(&o->lock);
	return damaged;
}

int outbox_check(struct outbox *o, int64_t now_ms, struct err *e)
{
	if (enter(o, now_ms, e) != 0)
		return -1;
	leave(o, 0, e);
	return 0;
}

char *outbox_damage(struct outbox *o, char dst[OUTBOX_DAMAGE])
{
	pthread_mutex_lock(&o->lock);
	str_copy(dst, OUTBOX_DAMAGE, o->damage);
	pthread_mutex_unlock(&o->lock);
	return dst;
}

/* ---- putting ---- */

struct posting {
	const struct outbox_post *post;
	const char *key, *json;
	int64_t now_ms;
};

/* What went out already is a delivered row from its first moment on: as one that waits, another
 * process could claim it. */
static int put_one(struct outbox *o, const struct posting *p, size_t at, struct err *e)
{
	const struct outbox_post *post = p->post;
	enum outbox_word word = post->ask ? post->ask(post->arg, at) : OUTBOX_WAITS;
	const struct db_value values[] = {DB_TEXT(post->targets[at]), DB_TEXT(p->key),
		DB_TEXT(p->json), DB_INT(p->now_ms), DB_INT(p->now_ms),
		DB_INT(word == OUTBOX_SENT ? ROW_DELIVERED : ROW_WAITING),
		DB_INT(word == OUTBOX_SENT ? p->now_ms : 0)};
	struct db_stmt *s;
	int rc;

	if (word == OUTBOX_NOT_NOW)
		return err_set(e, ERR_BUSY, "%s", _("the alert is on its way this moment"));
	s = db_ask(o->db,
		"INSERT INTO outbox(target, key, alert, put_ms, due_ms, state, done_ms)"
		" VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT(target, key) DO UPDATE SET"
		" state = excluded.state, done_ms = excluded.done_ms WHERE excluded.state <> 0"
		" RETURNING id",
		values, 7, e);
	rc = db_step(s, e);

	if (rc == 1 && db_step(s, e) < 0)
		rc = -1;
	db_finish(s);
	return rc;
}

static int put_all(struct outbox *o, const struct posting *p, struct err *e)
{
	const struct db_value past[] = {DB_INT(ROW_WAITING), DB_INT(p->now_ms - OUTBOX_PAST_MS)};
	int fresh = 0;

	if (db_begin(o->db, e) != 0)
		return -1;
	for (size_t i = 0; i < p->post->n; i++) {
		int rc = put_one(o, p, i, e);

		if (rc < 0)
			goto fail;
		fresh += rc;
	}
	if (db_run(o->db, "DELETE FROM outbox WHERE state <> ? AND put_ms < ?", past, 2, e) != 0)
		goto fail;
	return db_commit(o->db, e) == 0 ? fresh : -1;
fail:
	db_rollback(o->db);
	return -1;
}

static int post(struct outbox *o, const struct posting *p, bool *damaged, struct err *e)
{
	int rc;

	*damaged = false;
	if (enter(o, p->now_ms, e) != 0)
		return -1;
	rc = put_all(o, p, e);
	*damaged = leave(o, rc, e);
	return rc;
}

int outbox_take(struct outbox *o, const struct outbox_post *all, int64_t now_ms, struct err *e)
{
	char key[NOTIFICATION_KEY];
	struct posting p = {all, notification_key(all->alert, key), NULL, now_ms};
	struct buf json;
	struct jsw w;
	bool damaged = false;
	int rc;

	if (all->n == 0)
		return 0;
	buf_init(&json, NOTIFICATION_BYTES_MAX);
	jsw_init(&w, &json);
	jsw_object(&w, NULL);
	notification_write(&w, all->alert);
	jsw_end_object(&w);
	p.json = json.at;
	rc = json.over ? err_set(e, ERR_LIMIT, _("the alert is too long to be kept"))
		       : post(o, &p, &damaged, e);
	if (damaged)
		rc = post(o, &p, &damaged, e); /* into the one that takes its place */
	buf_done(&json);
	return rc;
}

int outbox_put(struct outbox *o, const struct notification *a, const char *const *targets, size_t n,
	int64_t now_ms, struct err *e)
{
	return outbox_take(
		o, &(struct outbox_post){.alert = a, .targets = targets, .n = n}, now_ms, e);
}

/* ---- taking ---- */

/* The moment from which one more may be delivered; now_ms when that is now. */
static int pace(struct outbox *o, const char *target, int per_minute, int64_t now_ms,
	int64_t *free_ms, struct err *e)
{
	const struct db_value values[] = {DB_TEXT(target), DB_INT(ROW_DELIVERED),
		DB_INT(now_ms - MINUTE_MS), DB_INT(now_ms), DB_INT(per_minute - 1)};
	struct db_stmt *s = db_ask(o->db,
		"SELECT done_ms FROM outbox WHERE target = ? AND state = ? AND done_ms > ?"
		" AND done_ms <= ? ORDER BY done_ms DESC LIMIT 1 OFFSET ?",
		values, 5, e);
	int rc = db_step(s, e);

	*free_ms = rc == 1 ? db_int(s, 0) + MINUTE_MS : now_ms;
	db_finish(s);
	return rc < 0 ? -1 : 0;
}

static int give_up_old(struct outbox *o, const char *target, int64_t now_ms, struct err *e)
{
	const struct db_value values[] = {DB_INT(ROW_GIVEN_UP), DB_INT(now_ms), DB_TEXT(target),
		DB_INT(ROW_WAITING), DB_INT(now_ms - OUTBOX_KEEP_MS)};

	return db_run(o->db,
		"UPDATE outbox SET state = ?, done_ms = ? WHERE target = ? AND state = ? AND"
		" put_ms < ? AND tries > 0",
		values, 5, e);
}

/* The first that waits: 1 and its row in *item, its alert's JSON in *json (new). */
static int first_waiting(struct outbox *o, const char *target, struct outbox_item *item,
	int64_t *due_ms, char **json, struct err *e)
{
	const struct db_value values[] = {DB_TEXT(target), DB_INT(ROW_WAITING)};
	struct db_stmt *s = db_ask(o->db,
		"SELECT id, put_ms, due_ms, tries, key, alert FROM outbox WHERE target = ? AND"
		" state = ? ORDER BY id LIMIT 1",
		values, 2, e);
	int rc = db_step(s, e);

	*json = NULL;
	if (rc == 1) {
		item->id = db_int(s, 0);
		item->put_ms = db_int(s, 1);
		*due_ms = db_int(s, 2);
		item->tries = (int)db_int(s, 3) + 1;
		str_copy(item->key, sizeof(item->key), db_text(s, 4));
		*json = mem_str(db_text(s, 5));
	}
	db_finish(s);
	return rc;
}

/* By its name, not its number: what was taken over from a damaged file is numbered anew. */
static int settle(struct outbox *o, const struct outbox_item *item, enum row_state to,
	int64_t now_ms, const char *why, struct err *e)
{
	const struct db_value values[] = {DB_INT(to), DB_INT(now_ms), DB_TEXT(why),
		DB_TEXT(item->target), DB_TEXT(item->key)};

	return db_run(o->db,
		"UPDATE outbox SET state = ?, done_ms = ?, error = ? WHERE target = ? AND key = ?",
		values, 5, e);
}

static int claim_row(struct outbox *o, const struct outbox_item *item, struct err *e)
{
	const struct db_value values[] = {
		DB_INT(item->until_ms), DB_INT(item->tries), DB_INT(item->id)};

	return db_run(o->db, "UPDATE outbox SET due_ms = ?, tries = ? WHERE id = ?", values, 3, e);
}

static int claim(struct outbox *o, const char *target, int per_minute, int64_t now_ms,
	struct outbox_item *item, int64_t *next_ms, struct err *e)
{
	int64_t due_ms = now_ms, free_ms = now_ms;
	char *json = NULL;
	int rc;

	if (give_up_old(o, target, now_ms, e) != 0)
		return -1;
	rc = first_waiting(o, target, item, &due_ms, &json, e);
	if (rc != 1)
		return rc;
	if (due_ms > now_ms + OUTBOX_WAIT_MS)
		due_ms = now_ms;
	rc = pace(o, target, per_minute, now_ms, &free_ms, e);
	*next_ms = due_ms > free_ms ? due_ms : free_ms;
	if (rc == 0 && *next_ms <= now_ms) {
		struct err unread;

		if (notification_read(json, strlen(json), &item->alert, &unread) != 0)
			rc = settle(o, item, ROW_GIVEN_UP, now_ms, unread.text, e);
		else
			rc = claim_row(o, item, e) == 0 ? 1 : -1;
	}
	free(json);
	return rc;
}

int outbox_claim(struct outbox *o, const char *target, int per_minute, int64_t now_ms,
	struct outbox_item *item, int64_t *next_ms, struct err *e)
{
	int rc;

	*next_ms = OUTBOX_NEVER;
	item->target = target;
	item->until_ms = now_ms + OUTBOX_CLAIM_MS;
	if (enter(o, now_ms, e) != 0)
		return -1;
	rc = db_begin(o->db, e);
	if (rc == 0)
		rc = claim(o, target, per_minute, now_ms, item, next_ms, e);
	if (rc >= 0 && db_commit(o->db, e) != 0)
		rc = -1;
	if (rc < 0)
		db_rollback(o->db);
	leave(o, rc, e);
	return rc;
}

/* ---- how it went ---- */

/* A row's due_ms is the claim's mark. Who was so slow that his claim ran out must not take the row
 * from whoever has it now: only its delivery is true whoever says it. */
#define OWN_CLAIM " WHERE target = ? AND key = ? AND state = 0 AND due_ms = ?"

static int run_alone(struct outbox *o, const char *sql, const struct db_value values[6],
	int64_t now_ms, struct err *e)
{
	int rc;

	if (enter(o, now_ms, e) != 0)
		return -1;
	rc = db_run(o->db, sql, values, 6, e);
	leave(o, rc, e);
	return rc;
}

int outbox_delivered(
	struct outbox *o, const struct outbox_item *item, int64_t now_ms, struct err *e)
{
	int rc;

	if (enter(o, now_ms, e) != 0)
		return -1;
	rc = settle(o, item, ROW_DELIVERED, now_ms, "", e);
	leave(o, rc, e);
	return rc;
}

int outbox_give_up(struct outbox *o, const struct outbox_item *item, int64_t now_ms,
	const char *why, struct err *e)
{
	const struct db_value values[] = {DB_INT(ROW_GIVEN_UP), DB_INT(now_ms), DB_TEXT(why),
		DB_TEXT(item->target), DB_TEXT(item->key), DB_INT(item->until_ms)};

	return run_alone(o, "UPDATE outbox SET state = ?, done_ms = ?, error = ?" OWN_CLAIM, values,
		now_ms, e);
}

static int wait_until(struct outbox *o, const struct outbox_item *item, int64_t due_ms, int tries,
	const char *why, struct err *e)
{
	const struct db_value values[] = {DB_INT(due_ms), DB_INT(tries), DB_TEXT(why),
		DB_TEXT(item->target), DB_TEXT(item->key), DB_INT(item->until_ms)};

	return run_alone(o, "UPDATE outbox SET due_ms = ?, tries = ?, error = ?" OWN_CLAIM, values,
		due_ms, e);
}

int outbox_failed(struct outbox *o, const struct outbox_item *item, int64_t due_ms, const char *why,
	struct err *e)
{
	return wait_until(o, item, due_ms, item->tries, why, e);
}

int outbox_return(struct outbox *o, const struct outbox_item *item, int64_t now_ms, struct err *e)
{
	return wait_until(o, item, now_ms, item->tries - 1, "", e);
}

int outbox_count(struct outbox *o, const char *target, struct outbox_count *out, struct err *e)
{
	const struct db_value values[] = {DB_TEXT(target)};
	struct db_stmt *s;
	int rc;

	if (enter(o, instant_now().wall_ms, e) != 0)
		return -1;
	s = db_ask(o->db,
		"SELECT count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 1),"
		" count(*) FILTER (WHERE state = 2) FROM outbox WHERE target = ?",
		values, 1, e);
	rc = db_step(s, e);
	if (rc == 1)
		*out = (struct outbox_count){db_int(s, 0), db_int(s, 1), db_int(s, 2)};
	db_finish(s);
	leave(o, rc, e);
	return rc == 1 ? 0 : -1;
}
