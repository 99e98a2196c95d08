#!/usr/bin/env python3
"""Two consoles and ten `k911 incident` at once on one state directory, and every second one of them
is killed where it stands. Afterwards: nothing that was acknowledged is lost, nothing was sent twice,
and both databases are whole.

    tests/soak/kills.py [--seconds N] [--seed N] [--k911 FILE]

The cluster's API server is dead, so the consoles have trouble of their own to tell. Each process has
an address of its own to send to (the receiver is its proxy, and all of 127.1.0.0/16 is this
machine), so it is known for certain who sent what. A second sending is excused in one case alone:
whoever sent it first was killed, and when it came again the outbox still had it as waiting. So the
first sender had died before its commit, and nobody can know then whether the receiver has it.
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
PER_S = 2  # alerts that a receiver is sent at most


class Processes:
    """All that run now, each with a number that is never used twice, and which was killed when."""

    def __init__(self):
        self.lock = threading.Lock()
        self.count = 0
        self.live = {}  # number: pid
        self.killed = {}  # number: when

    def next(self):
        with self.lock:
            self.count += 1
            return self.count

    def began(self, number, pid):
        with self.lock:
            self.live[number] = pid

    def ended(self, number):
        with self.lock:
            self.live.pop(number, None)

    def pids(self):
        with self.lock:
            return list(self.live.values())

    def kill_one(self, chance):
        # Under the lock: a process that is still in the list has not been waited for.
        with self.lock:
            if not self.live:
                return
            number = chance.choice(sorted(self.live))
            self.killed[number] = time.monotonic()
            os.kill(self.live[number], signal.SIGKILL)


def address_of(number):
    return "127.1.%d.%d" % (number >> 8, number & 255)


def number_at(address):
    high, low = address.split(".")[2:]
    return int(high) << 8 | int(low)


class Receiver:
    """Takes every alert, and remembers who sent it when, and whether it stood as settled then."""

    def __init__(self, outbox):
        receiver = self
        self.outbox = outbox
        self.lock = threading.Lock()
        self.got = {}  # (path, key): [(when, number, state in the outbox)]

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                if len(self.rfile.read(length)) < length:
                    return  # its sender died over it
                receiver.take(
                    "/" + self.path.rsplit("/", 1)[1], self.headers["Idempotency-Key"],
                    number_at(self.connection.getsockname()[0]),
                )
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # it was killed while it waited for this

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, path, key, number):
        with self.lock:
            times = self.got.setdefault((path, key), [])
            times.append((time.monotonic(), number, self.state(path, key) if times else 0))

    def state(self, path, key):
        """As every process sees it now: 0 waits."""
        with sqlite3.connect("file:%s?mode=ro" % self.outbox, uri=True) as db:
            row = db.execute(
                "SELECT state FROM outbox WHERE key = ? AND target LIKE ?", (key, "%" + path + ".url")
            ).fetchone()
        return row[0] if row else None

    def repeats(self, killed):
        """How many came again because their sender had died before its commit; all others."""
        excused, twice = 0, []
        for name, times in self.got.items():
            for (_, first, _), (when, second, state) in zip(times, times[1:]):
                if state == 0 and killed.get(first, when) < when:
                    excused += 1
                else:
                    fate = "killed" if first in killed else "never killed"
                    twice.append("%s to %s was sent twice, by %d (%s) and %d, in state %s" % (
                        name[1], name[0], first, fate, second, state))
        return excused, twice


class Run:
    def __init__(self, options):
        self.options = options
        self.chance = random.Random(options.seed)
        self.home = tempfile.mkdtemp(prefix="k911-kills-")
        self.state = os.path.join(self.home, "state")
        self.processes = Processes()
        self.receiver = Receiver(os.path.join(self.state, "notify.db"))
        self.no_more_writing = threading.Event()
        self.no_more_consoles = threading.Event()
        self.lock = threading.Lock()
        self.acknowledged = []  # texts
        self.opened = []  # (alias, uid, title) that were acknowledged
        self.refused = self.consoles_killed = 0
        self.faults = []
        self.urls = []
        self.write_files()

    def write_files(self):
        with socket.socket() as s:  # nobody listens there
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        for name in RECEIVERS:
            url = os.path.join(self.home, name + ".url")
            with open(url, "w", encoding="ascii") as f:
                f.write("http://127.0.0.1:%d/%s\n" % (self.receiver.port, name))
            os.chmod(url, 0o600)
            self.urls.append(url)
        with open(os.path.join(self.home, "kubeconfig"), "w", encoding="ascii") as f:
            f.write(
                "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                "clusters: [{name: prod, cluster: {server: 'https://127.0.0.1:%d'}}]\n"
                "contexts: [{name: c, context: {cluster: prod, user: u}}]\n"
                "users: [{name: u, user: {token: none}}]\n" % port
            )

    def config(self, number):
        """The same receivers for all, each process's by a way of its own."""
        path = os.path.join(self.home, "config-%d.yaml" % number)
        proxy = "http://%s:%d" % (address_of(number), self.receiver.port)
        with open(path, "w", encoding="ascii") as f:
            f.write("notify: [%s]\n" % ", ".join(
                "{kind: webhook, url_file: %s, proxy: '%s'}" % (url, proxy) for url in self.urls))
        return path

    def argv(self, number, *words):
        return [
            self.options.k911, "--state-dir", self.state, "--config", self.config(number),
            "--kubeconfig", os.path.join(self.home, "kubeconfig"), *words,
        ]

    def env(self):
        return dict(os.environ, HOME=self.home, TERM="xterm-256color", LANG="C.UTF-8", USER="kills")

    # ---- the consoles ----

    def console(self):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        number = self.processes.next()
        process = subprocess.Popen(
            self.argv(number), stdin=slave, stdout=slave, stderr=slave, env=self.env(),
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.processes.began(number, process.pid)
        try:
            while os.read(master, 65536):
                pass
        except OSError:
            pass  # its end of the terminal is closed
        os.close(master)
        self.processes.ended(number)
        return number, process

    def keep_console(self):
        while not self.no_more_consoles.is_set():
            number, process = self.console()
            code = process.wait()
            if number in self.processes.killed:
                self.consoles_killed += 1
            elif not self.no_more_consoles.is_set():
                self.faults.append("a console ended by itself, with %d" % code)

    # ---- the writers ----

    def incident(self, *words):
        number = self.processes.next()
        process = subprocess.Popen(
            self.argv(number, "incident", *words, "-o", "json"), env=self.env(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        self.processes.began(number, process.pid)
        out, said = process.stdout.read(), process.stderr.read()
        self.processes.ended(number)  # from here on nobody aims at it
        process.wait()
        if process.returncode == 0:
            return json.loads(out)
        if number not in self.processes.killed:
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
        end = time.monotonic() + SETTLED_S + self.waiting() / (PER_S * len(RECEIVERS))
        while self.waiting() > 0 and time.monotonic() < end:
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
            self.argv(0, "incident", "verify"), env=self.env(), capture_output=True, text=True
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
        again, twice = self.receiver.repeats(self.processes.killed)
        self.faults += twice
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
