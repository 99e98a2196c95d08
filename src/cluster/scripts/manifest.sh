# shellcheck shell=sh
# shellcheck disable=SC2015,SC2046,SC2086,SC2153
# A static pod's manifest: NAME.yaml out of the kubelet's directory, back, both in turn. The aside one
# lies beside that directory, never in it: a kubelet runs every file it finds there whose name does
# not begin with a dot, whatever it ends with.
[ -n "$MANIFESTS" ] && [ -d "$MANIFESTS" ] || end 21 "no directory of manifests"
IN=$MANIFESTS/$NAME.yaml
AWAY=${MANIFESTS%/*}/k911-aside
OUT=$AWAY/$NAME.yaml
# The pod that a file makes; nothing where none can be read.
pod() { awk '
	/^[{]/ { json = 1 }
	json { all = all $0; next }
	/^metadata: *(#.*)?$/ { at = 1; next }
	at && /^[^ #]/ { at = 0 }
	at && match($0, /^ +[^ #-]/) { if (!deep) deep = RLENGTH
		if (RLENGTH == deep && $1 == "name:" && $2 != "") { gsub(/["\047]/, "", $2); print $2; exit } }
	END { if (!json) exit
		gsub(/[ \t]/, "", all); sub(/"spec":.*/, "", all)
		gsub(/"(labels|annotations)":[{][^{}]*[}],?/, "", all)
		if (match(all, /"name":"[^"]*"/)) print substr(all, RSTART + 8, RLENGTH - 9) }' "$1" 2>/dev/null; }
# Files that the kubelet would run beside the right ones, each with its pod and why.
strays() {
	all=$(for f in "$MANIFESTS"/*; do [ -f "$f" ] && printf '%s %s\n' "$(pod "$f")" "${f##*/}"; done)
	printf '%s\n' "$all" | awk '
		function right(f, p) { return f == p ".yaml" || f == p ".yml" || f == p ".json" }
		NF == 1 { p[NR] = ""; f[NR] = $1; next }
		NF > 1 { p[NR] = $1; sub(/^[^ ]* /, ""); f[NR] = $0; n[p[NR]]++; if (right($0, p[NR])) has[p[NR]]++ }
		END { for (i = 1; i <= NR; i++) {
			why = ""
			if (f[i] ~ /([.](bak|backup|old|orig|save|saved|tmp|swp|rej|rpmsave|rpmnew|dpkg-[a-z]*|disabled)[0-9._-]*|~|#|[.]ya?ml[._-].*)$/) why = "leftover"
			else if (p[i] == "") { if (f[i] !~ /^(kube-apiserver|etcd|kube-controller-manager|kube-scheduler)[.]ya?ml$/) why = "unreadable" }
			else if (p[i] ~ /^(kube-apiserver|etcd|kube-controller-manager|kube-scheduler)$/ && !right(f[i], p[i])) why = "control-plane"
			else if (n[p[i]] > 1 && (!right(f[i], p[i]) || has[p[i]] > 1)) why = "twice"
			if (why != "" && f[i] != "") print why, (p[i] == "" ? "-" : p[i]), f[i] } }'
}
ids() { cri 5 ps --name "^$NAME\$" --state running -q 2>/dev/null; }
# Out of the directory. What lay aside from before goes further aside, unless it is the same.
aside() {
	[ -e "$IN" ] || [ -L "$IN" ] || { [ -e "$OUT" ] && tell aside "$OUT" && return; end 21 "$IN"; }
	away "$IN"
	[ ! -e "$OUT" ] || cmp -s "$IN" "$OUT" || try mv "$OUT" "$OUT.$(stamp)"
	try mv -f "$IN" "$OUT"
	safe "$AWAY" "$MANIFESTS"
	tell aside "$OUT"
}
back() {
	if [ -e "$IN" ]; then
		[ ! -e "$OUT" ] || cmp -s "$IN" "$OUT" || end 22 "$IN is there and differs from $OUT"
		[ ! -e "$OUT" ] || try mv "$OUT" "$OUT.$(stamp)"
	else
		[ -e "$OUT" ] || end 21 "$OUT"
		try mv "$OUT" "$IN"
		safe "$MANIFESTS" "$AWAY"
	fi
	tell manifest "$IN"
}
# Until its container is gone, or is one that did not run before.
await() {
	till=$(($(up) + LIMIT / 3))
	while [ "$(up)" -lt $till ]; do
		now=$(ids) && case $1:$now in gone:|new:?*) case " $2 " in *" ${now:-none} "*) ;; *) return 0 ;; esac ;; esac
		sleep 1
	done
	return 1
}
case $DO in
state)
	[ -e "$IN" ] && tell manifest "$IN" && tell sha256 "$(sum "$IN")" && tell pod "$(pod "$IN")"
	[ -e "$OUT" ] && tell aside "$OUT" && tell aside-sha256 "$(sum "$OUT")"
	[ -e "$IN" ] || [ -e "$OUT" ] || end 21 "$IN" ;;
strays) strays | sed 's/^/stray /' ;;
aside) aside ;;
back) back ;;
is-aside) [ -e "$OUT" ] && [ ! -e "$IN" ] && [ ! -L "$IN" ] || end 10 ;;
is-back) [ -e "$IN" ] && [ ! -e "$OUT" ] || end 10 ;;
cycle)
	need "${CRICTL%% *}"
	old=$(line "$(ids)")
	w=$(was) && [ ! -e "$IN" ] && [ -e "$OUT" ] && old=${w#cycle } || begin "cycle $old"
	aside >/dev/null
	tell stopped "${old:-none}"
	# A kubelet that restarted without an API server lets go of no container.
	await gone '' || { tell forced "$(line "$(ids)")"; cri 20 stop -t 10 $(ids) >/dev/null 2>&1; }
	back
	await new "$old" || end 26 "no new container of $NAME"
	tell started "$(line "$(ids)")" ;;
cycled)
	w=$(was) || end 10
	[ -e "$IN" ] && [ ! -e "$OUT" ] || end 10
	now=$(line "$(ids)")
	[ -n "$now" ] && [ "$now" != "${w#cycle }" ] || end 10 ;;
stray-aside)
	f=$MANIFESTS/$FILE
	[ -e "$f" ] || { tell absent "$f"; exit 0; }
	strays | cut -d ' ' -f 3- | grep -qxF -- "$FILE" || end 22 "$f is no stray"
	away "$f"
	to=$AWAY/$FILE.$(stamp)
	try mv "$f" "$to"
	safe "$AWAY" "$MANIFESTS"
	tell aside "$to" ;;
stray-gone) [ ! -e "$MANIFESTS/$FILE" ] || end 10 ;;
esac
