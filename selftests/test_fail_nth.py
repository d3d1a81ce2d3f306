#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# kernel: debug
# timeout: 600
"""Every configuration path, with its Nth allocation failing, for N = 1, 2, ...

Needs /proc/self/fail-nth (CONFIG_FAULT_INJECTION, CONFIG_FAILSLAB). A request
is made again and again until it is through with no failure left to inject. What
a request changes has to be the whole of it or nothing: after each one, what the
dumps show is what it was before if the request was refused, else what the
request makes without any failure. At the end, it works as at the beginning.

    "a":  br0 ── p1 ─┐      eth0 192.0.2.1, 2001:db8::1: underlay of vx0
                     └─ "b": e1        veth ── eth1

The dumps: devices with all their options, ports, forwarding entries, UDP
sockets and multicast memberships.

Not here: the move of a device to another namespace. The core warns when it has
no memory for that, and goes on. The part of it that is ours is the release of a
port.
"""
import collections
import errno
import glob
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vlan_lab as vlan  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from vnb import (BR, BRPORT, IFLA, NDA, NLM_F_APPEND, NLM_F_CREATE,  # noqa: E402
                 NLM_F_EXCL, NLM_F_REPLACE, NlError)
from vxlan_lab import check  # noqa: E402

FAIL_NTH = "/proc/self/fail-nth"
FAULTS = "/sys/kernel/debug/fail"
RTNLGRP_LINK, RTNLGRP_NEIGH = 1 << 0, 1 << 2
NLM_F_BULK = 0x200

# No request makes more allocations than this.
MOST = 2000

MAC_BR, MAC_P, MAC_E = "02:00:00:00:0b:00", "02:00:00:00:01:00", \
    "02:00:00:00:01:01"
STATION, OTHER = "02:00:00:00:0f:01", "02:00:00:00:0f:02"
ANY, GROUP_MAC = "00:00:00:00:00:00", "01:00:5e:00:00:01"
REMOTE, THIRD = {4: "192.0.2.2", 6: "2001:db8::2"}, \
    {4: "192.0.2.3", 6: "2001:db8::3"}
GROUP = {4: "233.252.0.1", 6: "ff0e::db8:1"}
OTHER_GROUP = {4: "233.252.0.2", 6: "ff0e::db8:2"}

# Of a link: what is not the same the next time.
UNSTABLE = vnb.UNSTABLE | {52, IFLA.LINK}


class Injector:
    """The socket of an Rtnl, one send of which may have an allocation fail."""

    def __init__(self, sock):
        self.sock = sock
        self.fail = os.open(FAIL_NTH, os.O_RDWR)
        self.nth = 0            # which one fails, 0 for none
        self.left = 0           # those that were left when send() returned
        self.sent = False       # the kernel has had the request

    def __getattr__(self, name):
        return getattr(self.sock, name)

    def send(self, data):
        self.sent = False
        if self.nth:
            os.pwrite(self.fail, b"%d" % self.nth, 0)
        try:
            result = self.sock.send(data)
            self.sent = True
            return result
        finally:
            self.left = int(os.pread(self.fail, 20, 0))
            os.pwrite(self.fail, b"0", 0)


## what there is

def names_of(links):
    return {link.index: link.name for link in links}


def link_state(link, names):
    """A device: what of its attributes is configuration."""
    shown = {kind: payload for kind, payload in link.attrs.items()
             if kind not in UNSTABLE and kind not in (IFLA.LINKINFO,
                                                      IFLA.MASTER)}
    if IFLA.MASTER in link.attrs:
        shown["master"] = names.get(struct.unpack(
            "=I", link.attrs[IFLA.MASTER])[0])
    return (link.name, link.flags & 1, link.kind, link.data, link.slave_data,
            sorted(shown.items(), key=str))


def fdb_state(payload, names):
    """A forwarding entry, without its age."""
    _, index, state, flags, _ = struct.unpack_from("=BxxxiHBB", payload)
    found = vnb.parse(payload[12:])
    found.pop(NDA.CACHEINFO, None)
    lladdr = found.pop(NDA.LLADDR)
    for kind in NDA.MASTER, NDA.IFINDEX:
        if kind in found:
            found[kind] = names.get(struct.unpack("=I", found[kind])[0])
    return (lladdr, names.get(index, index), state, flags,
            sorted(found.items()))


def proc_lines(name, *columns):
    """Some columns of a file in /proc/net, sorted; not those lines that have
    the number of a device, which is another one each time."""
    with open(f"/proc/thread-self/net/{name}") as f:
        rows = [line.split() for line in f.readlines()[1:]
                if name != "igmp" or line[0] == "\t"]
    return sorted(tuple(row[c] for c in columns if c < len(row))
                  for row in rows)


class Bench:
    """The two namespaces, and what there is in them."""

    def __init__(self):
        self.names = [lab_.namespace("a"), lab_.namespace("b")]
        for name in self.names:
            with vnb.netns(name):
                lab_.sysctl("ipv6/conf/default/disable_ipv6", 1)
        self.nl, self.far = [vnb.Rtnl(name) for name in self.names]
        # so that there is somebody to tell about changes
        self.ears = [vnb.Rtnl(name, RTNLGRP_LINK | RTNLGRP_NEIGH)
                     for name in self.names]
        self.injector = self.nl.sock = Injector(self.nl.sock)
        lab_.veth(self.nl, "eth0", self.names[1], "eth1",
                  lab_.MAC_A, lab_.MAC_B)
        with vnb.netns(self.names[0]):
            lab_.sysctl("ipv6/conf/eth0/disable_ipv6", 0)
        lab_.address_add(self.nl, "eth0", lab_.ADDRESS[4], 24)
        lab_.address_add(self.nl, "eth0", lab_.ADDRESS[6], 64)
        self.eth0 = self.nl.index("eth0")

    def listen(self):
        """Read what the listeners were told, to have room for more."""
        for ear in self.ears:
            while True:
                try:
                    ear.sock.recv(1 << 16, socket.MSG_DONTWAIT)
                except BlockingIOError:
                    break
                except OSError:     # some was lost
                    continue

    def state(self):
        """Everything in both namespaces that a request may change."""
        self.listen()
        found = []
        for name, nl in zip(self.names, (self.nl, self.far)):
            links = nl.links()
            names = names_of(links)
            found += [(name, link_state(link, names)) for link in links]
            found += [(name, "port", link_state(port, names))
                      for port in nl.ports()]
            rows = sorted((fdb_state(payload, names) for _, payload in
                           nl.request(vnb.RTM_GETNEIGH, vnb.ndmsg(0),
                                      vnb.NLM_F_DUMP)), key=str)
            found += [(name, "group" if row[0][0] & 1 else "fdb", row)
                      for row in rows]
            with vnb.netns(name):
                found += [(name, file, row) for file in ("udp", "udp6")
                          for row in proc_lines(file, 1)]
                found += [(name, "igmp", proc_lines("igmp", 0)),
                          (name, "igmp6", proc_lines("igmp6", 1, 2))]
        return found


def without_groups(state):
    """The kernel calls it a success when it had no memory to join a group."""
    return [row for row in state if row[1] not in ("igmp", "igmp6", "group")]


def difference(got, want):
    return "\n".join([f"  gone: {row}" for row in want if row not in got] +
                     [f"  new:  {row}" for row in got if row not in want])


## the loop

def check_state(bench, text, want):
    got = bench.state()
    check(text, got == want, difference(got, want))


def attempt(bench, do, nth):
    """@do with the @nth allocation failing: "done", "refused", or "unknown"
    when the answer was lost, and the error."""
    bench.injector.nth = nth
    try:
        do()
        return "done", 0
    except NlError as e:
        return "refused", e.errno
    except OSError as e:
        return "unknown" if bench.injector.sent else "refused", e.errno
    finally:
        bench.injector.nth = 0


def fail_each(bench, name, do, undo=lambda: None):
    """Run @do with each of its allocations failing. @undo takes it back."""
    before = bench.state()
    do()
    after = bench.state()
    undo()
    check_state(bench, f"{name}: taken back", before)

    counts = collections.Counter()
    for nth in range(1, MOST):
        verdict, error = attempt(bench, do, nth)
        injected = not bench.injector.left
        text = f"{name}: allocation {nth} failed, {verdict} {error}"
        if injected:
            counts[errno.errorcode[error] if error else "none"] += 1
        now = bench.state()
        if verdict == "unknown":
            verdict = "done" if without_groups(now) == without_groups(after) else "refused"
        if verdict == "done":
            check(text, without_groups(now) == without_groups(after), difference(now, after))
        else:
            check(text, now == before, difference(now, before))
        if verdict == "done":
            undo()
        if not injected:
            break
    check(f"{name}: comes to an end", not injected, f"{MOST} failures")
    check(f"{name}: something failed", nth > 1)

    do()
    check_state(bench, f"{name}: works at the end", after)
    undo()
    lab_.diag(f"{name}: {nth - 1} failures injected; errors: " + ", ".join(
        f"{n} {what}" for what, n in counts.items()))


## requests

def request(bench, kind, body, flags=0):
    return lambda: bench.nl.request(kind, body, flags)


def new_link(bench, name, *attributes, up=False):
    flags = int(up)
    body = vnb.ifinfomsg(flags=flags, change=flags) + \
        vnb.text(IFLA.IFNAME, name) + b"".join(attributes)
    return request(bench, vnb.RTM_NEWLINK, body, NLM_F_CREATE | NLM_F_EXCL)


def del_link(bench, name):
    return request(bench, vnb.RTM_DELLINK,
                   vnb.ifinfomsg() + vnb.text(IFLA.IFNAME, name))


def set_link(bench, name, *attributes, up=None, nl=None):
    """The index is looked up here, so that only the change is under test."""
    body = vnb.ifinfomsg((nl or bench.nl).index(name), flags=int(bool(up)),
                         change=int(up is not None)) + b"".join(attributes)
    return request(bench, vnb.RTM_NEWLINK, body)


def address(kind, value):
    return vnb.attr(kind, vnb.mac(value))


def bridge_link(*inner, ext=()):
    return address(IFLA.ADDRESS, MAC_BR) + vnb.info(
        "vnetbr", vnb.bridge(*inner), vnb.bridge_ext(*ext))


def pair_link(bench, fd, peer="e1"):
    return address(IFLA.ADDRESS, MAC_P) + vnb.info(
        "vnetbr", vnb.mode("pair"), vnb.peer(
            vnb.text(IFLA.IFNAME, peer), address(IFLA.ADDRESS, MAC_E),
            vnb.u32(IFLA.NET_NS_FD, fd)))


def tunnel_options(bench, **chosen):
    """IFLA_LINKINFO of a tunnel; the default dstport is that of IANA."""
    inner, ext = lab_.options(chosen, lambda name: bench.eth0)
    return lab_.linkinfo(inner, ext)


def tunnel_link(bench, **chosen):
    """The MTU is given, because it is not an error if no route is found."""
    return address(IFLA.ADDRESS, lab_.MAC_VX) + vnb.u32(IFLA.MTU, 1400) + \
        tunnel_options(bench, **chosen)


def fdb(bench, dev, kind, mac, flags=0, state=0x40, *attributes):
    body = vnb.ndmsg(bench.nl.index(dev), state=state, flags=0x02) + \
        vnb.attr(NDA.LLADDR, vnb.mac(mac)) + b"".join(attributes)
    return request(bench, kind, body, flags)


def destination(value):
    return vnb.attr(NDA.DST, lab_.ip_bytes(value))


def with_port(bench):
    """br0 with p1, the other end of which is e1 in the other namespace."""
    fd = vnb.netns_fd(bench.names[1])
    new_link(bench, "br0", bridge_link(), up=True)()
    new_link(bench, "p1", pair_link(bench, fd), up=True)()
    os.close(fd)
    bench.far.setlink("e1", up=True)


def enslave(bench, dev):
    """(enslave, release)"""
    master = bench.nl.index("br0")
    return (set_link(bench, dev, vnb.u32(IFLA.MASTER, master)),
            set_link(bench, dev, vnb.u32(IFLA.MASTER, 0)))


## tests

def a_new_bridge(bench):
    fail_each(bench, "newlink bridge", new_link(
        bench, "br0", bridge_link(
            vnb.u32(BR.AGEING_TIME, 5000), vnb.u16(BR.GROUP_FWD_MASK, 8),
            ext=[vnb.u32(vnb.VNETBR_BR.FDB_MAX_PORT_LEARNED, 7)]), up=True),
        del_link(bench, "br0"))


def a_new_pair(bench):
    fd = vnb.netns_fd(bench.names[1])
    fail_each(bench, "newlink pair",
              new_link(bench, "p1", pair_link(bench, fd), up=True),
              del_link(bench, "p1"))
    os.close(fd)


def a_new_tunnel(bench):
    for what, chosen in (
            ("v4 group", {"remote": GROUP[4], "dev": "eth0"}),
            ("v6", {"remote": REMOTE[6], "local": lab_.ADDRESS[6]}),
            ("v6 group", {"remote": GROUP[6], "dev": "eth0"})):
        new = tunnel_link(bench, id=100, **chosen)
        if what != "v6 group":
            fail_each(bench, f"newlink tunnel {what}",
                      new_link(bench, "vx0", new), del_link(bench, "vx0"))
        new_link(bench, "vx0", new)()
        fail_each(bench, f"tunnel {what} up",
                  set_link(bench, "vx0", up=True),
                  set_link(bench, "vx0", up=False))
        set_link(bench, "vx0", up=True)()
        fail_each(bench, f"dellink tunnel {what}", del_link(bench, "vx0"),
                  new_link(bench, "vx0", new, up=True))
        del_link(bench, "vx0")()


def a_changed_bridge(bench):
    new_link(bench, "br0", bridge_link(), up=True)()
    fail_each(bench, "changelink bridge", set_link(bench, "br0", vnb.info(
        "vnetbr", vnb.bridge(
            vnb.u32(BR.AGEING_TIME, 5000), vnb.u16(BR.GROUP_FWD_MASK, 8),
            vnb.u32(BR.FDB_MAX_LEARNED, 9),
            vnb.attr(BR.MULTI_BOOLOPT, struct.pack("=II", 1, 1)),
            vnb.attr(BR.FDB_FLUSH)),
        vnb.bridge_ext(vnb.u32(vnb.VNETBR_BR.FDB_MAX_PORT_LEARNED, 7)))),
        set_link(bench, "br0", vnb.info("vnetbr", vnb.bridge(
            vnb.u32(BR.AGEING_TIME, 30000), vnb.u16(BR.GROUP_FWD_MASK, 0),
            vnb.u32(BR.FDB_MAX_LEARNED, 65536),
            vnb.attr(BR.MULTI_BOOLOPT, struct.pack("=II", 0, 1))),
            vnb.bridge_ext(vnb.u32(vnb.VNETBR_BR.FDB_MAX_PORT_LEARNED, 16384)))))
    del_link(bench, "br0")()


def spanning_trees(bench):
    """The tables of a bridge and of its ports, and one more port; counters of
    a VLAN of the bridge are what fails when there are tables already."""
    def trees(*options, stats=None):
        more = () if stats is None else (vnb.bridge(
            vnb.u8(BR.VLAN_STATS_ENABLED, stats)),)
        return set_link(bench, "br0", vnb.info("vnetbr", *more, vnb.bridge_ext(
            *options)))

    with_port(bench)
    set_link(bench, "br0", vnb.info("vnetbr", vnb.bridge(
        vnb.u16(BR.VLAN_DEFAULT_PVID, 0))))()
    vlan.vlan_request(bench.nl, "br0", vlan.vlan_info(10), own=True)
    attach, detach = enslave(bench, "p1")
    attach()
    on = trees(vnb.u8(vnb.VNETBR_BR.MST_ENABLED, 1),
               vnb.mst_ranges((10, 20, 5)), stats=1)
    fail_each(bench, "mst on", on,
              trees(vnb.u8(vnb.VNETBR_BR.MST_ENABLED, 0), stats=0))
    trees(vnb.u8(vnb.VNETBR_BR.MST_ENABLED, 1),
          vnb.mst_ranges((10, 20, 5)))()
    fail_each(bench, "other instances", trees(vnb.mst_ranges(
        (10, 15, 6), (16, 20, 0)), stats=1), trees(vnb.mst_ranges(
            (10, 20, 5)), stats=0))
    detach()
    fail_each(bench, "a port with mst", attach, detach)
    for dev in "p1", "br0":
        del_link(bench, dev)()


def a_changed_tunnel(bench):
    v4 = {"id": 100, "dstport": 4789, "local": lab_.ADDRESS[4],
          "remote": GROUP[4], "dev": "eth0", "learning": 1, "ageing": 300,
          "maxaddress": 65536, "ttl": 0, "tos": 0, "df": 0, "udpcsum": 1,
          "srcport": (49152, 65535), "strict": 0, "rx_gro": 1}
    changes = (
        {"id": 200}, {"dstport": 8472}, {"remote": OTHER_GROUP[4]},
        {"remote": THIRD[4], "dev": ""},
        {"id": 7, "dstport": 1234, "local": lab_.ADDRESS[6],
         "remote": GROUP[6]},
        {"id": 8, "dstport": 4790, "remote": OTHER_GROUP[4], "learning": 0,
         "ageing": 5, "maxaddress": 3, "ttl": 9, "tos": 4, "df": 1,
         "udpcsum": 0, "srcport": (50000, 50001), "strict": 1, "rx_gro": 2})
    new_link(bench, "vx0", tunnel_link(bench, **v4), up=True)()
    for up in 1, 0:
        set_link(bench, "vx0", up=up)()
        for change in changes:
            fail_each(bench, f"changelink tunnel {', '.join(change)}, "
                      f"{'up' if up else 'down'}",
                      set_link(bench, "vx0", tunnel_options(bench, **change)),
                      set_link(bench, "vx0", tunnel_options(bench, **v4)))
    del_link(bench, "vx0")()


def ports_come_and_go(bench):
    with_port(bench)
    new_link(bench, "vx0", tunnel_link(bench, id=100, remote=REMOTE[4]),
             up=True)()
    for dev in "p1", "vx0", "eth0":
        attach, detach = enslave(bench, dev)
        fail_each(bench, f"enslave {dev}", attach, detach)
        attach()
        fail_each(bench, f"release {dev}", detach, attach)
    # an entry for the new one, whatever happens: it is too late to refuse it
    for dev, old in ("p1", MAC_P), ("br0", MAC_BR):
        fail_each(bench, f"another address for {dev}", set_link(
            bench, dev, address(IFLA.ADDRESS, OTHER)),
            set_link(bench, dev, address(IFLA.ADDRESS, old)))
    for dev in "vx0", "br0", "p1":
        del_link(bench, dev)()


def options_of_a_port(bench):
    with_port(bench)
    enslave(bench, "p1")[0]()
    flags = (BRPORT.MODE, BRPORT.ISOLATED), (BRPORT.LEARNING,
                                             BRPORT.UNICAST_FLOOD,
                                             BRPORT.MCAST_FLOOD,
                                             BRPORT.BCAST_FLOOD)
    change, back = [b"".join(
        vnb.u8(kind, value ^ (kind in flags[1]))
        for kind in flags[0] + flags[1]) for value in (1, 0)]
    fail_each(bench, "options of a port", set_link(
        bench, "p1", vnb.slave_info(change, vnb.u16(BRPORT.GROUP_FWD_MASK, 4),
                                    vnb.u8(BRPORT.STATE, 4), kind="vnetbr")),
        set_link(bench, "p1", vnb.slave_info(
            back, vnb.u16(BRPORT.GROUP_FWD_MASK, 0),
            vnb.u8(BRPORT.STATE, 3), kind="vnetbr")))
    for name, state in ("bridge link set", 4), ("the same again", 4):
        message = [vnb.ifinfomsg(bench.nl.index("p1"), family=vnb.AF_BRIDGE) +
                   vnb.nest(IFLA.PROTINFO, vnb.u8(BRPORT.STATE, value))
                   for value in (state, 3)]
        fail_each(bench, name, *[request(bench, vnb.RTM_SETLINK, body)
                                 for body in message])
    del_link(bench, "br0")()
    del_link(bench, "p1")()


def options_of_vlans_of_a_port(bench):
    """They take memory once, for all that the port will have."""
    with_port(bench)
    attach, detach = enslave(bench, "p1")
    attach()

    def again():
        detach()
        attach()

    both = (vnb.VNETBR_PORT.NEIGH_SUPPRESS_VLAN,
            vnb.VNETBR_PORT.NEIGH_FORWARD_GRAT_VLAN)
    for name, more in ("alone", b""), ("with a limit", vnb.u32(
            vnb.VNETBR_PORT.STORM_BCAST_PPS, 7)):
        fail_each(bench, f"options of VLANs {name}", set_link(
            bench, "p1", vnb.slave_info(vnb.port_ext(more, *(
                vnb.vlan_set(kind, 1) for kind in both)),
                kind="vnetbr")), again)
    for dev in "p1", "br0":
        del_link(bench, dev)()


def entries_of_a_bridge(bench):
    with_port(bench)
    enslave(bench, "p1")[0]()
    via = vnb.u32(NDA.IFINDEX, bench.nl.index("p1"))
    add = fdb(bench, "br0", vnb.RTM_NEWNEIGH, STATION,
              NLM_F_CREATE | NLM_F_EXCL, 0x40, via)
    delete = fdb(bench, "br0", vnb.RTM_DELNEIGH, STATION, 0, 0, via)
    fail_each(bench, "bridge fdb add", add, delete)
    add()
    fail_each(bench, "bridge fdb replace", fdb(
        bench, "br0", vnb.RTM_NEWNEIGH, STATION, NLM_F_CREATE | NLM_F_REPLACE,
        0x02, via),
        fdb(bench, "br0", vnb.RTM_NEWNEIGH, STATION,
            NLM_F_CREATE | NLM_F_REPLACE, 0x40, via))
    fail_each(bench, "bridge fdb del", delete, add)
    fail_each(bench, "bridge fdb flush", request(
        bench, vnb.RTM_DELNEIGH, vnb.ndmsg(bench.nl.index("br0"), flags=2),
        NLM_F_BULK), add)
    fail_each(bench, "bridge fdb get", request(
        bench, vnb.RTM_GETNEIGH, vnb.ndmsg(bench.nl.index("br0"), flags=2) +
        vnb.attr(NDA.LLADDR, vnb.mac(STATION))))
    del_link(bench, "br0")()
    del_link(bench, "p1")()


def entries_of_a_tunnel(bench):
    for family in 4, 6:
        new_link(bench, "vx0", tunnel_link(bench, id=100, remote=REMOTE[family],
                                           local=lab_.ADDRESS[family]),
                 up=True)()
        here, there = destination(REMOTE[family]), destination(THIRD[family])
        rows = (
            ("add", STATION, NLM_F_CREATE | NLM_F_EXCL, here),
            ("append to the default", ANY, NLM_F_CREATE | NLM_F_APPEND, there),
            ("append group", GROUP_MAC, NLM_F_CREATE | NLM_F_APPEND, there))
        for name, mac, flags, to in rows:
            add = fdb(bench, "vx0", vnb.RTM_NEWNEIGH, mac, flags, 0x82, to)
            delete = fdb(bench, "vx0", vnb.RTM_DELNEIGH, mac, 0, 0, to)
            fail_each(bench, f"tunnel v{family} fdb {name}", add, delete)
            add()
            fail_each(bench, f"tunnel v{family} fdb del {name}", delete, add)
        to_there, to_here = [fdb(
            bench, "vx0", vnb.RTM_NEWNEIGH, STATION,
            NLM_F_CREATE | NLM_F_REPLACE, 0x82, to) for to in (there, here)]
        fail_each(bench, f"tunnel v{family} fdb replace", to_there, to_here)
        fail_each(bench, f"tunnel v{family} fdb get", request(
            bench, vnb.RTM_GETNEIGH, vnb.ndmsg(bench.nl.index("vx0"), flags=2) +
            vnb.attr(NDA.LLADDR, vnb.mac(STATION))))
        del_link(bench, "vx0")()


def dumps(bench):
    with_port(bench)
    enslave(bench, "p1")[0]()
    new_link(bench, "vx0", tunnel_link(bench, id=100, remote=GROUP[6],
                                       dev="eth0"), up=True)()
    enslave(bench, "vx0")[0]()
    for name, kind, body in (
            ("links", vnb.RTM_GETLINK, vnb.ifinfomsg()),
            ("bridge links", vnb.RTM_GETLINK,
             vnb.ifinfomsg(family=vnb.AF_BRIDGE)),
            ("entries", vnb.RTM_GETNEIGH, vnb.ndmsg(0)),
            ("entries of br0", vnb.RTM_GETNEIGH,
             vnb.ndmsg(bench.nl.index("br0")))):
        fail_each(bench, f"dump of {name}",
                  request(bench, kind, body, vnb.NLM_F_DUMP))
    for name in "br0", "vx0":
        fail_each(bench, f"get {name}", request(
            bench, vnb.RTM_GETLINK, vnb.ifinfomsg(bench.nl.index(name))))
    for dev in "vx0", "br0", "p1":
        del_link(bench, dev)()


TESTS = [a_new_bridge, a_new_pair, a_new_tunnel, a_changed_bridge,
         spanning_trees, a_changed_tunnel, ports_come_and_go,
         options_of_a_port, options_of_vlans_of_a_port, entries_of_a_bridge,
         entries_of_a_tunnel, dumps]


def fault_options():
    """Let allocations that may wait fail too; only ours do, by fail-nth."""
    for kind in "slab", "_page_alloc":
        for name, value in (("ignore-gfp-wait", "N"), ("verbose", "0"),
                            ("min-order", "0")):
            for path in glob.glob(f"{FAULTS}{kind}/{name}"):
                with open(path, "w") as knob:
                    knob.write(value)


def on_a_bench(test):
    def run():
        test(Bench())
    run.__name__ = test.__name__
    return run


if __name__ == "__main__":
    if not os.path.exists(FAIL_NTH):
        lab_.skip_all("the kernel has no /proc/self/fail-nth")
    fault_options()
    lab_.run_tests([on_a_bench(test) for test in TESTS])
