#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the kernel's bridge has by default can be set, where ours is the same.

ifupdown2, systemd-networkd, NetworkManager and many scripts set options to
their defaults. The tables here have all of them, with the default of the
kernel's bridge and its ports: one that says how ours work, or makes no
difference without multicast snooping, is accepted, and so is what is off; any
other value of what is not there is refused. What is shown can be set.
"""
import os
import re
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from refusal import BRIDGE_SIZES, PORT_SIZES, name_of  # noqa: E402
from vnb import (BR, BRPORT, IFLA, INFO, VNETBR, NlError,  # noqa: E402
                 attr, nest, u32)
from vxlan_lab import check, check_eq  # noqa: E402

EOPNOTSUPP = 95
RELEASE = tuple(map(int, re.findall(r"\d+", os.uname().release)[:2]))
# IFLA_BRPORT_MAX of this kernel: `bridge link` has the later ones too
SLAVE_MAX = 39 if RELEASE < (6, 12) else 44 if RELEASE < (7, 0) else 45
LOCAL_VLAN_0 = 1 << 4       # BR_BOOLOPT_FDB_LOCAL_VLAN_0

# what the kernel's has by default; times in 1/100 s
BRIDGE = {
    BR.FORWARD_DELAY: 1500, BR.HELLO_TIME: 200, BR.MAX_AGE: 2000,
    BR.AGEING_TIME: 30000, BR.STP_STATE: 0, BR.PRIORITY: 32768,
    BR.VLAN_FILTERING: 0, BR.VLAN_PROTOCOL: 0x0081,     # 802.1Q, big endian
    BR.GROUP_FWD_MASK: 0, BR.GROUP_ADDR: 0xc28001,      # 01:80:c2:00:00:00
    BR.MCAST_ROUTER: 1, BR.MCAST_QUERY_USE_IFADDR: 0, BR.MCAST_QUERIER: 0,
    BR.MCAST_HASH_ELASTICITY: 16, BR.MCAST_HASH_MAX: 4096,
    BR.MCAST_LAST_MEMBER_CNT: 2, BR.MCAST_STARTUP_QUERY_CNT: 2,
    BR.MCAST_LAST_MEMBER_INTVL: 100, BR.MCAST_MEMBERSHIP_INTVL: 26000,
    BR.MCAST_QUERIER_INTVL: 25500, BR.MCAST_QUERY_INTVL: 12500,
    BR.MCAST_QUERY_RESPONSE_INTVL: 1000, BR.MCAST_STARTUP_QUERY_INTVL: 3125,
    BR.NF_CALL_IPTABLES: 0, BR.NF_CALL_IP6TABLES: 0, BR.NF_CALL_ARPTABLES: 0,
    BR.VLAN_DEFAULT_PVID: 1, BR.VLAN_STATS_ENABLED: 0,
    BR.VLAN_STATS_PER_PORT: 0, BR.MCAST_STATS_ENABLED: 0,
    BR.MCAST_IGMP_VERSION: 2, BR.MCAST_MLD_VERSION: 1,
    BR.FDB_MAX_LEARNED: 0, BR.STP_MODE: 0,
}
# ours is another one
NOT_OURS = {BR.MCAST_SNOOPING: 1}
PORT = {
    BRPORT.PRIORITY: 32, BRPORT.COST: 2, BRPORT.MODE: 0, BRPORT.GUARD: 0,
    BRPORT.PROTECT: 0, BRPORT.FAST_LEAVE: 0, BRPORT.LEARNING: 1,
    BRPORT.UNICAST_FLOOD: 1, BRPORT.PROXYARP: 0, BRPORT.LEARNING_SYNC: 0,
    BRPORT.PROXYARP_WIFI: 0, BRPORT.MULTICAST_ROUTER: 1,
    BRPORT.MCAST_FLOOD: 1, BRPORT.MCAST_TO_UCAST: 0, BRPORT.VLAN_TUNNEL: 0,
    BRPORT.BCAST_FLOOD: 1, BRPORT.GROUP_FWD_MASK: 0, BRPORT.NEIGH_SUPPRESS: 0,
    BRPORT.ISOLATED: 0, BRPORT.BACKUP_PORT: 0,
    BRPORT.MCAST_EHT_HOSTS_LIMIT: 512, BRPORT.LOCKED: 0, BRPORT.MAB: 0,
    BRPORT.MCAST_MAX_GROUPS: 0, BRPORT.NEIGH_VLAN_SUPPRESS: 0,
    BRPORT.BACKUP_NHID: 0, BRPORT.NEIGH_FORWARD_GRAT: 0,
}
# off, where that is not the default
OFF = [(BR.MCAST_SNOOPING, 0), (BR.MCAST_ROUTER, 0)]
PORT_OFF = [(BRPORT.MULTICAST_ROUTER, 0)]
# shown as off, for what is not there
SWITCHES = (BR.MCAST_SNOOPING, BR.MCAST_QUERY_USE_IFADDR, BR.MCAST_QUERIER,
            BR.MCAST_STATS_ENABLED, BR.NF_CALL_IPTABLES, BR.NF_CALL_IP6TABLES,
            BR.NF_CALL_ARPTABLES)
PORT_SWITCHES = BRPORT.FAST_LEAVE, BRPORT.MCAST_TO_UCAST, BRPORT.VLAN_TUNNEL
# not there: another value than the default, or than off, is refused
MISSING = [kind for kind in BRIDGE if name_of(BR, kind).startswith(
    ("mcast_", "nf_call_", "group_addr"))] + [BR.MCAST_SNOOPING]
PORT_MISSING = [BRPORT.FAST_LEAVE, BRPORT.LEARNING_SYNC,
                BRPORT.MULTICAST_ROUTER, BRPORT.MCAST_TO_UCAST,
                BRPORT.VLAN_TUNNEL, BRPORT.MCAST_EHT_HOSTS_LIMIT,
                BRPORT.MCAST_MAX_GROUPS, BRPORT.BACKUP_NHID]
# shown, but nobody can set it
READ_ONLY = (BR.ROOT_ID, BR.BRIDGE_ID, BR.ROOT_PORT, BR.ROOT_PATH_COST,
             BR.TOPOLOGY_CHANGE, BR.TOPOLOGY_CHANGE_DETECTED, BR.HELLO_TIMER,
             BR.TCN_TIMER, BR.TOPOLOGY_CHANGE_TIMER, BR.GC_TIMER,
             BR.FDB_N_LEARNED, BR.PAD)
PORT_READ_ONLY = (BRPORT.STATE, BRPORT.ROOT_ID, BRPORT.BRIDGE_ID,
                  BRPORT.DESIGNATED_PORT, BRPORT.DESIGNATED_COST, BRPORT.ID,
                  BRPORT.NO, BRPORT.TOPOLOGY_CHANGE_ACK,
                  BRPORT.CONFIG_PENDING, BRPORT.MESSAGE_AGE_TIMER,
                  BRPORT.FORWARD_DELAY_TIMER, BRPORT.HOLD_TIMER, BRPORT.PAD,
                  BRPORT.MRP_RING_OPEN)


def made(kind, value, sizes):
    return attr(kind, value.to_bytes(sizes[kind], sys.byteorder))


def option(kind, value):
    return made(kind, value, BRIDGE_SIZES)


def port_option(kind, value):
    return made(kind, value, PORT_SIZES)


def boolopt(value, mask=LOCAL_VLAN_0):
    return attr(BR.MULTI_BOOLOPT, struct.pack("=II", value, mask))


class World:
    """br0 with a port p0, a pair, of our kind or of the kernel's."""

    def __init__(self, ours=True):
        self.ours = ours
        self.nl = vnb.Rtnl(lab_.namespace("a"))
        self.new("br0")
        self.nl.newlink("p0", u32(IFLA.MASTER, self.nl.index("br0")),
                        vnb.info("vnetbr", vnb.mode("pair")) if ours else
                        vnb.info("veth"))

    def data(self, *options):
        return vnb.info("vnetbr", vnb.bridge(*options)) if self.ours else \
            vnb.info("bridge", *options)

    def new(self, name, *options):
        self.nl.newlink(name, self.data(*options))

    def bridge(self, *options, name="br0"):
        self.nl.setlink(name, self.data(*options))

    def port(self, *options):
        self.nl.setlink("p0", vnb.slave_info(
            *options, kind="vnetbr" if self.ours else "bridge"))

    def setlink(self, *options):
        """As port(), in the way of `bridge link set`."""
        self.nl.request(vnb.RTM_SETLINK, vnb.ifinfomsg(
            self.nl.index("p0"), family=vnb.AF_BRIDGE) +
            nest(IFLA.PROTINFO, *options))

    def options(self, name="br0"):
        """{attribute: payload} of a bridge"""
        data = vnb.parse(self.nl.link(name).data)
        return vnb.parse(data[VNETBR.BRIDGE]) if self.ours else data

    def port_options(self, name="p0"):
        return vnb.parse(self.nl.link(name).slave_data)

    def settings(self, name="br0"):
        """Those that can be set."""
        return {kind: value for kind, value in self.options(name).items()
                if kind not in READ_ONLY}

    def port_settings(self, name="p0"):
        return {kind: value for kind, value in self.port_options(name).items()
                if kind not in PORT_READ_ONLY}


def in_tree():
    try:
        return World(ours=False)
    except NlError:
        return None


def of_slave_data(rows):
    """(attribute, value) of those that can be in slave data"""
    return [row for row in rows if row[0] <= SLAVE_MAX]


def number(payload):
    return int.from_bytes(payload, sys.byteorder)


def the_tables_are_true():
    """Of the kernel's bridge, as far as this kernel has the options."""
    world = in_tree()
    if not world:
        return "no bridge of the kernel"
    for text, table, others, shown in (
            ("bridge", {**BRIDGE, **NOT_OURS},
             (*READ_ONLY, BR.MULTI_BOOLOPT, BR.MCAST_QUERIER_STATE),
             world.options()),
            ("port", PORT,
             (*PORT_READ_ONLY, BRPORT.MCAST_N_GROUPS, BRPORT.MRP_IN_OPEN,
              BRPORT.MCAST_EHT_HOSTS_CNT), world.port_options())):
        found = {kind: number(shown[kind]) for kind in table if kind in shown}
        wanted = {kind: table[kind] for kind in found}
        check(f"{text}: something", len(found) > 15, found)
        # what is left of it with 250 HZ
        if found.get(BR.MCAST_STARTUP_QUERY_INTVL) == 3124:
            wanted[BR.MCAST_STARTUP_QUERY_INTVL] = 3124
        check_eq(text, found, wanted)
        check_eq(f"{text}: options that are not in the table",
                 shown.keys() - table.keys() - set(others), set())
    return None


def each_is_accepted(what, rows, *setters):
    """Alone; and what is there stays as it is."""
    for kind, value in rows:
        for setter in setters:
            try:
                setter(what(kind, value))
            except NlError as error:
                raise lab_.Failed(f"{setter.__name__} {kind} to {value}: "
                                  f"{error}") from error


def defaults_are_accepted():
    world = World()
    before = world.settings(), world.port_settings()

    def create(data):
        world.new("br1", data)
        world.nl.dellink("br1")

    each_is_accepted(option, [*BRIDGE.items(), *OFF], world.bridge,
                     create)
    port = [*PORT.items(), *PORT_OFF]
    each_is_accepted(port_option, of_slave_data(port), world.port)
    each_is_accepted(port_option, port, world.setlink)
    world.bridge(*(option(*row) for row in BRIDGE.items()))
    world.port(*(port_option(*row) for row in of_slave_data(PORT.items())))
    world.setlink(*(port_option(*row) for row in PORT.items()))
    # which has another default
    before[0][BR.FDB_MAX_LEARNED] = bytes(4)
    check_eq("as before", (world.settings(), world.port_settings()), before)


def switches_that_are_not_there_are_off():
    world = World()
    shown, port = world.options(), world.port_options()
    check_eq("bridge", {kind: shown.get(kind) for kind in SWITCHES},
             dict.fromkeys(SWITCHES, b"\0"))
    check_eq("port", {kind: port.get(kind) for kind in PORT_SWITCHES},
             dict.fromkeys(PORT_SWITCHES, b"\0"))
    rest = [kind for kind in MISSING if kind not in SWITCHES]
    check_eq("what is neither on nor off", [kind for kind in rest
                                            if kind in shown], [])


def blamed(text, setter, data, path, errno=EOPNOTSUPP):
    """Refused, with a reason and the attribute at fault; returns the reason"""
    try:
        setter(data)
    except NlError as error:
        check_eq(f"{text}: error", (error.errno, error.path), (errno, path))
        return error.msg
    raise lab_.Failed(f"{text}: not refused")


def others_are_refused():
    world = World()
    before = world.settings(), world.port_settings()
    path = [IFLA.LINKINFO, INFO.DATA, VNETBR.BRIDGE]
    slave = [IFLA.LINKINFO, INFO.SLAVE_DATA]
    for kind in MISSING:
        default = BRIDGE.get(kind, 0)
        for value in {default + 1, 1 - default % 2, 0, 2} - {
                default, *(value for off, value in OFF if off == kind)} - (
                    {3124} if kind == BR.MCAST_STARTUP_QUERY_INTVL else set()):
            for setter in world.bridge, lambda data: world.new("br1", data):
                msg = blamed(f"{name_of(BR, kind)} {value}", setter,
                             option(kind, value), path + [kind])
                check(f"{kind} {value}: {msg}", "not supported yet" in msg)
    for kind in PORT_MISSING:
        for value in {PORT[kind] + 1, 2} - {PORT[kind]}:
            data = port_option(kind, value)
            text = f"{name_of(BRPORT, kind)} {value}"
            msg = blamed(text, world.setlink, data, [IFLA.PROTINFO, kind])
            check(f"{text}: {msg}", "not supported yet" in msg)
            if kind <= SLAVE_MAX:
                blamed(text, world.port, data, slave + [kind])
    check_eq("as before", (world.settings(), world.port_settings()), before)


def what_is_shown_can_be_set():
    world = World()
    world.bridge(option(BR.AGEING_TIME, 4000), option(BR.VLAN_FILTERING, 1),
                 boolopt(1, 1))
    world.port(port_option(BRPORT.LEARNING, 0))
    shown = world.settings()
    world.new("br1", *(attr(*row) for row in shown.items()))
    check_eq("of another one", world.settings("br1"), shown)
    world.bridge(*(attr(*row) for row in shown.items()))
    check_eq("again", world.settings(), shown)
    port = world.port_settings()
    world.port(*(attr(*row) for row in of_slave_data(port.items())))
    check_eq("port", world.port_settings(), port)
    world.setlink(*(attr(*row) for row in port.items()))
    check_eq("port, as bridge does it", world.port_settings(), port)


def addresses_of_ports_are_one_entry():
    """fdb_local_vlan_0 is always on, and shown where the kernel knows it."""
    world, other = World(), in_tree()

    def shown(world, name="br0"):
        return struct.unpack("=II", world.options(name)[BR.MULTI_BOOLOPT])

    value, mask = shown(world)
    check_eq("value", value, LOCAL_VLAN_0 & mask)
    if other:
        check_eq("what the kernel knows", mask, shown(other)[1])
    world.bridge(boolopt(LOCAL_VLAN_0))
    world.new("br1", boolopt(LOCAL_VLAN_0))
    check_eq("as before", (shown(world), shown(world, "br1")),
             ((value, mask),) * 2)
    world.bridge(boolopt(LOCAL_VLAN_0 | 1, LOCAL_VLAN_0 | 1))
    check_eq("with another one", shown(world), (value | 1, mask))
    path = [IFLA.LINKINFO, INFO.DATA, VNETBR.BRIDGE, BR.MULTI_BOOLOPT]
    for setter in world.bridge, lambda data: world.new("br2", data):
        msg = blamed("off", setter, boolopt(0, LOCAL_VLAN_0 | 1), path)
        check(f"off: {msg}", "one entry for all VLANs" in msg)
    check_eq("all or nothing", shown(world), (value | 1, mask))


if __name__ == "__main__":
    lab_.run_tests([the_tables_are_true, defaults_are_accepted,
                    switches_that_are_not_there_are_off, others_are_refused,
                    what_is_shown_can_be_set,
                    addresses_of_ports_are_one_entry])
