/* The record: what was appended is there, in order, without secrets; whatever is done to it behind
 * k911's back is named; and it travels between machines without being renumbered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <signal.h>
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
#include "help/journal.h"
#include "io/file.h"

#define INC  "01JD0000000000000000000001"
#define INC2 "01JD0000000000000000000002"

static struct scratch here;

static int begin(void **state)
{
	(void)state;
	scratch_init(&here);
	return 0;
}

static int end(void **state)
{
	(void)state;
	scratch_done(&here);
	return 0;
}

/* ---- reading back ---- */

struct seen {
	int n;
	int64_t row;
	char text[8000];
};

static int see(void *to, const struct journal_entry *en)
{
	struct seen *s = to;
	size_t used = strlen(s->text);

	s->n++;
	s->row = en->row;
	snprintf(s->text + used, sizeof(s->text) - used, "%s|%s|%s|%" PRId64 "|%s|%s|%d\n",
		en->kind, en->payload, en->incident, en->seq, en->author, en->host, en->number);
	return 0;
}

static struct seen read_all(struct journal *j, int64_t after)
{
	struct seen s = {0};
	struct err e = {0};

	if (journal_each(j, after, see, &s, &e) != 0)
		fail_msg("%s", e.text);
	return s;
}

static void test_entries_come_back_in_order_each_with_its_author(void **state)
{
	struct journal *j = scratch_open(&here);
	struct seen s;

	(void)state;
	scratch_note(j, INC, "first");
	scratch_note(j, INC2, "other");
	scratch_note(j, INC, "中文 \"quoted\"\n");
	scratch_note(j, "", "of no incident");
	journal_close(j);
	j = scratch_open(&here);
	s = read_all(j, 0);
	assert_string_equal(s.text,
		"note|{\"text\":\"first\"}|" INC "|1|alice|ops1|1\n"
		"note|{\"text\":\"other\"}|" INC2 "|1|alice|ops1|2\n"
		"note|{\"text\":\"中文 \\\"quoted\\\"\\n\"}|" INC "|2|alice|ops1|1\n"
		"note|{\"text\":\"of no incident\"}||1|alice|ops1|0\n");
	assert_int_equal(read_all(j, s.row).n, 0);
	assert_int_equal(read_all(j, s.row - 1).n, 1);
	journal_close(j);
}

static void test_a_secret_never_gets_in(void **state)
{
	struct journal *j = scratch_open(&here);
	struct seen s;
	char *file;
	size_t n;
	struct err e;

	(void)state;
	scratch_note(j, INC, "login with password: \"hunter2\" and Authorization: Bearer abc.def");
	s = read_all(j, 0);
	assert_null(strstr(s.text, "hunter2"));
	assert_null(strstr(s.text, "abc.def"));
	assert_non_null(strstr(s.text, "[redacted]"));
	journal_close(j);
	assert_int_equal(file_read(here.path, 1 << 22, &file, &n, &e), 0);
	assert_null(memmem(file, n, "hunter2", 7));
	free(file);
}

static void test_an_incident_is_found_by_its_short_name(void **state)
{
	struct journal *j = scratch_open(&here);
	char found[ULID_SIZE], alias[JOURNAL_ALIAS];
	static const char *const names[] = {"INC-0002", "inc-2", "2", "INC-2", INC2};
	struct err e;

	(void)state;
	scratch_note(j, INC, "a");
	scratch_note(j, INC2, "b");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(journal_find(j, names[i], found, &e), 0);
		assert_string_equal(found, INC2);
	}
	assert_int_equal(journal_find(j, "INC-0003", found, &e), -1);
	assert_int_equal(e.code, ERR_MISSING);
	assert_non_null(strstr(e.text, "INC-0003"));
	assert_int_equal(journal_find(j, "bogus", found, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_string_equal(journal_alias(7, alias, sizeof(alias)), "INC-0007");
	assert_string_equal(journal_alias(12345, alias, sizeof(alias)), "INC-12345");
	journal_close(j);
}

static void test_a_draft_that_was_already_written_is_not_written_twice(void **state)
{
	struct journal *j = scratch_open(&here);
	struct journal_draft *d[2] = {journal_draft_new(INC, "note", &scratch_author, 1000),
		journal_draft_new(INC, "note", &scratch_author, 1000)};
	struct err e;

	(void)state;
	assert_int_equal(journal_append(j, d, 1, &e), 0);
	assert_int_equal(journal_append(j, d, 2, &e), 0);
	assert_int_equal(read_all(j, 0).n, 2);
	journal_draft_free(d[0]);
	journal_draft_free(d[1]);
	journal_close(j);
}

static void test_an_entry_that_is_too_long_is_refused_and_nothing_with_it(void **state)
{
	struct journal *j = scratch_open(&here);
	struct journal_draft *d[2] = {journal_draft_new(INC, "note", &scratch_author, 1000),
		journal_draft_new(INC, "note", &scratch_author, 1000)};
	char *text = mem_zero(JOURNAL_DRAFT_PAYLOAD_MAX + 1, 1);
	struct err e;

	(void)state;
	memset(text, 'x', JOURNAL_DRAFT_PAYLOAD_MAX);
	journal_draft_text(d[1], "text", text);
	assert_int_equal(journal_append(j, d, 2, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	assert_int_equal(read_all(j, 0).n, 0);
	journal_draft_free(d[0]);
	journal_draft_free(d[1]);
	free(text);
	journal_close(j);
}

static void test_two_processes_share_one_journal(void **state)
{
	pid_t child[2];
	struct journal *j;
	struct journal_verdict v;
	struct err e;

	(void)state;
	for (int c = 0; c < 2; c++) {
		child[c] = fork();
		if (child[c] == 0) {
			j = scratch_open(&here);
			for (int i = 0; i < 40; i++)
				scratch_note(j, INC, c ? "one" : "two");
			journal_close(j);
			_exit(0);
		}
	}
	for (int c = 0; c < 2; c++) {
		int status;

		waitpid(child[c], &status, 0);
		assert_int_equal(status, 0);
	}
	j = scratch_open(&here);
	assert_int_equal(journal_verify(j, NULL, &v, &e), 0);
	assert_int_equal(v.entries, 80);
	assert_int_equal(v.chains, 1);
	assert_int_equal(v.faults.len, 0);
	journal_verdict_done(&v);
	journal_close(j);
}

static void test_a_full_disk_refuses_and_leaves_the_journal_whole(void **state)
{
	struct rlimit old, tight;
	struct journal *j = scratch_open(&here);
	struct journal_verdict v;
	struct err e = {0};
	struct stat st;
	struct journal_draft *d;
	char *wal = str_fmt("%s-wal", here.path), text[2000];
	int written = 0;

	(void)state;
	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	scratch_note(j, INC, "before");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(stat(wal, &st), 0);
	tight = (struct rlimit){(rlim_t)st.st_size + 30000, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	d = journal_draft_new(INC, "note", &scratch_author, 1);
	journal_draft_text(d, "text", text);
	while (journal_append(j, &d, 1, &e) == 0 && written < 1000) {
		written++;
		journal_draft_free(d);
		d = journal_draft_new(INC, "note", &scratch_author, 1);
		journal_draft_text(d, "text", text);
	}
	assert_true(written < 1000);
	assert_non_null(strstr(e.text, here.path));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(journal_append(j, &d, 1, &e), 0); /* there is room again */
	assert_int_equal(journal_verify(j, NULL, &v, &e), 0);
	assert_int_equal(v.entries, written + 2);
	assert_int_equal(v.faults.len, 0);
	journal_draft_free(d);
	journal_verdict_done(&v);
	journal_close(j);
	free(wal);
}

/* ---- forgery ---- */

static void fill(void)
{
	struct journal *j = scratch_open(&here);
	char text[24];

	for (int i = 1; i <= 6; i++) {
		snprintf(text, sizeof(text), "note %d", i);
		scratch_note(j, INC, text);
		scratch_note(j, INC2, text);
	}
	journal_close(j);
}

static void test_every_forgery_is_named_with_its_first_bad_entry(void **state)
{
	static const struct {
		const char *sql;
		int64_t seq;
		bool named; /* the entry is there and its id is told */
	} rows[] = {
		{"UPDATE entry SET payload = '{\"text\":\"lie\"}' WHERE incident = '" INC2
		 "' AND seq = 3",
			3, true},
		{"UPDATE entry SET payload = payload || char(0) || 'hidden' WHERE incident = '" INC2
		 "' AND seq = 3",
			3, true},
		{"UPDATE entry SET at_ms = at_ms - 60000 WHERE incident = '" INC2 "' AND seq = 2",
			2, true},
		{"UPDATE entry SET author = 'mallory' WHERE incident = '" INC2 "' AND seq = 1", 1,
			true},
		{"UPDATE entry SET host = 'x' WHERE incident = '" INC2 "' AND seq = 6", 6, true},
		{"UPDATE entry SET kind = 'x' WHERE incident = '" INC2 "' AND seq = 5", 5, true},
		{"UPDATE entry SET id = '01JD0000000000000000000009' WHERE incident = '" INC2
		 "' AND seq = 4",
			4, true},
		{"UPDATE entry SET hash = zeroblob(32) WHERE incident = '" INC2 "' AND seq = 4", 4,
			true},
		{"UPDATE entry SET prev = zeroblob(32) WHERE incident = '" INC2 "' AND seq = 4", 4,
			true},
		{"DELETE FROM entry WHERE incident = '" INC2 "' AND seq = 4", 4, false},
		{"DELETE FROM entry WHERE incident = '" INC2 "' AND seq = 1", 1, false},
		{"DELETE FROM entry WHERE incident = '" INC2 "' AND seq = 6", 6, false},
		{"DELETE FROM entry WHERE incident = '" INC2 "' AND seq >= 3", 3, false},
		{"DELETE FROM entry WHERE incident = '" INC2 "'", 1, false},
		{"DELETE FROM entry WHERE incident = '" INC2
		 "'; DELETE FROM head WHERE incident = '" INC2 "'",
			1, false},
		{"DELETE FROM head WHERE incident = '" INC2 "'", 6, false},
		{"UPDATE head SET hash = zeroblob(32) WHERE incident = '" INC2 "'", 6, false},
		{"UPDATE entry SET seq = 99 WHERE incident = '" INC2 "' AND seq = 2;"
		 "UPDATE entry SET seq = 2 WHERE incident = '" INC2 "' AND seq = 5;"
		 "UPDATE entry SET seq = 5 WHERE incident = '" INC2 "' AND seq = 99",
			2, true},
		{"DELETE FROM entry WHERE incident = '" INC2 "' AND seq = 3;"
		 "UPDATE entry SET seq = seq - 1 WHERE incident = '" INC2 "' AND seq = 4;"
		 "UPDATE entry SET seq = seq - 1 WHERE incident = '" INC2 "' AND seq = 5;"
		 "UPDATE entry SET seq = seq - 1 WHERE incident = '" INC2 "' AND seq = 6",
			3, true},
		{"INSERT INTO entry SELECT '01JD0000000000000000000008', incident, origin, 7, "
		 "at_ms, author, host, kind,"
		 " payload, hash, hash FROM entry WHERE incident = '" INC2 "' AND seq = 6",
			7, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct journal *j;
		struct journal_verdict v;
		struct err e = {0};

		fill();
		scratch_sql(&here, rows[i].sql);
		j = scratch_open(&here);
		if (journal_verify(j, NULL, &v, &e) != 0)
			fail_msg("%s", e.text);
		if (v.faults.len != 1 || v.faults.at[0].seq != rows[i].seq ||
			(v.faults.at[0].id[0] != '\0') != rows[i].named)
			fail_msg("%s: %zu faults, at %" PRId64 " %s", rows[i].sql, v.faults.len,
				v.faults.len ? v.faults.at[0].seq : 0,
				v.faults.len ? v.faults.at[0].text : "");
		assert_int_equal(v.faults.at[0].number, 2);
		assert_string_equal(v.faults.at[0].incident, INC2);
		journal_verdict_done(&v);
		assert_int_equal(journal_verify(j, INC, &v, &e), 0);
		assert_int_equal(v.entries, 6);
		assert_int_equal(v.faults.len, 0);
		journal_verdict_done(&v);
		journal_close(j);
		scratch_done(&here);
		scratch_init(&here);
	}
}

/* ---- the journal as a whole ---- */

static void open_incident(struct journal *j, const char *title, char id[ULID_SIZE])
{
	struct journal_draft *d =
		journal_draft_new("", "opened", &scratch_author, instant_now().wall_ms);
	struct err e = {0};

	str_copy(d->incident, sizeof(d->incident), d->id);
	str_copy(id, ULID_SIZE, d->id);
	journal_draft_text(d, "title", title);
	if (journal_append(j, &d, 1, &e) != 0 || journal_append(j, &d, 1, &e) != 0)
		fail_msg("%s", e.text);
	journal_draft_free(d);
}

/* Four incidents, each opened and with a note; the third's id. */
static void open_four(char third[ULID_SIZE])
{
	struct journal *j = scratch_open(&here);
	char id[ULID_SIZE];

	for (int i = 1; i <= 4; i++) {
		open_incident(j, "t", i == 3 ? third : id);
		scratch_note(j, i == 3 ? third : id, "n");
	}
	journal_close(j);
}

static void test_what_opens_an_incident_says_its_number(void **state)
{
	char id[ULID_SIZE];
	struct seen s;
	struct journal *j;

	(void)state;
	open_four(id);
	j = scratch_open(&here);
	s = read_all(j, 0);
	assert_int_equal(s.n, 8);
	assert_non_null(strstr(s.text, "opened|{\"number\":1,\"title\":\"t\"}|"));
	assert_non_null(strstr(s.text, "opened|{\"number\":4,\"title\":\"t\"}|"));
	journal_close(j);
}

#define ALL_OF(n) "(SELECT incident FROM alias WHERE number = " #n ")"
#define LAST_OF(n)                                                                                 \
	"(SELECT seq FROM entry WHERE incident = " ALL_OF(n) " ORDER BY seq DESC LIMIT 1)"
#define CUT(n)                                                                                     \
	"DELETE FROM entry WHERE incident = " ALL_OF(n) " AND seq = " LAST_OF(                     \
		n) ";"                                                                             \
		   "UPDATE head SET (seq, hash) = (SELECT seq, hash FROM entry WHERE "             \
		   "entry.incident ="                                                              \
		   " head.incident ORDER BY seq DESC LIMIT 1) WHERE incident = " ALL_OF(n)
#define REMOVE(n)                                                                                  \
	"DELETE FROM entry WHERE incident = " ALL_OF(                                              \
		n) ";"                                                                             \
		   "DELETE FROM head WHERE incident = " ALL_OF(                                    \
			   n) ";"                                                                  \
			      "DELETE FROM alias WHERE number = " #n

static void test_what_a_chain_cannot_show_the_journal_does(void **state)
{
	static const struct {
		const char *sql, *text;
		int number;
	} rows[] = {
		{CUT(2),
			"entries were removed, and the heads with them: 8 were written, 7 are "
			"there",
			0},
		{CUT(4), "8 were written, 7 are there", 0},
		{REMOVE(4), "8 were written, 6 are there", 0},
		{REMOVE(2), "no incident has this number any more", 2},
		{REMOVE(1) ";" REMOVE(2) ";" REMOVE(3), "from here to INC-0003", 1},
		{"UPDATE alias SET number = 9 WHERE number = 2;"
		 "UPDATE alias SET number = 2 WHERE number = 4;"
		 "UPDATE alias SET number = 4 WHERE number = 9",
			"it was opened as INC-000", 0},
		{REMOVE(2) ";UPDATE alias SET number = number - 1 WHERE number > 2",
			"it was opened as INC-0003", 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct journal_verdict v;
		struct journal *j;
		struct err e = {0};
		char id[ULID_SIZE];

		open_four(id);
		scratch_sql(&here, rows[i].sql);
		j = scratch_open(&here);
		assert_int_equal(journal_verify(j, NULL, &v, &e), 0);
		if (v.faults.len == 0 || !strstr(v.faults.at[0].text, rows[i].text))
			fail_msg("%s: %zu faults: %s", rows[i].sql, v.faults.len,
				v.faults.len ? v.faults.at[0].text : "");
		if (rows[i].number != 0)
			assert_int_equal(v.faults.at[0].number, rows[i].number);
		journal_verdict_done(&v);
		journal_close(j);
		scratch_done(&here);
		scratch_init(&here);
	}
}

static struct journal_verdict ask(struct journal *j, const unsigned char anchor[SHA_BYTES])
{
	struct journal_verdict v;
	struct err e = {0};

	if (journal_verify_anchor(j, NULL, anchor, &v, &e) != 0)
		fail_msg("%s", e.text);
	return v;
}

static void take_anchor(struct journal *j, const char *incident, unsigned char hash[SHA_BYTES])
{
	struct journal_head *heads;
	struct err e = {0};
	size_t n;

	assert_int_equal(journal_heads(j, incident, &heads, &n, &e), 0);
	assert_int_equal(n, 1);
	memcpy(hash, heads[0].hash, SHA_BYTES);
	free(heads);
}

static void test_an_anchor_vouches_for_what_was_there_and_shows_an_older_copy(void **state)
{
	unsigned char anchor[SHA_BYTES];
	struct journal_verdict v;
	char id[ULID_SIZE], *older;
	struct journal *j;
	struct err e;
	size_t n;

	(void)state;
	open_four(id);
	scratch_sql(&here, "PRAGMA wal_checkpoint(TRUNCATE)");
	assert_int_equal(file_read(here.path, 1 << 22, &older, &n, &e), 0);
	j = scratch_open(&here);
	scratch_note(j, id, "what somebody wants to be gone");
	take_anchor(j, id, anchor);
	scratch_note(j, id, "later");
	scratch_note(j, id, "later still");
	v = ask(j, anchor);
	assert_int_equal(v.faults.len, 0);
	assert_true(v.anchor.found);
	assert_int_equal(v.anchor.number, 3);
	assert_int_equal(v.anchor.seq, 3);
	assert_int_equal(v.anchor.later, 2);
	journal_verdict_done(&v);
	journal_close(j);
	assert_int_equal(file_write(here.path, older, n, 0600, &e), 0);
	free(older);
	j = scratch_open(&here);
	v = ask(j, NULL);
	assert_int_equal(v.faults.len, 0); /* by itself it is whole */
	journal_verdict_done(&v);
	v = ask(j, anchor);
	assert_int_equal(v.faults.len, 1);
	assert_false(v.anchor.found);
	assert_non_null(strstr(v.faults.at[0].text, "older copy"));
	journal_verdict_done(&v);
	journal_close(j);
}

static void test_an_anchor_behind_a_broken_entry_vouches_for_nothing(void **state)
{
	unsigned char anchor[SHA_BYTES];
	struct journal_verdict v;
	char id[ULID_SIZE];
	struct journal *j;

	(void)state;
	open_four(id);
	j = scratch_open(&here);
	take_anchor(j, id, anchor);
	journal_close(j);
	scratch_sql(&here,
		"UPDATE entry SET author = 'mallory' WHERE incident = " ALL_OF(3) " AND seq = 1");
	j = scratch_open(&here);
	v = ask(j, anchor);
	assert_int_equal(v.faults.len, 2);
	assert_false(v.anchor.found);
	journal_verdict_done(&v);
	journal_close(j);
}

/* Written by a version that knew neither numbers in entries nor counts, and by both in turn. */
static void test_an_older_journal_is_not_doubted(void **state)
{
	struct journal_verdict v;
	struct journal *j;

	(void)state;
	fill();
	scratch_sql(&here, "DELETE FROM self WHERE key = 'entries'");
	j = scratch_open(&here);
	v = ask(j, NULL);
	assert_int_equal(v.faults.len, 0);
	journal_verdict_done(&v);
	scratch_note(j, INC, "from here on they are counted");
	v = ask(j, NULL);
	assert_int_equal(v.entries, 13);
	assert_int_equal(v.faults.len, 0);
	journal_verdict_done(&v);
	journal_close(j);
	scratch_sql(&here, "UPDATE self SET value = 5 WHERE key = 'entries'");
	j = scratch_open(&here);
	v = ask(j, NULL);
	assert_int_equal(v.faults.len, 0);
	journal_verdict_done(&v);
	journal_close(j);
}

static void test_a_copy_on_another_machine_still_knows_its_numbers(void **state)
{
	struct journal_verdict v;
	char id[ULID_SIZE];
	struct journal *j;

	(void)state;
	open_four(id);
	scratch_sql(&here, "UPDATE self SET value = 'elsewhere' WHERE key = 'machine'");
	journal_close(scratch_open(&here));
	scratch_sql(&here, "UPDATE alias SET number = 9 WHERE number = 2;"
			   "UPDATE alias SET number = 2 WHERE number = 4;"
			   "UPDATE alias SET number = 4 WHERE number = 9");
	j = scratch_open(&here);
	v = ask(j, NULL);
	assert_int_equal(v.faults.len, 2);
	journal_verdict_done(&v);
	journal_close(j);
}

static void test_another_entry_of_the_same_id_is_refused_and_not_swallowed(void **state)
{
	struct journal *j = scratch_open(&here);
	struct journal_draft *d[2] = {journal_draft_new(INC, "note", &scratch_author, 1000),
		journal_draft_new(INC, "note", &scratch_author, 1000)};
	struct err e;

	(void)state;
	journal_draft_text(d[0], "text", "one");
	journal_draft_text(d[1], "text", "two");
	str_copy(d[1]->id, sizeof(d[1]->id), d[0]->id);
	assert_int_equal(journal_append(j, &d[0], 1, &e), 0);
	assert_int_equal(journal_append(j, &d[0], 1, &e), 0);
	assert_int_equal(journal_append(j, &d[1], 1, &e), -1);
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_non_null(strstr(e.text, d[0]->id));
	assert_int_equal(read_all(j, 0).n, 1);
	journal_draft_free(d[0]);
	journal_draft_free(d[1]);
	journal_close(j);
}

static void test_a_flipped_bit_in_the_file_is_seen(void **state)
{
	struct journal_verdict v = {0};
	struct journal *j;
	struct err e = {0};
	char *bytes, *at;
	size_t n;

	(void)state;
	fill();
	scratch_sql(&here, "PRAGMA wal_checkpoint(TRUNCATE)");
	assert_int_equal(file_read(here.path, 1 << 22, &bytes, &n, &e), 0);
	at = memmem(bytes, n, "note 4", 6);
	assert_non_null(at);
	at[5] ^= 1;
	assert_int_equal(file_write(here.path, bytes, n, 0600, &e), 0);
	free(bytes);
	j = scratch_open(&here);
	assert_int_equal(journal_verify(j, NULL, &v, &e), 0);
	assert_int_equal(v.faults.len, 1);
	assert_int_equal(v.faults.at[0].seq, 4);
	journal_verdict_done(&v);
	journal_close(j);
}

/* ---- travel ---- */

static struct buf export(struct journal *j)
{
	struct buf out;
	struct err e = {0};

	if (journal_export(j, INC, &out, &e) != 0)
		fail_msg("%s", e.text);
	return out;
}

static void expect_whole(struct journal *j, int64_t entries, int64_t chains)
{
	struct journal_verdict v;
	struct err e = {0};

	assert_int_equal(journal_verify(j, NULL, &v, &e), 0);
	assert_int_equal(v.entries, entries);
	assert_int_equal(v.chains, chains);
	assert_int_equal(v.faults.len, 0);
	journal_verdict_done(&v);
}

static void test_an_incident_travels_there_and_back(void **state)
{
	struct scratch there;
	struct journal *a = scratch_open(&here), *b;
	struct journal_imported got;
	struct buf file;
	struct err e = {0};

	(void)state;
	scratch_init(&there);
	b = scratch_open(&there);
	assert_string_not_equal(journal_origin(a), journal_origin(b));
	scratch_note(b, INC2, "b has an incident already");
	scratch_note(a, INC, "a1");
	scratch_note(a, INC, "a2");
	file = export(a);
	assert_int_equal(journal_import(b, buf_text(&file), file.len, &got, &e), 0);
	assert_string_equal(got.incident, INC);
	assert_int_equal(got.number, 2);
	assert_int_equal(got.added, 2);
	assert_int_equal(
		journal_import(b, buf_text(&file), file.len, &got, &e), 0); /* again: nothing new */
	assert_int_equal(got.added, 0);
	assert_int_equal(got.known, 2);
	buf_done(&file);
	scratch_note(b, INC, "b1");
	scratch_note(a, INC, "a3");
	file = export(b); /* knows a1, a2, b1 */
	assert_int_equal(journal_import(a, buf_text(&file), file.len, &got, &e), 0);
	assert_int_equal(got.added, 1);
	buf_done(&file);
	expect_whole(a, 4, 2);
	expect_whole(b, 4, 3);
	journal_close(a);
	journal_close(b);
	scratch_done(&there);
}

/* Changes an exported file: the line-th line becomes what to gives, or is dropped. */
static char *with_line(const char *text, int line, const char *from, const char *to)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	for (int i = 0; *text; i++) {
		size_t n = strcspn(text, "\n") + 1;
		const char *hit = i == line && from ? memmem(text, n, from, strlen(from)) : NULL;

		if (hit) {
			buf_add(&out, text, (size_t)(hit - text));
			buf_puts(&out, to);
			buf_add(&out, hit + strlen(from), n - (size_t)(hit - text) - strlen(from));
		} else if (i != line) {
			buf_add(&out, text, n);
		}
		text += n;
	}
	return buf_take(&out);
}

static void test_a_changed_file_is_refused_whole(void **state)
{
	static const struct {
		int line;
		const char *from, *to, *says;
	} rows[] = {
		{2, "note 2", "note 9", "line 3: entry 2"},
		{2, NULL, NULL, "line 3: entry 2"},
		{1, NULL, NULL, "line 2: entry 1"},
		{6, NULL, NULL, "entry 6"},
		{2, "alice", "mallory", "line 3: entry 2"},
		{0, "\"seq\":6", "\"seq\":7", "entry 7"},
		{0, "heads", "tails", "no exported incident"},
		{3, "{", "", "line 4: this is no entry"},
	};
	struct journal *j;
	struct buf file;

	(void)state;
	fill();
	j = scratch_open(&here);
	file = export(j);
	journal_close(j);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = with_line(buf_text(&file), rows[i].line, rows[i].from, rows[i].to);
		struct journal_imported got;
		struct scratch there;
		struct err e = {0};

		scratch_init(&there);
		j = scratch_open(&there);
		assert_int_equal(journal_import(j, text, strlen(text), &got, &e), -1);
		assert_int_equal(e.code, ERR_INPUT);
		if (strstr(e.text, rows[i].says) == NULL)
			fail_msg("row %zu: %s", i, e.text);
		assert_int_equal(read_all(j, 0).n, 0);
		journal_close(j);
		scratch_done(&there);
		free(text);
	}
	buf_done(&file);
}

static void test_two_journals_that_went_apart_are_not_merged(void **state)
{
	struct journal *j = scratch_open(&here);
	struct journal_imported got;
	struct buf file;
	struct err e = {0};

	(void)state;
	scratch_note(j, INC, "one");
	scratch_note(j, INC, "two");
	file = export(j);
	scratch_sql(&here, "DELETE FROM entry WHERE seq = 2; UPDATE head SET seq = 1, hash = "
			   "(SELECT hash FROM entry)");
	scratch_note(j, INC, "another two");
	assert_int_equal(journal_import(j, buf_text(&file), file.len, &got, &e), -1);
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_int_equal(read_all(j, 0).n, 2);
	buf_done(&file);
	journal_close(j);
}

static void test_an_import_mends_a_hole(void **state)
{
	struct journal *j = scratch_open(&here);
	struct journal_imported got;
	struct buf file;
	struct err e = {0};

	(void)state;
	for (int i = 0; i < 4; i++)
		scratch_note(j, INC, "x");
	file = export(j);
	scratch_sql(&here, "DELETE FROM entry WHERE seq IN (2, 4)");
	assert_int_equal(journal_import(j, buf_text(&file), file.len, &got, &e), 0);
	assert_int_equal(got.added, 2);
	expect_whole(j, 4, 1);
	buf_done(&file);
	journal_close(j);
}

static void test_a_copy_on_another_machine_is_another_origin(void **state)
{
	struct journal *j = scratch_open(&here);
	char was[JOURNAL_ORIGIN];

	(void)state;
	str_copy(was, sizeof(was), journal_origin(j));
	journal_close(j);
	j = scratch_open(&here);
	assert_string_equal(journal_origin(j), was);
	journal_close(j);
	scratch_sql(&here, "UPDATE self SET value = 'elsewhere' WHERE key = 'machine'");
	j = scratch_open(&here);
	assert_string_not_equal(journal_origin(j), was);
	journal_close(j);
}

static void test_a_reader_needs_a_journal_and_writes_none(void **state)
{
	struct err e = {0};
	struct journal *j;

	(void)state;
	assert_null(journal_open(here.path, DB_READ, &e));
	assert_int_equal(e.code, ERR_MISSING);
	journal_close(scratch_open(&here));
	j = journal_open(here.path, DB_READ, &e);
	assert_non_null(j);
	assert_int_equal(read_all(j, 0).n, 0);
	journal_close(j);
	scratch_sql(&here, "PRAGMA user_version = 99");
	assert_null(journal_open(here.path, DB_READ, &e));
	assert_int_equal(e.code, ERR_UNSUPPORTED);
}

static void test_watched_spans_are_kept_by_cluster(void **state)
{
	struct journal *j = scratch_open(&here);
	struct watched_span *got;
	size_t n;
	struct err e = {0};

	(void)state;
	assert_int_equal(
		journal_watched_put(j, "a", &(struct watched_span){1000, 2000, true}, &e), 0);
	assert_int_equal(
		journal_watched_put(j, "a", &(struct watched_span){1000, 5000, true}, &e), 0);
	assert_int_equal(
		journal_watched_put(j, "a", &(struct watched_span){5000, 6000, false}, &e), 0);
	assert_int_equal(
		journal_watched_put(j, "b", &(struct watched_span){5000, 7000, true}, &e), 0);
	assert_int_equal(journal_watched_get(j, "a", 0, 10000, &got, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_int_equal(got[0].to_ms, 5000);
	assert_false(got[1].up);
	free(got);
	assert_int_equal(journal_watched_get(j, "", 6000, 10000, &got, &n, &e), 0);
	assert_int_equal(n, 1);
	free(got);
	journal_close(j);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_entries_come_back_in_order_each_with_its_author),
		T(test_a_secret_never_gets_in),
		T(test_an_incident_is_found_by_its_short_name),
		T(test_a_draft_that_was_already_written_is_not_written_twice),
		T(test_an_entry_that_is_too_long_is_refused_and_nothing_with_it),
		T(test_two_processes_share_one_journal),
		T(test_a_full_disk_refuses_and_leaves_the_journal_whole),
		T(test_every_forgery_is_named_with_its_first_bad_entry),
		T(test_what_opens_an_incident_says_its_number),
		T(test_what_a_chain_cannot_show_the_journal_does),
		T(test_an_anchor_vouches_for_what_was_there_and_shows_an_older_copy),
		T(test_an_anchor_behind_a_broken_entry_vouches_for_nothing),
		T(test_an_older_journal_is_not_doubted),
		T(test_a_copy_on_another_machine_still_knows_its_numbers),
		T(test_another_entry_of_the_same_id_is_refused_and_not_swallowed),
		T(test_a_flipped_bit_in_the_file_is_seen),
		T(test_an_incident_travels_there_and_back),
		T(test_a_changed_file_is_refused_whole),
		T(test_two_journals_that_went_apart_are_not_merged),
		T(test_an_import_mends_a_hole),
		T(test_a_copy_on_another_machine_is_another_origin),
		T(test_a_reader_needs_a_journal_and_writes_none),
		T(test_watched_spans_are_kept_by_cluster),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
