# shellcheck shell=sh
# shellcheck disable=SC2086,SC2153 # the rows' fields are words and globs
# The layout of this node: the row whose kubelet runs, else is installed, else whose files are here.
# Leftovers of another distribution lie on many a node, so what runs goes before what lies there.
SAID=$(lim 2 systemctl show -p Id -p LoadState -p ActiveState $UNITS 2>/dev/null)
units_in() {
	printf '%s\n' "$SAID" | awk -v state="$1" 'BEGIN { RS = ""; FS = "\n" } {
		id = ""; is = 0
		for (i = 1; i <= NF; i++) {
			if ($i ~ /^Id=/) id = substr($i, 4)
			if ($i ~ state) is = 1
		}
		if (is) printf "%s ", id
	}'
}
by_units() {
	units=$(units_in "$1")
	for l in $LAYOUTS; do
		layout "$l"
		for u in $KUBELET; do case " $units" in *" $u "*) return 0 ;; esac; done
	done
	return 1
}
by_marks() {
	for l in $LAYOUTS; do
		layout "$l"
		for f in $MARKS; do [ -e "$f" ] && return 0; done
	done
	return 1
}
by_units '^ActiveState=(active|activating|reloading)$' || by_units '^LoadState=loaded$' || by_marks || layout "${LAYOUTS%% *}"
