# shellcheck shell=sh
# Error lines of each component, by the node's own clock: "kubelet 3600 41 12" says that its log
# was read 3600 seconds back, and holds 41 in the last five minutes and 12 in the rest of the last
# hour. Only the counts leave the node. Of a container's log the two newest files are read, from
# their ends; it reaches back to its oldest line. A journal reaches back as long as the machine is
# up, unless it was cut. A line of either has its text from the fourth word on, and awk without
# mktime turns its time into seconds.
now=$(date +%s)
up=$((now - $(sed -n 's/^btime //p' /proc/stat)))
count() { awk -v name="$1" -v back="$2" -v now="$now" '
	function at(s,   y, m, d, o) {
		if (s ~ /^[0-9]+[.][0-9]+$/) return int(s)
		if (s !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]/) return 0
		y = int(substr(s, 1, 4)); m = int(substr(s, 6, 2)); d = int(substr(s, 9, 2))
		if (m < 3) { m += 12; y-- }
		d += 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * m - 457) / 5) - 719469
		if (s ~ /[-+][0-9][0-9]:[0-9][0-9]$/) {
			o = substr(s, length(s) - 4, 2) * 3600 + substr(s, length(s) - 1, 2) * 60
			if (substr(s, length(s) - 5, 1) == "-") o = -o }
		return d * 86400 + substr(s, 12, 2) * 3600 + substr(s, 15, 2) * 60 + substr(s, 18, 2) - o }
	{ bad = $4 ~ /^[EF][0-9][0-9][0-9][0-9]$/ || $4 ~ /^[{]"level":"(error|dpanic|panic|fatal)"/ || $5 ~ /^level=(error|fatal|panic)$/
		if (seen && !bad) next
		t = at($1); if (!t) next
		age = now - t
		if (!seen++ || age > oldest) oldest = age
		if (!bad || age >= 3600 || age < -5) next
		if (age < 300) recent++; else before++ }
	END { if (NR < 20000 && back > oldest) oldest = back
		if (oldest > 3600) oldest = 3600
		if (seen) print name, int(oldest), recent + 0, before + 0 }'; }
journal() { journalctl -q --no-pager "$@" -S "@$((now - 3600))" -n 20000 -o short-unix; }
for c in kube-apiserver kube-controller-manager kube-scheduler etcd; do
	# shellcheck disable=SC2010 # the newest by time; the kubelet gives the names
	for f in $(ls -tr /var/log/pods/kube-system_$c-*/$c/*.log* | grep -v -e '[.]gz$' -e '[.]tmp$' | tail -n 2); do
		tail -c 4194304 "$f"; done | count $c 0
done
set --
for u in $KUBELET; do set -- "$@" -u "$u"; done
journal "$@" | count kubelet $up
for u in $RUNTIME; do
	name=${u##*daemon-}
	name=${name%.service}
	case $name in containerd|crio) journal -u "$u" | count "$name" $up ;; esac
done
