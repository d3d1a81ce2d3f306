#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# kernel: debug
# timeout: 600
"""Mutated frames into every entry, each of which has to be accounted for.

A short run of selftests/fuzz/frames, which has the longer ones: FUZZ_FRAMES
(default 500) for each entry of each world, of the seed FUZZ_SEED (default 1).
A frame is named that did not come out right; selftests/run sees if the kernel
complains.
"""
import collections
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "py"))

import fuzz_lab  # noqa: E402
import fuzz_worlds  # noqa: E402
import vxlan_lab as lab  # noqa: E402

FRAMES = int(os.environ.get("FUZZ_FRAMES") or 500)
SEED = int(os.environ.get("FUZZ_SEED") or 1)


def fuzz(kind, entry):
    """The test of an entry of a world of some kind."""
    def test():
        world = fuzz_worlds.KINDS[kind]()
        try:
            before = world.counters()
            result = fuzz_lab.Result()
            world.run(entry, SEED, 0, FRAMES, result)
            after = world.counters()
        finally:
            world.close()
        named = collections.Counter()
        for (dev, name), count in after.items():
            named[name] += count - before[dev, name]
        lab.diag(result.equation())
        lab.diag(", ".join(f"{name} {count}" for name, count
                           in sorted(named.items()) if count))
        for frame in result.frames:
            lab.diag(f"frame {frame}")
        lab.check("all frames are accounted for: see fuzz/frames --world "
                  f"{kind} --entry {entry} --seed {SEED}", result.balanced())
        lab.check("enough was let in", result.sums["sent"] > FRAMES * 9 // 10)
        lab.check_eq("drops in ethtool -S", sum(
            count for name, count in named.items()
            if name.startswith("drop_")), result.sums["dropped"])
    test.__name__ = f"{kind}_{entry}"
    return test


def main():
    lab.need_tunnels()
    missing = fuzz_lab.load()
    if missing:
        lab.skip_all(missing)
    lab.run_tests([fuzz(*run) for run in fuzz_worlds.runs()])


if __name__ == "__main__":
    main()
