# SPDX-License-Identifier: GPL-2.0
"""Worlds of fuzz_lab.py in which the bridge has more to do than to forward.

What changes between two rounds of frames is made of the seed and of the number
of the round, and of nothing else: a frame that is let in again finds it as it
was, but for what the bridge had learned.
"""
import os
import random

import fuzz_lab
import vlan_lab
import vnb
import vxlan_lab as lab
from fuzz_lab import BRIDGED, PORTS, World, station
from vlan_lab import PVID, UNTAGGED
from vnb import BR, BRPORT, IFLA, VNETBR_PORT

BRIDGE_PORTS = PORTS[1:] + ["vx6"]
TAGS = {"802.1Q": vlan_lab.C_TAG, "802.1ad": vlan_lab.S_TAG}
VIDS = [*range(1, 10), 4094]    # frames have others, too
HOST_VID, PORT_VID = 5, 7       # of the devices for VLANs of br0 and p1
ALL_VIDS = vlan_lab.vlan_info(1, 0, 4094)
FIRST_ADDRESS = 16              # see talk.c
NOWHERE = "02:00:00:00:03:33"

# {option of a port: how often it is on}
OFTEN = {BRPORT.LEARNING: .8, BRPORT.UNICAST_FLOOD: .9, BRPORT.MCAST_FLOOD: .9,
         BRPORT.BCAST_FLOOD: .9, BRPORT.MODE: .1, BRPORT.ISOLATED: .25,
         BRPORT.LOCKED: .15, BRPORT.MAB: .5, BRPORT.PROXYARP: .4,
         BRPORT.PROXYARP_WIFI: .3, BRPORT.NEIGH_SUPPRESS: .4,
         BRPORT.NEIGH_VLAN_SUPPRESS: .3, BRPORT.NEIGH_FORWARD_GRAT: .3}
# {option of a VLAN of a port: likewise}
OFTEN_VLAN = {VNETBR_PORT.NEIGH_SUPPRESS_VLAN: .5,
              VNETBR_PORT.NEIGH_FORWARD_GRAT_VLAN: .3}
# {limit of what is flooded: (maker, what is little, and more)}
LIMITS = {
    VNETBR_PORT.STORM_UNKNOWN_PPS: (vnb.u32, 5, 100),
    VNETBR_PORT.STORM_MCAST_PPS: (vnb.u32, 5, 100),
    VNETBR_PORT.STORM_BCAST_PPS: (vnb.u32, 5, 100),
    VNETBR_PORT.STORM_UNKNOWN_BPS: (vnb.u64, 5000, 1000000),
    VNETBR_PORT.STORM_MCAST_BPS: (vnb.u64, 5000, 1000000),
    VNETBR_PORT.STORM_BCAST_BPS: (vnb.u64, 5000, 1000000)}
FORWARD = 0, 0, 0x4000, 0xfffd      # of reserved groups: LLDP, and all but one


class Changing(World):
    """A world that is another one for each round."""

    ENTRIES = BRIDGED
    CHANGES = True

    def bridge(self):
        super().bridge()
        self.index = {name: self.sw.index(name)
                      for name in ["br0"] + BRIDGE_PORTS}

    def change(self, seed, number):
        self.choose(random.Random(f"{seed} {number}"), number)

    def choose(self, rng, number):
        """Be another world, made of the chance @rng."""

    def options(self, *inner):
        """Change options of the bridge, IFLA_BR_*."""
        self.sw.setlink("br0", vnb.info("vnetbr", vnb.mode("bridge"),
                                        vnb.bridge(*inner)))

    def port(self, name, *inner):
        """Change options of a port, IFLA_BRPORT_*."""
        self.sw.request(vnb.RTM_SETLINK, vnb.ifinfomsg(
            self.index[name], family=vnb.AF_BRIDGE) +
            vnb.nest(IFLA.PROTINFO, *inner))

    def vlan_devices(self, *protos):
        """Of the host of the bridge, and of a port that has a VLAN taken out
        of what it receives."""
        for proto in protos:
            name = vlan_lab.vlan_device(self.sw, "br0", proto, HOST_VID)
            self.roles["sw"][name] = "host"
            name = vlan_lab.vlan_device(self.sw, "p1", proto, PORT_VID)
            self.roles["sw"][name] = "sink"

    def choose_vlans(self, rng):
        """Have all ports in other VLANs: {name: VLANs}."""
        chosen = {}
        for name in self.index:
            own = name == "br0"
            vlan_lab.vlan_request(self.sw, name, ALL_VIDS,
                                  kind=vnb.RTM_DELLINK, own=own)
            pvid = rng.choice((0, 1, 1, HOST_VID, HOST_VID))
            chosen[name] = [vid for vid in VIDS
                            if vid == pvid or rng.random() < .7]
            infos = [vlan_lab.vlan_info(vid, PVID * (vid == pvid) |
                                        UNTAGGED * (rng.random() < .4))
                     for vid in chosen[name]]
            vlan_lab.vlan_request(self.sw, name, *infos, own=own)
        return chosen


class Vlans(Changing):
    """The bridge filters VLANs by tags of one protocol."""

    THEME = "vlans"
    PROTO = None

    def more(self):
        self.vlan_devices(self.PROTO)
        self.options(vlan_lab.bridge_options(1, self.PROTO, 0))

    def choose(self, rng, number):
        self.choose_vlans(rng)


class Customer(Vlans):
    """802.1Q"""
    PROTO = vlan_lab.C_TAG


class Provider(Vlans):
    """802.1ad"""
    PROTO = vlan_lab.S_TAG


class Ports(Changing):
    """Ports are locked, isolated, limited, answer for neighbours, and so on.

    p2 has no link now and then, because c2 is down: what is for it goes to its
    backup.
    """

    THEME = "neighbours"
    linked = True

    def more(self):
        self.vlan_devices(*TAGS.values())
        devs = ["br0"] + [dev for dev, role in self.roles["sw"].items()
                          if role == "host"]
        for dev in devs:
            self.neighbours(dev)
        # those of VLANs without a device are snooped, from mutated frames
        self.sw.setlink("br0", vnb.info(
            "vnetbr", vnb.mode("bridge"), vnb.bridge_ext(
                vnb.u8(vnb.VNETBR_BR.NEIGH_SNOOP, 1),
                vnb.u32(vnb.VNETBR_BR.NEIGH_MAX_SNOOPED, 64))))
        lab.address_add(self.sw, "br0", f"10.0.0.{FIRST_ADDRESS}", 24)

    def neighbours(self, dev):
        """Have all stations, and one that is nowhere, as neighbours."""
        with vnb.netns(self.ns["sw"]):
            # there is no address, so nothing is said
            lab.sysctl(f"ipv6/conf/{dev}/disable_ipv6", 0)
        where = [station(n) for n in range(1, len(PORTS))] + [NOWHERE]
        for number, mac in enumerate(where, FIRST_ADDRESS + 1):
            for prefix in "10.0.0.", "2001:db8:a::":
                lab.neighbour_add(self.sw, dev, prefix + (
                    f"{number:x}" if ":" in prefix else f"{number}"), mac)

    def choose(self, rng, number):
        self.options(vnb.u16(BR.GROUP_FWD_MASK, rng.choice(FORWARD) & ~7),
                     vlan_lab.bridge_options(
                         rng.random() < .3, rng.choice(list(TAGS.values()))),
                     vnb.attr(BR.FDB_FLUSH))
        vlans = self.choose_vlans(rng)
        for name in BRIDGE_PORTS:
            self.port(name, *self.port_options(rng, name, vlans[name]))
        self.link(number % 8 < 6)

    def port_options(self, rng, name, vids):
        """Attributes of one port, which is in VLANs @vids."""
        on = {kind: rng.random() < often for kind, often in OFTEN.items()}
        on[BRPORT.MAB] &= on[BRPORT.LOCKED] and on[BRPORT.LEARNING]
        backup = rng.choice([other for other in BRIDGE_PORTS if other != name])
        limits = [make(kind, rng.choice(some) if rng.random() < .06 else 0)
                  for kind, (make, *some) in LIMITS.items()]
        sets = [vnb.vlan_set(kind, *(vid for vid in vids
                                     if rng.random() < often))
                for kind, often in OFTEN_VLAN.items()]
        return [*(vnb.u8(kind, value) for kind, value in on.items()),
                vnb.u16(BRPORT.GROUP_FWD_MASK, rng.choice(FORWARD)),
                vnb.u32(BRPORT.BACKUP_PORT, self.index[backup]
                        if rng.random() < .4 else 0),
                vnb.port_ext(
                    vnb.u32(VNETBR_PORT.COMMUNITY, rng.choice((0, 0, 1, 2))),
                    vnb.u32(VNETBR_PORT.FDB_MAX_LEARNED, rng.choice(
                        (0xffffffff, 0, 4))), *limits, *sets)]

    def link(self, up):
        """Give p2 a link or take it away, and wait until the bridge knows."""
        if up == self.linked:
            return
        self.linked = up
        self.nl["host"].setlink("c2", up=up)
        lab.wait_for("p2 has another state", lambda: {
            link.name: link.port_state()
            for link in self.sw.ports()}["p2"] == 3 * up)


class Tree(Changing):
    """The kernel runs spanning tree. Its timers would send on another CPU, if
    there was one, when nobody looks."""

    THEME = "tree"

    def ready(self):
        super().ready()
        lab.check_eq("CPUs", os.cpu_count(), 1)
        # ports that forward go on, so that nothing has to be waited for
        self.options(vnb.u32(BR.FORWARD_DELAY, 200),
                     vnb.u32(BR.HELLO_TIME, 1000), vnb.u32(BR.MAX_AGE, 4000),
                     vnb.u32(BR.STP_STATE, 1))

    def choose(self, rng, number):
        self.options(vlan_lab.bridge_options(
            rng.random() < .3, rng.choice(list(TAGS.values()))))
        # a guard shuts a port for long
        guarded = number % 8 == 7
        for name in BRIDGE_PORTS:
            self.port(name, vnb.u8(BRPORT.GUARD, guarded and
                                   rng.random() < .5),
                      vnb.u8(BRPORT.PROTECT, rng.random() < .2),
                      vnb.u16(BRPORT.PRIORITY, rng.choice((16, 32, 63))),
                      vnb.u32(BRPORT.COST, rng.choice((1, 5, 100))))


KINDS = {"plain": World, "802.1Q": Customer, "802.1ad": Provider,
         "ports": Ports, "tree": Tree}


def kinds():
    """Those of KINDS that this machine can have."""
    return [kind for kind, world in KINDS.items()
            if world is not Tree or os.cpu_count() == 1]


def runs():
    """(kind of world, entry) of all of them."""
    return [(kind, entry) for kind in kinds()
            for entry in fuzz_lab.ENTRIES if entry in KINDS[kind].ENTRIES]
