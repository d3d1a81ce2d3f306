#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 1200
"""VLANs: the same frames through a bridge of ours and the kernel's own one.

Ports are in VLANs in every way that there is (py/vlan_lab.py), each of them is
a pair, somebody else's device and a tunnel in turn. From each of them, and from
the host, frames come with every kind of tag, to every kind of destination. What
comes out of each port and of the host has to be the same, byte for byte, and so
have the tables afterwards: through short cuts, and while all ports are watched.

With KIND=in-tree, the kernel's bridge is compared with itself, watched: what is
tested is the test. Some results are known without any bridge; those are checked
in any case.

Which type the first port is of, and with it that of all others, is another one
on 6.1, 6.12 and later kernels. VLAN_ROTATIONS="0 1 2" has each of them on one
kernel, which takes three times as long.
"""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vlan_lab as vlan  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from vlan_lab import (BRIDGE_MAC, BROADCAST, C_TAG, GROUP,  # noqa: E402
                      S_TAG, UNKNOWN, Lab, Mode, Tag, c_tag, s_tag)

RELEASE = tuple(map(int, re.findall(r"\d+", os.uname().release)[:2]))
ROTATIONS = [int(number) for number in os.environ.get(
    "VLAN_ROTATIONS", str((RELEASE > (6, 1)) + (RELEASE > (6, 12)))).split()]

MODES = list(vlan.modes())
# of br0: where untagged frames of the host go, and what it gets
HOST_MODES = Mode(1, (10,), (1, 20)), Mode(10, (30,), (10,)), \
    Mode(0, (10, 20), ())
DEVICES = (C_TAG, 10), (C_TAG, 20), (S_TAG, 10)

PRIO, DEI = 5 << 13, 1 << 12
SHAPES = {
    "untagged": (),
    "priority": (c_tag(PRIO),),
    "c1": (c_tag(1),),
    "c10": (c_tag(10),),
    "c10 with priority and DEI": (c_tag(PRIO | DEI | 10),),
    "c20": (c_tag(20),),
    "c30": (c_tag(30),),
    "c4095": (c_tag(4095),),
    "s priority": (s_tag(PRIO),),
    "s10": (s_tag(10),),
    "s20": (s_tag(20 | PRIO),),
    "s30": (s_tag(30),),
    "c10 c20": (c_tag(10), c_tag(20)),
    "s10 c20": (s_tag(10), c_tag(PRIO | 20)),
    "c10 s20": (c_tag(10), s_tag(20)),
    "s20 s10": (s_tag(20), s_tag(10)),
    "priority c10": (c_tag(PRIO), c_tag(10)),
    "s priority c10": (s_tag(0), c_tag(10)),
    "c30 c10": (c_tag(30), c_tag(10)),
    "9100 10": (Tag(0x9100, 10),),
}
# those that a VLAN device puts its own tag before
INNER = "untagged", "priority", "c20", "s20"
KNOWN = "02:00:00:00:00:71", "02:00:00:00:00:72"

NTF_SELF, NTF_MASTER, NUD_NOARP = 2, 4, 0x40
IFF_PROMISC = 0x100


def ports(rotation):
    """Every Mode; the types of ports go on with @rotation."""
    return [(vlan.TYPES[(number + rotation) % 3], mode)
            for number, mode in enumerate(MODES)]


def learn_static(lab, mac, vid, port):
    """A static entry, as each kind takes it."""
    attrs = vnb.attr(vnb.NDA.LLADDR, vnb.mac(mac)) + \
        vnb.u16(vnb.NDA.VLAN, vid)
    index = lab.nl.index(port)
    if lab.ours:
        head = vnb.ndmsg(lab.nl.index("br0"), NUD_NOARP, NTF_SELF)
        attrs += vnb.u32(vnb.NDA.IFINDEX, index)
    else:
        head = vnb.ndmsg(index, NUD_NOARP, NTF_MASTER)
    lab.nl.request(vnb.RTM_NEWNEIGH, head + attrs,
                   vnb.NLM_F_CREATE | vnb.NLM_F_EXCL)


def know(lab):
    """KNOWN addresses are behind another port in each VLAN: a tagged one, and
    an untagged one."""
    for mac, which in zip(KNOWN, ("tagged", "untagged")):
        for vid in 1, 10, 20:
            among = [port.name for port in lab.ports
                     if vid in getattr(port.mode, which)]
            if among:
                learn_static(lab, mac, vid, among[vid % len(among)])


def questions(lab):
    """(where from, name of the shape, destination) of all frames."""
    destinations = [BROADCAST, GROUP, UNKNOWN, *KNOWN, BRIDGE_MAC,
                    lab.mac(1), lab.station(0), lab.station(16)]
    few = [BROADCAST, UNKNOWN, *KNOWN, BRIDGE_MAC]
    for number, port in enumerate(lab.ports):
        yield port.name, SHAPES, destinations
        if port.type != "tunnel":
            for proto, vid in DEVICES:
                yield f"h{number}.{vlan.LETTER[proto]}{vid}", INNER, few
    yield "br0", SHAPES, destinations
    for proto, vid in DEVICES:
        yield f"br0.{vlan.LETTER[proto]}{vid}", INNER, destinations


def source(lab, dev):
    """The address that frames from a device have."""
    if dev.startswith("br0"):
        return BRIDGE_MAC
    return lab.station(int(dev[1:].partition(".")[0]))


def answers(lab):
    """{(from, shape, destination): [Seen]}"""
    found = {}
    serial = 0
    for dev, shapes, destinations in questions(lab):
        asked = {}
        for shape in shapes:
            for dst in destinations:
                serial += 1
                asked[serial] = dev, shape, dst
                lab.send(dev, vlan.build(dst, source(lab, dev), SHAPES[shape],
                                         serial))
            # so that no queue gets full, where the machine has other work
            lab.fence.wait()
        seen = lab.seen()
        lab.watchers_saw()
        for serial_, question in asked.items():
            found[question] = seen.get(serial_, [])
    return found


def ask(lab):
    """All that is compared of a lab: answers and tables."""
    names = {port.name for port in lab.ports} | {"br0"}
    know(lab)
    found = {"frames": answers(lab)}
    found["fdb"] = vlan.fdb_table(lab.nl)
    found["vlans"] = {name: vids for name, vids in
                      vlan.vlan_table(lab.nl).items()
                      if name in names and vids}
    return found


def describe(lab, dev):
    """How a device is in VLANs."""
    for number, port in enumerate(lab.ports):
        if dev.partition(".")[0] in (port.name, f"h{number}"):
            return f"{dev} ({port.type}, {port.mode})"
    return dev


def words(seen):
    return ", ".join(map(str, seen)) or "nowhere"


def compare(lab, got, want):
    """Both have to be the same; says what is not."""
    wrong = []
    for question, there in want["frames"].items():
        here = got["frames"][question]
        if here != there:
            dev, shape, dst = question
            here_only = [seen for seen in here if seen not in there]
            there_only = [seen for seen in there if seen not in here]
            wrong.append(f"from {describe(lab, dev)}, {shape}, to {dst}:\n"
                         f"  got only:      {words(here_only)}\n"
                         f"  expected only: {words(there_only)}")
    for text in wrong[:12]:
        lab_.diag(text)
    lab_.check_eq("frames with another answer", len(wrong), 0)
    for table in "fdb", "vlans":
        here, there = set(map(str, items(got[table]))), \
            set(map(str, items(want[table])))
        for text in sorted(here ^ there)[:20]:
            lab_.diag(f"{table}: {'got' if text in here else 'expected'} "
                      f"only {text}")
        lab_.check_eq(f"rows of {table} that differ", len(here ^ there), 0)


def items(table):
    return table.items() if isinstance(table, dict) else table


## what is known without a bridge

def tags_out(lab, found, question):
    """{port: its frame's tags} of an answer; br0 and its devices too."""
    return {seen.dev: vlan.tags_of(seen.frame)
            for seen in found["frames"][question]}


def check_known(lab, found):
    """802.1Q by hand, for some: a test that sees nothing shall not pass."""
    plain = next(port for port in lab.ports if port.mode == Mode(
        10, (), (10,)))
    trunk = next(port for port in lab.ports if port.mode == Mode(
        0, (10, 20), ()))
    ten = {port.name: "c10" if 10 in port.mode.tagged else "-"
           for port in lab.ports if 10 in (*port.mode.tagged,
                                           *port.mode.untagged)}
    out = tags_out(lab, found, (plain.name, "untagged", BROADCAST))
    got = {dev: tags for dev, tags in out.items() if dev[0] == "p"}
    ten.pop(plain.name)
    lab_.check_eq("an untagged frame in VLAN 10", got, ten)
    out = tags_out(lab, found, (trunk.name, "c30", BROADCAST))
    lab_.check_eq("a frame of VLAN 30", out, {})
    out = tags_out(lab, found, (trunk.name, "c20", KNOWN[0]))
    lab_.check_eq("to one port", list(out.values()), ["c20"])


## tests

def both(text, prepare, **fields):
    """@prepare(lab) gives what is compared; one lab after the other."""
    results = {}
    kinds = {"in-tree": (False, False), "watched in-tree": (False, True)} \
        if lab_.IN_TREE else {"in-tree": (False, False),
                              "ours": (True, False),
                              "watched ours": (True, True)}
    for name, (ours, watched) in kinds.items():
        start = time.monotonic()
        lab = Lab(ours, watched=watched, devices=DEVICES, **fields)
        made = time.monotonic()
        results[name] = prepare(lab)
        lab_.diag(f"{text}: {name}: {made - start:.1f} s to make, "
                  f"{time.monotonic() - made:.1f} s for "
                  f"{len(results[name]['frames'])} frames, out came "
                  f"{sum(map(len, results[name]['frames'].values()))}")
        lab.close()
        lab_.cleanup()
    for name, got in results.items():
        if name != "in-tree":
            lab_.diag(f"{name}, compared with in-tree:")
            compare(lab, got, results["in-tree"])
    return results["in-tree"], lab


def frames_and_tables(proto, rotation):
    """All frames; tags of every other rotation are in the frame itself."""
    found, lab = both(
        "filtering", ask, ports=ports(rotation), host=HOST_MODES[rotation],
        proto=proto, offload=bool(rotation % 2) != (proto == C_TAG))
    if proto == C_TAG:
        check_known(lab, found)


def filtering_is_off(lab):
    """Tables stay and do nothing."""
    lab.set_bridge(filtering=0)
    return ask(lab)


def filtering_off(rotation):
    found, _ = both("no filtering", filtering_is_off, ports=ports(rotation),
                    host=HOST_MODES[rotation])
    for shape, tags in SHAPES.items():
        for seen in found["frames"]["p1", shape, BROADCAST]:
            if "." not in seen.dev:
                lab_.check_eq("its tags", vlan.tags_of(seen.frame),
                              vlan.tags_of(vlan.build(BROADCAST, UNKNOWN,
                                                      tags, 0)))


def switched_on_and_changed(lab):
    """Made without filtering, filters, with another protocol."""
    lab.set_bridge(filtering=1)
    lab.set_bridge(proto=S_TAG)
    return ask(lab)


def promiscuous(lab):
    """The host asks for all frames."""
    lab.nl.request(vnb.RTM_NEWLINK, vnb.ifinfomsg(
        lab.nl.index("br0"), flags=IFF_PROMISC, change=IFF_PROMISC))
    return ask(lab)


def promiscuous_host():
    both("promiscuous", promiscuous, ports=ports(0), host=HOST_MODES[2])


def changed_live():
    both("changed live", switched_on_and_changed, ports=ports(1),
         host=HOST_MODES[0], filtering=0)


def main():
    vlan.need_vlans(*([False] if lab_.IN_TREE else [False, True]))
    # all of it takes a quarter of an hour where the kernel is slow
    slow = os.path.exists("/sys/kernel/debug/kmemleak")
    cases = [(C_TAG, 0)] if slow else [
        (proto, rotation) for proto in (C_TAG, S_TAG) for rotation in ROTATIONS]
    tests = [lab_.named(frames_and_tables, *case) for case in cases]
    for test in tests:
        test.__name__ = test.__name__.replace(
            str(C_TAG), "802.1Q").replace(str(S_TAG), "802.1ad")
    if not slow:
        tests += [lab_.named(filtering_off, 2), promiscuous_host]
    tests.append(changed_live)
    lab_.run_tests(tests)


if __name__ == "__main__":
    main()
