"""What every lab script shares: where things are, the machines' names, and running a command on one of them."""
import json
import os
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.environ.get("LAB") or os.path.join(os.environ.get("TMPDIR") or "/tmp", "k911-lab")
BIN = os.path.join(LAB, "bin")
MASTERS = {"m1": "10.0.1.10", "m2": "10.0.1.11", "m3": "10.0.1.12"}
LB = "10.0.1.5"
GATE = "10.0.1.1"       # where the console sits, in the namespace lab0
MACHINES = dict(MASTERS, lb=LB)
# Folders every machine has to itself; each is bound over the host's folder of that name.
PRIVATE = ["/etc/kubernetes", "/var/lib/etcd", "/var/lib/kubelet", "/var/log/pods", "/etc/cni", "/run/lab", "/run/haproxy", "/backup"]
FAULTS = os.path.join(LAB, "faults.json")


def die(text):
    sys.exit("lab: " + text)


def node_path():
    return f"{HERE}/shims:{BIN}:/usr/sbin:/usr/bin:/sbin:/bin"


def sh(cmd, check=True, **kw):
    """Run CMD on the host; with check, a failure ends the program with the command's own words."""
    kw.setdefault("stdout", subprocess.PIPE)
    kw.setdefault("stderr", subprocess.PIPE)
    p = subprocess.run(cmd, shell=isinstance(cmd, str), text=True, **kw)
    if check and p.returncode != 0:
        die(f"{cmd if isinstance(cmd, str) else ' '.join(cmd)}: exit {p.returncode}: {(p.stderr or p.stdout or '').strip()[-800:]}")
    return p


def init_pid(name):
    try:
        with open(f"{LAB}/{name}/init.pid") as f:
            return int(f.read())
    except (OSError, ValueError):
        die(f"machine {name} is not up; run `lab.py up`")


def node(name, cmd, **kw):
    """Run the shell command CMD inside a machine."""
    argv = ["nsenter", "-t", str(init_pid(name)), "-m", "-u", "-p", "-n", "--", "env", "PATH=" + node_path(), "sh", "-c", cmd]
    return subprocess.run(argv, text=True, **kw)


def node_check(name, cmd):
    p = node(name, cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if p.returncode != 0:
        die(f"{name}: {cmd}: exit {p.returncode}: {p.stdout.strip()[-800:]}")
    return p.stdout


def ask(name, program, *argv):
    """Ask a machine's stand-ins directly: {"rc", "out", "err"}. Works while its network is cut."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(20)
        s.connect(f"{LAB}/{name}/run/lab/sock")
        with s.makefile("rw") as f:
            f.write(json.dumps({"name": program, "argv": list(argv)}) + "\n")
            f.flush()
            return json.loads(f.readline())


def told(name, program, *argv):
    r = ask(name, program, *argv)
    if r["rc"] != 0:
        die(f"{name}: {program} {' '.join(argv)}: {r['err'] or r['out']}")
    return r["out"]


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
