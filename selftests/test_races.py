#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# kernel: debug
# timeout: 600
"""Everything changes while frames are on their way, on all CPUs.

The world of py/chaos_world.py. Two processes send from four hosts without a
pause: what floods, what is learned anew, what moves, what is known; half of the
time a packet socket is on each device, so that all frames take the slow way.
Meanwhile the devices of "sw" are changed in all ways, RACES_TIMES (default 16)
times each. What counts is that the kernel does not complain, which is for
selftests/run to see; and, after each test, that frames go everywhere, that the
counters agree with the tables, and, at the end, that every device can be
deleted. test_chaos.py has other traffic, and accounts for each frame.
"""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "py"))

import chaos_traffic  # noqa: E402
import disturb_devices as devices  # noqa: E402
import disturb_options as options  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from chaos_world import Taps, World  # noqa: E402
from vxlan_lab import check_eq  # noqa: E402

TIMES = int(os.environ.get("RACES_TIMES") or 16)
SEED = 1


def repeat(world, disturb, times):
    """Disturb on the fast way, then on the slow one."""
    for i in range(times // 2):
        disturb(world, i)
    for i in range(times // 2, times):
        taps = [dev for dev in ("p1", "p2", "vx0", "f1", "br0")
                if world.has(dev)]
        with Taps(world.ns["sw"], *taps):
            disturb(world, i)


def a_port_leaves_at_every_instant(world, traffic):
    """Also between what the core reads and what is read after it: this needs
    many frames, and many tries."""
    traffic.stop()
    sender = chaos_traffic.storm(world, "group", 0, SEED, "h4:4")
    sender.ask("go", "going")
    for _ in range(20 * TIMES):
        world.release("f1")
        world.enslave("f1")
    sender.ask("stop", "sent")
    sender.end()
    traffic.go()


def tool(ns, *words):
    subprocess.run(["ip", "netns", "exec", ns, *words], check=True)


def filters_come_and_go(world, traffic):
    """Packet sockets, tc and netfilter, which make frames take the slow way.

    Their kind is there on another device all the time, so that the kernel does
    not change its code (static keys) while frames run through it: QEMU without
    KVM loses its way then.
    """
    def sockets(world, _):
        for devs in (("p1",), ("br0", "vx0"), ("p1", "p2", "vx0", "br0")):
            with Taps(world.ns["sw"], *devs):
                pass
        with Taps(world.ns["h1"], "eth0"):
            pass

    def filters(add, dev):
        if shutil.which("tc"):
            tool(ns, "tc", "qdisc", add, "dev", dev, "clsact")
            if add == "add":
                tool(ns, "tc", "filter", "add", "dev", dev, "ingress",
                     "matchall", "action", "ok")
        if shutil.which("nft"):
            tool(ns, "nft", f"add table netdev {dev}; add chain netdev {dev} c "
                 f"{{ type filter hook ingress device {dev} priority 0; }}"
                 if add == "add" else f"delete table netdev {dev}")

    ns = world.ns["sw"]
    repeat(world, sockets, TIMES)
    traffic.stop()
    filters("add", "lo")
    traffic.go()
    for dev in "p1", "vx0":
        filters("add", dev)
        filters("del", dev)
        if shutil.which("tc"):
            tool(ns, "tc", "qdisc", "replace", "dev", dev, "root", "pfifo",
                 "limit", "3")
            tool(ns, "tc", "qdisc", "del", "dev", dev, "root")
    traffic.stop()
    filters("del", "lo")
    traffic.go()


def mtus_change(world, _):
    repeat(world, devices.mtu, TIMES)
    for up in False, True:      # what a user has set stays
        world.nl["h1"].setlink("eth0", up=up)


# By name: a disturbance (py/disturb_*.py), and how often.
REPEATED = {
    "ports_leave_and_come_back": (devices.enslave_and_release, TIMES),
    "pairs_are_made_anew": (devices.pair_anew, TIMES),
    "the_bridge_is_made_anew": (devices.bridge_anew, TIMES),
    "the_tunnel_is_made_anew": (devices.tunnel_anew, TIMES),
    "devices_go_down_and_up": (devices.down_and_up, TIMES),
    "devices_move_between_namespaces": (devices.move, TIMES),
    "options_of_the_tunnel_change": (options.options_of_tunnel, TIMES // 4),
    "options_of_bridge_and_ports_change":
        (options.options_of_bridge_and_ports, TIMES),
    "entries_come_and_go": (options.entries, TIMES),
    "namespaces_die": (devices.namespaces_die, TIMES // 4),
    "the_underlay_is_deleted": (devices.underlay_deleted, TIMES),
}


def repeated(name):
    """The test of that name in REPEATED."""
    def test(world, _):
        repeat(world, *REPEATED[name])
    test.__name__ = name
    return test


TESTS = [*map(repeated, REPEATED), a_port_leaves_at_every_instant,
         filters_come_and_go, mtus_change]


def in_the_world(world, traffic, test):
    def run():
        traffic.stop()      # a test before this one may have failed
        world.make()
        traffic.go()
        test(world, traffic)
        traffic.stop()
        world.sane(traffic.hello)
    run.__name__ = test.__name__
    return run


def main():
    lab_.need_tunnels()
    world = World()
    traffic = chaos_traffic.Traffic(world, "mixed", SEED)

    def every_device_can_be_deleted():
        """Which waits for the last reference to it."""
        traffic.go()
        world.unmake()
        traffic.end()
        check_eq("devices left", world.left(), [])

    lab_.run_tests([in_the_world(world, traffic, test) for test in TESTS] +
                   [every_device_can_be_deleted])


if __name__ == "__main__":
    main()
