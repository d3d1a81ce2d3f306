#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
"""Spanning trees of VLANs (MST): which frames pass, what is learned and shown.

    h1 eth0 ── p1 ┐
    h2 eth0 ── p2 ┼ br0     the host is in all VLANs, too
    h3 eth0 ── p3 ┘

The same is done to a bridge of ours and to the kernel's own one, and has to
come to the same. VLANs are assigned to instances by another message there, and
what is different on purpose is tested of ours alone:

* States belong to instances: those of a VLAN that is added to a port are those
  of its instance, and a state counts that was set before a VLAN was assigned.
* One request may change VLANs, instances and states: ports enter VLANs last.
* A port that is disabled in instance 0 is so in all, and with a daemon it stays
  so in the others when it comes up again.
* While the bridge does not filter, the state of the port counts.
* What was learned is forgotten where a port is closed, but not what its backup
  reaches for it, and listeners are told.
* The kernel's spanning tree and MST exclude each other.
* mst_enabled may be set to what it is.
"""
import errno
import multiprocessing
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import frames  # noqa: E402
import vlan_lab as vlan  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from vlan_lab import BRIDGE_MAC, BROADCAST, UNKNOWN  # noqa: E402
from vnb import (BR, BRPORT, IFLA, NDA, VNETBR, VNETBR_BR,  # noqa: E402
                 NlError, attr, nest, station, u8, u16, u32)
from vxlan_lab import check, check_eq  # noqa: E402
from why_lab import Lab as WhyLab  # noqa: E402

DISABLED, LISTENING, LEARNING, FORWARDING, BLOCKING = range(5)
STATES = range(5)
STP_KERNEL, STP_USER = 1, 2
VIDS = 10, 20, 30
PORTS = "p1", "p2", "p3"
NO_LL_LEARN_BIT, MST_BIT = 1 << 0, 1 << 2   # BR_BOOLOPT_*
KNOWN = "02:00:00:00:00:71"         # behind p2, by a static entry
MAX, MAX_RANGES = 64, 256           # instances, ranges of VLANs

# IFLA_BRIDGE_*, its nests, and the VLANs of the kernel's own bridge
FLAGS, MST, ENTRY, MSTI, STATE = 0, 6, 1, 1, 2
FLAGS_SELF = 2
RTEXT_FILTER_MST = 1 << 7
RTM_NEWVLAN, RTM_DELVLAN = 112, 113
GLOBAL_OPTIONS, GOPTS_ID, GOPTS_MSTI = 2, 1, 18
RTMGRP_LINK, RTNLGRP_BRVLAN, NETLINK_ADD_MEMBERSHIP = 1, 33, 1
VLAN_ENTRY, ENTRY_INFO, ENTRY_RANGE, ENTRY_STATE = 1, 1, 2, 3
NTF_USE, NTF_SELF, NTF_MASTER, NUD_REACHABLE, NUD_NOARP = 1, 2, 4, 2, 0x40
DUMP_ROOM = 4096                    # what getifaddrs() reads at once


def boolopt(on, bit=MST_BIT):
    return attr(BR.MULTI_BOOLOPT, struct.pack("=II", bit * on, bit))


def entry(*attrs):
    return nest(ENTRY, *attrs)


def tree_state(msti, state):
    """IFLA_BRIDGE_MST"""
    return nest(MST, entry(u16(MSTI, msti), u8(STATE, state)))


def states_in(link):
    """{instance: state} that a vnb.Link of PF_BRIDGE has; None: no nest"""
    spec = vnb.parse(link.attrs.get(IFLA.AF_SPEC, b""))
    if MST not in spec:
        return None
    found = [vnb.parse(body) for _, body, _ in vnb.attrs(spec[MST])]
    return {int.from_bytes(row[MSTI], sys.byteorder): row[STATE][0]
            for row in found}


def many_ranges(count, first=2):
    """As many ranges, one VLAN each, in as many instances as there may be."""
    return [(vid, vid, 1 + vid // 2 % MAX)
            for vid in range(first, first + 2 * count, 2)]


class World:
    """The picture, made of our devices or of the kernel's own ones."""

    fence = None

    def __init__(self, ours=True, mst=1, vids=VIDS, options=b""):
        if not World.fence:
            World.fence = frames.Fence()
        self.ours, self.used = ours, 0
        self.ns = lab_.quiet_namespace("sw")
        self.nl = vnb.Rtnl(self.ns)
        more = boolopt(mst) + options
        if not ours:
            more += u8(BR.MCAST_SNOOPING, 0)
        self.nl.newlink("br0", attr(IFLA.ADDRESS, vnb.mac(BRIDGE_MAC)),
                        vlan.bridge_info(ours, vlan.bridge_options(
                            1, default_pvid=0, more=more)), up=True)
        self.end, self.tap = {}, {}
        for number, port in enumerate(PORTS, 1):
            ns = lab_.quiet_namespace(f"h{number}")
            vlan.make_pair(self.nl, ours, port, f"02:00:00:00:01:0{number}",
                           ns, "eth0", f"02:00:00:00:03:0{number}")
            self.end[port] = frames.End(ns, "eth0")
            self.tap[port] = frames.Tap(ns, "eth0")
            self.join(port)
            self.vlans(port, *vids)
        self.end["br0"] = frames.End(self.ns, "br0")
        self.tap["br0"] = frames.Tap(self.ns, "br0")
        self.vlans("br0", *vids)

    def join(self, port):
        self.nl.setlink(port, u32(IFLA.MASTER, self.nl.index("br0")))

    def ready(self):
        """Until all can send and ports are up; frames are on their way then."""
        def ready():
            return all(link.port_state() for link in self.nl.ports()
                       if link.name in PORTS) and all(
                end.nl.link(end.dev).can_send() for end in self.end.values())
        lab_.wait_for("all have link", ready)
        self.nl.setlink("lo", up=True)
        return self

    def vlans(self, dev, *vids, kind=vnb.RTM_SETLINK):
        if vids:
            vlan.vlan_request(self.nl, dev, *map(vlan.vlan_info, vids),
                              kind=kind, own=dev == "br0")

    def bridge(self, *options):
        self.nl.setlink("br0", vlan.bridge_info(self.ours, b"".join(options)))

    def ext(self, *options):
        """Options that only ours have."""
        self.nl.setlink("br0", vnb.info("vnetbr", vnb.bridge_ext(*options)))

    def assign(self, vid, msti, last=None):
        """`bridge vlan global set vid VID msti MSTI`, or ours"""
        if self.ours:
            self.ext(vnb.mst_ranges((vid, last or vid, msti)))
            return
        self.nl.request(RTM_NEWVLAN, struct.pack(
            "=Bxxxi", vnb.AF_BRIDGE, self.nl.index("br0")) + nest(
                GLOBAL_OPTIONS, u16(GOPTS_ID, vid), u16(GOPTS_MSTI, msti)))

    def spec(self, dev, *attrs, kind=vnb.RTM_SETLINK):
        """PF_BRIDGE with IFLA_AF_SPEC"""
        self.nl.request(kind, vnb.ifinfomsg(
            self.nl.index(dev), family=vnb.AF_BRIDGE) + nest(
                IFLA.AF_SPEC, *attrs))

    def option(self, port, *attrs):
        """`bridge link set`"""
        self.nl.request(vnb.RTM_SETLINK, vnb.ifinfomsg(
            self.nl.index(port), family=vnb.AF_BRIDGE) + nest(
                IFLA.PROTINFO, *attrs))

    def state(self, port, msti, state):
        """`bridge mst set`; instance 0: `bridge link set`"""
        if msti:
            self.spec(port, tree_state(msti, state))
        else:
            self.option(port, u8(BRPORT.STATE, state))

    def unplug(self, port):
        """Its other end goes down: it is up, and has no link any more."""
        self.end[port].nl.setlink("eth0", up=False)
        lab_.wait_for("no link", lambda: not any(
            link.port_state() for link in self.nl.ports()
            if link.name == port))

    def plug(self, port):
        self.end[port].nl.setlink("eth0", up=True)
        self.ready()

    def show(self):
        """`bridge mst show`: {port: {instance: state}}"""
        rows = self.nl.request(vnb.RTM_GETLINK, vnb.ifinfomsg(
            family=vnb.AF_BRIDGE) + u32(IFLA.EXT_MASK, RTEXT_FILTER_MST),
            vnb.NLM_F_DUMP)
        links = [vnb.Link(payload) for _, payload in rows]
        return {link.name: states_in(link) for link in links
                if link.name in PORTS}

    def send_all(self, *questions):
        """(where it arrives, its source) of each frame: (device, VLAN,
        destination, source or None for one that is new)"""
        for tap in self.tap.values():
            tap.mark()
        first, found = self.used + 1, []
        for dev, vid, dst, src in questions:
            self.used += 1
            src = src or (BRIDGE_MAC if dev == "br0" else
                          station(1000 + self.used))
            self.end[dev].send(vlan.build(dst, src, (vlan.c_tag(vid),),
                                          self.used))
            found.append(([], src))
        self.fence.wait()
        for name, tap in sorted(self.tap.items()):
            for _, frame in vlan.received(tap.sock):
                serial = vlan.serial_of(frame)
                if serial is not None and serial >= first:
                    found[serial - first][0].append(name)
        return found

    def send(self, dev, vid, dst, src=None):
        """Where a frame arrives"""
        return self.send_all((dev, vid, dst, src))[0][0]

    def reaches(self, dev, vid, dst=BROADCAST):
        return self.send(dev, vid, dst)

    def table(self):
        """{(address, VLAN): port}"""
        return {(mac, vid): port
                for mac, vid, port, *_ in vlan.fdb_table(self.nl)}

    def enter(self, mac, vid, port, nud=NUD_REACHABLE, ntf=0):
        """`bridge fdb add`; @vid 0: for all VLANs"""
        attrs = attr(NDA.LLADDR, vnb.mac(mac))
        if vid:
            attrs += u16(NDA.VLAN, vid)
        index = self.nl.index(port)
        if self.ours:
            head = vnb.ndmsg(self.nl.index("br0"), nud, NTF_SELF | ntf)
            attrs += u32(NDA.IFINDEX, index)
        else:
            head = vnb.ndmsg(index, nud, NTF_MASTER | ntf)
        self.nl.request(vnb.RTM_NEWNEIGH, head + attrs, vnb.NLM_F_CREATE)

    def static(self, mac, vid, port):
        self.enter(mac, vid, port, NUD_NOARP)

    def known(self, mac):
        """The VLANs in which an address is known; 0 is none"""
        return sorted(vid for other, vid in self.table() if other == mac)

    def counter(self, name):
        return lab_.ethtool_stats(self.ns, "br0")[name]


class Listener:
    """What `bridge monitor link` and `bridge monitor vlan` hear."""

    def __init__(self, world):
        self.names = {link.index: link.name for link in world.nl.links()}
        self.link = vnb.Rtnl(world.ns, RTMGRP_LINK)
        self.vlan = vnb.Rtnl(world.ns)
        self.vlan.sock.setsockopt(vnb.SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
                                  RTNLGRP_BRVLAN)
        for nl in self.link, self.vlan:
            nl.sock.setblocking(False)

    @staticmethod
    def heard(nl):
        try:
            while True:
                yield from nl.receive()
        except BlockingIOError:
            return

    def states(self):
        """(port, {instance: state}) of each message about a port"""
        found = [vnb.Link(payload) for kind, _, _, payload in
                 self.heard(self.link) if kind == vnb.RTM_NEWLINK]
        return [(one.name, states_in(one)) for one in found
                if one.family == vnb.AF_BRIDGE]

    def vlans(self):
        """(type, port, first VLAN, last VLAN, state or None)"""
        rows = []
        for kind, _, _, payload in self.heard(self.vlan):
            row = vnb.parse(vnb.parse(payload[8:])[VLAN_ENTRY])
            first, = struct.unpack_from("=2xH", row[ENTRY_INFO])
            last, = struct.unpack("=H", row.get(ENTRY_RANGE,
                                                row[ENTRY_INFO][2:]))
            state = row.get(ENTRY_STATE)
            rows.append((kind, self.names[struct.unpack_from(
                "=4xi", payload)[0]], first, last, state and state[0]))
        return rows


def need_in_tree():
    """The reason why there is nothing to compare with, or None."""
    ns = lab_.namespace("probe")
    with vnb.Rtnl(ns) as nl:
        try:
            nl.newlink("br9", vlan.bridge_info(False, boolopt(1)))
        except NlError as e:
            return f"no bridge with MST: {e}"
    return None


## parity

def traffic(world, text):
    """Rows of what becomes of frames from everywhere, in every VLAN."""
    questions = [(dev, vid, dst, None) for vid in VIDS
                 for dev in (*PORTS, "br0")
                 for dst in (BROADCAST, UNKNOWN, KNOWN)]
    rows = [(text, "shown", world.show())]
    answers = world.send_all(*questions)
    table = world.table()
    for (dev, vid, dst, _), (got, src) in zip(questions, answers):
        rows.append((text, dev, vid, dst, got))
        if dev != "br0":
            rows.append((text, "learned", dev, vid, table.get((src, vid))))
    return rows


def scenario(world):
    """Rows of what becomes of frames while VLANs and states change."""
    rows = []

    def step(text):
        rows.extend(traffic(world, text))

    for vid in VIDS:
        world.static(KNOWN, vid, "p2")
    world.ready()
    step("all in instance 0")
    world.assign(10, 5)
    step("a new instance is closed")
    world.state("p2", 5, FORWARDING)
    for state in STATES:
        world.state("p1", 5, state)
        step(f"p1 in 5: {state}")
    world.state("p1", 5, FORWARDING)
    for state in STATES:
        world.state("p2", 5, state)
        step(f"p2 in 5: {state}")
    world.state("p2", 5, FORWARDING)
    world.assign(20, 5)
    step("one more VLAN has the states of its instance")
    # not BLOCKING, which the kernel's bridge leaves at once without a daemon
    for state in LISTENING, LEARNING:
        world.state("p1", 0, state)
        step(f"p1 in 0: {state}")
    world.state("p1", 5, BLOCKING)
    world.state("p1", 0, FORWARDING)
    step("p1 closed in 5 only")
    world.assign(20, 4095)
    step("the last instance")
    for port in PORTS:
        world.state(port, 4095, FORWARDING)
    step("open in the last instance")
    world.assign(10, 0)
    world.assign(20, 0)
    step("back to instance 0")
    return rows


def frames_and_tables_as_in_tree():
    reason = need_in_tree()
    if reason:
        return reason
    theirs = scenario(World(ours=False))
    # of the test itself: something passes, something does not
    check("it is known", ("a new instance is closed", "p1", 10, BROADCAST,
                          []) in theirs, theirs)
    check("it is known", ("p1 in 5: 3", "p1", 10, BROADCAST, ["br0", "p2"])
          in theirs, theirs)
    for row, other in zip(scenario(World()), theirs):
        check_eq("ours, and in-tree", row, other)
    return None


def refused(world, text, *args, **options):
    """The NlError of what a method, the first of @args, refuses."""
    try:
        args[0](*args[1:], **options)
    except NlError as e:
        if world.ours:
            check(f"{text}: a reason", e.msg, e)
        return e
    raise lab_.Failed(f"{text}: not refused")


def refusals(world):
    """{what: errno} of messages that both kinds refuse."""
    found = {}

    def row(text, *args, **options):
        found[text] = refused(world, text, *args, **options)

    row("off while ports are in VLANs", world.bridge, boolopt(0))
    row("instance 0", world.spec, "p1", tree_state(0, FORWARDING))
    row("instance 4096", world.spec, "p1", tree_state(4096, FORWARDING))
    row("state 5", world.spec, "p1", tree_state(5, 5))
    row("no state", world.spec, "p1", nest(MST, entry(u16(MSTI, 5))))
    row("no instance", world.spec, "p1", nest(MST, entry(u8(STATE, 3))))
    row("no entry", world.spec, "p1", nest(MST))
    row("the bridge itself", world.spec, "br0", u16(FLAGS, FLAGS_SELF),
        tree_state(5, FORWARDING))
    world.vlans("br0", *VIDS, kind=vnb.RTM_DELLINK)
    for port in PORTS:
        world.vlans(port, *VIDS, kind=vnb.RTM_DELLINK)
    world.bridge(boolopt(0))
    row("a state without MST", world.spec, "p1", tree_state(5, FORWARDING))
    row("on, and a default VLAN", world.bridge, boolopt(1),
        u16(BR.VLAN_DEFAULT_PVID, 1))
    # in-tree, the default VLAN is there now
    world.bridge(u16(BR.VLAN_DEFAULT_PVID, 1))
    world.bridge(boolopt(1), u16(BR.VLAN_DEFAULT_PVID, 0))
    world.bridge(boolopt(0))
    world.vlans("p3", 10)
    row("on while a port is in a VLAN", world.bridge, boolopt(1))
    return found


def refusals_as_in_tree():
    reason = need_in_tree()
    ours = refusals(World())
    check_eq("errors", {text: e.errno for text, e in ours.items()}, {
        "off while ports are in VLANs": errno.EBUSY,
        "instance 0": errno.ERANGE, "instance 4096": errno.ERANGE,
        "state 5": errno.ERANGE, "no state": errno.EINVAL,
        "no instance": errno.EINVAL, "no entry": errno.EINVAL,
        "the bridge itself": errno.EINVAL,
        "a state without MST": errno.EBUSY,
        "on, and a default VLAN": errno.EBUSY,
        "on while a port is in a VLAN": errno.EBUSY})
    spec = [IFLA.AF_SPEC, MST]
    for text, path in (("instance 0", spec + [ENTRY, MSTI]),
                       ("state 5", spec + [ENTRY, STATE]),
                       ("no state", spec + [ENTRY]), ("no entry", spec),
                       ("the bridge itself", spec),
                       ("a state without MST", spec)):
        check_eq(f"{text}: blamed", ours[text].path, path)
    if reason:
        return None
    theirs = refusals(World(ours=False))
    check_eq("ours, and in-tree", {text: e.errno for text, e in ours.items()},
             {text: e.errno for text, e in theirs.items()})
    return None


## ours

def refusals_of_ours():
    """What only ours take; and nothing is changed by what is refused."""
    world = World()
    world.ext(vnb.mst_ranges((10, 20, 5)))
    world.state("p1", 5, FORWARDING)
    on, ranges = VNETBR_BR.MST_ENABLED, VNETBR_BR.MST
    before = world.nl.link("br0").data, world.show()
    path = [IFLA.LINKINFO, vnb.INFO.DATA, VNETBR.BRIDGE_EXT, ranges]

    for first, last, msti in ((0, 1, 5), (5, 4, 5), (1, 4095, 5),
                              (1, 1, 4096)):
        # a good one before it
        e = refused(world, "range", world.ext, vnb.mst_ranges(
            (30, 30, 7), (first, last, msti)))
        check_eq("range", (e.errno, e.path), (errno.ERANGE, path))
    for size in 0, 1, 5, 7:
        e = refused(world, "size", world.ext, attr(ranges, bytes(size)))
        check_eq("size", (e.errno, e.path), (errno.EINVAL, path))
    for ranges_ in (((30, 30, 7), (5, 5, 7)), ((30, 35, 7), (35, 36, 8)),
                    ((30, 30, 7), (30, 30, 7))):
        e = refused(world, "order", world.ext, vnb.mst_ranges(*ranges_))
        check_eq("order", (e.errno, e.path), (errno.EINVAL, path))
    e = refused(world, "an instance more", world.ext, vnb.mst_ranges(
        *((vid, vid, vid) for vid in range(101, 101 + MAX))))
    check_eq("an instance more", (e.errno, e.path), (errno.E2BIG, path))
    check("an instance more", "64" in e.msg, e)
    e = refused(world, "a range more", world.ext, vnb.mst_ranges(
        *((vid, vid, 5) for vid in range(22, 22 + 2 * MAX_RANGES, 2))))
    check_eq("a range more", (e.errno, e.path), (errno.E2BIG, path))
    check("a range more", "256" in e.msg, e)
    e = refused(world, "a long request", world.ext, vnb.mst_ranges(
        *((vid, vid, 5) for vid in range(1, 2 * MAX_RANGES + 3))))
    check_eq("a long request", (e.errno, e.path), (errno.ERANGE, path))
    e = refused(world, "twice", world.nl.setlink, "br0", vnb.info(
        "vnetbr", vnb.bridge(boolopt(0)), vnb.bridge_ext(u8(on, 1))))
    check_eq("twice", (e.errno, e.path[-1]), (errno.EINVAL, on))
    e = refused(world, "stp", world.bridge, u32(BR.STP_STATE, STP_KERNEL))
    check_eq("stp", (e.errno, e.path[-1]), (errno.EBUSY, BR.STP_STATE))
    # two entries, the second one is wrong
    refused(world, "second", world.spec, "p1", nest(
        MST, entry(u16(MSTI, 5), u8(STATE, BLOCKING)),
        entry(u16(MSTI, 0), u8(STATE, BLOCKING))))
    check_eq("unchanged", (world.nl.link("br0").data, world.show()), before)

    # another option that fails late
    e = refused(world, "late", world.nl.setlink, "br0", vnb.info(
        "vnetbr", vnb.bridge(u8(BR.VLAN_STATS_PER_PORT, 1)),
        vnb.bridge_ext(vnb.mst_ranges((30, 30, 7)))))
    check_eq("late", e.errno, errno.EBUSY)
    check_eq("unchanged", (world.nl.link("br0").data, world.show()), before)
    # what it is already
    world.ext(u8(on, 1))
    world.bridge(boolopt(1))
    check_eq("unchanged", (world.nl.link("br0").data, world.show()), before)

    world = World(mst=0, vids=())
    e = refused(world, "mst", world.ext, vnb.mst_ranges((10, 20, 5)))
    check_eq("mst", (e.errno, e.path), (errno.EINVAL, path))
    world.bridge(u32(BR.STP_STATE, STP_KERNEL))
    e = refused(world, "stp", world.ext, u8(on, 1))
    check_eq("stp", (e.errno, e.path[-1]), (errno.EBUSY, on))
    e = refused(world, "stp", world.bridge, boolopt(1))
    check_eq("stp", (e.errno, e.path[-1]), (errno.EBUSY, BR.MULTI_BOOLOPT))
    e = refused(world, "stp", world.nl.setlink, "br0", vnb.info(
        "vnetbr", vnb.bridge(boolopt(1, NO_LL_LEARN_BIT)),
        vnb.bridge_ext(u8(on, 1))))
    check_eq("stp, and another option", (e.errno, e.path),
             (errno.EBUSY, path[:-1] + [on]))
    world.bridge(u32(BR.STP_STATE, STP_USER))
    world.ext(u8(on, 1))


def states_are_not_deleted():
    """The core has no extack for it."""
    world = World()
    world.assign(10, 5)
    try:
        world.spec("p1", tree_state(5, FORWARDING), kind=vnb.RTM_DELLINK)
    except NlError as e:
        check_eq("refused", e.errno, errno.EINVAL)
    else:
        raise lab_.Failed("not refused")
    check_eq("as before", world.show()["p1"][5], DISABLED)


def many_instances():
    """As many as there may be, on a port that is in all VLANs."""
    world = World(vids=())
    vlan.vlan_request(world.nl, "p1", vlan.vlan_info(1, end=4094))
    world.ready()
    world.ext(vnb.mst_ranges(*((vid, vid, 4095 - vid)
                               for vid in range(1, MAX + 1))))
    world.spec("p1", nest(MST, *(entry(u16(MSTI, 4095 - vid), u8(
        STATE, vid % 5)) for vid in range(1, MAX + 1))))
    want = {0: FORWARDING, **{4095 - vid: vid % 5
                              for vid in range(1, MAX + 1)}}
    shown = world.show()
    check_eq("all", shown["p1"], want)
    check_eq("no VLAN, no instance", shown["p2"], None)
    # with its VLANs, one by one
    rows = world.nl.request(vnb.RTM_GETLINK, vnb.ifinfomsg(
        family=vnb.AF_BRIDGE) + u32(IFLA.EXT_MASK, RTEXT_FILTER_MST |
                                    vlan.RTEXT_FILTER_BRVLAN), vnb.NLM_F_DUMP)
    links = {link.name: link for link in (
        vnb.Link(payload) for _, payload in rows)}
    check_eq("states", states_in(links["p1"]), want)
    check_eq("VLANs", [struct.unpack("=2xH", body)[0] for kind, body, _ in
                       vnb.attrs(links["p1"].attrs[IFLA.AF_SPEC])
                       if kind == vlan.BRIDGE_VLAN_INFO],
             list(range(1, 4095)))
    # some in a row have the same, and room for others is there again
    world.ext(vnb.mst_ranges((1, MAX - 4, 7), (2000, 2500, 7)))
    world.ext(vnb.mst_ranges(*((vid, vid, vid) for vid in range(
        3001, 3001 + MAX - 5))))
    more = vnb.mst_ranges((3, 3, 100))
    check_eq("no more", refused(world, "1 more", world.ext, more).errno,
             errno.E2BIG)
    world.ext(vnb.mst_ranges((MAX, MAX, 0)))
    world.ext(more)


def a_dump_has_room_for_the_longest_table():
    """Also for who does not look at how long a message may be."""
    world = World(vids=())
    for at in range(0, MAX_RANGES, MAX_RANGES // 2):
        world.ext(vnb.mst_ranges(*many_ranges(MAX_RANGES // 2, 2 + 2 * at)))
    want = {link.name: link.data for link in map(
        world.nl.link, ("lo", "br0", *PORTS))}
    check_eq("the table", len(vnb.tree(want["br0"], {VNETBR.BRIDGE_EXT: {}})[
        VNETBR.BRIDGE_EXT][VNETBR_BR.MST]), 6 * MAX_RANGES)
    check_eq("no more", refused(world, "1 more", world.ext, vnb.mst_ranges(
        (4094, 4094, 1))).errno, errno.E2BIG)
    with vnb.Rtnl(world.ns) as nl:
        nl.room = DUMP_ROOM
        rows = nl.request(vnb.RTM_GETLINK, vnb.ifinfomsg(), vnb.NLM_F_DUMP)
    lab_.diag("longest message: " + str(16 + max(
        len(payload) for _, payload in rows)))
    links = [vnb.Link(payload) for _, payload in rows]
    # what there is beside ours is the kernel's (sit0, tunl0)
    check_eq("links", {link.name: link.data for link in links
                       if link.name in want}, want)


def the_longest_table_replaces_another():
    """In one request, which says of all VLANs what they are."""
    world = World(vids=())
    table = many_ranges(MAX_RANGES - 1)
    world.ext(vnb.mst_ranges(*table))
    other = [(vid + 1, vid + 1, 1 + MAX - msti) for vid, _, msti in table]
    world.ext(vnb.mst_ranges(*sorted(
        [(1, 1, 3), *((vid, vid, 0) for vid, _, _ in table), *other])))
    check_eq("the other table", vnb.tree(
        world.nl.link("br0").data, {VNETBR.BRIDGE_EXT: {}})[
            VNETBR.BRIDGE_EXT][VNETBR_BR.MST],
             b"".join(struct.pack("=HHH", *one) for one in [(1, 1, 3), *other]))


def what_is_shown_can_be_set():
    """The option as it is dumped makes the same out of a new bridge."""
    world = World()
    ranges = (1, 9, 4), (10, 20, 5), (21, 21, 5), (30, 30, 6), (31, 40, 0), \
        (4094, 4094, 4095)
    world.ext(vnb.mst_ranges(*ranges))
    want = [(1, 9, 4), (10, 21, 5), (30, 30, 6), (4094, 4094, 4095)]

    def shown(name):
        data = vnb.tree(world.nl.link(name).data, {
            VNETBR.BRIDGE_EXT: {}, VNETBR.BRIDGE: {}})
        bits, = struct.unpack_from("=I", data[VNETBR.BRIDGE][BR.MULTI_BOOLOPT])
        return data[VNETBR.BRIDGE_EXT][VNETBR_BR.MST_ENABLED], \
            bits & MST_BIT, data[VNETBR.BRIDGE_EXT].get(VNETBR_BR.MST)

    on, bit, body = shown("br0")
    check_eq("on", (on, bit), (b"\1", MST_BIT))
    check_eq("ranges", list(struct.iter_unpack("=HHH", body)), want)
    world.nl.newlink("br1", vnb.info("vnetbr", vnb.bridge_ext(
        u8(VNETBR_BR.MST_ENABLED, 1), attr(VNETBR_BR.MST, body))))
    check_eq("of another one", shown("br1"), shown("br0"))
    world.nl.setlink("br1", vnb.info("vnetbr", vnb.bridge_ext(
        u8(VNETBR_BR.MST_ENABLED, 0))))
    check_eq("off", shown("br1"), (b"\0", 0, None))
    world.nl.setlink("br1", vnb.info("vnetbr", vnb.bridge(boolopt(1))))
    check_eq("off forgets, on", shown("br1"), (b"\1", MST_BIT, None))


def states_belong_to_instances():
    """Whenever a VLAN comes to a port or to an instance."""
    world = World(vids=(10,)).ready()
    world.state("p1", 5, FORWARDING)
    world.state("p2", 5, LEARNING)
    check_eq("not used yet", world.show()["p1"], {0: FORWARDING})
    world.assign(10, 5, last=20)
    check_eq("now", world.show(), {"p1": {5: FORWARDING}, "p2": {5: LEARNING},
                                   "p3": {5: DISABLED}})
    check_eq("frames", world.reaches("p1", 10), ["br0"])
    for dev in (*PORTS, "br0"):
        world.vlans(dev, 20)
    world.state("p2", 5, FORWARDING)
    check_eq("a VLAN that is added", world.reaches("p1", 20), ["br0", "p2"])
    check_eq("a VLAN that is added", world.reaches("p3", 20), [])
    # a port that comes later
    world.nl.setlink("p2", u32(IFLA.MASTER, 0))
    world.join("p2")
    world.vlans("p2", 10, 20, 30)
    world.ready()
    check_eq("a port that comes back", world.show()["p2"],
             {5: DISABLED, 0: FORWARDING})
    check_eq("frames", world.reaches("p1", 10), ["br0"])


def without_filtering_the_port_counts():
    world = World().ready()
    world.assign(10, 5)
    check_eq("closed", world.reaches("p1", 10), [])
    world.bridge(u8(BR.VLAN_FILTERING, 0))
    check_eq("no VLAN", world.reaches("p1", 10), ["br0", "p2", "p3"])
    world.state("p2", 5, FORWARDING)
    world.state("p2", 0, BLOCKING)
    check_eq("out", world.reaches("p1", 10), ["br0", "p3"])
    check_eq("in", world.reaches("p2", 10), [])
    check_eq("not learned", {mac for mac, _ in world.table()} & {
        station(1000 + world.used)}, set())


def a_port_that_is_down_is_closed():
    """And opens again with its states, unless a daemon has to say so."""
    world = World().ready()
    world.assign(10, 5)
    for port in PORTS:
        world.state(port, 5, FORWARDING)
    world.state("p2", 0, DISABLED)
    check_eq("shown", world.show()["p2"], {5: DISABLED, 0: DISABLED})
    check_eq("out", world.reaches("p1", 10), ["br0", "p3"])
    check_eq("in", world.reaches("p2", 10), [])
    world.state("p2", 0, FORWARDING)
    check_eq("again", world.reaches("p1", 10), ["br0", "p2", "p3"])

    def down_and_up():
        world.unplug("p2")
        check_eq("no link", world.show()["p2"], {5: DISABLED, 0: DISABLED})
        world.plug("p2")

    down_and_up()
    check_eq("by hand", world.show()["p2"], {5: FORWARDING, 0: FORWARDING})
    check_eq("frames", world.reaches("p1", 10), ["br0", "p2", "p3"])
    world.bridge(u32(BR.STP_STATE, STP_USER))
    check_eq("they stay", world.show()["p2"][5], FORWARDING)
    down_and_up()
    check_eq("a daemon", world.show()["p2"], {5: DISABLED, 0: BLOCKING})
    check_eq("frames", world.reaches("p1", 10), ["br0", "p3"])
    world.nl.setlink("p2", up=False)
    e = refused(world, "down", world.state, "p2", 5, FORWARDING)
    check_eq("down", (e.errno, e.path), (errno.ENETDOWN,
                                         [IFLA.AF_SPEC, MST, ENTRY]))
    world.state("p2", 5, DISABLED)


def addresses_are_forgotten():
    """Those that were learned, where the port is closed now, and no others."""
    world = World().ready()
    world.assign(10, 5)
    world.assign(20, 6)
    for port in PORTS:
        for msti in 5, 6:
            world.state(port, msti, FORWARDING)
    for vid in VIDS:
        world.static(KNOWN, vid, "p1")

    def learn():
        for port, number in ("p1", 1), ("p2", 2):
            for vid in VIDS:
                world.send(port, vid, BROADCAST, station(number))

    def where():
        return world.known(station(1)), world.known(station(2))

    learn()
    check_eq("all", where(), ([10, 20, 30], [10, 20, 30]))
    world.state("p1", 5, LEARNING)
    check_eq("learning", where(), ([10, 20, 30], [10, 20, 30]))
    for state in BLOCKING, LISTENING, DISABLED:
        world.state("p1", 5, FORWARDING)
        learn()
        world.state("p1", 5, state)
        check_eq(f"state {state}", where(), ([20, 30], [10, 20, 30]))
    world.assign(20, 5)
    check_eq("assigned", where(), ([30], [10, 20, 30]))
    world.assign(30, 7)
    check_eq("a new instance", where(), ([], [10, 20]))
    check_eq("static ones stay", world.known(KNOWN), list(VIDS))
    check_eq("but are not reached", world.reaches("p2", 10, KNOWN), [])


def addresses_of_instance_0_are_forgotten():
    """Where the port itself is closed, which is no matter of the others."""
    world = World().ready()
    world.assign(10, 5)
    world.state("p1", 5, FORWARDING)
    host, entered = station(1), station(2)

    def learn():
        for vid in 10, 20:
            world.send("p1", vid, BROADCAST, host)

    learn()
    world.enter(entered, 0, "p1")
    check_eq("all", world.known(host), [10, 20])
    world.state("p1", 0, LEARNING)
    check_eq("learning", world.known(host), [10, 20])
    for state in BLOCKING, LISTENING:
        world.state("p1", 0, FORWARDING)
        learn()
        world.state("p1", 0, state)
        check_eq(f"state {state}", world.known(host), [10])
    check_eq("for all VLANs", world.known(entered), [0])
    world.state("p1", 0, FORWARDING)
    world.bridge(u8(BR.VLAN_FILTERING, 0))
    learn()
    check_eq("in no VLAN", world.known(host), [0])
    world.state("p1", 5, BLOCKING)
    check_eq("another instance", world.known(host), [0])
    world.state("p1", 0, BLOCKING)
    check_eq("in no VLAN", world.known(host), [])


def a_backup_keeps_what_was_learned():
    """While the port has no link, whatever is closed; then, where it is not."""
    world = World().ready()
    world.assign(10, 5)
    for port in PORTS:
        world.state(port, 5, FORWARDING)
    world.option("p1", u32(BRPORT.BACKUP_PORT, world.nl.index("p2")))
    host = station(1)

    def learn():
        for vid in 10, 20:
            world.send("p1", vid, BROADCAST, host)
        check_eq("learned", world.known(host), [10, 20])

    learn()
    check_eq("by the port", world.reaches("p3", 10, host), ["p1"])
    world.assign(40, 7)
    check_eq("with link", world.known(host), [10, 20])
    world.unplug("p1")
    for text, method, *args in (
            ("nothing", world.assign, 40, 7), ("others", world.assign, 50, 7),
            ("its own", world.assign, 20, 6), ("back", world.assign, 20, 0),
            ("a state", world.state, "p1", 5, BLOCKING)):
        method(*args)
        check_eq(text, world.known(host), [10, 20])
    check_eq("by the backup", world.reaches("p3", 10, host), ["p2"])
    world.plug("p1")
    check_eq("closed in 5, when it is up", world.known(host), [20])
    check_eq("flooded", world.reaches("p3", 10, host), ["p2"])

    world.state("p1", 5, FORWARDING)
    learn()
    world.bridge(u32(BR.STP_STATE, STP_USER))
    world.unplug("p1")
    check_eq("a daemon, no link", world.known(host), [10, 20])
    world.plug("p1")
    check_eq("a daemon, link", world.show()["p1"], {5: DISABLED, 0: BLOCKING})
    check_eq("closed in all, when it is up", world.known(host), [])


def entries_of_users():
    """Go by the state in the VLAN that they name, or in each of them."""
    world = World().ready()
    world.assign(10, 5)
    world.state("p1", 5, FORWARDING)
    world.state("p1", 0, BLOCKING)

    def entered(number, vid, **options):
        world.enter(station(number), vid, "p1", **options)
        return world.known(station(number))

    def not_entered(text, number, vid):
        e = refused(world, text, world.enter, station(number), vid, "p1")
        check_eq(text, e.errno, errno.EBUSY)

    check_eq("dynamic", entered(1, 10), [10])
    not_entered("closed in 0", 2, 20)
    not_entered("closed in 0, all VLANs", 3, 0)
    check_eq("use", entered(4, 10, ntf=NTF_USE), [10])
    check_eq("use, closed", entered(5, 20, ntf=NTF_USE), [])
    check_eq("use, all VLANs", entered(6, 0, ntf=NTF_USE), [10])

    world.state("p1", 0, FORWARDING)
    world.state("p1", 5, BLOCKING)
    check_eq("forgotten", world.known(station(1)), [])
    not_entered("closed in 5", 7, 10)
    check_eq("dynamic", entered(8, 20), [20])
    check_eq("use, closed", entered(9, 10, ntf=NTF_USE), [])
    check_eq("use, all VLANs", entered(10, 0, ntf=NTF_USE), [20, 30])


def a_daemon_leaves():
    """It is for users to open again what is not instance 0."""
    world = World().ready()
    world.assign(10, 5)
    world.bridge(u32(BR.STP_STATE, STP_USER))
    world.state("p1", 5, FORWARDING)
    for msti in 0, 5:
        world.state("p2", msti, BLOCKING)
    world.bridge(u32(BR.STP_STATE, 0))
    check_eq("states", world.show(), {
        "p1": {5: FORWARDING, 0: FORWARDING},
        "p2": {5: BLOCKING, 0: FORWARDING},
        "p3": {5: DISABLED, 0: FORWARDING}})
    check_eq("frames", (world.reaches("p1", 10), world.reaches("p1", 20)),
             (["br0"], ["br0", "p2", "p3"]))


def it_is_counted_as_a_port_state():
    """In and out, by the reason that a port state has."""
    world = World().ready()
    world.assign(10, 5)
    world.state("p1", 5, FORWARDING)
    world.static(KNOWN, 10, "p2")
    before = world.counter("drop_port_state")
    world.reaches("p2", 10)
    check_eq("in", world.counter("drop_port_state") - before, 1)
    world.reaches("p1", 10, KNOWN)
    check_eq("out", world.counter("drop_port_state") - before, 2)
    before = world.counter("drop_vlan_ingress")
    world.reaches("p1", 99)
    check_eq("not in the VLAN", world.counter("drop_vlan_ingress") - before, 1)


def listeners_are_told():
    """Of states, with the port; of VLANs, with their state."""
    world = World(vids=()).ready()
    world.assign(11, 5, last=20)
    ear = Listener(world)

    vlan.vlan_request(world.nl, "p1", vlan.vlan_info(8, end=22))
    check_eq("VLANs", ear.states(), [("p1", {0: FORWARDING, 5: DISABLED})])
    check_eq("ranges", ear.vlans(), [
        (RTM_NEWVLAN, "p1", 8, 10, FORWARDING),
        (RTM_NEWVLAN, "p1", 11, 20, DISABLED),
        (RTM_NEWVLAN, "p1", 21, 22, FORWARDING)])
    world.state("p1", 5, FORWARDING)
    check_eq("a state", ear.states(), [("p1", {0: FORWARDING, 5: FORWARDING})])
    world.state("p1", 5, FORWARDING)
    check_eq("the same", ear.states(), [])
    world.assign(12, 6, last=14)
    check_eq("another instance", ear.states(), [
        ("p1", {0: FORWARDING, 5: FORWARDING, 6: DISABLED})])
    world.assign(12, 6, last=14)
    check_eq("the same", ear.states(), [])
    world.assign(30, 6)
    check_eq("a VLAN without ports", ear.states(), [])
    world.state("p1", 0, BLOCKING)
    check_eq("of the port", ear.states()[-1:], [
        ("p1", {0: BLOCKING, 5: FORWARDING, 6: DISABLED})])
    vlan.vlan_request(world.nl, "p1", vlan.vlan_info(8, end=22),
                      kind=vnb.RTM_DELLINK)
    check_eq("VLANs that go", ear.vlans(), [(RTM_DELVLAN, "p1", 8, 22, None)])


def default_vlans_and_instances_of_one_request():
    """Ports leave VLANs before those change, and enter them afterwards."""
    world = World(mst=0, vids=()).ready()
    devices = "br0", *PORTS
    on = u8(VNETBR_BR.MST_ENABLED, 1)
    off = u8(VNETBR_BR.MST_ENABLED, 0)

    def both(pvid, *ext):
        world.nl.setlink("br0", vnb.info(
            "vnetbr", vnb.bridge(u16(BR.VLAN_DEFAULT_PVID, pvid)),
            vnb.bridge_ext(*ext)))

    def unchanged(text, *args):
        before = world.nl.link("br0").data, vlan.vlan_table(world.nl)
        check_eq(text, refused(world, text, both, *args).errno, errno.EBUSY)
        check_eq(text, (world.nl.link("br0").data,
                        vlan.vlan_table(world.nl)), before)

    def state(dev, value):
        return value if dev in PORTS else FORWARDING

    unchanged("into VLANs, and on", 7, on, vnb.mst_ranges((7, 7, 5)))
    both(7)
    unchanged("other VLANs, and on", 8, on)
    ear = Listener(world)
    both(0, on, vnb.mst_ranges((9, 9, 6)))
    check_eq("out of VLANs, and on", ear.vlans(), [
        (RTM_DELVLAN, dev, 7, 7, None) for dev in devices])
    both(7, vnb.mst_ranges((7, 7, 5)))
    check_eq("into a VLAN that moves", ear.vlans(), [
        (RTM_NEWVLAN, dev, 7, 7, state(dev, DISABLED)) for dev in devices])
    ear.states()
    both(9, vnb.mst_ranges((7, 7, 0)))
    check_eq("out of one that moves", ear.vlans(), [
        (RTM_DELVLAN, dev, 7, 7, None) for dev in devices] + [
        (RTM_NEWVLAN, dev, 9, 9, state(dev, DISABLED)) for dev in devices])
    check_eq("nobody was in it", ear.states(), [])
    both(7)
    check_eq("VLANs only, one port after the other", ear.vlans(), [
        row for dev in devices for row in (
            (RTM_DELVLAN, dev, 9, 9, None),
            (RTM_NEWVLAN, dev, 7, 7, FORWARDING))])
    unchanged("other VLANs, and off", 8, off)
    both(0, off)
    check_eq("out of VLANs, and off", ear.vlans(), [
        (RTM_DELVLAN, dev, 7, 7, None) for dev in devices])
    # a port that was put into one more VLAN by a user
    world.bridge(u16(BR.VLAN_DEFAULT_PVID, 7))
    world.vlans("p2", 20)
    unchanged("not out of all, and on", 0, on)


def vlans_and_states_of_one_request():
    """A port enters a VLAN with the state that comes with it."""
    world = World(vids=()).ready()
    world.assign(10, 5)
    ear = Listener(world)
    world.spec("p1", vlan.vlan_info(10), tree_state(5, FORWARDING))
    check_eq("open", ear.vlans(), [(RTM_NEWVLAN, "p1", 10, 10, FORWARDING)])
    world.state("p2", 5, FORWARDING)
    world.spec("p2", vlan.vlan_info(10), tree_state(5, BLOCKING))
    check_eq("closed", ear.vlans(), [(RTM_NEWVLAN, "p2", 10, 10, BLOCKING)])
    for text, attrs in (
            ("state", (vlan.vlan_info(10), tree_state(5, 9))),
            ("VLAN", (tree_state(5, FORWARDING), vlan.vlan_info(4095)))):
        refused(world, text, world.spec, "p3", *attrs)
        check_eq(f"wrong {text}", world.show()["p3"], None)
    world.vlans("p3", 10)
    check_eq("nothing of that", world.show()["p3"], {5: DISABLED})


def why_a_frame_does_not_arrive():
    """Each answer is compared with a frame; see py/why_lab.py."""
    lab = WhyLab(vlan_filtering=1, vlan_default_pvid=0, mst_enabled=1,
                 mst="10:5,20:6")
    for dev in (*PORTS, "br0"):
        vlan.vlan_request(lab.nl, dev, *map(vlan.vlan_info, VIDS),
                          own=dev == "br0")

    def state(port, msti, value):
        lab.nl.request(vnb.RTM_SETLINK, vnb.ifinfomsg(
            lab.nl.index(port), family=vnb.AF_BRIDGE) + nest(
                IFLA.AF_SPEC, tree_state(msti, value)))

    answer = lab.drop("port_state", "p1", BROADCAST, station(1), vlan=10)
    check_eq("steps", sorted(answer.step),
             ["ingress", "source", "state", "vlan"])
    check_eq("ingress", answer.step["ingress"]["state"], FORWARDING)
    check_eq("instance", answer.step["vlan"]["msti"], 5)
    check_eq("its state", (answer.step["state"]["state"],
                           answer.step["state"]["reason"]),
             (DISABLED, "port_state"))
    state("p1", 5, LEARNING)
    answer = lab.drop("port_state", "p1", BROADCAST, station(1), vlan=10)
    check_eq("learned", answer.step["learn"]["learn"], "new")
    check_eq("its state", answer.step["state"]["state"], LEARNING)
    state("p1", 5, FORWARDING)
    answer = lab.verdict("flood", None, "p1", BROADCAST, station(1), vlan=10)
    check_eq("p2", answer.egress["p2"], ("refused", "port_state", None))
    state("p2", 5, FORWARDING)
    answer = lab.verdict("flood", None, "p1", BROADCAST, station(1), vlan=10)
    check_eq("p2", answer.egress["p2"], ("sent", None, None))
    lab.verdict("flood", None, "p2", BROADCAST, station(2), vlan=10)
    lab.verdict("forward", None, "p1", station(2), station(1), vlan=10)
    # learned from, and not forgotten: the instance was open until now
    state("p2", 5, LEARNING)
    answer = lab.drop("port_state", "p1", station(2), station(1), vlan=10)
    check_eq("p2", answer.egress, {"p2": ("refused", "port_state", "br0")})
    # the state of the port itself
    lab.option("p1", state=BLOCKING)
    lab.drop("port_state", "p1", BROADCAST, station(1), vlan=30)
    answer = lab.verdict("flood", None, "p1", BROADCAST, station(1), vlan=10)
    check_eq("ingress", answer.step["ingress"]["state"], BLOCKING)
    lab.option("p1", state=DISABLED)
    answer = lab.drop("port_state", "p1", BROADCAST, station(1), vlan=10)
    check_eq("disabled", sorted(answer.step), ["ingress", "source", "state"])
    lab.option("p1", state=FORWARDING)
    answer = lab.drop("no_target", "br0", BROADCAST, lab.mac, vlan=20)
    check_eq("of the host", answer.step["vlan"]["msti"], 6)
    check_eq("nobody", {row[0] for row in answer.egress.values()}, {"refused"})


def reserved_addresses():
    """Learned from as other frames are, by the instance of their VLAN."""
    lldp = "01:80:c2:00:00:0e"
    world = World().ready()
    world.assign(10, 5)
    source = station(7)
    world.send("p1", 10, lldp, source)
    check("closed", (source, 10) not in world.table())
    world.state("p1", 5, LEARNING)
    world.send("p1", 10, lldp, source)
    check_eq("open", world.table().get((source, 10)), "p1")


def flood(world, stop, sent):
    """Send in all VLANs from one host, on any CPU, until told to stop."""
    os.sched_setaffinity(0, range(os.cpu_count()))
    while not stop.is_set():
        world.end["p1"].send(vlan.build(
            BROADCAST, station(2000 + sent.value % 500),
            (vlan.c_tag(VIDS[sent.value % 3]),), 0))
        sent.value += 1


def changes_while_frames_pass():
    """Nothing is used after it was freed; a debug kernel says so."""
    world = World().ready()
    stop = multiprocessing.Event()
    sent = multiprocessing.Value("Q", 0, lock=False)
    sender = multiprocessing.Process(target=flood, args=(world, stop, sent))
    flooded = world.counter("flooded")
    sender.start()

    def some_more():
        before = sent.value
        lab_.wait_for("frames", lambda: sent.value > before + 10)

    try:
        for turn in range(20):
            world.assign(VIDS[turn % 3], turn % 5)
            for port in PORTS:
                world.state(port, 1 + turn % 4, turn % 5)
            some_more()
            world.nl.setlink("p3", u32(IFLA.MASTER, 0))
            world.join("p3")
            world.vlans("p3", *VIDS)
            if turn % 4 == 3:
                for port in PORTS:
                    world.vlans(port, *VIDS, kind=vnb.RTM_DELLINK)
                world.bridge(boolopt(0))
                some_more()
                world.bridge(boolopt(1))
                for port in PORTS:
                    world.vlans(port, *VIDS)
    finally:
        stop.set()
        sender.join()
    check_eq("who sent", sender.exitcode, 0)
    check("some passed", world.counter("flooded") > flooded)
    world.ready()
    check_eq("all in instance 0", world.reaches("p1", 10), ["br0", "p2", "p3"])


def main():
    lab_.run_tests([
        frames_and_tables_as_in_tree, refusals_as_in_tree, refusals_of_ours,
        states_are_not_deleted, many_instances,
        a_dump_has_room_for_the_longest_table,
        the_longest_table_replaces_another, what_is_shown_can_be_set,
        states_belong_to_instances, without_filtering_the_port_counts,
        a_port_that_is_down_is_closed, addresses_are_forgotten,
        addresses_of_instance_0_are_forgotten,
        a_backup_keeps_what_was_learned, entries_of_users, a_daemon_leaves,
        it_is_counted_as_a_port_state, listeners_are_told,
        default_vlans_and_instances_of_one_request,
        vlans_and_states_of_one_request, why_a_frame_does_not_arrive,
        reserved_addresses, changes_while_frames_pass])


if __name__ == "__main__":
    main()
