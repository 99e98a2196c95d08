/* Which actions would do something now: what the hints, the help and the palette show. */
#include "screen_parts.h"

bool screen_offers(struct screen *s, enum action_id id)
{
	struct sheet *top = pane_top(screen_focused(s));
	const enum action_id *a = top->ops->actions;

	if (incident_offers(s, id) || runs_offers(s, id))
		return true;
	switch ((int)id) {
	case ACTION_FILTER:
	case ACTION_ZOOM:
	case ACTION_BACK:
	case ACTION_REFRESH:
	case ACTION_HELP:
	case ACTION_PALETTE:
	case ACTION_SUSPEND:
	case ACTION_REDRAW:
	case ACTION_QUIT:
		return true;
	case ACTION_ANSWER:
		return s->now->n_asks > 0;
	case ACTION_THEME:
		return s->n_themes > 1;
	case ACTION_NEXT_PANE:
	case ACTION_PREVIOUS_PANE:
		return s->n_panes > 1;
	default:
		break;
	}
	for (size_t i = 0; id >= ACTION_PANE_1 && id <= ACTION_PANE_7 && i < s->n_panes; i++)
		if (s->panes[i].def->number == (int)id - ACTION_PANE_1 + 1)
			return true;
	while (a != NULL && *a != ACTION_NONE && *a != id)
		a++;
	return a != NULL && *a == id && id != ACTION_NONE && id != ACTION_CLICK &&
	       (top->ops->offers == NULL || top->ops->offers(top->state, s->now, id));
}
