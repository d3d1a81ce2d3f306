#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# kernel: debug
"""A table that has no memory to grow takes no more, and says so: a counter for
what cannot be learned or snooped, a text for what users cannot enter.

Needs /sys/kernel/debug/failslab (CONFIG_FAULT_INJECTION, CONFIG_FAILSLAB). A
hash table is hashed into a larger one while there is still room in it. It is
full when this fails so often that the room is used up.

    h1 eth0 ── p1 ── br0      vx0
"""
import contextlib
import errno
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "py"))

import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
from switch_lab import Switches, answer, frame  # noqa: E402
from vnb import (NDA, NLM_F_CREATE, NLM_F_EXCL, VNETBR_BR,  # noqa: E402
                 station)
from vxlan_lab import check, check_eq  # noqa: E402

FAILSLAB, SLAB = "/sys/kernel/debug/failslab", "/sys/kernel/slab"
# Those of the first table that is larger; entries and frames are smaller.
CACHES = "kmalloc-2k", "kmalloc-4k"
MANY = 200      # more than there is room for in the first one
STATIC = 0x42   # NUD_*


def write(path, value):
    with open(path, "w") as knob:
        knob.write(value)


@contextlib.contextmanager
def no_memory():
    """Nothing of the size of a larger table is to be had."""
    for name, value in (("ignore-gfp-wait", "N"), ("verbose", "0"),
                        ("cache-filter", "Y"), ("task-filter", "N"),
                        ("interval", "1"), ("times", "-1")):
        write(f"{FAILSLAB}/{name}", value)
    for name in CACHES:
        write(f"{SLAB}/{name}/failslab", "1")
    write(f"{FAILSLAB}/probability", "100")
    try:
        yield
    finally:
        write(f"{FAILSLAB}/probability", "0")
        for name in CACHES:
            write(f"{SLAB}/{name}/failslab", "0")
        for name, value in ("cache-filter", "N"), ("times", "1"):
            write(f"{FAILSLAB}/{name}", value)


def a_switch(**options):
    sw = Switches("br0", **options)
    end = sw.host(1, "br0")
    sw.ready()
    return sw, end


def what_cannot_be_learned_is_counted():
    sw, end = a_switch()
    before = sw.stat("learned")

    def learned():
        return sw.stat("learned") - before

    with no_memory():
        for n in range(MANY):
            end.send(frame(src=station(n)))
        sw.fence.wait()
    failed = sw.stat("learn_failed")
    lab_.diag(f"{learned()} learned, {failed} not")
    check("some were learned", learned() > 1, learned())
    check("some were not", failed > 1, failed)
    check_eq("all are accounted for", learned() + failed, MANY)

    def all_are_learned():
        for n in range(MANY):
            end.send(frame(src=station(n)))
        sw.fence.wait()
        return learned() == MANY

    lab_.wait_for("the table grows", all_are_learned)


def neighbours_that_cannot_be_noted_are_counted():
    sw, end = a_switch(neigh_snoop=1)

    def speak():
        for n in range(MANY):
            end.send(answer(n))
        sw.fence.wait()

    def noted():
        return sw.how_many(VNETBR_BR.NEIGH_N_SNOOPED)

    def all_are_noted():
        speak()
        return noted() == MANY

    with no_memory():
        speak()
    count = noted()
    failed = sw.stat("neigh_failed")
    lab_.diag(f"{count} noted, {failed} not")
    check("some were noted", count > 1, count)
    check("some were not", failed > 1, failed)
    check_eq("all are accounted for", count + failed, MANY)
    check_eq("none for the limit", sw.stat("neigh_limit"), 0)
    lab_.wait_for("the table grows", all_are_noted)


def what_users_cannot_enter_is_refused():
    sw, _ = a_switch()
    sw.tunnel()
    for dev, where, blame in (
            ("br0", vnb.u32(NDA.IFINDEX, sw.nl.index("p1")), [NDA.LLADDR]),
            ("vx0", vnb.attr(NDA.DST, lab_.ip_bytes("192.0.2.2")), [])):
        index, entered = sw.nl.index(dev), 0

        def enter(n, index=index, where=where):
            sw.nl.request(vnb.RTM_NEWNEIGH, vnb.ndmsg(
                index, STATIC, 2) + vnb.attr(
                    NDA.LLADDR, vnb.mac(station(n))) + where,
                NLM_F_CREATE | NLM_F_EXCL)

        refusal = None
        with no_memory():
            try:
                for entered in range(MANY):
                    enter(entered)
            except vnb.NlError as err:
                refusal = err
        lab_.diag(f"{dev}: {entered} entered, then {refusal}")
        check(f"{dev}: some were entered", entered > 1)
        check(f"{dev}: one was refused", refusal)
        check_eq(f"{dev}: for want of memory", refusal.errno, errno.ENOMEM)
        check(f"{dev}: it says so", "memory" in refusal.msg, refusal.msg)
        check_eq(f"{dev}: it blames", list(refusal.path), blame)

        def grown(n=entered, enter=enter):
            with contextlib.suppress(vnb.NlError):
                enter(n)
                return True

        lab_.wait_for(f"the table of {dev} grows", grown)


def main():
    lab_.need_tunnels()
    for path in (f"{FAILSLAB}/cache-filter",
                 *(f"{SLAB}/{name}/failslab" for name in CACHES)):
        if not os.path.exists(path):
            lab_.skip_all(f"the kernel has no {path}")
    lab_.run_tests([what_cannot_be_learned_is_counted,
                    neighbours_that_cannot_be_noted_are_counted,
                    what_users_cannot_enter_is_refused])


if __name__ == "__main__":
    main()
