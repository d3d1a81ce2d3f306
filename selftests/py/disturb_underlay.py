# SPDX-License-Identifier: GPL-2.0
"""Disturb the ways of the underlay of a World (chaos_world.py).

Each disturb(world, i), called with i = 0, 1, ..., leaves the world as it was.
"""
import socket
import struct

import vnb
import vxlan_lab as lab_
from chaos_world import UNDERLAY

RTM_DELADDR, RTM_DELROUTE = 21, 25
RTN_UNICAST, RTN_BLACKHOLE, RTN_UNREACHABLE = 1, 6, 7
TABLE_MAIN, SCOPE_LINK = 254, 253
NOBODY = "02:00:00:00:0a:99"


def neighbour_delete(world, dev, address):
    world.sw.request(vnb.RTM_DELNEIGH, vnb.ndmsg(
        world.link(dev), family=socket.AF_INET) +
        vnb.attr(vnb.NDA.DST, lab_.ip_bytes(address)))


def neighbour_flap(world):
    """Another station, none (it is asked for), the right one."""
    lab_.neighbour_add(world.sw, "u1", UNDERLAY["far"], NOBODY)
    neighbour_delete(world, "u1", UNDERLAY["far"])
    world.underlay_neighbour("sw")


def route_flap(world, kind, dev=None):
    """Another route to the other side alone, for a moment."""
    body = struct.pack("=BBBBBBBBI", socket.AF_INET, 32, 0, 0, TABLE_MAIN, 3,
                       SCOPE_LINK if dev else 0, kind, 0) + \
        vnb.attr(lab_.RTA_DST, lab_.ip_bytes(UNDERLAY["far"]))
    if dev:
        body += vnb.u32(4, world.link(dev))
    world.sw.request(lab_.RTM_NEWROUTE, body, vnb.NLM_F_CREATE)
    world.sw.request(RTM_DELROUTE, body)


def address_flap(world):
    """The local address goes, and with it the route."""
    raw = lab_.ip_bytes(UNDERLAY["sw"])
    world.sw.request(RTM_DELADDR, struct.pack(
        "=BBBBi", socket.AF_INET, 24, 0, 0, world.link("u1")) +
        vnb.attr(2, raw))
    world.underlay_address("sw")


def routes(world, _):
    """Routes, addresses and neighbours; also routes that are loops: back to
    the tunnel itself, which learns the wrong things then, and into the bridge
    that it is a port of."""
    neighbour_flap(world)
    route_flap(world, RTN_BLACKHOLE)
    route_flap(world, RTN_UNREACHABLE)
    route_flap(world, RTN_UNICAST, "lo")
    lab_.neighbour_add(world.sw, "br0", UNDERLAY["far"], NOBODY)
    route_flap(world, RTN_UNICAST, "br0")
    neighbour_delete(world, "br0", UNDERLAY["far"])
    address_flap(world)
    world.flush("vx0")
