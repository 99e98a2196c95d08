#!/usr/bin/env python3
"""run.py [--nodes 1000] [--pods 20] [--keep] - what the console costs on a big cluster, beside curl and kubectl.

Seeds the lab once (a minute or two), then prints in one run: time to first frame, to all nodes, to all pods, memory, CPU
under churn, and key to changed screen while every server hangs. It asserts nothing."""
import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, "..", "lab"), os.path.join(HERE, "..", "term")]

import common  # noqa: E402
import console  # noqa: E402
import faults  # noqa: E402
import lab  # noqa: E402
import workloads  # noqa: E402
from console import Console, Failed  # noqa: E402
from inside import Inside  # noqa: E402
from kubeapi import Api, kubeconfig  # noqa: E402

STARTS, PRESSES = 5, 200
CHURN_S, CHURN_THREADS, CHURN_PER_S = 30, 4, 50
FIRST_FRAME = r"k911"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


def row(what, value, aim=""):
    print(f"  {what:46} {value:>16}  {aim}")


def rows_of(inside, path):
    """Every object of a list as its printed columns: 2.5 MB for 20,000 pods."""
    _, doc = inside.call("GET", path + "?includeObject=None&resourceVersion=0", accept=TABLE)
    return [r["cells"] for r in doc["rows"]]


def settled(inside, nodes, pods):
    have = rows_of(inside, "/api/v1/nodes")
    if sum(1 for r in have if r[1] == "Ready") < nodes:
        return False
    return sum(1 for r in rows_of(inside, "/api/v1/pods") if r[2] == "Running") >= pods


def seed(inside, nodes, per_node):
    """(nodes, pods) of the settled cluster."""
    have = sum(1 for r in rows_of(inside, "/api/v1/nodes") if re.fullmatch(r"w\d{4,}", r[0]))
    if have < nodes or not settled(inside, nodes, nodes * per_node):
        start = time.monotonic()
        print(f"  seeding {nodes} nodes, {nodes * per_node} pods ...")
        workloads.seed(nodes, per_node)
        common.wait("the seeded pods", lambda: settled(inside, nodes, nodes * per_node), 1200, 5)
        print(f"  seeded in {time.monotonic() - start:.0f} s")
    return len(rows_of(inside, "/api/v1/nodes")), len(rows_of(inside, "/api/v1/pods"))


def start_console():
    return Console(["--config", f"{common.LAB}/k911.yaml", "--kubeconfig", f"{common.LAB}/admin.conf"], rows=50, cols=180)


def sees_pods(c, pods):
    """When the zoomed pane counts all pods; leaves it zoomed."""
    c.keys("2z")
    return c.sees(rf"of all {pods} pods", 120, c.started)


def measure_starts(nodes, pods):
    took, used = {"first": [], "nodes": [], "pods": []}, []
    for _ in range(STARTS):
        with start_console() as c:
            took["first"].append(c.sees(FIRST_FRAME, 10, c.started))
            took["nodes"].append(c.sees(rf"nodes +{nodes}\b", 60, c.started))
            took["pods"].append(sees_pods(c, pods))
            used.append(cpu_s(c.pid))
            c.quit()
    for key, what, aim in (("first", "first frame", "aim 0.10 s"), ("nodes", f"all {nodes} nodes", "aim 0.50 s"), ("pods", f"all {pods} pods counted", "aim 3.0 s")):
        row(f"{what} (median of {STARTS})", f"{statistics.median(took[key]):.2f} s", aim)
    row("CPU used until then", f"{statistics.median(used):.2f} s")


def status_kb(pid, key):
    with open(f"/proc/{pid}/status") as f:
        for line in f:
            if line.startswith(key + ":"):
                return int(line.split()[1])
    return 0


def cpu_s(pid):
    """Seconds of CPU that the console and the ssh it has waited for used: true also on a busy machine."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return sum(int(x) for x in fields[11:15]) / os.sysconf("SC_CLK_TCK")


class Churn:
    """Patches one pod after the other, at a steady rate, from threads of its own."""
    def __init__(self, nodes, per_node):
        self.inside = Inside(CHURN_THREADS)
        self.stop = threading.Event()
        self.done = [0] * CHURN_THREADS
        for k in range(CHURN_THREADS):
            self.inside.start(self.work, k, nodes, per_node)

    def work(self, k, nodes, per_node):
        api, i = Api(f"{common.LAB}/super.conf"), k
        pause = CHURN_THREADS / CHURN_PER_S
        due = time.monotonic()
        while not self.stop.is_set():
            name = f"app-{i // per_node % nodes:04d}-{i % per_node:03d}"
            status, _ = api.call("PATCH", f"/api/v1/namespaces/default/pods/{name}", {"metadata": {"annotations": {"churn": str(i)}}}, "application/merge-patch+json")
            self.done[k] += status == 200
            i += CHURN_THREADS
            due += pause
            self.stop.wait(max(0, due - time.monotonic()))

    def end(self):
        self.stop.set()
        self.inside.close()
        return sum(self.done)


def measure_load(nodes, pods, want_nodes, per_node):
    with start_console() as c:
        sees_pods(c, pods)
        time.sleep(5)   # the measured state, not a wait for one
        row("resident memory", f"{status_kb(c.pid, 'VmRSS') / 1024:.1f} MB")
        row("anonymous memory", f"{status_kb(c.pid, 'RssAnon') / 1024:.1f} MB", "aim 60 MB")
        row("highest resident memory", f"{status_kb(c.pid, 'VmHWM') / 1024:.1f} MB")
        churn, before, start = Churn(want_nodes, per_node), cpu_s(c.pid), time.monotonic()
        time.sleep(CHURN_S)
        took, used = time.monotonic() - start, cpu_s(c.pid) - before
        changes = churn.end()
        row(f"CPU over {took:.0f} s of churn ({changes / took:.0f} pods/s)", f"{100 * used / took:.1f} %", "aim 5 %")
        row("anonymous memory after the churn", f"{status_kb(c.pid, 'RssAnon') / 1024:.1f} MB")
        measure_keys(c)


def measure_keys(c):
    """Key to changed screen while every API server, every etcd and the load balancer hang."""
    faults.inject("hang-all")
    try:
        c.sees(r"no answer for", 15)
        took = []
        for i in range(PRESSES):
            try:
                took.append(c.change_ms("z", 2000, [2, c.rows]))
            except Failed:
                took.append(2000.0)
    finally:
        faults.heal("hang-all")
    took.sort()
    row(f"key to changed screen, all hang, p50 of {PRESSES}", f"{took[len(took) // 2]:.1f} ms", "aim 50 ms")
    row("  p99", f"{took[int(len(took) * 0.99) - 1]:.1f} ms")


def pem_files(folder):
    """super.conf's certificates as files for curl."""
    _, *parts = kubeconfig(f"{common.LAB}/super.conf")
    for name, data in zip(("ca", "crt", "key"), parts):
        with open(os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as f:
            f.write(data)
    return ["--cacert", f"{folder}/ca", "--cert", f"{folder}/crt", "--key", f"{folder}/key"]


def best_of(argv, n=2):
    """(seconds, bytes) of the fastest of n runs."""
    best, size = None, 0
    for _ in range(n):
        start = time.monotonic()
        p = subprocess.run(["ip", "netns", "exec", "lab0", *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        took = time.monotonic() - start
        if p.returncode != 0:
            return None, p.stderr.decode(errors="replace").strip()[-100:]
        best, size = min(best or took, took), len(p.stdout)
    return best, size


def measure_floor():
    url = f"https://{common.LB}:6443/api/v1/pods?resourceVersion=0"
    kubectl = [f"{common.BIN}/kubectl", f"--kubeconfig={common.LAB}/admin.conf", "get"]
    with tempfile.TemporaryDirectory() as folder:
        curl = ["curl", "-sSf", "-A", "bench", *pem_files(folder)]
        for what, argv in (("curl, pods as JSON from cache", curl + [url]),
                           ("curl, pods as JSON+gzip from cache", curl + ["-H", "Accept-Encoding: gzip", url]),
                           ("curl, pods as protobuf+gzip from cache", curl + ["-H", "Accept: application/vnd.kubernetes.protobuf", "-H", "Accept-Encoding: gzip", url]),
                           ("kubectl get nodes", kubectl + ["nodes"]), ("kubectl get pods -A", kubectl + ["pods", "-A"])):
            took, size = best_of(argv)
            row(what, f"{took:.2f} s" if took else "failed", f"{size / 1e6:.1f} MB" if took else size)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--nodes", type=int, default=1000)
    p.add_argument("--pods", type=int, default=20, help="per node")
    p.add_argument("--keep", action="store_true", help="leave the lab up")
    args = p.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    lab.able()
    if console.missing():
        sys.exit("bench: " + console.missing())
    was_up = common.is_up()
    subprocess.run([sys.executable, os.path.join(HERE, "..", "lab", "lab.py"), "up"], check=True)
    inside = Inside()
    try:
        faults.heal("all")
        inside.api.timeout = 30
        nodes, pods = seed(inside, args.nodes, args.pods)
        print(f"bench: {nodes} nodes, {pods} pods, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        for part in (measure_floor, lambda: measure_starts(nodes, pods), lambda: measure_load(nodes, pods, args.nodes, args.pods)):
            try:
                part()
            except Failed as e:
                row("not measured", "", str(e))
    finally:
        inside.close()
        if not was_up and not args.keep:
            lab.down()


if __name__ == "__main__":
    main()
