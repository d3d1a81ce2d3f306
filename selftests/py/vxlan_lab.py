# SPDX-License-Identifier: GPL-2.0
"""A tunnel and, at the other end of its underlay, a tester made of raw frames.

    namespace "a"                         namespace "b"
      vx0   the tunnel under test
      eth0  192.0.2.1/24 ---- veth ----   eth0  the tester: no addresses, but
            2001:db8::1/64                      all those of the other side

The tester answers nothing: neighbours are permanent, so that each frame that
is seen is one that was asked for. Everything runs on one CPU; a fence says when
all frames are through (frames.py). KIND=in-tree puts the kernel's own driver
under test.
"""
import array
import atexit
import ctypes
import fcntl
import ipaddress
import os
import shutil
import socket
import struct
import subprocess
import sys
import traceback

import frames
import vnb
import vxlan_packet as packet
from vnb import VXLAN

KIND = os.environ.get("KIND") or "vnetbr"
IN_TREE = KIND == "in-tree"

RTM_NEWADDR, RTM_NEWROUTE, RTM_GETROUTE = 20, 24, 26
RTA_DST, RT_TABLE_LOCAL = 1, 255
MS_BIND, MNT_DETACH = 0x1000, 2
SIOCETHTOOL = 0x8946
ETHTOOL_STXCSUM = 0x17
ETHTOOL_GSTRINGS, ETHTOOL_GSTATS, ETHTOOL_GSSET_INFO = 0x1b, 0x1d, 0x37

MAC_A, MAC_B = "02:00:00:00:0a:01", "02:00:00:00:0b:01"
MAC_VX = "02:00:00:00:0a:02"    # of the tunnel
MAC_FAR = "02:00:00:00:0f:01"   # of a host behind the tester
ADDRESS = {4: "192.0.2.1", 6: "2001:db8::1"}
REMOTE = {4: "192.0.2.2", 6: "2001:db8::2"}


## TAP

class Failed(Exception):
    """A check that failed; the test goes no further."""


def diag(text):
    for line in str(text).splitlines():
        print("#", line)


def check(text, condition, details=""):
    if not condition:
        raise Failed(f"{text}: {details}" if details else text)


def check_eq(text, got, want):
    if got != want:
        raise Failed(f"{text}\n  got:      {got!r}\n  expected: {want!r}")


def run_tests(tests):
    """Run functions as TAP points, called like them; a test that raises failed.

    A test that returns a string was skipped for the reason that it names.
    Arguments of the program, or $TESTS, select tests. Does not return.
    """
    chosen = sys.argv[1:] or os.environ.get("TESTS", "").split()
    if chosen:
        tests = [test for test in tests if test.__name__ in chosen]
    failed = skipped = 0
    print(f"TAP version 13\n1..{len(tests)}", flush=True)
    for no, test in enumerate(tests, 1):
        result, reason = "ok", None
        try:
            reason = test()
        except Failed as e:
            result = "not ok"
            diag(f"FAIL: {e}")
        except Exception:   # of whatever kind: the others shall still run
            result = "not ok"
            diag(traceback.format_exc())
        failed += result != "ok"
        skipped += bool(reason)
        name = test.__name__.replace("_", " ")
        print(result, no, name + (f" # SKIP {reason}" if reason else ""),
              flush=True)
        cleanup()
    sys.exit(1 if failed else 4 if skipped == len(tests) else 0)


def named(function, *args):
    """A test for run_tests() out of @function with @args, which its name has
    at its end."""
    def test():
        return function(*args)
    test.__name__ = "_".join([function.__name__, *map(str, args)])
    return test


def skip_all(reason):
    print(f"TAP version 13\n1..0 # SKIP {reason}")
    sys.exit(4)


## namespaces

made = []


def libc(name, *args):
    if getattr(vnb.libc, name)(*args):
        raise OSError(ctypes.get_errno(), name)


def namespace(name):
    """A new namespace of ip-netns until cleanup(); lo is up."""
    name = f"{name}-{os.getpid()}-{len(made)}"
    path = f"/run/netns/{name}"
    os.makedirs("/run/netns", exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    old = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    libc("unshare", vnb.CLONE_NEWNET)
    libc("mount", b"/proc/thread-self/ns/net", path.encode(), None, MS_BIND,
         None)
    sysctl("ipv6/conf/default/accept_dad", 0)
    sysctl("ipv6/conf/default/router_solicitations", 0)
    sysctl("ipv6/conf/default/addr_gen_mode", 1)
    with vnb.Rtnl() as nl:
        nl.setlink("lo", up=True)
    vnb.setns(old)
    os.close(old)
    made.append(path)
    return name


def quiet_namespace(name):
    """One that sends no frame unasked."""
    ns = namespace(name)
    with vnb.netns(ns):
        for which in "all", "default":
            sysctl(f"ipv6/conf/{which}/disable_ipv6", 1)
    return ns


def sysctl(name, value):
    """Of the present namespace; what does not exist does not matter."""
    try:
        with open(f"/proc/sys/net/{name}", "w") as knob:
            knob.write(str(value))
    except FileNotFoundError:
        pass


def cleanup():
    for path in made:
        vnb.libc.umount2(path.encode(), MNT_DETACH)
        os.unlink(path)
    made.clear()


atexit.register(cleanup)


## devices and addresses

def ip_bytes(address):
    return ipaddress.ip_address(address).packed


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def wait_for(text, condition):
    """Until @condition() holds; a minute is never needed."""
    for more in frames.looks(60):
        if condition():
            return
        check(f"in time: {text}", more)


def veth(nl, name, ns_name, peer, mac, peer_mac, mtu=1500):
    """A pair of in-tree devices, both up; @peer is in namespace @ns_name."""
    fd = vnb.netns_fd(ns_name)
    nl.newlink(name, vnb.attr(vnb.IFLA.ADDRESS, vnb.mac(mac)),
               vnb.u32(vnb.IFLA.MTU, mtu), vnb.info("veth", vnb.attr(
                   1, vnb.ifinfomsg() + vnb.text(vnb.IFLA.IFNAME, peer) +
                   vnb.attr(vnb.IFLA.ADDRESS, vnb.mac(peer_mac)) +
                   vnb.u32(vnb.IFLA.MTU, mtu) +
                   vnb.u32(vnb.IFLA.NET_NS_FD, fd))), up=True)
    os.close(fd)
    with vnb.Rtnl(ns_name) as other:
        other.setlink(peer, up=True)
        # a queue learns of its link some time after it came
        for end, dev in (nl, name), (other, peer):
            wait_for(f"the queue of {dev}", lambda: end.link(dev).attrs[
                vnb.IFLA.QDISC] != b"noop\0")


def address_add(nl, dev, address, prefix):
    raw = ip_bytes(address)
    nodad = 0x02 if len(raw) == 16 else 0
    nl.request(RTM_NEWADDR, struct.pack(
        "=BBBBi", family_of(address), prefix, nodad, 0, nl.index(dev)) +
        vnb.attr(1, raw) + vnb.attr(2, raw),
        vnb.NLM_F_CREATE | vnb.NLM_F_EXCL)

    def has_route():
        """IPv6 makes the route that receives some time later."""
        for _, payload in nl.request(RTM_GETROUTE, struct.pack(
                "=BBBBBBBBI", socket.AF_INET6, *[0] * 8), vnb.NLM_F_DUMP):
            if payload[4] == RT_TABLE_LOCAL and \
                    vnb.parse(payload[12:]).get(RTA_DST) == raw:
                return True
        return False

    if len(raw) == 16:
        wait_for(f"a local route to {address}", has_route)


def neighbour_add(nl, dev, address, mac):
    nl.request(vnb.RTM_NEWNEIGH, vnb.ndmsg(
        nl.index(dev), state=0x80, family=family_of(address)) +
        vnb.attr(vnb.NDA.DST, ip_bytes(address)) +
        vnb.attr(vnb.NDA.LLADDR, vnb.mac(mac)),
        vnb.NLM_F_CREATE | vnb.NLM_F_REPLACE)


def route_add(nl, dev, prefix, length, via=None, mtu=None, metric=None):
    """A route through @dev in the main table."""
    body = struct.pack("=BBBBBBBBI", family_of(prefix), length, 0, 0, 254, 3,
                       0 if via or ":" in prefix else 253, 1, 0)
    body += vnb.attr(1, ip_bytes(prefix)) + vnb.u32(4, nl.index(dev))
    if via:
        body += vnb.attr(5, ip_bytes(via))
    if metric:
        body += vnb.u32(6, metric)
    if mtu:
        body += vnb.nest(8, vnb.u32(2, mtu))
    nl.request(RTM_NEWROUTE, body, vnb.NLM_F_CREATE | vnb.NLM_F_REPLACE)


def fdb_flush_learned(lab, name="vx0"):
    """Forget what a tunnel has learned, entry by entry."""
    index = lab.nl.index(name)
    rows = lab.nl.request(vnb.RTM_GETNEIGH, vnb.ndmsg(index),
                          vnb.NLM_F_DUMP)
    for _, payload in rows:
        found, state = struct.unpack_from("=4xiH", payload)
        mac = vnb.parse(payload[12:])[vnb.NDA.LLADDR]
        if found == index and not state & 0xc0:
            fdb(lab.nl, name, packet.mac_text(mac), kind=vnb.RTM_DELNEIGH)


def fdb(nl, dev, mac, dst=None, port=None, vni=None, state=0xc0,
        flags=vnb.NLM_F_CREATE | vnb.NLM_F_APPEND, kind=vnb.RTM_NEWNEIGH):
    """`bridge fdb append`; @kind RTM_DELNEIGH deletes, @flags may differ."""
    body = vnb.ndmsg(nl.index(dev), state=state, flags=0x02)
    body += vnb.attr(vnb.NDA.LLADDR, vnb.mac(mac))
    if dst:
        body += vnb.attr(vnb.NDA.DST, ip_bytes(dst))
    if port:
        body += vnb.be16(vnb.NDA.PORT, port)
    if vni:
        body += vnb.u32(vnb.NDA.VNI, vni)
    nl.request(kind, body, flags)


def ethtool(ns, dev, *requests):
    """Answers to requests of SIOCETHTOOL, made of bytes."""
    answers = []
    with vnb.netns(ns):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sock:
        for request in requests:
            buf = array.array("B", request)
            fcntl.ioctl(sock, SIOCETHTOOL, struct.pack(
                "16sP16x", dev.encode(), buf.buffer_info()[0]))
            answers.append(buf.tobytes())
    return answers


def ethtool_stats(ns, dev):
    """`ethtool -S` as {name: value}; {} if the device has none."""
    try:
        info, = ethtool(ns, dev, struct.pack("=IIQI", ETHTOOL_GSSET_INFO, 0,
                                             1 << 1, 0))
        n = struct.unpack_from("=I", info, 16)[0]
        names, values = ethtool(
            ns, dev, struct.pack("=III", ETHTOOL_GSTRINGS, 1, n) +
            bytes(32 * n), struct.pack("=II", ETHTOOL_GSTATS, n) + bytes(8 * n))
    except OSError:
        return {}
    return {names[12 + 32 * i:44 + 32 * i].rstrip(b"\0").decode():
            struct.unpack_from("=Q", values, 8 + 8 * i)[0] for i in range(n)}


def udp_counter(ns, name):
    """A counter of UDP, as InCsumErrors: (over IPv4, over IPv6)."""
    with vnb.netns(ns):
        with open("/proc/thread-self/net/snmp") as f:
            names, values = [line.split() for line in f
                             if line.startswith("Udp: ")]
        with open("/proc/thread-self/net/snmp6") as f:
            six = dict(line.split() for line in f)
    return int(dict(zip(names, values))[name]), int(six["Udp6" + name])


def ip_tool(ns, *words):
    """Output of `ip`."""
    return subprocess.run(["ip", "-n", ns, *words], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


## tunnels

def linkinfo(inner=(), ext=(), kind=None):
    """IFLA_LINKINFO of a tunnel: attributes @inner and, of our own, @ext."""
    if IN_TREE:
        return vnb.info("vxlan", *inner)
    data = [vnb.mode("vxlan"), vnb.vxlan(*inner)]
    if ext:
        data.append(vnb.vxlan_ext(*ext))
    return vnb.info(kind or "vnetbr", *data)


def option(name, value, ifindex=None):
    """(inner, ext) attributes for an option as a test writes it.

    Values are numbers, but for addresses, srcport (low, high) and dev, whose
    index is @ifindex(value).
    """
    if name in ("local", "remote"):
        kinds = {"local": (VXLAN.LOCAL, VXLAN.LOCAL6),
                 "remote": (VXLAN.GROUP, VXLAN.GROUP6)}[name]
        return (vnb.attr(kinds[":" in value], ip_bytes(value)),), ()
    if name == "srcport":
        return (vnb.attr(VXLAN.PORT_RANGE, struct.pack("!HH", *value)),), ()
    if name == "dstport":
        return (vnb.be16(VXLAN.PORT, value),), ()
    if name == "flowlabel":
        return (vnb.attr(VXLAN.LABEL, struct.pack("!I", value)),), ()
    if name == "dev":
        return (vnb.u32(VXLAN.LINK, ifindex(value) if value else 0),), ()
    if name in ("id", "ageing", "maxaddress"):
        kind = {"id": VXLAN.ID, "ageing": VXLAN.AGEING,
                "maxaddress": VXLAN.LIMIT}[name]
        return (vnb.u32(kind, value),), ()
    if name in ("strict", "rx_gro"):
        return (), (vnb.u8(getattr(vnb.VNETBR_VXLAN, name.upper()), value),)
    kind = {"ttl": VXLAN.TTL, "ttl_inherit": VXLAN.TTL_INHERIT,
            "tos": VXLAN.TOS, "df": VXLAN.DF, "learning": VXLAN.LEARNING,
            "udpcsum": VXLAN.UDP_CSUM,
            "udp6zerocsumtx": VXLAN.UDP_ZERO_CSUM6_TX,
            "udp6zerocsumrx": VXLAN.UDP_ZERO_CSUM6_RX}[name]
    if IN_TREE and name == "ttl_inherit":
        return (vnb.attr(kind, b"") if value else b"",), ()
    return (vnb.u8(kind, value),), ()


def options(chosen, ifindex=None):
    """(inner, ext) attributes for {option: value}."""
    inner, ext = [], []
    for name, value in chosen.items():
        more_inner, more_ext = option(name, value, ifindex)
        inner += more_inner
        ext += more_ext
    return inner, ext


def dump(link):
    """What a dump says of a tunnel: {attribute: bytes}, ours as ("ext", n)."""
    if IN_TREE:
        return vnb.parse(link.data)
    tree = vnb.tree(link.data, {vnb.VNETBR.VXLAN: {},
                                vnb.VNETBR.VXLAN_EXT: {}})
    found = dict(tree.get(vnb.VNETBR.VXLAN, {}))
    for kind, payload in tree.get(vnb.VNETBR.VXLAN_EXT, {}).items():
        found["ext", kind] = payload
    return found


def need_tunnels():
    """skip_all() where devices of the kind cannot be made."""
    ns = namespace("probe")
    with vnb.Rtnl(ns) as nl:
        try:
            nl.newlink("vx0", linkinfo(options({"id": 1})[0]))
        except vnb.NlError as e:
            skip_all(f"no tunnels of kind {KIND}: {e}")
    cleanup()


class Lab:
    """The two namespaces; @family is that of the underlay: 4 or 6."""

    fence = None

    def __init__(self, family=4, mtu=1500):
        if not Lab.fence:
            Lab.fence = frames.Fence()
        self.family = family
        self.a, self.b = namespace("a"), quiet_namespace("b")
        self.nl = vnb.Rtnl(self.a)
        veth(self.nl, "eth0", self.b, "eth0", MAC_A, MAC_B, mtu)
        address_add(self.nl, "eth0", ADDRESS[4], 24)
        address_add(self.nl, "eth0", ADDRESS[6], 64)
        for address in REMOTE.values():
            neighbour_add(self.nl, "eth0", address, MAC_B)
        # so that checksums are in the packets, not left to a device
        ethtool(self.a, "eth0", struct.pack("=II", ETHTOOL_STXCSUM, 0))
        self.tester = frames.Tap(self.b, "eth0")
        self.taps = {}
        self.local, self.remote = ADDRESS[family], REMOTE[family]

    def neighbour(self, address):
        neighbour_add(self.nl, "eth0", address, MAC_B)

    def defaults(self, **chosen):
        """Options of a tunnel to the tester, with those of @chosen."""
        base = {"id": 100, "dstport": 4789, "local": self.local,
                "remote": self.remote}
        base.update(chosen)
        return {name: value for name, value in base.items()
                if value is not None}

    def create(self, name="vx0", up=True, **chosen):
        """A tunnel with defaults() of @chosen."""
        inner, ext = options(self.defaults(**chosen), self.nl.index)
        self.nl.newlink(name, vnb.attr(vnb.IFLA.ADDRESS, vnb.mac(MAC_VX)),
                        linkinfo(inner, ext))
        if up:
            self.up(name)

    def up(self, name="vx0"):
        """Set a tunnel up and listen to it."""
        with vnb.netns(self.a):
            sysctl(f"ipv6/conf/{name}/disable_ipv6", 1)
        self.nl.setlink(name, up=True)
        self.taps[name] = frames.Tap(self.a, name)

    def down(self, name="vx0"):
        self.taps.pop(name).close()
        self.nl.setlink(name, up=False)

    def change(self, name="vx0", **chosen):
        inner, ext = options(chosen, self.nl.index)
        self.nl.setlink(name, linkinfo(inner, ext))

    def delete(self, name="vx0"):
        if name in self.taps:
            self.taps.pop(name).close()
        self.nl.dellink(name)

    def dump(self, name="vx0"):
        return dump(self.nl.link(name))

    def encapsulated(self, inner, name="vx0"):
        """Send a frame into the tunnel: the packets that reach the tester."""
        self.tester.frames()
        self.taps[name].sock.send(inner)
        return self.seen()

    def seen(self):
        """What reached the tester since the last time, UDP only."""
        self.fence.wait()
        found = [packet.Packet.parse(frame) for frame in self.tester.frames()]
        return [pkt for pkt in found if pkt]

    def one(self, inner, name="vx0"):
        """The one packet that a frame becomes."""
        found = self.encapsulated(inner, name)
        check_eq("packets for a frame", len(found), 1)
        return found[0]

    def packet(self, inner, **fields):
        """A packet from the tester to the tunnel."""
        base = {"eth_dst": MAC_A, "eth_src": MAC_B, "src": self.remote,
                "dst": self.local, "sport": 50000, "dport": 4789, "vni": 100}
        base.update(fields)
        return packet.Packet(inner=inner, **base)

    def inject(self, *outer):
        """Send frames from the tester; @outer are packets or bytes."""
        for frame in outer:
            self.tester.sock.send(frame if isinstance(frame, bytes)
                                  else frame.build())
        self.fence.wait()

    def delivered(self, name="vx0"):
        """Frames that were received by a tunnel since the last time."""
        self.fence.wait()
        return self.taps[name].frames()

    def received(self, *outer, name="vx0"):
        """Frames that a tunnel receives from packets of the tester."""
        self.taps[name].frames()
        self.inject(*outer)
        return self.delivered(name)

    def stats(self, name="vx0"):
        return ethtool_stats(self.a, name)


def have_plugin():
    """Does `ip` print the options of kind vnetbr?"""
    if IN_TREE:
        return True
    if not shutil.which("ip") or os.environ.get("NO_PLUGIN"):
        return False
    out = subprocess.run(["ip", "link", "help", "vnetbr"], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return "mode vxlan" in out.stdout
