/* What is read from a control-plane node's pki: its authority's certificate, and etcd's client
 * credentials, into memory. kubeadm's
 * healthcheck-client certificate is made for clients; the server's, which the strategy's commands
 * use, often serves as one, too, but hand-made ones lack the right to. The key passes through
 * memory only and every copy of ours is wiped. */
#include "cluster/node_pki.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/node_script.h"
#include "cluster/node_sections.h"
#include "io/tls.h"

enum { PKI_OUT_MAX = 256 << 10, SCRIPT_MAX = 32 << 10 };

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

int node_read_ca(const struct node_call *c, struct tls_cert *out, int max, struct err *e)
{
	struct buf script, answer;
	int n = -1, exit_code;

	buf_init(&script, SCRIPT_MAX);
	buf_init(&answer, PKI_OUT_MAX);
	node_script_begin(&script, "");
	node_script_add(&script, "ca");
	if (node_shell_run(c, buf_text(&script), &answer, NULL, &exit_code, e) == 0) {
		n = tls_read_pem(buf_text(&answer), answer.len, out, max, NULL);
		if (n <= 0)
			n = err_set(e, ERR_MISSING, _("%s: no authority's certificate is there"),
				c->host);
	}
	buf_done(&script);
	buf_done(&answer);
	return n;
}

int node_read_etcd_pki(const struct node_call *c, const char *dir, char *pem[3],
	char from[NODE_PKI_FROM], struct err *e)
{
	static const char *const sections[3][2] = {{"ca", "-----BEGIN CERTIFICATE-----"},
		{"cert", "-----BEGIN CERTIFICATE-----"}, {"key", "PRIVATE KEY-----"}};
	char *place = NULL;
	char nonce[NODE_NONCE_HEX];
	struct buf script, answer;
	int rc = -1, exit_code;

	pem[0] = pem[1] = pem[2] = NULL;
	buf_init(&script, SCRIPT_MAX);
	buf_init(&answer, PKI_OUT_MAX);
	str_copy(from, NODE_PKI_FROM, dir);
	if (node_nonce(nonce, e) != 0)
		goto out;
	node_script_set(&script, "D", dir);
	node_script_begin(&script, nonce);
	node_script_add(&script, "etcd_pki");
	if (script.over) {
		err_set(e, ERR_LIMIT,
			_("the directory of etcd's certificates has too long a name"));
		goto out;
	}
	if (node_shell_run(c, buf_text(&script), &answer, NULL, &exit_code, e) != 0)
		goto out;
	for (size_t i = 0; i < 3; i++)
		pick(&answer, nonce, sections[i][0], sections[i][1], &pem[i]);
	pick(&answer, nonce, "from", "/", &place);
	if (place != NULL)
		str_copy_n(from, NODE_PKI_FROM, place, strcspn(place, "\r\n"));
	free(place);
	if (pem[0] == NULL || pem[1] == NULL || pem[2] == NULL)
		err_set(e, ERR_MISSING,
			_("%s: no readable etcd client certificate in %s (an authority's .crt "
			  "with a client's .crt and .key)"),
			c->host, from);
	else if ((rc = tls_check_pair(pem[1], pem[2], e)) != 0)
		err_in(e, c->host);
out:
	for (size_t i = 0; rc != 0 && i < 3; i++)
		mem_forget(&pem[i]);
	if (answer.at != NULL)
		mem_wipe(answer.at, answer.cap);
	buf_done(&script);
	buf_done(&answer);
	return rc;
}
