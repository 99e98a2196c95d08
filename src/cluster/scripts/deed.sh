# shellcheck shell=sh
# shellcheck disable=SC2015,SC2086,SC2153 # CRICTL may be two words; the C in A && B || C ends all
# What deeds share. A deed says what it found and did in lines "key value", and ends with
#   0 done, or yes      20 a tool failed ("why")       24 somebody else holds it
#  10 no (of a probe)   21 its object is not there     25 a tool is missing
#                       22 something is in the way     26 something hangs
#                       23 no space                    27 no right to, or a read-only disk
# Above 20 nothing was changed, or it was put back. A deed may be done again after any end, a kill
# among them. A link that breaks ends none half-way. RUN names one attempt: under it the node keeps
# what was so before, in /run, and a probe compares. LIMIT: seconds that a deed has.
trap '' HUP PIPE
umask 077
HERE=/run/k911
tell() { printf '%s\n' "$*"; }
line() { printf '%s' "$*" | tr '\n\t\r' '   ' | cut -c 1-300; }
end() {
	c=$1
	shift
	[ $# -eq 0 ] || tell why "$(line "$*")"
	exit "$c"
}
# Ends by what a tool said.
fail() { case $* in
	*'No space left'*|*'Disk quota'*) end 23 "$@" ;;
	*'ead-only file system'*|*'ermission denied'*|*'not permitted'*) end 27 "$@" ;;
	*) end 20 "$@" ;; esac; }
hung() { case $1 in 124|137|143) ;; *) return 1 ;; esac; }
try() {
	said=$("$@" 2>&1) && return 0
	c=$?
	! hung $c || end 26 "$1 does not end"
	fail "$said"
}
need() { for t; do has "$t" || end 25 "$t"; done; }
# Seconds since boot: no clock that somebody may set.
up() { read -r u _ </proc/uptime && printf '%s' "${u%%.*}"; }
stamp() { printf '%s.%s' "$(date -u +%Y%m%dT%H%M%SZ)" $$; }
sum() { sha256sum <"$1" 2>/dev/null | cut -d ' ' -f 1; }
# The disk has it: a file, and the directory that names it.
safe() { for f; do lim 10 sync "$f" 2>/dev/null || lim 10 sync; done; }
# AWAY: a directory beside that of file $1, for what is moved out of it; never in it, since kubelets
# and haproxy read whole directories.
away() {
	AWAY=${1%/*}
	AWAY=${AWAY%/*}/k911-aside
	try mkdir -p "$AWAY"
	[ "$(stat -c %d "$AWAY")" = "$(stat -c %d "${1%/*}")" ] || end 22 "$AWAY is on another filesystem than ${1%/*}"
}
# What was so before, under RUN.
begin() {
	[ -n "$RUN" ] || return 0
	try mkdir -p $HERE
	printf '%s\n' "$*" 2>/dev/null >$HERE/new.$$ && mv -f $HERE/new.$$ "$HERE/was.$RUN" || end 20 "$HERE cannot be written"
}
was() { [ -n "$RUN" ] && cat "$HERE/was.$RUN" 2>/dev/null; }
# The runtime, by seconds and words.
cri() {
	l=$1
	shift
	[ -n "$SOCKET" ] || [ -e /etc/crictl.yaml ] || for p in $SOCKETS; do
		[ -S "$p" ] && SOCKET="-r unix://$p" && break; done
	lim "$l" $CRICTL $SOCKET -t "${l}s" "$@"
}
SOCKET=
# The first of some units that this node has: U.
unit() {
	for U; do [ "$(lim 5 systemctl show -p LoadState "$U" 2>/dev/null)" = LoadState=loaded ] && return 0; done
	U=
	return 1
}
unit_of() { case $1 in kubelet) unit $KUBELET ;; runtime) unit $RUNTIME ;; *) unit "$1.service" ;; esac; }
of() { lim 5 systemctl show -p "$1" "$U" 2>/dev/null | sed 's/^[^=]*=//'; }
