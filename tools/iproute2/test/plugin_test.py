#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Test link_vnetbr.so without a kernel that has the module.

usage: plugin_test.py [IP]

Runs IP (default: the ip in PATH) with the plugin of this tree against a
preloaded stand-in for the kernel. Checks the bytes that each command line
sends, what is printed for a given answer, and the refusals. Prints TAP.
"""

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent

RTM_NEWLINK = 16
NLA_F_NESTED = 0x8000
IFLA_IFNAME, IFLA_MTU, IFLA_LINKINFO = 3, 4, 18
INFO_KIND, INFO_DATA, INFO_SLAVE_KIND, INFO_SLAVE_DATA = 1, 2, 4, 5
PEER, MODE, BRIDGE, VXLAN, BRIDGE_EXT, VXLAN_EXT = 1, 2, 3, 4, 5, 6


def u8(value):
    return struct.pack("=B", value)


def u16(value):
    return struct.pack("=H", value)


def be16(value):
    return struct.pack("!H", value)


def u64(value):
    return struct.pack("=Q", value)


def mst(*ranges):
    """(first, last, instance) each"""
    return b"".join(struct.pack("=HHH", *one) for one in ranges)


def vlans(*words):
    """Bits of VLANs"""
    return struct.pack(f"={len(words)}I", *words)


def u32(value):
    return struct.pack("=I", value)


def text(value):
    return value.encode() + b"\0"


def encode(attrs):
    """The bytes of a dict of attributes; a nested dict becomes a nest."""
    out = b""
    for number, value in attrs.items():
        if isinstance(value, dict):
            number |= NLA_F_NESTED
            value = encode(value)
        out += struct.pack("=HH", len(value) + 4, number) + value
        out += bytes(-len(value) % 4)
    return out


def decode(data):
    """The attributes in data, by number, nests left as bytes."""
    attrs = {}
    while data:
        length, number = struct.unpack_from("=HH", data)
        attrs[number & 0x3fff] = data[4:length]
        data = data[length + 3 & ~3:]
    return attrs


def link(name, info):
    """An RTM_NEWLINK message about device number 7."""
    body = struct.pack("=BxHiII", 0, 1, 7, 0x1003, 0)
    body += encode({IFLA_IFNAME: text(name), IFLA_MTU: u32(1500),
                    IFLA_LINKINFO: info})
    return struct.pack("=IHHII", len(body) + 16, RTM_NEWLINK, 0, 0, 0) + body


def device(data, kind="vnetbr"):
    return link("dev7", {INFO_KIND: text(kind), INFO_DATA: data})


class Runner:
    """Runs ip with the plugin and the stand-in, and counts results."""

    def __init__(self, ip, tmp):
        self.ip = ip
        self.tmp = tmp
        self.count = 0
        self.failed = 0

    def run(self, args, answer=None):
        """Run ip with args. Returns the process and the last request."""
        log, reply = self.tmp / "log", self.tmp / "link"
        for path in (log, reply):
            path.unlink(missing_ok=True)
        env = dict(os.environ, IP_LIB_DIR=str(self.tmp / "ip"), LC_ALL="C",
                   LD_PRELOAD=str(self.tmp / "fake_rtnl.so"),
                   FAKE_RTNL_LOG=str(log), FAKE_RTNL_LINK=str(reply))
        if answer:
            reply.write_bytes(answer)
        done = subprocess.run([self.ip] + args.split(), env=env, text=True,
                              capture_output=True, timeout=10, check=False)
        last = b""
        data = log.read_bytes() if log.exists() else b""
        while data:
            length = struct.unpack_from("=I", data)[0]
            last, data = data[:length], data[length + 3 & ~3:]
        return done, last

    def result(self, good, name, details):
        self.count += 1
        print("ok" if good else "not ok", self.count, "-", name)
        if not good:
            self.failed += 1
            for line in details.splitlines():
                print("#", line)

    def sends(self, args, want, answer=None, slave=False):
        """args must send exactly the attributes in want."""
        done, request = self.run("link " + args, answer)
        got = decode(request[32:]).get(IFLA_LINKINFO, b"")
        got = decode(got).get(INFO_SLAVE_DATA if slave else INFO_DATA, b"")
        self.result(got == encode(want) and done.returncode == 0, args,
                    f"want {encode(want).hex()}\ngot  {got.hex()}\n"
                    f"{done.stdout}{done.stderr}")
        return done

    def refuses(self, args, want, answer=None):
        """args must send no change and say want."""
        done, request = self.run("link " + args, answer)
        said = done.stdout + done.stderr
        # ip itself tries an empty RTM_NEWLINK to see whether there is one
        sent = len(request) > 32 and request[4] == RTM_NEWLINK
        self.result(done.returncode != 0 and want in said and not sent,
                    args + ": refused", said)

    def prints(self, name, answer, want, want_json, unwanted=()):
        """A dump of answer must hold want as text and want_json in JSON."""
        done, _ = self.run("-d link show dev dev7", answer)
        good = want in done.stdout and done.returncode == 0
        good = good and not any(word in done.stdout for word in unwanted)
        self.result(good, "print " + name,
                    f"want {want}\n{done.stdout}{done.stderr}")

        done, _ = self.run("-d -j link show dev dev7", answer)
        try:
            info = json.loads(done.stdout)[0]["linkinfo"]
        except (ValueError, LookupError):
            info = {}
        got = {**info.get("info_data", {}), **info.get("info_slave_data", {})}
        good = all(got.get(key) == value for key, value in want_json.items())
        self.result(good, "print " + name + " in JSON",
                    f"want {want_json}\n{done.stdout}{done.stderr}")


def test_create(run):
    """What is sent for a new device."""
    new = "add dev7 type vnetbr "
    run.sends(new + "mode bridge", {MODE: u8(0)})
    run.sends(new + "mode pair", {MODE: u8(1)})
    run.sends(new + "mode bridge ageing_time 3000 vlan_filtering 1",
              {MODE: u8(0), BRIDGE: {4: u32(3000), 7: u8(1)}})
    run.sends(new + "ageing_time 3000", {MODE: u8(0), BRIDGE: {4: u32(3000)}})
    run.sends(new + "fdb_port_max_learned 9 ageing_time 1 fdb_max_learned 8",
              {MODE: u8(0), BRIDGE_EXT: {1: u32(9), 2: u32(8)},
               BRIDGE: {4: u32(1)}})
    run.sends(new + "fdb_vlan_max_learned 7",
              {MODE: u8(0), BRIDGE_EXT: {6: u32(7)}})
    run.sends(new + "fdb_max_moves 7", {MODE: u8(0), BRIDGE_EXT: {4: u32(7)}})
    run.sends(new + "nf_bridge block", {MODE: u8(0), BRIDGE_EXT: {5: u8(1)}})
    run.sends(new + "mst_enabled 1 mst 10-20:5,30:4095",
              {MODE: u8(0), BRIDGE_EXT: {7: u8(1), 8: mst((10, 20, 5),
                                                          (30, 30, 4095))}})
    run.sends(new + "neigh_snoop 1 neigh_max_snooped 7",
              {MODE: u8(0), BRIDGE_EXT: {9: u8(1), 10: u32(7)}})
    run.sends(new + "mode pair peer name p1 mtu 9000",
              {MODE: u8(1), PEER: bytes(16) +
               encode({IFLA_MTU: u32(9000), IFLA_IFNAME: text("p1")})})
    done = run.sends(new + "mode vxlan id 5 strict rx_gro off",
                     {MODE: u8(2), VXLAN_EXT: {1: u8(1), 2: u8(0)},
                      VXLAN: {1: u32(5), 7: u8(1), 15: be16(4789)}})
    run.result(not done.stderr, "no warning about the port", done.stderr)
    run.sends(new + "mode vxlan nostrict id 5 dst 8472 dev lo",
              {MODE: u8(2), VXLAN_EXT: {1: u8(0)},
               VXLAN: {3: u32(1), 1: u32(5), 7: u8(1), 15: be16(8472)}})
    run.refuses(new + "mode vxlan id 5 dev strict",
                "Cannot find device \"strict\"")


def test_change(run):
    """The mode of an existing device is asked for, unless it is given."""
    bridge, vxlan = device({MODE: u8(0)}), device({MODE: u8(2)})
    change = "set dev7 type vnetbr "
    run.sends(change + "ageing_time 1", {MODE: u8(0), BRIDGE: {4: u32(1)}},
              bridge)
    run.sends(change + "id 43", {MODE: u8(2), VXLAN: {1: u32(43)}}, vxlan)
    run.sends(change + "rx_gro auto", {MODE: u8(2), VXLAN_EXT: {2: u8(1)}},
              vxlan)
    run.sends(change + "mode vxlan id 43", {MODE: u8(2), VXLAN: {1: u32(43)}},
              vxlan)
    run.sends("set dev7 type vnetbr_slave learning off isolated on",
              {8: u8(0), 33: u8(1)}, bridge, slave=True)
    run.sends("set dev7 type vnetbr_slave community 5 isolated off",
              {35: {1: u32(5)}, 33: u8(0)}, bridge, slave=True)
    run.sends("set dev7 type vnetbr_slave storm_bcast_pps 9 learning on "
              "storm_mcast_bps 18446744073709551615",
              {35: {5: u32(9), 7: u64(2 ** 64 - 1)}, 8: u8(1)}, bridge,
              slave=True)
    run.sends("set dev7 type vnetbr_slave fdb_max_learned 9",
              {35: {9: u32(9)}}, bridge, slave=True)
    run.sends("set dev7 type vnetbr_slave fdb_max_learned default",
              {35: {9: u32(0xffffffff)}}, bridge, slave=True)
    run.sends("set dev7 type vnetbr_slave neigh_suppress_vlan 1-3,31-32 "
              "neigh_forward_grat_vlan none learning on",
              {35: {11: vlans(0x8000000e, 1), 12: b""}, 8: u8(1)}, bridge,
              slave=True)
    run.sends("set dev7 type vnetbr_slave neigh_suppress_vlan 2,0-4095",
              {35: {11: b"\xff" * 512}}, bridge, slave=True)
    for word in ("on", "10:on", "10-", "-10", "20-10", "10,", ",10", "10,,20",
                 "4096", "1-4096", "none,10", "10-20-30"):
        run.refuses("set dev7 type vnetbr_slave neigh_suppress_vlan " + word,
                    '"neigh_suppress_vlan" is VLAN[-VLAN][,...] or none',
                    bridge)
    run.refuses("set dev7 type vnetbr_slave neigh_suppress_vlan 4094 "
                "neigh_forward_grat_vlan 4094",
                '"neigh_forward_grat_vlan" is too long', bridge)
    run.refuses("set dev7 type vnetbr_slave storm_bcast_bps x",
                "storm_bcast_bps", bridge)
    run.sends("set dev7 type vnetbr_slave community 0", {35: {1: u32(0)}},
              bridge, slave=True)
    run.refuses(change + "id 43", "unknown command \"id\"", bridge)
    run.refuses(change + "id 43", "mode 9", device({MODE: u8(9)}))


def test_refusal(run):
    """Words that are wrong before any request is made."""
    new = "add dev7 type vnetbr "
    run.refuses(new + "help", "mode vxlan")
    run.refuses(new + "mode", "not complete")
    run.refuses(new + "mode hub", "bridge, pair or vxlan")
    run.refuses(new + "mode vxlan id 5 rx_gro maybe", "off, auto or on")
    run.refuses(new + "mode vxlan id 5 rx_gro", "not complete")
    run.refuses(new + "nf_bridge nft", "off or block")
    run.refuses(new + "mst_enabled yes", "mst_enabled")
    run.refuses(new + "neigh_snoop on", "neigh_snoop")
    for word in ("10", "10:", ":5", "10-:5", "-20:5", "10-20-30:5", "1:2:3",
                 "10:5,", ",10:5", "a:5", "10:65536", "65536:1",
                 "100000000000:1", "1:100000000000", "0x1:1"):
        run.refuses(new + "mst " + word, "VLAN[-VLAN]:MSTI")
    run.refuses(new + "mst", "not complete")
    for count in 165, 171:
        run.refuses(new + "mst " + ",".join(["1-2:3"] * count), "mst")
    run.refuses(new + "mode vxlan", "missing virtual network identifier")
    run.refuses(new + "fdb_max_learned many", "fdb_max_learned")
    run.refuses(new + "fdb_max_learned 4294967296", "fdb_max_learned")
    run.refuses(new + "strict", "unknown command \"strict\"")
    run.refuses(new + "mode pair name p1", "veth")
    for kind, word in (("vnetbr", "rx_gro"), ("vnetbr_slave", "isolated"),
                       ("vnetbr_slave", "community"),
                       ("vnetbr_slave", "{suppress|forward_grat}_vlan")):
        done, _ = run.run("link help " + kind)
        run.result(word in done.stdout + done.stderr, "help " + kind,
                   done.stdout + done.stderr)


def test_print(run):
    """What is shown of a device."""
    run.prints("pair", device({MODE: u8(1)}), "vnetbr mode pair",
               {"mode": "pair"})
    run.prints("a mode of the future", device({MODE: u8(9)}), "vnetbr ", {})
    run.prints("no data", link("dev7", {INFO_KIND: text("vnetbr")}),
               "vnetbr ", {})
    ext = {1: u32(100), 2: u32(200), 3: u32(5)}
    run.prints("bridge", device({MODE: u8(0), BRIDGE_EXT: ext,
                                 BRIDGE: {4: u32(3000)}}),
               "fdb_n_learned 5 fdb_max_learned 200 fdb_port_max_learned 100",
               {"mode": "bridge", "ageing_time": 3000, "fdb_n_learned": 5,
                "fdb_max_learned": 200, "fdb_port_max_learned": 100})
    both = device({MODE: u8(0), BRIDGE_EXT: ext,
                   BRIDGE: {4: u32(3000), 48: u32(5), 49: u32(200),
                            200: u32(1)}})
    run.prints("limits that this ip may know", both, "fdb_max_learned 200",
               {"fdb_n_learned": 5, "fdb_max_learned": 200})
    done, _ = run.run("-d link show dev dev7", both)
    run.result(done.stdout.count("fdb_max_learned") == 1 and
               done.stdout.count("fdb_n_learned") == 1,
               "limits that this ip may know are printed once", done.stdout)
    run.prints("neighbours", device({MODE: u8(0), BRIDGE_EXT: {
        9: u8(1), 10: u32(70), 11: u32(5)}}),
               "neigh_snoop 1 neigh_max_snooped 70 neigh_n_snooped 5 ",
               {"neigh_snoop": 1, "neigh_max_snooped": 70,
                "neigh_n_snooped": 5})
    trees = {7: u8(1), 8: mst((10, 20, 5), (30, 30, 6))}
    run.prints("spanning trees", device({MODE: u8(0), BRIDGE_EXT: trees}),
               "mst_enabled 1 mst 10-20:5,30:6 ",
               {"mst_enabled": 1, "mst": [
                   {"vlan": 10, "vlanEnd": 20, "msti": 5},
                   {"vlan": 30, "msti": 6}]})
    both = device({MODE: u8(0), BRIDGE_EXT: trees, BRIDGE: {
        46: struct.pack("=II", 4, 7), 48: u32(5), 49: u32(200)}})
    done, _ = run.run("-d link show dev dev7", both)
    run.result(done.stdout.count("mst_enabled 1") == 1,
               "mst_enabled, which this ip may know, is printed once",
               done.stdout)
    run.prints("vxlan", device({MODE: u8(2), VXLAN: {1: u32(42),
                                                     15: be16(4789)},
                                VXLAN_EXT: {1: u8(1), 2: u8(2)}}),
               "strict rx_gro on",
               {"mode": "vxlan", "id": 42, "port": 4789, "strict": True,
                "rx_gro": "on"})
    run.prints("vxlan that is not strict",
               device({MODE: u8(2), VXLAN_EXT: {1: u8(0), 2: u8(1)}}),
               "rx_gro auto", {"strict": False, "rx_gro": "auto"},
               unwanted=("strict",))
    run.prints("port", link("dev7", {INFO_SLAVE_KIND: text("vnetbr"),
                                     INFO_SLAVE_DATA: {1: u8(3), 8: u8(0),
                                                       120: u8(1)}}),
               "vnetbr_slave state forwarding", {"state": "forwarding",
                                                 "learning": False})
    run.prints("port with our own options",
               link("dev7", {INFO_SLAVE_KIND: text("vnetbr"),
                             INFO_SLAVE_DATA: {33: u8(1), 35: {
                                 1: u32(7), 6: u64(2 ** 40)}}}),
               "community 7 storm_unknown_bps 1099511627776",
               {"isolated": True, "community": 7,
                "storm_unknown_bps": 2 ** 40})
    run.prints("port that has dropped",
               link("dev7", {INFO_SLAVE_KIND: text("vnetbr"),
                             INFO_SLAVE_DATA: {35: {
                                 13: u64(2 ** 40), 14: u64(1), 15: u64(2),
                                 16: u64(3)}}}),
               "storm_unknown_drops 1 storm_mcast_drops 2 "
               f"storm_bcast_drops 3 drops {2 ** 40}",
               {"storm_unknown_drops": 1, "storm_mcast_drops": 2,
                "storm_bcast_drops": 3, "drops": 2 ** 40})
    run.prints("port with options of VLANs",
               link("dev7", {INFO_SLAVE_KIND: text("vnetbr"),
                             INFO_SLAVE_DATA: {35: {
                                 11: vlans(0x8000000e, 0x11),
                                 12: vlans(0x400)}}}),
               "neigh_suppress_vlan 1-3,31-32,36 neigh_forward_grat_vlan 10 ",
               {"neigh_suppress_vlan": [
                   {"vlan": 1, "vlanEnd": 3}, {"vlan": 31, "vlanEnd": 32},
                   {"vlan": 36}],
                "neigh_forward_grat_vlan": [{"vlan": 10}]})
    for value, shown in ((3, 3), (0xffffffff, "default")):
        run.prints(f"limit of a port, {shown}", link("dev7", {
            INFO_SLAVE_KIND: text("vnetbr"),
            INFO_SLAVE_DATA: {35: {9: u32(value), 10: u32(2)}}}),
                   f"fdb_n_learned 2 fdb_max_learned {shown}",
                   {"fdb_n_learned": 2, "fdb_max_learned": shown})


def main():
    ip = shutil.which(sys.argv[1] if len(sys.argv) > 1 else "ip")
    if not ip:
        sys.exit("plugin_test.py: no ip")
    with tempfile.TemporaryDirectory() as name:
        tmp = Path(name)
        for command in (
                ["make", "-s", "-C", HERE.parent, "install",
                 f"BUILD={tmp}", f"IPLIBDIR={tmp / 'ip'}"],
                ["cc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror",
                 "-o", tmp / "fake_rtnl.so", HERE / "fake_rtnl.c"]):
            subprocess.run(command, check=True)
        run = Runner(ip, tmp)
        test_create(run)
        test_change(run)
        test_refusal(run)
        test_print(run)
    print(f"1..{run.count}")
    sys.exit(1 if run.failed else 0)


main()
