/* `k911 incident`: the journal from a shell, with no cluster and no console. Every verb is a row:
 * how many arguments, whether it reads or writes, what it does; those that record something are the
 * rows of model/entry_ask. A verb that writes shows the
 * incident afterwards, so that a script sees what it made. */
#include "cmd_incident.h"
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/author.h"
#include "base/i18n.h"
#include "base/instant.h"
#include "base/nearest.h"
#include "base/text.h"
#include "cluster/cluster_key.h"
#include "cluster/kubeconfig.h"
#include "io/file.h"
#include "io/own_dir.h"
#include "model/incident_status.h"
#include "ops/incident/report.h"
#include "ops/notify/notify.h"

#define TELL_MS    3000
#define NOTE_MAX   (128u << 10) /* bytes of stdin */
#define IMPORT_MAX JOURNAL_EXPORT_MAX

/* ---- where ---- */

static int find_journal(struct incident_call *c, bool writes, struct err *e)
{
	char *dir = c->g->state_dir ? file_expand(c->g->state_dir) : file_state_dir(), *real = NULL;
	int rc = 0;

	if (dir == NULL)
		return err_set(e, ERR_USAGE,
			_("there is no home directory for the journal: name one with --state-dir"));
	if (writes)
		rc = own_dir_make(dir, &real, e);
	c->path = str_fmt("%s/journal.db", real ? real : dir);
	free(real);
	free(dir);
	return rc;
}

/* Reading needs no file: a journal that was never begun is an empty one. */
static int open_journal(struct incident_call *c, bool writes, struct err *e)
{
	if (find_journal(c, writes, e) != 0)
		return -1;
	c->all = incidents_new();
	c->journal = journal_open(c->path, writes ? DB_WRITE : DB_READ, e);
	if (c->journal == NULL && !writes && e->code == ERR_MISSING) {
		*e = (struct err){.code = ERR_NONE};
		return 0;
	}
	if (c->journal == NULL || incidents_load(c->all, c->journal, e) != 0)
		return -1;
	return journal_still(c->journal, e);
}

static void close_call(struct incident_call *c)
{
	incidents_free(c->all);
	journal_close(c->journal);
	free(c->path);
}

/* The incident that args[0] names. A missing one
 * exits 2 (failed), not 65 (bad input). */
static int name_one(struct incident_call *c, struct err *e)
{
	char id[ULID_SIZE];

	if (c->journal == NULL)
		err_set(e, ERR_MISSING, _("there is no incident %s: %s is not there yet"),
			c->args[0], c->path);
	else if (journal_find(c->journal, c->args[0], id, e) == 0)
		c->one = incidents_get(c->all, id);
	if (c->one != NULL)
		return 0;
	if (e->code == ERR_MISSING || e->code == ERR_NONE)
		e->code = ERR_SERVER;
	return -1;
}

/* ---- arguments ---- */

static int read_time(const char *option, const char *text, int64_t *out, struct err *e)
{
	*out = INCIDENT_NEVER;
	if (text == NULL)
		return 0;
	*out = instant_parse(text);
	if (*out == INT64_MIN)
		return err_set(e, ERR_USAGE,
			_("--%s %s is no time: write it like 2026-11-23T04:43:50Z or with an "
			  "offset like +08:00"),
			option, text);
	return 0;
}

static int read_level(const char *text, enum level *out, struct err *e)
{
	if (level_parse(text, out))
		return 0;
	return err_set(e, ERR_USAGE, _("%s is no level: choose P0, P1, P2 or P3"), text);
}

/* All of stdin, up to max. */
static int read_stdin(size_t max, char **text, size_t *n, struct err *e)
{
	struct buf in;
	char part[4096];
	size_t got;

	buf_init(&in, max);
	while ((got = fread(part, 1, sizeof(part), stdin)) > 0)
		buf_add(&in, part, got);
	if (in.over) {
		buf_done(&in);
		return err_set(e, ERR_USAGE, _("stdin has more than %zu KiB"), max >> 10);
	}
	*n = in.len;
	*text = buf_take(&in);
	return 0;
}

/* ---- writing ---- */

/* What came from a receiver or a broken file does nothing to the terminal. */
static void warn(const char *what, const char *why)
{
	char safe[2 * sizeof(((struct notify_health *)0)->damage)];

	text_safe(safe, sizeof(safe), why, strlen(why));
	fprintf(stderr, "k911: %s: %s\n", what, safe);
}

/* The team hears of it from here as from a console. What does not get through in time waits on the
 * disk for whichever k911 runs next. */
static void tell_team(const struct incident_call *c, const struct notification *a)
{
	struct notify_target *targets = config_notify_targets(&c->g->config->notify);
	char *outbox = file_beside(c->path, "notify.db");
	const struct notify_options o = {
		.path = outbox, .targets = targets, .n = c->g->config->notify.n};
	struct notify_health health = {.failing = 0};
	struct err e = {0};
	struct notify *n = notify_start(&o, &e);
	int64_t waiting = 0;

	if (n) {
		notify_put(n, a, &e);
		waiting =
			notify_flush(n, TELL_MS); /* what the disk refused goes out all the same */
		notify_health(n, &health);
	}
	notify_stop(n);
	if (e.code != ERR_NONE)
		fprintf(stderr, "k911: %s\n", e.text);
	else if (waiting != 0)
		fprintf(stderr, "k911: %s\n",
			_("not every receiver took the alert yet: k911 tries again when it runs"));
	if (waiting != 0 && health.to[0])
		warn(health.to, health.why);
	if (health.damage[0])
		warn(_("the outbox was damaged"), health.damage);
	free(outbox);
	free(targets);
}

static void tell(const struct incident_call *c, struct journal_draft *d)
{
	struct journal_entry *en;
	struct notification a;

	if (c->g->config->notify.n == 0 || c->one == NULL)
		return;
	en = journal_get(c->journal, d->id, NULL);
	if (en != NULL && entry_notification(&a, c->one, en))
		tell_team(c, &a);
	free(en);
}

/* Writes the draft and shows what became of the incident. */
static int record(struct incident_call *c, struct journal_draft *d, struct err *e)
{
	char id[ULID_SIZE];
	int rc = -1;

	if (d == NULL)
		return -1;
	str_copy(id, sizeof(id), d->incident);
	if (journal_append(c->journal, &d, 1, e) == 0) {
		incidents_free(c->all);
		c->all = incidents_new();
		rc = incidents_load(c->all, c->journal, e);
	}
	if (rc == 0) {
		c->one = incidents_get(c->all, id);
		tell(c, d);
	}
	journal_draft_free(d);
	return rc;
}

/* The kubeconfig's cluster, where there is one; an incident needs none. */
static void current_cluster(const struct globals *g, struct incident_cluster *out)
{
	const char *path = g->kubeconfig ? g->kubeconfig : g->config->cluster.kubeconfig;
	const char *context = g->context ? g->context : g->config->cluster.context;
	struct kube_access *access = NULL;
	struct cluster_key key;

	memset(out, 0, sizeof(*out));
	if (kubeconfig_load(path && path[0] ? path : NULL, context && context[0] ? context : NULL,
		    &access, NULL) == 0) {
		cluster_key_of(access, &key);
		incident_cluster_of(access->cluster, cluster_key_authority(&key), out);
	}
	kube_access_free(access);
}

static int verb_open(struct incident_call *c, struct err *e)
{
	struct entry_opening r = {
		.title = c->title, .level = LEVEL_P1, .given = c->detected || c->started};
	struct incident_cluster of = {.name = ""};

	if (c->title == NULL)
		return err_set(
			e, ERR_USAGE, _("open needs --title: one line that says what is wrong"));
	if ((c->level && read_level(c->level, &r.level, e) != 0) ||
		read_time("detected", c->detected, &r.detected_ms, e) != 0 ||
		read_time("started", c->started, &r.started_ms, e) != 0)
		return -1;
	if (c->cluster)
		str_copy(of.name, sizeof(of.name), c->cluster);
	else
		current_cluster(c->g, &of);
	r.cluster = of.name;
	r.authority = of.authority;
	r.target = c->g->config->levels[r.level];
	for (int l = 0; l < CHECKLIST_COUNT; l++)
		r.lists[l] = (const char *const *)c->g->config->checklists[l];
	return record(c, entry_open(&r, &c->by, e), e);
}

/* A long text may come from stdin: *owned is to be freed. */
static int read_text(const char **text, char **owned, struct err *e)
{
	size_t n = 0;

	if (!str_eq(*text, "-"))
		return 0;
	if (read_stdin(NOTE_MAX, owned, &n, e) != 0)
		return -1;
	while (n > 0 && ((*owned)[n - 1] == '\n' || (*owned)[n - 1] == '\r'))
		(*owned)[--n] = '\0';
	*text = *owned;
	return 0;
}

/* How many arguments a form has behind the incident. */
static const int form_args[] = {
	[FORM_LEVEL] = 1,
	[FORM_TEXT] = 1,
	[FORM_PAIR] = 2,
	[FORM_ROLE] = 2,
	[FORM_ITEM] = 1,
	[FORM_NOTE] = 1,
	[FORM_REASON] = 0,
	[FORM_NOTHING] = 0,
};

/* The words of the arguments and options. */
static int read_words(
	struct incident_call *c, enum entry_form form, struct entry_words *w, struct err *e)
{
	*w = (struct entry_words){.level = LEVEL_NONE,
		.at_ms = INCIDENT_NEVER,
		.text = c->n_args > 1 ? c->args[c->n_args - 1] : c->reason,
		.name = c->n_args > 1 ? c->args[1] : NULL,
		.given = c->at != NULL,
		.on = c->starred};
	if (form == FORM_NOTHING)
		return read_time("at", c->at, &w->at_ms, e);
	if (form != FORM_LEVEL)
		return 0;
	w->text = c->reason;
	if (read_level(c->args[1], &w->level, e) != 0)
		return -1;
	return c->reason != NULL
		       ? 0
		       : err_set(e, ERR_USAGE, _("level needs --reason: why it is %s now"),
				 level_name(w->level));
}

static int record_asked(struct incident_call *c, const struct entry_ask *a, struct err *e)
{
	struct entry_request q = {.i = c->one, .targets = c->g->config->levels};
	struct journal_draft *d;
	char *owned = NULL;
	int rc;

	if (read_words(c, a->form, &q.words, e) != 0 ||
		(a->is_long && read_text(&q.words.text, &owned, e) != 0))
		return -1;
	d = entry_make(a->kind, &q, &c->by, e);
	if (d == NULL && a->form == FORM_ITEM && e->code == ERR_MISSING)
		e->code = ERR_USAGE;
	rc = record(c, d, e);
	free(owned);
	return rc;
}

/* ---- reading ---- */

static int verb_show(struct incident_call *c, struct err *e)
{
	(void)c;
	(void)e;
	return 0; /* what every verb ends with */
}

static int verb_list(struct incident_call *c, struct err *e)
{
	(void)e;
	incident_list(c);
	return 1;
}

static int put_out(struct buf *text)
{
	fwrite(buf_text(text), 1, text->len, stdout);
	buf_done(text);
	return 1;
}

static int verb_report(struct incident_call *c, struct err *e)
{
	int64_t at = incident_present(&c->one->time[INCIDENT_DETECTED]), from, to;
	struct watched_span *spans = NULL;
	struct journal_head *heads = NULL;
	struct report_facts facts = {.heads = NULL};
	struct availability a;
	struct buf out;
	size_t n = 0;

	buf_init(&out, REPORT_MAX);
	if (c->status) {
		incident_status(c->one, c->by.now_ms, &out);
		buf_putc(&out, '\n');
		return put_out(&out);
	}
	availability_month(at, &from, &to);
	if (journal_watched_get(c->journal, c->one->cluster, from, to, &spans, &n, e) != 0)
		return -1;
	a = availability_of(spans, n, from, c->by.now_ms);
	free(spans);
	if (journal_heads(c->journal, c->one->id, &heads, &facts.n_heads, e) != 0)
		return -1;
	facts.availability = &a;
	facts.heads = heads;
	report_markdown(c->one, &facts, c->by.now_ms, &out);
	free(heads);
	return put_out(&out);
}

static int verb_export(struct incident_call *c, struct err *e)
{
	struct buf out;

	return journal_export(c->journal, c->one->id, &out, e) == 0 ? put_out(&out) : -1;
}

/* A file that holds nothing was emptied, or left by a k911 that was killed as it began. */
static void find_hollow(const struct incident_call *c, struct journal_verdict *v)
{
	struct journal_fault *f;

	if (!file_exists(c->path))
		return;
	f = vec_add(&v->faults);
	snprintf(f->text, sizeof(f->text),
		_("%s is there and holds no journal: it was emptied, or never begun"), c->path);
}

/* 1: whole; 3: it is not; 4: it cannot be read. */
static int verb_verify(struct incident_call *c, struct err *e)
{
	unsigned char anchor[SHA_BYTES];
	struct journal_verdict v = {0};
	int rc;

	if (c->anchor && !sha_parse(c->anchor, anchor))
		return err_set(e, ERR_USAGE,
			_("--anchor %s is no hash: it has the 64 digits that stand in a report or "
			  "an "
			  "alert"),
			c->anchor);
	if (c->n_args > 0 && name_one(c, e) != 0)
		return -1;
	if (c->journal == NULL)
		find_hollow(c, &v);
	else if (journal_verify_anchor(c->journal, c->one ? c->one->id : NULL,
			 c->anchor ? anchor : NULL, &v, e) != 0)
		return 1 + incident_unreadable(c, e);
	rc = incident_verdict(c, &v);
	journal_verdict_done(&v);
	return 1 + rc;
}

static int verb_import(struct incident_call *c, struct err *e)
{
	struct journal_imported got;
	char *text = NULL, alias[JOURNAL_ALIAS];
	const char *file = c->args[0];
	size_t n = 0;
	int rc = str_eq(file, "-") ? read_stdin(IMPORT_MAX, &text, &n, e)
				   : file_read(file, IMPORT_MAX, &text, &n, e);

	if (rc != 0)
		return -1;
	rc = journal_import(c->journal, text, n, &got, e);
	free(text);
	if (rc != 0)
		return err_in(e, str_eq(file, "-") ? "stdin" : file);
	fprintf(stderr, _("%s: %lld new entries, %lld were here already\n"),
		journal_alias(got.number, alias, sizeof(alias)), (long long)got.added,
		(long long)got.known);
	if (incidents_load(c->all, c->journal, e) != 0)
		return -1;
	c->one = incidents_get(c->all, got.incident);
	return 0;
}

/* ---- the verbs ---- */

/* run: 0: show the incident; 1 + an exit code: that was all; -1: an err. */
static const struct verb {
	const char *name;
	int least, most; /* arguments */
	bool named;      /* the first is an incident */
	bool writes;
	const char *usage;
	int (*run)(struct incident_call *c, struct err *e);
	const struct entry_ask *ask; /* what is recorded, where there is no run */
} first_verbs[] =
	{
		{"open", 0, 0, false, true, "--title TITLE [--level P1] [--detected TIME]",
			verb_open, NULL},
		{"list", 0, 0, false, false, "", verb_list, NULL},
		{"show", 1, 1, true, false, "ID", verb_show, NULL},
},
  last_verbs[] = {
	  {"report", 1, 1, true, false, "ID [--status]", verb_report, NULL},
	  {"verify", 0, 1, false, false, "[ID] [--anchor HASH]", verb_verify, NULL},
	  {"export", 1, 1, true, false, "ID", verb_export, NULL},
	  {"import", 1, 1, false, true, "FILE|-", verb_import, NULL},
};

#define N_FIRST (sizeof(first_verbs) / sizeof(first_verbs[0]))
#define N_LAST  (sizeof(last_verbs) / sizeof(last_verbs[0]))
#define N_VERBS 64 /* more than there are */

static struct verb verb_of(const struct entry_ask *a)
{
	int n = 1 + form_args[a->form];

	return (struct verb){a->verb, n, n, true, true, a->usage, NULL, a};
}

/* The verbs in their order: those of the journal about those that record. Gives how many. */
static int verbs_list(struct verb out[N_VERBS])
{
	const struct entry_ask *a;
	int n = 0;

	for (size_t i = 0; i < N_FIRST; i++)
		out[n++] = first_verbs[i];
	for (size_t i = 0; (a = entry_ask_at(i)) != NULL; i++)
		if (a->verb != NULL && n < N_VERBS - (int)N_LAST)
			out[n++] = verb_of(a);
	for (size_t i = 0; i < N_LAST; i++)
		out[n++] = last_verbs[i];
	return n;
}

static int no_such_verb(const char *word)
{
	struct verb all[N_VERBS];
	const char *near;
	int n = verbs_list(all), rc;
	struct buf list;

	buf_init(&list, 1000);
	for (int i = 0; i < n; i++) {
		if (i < n - 1)
			buf_fmt(&list, "%s%s", i > 0 ? _(", ") : "", all[i].name);
	}
	near = word ? NEAREST_ROW(word, all, (size_t)n) : NULL;
	if (near)
		rc = usage_error(_("incident knows no \"%s\"; did you mean \"%s\"?"), word, near);
	else
		rc = usage_error(
			_("incident needs a word: %s or %s"), buf_text(&list), all[n - 1].name);
	buf_done(&list);
	return rc;
}

static bool find_verb(const char *word, struct verb *out)
{
	struct verb all[N_VERBS];
	int n = verbs_list(all);

	for (int i = 0; i < n; i++)
		if (str_eq(word, all[i].name)) {
			*out = all[i];
			return true;
		}
	return false;
}

static void take(void *to, const char *name, const char *value)
{
	struct incident_call *c = to;
	const struct {
		const char *name;
		const char **to;
	} texts[] = {{"level", &c->level}, {"title", &c->title}, {"detected", &c->detected},
		{"started", &c->started}, {"at", &c->at}, {"reason", &c->reason},
		{"cluster", &c->cluster}, {"anchor", &c->anchor}, {"output", &c->output}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (str_eq(texts[i].name, name))
			*texts[i].to = value;
	if (str_eq(name, "star"))
		c->starred = true;
	if (str_eq(name, "status"))
		c->status = true;
}

static int run_verb(struct incident_call *c, const struct verb *v, struct err *e)
{
	struct instant now = instant_now();
	int rc;

	author_learn(&c->by.by);
	c->by.now_ms = now.wall_ms;
	if (globals_config(c->g, e) != 0)
		return complain(e);
	if (open_journal(c, v->writes, e) != 0)
		return v->run == verb_verify ? incident_unreadable(c, e) : complain(e);
	if (v->named && name_one(c, e) != 0)
		return complain(e);
	rc = v->run != NULL ? v->run(c, e) : record_asked(c, v->ask, e);
	if (rc < 0)
		return complain(e);
	return rc > 0 ? rc - 1 : incident_show(c);
}

int command_incident(struct globals *g, const struct command_row *self, int argc, char **argv)
{
	struct incident_call c = {.g = g};
	struct err e = {.code = ERR_NONE};
	struct verb v;
	int first, rc = options_read(g, self, argc, argv, take, &c, &first);

	if (rc != 0)
		return rc - 1;
	if (first >= argc || !find_verb(argv[first], &v))
		return no_such_verb(first < argc ? argv[first] : NULL);
	c.verb = v.name;
	c.args = argv + first + 1;
	c.n_args = argc - first - 1;
	if (c.n_args < v.least || c.n_args > v.most)
		return usage_error(_("usage: k911 incident %s %s"), v.name, v.usage);
	if (c.output && !str_eq(c.output, "text") && !str_eq(c.output, "json"))
		return usage_error(_("-o %s: choose text or json"), c.output);
	c.json = str_eq(c.output, "json");
	rc = run_verb(&c, &v, &e);
	close_call(&c);
	return rc;
}
