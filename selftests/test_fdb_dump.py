#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A dump of a table that shrinks between its parts has all that stays, once, or
says that it was interrupted.

What comes meanwhile is in test_fuzz_netlink.py.

    h1 eth0 ── p1 ── br0      vx0
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from netlink_fuzz import Dump  # noqa: E402
from switch_lab import Switches  # noqa: E402
from vnb import (NDA, NLM_F_APPEND, NLM_F_CREATE, RTM_DELNEIGH,  # noqa: E402
                 RTM_NEWNEIGH, station)
from vxlan_lab import check, check_eq  # noqa: E402

MANY = 600
ANY, REMOTE = "00:00:00:00:00:00", "192.0.2.2"
STATIC, PERMANENT = 0x42, 0x80      # NUD_*


class Tables:
    """A bridge with a port, and a tunnel."""

    def __init__(self):
        self.sw = Switches("br0")
        self.nl = self.sw.nl
        self.sw.host(1, "br0")
        self.sw.ready()
        self.sw.tunnel()
        self.index = {dev: self.nl.index(dev) for dev in ("br0", "vx0", "p1")}

    def request(self, kind, dev, mac, nlflags=0, remote=REMOTE, state=STATIC):
        where = vnb.u32(NDA.IFINDEX, self.index["p1"]) if dev == "br0" else \
            vnb.attr(NDA.DST, lab_.ip_bytes(remote))
        self.nl.request(kind, vnb.ndmsg(self.index[dev], state, 2) + vnb.attr(
            NDA.LLADDR, vnb.mac(mac)) + where, nlflags)

    def add(self, dev, mac, nlflags=NLM_F_CREATE, **more):
        self.request(RTM_NEWNEIGH, dev, mac, nlflags, **more)

    def delete(self, dev, mac, **more):
        self.request(RTM_DELNEIGH, dev, mac, **more)

    def dump(self, dev, after_part):
        """A Dump, with something that is done after each part of it."""
        with vnb.Rtnl(self.sw.ns) as nl:
            dump = Dump(nl, vnb.RTM_GETNEIGH, vnb.ndmsg(self.index[dev]))
            while not dump.done:
                dump.part()
                after_part(dump)
        check(f"{dev}: parts", dump.parts > 3, dump.parts)
        return dump


def entries_go_while_they_are_dumped():
    """Every other one that the reader has goes after each part."""
    tables = Tables()
    for dev in "br0", "vx0":
        for n in range(MANY):
            tables.add(dev, station(n))
        gone = set()

        def shrink(dump, dev=dev, gone=gone):
            has = {row[1] for row in dump.rows}
            for n in range(0, MANY, 2):
                if n not in gone and vnb.mac(station(n)) in has:
                    tables.delete(dev, station(n))
                    gone.add(n)

        dump = tables.dump(dev, shrink)
        check(f"{dev}: some have gone", len(gone) > MANY // 4, len(gone))
        found = [row[1] for row in dump.rows]
        missing = [n for n in range(MANY) if vnb.mac(station(n)) not in found]
        check_eq(f"{dev}: missing", missing, [])
        check_eq(f"{dev}: twice", len(found) - len(set(found)), 0)
        check(f"{dev}: not interrupted", not dump.interrupted)


def remotes_of(dump):
    return [row[2] for row in dump.rows if row[1] == bytes(6)]


def destinations_go_while_they_are_dumped():
    tables = Tables()
    remotes = [f"198.51.{100 + (n >> 8)}.{n & 255}" for n in range(MANY)]
    for remote in remotes:
        tables.add("vx0", ANY, NLM_F_CREATE | NLM_F_APPEND, remote=remote,
                   state=PERMANENT)
    dump = tables.dump("vx0", lambda dump: None)
    check("nothing has changed", not dump.interrupted)
    check_eq("all are there", remotes_of(dump),
             [lab_.ip_bytes(remote) for remote in remotes])

    def shrink(dump):
        if dump.parts == 2:
            for remote in remotes[:20]:
                tables.delete("vx0", ANY, remote=remote)

    dump = tables.dump("vx0", shrink)
    check("interrupted", dump.interrupted)
    dump = tables.dump("vx0", lambda dump: None)
    check("not the next time", not dump.interrupted)
    check_eq("those that are left", remotes_of(dump),
             [lab_.ip_bytes(remote) for remote in remotes[20:]])


def an_entry_goes_while_its_destinations_are_dumped():
    """The next one is not taken for the rest of it."""
    tables = Tables()
    for n in range(MANY):
        tables.add("vx0", ANY, NLM_F_CREATE | NLM_F_APPEND, state=PERMANENT,
                   remote=f"198.51.{100 + (n >> 8)}.{n & 255}")
    tables.add("vx0", station(1))

    def shrink(dump):
        if dump.parts == 2:
            tables.nl.request(RTM_DELNEIGH, vnb.ndmsg(
                tables.index["vx0"], 0, 2) + vnb.attr(
                    NDA.LLADDR, vnb.mac(ANY)))

    with vnb.Rtnl(tables.sw.ns) as nl:
        dump = Dump(nl, vnb.RTM_GETNEIGH, vnb.ndmsg(tables.index["vx0"]))
        while not dump.done:
            dump.part()
            shrink(dump)
    check("it was not all dumped", len(remotes_of(dump)) < MANY)
    check_eq("the other one", [row[2] for row in dump.rows
                               if row[1] == vnb.mac(station(1))],
             [lab_.ip_bytes(REMOTE)])


def main():
    lab_.need_tunnels()
    lab_.run_tests([entries_go_while_they_are_dumped,
                    destinations_go_while_they_are_dumped,
                    an_entry_goes_while_its_destinations_are_dumped])


if __name__ == "__main__":
    main()
