# shellcheck shell=sh
# shellcheck disable=SC2015
# A unit of this node, restarted: UNIT is kubelet, runtime, haproxy or keepalived.
unit_of "$UNIT" || end 21 "no unit of $UNIT"
began() { of ExecMainStartTimestampMonotonic; }
last_words() { line "$(lim 3 journalctl -q -u "$U" -n 5 --no-pager -o cat 2>/dev/null | tail -n 2)"; }
# Active, and not about to be restarted by systemd once more.
settled() {
	till=$(($(up) + 10))
	while :; do
		case $(of ActiveState):$(of SubState) in active:running|active:exited) return 0 ;; failed:*) return 1 ;; esac
		[ "$(up)" -lt $till ] || return 1
		sleep 1
	done
}
finish() {
	settled || fail "$U is $(of ActiveState) ($(of SubState)): $(last_words)"
	tell unit "$U active"
	tell pid "$(of MainPID)"
}
# The main process alone: shims and containers live on. The job that waits for its end goes on.
cut_off() {
	# CRI-O's monitors have a slice of their own.
	case $U:$(of KillMode) in crio.service:*|*:process) ;; *) end 22 "$U would take its containers along (KillMode=$(of KillMode))" ;; esac
	p=$(of MainPID)
	case $p in ''|0|1|*[!0-9]*) return 0 ;; esac
	kill -9 "$p" 2>/dev/null
	till=$(($(up) + 5))
	while [ "$(of MainPID)" = "$p" ]; do
		[ "$(up)" -lt $till ] || end 26 "process $p of $U does not die: it is stuck in the kernel"
		sleep 1
	done
	tell killed "$p"
}
case $DO in
restart)
	begin "$U $(began)"
	tell before "$U $(of ActiveState) $(of SubState)"
	# A unit that gave up starts no more before it is forgiven.
	lim 5 systemctl reset-failed "$U" 2>/dev/null
	room=$((LIMIT - 15))
	[ "$UNIT" != runtime ] || room=$((LIMIT / 3))
	said=$(lim $room systemctl restart "$U" 2>&1)
	c=$?
	if hung $c; then
		[ "$UNIT" = runtime ] || end 26 "$U: systemctl restart"
		cut_off
		lim 5 systemctl reset-failed "$U" 2>/dev/null
		said=$(lim $((LIMIT / 3)) systemctl start "$U" 2>&1)
		c=$?
		! hung $c || end 26 "$U: systemctl start"
	fi
	[ $c = 0 ] || fail "$said $(last_words)"
	finish ;;
restarted)
	w=$(was) || end 10
	[ "$w" != "$U $(began)" ] && [ "$(of ActiveState)" = active ] || end 10 ;;
start)
	tell before "$U $(of ActiveState) $(of SubState)"
	lim 5 systemctl reset-failed "$U" 2>/dev/null
	try lim $((LIMIT - 15)) systemctl start "$U"
	finish ;;
stop)
	tell before "$U $(of ActiveState) $(of SubState)"
	try lim $((LIMIT - 5)) systemctl stop "$U"
	case $(of ActiveState) in active|reloading) fail "$U is still $(of ActiveState)" ;; esac
	tell unit "$U stopped" ;;
is-up) [ "$(of ActiveState)" = active ] || end 10 ;;
is-down) case $(of ActiveState) in inactive|failed) ;; *) end 10 ;; esac ;;
esac
