/* The exec plugin of a user: what to run and what to tell it. What kubectl refuses is refused here,
 * with a way out. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/kubeconfig_entry.h"
#include "io/file.h"
#include "io/json.h"

#define GROUP         "client.authentication.k8s.io/"
#define EXTENSION_MAX (256u << 10)

/* A scalar as kubectl reads it: null, boolean, integer, else a string. */
static void write_scalar(struct jsw *w, const char *key, const struct yml *v)
{
	int64_t number;
	bool flag;

	if (yml_text(v) == NULL)
		jsw_null(w, key);
	else if (v->plain && yml_bool(v, &flag))
		jsw_bool(w, key, flag);
	else if (v->plain && yml_int(v, &number))
		jsw_int(w, key, number);
	else
		jsw_str(w, key, yml_text(v));
}

/* Recursion no deeper than the YAML reader lets a file be. */
static void write_value(struct jsw *w, const char *key, const struct yml *v)
{
	if (v->kind == YML_SCALAR) {
		write_scalar(w, key, v);
	} else if (v->kind == YML_MAP) {
		jsw_object(w, key);
		for (size_t i = 0; i < v->n; i++)
			write_value(w, v->keys[i], v->items[i]);
		jsw_end_object(w);
	} else {
		jsw_array(w, key);
		for (size_t i = 0; i < v->n; i++)
			write_value(w, NULL, v->items[i]);
		jsw_end_array(w);
	}
}

/* The cluster's extension named client.authentication.k8s.io/exec, which only the plugin
 * understands. */
static char *cluster_config(const struct kubeconfig_entry *cluster)
{
	const struct yml *list = yml_get(cluster->at, "extensions");
	struct buf b;
	struct jsw w;

	for (size_t i = 0; list != NULL && list->kind == YML_LIST && i < list->n; i++) {
		const struct yml *extension = yml_get(list->items[i], "extension");

		if (extension == NULL ||
			!str_eq(yml_text(yml_get(list->items[i], "name")), GROUP "exec"))
			continue;
		buf_init(&b, EXTENSION_MAX);
		jsw_init(&w, &b);
		write_value(&w, NULL, extension);
		if (!b.over)
			return buf_take(&b);
		buf_done(&b);
	}
	return NULL;
}

static int take_args(const struct kubeconfig_entry *in, char ***out, struct err *e)
{
	const struct yml *list = yml_get(in->at, "args");
	size_t n = list != NULL ? list->n : 0;

	if (list != NULL && list->kind != YML_LIST)
		return yml_err(in->doc, list, e, _("args must be a list of strings"));
	*out = mem_zero(n + 1, sizeof(**out));
	for (size_t i = 0; i < n; i++) {
		if (list->items[i]->kind != YML_SCALAR)
			return yml_err(
				in->doc, list->items[i], e, _("args must be a list of strings"));
		(*out)[i] = mem_str(list->items[i]->text != NULL ? list->items[i]->text : "");
	}
	return 0;
}

static int take_env(const struct kubeconfig_entry *in, char ***out, struct err *e)
{
	const struct yml *list = yml_get(in->at, "env");
	size_t n = list != NULL ? list->n : 0;

	if (list != NULL && list->kind != YML_LIST)
		return yml_err(
			in->doc, list, e, _("env must be a list of maps with name and value"));
	*out = mem_zero(n + 1, sizeof(**out));
	for (size_t i = 0; i < n; i++) {
		const struct yml *item = list->items[i];
		const char *name = item->kind == YML_MAP ? yml_text(yml_get(item, "name")) : NULL;
		const char *value = item->kind == YML_MAP ? yml_text(yml_get(item, "value")) : NULL;

		if (name == NULL || *name == '\0' || strchr(name, '=') != NULL)
			return yml_err(in->doc, item, e,
				_("env must be a list of maps with name and value"));
		(*out)[i] = str_fmt("%s=%s", name, value != NULL ? value : "");
	}
	return 0;
}

static int take_mode(const struct kubeconfig_entry *in, struct kube_exec *x, struct err *e)
{
	const struct yml *v = yml_get(in->at, "interactiveMode");
	const char *mode = yml_text(v);

	if (mode == NULL || str_eq(mode, "Never") || str_eq(mode, "IfAvailable"))
		return 0;
	if (!str_eq(mode, "Always"))
		return yml_err(
			in->doc, v, e, _("interactiveMode must be Never, IfAvailable or Always"));
	x->interactive_always = true;
	return 0;
}

static int check_version(
	const struct kubeconfig_entry *in, const struct kube_exec *x, struct err *e)
{
	const struct yml *v = yml_get(in->at, "apiVersion");

	if (str_eq(x->api_version, GROUP "v1") || str_eq(x->api_version, GROUP "v1beta1"))
		return 0;
	return yml_err(in->doc, v != NULL ? v : in->at, e,
		_("the exec plugin's apiVersion must be %sv1 or v1beta1: update the plugin and "
		  "have it write its entry again"),
		GROUP);
}

int kubeconfig_exec(const struct kubeconfig_entry *user, const struct kubeconfig_entry *cluster,
	struct kube_access *a, struct err *e)
{
	struct kubeconfig_entry in = {.doc = user->doc, .at = yml_get(user->at, "exec")};
	struct kube_exec *x;
	char *command = NULL;
	bool info = false;

	if (in.at == NULL)
		return 0;
	if (in.at->kind != YML_MAP)
		return yml_err(
			in.doc, in.at, e, _("exec must be a map with command and apiVersion"));
	a->exec = x = mem_new(struct kube_exec);
	if (kubeconfig_text(&in, "command", &command, e) != 0)
		return -1;
	if (command == NULL)
		return yml_err(in.doc, in.at, e, _("exec has no command"));
	x->command = strchr(command, '/') != NULL ? file_beside(yml_file(in.doc), command)
						  : mem_str(command);
	free(command);
	if (kubeconfig_text(&in, "apiVersion", &x->api_version, e) != 0 ||
		check_version(&in, x, e) != 0 ||
		kubeconfig_text(&in, "installHint", &x->install_hint, e) != 0 ||
		take_mode(&in, x, e) != 0 || take_args(&in, &x->args, e) != 0 ||
		take_env(&in, &x->env, e) != 0)
		return -1;
	if (yml_get(in.at, "provideClusterInfo") != NULL &&
		!yml_bool(yml_get(in.at, "provideClusterInfo"), &info))
		return yml_err(in.doc, yml_get(in.at, "provideClusterInfo"), e,
			_("provideClusterInfo must be true or false"));
	x->provide_cluster_info = info;
	x->cluster_config = info ? cluster_config(cluster) : NULL;
	return 0;
}
