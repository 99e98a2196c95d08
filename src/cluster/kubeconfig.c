/* Which files, which context, which entries. As kubectl merges them: the first file that has an
 * entry gives all of it, the first that names a current context decides. Every file is read whole
 * before anything is chosen, because a broken file must be said even when another would do. */
#include "cluster/kubeconfig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "cluster/kubeconfig_entry.h"
#include "io/file.h"

#define IN_CLUSTER_DIR "/var/run/secrets/kubernetes.io/serviceaccount"

struct config {
	VEC(struct yml_doc *) docs;
	char *tried;    /* the files looked for, for the message when there are none */
	bool explicit_; /* --kubeconfig: it alone, and it must be there */
};

static void config_done(struct config *c)
{
	for (size_t i = 0; i < c->docs.len; i++)
		yml_free(c->docs.at[i]);
	vec_done(&c->docs);
	free(c->tried);
}

static bool has_file(const struct config *c, const char *path)
{
	for (size_t i = 0; i < c->docs.len; i++)
		if (str_eq(yml_file(c->docs.at[i]), path))
			return true;
	return false;
}

static int add_file(struct config *c, const char *path, struct err *e)
{
	struct yml_doc *doc;

	if (has_file(c, path))
		return 0;
	doc = yml_read(path, e);
	if (doc == NULL)
		return -1;
	*vec_add(&c->docs) = doc;
	if (yml_root(doc)->kind != YML_MAP)
		return yml_err(doc, yml_root(doc), e,
			_("this is no kubeconfig: a map with contexts, clusters and users belongs "
			  "here"));
	return 0;
}

/* KUBECONFIG: a list by colons, where what is empty or missing is passed over. */
static int add_list(struct config *c, const char *list, struct err *e)
{
	int rc = 0;

	while (rc == 0 && *list != '\0') {
		size_t n = strcspn(list, ":");
		char *path = str_fmt("%.*s", (int)n, list);

		if (n > 0 && file_exists(path))
			rc = add_file(c, path, e);
		free(path);
		list += n + (list[n] == ':');
	}
	return rc;
}

static int add_files(struct config *c, const char *path, struct err *e)
{
	const char *list = getenv("KUBECONFIG");
	char *home;
	int rc = 0;

	if (path != NULL) {
		c->explicit_ = true;
		c->tried = mem_str(path);
		if (!file_exists(path))
			return err_set(e, ERR_INPUT, _("%s: there is no such kubeconfig"), path);
		return add_file(c, path, e);
	}
	if (list != NULL && *list != '\0') {
		c->tried = str_fmt("KUBECONFIG=%s", list);
		return add_list(c, list, e);
	}
	home = file_expand("~/.kube/config");
	c->tried = mem_str(home);
	if (home != NULL && file_exists(home))
		rc = add_file(c, home, e);
	free(home);
	return rc;
}

/* The named element of one file's list ("contexts"), its inner map ("context") in out. 1 found, 0
 * not, -1 malformed. */
static int find_in(const struct yml_doc *doc, const char *list_key, const char *key,
	const char *name, struct kubeconfig_entry *out, struct err *e)
{
	const struct yml *list = yml_get(yml_root(doc), list_key);
	const struct yml *first = NULL;

	if (list == NULL)
		return 0;
	if (list->kind != YML_LIST)
		return yml_err(doc, list, e, _("%s must be a list"), list_key);
	for (size_t i = 0; i < list->n; i++) {
		const struct yml *item = list->items[i];

		if (item->kind != YML_MAP)
			return yml_err(
				doc, item, e, _("each of %s must be a map with a name"), list_key);
		if (!str_eq(yml_text(yml_get(item, "name")), name))
			continue;
		if (first != NULL)
			return yml_err(
				doc, item, e, _("%s has two entries named \"%s\""), list_key, name);
		first = item;
		*out = (struct kubeconfig_entry){.doc = doc, .at = yml_get(item, key)};
		if (out->at == NULL || out->at->kind != YML_MAP)
			return yml_err(doc, item, e, _("\"%s\" has no %s"), name, key);
	}
	return first != NULL;
}

static int find(const struct config *c, const char *list_key, const char *key, const char *name,
	struct kubeconfig_entry *out, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < c->docs.len && rc == 0; i++)
		rc = find_in(c->docs.at[i], list_key, key, name, out, e);
	return rc;
}

/* "a, b, c": what could have been meant. */
static char *names_of(const struct config *c, const char *list_key)
{
	struct buf b;

	buf_init(&b, 300); /* what does not fit is left out */
	for (size_t i = 0; i < c->docs.len; i++) {
		const struct yml *list = yml_get(yml_root(c->docs.at[i]), list_key);

		for (size_t k = 0; list != NULL && list->kind == YML_LIST && k < list->n; k++) {
			const char *name = yml_text(yml_get(list->items[k], "name"));

			if (name != NULL)
				buf_fmt(&b, "%s%s", b.len > 0 ? ", " : "", name);
		}
	}
	return buf_take(&b);
}

/* The context's name: what was asked for, else the first current-context. NULL: none is named. at:
 * where, or NULL. */
static const char *context_name(
	const struct config *c, const char *asked, struct kubeconfig_entry *at)
{
	if (asked != NULL)
		return asked;
	for (size_t i = 0; i < c->docs.len; i++) {
		const struct yml *v = yml_get(yml_root(c->docs.at[i]), "current-context");

		if (yml_text(v) != NULL && *yml_text(v) != '\0') {
			*at = (struct kubeconfig_entry){.doc = c->docs.at[i], .at = v};
			return yml_text(v);
		}
	}
	return NULL;
}

static int no_context(
	const struct config *c, const char *name, const struct kubeconfig_entry *at, struct err *e)
{
	char *have = names_of(c, "contexts");
	int rc;

	if (*have == '\0')
		rc = err_set(e, ERR_INPUT,
			_("%s: it holds no context; give a kubeconfig that has one with "
			  "--kubeconfig"),
			c->tried);
	else if (name == NULL)
		rc = err_set(e, ERR_INPUT,
			_("%s: there is no current-context; choose one with --context: %s"),
			c->tried, have);
	else if (at->at != NULL)
		rc = yml_err(at->doc, at->at, e, _("there is no context \"%s\"; there are: %s"),
			name, have);
	else
		rc = err_set(e, ERR_INPUT, _("%s: there is no context \"%s\"; there are: %s"),
			c->tried, name, have);
	free(have);
	return rc;
}

/* A cluster's or user's entry that a context names: key is "cluster" or "user", whose list adds an
 * s. */
static int find_named(const struct config *c, const struct kubeconfig_entry *context,
	const char *key, const char *name, struct kubeconfig_entry *out, struct err *e)
{
	char list_key[16];
	char *have;
	int rc;

	snprintf(list_key, sizeof(list_key), "%ss", key);
	rc = find(c, list_key, key, name, out, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	have = names_of(c, list_key);
	yml_err(context->doc, yml_get(context->at, key), e,
		_("there is no %s \"%s\"; there are: %s"), key, name, have);
	free(have);
	return -1;
}

static int read_context(const struct config *c, const struct kubeconfig_entry *context,
	struct kube_access *a, struct err *e)
{
	struct kubeconfig_entry cluster = {0}, user = {0};

	if (kubeconfig_text(context, "cluster", &a->cluster, e) != 0 ||
		kubeconfig_text(context, "user", &a->user, e) != 0 ||
		kubeconfig_text(context, "namespace", &a->namespace_, e) != 0)
		return -1;
	if (a->cluster == NULL)
		return yml_err(context->doc, context->at, e,
			_("the context \"%s\" names no cluster"), a->context);
	if (find_named(c, context, "cluster", a->cluster, &cluster, e) != 0 ||
		kubeconfig_cluster(&cluster, a, e) != 0)
		return -1;
	if (a->user == NULL)
		return 0;
	if (find_named(c, context, "user", a->user, &user, e) != 0 ||
		kubeconfig_user(&user, a, e) != 0)
		return -1;
	return kubeconfig_exec(&user, &cluster, a, e);
}

static bool is_empty(const struct config *c)
{
	for (size_t i = 0; i < c->docs.len; i++) {
		const struct yml *list = yml_get(yml_root(c->docs.at[i]), "contexts");

		if (list != NULL && (list->kind != YML_LIST || list->n > 0))
			return false;
	}
	return true;
}

static int choose(const struct config *c, const char *asked, struct kube_access *a, struct err *e)
{
	struct kubeconfig_entry at = {0}, context = {0};
	const char *name = context_name(c, asked, &at);
	int rc = name == NULL ? 0 : find(c, "contexts", "context", name, &context, e);

	if (rc <= 0)
		return rc < 0 ? -1 : no_context(c, name, &at, e);
	a->context = mem_str(name);
	a->file = mem_str(yml_file(context.doc));
	return read_context(c, &context, a, e);
}

int kubeconfig_load(const char *path, const char *context, struct kube_access **out, struct err *e)
{
	struct kube_access *a = mem_new(struct kube_access);
	struct config c = {0};
	int rc;

	*out = NULL;
	rc = add_files(&c, path, e);
	if (rc == 0 && !c.explicit_ && is_empty(&c)) {
		rc = kubeconfig_in_cluster(IN_CLUSTER_DIR, a, e);
		if (rc != 0 && e != NULL && e->code == ERR_MISSING)
			err_set(e, ERR_MISSING,
				_("no kubeconfig (%s): set KUBECONFIG or give --kubeconfig"),
				c.tried != NULL ? c.tried : "~/.kube/config");
	} else if (rc == 0) {
		rc = choose(&c, context, a, e);
	}
	config_done(&c);
	if (rc == 0)
		*out = a;
	else
		kube_access_free(a);
	return rc;
}

static void free_list(char **list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		mem_forget(&list[i]);
	free(list);
}

static void exec_free(struct kube_exec *x)
{
	if (x == NULL)
		return;
	free(x->command);
	free_list(x->args);
	free_list(x->env);
	free(x->api_version);
	free(x->install_hint);
	free(x->cluster_config);
	free(x);
}

static void credentials_free(struct kube_access *a)
{
	free(a->cert_pem);
	mem_forget(&a->key_pem);
	free(a->cert_file);
	free(a->key_file);
	mem_forget(&a->token);
	free(a->token_file);
	mem_forget(&a->basic);
	exec_free(a->exec);
}

void kube_access_withhold(struct kube_access *a)
{
	a->withheld = a->key_pem != NULL || a->token != NULL || a->token_file != NULL ||
		      a->basic != NULL || a->exec != NULL;
	credentials_free(a);
	a->cert_pem = a->key_pem = a->cert_file = a->key_file = NULL;
	a->token = a->token_file = a->basic = NULL;
	a->exec = NULL;
}

void kube_access_free(struct kube_access *a)
{
	if (a == NULL)
		return;
	free(a->file);
	free(a->context);
	free(a->cluster);
	free(a->user);
	free(a->namespace_);
	free(a->server);
	free(a->tls_server_name);
	free(a->proxy_url);
	free(a->ca_pem);
	credentials_free(a);
	free_list(a->impersonate);
	free(a);
}
