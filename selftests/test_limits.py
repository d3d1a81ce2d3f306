#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""What hostile containers and wires can cost: see Documentation/limits.rst.

Loops and storms have to end by themselves, tables have to stay within their
limits, others have to get their frames, and each limit has to count what it
did. Loops are of bridges in "sw":

    h1 eth0 ── p1 ┐    ┌ a1 ──── b1 ┐    ┌ p2 ── eth0 h2
                 bra ──┤            ├── brb
    h3 eth0 ── p3 ┘    └ a2 ──── b2 ┘

Whether a loop has ended is told by counters that stay as they are while all
that is queued on the CPU gets its turn.
"""
import os
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import frames  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
import vxlan_packet as packet  # noqa: E402
from refusal import NTF_SELF, REACHABLE, REPLACE  # noqa: E402
from switch_lab import Switches, answer, frame  # noqa: E402
from vnb import IFLA, VNETBR_BR, station  # noqa: E402
from vxlan_lab import Lab, check, check_eq  # noqa: E402

MAX_MOVES = 100     # the default
BOUND = 20 * MAX_MOVES  # a machine that stands still for a second begins anew


def received(end):
    """How many frames an end got since its mark()."""
    return end.arrived(b"")[0]


## loops

def ring(pairs=2, **options):
    """The picture, with N pairs between the bridges."""
    sw = Switches("bra", "brb", **options)
    for i in range(1, pairs + 1):
        sw.join(f"a{i}", "bra", f"b{i}", "brb")
    hosts = sw.host(1, "bra"), sw.host(2, "brb"), sw.host(3, "bra")
    sw.ready()
    return sw, *hosts


def a_loop_ends(pairs):
    """Of bridges with as many pairs between them; three multiply frames."""
    sw, h1, h2, h3 = ring(pairs)
    h1.send(frame())
    sw.ends()
    check("counted", sw.stat("drop_loop") + sw.stat("drop_loop", "brb") > 0)
    for name in sw.bridges:
        check(f"moves on {name}", sw.stat("moved", name) <= BOUND,
              sw.stat("moved", name))
    # each round of a frame that is on its way moves its source
    for end in h2, h3:
        check("copies", 1 <= received(end) <= BOUND, received(end))
    h3.mark()
    h2.send(frame(station(3), station(2)))
    sw.ends()
    check_eq("frames of others still arrive", received(h3) > 0, True)


def a_watched_loop_ends():
    """A packet socket on each of its ports keeps all frames off short cuts."""
    sw, h1, h2, _ = ring()
    taps = [frames.Tap(sw.ns, dev) for dev in ("a1", "a2", "b1", "b2")]
    h1.send(frame())
    sw.ends()
    check("it has arrived", received(h2) >= 1)
    check("counted", sum(sw.stat(name, bridge) for bridge in sw.bridges
                         for name in ("drop_loop", "drop_recursion")) > 0)
    for tap in taps:
        tap.close()


def a_loop_through_others_ends():
    """Of devices of the kernel, which know nothing of us."""
    sw = Switches("bra", "brb")
    for i in "1", "2":
        sw.nl.newlink("a" + i, vnb.info("veth", vnb.attr(
            1, vnb.ifinfomsg() + vnb.text(IFLA.IFNAME, "b" + i))), up=True)
        sw.nl.setlink("b" + i, up=True)
        sw.port("a" + i, "bra")
        sw.port("b" + i, "brb")
    h1, h2 = sw.host(1, "bra"), sw.host(2, "brb")
    sw.ready()
    h1.send(frame())
    sw.ends()
    check("it has arrived", received(h2) >= 1)
    check("counted", sw.stat("drop_loop") + sw.stat("drop_loop", "brb") > 0)


def a_loop_of_one_bridge_ends():
    """Of frames of the host, whose address does not move."""
    sw = Switches("br0")
    sw.join("a1", "br0", "a2", "br0")
    h1 = sw.host(1, "br0")
    sw.ready()
    with vnb.netns(sw.ns):
        host = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        host.bind(("br0", 0))
    with host:
        own = packet.mac_text(sw.nl.link("br0").attrs[IFLA.ADDRESS])
        host.send(frame(src=own))
        sw.ends()
        check("counted", sw.stat("drop_loop") > 0)
        check("as an address of the bridge",
              MAX_MOVES < sw.stat("own_address") <= BOUND)
        h1.mark()
        host.send(frame(station(1), own))
        sw.fence.wait()
        check("the host can send", received(h1) >= 1)


def the_console_is_not_flooded():
    """Many addresses in a loop: some lines, not one for each."""
    sw, h1, _, _ = ring(fdb_max_moves=4)
    addresses = 60
    with open("/dev/kmsg", "rb", buffering=0) as log:
        os.set_blocking(log.fileno(), False)
        os.lseek(log.fileno(), 0, os.SEEK_END)
        start = time.monotonic()
        for number in range(addresses):
            h1.send(frame(src=station(0x1000 + number)))
        sw.ends()

        def lines_since():
            return sum(b"in turn" in record for record in
                       iter(lambda: log.read(8192), None))
        lines = lines_since()

        def one_more():
            nonlocal addresses, lines
            addresses += 1
            h1.send(frame(src=station(0x1000 + addresses)))
            sw.ends()
            lines += lines_since()
            return lines
        lab_.wait_for("it is said", lambda: lines or one_more())
    check("the loop was found for each", sw.stat("drop_loop") +
          sw.stat("drop_loop", "brb") >= addresses)
    # net_ratelimit(): 10 in 5 seconds
    allowed = 10 * (2 + (time.monotonic() - start) // 5)
    check("not for each", lines <= allowed, f"{lines} lines")


## depth

def many_bridges_in_a_row():
    """A packet socket on the way has them call each other: not too often."""
    names = [f"br{i}" for i in range(8)]
    sw = Switches(*names)
    for i in range(7):
        sw.join(f"x{i}", names[i], f"y{i}", names[i + 1])
    h1, h2 = sw.host(1, names[0]), sw.host(2, names[7])
    sw.ready()
    h1.send(frame())
    sw.ends()
    check_eq("through all of them, one after the other", received(h2), 1)
    taps = [frames.Tap(sw.ns, f"x{i}") for i in range(7)]
    h2.mark()
    h1.send(frame())
    sw.ends()
    check_eq("all in one call", received(h2), 0)
    check_eq("counted", [lab_.ethtool_stats(sw.ns, f"x{i}")["drop_recursion"]
                         for i in range(7)], [0, 0, 0, 0, 1, 0, 0])
    for tap in taps:
        tap.close()


def tunnels_in_tunnels(family):
    """Two in each other can send; more are too deep."""
    lab = Lab(family)
    lab.create("vx0", id=1)
    for i in 1, 2, 3:
        # the endpoints of each are addresses in the one below
        local, remote = (f"198.18.{i}.{host}" if family == 4 else
                         f"2001:db8:{i}::{host}" for host in (1, 2))
        below = f"vx{i - 1}"
        with vnb.netns(lab.a):
            lab_.sysctl(f"ipv6/conf/{below}/disable_ipv6", 0)
        lab_.address_add(lab.nl, below, local, 24 if family == 4 else 64)
        lab_.neighbour_add(lab.nl, below, remote, station(i))
        lab.create(f"vx{i}", id=i + 1, local=local, remote=remote)

        def dropped():
            return sum(lab.stats(f"vx{j}")["drop_recursion"]
                       for j in range(i + 1))
        before = dropped()
        inner = frame(src=lab_.MAC_VX)
        found = [pkt for pkt in lab.encapsulated(inner, f"vx{i}")
                 if pkt.inner.endswith(inner)]
        if i == 1:
            check_eq("of two", [pkt.vni for pkt in found], [1])
        else:
            check_eq(f"of {i + 1}", found, [])
            check("counted", dropped() > before)


## moves

def move(sw, hosts, times):
    """An address comes from two hosts in turn; how often it was dropped."""
    before = sw.stat("drop_loop")
    for i in range(times):
        hosts[i % 2].send(frame())
    sw.fence.wait()
    return sw.stat("drop_loop") - before


def moves_have_a_limit():
    sw = Switches("br0", fdb_max_moves=7)
    hosts = sw.host(1, "br0"), sw.host(2, "br0")
    other = sw.host(3, "br0")
    sw.ready()
    # the first one makes the entry
    check_eq("as many as the limit", move(sw, hosts, 8), 0)
    check_eq("moved", sw.stat("moved"), 7)
    check_eq("all have arrived", received(other), 8)
    hosts[0].mark()
    # more than a second may have passed on a slow machine: then it begins anew
    lab_.wait_for("one more in a row is dropped", lambda:
                  move(sw, hosts, 9) > 0)
    dropped = sw.stat("drop_loop")
    other.send(frame(station(9), station(3)))
    sw.fence.wait()
    check_eq("another address is not", sw.stat("drop_loop"), dropped)

    def arrives():
        other.mark()
        hosts[1].send(frame())
        sw.fence.wait()
        return received(other) == 1
    lab_.wait_for("after a rest it is forwarded again", arrives)


def check_who_owns(sw, owner, thief):
    """All frames of @owner reach host 3, while @thief sends with the same
    address."""
    tap = sw.tap(3)
    sent = 100
    for _ in range(sent):
        owner.send(frame())
        thief.send(frame(dst=station(3)))
    sw.fence.wait()
    check("the limit was reached", sw.stat("drop_loop") > 0)
    check_eq("what the owner sent",
             sum(raw == frame() for raw in tap.frames()), sent)
    tap.close()


def nobody_is_silenced():
    """By one who sends with its address all the time."""
    sw = Switches("br0", fdb_max_moves=7)
    owner, thief = sw.host(1, "br0"), sw.host(2, "br0")
    other = sw.host(3, "br0")
    sw.ready()
    check_who_owns(sw, owner, thief)
    other.mark()
    thief.send(frame(station(1), station(2)))
    sw.fence.wait()
    check_eq("what is sent to the owner", received(owner) > 0, True)


def who_moves_an_entry_says_who_owns_it():
    sw = Switches("br0", fdb_max_moves=7)
    before, owner = sw.host(1, "br0"), sw.host(2, "br0")
    sw.host(3, "br0")
    sw.ready()
    before.send(frame())
    sw.fence.wait()
    sw.nl.request(vnb.RTM_NEWNEIGH, vnb.ndmsg(
        sw.nl.index("br0"), state=REACHABLE, flags=NTF_SELF) +
        vnb.attr(vnb.NDA.LLADDR, vnb.mac(station(1))) +
        vnb.u32(vnb.NDA.IFINDEX, sw.nl.index("p2")), REPLACE)
    check_who_owns(sw, owner, before)


def the_limit_can_be_switched_off():
    sw = Switches("br0", fdb_max_moves=0)
    hosts = sw.host(1, "br0"), sw.host(2, "br0")
    sw.ready()
    check_eq("dropped", move(sw, hosts, 4 * MAX_MOVES), 0)
    check_eq("moved", sw.stat("moved"), 4 * MAX_MOVES - 1)


def who_stays_is_not_counted():
    """A limit of one, and an address that moves once, then sends a lot."""
    sw = Switches("br0", fdb_max_moves=1)
    hosts = sw.host(1, "br0"), sw.host(2, "br0")
    sw.ready()
    check_eq("moved", move(sw, hosts, 2), 0)
    check_eq("and stays", move(sw, (hosts[1], hosts[1]), 500), 0)


## storms and floods

def a_storm_leaves_others_their_frames():
    """One host floods, others talk: at least half of their frames arrive."""
    sw = Switches("br0")
    storm, talker = sw.host(1, "br0"), sw.host(2, "br0")
    listener = sw.host(3, "br0")
    sw.ready()
    listener.send(frame(station(2), station(3)))
    sw.fence.wait()
    mine = sw.tap(3)
    sent = 200
    for _ in range(sent):
        for _ in range(10):
            storm.send(frame())
        talker.send(frame(station(3), station(2)))
        storm.send(frame(station(99)))      # unknown
    sw.fence.wait()
    got = sum(raw[6:12] == vnb.mac(station(2)) for raw in mine.frames())
    mine.close()
    lab_.diag(f"{got} of {sent} frames through a storm of {11 * sent}")
    check("at least half", got >= sent // 2, got)


def n_learned(sw):
    return sw.how_many(VNETBR_BR.FDB_N_LEARNED)


def a_flood_of_addresses_has_a_limit():
    """And does not take the room of other ports."""
    flood = 3000
    sw = Switches("br0", fdb_max_learned=400, fdb_port_max_learned=300)
    hostile, other = sw.host(1, "br0"), sw.host(2, "br0")
    sw.ready()
    for number in range(flood):
        hostile.send(frame(src=station(0x10000 + number)))
    sw.fence.wait()
    check_eq("learned", n_learned(sw), 300)
    check_eq("counted", sw.stat("learn_limit"), flood - 300)
    check_eq("forwarded nevertheless", received(other), flood)
    for number in range(200):
        other.send(frame(src=station(0x20000 + number)))
    sw.fence.wait()
    check_eq("what is left for others", n_learned(sw), 400)
    check_eq("counted", sw.stat("learn_limit"), flood - 300 + 100)


def a_flood_of_neighbours_has_a_limit():
    """Of one station that says to have all addresses."""
    flood = 3000
    sw = Switches("br0", neigh_snoop=1, neigh_max_snooped=2000)
    hostile, other = sw.host(1, "br0"), sw.host(2, "br0")
    sw.ready()
    for number in range(flood):
        hostile.send(answer(number))
    sw.fence.wait()
    check_eq("noted", sw.how_many(VNETBR_BR.NEIGH_N_SNOOPED), 2000)
    check_eq("counted", sw.stat("neigh_limit"), flood - 2000)
    check_eq("forwarded nevertheless", received(other), flood)
    sw.nl.setlink("br0", vnb.info("vnetbr", *vnb.parse_words(
        "bridge", ["neigh_snoop", "0"])))
    check_eq("forgotten", sw.how_many(VNETBR_BR.NEIGH_N_SNOOPED), 0)


def a_scan_of_vnis_costs_nothing():
    """Each is counted, none is answered, and the tunnel goes on."""
    lab = Lab(4)
    lab.create()
    inner = frame(lab_.MAC_VX, lab_.MAC_FAR)
    scanned = 1000
    lab.tester.frames()
    lab.inject(*(lab.packet(inner, vni=vni)
                 for vni in range(101, 101 + scanned)))
    check_eq("counted", lab.stats()["drop_vxlan_vni"], scanned)
    check_eq("learned", lab.stats()["learned"], 0)
    check_eq("answers", [raw for raw in lab.tester.frames()
                         if raw[12:14] == b"\x08\0"], [])
    check_eq("received", lab.delivered(), [])
    check_eq("its own VNI", lab.received(lab.packet(inner)), [inner])


def first_fragment(lab, ident):
    """The first fragment of a packet whose rest never comes."""
    whole = lab.packet(frame(lab_.MAC_VX, lab_.MAC_FAR) + bytes(1300),
                       ident=ident).build()
    ip = bytearray(whole[14:34])
    ip[6:8] = struct.pack("!H", 0x2000)
    ip[10:12] = bytes(2)
    ip[10:12] = struct.pack("!H", packet.checksum(bytes(ip)))
    return whole[:14] + bytes(ip) + whole[34:34 + 1304]


def fragments_have_a_limit():
    """That of the namespace of the underlay, which is the kernel's."""
    limit = 300000
    lab = Lab(4)
    with vnb.netns(lab.a):
        lab_.sysctl("ipv4/ipfrag_low_thresh", limit // 2)
        lab_.sysctl("ipv4/ipfrag_high_thresh", limit)
    lab.create()
    for ident in range(0, 2000, 100):
        lab.inject(*(first_fragment(lab, ident + i) for i in range(100)))
        with vnb.netns(lab.a), open("/proc/thread-self/net/sockstat") as f:
            memory = int(next(line.split()[-1] for line in f
                              if line.startswith("FRAG:")))
        # a packet may come on top before the limit is looked at
        check("memory", memory <= limit + 10000, memory)
    inner = frame(lab_.MAC_VX, lab_.MAC_FAR)
    check_eq("the tunnel goes on", lab.received(lab.packet(inner)), [inner])


## tunnels in themselves

def a_tunnel_over_its_own_bridge_ends():
    """Its underlay is the bridge that it is a port of."""
    sw = Switches("br0")
    h1 = sw.host(1, "br0")
    inner, ext = lab_.options({"id": 5, "local": "192.0.2.1",
                               "remote": "192.0.2.2"})
    sw.nl.newlink("vx0", lab_.linkinfo(inner, ext), up=True)
    sw.port("vx0", "br0")
    lab_.address_add(sw.nl, "br0", "192.0.2.1", 24)
    # nobody knows where the remote is: what is sent to it is flooded
    lab_.neighbour_add(sw.nl, "br0", "192.0.2.2", station(0x77))
    sw.ready()
    h1.mark()
    h1.send(frame())
    sw.fence.wait()
    sw.ends()
    counted = [lab_.ethtool_stats(sw.ns, dev) for dev in ("br0", "vx0")]
    check("counted", any(stats[name] for stats in counted for name in (
        "drop_recursion", "drop_pmtu", "drop_route_loop", "drop_loop")),
          counted)
    check("copies", 1 <= received(h1) <= 32, received(h1))


def main():
    lab_.need_tunnels()
    lab_.run_tests([
        lab_.named(a_loop_ends, 2), lab_.named(a_loop_ends, 3),
        a_watched_loop_ends, a_loop_through_others_ends,
        a_loop_of_one_bridge_ends, the_console_is_not_flooded,
        many_bridges_in_a_row, lab_.named(tunnels_in_tunnels, 4),
        lab_.named(tunnels_in_tunnels, 6),
        moves_have_a_limit, nobody_is_silenced,
        who_moves_an_entry_says_who_owns_it, the_limit_can_be_switched_off,
        who_stays_is_not_counted, a_storm_leaves_others_their_frames,
        a_flood_of_addresses_has_a_limit, a_flood_of_neighbours_has_a_limit,
        a_scan_of_vnis_costs_nothing,
        fragments_have_a_limit, a_tunnel_over_its_own_bridge_ends])


if __name__ == "__main__":
    main()
