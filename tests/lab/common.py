"""What every lab script shares: where things are, the machines' names, and running a command on the host."""
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.environ.get("LAB") or os.path.join(os.environ.get("TMPDIR") or "/tmp", "k911-lab")
BIN = os.path.join(LAB, "bin")
CACHE = os.path.join(LAB, "cache")      # with BIN all that outlives `down`
GATE = "10.0.1.1"       # where the console sits, in the namespace lab0
LB = "10.0.1.5"         # the address that moves between the balancers
BALANCERS = {"lb": "10.0.1.6", "lb2": "10.0.1.7"}
MASTERS = {"m1": "10.0.1.10", "m2": "10.0.1.11", "m3": "10.0.1.12"}
WORKERS = {"w1": "10.0.1.20", "w2": "10.0.1.21"}
SPARES = {"s1": "10.0.1.30"}
MEMBERS = {**MASTERS, **WORKERS}        # the machines of the cluster that `up` makes
KUBES = {**MEMBERS, **SPARES}           # the machines with a kubelet
MACHINES = {**BALANCERS, **KUBES}
FAULTS = os.path.join(LAB, "faults.json")


def die(text):
    sys.exit("lab: " + text)


def sh(cmd, check=True, **kw):
    """Run CMD on the host; with check, a failure ends the program with the command's own words."""
    kw.setdefault("stdout", subprocess.PIPE)
    kw.setdefault("stderr", subprocess.PIPE)
    p = subprocess.run(cmd, shell=isinstance(cmd, str), text=True, **kw)
    if check and p.returncode != 0:
        what = cmd if isinstance(cmd, str) else " ".join(cmd)
        die(f"{what}: exit {p.returncode}: {(p.stderr or p.stdout or '').strip()[-800:]}")
    return p


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)


def read(path, default=""):
    try:
        with open(path) as f:
            return f.read()
    except OSError:
        return default


def wait(what, ok, limit, every=0.3):
    end = time.monotonic() + limit
    while not ok():
        if time.monotonic() > end:
            die(f"{what}: not so within {limit} s")
        time.sleep(every)


def kubectl(args, quiet=False, stdin=None, timeout_s=20):
    """kubectl with rights that outlive every fault; ARGS is a list. Returns the finished process."""
    argv = ["ip", "netns", "exec", "lab0", f"{BIN}/kubectl", f"--kubeconfig={LAB}/super.conf", f"--request-timeout={timeout_s}s", *args]
    pipe = subprocess.PIPE if quiet else None
    return subprocess.run(argv, input=stdin, text=True, stdout=pipe, stderr=pipe)


def is_up():
    return os.path.exists(f"{LAB}/up")
