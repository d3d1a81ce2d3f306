# SPDX-License-Identifier: GPL-2.0
"""Messages of netlink made by chance, which know what is valid, and where.

A message is first made well formed out of netlink_tables.py, as a tree of
attributes, and then about half of them are spoilt: see SPOIL. Which message
has a number depends on nothing but that number, the seed, and the indexes of
the devices.
"""
import random
import struct

import vnb
import why
from netlink_tables import (AF_SPEC, ANYTHING, BRIDGE, BRIDGE_EXT, IP4, IP6,
                            LINK, MDB_ENTRY, MST, NAMES, NEIGHBOUR, NESTED,
                            NET_BYTEORDER, PEER, PORT, QUESTION, TUNNEL,
                            TUNNEL_EXT, TUNNEL_INFO, VLAN_ENTRY, Attr, index,
                            macs, number, peer, text, vlan_range)
from refusal import APPEND, CREATE, EXCL, NLM_F_BULK, REPLACE
from vnb import BRPORT, IFLA, INFO, NDA, VNETBR, VXLAN

RTM_NEWMDB, RTM_DELMDB, RTM_GETMDB = 84, 85, 86
RTM_NEWVLAN, RTM_DELVLAN, RTM_GETVLAN = 112, 113, 114
RTM_GETSTATS = 94
NLM_F_ECHO = 8
WHY = 0x10000       # the type of a message of generic netlink is not known yet
BATCH = 16          # messages that are sent at a time


def tables_only(nr):
    """Does message @nr come while a dump is watched? It leaves links alone,
    whose own addresses come and go, and are dumped before the tables."""
    return nr // BATCH % 8 == 3


class Message:
    """@head is the header of the family, @attrs what is behind it."""

    def __init__(self, kind, head, attrs, flags=0):
        self.kind, self.head, self.attrs, self.flags = kind, head, attrs, flags
        self.cut = 0

    def body(self):
        """What comes after struct nlmsghdr."""
        whole = self.head + b"".join(attr.bytes() for attr in self.attrs)
        return whole[:len(whole) - self.cut]

    def __str__(self):
        return f"type {self.kind} flags {self.flags:#x} {self.head.hex()} " + \
            " ".join(map(str, self.attrs)) + \
            (f" less {self.cut} bytes" if self.cut else "")


class Maker:
    """Messages of the seed @seed for devices {name: index}."""

    MODES = {"br0": "bridge", "br1": "bridge", "p0": "pair", "p1": "pair",
             "q0": "pair", "vx0": "vxlan", "vx6": "vxlan"}

    def __init__(self, seed, indexes):
        self.seed, self.indexes = seed, indexes
        self.known = list(indexes.values())
        self.rng = random.Random()
        self.below, self.choice = self.rng.randrange, self.rng.choice

    def message(self, nr):
        """Number @nr."""
        # as one number, which is quicker than a text
        self.rng.seed(self.seed << 64 | nr)
        makers, weights = zip(*(TABLES if tables_only(nr) else
                                ENTRIES).items())
        message = self.rng.choices(makers, weights)[0](self)
        if self.chance(.05):
            message.flags |= NLM_F_ECHO
        # a table that is to change needs messages that are good
        often = (0, 0, 0, 0, 0, 0, 1) if tables_only(nr) else \
            (0, 0, 0, 1, 1, 1, 2, 3)
        for _ in range(self.choice(often)):
            spoil(self, message)
        if message.kind & 3 == 2:
            message.flags &= ~vnb.NLM_F_DUMP
        return message

    def chance(self, of_one):
        return self.rng.random() < of_one

    def bytes(self, size):
        return bytes(self.choice((0, 0, 1, 2, 255, self.below(256)))
                     for _ in range(size))

    def index(self):
        """Of a device, mostly one that is there."""
        if self.chance(.85):
            return self.choice(self.known)
        return self.choice((0, -1, 4242, 60, 61, 62, 0x7fffffff,
                            max(self.known) + 1 + self.below(8)))

    def device(self, *modes):
        """Index of a device of one of the @modes, mostly."""
        if self.chance(.1):
            return self.index()
        return self.indexes[self.choice([
            name for name, mode in self.MODES.items()
            if not modes or mode in modes])]

    def link_head(self, index_, family=0):
        flags, change = self.choice(((0, 0),) * 12 + (
            (1, 1), (1, 1), (0, 1), (0x1000, 0x1000), (0x100, 0x100),
            (0xffffffff, 0), (0, 0xffffffff), (0x41, 0)))
        return vnb.ifinfomsg(index_, family, flags, change)


def mode_data(make, mode, peers=.1):
    """Attributes of IFLA_INFO_DATA; a pair has so many @peers."""
    data = [Attr(VNETBR.MODE, bytes([vnb.MODE[mode]]))] \
        if make.chance(.7) else []
    if mode == "pair":
        if make.chance(peers):
            data.append(Attr(VNETBR.PEER, PEER.attrs(make), head=peer(make)))
        return data
    inner, ext = (BRIDGE, BRIDGE_EXT) if mode == "bridge" else \
        (TUNNEL, TUNNEL_EXT)
    number_ = VNETBR.BRIDGE if mode == "bridge" else VNETBR.VXLAN
    data.append(Attr(number_, inner.attrs(make, 3)))
    if make.chance(.3):
        data.append(Attr(number_ + 2, ext.attrs(make, 2)))
    return data


def linkinfo(kind, data):
    return Attr(IFLA.LINKINFO, [Attr(INFO.KIND, kind.encode() + b"\0"),
                                Attr(INFO.DATA, data)])


def create(make):
    """A new device of any kind."""
    mode = make.choice(list(vnb.MODE))
    kind = "vnetbr"
    data = mode_data(make, mode, .7)
    if mode == "vxlan" and make.chance(.8):
        nests = [attr for attr in data if attr.kind == VNETBR.VXLAN]
        nests[0].body.append(TUNNEL.attr(make, VXLAN.ID))
    if mode != "bridge" and make.chance(.4):
        kind += "_" + mode
    elif mode != "bridge" and data[:1] and data[0].kind != VNETBR.MODE:
        data.insert(0, Attr(VNETBR.MODE, bytes([vnb.MODE[mode]])))
    attrs = LINK.attrs(make, 2) + [linkinfo(kind, data)]
    if make.chance(.9):
        attrs.insert(0, LINK.attr(make, IFLA.IFNAME))
    head = make.link_head(make.choice((0, 0, 0, 60, 61, make.index())))
    return Message(vnb.RTM_NEWLINK, head, attrs,
                   make.choice((CREATE | EXCL, CREATE | EXCL, CREATE,
                                CREATE | REPLACE)))


def change(make):
    """A device that is there, by its index or its name."""
    name = make.choice(list(make.MODES))
    attrs = LINK.attrs(make, 1) if make.chance(.3) else []
    attrs.append(linkinfo("vnetbr", mode_data(make, make.MODES[name])))
    at = make.indexes[name]
    if make.chance(.2):
        at, attrs = 0, [Attr(IFLA.IFNAME, name.encode() + b"\0")] + attrs
    return Message(vnb.RTM_NEWLINK, make.link_head(at), attrs,
                   make.choice((0,) * 7 + (CREATE, EXCL, REPLACE)))


def link(make):
    """What the core does to any link."""
    kind = make.choice((vnb.RTM_NEWLINK, vnb.RTM_SETLINK, vnb.RTM_GETLINK))
    attrs = LINK.attrs(make, 3)
    if kind == vnb.RTM_GETLINK:
        attrs = [attr for attr in attrs if make.chance(.2)]
        attrs += [Attr(IFLA.EXT_MASK, number(4, 1, 8, 9)(make))]
    return Message(kind, make.link_head(make.device()), attrs)


def delete_link(make):
    """What create() made, or now and then one that others need."""
    if make.chance(.98):
        return Message(vnb.RTM_DELLINK, vnb.ifinfomsg(), [
            Attr(IFLA.IFNAME, text(*NAMES)(make))])
    if make.chance(.3):
        return Message(vnb.RTM_DELLINK, vnb.ifinfomsg(), [
            LINK.attr(make, 27)])
    return Message(vnb.RTM_DELLINK, vnb.ifinfomsg(make.index()), [])


def slave(make):
    """Options of a port, by way of its master's kind."""
    info = [Attr(INFO.SLAVE_KIND, text("vnetbr", "vnetbr", "bridge")(make)),
            Attr(INFO.SLAVE_DATA, PORT.attrs(make))]
    if make.chance(.1):
        info = linkinfo("vnetbr", mode_data(make, "pair")).body + info
    return Message(vnb.RTM_NEWLINK, make.link_head(make.indexes[make.choice(
        ("p0", "q0", "vx0", "p0", "vx0", "br0"))]),
        [Attr(IFLA.LINKINFO, info)])


def bridge_link(make):
    """bridge link set, bridge vlan add, and so on, by PF_BRIDGE."""
    attrs = []
    if make.chance(.6):
        attrs.append(Attr(IFLA.PROTINFO, PORT.attrs(make, 3)))
    elif make.chance(.2):
        attrs.append(Attr(IFLA.PROTINFO, number(1, 0, 3, 4)(make)))
    if make.chance(.7):
        spec = AF_SPEC.attrs(make, 3)
        if make.chance(.3):
            spec += vlan_range(make)
        attrs.append(Attr(IFLA.AF_SPEC, spec))
    return Message(make.choice((vnb.RTM_SETLINK, vnb.RTM_SETLINK,
                                vnb.RTM_DELLINK)),
                   vnb.ifinfomsg(make.indexes[make.choice(
                       ("p0", "q0", "vx0"))] if make.chance(.7) else
                       make.device(), vnb.AF_BRIDGE), attrs)


def bridge_self(make):
    """What PF_BRIDGE says to a tunnel."""
    spec = [Attr(0, b"\2\0"), Attr(3, TUNNEL_INFO.attrs(make, 3))]
    attrs = [Attr(IFLA.AF_SPEC, spec[:1 + make.below(2)])]
    if make.chance(.7):
        attrs.append(Attr(IFLA.PROTINFO, [PORT.attr(make, BRPORT.LEARNING)]))
    return Message(vnb.RTM_SETLINK, vnb.ifinfomsg(make.device("vxlan"),
                                                  vnb.AF_BRIDGE), attrs)


# What makes an entry of a device a good one
BEHIND = {"br0": ("p0", "vx0", "p0", "br0"), "br1": ("q0",)}
REMOTES = {"vx0": IP4[:3], "vx6": IP6[:3]}


def entry(make):
    """An entry of a bridge or a tunnel: new, gone, or asked for."""
    kind = make.choice((vnb.RTM_NEWNEIGH,) * 4 + (vnb.RTM_DELNEIGH,
                                                  vnb.RTM_GETNEIGH))
    name = make.choice(("br0", "br0", "br1", "vx0", "vx0", "vx6"))
    # so many that mostly one is new
    mac = macs(make) if make.chance(.6) else \
        vnb.mac("02:00:00:00:fc:00")[:5] + bytes([make.below(64)])
    attrs = [Attr(NDA.LLADDR, mac)]
    if name in REMOTES:
        attrs.append(Attr(NDA.DST, make.choice(REMOTES[name])))
    elif make.chance(.8):
        port = make.indexes[make.choice(BEHIND[name])]
        attrs.append(Attr(NDA.IFINDEX, struct.pack("=i", port)))
    if kind == vnb.RTM_GETNEIGH:
        del attrs[1:]
    if make.chance(.2):
        attrs += [attr for attr in NEIGHBOUR.attrs(make, 2)
                  if attr.kind != NDA.LLADDR]
    flags = make.choice((0, CREATE, CREATE, CREATE | EXCL, CREATE | APPEND,
                         CREATE | APPEND, CREATE | REPLACE, REPLACE))
    if name in BEHIND:
        flags &= ~APPEND
    head = neighbour(make, make.indexes[name])
    if kind == vnb.RTM_GETNEIGH and make.chance(.8):
        head = vnb.ndmsg(make.indexes[name], flags=2)
    return Message(kind, head, attrs, flags)


def neighbour(make, index_):
    """struct ndmsg"""
    return vnb.ndmsg(index_, make.choice((
        0x80, 0x80, 0x80, 0xc0, 0xc0, 0xc0, 0x40, 2, 0, 0x42,
        make.below(1 << 16))),
        make.choice((2,) * 8 + (3, 6, 0x12, 0x42, 0x82, 0, 4,
                                make.below(256))))


def bulk(make):
    """Many entries are deleted."""
    attrs = [attr for attr in NEIGHBOUR.attrs(make, 2)
             if attr.kind != NDA.LLADDR]
    if make.chance(.6):
        attrs.clear()
    for kind in NDA.NDM_STATE_MASK, NDA.NDM_FLAGS_MASK:
        # mostly with a mask, because a flush of all leaves little to do
        if make.chance(.8):
            attrs.append(NEIGHBOUR.attr(make, kind))
    at = make.device("bridge", "vxlan")
    head = neighbour(make, at)
    if make.chance(.7):
        head = vnb.ndmsg(at, make.choice((0, 0x40, 0x80, 0xc0)),
                         make.choice((2, 2, 6, 0x12, 0x42)))
    return Message(vnb.RTM_DELNEIGH, head, attrs, NLM_F_BULK)


def group_entry(make):
    """bridge mdb"""
    body = struct.pack("=IBBH", make.index() & 0xffffffff, 1, 0, 0) + \
        make.choice(IP4 + IP6).ljust(16, b"\0") + make.choice(
            (b"\x08\0", b"\x86\xdd", b"\0\0")) + b"\0\0"
    attrs = [Attr(1, body)]
    if make.chance(.5):
        attrs.append(Attr(2, MDB_ENTRY.attrs(make)))
    return Message(make.choice((RTM_NEWMDB, RTM_DELMDB, RTM_GETMDB)),
                   struct.pack("=Bxxxi", vnb.AF_BRIDGE, make.device()), attrs,
                   make.choice((0, CREATE, CREATE | EXCL, NLM_F_BULK)))


def vlan_entry(make):
    """bridge vlan global, and states of spanning trees"""
    table = make.choice((VLAN_ENTRY, MST))
    return Message(make.choice((RTM_NEWVLAN, RTM_DELVLAN)),
                   struct.pack("=Bxxxi", vnb.AF_BRIDGE, make.device()),
                   [Attr(make.choice((1, 2)), table.attrs(make))])


def statistics(make):
    return Message(RTM_GETSTATS, struct.pack(
        "=BxxxiI", make.choice((0, 7)), make.index(), 1 << make.below(6)), [])


def question(make):
    """What would become of a frame?"""
    at = make.indexes[make.choice(("p0", "q0", "vx0", "br0", "br1"))] \
        if make.chance(.9) else make.index()
    attrs = [Attr(why.A.IFINDEX, struct.pack("=i", at)),
             QUESTION.attr(make, why.A.SRC), QUESTION.attr(make, why.A.DST)]
    attrs += [attr for attr in QUESTION.attrs(make, 3)
              if attr.kind not in (why.A.IFINDEX, why.A.SRC, why.A.DST)]
    return Message(WHY, why.Why.head(why.CMD_WHY), attrs)


# How often which; what makes or deletes devices takes long.
ENTRIES = {create: 3, change: 20, link: 5, delete_link: 2, slave: 15,
           bridge_link: 15, bridge_self: 6, entry: 28, bulk: 3,
           group_entry: 1, vlan_entry: 1, statistics: 1, question: 8}
TABLES = {entry: 16, bulk: 1, bridge_link: 2, bridge_self: 1}


def table_dump(make):
    """(type, body) of a dump of the entries of one device."""
    return vnb.RTM_GETNEIGH, vnb.ndmsg(make.indexes[make.choice(
        ("br0", "vx0"))])


def any_dump(make):
    """(type, body) of any dump."""
    return make.choice((
        table_dump(make), (vnb.RTM_GETNEIGH, vnb.ndmsg(0)),
        (vnb.RTM_GETNEIGH, vnb.ndmsg(0) + Attr(
            NDA.MASTER, index(make)).bytes()),
        (vnb.RTM_GETLINK, vnb.ifinfomsg()),
        (vnb.RTM_GETLINK, vnb.ifinfomsg() + b"".join(
            attr.bytes() for attr in LINK.attrs(make, 1))),
        (vnb.RTM_GETLINK, vnb.ifinfomsg(family=vnb.AF_BRIDGE)),
        (vnb.RTM_GETLINK, vnb.ifinfomsg(family=vnb.AF_BRIDGE) + vnb.u32(
            IFLA.EXT_MASK, make.choice((2, 4, 16, 0x16, 0x80, 0x84)))),
        (RTM_GETMDB, struct.pack("=Bxxxi", vnb.AF_BRIDGE, 0)),
        (RTM_GETVLAN, struct.pack("=Bxxxi", vnb.AF_BRIDGE, 0)),
        (RTM_GETSTATS, struct.pack("=BxxxiI", 0, 0, 0x3f))))


## what is spoilt

def places(attrs):
    """(list, position) of each attribute of a tree."""
    for at, attr in enumerate(attrs):
        yield attrs, at
        if isinstance(attr.body, list):
            yield from places(attr.body)


def wrong_size(make, attrs, at):
    attrs[at].body = make.bytes(make.choice((0, 1, 2, 3, 4, 5, 7, 8, 16, 33)))


def wrong_value(make, attrs, at):
    body = attrs[at].body
    if isinstance(body, bytes):
        attrs[at].body = make.choice((b"\xff" * len(body), bytes(len(body)),
                                      make.bytes(len(body))))


def wrong_number(make, attrs, at):
    attrs[at].kind = make.choice((0, make.below(70), 255, 0x3fff))


def wrong_flag(make, attrs, at):
    attrs[at].flags ^= make.choice((NESTED, NESTED, NET_BYTEORDER))


def wrong_length(make, attrs, at):
    attrs[at].length = make.choice((0, 1, 3, 4, 5, make.below(64), 0xffff))


def wrong_nest(make, attrs, at):
    """Put into what holds something else, or nothing."""
    attrs[at].body = make.choice((
        [attrs[at].copy()], ANYTHING.attrs(make, 3), TUNNEL.attrs(make, 2),
        BRIDGE.attrs(make, 2), PORT.attrs(make, 2), AF_SPEC.attrs(make, 2)))


def twice(make, attrs, at):
    attrs.insert(at, attrs[at].copy())


def left_out(make, attrs, at):
    del attrs[at]


def elsewhere(make, attrs, at):
    """Moved to the end of another level."""
    attr = attrs.pop(at)
    make.top.append(attr)


def foreign(make, attrs, at):
    """Beside it, what belongs to another table, or to another mode."""
    table = make.choice((BRIDGE, TUNNEL, PORT, NEIGHBOUR, LINK, AF_SPEC,
                         ANYTHING))
    attrs.insert(at + make.below(2), table.attr(make))


def many(make, attrs, at):
    attrs[at:at] = [attrs[at].copy() for _ in range(make.choice((3, 20, 200)))]


SPOIL = [wrong_size, wrong_size, wrong_value, wrong_value, wrong_number,
         wrong_flag, wrong_length, wrong_nest, twice, left_out, elsewhere,
         foreign, foreign, many]


def spoil(make, message):
    """Make something of @message wrong, mostly."""
    what = list(places(message.attrs))
    if make.chance(.04) or not what:
        message.head = make.choice((
            message.head[:make.below(len(message.head) + 1)],
            make.bytes(len(message.head)), message.head + bytes(4)))
    elif make.chance(.05):
        message.cut = make.below(8)
    elif make.chance(.05):
        message.flags = make.below(1 << 12) & ~7
    else:
        make.top = message.attrs
        make.choice(SPOIL)(make, *make.choice(what))
