/* What is read from a control-plane node's pki: its authority's certificate, and etcd's client
 * credentials, into memory. kubeadm's
 * healthcheck-client certificate is made for clients; the server's, which the strategy's commands
 * use, often serves as one, too, but hand-made ones lack the right to. The key passes through
 * memory only and every copy of ours is wiped. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/node_sections.h"
#include "cluster/node_shell.h"
#include "cluster/ssh_words.h"
#include "io/tls.h"

enum { PKI_OUT_MAX = 256 << 10, SCRIPT_MAX = 8 << 10 };

static const char body[] =
	"s() { printf '\\n@@%s %s\\n' \"$M\" \"$1\"; }\n"
	"n=healthcheck-client; [ -r \"$D/$n.crt\" ] && [ -r \"$D/$n.key\" ] || n=server\n"
	"s ca; cat \"$D/ca.crt\"\n"
	"s cert; cat \"$D/$n.crt\"\n"
	"s key; cat \"$D/$n.key\"\n"
	"s end\n";

static const char ca_script[] =
	"for f in /etc/kubernetes/pki/ca.crt /var/lib/rancher/k3s/server/tls/server-ca.crt "
	"/var/lib/rancher/rke2/server/tls/server-ca.crt; do\n"
	"[ -r \"$f\" ] && exec head -c 65536 \"$f\"; done\nexit 0\n";

static void pick(const struct buf *answer, const char *nonce, const char *wanted, const char *pem,
	char **out)
{
	struct node_sections it;
	char name[NODE_SECTION_NAME];
	const char *text;
	size_t n;

	node_sections_begin(&it, buf_text(answer), answer->len, nonce);
	while (*out == NULL && node_sections_next(&it, name, &text, &n))
		if (strcmp(name, wanted) == 0 && memmem(text, n, pem, strlen(pem)) != NULL)
			*out = mem_dup(text, n);
}

static int make_script(struct buf *script, const char *nonce, const char *dir, struct err *e)
{
	buf_fmt(script, "M=%s\nD=", nonce);
	ssh_quote(script, dir);
	buf_fmt(script, "\n%s", body);
	return script->over ? err_set(e, ERR_LIMIT,
				      _("the directory of etcd's certificates has too long a name"))
			    : 0;
}

int node_read_ca(const struct node_call *c, struct tls_cert *out, int max, struct err *e)
{
	struct buf answer;
	int n = -1, exit_code;

	buf_init(&answer, PKI_OUT_MAX);
	if (node_shell_run(c, ca_script, &answer, NULL, &exit_code, e) == 0) {
		n = tls_read_pem(buf_text(&answer), answer.len, out, max, NULL);
		if (n <= 0)
			n = err_set(e, ERR_MISSING, _("%s: no authority's certificate is there"),
				c->host);
	}
	buf_done(&answer);
	return n;
}

static void forget(char **secret)
{
	if (*secret != NULL)
		mem_wipe(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

int node_read_etcd_pki(const struct node_call *c, const char *dir, char *pem[3], struct err *e)
{
	static const char *const sections[3][2] = {{"ca", "-----BEGIN CERTIFICATE-----"},
		{"cert", "-----BEGIN CERTIFICATE-----"}, {"key", "PRIVATE KEY-----"}};
	char nonce[NODE_NONCE_HEX];
	struct buf script, answer;
	int rc = -1, exit_code;

	pem[0] = pem[1] = pem[2] = NULL;
	buf_init(&script, SCRIPT_MAX);
	buf_init(&answer, PKI_OUT_MAX);
	if (node_nonce(nonce, e) != 0 || make_script(&script, nonce, dir, e) != 0)
		goto out;
	if (node_shell_run(c, buf_text(&script), &answer, NULL, &exit_code, e) != 0)
		goto out;
	for (size_t i = 0; i < 3; i++)
		pick(&answer, nonce, sections[i][0], sections[i][1], &pem[i]);
	if (pem[0] == NULL || pem[1] == NULL || pem[2] == NULL)
		err_set(e, ERR_MISSING,
			_("%s: no readable etcd client certificate in %s (ca.crt with "
			  "healthcheck-client or server .crt and .key)"),
			c->host, dir);
	else if ((rc = tls_check_pair(pem[1], pem[2], e)) != 0)
		err_in(e, c->host);
out:
	for (size_t i = 0; rc != 0 && i < 3; i++)
		forget(&pem[i]);
	if (answer.at != NULL)
		mem_wipe(answer.at, answer.cap);
	buf_done(&script);
	buf_done(&answer);
	return rc;
}
