/* What the files of `k911 incident` share. */
#ifndef APP_COMMAND_INCIDENT_H
#define APP_COMMAND_INCIDENT_H

#include "app/options.h"
#include "ops/incident/entry.h"
#include "ops/incident/incidents.h"

/* One call of the command: its options, its arguments, the journal it opened. */
struct incident_call {
	struct globals *g;
	const char *verb;
	char **args;
	int n_args;
	const char *level, *title, *detected, *started, *at, *reason, *cluster,
		*anchor; /* options; NULL: not given */
	bool json, starred, status;
	const char *output;      /* as it was said */
	char *path;              /* the journal's file */
	struct journal *journal; /* NULL: there is none to read */
	struct incidents *all;
	const struct incident *one; /* the incident that was named */
	struct entry_by by;
};

/* Text or JSON on stdout; an exit code. */
int incident_show(const struct incident_call *c);
int incident_list(const struct incident_call *c);
int incident_verdict(const struct incident_call *c, const struct journal_verdict *v);
int incident_unreadable(const struct incident_call *c, const struct err *e); /* for verify */

#endif
