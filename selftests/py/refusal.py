# SPDX-License-Identifier: GPL-2.0
"""Messages that have to be refused, and devices to which they are sent."""
import struct

import vnb
import vxlan_lab as lab_
from frames import BR_STATE_FORWARDING
from vnb import (BR, BRPORT, IFLA, NDA, VNETBR, VNETBR_BR, VNETBR_PORT, VXLAN,
                 NlError, attr, nest, u8, u16, u32)
from vxlan_lab import Failed, diag, ip_bytes

RTEXT_FILTER_SKIP_STATS = 8
ZERO, GROUP = "00:00:00:00:00:00", "01:00:5e:00:00:07"
M1, M2, M3, M4, NEW = (f"02:00:00:00:fd:0{n}" for n in range(1, 6))
UNKNOWN = 60, 255, 0x3fff   # no attribute anywhere has these numbers

CREATE, EXCL, REPLACE, APPEND = (vnb.NLM_F_CREATE, vnb.NLM_F_EXCL,
                                 vnb.NLM_F_REPLACE, vnb.NLM_F_APPEND)
NLM_F_BULK = 0x200
(NTF_USE, NTF_SELF, NTF_MASTER, NTF_PROXY, NTF_EXT_LEARNED, NTF_OFFLOADED,
 NTF_STICKY, NTF_ROUTER) = (1 << bit for bit in range(8))
REACHABLE, NOARP, PERMANENT = 0x02, 0x40, 0x80   # NUD_*


def sizes(constants, rows):
    """{number: size of its payload}"""
    return {getattr(constants, name): size for size, names in rows.items()
            for name in names.split()}


def name_of(constants, number):
    """As people write it, of a class of constants."""
    for name, value in vars(constants).items():
        if value == number:
            return name.lower()
    return str(number)


BRIDGE_SIZES = sizes(BR, {
    0: "FDB_FLUSH",
    1: """VLAN_FILTERING TOPOLOGY_CHANGE TOPOLOGY_CHANGE_DETECTED MCAST_ROUTER
       MCAST_SNOOPING MCAST_QUERY_USE_IFADDR MCAST_QUERIER NF_CALL_IPTABLES
       NF_CALL_IP6TABLES NF_CALL_ARPTABLES VLAN_STATS_ENABLED
       MCAST_STATS_ENABLED MCAST_IGMP_VERSION MCAST_MLD_VERSION
       VLAN_STATS_PER_PORT""",
    2: "PRIORITY VLAN_PROTOCOL GROUP_FWD_MASK ROOT_PORT VLAN_DEFAULT_PVID",
    4: """FORWARD_DELAY HELLO_TIME MAX_AGE AGEING_TIME STP_STATE ROOT_PATH_COST
       MCAST_HASH_ELASTICITY MCAST_HASH_MAX MCAST_LAST_MEMBER_CNT
       MCAST_STARTUP_QUERY_CNT FDB_N_LEARNED FDB_MAX_LEARNED STP_MODE""",
    6: "GROUP_ADDR",
    8: """ROOT_ID BRIDGE_ID HELLO_TIMER TCN_TIMER TOPOLOGY_CHANGE_TIMER
       GC_TIMER MCAST_LAST_MEMBER_INTVL MCAST_MEMBERSHIP_INTVL
       MCAST_QUERIER_INTVL MCAST_QUERY_INTVL MCAST_QUERY_RESPONSE_INTVL
       MCAST_STARTUP_QUERY_INTVL
       MULTI_BOOLOPT""",
    16: "PAD MCAST_QUERIER_STATE"})
# of which every value is good
BRIDGE_FREE = (BR.FDB_FLUSH, BR.AGEING_TIME, BR.FDB_MAX_LEARNED, BR.PRIORITY,
               BR.FORWARD_DELAY)

PORT_SIZES = sizes(BRPORT, {
    0: "FLUSH",
    1: """STATE MODE GUARD PROTECT FAST_LEAVE LEARNING UNICAST_FLOOD PROXYARP
       LEARNING_SYNC PROXYARP_WIFI TOPOLOGY_CHANGE_ACK CONFIG_PENDING
       MULTICAST_ROUTER MCAST_FLOOD MCAST_TO_UCAST VLAN_TUNNEL BCAST_FLOOD
       NEIGH_SUPPRESS ISOLATED MRP_IN_OPEN LOCKED MAB
       NEIGH_VLAN_SUPPRESS NEIGH_FORWARD_GRAT""",
    2: "PRIORITY DESIGNATED_PORT DESIGNATED_COST ID NO GROUP_FWD_MASK",
    4: """COST BACKUP_PORT MCAST_EHT_HOSTS_LIMIT MCAST_EHT_HOSTS_CNT
       MCAST_N_GROUPS MCAST_MAX_GROUPS BACKUP_NHID""",
    8: """ROOT_ID BRIDGE_ID MESSAGE_AGE_TIMER FORWARD_DELAY_TIMER HOLD_TIMER
       PAD"""})

PORT_EXT_SIZES = sizes(VNETBR_PORT, {
    4: """COMMUNITY STORM_UNKNOWN_PPS STORM_MCAST_PPS STORM_BCAST_PPS
       FDB_MAX_LEARNED FDB_N_LEARNED""",
    8: """STORM_UNKNOWN_BPS STORM_MCAST_BPS STORM_BCAST_BPS DROPS
       STORM_UNKNOWN_DROPS STORM_MCAST_DROPS STORM_BCAST_DROPS"""})

# How much the port has seen: a request that has one of these is refused.
PORT_EXT_COUNTERS = {kind: PORT_EXT_SIZES[kind] for kind in (
    VNETBR_PORT.FDB_N_LEARNED, VNETBR_PORT.DROPS,
    VNETBR_PORT.STORM_UNKNOWN_DROPS, VNETBR_PORT.STORM_MCAST_DROPS,
    VNETBR_PORT.STORM_BCAST_DROPS)}

# Those that a request about an entry may have.
NDA_SIZES = sizes(NDA, {1: "PROTOCOL NDM_FLAGS_MASK",
                        2: "PORT NDM_STATE_MASK",
                        4: """PROBES VNI IFINDEX MASTER LINK_NETNSID SRC_VNI
                           NH_ID FLAGS_EXT""",
                        8: "FDB_EXT_ATTRS", 16: "CACHEINFO"})


# Options that are good, and differ from those of World
GOOD = {
    "bridge": [vnb.bridge(u32(BR.AGEING_TIME, 4000),
                          u32(BR.FDB_MAX_LEARNED, 88), attr(BR.FDB_FLUSH)),
               vnb.bridge_ext(u32(VNETBR_BR.FDB_MAX_PORT_LEARNED, 9))],
    "pair": [],
    "vxlan": [vnb.vxlan(u32(VXLAN.ID, 98), u8(VXLAN.TTL, 33))],
}
DEVICE = {"bridge": "br0", "pair": "p0", "vxlan": "vx0"}
NESTS = {"bridge": (VNETBR.BRIDGE, VNETBR.BRIDGE_EXT), "pair": (VNETBR.PEER,),
         "vxlan": (VNETBR.VXLAN, VNETBR.VXLAN_EXT)}


class World:
    """A namespace with devices of each mode, none of them as by default.

        br0 --- p0 (pair) p1            br1 --- q0 (pair) q1
         \\--- vx0, a tunnel over IPv4   vx6, one over IPv6

    ns, nl: its name, and a Rtnl in it; index: {device: index}
    before: what dump() has to say; sent: number of messages so far
    """

    def __init__(self):
        self.sent = 0
        self.make()

    def make(self):
        """A new namespace, and the same again in it."""
        self.ns = lab_.namespace("a")
        with vnb.netns(self.ns):
            # no frames, so that nothing is learned
            lab_.sysctl("ipv6/conf/default/disable_ipv6", 1)
        self.nl = nl = vnb.Rtnl(self.ns)
        nl.newlink("br0", vnb.info("vnetbr", vnb.bridge(
            u32(BR.AGEING_TIME, 123400), u16(BR.GROUP_FWD_MASK, 8),
            u32(BR.FDB_MAX_LEARNED, 77), attr(BR.MULTI_BOOLOPT, struct.pack(
                "=II", 1, 1))), vnb.bridge_ext(
            u32(VNETBR_BR.FDB_MAX_PORT_LEARNED, 7))), up=True)
        nl.newlink("br1", vnb.info("vnetbr"))
        for a, b, bridge in ("p0", "p1", "br0"), ("q0", "q1", "br1"):
            nl.newlink(a, u32(IFLA.MASTER, nl.index(bridge)), vnb.info(
                "vnetbr", vnb.mode("pair"), vnb.peer(vnb.text(IFLA.IFNAME,
                                                              b))), up=True)
            nl.setlink(b, up=True)
        nl.newlink("vx0", u32(IFLA.MASTER, nl.index("br0")), self.tunnel(
            u32(VXLAN.ID, 99), u8(VXLAN.TTL, 17),
            attr(VXLAN.GROUP, ip_bytes("192.0.2.2"))), up=True)
        nl.newlink("vx6", self.tunnel(
            u32(VXLAN.ID, 6), attr(VXLAN.GROUP6, ip_bytes("2001:db8::2"))))
        self.index = {link.name: link.index for link in nl.links()}
        for body in (self.fdb("br0", M1, self.via("p0"), state=NOARP),
                     self.fdb("br0", M2, state=PERMANENT),
                     self.fdb("br0", M3, self.via("p0"),
                              flags=NTF_EXT_LEARNED),
                     self.fdb("vx0", M1, self.dst("192.0.2.9")),
                     self.fdb("vx0", ZERO, self.dst("192.0.2.8")),
                     self.fdb("vx6", M1, self.dst("2001:db8::9"))):
            nl.request(vnb.RTM_NEWNEIGH, body, CREATE | APPEND)
        for name in "p0", "p1", "q0", "q1", "br0", "vx0":
            lab_.wait_for(f"{name} can send",
                          lambda name=name: nl.link(name).can_send())
        # the port hears of the link some time later
        lab_.wait_for("p0 forwards", lambda: any(
            port.name == "p0" and port.port_state() == BR_STATE_FORWARDING
            for port in nl.ports()))
        # what a flush removes; the port has to be up for that
        nl.request(vnb.RTM_NEWNEIGH, self.fdb("br0", M4, self.via(
            "p0"), state=REACHABLE), CREATE)
        self.before = self.dump()

    @staticmethod
    def tunnel(*inner):
        return vnb.info("vnetbr", vnb.mode("vxlan"), vnb.vxlan(*inner))

    def fdb(self, dev, mac, *attrs, state=PERMANENT, flags=0, length=6):
        """Body of a message about an entry of @dev (name or index) itself;
        @flags: NTF_*, @length: that of the address"""
        index = self.index.get(dev, dev)
        lladdr = attr(NDA.LLADDR, (vnb.mac(mac) * 2)[:length]) if mac else b""
        return vnb.ndmsg(index, state=state, flags=flags | NTF_SELF) + \
            lladdr + b"".join(attrs)

    def via(self, dev):
        """The attribute that names a port."""
        return u32(NDA.IFINDEX, self.index[dev])

    @staticmethod
    def dst(address):
        """The attribute that names the other end of a tunnel."""
        return attr(NDA.DST, ip_bytes(address))

    def dump(self):
        """All links, ports and entries, a bit at a time: {what: bytes}; without
        what counts or ages, or follows some time later (linkwatch)."""
        head = u32(IFLA.EXT_MASK, RTEXT_FILTER_SKIP_STATS)
        found = {}
        for what, family in ("link", 0), ("port", vnb.AF_BRIDGE):
            for _, payload in self.nl.request(
                    vnb.RTM_GETLINK, vnb.ifinfomsg(family=family) + head,
                    vnb.NLM_F_DUMP):
                name = vnb.Link(payload).name
                found[what, name, "header"] = vnb.settled(payload)
                found |= {(what, name, kind): value
                          for kind, value, _ in vnb.attrs(payload[16:])
                          if kind not in vnb.UNSTABLE}
        for _, payload in self.nl.request(vnb.RTM_GETNEIGH, vnb.ndmsg(0),
                                          vnb.NLM_F_DUMP):
            rest = vnb.parse(payload[12:])
            rest.pop(NDA.CACHEINFO, None)
            found["entry", payload[:12], str(sorted(rest.items()))] = b""
        return found

    def wrong_with(self, refusal):
        """Send a Refusal: what is wrong with the answer; None is good."""
        self.sent += 1
        wrong = None
        try:
            self.nl.request(refusal.kind, refusal.body, refusal.flags)
            wrong = "it was accepted"
        except NlError as error:
            wrong = refusal.wrong_with(error)
        after = self.dump()
        if after != self.before:
            wrong = f"{wrong or 'it was refused'}, and changed " + ", ".join(
                f"{key}: {self.before.get(key)} to {after.get(key)}"
                for key in sorted(self.before | after, key=str)
                if self.before.get(key) != after.get(key))
            self.make()
        return wrong


class Refusal:
    """A message that has to be refused.

    @blame: types of the attribute at fault and of those around it, outermost
    first; or words of the text, where there is no such attribute; or Silent
    @blame_core: the same if the core of some kernels checks it before us
    """

    def __init__(self, text, kind, body, blame, flags=0, blame_core=None):
        self.text, self.kind, self.body, self.flags = text, kind, body, flags
        self.blame, self.blame_core = blame, blame_core

    def wrong_with(self, error):
        """What is wrong with the answer; None is good."""
        if isinstance(self.blame, Silent):
            return None
        if self.blame_core and self.blame_core in error.msg:
            return None
        if not error.msg:
            return f"no text: {error}"
        if isinstance(self.blame, str):
            if self.blame not in error.msg.lower():
                return f"does not say {self.blame!r}: {error}"
        elif error.path != self.blame:
            return f"blames another than {self.blame}: {error} {error.path}"
        return None


class Silent:
    """The core refuses, before or instead of us, without a text: @why."""

    def __init__(self, why):
        self.why = why


def check_refused(refusals):
    """All that @refusals, a function of a World, yields."""
    world = World()
    wrong, whys = [], set()
    for refusal in refusals(world):
        what = world.wrong_with(refusal)
        if what:
            wrong.append(f"{refusal.text}: {what}")
        if isinstance(refusal.blame, Silent):
            whys.add(refusal.blame.why)
    diag(f"{world.sent} messages")
    for why in sorted(whys):
        diag(f"without a text: {why}")
    if wrong:
        raise Failed("\n".join([f"{len(wrong)} of {world.sent}"] + wrong[:40]))


## attributes that are wrong

def wrong_sizes(constants, sizes_):
    """(text, attribute, its type) with a byte too many, too few, or none."""
    for kind, size in sizes_.items():
        for wrong in sorted({0, abs(size - 1), size + 1} - {size}):
            yield (f"{name_of(constants, kind)} of {wrong} bytes",
                   attr(kind, b"\1" * wrong), kind)


def wrong_values(constants, sizes_, free=()):
    """The same, for values that are too big, or not supported: all ones."""
    for kind, size in sizes_.items():
        if kind in free:
            continue
        yield (f"{name_of(constants, kind)} of all ones",
               attr(kind, b"\xff" * size), kind)


def wrong_types(number, payload):
    """The same, for numbers that nobody knows, and for the value @number that
    is said to be a nest."""
    for kind in (0,) + UNKNOWN:
        yield f"attribute {kind}", u32(kind, 1), kind
    yield "a value as a nest", nest(number, payload), number


def broken(good):
    """(text, bytes in the place of an attribute) that are no attribute"""
    yield "longer than what is around it", attr(good, bytes(4), length=64)
    for length in 0, 3:
        yield (f"length {length}, shorter than its header",
               attr(good, bytes(4), length=length))
    for rest in 1, 3:
        yield f"{rest} bytes too many", b"\1" * rest
