# shellcheck shell=sh
# shellcheck disable=SC2086 # the layout's fields are words and globs
s files; stat -c '%Y %n' ${MANIFESTS:+"$MANIFESTS"/*} $CONFS $CERTS 2>/dev/null
for f in $CERTS $KUBELET_CERTS; do
	[ -r "$f" ] && s "cert $f" && pem <"$f"; done
for f in $CONFS; do
	[ -r "$f" ] || continue
	d=$(sed -n 's/^ *client-certificate-data: *//p' "$f" | head -n 1)
	[ -n "$d" ] && s "cert $f" && printf '%s\n' "$d" | base64 -d 2>/dev/null | pem
done
