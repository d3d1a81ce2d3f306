#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Who listens is told of each change of a bridge's table, once.

    h1 eth0 ── p1 ┐
                 br0      a socket for RTNLGRP_NEIGH in the namespace of br0
    h2 eth0 ── p2 ┘

Kernels before 6.13 tell what users change a second time by themselves.
"""
import contextlib
import errno
import multiprocessing
import os
import socket
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
NOBODY = "02:00:00:00:ff:fe"
SO_RCVBUFFORCE = 33

# How often two hosts send from each of their addresses.
ROUNDS = 50


class Listener:
    """What is told of one address: (message, name of the port)."""

    def __init__(self, sw):
        self.sw = sw
        self.nl = vnb.Rtnl(sw.ns, RTMGRP_NEIGH)
        self.nl.sock.setblocking(False)
        self.used = None    # as the last message says, in 1/100 s

    def told(self):
        """Each (message, its attributes, the port's index) since the last time.

        What comes thick and fast waits a little, unless a user wants anything:
        here to delete what is not there.
        """
        self.sw.fence.wait()
        with contextlib.suppress(vnb.NlError):
            self.sw.nl.request(RTM_DELNEIGH, vnb.ndmsg(
                self.sw.nl.index("br0"), 0x40, 2) + vnb.attr(
                    NDA.LLADDR, vnb.mac(NOBODY)) + vnb.u32(
                        NDA.IFINDEX, self.sw.nl.index("p1")))
        with contextlib.suppress(BlockingIOError):
            while True:
                for kind, _, _, payload in self.nl.receive():
                    index, = struct.unpack_from("=4xi", payload)
                    yield kind, vnb.parse(payload[12:]), index

    def heard(self):
        names = {link.index: link.name for link in self.sw.nl.links()}
        found = []
        for kind, attrs, index in self.told():
            if packet.mac_text(attrs[NDA.LLADDR]) == MAC:
                found.append((kind, names[index]))
                self.used = used(attrs)
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


def flush(sw):
    sw.nl.setlink("br0", vnb.info("vnetbr", vnb.mode("bridge"), vnb.bridge(
        vnb.attr(vnb.BR.FDB_FLUSH))))


def many_at_once():
    """A socket with the default buffer does not overrun: of 500 addresses that
    appear before it is read, a message each would take twice as much."""
    sw = Switches("br0")
    host = sw.host(1, "br0")
    sw.ready()
    listener = Listener(sw)
    listener.heard()
    for first in range(1000, 3000, 500):
        for number in range(first, first + 500):
            host.send(frame(src=station(number)))
        check_eq("told", len(list(listener.told())), 500)
    flush(sw)
    check_eq("told of the end", len(list(listener.told())), 2000)


def who_cannot_listen_hears_of_it():
    """The smallest buffer there is, and nobody reads."""
    sw = Switches("br0")
    host = sw.host(1, "br0")
    sw.ready()
    listener = Listener(sw)
    listener.nl.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    for number in range(1000, 1500):
        host.send(frame(src=station(number)))
    try:
        told = len(list(listener.told()))
    except OSError as err:
        check_eq("a hint", err.errno, errno.ENOBUFS)
    else:
        check_eq("told", told, 500)


def what_is_told_adds_up():
    """Addresses move to and fro, and are flushed, on all CPUs: who has heard
    everything knows the table."""
    sw = Switches("br0", fdb_max_moves=0)
    hosts = sw.host(1, "br0"), sw.host(2, "br0")
    sw.ready()
    listener = Listener(sw)
    listener.nl.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)
    macs = [station(number) for number in range(1000, 1032)]

    def send(host):
        for _ in range(ROUNDS):
            for mac in macs:
                host.send(frame(src=mac))

    senders = [multiprocessing.get_context("fork").Process(
        target=send, args=(host,)) for host in hosts]
    for sender in senders:
        sender.start()
    where, moves = {}, 0

    def follow():
        nonlocal moves
        for kind, attrs, index in listener.told():
            mac = packet.mac_text(attrs[NDA.LLADDR])
            moves += mac in where
            if kind == RTM_NEWNEIGH:
                where[mac] = index
            else:
                where.pop(mac, None)

    while any(sender.is_alive() for sender in senders):
        flush(sw)
        follow()
    for sender in senders:
        sender.join()
        check_eq("sent", sender.exitcode, 0)
    follow()
    lab_.diag(f"{moves} changes of what was known")
    check_eq("the table", {mac: where[mac] for mac in macs if mac in where},
             {mac: index for mac, index in table(sw) if mac in macs})


def table(sw):
    """(address, index of its port) of each entry."""
    for _, payload in sw.nl.request(vnb.RTM_GETNEIGH, vnb.ndmsg(
            sw.nl.index("br0")), vnb.NLM_F_DUMP):
        attrs = vnb.parse(payload[12:])
        if NDA.IFINDEX in attrs:
            yield packet.mac_text(attrs[NDA.LLADDR]), struct.unpack(
                "=i", attrs[NDA.IFINDEX])[0]


def main():
    lab_.need_tunnels()
    lab_.run_tests([each_change_is_told_once, who_moves_was_seen_just_now,
                    what_users_change_is_told_once, many_at_once,
                    who_cannot_listen_hears_of_it, what_is_told_adds_up])


if __name__ == "__main__":
    main()
