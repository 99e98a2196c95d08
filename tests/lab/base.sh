#!/bin/sh
# base.sh TARGET: the machines' root, a minbase Debian 12 with systemd, sshd, containerd
# and the tools that kubeadm asks for. From where this machine itself gets its packages.
set -eu
target=$1
here=$(dirname "$(readlink -f "$0")")

system=systemd,systemd-sysv,dbus,openssh-server,kmod,procps,util-linux,mount,less,python3-minimal
network=iproute2,iputils-ping,iptables,nftables,ebtables,ipset,ethtool,conntrack,socat,netbase,curl,ca-certificates,openssl,dnsutils
runtime=containerd,runc,containernetworking-plugins,busybox,haproxy,keepalived

sources=
for list in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources; do
	if grep -qs debian "$list"; then sources="$sources $list"; fi
done

rm -rf "$target"
# shellcheck disable=SC2086 # the sources are words
mmdebstrap --quiet --variant=minbase --format=directory --include="$system,$network,$runtime" \
	--aptopt='Acquire::Languages "none"' --dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
	bookworm "$target" $sources

mkdir -p "$target/opt/cni/bin" "$target/etc/cni/net.d" "$target/etc/kubernetes/manifests" "$target/backup"
cp -a "$target"/usr/lib/cni/* "$target/opt/cni/bin/"
cp -r --remove-destination "$here"/root/* "$target/"

# Nothing of the host's kernel is a machine's to set up, and no clock is its own.
chroot "$target" systemctl --quiet mask systemd-udevd.service systemd-modules-load.service systemd-sysctl.service \
	systemd-binfmt.service proc-sys-fs-binfmt_misc.automount sys-kernel-debug.mount sys-kernel-tracing.mount \
	sys-kernel-config.mount dev-hugepages.mount getty.target console-getty.service systemd-networkd.service \
	systemd-resolved.service systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer \
	dpkg-db-backup.timer fstrim.timer
chroot "$target" systemctl --quiet disable haproxy keepalived containerd

rm -rf "$target/etc/hostname" "$target/var/lib/dbus/machine-id" "$target"/var/lib/apt/lists/* "$target"/var/cache/apt/*
: >"$target/etc/machine-id"
