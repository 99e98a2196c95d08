/* One credential out of everything an access may hold. What beats what is kubectl's: a plugin's
 * answer before all else, a token file before the token beside it. Certificate and key files are
 * read again too, since kubeadm and kubelet rotate them. */
#include "cluster/kube_auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/kube_plugin.h"
#include "cluster/kube_token.h"
#include "io/file.h"
#include "io/tls.h"

#define FILE_MAX (1u << 20)

struct kube_cred *kube_cred_ref(struct kube_cred *c)
{
	__atomic_add_fetch(&c->refs, 1, __ATOMIC_RELAXED);
	return c;
}

void kube_cred_unref(struct kube_cred *c)
{
	if (c == NULL || __atomic_sub_fetch(&c->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	http_tls_unref(c->tls);
	mem_forget(&c->bearer);
	mem_forget(&c->basic);
	free(c);
}

bool kube_auth_changes(const struct kube_access *a)
{
	return a->exec != NULL || a->token_file != NULL ||
	       (a->cert_file != NULL && a->key_file != NULL);
}

/* The file as it is now; what was read before when it cannot be. */
static char *reread(const char *path, const char *before)
{
	char *text = NULL;

	if (path != NULL && file_read(path, FILE_MAX, &text, NULL, NULL) == 0 &&
		strstr(text, "-----BEGIN ") != NULL)
		return text;
	free(text);
	return mem_str(before);
}

static char *read_token(const struct kube_access *a)
{
	char *text = NULL;
	size_t from, end;

	if (a->token_file == NULL || file_read(a->token_file, FILE_MAX, &text, NULL, NULL) != 0)
		return mem_str(a->token);
	from = strspn(text, " \t\r\n");
	end = strlen(text);
	while (end > from && strchr(" \t\r\n", text[end - 1]) != NULL)
		text[--end] = '\0';
	memmove(text, text + from, end - from + 1);
	if (*text != '\0' && strpbrk(text, "\r\n") == NULL)
		return text;
	mem_forget(&text);
	return mem_str(a->token);
}

/* The certificate's end and owner; whatever cannot be read says nothing, the server will. */
static void describe_certificate(struct kube_cred *c, const char *pem)
{
	struct tls_cert cert;

	if (tls_read_pem(pem, strlen(pem), &cert, 1, NULL) != 1) {
		str_copy(c->what, sizeof(c->what), _("client certificate"));
		return;
	}
	snprintf(c->what, sizeof(c->what), _("client certificate %.100s"), cert.subject);
	c->expires_ms = cert.not_after_ms;
}

static void describe(struct kube_cred *c, const struct kube_access *a, const char *cert_pem)
{
	int64_t token_end = c->bearer != NULL ? kube_token_expiry(c->bearer) : INT64_MAX;

	if (cert_pem != NULL)
		describe_certificate(c, cert_pem);
	else if (a->exec != NULL)
		snprintf(c->what, sizeof(c->what), _("token of %.100s"), a->exec->command);
	else if (c->bearer != NULL)
		snprintf(c->what, sizeof(c->what), _("token of %.100s"),
			a->user != NULL ? a->user : "");
	else if (c->basic != NULL)
		snprintf(c->what, sizeof(c->what), _("password of %.*s"),
			(int)strcspn(c->basic, ":"), c->basic);
	else
		str_copy(c->what, sizeof(c->what),
			a->withheld ? _("no credential: none is sent to an http:// server")
				    : _("no credential"));
	if (cert_pem == NULL && token_end < c->expires_ms)
		c->expires_ms = token_end;
}

/* The files as they are now. A certificate and a key that do not fit, as in the middle of their
 * rotation, leave what was read before in its place. */
static void reread_pair(const struct kube_access *a, char **cert, char **key)
{
	*cert = reread(a->cert_file, a->cert_pem);
	*key = reread(a->key_file, a->key_pem);
	if (*cert == NULL || *key == NULL || tls_check_pair(*cert, *key, NULL) == 0)
		return;
	free(*cert);
	mem_forget(key);
	*cert = mem_str(a->cert_pem);
	*key = mem_str(a->key_pem);
}

/* Takes the plugin's token; a plugin's certificate replaces the files' one. */
static struct kube_cred *make(const struct kube_access *a, struct kube_plugin_credential *plugin)
{
	struct kube_cred *c = mem_new(struct kube_cred);
	char *cert = mem_str(plugin->cert_pem), *key = mem_str(plugin->key_pem);

	if (cert == NULL)
		reread_pair(a, &cert, &key);
	c->refs = 1;
	c->expires_ms = INT64_MAX;
	c->tls = http_tls_new(a->ca_pem, cert, key);
	if (a->insecure)
		c->tls = http_tls_insecure(c->tls);
	c->basic = mem_str(a->basic);
	c->bearer = a->exec != NULL ? plugin->token : read_token(a);
	plugin->token = NULL;
	describe(c, a, cert);
	if (plugin->expires_ms < c->expires_ms)
		c->expires_ms = plugin->expires_ms;
	free(cert);
	mem_forget(&key);
	return c;
}

int kube_auth_fetch(const struct kube_access *a, int cancel_fd, int64_t now_ms,
	struct kube_cred **out, struct err *e)
{
	struct kube_plugin_credential plugin = {.expires_ms = INT64_MAX};

	*out = NULL;
	if (a->exec != NULL && kube_plugin_run(a, cancel_fd, &plugin, e) != 0)
		return -1;
	*out = make(a, &plugin);
	kube_plugin_credential_done(&plugin);
	if (a->exec == NULL || (*out)->expires_ms > now_ms)
		return 0;
	kube_cred_unref(*out);
	*out = NULL;
	return err_set(e, ERR_AUTH,
		_("the exec plugin %s gave a credential that has expired already: log in with it "
		  "again"),
		a->exec->command);
}
