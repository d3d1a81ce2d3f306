# SPDX-License-Identifier: GPL-2.0
"""Bridges that run spanning tree, ours and the kernel's own, and BPDUs.

    Tree({"A": "vnetbr", "B": "in-tree"}): bridges of one namespace; A has the
    lowest address, and is the root if nobody says otherwise. A link between
    them has the ports AB and BA.
"""
import os
import struct

import frames
import vnb
import vxlan_lab as lab_
from vnb import BR, BRPORT, IFLA, VNETBR, u32

try:
    from scapy.layers.l2 import STP, Dot3, LLC
    from scapy.packet import Raw
except ImportError:
    lab_.skip_all("scapy is not installed")

DISABLED, LISTENING, LEARNING, FORWARDING, BLOCKING = range(5)
GROUP = "01:80:c2:00:00:00"
HZ = 100            # of times in attributes
PRIORITY = 0x8000
SHORT = {"hello_time": 1 * HZ, "forward_delay": 2 * HZ, "max_age": 6 * HZ}
OFF, KERNEL, USER = range(3)
AUTO, MODE_USER, MODE_KERNEL = range(3)

BRIDGE_MAKE = {"hello_time": u32, "forward_delay": u32, "max_age": u32,
               "stp_state": u32, "stp_mode": u32, "ageing_time": u32,
               "priority": vnb.u16, "group_fwd_mask": vnb.u16,
               "mcast_snooping": vnb.u8, "vlan_filtering": vnb.u8,
               "vlan_protocol": vnb.be16}
PORT_MAKE = {"state": vnb.u8, "cost": u32, "priority": vnb.u16,
             "guard": vnb.u8, "protect": vnb.u8, "group_fwd_mask": vnb.u16}


def attributes(numbers, makers, options):
    return [makers[name](getattr(numbers, name.upper()), value)
            for name, value in options.items()]


def number(raw):
    return int.from_bytes(raw, "little")


def bridge_mac(name):
    """The address of bridge A, B, ..."""
    return f"02:00:00:00:ff:{ord(name[0]):02x}"


class Tree:
    """@kinds: {name of a bridge: "vnetbr" or "in-tree"}; @options: of all of
    them, beside SHORT times and spanning tree being on."""

    fence = None

    def __init__(self, kinds, **options):
        if not Tree.fence:
            Tree.fence = frames.Fence()
        self.kinds = kinds
        self.ns = lab_.quiet_namespace("tree")
        self.nl = vnb.Rtnl(self.ns)
        self.master = {}
        self.host_ns = {}
        self.options = {**SHORT, "stp_state": 1, **options}
        for name in kinds:
            self.add(name)

    def add(self, name):
        own = self.options
        if self.kinds[name] == "in-tree":
            own = {**own, "mcast_snooping": 0}
        self.nl.newlink(name, vnb.attr(IFLA.ADDRESS,
                                       vnb.mac(bridge_mac(name))),
                        self.info(name, own), up=True)

    def info(self, name, options):
        attrs = attributes(BR, BRIDGE_MAKE, options)
        if self.kinds[name] == "in-tree":
            return vnb.info("bridge", *attrs)
        return vnb.info("vnetbr", vnb.bridge(*attrs))

    def set(self, name, **options):
        """Change a bridge."""
        self.nl.setlink(name, self.info(name, options))

    def port_set(self, name, **options):
        kind = self.kinds[self.master[name]]
        self.nl.setlink(name, vnb.slave_info(
            *attributes(BRPORT, PORT_MAKE, options),
            kind="bridge" if kind == "in-tree" else "vnetbr"))

    def attach(self, name, master):
        self.nl.setlink(name, u32(IFLA.MASTER, self.nl.index(master)))
        self.master[name] = master

    def pair(self, a, b, ns=None, kind="vnetbr"):
        """A pair, or a veth; @b is in another namespace if @ns is given."""
        other = [vnb.text(IFLA.IFNAME, b)]
        fd = -1
        if ns:
            fd = vnb.netns_fd(ns)
            other.append(u32(IFLA.NET_NS_FD, fd))
        if kind == "veth":
            info = vnb.info("veth", vnb.attr(
                VNETBR.PEER, vnb.ifinfomsg() + b"".join(other)))
        else:
            info = vnb.info("vnetbr", vnb.mode("pair"), vnb.peer(*other))
        self.nl.newlink(a, info, up=True)
        if ns:
            os.close(fd)

    def join(self, a, b, suffix="", kind="vnetbr"):
        """A link between bridges @a and @b."""
        near, far = a + b + suffix, b + a + suffix
        self.pair(near, far, kind=kind)
        self.nl.setlink(far, up=True)
        self.attach(near, a)
        self.attach(far, b)

    def ring(self, kind="vnetbr"):
        names = list(self.kinds)
        for a, b in zip(names, names[1:] + names[:1]):
            self.join(a, b, kind=kind)

    def host(self, name, master, kind="vnetbr"):
        """A host with eth0 at port @name: its Tap, which can send as well."""
        ns = self.host_ns[name] = lab_.quiet_namespace("h")
        self.pair(name, "eth0", ns, kind)
        with vnb.Rtnl(ns) as nl:
            nl.setlink("eth0", up=True)
        tap = frames.Tap(ns, "eth0")
        self.attach(name, master)
        with vnb.Rtnl(ns) as nl:
            lab_.wait_for(f"{name} and its host can send", lambda: all(
                link.can_send() for link in (self.nl.link(name),
                                             nl.link("eth0"))))
        return tap

    def bridge(self, name):
        """{IFLA_BR_*: bytes} of a bridge."""
        data = vnb.parse(self.nl.link(name).data)
        if self.kinds[name] == "in-tree":
            return data
        return vnb.parse(data[VNETBR.BRIDGE])

    def port(self, name):
        """{IFLA_BRPORT_*: bytes} of a port."""
        return vnb.parse(self.nl.link(name).slave_data)

    def state(self, name):
        return number(self.port(name)[BRPORT.STATE])

    def states(self):
        return {name: self.state(name) for name in self.master}

    def stat(self, bridge, name):
        return lab_.ethtool_stats(self.ns, bridge)[name]

    def wait_state(self, name, *states):
        lab_.wait_for(f"{name} in state {states}",
                      lambda: self.state(name) in states)

    def outcome(self):
        """What the protocol says of all bridges and ports."""
        found = {}
        for name in self.kinds:
            data = self.bridge(name)
            found[name] = (data[BR.ROOT_ID].hex(), data[BR.BRIDGE_ID].hex(),
                           number(data[BR.ROOT_PORT]),
                           number(data[BR.ROOT_PATH_COST]),
                           *(number(data[kind]) for kind in (
                               BR.HELLO_TIME, BR.FORWARD_DELAY, BR.MAX_AGE)))
        for name in self.master:
            data = self.port(name)
            found[name] = (number(data[BRPORT.STATE]),
                           data[BRPORT.ROOT_ID].hex(),
                           data[BRPORT.BRIDGE_ID].hex(),
                           *(number(data[kind]) for kind in (
                               BRPORT.DESIGNATED_PORT,
                               BRPORT.DESIGNATED_COST, BRPORT.ID,
                               BRPORT.COST, BRPORT.PRIORITY)))
        return found

    def is_settled(self):
        """No port on its way; one bridge is the root of all."""
        return all(state in (FORWARDING, BLOCKING)
                   for state in self.states().values()) and \
            len({self.bridge(name)[BR.ROOT_ID] for name in self.kinds}) == 1


def differences(one, other):
    return {name: (one[name], other[name]) for name in one
            if one[name] != other[name]}


def settle(*trees, until=lambda outcome: True):
    """Wait until all trees are settled, and alike, and @until(outcome) is true
    of them; returns the outcome. What has just been changed takes a while to
    come about: until then they are settled as before.
    """
    def alike():
        found = trees[0].outcome()
        return until(found) and all(tree.is_settled() for tree in trees) and \
            all(tree.outcome() == found for tree in trees[1:])

    try:
        lab_.wait_for("all trees settled, and alike", alike)
    except lab_.Failed:
        for tree in trees:
            lab_.diag(f"{tree.kinds}: {tree.states()}")
            lab_.diag(differences(trees[0].outcome(), tree.outcome()))
        raise
    return trees[0].outcome()


def frame(payload, src, llc=b"\x42\x42\x03", dst=GROUP):
    """A frame of IEEE 802.3 with so much behind its LLC header."""
    body = llc + payload
    return (vnb.mac(dst) + vnb.mac(src) + struct.pack("!H", len(body)) +
            body).ljust(60, b"\0")


def config(src, root, bridge=None, cost=0, port=0x8001, prio=PRIORITY,
           age=0, tc=False, ack=False, **times):
    """A configuration BPDU; @root and @bridge are addresses."""
    seconds = {name: value // HZ for name, value in SHORT.items()} | times
    return bytes(
        Dot3(dst=GROUP, src=src) / LLC(dsap=0x42, ssap=0x42, ctrl=3) /
        STP(bpduflags=tc | ack << 7, rootid=prio, rootmac=root, pathcost=cost,
            bridgeid=prio, bridgemac=bridge or root, portid=port, age=age,
            maxage=seconds["max_age"], hellotime=seconds["hello_time"],
            fwddelay=seconds["forward_delay"]))


def tcn(src):
    """A topology change notification."""
    return bytes(Dot3(dst=GROUP, src=src) /
                 LLC(dsap=0x42, ssap=0x42, ctrl=3) /
                 Raw(b"\0\0\0\x80"))


def bpdus(tap):
    """Those that a Tap has got since the last time."""
    return [bytes(found) for found in tap.frames()
            if found[:6] == vnb.mac(GROUP)]
