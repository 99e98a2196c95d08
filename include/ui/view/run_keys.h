/* What the run's page and the pane of actions do alike with a run. UI thread. */
#ifndef UI_VIEW_RUN_KEYS_H
#define UI_VIEW_RUN_KEYS_H

#include <stdbool.h>

#include "model/snapshot.h"
#include "ui/kit/view.h"

/* Would the action do something with this run? r NULL: never. */
bool run_offers(const struct run_seen *r, const struct snapshot *s, enum action_id id);
/* Does it, or says why not: stops the run (asked first), goes on with it, opens the form of what is
 * planned or of the runbook that helps. Any other action is left alone. */
void run_act(const struct run_seen *r, const struct snapshot *s, enum action_id id,
	struct view_reply *reply);

#endif
