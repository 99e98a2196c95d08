"""The programs that Debian has not, built static from the Go module proxy into $LAB/bin, one after the other; and `pause`, in C.

`kube` is Kubernetes and etcd, each by the name it is called. The others are their releases as they are, but for two: flannel's
main without the clouds' and the unused backends (one needs a module that the proxy refuses), and containerd 2, whose module
cannot be installed by name. Both get a module of their own in $LAB/src, made at build time."""
import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple

from common import BIN, HERE, LAB, die, read, sh, write

KUBERNETES = "v1.35.4"
ETCD = "v3.6.5"
FLANNEL = "v0.28.4"
COREDNS = "v1.13.1"
METRICS = "v0.8.0"
CONTAINERD = "v2.2.0"
KWOK = "sigs.k8s.io/kwok@v0.8.0"
KUBE_NAMES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet", "kubeadm", "kubectl", "etcd", "etcdctl", "etcdutl")
LEFT_OUT = ("tencentvpc", "ipsec", "wireguard", "udp", "alloc")

Released = namedtuple("Released", "program package variable")
RELEASED = (
    Released("crictl", "sigs.k8s.io/cri-tools/cmd/crictl@v1.34.0", "sigs.k8s.io/cri-tools/pkg/version.Version=v1.34.0"),
    # the last release that the proxy has: later ones moved to a repository of flannel's
    Released("cni/flannel", "github.com/containernetworking/plugins/plugins/meta/flannel@v0.9.1", None),
    Released("coredns", f"github.com/coredns/coredns@{COREDNS}", None),
    Released("metrics-server", f"sigs.k8s.io/metrics-server/cmd/metrics-server@{METRICS}", None),
    Released("kwok", KWOK.replace("@", "/cmd/kwok@"), None),
)


def go(*argv, cwd=HERE, **env):
    full = dict(os.environ, CGO_ENABLED="0", GOFLAGS="-buildvcs=false", **env)
    try:
        done = subprocess.run(["go", *argv], cwd=cwd, env=full).returncode == 0
    except FileNotFoundError:
        die("no go on PATH; the lab's Kubernetes needs Go 1.26 or newer (https://go.dev/dl; Debian 12 has none)")
    if not done:
        die(f"go {argv[0]} failed; its words are above")


def stripped(variables=()):
    return ["-ldflags", " ".join(["-s -w", *(f"-X {v}" for v in variables if v)])]


def say(program):
    print(f"lab: building {program}", file=sys.stderr, flush=True)


def kube():
    say("kube")
    version = ["k8s.io/component-base/version." + v for v in (f"gitVersion={KUBERNETES}", "gitMajor=1", "gitMinor=35")]
    go("build", *stripped(version), "-o", f"{BIN}/kube", ".")
    for name in KUBE_NAMES:
        if not os.path.lexists(f"{BIN}/{name}"):
            os.symlink("kube", f"{BIN}/{name}")


def released(row):
    say(row.program)
    go("install", *stripped([row.variable]), row.package, GOBIN=os.path.dirname(f"{BIN}/{row.program}"))


def module(path):
    """Where a module lies, downloaded."""
    said = json.loads(sh(["go", "mod", "download", "-json", path], cwd=HERE).stdout)
    return said["Dir"]


def flanneld():
    say("flanneld")
    theirs, own = module(f"github.com/flannel-io/flannel@{FLANNEL}"), f"{LAB}/src/flanneld"
    unwanted = tuple(f'backend/{b}"' for b in LEFT_OUT)
    needs = read(f"{theirs}/go.mod").partition("\nrequire")
    write(f"{own}/main.go", "".join(x for x in read(f"{theirs}/main.go").splitlines(True) if not x.rstrip().endswith(unwanted)))
    write(f"{own}/go.mod", f"module flanneld\n\ngo 1.26.0\n\nrequire github.com/flannel-io/flannel {FLANNEL}\n\nrequire" +
          "".join(x for x in needs[2].splitlines(True) if "tencentcloud" not in x))
    write(f"{own}/go.sum", read(f"{theirs}/go.sum"))
    go("build", "-mod=mod", *stripped([f"github.com/flannel-io/flannel/pkg/version.Version={FLANNEL}"]), "-o", f"{BIN}/flanneld", ".", cwd=own)


def containerd2():
    """containerd 2 in the place of Debian's 1.6."""
    say("containerd 2")
    own, base = f"{LAB}/src/containerd2", "github.com/containerd/containerd/v2"
    packages = [f"{base}/cmd/{p}" for p in ("containerd", "containerd-shim-runc-v2", "ctr")]
    write(f"{own}/go.mod", "module containerd2\n\ngo 1.26.0\n")
    go("get", *(f"{p}@{CONTAINERD}" for p in packages), cwd=own)
    os.makedirs(f"{BIN}/containerd2", exist_ok=True)
    go("build", "-mod=mod", *stripped([f"{base}/version.Version={CONTAINERD}"]), "-o", f"{BIN}/containerd2/", *packages, cwd=own)


def stages():
    """kwok's rules for what a pretended node and pod do; they ship in its module."""
    shutil.rmtree(f"{BIN}/stages", ignore_errors=True)
    shutil.copytree(f"{module(KWOK)}/kustomize/stage", f"{BIN}/stages")
    sh(["chmod", "-R", "u+w", f"{BIN}/stages"])


def build():
    os.makedirs(BIN, exist_ok=True)
    kube()
    for row in RELEASED:
        released(row)
    flanneld()
    stages()
    sh(["cc", "-static", "-Os", "-s", "-o", f"{BIN}/pause", f"{HERE}/pause/pause.c"])
