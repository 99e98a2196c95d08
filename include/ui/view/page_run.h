/* What is written of one run, or of a plan, on its page. UI thread. */
#ifndef UI_VIEW_PAGE_RUN_H
#define UI_VIEW_PAGE_RUN_H

#include "model/snapshot.h"
#include "ui/kit/widget_text.h"

struct run_page {
	const struct snapshot *snapshot;
	const struct run_seen *run;
	struct instant now;
};
void page_run_plan(struct pen *p, const struct run_page *page);
void page_run_write(struct pen *p, const struct run_page *page);

#endif
