#include "help/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/instant.h"
#include "base/str.h"

const struct author scratch_author = {"alice", "ops1"};

struct journal *scratch_open(const struct scratch *s)
{
	struct err e = {0};
	struct journal *j = journal_open(s->path, DB_WRITE, &e);

	if (j == NULL)
		fail_msg("%s", e.text);
	return j;
}

const char *scratch_note(struct journal *j, const char *incident, const char *text)
{
	static char id[ULID_SIZE];
	struct journal_draft *d =
		journal_draft_new(incident, "note", &scratch_author, instant_now().wall_ms);
	struct err e = {0};

	journal_draft_text(d, "text", text);
	if (journal_append(j, &d, 1, &e) != 0)
		fail_msg("%s", e.text);
	str_copy(id, sizeof(id), d->id);
	journal_draft_free(d);
	return id;
}
