/* The round: what a node is asked every few seconds, in one ssh command.
 *
 * The script is POSIX sh and leans on nothing that a stock kubeadm host may lack: without curl
 * it takes wget, without wget bash's /dev/tcp, and says "not asked" without any. Whatever can hang
 * (systemctl, crictl, df on a dead mount, a journal) has a limit of its own. It writes no file,
 * since the disk may be full, and prints no private key: of a PEM file only what stands between a
 * certificate's own lines, ending at the first line of dashes whatever it opens. */
#include "cluster/node_round.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/node_sections.h"
#include "cluster/ssh_failure.h"

enum { ROUND_OUT_MAX = 1 << 20, ROUND_ERRORS_MAX = 8 << 10, SCRIPT_MAX = 16 << 10 };

static const char prelude[] =
	"PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
	"LC_ALL=C\n"
	"export PATH LC_ALL\n"
	"unset http_proxy HTTP_PROXY all_proxy ALL_PROXY\n"
	"has() { command -v \"$1\" >/dev/null 2>&1; }\n"
	"s() { printf '\\n@@%s %s\\n' \"$M\" \"$1\"; }\n"
	"lim() { l=$1; shift; timeout -k 1 \"$l\" \"$@\"; }\n"
	"pem() { sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----/p' | head -c 16384; }\n"
	"get() {\n"
	"if has curl; then curl -s -i -m 1 \"http://127.0.0.1:$1$2\"\n"
	"elif has wget; then wget -q -S -T 1 -t 1 -O - \"http://127.0.0.1:$1$2\" 2>&1\n"
	"elif has bash; then timeout 1 bash -c 'exec 3<>\"/dev/tcp/127.0.0.1/$0\" && printf \"GET "
	"%s HTTP/1.0\\r\\n\\r\\n\" \"$1\" >&3 && cat <&3' \"$1\" \"$2\" 2>/dev/null\n"
	"else echo 'not asked'; fi\n"
	"}\n";

static const char round_body[] =
	"s start; date +%s%N\n"
	"s btime; grep '^btime ' /proc/stat\n"
	"s load; cat /proc/loadavg\n"
	"s mem; grep -E '^Mem(Total|Available):' /proc/meminfo\n"
	"s disk; for p in / /var/lib/etcd /var/lib/containerd /var/lib/containers /var/lib/docker; "
	"do\n"
	"[ -d \"$p\" ] && printf '%s ' \"$p\" && lim 1 df -P \"$p\" 2>/dev/null | tail -n 1; done\n"
	"s units; lim 2 systemctl show -p Id -p LoadState -p ActiveState containerd.service "
	"crio.service cri-docker.service docker.service kubelet.service\n"
	"s manifests; ls /etc/kubernetes/manifests 2>/dev/null\n"
	"s healthz; h=$(get 10248 /healthz | head -c 400); printf '%s\\n' \"$h\"\n"
	"s journal; case $h in *HTTP/*' 200'*) ;; *) lim 2 journalctl -u kubelet -n 20 --no-pager "
	"-o cat 2>/dev/null | cut -c 1-1000 ;; esac\n"
	"if has crictl; then\n"
	"r=; [ -e /etc/crictl.yaml ] || for p in /run/containerd/containerd.sock "
	"/run/crio/crio.sock /run/cri-dockerd.sock; do\n"
	"[ -S \"$p\" ] && r=\"-r unix://$p\" && break; done\n"
	"s containers; exec 3>&1\n"
	"e=$(lim 3 crictl $r -t 2s ps -a --name "
	"'^(kube-apiserver|etcd|kube-controller-manager|kube-scheduler)$' -o json 2>&1 >&3); c=$?\n"
	"s crictl; printf '%s\\n%s\\n' \"$c\" \"$e\" | tail -c 2000\n"
	"fi\n"
	"s etcd; get 2381 /metrics | grep -E "
	"'^etcd_(disk_(wal_fsync|backend_commit)_duration_seconds_(bucket|count)"
	"|server_(has_leader|leader_changes_seen_total|quota_backend_bytes)|mvcc_db_total_size_in(_"
	"use_in)?_bytes)[ {]'\n"
	"s ca; [ -r /etc/kubernetes/pki/ca.crt ] && pem </etc/kubernetes/pki/ca.crt\n";

static const char vip_body[] = "s addr; ip -o addr show 2>/dev/null | grep -v ' fe80:'\n";

/* Error lines of each component, by the node's own clock: "kubelet 3600 41 12" says that its log
 * was read 3600 seconds back, and holds 41 in the last five minutes and 12 in the rest of the last
 * hour. Only the counts leave the node. Of a container's log the two newest files are read, from
 * their ends; it reaches back to its oldest line. A journal reaches back as long as the machine is
 * up, unless it was cut. A line of either has its text from the fourth word on, and awk without
 * mktime turns its time into seconds. */
static const char logs_body[] =
	"s logs; lim 3 sh 2>/dev/null <<'END'\n"
	"now=$(date +%s)\n"
	"up=$((now - $(sed -n 's/^btime //p' /proc/stat)))\n"
	"count() { awk -v name=\"$1\" -v back=\"$2\" -v now=\"$now\" '\n"
	"function at(s,   y, m, d, o) {\n"
	"if (s ~ /^[0-9]+[.][0-9]+$/) return int(s)\n"
	"if (s !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]/) "
	"return 0\n"
	"y = int(substr(s, 1, 4)); m = int(substr(s, 6, 2)); d = int(substr(s, 9, 2))\n"
	"if (m < 3) { m += 12; y-- }\n"
	"d += 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * m - 457) / 5) - "
	"719469\n"
	"if (s ~ /[-+][0-9][0-9]:[0-9][0-9]$/) {\n"
	"o = substr(s, length(s) - 4, 2) * 3600 + substr(s, length(s) - 1, 2) * 60\n"
	"if (substr(s, length(s) - 5, 1) == \"-\") o = -o }\n"
	"return d * 86400 + substr(s, 12, 2) * 3600 + substr(s, 15, 2) * 60 + substr(s, 18, 2) - "
	"o }\n"
	"{ bad = $4 ~ /^[EF][0-9][0-9][0-9][0-9]$/ || "
	"$4 ~ /^[{]\"level\":\"(error|dpanic|panic|fatal)\"/ || "
	"$5 ~ /^level=(error|fatal|panic)$/\n"
	"if (seen && !bad) next\n"
	"t = at($1); if (!t) next\n"
	"age = now - t\n"
	"if (!seen++ || age > oldest) oldest = age\n"
	"if (!bad || age >= 3600 || age < -5) next\n"
	"if (age < 300) recent++; else before++ }\n"
	"END { if (NR < 20000 && back > oldest) oldest = back\n"
	"if (oldest > 3600) oldest = 3600\n"
	"if (seen) print name, int(oldest), recent + 0, before + 0 }'; }\n"
	"for c in kube-apiserver kube-controller-manager kube-scheduler etcd; do\n"
	"for f in $(ls -tr /var/log/pods/kube-system_$c-*/$c/*.log* | "
	"grep -v -e '[.]gz$' -e '[.]tmp$' | tail -n 2); do tail -c 4194304 \"$f\"; done | "
	"count $c 0\n"
	"done\n"
	"for u in kubelet containerd crio; do\n"
	"journalctl -q --no-pager -u $u -S @$((now - 3600)) -n 20000 -o short-unix | "
	"count $u $up\n"
	"done\n"
	"END\n";

static const char certs_body[] =
	"s files; stat -c '%Y %n' /etc/kubernetes/manifests/* /etc/kubernetes/*.conf /etc/kubernetes/pki/*.crt /etc/kubernetes/pki/etcd/*.crt 2>/dev/null\n"
	"for f in /etc/kubernetes/pki/*.crt /etc/kubernetes/pki/etcd/*.crt "
	"/var/lib/kubelet/pki/kubelet.crt /var/lib/kubelet/pki/kubelet-client-current.pem; do\n"
	"[ -r \"$f\" ] && s \"cert $f\" && pem <\"$f\"; done\n"
	"for f in /etc/kubernetes/*.conf; do\n"
	"[ -r \"$f\" ] || continue\n"
	"d=$(sed -n 's/^ *client-certificate-data: *//p' \"$f\" | head -n 1)\n"
	"[ -n \"$d\" ] && s \"cert $f\" && printf '%s\\n' \"$d\" | base64 -d 2>/dev/null | pem; "
	"done\n";

void node_round_script(struct buf *to, const struct node_round_asked *a)
{
	buf_fmt(to, "M=%s\n", a->nonce);
	buf_puts(to, prelude);
	buf_puts(to, round_body);
	if (a->vip != NULL)
		buf_puts(to, vip_body);
	if (a->with_slow) {
		buf_puts(to, certs_body);
		buf_puts(to, logs_body);
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
