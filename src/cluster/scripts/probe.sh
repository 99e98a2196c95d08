# shellcheck shell=sh
# shellcheck disable=SC2015,SC2046,SC2086,SC2153
# What a guard or a verification asks of a node; nothing is changed.
pause() {
	p=$(cri 5 info 2>/dev/null | sed -n 's/.*"\(sandboxImage\|sandbox\)": *"\([^"]*\)".*/\2/p' | head -n 1)
	[ -n "$p" ] || p=$(cat /etc/containerd/config.toml /etc/crio/crio.conf /etc/crio/crio.conf.d/*.conf 2>/dev/null |
		sed -n "s/^ *\(sandbox_image\|sandbox\|pause_image\) *= *[\"']\([^\"']*\)[\"'].*/\2/p" | head -n 1)
	[ -n "$p" ] || p=$(cri 5 images 2>/dev/null | awk '$1 ~ /(^|\/)([a-z-]*-)?pause$/ { print $1 ":" $2; exit }')
	printf '%s' "$p"
}
there() { cri 5 inspecti -q "$1" >/dev/null 2>&1; }
# crictl's JSON, one field a line: the first of each name in the status.
container() { awk '
	function said(l) { sub(/^[^:]*: */, "", l); sub(/,$/, "", l); gsub(/^"|"$/, "", l); return l }
	/^  "status": [{]/ { at = 1; next }
	at && /^  [}]/ { exit }
	at && /^    "(state|startedAt|finishedAt|exitCode|reason|id)":/ { k = $1; gsub(/[":]/, "", k); v[k] = said($0) }
	at && /"attempt":/ && !("attempt" in v) { v["attempt"] = said($0) }
	END { if (v["id"] == "") exit
		sub(/^CONTAINER_/, "", v["state"]); gsub(/ /, "-", v["reason"])
		printf "id=%s state=%s attempt=%s started=%s finished=%s exit=%s reason=%s\n", v["id"], tolower(v["state"]), v["attempt"], v["startedAt"], v["finishedAt"], v["exitCode"], v["reason"] }'; }
low=
no=
case $DO in
units)
	now=$(up)
	for w in kubelet runtime haproxy keepalived; do
		unit_of $w || continue
		lim 5 systemctl show -p Id -p ActiveState -p SubState -p NRestarts -p Result -p ExecMainStatus -p MainPID -p ActiveEnterTimestampMonotonic -p InactiveEnterTimestampMonotonic "$U" |
			awk -F= -v w=$w -v now="$now" '{ v[$1] = $2 } END {
				t = v["ActiveState"] == "active" ? v["ActiveEnterTimestampMonotonic"] : v["InactiveEnterTimestampMonotonic"]
				printf "unit %s id=%s active=%s sub=%s restarts=%s result=%s status=%s pid=%s for=%d\n", w, v["Id"], v["ActiveState"], v["SubState"],
					v["NRestarts"], v["Result"], v["ExecMainStatus"], v["MainPID"], (t > 0 ? now - t / 1000000 : 0) }'
		lim 3 journalctl -q -u "$U" -n "$LINES" --no-pager -o cat 2>/dev/null | cut -c 1-400 | sed "s/^/journal $w /"
	done ;;
containers)
	need "${CRICTL%% *}"
	all=$(cri 5 ps -a --name "^$NAME\$" -q 2>&1)
	c=$?
	! hung $c || end 26 crictl
	[ $c = 0 ] || fail "$all"
	dead=
	for i in $(printf '%s\n' "$all" | head -n 3); do
		l=$(cri 5 inspect "$i" 2>/dev/null | container)
		[ -n "$l" ] && tell container "$l"
		case $l in *state=exited*) dead=${dead:-$i} ;; esac
	done
	[ -z "$dead" ] || cri 5 logs --tail "$LINES" "$dead" 2>&1 | cut -c 1-400 | sed 's/^/said /' ;;
images)
	need "${CRICTL%% *}"
	v=$(cri 5 version 2>&1)
	c=$?
	! hung $c || end 26 crictl
	[ $c = 0 ] || fail "$v"
	p=$(pause)
	missing=
	files=
	for n in $NAME; do for f in "$MANIFESTS/$n.yaml" "${MANIFESTS%/*}/k911-aside/$n.yaml"; do [ -r "$f" ] && files="$files $f" && break; done; done
	for i in "${p:-unknown-pause}" $(sed -n 's/^ *-* *image: *["'\'']*\([^"'\'' ]*\).*/\1/p' $files /dev/null | sort -u) $IMAGE; do
		if there "$i"; then tell image "$i present"; else
			tell image "$i absent"
			missing="$missing $i"
		fi
	done
	[ -z "$missing" ] || end 10 "absent:$missing" ;;
healthz)
	h=$(get 10248 /healthz | head -c 400)
	case $h in *HTTP/*' 200'*) tell healthz ok ;; *) tell healthz "$(line "$h")"; end 10 ;; esac ;;
space)
	for d in $PATHS; do
		[ -e "$d" ] || continue
		b=$(lim 3 df -Pk "$d" 2>/dev/null | awk 'END { print $4, $2 }')
		i=$(lim 3 df -Pi "$d" 2>/dev/null | awk 'END { print $4 == "-" || $2 == 0 ? "-" : $4 }')
		[ -n "$b" ] || { tell space "$d hangs"; continue; }
		tell space "$d free-kib=${b% *} of-kib=${b#* } free-inodes=${i:--}"
		[ "${b% *}" -ge "$KIB" ] 2>/dev/null || low="$low $d"
		[ "${i:--}" = - ] || [ "$i" -ge 100 ] 2>/dev/null || low="$low $d(inodes)"
	done
	[ -z "$low" ] || end 10 "little is left of:$low" ;;
rights)
	tell uid "$(id -u)"
	for d in $PATHS; do [ -d "$d" ] || continue
		[ -w "$d" ] && tell writes "$d" || { tell not-writable "$d"; no=1; }; done
	[ "$(id -u)" = 0 ] || end 27 "uid $(id -u)"
	[ -z "$no" ] || end 10 ;;
tools)
	for t in $TOOLS; do
		if p=$(command -v "$t"); then tell tool "$t $p"; else tell tool "$t -"; no="$no $t"; fi
	done
	[ -z "$no" ] || end 10 "missing:$no" ;;
balancer)
	[ -n "$URL" ] || for f in $KUBELET_CONF; do
		[ -r "$f" ] && URL=$(sed -n 's/^ *server: *"*\(https*:[^" ]*\).*/\1/p' "$f" | head -n 1) && [ -n "$URL" ] && break; done
	[ -n "$URL" ] || end 21 "no server in $KUBELET_CONF"
	tell server "$URL"
	at=${URL#*://}
	at=${at%%/*}
	case $at in *:*[0-9]) ;; *) at=$at:443 ;; esac
	host=${at%:*}
	if has curl; then
		a=$(curl --noproxy '*' -sk -o /dev/null -m 3 -w '%{http_code} %{time_connect} %{time_appconnect}' "https://$at/livez" 2>/dev/null)
		case $?:$a in
			0:*|*:[1-5][0-9][0-9]' '*) v=answers ;;
			28:*' 0.000000 '*|28:*' 0.000 '*|28:*' 0,000'*) v=silent ;;
			28:*) v=hangs ;;
			6:*) v=unknown-name ;;
			*) v=refuses ;;
		esac
	elif has openssl; then
		a=$(lim 3 openssl s_client -connect "$at" </dev/null 2>&1)
		c=$?
		case $a in *'BEGIN CERTIFICATE'*) v=answers ;; *) if ! hung $c; then v=refuses; else case $a in *CONNECTED*) v=hangs ;; *) v=silent ;; esac; fi ;; esac
	elif has bash; then
		# A server of TLS answers what is no ClientHello too: with an alert, or by hanging up.
		# shellcheck disable=SC2016 # bash is to expand them
		a=$(timeout 4 bash -c 'h=${0#[}; exec 3<>"/dev/tcp/${h%]}/$1" || exit 7; echo CONNECTED; printf "GET /livez HTTP/1.0\r\n\r\n" >&3; IFS= read -r -t 3 -n 1 -u 3; c=$?; [ $c -gt 128 ] && exit 28; [ $c = 0 ] && echo ANSWERS; exit 0' "$host" "${at##*:}" 2>/dev/null)
		c=$?
		case $c:$a in *ANSWERS*) v=answers ;; 0:*|7:*|1:*) v=refuses ;; *CONNECTED*) v=hangs ;; *) v=silent ;; esac
	else end 25 'curl, openssl or bash'; fi
	tell balancer "$v"
	case $v in answers|refuses) ;; *) end 10 "$at $v" ;; esac ;;
esac
