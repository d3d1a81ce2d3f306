# SPDX-License-Identifier: GPL-2.0
"""The attributes that there are, and what may be in them."""
import struct
import sys

import vnb
import why
from refusal import (BRIDGE_SIZES, GROUP, M1, M2, M3, M4, NDA_SIZES, NEW,
                     PORT_EXT_COUNTERS, PORT_EXT_SIZES, PORT_SIZES, ZERO)
from vnb import (BR, BRPORT, IFLA, NDA, VNETBR_BR, VNETBR_PORT, VNETBR_VXLAN,
                 VXLAN)
from vxlan_lab import ip_bytes

NESTED, NET_BYTEORDER = vnb.NLA_F_NESTED, 0x4000
# the descriptor of the other namespace, whatever it was opened as
OTHER_NS_FD, OTHER_NS_ID = 200, 7
NAMES = [f"new{n}" for n in range(16)]
ADDRESSES = ["192.0.2.2", "192.0.2.9", "239.1.1.1", "0.0.0.0",
             "255.255.255.255", "127.0.0.1", "2001:db8::2", "2001:db8::9",
             "ff02::1", "::", "::1", "fe80::1", "::ffff:192.0.2.1"]
IP4 = [ip_bytes(a) for a in ADDRESSES if ":" not in a]
IP6 = [ip_bytes(a) for a in ADDRESSES if ":" in a]


class Attr:
    """An attribute: @body is bytes, or the Attrs in it, behind @head."""

    def __init__(self, kind, body, flags=None, head=b""):
        self.kind, self.body, self.head = kind, body, head
        self.flags = flags
        if flags is None:
            self.flags = NESTED if isinstance(body, list) and not head else 0
        self.length = None      # a lie

    def copy(self):
        """One that can be spoilt without the other."""
        body = self.body
        if isinstance(body, list):
            body = [attr.copy() for attr in body]
        twin = Attr(self.kind, body, self.flags, self.head)
        twin.length = self.length
        return twin

    def bytes(self):
        """As it is sent."""
        body = self.body
        if isinstance(body, list):
            body = self.head + b"".join(attr.bytes() for attr in body)
        length = min(4 + len(body), 0xffff)
        return vnb.attr(self.kind | self.flags, body,
                        length if self.length is None else self.length)

    def __str__(self):
        body = self.body
        body = "[" + " ".join(map(str, body)) + "]" \
            if isinstance(body, list) else body.hex()
        lie = "" if self.length is None else f"/{self.length}"
        return f"{self.kind}{lie}={self.head.hex()}{body}"


## tables: {number of an attribute: function of a Maker that makes its body}

class Table:
    """@makers; four of five times, one of the numbers in @often is taken."""

    def __init__(self, makers, often=()):
        self.makers, self.all = makers, list(makers)
        self.often = list(often) or self.all

    def attr(self, make, kind=None):
        """One attribute; @kind: this one."""
        if kind is None:
            kind = make.choice(self.often if make.chance(.8) else self.all)
        return Attr(kind, self.makers[kind](make))

    def attrs(self, make, most=4):
        """Up to @most attributes of different numbers."""
        found = {}
        for _ in range(make.below(most + 1)):
            attr = self.attr(make)
            found[attr.kind] = attr
        return list(found.values())


def number(size, *good, order=sys.byteorder):
    """A number: one of @good, or what is at a bound."""
    top = (1 << 8 * size) - 1
    bounds = (0, 1, 2, top, top - 1, top >> 1, (top >> 1) + 1)

    def maker(make):
        if good and make.chance(.75):
            value = make.choice(good)
        elif make.chance(.6):
            value = make.choice(bounds)
        else:
            value = make.below(top + 1) >> make.below(8 * size)
        return value.to_bytes(size, order)
    return maker


def one_of(*bodies):
    return lambda make: make.choice(bodies)


def raw(size):
    return lambda make: make.bytes(size)


def nest(table, most=4):
    return lambda make: table.attrs(make, most)


def text(*words):
    return one_of(*(word.encode() + b"\0" for word in words))


def index(make):
    """Of a device, which may be there."""
    return struct.pack("=i", make.index())


def plain(sizes):
    """Makers for {number: size of a number, or of something else}."""
    return {kind: number(size) if size in (1, 2, 4, 8) else raw(size)
            for kind, size in sizes.items()}


flag8 = number(1, 0, 1)
macs = one_of(*map(vnb.mac, (M1, M2, M3, M4, NEW) * 3 + (
    ZERO, ZERO, GROUP, "ff:ff:ff:ff:ff:ff", "01:80:c2:00:00:00")))

BRIDGE = Table(plain(BRIDGE_SIZES) | {
    BR.AGEING_TIME: number(4, 0, 1, 100, 30000),
    BR.GROUP_FWD_MASK: number(2, 0, 1, 8, 16),
    BR.FDB_MAX_LEARNED: number(4, 0, 5, 100),
    BR.MULTI_BOOLOPT: lambda make: struct.pack(
        "=II", make.choice((0, 1, 2, 4, 5, 16, 17, 0xffffffff)),
        make.choice((0, 1, 1, 3, 4, 5, 16, 17))),
    BR.STP_STATE: number(4, 0, 0, 1, 2), BR.STP_MODE: number(4, 0, 1, 2),
    BR.HELLO_TIME: number(4, 100, 1000), BR.MAX_AGE: number(4, 600, 4000),
    BR.FORWARD_DELAY: number(4, 0, 200, 3000), BR.VLAN_FILTERING: flag8,
    BR.VLAN_PROTOCOL: number(2, 0x8100, 0x8100, 0x88a8, order="big"),
    BR.VLAN_DEFAULT_PVID: number(2, 0, 1, 7, 4094),
    BR.VLAN_STATS_ENABLED: flag8, BR.VLAN_STATS_PER_PORT: flag8,
    BR.MCAST_SNOOPING: number(1, 0),
}, [BR.AGEING_TIME, BR.GROUP_FWD_MASK, BR.FDB_MAX_LEARNED, BR.MULTI_BOOLOPT,
    BR.STP_STATE, BR.VLAN_FILTERING, BR.VLAN_PROTOCOL, BR.VLAN_DEFAULT_PVID,
    BR.VLAN_STATS_ENABLED, BR.VLAN_STATS_PER_PORT, BR.MCAST_SNOOPING,
    BR.STP_MODE, BR.HELLO_TIME, BR.MAX_AGE, BR.FORWARD_DELAY, BR.PRIORITY])

def mst_ranges(make):
    """struct vnetbr_mst_range: VLANs and an instance, mostly good ones"""
    made = b""
    count = make.below(4)
    vids = sorted(1 + make.below(4094) for _ in range(2 * count))
    for at in range(0, 2 * count, 2):
        ends = vids[at:at + 2]
        if make.chance(.1):
            ends = [make.choice((0, 1, 7, 4095, make.below(1 << 16)))
                    for _ in range(2)]
        made += struct.pack("=HHH", *ends, make.choice(
            (0, 1, 3, 3, 4095, make.below(4096), make.below(1 << 16))))
    return made + make.choice((b"", b"", b"", b"\1", bytes(4)))


def vlan_set(make):
    """A bit for each VLAN: VLAN 1, which ports are in mostly, others now and
    then, all there are and more."""
    if make.chance(.1):
        return make.choice((b"\xff", b"\xfe")) + \
            b"\xff" * make.choice((3, 7, 510, 511, 515, 1023))
    vids = [1] * (not make.chance(.2))
    vids += [make.below(4096) for _ in range(make.below(3) * make.chance(.2))]
    return b"".join(
        struct.pack("=I", sum(1 << vid % 32 for vid in set(vids)
                              if vid // 32 == word))
        for word in range(make.choice((0, 1, 1, 2, 128)))) + \
        make.choice((b"", b"", b"", b"", b"\1", bytes(4)))


def mst_many(make):
    """Ranges and instances, as many as may be, fewer or more."""
    most = make.choice((9, 64, 65, 4095))
    return b"".join(struct.pack("=HHH", vid, vid, 1 + vid % most)
                    for vid in range(2, 1 + 2 * make.choice(
                        (9, 256, 257, 2047)), 2))


BRIDGE_EXT = Table({
    VNETBR_BR.FDB_MAX_PORT_LEARNED: number(4, 0, 7, 1000),
    VNETBR_BR.FDB_MAX_LEARNED: number(4, 0, 5, 100),
    VNETBR_BR.FDB_MAX_MOVES: number(4, 0, 1, 100),
    VNETBR_BR.NF_BRIDGE: number(1, 0, 1),
    VNETBR_BR.FDB_MAX_VLAN_LEARNED: number(4, 0, 7, 1000),
    VNETBR_BR.FDB_N_LEARNED: number(4),
    VNETBR_BR.NEIGH_SNOOP: number(1, 0, 1, 1),
    VNETBR_BR.NEIGH_MAX_SNOOPED: number(4, 1, 7, 65536),
    VNETBR_BR.NEIGH_N_SNOOPED: number(4),
    VNETBR_BR.MST_ENABLED: number(1, 0, 1, 1),
    VNETBR_BR.MST: lambda make: mst_many(make) if make.chance(.05) else
        mst_ranges(make),
}, [VNETBR_BR.FDB_MAX_PORT_LEARNED, VNETBR_BR.FDB_MAX_LEARNED,
    VNETBR_BR.FDB_MAX_MOVES, VNETBR_BR.NF_BRIDGE,
    VNETBR_BR.FDB_MAX_VLAN_LEARNED, VNETBR_BR.MST_ENABLED, VNETBR_BR.MST,
    VNETBR_BR.NEIGH_SNOOP, VNETBR_BR.NEIGH_MAX_SNOOPED])

# IFLA_VNETBR_PORT has a number of the kernel's
PORT_NEST = BRPORT.MRP_RING_OPEN
PORT_EXT = Table(plain(PORT_EXT_SIZES) | {
    VNETBR_PORT.COMMUNITY: number(4, 0, 1, 2),
    VNETBR_PORT.FDB_MAX_LEARNED: number(4, 0, 1, 0xffffffff),
    VNETBR_PORT.PAD: raw(0),
    **dict.fromkeys((VNETBR_PORT.NEIGH_SUPPRESS_VLAN,
                     VNETBR_PORT.NEIGH_FORWARD_GRAT_VLAN), vlan_set),
}, [kind for kind in PORT_EXT_SIZES if kind not in PORT_EXT_COUNTERS] +
    [VNETBR_PORT.NEIGH_SUPPRESS_VLAN, VNETBR_PORT.NEIGH_FORWARD_GRAT_VLAN])

PORT_FLAGS = [BRPORT.MODE, BRPORT.LEARNING, BRPORT.UNICAST_FLOOD,
              BRPORT.MCAST_FLOOD, BRPORT.BCAST_FLOOD, BRPORT.ISOLATED,
              BRPORT.LOCKED, BRPORT.MAB, BRPORT.PROXYARP, BRPORT.PROXYARP_WIFI,
              BRPORT.NEIGH_SUPPRESS, BRPORT.NEIGH_VLAN_SUPPRESS,
              BRPORT.NEIGH_FORWARD_GRAT, BRPORT.GUARD, BRPORT.PROTECT]
PORT = Table(plain(PORT_SIZES) | dict.fromkeys(PORT_FLAGS, flag8) | {
    BRPORT.STATE: number(1, 0, 1, 2, 3, 3, 4),
    BRPORT.GROUP_FWD_MASK: number(2, 0, 1, 8, 16),
    BRPORT.BACKUP_PORT: index, BRPORT.COST: number(4, 1, 100, 65535),
    BRPORT.PRIORITY: number(2, 0, 32, 63), PORT_NEST: nest(PORT_EXT),
}, PORT_FLAGS + [PORT_NEST, PORT_NEST, BRPORT.BACKUP_PORT,
                 BRPORT.STATE, BRPORT.FLUSH, BRPORT.GROUP_FWD_MASK,
                 BRPORT.PRIORITY, BRPORT.COST])

TUNNEL = Table({
    **dict.fromkeys(range(1, 35), flag8),
    VXLAN.ID: number(4, 6, 99, 100, 0xffffff),
    VXLAN.GROUP: one_of(*IP4), VXLAN.LOCAL: one_of(*IP4),
    VXLAN.GROUP6: one_of(*IP6), VXLAN.LOCAL6: one_of(*IP6),
    VXLAN.LINK: index, VXLAN.AGEING: number(4, 0, 1, 300),
    VXLAN.LIMIT: number(4, 0, 5, 1000), VXLAN.TTL: number(1, 0, 1, 64),
    VXLAN.TOS: number(1, 0, 1, 4), VXLAN.DF: number(1, 0, 1, 2),
    VXLAN.PORT: number(2, 4789, 4790, 8472, order="big"),
    VXLAN.PORT_RANGE: one_of(b"\x80\0\xf0\0", b"\0\0\0\0", b"\xf0\0\x80\0",
                             b"\0\1\0\1"),
    VXLAN.LABEL: number(4, 0, 1, 0xfffff, order="big"),
    VXLAN.LABEL_POLICY: number(4, 0, 1),
    VXLAN.RESERVED_BITS: raw(8), VXLAN.TTL_INHERIT: one_of(b"", b"\1", b"\0"),
}, [VXLAN.ID, VXLAN.GROUP, VXLAN.LOCAL, VXLAN.GROUP6, VXLAN.LOCAL6, VXLAN.LINK,
    VXLAN.TTL, VXLAN.TOS, VXLAN.LEARNING, VXLAN.AGEING, VXLAN.LIMIT,
    VXLAN.PORT, VXLAN.PORT_RANGE, VXLAN.UDP_CSUM, VXLAN.UDP_ZERO_CSUM6_TX,
    VXLAN.UDP_ZERO_CSUM6_RX, VXLAN.LABEL, VXLAN.DF, VXLAN.TTL_INHERIT])

TUNNEL_EXT = Table({VNETBR_VXLAN.STRICT: flag8,
                    VNETBR_VXLAN.RX_GRO: number(1, 0, 1, 2)})

XDP = Table({1: number(4, 0xffffffff), 3: number(4, 0, 1, 2), 8: number(4)})
INET = Table({n: number(4) for n in range(1, 34)})
INET6 = Table({1: number(4), 2: raw(16), 7: one_of(*IP6), 8: number(1, 0, 1)},
              [8])
FAMILIES = Table({2: lambda make: [Attr(1, INET.attrs(make))],
                  7: lambda make: AF_SPEC.attrs(make),
                  10: nest(INET6), 28: raw(4)})

# What the core knows of each link, and hands to us.
LINK = Table({
    IFLA.ADDRESS: macs, IFLA.BROADCAST: macs, IFLA.LINK: index,
    IFLA.IFNAME: text(*NAMES), IFLA.MTU: number(4, 68, 1400, 1500, 65535),
    IFLA.MASTER: index, IFLA.TXQLEN: number(4, 0, 1, 1000), 11: raw(8),
    14: raw(28), 17: number(1, 0, 1), IFLA.OPERSTATE: number(1, 0, 5, 6),
    IFLA.NET_NS_PID: number(4, 0x7ffffff), 20: text("alias", ""),
    22: lambda make: [Attr(1, [Attr(1, raw(36)(make))])],
    24: lambda make: [Attr(1, [Attr(1, raw(4)(make))])],
    IFLA.AF_SPEC: nest(FAMILIES, 2), 27: number(4, 0, 1, 2),
    IFLA.NET_NS_FD: number(4, OTHER_NS_FD, OTHER_NS_FD, 0),
    IFLA.EXT_MASK: number(4, 0, 1, 8, 9), 30: number(4, 0, 1),
    IFLA.NUM_TX_QUEUES: number(4, 1, 2, 16),
    IFLA.NUM_RX_QUEUES: number(4, 1, 2, 16), IFLA.CARRIER: flag8,
    IFLA.LINK_NETNSID: number(4, OTHER_NS_ID), 39: flag8,
    40: number(4, 1, 65535), 41: number(4, 1, 65536), 43: nest(XDP, 2),
    IFLA.TARGET_NETNSID: number(4, OTHER_NS_ID), 49: number(4, 60, 61),
    50: macs, 53: text(*NAMES), 58: number(4, 65536), 59: number(4, 65536),
    61: number(4), 62: nest(TUNNEL, 1), 63: number(4, 65536),
}, [IFLA.ADDRESS, IFLA.MTU, IFLA.MTU, IFLA.MASTER, IFLA.MASTER, IFLA.TXQLEN,
    20, 39, IFLA.NUM_TX_QUEUES, IFLA.NUM_RX_QUEUES, IFLA.CARRIER])

PEER = Table({**LINK.makers, IFLA.IFNAME: text(*NAMES, "p%d", "")},
             [IFLA.IFNAME, IFLA.ADDRESS, IFLA.MTU, IFLA.NUM_TX_QUEUES])
ANYTHING = Table({n: raw(4) for n in range(1, 66)})


def peer(make):
    """Body of IFLA_VNETBR_PEER: a header and attributes."""
    return vnb.ifinfomsg(make.choice((0, 0, 0, 61, 62, make.index())),
                         flags=make.choice((0, 0, 1)),
                         change=make.choice((0, 0, 1)))


def vlan_info(make):
    """struct bridge_vlan_info: flags and a VLAN"""
    return struct.pack("=HH", make.choice((
        0, 0, 0, 2, 4, 4, 6, 8, 12, 16, 20, 32, 1, make.below(1 << 16))),
        make.choice((1, 5, 7, 7, 10, 100, 4093, 4094, 0, 4095,
                     make.below(4096), make.below(1 << 16))))


def vlan_range(make):
    """Two of them, which are a range, mostly from low to high."""
    ends = sorted(1 + make.below(4094) for _ in range(2))
    if make.chance(.1):
        ends.reverse()
    flags = make.choice((0, 0, 4, 6))
    return [Attr(2, struct.pack("=HH", flags | end, vid))
            for end, vid in zip((8, 16), ends)]


TUNNEL_INFO = Table({1: number(4, 5, 0xffffff), 2: number(2, 0, 0, 1),
                     3: number(2, 0)}, [1, 2])
MRP = Table({n: number(4, 1) for n in range(1, 11)})
MST_ENTRY = Table({1: number(2, 0, 1, 3, 3, 4095), 2: number(1, 0, 2, 3, 3, 4)})


def mst_entry(make):
    """An instance and a state, mostly both."""
    if make.chance(.2):
        return MST_ENTRY.attrs(make)
    return [MST_ENTRY.attr(make, kind) for kind in (1, 2)]


MST = Table({1: mst_entry})
# Of IFLA_AF_SPEC of PF_BRIDGE: its flags, then what is for others, all of it
AF_SPEC = Table({0: number(2, 1, 1, 2, 2, 3, 0), 1: number(2, 0, 1, 0xffff),
                 2: vlan_info, 3: nest(TUNNEL_INFO, 3), 4: nest(MRP, 2),
                 5: nest(MRP, 2), 6: nest(MST, 1)}, [0, 0, 3, 2, 2, 2, 6])

NEIGHBOUR = Table(plain(NDA_SIZES) | {
    NDA.DST: lambda make: make.choice(make.choice((IP4, IP4, IP6))),
    NDA.LLADDR: macs, NDA.IFINDEX: index, NDA.MASTER: index,
    NDA.VLAN: number(2, 0, 1, 7, 4094), NDA.VNI: number(4, 99, 6, 5),
    NDA.SRC_VNI: number(4, 99, 6, 5), NDA.PORT: number(2, 4789, 8472),
    NDA.FLAGS_EXT: number(4, 0, 1), NDA.NDM_STATE_MASK: number(
        2, 0, 0x40, 0x80, 0xc0), NDA.NDM_FLAGS_MASK: number(1, 0, 2, 16, 64),
    NDA.FDB_EXT_ATTRS: nest(Table({1: number(1, 0, 1, 3), 2: raw(0)}), 2),
}, [NDA.DST, NDA.IFINDEX, NDA.PORT, NDA.VNI])

# A frame that is only talked about
QUESTION = Table({
    why.A.IFINDEX: index, why.A.SRC: macs, why.A.DST: macs,
    why.A.VLAN_ID: number(2, 0, 1, 7, 4094),
    why.A.VLAN_PROTO: number(2, 0x8100, 0x88a8, order="big"),
    why.A.VLAN_PRIO: number(1, 0, 7),
    why.A.LENGTH: number(4, 14, 60, 1514, 1600, 65549),
    why.A.ETHERTYPE: number(2, 0x800, 0x88b5, order="big"),
    why.A.PAYLOAD: raw(28), why.A.EGRESS_IFINDEX: index,
    **{kind: raw(4) for kind in range(11, 19)},
}, [why.A.VLAN_ID, why.A.VLAN_PROTO, why.A.LENGTH, why.A.ETHERTYPE])

MDB_ENTRY = Table({1: one_of(*IP4, *IP6), 2: raw(8), 3: number(1),
                   4: number(4)})
VLAN_ENTRY = Table({1: raw(4), 2: number(2, 5), 3: number(1, 3),
                    4: nest(TUNNEL_INFO), 5: flag8, 6: number(1)})
