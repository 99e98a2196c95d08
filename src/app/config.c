/* One row per key: its path, its type, where its value lives, its default. Reading, printing and
 * complaining are three short loops over the rows. */
#include "app/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/str.h"
#include "io/file.h"
#include "io/yaml.h"

enum config_type {
	CONFIG_STR,
	CONFIG_FILE,
	CONFIG_INT,
	CONFIG_SPAN,
	CONFIG_LIST,
	CONFIG_NODES,
	CONFIG_PAIRS,
	CONFIG_NOTIFY,
	CONFIG_URL
};

struct config_row {
	const char *section, *key;
	enum config_type type;
	size_t at;
	const char *otherwise; /* default, as text; NULL: limits_default has it, or it is empty */
	const char *one_of;    /* allowed words, space-separated; NULL: any */
};

#define AT(field) offsetof(struct config, field)

/* In the order they are printed; a section's rows stand together. */
static const struct config_row rows[] = {
	{"cluster", "kubeconfig", CONFIG_FILE, AT(cluster.kubeconfig), "", NULL},
	{"cluster", "context", CONFIG_STR, AT(cluster.context), "", NULL},
	{"etcd", "endpoints", CONFIG_LIST, AT(etcd.endpoints), NULL, NULL},
	{"etcd", "credentials", CONFIG_STR, AT(etcd.credentials), "auto", "auto files"},
	{"etcd", "cacert", CONFIG_FILE, AT(etcd.cacert), "", NULL},
	{"etcd", "cert", CONFIG_FILE, AT(etcd.cert), "", NULL},
	{"etcd", "key", CONFIG_FILE, AT(etcd.key), "", NULL},
	{"etcd", "pki_dir", CONFIG_STR, AT(etcd.pki_dir), "/etc/kubernetes/pki/etcd", NULL},
	{"nodes.ssh", "command", CONFIG_STR, AT(nodes.command), "ssh", NULL},
	{"nodes.ssh", "user", CONFIG_STR, AT(nodes.user), "root", NULL},
	{"nodes.ssh", "identity", CONFIG_FILE, AT(nodes.identity), "", NULL},
	{"nodes.ssh", "options", CONFIG_LIST, AT(nodes.options), NULL, NULL},
	{"nodes.ssh", "become", CONFIG_STR, AT(nodes.become), "", NULL},
	{"nodes", "control_plane", CONFIG_NODES, AT(nodes.control_plane), NULL, NULL},
	{"nodes", "workers", CONFIG_NODES, AT(nodes.workers), NULL, NULL},
	{"load_balancer", "address", CONFIG_STR, AT(load_balancer.address), "", NULL},
	{"load_balancer", "haproxy_nodes", CONFIG_LIST, AT(load_balancer.haproxy_nodes), NULL,
		NULL},
	{"load_balancer", "haproxy_socket", CONFIG_STR, AT(load_balancer.haproxy_socket),
		"/run/haproxy/admin.sock", NULL},
	{"", "core_services", CONFIG_LIST, AT(core_services), NULL, NULL},
#define LEVEL(p, respond, recover)                                                                 \
	{"levels." #p, "respond", CONFIG_SPAN, AT(levels[LEVEL_##p].respond_ms), respond, NULL},   \
	{                                                                                          \
		"levels." #p, "recover", CONFIG_SPAN, AT(levels[LEVEL_##p].recover_ms), recover,   \
			NULL                                                                       \
	}
	LEVEL(P0, "15m", "1h"),
	LEVEL(P1, "30m", "4h"),
	LEVEL(P2, "2h", "24h"),
	LEVEL(P3, "4h", "72h"),
#undef LEVEL
	{"thresholds", "cpu_percent", CONFIG_INT, AT(thresholds.cpu_percent), NULL, NULL},
	{"thresholds", "memory_percent", CONFIG_INT, AT(thresholds.memory_percent), NULL, NULL},
	{"thresholds", "disk_percent", CONFIG_INT, AT(thresholds.disk_percent), NULL, NULL},
	{"thresholds", "certificate_days", CONFIG_INT, AT(thresholds.certificate_days), NULL, NULL},
	{"thresholds", "api_latency_ms", CONFIG_INT, AT(thresholds.api_latency_ms), NULL, NULL},
	{"thresholds", "etcd_fsync_ms", CONFIG_INT, AT(thresholds.etcd_fsync_ms), NULL, NULL},
	{"thresholds", "hold_down", CONFIG_SPAN, AT(thresholds.hold_down_ms), NULL, NULL},
	{"checklists", "emergency", CONFIG_LIST, AT(checklists[0]), NULL, NULL},
	{"checklists", "technical", CONFIG_LIST, AT(checklists[1]), NULL, NULL},
	{"checklists", "follow_up", CONFIG_LIST, AT(checklists[2]), NULL, NULL},
	{"", "notify", CONFIG_NOTIFY, AT(notify), NULL, NULL},
	{"alerts", "alertmanager", CONFIG_URL, AT(alerts.alertmanager), "", NULL},
	{"alerts", "secret_file", CONFIG_FILE, AT(alerts.secret_file), "", NULL},
	{"alerts", "ca_file", CONFIG_FILE, AT(alerts.ca_file), "", NULL},
	{"ui", "theme", CONFIG_STR, AT(ui.theme), "dark", NULL},
	{"ui", "lang", CONFIG_STR, AT(ui.lang), "auto", "auto en zh_CN"},
	{"ui", "keys", CONFIG_PAIRS, AT(ui.keys), NULL, NULL},
};

#define N_ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

static void *field(const struct config *c, const struct config_row *r)
{
	return (char *)(size_t)c + r->at;
}

static bool is_text(enum config_type type)
{
	return type == CONFIG_STR || type == CONFIG_FILE || type == CONFIG_URL;
}

static char **text_at(const struct config *c, const struct config_row *r)
{
	return field(c, r);
}

/* ---- lists ---- */

static char **list_new(size_t n)
{
	return mem_zero(n + 1, sizeof(char *));
}

static void list_free(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

/* ---- names for complaints ---- */

static bool known_section(const char *path)
{
	for (int i = 0; i < N_ROWS; i++)
		if (str_eq(rows[i].section, path) ||
			(str_starts(rows[i].section, path) && rows[i].section[strlen(path)] == '.'))
			return true;
	return false;
}

static const struct config_row *find_row(const char *section, const char *key)
{
	for (int i = 0; i < N_ROWS; i++)
		if (str_eq(rows[i].section, section) && str_eq(rows[i].key, key))
			return &rows[i];
	return NULL;
}

/* "section.key"; a key of no section is its own name. */
static const char *row_name(const struct config_row *r, char dst[80])
{
	snprintf(dst, 80, "%s%s%s", r->section, r->section[0] ? "." : "", r->key);
	return dst;
}

/* The words that may stand right in a section: its keys, and the sections inside it. */
struct words {
	int n;
	char text[N_ROWS][24];
	const char *at[N_ROWS];
};

static void words_in(const char *section, struct words *w)
{
	size_t n = strlen(section);

	w->n = 0;
	for (int i = 0; i < N_ROWS; i++) {
		const char *word = rows[i].section;

		if (!str_starts(word, section) || (n > 0 && word[n] != '.' && word[n] != '\0'))
			continue;
		word += n;
		word = word[0] == '\0' ? rows[i].key : word + (word[0] == '.');
		str_copy_n(w->text[w->n], sizeof(w->text[0]), word, strcspn(word, "."));
		w->at[w->n] = w->text[w->n];
		w->n++;
	}
}

static int unknown_key(
	const struct yml_doc *d, const struct yml *at, const char *section, struct err *e)
{
	struct words words;
	const char *near;

	words_in(section, &words);
	near = nearest_name(at->text, words.at, sizeof(words.at[0]), (size_t)words.n);
	if (near)
		return yml_err(d, at, e, _("unknown key \"%s\" in %s; did you mean \"%s\"?"),
			at->text, section[0] ? section : _("the file"), near);
	return yml_err(d, at, e,
		_("unknown key \"%s\" in %s; `k911 config show` prints every key there is"),
		at->text, section[0] ? section : _("the file"));
}

/* ---- reading one value ---- */

static bool is_word_of(const char *word, const char *words)
{
	size_t n = strlen(word);

	for (const char *at = words; *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");

		if (len == n && strncmp(at, word, n) == 0)
			return true;
		at += len;
	}
	return false;
}

static int read_text(const struct yml_doc *d, const struct yml *v, const struct config_row *r,
	struct config *c, struct err *e)
{
	const char *text = yml_text(v);

	if (v->kind != YML_SCALAR)
		return yml_err(d, v, e, _("%s.%s must be a text"), r->section, r->key);
	text = text ? text : "";
	if (r->one_of && !is_word_of(text, r->one_of))
		return yml_err(d, v, e, _("%s.%s: \"%s\" is none of: %s"), r->section, r->key, text,
			r->one_of);
	free(*text_at(c, r));
	*text_at(c, r) = r->type == CONFIG_FILE && text[0] ? file_expand(text) : mem_str(text);
	return 0;
}

static int read_number(const struct yml_doc *d, const struct yml *v, const struct config_row *r,
	struct config *c, struct err *e)
{
	int64_t n;

	if (v->kind != YML_SCALAR || !yml_int(v, &n) || n < 1 || n > 1000000000)
		return yml_err(
			d, v, e, _("%s.%s must be a whole number from 1"), r->section, r->key);
	*(int *)field(c, r) = (int)n;
	return 0;
}

static int read_span(const struct yml_doc *d, const struct yml *v, const struct config_row *r,
	struct config *c, struct err *e)
{
	int64_t ms;

	if (v->kind != YML_SCALAR || !span_parse(yml_text(v), &ms) || ms == 0)
		return yml_err(d, v, e, _("%s.%s must be a length of time, like 15m or 1h30m"),
			r->section, r->key);
	*(int64_t *)field(c, r) = ms;
	return 0;
}

static int read_list(const struct yml_doc *d, const struct yml *v, const struct config_row *r,
	struct config *c, struct err *e)
{
	char **list, name[80];

	if (v->kind != YML_LIST)
		return yml_err(d, v, e, _("%s must be a list, like [a, b]"), row_name(r, name));
	list = list_new(v->n);
	for (size_t i = 0; i < v->n; i++) {
		const char *text = yml_text(v->items[i]);

		if (!text) {
			list_free(list);
			return yml_err(d, v->items[i], e, _("%s: each entry must be a text"),
				row_name(r, name));
		}
		list[i] = mem_str(text);
	}
	list_free(*(char ***)field(c, r));
	*(char ***)field(c, r) = list;
	return 0;
}

static int read_node(const struct yml_doc *d, const struct yml *v, struct host *n, struct err *e)
{
	int64_t port = 0;

	if (v->kind != YML_MAP)
		return yml_err(d, v, e, _("each node is {name: m1, address: 10.0.1.10}"));
	for (size_t i = 0; i < v->n; i++) {
		if (str_eq(v->keys[i], "name"))
			str_copy(n->name, sizeof(n->name), yml_text(v->items[i]));
		else if (str_eq(v->keys[i], "address"))
			str_copy(n->address, sizeof(n->address), yml_text(v->items[i]));
		else if (!str_eq(v->keys[i], "api_port"))
			return yml_err(d, v->key_at[i], e,
				_("unknown key \"%s\": a node has name, address and api_port"),
				v->keys[i]);
		else if (!yml_int(v->items[i], &port) || port < 1 || port > 65535)
			return yml_err(d, v->items[i], e, _("api_port must be from 1 to 65535"));
	}
	n->api_port = (int)port;
	n->configured = true;
	n->local = str_eq(n->address, "local");
	if (n->local)
		str_copy(n->address, sizeof(n->address), "127.0.0.1");
	if (!n->name[0] || !n->address[0])
		return yml_err(d, v, e, _("a node needs both name and address"));
	return 0;
}

static int read_nodes(const struct yml_doc *d, const struct yml *v, const struct config_row *r,
	struct config *c, struct err *e)
{
	struct config_hosts *to = field(c, r);
	char name[80];

	if (v->kind != YML_LIST)
		return yml_err(d, v, e,
			_("%s must be a list, like [{name: m1, address: 10.0.1.10}]"),
			row_name(r, name));
	if (r->at == AT(nodes.control_plane) && v->n > LAYER_MAX_NODES)
		return yml_err(d, v, e, _("at most %d control-plane nodes"), LAYER_MAX_NODES);
	free(to->at);
	to->at = mem_zero(v->n ? v->n : 1, sizeof(struct host));
	to->n = v->n;
	for (size_t i = 0; i < v->n; i++)
		if (read_node(d, v->items[i], &to->at[i], e) != 0)
			return -1;
	return 0;
}

static int read_pairs(const struct yml_doc *d, const struct yml *v, struct config *c, struct err *e)
{
	if (v->kind != YML_MAP)
		return yml_err(d, v, e, _("ui.keys must be a map, like {zoom: z}"));
	c->ui.keys = mem_zero(v->n ? v->n : 1, sizeof(struct config_pair));
	for (size_t i = 0; i < v->n; i++) {
		const char *text = yml_text(v->items[i]);

		if (!text)
			return yml_err(d, v->items[i], e,
				_("ui.keys.%s must be a text, like \"z\" or \"ctrl-l f5\""),
				v->keys[i]);
		c->ui.keys[c->ui.n_keys++] = (struct config_pair){mem_str(v->keys[i]),
			mem_str(text), v->key_at[i]->line, v->key_at[i]->column};
	}
	return 0;
}

static int read_row(const struct yml_doc *d, const struct yml *v, const struct config_row *r,
	struct config *c, struct err *e)
{
	char name[80];

	switch (r->type) {
	case CONFIG_URL:
		if (config_check_url(d, v, row_name(r, name), e) != 0)
			return -1;
		return read_text(d, v, r, c, e);
	case CONFIG_STR:
	case CONFIG_FILE:
		return read_text(d, v, r, c, e);
	case CONFIG_INT:
		return read_number(d, v, r, c, e);
	case CONFIG_SPAN:
		return read_span(d, v, r, c, e);
	case CONFIG_LIST:
		return read_list(d, v, r, c, e);
	case CONFIG_NODES:
		return read_nodes(d, v, r, c, e);
	case CONFIG_PAIRS:
		return read_pairs(d, v, c, e);
	case CONFIG_NOTIFY:
		return config_notify_read(field(c, r), d, v, e);
	}
	return -1;
}

static int read_section(const struct yml_doc *d, const struct yml *map, const char *path,
	struct config *c, struct err *e)
{
	if (map->kind != YML_MAP)
		return yml_err(
			d, map, e, _("%s must be a map of keys"), path[0] ? path : _("the file"));
	for (size_t i = 0; i < map->n; i++) {
		const struct config_row *r = find_row(path, map->keys[i]);
		char inner[64];

		snprintf(inner, sizeof(inner), "%s%s%.30s", path, path[0] ? "." : "", map->keys[i]);
		if (!r && !known_section(inner))
			return unknown_key(d, map->key_at[i], path, e);
		if (map->items[i]->kind == YML_SCALAR && !yml_text(map->items[i]) && !r)
			continue; /* an empty section */
		if (r ? read_row(d, map->items[i], r, c, e)
		      : read_section(d, map->items[i], inner, c, e))
			return -1;
	}
	return 0;
}

/* ---- the whole ---- */

static void set_defaults(struct config *c)
{
	c->thresholds = limits_default;
	for (int i = 0; i < N_ROWS; i++) {
		if (rows[i].type == CONFIG_LIST)
			*(char ***)field(c, &rows[i]) = list_new(0);
		else if (rows[i].type == CONFIG_SPAN && rows[i].otherwise)
			span_parse(rows[i].otherwise, (int64_t *)field(c, &rows[i]));
		else if (is_text(rows[i].type))
			*text_at(c, &rows[i]) = mem_str(rows[i].otherwise);
	}
}

static char *usual_place(void)
{
	char *dir = file_config_dir();
	char *path = dir ? str_fmt("%s/config.yaml", dir) : NULL;

	free(dir);
	return path;
}

int config_load(const char *path, struct config **out, struct err *e)
{
	struct config *c = mem_new(struct config);
	char *file = path ? mem_str(path) : usual_place();
	struct yml_doc *d = NULL;
	int rc = 0;

	*out = NULL;
	set_defaults(c);
	if (path && !file_exists(path))
		rc = err_set(e, ERR_INPUT,
			_("%s: there is no such configuration file; `k911 config show > %s` "
			  "begins one"),
			path, path);
	else if (file && (path || file_exists(file))) {
		d = yml_read(file, e);
		rc = d && yml_alone(d, e) == 0 ? read_section(d, yml_root(d), "", c, e) : -1;
		if (rc == 0 && str_eq(c->etcd.credentials, "files") && !c->etcd.cert[0])
			rc = yml_err(d, yml_root(d), e,
				_("etcd.credentials is files, but etcd.cert is not set"));
		if (rc == 0 && (c->etcd.cert[0] || c->etcd.key[0]) &&
			!(c->etcd.cacert[0] && c->etcd.cert[0] && c->etcd.key[0]))
			rc = yml_err(d, yml_root(d), e,
				_("etcd.cacert, etcd.cert and etcd.key belong together: set all "
				  "three"));
		c->file = mem_str(file);
	}
	yml_free(d);
	free(file);
	if (rc == 0)
		*out = c;
	else
		config_free(c);
	return rc;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (int i = 0; i < N_ROWS; i++) {
		if (rows[i].type == CONFIG_LIST)
			list_free(*(char ***)field(c, &rows[i]));
		else if (is_text(rows[i].type))
			free(*text_at(c, &rows[i]));
	}
	for (size_t i = 0; i < c->ui.n_keys; i++) {
		free(c->ui.keys[i].key);
		free(c->ui.keys[i].value);
	}
	config_notify_done(&c->notify);
	free(c->ui.keys);
	free(c->nodes.control_plane.at);
	free(c->nodes.workers.at);
	free(c->file);
	free(c);
}

/* ---- printing ---- */

static void put_quoted(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

static void put_nodes(struct buf *out, const struct config_hosts *hosts)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < hosts->n; i++) {
		const struct host *h = &hosts->at[i];

		buf_puts(out, i ? ", {name: " : "{name: ");
		put_quoted(out, h->name);
		buf_puts(out, ", address: ");
		put_quoted(out, h->local ? "local" : h->address);
		if (h->api_port)
			buf_fmt(out, ", api_port: %d", h->api_port);
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

static void put_value(struct buf *out, const struct config *c, const struct config_row *r)
{
	char **list;
	char span[32];

	switch (r->type) {
	case CONFIG_STR:
	case CONFIG_FILE:
	case CONFIG_URL:
		put_quoted(out, *text_at(c, r));
		break;
	case CONFIG_INT:
		buf_fmt(out, "%d", *(int *)field(c, r));
		break;
	case CONFIG_SPAN:
		buf_puts(out, span_text(*(int64_t *)field(c, r), span, sizeof(span)));
		break;
	case CONFIG_LIST:
		list = *(char ***)field(c, r);
		buf_putc(out, '[');
		for (size_t i = 0; list[i]; i++) {
			buf_puts(out, i ? ", " : "");
			put_quoted(out, list[i]);
		}
		buf_putc(out, ']');
		break;
	case CONFIG_NODES:
		put_nodes(out, field(c, r));
		break;
	case CONFIG_PAIRS:
		buf_putc(out, '{');
		for (size_t i = 0; i < c->ui.n_keys; i++) {
			buf_fmt(out, i ? ", %s: " : "%s: ", c->ui.keys[i].key);
			put_quoted(out, c->ui.keys[i].value);
		}
		buf_putc(out, '}');
		break;
	case CONFIG_NOTIFY:
		config_notify_print(field(c, r), out);
		break;
	}
	buf_putc(out, '\n');
}

void config_print(const struct config *c, struct buf *out)
{
	const char *top = "", *inner = "";

	buf_fmt(out, "# %s\n",
		c->file ? c->file : _("no configuration file: these are the defaults"));
	for (int i = 0; i < N_ROWS; i++) {
		const char *dot = strchr(rows[i].section, '.');
		size_t n = dot ? (size_t)(dot - rows[i].section) : strlen(rows[i].section);

		if (n > 0 && (strncmp(top, rows[i].section, n) != 0 ||
				     (top[n] != '\0' && top[n] != '.')))
			buf_fmt(out, "%.*s:\n", (int)n, rows[i].section);
		top = rows[i].section;
		if (dot && !str_eq(inner, rows[i].section))
			buf_fmt(out, "  %s:\n", dot + 1);
		inner = dot ? rows[i].section : "";
		buf_fmt(out, dot ? "    %s: " : n > 0 ? "  %s: " : "%s: ", rows[i].key);
		put_value(out, c, &rows[i]);
	}
}
