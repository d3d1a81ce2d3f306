#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# kernel: debug
# module: own
"""Mutated netlink messages; then all devices go, and the module as well.

A short run of selftests/fuzz/netlink, which has the longer ones: FUZZ_MESSAGES
(default 1500) as root, and so many as root of a user namespace, of the seed
FUZZ_SEED (default 1).
"""
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "py"))

import netlink_fuzz  # noqa: E402
import netlink_tables as tables  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab  # noqa: E402
import why  # noqa: E402
from refusal import CREATE, EXCL, NOARP, PERMANENT  # noqa: E402

MESSAGES = int(os.environ.get("FUZZ_MESSAGES") or 1500)
SEED = int(os.environ.get("FUZZ_SEED") or 1)
# A machine that has the module in another place than modprobe looks for it
# says how to load it.
LOAD = os.environ.get("LOAD_MODULE") or "modprobe vnetbr"

# {how names of attributes begin: (their numbers, those that the fuzzer makes)}
KNOWN = {
    "IFLA_VNETBR_BR_": (vnb.VNETBR_BR, tables.BRIDGE_EXT.makers),
    "IFLA_VNETBR_VXLAN_": (vnb.VNETBR_VXLAN, tables.TUNNEL_EXT.makers),
    "IFLA_VNETBR_PORT_": (vnb.VNETBR_PORT, tables.PORT_EXT.makers),
    "IFLA_VNETBR_": (vnb.VNETBR, vars(vnb.VNETBR).values()),
    "IFLA_VXLAN_": (vnb.VXLAN, tables.TUNNEL.makers),
    "IFLA_BRPORT_": (vnb.BRPORT, tables.PORT.makers),
    "IFLA_BR_": (vnb.BR, tables.BRIDGE.makers),
    "IFLA_BRIDGE_VLAN_TUNNEL_": (vnb.Names("UNSPEC ID VID FLAGS"),
                                 tables.TUNNEL_INFO.makers),
    "IFLA_BRIDGE_MST_ENTRY_": (vnb.Names("UNSPEC MSTI STATE"),
                               tables.MST_ENTRY.makers),
    "IFLA_": (vnb.IFLA, {**tables.LINK.makers, vnb.IFLA.LINKINFO: None}),
    "NDA_": (vnb.NDA, tables.NEIGHBOUR.makers),
    "VNETBR_A_WHY_": (why.A, tables.QUESTION.makers),
}


def fuzz(*arguments):
    """A run of the command, whose output is shown."""
    done = subprocess.run(
        [os.path.join(HERE, "fuzz/netlink"), "--seed", str(SEED), "--count",
         str(MESSAGES), *arguments], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace")
    lab.diag(done.stdout)
    lab.check_eq("status", done.returncode, 0)


def as_root():
    fuzz()


def as_root_of_a_user_namespace():
    if subprocess.run(["unshare", "--user", "--map-root-user", "--net", "true"],
                      stderr=subprocess.DEVNULL).returncode:
        return "no user namespaces"
    fuzz("--user")
    return None


def entries_come_while_they_are_dumped():
    """New ones come after those that were dumped, whichever part is next."""
    world = netlink_fuzz.FuzzWorld()
    for dev, attr, state in (("br0", world.via("p0"), NOARP),
                             ("vx0", world.dst("192.0.2.9"), PERMANENT)):
        with vnb.Rtnl(world.ns) as dumper:
            dump = netlink_fuzz.Dump(dumper, vnb.RTM_GETNEIGH,
                                     vnb.ndmsg(world.index[dev]))
            while not dump.done:
                dump.part()
                world.nl.request(vnb.RTM_NEWNEIGH, world.fdb(
                    dev, f"02:00:00:00:fb:{dump.parts:02x}", attr,
                    state=state), CREATE | EXCL)
            lab.check(f"{dump.parts} parts", dump.parts > 3)
            lab.check_eq(f"entries of {dev}", dump.check(),
                         netlink_fuzz.STATIC)
    world.close()


def a_message_repeats():
    """What --show prints is made of the seed and the number, nothing else."""
    shown = {subprocess.run(
        [os.path.join(HERE, "fuzz/netlink"), "--seed", "7", "--show", "77"],
        stdout=subprocess.PIPE, text=True).stdout for _ in range(2)}
    lab.check_eq("texts", len(shown), 1)
    lab.check("it says something", "type" in shown.pop())


def names_of_attributes():
    """Those that the module parses, and those of its own."""
    names = set()
    for path in glob.glob(os.path.join(HERE, "../kmod/*.c")):
        with open(path) as source:
            names |= set(re.findall(r"\[((?:IFLA|NDA|VNETBR_A)_\w+)\]",
                                    source.read()))
    for path in glob.glob(os.path.join(HERE, "../uapi/linux/*.h")):
        with open(path) as header:
            names |= set(re.findall(
                r"^(?:\t|#define )(IFLA_\w+|VNETBR_A_WHY_\w+)\b",
                header.read(), re.M))
    return {name for name in names
            if not name.endswith(("_UNSPEC", "_MAX"))}


def is_known(name):
    if name == "IFLA_VNETBR_PORT":
        return tables.PORT_NEST in tables.PORT.makers
    return any(name.startswith(start) and
               getattr(numbers, name[len(start):], None) in made
               for start, (numbers, made) in KNOWN.items())


def every_attribute_is_known():
    """An option that is new is fuzzed, too."""
    names = names_of_attributes()
    if not any(name.startswith("IFLA_BR_") for name in names):
        return "no source of the module"
    lab.check("there are many", len(names) > 150)
    lab.check_eq("not in netlink_tables.py",
                 [name for name in sorted(names) if not is_known(name)], [])
    return None


def the_module_can_go():
    lab.check_eq("rmmod", subprocess.run(["rmmod", "vnetbr"]).returncode, 0)
    lab.check_eq("loaded again", subprocess.run(LOAD.split()).returncode, 0)


def main():
    if not os.path.exists("/sys/module/vnetbr") and \
            subprocess.run(LOAD.split()).returncode:
        lab.skip_all("the module cannot be loaded")
    lab.run_tests([as_root, as_root_of_a_user_namespace,
                   entries_come_while_they_are_dumped,
                   a_message_repeats, every_attribute_is_known,
                   the_module_can_go])


if __name__ == "__main__":
    main()
