#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""What a frame carries along ends where its container does.

The sender's side attaches all it can to a frame: mark, priority, queue, time,
classes of tc, a state and mark of connection tracking. The receiver looks for
it. Each way is made of our devices and of the kernel's own; what is left over
has to be the same.

    one pair            h1 ──── h2
    a bridge            h1 ──── br0 ──── h2
    an overlay          h1 ── br0 ── vx0 ══ vx0 ── br0 ── h2

And who is root in a user namespace has devices there, and nowhere else.
"""
import os
import shutil
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import frames  # noqa: E402
import skb_probe  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from vnb import IFLA  # noqa: E402
from vxlan_lab import check_eq  # noqa: E402

ADDRESS = {"h1": "198.51.100.1", "h2": "198.51.100.2"}
MAC = {"h1": "02:00:00:00:00:01", "h2": "02:00:00:00:00:02"}
UNDERLAY = {"sw": "192.0.2.1", "far": "192.0.2.2"}
UNDERLAY_MAC = {"sw": "02:00:00:00:0a:01", "far": "02:00:00:00:0a:02"}
PORT = 9999
CLONE_NEWUSER = 0x10000000


class Way:
    """From host h1 to host h2; @ours: of which devices, @watched: a packet
    socket on all ports keeps frames off short cuts."""

    def __init__(self, ours, watched=False):
        self.ours = ours
        self.fence = frames.Fence()
        self.ns, self.nl = {}, {}
        self.ports = []
        self.taps = []
        self.watched = watched
        for name in "h1", "h2":
            self.add(name)

    def add(self, name):
        """A namespace that sends no frame unasked."""
        self.ns[name] = lab_.quiet_namespace(name)
        self.nl[name] = vnb.Rtnl(self.ns[name])

    def pair(self, where, name, host):
        """A pair from a device of @where to eth0 of @host; both are up."""
        fd = vnb.netns_fd(self.ns[host])
        other = [vnb.text(IFLA.IFNAME, "eth0"),
                 vnb.attr(IFLA.ADDRESS, vnb.mac(MAC[host])),
                 vnb.u32(IFLA.NET_NS_FD, fd)]
        info = vnb.info("vnetbr", vnb.mode("pair"), vnb.peer(*other)) \
            if self.ours else vnb.info("veth", vnb.attr(
                1, vnb.ifinfomsg() + b"".join(other)))
        own = vnb.attr(IFLA.ADDRESS, vnb.mac(MAC[where])) \
            if where in MAC else b""
        self.nl[where].newlink(name, own, info, up=True)
        os.close(fd)
        self.nl[host].setlink("eth0", up=True)

    def bridge(self, where):
        info = vnb.info("vnetbr", vnb.mode("bridge")) if self.ours else \
            vnb.info("bridge", vnb.u8(vnb.BR.MCAST_SNOOPING, 0))
        self.nl[where].newlink("br0", info, up=True)

    def port(self, where, name):
        nl = self.nl[where]
        nl.setlink(name, vnb.u32(IFLA.MASTER, nl.index("br0")))
        self.ports.append((where, name))
        if self.watched:
            self.taps.append(frames.Tap(self.ns[where], name))

    def tunnel(self, where, remote):
        options = {"id": 100, "local": UNDERLAY[where],
                   "remote": UNDERLAY[remote], "dstport": 4789}
        inner = lab_.options(options)[0]
        info = lab_.linkinfo(inner) if self.ours else \
            vnb.info("vxlan", *inner)
        self.nl[where].newlink("vx0", info, up=True)
        self.port(where, "vx0")

    def ready(self):
        """Addresses, and all ports forward."""
        for host, other in ("h1", "h2"), ("h2", "h1"):
            lab_.address_add(self.nl[host], "eth0", ADDRESS[host], 24)
            lab_.neighbour_add(self.nl[host], "eth0", ADDRESS[other],
                               MAC[other])
        for where, name in [*self.ports, ("h1", "eth0"), ("h2", "eth0")]:
            lab_.wait_for(f"{name} can send", lambda: self.nl[where].link(
                name).can_send())
        for where in {where for where, _ in self.ports}:
            lab_.wait_for("ports forward", lambda: all(
                port.port_state() == frames.BR_STATE_FORWARDING
                for port in self.nl[where].ports()))
        # they say so before it is true, under the lock that this takes
        self.nl["h1"].setlink("lo", up=True)

    def send(self, mark=0):
        """One datagram from h1 to h2, through a socket with a mark."""
        with vnb.netns(self.ns["h1"]):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with sock:
            sock.setsockopt(socket.SOL_SOCKET, frames.SO_MARK, mark)
            sock.sendto(b"hello", (ADDRESS["h2"], PORT))
            self.fence.wait()

    def close(self):
        for tap in self.taps:
            tap.close()


def one_pair(ours, watched=False):
    way = Way(ours)
    way.pair("h1", "eth0", "h2")
    way.ready()
    if watched:
        way.taps.append(frames.Tap(way.ns["h2"], "eth0"))
    return way


def a_bridge(ours, watched=False):
    way = Way(ours, watched)
    way.add("sw")
    way.bridge("sw")
    for name, host in ("p1", "h1"), ("p2", "h2"):
        way.pair("sw", name, host)
        way.port("sw", name)
    way.ready()
    return way


def an_overlay(ours, watched=False):
    way = Way(ours, watched)
    for name in "sw", "far":
        way.add(name)
    lab_.veth(way.nl["sw"], "u1", way.ns["far"], "u2", *UNDERLAY_MAC.values())
    for name, other, dev, host in (("sw", "far", "u1", "h1"),
                                   ("far", "sw", "u2", "h2")):
        lab_.address_add(way.nl[name], dev, UNDERLAY[name], 24)
        lab_.neighbour_add(way.nl[name], dev, UNDERLAY[other],
                           UNDERLAY_MAC[other])
        way.bridge(name)
        way.pair(name, "p0", host)
        way.port(name, "p0")
        way.tunnel(name, other)
    way.ready()
    return way


WAYS = [one_pair, a_bridge, an_overlay]


## what programs see

def seen_by_bpf(make, ours, watched):
    """The fields of a frame that was stained, where it arrives."""
    way = make(ours, watched)
    skb_probe.stain(way.ns["h1"], "eth0")
    probe = skb_probe.Probe(way.ns["h2"], "eth0")
    way.send(mark=77)
    found = probe.read()
    probe.close()
    way.close()
    check_eq("frames that arrived", found["count"], 1)
    # a receiver's clock may have put its own time there
    found["tstamp"] = found["tstamp"] == skb_probe.STAIN_TIME
    return found


def fields_are_forgotten(make, watched):
    """As devices of the kernel do, and in any case the worst ones."""
    try:
        found = seen_by_bpf(make, True, watched)
    except OSError as err:
        if not str(err).startswith("bpf "):
            raise
        return f"no BPF: {err}"
    lab_.diag(found)
    for name in "mark", "priority":
        check_eq(name, found[name], 0)
    check_eq("the time of the sender", found["tstamp"], False)
    check_eq("as devices of the kernel", found,
             seen_by_bpf(make, False, watched))
    return None


## what netfilter sees

SENDER = """
table inet t {
    chain raw { type filter hook output priority -300;
        %s
    }
    chain out { type filter hook output priority 0;
        udp dport 9999 ct mark set 7
    }
}
"""
RECEIVER = """
table inet t {
    counter n_all { }
    counter n_connmark { }
    counter n_untracked { }
    counter n_known { }
    chain in { type filter hook prerouting priority 0;
        udp dport 9999 counter name n_all
        udp dport 9999 ct mark 7 counter name n_connmark
        udp dport 9999 ct state untracked counter name n_untracked
        udp dport 9999 ct state established counter name n_known
    }
}
"""


def nft(ns, text):
    """Run nft with commands from @text; what it complains of, or ""."""
    with vnb.netns(ns):
        return subprocess.run(["nft", "-f", "-"], input=text, text=True,
                              stderr=subprocess.PIPE, check=False
                              ).stderr.partition("\n")[0]


def counters(ns):
    """{name: packets} of the counters of RECEIVER."""
    with vnb.netns(ns):
        out = subprocess.run(["nft", "list", "counters"], text=True, check=True,
                             stdout=subprocess.PIPE).stdout.split()
    return {out[i + 1]: int(out[i + 4]) for i, word in enumerate(out)
            if word == "counter"}


def connections_are_forgotten(make, raw):
    """State and mark; if @raw says so, the sender does not track."""
    if not shutil.which("nft"):
        return "no nft"
    way = make(True)
    err = nft(way.ns["h2"], RECEIVER) or nft(
        way.ns["h1"], SENDER % ("notrack" if raw == "untracked" else ""))
    if err:
        return err
    way.send()
    check_eq("what the receiver's rules see", counters(way.ns["h2"]),
             {"n_all": 1, "n_connmark": 0, "n_untracked": 0, "n_known": 0})
    return None


## who rules what

def kinds(flags=b""):
    """A request for each mode, with @flags more: {name of the device: it}."""
    options = lab_.options({"id": 100, "remote": "192.0.2.9",
                            "dstport": 4789})[0]
    return {
        "br0": flags + vnb.info("vnetbr", vnb.mode("bridge"), vnb.bridge_ext(
            vnb.u32(vnb.VNETBR_BR.FDB_MAX_LEARNED, 0))),
        "p0": flags + vnb.info("vnetbr", vnb.mode("pair"), vnb.peer(
            vnb.text(IFLA.IFNAME, "c0"))),
        "vx0": flags + lab_.linkinfo(options)}


def as_root_of_a_user_namespace(outside):
    """What a child does in namespaces of its own: what went wrong."""
    nl = vnb.Rtnl()
    for name, request in kinds().items():
        nl.newlink(name, request, up=True)
    for name in "p0", "vx0":
        nl.setlink(name, vnb.u32(IFLA.MASTER, nl.index("br0")))
    if len(nl.ports()) != 2:
        return "no ports"
    there = vnb.u32(IFLA.NET_NS_FD, outside)
    requests = kinds(there)
    requests["p1"] = vnb.info("vnetbr", vnb.mode("pair"), vnb.peer(
        vnb.text(IFLA.IFNAME, "c1"), there))
    for name, request in requests.items():
        try:
            nl.newlink("x" + name, request)
            return f"{name} was made outside"
        except vnb.NlError as err:
            if err.errno != 1:
                return f"{name} outside: {err}"
    for name in "p0", "br0", "vx0":
        try:
            nl.setlink(name, there)
            return f"{name} was moved outside"
        except vnb.NlError as err:
            if err.errno not in (1, 22):
                return f"{name} to be moved: {err}"
    return ""


def root_of_a_user_namespace_rules_its_own_only():
    """It makes and joins devices, with sockets and limits of their own."""
    way = Way(True)
    with vnb.netns(way.ns["h1"]):
        with vnb.Rtnl() as nl:
            nl.newlink("vx0", kinds()["vx0"], up=True)
        before = lab_.ethtool_stats(None, "vx0")
        outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    hear, tell = os.pipe()
    pid = os.fork()
    if not pid:
        said = "died"
        try:
            if vnb.libc.unshare(CLONE_NEWUSER | vnb.CLONE_NEWNET):
                said = "no user namespaces"
            else:
                said = as_root_of_a_user_namespace(outside)
        except vnb.NlError as err:
            said = str(err)
        finally:
            os.write(tell, said.encode())
            os._exit(0)
    os.close(tell)
    said = os.read(hear, 4096).decode()
    os.close(hear)
    os.close(outside)
    os.waitpid(pid, 0)
    if said == "no user namespaces":
        return said
    check_eq("the child says", said, "")
    check_eq("devices outside", sorted(
        link.name for link in way.nl["h1"].links()), ["lo", "vx0"])
    check_eq("counters outside", lab_.ethtool_stats(way.ns["h1"], "vx0"),
             before)
    return None


def main():
    lab_.need_tunnels()
    tests = [root_of_a_user_namespace_rules_its_own_only]
    for make in WAYS:
        for watched in False, True:
            def test(make=make, watched=watched):
                return fields_are_forgotten(make, watched)
            test.__name__ = f"fields_are_forgotten_by_{make.__name__}" + \
                "_that_is_watched" * watched
            tests.append(test)
        for raw in "tracked", "untracked":
            def test(make=make, raw=raw):
                return connections_are_forgotten(make, raw)
            test.__name__ = f"{raw}_connections_end_at_{make.__name__}"
            tests.append(test)
    lab_.run_tests(tests)


if __name__ == "__main__":
    main()
