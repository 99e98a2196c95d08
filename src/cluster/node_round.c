/* The round: what a node is asked every few seconds, in one ssh command.
 *
 * The scripts (scripts/round.sh and its like) are POSIX sh and leans on nothing that a stock
 * kubeadm host may lack: without curl it takes wget, without wget bash's /dev/tcp, and says "not
 * asked" without any. Whatever can hang (systemctl, crictl, df on a dead mount, a journal) has a
 * limit of its own. It writes no file, since the disk may be full, and prints no private key: of a
 * PEM file only what stands between a certificate's own lines, ending at the first line of dashes
 * whatever it opens. */
#include "cluster/node_round.h"

#include <string.h>

#include "base/i18n.h"
#include "cluster/node_script.h"
#include "cluster/node_sections.h"
#include "cluster/ssh_failure.h"

enum { ROUND_OUT_MAX = 1 << 20, ROUND_ERRORS_MAX = 8 << 10, SCRIPT_MAX = 32 << 10 };

void node_round_script(struct buf *to, const struct node_round_asked *a)
{
	node_script_set(to, "VIP", a->vip != NULL ? a->vip : "");
	node_script_begin(to, a->nonce);
	node_script_add(to, "round");
	if (a->with_slow) {
		node_script_add(to, "certs");
		buf_puts(to, "export KUBELET RUNTIME\ns logs; lim 3 sh 2>/dev/null <<'END'\n");
		node_script_add(to, "logs");
		buf_puts(to, "END\n");
	}
	buf_puts(to, "s end; date +%s%N\nexit 0\n");
}

int node_round(const struct node_call *c, const char *vip, bool with_slow, struct host_report *out,
	struct err *e)
{
	char nonce[NODE_NONCE_HEX], last[160];
	struct node_round_asked a = {.nonce = nonce, .vip = vip, .with_slow = with_slow};
	struct instant sent = instant_now(), got;
	struct buf script, answer, errors;
	int rc = -1, exit_code;

	memset(out, 0, sizeof(*out));
	buf_init(&script, SCRIPT_MAX);
	buf_init(&answer, ROUND_OUT_MAX);
	buf_init(&errors, ROUND_ERRORS_MAX);
	if (node_nonce(nonce, e) != 0)
		goto out;
	node_round_script(&script, &a);
	a.sent_ms = sent.wall_ms;
	if (node_shell_run(c, buf_text(&script), &answer, &errors, &exit_code, e) != 0)
		goto out;
	got = instant_now();
	/* The wall clock may be set meanwhile: the way is measured on the other one. */
	a.got_ms = sent.wall_ms + (got.boot_ms - sent.boot_ms);
	rc = node_round_parse(buf_text(&answer), answer.len, &a, out, e);
	out->at = got;
	out->round_us = (got.boot_ms - sent.boot_ms) * 1000;
	if (rc != 0) {
		ssh_last_line(buf_text(&errors), last, sizeof(last));
		err_set(e, ERR_INPUT, _("%s: its shell broke off the round (exit code %d; %s)"),
			c->host, exit_code, last);
	}
out:
	buf_done(&script);
	buf_done(&answer);
	buf_done(&errors);
	return rc;
}
