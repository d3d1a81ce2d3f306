# SPDX-License-Identifier: GPL-2.0
"""TCP between containers: bulk, and a byte there and a byte back."""
import injector
from contenders import ip, namespace, run
from scenario import Scenario

LOAD = "/usr/lib/vnetbr-bench/tcp_load"
AMOUNT = {"bulk": 64, "rr": 2000}
UNIT = {"bulk": "a megabyte", "rr": "a transaction"}
MAC = {"a": "02:00:00:00:01:0a", "b": "02:00:00:00:01:0b"}
ADDRESS = {"a": "10.0.0.1", "b": "10.0.0.2"}
OTHER = {"a": "b", "b": "a"}
UNDERLAY = {"a": "192.0.2.1", "b": "192.0.2.2"}
PORT = "p1"


def addresses(ns, side):
    """Give eth0 of a container its addresses, and its neighbour."""
    other = OTHER[side]
    ip(ns, f"link set eth0 address {MAC[side]} up",
       f"addr add {ADDRESS[side]}/24 dev eth0",
       f"neigh add {ADDRESS[other]} lladdr {MAC[other]} dev eth0 "
       "nud permanent")


class Tcp(Scenario):
    """@what is bulk or rr."""

    rounds = 3

    def __init__(self, what):
        super().__init__()
        self.what = what

    def load(self, server, client):
        """Return what a megabyte or a transaction costs."""
        injector.sent += AMOUNT[self.what]
        return {UNIT[self.what]: int(run(LOAD, server, client, ADDRESS["b"],
                                         self.what, str(AMOUNT[self.what])))}

    def limit(self, prefix):
        """Two containers with a veth pair between them."""
        a, b = prefix + "a", prefix + "b"
        namespace(a)
        namespace(b)
        ip(a, f"link add eth0 type veth peer name eth0 netns {b}")
        addresses(a, "a")
        addresses(b, "b")
        return self.load(b, a)


class OneHost(Tcp):
    """Containers on the same host."""

    def cost(self, kind, prefix):
        host = prefix + "h"
        kind.host(host)
        for side in "ab":
            kind.container(host, "p" + side, prefix + side, MAC[side])
            addresses(prefix + side, side)
        for side in "ab":
            kind.at_container(host, "p" + side, prefix + side, MAC[side])
        return self.load(prefix + "b", prefix + "a")


class TwoHosts(Tcp):
    """Containers on two hosts, which a veth pair joins: the wire."""

    mtu = 1500

    def hosts(self, kind, prefix):
        """Make the hosts, their containers and the wire."""
        for side in "ab":
            kind.host(prefix + "h" + side)
            kind.container(prefix + "h" + side, PORT, prefix + side, MAC[side],
                           mtu=self.mtu)
            addresses(prefix + side, side)
        ip(prefix + "ha", "link add w type veth peer name w "
           f"netns {prefix}hb", "link set w up")
        ip(prefix + "hb", "link set w up")

    def join(self, kind, host, side):
        """Let a host reach the other side's container."""
        raise NotImplementedError

    def cost(self, kind, prefix):
        self.hosts(kind, prefix)
        for side in "ab":
            host = prefix + "h" + side
            self.join(kind, host, side)
            kind.at_container(host, PORT, prefix + side, MAC[side])
        return self.load(prefix + "b", prefix + "a")


class Plain(TwoHosts):
    """The wire is a port of the switches."""

    mtu = 1450              # as in the tunnel

    def join(self, kind, host, side):
        kind.foreign(host, "w")
        kind.at_foreign(host, "w", MAC[OTHER[side]])


class Overlay(TwoHosts):
    """A tunnel over the wire."""

    mtu = 1450

    def join(self, kind, host, side):
        remote = UNDERLAY[OTHER[side]]
        ip(host, f"addr add {UNDERLAY[side]}/24 dev w")
        kind.tunnel(host, "vx0", UNDERLAY[side], remote)
        kind.at_remote(host, "vx0", MAC[OTHER[side]], remote)


def scenarios():
    """Return the scenarios by name, a function that makes each."""
    return {f"f-{name}-{what}": lambda kind=kind, what=what: kind(what)
            for name, kind in (("host", OneHost), ("wire", Plain),
                               ("overlay", Overlay))
            for what in AMOUNT}
