# SPDX-License-Identifier: GPL-2.0
"""Disturb a World (chaos_world.py) by changing every option of its devices.

Each disturb(world, i), called with i = 0, 1, ..., leaves the world as it was.
"""
import socket
import struct

import vnb
import vxlan_lab as lab_
from chaos_world import UNDERLAY
from vnb import (BR, BRPORT, IFLA, NDA, NLM_F_APPEND, NLM_F_CREATE,
                 NLM_F_REPLACE, VNETBR_BR, NlError)

ANY = "00:00:00:00:00:00"
FORWARDING = 3

TUNNEL = {"id": 100, "dstport": 4789, "local": UNDERLAY["sw"],
          "remote": UNDERLAY["far"], "learning": 1, "ageing": 300,
          "maxaddress": 65536, "ttl": 0, "ttl_inherit": 0, "tos": 0, "df": 0,
          "udpcsum": 1, "udp6zerocsumtx": 0, "udp6zerocsumrx": 0,
          "srcport": (49152, 65535), "strict": 0, "rx_gro": 1, "dev": ""}
OTHER_TUNNEL = {"id": 200, "dstport": 8472, "local": "192.0.2.9",
                "remote": "233.252.0.1", "learning": 0, "ageing": 1,
                "maxaddress": 2, "ttl": 9, "ttl_inherit": 1, "tos": 1, "df": 2,
                "udpcsum": 0, "udp6zerocsumtx": 1, "udp6zerocsumrx": 1,
                "srcport": (50000, 50001), "strict": 1,
                "rx_gro": 2, "dev": "u1"}
NOT_ALONE = {"remote"}          # a group needs a device
NOT_TOGETHER = {"ttl_inherit"}  # not with a ttl


def options_of_tunnel(world, i):
    """One by one, then all at once."""
    def change(**options):
        inner, ext = lab_.options(options, world.link)
        world.sw.setlink("vx0", lab_.linkinfo(inner, ext))

    for name in OTHER_TUNNEL.keys() - NOT_ALONE:
        change(**{name: OTHER_TUNNEL[name]})
        change(**{name: TUNNEL[name]})
    for chosen in OTHER_TUNNEL, TUNNEL:
        change(**{name: chosen[name] for name in
                  chosen.keys() - NOT_TOGETHER})
    change(dstport=4790 + i % 1000)
    change(dstport=4789)


def bridge_change(world, ageing, limit, port_limit, moves, mask, learn):
    """All options of the bridge."""
    world.sw.setlink("br0", vnb.info(
        "vnetbr", vnb.bridge(
            vnb.u32(BR.AGEING_TIME, ageing), vnb.attr(BR.FDB_FLUSH),
            vnb.u16(BR.GROUP_FWD_MASK, mask),
            vnb.attr(BR.MULTI_BOOLOPT, struct.pack("=II", not learn, 1))),
        vnb.bridge_ext(vnb.u32(VNETBR_BR.FDB_MAX_LEARNED, limit),
                       vnb.u32(VNETBR_BR.FDB_MAX_PORT_LEARNED, port_limit),
                       vnb.u32(VNETBR_BR.FDB_MAX_VLAN_LEARNED, port_limit),
                       vnb.u32(VNETBR_BR.FDB_MAX_MOVES, moves),
                       vnb.u8(VNETBR_BR.NF_BRIDGE, not learn),
                       vnb.u8(VNETBR_BR.NEIGH_SNOOP, learn),
                       vnb.u32(VNETBR_BR.NEIGH_MAX_SNOOPED, port_limit))))


def port_change(world, dev, state, usual, mask=0):
    """All options of a port; @usual: those that are flags as they are when
    nobody changes them, or the other way round."""
    world.sw.setlink(dev, vnb.slave_info(
        vnb.u8(BRPORT.STATE, state),
        *(vnb.u8(kind, usual) for kind in (
            BRPORT.LEARNING, BRPORT.UNICAST_FLOOD, BRPORT.MCAST_FLOOD,
            BRPORT.BCAST_FLOOD)),
        *(vnb.u8(kind, not usual) for kind in (BRPORT.MODE, BRPORT.ISOLATED)),
        vnb.u16(BRPORT.GROUP_FWD_MASK, mask), vnb.attr(BRPORT.FLUSH),
        kind="vnetbr"))


def options_of_bridge_and_ports(world, _):
    """To limits, to what lets nothing through, and back."""
    bridge_change(world, 0, 3, 1, 1, 0xfff8, False)
    bridge_change(world, 1, 65536, 16384, 0, 0, True)
    for dev in "p1", "vx0", "f1":
        for state in range(5):
            port_change(world, dev, state, state & 1, 0xfff8)
        port_change(world, dev, FORWARDING, 1)
    bridge_change(world, 30000, 65536, 16384, 100, 0, True)


def options_of_links(world, i):
    """What every device has: address, queue length, flags, name."""
    for where, dev in ("sw", "p1"), ("h2", "eth0"), ("sw", "vx0"), \
            ("sw", "br0"):
        nl = world.nl[where]
        link = nl.link(dev)
        for address in vnb.mac(f"02:00:00:00:0c:{i % 256:02x}"), \
                link.attrs[IFLA.ADDRESS]:
            nl.setlink(dev, vnb.attr(IFLA.ADDRESS, address))
        for promisc in 0x100, 0:
            nl.request(vnb.RTM_NEWLINK, vnb.ifinfomsg(
                link.index, flags=promisc, change=0x100))
        for length in 10, 1000:
            nl.setlink(dev, vnb.u32(IFLA.TXQLEN, length))


def changelink(world, i):
    """Every attribute of every kind of device."""
    options_of_tunnel(world, i)
    options_of_bridge_and_ports(world, i)
    options_of_links(world, i)


def entries(world, i):
    """What is learned at the same time included: flushed, deleted, replaced,
    and aged as fast as can be."""
    def fdb(kind, dev, mac, flags=0, *more, state=0x40):
        try:
            world.sw.request(kind, vnb.ndmsg(
                world.link(dev), state=state, flags=2) +
                vnb.attr(NDA.LLADDR, vnb.mac(mac)) + b"".join(more), flags)
        except NlError:         # flushed before it could be deleted, or moved
            pass

    def ageing(time):
        world.sw.setlink("br0", vnb.info("vnetbr", vnb.bridge(
            vnb.u32(BR.AGEING_TIME, time))))

    far = vnb.attr(NDA.DST, socket.inet_aton(UNDERLAY["far"]))
    other = vnb.attr(NDA.DST, socket.inet_aton("192.0.2.77"))
    make = NLM_F_CREATE | NLM_F_REPLACE
    ageing((1, 20, 30000)[i % 3])
    for n in range(8):
        shared = f"02:02:00:00:00:{n:02x}"
        world.flush()
        via = vnb.u32(NDA.IFINDEX, world.link(("p1", "p2", "vx0")[n % 3]))
        fdb(vnb.RTM_NEWNEIGH, "br0", shared, make, via, state=0x40)
        fdb(vnb.RTM_NEWNEIGH, "br0", shared, make, via, state=0x02)
        fdb(vnb.RTM_DELNEIGH, "br0", shared, 0, via)
        fdb(vnb.RTM_NEWNEIGH, "vx0", shared, make, other, state=0x02)
        fdb(vnb.RTM_DELNEIGH, "vx0", shared)
        fdb(vnb.RTM_NEWNEIGH, "vx0", ANY, NLM_F_CREATE | NLM_F_APPEND,
            other, state=0x82)
        fdb(vnb.RTM_DELNEIGH, "vx0", ANY, 0, other)
        world.sw.request(vnb.RTM_DELNEIGH, vnb.ndmsg(world.link("vx0"),
                                                     flags=2), 0x200)
        fdb(vnb.RTM_NEWNEIGH, "vx0", ANY, NLM_F_CREATE | NLM_F_APPEND,
            far, state=0x82)
    ageing(30000)
