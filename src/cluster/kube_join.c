/* Bootstrap tokens, as `kubeadm token create` makes them. */
#include "cluster/kube_join.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/base64.h"
#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/tls.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyz0123456789"

/* n characters, each as likely as any other: bytes past the last whole alphabet are thrown away. */
static int fill_random(char *dst, size_t n, struct err *e)
{
	const unsigned char whole = 256 / (sizeof(LETTERS) - 1) * (sizeof(LETTERS) - 1);
	unsigned char bytes[64];
	size_t have = 0;

	while (have < n) {
		ssize_t got = getrandom(bytes, sizeof(bytes), 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(e, errno, _("no random bytes for a token"));
		for (ssize_t i = 0; i < got && have < n; i++)
			if (bytes[i] < whole)
				dst[have++] = LETTERS[bytes[i] % (sizeof(LETTERS) - 1)];
	}
	dst[n] = '\0';
	mem_wipe(bytes, sizeof(bytes));
	return 0;
}

int kube_join_make(int64_t now_wall_ms, struct kube_join *out, struct err *e)
{
	memset(out, 0, sizeof(*out));
	out->expires_ms = now_wall_ms + KUBE_JOIN_MS;
	if (fill_random(out->id, sizeof(out->id) - 1, e) == 0 &&
		fill_random(out->secret, sizeof(out->secret) - 1, e) == 0)
		return 0;
	kube_join_forget(out);
	return -1;
}

void kube_join_forget(struct kube_join *j)
{
	mem_wipe(j, sizeof(*j));
}

char *kube_join_token(const struct kube_join *j, char dst[24])
{
	snprintf(dst, 24, "%s.%s", j->id, j->secret);
	return dst;
}

int kube_join_pin(const char *ca_pem, char pin[72], struct err *e)
{
	char hex[65];

	if (tls_ca_hash(ca_pem, hex, e) != 0)
		return -1;
	snprintf(pin, 72, "sha256:%s", hex);
	return 0;
}

char *kube_join_command(const struct kube_join *j, const char *host_port, const char *pin)
{
	return str_fmt("kubeadm join %s --token %s.%s --discovery-token-ca-cert-hash %s", host_port,
		j->id, j->secret, pin);
}

static const char id_name[] = "bootstrap-token-";

static void encoded(struct jsw *w, const char *key, const char *value)
{
	char *text = base64_encode(value, strlen(value));

	jsw_str(w, key, text);
	mem_forget(&text);
}

static void secret_body(const struct kube_join *j, struct buf *body)
{
	char name[40], at[32];
	struct jsw w;

	snprintf(name, sizeof(name), "%s%s", id_name, j->id);
	instant_rfc3339(j->expires_ms, at, sizeof(at));
	jsw_init(&w, body);
	jsw_object(&w, NULL);
	jsw_str(&w, "kind", "Secret");
	jsw_str(&w, "apiVersion", "v1");
	jsw_object(&w, "metadata");
	jsw_str(&w, "name", name);
	jsw_str(&w, "namespace", "kube-system");
	jsw_end_object(&w);
	jsw_str(&w, "type", "bootstrap.kubernetes.io/token");
	jsw_object(&w, "data");
	encoded(&w, "description", "k911: a node that joins");
	encoded(&w, "token-id", j->id);
	encoded(&w, "token-secret", j->secret);
	encoded(&w, "expiration", at);
	encoded(&w, "usage-bootstrap-authentication", "true");
	encoded(&w, "usage-bootstrap-signing", "true");
	encoded(&w, "auth-extra-groups", "system:bootstrappers:kubeadm:default-node-token");
	jsw_end_object(&w);
	jsw_end_object(&w);
}

static void wipe_buf(struct buf *b)
{
	if (b->at != NULL)
		mem_wipe(b->at, b->cap);
}

enum kube_outcome kube_join_begin(
	const struct kube_deed *d, const struct kube_join *j, struct err *e)
{
	const struct kube_ref r = {.plural = "secrets", .ns = "kube-system"};
	struct kube_reply reply;
	struct buf body;
	enum kube_outcome outcome;

	buf_init(&body, KUBE_BODY_MAX);
	secret_body(j, &body);
	outcome = kube_deed_create(d, &r, buf_text(&body), &reply, e);
	wipe_buf(&body);
	wipe_buf(&reply.text); /* the server says it back */
	kube_reply_done(&reply);
	buf_done(&body);
	return outcome;
}

enum kube_outcome kube_join_end(const struct kube_deed *d, const char *id, struct err *e)
{
	char name[40];
	const struct kube_ref r = {.plural = "secrets", .ns = "kube-system", .name = name};
	const struct kube_delete how = {.grace_s = -1};

	snprintf(name, sizeof(name), "%s%.6s", id_name, id);
	return kube_deed_delete(d, &r, &how, e);
}
