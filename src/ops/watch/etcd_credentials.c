/* Credentials for etcd, as DESIGN's `auto`: the configured files, else the strategy's paths on this
 * host, else read over ssh into memory. Files and ssh block, so a worker looks for them. */
#include "ops/watch/etcd_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/node_layout.h"
#include "cluster/node_pki.h"
#include "io/file.h"
#include "io/tls.h"
#include "ops/watch/errand.h"

#define SEEK_EVERY_MS  15000
#define SEEK_RAREST_MS 120000
#define PKI_TIMEOUT_MS 15000
#define SEEK_SOON_MS   500 /* while no node is known that could be asked */
#define PEM_MAX        (256u << 10)

struct credentials_letter {
	struct errand errand;
	char *files[3];
	char *pki_dir;
	struct node_shell *shell;
	size_t n_hosts;
	struct shell_host hosts[LAYER_MAX_NODES];
	char *pem[3];
	char from[160];
};

static void forget_pem(struct credentials_letter *c)
{
	for (size_t i = 0; i < 3; i++) {
		if (c->pem[i])
			mem_wipe(c->pem[i], strlen(c->pem[i]));
		free(c->pem[i]);
		c->pem[i] = NULL;
	}
}

static void credentials_drop(struct letter *l)
{
	struct credentials_letter *c = (struct credentials_letter *)l;

	for (size_t i = 0; i < 3; i++)
		free(c->files[i]);
	forget_pem(c);
	free(c->pki_dir);
	free(c);
}

static int read_files(struct credentials_letter *c, const char *const paths[3], struct err *e)
{
	for (size_t i = 0; i < 3; i++)
		if (file_read(paths[i], PEM_MAX, &c->pem[i], NULL, e) != 0) {
			forget_pem(c);
			return -1;
		}
	if (tls_check_pair(c->pem[1], c->pem[2], e) != 0) {
		err_in(e, paths[2]);
		forget_pem(c);
		return -1;
	}
	snprintf(c->from, sizeof(c->from), "%s", paths[1]);
	return 0;
}

/* One of a layout's client certificates, under dir. */
static int read_pair(struct credentials_letter *c, const char *dir, const struct node_layout *l,
	const char *pair, struct err *e)
{
	int n = (int)strcspn(pair, " ");
	char *paths[3] = {str_fmt("%s/%s", dir, l->etcd_ca), str_fmt("%s/%.*s.crt", dir, n, pair),
		str_fmt("%s/%.*s.key", dir, n, pair)};
	int rc = read_files(c, (const char *const *)paths, e);

	for (size_t i = 0; i < 3; i++)
		free(paths[i]);
	return rc;
}

/* This host's own: under the configured directory, else where a layout has them. The error is the
 * configured directory's. */
static int read_local(struct credentials_letter *c, struct err *e)
{
	for (size_t i = 0; i < node_layouts_count; i++) {
		const struct node_layout *l = &node_layouts[i];
		const char *dir = i == 0 ? c->pki_dir : l->etcd_pki, *pair = l->etcd_pairs;

		for (; dir[0] != '\0' && *pair != '\0'; pair += strspn(pair, " ")) {
			if (read_pair(c, dir, l, pair, i == 0 ? e : NULL) == 0)
				return 0;
			pair += strcspn(pair, " ");
		}
	}
	return -1;
}

static void credentials_run(struct errand *x, int cancel_fd)
{
	struct credentials_letter *c = (struct credentials_letter *)x;

	if (c->files[1]) {
		read_files(c, (const char *const *)c->files, &c->errand.err);
		return;
	}
	if (read_local(c, &c->errand.err) == 0) {
		err_clear(&c->errand.err);
		return;
	}
	for (size_t i = 0; c->shell && i < c->n_hosts; i++) {
		const struct shell_host *h = &c->hosts[i];
		char from[NODE_PKI_FROM];
		const struct node_call call = {
			c->shell, h->name, PKI_TIMEOUT_MS, cancel_fd, h->local};

		if (node_read_etcd_pki(&call, c->pki_dir, c->pem, from, &c->errand.err) == 0) {
			snprintf(c->from, sizeof(c->from), "%s:%s", h->name, from);
			err_clear(&c->errand.err);
			return;
		}
	}
}

static void hear(void *room, struct letter *l, struct instant now)
{
	struct etcd_watch *w = room;
	const struct credentials_letter *c = (const struct credentials_letter *)l;

	if (!question_awaits(&w->search, c->errand.asking))
		return; /* of a search that was given up for a newer one */
	question_answered(&w->search, now, &c->errand.err, -1);
	if (c->errand.err.code != ERR_NONE || !c->pem[0]) {
		w->credentials = ETCD_CREDENTIALS_NONE;
		w->sought_vain += c->n_hosts > 0;
		snprintf(w->credentials_from, sizeof(w->credentials_from),
			_("no etcd credentials: %.160s"), c->errand.err.text);
		return;
	}
	http_tls_unref(w->tls);
	w->tls = http_tls_new(c->pem[0], c->pem[1], c->pem[2]);
	w->credentials = ETCD_CREDENTIALS_FOUND;
	str_copy(w->credentials_from, sizeof(w->credentials_from), c->from);
	etcd_watch_ask_all(w);
}

static const struct errand_kind credentials_errand = {credentials_run, credentials_drop, hear};

/* Each host of a search in vain was logged in to: the next one may wait twice as long. */
static int64_t seek_wait_ms(const struct etcd_watch *w)
{
	int64_t ms = w->sought_hosts ? SEEK_EVERY_MS : SEEK_SOON_MS;

	for (unsigned i = 1; w->sought_hosts && i < w->sought_vain && ms < SEEK_RAREST_MS; i++)
		ms *= 2;
	return ms;
}

static void add_nodes(struct credentials_letter *c, const struct node_watch *nodes)
{
	for (size_t i = 0; i < nodes->n && c->n_hosts < LAYER_MAX_NODES; i++) {
		const struct node_watch_node *n = &nodes->at[i];

		c->hosts[c->n_hosts] = node_watch_host(n);
		c->n_hosts += c->hosts[c->n_hosts].name[0] != '\0' &&
			      !(n->ever && probe_is_bad(&n->round.probe));
	}
}

/* The hosts of an external etcd, when it is the operator who named them. */
static void add_configured(struct credentials_letter *c, const struct etcd_watch *w)
{
	for (size_t i = 0; i < w->state.n && c->n_hosts < LAYER_MAX_NODES; i++) {
		bool known = !w->at[i].configured;

		for (size_t k = 0; k < c->n_hosts; k++)
			known = known || str_eq(c->hosts[k].name, w->state.members[i].address);
		if (!known)
			str_copy(c->hosts[c->n_hosts++].name, sizeof(c->hosts[0].name),
				w->state.members[i].address);
	}
}

void etcd_credentials_seek(struct etcd_watch *w, struct instant now, const struct node_watch *nodes)
{
	struct credentials_letter *c;

	errand_wait(w->pool, &w->search, now);
	w->search.every_ms = seek_wait_ms(w);
	if (!question_due(&w->search, now))
		return;
	if (!w->files[1] && (!w->pki_dir || !w->pki_dir[0]))
		return;
	c = mem_new(struct credentials_letter);
	errand_init(&c->errand, &credentials_errand, w->to, w);
	for (size_t i = 0; i < 3; i++)
		c->files[i] = mem_str(w->files[i]);
	c->pki_dir = mem_str(w->pki_dir);
	c->shell = w->shell;
	add_nodes(c, nodes);
	add_configured(c, w);
	w->sought_hosts = c->n_hosts;
	w->search.total_ms = (int64_t)(c->n_hosts + 1) * PKI_TIMEOUT_MS;
	w->credentials = ETCD_CREDENTIALS_SOUGHT;
	if (errand_ask(&c->errand, w->pool, &w->search, now) != 0)
		w->credentials = ETCD_CREDENTIALS_NONE;
}

void etcd_credentials_forget(struct etcd_watch *w)
{
	http_tls_unref(w->tls);
	w->tls = NULL;
	question_init(&w->search, 0);
	w->sought_vain = 0;
	w->credentials = ETCD_CREDENTIALS_NONE;
	w->credentials_from[0] = '\0';
}
