"""What can break in the lab, as rows, and doing it: each fault knows its undo, and either twice is harmless."""
import json
import os

import common
import fault_cluster
import fault_disk
import fault_etcd
import fault_machine
import fault_network
import fault_pki
import fault_process
from common import FAULTS, MACHINES, MASTERS, die

TABLE = {**fault_process.ROWS, **fault_machine.ROWS, **fault_disk.ROWS, **fault_network.ROWS, **fault_etcd.ROWS, **fault_pki.ROWS, **fault_cluster.ROWS}


def active():
    try:
        with open(FAULTS) as f:
            return json.load(f)
    except (OSError, ValueError):
        return {}


def remember(now):
    with open(FAULTS + ".new", "w") as f:
        json.dump(now, f)
    os.rename(FAULTS + ".new", FAULTS)


def forget():
    if os.path.exists(FAULTS):
        os.unlink(FAULTS)


def find(name):
    if name not in TABLE:
        die(f"no fault `{name}`; there are:\n{listing()}")
    if not common.is_up():
        die("the lab is down; run `lab.py up`")
    return TABLE[name]


def listing():
    return "\n".join(f"  {k:22} {f.at:8} {f.text}" for k, f in TABLE.items())


def may_be_at(fault, at):
    """A master's fault only at masters; one that is of several machines, or of one special one, only there."""
    if at == fault.at:
        return True
    if fault.at not in MACHINES or fault.at in common.BALANCERS:
        return False
    return at in (MASTERS if fault.at in MASTERS else common.MEMBERS)


def inject(name, machine=None):
    fault = find(name)
    now = active()
    at = machine or now.get(name) or fault.at
    if not may_be_at(fault, at):
        die(f"{name} is no fault of {at}; it is at {fault.at}")
    if now.get(name, at) != at:
        die(f"{name} is on at {now[name]} already; heal it first")
    remember({**now, name: at})     # before the act: a fault half done must be healable
    fault.do(at)


def heal(name):
    """The last one done is undone first: a later one may have built on it."""
    if name == "all":
        for one in reversed(list(active())):
            heal(one)
        return
    fault = find(name)
    now = active()
    fault.undo(now.pop(name, fault.at))
    remember(now)


def shows(name):
    """Whether the machine itself shows the fault."""
    return TABLE[name].shows(active().get(name, TABLE[name].at))
