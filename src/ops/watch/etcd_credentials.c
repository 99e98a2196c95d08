/* Files and ssh block, so a worker looks for credentials; what it found comes back as a letter, and
 * whoever asks with them sees so at its next tick. */
#include "ops/watch/etcd_credentials.h"

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
		mem_forget(&c->pem[i]);
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
	struct etcd_credentials *c = room;
	const struct credentials_letter *x = (const struct credentials_letter *)l;

	if (!question_awaits(&c->search, x->errand.asking))
		return; /* of a search that was given up for a newer one */
	question_answered(&c->search, now, &x->errand.err, -1);
	if (x->errand.err.code != ERR_NONE || !x->pem[0]) {
		c->state = ETCD_CREDENTIALS_NONE;
		c->vain += x->n_hosts > 0;
		snprintf(c->from, sizeof(c->from), _("no etcd credentials: %.160s"),
			x->errand.err.text);
		return;
	}
	http_tls_unref(c->tls);
	c->tls = http_tls_new(x->pem[0], x->pem[1], x->pem[2]);
	c->state = ETCD_CREDENTIALS_FOUND;
	str_copy(c->from, sizeof(c->from), x->from);
}

static const struct errand_kind credentials_errand = {credentials_run, credentials_drop, hear};

/* Each host of a search in vain was logged in to: the next one may wait twice as long. */
static int64_t seek_wait_ms(const struct etcd_credentials *c)
{
	int64_t ms = c->hosts ? SEEK_EVERY_MS : SEEK_SOON_MS;

	for (unsigned i = 1; c->hosts && i < c->vain && ms < SEEK_RAREST_MS; i++)
		ms *= 2;
	return ms;
}

static void add_nodes(struct credentials_letter *x, const struct node_watch *nodes)
{
	for (size_t i = 0; i < nodes->n && x->n_hosts < LAYER_MAX_NODES; i++) {
		const struct node_watch_node *n = &nodes->at[i];

		x->hosts[x->n_hosts] = node_watch_host(n);
		x->n_hosts += x->hosts[x->n_hosts].name[0] != '\0' &&
			      !(n->ever && probe_is_bad(&n->round.probe));
	}
}

static void add_named(struct credentials_letter *x, const char *const *named, size_t n)
{
	for (size_t i = 0; i < n && x->n_hosts < LAYER_MAX_NODES; i++) {
		bool known = false;

		for (size_t k = 0; k < x->n_hosts; k++)
			known = known || str_eq(x->hosts[k].name, named[i]);
		if (!known)
			str_copy(x->hosts[x->n_hosts++].name, sizeof(x->hosts[0].name), named[i]);
	}
}

void etcd_credentials_seek(struct etcd_credentials *c, struct instant now,
	const struct node_watch *nodes, const char *const *named, size_t n_named)
{
	struct credentials_letter *x;

	errand_wait(c->pool, &c->search, now);
	c->search.every_ms = seek_wait_ms(c);
	if (!question_due(&c->search, now))
		return;
	if (!c->files[1] && (!c->pki_dir || !c->pki_dir[0]))
		return;
	x = mem_new(struct credentials_letter);
	errand_init(&x->errand, &credentials_errand, c->to, c);
	for (size_t i = 0; i < 3; i++)
		x->files[i] = mem_str(c->files[i]);
	x->pki_dir = mem_str(c->pki_dir);
	x->shell = c->shell;
	add_nodes(x, nodes);
	add_named(x, named, n_named);
	c->hosts = x->n_hosts;
	c->search.total_ms = (int64_t)(x->n_hosts + 1) * PKI_TIMEOUT_MS;
	c->state = ETCD_CREDENTIALS_SOUGHT;
	if (errand_ask(&x->errand, c->pool, &c->search, now) != 0)
		c->state = ETCD_CREDENTIALS_NONE;
}

void etcd_credentials_init(
	struct etcd_credentials *c, const char *const files[3], const char *pki_dir)
{
	for (size_t i = 0; i < 3 && files[1] && files[1][0]; i++)
		c->files[i] = file_expand(files[i]);
	c->pki_dir = mem_str(pki_dir);
	question_init(&c->search, 0);
}

void etcd_credentials_done(struct etcd_credentials *c)
{
	for (size_t i = 0; i < 3; i++)
		free(c->files[i]);
	free(c->pki_dir);
	http_tls_unref(c->tls);
}

void etcd_credentials_forget(struct etcd_credentials *c)
{
	http_tls_unref(c->tls);
	c->tls = NULL;
	question_init(&c->search, 0);
	c->vain = 0;
	c->state = ETCD_CREDENTIALS_NONE;
	c->from[0] = '\0';
}
