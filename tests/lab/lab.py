#!/usr/bin/env python3
"""lab.py - a real HA Kubernetes cluster on machines of its own in namespaces of this one. See README.md.

  lab.py missing                   what this machine lacks for it, in one line; 1 when something is missing
  lab.py build                     make what machines are made of (once; cached by the hash of its sources)
  lab.py up | down | status
  lab.py save NAME | restore NAME  keep every machine's disk; put it back and boot
  lab.py power off|on MACHINE      a power cut; the disk stays
  lab.py sh MACHINE CMD...         run CMD on a machine
  lab.py kubectl ARGS...
  lab.py seed NODES PODS           kwok nodes, each with PODS pods
  lab.py fault NAME [MACHINE]      break something; `lab.py fault` lists what
  lab.py heal NAME|all             undo it"""
import fcntl
import json
import os
import shutil
import sys
import time

import build
import cgroups
import cluster
import common
import fault
import fault_network
import faults
import machine
import needs
import saves
import workloads
from common import CACHE, HERE, LAB, LB, MACHINES, MASTERS, die, kubectl, read, write

KEPT = ("bin", "cache", "src", "lock")      # what `down` leaves
CLEAR_S = 30
# Of the whole kernel; 128 by default, and a machine takes about 16.
INOTIFY, INOTIFY_WANTED = "/proc/sys/fs/inotify/max_user_instances", 1024


# ---- whether it can run here ----

def missing():
    why = needs.missing()
    if why:
        print(why)
    return int(bool(why))


def able():
    why = needs.missing()
    if why:
        die(why)


# ---- up and down ----

def stopwatch():
    start = time.monotonic()

    def step(text):
        print(f"lab: {time.monotonic() - start:5.1f} s  {text}", file=sys.stderr, flush=True)
    return step


def made_of():
    """What the saved cluster of the first `up` was made of: another build, or another way to make it, is another cluster."""
    sources = (f"{HERE}/{f}" for f in ("cluster.py", "machine.py", "saves.py", "manifests"))
    return build.digest(build.whole_sum().encode() + b"".join(build.content(s) for s in sources))


def raise_limits():
    was = int(read(INOTIFY))
    if was < INOTIFY_WANTED:
        write(f"{LAB}/inotify", str(was))
        write_sys(INOTIFY, INOTIFY_WANTED)


def write_sys(path, value):
    with open(path, "w") as f:
        f.write(str(value))


def up():
    able()
    build.build()
    if common.is_up() and all(machine.running(n) for n in MACHINES):
        print(f"lab: up already; kubeconfig {LAB}/admin.conf")
        return
    step = stopwatch()
    down()
    raise_limits()
    mark = f"{saves.place(saves.MADE)}.sum"
    if read(mark).strip() == made_of():
        saves.restore(saves.MADE, step)
    else:
        cluster.keys()
        cluster.console_config()
        cluster.make(step)
        saves.save(saves.MADE)
        write(mark, made_of() + "\n")
        step("saved for the next time")
    write(f"{LAB}/up", "")
    print(f"lab: up\n  kubeconfig  {LAB}/admin.conf\n  k911 config {LAB}/k911.yaml\n  ssh         ssh -F {LAB}/ssh_config m1\n"
          f"  console     ip netns exec lab0 k911 --config {LAB}/k911.yaml")


def clear(path):
    """A copy that an `up` left running when it was killed ends soon after its folder has gone."""
    end = time.monotonic() + CLEAR_S
    while os.path.lexists(path):
        try:
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def down():
    """Also what a half-made lab needs: every step holds where there is nothing to undo. All at once, for a disk that is told of
    what it no longer holds makes every removal wait for it."""
    cluster.at_once(machine.off, [*MACHINES, build.UNPACKER])
    if os.path.exists("/run/netns/lab0"):
        common.sh(["ip", "netns", "del", "lab0"])
    if os.path.exists(f"{LAB}/inotify"):
        write_sys(INOTIFY, read(f"{LAB}/inotify"))
    rest = [f"{LAB}/{f}" for f in os.listdir(LAB) if f not in KEPT] if os.path.isdir(LAB) else []
    if rest:
        cluster.at_once(clear, rest)


def save(name):
    if not common.is_up():
        die("the lab is down; there is nothing to save")
    saves.save(name)


def restore(name):
    able()
    if build.unmade():
        die("the lab's sources changed since; run `lab.py up`")
    raise_limits()
    if os.path.exists(f"{LAB}/up"):
        os.unlink(f"{LAB}/up")
    faults.forget()
    saves.restore(name, stopwatch())
    write(f"{LAB}/up", "")


def power(state, name):
    if state not in ("on", "off") or name not in MACHINES:
        sys.exit(__doc__)
    if state == "off":
        machine.off(name)
    elif machine.pid1(name) is None:
        machine.on(name)


# ---- status ----

def units(name):
    said = machine.node_try(name, f"systemctl is-active {' '.join(machine.UNITS[name])}")[1].split()
    return " ".join(f"{u} {s}" for u, s in zip(machine.UNITS[name], said))


def memory(name):
    for top in cgroups.find(name):
        used = read(f"{top}/memory.usage_in_bytes")
        if used:
            return f"{int(used) >> 20} MiB"
    return "? MiB"


def line(name):
    if machine.pid1(name) is None:
        return "off"
    parts = [units(name), memory(name), "link cut" if not fault_network.link_up(name) else ""]
    if name in MASTERS:
        parts += [f"etcd {'ok' if fault.etcd_healthy(name) else 'DOWN'}", f"api {'ok' if cluster.api_ready(name) else 'DOWN'}"]
    elif name in common.BALANCERS:
        parts.append(f"has {LB}" if fault_network.holds_vip(name) else "")
    return "  ".join(p for p in parts if p)


def status():
    if not common.is_up():
        print("lab: down")
        return
    for name, ip in MACHINES.items():
        print(f"{name:4} {ip:10}  {line(name)}")
    print("faults: " + (" ".join(f"{k} ({v})" for k, v in faults.active().items()) or "none"))
    print(f"kubeconfig {LAB}/admin.conf")


# ---- the command line ----

def break_or_list(*args):
    return faults.inject(*args) if args else print(faults.listing())


# name: (function, fewest arguments, most); a command with None passes all of them on, and leaves with what it gives
COMMANDS = {
    "missing": (missing, 0, 0),
    "build": (build.build, 0, 0),
    "up": (up, 0, 0),
    "down": (down, 0, 0),
    "status": (status, 0, 0),
    "save": (save, 1, 1),
    "restore": (restore, 1, 1),
    "power": (power, 2, 2),
    "seed": (lambda nodes, pods: workloads.seed(int(nodes), int(pods)), 2, 2),
    "fault": (break_or_list, 0, 2),
    "heal": (faults.heal, 1, 1),
    "faults": (lambda _: print(json.dumps(faults.active())), 1, 1),
    "sh": (lambda name, *cmd: machine.node(name, " ".join(cmd)).returncode, 2, None),
    "kubectl": (lambda *args: kubectl(list(args)).returncode, 0, None),
}
LOCKED = ("up", "down", "restore", "save", "power")


def main():
    sys.stdout.reconfigure(line_buffering=True)
    name, args = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if name not in COMMANDS:
        sys.exit(__doc__)
    function, fewest, most = COMMANDS[name]
    if not fewest <= len(args) <= (len(args) if most is None else most):
        sys.exit(__doc__)
    if name not in LOCKED:
        return sys.exit(function(*args))
    os.makedirs(CACHE, exist_ok=True)
    with open(f"{LAB}/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sys.exit(function(*args))


if __name__ == "__main__":
    main()
