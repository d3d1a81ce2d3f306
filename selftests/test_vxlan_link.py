#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""Tunnels as links: life, options, refusals; see py/vxlan_lab.py for a picture.

Every option is set at creation and read back, by netlink and by ip; it is
changed while the tunnel is up, after which exactly that option differs, in the
dump and in the packets; whatever is refused names the option and changes
nothing.
"""
import json
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
import vxlan_packet as packet  # noqa: E402
from vnb import VNETBR_VXLAN, VXLAN, NlError  # noqa: E402
from vxlan_lab import (ADDRESS, IN_TREE, MAC_B, MAC_FAR, MAC_VX, REMOTE, Lab,
                       check, check_eq)  # noqa: E402

GROUP = {4: "233.252.0.1", 6: "ff0e::db8:1"}
OTHER = {4: "192.0.2.9", 6: "2001:db8::9"}
THIRD = {4: "192.0.2.3", 6: "2001:db8::3"}

# What a tunnel of which only the id was said dumps.
DEFAULTS = {
    VXLAN.ID: struct.pack("=I", 7), VXLAN.LINK: bytes(4),
    VXLAN.TTL: b"\0", VXLAN.TOS: b"\0", VXLAN.LEARNING: b"\1",
    VXLAN.AGEING: struct.pack("=I", 300),
    VXLAN.LIMIT: struct.pack("=I", 65536),
    VXLAN.PORT_RANGE: struct.pack("!HH", 49152, 65535),
    VXLAN.PORT: struct.pack("!H", 4789), VXLAN.UDP_CSUM: b"\1",
    VXLAN.UDP_ZERO_CSUM6_TX: b"\0", VXLAN.UDP_ZERO_CSUM6_RX: b"\0",
    VXLAN.LABEL: bytes(4), VXLAN.TTL_INHERIT: b"\0", VXLAN.DF: b"\0",
    VXLAN.LOCALBYPASS: b"\0",
    ("ext", VNETBR_VXLAN.STRICT): b"\0", ("ext", VNETBR_VXLAN.RX_GRO): b"\1",
}

# What `ip -d -j link` has for an option.
JSON = {
    "id": lambda v: {"id": v},
    "dstport": lambda v: {"port": v},
    "srcport": lambda v: {"port_range": {"low": v[0], "high": v[1]}},
    "local": lambda v: {"local6" if ":" in v else "local": v},
    "remote": lambda v: {"remote6" if ":" in v else "remote": v},
    "group": lambda v: {"group6" if ":" in v else "group": v},
    "dev": lambda v: {"link": v},
    "ttl": lambda v: {"ttl": v},
    "ttl_inherit": lambda v: {},    # not in JSON
    "tos": lambda v: {"tos": hex(v)} if v else {},
    "df": lambda v: {"df": ["unset", "set", "inherit"][v]} if v else {},
    "flowlabel": lambda v: {"label": hex(v)},
    "learning": lambda v: {"learning": bool(v)},
    "ageing": lambda v: {"ageing": v},
    "maxaddress": lambda v: {"limit": v} if v else {},
    "udpcsum": lambda v: {"udp_csum": bool(v)},
    "udp6zerocsumtx": lambda v: {"udp_zero_csum6_tx": bool(v)},
    "udp6zerocsumrx": lambda v: {"udp_zero_csum6_rx": bool(v)},
    "strict": lambda v: {"strict": bool(v)},
    "rx_gro": lambda v: {"rx_gro": ["off", "auto", "on"][v]},
}

# Values of an option, the last one not the default, for a family of underlay.
VALUES = {
    "id": lambda f: [0, 1, 0xffffff],
    "dstport": lambda f: [1, 65535, 4790],
    "srcport": lambda f: [(1, 65535), (40000, 40000), (1024, 2047)],
    "local": lambda f: [OTHER[f]],
    "remote": lambda f: [THIRD[f]],
    "group": lambda f: [GROUP[f]],
    "dev": lambda f: ["eth0", "eth1"],
    "ttl": lambda f: [1, 255, 31],
    "ttl_inherit": lambda f: [1],
    "tos": lambda f: [0x04, 0xfc, 1, 0x28],
    "df": lambda f: [1, 2],
    "flowlabel": lambda f: [1, 0xfffff, 0xabcde] if f == 6 else [],
    "learning": lambda f: [0],
    "ageing": lambda f: [0, 1, 0xffffffff, 77],
    "maxaddress": lambda f: [0, 0xffffffff, 1],
    "udpcsum": lambda f: [0],
    "udp6zerocsumtx": lambda f: [1],
    "udp6zerocsumrx": lambda f: [1],
    "strict": lambda f: [1],
    "rx_gro": lambda f: [0, 2],
}
if IN_TREE:
    for ours in "strict", "rx_gro":
        del VALUES[ours]
    VALUES["ageing"] = lambda f: [1, 0xffffffff, 77]
    # what the kernel's own driver does not change
    FIXED = {"id", "dstport", "srcport", "maxaddress", "udpcsum", "dev",
             "ttl_inherit", "udp6zerocsumtx", "udp6zerocsumrx"}
else:
    FIXED = set()

# Attributes that an option may change.
ATTRIBUTES = {
    "id": {VXLAN.ID}, "dstport": {VXLAN.PORT}, "srcport": {VXLAN.PORT_RANGE},
    "local": {VXLAN.LOCAL, VXLAN.LOCAL6},
    "remote": {VXLAN.GROUP, VXLAN.GROUP6},
    "group": {VXLAN.GROUP, VXLAN.GROUP6, VXLAN.LINK},
    "dev": {VXLAN.LINK}, "ttl": {VXLAN.TTL, VXLAN.TTL_INHERIT},
    "ttl_inherit": {VXLAN.TTL_INHERIT}, "tos": {VXLAN.TOS},
    "df": {VXLAN.DF}, "flowlabel": {VXLAN.LABEL},
    "learning": {VXLAN.LEARNING}, "ageing": {VXLAN.AGEING},
    "maxaddress": {VXLAN.LIMIT}, "udpcsum": {VXLAN.UDP_CSUM},
    "udp6zerocsumtx": {VXLAN.UDP_ZERO_CSUM6_TX},
    "udp6zerocsumrx": {VXLAN.UDP_ZERO_CSUM6_RX},
    "strict": {("ext", VNETBR_VXLAN.STRICT)},
    "rx_gro": {("ext", VNETBR_VXLAN.RX_GRO)},
}

INNER_TTL, INNER_TOS = 7, 0x48
MAC_UNKNOWN = "02:00:00:00:0f:99"


def make_lab(family):
    """With a second underlay device, eth1, and addresses to change to."""
    lab = Lab(family)
    lab_.veth(lab.nl, "eth1", lab.b, "eth1", "02:00:00:00:0a:03",
              "02:00:00:00:0b:03")
    lab_.ethtool(lab.a, "eth1", struct.pack("=II", lab_.ETHTOOL_STXCSUM, 0))
    lab.other = lab_.frames.Tap(lab.b, "eth1")
    prefix = 24 if family == 4 else 64
    lab_.address_add(lab.nl, "eth0", OTHER[family], prefix)
    for dev in "eth0", "eth1":
        for address in REMOTE[family], THIRD[family]:
            lab_.neighbour_add(lab.nl, dev, address, MAC_B)
    return lab


def chosen_for(lab, name, value):
    """Options that set @name: a group needs a device."""
    if name == "group":
        return {"remote": value, "dev": "eth0"}
    return {name: value}


def check_flow(lab, model, name="vx0"):
    """Frames pass in both directions and look like the options in @model."""
    family = lab.family
    model = lab.defaults(**model)
    get = model.get
    inner = packet.inner_ipv4(MAC_UNKNOWN, MAC_VX, INNER_TOS, INNER_TTL, df=1)
    if lab.other:
        lab.other.frames()
    if get("dev") == "eth1":
        check_eq("packets from eth0", len(lab.encapsulated(inner, name)), 0)
        found = [packet.Packet.parse(frame) for frame in lab.other.frames()]
        found = [pkt for pkt in found if pkt]
    else:
        found = lab.encapsulated(inner, name)
        if lab.other:
            check_eq("frames from eth1", len(lab.other.frames()), 0)
    check_eq("packets for a frame", len(found), 1)
    pkt = found[0]

    group = get("remote") == GROUP[family]
    ttl = INNER_TTL if get("ttl_inherit") else get("ttl") or (1 if group else
                                                              64)
    tos = INNER_TOS if get("tos") == 1 else get("tos", 0)
    want = {"family": family, "vni": get("id"), "dport": get("dstport"),
            "src": get("local"), "dst": get("remote"), "ttl": ttl, "tos": tos,
            "inner": inner, "flags": packet.I_FLAG, "reserved": 0}
    if family == 4:
        want["df"] = int(get("df", 0) != 0)
        csum = get("udpcsum", 1)
    else:
        want["label"] = get("flowlabel", 0)
        csum = not get("udp6zerocsumtx", 0)
    want["csum_ok"] = True if csum else None
    if not get("local"):
        del want["src"]
    for field, value in want.items():
        check_eq(f"outer {field}", getattr(pkt, field), value)
    low, high = get("srcport") or ((32768, 60999) if IN_TREE else
                                   (49152, 65535))
    check(f"source port {low}-{high}", low <= pkt.sport <= high, pkt.sport)

    check_back(lab, model, name)


def check_back(lab, model, name="vx0"):
    """Frames that the tester sends to a tunnel are received, and learned."""
    get = lab.defaults(**model).get
    remote = get("remote")
    if remote == GROUP[lab.family]:
        remote = REMOTE[lab.family]
    back = packet.inner_ipv4(MAC_VX, MAC_FAR)
    if get("dev") != "eth1":
        outer = lab.packet(back, vni=get("id"), dport=get("dstport"),
                           src=remote, dst=get("local") or lab.local)
        check_eq("frames received", lab.received(outer, name=name), [back])


def check_changed(lab, name, value):
    """What an option does beside how packets look."""
    family = lab.family
    inner = packet.inner_ipv4(MAC_FAR, MAC_VX)
    if name in ("id", "dstport") and value not in (100, 4789):
        check_eq("frames to the old one",
                 lab.received(lab.packet(packet.inner_other(MAC_VX, MAC_FAR))),
                 [])
    elif name == "learning":
        lab_.fdb_flush_learned(lab)
        back = packet.inner_other(MAC_VX, MAC_FAR)
        lab.inject(lab.packet(back, src=THIRD[family]))
        dst = THIRD[family] if value else REMOTE[family]
        check_eq("learned", lab.one(inner).dst, dst)
    elif name == "maxaddress":
        learned = 0
        lab_.fdb_flush_learned(lab)
        for i in range(3):
            mac = f"02:00:00:00:0e:{i:02x}"
            lab.inject(lab.packet(packet.inner_other(MAC_VX, mac),
                                  src=THIRD[family]))
            learned += lab.one(packet.inner_other(mac, MAC_VX)).dst == \
                THIRD[family]
        check_eq("addresses learned", learned, min(value or 3, 3))
    elif name == "udp6zerocsumrx" and family == 6:
        back = packet.inner_other(MAC_VX, MAC_FAR)
        check_eq("received without checksum",
                 len(lab.received(lab.packet(back, csum=0))), value)
    elif name == "strict":
        back = packet.inner_other(MAC_VX, MAC_FAR)
        check_eq("received with a reserved bit",
                 len(lab.received(lab.packet(back, reserved=1))), 1 - value)
    elif name == "df" and family == 4:
        inner = packet.inner_ipv4(MAC_UNKNOWN, MAC_VX, df=0)
        check_eq("DF for a packet without", lab.one(inner, "vx0").df,
                 int(value == 1))


## tests

def needs_nothing_but_an_id():
    lab = Lab()
    lab.nl.newlink("vx0", lab_.linkinfo([vnb.u32(VXLAN.ID, 7)]))
    link = lab.nl.link("vx0")
    if not IN_TREE:
        check_eq("kind", link.kind, "vnetbr")
        check_eq("dump", lab.dump(), DEFAULTS)
    lab.nl.setlink("vx0", up=True)
    check("it is up", lab.nl.link("vx0").flags & 1)
    lab.nl.dellink("vx0")
    check_eq("links", len(lab.nl.links()), 2)


def lives_and_dies():
    lab = make_lab(4)
    for _ in range(2):
        lab.create(up=False)
        check_eq("UDP ports while down", udp_ports(lab), [])
        for _ in range(2):
            lab.up()
            check_eq("UDP ports while up", udp_ports(lab), [4789])
            check_flow(lab, {})
            lab.down()
            check_eq("UDP ports while down", udp_ports(lab), [])
        lab.up()
        lab.delete()
        check_eq("UDP ports without it", udp_ports(lab), [])


def udp_ports(lab):
    """Ports of UDP sockets in the namespace of the tunnel."""
    found = []
    with vnb.netns(lab.a):
        for path in "udp", "udp6":
            with open(f"/proc/thread-self/net/{path}") as f:
                found += [int(line.split()[1].split(":")[1], 16)
                          for line in list(f)[1:]]
    return found


def tunnels_share_a_port():
    lab = make_lab(4)
    lab.create("vx0", id=1)
    lab.create("vx1", id=2)
    lab.create("vx2", id=1, dstport=4790)
    check_eq("UDP ports", sorted(udp_ports(lab)), [4789, 4790])
    check_flow(lab, {"id": 1}, "vx0")
    check_flow(lab, {"id": 2}, "vx1")
    check_flow(lab, {"id": 1, "dstport": 4790}, "vx2")
    lab.delete("vx0")
    check_flow(lab, {"id": 2}, "vx1")
    check_flow(lab, {"id": 1, "dstport": 4790}, "vx2")
    lab.delete("vx1")
    check_eq("UDP ports", udp_ports(lab), [4790])


def one_port_serves_both_families():
    four = make_lab(4)
    four.create("vx0")
    four.create("vx6", local=ADDRESS[6], remote=REMOTE[6], id=200)
    check_eq("UDP ports", udp_ports(four), [4789, 4789])
    check_flow(four, {}, "vx0")
    four.family = 6
    check_flow(four, {"local": ADDRESS[6], "remote": REMOTE[6], "id": 200},
               "vx6")


def the_alias_kind_makes_one():
    if IN_TREE:
        return "the kernel's own driver has none"
    lab = make_lab(4)
    inner, ext = lab_.options(lab.defaults(), lab.nl.index)
    lab.nl.newlink("vx0", vnb.attr(vnb.IFLA.ADDRESS, vnb.mac(MAC_VX)),
                   lab_.linkinfo(inner, kind="vnetbr_vxlan"))
    check_eq("kind", lab.nl.link("vx0").kind, "vnetbr")
    lab.up()
    check_flow(lab, {})
    return None


def ip_data(lab, name="vx0"):
    """info_data of `ip -d -j link`."""
    out = lab_.ip_tool(lab.a, "-d", "-j", "link", "show", "dev", name)
    return json.loads(out)[0]["linkinfo"]["info_data"]


def check_options(lab, before, name, value, text):
    """Against the dump @before, exactly the option differs."""
    after = lab.dump()
    wanted = {}
    inner, ext = lab_.options(chosen_for(lab, name, value), lab.nl.index)
    for kind, payload in vnb.parse(b"".join(inner)).items():
        wanted[kind] = payload
    for kind, payload in vnb.parse(b"".join(ext)).items():
        wanted["ext", kind] = payload
    if IN_TREE:
        wanted.pop(VXLAN.TTL_INHERIT, None)
    for kind, payload in wanted.items():
        check_eq(f"{text}: {name} {value}: attribute {kind}", after.get(kind),
                 payload)
    differ = {kind for kind in before.keys() | after.keys()
              if before.get(kind) != after.get(kind)}
    check_eq(f"{text}: {name} {value}: attributes that changed beside",
             differ - ATTRIBUTES[name], set())


def options_are_read_back(family):
    """Each value of each option at creation."""
    lab = make_lab(family)
    lab.create("vx0", up=False)
    before = lab.dump()
    lab.delete()
    plugin = lab_.have_plugin()
    for name, values in VALUES.items():
        for value in values(family):
            lab.create(up=False, **chosen_for(lab, name, value))
            check_options(lab, before, name, value, "created")
            if plugin and not (IN_TREE and name == "learning"):
                data = ip_data(lab)
                for key, shown in JSON[name](value).items():
                    check_eq(f"{name} {value} in ip: {key}", data.get(key),
                             shown)
            lab.delete()


def option_changes_live(family, name):
    """Each value of an option, one after the other, and the first one again."""
    lab = make_lab(family)
    # what is not the default in the beginning
    first = {"ttl": 200, "maxaddress": 65536}
    if name == "dev":
        # IPv6 wants a route through the device, and no source address: with
        # one, the device is a preference only
        first["local"] = None
        lab_.route_add(lab.nl, "eth1", "2001:db8::", 64, metric=2000)
    lab.create(**first)
    before = lab.dump()
    model = dict(first)
    for value in VALUES[name](family):
        chosen = chosen_for(lab, name, value)
        lab.change(**chosen)
        check_options(lab, before, name, value, "changed")
        model.pop("ttl_inherit", None)
        model.update(chosen)
        check_flow(lab, model)
        check_changed(lab, name, value)
    if IN_TREE and name == "group":
        return
    again = {"ttl_inherit": 0, "df": 0, "udp6zerocsumtx": 0, "tos": 0,
             "udp6zerocsumrx": 0, "udpcsum": 1, "learning": 1, "strict": 0,
             "rx_gro": 1, "flowlabel": 0, "id": 100, "dstport": 4789,
             "ageing": 300, "ttl": 200, "maxaddress": 65536,
             "srcport": (49152, 65535), "local": ADDRESS[family],
             "remote": REMOTE[family], "dev": None}
    back = {key: again[key] for key in chosen}
    lab.change(**back)
    check_eq("dump as in the beginning", lab.dump(), before)
    check_flow(lab, first)
    if name in back:
        check_changed(lab, name, back[name])


def everything(family):
    """A value that is not the default, for each option."""
    every = {name: values(family)[-1] for name, values in VALUES.items()
             if values(family)}
    del every["group"]
    every["dev"] = "eth0"
    every["ttl_inherit"] = 0
    if IN_TREE:
        del every["ttl_inherit"]
    return every


def a_dump_makes_a_twin(family):
    """A dump is a request that creates the same device, or changes one to it."""
    if IN_TREE:
        return "the kernel's own driver refuses its own dump"
    lab = make_lab(family)
    lab.create(**everything(family))
    link = lab.nl.link("vx0")
    before = lab.dump()
    lab.nl.setlink("vx0", vnb.info("vnetbr", link.data))
    check_eq("changed by its own dump", lab.dump(), before)
    lab.delete()
    lab.nl.newlink("vx1", vnb.attr(vnb.IFLA.ADDRESS, vnb.mac(MAC_VX)),
                   vnb.info("vnetbr", link.data))
    check_eq("created by the dump", lab.dump("vx1"), before)
    lab.up("vx1")
    check_flow(lab, everything(family), "vx1")
    lab.delete("vx1")
    lab.create("vx2")
    lab.nl.setlink("vx2", vnb.info("vnetbr", link.data))
    check_eq("another one changed by the dump", lab.dump("vx2"), before)
    check_flow(lab, everything(family), "vx2")
    return None


def all_changes_in_one_message(family):
    if IN_TREE:
        return "the kernel's own driver cannot"
    lab = make_lab(family)
    lab.create()
    before = lab.dump()
    lab.change(**everything(family))
    check_flow(lab, everything(family))
    inner, ext = lab_.options(lab.defaults(
        srcport=(49152, 65535), dev=None, ttl=0, tos=0, df=0, flowlabel=0,
        learning=1, ageing=300, maxaddress=65536, udpcsum=1, udp6zerocsumtx=0,
        udp6zerocsumrx=0, strict=0, rx_gro=1))
    inner.append(vnb.u32(VXLAN.LINK, 0))
    lab.nl.setlink("vx0", lab_.linkinfo(inner, ext))
    check_eq("dump as in the beginning", lab.dump(), before)
    check_flow(lab, {})
    return None


def addresses_change_their_family():
    """From IPv4 to IPv6 and back, live."""
    if IN_TREE:
        return "the kernel's own driver cannot"
    lab = make_lab(4)
    lab_.neighbour_add(lab.nl, "eth0", REMOTE[6], MAC_B)
    lab.create()
    before = lab.dump()
    lab.change(local=ADDRESS[6], remote=REMOTE[6])
    lab.family, lab.local, lab.remote = 6, ADDRESS[6], REMOTE[6]
    check_flow(lab, {})
    lab.change(local=ADDRESS[4], remote=REMOTE[4])
    lab.family, lab.local, lab.remote = 4, ADDRESS[4], REMOTE[4]
    check_flow(lab, {})
    check_eq("dump as in the beginning", lab.dump(), before)
    return None


## refusals

class Refusal:
    """A request that has to be refused.

    @words are in the message, or else @kind is the attribute that is blamed.
    """

    def __init__(self, text, inner=(), ext=(), words=None, kind=None,
                 errno=None, data=None, change=True, create=True, family=4):
        self.text, self.words, self.kind = text, words, kind
        self.inner, self.ext, self.data = list(inner), list(ext), data
        self.errno = errno
        self.change, self.create, self.family = change, create, family

    def linkinfo(self, base):
        """@base: attributes of a tunnel that would be fine."""
        if self.data is not None:
            return vnb.info("vnetbr", vnb.mode("vxlan"), vnb.vxlan(*base),
                            *self.data)
        other = {VXLAN.GROUP6: VXLAN.GROUP, VXLAN.LOCAL6: VXLAN.LOCAL}

        def kinds(attrs):
            return {other.get(kind, kind) for kind in vnb.parse(attrs)}

        have = kinds(b"".join(self.inner))
        rest = [attr for attr in base if not have & kinds(attr)]
        return lab_.linkinfo(rest + self.inner, self.ext)

    def check(self, error):
        check(f"{self.text}: has a message", error.msg, error)
        if self.errno:
            check_eq(f"{self.text}: errno", error.errno, self.errno)
        if self.words:
            check(f"{self.text}: says {self.words!r}", self.words in error.msg,
                  error)
        if self.kind:
            nest = vnb.VNETBR.VXLAN_EXT if self.ext else vnb.VNETBR.VXLAN
            check_eq(f"{self.text}: names the attribute", error.path,
                     [vnb.IFLA.LINKINFO, vnb.INFO.DATA, nest, self.kind])


def wrong_lengths():
    """Every option, one byte too long and one too short."""
    sizes = {VXLAN.ID: 4, VXLAN.GROUP: 4, VXLAN.LINK: 4, VXLAN.LOCAL: 4,
             VXLAN.TTL: 1, VXLAN.TOS: 1, VXLAN.LEARNING: 1, VXLAN.AGEING: 4,
             VXLAN.LIMIT: 4, VXLAN.PORT_RANGE: 4, VXLAN.PORT: 2,
             VXLAN.GROUP6: 16, VXLAN.LOCAL6: 16, VXLAN.UDP_CSUM: 1,
             VXLAN.UDP_ZERO_CSUM6_TX: 1, VXLAN.UDP_ZERO_CSUM6_RX: 1,
             VXLAN.LABEL: 4, VXLAN.DF: 1, VXLAN.PROXY: 1,
             VXLAN.LOCALBYPASS: 1}
    for kind, size in sizes.items():
        for wrong in size - 1, size + 1:
            yield Refusal(f"attribute {kind} of {wrong} bytes",
                          [vnb.attr(kind, bytes(wrong))], kind=kind)
    yield Refusal("ttl inherit of 2 bytes",
                  [vnb.attr(VXLAN.TTL_INHERIT, bytes(2))],
                  kind=VXLAN.TTL_INHERIT)
    for kind in VNETBR_VXLAN.STRICT, VNETBR_VXLAN.RX_GRO:
        for wrong in 0, 2, 4:
            yield Refusal(f"own attribute {kind} of {wrong} bytes",
                          ext=[vnb.attr(kind, bytes(wrong))], kind=kind)


def out_of_range():
    yield Refusal("id 2^24", [vnb.u32(VXLAN.ID, 1 << 24)], kind=VXLAN.ID)
    yield Refusal("id 2^32-1", [vnb.u32(VXLAN.ID, 0xffffffff)], kind=VXLAN.ID)
    for kind in (VXLAN.LEARNING, VXLAN.UDP_CSUM, VXLAN.UDP_ZERO_CSUM6_TX,
                 VXLAN.UDP_ZERO_CSUM6_RX):
        yield Refusal(f"attribute {kind} 2", [vnb.u8(kind, 2)], kind=kind)
    yield Refusal("df 3", [vnb.u8(VXLAN.DF, 3)], kind=VXLAN.DF)
    yield Refusal("strict 2", ext=[vnb.u8(VNETBR_VXLAN.STRICT, 2)],
                  kind=VNETBR_VXLAN.STRICT)
    yield Refusal("rx_gro 3", ext=[vnb.u8(VNETBR_VXLAN.RX_GRO, 3)],
                  kind=VNETBR_VXLAN.RX_GRO)
    yield Refusal("srcport 2 1", lab_.option("srcport", (2, 1))[0],
                  words="srcport", kind=VXLAN.PORT_RANGE)
    yield Refusal("srcport 0 9", lab_.option("srcport", (0, 9))[0],
                  words="srcport", kind=VXLAN.PORT_RANGE)
    yield Refusal("flowlabel of 21 bits",
                  lab_.option("flowlabel", 1 << 20)[0], words="flowlabel",
                  kind=VXLAN.LABEL, family=6)


def unsupported():
    for kind, name in ((VXLAN.PROXY, "proxy"), (VXLAN.RSC, "rsc"),
                       (VXLAN.L2MISS, "l2miss"), (VXLAN.L3MISS, "l3miss"),
                       (VXLAN.REMCSUM_TX, "remcsumtx"),
                       (VXLAN.REMCSUM_RX, "remcsumrx"),
                       (VXLAN.COLLECT_METADATA, "external"),
                       (VXLAN.VNIFILTER, "vnifilter"),
                       (VXLAN.LOCALBYPASS, "localbypass"),
                       (VXLAN.MC_ROUTE, "mcroute")):
        yield Refusal(name, [vnb.u8(kind, 1)], words=name, kind=kind,
                      errno=95)
    for kind, name in ((VXLAN.GBP, "gbp"), (VXLAN.GPE, "gpe"),
                       (VXLAN.REMCSUM_NOPARTIAL, "remcsum_nopartial")):
        yield Refusal(name, [vnb.attr(kind)], words=name, kind=kind, errno=95)
    yield Refusal("label_policy", [vnb.u32(VXLAN.LABEL_POLICY, 1)],
                  words="label_policy", kind=VXLAN.LABEL_POLICY, errno=95)
    yield Refusal("reserved_bits", [vnb.attr(VXLAN.RESERVED_BITS, bytes(8))],
                  words="reserved_bits", kind=VXLAN.RESERVED_BITS, errno=95)
    for kind in 0, 35, 60, 0x3fff:
        yield Refusal(f"attribute {kind}", [vnb.u32(kind, 1)], kind=kind)
        yield Refusal(f"own attribute {kind}", ext=[vnb.u32(kind, 1)],
                      kind=kind)


def contradictions():
    v4, v6 = ADDRESS[4], ADDRESS[6]

    def local(value):
        return lab_.option("local", value)[0]

    def remote(value):
        return lab_.option("remote", value)[0]

    yield Refusal("local IPv4, remote IPv6", local(v4) + remote(REMOTE[6]),
                  words="family")
    yield Refusal("local IPv6, remote IPv4", local(v6) + remote(REMOTE[4]),
                  words="family")
    yield Refusal("only local to IPv6", local(v6), words="family",
                  create=False)
    yield Refusal("only remote to IPv6", remote(REMOTE[6]), words="family",
                  create=False)
    yield Refusal("only local to IPv4", local(v4), words="family",
                  create=False, family=6)
    yield Refusal("two remotes", remote(REMOTE[4]) + remote(REMOTE[6]),
                  kind=VXLAN.GROUP6)
    yield Refusal("two locals", local(v4) + local(v6), kind=VXLAN.LOCAL6)
    for family in 4, 6:
        yield Refusal(f"group {GROUP[family]} without dev",
                      remote(GROUP[family]), words="dev", family=family)
        yield Refusal(f"local {GROUP[family]}", local(GROUP[family]),
                      words="local", family=family)
    yield Refusal("flowlabel with IPv4", lab_.option("flowlabel", 5)[0],
                  words="flowlabel")
    yield Refusal("link-local remote without dev", remote("fe80::1"),
                  words="dev", family=6)
    yield Refusal("link-local local without dev", local("fe80::1"),
                  words="dev", family=6)


def wrong_nests():
    peer = vnb.peer(vnb.text(vnb.IFLA.IFNAME, "p1"))
    yield Refusal("bridge options", data=[vnb.bridge(
        vnb.u32(vnb.BR.AGEING_TIME, 1000))], words="mode vxlan")
    yield Refusal("own bridge options", data=[vnb.bridge_ext(
        vnb.u32(vnb.VNETBR_BR.FDB_MAX_LEARNED, 1))], words="mode vxlan")
    yield Refusal("a peer", data=[peer], words="mode vxlan")
    yield Refusal("unknown nest", data=[vnb.nest(9)])
    yield Refusal("a number for a nest", data=[vnb.attr(
        vnb.VNETBR.VXLAN, b"\1\2\3")])
    yield Refusal("an option outside of its nest", data=[vnb.u32(
        VXLAN.TOS + 20, 1)])
    yield Refusal("an attribute that is longer than its nest",
                  [vnb.attr(VXLAN.TTL, b"\5", length=64)])
    yield Refusal("an attribute shorter than its header",
                  [vnb.attr(VXLAN.TTL, b"\5", length=2)])


def check_refused(refusals):
    """Each one at creation, of which nothing is left, and as a change."""
    labs = {}
    for refusal in refusals:
        if refusal.family not in labs:
            lab = make_lab(refusal.family)
            lab.create(id=99, ttl=17)
            labs[refusal.family] = lab, lab.nl.link("vx0")
        lab, before = labs[refusal.family]
        if refusal.create:
            base = lab_.options(lab.defaults())[0]
            try:
                lab.nl.newlink("vx1", refusal.linkinfo(base))
            except NlError as e:
                refusal.check(e)
            else:
                check(f"{refusal.text}: created", False)
            try:
                lab.nl.link("vx1")
            except NlError:
                pass
            else:
                check(f"{refusal.text}: nothing is left", False)
        if refusal.change:
            # beside something that alone would be fine
            try:
                lab.nl.setlink("vx0", refusal.linkinfo(
                    [vnb.u8(VXLAN.TTL, 33), vnb.u32(VXLAN.ID, 77),
                     vnb.be16(VXLAN.PORT, 4444)]))
            except NlError as e:
                refusal.check(e)
            else:
                check(f"{refusal.text}: changed", False)
            check_eq(f"{refusal.text}: data", lab.nl.link("vx0").data,
                     before.data)
    for lab, before in labs.values():
        after = lab.nl.link("vx0")
        check_eq("still up", after.flags & 1, 1)
        old, new = before.stable(), after.stable()
        for kind in old.keys() | new.keys():
            check_eq(f"attribute {kind} of the link", new.get(kind),
                     old.get(kind))
        check_flow(lab, {"id": 99, "ttl": 17})


def wrong_lengths_are_refused():
    check_refused(wrong_lengths())


def values_out_of_range_are_refused():
    check_refused(out_of_range())


def unsupported_options_are_refused():
    check_refused(unsupported())


def contradictions_are_refused():
    check_refused(contradictions())


def wrong_nests_are_refused():
    check_refused(wrong_nests())


def refused(text, words, errno, function, *args, **chosen):
    """A call has to be refused, in these words."""
    try:
        function(*args, **chosen)
    except NlError as e:
        check(f"{text}: says {words!r}", words.lower() in e.msg.lower(), e)
        check_eq(f"{text}: errno", e.errno, errno)
    else:
        check(f"{text}: was accepted", False)


def an_id_is_required():
    lab = Lab()
    refused("no id", "id is required", 22, lab.nl.newlink, "vx0",
            lab_.linkinfo([vnb.u8(VXLAN.TTL, 1)]))
    refused("no options", "id is required", 22, lab.nl.newlink, "vx0",
            vnb.info("vnetbr", vnb.mode("vxlan")))
    check_eq("links", len(lab.nl.links()), 2)


def the_mode_stays():
    lab = make_lab(4)
    lab.create()
    nl = lab.nl
    for other in "bridge", "pair":
        refused(f"to {other}", "mode", 95, nl.setlink, "vx0",
                vnb.info("vnetbr", vnb.mode(other)))
    refused("no such mode", "", 34, nl.setlink, "vx0",
            vnb.info("vnetbr", vnb.u8(vnb.VNETBR.MODE, 3)))
    nl.newlink("br0", vnb.info("vnetbr", vnb.mode("bridge")))
    refused("a bridge with tunnel options", "mode bridge", 22, nl.setlink,
            "br0", vnb.info("vnetbr", vnb.vxlan(vnb.u32(VXLAN.ID, 1))))
    refused("a bridge to a tunnel", "mode", 95, nl.setlink, "br0",
            lab_.linkinfo([vnb.u32(VXLAN.ID, 1)]))
    refused("the alias with another mode", "mode", 22, nl.newlink, "vx1",
            vnb.info("vnetbr_vxlan", vnb.mode("bridge")))
    nl.setlink("vx0", vnb.info("vnetbr", vnb.mode("vxlan")))
    check_flow(lab, {})


def an_id_is_unique_on_its_port():
    """At creation, by a change of id, port or family, whoever is up."""
    for up in True, False:
        lab = make_lab(4)
        lab.create("vx0", up=up, id=1)
        lab.create("vx1", up=up, id=2)
        lab.create("vx2", up=up, id=1, dstport=4790)
        before = lab.dump("vx1"), lab.dump("vx2")
        refused("created", "" if IN_TREE else "id", 17, lab.create, "vx3",
                id=1)
        if not IN_TREE:
            refused("changed id", "id", 17, lab.change, "vx1", id=1)
            refused("changed port", "id", 17, lab.change, "vx2", dstport=4789)
            lab.change("vx1", id=2, dstport=4789)
        check_eq("dumps", (lab.dump("vx1"), lab.dump("vx2")), before)
        if not up:
            continue
        check_flow(lab, {"id": 1}, "vx0")
        check_flow(lab, {"id": 2}, "vx1")
        check_flow(lab, {"id": 1, "dstport": 4790}, "vx2")


def a_busy_port_is_refused():
    """One that any socket has; the tunnel stays on its own."""
    lab = make_lab(4)
    with vnb.netns(lab.a):
        owner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        owner.bind(("0.0.0.0", 4790))
    lab.create("vx0", id=1)
    before = lab.dump()
    lab.create("vx1", up=False, id=2, dstport=4790)
    refused("up", "", 98, lab.nl.setlink, "vx1", up=True)
    check("still down", not lab.nl.link("vx1").flags & 1)
    if not IN_TREE:
        refused("changed", "dstport", 98, lab.change, dstport=4790, id=5,
                ttl=9, remote=THIRD[4])
        check_eq("dump", lab.dump(), before)
    check_flow(lab, {"id": 1})
    owner.close()
    lab.up("vx1")
    check_flow(lab, {"id": 2, "dstport": 4790}, "vx1")
    if not IN_TREE:
        lab.change(dstport=4790)
        check_flow(lab, {"id": 1, "dstport": 4790})


def the_kernels_own_tunnels_are_neighbours():
    """Of two drivers only one has a port; each works on its own."""
    if IN_TREE:
        return "needs both drivers"
    lab = make_lab(4)
    nl = lab.nl
    nl.newlink("vxk", vnb.info("vxlan", vnb.u32(VXLAN.ID, 100),
                               vnb.be16(VXLAN.PORT, 4789)), up=True)
    lab.create(up=False)
    refused("up", "", 98, nl.setlink, "vx0", up=True)
    lab.change(dstport=4790)
    lab.up()
    check_flow(lab, {"dstport": 4790})
    before = lab.dump()
    refused("changed", "dstport", 98, lab.change, dstport=4789)
    check_eq("dump", lab.dump(), before)
    check_flow(lab, {"dstport": 4790})
    nl.dellink("vxk")
    lab.change(dstport=4789)
    check_flow(lab, {})
    return None


def an_underlay_device_has_to_be_there():
    lab = make_lab(4)
    with vnb.Rtnl(lab.b) as other:
        other.newlink("far0", vnb.info("bridge"), index=4242)
    link = [vnb.u32(VXLAN.LINK, 4242)]
    refused("created", "" if IN_TREE else "dev", 19, lab.nl.newlink, "vx0",
            lab_.linkinfo(lab_.options(lab.defaults())[0] + link))
    lab.create()
    before = lab.dump()
    if not IN_TREE:
        refused("changed", "dev", 19, lab.nl.setlink, "vx0",
                lab_.linkinfo([vnb.u8(VXLAN.TTL, 5)] + link))
        refused("itself", "dev", 40, lab.change, dev="vx0")
    check_eq("dump", lab.dump(), before)
    check_flow(lab, {})


def an_underlay_device_takes_its_tunnels_along():
    lab = make_lab(4)
    lab.create("vx0", dev="eth1")
    lab.create("vx1", id=1)
    lab.taps.pop("vx0").close()
    lab.other = None
    lab.nl.dellink("eth1")
    refused("vx0", "", 19, lab.nl.link, "vx0")
    check_flow(lab, {"id": 1}, "vx1")


def main():
    lab_.need_tunnels()
    tests = [needs_nothing_but_an_id, lives_and_dies, tunnels_share_a_port,
             one_port_serves_both_families, the_alias_kind_makes_one]
    for family in 4, 6:
        tests.append(lab_.named(options_are_read_back, family))
        for name, values in VALUES.items():
            if values(family) and name not in FIXED:
                tests.append(lab_.named(option_changes_live, family, name))
        tests.append(lab_.named(a_dump_makes_a_twin, family))
        tests.append(lab_.named(all_changes_in_one_message, family))
    tests.append(addresses_change_their_family)
    if not IN_TREE:
        tests += [wrong_lengths_are_refused, values_out_of_range_are_refused,
                  unsupported_options_are_refused, contradictions_are_refused,
                  wrong_nests_are_refused, an_id_is_required, the_mode_stays]
    tests += [an_id_is_unique_on_its_port, a_busy_port_is_refused,
              the_kernels_own_tunnels_are_neighbours,
              an_underlay_device_has_to_be_there,
              an_underlay_device_takes_its_tunnels_along]
    lab_.run_tests(tests)


if __name__ == "__main__":
    main()
