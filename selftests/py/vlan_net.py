# SPDX-License-Identifier: GPL-2.0
"""Three hosts in two VLANs, each host in a namespace of its own.

    h0 eth0 -- p0   PVID 10, untagged     |
    h1 eth0 -- p1   10 and 20, tagged     |-- br0   10 tagged, 20 PVID untagged
    h2 eth0 -- p2   PVID 20, untagged     |

p2 is a veth, p0 and p1 are pairs.
"""
import errno
import subprocess

import frames
import vlan_lab as vlan
import vnb
import vxlan_lab as lab_
from vlan_lab import C_TAG, Mode
from vnb import IFLA
from vxlan_lab import check_eq

MODES = Mode(10, (), (10,)), Mode(0, (10, 20), ()), Mode(20, (), (20,))
HOST_MODE = Mode(20, (10,), (20,))
OURS = not lab_.IN_TREE


def mac(number):
    return f"02:00:00:00:03:{number:02x}"


class Net:
    """The picture; @watched: a packet socket on each port and on br0."""

    def __init__(self, ours, watched=False, mtu=None, proto=C_TAG):
        self.ours = ours
        self.fence = frames.Fence()
        self.sw = lab_.quiet_namespace("sw")
        self.nl = vnb.Rtnl(self.sw)
        self.ns, self.far = [], []
        more = b"" if ours else vnb.u8(vnb.BR.MCAST_SNOOPING, 0)
        self.nl.newlink("br0", vnb.attr(
            IFLA.ADDRESS, vnb.mac(vlan.BRIDGE_MAC)), vlan.bridge_info(
                ours, vlan.bridge_options(1, proto, 0, more)), up=True)
        for number, mode in enumerate(MODES):
            self.host(number, mode, mtu)
        vlan.vlan_mode(self.nl, "br0", HOST_MODE, own=True)
        self.taps = {f"h{n}": frames.Tap(self.ns[n], "eth0")
                     for n in range(len(self.ns))}
        self.watchers = {name: frames.Tap(self.sw, name) for name in
                         [*self.ports(), "br0"] * watched}
        self.ready()

    def host(self, number, mode, mtu):
        self.ns.append(lab_.quiet_namespace(f"h{number}"))
        self.far.append(vnb.Rtnl(self.ns[number]))
        port = f"p{number}"
        vlan.make_pair(self.nl, self.ours and number != 2, port,
                       f"02:00:00:00:01:{number:02x}", self.ns[number],
                       "eth0", mac(number))
        if mtu:
            self.far[number].setlink("eth0", vnb.u32(IFLA.MTU, mtu))
        self.join(port, mode)

    def join(self, port, mode):
        self.nl.setlink(port, vnb.u32(IFLA.MASTER, self.nl.index("br0")))
        vlan.vlan_mode(self.nl, port, mode)

    def ports(self):
        return [f"p{number}" for number in range(len(self.ns))]

    def ready(self):
        def forwards():
            return set(self.ports()) <= {
                link.name for link in self.nl.ports()
                if link.port_state() == frames.BR_STATE_FORWARDING} and all(
                    link.can_send() for nl in [self.nl, *self.far]
                    for link in nl.links() if link.name != "lo")
        lab_.wait_for("all have link", forwards)
        self.nl.setlink("lo", up=True)

    def device(self, number, vid, proto=C_TAG):
        """A VLAN device of a host, or of br0 if @number is None."""
        if number is None:
            return vlan.vlan_device(self.nl, "br0", proto, vid)
        return vlan.vlan_device(self.far[number], "eth0", proto, vid)

    def address(self, number, dev, address):
        nl = self.nl if number is None else self.far[number]
        lab_.address_add(nl, dev, address, 24)

    def send(self, number, frame):
        """From a host; that a device drops a frame is no error."""
        try:
            self.taps[f"h{number}"].sock.send(frame)
        except OSError as err:
            if err.errno != errno.ENOBUFS:
                raise

    def seen(self, taps=None):
        """{name: what its packet socket got, received frames only}"""
        self.fence.wait()
        return {name: [frame for _, frame in vlan.received(tap.sock)]
                for name, tap in (taps or self.taps).items()}

    def offload(self, **features):
        """`ethtool -K` for all ports."""
        words = [word for name, value in features.items()
                 for word in (name, "on" if value else "off")]
        for port in self.ports():
            with vnb.netns(self.sw):
                subprocess.run(["ethtool", "-K", port, *words], check=False,
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)

    def close(self):
        for tap in [*self.taps.values(), *self.watchers.values()]:
            tap.close()
        for nl in [self.nl, *self.far]:
            nl.sock.close()


def on_each(observe, **fields):
    """@observe(net) on in-tree and on ours: it has to be the same; returned."""
    found = {}
    for name, ours, watched in (("in-tree", False, False),
                                ("in-tree, watched", False, True),
                                ("ours", True, False),
                                ("ours, watched", True, True)):
        if ours and not OURS:
            break
        net = Net(ours, watched, **fields)
        found[name] = observe(net)
        net.close()
        lab_.cleanup()
    first = found["in-tree"]
    for name, result in found.items():
        for key in first:
            check_eq(f"{name}: {key}", result.get(key), first[key])
    return first
