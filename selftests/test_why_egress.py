#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""What would become of a frame, and what does become of it: tunnels, and
devices without link. Everything else is in test_why.py, the picture in
py/why_lab.py.

Not here is no_peer. The other end of a pair that is down or gone takes the
carrier, and with that the port is no longer in state forwarding: that is said
instead. Between the two is the time until the kernel's worker for links has
run, which no user can make longer; and ends are deleted together.
"""
import os
import socket
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "py"))

import vlan_lab  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from switch_lab import BROADCAST  # noqa: E402
from vnb import IFLA, VXLAN, be16, station, u8, u32  # noqa: E402
from vxlan_lab import check_eq  # noqa: E402
from why_lab import UNKNOWN, Lab, build  # noqa: E402

ANY = "00:00:00:00:00:00"
DF = 0x4000


class Tunnels(Lab):
    """A Lab with a tunnel vx0, where UNKNOWN is, and an underlay u0 of
    192.0.2.0/24."""

    def __init__(self, *remotes, mtu=1500):
        super().__init__()
        self.nl.newlink("u0", u32(IFLA.MTU, mtu), vnb.info("dummy"), up=True)
        lab_.address_add(self.nl, "u0", "192.0.2.1", 24)
        self.nl.newlink("vx0", vnb.info("vnetbr", vnb.mode("vxlan"), vnb.vxlan(
            u32(VXLAN.ID, 100), be16(VXLAN.PORT, 4789))), up=True)
        self.port("vx0", "br0")
        self.entry(UNKNOWN, "vx0")
        self.ready()
        for remote in remotes:
            self.remote(remote)

    def remote(self, remote, kind=vnb.RTM_NEWNEIGH):
        lab_.fdb(self.nl, "vx0", ANY, dst=remote, kind=kind)

    def underlay(self):
        """Packets that the underlay got."""
        return self.nl.link("u0").stats()[1]

    def drops(self, reason, **options):
        """A frame to UNKNOWN, and one that is flooded."""
        self.drop(reason, "p1", UNKNOWN, station(1), on="vx0", **options)
        answer = self.verdict("flood", None, "p1", BROADCAST, station(1),
                              **options)
        check_eq("vx0", answer.egress["vx0"], ("dropped", reason, "vx0"))

    def sends(self, packets=1, **options):
        before = self.underlay()
        self.verdict("forward", None, "p1", UNKNOWN, station(1), **options)
        check_eq("sent", self.underlay() - before, packets)


def ip(length, frag):
    """The payload of a packet of IPv4 that is so long."""
    return {"ethertype": 0x800, "length": 14 + length, "payload": struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, length, 1, frag, 64, 17, 0,
        socket.inet_aton("203.0.113.1"), socket.inet_aton("203.0.113.2"))}


## tunnels

def no_remote():
    """A tunnel that leads nowhere."""
    lab = Tunnels()
    lab.drops("no_remote")
    lab.remote("192.0.2.2")
    lab.sends()


def no_route():
    lab = Tunnels("198.51.100.1")
    lab.drops("no_route")
    # another one gets it
    lab.remote("192.0.2.2")
    answer = lab.ask("p1", UNKNOWN, station(1))
    check_eq("vx0", answer.egress, {"vx0": ("sent", None, None)})
    before, packets = lab.counters(), lab.underlay()
    lab.end["p1"].send(build(UNKNOWN, station(1)))
    lab.fence.wait()
    check_eq("sent", lab.underlay() - packets, 1)
    check_eq("the other one", lab.counters()["vx0", "drop_no_route"] -
             before["vx0", "drop_no_route"], 1)
    lab.remote("198.51.100.1", vnb.RTM_DELNEIGH)
    lab.sends()
    # nothing was kept of what a question has found
    lab.nl.setlink("u0", up=False)
    lab.drops("no_route")


def route_loop():
    """The way to the remote is the tunnel itself."""
    lab = Tunnels("198.51.100.2")
    lab_.address_add(lab.nl, "vx0", "198.51.100.1", 24)
    lab.drops("route_loop")


def pmtu():
    """What must not be fragmented has to fit; its sender is told."""
    lab = Tunnels("192.0.2.2", mtu=1000)
    lab.sends(**ip(950, DF))
    lab.drop("pmtu", "p1", UNKNOWN, station(1), on="vx0", arrivals=False,
             **ip(951, DF))
    # the rest leaves in fragments
    lab.sends(packets=2, **ip(951, 0))
    lab.sends(packets=2, length=1000)


def a_tag_takes_room():
    """A tunnel gets the frame with the tag that the VLAN has there."""
    lab = Tunnels("192.0.2.2", mtu=1000)
    lab.nl.setlink("br0", vnb.info("vnetbr", vnb.bridge(
        vnb.u8(vnb.BR.VLAN_FILTERING, 1))))
    for dev in "p1", "vx0":
        vlan_lab.vlan_request(lab.nl, dev, vlan_lab.vlan_info(10))
    lab.sends(**ip(950, DF))
    lab.sends(vlan=10, **ip(946, DF))
    lab.drop("pmtu", "p1", UNKNOWN, station(1), on="vx0", arrivals=False,
             vlan=10, **ip(947, DF))


## link

def port_down():
    """A device has no carrier, and the bridge has not heard of it yet: the
    kernel tells at most once a second that a link has gone."""
    lab = Lab()
    lab.nl.newlink("d0", vnb.info("dummy"), up=True)
    lab.port("d0", "br0")
    lab.entry(UNKNOWN, "d0")

    def carrier(on):
        lab.nl.setlink("d0", u8(IFLA.CARRIER, on))

    for attempt in range(10):
        lab.ready()
        carrier(0)
        try:
            answer = lab.drop("port_down", "p1", UNKNOWN, station(1))
            check_eq("d0", answer.egress, {"d0": ("dropped", "port_down",
                                                  "br0")})
            answer = lab.verdict("flood", None, "p1", BROADCAST, station(1))
            check_eq("d0", answer.egress["d0"], ("dropped", "port_down",
                                                 "br0"))
            return
        except lab_.Failed:
            if attempt == 9:
                raise
        carrier(1)


def main():
    lab_.run_tests([no_remote, no_route, route_loop, pmtu, a_tag_takes_room,
                    port_down])


if __name__ == "__main__":
    main()
