#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 180
"""Namespaces and groups of the underlay; see py/vxlan_lab.py for a picture.

A tunnel keeps its underlay when it moves, and dies with it. It is a member of
its group while it is up.
"""
import os
import socket
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
import vxlan_packet as packet  # noqa: E402
from vxlan_lab import (IN_TREE, MAC_FAR, MAC_VX, Lab, check,  # noqa: E402
                       check_eq)

GROUP = {4: "233.252.0.1", 6: "ff0e::db8:1"}
OTHER = {4: "233.252.0.2", 6: "ff0e::db8:2"}
UNKNOWN = "02:00:00:00:0f:99"
CLONE_NEWUSER = 0x10000000


def move(lab, name="vx0"):
    """The tunnel into a namespace of its own; the lab follows."""
    ns = lab_.namespace("c")
    lab.taps.pop(name).close()
    fd = vnb.netns_fd(ns)
    lab.nl.setlink(name, vnb.u32(vnb.IFLA.NET_NS_FD, fd))
    os.close(fd)
    with vnb.netns(ns):
        lab_.sysctl(f"ipv6/conf/{name}/disable_ipv6", 1)
    there = vnb.Rtnl(ns)
    there.setlink(name, up=True)
    lab.taps[name] = lab_.frames.Tap(ns, name)
    return ns, there


def check_flow(lab, name="vx0", **fields):
    """Frames pass in both directions."""
    inner = packet.inner_ipv4(UNKNOWN, MAC_VX)
    pkt = lab.one(inner, name)
    check_eq("inner frame", pkt.inner, inner)
    back = packet.inner_ipv4(MAC_VX, MAC_FAR)
    check_eq("frames received",
             lab.received(lab.packet(back, **fields), name=name), [back])


def forget(path_part):
    """Delete a namespace that lab_.namespace() has made."""
    path = f"/run/netns/{path_part}"
    lab_.made.remove(path)
    vnb.libc.umount2(path.encode(), lab_.MNT_DETACH)
    os.unlink(path)


def has_link(nl, name="vx0"):
    try:
        nl.link(name)
    except vnb.NlError:
        return False
    return True


def a_moved_tunnel_keeps_its_underlay(family):
    lab = Lab(family)
    lab.create()
    check_flow(lab)
    _, there = move(lab)
    check("it is gone here", not has_link(lab.nl))
    check_flow(lab)
    lab.taps.pop("vx0").close()
    there.dellink("vx0")
    # its place is free
    lab.create()
    check_flow(lab)


def a_moved_tunnel_is_still_changed(family):
    if IN_TREE:
        return "the kernel's own driver changes less"
    lab = Lab(family)
    lab.create()
    _, there = move(lab)
    inner, ext = lab_.options({"id": 7, "ttl": 9, "dstport": 4790})
    there.setlink("vx0", lab_.linkinfo(inner, ext))
    pkt = lab.one(packet.inner_ipv4(UNKNOWN, MAC_VX))
    check_eq("packet", (pkt.vni, pkt.ttl, pkt.dport), (7, 9, 4790))
    check_flow(lab, vni=7, dport=4790)
    return None


def it_dies_with_its_underlay():
    """Wherever it has moved to."""
    lab = Lab(4)
    lab.create()
    _, there = move(lab)
    lab.nl.sock.close()
    lab.tester.close()
    lab.taps.pop("vx0").close()
    forget(lab.a)
    lab_.wait_for("it is gone", lambda: not has_link(there))


def it_dies_with_its_namespace():
    """And leaves port and id to others."""
    lab = Lab(4)
    lab.create()
    ns, there = move(lab)
    there.sock.close()
    lab.taps.pop("vx0").close()
    forget(ns)

    def again():
        try:
            lab.create(up=False)
        except vnb.NlError:
            return False
        return True

    lab_.wait_for("its id is free", again)
    lab.up()
    check_flow(lab)


def it_is_made_in_another_namespace():
    """`ip link add netns c link-netns a`: the underlay is not where it is."""
    lab = Lab(4)
    ns = lab_.namespace("c")
    fd = vnb.netns_fd(ns)
    inner, ext = lab_.options(lab.defaults())
    lab.nl.newlink("vx0", vnb.attr(vnb.IFLA.ADDRESS, vnb.mac(MAC_VX)),
                   vnb.u32(vnb.IFLA.NET_NS_FD, fd),
                   lab_.linkinfo(inner, ext))
    os.close(fd)
    with vnb.netns(ns):
        lab_.sysctl("ipv6/conf/vx0/disable_ipv6", 1)
    vnb.Rtnl(ns).setlink("vx0", up=True)
    lab.taps["vx0"] = lab_.frames.Tap(ns, "vx0")
    check("not here", not has_link(lab.nl))
    check_flow(lab)


def deleted_while_frames_pass(family):
    """In both directions, by a request, by the underlay device, by the end of
    its namespace."""
    lab = Lab(family)
    stop = threading.Event()
    inner = packet.inner_ipv4(UNKNOWN, MAC_VX)
    outer = lab.packet(packet.inner_ipv4(MAC_VX, MAC_FAR)).build()

    def send(function):
        while not stop.is_set():
            try:
                function()
            except OSError:
                pass

    threads = [threading.Thread(target=send, args=(call,)) for call in (
        lambda: lab.tester.sock.send(outer),
        lambda: lab.taps["vx0"].sock.send(inner)
        if "vx0" in lab.taps else None)]
    lab.create()
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            lab.nl.dellink("vx0")
            lab.taps.pop("vx0").close()
            lab.create()
        lab.nl.setlink("vx0", up=False)
        lab.nl.dellink("vx0")
        lab.taps.pop("vx0").close()
        lab.create(dev="eth0")
        _, there = move(lab)
        lab.nl.dellink("eth0")
        check("gone with eth0", not has_link(there))
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def only_who_rules_the_underlay_may_change_it():
    """Root of a user namespace that has the tunnel but not its underlay."""
    lab = Lab(4)
    lab.create()
    before = lab.dump()
    lab.taps.pop("vx0").close()
    tell, hear = os.pipe(), os.pipe()
    pid = os.fork()
    if not pid:
        # becomes root of a user namespace with a network namespace of its own
        code = 98
        try:
            if vnb.libc.unshare(CLONE_NEWUSER | vnb.CLONE_NEWNET):
                os.write(hear[1], b"0")
                os._exit(0)
            os.write(hear[1], b"1")
            os.read(tell[0], 1)
            nl = vnb.Rtnl()
            errno = 0
            try:
                inner, ext = lab_.options({"ttl": 77})
                nl.setlink("vx0", lab_.linkinfo(inner, ext))
            except vnb.NlError as e:
                errno = e.errno
            nl.setlink("vx0", vnb.u32(vnb.IFLA.MTU, 1000))
            code = errno or 99
        finally:
            os._exit(code)
    if os.read(hear[0], 1) != b"1":
        os.waitpid(pid, 0)
        return "no user namespaces"
    lab.nl.setlink("vx0", vnb.u32(vnb.IFLA.NET_NS_PID, pid))
    fd = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    os.write(tell[1], b"1")
    status = os.waitpid(pid, 0)[1]
    check_eq("errno", os.waitstatus_to_exitcode(status), 1)
    old = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    vnb.setns(fd)
    there = vnb.Rtnl()
    vnb.setns(old)
    check_eq("dump", lab_.dump(there.link("vx0")), before)
    check_eq("MTU, which is its own", there.link("vx0").mtu(), 1000)
    os.close(fd)
    os.close(old)
    return None


## groups

def members(lab, dev, family):
    """Groups that a device listens to."""
    found = set()
    with vnb.netns(lab.a):
        if family == 6:
            with open("/proc/thread-self/net/igmp6") as f:
                for line in f:
                    _, name, group, *_ = line.split()
                    if name == dev:
                        found.add(socket.inet_ntop(socket.AF_INET6,
                                                   bytes.fromhex(group)))
            return found
        name = None
        with open("/proc/thread-self/net/igmp") as f:
            for line in list(f)[1:]:
                if not line.startswith("\t"):
                    name = line.split()[1]
                elif name == dev:
                    found.add(socket.inet_ntoa(bytes.fromhex(
                        line.split()[0])[::-1]))
    return found


def it_is_a_member_while_it_is_up(family):
    lab = Lab(family)
    none = members(lab, "eth0", family)
    check("not a member", GROUP[family] not in none)
    one = none | {GROUP[family]}
    lab.create(remote=GROUP[family], dev="eth0", up=False)
    check_eq("created", members(lab, "eth0", family), none)
    for _ in range(2):
        lab.up()
        check_eq("up", members(lab, "eth0", family), one)
        lab.down()
        check_eq("down", members(lab, "eth0", family), none)
    lab.up()
    lab.create("vx1", id=101, remote=GROUP[family], dev="eth0")
    lab.down()
    check_eq("one of two is down", members(lab, "eth0", family), one)
    lab.up()
    if not IN_TREE:
        lab.change("vx1", remote=OTHER[family])
        check_eq("two groups", members(lab, "eth0", family),
                 one | {OTHER[family]})
        lab.change("vx1", remote=GROUP[family])
        check_eq("one group", members(lab, "eth0", family), one)
        lab.change("vx1", remote=lab.remote)
        check_eq("the other is still there", members(lab, "eth0", family),
                 one)
    lab.delete("vx1")
    check_eq("one of two is deleted", members(lab, "eth0", family), one)
    lab.delete()
    check_eq("deleted", members(lab, "eth0", family), none)


def behind_a_group_are_endpoints(family):
    """What came to the group is answered to its sender alone."""
    lab = Lab(family)
    far = lab.remote[:-1] + "7"
    lab.neighbour(far)
    lab.create(remote=GROUP[family], dev="eth0")
    out = packet.inner_other(MAC_FAR, MAC_VX)
    check_eq("to the group", lab.one(out).dst, GROUP[family])
    check_eq("ttl", lab.one(out).ttl, 1)
    inner = packet.inner_other("ff:ff:ff:ff:ff:ff", MAC_FAR)
    group_mac = {4: "01:00:5e:7c:00:01", 6: "33:33:0d:b8:00:01"}[family]
    check_eq("from the group", lab.received(lab.packet(
        inner, src=far, dst=GROUP[family], eth_dst=group_mac)), [inner])
    check_eq("to the one", lab.one(out).dst, far)
    check_eq("to all", lab.one(packet.inner_other(UNKNOWN, MAC_VX)).dst,
             GROUP[family])


def main():
    lab_.need_tunnels()
    tests = []
    for family in 4, 6:
        tests += [lab_.named(test, family) for test in (
            a_moved_tunnel_keeps_its_underlay, a_moved_tunnel_is_still_changed,
            deleted_while_frames_pass, it_is_a_member_while_it_is_up,
            behind_a_group_are_endpoints)]
    tests += [it_dies_with_its_underlay, it_dies_with_its_namespace,
              it_is_made_in_another_namespace,
              only_who_rules_the_underlay_may_change_it]
    lab_.run_tests(tests)


if __name__ == "__main__":
    main()
