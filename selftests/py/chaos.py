# SPDX-License-Identifier: GPL-2.0
"""Pairs of a kind of traffic and a disturbance of it.

A pair is run in a World (chaos_world.py), which is made anew for it: that
proves that each device of the one before could be deleted.
"""
import collections

import chaos_traffic
import disturb_devices as devices
import disturb_machine as machine
import disturb_options as options
import disturb_underlay as underlay
from chaos_ledger import Ledger
from chaos_world import World
from kernel_log import KernelLog
from vxlan_lab import Failed

TRAFFIC = {
    "tcp": "bulk data over TCP, both ways through all kinds of ports",
    "flood": "64-byte frames to known stations",
    "bum": "broadcast, multicast and unknown unicast",
    "churn": "frames from addresses that are new each time",
    "mixed": "some of all of that but TCP",
}

# run: disturb(world, i); way: it leaves the way from h5 to h6 alone;
# missing: a function that tells why this kernel cannot do it, or None
Disturbance = collections.namedtuple("Disturbance", "run way missing text",
                                     defaults=(True, None, ""))


def disturbance(run, way=True, missing=None):
    return Disturbance(run, way, missing,
                       " ".join(run.__doc__.split()).rstrip("."))


DISTURBANCES = {
    "recreate": disturbance(devices.recreate, way=False),
    "move": disturbance(devices.move),
    "netns": disturbance(devices.namespaces_die),
    "enslave": disturbance(devices.enslave_and_release),
    "changelink": disturbance(options.changelink),
    "lower": disturbance(devices.lower),
    "routes": disturbance(underlay.routes),
    "mtu": disturbance(devices.mtu),
    "reload": disturbance(machine.reload, way=False),
    "hotplug": disturbance(machine.hotplug, missing=machine.hotplug_missing),
    "memory": disturbance(machine.memory),
}


class Chaos:
    """A World, and one kind of traffic at a time."""

    def __init__(self, seed):
        self.seed = seed
        self.log = KernelLog()
        self.world = World()
        self.traffic = None
        self.good = True

    def prepare(self, kind, anew):
        """Traffic of @kind, of which there is one at a time, and a world that
        is fit for it."""
        if not self.traffic or self.traffic.kind != kind:
            self.traffic_end()
            self.traffic = chaos_traffic.Traffic(self.world, kind,
                                                 self.seed)
            anew = True
        if anew or not self.good:
            self.world.make()
        self.good = False

    def traffic_end(self):
        if self.traffic:
            self.traffic.end()
            self.traffic = None

    def run(self, kind, chosen, enough, anew=True):
        """Disturb until @enough(how often); what happened, in words.

        Raises Failed if something was lost, or did not work again afterwards,
        or if the kernel complained. @anew: in a new world, even if there is one
        that is good.
        """
        self.prepare(kind, anew)
        world, traffic = self.world, self.traffic
        ledger = Ledger(world, traffic)
        traffic.go()
        times = 0
        while not enough(times):
            chosen.run(world, times)
            times += 1
        traffic.go()            # all of it goes by again
        balance = ledger.balance(chosen.way)
        world.sane(traffic.hello)
        complaints = self.log.complaints()
        if complaints:
            raise Failed("the kernel complained:\n  " + complaints)
        self.good = True
        return f"{times} disturbances; {balance}"

    def end(self):
        """Delete all devices; a text if some are left."""
        self.traffic_end()
        self.world.unmake()
        return " ".join(self.world.left())
