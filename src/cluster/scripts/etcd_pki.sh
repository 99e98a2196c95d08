# shellcheck shell=sh
# etcd's client credentials under D, else where this node's layout has them.
[ -r "$D/$ETCD_CA" ] || [ -z "$ETCD_PKI" ] || D=$ETCD_PKI
for n in $ETCD_PAIRS; do [ -r "$D/$n.crt" ] && [ -r "$D/$n.key" ] && break; done
s from; printf '%s' "$D"
s ca; cat "$D/$ETCD_CA"
s cert; cat "$D/$n.crt"
s key; cat "$D/$n.key"
s end
