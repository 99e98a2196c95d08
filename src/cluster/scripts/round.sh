# shellcheck shell=sh
# shellcheck disable=SC2086,SC2153 # the layout's fields are words and globs
s start; date +%s%N
STORE=
for d in $STORES; do [ -e "${d#*=}" ] && STORE=${d%%=*} && break; done
e=${STORES%% *}
case $e in etcd=*) e=${e#etcd=} ;; *) e= ;; esac
s layout; printf '%s %s\n' "$LAYOUT" "$STORE"
s btime; grep '^btime ' /proc/stat
s load; cat /proc/loadavg
s mem; grep -E '^Mem(Total|Available):' /proc/meminfo
s disk; for p in / $e /var/lib/containerd /var/lib/containers /var/lib/docker /var/lib/rancher /var/snap/microk8s/common; do
	[ -d "$p" ] && printf '%s ' "$p" && lim 1 df -P "$p" 2>/dev/null | tail -n 1; done
s units; printf '%s\n' "$SAID"
s manifests; [ -n "$MANIFESTS" ] && ls "$MANIFESTS" 2>/dev/null
s healthz; h=$(get 10248 /healthz | head -c 400); printf '%s\n' "$h"
s journal; case $h in *HTTP/*' 200'*) ;; *)
	set --
	for u in $KUBELET; do set -- "$@" -u "$u"; done
	lim 2 journalctl "$@" -n 20 --no-pager -o cat 2>/dev/null | cut -c 1-1000 ;; esac
if has ${CRICTL%% *}; then
	r=; [ -e /etc/crictl.yaml ] || for p in $SOCKETS; do
		[ -S "$p" ] && r="-r unix://$p" && break; done
	s containers; exec 3>&1
	e=$(lim 3 $CRICTL $r -t 2s ps -a --name '^(kube-apiserver|etcd|kube-controller-manager|kube-scheduler)$' -o json 2>&1 >&3); c=$?
	s crictl; printf '%s\n%s\n' "$c" "$e" | tail -c 2000
fi
s etcd; [ -n "$ETCD_METRICS" ] && get "$ETCD_METRICS" /metrics | grep -E '^etcd_(disk_(wal_fsync|backend_commit)_duration_seconds_(bucket|count)|server_(has_leader|leader_changes_seen_total|quota_backend_bytes)|mvcc_db_total_size_in(_use_in)?_bytes)[ {]'
s ca; for f in $CA; do [ -r "$f" ] && pem <"$f" && break; done
[ -n "$VIP" ] && s addr && ip -o addr show 2>/dev/null | grep -v ' fe80:'
