# SPDX-License-Identifier: GPL-2.0
"""All ways into the devices of vnetbr, for the frames of selftests/fuzz.

    namespace "host"      namespace "sw"
      c1 ──────────────── p1 ┐       ┌ f0, f1    foreign ports
      c2 ──────────────── p2 ├── br0 ┤
                                     └ vx0, vx6  tunnels over u0 (IPv4, IPv6)
                          vx1, vx7               tunnels that are no ports

f0, f1 and u0 are devices of the kind vnbfuzz: what they send has arrived, and
so has what c1, c2, br0, vx1 and vx7 receive. Station N is behind the port
numbered N, as in PORTS; 0 is br0 itself.

Worlds that are more than that: see fuzz_worlds.py.
"""
import glob
import os
import platform
import subprocess

import vnb
import vxlan_lab as lab
from vnb import IFLA, NDA

COMMAND = "/sys/module/vnb_fuzz/parameters/command"
ENTRIES = {     # the entry of the module, the namespace, the device
    "foreign": ("receive", "sw", "f0"),
    "pair": ("pair", "host", "c1"),
    "bridge": ("bridge", "sw", "br0"),
    "tunnel": ("tunnel", "sw", "vx1"),
    "tunnel6": ("tunnel", "sw", "vx7"),
    "socket": ("socket", "sw", "u0"),
    "gro": ("gro", "sw", "u0"),
}
BRIDGED = "foreign", "pair", "bridge", "socket"     # those that get to br0
BURST = 8       # frames of one burst of GRO
ROUND = 12 * BURST      # frames between two changes of a world
PORTS = ["br0", "p1", "p2", "f0", "f1", "vx0"]
ROLES = {
    "sw": {"br0": "bridge-sink", "p1": "pair", "p2": "pair", "vx0": "tunnel",
           "vx6": "tunnel", "vx1": "tunnel-sink", "vx7": "tunnel-sink"},
    "host": {"c1": "pair-sink", "c2": "pair-sink"},
}
# Counters of what a bridge says itself, or hears
SAID = "neigh_answered", "bpdu_rx", "bpdu_tx"
ANY = "00:00:00:00:00:00"
STATIC, PERMANENT = 0x40, 0xc0
LONG = 100000   # seconds: longer than any run


def station(number):
    """Address of the host behind a port of PORTS."""
    return f"02:00:00:00:01:{number:02x}"


def load():
    """Load the module that lets frames in; a text if there is none."""
    if os.path.exists(COMMAND):
        return None
    path = os.environ.get("VNB_FUZZ_KO")
    found = [path] if path else glob.glob(
        f"/lib/modules/{platform.release()}/**/vnb_fuzz.ko", recursive=True)
    if not found:
        return "no module vnb_fuzz: see selftests/fuzz/frames --help"
    done = subprocess.run(["insmod", found[0]], capture_output=True, text=True)
    return done.stderr.strip() or None


def command(*words):
    """Give the module a command in the present namespace."""
    # unbuffered, because a command that failed must not be tried again
    with open(COMMAND, "wb", buffering=0) as f:
        f.write(" ".join(map(str, words)).encode())


class Result:
    """Where the frames of a run went."""

    SUMS = ("sent", "copies", "received", "forwarded", "dropped", "core",
            "stack", "held", "merged", "bpdus", "wrong")

    def __init__(self):
        self.sums = dict.fromkeys(self.SUMS, 0)
        self.places = {}
        self.frames = []

    def add(self, text):
        """Add what the module says."""
        for line in text.splitlines():
            key, rest = line.split(maxsplit=1)
            if key == "frame":
                self.frames.append(rest)
            elif key == "place":
                place, count = rest.rsplit(None, 1)
                self.places[place] = self.places.get(place, 0) + int(count)
            else:
                self.sums[key] += int(rest)

    def ends(self):
        """Frames that were seen to end, of those sent and their copies."""
        return sum(self.sums[name] for name in self.SUMS[2:-1])

    def balanced(self):
        """Is every frame accounted for?"""
        return not self.sums["wrong"] and \
            self.sums["sent"] + self.sums["copies"] == self.ends()

    def equation(self):
        """The balance, in words."""
        s = self.sums
        sign = "=" if s["sent"] + s["copies"] == self.ends() else "!="
        return f"{s['sent']} sent + {s['copies']} copies {sign} " + \
            " + ".join(f"{s[name]} {name}" for name in self.SUMS[2:-1])


class World:
    """The picture, and nothing else."""

    THEME = "any"       # of frames: see enum fuzz_theme
    ENTRIES = tuple(ENTRIES)
    CHANGES = False     # does anything change between rounds?

    def __init__(self):
        # what a frame causes is looked for on the CPU that it is let in on
        os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
        self.ns = {name: lab.namespace(name) for name in ("sw", "host")}
        self.nl = {name: vnb.Rtnl(ns) for name, ns in self.ns.items()}
        self.sw = self.nl["sw"]
        for name in self.ns:
            with vnb.netns(self.ns[name]):
                lab.sysctl("ipv6/conf/default/disable_ipv6", 1)
        self.roles = {ns: dict(roles) for ns, roles in ROLES.items()}
        self.underlay()
        self.bridge()
        self.more()
        self.ready()
        for ns, roles in self.roles.items():
            with vnb.netns(self.ns[ns]):
                for dev, role in roles.items():
                    command("watch", dev, role)

    def more(self):
        """What this kind of world has beside."""

    def change(self, seed, number):
        """Be as round @number of a run finds it."""

    def close(self):
        """Let all devices go."""
        command("forget")
        for nl in self.nl.values():
            nl.sock.close()
        lab.cleanup()

    def sink(self, name, mtu):
        self.sw.newlink(name, vnb.u32(IFLA.MTU, mtu), vnb.info("vnbfuzz"),
                        up=True)

    def underlay(self):
        self.sink("u0", 1500)
        with vnb.netns(self.ns["sw"]):
            lab.sysctl("ipv6/conf/u0/disable_ipv6", 0)
            # what waits for other fragments waits until the end
            lab.sysctl("ipv4/ipfrag_time", LONG)
            lab.sysctl("ipv6/ip6frag_time", LONG)
        lab.address_add(self.sw, "u0", lab.ADDRESS[4], 24)
        lab.address_add(self.sw, "u0", lab.ADDRESS[6], 64)

    def tunnel(self, name, family, **chosen):
        inner, ext = lab.options(dict({
            "id": 100, "dstport": 4789, "local": lab.ADDRESS[family],
            "remote": lab.REMOTE[family]}, **chosen))
        self.sw.newlink(name, lab.linkinfo(inner, ext), up=True)

    def pair(self, number):
        fd = vnb.netns_fd(self.ns["host"])
        self.sw.newlink(f"p{number}", vnb.info(
            "vnetbr", vnb.mode("pair"), vnb.peer(
                vnb.text(IFLA.IFNAME, f"c{number}"),
                vnb.u32(IFLA.NET_NS_FD, fd))), up=True)
        os.close(fd)
        self.nl["host"].setlink(f"c{number}", up=True)

    def bridge(self):
        # the addresses of mutated frames move all the time
        info = vnb.info("vnetbr", vnb.bridge_ext(
            vnb.u32(vnb.VNETBR_BR.FDB_MAX_MOVES, 0)))
        self.sw.newlink("br0", vnb.attr(IFLA.ADDRESS, vnb.mac(station(0))),
                        info, up=True)
        for number in 1, 2:
            self.pair(number)
        for name in "f0", "f1":
            self.sink(name, 1500)
        self.tunnel("vx0", 4)
        self.tunnel("vx6", 6)
        self.tunnel("vx1", 4, id=101, dstport=4790)
        self.tunnel("vx7", 6, id=101, dstport=4790)
        lab.fdb(self.sw, "vx1", ANY, "192.0.2.3")
        lab.fdb(self.sw, "vx7", ANY, "2001:db8::3")
        for name in PORTS[1:] + ["vx6"]:
            self.sw.setlink(name, vnb.u32(IFLA.MASTER, self.sw.index("br0")))
        for number, name in enumerate(PORTS[1:], 1):
            self.sw.request(vnb.RTM_NEWNEIGH, vnb.ndmsg(
                self.sw.index("br0"), state=STATIC, flags=2) +
                vnb.attr(NDA.LLADDR, vnb.mac(station(number))) +
                vnb.u32(NDA.IFINDEX, self.sw.index(name)),
                vnb.NLM_F_CREATE | vnb.NLM_F_EXCL)

    def ready(self):
        """Wait until all devices can send, and all ports forward."""
        for ns, roles in self.roles.items():
            for name in roles:
                lab.wait_for(f"{name} can send", lambda: self.nl[ns].link(
                    name).can_send())
        lab.wait_for("all ports forward", lambda: {
            link.port_state() for link in self.sw.ports()} == {3})

    def counters(self):
        """{(device, counter): value} of those that say where frames went."""
        return {(dev, name): value
                for ns, roles in self.roles.items() for dev in roles
                for name, value in lab.ethtool_stats(self.ns[ns], dev).items()
                if name.startswith("drop_") or name in SAID}

    def run(self, entry, seed, first, count, result):
        """Let @count frames in and add where they went to @result."""
        end = first + count
        while first < end:
            n = end - first
            if self.CHANGES:
                n = min(n, ROUND - first % ROUND)
                self.change(seed, first // ROUND)
            self.round(entry, seed, first, n, result)
            first += n

    def round(self, entry, seed, first, count, result):
        way, ns, dev = ENTRIES[entry]
        with vnb.netns(self.ns[ns]):
            try:
                command("run", way, dev, seed, first, count, self.THEME)
            except OSError as err:
                if err.errno != 74:     # EBADMSG: the result tells more
                    raise
            with open(COMMAND) as f:
                result.add(f.read())

    def dump(self, entry, seed, number):
        """Show a frame in the kernel's log."""
        way, ns, dev = ENTRIES[entry]
        with vnb.netns(self.ns[ns]):
            command("dump", way, dev, seed, number, 1, self.THEME)
