/* What the journal says, made by hand for the golden screens: each is the broken cluster of
 * samples.h with another book.
 */
#ifndef HELP_SAMPLE_BOOK_H
#define HELP_SAMPLE_BOOK_H

#include "model/snapshot.h"

#define SAMPLE_INCIDENT "01K911SAMPLE00000000000007" /* the current one's */
#define SAMPLE_OLD      "01K911SAMPLE00000000000006" /* a closed one */

struct snapshot *sample_quiet(void);    /* all is well, and only the closed one is there */
struct snapshot *sample_proposal(void); /* no incident is open; the checks propose one */
struct snapshot *sample_incident(void); /* P1, acknowledged, in the midst of it */
/* Just opened: nobody has acknowledged, both clocks run. */
struct snapshot *sample_unanswered(void);
struct snapshot *sample_breached(void);     /* nobody answered in time; the checks say P0 */
struct snapshot *sample_recovered(void);    /* all well again: the follow-up is left */
struct snapshot *sample_broken_again(void); /* recovered, and then not */
struct snapshot *sample_team(void);         /* a team's own lists */
struct snapshot *sample_evil(void); /* texts that attack a terminal, or are just wide and long */
struct snapshot *sample_disk_full(void); /* the journal cannot be written */
struct snapshot *sample_crowded(void); /* names near their ceiling; a uid that attacks a terminal */
struct snapshot *sample_untold(void);  /* the server does not say which cluster it is */
/* Practice: incidents are not kept, alerts are not configured. */
struct snapshot *sample_no_journal(void);

#endif
