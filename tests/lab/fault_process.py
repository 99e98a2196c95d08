"""Faults of processes, units and power: killed, hung, stopped, wrongly started, over their memory."""
import json

import machine
from common import BALANCERS, MASTERS, kubectl
from fault import (ALL_MASTERS, Fault, active, all_of, aside, back, command_of, everywhere, keep, manifest, node_check, node_try, put, put_back, path, start_kubelet,
                   taken, unit)
from images import BUSYBOX
from machine import processes, send, stopped

PAIR = ("m2", "m3")     # the two whose loss ends quorum
OOM = "memory-hog"
STORM = "restart-storm"
STORMED = ("kube-scheduler", "kube-controller-manager")


def hangs(name, program):
    found = processes(name, program)
    return bool(found) and all(stopped(p) for p in found)


def killed(text, which):
    """The manifest goes first, or the kubelet would start it again at once."""
    def do(name):
        aside(name, which)
        send(name, which, "KILL")
    return Fault(text, "m2", do, lambda name: back(name, which), lambda name: not processes(name, which))


def paused(text, program, at="m2"):
    return Fault(text, at, lambda n: send(n, program, "STOP"), lambda n: send(n, program, "CONT"), lambda n: hangs(n, program))


def paused_all(text, programs):
    """PROGRAMS: {machine: its programs}"""
    def signal(sig):
        return lambda _: [send(n, p, sig) for n, which in programs.items() for p in which]
    return Fault(text, "all", signal("STOP"), signal("CONT"), lambda _: all(hangs(n, p) for n, which in programs.items() for p in which))


def unit_stopped(text, which, names=None, at="m2"):
    """On one machine, or on all of NAMES."""
    where = (lambda name: names) if names else (lambda name: (name,))

    def turn(verb):
        return lambda name: [unit(n, verb, which) for n in where(name)]
    return Fault(text, at, turn("stop"), turn("start"), lambda name: not any(active(n, which) for n in where(name)))


def killed_under(text, names, which):
    """The kubelets of all NAMES stop first, then the container is killed: as a failed upgrade or a bad disk takes a whole layer away."""
    def do(_):
        for n in names:
            unit(n, "stop", "kubelet")
        for n in names:
            send(n, which, "KILL")
    return Fault(text, "all" if names == ALL_MASTERS else "+".join(names), do, everywhere(names, start_kubelet),
                 all_of(names, lambda n: not processes(n, which)))


# ---- a kubelet that does not start ----

DEFAULTS = "/etc/default/kubelet"


def flag_do(name):
    keep(name, DEFAULTS)
    with open(path(name, DEFAULTS)) as f:
        text = f.read().rstrip()
    if "--no-such-flag" not in text:
        put(name, DEFAULTS, text + " --no-such-flag=true\n")
    node_try(name, "systemctl restart kubelet")


def flag_undo(name):
    if put_back(name, DEFAULTS):
        unit(name, "restart", "kubelet")


# ---- memory ----

def hog():
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": OOM, "namespace": "default"},
            "spec": {"terminationGracePeriodSeconds": 0, "tolerations": [{"operator": "Exists"}],
                     "containers": [{"name": OOM, "image": BUSYBOX, "command": ["tail", "/dev/zero"], "resources": {"limits": {"memory": "32Mi"}}}]}}


def hog_do(name):
    taken(["apply", "-f", "-"], json.dumps({**hog(), "spec": {**hog()["spec"], "nodeName": name}}))


def hog_shows(_):
    p = kubectl(["get", "pod", OOM, "-o", "json"], quiet=True)
    statuses = json.loads(p.stdout)["status"].get("containerStatuses", []) if p.returncode == 0 else []
    return any(s.get(k, {}).get("terminated", {}).get("reason") == "OOMKilled" for s in statuses for k in ("state", "lastState"))


# ---- restarts without end ----

def storm_do(name):
    """Killed as soon as they run, by a unit of the machine."""
    if not active(name, STORM):
        loop = "while :; do " + " ".join(f"pkill -KILL -f '^{p} ';" for p in STORMED) + " sleep 1; done"
        node_check(name, f'systemd-run --quiet --collect --unit={STORM} sh -c "{loop}"')


def restarts(name):
    """How often the kubelet has started the two containers again."""
    said = node_try(name, "crictl ps -a -o json")[1]
    return max((c["metadata"].get("attempt", 0) for c in json.loads(said)["containers"] if c["metadata"]["name"] in STORMED), default=0) if said.startswith("{") else 0


HANGING = {**{n: ("kube-apiserver", "etcd") for n in MASTERS}, **{n: ("haproxy",) for n in BALANCERS}}
ROWS = {
    "etcd-kill": killed("one etcd is killed and stays away", "etcd"),
    "etcd-hang": paused("one etcd hangs (SIGSTOP)", "etcd"),
    "kubelet-stop": unit_stopped("one kubelet is stopped; its containers run on", "kubelet"),
    "kubelet-flag": Fault("a kubelet is given a flag that it does not know", "m2", flag_do, flag_undo,
                          lambda n: "unknown flag: --no-such-flag" in node_try(n, "journalctl -u kubelet -n 40 --no-pager")[1] and not command_of(n, "kubelet")),
    "containerd-stop": unit_stopped("one container runtime is stopped; its containers run on", "containerd"),
    "containerd-hang": paused("one container runtime hangs (SIGSTOP)", "containerd"),
    "apiserver-kill": killed("one API server is killed and stays away", "kube-apiserver"),
    "apiserver-hang": paused("one API server hangs (SIGSTOP)", "kube-apiserver"),
    "apiserver-hang-all": paused_all("every API server hangs (SIGSTOP)", {n: ("kube-apiserver",) for n in MASTERS}),
    "hang-all": paused_all("every API server, every etcd and both load balancers hang (SIGSTOP)", HANGING),
    "haproxy-stop": unit_stopped("both load balancers are stopped", "haproxy", tuple(BALANCERS), "+".join(BALANCERS)),
    "balancer-hang": paused_all("both load balancers accept and hang (SIGSTOP)", {n: ("haproxy",) for n in BALANCERS}),
    "apiserver-all": killed_under("all API servers are killed, the kubelets stopped before", ALL_MASTERS, "kube-apiserver"),
    "etcd-quorum": killed_under("two of three etcds are killed, their kubelets stopped before", PAIR, "etcd"),
    "worker-notready": unit_stopped("a worker's kubelet is stopped, and its node turns NotReady", "kubelet", at="w1"),
    "power-cut": Fault("a machine's power fails; its disk stays", "m2", machine.off, lambda n: machine.pid1(n) or machine.on(n), lambda n: machine.pid1(n) is None),
    "manifest-stray": Fault("a copy of the API server's manifest lies beside it, and the kubelet runs both", "m2",
                            lambda n: node_check(n, f"cp {manifest('kube-apiserver')} {manifest('kube-apiserver')}.bak"),
                            lambda n: node_check(n, f"rm -f {manifest('kube-apiserver')}.bak"),
                            lambda n: node_try(n, f"test -e {manifest('kube-apiserver')}.bak")[0] == 0),
    "oom-kill": Fault("a pod takes more memory than its limit and is killed", "w1", hog_do,
                      lambda _: kubectl(["delete", "pod", OOM, "--ignore-not-found", "--grace-period=0", "--force"], quiet=True), hog_shows),
    "restart-storm": Fault("a master's scheduler and controller manager are killed as soon as they run", "m2", storm_do,
                           lambda n: node_try(n, f"systemctl stop {STORM}"), lambda n: active(n, STORM) and restarts(n) >= 2),
}
