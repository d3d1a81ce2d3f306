# SPDX-License-Identifier: GPL-2.0
"""A bridge that filters VLANs, with a port for each way to be in some of them.

    namespace "sw"                                namespace "hosts"
      br0 ─┬─ p0 ──────── pair of the kind ──────── h0, h0.c10, ...
           ├─ p1 ──────── veth ──────────────────── h1, h1.c10, ...
           └─ p2 ──────── tunnel ═══ u1 ── u2       the tester: raw frames
    br0.c10, br0.s10, ...: VLAN devices ("c": 802.1Q, "s": 802.1ad)

A Lab is made of our devices, or of the kernel's own ones: the same frames have
to come out of both. Frames are sent in batches and told apart by a serial
number; what comes out of a device is a Seen. See vxlan_lab.py for what this is
made of.
"""
import collections
import os
import select
import socket
import struct

import frames
import vnb
import vxlan_lab as lab_
import vxlan_packet as packet
from vnb import BR, IFLA, NDA

C_TAG, S_TAG = 0x8100, 0x88a8
LETTER = {C_TAG: "c", S_TAG: "s"}
IFLA_VLAN_ID, IFLA_VLAN_PROTOCOL = 1, 5
ETHTOOL_SFLAGS, ETHTOOL_GFLAGS = 0x26, 0x25
ETH_FLAG_RXVLAN, ETH_FLAG_TXVLAN = 1 << 8, 1 << 7

# IFLA_BRIDGE_*, BRIDGE_VLAN_INFO_*, BRIDGE_FLAGS_*
BRIDGE_FLAGS, BRIDGE_VLAN_INFO = 0, 2
PVID, UNTAGGED, RANGE_BEGIN, RANGE_END = 2, 4, 8, 16
FLAGS_MASTER, FLAGS_SELF = 1, 2
RTEXT_FILTER_BRVLAN = 2

BROADCAST = "ff:ff:ff:ff:ff:ff"
GROUP = "01:00:5e:00:01:02"
UNKNOWN = "02:00:00:00:00:99"
BRIDGE_MAC = "02:00:00:00:00:b0"
UNDERLAY = {"u1": "192.0.2.1", "u2": "192.0.2.2"}
UNDERLAY_MAC = {"u1": "02:00:00:00:0a:01", "u2": "02:00:00:00:0a:02"}
FIRST_VNI = 1000
TYPES = "pair", "foreign", "tunnel"

MARK = b"\x88\xb5VLAN"


class Mode(collections.namedtuple("Mode", "pvid tagged untagged")):
    """How a port is in VLANs: @pvid is a VLAN or 0, and in one of the others,
    which are tuples."""

    def __str__(self):
        return "/".join([f"pvid {self.pvid}" if self.pvid else "no pvid",
                         *(f"{vid}t" for vid in self.tagged),
                         *(f"{vid}u" for vid in self.untagged)])


def modes():
    """Each PVID of none, 1 and 10, with each membership of 10 and 20."""
    for pvid in 0, 1, 10:
        for ten in "-tu":
            for twenty in "-tu":
                if pvid == 10 and ten == "-":
                    continue
                tagged = [10] * (ten == "t") + [20] * (twenty == "t")
                untagged = [1] * (pvid == 1) + [10] * (ten == "u") + \
                    [20] * (twenty == "u")
                yield Mode(pvid, tuple(tagged), tuple(untagged))


## frames

Tag = collections.namedtuple("Tag", "proto tci")


def c_tag(tci):
    return Tag(C_TAG, tci)


def s_tag(tci):
    return Tag(S_TAG, tci)


def build(dst, src, tags, serial, length=60):
    """A frame with the tags, outermost first, and a serial number."""
    return (vnb.mac(dst) + vnb.mac(src) +
            b"".join(struct.pack("!HH", *tag) for tag in tags) + MARK +
            struct.pack("!I", serial)).ljust(length + 4 * len(tags), b"\xa5")


def serial_of(frame):
    """The serial number of a frame, or None."""
    at = frame.find(MARK)
    return struct.unpack_from("!I", frame, at + len(MARK))[0] \
        if at >= 0 and len(frame) >= at + len(MARK) + 4 else None


def tags_of(frame):
    """The tags of a frame in words, as "s10 c20"; "-" for none."""
    at, words = 12, []
    while True:
        proto, = struct.unpack_from("!H", frame, at)
        if proto not in LETTER and proto != 0x9100:
            return " ".join(words) or "-"
        tci, = struct.unpack_from("!H", frame, at + 2)
        words.append(LETTER.get(proto, "?") + str(tci & 0xfff) +
                     (f"(tci {tci:#x})" if tci >> 12 else ""))
        at += 4


class Seen(collections.namedtuple("Seen", "dev pkttype frame")):
    """What came out of a port, or of a device for the host: where, PACKET_HOST
    and so on, the frame."""

    def __str__(self):
        return f"{self.dev} [{tags_of(self.frame)}] type {self.pkttype}"


## netlink

def vlan_info(vid, flags=0, end=None):
    """BRIDGE_VLAN_INFO attributes for a VLAN, or those from @vid to @end."""
    if end is None:
        return vnb.attr(BRIDGE_VLAN_INFO, struct.pack("=HH", flags, vid))
    return vnb.attr(BRIDGE_VLAN_INFO, struct.pack(
        "=HH", flags | RANGE_BEGIN, vid)) + vnb.attr(
            BRIDGE_VLAN_INFO, struct.pack("=HH", flags | RANGE_END, end))


def vlan_request(nl, dev, *infos, kind=vnb.RTM_SETLINK, own=False):
    """What `bridge vlan add` and `del` send; @own: `self`."""
    spec = b"".join(infos)
    if own:
        spec = vnb.u16(BRIDGE_FLAGS, FLAGS_SELF) + spec
    nl.request(kind, vnb.ifinfomsg(nl.index(dev), family=vnb.AF_BRIDGE) +
               vnb.attr(IFLA.AF_SPEC, spec))


def vlan_mode(nl, dev, mode, own=False):
    """Put a device without VLANs into those of a Mode."""
    infos = [vlan_info(vid, (PVID if vid == mode.pvid else 0) | flag)
             for flag, vids in ((0, mode.tagged), (UNTAGGED, mode.untagged))
             for vid in vids]
    if infos:
        vlan_request(nl, dev, *infos, own=own)


def vlan_table(nl):
    """What `bridge vlan` shows: {name: [(vid, flags)]}."""
    found = {}
    for _, payload in nl.request(
            vnb.RTM_GETLINK, vnb.ifinfomsg(family=vnb.AF_BRIDGE) +
            vnb.u32(IFLA.EXT_MASK, RTEXT_FILTER_BRVLAN), vnb.NLM_F_DUMP):
        link = vnb.Link(payload)
        found[link.name] = [
            struct.unpack("=HH", info)[::-1] for kind, info, _ in
            vnb.attrs(link.attrs.get(IFLA.AF_SPEC, b""))
            if kind == BRIDGE_VLAN_INFO]
    return found


def fdb_table(nl, bridge="br0"):
    """The forwarding table: sorted (address, VLAN, port, state, flags).

    An entry without a VLAN is for all of them. The kernel's bridge makes one
    more for each VLAN of the port then, which ours need not: left out.
    """
    names = {link.index: link.name for link in nl.links()}
    rows = []
    for _, payload in nl.request(vnb.RTM_GETNEIGH, vnb.ndmsg(0),
                                 vnb.NLM_F_DUMP):
        index, state, flags = struct.unpack_from("=4xiHB", payload)
        attrs = vnb.parse(payload[12:])
        master = attrs.get(NDA.MASTER)
        if not master or names[struct.unpack("=I", master)[0]] != bridge:
            continue
        vlan = struct.unpack("=H", attrs.get(NDA.VLAN, b"\0\0"))[0]
        rows.append((packet.mac_text(attrs[NDA.LLADDR]), vlan, names[index],
                     state, flags))
    everywhere = {(mac, port) for mac, vlan, port, *_ in rows if not vlan}
    return sorted(row for row in rows
                  if not row[1] or (row[0], row[2]) not in everywhere)


def bridge_options(filtering=None, proto=None, default_pvid=None, more=b""):
    """IFLA_BR_* attributes."""
    made = more
    if filtering is not None:
        made += vnb.u8(BR.VLAN_FILTERING, filtering)
    if proto is not None:
        made += vnb.be16(BR.VLAN_PROTOCOL, proto)
    if default_pvid is not None:
        made += vnb.u16(BR.VLAN_DEFAULT_PVID, default_pvid)
    return made


def bridge_info(ours, options):
    """IFLA_LINKINFO of a bridge with IFLA_BR_* attributes."""
    if ours:
        return vnb.info("vnetbr", vnb.mode("bridge"), vnb.bridge(options))
    return vnb.info("bridge", options)


def need_vlans(*kinds):
    """skip_all() where bridges of these kinds cannot filter VLANs."""
    ns = lab_.namespace("probe")
    with vnb.Rtnl(ns) as nl:
        for ours in kinds:
            try:
                nl.newlink(f"br{int(ours)}", bridge_info(
                    ours, bridge_options(1, C_TAG)), up=True)
                vlan_device(nl, f"br{int(ours)}", C_TAG, 10)
            except vnb.NlError as e:
                lab_.skip_all(f"no VLANs: {e}")
    lab_.cleanup()


def vlan_device(nl, dev, proto, vid):
    """A VLAN device on top of another one, up; its name."""
    name = f"{dev}.{LETTER[proto]}{vid}"
    nl.newlink(name, vnb.u32(IFLA.LINK, nl.index(dev)), vnb.info(
        "vlan", vnb.u16(IFLA_VLAN_ID, vid),
        vnb.be16(IFLA_VLAN_PROTOCOL, proto)), up=True)
    return name


def set_offload(ns, dev, on):
    """`ethtool -K DEV rxvlan on txvlan on`, as far as the device has it."""
    flags, = lab_.ethtool(ns, dev, struct.pack("=II", ETHTOOL_GFLAGS, 0))
    value = struct.unpack("=II", flags)[1]
    both = ETH_FLAG_RXVLAN | ETH_FLAG_TXVLAN
    value = value | both if on else value & ~both
    try:
        lab_.ethtool(ns, dev, struct.pack("=II", ETHTOOL_SFLAGS, value))
    except OSError:
        pass    # it has one of them only: fixed


def make_pair(nl, ours, name, mac, ns, peer, peer_mac):
    """A pair of ours or a veth, both ends up; @peer is in namespace @ns."""
    fd = vnb.netns_fd(ns)
    other = [vnb.text(IFLA.IFNAME, peer),
             vnb.attr(IFLA.ADDRESS, vnb.mac(peer_mac)),
             vnb.u32(IFLA.NET_NS_FD, fd)]
    info = vnb.info("vnetbr", vnb.mode("pair"), vnb.peer(*other)) \
        if ours else vnb.info("veth", vnb.attr(
            1, vnb.ifinfomsg() + b"".join(other)))
    nl.newlink(name, vnb.attr(IFLA.ADDRESS, vnb.mac(mac)), info, up=True)
    os.close(fd)
    with vnb.Rtnl(ns) as far:
        far.setlink(peer, up=True)


## the lab

Port = collections.namedtuple("Port", "name type mode")


class Lab:
    """See above.

    @ours: of which devices; @ports: (type of TYPES, Mode) of each; @host: Mode
    of br0; @watched: a packet socket on each port, so that no frame takes a
    short cut; @offload: VLAN tags may be beside the frame; @devices: (tag,
    VLAN) of the VLAN devices of hosts and of br0.
    """

    fence = None

    def __init__(self, ours, ports, host, proto=C_TAG, filtering=1,
                 watched=False, offload=True, devices=()):
        if not Lab.fence:
            Lab.fence = frames.Fence()
        self.ours, self.watched = ours, watched
        self.ports = [Port(f"p{i}", *port) for i, port in enumerate(ports)]
        self.taps, self.tester = {}, None
        self.watching = []
        self.devices = devices
        self.sw = lab_.quiet_namespace("sw")
        self.hosts = lab_.quiet_namespace("hosts")
        self.nl, self.far = vnb.Rtnl(self.sw), vnb.Rtnl(self.hosts)
        self.bridge(proto, filtering)
        if any(port.type == "tunnel" for port in self.ports):
            self.underlay()
        for number, port in enumerate(self.ports):
            self.port(number, port, offload)
        vlan_mode(self.nl, "br0", host, own=True)
        for device in devices:
            name = vlan_device(self.nl, "br0", *device)
            self.listen(self.sw, name, name)
        self.ready()
        self.senders = {}
        for ns in self.sw, self.hosts:
            with vnb.netns(ns):
                self.senders[ns] = socket.socket(
                    socket.AF_PACKET, socket.SOCK_RAW, 0)

    def bridge(self, proto, filtering):
        more = b"" if self.ours else vnb.u8(BR.MCAST_SNOOPING, 0)
        self.nl.newlink("br0", vnb.attr(
            IFLA.ADDRESS, vnb.mac(BRIDGE_MAC)), bridge_info(
                self.ours, bridge_options(filtering, proto, 0, more)), up=True)
        self.listen(self.sw, "br0", "br0")

    def set_bridge(self, **options):
        """Change options of the bridge, as of bridge_options()."""
        self.nl.setlink("br0", bridge_info(self.ours,
                                           bridge_options(**options)))

    def underlay(self):
        lab_.veth(self.nl, "u1", self.hosts, "u2", UNDERLAY_MAC["u1"],
                  UNDERLAY_MAC["u2"], mtu=9000)
        lab_.address_add(self.nl, "u1", UNDERLAY["u1"], 24)
        lab_.neighbour_add(self.nl, "u1", UNDERLAY["u2"], UNDERLAY_MAC["u2"])
        self.tester = frames.Tap(self.hosts, "u2")

    @staticmethod
    def mac(number):
        """The address of port @number."""
        return f"02:00:00:00:01:{number:02x}"

    @staticmethod
    def station(number):
        """The address of what is behind port @number."""
        return f"02:00:00:00:02:{number:02x}"

    def port(self, number, port, offload):
        other = f"h{number}"
        if port.type == "tunnel":
            inner, _ = lab_.options({
                "id": FIRST_VNI + number, "dstport": 4789, "learning": 0,
                "local": UNDERLAY["u1"], "remote": UNDERLAY["u2"]})
            info = vnb.info("vnetbr", vnb.mode("vxlan"), vnb.vxlan(*inner)) \
                if self.ours else vnb.info("vxlan", *inner)
            self.nl.newlink(port.name, vnb.attr(
                IFLA.ADDRESS, vnb.mac(self.mac(number))), info, up=True)
        else:
            make_pair(self.nl, self.ours and port.type == "pair", port.name,
                      self.mac(number), self.hosts, other,
                      self.station(number))
            set_offload(self.hosts, other, offload)
            set_offload(self.sw, port.name, offload)
            self.listen(self.hosts, other, port.name)
            for device in self.devices:
                vlan_device(self.far, other, *device)
        self.nl.setlink(port.name, vnb.u32(IFLA.MASTER, self.nl.index("br0")))
        vlan_mode(self.nl, port.name, port.mode)
        if self.watched:
            self.watching.append(frames.Tap(self.sw, port.name))

    def listen(self, ns, dev, name):
        """Have what @dev receives in seen(), as of @name."""
        self.taps[name] = frames.Tap(ns, dev)

    def ready(self):
        """Wait until all can send and all ports forward."""
        names = {port.name for port in self.ports}

        def forwards():
            return names <= {link.name for link in self.nl.ports()
                             if link.port_state() ==
                             frames.BR_STATE_FORWARDING} and all(
                link.can_send() for nl in (self.nl, self.far)
                for link in nl.links() if link.name != "lo")
        lab_.wait_for("all have link", forwards)
        # they say so before it is true, under the lock that this takes
        self.nl.setlink("lo", up=True)

    def send(self, dev, frame):
        """From a port ("p1": what is behind it), br0, or a VLAN device."""
        number = dev[1:]
        if dev[0] == "p" and self.ports[int(number)].type == "tunnel":
            self.tester.sock.send(packet.Packet(
                inner=frame, eth_dst=UNDERLAY_MAC["u1"],
                eth_src=UNDERLAY_MAC["u2"], src=UNDERLAY["u2"],
                dst=UNDERLAY["u1"], sport=50000, dport=4789, csum=0,
                vni=FIRST_VNI + int(number)).build())
            return
        if dev[0] == "p":
            dev = "h" + number
        ns = self.hosts if dev[0] == "h" else self.sw
        self.senders[ns].sendto(frame, (dev, 0))

    def seen(self):
        """{serial number: sorted list of Seen} since the last time."""
        self.fence.wait()
        found = collections.defaultdict(list)
        poll = select.poll()
        taps = {tap.sock.fileno(): (dev, tap)
                for dev, tap in self.taps.items()}
        for fd in taps:
            poll.register(fd, select.POLLIN)
        for fd, _ in poll.poll(0):
            dev, tap = taps[fd]
            for pkttype, frame in received(tap.sock):
                found[serial_of(frame)].append(Seen(dev, pkttype, frame))
        if self.tester:
            for _, frame in received(self.tester.sock):
                outer = packet.Packet.parse(frame)
                if not outer or not hasattr(outer, "vni"):
                    continue
                found[serial_of(outer.inner)].append(
                    Seen(f"p{outer.vni - FIRST_VNI}", 0, outer.inner))
        found.pop(None, None)
        return {serial: sorted(what) for serial, what in found.items()}

    def watchers_saw(self):
        """Take what the packet sockets on ports have got, and forget it."""
        for tap in self.watching:
            tap.frames()

    def close(self):
        for tap in [*self.taps.values(), *self.watching]:
            tap.close()
        for sock in self.senders.values():
            sock.close()
        if self.tester:
            self.tester.close()
        for nl in self.nl, self.far:
            nl.sock.close()


def received(sock):
    """(pkttype, frame with its tag) of all that a packet socket got."""
    while True:
        try:
            data, extra, _, sll = sock.recvmsg(1 << 16, 128)
        except BlockingIOError:
            return
        if sll[2] != frames.PACKET_OUTGOING:
            yield sll[2], bytes(frames.with_extra(data, extra))
