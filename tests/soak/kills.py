#!/usr/bin/env python3
"""Two consoles and ten `k911 incident` at once on one state directory, and every second one of them
is killed where it stands. Afterwards: nothing that was acknowledged is lost, nothing was sent twice,
and both databases are whole.

    tests/soak/kills.py [--seconds N] [--seed N] [--k911 FILE]

The cluster's API server is dead, so the consoles have trouble of their own to tell. Sent twice is
what a receiver got again although the process that had delivered it heard its answer and was not
killed: one that ends before the answer, or between that and its own note of it, sends again, with
the same Idempotency-Key.
Ends with 0 or 1, and with one line of figures. Needs no root and nothing but Python's own library."""
import argparse
import fcntl
import glob
import http.server
import json
import os
import pty
import random
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

WRITERS = 10
CONSOLES = 2
RECEIVERS = ("a", "b")
SETTLE_FROM_S = 60  # a shorter run leaves what waits, and only looks that it does
SETTLED_S = 75  # a claim whose process died runs out after 30 s, and others wait behind it


class Processes:
    """All that run now, and who was killed when."""

    def __init__(self):
        self.lock = threading.Lock()
        self.live = {}  # pid: "console" or "incident"
        self.killed = {}  # pid: when

    def began(self, pid, kind):
        with self.lock:
            self.live[pid] = kind

    def ended(self, pid):
        with self.lock:
            return self.live.pop(pid, None)

    def pids(self):
        with self.lock:
            return list(self.live)

    def kill_one(self, chance):
        # Under the lock: a process that is still in the list has not been waited for.
        with self.lock:
            if not self.live:
                return
            pid = chance.choice(sorted(self.live))
            self.killed[pid] = time.monotonic()
            os.kill(pid, signal.SIGKILL)


def sender_of(port, pids):
    """The process at the other end of a connection from 127.0.0.1:port, or None."""
    inode = None
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table:
            word = line.split()
            if word[1].endswith(":%04X" % port) and word[1].startswith("0100007F"):
                inode = "socket:[%s]" % word[9]
    for pid in pids:
        try:
            for name in os.listdir("/proc/%d/fd" % pid):
                if os.readlink("/proc/%d/fd/%s" % (pid, name)) == inode:
                    return pid
        except OSError:
            continue
    return None


class Receiver:
    """Takes every alert, and remembers who sent it."""

    def __init__(self, processes):
        receiver = self
        self.lock = threading.Lock()
        self.got = {}  # (path, key): [(when, pid)]

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                who = sender_of(self.client_address[1], processes.pids())
                name = (self.path, self.headers["Idempotency-Key"])
                with receiver.lock:
                    receiver.got.setdefault(name, []).append((time.monotonic(), who))
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # it was killed while it waited for this

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def repeats(self, processes):
        """How many came again after an end of their sender, and which for no such reason."""
        excused, twice = 0, []
        for name, times in self.got.items():
            for (when, who), _ in zip(times, times[1:]):
                gone = who is None  # looked for before it was answered
                if gone or processes.killed.get(who, 0) >= when:
                    excused += 1
                else:
                    twice.append((*name, who))
        return excused, twice


class Run:
    def __init__(self, options):
        self.options = options
        self.chance = random.Random(options.seed)
        self.home = tempfile.mkdtemp(prefix="k911-kills-")
        self.state = os.path.join(self.home, "state")
        self.processes = Processes()
        self.receiver = Receiver(self.processes)
        self.no_more_writing = threading.Event()
        self.no_more_consoles = threading.Event()
        self.lock = threading.Lock()
        self.acknowledged = []  # texts
        self.opened = []  # (alias, uid, title) that were acknowledged
        self.refused = self.consoles_killed = 0
        self.faults = []
        self.write_files()

    def write_files(self):
        with socket.socket() as s:  # nobody listens there
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        targets = []
        for name in RECEIVERS:
            url = os.path.join(self.home, name + ".url")
            with open(url, "w", encoding="ascii") as f:
                f.write("http://127.0.0.1:%d/%s\n" % (self.receiver.port, name))
            os.chmod(url, 0o600)
            targets.append("{kind: webhook, url_file: %s}" % url)
        with open(os.path.join(self.home, "config.yaml"), "w", encoding="ascii") as f:
            f.write("notify: [%s]\n" % ", ".join(targets))
        with open(os.path.join(self.home, "kubeconfig"), "w", encoding="ascii") as f:
            f.write(
                "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                "clusters: [{name: prod, cluster: {server: 'https://127.0.0.1:%d'}}]\n"
                "contexts: [{name: c, context: {cluster: prod, user: u}}]\n"
                "users: [{name: u, user: {token: none}}]\n" % port
            )

    def argv(self, *words):
        return [
            self.options.k911, "--state-dir", self.state,
            "--config", os.path.join(self.home, "config.yaml"),
            "--kubeconfig", os.path.join(self.home, "kubeconfig"), *words,
        ]

    def env(self):
        return dict(os.environ, HOME=self.home, TERM="xterm-256color", LANG="C.UTF-8", USER="kills")

    # ---- the consoles ----

    def console(self):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        process = subprocess.Popen(
            self.argv(), stdin=slave, stdout=slave, stderr=slave, env=self.env(),
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.processes.began(process.pid, "console")
        try:
            while os.read(master, 65536):
                pass
        except OSError:
            pass  # its end of the terminal is closed
        os.close(master)
        self.processes.ended(process.pid)
        return process

    def keep_console(self):
        while not self.no_more_consoles.is_set():
            process = self.console()
            code = process.wait()
            if process.pid in self.processes.killed:
                self.consoles_killed += 1
            elif not self.no_more_consoles.is_set():
                self.faults.append("a console ended by itself, with %d" % code)

    # ---- the writers ----

    def incident(self, *words):
        process = subprocess.Popen(
            self.argv("incident", *words, "-o", "json"), env=self.env(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        self.processes.began(process.pid, "incident")
        out, said = process.stdout.read(), process.stderr.read()
        self.processes.ended(process.pid)  # from here on nobody aims at it
        process.wait()
        if process.returncode == 0:
            return json.loads(out)
        if process.pid not in self.processes.killed:
            with self.lock:
                self.refused += 1
                if process.returncode < 0:
                    self.faults.append("%s: signal %d" % (words, -process.returncode))
                elif "in use by another process" not in said:
                    self.faults.append("%s: %s" % (words, said.strip()))
        return None

    def open_one(self, text):
        made = self.incident("open", "--level", "P1", "--title", text)
        if made:
            with self.lock:
                self.acknowledged.append(text)
                self.opened.append((made["id"], made["uid"], text))

    def write(self, number):
        chance = random.Random(self.options.seed * 1000 + number)
        count = 0
        while not self.no_more_writing.is_set():
            count += 1
            text = "said-%d-%d" % (number, count)
            with self.lock:
                known = chance.choice(self.opened)[0] if self.opened else None
            if known is None or chance.random() < 0.2:
                self.open_one(text)
            elif self.incident("note", known, text):
                with self.lock:
                    self.acknowledged.append(text)

    # ---- the whole ----

    def waiting(self):
        with sqlite3.connect("file:%s/notify.db?mode=ro" % self.state, uri=True) as db:
            return db.execute("SELECT count(*) FROM outbox WHERE state = 0").fetchone()[0]

    def settle(self):
        """The consoles go on until all that waits is sent."""
        begin = time.monotonic()
        while self.waiting() > 0 and time.monotonic() < begin + SETTLED_S:
            time.sleep(0.5)
        if self.waiting() > 0:
            self.faults.append("%d alerts still wait" % self.waiting())

    def kill(self):
        while not self.no_more_writing.wait(self.chance.uniform(0.8, 1.2)):
            self.processes.kill_one(self.chance)

    def stop_consoles(self, consoles):
        self.no_more_consoles.set()
        while any(thread.is_alive() for thread in consoles):
            for pid in self.processes.pids():
                try:
                    os.kill(pid, signal.SIGTERM)
                except ProcessLookupError:
                    pass
            time.sleep(0.1)

    def run(self):
        writers = [threading.Thread(target=self.write, args=(n,)) for n in range(WRITERS)]
        consoles = [threading.Thread(target=self.keep_console) for _ in range(CONSOLES)]
        killer = threading.Thread(target=self.kill)
        for thread in consoles + writers + [killer]:
            thread.start()
        time.sleep(self.options.seconds)
        self.no_more_writing.set()
        for thread in writers + [killer]:
            thread.join()
        if self.options.seconds >= SETTLE_FROM_S:
            self.settle()
        self.stop_consoles(consoles)
        self.receiver.server.shutdown()

    # ---- afterwards ----

    def open_database(self, name):
        return sqlite3.connect(os.path.join(self.state, name))

    def check_whole(self, name):
        with self.open_database(name) as db:
            said = db.execute("PRAGMA integrity_check").fetchone()[0]
        if said != "ok":
            self.faults.append("%s: %s" % (name, said))
        for moved in glob.glob(os.path.join(self.state, name + ".damaged*")):
            self.faults.append("%s was found damaged" % moved)

    def check_journal(self):
        with self.open_database("journal.db") as db:
            texts = [json.loads(p) for (p,) in db.execute("SELECT payload FROM entry")]
        there = [t.get("text") or t.get("title") for t in texts]
        for text in self.acknowledged:
            if there.count(text) != 1:
                self.faults.append("%s: %d times in the journal" % (text, there.count(text)))
        verify = subprocess.run(
            self.argv("incident", "verify"), env=self.env(), capture_output=True, text=True
        )
        if verify.returncode != 0:
            self.faults.append("verify: %s%s" % (verify.stdout, verify.stderr))

    def check_alerts(self):
        """Each opening stands in the outbox for each receiver, and what is delivered was received."""
        with self.open_database("notify.db") as db:
            rows = db.execute("SELECT target, key, state FROM outbox").fetchall()
        states = {(target.rsplit("/", 1)[1], key): state for target, key, state in rows}
        for _, uid, title in self.opened:
            for name in RECEIVERS:
                if states.get((name + ".url", uid + "/detected/0")) not in (0, 1):
                    self.faults.append("%s: no alert to %s" % (title, name))
        for (name, key), state in states.items():
            if state == 1 and ("/" + name[:-4], key) not in self.receiver.got:
                self.faults.append("%s to %s was never received" % (key, name))
        return sum(state == 1 for state in states.values())

    def check(self):
        for name in ("journal.db", "notify.db"):
            self.check_whole(name)
        self.check_journal()
        delivered = self.check_alerts()
        again, twice = self.receiver.repeats(self.processes)
        self.faults += ["%s to %s was sent twice, first by %s" % (key, path, who) for path, key, who in twice]
        if not self.acknowledged or not self.processes.killed or not delivered:
            self.faults.append("nothing happened")
        return (
            "kills: %d s, seed %d: %d killed (%d consoles), %d acknowledged, %d refused, "
            "%d alerts delivered, %d again after a kill, %d faults"
            % (
                self.options.seconds, self.options.seed, len(self.processes.killed),
                self.consoles_killed, len(self.acknowledged), self.refused, delivered, again,
                len(self.faults),
            )
        )


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--seconds", type=int, default=8)
    words.add_argument("--seed", type=int, default=911)
    words.add_argument("--k911", default=os.environ.get("K911", "build/release/k911"))
    options = words.parse_args()
    options.k911 = os.path.abspath(options.k911)
    run = Run(options)
    run.run()
    figures = run.check()
    for fault in run.faults[:20]:
        print(fault, file=sys.stderr)
    if run.faults:
        print("kept: %s" % run.home, file=sys.stderr)
    else:
        shutil.rmtree(run.home)
    print(figures)
    return 1 if run.faults else 0


if __name__ == "__main__":
    sys.exit(main())
