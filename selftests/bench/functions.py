# SPDX-License-Identifier: GPL-2.0
"""From blocks of code and how often they ran to instructions per function."""
import bisect
import collections


def read_symbols(path):
    """Return the sorted addresses and the names of the functions that the
    guest's /proc/kallsyms, in @path, knows."""
    found = {}
    with open(path, encoding="ascii", errors="replace") as f:
        for line in f:
            words = line.split()
            if len(words) < 3 or words[2].startswith("__pfx_"):
                continue
            name = " ".join(words[2:])
            address = int(words[0], 16)
            # of several names for one address the plainest
            if address not in found or len(name) < len(found[address]):
                found[address] = name
    addresses = sorted(found)
    return addresses, [found[address] for address in addresses]


def by_function(blocks, symbols):
    """Return a Counter: instructions of each function, from the plugin's file
    @blocks and the guest's @symbols."""
    addresses, names = read_symbols(symbols)
    total = collections.Counter()
    with open(blocks, encoding="ascii") as f:
        for line in f:
            address, insns, runs = line.split()
            at = bisect.bisect_right(addresses, int(address, 16)) - 1
            total[names[at] if at >= 0 else "?"] += int(insns) * int(runs)
    return total


def table(total, frames, top=30):
    """Return the lines of a table: the @top functions, instructions for each
    of @frames frames, their share."""
    whole = sum(total.values())
    lines = [f"{'per frame':>10} {'share':>6}  function"]
    for name, insns in total.most_common(top):
        lines.append(f"{insns / frames:10.1f} {insns / whole:6.1%}  {name}")
    lines.append(f"{whole / frames:10.1f} {1:6.1%}  all of "
                 f"{len(total)} functions")
    return lines
