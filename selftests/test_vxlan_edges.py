#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 180
"""A tunnel at the edges of what can happen; see py/vxlan_lab.py for a picture.

Frames that end too early on their way in, what else is in a buffer that is not
the tunnel's, ICMP errors that quote its packets, paths that have no room for
its headers, and tables that no message can hold.
"""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import frames  # noqa: E402
import skb_probe  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
import vxlan_packet as packet  # noqa: E402
from netlink_fuzz import Dump  # noqa: E402
from vxlan_lab import IN_TREE, Lab, MAC_FAR, MAC_VX, check_eq  # noqa: E402

ZERO = "00:00:00:00:00:00"
ECT_0, CE = 2, 3


def drops(before, after):
    """{word: how many} of what was dropped in between."""
    return {name[5:]: after[name] - before[name] for name in after
            if name.startswith("drop_") and after[name] != before[name]}


def frame(size):
    """One that is not IP, so that nobody can be told of its size."""
    return packet.inner_other(MAC_FAR, MAC_VX, bytes(range(256)) * 8)[:size]


def ip_packets(lab):
    """(IP length, offset or None) of what reached the tester since the last
    time; the offset is that of an IPv4 fragment."""
    lab.fence.wait()
    found = []
    for raw in lab.tester.frames():
        if raw[12:14] == b"\x08\0":
            length, offset = struct.unpack_from("!2xH2xH", raw, 14)
            found.append((length, 8 * (offset & 0x1fff)))
        elif raw[12:14] == b"\x86\xdd" and raw[20] in (packet.UDP, 44):
            found.append((40 + struct.unpack_from("!H", raw, 18)[0], None))
    return found


def sent(lab, inner):
    """ip_packets() that a frame becomes."""
    ip_packets(lab)
    lab.taps["vx0"].sock.send(inner)
    return ip_packets(lab)


## frames

def cut_off_on_the_way_in(family):
    """An IP header that is not there is not read: the frame is counted."""
    lab = Lab(family)
    lab.create(tos=1, ttl_inherit=1, df=2)
    ipv4 = packet.inner_ipv4(MAC_FAR, MAC_VX, data=bytes(20))
    ipv6 = packet.inner_ipv6(MAC_FAR, MAC_VX, data=bytes(20))
    for text, inner, needed in (
            ("IPv4", ipv4, 34), ("IPv6", ipv6, 54),
            ("IPv4 with a tag", packet.tagged(ipv4, 5), 38),
            ("IPv6 with a tag", packet.tagged(ipv6, 5), 58)):
        for end in range(14, needed + 2):
            before = lab.stats()
            got = [pkt.inner for pkt in lab.encapsulated(inner[:end])]
            found = (got, drops(before, lab.stats()))
            if needed in (38, 58) and end < 18 and not found[1]:
                continue    # half a tag is none
            check_eq(f"{text}, {end} bytes", found, ([inner[:end]], {}) if
                     end >= needed else ([], {"truncated": 1}))


def marks_are_not_written_into_what_others_read():
    """A packet socket on the underlay sees the inner mark as it came."""
    lab = Lab(4)
    lab.create()
    tap = frames.Tap(lab.a, "eth0")
    for build in packet.inner_ipv4, packet.inner_ipv6:
        inner = build(MAC_VX, MAC_FAR, tos=ECT_0, data=bytes(100))
        marked = build(MAC_VX, MAC_FAR, tos=CE, data=bytes(100))
        outer = lab.packet(inner, tos=CE)
        check_eq("received", lab.received(outer), [marked])
        check_eq("on the underlay", tap.frames(), [outer.build()])
    tap.close()


def what_tc_left_in_a_buffer_is_no_option_of_ip():
    """tc and IP use the same bytes of a buffer, one after the other."""
    lab = Lab(4)
    lab.create()
    lab.nl.setlink("vx0", vnb.u32(vnb.IFLA.MTU, 1500))
    whole = sent(lab, frame(1514))
    check_eq("the longest fragment", max(whole)[0], 1500)
    # where IP has the largest size that a fragment had
    skb_probe.stain_cb(lab.a, "vx0", {22: 600})
    check_eq("still", sent(lab, frame(1514)), whole)


## the path

def quoting(lab, outer, mtu):
    """An ICMP error of the other side: the packet @outer does not fit."""
    if lab.family == 4:
        body = struct.pack("!BBHHH", 3, 4, 0, 0, mtu) + outer
        body = body[:2] + struct.pack("!H", packet.checksum(body)) + body[4:]
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64, 1,
                         0, lab_.ip_bytes(lab.remote), lab_.ip_bytes(lab.local))
        ip = ip[:10] + struct.pack("!H", packet.checksum(ip)) + ip[12:]
        head = b"\x08\0" + ip
    else:
        src, dst = lab_.ip_bytes(lab.remote), lab_.ip_bytes(lab.local)
        body = struct.pack("!BBHI", 2, 0, 0, mtu) + outer
        csum = packet.checksum(packet.pseudo_header(src, dst, len(body), 58) +
                               body)
        body = body[:2] + struct.pack("!H", csum) + body[4:]
        head = b"\x86\xdd" + struct.pack("!IHBB", 6 << 28, len(body), 58, 64) \
            + src + dst
    return vnb.mac(lab_.MAC_A) + vnb.mac(lab_.MAC_B) + head + body


def unclaimed(lab):
    """ICMP errors that nobody claimed."""
    with vnb.netns(lab.a):
        if lab.family == 6:
            with open("/proc/thread-self/net/snmp6") as f:
                return int(dict(line.split() for line in f)["Icmp6InErrors"])
        with open("/proc/thread-self/net/snmp") as f:
            names, values = [line.split() for line in f
                             if line.startswith("Icmp: ")]
    return int(dict(zip(names, values))["InErrors"])


def errors_are_for_the_tunnel_that_they_quote(family):
    """Those that quote no tunnel, or not enough of it, are nobody's."""
    lab = Lab(family)
    lab.create()

    def claimed(end, **fields):
        """Is an error ours that has so many bytes of a packet behind IP?"""
        outer = lab.packet(frame(200), src=lab.local, dst=lab.remote,
                           **fields).build()[14:]
        before = unclaimed(lab)
        lab.inject(quoting(lab, outer[:{4: 20, 6: 40}[family] + end], 1300))
        return unclaimed(lab) == before

    check_eq("one of ours", claimed(64), True)
    check_eq("just enough of it", claimed(16), True)
    for text, end, fields in (("another VNI", 64, {"vni": 101}),
                               ("another port", 64, {"dport": 4790}),
                               ("no VXLAN header", 64, {"flags": 0}),
                               ("only UDP", 8, {}), ("half of it", 12, {})):
        check_eq(text, claimed(end, **fields), False)
    lab.down()
    check_eq("while it is down", claimed(64), False)
    lab.up()
    check_eq("while it is up", claimed(64), True)


def a_path_without_room_for_the_headers():
    """The frame goes in fragments that are smaller than its headers."""
    lab = Lab(4)
    lab.create()
    lab_.route_add(lab.nl, "eth0", lab.remote, 32, mtu=44)
    before = lab.stats()
    found = sent(lab, frame(60))
    check_eq("drops", drops(before, lab.stats()), {})
    check_eq("all of it arrives", sum(length - 20 for length, _ in found),
             8 + 8 + 60)
    check_eq("in pieces of", {length for length, _ in found[:-1]}, {44})


def a_path_too_small_for_a_frame(family):
    """Over IPv4 it goes in fragments. IPv6 cuts nothing, which is counted."""
    lab = Lab(family)
    lab.create()
    lab_.route_add(lab.nl, "eth0", lab.remote, {4: 32, 6: 128}[family],
                   mtu=1300)
    before = lab.stats()
    found = sent(lab, frame(1400))
    counted = drops(before, lab.stats())
    if family == 4:
        check_eq("sent", (len(found), counted), (2, {}))
    else:
        check_eq("sent", (found, counted), ([], {"pmtu": 1}))
    check_eq("one that fits", len(sent(lab, frame(1200))), 1)


## tables

def append(lab, mac, dst):
    """One more destination of an address."""
    lab.nl.request(
        vnb.RTM_NEWNEIGH, vnb.ndmsg(lab.nl.index("vx0"), 0xc0, 2) +
        vnb.attr(vnb.NDA.LLADDR, vnb.mac(mac)) +
        vnb.attr(vnb.NDA.DST, lab_.ip_bytes(dst)),
        vnb.NLM_F_CREATE | vnb.NLM_F_APPEND)


def a_dump_in_parts():
    """Of many addresses, and of one with many destinations."""
    lab = Lab(4)
    lab.create(remote=None)
    want = set()
    index = lab.nl.index("vx0")
    for i in range(600):
        want.add((f"02:00:00:00:{i >> 8:02x}:{i & 255:02x}", "192.0.2.9"))
        want.add((ZERO, f"198.51.{100 + (i >> 8)}.{i & 255}"))
    for mac, dst in want:
        append(lab, mac, dst)
    rows = []
    for _, payload in lab.nl.request(vnb.RTM_GETNEIGH, vnb.ndmsg(index),
                                     vnb.NLM_F_DUMP):
        attrs = vnb.parse(payload[12:])
        if struct.unpack_from("=4xi", payload)[0] == index:
            rows.append((packet.mac_text(attrs[vnb.NDA.LLADDR]),
                         ".".join(map(str, attrs[vnb.NDA.DST]))))
    check_eq("rows", len(rows), len(want))
    check_eq("each of them", set(rows) ^ want, set())


def a_dump_while_an_address_gains_a_destination():
    """It has those after it once."""
    lab, stations = Lab(4), 300
    lab.create(remote=None)
    append(lab, ZERO, "198.51.100.1")
    for i in range(stations):
        append(lab, vnb.station(i), "192.0.2.9")
    with vnb.Rtnl(lab.a) as nl:
        dump = Dump(nl, vnb.RTM_GETNEIGH, vnb.ndmsg(lab.nl.index("vx0")))
        dump.part()
        append(lab, ZERO, "198.51.100.2")
        while not dump.done:
            dump.part()
    lab_.check("parts", dump.parts > 2, dump.parts)
    rows = [row for row in dump.rows if row[2] == lab_.ip_bytes("192.0.2.9")]
    check_eq("rows", len(rows), stations)
    check_eq("different ones", len(set(rows)), stations)


def main():
    lab_.need_tunnels()
    if IN_TREE:
        lab_.skip_all("counters of vnetbr")
    lab_.run_tests([
        lab_.named(cut_off_on_the_way_in, 4),
        lab_.named(cut_off_on_the_way_in, 6),
        marks_are_not_written_into_what_others_read,
        what_tc_left_in_a_buffer_is_no_option_of_ip,
        lab_.named(errors_are_for_the_tunnel_that_they_quote, 4),
        lab_.named(errors_are_for_the_tunnel_that_they_quote, 6),
        lab_.named(a_path_too_small_for_a_frame, 4),
        lab_.named(a_path_too_small_for_a_frame, 6),
        a_path_without_room_for_the_headers, a_dump_in_parts,
        a_dump_while_an_address_gains_a_destination])


if __name__ == "__main__":
    main()
