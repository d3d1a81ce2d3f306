# SPDX-License-Identifier: GPL-2.0
"""Bridges of one namespace, with hosts, for tests that are functions; see
vxlan_lab.py for what these are made of.

    h1 eth0 ── p1 ┐    ┌ a1 ──── b1 ┐    ┌ p2 ── eth0 h2
                 bra ──┤            ├── brb
"""
import os
import struct

import frames
import vnb
import vxlan_lab as lab_
import vxlan_packet as packet
from vnb import IFLA, station

BROADCAST = "ff:ff:ff:ff:ff:ff"


def frame(dst=BROADCAST, src=station(1)):
    """A frame that is not IP."""
    return packet.inner_other(dst, src)


def answer(number):
    """ARP of station 1, which says that an address is its own: one of 2^24."""
    mac = vnb.mac(station(1))
    return packet.inner_other(
        station(2), station(1), ethertype=0x806,
        data=struct.pack("!HHBBH6sI6sI", 1, 0x800, 6, 4, 2, mac,
                         0x0a000001 + number, bytes(6), 0).ljust(46, b"\0"))


class Switches:
    """Bridges in a namespace "sw", with options for all of them, and hosts."""

    def __init__(self, *bridges, **options):
        self.fence = frames.Fence()
        self.ns = lab_.quiet_namespace("sw")
        self.nl = vnb.Rtnl(self.ns)
        self.bridges = bridges
        self.hosts = []
        self.host_ns = {}
        for name in bridges:
            self.nl.newlink(name, vnb.info("vnetbr", *vnb.parse_words(
                "bridge", [word for item in options.items()
                           for word in map(str, item)])), up=True)

    def port(self, dev, master):
        """Make a device a port."""
        self.nl.setlink(dev, vnb.u32(IFLA.MASTER, self.nl.index(master)))

    def join(self, a, master_a, b, master_b):
        """A pair from one bridge to another, or to the same one."""
        self.nl.newlink(a, vnb.info("vnetbr", vnb.mode("pair"), vnb.peer(
            vnb.text(IFLA.IFNAME, b))), up=True)
        self.nl.setlink(b, up=True)
        self.port(a, master_a)
        self.port(b, master_b)

    def tunnel(self, name="vx0"):
        """A tunnel, which is no port."""
        self.nl.newlink(name, vnb.info("vnetbr", vnb.mode("vxlan"), *(
            vnb.parse_words("vxlan", "id 100 local 192.0.2.1".split()))))

    def host(self, number, master):
        """The frames.End of host N, at port pN."""
        ns = self.host_ns[number] = lab_.quiet_namespace(f"h{number}")
        fd = vnb.netns_fd(ns)
        self.nl.newlink(f"p{number}", vnb.info(
            "vnetbr", vnb.mode("pair"), vnb.peer(
                vnb.text(IFLA.IFNAME, "eth0"),
                vnb.u32(IFLA.NET_NS_FD, fd))), up=True)
        os.close(fd)
        end = frames.End(ns, "eth0")
        self.port(f"p{number}", master)
        end.mark()
        self.hosts.append(end)
        return end

    def tap(self, number):
        """A frames.Tap of what reaches host N."""
        return frames.Tap(self.host_ns[number], "eth0")

    def ready(self):
        """Wait until all can send: link comes some time after up."""
        def forward():
            ports = self.nl.ports()
            return ports and all(
                port.port_state() == frames.BR_STATE_FORWARDING
                for port in ports) and all(
                    self.nl.link(name).can_send() for name in
                    [*self.bridges, *(port.name for port in ports)]) and all(
                        end.nl.link(end.dev).can_send() for end in self.hosts)
        lab_.wait_for("all have link", forward)
        # it says so before it is true, under the lock that this takes
        self.nl.setlink("lo", up=True)

    def how_many(self, kind, bridge=None):
        """One of the numbers that a bridge shows, IFLA_VNETBR_BR_*."""
        ext = vnb.tree(self.nl.link(bridge or self.bridges[0]).data, {
            vnb.VNETBR.BRIDGE_EXT: {}})[vnb.VNETBR.BRIDGE_EXT]
        return struct.unpack("=I", ext[kind])[0]

    def stat(self, name, bridge=None):
        """A counter of `ethtool -S`, of the first bridge if none is named."""
        return lab_.ethtool_stats(self.ns, bridge or self.bridges[0])[name]

    def counters(self):
        """All counters of all bridges."""
        return [lab_.ethtool_stats(self.ns, name) for name in self.bridges]

    def ends(self):
        """Wait until no frame is on its way any more."""
        def still():
            before = self.counters()
            for _ in range(4):
                self.fence.wait()
            return before == self.counters()
        lab_.wait_for("the end of the loop", still)
