# SPDX-License-Identifier: GPL-2.0
"""What the kernel complains about."""
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "../complaints"), encoding="ascii") as file:
    LINES = [line.rstrip() for line in file if not line.startswith("#")]
COMPLAINTS = re.compile("|".join(
    line for line in LINES if not line.startswith("!")))
# Whose a race is only selftests/run knows.
NO_COMPLAINTS = re.compile("|".join(
    ["BUG: KCSAN"] + [line[1:] for line in LINES if line.startswith("!")]))


class KernelLog:
    """What the kernel says from now on; @more complaints: a pattern."""

    def __init__(self, more="(?!)"):
        self.more = re.compile(more)
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)

    def lines(self):
        """What is new, the first line of each message."""
        while True:
            try:
                record = os.read(self.fd, 1 << 13).decode(errors="replace")
            except BlockingIOError:
                return
            except BrokenPipeError:     # some were overwritten
                continue
            yield record.partition(";")[2].splitlines()[0]

    def complaints(self):
        """What is new, from the first complaint on; "" without one."""
        lines = list(self.lines())
        for i, line in enumerate(lines):
            if NO_COMPLAINTS.search(line):
                continue
            if COMPLAINTS.search(line) or self.more.search(line):
                return "\n  ".join(lines[i:i + 80])
        return ""
