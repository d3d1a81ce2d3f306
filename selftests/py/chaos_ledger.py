# SPDX-License-Identifier: GPL-2.0
"""Is everything that went through a World (chaos_world.py) accounted for?

What holds when nothing is on its way any more, whatever was disturbed:

  pairs      one end has sent what the other one received: frames and bytes
  hosts      what eth0 received, or a full queue did not take, the stack has
             seen: it drops all of it, because nobody waits for its protocol
  drops      each frame that an end of a pair did not send has its reason;
             in front of a device that goes down, or has no carrier yet, the
             core drops without one
  socket     each datagram that the far tunnel's socket took was received by
             the tunnel or dropped for a reason

For devices that were not made anew meanwhile, and that nobody disturbed:

  witness    what h5 gave to its device was sent or dropped there
  way        what it sent was received by h6, or dropped in front of it

Counters are those of ip -s link, of ethtool -S and of UDP.
"""
import struct

import frames
import vnb
import vxlan_lab as lab_
from chaos_world import PAIRS, WITNESSES
from vxlan_lab import check

# IFLA_STATS64, by position
RX_PACKETS, TX_PACKETS, RX_BYTES, TX_BYTES = range(4)
RX_DROPPED, TX_DROPPED, RX_NOHANDLER, RX_OTHERHOST = 6, 7, 23, 24

# Why a tunnel drops what comes out of its socket.
SOCKET_DROPS = ("truncated", "invalid_source", "own_source", "vxlan_header",
                "vxlan_reserved", "vxlan_vni", "vxlan_csum", "vxlan_ecn",
                "vxlan_moved")
DEADLINE = 60


class Device:
    """Counters of a device at one time."""

    def __init__(self, world, where, name):
        link = world.nl[where].link(name)
        raw = link.attrs[vnb.IFLA.STATS64]
        self.index = link.index
        self.n = struct.unpack_from(f"={len(raw) // 8}Q", raw)
        self.more = lab_.ethtool_stats(world.ns[where], name)

    def drops(self, *reasons):
        """Frames dropped for some reasons, or for all."""
        return sum(value for name, value in self.more.items()
                   if name.startswith("drop_") and
                   (not reasons or name[5:] in reasons))


class Reading:
    """Everything at one time."""

    def __init__(self, world):
        self.ports = {n: Device(world, where, f"p{n}")
                      for n, where in PAIRS.items()}
        self.hosts = {n: Device(world, f"h{n}", "eth0") for n in PAIRS}
        self.far = Device(world, "far", "vx0")
        self.datagrams = lab_.udp_counter(world.ns["far"], "InDatagrams")[0]

    def totals(self, now):
        """What pairs that there are @now have received in hosts, and dropped
        anywhere."""
        pairs = [(self.hosts[n], self.ports[n]) for n in PAIRS
                 if self.hosts[n].index == now.hosts[n].index]
        return (sum(host.n[RX_PACKETS] for host, _ in pairs),
                sum(host.drops() + port.drops() for host, port in pairs))

    def received(self):
        """What the far tunnel has received or dropped, and its datagrams."""
        return (self.far.n[RX_PACKETS] + self.far.drops(*SOCKET_DROPS),
                self.datagrams)


class Ledger:
    """From now on, until balance()."""

    def __init__(self, world, traffic):
        self.world, self.traffic = world, traffic
        self.sent = traffic.stop()
        self.start = Reading(world)
        lab_.wait_for("nothing is on its way", self.is_quiet)

    def is_quiet(self):
        """Has the tunnel received nothing since the last look?"""
        last, self.start = self.start, Reading(self.world)
        return self.start.received() == last.received()

    def pairs(self, now):
        for number in PAIRS:
            port, host = now.ports[number], now.hosts[number]
            for a, b, way in (host, port, "in"), (port, host, "out"):
                yield (f"frames of pair {number}, {way}", a.n[TX_PACKETS],
                       b.n[RX_PACKETS])
                yield (f"bytes of pair {number}, {way}", a.n[TX_BYTES],
                       b.n[RX_BYTES])
            yield from self.drops(now, number)

    def drops(self, now, number):
        """What both ends of a pair have dropped, and why.

        The core drops, too, without a reason, in front of a device that goes
        down, or is new and has no carrier yet. That does not happen to a
        witness that was there all the time, whatever did before.
        """
        for devices, way in ("hosts", "in"), ("ports", "out"):
            new, old = (getattr(at, devices)[number] for at in
                        (now, self.start))
            known, all_ = new.drops(), new.n[TX_DROPPED]
            if number in WITNESSES and new.index == old.index:
                known, all_ = known - old.drops(), all_ - old.n[TX_DROPPED]
            elif known <= all_:
                continue
            yield f"drops of pair {number}, {way}", known, all_

    def hosts(self, now):
        if self.traffic.bulk:
            return              # TCP takes frames, and ARP asks everybody
        for number, host in now.hosts.items():
            yield (f"frames that host {number} has seen",
                   host.n[RX_PACKETS] + now.ports[number].drops("backlog"),
                   sum(host.n[at] for at in (RX_DROPPED, RX_NOHANDLER,
                                             RX_OTHERHOST)))

    def socket(self, now):
        if now.far.index != self.start.far.index:
            return
        found, datagrams = (new - old for new, old in zip(
            now.received(), self.start.received()))
        # It may be the tunnel's own answer that was received, and what was
        # dropped without memory may have been received.
        answers, rest = (now.far.drops(why) - self.start.far.drops(why)
                         for why in ("pmtu", "no_memory"))
        if found - answers <= datagrams <= found + rest:
            found = datagrams
        yield "datagrams of the tunnel", datagrams, found

    def witness(self, now, sent, way):
        a, b = WITNESSES
        if now.hosts[a].index != self.start.hosts[a].index:
            return

        def new(devices, number, *at):
            return sum(getattr(now, devices)[number].n[n] -
                       getattr(self.start, devices)[number].n[n] for n in at)

        yield ("frames of the witness", sent,
               new("hosts", a, TX_PACKETS, TX_DROPPED))
        if way:
            yield ("frames on the way of the witness",
                   new("hosts", a, TX_PACKETS),
                   new("hosts", b, RX_PACKETS) + new("ports", b, TX_DROPPED))

    def wrong(self, now, witness, way):
        """What does not add up."""
        return [f"{text}: {left} != {right}" for sums in (
            self.pairs(now), self.hosts(now), self.socket(now),
            self.witness(now, witness, way))
            for text, left, right in sums if left != right]

    def balance(self, way):
        """Stop the traffic and see that all adds up.

        @way: has the way of the witness been the same all the time?
        Returns what has been sent, in words.
        """
        sent, witness = (after - before for after, before in
                         zip(self.traffic.stop(), self.sent))
        for more in frames.looks(DEADLINE):    # until what is queued is through
            now = Reading(self.world)
            wrong = self.wrong(now, witness, way)
            if not wrong:
                break
            check("accounted for", more, "\n".join(wrong))
        received, drops = (new - old for new, old in zip(
            now.totals(now), self.start.totals(now)))
        return f"{sent} {self.traffic.unit()} and {witness} of the witness " \
            f"sent, hosts received {received}, pairs dropped {drops}"
