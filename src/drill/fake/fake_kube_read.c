/* Reads: lists with selectors and pages, single objects, node metrics. A read of
 * version 0 is the watch cache's and needs no etcd; any other one does. */
#include "fake_kube_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/json.h"

enum { LIST_MAX = 48 << 20, TOO_LARGE_WAITS_MS = 3000 };

/* ---- selectors ---- */

static struct json_span field_of(struct json_span object, const char *key)
{
	if (strcmp(key, "involvedObject.fieldPath") == 0)
		return (struct json_span){.at = NULL};
	return jt_at(object, key);
}

static void trim(char *s)
{
	size_t n = strlen(s), from = strspn(s, " ");

	while (n > from && s[n - 1] == ' ')
		n--;
	memmove(s, s + from, n - from);
	s[n - from] = '\0';
}

/* "key in (a,b)" and "key notin (a,b)". */
static bool in_set(struct json_span labels, char *term, char *open)
{
	bool wanted = true, found = false;
	char *key = term, *op = strchr(term, ' '), *value, *rest = open + 1;
	struct json_span v;

	if (op != NULL) {
		*op++ = '\0';
		wanted = !str_starts(op + strspn(op, " "), "notin");
	}
	v = jt_get(labels, key);
	rest[strcspn(rest, ")")] = '\0';
	while ((value = strsep(&rest, ",")) != NULL) {
		trim(value);
		found = found || jt_str_is(v, value);
	}
	return found == wanted;
}

static bool one_term(struct json_span labels, struct json_span object, char *term)
{
	char *op, *open = strchr(term, '(');
	bool equal = true;
	struct json_span v;

	trim(term);
	if (open != NULL)
		return in_set(labels, term, open);
	op = strchr(term, '=');
	if (op == NULL) {
		if (term[0] == '!')
			return jt_get(labels, term + 1).at == NULL;
		return jt_get(labels, term).at != NULL;
	}
	if (op > term && op[-1] == '!') {
		equal = false;
		op[-1] = '\0';
	}
	*op++ = '\0';
	op += *op == '=';
	trim(term);
	v = object.at != NULL ? field_of(object, term) : jt_get(labels, term);
	if (v.at == NULL)
		return equal ? *op == '\0' : *op != '\0' || object.at == NULL;
	return jt_str_is(v, op) == equal;
}

/* Splits at commas outside parentheses; every term must hold. */
static bool all_terms(struct json_span labels, struct json_span object, const char *selector)
{
	char *text = mem_str(selector), *term = text;
	bool holds = true, last = false;

	while (holds && !last && *term != '\0') {
		char *end = term;
		int depth = 0;

		while (*end != '\0' && (*end != ',' || depth > 0)) {
			depth += (*end == '(') - (*end == ')');
			end++;
		}
		last = *end == '\0';
		*end = '\0';
		holds = one_term(labels, object, term);
		term = end + !last;
	}
	free(text);
	return holds;
}

bool kube_matches(struct json_span object, const char *labels, const char *fields)
{
	struct json_span none = {.at = NULL};

	return (labels[0] == '\0' || all_terms(jt_at(object, "metadata.labels"), none, labels)) &&
	       (fields[0] == '\0' || all_terms(none, object, fields));
}

/* ---- lists ---- */

struct listing {
	char labels[300], fields[300], version[32], from[360];
	int64_t limit;
	bool cached;
};

static void too_large(struct exchange *x)
{
	char version[32] = "";

	exchange_query(x, "resourceVersion", version, sizeof(version));
	exchange_add_header(x, "retry-after", "1");
	kube_status(x, 504, "Timeout",
		"{\"causes\":[{\"reason\":\"ResourceVersionTooLarge\",\"message\":\"Too large "
		"resource version\"}],\"retryAfterSeconds\":1}",
		"Timeout: Too large resource version: %s", version);
}

/* Where a page goes on, in hex: "VERSION NAMESPACE NAME". */
static void token_write(char *dst, size_t size, uint64_t rv, const struct object *last)
{
	char plain[300];
	size_t n = (size_t)snprintf(plain, sizeof(plain), "%llu %s %s", (unsigned long long)rv,
		last->ns[0] != '\0' ? last->ns : "-", last->name);

	for (size_t i = 0; i < n && 2 * i + 2 < size; i++)
		snprintf(dst + 2 * i, 3, "%02x", (unsigned char)plain[i]);
}

static bool token_read(const char *token, uint64_t *rv, char ns[64], char name[260])
{
	char plain[300] = "";
	size_t n = strlen(token) / 2;
	char number[24];

	for (size_t i = 0; i < n && i + 1 < sizeof(plain); i++) {
		int byte = str_hex_byte(token + 2 * i);

		if (byte < 0)
			return false;
		plain[i] = (char)byte;
	}
	if (sscanf(plain, "%23s %63s %259s", number, ns, name) != 3 || !str_u64(number, rv))
		return false;
	if (strcmp(ns, "-") == 0)
		ns[0] = '\0';
	return true;
}

static void list_item(const struct object *o, struct buf *items)
{
	/* Items of a list do not repeat kind and apiVersion, which stand first. */
	const char *text = rstr_text(o->json), *metadata = strstr(text, "\"metadata\":");

	if (items->len > 0)
		buf_putc(items, ',');
	buf_putc(items, '{');
	buf_puts(items, metadata);
}

struct page {
	struct buf items;
	const struct object *last;
	size_t n, left;
};

static void list_collect(const struct store *s, const struct route *r, const struct listing *l,
	const char *ns, const char *name, struct page *p)
{
	for (size_t i = 0; i < store_count(s, r->kind); i++) {
		const struct object *o = store_nth(s, r->kind, i);
		int order = strcmp(o->ns, ns) != 0 ? strcmp(o->ns, ns) : strcmp(o->name, name);

		if ((l->from[0] != '\0' && order <= 0) ||
			(r->ns[0] != '\0' && strcmp(o->ns, r->ns) != 0) ||
			!kube_matches(object_span(o), l->labels, l->fields))
			continue;
		if (l->limit > 0 && !l->cached && p->n >= (size_t)l->limit) {
			p->left++;
			continue;
		}
		list_item(o, &p->items);
		p->last = o;
		p->n++;
	}
}

static void list_reply(struct fake_kube *k, struct exchange *x, const struct route *r,
	const struct listing *l, struct page *p)
{
	char api[64], token[700] = "";
	struct buf body;
	uint64_t rv = store_revision(k->world->store);

	buf_init(&body, LIST_MAX);
	buf_fmt(&body,
		"{\"kind\":\"%sList\",\"apiVersion\":\"%s\",\"metadata\":{\"resourceVersion\":\"%"
		"llu\"",
		kinds[r->kind].name, kind_api(r->kind, api), (unsigned long long)rv);
	if (p->left > 0) {
		token_write(token, sizeof(token), rv, p->last);
		buf_fmt(&body, ",\"continue\":\"%s\"", token);
		if (l->labels[0] == '\0' && l->fields[0] == '\0')
			buf_fmt(&body, ",\"remainingItemCount\":%zu", p->left);
	}
	buf_fmt(&body, "},\"items\":[%s]}", buf_text(&p->items));
	kube_json(x, 200, &body);
	buf_done(&body);
}

static void listing_read(const struct exchange *x, struct listing *l)
{
	char limit[24] = "";

	memset(l, 0, sizeof(*l));
	exchange_query(x, "labelSelector", l->labels, sizeof(l->labels));
	exchange_query(x, "fieldSelector", l->fields, sizeof(l->fields));
	exchange_query(x, "resourceVersion", l->version, sizeof(l->version));
	exchange_query(x, "continue", l->from, sizeof(l->from));
	exchange_query(x, "limit", limit, sizeof(limit));
	if (!str_i64(limit, &l->limit))
		l->limit = 0;
	l->cached = strcmp(l->version, "0") == 0;
}

/* A page behind the first is part of its list. */
static void count_list(struct fake_kube *k, int master, const char *path)
{
	int64_t now = instant_now().boot_ms;
	struct list_count *c = NULL;

	for (size_t i = 0; i < k->lists.len && c == NULL; i++)
		if (k->lists.at[i].master == master && strcmp(k->lists.at[i].path, path) == 0)
			c = &k->lists.at[i];
	if (c == NULL) {
		c = vec_add(&k->lists);
		memset(c, 0, sizeof(*c));
		c->master = master;
		c->gap_ms = INT64_MAX;
		str_copy(c->path, sizeof(c->path), path);
	} else if (now - c->at_ms < c->gap_ms) {
		c->gap_ms = now - c->at_ms;
	}
	c->at_ms = now;
}

void kube_list(struct fake_kube *k, int master, struct exchange *x, const struct route *r)
{
	struct world *w = k->world;
	struct listing l;
	struct page page = {.last = NULL};
	char ns[64] = "", name[260] = "";
	uint64_t rv = 0;

	listing_read(x, &l);
	if (l.from[0] == '\0')
		count_list(k, master, exchange_path(x));
	if (!world_etcd_ok(w, master) && (!l.cached || r->kind == KIND_EVENT)) {
		kube_read_hangs(k, x);
		return;
	}
	if (str_u64(l.version, &rv) && rv > store_revision(w->store)) {
		exchange_later(x, world_ms(w, TOO_LARGE_WAITS_MS), too_large);
		return;
	}
	if (l.from[0] != '\0' && !token_read(l.from, &rv, ns, name)) {
		kube_status(x, 400, "BadRequest", NULL,
			"continue key is not valid: encoding/hex: invalid byte");
		return;
	}
	if (l.from[0] != '\0' && rv < store_oldest(w->store)) {
		kube_status(x, 410, "Expired", NULL,
			"The provided continue parameter is too old to display a consistent list "
			"result. "
			"You can start a new list without the continue parameter.");
		return;
	}
	buf_init(&page.items, LIST_MAX);
	list_collect(w->store, r, &l, ns, name, &page);
	list_reply(k, x, r, &l, &page);
	buf_done(&page.items);
}

void kube_get_one(struct fake_kube *k, int master, struct exchange *x, const struct route *r)
{
	const struct object *o = store_get(k->world->store, r->kind, r->ns, r->name);
	char version[32] = "";
	struct buf body;

	exchange_query(x, "resourceVersion", version, sizeof(version));
	if (!world_etcd_ok(k->world, master) &&
		(strcmp(version, "0") != 0 || r->kind == KIND_EVENT)) {
		kube_read_hangs(k, x);
		return;
	}
	if (o == NULL) {
		kube_not_found(x, r);
		return;
	}
	buf_init(&body, LIST_MAX);
	buf_puts(&body, rstr_text(o->json));
	kube_json(x, 200, &body);
	buf_done(&body);
}

/* ---- metrics.k8s.io ---- */

static bool metrics_live(const struct world *w)
{
	for (size_t i = 0; i < w->pods.len; i++)
		if (strcmp(w->pods.at[i]->of->name, "metrics-server") == 0 &&
			w->pods.at[i]->ready && !w->pods.at[i]->lost)
			return true;
	return false;
}

void kube_metrics(struct fake_kube *k, struct exchange *x)
{
	const struct world *w = k->world;
	struct buf body;
	char now[32];
	bool comma = false;

	if (!metrics_live(w)) {
		kube_status(x, 503, "ServiceUnavailable", NULL,
			"the server is currently unable to handle the request");
		return;
	}
	instant_rfc3339(w->now.wall_ms, now, sizeof(now));
	buf_init(&body, 1 << 20);
	buf_puts(&body, "{\"kind\":\"NodeMetricsList\",\"apiVersion\":\"metrics.k8s.io/"
			"v1beta1\",\"metadata\":{},\"items\":[");
	for (int i = 0; i < WORLD_NODES; i++) {
		const struct machine *m = &w->machines[i];
		int64_t cpu, mem;

		if (!world_unit_up(m, UNIT_KUBELET) || !world_reach(w, m, &w->machines[WORLD_LB]))
			continue;
		machine_usage(w, m, &cpu, &mem);
		buf_fmt(&body,
			"%s{\"metadata\":{\"name\":\"%s\",\"creationTimestamp\":\"%s\"},"
			"\"timestamp\":\"%s\",\"window\":\"10.05s\","
			"\"usage\":{\"cpu\":\"%lldn\",\"memory\":\"%lldKi\"}}",
			comma ? "," : "", m->name, now, now, (long long)cpu * 1000000,
			(long long)(mem >> 10));
		comma = true;
	}
	buf_puts(&body, "]}");
	kube_json(x, 200, &body);
	buf_done(&body);
}
