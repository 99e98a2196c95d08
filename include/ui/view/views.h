/* Every view there is. */
#ifndef UI_VIEW_VIEWS_H
#define UI_VIEW_VIEWS_H

#include "ui/kit/view.h"

extern const struct view_ops view_nodes;         /* pane 1 */
extern const struct view_ops view_system_pods;   /* pane 2 */
extern const struct view_ops view_etcd;          /* pane 3 */
extern const struct view_ops view_events;        /* pane 4 */
extern const struct view_ops view_layers;        /* pane 6 */
extern const struct view_ops view_node_detail;   /* args.name */
extern const struct view_ops view_pod_detail;    /* args.ns, args.name */
extern const struct view_ops view_member_detail; /* args.id, args.name */
extern const struct view_ops view_event_detail;  /* args.name: the uid */
/* Pane 5: the current incident's lists, or what is proposed. */
extern const struct view_ops view_checklist;
/* args.name: its ULID; "" the current one, whichever that is */
extern const struct view_ops view_incident;
extern const struct view_ops view_incidents; /* all of them */
extern const struct view_ops view_journal;   /* every entry */
/* args.name: an incident's ULID; its text for the chat */
extern const struct view_ops view_status;
extern const struct view_ops view_alerts;   /* what fires */
extern const struct view_ops view_cluster;  /* the header's detail */
extern const struct view_ops view_log;      /* args.ns, name, container, previous, feed */
extern const struct view_ops view_runbooks; /* the menu */
extern const struct view_ops view_actions;  /* pane 7: runs, debts, what was done */
/* args.name: a runbook, args.text: its inputs. Opening it asks for its plan, or starts it. */
extern const struct view_ops view_plan, view_start;
extern const struct view_ops view_run; /* args.name: a run's ULID */

#endif
