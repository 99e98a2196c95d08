/* The fake API server's front: who asks, for what, and is it alive. The paths,
 * words and codes are those of kube-apiserver 1.35, compared with a real one. */
#include "drill/fake/fake_kube.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "drill/world/raft.h"
#include "fake_kube_parts.h"

enum { DEAD_ETCD_READY_MS = 4000 };

static void on_change(void *arg)
{
	struct fake_kube *k = arg;

	raft_wrote(k->world);
	kube_watch_tick(k);
}

struct fake_kube *kube_new(struct world *w)
{
	struct fake_kube *k = mem_new(struct fake_kube);

	k->world = w;
	store_on_change(w->store, on_change, k);
	return k;
}

void kube_free(struct fake_kube *k)
{
	if (k == NULL)
		return;
	store_on_change(k->world->store, NULL, NULL);
	vec_done(&k->lists);
	free(k);
}

void kube_tick(struct fake_kube *k)
{
	kube_watch_tick(k);
	kube_log_tick(k);
}

/* ---- health ---- */

static const char *const checks[] = {"ping", "log", "etcd", "informer-sync",
	"poststarthook/start-apiserver-admission-initializer",
	"poststarthook/generic-apiserver-start-informers", "poststarthook/rbac/bootstrap-roles",
	"poststarthook/apiservice-status-local-available-controller", "shutdown"};

static void health_reply(struct exchange *x, bool etcd_ok)
{
	const char *name = exchange_path(x) + 1;
	struct buf body;

	buf_init(&body, 1 << 16);
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		bool bad = !etcd_ok && strcmp(checks[i], "etcd") == 0;

		buf_fmt(&body, bad ? "[-]%s failed: reason withheld\n" : "[+]%s ok\n", checks[i]);
	}
	buf_fmt(&body, "%.6s check %s\n", name, etcd_ok ? "passed" : "failed");
	if (etcd_ok && !exchange_query_true(x, "verbose") &&
		strstr(exchange_path(x), "verbose") == NULL) {
		char value[8];

		if (!exchange_query(x, "verbose", value, sizeof(value))) {
			buf_clear(&body);
			buf_puts(&body, "ok");
		}
	}
	exchange_reply(
		x, etcd_ok ? 200 : 500, "text/plain; charset=utf-8", buf_text(&body), body.len);
	buf_done(&body);
}

static void health_bad(struct exchange *x)
{
	health_reply(x, false);
}

/* True when the path was a health check's. */
static bool health(struct fake_kube *k, int master, struct exchange *x)
{
	static const char sick[] = "[+]ping ok\n[-]poststarthook/rbac/bootstrap-roles failed: "
				   "reason withheld\nlivez check failed\n";
	const char *path = exchange_path(x);
	char exclude[32] = "";
	bool ok = world_etcd_ok(k->world, master);

	if (strcmp(path, "/livez") != 0 && strcmp(path, "/readyz") != 0 &&
		strcmp(path, "/healthz") != 0)
		return false;
	exchange_query(x, "exclude", exclude, sizeof(exclude));
	if (k->world->answers[HOSTILE_PROBES] != NULL)
		hostile_answer(k->world->answers[HOSTILE_PROBES], x);
	else if (k->world->machines[master].livez_bad && strcmp(path, "/livez") == 0)
		exchange_reply(x, 500, "text/plain; charset=utf-8", sick, sizeof(sick) - 1);
	else if (ok || strcmp(exclude, "etcd") == 0)
		health_reply(x, true);
	else
		exchange_later(x, world_ms(k->world, DEAD_ETCD_READY_MS), health_bad);
	return true;
}

static void version(struct exchange *x)
{
	static const char text[] =
		"{\n  \"major\": \"1\",\n  \"minor\": \"35\",\n  \"emulationMajor\": \"1\",\n  "
		"\"emulationMinor\": \"35\",\n"
		"  \"gitVersion\": \"" WORLD_VERSION
		"\",\n  \"gitCommit\": \"drill\",\n  \"gitTreeState\": \"clean\",\n"
		"  \"buildDate\": \"1970-01-01T00:00:00Z\",\n  \"goVersion\": \"go1.25.0\",\n  "
		"\"compiler\": \"gc\",\n"
		"  \"platform\": \"linux/amd64\"\n}";

	exchange_reply(x, 200, "application/json", text, sizeof(text) - 1);
}

/* ---- who asks ---- */

static const char *verb_of(const char *method, const struct route *r)
{
	if (strcmp(method, "GET") == 0)
		return r->name[0] != '\0' ? "get" : "list";
	if (strcmp(method, "POST") == 0)
		return "create";
	if (strcmp(method, "DELETE") == 0)
		return r->name[0] != '\0' ? "delete" : "deletecollection";
	return strcmp(method, "PUT") == 0 ? "update" : "patch";
}

static void forbid(struct exchange *x, const char *cn, const char *verb, const struct route *r)
{
	char where[120] = "at the cluster scope", name[270] = "", q[120];
	const struct kind *k = &kinds[r->kind];

	if (r->ns[0] != '\0')
		snprintf(where, sizeof(where), "in the namespace \"%s\"", r->ns);
	if (r->name[0] != '\0')
		snprintf(name, sizeof(name), " \"%s\"", r->name);
	kube_refuse(x, 403, "Forbidden", &(struct about){r->kind, r->name, NULL},
		"%s%s is forbidden: User \"%s\" cannot %s resource \"%s%s%s\" in API group \"%s\" "
		"%s",
		kube_qualified(r->kind, q), name, cn, verb, k->plural, r->sub[0] != '\0' ? "/" : "",
		r->sub, k->group, where);
}

/* 0 when the request may go on; else it was answered. */
static int authorize(const struct world *w, struct exchange *x, const struct route *r)
{
	const char *org = exchange_org(x), *bearer = exchange_header(x, "authorization");
	const char *cn = exchange_cn(x), *verb = verb_of(exchange_method(x), r);
	bool admin =
		strcmp(org, "system:masters") == 0 || strcmp(org, "kubeadm:cluster-admins") == 0;

	if (cn[0] == '\0' && bearer[0] != '\0') {
		kube_status(x, 401, "Unauthorized", NULL, "Unauthorized");
		return -1;
	}
	if (admin &&
		(r->kind == KIND_COUNT || !kube_denied(w, verb, kinds[r->kind].plural, r->sub)))
		return 0;
	if (cn[0] == '\0')
		cn = "system:anonymous";
	if (r->kind == KIND_COUNT)
		kube_status(x, 403, "Forbidden", "{}",
			"forbidden: User \"%s\" cannot get path \"%s\"", cn, exchange_path(x));
	else
		forbid(x, cn, verb, r);
	return -1;
}

/* True when this one request met trouble and was answered. */
static bool is_troubled(struct world *w, struct exchange *x, const struct route *r)
{
	bool read = strcmp(exchange_method(x), "GET") == 0;
	enum world_next *next = read ? &w->next_read : &w->next_write, met = *next;

	if (r->kind == KIND_COUNT)
		return false; /* a review changes nothing */
	*next = NEXT_WELL;
	if (met == NEXT_LOST)
		exchange_lose(x);
	if (met == NEXT_BUSY)
		kube_status(x, 503, "ServiceUnavailable", "{}",
			"the server is currently unable to handle the request");
	if (met == NEXT_CROWDED) {
		exchange_add_header(x, "retry-after", "1");
		kube_status(x, 429, "TooManyRequests", "{\"retryAfterSeconds\":1}",
			"Too many requests, please try again later.");
	}
	if (met == NEXT_CONFLICT)
		kube_refuse(x, 409, "Conflict", &(struct about){r->kind, r->name, NULL},
			"Operation cannot be fulfilled on %s \"%s\": the object has been modified; "
			"please apply your changes to the latest version and try again",
			exchange_path(x), r->name);
	return met >= NEXT_BUSY;
}

/* ---- for what ---- */

static const char *word(const char *p, char *dst, size_t size)
{
	size_t n = strcspn(p, "/");

	str_copy_n(dst, size, p, n);
	return p + n + (p[n] == '/');
}

/* 1: a resource; 0: no such resource; -1: no such path. r->kind is KIND_COUNT unless 1. */
static int find_route(const char *path, struct route *r)
{
	char group[64] = "", version_word[16], plural[64];
	const char *p;

	memset(r, 0, sizeof(*r));
	r->kind = KIND_COUNT;
	if (str_starts(path, "/api/"))
		p = word(path + 5, version_word, sizeof(version_word));
	else if (str_starts(path, "/apis/"))
		p = word(word(path + 6, group, sizeof(group)), version_word, sizeof(version_word));
	else
		return -1;
	p = word(p, plural, sizeof(plural));
	if (strcmp(plural, "namespaces") == 0 && strchr(p, '/') != NULL) {
		p = word(p, r->ns, sizeof(r->ns));
		p = word(p, plural, sizeof(plural));
	}
	p = word(p, r->name, sizeof(r->name));
	word(p, r->sub, sizeof(r->sub));
	for (int k = 0; k < KIND_COUNT; k++)
		if (strcmp(kinds[k].plural, plural) == 0 && strcmp(kinds[k].group, group) == 0 &&
			strcmp(kinds[k].version, version_word) == 0) {
			r->kind = k;
			return 1;
		}
	for (int k = 0; k < KIND_COUNT; k++)
		if (strcmp(kinds[k].group, group) == 0 &&
			strcmp(kinds[k].version, version_word) == 0)
			return 0;
	return -1;
}

static void nothing_there(struct exchange *x, int found)
{
	static const char text[] = "404 page not found\n";

	if (found == 0)
		kube_status(x, 404, "NotFound", "{}",
			"the server could not find the requested resource");
	else
		exchange_reply(x, 404, "text/plain; charset=utf-8", text, sizeof(text) - 1);
}

/* True when a hostile answer took the place of the true one. */
static bool is_spoilt(const struct world *w, struct exchange *x, const struct route *r)
{
	const struct hostile_row *row = exchange_query_true(x, "watch")
						? w->answers[HOSTILE_WATCHES]
					: r->name[0] == '\0' ? w->lists[r->kind]
							     : NULL;

	if (row != NULL)
		hostile_answer(row, x);
	return row != NULL;
}

static void resource(struct fake_kube *k, int master, struct exchange *x, const struct route *r)
{
	const char *method = exchange_method(x);

	if (strcmp(method, "GET") == 0 && is_spoilt(k->world, x, r))
		return;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		kube_write(k, master, x, r);
	else if (r->kind == KIND_POD && strcmp(r->sub, "log") == 0)
		kube_log(k, x, r);
	else if (exchange_query_true(x, "watch"))
		kube_watch(k, master, x, r);
	else if (r->name[0] != '\0')
		kube_get_one(k, master, x, r);
	else
		kube_list(k, master, x, r);
}

void kube_handle(void *api_port, struct exchange *x)
{
	struct api_port *port = api_port;
	struct route r;
	int found;

	if (health(port->kube, port->master, x))
		return;
	if (strcmp(exchange_path(x), "/version") == 0) {
		version(x);
		return;
	}
	found = find_route(exchange_path(x), &r);
	if (authorize(port->kube->world, x, &r) != 0 || is_troubled(port->kube->world, x, &r))
		return;
	if (str_starts(exchange_path(x), "/apis/metrics.k8s.io/v1beta1/nodes"))
		kube_metrics(port->kube, x);
	else if (str_starts(exchange_path(x), "/apis/authorization.k8s.io/v1/selfsubject") ||
		 str_starts(exchange_path(x), "/apis/authentication.k8s.io/v1/selfsubject"))
		kube_review(port->kube->world, x);
	else if (strcmp(exchange_path(x), "/livez/etcd") == 0)
		health_reply(x, world_etcd_ok(port->kube->world, port->master));
	else if (found == 1)
		resource(port->kube, port->master, x, &r);
	else
		nothing_there(x, found);
}
