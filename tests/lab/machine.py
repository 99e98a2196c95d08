"""One machine: its disk, its network, power on and off, and commands inside it.

$LAB/NAME/upper is what it changed of the base's root, $LAB/NAME/var its /var; both outlive a power cut. machine.sh becomes
its pid 1. A command that it is given runs as a process of its control group, so that the machine's end is the command's too."""
import glob
import hashlib
import os
import shutil
import signal
import subprocess

import cgroups
from common import BALANCERS, CACHE, GATE, HERE, KUBES, LAB, MACHINES, die, read, sh, wait, write

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BASE = f"{CACHE}/base"
STORE = f"{CACHE}/store"
UNITS = {**{n: ("haproxy", "keepalived") for n in BALANCERS}, **{n: ("containerd", "kubelet") for n in KUBES}}
BOOT_S = 60


# ---- disk ----

def disk(name):
    """A blank disk, once: the base, what makes this machine another than the next, and the units of its trade."""
    top = f"{LAB}/{name}"
    if os.path.isdir(f"{top}/var/lib"):
        return
    up = f"{top}/upper"
    write(f"{up}/etc/hostname", name + "\n")
    write(f"{up}/etc/machine-id", hashlib.md5(name.encode()).hexdigest() + "\n")
    write(f"{up}/etc/hosts", "127.0.0.1 localhost\n" + "".join(f"{ip} {n}\n" for n, ip in MACHINES.items()))
    write(f"{up}/etc/default/kubelet", f"KUBELET_EXTRA_ARGS=--node-ip={MACHINES.get(name, '')}\n")
    if os.path.exists(f"{LAB}/id.pub"):
        write(f"{up}/root/.ssh/authorized_keys", read(f"{LAB}/id.pub"), 0o600)
        os.chmod(f"{up}/root/.ssh", 0o700)
        os.chmod(f"{up}/root", 0o700)
    wants = f"{up}/etc/systemd/system/multi-user.target.wants"
    os.makedirs(wants, exist_ok=True)
    for unit in UNITS.get(name, ()):
        os.symlink(f"/lib/systemd/system/{unit}.service", f"{wants}/{unit}.service")
    sh(["cp", "-a", f"{BASE}/var", f"{top}/var"])
    if name in KUBES:
        link_store(STORE, f"{top}/var/lib/containerd")


def link_store(source, target):
    """containerd's images: their blobs and layers as hard links, for nothing ever writes to them; the databases as copies."""
    sh(["rm", "-rf", target])
    sh(["cp", "-al", source, target])
    for database in glob.glob(f"{target}/*/*.db"):
        sh(["cp", "-a", database, database + ".own"])
        os.rename(database + ".own", database)


def wipe(name):
    """Another machine in its place: nothing of its disk is left."""
    off(name)
    shutil.rmtree(f"{LAB}/{name}", ignore_errors=True)


# ---- network ----

def switch():
    """Where the console sits, and the bridge that joins the machines."""
    if not os.path.exists("/run/netns/lab0"):
        sh("ip netns add lab0 && ip -n lab0 link set lo up && ip -n lab0 link add br0 type bridge && ip -n lab0 link set br0 up && "
           f"ip -n lab0 addr add {GATE}/24 dev br0")


def plug(name):
    ns, ip = f"lab-{name}", MACHINES.get(name)
    sh(f"ip netns add {ns} && ip -n {ns} link set lo up")
    if ip:
        sh(f"ip link add v-{name} netns lab0 type veth peer name eth0 netns {ns} && ip -n lab0 link set v-{name} master br0 up && "
           f"ip -n {ns} addr add {ip}/24 dev eth0 && ip -n {ns} link set eth0 up && ip -n {ns} route add default via {GATE}")


def unplug(name):
    """The switch's end at once: with the namespace it would go a little later, and its name with it."""
    sh(["ip", "-n", "lab0", "link", "del", f"v-{name}"], check=False)
    if os.path.exists(f"/run/netns/lab-{name}"):
        sh(["ip", "netns", "del", f"lab-{name}"])


# ---- power ----

def on(name):
    """Boot, from the disk as it lies there. A machine that is on starts anew."""
    off(name)
    top = f"{LAB}/{name}"
    os.makedirs(top, exist_ok=True)
    disk(name)
    plug(name)
    procs = " ".join(f"{d}/cgroup.procs" for d in cgroups.make(name))
    # unshare dies of what its pid 1 died of: SIGHUP is a reboot (129 to the shell), SIGINT power off
    loop = f'set -e; for f in {procs}; do echo $$ >$f; done; set +e; while "$@"; [ $? = 129 ]; do :; done'
    with open(f"{top}/init.log", "w") as log:
        p = subprocess.Popen(["bash", "-c", loop, f"k911-{name}", "nsenter", f"--net=/run/netns/lab-{name}", "unshare", "-m", "-u", "-i", "-p", "-C", "-f",
                              f"{HERE}/machine.sh", name, top, BASE], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/")
    wait(f"systemd in {name} (see {top}/init.log)", lambda: p.poll() is not None or running(name), BOOT_S, 0.05)
    if p.poll() is not None:
        die(f"machine {name} ended at once: {read(f'{top}/init.log').strip()[-800:]}")
    if name in UNITS:
        node_check(name, f"systemctl start {' '.join(UNITS[name])}")    # waits for those that are on their way


def off(name):
    """A power cut: every process ends at once, and the network goes; the disk stays."""
    cgroups.kill(name)
    unplug(name)


def pid1(name):
    """Its pid as the host counts, or None when the machine is off."""
    pid = read(f"{LAB}/{name}/init.pid").strip()
    return int(pid) if pid and f"/{cgroups.folder(name)}" in read(f"/proc/{pid}/cgroup") else None


def running(name):
    pid = pid1(name)
    return pid is not None and os.path.exists(f"/proc/{pid}/root/run/systemd/private")


# ---- inside ----

def node(name, cmd, **kw):
    """Run the shell command CMD inside a machine, whatever its network does."""
    pid = pid1(name)
    if pid is None:
        die(f"machine {name} is off; `lab.py up`, or `lab.py power on {name}`")
    procs = " ".join(f"{d}/cgroup.procs" for d in cgroups.of(name, pid))
    argv = ["bash", "-c", f'for f in {procs}; do echo $$ >$f; done; exec "$@"', "lab", "nsenter", "-t", str(pid), "-m", "-u", "-i", "-n", "-p", "-C",
            "--wdns=/", "env", "-i", "PATH=" + PATH, "HOME=/root", "TERM=xterm", "LANG=C.UTF-8", "KUBECONFIG=/etc/kubernetes/admin.conf", "bash", "-c", cmd]
    return subprocess.run(argv, text=True, **kw)


def node_try(name, cmd):
    """(exit code, what it said)"""
    p = node(name, cmd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return p.returncode, p.stdout


def node_check(name, cmd):
    rc, said = node_try(name, cmd)
    if rc != 0:
        die(f"{name}: {cmd}: exit {rc}: {said.strip()[-800:]}")
    return said


# ---- its processes, past everything that may hang ----

def processes(name, program):
    """Pids, as the host counts, of the machine's processes that were started as PROGRAM, in a container or not."""
    found = []
    for pid in cgroups.pids(cgroups.find(name)):
        argv = read(f"/proc/{pid}/cmdline").split("\0")
        if os.path.basename(argv[0]) == program:
            found.append(pid)
    return sorted(found)


def stopped(pid):
    return read(f"/proc/{pid}/stat", ") ?").rpartition(")")[2].split()[0] == "T"


def send(name, program, sig):
    """Signal SIG (a word without SIG) to every such process; how many there were."""
    found = processes(name, program)
    for pid in found:
        try:
            os.kill(pid, getattr(signal, "SIG" + sig))
        except ProcessLookupError:
            pass
    return len(found)
