"""Faults of etcd's membership and room: data lost, a cluster of its own, a member nobody runs, the quota reached."""
import json

from common import MASTERS, wait
from fault import (ETCDCTL, Fault, another, back, command_of, edit, etcd_healthy, expel, flags, listed, manifest, node_check, node_try, put_back, stopped_etcd,
                   unedit)
from machine import processes

LOST = "/var/lib/etcd.lost"
GHOST = "https://10.0.1.99:2380"
QUOTA_BYTES = 1 << 20       # less than any cluster has
CLIENTS = ("kube-controller-manager", "kube-scheduler")     # of a machine's API server: what they remember is wrong once its etcd went back in time


def lost(name):
    return node_try(name, f"test -e {LOST}/member")[0] == 0


def started(name):
    wait(f"etcd on {name}", lambda: processes(name, "etcd"), 120)


def healthy(name):
    wait(f"etcd on {name}", lambda: etcd_healthy(name), 120)


# ---- data ----

def wiped(*more):
    """The data is lost, and etcd starts as its manifest says, with MORE arguments."""
    def do(name):
        if lost(name):
            return
        remember(name)
        stopped_etcd(name)
        node_check(name, f"mv /var/lib/etcd/member {LOST}/")
        back(name, "etcd", change=lambda: more and edit(name, "etcd", flags(*more)))
        started(name)
    return do


def remember(name):
    """Which member the data is of."""
    member = next(member for member, called in listed(another(name)) if called == name)
    node_check(name, f"mkdir -p {LOST} && echo {member} >{LOST}/id")


def replaced(name):
    """An operator made it a member anew: the data that it lost is of one that is no more."""
    ask = another(name)
    return ask is not None and node_check(name, f"cat {LOST}/id").strip() not in [member for member, _ in listed(ask)]


def unwipe(name):
    """Its data is back, as if it had been off for a while."""
    if not lost(name):
        return
    if replaced(name):
        node_check(name, f"rm -rf {LOST}")
        unedit(name, "etcd")
        return
    stopped_etcd(name)
    node_check(name, f"rm -rf /var/lib/etcd/member && mv {LOST}/member /var/lib/etcd/ && rm -rf {LOST}")
    back(name, "etcd", CLIENTS, lambda: put_back(name, manifest("etcd")))
    healthy(name)


def join_anew(name):
    """As etcd's own guide has it: the lost member goes, a new one without data comes in its place."""
    stopped_etcd(name)
    ask = expel(name)
    said = node_check(ask, f"{ETCDCTL} member add {name} --peer-urls=https://{MASTERS[name]}:2380")
    together = next(line.partition("=")[2].strip('"') for line in said.splitlines() if line.startswith("ETCD_INITIAL_CLUSTER="))
    node_check(name, "rm -rf /var/lib/etcd/member")
    back(name, "etcd", CLIENTS, lambda: edit(name, "etcd", flags(f"--initial-cluster={together}", "--initial-cluster-state=existing")))


def forgot(name):
    """It does not run with the members that it had: it cannot start."""
    return lost(name) and not members(name)


def members(name):
    rc, said = node_try(name, f"{ETCDCTL} member list -w json 2>/dev/null")
    return sorted(m.get("name", "") for m in json.loads(said)["members"]) if rc == 0 and said.startswith("{") else []


# ---- a cluster of its own ----
# Made anew it needs another token too: else it would have the old cluster's identity, and be taken back into it in silence.

def split(name):
    """It makes itself the only member, with the data that it has; a copy of which waits for the healing."""
    if lost(name):
        return
    remember(name)
    stopped_etcd(name)
    node_check(name, f"cp -a /var/lib/etcd/member {LOST}/")
    back(name, "etcd", change=lambda: edit(name, "etcd", flags("--force-new-cluster")))
    wait(f"etcd on {name} alone", lambda: members(name) == [name], 120)


# ---- a member nobody runs ----

def ghosts(name):
    rc, said = node_try(name, f"{ETCDCTL} member list 2>/dev/null")
    return [line.split(",")[0] for line in said.splitlines() if GHOST in line] if rc == 0 else []


def haunt(name):
    if not ghosts(name):
        node_check(name, f"{ETCDCTL} member add ghost --peer-urls={GHOST}")


def exorcise(name):
    for member in ghosts(name):
        node_check(name, f"{ETCDCTL} member remove {member}")


# ---- quota ----

def alarmed(name):
    return "NOSPACE" in node_try(name, f"{ETCDCTL} alarm list 2>/dev/null")[1]


def narrowed(name):
    return any(a.startswith("--quota-backend-bytes") for a in command_of(name, "etcd"))


def quota(name):
    if not narrowed(name):
        edit(name, "etcd", flags(f"--quota-backend-bytes={QUOTA_BYTES}"))
        wait(f"etcd on {name} with its quota", lambda: narrowed(name) and etcd_answers(name), 120)
    node_try(name, f"{ETCDCTL} put lab full")


def etcd_answers(name):
    return bool(members(name))


def unquota(name):
    unedit(name, "etcd")
    wait(f"etcd on {name} without its quota", lambda: processes(name, "etcd") and not narrowed(name) and etcd_answers(name), 120)
    for _ in range(3):      # one alarm for each member that raised it
        if alarmed(name):
            node_try(name, f"{ETCDCTL} alarm disarm")
    node_try(name, f"{ETCDCTL} del lab")


ROWS = {
    "etcd-wiped": Fault("m1's etcd data is lost, and it is made anew as a second, empty cluster", "m1", wiped("--initial-cluster-token=second"), unwipe,
                        lambda n: members(n) == [n], join_anew),
    "etcd-member-wiped": Fault("a later member's etcd data is lost", "m2", wiped(), unwipe, forgot, join_anew),
    "etcd-split": Fault("a member made itself a cluster of its own, with its data", "m3", split, unwipe, lambda n: members(n) == [n]),
    "etcd-ghost": Fault("etcd counts a member that nobody runs", "m1", haunt, exorcise, lambda n: bool(ghosts(n))),
    "etcd-quota": Fault("etcd's quota is reached, and it takes no more writes", "m2", quota, unquota, alarmed),
}
