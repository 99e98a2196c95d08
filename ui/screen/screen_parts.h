/* Inside the screen: shared by ui/screen*.c and nobody else. */
#ifndef UI_SCREEN_SCREEN_PARTS_H
#define UI_SCREEN_SCREEN_PARTS_H

#include "model/entry_ask.h"
#include "ui/kit/layout.h"
#include "ui/kit/widget_text.h"
#include "ui/screen/screen.h"

#define INPUT_BYTES COMMAND_TEXT
#define STACK_MAX   8
#define CHOICES_MAX 64
#define HINTS_MAX   24

/* One view, open on a pane. */
struct sheet {
	const struct view_ops *ops;
	void *state;
	struct view_args args;
	char filter[INPUT_BYTES];
};

struct pane {
	const struct screen_pane *def;
	struct sheet stack[STACK_MAX];
	int depth;           /* of the stack; at least 1 */
	struct pane_box box; /* of the last painting, in screen coordinates */
};

enum screen_mode {
	MODE_VIEWS,
	MODE_FILTER,
	MODE_PALETTE,
	MODE_HELP,
	MODE_PROMPT,
	MODE_ASK,
	MODE_SURE,
	MODE_FORM,
	MODE_CONSENT,      /* a yes is enough */
	MODE_CONSENT_TYPED /* a word is to be typed */
};

/* A line of the palette. */
enum choice_kind {
	CHOICE_ACTION,
	CHOICE_THEME,
	CHOICE_WORD,
	CHOICE_NODE,
	CHOICE_POD,
	CHOICE_MEMBER,
	CHOICE_RUNBOOK
};

struct choice {
	enum choice_kind kind;
	int index; /* enum action_id, or of the theme */
	int score; /* less is better */
	uint64_t id;
	char ns[64], name[256]; /* copies: the snapshot they come from may go */
};

/* A hint on the bottom line that can be clicked. */
struct hint {
	int from, to;
	enum action_id action;
};

/* A runbook's inputs while they are typed. What they are is asked of the board each time. */
struct form {
	char runbook[64];
	size_t n, at; /* at: the input that is edited */
	struct {
		char name[40], value[INPUT_BYTES];
		char stem[RUN_VALUE]; /* what was typed: Tab goes through what begins so */
		char wrong[160];
		bool touched; /* by the operator */
	} inputs[RUN_INPUTS];
};

struct screen {
	struct mailbox *commands;
	const struct keymap *keymap;
	const struct theme *themes;
	size_t n_themes, theme;
	struct theme plain; /* when there are no others */
	const struct screen_views *views;
	struct snapshot *now; /* never NULL */
	struct pane panes[LAYOUT_MAX_PANES];
	size_t n_panes, focus; /* n_panes: those that are there now, of n_all */
	size_t n_all;
	bool zoom, zoom_before; /* zoom_before: what closing the last detail goes back to */
	enum screen_mode mode;
	char input[INPUT_BYTES]; /* the palette's, the prompt's; a filter is edited in its sheet */
	const struct entry_ask *prompt; /* what is asked; NULL: a line for the command held */
	const char *question;           /* N_() */
	char about[ULID_SIZE];          /* the incident it is asked about; "" none */
	struct ask ask;  /* what MODE_ASK answers: a copy, as it stood when it began */
	char wrong[200]; /* what the prompt found wrong with the answer */
	/* owned: it is posted with what the prompt is given, or after a yes; or NULL */
	struct command *pending;
	char sure[200];              /* MODE_SURE's question */
	bool sure_quits;             /* a yes to it leaves k911 */
	struct form form;            /* MODE_FORM */
	struct widget_text *paper;   /* what dialogs are written on */
	struct run_consent consent;  /* MODE_CONSENT: a copy, as it stood when it began */
	char consent_run[ULID_SIZE]; /* whose it is */
	struct instant consent_seen; /* since then nobody typed before it; unset: not painted yet */
	uint64_t answered; /* the last question that was answered or put aside by its dialog */
	char *copied;      /* owned */
	struct choice choices[CHOICES_MAX];
	size_t n_choices, choice;
	int palette_row, palette_lines; /* where its choices were painted */
	size_t palette_top;             /* the first choice painted */
	int help_top, help_lines, help_room;
	struct hint hints[HINTS_MAX];
	size_t n_hints;
	char say[300];
	enum notice_level say_level;
	struct instant say_until; /* unset: nothing to say */
	uint32_t next_feed;
	enum screen_wish wish;
	int rows, columns; /* of the last painting */
};

/* screen_state.c */
struct pane *screen_focused(struct screen *s);
struct sheet *pane_top(struct pane *p);
void screen_say(struct screen *s, enum notice_level level, struct instant now, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Takes it; NULL is fine. */
void screen_post(struct screen *s, struct command *c, struct instant now);

/* Takes it: it waits for what is asked next. */
void screen_hold(struct screen *s, struct command *c);
struct command *screen_held(struct screen *s); /* gives it; NULL: nothing waits */

/* screen_offers.c: would it do something for the view that has the focus? */
bool screen_offers(struct screen *s, enum action_id id);

/* screen_pane.c */
void pane_open(struct screen *s, struct pane *p, const struct view_ops *ops,
	const struct view_args *args, struct instant now);
void pane_close_top(struct screen *s, struct pane *p, struct instant now);
void pane_close_details(struct screen *s, struct pane *p, struct instant now); /* all but its own */
/* How its view is to be painted now. */
struct view_look pane_look(struct screen *s, struct pane *p, struct instant now);
void panes_paint(struct screen *s, struct canvas *body, struct instant now);

/* The first pane that shows this source, or whose own view this is; NULL: none does. */
struct pane *pane_of_source(struct screen *s, enum source_id source);
struct pane *pane_of_view(struct screen *s, const struct view_ops *ops);
/* Opens a detail on a pane, above nothing else, and gives it the focus; p NULL: nothing happens. */
void pane_show(struct screen *s, struct pane *p, const struct view_ops *ops,
	const struct view_args *args, struct instant now);

/* screen_input.c: a line of text, typed at its end. */
enum input_end { INPUT_EDITED, INPUT_IGNORED, INPUT_ACCEPTED, INPUT_CANCELLED };
enum input_end input_key(char text[INPUT_BYTES], int key);
/* The line at the bottom: what is asked, or what was wrong with the answer, and what is typed. */
void input_paint(struct screen *s, struct canvas *all, const char *question);

/* The modes: what each does with a key, with the mouse, and how it is painted; screen.c has their
 * table. A key and the mouse give the action they came to, for screen.c to carry out: ACTION_NONE
 * for nothing more, ACTION_CLICK where the mouse means what lies below. */
void filter_begin(struct screen *s);
enum action_id filter_key(struct screen *s, int key, struct instant now);

/* screen_choices.c: what the palette has for what was typed. */
void choices_find(struct screen *s);

/* screen_palette.c */
void palette_begin(struct screen *s);
enum action_id palette_key(struct screen *s, int key, struct instant now);
enum action_id palette_point(
	struct screen *s, enum screen_pointer what, int row, struct instant now);
void palette_paint(struct screen *s, struct canvas *c, struct canvas *body, struct instant now);

/* screen_prompt.c: one line that is asked for, and the command it becomes. */
void prompt_begin(struct screen *s, const struct entry_ask *what, const struct incident *about,
	const char *text);
enum action_id prompt_key(struct screen *s, int key, struct instant now);
void prompt_paint(struct screen *s, struct canvas *all, struct canvas *body, struct instant now);

/* The line it gets becomes the text of c, which it takes. */
void prompt_command(struct screen *s, const char *question, struct command *c);

/* screen_sure.c: a question that y says yes to, and any other key no. Takes c; NULL: a yes leaves
 * k911. */
void sure_begin(struct screen *s, const char *question, struct command *c);
enum action_id sure_key(struct screen *s, int key, struct instant now);
void sure_paint(struct screen *s, struct canvas *all, struct canvas *body, struct instant now);

/* screen_form.c: a runbook's inputs, and screen_form_values.c: what may stand in them. */
void form_begin(struct screen *s, const char *runbook, struct instant now);
void form_show(struct screen *s); /* a new snapshot came: does it have what was not known yet? */
enum action_id form_key(struct screen *s, int key, struct instant now);
enum action_id form_point(struct screen *s, enum screen_pointer what, int row, struct instant now);
void form_paint(struct screen *s, struct canvas *all, struct canvas *body, struct instant now);
/* The first names that begin with stem and that an input could take now; given to vec_done. */
#define FORM_CHOICES 200
struct form_choices {
	char (*at)[RUN_VALUE];
	size_t len, cap;
};
void form_choices_find(const struct snapshot *s, const struct run_input_card *card,
	const char *stem, struct form_choices *out);
bool form_value_known(
	const struct snapshot *s, const struct run_input_card *card, const char *value);
/* False, and why, where it could never be the input's value. */
bool form_value_check(const struct run_input_card *card, const char *value, char why[160]);

/* screen_consent.c: what is asked before something is done. */
bool consent_begin(struct screen *s, const struct ask *a); /* false: it is no run's */
void consent_show(struct screen *s); /* a new snapshot came: does the run on the page ask? */
void consent_end(struct screen *s);  /* it is no longer asked */
enum action_id consent_key(struct screen *s, int key, struct instant now);
enum action_id consent_point(
	struct screen *s, enum screen_pointer what, int row, struct instant now);
void consent_paint(struct screen *s, struct canvas *all, struct canvas *body, struct instant now);

/* screen_act.c: did the view handle it? */
bool pane_act(struct screen *s, struct pane *p, const struct action *a, struct instant now);

/* screen_runs.c: the keys that speak about runbooks. */
bool runs_offers(struct screen *s, enum action_id id);
bool runs_act(struct screen *s, enum action_id id, struct instant now); /* false: none of them */
/* The run that the page with the focus is of; NULL: it is no such page. */
const struct run_seen *runs_on_page(struct screen *s);

/* screen_ask.c: the answer to a question of something under way */
void ask_begin(struct screen *s);
enum action_id ask_key(struct screen *s, int key, struct instant now);
void ask_paint(struct screen *s, struct canvas *all, struct canvas *body, struct instant now);
void ask_show(struct screen *s); /* a new snapshot came: is it still asked? */

/* screen_incident.c: the keys that speak about incidents. */
bool incident_offers(struct screen *s, enum action_id id);
/* False: not one of them. */
bool incident_act(struct screen *s, enum action_id id, struct instant now);

/* screen_help.c */
enum action_id help_key(struct screen *s, int key, struct instant now);
enum action_id help_point(struct screen *s, enum screen_pointer what, int row, struct instant now);
void help_paint(struct screen *s, struct canvas *all, struct canvas *body, struct instant now);

/* screen_hints.c: the bottom line. */
void hints_paint(struct screen *s, struct canvas *line, struct instant now);

#endif
