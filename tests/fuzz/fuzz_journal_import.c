/* An exported incident from whoever sends one: all of it is taken, or nothing, with the reason in
 * words, and the journal verifies afterwards. One journal for all inputs. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "fuzz/fuzz.h"
#include "help/scratch.h"
#include "ops/journal/journal.h"

static struct scratch scratch;
static struct journal *journal;

static void close_journal(void)
{
	journal_close(journal);
	scratch_done(&scratch);
}

static struct journal *open_journal(void)
{
	struct err e;

	if (journal != NULL)
		return journal;
	scratch_init(&scratch);
	journal = journal_open(scratch.path, DB_WRITE, &e);
	if (journal == NULL)
		abort();
	atexit(close_journal);
	return journal;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct journal *j = open_journal();
	struct journal_imported got;
	struct err e;
	int rc;

	err_clear(&e);
	rc = journal_import(j, (const char *)bytes, n, &got, &e);
	if (rc != 0 && (e.code == ERR_NONE || e.text[0] == '\0'))
		abort();
	if (rc == 0 && (got.added < 0 || got.known < 0 || got.number <= 0))
		abort();
	return 0;
}
