#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
"""Messages that are malformed, out of range, or for another mode.

Each one is refused, with a text, and with the offset of the attribute that is
at fault; and after each one all that can be dumped is as it was before. Beside
what is wrong, a message says things that alone would change something. What is
inside of the options of a tunnel is in test_vxlan_link.py; messages that are
made by chance are in test_fuzz_netlink.py.
"""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from entry_refusals import (bridge_entries, bulk_deletes,  # noqa: E402
                            lookups, tunnel_entries)
from refusal import (BRIDGE_FREE, BRIDGE_SIZES, CREATE, DEVICE,  # noqa: E402
                     EXCL, GOOD, GROUP, M1, NESTS, NLM_F_BULK, NOARP,
                     NTF_MASTER, PORT_EXT_COUNTERS, PORT_EXT_SIZES,
                     PORT_SIZES, UNKNOWN, ZERO, Refusal, Silent, broken,
                     check_refused, name_of, wrong_sizes, wrong_types,
                     wrong_values)
from vnb import (BR, BRPORT, IFLA, INFO, MODE, NDA, VNETBR,  # noqa: E402
                 VNETBR_BR, VNETBR_PORT, attr, nest, u8, u16, u32)

DATA = [IFLA.LINKINFO, INFO.DATA]
SLAVE = [IFLA.LINKINFO, INFO.SLAVE_DATA]

# IFLA_BRIDGE_* in IFLA_AF_SPEC, and two flags
BRIDGE_FLAGS, BRIDGE_MODE, TUNNEL_INFO = 0, 1, 3
MASTER, SELF = 1, 2


## links

def create(text, kind, data, blame):
    return Refusal(f"create {kind}: {text}", vnb.RTM_NEWLINK, vnb.ifinfomsg() +
                   vnb.text(IFLA.IFNAME, "new0") + vnb.info(kind, *data),
                   blame, CREATE | EXCL)


def change(world, dev, text, data, blame):
    return Refusal(f"change {dev}: {text}", vnb.RTM_NEWLINK,
                   vnb.ifinfomsg(world.index[dev]) + vnb.info("vnetbr", *data),
                   blame)


def link(world, mode, text, bad, blame):
    """With the attribute @bad among good ones: each kind, and a change."""
    data = [vnb.mode(mode)] + GOOD[mode] + [bad]
    yield create(text, "vnetbr", data, blame)
    if mode != "bridge":
        yield create(text, f"vnetbr_{mode}", data, blame)
    yield change(world, DEVICE[mode], text, data, blame)


def top_level(world):
    """IFLA_INFO_DATA itself"""
    for mode in MODE:
        others = [n for m in NESTS if m != mode for n in NESTS[m]]
        for size in 0, 2, 4:
            yield from link(world, mode, f"mode of {size} bytes",
                            attr(VNETBR.MODE, bytes(size)),
                            DATA + [VNETBR.MODE])
        for value in 3, 255:
            yield from link(world, mode, f"mode {value}",
                            u8(VNETBR.MODE, value), DATA + [VNETBR.MODE])
        yield from link(world, mode, "mode as a nest", nest(
            VNETBR.MODE, bytes([MODE[mode]])), DATA + [VNETBR.MODE])
        for number in (0, 7, 8, 50, 51) + UNKNOWN:
            yield from link(world, mode, f"attribute {number}",
                            u32(number, 1), DATA + [number])
        for number in others:
            inner = bytes(16) if number == VNETBR.PEER else b""
            flag = 0 if number == VNETBR.PEER else vnb.NLA_F_NESTED
            yield from link(world, mode, f"nest {number} of another mode",
                            attr(number | flag, inner), DATA + [number])
        for number in NESTS[mode]:
            if number == VNETBR.PEER:
                continue
            yield from link(world, mode, f"nest {number} without its flag",
                            attr(number, u32(1, 1)), DATA + [number])
            for size in 1, 3:
                yield from link(world, mode, f"nest {number} of {size} bytes",
                                nest(number, bytes(size)), DATA + [number])
        for text, bad in broken(VNETBR.MODE):
            yield from link(world, mode, text, bad, DATA)


def modes(world):
    """The mode of a device stays, and that of an alias is said by its name."""
    for mode, dev in DEVICE.items():
        for other in MODE:
            if other != mode:
                yield change(world, dev, f"to {other}", [vnb.mode(other)],
                             DATA + [VNETBR.MODE])
                yield change(world, dev, f"options of {other}",
                             GOOD[other] or [vnb.peer()],
                             DATA + [NESTS[other][0]])
            if other != mode != "bridge":
                yield create(f"mode {other}", f"vnetbr_{mode}",
                             [vnb.mode(other)] + GOOD[other],
                             DATA + [VNETBR.MODE])
    yield change(world, "p0", "a peer", [vnb.peer()], DATA + [VNETBR.PEER])


def in_nest(world, number, before, text, bad, kind):
    """@bad between good options in a nest of a bridge: create and change."""
    path = DATA + [number] + ([] if kind is None else [kind])
    good = [a for a in before if kind is None or
            vnb.parse(a).keys() != {kind}]
    other = GOOD["bridge"][number == VNETBR.BRIDGE]
    data = [vnb.mode("bridge"), other,
            nest(number, *good[:1], bad, *(good[1:] if kind else []))]
    yield create(text, "vnetbr", data, path)
    yield change(world, "br0", text, data, path)


def bridge_options(world):
    good = [u32(BR.AGEING_TIME, 4000), u16(BR.GROUP_FWD_MASK, 16),
            u32(BR.FDB_MAX_LEARNED, 88), attr(BR.FDB_FLUSH)]
    rows = [*wrong_sizes(BR, BRIDGE_SIZES),
            *wrong_values(BR, BRIDGE_SIZES, BRIDGE_FREE),
            *wrong_types(BR.AGEING_TIME, bytes(4))]
    for mask in 2, 4, 6, 10:
        rows.append((f"group_fwd_mask {mask}", u16(BR.GROUP_FWD_MASK, mask),
                     BR.GROUP_FWD_MASK))
    rows.append(("fdb_local_vlan_0 off", attr(BR.MULTI_BOOLOPT, struct.pack(
        "=II", 0, 1 << 4)), BR.MULTI_BOOLOPT))
    for bit in (1, 3, *range(5, 32)):
        rows.append((f"boolean option {bit}", attr(
            BR.MULTI_BOOLOPT, struct.pack("=II", 1 << bit, 1 << bit)),
            BR.MULTI_BOOLOPT))
    for kind in (BR.MCAST_SNOOPING,):
        rows.append((f"{name_of(BR, kind)} on", attr(
            kind, (1).to_bytes(BRIDGE_SIZES[kind], sys.byteorder)), kind))
    rows += [(text, bad, None) for text, bad in broken(BR.AGEING_TIME)]
    for row in rows:
        yield from in_nest(world, VNETBR.BRIDGE, good, *row)


def own_bridge_options(world):
    max_, port, n = (VNETBR_BR.FDB_MAX_LEARNED, VNETBR_BR.FDB_MAX_PORT_LEARNED,
                     VNETBR_BR.FDB_N_LEARNED)
    moves, rules = VNETBR_BR.FDB_MAX_MOVES, VNETBR_BR.NF_BRIDGE
    vlan, trees = VNETBR_BR.FDB_MAX_VLAN_LEARNED, VNETBR_BR.MST_ENABLED
    snoop, snooped = VNETBR_BR.NEIGH_SNOOP, VNETBR_BR.NEIGH_MAX_SNOOPED
    now = VNETBR_BR.NEIGH_N_SNOOPED
    rows = [*wrong_sizes(VNETBR_BR, {max_: 4, port: 4, n: 4, moves: 4,
                                     rules: 1, vlan: 4, trees: 1, snoop: 1,
                                     snooped: 4, now: 4}),
            *wrong_values(VNETBR_BR, {n: 4, now: 4}),
            *wrong_types(port, bytes(4)),
            ("attribute 12", u32(12, 1), 12),
            ("neigh_snoop 2", u8(snoop, 2), snoop),
            ("neigh_max_snooped 0", u32(snooped, 0), snooped),
            ("neigh_max_snooped 65537", u32(snooped, 65537), snooped),
            ("mst_enabled 2", u8(trees, 2), trees),
            ("mst while it is off", vnb.mst_ranges((1, 1, 1)), VNETBR_BR.MST),
            ("nf_bridge 2", u8(rules, 2), rules),
            ("a limit that the other nest has too", u32(max_, 99), max_)]
    rows += [(text, bad, None) for text, bad in broken(port)]
    for row in rows:
        yield from in_nest(world, VNETBR.BRIDGE_EXT,
                           [u32(port, 9), u32(max_, 88)], *row)


def in_use(world):
    """What cannot be changed while ports are in VLANs, as those of br0 are."""
    trees = struct.pack("=II", 1 << 2, 1 << 2)
    good = u32(BR.AGEING_TIME, 4000)
    for text, data, path in (
            ("vlan_stats_per_port", [vnb.bridge(
                good, u8(BR.VLAN_STATS_PER_PORT, 1))],
             [VNETBR.BRIDGE, BR.VLAN_STATS_PER_PORT]),
            ("mst_enabled", [vnb.bridge(good, attr(BR.MULTI_BOOLOPT, trees))],
             [VNETBR.BRIDGE, BR.MULTI_BOOLOPT]),
            ("mst_enabled, of ours", [vnb.bridge(good), vnb.bridge_ext(
                u8(VNETBR_BR.MST_ENABLED, 1))],
             [VNETBR.BRIDGE_EXT, VNETBR_BR.MST_ENABLED]),
            ("mst_enabled, twice", [vnb.bridge(attr(
                BR.MULTI_BOOLOPT, trees)), vnb.bridge_ext(
                    u8(VNETBR_BR.MST_ENABLED, 0))],
             [VNETBR.BRIDGE_EXT, VNETBR_BR.MST_ENABLED]),
            ("mst_enabled and stp_state", [vnb.bridge(
                u32(BR.STP_STATE, 1), attr(BR.MULTI_BOOLOPT, trees))],
             [VNETBR.BRIDGE, BR.STP_STATE])):
        yield change(world, "br0", text, data, DATA + path)


def peers(world):
    """The other end of a pair, which is made of a message of its own."""
    path = DATA + [VNETBR.PEER]
    name = vnb.text(IFLA.IFNAME, "new1")
    rows = [(f"header of {n} bytes", attr(VNETBR.PEER, bytes(n)), path)
            for n in (0, 1, 4, 15)]
    rows.append(("a negative index", vnb.peer(name, index=-1), path))
    rows.append(("an index that is used", vnb.peer(
        name, index=world.index["br0"]), "index"))
    for word in "", ".", "..", "a/b", "a b", "a:b", "br0", "%s", "x" * 16:
        rows.append((f"name {word!r}", vnb.peer(vnb.text(IFLA.IFNAME, word)),
                     path + [IFLA.IFNAME]))
    for size in 0, 1, 5, 7, 8, 32, 33:
        rows.append((f"address of {size} bytes", vnb.peer(
            name, attr(IFLA.ADDRESS, b"\2" * size)), path + [IFLA.ADDRESS]))
    for mac in ZERO, GROUP:
        rows.append((f"address {mac}", vnb.peer(name, attr(
            IFLA.ADDRESS, vnb.mac(mac))), path + [IFLA.ADDRESS]))
    for kind in IFLA.MTU, IFLA.TXQLEN, IFLA.NUM_TX_QUEUES:
        for size in 0, 3:
            rows.append((f"attribute {kind} of {size} bytes", vnb.peer(
                name, attr(kind, bytes(size))), path + [kind]))
    for mtu in 0, 67, 65536, 0x80000000:
        rows.append((f"mtu {mtu}", vnb.peer(name, u32(IFLA.MTU, mtu)), "mtu"))
    for kind in IFLA.NUM_TX_QUEUES, IFLA.NUM_RX_QUEUES:
        for n in 0, 4097:
            rows.append((f"{n} queues", vnb.peer(name, u32(kind, n)),
                         "queues"))
    for kind in UNKNOWN[1:]:
        rows.append((f"attribute {kind}", vnb.peer(name, u32(kind, 1)),
                     path + [kind]))
    rows += [(text, vnb.peer(name, bad), path)
             for text, bad in broken(IFLA.MTU)]
    for text, bad, blame in rows:
        yield create(text, "vnetbr", [vnb.mode("pair"), bad], blame)
        yield create(text, "vnetbr_pair", [bad], blame)


def own_attributes(world):
    """IFLA_ADDRESS and IFLA_IFNAME; the rest is the core's."""
    for kind, mode in (("vnetbr", "bridge"), ("vnetbr_pair", "pair"),
                       ("vnetbr_vxlan", "vxlan")):
        for payload in bytes(6), vnb.mac(GROUP), bytes(5), b"\2" * 7, b"":
            refusal = create(f"address {payload.hex()}", kind, [],
                             [IFLA.ADDRESS])
            refusal.body += attr(IFLA.ADDRESS, payload)
            yield refusal
            # 6.1 looks itself, first, whether that of a device is too short
            if len(payload) >= 6:
                yield Refusal(f"{DEVICE[mode]}: address {payload.hex()}",
                              vnb.RTM_NEWLINK, vnb.ifinfomsg(
                                  world.index[DEVICE[mode]]) +
                              attr(IFLA.ADDRESS, payload) +
                              vnb.info("vnetbr"), [IFLA.ADDRESS])
        for name in ".", "..", "a/b", "a b", "a:b":
            yield Refusal(f"create {kind}: name {name}", vnb.RTM_NEWLINK,
                          vnb.ifinfomsg() + vnb.text(IFLA.IFNAME, name) +
                          vnb.info(kind, *GOOD[mode]),
                          [IFLA.IFNAME], CREATE | EXCL)


## ports

def wrong_sets(kind):
    """Rows of sets of VLANs; the port is in VLAN 1 only."""
    name = name_of(VNETBR_PORT, kind)
    for size in 1, 3, 5, 511, 513, 516, 8192:
        yield f"{name}, {size} bytes", attr(kind, bytes(size)), kind
    for vids in [0], [4095], [1, 4095], [2], [1, 2], [1, 4094]:
        yield f"{name} {vids}", vnb.vlan_set(kind, *vids), kind


def port_rows():
    rows = [*wrong_sizes(BRPORT, PORT_SIZES),
            *wrong_values(BRPORT, PORT_SIZES, (BRPORT.FLUSH,)),
            *wrong_types(BRPORT.LEARNING, bytes(1)),
            ("attribute 46", u32(46, 1), 46)]
    for kind in (BRPORT.MODE, BRPORT.LEARNING, BRPORT.UNICAST_FLOOD,
                 BRPORT.MCAST_FLOOD, BRPORT.BCAST_FLOOD, BRPORT.ISOLATED,
                 BRPORT.LOCKED, BRPORT.PROXYARP, BRPORT.PROXYARP_WIFI,
                 BRPORT.NEIGH_SUPPRESS, BRPORT.NEIGH_VLAN_SUPPRESS,
                 BRPORT.GUARD, BRPORT.PROTECT):
        rows.append((f"{name_of(BRPORT, kind)} 2", u8(kind, 2), kind))
    rows += [("state 5", u8(BRPORT.STATE, 5), BRPORT.STATE),
             ("cost 0", u32(BRPORT.COST, 0), BRPORT.COST),
             ("cost 65536", u32(BRPORT.COST, 65536), BRPORT.COST),
             ("priority 64", u16(BRPORT.PRIORITY, 64), BRPORT.PRIORITY),
             ("group_fwd_mask 2", u16(BRPORT.GROUP_FWD_MASK, 2),
              BRPORT.GROUP_FWD_MASK)]
    rows += [(text, bad, None) for text, bad in broken(BRPORT.COST)]
    nest_ = BRPORT.MRP_RING_OPEN
    rows += [(f"port: {text}", vnb.port_ext(bad), (nest_, kind))
             for text, bad, kind in (
                 *wrong_sets(VNETBR_PORT.NEIGH_SUPPRESS_VLAN),
                 *wrong_sets(VNETBR_PORT.NEIGH_FORWARD_GRAT_VLAN),
                 *wrong_sizes(VNETBR_PORT, PORT_EXT_SIZES),
                 *wrong_values(VNETBR_PORT, PORT_EXT_COUNTERS),
                 *wrong_types(VNETBR_PORT.COMMUNITY, bytes(4)))]
    rows += [(f"port: {text}", vnb.port_ext(bad), nest_)
             for text, bad in broken(VNETBR_PORT.COMMUNITY)]
    rows.append(("port, no nest", attr(nest_, bytes(4)), nest_))
    good = [u8(BRPORT.STATE, 4), u8(BRPORT.LEARNING, 0), attr(BRPORT.FLUSH)]
    for text, bad, kind in rows:
        rest = [a for a in good if vnb.parse(a).keys() != {kind}]
        if not isinstance(kind, tuple):
            kind = () if kind is None else (kind,)
        yield text, rest + [bad], list(kind)


def slave_data(world):
    """Alone: beside IFLA_INFO_DATA, the core changes the device first."""
    for dev in "p0", "vx0":
        for text, attrs, path in port_rows():
            yield Refusal(f"{dev}: {text}", vnb.RTM_NEWLINK, vnb.ifinfomsg(
                world.index[dev]) + vnb.slave_info(*attrs, kind="vnetbr"),
                SLAVE + path)


def bridge_message(world, text, dev, attrs, blame, flags=None,
                   kind=vnb.RTM_SETLINK):
    """PF_BRIDGE; @flags: IFLA_BRIDGE_FLAGS"""
    spec = b"" if flags is None else nest(IFLA.AF_SPEC, u16(BRIDGE_FLAGS,
                                                            flags))
    return Refusal(f"{dev}, flags {flags}: {text}", kind, vnb.ifinfomsg(
        world.index.get(dev, dev), family=vnb.AF_BRIDGE) + attrs + spec, blame)


def protinfo(world):
    for text, attrs, path in port_rows():
        for flags in None, MASTER:
            yield bridge_message(world, text, "p0",
                                 nest(IFLA.PROTINFO, *attrs),
                                 [IFLA.PROTINFO] + path, flags)
    for bad in b"", b"\2\0", b"\2\0\0", b"\5", b"\xff":
        yield bridge_message(world, f"a state {bad.hex()}", "p0",
                             attr(IFLA.PROTINFO, bad), [IFLA.PROTINFO])
    for bad in b"\3", b"":
        yield bridge_message(world, "a state", "br0", attr(IFLA.PROTINFO, bad),
                             [IFLA.PROTINFO], SELF)
    yield bridge_message(world, "options of a port", "br0", nest(
        IFLA.PROTINFO, u8(BRPORT.STATE, 3)), [IFLA.PROTINFO], SELF)


def af_spec_rows():
    for kind in (1, 2, 3, 4, 5, 6, 7) + UNKNOWN:
        for size in 4, 2:
            yield (f"attribute {kind} of {size} bytes",
                   attr(kind, b"\1" * size), [kind])
    for size in 3, 4:
        yield (f"flags of {size} bytes",
               attr(BRIDGE_FLAGS, b"\3" + bytes(size - 1)), [BRIDGE_FLAGS])
    for text, bad in broken(BRIDGE_MODE):
        yield text, bad, []


def af_spec(world):
    good = nest(IFLA.PROTINFO, u8(BRPORT.LEARNING, 0))
    for dev, flag in ("p0", MASTER), ("br0", SELF), ("vx0", SELF):
        for text, bad, path in af_spec_rows():
            spec = nest(IFLA.AF_SPEC, u16(BRIDGE_FLAGS, flag), bad)
            yield bridge_message(world, text, dev,
                                 (b"" if dev == "br0" else good) + spec,
                                 [IFLA.AF_SPEC] + path)
        for more in 4, 0x8000:
            yield bridge_message(world, "unknown flags", dev, b"",
                                 [IFLA.AF_SPEC, BRIDGE_FLAGS], flag | more)
        for text, bad in broken(IFLA.AF_SPEC):
            message = bridge_message(world, text, dev, b"", "leftover", flag)
            message.body += bad
            yield message
        yield bridge_message(world, "attribute 255", dev, u32(255, 1), [255],
                             flag)


def tunnel_itself(world):
    """What bridge says to a tunnel: learning, and the VNI of VLAN 0."""
    def row(text, attrs, blame):
        return bridge_message(world, text, "vx0", attrs, blame, SELF)

    def info(text, *inner, path=()):
        spec = nest(IFLA.AF_SPEC, u16(BRIDGE_FLAGS, SELF),
                    nest(TUNNEL_INFO, *inner))
        return bridge_message(world, text, "vx0", good + spec,
                              [IFLA.AF_SPEC, TUNNEL_INFO, *path])

    good = nest(IFLA.PROTINFO, u8(BRPORT.LEARNING, 0))
    for kind, size in PORT_SIZES.items():
        if kind != BRPORT.LEARNING:
            yield row(name_of(BRPORT, kind), nest(
                IFLA.PROTINFO, u8(BRPORT.LEARNING, 0), attr(
                    kind, bytes(size))), [IFLA.PROTINFO, kind])
    for bad in b"", b"\2", b"\0\0":
        yield row(f"learning {bad.hex()}", nest(
            IFLA.PROTINFO, attr(BRPORT.LEARNING, bad)),
            [IFLA.PROTINFO, BRPORT.LEARNING])
    for text, bad in broken(BRPORT.COST):
        yield row(text, nest(IFLA.PROTINFO, u8(BRPORT.LEARNING, 0), bad),
                  [IFLA.PROTINFO])
    yield row("a state", attr(IFLA.PROTINFO, b"\3"), [IFLA.PROTINFO])
    vni, vid, flags = 1, 2, 3
    yield info("no VLAN", u32(vni, 5))
    yield info("no VNI", u16(vid, 0))
    for text, bad in broken(flags):
        yield info(text, u32(vni, 5), u16(vid, 0), bad)
    for kind, values in {vni: (b"", bytes(3), bytes(5), b"\xff" * 4),
                         vid: (b"", b"\0", bytes(3), b"\1\1"),
                         flags: (b"", b"\0", bytes(3), b"\1\0"),
                         0: (bytes(4),), 4: (bytes(4),)}.items():
        for bad in values:
            rest = {vni: u32(vni, 5), vid: u16(vid, 0)}
            rest.pop(kind, None)
            yield info(f"attribute {kind} {bad.hex()}", *rest.values(),
                       attr(kind, bad), path=[kind])


## what the core says nothing about

def silent(world):
    """Requests that the core refuses without a text, and why it is not us.

    What the core drops, nobody can refuse: numbers that are unknown and bytes
    that are no attribute in a message about one entry or outside of the nests
    of a link, IFLA_INFO_SLAVE_DATA of a device that is made, and the end of an
    IFLA_* that is too long.
    """
    def row(why, text, kind, body, flags=0):
        return Refusal(text, kind, body, Silent(why), flags)

    p0, vx0, br0 = (vnb.ifinfomsg(world.index[dev])
                    for dev in ("p0", "vx0", "br0"))
    ours = "only the kind that dumps show may change a device"
    for dev, head in ("p0", p0), ("vx0", vx0):
        for kind in "vnetbr_pair", "vnetbr_vxlan", "veth", "":
            yield row(ours, f"change {dev} as {kind!r}", vnb.RTM_NEWLINK,
                      head + vnb.info(kind, vnb.mode("pair")))
    yield row(ours, "change br0 without a kind", vnb.RTM_NEWLINK, br0 + nest(
        IFLA.LINKINFO, nest(INFO.DATA, *GOOD["bridge"])))
    yield row("the core compares names first", "create what is there",
              vnb.RTM_NEWLINK, vnb.ifinfomsg() + vnb.text(IFLA.IFNAME, "br0") +
              vnb.info("vnetbr", *GOOD["bridge"]), CREATE | EXCL)
    yield row("parsed by the core without extack", "a kind that is too long",
              vnb.RTM_NEWLINK, vnb.ifinfomsg() + vnb.info("vnetbr" * 20),
              CREATE)
    yield row("IFLA_PROTINFO is for existing devices", "create with protinfo",
              vnb.RTM_NEWLINK, vnb.ifinfomsg() + vnb.info("vnetbr") +
              nest(IFLA.PROTINFO, u8(BRPORT.STATE, 3)), CREATE)
    for bad in bytes(5), vnb.mac(GROUP):
        yield row("without a kind it does not ask us", "an address that is "
                  f"{bad.hex()}", vnb.RTM_NEWLINK, br0 + attr(IFLA.ADDRESS,
                                                              bad))
    for dev in "p1", "br0":
        yield row("it has no master to ask", f"port options of {dev}",
                  vnb.RTM_NEWLINK, vnb.ifinfomsg(world.index[dev]) +
                  vnb.slave_info(u8(BRPORT.STATE, 3), kind="vnetbr"))
    for why, bad in (
            ("the core finds namespaces", u32(IFLA.NET_NS_PID, 0x7ffffff)),
            ("the core finds namespaces", u32(IFLA.NET_NS_FD, 9999)),
            ("the core checks it", attr(IFLA.BROADCAST, bytes(5)))):
        for head, body in ("a device", bad + vnb.info("vnetbr")), (
                "a peer", vnb.info("vnetbr_pair", vnb.peer(bad))):
            yield row(why, f"{head} with {bad.hex()}", vnb.RTM_NEWLINK,
                      vnb.ifinfomsg() + body, CREATE)

    port = "the core knows ports of its own bridge by IFF_BRIDGE_PORT"
    for flags in 0, NTF_MASTER:
        for kind in vnb.RTM_NEWNEIGH, vnb.RTM_DELNEIGH:
            yield row(port, f"an entry by its port, flags {flags}", kind,
                      vnb.ndmsg(world.index["p0"], NOARP, flags) +
                      attr(NDA.LLADDR, vnb.mac(M1)), CREATE)
        yield row(port, "bulk by a port", vnb.RTM_DELNEIGH, vnb.ndmsg(
            world.index["p0"], 0, flags), NLM_F_BULK)
    yield row("a pair has no entries", "bulk of a pair", vnb.RTM_DELNEIGH,
              world.fdb("p1", None, state=0), NLM_F_BULK)

    def bridge(why, text, dev, attrs=b"", flags=None):
        return bridge_message(world, text, dev, attrs, Silent(why), flags)

    for dev in "br0", "p1":
        yield bridge("it has no master to ask", "no flags", dev)
    yield bridge("a pair has no options", "self", "p1", flags=SELF)
    yield bridge_message(world, "delete of a tunnel", "vx0", b"",
                         Silent("a tunnel has nothing to delete"), SELF,
                         vnb.RTM_DELLINK)
    yield bridge("neither master nor self", "flags 4", "p0", flags=4)
    for kind in BRIDGE_FLAGS, BRIDGE_MODE:
        for size in 0, 1:
            yield bridge("the core reads it first", f"{kind} of {size} bytes",
                         "p0", nest(IFLA.AF_SPEC, attr(kind, bytes(size))))
    for text, bad, _ in af_spec_rows():
        for dev, flags in ("p0", MASTER), ("br0", SELF):
            yield bridge_message(world, text, dev, nest(
                IFLA.AF_SPEC, u16(BRIDGE_FLAGS, flags), bad), Silent(
                "the core has no extack for deleting"), None, vnb.RTM_DELLINK)


def topic(refusals):
    """A test out of a function that yields Refusals."""
    def test():
        check_refused(refusals)
    test.__name__ = refusals.__name__
    return test


def main():
    lab_.run_tests([topic(refusals) for refusals in (
        top_level, modes, bridge_options, own_bridge_options, in_use,
        peers, own_attributes, slave_data, protinfo, af_spec, tunnel_itself,
        bridge_entries, tunnel_entries, bulk_deletes, lookups, silent)])


if __name__ == "__main__":
    main()
