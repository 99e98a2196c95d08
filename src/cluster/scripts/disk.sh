# shellcheck shell=sh
# shellcheck disable=SC2015,SC2046,SC2086,SC2153
# What fills the disk below /var, and what of it may go: old journals, images that nothing uses,
# what deeds moved aside. The data of etcd, wherever this layout has it, is never among it.
DATA=
for d in $STORES; do DATA="$DATA ${d#*=}"; done
kib() { lim 20 du -skx "$1" 2>/dev/null | cut -f 1; }
asides() { for d in "${MANIFESTS%/*}/k911-aside" /etc/kubernetes/k911-aside /etc/k911-aside /var/lib/k911-aside /var/lib/k911/aside; do
	[ -d "$d" ] && for f in "$d"/*; do [ -e "$f" ] && printf '%s\n' "$f"; done; done | sort -u; }
# Images that no container, running or ended, was made from, that are not pinned, and that no
# manifest names, in place or aside: "BYTES ID NAME".
idle() {
	used=$(cri 10 ps -a -o json 2>/dev/null | sed -n 's/^ *"\(imageRef\|image\)": *"\([^"]*\)".*/\2/p' | sort -u)
	named=$(sed -n 's/^ *-* *image: *["'\'']*\([^"'\'' ]*\).*/\1/p' "$MANIFESTS"/* "${MANIFESTS%/*}"/k911-aside/* 2>/dev/null | sort -u)
	cri 10 images -o json 2>/dev/null | awk -v used="$used
$named" '
		function said(l) { sub(/^[^:]*: */, "", l); sub(/,$/, "", l); gsub(/^"|"$/, "", l); return l }
		function row() { if (id != "" && !keep) print size + 0, id, (name == "" ? "-" : name); id = name = ""; size = keep = 0 }
		BEGIN { n = split(used, u, "\n"); for (i = 1; i <= n; i++) has[u[i]] = 1 }
		/^    [{]/ { row() }
		/^      "id":/ { id = said($0); if (id in has) keep = 1 }
		/^      "size":/ { size = said($0) }
		/^      "pinned": true/ { keep = 1 }
		/^        "/ { t = $1; gsub(/[",]/, "", t); if (name == "") name = t; if (t in has || t ~ /\/pause[:@]/) keep = 1 }
		END { row() }'
}
case $DO in
usage)
	lim $((LIMIT / 2)) du -xk -d 3 /var 2>/dev/null | sort -rn | head -n "$LINES" | while read -r k p; do
		is=
		for d in $DATA; do case $p/ in "$d"/*) is=' etcd' ;; esac; done
		tell used "$k $p$is"
	done
	[ ! -d /var/log/journal ] || tell journal "$(kib /var/log/journal)"
	asides | while read -r f; do tell aside "$(kib "$f") $f"; done
	has ${CRICTL%% *} && idle | sed 's/^/image /' ;;
journal-vacuum)
	need journalctl
	before=$(kib /var/log/journal)
	try lim $((LIMIT - 5)) journalctl --vacuum-size="${MIB}M"
	tell freed-kib $((${before:-0} - $(kib /var/log/journal || echo 0))) ;;
journal-small) k=$(kib /var/log/journal); [ "${k:-0}" -le $((MIB * 1024 + 8192)) ] || end 10 ;;
images-prune)
	need ${CRICTL%% *}
	left=$(idle)
	[ -n "$left" ] || { tell removed 0; exit 0; }
	printf '%s\n' "$left" | { n=0; sure=0; while read -r b i _; do
		cri 20 rmi "$i" >/dev/null 2>&1 && n=$((n + 1)) && sure=$((sure + b)); done
		tell removed "$n"; tell freed-bytes "$sure"; } ;;
images-pruned) [ -z "$(idle)" ] || end 10 ;;
aside-drop)
	[ -e "$FILE" ] || { tell absent "$FILE"; exit 0; }
	asides | grep -qxF -- "$FILE" || end 22 "$FILE is nothing that a deed moved aside"
	for d in $DATA; do case $(readlink -f "$FILE")/ in "$(readlink -f "$d")"/*) end 22 "$FILE is etcd's data" ;; esac; done
	k=$(kib "$FILE")
	try lim $((LIMIT - 5)) rm -rf "$FILE"
	tell freed-kib "${k:-0}" ;;
aside-dropped) [ ! -e "$FILE" ] || end 10 ;;
esac
