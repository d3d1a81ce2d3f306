#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
"""Everything changes while frames are on their way, on all CPUs.

    h1 eth0 ── p1 ┐                                      ┌ p3 ── eth0 h3
    h2 eth0 ── p2 ├ br0 ── vx0 ══ u1 ── veth ── u2 ══ vx0 ── br0
    h4 eth0 ── f1 ┘  in "sw"                      in "far"
         (veth)

Two processes send from all four hosts without a pause: what floods, what is
learned anew, what moves, what is known; half of the time a packet socket is on
each device, so that all frames take the slow way. Meanwhile the devices of "sw"
are changed in all ways, RACES_TIMES (default 16) times each. What counts is
that the kernel does not complain, which is for selftests/run to see; and, after
each test, that frames go everywhere, that the counters agree with the tables,
and, at the end, that every device can be deleted.
"""
import atexit
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "py"))

import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from vnb import (BR, BRPORT, IFLA, NDA, NLM_F_APPEND, NLM_F_CREATE,  # noqa: E402
                 NLM_F_REPLACE, VNETBR, VNETBR_BR, NlError)
from vxlan_lab import check, check_eq, wait_for  # noqa: E402

TIMES = int(os.environ.get("RACES_TIMES") or 16)
ETH_P_ALL = 3
NLM_F_BULK = 0x200
UNDERLAY = {"sw": "192.0.2.1", "far": "192.0.2.2"}
UNDERLAY_MAC = {"sw": "02:00:00:00:0a:01", "far": "02:00:00:00:0a:02"}
ANY = "00:00:00:00:00:00"


def station(number):
    return f"02:00:00:00:00:{number:02x}"


class Taps:
    """Packet sockets on devices, which nobody reads, for a block."""

    def __init__(self, ns, *devices):
        self.ns, self.devices = ns, devices

    def __enter__(self):
        self.socks = []
        with vnb.netns(self.ns):
            for device in self.devices:
                sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                sock.bind((device, ETH_P_ALL))
                self.socks.append(sock)

    def __exit__(self, *_):
        for sock in self.socks:
            sock.close()


class World:
    """The picture; the devices of "sw" can be made anew."""

    def __init__(self):
        self.ns = {name: lab_.namespace(name) for name in
                   ("sw", "far", "h1", "h2", "h3", "h4", "spare")}
        self.kept = list(lab_.made)     # not to be deleted after each test
        lab_.made.clear()
        atexit.register(lambda: lab_.made.extend(self.kept))
        for name in self.ns.values():
            with vnb.netns(name):
                for which in "all", "default":
                    lab_.sysctl(f"ipv6/conf/{which}/disable_ipv6", 1)
        self.nl = {name: vnb.Rtnl(ns) for name, ns in self.ns.items()}
        self.sw = self.nl["sw"]
        lab_.veth(self.sw, "u1", self.ns["far"], "u2", *UNDERLAY_MAC.values())
        lab_.veth(self.sw, "f1", self.ns["h4"], "eth0", "02:00:00:00:0e:04",
                  station(4))
        for name, dev in ("sw", "u1"), ("far", "u2"):
            other = {"sw": "far", "far": "sw"}[name]
            lab_.address_add(self.nl[name], dev, UNDERLAY[name], 24)
            lab_.neighbour_add(self.nl[name], dev, UNDERLAY[other],
                               UNDERLAY_MAC[other])
        self.bridge("far")
        self.tunnel("far", UNDERLAY["sw"])
        self.pair("far", 3)
        self.make()
        self.storms = []

    def link(self, name):
        return self.sw.index(name)

    def bridge(self, where="sw"):
        self.nl[where].newlink("br0", vnb.info("vnetbr", vnb.mode("bridge")),
                               up=True)

    def enslave(self, dev, where="sw"):
        nl = self.nl[where]
        nl.setlink(dev, vnb.u32(IFLA.MASTER, nl.index("br0")))

    def release(self, dev):
        self.sw.setlink(dev, vnb.u32(IFLA.MASTER, 0))

    def pair(self, where, number, host=None):
        """Port pN of @where, and eth0 of host N."""
        host = host or f"h{number}"
        fd = vnb.netns_fd(self.ns[host])
        self.nl[where].newlink(f"p{number}", vnb.info(
            "vnetbr", vnb.mode("pair"), vnb.peer(
                vnb.text(IFLA.IFNAME, "eth0"),
                vnb.attr(IFLA.ADDRESS, vnb.mac(station(number))),
                vnb.u32(IFLA.NET_NS_FD, fd))), up=True)
        os.close(fd)
        self.nl[host].setlink("eth0", up=True)
        self.enslave(f"p{number}", where)

    def tunnel(self, where="sw", remote=UNDERLAY["far"], **options):
        inner, ext = lab_.options(dict({"id": 100, "remote": remote,
                                        "local": UNDERLAY[where]}, **options))
        self.nl[where].newlink("vx0", lab_.linkinfo(inner, ext), up=True)
        self.enslave("vx0", where)

    def make(self):
        """All devices of "sw", whatever is there."""
        for link in self.sw.links():
            if link.kind == "vnetbr":
                try:
                    self.sw.dellink(link.name)
                except NlError:         # it went with another one
                    pass
        for host in "h1", "h2":
            for name in "eth0", "eth9":
                if self.has(name, host):
                    self.nl[host].dellink(name)
        self.bridge()
        self.pair("sw", 1)
        self.pair("sw", 2)
        self.tunnel()
        self.enslave("f1")

    def has(self, dev, where="sw"):
        try:
            self.nl[where].link(dev)
        except NlError:
            return False
        return True

    def storm(self, nth_cpu, *ends):
        """A process that sends from @ends, each a host and a station."""
        cpus = sorted(os.sched_getaffinity(0))
        ends = [end.split(":") for end in ends]
        storm = subprocess.Popen(
            [sys.executable, "-S", "-s", os.path.join(HERE, "py/storm.py"),
             str(cpus[nth_cpu]), *[f"{self.ns[host]}:{number}"
                                   for host, number in ends]],
            stdout=subprocess.PIPE, text=True)
        atexit.register(storm.kill)
        return storm

    def start(self):
        """Let the frames come."""
        self.storms = [self.storm(0, "h1:1", "h4:4"),
                       self.storm(-1, "h2:2", "h3:3")]
        for storm in self.storms:
            check_eq("frames are sent", storm.stdout.readline(), "going\n")

    def pause(self, stop=True):
        for storm in self.storms:
            check("the sender is alive", storm.poll() is None)
            storm.send_signal(signal.SIGSTOP if stop else signal.SIGCONT)

    def received(self, host):
        return self.nl[host].link("eth0").stats()[0]

    def learned(self):
        """How many entries br0 says to have learned, and how many it shows."""
        ext = vnb.tree(self.sw.link("br0").data,
                       {VNETBR.BRIDGE_EXT: {}})[VNETBR.BRIDGE_EXT]
        index, shown = self.link("br0"), 0
        for _, payload in self.sw.request(vnb.RTM_GETNEIGH, vnb.ndmsg(index),
                                          vnb.NLM_F_DUMP):
            found, state = struct.unpack_from("=4xiH", payload)
            shown += found == index and not state & 0xc0
        return struct.unpack("=I", ext[VNETBR_BR.FDB_N_LEARNED])[0], shown

    def flush(self, dev="br0"):
        self.sw.request(vnb.RTM_DELNEIGH, vnb.ndmsg(self.link(dev), flags=2),
                        NLM_F_BULK)

    def where(self, number):
        """The port that a station was learned on, or None."""
        for _, payload in self.sw.request(
                vnb.RTM_GETNEIGH, vnb.ndmsg(self.link("br0")), vnb.NLM_F_DUMP):
            found = vnb.parse(payload[12:])
            if found[NDA.LLADDR] == vnb.mac(station(number)) and \
                    NDA.IFINDEX in found:
                return struct.unpack("=I", found[NDA.IFINDEX])[0]
        return None

    def forgets(self):
        """Also what came out of a queue just now."""
        self.flush()
        return self.learned() == (0, 0)

    def sane(self):
        """Counters agree with tables; frames go everywhere, and are learned."""
        self.pause()
        wait_for("the number of learned entries is right",
                 lambda: len(set(self.learned())) == 1)
        wait_for("no entry is left", self.forgets)
        self.pause(False)
        for number, port in (1, "p1"), (2, "p2"), (3, "vx0"), (4, "f1"):
            wait_for(f"station {number} is learned on {port}",
                     lambda: self.where(number) == self.link(port))
        before = {host: self.received(host) for host in
                  ("h1", "h2", "h3", "h4")}
        for host, old in before.items():
            wait_for(f"{host} receives", lambda: self.received(host) > old)


def repeat(world, disturb, times=TIMES):
    """Disturb on the fast way, then on the slow one."""
    for i in range(times // 2):
        disturb(i)
    for i in range(times // 2, times):
        taps = [dev for dev in ("p1", "p2", "vx0", "f1", "br0")
                if world.has(dev)]
        with Taps(world.ns["sw"], *taps):
            disturb(i)


## disturbances

def ports_leave_and_come_back(world):
    def disturb(_):
        for dev in "p1", "vx0", "f1":
            world.release(dev)
            world.enslave(dev)
    repeat(world, disturb)


def a_port_leaves_at_every_instant(world):
    """Also between what the core reads and what is read after it: this needs
    many frames, and many tries."""
    world.pause()
    with world.storm(0, "h4:0") as storm:
        check_eq("frames are sent", storm.stdout.readline(), "going\n")
        for _ in range(20 * TIMES):
            world.release("f1")
            world.enslave("f1")
        check("the sender is alive", storm.poll() is None)
        storm.kill()
    world.pause(False)


def pairs_are_made_anew(world):
    def disturb(i):
        # from one end, from the other
        if i % 2:
            world.sw.dellink("p1")
        else:
            world.nl["h1"].dellink("eth0")
        world.pair("sw", 1)
    repeat(world, disturb)


def the_bridge_is_made_anew(world):
    def disturb(_):
        world.sw.dellink("br0")
        world.bridge()
        for dev in "p1", "p2", "vx0", "f1":
            world.enslave(dev)
    repeat(world, disturb)


def the_tunnel_is_made_anew(world):
    def disturb(i):
        world.sw.dellink("vx0")
        world.tunnel(rx_gro=i % 3)
    repeat(world, disturb)


def devices_go_down_and_up(world):
    def disturb(_):
        for where, dev in (("sw", "p1"), ("h2", "eth0"), ("sw", "vx0"),
                           ("sw", "f1"), ("sw", "u1"), ("sw", "br0")):
            world.nl[where].setlink(dev, up=False)
            world.nl[where].setlink(dev, up=True)
        lab_.neighbour_add(world.sw, "u1", UNDERLAY["far"],
                           UNDERLAY_MAC["far"])
    repeat(world, disturb)


def move(world, dev, where, to):
    fd = vnb.netns_fd(world.ns[to])
    world.nl[where].setlink(dev, vnb.u32(IFLA.NET_NS_FD, fd))
    os.close(fd)


def devices_move_between_namespaces(world):
    def disturb(_):
        for where, dev in ("h1", "eth0"), ("sw", "p2"), ("sw", "vx0"):
            move(world, dev, where, "spare")
            world.nl["spare"].setlink(dev, up=True)
            move(world, dev, "spare", where)
            world.nl[where].setlink(dev, up=True)
            if where == "sw":
                world.enslave(dev)
    repeat(world, disturb)


def options_of_the_tunnel_change(world):
    base = {"id": 100, "dstport": 4789, "local": UNDERLAY["sw"],
            "remote": UNDERLAY["far"], "learning": 1, "ageing": 300,
            "maxaddress": 65536, "ttl": 0, "tos": 0, "df": 0, "udpcsum": 1,
            "srcport": (49152, 65535), "strict": 0, "rx_gro": 1, "dev": ""}
    other = {"id": 200, "dstport": 8472, "local": "192.0.2.9",
             "remote": "233.252.0.1", "learning": 0, "ageing": 1,
             "maxaddress": 2, "ttl": 9, "tos": 1, "df": 2, "udpcsum": 0,
             "srcport": (50000, 50001), "strict": 1, "rx_gro": 2, "dev": "u1"}

    def change(**options):
        inner, ext = lab_.options(options, world.link)
        world.sw.setlink("vx0", lab_.linkinfo(inner, ext))

    def disturb(i):
        for name in other:
            if name != "remote":        # a group needs a device
                change(**{name: other[name]})
                change(**{name: base[name]})
        change(**other)
        change(**base)
        change(dstport=4790 + i)
        change(dstport=4789)
    repeat(world, disturb, TIMES // 4)


def options_of_bridge_and_ports_change(world):
    def bridge(ageing, limit, port_limit, mask):
        world.sw.setlink("br0", vnb.info(
            "vnetbr", vnb.bridge(
                vnb.u32(BR.AGEING_TIME, ageing), vnb.attr(BR.FDB_FLUSH),
                vnb.u16(BR.GROUP_FWD_MASK, mask)),
            vnb.bridge_ext(vnb.u32(VNETBR_BR.FDB_MAX_LEARNED, limit),
                           vnb.u32(VNETBR_BR.FDB_MAX_PORT_LEARNED,
                                   port_limit))))

    def port(dev, state, flag):
        world.sw.setlink(dev, vnb.slave_info(
            vnb.u8(BRPORT.STATE, state), vnb.u8(BRPORT.MODE, not flag),
            vnb.u8(BRPORT.LEARNING, flag), vnb.u8(BRPORT.ISOLATED, not flag),
            vnb.u8(BRPORT.UNICAST_FLOOD, flag), vnb.attr(BRPORT.FLUSH),
            kind="vnetbr"))

    def disturb(_):
        bridge(0, 3, 1, 0xfff8)
        bridge(1, 65536, 16384, 0)
        for dev in "p1", "vx0":
            for state in range(5):
                port(dev, state, state & 1)
            port(dev, 3, 1)
        bridge(30000, 65536, 16384, 0)
    repeat(world, disturb)


def entries_come_and_go(world):
    """What is learned at the same time included: flushed, deleted, replaced,
    and aged as fast as can be."""
    def fdb(kind, dev, mac, flags=0, *more, state=0x40):
        try:
            world.sw.request(kind, vnb.ndmsg(
                world.link(dev), state=state, flags=2) +
                vnb.attr(NDA.LLADDR, vnb.mac(mac)) + b"".join(more), flags)
        except NlError:         # flushed before it could be deleted, or moved
            pass

    def ageing(time):
        world.sw.setlink("br0", vnb.info("vnetbr", vnb.bridge(
            vnb.u32(BR.AGEING_TIME, time))))

    far = vnb.attr(NDA.DST, socket.inet_aton(UNDERLAY["far"]))
    other = vnb.attr(NDA.DST, socket.inet_aton("192.0.2.77"))
    make = NLM_F_CREATE | NLM_F_REPLACE

    def disturb(i):
        ageing((1, 20, 30000)[i % 3])
        for n in range(8):
            shared = f"02:02:00:00:00:{n:02x}"
            world.flush()
            via = vnb.u32(NDA.IFINDEX, world.link(("p1", "p2", "vx0")[n % 3]))
            fdb(vnb.RTM_NEWNEIGH, "br0", shared, make, via, state=0x40)
            fdb(vnb.RTM_NEWNEIGH, "br0", shared, make, via, state=0x02)
            fdb(vnb.RTM_DELNEIGH, "br0", shared, 0, via)
            fdb(vnb.RTM_NEWNEIGH, "vx0", shared, make, other, state=0x02)
            fdb(vnb.RTM_DELNEIGH, "vx0", shared)
            fdb(vnb.RTM_NEWNEIGH, "vx0", ANY, NLM_F_CREATE | NLM_F_APPEND,
                other, state=0x82)
            fdb(vnb.RTM_DELNEIGH, "vx0", ANY, 0, other)
            world.flush("vx0")
            fdb(vnb.RTM_NEWNEIGH, "vx0", ANY, NLM_F_CREATE | NLM_F_APPEND,
                far, state=0x82)
        ageing(30000)
    repeat(world, disturb)


def namespaces_die(world):
    """With a pair whose other end is a port; with a bridge that has the
    tunnel; with the underlay of a tunnel that is a port."""
    def gone(dev):
        lab_.cleanup()
        wait_for(f"{dev} is gone", lambda: not world.has(dev))

    def peer():
        world.ns["h5"] = lab_.namespace("h5")
        world.nl["h5"] = vnb.Rtnl(world.ns["h5"])
        world.pair("sw", 5)
        world.nl["h5"].sock.close()
        gone("p5")

    def bridge():
        world.ns["x"] = lab_.namespace("x")
        world.nl["x"] = vnb.Rtnl(world.ns["x"])
        move(world, "vx0", "sw", "x")
        world.bridge("x")
        world.enslave("vx0", "x")
        world.nl["x"].setlink("vx0", up=True)
        world.nl["x"].sock.close()
        lab_.cleanup()
        wait_for("its place is free", lambda: tunnel_again())

    def tunnel_again():
        try:
            world.tunnel()
        except NlError:
            return False
        return True

    def underlay():
        world.ns["y"] = lab_.namespace("y")
        world.nl["y"] = vnb.Rtnl(world.ns["y"])
        nl = world.nl["y"]
        nl.newlink("vx9", lab_.linkinfo(lab_.options(
            {"id": 9, "remote": "127.0.0.9"})[0]))
        move(world, "vx9", "y", "sw")
        world.sw.setlink("vx9", up=True)
        world.enslave("vx9")
        nl.sock.close()
        gone("vx9")

    def disturb(_):
        peer()
        bridge()
        underlay()
    repeat(world, disturb, TIMES // 4)


def the_underlay_is_deleted(world):
    """A tunnel that is a port goes with the device that it goes through."""
    def disturb(_):
        world.sw.newlink("u8", vnb.info("veth", vnb.attr(
            1, vnb.ifinfomsg() + vnb.text(IFLA.IFNAME, "u9"))), up=True)
        world.sw.setlink("u9", up=True)
        inner, ext = lab_.options(
            {"id": 9, "remote": "233.252.0.9", "dev": "u8"}, world.link)
        world.sw.newlink("vx9", lab_.linkinfo(inner, ext), up=True)
        world.enslave("vx9")
        world.sw.dellink("u8")
        check("the tunnel is gone", not world.has("vx9"))
    repeat(world, disturb)


def tool(ns, *words):
    subprocess.run(["ip", "netns", "exec", ns, *words], check=True)


def filters_come_and_go(world):
    """Packet sockets, tc and netfilter, which make frames take the slow way.

    Their kind is there on another device all the time, so that the kernel does
    not change its code (static keys) while frames run through it: QEMU without
    KVM loses its way then.
    """
    def sockets(_):
        for devices in (("p1",), ("br0", "vx0"), ("p1", "p2", "vx0", "br0")):
            with Taps(world.ns["sw"], *devices):
                pass
        with Taps(world.ns["h1"], "eth0"):
            pass

    def filters(add, dev):
        if shutil.which("tc"):
            tool(ns, "tc", "qdisc", add, "dev", dev, "clsact")
            if add == "add":
                tool(ns, "tc", "filter", "add", "dev", dev, "ingress",
                     "matchall", "action", "ok")
        if shutil.which("nft"):
            tool(ns, "nft", f"add table netdev {dev}; add chain netdev {dev} c "
                 f"{{ type filter hook ingress device {dev} priority 0; }}"
                 if add == "add" else f"delete table netdev {dev}")

    ns = world.ns["sw"]
    repeat(world, sockets)
    world.pause()
    filters("add", "lo")
    world.pause(False)
    for dev in "p1", "vx0":
        filters("add", dev)
        filters("del", dev)
        if shutil.which("tc"):
            tool(ns, "tc", "qdisc", "replace", "dev", dev, "root", "pfifo",
                 "limit", "3")
            tool(ns, "tc", "qdisc", "del", "dev", dev, "root")
    world.pause()
    filters("del", "lo")
    world.pause(False)


def mtus_change(world):
    def disturb(_):
        for where, dev in (("sw", "p1"), ("h2", "eth0"), ("sw", "br0"),
                           ("sw", "u1"), ("sw", "vx0"), ("sw", "f1")):
            old = world.nl[where].link(dev).mtu()
            for mtu in 150, 1280, old:
                world.nl[where].setlink(dev, vnb.u32(IFLA.MTU, mtu))
        for up in False, True:  # what a user has set stays
            world.nl["h1"].setlink("eth0", up=up)
    repeat(world, disturb)


def every_device_can_be_deleted(world):
    """Which waits for the last reference to it."""
    for dev in "br0", "p1", "vx0", "p2":
        world.sw.dellink(dev)
    for storm in world.storms:
        storm.kill()
        storm.wait()
    for dev in "p3", "br0", "vx0":
        world.nl["far"].dellink(dev)
    for name, nl in world.nl.items():
        if name in ("sw", "far", "h1", "h2", "h3", "spare"):
            left = [link.name for link in nl.links() if link.kind == "vnetbr"]
            check_eq(f"devices left in {name}", left, [])


TESTS = [ports_leave_and_come_back, a_port_leaves_at_every_instant,
         pairs_are_made_anew, the_bridge_is_made_anew, the_tunnel_is_made_anew,
         devices_go_down_and_up, devices_move_between_namespaces,
         options_of_the_tunnel_change, options_of_bridge_and_ports_change,
         entries_come_and_go, namespaces_die, the_underlay_is_deleted,
         filters_come_and_go, mtus_change]


def in_the_world(world, test):
    def run():
        world.make()
        test(world)
        world.sane()
    run.__name__ = test.__name__
    return run


def main():
    world = World()
    world.start()

    def last():
        world.make()
        every_device_can_be_deleted(world)
    last.__name__ = every_device_can_be_deleted.__name__
    lab_.run_tests([in_the_world(world, test) for test in TESTS] + [last])


if __name__ == "__main__":
    main()
