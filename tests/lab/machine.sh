#!/bin/bash
# machine.sh NAME DIR BASE: becomes pid 1 of one machine, Debian's own systemd, in the
# namespaces that its caller made (net, mount, uts, ipc, pid, cgroup). Its root is an
# overlay of DIR/upper on BASE; /var is a plain folder, for containerd's own overlays
# cannot lie on an overlay.
set -eu
name=$1 dir=$2 base=$3 root=$2/root

# /proc is the caller's still: the pid that the caller knows us by.
read -r pid _ </proc/self/stat
echo "$pid" >"$dir/init.pid"
mount --make-rprivate /
hostname "$name"
mkdir -p "$root" "$dir/upper" "$dir/work" "$dir/var"
mount -t overlay -o "lowerdir=$base,upperdir=$dir/upper,workdir=$dir/work" lab-root "$root"
mount --bind "$dir/var" "$root/var"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/run"

devices() {
	mount -t tmpfs -o mode=755,size=64m tmpfs "$root/dev"
	mkdir -p "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue" "$root/dev/net"
	for d in null zero full random urandom tty kmsg fuse net/tun; do
		if [ -e "/dev/$d" ]; then cp -a "/dev/$d" "$root/dev/$d"; fi
	done
	mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
	mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
	ln -s pts/ptmx "$root/dev/ptmx"
	ln -s /proc/self/fd "$root/dev/fd"
	ln -s /proc/self/fd/0 "$root/dev/stdin"
	ln -s /proc/self/fd/1 "$root/dev/stdout"
	ln -s /proc/self/fd/2 "$root/dev/stderr"
}

# The hierarchies as they are on the host, seen from this machine's own cgroup
# namespace; with cgroup2 at `unified` it is systemd's "hybrid". What the boot before
# this one left empty goes: a kubelet would wait for its containers.
hierarchies() {
	local at=$root/sys/fs/cgroup controllers kind
	mount -t tmpfs -o mode=755 tmpfs "$at"
	while IFS=: read -r _ controllers _; do
		case $controllers in
		"") kind=cgroup2 at_name=unified options=rw ;;
		name=*) kind=cgroup at_name=${controllers#name=} options=none,$controllers ;;
		*) kind=cgroup at_name=$controllers options=$controllers ;;
		esac
		mkdir "$at/$at_name"
		mount -t "$kind" -o "$options" cgroup "$at/$at_name"
	done </proc/self/cgroup
	find "$at" -mindepth 2 -depth -type d -exec rmdir {} + 2>/dev/null || true
}

# /proc/sys is read-only but for net/, for the rest is the whole kernel's. What a
# kubelet wants to write there are files of this machine's own.
sysctls() {
	local own=$root/run/sysctl s f
	mount --bind "$root/proc/sys" "$root/proc/sys"
	mount --bind "$root/proc/sys/net" "$root/proc/sys/net"
	mount -o remount,bind,ro "$root/proc/sys"
	mkdir -p "$own"
	for s in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
		kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
		f=$own/$(echo "${s%=*}" | tr / .)
		echo "${s#*=}" >"$f"
		mount --bind "$f" "$root/proc/sys/${s%=*}"
	done
	echo 1 >"$root/proc/sys/net/ipv4/ip_forward"
	echo 1 >"$root/proc/sys/net/bridge/bridge-nf-call-iptables"
}

# The network namespace outlives a reboot; what a real one forgets is taken away.
forget_network() {
	local link
	for link in $(ip -o link | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | grep -vxE 'lo|eth0'); do
		ip link del "$link" 2>/dev/null || true
	done
	nft flush ruleset
}

devices
hierarchies
sysctls
cd "$root"
mkdir -p .old
pivot_root . .old
cd /
umount -l /.old
rmdir /.old 2>/dev/null || true
mount --make-rshared /
forget_network
exec env -i container=lab PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb LANG=C.UTF-8 \
	/lib/systemd/systemd --log-target=journal-or-kmsg
