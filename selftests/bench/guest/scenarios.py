# SPDX-License-Identifier: GPL-2.0
"""The ways of a frame that are measured."""
import cpus
import scale
import tcp
import teardown
from contenders import BROADCAST, LOCAL, Ovs, dummy
from injector import Drop, Wire
from scenario import (FAR, REMOTE, STATION, Scenario, limit_drop, limit_free,
                      limit_wire, remote_address, underlay)


class Local(Scenario):
    """Container to container on one host."""

    def build(self, kind, prefix):
        host, a, b = prefix + "h", prefix + "a", prefix + "b"
        kind.host(host)
        kind.container(host, "p1", a, mtu=self.mtu)
        kind.container(host, "p2", b, STATION, mtu=self.mtu)
        sink = Drop(b)
        kind.at_container(host, "p2", b, STATION)
        return a, "eth0", "xmit", sink

    def limit(self, prefix):
        return limit_drop(prefix, **self.options)


class Encap(Scenario):
    """Container to wire through a tunnel."""

    def build(self, kind, prefix):
        host, a = prefix + "h", prefix + "a"
        kind.host(host)
        kind.container(host, "p1", a, mtu=self.mtu)
        underlay(host)
        kind.tunnel(host, "vx0", LOCAL, REMOTE, mtu=self.mtu - 50)
        kind.at_remote(host, "vx0", FAR, REMOTE)
        self.options["dst"] = FAR
        return a, "eth0", "xmit", Wire(host, "u0")

    def limit(self, prefix):
        return limit_wire(prefix, **self.options)


class Decap(Scenario):
    """Wire to container through a tunnel."""

    def build(self, kind, prefix):
        host, b = prefix + "h", prefix + "b"
        kind.host(host)
        kind.container(host, "p1", b, STATION, mtu=self.mtu)
        underlay(host)
        kind.tunnel(host, "vx0", LOCAL, REMOTE, mtu=self.mtu - 50)
        sink = Drop(b)
        kind.at_container(host, "p1", b, STATION)
        self.options.update(vni=100, src=FAR)
        return host, "u0", "receive", sink

    def limit(self, prefix):
        return limit_drop(prefix, vni=100, **self.options)


class Nic(Scenario):
    """From one foreign port of a bridge to another."""

    def build(self, kind, prefix):
        host = prefix + "h"
        kind.host(host)
        for dev in "n1", "n2":
            dummy(host, dev)
            kind.foreign(host, dev)
        kind.at_foreign(host, "n2", STATION)
        return host, "n1", "receive", Wire(host, "n2")

    def limit(self, prefix):
        return limit_wire(prefix, **self.options)


class Flood(Scenario):
    """A frame for everybody: container to @copies remotes.

    The figure is that of one copy. What it cost to make the frame is taken off
    before it is divided, so that the limit is what sending one frame costs.
    """

    def build(self, kind, prefix):
        host, a = prefix + "h", prefix + "a"
        kind.host(host)
        kind.container(host, "p1", a)
        underlay(host, self.copies)
        kind.tunnel(host, "vx0", LOCAL, REMOTE)
        kind.remotes(host, "vx0", [remote_address(n)
                                   for n in range(1, self.copies)])
        if isinstance(kind, Ovs):
            kind.to_all(host, "p1")
        self.options.update(dst=BROADCAST,
                            count=max(50, 1000 // self.copies))
        return a, "eth0", "xmit", Wire(host, "u0")

    def cost(self, kind, prefix):
        total = super().cost(kind, prefix)
        made = limit_free(prefix, **self.options)
        return (total - made) / self.copies

    def limit(self, prefix):
        options = {"dst": BROADCAST}
        return limit_wire(prefix + "w", **options) - \
            limit_free(prefix + "f", **options)


def with_flows(kind, flows):
    """Return a scenario of @kind with so many flows, each of which is sent."""
    made = kind(flows=flows, count=max(1000, flows // 10))
    made.rounds = 100 if flows <= 1000 else 3
    return made


SIZES = 512, 1500, 9000
FLOWS = 16, 1000, 100000


def scenarios():
    """Return all scenarios by name, a function that makes each."""
    table = {
        "a": lambda: Local(), "b": lambda: Encap(), "c": lambda: Decap(),
        "c64": lambda: Decap(burst=64), "d": lambda: Nic(),
    }
    for copies in 2, 16, 128:
        table[f"e-{copies}"] = lambda copies=copies: Flood(copies)
    for size in SIZES:
        for name, kind in ("a", Local), ("b", Encap), ("c", Decap):
            table[f"g-{name}-{size}"] = \
                lambda kind=kind, size=size: kind(len=size)
    for flows in FLOWS:
        for name, kind in ("a", Local), ("b", Encap), ("c", Decap):
            table[f"h-{name}-{flows}"] = \
                lambda kind=kind, flows=flows: with_flows(kind, flows)
    for module in tcp, cpus, scale, teardown:
        table |= module.scenarios()
    return table
