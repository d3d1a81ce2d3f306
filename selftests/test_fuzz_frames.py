#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# kernel: debug
# timeout: 600
"""Mutated frames into every entry, each of which has to be accounted for.

A short run of selftests/fuzz/frames, which has the longer ones: FUZZ_FRAMES
(default 5000) for each entry, of the seed FUZZ_SEED (default 1). A frame is
named that did not come out right; selftests/run sees if the kernel complains.
What gets to a bridge gets to one that filters VLANs as well.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "py"))

import fuzz_lab  # noqa: E402
import vxlan_lab as lab  # noqa: E402

FRAMES = int(os.environ.get("FUZZ_FRAMES") or 5000)
SEED = int(os.environ.get("FUZZ_SEED") or 1)


def fuzz(entry, vlans=None):
    """The test of an entry, with VLANs of a protocol of fuzz_lab.PROTOS."""
    def test():
        world = fuzz_lab.World(fuzz_lab.PROTOS.get(vlans))
        try:
            before = world.drops()
            result = fuzz_lab.Result()
            world.run(entry, SEED, 0, FRAMES, result)
            drops = sum(world.drops().values()) - sum(before.values())
        finally:
            world.close()
        lab.diag(result.equation())
        for frame in result.frames:
            lab.diag(f"frame {frame}")
        lab.check("all frames are accounted for: see fuzz/frames --entry "
                  f"{entry} --seed {SEED}" + f" --vlans {vlans}" * bool(vlans),
                  result.balanced())
        lab.check("enough was let in", result.sums["sent"] > FRAMES * 9 // 10)
        lab.check_eq("drops in ethtool -S", drops, result.sums["dropped"])
    test.__name__ = f"{entry} with {vlans}" if vlans else entry
    return test


def main():
    lab.need_tunnels()
    missing = fuzz_lab.load()
    if missing:
        lab.skip_all(missing)
    tests = [fuzz(entry) for entry in fuzz_lab.ENTRIES]
    tests += [fuzz(entry, vlans) for vlans in fuzz_lab.PROTOS
              for entry in fuzz_lab.BRIDGED]
    lab.run_tests(tests)


if __name__ == "__main__":
    main()
