# shellcheck shell=sh
# shellcheck disable=SC2086 # CONTAINER may be a glob, CRICTL two words
# A container's log where no API server answers: the kubelet's files, else what the runtime kept.
# NS POD CONTAINER ("*": any) NTH (1 the newest) TAIL (lines)
# shellcheck disable=SC2012 # the newest by time; the kubelet gives the names
f=$(ls -t /var/log/pods/${NS}_${POD}_*/$CONTAINER/*.log 2>/dev/null | sed -n "${NTH}p")
if [ -n "$f" ]; then tail -n "$TAIL" "$f" | cut -d' ' -f4-; exit; fi
set -- --label "io.kubernetes.pod.namespace=$NS" --label "io.kubernetes.pod.name=$POD"
[ "$CONTAINER" = '*' ] || set -- "$@" --name "^$CONTAINER\$"
id=$($CRICTL ps -a "$@" -q 2>/dev/null | sed -n "${NTH}p")
[ -n "$id" ] && $CRICTL logs --tail "$TAIL" "$id" 2>&1
