/* Sections of a page that say how the cluster is, beside what an incident's journal says: what is
 * affected now, what was changed lately (the evidence for "confirm the scope" and "judge whether to
 * roll back"), and how the last minutes went. UI thread. */
#ifndef UI_VIEW_PAGE_CLUSTER_H
#define UI_VIEW_PAGE_CLUSTER_H

#include "model/snapshot.h"
#include "ui/kit/widget_text.h"

void page_cluster_impact(struct pen *p, const struct snapshot *s);
void page_cluster_changes(struct pen *p, const struct snapshot *s, struct instant now);
/* The sparklines of the last 15 minutes. */
void page_cluster_history(struct pen *p, const struct snapshot *s);

#endif
