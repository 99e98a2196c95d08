# shellcheck shell=sh
# shellcheck disable=SC2015,SC2086,SC2153
# The node's lock: one file, made by ln, of one run. It lies in /run, where a full or read-only disk
# keeps nobody from it, and runs out by the machine's own time since boot, which no clock sets. A
# short mutex, where there is flock, keeps takers apart; without it ln and rename still let one win.
# Its lines: run; its end and its begin by the machine's uptime; wall clock; owner, machine, purpose.
L=$HERE/lock
try mkdir -p $HERE
if has flock; then
	exec 9>$HERE/mutex || end 27 "$HERE/mutex cannot be written"
	till=$(($(up) + 5))
	until flock -n 9; do
		[ "$(up)" -lt $till ] || end 26 "$HERE/mutex is held"
		sleep 1
	done
	rm -f $HERE/lock.new.* $HERE/lock.old.*
fi
now=$(up)
field() { sed -n "$2p" "$1" 2>/dev/null; }
read_it() {
	is=$(field $L 1)
	wrote=$(field $L 2)
	case $wrote in ''|*[!0-9]*|???????????*) ends=0 ;; *) ends=$wrote ;; esac
}
# The new lock, aside. A renewed one keeps its begin.
paper() {
	P=$HERE/lock.new.$$
	[ "$is" = "$RUN" ] && began=$(field $L 3) && at=$(field $L 4) || { began=$now; at=$(date +%s); }
	printf '%s\n' "$RUN" $((now + TTL)) "$began" "$at" "$OWNER" "$MACHINE" "$PURPOSE" 2>/dev/null >"$P" &&
		[ "$(sed -n '$=' "$P")" = 7 ] || { rm -f "$P"; end 23 "$P cannot be written"; }
}
# Out of the way, if it is still the one that was read: another goes back.
evict() {
	old=$HERE/lock.old.$(stamp)
	mv $L "$old" 2>/dev/null || return 1
	[ "$(field "$old" 1)" != "$is" ] || [ "$(field "$old" 2)" != "$wrote" ] || { rm -f "$old"; return 0; }
	ln "$old" $L 2>/dev/null
	rm -f "$old"
	return 1
}
take() {
	for _ in 1 2 3; do
		read_it
		if [ "$is" = "$RUN" ]; then
			paper
			try mv -f "$P" $L
			return 0
		fi
		if [ -e $L ]; then
			[ "$ends" -le "$now" ] || return 1
			over="$(field $L 5) $is"
			evict || continue
			tell taken-over "$over"
		fi
		paper
		ln "$P" $L 2>/dev/null
		rm -f "$P"
	done
	read_it
	[ "$is" = "$RUN" ]
}
say() {
	[ -e $L ] || { tell lock none; return; }
	read_it
	began=$(field $L 3)
	tell lock "$is"
	tell left $((ends - now))
	tell age $((now - ${began:-0}))
	tell since "$(field $L 4)"
	tell owner "$(field $L 5)"
	tell machine "$(field $L 6)"
	tell purpose "$(field $L 7)"
}
case $DO in
read) say ;;
take)
	take || { say; end 24 "$(field $L 5)"; }
	say ;;
release)
	read_it
	[ "$is" != "$RUN" ] || evict || end 20 "$L"
	say ;;
held)
	say
	read_it
	[ "$is" = "$RUN" ] && [ "$ends" -gt "$now" ] || end 10 ;;
released)
	read_it
	[ "$is" != "$RUN" ] || end 10 ;;
esac
