#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
"""Spanning tree: IEEE 802.1D-1998, beside the kernel's own bridges.

Rings of bridges, of ours, of the kernel's own and mixed, have to come to the
same tree. A host that speaks by raw frames is any other bridge. See
py/stp_lab.py.
"""
import os
import random
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import frames  # noqa: E402
import stp_lab as stp  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from stp_lab import (BLOCKING, DISABLED, FORWARDING, HZ,  # noqa: E402
                     LEARNING, LISTENING, Tree, bpdus, bridge_mac, config,
                     number, settle)
from vnb import (BR, BRPORT, IFLA, INFO, VNETBR, NlError,  # noqa: E402
                 station, u32)
from vxlan_lab import check, check_eq, wait_for  # noqa: E402

BETTER, WORSE = "02:00:00:00:00:01", "02:00:00:00:ff:ff"
BROADCAST = "ff:ff:ff:ff:ff:ff"


def rings(names, **options):
    """The same ring of the kernel's bridges, of ours, and of both."""
    kinds = ("in-tree", "vnetbr")
    return [Tree({name: kinds[pick(at)] for at, name in enumerate(names)},
                 **options)
            for pick in (lambda at: 0, lambda at: 1, lambda at: at % 2,
                         lambda at: (at + 1) % 2)]


def make_rings(names, **options):
    trees = rings(names, **options)
    for tree, kind in zip(trees, ("vnetbr", "vnetbr", "veth", "vnetbr")):
        tree.ring(kind)
    return trees


def lone(**options):
    return Tree({"A": "vnetbr"}, **options)


def blocked(name):
    """For settle(): this port is blocked, and no other."""
    return lambda found: [port for port, said in found.items()
                          if said[0] == BLOCKING] == [name]


## the tree

def triangles():
    trees = make_rings("ABC")
    settle(*trees, until=blocked("CB"))
    for tree in trees:
        tree.set("C", priority=0x4000)
    found = settle(*trees, until=blocked("BA"))
    check_eq("C is the root", found["A"][0][:4], "4000")


def squares():
    trees = make_rings("ABCD")
    settle(*trees, until=blocked("CD"))
    for tree in trees:
        tree.port_set("DA", cost=1000)
    settle(*trees, until=lambda found: found["D"][3] == 6)


def two_links():
    """Of two links between the same bridges, the lower port is better, unless
    its priority is worse."""
    trees = rings("AB")
    for tree in trees:
        tree.join("A", "B")
        tree.join("A", "B", "2")
    settle(*trees, until=blocked("BA2"))
    for tree in trees:
        tree.port_set("AB", priority=40)
    settle(*trees, until=blocked("BA"))


def provider_bridges():
    """Theirs is another group address: the tree of customers is not theirs."""
    trees = rings("AB", vlan_filtering=1, vlan_protocol=0x88a8)
    for tree in trees:
        tree.join("A", "B")
        tree.join("A", "B", "2")
    settle(*trees, until=blocked("BA2"))
    tree = trees[1]
    taps = [tree.host(name, "A") for name in ("p1", "p2")]
    for tap in taps:
        tap.frames()
    sent = padding(config(BETTER, BETTER))
    taps[0].sock.send(sent)
    Tree.fence.wait()
    check("a customer's passes", sent in bpdus(taps[1]))
    check_eq("and is no root", tree.bridge("A")[BR.ROOT_ID],
             tree.bridge("A")[BR.BRIDGE_ID])


def a_link_is_lost():
    trees = make_rings("ABC")
    settle(*trees)
    for tree in trees:
        tree.nl.setlink("AB", up=False)

    def other_way():
        return all(tree.state("CB") == FORWARDING for tree in trees)

    wait_for("the blocked port forwards", other_way)
    for tree in trees:
        check_eq("the way of B", number(tree.bridge("B")[BR.ROOT_PORT]), 2)
        tree.nl.setlink("AB", up=True)
    settle(*trees)


def a_bridge_is_lost():
    """A root that is down, or deleted, is forgotten."""
    trees = make_rings("ABC")
    settle(*trees)
    for tree in trees:
        tree.nl.setlink("A", up=False)
    for tree in trees:
        wait_for("B is the root", lambda: number(
            tree.bridge("B")[BR.ROOT_PORT]) == 0)
        wait_for("C knows", lambda: tree.bridge("C")[BR.ROOT_ID].hex() ==
                 "8000" + bridge_mac("B").replace(":", ""))


def broadcast_goes_round_once():
    tree = Tree(dict.fromkeys("ABC", "vnetbr"))
    hosts = [tree.host(f"h{name}", name) for name in tree.kinds]
    tree.ring()
    settle(tree)
    for tap in hosts:
        tap.frames()
    frame = vnb.mac(BROADCAST) + vnb.mac(station(1)) + b"\x88\xb5" + bytes(46)
    hosts[0].sock.send(frame)
    for _ in range(4):
        tree.fence.wait()
    check_eq("copies", [sum(bytes(got) == frame for got in tap.frames())
                        for tap in hosts], [0, 1, 1])


## BPDUs

def config_byte_for_byte():
    """As scapy makes them; and the host is told at once."""
    for kind in "in-tree", "vnetbr":
        tree = Tree({"A": kind})
        tap = tree.host("p1", "A")
        wait_for("a BPDU", lambda: tap.frames() or tap.last)
        mac = lab_.packet.mac_text(tree.nl.link("p1").attrs[IFLA.ADDRESS])
        got = bytes(tap.last)
        # in-tree, a new port is a change of the topology
        flags = got[21:22]
        if kind == "vnetbr":
            check_eq("no change", flags, b"\0")
        want = config(mac, bridge_mac("A"), tc=flags == b"\1")
        check_eq(f"{kind}: BPDU", got, want)


def padding(frame):
    return frame.ljust(60, b"\0")


def notification_byte_for_byte():
    """To the root by way of its port, once a hello time until it has said that
    it knows."""
    tree = lone()
    root = tree.host("p1", "A")
    tree.host("p2", "A")
    root.sock.send(padding(config(BETTER, BETTER)))
    tree.wait_state("p1", LISTENING)
    mac = lab_.packet.mac_text(tree.nl.link("p1").attrs[IFLA.ADDRESS])

    def notified():
        root.sock.send(padding(config(BETTER, BETTER)))
        return stp.tcn(mac) in bpdus(root)

    wait_for("a notification", notified)
    check_eq("detected", tree.bridge("A")[BR.TOPOLOGY_CHANGE_DETECTED], b"\1")
    root.sock.send(padding(config(BETTER, BETTER, ack=True)))
    tree.fence.wait()
    check_eq("known", tree.bridge("A")[BR.TOPOLOGY_CHANGE_DETECTED], b"\0")
    check_eq("timer", number(tree.bridge("A")[BR.TCN_TIMER]), 0)


def what_the_root_says_is_passed_on():
    tree = lone()
    root = tree.host("p1", "A")
    other = tree.host("p2", "A")
    said = {"max_age": 10, "hello_time": 2, "forward_delay": 4}
    other.frames()
    mac = lab_.packet.mac_text(tree.nl.link("p2").attrs[IFLA.ADDRESS])

    def say():
        root.sock.send(padding(config(BETTER, BETTER, cost=7, tc=True,
                                      **said)))

    def passed_on():
        found.extend(got for got in bpdus(other) if got[22:30] ==
                     b"\x80\0" + vnb.mac(BETTER))
        return found

    found = []
    tree.wait_state("p1", FORWARDING)
    say()
    wait_for("a BPDU", passed_on)
    found.clear()
    say()
    wait_for("the next one", passed_on)
    got = found[0]
    age, = struct.unpack_from("!H", got, 44)
    # up to a second in which it was held, and what the timers are late
    check("its age", 0 < age < 256 * said["max_age"], f"{age}")
    check_eq("but for that", got[:44] + b"\0\0" + got[46:],
             config(mac, BETTER, bridge=bridge_mac("A"), cost=9, port=0x8002,
                    tc=True, **said))
    data = tree.bridge("A")
    check_eq("times", [number(data[kind]) for kind in (
        BR.MAX_AGE, BR.HELLO_TIME, BR.FORWARD_DELAY)], [1000, 200, 400])


def silence_makes_the_root_forgotten():
    tree = lone()
    root = tree.host("p1", "A")
    tree.host("p2", "A")
    root.sock.send(padding(config(BETTER, BETTER, age=1)))
    wait_for("the root port", lambda: number(
        tree.bridge("A")[BR.ROOT_PORT]) == 1)
    check("its timer", 0 < number(
        tree.port("p1")[BRPORT.MESSAGE_AGE_TIMER]) <= 5 * HZ)
    wait_for("we are the root again", lambda: number(
        tree.bridge("A")[BR.ROOT_PORT]) == 0)
    check_eq("root", tree.bridge("A")[BR.ROOT_ID],
             tree.bridge("A")[BR.BRIDGE_ID])


def a_worse_bridge_is_answered():
    tree = lone()
    tap = tree.host("p1", "A")
    wait_for("the first", lambda: bpdus(tap))
    for _ in range(2):
        tap.sock.send(padding(config(WORSE, WORSE)))
    wait_for("an answer", lambda: bpdus(tap))
    check_eq("we are the root", number(tree.bridge("A")[BR.ROOT_PORT]), 0)


def addresses_age_fast_after_a_change():
    """802.1D-1998 8.3.5: as fast as ports come to forward."""
    tree = lone(ageing_time=300 * HZ)
    root = tree.host("p1", "A")
    host = tree.host("p2", "A")
    host.sock.send(vnb.mac(BROADCAST) + vnb.mac(station(9)) + b"\x88\xb5" +
                   bytes(46))

    def ageing():
        return number(tree.bridge("A")[BR.AGEING_TIME])

    def learned():
        dump = tree.nl.request(vnb.RTM_GETNEIGH, vnb.ndmsg(
            tree.nl.index("A")), vnb.NLM_F_DUMP)
        return any(vnb.parse(payload[12:]).get(vnb.NDA.LLADDR) ==
                   vnb.mac(station(9)) for _, payload in dump)

    wait_for("learned", learned)

    def changed():
        root.sock.send(padding(config(BETTER, BETTER, tc=True)))
        return ageing() == 2 * HZ

    wait_for("a short ageing time", changed)
    wait_for("forgotten", lambda: changed() and not learned())
    tree.set("A", ageing_time=200 * HZ)
    check_eq("in force still", ageing(), 2 * HZ)
    root.sock.send(padding(config(BETTER, BETTER)))
    wait_for("the time that was set", lambda: ageing() == 200 * HZ)


def a_port_that_is_told_of_a_change_acknowledges():
    tree = lone()
    tap = tree.host("p1", "A")
    wait_for("the first", lambda: bpdus(tap))
    tap.sock.send(padding(stp.tcn(station(1))))

    def acknowledged():
        return [got for got in bpdus(tap) if got[21] == 0x81]

    wait_for("an acknowledgement, and the change", acknowledged)
    check("its timer", number(
        tree.bridge("A")[BR.TOPOLOGY_CHANGE_TIMER]) > 0)
    check_eq("counted", tree.stat("A", "topology_changes") > 0, True)


## ports

def ends_of_pairs_forward_at_once():
    """Until a bridge is heard there; other devices never do."""
    tree = lone()
    tap = tree.host("p1", "A")
    check_eq("a pair", tree.state("p1"), FORWARDING)
    tree.host("v1", "A", kind="veth")
    check("a veth", tree.state("v1") in (LISTENING, LEARNING))
    tap.sock.send(padding(config(WORSE, WORSE)))
    tree.wait_state("p1", LISTENING)
    tree.wait_state("p1", LEARNING)
    tree.wait_state("p1", FORWARDING)
    tree.nl.setlink("p1", up=False)
    tree.nl.setlink("p1", up=True)
    tree.wait_state("p1", FORWARDING)


def a_loop_through_ourselves():
    """Both ends of a pair on one bridge: one of them is blocked."""
    tree = lone()
    tree.pair("x1", "x2")
    tree.nl.setlink("x2", up=True)
    tree.attach("x1", "A")
    tree.attach("x2", "A")
    wait_for("x2 is blocked", lambda: tree.state("x2") == BLOCKING)
    tree.wait_state("x1", FORWARDING)


def who_listens_is_told():
    """Of states that the protocol sets, as of those that users set."""
    tree = lone()
    with vnb.Rtnl(tree.ns, groups=1) as listener:    # RTNLGRP_LINK
        tree.host("v1", "A", kind="veth")
        index = tree.nl.index("v1")
        states = []
        while FORWARDING not in states:
            for kind, _, _, payload in listener.receive():
                link = vnb.Link(payload)
                if (kind, link.family, link.index) == (
                        vnb.RTM_NEWLINK, vnb.AF_BRIDGE, index):
                    states.append(link.port_state())
    check_eq("in turn", [state for n, state in enumerate(states)
                         if state not in states[:n]],
             [DISABLED, LISTENING, LEARNING, FORWARDING][
                 DISABLED not in states:])


def room_for_1023_ports():
    """So many numbers are in an identifier of a port."""
    tree = lone()
    for n in range(1023):
        tree.nl.newlink(f"d{n}", vnb.info("dummy"))
        tree.attach(f"d{n}", "A")
    tree.nl.newlink("last", vnb.info("dummy"))
    exfull = 54
    refused(tree, exfull, "1023", tree.attach, "last", "A")
    tree.set("A", stp_state=stp.USER)
    tree.attach("last", "A")
    error = refused(tree, exfull, "stp_state: ", tree.set, "A", stp_state=1)
    check_eq("blamed", error.path, [IFLA.LINKINFO, INFO.DATA, VNETBR.BRIDGE,
                                    BR.STP_STATE])
    tree.nl.setlink("last", u32(IFLA.MASTER, 0))
    tree.master.pop("last")
    tree.set("A", stp_state=stp.KERNEL)


def states_are_honoured():
    tree = lone()
    other = tree.host("p2", "A")
    tap = tree.host("v1", "A", kind="veth")
    frame = vnb.mac(BROADCAST) + vnb.mac(station(3)) + b"\x88\xb5" + bytes(46)

    def passes():
        other.frames()
        tap.sock.send(frame)
        tree.fence.wait()
        return frame in [bytes(got) for got in other.frames()]

    check_eq("on the way to forwarding", passes(), False)
    tree.wait_state("v1", FORWARDING)
    check_eq("forwarding", passes(), True)
    check("dropped", tree.stat("A", "drop_port_state") > 0)


def guard():
    tree = lone()
    tap = tree.host("p1", "A")
    tree.port_set("p1", guard=1)
    check_eq("before", tree.state("p1"), FORWARDING)
    tap.sock.send(padding(config(WORSE, WORSE)))
    tree.wait_state("p1", DISABLED)
    check_eq("counted", tree.stat("A", "drop_bpdu_guard"), 1)
    tree.port_set("p1", cost=7)
    tap.sock.send(padding(config(WORSE, WORSE)))
    tree.fence.wait()
    check_eq("stays so", tree.state("p1"), DISABLED)
    for down in "p1", "A":
        tree.nl.setlink(down, up=False)
        tree.nl.setlink(down, up=True)
        tree.wait_state("p1", FORWARDING)
        # of RSTP, and with a length that is none: a bridge all the same; the
        # host can send some time after its link is there again
        wait_for("disabled", lambda: tap.sock.send(
            stp.frame(b"\0\0\2\2", WORSE)) and
            tree.state("p1") == DISABLED)
    tree.port_set("p1", guard=0)
    tree.wait_state("p1", FORWARDING)


def root_block():
    tree = lone()
    tap = tree.host("p1", "A")
    tree.port_set("p1", protect=1)
    tap.sock.send(padding(config(BETTER, BETTER)))
    tree.wait_state("p1", LISTENING)
    check_eq("we are the root", number(tree.bridge("A")[BR.ROOT_PORT]), 0)
    check_eq("designated", tree.port("p1")[BRPORT.BRIDGE_ID],
             tree.bridge("A")[BR.BRIDGE_ID])
    tree.wait_state("p1", LEARNING)
    tree.wait_state("p1", FORWARDING)
    tree.port_set("p1", protect=0)
    tap.sock.send(padding(config(BETTER, BETTER)))
    wait_for("the root port", lambda: number(
        tree.bridge("A")[BR.ROOT_PORT]) == 1)
    tree.port_set("p1", protect=1)
    check_eq("no more", number(tree.bridge("A")[BR.ROOT_PORT]), 0)


def off_and_on_again():
    tree = Tree(dict.fromkeys("AB", "vnetbr"))
    tree.join("A", "B")
    tree.join("A", "B", "2")
    settle(tree)
    check_eq("blocked", tree.state("BA2"), BLOCKING)
    # one link is down, so that there is no loop
    tree.nl.setlink("AB", up=False)
    for name in "AB":
        tree.set(name, stp_state=0)
        check_eq("no timer", number(tree.bridge(name)[BR.HELLO_TIMER]), 0)
    check_eq("all forward", [tree.state(name) for name in ("AB2", "BA2")],
             [FORWARDING] * 2)
    tree.port_set("BA2", state=LISTENING)
    for name in "AB":
        tree.set(name, stp_state=1)
    tree.nl.setlink("AB", up=True)
    settle(tree)
    check_eq("blocked", tree.state("BA2"), BLOCKING)


## user space

def to_a_daemon_of_a_loop():
    """What the kernel has blocked stays so until the daemon opens it."""
    tree = Tree(dict.fromkeys("AB", "vnetbr"))
    tree.join("A", "B")
    tree.join("A", "B", "2")
    settle(tree, until=blocked("BA2"))
    tree.set("B", stp_state=2)
    check_eq("as before", (tree.state("BA"), tree.state("BA2")),
             (FORWARDING, BLOCKING))
    tree.nl.setlink("AB", up=False)
    tree.port_set("BA2", state=FORWARDING)
    check_eq("opened", tree.state("BA2"), FORWARDING)


def a_daemon_runs_it():
    """BPDUs reach a packet socket of a port, and leave through it; the kernel
    sends none, and changes no state but that of a port that comes up."""
    for options in ({"stp_state": 2}, {"stp_mode": stp.MODE_USER}):
        tree = lone(**options)
        tap = tree.host("p1", "A")
        other = tree.host("p2", "A")
        data = tree.bridge("A")
        check_eq("shown", number(data[BR.STP_STATE]), 2)
        check_eq("comes up blocked", tree.state("p1"), BLOCKING)
        daemon = frames.Tap(tree.ns, "p1", 4)   # ETH_P_802_2
        hello = padding(config(BETTER, BETTER))
        tap.sock.send(hello)
        tree.fence.wait()
        check_eq("received", [bytes(got) for got in daemon.frames()], [hello])
        daemon.sock.send(hello)
        tree.fence.wait()
        check_eq("sent", bpdus(tap), [hello])
        check_eq("not forwarded", bpdus(other), [])
        for state in LISTENING, LEARNING, FORWARDING:
            tree.port_set("p1", state=state)
            check_eq("state", tree.state("p1"), state)
        tree.nl.setlink("p1", up=False)
        enetdown = 100
        refused(tree, enetdown, "state: ", tree.port_set, "p1",
                state=FORWARDING)
        tree.nl.setlink("p1", up=True)
        tree.wait_state("p1", BLOCKING)
        tree.set("A", stp_state=0)
        check_eq("off", tree.states(), {"p1": FORWARDING, "p2": FORWARDING})


## what is wrong

def stable(data):
    return {kind: value for kind, value in data.items()
            if kind not in (BR.HELLO_TIMER, BR.TOPOLOGY_CHANGE_TIMER)}


def refused(tree, errno, words, change, *args, **options):
    """The NlError"""
    before = tree.bridge("A")
    try:
        change(*args, **options)
    except NlError as err:
        check_eq(f"{options}: error", err.errno, errno)
        check(f"{options}: text", words in err.msg, err.msg)
        check_eq(f"{options}: as before", stable(tree.bridge("A")),
                 stable(before))
        return err
    raise lab_.Failed(f"{options}: not refused")


def options_that_are_refused():
    tree = lone()
    tree.host("p1", "A")
    erange, einval, ebusy = 34, 22, 16
    for name, bad in (("hello_time", (0, 99, 1001)),
                      ("max_age", (0, 599, 4001)),
                      ("forward_delay", (0, 199, 3001, 0xffffffff))):
        for value in bad:
            refused(tree, erange, f"{name}: ", tree.set, "A",
                    priority=5, **{name: value})
    for value in 3, 0xffffffff:
        refused(tree, einval, "stp_state: ", tree.set, "A", stp_state=value,
                hello_time=200)
        refused(tree, einval, "stp_mode: ", tree.set, "A", stp_mode=value)
    refused(tree, ebusy, "stp_mode: ", tree.set, "A", stp_mode=stp.MODE_USER)
    refused(tree, ebusy, "stp_mode: ", tree.set, "A", stp_state=1,
            stp_mode=stp.MODE_USER)
    refused(tree, ebusy, "state: ", tree.port_set, "p1", cost=9,
            state=BLOCKING)
    for value in 0, 65536, 0xffffffff:
        refused(tree, erange, "cost: ", tree.port_set, "p1", priority=3,
                cost=value)
    for value in 64, 65535:
        refused(tree, erange, "priority: ", tree.port_set, "p1", cost=3,
                priority=value)
    port = tree.port("p1")
    check_eq("cost and priority of the port", [number(port[kind]) for kind in (
        BRPORT.COST, BRPORT.PRIORITY)], [2, 32])
    tree.set("A", stp_state=0, stp_mode=stp.MODE_KERNEL)
    tree.set("A", forward_delay=0)
    refused(tree, einval, "stp_state: ", tree.set, "A", stp_state=2)
    tree.set("A", stp_state=1)
    check_eq("a delay that is none", number(
        tree.bridge("A")[BR.FORWARD_DELAY]), 200)


def truncated_and_wild_bpdus():
    """Nothing bad: what is none is counted as that, what is one changes what it
    may change and no more."""
    tree = lone()
    tap = tree.host("p1", "A")
    whole = config(WORSE, WORSE)
    body = whole[17:]
    before = tree.stat("A", "drop_bpdu")
    none = 0
    for end in range(len(body)):
        tap.sock.send(stp.frame(body[:end], WORSE))
        none += 1
    for llc in b"\x42\x42\x13", b"\x42\x43\x03", b"\x43\x42\x03", b"\x42\x42":
        tap.sock.send(stp.frame(body, WORSE, llc=llc))
        none += 1
    tap.sock.send(stp.frame(b"\0\1" + body[2:], WORSE))
    none += 1
    # a length that the frame does not have
    tap.sock.send(whole[:12] + b"\x05\xdc" + whole[14:30])
    none += 1
    tree.fence.wait()
    check_eq("drop_bpdu", tree.stat("A", "drop_bpdu") - before, none)
    check_eq("no bridge was heard", tree.state("p1"), FORWARDING)

    rng = random.Random(1)
    for _ in range(500):
        wild = bytearray(body)
        for _ in range(rng.randrange(1, 8)):
            wild[rng.randrange(4, len(wild))] = rng.choice(
                (0, 1, 0x7f, 0x80, 0xff, rng.randrange(256)))
        wild[3] = rng.choice((0, 0, 0, 0x80, 2, rng.randrange(256)))
        tap.sock.send(stp.frame(bytes(wild), WORSE))
    tree.fence.wait()
    data = tree.bridge("A")
    for kind, low, high in ((BR.HELLO_TIME, 1, 10), (BR.MAX_AGE, 6, 40),
                            (BR.FORWARD_DELAY, 2, 30)):
        check("a time that may be", low * HZ <= number(data[kind]) <=
              high * HZ)
    check("too many from one port", tree.stat("A", "drop_bpdu_rate") > 0)
    tree.nl.setlink("p1", up=False)
    check_eq("forgotten", number(tree.bridge("A")[BR.ROOT_PORT]), 0)


def what_is_sent_comes_right_back():
    """By tc, in the same call: no lock is held by then."""
    tree = lone()
    tree.host("p1", "A")
    for words in ("qdisc add dev p1 clsact",
                  "filter add dev p1 egress matchall action mirred ingress "
                  "redirect dev p1"):
        subprocess.run(["tc", "-n", tree.ns, *words.split()], check=True)
    before = tree.stat("A", "bpdu_rx")
    wait_for("our own BPDU", lambda: tree.stat("A", "bpdu_rx") > before)
    check_eq("we are the root", number(tree.bridge("A")[BR.ROOT_PORT]), 0)


def all_goes_while_it_runs():
    """Ports, bridges and namespaces leave whatever waits to be done."""
    for last in range(12):
        tree = Tree(dict.fromkeys("ABC", "vnetbr"))
        tree.ring()
        root = tree.host("p1", "A")
        root.sock.send(padding(config(BETTER, BETTER, tc=True)))
        if last % 3 == 0:
            tree.nl.dellink("A")
        elif last % 3 == 1:
            tree.nl.dellink("AB")
            tree.set("B", stp_state=0)
        root.close()
        tree.nl.sock.close()
        lab_.cleanup()


def main():
    lab_.need_tunnels()
    lab_.run_tests([
        triangles, squares, two_links, provider_bridges, a_link_is_lost, a_bridge_is_lost,
        broadcast_goes_round_once, config_byte_for_byte,
        notification_byte_for_byte, what_the_root_says_is_passed_on,
        silence_makes_the_root_forgotten, a_worse_bridge_is_answered,
        addresses_age_fast_after_a_change,
        a_port_that_is_told_of_a_change_acknowledges,
        ends_of_pairs_forward_at_once, a_loop_through_ourselves,
        who_listens_is_told, room_for_1023_ports,
        states_are_honoured, guard, root_block, off_and_on_again,
        to_a_daemon_of_a_loop, a_daemon_runs_it, options_that_are_refused,
        truncated_and_wild_bpdus, what_is_sent_comes_right_back,
        all_goes_while_it_runs])


if __name__ == "__main__":
    main()
