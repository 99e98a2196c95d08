/* Files into runbooks, and these into each other's places. Entries are read first, all of them; then
 * each is put together, those it needs before it, so that a circle is found by walking into it. A
 * built-in one is made of built-in ones only: no team's file can break it. */
#include "ops/run/runbook_set.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/sha.h"
#include "base/str.h"
#include "base/vec.h"
#include "io/file.h"
#include "ops/run/runbook_read.h"
#include "runbook_place.h"

#define FILES_MAX 500
#define SUFFIX    ".yaml"

enum entry_state { ENTRY_READ, ENTRY_BEGUN, ENTRY_WHOLE };

struct entry {
	char *file, *id;      /* id: the file's name where it could not be read */
	struct runbook *book; /* NULL: broken */
	struct err why;
	bool builtin;
	enum entry_state state;
};

struct runbook_set {
	int refs;
	VEC(struct entry) all; /* by id */
	VEC(struct entry *) good, broken;
};

/* ---- reading ---- */

static void break_entry(struct entry *it, const struct err *why)
{
	runbook_unref(it->book);
	it->book = NULL;
	it->why = *why;
}

static struct entry *add_entry(struct runbook_set *s, const char *file, bool builtin)
{
	struct entry *it = vec_add(&s->all);

	it->file = mem_str(file);
	it->id = runbook_read_name(file);
	it->builtin = builtin;
	return it;
}

static void add_builtin(struct runbook_set *s, const struct embedded_file *f)
{
	struct entry *it = add_entry(s, f->name, true);

	it->book = runbook_read(f->bytes, f->len, f->name, &it->why);
	if (it->book)
		it->book->builtin = true;
}

/* own: only what nobody else could have written. */
static int read_entry(struct entry *it, bool own)
{
	struct stat st;
	char *text = NULL;
	size_t n = 0;
	bool there = stat(it->file, &st) == 0; /* else reading it says why */
	int rc;

	if (there && !S_ISREG(st.st_mode))
		return err_set(&it->why, ERR_INPUT, _("%s is not a file"), it->file);
	if (there && !str_ends(it->file, SUFFIX))
		return err_set(&it->why, ERR_INPUT,
			_("%s: the name of a runbook's file ends with .yaml"), it->file);
	if (there && st.st_size > (off_t)RUNBOOK_BYTES)
		return err_set(&it->why, ERR_LIMIT,
			_("%s:1:1: a runbook has at most %u bytes: this has %zu"), it->file,
			RUNBOOK_BYTES, (size_t)st.st_size);
	rc = own ? file_read_secret(it->file, RUNBOOK_BYTES, &text, &n, &it->why)
		 : file_read(it->file, RUNBOOK_BYTES, &text, &n, &it->why);
	if (rc == 0)
		it->book = runbook_read(text, n, it->file, &it->why);
	free(text);
	return it->book ? 0 : -1;
}

static bool is_yaml(const char *name)
{
	return name[0] != '.' && (str_ends(name, SUFFIX) || str_ends(name, ".yml"));
}

static void add_files(struct runbook_set *s, const char *dir, DIR *list)
{
	struct dirent *entry;
	size_t n = 0;

	while ((entry = readdir(list)) != NULL) {
		char *path;

		if (!is_yaml(entry->d_name))
			continue;
		if (n++ == FILES_MAX) {
			err_set(&add_entry(s, dir, false)->why, ERR_LIMIT,
				_("%s: more than %d runbooks: the others are not read"), dir,
				FILES_MAX);
			return;
		}
		path = str_fmt("%s/%s", dir, entry->d_name);
		read_entry(add_entry(s, path, false), true);
		free(path);
	}
}

/* A team need not have runbooks; a directory that cannot be read is another thing. */
static void add_dir(struct runbook_set *s, const char *dir)
{
	DIR *list = opendir(dir);
	int why = errno;

	if (list) {
		add_files(s, dir, list);
		closedir(list);
	} else if (why != ENOENT) {
		err_sys(&add_entry(s, dir, false)->why, why, "%s", dir);
	}
}

/* ---- finding ---- */

/* The team's own before the built-in one that it replaces. */
static int by_id(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	if (order == 0)
		order = (int)x->builtin - (int)y->builtin;
	return order != 0 ? order : strcmp(x->file, y->file);
}

static struct entry *entry_named(const struct runbook_set *s, const char *id, bool builtin)
{
	for (size_t i = 0; i < s->all.len; i++)
		if (s->all.at[i].builtin == builtin && str_eq(s->all.at[i].id, id))
			return &s->all.at[i];
	return NULL;
}

static struct entry *entry_for(const struct runbook_set *s, const char *id, bool builtin)
{
	struct entry *own = builtin ? NULL : entry_named(s, id, false);

	/* A broken one of the team's does not hide the built-in one it was to replace. */
	if (own && (own->book || !entry_named(s, id, true)))
		return own;
	return entry_named(s, id, true);
}

static const char *nearest_id(const struct runbook_set *s, const char *id)
{
	return s->all.len > 0 ? nearest_name(id, (const char *const *)&s->all.at[0].id,
					sizeof(s->all.at[0]), s->all.len)
			      : NULL;
}

/* ---- what one alone cannot know ---- */

static int fail_use(
	const struct runbook *r, const struct runbook_use *u, const char *near, struct err *e)
{
	if (near)
		return err_set(e, ERR_INPUT,
			_("%s:%d:%d: there is no runbook \"%s\" to offer; did you mean \"%s\"?"),
			r->file, u->line, u->column, u->offer, near);
	return err_set(e, ERR_INPUT, _("%s:%d:%d: there is no runbook \"%s\" to offer"), r->file,
		u->line, u->column, u->offer);
}

static int check_offers(const struct runbook_set *s, const struct runbook *r,
	const struct runbook_guards *g, struct err *e)
{
	for (size_t i = 0; i < g->n; i++) {
		const char *offer = g->at[i].offer;

		if (offer && !entry_for(s, offer, r->builtin))
			return fail_use(r, &g->at[i], nearest_id(s, offer), e);
	}
	return 0;
}

static int check_all_offers(const struct runbook_set *s, const struct runbook *r, struct err *e)
{
	if (check_offers(s, r, &r->require, e) != 0)
		return -1;
	for (size_t i = 0; i < r->n_steps; i++)
		if (check_offers(s, r, &r->steps[i].require, e) != 0 ||
			check_offers(s, r, &r->steps[i].verify, e) != 0)
			return -1;
	return 0;
}

static int check_name(const struct runbook_set *s, const struct entry *it, struct err *e)
{
	bool builtin = entry_named(s, it->id, true) != NULL;

	if (it->builtin || builtin == it->book->replaces)
		return 0;
	if (builtin)
		return err_set(e, ERR_INPUT,
			_("%s:1:1: there is a built-in runbook %s: choose another id, or write "
			  "`replaces: built-in`"),
			it->file, it->id);
	return err_set(e, ERR_INPUT,
		_("%s:1:1: there is no built-in runbook %s to replace: leave `replaces` out"),
		it->file, it->id);
}

/* ---- putting together ---- */

/* Those that are being put together, each because the one before it needs it. */
struct chain {
	const struct chain *before;
	const struct entry *entry;
};

static int fail_step(
	const struct runbook *r, const struct runbook_step *at, struct err *e, const char *sentence)
{
	return err_set(e, ERR_INPUT, "%s:%d:%d: %s", r->file, at->line, at->column, sentence);
}

static void put_chain(struct buf *out, const struct chain *c, const struct entry *from)
{
	if (c->entry != from && c->before)
		put_chain(out, c->before, from);
	buf_fmt(out, "%s -> ", c->entry->id);
}

static int fail_circle(const struct runbook *r, const struct runbook_step *at,
	const struct chain *chain, const struct entry *to, struct err *e)
{
	char sentence[300];
	struct buf circle;

	buf_init(&circle, 200);
	put_chain(&circle, chain, to);
	buf_puts(&circle, to->id);
	snprintf(sentence, sizeof(sentence), _("runbooks that call each other in a circle: %.200s"),
		buf_text(&circle));
	buf_done(&circle);
	return fail_step(r, at, e, sentence);
}

static int fail_absent(const struct runbook_set *s, const struct runbook *r,
	const struct runbook_step *at, struct err *e)
{
	const char *near = nearest_id(s, at->place);
	char sentence[300];

	if (near)
		snprintf(sentence, sizeof(sentence),
			_("there is no runbook \"%s\"; did you mean \"%s\"?"), at->place, near);
	else
		snprintf(sentence, sizeof(sentence), _("there is no runbook \"%s\""), at->place);
	return fail_step(r, at, e, sentence);
}

static int complete(const struct runbook_set *s, struct entry *it, const struct chain *before);

/* A resumed run must find the placed runbook's text as it was, too. */
static void mix_digest(struct runbook *r, const struct runbook *with)
{
	char both[2 * sizeof(r->digest)], hex[SHA_HEX];
	unsigned char digest[SHA_BYTES];

	snprintf(both, sizeof(both), "%s%s", r->digest, with->digest);
	sha_of(both, strlen(both), digest);
	str_copy(r->digest, sizeof(r->digest), sha_hex(digest, hex));
}

static int place_one(const struct runbook_set *s, struct entry *it, size_t *at,
	const struct chain *here, struct err *e)
{
	const struct runbook_step *step = &it->book->steps[*at];
	struct entry *from = entry_for(s, step->place, it->builtin);
	char sentence[300];
	size_t n = 0;

	if (!from)
		return fail_absent(s, it->book, step, e);
	if (from->state == ENTRY_BEGUN)
		return fail_circle(it->book, step, here, from, e);
	if (complete(s, from, here) != 0) {
		snprintf(sentence, sizeof(sentence), _("the runbook %s is broken: %.200s"),
			from->id, from->why.text);
		return fail_step(it->book, step, e, sentence);
	}
	if (runbook_place(it->book, *at, from->book, &n, e) != 0)
		return -1;
	mix_digest(it->book, from->book);
	*at += n;
	return 0;
}

static int place_all(
	const struct runbook_set *s, struct entry *it, const struct chain *here, struct err *e)
{
	for (size_t i = 0; i < it->book->n_steps;) {
		if (!it->book->steps[i].place)
			i++;
		else if (place_one(s, it, &i, here, e) != 0)
			return -1;
	}
	return runbook_read_debts(it->book, e);
}

static int complete(const struct runbook_set *s, struct entry *it, const struct chain *before)
{
	const struct chain here = {before, it};
	struct err why;

	if (it->state == ENTRY_READ && it->book) {
		it->state = ENTRY_BEGUN;
		if (check_name(s, it, &why) != 0 || check_all_offers(s, it->book, &why) != 0 ||
			place_all(s, it, &here, &why) != 0)
			break_entry(it, &why);
	}
	it->state = ENTRY_WHOLE;
	return it->book ? 0 : -1;
}

static void finish(struct runbook_set *s)
{
	if (s->all.len > 0)
		qsort(s->all.at, s->all.len, sizeof(*s->all.at), by_id);
	for (size_t i = 0; i < s->all.len; i++)
		complete(s, &s->all.at[i], NULL);
	for (size_t i = 0; i < s->all.len; i++) {
		struct entry *it = &s->all.at[i];
		const struct entry *own = it->builtin ? entry_named(s, it->id, false) : NULL;

		if (!it->book)
			*vec_add(&s->broken) = it;
		else if (!own || !own->book) /* else only other built-in ones still see it */
			*vec_add(&s->good) = it;
	}
}

/* ---- the set ---- */

static struct runbook_set *set_new(const struct embedded_files *builtin)
{
	struct runbook_set *s = mem_new(struct runbook_set);

	s->refs = 1;
	for (size_t i = 0; i < builtin->n; i++)
		add_builtin(s, &builtin->at[i]);
	return s;
}

struct runbook_set *runbook_set_load(const struct embedded_files *builtin, const char *dir)
{
	struct runbook_set *s = set_new(builtin);

	if (dir)
		add_dir(s, dir);
	finish(s);
	return s;
}

struct runbook_set *runbook_set_ref(struct runbook_set *s)
{
	if (s)
		__atomic_add_fetch(&s->refs, 1, __ATOMIC_RELAXED);
	return s;
}

static void entry_done(struct entry *it)
{
	free(it->file);
	free(it->id);
	runbook_unref(it->book);
}

void runbook_set_unref(struct runbook_set *s)
{
	if (!s || __atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	for (size_t i = 0; i < s->all.len; i++)
		entry_done(&s->all.at[i]);
	vec_done(&s->all);
	vec_done(&s->good);
	vec_done(&s->broken);
	free(s);
}

size_t runbook_set_count(const struct runbook_set *s)
{
	return s->good.len;
}

const struct runbook *runbook_set_at(const struct runbook_set *s, size_t i)
{
	return s->good.at[i]->book;
}

const struct runbook *runbook_set_find(const struct runbook_set *s, const char *id)
{
	for (size_t i = 0; i < s->good.len; i++)
		if (str_eq(s->good.at[i]->id, id))
			return s->good.at[i]->book;
	return NULL;
}

const char *runbook_set_nearest(const struct runbook_set *s, const char *id)
{
	return nearest_id(s, id);
}

size_t runbook_set_broken(const struct runbook_set *s)
{
	return s->broken.len;
}

const char *runbook_set_trouble(const struct runbook_set *s, size_t i)
{
	return s->broken.at[i]->why.text;
}

/* What is there of the file's id is out of the way: it may be an older copy of it. */
static void drop_own(struct runbook_set *s, const char *path)
{
	char *id = runbook_read_name(path);
	struct entry *it = entry_named(s, id, false);

	if (it) {
		entry_done(it);
		*it = s->all.at[--s->all.len];
	}
	free(id);
}

int runbook_set_check(
	const struct embedded_files *builtin, const char *dir, const char *path, struct err *e)
{
	struct runbook_set *s = set_new(builtin);
	int rc = 0;

	if (dir)
		add_dir(s, dir);
	drop_own(s, path);
	read_entry(add_entry(s, path, false), false);
	finish(s);
	for (size_t i = 0; i < s->broken.len; i++)
		if (!s->broken.at[i]->builtin && str_eq(s->broken.at[i]->file, path)) {
			*e = s->broken.at[i]->why;
			rc = -1;
		}
	runbook_set_unref(s);
	return rc;
}
