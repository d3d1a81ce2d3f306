# SPDX-License-Identifier: GPL-2.0
"""The ways of a frame that are measured, and what they cost with nothing
between the generator and the sink."""
from contenders import (BROADCAST, LOCAL, Ovs, dummy, ip, namespace)
from injector import Drop, Nowhere, Wire, measure

STATION = "02:00:00:00:00:02"      # in a container
FAR = "02:00:00:00:00:03"          # behind a remote
REMOTE = "192.0.2.2"
ROUTER = "02:00:00:00:01:02"       # the neighbour that all remotes are
UP_TO = 9200                       # MTU of everything where frames are long


def remote_address(number):
    """Return the address of remote @number, of 0 and more."""
    return f"192.0.2.{2 + number}"


def underlay(host, remotes=1):
    """Give a host a device for its tunnels, and neighbours behind it."""
    dummy(host, "u0", f"addr add {LOCAL}/24 dev u0", *[
        f"neigh add {remote_address(n)} lladdr {ROUTER} dev u0 nud permanent"
        for n in range(remotes)])


class Scenario:
    """One way of a frame. @options are those of the injector."""

    def __init__(self, copies=1, **options):
        self.copies, self.options = copies, options
        self.mtu = 1500 if options.get("len", 64) <= 1450 else UP_TO

    def build(self, kind, prefix):
        """Make the topology in namespaces whose names begin with @prefix;
        return what measure() wants."""
        raise NotImplementedError

    def cost(self, kind, prefix):
        """Return nanoseconds per frame of a contender."""
        return measure(*self.build(kind, prefix), copies=self.copies,
                       **self.options)

    def limit(self, prefix):
        """Return nanoseconds per frame of generator and sink alone."""
        raise NotImplementedError


def limit_drop(prefix, **options):
    """Frames that are received and dropped at once."""
    ns = prefix + "l"
    namespace(ns)
    dummy(ns, "d0")
    return measure(ns, "d0", "receive", Drop(ns, "d0"), **options)


def limit_wire(prefix, **options):
    """Frames that are sent to a dummy at once."""
    ns = prefix + "l"
    namespace(ns)
    dummy(ns, "d0")
    return measure(ns, "d0", "xmit", Wire(ns, "d0"), **options)


def limit_free(prefix, **options):
    """Frames that are made and freed."""
    ns = prefix + "l"
    namespace(ns)
    dummy(ns, "d0")
    return measure(ns, "d0", "free", Nowhere(), **options)


def limit_netif_rx(prefix, **options):
    """As limit_drop(), with one netif_rx()."""
    ns = prefix + "l"
    namespace(ns)
    dummy(ns, "d0")
    return measure(ns, "d0", "netif_rx", Drop(ns, "d0"), **options)


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
                lambda kind=kind, flows=flows: kind(flows=flows)
    return table


__all__ = ["scenarios", "limit_free", "limit_netif_rx", "limit_drop",
           "limit_wire", "ip"]
