/* Receivers of alerts. No URL stands in the configuration itself, since a webhook's is a secret;
 * the files are read when something is sent, so that a missing one keeps nobody from the console.
 */
#include "app/config_notify.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/str.h"
#include "io/file.h"

#define LEVELS_ALL ((1u << LEVEL_COUNT) - 1)

static const struct {
	const char *key;
	size_t at; /* of the text in struct config_receiver */
	bool file;
} texts[] = {
	{"url_file", offsetof(struct config_receiver, url_file), true},
	{"secret_file", offsetof(struct config_receiver, secret_file), true},
	{"ca_file", offsetof(struct config_receiver, ca_file), true},
	{"proxy", offsetof(struct config_receiver, proxy), false},
};

#define N_TEXTS (sizeof(texts) / sizeof(texts[0]))

static const char *const keys[] = {"kind", "levels", "url_file", "secret_file", "ca_file", "proxy"};

static char **text_of(struct config_receiver *r, size_t i)
{
	return (char **)(void *)((char *)r + texts[i].at);
}

static int unknown_key(const struct yml_doc *d, const struct yml *at, struct err *e)
{
	const char *near =
		nearest_name(at->text, keys, sizeof(keys[0]), sizeof(keys) / sizeof(keys[0]));

	if (near)
		return yml_err(d, at, e, _("unknown key \"%s\" in notify; did you mean \"%s\"?"),
			at->text, near);
	return yml_err(d, at, e,
		_("unknown key \"%s\" in notify: a receiver has kind, url_file, secret_file, "
		  "ca_file, proxy and levels"),
		at->text);
}

static int read_kind(
	struct config_receiver *r, const struct yml_doc *d, const struct yml *v, struct err *e)
{
	const char *word = yml_text(v), *kinds[NOTIFY_KINDS], *near;

	if (word && notify_kind_parse(word, &r->kind))
		return 0;
	for (int i = 0; i < NOTIFY_KINDS; i++)
		kinds[i] = notify_kind_name((enum notify_kind)i);
	near = word ? nearest_name(word, kinds, sizeof(kinds[0]), NOTIFY_KINDS) : NULL;
	if (near)
		return yml_err(d, v, e, _("notify: there is no kind \"%s\"; did you mean \"%s\"?"),
			word, near);
	return yml_err(d, v, e,
		_("notify: kind must be slack, feishu, dingtalk, wecom, webhook or alertmanager"));
}

static int read_levels(
	struct config_receiver *r, const struct yml_doc *d, const struct yml *v, struct err *e)
{
	enum level l;

	if (v->kind != YML_LIST || v->n == 0)
		return yml_err(d, v, e, _("notify: levels must be a list, like [P0, P1]"));
	r->levels = 0;
	for (size_t i = 0; i < v->n; i++) {
		if (!level_parse(yml_text(v->items[i]), &l))
			return yml_err(
				d, v->items[i], e, _("notify: a level is one of P0, P1, P2, P3"));
		r->levels |= 1u << l;
	}
	return 0;
}

static int read_text(struct config_receiver *r, size_t i, const struct yml_doc *d,
	const struct yml *v, struct err *e)
{
	const char *text = yml_text(v);

	if (v->kind != YML_SCALAR)
		return yml_err(d, v, e, _("notify: %s must be a text"), texts[i].key);
	if (texts[i].file && text && strstr(text, "://"))
		return yml_err(d, v, e,
			_("notify: %s is the path of a file; write the URL into that file, "
			  "readable by you alone"),
			texts[i].key);
	free(*text_of(r, i));
	*text_of(r, i) =
		texts[i].file && text && text[0] ? file_expand(text) : mem_str(text ? text : "");
	return 0;
}

static int read_member(struct config_receiver *r, const struct yml_doc *d, const struct yml *map,
	size_t m, struct err *e)
{
	const char *key = map->keys[m];

	if (str_eq(key, "kind"))
		return read_kind(r, d, map->items[m], e);
	if (str_eq(key, "levels"))
		return read_levels(r, d, map->items[m], e);
	for (size_t i = 0; i < N_TEXTS; i++)
		if (str_eq(key, texts[i].key))
			return read_text(r, i, d, map->items[m], e);
	return unknown_key(d, map->key_at[m], e);
}

static int read_receiver(
	struct config_receiver *r, const struct yml_doc *d, const struct yml *v, struct err *e)
{
	r->kind = NOTIFY_KINDS;
	r->levels = LEVELS_ALL;
	for (size_t i = 0; i < N_TEXTS; i++)
		*text_of(r, i) = mem_str("");
	if (v->kind != YML_MAP)
		return yml_err(d, v, e,
			_("each entry of notify is like {kind: slack, url_file: ~/.slack-url, "
			  "levels: [P0, P1]}"));
	for (size_t m = 0; m < v->n; m++)
		if (read_member(r, d, v, m, e) != 0)
			return -1;
	if (r->kind == NOTIFY_KINDS || !r->url_file[0])
		return yml_err(d, v, e, _("each entry of notify needs kind and url_file"));
	return 0;
}

static bool is_double(const struct config_notify *c)
{
	const struct config_receiver *last = &c->at[c->n - 1];

	for (size_t i = 0; i + 1 < c->n; i++)
		if (c->at[i].kind == last->kind && str_eq(c->at[i].url_file, last->url_file))
			return true;
	return false;
}

int config_notify_read(
	struct config_notify *c, const struct yml_doc *d, const struct yml *v, struct err *e)
{
	if (v->kind != YML_LIST)
		return yml_err(d, v, e,
			_("notify must be a list, like [{kind: slack, url_file: ~/.slack-url}]"));
	c->at = mem_zero(v->n ? v->n : 1, sizeof(c->at[0]));
	for (size_t i = 0; i < v->n; i++) {
		c->n++;
		if (read_receiver(&c->at[i], d, v->items[i], e) != 0)
			return -1;
		if (is_double(c))
			return yml_err(d, v->items[i], e,
				_("notify: this kind and url_file are there already"));
	}
	return 0;
}

void config_notify_done(struct config_notify *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < N_TEXTS; k++)
			free(*text_of(&c->at[i], k));
	free(c->at);
	c->at = NULL;
	c->n = 0;
}

static void print_text(struct buf *out, const char *key, const char *text)
{
	if (!text[0])
		return;
	buf_fmt(out, ", %s: \"", key);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

void config_notify_print(const struct config_notify *c, struct buf *out)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < c->n; i++) {
		struct config_receiver *r = &c->at[i];
		bool any = false;

		buf_fmt(out, "%s{kind: %s", i ? ", " : "", notify_kind_name(r->kind));
		for (size_t k = 0; k < N_TEXTS; k++)
			print_text(out, texts[k].key, *text_of(r, k));
		buf_puts(out, ", levels: [");
		for (int l = 0; l < LEVEL_COUNT; l++) {
			if (!(r->levels & 1u << l))
				continue;
			buf_fmt(out, "%s%s", any ? ", " : "", level_name((enum level)l));
			any = true;
		}
		buf_puts(out, "]}");
	}
	buf_putc(out, ']');
}

struct notify_target *config_notify_targets(const struct config_notify *c)
{
	struct notify_target *targets = mem_zero(c->n + 1, sizeof(*targets));

	for (size_t i = 0; i < c->n; i++)
		targets[i] = (struct notify_target){
			.kind = c->at[i].kind,
			.url_file = c->at[i].url_file,
			.secret_file = c->at[i].secret_file,
			.ca_file = c->at[i].ca_file,
			.proxy = c->at[i].proxy,
			.levels = c->at[i].levels,
		};
	return targets;
}

int config_check_url(const struct yml_doc *d, const struct yml *v, const char *name, struct err *e)
{
	const char *url = yml_text(v), *host;

	if (!url || !url[0])
		return 0;
	if (!str_starts(url, "http://") && !str_starts(url, "https://"))
		return yml_err(d, v, e, _("%s must be an http:// or https:// URL"), name);
	host = strstr(url, "://") + 3;
	if (memchr(host, '@', strcspn(host, "/?#")))
		return yml_err(d, v, e,
			_("%s must not hold a password: write user:password into a file and name "
			  "it as alerts.secret_file"),
			name);
	return 0;
}
