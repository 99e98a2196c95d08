/* The keys that mean one run: what each would do with it as it stands, and why not. */
#include "ui/view/run_keys.h"

#include <stdio.h>

#include "base/i18n.h"
#include "base/str.h"

bool run_offers(const struct run_seen *r, const struct snapshot *s, enum action_id id)
{
	if (r == NULL)
		return false;
	if (id == ACTION_START)
		return r->state == RUN_PLANNED && !s->read_only;
	if (id == ACTION_ABORT)
		return !run_state_is_over(r->state) && r->here;
	if (id == ACTION_RESUME)
		return run_state_resumes(r->state) && !s->read_only;
	if (id == ACTION_OFFERED)
		return r->offer[0] != '\0' && run_board_card(s->runs, r->offer) != NULL;
	return false;
}

static struct command *command_about(enum command_kind kind, const struct run_seen *r)
{
	struct command *c = command_new(kind);

	str_copy(c->name, sizeof(c->name), r->id);
	return c;
}

static void say_why_not(const struct run_seen *r, const struct snapshot *s, enum action_id id,
	char *dst, size_t size)
{
	bool changes = id == ACTION_START || id == ACTION_RESUME;

	if (s->read_only && changes)
		str_copy(dst, size, _("this console is read-only: it starts nothing"));
	else if (id == ACTION_ABORT && r != NULL && !run_state_is_over(r->state))
		snprintf(dst, size, _("the k911 of %s@%s runs it: stop it there"), r->author,
			r->host);
	else if (id == ACTION_ABORT)
		str_copy(dst, size, _("nothing runs there"));
	else if (id == ACTION_RESUME)
		str_copy(dst, size, _("there is nothing to go on with"));
	else if (id == ACTION_OFFERED)
		str_copy(dst, size, _("no runbook is offered there"));
	else
		str_copy(dst, size, _("there is no plan to start"));
}

void run_act(const struct run_seen *r, const struct snapshot *s, enum action_id id,
	struct view_reply *reply)
{
	if (id != ACTION_START && id != ACTION_ABORT && id != ACTION_RESUME && id != ACTION_OFFERED)
		return;
	reply->handled = true;
	if (!run_offers(r, s, id)) {
		say_why_not(r, s, id, reply->say, sizeof(reply->say));
		return;
	}
	if (id == ACTION_START || id == ACTION_OFFERED) {
		str_copy(reply->form, sizeof(reply->form),
			id == ACTION_START ? r->runbook : r->offer);
		return;
	}
	reply->command = command_about(id == ACTION_ABORT ? COMMAND_RUN_ABORT : COMMAND_RESUME, r);
	if (id == ACTION_ABORT)
		snprintf(reply->sure, sizeof(reply->sure),
			_("stop %s at its next safe point? It can be resumed"), r->runbook);
	else
		str_copy(reply->say, sizeof(reply->say), _("going on with it"));
}
