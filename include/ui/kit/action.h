/* What keys and the mouse mean, before anyone knows which key it was. The key table (ui/keymap)
 * maps keys to actions and makes the help and the palette. */
#ifndef UI_KIT_ACTION_H
#define UI_KIT_ACTION_H

enum action_id {
	ACTION_NONE,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_TOP,
	ACTION_BOTTOM,
	ACTION_LEFT,
	ACTION_RIGHT,
	ACTION_ENTER, /* detail */
	ACTION_BACK,
	ACTION_FILTER,
	ACTION_SORT, /* next column */
	ACTION_SORT_REVERSE,
	ACTION_ZOOM,
	ACTION_NEXT_PANE,
	ACTION_PREVIOUS_PANE,
	ACTION_PANE_1,
	ACTION_PANE_2,
	ACTION_PANE_3,
	ACTION_PANE_4,
	ACTION_PANE_5,
	ACTION_PANE_6,
	ACTION_PANE_7,
	ACTION_LOGS, /* of the pod under the cursor */
	ACTION_PREVIOUS_LOGS,
	ACTION_NEXT_CONTAINER,
	ACTION_FOLLOW, /* toggles following the end */
	ACTION_WRAP,
	ACTION_REFRESH,
	ACTION_INCIDENT, /* show the current one, or open what is proposed */
	ACTION_OPEN,     /* another one, by hand */
	ACTION_ACKNOWLEDGE,
	ACTION_NOTE,
	ACTION_CHECKLIST, /* go to its pane */
	ACTION_LEVEL,
	ACTION_ROLE,
	ACTION_STAR, /* a note, or not any more */
	ACTION_LINK,
	ACTION_EVIDENCE, /* a piece of it, kept with the incident */
	ACTION_MITIGATED,
	ACTION_RECOVERED,
	ACTION_CLOSE,
	ACTION_REOPEN,
	ACTION_CHOOSE, /* make the selected incident the current one */
	ACTION_ANSWER, /* the oldest question that waits */
	ACTION_STATUS, /* the text for the chat */
	ACTION_JOURNAL,
	ACTION_INCIDENTS, /* all there are */
	ACTION_ALERTS,    /* what an Alertmanager says is firing */
	ACTION_CLUSTER,   /* the header's detail */
	ACTION_RUNBOOKS,
	ACTION_START,   /* what the page has planned */
	ACTION_ABORT,   /* a run, at its next safe point */
	ACTION_RESUME,  /* a run that stopped before its end */
	ACTION_OFFERED, /* the runbook that helps where a run stopped */
	ACTION_FORGIVE, /* a debt */
	ACTION_PALETTE,
	ACTION_HELP,
	ACTION_THEME, /* next theme */
	ACTION_SUSPEND,
	ACTION_REDRAW,
	ACTION_QUIT,
	ACTION_CLICK, /* row, column relative to the view; count 2: double */
	ACTION_COUNT
};

struct action {
	enum action_id id;
	int row, column;
	int clicks;
};

#endif
