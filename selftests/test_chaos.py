#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# kernel: debug
# timeout: 900
# module: own
"""Each kind of traffic, with each way to disturb it, for a moment.

A short run of fuzz/chaos, which has the longer ones: CHAOS_TIMES (default 1)
disturbances for each pair, all in one world. After a pair, what was sent has to
be found in the counters (py/chaos_ledger.py), and everything has to work again;
at the end, no device is left, and nobody holds the module.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "py"))

import chaos  # noqa: E402
import disturb_machine as machine  # noqa: E402
import vxlan_lab as lab  # noqa: E402

TIMES = int(os.environ.get("CHAOS_TIMES") or 1)
SEED = 1


def pair(world, traffic, disturb):
    """The test of a pair."""
    chosen = chaos.DISTURBANCES[disturb]

    def test():
        missing = chosen.missing and chosen.missing()
        if missing:
            return missing
        lab.diag(world.run(traffic, chosen, lambda times: times >= TIMES,
                           anew=False))
        return None
    test.__name__ = f"{traffic}_{disturb}"
    return test


def main():
    if not machine.loaded():
        machine.load()
    lab.need_tunnels()
    world = chaos.Chaos(SEED)

    def all_is_let_go():
        lab.check_eq("devices left", world.end(), "")
        machine.unload()

    lab.run_tests([pair(world, traffic, disturb) for traffic in chaos.TRAFFIC
                   if traffic != "mixed" for disturb in chaos.DISTURBANCES] +
                  [all_is_let_go])


if __name__ == "__main__":
    main()
