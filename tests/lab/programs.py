"""The programs that Debian has not, built static from the Go module proxy into $LAB/bin, one after the other; and `pause`, in C.

`kube` is Kubernetes and etcd, each by the name it is called. Each of the others is built in a module of its own in $LAB/src, made
at build time, with Kubernetes' own versions of all that it shares with Kubernetes: most of it is compiled by then. flannel and CoreDNS
come without the clouds' parts, which the proxy has not, or which take the most time. What a program is made of stands in its sum in
$LAB/src, so that a change of one builds that one."""
import hashlib
import inspect
import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple

from common import BIN, HERE, LAB, die, read, sh, write

KUBERNETES = "v1.35.4"
FLANNEL = "v0.28.4"
COREDNS = "v1.13.1"
METRICS = "v0.8.0"
CONTAINERD = "v2.2.0"
KWOK = "sigs.k8s.io/kwok@v0.8.0"
KUBE_NAMES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet", "kubeadm", "kubectl", "etcd", "etcdctl", "etcdutl")
LEFT_OUT = ("tencentvpc", "ipsec", "wireguard", "udp", "alloc")      # flannel's backends that nobody uses here
REFUSED = ("\tgithub.com/tencentcloud", "exclude", "retract")        # lines of a go.mod that cannot or need not be followed


def go(*argv, cwd=HERE, **env):
    full = dict(os.environ, CGO_ENABLED="0", GOFLAGS="-buildvcs=false", **env)
    try:
        done = subprocess.run(["go", *argv], cwd=cwd, env=full).returncode == 0
    except FileNotFoundError:
        die("no go on PATH; the lab's Kubernetes needs Go 1.26 or newer (https://go.dev/dl; Debian 12 has none)")
    if not done:
        die(f"go {argv[0]} failed; its words are above")


def stripped(variables=()):
    return ["-ldflags", " ".join(["-s -w", *(f"-X {v}" for v in variables)])]


def kube():
    version = ["k8s.io/component-base/version." + v for v in (f"gitVersion={KUBERNETES}", "gitMajor=1", "gitMinor=35")]
    go("build", *stripped(version), "-o", f"{BIN}/kube", ".")
    for name in KUBE_NAMES:
        if not os.path.lexists(f"{BIN}/{name}"):
            os.symlink("kube", f"{BIN}/{name}")


def module(path):
    """Where a module lies, downloaded."""
    return json.loads(sh(["go", "mod", "download", "-json", path], cwd=HERE).stdout)["Dir"]


# ---- the others ----

def coredns_main(_):
    return read(f"{HERE}/coredns/main.go")


def flannel_main(theirs):
    """Its own, without the clouds' and the unused backends, and without a flag that Kubernetes' klog has not."""
    unwanted = tuple(f'backend/{b}"' for b in LEFT_OUT)
    text = read(f"{theirs}/main.go").replace('flag.Set("legacy_stderr_threshold_behavior", "false")', 'flag.Set("stderrthreshold", "INFO")')
    return "".join(x for x in text.splitlines(True) if not x.rstrip().endswith(unwanted))


# PACKAGE is what is built, or MAIN gives the text of a main of ours; VARIABLE holds the version that it prints; OWN are the beginnings
# of the names of modules that it does not fit together with Kubernetes' version of.
Program = namedtuple("Program", "name module package main variable own", defaults=(None, None, None, ()))
PROGRAMS = (
    Program("crictl", "sigs.k8s.io/cri-tools@v1.34.0", "cmd/crictl", variable="sigs.k8s.io/cri-tools/pkg/version.Version", own=("k8s.io/kubectl",)),
    # the last release that the proxy has: later ones moved to a repository of flannel's
    Program("cni/flannel", "github.com/containernetworking/plugins@v0.9.1", "plugins/meta/flannel"),
    Program("flanneld", f"github.com/flannel-io/flannel@{FLANNEL}", main=flannel_main, variable="github.com/flannel-io/flannel/pkg/version.Version"),
    Program("coredns", f"github.com/coredns/coredns@{COREDNS}", main=coredns_main),
    Program("metrics-server", f"sigs.k8s.io/metrics-server@{METRICS}", "cmd/metrics-server", own=("k8s.io/", "github.com/google/gnostic-models")),
    Program("kwok", KWOK, "cmd/kwok", own=("k8s.io/cri-client", "k8s.io/cri-api")),
)


def pins(but):
    """Kubernetes' version of every module that it uses, as replacements: in a module that does not use it such a line means nothing."""
    said = json.loads(sh(["go", "mod", "edit", "-json"], cwd=HERE).stdout)
    versions = {r["Path"]: r["Version"] for r in said["Require"]}
    versions.update({r["Old"]["Path"]: r["New"]["Version"] for r in said["Replace"]})
    return "".join(f"replace {path} => {path} {version}\n" for path, version in versions.items() if not path.startswith(but))


def program(row):
    """A module around the program, with what its own module asks for."""
    theirs, own = module(row.module), f"{LAB}/src/{row.name}"
    path, _, version = row.module.partition("@")
    needs = [x for x in read(f"{theirs}/go.mod").partition("\nrequire")[2].splitlines(True) if not x.startswith(REFUSED)]
    write(f"{own}/go.mod", f"module {os.path.basename(row.name)}\n\ngo 1.26.0\n\nrequire {path} {version}\n\nrequire{''.join(needs)}\n{pins(row.own)}")
    write(f"{own}/go.sum", read(f"{theirs}/go.sum") + read(f"{HERE}/go.sum"))
    if row.main:
        write(f"{own}/main.go", row.main(theirs))
    what = "." if row.main else f"{path}/{row.package}"
    go("build", "-mod=mod", *stripped([f"{row.variable}={version}"] if row.variable else []), "-o", f"{BIN}/{row.name}", what, cwd=own)


def containerd2():
    """containerd 2 in the place of Debian's 1.6."""
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


def pause():
    sh(["cc", "-static", "-Os", "-s", "-o", f"{BIN}/pause", f"{HERE}/pause/pause.c"])


# ---- each once ----

def once(name, make, *recipe):
    """MAKE, unless what lies there was made by the same RECIPE."""
    mark = f"{LAB}/src/{name}.sum"
    made_of = hashlib.sha256("\0".join((read(f"{HERE}/go.mod"), *recipe)).encode()).hexdigest()
    if read(mark).strip() == made_of:
        return
    print(f"lab: building {name}", file=sys.stderr, flush=True)
    if os.path.exists(mark):
        os.unlink(mark)
    make()
    write(mark, made_of + "\n")


def text(*functions):
    return "".join(inspect.getsource(f) for f in functions)


def recipe(row):
    """The row and the words that build it; its main of ours lies beside this file, or is made by the row's function."""
    made_by = text(program, pins, row.main) if row.main else text(program, pins)
    return (repr(row._replace(main=None)), made_by, repr((LEFT_OUT, REFUSED)), read(f"{HERE}/{row.name}/main.go"))


def build():
    os.makedirs(BIN, exist_ok=True)
    once("kube", kube, text(kube), KUBERNETES, read(f"{HERE}/main.go"))
    for row in PROGRAMS:
        once(row.name, lambda r=row: program(r), *recipe(row))
    once("stages", stages, text(stages), KWOK)
    once("pause", pause, text(pause), read(f"{HERE}/pause/pause.c"))
