#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Requests for VLANs that no command sends: what a bridge makes of them.

The same requests go to the kernel's bridge. What it takes ours has to take,
with the same tables afterwards, and what it refuses is refused. Ours changes
nothing then, says why, and is stricter about ranges that are not whole; it has
no way to ask a port and its bridge at once. With KIND=in-tree only the requests
are tested.
"""
import errno
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vlan_lab as vlan  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from vlan_lab import (BRIDGE_FLAGS, BRIDGE_VLAN_INFO, C_TAG,  # noqa: E402
                      PVID, RANGE_BEGIN, RANGE_END, UNTAGGED)
from vnb import IFLA, RTM_DELLINK, RTM_SETLINK, attr, u16  # noqa: E402
from vxlan_lab import check, check_eq  # noqa: E402

MASTER, BRENTRY = 1, 32
OURS = not lab_.IN_TREE


def info(vid, flags=0):
    return attr(BRIDGE_VLAN_INFO, struct.pack("=HH", flags, vid))


def flags(value):
    return u16(BRIDGE_FLAGS, value)


# name: what is in IFLA_AF_SPEC
SPECS = {
    "nothing": b"",
    "one": info(30),
    "three": info(30) + info(31, UNTAGGED) + info(32, PVID),
    "two PVIDs": info(30, PVID) + info(31, PVID),
    "one twice": info(30, UNTAGGED) + info(30),
    "with its bridge": flags(vlan.FLAGS_MASTER) + info(30),
    "flags of the bridge": info(30, BRENTRY),
    "a range": info(30, RANGE_BEGIN) + info(40, RANGE_END),
    "a range of one": info(30, RANGE_BEGIN) + info(30, RANGE_END),
    "a reversed range": info(40, RANGE_BEGIN) + info(30, RANGE_END),
    "a range without end": info(30, RANGE_BEGIN),
    "a range without begin": info(30, RANGE_END),
    "begin and end in one": info(30, RANGE_BEGIN | RANGE_END),
    "two begins": info(30, RANGE_BEGIN) + info(31, RANGE_BEGIN) +
    info(40, RANGE_END),
    "a VLAN in a range": info(30, RANGE_BEGIN) + info(35) +
    info(40, RANGE_END),
    "a range to the PVID": info(30, RANGE_BEGIN) + info(40, RANGE_END | PVID),
    "a range from the PVID": info(30, RANGE_BEGIN | PVID) +
    info(40, RANGE_END),
    "a range of PVIDs": info(30, RANGE_BEGIN | PVID) +
    info(40, RANGE_END | PVID),
    "a range, untagged at its end": info(30, RANGE_BEGIN) +
    info(40, RANGE_END | UNTAGGED),
    "a range, untagged at its begin": info(30, RANGE_BEGIN | UNTAGGED) +
    info(40, RANGE_END),
    "two ranges": info(30, RANGE_BEGIN) + info(40, RANGE_END) +
    info(50, RANGE_BEGIN | UNTAGGED) + info(60, RANGE_END | UNTAGGED),
    "a range over others": info(5, RANGE_BEGIN) + info(25, RANGE_END),
    "a range to 4095": info(4000, RANGE_BEGIN) + info(4095, RANGE_END),
    "a range from 0": info(0, RANGE_BEGIN) + info(10, RANGE_END),
    "VLAN 0": info(0),
    "VLAN 4094": info(4094),
    "VLAN 4095": info(4095),
    "VLAN 4096": info(4096),
    "VLAN 65535": info(65535),
    "good and bad": info(30) + info(4095),
    "bad and good": info(4095) + info(30),
    "one that is there, one that is not": info(10) + info(30),
    "one that is not there, one that is": info(30) + info(10),
}
# in-tree takes the first and the third for nothing, the second for a VLAN
STRICT = "a range without end", "a range without begin", "begin and end in one"
LENGTHS = {f"{length} bytes": attr(BRIDGE_VLAN_INFO, bytes(
    [0, 0, 30, 0, 0, 0, 0, 0][:length])) for length in (0, 1, 2, 3)}


class Bridge:
    """br0 with p1, a pair in VLANs 10 and 20, and p2, a veth in 1 to 50."""

    def __init__(self, ours):
        self.ns = lab_.quiet_namespace("sw")
        self.nl = vnb.Rtnl(self.ns)
        self.nl.newlink("br0", vlan.bridge_info(
            ours, vlan.bridge_options(1, C_TAG, 0)), up=True)
        for number in 1, 2:
            vlan.make_pair(self.nl, ours and number == 1, f"p{number}",
                           f"02:00:00:00:01:0{number}", self.ns,
                           f"e{number}", f"02:00:00:00:02:0{number}")
            self.nl.setlink(f"p{number}", vnb.u32(
                IFLA.MASTER, self.nl.index("br0")))
        vlan.vlan_request(self.nl, "p1", info(10, PVID | UNTAGGED), info(20))
        vlan.vlan_request(self.nl, "p2", info(10, PVID), vlan.vlan_info(
            1, end=50))
        vlan.vlan_request(self.nl, "br0", info(10), info(20, PVID), own=True)

    def table(self):
        return {name: vids for name, vids in vlan.vlan_table(self.nl).items()
                if name in ("br0", "p1", "p2") and vids}

    def send(self, dev, kind, spec):
        """The error of a request for VLANs, None if there is none."""
        try:
            self.nl.request(kind, vnb.ifinfomsg(
                self.nl.index(dev), family=vnb.AF_BRIDGE) +
                attr(IFLA.AF_SPEC, spec))
        except vnb.NlError as err:
            return err
        return None


def outcome(ours, dev, kind, spec):
    """(error or None, table before, table after), on a new bridge."""
    bridge = Bridge(ours)
    before = bridge.table()
    err = bridge.send(dev, kind, spec)
    after = bridge.table()
    bridge.nl.sock.close()
    lab_.cleanup()
    return err, before, after


def requests_are_taken_or_refused(dev, kind):
    wrong = []
    own = flags(vlan.FLAGS_SELF) if dev == "br0" else b""
    for name, spec in SPECS.items():
        theirs, before, there = outcome(False, dev, kind, own + spec)
        if not OURS:
            continue
        err, _, here = outcome(True, dev, kind, own + spec)
        if bool(err) != bool(theirs) and name not in STRICT or \
                not err and name in STRICT:
            wrong.append(f"{name}: ours says {err}, in-tree {theirs}")
        elif err and here != before:
            wrong.append(f"{name}: refused, and yet changed: {here}")
        elif err and kind == RTM_SETLINK and not err.msg:
            wrong.append(f"{name}: refused without a reason")
        elif not err and here != there:
            wrong.append(f"{name}: ours {here}, in-tree {there}")
    check("as in-tree", not wrong, "\n  " + "\n  ".join(wrong))


def lengths_are_checked(kind):
    for name, spec in LENGTHS.items():
        if not OURS:
            check(name, outcome(False, "p1", kind, spec)[0])
            continue
        err, before, after = outcome(True, "p1", kind, spec)
        check(name, err and err.errno in (errno.EINVAL, errno.ERANGE), err)
        check_eq(name, after, before)


def a_port_and_its_bridge_at_once():
    if not OURS:
        return "in-tree can"
    err, before, after = outcome(True, "p1", RTM_SETLINK, info(30, MASTER))
    check("refused", err and "self" in err.msg, err)
    check_eq("unchanged", after, before)
    return None


def a_port_has_no_vlans_of_its_own():
    """`self` is for the bridge."""
    for ours in [False] + [True] * OURS:
        err, before, after = outcome(ours, "p1", RTM_SETLINK,
                                     flags(vlan.FLAGS_SELF) + info(30))
        check("refused", err)
        check_eq("unchanged", after, before)


def main():
    vlan.need_vlans(*([False, True] if OURS else [False]))
    tests = []
    for dev in "p1", "p2", "br0":
        for kind, verb in (RTM_SETLINK, "added"), (RTM_DELLINK, "deleted"):
            test = lab_.named(requests_are_taken_or_refused, dev, kind)
            test.__name__ = f"what is {verb} on {dev}"
            tests.append(test)
    for kind, verb in (RTM_SETLINK, "added"), (RTM_DELLINK, "deleted"):
        test = lab_.named(lengths_are_checked, kind)
        test.__name__ = f"lengths of what is {verb}"
        tests.append(test)
    tests.append(a_port_and_its_bridge_at_once)
    tests.append(a_port_has_no_vlans_of_its_own)
    lab_.run_tests(tests)


if __name__ == "__main__":
    main()
