#!/bin/sh
# run.sh WRAPPER TEST...: runs the test programs, JOBS at a time (default: one per
# processor), shows the log of those that fail, and ends with a count. A cmocka
# program counts as its tests, any other as one. A program that hangs is ended
# after TEST_TIMEOUT seconds and has failed.
if [ "$1" != --one ]; then
	wrap=$1
	shift
	[ $# -gt 0 ] || { echo 'no test has such a path' >&2; exit 1; }
	tally=$(mktemp) || exit 1
	trap 'rm -f "$tally"' EXIT
	printf '%s\n' "$@" | xargs -r -P "${JOBS:-$(nproc)}" -n 1 "$0" --one "$tally" "$wrap"
	awk '{ ok += $1; bad += $2 } END { print ok + 0 " passed, " bad + 0 " failed"; exit bad > 0 }' "$tally"
	exit
fi

tally=$2 wrap=$3 t=$4 why=
timeout -k 10 "${TEST_TIMEOUT:-600}" $wrap "$t" >"$t.log" 2>&1
rc=$?
ok=$(grep -c '^\[       OK \]' "$t.log")
bad=$(grep -c '^\[  FAILED  \] test' "$t.log")
bad=$((bad / 2)) # cmocka says each twice
[ "$rc" -eq 124 ] && why=' (hung)'
[ "$rc" -eq 0 ] && [ "$ok" -eq 0 ] && ok=1
[ "$rc" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
echo "$ok $bad" >>"$tally"
if [ "$rc" -eq 0 ]; then
	echo "  ok    $t: $ok passed"
else
	# One write, so that logs of programs that fail together do not mix.
	printf '%s\n' "  FAIL  $t: $ok passed, $bad failed$why" "$(cat "$t.log")"
fi
exit 0
