# shellcheck shell=sh
# shellcheck disable=SC2015,SC2086
# A container of a static or other pod, stopped: its kubelet starts it again. NAME, and NS and POD
# where they are told.
need "${CRICTL%% *}"
set -- --name "^$NAME\$"
[ -z "$NS" ] || set -- "$@" --label "io.kubernetes.pod.namespace=$NS"
[ -z "$POD" ] || set -- "$@" --label "io.kubernetes.pod.name=$POD"
now=$(cri 5 ps "$@" --state running -q 2>&1)
c=$?
! hung $c || end 26 "crictl"
[ $c = 0 ] || fail "$now"
case $DO in
stop)
	[ -n "$now" ] || end 21 "no running container $NAME"
	begin "$(line "$now")"
	said=$(cri $((LIMIT - 5)) stop -t 20 $now 2>&1)
	c=$?
	! hung $c || end 26 "crictl stop"
	[ $c = 0 ] || fail "$said"
	tell stopped "$(line "$now")" ;;
stopped)
	w=$(was) || end 10
	for i in $now; do case " $w " in *" $i "*) end 10 ;; esac; done ;;
esac
