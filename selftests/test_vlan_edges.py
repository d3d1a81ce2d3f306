#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
"""VLANs at their edges: large segments, MTU, hosts with addresses, observers.

What is counted or taken from devices has to be what the kernel's own bridge
does with the same frames; with KIND=in-tree there is nothing to compare with,
and only what is known is checked. See py/vlan_net.py for the hosts.
"""
import hashlib
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import frames  # noqa: E402
import path  # noqa: E402
import vlan_lab as vlan  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from vlan_lab import BROADCAST, S_TAG, c_tag, s_tag  # noqa: E402
from vlan_net import OURS, Net, mac, on_each  # noqa: E402
from vxlan_lab import check, check_eq  # noqa: E402

VNET_HDR = 10
STREAM = 1 << 20


## streams

def transfer(sender, receiver, data):
    """Send @data from one socket to the other; the sum of what arrived."""
    thread = threading.Thread(target=sender.sendall, args=(data,), daemon=True)
    thread.start()
    left, total = len(data), hashlib.sha256()
    while left:
        chunk = receiver.recv(1 << 16)
        check("the stream goes on", chunk)
        left -= len(chunk)
        total.update(chunk)
    thread.join()
    return total.hexdigest()


def stream(from_ns, to_ns, address, size=STREAM):
    """A TCP connection each way carries what was sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with vnb.netns(to_ns):
        server = socket.create_server((address, 0), family=family)
    with vnb.netns(from_ns):
        client = socket.socket(family, socket.SOCK_STREAM)
    with server, client:
        for sock in server, client:
            sock.settimeout(frames.TIMEOUT)
        client.connect(server.getsockname())
        with server.accept()[0] as other:
            other.settimeout(frames.TIMEOUT)
            data = os.urandom(size)
            want = hashlib.sha256(data).hexdigest()
            check_eq("sent", transfer(client, other, data), want)
            check_eq("sent back", transfer(other, client, data), want)


def datagrams(from_ns, to_ns, address, sizes=(1, 1472, 1473, 9000, 60000)):
    """UDP of sizes that are whole, fragmented, and back."""
    with vnb.netns(to_ns):
        there = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        there.bind((address, 0))
    with vnb.netns(from_ns):
        here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        here.connect(there.getsockname())
    with here, there:
        for sock in here, there:
            sock.settimeout(frames.TIMEOUT)
        for size in sizes:
            data = os.urandom(size)
            here.send(data)
            got, source = there.recvfrom(1 << 16)
            check_eq(f"datagram of {size}", got, data)
            there.sendto(got, source)
            check_eq(f"its answer of {size}", here.recv(1 << 16), data)


def hosts_with_addresses(net):
    """h0, h1 and br0 in VLAN 10; h1, h2 and br0 in VLAN 20."""
    net.address(0, "eth0", "198.51.100.1")
    net.address(1, net.device(1, 10), "198.51.100.2")
    net.address(None, net.device(None, 10), "198.51.100.3")
    net.address(1, net.device(1, 20), "203.0.113.2")
    net.address(2, "eth0", "203.0.113.1")
    net.address(None, "br0", "203.0.113.3")


# which hosts (None: of br0) have which addresses
ROUTES = ((0, 1, "198.51.100.2"), (1, 0, "198.51.100.1"),
          (0, None, "198.51.100.3"), (None, 1, "198.51.100.2"),
          (2, 1, "203.0.113.2"), (1, 2, "203.0.113.1"),
          (2, None, "203.0.113.3"), (None, 1, "203.0.113.2"))

FEATURES = ({}, {"tso": False, "gso": False}, {"tx": False},
            {"txvlan": False, "rxvlan": False},
            {"sg": False, "tx": False, "txvlan": False})


def traffic_between_hosts(watched=False):
    """TCP and UDP, whatever the ports can do."""
    net = Net(OURS, watched)
    hosts_with_addresses(net)

    def ns(number):
        return net.sw if number is None else net.ns[number]

    for features in FEATURES:
        net.offload(**features)
        for one, other, address in ROUTES:
            stream(ns(one), ns(other), address,
                   STREAM if not features else STREAM // 8)
            datagrams(ns(one), ns(other), address)
            for tap in net.watchers.values():
                tap.frames()
        net.offload(**{name: True for name in features})
    net.close()


def traffic_between_watched_hosts():
    traffic_between_hosts(watched=True)


def pings():
    """Between the hosts, over VLAN devices, and not between VLANs."""
    if not shutil.which("ping"):
        return "no ping"
    net = Net(OURS)
    hosts_with_addresses(net)
    for one, _, address in ROUTES:
        with vnb.netns(net.sw if one is None else net.ns[one]):
            subprocess.run(["ping", "-n", "-q", "-c", "1", "-w", "20", address],
                           check=True, stdout=subprocess.DEVNULL)
    net.seen()
    net.send(0, vlan.build(BROADCAST, mac(0), (), 1))
    check_eq("another VLAN", net.seen()["h2"], [])
    net.close()
    return None


## segments and sizes

def gso_frame(dst, src, tags, size, mss):
    """path.tcp_frame() with tags, in the frame itself."""
    frame = path.tcp_frame(dst, src, size, mss)
    head = list(struct.unpack_from("=BBHHHH", frame))
    room = b"".join(struct.pack("!HH", *tag) for tag in tags)
    head[2] += len(room)
    head[4] += len(room)
    return struct.pack("=BBHHHH", *head) + frame[VNET_HDR:VNET_HDR + 12] + \
        room + frame[VNET_HDR + 12:]


SENDERS = ((0, "eth0", ()), (0, "eth0", (c_tag(0),)),
           (1, "eth0", (c_tag(10),)), (1, "eth0.c10", ()),
           (1, "eth0", (c_tag(10), c_tag(30))))


def segments(net):
    """What becomes of a large segment, for each way in and out."""
    found = {}
    net.device(1, 10)
    net.ready()
    ends = {}
    for number, dev, _ in SENDERS:
        with vnb.netns(net.ns[number]):
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            sock.bind((dev, 0))
        sock.setsockopt(path.SOL_PACKET, path.PACKET_VNET_HDR, 1)
        ends[number, dev] = sock
    for features in FEATURES:
        net.offload(**features)
        for number, dev, tags in SENDERS:
            for dst in BROADCAST, mac(1 - number), vlan.BRIDGE_MAC:
                net.seen()
                ends[number, dev].send(gso_frame(dst, mac(number), tags, 4000,
                                                 1000))
                for name, got in net.seen().items():
                    found[f"{number} {dev} {words(tags)} {features} {dst} "
                          f"at {name}"] = [
                              (len(frame), vlan.tags_of(frame), frame.hex())
                              for frame in got]
        net.offload(**{name: True for name in features})
    for sock in ends.values():
        sock.close()
    return found


def words(tags):
    return vlan.tags_of(vlan.build(BROADCAST, BROADCAST, tags, 0))


def large_segments():
    found = on_each(segments)
    check("something arrived", any(found.values()))
    whole = found[f"0 eth0 - {{}} {mac(1)} at h1"]
    check_eq("it is whole and has a tag",
             [(length, tags) for length, tags, _ in whole],
             [(54 + 4000 + 4, "c10")])


LENGTHS = [1514, 1515, 1517, 1518, 1519, 1520, 1522, 1523, 1526, 1527]


def sizes(net):
    """Frames of lengths around the MTU, from tagged and untagged ports."""
    found = {}
    serial = 0
    for number in 0, 1, 2:
        for tags in (), (c_tag(10),), (c_tag(10), c_tag(30)), \
                (s_tag(10),), (c_tag(20), c_tag(30)):
            for length in LENGTHS:
                for dst in BROADCAST, mac(1):
                    serial += 1
                    net.send(number, vlan.build(dst, mac(number), tags, serial,
                                                length - 4 * len(tags)))
                    for name, got in net.seen().items():
                        found[f"{number} {tags} {length} {dst} at {name}"] = [
                            (len(frame), vlan.tags_of(frame)) for frame in got]
    return found


def frames_around_the_mtu():
    """The senders may send more than the ports may carry."""
    found = on_each(sizes, mtu=1600)
    for tags, length, arrives in (((), 1514, True), ((), 1523, False),
                                  ((c_tag(10),), 1518, True)):
        number = 1 if tags else 0
        got = found[f"{number} {tags} {length} {BROADCAST} at h{1 - number}"]
        check_eq(f"{length} bytes, tags {tags}", bool(got), arrives)


def protocol_802_1ad(net):
    """The outer tag is what counts, what is inside is carried."""
    found = {}
    serial = 0
    for number in 0, 1, 2:
        for tags in (), (c_tag(10),), (s_tag(10),), (s_tag(10), c_tag(7)), \
                (c_tag(7), s_tag(10)):
            serial += 1
            net.send(number, vlan.build(BROADCAST, mac(number), tags, serial))
            for name, got in net.seen().items():
                found[f"{number} {tags} at {name}"] = got
    return found


def provider_bridge():
    found = on_each(protocol_802_1ad, proto=S_TAG)
    check_eq("a customer's tag", [vlan.tags_of(frame) for frame in
                                  found[f"0 {(c_tag(10),)} at h1"]],
             ["s10 c10"])


## observers

def observed(net):
    """The same frames, and what packet sockets on the ports and br0 get."""
    found = {}
    serial = 0
    for number in 0, 1, 2:
        for tags in (), (c_tag(10),), (c_tag(20 | 5 << 13),), (c_tag(30),), \
                (c_tag(10), c_tag(20)), (s_tag(10),):
            for dst in BROADCAST, mac(1), vlan.BRIDGE_MAC:
                serial += 1
                net.send(number, vlan.build(dst, mac(number), tags, serial))
                net.fence.wait()
                for name, tap in net.watchers.items():
                    found[f"{number} {tags} {dst} at {name}"] = take(tap.sock)
                net.seen()
    return found


def take(sock):
    """All that a packet socket got: (pkttype, frame), in both directions."""
    taken = []
    while True:
        try:
            data, extra, _, sll = sock.recvmsg(1 << 16, 128)
        except BlockingIOError:
            return taken
        taken.append((sll[2], frames.with_extra(data, extra).hex()))


def packet_sockets_see_the_same():
    found = {}
    for ours in [False] + [True] * OURS:
        net = Net(ours, True)
        found[ours] = observed(net)
        net.close()
        lab_.cleanup()
    check("something was seen", any(found[False].values()))
    for ours, result in found.items():
        for key, got in result.items():
            check_eq(key, got, found[False][key])


def tc(ns, *words):
    with vnb.netns(ns):
        return subprocess.run(["tc", *words], text=True, check=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE).stdout


HOOKS = ("vlan_id 10", "vlan_id 20", "vlan_id 30", "vlan_prio 5")


def tc_counts(net):
    """How often classifiers of tags match on ports and br0."""
    devs = [*net.ports(), "br0"]
    for dev in devs:
        tc(net.sw, "qdisc", "add", "dev", dev, "clsact")
        for way in "ingress", "egress":
            for pref, words in enumerate(HOOKS, 1):
                tc(net.sw, "filter", "add", "dev", dev, way, "pref", str(pref),
                   "protocol", "802.1q", "flower", *words.split(), "action",
                   "continue")
            tc(net.sw, "filter", "add", "dev", dev, way, "pref", "9",
               "protocol", "all", "matchall", "action", "continue")
    send_all(net)
    found = {}
    for dev in devs:
        for way in "ingress", "egress":
            out = tc(net.sw, "-s", "filter", "show", "dev", dev, way)
            found[f"{dev} {way}"] = [line.split("(")[0].strip()
                                     for line in out.splitlines()
                                     if "Sent" in line]
    return found


def send_all(net):
    serial = 0
    for number in 0, 1, 2:
        for tags in (), (c_tag(10),), (c_tag(20 | 5 << 13),), (c_tag(30),):
            for dst in BROADCAST, mac(1), vlan.BRIDGE_MAC:
                serial += 1
                net.send(number, vlan.build(dst, mac(number), tags, serial))
    with vnb.netns(net.sw):
        host = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        host.bind(("br0", 0))
    with host:
        for tags in (), (c_tag(10),):
            host.send(vlan.build(BROADCAST, vlan.BRIDGE_MAC, tags, 99))
    net.seen()


def tc_sees_the_same():
    try:
        found = on_each(tc_counts)
    except subprocess.CalledProcessError as err:
        return f"no classifiers: {err.stderr.strip()}"
    check("something matched", any("Sent 0 " not in line for lines in
                                   found.values() for line in lines))
    return None


RULES = """
table netdev t {
    chain %(dev)s_%(hook)s {
        type filter hook %(hook)s device %(dev)s priority 0;
        vlan id 10 counter
        vlan id 20 counter
        vlan id 20 vlan pcp 5 counter
        vlan id 30 counter
        counter
    }
}
"""


def nft_counts(net):
    """The same for netfilter."""
    devs = [*net.ports(), "br0"]
    rules = "".join(RULES % {"dev": dev, "hook": hook} for dev in devs
                    for hook in ("ingress", "egress"))
    with vnb.netns(net.sw):
        done = subprocess.run(["nft", "-f", "-"], input=rules, text=True,
                              stderr=subprocess.PIPE, check=False)
        if done.returncode:
            raise OSError(done.stderr.partition("\n")[0])
    send_all(net)
    with vnb.netns(net.sw):
        out = subprocess.run(["nft", "list", "ruleset"], text=True, check=True,
                             stdout=subprocess.PIPE).stdout
    return {"rules": [line.strip() for line in out.splitlines()]}


def nft_sees_the_same():
    if not shutil.which("nft"):
        return "no nft"
    try:
        found = on_each(nft_counts)
    except OSError as err:
        return f"no hooks: {err}"
    check("something matched", any(
        "vlan id 10 counter packets" in line and "packets 0 " not in line
        for line in found["rules"]))
    return None


def main():
    vlan.need_vlans(*([False, True] if OURS else [False]))
    tests = [large_segments, frames_around_the_mtu, provider_bridge,
             packet_sockets_see_the_same, tc_sees_the_same, nft_sees_the_same,
             traffic_between_hosts, traffic_between_watched_hosts, pings]
    lab_.run_tests(tests)


if __name__ == "__main__":
    main()
