"""Faults of disks: full, and slow. A full one is a small file system in memory in the folder's place, so that nothing else is full."""
import os

import cgroups
import machine
from common import LAB, wait
from fault import Fault, back, etcd_healthy, node_check, node_try, stopped_etcd
from machine import processes

ETCD, CONTAINERD = "/var/lib/etcd", "/var/lib/containerd"
FILLER = "filler"
SPARE_MIB = 16      # what is free until the filler takes it
WRITES_PER_S = 10


# ---- full ----

def mounted(name, folder):
    return machine.pid1(name) is not None and node_try(name, f"findmnt -n -t tmpfs {folder}")[0] == 0


def full(name, folder):
    return mounted(name, folder) and node_check(name, f"df --output=avail {folder}").split()[-1] == "0"


def shrink(name, folder, spare_mib=SPARE_MIB):
    """The folder's content moves into a file system with little room left; a shared mount can be bound elsewhere, not moved."""
    node_check(name, f"""set -e
      size=$(($(du -sm {folder} | cut -f1) + {spare_mib}))
      mkdir -p /mnt/small && mount -t tmpfs -o size=${{size}}m small /mnt/small
      cp -a {folder}/. /mnt/small/ && mount --bind /mnt/small {folder} && umount /mnt/small""")


def fill(name, folder):
    for block in ("64k", "512"):
        node_try(name, f"dd if=/dev/zero of={folder}/{FILLER} bs={block} conv=notrunc oflag=append 2>/dev/null")


def etcd_do(name):
    if not mounted(name, ETCD):
        stopped_etcd(name)
        shrink(name, ETCD)
        back(name, "etcd")
        wait(f"etcd on {name}", lambda: processes(name, "etcd"), 90)
    fill(name, ETCD)


def etcd_undo(name):
    """What it acknowledged while the disk was small comes along: a member must not forget."""
    if mounted(name, ETCD):
        stopped_etcd(name)
        node_check(name, f"""set -e
          rm -f {ETCD}/{FILLER}; mkdir -p /var/lib/etcd.grown && rm -rf /var/lib/etcd.grown/* && cp -a {ETCD}/. /var/lib/etcd.grown/
          umount {ETCD} && rm -rf {ETCD}/* && cp -a /var/lib/etcd.grown/. {ETCD}/ && rm -rf /var/lib/etcd.grown""")
    back(name, "etcd")
    wait(f"etcd on {name}", lambda: etcd_healthy(name), 120)


def containerd_shrink(name, spare_mib=SPARE_MIB):
    node_check(name, "systemctl stop kubelet containerd")
    shrink(name, CONTAINERD, spare_mib)
    node_check(name, "systemctl start containerd kubelet")


def containerd_do(name):
    if not mounted(name, CONTAINERD):
        containerd_shrink(name)
    fill(name, CONTAINERD)


def containerd_undo(name):
    """A reboot: the small file system is gone with it, and the disk is as before."""
    if mounted(name, CONTAINERD):
        machine.on(name)


# ---- full of something that may go ----

JOURNAL = "/var/log/journal"
ARCHIVES_MIB = 400      # without them there is more room than a kubelet asks for
UNLIMITED = "[Journal]\\nSystemMaxUse=100G\\nSystemKeepFree=0\\n"


def journal_do(name):
    """The journal shares the small file system, knows no limit, and its archives fill it."""
    if not mounted(name, CONTAINERD):
        containerd_shrink(name, ARCHIVES_MIB)
        node_check(name, f"""set -e
          mkdir -p /run/systemd/journald.conf.d && printf '{UNLIMITED}' >/run/systemd/journald.conf.d/lab.conf
          cp -a {JOURNAL} {CONTAINERD}/journal && mount --bind {CONTAINERD}/journal {JOURNAL}
          systemctl restart systemd-journald && journalctl --rotate""")
    node_try(name, f"""cd {JOURNAL}/* && one=$(ls system@*.journal | head -n 1) && i=0
      while [ $i -lt 200 ] && i=$((i + 1)) && cp "$one" system@$(printf '%032x-%016x-%016x' $i $i $i).journal; do :; done""")


def vacuum(name):
    node_check(name, "journalctl --vacuum-size=1M")


# ---- slow ----

def device():
    """The disk below $LAB, as major:minor; throttles know whole disks only."""
    dev = os.stat(LAB).st_dev
    number = f"{os.major(dev)}:{os.minor(dev)}"
    parent = os.path.realpath(f"/sys/dev/block/{number}/..")
    return machine.read(f"{parent}/dev").strip() or number


def limit(name, writes):
    for top in cgroups.find(name):
        for root, _, files in os.walk(top):
            if "blkio.throttle.write_iops_device" in files:
                with open(f"{root}/blkio.throttle.write_iops_device", "w") as f:
                    f.write(f"{device()} {writes}")


def limited(name):
    """Ten writes to the disk itself take the time that the limit gives them."""
    rc, said = node_try(name, "timeout 30 dd if=/dev/zero of=/var/lib/slow bs=4k count=20 oflag=direct,dsync 2>&1; rm -f /var/lib/slow")
    took = [x for x in said.split(",") if x.strip().endswith(" s")]
    return rc == 0 and bool(took) and float(took[0].split()[0]) >= 20 / WRITES_PER_S * 0.8


ROWS = {
    "disk-full-etcd": Fault("the disk below one etcd is full", "m2", etcd_do, etcd_undo, lambda n: full(n, ETCD)),
    "disk-full-containerd": Fault("the disk below one container runtime is full", "w1", containerd_do, containerd_undo, lambda n: full(n, CONTAINERD)),
    "disk-full-journal": Fault("a journal without a limit fills the disk that the container runtime lies on", "w1", journal_do, containerd_undo,
                               lambda n: full(n, CONTAINERD), vacuum),
    "disk-slow": Fault(f"one machine's disk takes {WRITES_PER_S} writes a second", "m2", lambda n: limit(n, WRITES_PER_S), lambda n: limit(n, 0), limited),
}
