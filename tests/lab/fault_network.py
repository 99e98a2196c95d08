"""Faults of the network: cut, lossy, narrow, deaf in one direction, and one address at two machines. The kernel has no netem: what is
lost is lost by iptables, what is slow is slow for want of room."""
from common import BALANCERS, LB, MACHINES, MASTERS, sh
from fault import Fault, node_check, node_try

LOSS = 0.3
RATE = "256kbit"
SECOND = "lb2"


def link_up(name):
    return "state UP" in sh(["ip", "-n", "lab0", "link", "show", f"v-{name}"], check=False).stdout


def holds_vip(name):
    return f" {LB}/" in node_try(name, "ip -o -4 addr show eth0")[1]


# ---- iptables ----

def rules(name, lines, on):
    """Each line once, or not at all."""
    for line in lines:
        once = f"iptables -w -C {line} 2>/dev/null || iptables -w -I {line}"
        none = f"while iptables -w -C {line} 2>/dev/null; do iptables -w -D {line}; done"
        node_check(name, once if on else none)


def present(name, lines):
    return all(node_try(name, f"iptables -w -C {line}")[0] == 0 for line in lines)


def ruled(text, at, lines_for, shows=None):
    return Fault(text, at, lambda n: rules(n, lines_for(n), True), lambda n: rules(n, lines_for(n), False), shows or (lambda n: present(n, lines_for(n))))


def lossy(_):
    return [f"INPUT -i eth0 -m statistic --mode random --probability {LOSS} -m comment --comment lab -j DROP"]


def loses(name):
    """Of forty pings some come back and some do not."""
    said = node_try(next(iter(BALANCERS)), f"ping -q -c 40 -i 0.02 -W 1 {MACHINES[name]}")[1]
    lost = [w for w in said.split() if w.endswith("%")]
    return bool(lost) and 0 < float(lost[0][:-1]) < 100


def deaf(name):
    """It hears no other master; they hear it."""
    return [f"INPUT -s {ip} -m comment --comment lab -j DROP" for n, ip in MASTERS.items() if n != name]


def pings(name, to):
    return node_try(name, f"ping -q -c 2 -i 0.2 -W 1 {to}")[0] == 0


def vrrp(_):
    return ["INPUT -p vrrp -m comment --comment lab -j DROP"]


# ---- a narrow link ----

def narrow(name):
    for ns, dev in (("lab0", f"v-{name}"), (f"lab-{name}", "eth0")):
        sh(f"ip netns exec {ns} tc qdisc replace dev {dev} root tbf rate {RATE} burst 16kb latency 400ms")


def wide(name):
    for ns, dev in (("lab0", f"v-{name}"), (f"lab-{name}", "eth0")):
        sh(f"ip netns exec {ns} tc qdisc del dev {dev} root", check=False)


def is_narrow(name):
    """As the kernel itself says."""
    said = sh(["ip", "netns", "exec", "lab0", "tc", "qdisc", "show", "dev", f"v-{name}"], check=False).stdout
    return "tbf" in said and "256Kbit" in said


def deaf_shows(name):
    other = next(n for n in MASTERS if n != name)
    return present(name, deaf(name)) and not pings(name, MASTERS[other])


ROWS = {
    "network-cut": Fault("a machine's cable is out", "m2", lambda n: sh(["ip", "-n", "lab0", "link", "set", f"v-{n}", "down"]),
                         lambda n: sh(["ip", "-n", "lab0", "link", "set", f"v-{n}", "up"]), lambda n: not link_up(n)),
    "packet-loss": ruled(f"a machine loses {LOSS:.0%} of what it is sent", "m2", lossy, loses),
    "link-narrow": Fault(f"a machine's link carries {RATE}", "m2", narrow, wide, is_narrow),
    "partition-one-way": ruled("a master hears no other master, but they hear it", "m2", deaf, deaf_shows),
    "vip-twice": ruled("the balancers do not hear each other, and both hold the address", SECOND, vrrp, lambda _: all(holds_vip(n) for n in BALANCERS)),
}
