#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
"""Very many addresses: all are learned while the table grows, a dump has each
of them once, a flush all; and a listener hears of each, or that there is
something it did not hear.

FDB_MANY says how many (100000, 20000 where the kernel is slow), pktgen sends
from them. How long it takes is printed and decides nothing.
"""
import errno
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from switch_lab import Switches  # noqa: E402
from vnb import NDA, RTM_DELNEIGH, RTM_NEWNEIGH  # noqa: E402
from vxlan_lab import check, check_eq  # noqa: E402

SLOW = os.path.exists("/sys/kernel/debug/kmemleak")
MANY = int(os.environ.get("FDB_MANY", "20000" if SLOW else "100000"))
FIRST = "02:77:00:00:00:00"
PREFIX = vnb.mac(FIRST)[:2]
RTMGRP_NEIGH = 4
PKTGEN = "/proc/net/pktgen"


def pktgen(ns, name, *lines):
    """Write to a file of pktgen, in a namespace."""
    with vnb.netns(ns):
        for line in lines:
            with open(f"{PKTGEN}/{name}", "w") as knob:
                knob.write(line)


class Listener:
    """Counts what it is told, by message, with the default buffer."""

    def __init__(self, ns):
        self.nl = vnb.Rtnl(ns, RTMGRP_NEIGH)
        self.nl.sock.setblocking(False)
        self.told = {RTM_NEWNEIGH: 0, RTM_DELNEIGH: 0}
        self.hints = 0

    def listen(self):
        """Take what is there."""
        while True:
            try:
                for kind, _, _, payload in self.nl.receive():
                    self.told[kind] += address(payload) is not None
            except BlockingIOError:
                return
            except OSError as err:
                if err.errno != errno.ENOBUFS:
                    raise
                self.hints += 1

    def check(self, text, kind):
        """All, or a hint."""
        self.listen()
        lab_.diag(f"told of {self.told[kind]} {text}, {self.hints} times that "
                  "something is missing")
        check(f"told of all {text}, or that it was not",
              self.told[kind] == MANY or self.hints, self.told)
        self.hints = 0


def address(payload):
    """The address of a message, if it is one of ours."""
    # attributes come behind struct ndmsg, this one first
    found = payload[16:22]
    if payload[12:16] != b"\x0a\0" + NDA.LLADDR.to_bytes(2, sys.byteorder) or \
            found[:2] != PREFIX:
        return None
    return found


def dump(sw):
    """All our addresses in the table, in the order of the dump."""
    return [found for _, payload in sw.nl.request(
        vnb.RTM_GETNEIGH, vnb.ndmsg(sw.nl.index("br0")), vnb.NLM_F_DUMP)
        if (found := address(payload))]


def clock(text, since):
    lab_.diag(f"{MANY} addresses {text}: {time.monotonic() - since:.1f} s")


def learn(sw, listener):
    """Have pktgen send a frame from each address, and listen meanwhile."""
    pktgen(sw.host_ns[1], "kpktgend_0", "rem_device_all", "add_device eth0")
    pktgen(sw.host_ns[1], "eth0", f"count {MANY}", "pkt_size 60", "delay 0",
           "dst_mac ff:ff:ff:ff:ff:ff", f"src_mac {FIRST}",
           f"src_mac_count {MANY}", "dst 192.0.2.1")
    with subprocess.Popen(["ip", "netns", "exec", sw.host_ns[1], "sh", "-c",
                           f"echo start >{PKTGEN}/pgctrl"]) as child:
        while child.poll() is None:
            listener.listen()
    sw.fence.wait()


def learned_dumped_flushed():
    # however slow the machine is, none of them ages
    sw = Switches("br0", fdb_max_learned=0, fdb_port_max_learned=0,
                  ageing_time=10 ** 6)
    sw.host(1, "br0")
    sw.ready()
    listener = Listener(sw.ns)

    since = time.monotonic()
    learn(sw, listener)
    clock("learned", since)
    check_eq("of which there was no memory for", sw.stat("learn_failed"), 0)
    since = time.monotonic()
    found = dump(sw)
    clock("dumped", since)
    check_eq("in the dump", len(found), MANY)
    check_eq("each once", len(set(found)), MANY)
    lab_.wait_for("the last ones are told", lambda: listener.listen() or
                  listener.hints or listener.told[RTM_NEWNEIGH] == MANY)
    listener.check("learned", RTM_NEWNEIGH)

    since = time.monotonic()
    sw.nl.setlink("br0", vnb.info("vnetbr", vnb.mode("bridge"), vnb.bridge(
        vnb.attr(vnb.BR.FDB_FLUSH))))
    clock("flushed", since)
    check_eq("left", dump(sw), [])
    listener.check("flushed", RTM_DELNEIGH)


def main():
    subprocess.run(["modprobe", "-q", "pktgen"], check=False)
    if not os.path.exists(PKTGEN):
        lab_.skip_all("this kernel has no pktgen")
    lab_.run_tests([learned_dumped_flushed])


if __name__ == "__main__":
    main()
