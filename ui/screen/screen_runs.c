/* The keys that speak about runbooks, wherever the focus is. */
#include "screen_parts.h"

static bool may_run(const struct screen *s)
{
	return s->now->runs != NULL && s->views->runbooks != NULL;
}

bool runs_offers(struct screen *s, enum action_id id)
{
	return id == ACTION_RUNBOOKS && may_run(s);
}

bool runs_act(struct screen *s, enum action_id id, struct instant now)
{
	const struct view_args args = {0};

	if (id != ACTION_RUNBOOKS)
		return false;
	if (may_run(s))
		pane_show(s, pane_of_view(s, s->views->actions), s->views->runbooks, &args, now);
	return true;
}

const struct run_seen *runs_on_page(struct screen *s)
{
	const struct sheet *top = pane_top(screen_focused(s));

	if (top->ops == NULL || s->now->runs == NULL)
		return NULL;
	if (top->ops == s->views->run)
		return run_board_run(s->now->runs, top->args.name);
	if (top->ops == s->views->plan || top->ops == s->views->start)
		return run_board_asked(s->now->runs, top->args.feed);
	return NULL;
}
