#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tunnels and frames that are in pieces, to be cut, or very long.

See py/vxlan_lab.py for a picture; here, vx0 is a port of a bridge as well:

    c0 --- p0 (pair)     br0     vx0 ... tester
                         tap0, as a virtual machine has it
"""
import logging
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vxlan_lab as lab_  # noqa: E402

logging.getLogger("scapy").setLevel(logging.ERROR)
try:
    from scapy.layers.inet import IP, TCP, UDP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import Ether
    from scapy.packet import Raw
except ImportError:
    lab_.skip_all("scapy is not installed")

import frames  # noqa: E402
import shapes  # noqa: E402
import vnb  # noqa: E402
import vxlan_packet as packet  # noqa: E402
from vnb import IFLA, u32  # noqa: E402
from vxlan_lab import Lab, MAC_FAR, MAC_VX, check_eq, wait_for  # noqa: E402

INNER4 = {"src": "203.0.113.1", "dst": "203.0.113.2"}
INNER6 = {"src": "2001:db8:1::1", "dst": "2001:db8:1::2"}
LONGEST = 65535
ECT_0, CE = 2, 3


def switch(lab):
    """Make br0 with vx0, which exists, and p0 and tap0; returns the Guest."""
    nl = lab.nl
    # whoever listens there has frames go the slow way, which repairs some
    lab.taps.pop("vx0").close()
    nl.newlink("br0", vnb.info("vnetbr"), u32(IFLA.MTU, LONGEST), up=True)
    master = u32(IFLA.MASTER, nl.index("br0"))
    nl.newlink("p0", master, u32(IFLA.MTU, LONGEST), vnb.info(
        "vnetbr", vnb.mode("pair"), vnb.peer(
            vnb.text(IFLA.IFNAME, "c0"), u32(IFLA.MTU, LONGEST))), up=True)
    guest = shapes.Guest(lab.a, "tap0")
    for name in "br0", "c0", "tap0":
        with vnb.netns(lab.a):
            lab_.sysctl(f"ipv6/conf/{name}/disable_ipv6", 1)
    for name in "vx0", "tap0":
        nl.setlink(name, master, up=True)
    nl.setlink("c0", up=True)
    for name in "c0", "p0", "tap0":
        wait_for(f"{name} can send",
                 lambda name=name: nl.link(name).can_send())
    lab.taps["c0"] = frames.Tap(lab.a, "c0")
    return guest


def one_flow_has_one_port(family):
    """However much of a frame is linear, and whoever sends it."""
    lab = Lab(family)
    lab.create()
    switch(lab)
    ring = shapes.Ring(lab.a, "c0")
    for ip in IP(**INNER4), IPv6(**INNER6):
        for kind in UDP, TCP:
            for port in range(2000, 2008):
                frame = bytes(Ether(dst=MAC_FAR, src=MAC_VX) / ip /
                              kind(sport=port, dport=80) / Raw(bytes(200)))
                linear = lab.one(frame, "c0").sport
                lab.tester.frames()
                ring.send(frame)
                check_eq(f"{ip.name} {kind.__name__} {port}",
                         [pkt.sport for pkt in lab.seen()], [linear])


def tunnels_to_one_address_count_together():
    """RFC 6864 section 4.3: a receiver tells fragments by addresses alone."""
    lab = Lab(4)
    lab.create()
    lab.create("vx1", id=101)
    lab.create("vx2", id=102, dstport=4790)
    frame = bytes(Ether(dst=MAC_FAR, src=MAC_VX) / Raw(bytes(50)))
    idents = [lab.one(frame, name).ident
              for _ in range(8) for name in ("vx0", "vx1", "vx2")]
    check_eq("identifications", idents,
             [(idents[0] + n) & 0xffff for n in range(24)])


def guests_leave_counting_to_us():
    """Each segment of a frame of a guest has an identification of its own."""
    lab = Lab(4)
    lab.create()
    guest = switch(lab)
    frame = bytes(Ether(dst=MAC_FAR, src=MAC_VX) / IP(**INNER4) /
                  TCP(sport=1, dport=2, flags="A") / Raw(bytes(400)))
    idents = []
    for _ in range(3):
        lab.tester.frames()
        guest.send_tcp(frame, 100)
        found = lab.seen()
        check_eq("segments", len(found), 4)
        idents += [pkt.ident for pkt in found]
    check_eq(f"different ones of {idents}", len(set(idents)), 12)


def longer_than_any_packet(family):
    """It is dropped, and counted, whatever fragments could be made of it."""
    lab = Lab(family, mtu=LONGEST)
    lab.create()
    switch(lab)
    before = lab.stats().get("drop_pmtu", 0)
    for more, packets in (-200, 1), (0, 0):
        ip = IP(**INNER4, id=1, flags=0)
        frame = bytes(Ether(dst=MAC_FAR, src=MAC_VX) / ip /
                      UDP(sport=1, dport=2) /
                      Raw(bytes(LONGEST - 28 + more)))
        check_eq(f"{len(frame)} bytes",
                 len(lab.encapsulated(frame, "c0")), packets)
    check_eq("drop_pmtu", lab.stats().get("drop_pmtu", 0), before + 1)


def marks_end_where_the_frame_does(family):
    """A cut off IP header is not combined with the outer mark (RFC 6040)."""
    lab = Lab(family)
    lab.create()
    ether = Ether(dst=MAC_VX, src=MAC_FAR)
    for ip, size in ((IP(**INNER4, tos=ECT_0), 20),
                     (IPv6(**INNER6, tc=ECT_0), 40)):
        frame = bytes(ether / ip / UDP())
        for end in range(14, 14 + size + 1):
            before = lab.stats()
            got = lab.received(lab.packet(frame[:end], tos=CE))
            after = lab.stats()
            counted = {name: after[name] - before[name] for name in after
                       if name.startswith("drop_") and
                       after[name] != before[name]}
            check_eq(f"{ip.name}, {end} bytes: frames, drops",
                     (len(got), counted),
                     (1, {}) if end == 14 + size else
                     (0, {"drop_truncated": 1}))


def underlay_of_a_guest(lab):
    """A virtual machine that sends to the tunnel; returns the Guest and the
    address of its device."""
    guest = shapes.Guest(lab.a, "tap1")
    lab.nl.setlink("tap1", up=True)
    wait_for("tap1 can send", lambda: lab.nl.link("tap1").can_send())
    return guest, packet.mac_text(lab.nl.link("tap1").attrs[IFLA.ADDRESS])


def datagrams_of_one_frame():
    """Each goes its way, and nothing of it goes the way of the one before."""
    lab = Lab(4)
    lab.create()
    inside = switch(lab)
    outside, mac = underlay_of_a_guest(lab)
    inner = [bytes(Ether(dst=MAC_FAR, src="02:00:00:00:0f:02") /
                   Raw(bytes([n]) * 100)) for n in range(3)]
    payload = [lab.packet(frame).vxlan() for frame in inner]
    frame = lab.packet(b"", payload=b"".join(payload), eth_dst=mac).build()
    inside.received()
    if not outside.send_udp(frame, len(payload[0])):
        return "no such frames here"
    lab.fence.wait()
    check_eq("frames behind the bridge", inside.received(), inner)
    return None


def a_checksum_in_front_of_the_tunnel():
    """The core forgets where it was: so do we, and the frame is as it was."""
    lab = Lab(4)
    lab.create()
    inside = switch(lab)
    outside, mac = underlay_of_a_guest(lab)
    inner = bytes(Ether(dst=MAC_FAR, src="02:00:00:00:0f:02") /
                  Raw(bytes(range(200))))
    inside.received()
    for n in range(2, 66):
        frame = lab.packet(inner, eth_dst=mac, src=f"192.0.2.{n}").build()
        outside.send_partial(frame, 20, 0)
        lab.fence.wait()
        check_eq(f"frames from 192.0.2.{n}", inside.received(), [inner])


def segments_out_of_a_tunnel():
    """What comes in one piece out of a tunnel is cut behind the bridge."""
    lab = Lab(4)
    lab.create()
    inside = switch(lab)
    lab_.address_add(vnb.Rtnl(lab.b), "eth0", lab_.REMOTE[4], 24)
    other = vnb.Rtnl(lab.b)
    lab_.neighbour_add(other, "eth0", lab_.ADDRESS[4], lab_.MAC_A)
    inner, ext = lab_.options({"id": 100, "dstport": 4789,
                               "local": lab_.REMOTE[4],
                               "remote": lab_.ADDRESS[4]})
    other.newlink("vx0", lab_.linkinfo(inner, ext), up=True)
    other.newlink("br0", vnb.info("vnetbr"), up=True)
    far = shapes.Guest(lab.b, "tap0")
    for name in "vx0", "tap0":
        other.setlink(name, u32(IFLA.MASTER, other.index("br0")), up=True)
    wait_for("tap0 can send", lambda: other.link("tap0").can_send())
    frame = bytes(Ether(dst=MAC_FAR, src="02:00:00:00:0f:02") / IP(**INNER4) /
                  TCP(sport=1, dport=2, flags="A") / Raw(bytes(1200)))
    inside.received()
    far.send_tcp(frame, 400)
    lab.fence.wait()
    check_eq("lengths", [len(f) for f in inside.received()], [454] * 3)


def main():
    lab_.need_tunnels()
    if lab_.IN_TREE:
        lab_.skip_all("with bridges of ours only")
    subprocess.run(["modprobe", "-q", "tun"])
    lab_.run_tests([lab_.named(test, family) for test in (
        one_flow_has_one_port, longer_than_any_packet,
        marks_end_where_the_frame_does) for family in (4, 6)] +
        [tunnels_to_one_address_count_together, guests_leave_counting_to_us,
         datagrams_of_one_frame, a_checksum_in_front_of_the_tunnel,
         segments_out_of_a_tunnel])


if __name__ == "__main__":
    main()
