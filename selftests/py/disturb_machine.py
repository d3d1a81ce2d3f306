# SPDX-License-Identifier: GPL-2.0
"""Disturb a World (chaos_world.py) from below: module, CPUs, memory.

Each disturb(world, i), called with i = 0, 1, ..., leaves the world as it was.
What a kernel cannot do is told by a function *_missing.
"""
import glob
import mmap
import os
import shlex
import subprocess
import time

from vxlan_lab import check

FAILSLAB = "/sys/kernel/debug/failslab"
# Frames, and what the size of our entries is near to.
FAILING_CACHES = ("skbuff_head_cache", "skbuff_fclone_cache",
                  "skbuff_small_head", "kmalloc-96", "kmalloc-128")
HOG_SECONDS = 1
HOG_STEP = 16 << 20


def write(path, value):
    with open(path, "w") as f:
        f.write(str(value))


## the module

def loaded():
    return os.path.exists("/sys/module/vnetbr")


def load():
    """$LOAD_MODULE says how where modprobe does not know."""
    subprocess.run(shlex.split(os.environ.get("LOAD_MODULE") or
                               "modprobe vnetbr"), check=True)


def unload():
    """Nobody holds the module, whatever goes on."""
    subprocess.run(["rmmod", "vnetbr"], check=True)
    check("unloaded", not loaded())


def reload(world, _):
    """With devices of all modes, under traffic."""
    unload()
    for name, nl in world.nl.items():
        check(f"no device is left in {name}",
              all(link.kind != "vnetbr" for link in nl.links()))
    load()
    world.make()


## CPUs

def hotplug_missing():
    """Why no CPU can be taken away; None if one can."""
    if not others():
        return "no CPU can be taken away"
    return None


def others():
    """What switches the CPUs that can be taken away: not the first one."""
    return sorted(glob.glob("/sys/devices/system/cpu/cpu[1-9]*/online"))


def hotplug(_, i):
    """A CPU goes, with what is in its queues, and comes back."""
    switches = others()
    for online in 0, 1:
        write(switches[i % len(switches)], online)


## memory

def meminfo():
    with open("/proc/meminfo") as f:
        return {line.split(":")[0]: int(line.split()[1]) << 10 for line in f}


class Failing:
    """Allocations for frames fail once in five times, for a block, where the
    kernel can do that (failslab)."""

    def __enter__(self):
        self.before = []
        if not os.path.isdir(FAILSLAB):
            return
        for cache in FAILING_CACHES:
            self.set(f"/sys/kernel/slab/{cache}/failslab", 1)
        for name, value in (("verbose", 0), ("cache-filter", 1),
                            ("ignore-gfp-wait", 1), ("task-filter", 0),
                            ("interval", 1), ("times", -1),
                            ("probability", 20)):
            self.set(f"{FAILSLAB}/{name}", value)

    def set(self, knob, value):
        """Of those that this kernel has; and remember what it was."""
        if os.path.exists(knob):
            with open(knob) as f:
                self.before.append((knob, f.read().strip()))
            write(knob, value)

    def __exit__(self, *_):
        for knob, value in reversed(self.before):
            write(knob, value)


def take():
    """Memory, in small pages, as much and as long as hog() says."""
    held = []
    end = time.monotonic() + HOG_SECONDS
    info = meminfo()
    while time.monotonic() < end and \
            info["MemAvailable"] > info["MemTotal"] // 5:
        area = mmap.mmap(-1, HOG_STEP)
        try:
            area.madvise(mmap.MADV_NOHUGEPAGE)
        except OSError:         # a kernel without huge pages
            pass
        for at in range(0, HOG_STEP, mmap.PAGESIZE):
            area[at] = 1
        held.append(area)
        info = meminfo()


def hog():
    """Take most of what is free, for a moment: less than what has the kernel
    look for somebody to kill."""
    child = os.fork()
    if not child:
        status = 1
        try:
            take()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    # nor does it matter if it was killed
    check("memory can be taken", os.waitstatus_to_exitcode(status) <= 0)


def memory(_world, _i):
    """Little is free, what is cached is dropped, frames find no room."""
    with Failing():
        hog()
        write("/proc/sys/vm/drop_caches", 3)
        if os.path.exists("/proc/sys/vm/compact_memory"):
            write("/proc/sys/vm/compact_memory", 1)
