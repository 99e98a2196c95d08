"""What is made once and outlives every `down`, in stages, each made again when its sources or the stage before it change:
the programs ($LAB/bin), the machines' root, and containerd's store with every image unpacked ($LAB/cache)."""
import fcntl
import hashlib
import os
import shutil
from collections import namedtuple

import common
import images
import machine
import programs
from common import BIN, CACHE, HERE, LAB, die, read, sh, write

UNPACKER = "t0"     # a machine of no cluster, without a network
CONTAINERD2 = bool(os.environ.get("CONTAINERD2"))
SANDBOX_KEYS = ("sandbox_image", "sandbox")     # containerd 1 and 2


# ---- the machines' root ----

def base():
    sh([f"{HERE}/base.sh", machine.BASE + ".new"])
    root = machine.BASE + ".new"
    for program in ("kube", "crictl", "kwok"):
        shutil.copy(f"{BIN}/{program}", f"{root}/usr/bin/{program}")
    for name in ("kubelet", "kubeadm", "kubectl", "etcdctl", "etcdutl"):
        os.symlink("kube", f"{root}/usr/bin/{name}")
    shutil.copytree(f"{BIN}/stages", f"{root}/usr/share/kwok")
    if CONTAINERD2:
        programs.containerd2()
        shutil.copytree(f"{BIN}/containerd2", f"{root}/usr/bin", dirs_exist_ok=True)
    write(f"{root}/etc/containerd/config.toml", containerd_config(sh(["chroot", root, "containerd", "config", "default"]).stdout))
    shutil.rmtree(machine.BASE, ignore_errors=True)
    os.rename(root, machine.BASE)


def containerd_config(default):
    """Its own default with what kubeadm's guide asks for. The kernel here grants nobody a lower OOM score: without the last line no container starts."""
    wanted = {"SystemdCgroup": "true", "bin_dir": '"/opt/cni/bin"', "restrict_oom_score_adj": "true", **{k: f'"{images.PAUSE}"' for k in SANDBOX_KEYS}}
    lines = []
    for line in default.splitlines():
        key = line.partition("=")[0].strip()
        lines.append(f"{line[:len(line) - len(line.lstrip())]}{key} = {wanted[key]}" if key in wanted and "=" in line else line)
    return "\n".join(lines) + "\n"


def store():
    """Every image, unpacked once on a machine that is there for nothing else."""
    machine.wipe(UNPACKER)
    try:
        machine.on(UNPACKER)
        images.build(machine.BASE, f"{LAB}/{UNPACKER}/var/images.tar")
        machine.node_check(UNPACKER, "systemctl start containerd && ctr -n k8s.io images import /var/images.tar && systemctl stop containerd")
        shutil.rmtree(machine.STORE, ignore_errors=True)
    finally:
        machine.off(UNPACKER)
    shutil.move(f"{LAB}/{UNPACKER}/var/lib/containerd", machine.STORE)
    machine.wipe(UNPACKER)


# ---- stages ----

Stage = namedtuple("Stage", "name sources make")
STAGES = (
    Stage("programs", ("go.mod", "go.sum", "main.go", "coredns", "pause", "programs.py"), programs.build),
    Stage("base", ("base.sh", "root", "build.py"), base),
    Stage("store", ("images.py", "machine.sh"), store),
)


def content(path):
    if os.path.isdir(path):
        return b"".join(content(f"{path}/{x}") for x in sorted(os.listdir(path)))
    with open(path, "rb") as f:
        return path.removeprefix(HERE).encode() + f.read()


def digest(data):
    return hashlib.sha256(data).hexdigest()


def sums():
    """(stage, the sum that says what it is made of)"""
    so_far = b""
    for stage in STAGES:
        option = b"containerd2" if CONTAINERD2 and stage.make is base else b""
        h = digest(so_far + option + b"".join(content(f"{HERE}/{s}") for s in stage.sources))
        so_far = h.encode()
        yield stage, h


def unmade():
    """Stages that are not made of their sources, and the sums they would have."""
    return [(stage, h) for stage, h in sums() if read(f"{CACHE}/{stage.name}.sum").strip() != h]


def whole_sum():
    return list(sums())[-1][1]


def build():
    """About ten minutes cold on two cores. A build in the background is waited for, not repeated."""
    os.makedirs(CACHE, exist_ok=True)
    with open(f"{CACHE}/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        todo = unmade()
        if todo and common.is_up():
            die("the lab's sources changed while it is up; run `lab.py down` first")
        for stage, h in todo:
            stage.make()
            write(f"{CACHE}/{stage.name}.sum", h + "\n")
