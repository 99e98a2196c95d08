"""The pieces that faults are made of: a row, files put aside and put back, manifests edited, units, certificates signed anew."""
import time
from collections import namedtuple

import machine
from common import MASTERS, kubectl, wait
from machine import node_check, node_try

MANIFESTS, ASIDE, PKI = "/etc/kubernetes/manifests", "/etc/kubernetes/aside", "/etc/kubernetes/pki"
ETCD_CERTS = f"--cacert={PKI}/etcd/ca.crt --cert={PKI}/etcd/server.crt --key={PKI}/etcd/server.key"
ELECTED_S = 20
ETCDCTL = f"etcdctl {ETCD_CERTS} --endpoints=https://127.0.0.1:2379 --command-timeout=3s"

# What it is, where it is when nobody says, how to do it, how to undo it, and whether the machine shows it; and where that is
# another thing than the undo, how an operator mends it. Each of the functions takes the place; doing or undoing it twice is
# harmless, and so is the undo of what an operator mended.
Fault = namedtuple("Fault", "text at do undo shows by_hand", defaults=(None,))


# ---- files ----

def path(name, where):
    """A machine's file, from the host, while the machine is on."""
    return f"/proc/{machine.pid1(name)}/root{where}"


def kept(where):
    return f"{ASIDE}/{where.strip('/').replace('/', '_')}"


def keep(name, *where):
    """A copy of each file as it was before the first fault touched it."""
    for w in where:
        node_check(name, f"mkdir -p {ASIDE} && if [ ! -e {kept(w)} ]; then cp -a {w} {kept(w)}; fi")


def put_back(name, *where):
    """True when there was something to put back."""
    return [node_try(name, f"[ -e {kept(w)} ] && mv {kept(w)} {w}")[0] for w in where].count(0) > 0


def put(name, where, text):
    """Written beside, then moved in."""
    with open(path(name, "/etc/kubernetes/fresh"), "w") as f:
        f.write(text)
    node_check(name, f"chmod --reference={where} /etc/kubernetes/fresh 2>/dev/null || chmod 600 /etc/kubernetes/fresh; mv /etc/kubernetes/fresh {where}")


# ---- static pods ----

def manifest(which):
    return f"{MANIFESTS}/{which}.yaml"


def aside(name, which):
    node_check(name, f"mkdir -p {ASIDE} && if [ -e {manifest(which)} ]; then mv {manifest(which)} {ASIDE}/{which}.yaml; fi")


def start_kubelet(name):
    """Without the machine's API server, which it starts too: from one that hangs on a dead etcd a kubelet waits minutes for an answer
    before it starts that etcd. One that runs is left alone."""
    if not active(name, "kubelet"):
        machine.send(name, "kube-apiserver", "KILL")
        unit(name, "start", "kubelet")


def restart_static(name, change=lambda: None, programs=()):
    """The static pods as CHANGE leaves them, PROGRAMS started anew, by a kubelet that starts: one that runs counts the deaths of a pod
    against it for minutes."""
    unit(name, "stop", "kubelet")
    change()
    for program in programs:
        machine.send(name, program, "KILL")
    start_kubelet(name)


def back(name, which, programs=(), change=lambda: None):
    """CHANGE is made to it before anything is started. What an operator put in its place is left there."""
    def moved():
        node_check(name, f"mv {ASIDE}/{which}.yaml {manifest(which)}")
        change()
    node_try(name, f"test -e {manifest(which)} && rm -f {ASIDE}/{which}.yaml")
    if node_try(name, f"test -e {ASIDE}/{which}.yaml")[0] == 0:
        restart_static(name, moved, programs)


def edit(name, which, change):
    """CHANGE(pod) on the manifest, which is kept as it was."""
    import yaml     # here: who only asks what the lab needs may lack it
    keep(name, manifest(which))
    with open(path(name, kept(manifest(which)))) as f:
        pod = yaml.safe_load(f)
    change(pod)
    put(name, manifest(which), yaml.safe_dump(pod))


def unedit(name, which):
    """One that is as it was already is no reason to start anything anew."""
    where = manifest(which)
    node_try(name, f"cmp -s {kept(where)} {where} && rm {kept(where)}")
    if node_try(name, f"test -e {kept(where)}")[0] == 0:
        restart_static(name, lambda: put_back(name, where))


def flags(*more):
    """A change of a static pod: more arguments to its command; the last of one name counts."""
    return lambda pod: pod["spec"]["containers"][0]["command"].extend(more)


def command_of(name, program):
    """The arguments that it runs with, or nothing."""
    pids = machine.processes(name, program)
    return machine.read(f"/proc/{pids[0]}/cmdline").split("\0") if pids else []


def gone(name, program, within=90):
    wait(f"the end of {program} on {name}", lambda: not machine.processes(name, program), within)


def stopped_etcd(name):
    """etcd ended, kindly or not, and nothing starts it."""
    aside(name, "etcd")
    machine.send(name, "etcd", "CONT")
    machine.send(name, "etcd", "TERM")
    gone(name, "etcd")


def etcd_healthy(name):
    return machine.pid1(name) is not None and node_try(name, f"timeout 5 {ETCDCTL} endpoint health")[0] == 0


def another(name):
    """A master with a healthy etcd, other than NAME; None when there is none, also after an election."""
    end = time.monotonic() + ELECTED_S
    while True:
        found = next((n for n in MASTERS if n != name and etcd_healthy(n)), None)
        if found or time.monotonic() > end:
            return found
        time.sleep(0.5)


def listed(name):
    """(id, name) of each member that the etcd of NAME counts."""
    return [(line.split(", ")[0], line.split(", ")[2]) for line in node_check(name, f"{ETCDCTL} member list").splitlines()]


def expel(name):
    """The member of that name, by another one, which is given back."""
    ask = another(name)
    for member, called in listed(ask):
        if called == name:
            node_check(ask, f"{ETCDCTL} member remove {member}")
    return ask


# ---- units and objects ----

def unit(name, verb, which):
    node_check(name, f"systemctl {verb} {which}")


def active(name, which):
    return node_try(name, f"systemctl is-active --quiet {which}")[0] == 0


def ready(name):
    return kubectl(["get", "node", name, "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}"], quiet=True).stdout == "True"


def taken(args, text=None):
    """What kubectl said; raises when the API server refused."""
    p = kubectl(args, quiet=True, stdin=text, timeout_s=30)
    if p.returncode != 0:
        raise RuntimeError(f"kubectl {' '.join(args)}: {p.stderr.strip()[-300:]}")
    return p.stdout


def everywhere(names, function):
    return lambda _: [function(n) for n in names]


def any_of(names, shows):
    return lambda _: any(shows(n) for n in names)


def all_of(names, shows):
    return lambda _: all(shows(n) for n in names)


ALL_MASTERS = tuple(MASTERS)
