#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Which control plane has made an entry: NDA_PROTOCOL, as FRR sends it.

The bridge command has no word for it.

    h1 eth0 ── p1 ┐
                 br0      vx0      a socket for RTNLGRP_NEIGH in their namespace
    h2 eth0 ── p2 ┘
"""
import contextlib
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from switch_lab import Switches, frame  # noqa: E402
from vnb import (NDA, NLM_F_APPEND, NLM_F_CREATE, NLM_F_REPLACE,  # noqa: E402
                 RTM_DELNEIGH, RTM_NEWNEIGH, station)
from vxlan_lab import check_eq  # noqa: E402

RTMGRP_NEIGH = 4
MAC, ANY = station(1), "00:00:00:00:00:00"
STATIC, DYNAMIC, PERMANENT = 0x42, 2, 0x80      # NUD_*
SELF, EXT_LEARNED = 2, 0x10                     # NTF_*
ZEBRA, BIRD = 11, 12                            # RTPROT_*
REPLACE = NLM_F_CREATE | NLM_F_REPLACE


class Table:
    """The table of a bridge, or of a tunnel, and what is told of it."""

    def __init__(self, dev="br0"):
        self.sw = Switches("br0")
        self.hosts = self.sw.host(1, "br0"), self.sw.host(2, "br0")
        self.sw.ready()
        if dev != "br0":
            self.sw.tunnel(dev)
        self.dev = dev
        self.nl = vnb.Rtnl(self.sw.ns, RTMGRP_NEIGH)
        self.nl.sock.setblocking(False)

    def where(self, place):
        """The port of an entry, or its remote."""
        if self.dev == "br0":
            return vnb.u32(NDA.IFINDEX, self.sw.nl.index(place))
        return vnb.attr(NDA.DST, lab_.ip_bytes(place))

    def request(self, kind, place, proto, nlflags, state=STATIC, flags=0,
                mac=MAC):
        attrs = vnb.attr(NDA.LLADDR, vnb.mac(mac)) + self.where(place)
        if proto is not None:
            attrs += vnb.u8(NDA.PROTOCOL, proto)
        self.sw.nl.request(kind, vnb.ndmsg(
            self.sw.nl.index(self.dev), state, SELF | flags) + attrs, nlflags)

    def enter(self, place, proto=None, nlflags=REPLACE, **more):
        self.request(RTM_NEWNEIGH, place, proto, nlflags, **more)

    def delete(self, place, proto=None, **more):
        self.request(RTM_DELNEIGH, place, proto, 0, state=0, **more)

    def dumped(self, mac=MAC):
        """The protocol of each entry of @mac in a dump, 0 for none."""
        return [proto(attrs) for _, payload in self.sw.nl.request(
            vnb.RTM_GETNEIGH, vnb.ndmsg(self.sw.nl.index(self.dev)),
            vnb.NLM_F_DUMP)
            if (attrs := vnb.parse(payload[12:]))[NDA.LLADDR] == vnb.mac(mac)]

    def got(self, mac=MAC):
        """Likewise, of the one that is asked for."""
        (_, payload), = self.sw.nl.request(vnb.RTM_GETNEIGH, vnb.ndmsg(
            self.sw.nl.index(self.dev), flags=SELF) + vnb.attr(
                NDA.LLADDR, vnb.mac(mac)))
        return proto(vnb.parse(payload[12:]))

    def told(self, mac=MAC):
        """Likewise, of each message since the last time."""
        found = []
        self.sw.fence.wait()
        self.dumped()   # nobody hears later of what was before
        with contextlib.suppress(BlockingIOError):
            while True:
                for _, _, _, payload in self.nl.receive():
                    attrs = vnb.parse(payload[12:])
                    # the second time of a user's change, before 6.13: bare
                    if attrs[NDA.LLADDR] == vnb.mac(mac) and \
                            NDA.CACHEINFO in attrs:
                        found.append(proto(attrs))
        return found

    def check(self, text, want, told, mac=MAC):
        """All who ask, and who listen, hear that it is @want."""
        check_eq(f"{text}: told", self.told(mac), told)
        check_eq(f"{text}: dumped", set(self.dumped(mac)), {want})
        check_eq(f"{text}: got", self.got(mac), want)


def proto(attrs):
    """Not 0 when there is none: 0 is never said."""
    return attrs[NDA.PROTOCOL][0] if NDA.PROTOCOL in attrs else None


def all_hear_of_it():
    for dev, here in ("br0", "p1"), ("vx0", "192.0.2.2"):
        table = Table(dev)
        table.enter(here, ZEBRA)
        table.check(f"{dev}: new", ZEBRA, [ZEBRA])
        table.enter(here, ZEBRA)
        table.check(f"{dev}: the same again", ZEBRA, [])
        table.delete(here, ZEBRA)
        check_eq(f"{dev}: told of its end", table.told(), [ZEBRA])
        table.enter(here, 0)
        table.check(f"{dev}: 0", None, [None])


def a_replaced_entry_has_what_is_given():
    for dev, here, there in ("br0", "p1", "p2"), ("vx0", "192.0.2.2",
                                                 "192.0.2.3"):
        table = Table(dev)
        table.enter(here)
        table.check(f"{dev}: none", None, [None])
        table.enter(here, ZEBRA)
        table.check(f"{dev}: one", ZEBRA, [ZEBRA])
        table.enter(there, BIRD)
        table.check(f"{dev}: another, elsewhere", BIRD, [BIRD])
        table.enter(there)
        table.check(f"{dev}: none again", None, [None])


def what_is_learned_has_none():
    table = Table()
    for host, text in enumerate(("learned", "learned anew")):
        table.hosts[host].send(frame(src=MAC))
        table.check(text, None, [None])
    table.enter("p1", ZEBRA, state=DYNAMIC, flags=EXT_LEARNED)
    table.check("entered", ZEBRA, [ZEBRA])
    table.hosts[0].send(frame(src=MAC))
    table.check("heard of", ZEBRA, [])
    table.hosts[1].send(frame(src=MAC))
    table.check("moved", None, [None])


def destinations_come_and_go():
    table = Table("vx0")
    for place in "192.0.2.2", "192.0.2.3":
        table.enter(place, ZEBRA, NLM_F_CREATE | NLM_F_APPEND,
                    state=PERMANENT, mac=ANY)
    table.check("two", ZEBRA, [ZEBRA, ZEBRA], ANY)
    table.delete("192.0.2.2", mac=ANY)
    table.check("one left", ZEBRA, [ZEBRA], ANY)
    table.sw.nl.setlink("vx0", vnb.info("vnetbr", *vnb.parse_words(
        "vxlan", "remote 192.0.2.9".split())))
    table.check("with a default", ZEBRA, [ZEBRA], ANY)


def a_control_plane_does_not_take_over():
    table = Table("vx0")
    table.enter("192.0.2.2", state=PERMANENT)
    table.enter("192.0.2.2", ZEBRA, state=DYNAMIC, flags=EXT_LEARNED)
    table.check("of a user", None, [None])


def the_bridge_command_reads_them():
    for dev, here in ("br0", "p1"), ("vx0", "192.0.2.2"):
        table = Table(dev)
        table.enter(here)
        show = ["bridge", "-n", table.sw.ns, "fdb", "show", "dev", dev]
        before = subprocess.check_output(show, text=True)
        table.enter(here, ZEBRA)
        check_eq(dev, subprocess.check_output(show, text=True), before)


def main():
    lab_.need_tunnels()
    lab_.run_tests([
        all_hear_of_it, a_replaced_entry_has_what_is_given,
        what_is_learned_has_none, destinations_come_and_go,
        a_control_plane_does_not_take_over, the_bridge_command_reads_them])


if __name__ == "__main__":
    main()
