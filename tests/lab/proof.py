#!/usr/bin/env python3
"""proof.py [FAULT...] - each fault does what it says, seen on the machines and not by the console: it does not show, is done twice and
shows, is undone twice and shows no more, and the cluster is whole again. Where an operator mends it otherwise it is done once more, mended
so, and the undo changes nothing for the worse. On a lab that is up; names may be patterns."""
import fnmatch
import sys
import time

sys.dont_write_bytecode = True

import cluster  # noqa: E402
import common  # noqa: E402
import fault  # noqa: E402
import faults  # noqa: E402
import machine  # noqa: E402
import saves  # noqa: E402

SHOWS_S, HEALED_S = 180, 300


def until(ok, limit):
    """How long it took, or None."""
    start = time.monotonic()
    while not ok():
        if time.monotonic() - start > limit:
            return None
        time.sleep(0.5)
    return time.monotonic() - start


def mended():
    """As many nodes as before, all of them Ready, and every master that is on does its part."""
    masters = [n for n in common.MASTERS if machine.running(n)]
    return (all(cluster.api_ready(n) and fault.etcd_healthy(n) for n in masters) and cluster.nodes_ready()
            and cluster.deployed("deploy/coredns") and cluster.deployed("deploy/metrics-server"))


def whole():
    return all(machine.running(n) for n in common.MACHINES) and mended()


class Unproven(Exception):
    """What is not so."""


def within(what, ok, limit):
    took = until(ok, limit)
    if took is None:
        raise Unproven(f"{what}: not so within {limit} s")
    return took


def undone(name):
    for _ in range(2):
        faults.heal(name)
    within("shows no more", lambda: not faults.shows(name), HEALED_S)
    return within("whole again", whole, HEALED_S)


def prove(name):
    """What was measured."""
    if faults.shows(name):
        raise Unproven("shows before it is done")
    for _ in range(2):
        faults.inject(name)
    shown = within("shows", lambda: faults.shows(name), SHOWS_S)
    said = f"shows after {shown:.0f} s, whole after {undone(name):.0f} s"
    row = faults.TABLE[name]
    if row.by_hand is None:
        return said
    faults.inject(name)
    within("shows again", lambda: faults.shows(name), SHOWS_S)
    row.by_hand(row.at)
    by_hand = within("mended by hand", mended, HEALED_S)
    return f"{said}; by hand after {by_hand:.0f} s, undone and whole after {undone(name):.0f} s"


def attempt(name):
    try:
        return True, prove(name)
    except (Unproven, SystemExit, RuntimeError, OSError) as e:
        return False, str(e)


def main():
    sys.stdout.reconfigure(line_buffering=True)
    wanted = sys.argv[1:] or ["*"]
    bad = good = 0
    for name in (n for n in faults.TABLE if any(fnmatch.fnmatch(n, w) for w in wanted)):
        start = time.monotonic()
        ok, said = attempt(name)
        good, bad = good + ok, bad + (not ok)
        print(f"  {'ok   ' if ok else 'FAIL '} {name} ({time.monotonic() - start:.0f} s): {said}")
        if not ok:      # the next one begins on a whole cluster
            faults.forget()
            saves.restore(saves.MADE, lambda _: None)
    print(f"{good} passed, {bad} failed")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
