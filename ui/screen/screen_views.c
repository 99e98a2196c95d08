/* What the console is made of: its panes, in the order Tab visits them, and the details the palette
 * jumps to. A new pane is a row here and a number in ui/kit/layout.c. */
#include "ui/screen/screen.h"
#include "ui/view/header.h"
#include "ui/view/views.h"

static const struct screen_pane panes[] = {
	{1, &view_nodes, SOURCE_NODES},
	{2, &view_system_pods, SOURCE_PODS},
	{3, &view_etcd, SOURCE_ETCD},
	{4, &view_events, SOURCE_EVENTS},
	{5, &view_checklist, SOURCE_JOURNAL},
	{6, &view_layers, SOURCE_PROBES},
	{7, &view_actions, SOURCE_JOURNAL},
};

const struct screen_views screen_views = {
	.panes = panes,
	.n_panes = sizeof(panes) / sizeof(panes[0]),
	.node = &view_node_detail,
	.pod = &view_pod_detail,
	.member = &view_member_detail,
	.incident = &view_incident,
	.incidents = &view_incidents,
	.journal = &view_journal,
	.status = &view_status,
	.alerts = &view_alerts,
	.cluster = &view_cluster,
	.actions = &view_actions,
	.runbooks = &view_runbooks,
	.plan = &view_plan,
	.start = &view_start,
	.run = &view_run,
	.header = header_draw,
};
