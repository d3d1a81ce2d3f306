# SPDX-License-Identifier: GPL-2.0
"""Disturb the devices of a World (chaos_world.py): where they are, and if.

Each disturb(world, i), called with i = 0, 1, ..., leaves the world as it was.
"""
import contextlib

import vnb
import vxlan_lab as lab_
from vnb import IFLA, NlError, station
from vxlan_lab import check, wait_for


def enslave_and_release(world, _):
    """Ports of all kinds leave and come back."""
    for dev in "p1", "vx0", "f1":
        world.release(dev)
        world.enslave(dev)


def pair_anew(world, i):
    """From one end, from the other."""
    if i % 2:
        world.sw.dellink("p1")
    else:
        world.nl["h1"].dellink("eth0")
    world.pair("sw", 1)


def bridge_anew(world, _):
    """The bridge is deleted under its ports."""
    world.sw.dellink("br0")
    world.bridge_again()


def tunnel_anew(world, i):
    """The tunnel is deleted, and comes back with another way to receive."""
    world.sw.dellink("vx0")
    world.tunnel(rx_gro=i % 3)


def recreate(world, i):
    """A device of each mode is made anew."""
    pair_anew(world, i)
    tunnel_anew(world, i)
    bridge_anew(world, i)


def down_and_up(world, _):
    """Also the host's own interface, which stops the bridge."""
    for where, dev in (("sw", "p1"), ("h2", "eth0"), ("sw", "vx0"),
                       ("sw", "f1"), ("sw", "u1"), ("sw", "br0")):
        world.nl[where].setlink(dev, up=False)
        world.nl[where].setlink(dev, up=True)
    world.underlay_neighbour("sw")


def move(world, _):
    """Devices go to another namespace and come back."""
    for where, dev in ("h1", "eth0"), ("sw", "p2"), ("sw", "vx0"):
        world.move(dev, where, "spare")
        world.nl["spare"].setlink(dev, up=True)
        world.move(dev, "spare", where)
        world.nl[where].setlink(dev, up=True)
        if where == "sw":
            world.enslave(dev)
        else:
            world.host_up(1)


@contextlib.contextmanager
def doomed(world, name):
    """A namespace called @name that dies at the end of a block."""
    world.ns[name] = lab_.namespace(name)
    world.nl[name] = vnb.Rtnl(world.ns[name])
    yield
    world.nl.pop(name).sock.close()
    lab_.cleanup()
    del world.ns[name]


def namespace_of_peer_dies(world, _):
    """With the other end of a port."""
    with doomed(world, "x"):
        world.pair_to("sw", "p9", world.ns["x"], station(9))
        world.nl["x"].setlink("eth0", up=True)
        world.enslave("p9")
    wait_for("p9 is gone", lambda: not world.has("p9"))


def namespace_of_bridge_dies(world, _):
    """With a bridge, and the tunnel as its port."""
    def tunnel_again():
        try:
            world.tunnel()
        except NlError:
            return False
        return True

    with doomed(world, "x"):
        world.move("vx0", "sw", "x")
        world.bridge("x")
        world.enslave("vx0", "x")
        world.nl["x"].setlink("vx0", up=True)
    wait_for("its place is free", tunnel_again)


def namespace_of_underlay_dies(world, _):
    """With what a tunnel that is a port elsewhere sends through."""
    with doomed(world, "x"):
        world.nl["x"].newlink("vx9", lab_.linkinfo(lab_.options(
            {"id": 9, "remote": "127.0.0.9"})[0]))
        world.move("vx9", "x", "sw")
        world.sw.setlink("vx9", up=True)
        world.enslave("vx9")
    wait_for("vx9 is gone", lambda: not world.has("vx9"))


def namespaces_die(world, i):
    """What is in them, or belongs to them, is under traffic."""
    namespace_of_peer_dies(world, i)
    namespace_of_bridge_dies(world, i)
    namespace_of_underlay_dies(world, i)


def underlay_deleted(world, _):
    """A tunnel that is a port goes with the device that it goes through."""
    world.sw.newlink("u8", vnb.info("veth", vnb.attr(
        1, vnb.ifinfomsg() + vnb.text(IFLA.IFNAME, "u9"))), up=True)
    world.sw.setlink("u9", up=True)
    inner, ext = lab_.options(
        {"id": 9, "remote": "233.252.0.9", "dev": "u8"}, world.link)
    world.sw.newlink("vx9", lab_.linkinfo(inner, ext), up=True)
    world.enslave("vx9")
    world.sw.dellink("u8")
    check("the tunnel is gone", not world.has("vx9"))


def lower(world, i):
    """What is below goes down, or is unregistered: the underlay of a tunnel,
    with and without a device of its own, and a foreign port."""
    for dev in "u1", "f1":
        world.sw.setlink(dev, up=False)
        world.sw.setlink(dev, up=True)
    underlay_deleted(world, i)
    world.sw.dellink("u1")
    world.underlay()
    world.sw.dellink("f1")
    world.foreign()
    world.enslave("f1")


def mtu(world, i):
    """Of each kind of device, to what no frame fits in, and back."""
    for where, dev in (("sw", "p1"), ("h2", "eth0"), ("sw", "br0"),
                       ("sw", "u1"), ("sw", "vx0"), ("sw", "f1")):
        old = world.nl[where].link(dev).mtu()
        for size in 150, 1280, old:
            world.nl[where].setlink(dev, vnb.u32(IFLA.MTU, size))


