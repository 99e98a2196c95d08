/* A process that is killed while it writes: every entry it had acknowledged is there, and the chain
 * holds, five hundred times over one file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/str.h"
#include "help/journal.h"

#define KILLS 500
#define INC   "01JD0000000000000000000001"

static struct scratch here;

/* Writes for ever, and says each id on the pipe once append has returned. */
static void write_on(int say)
{
	struct journal *j = journal_open(here.path, DB_WRITE, NULL);

	while (j != NULL) {
		struct journal_draft *d =
			journal_draft_new(INC, "note", &scratch_author, instant_now().wall_ms);
		char word[ULID_SIZE];

		journal_draft_text(d, "text", "written while somebody aims");
		if (journal_append(j, &d, 1, NULL) != 0)
			break;
		str_copy(word, sizeof(word), d->id);
		journal_draft_free(d);
		if (write(say, word, sizeof(word)) != (ssize_t)sizeof(word))
			break;
	}
	_exit(1);
}

/* Kills it some moment after it began: microseconds, or once it has said a few ids. */
static pid_t aim(int hear, pid_t child, int shot)
{
	struct pollfd p = {.fd = hear, .events = POLLIN};
	int status;

	if (shot % 4 != 0)
		poll(&p, 1, 5000);
	usleep((useconds_t)(rand() % 6000)); /* NOLINT: the moment is the test */
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? child : -1;
}

static void expect_there(struct db *d, int hear)
{
	char id[ULID_SIZE];
	struct db_stmt *s = db_prepare(d, "SELECT 1 FROM entry WHERE id = ?", NULL);

	assert_non_null(s);
	while (read(hear, id, sizeof(id)) == (ssize_t)sizeof(id)) {
		db_bind_text(s, 1, id);
		if (db_step(s, NULL) != 1)
			fail_msg("%s was acknowledged and is lost", id);
		db_reset(s);
	}
	db_finish(s);
}

static void test_no_acknowledged_entry_is_lost_in_500_kills(void **state)
{
	struct journal_verdict v = {0};
	struct err e = {0};

	(void)state;
	srand(911);
	scratch_init(&here);
	for (int shot = 0; shot < KILLS; shot++) {
		int pipes[2];
		pid_t child;
		struct journal *j;
		struct db *d;

		assert_int_equal(pipe(pipes), 0);
		child = fork();
		if (child == 0)
			write_on(pipes[1]);
		close(pipes[1]);
		assert_int_equal(aim(pipes[0], child, shot), child);
		j = scratch_open(&here);
		if (journal_verify(j, NULL, &v, &e) != 0)
			fail_msg("kill %d: %s", shot, e.text);
		if (v.faults.len > 0)
			fail_msg("kill %d: entry %d: %s", shot, (int)v.faults.at[0].seq,
				v.faults.at[0].text);
		journal_verdict_done(&v);
		journal_close(j);
		d = db_open(here.path, DB_READ, &e);
		assert_non_null(d);
		expect_there(d, pipes[0]);
		db_close(d);
		close(pipes[0]);
	}
	assert_true(v.entries > KILLS / 4);
	scratch_done(&here);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_acknowledged_entry_is_lost_in_500_kills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
