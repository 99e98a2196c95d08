/* Exec credential plugins (k8s.io/client-go/plugin/pkg/client/auth/exec): a program that prints an
 * ExecCredential. It runs without a terminal, its stdin /dev/null and a session of its own, so it
 * can never prompt over the screen: a plugin that must ask somebody is refused, or fails, and the
 * operator is told to log in with it beforehand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/redact.h"
#include "base/str.h"
#include "base/text.h"
#include "cluster/kube_plugin.h"
#include "io/json.h"
#include "io/proc.h"
#include "io/tls.h"

#define TIMEOUT_MS 60000
#define OUT_MAX    (1u << 20)
#define SAID_MAX   200

static void write_cluster(struct jsw *w, const struct kube_access *a)
{
	jsw_object(w, "cluster");
	jsw_str(w, "server", a->server);
	if (a->tls_server_name != NULL)
		jsw_str(w, "tls-server-name", a->tls_server_name);
	if (a->insecure)
		jsw_bool(w, "insecure-skip-tls-verify", true);
	if (a->ca_pem != NULL) {
		char *data = base64_encode(a->ca_pem, strlen(a->ca_pem));

		jsw_str(w, "certificate-authority-data", data);
		free(data);
	}
	if (a->proxy_url != NULL)
		jsw_str(w, "proxy-url", a->proxy_url);
	if (a->exec->cluster_config != NULL)
		jsw_raw(w, "config", a->exec->cluster_config);
	jsw_end_object(w);
}

/* KUBERNETES_EXEC_INFO=... */
static char *exec_info(const struct kube_access *a)
{
	struct buf b;
	struct jsw w;

	buf_init(&b, 4u << 20);
	buf_puts(&b, "KUBERNETES_EXEC_INFO=");
	jsw_init(&w, &b);
	jsw_object(&w, NULL);
	jsw_str(&w, "kind", "ExecCredential");
	jsw_str(&w, "apiVersion", a->exec->api_version);
	jsw_object(&w, "spec");
	if (a->exec->provide_cluster_info)
		write_cluster(&w, a);
	jsw_bool(&w, "interactive", false);
	jsw_end_object(&w);
	jsw_end_object(&w);
	return buf_take(&b);
}

/* The last line the plugin wrote to stderr, without secrets: usually the reason. */
static void last_words(const struct buf *err, char *dst, size_t size)
{
	char *safe = redact_text(buf_text(err), err->len);
	size_t end = strlen(safe), from;

	while (end > 0 && (safe[end - 1] == '\n' || safe[end - 1] == ' ' || safe[end - 1] == '\r'))
		end--;
	for (from = end; from > 0 && safe[from - 1] != '\n'; from--)
		;
	text_safe(dst, size, safe + from, end - from);
	free(safe);
}

static int run(
	const struct kube_access *a, int cancel_fd, struct proc_result *result, struct err *e)
{
	const struct kube_exec *x = a->exec;
	const char **argv, **env;
	size_t n_args = 0, n_env = 0;
	char *info = exec_info(a);
	int rc;

	while (x->args != NULL && x->args[n_args] != NULL)
		n_args++;
	while (x->env != NULL && x->env[n_env] != NULL)
		n_env++;
	argv = mem_zero(n_args + 2, sizeof(*argv));
	env = mem_zero(n_env + 2, sizeof(*env));
	argv[0] = x->command;
	for (size_t i = 0; i < n_args; i++)
		argv[i + 1] = x->args[i];
	for (size_t i = 0; i < n_env; i++)
		env[i] = x->env[i];
	env[n_env] = info;
	rc = proc_run(&(struct proc_request){.argv = argv,
			      .env = env,
			      .timeout_ms = TIMEOUT_MS,
			      .cancel_fd = cancel_fd,
			      .max_out = OUT_MAX},
		result, e);
	free(info);
	free(argv);
	free(env);
	return rc;
}

/* "kubeconfig's exec plugin aws: why. HINT" */
static int fail(const struct kube_access *a, const char *why, struct err *e)
{
	const char *hint = a->exec->install_hint;
	char shown[SAID_MAX] = "";

	if (hint != NULL)
		text_safe(shown, sizeof(shown), hint, strlen(hint));
	return err_set(e, ERR_AUTH,
		shown[0] != '\0' ? _("the exec plugin %s: %s. Its hint: %s")
				 : _("the exec plugin %s: %s"),
		a->exec->command, why, shown);
}

static int take_status(const struct kube_access *a, const struct js *doc,
	struct kube_plugin_credential *out, struct err *e)
{
	const struct js *status = js_get(doc, "status");
	const char *expires = js_text(status, "expirationTimestamp");
	struct err why;

	if (!str_eq(js_text(doc, "kind"), "ExecCredential"))
		return fail(a, _("what it printed is no ExecCredential"), e);
	if (!str_eq(js_text(doc, "apiVersion"), a->exec->api_version))
		return fail(
			a, _("it answered in another apiVersion than the kubeconfig asks for"), e);
	if (!js_is_object(status))
		return fail(a, _("it gave no status"), e);
	out->token = mem_str(js_text(status, "token"));
	out->cert_pem = mem_str(js_text(status, "clientCertificateData"));
	out->key_pem = mem_str(js_text(status, "clientKeyData"));
	out->expires_ms = expires != NULL ? instant_parse(expires) : INT64_MAX;
	if (expires != NULL && out->expires_ms == INT64_MIN)
		return fail(a, _("its expirationTimestamp is no time"), e);
	if ((out->cert_pem == NULL) != (out->key_pem == NULL))
		return fail(a,
			_("it gave a certificate without its key, or a key without its "
			  "certificate"),
			e);
	if (out->cert_pem != NULL && tls_check_pair(out->cert_pem, out->key_pem, &why) != 0)
		return fail(a, why.text, e);
	if (out->token == NULL && out->cert_pem == NULL)
		return fail(a, _("it gave neither a token nor a certificate"), e);
	if (out->token != NULL && strpbrk(out->token, "\r\n") != NULL)
		return fail(a, _("there is a line break inside its token"), e);
	return 0;
}

static int take_output(const struct kube_access *a, const struct proc_result *r,
	struct kube_plugin_credential *out, struct err *e)
{
	char said[SAID_MAX], why[SAID_MAX + 80];
	struct js *doc;
	int rc;

	if (r->exit_code != 0) {
		last_words(&r->err, said, sizeof(said));
		snprintf(why, sizeof(why), _("it failed (exit %d): %s"), r->exit_code,
			said[0] != '\0' ? said : _("it gave no reason"));
		return fail(a, why, e);
	}
	doc = js_parse(buf_text(&r->out), r->out.len, NULL);
	if (doc == NULL)
		return fail(a, _("what it printed is no JSON"), e);
	rc = take_status(a, doc, out, e);
	js_free(doc);
	return rc;
}

int kube_plugin_run(const struct kube_access *a, int cancel_fd, struct kube_plugin_credential *out,
	struct err *e)
{
	struct proc_result result;
	struct err why;
	int rc;

	memset(out, 0, sizeof(*out));
	if (a->exec->interactive_always)
		return fail(a,
			_("it must ask for input (interactiveMode: Always), which a full-screen "
			  "console cannot let it do; log in with kubectl and use a token"),
			e);
	memset(&result, 0, sizeof(result));
	rc = run(a, cancel_fd, &result, &why);
	if (rc != 0 && why.code == ERR_CANCELLED)
		*e = why;
	else
		rc = rc != 0 ? fail(a, why.text, e) : take_output(a, &result, out, e);
	if (result.out.at != NULL)
		mem_wipe(result.out.at, result.out.len);
	proc_result_done(&result);
	if (rc != 0)
		kube_plugin_credential_done(out);
	return rc;
}

void kube_plugin_credential_done(struct kube_plugin_credential *c)
{
	mem_forget(&c->token);
	mem_forget(&c->key_pem);
	free(c->cert_pem);
	c->cert_pem = NULL;
}
