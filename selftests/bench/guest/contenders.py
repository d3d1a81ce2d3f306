# SPDX-License-Identifier: GPL-2.0
"""The contenders: each builds hosts, containers and tunnels in its own way.

A host is a network namespace with a switch; a container is a namespace whose
device eth0 leads to a port of that switch.
"""
import os
import tempfile

from injector import Refused, put, run, send

BROADCAST = "ff:ff:ff:ff:ff:ff"
LOCAL = "192.0.2.1"
NETNS = "/run/netns"


def ip(ns, *lines):
    """Run commands of ip(8) in a namespace."""
    run("ip", "-n", ns, "-batch", "-", text="\n".join(lines) + "\n")


def namespace(name):
    """Make a namespace."""
    run("ip", "netns", "add", name)
    ip(name, "link set lo up")


def clean(prefix):
    """Remove all namespaces whose names begin so."""
    names = [name for name in os.listdir(NETNS)
             if name.startswith(prefix)]
    run("ip", "-batch", "-", text="".join(
        f"netns del {name}\n" for name in names))
    put("settle", 1)


def dummy(ns, name, *more):
    """Make a device that sends frames nowhere."""
    ip(ns, f"link add {name} type dummy", f"link set {name} up mtu 9500", *more)


class Bridge:
    """Bridges that learn: what the in-tree one and ours have in common."""

    bridge = pair = tunnel_type = None
    most_ports = None       # and why

    def check_ports(self, count):
        """Refuse more ports than there can be."""
        if self.most_ports and count > self.most_ports[0]:
            raise Refused(self.most_ports[1])

    def host(self, ns):
        """Make a namespace with a switch."""
        namespace(ns)
        ip(ns, f"link add br0 {self.bridge}", "link set br0 up")

    def container(self, host, port, ns, mac=None, mtu=1500):
        """Make a namespace behind @port of @host."""
        namespace(ns)
        address = f"address {mac}" if mac else ""
        ip(host, f"link add {port} mtu {mtu} {self.pair} "
           f"peer name eth0 {address} mtu {mtu} netns {ns}",
           f"link set {port} master br0 up")
        ip(ns, "link set eth0 up")

    def port(self, port):
        """Return the commands of ip that make a device of the host a port."""
        return [f"link set {port} master br0 up"]

    def ports_more(self, host, ns, count):
        """Make @count pairs, one end a port, the other in @ns."""
        ip(host, *[line for n in range(count) for line in (
            f"link add q{n} {self.pair} peer name e{n} netns {ns}",
            *self.port(f"q{n}"))])

    def ports_in(self, host, names):
        """Make pairs, one end a port, the other in each namespace."""
        ip(host, *[line for n, ns in enumerate(names) for line in (
            f"link add q{n} {self.pair} peer name eth0 netns {ns}",
            *self.port(f"q{n}"))])

    def foreign(self, host, dev):
        """Make a device that is there a port."""
        ip(host, f"link set {dev} master br0 up")

    def tunnel(self, host, port, local, remote, vni=100, mtu=1450):
        """Make a tunnel a port; frames for nobody known go to @remote."""
        ip(host, f"link add {port} mtu {mtu} {self.tunnel_type} id {vni} "
           f"local {local} remote {remote} dstport 4789",
           f"link set {port} master br0 up")

    def remotes(self, host, port, remotes):
        """More than one remote for frames for nobody known."""
        run("bridge", "-n", host, "-batch", "-", text="".join(
            f"fdb append 00:00:00:00:00:00 dev {port} self dst {remote}\n"
            for remote in remotes))

    def at_container(self, host, port, ns, mac, count=1):
        """Let the switch know the address of a container, or more of them
        that follow: by frames from there."""
        send(ns, "eth0", "xmit", dst=mac, src=mac, srcs=count, count=count,
             batches=0)

    def at_foreign(self, host, dev, mac):
        """Let the switch know an address behind a foreign port."""
        send(host, dev, "receive", dst=mac, src=mac, count=1, batches=0)

    def at_remote(self, host, port, mac, remote, vni=100):
        """Let the switch and the tunnel know an address behind a remote."""
        raise NotImplementedError


class InTree(Bridge):
    """bridge, veth and vxlan of the kernel."""

    name = "in-tree"
    bridge, pair, tunnel_type = "type bridge", "type veth", "type vxlan"
    modules = ["bridge", "veth", "vxlan"]
    most_ports = 1023, "a bridge takes 1023 ports"

    def at_remote(self, host, port, mac, remote, vni=100):
        run("bridge", "-n", host, "-batch", "-", text=f"""
            fdb replace {mac} dev {port} master static
            fdb replace {mac} dev {port} self dst {remote}""")


class Vnetbr(Bridge):
    """This project's module."""

    name = "vnetbr"
    bridge, pair, tunnel_type = ("type vnetbr fdb_max_learned 0 "
                                 "fdb_port_max_learned 0", "type vnetbr mode pair",
                                 "type vnetbr mode vxlan")
    modules = ["vnetbr"]

    def at_remote(self, host, port, mac, remote, vni=100):
        run("bridge", "-n", host, "-batch", "-", text=f"""
            fdb replace {mac} dev br0 via {port} static self
            fdb replace {mac} dev {port} self dst {remote}""")


class Ovs(Bridge):
    """openvswitch.ko with veth and vxlan; its flows are set as ovs-vswitchd
    would set them for a learning switch: by port and Ethernet addresses."""

    name = "ovs"
    pair = "type veth"
    modules = ["openvswitch", "veth", "vxlan"]
    most_ports = 1023, "ovs-dpctl adds one port a time: hours"

    def __init__(self):
        self.ports, self.flooded, self.tunnels = {}, {}, {}

    def dpctl(self, host, *words):
        """Run ovs-dpctl in a namespace."""
        return run("ovs-dpctl", *words, ns=host)

    def flow(self, host, port, mac, actions):
        """Add the flow of frames from @port to @mac."""
        tunnel = ""
        if (host, port) in self.tunnels:
            vni, local, remote = self.tunnels[host, port]
            tunnel = f"tunnel(tun_id={vni},src={remote},dst={local}," \
                "ttl=0/0,flags(+key)),"
        self.dpctl(host, "add-flow", "dp0",
                   f"{tunnel}in_port({self.ports[host, port]}),"
                   f"eth(dst={mac}),eth_type(0x0800),ipv4(frag=no)", actions)

    def output(self, host, port):
        """Return the actions that send a frame out of @port."""
        number = str(self.ports[host, port])
        if (host, port) not in self.tunnels:
            return number
        vni, local, remote = self.tunnels[host, port]
        return self.encap(vni, local, remote) + "," + number

    def encap(self, vni, local, remote):
        """Return the action that gives a frame its tunnel."""
        return f"set(tunnel(tun_id={vni},src={local},dst={remote},ttl=64," \
            "flags(df|key)))"

    def add_port(self, host, dev):
        """Make a device a port."""
        self.dpctl(host, "add-if", "dp0", dev)
        self.ports[host, dev] = 1 + sum(h == host for h, _ in self.ports)

    def host(self, ns):
        namespace(ns)
        self.dpctl(ns, "add-dp", "dp0")
        ip(ns, "link set dp0 up")

    def port(self, port):
        return [f"link set {port} up"]

    def ports_more(self, host, ns, count):
        super().ports_more(host, ns, count)
        for n in range(count):
            self.add_port(host, f"q{n}")

    def ports_in(self, host, names):
        super().ports_in(host, names)
        for n in range(len(names)):
            self.add_port(host, f"q{n}")

    def container(self, host, port, ns, mac=None, mtu=1500):
        namespace(ns)
        address = f"address {mac}" if mac else ""
        ip(host, f"link add {port} mtu {mtu} type veth "
           f"peer name eth0 {address} mtu {mtu} netns {ns}",
           f"link set {port} up")
        ip(ns, "link set eth0 up")
        self.add_port(host, port)

    def foreign(self, host, dev):
        ip(host, f"link set {dev} up")
        self.add_port(host, dev)

    def tunnel(self, host, port, local, remote, vni=100, mtu=1450):
        ip(host, f"link add {port} mtu {mtu} type vxlan external dstport 4789",
           f"link set {port} up")
        self.add_port(host, port)
        self.tunnels[host, port] = vni, local, remote

    def remotes(self, host, port, remotes):
        vni, local, first = self.tunnels[host, port]
        number = self.ports[host, port]
        self.flooded[host] = "0," + ",".join(
            f"{self.encap(vni, local, remote)},{number}"
            for remote in [first] + remotes)

    def to_all(self, host, port):
        """Frames from @port for everybody go to the local device and to all
        remotes."""
        actions = self.flooded.get(host)
        if not actions:
            actions = "0," + self.output(host, "vx0")
        self.flow(host, port, BROADCAST, actions)

    def at_container(self, host, port, ns, mac, count=1):
        others = [p for h, p in self.ports if h == host and p != port]
        if count > 1:
            self.many(host, others[0], mac, count, self.output(host, port))
            return
        for other in others:
            self.flow(host, other, mac, self.output(host, port))

    def many(self, host, port, mac, count, actions):
        """Add flows of frames from @port to @count addresses from @mac on."""
        if count > 20000:
            raise Refused("each address is a flow, which ovs-vswitchd sets, "
                          "200000 of them at most")
        first = int(mac.replace(":", ""), 16)
        macs = ((first + n).to_bytes(6, "big").hex(":") for n in range(count))
        with tempfile.NamedTemporaryFile("w") as f:
            f.write("".join(f"add in_port({self.ports[host, port]}),"
                            f"eth(dst={one}),eth_type(0x0800),ipv4(frag=no) "
                            f"{actions}\n" for one in macs))
            f.flush()
            self.dpctl(host, "add-flows", "dp0", f.name)

    def at_foreign(self, host, dev, mac):
        self.at_container(host, dev, None, mac)

    def at_remote(self, host, port, mac, remote, vni=100):
        self.at_container(host, port, None, mac)


class InTreeVlan(InTree):
    """The same with VLANs, all frames being in one without a tag."""

    name = "in-tree-vlan"
    bridge = InTree.bridge + " vlan_filtering 1"


class VnetbrVlan(Vnetbr):
    """The same with VLANs, all frames being in one without a tag."""

    name = "vnetbr-vlan"
    bridge = Vnetbr.bridge + " vlan_filtering 1"


CONTENDERS = {kind.name: kind for kind in (InTree, InTreeVlan, Ovs, Vnetbr,
                                           VnetbrVlan)}
