/* From configuration to the incident desk. */
#include <stdlib.h>

#include "app/author.h"
#include "app/session.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"

void session_desk(const struct globals *g, struct session_options *o, const char *dir, bool tells)
{
	const struct config *c = g->config;
	struct incident_desk_options *d = &o->engine.desk;

	author_learn(&d->author);
	for (int l = 0; l < LEVEL_COUNT; l++)
		d->targets[l] = c->levels[l];
	for (int l = 0; l < CHECKLIST_COUNT; l++)
		d->lists[l] = (const char *const *)c->checklists[l];
	d->why = o->lost[0] ? o->lost
			    : _("there is no home directory for the journal: name one with "
				"--state-dir");
	if (!dir)
		return;
	o->journal = str_fmt("%s/journal.db", dir);
	o->outbox = str_fmt("%s/notify.db", dir);
	o->lock_dir = mem_str(dir);
	d->journal = o->journal;
	d->outbox = o->outbox;
	d->lock_dir = o->lock_dir;
	if (!tells)
		return;
	o->receivers = config_notify_targets(&c->notify);
	d->receivers = o->receivers;
	d->n_receivers = c->notify.n;
}
