"""The stand-in for containerd: it runs a static pod's command as a plain process and keeps its log in CRI format."""
import datetime
import hashlib
import os
import secrets
import signal
import subprocess
import threading
import time

KEPT = 2    # exited containers remembered per pod, as a kubelet keeps them


def micro(at=None):
    at = time.time() if at is None else at
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Container:
    def __init__(self, node, manifest, uid, attempt):
        spec = manifest["spec"]["containers"][0]
        meta = manifest["metadata"]
        self.id = secrets.token_hex(32)
        self.name = spec["name"]
        self.image = spec.get("image", "")
        self.pod = f"{meta['name']}-{node}"
        self.namespace = meta.get("namespace", "kube-system")
        self.uid = uid      # of a static pod: the hash of its manifest
        self.sandbox = hashlib.sha256(f"{node}/{meta['name']}/{uid}".encode()).hexdigest()
        self.attempt = attempt
        self.created = time.time()
        self.finished = None
        folder = f"/var/log/pods/{self.namespace}_{self.pod}_{self.uid}/{self.name}"
        os.makedirs(folder, exist_ok=True)
        self.log = f"{folder}/{attempt}.log"
        argv = spec["command"] + spec.get("args", [])
        self.proc = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        threading.Thread(target=self.pump, daemon=True).start()

    def pump(self):
        with open(self.log, "a", buffering=1) as f:
            for line in self.proc.stdout:
                f.write(f"{micro()} stderr F {line.rstrip(chr(10))}\n")

    def running(self):
        if self.proc.poll() is None:
            return True
        self.finished = self.finished or time.time()
        return False

    def exit_code(self):
        rc = self.proc.returncode
        return 128 - rc if rc is not None and rc < 0 else rc

    def stop(self):
        if not self.running():
            return
        self.proc.send_signal(signal.SIGCONT)
        self.proc.terminate()
        try:
            self.proc.wait(5)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()
        self.running()

    def cri(self):
        """As `crictl ps -o json` prints it."""
        return {"id": self.id, "podSandboxId": self.sandbox, "metadata": {"name": self.name, "attempt": self.attempt},
                "image": {"image": self.image, "annotations": {}, "userSpecifiedImage": ""}, "imageRef": "sha256:" + hashlib.sha256(self.image.encode()).hexdigest(),
                "state": "CONTAINER_RUNNING" if self.running() else "CONTAINER_EXITED", "createdAt": str(int(self.created * 1e9)),
                "labels": {"io.kubernetes.container.name": self.name, "io.kubernetes.pod.name": self.pod,
                           "io.kubernetes.pod.namespace": self.namespace, "io.kubernetes.pod.uid": self.uid},
                "annotations": {"io.kubernetes.container.restartCount": str(self.attempt)}}


class Runtime:
    def __init__(self, node):
        self.node = node
        self.lock = threading.RLock()
        self.containers = []        # oldest first

    def start(self, manifest, uid):
        """The next attempt of this pod's container; a pod with another uid is a new pod."""
        with self.lock:
            mine = self.of(manifest["metadata"]["name"])
            again = mine and mine[-1].uid == uid
            made = Container(self.node, manifest, uid, mine[-1].attempt + 1 if again else 0)
            self.containers.append(made)
            for old in mine[:-KEPT]:
                self.containers.remove(old)
            return made

    def of(self, static_pod):
        with self.lock:
            return [c for c in self.containers if c.pod == f"{static_pod}-{self.node}"]

    def list(self):
        with self.lock:
            return list(self.containers)

    def find(self, prefix):
        found = [c for c in self.list() if c.id.startswith(prefix)]
        return found[0] if len(found) == 1 and prefix else None
