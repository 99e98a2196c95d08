"""Faults of processes, units and manifests: killed, hung, stopped, wrongly started, over their memory."""
import json

from cluster import api_ready
from common import BALANCERS, MASTERS, kubectl
from fault import (ALL_MASTERS, ASIDE, Fault, active, all_of, aside, back, command_of, edit, everywhere, flags, keep, kept, manifest, node_check, node_try, put, put_back, path,
                   start_kubelet, taken, unedit, unit)
from images import BUSYBOX
from machine import processes, send, stopped

PAIR = ("m2", "m3")     # the two whose loss ends quorum
NO_IMAGE, NO_FLAG = "registry.k8s.io/kube-apiserver:v0.0.0", "--no-such-flag=true"
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
    def by_hand(name):
        node_check(name, f"cp {ASIDE}/{which}.yaml {manifest(which)}")
    return Fault(text, "m2", do, lambda name: back(name, which), lambda name: not processes(name, which), by_hand)


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


# ---- a manifest that makes no API server ----

API = "kube-apiserver"


def unreadable_do(name):
    """The kubelet lets go of the pod the next time it reads the folder."""
    keep(name, manifest(API))
    put(name, manifest(API), "apiVersion: v1\nkind: Pod\n\tspec: [\n")


def mismade(text, do, mark):
    """MARK: what stands in the manifest and in no good one."""
    return Fault(text, "m2", do, lambda name: unedit(name, API), lambda name: node_try(name, f"grep -qF -e '{mark}' {manifest(API)}")[0] == 0 and not api_ready(name))


def other_image(pod):
    pod["spec"]["containers"][0]["image"] = NO_IMAGE


# ---- a kubelet that does not start ----

DEFAULTS = "/etc/default/kubelet"


def flag_do(name):
    keep(name, DEFAULTS)
    with open(path(name, DEFAULTS)) as f:
        text = f.read().rstrip()
    if NO_FLAG not in text:
        put(name, DEFAULTS, f"{text} {NO_FLAG}\n")
    node_try(name, "systemctl restart kubelet")


def flag_undo(name):
    if put_back(name, DEFAULTS):
        unit(name, "restart", "kubelet")


# ---- balancers that do not start ----

HAPROXY_CFG = "/etc/haproxy/haproxy.cfg"


def misconfigured(_):
    for name in BALANCERS:
        keep(name, HAPROXY_CFG)
        node_check(name, f"cp {kept(HAPROXY_CFG)} {HAPROXY_CFG} && echo no-such-word >>{HAPROXY_CFG}")
        node_try(name, "systemctl restart haproxy")


def configured(_):
    for name in BALANCERS:
        if put_back(name, HAPROXY_CFG):
            node_check(name, "systemctl reset-failed haproxy; systemctl restart haproxy")


def refuses_config(name):
    return not active(name, "haproxy") and node_try(name, f"haproxy -c -f {HAPROXY_CFG}")[0] != 0


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
    "kubelet-hang": paused("one kubelet hangs (SIGSTOP)", "kubelet"),
    "kubelet-flag": Fault("a kubelet is given a flag that it does not know", "m2", flag_do, flag_undo,
                          lambda n: "unknown flag: --no-such-flag" in node_try(n, "journalctl -u kubelet -n 40 --no-pager")[1] and not command_of(n, "kubelet")),
    "containerd-stop": unit_stopped("one container runtime is stopped; its containers run on", "containerd"),
    "containerd-hang": paused("one container runtime hangs (SIGSTOP)", "containerd"),
    "apiserver-kill": killed("one API server is killed and stays away", "kube-apiserver"),
    "apiserver-hang": paused("one API server hangs (SIGSTOP)", "kube-apiserver"),
    "apiserver-hang-all": paused_all("every API server hangs (SIGSTOP)", {n: ("kube-apiserver",) for n in MASTERS}),
    "hang-all": paused_all("every API server, every etcd and both load balancers hang (SIGSTOP)", HANGING),
    "haproxy-stop": unit_stopped("both load balancers are stopped", "haproxy", tuple(BALANCERS), "+".join(BALANCERS)),
    "balancer-stop": unit_stopped("one load balancer is stopped, and the address moves to the other", "haproxy", at="lb"),
    "haproxy-config": Fault("both load balancers were given a configuration that they do not take", "+".join(BALANCERS), misconfigured, configured,
                            all_of(BALANCERS, refuses_config)),
    "vip-nobody": unit_stopped("no load balancer holds the address", "keepalived", tuple(BALANCERS), "+".join(BALANCERS)),
    "balancer-hang": paused_all("both load balancers accept and hang (SIGSTOP)", {n: ("haproxy",) for n in BALANCERS}),
    "apiserver-all": killed_under("all API servers are killed, the kubelets stopped before", ALL_MASTERS, "kube-apiserver"),
    "etcd-quorum": killed_under("two of three etcds are killed, their kubelets stopped before", PAIR, "etcd"),
    "worker-notready": unit_stopped("a worker's kubelet is stopped, and its node turns NotReady", "kubelet", at="w1"),
    "manifest-stray": Fault("a copy of the API server's manifest lies beside it, and the kubelet runs both", "m2",
                            lambda n: node_check(n, f"cp {manifest('kube-apiserver')} {manifest('kube-apiserver')}.bak"),
                            lambda n: node_check(n, f"rm -f {manifest('kube-apiserver')}.bak"),
                            lambda n: node_try(n, f"test -e {manifest('kube-apiserver')}.bak")[0] == 0),
    "manifest-unreadable": mismade("the API server's manifest is no YAML, and the kubelet lets go of the pod", unreadable_do, "\tspec"),
    "manifest-flag": mismade("the API server's manifest has a flag that it does not know", lambda n: edit(n, API, flags(NO_FLAG)), NO_FLAG),
    "manifest-image": mismade("the API server's manifest names an image that nobody has", lambda n: edit(n, API, other_image), NO_IMAGE),
    "oom-kill": Fault("a pod takes more memory than its limit and is killed", "w1", hog_do,
                      lambda _: kubectl(["delete", "pod", OOM, "--ignore-not-found", "--grace-period=0", "--force"], quiet=True), hog_shows),
    "restart-storm": Fault("a master's scheduler and controller manager are killed as soon as they run", "m2", storm_do,
                           lambda n: node_try(n, f"systemctl stop {STORM}"), lambda n: active(n, STORM) and restarts(n) >= 2),
}
