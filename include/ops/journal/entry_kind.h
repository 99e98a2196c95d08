/* The kinds of journal entries there are, and what their payloads hold. A kind this k911 does not
 * know (a newer one wrote it) still stands in the timeline, by its "text". Constant; any thread.
 *
 * opened        title level respond_ms recover_ms [detected_ms started_ms given] [cluster authority broken]
 * [reasons[]] [emergency[] technical[] follow_up[]: a team's own lists] acknowledged, mitigated,
 * recovered, closed    [at_ms: when it happened] [given: a person said when] reopened      [reason]
 * level         from to respond_ms recover_ms reason
 * role          role who ("": nobody any more)
 * note          text                    star          note starred
 * tick          item text [evidence]    untick        item text
 * link          what name
 * action        action state [title command result]: entries of one action share it
 * health        from to ("" is green) [reasons[]] [broken]
 * warning       clock level percent     breach        clock level
 * clock-set     by_ms boot_ms */
#ifndef OPS_JOURNAL_ENTRY_KIND_H
#define OPS_JOURNAL_ENTRY_KIND_H

#include "io/json.h"
#include "ops/journal/journal.h"

enum entry_kind {
	ENTRY_OPENED,
	ENTRY_ACKNOWLEDGED,
	ENTRY_MITIGATED,
	ENTRY_RECOVERED,
	ENTRY_CLOSED,
	ENTRY_REOPENED,
	ENTRY_LEVEL,
	ENTRY_ROLE,
	ENTRY_NOTE,
	ENTRY_STAR,
	ENTRY_TICK,
	ENTRY_UNTICK,
	ENTRY_LINK,
	ENTRY_ACTION,
	ENTRY_VERDICT,
	ENTRY_WARNING,
	ENTRY_BREACH,
	ENTRY_CLOCK_SET,
	ENTRY_KINDS,
	ENTRY_OTHER = ENTRY_KINDS
};

const char *entry_kind_name(enum entry_kind k);
enum entry_kind entry_kind_of(const char *name);

/* One sentence for the timeline, in the operator's language; new (free). */
char *entry_words(const struct journal_entry *en, const struct js *payload);

#endif
