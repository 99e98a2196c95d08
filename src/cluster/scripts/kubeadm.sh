# shellcheck shell=sh
# shellcheck disable=SC2015,SC2086
# kubeadm on a node: out of the cluster with all that it leaves, into it, and its certificates.
KEPT=/var/lib/k911/aside
conf=${KUBELET_CONF%/*}
ours() { iptables-save 2>/dev/null | grep -cE '^:(KUBE-|CNI-|FLANNEL-)'; }
left() {
	for l in cni0 flannel.1; do ip link show "$l" >/dev/null 2>&1 && printf '%s ' "$l"; done
	[ ! -e /var/lib/cni ] || printf 'cni '
	has iptables-save && [ "$(ours)" != 0 ] && printf 'iptables '
	[ ! -e "$KUBELET_CONF" ] || printf 'kubelet.conf '
}
keep() { # PATH: a copy that outlives what is done to it
	[ -e "$1" ] || return 0
	try mkdir -p $KEPT
	to=$KEPT/${1##*/}.$AT
	[ -e "$to" ] || try cp -a "$1" "$to"
	tell kept "$to"
}
AT=${RUN:-$(stamp)}
no=
case $DO in
reset)
	[ ! -e "$MANIFESTS/kube-apiserver.yaml" ] && [ ! -e "$MANIFESTS/etcd.yaml" ] || end 22 'this is no worker: it has a control plane'
	for d in $STORES; do [ ! -e "${d#*=}/member" ] || end 22 "this is no worker: ${d#*=} holds etcd's data"; done
	need kubeadm
	if [ -e "$KUBELET_CONF" ]; then
		keep "$conf"
		try lim $((LIMIT / 2)) kubeadm reset -f
	fi
	for l in cni0 flannel.1; do ! ip link show "$l" >/dev/null 2>&1 || try ip link delete "$l"; done
	[ ! -e /var/lib/cni ] || { try mkdir -p $KEPT; try mv /var/lib/cni "$KEPT/cni.$(stamp)"; }
	# Only Kubernetes' own chains, and what jumps to them.
	if has iptables-save && [ "$(ours)" != 0 ]; then
		try mkdir -p $KEPT
		iptables-save >"$KEPT/iptables.$AT" 2>/dev/null || end 23 "$KEPT cannot be written"
		said=$(grep -vE '(^:|-A |-j |-g )(KUBE-|CNI-|FLANNEL-)' "$KEPT/iptables.$AT" | iptables-restore 2>&1) || fail "$said"
	fi
	tell left "$(left)"
	[ -z "$(left)" ] || end 20 "left: $(left)" ;;
is-reset) [ -z "$(left)" ] || { tell left "$(left)"; end 10; } ;;
join)
	need kubeadm
	[ ! -e "$KUBELET_CONF" ] || end 22 "$KUBELET_CONF is there: this machine belongs to a cluster"
	try mkdir -p $HERE
	f=$HERE/join.yaml
	trap 'rm -f $f' EXIT
	trap 'exit 20' INT TERM
	# The token comes by stdin and lies in memory, for as long as kubeadm reads it.
	{ printf 'apiVersion: %s\n' "$(kubeadm config print join-defaults 2>/dev/null | sed -n 's/^apiVersion: *//p' | head -n 1)"; cat; } >"$f" || end 23 "$f cannot be written"
	said=$(lim $((LIMIT - 5)) kubeadm join --config "$f" --ignore-preflight-errors="${IGNORE:-none}" 2>&1)
	c=$?
	! hung $c || end 26 'kubeadm join'
	[ $c = 0 ] || fail "$(printf '%s' "$said" | tail -n 3)"
	tell joined "$(printf '%s' "$said" | tail -n 1)" ;;
joined)
	rm -f $HERE/join.yaml
	[ -e "$KUBELET_CONF" ] && unit_of kubelet && [ "$(of ActiveState)" = active ] || end 10 ;;
renew)
	need kubeadm
	begin begun
	keep "$conf/pki"
	for f in "$conf"/*.conf; do keep "$f"; done
	try lim $((LIMIT - 5)) kubeadm certs renew all
	safe "$conf/pki"
	begin renewed ;;
renewed) [ "$(was)" = renewed ] || end 10 ;;
authorities)
	need openssl
	for ca in "$conf/pki/ca" "$conf/pki/etcd/ca" "$conf/pki/front-proxy-ca"; do
		[ -r "$ca.crt" ] || continue
		d=$(openssl x509 -in "$ca.crt" -noout -enddate 2>/dev/null)
		openssl x509 -in "$ca.crt" -noout -checkend "$((DAYS * 86400))" >/dev/null 2>&1 && v=valid || { v=ends; no="$no $ca.crt"; }
		if [ ! -r "$ca.key" ]; then k=absent; elif
			[ "$(openssl x509 -in "$ca.crt" -noout -pubkey 2>/dev/null)" = "$(openssl pkey -in "$ca.key" -pubout 2>/dev/null)" ]; then k=fits; else
			k=differs
			no="$no $ca.key"
		fi
		tell authority "$ca.crt $v key=$k ${d#notAfter=}"
	done
	[ -z "$no" ] || end 10 "not fit:$no" ;;
kubelet-bootstrap)
	# A kubelet whose certificate is over asks for another one by what comes through stdin.
	unit_of kubelet || end 21 'no unit of the kubelet'
	begin begun
	f=$conf/bootstrap-kubelet.conf
	cat >"$f.k911-new" || end 23 "$f cannot be written"
	[ -s "$f.k911-new" ] || { rm -f "$f.k911-new"; end 20 'nothing came through stdin'; }
	try mv -f "$f.k911-new" "$f"
	keep "$KUBELET_CONF"
	try mkdir -p $KEPT/kubelet-pki.$AT
	for p in /var/lib/kubelet/pki/kubelet-client*; do [ ! -e "$p" ] && [ ! -L "$p" ] || try mv -f "$p" "$KEPT/kubelet-pki.$AT/"; done
	rm -f "$KUBELET_CONF"
	lim 5 systemctl reset-failed "$U" 2>/dev/null
	try lim $((LIMIT / 3)) systemctl restart "$U"
	till=$(($(up) + LIMIT / 2))
	until [ -s "$KUBELET_CONF" ]; do
		[ "$(up)" -lt $till ] || end 20 "no $KUBELET_CONF came: is the token good, and the request approved?"
		sleep 1
	done
	rm -f "$f"
	begin bootstrapped ;;
kubelet-bootstrapped) [ "$(was)" = bootstrapped ] || end 10 ;;
esac
