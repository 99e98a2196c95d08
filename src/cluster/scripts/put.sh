# shellcheck shell=sh
# shellcheck disable=SC2015
# A file from stdin to TO: whole or not at all. BYTES and SHA256 are what it must be, MODE and OWNER
# what it shall have. What stood there is kept beside its directory. The part has a name that begins
# with a dot, which no kubelet runs.
D=${TO%/*}
D=${D:-/}
[ -d "$D" ] || end 21 "$D"
[ ! -d "$TO" ] || end 22 "$TO is a directory"
same() { [ -f "$TO" ] && [ "$(sum "$TO")" = "$SHA256" ]; }
mine() { [ "$(stat -c %a "$TO")" = "$(printf '%o' "0$MODE")" ]; }
case $DO in
is-put) same && mine || end 10 ;;
put)
	if same; then cat >/dev/null; else
		left=$(lim 5 df -Pk "$D" 2>/dev/null | awk 'END { print $4 }')
		[ "${left:-0}" -gt $((BYTES / 1024 + 1024)) ] || end 23 "$D has ${left:-no} KiB"
		part=$D/.${TO##*/}.k911-part
		said=$( { head -c "$BYTES" >"$part"; } 2>&1) || { rm -f "$part"; fail "$part: $said"; }
		if [ "$(sum "$part")" != "$SHA256" ]; then
			rm -f "$part"
			end 20 "what arrived is not what was sent"
		fi
		try chmod "$MODE" "$part"
		[ -z "$OWNER" ] || try chown "$OWNER" "$part"
		safe "$part"
		if [ -e "$TO" ]; then
			away "$TO"
			kept=$AWAY/${TO##*/}.$(stamp)
			try ln "$TO" "$kept"
			tell kept "$kept"
		fi
		try mv -f "$part" "$TO"
		safe "$D"
	fi
	try chmod "$MODE" "$TO"
	[ -z "$OWNER" ] || try chown "$OWNER" "$TO"
	tell put "$TO" ;;
esac
