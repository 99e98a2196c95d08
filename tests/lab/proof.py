#!/usr/bin/env python3
"""proof.py [FAULT...] - each fault does what it says, seen on the machines and not by the console: it does not show, is done twice and
shows, is undone twice and shows no more, and the cluster is whole again. On a lab that is up; names may be patterns."""
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


def whole():
    return (all(machine.running(n) for n in common.MACHINES) and all(cluster.api_ready(n) for n in common.MASTERS) and all(fault.etcd_healthy(n) for n in common.MASTERS)
            and cluster.nodes_ready() and cluster.deployed("deploy/coredns") and cluster.deployed("deploy/metrics-server"))


def prove(name):
    """A sentence when it is not so, else what was measured."""
    if faults.shows(name):
        return False, "shows before it is done"
    for _ in range(2):
        faults.inject(name)
    shown = until(lambda: faults.shows(name), SHOWS_S)
    for _ in range(2):
        faults.heal(name)
    if shown is None:
        return False, f"does not show within {SHOWS_S} s"
    if until(lambda: not faults.shows(name), HEALED_S) is None:
        return False, f"shows still, {HEALED_S} s after it was undone"
    healed = until(whole, HEALED_S)
    return (False, f"the cluster is not whole {HEALED_S} s later") if healed is None else (True, f"shows after {shown:.0f} s, whole after {healed:.0f} s")


def attempt(name):
    try:
        return prove(name)
    except (SystemExit, RuntimeError, OSError) as e:
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
