# SPDX-License-Identifier: GPL-2.0
"""The regression guard: are frames as cheap as they were?"""
import figures
import machine

SUITE = "trixie"
CONTENDERS = "limit,vnetbr"
BASELINE = machine.BENCH / "baseline.json"


def guard(found, update):
    """Compare figures with the baseline, or make them the baseline; return
    whether none is worse. Prints TAP."""
    if update:
        figures.save(BASELINE, found)
        machine.say(f"written: {BASELINE}")
        return True
    passed = failed = 0
    for name, text, fine in figures.compare(found, figures.load(BASELINE)):
        passed, failed = passed + fine, failed + (not fine)
        print(f"{'' if fine else 'not '}ok {passed + failed} - "
              f"bench: {name}: {text}")
    print(f"1..{passed + failed}\n{passed} passed, {failed} failed")
    return passed and not failed
