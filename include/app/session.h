/* From configuration to what an engine is started with. Main thread. */
#ifndef APP_SESSION_H
#define APP_SESSION_H

#include "app/options.h"
#include "ops/engine/engine.h"

/* The engine's options as the configuration says; strings are borrowed from g and its config. */
struct session_options {
	struct engine_options engine;
	struct node_shell_options shell;
	char *state_dir; /* owned; NULL when there is no home to keep it in */
	char lost[300];  /* why nothing will be kept, for the operator; "" where it will */
	char *journal, *outbox, *lock_dir; /* owned: what the engine borrows */
	struct notify_target *receivers;
	struct runbook_set *runbooks;
};
int session_options_init(struct session_options *o, struct globals *g, struct err *e);
void session_options_done(struct session_options *o);

/* Opens the log in the state directory: nothing may write to the screen but the screen. Where the
 * usual directory cannot be written, goes on without (o->lost says so); one that was asked for is
 * an error. */
int session_log(const struct globals *g, struct session_options *o, struct err *e);

/* Runbooks can be run; incidents are kept in dir (NULL: there is no place for them). tells: the configuration's
 * receivers are sent alerts; practice calls nobody. After session_access. */
void session_desk(const struct globals *g, struct session_options *o, const char *dir, bool tells);

/* Where the team's own runbooks are; new, or NULL. And those and the built-in ones: a reference. */
char *session_runbook_dir(void);
struct runbook_set *session_runbooks(void);

/* The kubeconfig's access for the engine. ERR_MISSING when there is no kubeconfig. */
int session_access(const struct globals *g, struct session_options *o, struct err *e);

#endif
