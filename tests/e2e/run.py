#!/usr/bin/env python3
"""run.py [--full] [--keep] [CASE...] - the console on the lab: brings it up once, runs the cases, takes it down.

Names may be patterns (`etcd-*`). --keep leaves the lab up. What a failed case saw lies in build/e2e."""
import fnmatch
import os
import shutil
import subprocess
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, "..", "lab"), os.path.join(HERE, "..", "term")]

import common  # noqa: E402
import console  # noqa: E402
import faults  # noqa: E402
import lab  # noqa: E402
import saves  # noqa: E402
from cases import CASES, FULL_ONLY, Failed, Stage  # noqa: E402
from inside import Inside  # noqa: E402

LAB_SCRIPTS = os.path.join(HERE, "..", "lab")
OUT = os.path.join(console.ROOT, "build", "e2e")
GREEN_AT_START = 60


def chosen(args):
    wanted = [a for a in args if not a.startswith("-")]
    names = [n for n in CASES if any(fnmatch.fnmatch(n, w) for w in wanted)] if wanted else [n for n in CASES if "--full" in args or n not in FULL_ONLY]
    if wanted and not names:
        sys.exit(f"no case {' '.join(wanted)}; there are: {' '.join(CASES)}")
    return names


def keep_evidence(name, stage, error):
    os.makedirs(OUT, exist_ok=True)
    with open(f"{OUT}/{name}.txt", "w") as f:
        f.write(error)
        if stage is None:
            return
        try:
            f.write("\n\n" + stage.console.text() + "\n")
            stage.console.svg(f"{OUT}/{name}.svg", name)
        except (Failed, OSError, ValueError):
            f.write("\n(the screen could not be read)\n")
        log = f"{stage.console.state_dir}/k911.log"
        if os.path.exists(log):
            shutil.copy(log, f"{OUT}/{name}.log")


def mend():
    """None once every fault is undone, else why not."""
    try:
        faults.heal("all")
    except (SystemExit, RuntimeError, OSError) as e:
        return f"heal: {e}"
    return None


def run_case(name, inside):
    """None when it passed, else why not."""
    stage, error, start = None, None, time.monotonic()
    try:
        stage = Stage(common.LAB, faults, inside)
        if name != "quit":
            stage.green(GREEN_AT_START)
        CASES[name](stage)
    except (Failed, RuntimeError, OSError, SystemExit) as e:
        error = str(e) or type(e).__name__
        keep_evidence(name, stage, "".join(traceback.format_exception(e)))
    if error is None:
        error = mend()
    if error is None:
        notes = stage.notes + ([f"slowest key {stage.slowest_key:.0f} ms"] if stage.slowest_key else [])
        print(f"  ok    {name} ({time.monotonic() - start:.0f} s): {', '.join(notes) or 'as promised'}")
    else:
        print(f"  FAIL  {name} ({time.monotonic() - start:.0f} s): {error}\n        screen: build/e2e/{name}.txt")
    if stage is not None:
        stage.console.close()
    if error is not None:       # whatever it left, the next one begins on the lab as it was made
        lab.restore(saves.MADE)
    return error


def lab_script(name, *args, **env):
    """Whether one of the lab's own tests passed; it says itself what did not."""
    print(f"  lab   {name}")
    return subprocess.run([f"{LAB_SCRIPTS}/{name}", *args], env={**os.environ, **env}).returncode == 0


def machines_of_all_kinds():
    """With the lab down: ups and downs without a trace, and the other containerd."""
    passed = [lab_script("rounds"), lab_script("lab.py", "up", CONTAINERD2="1") and lab_script("check")]
    lab.down()
    return passed


def main():
    args = sys.argv[1:]
    if "--list" in args:
        return print("\n".join(f"{n}{'  (--full)' if n in FULL_ONLY else ''}" for n in CASES))
    sys.stdout.reconfigure(line_buffering=True)
    names = chosen(args)
    lab.able()
    if console.missing():
        sys.exit("e2e: " + console.missing())
    was_up = common.is_up()
    subprocess.run([f"{LAB_SCRIPTS}/lab.py", "up"], check=True)
    inside = Inside()
    try:
        faults.heal("all")
        passed = [run_case(n, inside) is None for n in names]
        if "--full" in args:
            passed.append(lab_script("proof.py"))
    finally:
        inside.close()
        if not was_up and "--keep" not in args:
            lab.down()
    if "--full" in args and not was_up:
        passed += machines_of_all_kinds()
    print(f"{passed.count(True)} passed, {passed.count(False)} failed")
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
