"""The cases: what an operator must see on the console, on a real control plane, and how soon.

A case is a function that takes a Stage and raises Failed. Every duration is measured from the injection
of the fault. The patterns at the top are the contract with the screen."""
import json
import os
import re
import subprocess
import time

from common import HERE, LAB
from console import K911, Console, Failed
from machine import node_check

SYSTEM_PODS = 12 + 5 + 5 + 2 + 1     # the control plane's, flannel and kube-proxy on every node, CoreDNS, metrics-server
CONTROL_PLANE_PODS = [f"{c}-{m}" for c in ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler") for m in ("m1", "m2", "m3")]
GREEN = [r"api 3/3", r"etcd 3/3", r"vip ok", r"m1 +Ready", r"m2 +Ready", r"m3 +Ready"]
LAYERS = "TCP|ssh|runtime|kubelet|etcd|apiserver|ready|certificates|clock"
TROUBLE = r"first broken"
AGE = r"[0-9]+ ?(s|m)[a-z]* (ago|old)|stale"
NODE_PANE, PODS_PANE, ETCD_PANE, EVENTS_PANE, LAYERS_PANE = r"1 nodes", r"2 system pods", r"3 etcd", r"4 events", r"6 layers"
REFUSED, SILENT, DOWN, KUBELET, CHANGE, PROPOSED = 3, 3, 12, 25, 1, 10     # seconds: the promises
HEALED = 180      # the cluster, not the console, takes this long: kubelets ask their API servers before they start a pod anew
KEY_MS = 1000
CHECK_MS = 10000
CHECKED = 70     # a node turns NotReady 40 s after its kubelet stopped; the engine may be slow on a busy machine


def layer(node, name):
    """How the first broken layer is named: `first broken layer: m2 etcd: ...`."""
    return f"first broken layer: {node} ({name}): "


class Stage:
    """One console on the lab, green before the curtain rises, and what the case wants to say in its ok line."""
    def __init__(self, lab, faults, inside, **console):
        self.lab, self.faults, self.inside = lab, faults, inside
        self.notes = []
        self.slowest_key = 0
        self.console = Console(["--config", f"{lab}/k911.yaml", "--kubeconfig", f"{lab}/admin.conf"], **console)

    def note(self, what, seconds):
        self.notes.append(f"{what} {seconds:.1f} s")

    def green(self, within=HEALED, since=None):
        since = time.monotonic() if since is None else since
        for pattern in GREEN:
            self.console.sees(pattern, within, since)
        return self.console.sees(TROUBLE, within, since, gone=True)

    def expect(self, what, pattern, within, since, gone=False):
        self.note(what, self.console.sees(pattern, within, since, gone))

    def check(self):
        """What `k911 check -o json` says, its exit code, and how long it took. It knows what the console learned."""
        t0 = time.monotonic()
        argv = ["ip", "netns", "exec", "lab0", K911, "check", "-o", "json", "--config", f"{self.lab}/k911.yaml", "--kubeconfig", f"{self.lab}/admin.conf",
                "--state-dir", self.console.state_dir]
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=30)
        took = time.monotonic() - t0
        if took > CHECK_MS / 1000:
            raise Failed(f"check took {took:.1f} s, promised {CHECK_MS / 1000} s")
        try:
            return json.loads(done.stdout), done.returncode, took
        except ValueError:
            raise Failed(f"check printed no document (exit {done.returncode}): {done.stdout[:200]} {done.stderr[:200]}") from None

    def checks(self, level, layer, within, since):
        """Until check says this level and first broken layer (patterns; "" for none), with the exit code that belongs to it."""
        while True:
            said, code, took = self.check()
            first = said["first_broken_layer"]
            if re.fullmatch(level, said["level"] or "") and re.fullmatch(layer, first["layer"] if first else ""):
                break
            if time.monotonic() - since > within:
                raise Failed(f"check says {said['level']} {first} {said['reasons']}, not {level} {layer}")
        if code != {"P0": 2, "P1": 2, "P2": 1, "P3": 1, None: 0}[said["level"]]:
            raise Failed(f"check says {said['level']} and leaves with {code}")
        if said["level"] and said["reasons"][0]["level"] != said["level"]:
            raise Failed(f"the first reason is not the worst: {said['reasons']}")
        self.note(f"check {said['level'] or 'ok'} in", took)

    def never_freezes(self):
        """Zoom pane 1 and back, and move the focus: each within a second, whatever hangs."""
        c = self.console
        c.keys("1")
        for gone in (True, False):
            start = time.monotonic()
            c.keys("z")
            self.slowest_key = max(self.slowest_key, c.sees(PODS_PANE, KEY_MS / 1000, start, gone) * 1000)
        self.slowest_key = max(self.slowest_key, c.change_ms("<Tab>", KEY_MS, [2, c.rows]))


def main_job(s):
    """Five nodes Ready, every system pod, three members with their numbers, live events, all green."""
    c = s.console
    s.note("green", s.green(30, c.started))
    for pane in (NODE_PANE + r" +5", PODS_PANE + rf" +{SYSTEM_PODS}", ETCD_PANE + r" +3 members", EVENTS_PANE, LAYERS_PANE):
        c.sees(pane, 5)
    for m in ("m1", "m2", "m3"):
        c.sees(rf"{m} +Ready.*control-plane", 5)
    c.keys("2z")
    for pod in CONTROL_PLANE_PODS:
        c.sees(rf"{pod} .*1/1 +Running", 5)
    c.keys("z3z")
    for word in ("m1", "m2", "m3", r"[Ll]eader", r"[0-9.]+ ?[KMG]i?B", r"[0-9.]+ ?ms"):
        c.sees(word, 5)
    c.keys("z1")
    s.never_freezes()


def live_event(s):
    """A new event is on the screen within a second of the API server's yes."""
    at = {"kind": "Node", "name": "m1", "uid": "m1", "apiVersion": "v1"}
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    event = {"apiVersion": "v1", "kind": "Event", "metadata": {"generateName": "e2e.", "namespace": "default"}, "involvedObject": at, "reason": "FiveAlarmFire",
             "message": "smoke in the rack", "type": "Warning", "count": 1, "firstTimestamp": now, "lastTimestamp": now, "source": {"component": "e2e"}}
    t0, made = s.inside.call("POST", "/api/v1/namespaces/default/events", event, "application/json")
    s.expect("event", r"FiveAlarmFire", CHANGE, t0)
    s.inside.call("DELETE", f"/api/v1/namespaces/default/events/{made['metadata']['name']}")


def ordinary_change(s):
    """Cordon and uncordon a node from elsewhere: within a second on the screen."""
    t0, _ = s.inside.call("PATCH", "/api/v1/nodes/m3", {"spec": {"unschedulable": True}})
    try:
        s.expect("cordon", r"m3 +Ready,SchedulingDisabled", CHANGE, t0)
    finally:
        t0, _ = s.inside.call("PATCH", "/api/v1/nodes/m3", {"spec": {"unschedulable": None}})
    s.expect("uncordon", r"SchedulingDisabled", CHANGE, t0, gone=True)


def last_state(s):
    """Started while nothing answers, the console shows what it last knew, with its age."""
    s.console.quit()
    s.faults.inject("hang-all")
    again = Console(["--config", f"{LAB}/k911.yaml", "--kubeconfig", f"{LAB}/admin.conf"], state_dir=s.console.state_dir)
    with again:
        again.sees(r"m1 +Ready", 3)
        again.sees(AGE, 3)
        again.sees(r"no answer for", 10)
        again.quit()


# Fault, then what must show: (in words, pattern, within seconds). In this order, all counted from the injection.
FAULTS = {
    "etcd-kill": [("layer", layer("m2", "etcd"), REFUSED), ("2/3", r"etcd 2/3", REFUSED)],
    "etcd-hang": [("silent", layer("m2", "etcd") + r"no answer for [0-9]+", SILENT), ("2/3", r"etcd 2/3", DOWN)],
    "kubelet-stop": [("layer", layer("m2", "kubelet"), KUBELET)],
    "apiserver-kill": [("2/3", r"api 2/3", REFUSED), ("layer", layer("m2", "apiserver"), REFUSED)],
    "apiserver-hang": [("silent", layer("m2", "apiserver") + r"no answer for [0-9]+", SILENT), ("2/3", r"api 2/3", DOWN)],
    "haproxy-stop": [("layer", r"first broken layer: load balancer( [0-9.:]+)?: ", REFUSED)],
    "network-cut": [("silent", layer("m2", "TCP") + r"no answer for [0-9]+", SILENT), ("etcd", r"etcd 2/3", DOWN), ("api", r"api 2/3", DOWN)],
    "apiserver-all": [("0/3", r"api 0/3", REFUSED), ("layer", layer("m[123]", "apiserver|kubelet"), REFUSED), ("age", AGE, DOWN)],
    "etcd-quorum": [("1/3", r"etcd [01]/3", REFUSED), ("layer", layer("m[123]", "etcd|kubelet"), REFUSED), ("age", AGE, 90)],
    "containerd-stop": [("layer", layer("m2", "runtime"), KUBELET)],
    "cert-expired": [("layer", r"(certificate|expired)", KUBELET)],
    "etcd-wiped": [("split", r"(foreign|another|other|different) (etcd )?cluster|split", KUBELET)],
}
# What `k911 check -o json` must say: level, first broken layer.
CHECKS = {
    "etcd-kill": ("P1", "etcd"),
    "etcd-hang": ("P1", "etcd"),
    "kubelet-stop": ("P1", "kubelet"),
    "apiserver-kill": ("P1", "apiserver"),
    "apiserver-hang": ("P1", "apiserver"),
    "haproxy-stop": ("P0", "load-balancer"),
    "network-cut": ("P1", "tcp"),
    "apiserver-all": ("P0", "kubelet|apiserver"),
    "etcd-quorum": ("P0", "kubelet|etcd"),
    "containerd-stop": ("P1", "runtime"),
    "cert-expired": ("P1", "certificates"),
    "etcd-wiped": ("P0", "etcd"),
}
# How soon an incident of that level is proposed: at once where the machine itself refuses, after the silence is believed elsewhere.
PROPOSED_WITHIN = {"etcd-hang": 17, "apiserver-hang": 17, "network-cut": 17, "kubelet-stop": CHECKED, "containerd-stop": CHECKED, "cert-expired": CHECKED,
                   "etcd-wiped": CHECKED}
FULL_ONLY = ("containerd-stop", "cert-expired", "etcd-wiped", "check-worker-notready")


def fault_case(name):
    def case(s):
        t0 = time.monotonic()
        s.faults.inject(name)
        try:
            for what, pattern, within in FAULTS[name]:
                s.expect(what, pattern, within, t0)
            level = CHECKS[name][0]
            s.expect(f"{level} proposed", rf"{level} .*i opens an incident", PROPOSED_WITHIN.get(name, PROPOSED), t0)
            s.console.sees(r"m1 +Ready", 1)     # the panes keep their last data
            s.never_freezes()
            s.checks(*CHECKS[name], CHECKED, t0)
        finally:
            t1 = time.monotonic()
            s.faults.heal(name)
        s.note("green again", s.green(HEALED, t1))
        s.console.quit()
    case.__doc__ = name
    return case


def check_healthy(s):
    """A cluster that is well: nothing worse than a hint, no broken layer, every check of the contract."""
    s.checks("|P3", "", CHECKED, time.monotonic())
    ids = {c["id"] for c in s.check()[0]["checks"]}
    wanted = {"nodes", "system-pods", "control-plane", "apiserver", "etcd", "dns", "resources", "cni", "disk", "certificates", "clock", "load-balancer",
              *(f"node/m{i}/{part}" for i in (1, 2, 3) for part in ("kubelet", "runtime"))}
    if wanted - ids:
        raise Failed(f"checks that are missing: {sorted(wanted - ids)}")


def check_everything_hangs(s):
    """Every server hangs: check says so within ten seconds, and not that all is well."""
    s.faults.inject("hang-all")
    said, code, took = s.check()
    if code not in (2, 3) or said["status"] not in ("critical", "unknown"):
        raise Failed(f"everything hangs, and check says {said['status']} {said['level']} (exit {code})")
    s.note(f"check {said['status']} in", took)


LOUD = "/var/log/pods/kube-system_kube-scheduler-m2_e2e"
BURST = f"""mkdir -p {LOUD}/kube-scheduler && {{
echo "$(date -u -d '50 minutes ago' +%Y-%m-%dT%H:%M:%S.000000000Z) stderr F E0101 00:00:00.000000       1 e2e.go:1] once"
i=0; while [ $i -lt 100 ]; do i=$((i+1))
echo "$(date -u +%Y-%m-%dT%H:%M:%S.000000000Z) stderr F E0101 00:00:00.000000       1 e2e.go:1] again"
done; }} >{LOUD}/kube-scheduler/0.log"""


def check_log_burst(s):
    """Errors that suddenly fill a component's log are P3, with the node and the component, in check's one pass."""
    node_check("m2", BURST)
    try:
        said, _, took = s.check()
    finally:
        node_check("m2", f"rm -r {LOUD}")
    if not any(r["level"] == "P3" and r["rule"] == "log-burst" and re.search(r"m2 kube-scheduler \d+/min", r["text"]) for r in said["reasons"]):
        raise Failed(f"m2's scheduler logs twenty errors a minute, and check says {said['reasons']}")
    s.note("check names the burst in", took)


def check_worker_not_ready(s):
    """One worker NotReady is P2."""
    t0 = time.monotonic()
    s.faults.inject("worker-notready")
    try:
        s.expect("P2 proposed", r"P2 .*i opens an incident", CHECKED, t0)
        s.checks("P2", "", CHECKED, t0)
    finally:
        s.faults.heal("worker-notready")


# A fault, the runbook that mends it, and what it is told.
RECOVERIES = {
    "mend-kubelet": ("worker-notready", "kubelet-restart", ["--set", "node=w1"]),
    "mend-runtime": ("containerd-hang", "runtime-restart", ["--set", "node=m2"]),
    "mend-apiserver": ("apiserver-hang", "apiserver-restart", ["--set", "node=m2", "--confirm", "m2"]),
    "mend-etcd-member": ("etcd-hang", "etcd-member-restart", ["--set", "node=m2", "--confirm", "m2"]),
    "mend-load-balancer": ("haproxy-stop", "load-balancer-restart", []),
    "mend-apiserver-all": ("apiserver-all", "apiserver-all", ["--confirm", "CLUSTER"]),
}
SHOWS = {"worker-notready": r"w1 +NotReady", "containerd-hang": r"P1 .*i opens", "apiserver-hang": r"api 2/3", "etcd-hang": r"etcd 2/3",
         "haproxy-stop": r"first broken layer: load balancer", "apiserver-all": r"api 0/3"}
MENDED = 600    # a run's own verifications end it long before


def cluster_name(lab):
    with open(f"{lab}/admin.conf") as f:
        return re.search(r"^  name: (.+)$", f.read(), re.M).group(1)


def remembers(s):
    """The console has written down who the control plane is: with the API gone, the next k911 knows it from there alone."""
    end = time.monotonic() + 60
    while not os.path.isdir(f"{s.console.state_dir}/last") or not os.listdir(f"{s.console.state_dir}/last"):
        if time.monotonic() > end:
            raise Failed("the console saves no last state")
        time.sleep(0.2)


def recovery_case(name):
    """From the fault to green by the runbook alone: nobody heals anything before that."""
    fault, runbook, words = RECOVERIES[name]

    def case(s):
        remembers(s)
        t0 = time.monotonic()
        s.faults.inject(fault)
        s.expect("seen", SHOWS[fault], CHECKED, t0)
        argv = ["ip", "netns", "exec", "lab0", K911, "--config", f"{s.lab}/k911.yaml", "--kubeconfig", f"{s.lab}/admin.conf", "--state-dir",
                s.console.state_dir, "runbook", "run", runbook, "--yes", *(cluster_name(s.lab) if w == "CLUSTER" else w for w in words)]
        t1 = time.monotonic()
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=MENDED)
        s.note("run", time.monotonic() - t1)
        if done.returncode != 0:
            raise Failed(f"{runbook} ended with {done.returncode}:\n{done.stdout[-3000:]}")
        s.green(HEALED, time.monotonic())
        s.note("green", time.monotonic() - t1)
        s.console.quit()
    case.__doc__ = name
    return case


def incident(s):
    """From the proposal to the report: one key opens it, one acknowledges it, a note is typed; all of it is in the journal, unbroken."""
    c = s.console
    t0 = time.monotonic()
    s.faults.inject("apiserver-kill")
    try:
        s.expect("proposed", r"P1 .*i opens an incident", PROPOSED, t0)
        c.keys("i")
        c.sees(r"INC-0001", 3)
        c.keys("a")
        c.sees(r"respond.*(ok|done|after|kept)", 3)
        c.keys("n")
        c.sees(r"note:", 1)
        c.keys("the rack is warm<Enter>")
        c.keys("J")
        c.sees(r"the rack is warm", 3)
        c.keys("q")
    finally:
        s.faults.heal("apiserver-kill")
    s.green(HEALED)
    c.quit()
    run = [K911, "--state-dir", c.state_dir, "incident"]
    said = json.loads(subprocess.run([*run, "show", "1", "-o", "json"], stdout=subprocess.PIPE, text=True, check=True).stdout)
    if said["level"] != "P1" or not said["acknowledged"] or said["notes"][0]["text"] != "the rack is warm":
        raise Failed(f"the journal holds something else: {said['level']} {said['acknowledged']} {said['notes']}")
    report = subprocess.run([*run, "report", "1"], stdout=subprocess.PIPE, text=True, check=True).stdout
    if "the rack is warm" not in report or "apiserver" not in report:
        raise Failed("the report does not tell what happened")
    if subprocess.run([*run, "verify"], stdout=subprocess.DEVNULL).returncode != 0:
        raise Failed("the journal is not as it was written")


def machines(s):
    """The machines are real ones: the lab's own script looks at each of them, and kubeadm joins the spare."""
    s.console.quit()
    done = subprocess.run([f"{HERE}/check"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Failed("; ".join(x.strip() for x in done.stdout.splitlines() if "FAIL" in x) or done.stdout[-300:])
    s.notes.append(done.stdout.splitlines()[-1])


def dry(s):
    """Quit gives the terminal back as it was."""
    s.console.sees(r"k911", 5)
    s.console.quit()


CASES = {"machines": machines, "quit": dry, "main-job": main_job, "live-event": live_event, "ordinary-change": ordinary_change, "last-state": last_state,
         "check-healthy": check_healthy, "incident": incident, "check-log-burst": check_log_burst, "check-hang-all": check_everything_hangs,
         **{name: fault_case(name) for name in FAULTS},
         **{name: recovery_case(name) for name in RECOVERIES}, "check-worker-notready": check_worker_not_ready}

__all__ = ["CASES", "FULL_ONLY", "Failed", "Stage"]
