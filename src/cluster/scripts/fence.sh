# shellcheck shell=sh
# shellcheck disable=SC2015,SC2046,SC2086
# A server out of haproxy's configuration and back. haproxy starts a server whose line holds the
# word "disabled" in maintenance, after each reload too, which what its socket was told does not
# outlive. The line above the server's says that the word is ours. SERVER is the server's name in
# the configuration, PROXY the backend (or all), SOCKET_AT the admin socket, or nothing.
MARK="# k911: out on purpose; the word disabled in the next line is owed back: $SERVER"
unit_of haproxy || end 21 'no unit of haproxy'
# The files it runs with, as its own command line says.
FILES=$(tr '\0' '\n' <"/proc/$(of MainPID)/cmdline" 2>/dev/null | awk 'take { print; take = 0; next } $0 == "-f" { take = 1 }')
[ -n "$FILES" ] || FILES=/etc/haproxy/haproxy.cfg
FILES=$(for f in $FILES; do if [ -d "$f" ]; then ls "$f"/*.cfg; else echo "$f"; fi; done 2>/dev/null)
NEW=
CFG=
# Would haproxy take them, NEW in the place of CFG?
sound() {
	set --
	for f in $FILES; do [ "$f" != "$CFG" ] || f=$NEW; set -- "$@" -f "$f"; done
	lim 15 haproxy -c -q "$@" 2>&1
}
# Lines of the server, in the wanted proxies, through awk: mode out or in.
lines() { awk -v mode="$1" -v server="$SERVER" -v proxy="$PROXY" -v mark="$MARK" '
	/^[ \t]*(global|defaults|frontend|backend|listen|peers|resolvers|userlist|cache|program|ring|mailers|http-errors)([ \t]|$)/ { at = $2 }
	index($0, "# k911: out on purpose") && index($0, ": " server) + length(server) + 1 == length($0) { ours = 1; held = $0; next }
	{ is = $1 == "server" && $2 == server && (proxy == "" || proxy == at) }
	is && mode == "out" { known++; off = 0
		for (i = 4; i <= NF && substr($i, 1, 1) != "#"; i++) if ($i == "disabled") off = 1
		match($0, /^[ \t]*/)
		if (ours) print held; else if (!off) print substr($0, 1, RLENGTH) mark
		if (!off) { match($0, /^[ \t]*server[ \t]+[^ \t]+[ \t]+[^ \t]+/); $0 = substr($0, 1, RLENGTH) " disabled" substr($0, RLENGTH + 1) } }
	is && mode == "in" { known++; if (ours) sub(/ disabled/, "") }
	!is && ours { print held }
	{ ours = 0; print }
	END { exit known ? 0 : 21 }' "$2"; }
holds() { grep -qE "^[[:space:]]*server[[:space:]]+${SERVER}[[:space:]]" "$1"; }
state() { ask "$SOCKET_AT" 'show stat' 2>/dev/null | awk -F, -v s="$SERVER" -v p="$PROXY" '
	/^#/ { for (i = 1; i <= NF; i++) c[$i] = i; next }
	$2 == s && (p == "" || $1 == p) { print $1, $(c["status"]) }'; }
each_state() { [ -z "$SOCKET_AT" ] || state | while read -r b _; do
	ask "$SOCKET_AT" "set server $b/$SERVER state $1" >/dev/null 2>&1; done; }
is() { # out or in, by the running process; nothing to ask: nothing against it
	[ -n "$SOCKET_AT" ] || return 0
	state | awk -v want="$1" '{ out = $2 ~ /^MAINT/; if (want == "out" ? !out : out) bad = 1 } END { exit bad || !NR }'
}
rewrite() {
	any=
	for CFG in $FILES; do
		[ -r "$CFG" ] && holds "$CFG" || continue
		NEW=$CFG.k911-new
		# Owner and mode are the former file's.
		said=$(cp -p "$CFG" "$NEW" 2>&1) || { rm -f "$NEW"; fail "$said"; }
		lines "$1" "$CFG" 2>/dev/null >"$NEW"
		c=$?
		[ $c != 21 ] || { rm -f "$NEW"; continue; }
		[ $c = 0 ] && [ -s "$NEW" ] || { rm -f "$NEW"; end 23 "$NEW cannot be written"; }
		any=1
		if cmp -s "$CFG" "$NEW"; then rm -f "$NEW"; continue; fi
		said=$(sound) || { rm -f "$NEW"; end 22 "haproxy would not take it: $said"; }
		safe "$NEW"
		kept=$CFG.k911-$(stamp)
		try ln "$CFG" "$kept"
		try mv -f "$NEW" "$CFG"
		safe "${CFG%/*}"
		tell kept "$kept"
	done
	CFG=
	[ -n "$any" ] || end 21 "no line of server $SERVER in $(line "$FILES")"
}
# Reloaded, and seen to have taken it.
take() {
	[ "$(of ActiveState)" = active ] || { tell unverified "$U is not running"; return 0; }
	try lim $((LIMIT / 2)) systemctl reload "$U"
	till=$(($(up) + 10))
	until is "$1"; do
		[ "$(up)" -lt $till ] || fail "after the reload: $(line "$(state)")"
		sleep 1
	done
	[ -n "$SOCKET_AT" ] && state | sed 's/^/server /' || tell unverified 'no admin socket'
}
need haproxy
case $DO in
check) said=$(sound) || fail "$said" ;;
reload|restart)
	said=$(sound) || end 22 "its configuration is refused: $said"
	begin begun
	lim 5 systemctl reset-failed "$U" 2>/dev/null
	case $DO:$(of ActiveState) in reload:active) d=reload ;; *) d=restart ;; esac
	try lim $((LIMIT - 10)) systemctl $d "$U"
	[ "$(of ActiveState)" = active ] || fail "$U is $(of ActiveState)"
	begin "$d"
	tell unit "$U active" ;;
reloaded) case $(was) in reload|restart) ;; *) end 10 ;; esac ;;
fence)
	said=$(sound) || end 22 "its configuration is refused before any change: $said"
	each_state maint
	rewrite out
	take out ;;
unfence)
	said=$(sound) || end 22 "its configuration is refused before any change: $said"
	rewrite in
	take in
	each_state ready ;;
fenced|unfenced)
	n=0
	for f in $FILES; do n=$((n + $(grep -cF "$MARK" "$f" 2>/dev/null))); done
	tell marks "$n"
	case $DO in fenced) [ "$n" -gt 0 ] && is out || end 10 ;; *) [ "$n" = 0 ] && is in || end 10 ;; esac ;;
maint) [ -n "$(state)" ] || end 21 "no server $SERVER at $SOCKET_AT"; each_state maint; is out || fail "$(line "$(state)")" ;;
ready) each_state ready; is in || fail "$(line "$(state)")" ;;
is-maint) is out || end 10 ;;
is-ready) is in || end 10 ;;
esac
