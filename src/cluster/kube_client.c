/* The credential of the moment, and who fetches the next one. A request never waits for it:
 * kube_client_fill gives what there is, or says that it is being fetched. Fetching (a plugin's run,
 * files read again) is a job on the pool, one at a time, begun by whoever asks first after it is
 * due. A plugin is asked a little before its credential ends; files once a minute; all at once
 * after a 401, but never more than once in ten seconds. */
#include "cluster/kube_client.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/kube_auth.h"

#define FILES_MS     60000 /* how often files are read again */
#define RETRY_MS     10000 /* at least so long between two fetches that did not help */
#define AHEAD_MS     60000 /* a plugin is asked so long before its credential ends */
#define NO_TIME_LEFT INT64_MAX

struct kube_client {
	int refs; /* atomic */
	struct kube_access *access;
	struct pool *pool;
	struct kube_rations *rations;
	char host_port[300];    /* of the server, the port always there */
	pthread_mutex_t lock;   /* of what follows */
	struct kube_cred *cred; /* NULL: none yet, or the server refused it */
	struct err why;         /* why there is none */
	bool fetching;
	int64_t rejected_ms; /* BOOTTIME of the last fetch that a 401 began; 0: never */
	int64_t due_ms;      /* BOOTTIME; when to fetch again */
};

struct kube_hold {
	struct kube_cred *cred;
	char *url;
	char *connect_to;
	const char **headers;
};

/* The scheme's length with "://", and the authority behind it. */
static size_t authority_of(const char *server, size_t *n)
{
	size_t from = (size_t)(strstr(server, "://") + 3 - server);

	*n = strcspn(server + from, "/");
	return from;
}

static bool has_port(const char *authority, size_t n)
{
	for (size_t i = n; i > 0 && authority[i - 1] != ']'; i--)
		if (authority[i - 1] == ':')
			return true;
	return false;
}

static void set_host_port(struct kube_client *c)
{
	const char *server = c->access->server;
	size_t n, from = authority_of(server, &n);
	const char *port = has_port(server + from, n)    ? ""
			   : str_starts(server, "https") ? ":443"
							 : ":80";

	snprintf(c->host_port, sizeof(c->host_port), "%.*s%s", (int)n, server + from, port);
}

/* When to ask a plugin again: somewhat before the end, but at most a tenth of what is left. */
static int64_t refresh_in(
	const struct kube_client *c, const struct kube_cred *cred, int64_t now_wall_ms)
{
	int64_t left = cred->expires_ms == INT64_MAX ? INT64_MAX : cred->expires_ms - now_wall_ms;
	int64_t ahead = left / 10 < AHEAD_MS ? left / 10 : AHEAD_MS;

	if (c->access->exec == NULL)
		return FILES_MS;
	if (left == INT64_MAX)
		return NO_TIME_LEFT;
	return left - ahead > RETRY_MS ? left - ahead : RETRY_MS;
}

static void keep(struct kube_client *c, struct kube_cred *cred, const struct err *why)
{
	struct instant now = instant_now();
	struct kube_cred *old = NULL;
	int64_t in = RETRY_MS;

	pthread_mutex_lock(&c->lock);
	if (cred != NULL) {
		old = c->cred;
		c->cred = cred;
		in = refresh_in(c, cred, now.wall_ms);
		err_clear(&c->why);
	} else {
		c->why = *why;
	}
	c->due_ms = in == NO_TIME_LEFT ? INT64_MAX : now.boot_ms + in;
	c->fetching = false;
	pthread_mutex_unlock(&c->lock);
	kube_cred_unref(old);
}

static void fetch_now(struct kube_client *c, int cancel_fd)
{
	struct kube_cred *cred = NULL;
	struct err why;

	err_clear(&why);
	kube_auth_fetch(c->access, cancel_fd, instant_now().wall_ms, &cred, &why);
	keep(c, cred, &why);
}

static void fetch_job(void *job, int cancel_fd)
{
	fetch_now(job, cancel_fd);
}

static void fetch_drop(void *job)
{
	kube_client_unref(job);
}

/* Is a fetch due that nobody has begun? Then it is the caller's to begin, once it has let go of the
 * lock. */
static bool claim_fetch(struct kube_client *c, int64_t boot_ms)
{
	if (c->fetching || boot_ms < c->due_ms || c->pool == NULL)
		return false;
	c->fetching = true;
	return true;
}

static void begin_fetch(struct kube_client *c)
{
	kube_client_ref(c);
	if (pool_add(c->pool, fetch_job, fetch_drop, c) == 0)
		return;
	__atomic_sub_fetch(&c->refs, 1, __ATOMIC_RELAXED); /* not the last: the caller has one */
	pthread_mutex_lock(&c->lock);
	c->fetching = false;
	pthread_mutex_unlock(&c->lock);
}

struct kube_client *kube_client_new(struct kube_access *access, struct pool *pool)
{
	struct kube_client *c = mem_new(struct kube_client);

	if (!str_starts(access->server, "https://"))
		kube_access_withhold(access);
	c->refs = 1;
	c->access = access;
	c->rations = kube_rations_new();
	pthread_mutex_init(&c->lock, NULL);
	set_host_port(c);
	if (access->exec == NULL)
		fetch_now(c,
			-1); /* the files were just read by kubeconfig_load: this does not wait */
	if (!kube_auth_changes(access)) {
		c->due_ms = INT64_MAX;
		return c;
	}
	c->pool = pool;
	if (claim_fetch(c, instant_now().boot_ms))
		begin_fetch(c);
	return c;
}

struct kube_client *kube_client_ref(struct kube_client *c)
{
	__atomic_add_fetch(&c->refs, 1, __ATOMIC_RELAXED);
	return c;
}

void kube_client_unref(struct kube_client *c)
{
	if (c == NULL || __atomic_sub_fetch(&c->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	kube_cred_unref(c->cred);
	kube_rations_free(c->rations);
	kube_access_free(c->access);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

const struct kube_access *kube_client_access(const struct kube_client *c)
{
	return c->access;
}

struct kube_rations *kube_client_rations(struct kube_client *c)
{
	return c->rations;
}

void kube_client_server(const struct kube_client *c, struct kube_endpoint *out)
{
	memset(out, 0, sizeof(*out));
	str_copy(out->label, sizeof(out->label), c->host_port);
}

/* The server's URL with the name TLS is to verify, which then also is what the server is called in
 * the request. */
static char *url_of(const struct kube_client *c, const char *path)
{
	const char *server = c->access->server, *name = c->access->tls_server_name;
	bool v6 = name != NULL && strchr(name, ':') != NULL;
	size_t n, from = authority_of(server, &n);

	if (name == NULL)
		return str_fmt("%s%s", server, path);
	return str_fmt("%.*s%s%s%s%s%s%s", (int)from, server, v6 ? "[" : "", name, v6 ? "]" : "",
		strrchr(c->host_port, ':'), server + from + n, path);
}

static const char *connect_to_of(const struct kube_client *c, const struct kube_endpoint *to)
{
	if (to->connect_to[0] != '\0')
		return to->connect_to;
	return c->access->tls_server_name != NULL ? c->host_port : "";
}

void kube_client_url(const struct kube_client *c, const struct kube_endpoint *to, const char *path,
	char *url, size_t size, char connect_to[80])
{
	char *made = url_of(c, path);

	str_copy(url, size, made);
	str_copy(connect_to, 80, connect_to_of(c, to));
	free(made);
}

/* The newest credential, with a reference; NULL says why in e. */
static struct kube_cred *take_cred(struct kube_client *c, struct err *e)
{
	struct instant now = instant_now();
	struct kube_cred *cred = NULL;
	bool over, mine;

	pthread_mutex_lock(&c->lock);
	mine = claim_fetch(c, now.boot_ms);
	over = c->cred != NULL && c->access->exec != NULL && c->cred->expires_ms <= now.wall_ms;
	if (c->cred != NULL && !over)
		cred = kube_cred_ref(c->cred);
	else if (c->why.code != ERR_NONE)
		*e = c->why;
	else
		err_set(e, ERR_BUSY,
			c->access->exec != NULL ? _("waiting for the exec plugin %s")
						: _("reading the credentials of %s"),
			c->access->exec != NULL ? c->access->exec->command : c->access->user);
	pthread_mutex_unlock(&c->lock);
	if (mine)
		begin_fetch(c);
	return cred;
}

/* The request's own headers and those to impersonate, in one list; NULL when there are none. */
static const char **join_headers(const char *const *own, char **more)
{
	size_t n = 0, m = 0;
	const char **all;

	while (own != NULL && own[n] != NULL)
		n++;
	while (more != NULL && more[m] != NULL)
		m++;
	all = mem_zero(n + m + 1, sizeof(*all));
	for (size_t i = 0; i < n; i++)
		all[i] = own[i];
	for (size_t i = 0; i < m; i++)
		all[n + i] = more[i];
	return all;
}

static bool is_held(struct kube_client *c, const struct kube_endpoint *to, struct err *e)
{
	int64_t ms = kube_ration_held_ms(c->rations, to->label, instant_now());

	if (ms > 0 && e != NULL)
		err_set(e, ERR_BUSY, _("%s asks to be left alone for %d s"), to->label,
			(int)((ms + 999) / 1000));
	return ms > 0;
}

int kube_client_fill(struct kube_client *c, const struct kube_endpoint *to, const char *path,
	struct http_request *r, struct kube_hold **hold, struct err *e)
{
	struct kube_hold *h;
	struct kube_cred *cred;
	struct err why;

	*hold = NULL;
	if (is_held(c, to, e))
		return -1;
	cred = take_cred(c, &why);
	if (cred == NULL) {
		if (e != NULL)
			*e = why;
		return -1;
	}
	*hold = h = mem_new(struct kube_hold);
	h->cred = cred;
	h->url = url_of(c, path);
	h->connect_to = mem_str(connect_to_of(c, to));
	h->headers = join_headers(r->headers, c->access->impersonate);
	r->url = h->url;
	r->connect_to = h->connect_to[0] != '\0' ? h->connect_to : NULL;
	r->headers = h->headers;
	r->tls = cred->tls;
	r->bearer = cred->bearer;
	r->basic = cred->bearer == NULL ? cred->basic : NULL;
	r->proxy = c->access->proxy_url;
	r->gzip = r->gzip && !c->access->no_gzip;
	return 0;
}

void kube_hold_release(struct kube_hold *h)
{
	if (h == NULL)
		return;
	kube_cred_unref(h->cred);
	free(h->url);
	free(h->connect_to);
	free(h->headers);
	free(h);
}

void kube_client_learn(
	struct kube_client *c, const struct kube_endpoint *from, const struct http_result *result)
{
	kube_ration_hold(c->rations, from->label, http_retry_ms(result), instant_now());
	if (result->status == 401)
		kube_client_rejected(c);
}

void kube_client_rejected(struct kube_client *c)
{
	int64_t now = instant_now().boot_ms;
	struct kube_cred *old = NULL;
	bool mine = false;

	pthread_mutex_lock(&c->lock);
	if (c->pool != NULL && !c->fetching &&
		(c->rejected_ms == 0 || now - c->rejected_ms >= RETRY_MS)) {
		old = c->cred;
		c->cred = NULL;
		err_clear(&c->why);
		c->rejected_ms = c->due_ms = now;
		mine = claim_fetch(c, now);
	}
	pthread_mutex_unlock(&c->lock);
	if (mine)
		begin_fetch(c);
	kube_cred_unref(old);
}

int64_t kube_client_expiry(struct kube_client *c, char *what, size_t size)
{
	int64_t expires_ms = INT64_MAX;

	pthread_mutex_lock(&c->lock);
	if (c->cred != NULL)
		expires_ms = c->cred->expires_ms;
	str_copy(what, size, c->cred != NULL ? c->cred->what : "");
	pthread_mutex_unlock(&c->lock);
	return expires_ms;
}
