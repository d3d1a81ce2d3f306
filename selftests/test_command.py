#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""The command vnetbr: why, show and top, for people and for programs.

What the kernel answers is right: test_why.py. Here it is that the command says
what the kernel answers, and what devices there are.
"""
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import xml.dom.minidom

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "py"))

import vlan_lab  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
import why  # noqa: E402
from refusal import NTF_SELF  # noqa: E402
from switch_lab import BROADCAST, Switches, frame  # noqa: E402
from vnb import (BRPORT, IFLA, NDA, VNETBR_BR, VNETBR_PORT,  # noqa: E402
                 VXLAN, attr, be16, mac, station, u8, u16, u32, u64)
from vxlan_lab import check, check_eq  # noqa: E402

UNKNOWN, PAUSE = "02:00:00:00:fe:01", "01:80:c2:00:00:01"
GROUP = "01:00:5e:00:00:07"
STP, BPDU = "01:80:c2:00:00:00", bytes.fromhex("42420300000080")
STATES = "disabled", "listening", "learning", "forwarding", "blocking"


def run(ns, *words, rc=0):
    """Output of the command in a namespace, and its errors."""
    with vnb.netns(ns):
        done = subprocess.run(["vnetbr", *words], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60)
    check_eq(f"status of {words}: {done.stderr}", done.returncode, rc)
    return done.stdout + done.stderr


def run_json(ns, *words):
    return json.loads(run(ns, "-j", *words))


def lab(hosts=2, **options):
    """Switches with a bridge br0 and hosts that it knows."""
    sw = Switches("br0", **options)
    ends = [sw.host(number, "br0") for number in range(1, hosts + 1)]
    sw.ready()
    for number, end in enumerate(ends, 1):
        end.send(frame(src=station(number)))
    sw.fence.wait()
    return sw


def entry(sw, address, dev):
    """bridge fdb add ADDRESS dev br0 via DEV static self"""
    sw.nl.request(vnb.RTM_NEWNEIGH, vnb.ndmsg(
        sw.nl.index("br0"), state=0x40, flags=NTF_SELF) +
        attr(NDA.LLADDR, mac(address)) + u32(NDA.IFINDEX, sw.nl.index(dev)),
        vnb.NLM_F_CREATE)


def tunnel(sw, *inner):
    """A tunnel vx0 that is a port of br0."""
    sw.nl.newlink("vx0", vnb.info("vnetbr", vnb.mode("vxlan"), vnb.vxlan(
        u32(VXLAN.ID, 77), be16(VXLAN.PORT, 4789), *inner)), up=True)
    sw.port("vx0", "br0")
    sw.ready()


## why

def words_of(dev, dst, src, **options):
    """The words of it, as the command has them."""
    words = {"dev": dev, "dst": dst, "src": src} | options
    if "ethertype" in words:
        words["type"] = f"{words.pop('ethertype'):x}"
    if "payload" in words:
        words["payload"] = words["payload"].hex()
    return ["why", *(str(word) for item in words.items() for word in item)]


def same_as_the_kernel(ns, dev, dst, src, **options):
    """The command's JSON says what a question by ourselves says: it."""
    with why.Why(ns) as ask:
        answer = ask(dev, dst, src, **options)
    said = run_json(ns, *words_of(dev, dst, src, **options))
    check_eq(f"{dev} {dst} {src} {options}",
             (said["bridge"], said["verdict"], said.get("reason"),
              said.get("counted_on"), said["sent"], said["ports"]),
             (answer.bridge, answer.verdict, answer.reason, answer.on,
              answer.sent, answer.total))
    check_eq("egress", {row["dev"]: (row["result"], row.get("reason"),
                                     row.get("counted_on"))
                        for row in said["egress"]}, answer.egress)
    check_eq("steps", [row["step"] for row in said["steps"]],
             list(answer.step))
    for row in said["steps"]:
        step = answer.step[row["step"]]
        for name in ("dev", "reason", "reserved", "learn", "lookup", "vlan",
                     "fdb_vlan", "limit", "backup", "answered", "msti"):
            check_eq(f"{name} of {row}", row.get(name), step.get(name))
        check_eq(f"state of {row}", row.get("state"), step["state"] if
                 step["state"] is None else STATES[step["state"]])
        # it was asked a moment later
        check(f"age of {row}", step["age"] is None and "age_ms" not in row or
              row["age_ms"] >= step["age"])
        check_eq(f"flags of {row}", set(row.get("flags", [])), step["flags"])
    return said


def why_as_json():
    sw = lab()
    tunnel(sw)
    for dev in "p1", "br0":
        for dst in BROADCAST, station(2), UNKNOWN, PAUSE, station(1):
            same_as_the_kernel(sw.ns, dev, dst, station(1))
    same_as_the_kernel(sw.ns, "p1", station(2), "00:00:00:00:00:00")
    same_as_the_kernel(sw.ns, "p1", station(2), station(1), vlan=10, prio=3,
                       length=1400)
    same_as_the_kernel(sw.ns, "p1", BROADCAST, station(1), to="vx0")


def why_in_words():
    sw = lab()
    question = "why", "dev", "p1", "dst", station(2), "src", station(1)
    out = run(sw.ns, *question)
    for words in ("p1, forwarding", "known at this port", "found, at p2",
                  "p2        sends it", "It is forwarded."):
        check(f"says {words!r}", words in out, out)
    for dev in "p1", "p2":
        sw.nl.setlink(dev, vnb.slave_info(u8(BRPORT.ISOLATED, 1)))
    out = run(sw.ns, *question)
    for words in ("must not have it: isolated", "It is dropped: isolated.",
                  "Both ports are isolated", "drop_isolated of br0",
                  "isolated off"):
        check(f"says {words!r}", words in out, out)
    # by the name of the namespace
    check_eq("--netns", run(None, "--netns", sw.ns, *question)[:9], out[:9])
    out = run(sw.ns, "why", "dev", "p1", "dst", "broadcast", "src",
              station(1), "to", "p2")
    check("others", "and 2 other ports" in out, out)


def told(sw, dst, *wanted, **options):
    """The command says it in these words, and in JSON what the kernel says."""
    out = run(sw.ns, *words_of("p1", dst, station(1), **options))
    for words in wanted:
        check(f"says {words!r}", words in out, out)
    same_as_the_kernel(sw.ns, "p1", dst, station(1), **options)


def why_of_options():
    """The steps that only options have, one after the other."""
    sw = lab(hosts=3, nf_bridge="block")
    entry(sw, UNKNOWN, "p2")

    def option(dev, *attrs):
        sw.nl.setlink(dev, vnb.slave_info(*attrs))

    told(sw, UNKNOWN, "netfilter no hooks of family bridge", "It is forwarded")
    option("p1", u8(BRPORT.LOCKED, 1))
    told(sw, UNKNOWN, "locked    let in, at p1")
    out = run(sw.ns, *words_of("p1", UNKNOWN, station(8)))
    for words in "locked    not let in: locked", "bridge fdb add":
        check(f"says {words!r}", words in out, out)
    option("p1", u8(BRPORT.LOCKED, 0))
    option("p1", vnb.port_ext(vnb.u64(VNETBR_PORT.STORM_BCAST_BPS, 1)))
    limit = "storm     counts for a limit, storm_bcast, which is "
    told(sw, BROADCAST, limit + "not reached\n")
    sw.hosts[0].send(frame(src=station(1)))
    sw.fence.wait()
    told(sw, BROADCAST, limit + "reached: storm_bcast\n",
         "More broadcasts come in", "storm_bcast_pps")
    option("p1", vnb.port_ext(vnb.u64(VNETBR_PORT.STORM_BCAST_BPS, 0)))
    option("p2", u32(BRPORT.BACKUP_PORT, sw.nl.index("p3")))
    sw.nl.setlink("p2", up=False)
    told(sw, UNKNOWN, "without link: its backup is p3")
    arp = bytes.fromhex("0001080006040001") + mac(station(1)) + \
        socket.inet_aton("192.0.2.1") + bytes(6) + \
        socket.inet_aton("192.0.2.3")
    sw.nl.request(vnb.RTM_NEWNEIGH, vnb.ndmsg(
        sw.nl.index("br0"), state=0x80, family=socket.AF_INET) +
        attr(NDA.DST, socket.inet_aton("192.0.2.3")) +
        attr(NDA.LLADDR, mac(station(3))), vnb.NLM_F_CREATE)
    option("p3", u8(BRPORT.NEIGH_SUPPRESS, 1))
    told(sw, BROADCAST, "neighbour a question that the bridge answers",
         "p3        does not get it: an option for neighbours",
         ethertype=0x806, payload=arp)


def why_of_spanning_tree():
    """The one of a VLAN, and what that of the kernel says to a BPDU."""
    sw = lab(vlan_filtering=1, mst_enabled=1)
    told(sw, station(2), "vlan      VLAN 1, spanning tree 0")
    told(sw, station(2), "vlan      VLAN 7: vlan_ingress", vlan=7)
    sw = lab()
    sw.nl.setlink("br0", vnb.info("vnetbr", vnb.bridge(
        u32(vnb.BR.STP_STATE, 1))))
    sw.ready()
    bpdu = {"ethertype": len(BPDU), "payload": BPDU}
    told(sw, STP, "bpdu      taken by spanning tree\n", **bpdu)
    sw.nl.setlink("p1", vnb.slave_info(u8(BRPORT.GUARD, 1)))
    told(sw, STP, "bpdu      refused by spanning tree: bpdu_guard",
         "It is dropped: bpdu_guard. A BPDU disables the port",
         "guard off", **bpdu)


def why_refused():
    sw = lab(hosts=1)
    good = ["why", "dev", "p1", "dst", BROADCAST, "src", station(1)]
    for words, says in (
            (["why"], "required"), (good[:5], "required"),
            (good[:3] + good[5:], "required"),
            (good + ["vlan"], "missing"), (good + ["vlan", "4095"], "4094"),
            (good + ["vlan", "-1"], "vlan"), (good + ["prio", "8"], "prio"),
            (good + ["prio", "1"], "need a VLAN"),
            (good + ["proto", "x"], "802.1ad"),
            (good + ["length", "13"], "length"),
            (good + ["to", "lo"], "same bridge"),
            (good + ["what", "ever"], "what is what"),
            (["why", "dev", "none"], "no device none"),
            (["why", "dev", "p1", "dst", "02:00"], "not a MAC"),
            (["why", "dev", "lo"] + good[3:], "neither a bridge"),
            (["who"], "usage"), ([], "usage"),
            (["show", "none"], "no bridge none"), (["show", "-x"], "-x"),
            (["show", "--graph", "x.png"], ".svg"), (["top", "x"], "x"),
            (["top", "--count", "0"], "--count"),
            (["-n", "none", "show"], "none")):
        out = run(sw.ns, *words, rc=1)
        check(f"{words} says {says!r}", says in out, out)
    check("help", run(sw.ns, "--help").startswith("usage:"))


## show

def show_as_json():
    sw = lab()
    tunnel(sw, attr(VXLAN.GROUP, lab_.ip_bytes("192.0.2.9")))
    sw.nl.newlink("d0", u32(IFLA.MASTER, sw.nl.index("br0")),
                  vnb.info("dummy"), up=True)
    sw.nl.newlink("a0", vnb.info("vnetbr", vnb.mode("pair"), vnb.peer(
        vnb.text(IFLA.IFNAME, "a1"))))
    sw.nl.newlink("lonely", vnb.info("dummy"))
    entry(sw, UNKNOWN, "p1")
    sw.nl.setlink("p2", vnb.slave_info(u8(BRPORT.ISOLATED, 1)))
    sw.hosts[0].send(frame(src="00:00:00:00:00:00"))
    sw.fence.wait()
    said = run_json(sw.ns, "show")
    check_eq("bridges", [br["name"] for br in said["bridges"]], ["br0"])
    br = said["bridges"][0]
    check_eq("drops", br["drops"], {"invalid_source": 1})
    ports = {port["name"]: port for port in br["ports"]}
    check_eq("ports", {name: port["mode"] for name, port in ports.items()},
             {"p1": "pair", "p2": "pair", "vx0": "vxlan", "d0": "dummy"})
    check_eq("isolated", {name for name, port in ports.items()
                          if port["isolated"]}, {"p2"})
    check_eq("vx0", ports["vx0"]["far"], "192.0.2.9 VNI 77")
    check("p1 leads elsewhere", "netns" in ports["p1"]["far"], ports["p1"])
    check_eq("others", {dev["name"]: dev["far"] for dev in said["others"]},
             {"a0": "a1", "a1": "a0"})
    # its own address, a host that it has learned, and the one of a user
    check_eq("entries of p1", ports["p1"]["fdb"], 3)
    check_eq("learned", (ports["p1"]["fdb_learned"], br["fdb_learned"]),
             (1, 2))
    check_eq("one only", "others" in run_json(sw.ns, "show", "br0"), False)
    # a port of a bridge of the kernel's own is none of ours
    check_eq("entries of all", br["fdb"], sum(
        port["fdb"] for name, port in ports.items() if name != "vx0") + 2)


def show_in_words():
    sw = lab()
    sw.hosts[0].send(frame(src="00:00:00:00:00:00"))
    sw.fence.wait()
    out = run(sw.ns, "show").splitlines()
    check("the bridge first", out[0].startswith("br0  up  "), out)
    check("2 ports", "2 ports" in out[0], out)
    check("drops", "dropped invalid_source: 1" in out[1], out)
    check_eq("ports", [line.split()[:3] for line in (out[2], out[4])],
             [["p1", "pair", "forwarding"], ["p2", "pair", "forwarding"]])
    check_eq("drops of p1", out[3], "      dropped by the bridge: 1")


def storms():
    """Which port sends too much is said of the port."""
    sw = lab(3)
    sw.nl.setlink("p1", vnb.slave_info(vnb.port_ext(u64(
        VNETBR_PORT.STORM_BCAST_BPS, 1))))
    sw.nl.setlink("p2", vnb.slave_info(vnb.port_ext(
        u64(VNETBR_PORT.STORM_UNKNOWN_BPS, 1),
        u64(VNETBR_PORT.STORM_MCAST_BPS, 1))))
    for number, dst, count in ((0, BROADCAST, 5), (1, UNKNOWN, 4),
                               (1, GROUP, 3)):
        for _ in range(count):
            sw.hosts[number].send(frame(dst, station(number + 1)))
    sw.hosts[0].send(frame(station(2), "00:00:00:00:00:00"))
    sw.fence.wait()
    ports = {port["name"]: (port["bridge_drops"], port["storm_drops"])
             for port in run_json(sw.ns, "show")["bridges"][0]["ports"]}
    check_eq("ports", ports, {
        "p1": (5, {"storm_bcast": 4}),
        "p2": (5, {"storm_unknown": 3, "storm_mcast": 2}), "p3": (0, {})})
    out = run(sw.ns, "show")
    for words in ("bridge: 5 (storm_bcast 4)\n",
                  "bridge: 5 (storm_unknown 3, storm_mcast 2)\n"):
        check(f"says {words!r}", words in out, out)


def show_vlans_and_spanning_tree():
    """VLANs if they mean something; who runs spanning tree, and its root."""
    sw = lab()
    said = run_json(sw.ns, "show")["bridges"][0]
    check_eq("neither", (said["vlan_filtering"], said["stp"],
                         "vlans" in said["ports"][0]), (False, "off", False))
    check("no VLAN in words", " vlan " not in run(sw.ns, "show"))
    sw.nl.setlink("br0", vnb.info("vnetbr", vnb.bridge(
        u8(vnb.BR.VLAN_FILTERING, 1), u32(vnb.BR.STP_STATE, 1))))
    sw.nl.setlink("p1", vnb.slave_info(u8(BRPORT.LOCKED, 1)))
    vlan_lab.vlan_request(sw.nl, "p2", vlan_lab.vlan_info(10, end=12))
    said = run_json(sw.ns, "show")["bridges"][0]
    check_eq("both", (said["vlan_filtering"], said["stp"],
                      "root_port" in said), (True, "kernel", False))
    ports = {port["name"]: port for port in said["ports"]}
    check_eq("locked", {name for name, port in ports.items()
                        if port["locked"]}, {"p1"})
    check_eq("VLANs", [(row["first"], row["last"], row["pvid"])
                       for row in ports["p2"]["vlans"]],
             [(1, 1, True), (10, 12, False)])
    out = run(sw.ns, "show")
    for words in "stp kernel, root", "vlan 1pu,10-12", "forwarding", "locked":
        check(f"says {words!r}", words in out, out)


def options():
    """What is not as by default, in the words of ip; nothing else."""
    sw = lab()
    br, = run_json(sw.ns, "show")["bridges"]
    check_eq("none", [dev["options"] for dev in (br, *br["ports"])],
             [{}, {}, {}])
    sw.nl.setlink("br0", vnb.info("vnetbr", vnb.bridge(
        u8(vnb.BR.VLAN_FILTERING, 1), be16(vnb.BR.VLAN_PROTOCOL, 0x88a8),
        u8(vnb.BR.VLAN_STATS_ENABLED, 1), u16(vnb.BR.GROUP_FWD_MASK, 1 << 14)),
        vnb.bridge_ext(u8(VNETBR_BR.NF_BRIDGE, 1),
                       u32(VNETBR_BR.FDB_MAX_VLAN_LEARNED, 7),
                       u32(VNETBR_BR.FDB_MAX_MOVES, 0))))
    vlan_lab.vlan_request(sw.nl, "p1", vlan_lab.vlan_info(30, end=33))
    on = {name: u8(kind, 1) for name, kind in (
        ("hairpin", BRPORT.MODE), ("guard", BRPORT.GUARD),
        ("root_block", BRPORT.PROTECT), ("proxy_arp", BRPORT.PROXYARP),
        ("proxy_arp_wifi", BRPORT.PROXYARP_WIFI),
        ("neigh_suppress", BRPORT.NEIGH_SUPPRESS),
        ("neigh_vlan_suppress", BRPORT.NEIGH_VLAN_SUPPRESS),
        ("neigh_forward_grat", BRPORT.NEIGH_FORWARD_GRAT),
        ("isolated", BRPORT.ISOLATED), ("locked", BRPORT.LOCKED),
        ("mab", BRPORT.MAB))}
    off = {name: u8(kind, 0) for name, kind in (
        ("learning", BRPORT.LEARNING), ("flood", BRPORT.UNICAST_FLOOD),
        ("mcast_flood", BRPORT.MCAST_FLOOD),
        ("bcast_flood", BRPORT.BCAST_FLOOD))}
    numbers = {name: (u64 if name.endswith("bps") else u32, value)
               for value, name in enumerate((
                   "community", "storm_unknown_pps", "storm_mcast_pps",
                   "storm_bcast_pps", "storm_unknown_bps", "storm_mcast_bps",
                   "storm_bcast_bps", "fdb_max_learned"), 5)}
    vids = struct.pack("=2I", 1 << 30 | 1 << 31, 1 << 1)
    # by PF_BRIDGE: "ip link" passes on less in old kernels
    sw.nl.request(vnb.RTM_SETLINK, vnb.ifinfomsg(
        sw.nl.index("p1"), family=vnb.AF_BRIDGE) + vnb.nest(
            IFLA.PROTINFO, *on.values(),
            u32(BRPORT.BACKUP_PORT, sw.nl.index("p2")), vnb.port_ext(*(
                make(getattr(VNETBR_PORT, name.upper()), value)
                for name, (make, value) in numbers.items()),
                attr(VNETBR_PORT.NEIGH_SUPPRESS_VLAN, vids))))
    sw.nl.setlink("p2", vnb.slave_info(
        *off.values(), u16(BRPORT.GROUP_FWD_MASK, 1 << 14)))
    sw.nl.setlink("p2", u8(IFLA.PROTO_DOWN, 1))
    br, = run_json(sw.ns, "show")["bridges"]
    ports = {port["name"]: port["options"] for port in br["ports"]}
    check_eq("br0", br["options"], {
        "vlan_filtering": True, "vlan_stats_enabled": True,
        "group_fwd_mask": 1 << 14, "vlan_protocol": "802.1ad",
        "fdb_vlan_max_learned": 7, "fdb_max_moves": 0, "nf_bridge": "block"})
    check_eq("p1", ports["p1"], {
        **dict.fromkeys(on, True), "backup_port": "p2",
        **{name: value for name, (_, value) in numbers.items()},
        "neigh_suppress_vlan": "30-31,33"})
    check_eq("p2", ports["p2"], {**dict.fromkeys(off, False),
                                 "group_fwd_mask": 1 << 14,
                                 "protodown": True})
    out = run(sw.ns, "show")
    for words in ("  vlan_filtering  ", "  vlan_protocol 802.1ad", "  nf_bridge "
                  "block", "  mab  ", "  backup_port p2", "  community 5",
                  "  storm_bcast_bps 11", "  neigh_suppress_vlan 30-31,33",
                  "  learning off", "  group_fwd_mask 0x4000", "  protodown"):
        check(f"says {words!r}", words in out, out)
    sw.nl.setlink("br0", vnb.info("vnetbr", vnb.bridge_ext(
        u8(VNETBR_BR.NF_BRIDGE, 0))))
    check("no longer", "nf_bridge" not in run(sw.ns, "show"))


def options_of_spanning_trees():
    """Not in a bridge that has ports in VLANs."""
    sw = lab(hosts=1)
    sw.nl.newlink("br1", vnb.info("vnetbr", vnb.bridge(
        u8(vnb.BR.VLAN_FILTERING, 1), u16(vnb.BR.VLAN_DEFAULT_PVID, 0)),
        vnb.bridge_ext(u8(VNETBR_BR.MST_ENABLED, 1))))
    check_eq("br1", run_json(sw.ns, "show", "br1")["bridges"][0]["options"], {
        "vlan_filtering": True, "vlan_default_pvid": 0, "mst_enabled": True})


def pictures():
    sw = lab()
    tunnel(sw)
    with tempfile.TemporaryDirectory() as tmp:
        svg, dot = os.path.join(tmp, "x.svg"), os.path.join(tmp, "x.dot")
        run(sw.ns, "show", "--graph", svg)
        texts = [node.firstChild.data for node in
                 xml.dom.minidom.parse(svg).getElementsByTagName("text")]
        for name in "br0", "p1", "p2", "vx0", "VNI 77":
            check_eq(f"{name} in {texts}", texts.count(name), 1)
        run(sw.ns, "show", "--graph", dot)
        with open(dot) as found:
            text = found.read()
        for name in "p1", "p2", "vx0":
            check(f"{name} in {text}", f"if{sw.nl.index('br0')} -- "
                  f"if{sw.nl.index(name)};" in text)
        run(sw.ns, "show", "--graph", os.path.join(tmp, "no", "x.svg"), rc=1)
        sw.nl.newlink("br1", vnb.info("vnetbr"))
        run(sw.ns, "show", "br1", "--graph", dot)
        with open(dot) as found:
            text = found.read()
        check("one only", "br1" in text and "br0" not in text, text)


## top

def top():
    """It has all frames that were sent between two looks."""
    sw = lab(3)
    sw.nl.setlink("p3", vnb.slave_info(vnb.port_ext(u64(
        VNETBR_PORT.STORM_BCAST_BPS, 1))))
    sw.hosts[2].send(frame(src=station(3)))
    reasons = {"p1": "by bridge", "p3": "storm_bcast"}
    with vnb.netns(sw.ns):
        child = subprocess.Popen(["vnetbr", "-j", "top"], text=True,
                                 stdout=subprocess.PIPE)
    # the first look is before the first line, the second one is after these
    child.stdout.readline()
    for _ in range(50):
        sw.hosts[0].send(frame(station(2), station(1)))
        sw.hosts[0].send(frame(station(2), "00:00:00:00:00:00"))
        sw.hosts[2].send(frame(src=station(3)))
    sw.fence.wait()
    found = {}
    for _ in range(2):
        said = json.loads(child.stdout.readline())
        for dev in said["devices"]:
            for name in "rx_packets", "tx_packets", "drops":
                found[dev["name"], name] = found.get(
                    (dev["name"], name), 0) + dev[name] * said["seconds"]
            if dev["name"] in reasons and dev["drops"]:
                check_eq("reason", dev["reason"], reasons[dev["name"]])
    child.terminate()
    child.wait()
    for key, count in ((("p1", "rx_packets"), 100),
                       (("p2", "tx_packets"), 50), (("br0", "drops"), 100),
                       (("p1", "drops"), 50), (("p3", "drops"), 50),
                       (("p2", "drops"), 0)):
        check(f"{key}: {found[key]}", abs(found[key] - count) < 2)
    out = run(sw.ns, "top", "--count", "1")
    check("as text", out.startswith("DEVICE "), out)


## completion

def completion():
    """Words come after words."""
    script = os.path.join(HERE, "../tools/vnetbr/completion")
    for line, wanted in (("vnetbr w", ["why"]), ("vnetbr why de", ["dev"]),
                         ("vnetbr -j why dev l", ["lo"]),
                         ("vnetbr show --g", ["--graph"]),
                         ("vnetbr why proto 802.1a", ["802.1ad"])):
        out = subprocess.run(["bash", "-c", f"""
            . {script}
            COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
            _vnetbr; printf '%s\\n' "${{COMPREPLY[@]}}" """], text=True,
            stdout=subprocess.PIPE, check=True).stdout.split()
        check_eq(line, out, wanted)

    # whoever named a device says nothing to the shell
    with tempfile.TemporaryDirectory() as tmp:
        for name in "$(exit)", "a*", "b":
            os.mkdir(os.path.join(tmp, name))
        out = subprocess.run(["bash", "-c", f"""
            . {script}; cur= COMPREPLY=(); _vnetbr_names {tmp}
            printf '%s\n' "${{COMPREPLY[@]}}" """], text=True,
            stdout=subprocess.PIPE, check=True).stdout.split()
        check_eq("names", sorted(out), ["\\$\\(exit\\)", "a\\*", "b"])


def main():
    if not shutil.which("vnetbr"):
        lab_.skip_all("vnetbr is not installed")
    lab_.run_tests([why_as_json, why_in_words, why_of_options,
                    why_of_spanning_tree, why_refused, show_as_json,
                    show_in_words, storms, show_vlans_and_spanning_tree,
                    options, options_of_spanning_trees, pictures, top,
                    completion])


if __name__ == "__main__":
    main()
