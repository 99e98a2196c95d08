/* The desk's inside, shared by the files that make it up and by nobody else. */
#ifndef OPS_DESK_PARTS_H
#define OPS_DESK_PARTS_H

#include "base/vec.h"
#include "ops/incident/desk.h"
#include "ops/incident/incident_watch.h"
#include "ops/incident/incidents.h"
#include "ops/incident/lead.h"
#include "ops/journal/journal_writer.h"
#include "ops/notify/notify.h"

/* An incident as the last book has it. */
struct desk_page {
	struct incident *copy; /* shared with books; NULL: to be made anew */
	char id[ULID_SIZE];
};

/* A line of the journal's page. */
struct desk_line {
	struct book_line line;
	struct journal_entry *entry; /* until its text is made: most are never shown */
};

/* What was told of a trouble nobody has opened an incident for. */
struct desk_announced {
	bool standing;
	int64_t detected_ms;
	enum level level, worst; /* as last told; the worst it ever had */
	unsigned changes;
	enum level other;      /* the level as it is, where that is not the one last told */
	struct instant turned; /* since when it is so; unset: it is as told */
	char sent[300];        /* who took it; "" */
};

/* Nothing at all answers: the cluster is gone, or this console's own link is. */
struct desk_dark {
	struct instant since;  /* unset: something answers */
	struct instant asked;  /* whether the receivers can be reached */
	unsigned heard;        /* how often they could be, as last looked at */
	struct instant proven; /* since when they can */
	struct instant latest; /* when they last could */
	char text[240];        /* what is told of it */
};

struct desk {
	struct journal_writer *writer; /* NULL: nothing is recorded */
	struct notify *notify;         /* NULL: nobody is told */
	struct notify_health unsent;   /* why not, where somebody should be */
	struct mailbox *sent;          /* struct notify_sent */
	struct mailbox *notices;
	struct incidents *is;
	struct incident_watch watch;
	struct author by;
	struct incident_cluster cluster;
	struct level_target targets[LEVEL_COUNT];
	char **lists[CHECKLIST_COUNT];
	int64_t hold_down_ms;

	bool read; /* what the journal held at the start is here, or cannot be had */
	struct journal_writer_state health;
	size_t owed;               /* entries the disk has not taken, as last looked at */
	struct instant owed_since; /* since when it took none of them */
	uint64_t refused;          /* by the journal's box, as last looked at */
	struct instant refused_at; /* when it was last full; unset: never */
	struct lead *lead;
	struct instant stepped;

	/* of the last step's snapshot */
	struct verdict verdict;
	const char *reasons[SEVERITY_REASONS]; /* into verdict */
	char broken[200];
	bool alerts_live;
	struct names alerts;

	struct availability_meter meter;
	struct instant asked;
	bool availability_known;
	struct availability availability;
	struct desk_announced announced;
	bool was_known; /* the cluster answered once, in this run */
	struct desk_dark dark;

	VEC(struct desk_page) pages;
	VEC(struct desk_line) lines; /* oldest first */
	bool stale;
	uint64_t number;
	struct book *book;
};

void desk_say(struct desk *d, enum notice_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool desk_record(struct desk *d, struct draft *draft); /* takes it; NULL: false */
void desk_record_all(struct desk *d, struct draft **drafts, size_t n);

/* desk_book.c: what is shown */
void desk_page_changed(struct desk *d, const struct journal_entry *en);
void desk_make_book(struct desk *d); /* if anything changed */
void desk_pages_done(struct desk *d);

/* desk_announce.c: telling the team of what nobody has opened yet */
void desk_announce(struct desk *d, struct instant now);
void desk_announce_dark(struct desk *d, struct instant now);
bool desk_was_announced(const struct desk *d, const struct incident *i);

#endif
