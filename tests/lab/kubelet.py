"""The stand-in for the kubelet: runs the manifests, heartbeats Node and Lease, posts mirror pods and events, and serves 10248 and 10250.

As on a real node, stopping it leaves the containers running and closes its ports."""
import datetime
import glob
import hashlib
import http.server
import json
import os
import ssl
import subprocess
import threading
import time
import urllib.parse

import yaml

from kubeapi import Api
from runtime import micro

CONFIG, MANIFESTS = "/etc/kubernetes/kubelet.conf", "/etc/kubernetes/manifests"
LEASE_EVERY = 10        # as a real kubelet: a quarter of 40 s
STATUS_EVERY = 30
BACKOFF_MAX = 30
CALM = 60               # a container that ran this long starts its back-off anew
NODES, PODS = "/api/v1/nodes", "/api/v1/namespaces/kube-system/pods"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"


def second(at=None):
    at = time.time() if at is None else at
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class StaticPod:
    def __init__(self, name, manifest, digest):
        self.name, self.manifest, self.digest = name, manifest, digest
        self.started_at = 0
        self.next_start = 0
        self.crashes = 0
        self.posted = None      # the status last accepted by the API server

    def mirror(self, node, uid):
        pod = json.loads(json.dumps(self.manifest))
        meta = pod["metadata"]
        meta["name"], meta["namespace"] = f"{self.name}-{node}", "kube-system"
        meta.setdefault("annotations", {}).update({"kubernetes.io/config.mirror": self.digest, "kubernetes.io/config.hash": self.digest,
                                                   "kubernetes.io/config.source": "file", "kubernetes.io/config.seen": micro()})
        meta["ownerReferences"] = [{"apiVersion": "v1", "kind": "Node", "name": node, "uid": uid, "controller": True}]
        pod["spec"]["nodeName"] = node
        pod["spec"].setdefault("tolerations", []).append({"effect": "NoExecute", "operator": "Exists"})
        pod.pop("status", None)
        return pod


class Kubelet:
    def __init__(self, machine):
        self.m = machine
        self.node, self.ip, self.runtime = machine.name, machine.ip, machine.runtime
        self.pods = {}          # manifest file name -> StaticPod
        self.gone = set()       # names of mirror pods to delete
        self.events = []
        self.lock = threading.RLock()
        self.api = None
        self.node_uid = ""
        self.since = time.time()

    def say(self, text):
        self.m.say("kubelet", text)

    def alive(self):
        return self.m.units["kubelet"].state() == "active"

    def runtime_up(self):
        return self.m.units["containerd"].state() == "active"

    # ---- static pods ----

    def read_manifests(self):
        """Every file whose name does not begin with a dot, .bak too, as the real kubelet."""
        seen = {}
        for f in sorted(os.listdir(MANIFESTS)) if os.path.isdir(MANIFESTS) else []:
            path = f"{MANIFESTS}/{f}"
            if f.startswith(".") or not os.path.isfile(path):
                continue
            with open(path) as h:
                raw = h.read()
            try:
                man = yaml.safe_load(raw)
                assert man["spec"]["containers"][0]["command"] and man["metadata"]["name"]
                seen[f] = (man, hashlib.md5(raw.encode()).hexdigest())
            except (yaml.YAMLError, KeyError, TypeError, IndexError, AssertionError) as e:
                self.say(f'E file.go:187] "Could not process manifest file" path="{path}" err="{type(e).__name__}"')
        return seen

    def sync(self):
        seen = self.read_manifests()
        for f in [f for f in self.pods if f not in seen or seen[f][1] != self.pods[f].digest]:
            pod = self.pods.pop(f)
            self.say(f'I kuberuntime_container.go:808] "Killing container with a grace period" pod="kube-system/{pod.name}-{self.node}"')
            for c in self.runtime.of(pod.name):
                if c.running():
                    self.note("Normal", "Killing", f"Stopping container {c.name}", pod)
                    c.stop()
            if f not in seen:
                self.gone.add(f"{pod.name}-{self.node}")
        for f, (man, digest) in seen.items():
            pod = self.pods.setdefault(f, StaticPod(man["metadata"]["name"], man, digest))
            self.gone.discard(f"{pod.name}-{self.node}")
            self.keep_running(pod)

    def keep_running(self, pod):
        mine = self.runtime.of(pod.name)
        last = mine[-1] if mine else None
        if last is not None and last.running():
            if pod.crashes and time.time() - last.created > CALM:
                pod.crashes = 0
            return
        if last is not None and not pod.next_start and pod.started_at:
            pod.crashes += 1
            pod.next_start = time.time() + min(BACKOFF_MAX, 2 ** pod.crashes)
            self.say(f'E pod_workers.go:1301] "Error syncing pod, skipping" err="back-off {min(BACKOFF_MAX, 2 ** pod.crashes)}s restarting failed '
                     f'container={last.name} pod={pod.name}-{self.node}_kube-system: exit {last.exit_code()}"')
            self.note("Warning", "BackOff", f"Back-off restarting failed container {last.name} in pod {pod.name}-{self.node}_kube-system", pod)
        if time.time() >= pod.next_start:
            c = self.runtime.start(pod.manifest, pod.digest)
            pod.started_at, pod.next_start = c.created, 0
            self.say(f'I kubelet.go:2569] "SyncLoop (PLEG): event for pod" pod="kube-system/{pod.name}-{self.node}" event="ContainerStarted" container={c.id[:12]}')
            self.note("Normal", "Started", f"Started container {c.name}", pod)

    def sync_loop(self):
        while True:
            if self.alive() and self.runtime_up():
                with self.lock:
                    self.sync()
            time.sleep(0.5)

    # ---- what the API server hears ----

    def note(self, kind, reason, message, pod=None):
        """Queue an event; it goes out with the next beat that reaches the API server."""
        if pod is None:
            about, ns = {"kind": "Node", "name": self.node, "uid": self.node, "apiVersion": "v1"}, "default"
        else:
            about = {"kind": "Pod", "namespace": "kube-system", "name": f"{pod.name}-{self.node}", "uid": pod.digest, "apiVersion": "v1",
                     "fieldPath": f"spec.containers{{{pod.manifest['spec']['containers'][0]['name']}}}"}
            ns = "kube-system"
        at = second()
        self.events.append((ns, {"apiVersion": "v1", "kind": "Event", "metadata": {"generateName": f"{about['name']}.", "namespace": ns}, "involvedObject": about, "reason": reason,
                                 "message": message, "type": kind, "count": 1, "firstTimestamp": at, "lastTimestamp": at,
                                 "source": {"component": "kubelet", "host": self.node}, "reportingComponent": "kubelet", "reportingInstance": self.node}))
        del self.events[:-100]

    def send_events(self):
        while self.events:
            ns, event = self.events[0]
            status, _ = self.api.call("POST", f"/api/v1/namespaces/{ns}/events", event, tries=1)
            if status == 0 or status >= 500:
                return
            self.events.pop(0)

    def condition(self, kind, status, reason, message):
        return {"type": kind, "status": status, "reason": reason, "message": message, "lastHeartbeatTime": second(), "lastTransitionTime": second(self.since)}

    def node_status(self):
        ready = self.runtime_up()
        size = {"cpu": "2", "memory": "8Gi", "pods": "110", "ephemeral-storage": "40Gi"}
        return {"status": {
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "addresses": [{"type": "InternalIP", "address": self.ip}, {"type": "Hostname", "address": self.node}],
            "capacity": size, "allocatable": size,
            "nodeInfo": {"kubeletVersion": "v1.35.4", "containerRuntimeVersion": "containerd://1.7.24", "osImage": "Debian GNU/Linux 12 (bookworm)", "kernelVersion": os.uname().release,
                         "architecture": "amd64", "operatingSystem": "linux", "bootID": "", "machineID": "", "systemUUID": "", "kubeProxyVersion": ""},
            "conditions": [self.condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                           self.condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                           self.condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                           self.condition("Ready", "True", "KubeletReady", "kubelet is posting ready status") if ready else
                           self.condition("Ready", "False", "KubeletNotReady", "container runtime is down")]}}

    def beat_node(self):
        """True once the Node exists; sends its status."""
        status, doc = self.api.call("GET", f"{NODES}/{self.node}")
        if status == 404:
            status, doc = self.api.call("POST", NODES, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": self.node, "labels": {
                "kubernetes.io/hostname": self.node, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}},
                "spec": {"taints": [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]}})
            self.note("Normal", "Starting", "Starting kubelet.")
        if status not in (200, 201):
            self.say(f'E kubelet_node_status.go:484] "Error updating node status, will retry" err="{status} {str(doc)[:160]}"')
            return False
        self.node_uid = doc["metadata"]["uid"]
        status, _ = self.api.call("PATCH", f"{NODES}/{self.node}/status", self.node_status(), STRATEGIC)
        return status == 200

    def beat_lease(self):
        spec = {"holderIdentity": self.node, "leaseDurationSeconds": 40, "renewTime": micro()}
        status, _ = self.api.call("PATCH", f"{LEASES}/{self.node}", {"spec": spec}, MERGE, tries=5)
        if status == 404:
            owner = [{"apiVersion": "v1", "kind": "Node", "name": self.node, "uid": self.node_uid}]
            self.api.call("POST", LEASES, {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "spec": spec,
                                           "metadata": {"name": self.node, "namespace": "kube-node-lease", "ownerReferences": owner}})
        if status == 0:
            self.say('E controller.go:195] "Failed to update lease" err="no API server answers"')

    def pod_status(self, pod):
        mine = [x for x in self.runtime.of(pod.name) if x.uid == pod.digest]
        c = mine[-1] if mine else None
        spec = pod.manifest["spec"]["containers"][0]
        up = c is not None and c.running()
        if up:
            state = {"running": {"startedAt": second(c.created)}}
        elif c is None:
            state = {"waiting": {"reason": "ContainerCreating"}}
        else:
            state = {"waiting": {"reason": "CrashLoopBackOff", "message": f"back-off restarting failed container={spec['name']}"}}
        ended = [x for x in mine if x.finished]
        last = {"terminated": {"exitCode": ended[-1].exit_code(), "reason": "Error", "startedAt": second(ended[-1].created), "finishedAt": second(ended[-1].finished),
                               "containerID": "containerd://" + ended[-1].id}} if ended else {}
        ok = "True" if up else "False"
        return {"status": {"phase": "Running" if c else "Pending", "hostIP": self.ip, "podIP": self.ip, "podIPs": [{"ip": self.ip}], "hostIPs": [{"ip": self.ip}],
                           "startTime": second(mine[0].created if mine else None),
                           "conditions": [{"type": t, "status": s} for t, s in (("Initialized", "True"), ("Ready", ok), ("ContainersReady", ok), ("PodScheduled", "True"))],
                           "containerStatuses": [{"name": spec["name"], "image": spec.get("image", ""), "imageID": "", "ready": up, "started": up,
                                                  "containerID": "containerd://" + c.id if c else "", "restartCount": c.attempt if c else 0,
                                                  "state": state, "lastState": last}]}}

    def beat_pods(self, all_of_them):
        with self.lock:
            pods, gone = list(self.pods.values()), list(self.gone)
        for name in gone:
            if self.api.call("DELETE", f"{PODS}/{name}?gracePeriodSeconds=0")[0] in (200, 403, 404):
                self.gone.discard(name)
        for pod in pods:
            status = self.pod_status(pod)
            if status == pod.posted and not all_of_them:
                continue
            path = f"{PODS}/{pod.name}-{self.node}"
            code, doc = self.api.call("GET", path)
            if code == 200 and doc["metadata"].get("annotations", {}).get("kubernetes.io/config.hash") != pod.digest:
                code = 403 if self.api.call("DELETE", path + "?gracePeriodSeconds=0")[0] == 200 else 0
            if code in (403, 404):      # the node authorizer answers 403 for a pod that does not exist yet
                code, doc = self.api.call("POST", PODS, pod.mirror(self.node, self.node_uid))
            if code not in (200, 201):
                self.say(f'E kubelet.go:3196] "Failed creating a mirror pod" pod="kube-system/{pod.name}-{self.node}" err="{code} {str(doc)[:160]}"')
                continue
            if self.api.call("PATCH", path + "/status", status, STRATEGIC)[0] == 200:
                pod.posted = status

    def heart_loop(self):
        lease_at = status_at = 0
        while True:
            if not self.alive() or not os.path.exists(CONFIG):
                lease_at = status_at = 0
                time.sleep(0.5)
                continue
            try:
                self.api = self.api or Api(CONFIG)
                now = time.time()
                full = now - status_at >= STATUS_EVERY or not self.runtime_up()
                if full and self.beat_node():
                    status_at = now
                if now - lease_at >= LEASE_EVERY:
                    self.beat_lease()
                    lease_at = now
                if self.node_uid:
                    self.beat_pods(full)
                    self.send_events()
            except (OSError, KeyError, TypeError, ValueError) as e:
                self.api = None
                self.say(f'E kubelet.go:2492] "Beat failed" err="{type(e).__name__}: {e}"')
            time.sleep(1)

    # ---- the ports ----

    def serve_loop(self):
        """Open 10248 and 10250 while the unit is on, and close them with it."""
        pem = certificate(self.m)
        open_now = []
        while True:
            if self.alive() and not open_now:
                ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                ctx.load_cert_chain(pem)
                logs = Server((self.ip, 10250), Logs)
                logs.socket = ctx.wrap_socket(logs.socket, server_side=True, do_handshake_on_connect=False)
                open_now = [Server(("127.0.0.1", 10248), Healthz), logs]
                for s in open_now:
                    threading.Thread(target=s.serve_forever, args=(0.2,), daemon=True).start()
            elif not self.alive() and open_now:
                for s in open_now:
                    s.shutdown()
                    s.server_close()
                open_now = []
            time.sleep(0.2)

    def start(self):
        for loop in (self.sync_loop, self.heart_loop, self.serve_loop):
            threading.Thread(target=loop, daemon=True).start()


def certificate(m):
    """The kubelet's self-signed serving certificate."""
    pem = f"{m.folder}/kubelet.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", f"/CN={m.name}", "-keyout", pem + ".key", "-out", pem + ".crt"],
                   check=True, stderr=subprocess.DEVNULL)
    with open(pem, "w") as out:
        for part in (pem + ".key", pem + ".crt"):
            with open(part) as f:
                out.write(f.read())
    return pem


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass        # a client that hung up is no news


class Healthz(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"ok" if self.path.startswith("/healthz") else b"404 page not found\n"
        self.send_response(200 if body == b"ok" else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Logs(http.server.BaseHTTPRequestHandler):
    """/containerLogs/NAMESPACE/POD/CONTAINER, which the API server proxies for `logs`."""
    protocol_version = "HTTP/1.1"

    def pick(self, part, previous):
        if len(part) != 4 or part[0] != "containerLogs":
            return None
        files = sorted(glob.glob(f"/var/log/pods/{glob.escape(part[1])}_{glob.escape(part[2])}_*/{glob.escape(part[3])}/*.log"), key=os.path.getmtime)
        if previous:
            files = files[:-1]
        return files[-1] if files else None

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        q = {k: v[-1] for k, v in urllib.parse.parse_qs(url.query).items()}
        path = self.pick(url.path.strip("/").split("/"), q.get("previous") == "true")
        if path is None:
            return self.send_error(404)
        with open(path, "rb") as f:
            raw = f.read()
        at = len(raw)
        lines = [x.split(b" ", 3) for x in raw.splitlines()]
        lines = [x for x in lines if len(x) == 4]
        if "sinceSeconds" in q:
            start = micro(time.time() - int(q["sinceSeconds"])).encode()
            lines = [x for x in lines if x[0] >= start]
        if "tailLines" in q:
            lines = lines[-int(q["tailLines"]):] if int(q["tailLines"]) else []
        stamps = q.get("timestamps") == "true"
        body = b"".join(text(x, stamps) for x in lines)[-int(q["limitBytes"]) if "limitBytes" in q else None:]
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        if q.get("follow") == "true":
            return self.follow(path, at, body, stamps)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def follow(self, path, at, body, stamps):
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while True:
                if body:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))
                time.sleep(0.2)
                with open(path, "rb") as f:
                    f.seek(at)
                    more = f.read()
                more = more[:more.rfind(b"\n") + 1]
                at += len(more)
                body = b"".join(text(x, stamps) for x in (y.split(b" ", 3) for y in more.splitlines()) if len(x) == 4)
        except OSError:
            self.close_connection = True

    def log_message(self, *args):
        pass


def text(parts, stamps):
    return (parts[0] + b" " if stamps else b"") + parts[3] + b"\n"
