/* What a cluster's and a user's map say, with kubectl's rules for what beats what: *-data beats
 * files, files are relative to their own kubeconfig, contradictions are errors. Every complaint
 * says where. */
#include "cluster/kubeconfig_entry.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/kube_token.h"
#include "io/file.h"
#include "io/tls.h"

#define PEM_MAX   (1u << 20)
#define TOKEN_MAX (1u << 20)

static const struct yml *place(const struct kubeconfig_entry *in, const char *key)
{
	const struct yml *v = yml_get(in->at, key);

	return v != NULL ? v : in->at;
}

int kubeconfig_text(const struct kubeconfig_entry *in, const char *key, char **out, struct err *e)
{
	const struct yml *v = yml_get(in->at, key);

	*out = NULL;
	if (v == NULL)
		return 0;
	if (v->kind != YML_SCALAR)
		return yml_err(in->doc, v, e, _("%s must be a string"), key);
	if (yml_text(v) != NULL && *yml_text(v) != '\0')
		*out = mem_str(yml_text(v));
	return 0;
}

static int take_bool(const struct kubeconfig_entry *in, const char *key, bool *out, struct err *e)
{
	const struct yml *v = yml_get(in->at, key);

	*out = false;
	if (v == NULL || yml_bool(v, out))
		return 0;
	return yml_err(in->doc, v, e, _("%s must be true or false, without quotes"), key);
}

static int take_path(const struct kubeconfig_entry *in, const char *key, char **out, struct err *e)
{
	char *path;

	if (kubeconfig_text(in, key, &path, e) != 0)
		return -1;
	*out = path != NULL ? file_beside(yml_file(in->doc), path) : NULL;
	free(path);
	return 0;
}

/* A PEM: KEY-data in base64, else the file that KEY names, whose path goes to *file (which may be
 * NULL). */
static int take_pem(
	const struct kubeconfig_entry *in, const char *key, char **pem, char **file, struct err *e)
{
	char data_key[64], *data, *path = NULL;
	struct err why;
	int rc = -1;

	str_copy(data_key, sizeof(data_key), key);
	str_copy(data_key + strlen(key), sizeof(data_key) - strlen(key), "-data");
	if (kubeconfig_text(in, data_key, &data, e) != 0)
		return -1;
	if (data != NULL) {
		*pem = base64_decode(data, strlen(data), NULL);
		mem_forget(&data);
		if (*pem == NULL || strstr(*pem, "-----BEGIN ") == NULL)
			return yml_err(in->doc, place(in, data_key), e,
				_("%s must be a PEM in base64"), data_key);
		return 0;
	}
	if (take_path(in, key, &path, e) != 0)
		return -1;
	if (path != NULL && file_read(path, PEM_MAX, pem, NULL, &why) != 0)
		yml_err(in->doc, place(in, key), e, "%s: %s", key, why.text);
	else if (path != NULL && strstr(*pem, "-----BEGIN ") == NULL)
		yml_err(in->doc, place(in, key), e, _("%s: %s is no PEM"), key, path);
	else
		rc = 0;
	if (rc == 0 && file != NULL) {
		*file = path;
		path = NULL;
	}
	free(path);
	return rc;
}

/* https://host:port/prefix without a trailing slash; a bare host:port means https, as everywhere
 * with TLS. */
static int take_server(const struct kubeconfig_entry *in, struct kube_access *a, struct err *e)
{
	char *text;
	size_t n;

	if (kubeconfig_text(in, "server", &text, e) != 0)
		return -1;
	if (text == NULL)
		return yml_err(
			in->doc, in->at, e, _("the cluster \"%s\" has no server"), a->cluster);
	a->server = strstr(text, "://") != NULL ? mem_str(text) : str_fmt("https://%s", text);
	free(text);
	for (n = strlen(a->server); n > 0 && a->server[n - 1] == '/'; n--)
		a->server[n - 1] = '\0';
	for (const char *c = a->server; *c != '\0'; c++)
		if (isspace((unsigned char)*c) || iscntrl((unsigned char)*c) || *c == '@' ||
			*c == '?' || *c == '#')
			return yml_err(in->doc, place(in, "server"), e,
				_("the server must be https://HOST:PORT"));
	if (strstr(a->server, "://") == NULL || strstr(a->server, "://")[3] == '\0' ||
		strstr(a->server, "://")[3] == '/' ||
		(!str_starts(a->server, "https://") && !str_starts(a->server, "http://")))
		return yml_err(
			in->doc, place(in, "server"), e, _("the server must be https://HOST:PORT"));
	return 0;
}

/* A password in front of the proxy's host passes in clear, unless TLS leads there. */
static bool shows_password(const char *proxy_url)
{
	const char *host = strstr(proxy_url, "://");

	return host != NULL && !str_starts(proxy_url, "https://") &&
	       memchr(host + 3, '@', strcspn(host + 3, "/?#")) != NULL;
}

/* The names of a socks5 proxy's targets are resolved there, as kubectl does: curl calls that
 * socks5h. */
static int take_proxy(const struct kubeconfig_entry *in, struct kube_access *a, struct err *e)
{
	char *url;

	if (kubeconfig_text(in, "proxy-url", &url, e) != 0)
		return -1;
	if (url != NULL && shows_password(url)) {
		free(url);
		return yml_err(in->doc, place(in, "proxy-url"), e,
			_("proxy-url would send its password in clear: only an https:// proxy may "
			  "have one"));
	}
	if (url != NULL && str_starts(url, "socks5://")) {
		a->proxy_url = str_fmt("socks5h://%s", url + strlen("socks5://"));
		free(url);
		return 0;
	}
	a->proxy_url = url;
	if (url == NULL || str_starts(url, "http://") || str_starts(url, "https://") ||
		str_starts(url, "socks5h://"))
		return 0;
	return yml_err(in->doc, place(in, "proxy-url"), e,
		_("proxy-url must begin with http://, https:// or socks5://"));
}

int kubeconfig_cluster(const struct kubeconfig_entry *in, struct kube_access *a, struct err *e)
{
	if (take_server(in, a, e) != 0 || take_proxy(in, a, e) != 0 ||
		kubeconfig_text(in, "tls-server-name", &a->tls_server_name, e) != 0 ||
		take_bool(in, "insecure-skip-tls-verify", &a->insecure, e) != 0 ||
		take_bool(in, "disable-compression", &a->no_gzip, e) != 0 ||
		take_pem(in, "certificate-authority", &a->ca_pem, NULL, e) != 0)
		return -1;
	if (a->insecure && a->ca_pem != NULL)
		return yml_err(in->doc, place(in, "insecure-skip-tls-verify"), e,
			_("a certificate authority together with insecure-skip-tls-verify: kubectl "
			  "refuses that too; remove one"));
	return 0;
}

/* What OpenSSL would say, or ask, only in the handshake. */
static int check_certificate(
	const struct kubeconfig_entry *in, const struct kube_access *a, struct err *e)
{
	const char *key = a->key_file != NULL ? "client-key" : "client-key-data";
	struct err why;

	if (tls_check_pair(a->cert_pem, a->key_pem, &why) == 0)
		return 0;
	if (a->key_file != NULL)
		err_in(&why, a->key_file);
	return yml_err(in->doc, place(in, key), e, "%s: %s", key, why.text);
}

static int take_certificate(const struct kubeconfig_entry *in, struct kube_access *a, struct err *e)
{
	if (take_pem(in, "client-certificate", &a->cert_pem, &a->cert_file, e) != 0 ||
		take_pem(in, "client-key", &a->key_pem, &a->key_file, e) != 0)
		return -1;
	if ((a->cert_pem == NULL) == (a->key_pem == NULL))
		return a->key_pem == NULL ? 0 : check_certificate(in, a, e);
	return yml_err(in->doc, in->at, e,
		a->key_pem == NULL ? _("a client certificate without its key: add client-key or "
				       "client-key-data")
				   : _("a client key without its certificate: add "
				       "client-certificate or client-certificate-data"));
}

static int take_basic(const struct kubeconfig_entry *in, struct kube_access *a, struct err *e)
{
	char *name = NULL, *password = NULL;
	int rc = -1;

	if (kubeconfig_text(in, "username", &name, e) != 0 ||
		kubeconfig_text(in, "password", &password, e) != 0)
		goto out;
	if (name != NULL || password != NULL)
		a->basic = str_fmt(
			"%s:%s", name != NULL ? name : "", password != NULL ? password : "");
	rc = a->basic != NULL && a->token != NULL
		     ? yml_err(in->doc, in->at, e,
			       _("both a token and a password: kubectl refuses that too; remove "
				 "one"))
		     : 0;
out:
	free(name);
	mem_forget(&password);
	return rc;
}

/* The login helpers that kubectl once had inside. Only oidc's stored token can still be used as it
 * is. */
static int take_provider(const struct kubeconfig_entry *in, struct kube_access *a, struct err *e)
{
	struct kubeconfig_entry provider = {.doc = in->doc, .at = yml_get(in->at, "auth-provider")};
	struct kubeconfig_entry config = {.doc = in->doc};
	const char *name;

	if (provider.at == NULL)
		return 0;
	name = yml_text(yml_get(provider.at, "name"));
	if (!str_eq(name, "oidc"))
		return yml_err(in->doc, provider.at, e,
			_("the auth-provider \"%s\" is gone from Kubernetes: use an exec plugin "
			  "(%s)"),
			name != NULL ? name : "",
			str_eq(name, "gcp")     ? "gke-gcloud-auth-plugin"
			: str_eq(name, "azure") ? "kubelogin"
						: "kubectl oidc-login");
	config.at = yml_get(provider.at, "config");
	if (config.at == NULL || a->token != NULL)
		return 0;
	if (kubeconfig_text(&config, "id-token", &a->token, e) != 0)
		return -1;
	if (a->token == NULL || kube_token_expiry(a->token) <= instant_now().wall_ms)
		return yml_err(in->doc, provider.at, e,
			_("the oidc id-token is missing or expired, and k911 does not refresh it: "
			  "run kubectl once, or use the exec plugin kubectl oidc-login"));
	return 0;
}

static int add_header(char ***list, const char *key, const char *value, struct err *e,
	const struct kubeconfig_entry *in)
{
	size_t n = 0;

	if (strpbrk(value, "\r\n") != NULL)
		return yml_err(in->doc, in->at, e, _("a line break in what to impersonate"));
	while (*list != NULL && (*list)[n] != NULL)
		n++;
	*list = mem_grow(*list, n + 2, sizeof(**list));
	(*list)[n] = str_fmt("%s: %s", key, value);
	(*list)[n + 1] = NULL;
	return 0;
}

/* as, as-uid, as-groups: ignoring them would act with more rights than were meant. */
static int take_impersonation(
	const struct kubeconfig_entry *in, struct kube_access *a, struct err *e)
{
	const struct yml *groups = yml_get(in->at, "as-groups");
	char *user = NULL, *uid = NULL;
	int rc = -1;

	if (kubeconfig_text(in, "as", &user, e) != 0 || kubeconfig_text(in, "as-uid", &uid, e) != 0)
		goto out;
	if (yml_get(in->at, "as-user-extra") != NULL) {
		yml_err(in->doc, place(in, "as-user-extra"), e,
			_("as-user-extra is not supported"));
		goto out;
	}
	if (user == NULL && (uid != NULL || groups != NULL)) {
		yml_err(in->doc, in->at, e, _("as-uid or as-groups without as"));
		goto out;
	}
	if ((user != NULL && add_header(&a->impersonate, "Impersonate-User", user, e, in) != 0) ||
		(uid != NULL && add_header(&a->impersonate, "Impersonate-Uid", uid, e, in) != 0))
		goto out;
	for (size_t i = 0; groups != NULL && groups->kind == YML_LIST && i < groups->n; i++)
		if (yml_text(groups->items[i]) != NULL &&
			add_header(&a->impersonate, "Impersonate-Group", yml_text(groups->items[i]),
				e, in) != 0)
			goto out;
	rc = 0;
out:
	free(user);
	free(uid);
	return rc;
}

int kubeconfig_user(const struct kubeconfig_entry *in, struct kube_access *a, struct err *e)
{
	if (take_certificate(in, a, e) != 0 || kubeconfig_text(in, "token", &a->token, e) != 0 ||
		take_path(in, "tokenFile", &a->token_file, e) != 0 || take_basic(in, a, e) != 0)
		return -1;
	if (a->token != NULL && strpbrk(a->token, "\r\n") != NULL)
		return yml_err(in->doc, place(in, "token"), e, _("a line break inside the token"));
	return take_provider(in, a, e) != 0 || take_impersonation(in, a, e) != 0 ? -1 : 0;
}

/* The first line, which is the token. NULL when there is none. */
static char *read_line(const char *dir, const char *name, struct err *e)
{
	char *path = str_fmt("%s/%s", dir, name), *text = NULL;

	if (file_read(path, TOKEN_MAX, &text, NULL, e) == 0)
		text[strcspn(text, "\r\n")] = '\0';
	free(path);
	return text;
}

int kubeconfig_in_cluster(const char *dir, struct kube_access *a, struct err *e)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST"),
		   *port = getenv("KUBERNETES_SERVICE_PORT");
	char *ca_file;

	a->token_file = str_fmt("%s/token", dir);
	if (host == NULL || *host == '\0' || port == NULL || *port == '\0' ||
		!file_exists(a->token_file))
		return err_set(e, ERR_MISSING, _("no kubeconfig, and this is no pod"));
	a->file = mem_str(dir);
	a->context = mem_str("in-cluster");
	a->cluster = mem_str("in-cluster");
	a->user = mem_str("service account");
	a->namespace_ = read_line(dir, "namespace", NULL);
	a->server = str_fmt(
		strchr(host, ':') != NULL ? "https://[%s]:%s" : "https://%s:%s", host, port);
	a->token = read_line(dir, "token", e);
	ca_file = str_fmt("%s/ca.crt", dir);
	if (file_exists(ca_file) && file_read(ca_file, PEM_MAX, &a->ca_pem, NULL, e) != 0) {
		free(ca_file);
		return -1;
	}
	free(ca_file);
	return a->token != NULL ? 0 : -1;
}
