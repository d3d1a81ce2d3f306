#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""What would become of a frame, and what does become of it: VLANs, and options
of bridges and ports that few have. Everything else is in test_why.py, the
picture in py/why_lab.py.
"""
import os
import shutil
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "py"))

import vlan_lab  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from switch_lab import BROADCAST  # noqa: E402
from vnb import (BR, BRPORT, IFLA, NDA, VNETBR_BR, VNETBR_PORT,  # noqa: E402
                 attr, be16, mac, station, u8, u16, u32)
from vxlan_lab import check, check_eq  # noqa: E402
from why_lab import (GROUP, UNKNOWN, Lab, build,  # noqa: E402
                     within_a_second)

STP, PROVIDER_STP = "01:80:c2:00:00:00", "01:80:c2:00:00:08"
IFF_PROMISC = 0x100
S_TAG = 0x88a8
LEARNING = 2

# A topology change notification, behind the length that it has instead of an
# EtherType; and where it is sent to, STP.
BPDU = {"ethertype": 7, "payload": bytes.fromhex("42420300000080")}


class Options(Lab):
    """A Lab with VLANs and the like."""

    def vlans(self, dev, *vids, flags=0, kind=vnb.RTM_SETLINK):
        """bridge vlan add dev DEV vid VID"""
        vlan_lab.vlan_request(self.nl, dev, *(
            vlan_lab.vlan_info(vid, flags) for vid in vids), kind=kind,
            own=dev == "br0")

    def ext(self, dev, kind, value):
        """An option of a port that bridge.ko does not have."""
        self.nl.setlink(dev, vnb.slave_info(vnb.port_ext(u32(
            getattr(VNETBR_PORT, kind), value))))

    def promiscuous(self):
        self.nl.request(vnb.RTM_NEWLINK, vnb.ifinfomsg(
            self.nl.index("br0"), flags=IFF_PROMISC, change=IFF_PROMISC))

    def neighbour(self, ip, address, dev="br0"):
        """ip neigh add IP lladdr ADDRESS dev DEV nud permanent"""
        self.nl.request(vnb.RTM_NEWNEIGH, vnb.ndmsg(
            self.nl.index(dev), state=0x80, family=socket.AF_INET) +
            attr(NDA.DST, socket.inet_aton(ip)) +
            attr(NDA.LLADDR, mac(address)), vnb.NLM_F_CREATE)


def filtering(**options):
    """A bridge with VLAN 1 everywhere, and 10 at p1 and p2."""
    lab = Options(vlan_filtering=1, **options)
    lab.vlans("p1", 10)
    lab.vlans("p2", 10)
    return lab


def arp(number, about):
    """The payload of the ARP request of a station."""
    return bytes.fromhex("0001080006040001") + mac(station(number)) + \
        socket.inet_aton(f"192.0.2.{number}") + bytes(6) + \
        socket.inet_aton(f"192.0.2.{about}")


## VLANs

def vlans():
    """Each frame is in one; addresses are known in one."""
    lab = filtering()
    answer = lab.verdict("flood", None, "p1", GROUP, station(1))
    check_eq("the PVID", answer.step["vlan"]["vlan"], 1)
    check_eq("all", sorted(answer.egress), ["br0", "p1", "p2", "p3"])
    for options in ({"vlan": 10}, {"vlan": 10, "prio": 3}):
        answer = lab.verdict("flood", None, "p1", GROUP, station(1), **options)
        check_eq("of the tag", answer.step["vlan"]["vlan"], 10)
        check_eq("p3", answer.egress["p3"], ("refused", "vlan_egress", None))
        check("not for the host", "br0" not in answer.egress)
    check_eq("learned in it", (answer.step["learn"]["learn"],
                               answer.step["learn"]["fdb_vlan"]),
             ("known", 10))
    answer = lab.verdict("flood", None, "p1", GROUP, station(1), vlan=0,
                         prio=5)
    check_eq("a priority only", answer.step["vlan"]["vlan"], 1)
    lab.verdict("forward", None, "p2", station(1), station(2), vlan=10)
    answer = lab.verdict("flood", None, "p3", station(99), station(3))
    check_eq("known in no VLAN", answer.step["lookup"]["lookup"], "unknown")
    # the address of the bridge is one for all VLANs that the host is in
    answer = lab.verdict("local", None, "p1", lab.mac, station(1))
    check_eq("for all", answer.step["lookup"]["fdb_vlan"], 0)
    answer = lab.verdict("flood", None, "p1", lab.mac, station(1), vlan=10)
    check("the host is not in 10", "br0" not in answer.egress)
    lab.promiscuous()
    for dst in lab.mac, GROUP:
        answer = lab.verdict("flood", None, "p1", dst, station(1), vlan=10)
        check_eq("wants all", answer.egress["br0"], ("sent", None, None))


def entries_for_all_vlans():
    """What a user enters without a VLAN is for those of its port."""
    lab = filtering()
    lab.entry(UNKNOWN, "p2")
    answer = lab.verdict("forward", None, "p1", UNKNOWN, station(1), vlan=10)
    check_eq("found", (answer.step["lookup"]["dev"],
                       answer.step["lookup"]["fdb_vlan"]), ("p2", 0))
    lab.vlans("p2", 10, kind=vnb.RTM_DELLINK)
    answer = lab.drop("no_target", "p1", UNKNOWN, station(1), vlan=10)
    check_eq("not in it", answer.step["lookup"]["lookup"], "unknown")
    # it does not move
    answer = lab.verdict("flood", None, "p1", GROUP, UNKNOWN)
    check_eq("stays", answer.step["learn"]["learn"], "stays")


def vlan_untagged():
    lab = filtering()
    lab.vlans("p1", 1, flags=0)     # no PVID any more
    for options in {}, {"vlan": 0}, {"vlan": 10, "proto": S_TAG}:
        answer = lab.drop("vlan_untagged", "p1", GROUP, station(1), **options)
        check_eq("the step", answer.step["vlan"]["reason"], "vlan_untagged")
        check("not learned", "learn" not in answer.step)
    lab.verdict("flood", None, "p1", GROUP, station(1), vlan=1)


def vlan_ingress():
    lab = filtering()
    answer = lab.drop("vlan_ingress", "p1", GROUP, station(1), vlan=20)
    check_eq("the step", (answer.step["vlan"]["vlan"],
                          answer.step["vlan"]["reason"]), (20, "vlan_ingress"))
    check("not learned", "learn" not in answer.step)
    # the host is asked, too
    lab.drop("vlan_ingress", "br0", GROUP, lab.mac, vlan=10)
    lab.vlans("br0", 10)
    answer = lab.verdict("flood", None, "br0", GROUP, lab.mac, vlan=10)
    check_eq("p3", answer.egress["p3"], ("refused", "vlan_egress", None))


def vlan_egress():
    lab = filtering()
    lab.nl.request(vnb.RTM_NEWNEIGH, vnb.ndmsg(
        lab.nl.index("br0"), state=0x40, flags=vnb.NTF_SELF) +
        attr(NDA.LLADDR, mac(UNKNOWN)) + u16(NDA.VLAN, 10) +
        u32(NDA.IFINDEX, lab.nl.index("p2")), vnb.NLM_F_CREATE)
    lab.verdict("forward", None, "p1", UNKNOWN, station(1), vlan=10)
    lab.vlans("p2", 10, kind=vnb.RTM_DELLINK)
    answer = lab.drop("vlan_egress", "p1", UNKNOWN, station(1), vlan=10)
    check_eq("p2", answer.egress, {"p2": ("refused", "vlan_egress", "br0")})


def a_tag_of_the_other_protocol():
    """It is a part of the frame, which is longer by it."""
    lab = filtering()
    lab.learn(2)
    answer = lab.verdict("forward", None, "p1", station(2), station(1),
                         vlan=20, proto=S_TAG)
    check_eq("the PVID", answer.step["vlan"]["vlan"], 1)
    lab.nl.setlink("p2", u32(IFLA.MTU, 1000))
    lab.verdict("forward", None, "p1", station(2), station(1), vlan=20,
                proto=S_TAG, length=1014)
    lab.drop("too_big", "p1", station(2), station(1), on="p2", vlan=20,
             proto=S_TAG, length=1015)
    lab.bridge(be16(BR.VLAN_PROTOCOL, S_TAG))
    lab.drop("vlan_ingress", "p1", station(2), station(1), vlan=20,
             proto=S_TAG)
    lab.verdict("forward", None, "p1", station(2), station(1), vlan=20)


## reserved addresses

def spanning_tree():
    """BPDUs are for who runs it."""
    lab = Options(hosts=2)
    lab.option16("p1", BRPORT.GROUP_FWD_MASK, 0)
    answer = lab.verdict("pass", None, "p1", STP, station(1))
    lab.bridge(u16(BR.GROUP_FWD_MASK, 1))
    lab.verdict("flood", None, "p1", STP, station(1), ethertype=38)
    lab.bridge(u32(BR.STP_STATE, 1))
    lab.ready()
    # the address alone does not make it one
    for options in {}, BPDU | {"vlan": 5}, BPDU | {"ethertype": 0x88b5}:
        lab.verdict("pass", None, "p1", STP, station(1), arrivals=False,
                    **options)
    tap = lab.tap(2)
    answer = lab.verdict("bpdu", None, "p1", STP, station(1), arrivals=False,
                         **BPDU)
    check_eq("its kind", answer.step["reserved"]["reserved"], "bpdu")
    check_eq("taken", answer.step["bpdu"]["reason"], None)
    check("stays here", all(frame[6:12] != mac(station(1))
                            for frame in tap.frames()))


def bpdus_that_are_dropped():
    """For a reason of spanning tree, a guard above all."""
    lab = Options(hosts=2)
    lab.bridge(u32(BR.STP_STATE, 1))
    lab.ready()

    def drop(reason, src=station(1), dev="p1", **options):
        answer = lab.drop(reason, dev, STP, src, arrivals=False,
                          **BPDU | options)
        check_eq("the step", answer.step["bpdu"]["reason"], reason)
        return answer

    drop("bpdu", payload=b"")
    drop("bpdu", payload=BPDU["payload"][:6] + b"\0")
    drop("bpdu", ethertype=6)

    def too_many(src):
        for _ in range(32):
            lab.end["p1"].send(build(STP, src, **BPDU))
        lab.fence.wait()
        drop("bpdu_rate", src)

    within_a_second(too_many)
    check_eq("of one port", lab.ask("p2", STP, station(2), **BPDU).verdict,
             "bpdu")

    lab.option("p2", guard=1)
    answer = drop("bpdu_guard", station(2), "p2")
    check_eq("learned", answer.step["learn"]["learn"], "new")
    # which has disabled the port, what a question has not
    answer = drop("port_state", station(3), "p2")
    check_eq("disabled", answer.step["ingress"]["state"], 0)
    check_eq("learned", answer.step["learn"]["learn"], "off")


def a_provider_bridge():
    """What belongs to its customers is forwarded."""
    lab = filtering()
    lab.verdict("pass", None, "p1", STP, station(1))
    lab.bridge(be16(BR.VLAN_PROTOCOL, S_TAG))
    answer = lab.verdict("flood", None, "p1", STP, station(1))
    check_eq("let through", answer.step["reserved"]["reserved"], "forward")
    answer = lab.verdict("pass", None, "p1", PROVIDER_STP, station(9))
    check_eq("learned in the VLAN", answer.step["learn"]["learn"], "new")


## options

def locked():
    lab = Options()
    lab.learn(2)
    lab.option("p1", locked=1)
    answer = lab.drop("locked", "p1", GROUP, station(1))
    check_eq("the step", answer.step["locked"]["reason"], "locked")
    check("not learned", "learn" not in answer.step)
    answer = lab.drop("locked", "p1", GROUP, station(2))
    check_eq("of another port", answer.step["locked"]["dev"], "p2")
    lab.drop("locked", "p1", GROUP, lab.mac)
    lab.entry(station(1), "p1")
    answer = lab.verdict("forward", None, "p1", station(2), station(1))
    check_eq("let in", (answer.step["locked"]["reason"],
                        answer.step["learn"]["learn"]), (None, "off"))
    lab.option("p1", mab=1)
    answer = lab.drop("locked", "p1", GROUP, station(4))
    check_eq("entered", answer.step["locked"]["learn"], "new")
    answer = lab.drop("locked", "p1", GROUP, station(4))
    check_eq("not let in", answer.step["locked"]["flags"],
             {"learned", "locked"})
    lab.entry(station(4), "p1")
    lab.verdict("flood", None, "p1", GROUP, station(4))


def storm():
    """The limit is said that a frame counts for, which is not reached."""
    lab = Options()
    lab.learn(2)
    lab.ext("p1", "STORM_UNKNOWN_PPS", 1000)
    answer = lab.verdict("flood", None, "p1", UNKNOWN, station(1))
    check_eq("counts", answer.step["storm"]["limit"], "storm_unknown")
    for dst in station(2), GROUP, BROADCAST:
        answer = lab.compare("p1", dst, station(1))
        check(f"{dst} does not", "storm" not in answer.step)
    # a question takes nothing of it: one frame a second
    for kind, dst in (("MCAST", GROUP), ("BCAST", BROADCAST)):
        lab.ext("p2", f"STORM_{kind}_PPS", 1)
        for _ in range(100):
            answer = lab.ask("p2", dst, station(2))
        check_eq("counts", answer.step["storm"]["limit"],
                 f"storm_{kind.lower()}")
        check_eq("no drop", answer.verdict, "flood")
        lab.verdict("flood", None, "p2", dst, station(2))


def storm_is_over_the_limit():
    """It is reached: the next frame is dropped, by a question none is."""
    lab = Options()
    lab.learn(1)
    lab.learn(2)
    for kind, dst in (("UNKNOWN", UNKNOWN), ("MCAST", GROUP),
                      ("BCAST", BROADCAST)):
        reason = f"storm_{kind.lower()}"

        def reached(_):
            """So many frames a second, once more from the beginning."""
            for rate in 2, 1:
                lab.ext("p1", f"STORM_{kind}_PPS", rate)
            answer = lab.verdict("flood", None, "p1", dst, station(1))
            check_eq("room", (answer.step["storm"]["limit"],
                              answer.step["storm"]["reason"]), (reason, None))
            for _ in range(2):
                answer = lab.drop(reason, "p1", dst, station(1))
                check_eq("the step", (answer.step["storm"]["limit"],
                                      answer.step["storm"]["reason"]),
                         (reason, reason))
                check("no further", "learn" not in answer.step)

        within_a_second(reached)
        # of bits, a frame takes minutes
        lab.ext("p1", f"STORM_{kind}_PPS", 0)
        lab.nl.setlink("p1", vnb.slave_info(vnb.port_ext(vnb.u64(
            getattr(VNETBR_PORT, f"STORM_{kind}_BPS"), 1))))
        lab.verdict("flood", None, "p1", dst, station(1))
        lab.drop(reason, "p1", dst, station(1))
    lab.verdict("forward", None, "p1", station(2), station(1))
    # nor is one charged that would not be forwarded
    lab.option("p1", state=LEARNING)
    lab.drop("port_state", "p1", BROADCAST, station(1))


def community():
    lab = Options()
    lab.learn(2)
    lab.learn(3)
    lab.ext("p1", "COMMUNITY", 5)
    lab.verdict("forward", None, "p1", station(2), station(1))
    lab.ext("p2", "COMMUNITY", 6)
    lab.ext("p3", "COMMUNITY", 5)
    lab.drop("isolated", "p1", station(2), station(1))
    lab.verdict("forward", None, "p1", station(3), station(1))
    answer = lab.verdict("flood", None, "p1", GROUP, station(1))
    check_eq("p2", answer.egress["p2"], ("refused", "isolated", None))


def backup():
    """Without a link, another port has the addresses."""
    lab = Options()
    lab.entry(UNKNOWN, "p2")
    lab.nl.setlink("p2", vnb.slave_info(
        u32(BRPORT.BACKUP_PORT, lab.nl.index("p3"))))
    answer = lab.verdict("forward", None, "p1", UNKNOWN, station(1))
    check_eq("not needed", (answer.step["lookup"]["backup"],
                            list(answer.egress)), (None, ["p2"]))
    lab.nl.setlink("p2", up=False)
    answer = lab.verdict("forward", None, "p1", UNKNOWN, station(1))
    check_eq("needed", (answer.step["lookup"]["dev"],
                        answer.step["lookup"]["backup"],
                        list(answer.egress)), ("p2", "p3", ["p3"]))
    lab.drop("same_port", "p3", UNKNOWN, station(3))


def neighbours():
    """A port with neigh_suppress gets no question that can be answered."""
    lab = Options()
    lab.learn(3)
    lab.neighbour("192.0.2.3", station(3))
    lab.option("p3", neigh_suppress=1)

    def ask(about):
        return lab.ask("p1", BROADCAST, station(1), ethertype=0x806,
                       payload=arp(1, about))

    before = lab.counters()
    answer = ask(3)
    check_eq("p3", answer.egress["p3"], ("suppressed", None, None))
    check_eq("p2", answer.egress["p2"], ("sent", None, None))
    check_eq("answered", answer.step["neighbour"]["answered"], 1)
    check_eq("nothing is", lab.counters(), before)
    answer = ask(4)
    check_eq("unknown", answer.egress["p3"], ("sent", None, None))
    check("no step", "neighbour" not in answer.step)
    # and so it is
    for about in 3, 4:
        answer = ask(about)
        before = lab.counters()
        for end in lab.end.values():
            end.mark()
        lab.end["p1"].send(build(BROADCAST, station(1), ethertype=0x806,
                                 payload=arp(1, about)))
        lab.fence.wait()
        after = lab.counters()
        said = answer.step.get("neighbour", {}).get("answered", 0)
        check_eq("answers", after["br0", "neigh_answered"] -
                 before["br0", "neigh_answered"], said)
        check_eq("arrivals", {
            name for name, end in lab.end.items() if end.arrived(b"")[0]},
            {name for name, row in answer.egress.items()
             if row[0] == "sent"} | ({"p1"} if said else set()))
    lab.option("p2", proxyarp=1)
    answer = lab.verdict("flood", None, "p1", GROUP, station(1))
    check_eq("p2", answer.egress["p2"], ("suppressed", None, None))


def neighbours_of_vlans():
    """With neigh_vlan_suppress, a VLAN of the port says so."""
    lab = filtering()
    lab.vlans("p3", 10)
    lab.neighbour("192.0.2.3", station(3), vlan_lab.vlan_device(
        lab.nl, "br0", vlan_lab.C_TAG, 1))
    lab.learn(3)
    lab.option("p3", neigh_vlan_suppress=1)

    def ask(about=3):
        return lab.ask("p1", BROADCAST, station(1), ethertype=0x806,
                       payload=arp(1, about))

    def vlans(kind, *vids):
        lab.nl.setlink("p3", vnb.slave_info(vnb.port_ext(
            vnb.vlan_set(kind, *vids))))

    def send():
        """The same frame: who gets it, or an answer?"""
        for end in lab.end.values():
            end.mark()
        lab.end["p1"].send(build(BROADCAST, station(1), ethertype=0x806,
                                 payload=arp(1, 3)))
        lab.fence.wait()
        return {name for name, end in lab.end.items() if end.arrived(b"")[0]}

    suppress = VNETBR_PORT.NEIGH_SUPPRESS_VLAN
    forward = VNETBR_PORT.NEIGH_FORWARD_GRAT_VLAN
    vlans(suppress, 10)
    check_eq("another VLAN", ask().egress["p3"], ("sent", None, None))
    check_eq("and so it is", send(), {"p2", "p3", "br0"})
    lab.option("p3", bcast_flood=0)
    check_eq("not because of that", ask().egress["p3"],
             ("no-flood", None, None))
    lab.option("p3", bcast_flood=1)
    vlans(suppress, 1)
    answer = ask()
    check_eq("the VLAN", answer.egress["p3"], ("suppressed", None, None))
    check_eq("answered", answer.step["neighbour"]["answered"], 1)
    check_eq("and so it is", send(), {"p1", "p2", "br0"})
    check_eq("without a question", ask(1).egress["p3"],
             ("suppressed", None, None))
    vlans(forward, 1)
    check_eq("forwarded", ask(1).egress["p3"], ("sent", None, None))


def snooped_neighbours():
    """Those that answer are known; nobody gets known by a question."""
    lab = Options(neigh_snoop=1)
    lab.learn(1)
    lab.learn(3)
    lab.option("p3", neigh_suppress=1)

    def ask(number, about):
        return lab.ask(f"p{number}", BROADCAST, station(number),
                       ethertype=0x806, payload=arp(number, about))

    check_eq("unknown", ask(1, 3).egress["p3"], ("sent", None, None))
    ask(3, 1)
    check_eq("still", ask(1, 3).egress["p3"], ("sent", None, None))
    lab.end["p3"].send(build(BROADCAST, station(3), ethertype=0x806,
                             payload=arp(3, 1)))
    lab.fence.wait()
    answer = ask(1, 3)
    check_eq("known", answer.egress["p3"], ("suppressed", None, None))
    check_eq("answered", answer.step["neighbour"]["answered"], 1)


def nf_bridge():
    """A bridge that blocks while netfilter family bridge has hooks."""
    lab = Options(nf_bridge="block")
    answer = lab.verdict("flood", None, "p1", GROUP, station(1))
    check_eq("no hooks", answer.step["netfilter"]["reason"], None)
    if not shutil.which("nft"):
        return "no nft"
    with vnb.netns(lab.ns):
        done = subprocess.run(["nft", "-f", "-"], text=True, input="""
            table bridge t {
                chain c { type filter hook forward priority 0; counter; }
            }""", stderr=subprocess.PIPE, check=False)
    if done.returncode:
        return "no nft family bridge"
    answer = lab.drop("nf_bridge", "p1", GROUP, station(2))
    check_eq("learned", answer.step["learn"]["learn"], "new")
    check("no further", "lookup" not in answer.step)
    lab.drop("nf_bridge", "br0", GROUP, lab.mac)
    lab.nl.setlink("br0", vnb.info("vnetbr", vnb.bridge_ext(
        u8(VNETBR_BR.NF_BRIDGE, 0))))
    answer = lab.verdict("flood", None, "p1", GROUP, station(1))
    check("off", "netfilter" not in answer.step)
    return None


def main():
    lab_.run_tests([
        vlans, entries_for_all_vlans, vlan_untagged, vlan_ingress, vlan_egress,
        a_tag_of_the_other_protocol, spanning_tree, bpdus_that_are_dropped,
        a_provider_bridge, locked, storm, storm_is_over_the_limit, community,
        backup, neighbours, neighbours_of_vlans, snooped_neighbours,
        nf_bridge])


if __name__ == "__main__":
    main()
