/* One look at each for every snapshot; keeping_step says when that is news. */
#include "disk_watch.h"

#include <string.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/str.h"
#include "model/command.h"

static void look_at_log(struct instant now, struct keeping *out)
{
	struct err why = {.text = ""};
	struct log_trouble t;

	if (!log_is_kept(now, &t) && t.failed == 0)
		err_set(&why, ERR_TIMEOUT, "%s", N_("the disk does not answer"));
	else if (t.failed != 0)
		err_sys(&why, t.failed, "k911.log");
	out->since = t.since;
	str_copy(out->why, sizeof(out->why), why.text);
}

static void tell(struct disk_watch *w, enum keeping_id id, struct instant now)
{
	struct keeping *k = &w->at[id];
	bool state = id == KEEPING_STATE;

	switch (keeping_step(k, now)) {
	case KEEPING_IS_LATE:
		notice_say(w->notices, NOTICE_WARN,
			state ? _("the last good state cannot be saved: %s")
			      : _("the log cannot be written: %s"),
			gettext(k->why));
		break;
	case KEEPING_IS_WELL:
		notice_say(w->notices, NOTICE_INFO, "%s",
			state ? _("the last good state is saved again")
			      : _("the log is written again"));
		break;
	case KEEPING_NO_NEWS:
		break;
	}
}

void disk_watch_fill(struct disk_watch *w, struct snapshot *s)
{
	state_keeper_look(w->keeper, s->at, &w->at[KEEPING_STATE]);
	look_at_log(s->at, &w->at[KEEPING_LOG]);
	for (int id = 0; id < KEEPING_COUNT; id++)
		tell(w, (enum keeping_id)id, s->at);
	memcpy(s->keeping, w->at, sizeof(s->keeping));
}
