#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# kernel: debug
# module: own
"""Mutated netlink messages; then all devices go, and the module as well.

A short run of selftests/fuzz/netlink, which has the longer ones: FUZZ_MESSAGES
(default 1500) as root, and so many as root of a user namespace, of the seed
FUZZ_SEED (default 1).
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "py"))

import netlink_fuzz  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab  # noqa: E402
from refusal import CREATE, EXCL, NOARP, PERMANENT  # noqa: E402

MESSAGES = int(os.environ.get("FUZZ_MESSAGES") or 1500)
SEED = int(os.environ.get("FUZZ_SEED") or 1)
# A machine that has the module in another place than modprobe looks for it
# says how to load it.
LOAD = os.environ.get("LOAD_MODULE") or "modprobe vnetbr"


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


def the_module_can_go():
    lab.check_eq("rmmod", subprocess.run(["rmmod", "vnetbr"]).returncode, 0)
    lab.check_eq("loaded again", subprocess.run(LOAD.split()).returncode, 0)


def main():
    if not os.path.exists("/sys/module/vnetbr") and \
            subprocess.run(LOAD.split()).returncode:
        lab.skip_all("the module cannot be loaded")
    lab.run_tests([as_root, as_root_of_a_user_namespace,
                   entries_come_while_they_are_dumped,
                   a_message_repeats, the_module_can_go])


if __name__ == "__main__":
    main()
