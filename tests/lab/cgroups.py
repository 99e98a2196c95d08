"""A machine's control groups: one folder in every hierarchy, below the group of who boots it, so that whatever limits them limits it.

They are found again by their name alone: `down` needs no note of who made them, and a group that is empty is a machine that is off."""
import os
import signal
import time

ROOT = "/sys/fs/cgroup"
KILL_S = 20


def folder(name):
    return "k911-" + name


def hierarchies(pid="self"):
    """{mount point: the process's group in it}"""
    own, found = {}, {}
    with open(f"/proc/{pid}/cgroup") as f:
        for line in f:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            own[frozenset(controllers.split(",")) if controllers else "cgroup2"] = path
    with open("/proc/self/mountinfo") as f:
        for line in f:
            left, right = line.rstrip("\n").split(" - ")
            kind, _, options = right.split(" ", 2)
            for controllers, path in own.items():
                if kind == controllers or (kind == "cgroup" and controllers != "cgroup2" and controllers <= set(options.split(","))):
                    found[left.split(" ")[4]] = path
    return found


def make(name):
    """The machine's folders; a cpuset is empty until it is told what its parent has."""
    made = []
    for mount, path in hierarchies().items():
        parent = mount + path.rstrip("/")
        own = f"{parent}/{folder(name)}"
        os.makedirs(own, exist_ok=True)
        for f in ("cpuset.cpus", "cpuset.mems"):
            if os.path.exists(f"{own}/{f}"):
                with open(f"{parent}/{f}") as src, open(f"{own}/{f}", "w") as dst:
                    dst.write(src.read())
        made.append(own)
    return made


def of(name, pid):
    """The machine's folders that count and limit, told by its pid 1; systemd's own two are left to systemd."""
    own = f"/{folder(name)}"
    return [mount + path.partition(own)[0] + own for mount, path in hierarchies(pid).items()
            if own in path and os.path.basename(mount) not in ("systemd", "unified")]


def find(name):
    """Every folder that the machine has, whoever made it."""
    found = []
    for root, dirs, _ in os.walk(ROOT):
        if folder(name) in dirs:
            found.append(f"{root}/{folder(name)}")
        dirs[:] = [d for d in dirs if not d.startswith("k911-")]
    return found


def pids(folders):
    """Every process below FOLDERS, as this process counts them."""
    found = set()
    for top in folders:
        for root, _, _ in os.walk(top):
            try:
                with open(f"{root}/cgroup.procs") as f:
                    found.update(int(x) for x in f.read().split())
            except OSError:
                pass    # gone since it was listed, or a threaded group
    return found - {0}


def frozen(name, state):
    """FROZEN or THAWED: every process of the machine at once."""
    for top in find(name):
        path = f"{top}/freezer.state"
        if os.path.exists(path):
            end = time.monotonic() + KILL_S
            while True:
                with open(path, "w") as f:
                    f.write(state)
                with open(path) as f:
                    if f.read().strip() == state:
                        return
                if time.monotonic() > end:
                    raise OSError(f"{path} does not become {state}")
                time.sleep(0.02)


def kill(name):
    """End every process of the machine and take its folders away: a power cut."""
    end = time.monotonic() + KILL_S
    frozen(name, "THAWED")      # a frozen process keeps even a SIGKILL waiting
    while True:
        folders = find(name)
        for pid in pids(folders):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if not folders or (not pids(folders) and remove(folders)):
            return
        if time.monotonic() > end:
            raise OSError(f"processes of {name} do not end: {sorted(pids(folders))}")
        time.sleep(0.05)


def remove(folders):
    """True once nothing is left; a group's last process may be on its way out still."""
    whole = True
    for top in folders:
        for root, _, _ in os.walk(top, topdown=False):
            try:
                os.rmdir(root)
            except FileNotFoundError:
                pass
            except OSError:
                whole = False
    return whole
