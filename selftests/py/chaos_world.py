# SPDX-License-Identifier: GPL-2.0
"""Two bridges with a tunnel between them, all of it to be disturbed.

    h1 eth0 ── p1 ┐                                      ┌ p3 ── eth0 h3
    h2 eth0 ── p2 ├ br0 ── vx0 ══ u1 ── veth ── u2 ══ vx0 ── br0
    h4 eth0 ── f1 ┤  in "sw"                      in "far"
         (veth)   │
    h5 eth0 ── p5 ┤      witnesses: nobody disturbs these two, and h6 receives
    h6 eth0 ── p6 ┘      what h5 sends it and nothing else

Host N has the address station(N) and 10.0.0.N. Namespace "spare" is empty.
"""
import atexit
import os
import socket
import struct

import vnb
import vxlan_lab as lab_
from vnb import (BRPORT, IFLA, NDA, NLM_F_CREATE, NLM_F_REPLACE, VNETBR,
                 VNETBR_BR, NlError, station)
from vxlan_lab import wait_for

ETH_P_ALL = 3
NLM_F_BULK = 0x200
UNDERLAY = {"sw": "192.0.2.1", "far": "192.0.2.2"}
UNDERLAY_DEV = {"sw": "u1", "far": "u2"}
UNDERLAY_MAC = {"sw": "02:00:00:00:0a:01", "far": "02:00:00:00:0a:02"}
PAIRS = {1: "sw", 2: "sw", 3: "far", 5: "sw", 6: "sw"}
TALKERS = 1, 2, 3, 4    # the hosts that send to everybody
WITNESSES = 5, 6        # who sends, who receives


class Taps:
    """Packet sockets on devices, which nobody reads, for a block."""

    def __init__(self, ns, *devices):
        self.ns, self.devices = ns, devices

    def __enter__(self):
        self.socks = []
        with vnb.netns(self.ns):
            for device in self.devices:
                sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                sock.bind((device, ETH_P_ALL))
                self.socks.append(sock)

    def __exit__(self, *_):
        for sock in self.socks:
            sock.close()


class World:
    """The picture; all devices of ours can be made anew."""

    def __init__(self):
        self.ns = {name: lab_.quiet_namespace(name) for name in
                   ("sw", "far", "spare", *(f"h{n}" for n in range(1, 7)))}
        self.kept = list(lab_.made)     # not to be deleted after each test
        lab_.made.clear()
        atexit.register(lambda: lab_.made.extend(self.kept))
        for name in self.ns.values():
            with vnb.netns(name):
                # who was away is asked for again soon
                lab_.sysctl("ipv4/neigh/default/retrans_time_ms", 100)
        self.nl = {name: vnb.Rtnl(ns) for name, ns in self.ns.items()}
        self.sw = self.nl["sw"]
        self.underlay()
        self.make()

    ## parts, each of which can be made again when it is gone

    def underlay(self):
        """The devices that tunnels send through."""
        lab_.veth(self.sw, "u1", self.ns["far"], "u2", *UNDERLAY_MAC.values())
        for name in "sw", "far":
            self.underlay_address(name)
            self.underlay_neighbour(name)

    def underlay_address(self, where):
        lab_.address_add(self.nl[where], UNDERLAY_DEV[where], UNDERLAY[where],
                         24)

    def underlay_neighbour(self, where):
        """Where the other side is, for good."""
        other = {"sw": "far", "far": "sw"}[where]
        lab_.neighbour_add(self.nl[where], UNDERLAY_DEV[where],
                           UNDERLAY[other], UNDERLAY_MAC[other])

    def foreign(self):
        """Port f1, not yet a port, and host 4."""
        lab_.veth(self.sw, "f1", self.ns["h4"], "eth0", "02:00:00:00:0e:04",
                  station(4))
        self.host_up(4)

    def host_up(self, number):
        """eth0 of a host, when it was made or came back."""
        nl = self.nl[f"h{number}"]
        nl.setlink("eth0", up=True)
        try:
            lab_.address_add(nl, "eth0", f"10.0.0.{number}", 24)
        except FileExistsError:
            pass

    def bridge(self, where="sw"):
        self.nl[where].newlink("br0", vnb.info("vnetbr", vnb.mode("bridge")),
                               up=True)

    def enslave(self, dev, where="sw"):
        nl = self.nl[where]
        nl.setlink(dev, vnb.u32(IFLA.MASTER, nl.index("br0")))

    def release(self, dev):
        self.sw.setlink(dev, vnb.u32(IFLA.MASTER, 0))

    def pair(self, where, number):
        """Port pN of @where, and eth0 of host N."""
        self.pair_to(where, f"p{number}", self.ns[f"h{number}"],
                     station(number))
        self.host_up(number)
        self.enslave(f"p{number}", where)

    def pair_to(self, where, name, ns, mac):
        """A pair from device @name of @where to eth0 of namespace @ns."""
        fd = vnb.netns_fd(ns)
        self.nl[where].newlink(name, vnb.info(
            "vnetbr", vnb.mode("pair"), vnb.peer(
                vnb.text(IFLA.IFNAME, "eth0"),
                vnb.attr(IFLA.ADDRESS, vnb.mac(mac)),
                vnb.u32(IFLA.NET_NS_FD, fd))), up=True)
        os.close(fd)

    def tunnel(self, where="sw", **options):
        other = {"sw": "far", "far": "sw"}[where]
        inner, ext = lab_.options(dict({
            "id": 100, "remote": UNDERLAY[other], "local": UNDERLAY[where]},
            **options))
        self.nl[where].newlink("vx0", lab_.linkinfo(inner, ext), up=True)
        self.enslave("vx0", where)

    def witness_options(self):
        """Nothing but what h5 sends to h6 goes there."""
        self.sw.setlink("p6", vnb.slave_info(
            *(vnb.u8(kind, 0) for kind in (
                BRPORT.UNICAST_FLOOD, BRPORT.MCAST_FLOOD,
                BRPORT.BCAST_FLOOD)), kind="vnetbr"))
        for number in WITNESSES:
            self.sw.request(vnb.RTM_NEWNEIGH, vnb.ndmsg(
                self.link("br0"), state=0x40, flags=2) +
                vnb.attr(NDA.LLADDR, vnb.mac(station(number))) +
                vnb.u32(NDA.IFINDEX, self.link(f"p{number}")),
                NLM_F_CREATE | NLM_F_REPLACE)

    def unmake(self):
        """Delete all devices of ours, which waits for the last reference, and
        the foreign port."""
        if self.has("f1"):
            self.sw.dellink("f1")
        for nl in self.nl.values():
            for link in nl.links():
                if link.kind == "vnetbr":
                    try:
                        nl.dellink(link.name)
                    except NlError:         # it went with another one
                        pass

    def left(self):
        """Names of all devices of ours."""
        return [f"{name}/{link.name}" for name, nl in self.nl.items()
                for link in nl.links() if link.kind == "vnetbr"]

    def make(self):
        """All devices but the underlay, whatever is there."""
        self.unmake()
        self.foreign()
        for where in "sw", "far":
            self.bridge(where)
            self.tunnel(where)
        for number, where in PAIRS.items():
            self.pair(where, number)
        self.enslave("f1")
        self.witness_options()

    def bridge_again(self):
        """br0 of "sw", which was deleted, with all its ports."""
        self.bridge()
        for dev in "p1", "p2", "vx0", "f1", "p5", "p6":
            self.enslave(dev)
        self.witness_options()

    def move(self, dev, where, to):
        """A device into the namespace called @to."""
        fd = vnb.netns_fd(self.ns[to])
        self.nl[where].setlink(dev, vnb.u32(IFLA.NET_NS_FD, fd))
        os.close(fd)

    ## what there is

    def link(self, name):
        return self.sw.index(name)

    def has(self, dev, where="sw"):
        try:
            self.nl[where].link(dev)
        except NlError:
            return False
        return True

    def received(self, number):
        return self.nl[f"h{number}"].link("eth0").stats()[0]

    def learned(self):
        """How many entries br0 says to have learned, and how many it shows."""
        ext = vnb.tree(self.sw.link("br0").data,
                       {VNETBR.BRIDGE_EXT: {}})[VNETBR.BRIDGE_EXT]
        index, shown = self.link("br0"), 0
        for _, payload in self.sw.request(vnb.RTM_GETNEIGH, vnb.ndmsg(index),
                                          vnb.NLM_F_DUMP):
            found, state = struct.unpack_from("=4xiH", payload)
            shown += found == index and not state & 0xc0
        return struct.unpack("=I", ext[VNETBR_BR.FDB_N_LEARNED])[0], shown

    def flush(self, dev="br0"):
        """Forget what was learned."""
        self.sw.request(vnb.RTM_DELNEIGH, vnb.ndmsg(self.link(dev), flags=2) +
                        vnb.u16(NDA.NDM_STATE_MASK, 0xc0), NLM_F_BULK)

    def where(self, number):
        """The port that a station was learned on, or None."""
        for _, payload in self.sw.request(
                vnb.RTM_GETNEIGH, vnb.ndmsg(self.link("br0")), vnb.NLM_F_DUMP):
            found = vnb.parse(payload[12:])
            if found[NDA.LLADDR] == vnb.mac(station(number)) and \
                    NDA.IFINDEX in found:
                return struct.unpack("=I", found[NDA.IFINDEX])[0]
        return None

    def forgets(self):
        """Also what came out of a queue just now."""
        self.flush()
        self.flush("vx0")
        return self.learned() == (0, 0)

    def sane(self, hello):
        """Counters agree with tables; frames go everywhere, and are learned.

        Nothing else may send, while @hello() has the talkers say who they are.
        """
        wait_for("the number of learned entries is right",
                 lambda: len(set(self.learned())) == 1)
        wait_for("no entry is left", self.forgets)
        before = {number: self.received(number) for number in TALKERS}

        def learned(number, port):
            hello()
            return self.where(number) == self.link(port)

        def receives(number):
            hello()
            return self.received(number) > before[number]

        for number, port in (1, "p1"), (2, "p2"), (3, "vx0"), (4, "f1"):
            wait_for(f"station {number} is learned on {port}",
                     lambda: learned(number, port))
            wait_for(f"host {number} receives", lambda: receives(number))
