#!/usr/bin/env python3
"""node.py NAME IP LAB - pid 1 of one lab machine: its private folders, sshd, and the stand-ins for systemd, containerd and the kubelet."""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import commands
from kubelet import Kubelet
from runtime import Runtime

PRIVATE = sys.argv[4:]


class Unit:
    """One systemd unit: on or off, and its journal."""
    def __init__(self, machine, name, title):
        self.m, self.name, self.title = machine, name, title
        self.on = False
        self.entered = self.left = None
        self.log = []       # (when, unit, text)

    def state(self):
        return "active" if self.on else "inactive"

    def pid(self):
        return os.getpid()

    def turn(self, verb):
        if verb in ("stop", "restart"):
            self.on, self.left = False, time.time()
            self.m.say(self.name, "I Stopped " + self.title)
        if verb in ("start", "restart") and not self.on:
            self.on, self.entered = True, time.time()
            self.m.say(self.name, "I Started " + self.title)


class Haproxy(Unit):
    proc = None

    def state(self):
        if not self.on:
            return "inactive"
        return "active" if self.proc and self.proc.poll() is None else "failed"

    def pid(self):
        return self.proc.pid if self.proc else 0

    def turn(self, verb):
        if verb in ("stop", "restart", "reload") and self.proc:
            self.proc.kill()
            self.proc.wait()
            self.proc = None
        super().turn("restart" if verb == "reload" else verb)
        if self.on and self.proc is None:
            self.proc = subprocess.Popen(["haproxy", "-db", "-f", f"{self.m.lab}/haproxy.cfg"], stdin=subprocess.DEVNULL)


class Machine:
    def __init__(self, name, ip, lab):
        self.name, self.ip, self.lab, self.folder = name, ip, lab, f"{lab}/{name}"
        self.runtime = Runtime(name)
        self.units = {}
        if name == "lb":
            self.units["haproxy"] = Haproxy(self, "haproxy", "HAProxy Load Balancer")
            return
        self.units["kubelet"] = Unit(self, "kubelet", "kubelet: The Kubernetes Node Agent")
        self.units["containerd"] = Unit(self, "containerd", "containerd container runtime")
        Kubelet(self).start()

    def say(self, unit, text):
        """One journal line; klog's letter and stamp are put in front as the real ones have them."""
        now = time.time()
        if unit == "kubelet" and text[:2] in ("I ", "E ", "W "):
            text = f"{text[0]}{time.strftime('%m%d %H:%M:%S', time.localtime(now))}.{int(now % 1 * 1e6):06d} {os.getpid():7d} {text[2:]}"
        log = self.units[unit].log
        log.append((now, unit, text))
        del log[:-5000]


def answer(machine, conn):
    with conn, conn.makefile("rw") as f:
        try:
            reply = commands.run(machine, json.loads(f.readline()))
        except Exception as e:      # one bad request must not end pid 1
            reply = {"rc": 1, "out": "", "err": f"lab node.py: {e!r}\n"}
        try:
            f.write(json.dumps(reply) + "\n")
            f.flush()
        except OSError:
            pass


def serve(machine):
    s = socket.socket(socket.AF_UNIX)
    if os.path.exists("/run/lab/sock"):
        os.unlink("/run/lab/sock")
    s.bind("/run/lab/sock")
    s.listen(64)
    while True:
        conn, _ = s.accept()
        threading.Thread(target=answer, args=(machine, conn), daemon=True).start()


def sshd(machine):
    os.makedirs("/run/sshd", exist_ok=True)
    config = f"{machine.folder}/sshd_config"
    with open(config, "w") as f:
        f.write(f"ListenAddress {machine.ip}:22\nHostKey {machine.lab}/hostkey\nAuthorizedKeysFile {machine.lab}/id.pub\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
                f"PermitRootLogin yes\nUseDNS no\nPidFile none\nSetEnv PATH={os.environ['PATH']}\nSubsystem sftp internal-sftp\nMaxSessions 100\nMaxStartups 200\n")
    subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", config])


def main():
    name, ip, lab = sys.argv[1:4]
    for d in PRIVATE:
        subprocess.run(["mount", "--bind", f"{lab}/{name}{d}", d], check=True)
    # bash reads this for every command that comes by ssh: what a developer has there costs seconds a round, or hangs it
    bashrc = os.path.expanduser("~root/.bashrc")
    if os.path.exists(bashrc):
        subprocess.run(["mount", "--bind", "/dev/null", bashrc], check=True)
    socket.sethostname(name)
    machine = Machine(name, ip, lab)
    sshd(machine)
    threading.Thread(target=serve, args=(machine,), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    while True:
        signal.pause()


main()
