/* The journal's thread: what went in comes out once it is on the disk; with the disk full it is
 * kept, in order, and said loudly; two of them share a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "help/journal.h"
#include "ops/journal/journal_writer.h"

#define INC "01JD0000000000000000000001"

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

/* All that came out so far. */
struct heard {
	int written, kept;
	char order[400]; /* the written entries' texts, in order */
	struct journal_state state;
	bool told;
};

static void hear_news(struct heard *h, const struct journal_news *news)
{
	for (size_t k = 0; k < news->n; k++) {
		const char *text = strchr(news->entries[k]->payload, ':');

		if (news->entries[k]->row == 0) {
			h->kept++;
			continue;
		}
		h->written++;
		if (text && strlen(h->order) + 4 < sizeof(h->order))
			strncat(h->order, text + 2, 1);
	}
}

static void hear(struct heard *h, struct journal_writer *w)
{
	struct letter *l;

	while ((l = mailbox_take(journal_writer_results(w))) != NULL) {
		if (l->kind == JOURNAL_ENTRIES)
			hear_news(h, (struct journal_news *)l);
		if (l->kind == JOURNAL_STATE) {
			h->state = *(struct journal_state *)l;
			h->told = true;
		}
		l->drop(l);
	}
}

static bool written_3(const struct heard *h)
{
	return h->written >= 3;
}

static bool kept_2(const struct heard *h)
{
	return h->kept >= 2;
}

static bool all_well(const struct heard *h)
{
	return h->told && h->state.why[0] == '\0' && h->written >= 3;
}

static bool troubled(const struct heard *h)
{
	return h->told && h->state.why[0] != '\0';
}

static void wait_until(
	struct heard *h, struct journal_writer *w, bool (*done)(const struct heard *h))
{
	int64_t until = instant_now().boot_ms + 20000;
	struct pollfd p = {.fd = mailbox_fd(journal_writer_results(w)), .events = POLLIN};

	hear(h, w);
	while (!done(h)) {
		if (instant_now().boot_ms > until)
			fail_msg("%d written, %d kept, state \"%s\"", h->written, h->kept,
				h->state.why);
		poll(&p, 1, 100);
		hear(h, w);
	}
}

static struct journal_draft *note(const char *text)
{
	struct journal_draft *d =
		journal_draft_new(INC, "note", &scratch_author, instant_now().wall_ms);

	journal_draft_text(d, "text", text);
	return d;
}

static void put(struct journal_writer *w, const char *text)
{
	assert_int_equal(journal_writer_put(w, note(text)), 0);
}

static void test_what_goes_in_comes_out_in_order(void **state)
{
	struct journal_writer *w = journal_writer_start(here.path);
	struct heard h = {0};

	(void)state;
	put(w, "a");
	put(w, "b");
	put(w, "c");
	wait_until(&h, w, written_3);
	assert_string_equal(h.order, "abc");
	assert_int_equal(h.kept, 0);
	assert_int_equal(journal_writer_stop(w), 0);
	/* the next one tells all there is at its start */
	memset(&h, 0, sizeof(h));
	w = journal_writer_start(here.path);
	wait_until(&h, w, written_3);
	assert_string_equal(h.order, "abc");
	assert_int_equal(journal_writer_stop(w), 0);
}

static void test_who_appends_may_rely_on_it_on_return(void **state)
{
	struct journal_writer *w = journal_writer_start(here.path);
	struct err e = {0};
	struct db *d;

	(void)state;
	for (int k = 1; k <= 5; k++) {
		if (journal_writer_append(w, note("x"), 20000, &e) != 0)
			fail_msg("%s", e.text);
		d = db_open(here.path, DB_READ, &e);
		assert_int_equal(db_number(d, "SELECT count(*) FROM entry", -1), k);
		db_close(d);
	}
	assert_int_equal(journal_writer_stop(w), 0);
}

static void test_stopping_writes_what_waits(void **state)
{
	struct journal_writer *w = journal_writer_start(here.path);
	struct db *d;

	(void)state;
	for (int k = 0; k < 700; k++)
		put(w, "x");
	assert_int_equal(journal_writer_stop(w), 0);
	d = db_open(here.path, DB_READ, NULL);
	assert_int_equal(db_number(d, "SELECT count(*) FROM entry", -1), 700);
	db_close(d);
}

static void test_another_process_is_heard(void **state)
{
	struct journal_writer *w = journal_writer_start(here.path);
	struct heard h = {0};
	struct journal *other;

	(void)state;
	put(w, "a");
	other = scratch_open(&here);
	scratch_note(other, INC, "b");
	scratch_note(other, INC, "c");
	journal_close(other);
	wait_until(&h, w, written_3);
	assert_int_equal(journal_writer_stop(w), 0);
}

static void test_a_full_disk_keeps_the_entries_and_says_so_until_there_is_room(void **state)
{
	struct journal_writer *w = journal_writer_start(here.path);
	struct rlimit old, tight = {1, RLIM_INFINITY};
	struct heard h = {0};
	struct journal_verdict v;
	struct journal *j;
	struct err e = {0};

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(journal_writer_append(w, note("a"), 20000, &e), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	assert_int_equal(journal_writer_append(w, note("b"), 20000, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	assert_non_null(strstr(e.text, "in memory only"));
	put(w, "c");
	wait_until(&h, w, kept_2);
	assert_true(troubled(&h));
	assert_true(h.state.waiting >= 1);
	assert_non_null(strstr(h.state.why, here.path));
	assert_true(h.state.since.boot_ms > 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	wait_until(&h, w, all_well);
	assert_string_equal(h.order, "abc");
	assert_int_equal(h.state.waiting, 0);
	assert_int_equal(h.written, 3);
	assert_int_equal(journal_writer_stop(w), 0);
	j = scratch_open(&here);
	assert_int_equal(journal_verify(j, NULL, &v, &e), 0);
	assert_int_equal(v.entries, 3);
	assert_int_equal(v.faults.len, 0);
	journal_verdict_done(&v);
	journal_close(j);
}

static void test_without_a_file_it_keeps_says_why_and_counts_what_was_lost(void **state)
{
	char *log = str_fmt("%s/log", here.dir);
	struct journal_writer *w = journal_writer_start("/nowhere/at/all/journal.db");
	struct heard h = {0};

	(void)state;
	assert_int_equal(log_open(log, LOG_ERROR, NULL), 0);
	put(w, "a");
	put(w, "b");
	wait_until(&h, w, kept_2);
	assert_true(troubled(&h));
	assert_int_equal(journal_writer_stop(w), 2);
	log_close();
	free(log);
}

static void test_a_full_box_refuses_what_more_comes_and_counts_it(void **state)
{
	char *log = str_fmt("%s/log", here.dir);
	struct journal_writer *w = journal_writer_start("/nowhere/at/all/journal.db");
	struct journal_draft *d = note("x");
	size_t taken = 0;

	(void)state;
	assert_int_equal(log_open(log, LOG_ERROR, NULL), 0);
	for (; taken < 100000 && journal_writer_put(w, d) == 0; taken++)
		d = note("x");
	journal_draft_free(d);
	assert_true(taken < 100000);
	assert_int_equal(journal_writer_refused(w), 1);
	assert_int_equal(journal_writer_stop(w), taken); /* each one that it took */
	log_close();
	free(log);
}

static void test_an_entry_that_is_too_long_holds_up_nobody(void **state)
{
	struct journal_writer *w = journal_writer_start(here.path);
	char *text = mem_zero(JOURNAL_DRAFT_PAYLOAD_MAX + 1, 1);
	struct journal_draft *d;
	struct err e = {0};

	(void)state;
	memset(text, 'x', JOURNAL_DRAFT_PAYLOAD_MAX);
	d = note(text);
	assert_int_equal(journal_writer_put(w, d), -1);
	assert_int_equal(journal_writer_append(w, d, 20000, &e), -1);
	assert_int_equal(e.code, ERR_BUSY);
	assert_int_equal(journal_writer_append(w, note("a"), 20000, &e), 0);
	assert_int_equal(journal_writer_stop(w), 0);
	free(text);
}

static void test_measurements_are_kept(void **state)
{
	struct journal_writer *w = journal_writer_start(here.path);
	struct watched_span *got;
	struct journal *j;
	struct err e = {0};
	size_t n;

	(void)state;
	assert_int_equal(journal_writer_append(w, note("a"), 20000, &e), 0);
	journal_writer_watched(w, "prod", &(struct watched_span){1000, 2000, true});
	assert_int_equal(journal_writer_stop(w), 0);
	j = scratch_open(&here);
	assert_int_equal(journal_watched_get(j, "prod", 0, 5000, &got, &n, &e), 0);
	assert_int_equal(n, 1);
	free(got);
	journal_close(j);
}

static bool distrusted(const struct heard *h)
{
	return h->told && h->state.damage[0] != '\0';
}

static void test_a_journal_that_was_changed_is_said_at_the_start_and_still_read(void **state)
{
	struct heard h = {0};
	struct journal_writer *w;
	struct journal *j = scratch_open(&here);

	(void)state;
	scratch_note(j, INC, "a");
	scratch_note(j, INC, "b");
	scratch_note(j, INC, "c");
	journal_close(j);
	scratch_sql(&here, "UPDATE entry SET author = 'mallory' WHERE seq = 2");
	w = journal_writer_start(here.path);
	wait_until(&h, w, distrusted);
	assert_non_null(strstr(h.state.damage, "INC-0001, entry 2 of "));
	assert_string_equal(h.state.why, "");
	assert_int_equal(h.written, 3);
	put(w, "d"); /* what happens now is recorded all the same */
	assert_int_equal(journal_writer_stop(w), 0);
}

/* As SQLite's own index was left by a lost lock: every entry is there, but not in the index. */
static void test_a_damaged_journal_is_said_at_the_start(void **state)
{
	struct heard h = {0};
	struct journal_writer *w;
	struct journal *j = scratch_open(&here);

	(void)state;
	scratch_note(j, INC, "a");
	journal_close(j);
	scratch_sql(
		&here, "CREATE TABLE lost(x TEXT, UNIQUE(x)); INSERT INTO lost VALUES('a'), ('b')");
	scratch_break(here.path, "sqlite_autoindex_lost_1");
	w = journal_writer_start(here.path);
	wait_until(&h, w, distrusted);
	assert_non_null(strstr(h.state.damage, here.path));
	assert_int_equal(journal_writer_stop(w), 0);
}

static void test_a_sound_journal_is_not_doubted(void **state)
{
	struct journal_writer *w = journal_writer_start(here.path);
	struct heard h = {0};

	(void)state;
	put(w, "a");
	put(w, "b");
	put(w, "c");
	wait_until(&h, w, written_3);
	assert_int_equal(journal_writer_stop(w), 0);
	w = journal_writer_start(here.path);
	wait_until(&h, w, written_3);
	hear(&h, w);
	assert_string_equal(h.state.damage, "");
	assert_int_equal(journal_writer_stop(w), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_what_goes_in_comes_out_in_order),
		T(test_who_appends_may_rely_on_it_on_return),
		T(test_stopping_writes_what_waits),
		T(test_another_process_is_heard),
		T(test_a_full_disk_keeps_the_entries_and_says_so_until_there_is_room),
		T(test_without_a_file_it_keeps_says_why_and_counts_what_was_lost),
		T(test_a_full_box_refuses_what_more_comes_and_counts_it),
		T(test_an_entry_that_is_too_long_holds_up_nobody),
		T(test_measurements_are_kept),
		T(test_a_journal_that_was_changed_is_said_at_the_start_and_still_read),
		T(test_a_damaged_journal_is_said_at_the_start),
		T(test_a_sound_journal_is_not_doubted),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
