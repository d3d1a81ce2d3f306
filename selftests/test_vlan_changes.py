#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
"""VLANs that change while frames are on their way; see py/vlan_net.py.

No frame may ever get where it must not, and what is there in the end has to
work. With KIND=in-tree, the kernel's own bridge.
"""
import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import frames  # noqa: E402
import vlan_lab as vlan  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from vlan_lab import BROADCAST, PVID, UNTAGGED, c_tag  # noqa: E402
from vlan_net import MODES, OURS, Net, mac  # noqa: E402
from vnb import IFLA  # noqa: E402
from vxlan_lab import check, check_eq  # noqa: E402


BRIDGE = 3      # the number of br0 among the hosts


class Traffic(threading.Thread):
    """Frames from hosts, and from br0 if @bridge, tagged and not, until stop().

    Its sockets keep the namespaces that they are in.
    """

    def __init__(self, net, hosts=(0, 1, 2), bridge=True):
        super().__init__(daemon=True)
        self.socks = {}
        for number in hosts:
            self.open(number, net.ns[number], "eth0")
        if bridge:
            self.open(BRIDGE, net.sw, "br0")
        self.going, self.sent = True, 0

    def open(self, number, ns, dev):
        with vnb.netns(ns):
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            sock.bind((dev, 0))
        self.socks[number] = sock

    def run(self):
        what = [(sock, vlan.build(dst, mac(number), tags, number))
                for number, sock in self.socks.items()
                for tags in ((), (c_tag(10),), (c_tag(20),), (c_tag(30),))
                for dst in (BROADCAST, mac(1), mac(2), vlan.BRIDGE_MAC)]
        while self.going:
            for sock, frame in what:
                try:
                    sock.send(frame)
                except OSError:
                    pass    # its device has gone, or is down
                self.sent += 1
            time.sleep(0.0005)

    def stop(self):
        self.going = False
        self.join()
        for sock in self.socks.values():
            sock.close()


ROUNDS = 60


def under_traffic(change, watched):
    """@change(net, round) while frames come from everywhere; then the bridge
    does what its tables say."""
    net = Net(OURS, watched)
    traffic = Traffic(net)
    traffic.start()
    try:
        for turn in range(ROUNDS):
            before = traffic.sent
            change(net, turn)
            lab_.wait_for("frames go on", lambda: traffic.sent > before)
            for name, got in net.seen().items():
                for frame in got:
                    judge(name, frame)
            for tap in net.watchers.values():
                tap.frames()
    finally:
        traffic.stop()
    net.seen()
    return net


def judge(name, frame):
    """What h0 sends is never for h2, and has a tag where it reaches h1."""
    if frame[6:12] != vnb.mac(mac(0)):
        return
    check("h2 gets nothing of h0", name != "h2", frame.hex())
    if name == "h1":
        check_eq("h1 gets tagged frames", frame[12:14], b"\x81\0")


def check_works(net):
    """The picture is as it was made: so do frames go."""
    net.send(0, vlan.build(BROADCAST, mac(0), (), 5))
    got = net.seen()
    check_eq("from h0 to h1", [vlan.tags_of(frame) for frame in got["h1"]],
             ["c10"])
    check_eq("from h0 to h2", got["h2"], [])
    net.send(1, vlan.build(BROADCAST, mac(1), (c_tag(20),), 6))
    got = net.seen()
    check_eq("from h1 to h2", [vlan.tags_of(frame) for frame in got["h2"]],
             ["-"])
    check_eq("from h1 to h0", got["h0"], [])


def pvid_changes(net, turn):
    """h0's PVID goes from 10 to 11, where nobody is, and back."""
    vlan.vlan_request(net.nl, "p0", vlan.vlan_info(
        (11, 10)[turn % 2], PVID | UNTAGGED))


def vlan_goes(net, turn):
    kind = (vnb.RTM_DELLINK, vnb.RTM_SETLINK)[turn % 2]
    vlan.vlan_request(net.nl, "p1", vlan.vlan_info(10), vlan.vlan_info(
        100, end=300), kind=kind)
    vlan.vlan_request(net.nl, "br0", vlan.vlan_info(10), kind=kind, own=True)


def filter_goes(net, turn):
    """The bridge itself: statistics on and off; who filters, goes on so."""
    net.nl.setlink("br0", vlan.bridge_info(net.ours, vnb.u8(
        vnb.BR.VLAN_STATS_ENABLED, (turn + 1) % 2)))
    vlan.vlan_request(net.nl, "p1", vlan.vlan_info(20, UNTAGGED if
                                                   turn % 2 == 0 else 0))
    vlan.vlan_request(net.nl, "br0", vlan.vlan_info(
        20, UNTAGGED | (PVID if turn % 2 else 0)), own=True)


def port_goes(net, turn):
    if turn % 2 == 0:
        net.nl.setlink("p1", vnb.u32(IFLA.MASTER, 0))
        net.nl.setlink("p2", vnb.u32(IFLA.MASTER, 0))
    else:
        net.join("p1", MODES[1])
        net.join("p2", MODES[2])


def changes_under_traffic(change, watched):
    net = under_traffic(change, watched)
    lab_.wait_for("ports forward", lambda: all(
        port.port_state() == frames.BR_STATE_FORWARDING
        for port in net.nl.ports() if port.name in net.ports()))
    net.seen()
    check_works(net)
    net.close()


def delete(name):
    """A namespace, as far as no socket keeps it."""
    path = f"/run/netns/{name}"
    vnb.libc.umount2(path.encode(), lab_.MNT_DETACH)
    os.unlink(path)
    lab_.made.remove(path)


def busy_net():
    """Many VLANs, and VLAN devices."""
    net = Net(OURS)
    vlan.vlan_request(net.nl, "p1", vlan.vlan_info(100, end=4000))
    net.device(None, 10)
    net.device(1, 10)
    return net


def names(nl):
    return {link.name for link in nl.links()}


def a_host_goes_under_traffic():
    """With its namespace, the far end of a pair in many VLANs."""
    net = busy_net()
    traffic = Traffic(net, hosts=(0, 2))
    traffic.start()
    try:
        lab_.wait_for("frames go", lambda: traffic.sent > 100)
        net.taps.pop("h1").close()
        net.far[1].sock.close()
        delete(net.ns[1])
        lab_.wait_for("p1 goes", lambda: "p1" not in names(net.nl))
        sent = traffic.sent
        lab_.wait_for("frames go on", lambda: traffic.sent > sent + 100)
    finally:
        traffic.stop()
    net.seen()
    net.send(2, vlan.build(BROADCAST, mac(2), (), 5))
    check_eq("from h2 to h0", net.seen()["h0"], [])
    net.close()


def the_bridge_goes_under_traffic():
    """With its namespace, all ports and all VLANs."""
    net = busy_net()
    traffic = Traffic(net, bridge=False)
    traffic.start()
    try:
        lab_.wait_for("frames go", lambda: traffic.sent > 100)
        net.nl.sock.close()
        delete(net.sw)
        lab_.wait_for("the ends of its pairs go", lambda: not any(
            "eth0" in names(nl) for nl in net.far))
    finally:
        traffic.stop()
    net.close()


def main():
    vlan.need_vlans(OURS)
    tests = []
    for change in pvid_changes, vlan_goes, filter_goes, port_goes:
        for watched in False, True:
            test = lab_.named(changes_under_traffic, change, watched)
            test.__name__ = change.__name__ + "_under_traffic" + \
                "_that_is_watched" * watched
            tests.append(test)
    tests += [a_host_goes_under_traffic, the_bridge_goes_under_traffic]
    lab_.run_tests(tests)


if __name__ == "__main__":
    main()
