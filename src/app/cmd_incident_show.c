/* An incident on stdout: for people, or as one JSON document "k911/incident/v1". Texts are made
 * harmless for a terminal; JSON carries them as they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd_incident.h"
#include "model/incident_status.h"

#define OUT_MAX (64u << 20)
#define SCHEMA  "k911/incident/v1"

/* ---- JSON ---- */

static void put_time(struct jsw *w, const char *key, int64_t ms)
{
	char text[32];

	jsw_str(w, key, ms == INCIDENT_NEVER ? NULL : instant_rfc3339(ms, text, sizeof(text)));
}

static void put_head(struct jsw *w, const struct incident *i)
{
	jsw_str(w, "id", i->alias);
	jsw_str(w, "uid", i->id);
	jsw_str(w, "title", rstr_text(i->title));
	jsw_str(w, "cluster", i->cluster[0] ? i->cluster : NULL);
	jsw_str(w, "level", level_name(i->level));
	jsw_str(w, "state", incident_state_name(incident_state(i)));
	for (int m = 0; m < INCIDENT_MOMENTS; m++)
		put_time(w, incident_moment_name((enum incident_moment)m), i->time[m].at_ms);
	jsw_int(w, "reopened", i->reopened);
}

static void put_clocks(struct jsw *w, const struct incident *i, int64_t now_ms)
{
	jsw_object(w, "clocks");
	for (int c = 0; c < SLA_CLOCKS; c++) {
		struct sla_state s = incident_clock(i, (enum sla_clock)c, now_ms);

		jsw_object(w, sla_name((enum sla_clock)c));
		jsw_int(w, "target_ms", s.left_ms + s.elapsed_ms);
		put_time(w, "deadline", s.deadline_ms);
		jsw_int(w, "elapsed_ms", s.elapsed_ms);
		jsw_int(w, "left_ms", s.left_ms);
		jsw_int(w, "percent", s.percent);
		jsw_bool(w, "stopped", s.stopped);
		jsw_bool(w, "breached", s.breached);
		put_time(w, "breached_at", s.breached_ms);
		jsw_end_object(w);
	}
	jsw_end_object(w);
}

static void put_people(struct jsw *w, const struct incident *i)
{
	jsw_array(w, "levels");
	for (size_t k = 0; k < i->levels.len; k++) {
		jsw_object(w, NULL);
		put_time(w, "at", i->levels.at[k].time.at_ms);
		jsw_str(w, "level", level_name(i->levels.at[k].level));
		jsw_str(w, "reason", rstr_text(i->levels.at[k].reason));
		jsw_str(w, "author", i->levels.at[k].author);
		jsw_end_object(w);
	}
	jsw_end_array(w);
	jsw_object(w, "roles");
	for (size_t k = 0; k < i->roles.len; k++)
		if (i->roles.at[k].who[0])
			jsw_str(w, i->roles.at[k].role, i->roles.at[k].who);
	jsw_end_object(w);
	jsw_array(w, "notes");
	for (size_t k = 0; k < i->notes.len; k++) {
		jsw_object(w, NULL);
		jsw_str(w, "id", i->notes.at[k].id);
		put_time(w, "at", i->notes.at[k].at_ms);
		jsw_str(w, "author", i->notes.at[k].author);
		jsw_bool(w, "starred", i->notes.at[k].starred);
		jsw_str(w, "text", rstr_text(i->notes.at[k].text));
		jsw_end_object(w);
	}
	jsw_end_array(w);
}

static void put_deeds(struct jsw *w, const struct incident *i)
{
	jsw_array(w, "links");
	for (size_t k = 0; k < i->links.len; k++) {
		jsw_object(w, NULL);
		put_time(w, "at", i->links.at[k].at_ms);
		jsw_str(w, "what", i->links.at[k].what);
		jsw_str(w, "name", rstr_text(i->links.at[k].name));
		jsw_end_object(w);
	}
	jsw_end_array(w);
	jsw_array(w, "actions");
	for (size_t k = 0; k < i->actions.len; k++) {
		const struct incident_action *a = &i->actions.at[k];

		jsw_object(w, NULL);
		jsw_str(w, "action", a->id);
		jsw_str(w, "state", a->state);
		jsw_str(w, "author", a->author);
		put_time(w, "at", a->at_ms);
		put_time(w, "end", a->end_ms);
		jsw_str(w, "title", a->title ? rstr_text(a->title) : NULL);
		jsw_str(w, "command", a->command ? rstr_text(a->command) : NULL);
		jsw_str(w, "result", a->result ? rstr_text(a->result) : NULL);
		jsw_end_object(w);
	}
	jsw_end_array(w);
	jsw_array(w, "reasons");
	for (size_t k = 0; k < i->reasons.len; k++)
		jsw_str(w, NULL, rstr_text(i->reasons.at[k]));
	jsw_end_array(w);
	jsw_str(w, "first_broken_layer", i->broken ? rstr_text(i->broken) : NULL);
}

static void put_item(struct jsw *w, const struct checklist_item *item)
{
	jsw_object(w, NULL);
	jsw_str(w, "item", item->name);
	jsw_str(w, "text", _(rstr_text(item->text)));
	jsw_bool(w, "ticked", item->ticked);
	jsw_str(w, "by", item->ticked ? item->by : NULL);
	put_time(w, "at", item->ticked ? item->at_ms : INCIDENT_NEVER);
	jsw_str(w, "evidence", item->evidence_text ? rstr_text(item->evidence_text) : NULL);
	jsw_end_object(w);
}

static void put_lists(struct jsw *w, const struct incident *i, int64_t now_ms)
{
	jsw_object(w, "checklists");
	for (int l = 0; l < CHECKLIST_COUNT; l++) {
		enum checklist_id list = (enum checklist_id)l;
		int done, all;

		checklist_count(&i->lists, list, &done, &all);
		jsw_object(w, checklist_name(list));
		jsw_str(w, "heading", _(checklist_heading(list)));
		put_time(w, "due", incident_due(i, list, now_ms));
		jsw_int(w, "done", done);
		jsw_int(w, "all", all);
		jsw_array(w, "items");
		for (size_t k = 0; k < i->lists.items.len; k++)
			if (i->lists.items.at[k].list == list)
				put_item(w, &i->lists.items.at[k]);
		jsw_end_array(w);
		jsw_end_object(w);
	}
	jsw_end_object(w);
}

static void put_timeline(struct jsw *w, const struct incident *i)
{
	jsw_array(w, "timeline");
	for (size_t k = 0; k < i->events.len; k++) {
		jsw_object(w, NULL);
		jsw_str(w, "id", i->events.at[k].id);
		put_time(w, "at", i->events.at[k].at_ms);
		jsw_str(w, "author", i->events.at[k].author);
		jsw_str(w, "kind", i->events.at[k].kind);
		jsw_str(w, "text", rstr_text(i->events.at[k].text));
		jsw_end_object(w);
	}
	jsw_end_array(w);
}

static void begin(struct jsw *w, struct buf *out)
{
	buf_init(out, OUT_MAX);
	jsw_init(w, out);
	jsw_object(w, NULL);
	jsw_str(w, "schema", SCHEMA);
}

static void end(struct jsw *w, struct buf *out)
{
	jsw_end_object(w);
	puts(buf_text(out));
	buf_done(out);
}

/* What a script keeps elsewhere, for `verify --anchor`. */
static void put_anchors(struct jsw *w, const struct incident_call *c)
{
	struct journal_head *heads = NULL;
	char hex[SHA_HEX];
	size_t n = 0;

	jsw_array(w, "anchors");
	journal_heads(c->journal, c->one->id, &heads, &n, NULL);
	for (size_t k = 0; k < n; k++) {
		jsw_object(w, NULL);
		jsw_str(w, "origin", heads[k].origin);
		jsw_int(w, "seq", heads[k].seq);
		jsw_str(w, "hash", sha_hex(heads[k].hash, hex));
		jsw_end_object(w);
	}
	jsw_end_array(w);
	free(heads);
}

static void show_json(const struct incident_call *c)
{
	const struct incident *i = c->one;
	struct jsw w;
	struct buf out;

	begin(&w, &out);
	put_head(&w, i);
	put_clocks(&w, i, c->by.now_ms);
	put_people(&w, i);
	put_deeds(&w, i);
	put_lists(&w, i, c->by.now_ms);
	put_timeline(&w, i);
	put_anchors(&w, c);
	end(&w, &out);
}

/* ---- text ---- */

/* Prints s so that it does nothing to a terminal. */
static void say(const char *s)
{
	size_t n = strlen(s), room = 8 * n + 1;
	char *safe = mem_zero(room, 1);

	text_safe(safe, room, s, n);
	fputs(safe, stdout);
	free(safe);
}

static void say_time(int64_t ms)
{
	char text[32];

	printf("%-19s  ", ms == INCIDENT_NEVER ? "-" : instant_local(ms, text, sizeof(text)));
}

static void say_clock(const struct incident *i, enum sla_clock c, int64_t now_ms)
{
	struct sla_state s = incident_clock(i, c, now_ms);
	char target[32], taken[32], left[32];

	incident_span(s.left_ms + s.elapsed_ms, target, sizeof(target));
	incident_span(s.elapsed_ms, taken, sizeof(taken));
	incident_span(s.left_ms, left, sizeof(left));
	printf("  %-10s  ", _(sla_title(c)));
	if (s.stopped)
		printf(s.breached ? _("stopped after %s, target %s: breached\n")
				  : _("stopped after %s, target %s: kept\n"),
			taken, target);
	else if (s.left_ms < 0)
		printf(_("over by %s, target %s: breached\n"), left + 1, target);
	else
		printf(s.breached ? _("%s left of %s; breached before the level changed\n")
				  : _("%s left of %s\n"),
			left, target);
}

static void say_list(const struct incident *i, enum checklist_id list, int64_t now_ms)
{
	int64_t due = incident_due(i, list, now_ms);
	char text[32];
	int done, all;

	checklist_count(&i->lists, list, &done, &all);
	printf("\n%s (%s) %d/%d", _(checklist_title(list)), _(checklist_heading(list)), done, all);
	if (due != INCIDENT_NEVER)
		printf(_(", due %s"), instant_local(due, text, sizeof(text)));
	putchar('\n');
	for (size_t k = 0; k < i->lists.items.len; k++) {
		const struct checklist_item *item = &i->lists.items.at[k];

		if (item->list != list)
			continue;
		printf("  [%c] %-20s ", item->ticked ? 'x' : ' ', item->name);
		say(_(rstr_text(item->text)));
		if (item->ticked) {
			printf("  (");
			say(item->by);
			if (item->evidence_text) {
				printf(", ");
				say(rstr_text(item->evidence_text));
			}
			putchar(')');
		}
		putchar('\n');
	}
}

static void show_text(const struct incident *i, int64_t now_ms)
{
	printf("%s %s  ", level_name(i->level), i->alias);
	say(rstr_text(i->title));
	printf("  [%s]\n", _(incident_state_title(incident_state(i))));
	for (int m = 0; m < INCIDENT_MOMENTS; m++) {
		if (i->time[m].at_ms == INCIDENT_NEVER)
			continue;
		say_time(i->time[m].at_ms);
		puts(_(incident_moment_title((enum incident_moment)m)));
	}
	for (int c = 0; c < SLA_CLOCKS; c++)
		say_clock(i, (enum sla_clock)c, now_ms);
	for (size_t k = 0; k < i->roles.len; k++) {
		printf("  ");
		say(i->roles.at[k].role);
		printf("  ");
		say(i->roles.at[k].who);
		putchar('\n');
	}
	for (int l = 0; l < CHECKLIST_COUNT; l++)
		say_list(i, (enum checklist_id)l, now_ms);
	printf("\n%s\n", _("Timeline"));
	for (size_t k = 0; k < i->events.len; k++) {
		say_time(i->events.at[k].at_ms);
		say(i->events.at[k].author);
		printf("  ");
		say(rstr_text(i->events.at[k].text));
		putchar('\n');
	}
}

int incident_show(const struct incident_call *c)
{
	if (c->json)
		show_json(c);
	else
		show_text(c->one, c->by.now_ms);
	return EXIT_OK;
}

/* ---- lists and verdicts ---- */

int incident_list(const struct incident_call *c)
{
	struct jsw w;
	struct buf out;

	if (c->json) {
		begin(&w, &out);
		jsw_array(&w, "incidents");
	}
	for (size_t k = 0; k < incidents_count(c->all); k++) {
		const struct incident *i = incidents_at(c->all, k);

		if (c->json) {
			jsw_object(&w, NULL);
			put_head(&w, i);
			put_clocks(&w, i, c->by.now_ms);
			jsw_end_object(&w);
			continue;
		}
		printf("%-8s  %-2s  %-12s  ", i->alias, level_name(i->level),
			_(incident_state_title(incident_state(i))));
		say_time(i->time[INCIDENT_DETECTED].at_ms);
		say(rstr_text(i->title));
		putchar('\n');
	}
	if (c->json) {
		jsw_end_array(&w);
		end(&w, &out);
	} else if (incidents_count(c->all) == 0) {
		puts(_("no incident is recorded"));
	}
	return EXIT_OK;
}

/* What an anchor vouched for, or null. */
static void put_anchor(struct jsw *w, const struct incident_call *c, const struct journal_anchor *a)
{
	char alias[JOURNAL_ALIAS];

	if (c->anchor == NULL) {
		jsw_null(w, "anchor");
		return;
	}
	jsw_object(w, "anchor");
	jsw_str(w, "hash", c->anchor);
	jsw_bool(w, "found", a->found);
	jsw_str(w, "incident", a->number ? journal_alias(a->number, alias, sizeof(alias)) : NULL);
	jsw_str(w, "origin", a->found ? a->origin : NULL);
	jsw_int(w, "seq", a->seq);
	jsw_int(w, "later", a->later);
	jsw_end_object(w);
}

static void put_fault(struct jsw *w, const struct journal_fault *f)
{
	char alias[JOURNAL_ALIAS];

	jsw_object(w, NULL);
	jsw_str(w, "incident", f->number ? journal_alias(f->number, alias, sizeof(alias)) : NULL);
	jsw_str(w, "uid", f->incident);
	jsw_str(w, "origin", f->origin);
	jsw_int(w, "seq", f->seq);
	jsw_str(w, "entry", f->id[0] ? f->id : NULL);
	jsw_str(w, "text", f->text);
	jsw_end_object(w);
}

static void verdict_json(const struct incident_call *c, const struct journal_verdict *v)
{
	struct jsw w;
	struct buf out;

	begin(&w, &out);
	jsw_bool(&w, "ok", v->faults.len == 0);
	jsw_int(&w, "entries", v->entries);
	jsw_int(&w, "chains", v->chains);
	put_anchor(&w, c, &v->anchor);
	jsw_array(&w, "faults");
	for (size_t k = 0; k < v->faults.len; k++)
		put_fault(&w, &v->faults.at[k]);
	jsw_end_array(&w);
	end(&w, &out);
}

static void say_fault(const struct journal_fault *f)
{
	char alias[JOURNAL_ALIAS];

	if (f->seq > 0) {
		printf(_("%s: entry %lld of "),
			f->number ? journal_alias(f->number, alias, sizeof(alias))
				  : (f->incident[0] ? f->incident : _("no incident")),
			(long long)f->seq);
		say(f->origin);
		if (f->id[0]) {
			printf(" (");
			say(f->id);
			putchar(')');
		}
		printf(": ");
	} else if (f->number > 0) {
		printf("%s: ", journal_alias(f->number, alias, sizeof(alias)));
	}
	say(f->text);
	putchar('\n');
}

/* No more is promised than was proven. */
static void say_proof(const struct journal_verdict *v)
{
	char alias[JOURNAL_ALIAS];

	printf(_("%lld entries in %lld chains are as they were written\n"), (long long)v->entries,
		(long long)v->chains);
	if (v->anchor.found) {
		printf(_("the anchor is entry %lld of %s: it and all before it are as they were "
			 "when it "
			 "was told; %lld came later\n"),
			(long long)v->anchor.seq,
			journal_alias(v->anchor.number, alias, sizeof(alias)),
			(long long)v->anchor.later);
		return;
	}
	puts(_("not proven: that nothing newer was here, and that nobody wrote all of it anew. "
	       "An anchor from a report or an alert proves it: --anchor HASH"));
}

int incident_verdict(const struct incident_call *c, const struct journal_verdict *v)
{
	if (c->json)
		verdict_json(c, v);
	for (size_t k = 0; !c->json && k < v->faults.len; k++)
		say_fault(&v->faults.at[k]);
	if (!c->json && v->faults.len == 0)
		say_proof(v);
	return v->faults.len ? EXIT_CRITICAL : EXIT_OK;
}

int incident_unreadable(const struct incident_call *c, const struct err *e)
{
	struct jsw w;
	struct buf out;

	if (c->json) {
		begin(&w, &out);
		jsw_null(&w, "ok");
		jsw_str(&w, "unreadable", e->text);
		end(&w, &out);
	}
	complain(e);
	return e->code == ERR_USAGE ? EXIT_USAGE : EXIT_UNKNOWN;
}
