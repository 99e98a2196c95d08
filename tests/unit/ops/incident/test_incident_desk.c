/* The incident desk on a real journal, fed with snapshots by hand: what it proposes, what it
 * records, who is told, and what the screen gets of it. The clock is the test's; the journal's
 * thread is waited for with a deadline. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"
#include "help/hostile.h"
#include "help/journal.h"
#include "help/outgoing.h"
#include "help/receiver.h"
#include "ops/incident/entry.h"
#include "ops/incident/incident_desk.h"
#include "ops/notify/notify_outbox.h"

#define S       INT64_C(1000)
#define HOLD_MS (60 * S)
#define WAIT_MS 20000

static const struct receiver_answer fine[] = {{200, NULL, NULL}};

/* One console's desk, and the moment it lives in. */
struct stage {
	struct scratch scratch;
	struct outgoing out;
	struct notify_target receiver;
	const char *cluster;   /* NULL: prod */
	const char *authority; /* NULL: unknown */
	struct journal_writer *journal;
	struct notify *notify;
	struct mailbox *sent, *notices;
	int64_t patience_ms; /* notify's, with the disk */
	struct incident_desk *desk;
	struct instant now;
	struct snapshot *last; /* as the screen has it */
	char said[300];        /* the last notice */
	enum level level;
	bool known;
	bool dark;
	bool alerts_live;
	struct receiver *to;
};

/* As the engine does: NULL where it cannot be started. */
static struct notify *start_notify(struct stage *t, int port)
{
	struct notify_options o = {.targets = &t->receiver, .n = 1, .patience_ms = t->patience_ms};
	char outbox[128];
	struct err e;

	t->receiver = outgoing_target(&t->out, NOTIFY_SLACK, "slack", port, NULL);
	snprintf(outbox, sizeof(outbox), "%s/notify.db", t->scratch.dir);
	o.path = outbox;
	o.notices = t->notices;
	o.sent = t->sent;
	return notify_start(&o, &e);
}

static void start_desk(struct stage *t, const char *journal, const char *host, int port)
{
	struct incident_desk_options o = {.why = "no home"};
	struct incident_cluster of = {.name = ""};

	t->notices = mailbox_new(64);
	t->sent = mailbox_new(0);
	t->journal = journal ? journal_writer_start(journal) : NULL;
	t->notify = port ? start_notify(t, port) : NULL;
	o.journal = t->journal;
	o.notify = t->notify;
	o.sent = t->sent;
	o.lock_dir = t->scratch.dir;
	str_copy(o.author.name, sizeof(o.author.name), "alice");
	str_copy(o.author.host, sizeof(o.author.host), host);
	memcpy(o.targets, level_targets, sizeof(o.targets));
	str_copy(of.name, sizeof(of.name), t->cluster ? t->cluster : "prod");
	str_copy(of.authority, sizeof(of.authority), t->authority ? t->authority : "");
	t->desk = incident_desk_new(&o, &of, HOLD_MS, t->notices);
	t->now = instant_now();
	t->level = LEVEL_NONE;
	t->known = true;
}

static void set_stage(struct stage *t, int64_t patience_ms)
{
	memset(t, 0, sizeof(*t));
	t->patience_ms = patience_ms;
	scratch_init(&t->scratch);
	outgoing_init(&t->out);
}

static void begin_with(struct stage *t, int port, int64_t patience_ms)
{
	set_stage(t, patience_ms);
	start_desk(t, t->scratch.path, "ops1", port);
}

static void begin(struct stage *t, int port)
{
	begin_with(t, port, 0);
}

static size_t stop_desk(struct stage *t)
{
	size_t lost;

	notify_stop(t->notify);
	lost = journal_writer_stop(t->journal);
	incident_desk_free(t->desk);
	mailbox_free(t->sent);
	mailbox_free(t->notices);
	snapshot_unref(t->last);
	t->last = NULL;
	return lost;
}

static void end(struct stage *t)
{
	assert_int_equal(stop_desk(t), 0);
	outgoing_done(&t->out);
	scratch_done(&t->scratch);
}

static void hear_notices(struct stage *t)
{
	struct letter *l;

	while ((l = mailbox_take(t->notices)) != NULL) {
		str_copy(t->said, sizeof(t->said), ((const struct notice *)l)->text);
		l->drop(l);
	}
}

static void fill(struct stage *t)
{
	struct snapshot *s = snapshot_new();

	s->at = t->now;
	s->verdict.known = t->known && !t->dark;
	s->verdict.dark = t->dark;
	s->verdict.now = s->verdict.level = t->level;
	if (t->level != LEVEL_NONE && s->verdict.known) {
		s->verdict.n = 1;
		s->verdict.reasons[0].level = t->level;
		str_copy(s->verdict.reasons[0].text, sizeof(s->verdict.reasons[0].text),
			"m2 is down");
		s->layers.broken = true;
		str_copy(s->layers.first_text, sizeof(s->layers.first_text), "m2: tcp: refused");
	}
	s->layers.api_all = 3;
	s->layers.api_live = t->level == LEVEL_P0 ? 0 : 3;
	s->sources[SOURCE_ALERTS].state = t->alerts_live ? SOURCE_LIVE : SOURCE_ABSENT;
	if (t->alerts_live)
		names_add(&s->alerts, "KubeAPIDown");
	incident_desk_fill(t->desk, s);
	snapshot_unref(t->last);
	t->last = s;
}

/* Time passes, a publish a second. */
static void pass(struct stage *t, int64_t ms)
{
	for (; ms > 0; ms -= S) {
		t->now.wall_ms += S;
		t->now.boot_ms += S;
		incident_desk_hear(t->desk, t->now);
		fill(t);
	}
	hear_notices(t);
}

/* Until what the journal's thread does has come out; the clock stands still meanwhile. */
static void until(struct stage *t, bool (*there)(struct stage *t))
{
	struct instant began = instant_now();

	while (!there(t)) {
		struct pollfd p = {
			.fd = t->journal ? mailbox_fd(journal_writer_results(t->journal)) : -1,
			.events = POLLIN};

		if (instant_age_ms(began, instant_now()) > WAIT_MS)
			fail_msg("it did not happen within %d s", WAIT_MS / 1000);
		poll(&p, 1, 20);
		incident_desk_hear(t->desk, t->now);
		fill(t);
	}
	hear_notices(t);
}

static bool is_read(struct stage *t)
{
	return t->last && t->last->sources[SOURCE_JOURNAL].state != SOURCE_LOADING;
}

static const struct incident *current(struct stage *t)
{
	return t->last->book->current;
}

static bool is_written(struct stage *t)
{
	const struct casebook *b = t->last->book;

	for (size_t k = 0; k < b->n_lines; k++)
		if (b->lines[k].kept)
			return false;
	return b->n_lines > 0;
}

static struct command *command(struct stage *t, enum command_kind kind, const char *text)
{
	struct command *c = command_new(kind);

	if (t->last && current(t))
		str_copy(c->incident, sizeof(c->incident), current(t)->id);
	c->level = LEVEL_NONE;
	str_copy(c->text, sizeof(c->text), text);
	return c;
}

/* As command, of the kind of entry that is to be recorded. */
static struct command *entry_of(struct stage *t, const char *entry, const char *text)
{
	struct command *c = command(t, COMMAND_RECORD, text);

	c->entry = entry;
	return c;
}

/* Says it and shows what became of it. */
static void say(struct stage *t, struct command *c)
{
	t->said[0] = '\0';
	assert_true(incident_desk_obey(t->desk, c, t->now));
	c->letter.drop(&c->letter);
	fill(t);
	hear_notices(t);
}

static void open_proposed(struct stage *t)
{
	struct command *c = command(t, COMMAND_OPEN, "");

	c->level = t->last->proposal.level;
	c->at_ms = t->last->proposal.since_ms;
	say(t, c);
}

static size_t lines_of(struct stage *t, const char *kind)
{
	const struct casebook *b = t->last->book;
	size_t n = 0;

	for (size_t k = 0; k < b->n_lines; k++)
		n += str_eq(b->lines[k].kind, kind);
	return n;
}

/* ---- proposals and their incidents ---- */

static void test_a_level_that_holds_is_proposed_and_opened_with_one_command(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, 0);
	until(&t, is_read);
	assert_int_equal(t.last->proposal.kind, PROPOSE_NOTHING);
	t.level = LEVEL_P1;
	pass(&t, 4 * S);
	assert_int_equal(t.last->proposal.kind, PROPOSE_OPEN);
	assert_int_equal(t.last->proposal.level, LEVEL_P1);
	assert_null(current(&t));

	open_proposed(&t);
	assert_non_null(current(&t));
	assert_string_equal(rstr_text(current(&t)->title), "m2 is down");
	assert_string_equal(rstr_text(current(&t)->broken), "m2: tcp: refused");
	assert_string_equal(current(&t)->cluster, "prod");
	assert_int_equal(current(&t)->level, LEVEL_P1);
	assert_int_equal(current(&t)->time[INCIDENT_DETECTED].at_ms, t.now.wall_ms - 3 * S);
	until(&t, is_written);
	assert_string_equal(current(&t)->alias, "INC-0001");
	pass(&t, S);
	assert_int_equal(t.last->proposal.kind, PROPOSE_NOTHING);
	end(&t);
}

static void test_what_holds_green_is_recorded_as_recovered_with_its_tick(void **state)
{
	struct stage t;
	const struct checklist_item *item;

	(void)state;
	begin(&t, 0);
	until(&t, is_read);
	t.level = LEVEL_P1;
	pass(&t, 4 * S);
	open_proposed(&t);
	t.level = LEVEL_NONE;
	pass(&t, HOLD_MS + 3 * S);
	assert_int_equal(incident_state(current(&t)), INCIDENT_IS_RECOVERED);
	item = checklist_find(&current(&t)->lists, "verify-recovery", NULL);
	assert_non_null(item);
	assert_true(item->ticked);
	t.level = LEVEL_P1;
	pass(&t, 4 * S);
	assert_int_equal(t.last->proposal.kind, PROPOSE_REOPEN);
	end(&t);
}

static void test_what_the_operator_says_is_in_the_incident_at_once(void **state)
{
	struct stage t;
	struct command *c;

	(void)state;
	begin(&t, 0);
	until(&t, is_read);
	c = command(&t, COMMAND_OPEN, "checkout is slow");
	c->level = LEVEL_P2;
	say(&t, c);
	c = entry_of(&t, "acknowledged", "");
	say(&t, c);
	assert_int_equal(incident_state(current(&t)), INCIDENT_IS_ACKNOWLEDGED);
	say(&t, entry_of(&t, "note", "the new release is suspect"));
	assert_int_equal(current(&t)->notes.len, 1);
	assert_string_equal(current(&t)->notes.at[0].author, "alice");
	c = entry_of(&t, "star", "");
	str_copy(c->name, sizeof(c->name), current(&t)->notes.at[0].id);
	c->on = true;
	say(&t, c);
	assert_true(current(&t)->notes.at[0].starred);
	c = entry_of(&t, "role", "bob");
	str_copy(c->name, sizeof(c->name), "commander");
	say(&t, c);
	assert_string_equal(incident_role_of(current(&t), "commander"), "bob");
	c = entry_of(&t, "tick", "");
	str_copy(c->name, sizeof(c->name), current(&t)->lists.items.at[0].name);
	c->on = true;
	say(&t, c);
	assert_true(current(&t)->lists.items.at[0].ticked);
	c = entry_of(&t, "level", "all of it");
	c->level = LEVEL_P0;
	say(&t, c);
	assert_int_equal(current(&t)->level, LEVEL_P0);
	c = entry_of(&t, "link", "OPS-7");
	str_copy(c->name, sizeof(c->name), "ticket");
	say(&t, c);
	assert_int_equal(current(&t)->links.len, 1);
	until(&t, is_written);
	assert_int_equal(lines_of(&t, "note"), 1);
	end(&t);
}

static void test_what_may_not_be_is_refused_with_the_reason(void **state)
{
	struct stage t;
	struct command *c;

	(void)state;
	begin(&t, 0);
	until(&t, is_read);
	c = command(&t, COMMAND_OPEN, "x");
	c->level = LEVEL_P2;
	say(&t, c);
	c = entry_of(&t, "closed", ""); /* before it has recovered */
	say(&t, c);
	assert_true(t.said[0] != '\0');
	assert_int_equal(incident_state(current(&t)), INCIDENT_OPEN);
	c = entry_of(&t, "note", "x");
	str_copy(c->incident, sizeof(c->incident), "01HZZZZZZZZZZZZZZZZZZZZZZZ");
	say(&t, c);
	assert_non_null(strstr(t.said, "not in this journal"));
	c = command_new(COMMAND_REFRESH);
	assert_false(incident_desk_obey(t.desk, c, t.now));
	c->letter.drop(&c->letter);
	end(&t);
}

static void test_looking_at_the_alerts_ticks_the_item_that_asks_for_it(void **state)
{
	struct stage t;
	struct command *c;
	const struct checklist_item *item;

	(void)state;
	begin(&t, 0);
	until(&t, is_read);
	c = command(&t, COMMAND_OPEN, "x");
	c->level = LEVEL_P2;
	say(&t, c);
	say(&t, command_new(COMMAND_SAW_ALERTS));
	item = checklist_find(&current(&t)->lists, "check-alerts", NULL);
	assert_non_null(item);
	assert_false(item->ticked); /* there is no Alertmanager to have looked at */
	t.alerts_live = true;
	pass(&t, S);
	say(&t, command_new(COMMAND_SAW_ALERTS));
	item = checklist_find(&current(&t)->lists, "check-alerts", NULL);
	assert_true(item->ticked);
	assert_non_null(strstr(rstr_text(item->evidence_text), "KubeAPIDown"));
	end(&t);
}

/* ---- restarts, and others at the same journal ---- */

static void test_a_restart_shows_what_was_and_says_nothing_twice(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, 0);
	until(&t, is_read);
	t.level = LEVEL_P1;
	pass(&t, 4 * S);
	open_proposed(&t);
	until(&t, is_written);
	assert_int_equal(stop_desk(&t), 0);
	start_desk(&t, t.scratch.path, "ops1", 0);
	t.level = LEVEL_P1;
	until(&t, is_read);
	assert_non_null(current(&t));
	pass(&t, 4 * S);
	assert_int_equal(lines_of(&t, "opened"), 1);
	assert_int_equal(lines_of(&t, "health"), 1); /* before it was opened, and never again */
	assert_int_equal(t.last->proposal.kind, PROPOSE_NOTHING);
	end(&t);
}

/* This stands in for libc's: what SQLite flushes hangs while it is told to. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool hangs;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

int fdatasync(int fd)
{
	pthread_mutex_lock(&disk.lock);
	while (disk.hangs)
		pthread_cond_wait(&disk.changed, &disk.lock);
	pthread_mutex_unlock(&disk.lock);
	return (int)syscall(SYS_fdatasync, fd);
}

static void set_disk(bool hangs)
{
	pthread_mutex_lock(&disk.lock);
	disk.hangs = hangs;
	pthread_cond_broadcast(&disk.changed);
	pthread_mutex_unlock(&disk.lock);
}

static void test_a_disk_that_hangs_is_said_with_what_waits_for_it(void **state)
{
	struct stage t;
	struct command *c;

	(void)state;
	begin(&t, 0);
	until(&t, is_read);
	set_disk(true);
	c = command(&t, COMMAND_OPEN, "x");
	c->level = LEVEL_P2;
	say(&t, c);
	assert_non_null(current(&t)); /* shown at once */
	pass(&t, 4 * S);
	assert_string_equal(t.last->journal.why, ""); /* it is only slow */
	pass(&t, 8 * S);
	assert_string_equal(t.last->journal.why, "the disk does not answer");
	assert_true(t.last->journal.waiting >= 1);
	assert_true(instant_age_ms(t.last->journal.since, t.now) >= 8 * S);
	assert_int_equal(t.last->sources[SOURCE_JOURNAL].state, SOURCE_STALE);
	set_disk(false);
	until(&t, is_written);
	pass(&t, S);
	assert_string_equal(t.last->journal.why, "");
	end(&t);
}

static bool sees_one(struct stage *t)
{
	return t->last && t->last->book->current != NULL && is_written(t);
}

static void test_two_consoles_show_the_same_and_one_writes_what_both_see(void **state)
{
	struct stage t, other;

	(void)state;
	begin(&t, 0);
	other = t;
	other.last = NULL;
	until(&t, is_read);
	pass(&t, S); /* it has the lock */
	start_desk(&other, t.scratch.path, "ops1", 0);
	until(&other, is_read);
	t.level = other.level = LEVEL_P1;
	for (int i = 0; i < 4; i++) {
		pass(&t, S);
		pass(&other, S);
	}
	assert_int_equal(other.last->proposal.kind, PROPOSE_OPEN);
	open_proposed(&other);
	until(&t, sees_one);
	assert_string_equal(current(&t)->id, current(&other)->id);
	t.level = other.level = LEVEL_P0;
	for (int i = 0; i < 3; i++) {
		pass(&other, S);
		pass(&t, S);
	}
	until(&other, is_written);
	until(&t, is_written);
	assert_int_equal(lines_of(&t, "health"), 2);
	assert_int_equal(stop_desk(&other), 0);
	end(&t);
}

static bool health_is_written(struct stage *t)
{
	return t->last && lines_of(t, "health") > 0;
}

static void test_consoles_on_two_clusters_each_write_what_they_see(void **state)
{
	struct stage t, other;

	(void)state;
	begin(&t, 0);
	other = t;
	other.last = NULL;
	other.cluster = "staging";
	until(&t, is_read);
	pass(&t, S); /* it has prod's lock */
	start_desk(&other, t.scratch.path, "ops1", 0);
	until(&other, is_read);
	other.level = LEVEL_P1;
	pass(&other, S);
	until(&other, health_is_written);
	assert_int_equal(stop_desk(&other), 0);
	end(&t);
}

static void test_an_incident_of_another_cluster_is_shown_but_never_the_current_one(void **state)
{
	struct stage t;
	struct command *c;

	(void)state;
	begin(&t, 0);
	until(&t, is_read);
	c = command(&t, COMMAND_OPEN, "x");
	c->level = LEVEL_P2;
	say(&t, c);
	until(&t, is_written);
	assert_int_equal(stop_desk(&t), 0);
	t.cluster = "staging";
	start_desk(&t, t.scratch.path, "ops1", 0);
	until(&t, is_read);
	assert_int_equal(t.last->book->n, 1);
	assert_null(current(&t));
	end(&t);
}

/* Opens one where the authority is `by`, and looks at it from where it is `seen_by`. */
static bool is_current_across(const char *by, const char *seen_by)
{
	struct stage t;
	struct command *c;
	bool is;

	begin(&t, 0);
	assert_int_equal(stop_desk(&t), 0);
	t.authority = by;
	start_desk(&t, t.scratch.path, "ops1", 0);
	until(&t, is_read);
	c = command(&t, COMMAND_OPEN, "x");
	c->level = LEVEL_P2;
	say(&t, c);
	until(&t, is_written);
	assert_int_equal(stop_desk(&t), 0);
	t.authority = seen_by;
	start_desk(&t, t.scratch.path, "ops1", 0);
	until(&t, is_read);
	assert_int_equal(t.last->book->n, 1);
	is = current(&t) != NULL;
	end(&t);
	return is;
}

static void test_two_clusters_of_one_name_keep_their_incidents_apart(void **state)
{
	(void)state;
	assert_false(is_current_across("aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"));
	assert_true(is_current_across("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa"));
	assert_true(is_current_across(NULL, "bbbbbbbbbbbbbbbb")); /* written before it was told */
	assert_true(is_current_across("aaaaaaaaaaaaaaaa", NULL));
}

/* ---- a journal that cannot be ---- */

static void test_without_a_journal_the_reason_is_said(void **state)
{
	struct stage t;

	(void)state;
	memset(&t, 0, sizeof(t));
	scratch_init(&t.scratch);
	outgoing_init(&t.out);
	start_desk(&t, NULL, "ops1", 0);
	t.level = LEVEL_P1;
	pass(&t, 4 * S);
	assert_true(t.last->journal.off);
	assert_int_equal(t.last->sources[SOURCE_JOURNAL].state, SOURCE_ABSENT);
	say(&t, command(&t, COMMAND_OPEN, "x"));
	assert_string_equal(t.said, "no home");
	end(&t);
}

static bool is_in_trouble(struct stage *t)
{
	return t->last && t->last->journal.waiting > 0;
}

static void test_what_cannot_be_written_is_shown_and_counted_until_there_is_room(void **state)
{
	struct stage t;
	struct command *c;
	char path[160];

	(void)state;
	memset(&t, 0, sizeof(t));
	scratch_init(&t.scratch);
	outgoing_init(&t.out);
	snprintf(path, sizeof(path), "%s/later/journal.db", t.scratch.dir);
	start_desk(&t, path, "ops1", 0);
	until(&t, is_read);
	c = command(&t, COMMAND_OPEN, "x");
	c->level = LEVEL_P2;
	say(&t, c);
	until(&t, is_in_trouble);
	assert_true(t.last->journal.why[0] != '\0');
	assert_non_null(current(&t));
	assert_int_equal(t.last->sources[SOURCE_JOURNAL].state, SOURCE_STALE);
	*strrchr(path, '/') = '\0';
	assert_int_equal(mkdir(path, 0700), 0);
	until(&t, is_written);
	pass(&t, S);
	assert_int_equal(t.last->journal.waiting, 0);
	assert_string_equal(t.last->journal.why, "");
	assert_string_equal(current(&t)->alias, "INC-0001");
	assert_int_equal(stop_desk(&t), 0);
	scratch_init(&t.scratch); /* the old one holds a directory more than scratch_done expects */
	start_desk(&t, NULL, "ops1", 0);
	end(&t);
}

/* ---- the team ---- */

static bool is_told(struct stage *t)
{
	const struct checklist_item *item =
		current(t) ? checklist_find(&current(t)->lists, "notify-team", NULL) : NULL;

	return item && item->ticked;
}

static struct outbox_count in_outbox(struct stage *t)
{
	struct notify_lane *lane = notify_lane_new(&t->receiver, NULL);
	struct outbox_count count = {.waiting = 1};
	char path[128];
	struct outbox *box;
	struct err e;

	snprintf(path, sizeof(path), "%s/notify.db", t->scratch.dir);
	box = outbox_new(path);
	outbox_count(box, notify_lane_name(lane), &count, &e);
	outbox_free(box);
	notify_lane_free(lane);
	return count;
}

/* Broken off on its way, an alert is sent again: a page too many is better than none. */
static bool nothing_is_on_its_way(struct stage *t)
{
	return in_outbox(t).waiting == 0;
}

/* All that was posted was put, and what was due was sent. */
static bool is_flushed(struct stage *t)
{
	return notify_flush(t->notify, WAIT_MS) == 0;
}

#define MANY 300 /* more than notify has room for */

static void open_many(const struct stage *t)
{
	const struct entry_by by = {.by = scratch_author, .now_ms = instant_now().wall_ms};
	struct journal *j = scratch_open(&t->scratch);
	struct err e;

	for (int n = 0; n < MANY; n++) {
		const struct entry_opening r = {.title = "x",
			.cluster = "prod",
			.authority = "",
			.level = LEVEL_P1,
			.target = level_targets[LEVEL_P1],
			.detected_ms = INCIDENT_NEVER,
			.started_ms = INCIDENT_NEVER};
		struct journal_draft *d = entry_open(&r, &by, &e);

		assert_non_null(d);
		assert_int_equal(journal_append(j, &d, 1, &e), 0);
		journal_draft_free(d);
	}
	journal_close(j);
}

static int64_t wanted;

static bool so_many_were_put(struct stage *t)
{
	struct outbox_count count = in_outbox(t);

	pass(t, S);
	return count.waiting + count.delivered >= wanted;
}

static void test_a_console_that_starts_on_many_incidents_loses_none(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct notify_health health;
	struct stage t;

	(void)state;
	set_stage(&t, 0);
	open_many(&t);
	start_desk(&t, t.scratch.path, "ops1", receiver_port(r));
	for (wanted = 50; wanted <= MANY; wanted += 50)
		until(&t, so_many_were_put);
	notify_health(t.notify, &health);
	assert_int_equal(health.lost, 0);
	end(&t);
	receiver_stop(r);
}

static void test_the_team_is_told_of_each_transition_once(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct stage t;
	struct command *c;

	(void)state;
	begin(&t, receiver_port(r));
	until(&t, is_read);
	t.level = LEVEL_P1;
	pass(&t, 4 * S);
	open_proposed(&t);
	until(&t, is_told); /* and the checklist has the evidence */
	assert_true(receiver_wait(r, 1));
	assert_non_null(strstr(receiver_body(r, 0), "INC-0001"));
	assert_non_null(strstr(receiver_body(r, 0), "m2 is down"));
	c = entry_of(&t, "acknowledged", "");
	say(&t, c);
	until(&t, is_written);
	assert_true(receiver_wait(r, 2));
	assert_non_null(strstr(receiver_body(r, 1), "alice"));
	until(&t, nothing_is_on_its_way);
	assert_int_equal(stop_desk(&t), 0);
	start_desk(&t, t.scratch.path, "ops1", receiver_port(r));
	until(&t, is_read);
	c = entry_of(&t, "level", "worse");
	c->level = LEVEL_P0;
	say(&t, c);
	until(&t, is_written);
	assert_true(receiver_wait(r, 3));
	assert_non_null(strstr(receiver_body(r, 2), "P0, was P1"));
	assert_int_equal(receiver_count(r), 3);
	end(&t);
	receiver_stop(r);
}

/* Journal and outbox lie on the same disk: neither holds an alert. */
static void test_an_incident_on_a_disk_that_hangs_is_told_once(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct stage t;
	struct command *c;

	(void)state;
	begin_with(&t, receiver_port(r), 200);
	until(&t, is_read);
	until(&t, is_flushed);
	set_disk(true);
	c = command(&t, COMMAND_OPEN, "x");
	c->level = LEVEL_P1;
	say(&t, c);
	say(&t, entry_of(&t, "acknowledged", ""));
	pass(&t, 12 * S);
	assert_true(receiver_wait(r, 2));
	assert_non_null(strstr(receiver_body(r, 0), "P1 in prod"));
	assert_non_null(strstr(receiver_body(r, 1), "acknowledged by alice"));
	set_disk(false);
	until(&t, is_written);
	until(&t, nothing_is_on_its_way);
	until(&t, is_flushed);
	assert_int_equal(receiver_count(r), 2);
	end(&t);
	receiver_stop(r);
}

static bool is_lead_known(struct stage *t)
{
	pass(t, S);
	return t->last->sources[SOURCE_JOURNAL].state == SOURCE_LIVE;
}

static void test_a_disk_that_hangs_from_the_start_holds_no_alert(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct stage t;

	(void)state;
	set_disk(true);
	begin_with(&t, receiver_port(r), 200);
	t.level = LEVEL_P1;
	pass(&t, 8 * S);
	assert_string_equal(t.last->journal.why, "the disk does not answer");
	assert_int_equal(t.last->sources[SOURCE_JOURNAL].state, SOURCE_STALE);
	pass(&t, 60 * S);
	assert_true(receiver_wait(r, 1));
	assert_non_null(strstr(receiver_body(r, 0), "P1 in prod"));
	set_disk(false);
	until(&t, is_lead_known);
	until(&t, nothing_is_on_its_way);
	until(&t, is_flushed);
	assert_int_equal(receiver_count(r), 1);
	end(&t);
	receiver_stop(r);
}

static void test_trouble_nobody_opens_is_told_and_its_end_too(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct stage t;

	(void)state;
	begin(&t, receiver_port(r));
	until(&t, is_read);
	t.level = LEVEL_P1;
	pass(&t, 10 * S);
	assert_int_equal(receiver_count(r), 0); /* whoever sits there opens it first */
	pass(&t, 10 * S);
	assert_true(receiver_wait(r, 1));
	assert_non_null(strstr(receiver_body(r, 0), "P1 in prod"));
	t.level = LEVEL_P0;
	pass(&t, 4 * S);
	t.level = LEVEL_P1; /* for a moment only */
	pass(&t, 30 * S);
	assert_int_equal(receiver_count(r), 1);
	t.level = LEVEL_P0;
	pass(&t, 20 * S);
	assert_true(receiver_wait(r, 2));
	t.level = LEVEL_NONE;
	pass(&t, HOLD_MS + 3 * S);
	assert_true(receiver_wait(r, 3));
	pass(&t, 60 * S);
	assert_int_equal(receiver_count(r), 3);
	end(&t);
	receiver_stop(r);
}

/* The one of the only cluster. */
static void lead_path(struct stage *t, char path[128])
{
	char pattern[128];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/watch-*.lock", t->scratch.dir);
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	str_copy(path, 128, found.gl_pathv[0]);
	globfree(&found);
}

static size_t read_lead(struct stage *t, char bytes[512])
{
	char path[128];
	size_t n;
	FILE *f;

	lead_path(t, path);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(bytes, 1, 512, f);
	fclose(f);
	return n;
}

static bool lead_says(struct stage *t, const char *what)
{
	char bytes[512];
	size_t n = read_lead(t, bytes);

	t->now.boot_ms += S;
	t->now.wall_ms += S;
	return memmem(bytes, n, what, strlen(what)) != NULL;
}

/* What was announced lies with the lead. */
static bool is_left_for_the_next(struct stage *t)
{
	return lead_says(t, "\"level\":");
}

static bool is_expected(struct stage *t)
{
	return lead_says(t, "detected_ms");
}

static void tell_and_leave(struct stage *t, struct receiver *r)
{
	until(t, is_read);
	t->level = LEVEL_P1;
	pass(t, 20 * S);
	assert_true(receiver_wait(r, 1));
	until(t, nothing_is_on_its_way);
	until(t, is_left_for_the_next);
}

static void test_a_restarted_console_does_not_tell_the_same_trouble_again(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct stage t;

	(void)state;
	begin(&t, receiver_port(r));
	tell_and_leave(&t, r);
	assert_int_equal(stop_desk(&t), 0);
	start_desk(&t, t.scratch.path, "ops1", receiver_port(r));
	until(&t, is_read);
	t.level = LEVEL_P1;
	pass(&t, 30 * S);
	t.level = LEVEL_NONE;
	pass(&t, HOLD_MS + 3 * S);
	assert_true(receiver_wait(r, 2));
	assert_non_null(strstr(receiver_body(r, 1), "recovered"));
	end(&t);
	receiver_stop(r);
}

/* It is killed after it told and before it could leave word of that: what it had left before is what
 * the next one finds. */
static void test_a_console_that_is_killed_as_it_tells_is_not_told_over(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	char left[512], path[128];
	struct stage t;
	size_t n;
	FILE *f;

	(void)state;
	begin(&t, receiver_port(r));
	until(&t, is_read);
	t.level = LEVEL_P1;
	pass(&t, 5 * S);
	until(&t, is_expected);
	assert_false(lead_says(&t, "\"level\":"));
	n = read_lead(&t, left);
	pass(&t, 15 * S);
	assert_true(receiver_wait(r, 1));
	until(&t, nothing_is_on_its_way);
	assert_int_equal(stop_desk(&t), 0);
	lead_path(&t, path);
	f = fopen(path, "w");
	assert_int_equal(fwrite(left, 1, n, f), n);
	fclose(f);
	start_desk(&t, t.scratch.path, "ops1", receiver_port(r));
	until(&t, is_read);
	t.level = LEVEL_P1;
	pass(&t, 40 * S);
	until(&t, is_left_for_the_next); /* it would have told it, too */
	until(&t, is_flushed);
	assert_int_equal(receiver_count(r), 1);
	t.level = LEVEL_NONE;
	pass(&t, HOLD_MS + 3 * S);
	assert_true(receiver_wait(r, 2));
	assert_non_null(strstr(receiver_body(r, 1), "recovered"));
	end(&t);
	receiver_stop(r);
}

/* And killed before it told, nothing is lost. */
static void test_what_was_expected_and_not_told_is_told_by_the_next(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct stage t;

	(void)state;
	begin(&t, receiver_port(r));
	until(&t, is_read);
	t.level = LEVEL_P1;
	pass(&t, 5 * S);
	until(&t, is_expected);
	assert_int_equal(stop_desk(&t), 0);
	assert_int_equal(receiver_count(r), 0);
	start_desk(&t, t.scratch.path, "ops1", receiver_port(r));
	until(&t, is_read);
	t.level = LEVEL_P1;
	pass(&t, 20 * S);
	assert_true(receiver_wait(r, 1));
	assert_non_null(strstr(receiver_body(r, 0), "P1 in prod"));
	end(&t);
	receiver_stop(r);
}

static void test_trouble_that_came_while_nobody_watched_is_told(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct stage t;

	(void)state;
	begin(&t, receiver_port(r));
	tell_and_leave(&t, r);
	assert_int_equal(stop_desk(&t), 0);
	start_desk(&t, t.scratch.path, "ops1", receiver_port(r));
	t.now.wall_ms += 3600 * S;
	t.now.boot_ms += 3600 * S;
	until(&t, is_read);
	t.level = LEVEL_P1;
	pass(&t, 20 * S);
	assert_true(receiver_wait(r, 2));
	assert_non_null(strstr(receiver_body(r, 1), "P1 in prod"));
	assert_null(strstr(receiver_body(r, 1), "recovered"));
	end(&t);
	receiver_stop(r);
}

static void test_the_console_that_leads_next_goes_on_from_what_was_told(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct instant began = instant_now();
	struct stage t, other;

	(void)state;
	begin(&t, receiver_port(r));
	other = t;
	other.last = NULL;
	until(&t, is_read);
	start_desk(&other, t.scratch.path, "ops1", receiver_port(r));
	until(&other, is_read);
	other.level = LEVEL_P1;
	tell_and_leave(&t, r);
	pass(&other, 20 * S);
	assert_int_equal(stop_desk(&t), 0);
	for (int i = 0; i < 60; i++) {
		pass(&other, S);
		poll(NULL, 0, 5); /* the lead is asked for on a thread of its own */
	}
	other.level = LEVEL_NONE;
	while (receiver_count(r) < 2 && instant_age_ms(began, instant_now()) < WAIT_MS) {
		pass(&other, S);
		poll(NULL, 0, 5);
	}
	assert_true(receiver_wait(r, 2));
	assert_non_null(strstr(receiver_body(r, 1), "recovered"));
	end(&other);
	receiver_stop(r);
}

/* After an outage etcd's new leaders are a P2 for a quarter of an hour: what breaks meanwhile is
 * told like what broke before. */
static void test_a_second_outage_within_lesser_trouble_is_told_as_the_first_was(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct stage t;

	(void)state;
	begin(&t, receiver_port(r));
	until(&t, is_read);
	t.level = LEVEL_P0;
	pass(&t, 20 * S);
	assert_true(receiver_wait(r, 1));
	t.level = LEVEL_P2;
	pass(&t, HOLD_MS + 3 * S);
	assert_true(receiver_wait(r, 2));
	assert_non_null(strstr(receiver_body(r, 1), "P2, was P0"));
	t.level = LEVEL_P0;
	pass(&t, 20 * S);
	assert_true(receiver_wait(r, 3));
	assert_non_null(strstr(receiver_body(r, 2), "P0, was P2"));
	end(&t);
	receiver_stop(r);
}

/* This console stood still, or its own link is gone: what it saw before may be over. */
static void test_trouble_is_not_told_while_nothing_is_known(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct stage t;

	(void)state;
	begin(&t, receiver_port(r));
	until(&t, is_read);
	t.level = LEVEL_P1;
	pass(&t, 10 * S);
	t.known = false;
	pass(&t, 30 * S);
	t.known = true;
	t.level = LEVEL_P0;
	pass(&t, 5 * S);
	assert_true(receiver_wait(r, 1));
	assert_non_null(strstr(receiver_body(r, 0), "P0 in prod"));
	end(&t);
	receiver_stop(r);
}

static bool was_asked_whether_it_answers(struct stage *t)
{
	return receiver_count(t->to) > 0 && str_starts(receiver_head(t->to, 0), "HEAD / ");
}

/* As until, where the clock goes on meanwhile: what the sender's thread heard counts from when it
 * is looked at. */
static void pass_until(struct stage *t, bool (*there)(struct stage *t))
{
	struct instant began = instant_now();

	while (!there(t)) {
		if (instant_age_ms(began, instant_now()) > WAIT_MS)
			fail_msg("it did not happen within %d s", WAIT_MS / 1000);
		poll(NULL, 0, 100);
		pass(t, S);
	}
}

static int told(struct receiver *r)
{
	int n = 0;

	for (int i = 0; i < receiver_count(r); i++)
		n += str_starts(receiver_head(r, i), "POST ");
	return n;
}

static bool is_told_of_it(struct stage *t)
{
	return told(t->to) > 0;
}

static const char *what_was_told(struct receiver *r)
{
	int i = 0;

	while (!str_starts(receiver_head(r, i), "POST "))
		i++;
	return receiver_body(r, i);
}

static void go_dark(struct stage *t, struct receiver *r, int port)
{
	begin(t, port);
	t->to = r;
	until(t, is_read);
	pass(t, 5 * S);
	t->dark = true;
}

static void test_a_cluster_that_is_gone_whole_is_told_where_a_receiver_can_be_reached(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct stage t;

	(void)state;
	go_dark(&t, r, receiver_port(r));
	pass(&t, 14 * S);
	assert_int_equal(receiver_count(r), 0);
	pass(&t, 3 * S);
	until(&t, was_asked_whether_it_answers);
	pass(&t, 8 * S);
	assert_int_equal(told(r), 0); /* the link may have come back just now */
	pass_until(&t, is_told_of_it);
	assert_non_null(strstr(what_was_told(r), "P0 in prod"));
	assert_non_null(strstr(what_was_told(r), "nothing of the cluster has answered ops1"));
	assert_non_null(strstr(what_was_told(r), "or the way to it"));
	pass(&t, 60 * S);
	assert_int_equal(told(r), 1);
	end(&t);
	receiver_stop(r);
}

/* The Wi-Fi is off, and when it is on again the cluster answers as the receivers do. */
static void test_a_link_that_was_gone_and_comes_back_calls_nobody(void **state)
{
	int port = hostile_closed_port();
	struct receiver *r;
	struct stage t;

	(void)state;
	go_dark(&t, NULL, port);
	pass(&t, 120 * S);
	r = t.to = receiver_start_at(port, fine, 1);
	pass(&t, 6 * S); /* it is asked once more */
	until(&t, was_asked_whether_it_answers);
	pass(&t, 3 * S);
	t.dark = false;
	pass(&t, 60 * S);
	t.dark = true; /* again: what was proven then is not proven now */
	pass(&t, 17 * S);
	t.dark = false;
	pass(&t, 30 * S);
	assert_int_equal(told(r), 0);
	end(&t);
	receiver_stop(r);
}

/* Opened without its VPN, a console has nothing to compare with. */
static void test_a_console_that_never_saw_its_cluster_calls_nobody(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct stage t;

	(void)state;
	begin(&t, receiver_port(r));
	t.dark = true;
	until(&t, is_read);
	pass(&t, 120 * S);
	assert_int_equal(receiver_count(r), 0);
	end(&t);
	receiver_stop(r);
}

static void test_an_incident_opened_for_what_was_told_does_not_tell_it_again(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct stage t;
	struct command *c;

	(void)state;
	begin(&t, receiver_port(r));
	until(&t, is_read);
	t.level = LEVEL_P1;
	pass(&t, 20 * S);
	assert_true(receiver_wait(r, 1));
	pass(&t, S);
	open_proposed(&t);
	until(&t, is_told); /* what was told before it was opened counts */
	c = entry_of(&t, "acknowledged", "");
	say(&t, c);
	until(&t, is_written);
	assert_true(receiver_wait(r, 2));
	assert_non_null(strstr(receiver_body(r, 1), "alice"));
	end(&t);
	receiver_stop(r);
}

/* ---- the month ---- */

static bool knows_availability(struct stage *t)
{
	return t->last && t->last->availability_known && t->last->availability.down_ms > 0;
}

static void test_minutes_without_an_api_are_added_up(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, 0);
	until(&t, is_read);
	pass(&t, 40 * S);
	t.level = LEVEL_P0;
	pass(&t, 40 * S);
	t.level = LEVEL_NONE;
	pass(&t, 40 * S);
	until(&t, knows_availability);
	assert_in_range(t.last->availability.down_ms, 30 * S, 45 * S);
	assert_in_range(t.last->availability.watched_ms, 70 * S, 125 * S);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_level_that_holds_is_proposed_and_opened_with_one_command),
		cmocka_unit_test(test_what_holds_green_is_recorded_as_recovered_with_its_tick),
		cmocka_unit_test(test_what_the_operator_says_is_in_the_incident_at_once),
		cmocka_unit_test(test_what_may_not_be_is_refused_with_the_reason),
		cmocka_unit_test(test_looking_at_the_alerts_ticks_the_item_that_asks_for_it),
		cmocka_unit_test(test_a_restart_shows_what_was_and_says_nothing_twice),
		cmocka_unit_test(test_a_disk_that_hangs_is_said_with_what_waits_for_it),
		cmocka_unit_test(test_two_consoles_show_the_same_and_one_writes_what_both_see),
		cmocka_unit_test(test_consoles_on_two_clusters_each_write_what_they_see),
		cmocka_unit_test(
			test_an_incident_of_another_cluster_is_shown_but_never_the_current_one),
		cmocka_unit_test(test_two_clusters_of_one_name_keep_their_incidents_apart),
		cmocka_unit_test(test_without_a_journal_the_reason_is_said),
		cmocka_unit_test(
			test_what_cannot_be_written_is_shown_and_counted_until_there_is_room),
		cmocka_unit_test(test_a_console_that_starts_on_many_incidents_loses_none),
		cmocka_unit_test(test_the_team_is_told_of_each_transition_once),
		cmocka_unit_test(test_an_incident_on_a_disk_that_hangs_is_told_once),
		cmocka_unit_test(test_a_disk_that_hangs_from_the_start_holds_no_alert),
		cmocka_unit_test(test_trouble_nobody_opens_is_told_and_its_end_too),
		cmocka_unit_test(
			test_a_second_outage_within_lesser_trouble_is_told_as_the_first_was),
		cmocka_unit_test(test_a_restarted_console_does_not_tell_the_same_trouble_again),
		cmocka_unit_test(test_a_console_that_is_killed_as_it_tells_is_not_told_over),
		cmocka_unit_test(test_what_was_expected_and_not_told_is_told_by_the_next),
		cmocka_unit_test(test_trouble_that_came_while_nobody_watched_is_told),
		cmocka_unit_test(test_the_console_that_leads_next_goes_on_from_what_was_told),
		cmocka_unit_test(test_trouble_is_not_told_while_nothing_is_known),
		cmocka_unit_test(
			test_a_cluster_that_is_gone_whole_is_told_where_a_receiver_can_be_reached),
		cmocka_unit_test(test_a_link_that_was_gone_and_comes_back_calls_nobody),
		cmocka_unit_test(test_a_console_that_never_saw_its_cluster_calls_nobody),
		cmocka_unit_test(test_an_incident_opened_for_what_was_told_does_not_tell_it_again),
		cmocka_unit_test(test_minutes_without_an_api_are_added_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
