#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Raw rtnetlink for the tests of vnetbr; nothing but the standard library.

As a module: messages out of any bytes, well formed or not, and errors with the
text and the attribute that the kernel blames.

    with vnb.Rtnl("c1") as nl:              # a name of ip-netns; None: here
        nl.newlink("br0", vnb.info("vnetbr", vnb.bridge(
            vnb.u32(vnb.BR.AGEING_TIME, 3000))))
        try:
            nl.setlink("br0", vnb.info("vnetbr", vnb.bridge(
                vnb.attr(vnb.BR.AGEING_TIME, b"x"))))
        except vnb.NlError as e:
            e.errno, e.msg, e.path, e.where    # 34, "...", [18, 2, 3, 4],
                                               # "LINKINFO.DATA.BRIDGE.4"
        nl.link("br0").data                 # bytes of IFLA_INFO_DATA
        vnb.tree(nl.link("br0").data, {3: {}})

As a program: makes and changes devices where ip has no plugin, with the words
that the plugin takes. A new device is up. Runs in its namespace.

    vnb.py add br0 bridge ageing_time 1000 fdb_max_learned 4
    vnb.py add p0 pair peer name eth0 netns c1 mtu 9000
    vnb.py add "p0 mtu 9000 address 02:00:00:00:00:01" pair
    vnb.py add vx0 vxlan id 100 local 192.0.2.1 remote 192.0.2.2
    vnb.py set br0 bridge fdb_port_max_learned 2
    vnb.py set p1 port community 5 isolated on

And an entry for a port of a bridge, static, that may ask to be locked:

    vnb.py neigh br0 p1 02:00:00:00:00:01 [locked]
"""
import ctypes
import errno
import os
import socket
import struct
import sys


class Names:
    """Constants out of a list of names, numbered from 0."""

    def __init__(self, names):
        for number, name in enumerate(names.split()):
            setattr(self, name, number)


class IFLA:
    """What the tests use of IFLA_*, IFLA_INFO_* and IFLA_STATS64."""
    ADDRESS, BROADCAST, IFNAME, MTU, LINK, QDISC = 1, 2, 3, 4, 5, 6
    MASTER, PROTINFO, TXQLEN, OPERSTATE, LINKINFO = 10, 12, 13, 16, 18
    NET_NS_PID, STATS64, AF_SPEC, NET_NS_FD, EXT_MASK = 19, 23, 26, 28, 29
    NUM_TX_QUEUES, NUM_RX_QUEUES, CARRIER = 31, 32, 33
    LINK_NETNSID, PROTO_DOWN, TARGET_NETNSID = 37, 39, 46


class INFO:
    """IFLA_INFO_*"""
    KIND, DATA, XSTATS, SLAVE_KIND, SLAVE_DATA = 1, 2, 3, 4, 5


VNETBR = Names("UNSPEC PEER MODE BRIDGE VXLAN BRIDGE_EXT VXLAN_EXT")
VNETBR_BR = Names("UNSPEC FDB_MAX_PORT_LEARNED FDB_MAX_LEARNED FDB_N_LEARNED "
                  "FDB_MAX_MOVES NF_BRIDGE FDB_MAX_VLAN_LEARNED "
                  "MST_ENABLED MST NEIGH_SNOOP NEIGH_MAX_SNOOPED "
                  "NEIGH_N_SNOOPED")
VNETBR_VXLAN = Names("UNSPEC STRICT RX_GRO")
VNETBR_PORT = Names("UNSPEC COMMUNITY PAD STORM_UNKNOWN_PPS STORM_MCAST_PPS "
                    "STORM_BCAST_PPS STORM_UNKNOWN_BPS STORM_MCAST_BPS "
                    "STORM_BCAST_BPS FDB_MAX_LEARNED FDB_N_LEARNED "
                    "NEIGH_SUPPRESS_VLAN NEIGH_FORWARD_GRAT_VLAN DROPS "
                    "STORM_UNKNOWN_DROPS STORM_MCAST_DROPS STORM_BCAST_DROPS")
MODE = {"bridge": 0, "pair": 1, "vxlan": 2}

BR = Names("""
UNSPEC FORWARD_DELAY HELLO_TIME MAX_AGE AGEING_TIME STP_STATE PRIORITY
VLAN_FILTERING VLAN_PROTOCOL GROUP_FWD_MASK ROOT_ID BRIDGE_ID ROOT_PORT
ROOT_PATH_COST TOPOLOGY_CHANGE TOPOLOGY_CHANGE_DETECTED HELLO_TIMER TCN_TIMER
TOPOLOGY_CHANGE_TIMER GC_TIMER GROUP_ADDR FDB_FLUSH MCAST_ROUTER MCAST_SNOOPING
MCAST_QUERY_USE_IFADDR MCAST_QUERIER MCAST_HASH_ELASTICITY MCAST_HASH_MAX
MCAST_LAST_MEMBER_CNT MCAST_STARTUP_QUERY_CNT MCAST_LAST_MEMBER_INTVL
MCAST_MEMBERSHIP_INTVL MCAST_QUERIER_INTVL MCAST_QUERY_INTVL
MCAST_QUERY_RESPONSE_INTVL MCAST_STARTUP_QUERY_INTVL NF_CALL_IPTABLES
NF_CALL_IP6TABLES NF_CALL_ARPTABLES VLAN_DEFAULT_PVID PAD VLAN_STATS_ENABLED
MCAST_STATS_ENABLED MCAST_IGMP_VERSION MCAST_MLD_VERSION VLAN_STATS_PER_PORT
MULTI_BOOLOPT MCAST_QUERIER_STATE FDB_N_LEARNED FDB_MAX_LEARNED STP_MODE""")

BRPORT = Names("""
UNSPEC STATE PRIORITY COST MODE GUARD PROTECT FAST_LEAVE LEARNING UNICAST_FLOOD
PROXYARP LEARNING_SYNC PROXYARP_WIFI ROOT_ID BRIDGE_ID DESIGNATED_PORT
DESIGNATED_COST ID NO TOPOLOGY_CHANGE_ACK CONFIG_PENDING MESSAGE_AGE_TIMER
FORWARD_DELAY_TIMER HOLD_TIMER FLUSH MULTICAST_ROUTER PAD MCAST_FLOOD
MCAST_TO_UCAST VLAN_TUNNEL BCAST_FLOOD GROUP_FWD_MASK NEIGH_SUPPRESS ISOLATED
BACKUP_PORT MRP_RING_OPEN MRP_IN_OPEN MCAST_EHT_HOSTS_LIMIT MCAST_EHT_HOSTS_CNT
LOCKED MAB MCAST_N_GROUPS MCAST_MAX_GROUPS NEIGH_VLAN_SUPPRESS BACKUP_NHID
NEIGH_FORWARD_GRAT""")

VXLAN = Names("""
UNSPEC ID GROUP LINK LOCAL TTL TOS LEARNING AGEING LIMIT PORT_RANGE PROXY RSC
L2MISS L3MISS PORT GROUP6 LOCAL6 UDP_CSUM UDP_ZERO_CSUM6_TX UDP_ZERO_CSUM6_RX
REMCSUM_TX REMCSUM_RX GBP REMCSUM_NOPARTIAL COLLECT_METADATA LABEL GPE
TTL_INHERIT DF VNIFILTER LOCALBYPASS LABEL_POLICY RESERVED_BITS MC_ROUTE""")

NDA = Names("""
UNSPEC DST LLADDR CACHEINFO PROBES VLAN PORT VNI IFINDEX MASTER LINK_NETNSID
SRC_VNI PROTOCOL NH_ID FDB_EXT_ATTRS FLAGS_EXT NDM_STATE_MASK NDM_FLAGS_MASK""")

RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK = 16, 17, 18, 19
RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH = 28, 29, 30
NLM_F_REQUEST, NLM_F_ACK = 1, 4
NLM_F_REPLACE, NLM_F_EXCL, NLM_F_CREATE, NLM_F_APPEND = \
    0x100, 0x200, 0x400, 0x800
NLM_F_DUMP = 0x300
IFF_RUNNING = 0x40
NLA_F_NESTED = 0x8000
NLA_TYPE_MASK = 0x3fff
AF_BRIDGE = 7
NUD_NOARP, NTF_SELF, NTF_EXT_LOCKED = 0x40, 2, 2

NLMSG_ERROR, NLMSG_DONE = 2, 3
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_STRICT = 270, 10, 11, 12
CLONE_NEWNET, MS_BIND = 0x40000000, 0x1000

libc = ctypes.CDLL(None, use_errno=True)


def attr(kind, payload=b"", length=None):
    """One attribute; @length lies about its size (header included)."""
    if length is None:
        length = 4 + len(payload)
    return struct.pack("=HH", length, kind) + payload + \
        b"\0" * (-len(payload) % 4)


def nest(kind, *inner):
    return attr(kind | NLA_F_NESTED, b"".join(inner))


def u8(kind, value):
    return attr(kind, struct.pack("=B", value))


def u16(kind, value):
    return attr(kind, struct.pack("=H", value))


def u32(kind, value):
    return attr(kind, struct.pack("=I", value))


def u64(kind, value):
    return attr(kind, struct.pack("=Q", value))


def be16(kind, value):
    return attr(kind, struct.pack("!H", value))


def text(kind, value):
    return attr(kind, value.encode() + b"\0")


def mac(value):
    return bytes.fromhex(value.replace(":", ""))


def station(number):
    """The address of host N."""
    return f"02:00:00:{number >> 16:02x}:{number >> 8 & 255:02x}:" \
        f"{number & 255:02x}"


def info(kind, *data):
    """IFLA_LINKINFO for IFLA_INFO_DATA of @data; without, no IFLA_INFO_DATA."""
    return nest(IFLA.LINKINFO, text(INFO.KIND, kind),
                nest(INFO.DATA, *data) if data else b"")


def slave_info(*data, kind="bridge"):
    return nest(IFLA.LINKINFO, text(INFO.SLAVE_KIND, kind),
                nest(INFO.SLAVE_DATA, *data))


def port_ext(*inner):
    """IFLA_VNETBR_PORT"""
    return nest(BRPORT.MRP_RING_OPEN, *inner)


def bridge(*inner):
    return nest(VNETBR.BRIDGE, *inner)


def bridge_ext(*inner):
    return nest(VNETBR.BRIDGE_EXT, *inner)


def vxlan(*inner):
    return nest(VNETBR.VXLAN, *inner)


def vxlan_ext(*inner):
    return nest(VNETBR.VXLAN_EXT, *inner)


def mode(value):
    return u8(VNETBR.MODE, MODE.get(value, value))


def peer(*attrs, index=0, flags=0):
    """IFLA_VNETBR_PEER"""
    return attr(VNETBR.PEER, ifinfomsg(index, flags=flags) + b"".join(attrs))


def ifinfomsg(index=0, family=0, flags=0, change=0):
    return struct.pack("=BxHiII", family, 0, index, flags, change)


def ndmsg(index, state=0, flags=0, family=AF_BRIDGE):
    return struct.pack("=BxxxiHBB", family, index, state, flags, 0)


def attrs(buf):
    """(type without flags, payload, offset) of each attribute."""
    at = 0
    while at + 4 <= len(buf):
        length, kind = struct.unpack_from("=HH", buf, at)
        if length < 4 or at + length > len(buf):
            break
        yield kind & NLA_TYPE_MASK, buf[at + 4:at + length], at
        at += (length + 3) & ~3


def parse(buf):
    """Payload by type, the last one wins."""
    return {kind: payload for kind, payload, _ in attrs(buf)}


def tree(buf, nested):
    """parse(), down into the types that are keys of @nested."""
    return {kind: tree(payload, nested[kind]) if kind in nested else payload
            for kind, payload in parse(buf).items()}


# What is a nest, below the attributes of a link: how many bytes come first.
PEER_PATH = (IFLA.LINKINFO, INFO.DATA, VNETBR.PEER)
PATH_WORDS = {
    (IFLA.LINKINFO,): "LINKINFO",
    (IFLA.LINKINFO, INFO.DATA): "DATA",
    (IFLA.LINKINFO, INFO.SLAVE_DATA): "SLAVE_DATA",
    PEER_PATH: "PEER",
    (IFLA.LINKINFO, INFO.DATA, VNETBR.MODE): "MODE",
    (IFLA.LINKINFO, INFO.DATA, VNETBR.BRIDGE): "BRIDGE",
    (IFLA.LINKINFO, INFO.DATA, VNETBR.VXLAN): "VXLAN",
    (IFLA.LINKINFO, INFO.DATA, VNETBR.BRIDGE_EXT): "BRIDGE_EXT",
    (IFLA.LINKINFO, INFO.DATA, VNETBR.VXLAN_EXT): "VXLAN_EXT",
}


def find_attr(buf, offset, path=()):
    """Types from the outermost attribute down to the one at @offset."""
    for kind, payload, at in attrs(buf):
        here = path + (kind,)
        if at == offset:
            return list(here)
        if at < offset < at + 4 + len(payload):
            skip = 16 if here == PEER_PATH else 0
            return find_attr(payload[skip:], offset - at - 4 - skip, here)
    return list(path)


class NlError(OSError):
    """A request that was refused.

    errno, msg (text of the kernel or ""), path (types of the attribute that is
    blamed, outermost first; []), where (the same in words), missing (type of
    the attribute that is missing; None)
    """

    def __init__(self, errno, msg="", path=(), missing=None):
        super().__init__(errno, msg or os.strerror(errno))
        self.msg = msg
        self.path = list(path)
        self.missing = missing
        self.where = ".".join(PATH_WORDS.get(tuple(path[:n + 1]), str(path[n]))
                              for n in range(len(path)))

    def __str__(self):
        return f"{os.strerror(self.errno)}: {self.msg!r} at {self.where!r}"


# Of a link: what the kernel counts, and what it derives some time later, as
# the state of the link (linkwatch) and of its IPv6.
UNSTABLE = {7, 35, 47, 48,  # STATS, CARRIER_CHANGES, CARRIER_{UP,DOWN}_COUNT
            IFLA.STATS64, IFLA.OPERSTATE, IFLA.QDISC, IFLA.CARRIER,
            IFLA.AF_SPEC}


def settled(link):
    """The ifinfomsg of a RTM_NEWLINK, without what linkwatch adds later."""
    head = list(struct.unpack_from("=BxHiII", link))
    head[3] &= ~IFF_RUNNING
    return tuple(head)


class Link:
    """What a RTM_NEWLINK says."""

    def __init__(self, payload):
        self.family, _, self.index, self.flags, _ = \
            struct.unpack_from("=BxHiII", payload)
        self.attrs = parse(payload[16:])
        # any bytes may be in a name
        self.name = os.fsdecode(self.attrs[IFLA.IFNAME].rstrip(b"\0"))
        linkinfo = parse(self.attrs.get(IFLA.LINKINFO, b""))
        self.kind = linkinfo.get(INFO.KIND, b"").rstrip(b"\0").decode()
        self.data = linkinfo.get(INFO.DATA, b"")
        self.slave_kind = \
            linkinfo.get(INFO.SLAVE_KIND, b"").rstrip(b"\0").decode()
        self.slave_data = linkinfo.get(INFO.SLAVE_DATA, b"")

    def stats(self):
        """(rx_packets, tx_packets, rx_bytes, tx_bytes, rx_errors, tx_errors,
        rx_dropped, tx_dropped, multicast)"""
        return struct.unpack_from("=9Q", self.attrs[IFLA.STATS64])

    def stable(self):
        """The attributes that change only when somebody changes them."""
        return {kind: payload for kind, payload in self.attrs.items()
                if kind not in UNSTABLE}

    def can_send(self):
        """Is there link, and has the queue been told?"""
        return self.attrs[IFLA.CARRIER] == b"\1" and \
            self.attrs[IFLA.QDISC] != b"noop\0"

    def port_state(self):
        """BR_STATE_* of a Link of ports()"""
        protinfo = parse(self.attrs.get(IFLA.PROTINFO, b""))
        return protinfo.get(BRPORT.STATE, b"\0")[0]

    def mtu(self):
        return struct.unpack("=I", self.attrs[IFLA.MTU])[0]


class netns:
    """Be in a namespace of ip-netns (None: stay) for the length of a block."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.old = None
        if self.name:
            self.old = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
            new = netns_fd(self.name)
            setns(new)
            os.close(new)

    def __exit__(self, *_):
        if self.old is not None:
            setns(self.old)
            os.close(self.old)


class netns_new(netns):
    """Be in a new namespace for the length of a block; it gets a name if
    @path is given, else it lasts as long as its sockets."""

    def __init__(self, path=None):
        self.path = path

    def __enter__(self):
        self.old = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        if libc.unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        if self.path:
            open(self.path, "x").close()
            if libc.mount(b"/proc/thread-self/ns/net", self.path.encode(),
                          None, MS_BIND, None):
                raise OSError(ctypes.get_errno(), "mount")


def netns_fd(name):
    return os.open(f"/run/netns/{name}", os.O_RDONLY)


def setns(fd):
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


class Rtnl:
    """A socket of rtnetlink, in namespace @ns.

    room: how many bytes are read at once
    """

    PROTOCOL = 0
    room = 1 << 16

    def __init__(self, ns=None, groups=0):
        with netns(ns):
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                      self.PROTOCOL)
        self.sock.bind((0, groups))
        for option in NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_STRICT:
            self.sock.setsockopt(SOL_NETLINK, option, 1)
        self.seq = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def request(self, kind, body, flags=0):
        """Send a message, raise NlError or return [(type, payload)...]."""
        self.seq += 1
        flags |= NLM_F_REQUEST
        if flags & NLM_F_DUMP != NLM_F_DUMP or kind & 3 != 2:
            flags |= NLM_F_ACK
        self.sock.send(struct.pack("=IHHII", 16 + len(body), kind, flags,
                                   self.seq, 0) + body)
        answers = []
        while True:
            for kind_, flags_, seq, payload in self.receive():
                if seq != self.seq:
                    continue
                if kind_ == NLMSG_ERROR:
                    self.check(payload, flags_, kind, body)
                    return answers
                if kind_ == NLMSG_DONE:
                    self.check_done(payload, flags_)
                    return answers
                answers.append((kind_, payload))

    def receive(self):
        """[(type, flags, seq, payload)...] of one datagram."""
        buf, _, flags, _ = self.sock.recvmsg(self.room)
        if flags & socket.MSG_TRUNC:
            raise OSError(errno.EMSGSIZE, f"more than {self.room} bytes")
        at = 0
        while at + 16 <= len(buf):
            length, kind, flags, seq, _ = struct.unpack_from("=IHHII", buf, at)
            yield kind, flags, seq, buf[at + 16:at + length]
            at += (length + 3) & ~3

    @staticmethod
    def check_done(payload, flags):
        """Raise what a dump ended with before its end."""
        err = -struct.unpack_from("=i", payload)[0]
        if err > 0:
            tlvs = parse(payload[4:]) if flags & 0x200 else {}
            raise NlError(err, tlvs.get(1, b"").rstrip(b"\0").decode())

    @staticmethod
    def header(kind):
        """How many bytes come before the attributes of a message."""
        return 12 if RTM_NEWNEIGH <= kind <= RTM_GETNEIGH else 16

    def check(self, payload, flags, kind, body):
        """Raise what an NLMSG_ERROR says about a request."""
        err = -struct.unpack_from("=i", payload)[0]
        tlvs = {}
        if flags & 0x200:
            at = 20
            if not flags & 0x100:
                at += struct.unpack_from("=I", payload, 4)[0] - 16
            tlvs = parse(payload[at:])
        if not err:
            return
        path = ()
        if 2 in tlvs:
            # counted from the header of the message
            header = self.header(kind)
            path = find_attr(body[header:],
                             struct.unpack("=I", tlvs[2])[0] - 16 - header)
        missing = struct.unpack("=I", tlvs[5])[0] if 5 in tlvs else None
        raise NlError(err, tlvs.get(1, b"").rstrip(b"\0").decode(), path,
                      missing)

    def index(self, name):
        return self.link(name).index

    def newlink(self, name, *attributes, flags=NLM_F_CREATE | NLM_F_EXCL,
                index=0, up=False):
        head = ifinfomsg(index, flags=1, change=1) if up else ifinfomsg(index)
        if name:
            head += text(IFLA.IFNAME, name)
        self.request(RTM_NEWLINK, head + b"".join(attributes), flags)

    def setlink(self, name, *attributes, up=None):
        """Change a device; @up sets it up or down."""
        head = ifinfomsg(self.index(name), flags=int(bool(up)),
                         change=int(up is not None))
        self.request(RTM_NEWLINK, head + b"".join(attributes))

    def dellink(self, name):
        self.request(RTM_DELLINK, ifinfomsg(self.index(name)))

    def link(self, name):
        """The Link called @name."""
        answers = self.request(RTM_GETLINK,
                               ifinfomsg() + text(IFLA.IFNAME, name))
        return Link(answers[0][1])

    def links(self):
        return [Link(payload) for _, payload in
                self.request(RTM_GETLINK, ifinfomsg(), NLM_F_DUMP)]

    def ports(self):
        """What `bridge link` shows."""
        return [Link(payload) for _, payload in self.request(
            RTM_GETLINK, ifinfomsg(family=AF_BRIDGE), NLM_F_DUMP)]


## the program

def number(make):
    return lambda kind: lambda words: make(kind, int(words.pop(0), 0))


def flag(make, value):
    return lambda kind: lambda words: make(kind, value)


def address(kind4, kind6):
    def build(words):
        word = words.pop(0)
        if ":" in word:
            return attr(kind6, socket.inet_pton(socket.AF_INET6, word))
        return attr(kind4, socket.inet_pton(socket.AF_INET, word))
    return build


def ttl(words):
    word = words.pop(0)
    if word == "inherit":
        return u8(VXLAN.TTL_INHERIT, 1)
    return u8(VXLAN.TTL, 0 if word == "auto" else int(word, 0))


def tos(words):
    word = words.pop(0)
    return u8(VXLAN.TOS, 1 if word == "inherit" else int(word, 0))


def df(words):
    return u8(VXLAN.DF, ["unset", "set", "inherit"].index(words.pop(0)))


def srcport(words):
    return attr(VXLAN.PORT_RANGE, struct.pack("!HH", int(words.pop(0)),
                                              int(words.pop(0))))


def dev(kind):
    return lambda words: u32(kind, socket.if_nametoindex(words.pop(0)))


def words_of(constants, **made_by):
    """{"ageing_time": function of the words left} for constants' names."""
    return {name.lower(): made_by[name](getattr(constants, name))
            for name in made_by}


N8, N16, N32, N64 = number(u8), number(u16), number(u32), number(u64)

BRIDGE_WORDS = words_of(BR, AGEING_TIME=N32, GROUP_FWD_MASK=N16,
                        VLAN_FILTERING=N8, VLAN_DEFAULT_PVID=N16,
                        VLAN_STATS_ENABLED=N8, VLAN_STATS_PER_PORT=N8,
                        STP_STATE=N32, FORWARD_DELAY=N32, HELLO_TIME=N32,
                        MAX_AGE=N32, PRIORITY=N16, STP_MODE=N32,
                        MCAST_SNOOPING=N8, FDB_FLUSH=flag(attr, b""))
def bit(number_):
    """A word of IFLA_BR_MULTI_BOOLOPT."""
    return lambda words: attr(BR.MULTI_BOOLOPT, struct.pack(
        "=II", int(words.pop(0)) << number_, 1 << number_))


def vlan_protocol(words):
    word = words.pop(0)
    return be16(BR.VLAN_PROTOCOL, {"802.1q": 0x8100, "802.1ad": 0x88a8}.get(
        word.lower()) or int(word, 0))


BRIDGE_WORDS["no_linklocal_learn"] = bit(0)
BRIDGE_WORDS["vlan_protocol"] = vlan_protocol


def mst_ranges(*ranges):
    """IFLA_VNETBR_BR_MST: (first VLAN, last VLAN, instance) each"""
    return attr(VNETBR_BR.MST, b"".join(struct.pack("=HHH", *one)
                                        for one in ranges))


def vlans_of(word):
    """10-20, or 10: the first one and the last one"""
    first, _, last = word.partition("-")
    return int(first), int(last or first)


def mst(words):
    """10-20:5,30:6"""
    ranges = [word.split(":") for word in words.pop(0).split(",")]
    return mst_ranges(*((*vlans_of(vlans), int(msti))
                        for vlans, msti in ranges))


def vlan_set(kind, *vids):
    """A bit for each VLAN, in words of 32."""
    vlans = [0] * (max(vids, default=-1) // 32 + 1)
    for vid in vids:
        vlans[vid // 32] |= 1 << vid % 32
    return attr(kind, struct.pack(f"={len(vlans)}I", *vlans))


def vlan_set_of(kind):
    """A word like 10-20,30, or none"""
    def build(words):
        vids = []
        word = words.pop(0)
        for vlans in word.split(",") if word != "none" else ():
            first, last = vlans_of(vlans)
            vids += range(first, last + 1)
        return vlan_set(kind, *vids)
    return build


BRIDGE_EXT_WORDS = {
    "fdb_max_learned": N32(VNETBR_BR.FDB_MAX_LEARNED),
    "fdb_port_max_learned": N32(VNETBR_BR.FDB_MAX_PORT_LEARNED),
    "fdb_vlan_max_learned": N32(VNETBR_BR.FDB_MAX_VLAN_LEARNED),
    "fdb_max_moves": N32(VNETBR_BR.FDB_MAX_MOVES),
    "nf_bridge": lambda words: u8(VNETBR_BR.NF_BRIDGE,
                                  ["off", "block"].index(words.pop(0))),
    "mst_enabled": N8(VNETBR_BR.MST_ENABLED),
    "mst": mst,
    "neigh_snoop": N8(VNETBR_BR.NEIGH_SNOOP),
    "neigh_max_snooped": N32(VNETBR_BR.NEIGH_MAX_SNOOPED),
}

VXLAN_WORDS = words_of(VXLAN, ID=N32, AGEING=N32, UDP_CSUM=flag(u8, 1),
                       LEARNING=flag(u8, 1))
VXLAN_WORDS.update({
    "vni": N32(VXLAN.ID),
    "dev": dev(VXLAN.LINK),
    "local": address(VXLAN.LOCAL, VXLAN.LOCAL6),
    "remote": address(VXLAN.GROUP, VXLAN.GROUP6),
    "group": address(VXLAN.GROUP, VXLAN.GROUP6),
    "dstport": number(be16)(VXLAN.PORT),
    "srcport": srcport, "ttl": ttl, "tos": tos, "df": df,
    "flowlabel": lambda words: attr(VXLAN.LABEL, struct.pack(
        "!I", int(words.pop(0), 0))),
    "nolearning": flag(u8, 0)(VXLAN.LEARNING),
    "noudpcsum": flag(u8, 0)(VXLAN.UDP_CSUM),
    "udpcsum": flag(u8, 1)(VXLAN.UDP_CSUM),
    "udp6zerocsumtx": flag(u8, 1)(VXLAN.UDP_ZERO_CSUM6_TX),
    "noudp6zerocsumtx": flag(u8, 0)(VXLAN.UDP_ZERO_CSUM6_TX),
    "udp6zerocsumrx": flag(u8, 1)(VXLAN.UDP_ZERO_CSUM6_RX),
    "noudp6zerocsumrx": flag(u8, 0)(VXLAN.UDP_ZERO_CSUM6_RX),
})
VXLAN_EXT_WORDS = {
    "strict": flag(u8, 1)(VNETBR_VXLAN.STRICT),
    "nostrict": flag(u8, 0)(VNETBR_VXLAN.STRICT),
    "rx_gro": lambda words: u8(VNETBR_VXLAN.RX_GRO,
                               ["off", "auto", "on"].index(words.pop(0))),
}

LINK_WORDS = {
    "name": lambda words: text(IFLA.IFNAME, words.pop(0)),
    "netns": lambda words: u32(IFLA.NET_NS_FD, netns_fd(words.pop(0))),
    "mtu": N32(IFLA.MTU),
    "address": lambda words: attr(IFLA.ADDRESS, mac(words.pop(0))),
    "numtxqueues": N32(IFLA.NUM_TX_QUEUES),
    "numrxqueues": N32(IFLA.NUM_RX_QUEUES),
    "txqueuelen": N32(IFLA.TXQLEN),
    "master": dev(IFLA.MASTER),
}

PORT_WORDS = {
    word: lambda words, kind=kind: u8(kind, ["off", "on"].index(words.pop(0)))
    for word, kind in (("isolated", BRPORT.ISOLATED), ("guard", BRPORT.GUARD),
                       ("neigh_vlan_suppress", BRPORT.NEIGH_VLAN_SUPPRESS),
                       ("neigh_forward_grat", BRPORT.NEIGH_FORWARD_GRAT))
}
PORT_EXT_WORDS = words_of(
    VNETBR_PORT, COMMUNITY=N32, STORM_UNKNOWN_PPS=N32, STORM_MCAST_PPS=N32,
    STORM_BCAST_PPS=N32, STORM_UNKNOWN_BPS=N64, STORM_MCAST_BPS=N64,
    STORM_BCAST_BPS=N64, FDB_MAX_LEARNED=N32,
    **dict.fromkeys(("NEIGH_SUPPRESS_VLAN", "NEIGH_FORWARD_GRAT_VLAN"),
                    vlan_set_of))

TABLES = {
    "bridge": ((bridge, BRIDGE_WORDS), (bridge_ext, BRIDGE_EXT_WORDS)),
    "vxlan": ((vxlan, VXLAN_WORDS), (vxlan_ext, VXLAN_EXT_WORDS)),
    "pair": ((peer, LINK_WORDS),),
    "port": ((lambda body: body, PORT_WORDS), (port_ext, PORT_EXT_WORDS)),
}


def parse_words(name, words):
    """The attributes of IFLA_INFO_DATA that @words mean in mode @name."""
    tables = TABLES[name]
    inner = [b""] * len(tables)
    words = list(words)
    if name == "pair" and words:
        words.remove("peer")
    while words:
        word = words.pop(0)
        for at, (_, table) in enumerate(tables):
            if word in table:
                inner[at] += table[word](words)
                break
        else:
            sys.exit(f"vnb.py: {name}: what is {word!r}?")
    parsed = [wrap(body) for (wrap, _), body in zip(tables, inner) if body]
    return parsed if name == "port" else [mode(name)] + parsed


def add_entry(bridge_, port, address_, *locked):
    """The program's "neigh"."""
    with Rtnl() as nl:
        body = ndmsg(nl.index(bridge_), NUD_NOARP, NTF_SELF)
        body += attr(NDA.LLADDR, mac(address_))
        body += u32(NDA.IFINDEX, nl.index(port))
        body += u32(NDA.FLAGS_EXT, NTF_EXT_LOCKED if locked else 0)
        nl.request(RTM_NEWNEIGH, body, NLM_F_CREATE | NLM_F_EXCL)


def main(argv):
    if argv[1:2] == ["neigh"]:
        try:
            add_entry(*argv[2:])
        except NlError as err:
            sys.exit(f"Error: vnb.py: {err}")
        return
    if (len(argv) < 4 or argv[1] not in ("add", "set") or
            argv[3] not in TABLES):
        sys.exit(__doc__)
    attributes = parse_words(argv[3], argv[4:])
    linkinfo = info("vnetbr", *attributes)
    name, *words = argv[2].split()
    own = b""
    while words:
        own += LINK_WORDS[words.pop(0)](words)
    with Rtnl() as nl:
        try:
            if argv[3] == "port":
                # as "bridge link": "ip link" passes on less in old kernels
                nl.request(RTM_SETLINK, ifinfomsg(
                    nl.index(name), family=AF_BRIDGE) +
                    nest(IFLA.PROTINFO, *attributes))
            elif argv[1] == "add":
                nl.newlink(name, own, linkinfo, up=True)
            else:
                nl.setlink(name, linkinfo)
        except NlError as err:
            sys.exit(f"Error: vnb.py: {err}")


if __name__ == "__main__":
    main(sys.argv)
