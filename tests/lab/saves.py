"""Every machine's disk kept, and put back: a cluster as it was at one instant, as a power cut would have left it.

For a save all machines are frozen at once, their disks copied, and they go on. What is saved boots again in less time than kubeadm
needs, so that `up` boots what it made the first time, and a case that destroyed data has it back by `restore`."""
import calendar
import json
import os
import shutil
import time

import cgroups
import cluster
import machine
from common import CACHE, KUBES, LAB, MACHINES, MASTERS, MEMBERS, die, kubectl, sh, wait

MADE = "made"       # the name under which `up` keeps the cluster it made
CREDENTIALS = ("admin.conf", "super.conf", "id", "id.pub", "known_hosts", "ssh_config", "k911.yaml")
CONTAINERD = "var/lib/containerd"
SNAPSHOTS = "io.containerd.snapshotter.v1.overlayfs/snapshots"


def place(name):
    return f"{CACHE}/saves/{name}"


# ---- copying ----

def copy_disk(source, target):
    """All but containerd's images, which are hard links: nothing ever writes to them."""
    os.makedirs(target)
    sh(f"cd {source} && tar --sparse --exclude=./{CONTAINERD} --exclude=./root --exclude=./work --exclude=./init.* --xattrs --xattrs-include='*' -cf - . | "
       f"tar --xattrs --xattrs-include='*' -C {target} -xpf -")
    if os.path.isdir(f"{source}/{CONTAINERD}"):
        copy_store(f"{source}/{CONTAINERD}", f"{target}/{CONTAINERD}")


def copy_store(source, target):
    """The blobs and the images' layers as links to the store's; the containers' own layers and the databases as copies."""
    images = os.listdir(f"{machine.STORE}/{SNAPSHOTS}")
    machine.link_store(machine.STORE, target)
    for entry in os.listdir(f"{source}/{SNAPSHOTS}"):
        if entry not in images:
            sh(["cp", "-a", f"{source}/{SNAPSHOTS}/{entry}", f"{target}/{SNAPSHOTS}/{entry}"])
    sh(f"cd {source} && find . -path ./{SNAPSHOTS} -prune -o -path '*/blobs' -prune -o -type f -print0 | tar --null -T - -cf - | tar -C {target} -xpf -")


def thin(target):
    """What was reserved and never written, as etcd's log is for the most part, is not written each time it is put back."""
    sh(["find", target, "-path", f"*/{CONTAINERD}", "-prune", "-o", "-type", "f", "-size", "+1M", "-exec", "fallocate", "--dig-holes", "{}", ";"])


def save(name):
    target = place(name)
    sh(["rm", "-rf", target, target + ".new"])
    on = [n for n in MACHINES if machine.pid1(n)]
    try:
        for n in on:
            cgroups.frozen(n, "FROZEN")
        cluster.at_once(lambda n: copy_disk(f"{LAB}/{n}", f"{target}.new/{n}"), list(MACHINES))
    finally:
        for n in on:
            cgroups.frozen(n, "THAWED")
    thin(f"{target}.new")
    for f in CREDENTIALS:
        shutil.copy(f"{LAB}/{f}", f"{target}.new/{f}")
    os.rename(target + ".new", target)


def restore(name, step):
    """Boot what was saved, in the place of whatever runs."""
    source = place(name)
    if not os.path.isdir(source):
        die(f"nothing is saved as `{name}`; there are: {' '.join(os.listdir(place(''))) if os.path.isdir(place('')) else 'none'}")
    for f in CREDENTIALS:
        shutil.copy(f"{source}/{f}", f"{LAB}/{f}")
    machine.switch()
    cluster.at_once(machine.off, list(MACHINES))      # none of them is to meet one of before

    def one(name):
        machine.wipe(name)
        copy_disk(f"{source}/{name}", f"{LAB}/{name}")
        machine.on(name)
    cluster.at_once(one, list(MACHINES))
    step("disks put back, machines booted")
    wait("every API server's /readyz", lambda: all(cluster.api_ready(n) for n in MASTERS), 180)
    step("API servers ready")
    wait("every node Ready", fresh_nodes, 240, 0.5)
    step("nodes Ready")
    wait("every pod Ready", fresh_pods, 240, 0.5)
    step("pods Ready")


# ---- what a cluster that was saved says of itself counts only when it is newer than the boot ----

def items(*what):
    p = kubectl(["get", *what, "-o", "json"], quiet=True)
    return json.loads(p.stdout)["items"] if p.returncode == 0 else None


def seconds(stamp):
    return calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ"))


def booted_at(name):
    return int(os.path.getmtime(f"{LAB}/{name}/init.pid"))


def fresh_node(node):
    name = node["metadata"]["name"]
    ready = [c for c in node["status"]["conditions"] if c["type"] == "Ready"][0]
    return name not in KUBES or (ready["status"] == "True" and seconds(ready["lastHeartbeatTime"]) >= booted_at(name))


def fresh_nodes():
    found = items("nodes")
    return found is not None and len(found) >= len(MEMBERS) and all(fresh_node(n) for n in found)


def fresh_container(container, since):
    started = container.get("state", {}).get("running", {}).get("startedAt")
    return container["ready"] and started is not None and seconds(started) >= since


def fresh_pods():
    """Those on real machines; finished ones count for nothing."""
    found = items("pods", "-A")
    if found is None:
        return False
    first = min(booted_at(n) for n in MEMBERS)
    mine = [p for p in found if p["spec"].get("nodeName", next(iter(KUBES))) in KUBES and p["status"].get("phase") not in ("Succeeded", "Failed")]
    return all(p["status"].get("containerStatuses") and all(fresh_container(c, first) for c in p["status"]["containerStatuses"]) for p in mine)
