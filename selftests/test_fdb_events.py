#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Who listens is told of each change of a bridge's table, once.

    h1 eth0 ── p1 ┐
                 br0      a socket for RTNLGRP_NEIGH in the namespace of br0
    h2 eth0 ── p2 ┘

Kernels before 6.13 tell what users change a second time by themselves.
"""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
import vxlan_packet as packet  # noqa: E402
from switch_lab import Switches, frame  # noqa: E402
from vnb import NDA, RTM_DELNEIGH, RTM_NEWNEIGH, station  # noqa: E402
from vxlan_lab import check, check_eq  # noqa: E402

RTMGRP_NEIGH = 4
MAC = station(1)


class Listener:
    """What is told of one address: (message, name of the port)."""

    def __init__(self, sw):
        self.sw = sw
        self.nl = vnb.Rtnl(sw.ns, RTMGRP_NEIGH)
        self.nl.sock.setblocking(False)
        self.used = None    # as the last message says, in 1/100 s

    def heard(self):
        self.sw.fence.wait()
        names = {link.index: link.name for link in self.sw.nl.links()}
        found = []
        try:
            while True:
                for kind, _, _, payload in self.nl.receive():
                    attrs = vnb.parse(payload[12:])
                    if packet.mac_text(attrs[NDA.LLADDR]) == MAC:
                        index, = struct.unpack_from("=4xi", payload)
                        found.append((kind, names[index]))
                        self.used = used(attrs)
        except BlockingIOError:
            return found


def used(attrs):
    """How long ago an address was seen, in 1/100 s; None: it does not say."""
    if NDA.CACHEINFO not in attrs:
        return None
    return struct.unpack_from("=4xI", attrs[NDA.CACHEINFO])[0]


def each_change_is_told_once():
    sw = Switches("br0")
    hosts = sw.host(1, "br0"), sw.host(2, "br0")
    sw.ready()
    listener = Listener(sw)
    for text, host, port in (("learned", 0, "p1"), ("moved", 1, "p2")):
        hosts[host].send(frame(src=MAC))
        hosts[host].send(frame(src=MAC))
        check_eq(text, listener.heard(), [(RTM_NEWNEIGH, port)])
    sw.nl.setlink("br0", vnb.info("vnetbr", vnb.mode("bridge"), vnb.bridge(
        vnb.attr(vnb.BR.FDB_FLUSH))))
    check_eq("flushed", listener.heard(), [(RTM_DELNEIGH, "p2")])
    hosts[0].send(frame(src=MAC))
    check_eq("again", listener.heard(), [(RTM_NEWNEIGH, "p1")])
    sw.nl.setlink("p1", up=False)
    check_eq("its port goes down", listener.heard(), [(RTM_DELNEIGH, "p1")])


def who_moves_was_seen_just_now():
    """However long it had not been before."""
    sw = Switches("br0")
    hosts = sw.host(1, "br0"), sw.host(2, "br0")
    sw.ready()
    listener = Listener(sw)
    long = 200

    def silent():
        for _, payload in sw.nl.request(
                vnb.RTM_GETNEIGH, vnb.ndmsg(sw.nl.index("br0")),
                vnb.NLM_F_DUMP):
            attrs = vnb.parse(payload[12:])
            if packet.mac_text(attrs[NDA.LLADDR]) == MAC:
                return used(attrs) >= long
        return False

    hosts[0].send(frame(src=MAC))
    lab_.wait_for("it is silent for a while", silent)
    listener.heard()
    hosts[1].send(frame(src=MAC))
    check_eq("moved", listener.heard(), [(RTM_NEWNEIGH, "p2")])
    check("seen", listener.used < long, listener.used)


def what_users_change_is_told_once():
    sw = Switches("br0")
    sw.host(1, "br0")
    sw.ready()
    listener = Listener(sw)
    release = tuple(map(int, os.uname().release.split(".")[:2]))
    port = sw.nl.index("p1")

    def change(kind, flags=0):
        sw.nl.request(kind, vnb.ndmsg(sw.nl.index("br0"), 0x40, 2) + vnb.attr(
            NDA.LLADDR, vnb.mac(MAC)) + vnb.u32(NDA.IFINDEX, port), flags)
        return [message for message, name in listener.heard()
                if name == "p1" or release >= (6, 13)]

    for text, kind, flags in (
            ("added", RTM_NEWNEIGH, vnb.NLM_F_CREATE | vnb.NLM_F_EXCL),
            ("deleted", RTM_DELNEIGH, 0)):
        check_eq(text, change(kind, flags), [kind])


def main():
    lab_.need_tunnels()
    lab_.run_tests([each_change_is_told_once, who_moves_was_seen_just_now,
                    what_users_change_is_told_once])


if __name__ == "__main__":
    main()
