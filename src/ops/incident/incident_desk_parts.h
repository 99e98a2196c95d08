/* The desk's inside, shared by the files that make it up and by nobody else. */
#ifndef OPS_INCIDENT_INCIDENT_DESK_PARTS_H
#define OPS_INCIDENT_INCIDENT_DESK_PARTS_H

#include "base/vec.h"
#include "ops/incident/incident_desk.h"
#include "ops/incident/incident_watch.h"
#include "ops/incident/incidents.h"
#include "ops/incident/lead.h"
#include "ops/journal/journal_writer.h"
#include "ops/notify/notify.h"

/* An incident as the last book has it. */
struct incident_desk_page {
	struct incident *copy; /* shared with books; NULL: to be made anew */
	char id[ULID_SIZE];
};

/* A line of the journal's page. */
struct incident_desk_line {
	struct casebook_line line;
	struct journal_entry *entry; /* until its text is made: most are never shown */
};

/* An entry of ours on its way to the disk: the team is not told of it yet. */
struct incident_desk_untold {
	struct journal_entry *entry;
	struct instant since; /* unset until the next step */
};

/* A notification that notify had no room for yet. */
struct incident_desk_telling {
	struct notification alert;
	bool heard_of;
};

/* Notifications sent for trouble that has no incident yet. */
struct incident_desk_announced {
	bool standing;
	bool pending; /* it is to be told, as detected then; nobody was told yet */
	int64_t detected_ms;
	enum level level, worst; /* as last told; the worst it ever had */
	unsigned changes;
	enum level other;      /* the level as it is, where that is not the one last told */
	struct instant turned; /* since when it is so; unset: it is as told */
	char sent[300];        /* who took it; "" */
	int64_t seen_ms;       /* when it last was there for whoever led */
	bool recalled;         /* another console told it: is it the same that is there now? */
};

/* Nothing at all answers: the cluster is gone, or this console's own link is. */
struct incident_desk_dark {
	struct instant since;  /* unset: something answers */
	struct instant asked;  /* whether the receivers can be reached */
	unsigned heard;        /* how often they could be, as last looked at */
	struct instant proven; /* since when they can */
	struct instant latest; /* when they last could */
	char text[240];        /* what is told of it */
};

struct incident_desk {
	struct journal_writer *writer; /* NULL: nothing is recorded */
	struct notify *notify;         /* NULL: nobody is told */
	struct mailbox *sent;          /* struct notify_sent */
	struct mailbox *notices;
	void (*also)(void *arg, const struct journal_entry *en); /* or NULL */
	void *arg;
	struct incidents *is;
	VEC(struct incident_desk_untold) untold;     /* oldest first */
	VEC(struct incident_desk_telling *) telling; /* as well */
	struct incident_watch watch;
	struct author by;
	struct incident_cluster cluster;
	struct level_target targets[LEVEL_COUNT];
	char **lists[CHECKLIST_COUNT];
	int64_t hold_down_ms;

	bool read;            /* what the journal held at the start is here, or cannot be had */
	struct instant heard; /* while it is not read: when something last came of it */
	struct journal_writer_state health;
	size_t owed;               /* entries the disk has not taken, as last looked at */
	struct instant owed_since; /* since when it took none of them */
	uint64_t refused;          /* by the journal's box, as last looked at */
	struct instant refused_at; /* when it was last full; unset: never */
	struct lead *lead;
	bool led; /* as of the last step */
	struct instant stepped;

	/* of the last step's snapshot */
	struct verdict verdict;
	const char *reasons[RULE_COUNT]; /* into verdict */
	char broken[200];
	bool alerts_live;
	struct names alerts;

	struct availability_meter meter;
	struct instant asked;
	bool availability_known;
	struct availability availability;
	struct incident_desk_announced announced;
	bool was_known; /* the cluster answered once, in this run */
	struct incident_desk_dark dark;

	VEC(struct incident_desk_page) pages;
	VEC(struct incident_desk_line) lines; /* oldest first */
	bool stale;
	uint64_t number;
	struct casebook *book;
};

/* Takes it; NULL: false. */
bool incident_desk_record(struct incident_desk *d, struct journal_draft *draft);
void incident_desk_record_all(struct incident_desk *d, struct journal_draft **drafts, size_t n);

/* incident_book.c: what is shown */
void incident_desk_page_changed(struct incident_desk *d, const struct journal_entry *en);
void incident_desk_make_book(struct incident_desk *d); /* if anything changed */
void incident_desk_pages_done(struct incident_desk *d);

/* incident_announce.c: telling the team, also of what nobody has opened yet */
/* As notify_post; what finds no room there is posted by incident_desk_tell_on. */
void incident_desk_tell(struct incident_desk *d, const struct notification *a, bool heard_of);
void incident_desk_tell_on(struct incident_desk *d);
void incident_desk_announce(struct incident_desk *d, struct instant now);
void incident_desk_announce_dark(struct incident_desk *d, struct instant now);
void incident_desk_recall(struct incident_desk *d); /* as another console left it */
void incident_desk_leave_word(struct incident_desk *d, struct instant now); /* for the next one */
void incident_desk_date_proposal(struct incident_desk *d); /* from where what was told began */
bool incident_desk_was_announced(const struct incident_desk *d, const struct incident *i);

#endif
