#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""Tunnels on the wire: RFC 7348 byte by byte; see py/vxlan_lab.py for a picture.

What is sent is compared with what scapy makes of the same fields. What is
received is either delivered unchanged, or counted exactly once, under the
reason that it has, and not delivered.
"""
import logging
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vxlan_lab as lab_  # noqa: E402

logging.getLogger("scapy").setLevel(logging.ERROR)
try:
    from scapy.layers.inet import IP, TCP, UDP, ICMP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether
    from scapy.layers.vxlan import VXLAN
    from scapy.packet import Raw
except ImportError:
    lab_.skip_all("scapy is not installed")

import vnb  # noqa: E402
import vxlan_packet as packet  # noqa: E402
from vxlan_lab import (ADDRESS, IN_TREE, MAC_A, MAC_B, MAC_FAR,  # noqa: E402
                       MAC_VX, REMOTE, Lab, check, check_eq)

GROUP = {4: "233.252.0.1", 6: "ff0e::db8:1"}
GROUP_MAC = {4: "01:00:5e:7c:00:01", 6: "33:33:0d:b8:00:01"}
INNER4 = {"src": "203.0.113.1", "dst": "203.0.113.2"}
INNER6 = {"src": "2001:db8:1::1", "dst": "2001:db8:1::2"}
NOT_ECT, ECT_1, ECT_0, CE = range(4)


def far(src=MAC_VX):
    """Ethernet header of a frame that leaves through the tunnel."""
    return Ether(dst=MAC_FAR, src=src)


def near(src=MAC_FAR):
    """Ethernet header of a frame that comes from behind the tester."""
    return Ether(dst=MAC_VX, src=src)


def inner_frames(ether):
    """Frames of all kinds, as scapy packets."""
    return {
        "ARP": ether / ARP(psrc="203.0.113.1", pdst="203.0.113.2"),
        "IPv4 ICMP": ether / IP(**INNER4) / ICMP() / Raw(b"abc"),
        "IPv4 UDP": ether / IP(**INNER4, tos=0xb8, ttl=3) /
        UDP(sport=1, dport=2) / Raw(bytes(range(100))),
        "IPv4 TCP": ether / IP(**INNER4) / TCP(sport=1, dport=2, flags="S"),
        "IPv4 with options": ether / IP(**INNER4, options=b"\1" * 8) /
        UDP(sport=1, dport=2),
        "IPv4 fragment": ether / IP(**INNER4, frag=3) / Raw(b"x" * 64),
        "IPv6 UDP": ether / IPv6(**INNER6, tc=0x20, fl=0x12345) /
        UDP(sport=1, dport=2) / Raw(b"odd"),
        "another protocol": ether / Raw(b"\xa5" * 50),
        "the largest": ether / IP(**INNER4) / UDP(sport=1, dport=2) /
        Raw(bytes(1372)),
        "a tag": ether / Dot1Q(vlan=7, prio=5) / IP(**INNER4) /
        UDP(sport=1, dport=2),
        "a service tag": ether / Dot1AD(vlan=8) / IPv6(**INNER6) /
        UDP(sport=1, dport=2),
        "two tags": ether / Dot1AD(vlan=9) / Dot1Q(vlan=10) / IP(**INNER4) /
        UDP(sport=1, dport=2),
        "a group": Ether(dst="01:00:5e:00:00:09", src=ether.src) /
        IP(src=INNER4["src"], dst="224.0.0.9") / UDP(sport=1, dport=2),
        "broadcast": Ether(dst="ff:ff:ff:ff:ff:ff", src=ether.src) /
        Raw(b"\xa5" * 50),
    }


def outer(family, inner, sport, ident=0, ttl=64, tos=0, df=0, label=0,
          csum=True, **fields):
    """What the tunnel should make of an inner frame, as scapy says."""
    ether = Ether(src=MAC_A, dst=fields.get("eth_dst", MAC_B))
    src = fields.get("src", ADDRESS[family])
    dst = fields.get("dst", REMOTE[family])
    if family == 4:
        ip = IP(src=src, dst=dst, ttl=ttl, tos=tos, id=ident,
                flags="DF" if df else 0)
    else:
        ip = IPv6(src=src, dst=dst, hlim=ttl, tc=tos, fl=label)
    udp = UDP(sport=sport, dport=fields.get("dport", 4789))
    if not csum:
        udp.chksum = 0
    # of the VXLAN header, scapy's default are the flags of an extension
    return bytes(ether / ip / udp / VXLAN(
        flags=0x08, vni=fields.get("vni", 100)) / Raw(inner))


FIELDS = {
    4: [("outer destination", 0, 6), ("outer source", 6, 12),
        ("outer type", 12, 14), ("version and header length", 14, 15),
        ("tos", 15, 16), ("total length", 16, 18), ("id", 18, 20),
        ("fragment", 20, 22), ("ttl", 22, 23), ("protocol", 23, 24),
        ("header checksum", 24, 26), ("source address", 26, 30),
        ("destination address", 30, 34)],
    6: [("outer destination", 0, 6), ("outer source", 6, 12),
        ("outer type", 12, 14), ("version, class, label", 14, 18),
        ("payload length", 18, 20), ("next header", 20, 21),
        ("hop limit", 21, 22), ("source address", 22, 38),
        ("destination address", 38, 54)],
}


def check_bytes(text, family, got, want):
    """Compare packets, name the field that differs."""
    at = FIELDS[family][-1][2]
    fields = FIELDS[family] + [
        (name, at + start, at + end) for name, start, end in (
            ("source port", 0, 2), ("destination port", 2, 4),
            ("UDP length", 4, 6), ("UDP checksum", 6, 8),
            ("VXLAN flags", 8, 9), ("VXLAN reserved", 9, 12), ("VNI", 12, 15),
            ("VXLAN reserved", 15, 16), ("inner frame", 16, 1 << 16))]
    for name, start, end in fields:
        check_eq(f"{text}: {name}", got[start:end].hex(),
                 want[start:end].hex())


def check_sent(text, lab, inner, name="vx0", **fields):
    """A frame becomes one packet, with these fields; returns it."""
    pkt = lab.one(bytes(inner), name)
    want = outer(lab.family, bytes(inner), pkt.sport, pkt.ident, **fields)
    check_bytes(text, lab.family, pkt.frame, want)
    return pkt


## sending

def every_byte_of_a_packet(family):
    lab = Lab(family)
    lab.create()
    for text, inner in inner_frames(far()).items():
        check_sent(text, lab, inner)
    lab.create("vx1", id=0xabcdef, dstport=65535)
    check_sent("the largest id", lab, inner_frames(far())["ARP"], "vx1",
               vni=0xabcdef, dport=65535)


def a_group_has_its_own_addresses(family):
    lab = Lab(family)
    lab.create(remote=GROUP[family], dev="eth0")
    check_sent("a group", lab, inner_frames(far())["ARP"], ttl=1,
               dst=GROUP[family], eth_dst=GROUP_MAC[family])
    lab.change(ttl=9)
    check_sent("a group with ttl", lab, inner_frames(far())["ARP"], ttl=9,
               dst=GROUP[family], eth_dst=GROUP_MAC[family])


def tos_and_ecn(family):
    """The DSCP as configured or inherited; ECN as RFC 6040 section 4.1."""
    lab = Lab(family)
    lab.create()

    def inner(tos):
        return {"IPv4": far() / IP(**INNER4, tos=tos) / UDP(),
                "IPv6": far() / IPv6(**INNER6, tc=tos) / UDP(),
                "IPv4 with a tag": far() / Dot1Q(vlan=5) /
                IP(**INNER4, tos=tos) / UDP(),
                "IPv6 with two tags": far() / Dot1AD(vlan=5) /
                Dot1Q(vlan=6) / IPv6(**INNER6, tc=tos) / UDP()}

    for configured in 0, 0x48, 1:
        lab.change(tos=configured)
        for ecn in NOT_ECT, ECT_1, ECT_0, CE:
            for text, frame in inner(0xa0 | ecn).items():
                dscp = 0xa0 if configured == 1 else configured
                # the kernel's reading of the normal mode: CE becomes ECT(0)
                check_sent(f"tos {configured}, {text}, ECN {ecn}", lab, frame,
                           tos=dscp | (ECT_0 if ecn == CE else ecn))
        check_sent(f"tos {configured}, not IP", lab, far() / Raw(bytes(46)),
                   tos=0 if configured == 1 else configured)


def ttl_is_inherited(family):
    lab = Lab(family)
    lab.create(ttl_inherit=1)
    check_sent("IPv4", lab, far() / IP(**INNER4, ttl=33) / UDP(), ttl=33)
    check_sent("IPv6", lab, far() / IPv6(**INNER6, hlim=34) / UDP(), ttl=34)
    check_sent("a tag", lab, far() / Dot1Q(vlan=5) / IP(**INNER4, ttl=35) /
               UDP(), ttl=35)
    check_sent("not IP", lab, far() / Raw(bytes(46)), ttl=64)


def df_is_inherited(family):
    lab = Lab(family)
    for configured in range(3):
        name = f"vx{configured}"
        lab.create(name, id=100 + configured, df=configured)
        for text, frame, inherited in (
                ("without DF", far() / IP(**INNER4) / UDP(), 0),
                ("with DF", far() / IP(**INNER4, flags="DF") / UDP(), 1),
                ("IPv6", far() / IPv6(**INNER6) / UDP(), 1),
                ("not IP", far() / Raw(bytes(46)), 0)):
            df = [0, 1, inherited][configured] if family == 4 else 0
            check_sent(f"df {configured}, {text}", lab, frame, name,
                       vni=100 + configured, df=df)


def udp_checksums(family):
    """Over IPv4 with udpcsum, over IPv6 without udp6zerocsumtx."""
    lab = Lab(family)
    frame = inner_frames(far())["IPv6 UDP"]
    word = "udpcsum" if family == 4 else "udp6zerocsumtx"
    other = "udp6zerocsumtx" if family == 4 else "udpcsum"
    for value in 0, 1:
        csum = value == (family == 4)
        lab.create(**{word: value})
        check_sent(f"{word} {value}", lab, frame, csum=csum)
        lab.delete()
        # of the other family
        lab.create(**{other: value})
        check_sent(f"{other} {value}", lab, frame)
        lab.delete()


def flow_label():
    lab = Lab(6)
    lab.create(flowlabel=0xfedcb)
    for text, inner in inner_frames(far()).items():
        check_sent(text, lab, inner, label=0xfedcb)


def identifications_differ():
    """RFC 6864 section 4.3: packets without DF may be cut on their way."""
    lab = Lab(4)
    lab.create()
    inner = bytes(inner_frames(far())["IPv4 UDP"])
    check_eq("identifications of 64 packets",
             len({lab.one(inner).ident for _ in range(64)}), 64)


def source_ports_follow_the_flow(family):
    """One flow has one port; flows differ; all ports are in the range."""
    lab = Lab(family)
    lab.create()
    lab.create("vx1", id=101, srcport=(50000, 50003))
    lab.create("vx2", id=102, srcport=(55555, 55555))

    def flow(port, kind=UDP, ip=IP, addresses=None):
        return bytes(far() / ip(**(addresses or INNER4)) /
                     kind(sport=port, dport=80) / Raw(bytes(port % 7)))

    ports = {}
    for port in range(1000, 1064):
        ports[port] = lab.one(flow(port)).sport
        check(f"port {ports[port]} is a dynamic one",
              IN_TREE or 49152 <= ports[port] <= 65535)
    # 64 flows out of 16384 ports: 52 is what chance misses once in 10^20
    check("flows differ", len(set(ports.values())) >= 52, ports)
    for port in ports:
        check_eq("port of the same flow", lab.one(flow(port)).sport,
                 ports[port])
    for kind, ip, addresses in ((TCP, IP, INNER4), (UDP, IPv6, INNER6),
                                (TCP, IPv6, INNER6)):
        found = [lab.one(flow(port, kind, ip, addresses)).sport
                 for port in range(1000, 1016)]
        check("flows differ", len(set(found)) >= 14, found)
    found = {lab.one(bytes(far() / Dot1Q(vlan=5) / IP(**INNER4) /
                           UDP(sport=port, dport=80))).sport
             for port in range(1000, 1016)}
    # the kernel's own driver does not look behind it
    check("flows behind a tag differ", IN_TREE or len(found) >= 14, found)
    # what follows the header of a later fragment are no ports
    found = {lab.one(bytes(far() / IP(frag=185, proto=17, **INNER4) /
                           Raw(bytes([n]) * 64))).sport for n in range(8)}
    check_eq("ports of the fragments of a packet", len(found), 1)
    found = {lab.one(flow(port), "vx1").sport for port in range(1000, 1064)}
    check_eq("ports of the range 50000-50003", found,
             {50000, 50001, 50002, 50003})
    found = {lab.one(flow(port), "vx2").sport for port in range(1000, 1008)}
    check_eq("ports of the range 55555-55555", found, {55555})


## receiving

def drops(before, after):
    """Drop counters that differ: {word: by how much}."""
    return {name[5:]: value - before.get(name, 0)
            for name, value in after.items()
            if name.startswith("drop_") and value != before.get(name, 0)}


def check_dropped(text, lab, reason, *packets, name="vx0"):
    """Packets are counted under @reason, once each, and go nowhere."""
    before = lab.stats(name)
    packets_before = lab.nl.link(name).stats()[0]
    got = lab.received(*packets, name=name)
    check_eq(f"{text}: delivered", [frame.hex() for frame in got], [])
    check_eq(f"{text}: rx_packets", lab.nl.link(name).stats()[0],
             packets_before)
    if not IN_TREE:
        want = {reason: len(packets)} if reason else {}
        check_eq(f"{text}: counted", drops(before, lab.stats(name)), want)


def check_received(text, lab, inner, *packets, name="vx0"):
    """A packet delivers an inner frame, unchanged, counted by no drop."""
    inner = bytes(inner)
    before = lab.stats(name)
    rx, _, rx_bytes, *_ = lab.nl.link(name).stats()
    got = lab.received(*(packets or [lab.packet(inner)]), name=name)
    check_eq(f"{text}: delivered", [frame.hex() for frame in got],
             [inner.hex()])
    check_eq(f"{text}: counted", drops(before, lab.stats(name)), {})
    after, _, after_bytes, *_ = lab.nl.link(name).stats()
    check_eq(f"{text}: rx_packets", after, rx + 1)
    # the core counts without the Ethernet header
    check_eq(f"{text}: rx_bytes", after_bytes - rx_bytes, len(inner) - 14)


def valid_packets_are_received(family):
    lab = Lab(family)
    lab.create()
    for text, inner in inner_frames(near()).items():
        check_received(text, lab, inner)
    small = near() / Raw(b"")
    check_received("nothing but an Ethernet header", lab, small)
    inner = inner_frames(near())["IPv4 TCP"]
    for text, fields in (("any source port", {"sport": 1}),
                         ("any ttl", {"ttl": 1}),
                         ("any tos", {"tos": 0xfc}),
                         ("any remote", {"src": lab.local[:-1] + "77"}),
                         ("DF", {"df": 1}), ("a flow label",
                                             {"label": 0x54321})):
        check_received(text, lab, inner, lab.packet(bytes(inner), **fields))
    if family == 4:
        check_received("no checksum", lab, inner,
                       lab.packet(bytes(inner), csum=0))
    # scapy's opinion of a packet
    check_received("made by scapy", lab, inner, bytes(
        Ether(src=MAC_B, dst=MAC_A) / {
            4: IP(src=REMOTE[4], dst=ADDRESS[4]),
            6: IPv6(src=REMOTE[6], dst=ADDRESS[6])}[family] /
        UDP(sport=55555, dport=4789) / VXLAN(flags=0x08, vni=100) / inner))


def truncated_payloads_are_counted(family):
    """A UDP datagram that ends anywhere in its headers."""
    lab = Lab(family)
    lab.create()
    whole = lab.packet(bytes(inner_frames(near())["another protocol"])).vxlan()
    for end in range(8 + 14):
        check_dropped(f"{end} bytes", lab,
                      "vxlan_header" if end < 8 else "truncated",
                      lab.packet(b"", payload=whole[:end]))
    check_received("all of the headers", lab, whole[8:22],
                   lab.packet(b"", payload=whole[:22]))


def truncated_inner_packets(family):
    """Inner IP and VLAN headers may end anywhere: none of our business, but
    those with a tag or an IP header cut off must not be read beyond the end.
    """
    lab = Lab(family)
    lab.create()
    for text in "IPv4 UDP", "IPv6 UDP", "a tag", "two tags":
        inner = bytes(inner_frames(near())[text])
        for end in range(14, 14 + 48):
            before = lab.stats()
            got = lab.received(lab.packet(inner[:end]))
            counted = drops(before, lab.stats())
            check(f"{text}, {end} bytes: delivered or counted",
                  (got == [inner[:end]] and not counted) or
                  (not got and (IN_TREE or counted == {"truncated": 1})),
                  (got, counted))


def cut_off_packets_go_nowhere(family):
    """A frame that ends before its IP packet does is for IP to drop."""
    lab = Lab(family)
    lab.create()
    whole = lab.packet(bytes(inner_frames(near())["IPv4 UDP"])).build()
    head = 14 + (20 if family == 4 else 40)
    for end in range(14, head + 8 + 8 + 14 + 1):
        check_dropped(f"{end} bytes", lab, None, whole[:end])


def fragments_of_a_packet_are_put_together():
    """RFC 7348 section 4.3: a tunnel endpoint may drop them; Linux does not."""
    lab = Lab(4)
    lab.create()
    inner = bytes(inner_frames(near())["the largest"])
    whole = lab.packet(inner).build()
    cut = 14 + 20 + 728
    first = bytearray(whole[:cut])
    second = bytearray(whole[:34]) + whole[cut:]
    for part, frag in (first, 0x2000), (second, 728 // 8):
        struct.pack_into("!H", part, 16, len(part) - 14)
        struct.pack_into("!H", part, 18, 4711)
        struct.pack_into("!H", part, 20, frag)
        struct.pack_into("!H", part, 24, 0)
        struct.pack_into("!H", part, 24,
                         packet.checksum(bytes(part[14:34])))
    check_received("fragments", lab, inner, bytes(second), bytes(first))


def the_i_flag_is_required(family):
    lab = Lab(family)
    lab.create()
    inner = bytes(inner_frames(near())["ARP"])
    for flags in 0, 0xf7ffffff, 0x80000000:
        check_dropped(f"flags {flags:#x}", lab, "vxlan_header",
                      lab.packet(inner, flags=flags))


def reserved_bits(family):
    """Ignored (RFC 7348 section 5), unless the tunnel is strict."""
    if IN_TREE:
        return "the kernel's own driver drops by default"
    lab = Lab(family)
    lab.create()
    inner = bytes(inner_frames(near())["ARP"])
    bits = [(1 << bit, 0) for bit in range(32)
            if 1 << bit != packet.I_FLAG] + \
        [(0, 1 << bit) for bit in range(8)] + [(0xf7ffffff, 0xff)]
    for flags, reserved in bits:
        check_received(f"reserved {flags:#010x} {reserved:#04x}", lab, inner,
                       lab.packet(inner, flags=packet.I_FLAG | flags,
                                  reserved=reserved))
    lab.change(strict=1)
    check_received("none", lab, inner)
    for flags, reserved in bits:
        check_dropped(f"strict, reserved {flags:#010x} {reserved:#04x}", lab,
                      "vxlan_reserved",
                      lab.packet(inner, flags=packet.I_FLAG | flags,
                                 reserved=reserved))
    return None


def other_networks_are_not_received(family):
    lab = Lab(family)
    lab.create()
    inner = bytes(inner_frames(near())["ARP"])
    # among them 100 with one more bit, in each of the other bytes
    for vni in 0, 1, 99, 101, 0x0164, 0x010064, 0x640000, 0xffffff:
        check_dropped(f"id {vni}", lab, "vxlan_vni",
                      lab.packet(inner, vni=vni))
    lab.create("vx1", id=101)
    check_received("of another tunnel", lab, inner,
                   lab.packet(inner, vni=101), name="vx1")
    check_eq("also received by the first", lab.delivered(), [])
    lab.down("vx1")
    check_dropped("of a tunnel that is down", lab, "vxlan_vni",
                  lab.packet(inner, vni=101))


def invalid_sources_are_dropped(family):
    lab = Lab(family)
    lab.create()
    for mac in "00:00:00:00:00:00", "01:00:5e:00:00:01", \
            "ff:ff:ff:ff:ff:ff", "33:33:00:00:00:01":
        check_dropped(f"from {mac}", lab, "invalid_source",
                      lab.packet(bytes(near(mac) / Raw(bytes(46)))))
    check_dropped("from ourselves", lab, "own_source",
                  lab.packet(bytes(near(MAC_VX) / Raw(bytes(46)))))


def learned(lab, mac, name="vx0"):
    """Where a frame to an address is sent."""
    return lab.one(bytes(Ether(dst=mac, src=MAC_VX) / Raw(bytes(46))),
                   name).dst


def a_static_address_does_not_move(family):
    lab = Lab(family)
    lab.create()
    other = lab.remote[:-1] + "5"
    lab.neighbour(other)
    inner = bytes(near() / Raw(bytes(46)))
    lab_.fdb(lab.nl, "vx0", MAC_FAR, dst=other)
    check_dropped("a static address elsewhere", lab, "vxlan_moved",
                  lab.packet(inner))
    check_received("where it belongs", lab, inner,
                   lab.packet(inner, src=other))
    check_eq("entry", learned(lab, MAC_FAR), other)
    lab_.fdb(lab.nl, "vx0", MAC_FAR, kind=vnb.RTM_DELNEIGH)
    check_received("without the entry", lab, inner)
    check_eq("learned", learned(lab, MAC_FAR), lab.remote)
    check_received("moved", lab, inner, lab.packet(inner, src=other))
    check_eq("learned again", learned(lab, MAC_FAR), other)


def dropped_packets_teach_nothing(family):
    """What is dropped before its source is valid is not learned."""
    if IN_TREE:
        return "counters are ours"
    lab = Lab(family)
    other = lab.remote[:-1] + "5"
    lab.neighbour(other)
    lab.create(strict=1)
    inner = bytes(near() / Raw(bytes(46)))
    check_dropped("a reserved bit", lab, "vxlan_reserved",
                  lab.packet(inner, src=other, reserved=1))
    check_dropped("no I flag", lab, "vxlan_header",
                  lab.packet(inner, src=other, flags=0))
    check_eq("not learned", learned(lab, MAC_FAR), lab.remote)
    return None


def ecn_marks_are_combined(family):
    """RFC 6040 section 4.2, as the kernel does it for all tunnels."""
    lab = Lab(family)
    lab.create()
    for marked in NOT_ECT, ECT_1, ECT_0, CE:
        for inside in NOT_ECT, ECT_1, ECT_0, CE:
            after = CE if marked == CE else inside
            if (marked, inside) == (ECT_1, ECT_0):
                after = ECT_1
            frames = {
                "IPv4": [near() / IP(**INNER4, tos=0xa0 | ecn) / UDP()
                         for ecn in (inside, after)],
                "IPv6": [near() / IPv6(**INNER6, tc=0xa0 | ecn) / UDP()
                         for ecn in (inside, after)],
            }
            if not IN_TREE:
                frames["IPv4 with a tag"] = [
                    near() / Dot1Q(vlan=5) / IP(**INNER4, tos=0xa0 | ecn) /
                    UDP() for ecn in (inside, after)]
            for text, (sent, wanted) in frames.items():
                text = f"outer {marked}, inner {text} {inside}"
                pkt = lab.packet(bytes(sent), tos=0x48 | marked)
                if marked == CE and inside == NOT_ECT:
                    check_dropped(text, lab, "vxlan_ecn", pkt)
                else:
                    check_received(text, lab, wanted, pkt)
    check_received("not IP", lab, near() / Raw(bytes(46)), lab.packet(
        bytes(near() / Raw(bytes(46))), tos=CE))


def wrong_checksums_are_for_udp_to_drop(family):
    lab = Lab(family)
    lab.create()
    inner = bytes(inner_frames(near())["IPv4 UDP"])
    at = 0 if family == 4 else 1
    for csum in 1, 0xffff, 0x1234:
        before = lab_.udp_counter(lab.a, "InCsumErrors")[at]
        check_dropped(f"checksum {csum:#x}", lab, None,
                      lab.packet(inner, csum=csum))
        check_eq(f"checksum {csum:#x}: InCsumErrors",
                 lab_.udp_counter(lab.a, "InCsumErrors")[at], before + 1)


def no_checksum_over_ipv6():
    """RFC 6936: only where it is asked for, tunnel by tunnel."""
    lab = Lab(6)
    lab.create()
    lab.create("vx1", id=101, **({"dstport": 4790} if IN_TREE else {}),
               udp6zerocsumrx=1)
    port = 4790 if IN_TREE else 4789
    inner = bytes(inner_frames(near())["ARP"])
    for _ in range(2):
        check_dropped("not asked for", lab, "vxlan_csum",
                      lab.packet(inner, csum=0))
        check_received("asked for", lab, inner, lab.packet(
            inner, csum=0, vni=101, dport=port), name="vx1")
        check_received("a checksum all the same", lab, inner, lab.packet(
            inner, vni=101, dport=port), name="vx1")


def main():
    lab_.need_tunnels()
    tests = []
    for family in 4, 6:
        tests += [lab_.named(test, family) for test in (
            every_byte_of_a_packet, a_group_has_its_own_addresses,
            tos_and_ecn, ttl_is_inherited, df_is_inherited, udp_checksums,
            source_ports_follow_the_flow, valid_packets_are_received,
            truncated_payloads_are_counted, truncated_inner_packets,
            cut_off_packets_go_nowhere, the_i_flag_is_required, reserved_bits,
            other_networks_are_not_received, invalid_sources_are_dropped,
            a_static_address_does_not_move, dropped_packets_teach_nothing,
            ecn_marks_are_combined, wrong_checksums_are_for_udp_to_drop)]
    tests += [flow_label, no_checksum_over_ipv6, identifications_differ,
              fragments_of_a_packet_are_put_together]
    lab_.run_tests(tests)


if __name__ == "__main__":
    main()
