/* A view: a const table that paints a canvas from a snapshot. No curses, no clock (the snapshot's
 * `at`, or `now` where ages must run on between snapshots), no I/O. UI thread. */
#ifndef UI_KIT_VIEW_H
#define UI_KIT_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/command.h"
#include "model/snapshot.h"
#include "ui/kit/action.h"
#include "ui/kit/canvas.h"

struct view_ops;

/* What a view is opened on: an object's key. All zero for a pane. */
struct view_args {
	char ns[64];
	char name[256];
	char container[64];
	char text[COMMAND_TEXT]; /* a runbook's inputs, "k=v" in lines */
	uint64_t id;             /* etcd member */
	bool previous;           /* previous container's log */
	/* Number for a feed the view may open; the screen gives each view it opens a new one. */
	uint32_t feed;
};

/* How it is to be painted now. */
struct view_look {
	struct instant now;
	bool focused;
	bool zoomed;        /* has the whole screen: show every column */
	const char *filter; /* "" for none; case-insensitive substring over the row's text */
};

/* What an action led to; all zero: the view did something by itself, or nothing. */
struct view_reply {
	bool handled;
	struct command *command; /* to post to the engine; the screen takes it */
	/* N_(): it is posted with the line that the operator gives to this question as its text */
	const char *ask;
	char sure[200];              /* it is posted once the operator says yes to this question */
	char form[64];               /* the runbook whose form is to be opened */
	const struct view_ops *open; /* to put on top of this one, with args */
	struct view_args args;
	/* Close this one; with open as well: the new one takes its place. */
	bool back;
	char say[200]; /* a sentence for the notice line */
};

struct view_ops {
	const char *name;  /* stable: "nodes" */
	const char *title; /* N_() key: "nodes" */
	/* What a view of its kind (a table, a page) is made from. */
	const void *of;
	/* command may be set to what must be posted at once (a feed to open). */
	void *(*open)(const struct view_ops *view, const struct view_args *args,
		struct command **command);
	/* The title line's text beside the name ("1003, 2 not ready"), with its role. */
	void (*head)(void *state, const struct snapshot *s, const struct view_look *look, char *dst,
		size_t size, enum role *role);
	void (*draw)(void *state, const struct snapshot *s, struct canvas *c,
		const struct view_look *look);
	void (*act)(void *state, const struct snapshot *s, const struct action *a,
		const struct view_look *look, struct view_reply *reply);
	/* Gives what must be posted when the view goes (closing its feed), or NULL; frees the
	 * state. */
	struct command *(*close)(void *state);
	/* Actions it understands, ACTION_NONE-terminated: the hint line and the help. */
	const enum action_id *actions;
	/* Which of them would do something now; NULL: all of them */
	bool (*offers)(void *state, const struct snapshot *s, enum action_id id);
	/* N_() key, one word: what Enter does, where it opens no detail; NULL: it does */
	const char *enter;
};

#endif
