#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 180
"""Which remotes get a frame; see py/vxlan_lab.py for a picture.

Default remote, several destinations, learning, roaming, limit and ageing. The
tester is all of the remotes: it sees each copy and to whom it goes.
"""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
import vxlan_packet as packet  # noqa: E402
from vxlan_lab import (IN_TREE, MAC_B, MAC_FAR, MAC_VX, Lab,  # noqa: E402
                       check, check_eq)

ZERO, BROADCAST = "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"
GROUP_MAC, UNKNOWN = "01:00:5e:00:00:09", "02:00:00:00:0f:99"
STATIC = 0xc0


def make_lab(family, remotes=9, **chosen):
    """A tunnel without a default remote, unless @chosen says so."""
    lab = Lab(family)
    for host in range(2, remotes + 1):
        lab.neighbour(remote(lab, host))
    chosen.setdefault("remote", None)
    lab.create(**chosen)
    return lab


def remote(lab, host):
    """Address of a remote."""
    return ("192.0.2.%d" if lab.family == 4 else "2001:db8::%x") % host


def frame(dst, src=MAC_VX, size=60):
    return packet.inner_other(dst, src, bytes(range(256)) * 8)[:size]


def sent_to(lab, dst, name="vx0"):
    """Where a frame to @dst goes: sorted hosts, with port and id if unusual.

    Each copy has to have the inner frame unchanged.
    """
    inner = frame(dst, size=200)
    found = []
    for pkt in lab.encapsulated(inner, name):
        check_eq(f"inner frame to {pkt.dst}", pkt.inner.hex(), inner.hex())
        host = int(pkt.dst.replace(":", ".").split(".")[-1],
                   10 if lab.family == 4 else 16)
        found.append(host if (pkt.dport, pkt.vni) == (4789, 100) else
                     (host, pkt.dport, pkt.vni))
    return sorted(found, key=str)


def append(lab, mac, host, **kwargs):
    lab_.fdb(lab.nl, "vx0", mac, dst=remote(lab, host), **kwargs)


def delete(lab, mac, host=None, **kwargs):
    dst = remote(lab, host) if host else None
    lab_.fdb(lab.nl, "vx0", mac, dst=dst, kind=vnb.RTM_DELNEIGH, **kwargs)


def counted(lab, name, function, *args):
    """By how much a counter of `ethtool -S` grows."""
    before = lab.stats().get(name, 0)
    function(*args)
    return lab.stats().get(name, 0) - before


def come(lab, mac, host, **fields):
    """A frame from @mac comes from a remote; was it received?"""
    inner = frame(MAC_VX, mac)
    return lab.received(lab.packet(inner, src=remote(lab, host),
                                   **fields)) == [inner]


def table(lab, name="vx0"):
    """{mac: [(destination, state, seconds since it was heard of, device)]}"""
    index = lab.nl.index(name)
    found = {}
    for _, payload in lab.nl.request(vnb.RTM_GETNEIGH, vnb.ndmsg(index),
                                     vnb.NLM_F_DUMP):
        ifindex, state = struct.unpack_from("=4xiH", payload)
        attrs = vnb.parse(payload[12:])
        if ifindex == index:
            mac = packet.mac_text(attrs[vnb.NDA.LLADDR])
            # the kernel's own driver changes one or both, by version
            heard = min(struct.unpack_from("=4xII", attrs[vnb.NDA.CACHEINFO]))
            found.setdefault(mac, []).append(
                (str(lab_.ipaddress.ip_address(attrs[vnb.NDA.DST])), state,
                 heard / 100, struct.unpack("=I", attrs.get(
                     vnb.NDA.IFINDEX, bytes(4)))[0]))
    return found


## sending

def without_a_remote(family):
    lab = make_lab(family)
    for mac in BROADCAST, GROUP_MAC, UNKNOWN:
        grown = counted(lab, "drop_no_remote",
                        lambda: check_eq("sent", sent_to(lab, mac), []))
        check_eq("counted", grown, 0 if IN_TREE else 1)
    check_eq("tx_dropped", lab.nl.link("vx0").stats()[7], 3)


def every_remote_gets_one_copy(family):
    lab = make_lab(family)
    want = []
    for host in range(2, 10):
        append(lab, ZERO, host)
        want.append(host)
        for mac in BROADCAST, GROUP_MAC, UNKNOWN:
            check_eq(f"sent to {mac}", sent_to(lab, mac), want)
    append(lab, ZERO, 2, port=4790)
    append(lab, ZERO, 2, vni=7)
    append(lab, ZERO, 3, port=1, vni=0xffffff)
    want += [(2, 4790, 100), (2, 4789, 7), (3, 1, 0xffffff)]
    want.sort(key=str)
    before = lab.nl.link("vx0").stats()
    check_eq("with ports and ids", sent_to(lab, BROADCAST), want)
    after = lab.nl.link("vx0").stats()
    check_eq("tx_packets", after[1] - before[1], len(want))
    inner = frame(UNKNOWN)
    for _ in range(50):
        lab.taps["vx0"].sock.send(inner)
        lab.fence.wait()
    check_eq("copies of 50 frames", len(lab.seen()), 50 * len(want))
    delete(lab, ZERO, 2)
    delete(lab, ZERO, 9)
    delete(lab, ZERO, 3, port=1, vni=0xffffff)
    for gone in 2, 9, (3, 1, 0xffffff):
        want.remove(gone)
    check_eq("without three", sent_to(lab, BROADCAST), want)


def the_default_remote_is_one_of_them(family):
    lab = make_lab(family, remote=None)
    lab.delete()
    lab.create(remote=remote(lab, 2))
    check_eq("alone", sent_to(lab, BROADCAST), [2])
    append(lab, ZERO, 3)
    append(lab, ZERO, 2)
    check_eq("with another", sent_to(lab, BROADCAST), [2, 3])
    lab.change(remote=remote(lab, 4))
    check_eq("another default", sent_to(lab, BROADCAST), [3, 4])
    delete(lab, ZERO)
    check_eq("none", sent_to(lab, BROADCAST), [])


def an_entry_has_its_own_remotes(family):
    lab = make_lab(family, remote="192.0.2.2" if family == 4 else
                   "2001:db8::2")
    append(lab, MAC_FAR, 3)
    append(lab, GROUP_MAC, 4)
    append(lab, GROUP_MAC, 5)
    append(lab, BROADCAST, 6)
    check_eq("an address", sent_to(lab, MAC_FAR), [3])
    check_eq("a group", sent_to(lab, GROUP_MAC), [4, 5])
    check_eq("broadcast", sent_to(lab, BROADCAST), [6])
    check_eq("any other", sent_to(lab, UNKNOWN), [2])
    append(lab, MAC_FAR, 7, port=4790, vni=9,
           flags=vnb.NLM_F_CREATE | vnb.NLM_F_REPLACE)
    check_eq("replaced", sent_to(lab, MAC_FAR), [(7, 4790, 9)])
    for mac in MAC_FAR, GROUP_MAC, BROADCAST:
        delete(lab, mac)
        check_eq(f"without {mac}", sent_to(lab, mac), [2])


def an_entry_names_its_underlay_device():
    lab = make_lab(4)
    lab_.veth(lab.nl, "eth1", lab.b, "eth1", "02:00:00:00:0a:03",
              "02:00:00:00:0b:03")
    lab_.neighbour_add(lab.nl, "eth1", remote(lab, 3), MAC_B)
    other = lab_.frames.Tap(lab.b, "eth1")
    index = lab.nl.index("eth1")
    lab.nl.request(vnb.RTM_NEWNEIGH, vnb.ndmsg(
        lab.nl.index("vx0"), state=STATIC, flags=2) +
        vnb.attr(vnb.NDA.LLADDR, vnb.mac(MAC_FAR)) +
        vnb.attr(vnb.NDA.DST, lab_.ip_bytes(remote(lab, 3))) +
        vnb.u32(vnb.NDA.IFINDEX, index), vnb.NLM_F_CREATE)
    check_eq("from eth0", sent_to(lab, MAC_FAR), [])
    check_eq("from eth1", [packet.Packet.parse(raw).dst for raw in
                           other.frames()], [remote(lab, 3)])


def an_underlay_without_a_route():
    """Counted, and the other remotes get theirs."""
    lab = make_lab(4)
    for dst in "198.51.100.1", remote(lab, 3), "198.51.100.2":
        lab_.fdb(lab.nl, "vx0", ZERO, dst=dst)
    grown = counted(lab, "drop_no_route", lambda: check_eq(
        "sent", sent_to(lab, BROADCAST), [3]))
    check_eq("counted", grown, 0 if IN_TREE else 2)
    check_eq("tx_errors", lab.nl.link("vx0").stats()[5], 2)


def a_route_through_the_tunnel_itself():
    lab = make_lab(4)
    lab_.address_add(lab.nl, "vx0", "198.51.100.1", 24)
    lab_.fdb(lab.nl, "vx0", ZERO, dst="198.51.100.2")
    lab_.fdb(lab.nl, "vx0", ZERO, dst=remote(lab, 3))
    lab.change(local="0.0.0.0")
    grown = counted(lab, "drop_route_loop", lambda: check_eq(
        "sent", sent_to(lab, BROADCAST), [3]))
    check_eq("counted", grown, 0 if IN_TREE else 1)


def routes_are_followed():
    """A remote is reached as the routing table says now, not as it once did."""
    lab = make_lab(4)
    lab_.veth(lab.nl, "eth1", lab.b, "eth1", "02:00:00:00:0a:03",
              "02:00:00:00:0b:03")
    lab_.neighbour_add(lab.nl, "eth1", remote(lab, 3), MAC_B)
    other = lab_.frames.Tap(lab.b, "eth1")
    append(lab, ZERO, 3)
    check_eq("from eth0", sent_to(lab, BROADCAST), [3])
    lab_.route_add(lab.nl, "eth1", remote(lab, 3), 32)
    check_eq("from eth0", sent_to(lab, BROADCAST), [])
    check_eq("from eth1", len(other.frames()), 1)
    lab.nl.setlink("eth1", up=False)
    check_eq("from eth0 again", sent_to(lab, BROADCAST), [3])


## learning

def addresses_are_learned(family):
    lab = make_lab(family)
    append(lab, ZERO, 2)
    if not IN_TREE:
        check_eq("counted", counted(lab, "learned", come, lab, MAC_FAR, 3), 1)
        check_eq("counted", counted(lab, "learned", come, lab, MAC_FAR, 3), 0)
    check("received", come(lab, MAC_FAR, 3))
    check_eq("sent to where it is", sent_to(lab, MAC_FAR), [3])
    check_eq("state", [row[:2] for row in table(lab)[MAC_FAR]],
             [(remote(lab, 3), 2)])
    # the source port is that of a flow, not where to answer
    check("received", come(lab, UNKNOWN, 4, sport=4444))
    check_eq("port of the tunnel", sent_to(lab, UNKNOWN), [4])
    lab.down()
    lab.up()
    check_eq("forgotten", sent_to(lab, MAC_FAR), [2])


def addresses_roam(family):
    lab = make_lab(family)
    append(lab, ZERO, 2)
    for host in 3, 4, 3, 5:
        check("received", come(lab, MAC_FAR, host))
        check_eq(f"behind {host}", sent_to(lab, MAC_FAR), [host])
    if not IN_TREE:
        check_eq("moves", lab.stats()["moved"], 3)


def static_addresses_stay(family):
    lab = make_lab(family)
    append(lab, ZERO, 2)
    append(lab, MAC_FAR, 3)
    check("received from elsewhere", not come(lab, MAC_FAR, 4))
    check("received from there", come(lab, MAC_FAR, 3))
    check_eq("sent", sent_to(lab, MAC_FAR), [3])
    if not IN_TREE:
        # what users say counts more than what was learned
        check("received", come(lab, UNKNOWN, 5))
        append(lab, UNKNOWN, 6, flags=vnb.NLM_F_CREATE | vnb.NLM_F_EXCL)
        check_eq("sent", sent_to(lab, UNKNOWN), [6])


def nothing_is_learned_without_learning(family):
    lab = make_lab(family, learning=0)
    append(lab, ZERO, 2)
    check("received", come(lab, MAC_FAR, 3))
    check_eq("sent", sent_to(lab, MAC_FAR), [2])
    append(lab, MAC_FAR, 4)
    check("received from elsewhere", come(lab, MAC_FAR, 3))
    check_eq("sent", sent_to(lab, MAC_FAR), [4])


def link_local_remotes_are_behind_a_device():
    lab = make_lab(6)
    append(lab, ZERO, 2)
    lab_.address_add(lab.nl, "eth0", "fe80::1", 64)
    lab.neighbour("fe80::5")
    inner = frame(MAC_VX, MAC_FAR)
    check_eq("received", lab.received(lab.packet(inner, src="fe80::5")),
             [inner])
    check_eq("entry", [(row[0], row[3]) for row in table(lab)[MAC_FAR]],
             [("fe80::5", lab.nl.index("eth0"))])
    check_eq("sent", sent_to(lab, MAC_FAR), [5])


def learning_has_a_limit(family):
    """What is static, or learned already, does not count."""
    if IN_TREE:
        return "the kernel's own driver counts static ones"
    lab = make_lab(family, maxaddress=4)
    append(lab, ZERO, 2)
    append(lab, MAC_FAR, 3)
    macs = [f"02:00:00:00:0e:{i:02x}" for i in range(8)]
    for i, mac in enumerate(macs):
        grown = counted(lab, "learn_limit", come, lab, mac, 5)
        check_eq(f"learn_limit at {i}", grown, int(i >= 4))
        check_eq(f"sent to address {i}", sent_to(lab, mac),
                 [5] if i < 4 else [2])
    check("one that is known may move", come(lab, macs[0], 6))
    check_eq("sent", sent_to(lab, macs[0]), [6])
    delete(lab, macs[1])
    check("received", come(lab, macs[7], 7))
    check_eq("in its place", sent_to(lab, macs[7]), [7])
    lab.change(maxaddress=5)
    check("received", come(lab, macs[6], 7))
    check_eq("one more", sent_to(lab, macs[6]), [7])
    lab.change(maxaddress=1)
    check_eq("none is removed", [sent_to(lab, mac) for mac in macs],
             [[6], [2], [5], [5], [2], [2], [7], [7]])
    lab.change(maxaddress=0)
    for mac in macs:
        check("received", come(lab, mac, 8))
        check_eq("no limit", sent_to(lab, mac), [8])
    return None


def learned_addresses_age(family):
    """Those that are not heard of; a second is the shortest time."""
    lab = make_lab(family, ageing=300)
    append(lab, ZERO, 2)
    append(lab, UNKNOWN, 4)
    lab_.fdb(lab.nl, "vx0", "02:00:00:00:0f:50", dst=remote(lab, 4), state=2)
    check("received", come(lab, MAC_FAR, 3))
    lab.change(ageing=1)

    def waits():
        # a frame to an address does not keep it
        sent_to(lab, MAC_FAR)
        return MAC_FAR not in table(lab)

    lab_.wait_for("the learned one is gone", waits)
    check_eq("sent", sent_to(lab, MAC_FAR), [2])
    check("the static one is there", UNKNOWN in table(lab))
    check_eq("sent", sent_to(lab, UNKNOWN), [4])
    lab_.wait_for("the dynamic one of a user is gone",
                  lambda: "02:00:00:00:0f:50" not in table(lab))


def addresses_that_are_heard_of_stay():
    """A frame from an address starts its time anew."""
    lab = make_lab(4)
    check("received", come(lab, MAC_FAR, 3))
    lab_.wait_for("some time has passed",
                  lambda: table(lab)[MAC_FAR][0][2] >= 2)
    check("received", come(lab, MAC_FAR, 3))
    check("the time has started anew", table(lab)[MAC_FAR][0][2] < 2)


def main():
    lab_.need_tunnels()
    tests = []
    for family in 4, 6:
        tests += [lab_.named(test, family) for test in (
            without_a_remote, every_remote_gets_one_copy,
            the_default_remote_is_one_of_them, an_entry_has_its_own_remotes,
            addresses_are_learned, addresses_roam, static_addresses_stay,
            nothing_is_learned_without_learning, learning_has_a_limit)]
    tests += [an_entry_names_its_underlay_device, an_underlay_without_a_route,
              a_route_through_the_tunnel_itself, routes_are_followed,
              link_local_remotes_are_behind_a_device,
              lab_.named(learned_addresses_age, 4), addresses_that_are_heard_of_stay]
    lab_.run_tests(tests)


if __name__ == "__main__":
    main()
