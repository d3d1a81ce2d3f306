#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Entries whose activity a control plane wants to know of.

It is told when an address falls silent, and when it is heard of again: "bridge
fdb ... activity_notify", which only the newest bridge command knows.

    h1 eth0 ── p1 ┐
                 br0      a socket for RTNLGRP_NEIGH in the namespace of br0
    h2 eth0 ── p2 ┘
"""
import contextlib
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from switch_lab import Switches, frame  # noqa: E402
from vnb import NDA, RTM_DELNEIGH, RTM_NEWNEIGH, station  # noqa: E402
from vxlan_lab import check, check_eq  # noqa: E402

RTMGRP_NEIGH = 4
MAC = station(1)
STATIC, DYNAMIC, PERMANENT = 0x40, 2, 0x80      # NUD_*
USE, SELF, EXT_LEARNED = 1, 2, 0x10             # NTF_*
ACTIVITY_NOTIFY, DONT_REFRESH = 1, 2            # NFEA_*
ACTIVE, INACTIVE = 1, 3                         # FDB_NOTIFY_*


class Watched:
    """Two hosts at a bridge, and what becomes of MAC."""

    def __init__(self, **options):
        self.sw = Switches("br0", **options)
        self.hosts = self.sw.host(1, "br0"), self.sw.host(2, "br0")
        self.sw.ready()
        self.nl = vnb.Rtnl(self.sw.ns, RTMGRP_NEIGH)
        self.nl.sock.setblocking(False)

    def enter(self, state, activity=None, *ext, port="p1", flags=0):
        """Make or change the entry."""
        if activity is not None:
            ext = vnb.u8(ACTIVITY_NOTIFY, activity), *ext
        attrs = vnb.attr(NDA.LLADDR, vnb.mac(MAC)) + vnb.u32(
            NDA.IFINDEX, self.sw.nl.index(port))
        if ext:
            attrs += vnb.nest(NDA.FDB_EXT_ATTRS, *ext)
        self.sw.nl.request(RTM_NEWNEIGH, vnb.ndmsg(
            self.sw.nl.index("br0"), state, SELF | flags) + attrs,
            vnb.NLM_F_CREATE | vnb.NLM_F_REPLACE)

    def entry(self):
        """(port, NUD_*, bits of its activity or None, age in 1/100 s)."""
        for _, payload in self.sw.nl.request(vnb.RTM_GETNEIGH, vnb.ndmsg(
                self.sw.nl.index("br0")), vnb.NLM_F_DUMP):
            attrs = vnb.parse(payload[12:])
            if attrs[NDA.LLADDR] == vnb.mac(MAC):
                port, = struct.unpack("=i", attrs[NDA.IFINDEX])
                names = {link.index: link.name for link in self.sw.nl.links()}
                return names[port], payload[8], activity(
                    attrs), struct.unpack_from("=4xI", attrs[NDA.CACHEINFO])[0]
        return None

    def entries(self):
        """How many entries MAC has."""
        return sum(vnb.parse(payload[12:])[NDA.LLADDR] == vnb.mac(MAC)
                   for _, payload in self.sw.nl.request(
                       vnb.RTM_GETNEIGH, vnb.ndmsg(self.sw.nl.index("br0")),
                       vnb.NLM_F_DUMP))

    def is_active(self):
        return self.entry()[2] == ACTIVE

    def is_silent(self):
        return self.entry()[2] == INACTIVE

    def send(self, host):
        self.hosts[host].send(frame(src=MAC))
        self.sw.fence.wait()

    def told(self):
        """What was told of it: RTM_DELNEIGH, or its activity."""
        found = []
        self.sw.fence.wait()
        self.entry()    # nobody hears later of what was before
        with contextlib.suppress(BlockingIOError):
            while True:
                for kind, _, _, payload in self.nl.receive():
                    attrs = vnb.parse(payload[12:])
                    # the second time of a user's change, before 6.13: bare
                    if attrs[NDA.LLADDR] == vnb.mac(MAC) and \
                            NDA.CACHEINFO in attrs:
                        found.append(kind if kind == RTM_DELNEIGH else
                                     activity(attrs))
        return found


def activity(attrs):
    """Bits of the activity of an entry, None if nobody asked for it."""
    if NDA.FDB_EXT_ATTRS not in attrs:
        return None
    return vnb.parse(attrs[NDA.FDB_EXT_ATTRS])[ACTIVITY_NOTIFY][0]


def silent_soon():
    """A lab that finds an address silent after a second."""
    return Watched(ageing_time=100)


def silence_is_told_and_its_end():
    lab = silent_soon()
    lab.enter(STATIC, ACTIVE)
    check("active at first", lab.is_active())
    lab_.wait_for("it falls silent", lab.is_silent)
    check_eq("it stays", lab.entry()[:2], ("p1", STATIC))
    lab.send(0)
    check("it is heard of", lab.is_active())
    lab_.wait_for("it falls silent again", lab.is_silent)
    check_eq("told", lab.told(), [ACTIVE, INACTIVE, ACTIVE, INACTIVE])


def heard_elsewhere_is_not_heard():
    lab = silent_soon()
    lab.enter(STATIC, ACTIVE)
    lab_.wait_for("it falls silent", lab.is_silent)
    lab.send(1)
    check("it is still silent", lab.is_silent())
    lab.send(0)
    check("it is heard of", lab.is_active())


def on_a_locked_port_too():
    lab = silent_soon()
    lab.sw.nl.setlink("p1", vnb.slave_info(vnb.u8(vnb.BRPORT.LOCKED, 1)))
    lab.enter(STATIC, ACTIVE)
    lab_.wait_for("it falls silent", lab.is_silent)
    lab.send(0)
    check("it is heard of", lab.is_active())


def what_a_control_plane_learned_stays_too():
    lab = silent_soon()
    lab.enter(DYNAMIC, ACTIVE, flags=EXT_LEARNED)
    lab_.wait_for("it falls silent", lab.is_silent)
    lab.send(0)
    check("it is heard of", lab.is_active())


def for_all_vlans():
    """An entry without a VLAN, on a bridge that filters."""
    lab = Watched(ageing_time=100, vlan_filtering=1)
    lab.enter(DYNAMIC, ACTIVE, flags=EXT_LEARNED)
    lab_.wait_for("it falls silent", lab.is_silent)
    lab.send(0)
    check("it is heard of", lab.is_active())
    check_eq("it is the only one", lab.entries(), 1)


def a_hub_hears_nobody():
    lab = Watched(ageing_time=0)
    lab.enter(STATIC, ACTIVE)
    lab_.wait_for("it falls silent", lab.is_silent)
    lab.send(0)
    check("it is still silent", lab.is_silent())
    check_eq("told", lab.told(), [ACTIVE, INACTIVE])


def a_dynamic_entry_goes():
    lab = silent_soon()
    lab.enter(DYNAMIC, ACTIVE)
    lab_.wait_for("it goes", lambda: not lab.entry())
    check_eq("told", lab.told(), [ACTIVE, RTM_DELNEIGH])


def inactive_from_the_start():
    lab = Watched()
    lab.enter(STATIC, INACTIVE)
    check("silent", lab.is_silent())
    lab.enter(STATIC, ACTIVE)
    check("as silent as it was", lab.is_silent())
    lab.send(0)
    check("heard of", lab.is_active())
    check_eq("told", lab.told(), [INACTIVE, ACTIVE])


def norefresh_keeps_the_age():
    lab = Watched()
    lab.enter(STATIC, ACTIVE)
    lab_.wait_for("it gets older", lambda: lab.entry()[3] >= 50)
    lab.enter(STATIC, INACTIVE, vnb.attr(DONT_REFRESH))
    check("changed", lab.is_silent())
    check("as old as it was", lab.entry()[3] >= 50, lab.entry())
    lab_.wait_for("it gets older", lambda: lab.entry()[3] >= 300)
    lab.enter(STATIC)
    check("refreshed", lab.entry()[3] < 300, lab.entry())
    check_eq("nobody asks any more", lab.entry()[2], None)


def an_address_that_moves_stays_watched():
    lab = Watched()
    lab.enter(DYNAMIC, ACTIVE)
    lab.send(1)
    check_eq("moved", lab.entry()[0], "p2")
    check("active", lab.is_active())


def refusals():
    lab = Watched()
    notify, norefresh = [NDA.FDB_EXT_ATTRS, ACTIVITY_NOTIFY], \
        [NDA.FDB_EXT_ATTRS, DONT_REFRESH]
    for text, state, bits, ext, flags, blame in (
            ("inactive alone", STATIC, 2, (), 0, notify),
            ("an unknown bit", STATIC, 5, (), 0, notify),
            ("a flag with a value", STATIC, 1,
             (vnb.u8(DONT_REFRESH, 1),), 0, norefresh),
            ("of the bridge", PERMANENT, ACTIVE, (), 0, notify),
            ("with use", DYNAMIC, ACTIVE, (), USE, notify[:1])):
        try:
            lab.enter(state, bits, *ext, flags=flags)
        except vnb.NlError as err:
            check(f"{text}: says why", err.msg, err)
            check_eq(f"{text}: blames", err.path, blame)
        else:
            check(f"{text}: refused", False)
    check_eq("nothing was entered", lab.entry(), None)


def main():
    lab_.need_tunnels()
    lab_.run_tests([
        silence_is_told_and_its_end, heard_elsewhere_is_not_heard,
        on_a_locked_port_too, what_a_control_plane_learned_stays_too,
        for_all_vlans, a_hub_hears_nobody, a_dynamic_entry_goes, inactive_from_the_start, norefresh_keeps_the_age,
        an_address_that_moves_stays_watched, refusals])


if __name__ == "__main__":
    main()
