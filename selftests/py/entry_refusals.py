# SPDX-License-Identifier: GPL-2.0
"""Requests about forwarding entries that have to be refused, see refusal.py.

Each function makes Refusals for a refusal.World.
"""
import struct

import vnb
from refusal import (APPEND, CREATE, EXCL, GROUP, M1, NDA_SIZES, NEW,
                     NLM_F_BULK, NOARP, NTF_OFFLOADED, NTF_PROXY, NTF_ROUTER,
                     NTF_STICKY, NTF_USE, PERMANENT, REACHABLE, REPLACE,
                     UNKNOWN, ZERO, Refusal, broken, name_of)
from vnb import NDA, attr, u8, u16, u32


def bridge_entries(world):
    """Entries of a bridge: new ones, and those that are there."""
    def refuse(text, attrs, blame, kinds=(vnb.RTM_NEWNEIGH, vnb.RTM_DELNEIGH),
               mac=None, dev="br0", nlflags=CREATE, **head):
        head.setdefault("state", NOARP)
        for kind in kinds:
            new = kind == vnb.RTM_NEWNEIGH
            yield Refusal(f"{'add' if new else 'del'}: {text}", kind,
                          world.fdb(dev, mac or (NEW if new else M1),
                                    *attrs, **head), blame,
                          nlflags if new else 0)

    add, del_ = (vnb.RTM_NEWNEIGH,), (vnb.RTM_DELNEIGH,)
    p0 = world.via("p0")
    for size in 0, 5, 7:
        yield from refuse(f"address of {size} bytes", [p0], "address",
                          length=size)
    for mac in ZERO, GROUP:
        yield from refuse(mac, [p0], [NDA.LLADDR], add, mac=mac)
    for bad in b"", b"\1", b"\1\0\0", b"\0\0", b"\xff\x0f", b"\xff\xff":
        yield from refuse(f"vlan {bad.hex()}", [p0, attr(NDA.VLAN, bad)],
                          "vlan")
    yield from refuse("vlan 7", [p0, u16(NDA.VLAN, 7)], [NDA.VLAN], add)
    yield from refuse("vlan 7", [p0, u16(NDA.VLAN, 7)], [NDA.LLADDR], del_)
    for size in 0, 1, 3, 5, 8:
        yield from refuse(f"via of {size} bytes", [attr(
            NDA.IFINDEX, struct.pack("=Q", world.index["p0"])[:size])],
            [NDA.IFINDEX])
    for index in (0, 4242, 0x7fffffff, 0xffffffff, world.index["lo"],
                  world.index["q0"], world.index["p1"], world.index["br1"]):
        yield from refuse(f"via {index}", [u32(NDA.IFINDEX, index)],
                          [NDA.IFINDEX])
    for kind, size in NDA_SIZES.items():
        if kind not in (NDA.IFINDEX, NDA.PROTOCOL):
            yield from refuse(name_of(NDA, kind), [p0, attr(
                kind, b"\1" * size)], [kind])
    for size in 0, 2, 4:
        yield from refuse(f"protocol of {size} bytes", [p0, attr(
            NDA.PROTOCOL, bytes(size))], [NDA.PROTOCOL])
    yield from refuse("use with protocol", [p0, u8(NDA.PROTOCOL, 11)],
                      [NDA.PROTOCOL], add, state=REACHABLE, flags=NTF_USE)
    for size in 4, 16:
        yield from refuse("dst", [p0, attr(NDA.DST, bytes(size))], [NDA.DST])
    for size in 0, 3, 5, 8:
        yield from refuse(f"ext flags of {size} bytes",
                          [p0, attr(NDA.FLAGS_EXT, bytes(size))],
                          [NDA.FLAGS_EXT])
    for state in 0, 1, 4, 8, 0x10, 0x20, 0x100, NOARP | 1, PERMANENT | 0x100:
        yield from refuse(f"state {state:#x}", [p0], "state", add, state=state)
    for flag in NTF_PROXY, NTF_OFFLOADED, NTF_ROUTER:
        yield from refuse(f"flag {flag:#x}", [p0], "flags", add, flags=flag)
    for state in NOARP, REACHABLE, NOARP | REACHABLE:
        yield from refuse(f"state {state:#x} without via", [], "via", add,
                          state=state)
    yield from refuse("use without via", [], "via", add, state=PERMANENT,
                      flags=NTF_USE)
    yield from refuse("sticky and permanent", [p0], "sticky", add,
                      state=PERMANENT, flags=NTF_STICKY)
    for index in 0, -1, 4242:
        yield from refuse(f"device {index}", [p0], "ifindex", dev=index)
    # entries that are there, or not
    for mac, nlflags in ((M1, CREATE | EXCL), (NEW, REPLACE), (NEW, APPEND),
                         (NEW, 0)):
        yield from refuse(f"nlmsg_flags {nlflags:#x}", [p0], [NDA.LLADDR], add,
                          mac=mac, nlflags=nlflags)
    yield from refuse("not there", [p0], [NDA.LLADDR], del_, mac=NEW)
    yield from refuse("of another port", [world.via("vx0")], [NDA.LLADDR],
                      del_)


def tunnel_entries(world):
    """What test_vxlan_fdb.sh leaves out."""
    for dev, good, other in (("vx0", "192.0.2.7", "2001:db8::7"),
                             ("vx6", "2001:db8::7", "192.0.2.7")):
        dst = world.dst(good)

        def both(text, attrs, blame, dev=dev, **head):
            for kind, mac in (vnb.RTM_NEWNEIGH, NEW), (vnb.RTM_DELNEIGH, M1):
                yield Refusal(f"{dev}: {text}", kind, world.fdb(
                    dev, mac, *attrs, **head), blame, CREATE)

        for size in 0, 5, 7:
            yield from both(f"address of {size} bytes", [dst], "address",
                            length=size)
        for size in 0, 1, 3, 5, 15, 17, 32:
            yield from both(f"dst of {size} bytes", [attr(
                NDA.DST, bytes(size))], [NDA.DST])
        yield from both("dst of the other family", [world.dst(other)],
                        [NDA.DST])
        for bad in b"", b"\1", b"\1\0\0", b"\0\0", b"\xff\x0f", b"\xff\xff":
            yield from both(f"vlan {bad.hex()}", [dst, attr(NDA.VLAN, bad)],
                            "vlan")
        for kind, size in NDA_SIZES.items():
            for wrong in 0, size - 1, size + 1:
                yield from both(f"{name_of(NDA, kind)} of {wrong} bytes", [
                    dst, attr(kind, bytes(wrong))], [kind])
        for kind in NDA.VNI, NDA.SRC_VNI:
            for vni in 1 << 24, 0xffffffff:
                yield from both(f"{name_of(NDA, kind)} {vni}", [
                    dst, u32(kind, vni)], [kind])
        yield from both("src_vni of another", [dst, u32(NDA.SRC_VNI, 5)],
                        [NDA.SRC_VNI])
        for index in 4242, 0x7fffffff, 0xffffffff:
            yield from both(f"via {index}", [dst, u32(NDA.IFINDEX, index)],
                            [NDA.IFINDEX])
        for kind in NDA.NH_ID, NDA.FLAGS_EXT, NDA.FDB_EXT_ATTRS:
            yield from both(f"{name_of(NDA, kind)} 2", [dst, attr(
                kind, b"\2" + bytes(NDA_SIZES[kind] - 1))], [kind])
        for state in 0, 1, 4, 8, 0x10, 0x20, NOARP, 0x100, PERMANENT | 1:
            yield next(both(f"state {state:#x}", [dst], "state", state=state))
        for flag in NTF_PROXY, NTF_OFFLOADED:
            yield next(both(f"flag {flag:#x}", [dst], "flag", flags=flag))


def bulk_deletes(world):
    def bulk(text, dev, attrs, blame, state=0, flags=0, mac=None, core=None):
        yield Refusal(f"{dev}: {text}", vnb.RTM_DELNEIGH, world.fdb(
            dev, mac, *attrs, state=state, flags=flags), blame, NLM_F_BULK,
            core)

    masks = {NDA.NDM_STATE_MASK: 2, NDA.NDM_FLAGS_MASK: 1}
    for dev in "br0", "vx0", "vx6":
        bridge = dev == "br0"
        for kind, size in masks.items():
            for wrong in 0, size - 1, size + 1, 8:
                yield from bulk(f"{name_of(NDA, kind)} of {wrong} bytes", dev,
                                [attr(kind, bytes(wrong))], [kind])
        for state in 1, 2, 4, 8, 0x10, 0x20, 0x100:
            yield from bulk(f"state {state:#x}", dev, [], "state", state)
        for flag in (NTF_PROXY, NTF_OFFLOADED,
                     NTF_ROUTER if bridge else NTF_USE):
            yield from bulk(f"flag {flag:#x}", dev, [], "flag", flags=flag)
        yield from bulk("an address", dev, [], [NDA.LLADDR], mac=M1)
        for kind in (NDA.PROBES, NDA.CACHEINFO, NDA.MASTER, NDA.PROTOCOL,
                     NDA.LINK_NETNSID, NDA.FLAGS_EXT, NDA.FDB_EXT_ATTRS):
            yield from bulk(name_of(NDA, kind), dev, [attr(
                kind, b"\1" * NDA_SIZES[kind])], [kind])
        for kind in (18,) + UNKNOWN:
            yield from bulk(f"attribute {kind}", dev, [u32(kind, 1)], [kind])
        for text, bad in broken(NDA.IFINDEX):
            yield from bulk(text, dev, [bad], "leftover")
        for bad in b"", b"\1", b"\1\0\0", b"\0\0", b"\xff\x0f", b"\xff\xff":
            yield from bulk(f"vlan {bad.hex()}", dev, [attr(NDA.VLAN, bad)],
                            [NDA.VLAN], core="invalid vlan id")
        for size in 0, 1, 3, 5, 8:
            yield from bulk(f"via of {size} bytes", dev, [attr(
                NDA.IFINDEX, bytes(size))], [NDA.IFINDEX])
        for index in 4242, 0xffffffff:
            yield from bulk(f"via {index}", dev, [u32(NDA.IFINDEX, index)],
                            [NDA.IFINDEX])
    for dev, other in ("vx0", "2001:db8::7"), ("vx6", "192.0.2.7"):
        rows = [(NDA.DST, bytes(n)) for n in (0, 1, 3, 5, 15, 17, 32)]
        rows += [(NDA.PORT, bytes(n)) for n in (0, 1, 3, 4)]
        rows += [(kind, bad) for kind in (NDA.VNI, NDA.SRC_VNI)
                 for bad in (b"", bytes(3), bytes(5), b"\xff" * 4)]
        rows += [(NDA.NH_ID, b"\1\0\0\0"), (NDA.SRC_VNI, b"\5\0\0\0")]
        for kind, bad in rows:
            yield from bulk(f"{name_of(NDA, kind)} {bad.hex()}", dev,
                            [attr(kind, bad)], [kind])
        yield from bulk("dst of the other family", dev, [world.dst(other)],
                        [NDA.DST])
    for index in world.index["lo"], world.index["q0"]:
        yield from bulk(f"via {index}", "br0", [u32(NDA.IFINDEX, index)],
                        [NDA.IFINDEX])
    for kind in NDA.DST, NDA.PORT, NDA.VNI, NDA.SRC_VNI, NDA.NH_ID:
        yield from bulk(name_of(NDA, kind), "br0", [attr(
            kind, b"\1" * NDA_SIZES.get(kind, 4))], [kind])
    for kind, mask in (NDA.NDM_STATE_MASK, 0xff3f), (NDA.NDM_FLAGS_MASK, 0x8e):
        yield from bulk(f"{name_of(NDA, kind)} of others", "br0", [attr(
            kind, struct.pack("=H", mask)[:masks[kind]])], [kind])


def lookups(world):
    """RTM_GETNEIGH: most is refused by the core, which says what is wrong."""
    def get(text, dev, attrs, blame, mac=M1, **head):
        head.setdefault("state", 0)
        return Refusal(f"{dev}: {text}", vnb.RTM_GETNEIGH, world.fdb(
            dev, mac, *attrs, **head), blame)

    for dev in "br0", "vx0", "vx6":
        yield get("none", dev, [], "address", mac=None)
        yield get("not there", dev, [], "entry", mac=NEW)
        for size in 0, 5, 7:
            yield get(f"address of {size} bytes", dev, [], "", length=size)
        for bad in b"", b"\1", b"\0\0", b"\xff\xff":
            yield get(f"vlan {bad.hex()}", dev, [attr(NDA.VLAN, bad)], "")
        for vni in 5, 1 << 24, 0xffffffff:
            yield get(f"vni {vni}", dev, [u32(NDA.VNI, vni)], [NDA.VNI])
        for wrong in 0, 3, 5:
            yield get(f"vni of {wrong} bytes", dev, [attr(
                NDA.VNI, bytes(wrong))], "")
        for kind, size in NDA_SIZES.items():
            if kind not in (NDA.VNI, NDA.MASTER):
                yield get(name_of(NDA, kind), dev, [attr(kind, b"\1" * size)],
                          "")
        yield get("a state", dev, [], "header", state=NOARP)
        for flag in NTF_USE, NTF_PROXY, NTF_OFFLOADED, NTF_STICKY, NTF_ROUTER:
            yield get(f"flag {flag:#x}", dev, [], "flags", flags=flag)
        for text, bad in broken(NDA.VNI):
            yield get(text, dev, [bad], "leftover")
        yield get("a master as well", dev, [u32(
            NDA.MASTER, world.index["br0"])], "exclusive")
