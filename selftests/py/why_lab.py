# SPDX-License-Identifier: GPL-2.0
"""Ask what would become of a frame, and see what does become of it.

Each question is asked, then the frame is sent, and all has to be as the answer
says: where it arrives, which counter of which device moves, what is learned.

    h1 eth0 ── p1 ┐
    h2 eth0 ── p2 ┼ br0     what the host gets counts as received by br0
    h3 eth0 ── p3 ┘
"""
import sys
import time

import frames
import vnb
import vxlan_lab as lab_
import why
from refusal import NTF_SELF
from switch_lab import Switches
from vnb import (BRPORT, IFLA, INFO, NDA, VNETBR_PORT, attr, mac, station, u8,
                 u32)
from vxlan_lab import check_eq

GROUP, UNKNOWN = "01:00:5e:00:00:07", "02:00:00:00:fe:01"
NOARP = 0x40

# What is counted of no frame, or whatever becomes of it.
IGNORED = ("fused_rx", "fused_tx", "flooded", "bpdu_tx",
           "topology_changes")

# What else a frame counts, by what learning comes to.
LEARNED = {"new": {"learned": 1}, "moved": {"moved": 1},
           "limit": {"learn_limit": 1}, "own": {"own_address": 1}}


class Lab(Switches):
    """The picture; questions and frames."""

    def __init__(self, hosts=3, **options):
        super().__init__("br0", **options)
        self.end = {}
        for number in range(1, hosts + 1):
            self.end[f"p{number}"] = self.host(number, "br0")
        self.ready()
        self.end["br0"] = frames.End(self.ns, "br0")
        self.ask = why.Why(self.ns)
        self.mac = packed(self.nl.link("br0").attrs[IFLA.ADDRESS])

    def option(self, dev, **options):
        """Options of a port, by `bridge link set`: "ip link" passes on less in
        old kernels."""
        self.nl.request(vnb.RTM_SETLINK, vnb.ifinfomsg(
            self.nl.index(dev), family=vnb.AF_BRIDGE) +
            vnb.nest(vnb.IFLA.PROTINFO, *(
                u8(getattr(BRPORT, name.upper()), value)
                for name, value in options.items())))

    def option16(self, dev, kind, value):
        self.nl.setlink(dev, vnb.slave_info(vnb.u16(kind, value)))

    def bridge(self, *options):
        self.nl.setlink("br0", vnb.info("vnetbr", vnb.bridge(*options)))

    def entry(self, address, dev, state=NOARP, kind=vnb.RTM_NEWNEIGH):
        """bridge fdb add ADDRESS dev br0 via DEV static self"""
        body = vnb.ndmsg(self.nl.index("br0"), state=state, flags=NTF_SELF) + \
            attr(NDA.LLADDR, mac(address)) + \
            u32(NDA.IFINDEX, self.nl.index(dev))
        self.nl.request(kind, body, vnb.NLM_F_CREATE)

    def counters(self):
        """{(device, name): value} of all that count in "sw"; and the "drops"
        of ports."""
        links = self.nl.links()
        return {(link.name, name): value for link in links
                if link.kind == "vnetbr"
                for name, value in lab_.ethtool_stats(
                    self.ns, link.name).items()} | {
            (link.name, "drops"): port_drops(link) for link in links
            if IFLA.MASTER in link.attrs}

    def compare(self, dev, dst, src, arrivals=True, **options):
        """Ask, send, compare: the answer. Without @arrivals, not whether it
        arrives, because bridges with spanning tree send unasked."""
        answer = self.ask(dev, dst, src, **options)
        before = self.counters()
        for end in self.end.values():
            end.mark()
        self.end[dev].send(build(dst, src, **options))
        self.fence.wait()
        after = self.counters()
        counted = {key: after[key] - before[key] for key in after
                   if after[key] != before[key] and
                   key[1] not in IGNORED}
        text = f"{dev} {src} to {dst} {options}: {answer}"
        check_eq(f"counters, {text}", counted, self.expected(answer, dev))
        check_eq(f"number sent, {text}", answer.sent, sum(
            row[0] == "sent" for row in answer.egress.values()))
        if not arrivals:
            return answer
        check_eq(f"arrivals, {text}", {
            name: end.arrived(b"")[0] for name, end in self.end.items()
            if end.arrived(b"")[0]}, {
            name: 1 for name, row in answer.egress.items()
            if row[0] == "sent" and name in self.end})
        return answer

    @staticmethod
    def expected(answer, dev):
        """The counters that an answer means, for a frame of @dev."""
        found = {}
        if answer.reason and answer.on:
            found[answer.on, "drop_" + answer.reason] = 1
            # on the way in; the host is no port
            if dev != answer.on == answer.bridge and not any(
                    row[0] == "dropped" for row in answer.egress.values()):
                found[dev, "drops"] = 1
        if answer.verdict == "flood":
            found |= {(on, "drop_" + reason): 1 for result, reason, on in
                      answer.egress.values() if result == "dropped"}
        if answer.verdict == "bpdu":
            found[answer.bridge, "bpdu_rx"] = 1
        if answer.step.get("neighbour", {}).get("answered"):
            found[answer.bridge, "neigh_answered"] = 1
        # on a locked port with MAB, that is where an address is entered
        step = answer.step.get("learn") or answer.step.get("locked", {})
        learn = step.get("learn")
        # the first time that it is one too many
        if learn == "loop" and step["flags"] == {"local", "static"}:
            learn = "own"
        return found | {(answer.bridge, name): value for name, value in
                        LEARNED.get(learn, {}).items()}

    def verdict(self, wanted, reason, dev, dst, src, on=None, **options):
        """compare(), and the answer is what we want."""
        answer = self.compare(dev, dst, src, **options)
        check_eq(f"{dev} {src} to {dst} {options}",
                 (answer.verdict, answer.reason, answer.on),
                 (wanted, reason, on))
        return answer

    def drop(self, reason, dev, dst, src, on="br0", **options):
        return self.verdict("drop", reason, dev, dst, src, on, **options)

    def learn(self, number):
        """Let the bridge know where host N is."""
        self.end[f"p{number}"].send(build(GROUP, station(number)))
        self.fence.wait()


def within_a_second(function):
    """Call it with addresses that are new until all of it was so quick that
    nothing was forgotten meanwhile."""
    for number in range(100, 200):
        failed, start = None, time.monotonic()
        try:
            function(station(number))
        except lab_.Failed as err:
            failed = err
        if time.monotonic() - start < .9:
            break
    else:
        failed = lab_.Failed("it never took less than a second")
    if failed:
        raise failed


def port_drops(link):
    """IFLA_VNETBR_PORT_DROPS"""
    data = vnb.parse(vnb.parse(link.attrs[IFLA.LINKINFO])[INFO.SLAVE_DATA])
    return int.from_bytes(vnb.parse(data[BRPORT.MRP_RING_OPEN])[
        VNETBR_PORT.DROPS], sys.byteorder)


def packed(raw):
    return ":".join(f"{byte:02x}" for byte in raw)


def build(dst, src, vlan=None, proto=0x8100, prio=0, length=60,
          ethertype=0x88b5, payload=b"", to=None):
    """The frame that a question is about."""
    tag = b"" if vlan is None else proto.to_bytes(2, "big") + \
        (prio << 13 | vlan).to_bytes(2, "big")
    return (mac(dst) + mac(src) + tag + ethertype.to_bytes(2, "big") +
            payload).ljust(length + len(tag), b"\0")
