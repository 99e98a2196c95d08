"""Faults of whole machines: their power, and a machine that is lost for good, with its disk. The spare stands by to take its place."""
import os

import cluster
import machine
from common import LAB, MASTERS, SPARES, kubectl
from fault import Fault, expel

SPARE = next(iter(SPARES))


def gone_for_good(name):
    return machine.pid1(name) is None and not os.path.isdir(f"{LAB}/{name}/var")


def has_joined(name):
    return os.path.exists(f"{LAB}/{name}/upper/etc/kubernetes/kubelet.conf")


def forgotten(name):
    """No member of etcd and no node has the name any more."""
    expel(name)
    kubectl(["delete", "node", name, "--ignore-not-found"], quiet=True)


def join(name, master):
    if master:
        cluster.offer_certificates(next(n for n in MASTERS if n != name and machine.pid1(n)))
    cluster.kubeadm(name, "join", master)


def spare_back():
    """Blank, as `up` leaves it, whatever place it took."""
    if has_joined(SPARE):
        forgotten(SPARE)
        machine.wipe(SPARE)
    if not machine.running(SPARE):
        machine.on(SPARE)


def in_its_place(name):
    """A blank machine of the same name joins, as kubeadm's guide says."""
    spare_back()
    if has_joined(name) and machine.running(name):
        return
    forgotten(name)
    machine.wipe(name)
    machine.on(name)
    join(name, name in MASTERS)


def spare_instead(name):
    """The name is forgotten, and the spare joins under its own."""
    forgotten(name)
    join(SPARE, name in MASTERS)


def lost(text, at):
    return Fault(text, at, machine.wipe, in_its_place, gone_for_good, spare_instead)


ROWS = {
    "power-cut": Fault("a machine's power fails; its disk stays", "m2", machine.off, lambda n: machine.pid1(n) or machine.on(n), lambda n: machine.pid1(n) is None),
    "worker-lost": lost("a worker is lost for good, with its disk; the spare can take its place", "w2"),
    "master-lost": lost("a master is lost for good, with its disk; the spare can take its place", "m3"),
}
