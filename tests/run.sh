#!/bin/sh
# run.sh WRAPPER TEST...: run each test program, show the log of those that fail, count.
wrap=$1
shift
passed=0 failed=0
for t in "$@"; do
	if $wrap "$t" >"$t.log" 2>&1; then
		passed=$((passed + 1))
		echo "  ok    $t"
	else
		failed=$((failed + 1))
		echo "  FAIL  $t"
		cat "$t.log"
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
